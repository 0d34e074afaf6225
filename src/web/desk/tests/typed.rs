//! What people type into slips: amounts, days, doubled and strange fields. Refused at the field,
//! with everything typed kept, and nothing written.

use super::*;

const TODAY: &str = "20/11/2026";

/// What no amount is.
const NO_AMOUNTS: &[&str] = &[
    "",
    " ",
    "-1",
    "-0",
    "+5",
    "1e3",
    "0x10",
    "1.5",
    "1,50",
    "1.0000",
    "1.00.000",
    "1,000.000",
    "1 00",
    "NaN",
    "Infinity",
    "một nghìn",
    "٥",
    "１０",
    "1\u{200b}000",
    "9007199254740992",
    "1234567890123456789",
    "99999999999999999999999999999999999999999999999999",
];

/// What no day of the books is: today is 20 November 2026, the books begin on the first.
const NO_DAYS: &[&str] = &[
    "",
    "31/02/2026",
    "29/02/2025",
    "31/11/2026",
    "00/11/2026",
    "20/13/2026",
    "20/11/0000",
    "20/11/9999",
    "20/11/26",
    "2026-11-31",
    "20/11",
    "20-11/2026",
    "hôm nay",
    "２０/11/2026",
    "+20/11/2026",
    "21/11/2026",
    "31/10/2026",
];

type Form = Vec<(&'static str, &'static str)>;

/// Every slip with an amount: its path, a good form, the field of its amount, and how it is sent.
fn slips() -> Vec<(&'static str, Form, &'static str)> {
    vec![
        ("/ban/phieu-thu", gift("1000"), "amount"),
        (
            "/ban/thu-khac",
            vec![
                ("date", TODAY),
                ("type", "bank_interest"),
                ("note", ""),
                ("amount", "1000"),
                ("place", "cash"),
                ("fund", "chung"),
                ("received_on", ""),
            ],
            "amount",
        ),
        ("/ban/phieu-chi", aid(&["1000"]), "line_amount[]"),
        ("/ban/chi-phi", cost("1000"), "amount"),
        ("/ban/chuyen-tien", transfer("1000"), "amount"),
        (
            "/ban/dieu-chuyen-quy",
            vec![
                ("date", TODAY),
                ("from_fund", "chung"),
                ("to_fund", "tet"),
                ("place", "cash"),
                ("amount", "1000"),
                ("reason", "other"),
                ("gifts", ""),
                ("consent", ""),
                ("note", ""),
            ],
            "amount",
        ),
        (
            "/ban/so-du-dau-ky",
            vec![
                ("date", TODAY),
                ("money_place[]", "cash"),
                ("money_fund[]", "chung"),
                ("money_amount[]", "1000"),
                ("note", ""),
            ],
            "money_amount[]",
        ),
        (
            "/ban/nhan-giu-ho",
            vec![
                ("date", TODAY),
                ("class", "named_family"),
                ("donor_type", "person"),
                ("donor_name", ""),
                ("to_name", "Gia đình anh Tư"),
                ("note", ""),
                ("amount", "1000"),
                ("place", "cash"),
            ],
            "amount",
        ),
    ]
}

