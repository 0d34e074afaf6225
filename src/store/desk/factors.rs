//! The second device at sign-in: its secret, the codes that it makes (RFC 6238), and the recovery
//! codes for the day on which it is lost.
//!
//! The secret is sealed under a key derived from the vault key, so a copy of the database makes no
//! code; and not under the passphrase, or both would fall together. It opens no seed: that takes
//! the passphrase as before. Of a recovery code (80 random bits) there is an HMAC under a salt of
//! its officer. A code is good one step (30 s) before and after its own, and never twice.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::accounts::Account;
use super::cipher::{Context, SecretKey};
use super::sessions::Cookie;
use super::sql::{self, values};
use super::vault::Vault;
use super::{Chapter, DeskFault, DeskRefusal};

const TABLE: &str = "desk_factors";
/// Bytes of a secret: the length that RFC 4226 section 4 recommends.
const SECRET: usize = 20;
/// Recovery codes of one officer.
pub const CODES: usize = 10;
/// How long a new secret waits for its first code.
pub const WAITS: TimeDelta = TimeDelta::minutes(5);

/// Crockford's letters: none looks like a digit or another one.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A recovery code: 80 random bits, wiped when dropped, never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Zeroizing<[u8; 10]>);

impl RecoveryCode {
    fn random() -> Result<Self, DeskFault> {
        let mut bytes = Zeroizing::new([0; 10]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| DeskFault::Randomness)?;
        Ok(Self(bytes))
    }

    /// As it is printed: `7Q2M-X4TB-9KD1-0VHZ`.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let bits = self.0.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let mut text = Zeroizing::new(String::with_capacity(19));
        for at in 0..16_usize {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            let letter = bits >> (75 - 5 * at) & 31;
            text.push(char::from(LETTERS[usize::try_from(letter).unwrap_or_default()]));
        }
        text
    }

    /// Reads what somebody typed: hyphens and spaces count for nothing, O is 0, I and L are 1.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let (mut bits, mut count) = (0_u128, 0);
        for letter in typed.chars().filter(|own| !own.is_whitespace() && *own != '-') {
            let upper = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let at = LETTERS.iter().position(|own| char::from(*own) == upper)?;
            count += 1;
            if count > 16 {
                return None;
            }
            bits = bits << 5 | u128::try_from(at).ok()?;
        }
        if count != 16 {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 10]);
        bytes.copy_from_slice(&bits.to_be_bytes()[6..]);
        Some(Self(bytes))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RecoveryCode(hidden)")
    }
}

/// What somebody types as their second step.
#[derive(Clone)]
pub enum OneTime {
    /// Six digits of the device.
    Code(Zeroizing<String>),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl OneTime {
    /// Reads the two fields of a form, of which one is filled in: the device's code, in which
    /// spaces count for nothing, or a recovery code. `None` for anything that is neither.
    #[must_use]
    pub fn read(code: &str, recovery: &str) -> Option<Self> {
        let code: Zeroizing<String> =
            Zeroizing::new(code.chars().filter(|own| !own.is_whitespace()).collect());
        match (code.is_empty(), recovery.trim().is_empty()) {
            (false, true) => {
                let digits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
                digits.then_some(Self::Code(code))
            }
            (true, false) => RecoveryCode::parse(recovery).map(Self::Recovery),
            _ => None,
        }
    }
}

impl fmt::Debug for OneTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OneTime(hidden)")
    }
}

/// A new secret that waits for its first code, as the officer sees it.
pub struct Proposal(Totp);

impl Proposal {
    /// What the QR code holds (`otpauth://totp/…`).
    ///
    /// # Errors
    /// [`DeskFault::Damaged`], never for a sign-in name.
    pub fn address(&self) -> Result<Zeroizing<String>, DeskFault> {
        let address = self.0.to_url().map_err(|fault| DeskFault::damaged(TABLE, fault))?;
        Ok(Zeroizing::new(address))
    }

    /// The secret to type where there is no camera: base32 in groups of four.
    #[must_use]
    pub fn groups(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(self.0.secret().to_base32());
        let mut groups = Zeroizing::new(String::with_capacity(40));
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                groups.push(' ');
            }
            groups.push(letter);
        }
        groups
    }
}

