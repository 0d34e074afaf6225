//! Changes to lots, uses and custody, as few statements for a whole group of entries.
//!
//! Changes that touch single lots are summed up in memory and written together. A range of lots
//! taken whole is one UPDATE, whatever their number: each lot remembers the outflow that took it,
//! and is read as a use of it. The sums that the books computed are compared with the rows.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, Value};

use super::bundle::Bundle;
use super::database::{execute, first, places};
use super::fault::StoreFault;
use super::goods::GoodsChanges;
use super::nodes::number;
use super::project::insert;
use super::{behind, rows};
use crate::books::effects::{Change, GiftId, LotKey, Use};
use crate::money::Money;

/// The most rows of one statement, by the values that SQLite binds.
pub(super) const CHUNK: usize = 1_500;

/// The place of a use: (since, line, lot).
type UseKey = (u64, u32, LotKey);

/// A range of lots that is taken whole.
pub(super) struct Range<'a> {
    pub entry: u64,
    pub since: u64,
    pub line: u32,
    fund: &'a str,
    first: LotKey,
    last: LotKey,
    pub class: &'static str,
    amount: i64,
    pub lots: u64,
    pub goods: Option<LotKey>,
    pub loan: Option<u32>,
}

/// Changes of several entries that are not written yet.
#[derive(Debug, Default)]
pub(super) struct LotChanges {
    chapter: i64,
    opened: BTreeMap<LotKey, rows::lots::Model>,
    /// Added to `unspent` of lots that are stored already.
    unspent: BTreeMap<LotKey, i64>,
    closed: BTreeSet<LotKey>,
    taken: BTreeMap<UseKey, rows::uses::Model>,
    /// Taken off uses that are stored already.
    given_back: BTreeMap<UseKey, i64>,
    custody: BTreeMap<GiftId, rows::custody::Model>,
    held: BTreeMap<GiftId, i64>,
    goods: GoodsChanges,
}

impl LotChanges {
    pub(super) fn new(chapter: i64) -> Self {
        Self { chapter, goods: GoodsChanges::new(chapter), ..Self::default() }
    }

    /// Adds one change; a range is written at once, behind all that came before it.
    pub(super) async fn add(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
        change: &Change,
    ) -> Result<(), StoreFault> {
        match change {
            Change::LotOpened { lot, .. } => {
                if let Some(row) = lot_row(self.chapter, change) {
                    self.opened.insert(*lot, row);
                }
            }
            Change::LotClosed { lot, amount, .. } => {
                self.move_unspent(*lot, -amount.minor());
                // Unspent and taken over: a lot may close in two steps, and is one row.
                self.closed.insert(*lot);
            }
            Change::TakenWhole { .. } => {
                self.flush(bundle, write).await?;
                bundle.run(write).await?;
                if let Some(range) = Range::of(change) {
                    take_whole(write, self.chapter, &range).await?;
                }
            }
            Change::Behind { .. } => {
                self.flush(bundle, write).await?;
                bundle.run(write).await?;
                if let Some(step) = behind::Step::of(change) {
                    behind::use_oldest(write, self.chapter, &step).await?;
                }
            }
            Change::Reclassed { part, entry, since, line, class, amount } => {
                self.lessen(part, amount.minor());
                let (entry, since, line, class) = (*entry, *since, *line, *class);
                let made = Use { entry, since, line, class, amount: *amount, ..part.clone() };
                self.taken.insert(key(&made), use_row(self.chapter, &made));
            }
            Change::Taken(part) => {
                self.move_unspent(part.lot, -part.amount.minor());
                self.taken.insert(key(part), use_row(self.chapter, part));
            }
            Change::GivenBack { part, amount } => self.give_back(part, amount.minor()),
            Change::CameBack { part, amount, lot, turn } => {
                self.lessen(part, amount.minor());
                let row = came_back_row(self.chapter, part, *amount, (*lot, *turn));
                self.opened.insert(*lot, row);
            }
            Change::WentAgain { lot, part } => {
                self.move_unspent(*lot, -part.amount.minor());
                self.taken.insert(key(part), use_row(self.chapter, part));
            }
            Change::CustodyOpened { custody, amount } => {
                let row = rows::custody::Model {
                    chapter: self.chapter,
                    seq: number(custody.seq),
                    line: custody.line.into(),
                    amount: amount.minor(),
                    held: amount.minor(),
                };
                self.custody.insert(*custody, row);
            }
            Change::CustodyMoved { custody, amount } => match self.custody.get_mut(custody) {
                Some(row) => row.held += amount.minor(),
                None => *self.held.entry(*custody).or_default() += amount.minor(),
            },
            change => self.goods.add(change),
        }
        Ok(())
    }

