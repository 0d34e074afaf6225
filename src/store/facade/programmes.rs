//! What programmes did, and what chapters sent each other: vouchers for the figures beside the
//! books.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sea_orm::{QueryResult, Value};

use crate::books::accounts::Account;
use crate::books::exchange::{Exchange, Undone};
use crate::books::funds::Register;
use crate::books::programmes::{self, DEEDS, Deed, Key, Tally, tallies};
use crate::ledger::voucher::{Kind, VoucherId};
use crate::ledger::word::chapter_of;
use crate::store::database::{first, query};
use crate::store::nodes::{number, unsigned};
use crate::store::past::{OPENED, code, kind, money, read_entry};
use crate::store::{ChapterId, Store, StoreFault};

/// What the voucher of a row of `figures` spent on some accounts.
fn spent(condition: &str) -> String {
    format!(
        "(SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM postings \
         WHERE postings.chapter = figures.chapter AND postings.seq = figures.seq \
         AND {condition})"
    )
}

/// What an entry sent or received is worth.
const SUPPORT: &str = "(SELECT CAST(ABS(COALESCE(SUM(amount), 0)) AS BIGINT) FROM postings \
    WHERE postings.chapter = entries.chapter AND postings.seq = entries.seq \
    AND account IN (?, ?))";

/// What the vouchers that stand did for programmes, in ledger order, and what that adds up to.
#[derive(Debug, Default)]
pub struct Done {
    deeds: Vec<Deed>,
    tallies: BTreeMap<Key, Tally>,
}

impl Done {
    fn of(deeds: Vec<Deed>) -> Self {
        let tallies = tallies(&deeds);
        Self { deeds, tallies }
    }

    /// What each voucher did, in ledger order.
    #[must_use]
    pub fn deeds(&self) -> &[Deed] {
        &self.deeds
    }

    /// What was done by programme and year.
    #[must_use]
    pub const fn tallies(&self) -> &BTreeMap<Key, Tally> {
        &self.tallies
    }
}

