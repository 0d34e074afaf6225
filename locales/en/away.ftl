### Signing away from the server: a file goes out, is signed on another machine, and comes back.

away-title = Sign away from the server
away-lead = Take what waits to another machine, look at it and sign it there with your key, then bring the signed file back here. This server never sees the passphrase of that key.
away-own-key = Your key is not kept on this server: whatever you approve is signed in this way.
away-waiting = { $number } vouchers wait for a signature made on another machine.
away-go = Download, sign, upload
away-draft = This voucher has to be signed where the key is kept; it is not approved by a passphrase on this server.
away-must = to be signed away from the server
away-step-out = 1. Download the file
away-step-sign = 2. Sign it where the key is
away-step-sign-lead = Copy the file to that machine (by a USB stick, say). This command shows the vouchers in words, checks the recorder’s signature and asks you before it signs; it needs no network:
away-step-back = 3. Upload the signed file
away-which = Vouchers to take along
away-private = With the private values (names, addresses)
away-private-hint = The file will hold names that whoever opens it can read; that you took them out is noted. Without, the file holds the public part alone.
away-take-out = Download the file to sign
away-file = Signed file
away-file-hint = The file that minhbach sign wrote; its name ends in -da-ky.json.
away-bring-back = Upload and record

away-fault-large = The file is too large. A signed file has at most 4 MB.
away-fault-not-ours = This is no file of this program. Choose the one that minhbach sign wrote.
away-fault-swapped = The other file, please: one is to be signed, the other one was signed.
away-fault-newer = A newer version of the program wrote this file. Update the program and do it again.
away-fault-changed = The file was changed or cut on the way. Download it and sign it again.
away-fault-other-log = The file is of another ledger than this chapter’s.
away-fault-count = A voucher stands in the file twice, or none does.
away-fault-many-keys = The file has signatures of several keys. One file a person, please.
away-fault-recorder = The recorder’s signature does not hold: the voucher was changed, or that person did not record it. Don’t sign it.
away-fault-private = A private value in the file does not belong to its voucher.
away-fault-other-key = This key is none of an officer of the ledger in the file.
away-fault-own = This key recorded the voucher; who records a voucher does not approve it.
away-fault-key = The key that signed is no officer’s present key: it is not registered, or it has ended.
away-fault-unknown = A voucher in the file is not known here.
away-fault-edited = Voucher { $code } in the file is not the one that waits here. Download the file and sign it again.
away-fault-signature = The signature on voucher { $code } does not hold.
away-fault-role = Voucher { $code } asks for no signature in this role.
away-fault-key-here = Voucher { $code } has to be signed with a key that is not on this server. The key that signed it lies here: change to one made on another machine first.
away-fault-not-yours = Voucher { $code } does not wait for your signature.
away-fault-many = Too many at once: a file holds at most { $most } vouchers and 4 MB.
away-fault-no-key = This file proves no new key. Sign khoa-moi.json with minhbach sign, and upload what it wrote.
away-fault-other-invitation = The file was made for another invitation, or was changed. Download khoa-moi.json and sign it again.
away-fault-proof = The signature of the new key does not hold. Sign khoa-moi.json again.
away-fault-key-used = This key was used in the ledger before. Make a new one: minhbach key new.
away-fault-last-recorder = Nobody else records with a key on this server, so yours has to be kept here; otherwise nothing could be recorded any more.

fault-approve-away = Voucher { $code } has to be signed away from the server: open “Sign away from the server”, download the file, sign it where the key is, and upload it. Nothing was recorded.
fault-approve-key-away = Your key is not on this server. Open “Sign away from the server”, download the file, sign it where the key is, and upload it.

## A new key that is made on another machine.

away-key-link = My key is kept on another machine
away-key-title = A new key, made on another machine
away-key-lead = The key is made on your machine and is never on this server. This is for who approves; who records every day had better keep the key here.
away-key-take-out = Download khoa-moi.json
away-key-step-prove = 2. Make the key, and prove that you hold it
away-key-step-prove-lead = On the other machine: the first command makes the key file, locked by a passphrase that you choose; the second signs the file that you downloaded. Keep the key file like a seal, and a second copy somewhere else.
away-key-file = Signed file
away-key-file-hint = khoa-moi-da-ky.json
away-key-passphrase = The passphrase below is for signing in and reading here; it opens no signing key. Choose another one than that of the key file.
away-key-bring-back = Take this key
away-key-here = Keep the key on this server

field-away = Kinds to be signed away from the server
hint-away = Who approves signs these where the key is kept. Before that, somebody who approves needs a key made on another machine (Give a new key); until then these vouchers wait, but for those about keys, officers and the policy.
setup-away-hint = Leave it empty if you aren’t sure; it can be changed later. What you tick waits until somebody who approves has a key made on another machine.
admin-no-away = None
voucher-away = Signed away from the server

## The command minhbach sign.

sign-chapter = Chapter
sign-log = Ledger
sign-made-at = File made at
sign-number = Vouchers
sign-of = Voucher { $number } of { $all }
sign-as-approver = You are asked to sign as APPROVER
sign-as-auditor = You are asked to sign as AUDITOR
sign-as-holder = You are asked to sign as HOLDER OF THE NEW KEY
sign-recorder = Recorded by
sign-recorder-holds = the signature holds; key
sign-words = In words
sign-changes = What would change (the server’s word, not checked here)
sign-private = Private values (they belong to this voucher)
sign-no-private = Private values are not in this file.
sign-names = Names of the codes (the server’s word)
sign-raw = What is signed, as it is
sign-own-key = Your key
sign-ask = Sign these { $number } vouchers? Type “yes” and Enter:
sign-not-signed = Nothing was signed.
sign-done = { $number } vouchers signed. Bring this file back and upload it:
sign-none-chosen = No voucher in the file has that code.
sign-key-wrong = The passphrase does not open this key file.
sign-key-damaged = This is no key file, or it is damaged.
