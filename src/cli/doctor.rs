//! `minhbach doctor`: looks over data folder, keys, database, anchor, disk and clock.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use super::data::{slugs, stop};
use super::{CliFault, Context};
use crate::ledger::word::Time;
use crate::store::{Closure, Standing, Store};
use crate::web::Clock;

/// Less free disk than this is reported, in bytes.
const LEAST_FREE: u64 = 200 << 20;

/// Looks over data folder, keys, database and anchor, and says what to mend.
///
/// Checks that the data folder and the keys are readable by their owner alone, runs the
/// database's own check, replays every ledger with its signatures and compares all derived
/// tables, compares the anchor with the stored head, and looks at free disk and clock. Changes
/// nothing but what every start brings up to date. Stop the server first. Status 1 when anything
/// is wrong.
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
            look_at_files(&folder, &mut findings);
            let now = Clock::system().now();
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

fn look_at_files(folder: &Path, findings: &mut Findings) {
    let keys = folder.join("keys");
    let mut private: Vec<(PathBuf, u32)> = vec![(keys.clone(), 0o700)];
    for entry in std::fs::read_dir(&keys).into_iter().flatten().flatten() {
        private.push((entry.path(), 0o600));
    }
    let mut open = Vec::new();
    for (path, mode) in &private {
        let Ok(metadata) = path.metadata() else { continue };
        if metadata.permissions().mode() & 0o077 != 0 {
            open.push(format!("{} (chmod {mode:o} {0})", path.display()));
        }
    }
    let said = match open.as_slice() {
        [] => "readable by their owner alone".to_owned(),
        open => format!("others may read {}", open.join(", ")),
    };
    findings.check("keys", open.is_empty(), said);
    match free_bytes(folder) {
        Some(free) => {
            let said = format!("{} MiB free (at least {} wanted)", free >> 20, LEAST_FREE >> 20);
            findings.check("disk", free >= LEAST_FREE, said);
        }
        None => findings.check("disk", false, "`df` does not say how much is free"),
    }
}

/// Free bytes where a folder lies, as POSIX `df -P -k` says.
fn free_bytes(folder: &Path) -> Option<u64> {
    let said = Command::new("df").arg("-P").arg("-k").arg(folder).output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let free = said.lines().nth(1)?.split_whitespace().nth(3)?;
    free.parse::<u64>().ok()?.checked_mul(1024)
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
        let books = store.books(chapter)?;
        look_at_clock(&slug, books.last_at(), now, findings);
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

/// The writer refuses a clock that is 10 minutes behind the last entry. One that is far ahead only
/// has to be confirmed, so it is no fault of a ledger that rested.
fn look_at_clock(slug: &str, last: Option<Time>, now: DateTime<Utc>, findings: &mut Findings) {
    let Some(last) = last else { return };
    let behind = (last.utc() - now).num_minutes();
    let said = match behind {
        11.. => format!("{behind} minutes behind the last entry ({last}); set the clock"),
        _ => format!("{}, the last entry {last}", now.format("%Y-%m-%dT%H:%M:%SZ")),
    };
    findings.check(format!("/{slug} clock"), behind <= 10, said);
}
