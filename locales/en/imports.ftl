### Importing bank statements.

desk-import = Import
import-title = Import a bank statement
import-lead = Three steps: choose the file, look at the columns, look at every line. Nothing enters the ledger before “Record”; then the whole file does, or no line of it.
import-step = Step { $step } of 3:
import-step-file = the file
import-step-columns = the columns
import-step-preview = the preview
import-waiting = Statements not yet recorded
import-waiting-hint = The file is sealed, only you can open it, and it is deleted after 12 hours.
import-no-name = File without a name
import-discard = Discard this file
import-no-bank = The chapter has no bank account in its books yet.
import-no-fund = The chapter has no fund in its books yet.
import-file = Statement file
import-file-hint = The CSV file from your bank, at most 48 MB. For Excel: open it and save it as CSV (UTF-8).
import-place = Account of the statement
import-fund = Fund of the gifts
import-fund-hint = For all of them; the preview lets you choose another fund for single ones.
import-send = Read the file
import-another = Import another statement
import-other-file = Choose another file
import-to-columns = Change the columns
import-to-preview = Look at every line
import-moved = This statement was changed elsewhere just now. Open the page again. Nothing was recorded by this request.

import-fault-no-file = Choose the statement file.
import-fault-size = The file is larger than { $most } MB. Download the statement of a shorter time.
import-fault-wait = { $number } statements of yours wait already. Record one or discard one first.
import-fault-two-ways = Choose either the columns “Money in” and “Money out”, or one column with signs; not both.
import-fault-column-twice = { $label }: this column was chosen for something else already. A column has one meaning.
import-fault-header-row = Type the number of a row of the file, or 0 if no row names the columns.
import-fault-changed = What would be recorded is no longer what you were shown. Look at the totals below and press “Record” again. Nothing was recorded.
import-fault-wrong = { $number ->
    [one] One line, row { $row }, cannot be recorded. Choose a reason for leaving it out.
   *[other] { $number } lines cannot be recorded, the first is row { $row }. Choose a reason for leaving them out.
 }
import-fault-nothing = There is nothing to record.
import-fault-days = Compare these days, then tick that you did.
import-fault-row = Row { $row } cannot enter the ledger, so nothing of the file was recorded:

import-empty = The file is empty. Download the statement again.
import-too-large = The file is too large. Download the statement of a shorter time.
import-other-format = This is not a CSV file. Open it and save it as CSV (UTF-8).
import-bad-character = Row { $row }, column { $column }: a damaged character. Save the file as CSV (UTF-8).
import-unclosed-quote = Row { $row }, column { $column }: the quote that opens here is never closed. Close it.
import-text-after-quote = Row { $row }, column { $column }: text behind a closing quote. Inside a cell, quotes are doubled.
import-cell-too-large = Row { $row }, column { $column }: the cell is too long. Shorten it.
import-too-many-columns = Row { $row }: more than 256 columns. Remove some.
import-too-many-rows = More than a million rows. Download the statement of a shorter time.
import-one-column = Row { $row }: no second column. Save the file with commas or semicolons between columns.

import-profile-vietcombank = A statement of Vietcombank. See whether the columns are right.
import-profile-agribank-vietinbank = A statement of Agribank or VietinBank. See whether the columns are right.
import-profile-guessed = The columns were guessed from the words of their titles. Check each of them.
import-profile-by-hand = The columns are as you chose them.
import-profile-unknown = No row of titles was recognised. Choose the columns by hand.
import-sample = The first rows of the file
import-row = Row
import-columns-needed = Columns that are needed
import-columns-further = Columns that help
import-columns-further-lead = With more columns, lines that are booked already are recognised more surely. Leave empty what there is not.
import-column-date = Date
import-column-time = Time
import-column-document = The bank’s document number
import-column-reference = Reference number
import-column-text = Details
import-column-credit = Money in (credit)
import-column-debit = Money out (debit)
import-column-amount = One column for both
import-column-amount-hint = Only where money in and out share a column, money out with a minus.
import-column-balance = Balance after the line
import-column-offset = The sender’s account or name
import-written = How the file is written
import-header-row = Row of titles
import-header-row-hint = The number of the row that names the columns. 0 if there is none.
import-look-again = Show the columns by this row
import-dates = Dates are written
import-dates-dmy = Day, month, year: 05/11/2026
import-dates-ymd = Year, month, day: 2026-11-05
import-dates-mdy = Month, day, year: 11/05/2026
import-amounts = Amounts are written
import-amounts-grouped = Without decimals: 1.500.000 or 1,500,000
import-amounts-point = Decimals behind a point: 1,500,000.00
import-amounts-comma = Decimals behind a comma: 1.500.000,00
import-rows-wrong = { $number ->
    [one] One place could not be read
    [100] At least 100 places could not be read
   *[other] { $number } places could not be read
 }
