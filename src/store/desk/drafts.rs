//! Vouchers that wait at the desk for a second signature.
//!
//! A draft holds the voucher's final bytes: what is approved is exactly what was recorded. Laying
//! the same voucher again changes nothing; a draft is decided once, whoever comes first. Its
//! private values lie in the vault as pending until the entry has its seq.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};

use super::sql::{self, values};
use super::vault::{PrivateValue, Subject, Vault};
use super::{Chapter, DeskFault, DeskRefusal, erasures, register};
use crate::ledger::canonical;
use crate::ledger::entry::{OfficerSignature, SignedVoucher};
use crate::ledger::keys::{PublicKey, SignatureRole};
use crate::ledger::voucher::{Voucher, VoucherId};
use crate::ledger::word::{Date, Person};

const TABLE: &str = "desk_drafts";
const LONGEST_REASON: usize = 2000;
const CODE_LENGTH: usize = 6;

/// What became of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It waits for signatures.
    Waiting,
    /// It is an entry of the ledger.
    Recorded,
    /// An approver sent it back with a reason; the recorder may make a new one of it.
    SentBack,
    /// Its recorder took it back.
    Withdrawn,
    /// The key that signed it was rotated or retired.
    Void,
}

impl State {
    const ALL: [Self; 5] =
        [Self::Waiting, Self::Recorded, Self::SentBack, Self::Withdrawn, Self::Void];

    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Recorded => "recorded",
            Self::SentBack => "sent_back",
            Self::Withdrawn => "withdrawn",
            Self::Void => "void",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::SentBack => "sent back",
            other => other.as_str(),
        })
    }
}

impl std::str::FromStr for State {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or("not a draft's state")
    }
}

/// A draft as the desk shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The voucher.
    pub voucher: Voucher,
    /// A short code to speak of it: six characters of Crockford's base32.
    pub code: String,
    /// What became of it.
    pub state: State,
    /// Who laid it.
    pub made_by: Person,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: Option<Person>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// The entry that it became.
    pub seq: Option<u64>,
    sealed_reason: Option<Vec<u8>>,
}

impl Draft {
    /// Whether somebody sent it back with a reason.
    #[must_use]
    pub const fn has_reason(&self) -> bool {
        self.sealed_reason.is_some()
    }
}

/// Lays a voucher with the signature of its recorder. The same voucher again gives the draft that
/// is there, in whatever state it is.
///
/// # Errors
/// [`DeskRefusal`]: foreign voucher, not signed by its recorder alone, another voucher with this
/// id, private values without a digest in it.
pub async fn lay<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    signed: &SignedVoucher,
    private: &[PrivateValue],
    by: &Person,
    now: DateTime<Utc>,
) -> Result<Draft, DeskFault> {
    let voucher = &signed.voucher;
    let [recorder] = signed.signatures.as_slice() else {
        return Err(DeskRefusal::NotByRecorder.into());
    };
    if recorder.role != SignatureRole::Recorder || recorder.key != voucher.by {
        return Err(DeskRefusal::NotByRecorder.into());
    }
    if voucher.log != chapter.origin {
        return Err(DeskRefusal::ForeignVoucher.into());
    }
    let bytes = voucher.bytes();
    if insert(connection, chapter, voucher, &bytes, by, now).await? {
        add_signature(connection, chapter, &voucher.id, recorder, now).await?;
        vault.hold(connection, chapter, voucher, None, private, now).await?;
    }
    match get(connection, chapter, &voucher.id).await? {
        Some(draft) if draft.voucher.bytes() == bytes => Ok(draft),
        _ => Err(DeskRefusal::IdTaken.into()),
    }
}

/// `false` when the id is there already, here or in the ledger.
async fn insert<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &Voucher,
    bytes: &[u8],
    by: &Person,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "INSERT INTO desk_drafts (chapter, id, code, kind, date, voucher, recorder, state, \
         made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9) \
         ON CONFLICT DO NOTHING";
    let text_of_ledger = "SELECT seq FROM entries WHERE chapter = $1 AND voucher_id = $2";
    let values = values![chapter.id, voucher.id.as_str()];
    if sql::one(connection, text_of_ledger, values).await?.is_some() {
        return Ok(false);
    }
    // Codes of 30 bits: a second draw is rare, a tenth never happens.
    for _ in 0..10 {
        let values = values![
            chapter.id,
            voucher.id.as_str(),
            new_code()?,
            voucher.kind().as_str(),
            voucher.date.to_string(),
            bytes.to_vec(),
            voucher.by.as_str(),
            by.as_str(),
            now.timestamp(),
        ];
        if sql::execute(connection, text, values).await? == 1 {
            return Ok(true);
        }
        if get(connection, chapter, &voucher.id).await?.is_some() {
            return Ok(false);
        }
    }
    Err(DeskFault::damaged(TABLE, "no free code"))
}

