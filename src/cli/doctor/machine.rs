//! The machine under the data: rights of files, room, clock.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Findings, Level};
use crate::disk;
use crate::ledger::word::Time;
use crate::store::Location;
use crate::store::backups::{Backups, Made};

/// Where systemd's time service says that it has set the clock.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// Who may read the keys, and who may enter the data folder.
pub(super) fn look_at_files(folder: &Path, findings: &mut Findings) {
    let keys = folder.join("keys");
    let mut private: Vec<(PathBuf, u32)> = vec![(keys.clone(), 0o700)];
    let mut unread = None;
    let good = match std::fs::read_dir(&keys) {
        Ok(entries) => {
            private.extend(entries.flatten().map(|entry| (entry.path(), 0o600)));
            "readable by their owner alone"
        }
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => "there are none in the folder",
        Err(fault) => {
            unread = Some(unseen(&keys, &fault));
            ""
        }
    };
    let open = open_to(&private, 0o077, unread);
    let said = open.told("others may read").unwrap_or_else(|| good.to_owned());
    findings.check("keys", open.is_none(), said);
    // A group may read, to copy backups; nobody but the owner writes, and others stay out.
    let folders = ["", "anchor"].map(|name| (folder.join(name), 0o700));
    let open = open_to(&folders, 0o027, None);
    let said = open.told("others may enter or write to");
    let said = said.unwrap_or_else(|| "closed to others".to_owned());
    findings.check("data folder", open.is_none(), said);
}

/// Whether whoever looks, who is to be the user who serves, may write to the database.
pub(super) fn look_at_rights(location: &Location, findings: &mut Findings) {
    if let Some(path) = location.unwritable() {
        let path = path.display();
        let said = format!(
            "{path} may not be written to by this user, so nothing can be recorded: give it to the \
             user who serves (chown), let that user write (chmod u+rwX {path}), and look as that \
             user"
        );
        findings.check("rights", false, said);
    }
}

/// What is said of something that the one who looks may not see.
pub(super) fn unseen(path: &Path, fault: &io::Error) -> String {
    format!(
        "{}: {fault}: it could not be looked at: run the doctor as the user who serves (sudo -u)",
        path.display()
    )
}

/// Files that others have rights on.
struct OpenTo {
    /// Each with the command that mends it.
    files: Vec<String>,
    /// The first one of which nobody knows.
    unseen: Option<String>,
}

impl OpenTo {
    fn is_none(&self) -> bool {
        self.files.is_empty() && self.unseen.is_none()
    }

