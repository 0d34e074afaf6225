//! Loans at the desk: from the application to the last đồng, what is typed amiss, who comes too
//! late, and no word of who borrows where it does not belong.

use super::erasure::{ERASE, files, holds};
use super::goods::assert_clean;
use super::people::CASEWORKER;
use super::*;

const PATH: &str = "/ban/vay";
const NEW: &str = "/ban/vay/moi";
const BORROWER: &str = "Mạc Thị Hoa Ban";
const GUARANTOR: &str = "Khúc Thị Lá Dong";
/// Everything private that was typed.
const PLANTED: [&str; 4] = [BORROWER, GUARANTOR, "0977665544", "Mua lợn nái"];

impl House {
    /// Takes an application; its identifier.
    pub async fn application(&self, borrower: &str, amount: &str) -> String {
        let (status, to) = self.apply(borrower, amount).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    async fn apply(&self, borrower: &str, amount: &str) -> (Status, String) {
        let (_, html) = self.get(NEW).await;
        let id = hidden(&html, "id");
        let fields = [
            ("id", id.as_str()),
            ("borrower", borrower),
            ("asked_on", "20/11/2026"),
            ("purpose", "livestock"),
            ("wanted", amount),
            ("words", "Mua lợn nái"),
            ("guarantor", GUARANTOR),
            ("guarantor_phone", "0977665544"),
            ("leads", "no"),
            ("group", ""),
        ];
        self.post(NEW, &token(&html, NEW), &fields).await
    }

    /// Sends a form of a loan's own with the version and identifier that it has now.
    pub async fn of_loan(&self, id: &str, part: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let action = format!("{PATH}/{id}/{part}");
        let (_, html) = self.get(&action).await;
        let (version, own) = (hidden(&html, "version"), hidden(&html, "id"));
        let mut all = vec![("version", version.as_str())];
        if !own.is_empty() {
            all.push(("id", own.as_str()));
        }
        all.extend_from_slice(fields);
        self.post(&action, &token(&html, &action), &all).await
    }

    async fn assess(&self, id: &str) {
        let visit = [
            ("on", "20/11/2026"),
            ("income", "3.000.000"),
            ("can_pay", ""),
            ("words", "Chăm chỉ"),
            ("advises", "yes"),
        ];
        let (status, to) = self.of_loan(id, "tham-dinh", &visit).await;
        assert_eq!(status, Status::SeeOther, "{to}");
    }

    /// A fund that lends, with some money in it, and a family.
    async fn lends(amount: &'static str) -> Self {
        let house = Self::founded().await;
        house.sign_in(TREASURER).await;
        house.fund("revolving", "Vốn quay vòng", "von-vay").await;
        let mut given = gift(amount);
        given.iter_mut().filter(|(name, _)| *name == "fund").for_each(|own| own.1 = "von-vay");
        house.slip("/ban/phieu-thu", "", &given).await;
        house.family(&[("member_name[]", BORROWER)]).await;
        house
    }

    /// The only family of the register.
    async fn borrower(&self) -> String {
        let (_, html) = self.get("/ban/so-ho").await;
        let family = html.split("\"/ban/so-ho/").find_map(|part| {
            let id = part.split('"').next()?;
            (id.len() == 16).then(|| id.to_owned())
        });
        family.unwrap()
    }

    /// An approved loan in equal parts that are due from today on; its file and its disbursement.
    async fn lent(&self, amount: &str, parts: &str) -> (String, u64) {
        self.lent_to(BORROWER, amount, parts).await
    }

    pub async fn lent_to(&self, borrower: &str, amount: &str, parts: &str) -> (String, u64) {
        let id = self.application(borrower, amount).await;
        self.assess(&id).await;
        let (status, to) = self.of_loan(&id, "phuong-an", &terms(amount, parts, "lay")).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        let approved = seq_of(&self.approve(&to).await);
        let out = [("of", approved.to_string()), ("date", "20/11/2026".to_owned())];
        let out: Vec<(&str, &str)> = out.iter().map(|(name, own)| (*name, own.as_str())).collect();
        let out = [out.as_slice(), &[("place", "cash"), ("note", "")]].concat();
        let draft = self.slip("/ban/giai-ngan", &format!("?so={approved}"), &out).await;
        (id, seq_of(&self.approve(&draft).await))
    }

    pub async fn repays(&self, loan: u64, amount: &str) -> u64 {
        let of = loan.to_string();
        let fields = [
            ("of", of.as_str()),
            ("date", "20/11/2026"),
            ("amount", amount),
            ("place", "cash"),
            ("principal", ""),
            ("fee", ""),
            ("note", ""),
        ];
        seq_of(&self.slip("/ban/thu-no", &format!("?so={loan}"), &fields).await)
    }
}

pub fn terms<'a>(amount: &'a str, parts: &'a str, step: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("step", step),
        ("fund", "von-vay"),
        ("cach", "interest_free_equal"),
        ("goc", amount),
        ("ky", parts),
        ("moi", "1"),
        ("don-vi", "thang"),
        ("giai-ngan", "20/11/2026"),
        ("ky-dau", "20/11/2026"),
        ("lai", ""),
    ]
}

