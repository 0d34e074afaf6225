### The machine needs somebody: told to treasurer and chair on the page of today, with what to do.

machine-disk = The server’s disk has { $free } MiB left (at least { $least } MiB are wanted). When it is full nothing can be recorded; reading goes on. Ask the operator to make room: remove old backups that were copied elsewhere, or enlarge the disk. No restart is needed.
machine-disk-unknown = Nobody knows how much room the server’s disk has left. Ask the operator whether the data folder is still there.
machine-clock-behind = The server’s clock is { $minutes } minutes behind the last entry, so nothing can be recorded. Ask the operator to set it and to run a time service.
machine-clock-jump = The server’s clock was just set by { $minutes } minutes. Before you record anything, see whether the date at the top of this page is today’s; if not, tell the operator.
machine-check-found = The server checked the whole ledger again and found that something stored does not agree, so nothing is recorded. Mend nothing yourself; ask the operator to restore what is right.
