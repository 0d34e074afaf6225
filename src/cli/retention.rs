//! Which backups of a folder are kept: by the names that this program gives, and nothing else.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};

use crate::disk::UNFINISHED;

/// How a time is written in a name.
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// What was not finished for so long never will be.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// How many of the last days, weeks and months keep a backup each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep {
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
}

impl Keep {
    /// Whether anything is said: without that nothing is ever deleted.
    pub const fn is_asked(self) -> bool {
        self.daily > 0 || self.weekly > 0 || self.monthly > 0
    }
}

/// The name of a backup: `minhbach-20261120T030000Z.tar.gz.age`.
pub fn file_name(name: &str, made: DateTime<Utc>, sealed: bool) -> String {
    let ending = if sealed { "tar.gz.age" } else { "tar.gz" };
    format!("{name}-{}.{ending}", made.format(TIME))
}

/// When a backup of this name was made; `None` of every other file.
pub fn made_at(name: &str, file: &str) -> Option<DateTime<Utc>> {
    let rest = file.strip_prefix(name)?.strip_prefix('-')?;
    let (time, ending) = rest.split_once('.')?;
    if time.len() != 16 || !matches!(ending, "tar.gz.age" | "tar.gz") {
        return None;
    }
    NaiveDateTime::parse_from_str(time, TIME).ok().map(|time| time.and_utc())
}

/// Which of the times are no longer kept, when the newest good backup is of `newest`: it and all
/// later ones stay.
pub fn outdated(times: &[DateTime<Utc>], newest: DateTime<Utc>, keep: Keep) -> Vec<DateTime<Utc>> {
    let mut times: Vec<DateTime<Utc>> = times.to_vec();
    times.sort_unstable_by(|one, other| other.cmp(one));
    times.dedup();
    let (mut days, mut weeks, mut months) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut outdated = Vec::new();
    for time in times.into_iter().filter(|time| *time <= newest) {
        let (day, week) = (time.date_naive(), time.iso_week());
        // The newest of each day counts for it, and the same of weeks and months.
        let new = |wanted: u32, known: usize, is_new: bool| is_new && known < wanted as usize;
        let daily = new(keep.daily, days.len(), !days.contains(&day));
        let weekly = new(keep.weekly, weeks.len(), !weeks.contains(&week));
        let month = (time.year(), time.month());
        let monthly = new(keep.monthly, months.len(), !months.contains(&month));
        if daily {
            days.insert(day);
        }
        if weekly {
            weeks.insert(week);
        }
        if monthly {
            months.insert(month);
        }
        if !(daily || weekly || monthly || time == newest) {
            outdated.push(time);
        }
    }
    outdated
}

