//! What the verifier remembers of the entries that it has read: the past of its books.
//!
//! Built from the entries alone, never from downloaded projections. The entries themselves lie in
//! an unnamed temporary file; what stays in memory is one small record for each lot and use.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use serde::{Deserialize, Serialize};

use super::history_goods::{Goods, SavedGoods};
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

/// The name of a use: where it belongs, what made it, and its lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct UseKey {
    pub entry: u64,
    pub since: u64,
    pub line: u32,
    pub lot: LotKey,
}

/// A lot, spent or not.
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
    ids: HashSet<VoucherId>,
    lots: BTreeMap<LotKey, KnownLot>,
    uses: BTreeMap<UseKey, Use>,
    of_gift: BTreeSet<(GiftId, u64, u32, LotKey, u64)>,
    naming: HashMap<u64, Vec<Standing>>,
    /// Standing vouchers by the loan that they are about.
    of_loan: HashMap<GiftId, Vec<Standing>>,
    named_by: HashMap<u64, u64>,
    goods: Goods,
}

impl History {
    /// An empty history.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            older: None,
            entries: Spill::new()?,
            begun: Vec::new(),
            ids: HashSet::new(),
            lots: BTreeMap::new(),
            uses: BTreeMap::new(),
            of_gift: BTreeSet::new(),
            naming: HashMap::new(),
            of_loan: HashMap::new(),
            named_by: HashMap::new(),
            goods: Goods::new()?,
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
        self.ids.insert(entry.voucher().id.clone());
        for change in &effects.changes {
            self.apply(change);
        }
        self.goods.absorb(entry, effects)?;
        self.absorb_loan(effects);
        if let Some(of) = names(&entry.voucher().body)
            && let Some(named) = entry.place_of(of.entry())
        {
            let line = of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            let standing = Standing { seq: entry.place(), kind: entry.voucher().kind(), line };
            self.naming.entry(named).or_default().push(standing);
            if let Body::Reversed(_) = &entry.voucher().body {
                self.forget_naming(named);
            }
            self.named_by.insert(entry.place(), named);
        }
        Ok(())
    }

    /// Remembers which loan a voucher is about, unless it is the one that paid it out.
    fn absorb_loan(&mut self, effects: &Effects) {
        let Some(loan) = effects.loan else { return };
        let all = self.of_loan.entry(loan).or_default();
        if effects.kind == Kind::Reversed {
            let of = effects.of.map(|of| of.seq);
            all.retain(|other| Some(other.seq) != of);
        } else if effects.kind != Kind::LoanDisbursed {
            all.push(Standing { seq: effects.seq, kind: effects.kind, line: loan.line });
        }
    }

    /// How many entries lie before the ledger in which the entry at a place lies.
    fn before_of(&self, place: u64) -> u64 {
        self.begun.iter().copied().filter(|begun| *begun <= place).max().unwrap_or(0)
    }

    /// A reversed voucher no longer stands for the one that it named.
    fn forget_naming(&mut self, reversed: u64) {
        let named = self.named_by.get(&reversed);
        if let Some(standing) = named.and_then(|named| self.naming.get_mut(named)) {
            standing.retain(|other| other.seq != reversed);
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
        Ok(Saved {
            begun: self.begun.clone(),
            ids: self.ids.iter().cloned().collect(),
            lots: self.lots.iter().map(|(key, lot)| (*key, lot.clone())).collect(),
            uses: self.uses.values().cloned().collect(),
            naming: self.naming.iter().map(|(key, all)| (*key, all.clone())).collect(),
            of_loan: self.of_loan.iter().map(|(key, all)| (*key, all.clone())).collect(),
            named_by: self.named_by.iter().map(|(key, of)| (*key, *of)).collect(),
            goods: self.goods.save()?,
        })
    }

    /// The history that was saved behind `size` entries, which `older` reads again.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub(super) fn resume(saved: Saved, size: u64, older: Older) -> io::Result<Self> {
        let of_gift = |part: &Use| {
            let key = key_of(part);
            (part.gift, key.since, key.line, key.lot, key.entry)
        };
        Ok(Self {
            older: Some((size, older)),
            entries: Spill::new()?,
            begun: saved.begun,
            ids: saved.ids.into_iter().collect(),
            lots: saved.lots.into_iter().collect(),
            of_gift: saved.uses.iter().map(of_gift).collect(),
            goods: Goods::resume(saved.goods, &saved.uses)?,
            uses: saved.uses.into_iter().map(|part| (key_of(&part), part)).collect(),
            naming: saved.naming.into_iter().collect(),
            of_loan: saved.of_loan.into_iter().collect(),
            named_by: saved.named_by.into_iter().collect(),
        })
    }

    /// The uses of a gift and what is unspent of it, summed for its identity.
    #[must_use]
    pub fn unspent_of_gift(&self, gift: GiftId) -> Money {
        let lots = self.lots.values().filter(|lot| lot.gift == gift);
        Money::sum(lots.map(|lot| lot.unspent)).unwrap_or(Money::ZERO)
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::LotOpened { lot, fund, gift, turn, amount, .. } => {
                let (fund, gift, turn) = (fund.clone(), *gift, *turn);
                self.lots.insert(*lot, KnownLot { fund, gift, turn, unspent: *amount });
            }
            Change::LotClosed { lot, amount, .. } => self.move_unspent(*lot, amount.negated()),
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
                taken.into_iter().for_each(|part| self.take(part));
            }
            Change::Taken(part) => self.take(part.clone()),
            Change::GivenBack { part, amount } => self.give_back(part, *amount),
            Change::Behind { goods, entry, since, line, class, amount } => {
                let to = (*entry, *since, *line, *class);
                self.goods
                    .oldest_behind(*goods, *amount, &self.uses)
                    .into_iter()
                    .for_each(|(part, share)| self.reclass(&part, share, to));
            }
            Change::Reclassed { part, entry, since, line, class, amount } => {
                self.reclass(part, *amount, (*entry, *since, *line, *class));
            }
            Change::CameBack { part, amount, lot, turn } => {
                self.lessen(part, *amount);
                let (fund, gift, turn) = (part.fund.clone(), part.gift, *turn);
                self.lots.insert(*lot, KnownLot { fund, gift, turn, unspent: *amount });
            }
            Change::WentAgain { lot, part } => {
                self.move_unspent(*lot, part.amount.negated());
                self.put(part.clone());
            }
            Change::CustodyOpened { .. }
            | Change::CustodyMoved { .. }
            | Change::CustodyGoods { .. }
            | Change::Reserved { .. }
            | Change::LoanMoved { .. } => {}
            change => self.goods.apply(change),
        }
    }

    fn take(&mut self, part: Use) {
        self.move_unspent(part.lot, part.amount.negated());
        self.put(part);
    }

    fn give_back(&mut self, part: &Use, amount: Money) {
        self.move_unspent(part.lot, amount);
        self.lessen(part, amount);
    }

    /// A use, or a part of it, becomes one of another outflow or class.
    fn reclass(
        &mut self,
        part: &Use,
        amount: Money,
        (entry, since, line, class): (u64, u64, u32, UseClass),
    ) {
        self.lessen(part, amount);
        self.put(Use { entry, since, line, class, amount, ..part.clone() });
    }

    /// Keeps a use; what one step takes of one lot is one use.
    fn put(&mut self, part: Use) {
        let key = key_of(&part);
        self.of_gift.insert((part.gift, key.since, key.line, key.lot, key.entry));
        self.goods.lies_behind(&part, true);
        let before = self.uses.get(&key).map_or(Money::ZERO, |known| known.amount);
        let amount = before.checked_add(part.amount).unwrap_or(before);
        self.uses.insert(key, Use { amount, ..part });
    }

    fn lessen(&mut self, part: &Use, amount: Money) {
        let key = key_of(part);
        let known = self.uses.get(&key).map_or(part.amount, |known| known.amount);
        let rest = known.checked_sub(amount).unwrap_or(Money::ZERO);
        if rest.is_positive() {
            self.uses.insert(key, Use { amount: rest, ..part.clone() });
        } else {
            self.uses.remove(&key);
            self.of_gift.remove(&(part.gift, key.since, key.line, key.lot, key.entry));
            self.goods.lies_behind(part, false);
        }
    }

    fn move_unspent(&mut self, lot: LotKey, amount: Money) {
        if let Some(lot) = self.lots.get_mut(&lot) {
            lot.unspent = lot.unspent.checked_add(amount).unwrap_or(lot.unspent);
        }
    }
}

