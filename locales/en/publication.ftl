### Statements by period, sheets for the notice board, deadlines of publication.

## Statements

report-all = Statements of all periods
report-all-lead = A statement for each period, computed from the ledger. Those of closed or published periods are signed and have a file that anybody can recompute; the others are previews.
report-none = There is no period of this year in the ledger.
report-campaigns = Appeals
report-stage = State
report-stage-closed = Closed
report-stage-published = Published
report-stage-not-published = Months closed, not published
report-stage-open = Open: a preview
report-audit = Audit
report-papers = On paper
report-pdf-short = Statement (PDF)
notice-pdf-short = Notice (PDF)
report-pdf = Statement to print, sign and keep (PDF)
notice-pdf = Sheet for the notice board, A4 (PDF)
report-preview-word = Preview
report-preview-open = Preview: this period is not closed yet, its figures still change.
report-preview-closed = Preview: the months of this period are closed, but its statement was not signed and published yet.
report-same = It agrees: the file of the statement is the one that your paper names.
report-other = It does not agree with the paper: the statement was published again after it was printed, or the paper is not of this statement. Please compare figure by figure, and tell the chapter or its auditors.
report-made = Closed, audited, published
report-unit = Unit in the tables: đồng.
report-entries = Entries in the period
report-table-parts = The closing balance consists of
report-money = Money
report-custody = Held for others (not the chapter's)
report-lines = Families served
report-by-programme = Used by programme
report-named = Signed in the ledger
report-not-closed = Not closed, not signed
report-audited = audit: { $result } (entry { $seq })
report-not-audited = the auditor has not concluded
report-closed = Closing of { $month }/{ $year }
report-compare = Compare this paper with the public ledger: scan the code, or open the address below.
report-checkpoint = Ledger { $origin }: { $size } entries, root { $root }
report-qr = QR code that leads to this statement on the web
report-accountant = Accountant / Auditor

## The notice board

notice-title = Public statement of money received and used
notice-left = Left at the end
notice-other = Moved, corrected
notice-money = – of that, money
notice-goods = – of that, goods in stock
notice-out = – of that, out on loan
notice-lent = Lent in the period
notice-repaid = Principal repaid in the period
notice-custody = Held for others at the end (not the chapter's)
notice-common = General costs
notice-from = Where it came from
notice-look = See every item: scan the code, or open the address below.
notice-mistake = Should you find a mistake, please tell the chapter or its auditors.
notice-days = from { $from } until the end of { $until }
notice-place = Place
notice-donors = Donors of money who agreed to be named
notice-donors-lead = Only those who agreed, by the name that they chose; all other gifts are in the ledger too.
notice-donor = Donor

## The calendar

clock-title = Deadlines of publication
clock-calendar = Publication calendar
clock-calendar-lead = What is to be published until when, when it was, and what is late: worked out from the ledger, nobody types it. Only notices on the board are the chapter's word.
clock-calendar-seen = The publication calendar as everybody sees it
clock-lead = What is to be published until when, worked out from the ledger every day.
clock-today = Deadlines of publication
clock-all = All deadlines of publication ({ $number } to be done)
clock-until = until { $date }
clock-some-overdue = Overdue as of { $date }: { $number }.
clock-none-overdue = Nothing is overdue as of { $date }.
clock-nothing-due = Nothing has to be done now.
clock-table-overdue = Overdue
clock-table-open = Waiting and coming
clock-table-due = To be done
clock-table-coming = Coming
clock-table-done = Done, of deadlines in { $year }
clock-done = Done
clock-none-done = Nothing is done yet: no month is closed, no statement published.
clock-rules = Deadlines and their sources
clock-since-day = Periods from { $date } on count.
clock-changed-on = The chapter changed these deadlines last on { $date }.
clock-limits = What is done counts from the day of its entry in the ledger. Of gifts that are not recorded this calendar knows nothing.
clock-what = What
clock-about = Period, fund
clock-last-day = Deadline
clock-stands = Result
clock-from-where = Source
clock-overdue = { $days ->
    [one] 1 day overdue
   *[other] { $days } days overdue
}
clock-due = { $days ->
    [one] 1 day left
   *[other] { $days } days left
}
clock-due-today = Due today
clock-coming = Not yet
clock-hangs = On the board
clock-late = { $days ->
    [one] 1 day late
   *[other] { $days } days late
}
clock-short = { $days ->
    [one] 1 day too short
   *[other] { $days } days too short
}
clock-in-time = In time
clock-own-word = the chapter's word
clock-own-rule = Set by the chapter
clock-to-check = To be checked
clock-gifts = { $number ->
    [one] 1 gift
   *[other] { $number } gifts
}
clock-gifts-late = { $number ->
    [one] 1 with a late receipt
   *[other] { $number } with late receipts
}
clock-month-closed = Month closed and published
clock-month-closed-from = { $days } days after the month
clock-month-closed-hint = Counted from the last day of the month
clock-quarter-published = Statement of the quarter published
clock-quarter-published-from = { $days } days after the quarter
clock-quarter-published-hint = Counted from the last day of the quarter
clock-year-published = Statement of the year published
clock-year-published-from = { $days } days after the year
clock-year-published-hint = Counted from the last day of the year
clock-receipt-given = Receipts for donors
clock-receipt-given-from = { $days } days after the gift
clock-receipt-given-hint = Counted from the day on which it came; the receipt is there as soon as the gift is in the ledger
clock-appeal-intake = End of an appeal's intake
clock-appeal-intake-from = { $days } days after the appeal began
clock-appeal-intake-hint = Counted from the first day of the appeal's fund
clock-appeal-handed-out = What an appeal brought handed out
clock-appeal-handed-out-from = { $days } days after the end of intake
clock-appeal-handed-out-hint = Counted from the end of intake
clock-appeal-results = Results of an appeal published
clock-appeal-results-from = { $days } days after the end of intake
clock-appeal-results-hint = Counted from the end of intake; the appeal's statement and a notice on the board both count
clock-appeal-used = Use of an appeal published
clock-appeal-used-from = { $days } days after the last of it was handed out
clock-appeal-used-hint = Counted from the day on which the fund was empty; the appeal's statement and a notice on the board both count
clock-notice-posted = Published statement on the notice board
clock-notice-posted-from = { $days } days after it was published
clock-notice-posted-hint = Counted from the publication of a quarter, a year or an appeal
clock-notice-kept = Notice kept on the board
clock-notice-kept-from = { $days } days from the day it was put up
clock-notice-kept-hint = Counted from the day it was put up; the printed sheet names the last day by this number

## Changing deadlines

clock-settings = Deadlines of publication and their sources
clock-settings-lead = Days and sources are the chapter's own; the public calendar shows the sources, and when they were changed last.
clock-check-lead = The deadlines of decree 93/2021/NĐ-CP were read in one source alone: compare them with the decree, then take the mark “to be checked” away. The others are proposals for the chapter to decide.
clock-since = Periods count from
clock-since-hint = For example 5/11/2026. Left empty: from the first day of the books.
clock-since-books = from the first day of the books
clock-days = Days
clock-source = Source (empty: set by the chapter)
clock-check = The source is to be checked
clock-on = Follow this deadline
clock-kept = The deadlines are saved.
clock-reset = Back to the first deadlines
clock-reset-lead = The deadlines in force stay in the history below.
clock-history = Changes
clock-no-history = Nobody changed them: the first deadlines are in force.
clock-was-reset = back to the first deadlines
clock-off = not followed
clock-so-many-days = { $days } days
clock-moved = Somebody else has just changed these deadlines. Look at the changes below; sent again, what you typed takes their place.
clock-fault-days = { $label } of “{ $rule }”: type a whole number from 1 to { $most }
clock-fault-since = { $label }: not after today

## Notices

board-title = Notice board
board-short = Notice board
board-word = The chapter's word: the ledger does not know whether a sheet hangs.
board-twice = This notice is kept already. To change it, take the kept one back and note it anew.
board-none = No notice was noted yet.
board-line = on the board from { $from } until the end of { $until }, { $place }
board-hangs = On the board now
board-new = Put up on the notice board
board-another = Put up in another place too
board-lead = Print the sheet, put it up, then note here since when and where.
board-posted = On the board from
board-until = Until the end of
board-until-hint = By the chapter's deadline; change it when it hangs longer or had to be taken down early.
board-place = Place
board-place-hint = For example: the chapter's office; the culture house of Thượng hamlet. Everybody will see it.
board-seen = The publication calendar shows it to everybody, as the chapter's word.
board-kept = It is noted.
board-remove = Remove this mistaken note
board-fault-ahead = { $label }: not after today; note it once it hangs
board-fault-before = { $label }: not before the first day of the books
board-fault-until = { $label }: from the day it was put up on, within ten years
