//! Reversals of goods: what came in leaves whole, what left comes back to the same lots, what had
//! come back goes out again. Values are those of the vouchers that are reversed.

use super::draft::{Draft, minus};
use super::effects::{Change, GiftId, GoodsLot, GoodsUse, LotKey, Use, Valued};
use super::lots::Outflow;
use super::past::{Made, Past};
use super::refusal::{GoodsRefusal, Refusal};
use super::reversal::undo_gift;
use super::{Books, CheckFault};
use crate::ledger::voucher::Body;
use crate::ledger::word::Code;
use crate::money::Money;

impl Books {
    /// Goods go neither into a closed fund nor out of it.
    pub(super) fn stock_still_open(&self, changes: &[Change]) -> Result<(), Refusal> {
        for change in changes {
            let lot = match change {
                Change::GoodsOpened { lot, .. } | Change::GoodsMoved { lot, .. } => lot,
                Change::GoodsTaken(part) | Change::GoodsGivenBack { part, .. } => &part.lot,
                _ => continue,
            };
            self.register.fund("of", &lot.fund)?;
        }
        Ok(())
    }
}

/// The exact opposite of what a voucher made.
pub(super) fn undo_goods(
    body: &Body,
    made: &Made,
    draft: &mut Draft<'_>,
    seq: u64,
    past: &impl Past,
) -> Result<(), CheckFault> {
    match body {
        Body::ReceivedFromChapter(body) if body.amount.is_some() => {
            let amount = body.amount.map_or(Money::ZERO, |amount| amount.money());
            undo_gift(draft, GiftId { seq, line: 0 }, &body.fund, amount, past)?;
        }
        Body::GoodsReceived(_) | Body::ReceivedFromChapter(_) => close_all(made, draft)?,
        Body::GoodsPurchased(_) => {
            close_all(made, draft)?;
            for part in past.uses_of_entry(seq)? {
                draft.working.give_back(&part, part.amount);
            }
        }
        Body::GoodsDistributed(_) | Body::SentToChapter(_) => bring_all_back(draft, seq, past)?,
        Body::GoodsMoved(_) => {
            for change in made.changes.iter().rev() {
                let Change::GoodsMoved { lot, from, to, goods } = change else { continue };
                draft.working.can_leave(lot, to, *goods)?;
                let (lot, from, to, goods) = (lot.clone(), to.clone(), from.clone(), *goods);
                draft.working.push(Change::GoodsMoved { lot, from, to, goods });
            }
        }
        Body::StockCounted(_) => undo_count(made, draft, seq, past)?,
        Body::GoodsReturned(_) => undo_return(made, draft, seq, past)?,
        Body::HandoverReturned(_) => undo_handback(made, draft)?,
        _ => {}
    }
    Ok(())
}

/// A goods lot that never should have been leaves the store in which it came in.
pub(super) fn close_goods(
    draft: &mut Draft<'_>,
    lot: &GoodsLot,
    store: &Code,
    goods: Valued,
) -> Result<(), Refusal> {
    draft.working.can_leave(lot, store, goods)?;
    let (lot, store) = (lot.clone(), store.clone());
    draft.working.push(Change::GoodsClosed { lot, store, goods });
    Ok(())
}

fn close_all(made: &Made, draft: &mut Draft<'_>) -> Result<(), Refusal> {
    for change in &made.changes {
        if let Change::GoodsOpened { lot, store, goods } = change {
            close_goods(draft, lot, store, *goods)?;
        }
    }
    Ok(())
}

/// Every part of an outflow goes back to its lot, goods and money.
fn bring_all_back(draft: &mut Draft<'_>, seq: u64, past: &impl Past) -> Result<(), CheckFault> {
    for part in past.goods_of_entry(seq)? {
        let goods = part.goods;
        draft.working.push(Change::GoodsGivenBack { part, goods });
    }
    for part in past.uses_of_entry(seq)? {
        match part.goods {
            Some(_) => draft.working.put_behind(&part, part.amount),
            None => draft.working.give_back(&part, part.amount),
        }
    }
    Ok(())
}

/// What was missing is there again, unless a later count found it; then what was found leaves.
fn undo_count(
    made: &Made,
    draft: &mut Draft<'_>,
    seq: u64,
    past: &impl Past,
) -> Result<(), CheckFault> {
    let lost: i64 = made
        .changes
        .iter()
        .map(|change| match change {
            Change::GoodsTaken(part) => part.goods.quantity,
            _ => 0,
        })
        .sum();
    let standing: i64 = past.goods_of_entry(seq)?.iter().map(|part| part.goods.quantity).sum();
    if standing < lost {
        return Err(GoodsRefusal::FoundAgain.into());
    }
    bring_all_back(draft, seq, past)?;
    for change in made.changes.iter().rev() {
        match change {
            Change::GoodsGivenBack { part, goods } => take_out_again(draft, part, *goods)?,
            Change::GoodsOpened { lot, store, goods } => close_goods(draft, lot, store, *goods)?,
            _ => {}
        }
    }
    Ok(())
}

/// What had come back of an outflow leaves again as a part of that outflow, and the newest money
/// behind its lot with it.
fn take_out_again(draft: &mut Draft<'_>, part: &GoodsUse, goods: Valued) -> Result<(), Refusal> {
    draft.working.can_leave(&part.lot, &part.store, goods)?;
    let (entry, class) = (part.entry, part.class);
    for (paid, share) in draft.working.newest_behind(&part.lot, goods.value) {
        draft.working.reclass(&paid, share, entry, class);
    }
    draft.working.take_part(&(part.lot.clone(), goods), &part.store, (entry, class));
    Ok(())
}

/// Goods that could not be handed over are handed over; so is money, out of the same lots first,
/// then out of the fund's.
fn undo_handback(made: &Made, draft: &mut Draft<'_>) -> Result<(), CheckFault> {
    for change in made.changes.iter().rev() {
        if let Change::GoodsGivenBack { part, goods } = change {
            take_out_again(draft, part, *goods)?;
        }
    }
    let missing = take_again(made, draft);
    for (part, amount) in missing {
        draft.take_over(&part.fund, amount, Outflow::like(&part));
    }
    Ok(())
}

/// Money that had come back to its lots leaves them again, as far as it is there; what is missing,
/// by the use that it belongs to.
fn take_again(made: &Made, draft: &mut Draft<'_>) -> Vec<(Use, Money)> {
    let mut missing = Vec::new();
    for change in &made.changes {
        let Change::GivenBack { part, amount } = change else { continue };
        let out = Outflow::like(part);
        let got = draft.working.take_lot(&part.fund, part.lot, *amount, out);
        if got < *amount {
            missing.push((part.clone(), minus(*amount, got)));
        }
    }
    missing
}

/// The goods lie in their store again. What the supplier had paid goes back to them out of the
/// same lots first, then out of the fund's; what was lost is no loss; what came beyond the value
/// never was.
fn undo_return(
    made: &Made,
    draft: &mut Draft<'_>,
    seq: u64,
    past: &impl Past,
) -> Result<(), CheckFault> {
    bring_all_back(draft, seq, past)?;
    let missing = take_again(made, draft);
    for change in &made.changes {
        if let Change::LotOpened { lot: LotKey { seq, line }, fund, amount, .. } = change {
            undo_gift(draft, GiftId { seq: *seq, line: *line }, fund, *amount, past)?;
        }
    }
    for (part, amount) in missing {
        draft.take_over(&part.fund, amount, Outflow::like(&part));
    }
    Ok(())
}