#[rocket::async_test]
async fn a_loan_goes_from_the_application_to_the_last_dong() {
    let house = House::lends("5000000").await;
    let (file, loan) = house.lent("3.000.000", "3").await;
    let page = format!("{PATH}/{file}");
    let (_, html) = house.get(&page).await;
    assert!(html.contains("KU-2026-0001") && html.contains("Đang trả"), "{html}");
    let (_, html) = house.get("/ban/vay/den-han").await;
    assert!(html.contains("Thu 1.000.000") && html.contains(BORROWER), "{html}");
    house.repays(loan, "1.000.000").await;
    let seq = house.repays(loan, "250.000").await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains("1.250.000"), "{html}");
    let (status, html) = house.get(&format!("{page}/phieu-thu?so={seq}")).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Hai trăm năm mươi nghìn đồng"), "{html}");
    assert!(html.contains("1.750.000"), "what is owed after it: {html}");
    let (_, html) = house.get(&format!("{page}/so-tra-no")).await;
    assert!(html.contains("1.750.000"), "{html}");
    let (_, html) = house.get(&format!("{page}/khe-uoc")).await;
    assert!(html.contains(GUARANTOR) && html.contains("Ba triệu đồng"), "{html}");
    house.repays(loan, "1.750.000").await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Đã trả hết"), "{html}");
    let (_, html) = house.get("/ban/vay/den-han").await;
    assert!(!html.contains(BORROWER), "nothing is due: {html}");
    // What everybody sees: no name, and every figure ties.
    assert_clean(&house).await;
    house.forget().await;
    for path in ["/xuan-tay", "/xuan-tay/cong-khai", &format!("/xuan-tay/so/{loan}")] {
        let (_, html) = house.get(path).await;
        assert!(PLANTED.iter().all(|word| !html.contains(word)), "{path}: {html}");
    }
    // The database holds it sealed alone.
    for (name, bytes) in files(house.folder.path()) {
        for word in PLANTED {
            assert!(!holds(&bytes, word), "{name} holds {word}");
        }
    }
}

#[rocket::async_test]
async fn what_is_typed_amiss_is_told_and_nothing_is_lost() {
    let house = House::lends("2000000").await;
    let (status, html) = house.apply("Không Có Ai", "1.000.000").await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("không có đúng một hộ") && html.contains("Mua lợn nái"), "{html}");
    let id = house.application(BORROWER, "3.000.000").await;
    // Not before the visit, and not more than there is.
    let lay = terms("3.000.000", "3", "lay");
    let (status, html) = house.of_loan(&id, "phuong-an", &lay).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("đã thẩm định"), "{html}");
    house.assess(&id).await;
    let (status, html) = house.of_loan(&id, "phuong-an", &lay).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("chỉ còn 2.000.000"), "{html}");
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains("Đã thẩm định"), "nothing was kept of it: {html}");
    let (_, html) = house.of_loan(&id, "phuong-an", &terms("2.000.000", "3", "show")).await;
    assert!(html.contains("666.667"), "{html}");
    let (status, to) = house.of_loan(&id, "phuong-an", &terms("2.000.000", "2", "lay")).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    // While it waits nobody changes it; sent back, it can be laid again.
    let (_, html) = house.of_loan(&id, "ket-thuc", &[("how", "refused")]).await;
    assert!(html.contains("đã trình duyệt hoặc đã kết thúc"), "{html}");
    let draft = to.split('?').next().unwrap().to_owned();
    let action = format!("{draft}/rut");
    house.send(&draft, &action, &[]).await;
    let (status, to) = house.of_loan(&id, "phuong-an", &terms("2.000.000", "4", "lay")).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    house.approve(&to).await;
    // The money is set aside: aid may not take it.
    let (_, html) = house.get(PATH).await;
    assert!(html.contains("Đã duyệt, chờ giải ngân"), "{html}");
    let mut paid = cost("100000");
    paid.iter_mut().filter(|(name, _)| *name == "fund").for_each(|own| own.1 = "von-vay");
    let (_, html) = house.get("/ban/chi-phi").await;
    let new = hidden(&html, "id");
    paid.push(("id", new.as_str()));
    let (status, _) = house.post("/ban/chi-phi", &token(&html, "/ban/chi-phi"), &paid).await;
    assert_eq!(status, Status::UnprocessableEntity);
}

