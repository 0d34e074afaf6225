### Pages for everybody.


## Pages for everybody: common texts.

public-home-title = Chapters with a ledger here
public-home-lead = Each chapter keeps a public ledger: what came in, what it was used for, what is left; anybody can check it.
public-home-set-up = Set up the chapter’s ledger
public-home-none = No chapter has opened its ledger yet.
public-ways = Pages of the chapter
public-way-home = Chapter
public-way-accounts = Accounts
public-way-report = Reports
public-way-funds = Funds
public-way-find = Find a gift
public-way-give = Give
public-way-check = Verify
public-way-checker = Check this file in your browser; nothing is sent
public-look-up = Look up a receipt
public-code = Receipt code
public-code-hint = The 16 letters and digits printed on the receipt, such as 7Q2M-X4TB-9KD1-0VHZ
public-code-wrong = A receipt code has 16 letters and digits; please look at the receipt again.
public-code-go = Show the receipt
public-figure-held = Held for others
public-figure-opening = Opening balance
public-figure-moved = Moved
public-figures-tie = Balance = opening balance + received − used + held for others.
public-lies-in = The money lies in:
public-funds = Funds
public-fund = Fund
public-custody = Money held for others
public-latest = Latest in the book
public-nothing-yet = No money has moved yet.
public-all-lines = See all published accounts
public-reports = Reports by period
public-month = { $month }/{ $year }
public-quarter = Quarter { $quarter } of { $year }
public-entry = Entry { $seq }
public-of = of entry { $seq }
public-lines = { $lines ->
    [one] one household served
   *[other] { $lines } households served
 }
public-place = Place
public-place-advance = Advance
public-amount = Amount
public-sum = Total

## The published accounts.

public-accounts-title = Published accounts
public-period = Period
public-all-periods = All periods
public-programme = Programme
public-kind = Kind of voucher
public-all-funds = All funds
public-all-programmes = All programmes
public-all-kinds = All kinds
public-show = Show
public-opening = Opening balance
public-closing = Closing balance
public-sum-in = Total in
public-sum-out = Total out
public-count = { $count ->
    [one] One entry.
   *[other] { $count } entries.
 }
public-both-legs = A transfer between two places (such as cash paid into the bank) counts both in and out; a reversal is a minus.
public-no-lines = No money moved in what was chosen.
public-download = Download exactly what is shown:

## One entry.

public-voucher = Voucher
public-note = Public note
public-private = Private part
public-private-count = { $count } values stand here as seals only (SHA-256); nobody can read them here
public-list = { $count ->
    [one] one line
   *[other] { $count } lines
 }
public-yes = Yes
public-no = No
public-signatures = Signatures
public-role-recorder = Recorder
public-role-approver = Approver
public-role-auditor = Auditor
public-role-holder = Key holder
public-officer = Officer
public-guardian = guardian
public-disputed = Disputed: the key was compromised
public-named-by = Vouchers that name it
public-reversed-by = This entry was reversed by
public-reverses = This entry reverses
public-place-in-ledger = Place in the ledger
public-seq = Sequence number
public-at = Recorded at
public-leaf = Leaf hash
public-prev = Hash of the entry before
public-id = Voucher id
public-raw = Exact bytes (JSON)
public-proof = Download the proof of inclusion (tlog-proof)
public-neighbours = Entries before and after

## The receipt.

public-receipt-title = Receipt
public-received = Received { $amount } on { $date }
public-receipt-reversed = This was reversed on { $date }: it no longer counts as received
public-receipt-reason = Reason:
public-receipt-was = Recorded before:
public-held = Held
public-handed-on = Handed over, returned or turned into a gift
public-held-rule = The chapter holds this for the person it is meant for; it is not the chapter's money.
public-returned = Returned
public-uses = What it was used for
public-paper = Voucher
public-what = For what
public-moved = moved to another fund, not spent
public-corrected = assigned again by the correction of { $date } (entry { $seq })
public-corrected-before = The payment is older than the gift: the gift that first paid for it was reversed.
public-not-used-yet = Not used yet; when it is, each use will show here.
public-rule = Money is used in the order in which it came. That is a convention of the books, not your very banknotes.
public-my-name = How my name is shown
public-name-shown = The name shown in public:
public-name-hidden = Your name is shown nowhere.
public-check-now = Verify now
public-check-lead = Do not take this page's word: compare it with the entry, or download the offline file and check it without a network.
public-offline = Download the offline file (.tlog-proof)
public-receipt-limits = The file shows that the gift is in the signed ledger; whether the officers' keys were valid takes a check of the whole ledger.
public-qr = QR code of this receipt
public-qr-hint = The QR code holds the mark { $prefix } of the entry: a page that shows another entry is found out.
public-log-key = Key of the ledger:
public-matches = Matches the paper
public-mismatch-title = Not what the paper receipt says
public-mismatch = The mark on the paper belongs to another entry than the one shown here. Keep the paper and tell the auditors or the upper chapter at once.
public-print = Print this page with your browser's Print command.
public-mistake = If something is wrong, tell the chapter and name the entry.

