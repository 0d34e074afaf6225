//! A folder for what is not in its place yet: private, one program at a time, emptied before and
//! after. What a killed program left in it goes with the next one.

use std::fs::DirBuilder;
use std::io;
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
        refuse_what_is_not_ours(&folder).map_err(at)?;
        empty(&folder).map_err(at)?;
        if let Some(above) = folder.parent() {
            disk::make_folder(above, true).map_err(at)?;
        }
        create_new(&folder).map_err(at)?;
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

/// Who else made a folder of this name, or may write into it, could have it filled with private
/// values, or with something to restore.
fn refuse_what_is_not_ours(folder: &Path) -> io::Result<()> {
    let found = match folder.symlink_metadata() {
        Ok(found) => found,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(fault),
    };
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::AlreadyExists, why.to_owned()));
    if !found.is_dir() {
        return refused("no folder of this program: look who made it, and remove it");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let ours = found.uid() == rustix::process::geteuid().as_raw();
        if !ours || found.mode() & 0o077 != 0 {
            return refused("not this program's alone: look who made it, and remove it");
        }
    }
    Ok(())
}

/// Fails when something is there: made since, by somebody else.
fn create_new(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn empty(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
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
        create_new(&data.path().join(NAME)).unwrap();
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

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_can_enter_or_a_link_is_not_taken_for_it() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = other.path().join(NAME);
        create_new(&folder).unwrap();
        std::fs::write(folder.join("kept"), "x").unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        let refused = || Work::make(data.path(), Some(other.path())).unwrap_err().to_string();
        assert!(refused().contains("look who made it"));
        assert!(folder.join("kept").exists());
        std::fs::remove_dir_all(&folder).unwrap();
        symlink(data.path(), &folder).unwrap();
        assert!(refused().contains("look who made it"));
        assert!(data.path().exists());
    }
}
