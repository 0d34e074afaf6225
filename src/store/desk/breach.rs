//! Whose private values may have been seen: by one officer's account, in a span of time, or all
//! that are held, where the machine itself was in other hands.
//!
//! The log of openings says what was looked at. A line that names a person, a voucher or entries is
//! certain; one that names a list says how many were looked at and not which, so everybody who
//! could stand on it counts as possible. What was erased since cannot be told apart any more: it
//! stands by its identifier where the log has one, with nothing behind it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::register::{self, Record, Role};
use super::security::Filter;
use super::sql::{self, values};
use super::vault::{self, Action, Held, Opening, Subject, Vault};
use super::{Chapter, DeskFault};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::Person;

const DISCLOSURES: &str = "vault_disclosures";
const KEYS: &str = "vault_keys";
/// Lines of the log that are read at a time.
const BATCH: u32 = 1_000;

macro_rules! categories {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// A kind of personal data.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Category {
            $($(#[$doc])* $variant,)+
        }

        impl Category {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in files, and in keys of texts.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

categories! {
    /// A name.
    Name = "name",
    /// Telephone, address, hamlet, how somebody can be reached.
    Contact = "contact",
    /// Identity number, year of birth.
    Identity = "identity",
    /// Members of a family and how they are related.
    Household = "household",
    /// Why a family is helped, referrals.
    Hardship = "hardship",
    /// Disability, Agent Orange: sensitive by law.
    Health = "health",
    /// Texts of transfers, references, accounts: sensitive by law.
    Bank = "bank",
    /// What somebody borrows, owes, vouches for.
    Loan = "loan",
    /// What somebody told the chapter.
    Complaint = "complaint",
    /// Reasons, notes, titles of papers.
    Notes = "notes",
}

impl Category {
    /// Whether decree 13/2023/NĐ-CP, article 2(4), counts it as sensitive.
    #[must_use]
    pub const fn is_sensitive(self) -> bool {
        matches!(self, Self::Health | Self::Bank)
    }

    const fn of(name: PrivateName) -> Self {
        match name {
            PrivateName::FullName | PrivateName::MaskedName => Self::Name,
            PrivateName::Phone | PrivateName::Address => Self::Contact,
            PrivateName::IdentityNumber | PrivateName::BirthYear => Self::Identity,
            PrivateName::Category | PrivateName::Family => Self::Hardship,
            PrivateName::BankText
            | PrivateName::BankReference
            | PrivateName::BankRow
            | PrivateName::Account => Self::Bank,
            PrivateName::Guarantor | PrivateName::Schedule | PrivateName::Loan => Self::Loan,
            PrivateName::Title
            | PrivateName::Sha256
            | PrivateName::Consent
            | PrivateName::Words => Self::Notes,
        }
    }

    /// What a record of the register holds.
    fn of_record(record: &Record) -> BTreeSet<Self> {
        let house = &record.household;
        let some = |there: bool, category: Self| there.then_some(category);
        let reached = record.phone.is_some() || record.address.is_some() || record.hamlet.is_some();
        let born = house.members.iter().any(|own| own.birth_year.is_some());
        let ill =
            house.members.iter().any(|own| own.disability.is_some() || own.agent_orange.is_some());
        let helped = record.category.is_some()
            || !house.categories.is_empty()
            || !house.referrals.is_empty();
        [
            some(!record.full_name.is_empty(), Self::Name),
            some(reached, Self::Contact),
            some(record.identity_number.is_some() || born, Self::Identity),
            some(!house.members.is_empty(), Self::Household),
            some(helped, Self::Hardship),
            some(ill, Self::Health),
            some(record.notes.is_some() || house.agreed.is_some(), Self::Notes),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Whose values: a subject of the vault; of the lines of an imported file, which share one key, the
/// voucher as well.
pub type Whose = (Subject, Option<VoucherId>);

/// What may have been seen of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Whose values.
    pub whose: Whose,
    /// What they are; empty where they were erased since.
    pub categories: BTreeSet<Category>,
    /// The full name, where the report is one with names and nothing is restricted.
    pub name: Option<String>,
    /// Whether they are restricted today.
    pub restricted: bool,
    /// Whether nothing is held any more.
    pub erased: bool,
    /// Whether the log names this very subject; otherwise they could stand on a list that was
    /// looked at, or all that is held was asked for.
    pub certain: bool,
    /// How often, by the log.
    pub times: u64,
    /// The first and the last time, by the log.
    pub seen: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Whose accounts looked.
    pub by: BTreeSet<Person>,
}

/// A report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Everybody affected.
    pub affected: Vec<Affected>,
    /// Lines of the log that it was made of.
    pub lines: u64,
}

impl Report {
    /// How many of each kind.
    #[must_use]
    pub fn by_category(&self) -> BTreeMap<Category, u64> {
        let mut sums = BTreeMap::new();
        for category in self.affected.iter().flat_map(|own| &own.categories) {
            *sums.entry(*category).or_default() += 1;
        }
        sums
    }
}

/// What a report is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Whose account, and which span of time.
    pub filter: Filter,
    /// Everything that was held before the end of the span, seen or not: for a machine or a backup
    /// in other hands.
    pub everything: bool,
    /// With the names: for who is authorised alone.
    pub names: bool,
}

#[derive(Default)]
struct Seen {
    certain: bool,
    times: u64,
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    by: BTreeSet<Person>,
}

impl Seen {
    fn note(&mut self, opening: &Opening, certain: bool) {
        self.certain |= certain;
        self.times += 1;
        let at = opening.at;
        self.span = Some(match self.span {
            None => (at, at),
            Some((first, last)) => (first.min(at), last.max(at)),
        });
        self.by.insert(opening.person.clone());
    }
}

type All = BTreeMap<Whose, Seen>;

/// Makes a report. Nothing is logged here: whoever hands it on does that in the same transaction.
///
/// # Errors
/// [`DeskFault::Database`]; [`DeskFault::Damaged`] under another vault key.
pub async fn report<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    asked: &Asked,
) -> Result<Report, DeskFault> {
    let (mut all, mut lines) = (All::new(), 0);
    let mut filter = Filter { below: None, ..asked.filter.clone() };
    loop {
        let some = vault::openings_of(connection, chapter, &filter, BATCH).await?;
        let Some(last) = some.last() else { break };
        filter.below = Some(last.id);
        for opening in &some {
            if matches!(opening.action, Action::Opened | Action::Exported) {
                lines += 1;
                seen(connection, chapter, opening, &mut all).await?;
            }
        }
    }
    if asked.everything {
        let until = asked.filter.until.map_or(i64::MAX, |until| until.timestamp());
        for whose in held_before(connection, chapter, ("", until)).await? {
            all.entry(whose).or_default();
        }
    }
    let affected = affected(connection, vault, chapter, (all, asked.names)).await?;
    Ok(Report { affected, lines })
}

/// Notes one line of the log with everybody whom it is about.
async fn seen<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    opening: &Opening,
    all: &mut All,
) -> Result<(), DeskFault> {
    let (kind, id) = opening.what.split_once(':').unwrap_or((opening.what.as_str(), ""));
    let at = opening.at.timestamp();
    let (found, certain) = match kind {
        "voucher" => {
            let own = in_vouchers(connection, chapter, "voucher = $2", values![id]).await?;
            // The voucher's own reasons stand under it without a disclosure.
            let own = if own.is_empty() {
                opening.what.parse().map(alone).into_iter().collect()
            } else {
                own
            };
            (own, true)
        }
        "entries" => {
            let (first, last) = id.split_once('-').unwrap_or((id, id));
            let seqs = values![
                first.parse::<i64>().unwrap_or(i64::MAX),
                last.parse::<i64>().unwrap_or(-1),
            ];
            (in_vouchers(connection, chapter, "seq BETWEEN $2 AND $3", seqs).await?, true)
        }
        "batch" => {
            let of = values![opening.what.as_str()];
            (in_vouchers(connection, chapter, "subject = $2", of).await?, true)
        }
        "person" | "line" | "complaint" | "contact" => {
            (opening.what.parse().map(alone).into_iter().collect(), true)
        }
        // An earlier report with names: whoever has it has them all.
        "breach" => (held_before(connection, chapter, ("", at)).await?, false),
        "bank-texts" => {
            let text = "made_at <= $2 AND seq IS NOT NULL AND subject NOT LIKE 'person:%' \
                 AND subject NOT LIKE 'line:%'";
            (in_vouchers(connection, chapter, text, values![at]).await?, false)
        }
        _ => {
            // A list without a word of its own is one of families.
            let list = if id.is_empty() { kind } else { id };
            (held_before(connection, chapter, (list, at)).await?, false)
        }
    };
    for whose in found {
        all.entry(whose).or_default().note(opening, certain);
    }
    Ok(())
}

fn alone(subject: Subject) -> Whose {
    (subject, None)
}

/// Everybody who stands in some vouchers.
async fn in_vouchers<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    which: &str,
    of: Vec<sea_orm::Value>,
) -> Result<Vec<Whose>, DeskFault> {
    let text = format!(
        "SELECT DISTINCT subject, CASE WHEN subject LIKE 'batch:%' THEN voucher ELSE '' END \
         AS voucher FROM vault_disclosures WHERE chapter = $1 AND {which}"
    );
    let mut values = values![chapter.id];
    values.extend(of);
    let rows = sql::all(connection, &text, values).await?;
    rows.iter()
        .map(|row| {
            let voucher: String = sql::column(row, "voucher")?;
            let voucher = (!voucher.is_empty()).then(|| voucher.parse()).transpose();
            let voucher = voucher.map_err(|fault| DeskFault::damaged(DISCLOSURES, fault))?;
            Ok((sql::parsed(row, DISCLOSURES, "subject")?, voucher))
        })
        .collect()
}

