### Phản ánh: người dân nói, Hội trả lời.


## Trang công khai.

complaint-title = Phản ánh
complaint-lead = Thấy sai, chưa rõ, hoặc không vừa lòng? Nói với Hội ở đây. Hội phải trả lời.
complaint-which = Phản ánh về Hội nào?
complaint-rule-anonymous = Không cần nêu tên. Điều bạn viết được mã hóa, không bao giờ được đăng nguyên văn.
complaint-rule-officer = Phản ánh về một cán bộ thì cán bộ đó không xem được và không được trả lời; ban kiểm tra xem được.
complaint-rule-code = Gửi xong, bạn nhận một mã để xem câu trả lời.
complaint-rule-contact = Cách liên hệ, nếu bạn để lại, bị hủy sau { $days } ngày kể từ khi trả lời.
complaint-about = Về việc gì
complaint-about-entry = Một biên nhận hoặc chứng từ
complaint-about-family = Một hộ được giúp, hoặc bị bỏ sót
complaint-about-officer = Một cán bộ
complaint-about-page = Trang này
complaint-about-name = Cách hiện tên
complaint-about-other = Việc khác
complaint-entry = Số chứng từ (không bắt buộc)
complaint-entry-hint = Ví dụ PT-2026-00012 hoặc số bút toán 12. Đừng điền mã biên nhận.
complaint-entry-code = { $label }: đây là mã biên nhận, xin giữ kín; hãy điền số chứng từ in trên biên nhận
complaint-entry-unknown = { $label }: trong sổ không có số này
complaint-officer = Cán bộ nào (không bắt buộc)
complaint-officer-hint = Chọn thì cán bộ đó không xem được phản ánh này.
complaint-text = Bạn muốn nói gì
complaint-text-hint = Tối đa 4.000 chữ. Việc gì, khi nào, ở đâu.
complaint-no-text = { $label }: xin viết vài dòng
complaint-contact = Cách liên hệ với bạn (không bắt buộc)
complaint-contact-hint = Số điện thoại hoặc thư điện tử. Được mã hóa; mỗi lần cán bộ mở đều được ghi lại.
complaint-send = Gửi phản ánh
complaint-full = Hôm nay Hội đã nhận quá nhiều phản ánh. Xin gửi lại vào ngày mai, hoặc đến trụ sở Hội.
complaint-figures = Hội trả lời thế nào
complaint-figure-received = Đã nhận
complaint-figure-answered = Đã trả lời
complaint-figure-waiting = Đang chờ
complaint-days = Một nửa số phản ánh được trả lời trong { $median } ngày; trung bình { $mean } ngày.
complaint-open = Đang chờ: { $week } phản ánh dưới 8 ngày, { $month } từ 8 đến 30 ngày, { $longer } trên 30 ngày; { $looked } đang được xem xét.
complaint-answers = Các câu trả lời đã công bố
complaint-answers-lead = Cán bộ tóm tắt bằng lời của mình; không đăng lời và tên của người gửi.
complaint-answers-none = Chưa có câu trả lời nào được công bố.
complaint-chapter-answers = Hội trả lời:
complaint-newer = Mới hơn
complaint-older = Cũ hơn
complaint-elsewhere = Không muốn gửi ở đây, hoặc Hội trả lời chưa thỏa đáng: gửi Hội Chữ thập đỏ cấp trên hoặc Ủy ban nhân dân xã, phường.


## Trang của người gửi.