impl Store {
    /// What the vouchers that stand below `size` did for programmes. Read from the ledger once,
    /// then only what is new.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn done(&self, chapter: ChapterId, size: u64) -> Result<Arc<Done>, StoreFault> {
        let own = self.handle(chapter)?.chapter;
        let shown = own.shown_size();
        let done = match own.done.known(size) {
            Some((before, known)) if before == size => return Ok(known),
            Some(known) => self.more_done(chapter, known, size).await?,
            None => Arc::new(Done::of(self.deeds(chapter, None, size).await?)),
        };
        own.done.keep((size, shown), &done);
        Ok(done)
    }

    async fn more_done(
        &self,
        chapter: ChapterId,
        (before, known): (u64, Arc<Done>),
        size: u64,
    ) -> Result<Arc<Done>, StoreFault> {
        let new = self.deeds(chapter, Some(before), size).await?;
        let sql = "SELECT reverses FROM figures WHERE chapter = ? AND seq >= ? AND seq < ? \
            AND reverses IS NOT NULL";
        let values = [chapter.0, number(before), number(size)].map(Value::from);
        let undone = query(self.shared.database.reader(), sql, values).await?;
        let undone = undone.iter().map(|row| unsigned(row.try_get("", "reverses")?));
        let undone: BTreeSet<u64> = undone.collect::<Result<_, StoreFault>>()?;
        let gone = known.deeds.iter().any(|deed| undone.contains(&deed.seq));
        if new.is_empty() && !gone {
            return Ok(known);
        }
        let standing = known.deeds.iter().filter(|deed| !undone.contains(&deed.seq));
        Ok(Arc::new(Done::of(standing.cloned().chain(new).collect())))
    }

    /// What the vouchers that stand did for programmes, in ledger order: those below `size`, from
    /// an entry on.
    async fn deeds(
        &self,
        chapter: ChapterId,
        from: Option<u64>,
        size: u64,
    ) -> Result<Vec<Deed>, StoreFault> {
        let kinds = DEEDS.map(Kind::as_str).join("', '");
        // The words of reports and of costs hold figures; those of the others are long.
        let mut sql = format!(
            "SELECT figures.seq AS seq, figures.kind AS kind, figures.date AS date, \
             figures.programme AS programme, figures.families AS families, {} AS money, \
             {} AS goods, {} AS costs, \
             CASE WHEN figures.kind IN ('cost_paid', 'activity_reported') THEN entries.bytes END \
             AS bytes, {OPENED} FROM figures \
             JOIN entries ON entries.chapter = figures.chapter AND entries.seq = figures.seq \
             WHERE figures.chapter = ? AND figures.seq < ? AND figures.kind IN ('{kinds}') \
             AND (figures.programme IS NOT NULL OR figures.kind = 'activity_reported') \
             AND (figures.reversed_by IS NULL OR figures.reversed_by >= ?)",
            spent("account = ?"),
            spent("account = ?"),
            spent("account LIKE 'programme_costs:%'"),
        );
        let mut values: Vec<Value> = vec![
            Account::AidInMoney.word().into(),
            Account::AidInKind.word().into(),
            chapter.0.into(),
            number(size).into(),
            number(size).into(),
        ];
        if let Some(from) = from {
            // By their places, which are few, rather than by their kinds.
            sql.push_str(
                " AND figures.seq IN (SELECT newer.seq FROM figures AS newer \
                 WHERE newer.chapter = ? AND newer.seq >= ? AND newer.seq < ?)",
            );
            values.extend([chapter.0.into(), number(from).into(), number(size).into()]);
        }
        sql.push_str(" ORDER BY figures.seq");
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        rows.iter().map(read_deed).collect()
    }

    /// What the ledger sent to other chapters and received from them, below `size`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn exchange(
        &self,
        chapter: ChapterId,
        register: &Register,
        size: u64,
    ) -> Result<Exchange, StoreFault> {
        let sql = format!(
            "SELECT entries.seq AS seq, entries.bytes AS bytes, {OPENED}, \
             {SUPPORT} AS worth, undone.date AS until, \
             undone.earlier AS earlier FROM entries \
             JOIN figures ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
             LEFT JOIN figures AS undone ON undone.chapter = entries.chapter \
             AND undone.seq = figures.reversed_by AND undone.seq < ? \
             WHERE entries.chapter = ? AND +entries.seq < ? \
             AND entries.kind IN ('sent_to_chapter', 'received_from_chapter') \
             ORDER BY +entries.seq"
        );
        let values: [Value; 5] = [
            Account::SupportToChapters.word().into(),
            Account::SupportFromChapters.word().into(),
            number(size).into(),
            chapter.0.into(),
            number(size).into(),
        ];
        let mut all = Exchange::default();
        for row in query(self.shared.database.reader(), &sql, values).await? {
            let seq = unsigned(row.try_get("", "seq")?)?;
            let entry = read_entry(&row, seq)?;
            let until = undone(&row)?;
            all.add(&entry, register, money(row.try_get("", "worth")?)?, until);
        }
        Ok(all)
    }

    /// The standing entry that received what a voucher of another ledger sent; none from `size` on.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub async fn entry_of_sender(
        &self,
        chapter: ChapterId,
        log: &str,
        id: &VoucherId,
        size: u64,
    ) -> Result<Option<u64>, StoreFault> {
        // The other chapter may have had several ledgers; ids are its own in all of them.
        let sql = "SELECT seq FROM senders WHERE chapter = ? AND (log = ? OR log LIKE ?) \
            AND id = ? AND seq < ?";
        let own = chapter_of(log);
        let later = format!("{own}/%");
        let values: [Value; 5] =
            [chapter.0.into(), own.into(), later.into(), id.as_str().into(), number(size).into()];
        let row = first(self.shared.database.reader(), sql, values).await?;
        row.map(|row| unsigned(row.try_get("", "seq")?)).transpose()
    }
}

/// The reversal beside a row, when there is one.
fn undone(row: &QueryResult) -> Result<Option<Undone>, StoreFault> {
    let Some(day) = row.try_get::<Option<String>>("", "until")? else { return Ok(None) };
    let day = day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?;
    let earlier = row.try_get::<Option<i64>>("", "earlier")? == Some(1);
    Ok(Some(Undone { day, earlier }))
}

fn read_deed(row: &QueryResult) -> Result<Deed, StoreFault> {
    let seq = unsigned(row.try_get("", "seq")?)?;
    let amount = |column: &str| -> Result<_, StoreFault> {
        money(row.try_get::<Option<i64>>("", column)?.unwrap_or(0))
    };
    let day: String = row.try_get("", "date")?;
    let programme: Option<String> = row.try_get("", "programme")?;
    let mut deed = Deed {
        seq,
        day: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
        // Reports have none among their figures; their words say it.
        programme: code(programme.as_deref().unwrap_or("0"))?,
        kind: kind(&row.try_get::<String>("", "kind")?)?,
        money: amount("money")?,
        goods: amount("goods")?,
        costs: amount("costs")?,
        families: row.try_get("", "families")?,
        figures: Vec::new(),
    };
    if row.try_get::<Option<Vec<u8>>>("", "bytes")?.is_some() {
        let entry = read_entry(row, seq)?;
        let voucher = entry.voucher();
        deed.day = programmes::day(voucher);
        deed.figures = programmes::figures(voucher);
        if let Some(own) = programmes::programme(voucher) {
            deed.programme = own.clone();
        }
    }
    Ok(deed)
}