#[rocket::async_test]
async fn of_two_officers_the_second_is_told() {
    let house = House::lends("2000000").await;
    let id = house.application(BORROWER, "1.000.000").await;
    let action = format!("{PATH}/{id}/tham-dinh");
    let (_, html) = house.get(&action).await;
    let (version, token) = (hidden(&html, "version"), token(&html, &action));
    house.assess(&id).await;
    let stale = [
        ("version", version.as_str()),
        ("on", "20/11/2026"),
        ("income", ""),
        ("can_pay", ""),
        ("words", "Nhận xét khác"),
        ("advises", "no"),
    ];
    let (status, html) = house.post(&action, &token, &stale).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("vừa sửa hồ sơ này") && html.contains("Nhận xét khác"), "{html}");
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains("Chăm chỉ"), "{html}");
}

#[rocket::async_test]
async fn more_than_is_owed_is_held_and_repays_the_next_loan() {
    let house = House::lends("5000000").await;
    let (_, loan) = house.lent("1.000.000", "1").await;
    let of = loan.to_string();
    let repaid = [
        ("of", of.as_str()),
        ("date", "20/11/2026"),
        ("amount", "1.200.000"),
        ("place", "cash"),
        ("principal", ""),
        ("fee", ""),
        ("note", ""),
    ];
    let html = house.refuses("/ban/thu-no", &format!("?so={loan}"), &repaid).await;
    assert!(html.contains("chỉ còn nợ 1.000.000"), "{html}");
    house.repays(loan, "1.000.000").await;
    let held = [
        ("date", "20/11/2026"),
        ("class", "overpaid"),
        ("donor_type", "person"),
        ("donor_name", BORROWER),
        ("to_name", ""),
        ("note", ""),
        ("amount", "200.000"),
        ("place", "cash"),
    ];
    let held = seq_of(&house.slip("/ban/nhan-giu-ho", "", &held).await);
    let (file, second) = house.lent("2.000.000", "2").await;
    let (of, next) = (held.to_string(), second.to_string());
    let fields = [
        ("of", of.as_str()),
        ("date", "20/11/2026"),
        ("loan", next.as_str()),
        ("amount", "200.000"),
        ("principal", ""),
        ("fee", ""),
        ("place", "cash"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/tra-no-tien-giu-ho", &format!("?so={held}"), &fields).await;
    house.approve(&draft).await;
    let (_, html) = house.get(&format!("{PATH}/{file}")).await;
    assert!(html.contains("1.800.000"), "{html}");
    assert_clean(&house).await;
}

#[rocket::async_test]
async fn a_loan_that_ran_before_is_paid_on_and_another_schedule_adds_up() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.fund("revolving", "Vốn quay vòng", "von-vay").await;
    house.family(&[("member_name[]", BORROWER)]).await;
    let action = "/ban/vay/dau-ky";
    let (_, html) = house.get(action).await;
    let (id, file) = (hidden(&html, "id"), hidden(&html, "file"));
    let mut fields = vec![
        ("id", id.as_str()),
        ("file", file.as_str()),
        ("borrower", BORROWER),
        ("fund", "von-vay"),
        ("purpose", "crops"),
        ("words", "Trồng sắn"),
        ("disbursed", "05/06/2026"),
        ("principal", "3.000.000"),
        ("paid", "1.000.000"),
        ("fee_total", ""),
        ("fees_paid", ""),
        ("rows", "15/11/2026 1.000.000\n15/12/2026 900.000"),
    ];
    let token = token(&html, action);
    let (status, html) = house.post(action, &token, &fields).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("cộng lại phải đúng gốc 2.000.000"), "{html}");
    fields.last_mut().unwrap().1 = "15/11/2026 1.000.000\n15/12/2026 1.000.000";
    let (status, to) = house.post(action, &token, &fields).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let opened = seq_of(&house.approve(&to).await);
    let page = format!("{PATH}/{file}");
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Trễ 5 ngày"), "{html}");
    let so = format!("{opened}.0");
    let repaid = [
        ("of", so.as_str()),
        ("date", "20/11/2026"),
        ("amount", "400.000"),
        ("place", "cash"),
        ("principal", ""),
        ("fee", ""),
        ("note", ""),
    ];
    house.slip("/ban/thu-no", &format!("?so={so}"), &repaid).await;
    let again = [("rows", "20/01/2027 1.600.000"), ("words", "Mất mùa")];
    let (status, to) = house.of_loan(&file, "gian-no", &again).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    house.approve(&to).await;
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Đã giãn nợ 1 lần") && html.contains("20/01/2027"), "{html}");
    assert!(html.contains("Trễ 5 ngày"), "it is as late as before: {html}");
    let (_, html) = house.get("/ban/vay/cham-tra").await;
    assert!(html.contains(BORROWER) && html.contains("600.000"), "{html}");
    // They are not asked for it before the day that was agreed.
    for path in ["/ban/vay/giay-bao", "/ban/vay/den-han"] {
        let (_, html) = house.get(path).await;
        assert!(!html.contains(BORROWER), "{path}: {html}");
    }
    assert_clean(&house).await;
}

