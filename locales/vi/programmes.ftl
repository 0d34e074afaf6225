### Hoạt động, tổng hợp, đường đi của phần chuyển sang Hội khác.

## Hoạt động.

done-title = Hoạt động
done-lead = Mỗi chương trình đã chi bao nhiêu, giúp được bao nhiêu lượt hộ, làm được gì. Bấm vào một con số để xem các chứng từ tạo ra nó.
done-years = Chọn năm
done-year = Năm
done-all-years = Tất cả các năm
done-in-year = Năm { $year }
done-in-all = Tất cả các năm
done-nothing = Chưa có khoản chi hay báo cáo hoạt động nào.
done-by-programme = Đã chi, theo chương trình
done-results = Kết quả, theo chương trình
done-by-year = Qua từng năm
done-all-programmes = Mọi chương trình của Hội
done-spent = Đã chi
done-tien = Tiền
done-hien-vat = Hiện vật
done-chi-phi = Chi phí
done-luot-ho = Lượt hộ
done-lop = Lớp
done-nguoi = Người
done-mau = Đơn vị máu
done-gia-dinh = Gia đình
done-cho = Sức chứa
done-cong-tac-vien = Cộng tác viên
done-khac = Số khác
done-so-many-lop = { $number } lớp
done-so-many-nguoi = { $number } người
done-so-many-mau = { $number } đơn vị máu
done-so-many-gia-dinh = { $number } gia đình
done-so-many-cho = { $number } chỗ
done-so-many-cong-tac-vien = { $number } cộng tác viên
done-so-many-khac = { $number } (số khác)
done-few = dưới 5 hộ
done-few-cell = dưới 5
done-averages = Chi phí bình quân
done-each-nguoi = Mỗi người
done-each-lop = Mỗi lớp
done-each-mau = Mỗi đơn vị máu
done-rounded = Bình quân = tất cả tiền, hiện vật và chi phí đã chi, chia cho số đếm được, làm tròn đến đồng (nửa đồng trở lên tính thành một đồng).
done-stocks = Sức chứa và cộng tác viên
done-as-of = báo cáo đến { $date }
done-stocks-rule = Sức chứa và cộng tác viên là con số mới nhất được báo cáo, không cộng dồn qua các lần; số lớp, số người, đơn vị máu là tổng của cả kỳ.
done-behind = Các chứng từ
done-behind-all = Xem mọi chứng từ của chương trình
done-note-counts = Chỉ tính chứng từ còn hiệu lực: khoản đã đảo không còn trong các số này, kể cả khi kỳ của nó đã khóa. Báo cáo hoạt động tính vào năm của ngày cuối được báo cáo. Số người, số lớp ghi trên phiếu chi chỉ tính khi năm đó chưa có báo cáo hoạt động nêu cùng loại số, để không đếm hai lần. Chi phí không gắn với chương trình nào không có ở đây.
done-note-few = Lượt hộ là số phần quà, số lần trợ giúp, không phải số hộ khác nhau. Ô dưới 5 không nêu số và không cộng vào tổng, để không ai suy ra được một gia đình.

## Đường đi giữa các Hội.

trace-title = Phần đã chuyển sang Hội khác
trace-received = Hội nhận đã ghi sổ:
trace-sent = Hội gửi đã ghi sổ:
trace-differs = Sổ của Hội kia ghi khác về số lượng hoặc nơi nhận:
trace-on-its-way = Đang chuyển, chưa thấy ghi nhận trong sổ của
trace-not-found = Không thấy chứng từ gửi này trong sổ của
trace-elsewhere = Sổ của Hội nhận ở nơi khác:
trace-from-elsewhere = Sổ của Hội gửi ở nơi khác:
trace-money = Trong cả khoản { $amount } Hội đó nhận: đã dùng { $used }, còn { $left }.
trace-goods = { $name }: nhận { $quantity } { $unit }, còn { $left } { $unit }.
trace-for = Đã dùng cho:
trace-rule = Hội nhận ghi cả khoản chung với phần của những người khác: số đã dùng và còn lại là của cả khoản, không riêng phần của bạn.

## Tổng hợp.

