//! `minhbach backup`: a verified copy of the database, or of the keys, in one encrypted file.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use chrono::{DateTime, SubsecRound as _, Utc};
use clap::Args;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;

use super::archive::{self, FORMAT, Holds, Manifest, Part};
use super::postgres::Tools;
use super::retention::{self, Keep};
use super::work::Work;
use super::{CliFault, Context};
use crate::disk::Fresh;
use crate::store::backups::{Backups, Made};
use crate::store::copies::{Contents, Signed, StoredLedger, anchored, copy_sqlite, look_at_sqlite};
use crate::store::{Location, Passing, StoreFault};
use crate::web::Clock;

/// The part that holds an SQLite database.
pub const SQLITE_PART: &str = "database.sqlite";
/// The part that holds a dump of PostgreSQL.
pub const POSTGRES_PART: &str = "database.pgdump";

/// Backs up the database, or with --keys the keys, into one encrypted file of a folder.
///
/// Works beside a running server and only reads. The copy is verified before it counts: the
/// database's own check, every entry hashed, every ledger's head. Then it is packed, encrypted to
/// the recipients (age; make a key with `minhbach key backup`), written under another name, made
/// durable, read again and renamed. No file is ever overwritten. PostgreSQL is dumped by its own
/// pg_dump.
///
/// Keys and database belong in different places: who holds both can read the private values. The
/// anchor is never backed up. One line is printed; status 0 means that the backup is there. Where
/// the anchor signs more entries than the database has, the file is made, but not noted as the
/// newest backup, no old one is deleted, and the status is another one.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach backup /mnt/backup --recipient age1... --keep-daily 7 --keep-weekly 5 --keep-monthly 12
  minhbach backup /mnt/other/keys --keys --recipients-file /etc/minhbach/recipients
  minhbach backup . --not-encrypted")]
pub struct Backup {
    /// Where to; it has to be there, for a disk that is not mounted would be an empty folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Who can open it: age1...; repeat it for several
    #[arg(long, value_name = "AGE1", value_parser = AsRecipient)]
    recipient: Vec<Recipient>,
    /// A file of recipients, one a line
    #[arg(long, value_name = "FILE")]
    recipients_file: Option<PathBuf>,
    /// Without encryption: whoever finds the file has accounts, sealed names and everything public
    #[arg(long, conflicts_with_all = ["recipient", "recipients_file", "keys"])]
    not_encrypted: bool,
    /// Only the folder keys/ instead of the database
    #[arg(long)]
    keys: bool,
    /// The beginning of the file's name: letters, digits and hyphens [default: minhbach]
    #[arg(long, value_name = "NAME", value_parser = name, default_value = "minhbach",
        hide_default_value = true)]
    name: String,
    /// Keep the newest of each of the last N days on which there is one; delete what no rule keeps
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    keep_daily: u32,
    /// The same for weeks
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    keep_weekly: u32,
    /// The same for months
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    keep_monthly: u32,
    /// Where the copy lies until it is packed, as large as the database, readable by nobody else
    /// [default: the data folder]
    #[arg(long, value_name = "FOLDER")]
    work: Option<PathBuf>,
    /// The folder of pg_dump and pg_restore, when they are not on the path
    #[arg(long, value_name = "FOLDER")]
    pg_bin: Option<PathBuf>,
}

/// Reads a recipient of the command line. Of a text that is none clap would show all, and it may
/// be a secret key.
#[derive(Clone)]
struct AsRecipient;

impl TypedValueParser for AsRecipient {
    type Value = Recipient;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        text: &OsStr,
    ) -> Result<Recipient, clap::Error> {
        archive::recipient(&text.to_string_lossy()).map_err(|why| {
            let said = format!("--recipient: {why}");
            command.clone().error(ErrorKind::ValueValidation, said)
        })
    }
}

fn name(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let good = !text.is_empty() && text.len() <= 60 && text.chars().all(plain);
    match good && !text.starts_with('-') && !text.ends_with("-keys") {
        true => Ok(text.to_owned()),
        false => Err("letters, digits and hyphens, not ending in -keys".to_owned()),
    }
}

/// What is to be packed.
struct Copied {
    holds: Holds,
    contents: Option<Contents>,
    files: Vec<PathBuf>,
    parts: Vec<Part>,
    /// What the anchors know that is not in it, a sentence each.
    behind: Vec<String>,
}

