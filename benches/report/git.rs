//! A signed commit for each entry, the way of who would keep books in git.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::Report;
use crate::house::{Ground, TestHouse};
use crate::programs::{Took, output, run_well, version, word};
use crate::record::{gifts, one_by_one};
use crate::runtime;
use crate::table::{Row, Table, Wanted, alternate};
use crate::verify::verify;

/// Commits of a round.
const COMMITS: usize = 300;

/// The group.
pub fn measure(report: &Report, table: &mut Table) -> Result<(), String> {
    let git_version = version("git", "apt-get install git")?;
    let scratch = report.cache.scratch("git")?;
    let key = scratch.join("key");
    let keygen = ["-q", "-t", "ed25519", "-N", "", "-C", "report", "-f"];
    output(Command::new("ssh-keygen").args(keygen).arg(&key))
        .map_err(|fault| format!("{fault}; apt-get install openssh-client, or --skip git"))?;
    let public = fs::read_to_string(scratch.join("key.pub")).map_err(|why| why.to_string())?;
    let allowed = scratch.join("allowed");
    fs::write(&allowed, format!("report {public}")).map_err(|fault| fault.to_string())?;
    let tree = scratch.join("tree");
    git(&scratch, &["init", "--quiet", &word(&tree)])?;
    for (name, value) in [
        ("user.name", "report"),
        ("user.email", "report"),
        ("gpg.format", "ssh"),
        ("user.signingkey", word(&key).as_str()),
        ("gpg.ssh.allowedSignersFile", word(&allowed).as_str()),
        // Durable, as an entry is when it is answered.
        ("core.fsync", "committed,reference"),
        ("core.fsyncMethod", "fsync"),
        ("gc.auto", "0"),
    ] {
        git(&tree, &["config", name, value])?;
    }
    appending(report, table, &tree, &git_version)?;
    verifying(report, table, &tree, &git_version)
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    output(Command::new("git").arg("-C").arg(folder).args(arguments))
}

fn appending(report: &Report, table: &mut Table, tree: &Path, version: &str) -> Result<(), String> {
    let runtime = runtime()?;
    let house = runtime.block_on(TestHouse::new(Ground::Sqlite));
    let chapter = runtime.block_on(house.chapter("xa-mau"));
    let mut number = 0;
    let mut commit = || -> Result<(), String> {
        number += 1;
        let line = "x".repeat(900);
        let file = tree.join(format!("{number}.json"));
        fs::write(file, line).map_err(|fault| fault.to_string())?;
        git(tree, &["add", &format!("{number}.json")])?;
        git(tree, &["commit", "--quiet", "-S", "-m", &format!("entry {number}")]).map(drop)
    };
    let (ours, floor) = alternate(
        report.rounds,
        || {
            let gifts = gifts(COMMITS)?;
            Ok(COMMITS as f64 / runtime.block_on(one_by_one(&house.store, chapter, gifts)))
        },
        || {
            let begun = Instant::now();
            (0..COMMITS).try_for_each(|_| commit())?;
            Ok(COMMITS as f64 / begun.elapsed().as_secs_f64())
        },
    )?;
    table.add(Row {
        measure: format!("append, {COMMITS} a round, durable"),
        unit: "/s",
        ours,
        floor: Some((format!("{version}, commit -S (SSH)"), floor)),
        wanted: Wanted::AtLeast(10.0),
    });
    runtime.block_on(house.store.stop()).map_err(|fault| fault.to_string())
}

fn verifying(report: &Report, table: &mut Table, tree: &Path, version: &str) -> Result<(), String> {
    let entries = report.sizes(100_000).first().copied().unwrap_or(100_000);
    let export = report.cache.export(entries)?;
    let commits = git(tree, &["rev-list", &format!("--max-count={COMMITS}"), "HEAD"])?;
    let commits: Vec<&str> = commits.lines().collect();
    let rate = |count: usize, took: Result<Took, String>| Ok(count as f64 / took?.seconds);
    let (ours, floor) = alternate(
        report.rounds,
        || rate(usize::try_from(entries).unwrap_or(0), verify(&export)),
        || {
            let mut command = Command::new("git");
            let command = command.arg("-C").arg(tree).arg("verify-commit").args(&commits);
            rate(commits.len(), run_well(command))
        },
    )?;
    table.add(Row {
        measure: format!("verify entries ({entries}; git: {COMMITS} commits)"),
        unit: "/s",
        ours,
        floor: Some((format!("{version}, verify-commit"), floor)),
        wanted: Wanted::AtLeast(300.0),
    });
    Ok(())
}
