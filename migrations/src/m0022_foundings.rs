//! Step 22: who may found a chapter here.
//!
//! The row with the empty code says that a chapter was founded: from then on nobody founds one who
//! was not called. Its key keeps two founders apart, also on two instances. Every other row is a
//! link that calls officers to found a further chapter, by the SHA-256 of its secret.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0022_foundings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spell = |int: &str, bytes: &str, rows: &str| {
            TEXT.replace("{int}", int).replace("{bytes}", bytes).replace("{rows}", rows)
        };
        let (sqlite, postgres) = (spell("INTEGER", "BLOB", "STRICT"), spell("BIGINT", "BYTEA", ""));
        super::run(manager, &sqlite, &postgres).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const TEXT: &str = r"
CREATE TABLE desk_foundings (
    code {bytes} NOT NULL PRIMARY KEY CHECK (length(code) IN (0, 32)),
    made_at {int} NOT NULL
) {rows};
INSERT INTO desk_foundings (code, made_at)
    SELECT CAST('' AS {bytes}), 0 WHERE EXISTS (SELECT 1 FROM chapters WHERE head_size > 0);
";
