//! Loans in the tables of text.
//!
//! ```text
//! fund xoay revolving
//! l1: lend 500k xoay fee=20k                            an approval
//! cancel l1 · b1: disburse l1 cash
//! repay b1 100k+5k cash                                 principal + fee; amount=… says another sum
//! waive b1 5k · reschedule · writeoff b1 · recover b1 40k cash
//! settle c1 b1 100k+5k                                  out of custody
//! o1: opening loans=xoay:500k:100k:20k:5k               principal:paid:fee:fees paid[:day]
//! repay o1.0 10k+0 cash
//! ? owed b1 400k 15k 0                                  principal, fee, lost
//! ? reserved xoay 100k · ? free xoay 80k
//! ? turns b1 = d1 on_loan 0 400k                        uses with their turn
//! ? lots xoay = d1 0 80k, r1 1 100k                     unspent lots with their turn
//! ? gift d1 = unspent 80k on_loan 400k lent 500k        what became of a gift, how much was lent
//! ? running 2026-10-31 5
//! ? statement-loans 0 380k = loan_disbursed 500k, loan_repaid -120k
//! ```

use std::collections::BTreeMap;

use serde_json::{Value, json};

use minhbach::books::effects::{Change, GiftId};
use minhbach::books::past::Past as _;
use minhbach::ledger::voucher::Kind;
use minhbach::money::Money;

use super::Desk;
use super::goods_table::code;
use super::table::{Line, Runner, amount};

/// The verbs of loans and the kinds that they stand for.
pub(super) const VERBS: &[(&str, &str)] = &[
    ("lend", "loan_approved"),
    ("cancel", "loan_cancelled"),
    ("disburse", "loan_disbursed"),
    ("repay", "loan_repaid"),
    ("waive", "loan_fee_waived"),
    ("reschedule", "loan_rescheduled"),
    ("writeoff", "loan_written_off"),
    ("recover", "loan_recovered"),
    ("settle", "custody_assigned"),
];

/// Whether a verb is one of loans.
pub(super) fn is_verb(verb: &str) -> bool {
    VERBS.iter().any(|(known, _)| *known == verb)
}

/// Whether a figure is one of loans.
pub(super) fn is_figure(name: &str) -> bool {
    let known = ["owed", "reserved", "free", "turns", "lots", "gift", "running", "statement-loans"];
    known.contains(&name)
}

/// `xoay:500k:100k:20k:5k` as a loan of an opening balance.
pub(super) fn opening_loan(text: &str) -> Value {
    let words: Vec<&str> = text.split(':').collect();
    let digest =
        |word: &str| super::opaque(&format!("{text} {word}")) + "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut sd = vec![digest("borrower"), digest("schedule")];
    sd.sort();
    json!({
        "fund": words[0], "principal": amount(words[1]), "paid": amount(words[2]),
        "fee_total": amount(words[3]), "fees_paid": amount(words[4]), "purpose": "livestock",
        "disbursed": words.get(5).unwrap_or(&"2026-08-01"), "_sd": sd,
    })
}

/// `100k+5k` as principal and fee.
fn parts(text: &str) -> (i64, i64) {
    let (principal, fee) = text.split_once('+').unwrap_or((text, "0"));
    (amount(principal), amount(fee))
}

impl Runner {
    pub(super) fn loan_members(&mut self, verb: &str, line: &Line<'_>) -> Value {
        let mut members = match verb {
            "lend" => {
                let fee = amount(line.option("fee").unwrap_or("0"));
                let purpose = line.option("for").unwrap_or("small_trade");
                let mut members = json!({
                    "fund": line.word(2), "principal": amount(line.word(1)),
                    "purpose": purpose, "fee_total": fee, "_sd": self.desk.sd(3),
                });
                if let Some(group) = line.option("group") {
                    members["group"] = json!(group);
                }
                return members;
            }
            "reschedule" => return json!({"_sd": self.desk.sd(3)}),
            "cancel" => json!({"reason": "other"}),
            "disburse" => json!({"place": line.word(2)}),
            "waive" => json!({"amount": amount(line.word(2)), "reason": "left"}),
            "writeoff" => json!({"reason": "left"}),
            "recover" => json!({"amount": amount(line.word(2)), "place": line.word(3)}),
            _ => {
                let (principal, fee) = parts(line.word(if verb == "repay" { 2 } else { 3 }));
                let sum = line.option("amount").map_or(principal + fee, amount);
                let mut members = json!({"amount": sum, "principal": principal, "fee": fee});
                match (verb, line.option("place")) {
                    ("repay", _) => members["place"] = json!(line.word(3)),
                    (_, Some(place)) => members["place"] = json!(place),
                    _ => {}
                }
                members
            }
        };
        if verb == "settle" {
            members["as"] = json!("repayment");
            members["loan"] = self.reference(line.word(2));
        }
        members["of"] = self.reference(line.word(1));
        members
    }

