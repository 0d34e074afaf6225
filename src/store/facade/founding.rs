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

/// What the step says that finds another chapter of the same slug.
pub(in crate::store) const SLUG_TAKEN: &str = "another chapter here has this slug";

/// What is written with entry 0: there is a first chapter from now on, a link is used up, and the
/// slug is nobody else's.
pub(in crate::store) fn founded(call: Call<'_>, now: DateTime<Utc>) -> Alongside {
    called(call, now).and(with_a_slug_of_its_own())
}

/// Chapters that are founded at the same moment, on several instances too, wait for each other at
/// the row that says that there was a first one: each sees the slugs of all before it.
fn with_a_slug_of_its_own() -> Alongside {
    let mut alongside = Alongside::nothing();
    alongside.push(Step::Clear {
        sql: "UPDATE desk_foundings SET made_at = made_at WHERE code = ?",
        values: vec![Cell::from(Vec::<u8>::new())],
    });
    alongside.push(Step::Change {
        sql: "UPDATE chapters SET slug = slug WHERE id = ? AND NOT EXISTS (SELECT 1 \
            FROM chapters AS others WHERE others.slug = chapters.slug \
            AND others.id <> chapters.id AND others.head_size > 0)",
        values: vec![Cell::Chapter],
        rows: 1,
        otherwise: SLUG_TAKEN,
    });
    alongside
}

fn called(call: Call<'_>, now: DateTime<Utc>) -> Alongside {
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