import-rows-lead = Nothing was recorded. Choose other columns, or correct these rows in the file and import it again.
import-row-column = Row { $row }, column { $column }
import-too-many-lines = The file has { $lines } lines; here at most { $most } are imported at a time. Download the statement month by month.
row-no-lines = no lines below the titles; download the statement again
row-no-such-column = the table has no such column; choose another
row-unclear-columns = a column with two meanings, or no column of amounts
row-ragged = { $found } cells where the titles have { $wanted }; quote cells that hold a separator
row-no-date = no date; remove rows that are no lines, such as totals
row-date-form = not a date in the chosen order with a year of four digits
row-no-such-day = there is no such day
row-date-year = a year outside 2000 to 2099
row-time = not a time such as 16:36:38
row-amount-number = not an amount; write digits alone
row-amount-ambiguous = a point or comma could part thousands or decimals; the whole file must be written one way
row-amount-too-large = the amount is too large
row-no-movement = no money in or out; remove rows that are no lines, such as totals
row-two-movements = money in and money out in one row; part it into two rows
row-sum-too-large = the sum of the file is too large; download the statement of a shorter time

import-preview-lead = See what becomes of each line. Lines that are “perhaps twice” are recorded only when you tick that they are other payments.
import-kept = Your choices were kept. Nothing has entered the ledger.
import-same-file = Exactly this file was imported at
import-wrong-lines = { $number ->
    [one] One line cannot be recorded: see it and choose a reason for leaving it out
   *[other] { $number } lines cannot be recorded: see them and choose a reason for leaving them out
 }
import-by-state = Money in, by what is known of it
import-by-kind = Money in, by what becomes of it
import-state = State
import-becomes = Becomes
import-lines = Lines
import-sum = Sum
import-all-credits = All money in of the file
import-debits = Beside these, { $lines } lines of money out, { $amount } in all: record them by their own slips.
import-state-new = New
import-state-known = Booked already
import-state-twice = Perhaps twice
import-state-wrong = Wrong
import-state-debit = Not a credit
import-becomes-known = Not again: booked or left out before
import-becomes-twice = Not yet: perhaps twice
import-becomes-two-signatures = Not here: needs two signatures, use a slip
import-becomes-before-books = Cannot be recorded: before the books begin
import-becomes-after-today = Cannot be recorded: after today
import-becomes-other = Another kind ({ $name })
import-kind = Kind
import-kind-donation = Gift: { $name }
import-kind-interest = Other income: bank interest
import-kind-income = Other income
import-kind-mistaken = Held for others: sent by mistake
import-kind-unidentified = Held for others: not known whose
import-kind-overpaid = Held for others: paid too much
import-kind-transfer-cash = Transfer from: Cash
import-kind-transfer = Transfer from: { $name }
import-kind-slip = Leave out: recorded by a slip
import-kind-opening = Leave out: in the opening balance
import-kind-bank-error = Leave out: the bank’s mistake, undone by the bank
import-kind-later = Leave for later
import-each-line = Line by line
import-filter = Show
import-filter-all = All lines
import-filter-send = Filter
import-search = Words in the details
import-search-hint = With or without marks, for example: bao lu
import-found = { $number ->
    [one] One line, page { $page } of { $pages }
   *[other] { $number } lines, page { $page } of { $pages }
 }
import-no-lines = There are no such lines.
import-row-day = Day
import-row-number = Row { $row }
import-amount-out = Money out
import-kind-of = Row { $row } becomes
import-apart = This is another payment, record it
import-take-up = Record it this time
import-why-nothing = Equal to a line that is booked; the bank gives no number or balance to tell them apart.
import-why-document = The same day, amount and document number as a line that is booked.
import-why-reference = The same day, amount and reference as a line that is booked.
import-why-text = The same day, amount and words as a line that is booked.
import-why-balance = This row stands in the file twice, with the same balance.
import-why-left-out = This line was left out before.
import-left-before-books = Before the books begin: the opening balance holds it.
import-left-after-today = After today.
import-left-two-signatures = This amount needs two signatures: use a slip.
import-left-debit = No money in: use a slip of its own.
import-keep-hint = When you changed kinds, keep them before you go to another page.
import-keep = Keep the kinds of this page
import-all-kind = One kind for all lines of the filter
import-all-kind-hint = For { $number } lines, those of other pages included.
import-all-send = Set it for { $number } lines
import-go-record = Go to recording, below the lines
import-record = Record
import-record-lead = { $lines ->
    [one] One line would be recorded, { $amount } in all.
   *[other] { $lines } lines would be recorded, { $amount } in all.
 }
import-record-left-out = { $number ->
    [one] One line is left out and not asked about again.
   *[other] { $number } lines are left out and not asked about again.
 }
import-days-lead = An earlier file had lines of these days, too:
import-days = I compared these days with the account: the new lines are new payments.
import-passphrase-hint = Once for the whole file: every voucher is signed with your key.
import-record-send = Record the whole file
import-going-title = The statement is being recorded
import-going = { $done } of { $all } payments are written.
import-going-rate = { $rate } payments a second.
import-going-minutes = About { $minutes } min left.
import-going-seconds = About { $seconds } s left.
import-going-ending = It is being prepared, or its last payments are being sealed.
import-going-text = The whole file enters the ledger at once when it is done, or none of it does. You may close this page and come back; meanwhile nothing else can be recorded, but the books can be read.
import-going-again = See how far it has come
import-done-title = The statement was imported
import-done = { $number ->
    [one] One line was recorded, { $sum } in all.
   *[other] { $number } lines were recorded, { $sum } in all.
 }
import-done-nothing = No line entered the ledger.
import-done-left-out = { $number ->
    [one] One line was left out.
   *[other] { $number } lines were left out.
 }
import-done-entries = The entries
import-receipt = Receipt
