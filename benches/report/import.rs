//! A bank statement from its file to published entries, beside bare signing on one core.

use std::time::Instant;

use ed25519_dalek::{Signer as _, SigningKey};

use crate::Report;
use crate::data::SLUG;
use crate::programs::{copy, minhbach, run_well};
use crate::table::{Figures, Row, Table, Wanted, alternate};

/// Entries of the chapter that books it.
const BEFORE: u64 = 10_000;
/// Lines of a short statement. To open the officer's key takes 64 MiB for a moment (Argon2id),
/// whatever the length of the file.
const FEW: u64 = 200;
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
    let few = report.cache.statement(FEW)?;
    let book = |file: &std::path::Path| {
        let own = copy(&data, &scratch.join("data"))?;
        let mut command = minhbach();
        command.arg("--data").arg(&own).args(["import", "statement", "--chapter", SLUG]);
        command.args(["--fund", "chung", "--officer", &officer.name]);
        run_well(command.arg("--passphrase-file").arg(&passphrase).arg(file))
    };
    let (mut peak, mut more) = (Figures::default(), Figures::default());
    let long = || -> Result<f64, String> {
        let (took, least) = (book(&file)?, book(&few)?);
        peak.0.push(took.peak);
        more.0.push(took.peak - least.peak);
        Ok(lines as f64 / took.seconds)
    };
    let (ours, floor) = alternate(report.rounds, long, || Ok(lines as f64 / sign(lines)))?;
    table.add(Row {
        measure: format!("import {lines} lines, from the file to published entries"),
        unit: "/s",
        ours,
        floor: Some(("Ed25519 signing, one thread".to_owned(), floor)),
        wanted: Wanted::AtLeast(0.5),
    });
    table.note(format!("import: peak {:.1} MiB", peak.median()));
    table.add(Row {
        measure: format!("peak memory of importing {lines} lines, over that of {FEW} lines"),
        unit: "MiB",
        ours: more,
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