complaint-look-up = Xem câu trả lời
complaint-code = Mã phản ánh
complaint-code-hint = 16 chữ và số bạn nhận được khi gửi
complaint-code-wrong = Mã phản ánh có 16 chữ và số; xin xem lại.
complaint-look-up-go = Xem câu trả lời
complaint-own-title = Phản ánh của bạn
complaint-sent = Hội đã nhận phản ánh của bạn
complaint-keep = Ghi lại mã này hoặc lưu địa chỉ trang: chỉ mã này mở được câu trả lời. Ai có mã cũng xem được, xin giữ kín.
complaint-link = Liên kết riêng
complaint-state-received = Đã nhận
complaint-state-looked-at = Đang xem xét
complaint-state-answered = Đã trả lời
complaint-came = Nhận lúc
complaint-taken = Xem xét từ
complaint-answered-at = Trả lời lúc
complaint-answer = Trả lời người gửi
complaint-answer-gone = Đã trả lời. Nội dung đã được hủy theo hạn giữ.
complaint-is-published = Hội cũng công bố một bản tóm tắt, không có lời của bạn.
complaint-not-content = Chưa vừa lòng?
complaint-again = Gửi phản ánh mới
complaint-wait = Hội chưa trả lời. Xin quay lại trang này sau vài ngày.
complaint-contact-kept = Hội đang giữ cách liên hệ của bạn; nó bị hủy { $days } ngày sau khi trả lời.
complaint-contact-forget = Hủy cách liên hệ của tôi ngay
complaint-contact-none = Hội không giữ cách liên hệ nào của bạn.


## Bàn làm việc.

complaint-waiting = { $number } phản ánh chờ trả lời
complaint-desk-lead = Mỗi lần mở nội dung hoặc cách liên hệ đều được ghi lại. Phản ánh về chính bạn không hiện ở đây.
complaint-desk-open = Chờ trả lời
complaint-desk-answered = Đã trả lời
complaint-desk-none = Không có phản ánh nào chờ trả lời.
complaint-desk-state = Tình trạng
complaint-desk-published = Đã công bố
complaint-desk-by-code = Người gửi có mã biên nhận của khoản này.
complaint-desk-wanted-full-name = Xin hiện tên đầy đủ
complaint-desk-wanted-masked-name = Xin hiện tên viết tắt
complaint-desk-grant = Chỉ cho hiện sau khi đã xác nhận và ghi nhận sự đồng ý:
complaint-desk-name-page = trang tên của khoản này
complaint-desk-text = Lời người gửi
complaint-desk-text-gone = Nội dung đã được hủy.
complaint-desk-take = Nhận xem xét
complaint-desk-not-yours = Phản ánh này do chủ tịch, phó chủ tịch hoặc ban kiểm tra trả lời.
complaint-desk-answer = Trả lời
complaint-desk-answer-hint = Người gửi xem bằng mã của họ. Được mã hóa.
complaint-desk-publish = Công bố
complaint-desk-publish-lead = Không bắt buộc. Điền cả hai ô thì hiện trên trang công khai; để trống cả hai thì không. Viết bằng lời của mình, không chép lời người gửi, không nêu tên hay cách liên hệ của ai.
complaint-summary = Tóm tắt trung lập
complaint-summary-hint = Việc gì, không phải ai. Tối đa 500 chữ.
complaint-reply = Câu trả lời công bố
complaint-reply-hint = Tối đa 2.000 chữ.
complaint-desk-send = Gửi câu trả lời
complaint-desk-save = Lưu phần công bố
complaint-desk-contact = Cách liên hệ của người gửi
complaint-desk-contact-open = Mở cách liên hệ
complaint-desk-contact-none = Người gửi không để lại, hoặc đã được hủy.
complaint-part = Hủy gì
complaint-part-contact = Cách liên hệ
complaint-part-all = Cách liên hệ, lời người gửi và câu trả lời
complaint-desk-erase = Hủy thông tin riêng
complaint-desk-erase-lead = Cách liên hệ tự bị hủy { $days } ngày sau khi trả lời. Hủy rồi không lấy lại được.
complaint-desk-erase-go = Hủy
complaint-moved = Phản ánh này vừa được cán bộ khác thay đổi, hoặc đã trả lời. Xem lại rồi làm tiếp.
complaint-senders-words = Phần công bố có lời hoặc cách liên hệ của người gửi. Hãy viết bằng lời của mình.
complaint-length = Có ô quá dài hoặc bỏ trống.
audit-about-complaint = Một phản ánh
audit-about-contact = Cách liên hệ của người phản ánh
