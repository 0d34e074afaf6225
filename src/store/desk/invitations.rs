//! Invitations: the person of a new key chooses its passphrase themselves.
//!
//! A recorder decides what the voucher says and gets a link; who opens it makes the key and signs
//! as its holder; the recorder signs last and lays the draft. The table holds the SHA-256 of the
//! link's secret, so a copy of it gives no link, and of the passphrase only what a lock holds.
//! The account is made when the voucher becomes an entry, in that transaction ([`settle`]).

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::sealing::Lock;
use super::sql::{self, values};
use super::{Chapter, DeskFault, DeskRefusal, vault};
use crate::ledger::canonical;
use crate::ledger::keys::{NoteSignature, PublicKey, new_opaque_id};
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::ledger::word::Person;

const TABLE: &str = "desk_invitations";

/// How long an invitation may be taken up, and how long one that was waits for its recorder.
pub const LASTS: TimeDelta = TimeDelta::days(7);

/// The secret of a link: 43 characters of base64url. Wiped when dropped, never shown by `Debug`.
pub struct LinkSecret(Zeroizing<[u8; 32]>);

impl LinkSecret {
    pub(super) fn random() -> Result<Self, DeskFault> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| DeskFault::Randomness)?;
        Ok(Self(bytes))
    }

    /// Reads what stands in a link; `None` for anything that was never one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// What stands in the link.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    pub(in crate::store) fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_slice()).to_vec()
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("LinkSecret(hidden)")
    }
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// What the recorder decided. Until it is taken up, its new key is a placeholder.
    pub voucher: Voucher,
    /// Who invites.
    pub made_by: Person,
    /// When.
    pub made_at: DateTime<Utc>,
    /// From when on it is over.
    pub ends_at: DateTime<Utc>,
    /// What became of it.
    pub taken_up: Option<TakenUp>,
}

/// What the invited person made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenUp {
    /// When.
    pub at: DateTime<Utc>,
    /// The new key.
    pub key: PublicKey,
    /// Its signature over the voucher as holder.
    pub signature: NoteSignature,
    /// The name to sign in with; a guardian has none.
    pub sign_in_name: Option<String>,
}

/// What an officer who takes an invitation up will sign in with.
#[derive(Clone, Debug)]
pub struct Access {
    /// In its form ([`super::accounts::sign_in_name`]).
    pub sign_in_name: String,
    /// Whose account it is.
    pub person: Person,
    /// What the passphrase locks.
    pub lock: Lock,
}

/// Makes an invitation for the key that a voucher registers.
///
/// # Errors
/// [`DeskRefusal::IdTaken`].
pub async fn make<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &Voucher,
    by: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    if voucher.log != chapter.origin {
        return Err(DeskRefusal::ForeignVoucher.into());
    }
    let text = "INSERT INTO desk_invitations (chapter, id, voucher, made_by, made_at, ends_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let values = values![
        chapter.id,
        voucher.id.as_str(),
        voucher.bytes(),
        by.as_str(),
        now.timestamp(),
        (now + LASTS).timestamp(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::IdTaken.into()),
    }
}

const SELECT: &str = "SELECT chapter, voucher, made_by, made_at, ends_at, accepted_at, signature, \
     vkey, sign_in_name FROM desk_invitations";

/// The invitation to a voucher.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn get<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
) -> Result<Option<Invitation>, DeskFault> {
    let text = format!("{SELECT} WHERE chapter = $1 AND id = $2");
    let row = sql::one(connection, &text, values![chapter.id, id.as_str()]).await?;
    row.map(|row| read(&row)).transpose()
}

/// Invitations that no draft was made of yet, oldest first; those that are over stay in sight
/// until they are swept.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn open<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Vec<Invitation>, DeskFault> {
    let text = format!(
        "{SELECT} WHERE chapter = $1 AND NOT EXISTS (SELECT 1 FROM desk_drafts \
         WHERE desk_drafts.chapter = desk_invitations.chapter \
         AND desk_drafts.id = desk_invitations.id) ORDER BY made_at, id"
    );
    let rows = sql::all(connection, &text, values![chapter.id]).await?;
    rows.iter().map(read).collect()
}

