//! `/readyz`: whether the site could write now, in words for programs.
//!
//! One line a thing, `name: word`, behind a first line that says it all; 503 when something cannot
//! be recorded, else 200, also with warnings: for these nobody takes the site away. Everybody may
//! read it: it has no figures of the machine, and why a ledger is closed stands in the operator's
//! log.

use chrono::{DateTime, Utc};
use rocket::http::{ContentType, Status};
use rocket::{State, get};

use super::ledgers::{Ledgers, read};
use crate::store::facade::ClockFit;
use crate::store::{ChapterId, Checked, Source, Standing, Store};
use crate::web::{Config, Fault};

/// So many seconds behind the primary a standby is slow.
const LAG: u64 = 10;

/// How a thing is.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    /// Well.
    #[default]
    Well,
    /// A person should see to it; recording goes on.
    Doubtful,
    /// Something cannot be recorded.
    Stopped,
}

/// Lines, and the worst of what they say.
#[derive(Default)]
struct Lines {
    text: String,
    worst: Word,
}

impl Lines {
    fn say(&mut self, name: &str, how: Word, word: &str) {
        self.text.push_str(&format!("{name}: {word}\n"));
        self.worst = self.worst.max(how);
    }
}

/// Whether every ledger takes writes, the database answers, the disk has room and the clock can be
/// right: 503 with the lines that say what stops recording.
#[get("/readyz")]
pub async fn ready(
    ledgers: Ledgers<'_>,
    config: &State<Config>,
) -> Result<(Status, (ContentType, String)), Fault> {
    let (store, now) = (ledgers.store(), config.clock.now());
    if store.is_reading() {
        return reading(store, config).await;
    }
    let mut lines = Lines::default();
    let answers = config.watch.database(store).await;
    let (how, word) = match (answers, store.may_write()) {
        (false, _) => (Word::Stopped, "away"),
        (true, false) => (Word::Stopped, "read-only"),
        (true, true) => (Word::Well, "ok"),
    };
    lines.say("database", how, word);
    if store.newer_schema().is_some() {
        lines.say("schema", Word::Stopped, "of a newer program");
    }
    let folder = store.folder();
    let (how, word) = match (config.watch.is_full(folder), config.watch.is_nearly_full(folder)) {
        (true, _) => (Word::Stopped, "full"),
        (false, true) => (Word::Doubtful, "nearly full"),
        (false, false) => (Word::Well, "ok"),
    };
    lines.say("disk", how, word);
    if !store.keeps_anchors() {
        lines.say("anchors", Word::Doubtful, "their folder is gone");
    }
    let chapters = store.chapters();
    let mut fits = Vec::new();
    for (chapter, _) in &chapters {
        fits.push(store.clock_fit(*chapter, now).map_err(read)?);
    }
    let behind = fits.iter().any(|fit| matches!(fit, ClockFit::Behind(_)));
    let ahead = chapters.iter().zip(&fits).any(|((id, _), fit)| rests(store, *id, *fit));
    let (how, word) = match (behind, config.watch.jump().is_some(), ahead) {
        (true, _, _) => (Word::Stopped, "behind the last entry"),
        (false, true, _) => (Word::Doubtful, "set within the last hour"),
        // A ledger that rested is no fault of the machine: an officer confirms the clock.
        (false, false, true) => (Word::Doubtful, "to be confirmed by an officer"),
        (false, false, false) => (Word::Well, "ok"),
    };
    lines.say("clock", how, word);
    for ((chapter, origin), fit) in chapters.iter().zip(fits) {
        let open = store.standing(*chapter).map_err(read)? == Standing::Open;
        let far = rests(store, *chapter, fit);
        let rests = if far { ", clock to be confirmed" } else { "" };
        let checked = told(store.checked(*chapter).map_err(read)?);
        let (how, word) =
            if open { (Word::Well, "open") } else { (Word::Stopped, "closed for writing") };
        lines.say(origin.as_str(), how, &format!("{word}{rests}{checked}"));
    }
    if chapters.is_empty() {
        lines.text.push_str("no ledger yet\n");
    }
    let (status, word) = match lines.worst {
        Word::Well => (Status::Ok, "ready"),
        Word::Doubtful => (Status::Ok, "ready, with warnings"),
        Word::Stopped => (Status::ServiceUnavailable, "not ready"),
    };
    Ok((status, (ContentType::Plain, format!("{word}\n{}", lines.text))))
}

/// Whether a ledger that goes on has rested for so long that an officer has to confirm the clock.
fn rests(store: &Store, chapter: ChapterId, fit: ClockFit) -> bool {
    let open = store.standing(chapter).is_ok_and(|standing| standing == Standing::Open);
    let ended = store
        .books(chapter)
        .is_ok_and(|books| books.chapter().is_some_and(|own| own.closed.is_some()));
    open && !ended && matches!(fit, ClockFit::FarAhead(_))
}

/// What a server that only reads says: what it follows, how far behind, and whether every ledger
/// has a head that it can show.
async fn reading(store: &Store, config: &Config) -> Result<(Status, (ContentType, String)), Fault> {
    let mut lines = Lines::default();
    let source = match config.watch.database(store).await {
        true => Some(store.source().await),
        false => None,
    };
    let away = !matches!(source, Some(Ok(_)));
    let (how, word) = if away { (Word::Stopped, "away") } else { (Word::Well, "ok") };
    lines.say("database", how, word);
    if let Some(Ok(Some(source))) = source {
        let (how, words) = followed(source);
        lines.say("follows", how, &words);
    }
    if store.newer_schema().is_some() {
        lines.say("schema", Word::Doubtful, "of a newer program");
    }
    for (chapter, origin) in store.chapters() {
        let shown = store.head(chapter).map_err(read)?.is_some();
        let checked = told(store.checked(chapter).map_err(read)?);
        let (how, word) = if shown { (Word::Well, "shown") } else { (Word::Stopped, "no head") };
        lines.say(origin.as_str(), how, &format!("{word}{checked}"));
    }
    let (status, word) = match lines.worst {
        Word::Well => (Status::Ok, "read only"),
        Word::Doubtful => (Status::Ok, "read only, with warnings"),
        Word::Stopped => (Status::ServiceUnavailable, "read only, not ready"),
    };
    Ok((status, (ContentType::Plain, format!("{word}\n{}", lines.text))))
}

/// What is read from, in words.
fn followed(source: Source) -> (Word, String) {
    match source {
        Source::Primary => (Word::Well, "a server that takes writes".to_owned()),
        Source::Standby { connected: true, behind: Some(behind) } => {
            let how = if behind > LAG { Word::Doubtful } else { Word::Well };
            (how, format!("a primary, {behind} s behind"))
        }
        Source::Standby { connected: true, behind: None } => {
            (Word::Doubtful, "a primary, nothing taken over yet".to_owned())
        }
        Source::Standby { connected: false, behind } => {
            let last = behind.map(|behind| format!(", last commit {behind} s ago"));
            (Word::Doubtful, format!("no primary{}", last.unwrap_or_default()))
        }
    }
}

/// The last whole replay, where it says something of how the ledger stands.
fn told(checked: Option<Checked>) -> String {
    let Some(Checked { at: Some(at), clean, .. }) = checked else { return String::new() };
    let word = if clean { "checked" } else { "differences found" };
    format!(", {word} {}", time(at))
}

fn time(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y-%m-%dT%H:%M:%SZ")
}
