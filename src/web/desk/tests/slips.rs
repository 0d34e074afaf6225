//! The slips that the journeys do not walk: each through its route, to the entry or the draft.

use super::*;
use crate::ledger::voucher::Body;
use crate::store::facade::Line;

impl House {
    pub(super) async fn line(&self, seq: u64) -> Line {
        let (chapter, _) = self.chapter();
        self.store().line(chapter, seq).await.unwrap().unwrap()
    }

    /// Opens a fund through its slip, and has it approved.
    pub(super) async fn fund(&self, kind: &str, name: &str, code: &str) -> u64 {
        let fields = [
            ("date", "19/11/2026"),
            ("type", kind),
            ("name", name),
            ("code", code),
            ("terms", "Chỉ chi cho quà Tết."),
            ("costs", "no"),
            ("until", ""),
            ("target", "20.000.000"),
            ("from", "19/11/2026"),
            ("to", "31/01/2027"),
            ("note", ""),
        ];
        let draft = self.slip("/ban/mo-quy", "", &fields).await;
        seq_of(&self.approve(&draft).await)
    }

    /// Sends a slip that is not accepted: its faults.
    pub(super) async fn refuses(&self, path: &str, query: &str, fields: &[(&str, &str)]) -> String {
        let (_, html) = self.get(&format!("{path}{query}")).await;
        let id = hidden(&html, "id");
        let mut all = vec![("id", id.as_str())];
        all.extend_from_slice(fields);
        let (status, html) = self.post(path, &token(&html, path), &all).await;
        assert_eq!(status, Status::UnprocessableEntity, "{path}: {html}");
        html
    }
}

#[rocket::async_test]
async fn interest_is_income_and_no_gift() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let fields = [
        ("date", "20/11/2026"),
        ("type", "bank_interest"),
        ("note", "Lãi tháng 10"),
        ("amount", "1250"),
        ("place", "ngan-hang"),
        ("fund", "chung"),
        ("received_on", "31/10/2026"),
    ];
    let mut late = fields;
    late[6].1 = "21/11/2026";
    let html = house.refuses("/ban/thu-khac", "", &late).await;
    assert!(html.contains("Ngày thực nhận") && !html.contains("received_on ("), "{html}");
    assert!(html.contains("href=\"#received_on\"") && !html.contains("Mục received_on"), "{html}");
    let to = house.slip("/ban/thu-khac", "", &fields).await;
    let line = house.line(seq_of(&to)).await;
    assert!(
        matches!(&line.entry.voucher().body, Body::Income(body) if body.amount.minor() == 1250)
    );
    let (_, html) = house.get(&to).await;
    assert!(html.contains("Lãi ngân hàng") && !html.contains("bank_interest"), "{html}");
    assert!(!html.contains("Biên nhận cho người ủng hộ"), "{html}");
    let (_, html) = house.get(&format!("/xuan-tay/so/{}", line.entry.place())).await;
    assert!(html.contains("Lãi ngân hàng") && !html.contains("bank_interest"), "{html}");
}

#[rocket::async_test]
async fn places_and_funds_are_opened_by_two_and_shown_in_words() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let fields = [
        ("date", "19/11/2026"),
        ("type", "advance"),
        ("name", "Tạm ứng của anh Sáu"),
        ("code", "tam-ung"),
        ("bank_bin", ""),
        ("account", ""),
        ("note", ""),
    ];
    let mut taken = fields;
    taken[3].1 = "cash";
    let html = house.refuses("/ban/mo-noi-giu-tien", "", &taken).await;
    assert!(html.contains("href=\"#code\""), "{html}");
    let draft = house.slip("/ban/mo-noi-giu-tien", "", &fields).await;
    let seq = seq_of(&house.approve(&draft).await);
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}")).await;
    assert!(html.contains("Tạm ứng của anh Sáu") && !html.contains(">advance<"), "{html}");
    let seq = house.fund("restricted", "Quà Tết 2027", "qua-tet").await;
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}")).await;
    assert!(html.contains("Có điều kiện") && html.contains("20.000.000"), "{html}");
    let (_, html) = house.get(&format!("/xuan-tay/so/{seq}")).await;
    assert!(html.contains("Có điều kiện") && !html.contains(">restricted<"), "{html}");
    let books = house.store().books(house.store().chapters()[0].0).unwrap();
    assert!(books.register().funds().contains_key(&"qua-tet".parse().unwrap()));
    assert!(books.place_type(&"tam-ung".parse().unwrap()).is_some());
}

