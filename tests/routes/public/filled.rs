//! A chapter with three months of books: two funds, gifts, aid, costs, a correction, something
//! held for others, a month that is closed.

use chrono::{DateTime, Utc};
use minhbach::ledger::disclosure::{Disclosure, PrivateName};
use minhbach::ledger::entry::SignedVoucher;
use minhbach::ledger::keys::SignatureRole;
use minhbach::ledger::voucher::{Voucher, VoucherId};
use minhbach::ledger::word::{Month, Origin, Person};
use minhbach::store::alongside::Alongside;
use minhbach::store::desk::vault::{Consent, PrivateValue, Subject};
use minhbach::store::{ChapterId, Recorded};
use serde_json::{Value, json};

use crate::house::{CHAIR, DEPUTY, Ground, TREASURER, TestHouse, key, sign_voucher};

/// The slug of the chapter.
pub const SLUG: &str = "xuan-tay";

/// Recorded by the treasurer alone.
pub const ONE: &[(&str, SignatureRole)] = &[(TREASURER, SignatureRole::Recorder)];
/// Approved by the chair.
pub const TWO: &[(&str, SignatureRole)] =
    &[(TREASURER, SignatureRole::Recorder), (CHAIR, SignatureRole::Approver)];
/// Signed by all, as entry 0 is.
const ALL: &[(&str, SignatureRole)] = &[
    (TREASURER, SignatureRole::Recorder),
    (CHAIR, SignatureRole::Approver),
    (DEPUTY, SignatureRole::Holder),
];

/// A chapter with books, and the entries that tests name.
pub struct Filled {
    pub house: TestHouse,
    pub chapter: ChapterId,
    pub origin: Origin,
    /// A gift of 1 500 000, 620 000 of it used.
    pub gift: Recorded,
    /// A gift that was typed wrongly, and its reversal.
    pub wrong: Recorded,
    pub reversal: Recorded,
    /// Something held for a family.
    pub custody: Recorded,
    /// The closing of September.
    pub closing: Recorded,
}

/// Records vouchers of one ledger.
pub struct Pen<'a> {
    pub house: &'a TestHouse,
    pub chapter: ChapterId,
    pub origin: &'a Origin,
}

impl Pen<'_> {
    /// Records a voucher of a day at ten o'clock in Việt Nam.
    pub async fn write(
        &self,
        day: &str,
        kind: &str,
        members: Value,
        signers: &[(&str, SignatureRole)],
    ) -> Recorded {
        let signed = voucher(self.origin, day, kind, members, signers);
        let done =
            self.house.store.record(self.chapter, signed, Alongside::nothing(), at(day)).await;
        done.unwrap_or_else(|fault| panic!("{kind} of {day}: {fault}"))
    }

    pub async fn gift(&self, day: &str, fund: &str, amount: i64) -> Recorded {
        let donor = json!({"type": "person", "_sd": digests(2)});
        let members = json!({
            "amount": amount, "place": "cash", "fund": fund, "donor": donor, "method": "cash",
        });
        self.write(day, "donation", members, ONE).await
    }

    pub async fn aid(&self, day: &str, fund: &str, amounts: &[i64]) -> Recorded {
        let mut lines: Vec<Value> =
            amounts.iter().map(|amount| json!({"amount": amount, "_sd": digests(2)})).collect();
        lines.sort_by_key(|line| line["_sd"][0].as_str().unwrap().to_owned());
        let members = json!({"place": "cash", "fund": fund, "programme": "mo-tim", "lines": lines});
        self.write(day, "aid_paid", members, TWO).await
    }

    /// Closes the months up to one, with the figures that the books have.
    pub async fn close(&self, day: &str, through: &str) -> Recorded {
        let through: Month = through.parse().unwrap();
        let books = self.house.store.books(self.chapter).unwrap();
        let statement = books.closing_statement(through).unwrap();
        let digest = minhbach::ledger::tree::sha256(&statement.bytes()).to_string();
        let without_rows = |place: &Value| {
            let mut place = place.clone();
            place.as_object_mut().unwrap().remove("rows");
            place
        };
        let value = serde_json::to_value(&statement).unwrap();
        let places: Vec<Value> =
            value["places"].as_array().unwrap().iter().map(without_rows).collect();
        let custody = &value["custody"]["closing"];
        let members = json!({
            "through": through.to_string(), "entries": statement.entries.unwrap(),
            "places": places, "funds": value["funds"], "custody": custody, "statement": digest,
        });
        self.write(day, "period_closed", members, TWO).await
    }
}

