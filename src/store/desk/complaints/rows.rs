//! Complaints in the database.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use zeroize::Zeroizing;

use super::{
    Actor, CONTACT_DAYS, Complaint, LONGEST_ANSWER, LONGEST_CONTACT, LONGEST_TEXT, MOST_A_DAY,
    NewComplaint, Publication, State,
};
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::word::Person;
use crate::store::desk::sql::{self, values};
use crate::store::desk::vault::{self, Action, Subject, Vault};
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};

const TABLE: &str = "desk_complaints";
const TEXT: &str = "complaint-text";
const ANSWER: &str = "complaint-answer";
const CONTACT: &str = "complaint-contact";

/// A complaint that was sent: its identifier and the sender's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// The identifier.
    pub id: Person,
    /// With which the sender looks up the answer.
    pub code: ReceiptCode,
}

/// What is destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The sender's contact.
    Contact,
    /// Contact, text and answer.
    All,
}

/// The sender's code: as unguessable as that of a receipt, the same at any time.
fn code(receipt_key: &[u8; 32], chapter: &Chapter, id: &Person) -> ReceiptCode {
    ReceiptCode::about(receipt_key, &format!("complaint/{}/{id}", chapter.identity))
}

fn blind(vault: &Vault, code: &ReceiptCode) -> Vec<u8> {
    vault.blind("complaint-code", &[code.as_str().as_bytes()]).to_vec()
}

/// The identifier of what was sent: it follows from the form and everything in it, so the same form
/// twice is one complaint, and nobody gets at another's by repeating a part of it.
fn identifier(vault: &Vault, chapter: &Chapter, new: &NewComplaint<'_>) -> Option<Person> {
    let seq = new.seq.map(|seq| seq.to_string()).unwrap_or_default();
    let parts = [
        chapter.identity.as_str(),
        new.nonce,
        new.about.as_str(),
        &seq,
        new.officer.as_ref().map_or("", Person::as_str),
        new.wanted.map_or("", |name| name.as_str()),
        if new.by_code { "code" } else { "" },
        new.text,
        new.contact.unwrap_or_default(),
    ];
    let digest = vault.blind("complaint", &parts.map(str::as_bytes));
    hex::encode(&digest[..8]).parse().ok()
}

fn check(name: &'static str, text: &str, most: usize) -> Result<(), DeskRefusal> {
    match (1..=most).contains(&text.chars().count()) {
        true => Ok(()),
        false => Err(DeskRefusal::TextLength(name, most)),
    }
}

/// Keeps a complaint; the same form again gives the same code.
///
/// # Errors
/// [`DeskRefusal::TextLength`]; [`DeskRefusal::ComplaintsFull`] when too many came within a day.
pub async fn file<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    new: &NewComplaint<'_>,
    receipt_key: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Filed, DeskFault> {
    check("text", new.text, LONGEST_TEXT)?;
    if let Some(contact) = new.contact {
        check("contact", contact, LONGEST_CONTACT)?;
    }
    let id = identifier(vault, chapter, new).ok_or(DeskFault::Randomness)?;
    let code = code(receipt_key, chapter, &id);
    let known = "SELECT id FROM desk_complaints WHERE chapter = $1 AND id = $2";
    if sql::one(connection, known, values![chapter.id, id.as_str()]).await?.is_some() {
        return Ok(Filed { id, code });
    }
    let day = (now - TimeDelta::hours(24)).timestamp();
    let text = "SELECT COUNT(*) AS n FROM desk_complaints WHERE chapter = $1 AND made_at > $2";
    let row = sql::one(connection, text, values![chapter.id, day]).await?;
    let today: i64 = row.map_or(Ok(0), |row| sql::column(&row, "n"))?;
    if sql::signed(MOST_A_DAY) <= today {
        return Err(DeskRefusal::ComplaintsFull.into());
    }
    let (own, reached) = (Subject::Complaint(id.clone()), Subject::Contact(id.clone()));
    let plain = new.text.as_bytes();
    let sealed = vault.seal_note(connection, chapter, &own, TEXT, plain, now).await?;
    let contact = match new.contact.map(str::as_bytes) {
        Some(plain) => {
            Some(vault.seal_note(connection, chapter, &reached, CONTACT, plain, now).await?)
        }
        None => None,
    };
    let text = "INSERT INTO desk_complaints (chapter, id, code, about, seq, officer, by_code, \
         wanted, sealed, sealed_contact, state, made_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'received', $11, 0)";
    let values = values![
        chapter.id,
        id.as_str(),
        blind(vault, &code),
        new.about.as_str(),
        new.seq.map(sql::signed),
        new.officer.as_ref().map(Person::as_str),
        i64::from(new.by_code),
        new.wanted.map(|name| name.as_str()),
        sealed,
        contact,
        now.timestamp(),
    ];
    sql::execute(connection, text, values).await?;
    Ok(Filed { id, code })
}