#[rocket::async_test]
async fn a_caseworker_collects_and_does_not_lend() {
    let house = House::lends("5000000").await;
    let (_, loan) = house.lent("1.000.000", "2").await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(CASEWORKER).await;
    house.repays(loan, "500.000").await;
    let (status, _) = house.get(&format!("/ban/xoa-no?so={loan}")).await;
    assert_eq!(status, Status::Forbidden);
}

#[rocket::async_test]
async fn an_identifier_that_the_ledger_has_puts_no_other_schedule_in_force() {
    let house = House::lends("5000000").await;
    let (file, loan) = house.lent("1.000.000", "2").await;
    let repaid = house.repays(loan, "500.000").await;
    let (_, json) = house.get(&format!("/xuan-tay/so/{repaid}/json")).await;
    let own = json.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let again = [("rows", "20/01/2030 500.000"), ("words", "Mất mùa"), ("id", own)];
    let action = format!("{PATH}/{file}/gian-no");
    let (_, html) = house.get(&action).await;
    let mut all = vec![("version", hidden(&html, "version"))];
    all.extend(again.iter().map(|(name, own)| (*name, (*own).to_owned())));
    let all: Vec<(&str, &str)> = all.iter().map(|(name, own)| (*name, own.as_str())).collect();
    let (status, html) = house.post(&action, &token(&html, &action), &all).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("Mất mùa"), "nothing is lost: {html}");
    let (_, html) = house.get(&format!("{PATH}/{file}")).await;
    assert!(!html.contains("20/01/2030") && !html.contains("Đã giãn nợ"), "{html}");
}

#[rocket::async_test]
async fn who_owes_is_not_erased_and_who_repaid_is() {
    let house = House::lends("5000000").await;
    let (file, loan) = house.lent("1.000.000", "2").await;
    let query = format!("nguoi={}", house.borrower().await);
    let (status, html) = house.erase(&query, &ERASE).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("còn khoản vay chưa xong"), "{html}");
    house.repays(loan, "1.000.000").await;
    let (status, draft) = house.erase(&query, &ERASE).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve(&draft).await;
    let (status, _) = house.get(&format!("{PATH}/{file}")).await;
    assert_eq!(status, Status::NotFound);
    assert_clean(&house).await;
}

#[rocket::async_test]
async fn an_application_sent_again_is_the_same_and_a_changed_one_is_not_lost() {
    let house = House::lends("5000000").await;
    let (_, html) = house.get(NEW).await;
    let id = hidden(&html, "id");
    let send = async |amount: &'static str| {
        let fields = [
            ("id", id.as_str()),
            ("borrower", BORROWER),
            ("asked_on", "20/11/2026"),
            ("purpose", "livestock"),
            ("wanted", amount),
            ("words", "Mua lợn nái"),
            ("leads", "no"),
        ];
        house.post(NEW, &token(&html, NEW), &fields).await
    };
    assert!(send("1.000.000").await.1.ends_with("?xong=moi"));
    assert!(send("1.000.000").await.1.ends_with("?xong=lai"));
    let (status, html) = send("2.000.000").await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("2.000.000") && html.contains("nội dung khác"), "{html}");
}