#[rocket::async_test]
async fn a_bound_funds_money_moves_with_the_givers_consent_and_its_private_proof() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.fund("restricted", "Quà Tết 2027", "qua-tet").await;
    let mut bound = gift("500000");
    bound.iter_mut().filter(|(name, _)| *name == "fund").for_each(|pair| pair.1 = "qua-tet");
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &bound).await).to_string();
    let mut fields = vec![
        ("date", "20/11/2026"),
        ("from_fund", "qua-tet"),
        ("to_fund", "chung"),
        ("place", "cash"),
        ("amount", "200000"),
        ("reason", "consent"),
        ("gifts", ""),
        ("consent", ""),
        ("note", ""),
    ];
    let html = house.refuses("/ban/dieu-chuyen-quy", "", &fields).await;
    assert!(html.contains("href=\"#consent\""), "{html}");
    fields[7].1 = "Thư của chị Hạnh ngày 18/11";
    let html = house.refuses("/ban/dieu-chuyen-quy", "", &fields).await;
    assert!(html.contains("href=\"#from_fund\""), "without the gifts: {html}");
    fields[6].1 = &seq;
    let draft = house.slip("/ban/dieu-chuyen-quy", "", &fields).await;
    let line = house.line(seq_of(&house.approve(&draft).await)).await;
    let Body::FundTransfer(body) = &line.entry.voucher().body else { panic!("another kind") };
    assert_eq!(body.private.as_ref().unwrap().as_slice().len(), 1);
    assert!(!String::from_utf8(line.entry.bytes().unwrap()).unwrap().contains("Hạnh"));
    let (_, html) = house.get(&format!("/ban/but-toan/{}?rieng=1", line.entry.place())).await;
    assert!(html.contains("Thư của chị Hạnh ngày 18/11"), "{html}");
}

#[rocket::async_test]
async fn a_refusal_names_places_and_funds_and_not_their_codes() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("500000")).await;
    let fields = [
        ("date", "20/11/2026"),
        ("from_place", "ngan-hang"),
        ("to_place", "cash"),
        ("fund", "chung"),
        ("amount", "1"),
        ("note", ""),
    ];
    let html = house.refuses("/ban/chuyen-tien", "", &fields).await;
    assert!(html.contains("VietinBank”") && !html.contains("“ngan-hang”"), "{html}");
    let mut same = fields;
    same[1].1 = "cash";
    let html = house.refuses("/ban/chuyen-tien", "", &same).await;
    assert!(html.contains("(Đến nơi giữ)") && !html.contains("(to_place)"), "{html}");
}

#[rocket::async_test]
async fn a_gift_goes_back_to_its_giver_up_to_what_is_left() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("500000")).await).to_string();
    let mut fields = vec![
        ("of", seq.as_str()),
        ("date", "20/11/2026"),
        ("reason", "wrong_person"),
        ("words", "Chuyển nhầm cho Hội"),
        ("amount", "500001"),
        ("place", "cash"),
        ("note", ""),
    ];
    let query = format!("?so={seq}");
    let html = house.refuses("/ban/hoan-tra", &query, &fields).await;
    assert!(html.contains("500.000") && html.contains("href=\"#amount\""), "{html}");
    fields[4].1 = "500000";
    let draft = house.slip("/ban/hoan-tra", &query, &fields).await;
    let (_, html) = house.get(&house.approve(&draft).await).await;
    assert!(html.contains("Nhầm người") && !html.contains("wrong_person"), "{html}");
    assert!(!html.contains("Chuyển nhầm cho Hội"), "{html}");
    assert!(house.get("/ban/so-quy/cash").await.1.contains("500.000"));
}

/// Money held for somebody: the entry.
async fn held(house: &House, amount: &str) -> String {
    let fields = [
        ("date", "19/11/2026"),
        ("class", "unidentified"),
        ("donor_type", "unknown"),
        ("donor_name", ""),
        ("to_name", ""),
        ("note", ""),
        ("amount", amount),
        ("place", "cash"),
    ];
    seq_of(&house.slip("/ban/nhan-giu-ho", "", &fields).await).to_string()
}

