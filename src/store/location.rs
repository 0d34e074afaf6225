//! Where a store keeps its things, and with which settings.

use std::path::{Path, PathBuf};

use sea_orm::ConnectOptions;

use super::connecting;
use crate::disk;

/// Where the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file, usually `minhbach.sqlite` in the data folder.
    Sqlite(PathBuf),
    /// A PostgreSQL database, `postgres://…`.
    Postgres(String),
}

impl Location {
    /// SQLite's file or its folder, where logs lie beside it, when this program may not write to
    /// it; a file that is not there yet may be made.
    #[must_use]
    pub fn unwritable(&self) -> Option<&Path> {
        let Self::Sqlite(file) = self else { return None };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let here = [Some(file.as_path()), folder];
        here.into_iter().flatten().find(|path| path.exists() && !disk::is_writable(path))
    }

    pub(super) fn writer(&self) -> ConnectOptions {
        self.options(false)
    }

    pub(super) fn reader(&self) -> ConnectOptions {
        self.options(true)
    }

    pub(super) fn aside(&self) -> ConnectOptions {
        match self {
            Self::Sqlite(path) => connecting::sqlite_aside(path),
            Self::Postgres(url) => connecting::postgres_aside(url),
        }
    }

    fn options(&self, read_only: bool) -> ConnectOptions {
        match self {
            Self::Sqlite(path) => connecting::sqlite(path, read_only),
            Self::Postgres(url) => connecting::postgres(url, read_only),
        }
    }
}

/// Keys that the environment gives; each wins over the file in `keys/`.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Log keys, one `PRIVATE+KEY+<origin>+<id>+<base64>` each.
    pub log_keys: Vec<String>,
    /// The receipt key, 64 hex digits.
    pub receipt_key: Option<String>,
    /// The vault key, 64 hex digits.
    pub vault_key: Option<String>,
    /// The witness key, `PRIVATE+KEY+<name>+<id>+<base64>` of type 0x04.
    pub witness_key: Option<String>,
}

/// The settings of a store.
#[derive(Clone)]
pub struct StoreConfig {
    /// The folder of `keys/`, `anchor/` and `lock`, made when it is missing.
    pub folder: PathBuf,
    /// Where the rows are.
    pub location: Location,
    /// Where the newest checkpoints are kept beside the database; `anchor/` in the folder unless
    /// another disk is named. Never part of a backup.
    pub anchor: Option<PathBuf>,
    /// Keys of the environment.
    pub secrets: Secrets,
    /// A ledger of at most this many entries is replayed whole at the start and compared with
    /// everything derived from it; of a longer one the part behind the newest snapshot.
    pub check_at_start: u64,
    /// The state of the books is kept after every so many entries, and at a clean stop.
    pub snapshot_every: u64,
    /// Only reads: brings no schema up to date, makes no keys, writes no anchors, takes no orders.
    /// The database may be a standby, which follows another one.
    pub read_only: bool,
    /// Opens a database that a backup is being brought into, which is refused otherwise: to verify
    /// it, before it counts.
    pub restoring: bool,
}

impl StoreConfig {
    /// SQLite in the data folder itself.
    #[must_use]
    pub fn sqlite(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self::new(folder.clone(), Location::Sqlite(folder.join("minhbach.sqlite")))
    }

    /// A PostgreSQL database; the data folder holds keys, anchor and lock.
    #[must_use]
    pub fn postgres(folder: impl Into<PathBuf>, url: impl Into<String>) -> Self {
        Self::new(folder.into(), Location::Postgres(url.into()))
    }

    fn new(folder: PathBuf, location: Location) -> Self {
        Self {
            folder,
            location,
            anchor: None,
            secrets: Secrets::default(),
            check_at_start: 20_000,
            snapshot_every: 5_000,
            read_only: false,
            restoring: false,
        }
    }

    /// Where the anchors are.
    #[must_use]
    pub fn anchor_folder(&self) -> PathBuf {
        self.anchor.clone().unwrap_or_else(|| self.folder.join("anchor"))
    }
}
