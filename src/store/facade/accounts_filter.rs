//! Which vouchers the public accounts show, and what of them is counted: money through places, or
//! what they did to some accounts.

use sea_orm::Value;

use crate::books::accounts::{Account, Cost};
use crate::ledger::voucher::{CostCategory, Kind};
use crate::ledger::word::{Code, Date};
use crate::store::ChapterId;
use crate::store::nodes::number;

/// A group of accounts, as statements add them up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// Income.
    Income,
    /// Spending.
    Spending,
    /// Losses of loans and in store.
    Lost,
    /// Spending and losses: what was used.
    Used,
    /// What was there when the books began.
    Opening,
    /// Moved between funds.
    Moved,
    /// Reversals of what lies in a closed period.
    Earlier,
    /// Goods in stores, by their value.
    Stock,
    /// Principal that is owed.
    Loans,
    /// One account of income, spending or losses.
    One(Account),
}

/// The accounts of income, by their words.
const INCOME: [Account; 7] = [
    Account::Donations,
    Account::DonationsInKind,
    Account::DonationsReturned,
    Account::SupportFromChapters,
    Account::ServiceFees,
    Account::Recoveries,
    Account::OtherIncome,
];
/// Those of spending, costs aside.
const SPENDING: [Account; 3] =
    [Account::AidInMoney, Account::AidInKind, Account::SupportToChapters];
/// Those of losses.
const LOST: [Account; 2] = [Account::LoanLosses, Account::StockLosses];
/// The groups with their words in addresses.
const WORDS: [(&str, Group); 9] = [
    ("thu", Group::Income),
    ("chi", Group::Spending),
    ("mat", Group::Lost),
    ("da-dung", Group::Used),
    ("dau-ky", Group::Opening),
    ("chuyen-quy", Group::Moved),
    ("dieu-chinh", Group::Earlier),
    ("hang", Group::Stock),
    ("vay", Group::Loans),
];

impl Group {
    /// The group of a word in addresses, or the account of its word in statements.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let group = WORDS.iter().find(|(own, _)| *own == word).map(|(_, group)| group.clone());
        group.or_else(|| Self::accounts().find(|account| account.word() == word).map(Self::One))
    }

    /// Every account that can be asked for by itself.
    fn accounts() -> impl Iterator<Item = Account> {
        let costs = CostCategory::ALL.iter().copied().map(Cost::Category);
        let costs = costs.chain([Cost::CashDifference]).map(Account::ProgrammeCosts);
        INCOME.into_iter().chain(SPENDING).chain(LOST).chain(costs)
    }

    /// The word in addresses: letters, digits, hyphens, underscores, a colon at most.
    #[must_use]
    pub fn word(&self) -> String {
        let known = WORDS.iter().find(|(_, group)| group == self).map(|(word, _)| *word);
        match self {
            Self::One(account) => account.word(),
            _ => known.unwrap_or_default().to_owned(),
        }
    }

    /// Whether more of it stands at the credit: income and what was there.
    #[must_use]
    pub fn is_credit(&self) -> bool {
        use crate::books::accounts::Column;
        match self {
            Self::Income | Self::Opening | Self::Moved | Self::Earlier => true,
            Self::One(account) => account.column() == Some(Column::Received),
            _ => false,
        }
    }

    /// Whether it is something that is held, and has a balance.
    #[must_use]
    pub const fn is_asset(&self) -> bool {
        matches!(self, Self::Stock | Self::Loans)
    }

    /// The condition on `account`, with its values.
    fn condition(&self) -> (String, Vec<Value>) {
        let exactly = |accounts: &[Account]| {
            let list = vec!["?"; accounts.len()].join(", ");
            let values = accounts.iter().map(|account| account.word().into()).collect();
            (format!("account IN ({list})"), values)
        };
        let costs = "account LIKE 'programme_costs:%'";
        let all: Vec<Account> = SPENDING.into_iter().chain(LOST).collect();
        match self {
            Self::Income => exactly(&INCOME),
            Self::Spending => with(exactly(&SPENDING), costs),
            Self::Lost => exactly(&LOST),
            Self::Used => with(exactly(&all), costs),
            Self::Opening => exactly(&[Account::OpeningBalance]),
            Self::Moved => exactly(&[Account::MovedBetweenFunds]),
            Self::Earlier => {
                let net = [Account::OpeningBalance, Account::MovedBetweenFunds];
                let all: Vec<Account> = INCOME.into_iter().chain(all).chain(net).collect();
                with(exactly(&all), costs)
            }
            Self::Stock => ("account LIKE 'stock:%'".to_owned(), Vec::new()),
            Self::Loans => exactly(&[Account::LoansReceivable]),
            Self::One(account) => exactly(std::slice::from_ref(account)),
        }
    }

    /// Whether reversals of what lies in a closed period are counted alone, or left out; all are
    /// counted where there is a balance.
    const fn earlier(&self) -> Option<bool> {
        match self {
            Self::Stock | Self::Loans => None,
            Self::Earlier => Some(true),
            _ => Some(false),
        }
    }
}

fn with((own, values): (String, Vec<Value>), other: &str) -> (String, Vec<Value>) {
    (format!("({own} OR {other})"), values)
}

/// The programme that vouchers are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfProgramme {
    /// This one.
    One(Code),
    /// None.
    None,
}

/// Which vouchers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountsFilter {
    /// The first day; none: from the beginning, the opening balances included.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// One fund; `custody` is what is held for others.
    pub fund: Option<Code>,
    /// One programme, or none.
    pub programme: Option<OfProgramme>,
    /// One kind of voucher.
    pub kind: Option<Kind>,
    /// Reversals stand under the kind that they reverse, as in statements.
    pub natural: bool,
    /// One place of money.
    pub place: Option<Code>,
    /// What of them is counted; money through places when it is left out.
    pub group: Option<Group>,
}

