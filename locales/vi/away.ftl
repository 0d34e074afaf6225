### Ký ngoài máy chủ: tệp mang đi, ký ở máy khác, tệp mang về.

away-title = Ký ngoài máy chủ
away-lead = Mang phiếu chờ duyệt sang máy khác, xem và ký ở đó bằng khóa của bạn, rồi mang tệp đã ký về đây. Máy chủ này không thấy mật khẩu của khóa.
away-own-key = Khóa của bạn không để trên máy chủ này: mọi phiếu bạn duyệt đều ký theo cách này.
away-waiting = { $number } phiếu chờ chữ ký làm ở máy khác.
away-go = Tải về, ký, tải lên
away-draft = Phiếu này phải ký ở máy giữ khóa, không duyệt bằng mật khẩu trên máy chủ này.
away-must = phải ký ngoài máy chủ
away-step-out = 1. Tải tệp về
away-step-sign = 2. Ký ở máy giữ khóa
away-step-sign-lead = Chép tệp sang máy đó (USB chẳng hạn). Lệnh này đọc phiếu ra chữ, kiểm chữ ký của người lập, hỏi bạn rồi mới ký; nó không cần mạng:
away-step-back = 3. Tải tệp đã ký lên
away-which = Phiếu mang đi
away-private = Kèm thông tin riêng (tên, địa chỉ)
away-private-hint = Tệp sẽ có tên người, ai mở tệp cũng đọc được; lần mang đi này được ghi lại. Bỏ trống thì tệp chỉ có phần công khai.
away-take-out = Tải tệp để ký
away-file = Tệp đã ký
away-file-hint = Tệp mà lệnh minhbach sign đã ghi, tên kết thúc bằng -da-ky.json.
away-bring-back = Tải lên và ghi sổ

away-fault-large = Tệp quá lớn. Tệp đã ký không quá 4 MB.
away-fault-not-ours = Đây không phải tệp của chương trình này. Chọn tệp mà lệnh minhbach sign đã ghi.
away-fault-swapped = Nhầm tệp: một bên là tệp để ký, một bên là tệp đã ký. Chọn tệp kia.
away-fault-newer = Tệp do bản chương trình mới hơn ghi. Cập nhật chương trình rồi làm lại.
away-fault-changed = Tệp đã bị sửa hoặc bị cụt trên đường. Tải tệp về và ký lại từ đầu.
away-fault-other-log = Tệp của sổ khác, không phải sổ của Hội này.
away-fault-count = Trong tệp có phiếu đứng hai lần, hoặc không có phiếu nào.
away-fault-many-keys = Tệp có chữ ký của nhiều khóa. Mỗi người một tệp.
away-fault-recorder = Chữ ký của người lập phiếu không đúng: phiếu đã bị sửa, hoặc không do người đó lập. Đừng ký.
away-fault-private = Thông tin riêng trong tệp không thuộc về phiếu này.
away-fault-other-key = Khóa này không phải khóa cán bộ của sổ trong tệp.
away-fault-own = Khóa này đã lập phiếu; người lập không ký duyệt phiếu của mình.
away-fault-key = Khóa đã ký không phải khóa đang dùng của cán bộ nào: chưa đăng ký, hoặc đã thôi dùng.
away-fault-unknown = Trong tệp có phiếu mà ở đây không có.
away-fault-edited = Phiếu { $code } trong tệp khác phiếu đang chờ ở đây. Tải tệp về và ký lại.
away-fault-signature = Chữ ký trên phiếu { $code } không đúng.
away-fault-role = Phiếu { $code } không cần chữ ký trong vai này.
away-fault-key-here = Phiếu { $code } phải ký bằng khóa không nằm trên máy chủ này. Khóa đã ký đang nằm ở đây: hãy đổi sang khóa làm ở máy khác trước.
away-fault-not-yours = Phiếu { $code } không chờ chữ ký của bạn.
away-fault-many = Chọn nhiều quá: mỗi tệp không quá { $most } phiếu và 4 MB.
away-fault-no-key = Tệp này không phải tệp chứng minh khóa mới. Ký tệp khoa-moi.json bằng lệnh minhbach sign rồi tải tệp đó lên.
away-fault-other-invitation = Tệp được làm cho lời mời khác, hoặc đã bị sửa. Tải tệp khoa-moi.json về và ký lại.
away-fault-proof = Chữ ký của khóa mới không đúng. Ký lại tệp khoa-moi.json.
away-fault-key-used = Khóa này đã dùng trong sổ rồi. Làm khóa mới: minhbach key new.
away-fault-last-recorder = Không còn ai khác lập phiếu bằng khóa trên máy chủ này, nên khóa của bạn phải để ở đây; nếu không thì không ghi sổ được nữa.

