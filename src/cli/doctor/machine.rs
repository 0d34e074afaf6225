//! The machine under the data: rights of files, room, clock.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::Findings;
use crate::disk;
use crate::ledger::word::Time;
use crate::store::backups::{Backups, Made};

/// Where systemd's time service says that it has set the clock.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// Who may read the keys, and who may enter the data folder.
pub(super) fn look_at_files(folder: &Path, findings: &mut Findings) {
    let keys = folder.join("keys");
    let mut private: Vec<(PathBuf, u32)> = vec![(keys.clone(), 0o700)];
    for entry in std::fs::read_dir(&keys).into_iter().flatten().flatten() {
        private.push((entry.path(), 0o600));
    }
    let open = open_to(&private, 0o077);
    let said = match open.as_slice() {
        [] => "readable by their owner alone".to_owned(),
        open => format!("others may read {}", open.join(", ")),
    };
    findings.check("keys", open.is_empty(), said);
    // A group may read, to copy backups; nobody but the owner writes, and others stay out.
    let folders = ["", "anchor"].map(|name| (folder.join(name), 0o700));
    let open = open_to(&folders, 0o027);
    let said = match open.as_slice() {
        [] => "closed to others".to_owned(),
        open => format!("others may enter or write to {}", open.join(", ")),
    };
    findings.check("data folder", open.is_empty(), said);
}

/// Files with one of these rights, each with the command that mends it.
fn open_to(files: &[(PathBuf, u32)], rights: u32) -> Vec<String> {
    let open = files.iter().filter(|(path, _)| {
        path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & rights != 0)
    });
    open.map(|(path, mode)| format!("{} (chmod {mode:o} {0})", path.display())).collect()
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

/// The newest backups that `minhbach backup` made here, and whether that of the database is older
/// than it should be; others are not seen from here.
pub(super) fn look_at_backups(
    folder: &Path,
    (now, days): (DateTime<Utc>, u64),
    findings: &mut Findings,
) {
    let Backups { database, keys } = Backups::read(folder);
    let told = |what: &str, made: Option<Made>| match made {
        Some(made) => format!("{what} {} ({} bytes)", made.at.format("%FT%TZ"), made.bytes),
        None => format!("{what} never by `minhbach backup`"),
    };
    let said = format!(
        "{}, {}; a backup is one that was restored elsewhere (docs/OPERATING.md)",
        told("database", database),
        told("keys", keys)
    );
    let late = database.is_some_and(|made| made.days(now) >= days);
    let said = if late { format!("older than {days} days: {said}") } else { said };
    findings.check("backups", !late, said);
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
    fn too_little_room_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let mut findings = Findings { chapters: Vec::new(), checks: Vec::new() };
        look_at_disk(folder.path(), 0, &mut findings);
        look_at_disk(folder.path(), u64::MAX, &mut findings);
        assert!(findings.checks[0].ok && !findings.checks[1].ok);
    }
}