impl fmt::Debug for Proposal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Proposal(hidden)")
    }
}

/// How an account's second step stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Since when codes are asked for; none: they are not.
    pub since: Option<DateTime<Utc>>,
    /// Recovery codes that were not used.
    pub codes_left: u64,
    /// Whether a device has to be set up before anything else: the one before was lost.
    pub must_set_up: bool,
}

/// How an account's second step stands.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn status<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &str,
) -> Result<Status, DeskFault> {
    let text = "SELECT since, must_set_up, (SELECT COUNT(*) FROM desk_recovery_codes AS own \
         WHERE own.chapter = $1 AND own.account = $2 AND own.used_at IS NULL) AS codes_left \
         FROM desk_factors WHERE chapter = $1 AND account = $2";
    let row = sql::one(connection, text, values![chapter.id, account]).await?;
    let Some(row) = row else { return Ok(Status::default()) };
    let since: Option<i64> = sql::column(&row, "since")?;
    Ok(Status {
        since: since.map(|_| sql::moment(&row, TABLE, "since")).transpose()?,
        codes_left: sql::unsigned(&row, TABLE, "codes_left")?.unwrap_or_default(),
        must_set_up: sql::column::<i64>(&row, "must_set_up")? == 1,
    })
}

fn context(chapter: &Chapter, account: &str) -> Context {
    let parts: [&[u8]; 2] = [chapter.identity.as_str().as_bytes(), account.as_bytes()];
    Context::new("second-device", &parts)
}

/// What makes and checks codes: SHA-1, six digits, 30 s, one step to either side, which every
/// program for it knows.
fn totp(chapter: &Chapter, name: &str, secret: &[u8]) -> Result<Totp, DeskFault> {
    let damaged = |what: &str| DeskFault::damaged(TABLE, what);
    let secret: [u8; SECRET] = secret.try_into().map_err(|_| damaged("not 20 bytes"))?;
    Builder::new()
        .with_secret(Secret::new_stack(secret))
        .with_issuer(Some(format!("Minh Bạch {}", chapter.identity.slug())))
        .with_account_name(name)
        .build()
        .map_err(|fault| DeskFault::damaged(TABLE, fault))
}

/// Makes a new secret that waits for its first code, in place of one that waited before; the one
/// in use stays in use. Only the session, or half session, of `holder` may see and prove it.
///
/// # Errors
/// [`DeskRefusal::OtherVault`] under a vault key that is not the database's,
/// [`DeskFault::Randomness`], [`DeskFault::Database`].
pub async fn propose<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (account, holder): (&Account, &Cookie),
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    if vault.is_foreign() {
        return Err(DeskRefusal::OtherVault.into());
    }
    let (mut secret, mut salt) = (Zeroizing::new([0_u8; SECRET]), vec![0_u8; 32]);
    getrandom::fill(secret.as_mut_slice()).map_err(|_| DeskFault::Randomness)?;
    getrandom::fill(&mut salt).map_err(|_| DeskFault::Randomness)?;
    let sealed = vault.second_device().seal(&context(chapter, &account.id), secret.as_slice());
    let sealed = sealed.map_err(DeskFault::sealed(TABLE))?;
    let text = "INSERT INTO desk_factors (chapter, account, salt, next_secret, next_at, \
         next_holder) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (chapter, account) \
         DO UPDATE SET next_secret = excluded.next_secret, next_at = excluded.next_at, \
         next_holder = excluded.next_holder";
    let values = values![
        chapter.id,
        account.id.as_str(),
        salt,
        sealed,
        now.timestamp(),
        holder.id().to_vec(),
    ];
    sql::execute(connection, text, values).await.map(drop)
}

/// The secret that waits for its first code in the session, or half session, of `holder`; `None`
/// where none does, or too long.
///
/// # Errors
/// [`DeskFault::Database`]; [`DeskFault::Damaged`], also under another vault key.
pub async fn proposed<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (account, holder): (&Account, &Cookie),
    now: DateTime<Utc>,
) -> Result<Option<Proposal>, DeskFault> {
    let text = "SELECT next_secret AS sealed FROM desk_factors WHERE chapter = $1 \
         AND account = $2 AND next_secret IS NOT NULL AND next_at > $3 AND next_holder = $4";
    let (since, holder) = ((now - WAITS).timestamp(), holder.id().to_vec());
    let values = values![chapter.id, account.id.as_str(), since, holder];
    let Some(row) = sql::one(connection, text, values).await? else { return Ok(None) };
    open(vault, chapter, account, &row).map(Proposal).map(Some)
}