impl Backup {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`]; then no backup was made, and nothing half-written is left.
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        let recipients = self.recipients()?;
        let data = context.folder();
        for folder in [data, &self.folder] {
            if !folder.is_dir() {
                let said = "there is no such folder; make it, or mount its disk".to_owned();
                return Err(CliFault::file(folder, io::Error::new(io::ErrorKind::NotFound, said)));
            }
        }
        let made = Clock::system().now().trunc_subsecs(0);
        let work = Work::make(data, self.work.as_deref())?;
        let copied = match self.keys {
            true => keys(data)?,
            false => self.database(context, work.folder())?,
        };
        let kind = if self.keys { format!("{}-keys", self.name) } else { self.name.clone() };
        let file = retention::file_name(&kind, made, !recipients.is_empty());
        let path = self.folder.join(file);
        let (told, behind) = (tell(&copied), copied.behind.join("; "));
        let bytes = write(&path, made, &recipients, copied)?;
        drop(work);
        let done = Made { at: made, bytes, encrypted: !recipients.is_empty() };
        // The desk would take one that lacks entries for the newest good one.
        if behind.is_empty() {
            self.note(data, done)?;
        }
        let keep =
            Keep { daily: self.keep_daily, weekly: self.keep_weekly, monthly: self.keep_monthly };
        // Older files may hold what the database has lost.
        let keep = if behind.is_empty() { keep } else { Keep::default() };
        // The backup is there: that old ones could not be deleted is said with another status.
        let deleted = retention::tidy(&self.folder, &kind, made, keep);
        let sealed = match recipients.len() {
            0 => "NOT ENCRYPTED".to_owned(),
            1 => "encrypted to 1 recipient".to_owned(),
            several => format!("encrypted to {several} recipients"),
        };
        let gone = deleted.as_ref().map_or(0, |deleted| *deleted);
        let gone = if gone > 0 { format!(", {gone} old ones deleted") } else { String::new() };
        println!("{}: {bytes} bytes, {told}, {sealed}{gone}", path.display());
        self.warn_of_company(&kind);
        deleted.map_err(|(path, fault)| CliFault::file(path, fault))?;
        match behind.is_empty() {
            true => Ok(()),
            false => Err(CliFault::Copy(format!(
                "{behind}: see `minhbach doctor`; the file was made all the same, but it is not \
                 noted as the newest backup, and no old one was deleted"
            ))),
        }
    }

    fn recipients(&self) -> Result<Vec<Recipient>, CliFault> {
        let mut recipients = self.recipient.clone();
        if let Some(path) = &self.recipients_file {
            if archive::is_secret(&path.to_string_lossy()) && !path.exists() {
                let said = "--recipients-file names a file, and what was given is a secret key: \
                    a key that was shown or kept by a shell should be replaced";
                return Err(CliFault::Copy(said.to_owned()));
            }
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|fault| CliFault::file(path, fault))?;
            let more = archive::recipients(&text);
            let wrong = |why| CliFault::Copy(format!("{}, {why}", path.display()));
            recipients.extend(more.map_err(wrong)?);
        }
        match recipients.is_empty() && !self.not_encrypted {
            false => Ok(recipients),
            true => Err(CliFault::Copy(
                "nobody could open it: name a recipient (--recipient age1..., made by `minhbach \
                 key backup`), or say --not-encrypted"
                    .to_owned(),
            )),
        }
    }

    fn database(&self, context: &Context, work: &Path) -> Result<Copied, CliFault> {
        let config = context.store_config();
        // Before the copy: what is signed now, the copy has.
        let signed = anchored(&config)?;
        let (holds, name) = match &config.location {
            Location::Sqlite(_) => (Holds::Sqlite, SQLITE_PART),
            Location::Postgres(_) => (Holds::Postgres, POSTGRES_PART),
        };
        let file = work.join(name);
        let contents = match &config.location {
            Location::Sqlite(path) => {
                let found = path.is_file().then_some(path);
                let missing = || CliFault::Copy(format!("{}: no database there", path.display()));
                let path = found.ok_or_else(missing)?;
                context.runtime()?.block_on(async {
                    copy_sqlite(path, &file).await.map_err(|fault| no_room(work, fault))?;
                    look_at_sqlite(&file, &signed).await.map_err(CliFault::from)
                })?
            }
            Location::Postgres(url) => {
                let tools = Tools::new(self.pg_bin.clone(), url)?;
                tools.dump(&file)?;
                tools.look(&file, &signed)?
            }
        };
        let behind = behind(&contents, &signed);
        let part = Part::of(name, &file).map_err(|fault| CliFault::file(&file, fault))?;
        Ok(Copied { holds, contents: Some(contents), files: vec![file], parts: vec![part], behind })
    }

    /// Leaves a note for the desk.
    fn note(&self, data: &Path, made: Made) -> Result<(), CliFault> {
        let mut backups = Backups::read(data);
        match self.keys {
            true => backups.keys = Some(made),
            false => backups.database = Some(made),
        }
        Ok(backups.write(data)?)
    }

    /// Keys and database in one folder are one theft away from the private values.
    fn warn_of_company(&self, own: &str) {
        let other = own.strip_suffix("-keys").map_or(format!("{own}-keys"), ToOwned::to_owned);
        let mut entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let other = |file: &str| retention::made_at(&other, file).is_some();
        if entries.any(|entry| entry.file_name().to_str().is_some_and(other)) {
            eprintln!(
                "minhbach: keys and database are backed up into one folder: whoever gets it and \
                 its key can read the private values; keep them apart"
            );
        }
    }
}

/// The ledgers of which the anchors sign more entries than there are.
fn behind(contents: &Contents, signed: &Signed) -> Vec<String> {
    let sentence = |ledger: &StoredLedger| {
        let anchor = signed.get(&ledger.origin)?.checkpoint().size;
        let own = ledger.size - ledger.before;
        let origin = &ledger.origin;
        (anchor > own).then(|| {
            format!("the anchor of {origin} signs {anchor} entries, the database has {own}")
        })
    };
    contents.ledgers.iter().filter_map(sentence).collect()
}

/// The files of `keys/`.
fn keys(data: &Path) -> Result<Copied, CliFault> {
    let folder = data.join("keys");
    let at = |fault| CliFault::file(&folder, fault);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        if path.is_file() && path.extension().is_some_and(|ending| ending == "key") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let said = "no key is in it: keys of the environment are backed up where they are kept";
        return Err(at(io::Error::new(io::ErrorKind::NotFound, said)));
    }
    let mut parts = Vec::new();
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        parts.push(Part::of(&name, path).map_err(|fault| CliFault::file(path, fault))?);
    }
    Ok(Copied { holds: Holds::Keys, contents: None, files, parts, behind: Vec::new() })
}

fn no_room(work: &Path, fault: StoreFault) -> CliFault {
    match fault.passing() {
        Some(Passing::DiskFull) => CliFault::Copy(format!(
            "{}: no room for a copy of the database: make room, or name another folder (--work); \
             nothing was backed up",
            work.display()
        )),
        _ => fault.into(),
    }
}

/// What is in a backup, in few words.
fn tell(copied: &Copied) -> String {
    let Some(contents) = &copied.contents else {
        return format!("{} keys", copied.parts.len());
    };
    let ledger = |ledger: &StoredLedger| format!("/{} {}", ledger.slug, ledger.size);
    let ledgers: Vec<String> = contents.ledgers.iter().map(ledger).collect();
    match ledgers.is_empty() {
        true => "no ledger yet".to_owned(),
        false => format!("entries: {}", ledgers.join(", ")),
    }
}

/// Notices that there is no room: what age says of its header tells it in words alone.
struct Noticing<W> {
    inner: W,
    full: bool,
}

impl<W: io::Write> io::Write for Noticing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes);
        self.full |= written.as_ref().is_err_and(is_full);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn is_full(fault: &io::Error) -> bool {
    matches!(fault.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn full(path: &Path) -> CliFault {
    CliFault::Copy(format!(
        "{}: the disk is full: make room there, or name a folder on another disk; nothing was \
         backed up",
        path.display()
    ))
}

/// Packs a backup into its place, and reads it again from the disk; its length.
fn write(
    path: &Path,
    made: DateTime<Utc>,
    recipients: &[Recipient],
    copied: Copied,
) -> Result<u64, CliFault> {
    let at = |fault: io::Error| match fault.kind() {
        _ if is_full(&fault) => full(path),
        io::ErrorKind::AlreadyExists => {
            CliFault::Copy(format!("{}: it is there already: nothing was changed", path.display()))
        }
        _ => CliFault::file(path, fault),
    };
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made,
        holds: copied.holds,
        contents: copied.contents,
        parts: copied.parts,
    };
    let mut file = Noticing { inner: Fresh::create(path).map_err(at)?, full: false };
    let packed = archive::pack(&mut file, recipients, &manifest, &copied.files);
    let sum = match packed {
        Err(_) if file.full => return Err(full(path)),
        packed => packed.map_err(at)?,
    };
    file.inner.finish().map_err(at)?;
    let bytes = path.metadata().map_err(at)?.len();
    if archive::sum_of(path).map_err(at)? != sum {
        // The disk gives back another file than it took: it is no backup.
        std::fs::remove_file(path).map_err(at)?;
        let said = "read again it is another file: the disk is failing; nothing was backed up";
        return Err(CliFault::Copy(format!("{}: {said}", path.display())));
    }
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_never_taken_for_those_of_keys() {
        assert_eq!(name("xuan-tay").unwrap(), "xuan-tay");
        for wrong in ["", "-x", "a/b", "a.b", "xuan-keys", "Tây"] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }

    /// A disk on which nothing has room.
    struct Full;

    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_has_no_room_for_the_first_bytes_is_noticed() {
        let key = age::x25519::Identity::generate().to_public();
        let manifest = Manifest::of_keys(Vec::new());
        for recipients in [&[key][..], &[]] {
            let mut out = Noticing { inner: Full, full: false };
            assert!(archive::pack(&mut out, recipients, &manifest, &[]).is_err());
            assert!(out.full);
        }
    }
}
