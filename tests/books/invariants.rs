//! What must hold after every entry, whatever it was: counted here from the effects alone.

use std::collections::BTreeMap;

use minhbach::books::Effects;
use minhbach::books::accounts::Account;
use minhbach::books::effects::{Change, GiftId, Series, UseClass};
use minhbach::books::past::Past as _;
use minhbach::ledger::voucher::Kind;
use minhbach::ledger::word::{Code, Date};

use super::Desk;

/// Sums that the test keeps beside the books.
#[derive(Default)]
pub struct Tally {
    /// Opened less closed less moved, by gift: what was given and stands.
    gifts: BTreeMap<GiftId, i64>,
    /// What the gift's own voucher says.
    given: BTreeMap<GiftId, i64>,
    funds: BTreeMap<Code, i64>,
    /// What was posted on stock, by fund.
    stock: BTreeMap<Code, i64>,
    /// What was posted on loans receivable, by fund.
    lent: BTreeMap<Code, i64>,
    places: BTreeMap<Code, BTreeMap<Date, i64>>,
    numbers: BTreeMap<(Series, i32), u64>,
    /// Whether an opening balance was reversed: days before that may be below zero.
    opening_reversed: bool,
}

impl Tally {
    /// Counts what an accepted entry did.
    pub fn absorb(&mut self, effects: &Effects) {
        for posting in &effects.postings {
            let amount = posting.amount.minor();
            if let Account::Stock(_) = &posting.account {
                *self.stock.entry(posting.fund.clone()).or_default() += amount;
            }
            if posting.account == Account::LoansReceivable {
                *self.lent.entry(posting.fund.clone()).or_default() += amount;
            }
            if let Account::Place(place) = &posting.account {
                *self.funds.entry(posting.fund.clone()).or_default() += amount;
                let days = self.places.entry(place.clone()).or_default();
                *days.entry(effects.effective).or_default() += amount;
            }
        }
        for change in &effects.changes {
            match change {
                Change::LotOpened { gift, amount, .. } => {
                    *self.gifts.entry(*gift).or_default() += amount.minor();
                }
                _ => continue,
            }
        }
        self.opening_reversed |=
            effects.kind == Kind::Reversed && effects.nature == Kind::OpeningBalance;
    }

    /// Asserts everything that must hold now.
    pub fn hold(&mut self, desk: &Desk, effects: &Effects) {
        for gift in self.gifts.keys().filter(|gift| gift.seq == effects.seq) {
            self.given.insert(*gift, given(desk, *gift));
        }
        balanced(effects);
        self.closed_lots(desk, effects);
        self.money(desk);
        self.loans(desk);
        self.gifts(desk);
        self.days(effects);
        self.numbered(effects);
    }

    /// A closed lot takes its amount off its gift.
    fn closed_lots(&mut self, desk: &Desk, effects: &Effects) {
        for change in &effects.changes {
            if let Change::LotClosed { lot, amount, .. } = change {
                let gift = opened_as(desk, lot.seq, lot.line);
                *self.gifts.entry(gift).or_default() -= amount.minor();
            }
        }
    }

    fn money(&self, desk: &Desk) {
        let mut all = 0;
        for (code, fund) in desk.books.register().funds() {
            let counted = self.funds.get(code).copied().unwrap_or(0);
            assert_eq!(fund.money.minor(), counted, "money of fund {code}");
            assert_eq!(desk.books.lots().unspent(code).minor(), counted, "Σ unspent of {code}");
            assert!(counted >= 0, "fund {code} is below zero");
            all += counted;
        }
        let custody = self.funds.get(&"custody".parse().unwrap()).copied().unwrap_or(0);
        assert_eq!(desk.books.lots().held_in_all().minor(), custody, "held for others");
        let mut lying = 0;
        for (code, place) in desk.books.register().places() {
            let counted: i64 = self.places.get(code).map_or(0, |days| days.values().sum());
            assert_eq!(place.balance.minor(), counted, "balance of {code}");
            lying += counted;
        }
        assert_eq!(lying, all + custody, "what lies in places belongs to funds or to others");
        for code in desk.books.register().funds().keys() {
            let shelves = desk.books.stock().shelves().filter(|((_, fund, _), _)| fund == code);
            let worth: i64 = shelves.map(|(_, goods)| goods.value.minor()).sum();
            let posted = self.stock.get(code).copied().unwrap_or(0);
            assert_eq!(worth, posted, "what lies in stores of {code} is what was posted on stock");
        }
    }

    /// Σ on loan of the uses = Σ principal owed = what was posted, in each fund; nothing is set
    /// aside that is not there; each loan is owed what funds it and lost what was written off.
    fn loans(&self, desk: &Desk) {
        let (books, history) = (&desk.books, &desk.history);
        let mut out: BTreeMap<Code, i64> = BTreeMap::new();
        let mut of_loan: BTreeMap<GiftId, i64> = BTreeMap::new();
        for effects in &desk.effects {
            for part in history.uses_of_entry(effects.seq).unwrap() {
                if part.class == UseClass::OnLoan {
                    let (seq, line) = (part.entry, part.loan.unwrap_or(0));
                    *out.entry(part.fund.clone()).or_default() += part.amount.minor();
                    *of_loan.entry(GiftId { seq, line }).or_default() += part.amount.minor();
                }
            }
        }
        for code in books.register().funds().keys() {
            let posted = self.lent.get(code).copied().unwrap_or(0);
            assert_eq!(books.loans().owed_to(code).minor(), posted, "owed to {code}");
            assert_eq!(out.get(code).copied().unwrap_or(0), posted, "Σ on loan of {code}");
            let set_aside = books.loans().reserved(code);
            assert!(set_aside <= books.fund_money(code), "more is set aside than {code} has");
        }
        for (loan, own) in books.loans().all() {
            let funded = of_loan.remove(&loan).unwrap_or(0);
            assert_eq!(funded, own.principal.minor(), "what funds {loan:?}");
            let all = history.of_loan(loan).unwrap();
            let by = all.iter().find(|other| other.kind == Kind::LoanWrittenOff);
            let lost: i64 = by.map_or(0, |by| {
                let uses = history.uses_of_entry(by.seq).unwrap();
                uses.iter().map(|part| part.amount.minor()).sum()
            });
            assert_eq!(lost, own.lost.minor(), "what was lost with {loan:?}");
        }
        assert!(of_loan.is_empty(), "lent, but no loan: {of_loan:?}");
    }

