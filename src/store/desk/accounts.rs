//! Desk accounts: who may sign in to a chapter, with which person's key.
//!
//! What an officer may do is in the ledger (roles, keys, persons); an account only says under
//! which name a person signs in and what their passphrase opens. There is no default account and
//! no way to set somebody's passphrase: a lost one means a new key, enrolled by the others.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryResult};

use super::factors::{Accepted, OneTime};
use super::halves::HalfCookie;
use super::invitations::LinkSecret;
use super::passphrase::Passphrase;
use super::sealing::{Cost, Lock, Opened, Sealer, SealingFault};
use super::security::{Event, Failure, Who};
use super::sessions::Place;
use super::sql::{self, values};
use super::throttle::Try;
use super::vault::Vault;
use super::{Chapter, DeskFault, DeskRefusal};
use super::{factor_resets, factors, halves, security, sessions, settings};
use crate::ledger::keys::{PublicKey, SigningKey, is_officer_key_name, new_opaque_id};
use crate::ledger::word::Person;

const TABLE: &str = "desk_accounts";

/// An account of one person at one chapter's desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identifier: 16 hex digits.
    pub id: String,
    /// The name typed to sign in, lower case.
    pub sign_in_name: String,
    /// The person, as the ledger calls them.
    pub person: Person,
    /// The officer's public key.
    pub key: PublicKey,
    /// What the passphrase locks.
    pub lock: Lock,
    /// Whether signing in is switched off.
    pub disabled: bool,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When the passphrase or the key was last changed.
    pub locked_at: DateTime<Utc>,
}

/// Brings a sign-in name to its form: trimmed, lower case, `[a-z0-9._-]`, 2 to 64 of them.
///
/// # Errors
/// [`DeskRefusal::NameForm`].
pub fn sign_in_name(typed: &str) -> Result<String, DeskRefusal> {
    let name = typed.trim().to_lowercase();
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    };
    let right = (2..=64).contains(&name.len()) && name.bytes().all(allowed);
    if right { Ok(name) } else { Err(DeskRefusal::NameForm) }
}

/// Makes an account for a person with a key of this chapter.
///
/// # Errors
/// [`DeskRefusal`]: form or use of the name, a second account, a foreign key.
pub async fn create<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    typed_name: &str,
    person: &Person,
    key: &PublicKey,
    lock: &Lock,
    now: DateTime<Utc>,
) -> Result<Account, DeskFault> {
    let name = sign_in_name(typed_name)?;
    require_own_key(chapter, key)?;
    let account = Account {
        id: new_opaque_id().map_err(|_| DeskFault::Randomness)?,
        sign_in_name: name,
        person: person.clone(),
        key: key.clone(),
        lock: lock.clone(),
        disabled: false,
        made_at: now,
        locked_at: now,
    };
    let text = "INSERT INTO desk_accounts (chapter, id, sign_in_name, person, vkey, cost, salt, \
         verifier, sealed_seed, made_at, locked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT DO NOTHING";
    let values = values![
        chapter.id,
        account.id.as_str(),
        account.sign_in_name.as_str(),
        person.as_str(),
        key.vkey(),
        lock.cost.to_string(),
        lock.salt.clone(),
        lock.verifier.clone(),
        lock.sealed_seed.clone(),
        now.timestamp(),
    ];
    if sql::execute(connection, text, values).await? == 1 {
        return Ok(account);
    }
    let taken = by_name(connection, chapter, &account.sign_in_name).await?.is_some();
    Err(if taken { DeskRefusal::NameTaken } else { DeskRefusal::HasAccount }.into())
}

fn require_own_key(chapter: &Chapter, key: &PublicKey) -> Result<(), DeskRefusal> {
    let own = is_officer_key_name(chapter.origin.as_str(), key.name());
    if own { Ok(()) } else { Err(DeskRefusal::ForeignKey) }
}

const SELECT: &str = "SELECT id, sign_in_name, person, vkey, cost, salt, verifier, sealed_seed, \
     disabled, made_at, locked_at FROM desk_accounts WHERE chapter = $1";

