//! Step 15: what gifts are found by, and what people tell the chapter.
//!
//! `gifts` is derived from the entries as the tables of step 1 are (`Store::rebuild` makes it
//! again); those that are there already are filled in here. `search_names` holds the words of names
//! that are shown now: its rows go with the published name, whoever takes that away, because the
//! key says so and no code has to remember it. `search_references` holds digests that only who has
//! the vault key can compute, and goes with the sealed value in the same way. Both are made anew by
//! the server when `search_state` is behind.
//!
//! Of a complaint the database says when it came, what it is about in one word, and what the
//! chapter chose to publish. Its text and the answer are sealed under a key of its own, the
//! sender's contact under another: destroying one leaves the other. `code` is a digest of the code
//! with which the sender looks up the answer.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0015_finding"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spell = |words: &[(&str, &str)]| {
            let text = [GIFTS, SEARCH, COMPLAINTS].concat();
            words.iter().fold(text, |text, (word, own)| text.replace(word, own))
        };
        let sqlite = [spell(&SQLITE_TYPES).as_str(), GIFTS_OF_ENTRIES_SQLITE].concat();
        let postgres = [spell(&POSTGRES_TYPES).as_str(), GIFTS_OF_ENTRIES_POSTGRES].concat();
        super::run(manager, &sqlite, &postgres).await
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
    // Words and days are compared bytewise, whatever the locale of the database.
    ("{text}", "TEXT COLLATE \"C\""),
    ("{rows}", ""),
    ("{keyed}", ""),
];

/// What was given, by day, amount and fund. `fund` is empty for what is held for others.
const GIFTS: &str = r"
CREATE TABLE gifts (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    day {text} NOT NULL CHECK (length(day) = 10),
    amount {int} NOT NULL CHECK (amount BETWEEN 0 AND 9007199254740991),
    goods {int} NOT NULL CHECK (goods IN (0, 1)),
    fund {text} NOT NULL,
    PRIMARY KEY (chapter, seq),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};
CREATE INDEX gifts_day ON gifts (chapter, day, seq);
CREATE INDEX gifts_amount ON gifts (chapter, amount, day, seq);
CREATE INDEX gifts_fund ON gifts (chapter, fund, day, seq);
";

const SEARCH: &str = r"
CREATE TABLE search_names (
    chapter {int} NOT NULL,
    voucher {text} NOT NULL,
    digest {text} NOT NULL,
    word {text} NOT NULL CHECK (length(word) BETWEEN 1 AND 40),
    seq {int} NOT NULL CHECK (seq >= 0),
    PRIMARY KEY (chapter, voucher, digest, word),
    FOREIGN KEY (chapter, voucher, digest)
        REFERENCES vault_published (chapter, voucher, digest) ON DELETE CASCADE
) {keyed};
CREATE INDEX search_names_word ON search_names (chapter, word, seq);
CREATE INDEX search_names_seq ON search_names (chapter, seq, word);

CREATE TABLE search_references (
    chapter {int} NOT NULL,
    voucher {text} NOT NULL,
    digest {text} NOT NULL,
    blind {bytes} NOT NULL CHECK (length(blind) = 32),
    PRIMARY KEY (chapter, voucher, digest, blind),
    FOREIGN KEY (chapter, voucher, digest)
        REFERENCES vault_disclosures (chapter, voucher, digest) ON DELETE CASCADE
) {keyed};
CREATE INDEX search_references_blind ON search_references (chapter, blind);

CREATE TABLE search_state (
    chapter {int} NOT NULL PRIMARY KEY REFERENCES chapters (id),
    made {int} NOT NULL
) {rows};
";