impl Filled {
    pub async fn new() -> Self {
        Self::on(Ground::Sqlite).await
    }

    pub async fn on(ground: Ground) -> Self {
        let house = TestHouse::new(ground).await;
        let origin: Origin = format!("so.example/{SLUG}").parse().unwrap();
        let opening = opening(&house, &origin, "Hội Chữ thập đỏ xã Xuân Tây");
        let (chapter, _) =
            house.store.found(opening, Alongside::nothing(), at("2026-09-01")).await.unwrap();
        let pen = Pen { house: &house, chapter, origin: &origin };
        registers(&pen).await;
        september(&pen).await;
        let gift = pen.gift("2026-10-05", "chung", 1_500_000).await;
        let closing = pen.close("2026-10-06", "2026-09").await;
        let (wrong, reversal) = october(&pen).await;
        let custody = november(&pen).await;
        Self { house, chapter, origin, gift, wrong, reversal, custody, closing }
    }

    pub fn pen(&self) -> Pen<'_> {
        Pen { house: &self.house, chapter: self.chapter, origin: &self.origin }
    }

    /// A gift of 6 November whose giver is shown by name.
    pub async fn publish_a_name(&self) {
        self.publish_a_name_on("2026-11-06").await;
    }

    /// A gift of a day whose giver is shown by name.
    pub async fn publish_a_name_on(&self, day: &str) {
        let id: VoucherId = uuid::Uuid::now_v7().to_string().parse().unwrap();
        let private = |name, value: &str| PrivateValue {
            disclosure: Disclosure::make(name, value.into()).unwrap(),
            subject: Subject::Voucher(id.clone()),
        };
        let values = [
            private(PrivateName::FullName, "Nguyễn Thị Hạnh"),
            private(PrivateName::MaskedName, "N. T. H."),
        ];
        let mut digests: Vec<String> =
            values.iter().map(|value| value.disclosure.digest().to_string()).collect();
        digests.sort();
        let members = json!({
            "id": id.as_str(), "amount": 77_000, "place": "cash", "fund": "chung",
            "donor": {"type": "person", "_sd": digests}, "method": "cash",
        });
        let store = &self.house.store;
        let signed = voucher(&self.origin, day, "donation", members, ONE);
        store.record_with(self.chapter, signed, &values, at(day)).await.unwrap();
        let officer: Person = TREASURER.parse().unwrap();
        let consent = Consent {
            subject: Subject::Voucher(id.clone()),
            voucher: Some(id.clone()),
            name: PrivateName::FullName,
            given_on: day.parse().unwrap(),
            recorded_by: officer.clone(),
        };
        let shown = [(id, PrivateName::FullName, consent)];
        store.publish_names(self.chapter, &officer, &shown, at(day)).await.unwrap();
    }
}

async fn registers(pen: &Pen<'_>) {
    let day = "2026-09-01";
    let bank = json!({"place": {
        "code": "bidv", "type": "bank", "name": "BIDV Đồng Nai", "bank_bin": "970418",
    }});
    pen.write(day, "place_opened", bank, TWO).await;
    for (code, kind, name) in
        [("chung", "general", "Quỹ chung"), ("tet", "restricted", "Tết vì người nghèo")]
    {
        let terms = json!({"text": "Chi cho hộ nghèo và người bệnh trong xã", "costs": true});
        let fund = json!({"fund": {"code": code, "type": kind, "name": name, "terms": terms}});
        pen.write(day, "fund_opened", fund, TWO).await;
    }
    for (code, kind, name) in
        [("mo-tim", "medical", "Mổ tim cho em"), ("qua-tet", "tet", "Quà Tết 2027")]
    {
        let programme = json!({"programme": {"code": code, "type": kind, "name": name}});
        pen.write(day, "programme_opened", programme, ONE).await;
    }
}

