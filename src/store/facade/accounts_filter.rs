//! Which vouchers the public accounts show, and what of them is counted: money through places, or
//! what they did to some accounts.

use sea_orm::Value;

use crate::books::accounts::{Account, Column, Cost};
use crate::ledger::voucher::{CostCategory, Kind};
use crate::ledger::word::{Code, Date};

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
    pub(super) fn condition(&self) -> (String, Vec<Value>) {
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

    /// Every group that counts a posting on an account, and the account by itself.
    pub(in crate::store) fn of_posting(account: &Account, earlier: bool) -> Vec<Self> {
        let groups = WORDS.iter().map(|(_, group)| group.clone());
        let one = matches!(account.column(), Some(Column::Received | Column::Spent | Column::Lost));
        let one = one.then(|| Self::One(account.clone()));
        let counts = |group: &Self| {
            group.holds(account) && group.earlier().is_none_or(|alone| alone == earlier)
        };
        groups.chain(one).filter(counts).collect()
    }

    /// Whether an account belongs to the group: what [`Group::condition`] says in SQL.
    fn holds(&self, account: &Account) -> bool {
        let column = account.column();
        match self {
            Self::Income => column == Some(Column::Received),
            Self::Spending => column == Some(Column::Spent),
            Self::Lost => column == Some(Column::Lost),
            Self::Used => matches!(column, Some(Column::Spent | Column::Lost)),
            Self::Opening => column == Some(Column::Opening),
            Self::Moved => column == Some(Column::Moved),
            Self::Earlier => column.is_some(),
            Self::Stock => matches!(account, Account::Stock(_)),
            Self::Loans => *account == Account::LoansReceivable,
            Self::One(own) => own == account,
        }
    }

    /// Whether reversals of what lies in a closed period are counted alone, or left out; all are
    /// counted where there is a balance.
    pub(super) const fn earlier(&self) -> Option<bool> {
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

    /// What is counted, as the sums by day have it: of which programme and kind aside.
    pub(in crate::store) fn scope(&self) -> String {
        scope(self.group.as_ref(), self.place.as_ref(), self.fund.as_ref())
    }
}

/// The word of what is counted: some accounts, or money through a place or all of them; of one fund
/// or all.
pub(in crate::store) fn scope(
    group: Option<&Group>,
    place: Option<&Code>,
    fund: Option<&Code>,
) -> String {
    let counted = match (group, place) {
        (Some(group), _) => group.word(),
        (None, Some(place)) => format!("place:{place}"),
        (None, None) => "money".to_owned(),
    };
    match fund {
        Some(fund) => format!("{counted}@{fund}"),
        None => counted,
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

    #[test]
    fn an_account_is_held_by_the_groups_whose_condition_names_it() {
        let others = ["stock:gao", "place:tien-mat"].map(|word| {
            let (kind, code) = word.split_once(':').unwrap();
            let code = code.parse().unwrap();
            if kind == "stock" { Account::Stock(code) } else { Account::Place(code) }
        });
        let net = [
            Account::LoansReceivable,
            Account::HeldForOthers,
            Account::OpeningBalance,
            Account::MovedBetweenFunds,
        ];
        let all: Vec<Account> = Group::accounts().chain(others).chain(net).collect();
        for account in &all {
            let word = account.word();
            let groups = WORDS.iter().map(|(_, group)| group.clone());
            for group in groups.chain(Group::accounts().map(Group::One)) {
                let (condition, values) = group.condition();
                let likes = ["programme_costs:", "stock:"].into_iter();
                let likes = likes.filter(|own| condition.contains(&format!("LIKE '{own}%'")));
                let named = values.iter().any(|value| *value == Value::from(word.as_str()))
                    || likes.into_iter().any(|own| word.starts_with(own));
                assert_eq!(group.holds(account), named, "{word} in {group:?}");
            }
        }
    }

    #[test]
    fn no_two_scopes_have_one_word() {
        let (fund, place): (Code, Code) = ("chung".parse().unwrap(), "chung".parse().unwrap());
        let mut all = std::collections::BTreeSet::new();
        let mut many = 0;
        let groups = WORDS.iter().map(|(_, group)| group.clone());
        let groups: Vec<Group> = groups.chain(Group::accounts().map(Group::One)).collect();
        for fund in [None, Some(&fund)] {
            for group in &groups {
                all.insert(scope(Some(group), None, fund));
                many += 1;
            }
            all.extend([scope(None, Some(&place), fund), scope(None, None, fund)]);
            many += 2;
        }
        assert_eq!(all.len(), many);
    }
}
