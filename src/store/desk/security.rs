//! What happened to accounts: the log of sign-ins, passphrases, codes, sessions and invitations.
//!
//! A line says what, when, whose account and who did it; never a passphrase, a code or a link. It
//! can be neither changed nor removed. Failed sign-ins are counted by the hour instead: whoever
//! guesses fills no table, and names that nobody has are counted as one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};

use super::sql::{self, values};
use super::{Chapter, DeskFault};
use crate::ledger::word::Person;

const TABLE: &str = "desk_security_log";
const FAILED: &str = "desk_failed_sign_ins";
/// The longest detail, in code points.
const LONGEST: usize = 120;

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Event {
            $($(#[$doc])* $variant,)+
        }

        impl Event {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in the log, and in keys of texts.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

events! {
    /// Signed in.
    SignedIn = "signed_in",
    /// Signed out of one session.
    SignedOut = "signed_out",
    /// One session was ended from another, by the officer.
    SessionEnded = "session_ended",
    /// All sessions of an officer, or all but one, were ended.
    SessionsEnded = "sessions_ended",
    /// Another passphrase.
    PassphraseChanged = "passphrase_changed",
    /// Codes of a second device are asked for from now on.
    CodesOn = "codes_on",
    /// Another device makes the codes.
    DeviceChanged = "device_changed",
    /// Codes are asked for no more.
    CodesOff = "codes_off",
    /// New recovery codes; those before open nothing.
    RecoveryMade = "recovery_made",
    /// A recovery code was used.
    RecoveryUsed = "recovery_used",
    /// A link was made by which an officer without their device gets another.
    ResetMade = "reset_made",
    /// Such a link was taken back.
    ResetCancelled = "reset_cancelled",
    /// Such a link was used: the device before makes no codes any more.
    ResetUsed = "reset_used",
    /// The chapter asks all officers for codes.
    Required = "required",
    /// It does so no more.
    NotRequired = "not_required",
    /// An invitation for a new key.
    Invited = "invited",
    /// A new link to one.
    LinkMade = "link_made",
    /// One was taken up: a passphrase was chosen.
    TakenUp = "taken_up",
    /// One was taken back.
    InvitationCancelled = "invitation_cancelled",
    /// A key began: the account opens with what its person chose.
    KeyBegun = "key_begun",
    /// A retired officer's account was closed.
    AccountClosed = "account_closed",
    /// The log of who saw private values was downloaded.
    OpeningsExported = "openings_exported",
    /// This log was downloaded.
    SecurityExported = "security_exported",
    /// A report of what may have leaked was made.
    BreachReported = "breach_reported",
}

impl std::str::FromStr for Event {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|event| event.as_str() == text).ok_or("not an event")
    }
}

/// Whose account it is about, and who did it; the same person where both are one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who<'a> {
    /// Whose account.
    pub person: Option<&'a Person>,
    /// Who did it; none for whoever runs the machine.
    pub by: Option<&'a Person>,
}

impl<'a> Who<'a> {
    /// An officer, to their own account.
    #[must_use]
    pub const fn own(person: &'a Person) -> Self {
        Self { person: Some(person), by: Some(person) }
    }

    /// An officer, to another's account.
    #[must_use]
    pub const fn of(person: &'a Person, by: &'a Person) -> Self {
        Self { person: Some(person), by: Some(by) }
    }

    /// An officer, to nobody's account in particular.
    #[must_use]
    pub const fn by(by: &'a Person) -> Self {
        Self { person: None, by: Some(by) }
    }
}

/// Adds a line to the log. `detail`: a coarse device, a count, a span of days; cut at 120
/// characters.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn note<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    event: Event,
    who: Who<'_>,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "INSERT INTO desk_security_log (chapter, at, event, person, made_by, detail) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    let detail: String = detail.chars().take(LONGEST).collect();
    let values = values![
        chapter.id,
        now.timestamp(),
        event.as_str(),
        who.person.map(Person::to_string),
        who.by.map(Person::to_string),
        detail,
    ];
    sql::execute(connection, text, values).await.map(drop)
}

/// Why a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// Another passphrase, or a name that nobody has.
    Passphrase,
    /// The right passphrase, and another code.
    Code,
    /// Too many tries: it was not looked at.
    Waited,
}

impl Failure {
    const ALL: [Self; 3] = [Self::Passphrase, Self::Code, Self::Waited];

    /// The word in the table, and in keys of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Code => "code",
            Self::Waited => "waited",
        }
    }
}

impl std::str::FromStr for Failure {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|own| own.as_str() == text).ok_or("not a failure")
    }
}

/// Counts a failed sign-in; `person` is none for a name that nobody has.
///
/// # Errors
/// [`DeskFault::Database`].
pub async fn failed<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    person: Option<&Person>,
    what: Failure,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    let text = "INSERT INTO desk_failed_sign_ins (chapter, hour, person, what, number) \
         VALUES ($1, $2, $3, $4, 1) ON CONFLICT (chapter, hour, person, what) \
         DO UPDATE SET number = desk_failed_sign_ins.number + 1";
    let person = person.map(Person::to_string).unwrap_or_default();
    let hour = now.timestamp().div_euclid(3_600) * 3_600;
    sql::execute(connection, text, values![chapter.id, hour, person, what.as_str()]).await.map(drop)
}

/// Which lines are asked for: all that are not named are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one person: whose account, or who did it.
    pub person: Option<Person>,
    /// From this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
    /// Lines below this number, for the next page.
    pub below: Option<u64>,
}

