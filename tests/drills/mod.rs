//! Drills: what a ledger goes through in bad times, made to happen with the program itself.
//!
//! Each is started by `./drill <name>`, which runs the ignored tests of that module one after
//! another and shows what they print. What is not ignored is a small size of the same, for every
//! run of the tests. `inside` holds what a drill starts as a process of its own.

mod clock;
mod crowd;
pub mod cuts;
mod disk;
mod fuzz;
mod inside;
pub mod instances;
mod kill;
mod limits;
mod load;
pub mod replica;

use std::path::Path;

/// The text of every source file below a folder.
fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            sources(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn what_was_tried_is_a_page_of_tests_and_drills_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    sources(&root.join("src"), &mut all);
    sources(&root.join("tests"), &mut all);
    let listed = std::process::Command::new(root.join("drill")).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let page = std::fs::read_to_string(root.join("docs/DRILLS.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let mut count = 0;
    for name in rows.flat_map(|row| row.split('`').skip(1).step_by(2)) {
        if let Some(drill) = name.strip_prefix("./drill ") {
            assert!(listed.lines().any(|line| line.starts_with(&format!("{drill} "))), "{name}");
        } else if name.contains('_') && !name.starts_with('_') {
            assert!(all.contains(&format!("fn {name}(")), "there is no test {name}");
            count += 1;
        }
    }
    assert!(count > 60, "{count} tests are named");
}