fault-approve-away = Phiếu { $code } phải ký ngoài máy chủ: mở “Ký ngoài máy chủ”, tải tệp về, ký ở máy giữ khóa rồi tải lên. Chưa có gì được ghi.
fault-approve-key-away = Khóa của bạn không nằm trên máy chủ này. Mở “Ký ngoài máy chủ”, tải tệp về, ký ở máy giữ khóa rồi tải lên.

## Khóa mới làm ở máy khác.

away-key-link = Khóa của tôi để ở máy khác
away-key-title = Khóa mới làm ở máy khác
away-key-lead = Khóa được làm ở máy của bạn và không bao giờ nằm trên máy chủ này. Dành cho người duyệt; ai lập phiếu hằng ngày thì nên để khóa ở đây.
away-key-take-out = Tải tệp khoa-moi.json
away-key-step-prove = 2. Làm khóa và chứng minh bạn giữ nó
away-key-step-prove-lead = Ở máy kia: lệnh đầu làm tệp khóa, được khóa bằng mật khẩu bạn chọn; lệnh sau ký tệp vừa tải. Giữ tệp khóa như giữ con dấu, và giữ thêm một bản ở nơi khác.
away-key-file = Tệp đã ký
away-key-file-hint = khoa-moi-da-ky.json
away-key-passphrase = Mật khẩu dưới đây chỉ để đăng nhập và xem ở đây; nó không mở được khóa ký. Chọn mật khẩu khác với mật khẩu của tệp khóa.
away-key-bring-back = Nhận khóa này
away-key-here = Để khóa trên máy chủ này

field-away = Loại phiếu phải ký ngoài máy chủ
hint-away = Người duyệt ký các loại này ở máy giữ khóa. Trước đó cần ít nhất một người duyệt có khóa làm ở máy khác (Đổi khóa); chưa có thì phiếu cứ chờ, trừ phiếu về khóa, cán bộ và quy chế.
setup-away-hint = Bỏ trống nếu chưa rõ; sau này đổi được. Nếu chọn, các phiếu đó chờ cho tới khi một người duyệt có khóa làm ở máy khác.
admin-no-away = Không loại nào
voucher-away = Ký ngoài máy chủ

## Lệnh minhbach sign.

sign-chapter = Hội
sign-log = Sổ
sign-made-at = Tệp làm lúc
sign-number = Số phiếu
sign-of = Phiếu { $number }/{ $all }
sign-as-approver = Bạn được hỏi chữ ký: NGƯỜI DUYỆT
sign-as-auditor = Bạn được hỏi chữ ký: BAN KIỂM TRA
sign-as-holder = Bạn được hỏi chữ ký: NGƯỜI GIỮ KHÓA MỚI
sign-recorder = Người lập
sign-recorder-holds = chữ ký đúng; khóa
sign-words = Bằng chữ
sign-changes = Sổ sẽ thay đổi (theo lời máy chủ, không kiểm được ở đây)
sign-private = Thông tin riêng (đúng với phiếu)
sign-no-private = Thông tin riêng không kèm trong tệp.
sign-names = Tên của các mã (theo lời máy chủ)
sign-raw = Nguyên văn được ký
sign-own-key = Khóa của bạn
sign-ask = Ký { $number } phiếu trên? Gõ “có” rồi Enter:
sign-not-signed = Chưa ký gì.
sign-done = Đã ký { $number } phiếu. Mang tệp này về tải lên:
sign-none-chosen = Không có phiếu nào mang mã đó trong tệp.
sign-key-wrong = Mật khẩu không mở được tệp khóa này.
sign-key-damaged = Đây không phải tệp khóa, hoặc tệp đã hỏng.
