//! The figures of a closing, worked out from the vouchers' own words and nothing of the books.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use minhbach::ledger::voucher::{Body, Voucher};
use minhbach::ledger::word::Month;

use super::Desk;
use super::continued::name_places;

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

/// The place of legs that are goods in stores, and of those that are neither money nor goods.
const STOCK: &str = "(stock)";
/// The place of legs that are principal owed by families.
const LENT: &str = "(lent)";
const NOWHERE: &str = "(nowhere)";

/// Goods on their day, in thousandths; a reversal keeps the side of what it reverses.
struct GoodsOn {
    day: String,
    item: String,
    quantity: i64,
    inwards: bool,
}

/// Everything that moved, the days of the entries, and what was opened.
struct Facts {
    moved: Vec<Dated>,
    goods: Vec<GoodsOn>,
    items: BTreeSet<String>,
    values: Vec<BTreeMap<String, i64>>,
    /// What changed the principal owed of each loan, by day.
    lent: BTreeMap<LoanKey, Vec<(String, i64)>>,
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

/// The voucher that `of` names.
fn named<'a>(v: &Value, all: &'a [Value]) -> &'a Value {
    let seq = v["of"].as_u64().or(v["of"]["seq"].as_u64()).unwrap();
    &all[usize::try_from(seq).unwrap()]
}

/// The legs of goods and of money beside them, `values` being what the stock of each fund gained
/// or lost by the voucher.
fn goods_legs(v: &Value, all: &[Value], values: &BTreeMap<String, i64>) -> Vec<Leg> {
    let kind = v["kind"].as_str().unwrap();
    let of = |fund: &str, column: &'static str, amount: i64| Leg {
        place: NOWHERE.to_owned(),
        fund: fund.to_owned(),
        column: Some(column),
        amount,
    };
    let mut legs = Vec::new();
    for (fund, value) in values {
        let stock = json!(STOCK);
        legs.push(leg(&stock, fund, None, *value));
        let paid = v["amount"].as_i64().unwrap_or(0);
        legs.extend(match kind {
            "opening_balance" => vec![of(fund, "opened", *value)],
            "goods_received" | "received_from_chapter" => vec![of(fund, "received", *value)],
            "goods_purchased" => vec![leg(&v["place"], fund, None, -value)],
            "goods_distributed" | "handover_returned" | "sent_to_chapter" => {
                vec![of(fund, "spent", *value)]
            }
            "goods_returned" if named(v, all)["kind"] == "goods_received" => {
                vec![of(fund, "received", *value)]
            }
            "goods_returned" => {
                let column = if value + paid < 0 { "lost" } else { "received" };
                let mut legs = vec![of(fund, column, value + paid)];
                if paid > 0 {
                    legs.push(leg(&v["place"], fund, None, paid));
                }
                legs
            }
            "stock_counted" => vec![of(fund, "lost", *value)],
            other => panic!("{other} moves goods"),
        });
    }
    legs
}

