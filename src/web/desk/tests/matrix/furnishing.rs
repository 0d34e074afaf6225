//! What lies about at both chapters: one thing of each kind that an address can name, everywhere
//! with names, telephones and amounts that nobody else has.

use super::super::admin::{ENROL, enrolled};
use super::super::people::{AUDITOR, CASEWORKER, signed};
use super::callers::{GUARDIAN, HALFWAY, NEIGHBOURS_AUDITOR, NEIGHBOURS_CASEWORKER, RETIRED};
use super::*;
use crate::ledger::keys::SignatureRole;
use crate::store::alongside::Alongside;

const DAY: &str = "20/11/2026";

/// What one chapter calls what it has: none of it is the other's.
pub struct Words {
    pub slug: &'static str,
    pub family: &'static str,
    pub phone: &'static str,
    pub listed: &'static str,
    pub donor: &'static str,
    pub sponsor: &'static str,
    pub complaint: &'static str,
    pub payer: &'static str,
    pub gift: &'static str,
    appeal: &'static str,
    sponsored: &'static str,
    place: &'static str,
    store: &'static str,
    item: &'static str,
}

pub const HERE: Words = Words {
    slug: "xuan-tay",
    family: "Võ Thị Mận",
    phone: "0912 345 670",
    listed: "Lê Văn Bảy Tây",
    donor: "Nguyễn Thị Hạnh Tây",
    sponsor: "Trương Thị Thanh Long",
    complaint: "Chưa rõ một khoản ở nhà văn hóa phía tây",
    payer: "NGUYEN TAY ung ho",
    gift: "7.654.321",
    appeal: "tet-tay",
    sponsored: "do-dau-tay",
    place: "nh-tay",
    store: "kho-tay",
    item: "gao-tay",
};

pub const THERE: Words = Words {
    slug: "xuan-dong",
    family: "Hồ Văn Mít",
    phone: "0987 654 320",
    listed: "Phan Thị Tám Đông",
    donor: "Lý Thị Sen Đông",
    sponsor: "Đoàn Văn Măng Cụt",
    complaint: "Không thấy một khoản ở nhà văn hóa phía đông",
    payer: "TRAN DONG ung ho",
    gift: "4.321.987",
    appeal: "tet-dong",
    sponsored: "do-dau-dong",
    place: "nh-dong",
    store: "kho-dong",
    item: "gao-dong",
};

impl Words {
    /// What no page of the other chapter, and none for everybody, may hold.
    pub const fn private(&self) -> [&'static str; 8] {
        [
            self.family,
            self.phone,
            self.listed,
            self.donor,
            self.sponsor,
            self.complaint,
            self.payer,
            self.gift,
        ]
    }
}

/// What addresses call it.
#[derive(Default)]
pub struct Ids {
    pub entry: String,
    pub draft: String,
    pub withdrawn: String,
    pub counted: String,
    pub stock_counted: String,
    pub place: String,
    pub fund: String,
    pub sponsored: String,
    pub card: String,
    pub held: String,
    pub loose: String,
    pub statement: String,
    pub statement_done: String,
    pub statement_gone: String,
    pub list: String,
    pub list_done: String,
    pub list_gone: String,
    pub sheet: String,
    pub notice: String,
    pub family: String,
    pub round: String,
    pub plan: String,
    pub sponsor: String,
    /// A gift that may belong to the plan.
    pub offered: String,
    pub application: String,
    pub loan: String,
    pub repaid: String,
    pub complaint: String,
    pub officer: String,
    pub link: String,
    pub invitation: String,
    pub invitation_gone: String,
    pub reset: String,
    pub continuing: String,
    /// What public addresses have: a receipt, a complaint's and a sponsor's code, an item, a loan.
    pub receipt: String,
    pub complaint_code: String,
    pub sponsors_code: String,
    pub item: String,
    pub lent: String,
    /// How many entries the ledger has.
    pub size: u64,
}

impl Ids {
    /// Ids that are made by chance, and secrets: nobody else has any of them.
    pub fn private(&self) -> [&str; 22] {
        [
            &self.draft,
            &self.withdrawn,
            &self.counted,
            &self.stock_counted,
            &self.statement,
            &self.statement_done,
            &self.statement_gone,
            &self.list,
            &self.list_done,
            &self.list_gone,
            &self.notice,
            &self.family,
            &self.round,
            &self.plan,
            &self.application,
            &self.loan,
            &self.complaint,
            &self.link,
            &self.invitation,
            &self.invitation_gone,
            &self.reset,
            &self.continuing,
        ]
    }
}

/// Cookies of those who can't sign in any more, or not wholly.
pub struct Kept {
    pub half: String,
    pub retired: String,
    pub guardian: String,
}

