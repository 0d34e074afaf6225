//! Reading private values, and the log of who did: when, what, how many, never which values.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::{Subject, TABLE, Vault, value_context};
use crate::ledger::disclosure::{Disclosure, PrivateName};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;
use crate::store::desk::security::Filter;
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};

const LOG: &str = "vault_openings";

/// What somebody did with private values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Looked at them.
    Opened,
    /// Took them out in bulk.
    Exported,
    /// Recorded that a donor agrees to be shown.
    Consent,
    /// Put a donor's name on the public pages.
    Published,
    /// Took a name off the public pages, or a consent back.
    Withdrawn,
    /// Restricted a person's values.
    Restricted,
    /// Ended a restriction.
    Released,
    /// Destroyed them.
    Erased,
}

impl Action {
    const ALL: [Self; 8] = [
        Self::Opened,
        Self::Exported,
        Self::Consent,
        Self::Published,
        Self::Withdrawn,
        Self::Restricted,
        Self::Released,
        Self::Erased,
    ];

    /// The word in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Exported => "exported",
            Self::Consent => "consent",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
            Self::Restricted => "restricted",
            Self::Released => "released",
            Self::Erased => "erased",
        }
    }
}

impl std::str::FromStr for Action {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|action| action.as_str() == text).ok_or("not an action")
    }
}

/// Why values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To work with them at the desk.
    Desk,
    /// To take them out in bulk: logged as an export.
    Export,
    /// Because the law asks: the only purpose for which restricted values open.
    Law,
}

/// Who reads, and why.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The officer.
    pub person: &'a Person,
    /// The purpose.
    pub purpose: Purpose,
}

/// Which values are read.
#[derive(Clone, Debug)]
pub enum Query {
    /// Those of one voucher, pending or recorded.
    Voucher(VoucherId),
    /// Those of the entries from the first to the second seq, both included.
    Entries(u64, u64),
    /// Those of one person or batch.
    Subject(Subject),
}

impl Query {
    fn what(&self) -> String {
        match self {
            Self::Voucher(id) => format!("voucher:{id}"),
            Self::Entries(first, last) => format!("entries:{first}-{last}"),
            Self::Subject(subject) => subject.to_string(),
        }
    }
}

/// A private value in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedValue {
    /// The voucher it belongs to.
    pub voucher: VoucherId,
    /// The entry that the voucher became.
    pub seq: Option<u64>,
    /// Whose it is.
    pub subject: Subject,
    /// Salt, name and value.
    pub disclosure: Disclosure,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its number, which only grows.
    pub id: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub person: Person,
    /// Did what.
    pub action: Action,
    /// With which voucher, entries, person or batch: identifiers, never values.
    pub what: String,
    /// How many values.
    pub number: u64,
}

impl Vault {
    /// Opens values and logs it in the same transaction: show them only once it is committed.
    /// Restricted values are left out (of a person asked for by name: refused), unless for the
    /// law.
    ///
    /// # Errors
    /// [`DeskRefusal::Restricted`], [`DeskFault::Damaged`] for a changed row or another vault key.
    pub async fn open<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        reader: Reader<'_>,
        query: &Query,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenedValue>, DeskFault> {
        const SELECT: &str = "SELECT voucher, digest, seq, subject, sealed FROM vault_disclosures \
             WHERE chapter = $1 AND";
        const ORDER: &str = "ORDER BY seq, voucher, digest";
        let (filter, values) = match query {
            Query::Voucher(id) => ("voucher = $2", values![chapter.id, id.as_str()]),
            Query::Entries(first, last) => (
                "seq BETWEEN $2 AND $3",
                values![chapter.id, sql::signed(*first), sql::signed(*last)],
            ),
            Query::Subject(subject) => ("subject = $2", values![chapter.id, subject.to_string()]),
        };
        let rows = sql::all(connection, &format!("{SELECT} {filter} {ORDER}"), values).await?;
        let lawful = reader.purpose == Purpose::Law;
        let mut keys = BTreeMap::new();
        let mut opened = Vec::new();
        for row in &rows {
            let subject: Subject = sql::parsed(row, TABLE, "subject")?;
            if !keys.contains_key(&subject) {
                let key = self.key_of(connection, chapter, &subject).await?;
                keys.insert(subject.clone(), key);
            }
            match &keys[&subject] {
                None => {}
                Some((_, true)) if !lawful => {
                    if matches!(query, Query::Subject(_)) {
                        return Err(DeskRefusal::Restricted.into());
                    }
                }
                Some((key, _)) => opened.push(open_row(chapter, key, subject, row)?),
            }
        }
        if !opened.is_empty() {
            let action =
                if reader.purpose == Purpose::Export { Action::Exported } else { Action::Opened };
            note(connection, chapter, reader.person, action, &query.what(), opened.len(), now)
                .await?;
        }
        Ok(opened)
    }
}