impl AccountsFilter {
    /// Whether every voucher that moved money in the span (of the fund or place) is among them:
    /// only then a running balance means anything.
    #[must_use]
    pub fn has_balance(&self) -> bool {
        self.programme.is_none() && self.kind.is_none() && self.group.is_none()
    }
}

/// A query with its values, built up together.
pub(super) struct Text {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// What vouchers moved on some accounts, posting by posting: a reversal is a minus on the side that
/// it reverses.
fn of_postings(condition: &str) -> String {
    format!(
        "SELECT postings.seq AS seq, \
         CAST(SUM(CASE WHEN (amount > 0) = (reverses IS NULL) THEN amount ELSE 0 END) AS BIGINT) \
         AS money_in, \
         CAST(SUM(CASE WHEN (amount > 0) = (reverses IS NULL) THEN 0 ELSE -amount END) AS BIGINT) \
         AS money_out \
         FROM postings JOIN figures ON figures.chapter = postings.chapter \
         AND figures.seq = postings.seq \
         WHERE postings.chapter = ? AND {condition} GROUP BY postings.seq"
    )
}

/// The money that a voucher moved in all.
const OF_ALL: &str = "SELECT seq, money_in, money_out FROM figures \
    WHERE chapter = ? AND (money_in <> 0 OR money_out <> 0)";

/// The money that a voucher moved in a place.
const OF_PLACE: &str = "SELECT seq, money_in, money_out FROM place_flows \
    WHERE chapter = ? AND place = ?";

/// What is counted of the vouchers of a filter.
fn moved(chapter: ChapterId, filter: &AccountsFilter) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![chapter.0.into()];
    let own_fund = filter.fund.as_ref().map(|fund| Value::from(fund.as_str()));
    if let Some(group) = &filter.group {
        let (mut condition, more) = group.condition();
        values.extend(more);
        if own_fund.is_some() {
            condition.push_str(" AND postings.fund = ?");
        }
        values.extend(own_fund);
        if let Some(earlier) = group.earlier() {
            condition.push_str(if earlier { " AND earlier = 1" } else { " AND earlier = 0" });
        }
        return (of_postings(&condition), values);
    }
    match (own_fund, &filter.place) {
        (None, None) => (OF_ALL.to_owned(), values),
        (None, Some(place)) => {
            values.push(place.as_str().into());
            (OF_PLACE.to_owned(), values)
        }
        (Some(fund), None) => {
            values.push(fund);
            (of_postings("postings.fund = ? AND account LIKE 'place:%'"), values)
        }
        (Some(fund), Some(place)) => {
            values.extend([fund, format!("place:{place}").into()]);
            (of_postings("postings.fund = ? AND account = ?"), values)
        }
    }
}

impl Text {
    /// `SELECT {columns} FROM` the vouchers of a filter below `size`.
    pub(super) fn select(
        columns: &str,
        chapter: ChapterId,
        filter: &AccountsFilter,
        size: u64,
    ) -> Self {
        let (moved, values) = moved(chapter, filter);
        let mut text = Self {
            sql: format!(
                "SELECT {columns} FROM ({moved}) AS moved \
                 JOIN figures ON figures.seq = moved.seq AND figures.chapter = ? \
                 JOIN entries ON entries.seq = moved.seq AND entries.chapter = figures.chapter \
                 WHERE 1 = 1"
            ),
            values,
        };
        text.values.push(chapter.0.into());
        text.and("figures.seq < ?", [number(size).into()]);
        if filter.group.is_some() {
            text.and("(moved.money_in <> 0 OR moved.money_out <> 0)", []);
        }
        if let Some(from) = filter.from {
            text.and("effective >= ?", [from.to_string().into()]);
        }
        if let Some(to) = filter.to {
            text.and("effective <= ?", [to.to_string().into()]);
        }
        match &filter.programme {
            Some(OfProgramme::One(code)) => text.and("programme = ?", [code.as_str().into()]),
            Some(OfProgramme::None) => text.and("programme IS NULL", []),
            None => {}
        }
        if let Some(kind) = filter.kind {
            let column = if filter.natural { "figures.nature = ?" } else { "figures.kind = ?" };
            text.and(column, [kind.as_str().into()]);
        }
        text
    }

    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_one_group_and_others_none() {
        let all: Vec<Group> = WORDS
            .iter()
            .map(|(_, group)| group.clone())
            .chain(Group::accounts().map(Group::One))
            .collect();
        for group in &all {
            let word = group.word();
            assert_eq!(Group::of(&word).as_ref(), Some(group), "{word}");
            assert!(word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:".contains(&b)));
        }
        for word in ["", "place:cash", "stock:gao", "held_for_others", "programme_costs:", "THU"] {
            assert_eq!(Group::of(word), None, "{word}");
        }
    }

    #[test]
    fn every_account_with_a_column_can_be_asked_for() {
        use crate::books::accounts::Column;
        for account in Group::accounts() {
            let own = match account.column() {
                Some(Column::Received) => Group::Income,
                Some(Column::Spent) => Group::Spending,
                Some(Column::Lost) => Group::Lost,
                other => panic!("{account}: {other:?}"),
            };
            let (condition, values) = own.condition();
            let named = values.iter().any(|value| *value == Value::from(account.word()));
            let costs = account.word().starts_with("programme_costs:");
            assert!(named || (costs && condition.contains("programme_costs:%")), "{account}");
            assert_eq!(Group::One(account.clone()).is_credit(), own == Group::Income);
        }
    }
}