/// The last part of an address.
fn last(path: &str) -> String {
    path.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn changed<'a>(
    fields: Vec<(&'a str, &'a str)>,
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut all = fields;
    for (name, value) in changes {
        all.iter_mut().filter(|(own, _)| own == name).for_each(|own| own.1 = value);
    }
    all
}

impl House {
    /// Two chapters with the same furniture.
    pub async fn with_neighbours() -> (Self, [Ids; 2], Kept) {
        let house = Self::founded().await;
        let mut here = house.furnished((&HERE, AUDITOR, CASEWORKER)).await;
        let kept = house.let_go().await;
        house.finished(&mut here).await;
        house.neighbours().await;
        house.sit_with_neighbours();
        let who = (&THERE, NEIGHBOURS_AUDITOR, NEIGHBOURS_CASEWORKER);
        let mut there = house.furnished(who).await;
        // The longer ledger of the two.
        for _ in 0..9 {
            house.slip("/ban/phieu-thu", "", &gift("10000")).await;
        }
        house.finished(&mut there).await;
        assert!(there.size > here.size + 1);
        (house, [here, there], kept)
    }

    async fn furnished(
        &self,
        (words, auditor, caseworker): (&Words, people::SignsIn, people::SignsIn),
    ) -> Ids {
        let officer = self.enrol(auditor, "auditor").await.person.to_string();
        let mut ids = Ids { officer, ..Ids::default() };
        let caseworker = self.enrol(caseworker, "caseworker").await.person.to_string();
        let seat = self.seat();
        self.sign_in(seat.treasurer).await;
        self.accounts_of(words, &mut ids).await;
        self.drafts_and_counts(words, &mut ids).await;
        self.people_of(words, &mut ids).await;
        self.loans_of(words, &mut ids).await;
        self.files_of(words, &mut ids).await;
        self.links_of(&caseworker, &mut ids).await;
        self.sign_in(seat.treasurer).await;
        ids
    }

    /// Funds, a place, a store with an item, gifts.
    async fn accounts_of(&self, words: &Words, ids: &mut Ids) {
        self.fund("sponsorship", "Quỹ đỡ đầu", words.sponsored).await;
        self.fund("revolving", "Vốn quay vòng", "von-vay").await;
        self.fund("restricted", "Vận động Tết", words.appeal).await;
        let place = [
            ("date", DAY),
            ("type", "bank"),
            ("name", "Ngân hàng của Hội"),
            ("code", words.place),
            ("bank_bin", ""),
            ("account", ""),
            ("note", ""),
        ];
        self.approve(&self.slip("/ban/mo-noi-giu-tien", "", &place).await).await;
        self.slip("/ban/mo-chuong-trinh", "", &rounds::PROGRAMME).await;
        for (amount, fund) in
            [(words.gift, "chung"), ("6.000.000", "von-vay"), ("300.000", words.sponsored)]
        {
            let given = [("donor_name", words.donor), ("amount", amount), ("fund", fund)];
            let to = self.slip("/ban/phieu-thu", "", &changed(gift("1"), &given)).await;
            if fund == "chung" {
                ids.entry = last(&to);
            }
        }
        let store = [("date", DAY), ("name", "Kho"), ("code", words.store), ("note", "")];
        self.slip("/ban/mo-kho", "", &store).await;
        let item = [
            ("date", DAY),
            ("name", "Gạo tẻ"),
            ("code", words.item),
            ("unit", "kg"),
            ("whole", "parts"),
            ("note", ""),
        ];
        self.slip("/ban/mo-mat-hang", "", &item).await;
        let goods = [
            ("date", DAY),
            ("donor_type", "person"),
            ("donor_name", words.donor),
            ("donor_address", ""),
            ("note", ""),
            ("lot_item[]", words.item),
            ("lot_quantity[]", "100"),
            ("lot_value[]", "0"),
            ("lot_expiry[]", ""),
            ("lot_condition[]", ""),
            ("store", words.store),
            ("fund", "chung"),
            ("paper_no", ""),
        ];
        self.slip("/ban/nhap-kho", "", &goods).await;
        ids.place = words.place.to_owned();
        ids.fund = words.appeal.to_owned();
        ids.sponsored = words.sponsored.to_owned();
        ids.item = words.item.to_owned();
        let line = self.line(ids.entry.parse().unwrap()).await;
        ids.receipt = self.store().receipt_code(&line.entry).unwrap().to_string();
        ids.card = format!("{}?hang={}", words.store, words.item);
    }

