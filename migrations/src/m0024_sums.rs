//! Step 24: sums that pages read instead of adding up rows whose number grows with the ledger.
//!
//! `accounts_months` has the sums of `accounts_days` by month, of closed periods alone: nothing is
//! dated in these any more, so they are written once, when the period is closed. `names_shown` says
//! what the names that may be shown add up to, kept by triggers: whatever way a name goes, also
//! when its donor is erased, a page that was kept with it is seen to be another one.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0024_sums"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spell = |words: &[(&str, &str)]| {
            words.iter().fold(TEXT.to_owned(), |text, (word, own)| text.replace(word, own))
        };
        let sqlite = spell(&SQLITE_TYPES) + &sqlite_triggers();
        let postgres = spell(&POSTGRES_TYPES) + &postgres_triggers();
        super::run(manager, &sqlite, &postgres).await
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
CREATE TABLE accounts_months (
    chapter {int} NOT NULL REFERENCES chapters (id),
    scope {text} NOT NULL,
    month {text} NOT NULL CHECK (length(month) = 7),
    kind {text} NOT NULL,
    nature {text} NOT NULL,
    programme {text} NOT NULL,
    many {int} NOT NULL CHECK (many > 0),
    money_in {int} NOT NULL,
    money_out {int} NOT NULL,
    PRIMARY KEY (chapter, scope, month, kind, nature, programme)
) {keyed};
INSERT INTO projections_due (name)
    SELECT 'accounts_months' WHERE EXISTS (SELECT 1 FROM entries WHERE kind = 'period_closed');

CREATE TABLE names_shown (
    chapter {int} NOT NULL PRIMARY KEY REFERENCES chapters (id),
    names {int} NOT NULL,
    whole {int} NOT NULL,
    seqs {int} NOT NULL,
    changes {int} NOT NULL
) {rows};
INSERT INTO names_shown (chapter, names, whole, seqs, changes)
    SELECT chapter, COUNT(*), SUM(CASE name WHEN 'full_name' THEN 1 ELSE 0 END), SUM(seq), COUNT(*)
    FROM vault_published GROUP BY chapter;
";

/// What rows add to the sums of their chapters (`+`), or take from them (`-`).
fn counted(sign: char, rows: &str) -> String {
    format!(
        "INSERT INTO names_shown (chapter, names, whole, seqs, changes) {rows} \
         ON CONFLICT (chapter) DO UPDATE SET names = names_shown.names {sign} excluded.names, \
         whole = names_shown.whole {sign} excluded.whole, \
         seqs = names_shown.seqs {sign} excluded.seqs, \
         changes = names_shown.changes + excluded.changes;"
    )
}

fn sqlite_triggers() -> String {
    let one = |sign, row: &str| {
        let whole = format!("CASE {row}.name WHEN 'full_name' THEN 1 ELSE 0 END");
        counted(sign, &format!("VALUES ({row}.chapter, 1, {whole}, {row}.seq, 1)"))
    };
    let (more, less) = (one('+', "NEW"), one('-', "OLD"));
    format!(
        "CREATE TRIGGER names_shown_more AFTER INSERT ON vault_published BEGIN {more} END; \
         CREATE TRIGGER names_shown_less AFTER DELETE ON vault_published BEGIN {less} END; \
         CREATE TRIGGER names_shown_other AFTER UPDATE ON vault_published BEGIN {less} {more} END;"
    )
}

/// Once for all rows of a statement: versions of one row that a transaction makes by the thousand
/// would be looked through each time.
fn postgres_triggers() -> String {
    let all = |sign, rows: &str| {
        let sums = format!(
            "SELECT chapter, COUNT(*), SUM(CASE name WHEN 'full_name' THEN 1 ELSE 0 END), \
             SUM(seq), COUNT(*) FROM {rows} GROUP BY chapter"
        );
        counted(sign, &sums)
    };
    let made = |name: &str, on: &str, rows: &str, text: &str| {
        format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {text} \
             RETURN NULL; END $$; \
             CREATE TRIGGER {name} AFTER {on} ON vault_published REFERENCING {rows} \
             FOR EACH STATEMENT EXECUTE FUNCTION {name}();"
        )
    };
    let (more, less) = (all('+', "more"), all('-', "less"));
    let (new, old) = ("NEW TABLE AS more", "OLD TABLE AS less");
    made("names_shown_more", "INSERT", new, &more)
        + &made("names_shown_less", "DELETE", old, &less)
        + &made("names_shown_other", "UPDATE", &format!("{old} {new}"), &format!("{less} {more}"))
}
