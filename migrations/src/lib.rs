//! The database schema, step by step.
//!
//! INVARIANT: a step that was released is never edited; each holds its SQLite and its PostgreSQL
//! text beside each other, runs in one transaction, and an error in it stops the start.

use sea_orm_migration::prelude::*;

mod m0001_ledger;
mod m0002_desk;
mod m0003_imports;
mod m0004_invitations;
mod m0005_erasures;
mod m0006_goods;
mod m0007_families;
mod m0008_round_goods;
mod m0009_sponsorship;
mod m0010_continued;
mod m0011_loans;
mod m0012_lending;
mod m0013_giving;
mod m0014_publication;
pub mod m0015_finding;
mod m0016_witnesses;
mod m0018_checks;
mod m0019_accounts;
mod m0020_accounts_days;
mod m0021_chapter_first;
mod m0022_foundings;
mod m0023_chain_guard;
mod m0024_sums;

pub use sea_orm_migration::MigratorTrait;

/// Runs the steps that a database has not seen yet.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_ledger::Migration),
            Box::new(m0002_desk::Migration),
            Box::new(m0003_imports::Migration),
            Box::new(m0004_invitations::Migration),
            Box::new(m0005_erasures::Migration),
            Box::new(m0006_goods::Migration),
            Box::new(m0007_families::Migration),
            Box::new(m0008_round_goods::Migration),
            Box::new(m0009_sponsorship::Migration),
            Box::new(m0010_continued::Migration),
            Box::new(m0011_loans::Migration),
            Box::new(m0012_lending::Migration),
            Box::new(m0013_giving::Migration),
            Box::new(m0014_publication::Migration),
            Box::new(m0015_finding::Migration),
            Box::new(m0016_witnesses::Migration),
            Box::new(m0018_checks::Migration),
            Box::new(m0019_accounts::Migration),
            Box::new(m0020_accounts_days::Migration),
            Box::new(m0021_chapter_first::Migration),
            Box::new(m0022_foundings::Migration),
            Box::new(m0023_chain_guard::Migration),
            Box::new(m0024_sums::Migration),
        ]
    }
}

/// Runs the text of a step that belongs to the database at hand.
async fn run(manager: &SchemaManager<'_>, sqlite: &str, postgres: &str) -> Result<(), DbErr> {
    let text = match manager.get_database_backend() {
        sea_orm::DatabaseBackend::Sqlite => sqlite,
        sea_orm::DatabaseBackend::Postgres => postgres,
        other => return Err(DbErr::Migration(format!("{other:?} is not supported"))),
    };
    manager.get_connection().execute_unprepared(text).await.map(drop)
}
