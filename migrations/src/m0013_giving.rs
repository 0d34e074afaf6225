//! Step 13: how people give.
//!
//! Nothing here is private: it is what the chapter's pages tell everybody. `desk_giving_codes` has
//! every code that ever led to a fund, so that what stands on a printed sheet leads there for ever
//! and is never given to another fund.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0013_giving"
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
const SQLITE_TYPES: [(&str, &str); 4] = [
    ("{int}", "INTEGER"),
    ("{text}", "TEXT"),
    ("{rows}", "STRICT"),
    ("{keyed}", "STRICT, WITHOUT ROWID"),
];
const POSTGRES_TYPES: [(&str, &str); 4] =
    [("{int}", "BIGINT"), ("{text}", "TEXT COLLATE \"C\""), ("{rows}", ""), ("{keyed}", "")];

const TEXT: &str = r"
CREATE TABLE desk_giving (
    chapter {int} NOT NULL PRIMARY KEY REFERENCES chapters (id),
    version {int} NOT NULL CHECK (version >= 1),
    office_vi {text} NOT NULL CHECK (length(office_vi) <= 500),
    office_en {text} NOT NULL CHECK (length(office_en) <= 500),
    goods_vi {text} NOT NULL CHECK (length(goods_vi) <= 500),
    goods_en {text} NOT NULL CHECK (length(goods_en) <= 500),
    changed_by {text} NOT NULL CHECK (length(changed_by) = 16),
    changed_at {int} NOT NULL
) {rows};

CREATE TABLE desk_giving_funds (
    chapter {int} NOT NULL REFERENCES chapters (id),
    fund {text} NOT NULL CHECK (length(fund) BETWEEN 1 AND 32),
    open {int} NOT NULL CHECK (open IN (0, 1)),
    code {text} NOT NULL CHECK (length(code) BETWEEN 5 AND 15),
    place {text} CHECK (length(place) BETWEEN 1 AND 32),
    turn {int} NOT NULL CHECK (turn BETWEEN 0 AND 999),
    greeting_vi {text} NOT NULL CHECK (length(greeting_vi) <= 500),
    greeting_en {text} NOT NULL CHECK (length(greeting_en) <= 500),
    PRIMARY KEY (chapter, fund),
    UNIQUE (chapter, code)
) {rows};

CREATE TABLE desk_giving_codes (
    chapter {int} NOT NULL REFERENCES chapters (id),
    code {text} NOT NULL CHECK (length(code) BETWEEN 5 AND 15),
    fund {text} NOT NULL CHECK (length(fund) BETWEEN 1 AND 32),
    PRIMARY KEY (chapter, code)
) {keyed};
";
