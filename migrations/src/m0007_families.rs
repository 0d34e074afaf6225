//! Step 7: the families' register and rounds of distribution.
//!
//! A record counts its changes, so that of two officers who change it at once the second is told.
//! A round is a programme, its code, a day, and whoever is on its list with an amount; the list is
//! frozen while vouchers of it wait or stand in the ledger (`desk_round_lines` says whom they
//! serve). Why somebody is served twice stands sealed under that family's own key, and goes with
//! the family. A file on its way is a bank statement, or families for the register.
//!
//! Before any release this step was edited once: an amount may be 0, for a round of goods alone.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_families"
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
const SQLITE_TYPES: [(&str, &str); 4] =
    [("{int}", "INTEGER"), ("{bytes}", "BLOB"), ("{text}", "TEXT"), ("{rows}", "STRICT")];
const POSTGRES_TYPES: [(&str, &str); 4] =
    [("{int}", "BIGINT"), ("{bytes}", "BYTEA"), ("{text}", "TEXT COLLATE \"C\""), ("{rows}", "")];

const TEXT: &str = r"
ALTER TABLE desk_persons ADD COLUMN version {int} NOT NULL DEFAULT 0;
ALTER TABLE desk_persons ADD COLUMN changed_by {text};
ALTER TABLE desk_persons ADD COLUMN changed_at {int};
CREATE INDEX desk_persons_role ON desk_persons (chapter, role, made_at);

ALTER TABLE desk_imports ADD COLUMN what {text} NOT NULL DEFAULT 'statement'
    CHECK (what IN ('statement', 'families'));

CREATE TABLE desk_rounds (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 16),
    programme {text} NOT NULL,
    round {text} NOT NULL,
    date {text} NOT NULL CHECK (length(date) = 10),
    place {text} NOT NULL,
    fund {text} NOT NULL,
    amount {int} NOT NULL CHECK (amount >= 0),
    version {int} NOT NULL CHECK (version >= 0),
    made_by {text} NOT NULL CHECK (length(made_by) = 16),
    made_at {int} NOT NULL,
    PRIMARY KEY (chapter, id),
    UNIQUE (chapter, programme, round)
) {rows};

CREATE TABLE desk_round_families (
    chapter {int} NOT NULL,
    id {text} NOT NULL,
    family {text} NOT NULL,
    amount {int} NOT NULL CHECK (amount >= 0),
    sealed_reason {bytes},
    voucher {text} CHECK (length(voucher) = 36),
    PRIMARY KEY (chapter, id, family),
    FOREIGN KEY (chapter, id) REFERENCES desk_rounds (chapter, id) ON DELETE CASCADE,
    FOREIGN KEY (chapter, family) REFERENCES desk_persons (chapter, id) ON DELETE CASCADE
) {rows};
CREATE INDEX desk_round_families_family ON desk_round_families (chapter, family);
";
