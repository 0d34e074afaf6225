//! `minhbach doctor`: looks over data folder, keys, database, anchor, disk and clock.

mod before;
mod machine;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::data::{slugs, stop};
use super::restore::copy_files;
use super::settings::{backup_days, least_free};
use super::{CliFault, Context};
use crate::ledger::word::Time;
use crate::store::copies::{Signed, anchored};
use crate::store::facade::Setting;
use crate::store::{ChapterId, Checked, Closure, Location, Standing, Store, StoreConfig};
use crate::web::{Clock, figment};

/// Looks over data folder, keys, database, anchor, disk and clock, and says what to mend.
///
/// Checks that the keys are readable by their owner alone and the data folder is closed to others,
/// runs the database's own check, reads back the settings that durability rests on, replays every
/// ledger with its signatures and compares all derived tables, compares the anchor with the stored
/// head, tells of the server's last replay and the newest backups, and looks at free disk and
/// clock. Makes no database, no key and no anchor where there is none, and changes nothing but what
/// every start brings up to date in the database. Stop the server first. Run it as the user who
/// serves. Status 1 when anything is wrong; a warning alone leaves it at 0.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach doctor
  minhbach doctor --data /srv/minhbach --json")]
pub struct Doctor {
    /// The findings as JSON
    #[arg(long)]
    json: bool,
}

/// Everything that was looked at.
#[derive(Debug, Serialize)]
struct Findings {
    chapters: Vec<Chapter>,
    checks: Vec<Check>,
}

/// A ledger.
#[derive(Debug, Serialize)]
struct Chapter {
    slug: String,
    size: u64,
    /// The root over all entries; `None` when they may not be signed.
    head: Option<String>,
    /// When all entries were replayed and nothing was wrong.
    verified_at: Option<Time>,
}

/// Something that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: String,
    ok: bool,
    /// Nothing is wrong, but somebody should look.
    warning: bool,
    /// What was seen, and what to do when it is wrong.
    said: String,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Good,
    Warning,
    Wrong,
}

impl Findings {
    fn check(&mut self, name: impl Into<String>, ok: bool, said: impl Into<String>) {
        self.tell(name, if ok { Level::Good } else { Level::Wrong }, said);
    }

    fn tell(&mut self, name: impl Into<String>, level: Level, said: impl Into<String>) {
        let (ok, warning) = (level != Level::Wrong, level == Level::Warning);
        self.checks.push(Check { name: name.into(), ok, warning, said: said.into() });
    }

    fn are_good(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }

    fn print(&self) {
        for chapter in &self.chapters {
            let head = chapter.head.as_deref().unwrap_or("not signed");
            println!("/{}: {} entries, {head}", chapter.slug, chapter.size);
        }
        for check in &self.checks {
            let mark = match (check.ok, check.warning) {
                (true, false) => "ok   ",
                (true, true) => "warn ",
                (false, _) => "WRONG",
            };
            println!("{mark} {}: {}", check.name, check.said);
        }
    }
}