const SELECT: &str = "SELECT id, about, seq, officer, by_code, wanted, state, made_at, taken_by, \
     taken_at, answered_by, answered_at, summary, reply, published_at, version, \
     CAST(CASE WHEN sealed IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_text, \
     CAST(CASE WHEN sealed_contact IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_contact \
     FROM desk_complaints";

fn optional<T: std::str::FromStr<Err: std::fmt::Display>>(
    row: &QueryResult,
    name: &str,
) -> Result<Option<T>, DeskFault> {
    let text: Option<String> = sql::column(row, name)?;
    let read = text.map(|text| text.parse()).transpose();
    read.map_err(|fault: T::Err| DeskFault::damaged(TABLE, format!("{name}: {fault}")))
}

fn by_whom(
    row: &QueryResult,
    who: &str,
    when: &str,
) -> Result<Option<(Person, DateTime<Utc>)>, DeskFault> {
    match optional::<Person>(row, who)? {
        Some(person) => Ok(Some((person, sql::moment(row, TABLE, when)?))),
        None => Ok(None),
    }
}

fn read(row: &QueryResult) -> Result<Complaint, DeskFault> {
    let summary: Option<String> = sql::column(row, "summary")?;
    let reply: Option<String> = sql::column(row, "reply")?;
    let published = match summary.zip(reply) {
        Some((summary, reply)) => {
            let at = sql::moment(row, TABLE, "published_at")?;
            Some((Publication { summary, reply }, at))
        }
        None => None,
    };
    Ok(Complaint {
        id: sql::parsed(row, TABLE, "id")?,
        about: sql::parsed(row, TABLE, "about")?,
        seq: sql::unsigned(row, TABLE, "seq")?,
        officer: optional(row, "officer")?,
        by_code: sql::column::<i64>(row, "by_code")? == 1,
        wanted: optional(row, "wanted")?,
        state: sql::parsed(row, TABLE, "state")?,
        made_at: sql::moment(row, TABLE, "made_at")?,
        taken: by_whom(row, "taken_by", "taken_at")?,
        answered: by_whom(row, "answered_by", "answered_at")?,
        published,
        has_text: sql::column::<i64>(row, "has_text")? == 1,
        has_contact: sql::column::<i64>(row, "has_contact")? == 1,
        version: sql::unsigned(row, TABLE, "version")?.unwrap_or_default(),
    })
}

/// A complaint that an officer may see; `None` of one that there is not for them.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn get<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
    actor: Actor<'_>,
) -> Result<Option<Complaint>, DeskFault> {
    let text = format!("{SELECT} WHERE chapter = $1 AND id = $2");
    let row = sql::one(connection, &text, values![chapter.id, id.as_str()]).await?;
    let found = row.as_ref().map(read).transpose()?;
    Ok(found.filter(|own| own.may_see(actor)))
}

/// Complaints that an officer may see: those that wait for an answer, the oldest first; or with
/// `answered` those that have one, the newest first, below `before`.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn list<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    actor: Actor<'_>,
    (answered, most): (bool, u32),
) -> Result<Vec<Complaint>, DeskFault> {
    let which = match answered {
        false => "state <> 'answered' ORDER BY made_at, id",
        true => "state = 'answered' ORDER BY answered_at DESC, id",
    };
    let text = format!("{SELECT} WHERE chapter = $1 AND {which} LIMIT $2");
    let rows = sql::all(connection, &text, values![chapter.id, i64::from(most)]).await?;
    let all: Result<Vec<_>, _> = rows.iter().map(read).collect();
    Ok(all?.into_iter().filter(|own| own.may_see(actor)).collect())
}

/// How many wait for an answer of those that an officer may see.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn waiting<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    actor: Actor<'_>,
) -> Result<u64, DeskFault> {
    if !actor.has_any(super::READERS) {
        return Ok(0);
    }
    let text = "SELECT COUNT(*) AS n FROM desk_complaints WHERE chapter = $1 \
         AND state <> 'answered' AND (officer IS NULL OR officer <> $2)";
    let row = sql::one(connection, text, values![chapter.id, actor.person.as_str()]).await?;
    row.map_or(Ok(0), |row| Ok(sql::unsigned(&row, TABLE, "n")?.unwrap_or_default()))
}