/// What a voucher puts into stores or takes out, by its own words.
fn goods_of(v: &Value) -> Vec<(String, i64)> {
    let quantity = |value: &Value| {
        value["quantity"].as_str().unwrap().parse::<minhbach::money::Quantity>().unwrap()
    };
    let all = |list: &Value, sign: i64| -> Vec<(String, i64)> {
        let rows = list.as_array().into_iter().flatten();
        rows.map(|row| (text(&row["item"]), sign * quantity(row).thousandths())).collect()
    };
    match v["kind"].as_str().unwrap() {
        "opening_balance" => all(&v["goods"], 1),
        "goods_received" | "goods_purchased" | "received_from_chapter" => all(&v["lots"], 1),
        "handover_returned" => all(&v["items"], 1),
        "goods_returned" | "sent_to_chapter" => all(&v["items"], -1),
        "goods_distributed" => {
            let lines = v["lines"].as_array().unwrap();
            lines.iter().flat_map(|line| all(&line["items"], -1)).collect()
        }
        "stock_counted" => {
            let rows = v["differences"].as_array().unwrap();
            let sign = |row: &Value| if row["direction"] == "less" { -1 } else { 1 };
            rows.iter()
                .map(|row| (text(&row["item"]), sign(row) * quantity(row).thousandths()))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A quantity of either sign as closings write it.
fn signed(quantity: i64) -> String {
    let sign = if quantity < 0 { "-" } else { "" };
    minhbach::money::Quantity::new(quantity.abs())
        .map_or("0".to_owned(), |size| format!("{sign}{size}"))
}

/// The legs of a voucher, by its kind's row in the table of kinds.
fn legs(voucher: &Value, all: &[Value], values: &BTreeMap<String, i64>) -> Vec<Leg> {
    let mut legs = money_legs(voucher, all);
    legs.extend(loan_legs(voucher, all));
    legs.extend(goods_legs(voucher, all, values));
    legs
}

fn money_legs(voucher: &Value, all: &[Value]) -> Vec<Leg> {
    let v = voucher;
    let named = || named(v, all);
    // Goods held for others are no money.
    if v["kind"].as_str().unwrap().starts_with("custody_") && v.get("goods").is_some() {
        return Vec::new();
    }
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
                .filter(|line| line.get("amount").is_some())
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
        "custody_assigned" => {
            let amount = whole(&v["amount"]);
            let (loan, part) = (v.get("loan"), |name: &str| v[name].as_i64().unwrap_or(0));
            let fund = loan.map_or(fund.to_owned(), |loan| fund_of_loan(loan, all));
            let income = if loan.is_some() { part("fee") } else { amount };
            vec![
                leg(held_at(), "custody", None, -amount),
                leg(held_at(), &fund, None, part("principal")),
                leg(held_at(), &fund, Some("received"), income),
            ]
        }
        _ => other_money_legs(v, all),
    }
}

/// Money between chapters, and money that was not handed over.
fn other_money_legs(v: &Value, all: &[Value]) -> Vec<Leg> {
    let fund = v["fund"].as_str().unwrap_or("");
    match v["kind"].as_str().unwrap() {
        "handover_returned" if v.get("amount").is_some() => {
            let (paid, amount) = (named(v, all), whole(&v["amount"]));
            let place = v.get("place").unwrap_or(&paid["place"]);
            vec![leg(place, &text(&paid["fund"]), Some("spent"), amount)]
        }
        "sent_to_chapter" if v.get("amount").is_some() => {
            vec![leg(&v["place"], fund, Some("spent"), -whole(&v["amount"]))]
        }
        "received_from_chapter" if v.get("amount").is_some() => {
            vec![leg(&v["place"], fund, Some("received"), whole(&v["amount"]))]
        }
        _ => Vec::new(),
    }
}

/// A loan: the entry that paid it out, or an opening balance, and the line there.
type LoanKey = (usize, Option<usize>);

fn loan_key(of: &Value) -> LoanKey {
    let at = |value: &Value| value.as_u64().and_then(|own| usize::try_from(own).ok());
    (at(of).or_else(|| at(&of["seq"])).unwrap(), at(&of["line"]))
}

/// The fund that lent.
fn fund_of_loan(of: &Value, all: &[Value]) -> String {
    let (seq, line) = loan_key(of);
    match line {
        Some(line) => text(&all[seq]["loans"][line]["fund"]),
        None => text(&named(&all[seq], all)["fund"]),
    }
}

/// What a voucher adds to the principal owed of a loan, by its own words; a write-off what the
/// standing vouchers before it left.
fn lent_by(v: &Value, all: &[Value]) -> Vec<(LoanKey, i64)> {
    let at = |v: &Value| all.iter().position(|other| other["id"] == v["id"]).unwrap();
    match v["kind"].as_str().unwrap() {
        "opening_balance" => {
            let loans = v["loans"].as_array().into_iter().flatten().enumerate();
            let owed = |loan: &Value| whole(&loan["principal"]) - whole(&loan["paid"]);
            loans.map(|(line, loan)| ((at(v), Some(line)), owed(loan))).collect()
        }
        "loan_disbursed" => vec![((at(v), None), whole(&named(v, all)["principal"]))],
        "loan_repaid" => vec![(loan_key(&v["of"]), -whole(&v["principal"]))],
        "custody_assigned" if v.get("loan").is_some() => {
            vec![(loan_key(&v["loan"]), -v["principal"].as_i64().unwrap_or(0))]
        }
        "loan_written_off" => {
            let (key, before) = (loan_key(&v["of"]), &all[..at(v)]);
            let reversed = |own: &&Value| {
                let own = u64::try_from(at(own)).unwrap();
                before.iter().any(|other| other["kind"] == "reversed" && other["of"] == own)
            };
            let standing = before.iter().filter(|own| !reversed(own));
            let of_loan = |(own, by): (LoanKey, i64)| if own == key { by } else { 0 };
            let moved = standing.flat_map(|own| lent_by(own, all)).map(of_loan);
            vec![(key, -moved.sum::<i64>())]
        }
        _ => Vec::new(),
    }
}

/// What is lent, repaid and lost; the money of it, and the fee.
fn loan_legs(v: &Value, all: &[Value]) -> Vec<Leg> {
    let column = match v["kind"].as_str().unwrap() {
        "opening_balance" => Some("opened"),
        "loan_written_off" => Some("lost"),
        _ => None,
    };
    let mut legs = Vec::new();
    for ((seq, line), by) in lent_by(v, all) {
        let of = match line {
            Some(line) => json!({"seq": seq, "line": line}),
            None => json!(seq),
        };
        let fund = fund_of_loan(&of, all);
        legs.push(leg(&json!(LENT), &fund, column, by));
        match v["kind"].as_str().unwrap() {
            "loan_disbursed" => legs.push(leg(&v["place"], &fund, None, -by)),
            "loan_repaid" => {
                legs.push(leg(&v["place"], &fund, None, -by));
                legs.push(leg(&v["place"], &fund, Some("received"), whole(&v["fee"])));
            }
            _ => {}
        }
    }
    if v["kind"] == "loan_recovered" {
        let fund = fund_of_loan(&v["of"], all);
        legs.push(leg(&v["place"], &fund, Some("received"), whole(&v["amount"])));
    }
    legs
}

impl Facts {
    fn of(desk: &Desk) -> Self {
        let entries: Vec<Value> =
            desk.bytes.iter().map(|bytes| serde_json::from_slice(bytes).unwrap()).collect();
        let mut before = 0;
        let placed = |(place, entry): (usize, &Value)| {
            let mut voucher = entry["voucher"].clone();
            if entry["seq"] == 0 {
                before = place;
            }
            name_places(&mut voucher, u64::try_from(before).unwrap());
            voucher
        };
        let all: Vec<Value> = entries.iter().enumerate().map(placed).collect();
        let values = desk.effects.iter().map(|effects| {
            let mut sums = BTreeMap::new();
            for flow in &effects.goods {
                let (came_in, out) = (flow.goods_in, flow.goods_out);
                if came_in.quantity != 0 || out.quantity != 0 {
                    let value = came_in.value.minor() - out.value.minor();
                    *sums.entry(flow.fund.to_string()).or_default() += value;
                }
            }
            sums
        });
        let mut facts = Self {
            moved: Vec::new(),
            goods: Vec::new(),
            items: BTreeSet::new(),
            values: values.collect(),
            lent: BTreeMap::new(),
            entries: all.iter().map(|voucher| text(&voucher["date"])).collect(),
            places: BTreeSet::from(["cash".to_owned()]),
            funds: BTreeSet::new(),
            books_from: text(&all[0]["books_from"]),
            closed: None,
        };
        for (seq, voucher) in all.iter().enumerate() {
            facts.take(seq, voucher, &all);
        }
        facts
    }

    fn take(&mut self, seq: usize, voucher: &Value, all: &[Value]) {
        match voucher["kind"].as_str().unwrap() {
            "place_opened" => drop(self.places.insert(text(&voucher["place"]["code"]))),
            "item_opened" => drop(self.items.insert(text(&voucher["item"]["code"]))),
            "fund_opened" => drop(self.funds.insert(text(&voucher["fund"]["code"]))),
            "period_closed" => self.closed = Some(text(&voucher["through"]).parse().unwrap()),
            "reversed" => {
                let of = usize::try_from(voucher["of"].as_u64().unwrap()).unwrap();
                let original = &all[of];
                let last = self.closed.map(|month| month.last_day().to_string());
                let earlier = last.is_some_and(|last| text(&original["date"]) <= last);
                for (item, quantity) in goods_of(original) {
                    let (day, inwards) = (self.day(original, voucher), quantity > 0);
                    self.goods.push(GoodsOn { day, item, quantity: -quantity, inwards });
                }
                for (loan, by) in lent_by(original, all) {
                    let day = self.day(original, voucher);
                    self.lent.entry(loan).or_default().push((day, -by));
                }
                for mut leg in legs(original, all, &self.values[of].clone()) {
                    let inwards = leg.amount > 0;
                    leg.amount = -leg.amount;
                    leg.column = leg.column.map(|own| if earlier { "earlier" } else { own });
                    let day = self.day(original, voucher);
                    self.moved.push(Dated { day, leg, inwards });
                }
            }
            _ => {
                for (item, quantity) in goods_of(voucher) {
                    let (day, inwards) = (self.day(voucher, voucher), quantity > 0);
                    self.goods.push(GoodsOn { day, item, quantity, inwards });
                }
                for (loan, by) in lent_by(voucher, all) {
                    let day = self.day(voucher, voucher);
                    self.lent.entry(loan).or_default().push((day, by));
                }
                for leg in legs(voucher, all, &self.values[seq].clone()) {
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

    /// What postings say of a fund beside its money: values of goods come from lots.
    fn fund(&self, fund: &str, from: &str, to: &str) -> Value {
        let (mut opening, mut columns) = (0, BTreeMap::<&str, i64>::new());
        let (mut money, mut stock, mut loans) = (0, 0, 0);
        for moved in self.moved.iter().filter(|moved| moved.leg.fund == fund) {
            if moved.day.as_str() <= to {
                match moved.leg.place.as_str() {
                    STOCK => stock += moved.leg.amount,
                    LENT => loans += moved.leg.amount,
                    NOWHERE => {}
                    _ => money += moved.leg.amount,
                }
            }
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
            "moved": of("moved"), "lost": -of("lost"), "earlier": of("earlier"),
            "closing": closing, "money": money, "stock": stock, "loans": loans,
        })
    }

    /// How many loans are owed something at the end of a day.
    fn running(&self, to: &str) -> usize {
        let owed = |days: &&Vec<(String, i64)>| {
            days.iter().filter(|(day, _)| day.as_str() <= to).map(|(_, by)| by).sum::<i64>() > 0
        };
        self.lent.values().filter(owed).count()
    }

    fn item(&self, item: &str, from: &str, to: &str) -> Value {
        let (mut opening, mut goods_in, mut out) = (0, 0, 0);
        for moved in self.goods.iter().filter(|moved| moved.item == item) {
            match (moved.day.as_str() < from, moved.day.as_str() <= to, moved.inwards) {
                (true, _, _) => opening += moved.quantity,
                (false, true, true) => goods_in += moved.quantity,
                (false, true, false) => out -= moved.quantity,
                (false, false, _) => {}
            }
        }
        json!({
            "item": item, "opening": signed(opening), "in": signed(goods_in),
            "out": signed(out), "closing": signed(opening + goods_in - out),
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
        let running = facts.running(&to);
        if running >= 5 {
            members["loans"] = json!({"running": running, "par30": 2, "par90": 1});
        }
        if !facts.items.is_empty() {
            let rows = facts.items.iter().map(|item| facts.item(item, from, &to));
            members["goods"] = rows.collect();
        }
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