/// The account with a sign-in name, as typed.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn by_name<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    typed_name: &str,
) -> Result<Option<Account>, DeskFault> {
    let Ok(name) = sign_in_name(typed_name) else { return Ok(None) };
    find(connection, chapter, "sign_in_name", &name).await
}

/// The account of a person.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn by_person<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
) -> Result<Option<Account>, DeskFault> {
    find(connection, chapter, "person", person.as_str()).await
}

/// The account with an identifier.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn by_id<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &str,
) -> Result<Option<Account>, DeskFault> {
    find(connection, chapter, "id", id).await
}

async fn find<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    by: &'static str,
    word: &str,
) -> Result<Option<Account>, DeskFault> {
    let text = format!("{SELECT} AND {by} = $2");
    let row = sql::one(connection, &text, values![chapter.id, word]).await?;
    row.map(|row| read(&row)).transpose()
}

/// All accounts of a chapter by sign-in name.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn list<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Vec<Account>, DeskFault> {
    let text = format!("{SELECT} ORDER BY sign_in_name");
    let rows = sql::all(connection, &text, values![chapter.id]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<Account, DeskFault> {
    Ok(Account {
        id: sql::column(row, "id")?,
        sign_in_name: sql::column(row, "sign_in_name")?,
        person: sql::parsed(row, TABLE, "person")?,
        key: sql::parsed(row, TABLE, "vkey")?,
        lock: Lock {
            cost: sql::parsed::<Cost>(row, TABLE, "cost")?,
            salt: sql::column(row, "salt")?,
            verifier: sql::column(row, "verifier")?,
            sealed_seed: sql::column(row, "sealed_seed")?,
        },
        disabled: sql::column::<i64>(row, "disabled")? == 1,
        made_at: sql::moment(row, TABLE, "made_at")?,
        locked_at: sql::moment(row, TABLE, "locked_at")?,
    })
}

/// Stores a lock made for another passphrase and signs the person out everywhere.
///
/// # Errors
/// [`DeskRefusal::UnknownAccount`].
pub async fn change_lock<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
    lock: &Lock,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    store_lock(connection, chapter, account, &account.key, lock, now).await?;
    sessions::sign_out_person(connection, chapter, &account.person).await.map(drop)
}

async fn store_lock<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
    key: &PublicKey,
    lock: &Lock,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    // Compared with the verifier that was read: of two changes at once the second is refused.
    let text = "UPDATE desk_accounts SET vkey = $1, cost = $2, salt = $3, verifier = $4, \
         sealed_seed = $5, locked_at = $6 WHERE chapter = $7 AND id = $8 AND verifier = $9";
    let values = values![
        key.vkey(),
        lock.cost.to_string(),
        lock.salt.clone(),
        lock.verifier.clone(),
        lock.sealed_seed.clone(),
        now.timestamp(),
        chapter.id,
        account.id.as_str(),
        account.lock.verifier.clone(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::UnknownAccount.into()),
    }
}

/// Closes the account of an officer who was retired: no signing in, and the seed of a key that
/// signs nothing any more is destroyed, and so is what their second device is checked with. A
/// person without an account is no fault.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn close<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM desk_factors WHERE chapter = $1 AND account IN \
         (SELECT id FROM desk_accounts WHERE chapter = $1 AND person = $2)";
    sql::execute(connection, text, values![chapter.id, person.as_str()]).await?;
    let text = "UPDATE desk_accounts SET disabled = 1, sealed_seed = NULL \
         WHERE chapter = $1 AND person = $2";
    sql::execute(connection, text, values![chapter.id, person.as_str()]).await.map(drop)
}

/// A sign-in that was counted and waits for its passphrase.
#[derive(Debug)]
pub struct Begun {
    attempt: Try,
    account: Option<Account>,
}

