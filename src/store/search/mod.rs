//! Finding gifts: by day, amount, fund, the words of a published name; by a bank's reference
//! together with the exact day and amount. What is found is what the public pages show anyway:
//! never a receipt's code, never a name that is not published.
//!
//! | file | what it is |
//! |---|---|
//! | `words` | names as they are compared: without marks, case, or the order of keys |
//! | `references` | references of banks, blinded |
//! | `index` | the rows that are searched, and making them anew |
//!
//! **Why tables of words and not the databases' full-text search.** A row a word with an ordinary
//! index on (chapter, word) answers whole words and beginnings of words alike on SQLite and
//! PostgreSQL, so both find the same. It hangs on the published name by a foreign key, so a name
//! that is withdrawn or erased is found no more in the very statement that takes it away, and its
//! letters leave the file with it; the segments of a full-text index keep deleted words until they
//! are merged.
//!
//! **Speed with a million gifts.** Days, amounts and funds have an index each that ends with the
//! order of the list, so a page is a range of it. Of the words of a name the rarest leads when it
//! is rare; where even that one stands in thousands of names, the list is walked from its newest
//! end instead, and a page is full soon.

mod index;
mod references;
mod words;

use sea_orm::{QueryResult, Value};

pub(super) use index::{index_name, index_references, remake, remake_if_behind};
pub(super) use references::{Blinded, blinded};
pub use references::{LONGEST_REFERENCE, normal_reference};
pub use words::NameWords;
use words::Word;
pub(super) use words::fold;

use super::database::query;
use super::nodes::{number, unsigned};
use super::past::{code, kind, money};
use super::project::has_receipt;
use super::rows;
use super::{ChapterId, Store, StoreFault};
use crate::books::effects::DocumentNumber;
use crate::ledger::disclosure::Disclosure;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Kind, Voucher};
use crate::ledger::word::{Code, Date};
use crate::money::Money;
use crate::store::facade::Position;

/// A word that stands in at most so many names leads a search.
const FEW: i64 = 2_000;

/// What is looked for. What is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GiftQuery {
    /// From this day on, by the day on which the gift came.
    pub from: Option<Date>,
    /// Until this day.
    pub to: Option<Date>,
    /// Exactly this amount; of goods their value in the books.
    pub amount: Option<Money>,
    /// Goods, or money.
    pub goods: Option<bool>,
    /// Into this fund.
    pub fund: Option<Code>,
    /// By somebody whose published name has these words.
    pub name: Option<NameWords>,
    /// Behind this place of the list.
    pub before: Option<Position>,
}

/// A gift that was found: what the public pages say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundGift {
    /// The entry.
    pub seq: u64,
    /// The day on which it came.
    pub day: Date,
    /// The kind of the voucher.
    pub kind: Kind,
    /// The amount; of goods their value in the books, 0 for goods without one.
    pub amount: Money,
    /// Whether it was goods.
    pub goods: bool,
    /// The fund; `None` for what is held for others.
    pub fund: Option<Code>,
    /// The numbers that people read.
    pub numbers: Vec<DocumentNumber>,
    /// The name that is published, if one is.
    pub name: Option<String>,
    /// The entry that reverses it.
    pub reversed_by: Option<u64>,
}

impl FoundGift {
    /// Its place in the list.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { day: self.day, seq: self.seq }
    }
}

/// The day on which a gift of money came, and its amount: what a donor knows of a transfer.
fn transfer(voucher: &Voucher) -> Option<(Date, Money)> {
    match &voucher.body {
        Body::Donation(body) => {
            Some((body.received_on.unwrap_or(voucher.date), body.amount.money()))
        }
        Body::CustodyReceived(body) => Some((voucher.date, body.amount?.money())),
        _ => None,
    }
}

