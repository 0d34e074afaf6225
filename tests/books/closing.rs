//! The figures of a closing, worked out from the vouchers' own words and nothing of the books.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use minhbach::ledger::voucher::{Body, Voucher};
use minhbach::ledger::word::Month;

use super::Desk;

/// Money that a voucher moves: into a place above zero, out of it below.
#[derive(Clone)]
struct Leg {
    place: String,
    fund: String,
    /// The fund's column; `None` for transfers and for what is held for others.
    column: Option<&'static str>,
    amount: i64,
}

/// A leg on its day; a reversal keeps the side of what it reverses.
struct Dated {
    day: String,
    leg: Leg,
    inwards: bool,
}

/// Everything that moved, the days of the entries, and what was opened.
struct Facts {
    moved: Vec<Dated>,
    entries: Vec<String>,
    places: BTreeSet<String>,
    funds: BTreeSet<String>,
    books_from: String,
    closed: Option<Month>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

fn leg(place: &Value, fund: &str, column: Option<&'static str>, amount: i64) -> Leg {
    Leg { place: text(place), fund: fund.to_owned(), column, amount }
}

/// The legs of a voucher, by its kind's row in the table of kinds.
fn legs(voucher: &Value, all: &[Value]) -> Vec<Leg> {
    let v = voucher;
    let named = || match v["of"].as_u64() {
        Some(seq) => &all[usize::try_from(seq).unwrap()],
        None => &all[usize::try_from(v["of"]["seq"].as_u64().unwrap()).unwrap()],
    };
    let held_at = || match (v.get("place"), v["of"]["line"].as_u64()) {
        (Some(place), _) => place,
        (None, None) => &named()["place"],
        (None, Some(line)) => &named()["custody"][usize::try_from(line).unwrap()]["place"],
    };
    let fund = v["fund"].as_str().unwrap_or("");
    match v["kind"].as_str().unwrap() {
        "opening_balance" => {
            let of = |list: &str| v[list].as_array().cloned().unwrap_or_default();
            let money = of("money").into_iter().map(|line| {
                leg(&line["place"], &text(&line["fund"]), Some("opened"), whole(&line["amount"]))
            });
            let held = of("custody")
                .into_iter()
                .map(|line| leg(&line["place"], "custody", None, whole(&line["amount"])));
            money.chain(held).collect()
        }
        "donation" | "income" => {
            vec![leg(&v["place"], fund, Some("received"), whole(&v["amount"]))]
        }
        "donation_returned" => {
            let fund = text(&named()["fund"]);
            vec![leg(&v["place"], &fund, Some("received"), -whole(&v["amount"]))]
        }
        "aid_paid" => {
            let lines = v["lines"].as_array().unwrap();
            let sum: i64 = lines.iter().map(|line| whole(&line["amount"])).sum();
            vec![leg(&v["place"], fund, Some("spent"), -sum)]
        }
        "cost_paid" => vec![leg(&v["place"], fund, Some("spent"), -whole(&v["amount"]))],
        "transfer" => vec![
            leg(&v["from_place"], fund, None, -whole(&v["amount"])),
            leg(&v["to_place"], fund, None, whole(&v["amount"])),
        ],
        "fund_transfer" => vec![
            leg(&v["place"], &text(&v["from_fund"]), Some("moved"), -whole(&v["amount"])),
            leg(&v["place"], &text(&v["to_fund"]), Some("moved"), whole(&v["amount"])),
        ],
        "cash_counted" => {
            let difference = whole(&v["difference"]);
            let column = if difference > 0 { "received" } else { "spent" };
            let moved = leg(&v["place"], fund, Some(column), difference);
            if difference == 0 { Vec::new() } else { vec![moved] }
        }
        "custody_received" => vec![leg(&v["place"], "custody", None, whole(&v["amount"]))],
        "custody_handed_over" | "custody_returned" => {
            vec![leg(held_at(), "custody", None, -whole(&v["amount"]))]
        }
        "custody_assigned" => vec![
            leg(held_at(), "custody", None, -whole(&v["amount"])),
            leg(held_at(), fund, Some("received"), whole(&v["amount"])),
        ],
        _ => Vec::new(),
    }
}

impl Facts {
    fn of(desk: &Desk) -> Self {
        let entries: Vec<Value> =
            desk.bytes.iter().map(|bytes| serde_json::from_slice(bytes).unwrap()).collect();
        let all: Vec<Value> = entries.iter().map(|entry| entry["voucher"].clone()).collect();
        let mut facts = Self {
            moved: Vec::new(),
            entries: all.iter().map(|voucher| text(&voucher["date"])).collect(),
            places: BTreeSet::from(["cash".to_owned()]),
            funds: BTreeSet::new(),
            books_from: text(&all[0]["books_from"]),
            closed: None,
        };
        for voucher in &all {
            facts.take(voucher, &all);
        }
        facts
    }

