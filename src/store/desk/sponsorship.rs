//! Regular sponsorship: a donor supports given families, each month, quarter or year.
//!
//! The ledger knows a gift into a fund and aid out of it; who helps whom stands here alone. A plan
//! is one sealed document under its sponsor's key, in which families have names that mean nothing
//! without the rows under the families' keys (`desk_sponsored`). What is due follows from the plan
//! and from its vouchers as they stand now ([`schedule`]): one that is sent back, withdrawn,
//! reversed or given back frees its periods without anything being changed here.
//!
//! The sponsor's own page has a code that only who holds the receipt key can compute; the database
//! holds a digest of it that only who holds the vault key can.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use zeroize::Zeroizing;

use super::register::{self, Role};
use super::sql::{self, values};
use super::vault::{Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::keys::new_opaque_id;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::word::Person;

mod matching;
mod plan;
mod schedule;
mod taken;
mod vouchers;

pub use matching::{AidOf, GiftInto, aid_of, gifts_into, note_matched};
pub use plan::{
    Changed, Ended, Every, Gift, Handover, Link, MOST_FAMILIES, Pause, Plan, State, Step,
};
pub use schedule::{Filled, Part, Period, Schedule, Share, Standing, Vouchers, schedule};
pub use taken::{Taken, hold, taken};
pub use vouchers::{fund_of, standing};

const TABLE: &str = "desk_sponsorships";
const FAMILIES: &str = "desk_sponsored";
const LABEL: &str = "sponsorship";
const NAME: &str = "sponsored";

/// A plan with its sponsor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sponsorship {
    /// The opaque identifier.
    pub id: Person,
    /// The sponsor, of the register.
    pub sponsor: Person,
    /// What they promised, and what was matched.
    pub plan: Plan,
    /// How often it was changed.
    pub version: u64,
    /// Which of its codes opens the sponsor's page; `None` while none does.
    pub turn: Option<u64>,
}

impl Sponsorship {
    /// The code of the sponsor's page, if there is one.
    #[must_use]
    pub fn code(&self, receipt_key: &[u8; 32], chapter: &Chapter) -> Option<ReceiptCode> {
        self.turn.map(|turn| code(receipt_key, chapter, &self.id, turn))
    }
}

fn code(receipt_key: &[u8; 32], chapter: &Chapter, id: &Person, turn: u64) -> ReceiptCode {
    let about = format!("sponsorship {} {id} {turn}", chapter.identity);
    ReceiptCode::about(receipt_key, &about)
}

/// All plans that may be read, and how many are held back with their sponsors.
#[derive(Clone, Debug, Default)]
pub struct Plans {
    /// The oldest first.
    pub all: Vec<Sponsorship>,
    /// Plans of sponsors whose values are restricted.
    pub held_back: usize,
}

const SELECT: &str = "SELECT plan.id, plan.sponsor, plan.sealed, plan.version, plan.turn, \
     CAST(CASE WHEN plan.code IS NULL THEN 0 ELSE 1 END AS BIGINT) AS open, \
     vault_keys.wrapped, vault_keys.restricted FROM desk_sponsorships AS plan \
     JOIN desk_persons AS person ON person.chapter = plan.chapter AND person.id = plan.sponsor \
     JOIN vault_keys ON vault_keys.chapter = person.chapter \
     AND vault_keys.subject = person.subject";

fn read(vault: &Vault, chapter: &Chapter, row: &QueryResult) -> Result<Sponsorship, DeskFault> {
    let sponsor: Person = sql::parsed(row, TABLE, "sponsor")?;
    let (wrapped, sealed): (Vec<u8>, Vec<u8>) =
        (sql::column(row, "wrapped")?, sql::column(row, "sealed")?);
    let subject = Subject::Person(sponsor.clone());
    let plain = vault.open_with(chapter, &subject, LABEL, (&wrapped, &sealed))?;
    let plan = serde_json::from_slice(&plain)
        .map_err(|_| DeskFault::damaged(TABLE, "a plan out of its form"))?;
    let number = |name| sql::unsigned(row, TABLE, name).map(Option::unwrap_or_default);
    let open = number("open")? == 1;
    Ok(Sponsorship {
        id: sql::parsed(row, TABLE, "id")?,
        sponsor,
        plan,
        version: number("version")?,
        turn: Some(number("turn")?).filter(|_| open),
    })
}

fn is_restricted(row: &QueryResult) -> Result<bool, DeskFault> {
    Ok(sql::column::<i64>(row, "restricted")? == 1)
}

