//! Other programs that check books, over the same postings: hledger, beancount, ledger.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use sea_orm::{ConnectionTrait as _, Database, Statement};

use crate::Report;
use crate::programs::{Took, run_well, version, word};
use crate::replay;
use crate::table::{Figures, Row, Table, Wanted, alternate};
use crate::verify::verify;

/// Entries that all of them check.
const ENTRIES: u64 = 100_000;

/// The same transactions as two files.
struct Journals {
    /// For hledger and ledger.
    journal: PathBuf,
    /// For beancount.
    beancount: PathBuf,
}

/// Verify beside hledger and bean-check.
pub fn checking(report: &Report, table: &mut Table) -> Result<(), String> {
    let entries = report.sizes(ENTRIES).first().copied().unwrap_or(ENTRIES);
    let (export, journals) = (report.cache.export(entries)?, journals(report, entries)?);
    let hledger = ("hledger", "apt-get install hledger", vec!["check", "-s", "-f"]);
    let bean = std::env::var("BEAN_CHECK").unwrap_or_else(|_| "bean-check".to_owned());
    let beancount =
        (bean.as_str(), "pip install beancount (or BEAN_CHECK=its path)", vec!["--no-cache"]);
    for ((tool, mend, arguments), file) in
        [(hledger, &journals.journal), (beancount, &journals.beancount)]
    {
        let version = match version(tool, mend) {
            Ok(version) => version,
            Err(fault) => {
                table.errors.push(fault);
                continue;
            }
        };
        let mut command = Command::new(tool);
        command.args(&arguments).arg(file);
        let measure = format!("verify {entries} entries beside {}", version);
        beside(report, table, (measure, 2.0), || verify(&export), &mut command)?;
    }
    Ok(())
}

/// Chain, root and books beside ledger.
pub fn replaying(report: &Report, table: &mut Table) -> Result<(), String> {
    let (_, entries) = report.ends();
    let (export, journals) = (report.cache.export(entries)?, journals(report, entries)?);
    let version = version("ledger", "apt-get install ledger")?;
    let mut command = Command::new("ledger");
    command.args(["--pedantic", "--args-only", "-f"]).arg(&journals.journal).arg("balance");
    let measure = format!("chain, root and books of {entries} entries beside {version}");
    let (ours, theirs) =
        beside(report, table, (measure, 4.0), || replay::run(&export), &mut command)?;
    table.add(Row {
        measure: "peak memory of that".to_owned(),
        unit: "MiB",
        ours,
        floor: Some(("ledger".to_owned(), theirs)),
        wanted: Wanted::AtMost(0.1),
    });
    Ok(())
}

/// How many times as fast as a tool, and the memory of both.
fn beside(
    report: &Report,
    table: &mut Table,
    (measure, wanted): (String, f64),
    ours: impl Fn() -> Result<Took, String>,
    tool: &mut Command,
) -> Result<(Figures, Figures), String> {
    let (mut memory, mut theirs) = (Figures::default(), Figures::default());
    let note = |took: Took, memory: &mut Figures| {
        memory.0.push(took.peak);
        1.0 / took.seconds
    };
    let (figures, floor) = alternate(
        report.rounds,
        || Ok(note(ours()?, &mut memory)),
        || Ok(note(run_well(tool)?, &mut theirs)),
    )?;
    let name = tool.get_program().to_string_lossy().into_owned();
    let floor = Some((name.rsplit('/').next().unwrap_or_default().to_owned(), floor));
    let wanted = Wanted::AtLeast(wanted);
    table.add(Row { measure, unit: "runs/s", ours: figures, floor, wanted });
    Ok((memory, theirs))
}

