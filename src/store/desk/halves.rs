//! Between the right passphrase and the code of the second device: a half session.
//!
//! It is no session: it stands in a table of its own under a cookie of its own, opens no page of
//! the desk, and ends after five minutes, with the first right code, or with everything else that
//! ends its officer's sessions. The opened seed waits in it sealed under the cookie, as in a
//! session, so the passphrase is typed once.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::accounts::{self, Account};
use super::cipher::Context;
use super::factors::{self, Accepted, OneTime, RecoveryCode};
use super::sealing::key_of_seed;
use super::security::{self, Event, Failure, Who};
use super::sessions::{self, Cookie, Place};
use super::sql::{self, values};
use super::throttle::Try;
use super::vault::Vault;
use super::{Chapter, DeskFault};
use crate::ledger::keys::SigningKey;
use crate::ledger::word::Person;

const TABLE: &str = "desk_half_sessions";

/// A half session of this age has ended.
pub const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// The value of its cookie, which no page of the desk looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HalfCookie(Cookie);

impl HalfCookie {
    /// Reads a cookie's value; `None` for anything that was never one.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        Cookie::parse(value).map(Self)
    }

    /// The value to set.
    #[must_use]
    pub fn value(&self) -> Zeroizing<String> {
        self.0.value()
    }

    /// Who holds the secret that is set up in this half session.
    #[must_use]
    pub(in crate::store) const fn holder(&self) -> &Cookie {
        &self.0
    }
}

/// A half session that has not ended.
#[derive(Clone, Debug)]
pub struct Half {
    /// Whose passphrase was right.
    pub account: Account,
    /// Whether codes are asked for already; otherwise a device has to be set up first.
    pub has_device: bool,
    place: Place,
    id: [u8; 32],
    sealed_seed: Option<Vec<u8>>,
}

fn seed_context(chapter: &Chapter, account: &Account, id: &[u8; 32]) -> Context {
    let key = &account.key;
    let parts: [&[u8]; 4] =
        [chapter.identity.as_str().as_bytes(), key.name().as_bytes(), key.bytes(), id];
    Context::new("half-seed", &parts)
}

const KEY: &str = "minhbach/half-seed/v1";

/// Begins one, behind a right passphrase; the answer is the cookie's only copy.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Randomness`].
pub async fn start<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
    (key, place): (Option<&SigningKey>, &Place),
    now: DateTime<Utc>,
) -> Result<HalfCookie, DeskFault> {
    let cookie = Cookie::random()?;
    let id = cookie.id();
    let context = seed_context(chapter, account, &id);
    let sealed = key.map(|key| cookie.key_for(KEY).seal(&context, key.seed())).transpose();
    let text = "INSERT INTO desk_half_sessions (id, chapter, account, sealed_seed, device, \
         network, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = values![
        id.to_vec(),
        chapter.id,
        account.id.as_str(),
        sealed.map_err(DeskFault::sealed(TABLE))?,
        place.device.as_str(),
        place.network.as_str(),
        now.timestamp(),
    ];
    sql::execute(connection, text, values).await?;
    Ok(HalfCookie(cookie))
}

/// The chapter that a cookie is for: `None` when it is nobody's.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn chapter_id<C: ConnectionTrait>(
    connection: &C,
    cookie: &HalfCookie,
) -> Result<Option<i64>, DeskFault> {
    let text = "SELECT chapter FROM desk_half_sessions WHERE id = $1";
    let row = sql::one(connection, text, values![cookie.0.id().to_vec()]).await?;
    row.map(|row| sql::column(&row, "chapter")).transpose()
}

/// The half session of a cookie, unless it ended.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    cookie: &HalfCookie,
    now: DateTime<Utc>,
) -> Result<Option<Half>, DeskFault> {
    let id = cookie.0.id();
    let text = "SELECT account, sealed_seed, device, network, made_at FROM desk_half_sessions \
         WHERE id = $1 AND chapter = $2";
    let Some(row) = sql::one(connection, text, values![id.to_vec(), chapter.id]).await? else {
        return Ok(None);
    };
    let made_at = sql::moment(&row, TABLE, "made_at")?;
    let age = now - made_at;
    if age >= LONGEST || age < -TimeDelta::minutes(1) {
        return Ok(None);
    }
    let account: String = sql::column(&row, "account")?;
    let account = accounts::by_id(connection, chapter, &account).await?;
    let Some(account) = account.filter(|account| !account.disabled) else { return Ok(None) };
    let has_device = factors::status(connection, chapter, &account.id).await?.since.is_some();
    Ok(Some(Half {
        account,
        has_device,
        place: Place {
            device: sql::column(&row, "device")?,
            network: sql::column(&row, "network")?,
        },
        id,
        sealed_seed: sql::column(&row, "sealed_seed")?,
    }))
}

