//! Step 14: deadlines of publication, and what hangs on the notice board.
//!
//! Deadlines are kept version by version: the newest is in force, the others are the history of
//! changes; a version of none is the program's own. A notice is the officers' word and no part of
//! the ledger; one that was typed by mistake is marked as removed, never deleted.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0014_publication"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spell = |words: &[(&str, &str)]| {
            words.iter().fold(TEXT.to_owned(), |text, (word, own)| text.replace(word, own))
        };
        super::run(manager, &spell(&SQLITE_TYPES), &spell(&POSTGRES_TYPES)).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The words in which the two databases differ; the texts are otherwise the same.
const SQLITE_TYPES: [(&str, &str); 3] =
    [("{int}", "INTEGER"), ("{text}", "TEXT"), ("{keyed}", "STRICT, WITHOUT ROWID")];
const POSTGRES_TYPES: [(&str, &str); 3] =
    [("{int}", "BIGINT"), ("{text}", "TEXT COLLATE \"C\""), ("{keyed}", "")];

const TEXT: &str = r"
CREATE TABLE desk_deadlines (
    chapter {int} NOT NULL REFERENCES chapters (id),
    version {int} NOT NULL CHECK (version >= 1),
    deadlines {text},
    changed_by {text} NOT NULL CHECK (length(changed_by) = 16),
    changed_at {int} NOT NULL,
    PRIMARY KEY (chapter, version)
) {keyed};

CREATE TABLE desk_notices (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 16),
    statement {text} NOT NULL,
    posted_on {text} NOT NULL CHECK (length(posted_on) = 10),
    until_on {text} NOT NULL CHECK (length(until_on) = 10 AND until_on >= posted_on),
    place {text} NOT NULL,
    made_by {text} NOT NULL CHECK (length(made_by) = 16),
    made_at {int} NOT NULL,
    removed_by {text} CHECK (length(removed_by) = 16),
    removed_at {int},
    PRIMARY KEY (chapter, id)
) {keyed};
";
