//! When the last backups were made and how large they are, as `minhbach backup` noted it.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;

use crate::store::Store;
use crate::store::backups::{Backups, Made};
use crate::web::Config;

/// From so many bytes on, a size is told in the larger unit.
const LARGE: u64 = 10 << 20;

/// What the page tells.
pub fn shown(store: &Store, config: &Config) -> Value {
    told(store.backups(), config.clock.now(), config.backup_days)
}

fn told(backups: Backups, now: DateTime<Utc>, days: u64) -> Value {
    let late = backups.database.filter(|made| made.days(now) >= days);
    context! {
        database => backups.database.map(row),
        keys => backups.keys.map(row),
        late => late.map(|made| made.days(now)),
    }
}

fn row(made: Made) -> Value {
    let (unit, size) = match made.bytes {
        bytes if bytes >= LARGE => ("backup-mib", bytes >> 20),
        bytes => ("backup-kib", bytes.div_ceil(1 << 10)),
    };
    context! {
        at => made.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        unit,
        size,
        encrypted => made.encrypted,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_late_from_the_day_of_the_setting_on() {
        let at: DateTime<Utc> = "2026-11-20T03:00:00Z".parse().unwrap();
        let made = |bytes| Some(Made { at, bytes, encrypted: true });
        let backups = Backups { database: made(1_025), keys: None };
        let late = |now: &str| {
            let told = told(backups, now.parse().unwrap(), 7);
            told.get_attr("late").unwrap().to_string()
        };
        assert_eq!(late("2026-11-27T02:59:00Z"), "None");
        assert_eq!(late("2026-11-27T03:00:00Z"), "7");
        assert_eq!(late("2026-12-27T03:00:00Z"), "37");
        let size = |bytes| {
            let row = row(made(bytes).unwrap());
            let part = |name: &str| row.get_attr(name).unwrap().to_string();
            format!("{} {}", part("size"), part("unit"))
        };
        assert_eq!(size(1_025), "2 backup-kib");
        assert_eq!(size(LARGE), "10 backup-mib");
    }
}
