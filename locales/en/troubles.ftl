### When the server or its database cannot do it now: what to do. And faults of text.

fault-503-disk = The disk of the server is full. Nothing was recorded. Ask the operator of the server to make room, then send this again; no restart is needed.
fault-503-busy = The database is busy or away. Nothing was recorded. Wait about half a minute and send this again; if it stays like this, tell the operator of the server.
fault-503-importing = A bank statement is being recorded, so nothing else can be recorded just now. Nothing was recorded. Wait a minute or two and send it again; the books and the public pages can be read meanwhile.
fault-503-unknown = The connection broke in the middle of recording, so it is not known whether the voucher is in the ledger. Send this very form again: it is recorded once only.
fault-503-closed = The ledger is closed for writing. Nothing was recorded. The page of today says why; tell the operator of the server.
fault-503-stopping = The server is stopping for maintenance. Nothing was recorded. Send this again in a few minutes.
fault-503-damaged = The ledger’s data on this machine is not what was signed, so it cannot be shown. It stays closed until the operator of the server has restored the right copy. Whoever holds a download or a receipt can still check with that.
fault-503-head = This machine has no head of the ledger that may be published, so the file cannot be given out. The chapter’s page says more.
fault-503-newer = A newer version of the program has upgraded the database, so this server records nothing any more; reading goes on. Nothing was recorded. Ask the operator of the server to install the new version on every server.
fault-503-reading = This server only shows the ledger and records nothing. Open this again on the chapter’s main server.
fault-503-away = This server is only for reading
fault-503-elsewhere = This server only shows the public ledger. To sign in, to record and to send forms, go to { $field }. Nothing was recorded.
fault-503-go = Go to the sign-in page
elsewhere-text = This server only shows the public ledger. This is done at the chapter’s main site.
elsewhere-go = To the main site
fault-marks = { $label }: too many marks on one letter ({ $character }); clear this field and type it again
fault-private-use = { $label }: there is a character that each machine shows differently ({ $character }); take it out
home-closed = closed for now