fn new_code() -> Result<String, DeskFault> {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = [0_u8; CODE_LENGTH];
    getrandom::fill(&mut random).map_err(|_| DeskFault::Randomness)?;
    Ok(random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

const SELECT: &str = "SELECT code, voucher, state, made_by, made_at, decided_by, decided_at, seq, \
     sealed_reason FROM desk_drafts WHERE chapter = $1";

/// The draft of a voucher.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn get<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
) -> Result<Option<Draft>, DeskFault> {
    let text = format!("{SELECT} AND id = $2");
    let row = sql::one(connection, &text, values![chapter.id, id.as_str()]).await?;
    row.map(|row| read(&row)).transpose()
}

/// Drafts in a state, oldest first.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn in_state<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    state: State,
) -> Result<Vec<Draft>, DeskFault> {
    let text = format!("{SELECT} AND state = $2 ORDER BY made_at, id");
    let rows = sql::all(connection, &text, values![chapter.id, state.as_str()]).await?;
    rows.iter().map(read).collect()
}

/// Waiting drafts dated up to a day: they hold up the closing of its period.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn waiting_through<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    through: Date,
) -> Result<Vec<Draft>, DeskFault> {
    let text = format!("{SELECT} AND state = 'waiting' AND date <= $2 ORDER BY date, made_at, id");
    let rows = sql::all(connection, &text, values![chapter.id, through.to_string()]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<Draft, DeskFault> {
    let bytes: Vec<u8> = sql::column(row, "voucher")?;
    let value =
        canonical::decode(&bytes).map_err(|_| DeskFault::damaged(TABLE, "not canonical"))?;
    let voucher = Voucher::read(&value).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
    let decided_at: Option<i64> = sql::column(row, "decided_at")?;
    let decided_by: Option<String> = sql::column(row, "decided_by")?;
    Ok(Draft {
        voucher,
        code: sql::column(row, "code")?,
        state: sql::parsed(row, TABLE, "state")?,
        made_by: sql::parsed(row, TABLE, "made_by")?,
        made_at: sql::moment(row, TABLE, "made_at")?,
        decided_by: decided_by
            .map(|person| person.parse().map_err(|fault| DeskFault::damaged(TABLE, fault)))
            .transpose()?,
        decided_at: decided_at.and_then(|seconds| DateTime::from_timestamp(seconds, 0)),
        seq: sql::unsigned(row, TABLE, "seq")?,
        sealed_reason: sql::column(row, "sealed_reason")?,
    })
}

/// Adds a further signature (auditor, holder, or the approver where more than one more is needed).
/// The same one twice changes nothing. Whether it holds is for the ledger and the books to say.
///
/// # Errors
/// [`DeskRefusal::UnknownDraft`], [`DeskRefusal::Decided`].
pub async fn add_signature<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
    signature: &OfficerSignature,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "INSERT INTO desk_draft_signatures (chapter, draft, role, key_name, signature, at) \
         SELECT $1, $2, $3, $4, $5, $6 WHERE EXISTS (SELECT 1 FROM desk_drafts \
         WHERE chapter = $1 AND id = $2 AND state = 'waiting') ON CONFLICT DO NOTHING";
    let values = values![
        chapter.id,
        id.as_str(),
        signature.role.as_str(),
        signature.key.as_str(),
        signature.signature.encode(),
        now.timestamp(),
    ];
    if sql::execute(connection, text, values).await? == 1 {
        return Ok(());
    }
    let draft = get(connection, chapter, id).await?.ok_or(DeskRefusal::UnknownDraft)?;
    match draft.state {
        State::Waiting => Ok(()),
        decided => Err(DeskRefusal::Decided(decided).into()),
    }
}

/// The voucher with the signatures that it has so far, in the order of an entry: recorder,
/// approver, auditor, holders, several of one role by key name.
///
/// # Errors
/// [`DeskRefusal::UnknownDraft`], [`DeskFault::Damaged`].
pub async fn signed<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
) -> Result<SignedVoucher, DeskFault> {
    const SIGNATURES: &str = "desk_draft_signatures";
    let draft = get(connection, chapter, id).await?.ok_or(DeskRefusal::UnknownDraft)?;
    let text = "SELECT role, key_name, signature FROM desk_draft_signatures \
         WHERE chapter = $1 AND draft = $2";
    let rows = sql::all(connection, text, values![chapter.id, id.as_str()]).await?;
    let mut signatures = rows
        .iter()
        .map(|row| {
            Ok(OfficerSignature {
                role: sql::parsed(row, SIGNATURES, "role")?,
                key: sql::parsed(row, SIGNATURES, "key_name")?,
                signature: sql::parsed(row, SIGNATURES, "signature")?,
            })
        })
        .collect::<Result<Vec<_>, DeskFault>>()?;
    signatures.sort_by(|one, other| (one.role, &one.key).cmp(&(other.role, &other.key)));
    Ok(SignedVoucher { voucher: draft.voucher, signatures })
}