/// The text of a file as another program reads it, and how many pages it has.
fn read(bytes: &[u8]) -> (String, usize) {
    let file = lopdf::Document::load_mem(bytes).unwrap();
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    (file.extract_text(&pages).unwrap(), pages.len())
}

impl House {
    /// The agreement as a file.
    async fn agreement(&self, path: &str) -> Vec<u8> {
        let answer = self.client.get(path.to_owned()).dispatch().await;
        assert_eq!(answer.status(), Status::Ok);
        for (name, value) in [
            ("Content-Type", "application/pdf"),
            ("Content-Disposition", "inline; filename=\"KU-2026-0001.pdf\""),
            ("Cache-Control", "no-store"),
        ] {
            assert_eq!(answer.headers().get_one(name), Some(value));
        }
        assert!(!answer.headers().contains("Access-Control-Allow-Origin"));
        answer.into_bytes().await.unwrap()
    }
}

#[rocket::async_test]
async fn the_agreement_is_a_file_that_can_be_searched() {
    let house = House::lends("5000000").await;
    let id = house.application(BORROWER, "3.000.000").await;
    house.assess(&id).await;
    let path = format!("{PATH}/{id}/khe-uoc.pdf");
    assert_eq!(house.get(&path).await.0, Status::NotFound);
    let (_, to) = house.of_loan(&id, "phuong-an", &terms("3.000.000", "600", "lay")).await;
    assert_eq!(house.get(&path).await.0, Status::NotFound, "it waits for a signature");
    house.approve(&to).await;
    let bytes = house.agreement(&path).await;
    assert!(bytes.starts_with(b"%PDF-"));
    assert!(bytes.len() < 300_000, "{} bytes", bytes.len());
    assert_eq!(bytes, house.agreement(&path).await, "the same each time");
    let (text, pages) = read(&bytes);
    for own in ["KU-2026-0001", BORROWER, GUARANTOR, "Ba triệu đồng", "3.000.000\u{a0}₫"] {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert!(text.contains("Vay không lãi, không phí") && text.contains("Mua lợn nái"), "{text}");
    assert!((10..40).contains(&pages) && text.contains(&format!("/{pages}")), "{pages} pages");
    let (text, _) = read(&house.agreement(&format!("{path}?lang=en")).await);
    assert!(text.contains("Loan agreement") && text.contains("Three million đồng"), "{text}");
    let (_, html) = house.get(&format!("{PATH}/{id}")).await;
    assert!(html.contains(&path), "{html}");
}

#[rocket::async_test]
async fn what_was_paid_prints_as_a_slip_and_as_a_passbook() {
    let house = House::lends("5000000").await;
    let (file, loan) = house.lent("1.000.000", "2").await;
    let path = format!("{PATH}/{file}");
    let paid = house.repays(loan, "400.000").await;
    let (_, html) = house.get(&format!("{path}/phieu-thu?so={paid}")).await;
    let slip = format!("{path}/phieu-thu.pdf?so={paid}");
    assert!(html.contains(&slip), "{html}");
    let (text, pages) = house.paper(&slip).await;
    for own in ["PHIẾU THU NỢ", BORROWER, "Trả nợ KU-2026-0001", "Bốn trăm nghìn đồng", "600.000 ₫"]
    {
        assert!(text.contains(own), "{own}: {text}");
    }
    assert_eq!(pages, 1);
    assert_eq!(house.get(&format!("{path}/phieu-thu.pdf?so={loan}")).await.0, Status::NotFound);
    let (_, html) = house.get(&format!("{path}/so-tra-no")).await;
    assert!(html.contains(&format!("{path}/so-tra-no.pdf")), "{html}");
    let (text, _) = house.paper(&format!("{path}/so-tra-no.pdf")).await;
    for own in ["SỔ THEO DÕI TRẢ NỢ", BORROWER, "20/11/2026", "400.000", "600.000", "Cộng"]
    {
        assert!(text.contains(own), "{own}: {text}");
    }
    let (text, _) = house.paper(&format!("{path}/so-tra-no.pdf?lang=en")).await;
    assert!(text.contains("Taken by"), "{text}");
    // The slips of the ledger's own entries name the borrower, too.
    for (seq, number) in [(loan, "PC-2026-00001"), (paid, "PT-2026-00002")] {
        let path = format!("/ban/but-toan/{seq}/phieu.pdf?lang=vi");
        let (text, pages) = house.paper(&path).await;
        for own in [number, BORROWER, "Hộ vay", "KU-2026-0001"] {
            assert!(text.contains(own), "{own}: {text}");
        }
        assert_eq!(pages, 1, "{number}");
    }
}

#[rocket::async_test]
async fn a_name_typed_in_pieces_is_whole_on_the_agreement() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.fund("revolving", "Vốn quay vòng", "von-vay").await;
    let mut given = gift("2000000");
    given.iter_mut().filter(|(name, _)| *name == "fund").for_each(|own| own.1 = "von-vay");
    house.slip("/ban/phieu-thu", "", &given).await;
    let family = [
        ("member_name[]", "Nguye\u{302}\u{303}n Thi\u{323} Ho\u{300}a"),
        ("address", "12/3 hẻm Cây Me"),
        ("hamlet", "Ấp Bình Hòa"),
        ("identity", "079058123456"),
    ];
    house.family(&family).await;
    let id = house.application("Nguyễn Thị Hòa", "1.000.000").await;
    house.assess(&id).await;
    let mut flat = terms("1.000.000", "2", "lay");
    flat.iter_mut().filter(|(name, _)| *name == "cach").for_each(|own| own.1 = "flat");
    flat.iter_mut().filter(|(name, _)| *name == "lai").for_each(|own| own.1 = "6");
    let (_, to) = house.of_loan(&id, "phuong-an", &flat).await;
    house.approve(&to).await;
    let bytes = house.agreement(&format!("{PATH}/{id}/khe-uoc.pdf")).await;
    let (text, _) = read(&bytes);
    for (_, own) in &family[1..] {
        assert!(text.contains(own), "{own}: {text}");
    }
    for own in ["Nguyễn Thị Hòa", "Phải trả", "Phí dịch vụ của cả khoản vay"] {
        assert!(text.contains(own), "{own}: {text}");
    }
}

