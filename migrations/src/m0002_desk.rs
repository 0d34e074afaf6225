//! Step 2: the desk: who may sign in, what waits for approval, and what is private.
//!
//! Nothing here is part of a ledger, and nothing private is readable here: names, phones, identity
//! numbers, reasons and file names stand encrypted under a data key per person (or per voucher, or
//! per import batch), and those keys under the vault key, which no database holds. The one
//! exception is `vault_published`: names that their owners agreed to show.
//!
//! Times are whole seconds since 1970 in UTC, flags are 0 or 1, hashes are 32 bytes. The log of
//! openings can be neither changed nor removed: triggers see to that on both databases.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_desk"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (sqlite, postgres) = (text(&SQLITE_TYPES), text(&POSTGRES_TYPES));
        super::run(manager, &(sqlite + SQLITE_GUARDS), &(postgres + POSTGRES_GUARDS)).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn text(words: &[(&str, &str)]) -> String {
    let common = [ACCOUNTS, DRAFTS, VAULT, REGISTER, IMPORTS].concat();
    words.iter().fold(common, |text, (word, own)| text.replace(word, own))
}

/// The words in which the two databases differ; the texts are otherwise the same.
const SQLITE_TYPES: [(&str, &str); 5] = [
    ("{int}", "INTEGER"),
    ("{bytes}", "BLOB"),
    ("{text}", "TEXT"),
    ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    ("{rows}", "STRICT"),
];
const POSTGRES_TYPES: [(&str, &str); 5] = [
    ("{int}", "BIGINT"),
    ("{bytes}", "BYTEA"),
    ("{text}", "TEXT COLLATE \"C\""),
    ("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("{rows}", ""),
];

/// Who may sign in, sessions, and how often somebody failed to.
const ACCOUNTS: &str = r"
CREATE TABLE desk_accounts (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 16),
    sign_in_name {text} NOT NULL CHECK (length(sign_in_name) BETWEEN 2 AND 64),
    person {text} NOT NULL CHECK (length(person) = 16),
    vkey {text} NOT NULL,
    cost {text} NOT NULL,
    salt {bytes} NOT NULL CHECK (length(salt) = 16),
    verifier {bytes} NOT NULL CHECK (length(verifier) = 32),
    sealed_seed {bytes} CHECK (length(sealed_seed) = 72),
    disabled {int} NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    made_at {int} NOT NULL,
    locked_at {int} NOT NULL,
    PRIMARY KEY (chapter, id),
    UNIQUE (chapter, sign_in_name),
    UNIQUE (chapter, person)
) {rows};

CREATE TABLE desk_throttles (
    scope {text} NOT NULL CHECK (scope IN ('account', 'pair', 'peer')),
    subject {bytes} NOT NULL CHECK (length(subject) = 32),
    failed {int} NOT NULL DEFAULT 0 CHECK (failed >= 0),
    retry_at {int} NOT NULL DEFAULT 0,
    last_at {int} NOT NULL,
    good_at {int},
    PRIMARY KEY (scope, subject)
) {rows};
CREATE INDEX desk_throttles_last ON desk_throttles (last_at);

CREATE TABLE desk_sessions (
    id {bytes} NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    chapter {int} NOT NULL,
    account {text} NOT NULL,
    sealed_seed {bytes} CHECK (length(sealed_seed) = 72),
    made_at {int} NOT NULL,
    seen_at {int} NOT NULL,
    FOREIGN KEY (chapter, account) REFERENCES desk_accounts (chapter, id) ON DELETE CASCADE
) {rows};
CREATE INDEX desk_sessions_account ON desk_sessions (chapter, account);
CREATE INDEX desk_sessions_made ON desk_sessions (made_at);
";

/// Vouchers that wait, and the signatures that they have so far.
const DRAFTS: &str = r"
CREATE TABLE desk_drafts (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 36),
    code {text} NOT NULL CHECK (length(code) = 6),
    kind {text} NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    date {text} NOT NULL CHECK (length(date) = 10),
    voucher {bytes} NOT NULL CHECK (length(voucher) BETWEEN 2 AND 65535),
    recorder {text} NOT NULL,
    state {text} NOT NULL
        CHECK (state IN ('waiting', 'recorded', 'sent_back', 'withdrawn', 'void')),
    made_by {text} NOT NULL,
    made_at {int} NOT NULL,
    decided_by {text},
    decided_at {int},
    sealed_reason {bytes},
    seq {int} CHECK (seq >= 0),
    PRIMARY KEY (chapter, id),
    UNIQUE (chapter, code),
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK ((state = 'recorded') = (seq IS NOT NULL)),
    CHECK (state = 'sent_back' OR sealed_reason IS NULL)
) {rows};
CREATE INDEX desk_drafts_waiting ON desk_drafts (chapter, state, made_at);

