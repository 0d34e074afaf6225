//! Step 5: how a donor agreed to be shown, and whose values two officers are about to destroy.
//!
//! An erasure stands beside the draft of its `privacy_erased` until the second officer signs; then
//! its rows go with the values, in the transaction that records the entry. Subjects are opaque
//! identifiers, as in the vault; `voucher` is empty unless the values of one voucher alone are
//! meant (a batch of imported lines shares one key).

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
    PRIMARY KEY (chapter, draft, subject, voucher),
    FOREIGN KEY (chapter, draft) REFERENCES desk_drafts (chapter, id) ON DELETE CASCADE
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
    PRIMARY KEY (chapter, draft, subject, voucher),
    FOREIGN KEY (chapter, draft) REFERENCES desk_drafts (chapter, id) ON DELETE CASCADE
);
"#;
