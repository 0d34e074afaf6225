//! Donors' names that may be shown: recorded consent, and the published disclosures.
//!
//! No name stands in a leaf. A shown name is the disclosure of a `donor` digest, published beside
//! the tree (`disclosures.jsonl`) while a consent to exactly this name stands. Taking back the
//! consent takes the line away; the ledger's proofs do not change.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::openings::{Action, note};
use super::{Purpose, Query, Reader, Subject, Vault};
use crate::ledger::canonical;
use crate::ledger::disclosure::{Disclosure, PrivateName};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Date, Person};
use crate::store::desk::sql::{self, values};
use crate::store::desk::{Chapter, DeskFault, DeskRefusal};
use crate::store::search;

const TABLE: &str = "vault_published";
const CONSENTS: &str = "vault_consents";
const WITHDRAWALS: &str = "vault_withdrawals";

/// A recorded consent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whose.
    pub subject: Subject,
    /// For one gift alone; `None` for all of the person's gifts.
    pub voucher: Option<VoucherId>,
    /// To be shown by this name.
    pub name: PrivateName,
    /// The day on which it was given.
    pub given_on: Date,
    /// The officer who recorded it.
    pub recorded_by: Person,
}

/// A published disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The entry's place.
    pub seq: u64,
    /// The disclosure of one of its donor digests.
    pub disclosure: Disclosure,
}

impl Published {
    /// Its line in the `disclosures.jsonl` of a ledger that continues others with `before` entries,
    /// canonical, without the newline.
    #[must_use]
    pub fn line(&self, before: u64) -> String {
        let line = canonical::encode(&json!({
            "disclosure": self.disclosure.encode(),
            "seq": self.seq.saturating_sub(before),
        }));
        String::from_utf8(line).unwrap_or_default()
    }
}

/// Records that a donor agrees to be shown. Donors of an import batch share one data key, so
/// theirs is for one gift; a person of the register may agree for all.
///
/// # Errors
/// [`DeskRefusal::NotAName`] for other private values or a batch without a voucher,
/// [`DeskRefusal::Gone`] for an unknown or erased subject.
pub async fn record_consent<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    consent: &Consent,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let of_one = consent.voucher.is_some() || matches!(consent.subject, Subject::Person(_));
    if !consent.name.is_publishable() || !of_one {
        return Err(DeskRefusal::NotAName.into());
    }
    keep_consent(connection, chapter, consent, now).await?;
    let subject = consent.subject.to_string();
    note(connection, chapter, &consent.recorded_by, Action::Consent, &subject, 1, now).await
}

async fn keep_consent<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    consent: &Consent,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let subject = consent.subject.to_string();
    let text = "INSERT INTO vault_consents (chapter, subject, voucher, name, given_on, \
         recorded_by, recorded_at) SELECT $1, $2, $3, $4, $5, $6, $7 WHERE EXISTS \
         (SELECT 1 FROM vault_keys WHERE chapter = $1 AND subject = $2) \
         ON CONFLICT (chapter, subject, voucher, name) DO UPDATE SET \
         given_on = $5, recorded_by = $6, recorded_at = $7";
    let values = values![
        chapter.id,
        subject.as_str(),
        consent.voucher.as_ref().map_or("", VoucherId::as_str),
        consent.name.as_str(),
        consent.given_on.to_string(),
        consent.recorded_by.as_str(),
        now.timestamp(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::Gone.into()),
    }
}

/// Keeps how a recorded consent was given (a letter, at the counter), sealed under the donor's key.
///
/// # Errors
/// [`DeskRefusal::Gone`] without that consent or its donor.
pub async fn note_how<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    consent: &Consent,
    how: &str,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let (subject, label) = (&consent.subject, how_label(consent));
    let sealed = vault.seal_note(connection, chapter, subject, &label, how.as_bytes(), now).await?;
    let text = "UPDATE vault_consents SET sealed_how = $1 \
         WHERE chapter = $2 AND subject = $3 AND voucher = $4 AND name = $5";
    let values = values![
        sealed,
        chapter.id,
        subject.to_string(),
        consent.voucher.as_ref().map_or("", VoucherId::as_str),
        consent.name.as_str(),
    ];
    match sql::execute(connection, text, values).await? {
        1 => Ok(()),
        _ => Err(DeskRefusal::Gone.into()),
    }
}

