//! The table: one line a route, by subject.

use std::collections::BTreeMap;

use super::furnishing::Ids;

/// Who may call a route. Whoever may not gets 303 to the way in (nobody, GET), 401 with the form
/// kept (nobody, POST), or 403 (an officer whose role does not allow it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody: the way in.
    Anybody,
    /// Whoever is signed in.
    Officers,
    /// Caseworkers, and recorders.
    Caseworkers,
    /// Treasurer, chair, deputy.
    Recorders,
    /// Recorders and the auditor.
    Signers,
    /// The auditor alone.
    Auditors,
    /// Chair and deputy.
    Heads,
    /// Chair and auditor.
    Overseers,
}

/// A link's secret as they are made, and nobody's.
const UNKNOWN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A route: who may call it, and what it answers them. A form is sent with its token and nothing
/// else in it.
pub struct Row {
    pub who: Who,
    pub answers: u16,
    /// What stands for the `<…>` of the path, or behind it: one's own, and one that exists at the
    /// other chapter alone, which is 404 to whoever may call.
    pub ids: Option<(String, String)>,
    /// What it answers whoever may call it and did not make what the id names.
    pub others: Option<u16>,
    /// What the id names is gone with the first answer.
    pub once: bool,
}

impl Row {
    fn others(self, answer: u16) -> Self {
        Self { others: Some(answer), ..self }
    }

    fn once(self) -> Self {
        Self { once: true, ..self }
    }
}

pub type Rows = BTreeMap<(&'static str, &'static str), Row>;

const fn row(who: Who, answers: u16) -> Row {
    Row { who, answers, ids: None, others: None, once: false }
}

fn with(who: Who, answers: u16, own: &str, foreign: &str) -> Row {
    Row { ids: Some((own.to_owned(), foreign.to_owned())), ..row(who, answers) }
}

/// What officers of a chapter have, and what the other one has.
pub struct Sides<'a> {
    pub own: &'a Ids,
    pub other: &'a Ids,
}