    /// The loan, or the gift, that `b1` or `o1.0` names.
    fn named_line(&self, text: &str) -> GiftId {
        let (label, at) = text.split_once('.').unwrap_or((text, "0"));
        GiftId { seq: self.seq(label), line: at.parse().unwrap() }
    }

    /// What a figure about loans is, and what the table says it is.
    pub(super) fn loan_figure(&self, name: &str, line: &Line<'_>) -> (String, String) {
        let books = &self.desk.books;
        let rest = || line.words[3..].join(" ");
        let one = |found: Money, at: usize| {
            (found.minor().to_string(), amount(line.word(at)).to_string())
        };
        match name {
            "owed" => {
                let own = books.loans().get(self.named_line(line.word(2)));
                let of = |figure: fn(&minhbach::books::loans::Loan) -> Money| {
                    own.map_or(0, |own| figure(own).minor())
                };
                let found = [of(|own| own.principal), of(|own| own.fee), of(|own| own.lost)];
                let expected = [3, 4, 5].map(|at| amount(line.word(at)));
                (format!("{found:?}"), format!("{expected:?}"))
            }
            "reserved" => one(books.loans().reserved(&code(line.word(2))), 3),
            "free" => one(books.free_money(&code(line.word(2))), 3),
            "turns" => {
                let uses = self.desk.history.uses_of_entry(self.seq(line.word(2))).unwrap();
                let show = |part: &minhbach::books::effects::Use| {
                    let (lot, class) = (part.lot, part.class.as_str());
                    let (turn, minor) = (part.turn, part.amount.minor());
                    format!("{}.{} {class} {turn} {minor}", lot.seq, lot.line)
                };
                let found: Vec<String> = uses.iter().map(show).collect();
                (found.join(", "), self.expected_parts(&rest()))
            }
            "lots" => {
                let lots = books.lots().of_fund(&code(line.word(2)));
                let found: Vec<String> = lots
                    .map(|(key, lot)| {
                        format!("{}.{} {} {}", key.seq, key.line, lot.turn, lot.unspent.minor())
                    })
                    .collect();
                (found.join(", "), self.expected_parts(&rest()))
            }
            "gift" => {
                let found = self.desk.became(self.named_line(line.word(2)));
                let words = line.words[3..].chunks(2);
                let expected = words.map(|pair| (pair[0].to_owned(), amount(pair[1]))).collect();
                (
                    format!("{found:?}"),
                    format!("{:?}", BTreeMap::<String, i64>::from_iter::<Vec<_>>(expected)),
                )
            }
            "running" => {
                let running = books.loans().running_at(line.word(2).parse().unwrap());
                (running.to_string(), line.word(3).to_owned())
            }
            _ => self.statement_of_loans(line),
        }
    }

    /// The loans of the last statement that closed a period.
    fn statement_of_loans(&self, line: &Line<'_>) -> (String, String) {
        let files = self.desk.effects.iter().rev().filter_map(|own| own.statement.as_ref());
        let file: Value = serde_json::from_slice(&files.take(1).next().unwrap().bytes).unwrap();
        let expected: Vec<Value> = line.words[4..]
            .join(" ")
            .split(", ")
            .filter_map(|row| row.split_once(' '))
            .map(|(kind, minor)| json!({"kind": kind, "amount": amount(minor)}))
            .collect();
        let expected = json!({
            "opening": amount(line.word(2)), "closing": amount(line.word(3)), "rows": expected,
        });
        (file["loans"].to_string(), expected.to_string())
    }
}

impl Desk {
    /// What became of a gift, by class, and how much of it was lent in all.
    fn became(&self, gift: GiftId) -> BTreeMap<String, i64> {
        let mut sums = BTreeMap::new();
        let mut add = |word: &str, amount: Money| {
            if amount.is_positive() {
                *sums.entry(word.to_owned()).or_default() += amount.minor();
            }
        };
        add("unspent", self.history.unspent_of_gift(gift));
        for part in self.history.uses_of_gift(gift).unwrap() {
            add(part.class.as_str(), part.amount);
            let of = &self.effects[usize::try_from(part.entry).unwrap()];
            let lent = part.class.as_str() == "on_loan" || of.kind == Kind::LoanWrittenOff;
            add("lent", if lent { part.amount } else { Money::ZERO });
        }
        for effects in &self.effects {
            let standing = self.history.standing(effects.seq).unwrap();
            if standing.iter().any(|other| other.kind == Kind::Reversed) {
                continue;
            }
            for change in &effects.changes {
                match change {
                    Change::CameBack { part, amount, .. } if part.gift == gift => {
                        add("lent", *amount);
                    }
                    _ => {}
                }
            }
        }
        sums
    }
}
