//! Money and goods to other chapters and from them.

use super::draft::Draft;
use super::effects::UseClass;
use super::goods::{Pick, Wanted};
use super::past::Past;
use super::refusal::{GoodsRefusal, Refusal};
use super::{Books, CheckFault};
use crate::ledger::voucher::{ReceivedFromChapter, SentToChapter};

impl Books {
    pub(super) fn sent_to_chapter(
        &self,
        body: &SentToChapter,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        if let Some(place) = &body.place {
            self.register.place("place", place)?;
        }
        if let Some(store) = &body.store {
            self.register.store("store", store)?;
        }
        self.register.fund("fund", &body.fund)?;
        if let Some(amount) = body.amount {
            let gifts = self.gifts(body.gifts.as_ref(), draft.entry, past)?;
            draft.spend(&body.fund, &gifts, amount.money(), UseClass::PassedOn);
        }
        let (Some(items), Some(store)) = (&body.items, &body.store) else { return Ok(()) };
        // Gifts of money say nothing about which goods go first.
        if body.gifts.is_some() {
            return Err(Refusal::Reference { member: "gifts" }.into());
        }
        self.all_goods(items)?;
        for line in items {
            let (fund, item, quantity) = (&body.fund, &line.item, line.quantity);
            let wanted = Wanted { store, fund, item, quantity, pick: Pick::Any };
            draft.issue(&wanted, UseClass::PassedOn)?;
        }
        Ok(())
    }

    pub(super) fn received_from_chapter(
        &self,
        body: &ReceivedFromChapter,
        draft: &mut Draft<'_>,
        past: &impl Past,
    ) -> Result<(), CheckFault> {
        if let Some(place) = &body.place {
            self.register.place("place", place)?;
        }
        if let Some(store) = &body.store {
            self.register.store("store", store)?;
        }
        self.register.fund("fund", &body.fund)?;
        if past.has_sender(body.sender.log.as_str(), &body.sender.id)? {
            return Err(GoodsRefusal::SenderUsed.into());
        }
        if let Some(amount) = body.amount {
            draft.open_lot(&body.fund, 0, amount.money());
        }
        if let (Some(lots), Some(store)) = (&body.lots, &body.store) {
            self.lots_come_in(lots, &body.fund, store, draft)?;
        }
        Ok(())
    }
}
