//! Step 1: the ledgers, and what is derived from them.
//!
//! `entries.bytes` is the truth; every other table but `chapters` can be dropped and made again
//! from it (`Store::rebuild`). Amounts are whole minor units, days are `YYYY-MM-DD`, hashes are 32
//! bytes, flags are 0 or 1. Entries can be neither changed nor removed, not even by replacing
//! them, and only the one that continues the chain can be added: triggers see to that on both
//! databases.
//!
//! Least rights on PostgreSQL: the owner of the schema runs the migrations; the server may connect
//! as another role that has `SELECT, INSERT` on `entries`, `SELECT, INSERT, UPDATE` on `chapters`,
//! `SELECT` on `seaql_migrations`, and `SELECT, INSERT, UPDATE, DELETE` on the other tables.
//! Checking a ledger also needs `TEMPORARY` on the database.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite =
            text(&[(COMMON, &SQLITE_TYPES), (PROJECTIONS, &SQLITE_TYPES), (SQLITE_GUARDS, &[])]);
        let postgres = text(&[
            (COMMON, &POSTGRES_TYPES),
            (PROJECTIONS, &POSTGRES_TYPES),
            (POSTGRES_GUARDS, &[]),
        ]);
        super::run(manager, &sqlite, &postgres).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A word of the common text and what one database calls it.
type Word = (&'static str, &'static str);

/// The words in which the two databases differ; the texts are otherwise the same.
const SQLITE_TYPES: [Word; 5] = [
    ("{int}", "INTEGER"),
    ("{bytes}", "BLOB"),
    ("{text}", "TEXT"),
    ("{rows}", "STRICT"),
    ("{keyed}", "STRICT, WITHOUT ROWID"),
];
const POSTGRES_TYPES: [Word; 5] = [
    ("{int}", "BIGINT"),
    ("{bytes}", "BYTEA"),
    // Codes, days and kinds sort bytewise, whatever the locale of the database.
    ("{text}", "TEXT COLLATE \"C\""),
    ("{rows}", ""),
    ("{keyed}", ""),
];

fn text(parts: &[(&str, &[Word])]) -> String {
    let spell = |text: &str, words: &[Word]| {
        words.iter().fold(text.to_owned(), |text, (word, own)| text.replace(word, own))
    };
    parts.iter().map(|(part, words)| spell(part, words)).collect()
}

/// The ledgers themselves.
const COMMON: &str = r"
CREATE TABLE chapters (
    id {int} NOT NULL PRIMARY KEY,
    origin {text} NOT NULL UNIQUE CHECK (length(origin) BETWEEN 3 AND 200),
    slug {text} NOT NULL CHECK (length(slug) BETWEEN 1 AND 32),
    head_size {int} NOT NULL DEFAULT 0 CHECK (head_size >= 0),
    head_leaf {bytes} NOT NULL CHECK (length(head_leaf) = 32),
    head_root {bytes} NOT NULL CHECK (length(head_root) = 32),
    published_size {int} NOT NULL DEFAULT 0,
    CHECK (published_size BETWEEN 0 AND head_size)
) {rows};

CREATE TABLE entries (
    chapter {int} NOT NULL REFERENCES chapters (id),
    seq {int} NOT NULL CHECK (seq >= 0),
    leaf_hash {bytes} NOT NULL CHECK (length(leaf_hash) = 32),
    prev {bytes} NOT NULL CHECK (length(prev) = 32),
    voucher_id {text} NOT NULL CHECK (length(voucher_id) = 36),
    kind {text} NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    date {text} NOT NULL CHECK (length(date) = 10),
    at {text} NOT NULL CHECK (length(at) = 20),
    of_seq {int} CHECK (of_seq >= 0 AND of_seq < seq),
    of_line {int} CHECK (of_line >= 0),
    bytes {bytes} NOT NULL CHECK (length(bytes) BETWEEN 2 AND 65535),
    PRIMARY KEY (chapter, seq),
    UNIQUE (chapter, prev),
    UNIQUE (chapter, voucher_id),
    CHECK ((of_seq IS NULL) = (of_line IS NULL))
) {rows};
CREATE INDEX entries_of ON entries (chapter, of_seq) WHERE of_seq IS NOT NULL;
CREATE INDEX entries_kind ON entries (chapter, kind, seq);
";

/// What is derived from the entries.
const PROJECTIONS: &str = r"
CREATE TABLE nodes (
    chapter {int} NOT NULL REFERENCES chapters (id),
    level {int} NOT NULL CHECK (level BETWEEN 1 AND 53),
    place {int} NOT NULL CHECK (place >= 0),
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (chapter, level, place)
) {keyed};

