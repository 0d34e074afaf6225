//! Step 23: on PostgreSQL the guard of the chain looks up one row by its key.
//!
//! It asked for the highest place, which PostgreSQL answers by reading a whole chapter as long as
//! nobody counted the rows of a new table. An entry whose predecessor is there, and whose own place
//! is free (the primary key sees to that), stands behind the highest one: entries are never
//! removed. SQLite finds the highest place in its index, and keeps its trigger.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0023_chain_guard"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DatabaseBackend::Sqlite => Ok(()),
            _ => super::run(manager, "", POSTGRES).await,
        }
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const POSTGRES: &str = r"
CREATE OR REPLACE FUNCTION ledger_continues() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.prev IS DISTINCT FROM (
        CASE WHEN NEW.seq = 0 THEN decode(repeat('00', 32), 'hex')
        ELSE (SELECT leaf_hash FROM entries WHERE chapter = NEW.chapter AND seq = NEW.seq - 1)
        END)
    THEN
        RAISE EXCEPTION 'an entry continues the chain' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
";
