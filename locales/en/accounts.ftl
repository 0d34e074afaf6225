### Published figures: charts, flows, downloads, open data.

## The accounts by account.

accounts-year = { $year }
accounts-days = From { $from } to { $to }
accounts-from = From
accounts-to = To
accounts-only = Only the entries of:
accounts-all = See all money in and out
accounts-more = More
accounts-less = Less
accounts-net = More less less
accounts-minus = Reversals are negative.
accounts-filter = What was chosen
accounts-group-thu = Income in all (received)
accounts-group-chi = Spending in all
accounts-group-mat = Lost
accounts-group-da-dung = Used
accounts-group-dau-ky = Opening balance of the books
accounts-group-chuyen-quy = Moved between funds
accounts-group-dieu-chinh = Corrections of earlier periods
accounts-group-hang = Goods in stock (value)
accounts-group-vay = Principal out on loan

## Charts.

chart-by-time = In and out over time
chart-above = Upper line: { $amount }
chart-below = Lower line: { $amount }
chart-table = See the figures of this chart as a table
chart-share = Share
chart-no-programme = Without a programme
chart-spent = Spent by programme, { $span }
chart-spent-year = Spent by programme
chart-left = Left at the end
chart-stock = Value of goods in, out and left, by month
chart-chapter = Money in and out, the last 12 months

## Flow.

flow-title = Where the money went
flow-lead = Where the fund's money and goods came from, and what became of them. Both sides are always equal; each line leads to its entries.
flow-picture = Flow of { $fund }, from sources to uses
flow-since = Since { $from }.
flow-left-side = Left: where it came from
flow-right-side = Right: what became of it
flow-sources = Where it came from
flow-uses = What became of it
flow-ties = Both tables add up to the same: opening balance + income = spent + lost + what is there (money, goods in stock, loans).
flow-nothing = Nothing happened in the fund in this period.
flow-opening = Opening balance
flow-moved = Moved between funds
flow-left = Money left
flow-goods = Goods in stock
flow-lent = Out on loan
flow-others = Other programmes

## One item.

item-lead = Every entry that brought or took this item, all stores together; moves between stores do not count.
item-value = Value

## Downloads.

table-source = Source
table-chapter = Chapter
table-log = Ledger
table-size = Entries of the ledger
table-at = Last entry at
table-download = Download this table:
table-fund-type = Type of fund
table-name-form = Form of the name
table-unit = Unit
table-purpose = Purpose
table-by-kind = Money by place and kind of voucher
table-money = Money
table-entry = Entry
table-sent-by = Sent by
table-sent-on = Sent on
table-received-by = Received by
table-received-on = Received on
fault-422-rows = What you chose has more than 50,000 rows, more than a spreadsheet should have. Choose a shorter period, or download CSV or JSON: these have no limit.

## Feed and 360Giving.

feed-title = Ledger of { $chapter }: newest entries
grants-title = What { $chapter } handed over
grants-recipients = Recipients (not named)
grants-description = { $what }, { $day }: { $amount }. The recipients are not named; their identifier is made from the entry, not from a family.

## Open data.

api-title = Open data
api-lead = All published figures can be downloaded, by people and by programs: spreadsheets, a feed, a JSON API, and the very files of the ledger to verify.
api-grants = What was handed over, in the 360Giving form (JSON)
api-feed = Atom feed: new entries, newly closed statements
api-files = The signed files of the ledger:
api-json = JSON API, version 1
api-json-lead = Read-only, no key, other sites may call it (CORS). Fully described by OpenAPI 3.1:
api-routes = Addresses
api-address = Address
api-answer = Answer
api-chapters = The chapters with a ledger here
api-chapter = One chapter: figures, places of money, programmes, funds
api-entries = Entries, filtered as on the accounts page, at most 200 at a time
api-entry = One entry with its signed voucher
api-funds = Funds; add /code for one of them
api-stock = Goods: in, out, left, value
api-loans = Loans, without names
api-statements = The statements whose digests the ledger holds
api-statement = One statement, byte for byte as it was signed
api-checkpoint = The signed head of each ledger
api-examples = Examples
api-example-month = Aid in money of October 2026:
api-example-account = Every entry of transport costs:
api-example-same = Ask again without downloading again: with an old ETag, an unchanged ledger answers 304:
api-rules = How to read it
api-rule-amounts = Amounts are integers in the smallest unit of the currency (the đồng has no decimals); days are written 2026-11-05; quantities with a full stop.
api-rule-pages = Long lists come in parts: “next” is the address of the next one, “limit” is 1 to 200.
api-rule-problems = A wrong parameter is answered with 400 and says what is wrong (RFC 9457); an unknown one is never passed over.
api-rule-tags = The ETag changes when the ledger gets a new entry.
api-rule-csv = CSV: UTF-8 with a byte order mark; a cell that begins like a formula has an apostrophe before it. XLSX: texts are texts, money is numbers, the last line is the sum.
api-rule-hxl = Add hxl=1 to the address of a CSV file for a row of HXL hashtags under the titles.
api-rule-grants = 360Giving: each entry that handed something over is a grant; its identifier is the name of the ledger and the number of the entry (not a prefix registered with 360Giving); recipients are not named, and their identifier is made from the entry, never from a family.
api-rule-private = Nowhere here is the name of a family, of a borrower, or of a donor who did not agree to be named.
api-rule-trust = These files are made by the server from the ledger. To trust nothing but signatures, download the files of the ledger and run minhbach verify.
api-licences = Licences
api-licence-figures = The chapter publishes these figures for everybody to see, copy and check; please name the source. It has not chosen a named open-data licence for them.
api-licence-software = Software: Apache-2.0. Fonts in PDF papers: SIL OFL 1.1.
