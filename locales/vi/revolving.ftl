### Vốn vay: trang công khai của quỹ quay vòng, từng khoản vay, và chữ trên biên nhận.

lent-title = Vốn vay
lent-lead = Nguồn vốn quay vòng cho hộ khó khăn vay làm ăn. Trả về thì cho hộ khác vay tiếp. Ở đây có đủ số tiền, không có tên ai.
lent-none = Hội chưa mở quỹ quay vòng nào.
lent-loan = khoản vay
lent-opening = Đầu kỳ { $number }

## Các con số của một quỹ.

lent-given = Vốn đã góp
lent-in-all = Đã cho vay tất cả
lent-outstanding = Đang cho vay
lent-repaid = Đã thu nợ gốc
lent-lost = Mất vốn
lent-reserved = Dành cho khoản đã duyệt
lent-at-hand-figure = Tiền đang ở quỹ
lent-times = Số vòng quay
lent-times-value = { $times } vòng
lent-made = Khoản đã cho vay
lent-families = Lượt hộ được vay
lent-rate = Tỷ lệ hoàn trả
lent-not-yet = chưa có
lent-times-words = Số vòng quay = đã cho vay tất cả chia cho vốn đã góp: một đồng vốn đã được đem cho vay mấy lần.
lent-rate-words = Tỷ lệ hoàn trả = gốc đã thu chia cho gốc đã thu và gốc đã xóa. Khoản đang vay chưa tính vào.
lent-families-words = Mỗi khoản vay là một lượt hộ: một hộ vay hai lần tính hai lượt.
lent-carried = Trong đó { $amount } đã cho vay từ trước khi mở sổ.
lent-waiting = { $loans } khoản đã duyệt, chưa giải ngân: { $amount }.
lent-losses = Mất vốn = đã xóa { $written_off } − thu hồi được { $recovered }.
lent-capital = Vốn đã góp từ đâu
lent-opening-balance = Có từ khi mở sổ
lent-donated = Ủng hộ
lent-supported = Hội khác hỗ trợ
lent-returned-gifts = Trả lại người ủng hộ
lent-moved = Chuyển từ quỹ khác sang, trừ chuyển đi
lent-ties = Đối chiếu: vốn đã góp { $given } + phí và thu khác { $earned } − đã chi { $spent } − mất vốn { $lost } = đang cho vay { $outstanding } + đang ở quỹ { $money }{ $stock ->
    [none] .
   *[other] { " " }+ hàng trong kho { $stock }.
}

## Theo năm.

lent-years = Cho vay và thu nợ theo năm
lent-chart = Biểu đồ: mỗi năm cho vay và thu nợ gốc bao nhiêu. Số liệu ở bảng ngay dưới.
lent-chart-lent = Cho vay
lent-chart-repaid = Thu nợ gốc
lent-year = Năm
lent-year-loans = Số khoản
lent-year-fees = Phí thu được
lent-year-written-off = Xóa nợ
lent-year-recovered = Thu hồi

## Danh sách khoản vay.

lent-loans = Các khoản vay
lent-loans-of = Các khoản vay của { $fund }
lent-loans-lead = Mới nhất trước. Không có tên, địa chỉ, lịch trả hay nợ trễ của ai.
lent-all-loans = Xem khoản vay của mọi quỹ
lent-no-loans = Chưa có khoản vay nào.
lent-count = Có { $count } khoản vay.
lent-number = Khế ước
lent-day = Ngày giải ngân
lent-day-purpose = Ngày giải ngân, mục đích
lent-day-state = Ngày giải ngân, vòng, tình trạng
lent-paid-back = Đã trả
lent-purpose = Mục đích
lent-principal = Tiền vay
lent-fee = Phí
lent-owed = Còn nợ
lent-state = Tình trạng
lent-state-running = Đang vay
lent-state-fee = Chỉ còn nợ phí
lent-state-settled = Đã tất toán
lent-state-written-off = Đã xóa nợ

## Nợ trễ, theo bút toán khóa sổ.

lent-late = Nợ trễ hạn
lent-late-figures = Khi khóa sổ { $month }: { $running } khoản đang vay; dư nợ của các khoản trễ trên 30 ngày { $par30 }, trên 90 ngày { $par90 }.
lent-late-words = Đây là lời ký của cán bộ: lịch trả nằm ở Hội, ban kiểm tra tính lại được, còn sổ công khai thì không. Chỉ nêu khi có từ 5 khoản đang vay.

## Một khoản vay.

