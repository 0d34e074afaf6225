//! `/readyz`: whether the site could write now, in words for programs.
//!
//! One line a thing, `name: word`, behind a first line that says it all; 200 when all is well, else
//! 503. Everybody may read it: it has no figures of the machine, and why a ledger is closed stands
//! in the operator's log.

use chrono::{DateTime, Utc};
use rocket::http::{ContentType, Status};
use rocket::{State, get};

use super::ledgers::{Ledgers, read};
use crate::store::facade::ClockFit;
use crate::store::{Checked, Standing};
use crate::web::{Config, Fault};

/// Lines, and whether one of them says that something is not well.
#[derive(Default)]
struct Lines {
    text: String,
    not_ready: bool,
}

impl Lines {
    fn say(&mut self, name: &str, well: bool, word: &str) {
        self.text.push_str(&format!("{name}: {word}\n"));
        self.not_ready |= !well;
    }
}

/// Whether every ledger takes writes, the database answers, the disk has room and the clock can be
/// right: 503 with the lines that say what is not so.
#[get("/readyz")]
pub async fn ready(
    ledgers: Ledgers<'_>,
    config: &State<Config>,
) -> Result<(Status, (ContentType, String)), Fault> {
    let (store, now) = (ledgers.store(), config.clock.now());
    let mut lines = Lines::default();
    let answers = config.watch.database(store).await;
    lines.say("database", answers, if answers { "ok" } else { "away" });
    let full = config.watch.is_nearly_full(store.folder());
    lines.say("disk", !full, if full { "nearly full" } else { "ok" });
    let chapters = store.chapters();
    let mut fits = Vec::new();
    for (chapter, _) in &chapters {
        fits.push(store.clock_fit(*chapter, now).map_err(read)?);
    }
    let behind = fits.iter().any(|fit| matches!(fit, ClockFit::Behind(_)));
    let word = match (behind, config.watch.jump().is_some()) {
        (true, _) => "behind the last entry",
        (false, true) => "set within the last hour",
        (false, false) => "ok",
    };
    lines.say("clock", word == "ok", word);
    for ((chapter, origin), fit) in chapters.iter().zip(fits) {
        let open = store.standing(*chapter).map_err(read)? == Standing::Open;
        let far = open && matches!(fit, ClockFit::FarAhead(_));
        let rests = if far { ", clock to be confirmed" } else { "" };
        let checked = told(store.checked(*chapter).map_err(read)?);
        let word = if open { "open" } else { "closed for writing" };
        lines.say(origin.as_str(), open, &format!("{word}{rests}{checked}"));
    }
    if chapters.is_empty() {
        lines.text.push_str("no ledger yet\n");
    }
    let (status, word) = match lines.not_ready {
        false => (Status::Ok, "ready"),
        true => (Status::ServiceUnavailable, "not ready"),
    };
    Ok((status, (ContentType::Plain, format!("{word}\n{}", lines.text))))
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
