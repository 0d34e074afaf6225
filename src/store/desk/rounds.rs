//! Rounds of distribution: a programme, its code, a day, and whoever is on the list.
//!
//! A list may be changed until vouchers are made of it; from then on it is frozen, until all of
//! them were sent back or withdrawn. Whom a voucher of a round serves stands in
//! `desk_round_lines`, whether it came from a list or from a slip: nobody is served twice in a
//! round unless a private value of the voucher, under that family's own key, says why.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};

use super::drafts::{Draft, State};
use super::sql::{self, values};
use super::vault::{PrivateValue, Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal, register};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Body, VoucherId};
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;

const TABLE: &str = "desk_rounds";
const FAMILIES: &str = "desk_round_families";
const REASON: &str = "round-reason";
const LONGEST_REASON: usize = 200;

/// What is known of a round beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The programme.
    pub programme: Code,
    /// The round's code, which its vouchers bear.
    pub round: Code,
    /// The business date of its vouchers.
    pub date: Date,
    /// Where the money comes from.
    pub place: Code,
    /// Whose money it is.
    pub fund: Code,
    /// What each family gets unless its line says otherwise; 0 for none.
    pub amount: Money,
}

/// A round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// The opaque identifier.
    pub id: Person,
    /// What it is.
    pub terms: Terms,
    /// How often it was changed.
    pub version: u64,
    /// Who made it.
    pub made_by: Person,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Families on its list.
    pub families: u64,
    /// What they get together.
    pub total: Money,
    /// Families that a voucher of it serves, waiting or recorded.
    pub served: u64,
}

impl Round {
    /// Whether the list can't be changed.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.served > 0
    }
}

/// A family on the list of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundLine {
    /// The family.
    pub family: Person,
    /// What it gets.
    pub amount: Money,
    /// Why it is served again, in clear; `None` also for a family that is held back.
    pub reason: Option<String>,
    /// The voucher that serves it.
    pub voucher: Option<VoucherId>,
    /// Whether that voucher waits or is recorded.
    pub served: bool,
}

const SELECT: &str = "SELECT round.id, round.programme, round.round, round.date, round.place, \
     round.fund, round.amount, round.version, round.made_by, round.made_at, \
     COUNT(own.family) AS families, CAST(COALESCE(SUM(own.amount), 0) AS BIGINT) AS total, \
     COUNT(line.family) AS served \
     FROM desk_rounds AS round LEFT JOIN desk_round_families AS own \
     ON own.chapter = round.chapter AND own.id = round.id \
     LEFT JOIN desk_round_lines AS line ON line.chapter = own.chapter \
     AND line.programme = round.programme AND line.round = round.round \
     AND line.family = own.family AND line.voucher = own.voucher \
     WHERE round.chapter = $1";
const GROUP: &str = "GROUP BY round.chapter, round.id, round.programme, round.round, round.date, \
     round.place, round.fund, round.amount, round.version, round.made_by, round.made_at";

fn read(row: &QueryResult) -> Result<Round, DeskFault> {
    let number = |name| sql::unsigned(row, TABLE, name).map(Option::unwrap_or_default);
    let money = |name: &str| -> Result<Money, DeskFault> {
        Money::new(sql::column(row, name)?).ok_or_else(|| DeskFault::damaged(TABLE, "amount"))
    };
    Ok(Round {
        id: sql::parsed(row, TABLE, "id")?,
        terms: Terms {
            programme: sql::parsed(row, TABLE, "programme")?,
            round: sql::parsed(row, TABLE, "round")?,
            date: sql::parsed(row, TABLE, "date")?,
            place: sql::parsed(row, TABLE, "place")?,
            fund: sql::parsed(row, TABLE, "fund")?,
            amount: money("amount")?,
        },
        version: number("version")?,
        made_by: sql::parsed(row, TABLE, "made_by")?,
        made_at: sql::moment(row, TABLE, "made_at")?,
        families: number("families")?,
        total: money("total")?,
        served: number("served")?,
    })
}