fn aid(amounts: &[&'static str]) -> Form {
    let mut form = vec![
        ("date", TODAY),
        ("programme", "tet"),
        ("round", ""),
        ("note", ""),
        ("place", "cash"),
        ("fund", "chung"),
        ("gifts", ""),
        ("paper_no", ""),
    ];
    for amount in amounts {
        form.extend([
            ("line_name[]", "Trần Văn Ba"),
            ("line_category[]", "poor"),
            ("line_amount[]", *amount),
        ]);
    }
    form
}

fn transfer(amount: &'static str) -> Form {
    vec![
        ("date", TODAY),
        ("from_place", "cash"),
        ("to_place", "ngan-hang"),
        ("fund", "chung"),
        ("amount", amount),
        ("note", ""),
    ]
}

fn with(form: &Form, field: &str, value: &'static str) -> Form {
    let mut form = form.clone();
    form.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
    form
}

/// A house with a second fund, a programme and money.
async fn furnished() -> House {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let programme =
        [("date", TODAY), ("type", "tet"), ("name", "Tết"), ("code", "tet"), ("note", "")];
    house.slip("/ban/mo-chuong-trinh", "", &programme).await;
    let fund = [
        ("date", TODAY),
        ("type", "general"),
        ("name", "Quỹ Tết"),
        ("code", "tet"),
        ("terms", "Dùng cho Tết"),
        ("costs", "yes"),
        ("until", ""),
        ("target", ""),
        ("from", ""),
        ("to", ""),
        ("note", ""),
    ];
    let draft = house.slip("/ban/mo-quy", "", &fund).await;
    house.approve(&draft).await;
    house
}

impl House {
    /// Sends a slip once with `step`; the form's id is a new one.
    async fn type_in(&self, path: &str, form: &Form, step: &str) -> (Status, String, String) {
        let id = crate::web::desk::slip::new_id().to_string();
        let mut all = vec![("id", id.as_str()), ("step", step)];
        all.extend_from_slice(form);
        let (status, html) = self.post(path, &self.token_of(path), &all).await;
        (status, html, id)
    }

    /// The slip comes back with a fault at `field`, whole, and nothing was written.
    async fn comes_back(&self, path: &str, form: &Form, field: &str) -> String {
        let before = self.written().await;
        let (status, html, id) = self.type_in(path, form, "record").await;
        let what = format!("{path} {form:?}");
        assert_eq!(status, Status::UnprocessableEntity, "{what}: {html}");
        assert!(html.contains("<title>Lỗi: "), "{what}");
        let at = field.trim_end_matches("[]");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{what}: no fault at {at}: {html}");
        assert!(html.contains(&id), "{what}: another form came back");
        for (name, value) in form.iter().filter(|(_, value)| !value.trim().is_empty()) {
            let visible: String = value.chars().filter(|c| *c != '\u{200b}').collect();
            let escaped = visible.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            assert!(html.contains(&escaped), "{what}: {name} was lost");
        }
        assert_eq!(self.written().await, before, "{what}: something was written");
        html
    }
}

#[rocket::async_test]
async fn what_is_no_amount_is_refused_at_its_field_on_every_slip() {
    let house = furnished().await;
    for (path, form, field) in slips() {
        let empty_row = |typed: &str| typed.trim().is_empty() && field.ends_with("[]");
        for typed in
            NO_AMOUNTS.iter().chain(&["0", "0,000", "000"]).filter(|typed| !empty_row(typed))
        {
            house.comes_back(path, &with(&form, field, typed), field).await;
        }
    }
    let notes = |number| vec![("date", TODAY), ("place", "cash"), ("note_500000", number)];
    for typed in ["-1", "1.5", "1e3", "٥", "99999999", "x"] {
        house.comes_back("/ban/kiem-ke", &notes(typed), "note_500000").await;
    }
}

#[rocket::async_test]
async fn amounts_in_groups_are_echoed_in_digits_and_words_before_they_are_recorded() {
    let house = furnished().await;
    for typed in ["1000", "1.000", "1,000", "1 000", "1\u{a0}000", "1.000 ₫", "1.000đ", "1000 VND"]
    {
        let before = house.written().await;
        let (status, html, _) = house.type_in("/ban/phieu-thu", &gift(typed), "").await;
        assert_eq!(status, Status::Ok, "{typed}: {html}");
        let html = html.replace('\u{a0}', " ");
        assert!(html.contains("1.000 ₫") && html.contains("Một nghìn đồng"), "{typed}: {html}");
        assert_eq!(house.written().await, before, "an echo writes nothing");
    }
}

#[rocket::async_test]
async fn what_is_no_day_is_refused_at_its_field_on_every_slip() {
    let house = furnished().await;
    for (path, form, _) in slips() {
        for typed in NO_DAYS {
            house.comes_back(path, &with(&form, "date", typed), "date").await;
        }
    }
    for typed in ["31/02/2026", "x", "21/11/2026"] {
        let form = with(&gift("1000"), "received_on", typed);
        house.comes_back("/ban/phieu-thu", &form, "received_on").await;
    }
}

#[rocket::async_test]
async fn the_day_ends_at_midnight_where_the_chapter_is() {
    let house = furnished().await;
    for (now, status) in [
        ("2026-11-20T16:59:59Z", Status::UnprocessableEntity),
        ("2026-11-20T17:00:00Z", Status::Ok),
    ] {
        house.clock.set(now.parse().unwrap());
        house.sign_in(TREASURER).await;
        let form = with(&gift("1000"), "date", "21/11/2026");
        let (found, html, _) = house.type_in("/ban/phieu-thu", &form, "").await;
        assert_eq!(found, status, "{now}: {html}");
    }
}

#[rocket::async_test]
async fn a_clock_that_is_far_off_writes_nothing_and_the_form_is_kept() {
    let house = furnished().await;
    let before = house.written().await;
    for now in ["2026-11-19T03:00:00Z", "2036-11-20T03:00:00Z"] {
        house.clock.set(now.parse().unwrap());
        house.sign_in(TREASURER).await;
        let form = with(&gift("1000"), "date", "18/11/2026");
        let (status, html, id) = house.type_in("/ban/phieu-thu", &form, "record").await;
        assert_eq!(status, Status::Conflict, "{now}: {html}");
        assert!(html.contains("<title>Lỗi: ") && html.contains("Giờ của máy chủ"), "{now}: {html}");
        assert!(html.contains("Nguyễn Thị Hạnh") && html.contains(&id), "{now}: {html}");
        assert_eq!(house.get("/ban/viec").await.0, Status::Ok, "{now}: reading goes on");
    }
    assert_eq!(house.written().await, before);
}

#[rocket::async_test]
async fn a_closed_month_takes_no_day_and_the_next_one_does() {
    let house = furnished().await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    house.clock.set("2026-12-01T03:00:00Z".parse().unwrap());
    house.sign_in(TREASURER).await;
    let draft = house.close("0").await;
    house.approve(&draft).await;
    let late = with(&gift("1000"), "date", "30/11/2026");
    let html = house.comes_back("/ban/phieu-thu", &late, "date").await;
    assert!(html.contains("01/12/2026"), "the first open day is named: {html}");
    house.slip("/ban/phieu-thu", "", &with(&gift("1000"), "date", "01/12/2026")).await;
}

#[rocket::async_test]
async fn a_back_dated_payment_that_empties_a_day_in_between_is_refused_with_the_figure() {
    let house = furnished().await;
    house.slip("/ban/phieu-thu", "", &with(&gift("1000000"), "date", "10/11/2026")).await;
    let spent = with(&cost("800000"), "date", "15/11/2026");
    let draft = house.slip("/ban/chi-phi", "", &spent).await;
    house.approve(&draft).await;
    house.slip("/ban/phieu-thu", "", &with(&gift("5000000"), "date", "18/11/2026")).await;
    for (path, form) in [
        ("/ban/chi-phi", with(&cost("200001"), "date", "12/11/2026")),
        ("/ban/chuyen-tien", with(&transfer("200001"), "date", "12/11/2026")),
    ] {
        let html = house.comes_back(path, &form, "amount").await.replace('\u{a0}', " ");
        assert!(html.contains("200.000 ₫") && html.contains("15/11/2026"), "{path}: {html}");
    }
    let html = house
        .comes_back("/ban/chi-phi", &with(&cost("1"), "date", "09/11/2026"), "amount")
        .await
        .replace('\u{a0}', " ");
    assert!(html.contains("0 ₫") && html.contains("09/11/2026"), "{html}");
    house.slip("/ban/chuyen-tien", "", &with(&transfer("200000"), "date", "12/11/2026")).await;
}

#[rocket::async_test]
async fn sums_that_no_amount_holds_are_refused() {
    const MOST: &str = "9007199254740991";
    let house = furnished().await;
    house.comes_back("/ban/phieu-chi", &aid(&[MOST, MOST]), "line_amount").await;
    let mut twice = slips().remove(6).1;
    twice = with(&twice, "money_amount[]", MOST);
    twice.extend([("money_place[]", "cash"), ("money_fund[]", "tet"), ("money_amount[]", MOST)]);
    house.comes_back("/ban/so-du-dau-ky", &twice, "money_amount").await;
    house.slip("/ban/phieu-thu", "", &gift(MOST)).await;
    house.comes_back("/ban/phieu-thu", &gift("1"), "amount").await;
    let custody = slips().remove(7).1;
    house.comes_back("/ban/nhan-giu-ho", &custody, "amount").await;
    let (status, html) = house.get("/ban/so-quy/cash").await;
    assert!(status == Status::Ok && html.contains("9.007.199.254.740.991"), "{html}");
}

#[rocket::async_test]
async fn no_field_comes_twice_and_none_that_the_form_does_not_have() {
    let house = furnished().await;
    let before = house.written().await;
    let id = crate::web::desk::slip::new_id().to_string();
    for slip in crate::web::desk::slip::ALL {
        for field in slip.form.iter().filter(|field| !field.list) {
            let twice = [("id", id.as_str()), (field.name, "1"), (field.name, "1")];
            let (status, html) = house.post(slip.path, &house.token_of(slip.path), &twice).await;
            assert_eq!(status, Status::BadRequest, "{} {}", slip.path, field.name);
            assert!(html.contains(&format!("“{}”", field.name)), "{} {}", slip.path, field.name);
        }
        for strange in [
            "approved",
            "role",
            "chapter",
            "seq",
            "by",
            "log",
            "kind",
            "signatures[]",
            "officer",
            "id[]",
            "date[0]",
            "a[b][c]",
            "__proto__",
            "step.x",
            "ID",
        ] {
            let mut form = gift("1000");
            form.extend([("id", id.as_str()), ("step", "record"), (strange, "true")].map(
                |(name, value)| -> (&'static str, &'static str) { (leaked(name), leaked(value)) },
            ));
            let (status, _) = house.post(slip.path, &house.token_of(slip.path), &form).await;
            assert_eq!(status, Status::BadRequest, "{} {strange}", slip.path);
        }
    }
    assert_eq!(house.written().await, before);
}

/// A text that lives as long as the tests.
fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

#[rocket::async_test]
async fn choices_of_another_chapter_and_ids_that_are_none_are_refused() {
    let house = furnished().await;
    house.neighbours().await;
    let before = house.written().await;
    house.comes_back("/ban/phieu-thu", &with(&gift("1000"), "fund", "rieng"), "fund").await;
    house.comes_back("/ban/phieu-thu", &with(&gift("1000"), "place", "rieng"), "place").await;
    for id in ["", "1", "019a5000-0000-4000-8000-000000000000", "../../x", "' OR 1=1 --"] {
        let mut form = gift("1000");
        form.push(("id", leaked(id)));
        let path = "/ban/phieu-thu";
        let (status, _) = house.post(path, &house.token_of(path), &form).await;
        assert_eq!(status, Status::BadRequest, "{id}");
    }
    assert_eq!(house.written().await, before);
}
