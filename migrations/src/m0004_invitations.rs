//! Step 4: invitations, by which a person chooses the passphrase of a new key themselves.
//!
//! A row holds what the recorder decided (a voucher whose new key is a placeholder), the SHA-256 of
//! the link's secret, and, once it was taken up, the voucher with the new key, its signature as
//! holder, and what the passphrase locks. It goes when the voucher is an entry or never will be.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_invitations"
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
    words.iter().fold(INVITATIONS.to_owned(), |text, (word, own)| text.replace(word, own))
}

/// The words in which the two databases differ.
const SQLITE_TYPES: [(&str, &str); 4] =
    [("{int}", "INTEGER"), ("{bytes}", "BLOB"), ("{text}", "TEXT"), ("{rows}", "STRICT")];
const POSTGRES_TYPES: [(&str, &str); 4] =
    [("{int}", "BIGINT"), ("{bytes}", "BYTEA"), ("{text}", "TEXT COLLATE \"C\""), ("{rows}", "")];

const INVITATIONS: &str = r"
CREATE TABLE desk_invitations (
    chapter {int} NOT NULL REFERENCES chapters (id),
    id {text} NOT NULL CHECK (length(id) = 36),
    voucher {bytes} NOT NULL CHECK (length(voucher) BETWEEN 2 AND 65535),
    made_by {text} NOT NULL CHECK (length(made_by) = 16),
    made_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    secret {bytes} UNIQUE CHECK (length(secret) = 32),
    accepted_at {int},
    signature {text},
    vkey {text},
    account {text} CHECK (length(account) = 16),
    sign_in_name {text} CHECK (length(sign_in_name) BETWEEN 2 AND 64),
    person {text} CHECK (length(person) = 16),
    cost {text},
    salt {bytes} CHECK (length(salt) = 16),
    verifier {bytes} CHECK (length(verifier) = 32),
    sealed_seed {bytes} CHECK (length(sealed_seed) = 72),
    PRIMARY KEY (chapter, id),
    CHECK ((accepted_at IS NULL) = (signature IS NULL)),
    CHECK ((accepted_at IS NULL) = (vkey IS NULL)),
    CHECK ((sign_in_name IS NULL) = (account IS NULL)),
    CHECK ((sign_in_name IS NULL) = (verifier IS NULL))
) {rows};
CREATE INDEX desk_invitations_vkey ON desk_invitations (chapter, vkey);
";
