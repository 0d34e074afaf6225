//! Every route of the desk × who calls it × one's own and a foreign id, generated from the route
//! list: a route that is missing here fails.

use std::collections::BTreeMap;

use rocket::http::Method;

use super::people::{AUDITOR, CASEWORKER, NEIGHBOUR, SignsIn};
use super::*;

/// Who may call a route. Whoever may not gets 303 to the way in (nobody, GET), 401 with the form
/// kept (nobody, POST), or 403 (an officer whose role does not allow it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
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
    /// The officer who made it, of the recorders.
    Maker,
}

/// What stands for the id of what neither chapter has.
const NOTHING: (&str, &str) = ("01934f00-0000-7000-8000-000000000000", "khong-co");

/// A route: who may call it, and what it answers them. A form is sent with its token and nothing
/// else in it.
struct Row {
    who: Who,
    answers: u16,
    /// What stands for the `<…>` of the path, or behind it: one's own, and a foreign one, which
    /// is 404 to whoever may call.
    ids: Option<(String, String)>,
}

type Rows = BTreeMap<(&'static str, &'static str), Row>;

/// Ids of this chapter's entries and drafts, and a draft of the other chapter.
struct Ids {
    entry: String,
    draft: String,
    withdrawn: String,
    foreign: String,
    family: String,
    round: String,
    plan: String,
    loan: String,
    complaint: String,
    officer: String,
}

const fn row(who: Who, answers: u16) -> Row {
    Row { who, answers, ids: None }
}

fn with(who: Who, answers: u16, own: &str, foreign: &str) -> Row {
    Row { who, answers, ids: Some((own.to_owned(), foreign.to_owned())) }
}