/// Everybody who could stand on a list that was looked at then: those of a role, borrowers,
/// sponsors with the families they help, or, for any other word, all families; for none, all
/// subjects.
async fn held_before<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (list, at): (&str, i64),
) -> Result<Vec<Whose>, DeskFault> {
    let text = match list {
        "" => {
            let of = "made_at <= $2 AND subject LIKE 'batch:%'";
            let mut all = in_vouchers(connection, chapter, of, values![at]).await?;
            let text = "SELECT subject FROM vault_keys WHERE chapter = $1 AND made_at <= $2 \
                 AND subject NOT LIKE 'batch:%'";
            all.extend(subjects(connection, text, values![chapter.id, at]).await?);
            return Ok(all);
        }
        "donor" | "officer" => {
            let text = "SELECT subject FROM desk_persons WHERE chapter = $1 AND made_at <= $2 \
                 AND role = $3";
            return subjects(connection, text, values![chapter.id, at, list]).await;
        }
        "loans" => {
            "SELECT DISTINCT own.subject FROM desk_persons AS own JOIN desk_loans AS loan \
             ON loan.chapter = own.chapter AND loan.borrower = own.id \
             WHERE own.chapter = $1 AND loan.made_at <= $2"
        }
        "sponsorship" => {
            "SELECT DISTINCT own.subject FROM desk_persons AS own WHERE own.chapter = $1 \
             AND own.made_at <= $2 AND (own.id IN (SELECT sponsor FROM desk_sponsorships \
             WHERE chapter = $1) OR own.id IN (SELECT family FROM desk_sponsored \
             WHERE chapter = $1))"
        }
        _ => {
            "SELECT subject FROM desk_persons WHERE chapter = $1 AND made_at <= $2 \
             AND role = 'family'"
        }
    };
    subjects(connection, text, values![chapter.id, at]).await
}

