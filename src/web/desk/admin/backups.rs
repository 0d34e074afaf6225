//! When the last backups were made and how large they are, as `minhbach backup` noted it.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;

use crate::store::Store;
use crate::store::backups::{Backups, Made};
use crate::web::Config;
use crate::web::desk::measures;

/// What the page tells.
pub fn shown(store: &Store, config: &Config) -> Value {
    let backups = store.backups();
    context! {
        database => backups.database.map(row),
        keys => backups.keys.map(row),
        due => lacking(&backups, config.clock.now(), config.backup_days),
    }
}

/// What has to be seen to, for the page of today; `None` where all is well.
pub fn due(store: &Store, config: &Config) -> Option<Value> {
    lacking(&store.backups(), config.clock.now(), config.backup_days)
}

fn lacking(backups: &Backups, now: DateTime<Utc>, days: u64) -> Option<Value> {
    let Some(made) = backups.database else { return Some(context! { key => "never" }) };
    if made.is_ahead(now) {
        return Some(context! { key => "ahead" });
    }
    if made.days(now) >= days {
        return Some(context! { key => "late", age => measures::span(now - made.at) });
    }
    backups.keys.is_none().then(|| context! { key => "keys-never" })
}

fn row(made: Made) -> Value {
    context! {
        at => made.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        size => measures::size(made.bytes),
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
        let made = Some(Made { at, bytes: 1_025, encrypted: true });
        let said = |backups: Backups, now: &str| {
            let due = lacking(&backups, now.parse().unwrap(), 7)?;
            let age = due.get_attr("age").unwrap();
            let number = age.get_attr("number").map(|number| number.to_string());
            Some(format!("{} {}", due.get_attr("key").unwrap(), number.unwrap_or_default()))
        };
        let both = Backups { database: made, keys: made };
        assert_eq!(said(both, "2026-11-27T02:59:00Z"), None);
        assert_eq!(said(both, "2026-11-27T03:00:00Z").unwrap(), "late 7");
        assert_eq!(said(both, "2026-12-27T03:00:00Z").unwrap(), "late 37");
        assert_eq!(said(both, "2036-11-20T03:00:00Z").unwrap(), "late 10", "years");
        assert_eq!(said(both, "2026-11-18T03:00:00Z").unwrap().trim(), "ahead");
        let one = Backups { database: made, keys: None };
        assert_eq!(said(one, "2026-11-27T02:59:00Z").unwrap().trim(), "keys-never");
        assert_eq!(said(Backups::default(), "2026-11-27T02:59:00Z").unwrap().trim(), "never");
    }
}
