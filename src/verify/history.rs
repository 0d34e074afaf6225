//! What the verifier remembers of the entries that it has read: the past of its books.
//!
//! Built from the entries alone, never from downloaded projections. What grows with the ledger
//! (entries, identifiers, uses, parts of goods, who names whom) lies in unnamed temporary files; in
//! memory stay the lots with something unspent, as in the books, the money that lies behind goods,
//! and what came from other chapters.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::history_goods::{Goods, SavedGoods};
use super::sorted::Sorted;
use super::spill::Spill;
use super::uses::{UseKey, Uses};
use crate::books::effects::{Change, Effects, GiftId, GoodsUse, LotKey, Use, UseClass};
use crate::books::past::{Made, Standing};
use crate::books::postings::names;
use crate::books::{Ask, Past};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Kind, VoucherId};
use crate::ledger::word::Code;
use crate::money::Money;

/// Bytes of entries by their places, for those that a verifier read in an earlier run.
pub type Older = Box<dyn Fn(u64) -> io::Result<Option<Vec<u8>>> + Send>;

/// Bytes of each table that stay in memory.
pub(super) const KEPT: usize = 1 << 20;

/// A lot with something unspent.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct KnownLot {
    fund: Code,
    gift: GiftId,
    turn: u32,
    unspent: Money,
}

/// Everything that the books may ask of earlier entries.
pub struct History {
    /// The entries before these, when an earlier run read them, and how many there are.
    older: Option<(u64, Older)>,
    entries: Spill,
    /// The places of the entries 0 of ledgers that continue others.
    begun: Vec<u64>,
    ids: Sorted,
    lots: BTreeMap<LotKey, KnownLot>,
    uses: Uses,
    /// Standing vouchers by the entry that they name, then by their own.
    naming: Sorted,
    /// Standing vouchers by the loan that they are about, then by their entry.
    of_loan: Sorted,
    /// What each of them names.
    named_by: Sorted,
    goods: Goods,
}

