### Giving: how to give, funds and campaigns, giving codes, money of unknown purpose.


## Public pages.

give-title = Give
give-lead = Choose a fund, then make a transfer with exactly its code as the message. Every gift enters the public accounts, where you can see what it was used for.
give-none = The chapter asks for no gifts at present. You can still come to its office.
give-transfer = By bank transfer
give-qr = VietQR code for a transfer
give-qr-hint = Open your banking app and scan the code. Before you confirm, compare the recipient, the account number and the message: some apps drop the message.
give-no-qr = There is no QR code for this account yet; please make the transfer by the lines below.
give-content = Message of the transfer
give-content-hint = Write exactly this code; you may add words of your own behind it. The code brings your money to the right fund.
give-bank = Bank
give-bin = Bank with the BIN { $bin }
give-number = Account number
give-number-missing = Not in the ledger yet; please ask at the office.
give-holder = Account holder
give-from-ledger = The account number comes from the chapter's signed ledger: nobody can change it without leaving a trace. See:
give-print = Printed, this page is a giving sheet with a large QR code.
give-no-account = The chapter has no bank account for this fund yet; please give at the office.
give-field-fund = Fund
give-field-amount = Amount
give-amount-hint = Optional. For example: 500.000. The QR code then holds the amount.
give-make = Make the QR code
give-funds = Funds that take gifts
give-of = of { $target } ({ $percent } %)
give-until = until { $day }
give-from = from { $day }
give-from-to = from { $from } to { $to }
give-to = Give to { $fund }
give-all-funds = All funds
give-cash = Cash at the office
give-cash-at = Address:
give-receipt-rule = Always ask for a receipt with a number and a code: no receipt, no money.
give-goods = Goods
give-goods-none = Please call first and ask what is needed and where it is taken.
give-goods-rule = Goods get a slip and a receipt, too: what, how much, best before.
give-after = Afterwards
give-after-words = A transfer with the right code is recorded for its fund when the chapter reads its bank statement, and then stands on the fund's page. A mistyped code never goes to another fund: the money is held until the sender is found. For a receipt, please tell the chapter day and amount.
give-funds-lead = Every fund has a purpose of its own; its money is used for nothing else.
give-no-funds = There is no fund yet.
give-state = State
give-target = Target
give-missing = Still missing
give-progress = Received { $received } of { $target } ({ $percent } %).
give-taking-open = Takes gifts
give-taking-not-yet = Takes gifts from { $day }
give-taking-over = The appeal ended on { $day }
give-taking-not-asked = Asks for no gifts
give-taking-closed = Closed
give-closed = This fund is closed: it takes and spends nothing any more. Everything can still be seen.
give-closed-rest = Where the rest went: see the transfers between funds below.
give-earlier = Corrections of earlier periods
give-where = Where the fund's money is
give-in-goods = Bought, not handed out yet
give-at-hand = Left as money
give-terms = What it may be used for
give-costs-yes = A part may pay for organising, with papers.
give-costs-no = Nothing of it may pay for organising.
give-programmes = Only for the programme:
give-kinds = Only by:
give-use-until = To be used until { $day }.
give-opened = The terms as they were signed, entry { $seq }
give-with-amount = Make a QR code with an amount
give-spending = Used, by programme
give-programme = Programme
give-no-programme = Without a programme
give-latest = Newest gifts
give-giver = Giver
give-unnamed = Name not published
give-names-rule = Names are shown only where the giver agreed.
give-moves = Between funds
give-lends = This fund lends to families in need; { $lent } is out on loan.
give-sponsors = The money of this fund comes from sponsors, for families that were chosen; who helps whom is not published. Every sponsor has a page of their own, opened by a code. To become a sponsor, please ask at the office.
give-accounts = The fund's accounts


## The desk: how people give.

give-desk = How people give
give-desk-lead = Which funds take gifts, under which code, into which account. The public page shows exactly this.
give-see = See the page
give-see-fund = See the fund's page
give-kept = Saved.
give-code = Giving code
give-no-bank = No bank account yet
give-words-only = in words only, without a QR code: the ledger has no BIN or no valid account number
give-signed = Account number and BIN come from the entry that opened the place, with two signatures, so they can't be edited here: another account is another place.
give-texts = Cash and goods
give-texts-lead = The address comes from the ledger. Where English is left empty, the English page shows Vietnamese.
give-office-vi = When cash is taken, and by whom
give-office-en = The same in English
give-office-hint = For example: Monday to Friday, 8–11, ask for the treasurer
give-goods-vi = Which goods are taken, and where
give-goods-en = The same in English
give-goods-hint = For example: rice, noodles, good warm clothes; no opened medicine
give-open = Take gifts into this fund
give-open-yes = Yes, show it on the giving page
give-open-no = No
give-name = Name in the code
give-name-hint = 2 to 12 letters without marks and digits, without I, L, O, U. GQ stands before the name, and behind it a check letter that is added by itself. Older codes still lead to this fund.
give-place = Bank account
give-place-hint = Empty: the chapter's first bank account
give-turn = Place on the page
give-turn-hint = A number from 0 to 999, small ones first
give-greeting-vi = A word to givers
give-greeting-en = A word to givers, in English
give-greeting-hint = A few lines above the QR code; never the name of a family
give-former = Older codes that still lead to this fund:
give-fault-moved = Somebody else has just changed how people give. What you typed is still here: look at it and save again.
give-fault-taken = { $label }: this code leads or led to the fund “{ $fund }”, or is easily taken for one that does; choose another name
give-fault-length = { $label }: 2 to 12 letters and digits
give-fault-letter = { $label }: only letters A–Z without marks and without I, L, O, U, and digits
give-fault-turn = { $label }: type a number from 0 to 999


## Statements: giving codes in the text of a line.

give-line-fund = Code { $code }: { $fund }
give-line-closed = Code { $code } of a closed fund ({ $fund }): held until it is clear
give-line-several = Codes of several funds: held until it is clear
give-line-near = A mistyped code, near { $code } ({ $fund }): held until it is clear
give-line-unknown = A code of no fund here: held until it is clear
give-import-lead = Money with a giving code in its text is proposed for that code's fund.


## Money of unknown purpose.

give-loose = Money of unknown purpose
give-loose-today = { $number } amounts came in of which it is not clear from whom or what for
give-loose-lead = Money that came in and of which it is not known what for: held for others, or in the general fund without a code. Reading the banks' texts here is noted in the log of openings.
give-loose-waits = { $number } amounts are held until it is clear.
give-loose-files = { $number } statements wait
give-loose-words = Words of the bank's text
give-loose-words-hint = Marks don't matter; all words must be there
give-loose-from = From
give-loose-to = To
give-loose-found = { $number } amounts
give-loose-none = There is nothing like that.
give-loose-gift = A gift into the general fund, without a code
give-loose-left = { $amount } left
give-loose-do = What to do
give-loose-assign = Record as a gift
give-loose-return = Give back
give-loose-move = Move to another fund