CREATE TABLE desk_draft_signatures (
    chapter {int} NOT NULL,
    draft {text} NOT NULL,
    role {text} NOT NULL CHECK (role IN ('recorder', 'approver', 'auditor', 'holder')),
    key_name {text} NOT NULL,
    signature {text} NOT NULL,
    at {int} NOT NULL,
    PRIMARY KEY (chapter, draft, role, key_name),
    FOREIGN KEY (chapter, draft) REFERENCES desk_drafts (chapter, id) ON DELETE CASCADE
) {rows};
CREATE INDEX desk_draft_signatures_key ON desk_draft_signatures (chapter, key_name);
";

/// Private values, the keys that they stand under, consent, and who looked.
const VAULT: &str = r"
CREATE TABLE vault_keys (
    chapter {int} NOT NULL REFERENCES chapters (id),
    subject {text} NOT NULL CHECK (length(subject) BETWEEN 5 AND 64),
    wrapped {bytes} NOT NULL CHECK (length(wrapped) = 72),
    restricted {int} NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1)),
    made_at {int} NOT NULL,
    PRIMARY KEY (chapter, subject)
) {rows};

CREATE TABLE vault_disclosures (
    chapter {int} NOT NULL,
    voucher {text} NOT NULL CHECK (length(voucher) = 36),
    digest {text} NOT NULL CHECK (length(digest) = 43),
    seq {int} CHECK (seq >= 0),
    subject {text} NOT NULL,
    of_donor {int} NOT NULL CHECK (of_donor IN (0, 1)),
    sealed {bytes} NOT NULL,
    made_at {int} NOT NULL,
    PRIMARY KEY (chapter, voucher, digest),
    FOREIGN KEY (chapter, subject) REFERENCES vault_keys (chapter, subject) ON DELETE CASCADE
) {rows};
CREATE INDEX vault_disclosures_seq ON vault_disclosures (chapter, seq);
CREATE INDEX vault_disclosures_subject ON vault_disclosures (chapter, subject);

CREATE TABLE vault_consents (
    chapter {int} NOT NULL,
    subject {text} NOT NULL,
    voucher {text} NOT NULL,
    name {text} NOT NULL CHECK (name IN ('full_name', 'masked_name')),
    given_on {text} NOT NULL CHECK (length(given_on) = 10),
    recorded_by {text} NOT NULL,
    recorded_at {int} NOT NULL,
    PRIMARY KEY (chapter, subject, voucher, name),
    FOREIGN KEY (chapter, subject) REFERENCES vault_keys (chapter, subject) ON DELETE CASCADE
) {rows};

CREATE TABLE vault_published (
    chapter {int} NOT NULL,
    voucher {text} NOT NULL,
    digest {text} NOT NULL,
    seq {int} NOT NULL CHECK (seq >= 0),
    disclosure {text} NOT NULL,
    name {text} NOT NULL CHECK (name IN ('full_name', 'masked_name')),
    published_by {text} NOT NULL,
    published_at {int} NOT NULL,
    PRIMARY KEY (chapter, voucher, digest),
    FOREIGN KEY (chapter, voucher, digest)
        REFERENCES vault_disclosures (chapter, voucher, digest) ON DELETE CASCADE
) {rows};
CREATE INDEX vault_published_seq ON vault_published (chapter, seq);

CREATE TABLE vault_openings (
    id {serial},
    chapter {int} NOT NULL REFERENCES chapters (id),
    at {int} NOT NULL,
    person {text} NOT NULL CHECK (length(person) = 16),
    action {text} NOT NULL CHECK (action IN ('opened', 'exported', 'consent', 'published',
        'withdrawn', 'restricted', 'released', 'erased')),
    what {text} NOT NULL CHECK (length(what) BETWEEN 1 AND 64),
    number {int} NOT NULL CHECK (number >= 0)
) {rows};
CREATE INDEX vault_openings_at ON vault_openings (chapter, at);
";

