//! Step 20: sums of the public accounts by day.
//!
//! `accounts_days` says what a list of vouchers adds up to without reading it: how many vouchers of
//! a kind and programme there were on a day, and what they moved, for everything that the public
//! accounts can be asked for (`scope`). `projections_due` names what the program has to make from
//! the entries that were there before this step.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0020_accounts_days"
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
CREATE TABLE accounts_days (
    chapter {int} NOT NULL REFERENCES chapters (id),
    scope {text} NOT NULL,
    day {text} NOT NULL CHECK (length(day) = 10),
    kind {text} NOT NULL,
    nature {text} NOT NULL,
    programme {text} NOT NULL,
    many {int} NOT NULL CHECK (many > 0),
    money_in {int} NOT NULL,
    money_out {int} NOT NULL,
    PRIMARY KEY (chapter, scope, day, kind, nature, programme)
) {keyed};

CREATE TABLE projections_due (
    name {text} NOT NULL PRIMARY KEY
) {keyed};

INSERT INTO projections_due (name)
    SELECT 'accounts_days' WHERE EXISTS (SELECT 1 FROM entries);
";