/// All rounds, the newest day first.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn all<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Vec<Round>, DeskFault> {
    let text = format!("{SELECT} {GROUP} ORDER BY round.date DESC, round.made_at DESC, round.id");
    sql::all(connection, &text, values![chapter.id]).await?.iter().map(read).collect()
}

/// One round.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn get<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
) -> Result<Option<Round>, DeskFault> {
    let text = format!("{SELECT} AND round.id = $2 {GROUP}");
    let row = sql::one(connection, &text, values![chapter.id, id.as_str()]).await?;
    row.map(|row| read(&row)).transpose()
}

/// The families on the list of a round; reasons in clear.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn lines<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    id: &Person,
) -> Result<Vec<RoundLine>, DeskFault> {
    let text = "SELECT own.family, own.amount, own.sealed_reason, own.voucher, \
         line.voucher AS now, vault_keys.wrapped, vault_keys.restricted \
         FROM desk_round_families AS own JOIN desk_rounds AS round \
         ON round.chapter = own.chapter AND round.id = own.id \
         JOIN desk_persons AS person ON person.chapter = own.chapter AND person.id = own.family \
         JOIN vault_keys ON vault_keys.chapter = person.chapter \
         AND vault_keys.subject = person.subject \
         LEFT JOIN desk_round_lines AS line ON line.chapter = own.chapter \
         AND line.programme = round.programme AND line.round = round.round \
         AND line.family = own.family AND line.voucher = own.voucher \
         WHERE own.chapter = $1 AND own.id = $2 ORDER BY own.family";
    let rows = sql::all(connection, text, values![chapter.id, id.as_str()]).await?;
    rows.iter().map(|row| line(vault, chapter, row)).collect()
}

fn line(vault: &Vault, chapter: &Chapter, row: &QueryResult) -> Result<RoundLine, DeskFault> {
    let family: Person = sql::parsed(row, FAMILIES, "family")?;
    let amount = Money::new(sql::column(row, "amount")?);
    let sealed: Option<Vec<u8>> = sql::column(row, "sealed_reason")?;
    let free = sql::column::<i64>(row, "restricted")? == 0;
    let reason = match sealed.filter(|_| free) {
        None => None,
        Some(sealed) => {
            let wrapped: Vec<u8> = sql::column(row, "wrapped")?;
            let subject = Subject::Person(family.clone());
            let plain = vault.open_with(chapter, &subject, REASON, (&wrapped, &sealed))?;
            Some(String::from_utf8_lossy(&plain).into_owned())
        }
    };
    let voucher: Option<String> = sql::column(row, "voucher")?;
    let now: Option<String> = sql::column(row, "now")?;
    Ok(RoundLine {
        family,
        amount: amount.ok_or_else(|| DeskFault::damaged(FAMILIES, "amount"))?,
        reason,
        voucher: voucher
            .map(|id| id.parse().map_err(|fault| DeskFault::damaged(FAMILIES, fault)))
            .transpose()?,
        served: now.is_some(),
    })
}

/// Makes a round under an identifier of the caller's; again, nothing changes.
///
/// # Errors
/// [`DeskRefusal::RoundTaken`] when another one has this programme and code.
pub async fn make<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (id, terms): (&Person, &Terms),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "INSERT INTO desk_rounds (chapter, id, programme, round, date, place, fund, amount, \
         version, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10) \
         ON CONFLICT DO NOTHING";
    let values = values![
        chapter.id,
        id.as_str(),
        terms.programme.as_str(),
        terms.round.as_str(),
        terms.date.to_string(),
        terms.place.as_str(),
        terms.fund.as_str(),
        terms.amount.minor(),
        officer.as_str(),
        now.timestamp(),
    ];
    if sql::execute(connection, text, values).await? == 1 {
        return Ok(());
    }
    match get(connection, chapter, id).await? {
        Some(_) => Ok(()),
        None => Err(DeskRefusal::RoundTaken.into()),
    }
}

