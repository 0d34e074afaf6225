//! Tests as tables of text: one compact line a step, read here and run at a desk.
//!
//! ```text
//! chapter auditor two_above=1m        how the chapter begins (first line, may be missing)
//! on 2026-10-05                       the clock and the business date from here on
//! at 2026-10-05T17:30:00Z             the clock alone
//! d1: donation 500k cash chung        -> ok PT-2026-00001
//! aid 600k cash chung tet             -> refused fund-too-low 500k
//! reverse d1 date=2026-10-04          -> refused date-before-of 2026-10-05
//! ? fund chung 500k                   a figure of the books
//! continue                            a later ledger continues this one, with new keys
//! ```
//!
//! Amounts: `500k`, `1m`, `max` (2^53 − 1). A label names an entry, `label.1` a line of an opening
//! balance, `@7` an entry by seq; where a seq is expected, `*d1` is that of `d1`. `by=chu+thu` says
//! who signs the roles asked for, in turn; `signed=recorder:thu,approver:chu` gives the whole list.
//! Goods: see `goods_table`; loans: see `loans_table`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use minhbach::books::Refusal;
use minhbach::books::refusal::{GoodsRefusal, LoanRefusal};
use minhbach::ledger::word::Code;
use minhbach::money::LARGEST;

use super::goods_table::{held, opening_lot};
use super::loans_table::{self, opening_loan};
use super::naive::Naive;
use super::{Desk, Opening, log_key, opaque, witness_vkey};

/// One line of a table: its words, its options, what it expects.
pub(super) struct Line<'a> {
    label: Option<&'a str>,
    pub(super) words: Vec<&'a str>,
    options: BTreeMap<&'a str, &'a str>,
    expected: Vec<&'a str>,
}

impl<'a> Line<'a> {
    fn parse(text: &'a str) -> Self {
        let (step, expected) = text.split_once("->").unwrap_or((text, ""));
        let mut tokens = step.split_whitespace().peekable();
        let label = tokens.peek().and_then(|word| word.strip_suffix(':'));
        if label.is_some() {
            tokens.next();
        }
        let (mut words, mut options) = (Vec::new(), BTreeMap::new());
        for token in tokens {
            match token.split_once('=') {
                Some((name, value)) => drop(options.insert(name, value)),
                None => words.push(token),
            }
        }
        Self { label, words, options, expected: expected.split_whitespace().collect() }
    }

    pub(super) fn word(&self, at: usize) -> &'a str {
        self.words.get(at).copied().unwrap_or_else(|| panic!("word {at} of {:?}", self.words))
    }

    pub(super) fn option(&self, name: &str) -> Option<&'a str> {
        self.options.get(name).copied()
    }

    pub(super) fn list(&self, name: &str) -> Vec<&'a str> {
        self.option(name).map_or_else(Vec::new, |list| list.split(',').collect())
    }
}

/// The kind of voucher that a verb stands for; `None` for directives.
pub fn kind_of(verb: &str) -> Option<&'static str> {
    let verbs = [
        ("change-chapter", "chapter_changed"),
        ("policy", "policy_changed"),
        ("rules", "rules_adopted"),
        ("close-chapter", "chapter_closed"),
        ("enrol", "officer_enrolled"),
        ("retire", "officer_retired"),
        ("rotate", "key_rotated"),
        ("guardian", "guardian_named"),
        ("log-key", "log_key_rotated"),
        ("witness", "witness_named"),
        ("place", "place_opened"),
        ("close-place", "place_closed"),
        ("fund", "fund_opened"),
        ("close-fund", "fund_closed"),
        ("programme", "programme_opened"),
        ("opening", "opening_balance"),
        ("donation", "donation"),
        ("income", "income"),
        ("return", "donation_returned"),
        ("aid", "aid_paid"),
        ("cost", "cost_paid"),
        ("activity", "activity_reported"),
        ("transfer", "transfer"),
        ("move", "fund_transfer"),
        ("count", "cash_counted"),
        ("custody", "custody_received"),
        ("hand", "custody_handed_over"),
        ("giveback", "custody_returned"),
        ("assign", "custody_assigned"),
        ("reverse", "reversed"),
        ("close", "period_closed"),
        ("audit", "period_audited"),
        ("publish", "statement_published"),
        ("erase", "privacy_erased"),
        ("item", "item_opened"),
        ("store", "store_opened"),
        ("gift", "goods_received"),
        ("buy", "goods_purchased"),
        ("sendback", "goods_returned"),
        ("issue", "goods_distributed"),
        ("handback", "handover_returned"),
        ("shift", "goods_moved"),
        ("stocktake", "stock_counted"),
        ("send", "sent_to_chapter"),
        ("get", "received_from_chapter"),
    ];
    let mut verbs = verbs.iter().chain(loans_table::VERBS);
    verbs.find(|(known, _)| *known == verb).map(|(_, kind)| *kind)
}