/// All plans. Nothing is logged: whoever shows some notes how many, in the same transaction.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn all<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
) -> Result<Plans, DeskFault> {
    let text = format!("{SELECT} WHERE plan.chapter = $1 ORDER BY plan.made_at, plan.id");
    let mut plans = Plans::default();
    for row in sql::all(connection, &text, values![chapter.id]).await? {
        if is_restricted(&row)? {
            plans.held_back += 1;
        } else {
            plans.all.push(read(vault, chapter, &row)?);
        }
    }
    Ok(plans)
}

/// One plan; `None` for an unknown one, an erased one, and one that is held back.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn get<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    id: &Person,
) -> Result<Option<Sponsorship>, DeskFault> {
    let text = format!("{SELECT} WHERE plan.chapter = $1 AND plan.id = $2");
    let row = sql::one(connection, &text, values![chapter.id, id.as_str()]).await?;
    match row {
        Some(row) if !is_restricted(&row)? => read(vault, chapter, &row).map(Some),
        _ => Ok(None),
    }
}

fn blind(vault: &Vault, code: &ReceiptCode) -> Vec<u8> {
    vault.blind("sponsorship-code", &[code.as_str().as_bytes()]).to_vec()
}

/// Where the plan is whose page a code opens: the row of its chapter, and its identifier.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn of_code<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    code: &ReceiptCode,
) -> Result<Option<(i64, Person)>, DeskFault> {
    let text = "SELECT chapter, id FROM desk_sponsorships WHERE code = $1";
    let row = sql::one(connection, text, values![blind(vault, code)]).await?;
    row.map(|row| Ok((sql::column(&row, "chapter")?, sql::parsed(&row, TABLE, "id")?))).transpose()
}

/// Which family of the register each name of a plan means.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn families<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
) -> Result<BTreeMap<Person, Person>, DeskFault> {
    let text = "SELECT own.family, own.sealed, vault_keys.wrapped FROM desk_sponsored AS own \
         JOIN desk_persons AS person ON person.chapter = own.chapter AND person.id = own.family \
         JOIN vault_keys ON vault_keys.chapter = person.chapter \
         AND vault_keys.subject = person.subject WHERE own.chapter = $1";
    let mut all = BTreeMap::new();
    for row in sql::all(connection, text, values![chapter.id]).await? {
        let family: Person = sql::parsed(&row, FAMILIES, "family")?;
        let (wrapped, sealed): (Vec<u8>, Vec<u8>) =
            (sql::column(&row, "wrapped")?, sql::column(&row, "sealed")?);
        let subject = Subject::Person(family.clone());
        let plain = vault.open_with(chapter, &subject, NAME, (&wrapped, &sealed))?;
        let name = std::str::from_utf8(&plain).ok().and_then(|name| name.parse().ok());
        let name = name.ok_or_else(|| DeskFault::damaged(FAMILIES, "a name out of its form"))?;
        all.insert(name, family);
    }
    Ok(all)
}

/// The families of plans whose values are not held back.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn supported<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<BTreeSet<Person>, DeskFault> {
    let text = "SELECT DISTINCT own.family FROM desk_sponsored AS own \
         JOIN desk_persons AS person ON person.chapter = own.chapter AND person.id = own.family \
         JOIN vault_keys ON vault_keys.chapter = person.chapter \
         AND vault_keys.subject = person.subject \
         WHERE own.chapter = $1 AND vault_keys.restricted = 0";
    let rows = sql::all(connection, text, values![chapter.id]).await?;
    rows.iter().map(|row| sql::parsed(row, FAMILIES, "family")).collect()
}

async fn sealed<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (sponsor, plan): (&Person, &Plan),
    now: DateTime<Utc>,
) -> Result<Vec<u8>, DeskFault> {
    plan.check()?;
    let plain = serde_json::to_vec(plan).map(Zeroizing::new);
    let plain = plain.map_err(|_| DeskFault::damaged(TABLE, "a plan that is no JSON"))?;
    let subject = Subject::Person(sponsor.clone());
    vault.seal_note(connection, chapter, &subject, LABEL, &plain, now).await
}

/// Names families for plans.
async fn name_families<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    named: &[(Person, Person)],
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    for (name, family) in named {
        let subject = Subject::Person(family.clone());
        let bytes = name.as_str().as_bytes();
        let sealed = vault.seal_note(connection, chapter, &subject, NAME, bytes, now).await?;
        let id = new_opaque_id().map_err(|_| DeskFault::Randomness)?;
        let text = "INSERT INTO desk_sponsored (chapter, id, family, sealed) \
             SELECT $1, $2, person.id, $4 FROM desk_persons AS person \
             WHERE person.chapter = $1 AND person.id = $3 AND person.role = 'family'";
        let values = values![chapter.id, id, family.as_str(), sealed];
        if sql::execute(connection, text, values).await? != 1 {
            return Err(DeskRefusal::Gone.into());
        }
    }
    Ok(())
}