fn key_of(part: &Use) -> UseKey {
    UseKey { entry: part.entry, since: part.since, line: part.line, lot: part.lot }
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
        let first = LotKey { seq: 0, line: 0 };
        let from = UseKey { entry: seq, since: 0, line: 0, lot: first };
        let all = self.uses.range(from..).take_while(|(key, _)| key.entry == seq);
        Ok(all.map(|(_, part)| part.clone()).collect())
    }

    fn uses_of_gift(&self, gift: GiftId) -> Result<Vec<Use>, Ask> {
        let first = (gift, 0, 0, LotKey { seq: 0, line: 0 }, 0);
        let keys = self.of_gift.range(first..).take_while(|(of, ..)| *of == gift);
        let mut uses: Vec<Use> = keys
            .filter_map(|&(_, since, line, lot, entry)| {
                self.uses.get(&UseKey { entry, since, line, lot }).cloned()
            })
            .collect();
        uses.reverse();
        Ok(uses)
    }

    fn standing(&self, seq: u64) -> Result<Vec<Standing>, Ask> {
        Ok(self.naming.get(&seq).cloned().unwrap_or_default())
    }

    fn has_id(&self, id: &VoucherId) -> Result<bool, Ask> {
        Ok(self.ids.contains(id))
    }

    fn goods_of_entry(&self, seq: u64) -> Result<Vec<GoodsUse>, Ask> {
        Ok(self.goods.of_entry(seq))
    }

    fn losses(&self, item: &Code, store: &Code, fund: &Code) -> Result<Vec<GoodsUse>, Ask> {
        Ok(self.goods.losses(&(item.clone(), store.clone(), fund.clone())))
    }

    fn made(&self, seq: u64) -> Result<Made, Ask> {
        // Written by this very program; a file that cannot be read again is asked for.
        self.goods.made(seq).map_err(|_| Ask::Made(seq))
    }

    fn of_loan(&self, loan: GiftId) -> Result<Vec<Standing>, Ask> {
        Ok(self.of_loan.get(&loan).cloned().unwrap_or_default())
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
    naming: Vec<(u64, Vec<Standing>)>,
    of_loan: Vec<(GiftId, Vec<Standing>)>,
    named_by: Vec<(u64, u64)>,
    goods: SavedGoods,
}

/// Bytes one after another in an unnamed temporary file.
pub(super) struct Spill {
    file: File,
    ends: Vec<u64>,
}

impl Spill {
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, ends: Vec::new() })
    }

    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let start = self.ends.last().copied().unwrap_or(0);
        self.file.seek(SeekFrom::Start(start))?;
        self.file.write_all(bytes)?;
        self.ends.push(start + u64::try_from(bytes.len()).unwrap_or(0));
        Ok(())
    }

    pub fn read(&self, seq: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(at) = usize::try_from(seq).ok().filter(|at| *at < self.ends.len()) else {
            return Ok(None);
        };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        let length = usize::try_from(self.ends[at] - start).unwrap_or(0);
        let mut bytes = vec![0; length];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    }
}