async fn september(pen: &Pen<'_>) {
    let opening = json!({
        "as_of": "2026-08-31",
        "money": [{"place": "cash", "fund": "chung", "amount": 2_000_000}],
    });
    pen.write("2026-09-01", "opening_balance", opening, TWO).await;
    for day in 2..=9 {
        pen.gift(&format!("2026-09-0{day}"), "chung", i64::from(day) * 100_000).await;
    }
    pen.aid("2026-09-20", "chung", &[3_000_000, 3_000_000]).await;
    let transfer = json!({
        "from_place": "cash", "to_place": "bidv", "fund": "chung", "amount": 400_000,
    });
    pen.write("2026-09-28", "transfer", transfer, ONE).await;
}

/// Aid, and the wrong gift with its reversal.
async fn october(pen: &Pen<'_>) -> (Recorded, Recorded) {
    pen.aid("2026-10-10", "chung", &[500_000, 400_000]).await;
    let wrong = pen.gift("2026-10-12", "chung", 5_000_000).await;
    let reason = json!({"of": wrong.seq, "reason": "mistyped"});
    let reversal = pen.write("2026-10-13", "reversed", reason, TWO).await;
    pen.gift("2026-10-20", "tet", 3_000_000).await;
    (wrong, reversal)
}

async fn november(pen: &Pen<'_>) -> Recorded {
    let cost = json!({
        "place": "cash", "fund": "chung", "programme": "qua-tet", "category": "transport",
        "amount": 120_000, "payee": {"type": "organisation", "name": "Nhà xe =Phương Trang"},
        "note": "Chở gạo về xã",
    });
    pen.write("2026-11-03", "cost_paid", cost, TWO).await;
    let interest =
        json!({"amount": 1_250, "place": "bidv", "fund": "chung", "type": "bank_interest"});
    pen.write("2026-11-04", "income", interest, ONE).await;
    let custody = json!({
        "class": "named_family", "amount": 700_000, "place": "cash",
        "donor": {"type": "organisation", "_sd": digests(2)},
    });
    pen.write("2026-11-05", "custody_received", custody, ONE).await
}

/// Entry 0.
pub fn opening(house: &TestHouse, origin: &Origin, name: &str) -> SignedVoucher {
    let log_key = house.store.keys().log_key(origin).unwrap().vkey();
    let officer = |person: &str, role: &str, title: &str| {
        let vkey = key(origin, person).public().vkey();
        json!({"vkey": vkey, "person": person, "roles": [role], "title": title})
    };
    let members = json!({
        "chapter": {
            "name": name, "slug": origin.slug(), "upper": "Hội Chữ thập đỏ tỉnh Đồng Nai",
            "address": "Ấp 3, xã Xuân Tây", "province": "Đồng Nai",
        },
        "currency": {"code": "VND", "scale": 0},
        "utc_offset": "+07:00",
        "books_from": "2026-09-01",
        "log_key": log_key,
        "officers": [
            officer(TREASURER, "treasurer", "Thủ quỹ"), officer(CHAIR, "chair", "Chủ tịch Hội"),
            officer(DEPUTY, "deputy_chair", "Phó Chủ tịch Hội"),
        ],
        "policy": {},
        "rules": 1,
    });
    voucher(origin, "2026-09-01", "chapter_opened", members, ALL)
}

/// Ten o'clock in Việt Nam.
pub fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T03:00:00Z").parse().unwrap()
}

fn voucher(
    origin: &Origin,
    day: &str,
    kind: &str,
    members: Value,
    signers: &[(&str, SignatureRole)],
) -> SignedVoucher {
    let Value::Object(mut members) = members else { panic!("members are an object") };
    members.insert("by".to_owned(), json!(format!("{origin}/officer/{}", signers[0].0)));
    members.insert("date".to_owned(), json!(day));
    members.entry("id").or_insert_with(|| json!(uuid::Uuid::now_v7().to_string()));
    members.insert("kind".to_owned(), json!(kind));
    members.insert("log".to_owned(), json!(origin.as_str()));
    let read = Voucher::read(&Value::Object(members));
    let voucher = read.unwrap_or_else(|fault| panic!("{kind} of {day}: {fault}"));
    sign_voucher(origin, voucher, signers)
}

/// Digests of nothing, in their order.
pub fn digests(count: usize) -> Vec<String> {
    let decoy = |_| minhbach::ledger::disclosure::Digest::decoy().unwrap().as_str().to_owned();
    let mut digests: Vec<String> = (0..count).map(decoy).collect();
    digests.sort();
    digests
}
