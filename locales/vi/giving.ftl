### Ủng hộ: cách ủng hộ, quỹ và cuộc vận động, mã ủng hộ, khoản chưa rõ.


## Trang công khai.

give-title = Ủng hộ
give-lead = Chọn quỹ, rồi chuyển khoản với đúng mã ghi ở nội dung. Mỗi khoản đều vào sổ công khai và xem được đã dùng vào việc gì.
give-none = Hiện Hội không vận động khoản nào. Bà con vẫn có thể đến trụ sở Hội.
give-transfer = Chuyển khoản
give-qr = Mã VietQR để chuyển khoản
give-qr-hint = Mở ứng dụng ngân hàng, quét mã. Trước khi xác nhận, xin so lại tên người nhận, số tài khoản và nội dung: có ứng dụng bỏ mất nội dung.
give-no-qr = Tài khoản này chưa có mã QR; xin chuyển khoản theo các dòng dưới đây.
give-content = Nội dung chuyển khoản
give-content-hint = Viết đúng mã này, có thể viết thêm lời nhắn sau mã. Nhờ mã, tiền vào đúng quỹ.
give-bank = Ngân hàng
give-bin = Ngân hàng có mã BIN { $bin }
give-number = Số tài khoản
give-number-missing = Chưa ghi trong sổ; xin hỏi trụ sở Hội.
give-holder = Chủ tài khoản
give-from-ledger = Số tài khoản lấy từ sổ đã ký của Hội, không ai đổi được mà không để lại dấu vết. Xem tại:
give-print = In trang này ra là có một tờ hướng dẫn ủng hộ với mã QR lớn.
give-no-account = Hội chưa có tài khoản ngân hàng cho quỹ này; xin ủng hộ tại trụ sở.
give-field-fund = Quỹ
give-field-amount = Số tiền
give-amount-hint = Không bắt buộc. Ví dụ: 500.000. Số tiền sẽ có sẵn trong mã QR.
give-make = Tạo mã QR
give-funds = Các quỹ đang nhận ủng hộ
give-of = trên mục tiêu { $target } ({ $percent } %)
give-until = đến ngày { $day }
give-from = từ ngày { $day }
give-from-to = từ ngày { $from } đến ngày { $to }
give-to = Ủng hộ { $fund }
give-all-funds = Tất cả các quỹ
give-cash = Tiền mặt tại trụ sở
give-cash-at = Địa chỉ:
give-receipt-rule = Luôn hỏi lấy biên nhận có số và mã: không có biên nhận thì đừng trao tiền.
give-goods = Hiện vật
give-goods-none = Xin gọi hỏi trước để biết Hội đang cần gì và nơi nhận.
give-goods-rule = Hiện vật cũng có phiếu nhập và biên nhận: ghi tên hàng, số lượng, hạn dùng.
give-after = Sau khi ủng hộ
give-after-words = Khoản chuyển có đúng mã được ghi vào quỹ khi Hội nhập sao kê, rồi hiện ở trang của quỹ. Mã viết sai không bị ghi nhầm sang quỹ khác: Hội giữ lại và tìm người gửi. Cần biên nhận, xin liên hệ Hội với ngày và số tiền.
give-funds-lead = Mỗi quỹ có mục đích riêng; tiền của quỹ chỉ dùng vào việc đó.
give-no-funds = Chưa có quỹ nào.
give-state = Tình trạng
give-target = Mục tiêu
give-missing = Còn thiếu
give-progress = Đã nhận { $received } trên mục tiêu { $target } ({ $percent } %).
give-taking-open = Đang nhận ủng hộ
give-taking-not-yet = Sẽ nhận ủng hộ từ ngày { $day }
give-taking-over = Đã hết hạn vận động ngày { $day }
give-taking-not-asked = Không vận động ủng hộ
give-taking-closed = Đã đóng
give-closed = Quỹ này đã đóng, không nhận và không chi nữa. Mọi khoản vẫn xem được.
give-closed-rest = Phần còn lại đã đi đâu: xem các khoản điều chuyển bên dưới.
give-earlier = Điều chỉnh kỳ trước
give-where = Tiền của quỹ đang ở đâu
give-in-goods = Đã mua, chưa trao
give-at-hand = Còn lại bằng tiền
give-terms = Được dùng vào việc gì
give-costs-yes = Được trích một phần cho chi phí tổ chức, có chứng từ.
give-costs-no = Không được trích cho chi phí tổ chức.
give-programmes = Chỉ cho chương trình:
give-kinds = Chỉ qua:
give-use-until = Dùng đến hết ngày { $day }.
give-opened = Điều kiện đã ký trong sổ, bút toán { $seq }
give-with-amount = Tạo mã QR có sẵn số tiền
give-spending = Đã dùng theo chương trình
give-programme = Chương trình
give-no-programme = Không theo chương trình
give-latest = Các khoản ủng hộ mới nhất
give-giver = Người ủng hộ
give-unnamed = Không công khai tên
give-names-rule = Tên chỉ hiện khi người ủng hộ đồng ý.
give-moves = Điều chuyển giữa các quỹ
give-lends = Quỹ này cho hộ khó khăn vay; đang cho vay { $lent }.
give-sponsors = Tiền của quỹ này do người đỡ đầu gửi cho những hộ đã chọn; ai đỡ đầu hộ nào không công khai. Mỗi người đỡ đầu có trang riêng, mở bằng mã. Muốn đỡ đầu, xin liên hệ trụ sở Hội.
give-accounts = Sổ thu chi của quỹ


