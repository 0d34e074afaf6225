//! `minhbach restore`: brings a backup back, once all of it was verified.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use super::archive::{self, Holds, Manifest};
use super::backup::{POSTGRES_PART, SQLITE_PART};
use super::postgres::Tools;
use super::work::Work;
use super::{CliFault, Context};
use crate::disk::{self, Lock};
use crate::ledger::note::SignedCheckpoint;
use crate::store::copies::{Contents, Signed, anchored, fold, look_at_postgres, look_at_sqlite};
use crate::store::restoring::{Ground, ground, make_room, settle, take_back};
use crate::store::{Closure, Location, Standing, Store, StoreConfig, StoreFault};
use crate::web::Clock;

/// Brings a backup back into a data folder, or into an empty PostgreSQL database.
///
/// Everything is done beside the place and verified there: the sums of the manifest, the
/// database's own check, every entry with its signatures through the rules of the books, all
/// derived tables, the heads that the manifest names. Only then it is put in place, in one step;
/// killed at any moment, the place is as it was. A folder with a database, or a database with
/// tables, is refused unless --replace is said: then the old one is put aside, not deleted. Says
/// when the anchor knows of entries that the backup has not, and refuses when it knows of a whole
/// ledger (--without-ledger). Stop the server first.
///
/// A backup of the keys comes back by the same command, before or after the database.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach restore minhbach-20261120T030000Z.tar.gz.age --identity so.identity --data ./new
  minhbach restore minhbach-keys-20261120T030100Z.tar.gz.age --identity so.identity --data ./new
  ROCKET_DATABASE_URL=postgres://... minhbach restore FILE --identity so.identity --data ./new")]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file of the key that opens it, as `minhbach key backup` or age-keygen made it
    #[arg(long, value_name = "KEYFILE")]
    identity: Option<PathBuf>,
    /// Put aside what is there already
    #[arg(long)]
    replace: bool,
    /// Restore although this ledger, which an anchor here signs, is not in the backup: its identity
    /// or its word in addresses; repeat it for several
    #[arg(long, value_name = "LEDGER")]
    without_ledger: Vec<String>,
    /// The folder of pg_restore, when it is not on the path
    #[arg(long, value_name = "FOLDER")]
    pg_bin: Option<PathBuf>,
}

/// A restore under way.
struct Restoring<'a> {
    command: &'a Restore,
    context: &'a Context,
    config: StoreConfig,
    manifest: Manifest,
    /// Where the parts of the backup lie.
    parts: PathBuf,
    /// Where a store is opened for verifying.
    trial: PathBuf,
    now: DateTime<Utc>,
}

