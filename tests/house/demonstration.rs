//! The demonstration, made once with each build of the program and copied by the tests that begin
//! with it: making it takes most of their time.

use std::fs::File;
use std::path::Path;
use std::process::Command;

/// Copies the demonstration of one day and seed into a folder that is not there yet or empty; what
/// the program said when it made it.
pub fn copy_to(data: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_minhbach"));
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demonstration");
    std::fs::create_dir_all(&home).unwrap();
    // Tests are processes of their own: the first one makes it, others wait.
    let lock = File::create(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let built = program.metadata().unwrap().modified().unwrap();
    let built = built.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let made = home.join(built.to_string());
    if !made.exists() {
        make(program, &home, &made);
    }
    let from = made.join("data").join(".");
    std::fs::create_dir_all(data).unwrap();
    assert!(Command::new("cp").arg("-a").args([&*from, data]).status().unwrap().success());
    std::fs::read_to_string(made.join("said")).unwrap()
}

fn make(program: &Path, home: &Path, made: &Path) {
    let folders = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().path());
    for old in folders.filter(|path| path.is_dir()) {
        std::fs::remove_dir_all(old).unwrap();
    }
    let making = home.join("making");
    let output = Command::new(program)
        .arg("--data")
        .arg(making.join("data"))
        .args(["demo", "--no-serve", "--today", "2026-11-22", "--seed", "7"])
        .env_clear()
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    std::fs::write(making.join("said"), said).unwrap();
    std::fs::rename(making, made).unwrap();
}