const COMPLAINTS: &str = r"
CREATE TABLE desk_complaints (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 16),
    code {bytes} NOT NULL UNIQUE CHECK (length(code) = 32),
    about {text} NOT NULL
        CHECK (about IN ('entry', 'family', 'officer', 'page', 'name', 'other')),
    seq {int} CHECK (seq >= 0),
    officer {text} CHECK (length(officer) = 16),
    by_code {int} NOT NULL CHECK (by_code IN (0, 1)),
    wanted {text} CHECK (wanted IN ('full_name', 'masked_name')),
    sealed {bytes},
    sealed_contact {bytes},
    state {text} NOT NULL CHECK (state IN ('received', 'looked_at', 'answered')),
    made_at {int} NOT NULL,
    taken_by {text} CHECK (length(taken_by) = 16),
    taken_at {int},
    answered_by {text} CHECK (length(answered_by) = 16),
    answered_at {int},
    sealed_answer {bytes},
    summary {text} CHECK (length(summary) BETWEEN 1 AND 2000),
    reply {text} CHECK (length(reply) BETWEEN 1 AND 4000),
    published_at {int},
    version {int} NOT NULL CHECK (version >= 0),
    PRIMARY KEY (chapter, id),
    CHECK ((state = 'answered') = (answered_at IS NOT NULL)),
    CHECK ((answered_at IS NULL) = (answered_by IS NULL)),
    CHECK ((taken_at IS NULL) = (taken_by IS NULL)),
    CHECK ((summary IS NULL) = (reply IS NULL) AND (summary IS NULL) = (published_at IS NULL)),
    CHECK (published_at IS NULL OR state = 'answered')
) {rows};
CREATE INDEX desk_complaints_made ON desk_complaints (chapter, made_at, id);
CREATE INDEX desk_complaints_state ON desk_complaints (chapter, state, answered_at);
CREATE INDEX desk_complaints_published ON desk_complaints (chapter, answered_at, id)
    WHERE published_at IS NOT NULL;
";

/// The rows of `gifts` from the bytes of the entries, as the store makes them for new ones.
pub const GIFTS_OF_ENTRIES_SQLITE: &str = r"
INSERT INTO gifts (chapter, seq, day, amount, goods, fund)
SELECT chapter, seq, COALESCE(json_extract(voucher, '$.received_on'), date),
    CASE WHEN kind = 'goods_received' THEN
            (SELECT SUM(json_extract(value, '$.value')) FROM json_each(voucher, '$.lots'))
        ELSE COALESCE(json_extract(voucher, '$.amount'), 0) END,
    CASE WHEN kind = 'goods_received' OR json_extract(voucher, '$.goods') IS NOT NULL
        THEN 1 ELSE 0 END,
    COALESCE(json_extract(voucher, '$.fund'), '')
FROM (SELECT chapter, seq, kind, date, CASE WHEN json_valid(CAST(bytes AS TEXT))
            THEN json_extract(CAST(bytes AS TEXT), '$.voucher') END AS voucher
    FROM entries
    WHERE kind IN ('donation', 'goods_received', 'custody_received', 'custody_assigned')) AS given
WHERE kind <> 'custody_assigned' OR json_extract(voucher, '$.as') = 'donation';
";

/// The same on PostgreSQL.
pub const GIFTS_OF_ENTRIES_POSTGRES: &str = r"
INSERT INTO gifts (chapter, seq, day, amount, goods, fund)
SELECT chapter, seq, COALESCE(voucher ->> 'received_on', date),
    CASE WHEN kind = 'goods_received' THEN
            (SELECT CAST(SUM(CAST(lot ->> 'value' AS BIGINT)) AS BIGINT)
                FROM jsonb_array_elements(voucher -> 'lots') AS lot)
        ELSE COALESCE(CAST(voucher ->> 'amount' AS BIGINT), 0) END,
    CASE WHEN kind = 'goods_received' OR voucher -> 'goods' IS NOT NULL THEN 1 ELSE 0 END,
    COALESCE(voucher ->> 'fund', '')
FROM (SELECT chapter, seq, kind, date,
        CAST(convert_from(bytes, 'UTF8') AS JSONB) -> 'voucher' AS voucher
    FROM entries
    WHERE kind IN ('donation', 'goods_received', 'custody_received', 'custody_assigned')) AS given
WHERE kind <> 'custody_assigned' OR voucher ->> 'as' = 'donation';
";