impl Vault {
    /// The values of one name of the entries at `seqs`, by entry; those that are restricted or
    /// erased are left out. Nothing is logged: whoever shows some notes how many.
    ///
    /// # Errors
    /// [`DeskFault::Damaged`] for a changed row or another vault key.
    pub(in crate::store) async fn texts<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        seqs: &[u64],
        name: PrivateName,
    ) -> Result<BTreeMap<u64, String>, DeskFault> {
        let mut keys = BTreeMap::new();
        let mut texts = BTreeMap::new();
        for some in seqs.chunks(500) {
            let places: Vec<String> = (2..some.len() + 2).map(|at| format!("${at}")).collect();
            let text = format!(
                "SELECT voucher, digest, seq, subject, sealed FROM vault_disclosures \
                 WHERE chapter = $1 AND of_donor = 0 AND seq IN ({})",
                places.join(", ")
            );
            let mut values = values![chapter.id];
            values.extend(some.iter().map(|seq| sql::signed(*seq).into()));
            for row in sql::all(connection, &text, values).await? {
                let subject: Subject = sql::parsed(&row, TABLE, "subject")?;
                if !keys.contains_key(&subject) {
                    let key = self.key_of(connection, chapter, &subject).await?;
                    keys.insert(subject.clone(), key);
                }
                let Some((key, false)) = &keys[&subject] else { continue };
                let opened = open_row(chapter, key, subject, &row)?;
                let value = opened.disclosure.value().as_str().map(str::to_owned);
                let wanted = opened.disclosure.name() == name;
                texts.extend(opened.seq.zip(value).filter(|_| wanted));
            }
        }
        Ok(texts)
    }
}

fn open_row(
    chapter: &Chapter,
    key: &crate::store::desk::cipher::SecretKey,
    subject: Subject,
    row: &sea_orm::QueryResult,
) -> Result<OpenedValue, DeskFault> {
    let voucher: VoucherId = sql::parsed(row, TABLE, "voucher")?;
    let digest: String = sql::column(row, "digest")?;
    let sealed: Vec<u8> = sql::column(row, "sealed")?;
    let plain = key
        .open(&value_context(chapter, &voucher, &digest), &sealed)
        .map_err(DeskFault::sealed(TABLE))?;
    let text = std::str::from_utf8(&plain).unwrap_or_default();
    let disclosure = Disclosure::parse(text).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
    if disclosure.digest().as_str() != digest {
        return Err(DeskFault::damaged(TABLE, "the value is not that of its digest"));
    }
    Ok(OpenedValue { voucher, seq: sql::unsigned(row, TABLE, "seq")?, subject, disclosure })
}

/// Adds a line to the log.
pub(in crate::store) async fn note<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
    action: Action,
    what: &str,
    number: usize,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "INSERT INTO vault_openings (chapter, at, person, action, what, number) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let values =
        values![chapter.id, now.timestamp(), person.as_str(), action.as_str(), what, number];
    sql::execute(connection, text, values).await.map(drop)
}

/// The newest lines of the log, for the auditor.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn openings<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    most: u32,
) -> Result<Vec<Opening>, DeskFault> {
    openings_of(connection, chapter, &Filter::default(), most).await
}

/// Lines of the log that a filter takes, the newest first.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn openings_of<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    filter: &Filter,
    most: u32,
) -> Result<Vec<Opening>, DeskFault> {
    let (conditions, own) = filter.conditions("person = @");
    let text = format!(
        "SELECT id, at, person, action, what, number FROM vault_openings \
         WHERE chapter = $1{conditions} ORDER BY id DESC LIMIT {most}"
    );
    let mut values = values![chapter.id];
    values.extend(own);
    let rows = sql::all(connection, &text, values).await?;
    rows.iter()
        .map(|row| {
            Ok(Opening {
                id: sql::unsigned(row, LOG, "id")?.unwrap_or_default(),
                at: sql::moment(row, LOG, "at")?,
                person: sql::parsed(row, LOG, "person")?,
                action: sql::parsed(row, LOG, "action")?,
                what: sql::column(row, "what")?,
                number: sql::unsigned(row, LOG, "number")?.unwrap_or_default(),
            })
        })
        .collect()
}

/// How often each person did what, and with how many values in all, in everything that a filter
/// takes: its place in the list counts for nothing.
pub type OpeningSums = BTreeMap<(Person, Action), (u64, u64)>;

/// The sums of the log.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn opening_sums<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    filter: &Filter,
) -> Result<OpeningSums, DeskFault> {
    let filter = Filter { below: None, ..filter.clone() };
    let (conditions, own) = filter.conditions("person = @");
    let text = format!(
        "SELECT person, action, COUNT(*) AS times, CAST(SUM(number) AS BIGINT) AS number \
         FROM vault_openings WHERE chapter = $1{conditions} GROUP BY person, action"
    );
    let mut values = values![chapter.id];
    values.extend(own);
    let mut sums = OpeningSums::new();
    for row in sql::all(connection, &text, values).await? {
        let of = (sql::parsed(&row, LOG, "person")?, sql::parsed(&row, LOG, "action")?);
        let times = sql::unsigned(&row, LOG, "times")?.unwrap_or_default();
        sums.insert(of, (times, sql::unsigned(&row, LOG, "number")?.unwrap_or_default()));
    }
    Ok(sums)
}