/// The steps of a table that expect `outcome` (`ok` or `refused`): verb and what follows.
pub fn steps<'a>(table: &'a str, outcome: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let lines = table.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines
        .map(Line::parse)
        .filter(|line| line.expected.first() == Some(&outcome))
        .map(|line| (line.word(0), line.expected[1..].to_vec()))
        .collect()
}

/// Runs a table at a new desk and gives the desk back.
///
/// # Panics
/// At the first line whose outcome is not the expected one.
pub fn run(table: &str) -> Desk {
    run_continued(table, usize::MAX)
}

/// The same, with a later ledger that continues behind `steps` steps: nothing else is different.
pub fn run_continued(table: &str, steps: usize) -> Desk {
    let mut lines = table
        .lines()
        .enumerate()
        .map(|(at, text)| (at + 1, text.trim()))
        .filter(|(_, text)| !text.is_empty() && !text.starts_with("//"))
        .peekable();
    let opening = match lines.peek() {
        Some((_, first)) if first.starts_with("chapter") => opening(&Line::parse(first)),
        _ => Opening::default(),
    };
    if lines.peek().is_some_and(|(_, first)| first.starts_with("chapter")) {
        lines.next();
    }
    let (desk, naive) = (Desk::open(&opening), Naive::default());
    let mut runner = Runner { desk, naive, labels: BTreeMap::new() };
    runner.compare();
    for (step, (number, text)) in lines.enumerate() {
        if step == steps {
            runner.desk.go_on();
            runner.compare();
        }
        if let Err(what) = runner.step(&Line::parse(text)) {
            panic!("line {number}: {text}\n  {what}");
        }
        runner.compare();
    }
    let desk = runner.desk;
    assert_eq!(desk.replay(), desk.books, "replayed from bytes");
    let snapshot = minhbach::books::Books::from_snapshot(&desk.books.snapshot().unwrap());
    assert_eq!(snapshot.as_ref(), Some(&desk.books), "from a snapshot");
    desk
}

fn opening(line: &Line<'_>) -> Opening {
    let mut opening = Opening {
        auditor: line.words.contains(&"auditor"),
        guardian: line.words.contains(&"guardian"),
        ..Opening::default()
    };
    if let Some(limit) = line.option("two_above") {
        opening.policy = json!({"two_above": amount(limit)});
    }
    match line.option("books_from") {
        None => {}
        Some("2026-11-01") => opening.books_from = "2026-11-01",
        Some("2026-12-01") => opening.books_from = "2026-12-01",
        Some(other) => panic!("books_from={other}"),
    }
    opening
}

/// An amount: `500k`, `1m`, `max`, a plain number, any of them with a minus.
pub fn amount(text: &str) -> i64 {
    if let Some(rest) = text.strip_prefix('-') {
        return -amount(rest);
    }
    if text == "max" {
        return LARGEST;
    }
    let (digits, factor) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1000),
        None => text.strip_suffix('m').map_or((text, 1), |digits| (digits, 1_000_000)),
    };
    digits.parse::<i64>().unwrap_or_else(|_| panic!("not an amount: {text}")) * factor
}

