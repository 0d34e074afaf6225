# Goods: items, stores, receipts, issues, counts.

slip-item = Open an item
slip-lead-item = Each item is counted in one unit. Name and unit are public; the code is not used again.
slip-store = Open a store
slip-lead-store = Where goods are kept: the chapter’s store, the village hall, an officer’s house.
slip-goods-received = Goods in: gifts in kind
slip-lead-goods-received = Each row is a lot. Its value is a fair price for the whole lot where it was received; 0 if unknown.
slip-goods-purchased = Goods in: a purchase
slip-lead-goods-purchased = Money leaves the fund, goods come into the store. What it cost to bring them is shared among the lots.
slip-goods-distributed = Goods out: distribution
slip-lead-goods-distributed = Each family gets the same. What expires first goes out first.
slip-handover-returned = Take back what was not handed over
slip-lead-handover-returned = Absent families: money or goods go back to the very sources that were used, the last taken first.
slip-goods-moved = Move goods
slip-lead-goods-moved = Goods change their store; lot and expiry stay.
slip-goods-returned = Return goods
slip-lead-goods-returned = To the supplier or the giver, of what is still in the store.
slip-stock-counted = Count a store
slip-lead-stock-counted = Write down only what differs from the book. Expired goods leave the book here, for the reason “Expired”.
slip-money-sent = Send money to another chapter
slip-lead-money-sent = The other chapter’s ledger leads the gift’s way on.
slip-goods-sent = Send goods to another chapter
slip-lead-goods-sent = The other chapter’s ledger leads the goods’ way on.
slip-money-from-chapter = Money from another chapter
slip-lead-money-from-chapter = Give the sender’s ledger and voucher exactly: each sending is received once.
slip-goods-from-chapter = Goods from another chapter
slip-lead-goods-from-chapter = Give the sender’s ledger and voucher exactly: each sending is received once.
slip-goods-custody = Goods held for others
slip-lead-goods-custody = A gift for one family by name: not the chapter’s, counted and never valued.
slip-goods-custody-handed = Hand over goods held for others
slip-lead-goods-custody-handed = To the family that they were meant for.
slip-goods-custody-returned = Return goods held for others
slip-lead-goods-custody-returned = Back to the giver.
slip-goods-opening = Opening stock
slip-lead-goods-opening = Goods in store before the books began. Before the first other voucher.

field-item-name = Name of the item
field-unit = Unit
field-whole = How it is counted
field-store-name = Name of the store
field-store = Store
field-store-in = Into store
field-store-out = Out of store
field-lot-item = Item
field-lot-quantity = Quantity
field-lot-value = Value of the lot
field-lot-expiry = Expiry
field-lot-condition = Condition
field-extra = Cost of bringing it
field-allow-expired = Expired goods
field-absent = Families not served
field-amount-back = Amount paid back
field-count-direction = Difference
field-count-quantity = Quantity that differs
field-count-reason = Reason
field-to-log = Ledger of the receiving chapter
field-sender-log = Ledger of the sending chapter
field-sender-id = Voucher id of the sending chapter
field-goods-what = Goods

hint-item-name = For example: Rice, Quilt, Tết gift
hint-unit = For example: kg, piece, portion
hint-store-name = For example: Commune office store
hint-lots = Open an item first if it is not in the list. Expiry as 31/12/2026, or empty. Empty rows are left out.
hint-lots-bought = The value is what was paid for the whole lot. Empty rows are left out.
hint-lots-from-chapter = Values as in the sender’s ledger. Empty rows are left out.
hint-extra = Transport, loading: shared by value, the remainder on the last lot.
hint-each = What one family gets.
hint-expired = Say yes only where the goods are still good and two officers answer for it.
hint-absent = How many of the list did not get theirs this time.
hint-place-back = Empty: back to where it was paid from.
hint-paid-back = What the supplier pays back; empty if nothing.
hint-differences = One row for each item that differs. Empty rows are left out.
hint-to-log = The ledger’s address as on the other chapter’s page “How to check”, for example so.chuthapdo.example/xuan-dong
hint-sender-log = The ledger’s address as on the sender’s page “How to check”.
hint-sender-id = On the sender’s page of the voucher (36 characters).

rows-lots = Lots
rows-items = Goods
rows-each = Each family gets
rows-back = Goods that came back
rows-held = Goods held for others
rows-differences = Differences

unit-whole = Whole pieces
unit-parts = With decimals (weighed, measured)
expired-no = Not handed out
expired-yes = May be handed out

fault-row-item = { $label }, row { $row }: choose an item
fault-row-quantity = { $label }, row { $row }: a quantity above 0 with at most 3 decimals, such as 12 or 12.5
fault-row-value = { $label }, row { $row }: an amount, or 0 if unknown
fault-row-day = { $label }, row { $row }: a day such as 31/12/2026
fault-row-text = { $label }, row { $row }: fill this in, at most 200 characters
fault-row-choice = { $label }, row { $row }: choose one
fault-rows-none = { $label }: at least one row, at most 400
fault-log = { $label }: the ledger’s address as on its page “How to check”, such as so.chuthapdo.example/xuan-dong
fault-voucher-id = { $label }: all 36 characters as on the sender’s page of the voucher

desk-stock = Store
stock-title = Goods in store
stock-none = There is nothing in store.
stock-item = Item
stock-fund = Fund
stock-quantity = In store
stock-value = Value
stock-expiry = Next expiry
stock-expired = Expired
stock-expires-soon = Expires soon
stock-card = Stock card
stock-card-lead = Each receipt and issue, and what was left after it.
stock-in = In
stock-out = Out
stock-left = Left
stock-lots = Lots that are left
stock-lot = Lot of entry
stock-warning = { $number ->
    [0] No lot expires soon.
    [one] One lot has expired or expires within 30 days.
   *[other] { $number } lots have expired or expire within 30 days.
 }
stock-held = Goods held for others
stock-download = Download the table (CSV)
today-goods = Goods

voucher-lots = Lots
voucher-items = Goods
voucher-goods = Goods
voucher-whole = How it is counted
voucher-sender-log = Ledger of the sending chapter
voucher-sender-id = Voucher id of the sending chapter
voucher-differences = Differences
voucher-allow-expired = Expired goods may be handed out
voucher-each = Each family gets
lot-until = good until
changes-stock = Store
stock-years = Years
stock-begin = To begin:
action-goods-back = Return goods
action-not-handed = Take back what was not handed over
tasks-goods = Goods
tasks-chapters = Between chapters
fault-number = { $label }: a number of 1 or more

goods-public-title = Goods
goods-public-lead = Goods that the chapter was given or bought, handed out, and still has in store. The value is that of the books, not cash.
goods-public-worth = Value in store
goods-public-table = Since the books began
goods-public-none = There are no goods in the ledger yet.
goods-public-held = Gifts for one family by name, which the chapter only carries: they are not the chapter’s.
carried-on = Received on
carried-received = Received
carried-handed = Handed over
carried-returned = Given back
carried-held = Still held
carried-with = Handed over or given back with

public-received-goods = The chapter received goods on { $date }
public-goods-value = Value in the books: { $amount } (not cash)
public-goods-left = still in store
public-goods-not-used = Nothing was handed out yet; day and programme will stand here.
public-goods-rule = What expires first goes out first. This page does not say which family got it.
part-passed-on = Passed on to another chapter
part-lost = Lost or spoiled
public-goods-held-left = still held by the chapter
public-figures-tie-goods = Balance + value in store = opening balance + received − used + held for others. Goods are in what was received and used, and in what each fund has left.
