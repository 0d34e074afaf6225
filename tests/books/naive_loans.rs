//! Loans as the written rules say it, with plain lists: written from the rules, not from the books.

use std::collections::BTreeMap;

use serde_json::Value;

use minhbach::books::effects::GiftId;

use super::Desk;
use super::naive::{Key, Lot, Naive, Out, Part, Undo, money, named, word};

/// A loan, running or over.
#[derive(Clone, Debug)]
struct Loan {
    key: Key,
    /// Which line of an opening balance, when it is one.
    line: Option<u32>,
    fund: String,
    principal: i64,
    fee: i64,
    lost: i64,
    written_off: Option<u64>,
    /// What changed the principal, by day.
    days: Vec<(String, i64)>,
}

/// What is set aside, what is lent, and what came back of it.
#[derive(Default)]
pub struct Lending {
    /// Fund and principal of what was approved and waits.
    approved: BTreeMap<u64, (String, i64)>,
    loans: Vec<Loan>,
    /// What entries brought back, in order: the part as it was, how much, the new lot.
    came_back: BTreeMap<u64, Vec<(Part, i64, Key)>>,
    /// What write-offs took off the principal.
    written: BTreeMap<u64, i64>,
}

impl Lending {
    fn loan(&mut self, key: Key) -> &mut Loan {
        self.loans.iter_mut().find(|loan| loan.key == key).unwrap()
    }

    fn move_principal(&mut self, key: Key, day: &str, by: i64) {
        let loan = self.loan(key);
        loan.principal += by;
        assert!(loan.principal >= 0, "less than nothing is owed of {key:?}");
        loan.days.push((day.to_owned(), by));
    }
}

