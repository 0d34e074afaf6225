//! Step 21: the chapter is first in every key of its tables on PostgreSQL, so that these can be
//! parted by chapter over several machines.
//!
//! What is looked for by a code, a link or a cookie alone keeps an index on that; it is random, so
//! that two chapters never have the same one. An SQLite file is never parted: there the keys stay.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0021_chapter_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, "SELECT 1", POSTGRES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const POSTGRES: &str = r"
ALTER TABLE receipts DROP CONSTRAINT receipts_pkey, DROP CONSTRAINT receipts_chapter_seq_key,
    ADD PRIMARY KEY (chapter, seq), ADD UNIQUE (chapter, code);
CREATE INDEX receipts_code ON receipts (code);

ALTER TABLE desk_complaints DROP CONSTRAINT desk_complaints_code_key, ADD UNIQUE (chapter, code);
CREATE INDEX desk_complaints_code ON desk_complaints (code);

ALTER TABLE desk_sponsorships DROP CONSTRAINT desk_sponsorships_code_key,
    ADD UNIQUE (chapter, code);
CREATE INDEX desk_sponsorships_code ON desk_sponsorships (code);

ALTER TABLE desk_invitations DROP CONSTRAINT desk_invitations_secret_key,
    ADD UNIQUE (chapter, secret);
CREATE INDEX desk_invitations_secret ON desk_invitations (secret);

ALTER TABLE desk_factor_resets DROP CONSTRAINT desk_factor_resets_secret_key,
    ADD UNIQUE (chapter, secret);
CREATE INDEX desk_factor_resets_secret ON desk_factor_resets (secret);

ALTER TABLE desk_sessions DROP CONSTRAINT desk_sessions_pkey, ADD PRIMARY KEY (chapter, id);
CREATE INDEX desk_sessions_id ON desk_sessions (id);

ALTER TABLE desk_half_sessions DROP CONSTRAINT desk_half_sessions_pkey,
    ADD PRIMARY KEY (chapter, id);
CREATE INDEX desk_half_sessions_id ON desk_half_sessions (id);

DROP INDEX desk_security_log_order;
ALTER TABLE desk_security_log DROP CONSTRAINT desk_security_log_pkey,
    ADD PRIMARY KEY (chapter, id);

DROP INDEX vault_openings_order;
ALTER TABLE vault_openings DROP CONSTRAINT vault_openings_pkey, ADD PRIMARY KEY (chapter, id);

DROP INDEX self_checks_chapter;
ALTER TABLE self_checks DROP CONSTRAINT self_checks_pkey, ADD PRIMARY KEY (chapter, id);
";