/// Deletes what is no longer kept of the backups of one name in a folder, and what was abandoned
/// half-written; how many backups.
///
/// # Errors
/// What the operating system says, and of which file.
pub fn tidy(
    folder: &Path,
    name: &str,
    newest: DateTime<Utc>,
    keep: Keep,
) -> Result<usize, (PathBuf, io::Error)> {
    let mut there: Vec<(DateTime<Utc>, PathBuf)> = Vec::new();
    let at = |fault| (folder.to_owned(), fault);
    for entry in std::fs::read_dir(folder).map_err(at)? {
        let entry = entry.map_err(at)?;
        let (path, file) = (entry.path(), entry.file_name());
        let Some(file) = file.to_str() else { continue };
        let Ok(metadata) = path.symlink_metadata() else { continue };
        if !metadata.is_file() {
            continue;
        }
        let unfinished = file.strip_suffix(UNFINISHED).and_then(|file| file.strip_suffix('.'));
        if unfinished.is_some_and(|file| made_at(name, file).is_some()) {
            let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
            if age.is_some_and(|age| age > ABANDONED) {
                std::fs::remove_file(&path).map_err(|fault| (path, fault))?;
            }
            continue;
        }
        // An empty file is no backup, and stands for no day.
        if let Some(made) = made_at(name, file).filter(|_| metadata.len() > 0) {
            there.push((made, path));
        }
    }
    if !keep.is_asked() {
        return Ok(0);
    }
    let times: Vec<DateTime<Utc>> = there.iter().map(|(made, _)| *made).collect();
    let outdated = outdated(&times, newest, keep);
    let mut deleted = 0;
    for (_, path) in there.into_iter().filter(|(made, _)| outdated.contains(made)) {
        std::fs::remove_file(&path).map_err(|fault| (path, fault))?;
        deleted += 1;
    }
    Ok(deleted)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().unwrap()
    }

    #[test]
    fn only_our_own_names_are_backups() {
        let made = time("2026-11-20T03:00");
        let name = file_name("minhbach", made, true);
        assert_eq!(name, "minhbach-20261120T030000Z.tar.gz.age");
        assert_eq!(made_at("minhbach", &name), Some(made));
        assert_eq!(made_at("minhbach", &file_name("minhbach", made, false)), Some(made));
        let keys = file_name("minhbach-keys", made, true);
        assert_eq!(made_at("minhbach", &keys), None, "keys are kept by themselves");
        assert_eq!(made_at("minhbach-keys", &keys), Some(made));
        for other in [
            "minhbach-20261120T030000Z.tar",
            "minhbach-20261120T030000Z.tar.gz.age.new",
            "minhbach-20261320T030000Z.tar.gz",
            "minhbach-2026112T0030000Z.tar.gz",
            "Minhbach-20261120T030000Z.tar.gz",
            "minhbach.sqlite",
            "notes.txt",
        ] {
            assert_eq!(made_at("minhbach", other), None, "{other}");
        }
    }

    #[test]
    fn each_of_the_last_days_weeks_and_months_keeps_its_newest() {
        // Twice a day for 100 days.
        let end = time("2026-11-29T18:00");
        let times: Vec<_> =
            (0..200).map(|half| end - chrono::TimeDelta::hours(12 * half)).collect();
        let gone = outdated(&times, end, Keep { daily: 3, weekly: 2, monthly: 3 });
        let mut left: Vec<_> = times.iter().filter(|time| !gone.contains(time)).collect();
        left.sort_unstable();
        let left: Vec<String> =
            left.iter().map(|time| time.format("%m-%d %H").to_string()).collect();
        assert_eq!(left, ["09-30 18", "10-31 18", "11-22 18", "11-27 18", "11-28 18", "11-29 18"]);
        let gone = outdated(&times, end, Keep { daily: 1, ..Keep::default() });
        assert_eq!(gone.len(), 199);
    }

    #[test]
    fn the_newest_good_one_and_later_ones_always_stay() {
        let good = time("2026-11-20T03:00");
        let times =
            [good, time("2026-11-20T09:00"), time("2027-01-01T00:00"), time("2026-11-19T03:00")];
        let gone = outdated(&times, good, Keep { daily: 1, ..Keep::default() });
        assert_eq!(gone, [time("2026-11-19T03:00")]);
    }

    #[test]
    fn other_files_are_left_alone_and_what_was_abandoned_goes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "x").unwrap();
            path
        };
        let newest = time("2026-11-20T03:00");
        let old = file_name("minhbach", time("2026-11-19T03:00"), true);
        for name in [
            &file_name("minhbach", newest, true),
            &old,
            &file_name("minhbach-keys", time("2026-11-01T03:00"), true),
            &file_name("xuan-tay", time("2026-11-01T03:00"), true),
            "notes.txt",
        ] {
            write(name);
        }
        let young = write(&format!("{}.{UNFINISHED}", file_name("minhbach", newest, false)));
        let dead = write(&format!("{old}.{UNFINISHED}"));
        let long_ago = std::time::SystemTime::now() - 2 * ABANDONED;
        std::fs::File::options().write(true).open(&dead).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(tidy(folder.path(), "minhbach", newest, Keep::default()).unwrap(), 0);
        assert!(!dead.exists() && young.exists());
        let keep = Keep { daily: 1, ..Keep::default() };
        assert_eq!(tidy(folder.path(), "minhbach", newest, keep).unwrap(), 1);
        assert!(!folder.path().join(&old).exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5);
    }
}
