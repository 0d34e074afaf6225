//! What programmes did, as columns and cells for templates.

use minijinja::context;
use minijinja::value::Value;

use super::ledgers::Speech;
use super::told;
use crate::books::programmes::{Deed, Families, Figures, Reported, Tally, counted, is_stock};
use crate::ledger::voucher::FigureOf;
use crate::money::Money;
use crate::publish::table;

/// The figures of which each one's cost is told.
const EACH: [FigureOf; 3] = [FigureOf::People, FigureOf::Classes, FigureOf::BloodUnits];

/// A column of what programmes did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Aid in money.
    Money,
    /// Aid in kind.
    Goods,
    /// Costs.
    Costs,
    /// Families served.
    Families,
    /// A counted figure.
    Figure(FigureOf),
}

impl Column {
    /// Every column, in the order of tables.
    const ALL: [Self; 11] = [
        Self::Money,
        Self::Goods,
        Self::Costs,
        Self::Families,
        Self::Figure(FigureOf::Classes),
        Self::Figure(FigureOf::People),
        Self::Figure(FigureOf::BloodUnits),
        Self::Figure(FigureOf::Families),
        Self::Figure(FigureOf::Places),
        Self::Figure(FigureOf::Collaborators),
        Self::Figure(FigureOf::Other),
    ];

    /// The word in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Money => "tien",
            Self::Goods => "hien-vat",
            Self::Costs => "chi-phi",
            Self::Families => "luot-ho",
            Self::Figure(FigureOf::Classes) => "lop",
            Self::Figure(FigureOf::People) => "nguoi",
            Self::Figure(FigureOf::BloodUnits) => "mau",
            Self::Figure(FigureOf::Families) => "gia-dinh",
            Self::Figure(FigureOf::Places) => "cho",
            Self::Figure(FigureOf::Collaborators) => "cong-tac-vien",
            Self::Figure(FigureOf::Other) => "khac",
        }
    }

    /// The column of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.word() == word)
    }

    /// The column for templates: its word; its name stands under `done-` and the word.
    #[must_use]
    pub fn told(self) -> Value {
        context! { word => self.word(), key => format!("done-{}", self.word()) }
    }

    /// A number of the column as a short phrase.
    #[must_use]
    pub fn headline(self, number: u64) -> Value {
        context! { key => format!("done-so-many-{}", self.word()), number, word => self.word() }
    }

    fn cell(self, tally: &Tally) -> Value {
        let money = |amount: Money| {
            let is = if amount == Money::ZERO { "none" } else { "money" };
            context! { is, value => amount.minor(), column => self.word() }
        };
        match self {
            Self::Money => money(tally.money),
            Self::Goods => money(tally.goods),
            Self::Costs => money(tally.costs),
            Self::Families => families(tally.families, self.word()),
            Self::Figure(FigureOf::Families) => families(tally.reported, self.word()),
            Self::Figure(of) => {
                let number = tally.number(of);
                let is = if number == 0 { "none" } else { "number" };
                context! { is, value => number, column => self.word() }
            }
        }
    }

    /// The column of a file; its name is the English word of what it holds.
    #[must_use]
    pub fn column(self, speech: &Speech<'_>) -> table::Column {
        let (name, tag) = match self {
            Self::Money => ("aid_in_money", "#value+money"),
            Self::Goods => ("aid_in_kind", "#value+kind"),
            Self::Costs => ("costs", "#value+costs"),
            Self::Families => ("families_served", "#reached+families"),
            Self::Figure(of) => (of.as_str(), "#output"),
        };
        let kind = if self.is_money() { table::Kind::Money } else { table::Kind::Number };
        let title = speech.say(&format!("done-{}", self.word()));
        table::Column::new(name, title, kind).tagged(tag)
    }

    /// A tally's cell in a file; fewer than five families are told in words.
    #[must_use]
    pub fn typed(self, tally: &Tally, speech: &Speech<'_>) -> table::Cell {
        let families = |families: Families| match families {
            Families::None => table::Cell::Empty,
            Families::Few => table::Cell::Text(speech.say("done-few-cell")),
            Families::Shown(number) => table::Cell::count(number),
        };
        match self {
            Self::Money => table::Cell::some(tally.money),
            Self::Goods => table::Cell::some(tally.goods),
            Self::Costs => table::Cell::some(tally.costs),
            Self::Families => families(tally.families),
            Self::Figure(FigureOf::Families) => families(tally.reported),
            Self::Figure(of) => match tally.number(of) {
                0 => table::Cell::Empty,
                number => table::Cell::count(number),
            },
        }
    }

    /// Whether it holds amounts of money.
    #[must_use]
    pub const fn is_money(self) -> bool {
        matches!(self, Self::Money | Self::Goods | Self::Costs)
    }

    /// Whether a tally has anything in the column.
    #[must_use]
    pub fn is_used(self, tally: &Tally) -> bool {
        match self {
            Self::Money => tally.money != Money::ZERO,
            Self::Goods => tally.goods != Money::ZERO,
            Self::Costs => tally.costs != Money::ZERO,
            Self::Families => tally.families != Families::None,
            Self::Figure(FigureOf::Families) => tally.reported != Families::None,
            Self::Figure(of) => tally.number(of) > 0,
        }
    }

    /// Whether a deed has a part in the column.
    #[must_use]
    pub fn is_of(self, deed: &Deed, reported: &Reported) -> bool {
        match self {
            Self::Money => deed.money != Money::ZERO,
            Self::Goods => deed.goods != Money::ZERO,
            Self::Costs => deed.costs != Money::ZERO,
            Self::Families => deed.families != 0,
            Self::Figure(of) => counted(deed, reported).iter().any(|(own, _)| *own == of),
        }
    }
}