/// How a recorded consent was given; `None` when nobody wrote it down.
///
/// # Errors
/// [`DeskRefusal::Gone`] for an erased donor, [`DeskFault::Damaged`].
pub async fn how<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    consent: &Consent,
) -> Result<Option<String>, DeskFault> {
    let text = "SELECT sealed_how FROM vault_consents \
         WHERE chapter = $1 AND subject = $2 AND voucher = $3 AND name = $4";
    let values = values![
        chapter.id,
        consent.subject.to_string(),
        consent.voucher.as_ref().map_or("", VoucherId::as_str),
        consent.name.as_str(),
    ];
    let row = sql::one(connection, text, values).await?;
    let sealed: Option<Vec<u8>> =
        row.map(|row| sql::column(&row, "sealed_how")).transpose()?.flatten();
    let Some(sealed) = sealed else { return Ok(None) };
    let label = how_label(consent);
    let plain = vault.open_note(connection, chapter, &consent.subject, &label, &sealed).await?;
    String::from_utf8(plain.to_vec())
        .map(Some)
        .map_err(|_| DeskFault::damaged(CONSENTS, "how: not text"))
}

fn how_label(consent: &Consent) -> String {
    let voucher = consent.voucher.as_ref().map_or("", VoucherId::as_str);
    format!("consent:{voucher}:{}", consent.name.as_str())
}

/// The consents of a subject.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn consents<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    subject: &Subject,
) -> Result<Vec<Consent>, DeskFault> {
    let text = "SELECT voucher, name, given_on, recorded_by FROM vault_consents \
         WHERE chapter = $1 AND subject = $2 ORDER BY voucher, name";
    let rows = sql::all(connection, text, values![chapter.id, subject.to_string()]).await?;
    rows.iter()
        .map(|row| {
            let voucher: String = sql::column(row, "voucher")?;
            let voucher = (!voucher.is_empty()).then(|| voucher.parse()).transpose();
            Ok(Consent {
                subject: subject.clone(),
                voucher: voucher.map_err(|fault| DeskFault::damaged(CONSENTS, fault))?,
                name: sql::parsed(row, CONSENTS, "name")?,
                given_on: sql::parsed(row, CONSENTS, "given_on")?,
                recorded_by: sql::parsed(row, CONSENTS, "recorded_by")?,
            })
        })
        .collect()
}

/// Takes back what a donor agreed to (for one gift, or everything) and unpublishes what stood on
/// it. The number of names that are no longer shown.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn withdraw_consent<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    officer: &Person,
    subject: &Subject,
    voucher: Option<&VoucherId>,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    let key = subject.to_string();
    let id = voucher.map_or("", VoucherId::as_str);
    let text = "DELETE FROM vault_consents \
         WHERE chapter = $1 AND subject = $2 AND ($3 = '' OR voucher = $3)";
    sql::execute(connection, text, values![chapter.id, key.as_str(), id]).await?;
    // Towards less: a gift's own withdrawal takes its name off even if a general consent stands.
    let text = "DELETE FROM vault_published WHERE chapter = $1 AND ($3 = '' OR voucher = $3) \
         AND EXISTS (SELECT 1 FROM vault_disclosures AS held WHERE held.chapter = $1 \
         AND held.voucher = vault_published.voucher AND held.digest = vault_published.digest \
         AND held.subject = $2)";
    let gone = sql::execute(connection, text, values![chapter.id, key.as_str(), id]).await?;
    let text = "INSERT INTO vault_withdrawals (chapter, voucher, times, by_donor, at) \
         SELECT DISTINCT chapter, voucher, 1, 0, CAST($4 AS BIGINT) FROM vault_disclosures \
         WHERE chapter = $1 AND subject = $2 AND of_donor = 1 AND ($3 = '' OR voucher = $3) \
         ON CONFLICT (chapter, voucher) DO UPDATE SET times = vault_withdrawals.times + 1, \
         by_donor = 0, at = EXCLUDED.at";
    let values = values![chapter.id, key.as_str(), id, now.timestamp()];
    sql::execute(connection, text, values).await?;
    let number = usize::try_from(gone).unwrap_or(usize::MAX);
    note(connection, chapter, officer, Action::Withdrawn, &key, number, now).await?;
    Ok(gone)
}

