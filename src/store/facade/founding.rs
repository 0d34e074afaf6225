//! Who may found a chapter here, what becomes of that with the founding, and what ends when all of
//! it is restored.

use chrono::{DateTime, Utc};

use crate::store::Store;
use crate::store::alongside::{Alongside, Cell, Step};
use crate::store::desk::foundings::{self, Call};
use crate::store::desk::invitations::LinkSecret;
use crate::store::desk::{DeskFault, sessions};

/// The advisory lock of foundings: of links that are made, and of the rows of chapters, whose
/// numbers follow each other over all instances.
pub(in crate::store) const LOCK: i64 = 0x666f_756e_6469_6e67;

impl Store {
    /// Whether whoever reaches the site may found the first chapter.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn founds_first(&self) -> Result<bool, DeskFault> {
        if !self.chapters().is_empty() {
            return Ok(false);
        }
        foundings::is_first(self.shared.database.reader()).await
    }

    /// Calls officers to found a further chapter; the secret of the link.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn call_to_found(&self, now: DateTime<Utc>) -> Result<LinkSecret, DeskFault> {
        let write = self.shared.database.begin_write(LOCK).await?;
        let made = foundings::make(&write, now).await;
        Self::end_desk(write, made).await
    }

    /// Ends all sessions and takes all links back, of every chapter: for a database that was
    /// restored.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn end_all_restored(&self) -> Result<(), DeskFault> {
        let write = self.shared.database.begin_write(LOCK).await?;
        let ended = sessions::end_all_restored(&write).await;
        Self::end_desk(write, ended).await
    }

    /// Whether a link calls somebody to found a chapter.
    ///
    /// # Errors
    /// [`DeskFault`] of the machine.
    pub async fn is_called_to_found(
        &self,
        secret: &LinkSecret,
        now: DateTime<Utc>,
    ) -> Result<bool, DeskFault> {
        foundings::is_open(self.shared.database.reader(), secret, now).await
    }
}

/// What is written with entry 0: there is a first chapter from now on, and a link is used up.
pub(in crate::store) fn founded(call: Call<'_>, now: DateTime<Utc>) -> Alongside {
    const FIRST: &str = "INSERT INTO desk_foundings (code, made_at) VALUES (?, ?) \
        ON CONFLICT (code) DO NOTHING";
    let first = vec![Cell::from(Vec::<u8>::new()), Cell::from(now.timestamp())];
    let mut alongside = Alongside::nothing();
    if matches!(call, Call::First) {
        alongside.push(Step::Change {
            sql: FIRST,
            values: first,
            rows: 1,
            otherwise: "somebody else founded a chapter here meanwhile",
        });
        return alongside;
    }
    alongside.push(Step::Clear { sql: FIRST, values: first });
    if let Call::Link(secret) = call {
        alongside.push(Step::Change {
            sql: "DELETE FROM desk_foundings WHERE code = ? AND made_at > ?",
            values: vec![
                Cell::from(secret.digest()),
                Cell::from((now - foundings::LASTS).timestamp()),
            ],
            rows: 1,
            otherwise: "the link was used already",
        });
    }
    alongside
}
