### The frame of every page.

skip-to-main = Skip to main content
switch-language = Tiếng Việt
footer-label = Footer
footer-about = About
footer-privacy = Privacy
footer-chapter = More pages of the chapter
footer-calendar = Publication calendar
footer-complaints = Complaints
footer-feed = Atom feed
footer-access = Accessibility
footer-data = Open data
footer-help = Help
footer-sign-in = Officers sign in
footer-note = Anybody can check this ledger: every voucher is signed and linked to the one before it.
choose = – Choose –
hint-money = For example: 1,500,000
hint-date = For example: 05/11/2026 (day/month/year)
hint-private = Only officers of the chapter can read this; it is not published.
warning-word = Warning
pages-label = Pages
page-previous = Previous
page-next = Next
page-of = Page { $page } of { $pages }