    fn move_unspent(&mut self, lot: LotKey, by: i64) {
        match self.opened.get_mut(&lot) {
            Some(row) => row.unspent += by,
            None => *self.unspent.entry(lot).or_default() += by,
        }
    }

    fn give_back(&mut self, part: &Use, amount: i64) {
        self.move_unspent(part.lot, amount);
        self.lessen(part, amount);
    }

    fn lessen(&mut self, part: &Use, amount: i64) {
        match self.taken.get_mut(&key(part)) {
            Some(row) => row.amount -= amount,
            None => *self.given_back.entry(key(part)).or_default() += amount,
        }
    }

    /// Writes what was added.
    pub(super) async fn flush(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        for lot in &self.closed {
            if let Some(row) = self.opened.get_mut(lot) {
                row.closed = 1;
            }
        }
        let opened = std::mem::take(&mut self.opened);
        self.closed.retain(|lot| !opened.contains_key(lot));
        insert(bundle, &mut opened.into_values().collect())?;
        // What goes back leaves its range before it counts as unspent: never both at once.
        self.flush_given_back(bundle, write).await?;
        self.flush_unspent(bundle, write).await?;
        let taken = std::mem::take(&mut self.taken).into_values();
        insert(bundle, &mut taken.filter(|row| row.amount > 0).collect())?;
        self.flush_custody(bundle, write).await?;
        self.goods.flush(bundle, write).await
    }

    async fn flush_unspent(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        let moved: Vec<_> = std::mem::take(&mut self.unspent).into_iter().collect();
        for moved in moved.chunks(CHUNK) {
            bundle.run(write).await?;
            let sql = format!(
                "UPDATE lots SET unspent = unspent + moved.column3 FROM (VALUES {}) AS moved \
                 WHERE lots.chapter = ? AND lots.seq = moved.column1 AND lots.line = moved.column2",
                places(moved.len(), 3)
            );
            let values = moved
                .iter()
                .flat_map(|(lot, by)| [number(lot.seq), lot.line.into(), *by])
                .chain([self.chapter]);
            expect_rows(write, &sql, values, moved.len(), "the lots").await?;
        }
        let closed: Vec<_> = std::mem::take(&mut self.closed).into_iter().collect();
        for closed in closed.chunks(CHUNK) {
            bundle.run(write).await?;
            let sql = format!(
                "UPDATE lots SET closed = 1 WHERE chapter = ? AND (seq, line) IN (VALUES {})",
                places(closed.len(), 2)
            );
            let keys = closed.iter().flat_map(|lot| [number(lot.seq), lot.line.into()]);
            let values = std::iter::once(self.chapter).chain(keys);
            expect_rows(write, &sql, values, closed.len(), "the lots").await?;
        }
        Ok(())
    }

