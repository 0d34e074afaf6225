//! Statements: the figures of a span of days, as the one file that HTML, PDF and XLSX are views of.
//!
//! Three tables that tie: money by place, funds by what changed them, and the line that bridges
//! them (what lies in places = money of funds + held for others). `docs/FORMAT.md` describes the
//! file; the bytes are canonical JSON (RFC 8785) and named by digest in the ledger.

use serde::Serialize;

use super::Books;
use super::accounts::{Account, Column};
use super::days::{Sums, within_range};
use super::refusal::Refusal;
use super::stocktaking::{HeldRow, ItemRow, held_rows, item_row};
use crate::ledger::canonical;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date};
use crate::money::Money;

/// What a statement covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covers {
    /// The whole chapter.
    Chapter,
    /// One fund: a campaign.
    Fund(Code),
}

/// The figures of a span of days. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Version of this form: 1.
    pub v: u64,
    /// The ledger.
    pub log: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Vouchers dated in the span, of any kind; the closing itself is not among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// Money by place, by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceRow>,
    /// Funds, by code.
    pub funds: Vec<FundRow>,
    /// Income by account.
    pub income: Vec<AccountRow>,
    /// Spending by account and programme.
    pub spending: Vec<AccountRow>,
    /// Families or persons served, by programme.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<FamiliesRow>,
    /// Goods by item, by code; of one fund those that it ever had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<ItemRow>,
    /// Principal that is owed to the chapter, once there was any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loans: Option<LoansRow>,
    /// What is held for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custody: Option<CustodyRow>,
    /// The line between the tables at the end of the last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<Bridge>,
}

/// Money of one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceRow {
    /// Its code.
    pub place: Code,
    /// At the end of the day before.
    pub opening: Money,
    /// Money in.
    #[serde(rename = "in")]
    pub money_in: Money,
    /// Money out.
    #[serde(rename = "out")]
    pub money_out: Money,
    /// At the end of the last day.
    pub closing: Money,
    /// The same money by kind of voucher.
    pub rows: Vec<KindRow>,
}

/// Money through a place by one kind of voucher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindRow {
    /// The kind; reversals stand under what they reverse.
    pub kind: Kind,
    /// Money in.
    #[serde(rename = "in")]
    pub money_in: Money,
    /// Money out.
    #[serde(rename = "out")]
    pub money_out: Money,
}

/// One fund: closing = opening + received − spent + moved − lost + earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FundRow {
    /// Its code.
    pub fund: Code,
    /// At the end of the day before.
    pub opening: Money,
    /// Income.
    pub received: Money,
    /// Spending.
    pub spent: Money,
    /// From and to other funds.
    pub moved: Money,
    /// Lost.
    pub lost: Money,
    /// Reversals of what lies in a closed period.
    pub earlier: Money,
    /// At the end of the last day.
    pub closing: Money,
    /// Of that, money.
    pub money: Money,
    /// Of that, goods in stock.
    pub stock: Money,
    /// Of that, out on loan.
    pub loans: Money,
}

/// One account, and programme for spending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountRow {
    /// The account's word.
    pub account: String,
    /// The programme, when the spending has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<Code>,
    /// Income received or money spent; donations returned are a minus.
    pub amount: Money,
}

/// Families or persons served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FamiliesRow {
    /// The programme.
    pub programme: Code,
    /// Lines of its vouchers, less those reversed.
    pub lines: i64,
}

/// Principal that is owed to the chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoansRow {
    /// At the end of the day before.
    pub opening: Money,
    /// At the end of the last day.
    pub closing: Money,
    /// What changed it, by kind.
    pub rows: Vec<LoansKindRow>,
}

/// What one kind of voucher changed of the principal that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoansKindRow {
    /// The kind; reversals stand under what they reverse.
    pub kind: Kind,
    /// Added; a minus when it was paid or lost.
    pub amount: Money,
}

/// What is held for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustodyRow {
    /// At the end of the day before.
    pub opening: Money,
    /// At the end of the last day.
    pub closing: Money,
    /// What changed it, by kind.
    pub rows: Vec<CustodyKindRow>,
    /// Goods, by description and unit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<HeldRow>,
}

/// What one kind of voucher changed of what is held for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustodyKindRow {
    /// The kind.
    pub kind: Kind,
    /// Added; a minus when it left.
    pub amount: Money,
}