    /// Drafts, counts of both kinds, money that is held.
    async fn drafts_and_counts(&self, words: &Words, ids: &mut Ids) {
        ids.draft = last(&self.slip("/ban/chi-phi", "", &cost("40000")).await);
        ids.withdrawn = last(&self.slip("/ban/chi-phi", "", &cost("50000")).await);
        let path = format!("/ban/duyet/{}", ids.withdrawn);
        self.send(&path, &format!("{path}/rut"), &[]).await;
        let held = [
            ("date", DAY),
            ("class", "unidentified"),
            ("donor_type", "unknown"),
            ("donor_name", ""),
            ("to_name", ""),
            ("note", ""),
            ("amount", "300.000"),
            ("place", "cash"),
        ];
        ids.held = last(&self.slip("/ban/nhan-giu-ho", "", &held).await);
        let books = self.store().books(self.chapter().0).unwrap();
        let cash = &books.register().places()[&"cash".parse().unwrap()];
        let counted = (cash.balance.minor() - 1000).to_string();
        let count = [
            ("date", DAY),
            ("place", "cash"),
            ("counted", &*counted),
            ("fund", "chung"),
            ("note", "Trả nhầm tiền lẻ"),
        ];
        ids.counted = last(&self.slip("/ban/kiem-ke", "", &count).await);
        let count = [
            ("date", DAY),
            ("store", words.store),
            ("fund", "chung"),
            ("count_item[]", words.item),
            ("count_quantity[]", "0,5"),
            ("count_direction[]", "less"),
            ("count_reason[]", "spoiled"),
            ("note", "Chuột cắn bao"),
        ];
        ids.stock_counted = last(&self.slip("/ban/kiem-ke-kho", "", &count).await);
    }

    /// A family, a round, a sponsor's plan, a complaint.
    async fn people_of(&self, words: &Words, ids: &mut Ids) {
        let family = [("member_name[]", words.family), ("phone", words.phone)];
        ids.family = self.family(&family).await;
        ids.round = self.round("dot-1", "500.000").await;
        let plan = [
            ("name", words.sponsor),
            ("family[]", words.family),
            ("amount[]", "300.000"),
            ("every", "month"),
            ("from", "01/11/2026"),
            ("fund", words.sponsored),
            ("programme", "tet"),
            ("notes", ""),
        ];
        ids.plan = self.sponsorship(&plan).await;
        let (status, to) = self.of_plan(&ids.plan, "ma", &[("step", "make")]).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        ids.sponsors_code = last(&self.sponsors_link(&ids.plan).await.unwrap());
        let (_, html) = self.get(&format!("/ban/do-dau/{}/khop", ids.plan)).await;
        let (_, rest) = html.split_once("name=\"take[]\" type=\"checkbox\" value=\"").expect(&html);
        ids.offered = rest.split('"').next().unwrap().to_owned();
        let (_, html) = self.get("/ban/do-dau/moi").await;
        let (before, _) = html.split_once(words.sponsor).expect(&html);
        let (_, own) = before.rsplit_once("value=\"").unwrap();
        ids.sponsor = own.split('"').next().unwrap().to_owned();
        let said = [("about", "other"), ("text", words.complaint), ("contact", words.phone)];
        ids.complaint_code = last(&self.complain(&said).await);
        ids.complaint = last(&self.complaint().await);
    }

    /// A loan that was applied for, and one that was paid out and repaid in part.
    async fn loans_of(&self, words: &Words, ids: &mut Ids) {
        ids.application = self.application(words.family, "2.000.000").await;
        let (loan, seq) = self.lent_to(words.family, "3.000.000", "3").await;
        let repaid = self.repays(seq, "250.000").await;
        ids.repaid = format!("{loan}?so={repaid}");
        ids.lent = seq.to_string();
        ids.loan = loan;
    }