/// Where a code leads: the row of its chapter, and the complaint.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn of_code<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    code: &ReceiptCode,
) -> Result<Option<(i64, Complaint)>, DeskFault> {
    let text = SELECT.replacen("SELECT ", "SELECT chapter, ", 1) + " WHERE code = $1";
    let row = sql::one(connection, &text, values![blind(vault, code)]).await?;
    row.map(|row| Ok((sql::column(&row, "chapter")?, read(&row)?))).transpose()
}

/// What the sender wrote and what was answered, as far as both are there. Whoever shows it to an
/// officer notes that with [`vault::note`].
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn texts<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    id: &Person,
) -> Result<(Option<String>, Option<String>), DeskFault> {
    let subject = Subject::Complaint(id.clone());
    let text = opened(connection, vault, chapter, (&subject, TEXT), (id, "sealed")).await?;
    let answer = opened(connection, vault, chapter, (&subject, ANSWER), (id, "sealed_answer"));
    Ok((text, answer.await?))
}

/// How the sender can be reached, which the log notes.
///
/// # Errors
/// [`DeskRefusal::ComplaintNotYours`], [`DeskRefusal::Gone`] when it is not there any more.
pub async fn contact<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (id, actor): (&Person, Actor<'_>),
    now: DateTime<Utc>,
) -> Result<String, DeskFault> {
    let own = get(connection, chapter, id, actor).await?.ok_or(DeskRefusal::Gone)?;
    if !own.may_answer(actor) {
        return Err(DeskRefusal::ComplaintNotYours.into());
    }
    let subject = Subject::Contact(id.clone());
    let found = opened(connection, vault, chapter, (&subject, CONTACT), (id, "sealed_contact"));
    let found = found.await?.ok_or(DeskRefusal::Gone)?;
    let what = subject.to_string();
    vault::note(connection, chapter, actor.person, Action::Opened, &what, 1, now).await?;
    Ok(found)
}

async fn opened<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (subject, label): (&Subject, &str),
    (id, column): (&Person, &str),
) -> Result<Option<String>, DeskFault> {
    let text = format!("SELECT {column} FROM desk_complaints WHERE chapter = $1 AND id = $2");
    let row = sql::one(connection, &text, values![chapter.id, id.as_str()]).await?;
    let sealed: Option<Vec<u8>> = row.map(|row| sql::column(&row, column)).transpose()?.flatten();
    let Some(sealed) = sealed else { return Ok(None) };
    let plain: Zeroizing<Vec<u8>> =
        vault.open_note(connection, chapter, subject, label, &sealed).await?;
    let text = String::from_utf8(plain.to_vec());
    text.map(Some).map_err(|_| DeskFault::damaged(TABLE, "a text that is none"))
}

/// The complaint as it is, if the officer may answer it and has seen it so.
async fn held<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (id, version): (&Person, u64),
    actor: Actor<'_>,
) -> Result<Complaint, DeskFault> {
    let own = get(connection, chapter, id, actor).await?.ok_or(DeskRefusal::Gone)?;
    own.held_to(actor, version)
}

/// An officer begins to look into it.
///
/// # Errors
/// [`DeskRefusal::ComplaintNotYours`], [`DeskRefusal::ComplaintMoved`].
pub async fn take<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    of: (&Person, u64),
    actor: Actor<'_>,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let own = held(connection, chapter, of, actor).await?;
    if own.state != State::Received {
        return Err(DeskRefusal::ComplaintMoved.into());
    }
    let text = "UPDATE desk_complaints SET state = 'looked_at', taken_by = $1, taken_at = $2, \
         version = version + 1 WHERE chapter = $3 AND id = $4";
    let values = values![actor.person.as_str(), now.timestamp(), chapter.id, own.id.as_str()];
    sql::execute(connection, text, values).await.map(drop)
}

/// Holds a publication against what the sender wrote.
async fn hold_publication<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    id: &Person,
    publication: &Publication,
) -> Result<(), DeskFault> {
    let (text, _) = texts(connection, vault, chapter, id).await?;
    let subject = Subject::Contact(id.clone());
    let of = (id, "sealed_contact");
    let contact = opened(connection, vault, chapter, (&subject, CONTACT), of).await?;
    Ok(publication.check(text.as_deref(), contact.as_deref())?)
}