/// What lies in all places = money of all funds + held for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bridge {
    /// Σ of the places' closing balances.
    pub places: Money,
    /// Σ of the funds' money.
    pub funds: Money,
    /// Held for others.
    pub custody: Money,
    /// The value of everything in stores, Σ of the funds' stock; once an item was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<Money>,
}

impl Statement {
    /// The canonical bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        // Strings, integers and lists only: it always becomes JSON.
        serde_json::to_value(self).map(|value| canonical::encode(&value)).unwrap_or_default()
    }
}

impl Books {
    /// The statement from `from` to `to`, both included, as the books stand now.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] when a sum leaves the range; [`Refusal::Unknown`] for an unknown fund;
    /// [`Refusal::Opening`] before entry 0.
    pub fn statement(&self, from: Date, to: Date, covers: &Covers) -> Result<Statement, Refusal> {
        let chapter = self.chapter.as_ref().ok_or(Refusal::Opening)?;
        // Opening balances lie on the day before the books begin and are opening figures of every
        // span, also of one that begins earlier.
        let first = from.max(chapter.books_from);
        let (before, within) = (self.days.before(first), self.days.sums(first, to));
        let only = match covers {
            Covers::Chapter => None,
            Covers::Fund(fund) if self.register.funds().contains_key(fund) => Some(fund),
            Covers::Fund(fund) => {
                return Err(Refusal::Unknown { member: "fund", code: fund.to_string() });
            }
        };
        let mut statement = Statement {
            v: 1,
            log: chapter.origin.to_string(),
            from,
            to,
            entries: None,
            places: Vec::new(),
            funds: self
                .register
                .funds()
                .keys()
                .filter(|fund| only.is_none_or(|only| only == *fund))
                .map(|fund| fund_row(fund, &before, &within))
                .collect::<Result<_, _>>()?,
            income: account_rows(&within, only, &[Column::Received])?,
            spending: account_rows(&within, only, &[Column::Spent, Column::Lost])?,
            families: Vec::new(),
            goods: self.item_rows(only, &before, &within)?,
            loans: None,
            custody: None,
            bridge: None,
        };
        if only.is_none() {
            statement.entries = Some(self.days.sums(from, to).entries);
            self.whole_chapter(&mut statement, &before, &within)?;
        }
        Ok(statement)
    }

    /// The day on which the last of a fund left it; `None` while it has money, goods or loans, and
    /// of a fund in which nothing moved.
    #[must_use]
    pub fn emptied_on(&self, fund: &Code) -> Option<Date> {
        let last = self.days.last_moved(fund)?;
        let statement = self.statement(last, last, &Covers::Fund(fund.clone())).ok()?;
        let row = statement.funds.first()?;
        let left = [row.closing, row.money, row.stock, row.loans];
        left.iter().all(|own| *own == Money::ZERO).then_some(last)
    }

    /// Every item there ever was; of one fund those that it had or that came and went.
    fn item_rows(
        &self,
        only: Option<&Code>,
        before: &Sums,
        within: &Sums,
    ) -> Result<Vec<ItemRow>, Refusal> {
        let items = self.register.items().keys();
        let mut rows: Vec<ItemRow> =
            items.map(|item| item_row(item, only, before, within)).collect::<Result<_, _>>()?;
        rows.retain(|row| only.is_none() || !row.is_empty());
        Ok(rows)
    }

    /// The tables that only the whole chapter has.
    fn whole_chapter(
        &self,
        statement: &mut Statement,
        before: &Sums,
        within: &Sums,
    ) -> Result<(), Refusal> {
        for place in self.register.places().keys() {
            statement.places.push(place_row(place, before, within)?);
        }
        statement.families = within
            .families
            .iter()
            .filter_map(|(programme, lines)| {
                programme.clone().map(|programme| FamiliesRow { programme, lines: *lines })
            })
            .filter(|row| row.lines != 0)
            .collect();
        let opening = money(before.custody.values().sum())?;
        let goods = held_rows(before, within)?;
        let mut custody = CustodyRow { opening, closing: opening, rows: Vec::new(), goods };
        for (kind, amount) in within.custody.iter().filter(|(_, amount)| **amount != 0) {
            let amount = money(*amount)?;
            custody.closing = custody.closing.checked_add(amount).ok_or(Refusal::TooLarge)?;
            custody.rows.push(CustodyKindRow { kind: *kind, amount });
        }
        let all = |amounts: Vec<Money>| Money::sum(amounts).ok_or(Refusal::TooLarge);
        statement.bridge = Some(Bridge {
            places: all(statement.places.iter().map(|row| row.closing).collect())?,
            funds: all(statement.funds.iter().map(|row| row.money).collect())?,
            custody: custody.closing,
            stock: match statement.goods.is_empty() {
                true => None,
                false => Some(all(statement.funds.iter().map(|row| row.stock).collect())?),
            },
        });
        statement.custody = Some(custody);
        statement.loans = loans_row(before, within)?;
        Ok(())
    }
}

