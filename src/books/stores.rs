//! Goods that come into a store, leave it, go to another one, and are counted.

use std::collections::btree_map::Entry;

use super::draft::{Draft, minus};
use super::effects::{Change, GoodsUse, LotKey, Use, UseClass, Valued};
use super::goods::{NewLot, Pick, Wanted, newest_first};
use super::lots::Outflow;
use super::past::Past;
use super::refusal::{GoodsRefusal, Refusal};
use super::{Books, CheckFault, place_of};
use crate::ledger::entry::Entry as Naming;
use crate::ledger::voucher::{
    Body, Direction, GoodsDistributed, GoodsMoved, GoodsPurchased, GoodsReceived, Kind, LineRef,
    Lot, StockCounted, StockDifference,
};
use crate::ledger::word::Code;
use crate::money::Money;

impl Books {
    pub(super) fn goods_received(
        &self,
        body: &GoodsReceived,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        self.register.fund("fund", &body.fund)?;
        self.register.store("store", &body.store)?;
        self.lots_come_in(&body.lots, &body.fund, &body.store, draft)
    }

    /// Each lot of a voucher as a goods lot of its own, at the value that it says.
    pub(super) fn lots_come_in(
        &self,
        lots: &[Lot],
        fund: &Code,
        store: &Code,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        for (line, lot) in (0_u32..).zip(lots) {
            self.goods(&lot.item, lot.quantity)?;
            draft.open_goods(line, store, &new_lot(lot, fund, lot.value.money()));
        }
        Ok(())
    }

    /// Each lot keeps the money that paid for it: its value and its share of what came on top.
    pub(super) fn goods_purchased(
        &self,
        body: &GoodsPurchased,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        self.register.place("place", &body.place)?;
        let fund = self.register.fund("fund", &body.fund)?;
        self.register.store("store", &body.store)?;
        for lot in &body.lots {
            self.goods(&lot.item, lot.quantity)?;
        }
        fund.check_terms(Kind::GoodsPurchased, None, draft.entry.voucher().date)?;
        let gifts = self.gifts(body.gifts.as_ref(), draft.entry, past)?;
        let costs = costs(body)?;
        for ((line, lot), cost) in (0_u32..).zip(&body.lots).zip(costs) {
            draft.open_goods(line, &body.store, &new_lot(lot, &body.fund, cost));
            let key = LotKey { seq: draft.entry.place(), line };
            draft.spend_as(&body.fund, &gifts, cost, Outflow::into_goods(key));
        }
        Ok(())
    }

    /// Earliest expiry first, then what never expires, then what came in first.
    pub(super) fn goods_distributed(
        &self,
        body: &GoodsDistributed,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        self.register.store("store", &body.store)?;
        let fund = self.register.fund("fund", &body.fund)?;
        self.register.programme(&body.programme)?;
        let lines = || body.lines.iter().flat_map(|line| line.items.iter());
        for wanted in lines() {
            self.goods(&wanted.item, wanted.quantity)?;
        }
        let date = draft.entry.voucher().date;
        fund.check_terms(Kind::GoodsDistributed, Some(&body.programme), date)?;
        let expired_too = body.allow_expired.unwrap_or(false);
        let pick = if expired_too { Pick::Any } else { Pick::Good(date) };
        for line in lines() {
            let (store, fund) = (&body.store, &body.fund);
            let (item, quantity) = (&line.item, line.quantity);
            let wanted = Wanted { store, fund, item, quantity, pick };
            draft.issue(&wanted, UseClass::Spent)?;
        }
        Ok(())
    }

    /// From store to store: lots keep their place in the order, their expiry and their money.
    pub(super) fn goods_moved(
        &self,
        body: &GoodsMoved,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        self.register.store("from_store", &body.from_store)?;
        self.register.store("to_store", &body.to_store)?;
        self.register.fund("fund", &body.fund)?;
        self.all_goods(&body.items)?;
        if body.from_store == body.to_store {
            return Err(Refusal::SameEnds { member: "to_store" });
        }
        for line in &body.items {
            let (store, fund) = (&body.from_store, &body.fund);
            let (item, quantity) = (&line.item, line.quantity);
            let wanted = Wanted { store, fund, item, quantity, pick: Pick::Any };
            for (lot, goods) in draft.working.parts(&wanted, draft.entry.voucher().date)? {
                let (from, to) = (body.from_store.clone(), body.to_store.clone());
                draft.working.push(Change::GoodsMoved { lot, from, to, goods });
            }
        }
        Ok(())
    }

    pub(super) fn stock_counted(
        &self,
        body: &StockCounted,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        self.register.store("store", &body.store)?;
        self.register.fund("fund", &body.fund)?;
        for difference in &body.differences {
            self.goods(&difference.item, difference.quantity)?;
        }
        for (line, difference) in (0_u32..).zip(&body.differences) {
            match difference.direction {
                Direction::Less => self.counted_less(body, difference, draft, past)?,
                Direction::More => self.counted_more(body, (line, difference), draft, past)?,
            }
        }
        Ok(())
    }

    /// The named lot loses, else the lots in the order of issue.
    fn counted_less(
        &self,
        body: &StockCounted,
        difference: &StockDifference,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let pick = match &difference.lot {
            Some(lot) => named_lot(lot, draft.entry, past)?,
            None => Pick::Any,
        };
        let (store, fund) = (&body.store, &body.fund);
        let (item, quantity) = (&difference.item, difference.quantity);
        draft.issue(&Wanted { store, fund, item, quantity, pick }, UseClass::Lost)?;
        Ok(())
    }