#[rocket::async_test]
async fn what_is_held_goes_back_or_becomes_a_gift_with_a_receipt() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let of = held(&house, "300000").await;
    let query = format!("?so={of}");
    let fields = [
        ("of", of.as_str()),
        ("date", "20/11/2026"),
        ("amount", "100000"),
        ("place", "cash"),
        ("paper_no", "UNC-7"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/tra-tien-giu-ho", &query, &fields).await;
    let line = house.line(seq_of(&house.approve(&draft).await)).await;
    assert!(matches!(line.entry.voucher().body, Body::CustodyReturned(_)));

    let fields = [
        ("of", of.as_str()),
        ("date", "20/11/2026"),
        ("donor_type", "person"),
        ("donor_name", "Lê Văn Tám"),
        ("amount", "200000"),
        ("fund", "chung"),
        ("place", "cash"),
        ("note", ""),
    ];
    let mut more = fields;
    more[4].1 = "200001";
    let html = house.refuses("/ban/ghi-nhan-tien-giu-ho", &query, &more).await;
    assert!(html.contains("200.000"), "{html}");
    let draft = house.slip("/ban/ghi-nhan-tien-giu-ho", &query, &fields).await;
    let seq = seq_of(&house.approve(&draft).await);
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}")).await;
    let (_, rest) = html.split_once("href=\"/bn/").expect("a gift has its receipt");
    let path = format!("/bn/{}", rest.split('"').next().unwrap());
    let (status, html) = house.get(&path).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains("200.000") && html.contains("Quỹ chung"), "{html}");
    let (_, html) = house.get("/ban/quy").await;
    assert!(html.contains("200.000") && !html.contains("/ban/but-toan/{of}"), "{html}");
}

#[rocket::async_test]
async fn an_activity_is_reported_in_figures_without_money() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let programme = [
        ("date", "19/11/2026"),
        ("type", "blood"),
        ("name", "Hiến máu tình nguyện"),
        ("code", "hien-mau"),
        ("note", ""),
    ];
    house.slip("/ban/mo-chuong-trinh", "", &programme).await;
    let figures = |word: &'static str, number: &'static str, to: &'static str| {
        vec![
            ("date", "20/11/2026"),
            ("programme", "hien-mau"),
            ("from", "19/11/2026"),
            ("to", to),
            ("figure_of[]", "blood_units"),
            ("figure_number[]", "120"),
            ("figure_of[]", word),
            ("figure_number[]", number),
            ("note", ""),
        ]
    };
    for (word, number, to, at) in [
        ("people", "1.5", "20/11/2026", "figure_number"),
        ("people", "-3", "20/11/2026", "figure_number"),
        ("blood_units", "3", "20/11/2026", "figure_of"),
        ("", "3", "20/11/2026", "figure_of"),
        ("people", "3", "18/11/2026", "to"),
        ("people", "3", "21/11/2026", "to"),
    ] {
        let fields = figures(word, number, to);
        let html = house.refuses("/ban/bao-cao-hoat-dong", "", &fields).await;
        assert!(html.contains(&format!("href=\"#{at}\"")), "{word} {number} {to}: {html}");
    }
    let fields = figures("people", "1.035", "20/11/2026");
    let to = house.slip("/ban/bao-cao-hoat-dong", "", &fields).await;
    let (_, html) = house.get(&to).await;
    assert!(html.contains("Đơn vị máu") && html.contains("1.035"), "{html}");
    assert!(!html.contains("blood_units"), "{html}");
    let (_, html) = house.get(&format!("/xuan-tay/so/{}", seq_of(&to))).await;
    assert!(html.contains("Đơn vị máu") && !html.contains("blood_units"), "{html}");
}

#[rocket::async_test]
async fn a_cost_may_say_for_how_many_it_was() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let fields = |of: &'static str, number: &'static str| {
        vec![
            ("date", "20/11/2026"),
            ("payee_type", "firm"),
            ("payee_name", "Nhà in Ví Dụ"),
            ("category", "training"),
            ("amount", "100.000"),
            ("place", "cash"),
            ("fund", "chung"),
            ("figure_of", of),
            ("figure_number", number),
            ("note", ""),
        ]
    };
    for (of, number, at) in [
        ("people", "", "figure_number"),
        ("", "30", "figure_of"),
        ("loaves", "30", "figure_of"),
        ("people", "1,5", "figure_number"),
        ("people", "-1", "figure_number"),
    ] {
        let html = house.refuses("/ban/chi-phi", "", &fields(of, number)).await;
        assert!(html.contains(&format!("href=\"#{at}\"")), "{of} {number}: {html}");
    }
    let (_, html) = house.get("/ban/bao-cao-hoat-dong").await;
    assert!(html.contains("số đang có") && html.contains("cộng qua các phiếu"), "{html}");
}