lent-loan-title = Khoản vay { $loan }
lent-back = Tất cả khoản vay
lent-step-approved = Đã duyệt
lent-step-paid-out = Giải ngân
lent-step-before = Cho vay trước khi mở sổ
lent-step-opening = Vào sổ
lent-step-repaying = Thu nợ
lent-step-settled = Tất toán
lent-step-written-off = Xóa nợ
lent-approved-on = Duyệt ngày
lent-fund = Quỹ cho vay
lent-fee-paid = Phí đã thu
lent-fee-waived = Phí được miễn
lent-fee-owed = Phí còn nợ
lent-written-off = Đã xóa nợ
lent-recovered = Thu hồi sau khi xóa
lent-before = Trong đó { $amount } đã trả trước khi mở sổ.
lent-moves = Mọi lần cho vay, thu nợ
lent-principal-part = Gốc
lent-private = Người vay, lịch trả từng kỳ và nợ trễ là thông tin riêng, không có ở đây.
lent-sources = Tiền vay từ đâu
lent-sources-lead = Khoản ủng hộ nào vào quỹ trước được cho vay trước. Vòng 1 là lần đầu được cho vay; trả về rồi cho vay tiếp là vòng 2.
lent-turn = Vòng
lent-gifts = Số khoản ủng hộ
lent-gift-entries = Bút toán của các khoản ấy:
lent-more-gifts = và { $count } bút toán nữa

## Trên biên nhận.

lent-of-gift = Đã cho vay ở đâu
lent-sentence = Trong { $amount } của bạn: { $lent } đã cho vay trong { $loans } khoản ({ $times } vòng)
lent-at-hand = { $amount } đang ở quỹ
lent-out = { $amount } đang cho vay ở { $loans }
lent-out-many = { $amount } đang cho vay ở { $count } khoản
lent-spent = { $amount } đã dùng
lent-goods = { $amount } đã mua hàng, chưa trao
lent-passed-on = { $amount } đã chuyển cho Hội khác
lent-part-lost = { $amount } đã mất
lent-returned = { $amount } đã trả lại
lent-row-lent = Tiền của bạn
lent-row-back = Đã về quỹ
lent-row-out = Đang cho vay
lent-row-lost = Mất
lent-lost-part = Đã mất
lent-earlier = Trước đó
lent-rule = Cho vay không phải là đã dùng: tiền trả về được cho vay tiếp, nên số đã cho vay có thể lớn hơn khoản ủng hộ. Số vòng = đã cho vay chia cho khoản ủng hộ.
lent-trace = Đã cho vay { $amount }.

## Chứng từ vốn vay bằng lời.

lent-said-loan-approved = Duyệt vay { $loan }: { $principal }
lent-said-loan-cancelled = Hủy duyệt { $loan }
lent-said-loan-disbursed = Cho vay { $loan }: { $principal }
lent-said-loan-repaid = Thu nợ { $loan }: gốc { $principal } + phí { $fee }
lent-said-custody-assigned = Chuyển tiền giữ hộ thành trả nợ { $loan }: gốc { $principal } + phí { $fee }
lent-said-loan-fee-waived = Miễn phí { $loan }: { $fee }
lent-said-loan-rescheduled = Giãn nợ (khoản nào là thông tin riêng)
lent-said-loan-written-off = Xóa nợ { $loan }: { $principal }
lent-said-loan-recovered = Thu hồi nợ đã xóa { $loan }: { $principal }

## Trang của Hội, báo cáo.

lent-of-that = Trong đó đang cho vay
lent-figures-tie = Tồn quỹ + đang cho vay = số dư đầu + đã nhận − đã dùng + đang giữ hộ. Cho vay không tính là đã dùng; phần còn lại của mỗi quỹ gồm cả tiền đang cho vay.
lent-figures-tie-goods = Tồn quỹ + đang cho vay + giá trị còn trong kho = số dư đầu + đã nhận − đã dùng + đang giữ hộ. Cho vay không tính là đã dùng; phần còn lại của mỗi quỹ gồm cả tiền đang cho vay và hiện vật.
lent-report = Dư nợ cho vay
lent-report-change = Tăng, giảm
public-account-service-fees = Phí dịch vụ cho vay
public-account-recoveries = Thu hồi nợ đã xóa
public-account-loan-losses = Mất vốn cho vay (xóa nợ)
public-account-loans-receivable = Dư nợ cho vay
public-by-kind = Theo loại chứng từ
public-limit-arrears = Hộ vay trả đúng hẹn hay trễ: lịch trả là thông tin riêng, số nợ trễ là lời của Hội; ban kiểm tra tính lại được.