    /// Statements and lists: one that waits, one that was recorded, one that will be thrown away;
    /// and a sheet on the notice board.
    async fn files_of(&self, words: &Words, ids: &mut Ids) {
        let line = format!("Date,TransactionDetails,CreditAmount\n05/11/2026,{},", words.payer);
        for (amount, own) in [
            ("100000", &mut ids.statement_done),
            ("200000", &mut ids.statement),
            ("300000", &mut ids.statement_gone),
        ] {
            *own = self.statement(words.place, &format!("{line}{amount}\n")).await;
        }
        let path = format!("/ban/nhap-tep/{}", ids.statement_done);
        let signed = [("passphrase", self.seat().treasurer.1), ("days", "yes")];
        let (status, to) = self.press(&path, "record", &signed).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        let size = self.store().head(self.chapter().0).unwrap().unwrap().size;
        ids.loose = (size - 1).to_string();
        let head = "STT,Chủ hộ,Năm sinh,Đối tượng,Ấp,Số CCCD,Nhân khẩu\r\n1";
        for (birth, own) in
            [("1960", &mut ids.list_done), ("1961", &mut ids.list), ("1962", &mut ids.list_gone)]
        {
            let file = format!("{head},{} {birth},{birth},,Ấp {birth},,\r\n", words.listed);
            *own = last(&self.recognised(file.as_bytes()).await);
        }
        let path = format!("/ban/nhap-so-ho/{}", ids.list_done);
        let (status, to) = self.preview(&path, &[("step", "record")]).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        ids.sheet = format!("{}_2026-11-19_2027-01-31", words.appeal);
        let path = format!("/ban/niem-yet/{}", ids.sheet);
        let (_, html) = self.get(&path).await;
        ids.notice = hidden(&html, "id");
        let note = [
            ("id", ids.notice.as_str()),
            ("posted_on", DAY),
            ("until_on", "20/12/2026"),
            ("place", "Trụ sở"),
        ];
        let (status, to) = self.post(&path, &token(&html, &path), &note).await;
        assert_eq!(status, Status::SeeOther, "{to}");
    }

    /// Brings a statement whose columns are recognised.
    async fn statement(&self, place: &str, file: &str) -> String {
        let path = "/ban/nhap-tep";
        let fields = [("place", place), ("fund", "chung")];
        let (_, html) = self.get(path).await;
        let sent = (fields.as_slice(), file.as_bytes());
        let (status, columns) = self.hand_in(path, &token(&html, path), sent).await;
        assert_eq!(status, Status::SeeOther, "{columns}");
        let (_, html) = self.get(&columns).await;
        let (status, preview) = self.columns(&columns, &html, &[]).await;
        assert_eq!(status, Status::SeeOther, "{preview}");
        last(&preview)
    }

    /// Invitations, and a way back in without a second device.
    async fn links_of(&self, caseworker: &str, ids: &mut Ids) {
        let invited = self.invite(ENROL, &enrolled("Cán bộ mới", "caseworker")).await;
        ids.link = last(&self.link(&invited).await);
        for own in [&mut ids.invitation, &mut ids.invitation_gone] {
            *own = last(&self.invite(ENROL, &enrolled("Cán bộ khác", "caseworker")).await);
        }
        let chair = self.seat().chair;
        self.sign_in(chair).await;
        let path = format!("/ban/quan-tri/can-bo/{caseworker}");
        let signed = [("passphrase", chair.1)];
        let (_, html) = self.send(&path, &format!("{path}/dat-lai"), &signed).await;
        let (_, rest) = html.split_once("/dang-nhap/lai/").expect(&html);
        ids.reset = rest[..43].to_owned();
    }

    /// Counts the entries, and calls the officers to go on in another ledger: such a call ends with
    /// the next entry.
    async fn finished(&self, ids: &mut Ids) {
        let chapter = self.chapter().0;
        ids.size = self.store().head(chapter).unwrap().unwrap().size;
        let call = self.store().continuation(chapter, None).await.unwrap();
        let now = self.clock.now();
        let secret = self.store().call_to_continue(chapter, &call, now).await.unwrap();
        ids.continuing = secret.text().to_string();
    }

    /// An officer who retires while signed in, one with half a session, a guardian with one.
    async fn let_go(&self) -> Kept {
        self.enrol(HALFWAY, "treasurer").await;
        self.sign_in(HALFWAY).await;
        self.turns_on(HALFWAY).await;
        self.forget().await;
        let fields = [("name", HALFWAY.0), ("passphrase", HALFWAY.1)];
        let (status, to) = self.send("/dang-nhap", "/dang-nhap", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        let half = self.cookie("minhbach-code");
        let retiring = self.enrol(RETIRED, "treasurer").await;
        self.forget().await;
        self.sign_in(RETIRED).await;
        let retired = self.cookie("minhbach");
        assert_eq!(self.get("/ban/viec").await.0, Status::Ok);
        let seat = self.seat();
        let (treasurer, chair) = (self.key_of(seat.treasurer).await, self.key_of(seat.chair).await);
        let (chapter, origin) = self.chapter();
        let two = [(&treasurer, SignatureRole::Recorder), (&chair, SignatureRole::Approver)];
        let members = serde_json::json!({"person": retiring.person.as_str()});
        let voucher = signed(&origin, "officer_retired", members, &two);
        let now = self.clock.now();
        self.store().record(chapter, voucher, Alongside::nothing(), now).await.unwrap();
        self.name_guardian(GUARDIAN).await;
        self.forget().await;
        self.sign_in(GUARDIAN).await;
        let guardian = self.cookie("minhbach");
        Kept { half, retired, guardian }
    }
}
