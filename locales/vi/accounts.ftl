### Số liệu công khai: biểu đồ, dòng tiền, tệp tải về, dữ liệu mở.

## Sổ công khai theo khoản mục.

accounts-year = Năm { $year }
accounts-days = Từ { $from } đến { $to }
accounts-from = Từ ngày
accounts-to = Đến ngày
accounts-only = Chỉ xem các bút toán của:
accounts-all = Xem toàn bộ thu chi
accounts-more = Tăng
accounts-less = Giảm
accounts-net = Còn lại sau tăng giảm
accounts-minus = Bút toán đảo là số âm.
accounts-filter = Phần đã chọn
accounts-group-thu = Tổng thu (đã nhận)
accounts-group-chi = Tổng chi
accounts-group-mat = Mất mát
accounts-group-da-dung = Đã dùng
accounts-group-dau-ky = Số dư khi mở sổ
accounts-group-chuyen-quy = Chuyển giữa các quỹ
accounts-group-dieu-chinh = Điều chỉnh kỳ trước
accounts-group-hang = Hàng trong kho (giá trị)
accounts-group-vay = Dư nợ cho vay

## Biểu đồ.

chart-by-time = Thu chi theo thời gian
chart-above = Vạch trên: { $amount }
chart-below = Vạch dưới: { $amount }
chart-table = Xem bảng số liệu của biểu đồ
chart-share = Phần
chart-no-programme = Không thuộc chương trình nào
chart-spent = Đã chi theo chương trình, { $span }
chart-spent-year = Đã chi theo chương trình
chart-left = Tồn cuối kỳ
chart-stock = Giá trị hàng nhập, xuất, tồn theo tháng
chart-chapter = Thu và chi 12 tháng gần đây

## Dòng tiền.

flow-title = Dòng tiền của quỹ
flow-lead = Tiền và hiện vật của quỹ từ đâu đến, đã thành gì. Hai bên luôn bằng nhau; bấm vào từng khoản để xem các bút toán.
flow-picture = Dòng tiền: { $fund }, từ nguồn đến việc sử dụng
flow-since = Từ { $from } đến nay.
flow-left-side = Bên trái: từ đâu đến
flow-right-side = Bên phải: đã thành gì
flow-sources = Từ đâu đến
flow-uses = Đã thành gì
flow-ties = Cộng hai bảng bằng nhau: số dư đầu + các khoản thu = đã chi + mất mát + đang có (tiền, hàng trong kho, đang cho vay).
flow-nothing = Quỹ chưa có khoản nào trong kỳ này.
flow-opening = Số dư đầu kỳ
flow-moved = Chuyển giữa các quỹ
flow-left = Còn tiền
flow-goods = Còn hàng trong kho
flow-lent = Đang cho vay
flow-others = Các chương trình khác

## Một mặt hàng.

item-lead = Mọi bút toán nhập, xuất mặt hàng này, cộng các kho; chuyển giữa hai kho không tính.
item-value = Giá trị

## Tệp tải về.

table-source = Nguồn số liệu
table-chapter = Hội
table-log = Sổ
table-size = Số bút toán của sổ
table-at = Bút toán cuối vào sổ lúc
table-download = Tải bảng này:
table-fund-type = Loại quỹ
table-name-form = Dạng tên
table-unit = Đơn vị
table-purpose = Mục đích
table-by-kind = Tiền theo nơi giữ và loại chứng từ
table-money = Tiền
table-entry = Bút toán
table-sent-by = Hội gửi
table-sent-on = Ngày gửi
table-received-by = Hội nhận
table-received-on = Ngày nhận
fault-422-rows = Phần đã chọn có trên 50.000 dòng, nhiều hơn một bảng tính nên có. Xin chọn kỳ ngắn hơn, hoặc tải CSV hay JSON: hai loại này không giới hạn số dòng.

## Bản tin và 360Giving.