/// Moves a draft out of one of `from`; of several at once exactly one succeeds.
async fn decide<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
    from: &[State],
    to: State,
    outcome: Outcome<'_>,
) -> Result<(), DeskFault> {
    let states: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
    let text = format!(
        "UPDATE desk_drafts SET state = $1, decided_by = $2, decided_at = $3, sealed_reason = $4 \
         WHERE chapter = $5 AND id = $6 AND state IN ('{}')",
        states.join("', '")
    );
    let values = values![
        to.as_str(),
        outcome.by.as_str(),
        outcome.at.timestamp(),
        outcome.sealed_reason,
        chapter.id,
        id.as_str(),
    ];
    if sql::execute(connection, &text, values).await? == 1 {
        return Ok(());
    }
    let draft = get(connection, chapter, id).await?.ok_or(DeskRefusal::UnknownDraft)?;
    Err(DeskRefusal::Decided(draft.state).into())
}

struct Outcome<'a> {
    by: &'a Person,
    at: DateTime<Utc>,
    sealed_reason: Option<Vec<u8>>,
}

impl<'a> Outcome<'a> {
    fn new(by: &'a Person, at: DateTime<Utc>) -> Self {
        Self { by, at, sealed_reason: None }
    }
}

/// An approver sends a draft back. The reason is sealed: people write names into it.
///
/// # Errors
/// [`DeskRefusal::TextLength`], [`DeskRefusal::OwnDraft`], [`DeskRefusal::UnknownDraft`],
/// [`DeskRefusal::Decided`].
pub async fn send_back<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    id: &VoucherId,
    by: &Person,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let reason = reason.trim();
    if !(1..=LONGEST_REASON).contains(&reason.chars().count()) {
        return Err(DeskRefusal::TextLength("reason", LONGEST_REASON).into());
    }
    let draft = get(connection, chapter, id).await?.ok_or(DeskRefusal::UnknownDraft)?;
    if &draft.made_by == by {
        return Err(DeskRefusal::OwnDraft.into());
    }
    let subject = Subject::Voucher(id.clone());
    let sealed =
        vault.seal_note(connection, chapter, &subject, "reason", reason.as_bytes(), now).await?;
    let outcome = Outcome { sealed_reason: Some(sealed), ..Outcome::new(by, now) };
    decide(connection, chapter, id, &[State::Waiting], State::SentBack, outcome).await?;
    erasures::forget(connection, chapter, id).await?;
    register::forget_lines(connection, chapter, id).await
}

/// Why a draft was sent back, for its recorder.
///
/// # Errors
/// [`DeskRefusal::Gone`] after erasure, [`DeskFault::Damaged`].
pub async fn reason<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    draft: &Draft,
    (reader, now): (&Person, DateTime<Utc>),
) -> Result<Option<String>, DeskFault> {
    let Some(sealed) = &draft.sealed_reason else { return Ok(None) };
    let subject = Subject::Voucher(draft.voucher.id.clone());
    let reason = vault.open_note(connection, chapter, &subject, "reason", sealed).await?;
    let what = subject.to_string();
    let action = super::vault::Action::Opened;
    super::vault::note(connection, chapter, reader, action, &what, 1, now).await?;
    String::from_utf8(reason.to_vec())
        .map(Some)
        .map_err(|_| DeskFault::damaged(TABLE, "reason: not text"))
}

/// The recorder takes a draft back, waiting or sent back; its private values are destroyed.
///
/// # Errors
/// [`DeskRefusal::NotYours`], [`DeskRefusal::UnknownDraft`], [`DeskRefusal::Decided`].
pub async fn withdraw<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
    by: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let draft = get(connection, chapter, id).await?.ok_or(DeskRefusal::UnknownDraft)?;
    if &draft.made_by != by {
        return Err(DeskRefusal::NotYours.into());
    }
    let from = [State::Waiting, State::SentBack];
    decide(connection, chapter, id, &from, State::Withdrawn, Outcome::new(by, now)).await?;
    forget(connection, chapter, id).await
}

/// Voids the drafts that a key recorded, waiting or sent back, and takes its other signatures off
/// drafts: the key was rotated or its officer retired. The number of drafts that became void.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn void_by_key<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    key: &PublicKey,
    now: DateTime<Utc>,
) -> Result<usize, DeskFault> {
    let text = "UPDATE desk_drafts SET state = 'void', decided_at = $1, sealed_reason = NULL \
         WHERE chapter = $2 AND recorder = $3 AND state IN ('waiting', 'sent_back') RETURNING id";
    let values = values![now.timestamp(), chapter.id, key.name()];
    let voided = sql::all(connection, text, values).await?;
    for row in &voided {
        forget(connection, chapter, &sql::parsed(row, TABLE, "id")?).await?;
    }
    let text = "DELETE FROM desk_draft_signatures WHERE chapter = $1 AND key_name = $2 \
         AND draft IN (SELECT id FROM desk_drafts WHERE chapter = $1 AND state = 'waiting')";
    sql::execute(connection, text, values![chapter.id, key.name()]).await?;
    Ok(voided.len())
}

/// Destroys what a draft that will never be an entry held.
async fn forget<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &VoucherId,
) -> Result<(), DeskFault> {
    super::vault::destroy_pending(connection, chapter.id, id).await?;
    erasures::forget(connection, chapter, id).await?;
    register::forget_lines(connection, chapter, id).await
}

#[cfg(test)]
mod tests;