fn open(
    vault: &Vault,
    chapter: &Chapter,
    account: &Account,
    row: &sea_orm::QueryResult,
) -> Result<Totp, DeskFault> {
    let sealed: Vec<u8> = sql::column(row, "sealed")?;
    let secret = vault.second_device().open(&context(chapter, &account.id), &sealed);
    totp(chapter, &account.sign_in_name, &secret.map_err(DeskFault::sealed(TABLE))?)
}

/// The step of a code, if it is right within one step; before 1970 none is.
fn step(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let step = totp.check(code, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

/// Takes the waiting secret into use, proved by its first code, in place of the one before; ten
/// new recovery codes, whose only copy this is. `None`: the code is wrong, or nothing waits.
///
/// # Errors
/// [`DeskFault`] of the machine.
pub async fn turn_on<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (account, holder): (&Account, &Cookie),
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<Vec<RecoveryCode>>, DeskFault> {
    let waits = proposed(connection, vault, chapter, (account, holder), now).await?;
    let step = waits.and_then(|Proposal(totp)| step(&totp, code, now));
    let Some(step) = step else { return Ok(None) };
    let text = "UPDATE desk_factors SET secret = next_secret, since = $1, last_step = $2, \
         next_secret = NULL, next_at = NULL, next_holder = NULL, must_set_up = 0 \
         WHERE chapter = $3 AND account = $4 AND next_holder = $5";
    let (id, holder) = (account.id.as_str(), holder.id().to_vec());
    let values = values![now.timestamp(), step, chapter.id, id, holder];
    if sql::execute(connection, text, values).await? != 1 {
        return Ok(None);
    }
    new_codes(connection, chapter, account, now).await.map(Some)
}

/// Ten new recovery codes, whose only copy this is; those before open nothing any more.
///
/// # Errors
/// [`DeskFault`] of the machine; [`DeskFault::Damaged`] where codes are not asked for.
pub async fn new_codes<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<Vec<RecoveryCode>, DeskFault> {
    let salt = salt(connection, chapter, account).await?;
    let salt = salt.ok_or_else(|| DeskFault::damaged(TABLE, "no salt"))?;
    let text = "DELETE FROM desk_recovery_codes WHERE chapter = $1 AND account = $2";
    sql::execute(connection, text, values![chapter.id, account.id.as_str()]).await?;
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        let code = RecoveryCode::random()?;
        let text = "INSERT INTO desk_recovery_codes (chapter, account, code, made_at) \
             VALUES ($1, $2, $3, $4)";
        let digest = digest(&salt, chapter, account, &code);
        let values = values![chapter.id, account.id.as_str(), digest, now.timestamp()];
        sql::execute(connection, text, values).await?;
        codes.push(code);
    }
    Ok(codes)
}

async fn salt<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
) -> Result<Option<SecretKey>, DeskFault> {
    let text = "SELECT salt FROM desk_factors WHERE chapter = $1 AND account = $2";
    let row = sql::one(connection, text, values![chapter.id, account.id.as_str()]).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(SecretKey::from_slice(&sql::column::<Vec<u8>>(&row, "salt")?))
}

fn digest(salt: &SecretKey, chapter: &Chapter, account: &Account, code: &RecoveryCode) -> Vec<u8> {
    let parts: [&[u8]; 3] =
        [chapter.identity.as_str().as_bytes(), account.id.as_bytes(), code.0.as_slice()];
    salt.authenticate(&Context::new("recovery-code", &parts)).to_vec()
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is right, and used from now on.
    Yes,
    /// It is wrong, or was used.
    No,
    /// The device's secret does not open under this vault key: only recovery codes are checked.
    Unreadable,
}