impl Filter {
    /// Conditions with their values, behind `$1`, which is the chapter. `person` says how the
    /// person's columns are compared, with `@` for the value's place.
    pub(super) fn conditions(&self, person: &str) -> (String, Vec<sea_orm::Value>) {
        let (mut text, mut values) = (String::new(), Vec::new());
        let mut add = |condition: &str, value: sea_orm::Value| {
            values.push(value);
            let place = format!("${}", values.len() + 1);
            text.push_str(" AND ");
            text.push_str(&condition.replace('@', &place));
        };
        if let Some(own) = &self.person {
            add(person, own.as_str().into());
        }
        if let Some(from) = self.from {
            add("at >= @", from.timestamp().into());
        }
        if let Some(until) = self.until {
            add("at < @", until.timestamp().into());
        }
        if let Some(below) = self.below {
            add("id < @", sql::signed(below).into());
        }
        (text, values)
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, which only grows.
    pub id: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub event: Event,
    /// Whose account.
    pub person: Option<Person>,
    /// Who did it.
    pub by: Option<Person>,
    /// More about it.
    pub detail: String,
}

/// Lines of the log, the newest first.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn lines<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    filter: &Filter,
    most: u32,
) -> Result<Vec<Line>, DeskFault> {
    let (text, own) = lines_text(filter, most);
    let mut values = values![chapter.id];
    values.extend(own);
    let rows = sql::all(connection, &text, values).await?;
    rows.iter().map(read).collect()
}

/// The question for lines. Of one person those of their account and those they did are two walks
/// along an index each, and not a look at every line.
fn lines_text(filter: &Filter, most: u32) -> (String, Vec<sea_orm::Value>) {
    let walk = |person: &str| {
        let (conditions, own) = filter.conditions(person);
        let text = format!(
            "SELECT id, at, event, person, made_by, detail FROM desk_security_log \
             WHERE chapter = $1{conditions} ORDER BY id DESC LIMIT {most}"
        );
        (text, own)
    };
    let (of_account, own) = walk("person = @");
    if filter.person.is_none() {
        return (of_account, own);
    }
    let (done_by, _) = walk("made_by = @");
    let text = format!(
        "SELECT * FROM (SELECT * FROM ({of_account}) AS own UNION \
         SELECT * FROM ({done_by}) AS done) AS either ORDER BY id DESC LIMIT {most}"
    );
    (text, own)
}

fn read(row: &QueryResult) -> Result<Line, DeskFault> {
    let person = |name: &str| -> Result<Option<Person>, DeskFault> {
        let text: Option<String> = sql::column(row, name)?;
        let read = |text: String| text.parse().map_err(|fault| DeskFault::damaged(TABLE, fault));
        text.map(read).transpose()
    };
    Ok(Line {
        id: sql::unsigned(row, TABLE, "id")?.unwrap_or_default(),
        at: sql::moment(row, TABLE, "at")?,
        event: sql::parsed(row, TABLE, "event")?,
        person: person("person")?,
        by: person("made_by")?,
        detail: sql::column(row, "detail")?,
    })
}

/// Sign-ins of one account, good and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignIns {
    /// Signed in.
    pub good: u64,
    /// Another passphrase.
    pub passphrase: u64,
    /// Another code.
    pub code: u64,
    /// Not looked at.
    pub waited: u64,
}

/// Sign-ins by account in a span of time; under `None` those with a name that nobody has. Failed
/// ones are counted by the hour: those of the hours that begin in the span.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn sign_ins<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    filter: &Filter,
) -> Result<BTreeMap<Option<Person>, SignIns>, DeskFault> {
    let filter = Filter { below: None, ..filter.clone() };
    let mut all: BTreeMap<Option<Person>, SignIns> = BTreeMap::new();
    let (conditions, own) = filter.conditions("person = @");
    let with = |own: Vec<sea_orm::Value>| {
        let mut values = values![chapter.id];
        values.extend(own);
        values
    };
    let text = format!(
        "SELECT person, COUNT(*) AS number FROM desk_security_log WHERE chapter = $1 \
         AND event = 'signed_in' AND person IS NOT NULL{conditions} GROUP BY person"
    );
    for row in sql::all(connection, &text, with(own)).await? {
        let number = sql::unsigned(&row, TABLE, "number")?.unwrap_or_default();
        all.entry(Some(sql::parsed(&row, TABLE, "person")?)).or_default().good = number;
    }
    let (conditions, own) = filter.conditions("person = @");
    let text = format!(
        "SELECT person, what, CAST(SUM(number) AS BIGINT) AS number FROM desk_failed_sign_ins \
         WHERE chapter = $1{} GROUP BY person, what",
        conditions.replace(" at ", " hour ")
    );
    for row in sql::all(connection, &text, with(own)).await? {
        let person: String = sql::column(&row, "person")?;
        let person = (!person.is_empty()).then(|| person.parse()).transpose();
        let person = person.map_err(|fault| DeskFault::damaged(FAILED, fault))?;
        let number = sql::unsigned(&row, FAILED, "number")?.unwrap_or_default();
        let counts = all.entry(person).or_default();
        match sql::parsed::<Failure>(&row, FAILED, "what")? {
            Failure::Passphrase => counts.passphrase = number,
            Failure::Code => counts.code = number,
            Failure::Waited => counts.waited = number,
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
