//! Goods that a chapter carries for others: each gift with what became of it. They are counted by
//! description and unit, never valued, and never the chapter's own.

use std::collections::BTreeMap;

use super::effects::{Change, Effects, GiftId};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::Kind;
use crate::ledger::word::Date;

/// Goods of one description that came in for others with one voucher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The voucher (and line of an opening balance) that received them.
    pub gift: GiftId,
    /// Its day.
    pub day: Date,
    /// What it is.
    pub description: String,
    /// What it is counted in.
    pub unit: String,
    /// How much came, in thousandths of the unit.
    pub received: i64,
    /// How much was handed over to whom it was meant for.
    pub handed: i64,
    /// How much was given back to who brought it.
    pub returned: i64,
    /// The vouchers with which it left, oldest first.
    pub left_with: Vec<u64>,
}

impl Carried {
    /// What is still held, in thousandths of the unit.
    #[must_use]
    pub const fn held(&self) -> i64 {
        self.received - self.handed - self.returned
    }
}

/// What became of the goods that were carried, newest first. `standing` are entries with what they
/// did to the books, in the order of the ledger, none of them reversed; others than those that move
/// such goods change nothing, and what left a gift that is not among them is left out.
#[must_use]
pub fn carried<'a>(standing: impl IntoIterator<Item = (&'a Entry, &'a Effects)>) -> Vec<Carried> {
    let mut all = BTreeMap::<(GiftId, &str, &str), Carried>::new();
    for (entry, effects) in standing {
        let kind = entry.voucher().kind();
        let changes = effects.changes.iter().filter_map(|change| match change {
            Change::CustodyGoods { custody, goods } => Some((*custody, goods)),
            _ => None,
        });
        for (gift, own) in changes.flat_map(|(gift, all)| all.iter().map(move |own| (gift, own))) {
            let key = (gift, own.description.as_str(), own.unit.as_str());
            match kind {
                Kind::CustodyReceived | Kind::OpeningBalance => {
                    let fresh = || Carried {
                        gift,
                        day: entry.voucher().date,
                        description: own.description.clone(),
                        unit: own.unit.clone(),
                        received: 0,
                        handed: 0,
                        returned: 0,
                        left_with: Vec::new(),
                    };
                    all.entry(key).or_insert_with(fresh).received += own.quantity;
                }
                Kind::CustodyHandedOver | Kind::CustodyReturned => {
                    let Some(carried) = all.get_mut(&key) else { continue };
                    let to = match kind {
                        Kind::CustodyHandedOver => &mut carried.handed,
                        _ => &mut carried.returned,
                    };
                    *to -= own.quantity;
                    carried.left_with.push(entry.place());
                }
                _ => {}
            }
        }
    }
    let mut all: Vec<Carried> = all.into_values().collect();
    all.sort_by_key(|own| std::cmp::Reverse(own.gift));
    all
}
