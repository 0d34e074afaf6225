### Máy chủ cần người trông: báo cho thủ quỹ và chủ tịch ở trang Việc hôm nay, kèm việc phải làm.

machine-disk = Ổ đĩa của máy chủ chỉ còn { $free } MiB trống (cần ít nhất { $least } MiB). Khi đầy sẽ không ghi sổ được, xem thì vẫn được. Hãy báo người quản trị dọn chỗ trống: xóa bản sao lưu cũ đã chép sang nơi khác, hoặc mở rộng ổ đĩa. Không cần khởi động lại.
machine-disk-unknown = Không biết ổ đĩa của máy chủ còn bao nhiêu chỗ trống. Hãy báo người quản trị xem thư mục dữ liệu còn đó không.
machine-clock-behind = Đồng hồ máy chủ chậm hơn bút toán cuối { $minutes } phút nên chưa ghi được gì. Hãy báo người quản trị chỉnh giờ và bật dịch vụ giờ mạng.
machine-clock-jump = Đồng hồ máy chủ vừa bị chỉnh { $minutes } phút. Trước khi lập chứng từ hãy xem giờ ở đầu trang có đúng ngày hôm nay không; nếu sai, báo người quản trị.
machine-check-found = Máy chủ tự kiểm tra lại toàn bộ sổ và thấy dữ liệu không khớp nên sổ không nhận ghi. Đừng sửa gì; hãy báo người quản trị khôi phục bản đúng.