/// Answers it, and publishes what is to be published.
///
/// # Errors
/// [`DeskRefusal::ComplaintNotYours`], [`DeskRefusal::ComplaintMoved`],
/// [`DeskRefusal::TextLength`], [`DeskRefusal::SendersWords`].
pub async fn answer<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    of: (&Person, u64),
    (answer, publication): (&str, Option<&Publication>),
    actor: Actor<'_>,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let own = held(connection, chapter, of, actor).await?;
    if own.state == State::Answered || !own.has_text {
        return Err(DeskRefusal::ComplaintMoved.into());
    }
    check("answer", answer, LONGEST_ANSWER)?;
    if let Some(publication) = publication {
        hold_publication(connection, vault, chapter, &own.id, publication).await?;
    }
    let subject = Subject::Complaint(own.id.clone());
    let plain = answer.as_bytes();
    let sealed = vault.seal_note(connection, chapter, &subject, ANSWER, plain, now).await?;
    let text = "UPDATE desk_complaints SET state = 'answered', answered_by = $1, \
         answered_at = $2, sealed_answer = $3, version = version + 1 \
         WHERE chapter = $4 AND id = $5";
    let at = now.timestamp();
    let values = values![actor.person.as_str(), at, sealed, chapter.id, own.id.as_str()];
    sql::execute(connection, text, values).await?;
    match publication {
        Some(_) => {
            let of = (&own.id, own.version + 1);
            publish(connection, vault, chapter, of, publication, actor, now).await
        }
        None => Ok(()),
    }
}

/// Publishes an answered complaint in an officer's own words, in place of what was published of it
/// before; `None` takes it off the public page.
///
/// # Errors
/// As for [`answer`].
pub async fn publish<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    of: (&Person, u64),
    publication: Option<&Publication>,
    actor: Actor<'_>,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let own = held(connection, chapter, of, actor).await?;
    if own.state != State::Answered {
        return Err(DeskRefusal::ComplaintMoved.into());
    }
    if let Some(publication) = publication {
        hold_publication(connection, vault, chapter, &own.id, publication).await?;
    }
    let text = "UPDATE desk_complaints SET summary = $1, reply = $2, published_at = $3, \
         version = version + 1 WHERE chapter = $4 AND id = $5";
    let values = values![
        publication.map(|own| own.summary.as_str()),
        publication.map(|own| own.reply.as_str()),
        publication.map(|_| now.timestamp()),
        chapter.id,
        own.id.as_str(),
    ];
    sql::execute(connection, text, values).await.map(drop)
}

/// Destroys the sender's contact, or of an answered complaint everything private. Commit, then
/// [`vault::scrub`].
///
/// # Errors
/// [`DeskRefusal::ComplaintNotYours`], [`DeskRefusal::ComplaintMoved`].
pub async fn erase<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (of, part): ((&Person, u64), Part),
    actor: Actor<'_>,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let own = held(connection, chapter, of, actor).await?;
    if part == Part::All && own.state != State::Answered {
        return Err(DeskRefusal::ComplaintMoved.into());
    }
    let gone = destroy(connection, chapter, &own.id, part).await?;
    // What was erased is not named, as with every erasure.
    let what = if part == Part::All { "complaint" } else { "contact" };
    vault::note(connection, chapter, actor.person, Action::Erased, what, gone, now).await
}

/// The sender destroys their contact with their code.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn sender_erases<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
) -> Result<(), DeskFault> {
    destroy(connection, chapter, id, Part::Contact).await.map(drop)
}

/// The number of values that went.
async fn destroy<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
    part: Part,
) -> Result<usize, DeskFault> {
    let (columns, subjects) = match part {
        Part::Contact => ("sealed_contact = NULL", vec![Subject::Contact(id.clone())]),
        Part::All => (
            "sealed_contact = NULL, sealed = NULL, sealed_answer = NULL",
            vec![Subject::Contact(id.clone()), Subject::Complaint(id.clone())],
        ),
    };
    let text = format!(
        "UPDATE desk_complaints SET {columns}, version = version + 1 \
         WHERE chapter = $1 AND id = $2"
    );
    sql::execute(connection, &text, values![chapter.id, id.as_str()]).await?;
    let mut gone = 0;
    for subject in subjects {
        let text = "DELETE FROM vault_keys WHERE chapter = $1 AND subject = $2";
        let done = sql::execute(connection, text, values![chapter.id, subject.to_string()]).await?;
        gone += usize::try_from(done).unwrap_or(usize::MAX);
    }
    Ok(gone)
}

/// Destroys the contacts of senders who were answered [`CONTACT_DAYS`] ago; how many. Commit, then
/// [`vault::scrub`].
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn sweep<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    let text = "SELECT id FROM desk_complaints WHERE chapter = $1 AND state = 'answered' \
         AND answered_at < $2 AND sealed_contact IS NOT NULL";
    let before = (now - TimeDelta::days(CONTACT_DAYS)).timestamp();
    let rows = sql::all(connection, text, values![chapter.id, before]).await?;
    for row in &rows {
        let id: Person = sql::parsed(row, TABLE, "id")?;
        destroy(connection, chapter, &id, Part::Contact).await?;
    }
    Ok(rows.len() as u64)
}
