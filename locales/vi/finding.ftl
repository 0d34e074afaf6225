### Tra cứu khoản ủng hộ, biên nhận, tên hiển thị, trang tiếp cận.


## Tra cứu.

find-title = Tra cứu khoản ủng hộ
find-lead = Tìm theo ngày, số tiền, một phần tên đã công khai, hoặc quỹ; điền ô nào cũng được. Gõ không dấu vẫn tìm ra. Chỉ tìm trong sổ công khai.
find-from = Từ ngày
find-from-hint = Ngày Hội nhận được, ví dụ 05/11/2026. Chỉ điền một ngày thì tìm đúng ngày đó.
find-to = Đến ngày
find-to-hint = Bỏ trống nếu chỉ tìm một ngày.
find-amount = Số tiền
find-name = Một phần tên đã công khai
find-name-hint = Ví dụ: nguyen van a. Tên không công khai thì không tìm ra.
find-kind = Loại
find-kind-money = Tiền
find-kind-goods = Hiện vật
find-fund = Quỹ
find-go = Tìm
find-found = Các khoản tìm thấy
find-received-on = Ngày nhận
find-pages = Các trang kết quả
find-first = Về đầu danh sách
find-next = Các khoản trước đó
find-no-codes = Kết quả dẫn đến bút toán công khai, không dẫn đến biên nhận. Biên nhận chỉ mở bằng mã in trên biên nhận của bạn.
find-nothing = Không tìm thấy khoản nào.
find-nothing-day = Thử ngày khác: chuyển khoản được ghi theo ngày tiền về tài khoản của Hội, có thể muộn hơn ngày bạn chuyển.
find-nothing-amount = Kiểm tra số tiền: ngân hàng có thể đã trừ phí chuyển.
find-nothing-name = Tên chỉ tìm được khi người ủng hộ đã đồng ý công khai; hãy bỏ trống ô tên.
find-nothing-wait = Khoản mới chuyển có thể chưa vào sổ: sao kê thường được nhập sau một vài ngày.
find-nothing-ask = Vẫn không thấy thì hỏi Hội, hoặc gửi
find-other-ways = Cách khác
find-by-reference = Tìm bằng mã giao dịch ngân hàng
find-by-code = Xem biên nhận bằng mã
find-in-accounts = Xem mọi khoản ủng hộ bằng tiền
find-without-code = Không có mã biên nhận? Tìm theo ngày, số tiền hoặc tên
find-in-chapter = Tra cứu trong sổ của { $name }
find-reference-lead = Cần đúng cả ba: ngày tiền về, số tiền và mã giao dịch. Trang chỉ trả lời có hay không, kèm bút toán công khai.
find-day = Ngày tiền về tài khoản của Hội
find-day-hint = Thường là ngày bạn chuyển; ví dụ 05/11/2026.
find-reference = Mã giao dịch ngân hàng
find-reference-hint = Như trên tin nhắn hoặc biên lai của ngân hàng, ví dụ FT26309123456.
find-reference-private = Mã giao dịch không được ghi lại, không nằm trong địa chỉ trang. Mỗi phút chỉ thử được vài lần.
find-fault-order = { $label }: phải từ ngày bắt đầu trở đi
find-fault-name = { $label }: cần ít nhất một chữ cái hoặc chữ số
find-fault-reference = { $label }: cần từ 6 chữ và số trở lên, trong đó có chữ số


## Biên nhận.

receipt-lent-times = Đã cho vay tổng cộng { $lent }, quay { $times } vòng.
receipt-name-change = Đổi cách hiện tên
receipt-keep = Giữ lại
receipt-share = Chia sẻ
receipt-share-entry = Muốn khoe với bạn bè, hãy chia sẻ bút toán công khai: nó không lộ mã biên nhận của bạn.
receipt-entry-link = Liên kết công khai
receipt-copy-hint = Chạm vào ô, chọn tất cả, sao chép, rồi dán vào Zalo hay tin nhắn.
receipt-facebook = Chia sẻ bút toán lên Facebook
receipt-share-whole = Chia sẻ cả biên nhận này
receipt-share-warning = Ai có liên kết này đều xem được biên nhận và ẩn được tên của bạn. Chỉ gửi cho người bạn tin.
receipt-own-link = Liên kết riêng của biên nhận
receipt-letter = Gửi liên kết riêng bằng thư điện tử
receipt-letter-subject = Biên nhận của Hội Chữ thập đỏ
receipt-mistake = Thấy sai sót?