/// Whether a code or a recovery code is right and was not used; it is used from now on. Of many at
/// once with the same one, one alone gets a yes.
///
/// # Errors
/// [`DeskFault`] of the machine.
pub async fn accept<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    account: &Account,
    typed: &OneTime,
    now: DateTime<Utc>,
) -> Result<Accepted, DeskFault> {
    let id = account.id.as_str();
    let one = |changed: u64| if changed == 1 { Accepted::Yes } else { Accepted::No };
    match typed {
        OneTime::Code(code) => {
            let text = "SELECT secret AS sealed FROM desk_factors \
                 WHERE chapter = $1 AND account = $2 AND secret IS NOT NULL";
            let row = sql::one(connection, text, values![chapter.id, id]).await?;
            let Some(row) = row else { return Ok(Accepted::No) };
            let totp = match open(vault, chapter, account, &row) {
                Ok(totp) => totp,
                Err(DeskFault::Damaged { .. }) => return Ok(Accepted::Unreadable),
                Err(fault) => return Err(fault),
            };
            let Some(step) = step(&totp, code, now) else { return Ok(Accepted::No) };
            let text = "UPDATE desk_factors SET last_step = $1 WHERE chapter = $2 \
                 AND account = $3 AND last_step < $1 AND secret IS NOT NULL";
            sql::execute(connection, text, values![step, chapter.id, id]).await.map(one)
        }
        OneTime::Recovery(code) => {
            let salt = salt(connection, chapter, account).await?;
            let Some(salt) = salt else { return Ok(Accepted::No) };
            let text = "UPDATE desk_recovery_codes SET used_at = $1 WHERE chapter = $2 \
                 AND account = $3 AND code = $4 AND used_at IS NULL";
            let digest = digest(&salt, chapter, account, code);
            let values = values![now.timestamp(), chapter.id, id, digest];
            sql::execute(connection, text, values).await.map(one)
        }
    }
}

/// Asks for codes no more: secret and recovery codes are gone. Whether there was anything.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn turn_off<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &str,
) -> Result<bool, DeskFault> {
    let text = "DELETE FROM desk_factors WHERE chapter = $1 AND account = $2";
    Ok(sql::execute(connection, text, values![chapter.id, account]).await? == 1)
}

/// Takes the device of an account whose owner lost it out of use, with its recovery codes: until
/// another is set up, signing in leads to that before anything else.
///
/// # Errors
/// [`DeskFault::Randomness`], [`DeskFault::Database`].
pub async fn lose<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &str,
) -> Result<(), DeskFault> {
    turn_off(connection, chapter, account).await?;
    let mut salt = vec![0_u8; 32];
    getrandom::fill(&mut salt).map_err(|_| DeskFault::Randomness)?;
    let text = "INSERT INTO desk_factors (chapter, account, salt, must_set_up) \
         VALUES ($1, $2, $3, 1)";
    sql::execute(connection, text, values![chapter.id, account, salt]).await.map(drop)
}

/// Seals every secret of a chapter under another vault key; to be called where its data keys are.
/// The answer names the accounts with a secret that does not open: it stays as it is, and their
/// recovery codes go on.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Randomness`].
pub(super) async fn reseal<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (vault, new): (&Vault, &Vault),
) -> Result<BTreeSet<String>, DeskFault> {
    let mut unopened = BTreeSet::new();
    for column in ["secret", "next_secret"] {
        let text = format!(
            "SELECT account, {column} AS sealed FROM desk_factors \
             WHERE chapter = $1 AND {column} IS NOT NULL"
        );
        for row in sql::all(connection, &text, values![chapter.id]).await? {
            let account: String = sql::column(&row, "account")?;
            let (sealed, context): (Vec<u8>, _) =
                (sql::column(&row, "sealed")?, context(chapter, &account));
            let Ok(plain) = vault.second_device().open(&context, &sealed) else {
                unopened.insert(account);
                continue;
            };
            let sealed = new.second_device().seal(&context, &plain);
            let sealed = sealed.map_err(DeskFault::sealed(TABLE))?;
            let text = format!(
                "UPDATE desk_factors SET {column} = $1 WHERE chapter = $2 AND account = $3"
            );
            sql::execute(connection, &text, values![sealed, chapter.id, account]).await?;
        }
    }
    Ok(unopened)
}

#[cfg(test)]
pub(super) mod tests;