/// Shows the donor's name of a recorded gift by one of the two names. The other one, if it was
/// shown, no longer is.
///
/// # Errors
/// [`DeskRefusal::NotAName`] when the entry has no such donor name, [`DeskRefusal::NoConsent`].
pub async fn publish<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    officer: &Person,
    voucher: &VoucherId,
    name: PrivateName,
    now: DateTime<Utc>,
) -> Result<Published, DeskFault> {
    if !name.is_publishable() {
        return Err(DeskRefusal::NotAName.into());
    }
    let of_donor = donor_digests(connection, chapter, voucher).await?;
    let reader = Reader { person: officer, purpose: Purpose::Desk };
    let query = Query::Voucher(voucher.clone());
    let opened = vault.open(connection, chapter, reader, &query, now).await?;
    let found = opened.into_iter().find(|value| {
        let disclosure = &value.disclosure;
        let is_text = disclosure.value().is_string();
        disclosure.name() == name
            && is_text
            && of_donor.iter().any(|own| own == disclosure.digest().as_str())
    });
    let (value, seq) =
        found.and_then(|value| value.seq.map(|seq| (value, seq))).ok_or(DeskRefusal::NotAName)?;
    let subject = value.subject.to_string();
    let text = "SELECT 1 AS yes FROM vault_consents WHERE chapter = $1 AND subject = $2 \
         AND name = $3 AND (voucher = $4 OR voucher = '')";
    let consent = values![chapter.id, subject.as_str(), name.as_str(), voucher.as_str()];
    if sql::one(connection, text, consent).await?.is_none() {
        return Err(DeskRefusal::NoConsent.into());
    }
    show(connection, chapter, (voucher, seq, &value.disclosure), officer, now).await?;
    let what = format!("voucher:{voucher}");
    note(connection, chapter, officer, Action::Published, &what, 1, now).await?;
    Ok(Published { seq, disclosure: value.disclosure })
}

/// Puts one of a donor's two names on the public pages in place of the other, with its words in the
/// search.
async fn show<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (voucher, seq, disclosure): (&VoucherId, u64, &Disclosure),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    remove(connection, chapter, voucher).await?;
    let digest = disclosure.digest();
    let text = "INSERT INTO vault_published (chapter, voucher, digest, seq, disclosure, name, \
         published_by, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = values![
        chapter.id,
        voucher.as_str(),
        digest.as_str(),
        sql::signed(seq),
        disclosure.encode(),
        disclosure.name().as_str(),
        officer.as_str(),
        now.timestamp(),
    ];
    sql::execute(connection, text, values).await?;
    let name = disclosure.value().as_str().unwrap_or_default();
    search::index_name(connection, chapter.id, (voucher, digest.as_str(), seq), name).await?;
    Ok(())
}

async fn donor_digests<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
) -> Result<Vec<String>, DeskFault> {
    // Asked for what has a seq, SQLite would look through all of the chapter.
    let text = "SELECT digest, seq FROM vault_disclosures \
         WHERE chapter = $1 AND voucher = $2 AND of_donor = 1";
    let rows = sql::all(connection, text, values![chapter.id, voucher.as_str()]).await?;
    let mut digests = Vec::with_capacity(rows.len());
    for row in &rows {
        if sql::unsigned(row, "vault_disclosures", "seq")?.is_some() {
            digests.push(sql::column(row, "digest")?);
        }
    }
    Ok(digests)
}

async fn remove<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
) -> Result<u64, DeskFault> {
    let text = "DELETE FROM vault_published WHERE chapter = $1 AND voucher = $2";
    sql::execute(connection, text, values![chapter.id, voucher.as_str()]).await
}

/// The donor hides their name with the code of their receipt: it leaves the public pages, and the
/// consent to this gift's name goes with it. Nobody's opening, so the log has no line of it; the
/// page of the gift's name says when it was.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn hide<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
    now: DateTime<Utc>,
) -> Result<u64, DeskFault> {
    taken_back(connection, chapter, voucher, now).await?;
    remove(connection, chapter, voucher).await
}

/// The consent to one gift's name ends by the code of its receipt; forms from before show nothing
/// again.
async fn taken_back<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "DELETE FROM vault_consents WHERE chapter = $1 AND voucher = $2";
    sql::execute(connection, text, values![chapter.id, voucher.as_str()]).await?;
    let text = "INSERT INTO vault_withdrawals (chapter, voucher, times, by_donor, at) \
         VALUES ($1, $2, 1, 1, $3) ON CONFLICT (chapter, voucher) DO UPDATE SET \
         times = vault_withdrawals.times + 1, by_donor = 1, at = EXCLUDED.at";
    let values = values![chapter.id, voucher.as_str(), now.timestamp()];
    sql::execute(connection, text, values).await.map(drop)
}

