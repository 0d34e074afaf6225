//! Money that came in and of which it is not known what for: held for others until somebody is
//! found, or given without a word into the general fund.

use chrono::{DateTime, Utc};
use sea_orm::{QueryResult, Value};

use super::journal::{self, Line};
use crate::books::Books;
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Body, CustodyClass, DonorType, FundType, Method};
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;
use crate::store::database::query;
use crate::store::desk::vault::{self, Action};
use crate::store::desk::{self, DeskFault};
use crate::store::past;
use crate::store::{ChapterId, Store, StoreFault};

/// Most lines that are looked through, the newest.
const MOST: i64 = 5_000;
/// What the log of openings calls the texts of bank lines.
const WHAT: &str = "bank-texts";

/// One line.
#[derive(Clone, Debug)]
pub struct Loose {
    /// The entry.
    pub line: Line,
    /// The day on which the money came.
    pub day: Date,
    /// What came.
    pub amount: Money,
    /// What is still held, or not used yet.
    pub left: Money,
    /// Why it is held; `None` for a gift.
    pub class: Option<CustodyClass>,
    /// The bank's text, where there is one.
    pub text: Option<String>,
}

/// Which lines are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LooseFilter {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// What came.
    pub amount: Option<Money>,
}

impl LooseFilter {
    fn takes(&self, own: &Loose) -> bool {
        self.from.is_none_or(|from| from <= own.day)
            && self.to.is_none_or(|to| own.day <= to)
            && self.amount.is_none_or(|amount| amount == own.amount)
    }
}

/// Whether an officer still has to find out what money is for.
const fn waits(class: CustodyClass) -> bool {
    matches!(class, CustodyClass::Unidentified | CustodyClass::Mistaken | CustodyClass::Overpaid)
}

/// Whether a line is one of those that are asked for, by itself and by its bank's text.
pub type Fits<'a> = dyn Fn(&Loose, Option<&str>) -> bool + Sync + 'a;