/// An expected word as the books say it: `500k` is 500000.
fn plain(word: &str) -> String {
    let digits = word.trim_start_matches('-').strip_suffix(['k', 'm']);
    let is_amount = digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if is_amount || word == "max" { amount(word).to_string() } else { word.to_owned() }
}

pub(super) struct Runner {
    pub(super) desk: Desk,
    /// The rules once more, with plain lists.
    naive: Naive,
    labels: BTreeMap<String, u64>,
}

impl Runner {
    /// What was accepted follows gifts, goods and loans as plain lists do.
    fn compare(&mut self) {
        let (taken, size) = (self.naive.size(), self.desk.bytes.len());
        for (at, bytes) in self.desk.bytes.iter().enumerate().skip(taken) {
            self.naive.absorb(u64::try_from(at).unwrap(), bytes, self.desk.books.before());
        }
        if taken < size {
            self.naive.compare(&self.desk);
        }
    }

    fn step(&mut self, line: &Line<'_>) -> Result<(), String> {
        match line.word(0) {
            "on" => {
                self.desk.date = line.word(1).to_owned();
                self.desk.at = format!("{}T02:00:00Z", line.word(1));
                return Ok(());
            }
            "at" => {
                self.desk.at = line.word(1).to_owned();
                return Ok(());
            }
            "?" => return self.figure(line),
            "continue" => {
                self.desk.go_on();
                return Ok(());
            }
            _ => {}
        }
        let outcome = self.enter(line);
        let found = match &outcome {
            Ok(numbers) => std::iter::once("ok".to_owned()).chain(numbers.clone()).collect(),
            Err(refusal) => {
                let mut words = vec!["refused".to_owned(), refusal.code().to_owned()];
                words.extend(figure_of(refusal));
                words
            }
        };
        // What the line leaves out at the end is not asked for, but for numbers.
        let expected: Vec<String> = line
            .expected
            .iter()
            .map(|word| match word.strip_prefix('*') {
                Some(label) => self.seq(label).to_string(),
                None => plain(word),
            })
            .collect();
        let asked = if outcome.is_ok() && line.expected.len() > 1 {
            found.len()
        } else {
            line.expected.len().min(found.len())
        };
        if expected.is_empty() || expected != found[..asked] {
            return Err(format!("was: {}", found.join(" ")));
        }
        Ok(())
    }

    fn enter(&mut self, line: &Line<'_>) -> Result<Vec<String>, Refusal> {
        let (kind, mut members) = match (line.word(0), kind_of(line.word(0))) {
            (verb, Some(kind)) => (kind.to_owned(), self.members(verb, line)),
            ("raw", _) => {
                let members = serde_json::from_str(&line.words[2..].join(" ")).unwrap();
                (line.word(1).to_owned(), members)
            }
            (verb, None) => panic!("no such step: {verb}"),
        };
        if let Some(date) = line.option("date") {
            members["date"] = json!(date);
        }
        if let Some(id) = line.option("id") {
            members["id"] = json!(format!("018f0000-0000-7000-8000-{id:0>12}"));
        }
        let signed = match (line.option("signed"), line.option("by")) {
            (Some(list), _) => {
                let pairs: Vec<(&str, &str)> =
                    list.split(',').filter_map(|pair| pair.split_once(':')).collect();
                self.desk.sign_as(&kind, members, &pairs)
            }
            (None, Some(by)) => {
                let mut signers: Vec<&str> = by.split('+').collect();
                signers.extend(["chu", "kiem"]);
                self.desk.sign(&kind, members, &signers)
            }
            (None, None) => self.desk.sign(&kind, members, Desk::usual_signers(&kind)),
        };
        let seq = self.desk.size();
        let effects = self.desk.append(signed)?;
        if let Some(label) = line.label {
            self.labels.insert(label.to_owned(), seq);
        }
        Ok(effects.numbers.iter().map(ToString::to_string).collect())
    }

    pub(super) fn seq(&self, label: &str) -> u64 {
        match label.strip_prefix('@') {
            Some(seq) => seq.parse().unwrap(),
            None => *self.labels.get(label).unwrap_or_else(|| panic!("no label {label}")),
        }
    }

