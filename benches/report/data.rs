//! Generated histories, their exports and statements, made once and kept.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::programs::{minhbach, run_well};

/// The chapter of every generated history.
pub const SLUG: &str = "xa-mau";
/// The officer who records.
pub const TREASURER: &str = "thuquy";

/// Where everything is kept, and of which day it is.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    today: String,
}

/// A sign-in name with its passphrase.
#[derive(Clone, Debug)]
pub struct Officer {
    /// The name.
    pub name: String,
    /// What opens the key.
    pub passphrase: String,
}

impl Cache {
    /// The cache in a folder. Histories end before this month: the desk takes no voucher that
    /// comes more than a month after the last entry.
    pub fn new(folder: &Path) -> Self {
        let month = chrono::Utc::now().format("%Y-%m-01").to_string();
        Self { folder: folder.join(&month), today: month }
    }

    /// The folder of what needs no generated data.
    pub fn folder(&self) -> Result<PathBuf, String> {
        fs::create_dir_all(&self.folder).map_err(|fault| fault.to_string())?;
        Ok(self.folder.clone())
    }

    /// A place for what is thrown away.
    pub fn scratch(&self, name: &str) -> Result<PathBuf, String> {
        let path = self.folder()?.join("scratch").join(name);
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|fault| fault.to_string())?;
        }
        fs::create_dir_all(&path).map_err(|fault| fault.to_string())?;
        Ok(path)
    }

    /// The data folder of a history with so many entries.
    pub fn history(&self, entries: u64) -> Result<PathBuf, String> {
        let data = self.folder()?.join(format!("history-{entries}"));
        if !is_complete(&data) {
            eprintln!("making a history of {entries} entries …");
            if data.exists() {
                fs::remove_dir_all(&data).map_err(|fault| fault.to_string())?;
            }
            let mut command = minhbach();
            command.args(["generate", "history", "--today", &self.today, "--entries"]);
            let took = run_well(command.arg(entries.to_string()).arg("--data").arg(&data))?;
            eprintln!("… {:.1} s, {:.0} MiB", took.seconds, took.peak);
        }
        Ok(data)
    }

    /// Its published files.
    pub fn export(&self, entries: u64) -> Result<PathBuf, String> {
        let folder = self.folder()?.join(format!("export-{entries}"));
        if !folder.join("checkpoint").exists() {
            let mut command = minhbach();
            command.arg("--data").arg(self.history(entries)?).args(["export", SLUG]);
            run_well(command.arg(&folder))?;
        }
        Ok(folder)
    }

    /// A bank statement with so many lines.
    pub fn statement(&self, lines: u64) -> Result<PathBuf, String> {
        let file = self.folder()?.join(format!("statement-{lines}.csv"));
        if !file.exists() {
            let mut command = minhbach();
            command.args(["generate", "statement", "--lines", &lines.to_string()]);
            run_well(command.args(["--today", &self.today]).arg(&file))?;
        }
        Ok(file)
    }

    /// The officer who records in a generated history.
    pub fn treasurer(&self, data: &Path) -> Result<Officer, String> {
        let text = fs::read_to_string(data.join("generated.json"));
        let mark: Value = serde_json::from_str(&text.map_err(|fault| fault.to_string())?)
            .map_err(|fault| fault.to_string())?;
        let all = mark["officers"].as_array().into_iter().flatten();
        let mut named = all.filter(|own| own[0] == TREASURER);
        let passphrase = named.next().and_then(|own| own[1].as_str());
        let passphrase = passphrase.ok_or_else(|| "no treasurer in generated.json".to_owned())?;
        Ok(Officer { name: TREASURER.to_owned(), passphrase: passphrase.to_owned() })
    }
}

fn is_complete(data: &Path) -> bool {
    let text = fs::read_to_string(data.join("generated.json")).unwrap_or_default();
    let mark: Value = serde_json::from_str(&text).unwrap_or_default();
    mark["complete"] == true
}
