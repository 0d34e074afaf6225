//! What answers hold. Amounts are integers in minor units of the chapter's currency, days are
//! `YYYY-MM-DD`, moments RFC 3339 in UTC, quantities decimal texts. Names never change; an addition
//! is a new member.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The chapters of this site.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chapters {
    /// Each with where its figures are.
    pub chapters: Vec<ChapterLink>,
}

/// A chapter in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChapterLink {
    /// Its word in addresses.
    pub slug: String,
    /// The identity of its ledger.
    pub log: String,
    /// Its name; none while its ledger can't be read.
    pub name: Option<String>,
    /// Its province.
    pub province: Option<String>,
    /// Where its figures are.
    pub href: String,
}

/// The currency of amounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Currency {
    /// ISO 4217.
    pub code: String,
    /// Decimals: an amount is in units of 10^-scale.
    pub scale: u64,
}

/// A chapter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Chapter {
    /// Its word in addresses.
    pub slug: String,
    /// The identity of its ledger.
    pub log: String,
    /// Its name.
    pub name: String,
    /// Its province.
    pub province: Option<String>,
    /// The chapter above.
    pub upper: Option<String>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The chapter's time, such as `+07:00`.
    pub utc_offset: String,
    /// The first day of the books.
    pub books_from: String,
    /// Entries in the ledger.
    pub size: u64,
    /// When the newest entry came.
    pub last_at: Option<String>,
    /// The last month that is closed.
    pub closed_through: Option<String>,
    /// Figures of all days.
    pub figures: Figures,
    /// Where money lies.
    pub places: Vec<Place>,
    /// What spending is for.
    pub programmes: Vec<Programme>,
    /// Funds, by code.
    pub funds: Vec<Fund>,
}

/// Figures of all days: `opening` + `received` − `spent` − `lost` + `earlier` = `money` + `stock` +
/// `loans`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Figures {
    /// What was there when the books began.
    pub opening: i64,
    /// Income.
    pub received: i64,
    /// Spending.
    pub spent: i64,
    /// Losses.
    pub lost: i64,
    /// Reversals of closed periods.
    pub earlier: i64,
    /// Money of the funds.
    pub money: i64,
    /// Goods in stores, by their value.
    pub stock: i64,
    /// Principal that is owed.
    pub loans: i64,
    /// Held for others, beside all of that.
    pub held: i64,
}

/// A place of money.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Place {
    /// Its code.
    pub code: String,
    /// The name that it was opened with.
    pub name: Option<String>,
    /// What lies there.
    pub balance: i64,
}

/// A programme.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Programme {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub r#type: String,
}

/// The funds of a chapter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Funds {
    /// The identity of the ledger.
    pub log: String,
    /// Entries in the ledger.
    pub size: u64,
    /// Funds, by code.
    pub funds: Vec<Fund>,
}

/// A fund: `opening` + `received` − `spent` + `moved` − `lost` + `earlier` = `closing` = `money` +
/// `stock` + `loans`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Fund {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub r#type: String,
    /// For what it may be used.
    pub terms: String,
    /// The amount that is asked for.
    pub target: Option<i64>,
    /// Whether nothing goes into it any more.
    pub closed: bool,
    /// What was there when the books began.
    pub opening: i64,
    /// Income.
    pub received: i64,
    /// Spending.
    pub spent: i64,
    /// From and to other funds.
    pub moved: i64,
    /// Losses.
    pub lost: i64,
    /// Reversals of closed periods.
    pub earlier: i64,
    /// What is left.
    pub closing: i64,
    /// Of that, money.
    pub money: i64,
    /// Of that, goods in stores.
    pub stock: i64,
    /// Of that, principal that is owed.
    pub loans: i64,
    /// The entries that moved its money.
    pub entries: String,
}

/// Goods in stores.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Stock {
    /// The identity of the ledger.
    pub log: String,
    /// Entries in the ledger.
    pub size: u64,
    /// The value of everything.
    pub worth: i64,
    /// Items, by code.
    pub items: Vec<Item>,
}

/// An item over all stores: `opening` + `in` − `out` = `left`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Item {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The unit that it is counted in.
    pub unit: String,
    /// What was there when the books began.
    pub opening: String,
    /// What came in.
    #[serde(rename = "in")]
    pub goods_in: String,
    /// What went out.
    #[serde(rename = "out")]
    pub goods_out: String,
    /// What is left.
    pub left: String,
    /// The value of what is left.
    pub value: i64,
    /// The earliest last good day of what is left.
    pub expiry: Option<String>,
}

