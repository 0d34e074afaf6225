//! What the verifier remembers of goods: parts that left their stores, the money behind lots, what
//! came from other chapters, and what entries made, as far as their reversal asks for it.

use std::collections::{BTreeSet, HashMap, HashSet};
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

/// Item, store, fund.
type Place<'a> = (&'a Code, &'a Code, &'a Code);

/// Parts, money behind goods, senders, and what entries made.
pub(super) struct Goods {
    /// Parts by their outflow, then by what made them and their index there.
    parts: Sorted,
    /// Lost parts behind their places, in the order of losing.
    losses: Sorted,
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
            parts: Sorted::new(bytes),
            losses: Sorted::new(bytes),
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
        let name = |part: GoodsUse| ((part.since, part.line), part);
        Ok(SavedGoods {
            parts: parts_in(&self.parts, &[])?.into_iter().map(name).collect(),
            senders: self.senders.iter().cloned().collect(),
            received: self.received.iter().map(|(place, key)| (*place, key.clone())).collect(),
            made,
        })
    }

    /// The goods that were saved, beside these uses of money.
    pub(super) fn resume(saved: SavedGoods, uses: &[Use]) -> io::Result<Self> {
        let mut goods = Self::new(KEPT)?;
        for (_, part) in &saved.parts {
            goods.put(part)?;
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

    pub(super) fn apply(&mut self, change: &Change) -> io::Result<()> {
        match change {
            Change::GoodsTaken(part) => self.put(part),
            Change::GoodsGivenBack { part, goods } => {
                let left = part.goods.without(*goods);
                if left.quantity > 0 {
                    return self.put(&GoodsUse { goods: left, ..part.clone() });
                }
                self.parts.remove(name_of(part))?;
                match part.class {
                    UseClass::Lost => self.losses.remove(in_place(part)),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Keeps a part in place of the one of the same name.
    fn put(&mut self, part: &GoodsUse) -> io::Result<()> {
        let bytes = postcard::to_stdvec(part).map_err(io::Error::other)?;
        if part.class == UseClass::Lost {
            self.losses.insert(in_place(part), bytes.clone())?;
        }
        self.parts.insert(name_of(part), bytes)
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

    /// The parts of an outflow, in the order (since, line).
    pub(super) fn of_entry(&self, seq: u64) -> io::Result<Vec<GoodsUse>> {
        parts_in(&self.parts, &seq.to_be_bytes())
    }

    /// What is lost of a place, the newest first.
    pub(super) fn losses(&self, place: Place<'_>) -> io::Result<Vec<GoodsUse>> {
        let mut found = parts_in(&self.losses, &of_place(place))?;
        found.reverse();
        Ok(found)
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
    /// Each with what made it, and its index there.
    parts: Vec<((u64, u32), GoodsUse)>,
    senders: Vec<(String, VoucherId)>,
    received: Vec<(u64, (String, VoucherId))>,
    made: Vec<(u64, String)>,
}

/// A part's name in the order of names: its outflow, what made it, and its index there.
fn name_of(part: &GoodsUse) -> Vec<u8> {
    let numbers = [part.entry.to_be_bytes(), part.since.to_be_bytes()].concat();
    [numbers.as_slice(), &part.line.to_be_bytes()].concat()
}

/// A place; no code holds a zero byte.
fn of_place((item, store, fund): Place<'_>) -> Vec<u8> {
    [item, store, fund].iter().flat_map(|code| [code.as_str().as_bytes(), &[0]].concat()).collect()
}

/// A lost part's name among those of its place.
fn in_place(part: &GoodsUse) -> Vec<u8> {
    let mut bytes = of_place((&part.lot.item, &part.store, &part.lot.fund));
    bytes.extend(part.since.to_be_bytes());
    bytes.extend(part.line.to_be_bytes());
    bytes
}

fn parts_in(all: &Sorted, prefix: &[u8]) -> io::Result<Vec<GoodsUse>> {
    all.beginning(prefix)?.iter().map(|(_, bytes)| part(bytes)).collect()
}

fn part(bytes: &[u8]) -> io::Result<GoodsUse> {
    postcard::from_bytes(bytes).map_err(io::Error::other)
}
