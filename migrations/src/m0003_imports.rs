//! Step 3: statements that are being imported, and what bank lines are recognised by.
//!
//! A line of a statement is recognised by more than its identity: look-alikes by document number,
//! reference and words find it again in another export. All of these are blinded with the vault
//! key. A line that a person leaves out for good is kept with the word of the reason and without a
//! voucher. A statement on its way from the upload to the ledger stands sealed under a data key of
//! its own; file, choices and key go when it was recorded or thrown away.
//!
//! Times of day are whole seconds since midnight as the bank wrote them.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_imports"
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
    let common = [LINES, UNDER_WAY].concat();
    words.iter().fold(common, |text, (word, own)| text.replace(word, own))
}

/// The words in which the two databases differ; the texts are otherwise the same.
const SQLITE_TYPES: [(&str, &str); 4] =
    [("{int}", "INTEGER"), ("{bytes}", "BLOB"), ("{text}", "TEXT"), ("{rows}", "STRICT")];
const POSTGRES_TYPES: [(&str, &str); 4] =
    [("{int}", "BIGINT"), ("{bytes}", "BYTEA"), ("{text}", "TEXT COLLATE \"C\""), ("{rows}", "")];

/// Bank lines that were decided about. Lines from before this step have no look-alikes.
const LINES: &str = r"
CREATE TABLE desk_bank_lines_now (
    chapter {int} NOT NULL REFERENCES chapters (id),
    place {text} NOT NULL,
    identity {bytes} NOT NULL CHECK (length(identity) = 32),
    occurrence {int} NOT NULL CHECK (occurrence >= 0),
    document {bytes} CHECK (length(document) = 32),
    reference {bytes} CHECK (length(reference) = 32),
    words {bytes} CHECK (length(words) = 32),
    day {text} NOT NULL CHECK (length(day) = 10),
    time {int} CHECK (time BETWEEN 0 AND 86399),
    has_balance {int} NOT NULL CHECK (has_balance IN (0, 1)),
    batch {text} NOT NULL,
    voucher {text} CHECK (length(voucher) = 36),
    seq {int} CHECK (seq >= 0),
    left_out {text} CHECK (length(left_out) BETWEEN 1 AND 32),
    PRIMARY KEY (chapter, place, identity, occurrence),
    FOREIGN KEY (chapter, batch) REFERENCES desk_import_batches (chapter, id),
    CHECK ((voucher IS NULL) = (seq IS NULL)),
    CHECK ((voucher IS NULL) = (left_out IS NOT NULL))
) {rows};
INSERT INTO desk_bank_lines_now
    (chapter, place, identity, occurrence, day, has_balance, batch, voucher, seq)
    SELECT chapter, place, identity, occurrence, day, 0, batch, voucher, seq FROM desk_bank_lines;
DROP TABLE desk_bank_lines;
ALTER TABLE desk_bank_lines_now RENAME TO desk_bank_lines;
CREATE INDEX desk_bank_lines_day ON desk_bank_lines (chapter, place, day);
CREATE INDEX desk_bank_lines_seq ON desk_bank_lines (chapter, seq);
";

/// Statements between the upload and the ledger, and what became of them.
const UNDER_WAY: &str = r"
CREATE TABLE desk_imports (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 16),
    made_by {text} NOT NULL CHECK (length(made_by) = 16),
    made_at {int} NOT NULL,
    version {int} NOT NULL CHECK (version >= 0),
    sealed_file {bytes},
    sealed_choices {bytes},
    batch {text},
    outcome {text},
    first_seq {int} CHECK (first_seq >= 0),
    last_seq {int} CHECK (last_seq >= first_seq),
    PRIMARY KEY (chapter, id),
    CHECK ((sealed_file IS NULL) = (outcome IS NOT NULL)),
    CHECK ((sealed_choices IS NULL) = (outcome IS NOT NULL)),
    CHECK ((first_seq IS NULL) = (last_seq IS NULL))
) {rows};
CREATE INDEX desk_imports_made ON desk_imports (chapter, made_by, made_at);
";