## Bàn làm việc: cách ủng hộ.

give-desk = Cách ủng hộ
give-desk-lead = Quỹ nào đang nhận ủng hộ, mã nào, vào tài khoản nào. Trang công khai hiện đúng như ở đây.
give-see = Xem trang Ủng hộ
give-see-fund = Xem trang của quỹ
give-kept = Đã lưu.
give-code = Mã ủng hộ
give-no-bank = Chưa có tài khoản ngân hàng
give-words-only = chỉ hiện bằng chữ, không có mã QR: sổ chưa ghi mã ngân hàng (BIN) hoặc số tài khoản hợp lệ
give-signed = Số tài khoản và mã ngân hàng lấy từ bút toán mở nơi giữ tiền, có hai chữ ký, nên không sửa ở đây được: đổi tài khoản là mở nơi giữ tiền mới.
give-texts = Tiền mặt và hiện vật
give-texts-lead = Địa chỉ trụ sở lấy từ sổ. Tiếng Anh để trống thì trang tiếng Anh hiện tiếng Việt.
give-office-vi = Nhận tiền mặt khi nào, gặp ai
give-office-en = Như trên, tiếng Anh
give-office-hint = Ví dụ: Thứ Hai đến thứ Sáu, 8–11 giờ, gặp thủ quỹ
give-goods-vi = Nhận hiện vật gì, ở đâu
give-goods-en = Như trên, tiếng Anh
give-goods-hint = Ví dụ: gạo, mì, áo ấm còn tốt; không nhận thuốc đã bóc
give-open = Nhận ủng hộ vào quỹ này
give-open-yes = Có, hiện ở trang Ủng hộ
give-open-no = Không
give-name = Tên trong mã
give-name-hint = 2 đến 12 chữ cái không dấu và chữ số, không dùng I, L, O, U. Trước tên có GQ, sau tên là một chữ kiểm tra do máy tính tự thêm. Mã cũ vẫn dẫn vào quỹ này.
give-place = Tài khoản ngân hàng
give-place-hint = Để trống: tài khoản ngân hàng đầu tiên của Hội
give-turn = Thứ tự trên trang
give-turn-hint = Số từ 0 đến 999, số nhỏ đứng trước
give-greeting-vi = Lời ngỏ
give-greeting-en = Lời ngỏ, tiếng Anh
give-greeting-hint = Vài dòng trên mã QR; không ghi tên hộ được giúp
give-former = Mã cũ vẫn dẫn vào quỹ này:
give-fault-moved = Người khác vừa thay đổi cách ủng hộ. Điều vừa gõ còn nguyên: xem lại rồi lưu lần nữa.
give-fault-taken = { $label }: mã này đang hoặc từng dẫn vào quỹ “{ $fund }”, hoặc dễ nhầm với mã của quỹ đó; chọn tên khác
give-fault-length = { $label }: cần 2 đến 12 chữ và số
give-fault-letter = { $label }: chỉ dùng chữ cái không dấu A–Z trừ I, L, O, U, và chữ số
give-fault-turn = { $label }: gõ một số từ 0 đến 999


## Nhập sao kê: mã ủng hộ trong nội dung.

give-line-fund = Mã { $code }: { $fund }
give-line-closed = Mã { $code } của quỹ đã đóng ({ $fund }): giữ lại chờ rõ
give-line-several = Có mã của nhiều quỹ: giữ lại chờ rõ
give-line-near = Mã viết sai, gần giống { $code } ({ $fund }): giữ lại chờ rõ
give-line-unknown = Có mã không thuộc quỹ nào: giữ lại chờ rõ
give-import-lead = Khoản có mã ủng hộ trong nội dung được đề nghị ghi vào đúng quỹ của mã.


## Khoản chưa rõ.

give-loose = Khoản chưa rõ
give-loose-today = { $number } khoản tiền về chưa rõ của ai, cho việc gì
give-loose-lead = Tiền đã về mà chưa biết cho việc gì: đang giữ hộ, hoặc đã vào quỹ chung mà không có mã. Xem nội dung chuyển khoản ở đây được ghi vào nhật ký mở xem.
give-loose-waits = { $number } khoản đang giữ chờ rõ.
give-loose-files = { $number } tệp sao kê đang chờ xử lý
give-loose-words = Chữ trong nội dung chuyển khoản
give-loose-words-hint = Không cần dấu; phải có đủ các chữ
give-loose-from = Từ ngày
give-loose-to = Đến ngày
give-loose-found = { $number } khoản
give-loose-none = Không có khoản nào như vậy.
give-loose-gift = Ủng hộ vào quỹ chung, không có mã
give-loose-left = Còn { $amount }
give-loose-do = Xử lý
give-loose-assign = Ghi nhận ủng hộ
give-loose-return = Trả lại
give-loose-move = Chuyển sang quỹ khác