    /// What goes back was either taken part by part or with its whole lot in a range.
    async fn flush_given_back(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        let back: Vec<_> = std::mem::take(&mut self.given_back).into_iter().collect();
        for back in back.chunks(CHUNK) {
            bundle.run(write).await?;
            let list = places(back.len(), 5);
            let values = || {
                let keys = back.iter().flat_map(|((since, line, lot), amount)| {
                    let lot_line = i64::from(lot.line);
                    [number(*since), (*line).into(), number(lot.seq), lot_line, *amount]
                });
                keys.chain([self.chapter]).map(Value::from)
            };
            let parts = format!(
                "UPDATE uses SET amount = uses.amount - back.column5 FROM (VALUES {list}) AS back \
                 WHERE uses.chapter = ? AND uses.since = back.column1 \
                 AND uses.line = back.column2 AND uses.lot_seq = back.column3 \
                 AND uses.lot_line = back.column4"
            );
            let parts = execute(write, &parts, values()).await?.rows_affected();
            let wholes = format!(
                "UPDATE lots SET whole_amount = whole_amount - back.column5, \
                 whole_entry = CASE WHEN whole_amount = back.column5 THEN NULL \
                    ELSE whole_entry END, \
                 whole_line = CASE WHEN whole_amount = back.column5 THEN NULL \
                    ELSE whole_line END, \
                 whole_class = CASE WHEN whole_amount = back.column5 THEN NULL \
                    ELSE whole_class END, \
                 whole_since = CASE WHEN whole_amount = back.column5 THEN NULL \
                    ELSE whole_since END \
                 FROM (VALUES {list}) AS back \
                 WHERE lots.chapter = ? AND lots.whole_since = back.column1 \
                 AND lots.whole_line = back.column2 AND lots.seq = back.column3 \
                 AND lots.line = back.column4"
            );
            let wholes = match back.len() as u64 - parts.min(back.len() as u64) {
                0 => 0,
                _ => execute(write, &wholes, values()).await?.rows_affected(),
            };
            if parts + wholes != back.len() as u64 {
                return Err(mismatch("the uses", back.len() as u64, parts + wholes));
            }
            let empty = format!(
                "DELETE FROM uses WHERE chapter = ? AND amount = 0 AND \
                 (since, line, lot_seq, lot_line) IN (VALUES {})",
                places(back.len(), 4)
            );
            let keys = back.iter().flat_map(|((since, line, lot), _)| {
                [number(*since), (*line).into(), number(lot.seq), lot.line.into()]
            });
            let values = std::iter::once(self.chapter).chain(keys).map(Value::from);
            execute(write, &empty, values).await?;
        }
        Ok(())
    }

    async fn flush_custody(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        insert(bundle, &mut std::mem::take(&mut self.custody).into_values().collect())?;
        let moved: Vec<_> = std::mem::take(&mut self.held).into_iter().collect();
        for moved in moved.chunks(CHUNK) {
            bundle.run(write).await?;
            let sql = format!(
                "UPDATE custody SET held = held + moved.column3 FROM (VALUES {}) AS moved \
                 WHERE custody.chapter = ? AND custody.seq = moved.column1 \
                 AND custody.line = moved.column2",
                places(moved.len(), 3)
            );
            let values = moved
                .iter()
                .flat_map(|(custody, by)| [number(custody.seq), custody.line.into(), *by])
                .chain([self.chapter]);
            expect_rows(write, &sql, values, moved.len(), "what is held for others").await?;
        }
        Ok(())
    }
}

impl<'a> Range<'a> {
    fn of(change: &'a Change) -> Option<Self> {
        let Change::TakenWhole {
            entry,
            since,
            line,
            fund,
            first,
            last,
            class,
            amount,
            lots,
            goods,
            loan,
        } = change
        else {
            return None;
        };
        Some(Self {
            entry: *entry,
            since: *since,
            line: *line,
            fund: fund.as_str(),
            first: *first,
            last: *last,
            class: class.as_str(),
            amount: amount.minor(),
            lots: *lots,
            goods: *goods,
            loan: *loan,
        })
    }
}

/// Takes every unspent lot of a range whole. A lot that still remembers an earlier range, of which
/// a part came back, gets that memory written out as a use of its own first.
async fn take_whole(
    write: &impl ConnectionTrait,
    chapter: i64,
    range: &Range<'_>,
) -> Result<(), StoreFault> {
    let within = "chapter = ? AND fund = ? AND unspent > 0 \
        AND (seq, line) >= (?, ?) AND (seq, line) <= (?, ?)";
    let bounds = || -> Vec<Value> {
        vec![
            chapter.into(),
            range.fund.into(),
            number(range.first.seq).into(),
            i64::from(range.first.line).into(),
            number(range.last.seq).into(),
            i64::from(range.last.line).into(),
        ]
    };
    let count = format!(
        "SELECT COUNT(*) AS lots, CAST(COALESCE(SUM(unspent), 0) AS BIGINT) AS amount, \
         CAST(COALESCE(SUM(CASE WHEN whole_amount > 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS before \
         FROM lots WHERE {within}"
    );
    let Some(found) = first(write, &count, bounds()).await? else {
        return Err(mismatch("the lots", range.lots, 0));
    };
    let (lots, amount): (i64, i64) = (found.try_get("", "lots")?, found.try_get("", "amount")?);
    if lots != number(range.lots) || amount != range.amount {
        let reason =
            format!("{} in {} lots expected, {amount} in {lots} found", range.amount, range.lots);
        return Err(StoreFault::damaged("the lots", reason));
    }
    if range.goods.is_some() || range.loan.is_some() {
        return behind::pay_whole(write, &(within, bounds()), range).await;
    }
    if found.try_get::<i64>("", "before")? > 0 {
        let write_out = format!(
            "INSERT INTO uses (chapter, since, line, lot_seq, lot_line, entry, fund, gift_seq, \
             gift_line, turn, class, amount) SELECT chapter, whole_since, whole_line, seq, line, \
             whole_entry, fund, gift_seq, gift_line, turn, whole_class, whole_amount FROM lots \
             WHERE whole_amount > 0 AND {within}"
        );
        execute(write, &write_out, bounds()).await?;
    }
    let take = format!(
        "UPDATE lots SET whole_entry = ?, whole_since = ?, whole_line = ?, whole_class = ?, \
         whole_amount = unspent, unspent = 0 WHERE {within}"
    );
    let values: [Value; 4] = [
        number(range.entry).into(),
        number(range.since).into(),
        i64::from(range.line).into(),
        range.class.into(),
    ];
    let done = execute(write, &take, values.into_iter().chain(bounds())).await?;
    if done.rows_affected() == range.lots {
        Ok(())
    } else {
        Err(mismatch("the lots", range.lots, done.rows_affected()))
    }
}