/// What was lent and came back; `None` where nothing ever was.
fn loans_row(before: &Sums, within: &Sums) -> Result<Option<LoansRow>, Refusal> {
    if before.loans.is_empty() && within.loans.is_empty() {
        return Ok(None);
    }
    let opening = money(before.loans.values().sum())?;
    let mut kinds = std::collections::BTreeMap::<Kind, i128>::new();
    for ((_, kind), amount) in &within.loans {
        *kinds.entry(*kind).or_default() += amount;
    }
    let closing = money(i128::from(opening.minor()) + kinds.values().sum::<i128>())?;
    let rows = kinds.into_iter().filter(|(_, amount)| *amount != 0);
    let rows = rows.map(|(kind, amount)| Ok(LoansKindRow { kind, amount: money(amount)? }));
    Ok(Some(LoansRow { opening, closing, rows: rows.collect::<Result<_, Refusal>>()? }))
}

fn money(minor: i128) -> Result<Money, Refusal> {
    within_range(minor).ok_or(Refusal::TooLarge)
}

fn place_row(place: &Code, before: &Sums, within: &Sums) -> Result<PlaceRow, Refusal> {
    let mut row = PlaceRow {
        place: place.clone(),
        opening: money(before.place(place))?,
        money_in: Money::ZERO,
        money_out: Money::ZERO,
        closing: money(before.place(place) + within.place(place))?,
        rows: Vec::new(),
    };
    for ((_, kind), flow) in within.places.iter().filter(|((code, _), _)| code == place) {
        let (money_in, money_out) = (money(flow.money_in)?, money(flow.money_out)?);
        row.money_in = row.money_in.checked_add(money_in).ok_or(Refusal::TooLarge)?;
        row.money_out = row.money_out.checked_add(money_out).ok_or(Refusal::TooLarge)?;
        row.rows.push(KindRow { kind: *kind, money_in, money_out });
    }
    Ok(row)
}

fn fund_row(fund: &Code, before: &Sums, within: &Sums) -> Result<FundRow, Refusal> {
    let change = |sums: &Sums| {
        let column = |column| sums.fund(fund, column);
        column(Column::Opening) + column(Column::Received) - column(Column::Spent)
            + column(Column::Moved)
            - column(Column::Lost)
            + column(Column::Earlier)
    };
    let of_money = |sums: &Sums| sums.money.get(fund).copied().unwrap_or(0);
    let column = |column| money(within.fund(fund, column));
    Ok(FundRow {
        fund: fund.clone(),
        opening: money(change(before))?,
        received: column(Column::Received)?,
        spent: column(Column::Spent)?,
        moved: column(Column::Moved)?,
        lost: column(Column::Lost)?,
        earlier: column(Column::Earlier)?,
        closing: money(change(before) + change(within))?,
        money: money(of_money(before) + of_money(within))?,
        stock: money(before.stock(fund) + within.stock(fund))?,
        loans: money(before.lent(fund) + within.lent(fund))?,
    })
}

/// Σ by account (and programme), over one fund or all of them.
fn account_rows(
    sums: &Sums,
    only: Option<&Code>,
    columns: &[Column],
) -> Result<Vec<AccountRow>, Refusal> {
    let mut rows: std::collections::BTreeMap<(&Account, &Option<Code>), i128> = Default::default();
    for ((fund, account, programme), amount) in &sums.accounts {
        let wanted = account.column().is_some_and(|column| columns.contains(&column));
        if wanted && only.is_none_or(|only| only == fund) {
            *rows.entry((account, programme)).or_default() += amount;
        }
    }
    rows.into_iter()
        .filter(|(_, amount)| *amount != 0)
        .map(|((account, programme), amount)| {
            let (account, programme) = (account.word(), programme.clone());
            Ok(AccountRow { account, programme, amount: money(amount)? })
        })
        .collect()
}
