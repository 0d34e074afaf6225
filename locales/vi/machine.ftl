### Máy chủ cần người trông: báo ở trang Việc hôm nay, câu đầu là việc phải làm.

machine-disk = Báo người vận hành máy chủ dọn chỗ trống trên ổ đĩa.
machine-disk-more = Ổ đĩa chỉ còn trống { $free } (cần ít nhất { $least }). Khi đầy sẽ không ghi sổ được, xem thì vẫn được. Cách dọn: xóa bản sao lưu cũ đã chép sang nơi khác, hoặc mở rộng ổ đĩa. Không cần khởi động lại.
machine-disk-unknown = Báo người vận hành máy chủ xem thư mục dữ liệu còn đó không.
machine-disk-unknown-more = Không biết ổ đĩa của máy chủ còn bao nhiêu chỗ trống.
machine-clock-behind = Báo người vận hành máy chủ chỉnh giờ và bật dịch vụ giờ mạng.
machine-clock-behind-more = Đồng hồ máy chủ chậm hơn bút toán cuối khoảng { $by } nên chưa ghi được gì.
machine-clock-far = Thủ quỹ hoặc chủ tịch xác nhận giờ của máy chủ trước khi ghi bút toán tiếp theo.
machine-clock-far-more = Bút toán cuối đã cách đây { $by }, quá 31 ngày: hoặc sổ nghỉ lâu, hoặc đồng hồ máy chủ chạy sai.
machine-clock-see = Xem và xác nhận giờ
machine-clock-jump = Trước khi lập chứng từ, xem ngày ở đầu trang này có đúng hôm nay không; nếu sai, báo người vận hành máy chủ.
machine-clock-jump-more = Đồng hồ máy chủ vừa bị chỉnh lệch đi khoảng { $by }.

## Sổ tạm đóng: ở trang Việc hôm nay, và một dòng trên mọi trang khác của cán bộ.

today-closed = Sổ đang chỉ đọc: hãy gọi người vận hành máy chủ.
today-closed-wait = Sổ đang chỉ đọc: hãy chờ vài phút rồi mở lại trang này; nếu vẫn vậy, gọi người vận hành máy chủ.
today-closed-keys = Máy chủ đang giữ một khóa khác với khóa đã dùng từ trước, nên không nhận ghi cho đến khi khóa đúng được khôi phục; xem thì vẫn được.
today-closed-newer = Một bản phần mềm mới hơn đã nâng cấp cơ sở dữ liệu, nên máy chủ này không ghi nữa cho đến khi được cài bản mới; xem thì vẫn được.
today-closed-meanwhile = Không phải gõ lại những gì đã ghi sổ, kể cả khi lúc này thấy thiếu. Trong lúc chờ, nhận tiền hay hiện vật thì viết biên nhận giấy, ghi sổ sau.
today-closed-line = Dòng dành cho người vận hành máy chủ, đọc qua điện thoại được:
desk-paused-closed = Sổ đang chỉ đọc: phiếu gửi bây giờ không ghi được.
desk-paused-behind = Sổ đang chỉ đọc vì đồng hồ máy chủ chậm hơn bút toán cuối: phiếu gửi bây giờ không ghi được.
desk-paused-far = Bút toán cuối đã quá 31 ngày: phải xác nhận giờ của máy chủ trước khi ghi.
desk-paused-why = Lý do và việc cần làm

## Thời gian và dung lượng, theo đơn vị hay nói.

span-minutes = { $number } phút
span-hours = { $number } giờ
span-days = { $number } ngày
span-years = { $number } năm
size-kib = { $size } KB
size-mib = { $size } MB
size-gib = { $size } GB