    /// What was found was lost before, the last loss first; the rest is a lot without value.
    fn counted_more(
        &self,
        body: &StockCounted,
        (line, difference): (u32, &StockDifference),
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        if difference.lot.is_some() {
            return Err(Refusal::Reference { member: "lot" }.into());
        }
        let losses = past.losses(&difference.item, &body.store, &body.fund)?;
        let mut rest = difference.quantity.thousandths();
        for loss in losses {
            // Two differences of one item do not find the same loss twice.
            let left = draft.left_of(&loss);
            let quantity = left.quantity.min(rest);
            if quantity > 0 {
                rest -= quantity;
                draft.bring_back(&loss, left.part(quantity), past)?;
            }
        }
        if let Some(quantity) = crate::money::Quantity::new(rest) {
            let (item, fund) = (&difference.item, &body.fund);
            let lot = NewLot { item, fund, expiry: None, quantity, value: Money::ZERO };
            draft.open_goods(line, &body.store, &lot);
        }
        Ok(())
    }
}

impl Draft<'_> {
    /// What is left of a part behind what this entry brought back of it already.
    pub(super) fn left_of(&self, part: &GoodsUse) -> Valued {
        let mut left = part.goods;
        for change in &self.working.changes {
            if let Change::GoodsGivenBack { part: other, goods } = change
                && (other.since, other.line) == (part.since, part.line)
            {
                left = left.without(*goods);
            }
        }
        left
    }

    /// A part of what was taken goes back to its lot, and the money that went with it, last
    /// taken first.
    pub(super) fn bring_back(
        &mut self,
        part: &GoodsUse,
        goods: Valued,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let as_it_stands = GoodsUse { goods: self.left_of(part), ..part.clone() };
        self.working.push(Change::GoodsGivenBack { part: as_it_stands, goods });
        if !goods.value.is_positive() {
            return Ok(());
        }
        let uses = match self.uses_left.entry(part.entry) {
            Entry::Occupied(left) => left.into_mut(),
            Entry::Vacant(left) => left.insert(past.uses_of_entry(part.entry)?),
        };
        let went = |paid: &&Use| paid.goods == Some(part.lot.key) && paid.class == part.class;
        let back = newest_first(uses.iter().filter(went).cloned().collect(), goods.value);
        for (paid, share) in &back {
            for left in uses.iter_mut().filter(|left| name(left) == name(paid)) {
                left.amount = minus(left.amount, *share);
            }
        }
        uses.retain(|left| left.amount.is_positive());
        for (paid, share) in back {
            self.working.put_behind(&paid, share);
        }
        Ok(())
    }
}

/// What tells the uses of one outflow apart.
const fn name(part: &Use) -> (u64, u32, LotKey) {
    (part.since, part.line, part.lot)
}

fn new_lot<'a>(lot: &'a Lot, fund: &'a Code, value: Money) -> NewLot<'a> {
    NewLot { item: &lot.item, fund, expiry: lot.expiry, quantity: lot.quantity, value }
}

/// What each lot of a purchase cost: its value and floor(extra · value / Σ value); the last one
/// takes the rest.
fn costs(body: &GoodsPurchased) -> Result<Vec<Money>, Refusal> {
    let values: Vec<Money> = body.lots.iter().map(|lot| lot.value.money()).collect();
    let sum = Money::sum(values.iter().copied()).ok_or(Refusal::TooLarge)?;
    let Some(extra) = body.extra.map(|extra| extra.money()) else { return Ok(values) };
    if !sum.is_positive() {
        return Err(GoodsRefusal::Extra.into());
    }
    sum.checked_add(extra).ok_or(Refusal::TooLarge)?;
    let mut rest = extra;
    let last = values.len().saturating_sub(1);
    let cost = |(at, value): (usize, Money)| {
        let share = match at == last {
            true => rest,
            false => extra.share(value.minor(), sum.minor()).ok_or(Refusal::TooLarge)?,
        };
        rest = minus(rest, share);
        value.checked_add(share).ok_or(Refusal::TooLarge)
    };
    values.into_iter().enumerate().map(cost).collect()
}

/// The lots that a difference names: those that an entry opened.
fn named_lot(lot: &LineRef, naming: &Naming, past: &impl Past) -> Result<Pick, CheckFault> {
    let reference = CheckFault::from(Refusal::Reference { member: "lot" });
    let named = place_of("lot", lot.entry(), naming)?;
    if named >= naming.place() {
        return Err(reference);
    }
    let entry = past.entry(named)?;
    let opens = match entry.as_ref().map(|entry| &entry.voucher().body) {
        Some(Body::OpeningBalance(body)) => {
            let lines = body.goods.as_ref().map_or(0, |goods| goods.len());
            lot.line().and_then(|line| usize::try_from(line).ok()).is_some_and(|at| at < lines)
        }
        Some(
            Body::GoodsReceived(_)
            | Body::GoodsPurchased(_)
            | Body::ReceivedFromChapter(_)
            | Body::StockCounted(_),
        ) => lot.line().is_none(),
        _ => false,
    };
    let line = lot.line().and_then(|line| u32::try_from(line).ok());
    if opens { Ok(Pick::Of(named, line)) } else { Err(reference) }
}