/// The row of an entry by which somebody gave something. What another chapter sent is no gift of a
/// person.
pub(super) fn gift(chapter: i64, entry: &Entry) -> Option<rows::gifts::Model> {
    let voucher = entry.voucher();
    if !has_receipt(&voucher.body) {
        return None;
    }
    let (day, amount, goods, fund) = match &voucher.body {
        Body::Donation(body) => {
            let day = body.received_on.unwrap_or(voucher.date);
            (day, body.amount.money(), false, body.fund.to_string())
        }
        Body::GoodsReceived(body) => {
            let worth = Money::sum(body.lots.iter().map(|lot| lot.value.money()));
            (voucher.date, worth.unwrap_or_default(), true, body.fund.to_string())
        }
        Body::CustodyReceived(body) => {
            let amount = body.amount.map_or(Money::ZERO, |amount| amount.money());
            (voucher.date, amount, body.goods.is_some(), String::new())
        }
        Body::CustodyAssigned(body) => {
            let fund = body.fund.as_ref().map(ToString::to_string).unwrap_or_default();
            (voucher.date, body.amount.money(), false, fund)
        }
        _ => return None,
    };
    Some(rows::gifts::Model {
        chapter,
        seq: number(entry.place()),
        day: day.to_string(),
        amount: amount.minor(),
        goods: i64::from(goods),
        fund,
    })
}

/// A condition with its values.
struct Text {
    sql: String,
    values: Vec<Value>,
}

impl Text {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }

    /// The gifts of a chapter below `size`.
    fn gifts(chapter: ChapterId, size: u64) -> Self {
        let sql = "SELECT gifts.seq AS seq, gifts.day AS day, gifts.amount AS amount, \
            gifts.goods AS goods, gifts.fund AS fund, figures.kind AS kind, \
            figures.reversed_by AS reversed_by FROM gifts \
            JOIN figures ON figures.chapter = gifts.chapter AND figures.seq = gifts.seq \
            WHERE gifts.chapter = ? AND +gifts.seq < ?";
        Self { sql: sql.to_owned(), values: vec![chapter.0.into(), number(size).into()] }
    }

    fn asked(&mut self, asked: &GiftQuery) {
        if let Some(from) = asked.from {
            self.and("gifts.day >= ?", [from.to_string().into()]);
        }
        if let Some(to) = asked.to {
            self.and("gifts.day <= ?", [to.to_string().into()]);
        }
        if let Some(amount) = asked.amount {
            self.and("gifts.amount = ?", [amount.minor().into()]);
        }
        if let Some(goods) = asked.goods {
            self.and("gifts.goods = ?", [i64::from(goods).into()]);
        }
        if let Some(fund) = &asked.fund {
            self.and("gifts.fund = ?", [fund.as_str().into()]);
        }
        if let Some(Position { day, seq }) = asked.before {
            let day = day.to_string();
            self.and("gifts.day <= ?", [day.clone().into()]);
            self.and("(gifts.day < ? OR gifts.seq < ?)", [day.into(), number(seq).into()]);
        }
    }

    fn named(&mut self, chapter: ChapterId, word: &Word, leads: bool) {
        let (condition, values) = word.condition();
        let own = match leads {
            true => format!(
                "gifts.seq IN (SELECT own.seq FROM search_names AS own \
                 WHERE own.chapter = ? AND {condition})"
            ),
            false => format!(
                "EXISTS (SELECT 1 FROM search_names AS own WHERE own.chapter = ? \
                 AND own.seq = gifts.seq AND {condition})"
            ),
        };
        self.and(&own, std::iter::once(chapter.0.into()).chain(values));
    }
}