/// Who a new plan is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sponsor {
    /// A donor of the register.
    Known(Person),
    /// Somebody who is entered with the plan.
    New(Box<register::Record>),
}

/// Makes a plan under an identifier of the caller's; `false` when it is there already, as after a
/// second click. `named`: what the plan calls each family, and the family.
///
/// # Errors
/// [`DeskRefusal::Gone`] for a sponsor or a family that is not in the register;
/// [`DeskRefusal::TextLength`].
pub async fn make<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (id, sponsor, plan, named): (&Person, &Sponsor, &Plan, &[(Person, Person)]),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "SELECT id FROM desk_sponsorships WHERE chapter = $1 AND id = $2";
    if sql::one(connection, text, values![chapter.id, id.as_str()]).await?.is_some() {
        return Ok(false);
    }
    let sponsor = match sponsor {
        Sponsor::Known(person) => person.clone(),
        Sponsor::New(record) => {
            let role = Role::Donor;
            register::enter(connection, vault, chapter, role, record, officer, now).await?
        }
    };
    let sealed = sealed(connection, vault, chapter, (&sponsor, plan), now).await?;
    let text = "INSERT INTO desk_sponsorships (chapter, id, sponsor, sealed, version, turn, \
         made_by, made_at) SELECT $1, $2, person.id, $4, 0, 0, $5, $6 \
         FROM desk_persons AS person \
         WHERE person.chapter = $1 AND person.id = $3 AND person.role = 'donor'";
    let values = values![
        chapter.id,
        id.as_str(),
        sponsor.as_str(),
        sealed,
        officer.as_str(),
        now.timestamp(),
    ];
    if sql::execute(connection, text, values).await? != 1 {
        return Err(DeskRefusal::Gone.into());
    }
    name_families(connection, vault, chapter, named, now).await?;
    Ok(true)
}

/// Replaces a plan, if nobody changed it since the version of `own`.
///
/// # Errors
/// [`DeskRefusal::PlanMoved`], [`DeskRefusal::TextLength`], [`DeskRefusal::Gone`].
pub async fn change<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (own, named): (&Sponsorship, &[(Person, Person)]),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let changed = Some(Changed { by: officer.clone(), at: now.timestamp() });
    let plan = Plan { changed, ..own.plan.clone() };
    let sealed = sealed(connection, vault, chapter, (&own.sponsor, &plan), now).await?;
    let text = "UPDATE desk_sponsorships SET sealed = $1, version = version + 1 \
         WHERE chapter = $2 AND id = $3 AND version = $4";
    let values = values![sealed, chapter.id, own.id.as_str(), sql::signed(own.version)];
    if sql::execute(connection, text, values).await? != 1 {
        return Err(DeskRefusal::PlanMoved.into());
    }
    name_families(connection, vault, chapter, named, now).await
}

/// Makes a new code of the sponsor's page, or none any more: the one before opens nothing.
///
/// # Errors
/// [`DeskRefusal::PlanMoved`].
pub async fn turn_code<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (id, version, open): (&Person, u64, bool),
    receipt_key: &[u8; 32],
) -> Result<(), DeskFault> {
    let text = "UPDATE desk_sponsorships SET version = version + 1, turn = turn + 1, code = NULL \
         WHERE chapter = $1 AND id = $2 AND version = $3";
    let values = values![chapter.id, id.as_str(), sql::signed(version)];
    if sql::execute(connection, text, values).await? != 1 {
        return Err(DeskRefusal::PlanMoved.into());
    }
    if !open {
        return Ok(());
    }
    let text = "SELECT turn FROM desk_sponsorships WHERE chapter = $1 AND id = $2";
    let row = sql::one(connection, text, values![chapter.id, id.as_str()]).await?;
    let row = row.ok_or(DeskRefusal::PlanMoved)?;
    let turn = sql::unsigned(&row, TABLE, "turn")?.unwrap_or_default();
    let blind = blind(vault, &code(receipt_key, chapter, id, turn));
    let text = "UPDATE desk_sponsorships SET code = $1 WHERE chapter = $2 AND id = $3";
    sql::execute(connection, text, values![blind, chapter.id, id.as_str()]).await.map(drop)
}

#[cfg(test)]
mod tests;