## The statement of a period.

public-report-title = Statement
public-from-to = From { $from } to { $to }.
public-entries = { $count ->
    [one] One entry in the period.
   *[other] { $count } entries in the period.
 }
public-closed = This period is closed and signed:
public-file = the statement file
public-table-places = Money by place
public-table-funds = Funds
public-table-income = Income
public-table-spending = Spending
public-account = Account
public-moved-column = Moved
public-lost = Lost
public-earlier = Correction of earlier periods
public-bridge = They tie: money in all places { $places } = money of the funds { $funds } + held for others { $custody }.
public-families = Households served
public-account-opening-balance = Opening balance
public-account-moved-between-funds = Moved between funds
public-account-donations = Donations in money
public-account-donations-returned = Donations returned
public-account-donations-in-kind = Donations in kind
public-account-support-from-chapters = Support from other chapters
public-account-other-income = Other income
public-account-aid-in-money = Aid in money
public-account-aid-in-kind = Aid in kind
public-account-support-to-chapters = Support to other chapters
public-account-stock-losses = Goods lost in store
public-account-held-for-others = Held for others
public-cost-training = Training
public-account-programme-costs-training = Costs: training
public-cost-transport = Transport
public-account-programme-costs-transport = Costs: transport
public-cost-printing = Printing
public-account-programme-costs-printing = Costs: printing
public-cost-storage = Storage
public-account-programme-costs-storage = Costs: storage
public-cost-bank-fee = Bank fees
public-account-programme-costs-bank-fee = Costs: bank fees
public-cost-communication = Communication
public-account-programme-costs-communication = Costs: communication
public-cost-other = Other
public-account-programme-costs-other = Costs: other
public-account-programme-costs-cash-difference = Cash missing at a count

## Verification.

public-check-title = Verify
public-check-intro = Each voucher is signed by officers and tied to the one before. Nobody, the operator of the server included, can change the past unnoticed.
public-check-how = How to check
public-check-receipt = Do you have a receipt file (.tlog-proof)? Check it in your browser, with nothing to install and nothing sent:
public-check-command = Install this open program and run it; it downloads the ledger and rechecks every hash, signature and figure:
public-check-chain = Or with standard tools alone: the hash computed of entry 1 must be the “prev” of entry 2.
public-check-key = Key of the ledger
public-check-key-why = Compare it with the key printed on receipts, on the notice board or at the upper chapter. If it differs, do not trust this page.
public-check-head = Newest signed head
public-check-size = { $count } entries.
public-check-last = The last one was recorded at
public-checked = The server last checked itself:
public-checked-result = result: { $count ->
    [one] one entry agrees, its signatures, too.
   *[other] all { $count } entries agree, their signatures, too.
 }
public-checked-found = result: over { $count ->
    [one] one entry
   *[other] { $count } entries
 } something stored does not agree. Nothing is written until the operator of the server has mended it.
public-checked-took = It took { $minutes } min { $seconds } s.
public-checked-never = The server has not checked this whole ledger again yet; it does so every night, and each new entry is checked when it is recorded.
public-checked-closed = The ledger is not in order now: no earlier result of a check counts.
public-check-no-head = There is no signed head to show now.
public-check-head-longer = A longer ledger was signed than the one stored here. So nothing is shown as its head until the operator of the server has restored it.
public-check-head-witness = A witness says that it signed a longer ledger than the one stored here. So nothing is shown as its head until it is clear why.
public-check-head-other = Another ledger was signed than the one stored here. So nothing is shown as its head until the operator of the server has restored the right one.
public-check-origin = Name of the ledger:
public-check-files = Files of the ledger
public-check-newest = The ledger that goes on: { $count } entries. It continues the one below.
public-check-continued = A ledger that ended with { $count } entries and is continued by the one above. The log key that signed it:
public-check-limits = What cannot be proved
public-limit-unentered = Gifts that were never entered: keep your receipt and look it up.
public-limit-bank = The real balance at the bank: compared with the bank's statement at closing.
public-limit-families = That the families are real: the auditors look at samples.
public-limit-consent = That people named have agreed: their consent lies with the chapter.
public-limit-signature = The signatures here are not certified digital signatures; the paper signed by hand stays the voucher.
public-limit-machine = The ledger's key and the officers' (sealed) keys are on one machine: who can change the server's program can capture a passphrase when it is typed.
public-limit-witness = No other chapter witnesses this ledger yet; keep the head above to compare later.
public-limit-witness-named = What is newer than the head that a witness signed has not been seen and confirmed by anybody outside yet.
public-limit-auditor = The chapter has no auditor registered in the ledger.

