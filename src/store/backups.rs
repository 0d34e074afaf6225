//! What the newest backups were: one small file in the data folder, written by `minhbach backup`,
//! read by the desk. No part of a backup itself.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::fault::StoreFault;
use super::{Store, folder};

/// The file.
const FILE: &str = "backup.json";

/// The newest backup of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backups {
    /// Of the database.
    pub database: Option<Made>,
    /// Of `keys/`.
    pub keys: Option<Made>,
}

/// A backup that was made and verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When.
    pub at: DateTime<Utc>,
    /// The length of its file.
    pub bytes: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

impl Made {
    /// Whole days since then; 0 when the clock was set back meanwhile.
    #[must_use]
    pub fn days(&self, now: DateTime<Utc>) -> u64 {
        u64::try_from((now - self.at).num_days()).unwrap_or_default()
    }

    /// Whether it is noted for more than a day from now: the clock was wrong then or is wrong now,
    /// and nobody knows how old it is.
    #[must_use]
    pub fn is_ahead(&self, now: DateTime<Utc>) -> bool {
        self.at - now > TimeDelta::days(1)
    }
}

impl Backups {
    /// The newest backups that were noted in a data folder; none when nothing was, or when the file
    /// is damaged: a backup that nobody can tell of is none.
    #[must_use]
    pub fn read(data: &Path) -> Self {
        let text = folder::read(&data.join(FILE)).ok().flatten().unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Notes them.
    ///
    /// # Errors
    /// [`StoreFault::Folder`].
    pub fn write(&self, data: &Path) -> Result<(), StoreFault> {
        let path = data.join(FILE);
        let text = serde_json::to_string(self);
        let text = text.map_err(|fault| StoreFault::damaged(FILE, fault))?;
        folder::replace(&path, &text)
    }
}

impl Store {
    /// The newest backups of this data folder.
    #[must_use]
    pub fn backups(&self) -> Backups {
        Backups::read(&self.shared.config.folder)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_and_damage_is_nothing() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(Backups::read(data.path()), Backups::default());
        let at: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
        let made = Made { at, bytes: 1_234, encrypted: true };
        let noted = Backups { database: Some(made), keys: None };
        noted.write(data.path()).unwrap();
        assert_eq!(Backups::read(data.path()), noted);
        assert_eq!(made.days("2026-11-27T02:59:59Z".parse().unwrap()), 6);
        assert_eq!(made.days("2026-11-27T03:00:00Z".parse().unwrap()), 7);
        assert_eq!(made.days("2026-11-01T03:00:00Z".parse().unwrap()), 0);
        assert!(made.is_ahead("2026-11-19T02:59:59Z".parse().unwrap()));
        assert!(!made.is_ahead("2026-11-19T03:00:00Z".parse().unwrap()));
        std::fs::write(data.path().join(FILE), "{").unwrap();
        assert_eq!(Backups::read(data.path()), Backups::default());
    }
}
