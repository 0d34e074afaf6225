//! The effects of one entry while they are worked out, and the checks that every kind shares.

use std::collections::BTreeMap;

use super::accounts::{Account, CUSTODY_FUND, Posting};
use super::days::{Balance, within_range};
use super::effects::{
    Change, DocumentNumber, Effects, GiftId, GoodsFlow, LotKey, PlaceFlow, Series, StatementFile,
    Use, UseClass,
};
use super::goods::net;
use super::lots::{Outflow, Working};
use super::refusal::{LoanRefusal, Refusal};
use super::{Books, CheckFault};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Kind, PlaceType};
use crate::ledger::word::{Code, Date};
use crate::money::Money;

/// Effects in the making.
pub(super) struct Draft<'a> {
    pub books: &'a Books,
    pub entry: &'a Entry,
    pub working: Working,
    pub postings: Vec<Posting>,
    pub of: Option<GiftId>,
    /// The loan that the voucher is about, from its disbursement on.
    pub loan: Option<GiftId>,
    /// The entry that the voucher's `of` names.
    pub named: Option<Entry>,
    pub programme: Option<Code>,
    pub families: i64,
    pub effective: Date,
    pub nature: Kind,
    pub earlier: bool,
    /// A cash count does not stand in the way of its own posting or reversal.
    pub ignored_count: Option<u64>,
    /// Postings are the opposite of another voucher's.
    pub reversing: bool,
    pub statement: Option<StatementFile>,
    /// Uses of outflows that come back, as far as they did not yet.
    pub uses_left: BTreeMap<u64, Vec<Use>>,
    short: bool,
}

impl<'a> Draft<'a> {
    pub fn new(books: &'a Books, entry: &'a Entry) -> Self {
        Self {
            books,
            entry,
            working: Working::new(&books.lots, &books.stock, entry.place()),
            postings: Vec::new(),
            of: None,
            loan: None,
            named: None,
            programme: None,
            families: 0,
            effective: entry.voucher().date,
            nature: entry.voucher().kind(),
            earlier: false,
            ignored_count: None,
            reversing: false,
            statement: None,
            uses_left: BTreeMap::new(),
            short: false,
        }
    }

    /// Opens a lot of a new gift.
    pub fn open_lot(&mut self, fund: &Code, line: u32, amount: Money) {
        self.working.open(fund, line, amount);
    }

    /// Takes money out of a fund: the named gifts first, then the oldest.
    pub fn spend(&mut self, fund: &Code, gifts: &[GiftId], amount: Money, class: UseClass) {
        self.spend_as(fund, gifts, amount, Outflow::of(self.entry.place(), class));
    }

    /// The same for an outflow that may pay for goods.
    pub fn spend_as(&mut self, fund: &Code, gifts: &[GiftId], amount: Money, out: Outflow) {
        let mut rest = amount;
        for gift in gifts {
            rest = minus(rest, self.working.take_gift(fund, *gift, rest, out));
        }
        let missing = self.working.take_oldest(fund, rest, out);
        self.short |= missing.is_positive();
    }

    /// Takes over parts of an outflow from the fund's unspent lots, oldest first.
    pub fn take_over(&mut self, fund: &Code, amount: Money, out: Outflow) {
        let missing = self.working.take_oldest(fund, amount, out);
        self.short |= missing.is_positive();
    }

    /// Moves what this entry took out of `from` (class `moved`) into lots of `to`, with gift and
    /// turn, in the order in which it was taken.
    pub fn move_lots(&mut self, to: &Code) {
        let moved: Vec<Change> = self.working.changes.clone();
        let before = self.books.lots.clone();
        let mut line = 0;
        for change in moved {
            let parts: Vec<(LotKey, GiftId, u32, Money)> = match &change {
                Change::Taken(part) => vec![(part.lot, part.gift, part.turn, part.amount)],
                Change::TakenWhole { fund, first, last, .. } => before
                    .of_fund(fund)
                    .filter(|(key, _)| (*first..=*last).contains(key))
                    .filter(|(key, _)| !taken_singly(&self.working.changes, *key))
                    .map(|(key, lot)| (key, lot.gift, lot.turn, lot.unspent))
                    .collect(),
                _ => Vec::new(),
            };
            for (from, gift, turn, amount) in parts {
                self.working.push(Change::LotOpened {
                    lot: LotKey { seq: self.entry.place(), line },
                    fund: to.clone(),
                    gift,
                    turn,
                    amount,
                    moved_from: Some(from),
                });
                line += 1;
            }
        }
    }