/// The invitation that a link opens, with the number of its chapter; `None` when it is unknown,
/// over, or was taken up.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn by_link<C: ConnectionTrait>(
    connection: &C,
    secret: &LinkSecret,
    now: DateTime<Utc>,
) -> Result<Option<(i64, Invitation)>, DeskFault> {
    let text = format!("{SELECT} WHERE secret = $1 AND accepted_at IS NULL AND ends_at > $2");
    let values = values![secret.digest(), now.timestamp()];
    let row = sql::one(connection, &text, values).await?;
    row.map(|row| Ok((sql::column(&row, "chapter")?, read(&row)?))).transpose()
}

fn read(row: &QueryResult) -> Result<Invitation, DeskFault> {
    let bytes: Vec<u8> = sql::column(row, "voucher")?;
    let value =
        canonical::decode(&bytes).map_err(|_| DeskFault::damaged(TABLE, "not canonical"))?;
    let accepted_at: Option<i64> = sql::column(row, "accepted_at")?;
    let taken_up = match accepted_at {
        None => None,
        Some(seconds) => Some(TakenUp {
            at: DateTime::from_timestamp(seconds, 0)
                .ok_or_else(|| DeskFault::damaged(TABLE, "accepted_at: not a time"))?,
            key: sql::parsed(row, TABLE, "vkey")?,
            signature: sql::parsed(row, TABLE, "signature")?,
            sign_in_name: sql::column(row, "sign_in_name")?,
        }),
    };
    Ok(Invitation {
        voucher: Voucher::read(&value).map_err(|fault| DeskFault::damaged(TABLE, fault))?,
        made_by: sql::parsed(row, TABLE, "made_by")?,
        made_at: sql::moment(row, TABLE, "made_at")?,
        ends_at: sql::moment(row, TABLE, "ends_at")?,
        taken_up,
    })
}

/// A new link, good for [`LASTS`] from now; the one before opens nothing any more.
///
/// # Errors
/// [`DeskRefusal::InvitationOver`], [`DeskFault::Randomness`].
pub async fn new_link<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
    now: DateTime<Utc>,
) -> Result<LinkSecret, DeskFault> {
    let secret = LinkSecret::random()?;
    let text = "UPDATE desk_invitations SET secret = $1, ends_at = $2 \
         WHERE chapter = $3 AND id = $4 AND accepted_at IS NULL AND ends_at > $5";
    let values = values![
        secret.digest(),
        (now + LASTS).timestamp(),
        chapter.id,
        id.as_str(),
        now.timestamp(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(secret),
        _ => Err(DeskRefusal::InvitationOver.into()),
    }
}

/// Takes an invitation up: once, by its link, in its time. `voucher` is the one with the new key.
///
/// # Errors
/// [`DeskRefusal::InvitationOver`], [`DeskRefusal::NameTaken`].
pub async fn take_up<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    secret: &LinkSecret,
    voucher: &Voucher,
    (key, signature): (&PublicKey, &NoteSignature),
    access: Option<&Access>,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    if let Some(access) = access {
        require_free_name(connection, chapter, &voucher.id, access).await?;
    }
    let account = match access {
        Some(_) => Some(new_opaque_id().map_err(|_| DeskFault::Randomness)?),
        None => None,
    };
    let lock = access.map(|access| &access.lock);
    let text = "UPDATE desk_invitations SET voucher = $1, accepted_at = $2, signature = $3, \
         vkey = $4, account = $5, sign_in_name = $6, person = $7, cost = $8, salt = $9, \
         verifier = $10, sealed_seed = $11, ends_at = $12, secret = NULL \
         WHERE chapter = $13 AND id = $14 AND secret = $15 AND accepted_at IS NULL \
         AND ends_at > $2";
    let values = values![
        voucher.bytes(),
        now.timestamp(),
        signature.encode(),
        key.vkey(),
        account,
        access.map(|access| access.sign_in_name.clone()),
        access.map(|access| access.person.to_string()),
        lock.map(|lock| lock.cost.to_string()),
        lock.map(|lock| lock.salt.clone()),
        lock.map(|lock| lock.verifier.clone()),
        lock.and_then(|lock| lock.sealed_seed.clone()),
        (now + LASTS).timestamp(),
        chapter.id,
        voucher.id.as_str(),
        secret.digest(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::InvitationOver.into()),
    }
}

