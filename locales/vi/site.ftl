### Khung trang, chung cho mọi trang.

skip-to-main = Đến nội dung chính
switch-language = English
footer-label = Cuối trang
footer-about = Giới thiệu
footer-privacy = Quyền riêng tư
footer-chapter = Các trang khác của Hội
footer-calendar = Lịch công khai
footer-complaints = Phản ánh
footer-feed = Nguồn tin Atom
footer-access = Khả năng tiếp cận
footer-data = Dữ liệu mở
footer-help = Trợ giúp
footer-sign-in = Cán bộ đăng nhập
footer-note = Sổ này ai cũng kiểm chứng được: mỗi chứng từ đều có chữ ký và nối với chứng từ trước.
choose = – Chọn –
hint-money = Ví dụ: 1.500.000
hint-date = Ví dụ: 05/11/2026
hint-private = Chỉ cán bộ Hội đọc được, không công khai.
warning-word = Lưu ý
pages-label = Các trang
page-previous = Trang trước
page-next = Trang sau
page-of = Trang { $page } / { $pages }