impl History {
    /// An empty history.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Self::keeping(KEPT)
    }

    /// An empty history that keeps about so many bytes of each of its tables in memory.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn keeping(bytes: usize) -> io::Result<Self> {
        Ok(Self {
            older: None,
            entries: Spill::new()?,
            begun: Vec::new(),
            ids: Sorted::new(bytes),
            lots: BTreeMap::new(),
            uses: Uses::new(bytes),
            naming: Sorted::new(bytes),
            of_loan: Sorted::new(bytes),
            named_by: Sorted::new(bytes),
            goods: Goods::new(bytes)?,
        })
    }

    /// Remembers an entry that the books accepted.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn absorb(&mut self, entry: &Entry, bytes: &[u8], effects: &Effects) -> io::Result<()> {
        self.entries.push(bytes)?;
        if entry.before > 0 && entry.seq == 0 {
            self.begun.push(entry.place());
        }
        self.ids.insert(of_id(&entry.voucher().id), Vec::new())?;
        for change in &effects.changes {
            self.apply(change)?;
        }
        self.goods.absorb(entry, effects)?;
        self.absorb_loan(effects)?;
        if let Some(of) = names(&entry.voucher().body)
            && let Some(named) = entry.place_of(of.entry())
        {
            let line = of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            let standing = Standing { seq: entry.place(), kind: entry.voucher().kind(), line };
            put_standing(&mut self.naming, of_place(named), standing)?;
            if let Body::Reversed(_) = &entry.voucher().body {
                self.forget_naming(named)?;
            }
            self.named_by.insert(of_place(entry.place()), of_place(named))?;
        }
        Ok(())
    }

    /// Remembers which loan a voucher is about, unless it is the one that paid it out.
    fn absorb_loan(&mut self, effects: &Effects) -> io::Result<()> {
        let Some(loan) = effects.loan else { return Ok(()) };
        if effects.kind == Kind::Reversed {
            let of = effects.of.map(|of| [of_loan(loan), of_place(of.seq)].concat());
            return of.map_or(Ok(()), |own| self.of_loan.remove(own));
        }
        if effects.kind == Kind::LoanDisbursed {
            return Ok(());
        }
        let standing = Standing { seq: effects.seq, kind: effects.kind, line: loan.line };
        put_standing(&mut self.of_loan, of_loan(loan), standing)
    }

    /// How many entries lie before the ledger in which the entry at a place lies.
    fn before_of(&self, place: u64) -> u64 {
        self.begun.iter().copied().filter(|begun| *begun <= place).max().unwrap_or(0)
    }

    /// A reversed voucher no longer stands for the one that it named.
    fn forget_naming(&mut self, reversed: u64) -> io::Result<()> {
        match self.named_by.get(&of_place(reversed))? {
            Some(named) => self.naming.remove([named, of_place(reversed)].concat()),
            None => Ok(()),
        }
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn bytes(&self, seq: u64) -> io::Result<Option<Vec<u8>>> {
        match &self.older {
            Some((size, older)) if seq < *size => older(seq),
            Some((size, _)) => self.entries.read(seq - size),
            None => self.entries.read(seq),
        }
    }

    /// What has to be kept to go on later; the entries themselves are somewhere else then.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub(super) fn save(&self) -> io::Result<Saved> {
        let id = |(key, _): (Vec<u8>, Vec<u8>)| {
            let id = uuid::Uuid::from_slice(&key).map_err(io::Error::other)?;
            id.hyphenated().to_string().parse::<VoucherId>().map_err(io::Error::other)
        };
        let named = |(key, of): (Vec<u8>, Vec<u8>)| Ok((place_in(&key)?, place_in(&of)?));
        let of_loan = |(key, standing): (Vec<u8>, Vec<u8>)| Ok((loan_in(&key)?, read(&standing)?));
        let naming = |(key, standing): (Vec<u8>, Vec<u8>)| Ok((place_in(&key)?, read(&standing)?));
        let all = |sorted: &Sorted| Ok::<_, io::Error>(sorted.beginning(&[])?.into_iter());
        Ok(Saved {
            begun: self.begun.clone(),
            ids: all(&self.ids)?.map(id).collect::<io::Result<_>>()?,
            lots: self.lots.iter().map(|(key, lot)| (*key, lot.clone())).collect(),
            uses: self.uses.all()?,
            naming: all(&self.naming)?.map(naming).collect::<io::Result<_>>()?,
            of_loan: all(&self.of_loan)?.map(of_loan).collect::<io::Result<_>>()?,
            named_by: all(&self.named_by)?.map(named).collect::<io::Result<_>>()?,
            goods: self.goods.save()?,
        })
    }

    /// The history that was saved behind `size` entries, which `older` reads again.
    ///
    /// # Errors
    /// When no temporary file can be made or written.
    pub(super) fn resume(saved: Saved, size: u64, older: Older) -> io::Result<Self> {
        let mut history = Self {
            older: Some((size, older)),
            begun: saved.begun,
            lots: saved.lots.into_iter().collect(),
            goods: Goods::resume(saved.goods, &saved.uses)?,
            ..Self::new()?
        };
        for id in &saved.ids {
            history.ids.insert(of_id(id), Vec::new())?;
        }
        for part in &saved.uses {
            history.uses.put(part)?;
        }
        for (named, standing) in saved.naming {
            put_standing(&mut history.naming, of_place(named), standing)?;
        }
        for (loan, standing) in saved.of_loan {
            put_standing(&mut history.of_loan, of_loan(loan), standing)?;
        }
        for (place, named) in saved.named_by {
            history.named_by.insert(of_place(place), of_place(named))?;
        }
        Ok(history)
    }

    /// What is unspent of a gift, summed for its identity.
    #[must_use]
    pub fn unspent_of_gift(&self, gift: GiftId) -> Money {
        let lots = self.lots.values().filter(|lot| lot.gift == gift);
        Money::sum(lots.map(|lot| lot.unspent)).unwrap_or(Money::ZERO)
    }

    fn apply(&mut self, change: &Change) -> io::Result<()> {
        match change {
            Change::LotOpened { lot, fund, gift, turn, amount, .. } => {
                let (fund, gift, turn) = (fund.clone(), *gift, *turn);
                self.lots.insert(*lot, KnownLot { fund, gift, turn, unspent: *amount });
            }
            Change::LotClosed { lot, amount, .. } => self.take_from(*lot, *amount),
            Change::TakenWhole {
                entry,
                since,
                line,
                fund,
                first,
                last,
                class,
                goods,
                loan,
                ..
            } => {
                let taken: Vec<Use> = self
                    .lots
                    .range(*first..=*last)
                    .filter(|(_, lot)| lot.fund == *fund && lot.unspent.is_positive())
                    .map(|(key, lot)| Use {
                        entry: *entry,
                        since: *since,
                        line: *line,
                        lot: *key,
                        fund: fund.clone(),
                        gift: lot.gift,
                        turn: lot.turn,
                        class: *class,
                        amount: lot.unspent,
                        goods: *goods,
                        loan: *loan,
                    })
                    .collect();
                for part in taken {
                    self.take(part)?;
                }
            }
            Change::Taken(part) => self.take(part.clone())?,
            Change::GivenBack { part, amount } => self.give_back(part, *amount)?,
            Change::Behind { goods, entry, since, line, class, amount } => {
                let to = (*entry, *since, *line, *class);
                for (part, share) in self.goods.oldest_behind(*goods, *amount, &self.uses)? {
                    self.reclass(&part, share, to)?;
                }
            }
            Change::Reclassed { part, entry, since, line, class, amount } => {
                self.reclass(part, *amount, (*entry, *since, *line, *class))?;
            }
            Change::CameBack { part, amount, lot, turn } => {
                self.lessen(part, *amount)?;
                let (fund, gift, turn) = (part.fund.clone(), part.gift, *turn);
                self.lots.insert(*lot, KnownLot { fund, gift, turn, unspent: *amount });
            }
            Change::WentAgain { lot, part } => {
                self.take_from(*lot, part.amount);
                self.put(part.clone())?;
            }
            Change::CustodyOpened { .. }
            | Change::CustodyMoved { .. }
            | Change::CustodyGoods { .. }
            | Change::Reserved { .. }
            | Change::LoanMoved { .. } => {}
            change => self.goods.apply(change)?,
        }
        Ok(())
    }

    fn take(&mut self, part: Use) -> io::Result<()> {
        self.take_from(part.lot, part.amount);
        self.put(part)
    }

    fn give_back(&mut self, part: &Use, amount: Money) -> io::Result<()> {
        let (fund, gift, turn) = (part.fund.clone(), part.gift, part.turn);
        let spent = KnownLot { fund, gift, turn, unspent: Money::ZERO };
        let lot = self.lots.entry(part.lot).or_insert(spent);
        lot.unspent = lot.unspent.checked_add(amount).unwrap_or(lot.unspent);
        self.lessen(part, amount)
    }

    /// A use, or a part of it, becomes one of another outflow or class.
    fn reclass(
        &mut self,
        part: &Use,
        amount: Money,
        (entry, since, line, class): (u64, u64, u32, UseClass),
    ) -> io::Result<()> {
        self.lessen(part, amount)?;
        self.put(Use { entry, since, line, class, amount, ..part.clone() })
    }

    /// Keeps a use; what one step takes of one lot is one use.
    fn put(&mut self, part: Use) -> io::Result<()> {
        self.goods.lies_behind(&part, true);
        let before = self.uses.get(UseKey::of(&part))?.map_or(Money::ZERO, |known| known.amount);
        let amount = before.checked_add(part.amount).unwrap_or(before);
        self.uses.put(&Use { amount, ..part })
    }

    fn lessen(&mut self, part: &Use, amount: Money) -> io::Result<()> {
        let known = self.uses.get(UseKey::of(part))?.map_or(part.amount, |known| known.amount);
        let rest = known.checked_sub(amount).unwrap_or(Money::ZERO);
        if rest.is_positive() {
            return self.uses.put(&Use { amount: rest, ..part.clone() });
        }
        self.goods.lies_behind(part, false);
        self.uses.remove(part)
    }

    /// What is spent is forgotten: a part that goes back says of which lot it is.
    fn take_from(&mut self, key: LotKey, amount: Money) {
        let Some(lot) = self.lots.get_mut(&key) else { return };
        lot.unspent = lot.unspent.checked_sub(amount).unwrap_or(lot.unspent);
        if lot.unspent == Money::ZERO {
            self.lots.remove(&key);
        }
    }
}

