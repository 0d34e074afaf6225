//! What the verifier remembers of goods: parts that left their stores, the money behind lots, what
//! came from other chapters, and what entries made, as far as their reversal asks for it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;

use serde::{Deserialize, Serialize};

use super::history::KEPT;
use super::sorted::Sorted;
use super::spill::Spill;
use super::uses::{UseKey, Uses};
use crate::books::effects::{Change, Effects, GoodsUse, LotKey, Use, UseClass};
use crate::books::past::{Made, asks_what_it_made};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, VoucherId};
use crate::ledger::word::Code;
use crate::money::Money;

/// A part's name: what made it, and its index there.
type PartKey = (u64, u32);
/// Item, store, fund.
type Place = (Code, Code, Code);

/// Parts, money behind goods, senders, and what entries made.
pub(super) struct Goods {
    parts: BTreeMap<PartKey, GoodsUse>,
    of_entry: BTreeSet<(u64, PartKey)>,
    losses: BTreeMap<Place, BTreeSet<PartKey>>,
    /// By goods lot, in the order of use.
    behind: BTreeSet<(LotKey, LotKey, u64, u32, u64)>,
    senders: HashSet<(String, VoucherId)>,
    received: HashMap<u64, (String, VoucherId)>,
    made: Spill,
    /// By entry: the number of what it made.
    made_at: Sorted,
}

impl Goods {
    pub(super) fn new(bytes: usize) -> io::Result<Self> {
        Ok(Self {
            parts: BTreeMap::new(),
            of_entry: BTreeSet::new(),
            losses: BTreeMap::new(),
            behind: BTreeSet::new(),
            senders: HashSet::new(),
            received: HashMap::new(),
            made: Spill::new()?,
            made_at: Sorted::new(bytes),
        })
    }

    /// What has to be kept to go on later; the money behind goods follows from the uses.
    pub(super) fn save(&self) -> io::Result<SavedGoods> {
        let mut made = Vec::new();
        for (place, at) in self.made_at.beginning(&[])? {
            let bytes = self.made.read(number(&at)?)?.unwrap_or_default();
            made.push((number(&place)?, String::from_utf8(bytes).map_err(io::Error::other)?));
        }
        let parts = self.parts.iter().map(|(key, part)| (*key, part.clone()));
        Ok(SavedGoods {
            parts: parts.collect(),
            senders: self.senders.iter().cloned().collect(),
            received: self.received.iter().map(|(place, key)| (*place, key.clone())).collect(),
            made,
        })
    }

    /// The goods that were saved, beside these uses of money.
    pub(super) fn resume(saved: SavedGoods, uses: &[Use]) -> io::Result<Self> {
        let mut goods = Self::new(KEPT)?;
        for (key, part) in saved.parts {
            goods.of_entry.insert((part.entry, key));
            if part.class == UseClass::Lost {
                goods.losses.entry(place(&part)).or_default().insert(key);
            }
            goods.parts.insert(key, part);
        }
        goods.senders = saved.senders.into_iter().collect();
        goods.received = saved.received.into_iter().collect();
        for (place, text) in saved.made {
            goods.keep_made(place, text.as_bytes())?;
        }
        uses.iter().for_each(|part| goods.lies_behind(part, true));
        Ok(goods)
    }

    fn keep_made(&mut self, place: u64, bytes: &[u8]) -> io::Result<()> {
        let at = self.made.number().to_be_bytes().to_vec();
        self.made.push(bytes)?;
        self.made_at.insert(place.to_be_bytes().to_vec(), at)
    }

