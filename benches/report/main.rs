//! The report: what recording, importing, verifying and serving cost, each beside its bare floor,
//! measured in turn in one run. `docs/PERFORMANCE.md` says how to read it.
//!
//! `cargo bench --bench report -- --help` names the groups. A benchmark, never a timed test.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::float_arithmetic)]

#[allow(dead_code)]
#[path = "../../tests/books/mod.rs"]
mod books;
#[allow(dead_code)]
#[path = "../../tests/house/mod.rs"]
mod house;
#[allow(dead_code)]
#[path = "../../tests/published/mod.rs"]
mod published;

mod append;
mod client;
mod data;
mod git;
mod import;
mod postgres;
mod programs;
mod record;
mod recorders;
mod refused;
mod replay;
mod serving;
mod table;
mod tools;
mod verify;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use data::Cache;
use table::Table;

/// A group: its name, what it measures, and how.
type Group = (&'static str, fn(&Report, &mut Table) -> Result<(), String>);

/// All groups in the order of the report.
const GROUPS: &[Group] = &[
    ("record", record::measure),
    ("recorders", recorders::measure),
    ("import", import::measure),
    ("verify", verify::measure),
    ("refused", refused::measure),
    ("tools", tools::checking),
    ("ledger", tools::replaying),
    ("git", git::measure),
    ("cached", serving::cached),
    ("growing", serving::growing),
    ("starting", serving::starting),
    ("rebuild", serving::rebuilding),
    ("append", append::long),
    ("chapters", append::wide),
    ("postgres", postgres::measure),
];

/// Measures, each beside its floor in the same run, and prints one table.
#[derive(Debug, Parser)]
struct Asked {
    /// Only these groups (see --list)
    #[arg(long, value_delimiter = ',')]
    groups: Vec<String>,
    /// All groups but these
    #[arg(long, value_delimiter = ',')]
    skip: Vec<String>,
    /// Sizes of ledgers
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    entries: Vec<u64>,
    /// Lines of the imported statement
    #[arg(long, default_value_t = 200_000)]
    lines: u64,
    /// Rounds of both sides in turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where histories are kept from run to run
    #[arg(long, default_value = "target/report")]
    cache: PathBuf,
    /// Also write the table to this file
    #[arg(long)]
    out: Option<PathBuf>,
    /// Names the groups
    #[arg(long)]
    list: bool,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// What the groups are told.
#[derive(Debug)]
pub struct Report {
    /// Generated histories.
    pub cache: Cache,
    /// How often both sides come in turn.
    pub rounds: usize,
    /// Lines of the imported statement.
    pub lines: u64,
    entries: Vec<u64>,
    folder: PathBuf,
}

impl Report {
    /// Sizes of at least so many entries; the largest where all are smaller.
    pub fn sizes(&self, least: u64) -> Vec<u64> {
        let all: Vec<u64> = self.entries.iter().copied().filter(|own| *own >= least).collect();
        match all.is_empty() {
            true => self.entries.last().copied().into_iter().collect(),
            false => all,
        }
    }

    /// The smallest and the largest ledger.
    pub fn ends(&self) -> (u64, u64) {
        let first = self.entries.first().copied().unwrap_or(10_000);
        (first, self.entries.last().copied().unwrap_or(first))
    }

    /// Where programs are built.
    pub fn target(&self) -> &Path {
        &self.folder
    }
}

/// A runtime of two threads, as the server has on two cores.
pub fn runtime() -> Result<Runtime, String> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|fault| fault.to_string())
}

fn main() -> ExitCode {
    // What has to be in a process of its own is this program again.
    let aside = match (std::env::var_os(replay::FOLDER), std::env::var_os(serving::EMPTY)) {
        (Some(folder), _) => Some(replay::replay(Path::new(&folder))),
        (_, Some(_)) => Some(serving::serve_nothing()),
        _ => None,
    };
    if let Some(done) = aside {
        return done.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let mut asked = Asked::parse();
    if asked.list {
        GROUPS.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    asked.entries.sort_unstable();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(&asked.cache);
    let report = Report {
        cache: Cache::new(&folder),
        rounds: asked.rounds,
        lines: asked.lines,
        entries: asked.entries.clone(),
        folder,
    };
    // Houses of ours and bare floors lie on one disk, and nothing in memory that looks like one.
    let here = report.cache.scratch("temporary").and_then(|own| {
        tempfile::env::override_temp_dir(&own).map_err(|_| "temporary files".to_owned())
    });
    let mut table = Table::default();
    if let Err(fault) = here {
        table.errors.push(fault);
    }
    about(&report, &mut table);
    for (name, measure) in GROUPS {
        let is_asked = asked.groups.is_empty() || asked.groups.iter().any(|own| own == name);
        if !is_asked || asked.skip.iter().any(|own| own == name) {
            continue;
        }
        eprintln!("— {name}");
        if let Err(fault) = measure(&report, &mut table) {
            eprintln!("{name}: {fault}");
            table.errors.push(format!("{name}: {fault}"));
        }
    }
    println!("{table}");
    if let Some(path) = &asked.out
        && let Err(fault) = std::fs::write(path, table.to_string())
    {
        eprintln!("{}: {fault}", path.display());
        return ExitCode::FAILURE;
    }
    if table.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The machine, the day, the versions.
fn about(report: &Report, table: &mut Table) {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |model| model.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned());
    table.note(format!(
        "{}; {cores} cores of {model}; load before the run {}; {}; rounds {}",
        chrono::Utc::now().format("%Y-%m-%d %H:%M UTC"),
        load.split(' ').next().unwrap_or_default(),
        rustc.unwrap_or_default(),
        report.rounds
    ));
}