fn figure(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// The lines of loans of an opening balance, each with that of its lot and what is owed.
fn opening_lines(v: &Value) -> Vec<(u32, u32, Value, i64)> {
    let list = |name: &str| v[name].as_array().cloned().unwrap_or_default();
    let behind = u32::try_from(list("money").len()).unwrap();
    let row = |(line, loan): (u32, Value)| {
        let owed = money(&loan["principal"]) - money(&loan["paid"]);
        (line, behind + line, loan, owed)
    };
    (0_u32..).zip(list("loans")).map(row).collect()
}

impl Naive {
    fn voucher(&self, seq: u64) -> Value {
        self.vouchers[usize::try_from(seq).unwrap()].clone()
    }

    /// Takes in what an accepted voucher does to loans.
    pub(super) fn lend(&mut self, seq: u64, v: &Value) {
        let day = word(&v["date"]);
        match v["kind"].as_str().unwrap() {
            "opening_balance" => self.opening_loans(seq, v),
            "loan_approved" => {
                let own = (word(&v["fund"]), money(&v["principal"]));
                self.lending.approved.insert(seq, own);
            }
            "loan_cancelled" => {
                self.lending.approved.remove(&v["of"].as_u64().unwrap()).unwrap();
            }
            "loan_disbursed" => {
                let approval = v["of"].as_u64().unwrap();
                let (fund, principal) = self.lending.approved.remove(&approval).unwrap();
                let fee = money(&self.voucher(approval)["fee_total"]);
                let (key, line) = ((seq, 0), None);
                self.begin(key, line, &fund, fee);
                self.lending.move_principal(key, &day, principal);
                self.spend(Out::of(seq, "on_loan"), &fund, &[], principal);
            }
            "loan_repaid" => self.repaid(seq, v, named(&v["of"])),
            "custody_assigned" => self.repaid(seq, v, named(&v["loan"])),
            "loan_fee_waived" => {
                self.lending.loan(named(&v["of"])).fee -= money(&v["amount"]);
            }
            "loan_written_off" => {
                let key = named(&v["of"]);
                for part in self.sources(key) {
                    self.becomes(&part, seq, seq, "lost");
                }
                let owed = self.lending.loan(key).principal;
                self.lending.move_principal(key, &day, -owed);
                let loan = self.lending.loan(key);
                (loan.lost, loan.written_off) = (owed, Some(seq));
                self.lending.written.insert(seq, owed);
            }
            "loan_recovered" => {
                let key = named(&v["of"]);
                let loan = self.lending.loan(key);
                loan.lost -= money(&v["amount"]);
                let by = loan.written_off.unwrap();
                let lost = |part: &&Part| part.class == "lost";
                let mut uses: Vec<Part> = self.parts_of(by).filter(lost).cloned().collect();
                uses.sort_by_key(|part| (part.lot, part.since, part.order));
                self.comes_back(seq, uses, money(&v["amount"]), 0);
            }
            _ => {}
        }
    }

    fn begin(&mut self, key: Key, line: Option<u32>, fund: &str, fee: i64) {
        let (fund, days) = (fund.to_owned(), Vec::new());
        let (principal, lost, written_off) = (0, 0, None);
        let loan = Loan { key, line, fund, principal, fee, lost, written_off, days };
        self.lending.loans.push(loan);
    }

    fn opening_loans(&mut self, seq: u64, v: &Value) {
        for (line, lot, loan, owed) in opening_lines(v) {
            let (key, fund) = ((seq, line), word(&loan["fund"]));
            let fee = money(&loan["fee_total"]) - money(&loan["fees_paid"]);
            self.begin(key, Some(line), &fund, fee);
            if owed > 0 {
                self.lending.move_principal(key, &word(&v["as_of"]), owed);
                self.open(seq, lot, &fund, owed);
                let out = Out { loan: Some(line), ..Out::of(seq, "on_loan") };
                self.take_all(&[(seq, lot)], owed, out);
            }
        }
    }

    /// What funds a loan, the oldest lot first.
    fn sources(&self, key: Key) -> Vec<Part> {
        let loan = self.lending.loans.iter().find(|loan| loan.key == key).unwrap();
        let funds = |part: &&Part| part.class == "on_loan" && part.loan == loan.line;
        let mut uses: Vec<Part> = self.parts_of(key.0).filter(funds).cloned().collect();
        uses.sort_by_key(|part| (part.lot, part.since, part.order));
        uses
    }

    /// A part becomes one of another outflow and class, whole.
    fn becomes(&mut self, part: &Part, seq: u64, entry: u64, class: &'static str) {
        self.lessen(part, part.amount);
        self.order += 1;
        let (order, since) = (self.order, seq);
        self.parts.push(Part { entry, since, order, class, ..part.clone() });
    }

    /// Parts come back as lots of now, the next turn or the same; the next line.
    fn comes_back(&mut self, seq: u64, uses: Vec<Part>, amount: i64, turns: u32) -> u32 {
        let (mut rest, mut line) = (amount, 0);
        for part in uses {
            let share = part.amount.min(rest);
            if share == 0 {
                break;
            }
            rest -= share;
            self.lessen(&part, share);
            let (key, fund, gift) = ((seq, line), part.fund.clone(), part.gift);
            let turn = part.turn + turns;
            self.lots.push(Lot { key, fund, gift, turn, unspent: share });
            self.lending.came_back.entry(seq).or_default().push((part, share, key));
            line += 1;
        }
        assert_eq!(rest, 0, "more came back than was lent");
        line
    }

    fn repaid(&mut self, seq: u64, v: &Value, key: Key) {
        let (principal, fee) = (figure(&v["principal"]), figure(&v["fee"]));
        let uses = self.sources(key);
        let line = self.comes_back(seq, uses, principal, 1);
        self.lending.move_principal(key, &word(&v["date"]), -principal);
        let loan = self.lending.loan(key);
        loan.fee -= fee;
        assert!(loan.fee >= 0, "less than no fee is owed of {key:?}");
        let fund = loan.fund.clone();
        if fee > 0 {
            self.open(seq, line, &fund, fee);
        }
    }

    /// Takes back what a reversed voucher did to loans, `seq` being the reversal.
    pub(super) fn take_back_loan(&mut self, seq: u64, of: u64, v: &Value) {
        let day = word(&self.voucher(seq)["date"]);
        match v["kind"].as_str().unwrap() {
            "loan_approved" => drop(self.lending.approved.remove(&of).unwrap()),
            "loan_cancelled" => {
                let approval = v["of"].as_u64().unwrap();
                let own = self.voucher(approval);
                let own = (word(&own["fund"]), money(&own["principal"]));
                self.lending.approved.insert(approval, own);
            }
            "loan_disbursed" => {
                self.restore(of);
                let approval = v["of"].as_u64().unwrap();
                let principal = self.lending.loan((of, 0)).principal;
                self.lending.move_principal((of, 0), &day, -principal);
                let loan = self.lending.loan((of, 0));
                loan.fee = 0;
                let own = (loan.fund.clone(), principal);
                self.lending.approved.insert(approval, own);
            }
            "loan_repaid" => self.not_repaid((seq, of), v, named(&v["of"]), &day),
            "custody_assigned" => self.not_repaid((seq, of), v, named(&v["loan"]), &day),
            "loan_fee_waived" => {
                self.lending.loan(named(&v["of"])).fee += money(&v["amount"]);
            }
            "loan_written_off" => {
                let key = named(&v["of"]);
                let mut uses: Vec<Part> = self.parts_of(of).cloned().collect();
                uses.sort_by_key(|part| (part.since, part.order, part.lot));
                for part in uses {
                    self.becomes(&part, seq, key.0, "on_loan");
                }
                let owed = self.lending.written[&of];
                self.lending.move_principal(key, &day, owed);
                let loan = self.lending.loan(key);
                (loan.lost, loan.written_off) = (loan.lost - owed, None);
            }
            "loan_recovered" => {
                self.lending.loan(named(&v["of"])).lost += money(&v["amount"]);
                self.goes_again(seq, of, None);
            }
            _ => {}
        }
    }

    fn not_repaid(&mut self, (seq, of): (u64, u64), v: &Value, key: Key, day: &str) {
        let (principal, fee) = (figure(&v["principal"]), figure(&v["fee"]));
        self.lending.move_principal(key, day, principal);
        let loan = self.lending.loan(key);
        loan.fee += fee;
        let fund = loan.fund.clone();
        self.goes_again(seq, of, (fee > 0).then_some((fund, fee)));
    }

    /// What came back by `of` leaves its lots again; what is not there any more is supplied by the
    /// fund. The fee never was.
    fn goes_again(&mut self, seq: u64, of: u64, fee: Option<(String, i64)>) {
        let came_back = self.lending.came_back.remove(&of).unwrap_or_default();
        let fee_line = u32::try_from(came_back.len()).unwrap();
        let mut missing = Vec::new();
        for (part, share, lot) in came_back {
            let own = self.lots.iter_mut().find(|own| own.key == lot).unwrap();
            let got = own.unspent.min(share);
            own.unspent -= got;
            if got > 0 {
                self.order += 1;
                let (order, since, amount) = (self.order, seq, got);
                self.parts.push(Part { order, since, amount, ..part.clone() });
            }
            missing.push((part, share - got));
        }
        if let Some((fund, amount)) = fee {
            self.close_gift(seq, (of, fee_line), fund, amount);
        }
        for (part, share) in missing {
            self.spend(Out::like(&part, seq), &part.fund, &[], share);
        }
    }

    /// What a reversed opening balance lent goes back first; then its lots are to be closed.
    pub(super) fn undo_opening_loans(&mut self, of: u64, v: &Value) -> Vec<Undo> {
        let lines = opening_lines(v);
        if !lines.is_empty() {
            self.restore(of);
        }
        let mut all = Vec::new();
        for (line, lot, _, owed) in lines {
            self.lending.move_principal((of, line), &word(&v["as_of"]), -owed);
            let loan = self.lending.loan((of, line));
            loan.fee = 0;
            let fund = loan.fund.clone();
            let own = self.lots.iter().filter(|own| own.gift == (of, lot) && own.fund == fund);
            let lots = own.map(|own| own.key).collect();
            all.push(Undo { lots, fund, amount: owed });
        }
        all
    }

    /// Asserts that what is set aside, owed and lost is that of the plain lists, that it is what
    /// the uses say, and that as many loans run.
    pub(super) fn compare_loans(&self, desk: &Desk) {
        let loans = desk.books.loans();
        let found: BTreeMap<u64, (String, i64)> = loans
            .approved()
            .map(|(seq, own)| (seq, (own.fund.to_string(), own.principal.minor())))
            .collect();
        assert_eq!(found, self.lending.approved, "what is set aside");
        for loan in &self.lending.loans {
            let (seq, line) = loan.key;
            let own = loans.get(GiftId { seq, line });
            let figures = own.map_or((0, 0, 0), |own| {
                assert_eq!(own.fund.as_str(), loan.fund, "the fund of {:?}", loan.key);
                (own.principal.minor(), own.fee.minor(), own.lost.minor())
            });
            assert_eq!(figures, (loan.principal, loan.fee, loan.lost), "loan {:?}", loan.key);
            let out: i64 = self.sources(loan.key).iter().map(|part| part.amount).sum();
            assert_eq!(out, loan.principal, "what funds {:?}", loan.key);
            let lost = loan.written_off.map_or(0, |by| {
                self.parts_of(by).filter(|part| part.class == "lost").map(|p| p.amount).sum()
            });
            assert_eq!(lost, loan.lost, "what was lost with {:?}", loan.key);
        }
        let known = |id: GiftId| self.lending.loans.iter().any(|l| l.key == (id.seq, id.line));
        assert!(loans.all().all(|(id, _)| known(id)), "a loan that nobody made");
        let day = word(&self.vouchers.last().unwrap()["date"]);
        let at_end = |loan: &&Loan| {
            loan.days.iter().filter(|(on, _)| *on <= day).map(|(_, by)| by).sum::<i64>() > 0
        };
        let running = u64::try_from(self.lending.loans.iter().filter(at_end).count()).unwrap();
        assert_eq!(loans.running_at(day.parse().unwrap()), running, "running on {day}");
    }
}
