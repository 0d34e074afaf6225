//! Verifying an exported ledger, beside the bare checking of as many signatures on two cores.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use minhbach::ledger::entry::Entry;
use minhbach::ledger::keys::{PublicKey, voucher_message};
use serde_json::Value;

use crate::Report;
use crate::programs::{Took, minhbach, run_well};
use crate::table::{Figures, Row, Table, Wanted, alternate};

/// Signatures that the floor keeps in memory; more of them are the same ones again.
const KEPT: usize = 100_000;

/// What one signature is checked with.
struct Signed {
    message: Vec<u8>,
    key: VerifyingKey,
    signature: Signature,
}

/// Runs `minhbach verify` over a folder.
pub fn verify(folder: &Path) -> Result<Took, String> {
    run_well(minhbach().arg("verify").arg(folder))
}

/// The group.
pub fn measure(report: &Report, table: &mut Table) -> Result<(), String> {
    let mut peaks = Vec::new();
    for entries in report.sizes(100_000) {
        let folder = report.cache.export(entries)?;
        let (signatures, count) = signatures(&folder)?;
        let mut peak = Figures::default();
        let (ours, floor) = alternate(
            report.rounds,
            || {
                let took = verify(&folder)?;
                peak.0.push(took.peak);
                Ok(entries as f64 / took.seconds)
            },
            || Ok(entries as f64 / bare(&signatures, count)),
        )?;
        let measure = format!("verify {entries} entries, everything ({count} signatures)");
        let floor = Some((format!("verify_strict, {} threads", threads()), floor));
        table.add(Row { measure, unit: "/s", ours, floor, wanted: Wanted::AtLeast(0.85) });
        peaks.push((entries, peak));
    }
    for (entries, peak) in &peaks {
        let measure = format!("peak memory of verify, {entries} entries");
        let wanted = Wanted::AtMost(64.0);
        table.add(Row { measure, unit: "MiB", ours: peak.clone(), floor: None, wanted });
    }
    if let [(small, floor), .., (large, ours)] = peaks.as_slice() {
        table.add(Row {
            measure: format!("peak memory of verify, {large} by {small} entries"),
            unit: "MiB",
            ours: ours.clone(),
            floor: Some((format!("{small} entries"), floor.clone())),
            wanted: Wanted::AtMost(1.2),
        });
    }
    Ok(())
}

/// As many threads as ours takes.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Seconds that all processors take to check so many signatures.
fn bare(signatures: &[Signed], count: usize) -> f64 {
    let (begun, threads) = (Instant::now(), threads());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let own = signatures.iter().cycle().take(count).skip(thread).step_by(threads);
                for signed in own {
                    let checked = signed.key.verify_strict(&signed.message, &signed.signature);
                    assert!(black_box(checked).is_ok());
                }
            });
        }
    });
    begun.elapsed().as_secs_f64()
}

/// The first signatures of an export, and how many there are in all.
fn signatures(folder: &Path) -> Result<(Vec<Signed>, usize), String> {
    let file = std::fs::File::open(folder.join("entries.jsonl")).map_err(|why| why.to_string())?;
    let (mut keys, mut kept, mut count) = (BTreeMap::new(), Vec::new(), 0);
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|fault| fault.to_string())?;
        if kept.len() >= KEPT {
            count += line.matches("\"sig\":").count();
            continue;
        }
        let entry = Entry::parse(line.as_bytes()).map_err(|fault| fault.to_string())?;
        let value: Value = serde_json::from_str(&line).map_err(|fault| fault.to_string())?;
        for officer in value["voucher"]["officers"].as_array().into_iter().flatten() {
            let vkey = officer["vkey"].as_str().unwrap_or_default();
            let key = PublicKey::parse(vkey).map_err(|why| why.to_string())?;
            let bare = VerifyingKey::from_bytes(key.bytes()).map_err(|why| why.to_string())?;
            keys.insert(key.name().to_owned(), bare);
        }
        let bytes = entry.voucher().bytes();
        for own in entry.signatures() {
            let key = keys.get(own.key.as_str()).ok_or_else(|| "a key of nobody".to_owned())?;
            let signature = signature(&own.signature.encode())?;
            let message = voucher_message(own.role, &bytes);
            kept.push(Signed { message, key: *key, signature });
            count += 1;
        }
    }
    Ok((kept, count))
}

/// The 64 bytes behind the key id.
fn signature(encoded: &str) -> Result<Signature, String> {
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|fault| fault.to_string())?;
    let bytes = bytes.get(4..).and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
    bytes.map(|bytes| Signature::from_bytes(&bytes)).ok_or_else(|| "no signature".to_owned())
}
