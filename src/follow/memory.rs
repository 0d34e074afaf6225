//! What was told of a ledger already, so that a run tells only what is new.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::FollowFault;
use super::watch::{Finding, Status};
use crate::disk;

/// The file below a ledger's own folder.
const FILE: &str = "memory.json";

/// What is remembered of a ledger between runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// When it was first looked at.
    pub since: Option<DateTime<Utc>>,
    /// When it was last seen sound.
    pub sound_at: Option<DateTime<Utc>>,
    /// Entries then.
    pub size: Option<u64>,
    /// Since when it could not be read.
    pub away_since: Option<DateTime<Utc>>,
    /// Whether that was told.
    pub away_told: bool,
    /// What did not hold when it was told last; nothing when all held.
    pub broken: Vec<String>,
    /// Whether it was told that it is newer than the program.
    pub newer_told: bool,
}

/// What is new of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// It is followed from now on.
    Begun,
    /// It grew.
    Grew,
    /// Something does not hold that did, or something else than before.
    Broke,
    /// What did not hold does again; the evidence stays.
    Mended,
    /// It could not be read for long.
    Away,
    /// It can be read again.
    Back,
    /// It is newer than this program.
    Newer,
}

impl Memory {
    /// What is remembered in a ledger's folder. A file that cannot be read is as good as none:
    /// it says only what was told.
    ///
    /// # Errors
    /// [`FollowFault::Disk`].
    pub fn load(own: &Path) -> Result<Self, FollowFault> {
        let path = own.join(FILE);
        let bytes = disk::read(&path).map_err(FollowFault::disk(&path))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`FollowFault::Disk`].
    pub fn save(&self, own: &Path) -> Result<(), FollowFault> {
        let path = own.join(FILE);
        let bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        disk::replace(&path, &bytes, false).map_err(FollowFault::disk(path))
    }

    /// Takes in what a look found; what of it is new. A ledger that could not be read for less
    /// than `patience` is no news.
    pub fn absorb(
        &mut self,
        finding: &Finding,
        now: DateTime<Utc>,
        patience: TimeDelta,
    ) -> Vec<News> {
        let mut news = Vec::new();
        let begun = self.since.replace(self.since.unwrap_or(now)).is_none();
        let reached = finding.status != Status::Away;
        if reached {
            if self.away_told {
                news.push(News::Back);
            }
            (self.away_since, self.away_told) = (None, false);
        } else {
            let since = *self.away_since.get_or_insert(now);
            if now - since >= patience && !self.away_told {
                self.away_told = true;
                news.push(News::Away);
            }
        }
        let broken: Vec<String> = finding.found.iter().map(named).collect();
        if broken.iter().any(|own| !self.broken.contains(own)) {
            news.push(News::Broke);
        } else if broken.is_empty() && !self.broken.is_empty() && finding.status == Status::Sound {
            news.push(News::Mended);
        }
        if reached {
            self.broken = broken;
        }
        if finding.status == Status::Newer && !self.newer_told {
            news.push(News::Newer);
        }
        self.newer_told = finding.status == Status::Newer;
        if finding.size.is_some() {
            if finding.status == Status::Sound {
                self.sound_at = Some(now);
            }
            match (begun || self.size.is_none(), self.size == finding.size) {
                (true, _) => news.push(News::Begun),
                (false, false) => news.push(News::Grew),
                (false, true) => {}
            }
            self.size = finding.size;
        }
        news
    }
}

/// A break by its place, not by its words.
fn named(found: &super::watch::Found) -> String {
    let broken = &found.broken;
    let seq = broken.seq.map_or_else(String::new, |seq| seq.to_string());
    let head = found.head.as_deref().and_then(|head| head.split("\n\n").next());
    format!("{} {} {seq} {}", found.from, broken.code, head.unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::follow::watch::Found;
    use crate::verify::report::{Break, Step};

    fn finding(status: Status, size: Option<u64>) -> Finding {
        let (found, away) = (Vec::new(), Vec::new());
        let name = "x".to_owned();
        Finding { name, status, origin: None, size, before: None, found, away, report: None }
    }

    fn broken(code: &str) -> Finding {
        let (code, reason) = (code.to_owned(), String::new());
        let broken = Break { step: Step::Tree, ledger: None, seq: Some(3), code, reason };
        let from = "site".to_owned();
        let found = Found { from, broken, known: None, head: None, evidence: None };
        Finding { found: vec![found], ..finding(Status::Broken, None) }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let hour = |hour: i64| {
            DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hour)
        };
        let mut memory = Memory::default();
        let mut at = 0;
        let mut told = |finding: &Finding| {
            at += 10;
            memory.absorb(finding, hour(at), TimeDelta::hours(24))
        };
        let sound = |size| finding(Status::Sound, Some(size));
        let away = finding(Status::Away, None);
        assert_eq!(told(&away), [], "the first run may not reach it");
        assert_eq!(told(&sound(5)), [News::Begun]);
        assert_eq!(told(&sound(5)), []);
        assert_eq!(told(&sound(9)), [News::Grew]);
        assert_eq!(told(&broken("split")), [News::Broke]);
        assert_eq!(told(&broken("split")), [], "told once");
        assert_eq!(told(&away), []);
        assert_eq!(told(&broken("split")), [], "and not again after a silence");
        assert_eq!(told(&broken("shrunk")), [News::Broke]);
        assert_eq!(told(&sound(9)), [News::Mended]);
        assert_eq!(told(&away), []);
        assert_eq!(told(&away), []);
        assert_eq!(told(&away), []);
        assert_eq!(told(&away), [News::Away], "thirty hours");
        assert_eq!(told(&away), []);
        assert_eq!(told(&sound(10)), [News::Back, News::Grew]);
        assert_eq!(told(&finding(Status::Newer, None)), [News::Newer]);
        assert_eq!(told(&finding(Status::Newer, None)), []);
    }

    #[test]
    fn a_memory_is_read_back_and_a_damaged_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Memory::load(folder.path()).unwrap(), Memory::default());
        let memory = Memory { size: Some(3), broken: vec!["x".to_owned()], ..Memory::default() };
        memory.save(folder.path()).unwrap();
        assert_eq!(Memory::load(folder.path()).unwrap(), memory);
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(Memory::load(folder.path()).unwrap(), Memory::default());
    }
}
