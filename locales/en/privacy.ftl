### Donors’ names; private values restricted and erased.

desk-donors = Donors
donors-lead = A name is public only while its donor agrees. These are all names that are shown.
donors-caption = Names shown in public
donors-name = Name shown
donors-since = Shown since
donors-change = Change
donors-edit = Change or withdraw
donors-none = No name is shown in public.
names-link = The donor’s name: consent, withdrawal
names-title = The donor’s name
names-hidden = The name is on no public page.
names-shown = Shown in public:
names-full-name = full name
names-masked-name = initials
names-consents = Consents on record
names-general = for all gifts
names-this-gift = for this gift
names-publish-title = Record a consent and show the name
names-publish-lead = The name appears at once on the entry’s page, on the receipt and in the published file. Copies that others made can’t be called back: say so when you ask for consent.
names-name = Which name
names-name-hint = Only the very name that the donor agreed to.
names-given-on = Day of the consent
names-how = How it was given
names-how-hint = For example: signed the consent form, by message. Only officers read it.
names-publish = Record and show the name
names-withdraw-title = Withdraw
names-withdraw-lead = A donor may withdraw at any time and need give no reason. The name goes at once.
names-scope = Withdraw for
names-scope-gift = This gift alone
names-scope-all = All gifts of this donor
names-withdraw = Withdraw the consent
names-done = The consent is on record. The name is shown.
names-withdrawn = The consent is withdrawn. The name is no longer shown.
names-none = The vault holds no donor’s name for this entry: there is nothing to show.
names-restricted = This person’s values are restricted: they can’t be shown.
names-gone = { $label }: this name can’t be shown any more
private-masked-name = Initials
private-phone = Telephone
private-identity-number = Identity number
private-birth-year = Year of birth
private-family = Family
private-bank-text = Bank text
private-bank-reference = Bank reference
private-bank-row = Statement row
private-account = Account
private-guarantor = Guarantor
private-schedule = Schedule
private-loan = Loan
private-sha256 = Digest of the scan
erase-link = Restrict or erase private values
erase-title = Restrict and erase private values
erase-lead = Open an entry and choose “Restrict or erase private values”. Below is what is held back until its papers need not be kept any longer.
erase-consequences = What will happen
erase-consequence-restrict = Restrict: at once; nobody opens the values any more, names are no longer shown. It can be undone.
erase-consequence-gone = Erase: with the second signature the values and their key are destroyed. Nobody, the operator of the server included, gets them back.
erase-consequence-ledger = The public ledger stays: amounts, days and digests remain and verification holds. One entry is added that gives the reason alone and names nobody.
erase-consequence-public = Shown names go as soon as this is sent for approval; copies that others made can’t be called back.
erase-consequence-backups = Older backups remember until the chapter destroys them by its schedule.
erase-consequence-years = Accounting papers have to be kept for { $years } years ({ $source }). Until then erase only while the signed paper is kept; otherwise restrict.
erase-subjects = Whose
erase-what-giver = The donor
erase-what-person = A person of the register
erase-what-line = One family, one line
erase-what-officer = Officer’s full name
erase-what-voucher = The voucher’s private values
erase-what-batch = A line imported from a statement
erase-restricted = Restricted
erase-held = { $values ->
    [one] One value
   *[other] { $values } values
 } in { $vouchers ->
    [one] one voucher
   *[other] { $vouchers } vouchers
 }.
erase-published = { $number } names are shown in public.
erase-kept-until = Its papers have to be kept until the end of { $day }.
erase-class = Reason
erase-class-hint = Only the kind of reason is public.
erase-paper = The signed paper is kept at the chapter
erase-send = Send the erasure for approval
erase-restrict = Restrict now
erase-release = End the restriction
erase-done = Done, and noted in the log.
erase-nothing = The vault holds no private value of this entry.
erase-none-restricted = Nothing is restricted.
erase-waiting = Restricted until the papers need not be kept
erase-whose = Whose
erase-values = Values
erase-until = Kept until the end of
erase-due = Due for erasure
erase-too-early = { $label }: the papers have to be kept until the end of { $day }
erase-paper-needed = { $label }: the papers have to be kept until the end of { $day }; confirm that the paper is kept, or restrict instead
erase-loan-runs = This family has a loan that is not over ({ $number } files): waiting for approval or payout, or being repaid. Erased now, nobody would know whom to collect from. Restrict the values instead; they can be erased once the loan is repaid, written off or cancelled.
erase-drafts-wait = { $number } drafts with values of this person wait; decide them first
erase-draft = { $number ->
    [one] With the approval these private values are destroyed for good.
   *[other] With the approval these { $number } sets of private values are destroyed for good.
 }
erase-draft-lead = They can’t be brought back. Open each to see whose they are; every look is logged.
public-donor-name = Donor’s name
public-name-hide = Hide my name
public-name-hide-lead = The name leaves every public page at once. To show it again, ask the chapter.
public-name-copies = Copies that others made before can’t be called back.
public-name-back = Back to the receipt
approve-alone = Approve one by one
approve-alone-why = Open it to see what it does for good, and approve it on that page.
fault-approve-alone = { $code }: what can’t be undone is approved by itself, on its own page. Nothing was approved now.
names-taken-back = { $label }: the consent was taken back after you opened this page. A new consent of the donor is needed
names-hidden-by-donor = The donor hid the name with the code of the receipt. Show it again only with a new consent. At
voucher-erasure-class = Why it is erased
erase-choose-step = Press again what is to be done: restrict, release or erase. Nothing has changed yet.