/// Families for templates.
#[must_use]
pub fn families(families: Families, column: &str) -> Value {
    let (is, value) = match families {
        Families::None => ("none", 0),
        Families::Few => ("few", 0),
        Families::Shown(number) => ("number", number),
    };
    context! { is, value, column }
}

/// The columns in which any of some tallies has something.
#[must_use]
pub fn all_columns<'a>(tallies: impl Iterator<Item = &'a Tally> + Clone) -> Vec<Column> {
    let used = |column: &Column| tallies.clone().any(|tally| column.is_used(tally));
    Column::ALL.into_iter().filter(used).collect()
}

/// The same but for stocks, where these have a list of their own.
#[must_use]
pub fn columns<'a>(tallies: impl Iterator<Item = &'a Tally> + Clone) -> Vec<Column> {
    let mut flows = all_columns(tallies);
    flows.retain(|column| !matches!(column, Column::Figure(of) if is_stock(*of)));
    flows
}

/// The cells of a tally.
#[must_use]
pub fn row(tally: &Tally, columns: &[Column]) -> Vec<Value> {
    columns.iter().map(|column| column.cell(tally)).collect()
}

/// The figures of which some tally tells what each one cost, as words of columns.
#[must_use]
pub fn each<'a>(tallies: impl Iterator<Item = &'a Tally> + Clone) -> Vec<&'static str> {
    let told = |of: &FigureOf| tallies.clone().any(|tally| tally.cost_of_one(*of).is_some());
    EACH.into_iter().filter(told).map(|of| Column::Figure(of).word()).collect()
}

/// What each person, class and unit of blood cost, by line; lines without any are left out.
#[must_use]
pub fn averages<'a>(
    lines: impl Iterator<Item = (&'a str, String, &'a Tally)> + Clone,
) -> Vec<Value> {
    let words = each(lines.clone().map(|(_, _, tally)| tally));
    let told = |(code, name, tally): (&str, String, &Tally)| {
        let shown = EACH.into_iter().filter(|of| words.contains(&Column::Figure(*of).word()));
        let each: Vec<_> = shown.map(|of| tally.cost_of_one(of).map(Money::minor)).collect();
        let any = each.iter().any(Option::is_some);
        any.then(|| context! { code, name, spent => tally.spent().minor(), each })
    };
    lines.filter_map(told).collect()
}

/// The newest numbers of capacity and collaborators, each with its day.
#[must_use]
pub fn stocks(code: &str, name: &str, tally: &Tally) -> Vec<Value> {
    let stocks = tally.figures.iter().filter(|(of, counted)| is_stock(**of) && counted.number > 0);
    let told = stocks.map(|(of, counted)| {
        let column = Column::Figure(*of);
        context! {
            code,
            name,
            column => column.told(),
            number => counted.number,
            day => counted.day.to_string(),
        }
    });
    told.collect()
}

/// A voucher behind a figure.
#[must_use]
pub fn deed(deed: &Deed, figures: &Figures, numbers: Vec<String>) -> Value {
    let figures = figures.iter().filter(|(_, number)| *number > 0).map(|(of, number)| {
        let few = *of == FigureOf::Families
            && Families::of(i64::try_from(*number).unwrap_or(i64::MAX)) == Families::Few;
        if few {
            context! { key => "done-few" }
        } else {
            Column::Figure(*of).headline(*number)
        }
    });
    let spent = deed.spent();
    context! {
        seq => deed.seq,
        day => deed.day.to_string(),
        numbers,
        kind => told::kind_key(deed.kind),
        figures => figures.collect::<Vec<_>>(),
        families => families(Families::of(deed.families), Column::Families.word()),
        spent => (spent != Money::ZERO).then(|| spent.minor()),
    }
}
