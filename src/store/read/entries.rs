//! Entries by place, voucher, receipt code and number.

use std::collections::BTreeMap;

use sea_orm::{QueryResult, Value};

use crate::books::effects::{DocumentNumber, Series};
use crate::ledger::entry::Entry;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::tree::Hash;
use crate::ledger::voucher::{Kind, VoucherId};
use crate::ledger::word::{Code, Date, Time};
use crate::money::Money;
use crate::store::database::{first, query};
use crate::store::nodes::{hash, number, unsigned};
use crate::store::past::{OPENED, code, kind, money, read_entry};
use crate::store::{ChapterId, PublishedLedger, Store, StoreFault};

/// The most entries that one call gives: one bundle of C2SP tlog-tiles.
pub const MOST_ENTRIES: u64 = 256;

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEntry {
    /// The entry.
    pub entry: Entry,
    /// Its bytes, the truth.
    pub bytes: Vec<u8>,
    /// Its leaf hash.
    pub leaf: Hash,
}

/// What an entry did, as far as lists and its own page show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFigures {
    /// Its place.
    pub seq: u64,
    /// Its kind.
    pub kind: Kind,
    /// The kind whose columns its figures fall under: that of what it reverses, or its own.
    pub nature: Kind,
    /// The business date of the voucher.
    pub date: Date,
    /// The day on which balances change.
    pub effective: Date,
    /// When it was appended.
    pub at: Time,
    /// The programme that the spending was for.
    pub programme: Option<Code>,
    /// Families or persons served; below zero when reversed.
    pub families: i64,
    /// Money into places, both legs of transfers included.
    pub money_in: Money,
    /// Money out of places.
    pub money_out: Money,
    /// The entry that it reverses.
    pub reverses: Option<u64>,
    /// The entry that reversed it.
    pub reversed_by: Option<u64>,
}

/// The columns of [`EntryFigures`], of `figures`.
pub(super) const FIGURES: &str = "figures.seq AS seq, figures.kind AS kind, \
    figures.nature AS nature, figures.date AS date, figures.effective AS effective, \
    figures.at AS at, programme, families, figures.money_in AS money_in, \
    figures.money_out AS money_out, reverses, reversed_by";

pub(super) fn read_figures(row: &QueryResult) -> Result<EntryFigures, StoreFault> {
    let programme: Option<String> = row.try_get("", "programme")?;
    let seq_of = |column: &str| -> Result<Option<u64>, StoreFault> {
        row.try_get::<Option<i64>>("", column)?.map(unsigned).transpose()
    };
    Ok(EntryFigures {
        seq: unsigned(row.try_get("", "seq")?)?,
        kind: kind(&row.try_get::<String>("", "kind")?)?,
        nature: kind(&row.try_get::<String>("", "nature")?)?,
        date: day(row.try_get("", "date")?)?,
        effective: day(row.try_get("", "effective")?)?,
        at: row
            .try_get::<String>("", "at")?
            .parse()
            .map_err(|fault| StoreFault::damaged("a time", fault))?,
        programme: programme.as_deref().map(code).transpose()?,
        families: row.try_get("", "families")?,
        money_in: money(row.try_get("", "money_in")?)?,
        money_out: money(row.try_get("", "money_out")?)?,
        reverses: seq_of("reverses")?,
        reversed_by: seq_of("reversed_by")?,
    })
}

fn kept() -> String {
    format!("SELECT seq, bytes, leaf_hash, {OPENED} FROM entries")
}

/// A stored day.
pub(super) fn day(stored: String) -> Result<Date, StoreFault> {
    stored.parse().map_err(|fault| StoreFault::damaged("a day", fault))
}

