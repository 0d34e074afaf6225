//! When what has to be published, in a chapter's own numbers, and what hangs on its notice board.
//!
//! A rule is a number of days behind a day that the books know; what follows from it is worked out
//! elsewhere. Every version of the deadlines is kept. Notices are the officers' word: the ledger
//! knows nothing of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sql::{self, values};
use super::{Chapter, DeskFault, DeskRefusal};
use crate::ledger::word::{Date, Person};

const DEADLINES: &str = "desk_deadlines";
const NOTICES: &str = "desk_notices";
/// The longest source and the longest place of a notice, in code points.
pub const LONGEST: usize = 200;
/// The most days of a rule.
pub const MOST_DAYS: u32 = 3_650;

/// What a deadline is about, and from which day its days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A month is closed: days after its end.
    MonthClosed,
    /// The statement of a quarter is published: days after its end.
    QuarterPublished,
    /// The statement of a year is published: days after its end.
    YearPublished,
    /// A gift has its receipt: days after it came.
    ReceiptGiven,
    /// An appeal takes gifts no longer: days after it began.
    AppealIntake,
    /// What an appeal brought is handed out: days after its end.
    AppealHandedOut,
    /// What an appeal brought is published: days after its end.
    AppealResults,
    /// What it was used for is published: days after the last of it was handed out.
    AppealUsed,
    /// A published statement hangs on the notice board: days after it was published.
    NoticePosted,
    /// A notice hangs so long: days after it was put up.
    NoticeKept,
}

impl Rule {
    /// All rules, in the order of pages.
    pub const ALL: [Self; 10] = [
        Self::MonthClosed,
        Self::QuarterPublished,
        Self::YearPublished,
        Self::ReceiptGiven,
        Self::AppealIntake,
        Self::AppealHandedOut,
        Self::AppealResults,
        Self::AppealUsed,
        Self::NoticePosted,
        Self::NoticeKept,
    ];

    /// The word in the database and in keys of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MonthClosed => "month_closed",
            Self::QuarterPublished => "quarter_published",
            Self::YearPublished => "year_published",
            Self::ReceiptGiven => "receipt_given",
            Self::AppealIntake => "appeal_intake",
            Self::AppealHandedOut => "appeal_handed_out",
            Self::AppealResults => "appeal_results",
            Self::AppealUsed => "appeal_used",
            Self::NoticePosted => "notice_posted",
            Self::NoticeKept => "notice_kept",
        }
    }

    /// What holds until the chapter says otherwise. Numbers without a source are proposals; those
    /// of the decree were read in one place alone and are marked as to be checked.
    fn usual(self) -> Deadline {
        let decree = |article: u32| format!("Nghị định 93/2021/NĐ-CP, điều {article}");
        let (days, source) = match self {
            Self::MonthClosed => (10, String::new()),
            Self::QuarterPublished => (20, String::new()),
            Self::YearPublished => (45, String::new()),
            Self::ReceiptGiven => (7, String::new()),
            Self::AppealIntake => (90, decree(8)),
            Self::AppealHandedOut => (20, decree(8)),
            Self::AppealResults => (15, decree(14)),
            Self::AppealUsed | Self::NoticeKept => (30, decree(14)),
            Self::NoticePosted => (5, String::new()),
        };
        Deadline { days, check: !source.is_empty(), source, on: true }
    }
}

/// A number of days with the rule that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// How many days.
    pub days: u32,
    /// Where that is said; empty where the chapter sets it itself.
    pub source: String,
    /// Whether somebody has still to check the source.
    pub check: bool,
    /// Whether the rule is followed.
    pub on: bool,
}

/// The deadlines of a chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Deadlines {
    /// The first day that counts: what was to begin running earlier is not shown. `None`: the first
    /// day of the books.
    pub since: Option<Date>,
    rules: BTreeMap<Rule, Deadline>,
    /// Rules of a newer program, kept as they are.
    others: BTreeMap<String, Value>,
}

/// Deadlines as they are stored: rules by their words.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Date>,
    #[serde(default)]
    rules: BTreeMap<String, Value>,
}

