//! Step 8: goods in rounds of distribution, and families that did not come.
//!
//! What each family gets stands in `items` as the ledger writes it (a list of objects with `item`
//! and `quantity`), out of one store and one fund. A family may be served by two vouchers then, one
//! of money and one of goods. `returned` names the `handover_returned` with which the part of an
//! absent family comes back: once that one is recorded, the family may be served again.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_round_goods"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (sqlite, postgres) = ("TEXT", "TEXT COLLATE \"C\"");
        let text = |own| TEXT.replace("{text}", own);
        super::run(manager, &text(sqlite), &text(postgres)).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const TEXT: &str = r"
ALTER TABLE desk_rounds ADD COLUMN store {text};
ALTER TABLE desk_rounds ADD COLUMN goods_fund {text};
ALTER TABLE desk_rounds ADD COLUMN items {text};

ALTER TABLE desk_round_families ADD COLUMN goods_voucher {text} CHECK (length(goods_voucher) = 36);

ALTER TABLE desk_round_lines ADD COLUMN returned {text} CHECK (length(returned) = 36);
CREATE INDEX desk_round_lines_returned ON desk_round_lines (chapter, returned);
";