    /// What is wrong.
    fn told(&self, others: &str) -> Option<String> {
        let files = self.files.join(", ");
        let files = (!self.files.is_empty()).then(|| format!("{others} {files}"));
        let told: Vec<String> = files.into_iter().chain(self.unseen.clone()).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// Those of the files that have one of these rights. One that is not there is no matter of rights.
fn open_to(files: &[(PathBuf, u32)], rights: u32, unread: Option<String>) -> OpenTo {
    let mut open = OpenTo { files: Vec::new(), unseen: unread };
    for (path, mode) in files {
        match path.metadata() {
            Ok(found) if found.permissions().mode() & rights != 0 => {
                open.files.push(format!("{} (chmod {mode:o} {0})", path.display()));
            }
            Err(fault) if fault.kind() != io::ErrorKind::NotFound && open.unseen.is_none() => {
                open.unseen = Some(unseen(path, &fault));
            }
            _ => {}
        }
    }
    open
}

/// How much room is left.
pub(super) fn look_at_disk(folder: &Path, least: u64, findings: &mut Findings) {
    match disk::room(folder) {
        Ok(room) => {
            let said = format!("{} MiB free (at least {} wanted)", room.free >> 20, least >> 20);
            findings.check("disk", room.free >= least, said);
        }
        Err(fault) => findings.check("disk", false, format!("nobody knows how full: {fault}")),
    }
}

/// Whether a time service has set the clock, where the system tells.
pub(super) fn look_at_time_service(findings: &mut Findings) {
    let said = match Path::new(SYNCHRONIZED).exists() {
        true => "set by systemd-timesyncd",
        false => "not known here; make sure that one runs (chronyc tracking, timedatectl)",
    };
    findings.check("time service", true, said);
}

/// The newest backups that `minhbach backup` made here, and what the desk warns of as well: none of
/// the database or of the keys, which is as grave as `never`, or one of the database that is older
/// than it should be. Others are not seen from here.
pub(super) fn look_at_backups(
    folder: &Path,
    (now, days): (DateTime<Utc>, u64),
    never: Level,
    findings: &mut Findings,
) {
    let Backups { database, keys } = Backups::read(folder);
    let told = |what: &str, made: Option<Made>| match made {
        Some(made) => format!("{what} {} ({} bytes)", made.at.format("%FT%TZ"), made.bytes),
        None => format!("{what} never by `minhbach backup`"),
    };
    let mut faults: Vec<(Level, String)> = Vec::new();
    let how = [("database", "minhbach backup", database), ("keys", "minhbach backup --keys", keys)];
    for (what, command, made) in how {
        let fault = match made {
            // Keys of the environment are backed up where they are kept.
            None if what == "keys" && !has_keys(folder) => continue,
            None => (never, format!("no backup of the {what} was made here: run `{command}`")),
            Some(made) if made.is_ahead(now) => (
                Level::Wrong,
                format!(
                    "the backup of the {what} is noted for a day to come, so nobody knows how old \
                     it is: set the clock, then run `{command}`"
                ),
            ),
            Some(made) if what == "database" && made.days(now) >= days => {
                let since = made.days(now);
                let said = format!("the newest is {since} days old (backup_days is {days})");
                (Level::Wrong, format!("{said}: run `{command}`"))
            }
            Some(_) => continue,
        };
        faults.push(fault);
    }
    faults.retain(|(level, _)| *level > Level::Good);
    let level = faults.iter().map(|(level, _)| *level).max().unwrap_or(Level::Good);
    let mut said: Vec<String> = faults.into_iter().map(|(_, said)| said).collect();
    said.push(format!("{}, {}", told("database", database), told("keys", keys)));
    said.push("a backup is one that was restored elsewhere (docs/OPERATING.md)".to_owned());
    findings.tell("backups", level, said.join("; "));
}

/// Whether keys lie in the data folder.
fn has_keys(folder: &Path) -> bool {
    let mut files = std::fs::read_dir(folder.join("keys")).into_iter().flatten().flatten();
    files.any(|file| file.path().extension().is_some_and(|ending| ending == "key"))
}

/// The writer refuses a clock that is 10 minutes behind the last entry. One that is far ahead only
/// has to be confirmed, so it is no fault of a ledger that rested.
pub(super) fn look_at_clock(
    slug: &str,
    last: Option<Time>,
    now: DateTime<Utc>,
    findings: &mut Findings,
) {
    let Some(last) = last else { return };
    let behind = (last.utc() - now).num_minutes();
    let said = match behind {
        11.. => format!("{behind} minutes behind the last entry ({last}); set the clock"),
        _ => format!("{}, the last entry {last}", now.format("%Y-%m-%dT%H:%M:%SZ")),
    };
    findings.check(format!("/{slug} clock"), behind <= 10, said);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs::{Permissions, create_dir, set_permissions};

    use super::*;

    #[test]
    fn a_database_without_the_right_to_write_is_a_finding_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("minhbach.sqlite");
        let location = Location::Sqlite(file.clone());
        let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
        look_at_rights(&location, &mut findings);
        std::fs::write(&file, "").unwrap();
        look_at_rights(&location, &mut findings);
        assert!(findings.checks.is_empty(), "none, or one that may be written to");
        set_permissions(&file, Permissions::from_mode(0o400)).unwrap();
        look_at_rights(&location, &mut findings);
        // Root may write to anything.
        let told = findings.checks.iter().any(|own| own.said.contains("minhbach.sqlite may not"));
        assert_eq!(told, !rustix::process::geteuid().is_root());
    }

    #[test]
    fn folders_that_others_may_enter_are_named_with_what_mends_them() {
        let folder = tempfile::tempdir().unwrap();
        let rights = |path: &Path, mode| set_permissions(path, Permissions::from_mode(mode));
        create_dir(folder.path().join("anchor")).unwrap();
        create_dir(folder.path().join("keys")).unwrap();
        for name in ["anchor", "keys"] {
            rights(&folder.path().join(name), 0o700).unwrap();
        }
        let look = || {
            let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
            look_at_files(folder.path(), &mut findings);
            findings.checks.iter().map(|own| (own.ok, own.said.clone())).collect::<Vec<_>>()
        };
        rights(folder.path(), 0o750).unwrap();
        assert!(look().iter().all(|(ok, _)| *ok), "{:?}", look());
        rights(folder.path(), 0o755).unwrap();
        rights(&folder.path().join("keys"), 0o750).unwrap();
        let said = look();
        assert!(!said[0].0 && said[0].1.contains("chmod 700"), "{said:?}");
        assert!(!said[1].0 && said[1].1.contains("chmod 700"), "{said:?}");
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_called_good() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("keys"), "no folder").unwrap();
        set_permissions(folder.path().join("keys"), Permissions::from_mode(0o600)).unwrap();
        let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
        look_at_files(folder.path(), &mut findings);
        let keys = &findings.checks[0];
        assert!(!keys.ok && keys.said.contains("could not be looked at"), "{}", keys.said);
    }