impl From<Stored> for Deadlines {
    fn from(mut stored: Stored) -> Self {
        let mut own = Self { since: stored.since, ..Self::default() };
        for rule in Rule::ALL {
            let given = stored.rules.remove(rule.as_str());
            if let Some(read) = given.and_then(|own| serde_json::from_value(own).ok()) {
                own.rules.insert(rule, read);
            }
        }
        own.others = stored.rules;
        own
    }
}

impl From<Deadlines> for Stored {
    fn from(own: Deadlines) -> Self {
        let mut rules = own.others;
        for (rule, deadline) in own.rules {
            // Numbers, texts and marks: it always becomes JSON.
            rules.insert(rule.as_str().to_owned(), serde_json::json!(deadline));
        }
        Self { since: own.since, rules }
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        let rules = Rule::ALL.into_iter().map(|rule| (rule, rule.usual())).collect();
        Self { since: None, rules, others: BTreeMap::new() }
    }
}

impl Deadlines {
    /// The deadline of a rule.
    #[must_use]
    pub fn of(&self, rule: Rule) -> Deadline {
        self.rules.get(&rule).cloned().unwrap_or_else(|| rule.usual())
    }

    /// Sets the deadline of a rule.
    pub fn set(&mut self, rule: Rule, deadline: Deadline) {
        self.rules.insert(rule, deadline);
    }

    fn check(&self) -> Result<(), DeskRefusal> {
        for (rule, own) in &self.rules {
            if !(1..=MOST_DAYS).contains(&own.days) {
                let expected = format!("{}: 1 to {MOST_DAYS} days expected", rule.as_str());
                return Err(DeskRefusal::Setting(expected));
            }
            one_line("source", &own.source, 0)?;
        }
        Ok(())
    }
}

fn one_line(what: &'static str, text: &str, least: usize) -> Result<(), DeskRefusal> {
    let length = text.chars().count();
    let fits = (least..=LONGEST).contains(&length) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(DeskRefusal::TextLength(what, LONGEST)) }
}

/// Deadlines as they stand after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Counted from 1; 0 before anybody changed anything.
    pub number: u64,
    /// What holds.
    pub deadlines: Deadlines,
    /// Whether these are the program's own.
    pub usual: bool,
    /// Who changed them, and when; nobody before the first change.
    pub changed: Option<(Person, DateTime<Utc>)>,
}

impl Version {
    fn first() -> Self {
        Self { number: 0, deadlines: Deadlines::default(), usual: true, changed: None }
    }
}

fn version(row: &QueryResult) -> Result<Version, DeskFault> {
    let text: Option<String> = sql::column(row, "deadlines")?;
    let deadlines = match &text {
        Some(text) => serde_json::from_str(text)
            .map_err(|_| DeskFault::damaged(DEADLINES, "deadlines out of their form"))?,
        None => Deadlines::default(),
    };
    let by = sql::parsed(row, DEADLINES, "changed_by")?;
    Ok(Version {
        number: sql::unsigned(row, DEADLINES, "version")?.unwrap_or_default(),
        deadlines,
        usual: text.is_none(),
        changed: Some((by, sql::moment(row, DEADLINES, "changed_at")?)),
    })
}

/// Every version, the oldest first; the first is what the program begins with.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn versions<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Vec<Version>, DeskFault> {
    let text = "SELECT version, deadlines, changed_by, changed_at FROM desk_deadlines \
         WHERE chapter = $1 ORDER BY version";
    let mut all = vec![Version::first()];
    for row in sql::all(connection, text, values![chapter.id]).await? {
        all.push(version(&row)?);
    }
    Ok(all)
}

/// The version in force.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn in_force<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Version, DeskFault> {
    let text = "SELECT version, deadlines, changed_by, changed_at FROM desk_deadlines \
         WHERE chapter = $1 ORDER BY version DESC LIMIT 1";
    let row = sql::one(connection, text, values![chapter.id]).await?;
    row.as_ref().map_or_else(|| Ok(Version::first()), version)
}