    /// amount = unspent + in goods + on loan + spent + passed on + lost + returned, for every gift;
    /// moved parts are lots elsewhere.
    fn gifts(&self, desk: &Desk) {
        for (gift, opened) in &self.gifts {
            let mut sums: BTreeMap<UseClass, i64> = BTreeMap::new();
            for part in desk.history.uses_of_gift(*gift).unwrap() {
                assert!(part.amount.is_positive(), "a use of nothing: {part:?}");
                *sums.entry(part.class).or_default() += part.amount.minor();
            }
            let of = |class| sums.get(&class).copied().unwrap_or(0);
            let unspent = desk.history.unspent_of_gift(*gift).minor();
            let live: i64 = desk
                .books
                .register()
                .funds()
                .keys()
                .flat_map(|fund| desk.books.lots().of_gift(*gift, fund))
                .map(|(_, lot)| lot.unspent.minor())
                .sum();
            assert_eq!(live, unspent, "books and history agree on what is unspent of {gift:?}");
            let amount = opened - of(UseClass::Moved);
            assert_eq!(
                amount,
                unspent
                    + of(UseClass::InGoods)
                    + of(UseClass::OnLoan)
                    + of(UseClass::Spent)
                    + of(UseClass::PassedOn)
                    + of(UseClass::Lost)
                    + of(UseClass::Returned),
                "identity of {gift:?}"
            );
            let standing = desk.history.standing(gift.seq).unwrap();
            let reversed = standing.iter().any(|other| other.kind == Kind::Reversed);
            let given = if reversed { 0 } else { self.given[gift] };
            assert_eq!(amount, given, "what was given as {gift:?}");
        }
    }

    /// No place is below zero at the end of any day.
    fn days(&self, effects: &Effects) {
        if self.opening_reversed {
            return;
        }
        for (place, days) in &self.places {
            let mut balance = 0;
            for (day, net) in days {
                balance += net;
                assert!(balance >= 0, "{place} on {day} after entry {}", effects.seq);
            }
        }
    }

    /// Numbers count without a gap.
    fn numbered(&mut self, effects: &Effects) {
        for number in &effects.numbers {
            let last = self.numbers.entry((number.series, number.year)).or_default();
            *last += 1;
            assert_eq!(number.number, *last, "{number}");
        }
    }
}

/// Debits = credits in each fund, and no posting of nothing.
fn balanced(effects: &Effects) {
    let mut sums: BTreeMap<&Code, i64> = BTreeMap::new();
    for posting in &effects.postings {
        assert_ne!(posting.amount.minor(), 0, "a posting of nothing");
        *sums.entry(&posting.fund).or_default() += posting.amount.minor();
    }
    assert!(sums.values().all(|sum| *sum == 0), "debits = credits: {:?}", effects.postings);
}

/// The gift of the lot that entry `seq` opened as its `line`.
fn opened_as(desk: &Desk, seq: u64, line: u32) -> GiftId {
    let changes = &desk.effects[usize::try_from(seq).unwrap()].changes;
    let found = changes.iter().find_map(|change| match change {
        Change::LotOpened { lot, gift, .. } if lot.line == line => Some(*gift),
        Change::CameBack { part, lot, .. } if lot.line == line => Some(part.gift),
        _ => None,
    });
    found.expect("a closed lot was opened")
}

/// What a gift amounts to by its voucher alone.
fn given(desk: &Desk, gift: GiftId) -> i64 {
    use minhbach::ledger::voucher::Body;
    match &desk.history.entry(gift.seq).unwrap().unwrap().voucher().body {
        Body::Donation(body) => body.amount.minor(),
        Body::Income(body) => body.amount.minor(),
        Body::CustodyAssigned(body) if body.loan.is_some() => body.fee.unwrap().minor(),
        Body::CustodyAssigned(body) => body.amount.minor(),
        Body::LoanRepaid(body) => body.fee.minor(),
        Body::CashCounted(body) => body.difference.minor(),
        Body::OpeningBalance(body) => {
            let line = usize::try_from(gift.line).unwrap();
            let money = body.money.as_deref().unwrap_or_default();
            match line.checked_sub(money.len()) {
                None => money[line].amount.minor(),
                Some(line) => {
                    let loan = &body.loans.as_ref().unwrap()[line];
                    loan.principal.minor() - loan.paid.minor()
                }
            }
        }
        Body::ReceivedFromChapter(body) => body.amount.unwrap().minor(),
        // What a supplier paid back beyond the value.
        Body::GoodsReturned(body) => {
            let seq = usize::try_from(gift.seq).unwrap();
            let went: i64 =
                desk.effects[seq].goods.iter().map(|flow| flow.goods_out.value.minor()).sum();
            body.amount.unwrap().minor() - went
        }
        other => panic!("{} opens no gift", other.kind()),
    }
}