/// How a sign-in ended.
#[derive(Debug)]
pub enum SignedIn {
    /// Signed in: the cookie of the new session.
    Welcome(Box<Account>, sessions::Cookie),
    /// The passphrase is right, and the code of the second device is asked for.
    Code(HalfCookie),
    /// The passphrase is right, and a second device has to be set up before anything else.
    SetUp(HalfCookie),
    /// Unknown name, wrong passphrase or disabled: the page says the same words for all three.
    Refused,
}

/// Why somebody who is signed in and typed passphrase and code once more is not taken for sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsure {
    /// A wrong or used code, or the account changed meanwhile: the same words for all.
    Wrong,
    /// Too many codes: so long to wait.
    Wait(TimeDelta),
    /// The device's secret does not open under this vault key: recovery codes go on.
    Unreadable,
}

/// First step of signing in: counts the try. Commit before the second.
///
/// # Errors
/// [`DeskFault::Database`]; the inner error is how long to wait.
pub async fn begin_sign_in<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    typed_name: &str,
    peer: IpAddr,
    now: DateTime<Utc>,
) -> Result<Result<Begun, TimeDelta>, DeskFault> {
    // A name out of form has no account; its tries are counted together.
    let name = sign_in_name(typed_name).unwrap_or_default();
    let attempt = Try::new(chapter, &name, peer);
    let account = by_name(connection, chapter, &name).await?;
    if let Err(wait) = attempt.count(connection, now).await? {
        let person = account.as_ref().map(|account| &account.person);
        security::failed(connection, chapter, person, Failure::Waited, now).await?;
        return Ok(Err(wait));
    }
    Ok(Ok(Begun { attempt, account: account.filter(|account| !account.disabled) }))
}

/// First step of a passphrase typed once more by somebody who is signed in. Counted apart from
/// signing in: who mistypes at somebody's open desk closes no door to them. Commit before the
/// second step.
///
/// # Errors
/// [`DeskFault::Database`]; the inner error is how long to wait.
pub async fn begin_confirmation<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<Result<Begun, TimeDelta>, DeskFault> {
    let attempt = Try::confirmation(chapter, person);
    if let Err(wait) = attempt.count(connection, now).await? {
        return Ok(Err(wait));
    }
    let account = by_person(connection, chapter, person).await?;
    Ok(Ok(Begun { attempt, account: account.filter(|account| !account.disabled) }))
}

/// First step of an officer who opened the link for another second device: counted as a sign-in.
/// Commit before the second.
///
/// # Errors
/// [`DeskFault::Database`]; the inner error is how long to wait.
pub async fn begin_reset<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: Account,
    peer: IpAddr,
    now: DateTime<Utc>,
) -> Result<Result<Begun, TimeDelta>, DeskFault> {
    let attempt = Try::new(chapter, &account.sign_in_name, peer);
    if let Err(wait) = attempt.count(connection, now).await? {
        let person = Some(&account.person);
        security::failed(connection, chapter, person, Failure::Waited, now).await?;
        return Ok(Err(wait));
    }
    Ok(Ok(Begun { attempt, account: Some(account) }))
}

impl Begun {
    /// Second step, outside any transaction: the passphrase. `None` when it does not open; for a
    /// name without an account the same work is done for nothing.
    ///
    /// # Errors
    /// [`SealingFault`] of the machine; never [`SealingFault::Wrong`].
    pub async fn prove(
        &self,
        sealer: &Sealer,
        chapter: &Chapter,
        passphrase: Passphrase,
    ) -> Result<Option<Opened>, SealingFault> {
        let Some(account) = &self.account else {
            sealer.open_nothing(passphrase).await;
            return Ok(None);
        };
        let opened = sealer.open(&chapter.origin, &account.key, &account.lock, passphrase).await;
        match opened {
            Ok(opened) => Ok(Some(opened)),
            Err(SealingFault::Wrong) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Ends a try of somebody who is signed in already and typed the passphrase once more: clears
    /// the count. `false` when the account changed while Argon2id ran.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn confirm<C: ConnectionTrait>(
        self,
        connection: &C,
        chapter: &Chapter,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        let Some(account) = self.account else { return Ok(false) };
        let present = by_id(connection, chapter, &account.id).await?;
        if present.as_ref() != Some(&account) {
            return Ok(false);
        }
        self.attempt.clear(connection, now).await?;
        Ok(true)
    }

    /// Ends a try of somebody who chose another passphrase: stores the lock made for it, signs the
    /// person out everywhere, and opens a new session here. `None` when the account changed while
    /// Argon2id ran.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn change_lock<C: ConnectionTrait>(
        self,
        connection: &C,
        chapter: &Chapter,
        (lock, key, place): (&Lock, Option<&SigningKey>, &Place),
        now: DateTime<Utc>,
    ) -> Result<Option<sessions::Cookie>, DeskFault> {
        let Some(account) = self.account else { return Ok(None) };
        let present = by_id(connection, chapter, &account.id).await?;
        if present.as_ref() != Some(&account) {
            return Ok(None);
        }
        self.attempt.clear(connection, now).await?;
        change_lock(connection, chapter, &account, lock, now).await?;
        let who = Who::own(&account.person);
        security::note(connection, chapter, Event::PassphraseChanged, who, "", now).await?;
        sessions::start(connection, chapter, &account, (key, place), now).await.map(Some)
    }

