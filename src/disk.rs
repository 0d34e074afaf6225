//! Room: disk. Files that are there whole or not at all, and one program at a time.
//!
//! INVARIANT: knows nothing of what it writes.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How much room a disk has, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What a program of ours may still fill.
    pub free: u64,
    /// All of it.
    pub size: u64,
}

/// The room of the disk that a file or folder is on.
///
/// # Errors
/// What the operating system says.
#[cfg(unix)]
pub fn room(path: &Path) -> io::Result<Room> {
    let said = rustix::fs::statvfs(path)?;
    let bytes = |blocks: u64| blocks.saturating_mul(said.f_frsize);
    Ok(Room { free: bytes(said.f_bavail), size: bytes(said.f_blocks) })
}

/// Other systems are not asked.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub fn room(_: &Path) -> io::Result<Room> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Whether this process may write to a file or folder, as far as rights and the disk tell. It opens
/// nothing: closing a file of SQLite's would give its locks up.
#[cfg(unix)]
#[must_use]
pub fn is_writable(path: &Path) -> bool {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}

/// The same on other systems.
#[cfg(not(unix))]
#[must_use]
pub fn is_writable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.permissions().readonly())
}

/// The ending of a file that is not in its place yet.
pub const UNFINISHED: &str = "new";

/// A file that is being written beside its place. Dropped before [`Unfinished::finish`], it never
/// comes there.
#[derive(Debug)]
pub struct Unfinished {
    file: File,
    path: PathBuf,
}

impl Unfinished {
    /// Begins a file; `private` ones are readable by their owner alone (on Unix).
    ///
    /// # Errors
    /// What the operating system says.
    pub fn create(path: &Path, private: bool) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        if private {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        #[cfg(not(unix))]
        let _ = private;
        let file = options.open(beside(path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Makes it durable and puts it into its place: after a crash at any moment the old file or
    /// the new one is there whole.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        let path = self.path.clone();
        self.place()?;
        // The new name itself is durable once the folder is.
        sync_folder(parent(&path))
    }

    /// Puts it into its place, durable only when somebody makes it so ([`sync`]).
    ///
    /// # Errors
    /// What the operating system says.
    pub fn place(self) -> io::Result<()> {
        fs::rename(beside(&self.path), &self.path)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A new file for its owner alone, that takes no other's place. Dropped before [`Fresh::finish`],
/// nothing is left of it.
#[derive(Debug)]
pub struct Fresh {
    file: File,
    path: PathBuf,
    placed: bool,
}

impl Fresh {
    /// Begins a file where none is, nor one that is not in its place yet.
    ///
    /// # Errors
    /// What the operating system says; `AlreadyExists` when something is there.
    pub fn create(path: &Path) -> io::Result<Self> {
        refuse_what_is_there(path)?;
        let mut options = OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(beside(path))?;
        Ok(Self { file, path: path.to_owned(), placed: false })
    }

    /// Makes it durable and puts it into its place.
    ///
    /// # Errors
    /// What the operating system says; then nothing is left of it.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        // Whoever begins this file holds its other name, so nobody comes in between.
        refuse_what_is_there(&self.path)?;
        fs::rename(beside(&self.path), &self.path)?;
        self.placed = true;
        sync_folder(parent(&self.path))
    }
}

impl Write for Fresh {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.placed {
            // What cannot be removed is no backup by its name.
            let _ = fs::remove_file(beside(&self.path));
        }
    }
}

fn refuse_what_is_there(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(io::Error::from(io::ErrorKind::AlreadyExists)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// Replaces a file whole, its folder made when it is missing.
///
/// # Errors
/// What the operating system says.
pub fn replace(path: &Path, bytes: &[u8], private: bool) -> io::Result<()> {
    make_folder(parent(path), private)?;
    let mut new = Unfinished::create(path, private)?;
    new.write_all(bytes)?;
    new.finish()
}

/// The same, durable only when somebody makes it so ([`sync`]).
///
/// # Errors
/// What the operating system says.
pub fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_folder(parent(path), false)?;
    let mut new = Unfinished::create(path, false)?;
    new.write_all(bytes)?;
    new.place()
}

/// Makes the bytes of a file durable.
///
/// # Errors
/// What the operating system says.
pub fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The whole of a file; `None` when there is none.
///
/// # Errors
/// What the operating system says.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Makes a folder and those above it; `private` ones only their owner may enter (on Unix).
///
/// # Errors
/// What the operating system says.
pub fn make_folder(folder: &Path, private: bool) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    #[cfg(not(unix))]
    let _ = private;
    builder.create(folder)?;
    sync_folder(parent(folder))
}

/// Makes names in a folder durable; elsewhere than on Unix folders can't be opened for that.
///
/// # Errors
/// What the operating system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) { File::open(folder).and_then(|opened| opened.sync_all()) } else { Ok(()) }
}

/// Exchanges two files or folders in one step: at every moment both names are there.
///
/// # Errors
/// What the operating system says: not every file system can.
#[cfg(target_os = "linux")]
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?;
    sync_folder(parent(one))?;
    sync_folder(parent(other))
}

/// Other systems are not asked.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Where a file lies until it is whole.
#[must_use]
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    PathBuf::from(name)
}

/// The lock on a folder. The operating system takes it back when the program ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    // Held for its lock, which lasts as long as the open file.
    _file: File,
}

impl Lock {
    /// Takes the lock of this file, made when it is missing; `None` while another program has it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(fault)) => Err(fault),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_finished_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/file");
        assert_eq!(read(&path).unwrap(), None);
        replace(&path, b"old", false).unwrap();
        let mut half = Unfinished::create(&path, false).unwrap();
        half.write_all(b"ne").unwrap();
        drop(half);
        assert_eq!(read(&path).unwrap().unwrap(), b"old");
        replace(&path, b"new", false).unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_fresh_file_takes_no_place_and_leaves_nothing_half() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup");
        let mut half = Fresh::create(&path).unwrap();
        half.write_all(b"ha").unwrap();
        assert_eq!(Fresh::create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        drop(half);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut whole = Fresh::create(&path).unwrap();
        whole.write_all(b"whole").unwrap();
        whole.finish().unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), b"whole");
        assert_eq!(Fresh::create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn folders_are_exchanged_in_one_step_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        fs::create_dir(&one).unwrap();
        fs::write(one.join("key"), "old").unwrap();
        assert!(exchange(&one, &other).is_err(), "there is no other");
        assert!(one.join("key").exists());
        fs::create_dir(&other).unwrap();
        fs::write(other.join("key"), "new").unwrap();
        exchange(&one, &other).unwrap();
        assert_eq!(fs::read(one.join("key")).unwrap(), b"new");
        assert_eq!(fs::read(other.join("key")).unwrap(), b"old");
    }

    #[test]
    fn a_lock_is_one_programs_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = Lock::take(&path).unwrap().unwrap();
        assert!(Lock::take(&path).unwrap().is_none());
        drop(first);
        assert!(Lock::take(&path).unwrap().is_some());
    }
}
