//! Rounds of distribution: a programme, its code, a day, and whoever is on the list, with money,
//! goods, or both.
//!
//! A list may be changed until vouchers are made of it; from then on it is frozen, until all of
//! them were sent back or withdrawn. Whom a voucher of a round serves stands in
//! `desk_round_lines`, whether it came from a list or from a slip: nobody is served twice in a
//! round unless a private value of the voucher, under that family's own key, says why. The voucher
//! of money and the one of goods that a list makes serve it once. Who did not come is marked with
//! the voucher that brings its part back, and may be served again when that one is recorded.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};

use super::drafts::{Draft, State};
use super::register::STANDING;
use super::sql::{self, values};
use super::vault::{PrivateValue, Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal, register};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::voucher::{Body, Items, Kind, VoucherId};
use crate::ledger::word::{Code, Date, Person};
use crate::money::Money;

mod absent;

pub use absent::{absent_before, note_returned};

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
    /// The goods that each family gets.
    pub goods: Option<Goods>,
}

/// Goods that each family gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// Where they come from.
    pub store: Code,
    /// Whose they are.
    pub fund: Code,
    /// Each item with its quantity.
    pub items: Items,
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
    /// Its money.
    pub money: Part,
    /// Its goods.
    pub goods: Part,
}

/// Money or goods of a family on a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The voucher that serves it.
    pub voucher: Option<VoucherId>,
    /// Whether that voucher waits or is recorded, and nothing brought this part back.
    pub served: bool,
    /// The voucher that brings it back as the family did not come, waiting or recorded.
    pub returned: Option<VoucherId>,
}

impl RoundLine {
    /// Whether a voucher of money is to be made for it.
    #[must_use]
    pub const fn lacks_money(&self) -> bool {
        self.amount.is_positive() && !self.money.served
    }

    /// Whether a voucher of goods is to be made for it.
    #[must_use]
    pub const fn lacks_goods(&self, terms: &Terms) -> bool {
        terms.goods.is_some() && !self.goods.served
    }

    /// Whether anything of it comes back, or came.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.money.returned.is_some() || self.goods.returned.is_some()
    }
}

const SELECT: &str = "SELECT round.id, round.programme, round.round, round.date, round.place, \
     round.fund, round.amount, round.store, round.goods_fund, round.items, round.version, \
     round.made_by, round.made_at, COUNT(own.family) AS families, \
     CAST(COALESCE(SUM(own.amount), 0) AS BIGINT) AS total, \
     COUNT(COALESCE(line.family, given.family)) AS served \
     FROM desk_rounds AS round LEFT JOIN desk_round_families AS own \
     ON own.chapter = round.chapter AND own.id = round.id \
     LEFT JOIN desk_round_lines AS line ON line.chapter = own.chapter \
     AND line.programme = round.programme AND line.round = round.round \
     AND line.family = own.family AND line.voucher = own.voucher \
     LEFT JOIN desk_round_lines AS given ON given.chapter = own.chapter \
     AND given.programme = round.programme AND given.round = round.round \
     AND given.family = own.family AND given.voucher = own.goods_voucher \
     WHERE round.chapter = $1";
const GROUP: &str = "GROUP BY round.chapter, round.id, round.programme, round.round, round.date, \
     round.place, round.fund, round.amount, round.store, round.goods_fund, round.items, \
     round.version, round.made_by, round.made_at";

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
            goods: goods(row)?,
        },
        version: number("version")?,
        made_by: sql::parsed(row, TABLE, "made_by")?,
        made_at: sql::moment(row, TABLE, "made_at")?,
        families: number("families")?,
        total: money("total")?,
        served: number("served")?,
    })
}

/// The goods of a round: store, fund and items are there together, or none is.
fn goods(row: &QueryResult) -> Result<Option<Goods>, DeskFault> {
    let Some(items) = sql::column::<Option<String>>(row, "items")? else { return Ok(None) };
    let items = serde_json::from_str(&items).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
    let (store, fund) = (sql::parsed(row, TABLE, "store")?, sql::parsed(row, TABLE, "goods_fund")?);
    Ok(Some(Goods { store, fund, items }))
}

