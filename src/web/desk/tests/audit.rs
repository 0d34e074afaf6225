//! A chapter with an auditor: closings wait for all three, the auditor concludes alone, statements
//! are published by two, and the pages of the audit show who, when and how many.

use super::*;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{SignatureRole, SigningKey};
use crate::ledger::voucher::{Body, Voucher};
use crate::ledger::word::Origin;
use crate::store::alongside::Alongside;
use crate::store::desk::passphrase::Passphrase;
use crate::store::facade::NewAccount;

const AUDITOR: (&str, &str) = ("tu.kiemtra", "cây ngay không sợ chết đứng");

/// Officers of a house with an auditor: sign-in, role, title.
const OFFICERS: [((&str, &str), &str, &str); 4] = [
    (TREASURER, "treasurer", "Thủ quỹ"),
    (CHAIR, "chair", "Chủ tịch Hội"),
    (DEPUTY, "deputy_chair", "Phó Chủ tịch Hội"),
    (AUDITOR, "auditor", "Ban kiểm tra"),
];

impl House {
    /// A house whose chapter opened in September with an auditor, a bank account and a fund.
    pub(super) async fn audited() -> Self {
        let house = house().await;
        house.clock.set("2026-09-01T03:00:00Z".parse().unwrap());
        let origin: Origin = "so.example/xuan-tay".parse().unwrap();
        let keys: Vec<SigningKey> = (1..=4).map(|at| key(&origin, at)).collect();
        let members = serde_json::json!({
            "chapter": {"name": "Hội Chữ thập đỏ xã Xuân Tây", "slug": "xuan-tay"},
            "currency": {"code": "VND", "scale": 0},
            "utc_offset": "+07:00",
            "books_from": "2026-09-01",
            "log_key": house.store().keys().log_key(&origin).unwrap().vkey(),
            "officers": OFFICERS.iter().zip(&keys).zip(1..).map(|(((_, role, title), key), at)| {
                serde_json::json!({
                    "vkey": key.public().vkey(), "person": person(at), "roles": [role],
                    "title": title,
                })
            }).collect::<Vec<_>>(),
            "policy": {},
            "rules": 1,
        });
        let opening = signed(&origin, &keys, "chapter_opened", members, 4);
        let mut accounts = Vec::new();
        for (((sign_in, _, _), key), at) in OFFICERS.iter().zip(&keys).zip(1..) {
            let own = SigningKey::from_seed(key.name(), *key.seed()).unwrap();
            let passphrase = Passphrase::choose(sign_in.1, sign_in.0).unwrap();
            let sealer = Sealer::cheap_for_tests();
            let lock = sealer.seal(&origin, key.public(), passphrase, Some(own)).await.unwrap();
            accounts.push(NewAccount {
                sign_in_name: sign_in.0.to_owned(),
                person: person(at).parse().unwrap(),
                key: key.public().clone(),
                lock,
            });
        }
        let now = house.clock.now();
        let alongside = Alongside::accounts(&accounts, now).unwrap();
        let (chapter, _) = house.store().found(opening, alongside, now).await.unwrap();
        let fund = serde_json::json!({"fund": {
            "code": "chung", "type": "general", "name": "Quỹ chung",
            "terms": {"text": "Mọi hoạt động nhân đạo", "costs": true},
        }});
        let bank = serde_json::json!({"place": {
            "code": "ngan-hang", "type": "bank", "name": "VietinBank",
        }});
        for (kind, members) in [("fund_opened", fund), ("place_opened", bank)] {
            let signed = signed(&origin, &keys, kind, members, 2);
            house.store().record(chapter, signed, Alongside::nothing(), now).await.unwrap();
        }
        house.sign_in(TREASURER).await;
        house
    }

    /// It is another day: not more than 31 after the last entry, or the writer asks for the clock.
    pub(super) async fn on(&self, day: &str) {
        self.clock.set(format!("{day}T03:00:00Z").parse().unwrap());
        self.sign_in(TREASURER).await;
    }

    pub(super) async fn gift_on(&self, day: &'static str, amount: &'static str) -> u64 {
        let mut fields = gift(amount);
        fields[0].1 = day;
        seq_of(&self.slip("/ban/phieu-thu", "", &fields).await)
    }