## Warnings.

public-warning-damaged = The ledger's data on this machine is not what was signed. It is closed for writing; the figures below may be wrong.
public-warning-derived = Sums that these pages show did not agree with the entries. The entries themselves are whole and can be verified; sums below may be wrong. The ledger is closed for writing until the operator of the server has rebuilt them.
public-warning-behind = This machine has fewer entries than were signed. The ledger is closed until they are restored; the figures below are incomplete.
public-warning-forked = The entries on this machine are other ones than were signed. The ledger is closed; do not trust the figures below.
public-warning-key = This machine does not have the ledger's key and can sign no new head. The ledger is closed for writing.
public-warning-paused = The ledger takes no entries for a moment; reading goes on.

## About, privacy, help.

public-about-title = About
public-about-1 = Minh Bạch keeps the public books of a Red Cross chapter. Anybody can see what came in, what it was used for and what is left.
public-about-2 = Each voucher is signed by officers, important ones by two. A mistake is reversed by a new entry and never erased.
public-about-3 = The ledger follows open standards (C2SP tlog-tiles, RFC 6962): outsiders recheck it with tools of their own.
public-about-4 = The program is open source under Apache-2.0.
public-privacy-title = Privacy
public-privacy-1 = The public ledger holds no recipient's name, phone number or address. Donors are named only with their consent.
public-privacy-2 = Private values are encrypted, each person's under a key of their own. Erasing destroys the key; the ledger keeps a seal that nobody can open.
public-privacy-3 = These pages have no advertising, no tracking and no script, but for the page that checks a receipt, which sends nothing. Cookies only remember the language that you chose and, with a form, keep the form safe.
public-privacy-4 = The addresses of a receipt and of a sponsor’s page are secrets: whoever has the code can read it. Do not post it.

## Kinds of vouchers.

public-kind-chapter-opened = Ledger opened
public-kind-chapter-changed = Chapter's details changed
public-kind-policy-changed = Policy changed
public-kind-rules-adopted = New rules adopted
public-kind-chapter-closed = Ledger of the chapter closed for good
public-kind-officer-enrolled = Officer enrolled
public-kind-officer-retired = Officer retired
public-kind-key-rotated = Key replaced
public-kind-guardian-named = Guardian named
public-kind-log-key-rotated = Log key replaced
public-kind-witness-named = Witness named
public-kind-place-opened = Place opened
public-kind-place-closed = Place closed
public-kind-fund-opened = Fund opened
public-kind-fund-closed = Fund closed
public-kind-programme-opened = Programme opened
public-kind-item-opened = Item opened
public-kind-store-opened = Store opened
public-kind-opening-balance = Opening balance
public-kind-donation = Donation
public-kind-income = Other income
public-kind-donation-returned = Donation returned
public-kind-aid-paid = Aid paid
public-kind-cost-paid = Cost paid
public-kind-activity-reported = Activity reported
public-kind-transfer = Transfer between places
public-kind-fund-transfer = Transfer between funds
public-kind-sent-to-chapter = Sent to another chapter
public-kind-received-from-chapter = Received from another chapter
public-kind-goods-received = Goods received
public-kind-goods-purchased = Goods purchased
public-kind-goods-returned = Goods returned
public-kind-goods-distributed = Goods handed out
public-kind-handover-returned = Handover returned
public-kind-goods-moved = Goods moved
public-kind-stock-counted = Stock counted
public-kind-cash-counted = Cash counted
public-kind-custody-received = Taken into custody
public-kind-custody-handed-over = Custody handed over
public-kind-custody-returned = Custody returned
public-kind-custody-assigned = Custody turned into a gift
public-kind-loan-approved = Loan approved
public-kind-loan-cancelled = Loan cancelled
public-kind-loan-disbursed = Loan paid out
public-kind-loan-repaid = Loan repaid
public-kind-loan-fee-waived = Loan fee waived
public-kind-loan-rescheduled = Loan rescheduled
public-kind-loan-written-off = Loan written off
public-kind-loan-recovered = Loan recovered
public-kind-reversed = Reversal
public-kind-period-closed = Period closed
public-kind-period-audited = Period audited
public-kind-statement-published = Statement published
public-kind-privacy-erased = Private data erased
public-donor-person = a person
public-donor-organisation = an organisation
public-donor-collection = a collection
public-donor-unknown = sender unknown
public-income-bank-interest = bank interest
public-income-other = other
public-custody-named-family = for a named family
public-custody-mistaken = sent by mistake
public-custody-unidentified = purpose unknown
public-custody-overpaid = overpaid