impl Restore {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`]; then nothing was changed.
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        let data = context.folder();
        let is_new = !data.exists();
        if !is_new && !data.is_dir() {
            let said = format!("{}: it is no folder; name one with --data", data.display());
            return Err(CliFault::Argument(said));
        }
        disk::make_folder(data, true).map_err(|fault| CliFault::file(data, fault))?;
        let done = self.bring_back(context, data);
        if done.is_err() && is_new {
            // Locks and the folder itself are all that can be there.
            for name in ["lock", "work.lock"] {
                let _ = fs::remove_file(data.join(name));
            }
            let _ = fs::remove_dir(data);
        }
        done
    }

    fn bring_back(&self, context: &Context, data: &Path) -> Result<(), CliFault> {
        let _lock = hold(data)?;
        let work = Work::make(data, None)?;
        let [parts, trial] = ["parts", "trial"].map(|name| work.folder().join(name));
        for folder in [&parts, &trial] {
            disk::make_folder(folder, true).map_err(|fault| CliFault::file(folder, fault))?;
        }
        let unpacked = archive::unpack(&self.file, self.identity.as_deref(), &parts);
        let manifest = unpacked.map_err(|fault| {
            CliFault::Copy(format!("{}: {fault}; nothing was changed", self.file.display()))
        })?;
        let holds = manifest.holds;
        let (config, now) = (context.store_config(), Clock::system().now());
        let own = Restoring { command: self, context, config, manifest, parts, trial, now };
        match holds {
            Holds::Keys => own.keys(data),
            Holds::Sqlite => own.sqlite(),
            Holds::Postgres => own.postgres(),
        }
    }
}

/// Holds a data folder, so that no server starts in it meanwhile.
pub fn hold(data: &Path) -> Result<Lock, CliFault> {
    let path = data.join("lock");
    let lock = Lock::take(&path).map_err(|fault| CliFault::file(&path, fault))?;
    lock.ok_or_else(|| StoreFault::InUse { path: data.to_owned() }.into())
}

fn refused(why: impl Into<String>) -> CliFault {
    CliFault::Copy(why.into())
}

impl Restoring<'_> {
    /// The only part of a database's backup.
    fn part(&self, name: &str) -> Result<PathBuf, CliFault> {
        match self.manifest.parts.as_slice() {
            [part] if part.name == name => Ok(self.parts.join(name)),
            _ => Err(refused("the backup holds other parts than its manifest should name")),
        }
    }

    fn contents(&self) -> Result<&Contents, CliFault> {
        let contents = self.manifest.contents.as_ref();
        contents.ok_or_else(|| refused("the manifest of the backup names no ledgers"))
    }

    /// The checkpoints of the manifest.
    fn signed(&self) -> Result<Signed, CliFault> {
        let mut signed = Signed::new();
        for ledger in &self.contents()?.ledgers {
            let Some(text) = &ledger.checkpoint else { continue };
            let head = SignedCheckpoint::parse(text.as_bytes());
            let head = head.map_err(|fault| refused(format!("the manifest: {fault}")))?;
            signed.insert(ledger.origin.clone(), head);
        }
        Ok(signed)
    }

    /// Whether what was found is what the manifest names.
    fn compare(&self, found: &Contents) -> Result<(), CliFault> {
        let wanted = self.contents()?;
        if found.ledgers != wanted.ledgers {
            return Err(refused("the ledgers of the backup are not those of its manifest"));
        }
        let tables: BTreeSet<&String> = found.tables.keys().chain(wanted.tables.keys()).collect();
        for table in tables {
            let (found, wanted) = (found.tables.get(table), wanted.tables.get(table));
            if found != wanted {
                let count = |rows: Option<&u64>| rows.copied().unwrap_or_default();
                let (found, wanted) = (count(found), count(wanted));
                return Err(refused(format!(
                    "table {table} of the backup has {found} rows, its manifest names {wanted}"
                )));
            }
        }
        Ok(())
    }

    fn keys(&self, data: &Path) -> Result<(), CliFault> {
        let to = data.join("keys");
        let there = fs::read_dir(&to).is_ok_and(|mut entries| entries.next().is_some());
        if there && !self.command.replace {
            return Err(refused(format!(
                "{}: keys are there: restore into another folder, or say --replace: the old ones \
                 are put aside, not deleted",
                to.display()
            )));
        }
        let at = |fault| CliFault::file(&to, fault);
        disk::sync_folder(&self.parts).map_err(at)?;
        for part in &self.manifest.parts {
            disk::sync(&self.parts.join(&part.name)).map_err(at)?;
        }
        let mut put_aside = None;
        if there {
            let aside = self.aside(data)?;
            self.exchange_keys(&to, &aside.join("keys"))?;
            put_aside = Some(aside);
        } else {
            fs::rename(&self.parts, &to).map_err(at)?;
        }
        disk::sync_folder(data).map_err(at)?;
        println!("{}: {} keys of {}", to.display(), self.manifest.parts.len(), self.made());
        if let Some(aside) = put_aside {
            println!("the keys of before are in {}", aside.display());
        }
        Ok(())
    }

    /// Puts the new keys where the old ones are, which come to lie at `aside`: killed at any
    /// moment there are keys, and what is aside no next run deletes.
    fn exchange_keys(&self, to: &Path, aside: &Path) -> Result<(), CliFault> {
        fs::rename(&self.parts, aside).map_err(|fault| CliFault::file(aside, fault))?;
        disk::exchange(aside, to).map_err(|fault| {
            // Back among what is deleted.
            let _ = fs::rename(aside, &self.parts);
            let _ = aside.parent().map(fs::remove_dir);
            refused(format!(
                "{}: {fault}: the keys cannot be replaced in one step here; move the folder away \
                 yourself, and say it again without --replace",
                to.display()
            ))
        })
    }

    fn sqlite(&self) -> Result<(), CliFault> {
        let Location::Sqlite(target) = &self.config.location else {
            return Err(refused(
                "the backup is of an SQLite database: restore it without database_url, then \
                 `minhbach move` it to PostgreSQL",
            ));
        };
        if target.exists() && !self.command.replace {
            return Err(refused(format!(
                "{}: a database is there: restore into another folder, or say --replace: the old \
                 one is put aside, not deleted",
                target.display()
            )));
        }
        let logs = logs_beside(target);
        if !logs.is_empty() && !self.command.replace {
            return Err(refused(format!(
                "{}: left by a database that is gone: restore into another folder, or say \
                 --replace: they are put aside, not deleted",
                named(&logs)
            )));
        }
        let part = self.part(SQLITE_PART)?;
        let staged = self.trial.join("minhbach.sqlite");
        fs::rename(&part, &staged).map_err(|fault| CliFault::file(&part, fault))?;
        let runtime = self.context.runtime()?;
        self.compare(&runtime.block_on(look_at_sqlite(&staged, &self.signed()?))?)?;
        let told = runtime.block_on(self.verify(Location::Sqlite(staged.clone())))?;
        let aside = match target.exists() || !logs.is_empty() {
            true => Some(self.aside(target.parent().unwrap_or(Path::new(".")))?),
            false => None,
        };
        if target.exists() {
            // What of the old one still lies in its log file; a damaged one is put aside as it is.
            let _ = runtime.block_on(fold(target));
        }
        place(&staged, target, aside.as_deref()).map_err(|fault| CliFault::file(target, fault))?;
        self.tell(&target.display().to_string(), &told);
        if let Some(aside) = aside {
            println!("the database of before is in {}", aside.display());
        }
        Ok(())
    }

    fn postgres(&self) -> Result<(), CliFault> {
        let Location::Postgres(url) = &self.config.location else {
            return Err(refused(
                "the backup is of a PostgreSQL database: name an empty one in ROCKET_DATABASE_URL",
            ));
        };
        let tools = Tools::new(self.command.pg_bin.clone(), url)?;
        let part = self.part(POSTGRES_PART)?;
        self.compare(&tools.look(&part, &self.signed()?)?)?;
        let runtime = self.context.runtime()?;
        if runtime.block_on(ground(url))? == Ground::Taken && !self.command.replace {
            return Err(refused(
                "the database has tables: name an empty one, or say --replace: the old tables are \
                 put aside in a schema of their own, not deleted",
            ));
        }
        let aside = format!("replaced_{}", self.now.format("%Y%m%d%H%M%S"));
        runtime.block_on(make_room(url, &aside))?;
        let brought = tools.restore(&part).and_then(|()| {
            runtime.block_on(async {
                self.compare(&look_at_postgres(url, &self.signed()?).await?)?;
                self.verify(Location::Postgres(url.clone())).await
            })
        });
        let told = match brought {
            Ok(told) => told,
            Err(fault) => {
                runtime.block_on(take_back(url))?;
                return Err(fault);
            }
        };
        let aside = runtime.block_on(settle(url))?;
        self.tell("the database", &told);
        println!("the role that serves needs its rights on the tables again, if it has its own");
        if let Some(aside) = aside {
            println!("the tables of before are in the schema {aside}");
        }
        Ok(())
    }

    /// A folder for what was there.
    fn aside(&self, data: &Path) -> Result<PathBuf, CliFault> {
        let name = format!("replaced-{}", self.now.format("%Y%m%dT%H%M%SZ"));
        let mut folder = data.join(&name);
        // One that was killed in the same second has its own already.
        for again in 2..100 {
            if folder.symlink_metadata().is_err() {
                break;
            }
            folder = data.join(format!("{name}-{again}"));
        }
        disk::make_folder(&folder, true).map_err(|fault| CliFault::file(&folder, fault))?;
        Ok(folder)
    }

    fn made(&self) -> String {
        self.manifest.made.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Opens the database as the server does, but in a folder of its own with copies of keys and
    /// anchors, and replays every ledger; what there is to tell.
    async fn verify(&self, location: Location) -> Result<Vec<String>, CliFault> {
        let data = self.context.folder();
        for (from, name) in [(data.join("keys"), "keys"), (self.config.anchor_folder(), "anchor")] {
            copy_files(&from, &self.trial.join(name))
                .map_err(|fault| CliFault::file(&from, fault))?;
        }
        let config = StoreConfig {
            folder: self.trial.clone(),
            location,
            anchor: None,
            // Everything is replayed below, and once is enough.
            check_at_start: 0,
            restoring: true,
            ..self.config.clone()
        };
        let keys = self.config.secrets.receipt_key.is_some()
            || data.join("keys").join("receipt.key").exists();
        let store = Store::open(config).await?;
        let told = self.replay(&store, keys).await;
        super::data::stop(store, told).await
    }

    async fn replay(&self, store: &Store, keys: bool) -> Result<Vec<String>, CliFault> {
        let mut told = Vec::new();
        let chapters = super::data::slugs(store);
        if chapters.len() != self.contents()?.ledgers.len() {
            return Err(refused("the backup has other ledgers than its manifest names"));
        }
        for (id, slug) in chapters {
            let standing = store.standing(id)?;
            if let Standing::ReadOnly(closure) = &standing
                && keys
                && is_of_keys(closure)
            {
                return Err(refused(format!(
                    "/{slug}: the keys here are not those of the backup: {closure}. Restore the \
                     backup of its keys first (--replace)"
                )));
            }
            let found = store.check(id).await?;
            let mut differing: Vec<&str> = found.differing.iter().map(|own| own.table).collect();
            // Without the key nobody knows which codes they should have.
            differing.retain(|table| keys || *table != "receipts");
            if !differing.is_empty() {
                return Err(refused(format!("/{slug}: the backup does not verify: {found}")));
            }
            match standing {
                Standing::ReadOnly(closure) if closure.may_be_refilled() => {
                    told.push(format!("/{slug}: {closure}"));
                }
                Standing::ReadOnly(closure) if !is_of_keys(&closure) => {
                    return Err(refused(format!("/{slug}: {closure}")));
                }
                _ => {}
            }
        }
        told.extend(self.vanished(store)?);
        told.extend(self.missing()?);
        store.end_all_restored().await?;
        if !keys {
            told.push(
                "keys/ is not here: restore the backup of the keys before the server starts, which \
                 would make others; the codes of receipts could not be compared"
                    .to_owned(),
            );
        }
        Ok(told)
    }

    /// Ledgers that the anchors sign and no ledger of the backup is or continues.
    fn vanished(&self, store: &Store) -> Result<Vec<String>, CliFault> {
        let mut there: BTreeSet<String> = BTreeSet::new();
        for (id, origin) in store.chapters() {
            there.insert(origin.as_str().to_owned());
            let books = store.books(id)?;
            let earlier = books.chapter().into_iter().flat_map(|own| &own.earlier);
            there.extend(earlier.map(|own| own.origin.as_str().to_owned()));
        }
        let anchors = anchored(&self.config)?;
        let (mut told, mut refusals) = (Vec::new(), Vec::new());
        for (origin, anchor) in anchors.iter().filter(|(origin, _)| !there.contains(*origin)) {
            let slug = origin.split('/').nth(1).unwrap_or_default();
            let size = anchor.checkpoint().size;
            let said =
                format!("{origin} is not in the backup: the anchor here signs {size} entries");
            let allowed = |own: &String| own == origin || own.trim_start_matches('/') == slug;
            match self.command.without_ledger.iter().any(allowed) {
                true => told.push(said),
                false => refusals.push(said),
            }
        }
        match refusals.is_empty() {
            true => Ok(told),
            false => Err(refused(format!(
                "{}. Is it the right backup? To go on without it: --without-ledger",
                refusals.join("; ")
            ))),
        }
    }

    /// What the anchors know that the backup has not.
    fn missing(&self) -> Result<Vec<String>, CliFault> {
        let anchors = anchored(&self.config)?;
        let mut told = Vec::new();
        for ledger in &self.contents()?.ledgers {
            let (slug, own) = (&ledger.slug, ledger.size - ledger.before);
            let Some(anchor) = anchors.get(&ledger.origin) else { continue };
            let signed = anchor.checkpoint().size;
            if signed > own {
                told.push(format!(
                    "/{slug}: {} entries are missing: the anchor here signs {signed}, the backup \
                     has {own}. Take them from a mirror or export before anybody records: \
                     `minhbach refill {slug} URL`",
                    signed - own
                ));
            }
        }
        Ok(told)
    }

    fn tell(&self, place: &str, told: &[String]) {
        let ledgers = self.manifest.contents.iter().flat_map(|contents| &contents.ledgers);
        let ledgers: Vec<String> = ledgers
            .map(|own| format!("/{} {} entries, {}", own.slug, own.size, own.root))
            .collect();
        println!("{place}: restored from {}, replayed and verified", self.made());
        ledgers.iter().chain(told).for_each(|line| println!("{line}"));
    }
}

/// Whether a ledger is closed for want of its keys, and nothing else.
const fn is_of_keys(closure: &Closure) -> bool {
    matches!(closure, Closure::NoLogKey { .. } | Closure::VaultKey | Closure::ReceiptKey)
}

/// Copies the files of a folder, if there is one.
pub fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    disk::make_folder(to, true)?;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(fault) => return Err(fault),
    };
    for entry in entries {
        let entry = entry?;
        // As whoever reads it: through a link, too.
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// A file beside a database that SQLite names after it.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The files beside a database that SQLite would take for its own: logs and their index.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Those of them that are there, named.
pub fn logs_beside(database: &Path) -> Vec<PathBuf> {
    let all = LOGS.iter().map(|ending| beside(database, ending));
    all.filter(|path| path.symlink_metadata().is_ok()).collect()
}

/// Their names, for people.
pub fn named(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    names.join(", ")
}

/// A second name for a file, or a copy where the file system has none; never over another file.
fn keep(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        // It may be the same file already: a copy would empty it first.
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => Err(fault),
        Err(_) => {
            fs::copy(from, to)?;
            disk::sync(to)
        }
    }
}

/// Puts a database in its place. The old one, if there is one, is kept aside first, whole, with
/// the logs that lie beside it; these are only taken away afterwards, so that SQLite does not
/// replay them over the new one.
pub fn place(staged: &Path, target: &Path, aside: Option<&Path>) -> io::Result<()> {
    if !logs_beside(staged).is_empty() {
        return Err(io::Error::other("its log file was not folded into it"));
    }
    disk::sync(staged)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    let logs = logs_beside(target);
    if let Some(aside) = aside {
        let kept = aside.join("minhbach.sqlite");
        if target.exists() {
            keep(target, &kept)?;
        }
        for ending in LOGS {
            let log = beside(target, ending);
            if logs.contains(&log) {
                keep(&log, &beside(&kept, ending))?;
            }
        }
        disk::sync_folder(aside)?;
        disk::sync_folder(folder)?;
        for log in &logs {
            fs::remove_file(log)?;
        }
        disk::sync_folder(folder)?;
    } else if !logs.is_empty() {
        let said = format!("SQLite would replay {} over it", named(&logs));
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, said));
    }
    fs::rename(staged, target)?;
    disk::sync_folder(folder)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_another_database_are_never_left_beside_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let [staged, target, aside] =
            ["staged", "minhbach.sqlite", "aside"].map(|name| folder.path().join(name));
        fs::create_dir(&aside).unwrap();
        fs::write(&staged, "new").unwrap();
        // The database itself is gone, its logs are not.
        for ending in LOGS {
            fs::write(beside(&target, ending), ending).unwrap();
        }
        let refused = place(&staged, &target, None).unwrap_err().to_string();
        assert!(refused.contains("minhbach.sqlite-wal"), "{refused}");
        assert!(staged.exists() && !target.exists());
        place(&staged, &target, Some(&aside)).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(logs_beside(&target), Vec::<PathBuf>::new());
        let kept = aside.join("minhbach.sqlite");
        assert!(!kept.exists());
        assert_eq!(fs::read(beside(&kept, "-wal")).unwrap(), b"-wal");
    }

    #[test]
    fn the_old_database_is_kept_with_its_log_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let [staged, target, aside] =
            ["staged", "minhbach.sqlite", "aside"].map(|name| folder.path().join(name));
        fs::create_dir(&aside).unwrap();
        fs::write(&staged, "new").unwrap();
        fs::write(&target, "old").unwrap();
        fs::write(beside(&target, "-wal"), "tail").unwrap();
        let kept = aside.join("minhbach.sqlite");
        fs::hard_link(&target, &kept).unwrap();
        assert!(place(&staged, &target, Some(&aside)).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(fs::read(beside(&target, "-wal")).unwrap(), b"tail");
        fs::remove_file(&kept).unwrap();
        place(&staged, &target, Some(&aside)).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::read(&kept).unwrap(), b"old");
        assert_eq!(fs::read(beside(&kept, "-wal")).unwrap(), b"tail");
        assert!(logs_beside(&target).is_empty());
    }
}
