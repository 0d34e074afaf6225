//! Step 11: loans.
//!
//! What each entry changed of what is owed of a loan: the sums over a loan are what is owed of it
//! now. A use of money that funds a loan which ran already when the books began remembers its line.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0011_loans"
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
ALTER TABLE uses ADD COLUMN loan_line {int} CHECK (loan_line >= 0);

CREATE TABLE loan_moves (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    loan_seq {int} NOT NULL CHECK (loan_seq <= seq),
    loan_line {int} NOT NULL CHECK (loan_line >= 0),
    fund {text} NOT NULL,
    effective {text} NOT NULL CHECK (length(effective) = 10),
    principal {int} NOT NULL,
    fee {int} NOT NULL,
    lost {int} NOT NULL,
    PRIMARY KEY (chapter, seq, loan_seq, loan_line),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};
CREATE INDEX loan_moves_loan ON loan_moves (chapter, loan_seq, loan_line, seq);
";
