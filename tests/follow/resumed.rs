//! A verification that goes on where an earlier one ended gives the same as one from the beginning.

use std::ops::ControlFlow;

use minhbach::verify::kept::Kept;
use minhbach::verify::report::{Outcome, Report};
use minhbach::verify::source::Source;
use minhbach::verify::{Options, verify_from};

use crate::books::Desk;
use crate::books::table::{run, run_continued};
use crate::golden::{published_until, write};
use crate::rules::TABLES;

fn from(kept: Kept, desk: &Desk, until: u64) -> (Report, Kept) {
    let site = tempfile::tempdir().unwrap();
    write(&published_until(desk, until), site.path());
    let source = Source::Folder(site.path().to_owned());
    let mut watch = |_: &_, _: &_| ControlFlow::Continue(());
    verify_from(kept, &source, &Options::default(), (&mut |_, _| {}, &mut watch)).unwrap()
}

/// Kept as bytes, and read again.
fn reread(kept: Kept, desk: &Desk) -> Kept {
    let bytes = kept.save().unwrap();
    let entries = desk.bytes.clone();
    let older = move |place: u64| Ok(entries.get(usize::try_from(place).unwrap()).cloned());
    Kept::load(&bytes, Box::new(older)).unwrap().expect("it is of this very program")
}

fn in_steps(name: &str, desk: &Desk, steps: &[u64]) {
    let mut kept = Kept::new().unwrap();
    for until in steps {
        let (report, next) = from(kept, desk, *until);
        assert_eq!(report.outcome, Outcome::Sound, "{name} until {until}: {report}");
        assert_eq!(report.verified, *until, "{name}");
        kept = reread(next, desk);
    }
    assert_eq!(*kept.books(), desk.books, "{name}: {steps:?}");
}

#[test]
fn every_table_of_rules_may_be_read_in_steps() {
    for (name, table) in TABLES {
        let desk = run(table);
        let all = desk.size();
        if all < 3 {
            continue;
        }
        in_steps(name, &desk, &[1, all / 3 + 1, all - 1, all, all]);
        let each: Vec<u64> = (1..=all).step_by(5).chain([all]).collect();
        in_steps(name, &desk, &each);
    }
}

#[test]
fn a_ledger_that_goes_on_in_another_is_read_in_steps_over_both() {
    let mut seen = 0;
    for (name, table) in TABLES {
        let own_keys = ["exactly_the_required", "officers_keys", "a_closed_chapter", "codes_are"];
        if own_keys.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let desk = run_continued(table, table.lines().count() / 2);
        let (old, all) = (desk.books.before(), desk.size());
        if old == 0 || all < old + 2 {
            continue;
        }
        seen += 1;
        in_steps(name, &desk, &[old - 1, old, old + 1, all - 1, all]);
        in_steps(name, &desk, &[old / 2 + 1, all]);
    }
    assert!(seen > 5, "{seen} ledgers that continue another");
}

#[test]
fn what_was_kept_by_another_program_or_was_changed_is_not_believed() {
    let (_, table) = TABLES.iter().max_by_key(|(_, table)| table.len()).unwrap();
    let desk = run(table);
    let (_, kept) = from(Kept::new().unwrap(), &desk, desk.size());
    let honest = kept.save().unwrap();
    let load = |bytes: &[u8]| Kept::load(bytes, Box::new(|_| Ok(None))).unwrap();
    assert!(load(&honest).is_some());
    for at in (0..honest.len()).step_by(honest.len() / 40 + 1) {
        let mut changed = honest.clone();
        changed[at] ^= 1;
        assert!(load(&changed).is_none(), "byte {at}");
        assert!(load(&honest[..at]).is_none(), "cut at {at}");
    }
}
