### Complaints: what people say, what the chapter answers.


## The public page.

complaint-title = Complaints
complaint-lead = Something wrong, unclear, or not as it should be? Tell the chapter here. It has to answer.
complaint-which = About which chapter?
complaint-rule-anonymous = You need not say who you are. What you write is encrypted and never published word for word.
complaint-rule-officer = An officer whom a complaint is about neither sees nor answers it; the auditor sees it.
complaint-rule-code = After sending you get a code with which you see the answer.
complaint-rule-contact = Your contact, if you leave one, is destroyed { $days } days after the answer.
complaint-about = What it is about
complaint-about-entry = A receipt or another voucher
complaint-about-family = A family that was helped, or left out
complaint-about-officer = An officer
complaint-about-page = These pages
complaint-about-name = How a name is shown
complaint-about-other = Something else
complaint-entry = Voucher number (optional)
complaint-entry-hint = Such as PT-2026-00012, or the entry number 12. Don't type a receipt code.
complaint-entry-code = { $label }: this is a receipt code, please keep it to yourself; type the voucher number printed on the receipt
complaint-entry-unknown = { $label }: the ledger has no such number
complaint-officer = Which officer (optional)
complaint-officer-hint = The officer chosen can't see this complaint.
complaint-text = What you want to say
complaint-text-hint = At most 4,000 characters. What, when, where.
complaint-no-text = { $label }: please write a few lines
complaint-contact = How you can be reached (optional)
complaint-contact-hint = A telephone number or mail address. It is encrypted; each opening by an officer is noted.
complaint-send = Send
complaint-full = Too many complaints came today. Please send it again tomorrow, or come to the chapter's office.
complaint-figures = How the chapter answers
complaint-figure-received = Received
complaint-figure-answered = Answered
complaint-figure-waiting = Waiting
complaint-days = Half of the complaints were answered within { $median } days; { $mean } days on average.
complaint-open = Waiting: { $week } for less than 8 days, { $month } for 8 to 30 days, { $longer } for more than 30 days; { $looked } being looked into.
complaint-answers = Published answers
complaint-answers-lead = An officer sums up in their own words; the sender's words and name are not published.
complaint-answers-none = No answer has been published yet.
complaint-chapter-answers = The chapter answers:
complaint-newer = Newer
complaint-older = Older
complaint-elsewhere = Rather not here, or not content with the answer? Turn to the Red Cross above this chapter, or to the commune's or ward's People's Committee.


## The sender's page.

complaint-look-up = See the answer
complaint-code = Complaint code
complaint-code-hint = The 16 letters and digits that you got when you sent it
complaint-code-wrong = A complaint code has 16 letters and digits; please look again.
complaint-look-up-go = See the answer
complaint-own-title = Your complaint
complaint-sent = The chapter has your complaint
complaint-keep = Write this code down or keep the address of this page: nothing else opens the answer. Whoever has the code sees it, so keep it to yourself.
complaint-link = Its own link
complaint-state-received = Received
complaint-state-looked-at = Being looked into
complaint-state-answered = Answered
complaint-came = Received on
complaint-taken = Looked into since
complaint-answered-at = Answered on
complaint-answer = Answer to the sender
complaint-answer-gone = Answered. What was written has been destroyed.
complaint-is-published = The chapter also published a summary, without your words.
complaint-not-content = Not content?
complaint-again = Send another one
complaint-wait = There is no answer yet. Please come back to this page in some days.
complaint-contact-kept = The chapter keeps your contact; it is destroyed { $days } days after the answer.
complaint-contact-forget = Destroy my contact now
complaint-contact-none = The chapter keeps no contact of yours.


## The desk.

complaint-waiting = { $number } complaints wait for an answer
complaint-desk-lead = Each opening of a text or a contact is noted. Complaints about yourself are not shown here.
complaint-desk-open = Waiting for an answer
complaint-desk-answered = Answered
complaint-desk-none = No complaint waits for an answer.
complaint-desk-state = State
complaint-desk-published = Published
complaint-desk-by-code = The sender has the receipt code of this gift.
complaint-desk-wanted-full-name = Asks for the full name to be shown
complaint-desk-wanted-masked-name = Asks for initials to be shown
complaint-desk-grant = Show it only after you confirmed and recorded the consent:
complaint-desk-name-page = the name page of this gift
complaint-desk-text = What the sender wrote
complaint-desk-text-gone = The text has been destroyed.
complaint-desk-take = Look into it
complaint-desk-not-yours = This complaint is answered by the chair, the deputy or the auditor.
complaint-desk-answer = Answer
complaint-desk-answer-hint = The sender sees it with their code. It is encrypted.
complaint-desk-publish = Publish
complaint-desk-publish-lead = Optional. With both fields filled in it stands on the public page; with both empty it does not. Say it in your own words; don't copy the sender, name nobody and no contact.
complaint-summary = Neutral summary
complaint-summary-hint = What, not who. At most 500 characters.
complaint-reply = Published answer
complaint-reply-hint = At most 2,000 characters.
complaint-desk-send = Send the answer
complaint-desk-save = Save what is published
complaint-desk-contact = The sender's contact
complaint-desk-contact-open = Open the contact
complaint-desk-contact-none = The sender left none, or it has been destroyed.
complaint-part = What is destroyed
complaint-part-contact = The contact
complaint-part-all = The contact, the sender's text and the answer
complaint-desk-erase = Destroy private values
complaint-desk-erase-lead = A contact is destroyed by itself { $days } days after the answer. What is destroyed does not come back.
complaint-desk-erase-go = Destroy
complaint-moved = Another officer changed this complaint meanwhile, or it is answered. Look again, then go on.
complaint-senders-words = What is to be published has words or the contact of the sender in it. Say it in your own words.
complaint-length = A field is too long or empty.
audit-about-complaint = A complaint
audit-about-contact = The contact of somebody who complained
