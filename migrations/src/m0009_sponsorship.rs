//! Step 9: regular sponsorship.
//!
//! A plan is sealed whole under its sponsor's own key, so the database says neither how much is
//! promised nor what was matched. `desk_sponsored` holds, under each family's own key, the name by
//! which plans call it: who has the database alone can't tell which sponsor helps which family,
//! and rows without a number of their own have no order that would. When a plan was changed is
//! sealed, too: the time of a payment would tell. Erasing a sponsor takes their
//! plans, erasing a family takes its name in them. `code` is a digest of the sponsor's own link.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_sponsorship"
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
    ("{int}", "INTEGER"),
    ("{bytes}", "BLOB"),
    ("{text}", "TEXT"),
    ("{rows}", "STRICT"),
    ("{keyed}", "STRICT, WITHOUT ROWID"),
];
const POSTGRES_TYPES: [(&str, &str); 5] = [
    ("{int}", "BIGINT"),
    ("{bytes}", "BYTEA"),
    ("{text}", "TEXT COLLATE \"C\""),
    ("{rows}", ""),
    ("{keyed}", ""),
];

const TEXT: &str = r"
CREATE TABLE desk_sponsorships (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 16),
    sponsor {text} NOT NULL,
    sealed {bytes} NOT NULL,
    version {int} NOT NULL CHECK (version >= 0),
    turn {int} NOT NULL CHECK (turn >= 0),
    code {bytes} UNIQUE CHECK (length(code) = 32),
    made_by {text} NOT NULL CHECK (length(made_by) = 16),
    made_at {int} NOT NULL,
    PRIMARY KEY (chapter, id),
    FOREIGN KEY (chapter, sponsor) REFERENCES desk_persons (chapter, id) ON DELETE CASCADE
) {rows};
CREATE INDEX desk_sponsorships_sponsor ON desk_sponsorships (chapter, sponsor);

CREATE TABLE desk_sponsored (
    chapter {int} NOT NULL,
    id {text} NOT NULL CHECK (length(id) = 16),
    family {text} NOT NULL,
    sealed {bytes} NOT NULL,
    PRIMARY KEY (chapter, id),
    FOREIGN KEY (chapter, family) REFERENCES desk_persons (chapter, id) ON DELETE CASCADE
) {keyed};
CREATE INDEX desk_sponsored_family ON desk_sponsored (chapter, family);
";