/// The donor has only the masked name shown from now on where the full one was, with the code of
/// their receipt. Who agreed to the whole agreed to the part: the consent to the full name ends,
/// one to the masked name of this gift takes its place, recorded by the same officer. `false` when
/// the
/// full name is not shown, when there is no masked one, or when the values are held back: nothing
/// was changed then.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn lessen<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    (voucher, today): (&VoucherId, Date),
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "SELECT published_by, seq FROM vault_published \
         WHERE chapter = $1 AND voucher = $2 AND name = 'full_name'";
    let row = sql::one(connection, text, values![chapter.id, voucher.as_str()]).await?;
    let Some(row) = row else { return Ok(false) };
    let officer: Person = sql::parsed(&row, TABLE, "published_by")?;
    let seq = sql::unsigned(&row, TABLE, "seq")?.unwrap_or_default();
    let Some((masked, subject)) = vault.masked(connection, chapter, voucher).await? else {
        return Ok(false);
    };
    // What was agreed to, when and before whom stays as it was recorded.
    let before = consents(connection, chapter, &subject).await?.into_iter().find(|own| {
        let this = own.voucher.as_ref().is_none_or(|own| own == voucher);
        own.name == PrivateName::FullName && this
    });
    let recorded = before.map(|own| (own.given_on, own.recorded_by));
    let (given_on, recorded_by) = recorded.unwrap_or_else(|| (today, officer.clone()));
    taken_back(connection, chapter, voucher, now).await?;
    let (name, voucher_of) = (PrivateName::MaskedName, Some(voucher.clone()));
    let consent = Consent { subject, voucher: voucher_of, name, given_on, recorded_by };
    keep_consent(connection, chapter, &consent, now).await?;
    show(connection, chapter, (voucher, seq, &masked), &officer, now).await?;
    Ok(true)
}

/// Whether a masked name could be shown in place of the full one: by [`lessen`], without anybody's
/// opening being noted, because nothing of it is shown before.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn may_lessen<C: ConnectionTrait>(
    connection: &C,
    vault: &Vault,
    chapter: &Chapter,
    voucher: &VoucherId,
) -> Result<bool, DeskFault> {
    Ok(vault.masked(connection, chapter, voucher).await?.is_some())
}

/// That the name of a gift's donor was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// How often so far.
    pub times: u64,
    /// Whether the donor did it the last time, with the receipt's code.
    pub by_donor: bool,
    /// When, the last time.
    pub at: DateTime<Utc>,
}

/// Whether and when the name of a gift's donor was taken back.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn withdrawal<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    voucher: &VoucherId,
) -> Result<Option<Withdrawal>, DeskFault> {
    let text = "SELECT times, by_donor, at FROM vault_withdrawals \
         WHERE chapter = $1 AND voucher = $2";
    let row = sql::one(connection, text, values![chapter.id, voucher.as_str()]).await?;
    row.map(|row| {
        Ok(Withdrawal {
            times: sql::unsigned(&row, WITHDRAWALS, "times")?.unwrap_or_default(),
            by_donor: sql::column::<i64>(&row, "by_donor")? == 1,
            at: sql::moment(&row, WITHDRAWALS, "at")?,
        })
    })
    .transpose()
}

/// A name on the public pages, for the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownName {
    /// The entry.
    pub seq: u64,
    /// Which of the two names.
    pub name: PrivateName,
    /// The name itself.
    pub text: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Names on the public pages, of the newest entries below `below` first.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn shown_names<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    below: u64,
    most: u32,
) -> Result<Vec<ShownName>, DeskFault> {
    let text = "SELECT seq, name, disclosure, published_at FROM vault_published \
         WHERE chapter = $1 AND seq < $2 ORDER BY seq DESC, digest LIMIT $3";
    let values = values![chapter.id, sql::signed(below), i64::from(most)];
    let rows = sql::all(connection, text, values).await?;
    rows.iter()
        .map(|row| {
            let text: String = sql::column(row, "disclosure")?;
            let disclosure =
                Disclosure::parse(&text).map_err(|fault| DeskFault::damaged(TABLE, fault))?;
            Ok(ShownName {
                seq: sql::unsigned(row, TABLE, "seq")?.unwrap_or_default(),
                name: sql::parsed(row, TABLE, "name")?,
                text: disclosure.value().as_str().unwrap_or_default().to_owned(),
                since: sql::moment(row, TABLE, "published_at")?,
            })
        })
        .collect()
}

/// Published disclosures of the entries from `first` on and below `end`, in the order of
/// `disclosures.jsonl` (seq, then digest): ask by ranges of entries, and never past a published
/// size.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn published<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    first: u64,
    end: u64,
) -> Result<Vec<Published>, DeskFault> {
    let text = "SELECT seq, disclosure FROM vault_published \
         WHERE chapter = $1 AND seq >= $2 AND seq < $3 ORDER BY seq, digest";
    let values = values![chapter.id, sql::signed(first), sql::signed(end)];
    let rows = sql::all(connection, text, values).await?;
    rows.iter()
        .map(|row| {
            let text: String = sql::column(row, "disclosure")?;
            Ok(Published {
                seq: sql::unsigned(row, TABLE, "seq")?.unwrap_or_default(),
                disclosure: Disclosure::parse(&text)
                    .map_err(|fault| DeskFault::damaged(TABLE, fault))?,
            })
        })
        .collect()
}
