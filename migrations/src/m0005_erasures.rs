//! Step 5: how a donor agreed to be shown, and whose values two officers are about to destroy.
//!
//! An erasure stands beside the draft of its `privacy_erased` until the second officer signs; then
//! its rows go with the values, in the transaction that records the entry. Subjects are opaque
//! identifiers, as in the vault; `voucher` is empty unless the values of one voucher alone are
//! meant (a batch of imported lines shares one key). `held` is how many values there were when it
//! was asked for: what both officers saw.
//!
//! How often a name was taken back is counted for each voucher, so that a form from before does not
//! show it again.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_erasures"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, SQLITE, POSTGRES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const SQLITE: &str = r"
ALTER TABLE vault_consents ADD COLUMN sealed_how BLOB;

CREATE TABLE desk_erasures (
    chapter INTEGER NOT NULL,
    draft TEXT NOT NULL,
    subject TEXT NOT NULL,
    voucher TEXT NOT NULL,
    seq INTEGER CHECK (seq >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    PRIMARY KEY (chapter, draft, subject, voucher),
    FOREIGN KEY (chapter, draft) REFERENCES desk_drafts (chapter, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE vault_withdrawals (
    chapter INTEGER NOT NULL,
    voucher TEXT NOT NULL,
    times INTEGER NOT NULL CHECK (times > 0),
    by_donor INTEGER NOT NULL CHECK (by_donor IN (0, 1)),
    at INTEGER NOT NULL,
    PRIMARY KEY (chapter, voucher)
) STRICT;
";

const POSTGRES: &str = r#"
ALTER TABLE vault_consents ADD COLUMN sealed_how BYTEA;

CREATE TABLE desk_erasures (
    chapter BIGINT NOT NULL,
    draft TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    voucher TEXT COLLATE "C" NOT NULL,
    seq BIGINT CHECK (seq >= 0),
    held BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (chapter, draft, subject, voucher),
    FOREIGN KEY (chapter, draft) REFERENCES desk_drafts (chapter, id) ON DELETE CASCADE
);

CREATE TABLE vault_withdrawals (
    chapter BIGINT NOT NULL,
    voucher TEXT COLLATE "C" NOT NULL,
    times BIGINT NOT NULL CHECK (times > 0),
    by_donor BIGINT NOT NULL CHECK (by_donor IN (0, 1)),
    at BIGINT NOT NULL,
    PRIMARY KEY (chapter, voucher)
);
"#;