impl Half {
    /// Becomes a session: once. `None` where another request was first.
    async fn become_whole<C: ConnectionTrait>(
        &self,
        connection: &C,
        chapter: &Chapter,
        cookie: &HalfCookie,
        now: DateTime<Utc>,
    ) -> Result<Option<Cookie>, DeskFault> {
        let text = "DELETE FROM desk_half_sessions WHERE id = $1";
        if sql::execute(connection, text, values![self.id.to_vec()]).await? != 1 {
            return Ok(None);
        }
        let key = match &self.sealed_seed {
            None => None,
            Some(sealed) => {
                let context = seed_context(chapter, &self.account, &self.id);
                let seed = cookie.0.key_for(KEY).open(&context, sealed);
                let seed = seed.map_err(DeskFault::sealed(TABLE))?;
                let key = key_of_seed(&self.account.key, &seed);
                Some(key.map_err(|fault| DeskFault::damaged(TABLE, fault))?)
            }
        };
        let of = (key.as_ref(), &self.place);
        let whole = sessions::start(connection, chapter, &self.account, of, now).await?;
        let (who, place) = (Who::own(&self.account.person), self.place.to_string());
        security::note(connection, chapter, Event::SignedIn, who, &place, now).await?;
        Ok(Some(whole))
    }
}

/// What became of a second step.
#[derive(Debug)]
pub enum SecondStep {
    /// The half session ended, or never was: back to the passphrase.
    Over,
    /// Too many tries: so long to wait.
    Wait(TimeDelta),
    /// A wrong code, or one that was used: the page says the same words for both.
    Refused,
    /// The device's secret does not open under this vault key: only a recovery code opens.
    Unreadable,
    /// Signed in; with new recovery codes where a device was set up.
    Welcome(Cookie, Vec<RecoveryCode>),
}

/// The second step: the code of the device, or a recovery code. A wrong one counts like a wrong
/// passphrase; commit whatever it answers.
///
/// # Errors
/// [`DeskFault`] of the machine.
pub async fn prove<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (cookie, typed): (&HalfCookie, &OneTime),
    (peer, now): (IpAddr, DateTime<Utc>),
) -> Result<SecondStep, DeskFault> {
    let half = find(connection, chapter, cookie, now).await?.filter(|half| half.has_device);
    let Some(half) = half else { return Ok(SecondStep::Over) };
    let account = &half.account;
    let (name, person) = (&account.sign_in_name, &account.person);
    let attempt = match typed {
        OneTime::Code(_) => Try::code(chapter, name, peer),
        OneTime::Recovery(_) => Try::new(chapter, name, peer),
    };
    if let Err(wait) = attempt.count(connection, now).await? {
        security::failed(connection, chapter, Some(person), Failure::Waited, now).await?;
        return Ok(SecondStep::Wait(wait));
    }
    match factors::accept(connection, vault, chapter, account, typed, now).await? {
        Accepted::Yes => {}
        Accepted::No => {
            security::failed(connection, chapter, Some(person), Failure::Code, now).await?;
            return Ok(SecondStep::Refused);
        }
        Accepted::Unreadable => return Ok(SecondStep::Unreadable),
    }
    let whole = half.become_whole(connection, chapter, cookie, now).await?;
    let Some(whole) = whole else { return Ok(SecondStep::Over) };
    Try::code(chapter, name, peer).clear(connection, now).await?;
    Try::confirmation(chapter, person).clear(connection, now).await?;
    Try::confirmation_code(chapter, person).clear(connection, now).await?;
    if matches!(typed, OneTime::Recovery(_)) {
        let left = factors::status(connection, chapter, &account.id).await?.codes_left;
        let (who, left) = (Who::own(person), left.to_string());
        security::note(connection, chapter, Event::RecoveryUsed, who, &left, now).await?;
    }
    Ok(SecondStep::Welcome(whole, Vec::new()))
}

/// The second step of an officer who has to set up a device first: its first code, which ends every
/// other session of theirs.
///
/// # Errors
/// [`DeskFault`] of the machine.
pub async fn set_up<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (cookie, code): (&HalfCookie, &str),
    (peer, now): (IpAddr, DateTime<Utc>),
) -> Result<SecondStep, DeskFault> {
    // A device that is there is never replaced by whoever knows the passphrase alone.
    let half = find(connection, chapter, cookie, now).await?.filter(|half| !half.has_device);
    let Some(half) = half else { return Ok(SecondStep::Over) };
    let account = &half.account;
    let attempt = Try::code(chapter, &account.sign_in_name, peer);
    if let Err(wait) = attempt.count(connection, now).await? {
        return Ok(SecondStep::Wait(wait));
    }
    let of = (account, cookie.holder());
    let codes = factors::turn_on(connection, vault, chapter, of, code, now).await?;
    let Some(codes) = codes else { return Ok(SecondStep::Refused) };
    attempt.clear(connection, now).await?;
    let who = Who::own(&account.person);
    security::note(connection, chapter, Event::CodesOn, who, "", now).await?;
    let whole = half.become_whole(connection, chapter, cookie, now).await?;
    let Some(whole) = whole else { return Ok(SecondStep::Over) };
    sessions::end_others(connection, chapter, &account.person, &whole).await?;
    Ok(SecondStep::Welcome(whole, codes))
}

/// Ends every half session of a person.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn end_person<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM desk_half_sessions WHERE chapter = $1 AND account IN \
         (SELECT id FROM desk_accounts WHERE chapter = $1 AND person = $2)";
    sql::execute(connection, text, values![chapter.id, person.as_str()]).await
}

/// Removes those that ended by themselves.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sweep<C: ConnectionTrait>(
    connection: &C,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM desk_half_sessions WHERE made_at <= $1";
    sql::execute(connection, text, values![(now - LONGEST).timestamp()]).await
}

#[cfg(test)]
mod tests;
