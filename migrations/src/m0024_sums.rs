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

/// One name more (`+`) or less (`-`) in the sums of its chapter.
fn counted(sign: char, row: &str) -> String {
    format!(
        "INSERT INTO names_shown (chapter, names, whole, seqs, changes) VALUES ({row}.chapter, \
         {sign}1, {sign}CASE {row}.name WHEN 'full_name' THEN 1 ELSE 0 END, {sign}{row}.seq, 1) \
         ON CONFLICT (chapter) DO UPDATE SET names = names_shown.names + excluded.names, \
         whole = names_shown.whole + excluded.whole, seqs = names_shown.seqs + excluded.seqs, \
         changes = names_shown.changes + 1;"
    )
}

fn sqlite_triggers() -> String {
    let (more, less) = (counted('+', "NEW"), counted('-', "OLD"));
    format!(
        "CREATE TRIGGER names_shown_more AFTER INSERT ON vault_published BEGIN {more} END; \
         CREATE TRIGGER names_shown_less AFTER DELETE ON vault_published BEGIN {less} END; \
         CREATE TRIGGER names_shown_other AFTER UPDATE ON vault_published BEGIN {less} {more} END;"
    )
}

fn postgres_triggers() -> String {
    let (more, less) = (counted('+', "NEW"), counted('-', "OLD"));
    format!(
        "CREATE FUNCTION count_names_shown() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF TG_OP <> 'INSERT' THEN {less} END IF; \
         IF TG_OP <> 'DELETE' THEN {more} END IF; \
         RETURN NULL; END $$; \
         CREATE TRIGGER names_shown_counted AFTER INSERT OR DELETE OR UPDATE ON vault_published \
         FOR EACH ROW EXECUTE FUNCTION count_names_shown();"
    )
}
