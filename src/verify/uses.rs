//! Uses of money as they stand now, by the outflow that they belong to and by their gift.

use std::io;

use serde::{Deserialize, Serialize};

use super::sorted::Sorted;
use crate::books::effects::{GiftId, LotKey, Use, UseClass};
use crate::ledger::word::Code;
use crate::money::Money;

/// The name of a use: where it belongs, what made it, and its lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UseKey {
    pub entry: u64,
    pub since: u64,
    pub line: u32,
    pub lot: LotKey,
}

/// What is kept of a use beside its name.
#[derive(Serialize, Deserialize)]
struct Rest {
    fund: Code,
    gift: GiftId,
    turn: u32,
    class: UseClass,
    amount: Money,
    goods: Option<LotKey>,
    loan: Option<u32>,
}

/// All uses.
pub(super) struct Uses {
    by_key: Sorted,
    /// The keys of uses behind their gifts, in the order (since, line, lot).
    of_gift: Sorted,
}

impl UseKey {
    /// The name of a use.
    pub fn of(part: &Use) -> Self {
        Self { entry: part.entry, since: part.since, line: part.line, lot: part.lot }
    }

    /// Bytes in the order of the keys.
    fn bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32);
        bytes.extend(self.entry.to_be_bytes());
        bytes.extend(self.since.to_be_bytes());
        bytes.extend(self.line.to_be_bytes());
        bytes.extend(of_lot(self.lot));
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (entry, rest) = bytes.split_first_chunk()?;
        let (since, rest) = rest.split_first_chunk()?;
        let (line, rest) = rest.split_first_chunk()?;
        let (seq, rest) = rest.split_first_chunk()?;
        let lot = LotKey {
            seq: u64::from_be_bytes(*seq),
            line: u32::from_be_bytes(rest.try_into().ok()?),
        };
        let (entry, since) = (u64::from_be_bytes(*entry), u64::from_be_bytes(*since));
        Some(Self { entry, since, line: u32::from_be_bytes(*line), lot })
    }
}

fn of_lot(lot: LotKey) -> impl Iterator<Item = u8> {
    lot.seq.to_be_bytes().into_iter().chain(lot.line.to_be_bytes())
}

fn of_gift(gift: GiftId) -> Vec<u8> {
    gift.seq.to_be_bytes().into_iter().chain(gift.line.to_be_bytes()).collect()
}

/// A use's place among those of its gift.
fn in_gift(gift: GiftId, key: UseKey) -> Vec<u8> {
    let mut bytes = of_gift(gift);
    bytes.extend(key.since.to_be_bytes());
    bytes.extend(key.line.to_be_bytes());
    bytes.extend(of_lot(key.lot));
    bytes.extend(key.entry.to_be_bytes());
    bytes
}

impl Uses {
    /// None; about so many bytes of each of the two tables stay in memory.
    pub fn new(bytes: usize) -> Self {
        Self { by_key: Sorted::new(bytes), of_gift: Sorted::new(bytes) }
    }

    /// The use of a name.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn get(&self, key: UseKey) -> io::Result<Option<Use>> {
        self.by_key.get(&key.bytes())?.map(|rest| whole(key, &rest)).transpose()
    }

    /// Keeps a use in place of the one of the same name.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub fn put(&mut self, part: &Use) -> io::Result<()> {
        let key = UseKey::of(part);
        let rest = Rest {
            fund: part.fund.clone(),
            gift: part.gift,
            turn: part.turn,
            class: part.class,
            amount: part.amount,
            goods: part.goods,
            loan: part.loan,
        };
        let rest = postcard::to_stdvec(&rest).map_err(io::Error::other)?;
        self.by_key.insert(key.bytes(), rest)?;
        self.of_gift.insert(in_gift(part.gift, key), key.entry.to_be_bytes().to_vec())
    }

    /// A use is none any more.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub fn remove(&mut self, part: &Use) -> io::Result<()> {
        let key = UseKey::of(part);
        self.by_key.remove(key.bytes())?;
        self.of_gift.remove(in_gift(part.gift, key))
    }

    /// The uses of an outflow, in the order (since, line, lot).
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn of_entry(&self, entry: u64) -> io::Result<Vec<Use>> {
        self.beginning(&entry.to_be_bytes())
    }

    /// The uses of a gift, in the order (since, line, lot).
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn of_gift(&self, gift: GiftId) -> io::Result<Vec<Use>> {
        let mut uses = Vec::new();
        for (place, entry) in self.of_gift.beginning(&of_gift(gift))? {
            // Behind the gift's twelve bytes: since, line, lot.
            let key =
                place.get(12..36).and_then(|own| UseKey::read(&[entry.as_slice(), own].concat()));
            uses.extend(self.get(key.ok_or_else(unreadable)?)?);
        }
        Ok(uses)
    }

    /// All of them, by their names.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn all(&self) -> io::Result<Vec<Use>> {
        self.beginning(&[])
    }

    fn beginning(&self, prefix: &[u8]) -> io::Result<Vec<Use>> {
        let each = |(key, rest): (Vec<u8>, Vec<u8>)| {
            whole(UseKey::read(&key).ok_or_else(unreadable)?, &rest)
        };
        self.by_key.beginning(prefix)?.into_iter().map(each).collect()
    }
}

fn whole(key: UseKey, rest: &[u8]) -> io::Result<Use> {
    let rest: Rest = postcard::from_bytes(rest).map_err(io::Error::other)?;
    let Rest { fund, gift, turn, class, amount, goods, loan } = rest;
    let UseKey { entry, since, line, lot } = key;
    Ok(Use { entry, since, line, lot, fund, gift, turn, class, amount, goods, loan })
}

fn unreadable() -> io::Error {
    io::Error::other("a use that was kept cannot be read again")
}
