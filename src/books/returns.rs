//! What comes back: goods to a supplier or a giver, money and goods that could not be handed over.

use super::draft::{Draft, minus};
use super::effects::{GoodsLot, UseClass, Valued};
use super::goods::{Pick, Wanted, newest_first, thousandths};
use super::past::Past;
use super::refusal::{GoodsRefusal, Refusal};
use super::{Books, CheckFault};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, GoodsReturned, HandoverReturned, Kind};
use crate::ledger::word::Code;
use crate::money::Money;

impl Books {
    /// Out of the lots of a purchase or gift that still lie in their store.
    pub(super) fn goods_returned(
        &self,
        body: &GoodsReturned,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let of = self.named("of", &body.of, draft.entry, past)?;
        let (fund, store, bought) = came_in(&of)?;
        if !bought && body.amount.is_some() {
            return Err(GoodsRefusal::AmountOfGift.into());
        }
        if let Some(place) = &body.place {
            self.register.place("place", place)?;
        }
        self.register.fund("of", fund)?;
        self.all_goods(&body.items)?;
        draft.of = Some(super::gift(of.place()));
        let mut parts: Vec<(GoodsLot, Valued)> = Vec::new();
        for line in &body.items {
            let (item, quantity) = (&line.item, line.quantity);
            let wanted = Wanted { store, fund, item, quantity, pick: Pick::Of(of.place(), None) };
            for part in draft.working.parts(&wanted, draft.entry.voucher().date)? {
                let out = (draft.entry.place(), UseClass::Returned);
                draft.working.take_part(&part, store, out);
                parts.push(part);
            }
        }
        if bought {
            let paid = body.amount.map_or(Money::ZERO, |amount| amount.money());
            paid_back(draft, &parts, fund, paid);
        }
        draft.named = Some(of);
        Ok(())
    }

    /// Back to the same uses and lots, last taken first.
    pub(super) fn handover_returned(
        &self,
        body: &HandoverReturned,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let of = self.named("of", &body.of, draft.entry, past)?;
        let reference = Refusal::Reference { member: "of" };
        let (fund, lines) = match (&of.voucher().body, body.amount) {
            (Body::AidPaid(paid), Some(_)) => {
                self.register.place("place", body.place.as_ref().unwrap_or(&paid.place))?;
                (&paid.fund, paid.lines.len())
            }
            (Body::GoodsDistributed(given), None) => (&given.fund, given.lines.len()),
            _ => return Err(reference.into()),
        };
        self.register.fund("of", fund)?;
        draft.of = Some(super::gift(of.place()));
        self.lines_left(body, of.place(), lines, past)?;
        if let Some(amount) = body.amount {
            let uses = past.uses_of_entry(of.place())?;
            let left = Money::sum(uses.iter().map(|part| part.amount)).ok_or(Refusal::TooLarge)?;
            if amount.money() > left {
                return Err(Refusal::MoreThanLeft { allowed: left }.into());
            }
            for (part, share) in newest_first(uses, amount.money()) {
                draft.working.give_back(&part, share);
            }
        }
        for line in body.items.iter().flat_map(|items| items.iter()) {
            self.goods(&line.item, line.quantity)?;
            let wanted = (&line.item, line.quantity.thousandths());
            hand_back(draft, of.place(), wanted, past)?;
        }
        draft.named = Some(of);
        Ok(())
    }

    /// No more lines come back, over all returns that stand, than were handed over.
    fn lines_left(
        &self,
        body: &HandoverReturned,
        of: u64,
        lines: usize,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let mut left = u64::try_from(lines).unwrap_or(u64::MAX);
        for standing in past.standing(of)? {
            if standing.kind != Kind::HandoverReturned {
                continue;
            }
            let entry = past.entry(standing.seq)?;
            if let Some(Body::HandoverReturned(other)) = entry.as_ref().map(|e| &e.voucher().body) {
                left = left.saturating_sub(other.lines.get());
            }
        }
        if body.lines.get() > left {
            return Err(GoodsRefusal::MoreLines { allowed: left }.into());
        }
        Ok(())
    }
}

/// The parts of a distribution of an item that come back, last taken first.
fn hand_back(
    draft: &mut Draft<'_>,
    of: u64,
    (item, quantity): (&Code, i64),
    past: &impl Past,
) -> Result<(), CheckFault> {
    let mut rest = quantity;
    let mut parts = past.goods_of_entry(of)?;
    parts.reverse();
    for part in parts.iter().filter(|part| part.lot.item == *item) {
        let left = draft.left_of(part);
        let taken = left.quantity.min(rest);
        if taken > 0 {
            rest -= taken;
            draft.bring_back(part, left.part(taken), past)?;
        }
    }
    if rest > 0 {
        let (item, allowed) = (item.to_string(), thousandths(quantity - rest));
        return Err(GoodsRefusal::MoreGoods { item, allowed }.into());
    }
    Ok(())
}

/// The money behind what goes back to the supplier: what was paid back returns to the uses that
/// paid last, the rest is lost; what was paid beyond the value is other income.
fn paid_back(draft: &mut Draft<'_>, parts: &[(GoodsLot, Valued)], fund: &Code, paid: Money) {
    let seq = draft.entry.place();
    let mut rest = paid;
    for (lot, goods) in parts {
        let back = goods.value.min(rest);
        rest = minus(rest, back);
        for (part, share) in draft.working.newest_behind(lot, back) {
            draft.working.give_back(&part, share);
        }
        draft.working.spend_behind(lot.key, minus(goods.value, back), seq, UseClass::Lost);
    }
    if rest.is_positive() {
        draft.open_lot(fund, 0, rest);
    }
}

/// Fund and store of a purchase or a gift in kind, and whether it was bought.
fn came_in(of: &Entry) -> Result<(&Code, &Code, bool), Refusal> {
    match &of.voucher().body {
        Body::GoodsPurchased(body) => Ok((&body.fund, &body.store, true)),
        Body::GoodsReceived(body) => Ok((&body.fund, &body.store, false)),
        _ => Err(Refusal::Reference { member: "of" }),
    }
}