/// One line a route: bank statements.
fn statements() -> Rows {
    use Who::Recorders;
    BTreeMap::from([
        (("GET", "/ban/nhap-tep"), row(Recorders, 200)),
        // A form of another type than the one with a file.
        (("POST", "/ban/nhap-tep"), row(Recorders, 400)),
        (("POST", "/ban/nhap-tep/<id>/bo"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-tep/<id>/cot"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/ban/nhap-tep/<id>/cot"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-tep/<id>"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/ban/nhap-tep/<id>"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-tep/<id>/dang-ghi"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-tep/<id>/xong"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-tep/chua-ro"), row(Recorders, 200)),
        (("POST", "/ban/nhap-tep/chua-ro"), row(Recorders, 200)),
    ])
}

/// One line a route: reports, the auditor's, names, administration.
fn further(ids: &Ids) -> Rows {
    use Who::{Anybody, Auditors, Officers, Overseers, Recorders, Signers};
    BTreeMap::from([
        // Of money that is held, and of a gift without a code.
        (
            ("GET", "/ban/nhap-tep/chua-ro/<number>/ghi-nhan"),
            with(Recorders, 404, &ids.entry, NOTHING.1),
        ),
        (
            ("GET", "/ban/nhap-tep/chua-ro/<number>/chuyen-quy"),
            with(Recorders, 404, &ids.entry, NOTHING.1),
        ),
        (("GET", "/ban/ung-ho"), row(Recorders, 200)),
        (("POST", "/ban/ung-ho"), row(Recorders, 400)),
        (("GET", "/ban/ung-ho/<fund>"), with(Recorders, 200, "do-dau", "khong-co")),
        (("POST", "/ban/ung-ho/<fund>"), with(Recorders, 400, "do-dau", "khong-co")),
        (("GET", "/ban/kiem-ke/<id>/bien-ban"), with(Signers, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/kiem-ke/<id>/bien-ban.pdf"), with(Signers, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/kho/kiem-ke/<id>/bien-ban.pdf"), with(Officers, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/bao-cao"), row(Signers, 200)),
        (("POST", "/ban/bao-cao"), row(Recorders, 400)),
        (("GET", "/ban/kiem-tra"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/so-hieu"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/but-toan-dao"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/khoa-so"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/mo-xem"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/mo-xem.csv"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/mo-xem.xlsx"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/an-toan"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/an-toan.csv"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/an-toan.xlsx"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/lo-du-lieu"), row(Overseers, 200)),
        (("POST", "/ban/kiem-tra/lo-du-lieu/tep"), row(Overseers, 422)),
        (("GET", "/ban/kiem-tra/so.csv"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/so.xlsx"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/so-hieu.csv"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/so-hieu.xlsx"), row(Signers, 200)),
        (("GET", "/ban/kiem-tra/ket-luan"), row(Auditors, 200)),
        (("POST", "/ban/kiem-tra/ket-luan"), row(Auditors, 400)),
        (("GET", "/ban/nha-hao-tam"), row(Officers, 200)),
        (("GET", "/ban/nha-hao-tam/nha-hao-tam.csv"), row(Officers, 200)),
        (("GET", "/ban/nha-hao-tam/nha-hao-tam.xlsx"), row(Officers, 200)),
        (("GET", "/ban/but-toan/<seq>/ten"), with(Recorders, 200, &ids.entry, "999")),
        (("POST", "/ban/but-toan/<seq>/ten"), with(Recorders, 422, &ids.entry, "999")),
        (("POST", "/ban/but-toan/<seq>/ten/rut"), with(Recorders, 422, &ids.entry, "999")),
        (("GET", "/ban/xoa-thong-tin"), row(Recorders, 200)),
        (("POST", "/ban/xoa-thong-tin"), row(Recorders, 400)),
        (("GET", "/ban/quan-tri"), row(Officers, 200)),
        (("GET", "/ban/quan-tri/loi-moi/<id>"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (
            ("POST", "/ban/quan-tri/loi-moi/<id>/duong-dan"),
            with(Recorders, 404, NOTHING.0, NOTHING.1),
        ),
        (("POST", "/ban/quan-tri/loi-moi/<id>/ky"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/ban/quan-tri/loi-moi/<id>/huy"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/quan-tri/mau-so"), row(Recorders, 200)),
        (("POST", "/ban/quan-tri/mau-so"), row(Recorders, 303)),
        (("GET", "/ban/quan-tri/giam-ho"), row(Recorders, 200)),
        (("POST", "/ban/quan-tri/giam-ho"), row(Recorders, 422)),
        (("GET", "/ban/quan-tri/tai-khoan"), row(Officers, 200)),
        (("POST", "/ban/quan-tri/tai-khoan"), row(Officers, 422)),
        (("POST", "/ban/quan-tri/tai-khoan/dang-xuat"), row(Officers, 303)),
        (("GET", "/dang-nhap/moi/<secret>"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/dang-nhap/moi/<secret>"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
    ])
}

/// One line a route: accounts, second devices, sessions.
fn accounts(ids: &Ids) -> Rows {
    use Who::{Anybody, Heads, Officers, Recorders};
    let of = |who, answers| with(who, answers, &ids.officer, "00000000000000bb");
    BTreeMap::from([
        // Without half a session, back to the passphrase.
        (("GET", "/dang-nhap/ma"), row(Anybody, 303)),
        (("POST", "/dang-nhap/ma"), row(Anybody, 401)),
        (("GET", "/dang-nhap/bat"), row(Anybody, 303)),
        (("POST", "/dang-nhap/bat"), row(Anybody, 401)),
        (("GET", "/dang-nhap/lai/<secret>"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/dang-nhap/lai/<secret>"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
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

/// One line a route: signing away from the server.
fn away() -> Rows {
    use Who::{Anybody, Signers};
    BTreeMap::from([
        (("GET", "/ban/duyet/ky-ngoai"), row(Signers, 200)),
        (("POST", "/ban/duyet/ky-ngoai/tep"), row(Signers, 422)),
        // A form of another type than the one with a file.
        (("POST", "/ban/duyet/ky-ngoai"), row(Signers, 400)),
        (("GET", "/dang-nhap/moi/<secret>/may-khac"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
        (
            ("POST", "/dang-nhap/moi/<secret>/may-khac/tep"),
            with(Anybody, 404, NOTHING.0, NOTHING.1),
        ),
        (("POST", "/dang-nhap/moi/<secret>/may-khac"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
    ])
}

/// One line a route: deadlines of publication.
fn publication() -> Rows {
    use Who::{Officers, Recorders};
    BTreeMap::from([
        (("GET", "/ban/han-cong-khai"), row(Officers, 200)),
        (("GET", "/ban/quan-tri/han-cong-khai"), row(Recorders, 200)),
        (("POST", "/ban/quan-tri/han-cong-khai"), row(Recorders, 400)),
        (("POST", "/ban/quan-tri/han-cong-khai/mac-dinh"), row(Recorders, 400)),
        (("GET", "/ban/niem-yet/<name>"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/ban/niem-yet/<name>"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/ban/niem-yet/<id>/bo"), with(Recorders, 404, NOTHING.0, NOTHING.1)),
    ])
}

/// One line a route: families.
fn families(ids: &Ids) -> Rows {
    use Who::Caseworkers;
    let stranger = "00000000000000bb";
    let round = |who, answers| with(who, answers, &ids.round, stranger);
    BTreeMap::from([
        (("GET", "/ban/so-ho"), row(Caseworkers, 200)),
        (("POST", "/ban/so-ho"), row(Caseworkers, 200)),
        (("GET", "/ban/so-ho/so-ho.csv"), row(Caseworkers, 200)),
        (("GET", "/ban/so-ho/moi"), row(Caseworkers, 200)),
        (("POST", "/ban/so-ho/moi"), row(Caseworkers, 400)),
        (("GET", "/ban/so-ho/quyen-loi"), row(Caseworkers, 200)),
        (("POST", "/ban/so-ho/quyen-loi"), row(Caseworkers, 303)),
        (("GET", "/ban/so-ho/<id>"), with(Caseworkers, 200, &ids.family, stranger)),
        (("GET", "/ban/so-ho/<id>/sua"), with(Caseworkers, 200, &ids.family, stranger)),
        (("POST", "/ban/so-ho/<id>/sua"), with(Caseworkers, 400, &ids.family, stranger)),
        (("GET", "/ban/nhap-so-ho"), row(Caseworkers, 200)),
        // A form of another type than the one with a file.
        (("POST", "/ban/nhap-so-ho"), row(Caseworkers, 400)),
        (("GET", "/ban/nhap-so-ho/mau.csv"), row(Caseworkers, 200)),
        (("POST", "/ban/nhap-so-ho/<id>/bo"), with(Caseworkers, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-so-ho/<id>/cot"), with(Caseworkers, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/ban/nhap-so-ho/<id>/cot"), with(Caseworkers, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-so-ho/<id>"), with(Caseworkers, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/ban/nhap-so-ho/<id>"), with(Caseworkers, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/nhap-so-ho/<id>/xong"), with(Caseworkers, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/ban/dot-cap-phat"), row(Caseworkers, 200)),
        (("GET", "/ban/dot-cap-phat/moi"), row(Caseworkers, 200)),
        (("POST", "/ban/dot-cap-phat/moi"), row(Caseworkers, 400)),
        (("GET", "/ban/dot-cap-phat/<id>"), round(Caseworkers, 200)),
        (("POST", "/ban/dot-cap-phat/<id>/thong-tin"), round(Caseworkers, 400)),
        (("POST", "/ban/dot-cap-phat/<id>/bo"), round(Caseworkers, 400)),
        (("POST", "/ban/dot-cap-phat/<id>/danh-sach"), round(Caseworkers, 400)),
        (("GET", "/ban/dot-cap-phat/<id>/chon"), round(Caseworkers, 200)),
        (("POST", "/ban/dot-cap-phat/<id>/chon"), round(Caseworkers, 400)),
        (("POST", "/ban/dot-cap-phat/<id>/lap-phieu"), round(Caseworkers, 400)),
        (("GET", "/ban/dot-cap-phat/<id>/ky-nhan"), round(Caseworkers, 200)),
        (("GET", "/ban/dot-cap-phat/<id>/ky-nhan.pdf"), round(Caseworkers, 200)),
        (("GET", "/ban/dot-cap-phat/<id>/vang-mat"), round(Caseworkers, 200)),
        (("POST", "/ban/dot-cap-phat/<id>/vang-mat"), round(Caseworkers, 400)),
    ])
}

/// One line a route: sponsorship.
fn sponsors(ids: &Ids) -> Rows {
    use Who::{Caseworkers, Recorders};
    let plan = |who, answers| with(who, answers, &ids.plan, "00000000000000bb");
    BTreeMap::from([
        (("GET", "/ban/do-dau"), row(Caseworkers, 200)),
        (("GET", "/ban/do-dau/den-han"), row(Caseworkers, 200)),
        (
            ("GET", "/ban/do-dau/den-han/phieu-chi/<fund>"),
            with(Recorders, 200, "do-dau", "khong-co"),
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

/// One line a route: loans.
fn lending(ids: &Ids) -> Rows {
    use Who::{Caseworkers, Recorders};
    let loan = |who, answers| with(who, answers, &ids.loan, "00000000000000bb");
    BTreeMap::from([
        (("GET", "/ban/vay"), row(Caseworkers, 200)),
        (("GET", "/ban/vay/moi"), row(Caseworkers, 200)),
        (("POST", "/ban/vay/moi"), row(Caseworkers, 400)),
        (("GET", "/ban/vay/dau-ky"), row(Recorders, 200)),
        (("POST", "/ban/vay/dau-ky"), row(Recorders, 400)),
        (("GET", "/ban/vay/den-han"), row(Caseworkers, 200)),
        (("GET", "/ban/vay/cham-tra"), row(Caseworkers, 200)),
        (("GET", "/ban/vay/giay-bao"), row(Caseworkers, 200)),
        (("GET", "/ban/vay/<id>"), loan(Caseworkers, 200)),
        (("GET", "/ban/vay/<id>/tham-dinh"), loan(Caseworkers, 200)),
        (("POST", "/ban/vay/<id>/tham-dinh"), loan(Caseworkers, 400)),
        (("GET", "/ban/vay/<id>/ket-thuc"), loan(Caseworkers, 200)),
        (("POST", "/ban/vay/<id>/ket-thuc"), loan(Caseworkers, 400)),
        (("GET", "/ban/vay/<id>/phuong-an"), loan(Caseworkers, 200)),
        (("POST", "/ban/vay/<id>/phuong-an"), loan(Caseworkers, 400)),
        // Of a loan that was approved, paid out, or repaid.
        (("GET", "/ban/vay/<id>/khe-uoc"), loan(Caseworkers, 404)),
        (("GET", "/ban/vay/<id>/khe-uoc.pdf"), loan(Caseworkers, 404)),
        (("GET", "/ban/vay/<id>/so-tra-no"), loan(Caseworkers, 404)),
        (("GET", "/ban/vay/<id>/phieu-thu"), loan(Caseworkers, 404)),
        (("GET", "/ban/vay/<id>/so-tra-no.pdf"), loan(Caseworkers, 404)),
        (("GET", "/ban/vay/<id>/phieu-thu.pdf"), loan(Caseworkers, 404)),
        (("GET", "/ban/vay/<id>/gian-no"), loan(Recorders, 404)),
        (("POST", "/ban/vay/<id>/gian-no"), loan(Recorders, 400)),
    ])
}

/// One line a route: complaints. The one here is about no officer: every signer may answer it.
fn complaints(ids: &Ids) -> Rows {
    use Who::Signers;
    let own = |answers| with(Signers, answers, &ids.complaint, "00000000000000bb");
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

/// One line a route.
fn expected(ids: &Ids) -> Rows {
    use Who::{Anybody, Caseworkers, Maker, Officers, Recorders, Signers};
    let mut all = BTreeMap::from([
        (("GET", "/thiet-lap"), row(Anybody, 404)),
        (("POST", "/thiet-lap"), row(Anybody, 404)),
        (("GET", "/thiet-lap/<secret>"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
        (("POST", "/thiet-lap/<secret>"), with(Anybody, 404, NOTHING.0, NOTHING.1)),
        (("GET", "/dang-nhap"), row(Anybody, 200)),
        (("POST", "/dang-nhap"), row(Anybody, 422)),
        (("POST", "/dang-xuat"), row(Anybody, 303)),
        (("POST", "/ban/<_..>"), with(Officers, 404, "khong-co", "khong-co/0")),
        (("GET", "/ban/viec"), row(Officers, 200)),
        (("GET", "/ban/but-toan/<seq>"), with(Officers, 200, &ids.entry, "999")),
        (("GET", "/ban/but-toan/<seq>/phieu.pdf"), with(Officers, 200, &ids.entry, "999")),
        (("GET", "/ban/but-toan/<seq>/bien-nhan.pdf"), with(Officers, 200, &ids.entry, "999")),
        (("GET", "/ban/so-quy/<place>"), with(Officers, 200, "ngan-hang", "kho-bac")),
        (("GET", "/ban/so-quy/<place>/so-quy.pdf"), with(Officers, 200, "ngan-hang", "kho-bac")),
        (("GET", "/ban/kho/<room>/the-kho.pdf"), with(Officers, 404, "kho", "kho-bac")),
        (("GET", "/ban/so-quy/<place>/so-quy.csv"), with(Officers, 200, "ngan-hang", "kho-bac")),
        (("GET", "/ban/so-quy/<place>/so-quy.xlsx"), with(Officers, 200, "ngan-hang", "kho-bac")),
        (("GET", "/ban/quy"), row(Officers, 200)),
        (("GET", "/ban/quy/quy.csv"), row(Officers, 200)),
        (("GET", "/ban/quy/quy.xlsx"), row(Officers, 200)),
        (("GET", "/ban/kho/<room>/the-kho.csv"), with(Officers, 404, "kho", "kho-bac")),
        (("GET", "/ban/kho/<room>/the-kho.xlsx"), with(Officers, 404, "kho", "kho-bac")),
        (("GET", "/ban/kho"), row(Officers, 200)),
        (("GET", "/ban/kho/<room>"), with(Officers, 404, "kho?hang=gao", "kho-bac?hang=gao")),
        (("GET", "/ban/duyet"), row(Officers, 200)),
        (("POST", "/ban/duyet"), row(Signers, 422)),
        (("GET", "/ban/duyet/<id>"), with(Officers, 200, &ids.draft, &ids.foreign)),
        (("POST", "/ban/duyet/<id>/tra-lai"), with(Signers, 422, &ids.draft, &ids.foreign)),
        (("POST", "/ban/duyet/<id>/rut"), with(Maker, 409, &ids.withdrawn, &ids.foreign)),
        (("GET", "/ban/khoa-so"), row(Officers, 200)),
        (("POST", "/ban/khoa-so"), row(Recorders, 400)),
    ]);
    all.extend(statements());
    all.extend(further(ids));
    all.extend(families(ids));
    all.extend(publication());
    all.extend(away());
    all.extend(accounts(ids));
    all.extend(sponsors(ids));
    all.extend(lending(ids));
    all.extend(complaints(ids));
    for slip in crate::web::desk::slip::ALL {
        let who = match crate::web::desk::slip::OF_CASEWORKERS.contains(&slip.name) {
            true => Caseworkers,
            false => Recorders,
        };
        let page = match slip.is_about_an_entry() {
            true => with(who, 200, &format!("?so={}", ids.entry), "?so=999"),
            false => row(who, 200),
        };
        all.insert(("GET", slip.path), page);
        all.insert(("POST", slip.path), row(who, 400));
    }
    all
}

/// Somebody who calls, and the classes that take them in.
struct Caller {
    name: &'static str,
    signs_in: Option<SignsIn>,
    chapter: usize,
    may: &'static [Who],
}

const CALLERS: [Caller; 6] = {
    use Who::Signers;
    use Who::{Anybody, Auditors, Caseworkers, Heads, Maker, Officers, Overseers, Recorders};
    let recorder: &[Who] = &[Anybody, Officers, Caseworkers, Recorders, Signers];
    [
        Caller { name: "nobody", signs_in: None, chapter: 0, may: &[Anybody] },
        Caller {
            name: "treasurer",
            signs_in: Some(TREASURER),
            chapter: 0,
            may: &[Anybody, Officers, Caseworkers, Recorders, Signers, Maker],
        },
        Caller {
            name: "chair",
            signs_in: Some(CHAIR),
            chapter: 0,
            may: &[Anybody, Officers, Caseworkers, Recorders, Signers, Heads, Overseers],
        },
        Caller {
            name: "auditor",
            signs_in: Some(AUDITOR),
            chapter: 0,
            may: &[Anybody, Officers, Signers, Auditors, Overseers],
        },
        Caller {
            name: "caseworker",
            signs_in: Some(CASEWORKER),
            chapter: 0,
            may: &[Anybody, Officers, Caseworkers],
        },
        Caller { name: "neighbour", signs_in: Some(NEIGHBOUR), chapter: 1, may: recorder },
    ]
};

impl Caller {
    async fn comes_in(&self, house: &House) {
        house.forget().await;
        house.get("/dang-nhap").await;
        if let Some(signs_in) = self.signs_in {
            let chapters = house.store().chapters();
            house.sign_in_at(&chapters[self.chapter].1, signs_in).await;
        }
    }

    fn wanted(&self, method: Method, row: &Row, own: bool) -> u16 {
        match (self.may.contains(&row.who), self.signs_in, method) {
            // What one chapter has does not exist for another, whoever asks.
            (_, Some(_), _) if row.who == Who::Maker && (!own || self.chapter == 1) => {
                if self.may.contains(&Who::Caseworkers) { 404 } else { 403 }
            }
            (true, _, _) if own && self.chapter == 0 => row.answers,
            (true, _, _) if row.ids.is_some() => 404,
            (true, _, _) => row.answers,
            (false, Some(_), _) => 403,
            (false, None, Method::Get) => 303,
            (false, None, _) => 401,
        }
    }
}

async fn status(house: &House, method: Method, uri: &str) -> (u16, String) {
    if method != Method::Post {
        let response = house.client.req(method, uri.to_owned()).dispatch().await;
        return (response.status().code, response.into_string().await.unwrap_or_default());
    }
    let path = uri.split('?').next().unwrap();
    let response = house.post_raw(uri, &house.token_of(path), &[]).await;
    (response.status().code, response.into_string().await.unwrap_or_default())
}

/// The address of a route with an id in it: in its path, or behind.
fn address(path: &str, id: &str) -> String {
    match (path.find('<'), path.find('>')) {
        (Some(from), Some(to)) => format!("{}{id}{}", &path[..from], &path[to + 1..]),
        _ => format!("{path}{id}"),
    }
}

async fn furnished() -> (House, Ids) {
    let house = House::founded().await;
    let officer = house.enrol(AUDITOR, "auditor").await.person.to_string();
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(TREASURER).await;
    let entry = house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let entry = entry.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let id = |path: String| path.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let draft = id(house.slip("/ban/chi-phi", "", &cost("40000")).await);
    let withdrawn = id(house.slip("/ban/chi-phi", "", &cost("50000")).await);
    let path = format!("/ban/duyet/{withdrawn}");
    house.send(&path, &format!("{path}/rut"), &[]).await;
    let family = house.family(&[("member_name[]", "Võ Thị Mận")]).await;
    house.slip("/ban/mo-chuong-trinh", "", &rounds::PROGRAMME).await;
    let round = house.round("dot-1", "500.000").await;
    house.fund("sponsorship", "Quỹ đỡ đầu", "do-dau").await;
    let plan = house.sponsorship(&sponsors::OF_ANOTHER).await;
    let loan = house.application("Võ Thị Mận", "2.000.000").await;
    let said = [("about", "other"), ("text", "Chưa rõ một khoản"), ("contact", "0912345678")];
    house.complain(&said).await;
    let complaint = house.complaint().await.rsplit('/').next().unwrap().to_owned();
    let (_, foreign) = house.neighbours().await;
    (house, Ids { entry, draft, withdrawn, foreign, family, round, plan, loan, complaint, officer })
}

#[rocket::async_test]
async fn every_route_answers_each_caller_as_the_table_says() {
    let (house, ids) = furnished().await;
    let (expected, routes) = (expected(&ids), crate::web::desk::routes());
    let named = |route: &rocket::Route| (route.method.as_str(), route.uri.path().to_owned());
    for route in &routes {
        let (method, path) = named(route);
        let known = expected.contains_key(&(method, path.as_str()));
        assert!(known, "{method} {path} is missing in the matrix");
    }
    let mut wrong = Vec::new();
    for caller in &CALLERS {
        caller.comes_in(&house).await;
        for route in &routes {
            let (method, path) = named(route);
            let row = &expected[&(method, path.as_str())];
            let none = (String::new(), String::new());
            let (own, foreign) = row.ids.clone().unwrap_or(none.clone());
            let mut asked = vec![(own, true)];
            // To the neighbour the first is the foreign one, and the second is their own.
            let here = row.ids.is_some() && caller.chapter == 0;
            asked.extend(here.then_some((foreign, false)));
            for (id, own) in asked {
                let uri = address(&path, &id);
                let wanted = caller.wanted(route.method, row, own);
                let (found, html) = status(&house, route.method, &uri).await;
                let by_role = found != 403 || row.who == Who::Maker || html.contains("Vai trò");
                if found != wanted || !by_role {
                    wrong.push(format!("{}: {method} {uri}: {found}, not {wanted}", caller.name));
                }
                if route.method == Method::Get
                    && status(&house, Method::Head, &uri).await.0 != found
                {
                    wrong.push(format!("{}: HEAD {uri}", caller.name));
                }
                if path.ends_with("/dang-xuat") {
                    caller.comes_in(&house).await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(house.written().await.1, 1, "the draft waits as before");
}
