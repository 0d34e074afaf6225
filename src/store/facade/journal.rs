//! What the desk reads of the ledger: entries with their numbers, the book of a place, and what a
//! voucher would do if it were recorded now.

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;

use super::super::database::{first, query};
use super::super::nodes::{number, unsigned};
use super::super::past::{self, read_entry};
use crate::books::effects::Effects;
use crate::books::{Answers, CheckFault};
use crate::ledger::entry::{Entry, SignedVoucher};
use crate::ledger::tree::Hash;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Code, Date, Time};
use crate::money::Money;
use crate::store::{ChapterId, RecordFault, Store, StoreFault};

/// Most questions that the books may ask about one voucher.
const QUESTIONS: usize = 1_000;

/// An entry as the desk shows it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The entry.
    pub entry: Entry,
    /// Its leaf hash.
    pub leaf: Hash,
    /// What it did to the books.
    pub effects: Effects,
    /// The entry that it reverses.
    pub reverses: Option<u64>,
    /// The entry that reverses it.
    pub reversed_by: Option<u64>,
}

/// A line of the book of a place.
#[derive(Clone, Debug)]
pub struct PlaceLine {
    /// The entry.
    pub line: Line,
    /// Money into the place; below zero when an inflow is reversed.
    pub money_in: Money,
    /// Money out of it; below zero when an outflow is reversed.
    pub money_out: Money,
}

pub(super) const SELECT: &str = "SELECT entries.seq AS seq, entries.bytes AS bytes, leaf_hash, \
    effects.bytes AS effects, figures.reverses AS reverses, figures.reversed_by AS reversed_by, \
    (SELECT MAX(first.seq) FROM entries AS first WHERE first.chapter = entries.chapter \
    AND first.kind = 'chapter_opened' AND first.seq <= entries.seq) AS opened \
    FROM entries \
    JOIN effects ON effects.chapter = entries.chapter AND effects.seq = entries.seq \
    JOIN figures ON figures.chapter = entries.chapter AND figures.seq = entries.seq";

impl Store {
    /// The entry at `seq`.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn line(&self, chapter: ChapterId, seq: u64) -> Result<Option<Line>, StoreFault> {
        let sql = format!("{SELECT} WHERE entries.chapter = ? AND entries.seq = ?");
        let values = [chapter.0.into(), number(seq).into()];
        let row = first(self.shared.database.reader(), &sql, values).await?;
        row.map(|row| read(&row)).transpose()
    }

    /// The newest entries with postings, newest first.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn newest_lines(
        &self,
        chapter: ChapterId,
        most: u32,
    ) -> Result<Vec<Line>, StoreFault> {
        let sql = format!("{SELECT} WHERE entries.chapter = ? ORDER BY entries.seq DESC LIMIT ?");
        let values = [chapter.0.into(), i64::from(most).into()];
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        rows.iter().map(read).collect()
    }

    /// The entries from `first` to `last`, both included, in their order.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn lines_between(
        &self,
        chapter: ChapterId,
        first: u64,
        last: u64,
    ) -> Result<Vec<Line>, StoreFault> {
        let sql = format!(
            "{SELECT} WHERE entries.chapter = ? AND entries.seq BETWEEN ? AND ? \
             ORDER BY entries.seq"
        );
        let values = [chapter.0.into(), number(first).into(), number(last).into()];
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        rows.iter().map(read).collect()
    }

    /// The book of a place between two days, both included, in the order of days and entries.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn place_lines(
        &self,
        chapter: ChapterId,
        place: &Code,
        from: Date,
        to: Date,
    ) -> Result<Vec<PlaceLine>, StoreFault> {
        let columns = "SELECT place_flows.money_in AS place_in, \
            place_flows.money_out AS place_out,";
        let sql = format!(
            "{} JOIN place_flows ON place_flows.chapter = entries.chapter \
             AND place_flows.seq = entries.seq WHERE entries.chapter = ? \
             AND place_flows.place = ? AND place_flows.effective >= ? \
             AND place_flows.effective <= ? ORDER BY place_flows.effective, entries.seq",
            SELECT.replacen("SELECT", columns, 1)
        );
        let values = [
            chapter.0.into(),
            place.as_str().into(),
            from.to_string().into(),
            to.to_string().into(),
        ];
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        let line = |row: &QueryResult| {
            Ok(PlaceLine {
                line: read(row)?,
                money_in: past::money(row.try_get("", "place_in")?)?,
                money_out: past::money(row.try_get("", "place_out")?)?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// What is held for others and not handed on: the entry and the amount that is left.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn held_custody(&self, chapter: ChapterId) -> Result<Vec<(u64, Money)>, StoreFault> {
        let sql = "SELECT seq, held FROM custody WHERE chapter = ? AND held > 0 ORDER BY seq, line";
        let rows = query(self.shared.database.reader(), sql, [chapter.0.into()]).await?;
        let read = |row: &QueryResult| {
            Ok((unsigned(row.try_get("", "seq")?)?, past::money(row.try_get("", "held")?)?))
        };
        rows.iter().map(read).collect()
    }

    /// The place in the ledger of a voucher id.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn seq_of(
        &self,
        chapter: ChapterId,
        id: &VoucherId,
    ) -> Result<Option<u64>, StoreFault> {
        let sql = "SELECT seq FROM entries WHERE chapter = ? AND voucher_id = ?";
        let values = [chapter.0.into(), id.as_str().into()];
        let row = first(self.shared.database.reader(), sql, values).await?;
        row.map(|row| unsigned(row.try_get("", "seq")?)).transpose()
    }

    /// What a voucher would do to the books if it were recorded now. Writes nothing, and does not
    /// verify the signatures: those that are still to come may be put in by name.
    ///
    /// # Errors
    /// [`RecordFault::Refused`] with the rule that says no, or the machine's fault.
    pub async fn preview(
        &self,
        chapter: ChapterId,
        signed: SignedVoucher,
        now: DateTime<Utc>,
    ) -> Result<Effects, RecordFault> {
        let books = self.books(chapter)?;
        let at = Time::new(now).ok_or_else(|| RecordFault::Store(format!("the clock: {now}")))?;
        let at = books.last_at().map_or(at, |last| last.max(at));
        let (seq, before) = (books.own_size(), books.before());
        let entry = Entry { at, prev: Hash::ZERO, seq, before, signed };
        Entry::parse(&entry.bytes()?)?;
        let mut answers = Answers::default();
        let reader = self.shared.database.reader();
        for _ in 0..QUESTIONS {
            match books.check(&entry, &answers) {
                Ok(effects) => return Ok(effects),
                Err(CheckFault::Refused(refusal)) => return Err(refusal.into()),
                Err(CheckFault::Ask(ask)) => {
                    past::answer(reader, chapter.0, books.size(), ask, &mut answers).await?;
                }
            }
        }
        Err(RecordFault::Store(format!("the books asked more than {QUESTIONS} questions")))
    }
}

pub(super) fn read(row: &QueryResult) -> Result<Line, StoreFault> {
    let seq = unsigned(row.try_get("", "seq")?)?;
    let entry = read_entry(row, seq)?;
    let effects = serde_json::from_slice(&row.try_get::<Vec<u8>>("", "effects")?)
        .map_err(|fault| StoreFault::damaged(format!("the effects of entry {seq}"), fault))?;
    let other = |column| -> Result<Option<u64>, StoreFault> {
        row.try_get::<Option<i64>>("", column)?.map(unsigned).transpose()
    };
    Ok(Line {
        leaf: super::super::nodes::hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?,
        entry,
        effects,
        reverses: other("reverses")?,
        reversed_by: other("reversed_by")?,
    })
}
