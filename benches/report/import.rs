//! A bank statement from its file to published entries, beside bare signing on one core.

use std::time::{Duration, Instant};

use ed25519_dalek::{Signer as _, SigningKey};

use crate::Report;
use crate::data::SLUG;
use crate::programs::{Served, copy, minhbach, run_well};
use crate::table::{Figures, Row, Table, Wanted, alternate};

/// Entries of the chapter that books it.
const BEFORE: u64 = 10_000;
/// Before the memory of an idle server is read.
const REST: Duration = Duration::from_secs(2);
/// Bytes of what the floor signs: about a gift's voucher.
const MESSAGE: usize = 700;

/// The group.
pub fn measure(report: &Report, table: &mut Table) -> Result<(), String> {
    let lines = report.lines;
    let (data, file) = (report.cache.history(BEFORE)?, report.cache.statement(lines)?);
    let scratch = report.cache.scratch("import")?;
    let officer = report.cache.treasurer(&data)?;
    let passphrase = scratch.join("passphrase");
    std::fs::write(&passphrase, &officer.passphrase).map_err(|fault| fault.to_string())?;
    let mut peak = Figures::default();
    let mut book = || -> Result<f64, String> {
        let own = copy(&data, &scratch.join("data"))?;
        let mut command = minhbach();
        command.arg("--data").arg(&own).args(["import", "statement", "--chapter", SLUG]);
        command.args(["--fund", "chung", "--officer", &officer.name]);
        let took = run_well(command.arg("--passphrase-file").arg(&passphrase).arg(&file))?;
        peak.0.push(took.peak);
        Ok(lines as f64 / took.seconds)
    };
    let (ours, floor) = alternate(report.rounds, &mut book, || Ok(lines as f64 / sign(lines)))?;
    table.add(Row {
        measure: format!("import {lines} lines, from the file to published entries"),
        unit: "/s",
        ours,
        floor: Some(("Ed25519 signing, one thread".to_owned(), floor)),
        wanted: Wanted::AtLeast(0.5),
    });
    let served = Served::start(&data)?;
    std::thread::sleep(REST);
    let idle = served.memory("VmRSS:");
    let more = peak.0.iter().map(|peak| peak - idle).collect();
    table.note(format!("import: peak {:.1} MiB, the idle server {idle:.1} MiB", peak.median()));
    table.add(Row {
        measure: format!("peak memory of importing {lines} lines, over the idle server"),
        unit: "MiB",
        ours: Figures(more),
        floor: None,
        wanted: Wanted::AtMost(32.0),
    });
    Ok(())
}

/// Seconds to sign so many messages.
fn sign(count: u64) -> f64 {
    let key = SigningKey::from_bytes(&[7; 32]);
    let mut message = vec![0; MESSAGE];
    let begun = Instant::now();
    for index in 0..count {
        message[..8].copy_from_slice(&index.to_be_bytes());
        std::hint::black_box(key.sign(&message));
    }
    begun.elapsed().as_secs_f64()
}