## Tên hiển thị.

name-less = Hiện ít hơn
name-lessen = Chỉ để tên viết tắt
name-more = Xin hiện nhiều hơn
name-more-lead = Tên chỉ hiện khi cán bộ đã ghi nhận sự đồng ý của bạn. Gửi yêu cầu này, Hội sẽ liên hệ để xác nhận, hoặc bạn đến trụ sở Hội kèm biên nhận.
name-wanted = Bạn muốn hiện tên thế nào
name-masked = Tên viết tắt, ví dụ N. V. A.
name-full = Tên đầy đủ
name-contact-hint = Không bắt buộc: số điện thoại hoặc thư điện tử để Hội xác nhận. Được mã hóa, chỉ cán bộ phụ trách mở được.
name-words = Lời nhắn cho Hội (không bắt buộc)
name-ask = Gửi yêu cầu
name-no-words = (Người gửi không viết thêm.)


## Tiếp cận.

access-title = Khả năng tiếp cận
access-lead = Các trang này theo Hướng dẫn tiếp cận nội dung web WCAG 2.2, mức AA.
access-can = Bạn làm được gì
access-can-1 = Dùng mọi trang không cần JavaScript, chỉ bằng bàn phím, hoặc bằng phần mềm đọc màn hình.
access-can-2 = Phóng chữ đến 200 %, hoặc xem trên màn hình rộng 320 điểm ảnh mà không mất nội dung.
access-can-3 = Phân biệt thu và chi, đúng và sai bằng chữ và dấu, không chỉ bằng màu.
access-can-4 = Đọc số liệu của mỗi hình vẽ trong một bảng kèm theo.
access-can-5 = Đổi giữa tiếng Việt và tiếng Anh ở mọi trang, và in mọi trang bằng đen trắng.
access-tested = Đã kiểm tra gì
access-tested-1 = Máy kiểm tra axe chạy trên các trang, cả hai ngôn ngữ, ở bề rộng 360 và 1280 điểm ảnh: không còn lỗi nào.
access-tested-2 = HTML hợp lệ; tương phản chữ từ 4,5:1; nút bấm cao từ 44 điểm ảnh.
access-tested-3 = Các mẫu điền, bảng và thông báo lỗi dựa trên bộ GOV.UK Frontend đã được kiểm thử với người khuyết tật.
access-tested-4 = Tệp PDF có cấu trúc cho phần mềm đọc màn hình (PDF/UA-1).
access-limits = Hạn chế đã biết
access-limits-1 = Chưa có đợt kiểm tra nào với người dùng khiếm thị tại Việt Nam.
access-limits-2 = Dấu băm, khóa và mã là chuỗi ký tự dài, khó nghe bằng phần mềm đọc màn hình; bản tải về có cùng nội dung.
access-limits-3 = Mã QR chỉ để quét; liên kết giống hệt luôn đứng bên cạnh bằng chữ.
access-limits-4 = Bảng rất dài trên điện thoại được xếp thành từng thẻ; muốn xem cả bảng hãy tải tệp CSV.
access-help = Không dùng được thì làm gì
access-help-text = Cho Hội biết trang nào, bạn dùng thiết bị gì; Hội sẽ trả lời và gửi thông tin bằng cách khác. Có thể không nêu tên:
access-date = Bản này viết ngày 29/11/2026.


## Quyền riêng tư: thêm về tra cứu và phản ánh.

privacy-complaints = Phản ánh gửi cho Hội được mã hóa và không đăng nguyên văn. Cách liên hệ bị hủy 30 ngày sau khi trả lời, hoặc ngay khi bạn muốn.
privacy-search = Trang tra cứu chỉ tìm trong những gì đã công khai. Mã giao dịch ngân hàng bạn gõ không được ghi lại.
privacy-yours = Thông tin của bạn
privacy-yours-text = Muốn xem, sửa, ẩn hoặc xóa thông tin của mình, hãy đến trụ sở Hội, hoặc gửi
