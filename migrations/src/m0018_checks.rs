//! Step 18: what replays of whole ledgers found, one row each, the newest hundred of a chapter.
//!
//! `id` counts results in the order in which they came; times do not, for clocks are set.
//! `at` is the moment whose entries were replayed (seconds of Unix time), `took` milliseconds, and
//! `leaf` the leaf hash of the last entry: a result of other entries says nothing. A `finding` is
//! what did not agree, and `part` whether that was entries or tables derived from them.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0018_checks"
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
const SQLITE_TYPES: [(&str, &str); 5] = [
    ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    ("{int}", "INTEGER"),
    ("{bytes}", "BLOB"),
    ("{text}", "TEXT"),
    ("{strict}", "STRICT"),
];
const POSTGRES_TYPES: [(&str, &str); 5] = [
    ("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("{int}", "BIGINT"),
    ("{bytes}", "BYTEA"),
    ("{text}", "TEXT COLLATE \"C\""),
    ("{strict}", ""),
];

const TEXT: &str = r"
CREATE TABLE self_checks (
    id {serial},
    chapter {int} NOT NULL REFERENCES chapters (id),
    at {int} NOT NULL,
    size {int} NOT NULL CHECK (size >= 0),
    leaf {bytes} NOT NULL CHECK (length(leaf) = 32),
    took {int} NOT NULL CHECK (took >= 0),
    part {text} CHECK (part IN ('entries', 'tables')),
    finding {text},
    CHECK ((part IS NULL) = (finding IS NULL))
) {strict};
CREATE INDEX self_checks_chapter ON self_checks (chapter, id);
";