    #[test]
    fn a_backup_that_is_missing_old_or_noted_for_a_day_to_come_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let now: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
        let look = |never| {
            let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
            look_at_backups(folder.path(), (now, 7), never, &mut findings);
            let own = findings.checks.remove(0);
            (own.ok, own.warning, own.said)
        };
        let (ok, warning, said) = look(Level::Wrong);
        assert!(!ok && !warning && said.contains("no backup of the database"), "{said}");
        assert!(!said.contains("no backup of the keys"), "none is here: {said}");
        assert!(matches!(look(Level::Warning), (true, true, _)));
        assert!(matches!(look(Level::Good), (true, false, _)), "there is nothing to lose");
        create_dir(folder.path().join("keys")).unwrap();
        std::fs::write(folder.path().join("keys/vault.key"), "key").unwrap();
        let made = |at: &str| Some(Made { at: at.parse().unwrap(), bytes: 9, encrypted: true });
        let noted = |database, keys| Backups { database, keys }.write(folder.path()).unwrap();
        noted(made("2026-11-14T03:00:00Z"), None);
        let (ok, _, said) = look(Level::Wrong);
        assert!(!ok && said.contains("no backup of the keys"), "{said}");
        noted(made("2026-11-14T03:00:00Z"), made("2026-01-14T03:00:00Z"));
        assert!(matches!(look(Level::Wrong), (true, false, _)));
        noted(made("2026-11-13T03:00:00Z"), made("2026-01-14T03:00:00Z"));
        let (ok, _, said) = look(Level::Warning);
        assert!(!ok && said.contains("is 7 days old"), "{said}");
        noted(made("2036-11-13T03:00:00Z"), made("2026-01-14T03:00:00Z"));
        let (ok, _, said) = look(Level::Wrong);
        assert!(!ok && said.contains("noted for a day to come"), "{said}");
    }

    #[test]
    fn too_little_room_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
        look_at_disk(folder.path(), 0, &mut findings);
        look_at_disk(folder.path(), u64::MAX, &mut findings);
        assert!(findings.checks[0].ok && !findings.checks[1].ok);
    }
}
