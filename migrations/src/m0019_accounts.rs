//! Step 19: codes of a second device at sign-in, where sessions are, and the log of sign-ins.
//!
//! A secret of a second device stands sealed under the vault key, recovery codes and links as
//! digests. A secret that waits for its first code belongs to the session that asked for it; an
//! account that lost its device has to set up another before anything else. A session says which
//! kind of browser and which network it is of, coarsely. The log of what happened to accounts can
//! be neither changed nor removed; failed sign-ins are counted by the hour, so that whoever
//! guesses fills no table.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0019_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spell = |words: &[(&str, &str)]| {
            words.iter().fold(TEXT.to_owned(), |text, (word, own)| text.replace(word, own))
        };
        let (sqlite, postgres) = (spell(&SQLITE_TYPES), spell(&POSTGRES_TYPES));
        super::run(manager, &(sqlite + SQLITE_GUARDS), &(postgres + POSTGRES_GUARDS)).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The words in which the two databases differ; the texts are otherwise the same.
const SQLITE_TYPES: [(&str, &str); 6] = [
    ("{int}", "INTEGER"),
    ("{bytes}", "BLOB"),
    ("{text}", "TEXT"),
    ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    ("{rows}", "STRICT"),
    ("{keyed}", "STRICT, WITHOUT ROWID"),
];
const POSTGRES_TYPES: [(&str, &str); 6] = [
    ("{int}", "BIGINT"),
    ("{bytes}", "BYTEA"),
    ("{text}", "TEXT COLLATE \"C\""),
    ("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("{rows}", ""),
    ("{keyed}", ""),
];

const TEXT: &str = r"
ALTER TABLE desk_sessions ADD COLUMN device {text} NOT NULL DEFAULT ''
    CHECK (length(device) <= 40);
ALTER TABLE desk_sessions ADD COLUMN network {text} NOT NULL DEFAULT ''
    CHECK (length(network) <= 40);

CREATE TABLE desk_half_sessions (
    id {bytes} NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    chapter {int} NOT NULL,
    account {text} NOT NULL,
    sealed_seed {bytes} CHECK (length(sealed_seed) = 72),
    device {text} NOT NULL CHECK (length(device) <= 40),
    network {text} NOT NULL CHECK (length(network) <= 40),
    made_at {int} NOT NULL,
    FOREIGN KEY (chapter, account) REFERENCES desk_accounts (chapter, id) ON DELETE CASCADE
) {rows};
CREATE INDEX desk_half_sessions_account ON desk_half_sessions (chapter, account);

CREATE TABLE desk_factors (
    chapter {int} NOT NULL,
    account {text} NOT NULL,
    salt {bytes} NOT NULL CHECK (length(salt) = 32),
    secret {bytes} CHECK (length(secret) = 60),
    since {int},
    last_step {int} NOT NULL DEFAULT 0 CHECK (last_step >= 0),
    next_secret {bytes} CHECK (length(next_secret) = 60),
    next_at {int},
    next_holder {bytes} CHECK (length(next_holder) = 32),
    must_set_up {int} NOT NULL DEFAULT 0 CHECK (must_set_up IN (0, 1)),
    PRIMARY KEY (chapter, account),
    FOREIGN KEY (chapter, account) REFERENCES desk_accounts (chapter, id) ON DELETE CASCADE,
    CHECK ((secret IS NULL) = (since IS NULL)),
    CHECK ((next_secret IS NULL) = (next_at IS NULL)),
    CHECK ((next_secret IS NULL) = (next_holder IS NULL)),
    CHECK (secret IS NULL OR must_set_up = 0)
) {rows};

CREATE TABLE desk_recovery_codes (
    chapter {int} NOT NULL,
    account {text} NOT NULL,
    code {bytes} NOT NULL CHECK (length(code) = 32),
    made_at {int} NOT NULL,
    used_at {int},
    PRIMARY KEY (chapter, account, code),
    FOREIGN KEY (chapter, account) REFERENCES desk_factors (chapter, account) ON DELETE CASCADE
) {rows};

CREATE TABLE desk_factor_resets (
    chapter {int} NOT NULL,
    account {text} NOT NULL,
    secret {bytes} NOT NULL UNIQUE CHECK (length(secret) = 32),
    made_by {text} NOT NULL CHECK (length(made_by) = 16),
    made_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    PRIMARY KEY (chapter, account),
    FOREIGN KEY (chapter, account) REFERENCES desk_accounts (chapter, id) ON DELETE CASCADE
) {rows};

CREATE TABLE desk_failed_sign_ins (
    chapter {int} NOT NULL REFERENCES chapters (id),
    hour {int} NOT NULL,
    person {text} NOT NULL CHECK (length(person) IN (0, 16)),
    what {text} NOT NULL CHECK (what IN ('passphrase', 'code', 'waited')),
    number {int} NOT NULL CHECK (number >= 1),
    PRIMARY KEY (chapter, hour, person, what)
) {keyed};

CREATE TABLE desk_security_log (
    id {serial},
    chapter {int} NOT NULL REFERENCES chapters (id),
    at {int} NOT NULL,
    event {text} NOT NULL CHECK (length(event) BETWEEN 1 AND 40),
    person {text} CHECK (length(person) = 16),
    made_by {text} CHECK (length(made_by) = 16),
    detail {text} NOT NULL CHECK (length(detail) <= 120)
) {rows};
CREATE INDEX desk_security_log_at ON desk_security_log (chapter, at);
CREATE INDEX desk_security_log_order ON desk_security_log (chapter, id);
CREATE INDEX desk_security_log_person ON desk_security_log (chapter, person, id);
CREATE INDEX desk_security_log_doer ON desk_security_log (chapter, made_by, id);
CREATE INDEX vault_openings_person ON vault_openings (chapter, person, id);
CREATE INDEX vault_openings_order ON vault_openings (chapter, id);
";

const SQLITE_GUARDS: &str = r"
CREATE TRIGGER desk_security_log_no_update BEFORE UPDATE ON desk_security_log
BEGIN SELECT RAISE(ABORT, 'the log of accounts is append-only'); END;
CREATE TRIGGER desk_security_log_no_delete BEFORE DELETE ON desk_security_log
BEGIN SELECT RAISE(ABORT, 'the log of accounts is append-only'); END;
CREATE TRIGGER desk_security_log_no_replace BEFORE INSERT ON desk_security_log
WHEN EXISTS (SELECT 1 FROM desk_security_log WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the log of accounts is append-only'); END;
";

const POSTGRES_GUARDS: &str = r"
CREATE FUNCTION desk_security_log_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log of accounts is append-only'; END $$;
CREATE TRIGGER desk_security_log_no_change BEFORE UPDATE OR DELETE ON desk_security_log
FOR EACH ROW EXECUTE FUNCTION desk_security_log_append_only();
CREATE TRIGGER desk_security_log_no_truncate BEFORE TRUNCATE ON desk_security_log
FOR EACH STATEMENT EXECUTE FUNCTION desk_security_log_append_only();
";
