### The machine needs somebody: told on the page of today, what to do first.

machine-disk = Ask the operator of the server to make room on its disk.
machine-disk-more = The disk has { $free } left (at least { $least } are wanted). When it is full nothing can be recorded; reading goes on. To make room, remove old backups that were copied elsewhere, or enlarge the disk. No restart is needed.
machine-disk-unknown = Ask the operator of the server whether the data folder is still there.
machine-disk-unknown-more = Nobody knows how much room the server’s disk has left.
machine-clock-behind = Ask the operator of the server to set its clock and to run a time service.
machine-clock-behind-more = The server’s clock is about { $by } behind the last entry, so nothing can be recorded.
machine-clock-far = Treasurer or chair confirm the server’s time before the next entry is recorded.
machine-clock-far-more = The last entry was { $by } ago, more than 31 days: the ledger rested, or the server’s clock is wrong.
machine-clock-see = See and confirm the time
machine-clock-jump = Before you record anything, see whether the date at the top of this page is today’s; if not, tell the operator of the server.
machine-clock-jump-more = The server’s clock was just set by about { $by }.

## The ledger is closed: on the page of today, and a line on every other page of officers.

today-closed = The ledger is read-only: call the operator of the server.
today-closed-wait = The ledger is read-only: wait a few minutes and open this page again; if it stays like this, call the operator of the server.
today-closed-keys = The server holds another key than the one used before, so nothing is recorded until the right one is restored; reading goes on.
today-closed-newer = A newer version of the program has upgraded the database, so this server records nothing until the new version is installed; reading goes on.
today-closed-meanwhile = Nothing that was recorded has to be typed again, even where it is missing just now. Meanwhile, write receipts on paper for money or goods that come in, and record them later.
today-closed-line = For the operator of the server, to be read over the telephone:
desk-paused-closed = The ledger is read-only: what you send now can’t be recorded.
desk-paused-behind = The ledger is read-only because the server’s clock is behind the last entry: what you send now can’t be recorded.
desk-paused-far = The last entry is more than 31 days old: the server’s time has to be confirmed before anything is recorded.
desk-paused-why = Why, and what to do

## Time and sizes, in the unit that people say.

span-minutes = { $number ->
    [one] one minute
   *[other] { $number } minutes
}
span-hours = { $number ->
    [one] one hour
   *[other] { $number } hours
}
span-days = { $number ->
    [one] one day
   *[other] { $number } days
}
span-years = { $number ->
    [one] one year
   *[other] { $number } years
}
size-kib = { $size } KB
size-mib = { $size } MB
size-gib = { $size } GB
