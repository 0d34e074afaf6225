//! Sessions of signed-in officers.
//!
//! The cookie holds two random values of 32 bytes. The table holds the SHA-256 of both together,
//! so a copy of the table gives no cookie; and the officer's opened seed, encrypted under a key
//! made of the second value, so neither table nor cookie alone can sign. A changed bit anywhere in
//! the cookie is an unknown session.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::accounts::{self, Account};
use super::cipher::{Context, SecretKey};
use super::sealing::{SealingFault, key_of_seed};
use super::sql::{self, values};
use super::{Chapter, DeskFault, halves};
use crate::ledger::keys::{PublicKey, SigningKey};
use crate::ledger::word::Person;

const TABLE: &str = "desk_sessions";

/// A session without a request for this long has ended.
pub const IDLE: TimeDelta = TimeDelta::minutes(30);
/// A session of this age has ended.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);
/// How much later than noted a request may have been: spares a write per request. An idle session
/// ends at most this much early, never late.
const GRAIN: TimeDelta = TimeDelta::minutes(1);

const HALF: usize = 32;

/// The value of an officer's cookie: 86 characters of base64url. Wiped when dropped, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie(Zeroizing<[u8; 2 * HALF]>);

impl Cookie {
    pub(super) fn random() -> Result<Self, DeskFault> {
        let mut bytes = Zeroizing::new([0; 2 * HALF]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| DeskFault::Randomness)?;
        Ok(Self(bytes))
    }

    /// Reads a cookie's value; `None` for anything that was never one.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        if value.len() != 86 {
            return None;
        }
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(value).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// The value to set.
    #[must_use]
    pub fn value(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// The token of this session's forms: base64url, the same for the session's whole life.
    #[must_use]
    pub fn form_token(&self) -> String {
        let token = SecretKey::derive(&self.0[..HALF], "minhbach/form-token/v1");
        BASE64_URL_SAFE_NO_PAD.encode(token.bytes())
    }

    /// Compares the token of a form in constant time.
    #[must_use]
    pub fn is_form_token(&self, sent: &str) -> bool {
        // Equal MACs under a key that the sender does not know: the time tells nothing.
        let context = |token: &str| Context::new("form-token", &[token.as_bytes()]);
        let key = self.key();
        key.confirms(&context(&self.form_token()), &key.authenticate(&context(sent)))
    }

    pub(super) fn id(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }

    fn key(&self) -> SecretKey {
        self.key_for("minhbach/session-seed/v1")
    }

    /// A key for one purpose, made of the half that the table knows nothing of.
    pub(super) fn key_for(&self, purpose: &str) -> SecretKey {
        SecretKey::derive(&self.0[HALF..], purpose)
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Cookie(hidden)")
    }
}

/// Where a session is, coarsely: enough to know one's own by, too little to follow anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The kinds of browser and system: `Firefox, Windows`. At most 40 characters.
    pub device: String,
    /// The network, not the address: `203.0.113.0/24`.
    pub network: String,
}

impl Place {
    /// A browser's kind and the network of an address: 24 bits of an IPv4 address, 48 of an IPv6.
    #[must_use]
    pub fn new(device: &str, peer: IpAddr) -> Self {
        let network = match peer.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        };
        Self { device: device.chars().take(40).collect(), network }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} · {}", self.device, self.network)
    }
}

/// A session that has not ended, with its account as it is now.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who signed in.
    pub account: Account,
    /// When.
    pub made_at: DateTime<Utc>,
    /// The last request, to the minute.
    pub seen_at: DateTime<Utc>,
    id: [u8; 32],
    sealed_seed: Option<Vec<u8>>,
}

/// Opens a session; the answer is the cookie's only copy.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Randomness`].
pub async fn start<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    account: &Account,
    (key, place): (Option<&SigningKey>, &Place),
    now: DateTime<Utc>,
) -> Result<Cookie, DeskFault> {
    let cookie = Cookie::random()?;
    let id = cookie.id();
    let context = seed_context(chapter, &account.key, &id);
    let sealed_seed = key
        .map(|key| cookie.key().seal(&context, key.seed()))
        .transpose()
        .map_err(DeskFault::sealed(TABLE))?;
    let text = "INSERT INTO desk_sessions (id, chapter, account, sealed_seed, made_at, seen_at, \
         device, network) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)";
    let values = values![
        id.to_vec(),
        chapter.id,
        account.id.as_str(),
        sealed_seed,
        now.timestamp(),
        place.device.as_str(),
        place.network.as_str(),
    ];
    sql::execute(connection, text, values).await?;
    Ok(cookie)
}