    pub(super) fn reference(&self, text: &str) -> Value {
        match text.split_once('.') {
            Some((label, line)) => {
                json!({"line": line.parse::<u64>().unwrap(), "seq": self.seq(label)})
            }
            None => json!(self.seq(text)),
        }
    }

    pub(super) fn gifts(&self, line: &Line<'_>, members: &mut Value) {
        if line.option("gifts").is_some() {
            let gifts = line.list("gifts");
            members["gifts"] = gifts.iter().map(|gift| self.reference(gift)).collect();
        }
    }

    fn members(&mut self, verb: &str, line: &Line<'_>) -> Value {
        match verb {
            "opening" | "donation" | "income" | "return" | "aid" | "cost" | "transfer" | "move"
            | "count" => self.money_members(verb, line),
            "custody" | "hand" | "giveback" | "assign" => self.custody_members(verb, line),
            "close" | "audit" | "publish" => self.closing_members(verb, line),
            "reverse" => json!({"of": self.reference(line.word(1)), "reason": "mistyped"}),
            "activity" => json!({
                "programme": line.word(1), "from": line.word(2), "to": line.word(3),
                "figures": [{"of": "people", "number": 40}],
            }),
            "erase" => json!({"class": "request"}),
            "item" | "store" | "gift" | "buy" | "sendback" | "issue" | "handback" | "shift"
            | "stocktake" | "send" | "get" => self.goods_members(verb, line),
            verb if loans_table::is_verb(verb) => self.loan_members(verb, line),
            _ => self.register_members(verb, line),
        }
    }

    fn register_members(&mut self, verb: &str, line: &Line<'_>) -> Value {
        if matches!(verb, "enrol" | "guardian" | "rotate") {
            let names = line.words.iter().skip(1).copied().chain(line.option("key"));
            names.for_each(|name| self.desk.make_key(name));
        }
        match verb {
            "change-chapter" => json!({"chapter": {"name": "Hội mới", "slug": line.word(1)}}),
            "policy" => match line.option("two_above") {
                Some(limit) => json!({"policy": {"two_above": amount(limit)}}),
                None => json!({"policy": {}}),
            },
            "rules" => json!({"rules": 1}),
            "close-chapter" => json!({}),
            "enrol" => {
                let roles: Vec<&str> = line.word(2).split('+').collect();
                let key = line.option("key").unwrap_or(line.word(1));
                let mut officer = self.desk.officer(key, &roles);
                officer["person"] = json!(opaque(line.word(1)));
                json!({"officer": officer})
            }
            "retire" => json!({"person": opaque(line.word(1))}),
            "rotate" => {
                let vkey = |name: &str| self.desk.key(name).public().vkey();
                let mut members = json!({
                    "person": opaque(line.word(1)),
                    "old_vkey": vkey(line.word(2)), "new_vkey": vkey(line.word(3)),
                });
                if let Some(seq) = line.option("compromised") {
                    members["compromised_from_seq"] = json!(seq.parse::<u64>().unwrap());
                }
                members
            }
            "guardian" => {
                let mut guardian = self.desk.guardian(line.option("key").unwrap_or(line.word(1)));
                guardian["person"] = json!(opaque(line.word(1)));
                json!({"guardian": guardian})
            }
            "log-key" => json!({
                "new_vkey": log_key(line.word(1)).public().vkey(),
                "from_size": line.word(2).parse::<u64>().unwrap(),
            }),
            "witness" => {
                let vkey = witness_vkey(line.option("key").unwrap_or(line.word(1)));
                json!({"name": line.word(1), "vkey": vkey})
            }
            "place" => json!({"place": {
                "code": line.word(1), "type": line.word(2), "name": "Nơi giữ tiền",
            }}),
            "close-place" => json!({"place": line.word(1)}),
            "fund" => fund_members(line),
            "close-fund" => json!({"fund": line.word(1)}),
            "programme" => json!({"programme": {
                "code": line.word(1), "name": "Chương trình", "type": "tet",
            }}),
            other => panic!("no such step: {other}"),
        }
    }