    /// Lays the closing of the next month; the draft.
    pub(super) async fn close(&self, said: &str) -> String {
        let (_, html) = self.get("/ban/khoa-so").await;
        let (id, through) = (hidden(&html, "id"), hidden(&html, "through"));
        let fields = [
            ("id", id.as_str()),
            ("through", through.as_str()),
            ("bank_place[]", "ngan-hang"),
            ("bank_balance[]", said),
            ("bank_differs", "yes"),
        ];
        let (status, to) = self.send("/ban/khoa-so", "/ban/khoa-so", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to
    }

    /// Signs a draft as somebody; where that leads.
    pub(super) async fn approve_as(&self, who: (&str, &str), draft: &str) -> String {
        self.sign_in(who).await;
        let id = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap().to_owned();
        let fields = [("draft[]", id.as_str()), ("passphrase", who.1)];
        let (status, to) = self.send("/ban/duyet", "/ban/duyet", &fields).await;
        assert_eq!(status, Status::SeeOther, "{to}");
        to
    }

    /// Closes the next month with all three signatures; the entry.
    pub(super) async fn closed(&self) -> u64 {
        let draft = self.close("0").await;
        self.approve_as(CHAIR, &draft).await;
        let to = self.approve_as(AUDITOR, &draft).await;
        self.sign_in(TREASURER).await;
        seq_of(&to)
    }
}

fn person(at: u8) -> String {
    format!("{at:016x}")
}

fn key(origin: &Origin, at: u8) -> SigningKey {
    SigningKey::from_seed(&format!("{origin}/officer/{at:016x}"), [at; 32]).unwrap()
}

/// A voucher of 1 September by the treasurer, with as many signatures as said.
fn signed(
    origin: &Origin,
    keys: &[SigningKey],
    kind: &str,
    mut members: serde_json::Value,
    number: usize,
) -> SignedVoucher {
    members["by"] = keys[0].name().into();
    members["date"] = "2026-09-01".into();
    members["id"] = crate::web::desk::slip::new_id().as_str().into();
    members["kind"] = kind.into();
    members["log"] = origin.as_str().into();
    let voucher = Voucher::read(&members).unwrap();
    let roles = [SignatureRole::Recorder, SignatureRole::Approver]
        .into_iter()
        .chain(std::iter::repeat(SignatureRole::Holder));
    let bytes = voucher.bytes();
    let signatures = keys.iter().zip(roles).take(number);
    let signatures =
        signatures.map(|(key, role)| OfficerSignature::sign(role, key, &bytes).unwrap());
    SignedVoucher { signatures: signatures.collect(), voucher }
}

#[rocket::async_test]
async fn a_closing_waits_for_approver_and_auditor_in_either_order() {
    let house = House::audited().await;
    house.gift_on("01/09/2026", "1.500.000").await;
    house.on("2026-10-01").await;
    assert!(house.get("/ban/khoa-so").await.1.contains("ban kiểm tra đều đã ký"));
    for order in [[CHAIR, AUDITOR], [AUDITOR, CHAIR]] {
        let draft = house.close("12345").await;
        assert_eq!(house.approve_as(order[0], &draft).await, "/ban/duyet", "one more is asked for");
        // Who signed is not asked again.
        assert!(!house.get("/ban/duyet").await.1.contains("name=\"passphrase\""));
        let line = house.line(seq_of(&house.approve_as(order[1], &draft).await)).await;
        let roles: Vec<_> = line.entry.signatures().iter().map(|own| own.role).collect();
        let wanted = [SignatureRole::Recorder, SignatureRole::Approver, SignatureRole::Auditor];
        assert_eq!(roles, wanted);
        let Body::PeriodClosed(body) = &line.entry.voucher().body else { panic!("another kind") };
        let bank = body.bank.as_ref().unwrap();
        assert_eq!((bank.len(), bank[0].statement_balance.minor()), (1, 12_345));
        house.on("2026-11-01").await;
    }
    let (_, html) = house.get("/ban/kiem-tra/khoa-so").await;
    assert!(html.contains("10/2026") && html.contains("12.345"), "{html}");
}

#[rocket::async_test]
async fn the_auditor_concludes_alone_and_records_nothing_else() {
    let house = House::audited().await;
    let gift = house.gift_on("01/09/2026", "1.500.000").await.to_string();
    house.on("2026-10-01").await;
    house.closed().await;
    let path = "/ban/kiem-tra/ket-luan";
    assert_eq!(house.get(path).await.0, Status::Forbidden);
    house.sign_in(AUDITOR).await;
    for slip in crate::web::desk::slip::ALL {
        assert_eq!(house.get(slip.path).await.0, Status::Forbidden, "{}", slip.path);
    }
    for page in ["/ban/xoa-thong-tin", "/ban/but-toan/3/ten"] {
        assert_eq!(house.get(page).await.0, Status::Forbidden, "{page}");
    }
    let (_, html) = house.get(path).await;
    let id = hidden(&html, "id");
    let fields = |field: &'static str, value: &'static str| {
        let mut all = vec![
            ("id", id.as_str()),
            ("through", "2026-09"),
            ("result", "remarks"),
            ("sample", gift.as_str()),
            ("note", "Thiếu chữ ký trên phiếu giấy"),
            ("passphrase", AUDITOR.1),
        ];
        all.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        all
    };
    for (field, value, at) in [
        ("through", "2026-10", "through"),
        ("result", "", "result"),
        ("sample", "999", "sample"),
        ("sample", "hai ba", "sample"),
        ("note", "", "note"),
        ("passphrase", "sai mật khẩu rồi", "passphrase"),
    ] {
        let (status, html) = house.send(path, path, &fields(field, value)).await;
        assert_eq!(status, Status::UnprocessableEntity, "{field}={value}");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{field}={value}: {html}");
    }
    let (status, to) = house.send(path, path, &fields("", "")).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let line = house.line(seq_of(&to)).await;
    let roles: Vec<_> = line.entry.signatures().iter().map(|own| own.role).collect();
    assert_eq!(roles, [SignatureRole::Auditor]);
    let (_, again) = house.send(path, path, &fields("", "")).await;
    assert_eq!(again, to.replace("moi", "lai"));
    let (_, html) = house.get(&to).await;
    assert!(html.contains("Có ý kiến") && html.contains("09/2026"), "{html}");
    let (_, html) = house.get("/ban/kiem-tra/khoa-so").await;
    assert!(html.contains("Có ý kiến") && html.contains("đã xem 1 bút toán"), "{html}");
}

#[rocket::async_test]
async fn quarter_year_and_campaign_are_computed_published_by_two_and_shown() {
    let house = House::audited().await;
    house.gift_on("01/09/2026", "1.500.000").await;
    house.on("2026-10-01").await;
    let path = "/ban/bao-cao";
    assert!(!house.get(path).await.1.contains("name=\"what\""), "no month is closed yet");
    for day in ["2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01"] {
        house.on(day).await;
        house.closed().await;
    }
    let (_, html) = house.get(path).await;
    for name in ["2026-q3", "2026-q4", "2026"] {
        assert!(html.contains(&format!("value=\"{name}\"")), "{name}: {html}");
    }
    assert!(!html.contains("value=\"2026-q2\""), "{html}");
    let ask = |what, fund, from, to| [("what", what), ("fund", fund), ("from", from), ("to", to)];
    for (fields, at) in [
        (ask("2026-q2", "", "", ""), "what"),
        (ask("campaign", "", "01/09/2026", "30/09/2026"), "fund"),
        (ask("campaign", "chung", "02/09/2026", "01/09/2026"), "to"),
        (ask("campaign", "chung", "01/09/2026", "01/01/2027"), "to"),
    ] {
        let (_, html) = house.get(path).await;
        let id = hidden(&html, "id");
        let mut all = vec![("id", id.as_str())];
        all.extend(fields);
        let (status, html) = house.post(path, &token(&html, path), &all).await;
        assert_eq!(status, Status::UnprocessableEntity, "{fields:?}");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{fields:?}: {html}");
    }
    for (fields, name, title) in [
        (ask("2026-q3", "", "", ""), "2026-q3", "Quý 3/2026"),
        (ask("2026", "", "", ""), "2026", "2026"),
        (
            ask("campaign", "chung", "01/09/2026", "30/11/2026"),
            "chung_2026-09-01_2026-11-30",
            "Quỹ chung, từ 01/09/2026 đến 30/11/2026",
        ),
    ] {
        let (status, html) = house.get(&format!("/xuan-tay/bao-cao/{name}")).await;
        if name.contains('_') {
            assert_eq!(status, Status::NotFound, "the fund is no appeal of these days");
        } else {
            assert!(html.contains("chưa được ký và công bố"), "{name}: {html}");
        }
        let (_, html) = house.get(path).await;
        let id = hidden(&html, "id");
        let mut all = vec![("id", id.as_str())];
        all.extend(fields);
        let (status, draft) = house.post(path, &token(&html, path), &all).await;
        assert_eq!(status, Status::SeeOther, "{name}: {draft}");
        let entry = house.approve(&draft).await;
        let (status, html) = house.get(&format!("/xuan-tay/bao-cao/{name}")).await;
        assert_eq!(status, Status::Ok, "{name}");
        assert!(html.contains(title) && html.contains("1.500.000"), "{name}: {html}");
        let Body::StatementPublished(body) =
            house.line(seq_of(&entry)).await.entry.voucher().body.clone()
        else {
            panic!("another kind")
        };
        assert!(html.contains(&body.sha256.to_string()), "{name}");
        assert!(house.get(path).await.1.contains(&format!("/xuan-tay/bao-cao/{name}")));
    }
    let (_, html) = house.get("/xuan-tay/bao-cao/2026-12").await;
    assert!(html.contains("/xuan-tay/bao-cao/chung_2026-09-01_2026-11-30"), "{html}");
}

#[rocket::async_test]
async fn the_log_shows_who_and_when_and_its_table_adds_up() {
    let house = House::audited().await;
    let first = house.gift_on("01/09/2026", "1.500.000").await;
    house.gift_on("01/09/2026", "500.000").await;
    let own = first.to_string();
    let fields = [
        ("of", own.as_str()),
        ("date", "01/09/2026"),
        ("reason", "mistyped"),
        ("words", "Gõ nhầm, chị Hạnh báo"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={own}"), &fields).await;
    house.approve(&draft).await;
    house.get(&format!("/ban/but-toan/{first}?rieng=1")).await;
    house.sign_in(AUDITOR).await;
    let (_, html) = house.get("/ban/kiem-tra").await;
    assert!(html.contains("Người lập: Thủ quỹ") && html.contains("Người duyệt: Chủ tịch Hội"));
    assert!(html.contains("PT-2026-00002") && !html.contains("Hạnh"), "{html}");
    let (_, html) = house.get("/ban/kiem-tra/so-hieu").await;
    assert!(html.contains("Phiếu thu (PT), 2026") && html.contains("Liên tục"), "{html}");
    assert!(!html.contains("Khuyết "), "{html}");
    let (_, html) = house.get("/ban/kiem-tra/but-toan-dao").await;
    assert!(html.contains(&format!("đảo #{first}")), "{html}");
    let (_, html) = house.get("/ban/kiem-tra/mo-xem").await;
    assert!(html.contains("Mở xem") && !html.contains("Hạnh"), "{html}");

    let (status, text) = house.get("/ban/kiem-tra/so.csv").await;
    assert_eq!(status, Status::Ok);
    assert!(!text.contains("Hạnh"), "{text}");
    let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let last = rows.pop().unwrap();
    let amount = |row: &csv::StringRecord, at: usize| row[at].parse::<i64>().unwrap();
    let sums = [9, 10].map(|at| rows.iter().map(|row| amount(row, at)).sum::<i64>());
    assert_eq!(sums, [9, 10].map(|at| amount(&last, at)), "{text}");
    let (chapter, _) = house.store().chapters()[0];
    let books = house.store().books(chapter).unwrap();
    let places = books.register().places().values().map(|place| place.balance.minor());
    assert_eq!(sums[0] - sums[1], places.sum::<i64>());
    assert_eq!(rows.len() as u64, books.size());
}

#[rocket::async_test]
async fn a_count_prints_as_minutes_before_and_after_it_is_recorded() {
    let house = House::audited().await;
    house.gift_on("01/09/2026", "1.500.000").await;
    let count = [
        ("date", "01/09/2026"),
        ("place", "cash"),
        ("note_500000", "2"),
        ("note_200000", "2"),
        ("counted", ""),
        ("fund", "chung"),
        ("note", "Trả nhầm tiền lẻ"),
    ];
    let draft = house.slip("/ban/kiem-ke", "", &count).await;
    let (_, html) = house.get(&draft).await;
    let (_, rest) = html.split_once("href=\"/ban/kiem-ke/").expect("a way to the minutes");
    let path = format!("/ban/kiem-ke/{}", rest.split('"').next().unwrap());
    for _ in 0..2 {
        let (status, html) = house.get(&path).await;
        assert_eq!(status, Status::Ok);
        for text in
            ["1.400.000", "1.500.000", "−100.000", "(thiếu)", "Trả nhầm tiền lẻ", "(Ký, họ tên)"]
        {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(!html.contains("/dang-xuat"), "nothing of the desk is printed");
        if html.contains("Số #") {
            break;
        }
        let entry = house.approve(&draft).await;
        assert!(house.get(&entry).await.1.contains(&path));
    }
    assert!(house.get(&path).await.1.contains("Số #"));
    let gift = house.line(3).await.entry.voucher().id.clone();
    assert_eq!(house.get(&format!("/ban/kiem-ke/{gift}/bien-ban")).await.0, Status::NotFound);
}