    fn take(&mut self, voucher: &Value, all: &[Value]) {
        match voucher["kind"].as_str().unwrap() {
            "place_opened" => drop(self.places.insert(text(&voucher["place"]["code"]))),
            "fund_opened" => drop(self.funds.insert(text(&voucher["fund"]["code"]))),
            "period_closed" => self.closed = Some(text(&voucher["through"]).parse().unwrap()),
            "reversed" => {
                let original = &all[usize::try_from(voucher["of"].as_u64().unwrap()).unwrap()];
                let last = self.closed.map(|month| month.last_day().to_string());
                let earlier = last.is_some_and(|last| text(&original["date"]) <= last);
                for mut leg in legs(original, all) {
                    let inwards = leg.amount > 0;
                    leg.amount = -leg.amount;
                    leg.column = leg.column.map(|own| if earlier { "earlier" } else { own });
                    let day = self.day(original, voucher);
                    self.moved.push(Dated { day, leg, inwards });
                }
            }
            _ => {
                for leg in legs(voucher, all) {
                    let (day, inwards) = (self.day(voucher, voucher), leg.amount > 0);
                    self.moved.push(Dated { day, leg, inwards });
                }
            }
        }
    }

    /// The day on which it counts: an opening balance the day before the books, in any case.
    fn day(&self, original: &Value, voucher: &Value) -> String {
        let opening = original["kind"] == "opening_balance";
        text(if opening { &original["as_of"] } else { &voucher["date"] })
    }

    fn place(&self, place: &str, from: &str, to: &str) -> Value {
        let (mut opening, mut money_in, mut out) = (0, 0, 0);
        for moved in self.moved.iter().filter(|moved| moved.leg.place == place) {
            let amount = moved.leg.amount;
            match (moved.day.as_str() < from, moved.day.as_str() <= to, moved.inwards) {
                (true, _, _) => opening += amount,
                (false, true, true) => money_in += amount,
                (false, true, false) => out -= amount,
                (false, false, _) => {}
            }
        }
        let closing = opening + money_in - out;
        json!({"place": place, "opening": opening, "in": money_in, "out": out, "closing": closing})
    }

    fn fund(&self, fund: &str, from: &str, to: &str) -> Value {
        let (mut opening, mut columns) = (0, BTreeMap::<&str, i64>::new());
        for moved in self.moved.iter().filter(|moved| moved.leg.fund == fund) {
            let Some(column) = moved.leg.column else { continue };
            if moved.day.as_str() < from {
                opening += moved.leg.amount;
            } else if moved.day.as_str() <= to {
                *columns.entry(column).or_default() += moved.leg.amount;
            }
        }
        let of = |column| columns.get(column).copied().unwrap_or(0);
        let closing = opening + columns.values().sum::<i64>();
        json!({
            "fund": fund, "opening": opening, "received": of("received"), "spent": -of("spent"),
            "moved": of("moved"), "lost": 0, "earlier": of("earlier"), "closing": closing,
            "money": closing, "stock": 0, "loans": 0,
        })
    }
}

impl Desk {
    /// The members of the `period_closed` that closes everything up to `through` now.
    pub fn closing(&self, through: &str) -> Value {
        let facts = Facts::of(self);
        let first = facts
            .closed
            .map_or(facts.books_from.clone(), |month| month.next().first_day().to_string());
        let month: Month = through.parse().unwrap();
        let (from, to) = (first.as_str(), month.last_day().to_string());
        let within = |day: &&String| day.as_str() >= from && **day <= to;
        let held =
            facts.moved.iter().filter(|moved| moved.leg.fund == "custody" && moved.day <= to);
        let custody: i64 = held.map(|moved| moved.leg.amount).sum();
        let places: Vec<Value> =
            facts.places.iter().map(|place| facts.place(place, from, &to)).collect();
        let statement = self.books.closing_statement(month);
        let mut members = json!({
            "through": through, "entries": facts.entries.iter().filter(within).count(),
            "places": places, "custody": custody,
            "statement": statement.map_or_else(|_| "0".repeat(64), |statement| {
                minhbach::ledger::tree::sha256(&statement.bytes()).to_string()
            }),
        });
        if !facts.funds.is_empty() {
            let rows = facts.funds.iter().map(|fund| facts.fund(fund, from, &to));
            members["funds"] = rows.collect();
        }
        members
    }

    /// The digest of the file that a `statement_published` with these members would name.
    pub fn statement_digest(&mut self, members: &Value) -> String {
        let voucher: Voucher = self.voucher("statement_published", members.clone(), "thu");
        let Body::StatementPublished(body) = &voucher.body else { panic!("another kind") };
        self.books.published_statement(body).map_or_else(
            |_| "0".repeat(64),
            |file| minhbach::ledger::tree::sha256(&file.bytes).to_string(),
        )
    }
}