    /// The checks that come last for every kind, and the effects.
    pub fn finish(self) -> Result<Effects, CheckFault> {
        let flows = self.flows()?;
        let goods = self.goods_flows()?;
        self.check_counts(&flows)?;
        self.check_places(&flows, &goods)?;
        self.check_funds()?;
        self.check_goods(&goods)?;
        self.check_loans()?;
        let numbers = self.numbers(&flows, &goods);
        let voucher = self.entry.voucher();
        Ok(Effects {
            seq: self.entry.place(),
            at: self.entry.at,
            id: voucher.id.clone(),
            kind: voucher.kind(),
            date: voucher.date,
            effective: self.effective,
            of: self.of,
            loan: self.loan,
            postings: self.postings,
            flows,
            numbers,
            programme: self.programme,
            families: self.families,
            changes: self.working.changes,
            nature: self.nature,
            earlier: self.earlier,
            statement: self.statement,
            goods,
        })
    }

    /// Money in and out of each place, both legs; a reversal is a minus on the side it reverses.
    fn flows(&self) -> Result<Vec<PlaceFlow>, Refusal> {
        let mut flows: BTreeMap<&Code, (i64, i64)> = BTreeMap::new();
        for posting in &self.postings {
            let Account::Place(place) = &posting.account else { continue };
            let flow = flows.entry(place).or_default();
            let amount = posting.amount.minor();
            let inwards = (amount > 0) != self.reversing;
            let side = if inwards { &mut flow.0 } else { &mut flow.1 };
            let signed = if inwards { amount } else { -amount };
            *side = side.checked_add(signed).ok_or(Refusal::TooLarge)?;
        }
        flows
            .into_iter()
            .map(|(place, (money_in, money_out))| {
                let money = |minor| Money::new(minor).ok_or(Refusal::TooLarge);
                Ok(PlaceFlow {
                    place: place.clone(),
                    money_in: money(money_in)?,
                    money_out: money(money_out)?,
                })
            })
            .collect()
    }

    /// Nothing posts on a place on or before its last standing count.
    fn check_counts(&self, flows: &[PlaceFlow]) -> Result<(), Refusal> {
        for flow in flows {
            let Some(place) = self.books.register.places().get(&flow.place) else { continue };
            let standing = place.counts.iter().filter(|(_, seq)| Some(*seq) != self.ignored_count);
            let last = standing.map(|(day, _)| *day).max();
            if let Some(counted) = last.filter(|day| self.effective <= *day) {
                let place = flow.place.to_string();
                return Err(Refusal::DateBeforeCount { place, counted });
            }
        }
        Ok(())
    }

    /// No place below zero at the end of any day from the date on; all of them together within
    /// the range of an amount, with everything in stores and on loan, or no statement could add
    /// them up.
    fn check_places(&self, flows: &[PlaceFlow], goods: &[GoodsFlow]) -> Result<(), Refusal> {
        let mut all: i128 =
            self.books.register.places().values().map(|place| wide(place.balance)).sum();
        all += wide(self.books.stock.worth()) + self.books.loans.owed();
        let loans = self.postings.iter().filter(|own| own.account == Account::LoansReceivable);
        all += loans.map(|own| wide(own.amount)).sum::<i128>();
        all += goods.iter().map(|flow| net(flow).1).sum::<i128>();
        for flow in flows {
            let Some(place) = self.books.register.places().get(&flow.place) else { continue };
            let net = flow.money_in.checked_sub(flow.money_out).ok_or(Refusal::TooLarge)?;
            place.balance.checked_add(net).ok_or(Refusal::TooLarge)?;
            all += wide(net);
            if net.is_negative() {
                let (day, lowest) = self.books.days.lowest_from(
                    Balance::Place(&flow.place),
                    self.entry.voucher().date,
                    wide(place.balance),
                );
                if lowest + wide(net) < 0 {
                    let place = flow.place.to_string();
                    return Err(Refusal::PlaceTooLow { place, day, allowed: at_least_0(lowest) });
                }
            }
        }
        within_range(all).map(|_| ()).ok_or(Refusal::TooLarge)
    }