/// The round as it is, for a change from `version`; counts the change.
async fn touch<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (id, version): (&Person, u64),
) -> Result<Round, DeskFault> {
    let text = "UPDATE desk_rounds SET version = version + 1 \
         WHERE chapter = $1 AND id = $2 AND version = $3";
    let values = values![chapter.id, id.as_str(), sql::signed(version)];
    if sql::execute(connection, text, values).await? != 1 {
        return Err(DeskRefusal::RoundMoved.into());
    }
    get(connection, chapter, id).await?.ok_or_else(|| DeskRefusal::RoundMoved.into())
}

async fn open_list<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    of: (&Person, u64),
) -> Result<Round, DeskFault> {
    let round = touch(connection, chapter, of).await?;
    if round.is_frozen() { Err(DeskRefusal::RoundFrozen.into()) } else { Ok(round) }
}

/// Changes day, place, fund and amount of a round whose list is open; programme and code stay.
///
/// # Errors
/// [`DeskRefusal::RoundMoved`], [`DeskRefusal::RoundFrozen`].
pub async fn change<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    of: (&Person, u64),
    terms: &Terms,
) -> Result<(), DeskFault> {
    open_list(connection, chapter, of).await?;
    let text = "UPDATE desk_rounds SET date = $1, place = $2, fund = $3, amount = $4 \
         WHERE chapter = $5 AND id = $6";
    let values = values![
        terms.date.to_string(),
        terms.place.as_str(),
        terms.fund.as_str(),
        terms.amount.minor(),
        chapter.id,
        of.0.as_str(),
    ];
    sql::execute(connection, text, values).await.map(drop)
}

/// Throws a round away of which no voucher waits or is recorded, with its list.
///
/// # Errors
/// [`DeskRefusal::RoundMoved`], [`DeskRefusal::RoundFrozen`].
pub async fn discard<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    of: (&Person, u64),
) -> Result<(), DeskFault> {
    open_list(connection, chapter, of).await?;
    let text = "DELETE FROM desk_rounds WHERE chapter = $1 AND id = $2";
    sql::execute(connection, text, values![chapter.id, of.0.as_str()]).await.map(drop)
}

/// A family to put on a list, or whose line is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The family.
    pub family: Person,
    /// What it gets.
    pub amount: Money,
    /// Why it is served again.
    pub reason: Option<String>,
}

/// Puts families on the list or changes their lines, and takes others off it.
///
/// # Errors
/// [`DeskRefusal::RoundMoved`], [`DeskRefusal::RoundFrozen`], [`DeskRefusal::ServedInRound`] for
/// families that another voucher serves in this round, without a reason;
/// [`DeskRefusal::TextLength`], [`DeskRefusal::Gone`].
pub async fn place<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    of: (&Person, u64),
    (placed, taken_off): (&[Placed], &[Person]),
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let Terms { programme, round, .. } = open_list(connection, chapter, of).await?.terms;
    for family in taken_off {
        let text = "DELETE FROM desk_round_families WHERE chapter = $1 AND id = $2 AND family = $3";
        let values = values![chapter.id, of.0.as_str(), family.as_str()];
        sql::execute(connection, text, values).await?;
    }
    let families: Vec<Person> = placed.iter().map(|placed| placed.family.clone()).collect();
    let served =
        register::served_in_round(connection, chapter, &programme, &round, &families).await?;
    let silent = placed.iter().filter(|placed| placed.reason.is_none());
    let silent = silent.filter(|placed| served.contains(&placed.family)).count();
    if silent > 0 {
        return Err(DeskRefusal::ServedInRound(silent).into());
    }
    for Placed { family, amount, reason } in placed {
        let sealed = match reason.as_deref().map(str::trim) {
            None => None,
            Some(reason) if (1..=LONGEST_REASON).contains(&reason.chars().count()) => {
                let subject = Subject::Person(family.clone());
                let bytes = reason.as_bytes();
                let sealed = vault.seal_note(connection, chapter, &subject, REASON, bytes, now);
                Some(sealed.await?)
            }
            Some(_) => return Err(DeskRefusal::TextLength("reason", LONGEST_REASON).into()),
        };
        let text = "INSERT INTO desk_round_families (chapter, id, family, amount, sealed_reason) \
             SELECT $1, $2, person.id, $4, $5 FROM desk_persons AS person \
             WHERE person.chapter = $1 AND person.id = $3 AND person.role = 'family' \
             ON CONFLICT (chapter, id, family) DO UPDATE SET amount = excluded.amount, \
             sealed_reason = excluded.sealed_reason, voucher = NULL";
        let values = values![chapter.id, of.0.as_str(), family.as_str(), amount.minor(), sealed];
        if sql::execute(connection, text, values).await? != 1 {
            return Err(DeskRefusal::Gone.into());
        }
    }
    Ok(())
}