impl Doctor {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`] only for the machine; what is wrong with the data is a finding.
    pub fn run(self, context: &Context) -> Result<ExitCode, CliFault> {
        let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
        let folder = context.folder();
        match folder.metadata() {
            Ok(found) if found.is_dir() => look(context, folder, &mut findings)?,
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
                findings.check("data folder", false, machine::unseen(folder, &fault));
            }
            _ => {
                let said = format!("{}: there is none; name it with --data", folder.display());
                findings.check("data folder", false, said);
            }
        }
        if self.json {
            println!("{}", serde_json::to_string(&findings).unwrap_or_default());
        } else {
            findings.print();
        }
        Ok(if findings.are_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Looks at a data folder that is there.
fn look(context: &Context, folder: &Path, findings: &mut Findings) -> Result<(), CliFault> {
    machine::look_at_files(folder, findings);
    machine::look_at_disk(folder, least_free(&figment())?, findings);
    machine::look_at_time_service(findings);
    let (now, days) = (Clock::system().now(), backup_days(&figment())?);
    let config = context.store_config();
    machine::look_at_rights(&config.location, findings);
    // One of several servers on a PostgreSQL database need not be the one that is backed up.
    let never = match config.location {
        Location::Sqlite(_) => Level::Wrong,
        Location::Postgres(_) => Level::Warning,
    };
    let looked = context.runtime()?.block_on(async {
        match before::may_be_opened(&config, findings).await? {
            true => open_and_look(config, now, findings).await.map(|()| true),
            false => Ok(false),
        }
    });
    let opened = looked.unwrap_or_else(|fault: CliFault| {
        findings.check("store", false, fault.to_string());
        false
    });
    // Where there is no ledger yet, there is nothing to lose; of what could not be opened nobody
    // knows that.
    let never = if opened && findings.chapters.is_empty() { Level::Good } else { never };
    machine::look_at_backups(folder, (now, days), never, findings);
    Ok(())
}

/// Opens the store as a server does, but beside a copy of the anchors: where there is none, a first
/// one would be signed over whatever is stored, and nobody could tell later.
async fn open_and_look(
    config: StoreConfig,
    now: DateTime<Utc>,
    findings: &mut Findings,
) -> Result<(), CliFault> {
    let (signed, own) = (anchored(&config)?, config.anchor_folder());
    let copy = tempfile::tempdir().map_err(|fault| {
        CliFault::Argument(format!(
            "{fault}: the doctor needs a folder for temporary files (TMPDIR)"
        ))
    })?;
    copy_files(&own, copy.path()).map_err(|fault| CliFault::file(&own, fault))?;
    let anchor = Some(copy.path().to_owned());
    let store = Store::open(StoreConfig { anchor, ..config }).await?;
    let looked = look_at_store(&store, now, (&own, &signed), findings).await;
    stop(store, looked).await
}

async fn look_at_store(
    store: &Store,
    now: DateTime<Utc>,
    anchors: (&Path, &Signed),
    findings: &mut Findings,
) -> Result<(), CliFault> {
    let health = store.health().await?;
    let said = match health.faults.as_slice() {
        [] => format!("{}, whole", health.database),
        faults => format!("{}: {}; restore a backup", health.database, faults.join("; ")),
    };
    findings.check("database", health.faults.is_empty(), said);
    look_at_settings(store, findings).await?;
    look_at_witness(store, findings).await?;
    for (chapter, slug) in slugs(store) {
        let standing = store.standing(chapter)?;
        look_at_anchor(store, (chapter, &slug), anchors, findings)?;
        let replayed = store.check(chapter).await;
        let (ok, said) = match &replayed {
            Ok(found) if found.is_clean() => {
                (true, format!("{} replayed, derived tables agree", found.entries))
            }
            Ok(found) if standing == Standing::ReadOnly(Closure::ReceiptKey) => {
                (false, format!("derived rows differ, the receipt key is another one: {found}"))
            }
            Ok(found) => (false, format!("derived rows differ: {found}; run `minhbach rebuild`")),
            Err(fault) => (false, fault.to_string()),
        };
        findings.check(format!("/{slug} entries"), ok, said);
        let agrees = ok && standing == Standing::Open;
        look_at_last_check(store, (chapter, &slug), agrees, findings).await?;
        let books = store.books(chapter)?;
        machine::look_at_clock(&slug, books.last_at(), now, findings);
        let head = store.head(chapter)?;
        findings.chapters.push(Chapter {
            slug,
            size: head.as_ref().map_or(books.size(), |head| head.size),
            head: head.map(|head| head.root.to_string()),
            verified_at: Time::new(now).filter(|_| agrees),
        });
    }
    Ok(())
}

/// Whether the stored head continues what the anchor signs; where there is none, nobody can say.
fn look_at_anchor(
    store: &Store,
    (chapter, slug): (ChapterId, &str),
    (folder, signed): (&Path, &Signed),
    findings: &mut Findings,
) -> Result<(), CliFault> {
    let books = store.books(chapter)?;
    let newest = books.chapter().map(|newest| newest.origin.as_str());
    let (level, said) = match store.standing(chapter)? {
        Standing::ReadOnly(closure) => (Level::Wrong, closure.to_string()),
        Standing::Open if newest.is_some_and(|newest| !signed.contains_key(newest)) => {
            let said = format!(
                "{}: no anchor of this ledger to compare with: nothing here tells whether its \
                 last entries are missing. If the anchor lies elsewhere, mount or name it \
                 (`anchor`), and compare the head with a paper, a mirror or a witness before the \
                 next start, which begins a new one",
                folder.display()
            );
            (Level::Warning, said)
        }
        Standing::Open => (Level::Good, "the stored head continues the anchor".to_owned()),
    };
    findings.tell(format!("/{slug} anchor and head"), level, said);
    Ok(())
}

/// What durability and the guards of the schema rest on, as the connection that writes has it.
async fn look_at_settings(store: &Store, findings: &mut Findings) -> Result<(), CliFault> {
    let settings = store.database_settings().await?;
    let as_it_is = |own: &Setting| format!("{}={}", own.name, own.value);
    let all: Vec<String> = settings.iter().map(as_it_is).collect();
    let wrong = settings.iter().filter(|own| !own.is_right());
    let wrong: Vec<String> = wrong
        .map(|own| format!("{}, wanted: {}", as_it_is(own), own.wanted.join(" or ")))
        .collect();
    let said = match wrong.as_slice() {
        [] => all.join(" "),
        wrong => format!("{}; a power cut may lose what was recorded", wrong.join("; ")),
    };
    findings.check("database settings", wrong.is_empty(), said);
    Ok(())
}

/// What the server found when it last replayed the ledger by itself.
async fn look_at_last_check(
    store: &Store,
    (chapter, slug): (ChapterId, &str),
    agrees: bool,
    findings: &mut Findings,
) -> Result<(), CliFault> {
    let said = match store.kept_check(chapter).await? {
        Some(Checked { size, at: Some(at), took, clean }) => {
            let at = at.format("%Y-%m-%dT%H:%M:%SZ");
            let word = match (clean, agrees) {
                (true, _) => "everything agreed",
                (false, false) => "something did not agree; mend what is told above, then start",
                (false, true) => {
                    "something did not agree; now all of it does: start the server, which replays \
                     the ledger whole and notes that"
                }
            };
            (clean, format!("{at}, {size} entries in {} ms: {word}", took.as_millis()))
        }
        // A server that never ran has nothing to tell.
        _ => (true, "none yet".to_owned()),
    };
    findings.check(format!("/{slug} last self-check"), said.0, said.1);
    Ok(())
}

/// What this server witnesses: proven forks are for people to see to, whoever made them.
async fn look_at_witness(store: &Store, findings: &mut Findings) -> Result<(), CliFault> {
    let evidence = store.witness_evidence().await?;
    let forks: Vec<&str> =
        evidence.iter().filter(|own| own.proven).map(|own| own.origin.as_str()).collect();
    let held = store.witnessed().await?.len();
    let said = match forks.as_slice() {
        [] => format!("{held} ledgers witnessed, {} heads refused", evidence.len()),
        forks => format!(
            "two histories were signed of {}; the evidence is on the page /nhan-chung: show it to \
             both chapters and the one above them",
            forks.join(", ")
        ),
    };
    findings.check("witness", forks.is_empty(), said);
    Ok(())
}
