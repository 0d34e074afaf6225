//! Step 12: what the desk knows of loans.
//!
//! A loan's file (who asked for what, the visit, who vouches, what was agreed about instalments)
//! is sealed whole under the borrower's own key. Who has the database alone sees a borrower's
//! opaque identifier, here and beside the sealed values of entries: not a name, but which entries
//! are of one and the same family. Erasing the family takes its files.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0012_lending"
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
const SQLITE_TYPES: [(&str, &str); 4] =
    [("{int}", "INTEGER"), ("{bytes}", "BLOB"), ("{text}", "TEXT"), ("{rows}", "STRICT")];
const POSTGRES_TYPES: [(&str, &str); 4] =
    [("{int}", "BIGINT"), ("{bytes}", "BYTEA"), ("{text}", "TEXT COLLATE \"C\""), ("{rows}", "")];

const TEXT: &str = r"
CREATE TABLE desk_loans (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 16),
    borrower {text} NOT NULL,
    sealed {bytes} NOT NULL,
    version {int} NOT NULL CHECK (version >= 0),
    made_by {text} NOT NULL CHECK (length(made_by) = 16),
    made_at {int} NOT NULL,
    PRIMARY KEY (chapter, id),
    FOREIGN KEY (chapter, borrower) REFERENCES desk_persons (chapter, id) ON DELETE CASCADE
) {rows};
CREATE INDEX desk_loans_borrower ON desk_loans (chapter, borrower);
";
