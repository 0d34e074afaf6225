//! The tables as SeaORM entities. They never leave this room.
//!
//! Columns are as in `migrations/src/m0001_ledger.rs` and later steps: whole minor units,
//! quantities in thousandths, days and times as text, hashes as 32 bytes, flags as 0 or 1.

/// One table: its module, its name, the columns of its primary key and the others.
macro_rules! table {
    ($module:ident = $name:literal {
        $($key:ident: $key_type:ty),* ; $($column:ident: $type:ty),* $(,)?
    }) => {
        #[allow(missing_docs)]
        pub(super) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub struct Model {
                $(#[sea_orm(primary_key, auto_increment = false)] pub $key: $key_type,)*
                $(pub $column: $type,)*
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table! { chapters = "chapters" {
    id: i64;
    origin: String, slug: String, head_size: i64, head_leaf: Vec<u8>, head_root: Vec<u8>,
    published_size: i64,
} }
table! { entries = "entries" {
    chapter: i64, seq: i64;
    leaf_hash: Vec<u8>, prev: Vec<u8>, voucher_id: String, kind: String, date: String, at: String,
    of_seq: Option<i64>, of_line: Option<i64>, bytes: Vec<u8>,
} }
table! { nodes = "nodes" { chapter: i64, before: i64, level: i64, place: i64; hash: Vec<u8> } }
table! { effects = "effects" { chapter: i64, seq: i64; bytes: Vec<u8> } }
table! { figures = "figures" {
    chapter: i64, seq: i64;
    kind: String, nature: String, date: String, effective: String, at: String,
    programme: Option<String>, families: i64, money_in: i64, money_out: i64, earlier: i64,
    reverses: Option<i64>, reversed_by: Option<i64>,
} }
table! { postings = "postings" {
    chapter: i64, seq: i64, line: i64;
    account: String, fund: String, amount: i64, effective: String,
} }
table! { place_flows = "place_flows" {
    chapter: i64, seq: i64, place: String; effective: String, money_in: i64, money_out: i64,
} }
table! { numbers = "numbers" {
    chapter: i64, series: String, year: i64, number: i64; seq: i64,
} }
table! { lots = "lots" {
    chapter: i64, seq: i64, line: i64;
    fund: String, gift_seq: i64, gift_line: i64, turn: i64, amount: i64, unspent: i64,
    closed: i64, moved_from_seq: Option<i64>, moved_from_line: Option<i64>,
    whole_entry: Option<i64>, whole_since: Option<i64>, whole_line: Option<i64>,
    whole_class: Option<String>, whole_amount: i64,
} }
table! { uses = "uses" {
    chapter: i64, since: i64, line: i64, lot_seq: i64, lot_line: i64;
    entry: i64, fund: String, gift_seq: i64, gift_line: i64, turn: i64, class: String,
    amount: i64, goods_seq: Option<i64>, goods_line: Option<i64>, loan_line: Option<i64>,
} }
table! { loan_moves = "loan_moves" {
    chapter: i64, seq: i64, loan_seq: i64, loan_line: i64;
    fund: String, effective: String, principal: i64, fee: i64, lost: i64,
} }
table! { custody = "custody" { chapter: i64, seq: i64, line: i64; amount: i64, held: i64 } }
table! { gifts = "gifts" {
    chapter: i64, seq: i64; day: String, amount: i64, goods: i64, fund: String,
} }
table! { receipts = "receipts" { code: String; chapter: i64, seq: i64 } }
table! { statements = "statements" { chapter: i64, seq: i64; name: String, bytes: Vec<u8> } }
table! { goods_lots = "goods_lots" {
    chapter: i64, seq: i64, line: i64;
    item: String, fund: String, store: String, expiry: Option<String>, quantity: i64, value: i64,
    closed: i64,
} }
table! { goods_uses = "goods_uses" {
    chapter: i64, since: i64, line: i64;
    entry: i64, lot_seq: i64, lot_line: i64, item: String, fund: String, expiry: Option<String>,
    store: String, class: String, quantity: i64, value: i64,
} }
table! { goods_flows = "goods_flows" {
    chapter: i64, seq: i64, store: String, fund: String, item: String;
    effective: String, quantity_in: i64, quantity_out: i64, quantity_moved: i64, value_in: i64,
    value_out: i64, value_moved: i64,
} }
table! { senders = "senders" { chapter: i64, seq: i64; log: String, id: String } }
