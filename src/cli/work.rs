//! A folder for what is not in its place yet: private, one program at a time, emptied before and
//! after. What a killed program left in it goes with the next one.

use std::path::{Path, PathBuf};

use super::CliFault;
use crate::disk::{self, Lock};

/// The folder's name.
const NAME: &str = "minhbach.work";
/// The lock's, in the data folder.
const LOCK: &str = "work.lock";

/// The folder, for as long as it is needed.
#[derive(Debug)]
pub struct Work {
    folder: PathBuf,
    // Held until the folder is gone.
    _lock: Lock,
}

impl Work {
    /// Makes it, in the data folder or in another one.
    ///
    /// # Errors
    /// [`CliFault`]: another backup or restore is running, or the folder fails.
    pub fn make(data: &Path, elsewhere: Option<&Path>) -> Result<Self, CliFault> {
        let path = data.join(LOCK);
        let lock = Lock::take(&path).map_err(|fault| CliFault::file(&path, fault))?;
        let running = || {
            let data = data.display();
            CliFault::Copy(format!("{data}: another backup or restore is running; wait for it"))
        };
        let lock = lock.ok_or_else(running)?;
        let folder = elsewhere.unwrap_or(data).join(NAME);
        let at = |fault| CliFault::file(&folder, fault);
        empty(&folder).map_err(at)?;
        disk::make_folder(&folder, true).map_err(at)?;
        Ok(Self { folder: folder.clone(), _lock: lock })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Err(fault) = empty(&self.folder) {
            eprintln!("minhbach: {}: {fault}; remove it", self.folder.display());
        }
    }
}

fn empty(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_programs_begins_empty_and_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let left = data.path().join(NAME).join("left by a killed program");
        std::fs::create_dir_all(left).unwrap();
        let work = Work::make(data.path(), None).unwrap();
        assert_eq!(std::fs::read_dir(work.folder()).unwrap().count(), 0);
        std::fs::write(work.folder().join("x"), "x").unwrap();
        let second = Work::make(data.path(), None).unwrap_err();
        assert!(second.to_string().contains("is running"), "{second}");
        let folder = work.folder().to_owned();
        drop(work);
        assert!(!folder.exists());
        assert!(Work::make(data.path(), None).is_ok());
    }
}