    fn money_members(&mut self, verb: &str, line: &Line<'_>) -> Value {
        let mut members = match verb {
            "opening" => return opening_members(line),
            "donation" => json!({
                "amount": amount(line.word(1)), "place": line.word(2), "fund": line.word(3),
                "donor": self.desk.donor(), "method": "cash",
            }),
            "income" => json!({
                "amount": amount(line.word(1)), "place": line.word(2), "fund": line.word(3),
                "type": "bank_interest",
            }),
            "return" => json!({
                "of": self.reference(line.word(1)), "amount": amount(line.word(2)),
                "place": line.word(3), "reason": "returned_by_bank",
            }),
            "aid" => {
                let amounts: Vec<i64> = line.word(1).split('+').map(amount).collect();
                json!({
                    "lines": self.desk.lines(&amounts), "place": line.word(2),
                    "fund": line.word(3), "programme": line.word(4),
                })
            }
            "cost" => json!({
                "amount": amount(line.word(1)), "place": line.word(2), "fund": line.word(3),
                "category": line.word(4), "payee": {"type": "organisation", "name": "Hãng xe"},
            }),
            "transfer" => json!({
                "amount": amount(line.word(1)), "from_place": line.word(2),
                "to_place": line.word(3), "fund": line.word(4),
            }),
            "move" => json!({
                "amount": amount(line.word(1)), "place": line.word(2), "from_fund": line.word(3),
                "to_fund": line.word(4), "reason": "consent",
            }),
            "count" => json!({
                "place": line.word(1), "counted": amount(line.word(2)),
                "difference": amount(line.word(3)),
            }),
            other => panic!("no such step: {other}"),
        };
        self.gifts(line, &mut members);
        if verb == "move" && line.words.contains(&"proof") {
            members["_sd"] = self.desk.sd(1);
        }
        for (option, member) in
            [("received", "received_on"), ("programme", "programme"), ("fund", "fund")]
        {
            if let Some(value) = line.option(option) {
                members[member] = json!(value);
            }
        }
        if line.option("notes").is_some() {
            let note = |text: &&str| {
                let (value, number) = text.split_once('*').unwrap();
                json!({"value": amount(value), "number": amount(number)})
            };
            members["denominations"] = line.list("notes").iter().map(note).collect();
        }
        members
    }

    fn custody_members(&mut self, verb: &str, line: &Line<'_>) -> Value {
        if verb == "custody" {
            let mut members = json!({"class": "named_family", "donor": self.desk.donor()});
            if line.word(1).contains(':') {
                members["goods"] = held(line.word(1));
            } else {
                members["amount"] = json!(amount(line.word(1)));
                members["place"] = json!(line.word(2));
            }
            return members;
        }
        let mut members = json!({"of": self.reference(line.word(1))});
        if line.word(2).contains(':') {
            members["goods"] = held(line.word(2));
        } else {
            members["amount"] = json!(amount(line.word(2)));
        }
        if verb == "assign" {
            members["as"] = json!("donation");
            members["fund"] = json!(line.word(3));
            members["donor"] = self.desk.donor();
        }
        if let Some(place) = line.option("place") {
            members["place"] = json!(place);
        }
        members
    }

    fn closing_members(&mut self, verb: &str, line: &Line<'_>) -> Value {
        match verb {
            "audit" => {
                let mut members = json!({"through": line.word(1), "result": "sound"});
                if line.option("sample").is_some() {
                    let sample = line.list("sample");
                    members["sample"] = sample.iter().map(|seq| json!(self.seq(seq))).collect();
                }
                members
            }
            "close" => {
                let mut members = self.desk.closing(line.word(1));
                for (pointer, value) in &line.options {
                    if let Some(found) = members.pointer_mut(pointer) {
                        *found = serde_json::from_str(value).unwrap();
                    }
                }
                match line.option("loans") {
                    None => {}
                    Some("none") => drop(members.as_object_mut().unwrap().remove("loans")),
                    Some(running) => {
                        let running: u64 = running.parse().unwrap();
                        members["loans"] = json!({"running": running, "par30": 9, "par90": 0});
                    }
                }
                if let Some(place) = line.option("bank") {
                    members["bank"] = json!([{"place": place, "statement_balance": 5}]);
                }
                members
            }
            _ => {
                let mut members = json!({
                    "type": line.word(1), "from": line.word(2), "to": line.word(3),
                    "sha256": "0".repeat(64),
                });
                if let Some(fund) = line.option("fund") {
                    members["fund"] = json!(fund);
                }
                if !line.words.contains(&"wrong") {
                    members["sha256"] = json!(self.desk.statement_digest(&members));
                }
                members
            }
        }
    }

