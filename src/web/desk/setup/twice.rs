//! A form for officers that is sent twice: whoever clicks twice sees only the second answer, and
//! the emergency sheet must be in it.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::value::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use crate::web::forms::Fields;

/// How long the same submission gets the same sheet.
const KEPT: TimeDelta = TimeDelta::minutes(10);

/// The founders of a site. Two at once would make two chapters: whoever founds holds the turn.
#[derive(Clone, Default)]
pub struct Founders(Arc<Mutex<Vec<Founded>>>);

/// What was founded a short time ago: by which submission, when, and its sheet.
type Founded = (Submission, DateTime<Utc>, Value);

/// The sheet may hold a guardian's secret.
impl fmt::Debug for Founders {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Founders(hidden)")
    }
}

/// The turn of one founder.
pub struct Turn<'a> {
    lately: MutexGuard<'a, Vec<Founded>>,
    founders: Founders,
}

impl Founders {
    /// Waits for who is founding.
    pub async fn turn(&self) -> Turn<'_> {
        Turn { lately: self.0.lock().await, founders: self.clone() }
    }
}

/// Which submission it was: a digest of everything that was typed, the passphrases and the secret
/// of the visitor's form among it. Who can send it again knows all that the sheet could tell.
#[derive(Debug, PartialEq, Eq)]
pub struct Submission([u8; 32]);

/// The submission of a form under a path.
pub fn submission(path: &str, fields: &Fields) -> Submission {
    let mut digest = Sha256::new();
    let parts = fields.pairs().flat_map(|(name, value)| [name, value]);
    for part in [path].into_iter().chain(parts) {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    Submission(digest.finalize().into())
}

impl Turn<'_> {
    /// The sheet of a submission that was answered a short time ago.
    pub fn sheet(&self, which: &Submission, now: DateTime<Utc>) -> Option<Value> {
        let own = |founded: &&Founded| founded.0 == *which && now - founded.1 < KEPT;
        self.lately.iter().find(own).map(|(_, _, sheet)| sheet.clone())
    }

    /// Keeps a sheet for as long as somebody may ask for it again, and no longer.
    pub fn keep(&mut self, which: Submission, now: DateTime<Utc>, sheet: Value) {
        self.lately.push((which, now, sheet));
        let founders = self.founders.clone();
        tokio::spawn(async move {
            tokio::time::sleep(KEPT.to_std().unwrap_or_default()).await;
            founders.0.lock().await.retain(|(_, at, _)| *at > now);
        });
    }
}