/// The bytes of an identifier: its text says nothing more.
fn of_id(id: &VoucherId) -> Vec<u8> {
    // An identifier is a UUID by its type.
    uuid::Uuid::try_parse(id.as_str()).map_or_else(|_| Vec::new(), |id| id.as_bytes().to_vec())
}

fn of_place(place: u64) -> Vec<u8> {
    place.to_be_bytes().to_vec()
}

fn of_loan(loan: GiftId) -> Vec<u8> {
    loan.seq.to_be_bytes().into_iter().chain(loan.line.to_be_bytes()).collect()
}

/// The place at the beginning of a key.
fn place_in(key: &[u8]) -> io::Result<u64> {
    let place = key.first_chunk().copied().map(u64::from_be_bytes);
    place.ok_or_else(|| io::Error::other("a key that was kept cannot be read again"))
}

/// The loan at the beginning of a key.
fn loan_in(key: &[u8]) -> io::Result<GiftId> {
    let line = key.get(8..).and_then(<[u8]>::first_chunk).copied().map(u32::from_be_bytes);
    let line = line.ok_or_else(|| io::Error::other("a key that was kept cannot be read again"))?;
    Ok(GiftId { seq: place_in(key)?, line })
}

/// Keeps a standing voucher behind those of the same key that stand already.
fn put_standing(all: &mut Sorted, key: Vec<u8>, standing: Standing) -> io::Result<()> {
    let value = postcard::to_stdvec(&standing).map_err(io::Error::other)?;
    all.insert([key, of_place(standing.seq)].concat(), value)
}

