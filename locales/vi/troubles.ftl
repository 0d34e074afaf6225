### Khi máy chủ hoặc cơ sở dữ liệu chưa làm được: nói rõ việc cần làm, kèm lỗi của ô chữ.

fault-503-disk = Ổ đĩa của máy chủ đã đầy. Chưa có gì được ghi. Hãy báo người vận hành máy chủ dọn chỗ trống rồi gửi lại; không cần khởi động lại máy chủ.
fault-503-busy = Cơ sở dữ liệu đang bận hoặc mất kết nối. Chưa có gì được ghi. Hãy chờ khoảng nửa phút rồi gửi lại; nếu vẫn vậy, hãy báo người vận hành máy chủ.
fault-503-importing = Đang nhập sổ một tệp sao kê nên tạm thời chưa ghi được việc khác. Chưa có gì được ghi. Hãy chờ một hai phút rồi gửi lại; xem sổ và các trang công khai thì vẫn được.
fault-503-unknown = Mất kết nối đúng lúc ghi nên chưa rõ chứng từ đã vào sổ hay chưa. Hãy gửi lại chính biểu mẫu này: chứng từ chỉ vào sổ một lần.
fault-503-closed = Sổ đang tạm đóng, không nhận ghi. Chưa có gì được ghi. Lý do có ở trang Việc hôm nay; hãy báo người vận hành máy chủ.
fault-503-stopping = Máy chủ đang dừng để bảo trì. Chưa có gì được ghi. Hãy gửi lại sau ít phút.
fault-503-damaged = Dữ liệu của sổ trên máy này không khớp với những gì đã ký, nên chưa xem được. Sổ tạm đóng cho đến khi người vận hành máy chủ khôi phục bản đúng. Ai giữ bản tải về hoặc biên nhận vẫn kiểm chứng được bằng bản của mình.
fault-503-head = Sổ trên máy này chưa có đầu sổ được phép công bố, nên chưa đưa tệp ra được. Xem lời báo ở trang của Hội.
fault-503-newer = Cơ sở dữ liệu đã được một bản phần mềm mới hơn nâng cấp, nên máy chủ này không ghi nữa; xem thì vẫn được. Chưa có gì được ghi. Hãy báo người vận hành máy chủ cài bản mới cho mọi máy chủ.
fault-503-reading = Máy chủ này chỉ để xem, không ghi gì. Hãy mở lại ở máy chủ chính của Hội.
fault-503-away = Máy chủ này chỉ để xem
fault-503-elsewhere = Máy chủ này chỉ để xem sổ công khai. Đăng nhập, ghi sổ và gửi biểu mẫu thì ở { $field }. Chưa có gì được ghi.
fault-503-go = Đến chỗ đăng nhập
elsewhere-text = Máy chủ này chỉ cho xem sổ công khai. Việc này làm ở trang chính của Hội.
elsewhere-go = Đến trang chính
fault-marks = { $label }: quá nhiều dấu chồng lên một chữ ({ $character }); hãy xóa ô này rồi gõ lại
fault-private-use = { $label }: có ký tự mà mỗi máy hiện một kiểu ({ $character }); hãy xóa ký tự đó
home-closed = tạm đóng