pub(super) async fn expect_rows(
    write: &impl ConnectionTrait,
    sql: &str,
    values: impl Iterator<Item = i64>,
    expected: usize,
    what: &str,
) -> Result<(), StoreFault> {
    let done = execute(write, sql, values.map(Value::from)).await?.rows_affected();
    if done == expected as u64 { Ok(()) } else { Err(mismatch(what, expected as u64, done)) }
}

pub(super) fn mismatch(what: &str, expected: u64, found: u64) -> StoreFault {
    StoreFault::damaged(what, format!("{expected} rows expected, {found} found"))
}

fn lot_row(chapter: i64, change: &Change) -> Option<rows::lots::Model> {
    let Change::LotOpened { lot, fund, gift, turn, amount, moved_from } = change else {
        return None;
    };
    Some(rows::lots::Model {
        chapter,
        seq: number(lot.seq),
        line: lot.line.into(),
        fund: fund.to_string(),
        gift_seq: number(gift.seq),
        gift_line: gift.line.into(),
        turn: (*turn).into(),
        amount: amount.minor(),
        unspent: amount.minor(),
        closed: 0,
        moved_from_seq: moved_from.map(|lot| number(lot.seq)),
        moved_from_line: moved_from.map(|lot| lot.line.into()),
        whole_entry: None,
        whole_since: None,
        whole_line: None,
        whole_class: None,
        whole_amount: 0,
    })
}

/// The lot of what came back of a loan.
fn came_back_row(
    chapter: i64,
    part: &Use,
    amount: Money,
    (lot, turn): (LotKey, u32),
) -> rows::lots::Model {
    rows::lots::Model {
        chapter,
        seq: number(lot.seq),
        line: lot.line.into(),
        fund: part.fund.to_string(),
        gift_seq: number(part.gift.seq),
        gift_line: part.gift.line.into(),
        turn: turn.into(),
        amount: amount.minor(),
        unspent: amount.minor(),
        closed: 0,
        moved_from_seq: None,
        moved_from_line: None,
        whole_entry: None,
        whole_since: None,
        whole_line: None,
        whole_class: None,
        whole_amount: 0,
    }
}

const fn key(part: &Use) -> UseKey {
    (part.since, part.line, part.lot)
}

fn use_row(chapter: i64, part: &Use) -> rows::uses::Model {
    rows::uses::Model {
        chapter,
        since: number(part.since),
        line: part.line.into(),
        lot_seq: number(part.lot.seq),
        lot_line: part.lot.line.into(),
        entry: number(part.entry),
        fund: part.fund.to_string(),
        gift_seq: number(part.gift.seq),
        gift_line: part.gift.line.into(),
        turn: part.turn.into(),
        class: part.class.as_str().to_owned(),
        amount: part.amount.minor(),
        goods_seq: part.goods.map(|goods| number(goods.seq)),
        goods_line: part.goods.map(|goods| goods.line.into()),
        loan_line: part.loan.map(Into::into),
    }
}