/// The name is nobody else's, and no other invitation's that may still become an account.
async fn require_free_name<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
    access: &Access,
) -> Result<(), DeskFault> {
    let text = "SELECT 1 AS taken FROM desk_accounts \
         WHERE chapter = $1 AND sign_in_name = $2 AND person <> $3 \
         UNION ALL SELECT 1 AS taken FROM desk_invitations \
         WHERE chapter = $1 AND sign_in_name = $2 AND person <> $3 AND id <> $4";
    let values =
        values![chapter.id, access.sign_in_name.as_str(), access.person.as_str(), id.as_str()];
    match sql::one(connection, text, values).await? {
        None => Ok(()),
        Some(_) => Err(DeskRefusal::NameTaken.into()),
    }
}

/// Takes an invitation back; one that became a draft goes with the draft.
///
/// # Errors
/// [`DeskRefusal::InvitationOver`].
pub async fn cancel<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM desk_invitations WHERE chapter = $1 AND id = $2 AND NOT EXISTS \
         (SELECT 1 FROM desk_drafts WHERE desk_drafts.chapter = $1 AND desk_drafts.id = $2)";
    match sql::execute(connection, text, values![chapter.id, id.as_str()]).await? {
        1 => vault::destroy_pending(connection, chapter.id, id).await,
        _ => Err(DeskRefusal::InvitationOver.into()),
    }
}

/// A key is in force from this very transaction on: its person gets the account that the
/// invitation prepared, or the one they have gets the new key and lock. A key that no invitation
/// of ours made changes nothing here. The person whose account it is.
///
/// # Errors
/// [`DeskFault::Database`]: a constraint where the name was taken meanwhile.
pub async fn settle<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    key: &PublicKey,
) -> Result<Option<Person>, DeskFault> {
    let text = "SELECT person FROM desk_invitations \
         WHERE chapter = $1 AND vkey = $2 AND account IS NOT NULL";
    let row = sql::one(connection, text, values![chapter.id, key.vkey()]).await?;
    let person = row.map(|row| sql::parsed(&row, TABLE, "person")).transpose()?;
    let text = "INSERT INTO desk_accounts (chapter, id, sign_in_name, person, vkey, cost, salt, \
         verifier, sealed_seed, disabled, made_at, locked_at) \
         SELECT chapter, account, sign_in_name, person, vkey, cost, salt, verifier, sealed_seed, \
         0, accepted_at, accepted_at FROM desk_invitations \
         WHERE chapter = $1 AND vkey = $2 AND account IS NOT NULL \
         ON CONFLICT (chapter, person) DO UPDATE SET vkey = excluded.vkey, cost = excluded.cost, \
         salt = excluded.salt, verifier = excluded.verifier, sealed_seed = excluded.sealed_seed, \
         disabled = 0, locked_at = excluded.locked_at";
    sql::execute(connection, text, values![chapter.id, key.vkey()]).await?;
    let text = "DELETE FROM desk_invitations WHERE chapter = $1 AND vkey = $2";
    sql::execute(connection, text, values![chapter.id, key.vkey()]).await?;
    Ok(person)
}

/// Removes invitations that nothing will become of any more: over without a draft, or with a draft
/// that was withdrawn, sent back or voided.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sweep<C: ConnectionTrait>(
    connection: &C,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    let draft = "SELECT 1 FROM desk_drafts WHERE desk_drafts.chapter = desk_invitations.chapter \
         AND desk_drafts.id = desk_invitations.id";
    let over = format!("FROM desk_invitations WHERE ends_at <= $1 AND NOT EXISTS ({draft})");
    let text = format!("SELECT chapter, id {over}");
    // The names of those who would have come go as well; a draft's go with the draft.
    for row in sql::all(connection, &text, values![now.timestamp()]).await? {
        let id = sql::parsed(&row, TABLE, "id")?;
        vault::destroy_pending(connection, sql::column(&row, "chapter")?, &id).await?;
    }
    let text = format!("DELETE {over}");
    let swept = sql::execute(connection, &text, values![now.timestamp()]).await?;
    let text = format!(
        "DELETE FROM desk_invitations WHERE EXISTS ({draft} AND desk_drafts.state <> 'waiting')"
    );
    Ok(swept + sql::execute(connection, &text, values![]).await?)
}
