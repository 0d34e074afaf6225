//! Negative controls: what verify has to refuse, in the same report as how fast it is.

use std::fs;
use std::path::{Path, PathBuf};

use minhbach::ledger::canonical;
use minhbach::ledger::entry::{Entry, leaf_hash};
use serde_json::{Value, json};

use crate::Report;
use crate::books::{Desk, LOG, Opening, log_key};
use crate::programs::{copy, minhbach, run};
use crate::published::Published;
use crate::table::{Figures, Row, Table, Wanted};

/// Gifts of the ledger that is forged as a whole.
const GIFTS: usize = 40;

/// The group.
pub fn measure(report: &Report, table: &mut Table) -> Result<(), String> {
    let entries = report.sizes(100_000).first().copied().unwrap_or(10_000).min(100_000);
    let export = report.cache.export(entries)?;
    let scratch = report.cache.scratch("refused")?;
    let broken = copy(&export, &scratch.join("export"))?;
    let (middle, last) = bundles(&broken.join("tile/entries"))?;
    for (what, file, change) in [
        ("a flipped byte", &middle, flipped as fn(&mut [Vec<u8>])),
        ("a swapped pair", &middle, swapped),
        ("another last signature", &last, resigned),
    ] {
        let honest = fs::read(file).map_err(|fault| fault.to_string())?;
        let mut all = entries_of(&honest).ok_or("a bundle out of its form")?;
        change(&mut all);
        let bytes = bundle_of(&all);
        assert_ne!(bytes, honest, "{what} changes something");
        fs::write(file, bytes).map_err(|fault| fault.to_string())?;
        control(table, &format!("{what} of {entries} entries"), &broken)?;
        fs::write(file, honest).map_err(|fault| fault.to_string())?;
    }
    forged(table, &scratch.join("forged"))
}

/// A ledger whose last signature is another one, chain, tree and head made for it.
fn forged(table: &mut Table, folder: &Path) -> Result<(), String> {
    let mut desk = Desk::open(&Opening::default());
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung",
        "terms": {"text": "Dùng chung", "costs": true}});
    let refused = |fault| format!("the ledger to forge: {fault:?}");
    desk.enter("fund_opened", json!({"fund": fund})).map_err(refused)?;
    for _ in 0..GIFTS {
        let donor = desk.donor();
        let gift = json!({"amount": 500_000, "place": "cash", "fund": "chung", "donor": donor,
            "method": "cash"});
        desk.enter("donation", gift).map_err(refused)?;
    }
    let honest = published(desk.bytes.clone());
    honest.write(&folder.join("honest"), &log_key("log"));
    if !run(minhbach().arg("verify").arg(folder.join("honest")))?.good {
        return Err("the ledger to forge is not sound itself".to_owned());
    }
    let mut entries = desk.bytes.clone();
    let last = entries.pop().ok_or("an empty ledger")?;
    let before = Entry::parse(&entries[entries.len() - 1]).map_err(|fault| fault.to_string())?;
    let stolen = before.signatures()[0].signature.encode();
    let mut value: Value = serde_json::from_slice(&last).map_err(|fault| fault.to_string())?;
    value["signatures"][0]["sig"] = json!(stolen);
    value["prev"] = json!(leaf_hash(&entries[entries.len() - 1]).to_string());
    entries.push(canonical::encode(&value));
    published(entries).write(&folder.join("forged"), &log_key("log"));
    control(table, "a bad last signature under a good head", &folder.join("forged"))
}

fn published(entries: Vec<Vec<u8>>) -> Published {
    let sizes = vec![entries.len() as u64];
    Published {
        entries,
        origin: LOG.to_owned(),
        statements: Default::default(),
        disclosures: String::new(),
        sizes,
    }
}

/// Verify has to say no.
fn control(table: &mut Table, what: &str, folder: &Path) -> Result<(), String> {
    let took = run(minhbach().arg("verify").arg(folder))?;
    table.add(Row {
        measure: format!("refused by verify: {what} (1 = yes)"),
        unit: "",
        ours: Figures(vec![if took.refused { 1.0 } else { 0.0 }]),
        floor: None,
        wanted: Wanted::AtLeast(1.0),
    });
    Ok(())
}

/// The bundle in the middle and the last one.
fn bundles(folder: &Path) -> Result<(PathBuf, PathBuf), String> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(&folder).map_err(|fault| fault.to_string())? {
            let path = file.map_err(|fault| fault.to_string())?.path();
            if path.is_dir() { folders.push(path) } else { all.push(path) }
        }
    }
    // `000.p/12` and `x001/000` come in the order of their numbers without the marks.
    all.sort_by_key(|path| path.to_string_lossy().replace('x', ""));
    let (full, part): (Vec<PathBuf>, Vec<PathBuf>) =
        all.into_iter().partition(|path| !path.to_string_lossy().contains(".p/"));
    let middle = full.get(full.len() / 2).cloned().ok_or("no bundles")?;
    let last = part.last().or(full.last()).cloned().ok_or("no bundles")?;
    Ok((middle, last))
}

/// The entries of a bundle: each behind its length in two bytes.
fn entries_of(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_at_checked(2)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let (entry, rest) = rest.split_at_checked(length)?;
        all.push(entry.to_vec());
        bytes = rest;
    }
    Some(all)
}

fn bundle_of(entries: &[Vec<u8>]) -> Vec<u8> {
    let one = |entry: &Vec<u8>| {
        let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
        [&length.to_be_bytes()[..], entry].concat()
    };
    entries.iter().flat_map(one).collect()
}

/// One bit of a digit in the middle.
fn flipped(entries: &mut [Vec<u8>]) {
    let half = entries.len() / 2;
    if let Some(digit) = entries[half].iter_mut().find(|byte| byte.is_ascii_digit()) {
        *digit ^= 1;
    }
}

/// Two neighbours in the middle change places.
fn swapped(entries: &mut [Vec<u8>]) {
    let half = entries.len() / 2;
    entries.swap(half, half - 1);
}

/// The last entry has the first signature of the one before it.
fn resigned(entries: &mut [Vec<u8>]) {
    if let [.., before, last] = entries {
        let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
        let mut value = read(last);
        value["signatures"][0]["sig"] = read(before)["signatures"][0]["sig"].clone();
        *last = canonical::encode(&value);
    }
}