    /// Ends a try of somebody who typed the passphrase once more and, where codes are asked for, a
    /// code with it: the account, with the counts cleared. For a wrong or used code, or an account
    /// that changed while Argon2id ran, the try stays counted; codes are counted apart from
    /// passphrases, and each failure stands in the log. Commit whatever it answers.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn confirm_with_code<C: ConnectionTrait>(
        self,
        connection: &C,
        (vault, chapter): (&Vault, &Chapter),
        typed: Option<&OneTime>,
        now: DateTime<Utc>,
    ) -> Result<Result<Account, Unsure>, DeskFault> {
        let Some(account) = self.account else { return Ok(Err(Unsure::Wrong)) };
        let present = by_id(connection, chapter, &account.id).await?;
        if present.as_ref() != Some(&account) {
            return Ok(Err(Unsure::Wrong));
        }
        if factors::status(connection, chapter, &account.id).await?.since.is_some() {
            let Some(typed) = typed else { return Ok(Err(Unsure::Wrong)) };
            let taken = code_once_more(connection, (vault, chapter), &account, typed, now).await?;
            if let Err(unsure) = taken {
                return Ok(Err(unsure));
            }
        }
        self.attempt.clear(connection, now).await?;
        Ok(Ok(account))
    }

    /// Who proved their passphrase, unless the account changed while Argon2id ran: disabled, or
    /// another passphrase or key. A wrong one is counted in the log.
    async fn proved<C: ConnectionTrait>(
        self,
        connection: &C,
        chapter: &Chapter,
        opened: Option<Opened>,
        now: DateTime<Utc>,
    ) -> Result<Option<(Try, Account, Opened)>, DeskFault> {
        let (Some(account), Some(opened)) = (self.account.as_ref(), opened) else {
            let person = self.account.as_ref().map(|account| &account.person);
            security::failed(connection, chapter, person, Failure::Passphrase, now).await?;
            return Ok(None);
        };
        let present = by_id(connection, chapter, &account.id).await?;
        if present.as_ref() != Some(account) {
            return Ok(None);
        }
        let account = account.clone();
        if let Some(lock) = &opened.renewed {
            store_lock(connection, chapter, &account, &account.key, lock, now).await?;
        }
        Ok(Some((self.attempt, account, opened)))
    }

    /// Last step of the passphrase: clears the counts, stores a renewed lock, opens a session; or,
    /// where a code is asked for, half of one. Then the count is cleared by the right code alone.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn finish<C: ConnectionTrait>(
        self,
        connection: &C,
        (vault, chapter): (&Vault, &Chapter),
        opened: Option<Opened>,
        place: &Place,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, DeskFault> {
        let proved = self.proved(connection, chapter, opened, now).await?;
        let Some((attempt, account, opened)) = proved else { return Ok(SignedIn::Refused) };
        let of = (opened.key.as_ref(), place);
        let status = factors::status(connection, chapter, &account.id).await?;
        if status.since.is_some() {
            let half = halves::start(connection, chapter, &account, of, now).await?;
            return Ok(SignedIn::Code(half));
        }
        attempt.clear(connection, now).await?;
        Try::confirmation(chapter, &account.person).clear(connection, now).await?;
        if status.must_set_up || settings::get(connection, chapter).await?.second_device {
            return set_up_first(connection, (vault, chapter), &account, of, now).await;
        }
        let cookie = sessions::start(connection, chapter, &account, of, now).await?;
        let who = Who::own(&account.person);
        let detail = place.to_string();
        security::note(connection, chapter, Event::SignedIn, who, &detail, now).await?;
        Ok(SignedIn::Welcome(Box::new(account), cookie))
    }

    /// The same for who opened the link for another second device: the link is used up, the device
    /// before makes no codes any more, and another is set up before anything else, at this sign-in
    /// or a later one.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn finish_reset<C: ConnectionTrait>(
        self,
        connection: &C,
        (vault, chapter): (&Vault, &Chapter),
        opened: Option<Opened>,
        (secret, place): (&LinkSecret, &Place),
        now: DateTime<Utc>,
    ) -> Result<SignedIn, DeskFault> {
        let proved = self.proved(connection, chapter, opened, now).await?;
        let Some((attempt, account, opened)) = proved else { return Ok(SignedIn::Refused) };
        let of_link = factor_resets::account(connection, chapter, secret, now).await?;
        if of_link.map(|own| own.id) != Some(account.id.clone())
            || !factor_resets::use_up(connection, secret, now).await?
        {
            return Ok(SignedIn::Refused);
        }
        attempt.clear(connection, now).await?;
        factors::lose(connection, chapter, &account.id).await?;
        sessions::sign_out_person(connection, chapter, &account.person).await?;
        let who = Who::own(&account.person);
        security::note(connection, chapter, Event::ResetUsed, who, &place.to_string(), now).await?;
        let of = (opened.key.as_ref(), place);
        set_up_first(connection, (vault, chapter), &account, of, now).await
    }
}