impl Store {
    /// The entry at `seq`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn entry(
        &self,
        chapter: ChapterId,
        seq: u64,
    ) -> Result<Option<KeptEntry>, StoreFault> {
        let sql = format!("{} WHERE chapter = ? AND seq = ?", kept());
        self.kept(&sql, [chapter.0.into(), number(seq).into()]).await
    }

    /// The entry of a voucher.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn entry_of_voucher(
        &self,
        chapter: ChapterId,
        id: &VoucherId,
    ) -> Result<Option<KeptEntry>, StoreFault> {
        let sql = format!("{} WHERE chapter = ? AND voucher_id = ?", kept());
        self.kept(&sql, [chapter.0.into(), id.as_str().into()]).await
    }

    async fn kept(&self, sql: &str, values: [Value; 2]) -> Result<Option<KeptEntry>, StoreFault> {
        let Some(row) = first(self.reader(), sql, values).await? else { return Ok(None) };
        let bytes: Vec<u8> = row.try_get("", "bytes")?;
        let entry = read_entry(&row, unsigned(row.try_get("", "seq")?)?)?;
        let leaf = hash(&row.try_get::<Vec<u8>>("", "leaf_hash")?, "leaf hash")?;
        Ok(Some(KeptEntry { entry, bytes, leaf }))
    }

    /// The entry that a receipt code stands for.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn entry_of_receipt(
        &self,
        receipt: &ReceiptCode,
    ) -> Result<Option<(ChapterId, u64)>, StoreFault> {
        // One, but for entries that were brought back from elsewhere: the first that had it.
        let sql = "SELECT receipts.chapter AS chapter, receipts.seq AS seq FROM receipts \
            JOIN entries ON entries.chapter = receipts.chapter AND entries.seq = receipts.seq \
            WHERE receipts.code = ? ORDER BY entries.at, receipts.chapter LIMIT 1";
        let row = first(self.reader(), sql, [receipt.as_str().into()]).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((ChapterId(row.try_get("", "chapter")?), unsigned(row.try_get("", "seq")?)?)))
    }

    /// The entry that a person reads a number of.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn entry_of_number(
        &self,
        chapter: ChapterId,
        own: DocumentNumber,
    ) -> Result<Option<u64>, StoreFault> {
        let sql = "SELECT seq FROM numbers WHERE chapter = ? AND series = ? AND year = ? \
            AND number = ?";
        let values = [
            chapter.0.into(),
            own.series.as_str().into(),
            i64::from(own.year).into(),
            number(own.number).into(),
        ];
        let row = first(self.reader(), sql, values).await?;
        row.map(|row| unsigned(row.try_get("", "seq")?)).transpose()
    }

    /// The bytes of published entries from `from` on, at most [`MOST_ENTRIES`], none beyond
    /// `until` or the published head. Places count over all ledgers of the chapter. To stream them,
    /// call again behind the last.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn entry_bytes(
        &self,
        chapter: ChapterId,
        from: u64,
        until: u64,
    ) -> Result<Vec<Vec<u8>>, StoreFault> {
        let published = self.published(chapter)?.last().map_or(0, PublishedLedger::end);
        let until = until.min(published).min(from.saturating_add(MOST_ENTRIES));
        let sql = "SELECT bytes FROM entries WHERE chapter = ? AND seq >= ? AND seq < ? \
            ORDER BY seq";
        let values = [chapter.0, number(from), number(until)].map(Into::into);
        let rows = query(self.reader(), sql, values).await?;
        rows.iter().map(|row| Ok(row.try_get("", "bytes")?)).collect()
    }

    /// What an entry did.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn figures(
        &self,
        chapter: ChapterId,
        seq: u64,
    ) -> Result<Option<EntryFigures>, StoreFault> {
        let sql = format!("SELECT {FIGURES} FROM figures WHERE chapter = ? AND seq = ?");
        let row = first(self.reader(), &sql, [chapter.0.into(), number(seq).into()]).await?;
        row.as_ref().map(read_figures).transpose()
    }

    /// The numbers of some entries, in the order of series.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn numbers(
        &self,
        chapter: ChapterId,
        seqs: &[u64],
    ) -> Result<BTreeMap<u64, Vec<DocumentNumber>>, StoreFault> {
        let mut found: BTreeMap<u64, Vec<DocumentNumber>> = BTreeMap::new();
        for seqs in seqs.chunks(5_000) {
            let sql = format!(
                "SELECT seq, series, year, number FROM numbers WHERE chapter = ? AND seq IN ({}) \
                 ORDER BY seq, series",
                vec!["?"; seqs.len()].join(", ")
            );
            let values = std::iter::once(chapter.0).chain(seqs.iter().copied().map(number));
            for row in query(self.reader(), &sql, values.map(Value::from)).await? {
                let seq = unsigned(row.try_get("", "seq")?)?;
                found.entry(seq).or_default().push(read_number(&row)?);
            }
        }
        Ok(found)
    }

    /// The published statements by name: the newest of each, as canonical bytes.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn statement(
        &self,
        chapter: ChapterId,
        name: &str,
    ) -> Result<Option<Vec<u8>>, StoreFault> {
        self.statement_of(chapter, name, (0, u64::MAX)).await
    }

    /// The same as one ledger has it, whose entries lie between two places, the second not
    /// included.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn statement_of(
        &self,
        chapter: ChapterId,
        name: &str,
        (from, end): (u64, u64),
    ) -> Result<Option<Vec<u8>>, StoreFault> {
        let sql = "SELECT bytes FROM statements WHERE chapter = ? AND name = ? AND seq >= ? \
            AND seq < ? ORDER BY seq DESC LIMIT 1";
        let values = [chapter.0.into(), name.into(), number(from).into(), number(end).into()];
        let row = first(self.reader(), sql, values).await?;
        row.map(|row| Ok(row.try_get("", "bytes")?)).transpose()
    }

    /// The names of the published statements with the entry that published the newest of each.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn statements(&self, chapter: ChapterId) -> Result<Vec<(String, u64)>, StoreFault> {
        self.statements_of(chapter, (0, u64::MAX)).await
    }

    /// The same as one ledger has them, whose entries lie between two places, the second not
    /// included.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn statements_of(
        &self,
        chapter: ChapterId,
        (from, end): (u64, u64),
    ) -> Result<Vec<(String, u64)>, StoreFault> {
        let sql = "SELECT name, MAX(seq) AS seq FROM statements WHERE chapter = ? AND seq >= ? \
            AND seq < ? GROUP BY name ORDER BY name";
        let values = [chapter.0, number(from), number(end)].map(Into::into);
        let rows = query(self.reader(), sql, values).await?;
        let read =
            |row: &QueryResult| Ok((row.try_get("", "name")?, unsigned(row.try_get("", "seq")?)?));
        rows.iter().map(read).collect()
    }

    pub(in crate::store) fn reader(&self) -> &sea_orm::DatabaseConnection {
        self.shared.database.reader()
    }
}

fn read_number(row: &QueryResult) -> Result<DocumentNumber, StoreFault> {
    let name: String = row.try_get("", "series")?;
    use Series::{BC, BN, BT, KU, PC, PN, PT, PX};
    let series = [PT, PC, BC, BN, PN, PX, BT, KU]
        .into_iter()
        .find(|series| series.as_str() == name)
        .ok_or_else(|| StoreFault::damaged("a number", format!("the series {name:?}")))?;
    let year = i32::try_from(row.try_get::<i64>("", "year")?)
        .map_err(|fault| StoreFault::damaged("a number", fault))?;
    Ok(DocumentNumber { series, year, number: unsigned(row.try_get("", "number")?)? })
}