/// Writes the postings of a history as the tools read them, once.
fn journals(report: &Report, entries: u64) -> Result<Journals, String> {
    let data = report.cache.history(entries)?;
    let folder = report.cache.folder()?;
    let all = Journals {
        journal: folder.join(format!("{entries}.journal")),
        beancount: folder.join(format!("{entries}.beancount")),
    };
    if !all.beancount.exists() {
        let database = data.join("minhbach.sqlite");
        crate::runtime()?.block_on(write(&database, &all))?;
    }
    Ok(all)
}

async fn write(database: &Path, all: &Journals) -> Result<(), String> {
    let failed = |fault: sea_orm::DbErr| fault.to_string();
    let address = format!("sqlite://{}?mode=ro", word(database));
    let rows = Database::connect(address).await.map_err(failed)?;
    let create = |path: &Path| File::create(path).map(BufWriter::new);
    let unfinished = all.beancount.with_extension("unfinished");
    let mut journal = create(&all.journal).map_err(|fault| fault.to_string())?;
    let mut beans = create(&unfinished).map_err(|fault| fault.to_string())?;
    let backend = rows.get_database_backend();
    let ask = |sql: &str, values: Vec<sea_orm::Value>| {
        rows.query_all_raw(Statement::from_sql_and_values(backend, sql, values))
    };
    let mut head = String::from("commodity VND\n");
    let mut bean_head = String::new();
    let sql = "SELECT DISTINCT account, fund FROM postings ORDER BY account, fund";
    for row in ask(sql, vec![]).await.map_err(failed)? {
        let (account, fund): (String, String) =
            (row.try_get("", "account").map_err(failed)?, row.try_get("", "fund").map_err(failed)?);
        let name = name(&account, &fund);
        head.push_str(&format!("account {name}\n"));
        bean_head.push_str(&format!("1970-01-01 open {name} VND\n"));
    }
    let io = |fault: std::io::Error| fault.to_string();
    writeln!(journal, "{head}").map_err(io)?;
    writeln!(beans, "{bean_head}").map_err(io)?;
    let sql = "SELECT seq, account, fund, amount, effective FROM postings
               WHERE seq >= ? AND seq < ? ORDER BY effective, seq, line";
    // In order of days, as the tools like it, a stretch of the ledger at a time.
    let (mut from, step) = (0_i64, 50_000_i64);
    let last = "SELECT coalesce(max(seq), 0) AS last FROM postings";
    let last = ask(last, vec![]).await.map_err(failed)?;
    let last: i64 = last.first().map_or(Ok(0), |row| row.try_get("", "last")).map_err(failed)?;
    while from <= last {
        let part = ask(sql, vec![from.into(), (from + step).into()]).await.map_err(failed)?;
        let mut before = -1;
        for row in part {
            let seq: i64 = row.try_get("", "seq").map_err(failed)?;
            let day: String = row.try_get("", "effective").map_err(failed)?;
            let (account, fund): (String, String) = (
                row.try_get("", "account").map_err(failed)?,
                row.try_get("", "fund").map_err(failed)?,
            );
            let amount: i64 = row.try_get("", "amount").map_err(failed)?;
            if seq != before {
                writeln!(journal, "\n{day} entry {seq}").map_err(io)?;
                writeln!(beans, "\n{day} * \"entry {seq}\"").map_err(io)?;
                before = seq;
            }
            let name = name(&account, &fund);
            writeln!(journal, "    {name}  {amount} VND").map_err(io)?;
            writeln!(beans, "  {name}  {amount} VND").map_err(io)?;
        }
        from += step;
    }
    journal.flush().map_err(io)?;
    beans.flush().map_err(io)?;
    fs::rename(&unfinished, &all.beancount).map_err(io)
}

/// A name that all three tools take: `Assets:F-chung:A-place-bank`.
fn name(account: &str, fund: &str) -> String {
    let clean = |text: &str| {
        let letters = text.chars().map(|own| if own.is_ascii_alphanumeric() { own } else { '-' });
        letters.collect::<String>()
    };
    format!("Assets:F{}:A{}", clean(fund), clean(account))
}