feed-title = Sổ của { $chapter }: mới ghi
grants-title = Các khoản { $chapter } đã trao
grants-recipients = Người nhận (không nêu tên)
grants-description = { $what }, ngày { $day }: { $amount }. Người nhận không nêu tên; mã người nhận lập theo bút toán, không theo hộ.

## Dữ liệu mở.

api-title = Dữ liệu mở
api-lead = Mọi số liệu công khai đều tải được, cho người và cho máy: bảng tính, bản tin, giao diện JSON, và chính các tệp của sổ để kiểm chứng.
api-grants = Các khoản đã trao theo chuẩn 360Giving (JSON)
api-feed = Bản tin Atom: bút toán mới ghi, báo cáo mới khóa
api-files = Các tệp của sổ đã ký:
api-json = Giao diện JSON, bản 1
api-json-lead = Chỉ đọc, không cần khóa, trang web khác cũng gọi được (CORS). Mô tả đầy đủ theo OpenAPI 3.1:
api-routes = Các địa chỉ
api-address = Địa chỉ
api-answer = Trả lời
api-chapters = Các Hội có sổ ở đây
api-chapter = Một Hội: số liệu, nơi giữ tiền, chương trình, các quỹ
api-entries = Các bút toán, lọc như trang Công khai, từng phần tối đa 200
api-entry = Một bút toán với chứng từ đã ký
api-funds = Các quỹ; thêm /mã để lấy một quỹ
api-stock = Hiện vật: nhập, xuất, tồn, giá trị
api-loans = Các khoản vay, không nêu tên
api-statements = Các báo cáo mà sổ có dấu băm
api-statement = Một báo cáo, đúng từng byte như đã ký
api-checkpoint = Đầu sổ đã ký của từng sổ
api-examples = Ví dụ
api-example-month = Các khoản trợ giúp bằng tiền trong tháng 10/2026:
api-example-account = Mọi bút toán chi phí vận chuyển:
api-example-same = Hỏi lại mà không tải lại: có ETag cũ, sổ chưa đổi thì trả lời 304:
api-rules = Cách đọc
api-rule-amounts = Số tiền là số nguyên theo đơn vị nhỏ nhất của đồng tiền (đồng Việt Nam không có số lẻ); ngày viết 2026-11-05; số lượng viết dấu chấm thập phân.
api-rule-pages = Danh sách dài chia phần: “next” là địa chỉ phần sau, “limit” từ 1 đến 200.
api-rule-problems = Sai tham số thì trả lời 400 và nói sai ở đâu (RFC 9457); tham số lạ không bao giờ bị bỏ qua.
api-rule-tags = ETag đổi khi sổ có bút toán mới.
api-rule-csv = CSV: UTF-8 có BOM; ô bắt đầu bằng dấu của công thức có thêm dấu nháy đơn ở trước. XLSX: chữ là chữ, tiền là số, dòng cuối là tổng.
api-rule-hxl = Thêm hxl=1 vào địa chỉ CSV để có dòng thẻ HXL dưới tiêu đề.
api-rule-grants = 360Giving: mỗi bút toán trao là một khoản; mã khoản là tên sổ và số bút toán (không phải tiền tố đã đăng ký với 360Giving); người nhận không nêu tên, mã người nhận lập theo bút toán, không theo hộ.
api-rule-private = Không nơi nào ở đây có tên hộ, người vay hay người ủng hộ chưa đồng ý nêu tên.
api-rule-trust = Các tệp này do máy chủ lập từ sổ. Chỉ tin chữ ký thì hãy tải các tệp của sổ và chạy minhbach verify.
api-licences = Giấy phép
api-licence-figures = Hội công bố số liệu này để ai cũng xem, chép và kiểm chứng; xin ghi nguồn khi dùng lại. Hội chưa chọn giấy phép dữ liệu mở có tên cho số liệu.
api-licence-software = Phần mềm: giấy phép Apache-2.0. Phông chữ trong giấy tờ PDF: SIL OFL 1.1.
