//! Backup, restore and the move between databases, as an operator does them: with the program.

mod damaged;
mod drill;
mod killed;
mod looked;
mod moved;
mod places;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::house::{Ground, TestHouse};

/// The program on a data folder; PostgreSQL by its address.
pub fn program(data: &Path, ground: &Ground) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.arg("--data").arg(data).env_remove("ROCKET_DATABASE_URL").stdin(Stdio::null());
    if let Ground::Postgres(url) = ground {
        command.env("ROCKET_DATABASE_URL", url);
    }
    command
}

pub fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

/// Runs what has to succeed; what it said.
pub fn good(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// What the doctor says of a data folder, when nothing is wrong with it but that no backup of it
/// was made. How the test server of PostgreSQL is set is no matter of a backup.
pub fn healthy(data: &Path, ground: &Ground) -> serde_json::Value {
    let output = program(data, ground).args(["doctor", "--json"]).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for check in said["checks"].as_array().unwrap() {
        let is_other = check["name"] == "database settings" || check["name"] == "backups";
        assert!(check["ok"] == true || is_other, "{said:#}");
    }
    said
}

/// Runs what has to be refused with status 1; what it said.
pub fn bad(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {}", said(&output));
    said(&output)
}

/// A folder with a key that opens backups, and a folder for them.
pub struct Vault {
    pub folder: tempfile::TempDir,
    pub recipient: String,
}

impl Vault {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = folder.path().join("identity");
        let made = good(
            Command::new(env!("CARGO_BIN_EXE_minhbach")).args(["key", "backup"]).arg(&identity),
        );
        let line = made.lines().find(|line| line.starts_with("Recipient: ")).unwrap();
        let recipient = line.trim_start_matches("Recipient: ").to_owned();
        std::fs::create_dir(folder.path().join("backups")).unwrap();
        Self { folder, recipient }
    }

    pub fn identity(&self) -> PathBuf {
        self.folder.path().join("identity")
    }

    pub fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    /// A place that is not there yet.
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn backup(&self, data: &Path, ground: &Ground) -> Command {
        let mut command = program(data, ground);
        command.arg("backup").arg(self.backups()).args(["--recipient", &self.recipient]);
        command
    }

    pub fn restore(&self, file: &Path, data: &Path, ground: &Ground) -> Command {
        let mut command = program(data, ground);
        command.arg("restore").arg(file).arg("--identity").arg(self.identity());
        command
    }

    /// The files in the folder of backups, sorted by name.
    pub fn files(&self) -> Vec<PathBuf> {
        names(&self.backups()).iter().map(|name| self.backups().join(name)).collect()
    }
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// The file that a backup printed.
pub fn file_of(said: &str) -> PathBuf {
    PathBuf::from(said.split(": ").next().unwrap())
}

/// A house with a chapter and some gifts.
pub async fn house(ground: Ground) -> TestHouse {
    let house = TestHouse::new(ground).await;
    let chapter = house.chapter("xuan-tay").await;
    let log = "so.example/xuan-tay".parse().unwrap();
    for amount in [500_000, 300_000] {
        house.record(chapter, crate::house::donation(&log, amount)).await.unwrap();
    }
    house
}
