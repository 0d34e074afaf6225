//! Step 10: a ledger that continues another one.
//!
//! The entries of all ledgers of a chapter stand behind one another: `seq` is an entry's place over
//! all of them, and `prev` the leaf of the row before. What the bytes of a later ledger's entry 0
//! say (seq 0, `prev` of zeros) is theirs. Each ledger has a tree of its own: `nodes.before` is the
//! place of its entry 0. A continuation that officers are called to is kept here until they come.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0010_continued"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, &text(&SQLITE_TYPES), &text(&POSTGRES_TYPES)).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn text(words: &[(&str, &str)]) -> String {
    words.iter().fold(TEXT.to_owned(), |text, (word, own)| text.replace(word, own))
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
CREATE TABLE tree_nodes (
    chapter {int} NOT NULL REFERENCES chapters (id),
    before {int} NOT NULL CHECK (before >= 0),
    level {int} NOT NULL CHECK (level BETWEEN 1 AND 53),
    place {int} NOT NULL CHECK (place >= 0),
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (chapter, before, level, place)
) {keyed};
INSERT INTO tree_nodes (chapter, before, level, place, hash)
    SELECT chapter, 0, level, place, hash FROM nodes;
DROP TABLE nodes;
ALTER TABLE tree_nodes RENAME TO nodes;

CREATE TABLE desk_continuations (
    chapter {int} NOT NULL PRIMARY KEY REFERENCES chapters (id),
    code {bytes} NOT NULL CHECK (length(code) = 32),
    size {int} NOT NULL CHECK (size >= 1),
    checkpoint {bytes} NOT NULL,
    while_open {int} NOT NULL CHECK (while_open IN (0, 1)),
    made_at {int} NOT NULL
) {rows};
";