impl Store {
    /// At most `limit` gifts, the newest first. Entries from `size` on are passed over.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn find_gifts(
        &self,
        chapter: ChapterId,
        asked: &GiftQuery,
        size: u64,
        limit: u32,
    ) -> Result<Vec<FoundGift>, StoreFault> {
        let mut text = Text::gifts(chapter, size);
        text.asked(asked);
        if let Some(name) = &asked.name {
            let mut counted = Vec::new();
            for word in name.words() {
                counted.push((self.names_with(chapter, word).await?, word));
            }
            counted.sort_by_key(|(count, _)| *count);
            for (at, (count, word)) in counted.into_iter().enumerate() {
                text.named(chapter, word, at == 0 && count <= FEW);
            }
        }
        text.sql.push_str(&format!(" ORDER BY gifts.day DESC, gifts.seq DESC LIMIT {limit}"));
        self.gifts_of(chapter, size, text).await
    }

    /// The gifts of exactly this day and amount whose bank reference is this one; values that are
    /// held back are passed over. `reference` is [normal](normal_reference).
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn find_by_reference(
        &self,
        chapter: ChapterId,
        (reference, day, amount): (&str, Date, Money),
        size: u64,
    ) -> Result<Vec<FoundGift>, StoreFault> {
        let desk = self.desk(chapter)?;
        let blind = references::blind(&self.vault(), &desk, reference, (day, amount));
        let mut text = Text::gifts(chapter, size);
        let own = "gifts.seq IN (SELECT held.seq FROM search_references AS own \
            JOIN vault_disclosures AS held ON held.chapter = own.chapter \
            AND held.voucher = own.voucher AND held.digest = own.digest \
            JOIN vault_keys ON vault_keys.chapter = held.chapter \
            AND vault_keys.subject = held.subject \
            WHERE own.chapter = ? AND own.blind = ? AND held.seq IS NOT NULL \
            AND vault_keys.restricted = 0)";
        text.and(own, [chapter.0.into(), blind.to_vec().into()]);
        text.and("gifts.day = ?", [day.to_string().into()]);
        text.and("gifts.amount = ?", [amount.minor().into()]);
        text.sql.push_str(" ORDER BY gifts.day DESC, gifts.seq DESC LIMIT 20");
        self.gifts_of(chapter, size, text).await
    }

    /// In how many names a word stands, counted no further than it matters.
    async fn names_with(&self, chapter: ChapterId, word: &Word) -> Result<i64, StoreFault> {
        let (condition, values) = word.condition();
        let most = FEW + 1;
        let sql = format!(
            "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM search_names AS own \
             WHERE own.chapter = ? AND {condition} LIMIT {most}) AS counted"
        );
        let values = std::iter::once(chapter.0.into()).chain(values);
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get("", "n"))?)
    }

    async fn gifts_of(
        &self,
        chapter: ChapterId,
        size: u64,
        text: Text,
    ) -> Result<Vec<FoundGift>, StoreFault> {
        let reader = self.shared.database.reader();
        let rows = query(reader, &text.sql, text.values).await?;
        let found: Result<Vec<_>, _> = rows.iter().map(|row| read(row, size)).collect();
        let mut found = found?;
        let seqs: Vec<u64> = found.iter().map(|gift| gift.seq).collect();
        let mut numbers = self.numbers(chapter, &seqs).await?;
        let sql = format!(
            "SELECT seq, disclosure FROM vault_published WHERE chapter = ? AND seq IN ({})",
            vec!["?"; seqs.len().max(1)].join(", ")
        );
        let some = seqs.iter().copied().chain(seqs.is_empty().then_some(0)).map(number);
        let values = std::iter::once(chapter.0).chain(some).map(Value::from);
        let mut names = std::collections::BTreeMap::new();
        for row in query(reader, &sql, values).await? {
            let text: String = row.try_get("", "disclosure")?;
            let damaged = |fault| StoreFault::damaged("a published name", fault);
            let disclosure = Disclosure::parse(&text).map_err(damaged)?;
            let name = disclosure.value().as_str().unwrap_or_default().to_owned();
            names.insert(unsigned(row.try_get("", "seq")?)?, name);
        }
        for gift in &mut found {
            gift.numbers = numbers.remove(&gift.seq).unwrap_or_default();
            gift.name = names.remove(&gift.seq);
        }
        Ok(found)
    }
}

fn read(row: &QueryResult, size: u64) -> Result<FoundGift, StoreFault> {
    let (day, fund): (String, String) = (row.try_get("", "day")?, row.try_get("", "fund")?);
    let reversed_by: Option<i64> = row.try_get("", "reversed_by")?;
    Ok(FoundGift {
        seq: unsigned(row.try_get("", "seq")?)?,
        day: day.parse().map_err(|fault| StoreFault::damaged("a day", fault))?,
        kind: kind(&row.try_get::<String>("", "kind")?)?,
        amount: money(row.try_get("", "amount")?)?,
        goods: row.try_get::<i64>("", "goods")? == 1,
        fund: Some(fund).filter(|fund| !fund.is_empty()).map(|fund| code(&fund)).transpose()?,
        numbers: Vec::new(),
        name: None,
        reversed_by: reversed_by.map(unsigned).transpose()?.filter(|by| *by < size),
    })
}