## Members of vouchers.

member-account = Account number
member-address = Address
member-agent-orange = Agent Orange
member-allow-expired = Expired allowed
member-amount = Amount
member-as = As
member-as-of = As of
member-away = Signed away from the server
member-bank = Bank statement
member-bank-bin = Bank code
member-books-from = Books from
member-category = Category
member-chapter = Chapter
member-checkpoint = Checkpoint
member-class = Class
member-closing = Closing
member-code = Code
member-compromised-from-seq = Compromised from entry
member-condition = Condition
member-continues = Continues
member-costs = Costs allowed
member-count = Count
member-counted = Counted
member-counts = By category
member-currency = Currency
member-custody = Custody
member-denominations = Denominations
member-description = Description
member-difference = Difference
member-differences = Differences
member-direction = Direction
member-disability = Disability
member-disaster = Disaster
member-disbursed = Disbursed
member-donor = Donor
member-due = Due
member-earlier = Earlier periods
member-entries = Entries
member-expiry = Expiry
member-extra = Extra
member-fee = Fee
member-fee-total = Total fee
member-fees-paid = Fees paid
member-figure = Figure
member-figures = Figures
member-from = From
member-from-fund = From fund
member-from-place = From place
member-from-size = From size
member-from-store = From store
member-fund = Fund
member-funds = Funds
member-gifts = Gifts used
member-goods = Goods
member-group = Group
member-guardian = Guardian
member-id = Id
member-in = In
member-item = Item
member-items = Items
member-kinds = Kinds
member-line = Line
member-lines = Lines
member-loan = Loan
member-loans = Loans
member-log = Ledger
member-log-key = Log key
member-lonely-elderly = Lonely elderly
member-lost = Lost
member-lot = Lot
member-lots = Lots
member-method = Method
member-money = Money
member-moved = Moved
member-name = Name
member-near-poor = Near poor
member-new-vkey = New key
member-no = Number
member-number = Number
member-of = Of
member-officer = Officer
member-officers = Officers
member-old-vkey = Old key
member-opening = Opening
member-orphan = Orphans
member-other = Other
member-out = Out
member-paid = Paid
member-paper-no = Paper slip
member-papers = Papers
member-par30 = Overdue over 30 days
member-par90 = Overdue over 90 days
member-payee = Payee
member-person = Person
member-place = Place
member-places = Places
member-policy = Policy
member-poor = Poor
member-principal = Principal
member-programme = Programme
member-programmes = Programmes
member-province = Province
member-purpose = Purpose
member-quantity = Quantity
member-reason = Reason
member-received = Received
member-received-on = Received on
member-recently-out-of-poverty = Recently out of poverty
member-result = Result
member-roles = Roles
member-round = Round
member-rules = Rules
member-running = Running
member-sample = Sample
member-scale = Scale
member-sender = Sender
member-seq = Entry
member-serious-illness = Serious illness
member-sha256 = SHA-256
member-slug = Short name
member-spent = Spent
member-statement = Statement
member-statement-balance = Bank's balance
member-stock = Stock
member-store = Store
member-target = Target
member-terms = Terms
member-text = Text
member-through = Through
member-title = Title
member-to = To
member-to-fund = To fund
member-to-log = To ledger
member-to-place = To place
member-to-store = To store
member-two-above = Two signatures above
member-type = Type
member-unit = Unit
member-until = Until
member-upper = Upper chapter
member-url = Address
member-utc-offset = UTC offset
member-value = Value
member-vkey = Key
member-whole = Whole
chapter-ended = This ledger is closed: no more money in or out.

keys-title = Keys and signers
keys-lead = Each signature in the ledger is by one of these keys. No key is ever taken off this page.
keys-disputed = A key was in strange hands. Its signatures from the entry named below on stay in the ledger and are marked as disputed: ask the chapter about each.
keys-log = Keys of the ledger
keys-log-lead = This key signs the checkpoints. Compare it with the one on a receipt or on the notice board.
keys-present = In force
keys-past = Ended
keys-later = From later on
keys-log-from = From a size of { $size } entries on.
keys-log-between = From a size of { $size } entries to below { $until }.
keys-officers = Keys of signers
keys-officers-lead = Legal names are sealed; titles are public.
keys-compromised = Compromised
keys-roles = May do
keys-from = Registered in entry
keys-ended = Ended in entry
keys-disputed-from = Disputed from entry
keys-key = Key
keys-policy = Who has to sign
keys-two = Whatever leaves the chapter, changes of officers and keys, closings: two different persons.
keys-two-above = Other vouchers need two above
keys-away = The approver signs on another machine
keys-witnesses = Witnesses