fn seed_context(chapter: &Chapter, key: &PublicKey, id: &[u8; 32]) -> Context {
    let parts: [&[u8]; 4] =
        [chapter.identity.as_str().as_bytes(), key.name().as_bytes(), key.bytes(), id];
    Context::new("session-seed", &parts)
}

/// The session of a cookie, unless it ended, was revoked, or its account was disabled.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    cookie: &Cookie,
    now: DateTime<Utc>,
) -> Result<Option<Session>, DeskFault> {
    let id = cookie.id();
    let text = "SELECT account, sealed_seed, made_at, seen_at FROM desk_sessions \
         WHERE id = $1 AND chapter = $2";
    let Some(row) = sql::one(connection, text, values![id.to_vec(), chapter.id]).await? else {
        return Ok(None);
    };
    let made_at = sql::moment(&row, TABLE, "made_at")?;
    let seen_at = sql::moment(&row, TABLE, "seen_at")?;
    // A session from the future: the clock was set back, and its age cannot be told.
    let ended = now - seen_at >= IDLE || now - made_at >= LONGEST || made_at > now + GRAIN;
    let id_of_account: String = sql::column(&row, "account")?;
    let account = accounts::by_id(connection, chapter, &id_of_account).await?;
    let Some(account) = account.filter(|account| !account.disabled && !ended) else {
        return Ok(None);
    };
    let sealed_seed = sql::column(&row, "sealed_seed")?;
    Ok(Some(Session { account, made_at, seen_at, id, sealed_seed }))
}

/// The chapter whose desk a cookie is for: `None` when it is nobody's.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn chapter_id<C: ConnectionTrait>(
    connection: &C,
    cookie: &Cookie,
) -> Result<Option<i64>, DeskFault> {
    let text = "SELECT chapter FROM desk_sessions WHERE id = $1";
    let row = sql::one(connection, text, values![cookie.id().to_vec()]).await?;
    row.map(|row| sql::column(&row, "chapter")).transpose()
}

impl Session {
    /// Whether this request has to be noted with [`Session::touch`].
    #[must_use]
    pub fn wants_touch(&self, now: DateTime<Utc>) -> bool {
        now - self.seen_at >= GRAIN
    }

    /// Notes a request, so that the session stays awake.
    ///
    /// # Errors
    /// [`DeskFault::Database`].
    pub async fn touch<C: ConnectionTrait>(
        &self,
        connection: &C,
        now: DateTime<Utc>,
    ) -> Result<(), DeskFault> {
        let text = "UPDATE desk_sessions SET seen_at = $1 WHERE id = $2 AND seen_at < $1";
        sql::execute(connection, text, values![now.timestamp(), self.id.to_vec()]).await.map(drop)
    }

    /// The officer's key, if its seed is sealed here. `registered` is the key that the ledger has
    /// for this officer now; only that one is opened.
    ///
    /// # Errors
    /// [`SealingFault::OtherKey`] after a rotation, [`SealingFault::Wrong`] when the row was
    /// changed.
    pub fn open_key(
        &self,
        chapter: &Chapter,
        cookie: &Cookie,
        registered: &PublicKey,
    ) -> Result<Option<SigningKey>, SealingFault> {
        if &self.account.key != registered {
            return Err(SealingFault::OtherKey(self.account.key.name().to_owned()));
        }
        let Some(sealed) = &self.sealed_seed else { return Ok(None) };
        let seed = cookie.key().open(&seed_context(chapter, registered, &self.id), sealed)?;
        key_of_seed(registered, &seed).map(Some)
    }
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What a form calls it: 16 hex digits, of which nobody makes a cookie.
    pub handle: String,
    /// Where it is.
    pub place: Place,
    /// When it began.
    pub made_at: DateTime<Utc>,
    /// The last request, to the minute.
    pub seen_at: DateTime<Utc>,
    /// Whether it is that of the cookie at hand.
    pub present: bool,
}