    /// `? place cash 500k`, `? fund chung 500k`, `? held 10k`, `? next month`, `? uses a1 = …`.
    fn figure(&self, line: &Line<'_>) -> Result<(), String> {
        let code = |at: usize| line.word(at).parse::<Code>().unwrap();
        let (found, expected) = match line.word(1) {
            "place" => {
                let place = &self.desk.books.register().places()[&code(2)];
                (place.balance.minor().to_string(), amount(line.word(3)).to_string())
            }
            "fund" => {
                let money = self.desk.books.fund_money(&code(2));
                (money.minor().to_string(), amount(line.word(3)).to_string())
            }
            "held" => {
                let held = self.desk.books.lots().held_in_all();
                (held.minor().to_string(), amount(line.word(2)).to_string())
            }
            "uses" => {
                let found = self.desk.uses(self.seq(line.word(2))).join(", ");
                let mut parts = Vec::new();
                for part in line.words[3..].join(" ").split(", ").filter(|part| !part.is_empty()) {
                    let words: Vec<&str> = part.split(' ').collect();
                    let (label, at) = words[0].split_once('.').unwrap_or((words[0], "0"));
                    let (seq, minor) = (self.seq(label), amount(words[2]));
                    parts.push(format!("{seq}.{at} {} {minor}", words[1]));
                }
                (found, parts.join(", "))
            }
            other if loans_table::is_figure(other) => self.loan_figure(other, line),
            other => self.goods_figure(other, line),
        };
        if found == expected { Ok(()) } else { Err(format!("was: {found}, not {expected}")) }
    }
}

fn fund_members(line: &Line<'_>) -> Value {
    let mut terms = json!({"text": "Điều khoản", "costs": line.option("costs") != Some("no")});
    for name in ["kinds", "programmes"] {
        if line.option(name).is_some() {
            terms[name] = json!(line.list(name));
        }
    }
    if let Some(until) = line.option("until") {
        terms["until"] = json!(until);
    }
    let mut fund = Map::new();
    fund.insert("code".to_owned(), json!(line.word(1)));
    fund.insert("type".to_owned(), json!(line.word(2)));
    fund.insert("name".to_owned(), json!("Quỹ"));
    fund.insert("terms".to_owned(), terms);
    for name in ["from", "to"] {
        if let Some(day) = line.option(name) {
            fund.insert(name.to_owned(), json!(day));
        }
    }
    json!({ "fund": fund })
}

fn opening_members(line: &Line<'_>) -> Value {
    let mut members = json!({"as_of": line.option("as_of").unwrap_or("2026-09-30")});
    if line.option("money").is_some() {
        let money = |text: &&str| {
            let words: Vec<&str> = text.split(':').collect();
            json!({"place": words[0], "fund": words[1], "amount": amount(words[2])})
        };
        members["money"] = line.list("money").iter().map(money).collect();
    }
    if line.option("custody").is_some() {
        let line_of = |text: &&str| match text.strip_prefix("goods/") {
            Some(goods) => json!({"class": "unidentified", "goods": held(goods)}),
            None => {
                let (place, minor) = text.split_once(':').unwrap();
                json!({"class": "unidentified", "place": place, "amount": amount(minor)})
            }
        };
        members["custody"] = line.list("custody").iter().map(line_of).collect();
    }
    if line.option("goods").is_some() {
        members["goods"] = line.list("goods").iter().map(|text| opening_lot(text)).collect();
    }
    if line.option("loans").is_some() {
        members["loans"] = line.list("loans").iter().map(|text| opening_loan(text)).collect();
    }
    members
}