fn read(standing: &[u8]) -> io::Result<Standing> {
    postcard::from_bytes(standing).map_err(io::Error::other)
}

fn standing_of(all: &Sorted, key: &[u8]) -> io::Result<Vec<Standing>> {
    all.beginning(key)?.iter().map(|(_, standing)| read(standing)).collect()
}

impl Past for History {
    fn entry(&self, seq: u64) -> Result<Option<Entry>, Ask> {
        // What was absorbed was parsed before; a file that cannot be read again is asked for.
        match self.bytes(seq) {
            Ok(Some(bytes)) => Entry::parse(&bytes)
                .map(|entry| Some(entry.behind(self.before_of(seq))))
                .map_err(|_| Ask::Entry(seq)),
            Ok(None) => Ok(None),
            Err(_) => Err(Ask::Entry(seq)),
        }
    }

    fn uses_of_entry(&self, seq: u64) -> Result<Vec<Use>, Ask> {
        self.uses.of_entry(seq).map_err(|_| Ask::UsesOfEntry(seq))
    }

    fn uses_of_gift(&self, gift: GiftId) -> Result<Vec<Use>, Ask> {
        let mut uses = self.uses.of_gift(gift).map_err(|_| Ask::UsesOfGift(gift))?;
        uses.reverse();
        Ok(uses)
    }

    fn standing(&self, seq: u64) -> Result<Vec<Standing>, Ask> {
        standing_of(&self.naming, &of_place(seq)).map_err(|_| Ask::Standing(seq))
    }

    fn has_id(&self, id: &VoucherId) -> Result<bool, Ask> {
        self.ids.contains(&of_id(id)).map_err(|_| Ask::HasId(id.clone()))
    }

    fn goods_of_entry(&self, seq: u64) -> Result<Vec<GoodsUse>, Ask> {
        self.goods.of_entry(seq).map_err(|_| Ask::GoodsOfEntry(seq))
    }

    fn losses(&self, item: &Code, store: &Code, fund: &Code) -> Result<Vec<GoodsUse>, Ask> {
        self.goods.losses((item, store, fund)).map_err(|_| {
            let (item, store, fund) = (item.clone(), store.clone(), fund.clone());
            Ask::Losses { item, store, fund }
        })
    }

    fn made(&self, seq: u64) -> Result<Made, Ask> {
        // Written by this very program; a file that cannot be read again is asked for.
        self.goods.made(seq).map_err(|_| Ask::Made(seq))
    }

    fn of_loan(&self, loan: GiftId) -> Result<Vec<Standing>, Ask> {
        standing_of(&self.of_loan, &of_loan(loan)).map_err(|_| Ask::OfLoan(loan))
    }

    fn has_sender(&self, log: &str, id: &VoucherId) -> Result<bool, Ask> {
        Ok(self.goods.has_sender(log, id))
    }
}

/// A history as it is kept between two runs.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    begun: Vec<u64>,
    ids: Vec<VoucherId>,
    lots: Vec<(LotKey, KnownLot)>,
    uses: Vec<Use>,
    naming: Vec<(u64, Standing)>,
    of_loan: Vec<(GiftId, Standing)>,
    named_by: Vec<(u64, u64)>,
    goods: SavedGoods,
}
