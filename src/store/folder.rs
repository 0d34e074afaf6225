//! The data folder: one program at a time, files replaced whole or not at all.

use std::io;
use std::path::Path;

use super::fault::StoreFault;
use crate::disk::{self, Lock};

/// The lock on a data folder.
#[derive(Debug)]
pub(super) struct FolderLock {
    // Held for as long as the store is open.
    _lock: Lock,
}

impl FolderLock {
    /// Makes the folder if it is missing, and locks it.
    pub(super) fn take(folder: &Path) -> Result<Self, StoreFault> {
        make_folder(folder)?;
        let path = folder.join("lock");
        match Lock::take(&path).map_err(|fault| fault_at(&path, &fault))? {
            Some(lock) => Ok(Self { _lock: lock }),
            None => Err(StoreFault::InUse { path: folder.to_owned() }),
        }
    }
}

/// Makes a folder that only its owner may enter.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreFault> {
    disk::make_folder(folder, true).map_err(|fault| fault_at(folder, &fault))
}

/// The text of a file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, StoreFault> {
    let at = |fault: io::Error| fault_at(path, &fault);
    let Some(bytes) = disk::read(path).map_err(at)? else { return Ok(None) };
    let no_text = |_| at(io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"));
    String::from_utf8(bytes).map(Some).map_err(no_text)
}

/// Replaces a file so that after a crash at any moment the old or the new one is there whole.
/// Readable by its owner alone.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), StoreFault> {
    disk::replace(path, text.as_bytes(), true).map_err(|fault| fault_at(path, &fault))
}

/// A ledger's identity as part of a file name: `/` and `:` are all that needs another sign.
pub(super) fn file_name(origin: &str) -> String {
    origin.replace('/', "_").replace(':', "~")
}

/// A failure of the operating system at a file.
pub(super) fn fault_at(path: &Path, fault: &io::Error) -> StoreFault {
    StoreFault::Folder { path: path.to_owned(), reason: fault.to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_second_program_is_refused_and_the_next_one_is_let_in() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        let second = FolderLock::take(folder.path());
        assert!(matches!(second, Err(StoreFault::InUse { .. })), "{second:?}");
        drop(first);
        assert!(FolderLock::take(folder.path()).is_ok());
    }

    #[test]
    fn a_replaced_file_is_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        replace(&path, "old").unwrap();
        replace(&path, "new").unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some("new"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(read(&folder.path().join("none")).unwrap(), None);
    }
}
