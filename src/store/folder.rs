//! The data folder: one program at a time, files replaced whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::fault::StoreFault;

/// The lock on a data folder. The operating system takes it back when the program ends, however
/// it ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    // Held for its lock, which lasts as long as the open file.
    _file: File,
}

impl FolderLock {
    /// Makes the folder if it is missing, and locks it.
    pub(super) fn take(folder: &Path) -> Result<Self, StoreFault> {
        make_folder(folder)?;
        let path = folder.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|fault| fault_at(&path, &fault))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreFault::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(fault)) => Err(fault_at(&path, &fault)),
        }
    }
}

/// Makes a folder that only its owner may enter.
pub(super) fn make_folder(folder: &Path) -> Result<(), StoreFault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|fault| fault_at(folder, &fault))
}

/// The text of a file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, StoreFault> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault_at(path, &fault)),
    }
}

/// Replaces a file so that after a crash at any moment the old or the new one is there whole.
/// Readable by its owner alone.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), StoreFault> {
    let at = |fault: io::Error| fault_at(path, &fault);
    let beside = beside(path);
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&beside)
        .map_err(at)?;
    file.write_all(text.as_bytes()).map_err(at)?;
    file.sync_all().map_err(at)?;
    fs::rename(&beside, path).map_err(at)?;
    // The new name itself is durable once the folder is.
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// A ledger's identity as part of a file name: `/` and `:` are all that needs another sign.
pub(super) fn file_name(origin: &str) -> String {
    origin.replace('/', "_").replace(':', "~")
}

fn fault_at(path: &Path, fault: &io::Error) -> StoreFault {
    StoreFault::Folder { path: path.to_owned(), reason: fault.to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
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