#[rocket::async_test]
async fn a_schedule_that_no_file_can_hold_is_told_and_locks_nothing() {
    let house = House::lends("5000000").await;
    let (file, _) = house.lent("1.000.000", "2").await;
    let first = chrono::NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
    let days = first.iter_days().take(601).enumerate();
    let line = |(at, day): (usize, chrono::NaiveDate)| {
        let part = if at == 0 { 1_000_000 - 600 } else { 1 };
        format!("{} {part}", day.format("%d/%m/%Y"))
    };
    let many: Vec<String> = days.map(line).collect();
    let huge = "01/01/2027 1 9007199254740991\n02/01/2027 0 1".to_owned();
    for rows in [many.join("\n"), huge] {
        let again = [("rows", rows.as_str()), ("words", "Mất mùa")];
        let (status, html) = house.of_loan(&file, "gian-no", &again).await;
        assert_eq!(status, Status::UnprocessableEntity, "{html}");
        assert!(html.contains("Mất mùa"), "nothing is lost: {html}");
    }
    for path in ["", "/den-han", "/cham-tra"] {
        assert_eq!(house.get(&format!("{PATH}{path}")).await.0, Status::Ok, "{path}");
    }
    let (_, html) = house.get(PATH).await;
    assert!(html.contains(BORROWER), "{html}");
}

#[rocket::async_test]
async fn a_loan_that_was_given_since_an_erasure_was_laid_holds_it_up() {
    let house = House::lends("5000000").await;
    let query = format!("nguoi={}", house.borrower().await);
    let (status, draft) = house.erase(&query, &ERASE).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    let (file, loan) = house.lent("1.000.000", "2").await;
    house.sign_in(CHAIR).await;
    let id = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap().to_owned();
    let fields = [("draft[]", id.as_str()), ("passphrase", CHAIR.1)];
    let page = format!("/ban/duyet/{id}");
    let (status, html) = house.send(&page, "/ban/duyet", &fields).await;
    assert_eq!(status, Status::Conflict, "values came since: {html}");
    assert_eq!(house.get(&format!("{PATH}/{file}")).await.0, Status::Ok);
    house.sign_in(TREASURER).await;
    house.repays(loan, "1.000.000").await;
}