/// A person's sessions that have not ended, newest first.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn of_person<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
    cookie: Option<&Cookie>,
    now: DateTime<Utc>,
) -> Result<Vec<Listed>, DeskFault> {
    let text = "SELECT id, made_at, seen_at, device, network FROM desk_sessions WHERE chapter = $1 \
         AND seen_at > $2 AND made_at > $3 AND account IN \
         (SELECT id FROM desk_accounts WHERE chapter = $1 AND person = $4) \
         ORDER BY made_at DESC, seen_at DESC";
    let values = values![
        chapter.id,
        (now - IDLE).timestamp(),
        (now - LONGEST).timestamp(),
        person.as_str(),
    ];
    let own = cookie.map(Cookie::id);
    let rows = sql::all(connection, text, values).await?;
    rows.iter()
        .map(|row| {
            let id: Vec<u8> = sql::column(row, "id")?;
            let (device, network) = (sql::column(row, "device")?, sql::column(row, "network")?);
            Ok(Listed {
                handle: handle(&id),
                place: Place { device, network },
                made_at: sql::moment(row, TABLE, "made_at")?,
                seen_at: sql::moment(row, TABLE, "seen_at")?,
                present: own.is_some_and(|own| own.as_slice() == id),
            })
        })
        .collect()
}

/// The name of a session in a form.
fn handle(id: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"minhbach session handle v1\n");
    hash.update(id);
    hex::encode(&hash.finalize()[..8])
}

/// Ends one session of a person by its name in the list; `false` where there is none.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn end_one<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
    named: &str,
) -> Result<bool, DeskFault> {
    let text = "SELECT id FROM desk_sessions WHERE chapter = $1 AND account IN \
         (SELECT id FROM desk_accounts WHERE chapter = $1 AND person = $2)";
    for row in sql::all(connection, text, values![chapter.id, person.as_str()]).await? {
        let id: Vec<u8> = sql::column(&row, "id")?;
        if handle(&id) == named {
            let text = "DELETE FROM desk_sessions WHERE id = $1";
            return Ok(sql::execute(connection, text, values![id]).await? == 1);
        }
    }
    Ok(false)
}

/// Ends every session of a person but that of the cookie; how many there were.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn end_others<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
    cookie: &Cookie,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM desk_sessions WHERE chapter = $1 AND id <> $3 AND account IN \
         (SELECT id FROM desk_accounts WHERE chapter = $1 AND person = $2)";
    let values = values![chapter.id, person.as_str(), cookie.id().to_vec()];
    let ended = sql::execute(connection, text, values).await?;
    halves::end_person(connection, chapter, person).await?;
    Ok(ended)
}

/// Ends the session of a cookie.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sign_out<C: ConnectionTrait>(
    connection: &C,
    cookie: &Cookie,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM desk_sessions WHERE id = $1";
    sql::execute(connection, text, values![cookie.id().to_vec()]).await.map(drop)
}

/// Ends every session of a person, half ones too: asked for, or their roles, key or passphrase
/// changed.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sign_out_person<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: &Person,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM desk_sessions WHERE chapter = $1 AND account IN \
         (SELECT id FROM desk_accounts WHERE chapter = $1 AND person = $2)";
    let ended = sql::execute(connection, text, values![chapter.id, person.as_str()]).await?;
    halves::end_person(connection, chapter, person).await?;
    Ok(ended)
}

/// Removes sessions that ended by themselves.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sweep<C: ConnectionTrait>(
    connection: &C,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM desk_sessions WHERE seen_at <= $1 OR made_at <= $2";
    let values = values![(now - IDLE).timestamp(), (now - LONGEST).timestamp()];
    let ended = sql::execute(connection, text, values).await?;
    halves::sweep(connection, now).await?;
    Ok(ended)
}

/// Ends all sessions of all chapters and takes every link back: what was ended or taken back after
/// a backup was made would live again where that is restored.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn end_all_restored<C: ConnectionTrait>(connection: &C) -> Result<(), DeskFault> {
    for text in [
        "DELETE FROM desk_sessions",
        "DELETE FROM desk_half_sessions",
        "DELETE FROM desk_factor_resets",
        "DELETE FROM desk_continuations",
        "DELETE FROM desk_foundings WHERE length(code) > 0",
        "UPDATE desk_invitations SET secret = NULL",
    ] {
        sql::execute(connection, text, values![]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
