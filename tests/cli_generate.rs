//! `minhbach generate`: exact, the same twice, sound, and fit for the import.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.arg("--data").arg(data).env_remove("MINHBACH_PASSPHRASE").stdin(Stdio::null());
    command.args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// Runs what has to succeed; what it printed.
fn good(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    text(&output)
}

fn history(data: &Path, entries: &str, seed: &str) -> String {
    let made = ["generate", "history", "--entries", entries, "--seed", seed];
    good(data, &[&made[..], &["--today", "2026-11-22"]].concat())
}

/// Kinds of the entries of an export.
fn kinds(folder: &Path) -> Vec<String> {
    let lines = std::fs::read_to_string(folder.join("entries.jsonl")).unwrap();
    let kind = |line: &str| {
        let entry: Value = serde_json::from_str(line).unwrap();
        entry["voucher"]["kind"].as_str().unwrap().to_owned()
    };
    lines.lines().map(kind).collect()
}

#[test]
fn a_generated_history_is_exact_the_same_twice_and_sound() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = history(one.path(), "700", "3");
    assert!(first.contains(": 700 entries, root "), "{first}");
    assert!(first.contains("thuquy"), "small ones say who may sign in: {first}");
    let line = |said: &str| said.lines().next().unwrap_or_default().to_owned();
    assert_eq!(line(&first), line(&history(two.path(), "700", "3")));
    assert_eq!(line(&first), line(&history(one.path(), "700", "3")), "found, not made again");

    let copy = one.path().join("copy");
    good(one.path(), &["export", "xa-mau", copy.to_str().unwrap()]);
    let report = run(one.path(), &["verify", "--json", copy.to_str().unwrap()]);
    let said: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!((&said["outcome"], report.status.code()), (&"sound".into(), Some(0)), "{said:#}");
    let kinds = kinds(&copy);
    assert_eq!(kinds.len(), 700);
    for kind in ["donation", "aid_paid", "cost_paid", "transfer", "period_closed", "cash_counted"] {
        assert!(kinds.iter().any(|own| own == kind), "no {kind}");
    }
    let gifts = kinds.iter().filter(|kind| *kind == "donation").count();
    assert!(gifts > 400, "mostly gifts: {gifts}");

    // Another size, another seed: another chapter, and the folder stays as it is.
    let refused = run(one.path(), &["generate", "history", "--entries", "701", "--seed", "3"]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
    assert!(text(&refused).contains("holds another chapter"), "{}", text(&refused));
}

#[test]
fn a_generated_statement_is_booked_by_a_generated_chapter() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let said = history(&data, "200", "1");
    let line = said.lines().find(|line| line.trim_start().starts_with("thuquy")).unwrap();
    let passphrase = folder.path().join("passphrase");
    std::fs::write(&passphrase, line.trim_start().trim_start_matches("thuquy").trim()).unwrap();
    let file = folder.path().join("flood.csv");
    let file = file.to_str().unwrap();
    let made = ["generate", "statement", "--lines", "250", "--today", "2026-11-22", file];
    assert!(good(&data, &made).contains("250 lines"));
    let import = ["import", "statement", "--chapter", "xa-mau", "--fund", "chung", file];
    let officer = ["--officer", "thuquy", "--clock-is-right", "--passphrase-file"];
    let officer = [&officer[..], &[passphrase.to_str().unwrap()]].concat();
    let said = good(&data, &[&import[..], &officer].concat());
    assert!(said.contains("Booked 250 lines as entries 200 to 449."), "{said}");
}
