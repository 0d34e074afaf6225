//! What the chapter holds for others: never its own income, no lot until it is assigned. Goods are
//! counted by description and unit, never valued.

use super::draft::Draft;
use super::effects::{Change, GiftId, HeldGoods};
use super::goods::thousandths;
use super::lending::Parts;
use super::past::Past;
use super::postings::custody_place;
use super::refusal::{GoodsRefusal, Refusal};
use super::{Books, CheckFault};
use crate::ledger::voucher::{Body, CustodyAssigned, CustodyGoods, CustodyReceived, LineRef};
use crate::ledger::word::{Amount, Amount0, Code};
use crate::money::{LARGEST, Money};

/// What leaves custody, and how.
pub(super) struct Leaving<'a> {
    /// The voucher (and line) that received it.
    pub of: &'a LineRef,
    /// The money.
    pub amount: Option<Amount>,
    /// Where the money leaves, when it is not where it came in.
    pub place: &'a Option<Code>,
    /// The goods.
    pub goods: Option<&'a [CustodyGoods]>,
}

impl Books {
    pub(super) fn custody_received(
        &self,
        body: &CustodyReceived,
        draft: &mut Draft<'_>,
    ) -> Result<(), Refusal> {
        let custody = GiftId { seq: draft.entry.place(), line: 0 };
        if let Some(goods) = &body.goods {
            return hold_goods(draft, custody, goods);
        }
        let (Some(amount), Some(place)) = (body.amount, &body.place) else { return Ok(()) };
        self.register.place("place", place)?;
        draft.working.push(Change::CustodyOpened { custody, amount: amount.money() });
        Ok(())
    }

    /// Handed over to the family, or returned to the giver.
    pub(super) fn custody_leaves(
        &self,
        leaving: &Leaving<'_>,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        match (leaving.amount, leaving.goods) {
            (Some(amount), _) => self.take_out(leaving, amount, draft, past),
            (None, Some(goods)) => self.take_goods_out(leaving, goods, draft, past),
            (None, None) => Ok(()),
        }
    }

    /// Takes goods out of what is held, each by its description and unit.
    fn take_goods_out(
        &self,
        leaving: &Leaving<'_>,
        goods: &[CustodyGoods],
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let of = self.named("of", leaving.of, draft.entry, past)?;
        let line = leaving.of.line();
        if !holds_goods(&of.voucher().body, line) {
            return Err(Refusal::Reference { member: "of" }.into());
        }
        let line = line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
        let custody = GiftId { seq: of.place(), line };
        draft.of = Some(custody);
        for wanted in goods {
            let (description, unit) = (wanted.description.as_str(), wanted.unit.as_str());
            let held = draft.working.stock().held_of(custody, description, unit);
            let quantity = wanted.quantity.thousandths();
            if quantity > held {
                let (item, allowed) = (description.to_owned(), thousandths(held));
                return Err(GoodsRefusal::MoreGoods { item, allowed }.into());
            }
            let goods = vec![held_goods(wanted, -1)];
            draft.working.push(Change::CustodyGoods { custody, goods });
        }
        draft.named = Some(of);
        Ok(())
    }

    /// It becomes a donation: out of custody, into the fund, a gift from now on. Or it repays a
    /// loan.
    pub(super) fn custody_assigned(
        &self,
        body: &CustodyAssigned,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let (of, amount, place) = (&body.of, Some(body.amount), &body.place);
        let leaving = Leaving { of, amount, place, goods: None };
        let Some(fund) = &body.fund else {
            return self.repaid_out_of_custody(body, &leaving, draft, past);
        };
        self.register.fund("fund", fund)?;
        self.take_out(&leaving, body.amount, draft, past)?;
        draft.open_lot(fund, 0, body.amount.money());
        Ok(())
    }

    /// It repays a loan: out of custody, back to what the loan was funded by.
    fn repaid_out_of_custody(
        &self,
        body: &CustodyAssigned,
        leaving: &Leaving<'_>,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let Some(of) = &body.loan else {
            return Err(Refusal::Reference { member: "loan" }.into());
        };
        let loan = self.loan("loan", of, draft.entry, past)?;
        let part = |part: Option<Amount0>| part.map_or(Money::ZERO, |part| part.money());
        let (amount, principal) = (body.amount.money(), part(body.principal));
        self.repay(&loan, &Parts { amount, principal, fee: part(body.fee) }, draft, past)?;
        self.take_out(leaving, body.amount, draft, past)
    }

    /// Takes an amount out of what is held.
    fn take_out(
        &self,
        leaving: &Leaving<'_>,
        amount: Amount,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        let of = self.named("of", leaving.of, draft.entry, past)?;
        let place = custody_place(leaving.place.as_ref(), leaving.of, Some(&of))?;
        self.register.place("place", &place)?;
        let line = leaving.of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
        let custody = GiftId { seq: of.place(), line };
        draft.of = Some(custody);
        let allowed = self.lots.held(custody).unwrap_or(Money::ZERO);
        if amount.money() > allowed {
            return Err(Refusal::MoreThanLeft { allowed }.into());
        }
        draft.working.push(Change::CustodyMoved { custody, amount: amount.money().negated() });
        draft.named = Some(of);
        Ok(())
    }
}

/// Holds goods for others.
pub(super) fn hold_goods(
    draft: &mut Draft<'_>,
    custody: GiftId,
    goods: &[CustodyGoods],
) -> Result<(), Refusal> {
    let goods: Vec<HeldGoods> = goods.iter().map(|goods| held_goods(goods, 1)).collect();
    let mut sums = draft.working.stock().held_in_all();
    for held in &goods {
        let key = (held.description.clone(), held.unit.clone());
        let sum = sums.entry(key).or_default();
        *sum += i128::from(held.quantity);
        if *sum > i128::from(LARGEST) {
            return Err(Refusal::TooLarge);
        }
    }
    draft.working.push(Change::CustodyGoods { custody, goods });
    Ok(())
}

/// Goods as they are held, or with a sign of -1 as they leave.
pub(super) fn held_goods(goods: &CustodyGoods, sign: i64) -> HeldGoods {
    HeldGoods {
        description: goods.description.to_string(),
        unit: goods.unit.to_string(),
        quantity: goods.quantity.thousandths() * sign,
    }
}

/// Whether a voucher (and line of an opening balance) received goods for others.
fn holds_goods(body: &Body, line: Option<u64>) -> bool {
    match body {
        Body::CustodyReceived(body) => body.goods.is_some(),
        Body::OpeningBalance(body) => {
            let line = line.and_then(|line| usize::try_from(line).ok());
            let held = line.and_then(|line| body.custody.as_ref()?.get(line));
            held.is_some_and(|held| held.goods.is_some())
        }
        _ => false,
    }
}