CREATE TABLE effects (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (chapter, seq),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {rows};

CREATE TABLE figures (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    kind {text} NOT NULL,
    nature {text} NOT NULL,
    date {text} NOT NULL CHECK (length(date) = 10),
    effective {text} NOT NULL CHECK (length(effective) = 10),
    at {text} NOT NULL CHECK (length(at) = 20),
    programme {text},
    families {int} NOT NULL,
    money_in {int} NOT NULL,
    money_out {int} NOT NULL,
    earlier {int} NOT NULL CHECK (earlier IN (0, 1)),
    reverses {int},
    reversed_by {int},
    PRIMARY KEY (chapter, seq),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {rows};
CREATE INDEX figures_day ON figures (chapter, effective, seq);
CREATE INDEX figures_kind ON figures (chapter, kind, effective, seq);
CREATE INDEX figures_programme ON figures (chapter, programme, effective, seq)
    WHERE programme IS NOT NULL;

CREATE TABLE postings (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    line {int} NOT NULL CHECK (line >= 0),
    account {text} NOT NULL,
    fund {text} NOT NULL,
    amount {int} NOT NULL CHECK (amount BETWEEN -9007199254740991 AND 9007199254740991),
    effective {text} NOT NULL CHECK (length(effective) = 10),
    PRIMARY KEY (chapter, seq, line),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};
CREATE INDEX postings_fund ON postings (chapter, fund, effective, seq);

CREATE TABLE place_flows (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    place {text} NOT NULL,
    effective {text} NOT NULL CHECK (length(effective) = 10),
    money_in {int} NOT NULL,
    money_out {int} NOT NULL,
    PRIMARY KEY (chapter, seq, place),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};
CREATE INDEX place_flows_day ON place_flows (chapter, place, effective, seq);

CREATE TABLE place_days (
    chapter {int} NOT NULL REFERENCES chapters (id),
    place {text} NOT NULL,
    day {text} NOT NULL CHECK (length(day) = 10),
    money_in {int} NOT NULL,
    money_out {int} NOT NULL,
    PRIMARY KEY (chapter, place, day)
) {keyed};

CREATE TABLE fund_days (
    chapter {int} NOT NULL REFERENCES chapters (id),
    fund {text} NOT NULL,
    account {text} NOT NULL,
    day {text} NOT NULL CHECK (length(day) = 10),
    earlier {int} NOT NULL CHECK (earlier IN (0, 1)),
    amount {int} NOT NULL,
    PRIMARY KEY (chapter, fund, account, day, earlier)
) {keyed};

CREATE TABLE numbers (
    chapter {int} NOT NULL,
    series {text} NOT NULL,
    year {int} NOT NULL,
    number {int} NOT NULL CHECK (number >= 1),
    seq {int} NOT NULL,
    PRIMARY KEY (chapter, series, year, number),
    UNIQUE (chapter, seq, series),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};

CREATE TABLE lots (
    chapter {int} NOT NULL REFERENCES chapters (id),
    seq {int} NOT NULL,
    line {int} NOT NULL CHECK (line >= 0),
    fund {text} NOT NULL,
    gift_seq {int} NOT NULL,
    gift_line {int} NOT NULL CHECK (gift_line >= 0),
    turn {int} NOT NULL CHECK (turn >= 0),
    amount {int} NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    unspent {int} NOT NULL,
    closed {int} NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
    moved_from_seq {int},
    moved_from_line {int},
    whole_entry {int},
    whole_since {int},
    whole_line {int},
    whole_class {text},
    whole_amount {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (chapter, seq, line),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq),
    CHECK (unspent >= 0 AND whole_amount >= 0 AND unspent + whole_amount <= amount),
    CHECK (closed = 0 OR unspent = 0),
    CHECK ((whole_amount > 0) = (whole_since IS NOT NULL)),
    CHECK ((whole_since IS NULL) = (whole_entry IS NULL)
        AND (whole_since IS NULL) = (whole_line IS NULL)
        AND (whole_since IS NULL) = (whole_class IS NULL))
) {rows};
CREATE INDEX lots_fund ON lots (chapter, fund, seq, line) WHERE unspent > 0;
CREATE INDEX lots_gift ON lots (chapter, gift_seq, gift_line);
CREATE INDEX lots_whole ON lots (chapter, whole_entry) WHERE whole_amount > 0;

CREATE TABLE uses (
    chapter {int} NOT NULL REFERENCES chapters (id),
    since {int} NOT NULL,
    line {int} NOT NULL CHECK (line >= 0),
    lot_seq {int} NOT NULL,
    lot_line {int} NOT NULL,
    entry {int} NOT NULL,
    fund {text} NOT NULL,
    gift_seq {int} NOT NULL,
    gift_line {int} NOT NULL CHECK (gift_line >= 0),
    turn {int} NOT NULL CHECK (turn >= 0),
    class {text} NOT NULL,
    amount {int} NOT NULL CHECK (amount BETWEEN 0 AND 9007199254740991),
    PRIMARY KEY (chapter, since, line, lot_seq, lot_line),
    FOREIGN KEY (chapter, lot_seq, lot_line) REFERENCES lots (chapter, seq, line),
    CHECK (entry <= since)
) {keyed};
CREATE INDEX uses_entry ON uses (chapter, entry);
CREATE INDEX uses_gift ON uses (chapter, gift_seq, gift_line);

CREATE TABLE custody (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    line {int} NOT NULL CHECK (line >= 0),
    amount {int} NOT NULL CHECK (amount BETWEEN 1 AND 9007199254740991),
    held {int} NOT NULL,
    PRIMARY KEY (chapter, seq, line),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq),
    CHECK (held BETWEEN 0 AND amount)
) {keyed};
CREATE INDEX custody_held ON custody (chapter, seq, line) WHERE held > 0;

CREATE TABLE receipts (
    code {text} NOT NULL PRIMARY KEY CHECK (length(code) = 16),
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    UNIQUE (chapter, seq),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};

CREATE TABLE statements (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    name {text} NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (chapter, seq),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {rows};
CREATE INDEX statements_name ON statements (chapter, name, seq);

CREATE TABLE snapshots (
    chapter {int} NOT NULL REFERENCES chapters (id),
    size {int} NOT NULL CHECK (size >= 1),
    leaf_hash {bytes} NOT NULL CHECK (length(leaf_hash) = 32),
    format {int} NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (chapter, size)
) {rows};
";

/// The guards of `entries` and `chapters` on SQLite. `INSERT OR REPLACE` would delete without
/// asking a delete trigger, so the insert trigger refuses what is there already, too.
const SQLITE_GUARDS: &str = r"
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entries_never_leave BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;
CREATE TRIGGER entries_continue_the_chain BEFORE INSERT ON entries
BEGIN
    SELECT RAISE(ABORT, 'an entry continues the chain')
    WHERE NEW.seq IS NOT (
            SELECT COALESCE(MAX(seq) + 1, 0) FROM entries WHERE chapter = NEW.chapter)
        OR NEW.prev IS NOT COALESCE(
            (SELECT leaf_hash FROM entries WHERE chapter = NEW.chapter AND seq = NEW.seq - 1),
            zeroblob(32));
END;
CREATE TRIGGER chapters_never_leave BEFORE DELETE ON chapters
BEGIN SELECT RAISE(ABORT, 'chapters are never removed'); END;
CREATE TRIGGER chapters_are_new BEFORE INSERT ON chapters
WHEN EXISTS (SELECT 1 FROM chapters WHERE id = NEW.id OR origin = NEW.origin)
BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: chapters'); END;
CREATE TRIGGER chapters_only_grow BEFORE UPDATE ON chapters
WHEN NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.slug <> OLD.slug
    OR NEW.head_size < OLD.head_size OR NEW.published_size < OLD.published_size
BEGIN SELECT RAISE(ABORT, 'chapters only grow'); END;
";

/// The same guards on PostgreSQL.
const POSTGRES_GUARDS: &str = r"
CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are never changed or removed', TG_TABLE_NAME;
END $$;
CREATE FUNCTION ledger_continues() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq IS DISTINCT FROM (
            SELECT COALESCE(MAX(seq) + 1, 0) FROM entries WHERE chapter = NEW.chapter)
        OR NEW.prev IS DISTINCT FROM COALESCE(
            (SELECT leaf_hash FROM entries WHERE chapter = NEW.chapter AND seq = NEW.seq - 1),
            decode(repeat('00', 32), 'hex'))
    THEN
        RAISE EXCEPTION 'an entry continues the chain' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION ledger_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.slug <> OLD.slug
        OR NEW.head_size < OLD.head_size OR NEW.published_size < OLD.published_size
    THEN
        RAISE EXCEPTION 'chapters only grow' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entries_never_change BEFORE UPDATE OR DELETE ON entries
    FOR EACH ROW EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER entries_never_leave BEFORE TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER entries_continue_the_chain BEFORE INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION ledger_continues();
CREATE TRIGGER chapters_never_leave BEFORE DELETE ON chapters
    FOR EACH ROW EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER chapters_never_empty BEFORE TRUNCATE ON chapters
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses();
CREATE TRIGGER chapters_only_grow BEFORE UPDATE ON chapters
    FOR EACH ROW EXECUTE FUNCTION ledger_grows();
";