/// Loans, without whom they were given to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Loans {
    /// The identity of the ledger.
    pub log: String,
    /// Entries in the ledger.
    pub size: u64,
    /// Loans, in the order in which they were paid out.
    pub loans: Vec<Loan>,
    /// The address of the next rows.
    pub next: Option<String>,
}

/// A loan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Loan {
    /// The entry that paid it out, a full stop, and the line of it.
    pub id: String,
    /// Its number.
    pub number: Option<String>,
    /// The fund.
    pub fund: String,
    /// When it was paid out.
    pub disbursed: String,
    /// What it is for.
    pub purpose: String,
    /// `running`, `settled` or `written_off`.
    pub state: String,
    /// Principal.
    pub principal: i64,
    /// Fee in all.
    pub fee_total: i64,
    /// Principal repaid.
    pub repaid: i64,
    /// Fee paid.
    pub fee_paid: i64,
    /// Principal that is owed.
    pub owed: i64,
    /// Principal written off.
    pub written_off: i64,
    /// Recovered of it.
    pub recovered: i64,
}

/// Entries of the accounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entries {
    /// The identity of the ledger.
    pub log: String,
    /// Entries in the ledger.
    pub size: u64,
    /// How many entries the filter has, on all pages.
    pub count: u64,
    /// Σ of `in` over all of them.
    pub sum_in: i64,
    /// Σ of `out` over all of them.
    pub sum_out: i64,
    /// Entries, by effective day and seq.
    pub entries: Vec<Entry>,
    /// The address of the next rows.
    pub next: Option<String>,
}

/// An entry of the accounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// Its place in the chapter's ledgers, from 0.
    pub seq: u64,
    /// The kind of voucher.
    pub kind: String,
    /// The business date.
    pub date: String,
    /// The day on which balances change.
    pub effective: String,
    /// When it was appended.
    pub at: String,
    /// The numbers that people read.
    pub numbers: Vec<String>,
    /// The public remark.
    pub note: Option<String>,
    /// Money in, or what the accounts asked for were debited with.
    #[serde(rename = "in")]
    pub money_in: i64,
    /// Money out, or what they were credited with.
    #[serde(rename = "out")]
    pub money_out: i64,
    /// The entry that reverses it.
    pub reversed_by: Option<u64>,
    /// Its own address.
    pub href: String,
}

/// One entry with its voucher.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntryDetail {
    /// Its place in the chapter's ledgers, from 0.
    pub seq: u64,
    /// The kind of voucher.
    pub kind: String,
    /// The business date.
    pub date: String,
    /// The day on which balances change.
    pub effective: String,
    /// When it was appended.
    pub at: String,
    /// The numbers that people read.
    pub numbers: Vec<String>,
    /// The entry that reverses it.
    pub reversed_by: Option<u64>,
    /// The vouchers that name it.
    pub named_by: Vec<u64>,
    /// Its leaf hash, hex.
    pub leaf: String,
    /// The hash of the entry before it, hex.
    pub prev: String,
    /// The voucher as it was signed; private values are salted digests.
    #[schema(value_type = Object)]
    pub voucher: Value,
    /// The bytes that were hashed.
    pub raw: String,
    /// The proof that it is in the tree (C2SP tlog-proof).
    pub proof: String,
    /// Its page for people.
    pub page: String,
}

/// The statements that the ledger names by digest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Statements {
    /// The identity of the ledger.
    pub log: String,
    /// Entries in the ledger.
    pub size: u64,
    /// Statements, by name.
    pub statements: Vec<StatementLink>,
}

/// A statement in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementLink {
    /// Its name: `2026-10`, `2026-q3`, `2026`, or fund and days of a campaign.
    pub name: String,
    /// The entry that names it.
    pub seq: u64,
    /// Its address.
    pub href: String,
}

/// The signed heads of a chapter's ledgers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Heads {
    /// Ledgers, the oldest first; each continues the one before.
    pub ledgers: Vec<Head>,
}

/// The signed head of a ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Head {
    /// The identity of the ledger.
    pub log: String,
    /// Entries under the head.
    pub size: u64,
    /// The root of the tree, hex.
    pub root: String,
    /// The signed note (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// Where the files of the tree are; `checkpoint`, `policy`, `tile/…` and `entries.jsonl` lie
    /// below it.
    pub files: String,
}