    /// No fund's money below zero at the end of any day from the date on, and what is set aside
    /// for approved loans stays in it.
    fn check_funds(&self) -> Result<(), Refusal> {
        // What the fund gains, and what more of it is set aside.
        let mut nets: BTreeMap<&Code, (i128, i128)> = BTreeMap::new();
        for posting in &self.postings {
            if matches!(posting.account, Account::Place(_)) {
                nets.entry(&posting.fund).or_default().0 += wide(posting.amount);
            }
        }
        for change in &self.working.changes {
            if let Change::Reserved { fund, principal, .. } = change {
                nets.entry(fund).or_default().1 += wide(*principal);
            }
        }
        for (fund, (net, reserved)) in nets {
            let now = self.books.fund_money(fund);
            let from = self.entry.voucher().date;
            let (mut day, mut lowest) = (from, wide(now));
            if net >= 0 {
                within_range(wide(now) + net).ok_or(Refusal::TooLarge)?;
            } else {
                let of = Balance::Fund(fund);
                (day, lowest) = self.books.days.lowest_from(of, from, wide(now));
            }
            let free = wide(now) - wide(self.books.loans.reserved(fund));
            let takes = net < 0 || reserved > 0;
            if takes && (lowest + net < 0 || free + net - reserved < 0) {
                let (fund, allowed) = (fund.to_string(), at_least_0(lowest.min(free)));
                return Err(Refusal::FundTooLow { fund, day, allowed });
            }
        }
        if self.short {
            let fund = self.postings.first().map_or_else(String::new, |p| p.fund.to_string());
            let day = self.entry.voucher().date;
            return Err(Refusal::FundTooLow { fund, day, allowed: Money::ZERO });
        }
        Ok(())
    }

    /// No loan is owed less than nothing at the end of any day from the date on.
    fn check_loans(&self) -> Result<(), Refusal> {
        for change in &self.working.changes {
            let Change::LoanMoved { loan, principal, .. } = change else { continue };
            if principal.is_negative() {
                let allowed = self.books.loans.lowest_from(*loan, self.entry.voucher().date);
                if allowed < principal.negated() {
                    return Err(LoanRefusal::MoreThanOwed { member: "principal", allowed }.into());
                }
            }
        }
        Ok(())
    }

    /// One number in each series that the voucher touches; an approved loan gets its own name.
    fn numbers(&self, flows: &[PlaceFlow], goods: &[GoodsFlow]) -> Vec<DocumentNumber> {
        let held = |change: &Change| matches!(change, Change::CustodyGoods { .. });
        let touches_goods = !goods.is_empty() || self.working.changes.iter().any(held);
        let kind = self.entry.voucher().kind();
        let mut series = Vec::new();
        if kind == Kind::LoanApproved {
            series.push(Series::KU);
        } else if self.postings.is_empty() && !touches_goods {
            return Vec::new();
        }
        if !matches!(kind, Kind::Reversed | Kind::OpeningBalance) {
            for flow in flows {
                let net = flow.money_in.minor() - flow.money_out.minor();
                series.extend(match (self.books.place_type(&flow.place), net.signum()) {
                    (Some(PlaceType::Cash), 1) => Some(Series::PT),
                    (Some(PlaceType::Cash), -1) => Some(Series::PC),
                    (Some(PlaceType::Bank), 1) => Some(Series::BC),
                    (Some(PlaceType::Bank), -1) => Some(Series::BN),
                    _ => None,
                });
            }
            for flow in goods {
                let sides = [flow.goods_in.quantity, flow.goods_out.quantity];
                let moved = flow.moved.quantity != 0;
                series.extend((moved || sides[0] != 0).then_some(Series::PN));
                series.extend((moved || sides[1] != 0).then_some(Series::PX));
            }
        }
        if series.is_empty() {
            series.push(Series::BT);
        }
        series.sort_unstable();
        series.dedup();
        let year = self.entry.voucher().date.year();
        series
            .into_iter()
            .map(|series| {
                let number = self.books.numbers.get(&(series, year)).copied().unwrap_or(0) + 1;
                DocumentNumber { series, year, number }
            })
            .collect()
    }
}

/// The code of the reserved fund of what is held for others.
pub(super) fn custody_fund() -> Result<Code, Refusal> {
    CUSTODY_FUND
        .parse()
        .map_err(|_| Refusal::Unknown { member: "fund", code: CUSTODY_FUND.to_owned() })
}

/// The smaller amount taken from the larger.
pub(super) fn minus(amount: Money, taken: Money) -> Money {
    amount.checked_sub(taken).unwrap_or(Money::ZERO)
}

fn at_least_0(minor: i128) -> Money {
    within_range(minor.max(0)).unwrap_or(Money::ZERO)
}

fn wide(amount: Money) -> i128 {
    i128::from(amount.minor())
}

fn taken_singly(changes: &[Change], key: LotKey) -> bool {
    changes.iter().any(|change| matches!(change, Change::Taken(part) if part.lot == key))
}