/// Store, fund and items as the database keeps them.
fn goods_written(terms: &Terms) -> Result<[Option<String>; 3], DeskFault> {
    let Some(Goods { store, fund, items }) = &terms.goods else { return Ok([None, None, None]) };
    let items = serde_json::to_string(items).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
    Ok([Some(store.to_string()), Some(fund.to_string()), Some(items)])
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
    let text = "SELECT own.family, own.amount, own.sealed_reason, own.voucher, own.goods_voucher, \
         line.voucher AS now, line.returned, back.id AS came_back, given.voucher AS given_now, \
         given.returned AS goods_returned, goods_back.id AS goods_came_back, \
         vault_keys.wrapped, vault_keys.restricted \
         FROM desk_round_families AS own JOIN desk_rounds AS round \
         ON round.chapter = own.chapter AND round.id = own.id \
         JOIN desk_persons AS person ON person.chapter = own.chapter AND person.id = own.family \
         JOIN vault_keys ON vault_keys.chapter = person.chapter \
         AND vault_keys.subject = person.subject \
         LEFT JOIN desk_round_lines AS line ON line.chapter = own.chapter \
         AND line.programme = round.programme AND line.round = round.round \
         AND line.family = own.family AND line.voucher = own.voucher \
         LEFT JOIN desk_drafts AS back ON back.chapter = line.chapter \
         AND back.id = line.returned AND back.state = 'recorded' \
         LEFT JOIN desk_round_lines AS given ON given.chapter = own.chapter \
         AND given.programme = round.programme AND given.round = round.round \
         AND given.family = own.family AND given.voucher = own.goods_voucher \
         LEFT JOIN desk_drafts AS goods_back ON goods_back.chapter = given.chapter \
         AND goods_back.id = given.returned AND goods_back.state = 'recorded' \
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
    Ok(RoundLine {
        family,
        amount: amount.ok_or_else(|| DeskFault::damaged(FAMILIES, "amount"))?,
        reason,
        money: part(row, ["voucher", "now", "returned", "came_back"])?,
        goods: part(row, ["goods_voucher", "given_now", "goods_returned", "goods_came_back"])?,
    })
}

/// A part of a line: its voucher, whether that serves the family, what brings it back, whether it
/// came back.
fn part(row: &QueryResult, [voucher, now, returned, back]: [&str; 4]) -> Result<Part, DeskFault> {
    let id = |name| -> Result<Option<VoucherId>, DeskFault> {
        let text: Option<String> = sql::column(row, name)?;
        let id = text.map(|id| id.parse().map_err(|fault| DeskFault::damaged(FAMILIES, fault)));
        id.transpose()
    };
    let served = id(now)?.is_some() && id(back)?.is_none();
    Ok(Part { voucher: id(voucher)?, served, returned: id(returned)? })
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
         version, made_by, made_at, store, goods_fund, items) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13) \
         ON CONFLICT DO NOTHING";
    let [store, goods_fund, items] = goods_written(terms)?;
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
        store,
        goods_fund,
        items,
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

/// Changes day, place, fund, amount and goods of a round whose list is open; programme and code
/// stay.
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
    let text = "UPDATE desk_rounds SET date = $1, place = $2, fund = $3, amount = $4, store = $7, \
         goods_fund = $8, items = $9 WHERE chapter = $5 AND id = $6";
    let [store, goods_fund, items] = goods_written(terms)?;
    let values = values![
        terms.date.to_string(),
        terms.place.as_str(),
        terms.fund.as_str(),
        terms.amount.minor(),
        chapter.id,
        of.0.as_str(),
        store,
        goods_fund,
        items,
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
             sealed_reason = excluded.sealed_reason, voucher = NULL, goods_voucher = NULL";
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

/// Notes which voucher serves families of a list; one of goods beside one of money.
///
/// # Errors
/// [`DeskRefusal::RoundMoved`] for a family that is not on it any more.
pub async fn assign<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
    (voucher, kind): (&VoucherId, Kind),
    families: &[Person],
) -> Result<(), DeskFault> {
    let text = match kind {
        Kind::GoodsDistributed => {
            "UPDATE desk_round_families SET goods_voucher = $1 \
             WHERE chapter = $2 AND id = $3 AND family = $4"
        }
        _ => {
            "UPDATE desk_round_families SET voucher = $1 \
             WHERE chapter = $2 AND id = $3 AND family = $4"
        }
    };
    for family in families {
        let values = values![voucher.as_str(), chapter.id, id.as_str(), family.as_str()];
        if sql::execute(connection, text, values).await? != 1 {
            return Err(DeskRefusal::RoundMoved.into());
        }
    }
    Ok(())
}

/// Whom other vouchers of a round serve. The voucher of money and the one of goods that a list
/// makes for a family are not each other's.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn served_by_others<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (programme, round): (&Code, &Code),
    voucher: &VoucherId,
) -> Result<BTreeSet<Person>, DeskFault> {
    let text = format!(
        "SELECT DISTINCT line.family FROM desk_round_lines AS line \
         WHERE line.chapter = $1 AND line.programme = $2 AND line.round = $3 \
         AND line.voucher <> $4 AND {STANDING} AND NOT EXISTS (SELECT 1 \
         FROM desk_round_families AS own JOIN desk_rounds AS round \
         ON round.chapter = own.chapter AND round.id = own.id \
         WHERE own.chapter = line.chapter AND own.family = line.family \
         AND round.programme = line.programme AND round.round = line.round \
         AND ((own.voucher = line.voucher AND own.goods_voucher = $4) \
         OR (own.goods_voucher = line.voucher AND own.voucher = $4)))"
    );
    let values = values![chapter.id, programme.as_str(), round.as_str(), voucher.as_str()];
    let rows = sql::all(connection, &text, values).await?;
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
    let (programme, round) = match &draft.voucher.body {
        Body::AidPaid(body) => (&body.programme, body.round.as_ref()),
        Body::GoodsDistributed(body) => (&body.programme, body.round.as_ref()),
        _ => return Ok(()),
    };
    let Some(round) = round.filter(|_| draft.state == State::Waiting) else { return Ok(()) };
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
    let id = &draft.voucher.id;
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