async fn subjects<C: ConnectionTrait>(
    connection: &C,
    text: &str,
    values: Vec<sea_orm::Value>,
) -> Result<Vec<Whose>, DeskFault> {
    let rows = sql::all(connection, text, values).await?;
    rows.iter().map(|row| sql::parsed(row, KEYS, "subject").map(alone)).collect()
}

/// Records of the register by person.
async fn records<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
) -> Result<BTreeMap<Person, Record>, DeskFault> {
    let mut all = BTreeMap::new();
    for role in [Role::Family, Role::Donor, Role::Officer] {
        let found = register::of_role(connection, vault, chapter, role).await?;
        all.extend(found.all.into_iter().map(|own| (own.person, own.record)));
    }
    Ok(all)
}

async fn borrowers<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<BTreeSet<Person>, DeskFault> {
    let text = "SELECT DISTINCT borrower FROM desk_loans WHERE chapter = $1";
    let rows = sql::all(connection, text, values![chapter.id]).await?;
    rows.iter().map(|row| sql::parsed(row, "desk_loans", "borrower")).collect()
}

async fn affected<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (all, names): (All, bool),
) -> Result<Vec<Affected>, DeskFault> {
    let records = records(connection, vault, chapter).await?;
    let borrowers = borrowers(connection, chapter).await?;
    let mut affected = Vec::with_capacity(all.len());
    for ((subject, voucher), seen) in all {
        let held = vault.held(connection, chapter, (&subject, voucher.as_ref())).await?;
        let (erased, held) = (held.is_none(), held.unwrap_or_default());
        let Held { kinds, mut name, restricted } = held;
        let mut categories: BTreeSet<Category> = kinds.into_iter().map(Category::of).collect();
        match &subject {
            Subject::Person(person) => {
                if let Some(record) = records.get(person) {
                    categories.extend(Category::of_record(record));
                    name = Some(record.full_name.clone()).filter(|_| !restricted);
                }
                categories.extend(borrowers.contains(person).then_some(Category::Loan));
            }
            Subject::Complaint(_) if !erased => drop(categories.insert(Category::Complaint)),
            Subject::Contact(_) if !erased => drop(categories.insert(Category::Contact)),
            Subject::Voucher(_) if !erased && categories.is_empty() => {
                categories.insert(Category::Notes);
            }
            _ => {}
        }
        affected.push(Affected {
            whose: (subject, voucher),
            categories,
            name: name.filter(|_| names),
            restricted,
            erased,
            certain: seen.certain,
            times: seen.times,
            seen: seen.span,
            by: seen.by,
        });
    }
    Ok(affected)
}

#[cfg(test)]
mod tests;
