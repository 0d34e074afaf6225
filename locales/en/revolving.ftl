### Loans: the public page of a revolving fund, each loan, and the words on receipts.

lent-title = Loans
lent-lead = Revolving money that families in need borrow to earn a living. What they pay back is lent to others. All amounts are here, and nobody's name.
lent-none = The chapter has no revolving fund.
lent-loan = a loan
lent-opening = Opening { $number }

## The figures of a fund.

lent-given = Capital given
lent-in-all = Lent in all
lent-outstanding = Out on loan
lent-repaid = Principal repaid
lent-lost = Capital lost
lent-reserved = Set aside for approved loans
lent-at-hand-figure = Money at hand
lent-times = Turned over
lent-times-value = { $times } times
lent-made = Loans made
lent-families = Families' loans
lent-rate = Repayment rate
lent-not-yet = none yet
lent-times-words = Turned over = lent in all divided by the capital given: how many times one đồng of it was lent.
lent-rate-words = Repayment rate = principal repaid divided by principal repaid and written off. What is still out does not count.
lent-families-words = Each loan counts as one: a family that borrowed twice counts twice.
lent-carried = { $amount } of it was lent before the books began.
lent-waiting = { $loans ->
    [one] One loan is
   *[other] { $loans } loans are
} approved and not paid out yet: { $amount }.
lent-losses = Capital lost = written off { $written_off } − recovered { $recovered }.
lent-capital = Where the capital came from
lent-opening-balance = There when the books began
lent-donated = Donations
lent-supported = From other chapters
lent-returned-gifts = Given back to donors
lent-moved = From other funds, less moved to them
lent-ties = It ties: capital given { $given } + fees and other income { $earned } − used { $spent } − capital lost { $lost } = out on loan { $outstanding } + at hand { $money }{ $stock ->
    [none] .
   *[other] { " " }+ goods in store { $stock }.
}

## By year.

lent-years = Lent and repaid by year
lent-chart = Chart: how much was lent and repaid each year. The table right below has the figures.
lent-chart-lent = Lent
lent-chart-repaid = Principal repaid
lent-year = Year
lent-year-loans = Loans
lent-year-fees = Fees
lent-year-written-off = Written off
lent-year-recovered = Recovered

## The list of loans.

lent-loans = Loans
lent-loans-of = Loans of { $fund }
lent-loans-lead = Newest first. No names, addresses, schedules, and nobody's arrears.
lent-all-loans = See the loans of all funds
lent-no-loans = No loan yet.
lent-count = { $count ->
    [one] One loan.
   *[other] { $count } loans.
}
lent-number = Loan
lent-day = Paid out on
lent-day-purpose = Paid out on, purpose
lent-day-state = Paid out on, turn, state
lent-paid-back = Repaid
lent-purpose = Purpose
lent-principal = Principal
lent-fee = Fee
lent-owed = Owed
lent-state = State
lent-state-running = Running
lent-state-fee = Only the fee is owed
lent-state-settled = Settled
lent-state-written-off = Written off

## Lateness, as closings have it.

lent-late = Overdue loans
lent-late-figures = When { $month } was closed: { $running } loans running; owed by loans more than 30 days late { $par30 }, more than 90 days late { $par90 }.
lent-late-words = This is the officers' signed word: the schedules lie with the chapter, the auditor can work it out again, the public ledger cannot. Told only where at least 5 loans run.

## One loan.

lent-loan-title = Loan { $loan }
lent-back = All loans
lent-step-approved = Approved
lent-step-paid-out = Paid out
lent-step-before = Lent before the books
lent-step-opening = In the ledger
lent-step-repaying = Repayments
lent-step-settled = Settled
lent-step-written-off = Written off
lent-approved-on = Approved on
lent-fund = Lending fund
lent-fee-paid = Fee paid
lent-fee-waived = Fee waived
lent-fee-owed = Fee owed
lent-written-off = Written off
lent-recovered = Recovered afterwards
lent-before = { $amount } of it was repaid before the books began.
lent-moves = All that was lent and paid
lent-principal-part = Principal
lent-private = The borrower, the schedule and lateness are private and not here.
lent-sources = Where the money came from
lent-sources-lead = Gifts are lent in the order in which they came into the fund. Turn 1 is the first time; what came back and was lent again is in turn 2.
lent-turn = Turn
lent-gifts = Gifts
lent-gift-entries = Their entries:
lent-more-gifts = and { $count } more

## On receipts.

lent-of-gift = Where it was lent
lent-sentence = Of your { $amount }: { $lent } { $loans ->
    [one] was lent in one loan
   *[other] was lent in { $loans } loans
} ({ $times } times)
lent-at-hand = { $amount } at hand in the fund
lent-out = { $amount } out on loan in { $loans }
lent-out-many = { $amount } out on loan in { $count } loans
lent-spent = { $amount } used
lent-goods = { $amount } in goods not handed out yet
lent-passed-on = { $amount } passed on to another chapter
lent-part-lost = { $amount } lost
lent-returned = { $amount } given back
lent-row-lent = Of your gift
lent-row-back = Came back
lent-row-out = Out on loan
lent-row-lost = Lost
lent-lost-part = Lost
lent-earlier = Earlier
lent-rule = Lending is not using: what comes back is lent again, so more can be lent in all than was given. Times = lent in all divided by the gift.
lent-trace = { $amount } lent in all.

## Vouchers of loans in words.

lent-said-loan-approved = Loan { $loan } approved: { $principal }
lent-said-loan-cancelled = Approval of { $loan } cancelled
lent-said-loan-disbursed = Lent { $loan }: { $principal }
lent-said-loan-repaid = Repayment of { $loan }: principal { $principal } + fee { $fee }
lent-said-custody-assigned = Held money became a repayment of { $loan }: principal { $principal } + fee { $fee }
lent-said-loan-fee-waived = Fee of { $loan } waived: { $fee }
lent-said-loan-rescheduled = Loan rescheduled (which one is private)
lent-said-loan-written-off = { $loan } written off: { $principal }
lent-said-loan-recovered = Recovered of { $loan }, written off before: { $principal }

## A chapter's page, statements.

lent-of-that = Of that on loan
lent-figures-tie = Balance + out on loan = opening balance + received − used + held for others. Lending does not count as used; what each fund has left includes what is out on loan.
lent-figures-tie-goods = Balance + out on loan + value in store = opening balance + received − used + held for others. Lending does not count as used; what each fund has left includes what is out on loan, and goods.
lent-report = Principal out on loan
lent-report-change = Change
public-account-service-fees = Service fees of loans
public-account-recoveries = Recovered of loans written off
public-account-loan-losses = Loan losses (written off)
public-account-loans-receivable = Principal out on loan
public-by-kind = By kind of voucher
public-limit-arrears = Whether borrowers pay on time: schedules are private, and arrears are the chapter's word; the auditor can work them out again.
