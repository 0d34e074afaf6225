//! Whether the database still lies where it was opened.
//!
//! On Unix a file that was deleted, moved or replaced goes on being written by whoever has it open,
//! and what was recorded there is lost with them. So a write looks before it begins, and again
//! before anybody is told that it was committed.

use std::path::{Path, PathBuf};

use sea_orm::DbErr;

use super::fault::ABSENT;
use super::location::Location;

/// Which file was opened. A server's database is the server's own matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Presence(Option<(PathBuf, Identity)>);

/// Device and number of a file.
type Identity = (u64, u64);

impl Presence {
    /// Of a database that was opened just now.
    pub(super) fn of(location: &Location) -> Self {
        match location {
            Location::Sqlite(path) => {
                Self(identity(path).map(|identity| (path.to_owned(), identity)))
            }
            Location::Postgres(_) => Self(None),
        }
    }

    /// Whether the same file lies there now.
    ///
    /// # Errors
    /// What passes when the file is back.
    pub(super) fn check(&self) -> Result<(), DbErr> {
        match &self.0 {
            Some((path, opened)) if identity(path) != Some(*opened) => {
                Err(DbErr::Custom(ABSENT.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let found = path.metadata().ok()?;
    Some((found.dev(), found.ino()))
}

/// Elsewhere an open file can be neither deleted nor moved.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    path.exists().then_some((0, 0))
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_was_moved_replaced_or_deleted_is_missed_until_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let [path, aside] = ["here", "aside"].map(|name| folder.path().join(name));
        fs::write(&path, "rows").unwrap();
        let presence = Presence::of(&Location::Sqlite(path.clone()));
        assert!(presence.check().is_ok());
        fs::rename(&path, &aside).unwrap();
        assert!(presence.check().is_err());
        fs::write(&path, "rows").unwrap();
        assert!(presence.check().is_err(), "another file");
        fs::rename(&aside, &path).unwrap();
        assert!(presence.check().is_ok());
        fs::remove_file(&path).unwrap();
        assert!(presence.check().is_err());
        assert!(Presence::of(&Location::Postgres(String::new())).check().is_ok());
    }
}