    /// Remembers what an entry made, and what it received from another chapter.
    pub(super) fn absorb(&mut self, entry: &Entry, effects: &Effects) -> io::Result<()> {
        if asks_what_it_made(&entry.voucher().body) {
            let (postings, changes) = (effects.postings.clone(), effects.changes.clone());
            let bytes = serde_json::to_vec(&Made { postings, changes })?;
            self.keep_made(entry.place(), &bytes)?;
        }
        match &entry.voucher().body {
            Body::ReceivedFromChapter(body) => {
                let key = (body.sender.log.to_string(), body.sender.id.clone());
                self.senders.insert(key.clone());
                self.received.insert(entry.place(), key);
            }
            Body::Reversed(body) => {
                if let Some(of) = entry.place_of(body.of.entry())
                    && let Some(sender) = self.received.remove(&of)
                {
                    self.senders.remove(&sender);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::GoodsTaken(part) => {
                let key = (part.since, part.line);
                self.of_entry.insert((part.entry, key));
                if part.class == UseClass::Lost {
                    self.losses.entry(place(part)).or_default().insert(key);
                }
                self.parts.insert(key, part.clone());
            }
            Change::GoodsGivenBack { part, goods } => {
                let key = (part.since, part.line);
                let left = part.goods.without(*goods);
                if left.quantity > 0 {
                    self.parts.insert(key, GoodsUse { goods: left, ..part.clone() });
                    return;
                }
                self.parts.remove(&key);
                self.of_entry.remove(&(part.entry, key));
                if let Some(losses) = self.losses.get_mut(&place(part)) {
                    losses.remove(&key);
                }
            }
            _ => {}
        }
    }

    /// A use of money that lies in goods came or went.
    pub(super) fn lies_behind(&mut self, part: &Use, lies: bool) {
        let (Some(goods), UseClass::InGoods) = (part.goods, part.class) else { return };
        let key = (goods, part.lot, part.since, part.line, part.entry);
        if lies {
            self.behind.insert(key);
        } else {
            self.behind.remove(&key);
        }
    }

    /// The oldest money behind a lot, up to `amount`, use by use.
    pub(super) fn oldest_behind(
        &self,
        goods: LotKey,
        amount: Money,
        uses: &Uses,
    ) -> io::Result<Vec<(Use, Money)>> {
        let first = (goods, LotKey { seq: 0, line: 0 }, 0, 0, 0);
        let mut rest = amount;
        let mut found = Vec::new();
        for &(_, lot, since, line, entry) in
            self.behind.range(first..).take_while(|(of, ..)| *of == goods)
        {
            let Some(part) = uses.get(UseKey { entry, since, line, lot })? else { continue };
            let share = part.amount.min(rest);
            if !share.is_positive() {
                break;
            }
            rest = rest.checked_sub(share).unwrap_or(Money::ZERO);
            found.push((part, share));
        }
        Ok(found)
    }

    pub(super) fn of_entry(&self, seq: u64) -> Vec<GoodsUse> {
        let keys = self.of_entry.range((seq, (0, 0))..).take_while(|(entry, _)| *entry == seq);
        keys.filter_map(|(_, key)| self.parts.get(key).cloned()).collect()
    }

    pub(super) fn losses(&self, place: &Place) -> Vec<GoodsUse> {
        let keys = self.losses.get(place).into_iter().flat_map(|keys| keys.iter().rev());
        keys.filter_map(|key| self.parts.get(key).cloned()).collect()
    }

    pub(super) fn made(&self, seq: u64) -> io::Result<Made> {
        let Some(at) = self.made_at.get(&seq.to_be_bytes())? else { return Ok(Made::default()) };
        let bytes = self.made.read(number(&at)?)?.unwrap_or_default();
        Ok(serde_json::from_slice(&bytes)?)
    }

    pub(super) fn has_sender(&self, log: &str, id: &VoucherId) -> bool {
        self.senders.contains(&(log.to_owned(), id.clone()))
    }
}

fn number(bytes: &[u8]) -> io::Result<u64> {
    let number = bytes.try_into().map(u64::from_be_bytes);
    number.map_err(|_| io::Error::other("a number that was kept cannot be read again"))
}

/// What is kept of goods between two runs.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedGoods {
    parts: Vec<(PartKey, GoodsUse)>,
    senders: Vec<(String, VoucherId)>,
    received: Vec<(u64, (String, VoucherId))>,
    made: Vec<(u64, String)>,
}

fn place(part: &GoodsUse) -> Place {
    (part.lot.item.clone(), part.store.clone(), part.lot.fund.clone())
}