rolled-title = Tổng hợp các Hội
rolled-way = Tổng hợp số liệu của các Hội
rolled-lead = Cộng sổ của các Hội, trừ phần các Hội chuyển cho nhau để không tính hai lần.
rolled-upper = Hội cấp trên
rolled-upper-all = Tất cả
rolled-chapters = Số Hội
rolled-received = Đã nhận
rolled-used = Đã dùng
rolled-on-their-way = Đang chuyển
rolled-from-chapters = Nhận từ Hội khác
rolled-to-chapters = Gửi Hội khác
rolled-earlier = Điều chỉnh kỳ trước
rolled-aid-money = Trợ giúp bằng tiền
rolled-aid-kind = Trợ giúp bằng hiện vật
rolled-costs = Chi phí
rolled-figures = Số liệu chung
rolled-figure = Chỉ tiêu
rolled-sum = Cộng các Hội
rolled-netted = Trừ nội bộ
rolled-total = Tổng hợp
rolled-ties = “Trừ nội bộ” là phần Hội này gửi và Hội kia đã nhận. Cuối kỳ = đầu kỳ + đã nhận + nhận từ Hội khác − tiền, hiện vật, chi phí − gửi Hội khác − thất thoát + điều chỉnh kỳ trước (cột “Cộng các Hội”). Tiền và hiện vật cộng chung theo giá trị.
rolled-by-chapter = Từng Hội
rolled-chapter = Hội
rolled-repeated = Sổ { $log } có hai bản: chỉ tính một, bản dài hơn.
rolled-by-type = Theo loại chương trình
rolled-type = Loại
rolled-goods-rule = Hàng cùng tên, cùng đơn vị được cộng chung; hàng các Hội chuyển cho nhau không tính là nhập hay xuất.
rolled-pairs = Đã gửi và đã nhận: được trừ
rolled-no-pairs = Chưa có khoản nào vừa có chứng từ gửi vừa có chứng từ nhận khớp nhau.
rolled-value-there = Hội nhận ghi giá trị { $amount }
rolled-alone = Chưa khớp: không trừ
rolled-alone-rule = Khoản đang chuyển đã rời sổ bên gửi và chưa vào sổ bên nhận; khi bên nhận ghi sổ, nó tự khớp.
rolled-sent-on-its-way = đang chuyển đến
rolled-sent-outside = gửi đến sổ không có ở đây:
rolled-sent-differs = đang chuyển; số bên nhận ghi lại khác:
rolled-received-outside = nhận từ sổ không có ở đây:
rolled-received-not-found = không thấy chứng từ gửi trong sổ
rolled-received-differs = khác với chứng từ gửi của
rolled-received-not-for-it = chứng từ gửi ghi nơi nhận khác; bên gửi:
rolled-received-twice = chứng từ gửi đã được một bút toán khác nhận; bên gửi:
rolled-mirrors = Sổ từ nơi khác, sổ chưa tính
rolled-mirror-waiting = đang kiểm chứng, chưa tính
rolled-mirror-counted = đã kiểm chứng toàn bộ, có tính
rolled-mirror-here = bản sao của sổ có ở đây, không tính lần nữa
rolled-mirror-unread = không đọc được tệp, không tính
rolled-mirror-prefix = bản sao chưa đủ bút toán, không tính
rolled-mirror-newer = sổ theo định dạng mới hơn, không tính
rolled-mirror-broken-form = sai định dạng, không tính
rolled-mirror-broken-chain = chuỗi bút toán bị đứt, không tính
rolled-mirror-broken-tree = cây hoặc dấu chốt không khớp, không tính
rolled-mirror-broken-signatures = chữ ký cán bộ không đúng, không tính
rolled-mirror-broken-authority = người ký không đủ thẩm quyền, không tính
rolled-mirror-broken-books = sai quy tắc sổ sách, không tính
rolled-mirror-broken-statements = bảng công khai không khớp, không tính
rolled-mirror-broken-disclosures = tên công khai không khớp, không tính
rolled-unreadable = sổ đang hỏng, không tính
rolled-entries = { $count } bút toán
rolled-how = Ai cũng tự tổng hợp được: lệnh dưới đây tải từng sổ, kiểm chứng hết rồi mới cộng.