/// The figure that a refusal names, as tables write it.
fn figure_of(refusal: &Refusal) -> Vec<String> {
    use Refusal as R;
    match refusal {
        R::PlaceTooLow { place, day, allowed } => {
            vec![allowed.minor().to_string(), place.clone(), day.to_string()]
        }
        R::FundTooLow { fund, day, allowed } => {
            vec![allowed.minor().to_string(), fund.clone(), day.to_string()]
        }
        R::MoreThanLeft { allowed } | R::ConsentShort { allowed } => {
            vec![allowed.minor().to_string()]
        }
        R::NotEmpty { code, balance } => vec![balance.minor().to_string(), code.clone()],
        R::Denominations { sum } => vec![sum.minor().to_string()],
        R::Difference { expected } => vec![expected.minor().to_string()],
        R::DateInFuture { latest: day }
        | R::DateBeforeBooks { earliest: day }
        | R::PeriodIsClosed { earliest: day }
        | R::DateBeforeOf { earliest: day }
        | R::DateBeforeCount { counted: day, .. }
        | R::OpeningDay { expected: day }
        | R::PeriodNotOver { last_day: day }
        | R::TermsEnded { until: day } => vec![day.to_string()],
        R::DayOrder { member, latest } => vec![(*member).to_owned(), latest.to_string()],
        R::Unknown { member, code } | R::Closed { member, code } => {
            vec![(*member).to_owned(), code.clone()]
        }
        R::CodeUsed { code } => vec![code.clone()],
        R::Reference { member } | R::SameEnds { member } => vec![(*member).to_owned()],
        R::NotAGift { seq } | R::NamedByStanding { seq } => vec![seq.to_string()],
        R::FromSize { above } => vec![above.to_string()],
        R::NotNextPeriod { expected } => vec![expected.to_string()],
        R::NothingClosed { through } => vec![through.to_string()],
        R::Figure { member, expected } => vec![member.clone(), expected.clone()],
        R::Goods(refusal) => figure_of_goods(refusal),
        R::Loans(refusal) => figure_of_loans(refusal),
        R::TermsKind { kind } => vec![kind.to_string()],
        _ => Vec::new(),
    }
}

fn figure_of_loans(refusal: &LoanRefusal) -> Vec<String> {
    use LoanRefusal as L;
    match refusal {
        L::NotRevolving { fund } => vec![fund.clone()],
        L::Cancelled { seq }
        | L::Disbursed { seq }
        | L::WrittenOff { seq }
        | L::LaterOfLoan { seq } => vec![seq.to_string()],
        L::Parts { sum } => vec![sum.minor().to_string()],
        L::MoreThanOwed { member, allowed } | L::OpeningLoan { member, allowed } => {
            vec![(*member).to_owned(), allowed.minor().to_string()]
        }
        L::LoansLeft { fund, amount } => vec![fund.clone(), amount.minor().to_string()],
        L::Closed | L::NotWrittenOff => Vec::new(),
    }
}

fn figure_of_goods(refusal: &GoodsRefusal) -> Vec<String> {
    use GoodsRefusal as G;
    match refusal {
        G::StockTooLow { allowed, item, store, day } => {
            vec![allowed.clone(), item.clone(), store.clone(), day.to_string()]
        }
        G::StockValueTooLow { item, store, day } => {
            vec![item.clone(), store.clone(), day.to_string()]
        }
        G::Expired { item, expiry } => vec![item.clone(), expiry.to_string()],
        G::Fraction { item } => vec![item.clone()],
        G::MoreGoods { item, allowed } => vec![allowed.clone(), item.clone()],
        G::MoreLines { allowed } => vec![allowed.to_string()],
        G::GoodsLeft { code, item, quantity } => {
            vec![quantity.clone(), item.clone(), code.clone()]
        }
        G::NotWhole { item, store, allowed } => vec![allowed.clone(), item.clone(), store.clone()],
        _ => Vec::new(),
    }
}