/// Counts a change of a round from which vouchers are made, of whichever families are not served.
///
/// # Errors
/// [`DeskRefusal::RoundMoved`].
pub async fn freeze<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    of: (&Person, u64),
) -> Result<Round, DeskFault> {
    touch(connection, chapter, of).await
}

/// Notes which voucher serves families of a list.
///
/// # Errors
/// [`DeskRefusal::RoundMoved`] for a family that is not on it any more.
pub async fn assign<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
    voucher: &VoucherId,
    families: &[Person],
) -> Result<(), DeskFault> {
    for family in families {
        let text = "UPDATE desk_round_families SET voucher = $1 \
             WHERE chapter = $2 AND id = $3 AND family = $4";
        let values = values![voucher.as_str(), chapter.id, id.as_str(), family.as_str()];
        if sql::execute(connection, text, values).await? != 1 {
            return Err(DeskRefusal::RoundMoved.into());
        }
    }
    Ok(())
}

/// Whom other vouchers of a round serve.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn served_by_others<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (programme, round): (&Code, &Code),
    voucher: &VoucherId,
) -> Result<BTreeSet<Person>, DeskFault> {
    let text = "SELECT DISTINCT family FROM desk_round_lines \
         WHERE chapter = $1 AND programme = $2 AND round = $3 AND voucher <> $4";
    let values = values![chapter.id, programme.as_str(), round.as_str(), voucher.as_str()];
    let rows = sql::all(connection, text, values).await?;
    rows.iter().map(|row| sql::parsed(row, "desk_round_lines", "family")).collect()
}

/// Notes whom a waiting voucher of a round serves, as its private values say, whether it came from
/// a list or was typed. Whom another voucher of the round serves already needs a reason among these
/// values.
///
/// # Errors
/// [`DeskRefusal::ServedInRound`].
pub async fn note_served<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    draft: &Draft,
    private: &[PrivateValue],
) -> Result<(), DeskFault> {
    let Body::AidPaid(body) = &draft.voucher.body else { return Ok(()) };
    let Some(round) = body.round.as_ref().filter(|_| draft.state == State::Waiting) else {
        return Ok(());
    };
    let of = |wanted: PrivateName| -> BTreeSet<Person> {
        let named = private.iter().filter(|value| value.disclosure.name() == wanted);
        named
            .filter_map(|value| match &value.subject {
                Subject::Person(person) => Some(person.clone()),
                _ => None,
            })
            .collect()
    };
    let (families, excused) = (of(PrivateName::FullName), of(PrivateName::Words));
    let (programme, id) = (&body.programme, &draft.voucher.id);
    let served = served_by_others(connection, chapter, (programme, round), id).await?;
    let again = families.intersection(&served).filter(|family| !excused.contains(*family));
    let silent = again.count();
    if silent > 0 {
        return Err(DeskRefusal::ServedInRound(silent).into());
    }
    let families: Vec<Person> = families.into_iter().collect();
    register::note_lines(connection, chapter, programme, round, id, &families).await
}

#[cfg(test)]
mod tests;
