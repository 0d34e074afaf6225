//! A form for officers that is sent twice: whoever clicks twice sees only the second answer, and
//! the emergency sheet must be in it.

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::value::Value;
use sha2::{Digest as _, Sha256};

use crate::web::forms::Fields;

/// How long the same submission gets the same sheet.
const KEPT: TimeDelta = TimeDelta::minutes(10);

/// Two founders at once would make two chapters: whoever founds holds this.
pub static TURN: tokio::sync::Mutex<Turn> = tokio::sync::Mutex::const_new(Turn { last: None });

/// What was founded last.
#[derive(Debug)]
pub struct Turn {
    last: Option<(Submission, DateTime<Utc>, Value)>,
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

impl Turn {
    /// The sheet of a submission that was answered a short time ago.
    pub fn sheet(&self, which: &Submission, now: DateTime<Utc>) -> Option<Value> {
        let (known, at, sheet) = self.last.as_ref()?;
        (known == which && now - *at < KEPT).then(|| sheet.clone())
    }

    /// Keeps a sheet for as long as somebody may ask for it again, and no longer.
    pub fn keep(&mut self, which: Submission, now: DateTime<Utc>, sheet: Value) {
        self.last = Some((which, now, sheet));
        tokio::spawn(async move {
            tokio::time::sleep(KEPT.to_std().unwrap_or_default()).await;
            let mut turn = TURN.lock().await;
            if turn.last.as_ref().is_some_and(|(_, at, _)| *at == now) {
                turn.last = None;
            }
        });
    }
}