/// Half a session in which a device is set up before anything else.
async fn set_up_first<C: ConnectionTrait>(
    connection: &C,
    (vault, chapter): (&Vault, &Chapter),
    account: &Account,
    of: (Option<&SigningKey>, &Place),
    now: DateTime<Utc>,
) -> Result<SignedIn, DeskFault> {
    let half = halves::start(connection, chapter, account, of, now).await?;
    factors::propose(connection, vault, chapter, (account, half.holder()), now).await?;
    Ok(SignedIn::SetUp(half))
}

/// A code typed by somebody who is signed in and whose passphrase was right.
async fn code_once_more<C: ConnectionTrait>(
    connection: &C,
    (vault, chapter): (&Vault, &Chapter),
    account: &Account,
    typed: &OneTime,
    now: DateTime<Utc>,
) -> Result<Result<(), Unsure>, DeskFault> {
    let person = &account.person;
    let attempt = Try::confirmation_code(chapter, person);
    // A recovery code, which nobody guesses, is not held to the count.
    if matches!(typed, OneTime::Code(_))
        && let Err(wait) = attempt.count(connection, now).await?
    {
        security::failed(connection, chapter, Some(person), Failure::Waited, now).await?;
        return Ok(Err(Unsure::Wait(wait)));
    }
    match factors::accept(connection, vault, chapter, account, typed, now).await? {
        Accepted::Yes => {}
        Accepted::No => {
            security::failed(connection, chapter, Some(person), Failure::Code, now).await?;
            return Ok(Err(Unsure::Wrong));
        }
        Accepted::Unreadable => return Ok(Err(Unsure::Unreadable)),
    }
    attempt.clear(connection, now).await?;
    if matches!(typed, OneTime::Recovery(_)) {
        let left = factors::status(connection, chapter, &account.id).await?.codes_left;
        let (who, left) = (Who::own(person), left.to_string());
        security::note(connection, chapter, Event::RecoveryUsed, who, &left, now).await?;
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests;
