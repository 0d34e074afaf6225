### Finding gifts, receipts, names that are shown, the accessibility statement.


## Finding gifts.

find-title = Find a gift
find-lead = By day, amount, part of a published name, or fund; fill in any of them. Typing without marks works, too. Only the public ledger is searched.
find-from = From
find-from-hint = The day on which the chapter received it, such as 05/11/2026. One day alone means that day.
find-to = Until
find-to-hint = Leave empty for one day.
find-amount = Amount
find-name = Part of a published name
find-name-hint = For example: nguyen van a. A name that is not published is not found.
find-kind = Kind
find-kind-money = Money
find-kind-goods = Goods
find-fund = Fund
find-go = Find
find-found = What was found
find-received-on = Received
find-pages = Pages of what was found
find-first = Back to the first
find-next = Earlier gifts
find-no-codes = What is found leads to the public entry, not to a receipt. A receipt opens with the code printed on it alone.
find-nothing = Nothing was found.
find-nothing-day = Try another day: a transfer is booked on the day on which it reached the chapter's account, perhaps later than you sent it.
find-nothing-amount = Check the amount: the bank may have taken a fee.
find-nothing-name = A name is found only when the giver agreed to publish it; leave that field empty.
find-nothing-wait = A new transfer may not be in the ledger yet: statements are usually taken in after some days.
find-nothing-ask = Still nothing? Ask the chapter, or send
find-other-ways = Other ways
find-by-reference = Find by the bank's reference
find-by-code = See a receipt by its code
find-in-accounts = See all gifts of money
find-without-code = No receipt code? Find by day, amount or name
find-in-chapter = Find in the ledger of { $name }
find-reference-lead = All three have to be right: the day of arrival, the amount and the reference. The page says yes or no, with the public entry.
find-day = Day of arrival in the chapter's account
find-day-hint = Usually the day on which you sent it, such as 05/11/2026.
find-reference = The bank's reference
find-reference-hint = As in the bank's message or slip, such as FT26309123456.
find-reference-private = The reference is not kept and is in no address. Only a few tries a minute are answered.
find-fault-order = { $label }: must not be before the first day
find-fault-name = { $label }: at least one letter or digit is needed
find-fault-reference = { $label }: 6 or more letters and digits are needed, at least one a digit


## Receipts.

receipt-lent-times = Lent { $lent } in all, { $times } times over.
receipt-name-change = Change how my name is shown
receipt-keep = Keep it
receipt-share = Share
receipt-share-entry = To show it to friends, share the public entry: it does not give away your receipt code.
receipt-entry-link = Public link
receipt-copy-hint = Tap the field, select all, copy, and paste it into Zalo or a message.
receipt-facebook = Share the entry on Facebook
receipt-share-whole = Share this whole receipt
receipt-share-warning = Whoever has this link sees the receipt and can hide your name. Send it only to people you trust.
receipt-own-link = The receipt's own link
receipt-letter = Send the receipt's own link by mail
receipt-letter-subject = Receipt of the Red Cross chapter
receipt-mistake = Something wrong?


## Names that are shown.

name-less = Show less
name-lessen = Show initials only
name-more = Ask to show more
name-more-lead = A name is shown only when an officer has recorded that you agree. Send this request and the chapter will get in touch to confirm, or come to its office with the receipt.
name-wanted = How you want your name to be shown
name-masked = Initials, such as N. V. A.
name-full = The full name
name-contact-hint = Optional: a telephone number or mail address, so that the chapter can confirm. It is encrypted; only the officer in charge opens it.
name-words = A word to the chapter (optional)
name-ask = Send the request
name-no-words = (The sender wrote nothing more.)


## Accessibility.

access-title = Accessibility
access-lead = These pages follow the Web Content Accessibility Guidelines WCAG 2.2, level AA.
access-can = What you can do
access-can-1 = Use every page without JavaScript, with the keyboard alone, or with a screen reader.
access-can-2 = Enlarge text to 200 %, or use a screen 320 pixels wide, without losing content.
access-can-3 = Tell in from out and right from wrong by words and signs, not by colour alone.
access-can-4 = Read the figures of each chart in a table beside it.
access-can-5 = Switch between Vietnamese and English on every page, and print every page in black and white.
access-tested = What was tested
access-tested-1 = The checker axe on the pages, in both languages, 360 and 1280 pixels wide: no violation is left.
access-tested-2 = Valid HTML; contrast of text from 4.5:1; buttons from 44 pixels high.
access-tested-3 = Forms, tables and error messages build on GOV.UK Frontend, which is tested with disabled people.
access-tested-4 = PDF files have a structure for screen readers (PDF/UA-1).
access-limits = Known limits
access-limits-1 = No test with blind users in Vietnam has been made yet.
access-limits-2 = Hashes, keys and codes are long strings, hard to listen to; the downloads hold the same.
access-limits-3 = QR codes are for scanning only; the same link always stands beside them as text.
access-limits-4 = Very long tables become cards on a phone; for the whole table download the CSV file.
access-help = What to do when something can't be used
access-help-text = Tell the chapter which page, and with which device; it will answer and give you the information in another way. You need not say who you are:
access-date = Written on 29 November 2026.


## Privacy: searches and complaints.

privacy-complaints = Complaints to the chapter are encrypted and never published word for word. A contact is destroyed 30 days after the answer, or as soon as you wish.
privacy-search = The search looks only into what is public. A bank's reference that you type is not kept.
privacy-yours = What is kept about you
privacy-yours-text = To see, mend, hide or erase what is kept about you, come to the chapter's office, or send