/// Persons whom the desk knows, and who was served in which round.
const REGISTER: &str = r"
CREATE TABLE desk_persons (
    chapter {int} NOT NULL,
    id {text} NOT NULL CHECK (length(id) = 16),
    subject {text} NOT NULL,
    role {text} NOT NULL CHECK (role IN ('donor', 'family', 'officer')),
    sealed {bytes} NOT NULL,
    made_by {text} NOT NULL,
    made_at {int} NOT NULL,
    PRIMARY KEY (chapter, id),
    FOREIGN KEY (chapter, subject) REFERENCES vault_keys (chapter, subject) ON DELETE CASCADE
) {rows};

CREATE TABLE desk_round_lines (
    chapter {int} NOT NULL,
    programme {text} NOT NULL,
    round {text} NOT NULL,
    family {text} NOT NULL,
    voucher {text} NOT NULL CHECK (length(voucher) = 36),
    PRIMARY KEY (chapter, programme, round, family, voucher),
    FOREIGN KEY (chapter, family) REFERENCES desk_persons (chapter, id) ON DELETE CASCADE
) {rows};
CREATE INDEX desk_round_lines_voucher ON desk_round_lines (chapter, voucher);
CREATE INDEX desk_round_lines_family ON desk_round_lines (chapter, family);
";

/// Bank lines that were booked, and each chapter's settings.
const IMPORTS: &str = r"
CREATE TABLE desk_import_batches (
    chapter {int} NOT NULL,
    id {text} NOT NULL CHECK (length(id) = 16),
    subject {text} NOT NULL,
    place {text} NOT NULL,
    file {bytes} NOT NULL CHECK (length(file) = 32),
    sealed_file_name {bytes},
    made_by {text} NOT NULL,
    made_at {int} NOT NULL,
    PRIMARY KEY (chapter, id)
) {rows};
CREATE INDEX desk_import_batches_file ON desk_import_batches (chapter, file);

CREATE TABLE desk_bank_lines (
    chapter {int} NOT NULL REFERENCES chapters (id),
    place {text} NOT NULL,
    identity {bytes} NOT NULL CHECK (length(identity) = 32),
    occurrence {int} NOT NULL CHECK (occurrence >= 0),
    day {text} NOT NULL CHECK (length(day) = 10),
    batch {text} NOT NULL,
    voucher {text} NOT NULL CHECK (length(voucher) = 36),
    seq {int} NOT NULL CHECK (seq >= 0),
    PRIMARY KEY (chapter, place, identity, occurrence),
    FOREIGN KEY (chapter, batch) REFERENCES desk_import_batches (chapter, id)
) {rows};
CREATE INDEX desk_bank_lines_day ON desk_bank_lines (chapter, place, day);
CREATE INDEX desk_bank_lines_voucher ON desk_bank_lines (chapter, voucher);

CREATE TABLE desk_settings (
    chapter {int} NOT NULL PRIMARY KEY REFERENCES chapters (id),
    settings {text} NOT NULL,
    changed_by {text} NOT NULL,
    changed_at {int} NOT NULL
) {rows};
";

const SQLITE_GUARDS: &str = r"
CREATE TRIGGER vault_openings_no_update BEFORE UPDATE ON vault_openings
BEGIN SELECT RAISE(ABORT, 'the log of openings is append-only'); END;
CREATE TRIGGER vault_openings_no_delete BEFORE DELETE ON vault_openings
BEGIN SELECT RAISE(ABORT, 'the log of openings is append-only'); END;
CREATE TRIGGER vault_openings_no_replace BEFORE INSERT ON vault_openings
WHEN EXISTS (SELECT 1 FROM vault_openings WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the log of openings is append-only'); END;
";

const POSTGRES_GUARDS: &str = r"
CREATE FUNCTION vault_openings_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log of openings is append-only'; END $$;
CREATE TRIGGER vault_openings_no_change BEFORE UPDATE OR DELETE ON vault_openings
FOR EACH ROW EXECUTE FUNCTION vault_openings_append_only();
CREATE TRIGGER vault_openings_no_truncate BEFORE TRUNCATE ON vault_openings
FOR EACH STATEMENT EXECUTE FUNCTION vault_openings_append_only();
";