impl Sides<'_> {
    fn of(&self, who: Who, answers: u16, pick: fn(&Ids) -> &str) -> Row {
        let (own, foreign) = (pick(self.own), pick(self.other));
        assert_ne!(own, foreign, "an id of both chapters is foreign to none");
        with(who, answers, own, foreign)
    }

    /// Entries are numbered by each chapter from 0: the one of the other chapter is beyond the last
    /// of this one, where its ledger is longer.
    fn entry(&self, who: Who, answers: u16) -> Row {
        self.numbered(who, answers, "", |own| &own.entry)
    }

    fn numbered(&self, who: Who, answers: u16, before: &str, pick: fn(&Ids) -> &str) -> Row {
        let beyond = match self.other.size > self.own.size {
            true => self.other.size - 1,
            false => self.own.size + 1,
        };
        let (own, foreign) = (format!("{before}{}", pick(self.own)), format!("{before}{beyond}"));
        with(who, answers, &own, &foreign)
    }

    /// A secret says itself which chapter it is of, and is asked for nothing else.
    fn secret(&self, answers: u16, pick: fn(&Ids) -> &str) -> Row {
        with(Who::Anybody, answers, pick(self.own), UNKNOWN)
    }

    /// Every line.
    pub fn expected(&self) -> Rows {
        let mut all = self.way_in();
        for subject in [
            self.reading(),
            self.statements(),
            self.lists(),
            self.unclear(),
            self.auditing(),
            self.names(),
            self.administration(),
            self.accounts(),
            self.away(),
            self.publication(),
            self.families(),
            self.rounds(),
            self.sponsors(),
            self.lending(),
            self.complaints(),
            self.slips(),
        ] {
            let before = all.len() + subject.len();
            all.extend(subject);
            assert_eq!(all.len(), before, "a route stands in the table twice");
        }
        all
    }

    /// Signing in, and the first run.
    fn way_in(&self) -> Rows {
        use Who::{Anybody, Officers};
        BTreeMap::from([
            (("GET", "/thiet-lap"), row(Anybody, 404)),
            (("POST", "/thiet-lap"), row(Anybody, 404)),
            (("GET", "/thiet-lap/<secret>"), self.secret(200, |own| &own.continuing)),
            (("POST", "/thiet-lap/<secret>"), self.secret(422, |own| &own.continuing)),
            (("GET", "/dang-nhap"), row(Anybody, 200)),
            (("POST", "/dang-nhap"), row(Anybody, 422)),
            (("POST", "/dang-xuat"), row(Anybody, 303)),
            (("GET", "/dang-nhap/moi/<secret>"), self.secret(200, |own| &own.link)),
            (("POST", "/dang-nhap/moi/<secret>"), self.secret(422, |own| &own.link)),
            // Without half a session, back to the passphrase.
            (("GET", "/dang-nhap/ma"), row(Anybody, 303)),
            (("POST", "/dang-nhap/ma"), row(Anybody, 401)),
            (("GET", "/dang-nhap/bat"), row(Anybody, 303)),
            (("POST", "/dang-nhap/bat"), row(Anybody, 401)),
            (("GET", "/dang-nhap/lai/<secret>"), self.secret(200, |own| &own.reset)),
            (("POST", "/dang-nhap/lai/<secret>"), self.secret(422, |own| &own.reset)),
            // A form that came too late has no address of its own.
            (("POST", "/ban/<_..>"), with(Officers, 404, "khong-co", "khong-co/0")),
        ])
    }

    /// What waits, one entry, books, papers.
    fn reading(&self) -> Rows {
        use Who::{Caseworkers, Officers, Recorders, Signers};
        let place = || self.of(Officers, 200, |own| &own.place);
        let card = || self.of(Officers, 200, |own| &own.card);
        BTreeMap::from([
            (("GET", "/ban/viec"), row(Officers, 200)),
            (("GET", "/ban/but-toan/<seq>"), self.entry(Officers, 200)),
            (("GET", "/ban/but-toan/<seq>/phieu.pdf"), self.entry(Officers, 200)),
            (("GET", "/ban/but-toan/<seq>/bien-nhan.pdf"), self.entry(Officers, 200)),
            (("GET", "/ban/so-quy/<place>"), place()),
            (("GET", "/ban/so-quy/<place>/so-quy.pdf"), place()),
            (("GET", "/ban/so-quy/<place>/so-quy.csv"), place()),
            (("GET", "/ban/so-quy/<place>/so-quy.xlsx"), place()),
            (("GET", "/ban/quy"), row(Officers, 200)),
            (("GET", "/ban/quy/quy.csv"), row(Officers, 200)),
            (("GET", "/ban/quy/quy.xlsx"), row(Officers, 200)),
            (("GET", "/ban/kho"), row(Officers, 200)),
            (("GET", "/ban/kho/<room>"), card()),
            (("GET", "/ban/kho/<room>/the-kho.pdf"), card()),
            (("GET", "/ban/kho/<room>/the-kho.csv"), card()),
            (("GET", "/ban/kho/<room>/the-kho.xlsx"), card()),
            (("GET", "/ban/duyet"), row(Officers, 200)),
            (("POST", "/ban/duyet"), row(Signers, 422)),
            (("GET", "/ban/duyet/<id>"), self.of(Officers, 200, |own| &own.draft)),
            (("POST", "/ban/duyet/<id>/tra-lai"), self.of(Signers, 422, |own| &own.draft)),
            // Withdrawn before; and whoever did not make it withdraws nothing.
            (
                ("POST", "/ban/duyet/<id>/rut"),
                self.of(Caseworkers, 409, |own| &own.withdrawn).others(403),
            ),
            (("GET", "/ban/dong-ho"), row(Recorders, 200)),
            (("POST", "/ban/dong-ho"), row(Recorders, 400)),
            (("GET", "/ban/khoa-so"), row(Officers, 200)),
            (("POST", "/ban/khoa-so"), row(Recorders, 400)),
            (("GET", "/ban/kiem-ke/<id>/bien-ban"), self.of(Signers, 200, |own| &own.counted)),
            (("GET", "/ban/kiem-ke/<id>/bien-ban.pdf"), self.of(Signers, 200, |own| &own.counted)),
            (
                ("GET", "/ban/kho/kiem-ke/<id>/bien-ban.pdf"),
                self.of(Officers, 200, |own| &own.stock_counted),
            ),
        ])
    }

    /// Bank statements: whoever brought one has it alone.
    fn statements(&self) -> Rows {
        use Who::Recorders;
        let waiting = |answers| self.of(Recorders, answers, |own| &own.statement).others(404);
        let done = |answers| self.of(Recorders, answers, |own| &own.statement_done).others(404);
        BTreeMap::from([
            (("GET", "/ban/nhap-tep"), row(Recorders, 200)),
            // A form of another type than the one with a file.
            (("POST", "/ban/nhap-tep"), row(Recorders, 400)),
            (
                ("POST", "/ban/nhap-tep/<id>/bo"),
                self.of(Recorders, 303, |own| &own.statement_gone).others(404).once(),
            ),
            (("GET", "/ban/nhap-tep/<id>/cot"), waiting(200)),
            (("POST", "/ban/nhap-tep/<id>/cot"), waiting(422)),
            (("GET", "/ban/nhap-tep/<id>"), waiting(200)),
            (("POST", "/ban/nhap-tep/<id>"), waiting(303)),
            (("GET", "/ban/nhap-tep/<id>/dang-ghi"), waiting(303)),
            (("GET", "/ban/nhap-tep/<id>/xong"), done(200)),
        ])
    }

    /// Lists of families: the same.
    fn lists(&self) -> Rows {
        use Who::Caseworkers;
        let waiting = |answers| self.of(Caseworkers, answers, |own| &own.list).others(404);
        let done = |answers| self.of(Caseworkers, answers, |own| &own.list_done).others(404);
        BTreeMap::from([
            (("GET", "/ban/nhap-so-ho"), row(Caseworkers, 200)),
            // A form of another type than the one with a file.
            (("POST", "/ban/nhap-so-ho"), row(Caseworkers, 400)),
            (("GET", "/ban/nhap-so-ho/mau.csv"), row(Caseworkers, 200)),
            (
                ("POST", "/ban/nhap-so-ho/<id>/bo"),
                self.of(Caseworkers, 303, |own| &own.list_gone).others(404).once(),
            ),
            (("GET", "/ban/nhap-so-ho/<id>/cot"), waiting(200)),
            (("POST", "/ban/nhap-so-ho/<id>/cot"), waiting(422)),
            (("GET", "/ban/nhap-so-ho/<id>"), waiting(200)),
            (("POST", "/ban/nhap-so-ho/<id>"), waiting(303)),
            (("GET", "/ban/nhap-so-ho/<id>/xong"), done(200)),
        ])
    }

    /// Money of which it is not known what for: held, and given without a code.
    fn unclear(&self) -> Rows {
        use Who::Recorders;
        let fund = |answers| self.of(Recorders, answers, |own| &own.fund);
        BTreeMap::from([
            (("GET", "/ban/nhap-tep/chua-ro"), row(Recorders, 200)),
            (("POST", "/ban/nhap-tep/chua-ro"), row(Recorders, 200)),
            (
                ("GET", "/ban/nhap-tep/chua-ro/<number>/ghi-nhan"),
                self.numbered(Recorders, 200, "", |own| &own.held),
            ),
            (
                ("GET", "/ban/nhap-tep/chua-ro/<number>/chuyen-quy"),
                self.numbered(Recorders, 200, "", |own| &own.loose),
            ),
            (("GET", "/ban/ung-ho"), row(Recorders, 200)),
            (("POST", "/ban/ung-ho"), row(Recorders, 400)),
            (("GET", "/ban/ung-ho/<fund>"), fund(200)),
            (("POST", "/ban/ung-ho/<fund>"), fund(400)),
        ])
    }

    /// Reports, and what the auditor reads and concludes.
    fn auditing(&self) -> Rows {
        use Who::{Auditors, Overseers, Recorders, Signers};
        let mut all = BTreeMap::from([
            (("POST", "/ban/bao-cao"), row(Recorders, 400)),
            (("GET", "/ban/kiem-tra/lo-du-lieu"), row(Overseers, 200)),
            (("POST", "/ban/kiem-tra/lo-du-lieu/tep"), row(Overseers, 422)),
            (("GET", "/ban/kiem-tra/ket-luan"), row(Auditors, 200)),
            (("POST", "/ban/kiem-tra/ket-luan"), row(Auditors, 400)),
        ]);
        let read = [
            "/ban/bao-cao",
            "/ban/kiem-tra",
            "/ban/kiem-tra/so-hieu",
            "/ban/kiem-tra/but-toan-dao",
            "/ban/kiem-tra/khoa-so",
            "/ban/kiem-tra/mo-xem",
            "/ban/kiem-tra/mo-xem.csv",
            "/ban/kiem-tra/mo-xem.xlsx",
            "/ban/kiem-tra/an-toan",
            "/ban/kiem-tra/an-toan.csv",
            "/ban/kiem-tra/an-toan.xlsx",
            "/ban/kiem-tra/so.csv",
            "/ban/kiem-tra/so.xlsx",
            "/ban/kiem-tra/so-hieu.csv",
            "/ban/kiem-tra/so-hieu.xlsx",
        ];
        all.extend(read.map(|path| (("GET", path), row(Signers, 200))));
        all
    }

    /// Donors' names, and what is erased.
    fn names(&self) -> Rows {
        use Who::{Officers, Recorders};
        BTreeMap::from([
            (("GET", "/ban/nha-hao-tam"), row(Officers, 200)),
            (("GET", "/ban/nha-hao-tam/nha-hao-tam.csv"), row(Officers, 200)),
            (("GET", "/ban/nha-hao-tam/nha-hao-tam.xlsx"), row(Officers, 200)),
            (("GET", "/ban/but-toan/<seq>/ten"), self.entry(Recorders, 200)),
            (("POST", "/ban/but-toan/<seq>/ten"), self.entry(Recorders, 422)),
            (("POST", "/ban/but-toan/<seq>/ten/rut"), self.entry(Recorders, 422)),
            (("GET", "/ban/xoa-thong-tin"), row(Recorders, 200)),
            (("POST", "/ban/xoa-thong-tin"), row(Recorders, 400)),
        ])
    }

    /// Invitations, papers, the guardian.
    fn administration(&self) -> Rows {
        use Who::{Officers, Recorders};
        let invited = |answers| self.of(Recorders, answers, |own| &own.invitation);
        BTreeMap::from([
            (("GET", "/ban/quan-tri"), row(Officers, 200)),
            (("GET", "/ban/quan-tri/loi-moi/<id>"), invited(200)),
            // Who answers for the voucher hands its link out.
            (("POST", "/ban/quan-tri/loi-moi/<id>/duong-dan"), invited(200).others(409)),
            // Nobody took it up.
            (("POST", "/ban/quan-tri/loi-moi/<id>/ky"), invited(409)),
            (
                ("POST", "/ban/quan-tri/loi-moi/<id>/huy"),
                self.of(Recorders, 303, |own| &own.invitation_gone).once(),
            ),
            (("GET", "/ban/quan-tri/mau-so"), row(Recorders, 200)),
            (("POST", "/ban/quan-tri/mau-so"), row(Recorders, 303)),
            (("GET", "/ban/quan-tri/giam-ho"), row(Recorders, 200)),
            (("POST", "/ban/quan-tri/giam-ho"), row(Recorders, 422)),
        ])
    }

    /// Accounts, second devices, sessions.
    fn accounts(&self) -> Rows {
        use Who::{Heads, Officers, Recorders};
        let of = |who, answers| self.of(who, answers, |own| &own.officer);
        BTreeMap::from([
            (("GET", "/ban/quan-tri/tai-khoan"), row(Officers, 200)),
            (("POST", "/ban/quan-tri/tai-khoan"), row(Officers, 422)),
            (("POST", "/ban/quan-tri/tai-khoan/dang-xuat"), row(Officers, 303)),
            (("POST", "/ban/quan-tri/tai-khoan/phien"), row(Officers, 303)),
            (("POST", "/ban/quan-tri/tai-khoan/phien-khac"), row(Officers, 303)),
            (("GET", "/ban/quan-tri/tai-khoan/hai-buoc"), row(Officers, 200)),
            (("POST", "/ban/quan-tri/tai-khoan/hai-buoc"), row(Officers, 422)),
            // Nothing waits for its first code.
            (("GET", "/ban/quan-tri/tai-khoan/hai-buoc/ma"), row(Officers, 303)),
            (("POST", "/ban/quan-tri/tai-khoan/hai-buoc/ma"), row(Officers, 303)),
            (("GET", "/ban/quan-tri/hai-buoc"), row(Heads, 200)),
            (("POST", "/ban/quan-tri/hai-buoc"), row(Heads, 422)),
            (("GET", "/ban/quan-tri/can-bo/<id>"), of(Recorders, 200)),
            (("POST", "/ban/quan-tri/can-bo/<id>/phien"), of(Heads, 303)),
            (("POST", "/ban/quan-tri/can-bo/<id>/dat-lai"), of(Recorders, 422)),
            (("POST", "/ban/quan-tri/can-bo/<id>/huy-dat-lai"), of(Recorders, 303)),
        ])
    }

    /// Signing away from the server.
    fn away(&self) -> Rows {
        use Who::Signers;
        let elsewhere = |answers| self.secret(answers, |own| &own.link);
        BTreeMap::from([
            (("GET", "/ban/duyet/ky-ngoai"), row(Signers, 200)),
            (("POST", "/ban/duyet/ky-ngoai/tep"), row(Signers, 422)),
            // A form of another type than the one with a file.
            (("POST", "/ban/duyet/ky-ngoai"), row(Signers, 400)),
            (("GET", "/dang-nhap/moi/<secret>/may-khac"), elsewhere(200)),
            (("POST", "/dang-nhap/moi/<secret>/may-khac/tep"), elsewhere(200)),
            // The same: it has no token where a file's form has it.
            (("POST", "/dang-nhap/moi/<secret>/may-khac"), elsewhere(403).others(403)),
        ])
    }

    /// Deadlines of publication, and the notice board.
    fn publication(&self) -> Rows {
        use Who::{Officers, Recorders};
        let sheet = |answers| self.of(Recorders, answers, |own| &own.sheet);
        BTreeMap::from([
            (("GET", "/ban/han-cong-khai"), row(Officers, 200)),
            (("GET", "/ban/quan-tri/han-cong-khai"), row(Recorders, 200)),
            (("POST", "/ban/quan-tri/han-cong-khai"), row(Recorders, 400)),
            (("POST", "/ban/quan-tri/han-cong-khai/mac-dinh"), row(Recorders, 400)),
            (("GET", "/ban/niem-yet/<name>"), sheet(200)),
            (("POST", "/ban/niem-yet/<name>"), sheet(400)),
            (("POST", "/ban/niem-yet/<id>/bo"), self.of(Recorders, 303, |own| &own.notice)),
        ])
    }

    /// The register of families.
    fn families(&self) -> Rows {
        use Who::Caseworkers;
        let family = |answers| self.of(Caseworkers, answers, |own| &own.family);
        BTreeMap::from([
            (("GET", "/ban/so-ho"), row(Caseworkers, 200)),
            (("POST", "/ban/so-ho"), row(Caseworkers, 200)),
            (("GET", "/ban/so-ho/so-ho.csv"), row(Caseworkers, 200)),
            (("GET", "/ban/so-ho/moi"), row(Caseworkers, 200)),
            (("POST", "/ban/so-ho/moi"), row(Caseworkers, 400)),
            (("GET", "/ban/so-ho/quyen-loi"), row(Caseworkers, 200)),
            (("POST", "/ban/so-ho/quyen-loi"), row(Caseworkers, 303)),
            (("GET", "/ban/so-ho/<id>"), family(200)),
            (("GET", "/ban/so-ho/<id>/sua"), family(200)),
            (("POST", "/ban/so-ho/<id>/sua"), family(400)),
        ])
    }

    /// Rounds of distribution.
    fn rounds(&self) -> Rows {
        use Who::Caseworkers;
        let round = |answers| self.of(Caseworkers, answers, |own| &own.round);
        BTreeMap::from([
            (("GET", "/ban/dot-cap-phat"), row(Caseworkers, 200)),
            (("GET", "/ban/dot-cap-phat/moi"), row(Caseworkers, 200)),
            (("POST", "/ban/dot-cap-phat/moi"), row(Caseworkers, 400)),
            (("GET", "/ban/dot-cap-phat/<id>"), round(200)),
            (("POST", "/ban/dot-cap-phat/<id>/thong-tin"), round(400)),
            (("POST", "/ban/dot-cap-phat/<id>/bo"), round(400)),
            (("POST", "/ban/dot-cap-phat/<id>/danh-sach"), round(400)),
            (("GET", "/ban/dot-cap-phat/<id>/chon"), round(200)),
            (("POST", "/ban/dot-cap-phat/<id>/chon"), round(400)),
            (("POST", "/ban/dot-cap-phat/<id>/lap-phieu"), round(400)),
            (("GET", "/ban/dot-cap-phat/<id>/ky-nhan"), round(200)),
            (("GET", "/ban/dot-cap-phat/<id>/ky-nhan.pdf"), round(200)),
            (("GET", "/ban/dot-cap-phat/<id>/vang-mat"), round(200)),
            (("POST", "/ban/dot-cap-phat/<id>/vang-mat"), round(400)),
        ])
    }

    /// Sponsorship.
    fn sponsors(&self) -> Rows {
        use Who::{Caseworkers, Recorders};
        let plan = |who, answers| self.of(who, answers, |own| &own.plan);
        BTreeMap::from([
            (("GET", "/ban/do-dau"), row(Caseworkers, 200)),
            (("GET", "/ban/do-dau/den-han"), row(Caseworkers, 200)),
            (
                ("GET", "/ban/do-dau/den-han/phieu-chi/<fund>"),
                self.of(Recorders, 200, |own| &own.sponsored),
            ),
            (("GET", "/ban/do-dau/moi"), row(Caseworkers, 200)),
            (("POST", "/ban/do-dau/moi"), row(Caseworkers, 400)),
            (("GET", "/ban/do-dau/<id>"), plan(Caseworkers, 200)),
            (("GET", "/ban/do-dau/<id>/sua"), plan(Caseworkers, 200)),
            (("POST", "/ban/do-dau/<id>/sua"), plan(Caseworkers, 400)),
            (("POST", "/ban/do-dau/<id>/trang-thai"), plan(Caseworkers, 400)),
            (("POST", "/ban/do-dau/<id>/ma"), plan(Caseworkers, 400)),
            (("GET", "/ban/do-dau/<id>/khop"), plan(Caseworkers, 200)),
            (("POST", "/ban/do-dau/<id>/khop"), plan(Caseworkers, 400)),
            (("POST", "/ban/do-dau/<id>/go-khop"), plan(Caseworkers, 400)),
            (("GET", "/ban/do-dau/<id>/phieu-thu"), plan(Recorders, 200)),
            (("GET", "/ban/do-dau/<id>/phieu-chi"), plan(Recorders, 200)),
        ])
    }

    /// Loans: one that was applied for, and one that was paid out and in part repaid.
    fn lending(&self) -> Rows {
        use Who::{Caseworkers, Recorders};
        let asked = |answers| self.of(Caseworkers, answers, |own| &own.application);
        let lent = |answers| self.of(Caseworkers, answers, |own| &own.loan);
        BTreeMap::from([
            (("GET", "/ban/vay"), row(Caseworkers, 200)),
            (("GET", "/ban/vay/moi"), row(Caseworkers, 200)),
            (("POST", "/ban/vay/moi"), row(Caseworkers, 400)),
            (("GET", "/ban/vay/dau-ky"), row(Recorders, 200)),
            (("POST", "/ban/vay/dau-ky"), row(Recorders, 400)),
            (("GET", "/ban/vay/den-han"), row(Caseworkers, 200)),
            (("GET", "/ban/vay/cham-tra"), row(Caseworkers, 200)),
            (("GET", "/ban/vay/giay-bao"), row(Caseworkers, 200)),
            (("GET", "/ban/vay/<id>"), lent(200)),
            (("GET", "/ban/vay/<id>/tham-dinh"), asked(200)),
            (("POST", "/ban/vay/<id>/tham-dinh"), asked(400)),
            (("GET", "/ban/vay/<id>/ket-thuc"), asked(200)),
            (("POST", "/ban/vay/<id>/ket-thuc"), asked(400)),
            (("GET", "/ban/vay/<id>/phuong-an"), asked(200)),
            (("POST", "/ban/vay/<id>/phuong-an"), asked(400)),
            (("GET", "/ban/vay/<id>/khe-uoc"), lent(200)),
            (("GET", "/ban/vay/<id>/khe-uoc.pdf"), lent(200)),
            (("GET", "/ban/vay/<id>/so-tra-no"), lent(200)),
            (("GET", "/ban/vay/<id>/so-tra-no.pdf"), lent(200)),
            (("GET", "/ban/vay/<id>/phieu-thu"), self.of(Caseworkers, 200, |own| &own.repaid)),
            (("GET", "/ban/vay/<id>/phieu-thu.pdf"), self.of(Caseworkers, 200, |own| &own.repaid)),
            (("GET", "/ban/vay/<id>/gian-no"), self.of(Recorders, 200, |own| &own.loan)),
            (("POST", "/ban/vay/<id>/gian-no"), self.of(Recorders, 400, |own| &own.loan)),
        ])
    }

    /// Complaints. The one here is about no officer: every signer may answer it.
    fn complaints(&self) -> Rows {
        use Who::Signers;
        let own = |answers| self.of(Signers, answers, |own| &own.complaint);
        BTreeMap::from([
            (("GET", "/ban/phan-anh"), row(Signers, 200)),
            (("GET", "/ban/phan-anh/<id>"), own(200)),
            (("POST", "/ban/phan-anh/<id>/nhan"), own(400)),
            (("POST", "/ban/phan-anh/<id>/tra-loi"), own(400)),
            (("POST", "/ban/phan-anh/<id>/cong-bo"), own(400)),
            (("POST", "/ban/phan-anh/<id>/lien-he"), own(200)),
            (("POST", "/ban/phan-anh/<id>/xoa"), own(400)),
        ])
    }

    /// The two routes of every voucher form.
    fn slips(&self) -> Rows {
        use crate::web::desk::slip::{ALL, OF_CASEWORKERS};
        let mut all = Rows::new();
        for slip in ALL {
            let who = match OF_CASEWORKERS.contains(&slip.name) {
                true => Who::Caseworkers,
                false => Who::Recorders,
            };
            let page = match slip.is_about_an_entry() {
                true => self.numbered(who, 200, "?so=", |own| &own.entry),
                false => row(who, 200),
            };
            all.insert(("GET", slip.path), page);
            all.insert(("POST", slip.path), row(who, 400));
        }
        all
    }
}
