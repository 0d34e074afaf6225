//! `minhbach doctor`: looks over data folder, keys, database, anchor, disk and clock.

mod machine;

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::data::{slugs, stop};
use super::settings::{backup_days, least_free};
use super::{CliFault, Context};
use crate::ledger::word::Time;
use crate::store::facade::Setting;
use crate::store::{ChapterId, Checked, Closure, Standing, Store};
use crate::web::{Clock, figment};

/// Looks over data folder, keys, database, anchor, disk and clock, and says what to mend.
///
/// Checks that the keys are readable by their owner alone and the data folder is closed to others,
/// runs the database's own check, reads back the settings that durability rests on, replays every
/// ledger with its signatures and compares all derived tables, compares the anchor with the stored
/// head, tells of the server's last replay, and looks at free disk and clock. Changes nothing but
/// what every start brings up to date. Stop the server first. Status 1 when anything is wrong.
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
    /// What was seen, and what to do when it is wrong.
    said: String,
}

impl Findings {
    fn check(&mut self, name: impl Into<String>, ok: bool, said: impl Into<String>) {
        self.checks.push(Check { name: name.into(), ok, said: said.into() });
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
            let mark = if check.ok { "ok   " } else { "WRONG" };
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
        let folder = context.folder().to_owned();
        if folder.is_dir() {
            machine::look_at_files(&folder, &mut findings);
            let least = least_free(&figment())?;
            machine::look_at_disk(&folder, least, &mut findings);
            machine::look_at_time_service(&mut findings);
            let (now, days) = (Clock::system().now(), backup_days(&figment())?);
            machine::look_at_backups(&folder, (now, days), &mut findings);
            let looked = context.runtime()?.block_on(async {
                let store = Store::open(context.store_config()).await?;
                let looked = look_at_store(&store, now, &mut findings).await;
                stop(store, looked).await
            });
            if let Err(fault) = looked {
                findings.check("store", false, fault.to_string());
            }
        } else {
            let said = format!("{}: there is none; name it with --data", folder.display());
            findings.check("data folder", false, said);
        }
        if self.json {
            println!("{}", serde_json::to_string(&findings).unwrap_or_default());
        } else {
            findings.print();
        }
        Ok(if findings.are_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

async fn look_at_store(
    store: &Store,
    now: DateTime<Utc>,
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
        let (ok, said) = match &standing {
            Standing::Open => (true, "the stored head continues the anchor".to_owned()),
            Standing::ReadOnly(closure) => (false, closure.to_string()),
        };
        findings.check(format!("/{slug} anchor and head"), ok, said);
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
        look_at_last_check(store, (chapter, &slug), findings).await?;
        let books = store.books(chapter)?;
        machine::look_at_clock(&slug, books.last_at(), now, findings);
        let head = store.head(chapter)?;
        findings.chapters.push(Chapter {
            slug,
            size: head.as_ref().map_or(books.size(), |head| head.size),
            head: head.map(|head| head.root.to_string()),
            verified_at: Time::new(now).filter(|_| ok && standing == Standing::Open),
        });
    }
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
    findings: &mut Findings,
) -> Result<(), CliFault> {
    let said = match store.kept_check(chapter).await? {
        Some(Checked { size, at: Some(at), took, clean }) => {
            let at = at.format("%Y-%m-%dT%H:%M:%SZ");
            let word = if clean { "everything agreed" } else { "something did not agree" };
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