impl Store {
    /// How many lines are held of which nobody knows yet what for.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn loose_count(&self, chapter: ChapterId) -> Result<usize, StoreFault> {
        Ok(self.held_lines(chapter).await?.len())
    }

    /// Money that is held until somebody is found, the newest first.
    async fn held_lines(&self, chapter: ChapterId) -> Result<Vec<Loose>, StoreFault> {
        let columns = "SELECT custody.held AS rest,";
        let sql = format!(
            "{} JOIN custody ON custody.chapter = entries.chapter AND custody.seq = entries.seq \
             WHERE entries.chapter = ? AND entries.kind = 'custody_received' \
             AND custody.held > 0 ORDER BY entries.seq DESC LIMIT {MOST}",
            journal::SELECT.replacen("SELECT", columns, 1)
        );
        let rows = query(self.shared.database.reader(), &sql, [chapter.0.into()]).await?;
        let mut all = Vec::new();
        for row in &rows {
            let (line, left) = read(row)?;
            let Body::CustodyReceived(body) = &line.entry.voucher().body else { continue };
            let (Some(amount), class) = (body.amount, body.class) else { continue };
            let (day, amount) = (line.entry.voucher().date, amount.money());
            let class = Some(class).filter(|class| waits(*class));
            if class.is_some() {
                all.push(Loose { line, day, amount, left, class, text: None });
            }
        }
        Ok(all)
    }

    /// Gifts over the bank into general funds, of unknown givers, of which something is left; the
    /// newest first.
    async fn wordless_gifts(
        &self,
        chapter: ChapterId,
        books: &Books,
    ) -> Result<Vec<Loose>, StoreFault> {
        let funds = books.register().funds().iter();
        let general = funds.filter(|(_, own)| own.fund.r#type == FundType::General && !own.closed);
        let general: Vec<&Code> = general.map(|(code, _)| code).collect();
        if general.is_empty() {
            return Ok(Vec::new());
        }
        let columns = "SELECT lots.unspent AS rest,";
        let places = vec!["?"; general.len()].join(", ");
        let sql = format!(
            "{} JOIN lots ON lots.chapter = entries.chapter AND lots.seq = entries.seq \
             AND lots.line = 0 WHERE entries.chapter = ? AND entries.kind = 'donation' \
             AND lots.unspent > 0 AND lots.fund IN ({places}) \
             ORDER BY entries.seq DESC LIMIT {MOST}",
            journal::SELECT.replacen("SELECT", columns, 1)
        );
        let mut values: Vec<Value> = vec![chapter.0.into()];
        values.extend(general.iter().map(|code| code.as_str().into()));
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        let mut all = Vec::new();
        for row in &rows {
            let (line, left) = read(row)?;
            let Body::Donation(body) = &line.entry.voucher().body else { continue };
            if body.method != Method::Transfer || body.donor.r#type != DonorType::Unknown {
                continue;
            }
            let day = body.received_on.unwrap_or(line.entry.voucher().date);
            let amount = body.amount.money();
            all.push(Loose { line, day, amount, left, class: None, text: None });
        }
        Ok(all)
    }

    /// One line that is held or was given without a word; `None` for any other entry.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn loose_line(
        &self,
        chapter: ChapterId,
        books: &Books,
        seq: u64,
    ) -> Result<Option<Loose>, StoreFault> {
        let mut all = self.held_lines(chapter).await?;
        all.extend(self.wordless_gifts(chapter, books).await?);
        Ok(all.into_iter().find(|own| own.line.entry.place() == seq))
    }

    /// The lines of a filter, those that are held before the gifts, with the banks' texts of those
    /// that are shown: `shown` of them behind the first `skip`. `fits` is asked about each with
    /// its text. The log notes how many were shown. And how many there are.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn loose(
        &self,
        desk: &desk::Chapter,
        books: &Books,
        (filter, fits): (LooseFilter, &Fits<'_>),
        (skip, shown): (usize, usize),
        (officer, now): (&Person, DateTime<Utc>),
    ) -> Result<(Vec<Loose>, usize), DeskFault> {
        let (chapter, reader, vault) =
            (ChapterId(desk.id), self.shared.database.reader(), self.vault());
        let mut all = self.held_lines(chapter).await?;
        all.extend(self.wordless_gifts(chapter, books).await?);
        all.retain(|own| filter.takes(own));
        let name = PrivateName::BankText;
        let seqs = |all: &[Loose]| all.iter().map(|own| own.line.entry.place()).collect::<Vec<_>>();
        let texts = vault.texts(reader, desk, &seqs(&all), name).await?;
        all.retain(|own| fits(own, texts.get(&own.line.entry.place()).map(String::as_str)));
        let found = all.len();
        let mut all: Vec<Loose> = all.into_iter().skip(skip).take(shown).collect();
        let mut texts = vault.texts(reader, desk, &seqs(&all), name).await?;
        if !texts.is_empty() {
            let write = self.begin_desk(desk).await?;
            let number = texts.len();
            let noted = vault::note(&write, desk, officer, Action::Opened, WHAT, number, now).await;
            Self::end_desk(write, noted).await?;
        }
        for own in &mut all {
            own.text = texts.remove(&own.line.entry.place());
        }
        Ok((all, found))
    }
}

impl Store {
    /// The bank's text of one entry; the log notes that it was opened.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn loose_text(
        &self,
        desk: &desk::Chapter,
        seq: u64,
        (officer, now): (&Person, DateTime<Utc>),
    ) -> Result<Option<String>, DeskFault> {
        let (reader, vault) = (self.shared.database.reader(), self.vault());
        let mut texts = vault.texts(reader, desk, &[seq], PrivateName::BankText).await?;
        if !texts.is_empty() {
            let write = self.begin_desk(desk).await?;
            let noted = vault::note(&write, desk, officer, Action::Opened, WHAT, 1, now).await;
            Self::end_desk(write, noted).await?;
        }
        Ok(texts.remove(&seq))
    }
}

/// The entry of a row, and what is left of it.
fn read(row: &QueryResult) -> Result<(Line, Money), StoreFault> {
    Ok((journal::read(row)?, past::money(row.try_get("", "rest")?)?))
}