/// Puts deadlines in force, or the program's own (`None`), in place of the version that the
/// officer saw.
///
/// # Errors
/// [`DeskRefusal::Setting`] and [`DeskRefusal::TextLength`] for one out of its range;
/// [`DeskRefusal::RecordMoved`] when somebody else changed them meanwhile.
pub async fn change<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    (seen, deadlines): (u64, Option<&Deadlines>),
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<(), DeskFault> {
    if let Some(own) = deadlines {
        own.check()?;
    }
    if in_force(connection, chapter).await?.number != seen {
        return Err(DeskRefusal::RecordMoved.into());
    }
    let json = deadlines.map(serde_json::to_string).transpose();
    let json = json.map_err(|fault| DeskFault::damaged(DEADLINES, fault))?;
    let text = "INSERT INTO desk_deadlines (chapter, version, deadlines, changed_by, changed_at) \
         VALUES ($1, $2, $3, $4, $5)";
    let version = sql::signed(seen.saturating_add(1));
    let values = values![chapter.id, version, json, officer.as_str(), now.timestamp()];
    sql::execute(connection, text, values).await.map(drop)
}

/// A statement on the notice board, by the officers' word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The opaque identifier.
    pub id: Person,
    /// The name of the statement, such as `2026-q3`.
    pub statement: String,
    /// Since when it hangs.
    pub posted_on: Date,
    /// The last day on which it is to hang.
    pub until_on: Date,
    /// Where.
    pub place: String,
}

fn notice(row: &QueryResult) -> Result<Notice, DeskFault> {
    Ok(Notice {
        id: sql::parsed(row, NOTICES, "id")?,
        statement: sql::column(row, "statement")?,
        posted_on: sql::parsed(row, NOTICES, "posted_on")?,
        until_on: sql::parsed(row, NOTICES, "until_on")?,
        place: sql::column(row, "place")?,
    })
}

/// The notices that were not removed, in the order in which they were put up.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn notices<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
) -> Result<Vec<Notice>, DeskFault> {
    let text = "SELECT id, statement, posted_on, until_on, place FROM desk_notices \
         WHERE chapter = $1 AND removed_at IS NULL ORDER BY posted_on, made_at, id";
    let rows = sql::all(connection, text, values![chapter.id]).await?;
    rows.iter().map(notice).collect()
}

/// Keeps a notice under an identifier of the caller's; `false` when it is there already, as after
/// a second click.
///
/// # Errors
/// [`DeskRefusal::TextLength`]; [`DeskRefusal::Setting`] for days that run backwards.
pub async fn post<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    notice: &Notice,
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    one_line("place", &notice.place, 1)?;
    one_line("statement", &notice.statement, 1)?;
    if notice.until_on < notice.posted_on {
        return Err(DeskRefusal::Setting("until_on: not before posted_on".to_owned()).into());
    }
    let text = "INSERT INTO desk_notices (chapter, id, statement, posted_on, until_on, place, \
         made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (chapter, id) DO NOTHING";
    let values = values![
        chapter.id,
        notice.id.as_str(),
        notice.statement.as_str(),
        notice.posted_on.to_string(),
        notice.until_on.to_string(),
        notice.place.as_str(),
        officer.as_str(),
        now.timestamp(),
    ];
    Ok(sql::execute(connection, text, values).await? == 1)
}

/// Takes a notice back that was typed by mistake; `false` when it is gone already.
///
/// # Errors
/// [`DeskRefusal::Gone`] for one that never was.
pub async fn remove<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    id: &Person,
    officer: &Person,
    now: DateTime<Utc>,
) -> Result<bool, DeskFault> {
    let text = "UPDATE desk_notices SET removed_by = $1, removed_at = $2 \
         WHERE chapter = $3 AND id = $4 AND removed_at IS NULL";
    let values = values![officer.as_str(), now.timestamp(), chapter.id, id.as_str()];
    if sql::execute(connection, text, values).await? == 1 {
        return Ok(true);
    }
    let text = "SELECT id FROM desk_notices WHERE chapter = $1 AND id = $2";
    match sql::one(connection, text, values![chapter.id, id.as_str()]).await? {
        Some(_) => Ok(false),
        None => Err(DeskRefusal::Gone.into()),
    }
}

#[cfg(test)]
mod tests;
