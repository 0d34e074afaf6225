//! Step 6: goods. Derived from the entries like the tables of step 1, and made again with them.
//!
//! Quantities are thousandths of the item's unit. A use of money names the goods lot that it paid
//! for, also when the goods are gone. Goods that are held for others are counted by description
//! and unit and never valued.

use sea_orm_migration::prelude::*;

/// The step.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_goods"
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
    let common = [USES, LOTS, FLOWS, OTHERS].concat();
    words.iter().fold(common, |text, (word, own)| text.replace(word, own))
}

/// The words in which the two databases differ; the texts are otherwise the same.
const SQLITE_TYPES: [(&str, &str); 3] =
    [("{int}", "INTEGER"), ("{text}", "TEXT"), ("{keyed}", "STRICT, WITHOUT ROWID")];
const POSTGRES_TYPES: [(&str, &str); 3] =
    [("{int}", "BIGINT"), ("{text}", "TEXT COLLATE \"C\""), ("{keyed}", "")];

/// Money that paid for goods.
const USES: &str = r"
ALTER TABLE uses ADD COLUMN goods_seq {int} CHECK (goods_seq >= 0);
ALTER TABLE uses ADD COLUMN goods_line {int} CHECK (goods_line >= 0);
CREATE INDEX uses_goods ON uses (chapter, goods_seq, goods_line, lot_seq, lot_line, since, line)
    WHERE goods_seq IS NOT NULL AND class = 'in_goods';
";

/// Lots of goods, what lies where of them, and what was taken.
const LOTS: &str = r"
CREATE TABLE goods_lots (
    chapter {int} NOT NULL REFERENCES chapters (id),
    seq {int} NOT NULL,
    line {int} NOT NULL CHECK (line >= 0),
    item {text} NOT NULL,
    fund {text} NOT NULL,
    store {text} NOT NULL,
    expiry {text} CHECK (length(expiry) = 10),
    quantity {int} NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    value {int} NOT NULL CHECK (value BETWEEN 0 AND 9007199254740991),
    closed {int} NOT NULL DEFAULT 0 CHECK (closed IN (0, 1)),
    PRIMARY KEY (chapter, seq, line),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};

CREATE TABLE stock (
    chapter {int} NOT NULL REFERENCES chapters (id),
    lot_seq {int} NOT NULL,
    lot_line {int} NOT NULL,
    store {text} NOT NULL,
    item {text} NOT NULL,
    fund {text} NOT NULL,
    expiry {text} CHECK (length(expiry) = 10),
    quantity {int} NOT NULL CHECK (quantity BETWEEN 0 AND 9007199254740991),
    value {int} NOT NULL CHECK (value BETWEEN 0 AND 9007199254740991),
    PRIMARY KEY (chapter, lot_seq, lot_line, store),
    FOREIGN KEY (chapter, lot_seq, lot_line) REFERENCES goods_lots (chapter, seq, line),
    CHECK (quantity > 0 OR value = 0)
) {keyed};
CREATE INDEX stock_item ON stock (chapter, item, store, fund);

CREATE TABLE goods_uses (
    chapter {int} NOT NULL REFERENCES chapters (id),
    since {int} NOT NULL,
    line {int} NOT NULL CHECK (line >= 0),
    entry {int} NOT NULL,
    lot_seq {int} NOT NULL,
    lot_line {int} NOT NULL,
    item {text} NOT NULL,
    fund {text} NOT NULL,
    expiry {text} CHECK (length(expiry) = 10),
    store {text} NOT NULL,
    class {text} NOT NULL CHECK (class IN ('spent', 'passed_on', 'lost', 'returned')),
    quantity {int} NOT NULL CHECK (quantity BETWEEN 0 AND 9007199254740991),
    value {int} NOT NULL CHECK (value BETWEEN 0 AND 9007199254740991),
    PRIMARY KEY (chapter, since, line),
    FOREIGN KEY (chapter, lot_seq, lot_line) REFERENCES goods_lots (chapter, seq, line),
    CHECK (entry <= since),
    CHECK (quantity > 0 OR value = 0)
) {keyed};
CREATE INDEX goods_uses_entry ON goods_uses (chapter, entry, since, line);
CREATE INDEX goods_uses_lot ON goods_uses (chapter, lot_seq, lot_line);
CREATE INDEX goods_uses_lost ON goods_uses (chapter, item, store, fund, since, line)
    WHERE class = 'lost';
";

/// Goods through stores, entry by entry.
const FLOWS: &str = r"
CREATE TABLE goods_flows (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    store {text} NOT NULL,
    fund {text} NOT NULL,
    item {text} NOT NULL,
    effective {text} NOT NULL CHECK (length(effective) = 10),
    quantity_in {int} NOT NULL,
    quantity_out {int} NOT NULL,
    quantity_moved {int} NOT NULL,
    value_in {int} NOT NULL,
    value_out {int} NOT NULL,
    value_moved {int} NOT NULL,
    PRIMARY KEY (chapter, seq, store, fund, item),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};
CREATE INDEX goods_flows_day ON goods_flows (chapter, item, store, effective, seq);
";

/// Goods held for others, and what came from other chapters.
const OTHERS: &str = r"
CREATE TABLE custody_goods (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    line {int} NOT NULL CHECK (line >= 0),
    description {text} NOT NULL CHECK (length(description) BETWEEN 1 AND 200),
    unit {text} NOT NULL CHECK (length(unit) BETWEEN 1 AND 200),
    held {int} NOT NULL CHECK (held >= 0),
    PRIMARY KEY (chapter, seq, line, description, unit),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};

CREATE TABLE senders (
    chapter {int} NOT NULL,
    seq {int} NOT NULL,
    log {text} NOT NULL,
    id {text} NOT NULL CHECK (length(id) = 36),
    PRIMARY KEY (chapter, seq),
    UNIQUE (chapter, log, id),
    FOREIGN KEY (chapter, seq) REFERENCES entries (chapter, seq)
) {keyed};
";
