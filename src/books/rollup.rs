//! The figures of several ledgers together: the sums of all, less what they sent each other.
//!
//! Each ledger counts once. What one sent and another received is taken off on both sides (see
//! [`super::exchange`]); what is on its way, or goes to a ledger that is not here, stays in.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Books;
use super::accounts::Account;
use super::exchange::{
    At, Exchange, Matched, Received, Sent, Side, Thing, Undone, What, Why, matched, undone,
};
use super::programmes::{Deed, Families, Tally, tallies};
use super::refusal::Refusal;
use super::statement::{Covers, Statement};
use crate::ledger::voucher::ProgrammeType;
use crate::ledger::word::Date;
use crate::money::{Money, Quantity};

/// The figures of a span of days, in minor units:
/// closing = opening + received + from chapters − aid − costs − to chapters − lost + earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// What there was at the end of the day before.
    pub opening: Money,
    /// Income but for what came from chapters; gifts given back are taken off.
    pub received: Money,
    /// What came from other chapters.
    pub from_chapters: Money,
    /// Aid in money.
    pub aid_in_money: Money,
    /// Aid in kind.
    pub aid_in_kind: Money,
    /// Costs.
    pub costs: Money,
    /// What was sent to other chapters.
    pub to_chapters: Money,
    /// Lost.
    pub lost: Money,
    /// Corrections of what lies in closed periods.
    pub earlier: Money,
    /// What there was at the end of the last day.
    pub closing: Money,
    /// Of that, money.
    pub money: Money,
    /// Of that, goods at their value.
    pub goods: Money,
    /// Of that, out on loan.
    pub loans: Money,
}

/// How the figures of two sums become one.
type Join = fn(Money, Money) -> Option<Money>;

impl Totals {
    fn join(self, other: &Self, how: Join) -> Result<Self, Refusal> {
        let each = |own, other| how(own, other).ok_or(Refusal::TooLarge);
        Ok(Self {
            opening: each(self.opening, other.opening)?,
            received: each(self.received, other.received)?,
            from_chapters: each(self.from_chapters, other.from_chapters)?,
            aid_in_money: each(self.aid_in_money, other.aid_in_money)?,
            aid_in_kind: each(self.aid_in_kind, other.aid_in_kind)?,
            costs: each(self.costs, other.costs)?,
            to_chapters: each(self.to_chapters, other.to_chapters)?,
            lost: each(self.lost, other.lost)?,
            earlier: each(self.earlier, other.earlier)?,
            closing: each(self.closing, other.closing)?,
            money: each(self.money, other.money)?,
            goods: each(self.goods, other.goods)?,
            loans: each(self.loans, other.loans)?,
        })
    }

    /// The figures of a statement of a whole chapter.
    fn of(statement: &Statement) -> Result<Self, Refusal> {
        let sum = |amounts: Vec<Money>| Money::sum(amounts).ok_or(Refusal::TooLarge);
        let funds = |of: fn(&super::statement::FundRow) -> Money| {
            sum(statement.funds.iter().map(of).collect())
        };
        let rows = |word: &str, rows: &[super::statement::AccountRow]| {
            let begins = |own: &str| own == word || own.starts_with(&format!("{word}:"));
            let own = rows.iter().filter(|row| begins(&row.account));
            sum(own.map(|row| row.amount).collect())
        };
        let spending = |account: &Account| rows(&account.word(), &statement.spending);
        let from_chapters = rows(&Account::SupportFromChapters.word(), &statement.income)?;
        let income = sum(statement.income.iter().map(|row| row.amount).collect())?;
        Ok(Self {
            opening: funds(|row| row.opening)?,
            received: income.checked_sub(from_chapters).ok_or(Refusal::TooLarge)?,
            from_chapters,
            aid_in_money: spending(&Account::AidInMoney)?,
            aid_in_kind: spending(&Account::AidInKind)?,
            costs: rows("programme_costs", &statement.spending)?,
            to_chapters: spending(&Account::SupportToChapters)?,
            lost: sum(vec![spending(&Account::StockLosses)?, spending(&Account::LoanLosses)?])?,
            earlier: funds(|row| row.earlier)?,
            closing: funds(|row| row.closing)?,
            money: funds(|row| row.money)?,
            goods: funds(|row| row.stock)?,
            loans: funds(|row| row.loans)?,
        })
    }
}

/// Goods of one name and unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GoodsTotals {
    /// What came in, in thousandths of the unit.
    pub came_in: i64,
    /// What went out.
    pub went_out: i64,
    /// What is left.
    pub closing: i64,
    /// The value of what is left.
    pub value: Money,
}

/// What programmes of one type did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OfType {
    /// What was spent.
    pub spent: Money,
    /// Families served (lượt hộ).
    pub families: Families,
    /// Families, spending and figures of the vouchers that stand.
    pub done: Tally,
}

/// A span of days, both included.
pub type Span = (Date, Date);

/// One ledger with what is counted of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The ledger.
    pub log: String,
    /// The chapter's name.
    pub name: String,
    /// The chapter above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upper: Option<String>,
    /// How many entries were counted.
    pub size: u64,
    /// Its figures, nothing taken off.
    pub totals: Totals,
    /// What its programmes did, by type.
    pub types: BTreeMap<ProgrammeType, OfType>,
    /// Its goods.
    #[serde(skip)]
    pub goods: BTreeMap<Thing, GoodsTotals>,
    /// What it sent and received.
    #[serde(skip)]
    pub exchange: Exchange,
}

impl Part {
    /// A ledger's part, from its books and from what its standing vouchers did.
    ///
    /// # Errors
    /// [`Refusal::Opening`] before entry 0; [`Refusal::TooLarge`] when a sum leaves the range.
    pub fn of(
        books: &Books,
        exchange: Exchange,
        deeds: &[Deed],
        span: Span,
    ) -> Result<Self, Refusal> {
        let chapter = books.chapter().ok_or(Refusal::Opening)?;
        let statement = books.statement(span.0, span.1, &Covers::Chapter)?;
        let thousandths = |text: &str| {
            let digits = text.trim_start_matches('-');
            let size = digits.parse::<Quantity>().map_or(0, Quantity::thousandths);
            if text.starts_with('-') { -size } else { size }
        };
        let mut goods = BTreeMap::<Thing, GoodsTotals>::new();
        for row in &statement.goods {
            let sum = goods.entry(Thing::of(books.register(), &row.item)).or_default();
            let own = GoodsTotals {
                came_in: thousandths(row.goods_in.as_str()),
                went_out: thousandths(row.goods_out.as_str()),
                closing: thousandths(row.closing.as_str()),
                value: row.value.closing,
            };
            *sum = sum.plus(&own)?;
        }
        Ok(Self {
            log: chapter.origin.chapter().to_owned(),
            name: chapter.chapter.name.to_string(),
            upper: chapter.chapter.upper.as_ref().map(ToString::to_string),
            size: books.size(),
            totals: Totals::of(&statement)?,
            types: types(books, &statement, deeds, span)?,
            goods,
            exchange,
        })
    }
}

impl GoodsTotals {
    fn plus(self, other: &Self) -> Result<Self, Refusal> {
        let add = |own: i64, other| own.checked_add(other).ok_or(Refusal::TooLarge);
        Ok(Self {
            came_in: add(self.came_in, other.came_in)?,
            went_out: add(self.went_out, other.went_out)?,
            closing: add(self.closing, other.closing)?,
            value: self.value.checked_add(other.value).ok_or(Refusal::TooLarge)?,
        })
    }
}

fn types(
    books: &Books,
    statement: &Statement,
    deeds: &[Deed],
    (from, to): Span,
) -> Result<BTreeMap<ProgrammeType, OfType>, Refusal> {
    let programmes = books.register().programmes();
    let mut all = BTreeMap::<ProgrammeType, OfType>::new();
    for row in &statement.spending {
        let programme = row.programme.as_ref().and_then(|code| programmes.get(code));
        let Some(programme) = programme else { continue };
        let own = all.entry(programme.r#type).or_default();
        own.spent = own.spent.checked_add(row.amount).ok_or(Refusal::TooLarge)?;
    }
    for row in &statement.families {
        let Some(programme) = programmes.get(&row.programme) else { continue };
        let own = all.entry(programme.r#type).or_default();
        own.families = Families::sum([own.families, Families::of(row.lines)]);
    }
    let within = deeds.iter().filter(|deed| from <= deed.day && deed.day <= to);
    let mut by_programme = BTreeMap::<_, Vec<Tally>>::new();
    for ((programme, _), tally) in tallies(within) {
        by_programme.entry(programme).or_default().push(tally);
    }
    for (code, years) in by_programme {
        let Some(programme) = programmes.get(&code) else { continue };
        let own = all.entry(programme.r#type).or_default();
        own.done = Tally::together([&own.done, &Tally::over_time(&years)]);
    }
    Ok(all)
}

/// What was taken off because chapters sent it to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Netted {
    /// Of what was sent in the span.
    pub to_chapters: Money,
    /// Of what was received in the span.
    pub from_chapters: Money,
}

/// The figures of several ledgers together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RollUp {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The ledgers, by name.
    pub parts: Vec<Part>,
    /// Ledgers that were given more than once: each counts once, as far as it goes.
    pub repeated: Vec<String>,
    /// The sums of all ledgers.
    pub sum: Totals,
    /// What is taken off.
    pub netted: Netted,
    /// What is left: the sums less what is taken off.
    pub total: Totals,
    /// What programmes did, by type.
    pub types: BTreeMap<ProgrammeType, OfType>,
    /// Goods by name and unit; what chapters sent each other is neither in nor out.
    pub goods: Vec<(Thing, GoodsTotals)>,
    /// The pairs of the span, and what has none at its end.
    pub between: Matched,
    /// What is on its way at the end of the last day, at the senders' value.
    pub on_their_way: Money,
}

impl RollUp {
    /// Rolls ledgers up. Of a ledger that is given twice the longer one counts.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] when a sum leaves the range.
    pub fn of(given: Vec<Part>, (from, to): Span) -> Result<Self, Refusal> {
        let (parts, repeated) = once(given);
        let exchanges = parts.iter().map(|part| (part.log.as_str(), &part.exchange)).collect();
        let mut between = matched(&exchanges, to);
        let mut sum = Totals::default();
        let mut types = BTreeMap::<ProgrammeType, OfType>::new();
        let mut goods = BTreeMap::<Thing, GoodsTotals>::new();
        for part in &parts {
            sum = sum.join(&part.totals, Money::checked_add)?;
            for (word, own) in &part.types {
                let all = types.entry(*word).or_default();
                all.spent = all.spent.checked_add(own.spent).ok_or(Refusal::TooLarge)?;
                all.families = Families::sum([all.families, own.families]);
                all.done = Tally::together([&all.done, &own.done]);
            }
            for (thing, own) in &part.goods {
                let all = goods.entry(thing.clone()).or_default();
                *all = all.plus(own)?;
            }
        }
        let undone = undone(&exchanges, to);
        let netted = netted(&between, &undone, (from, to), &mut goods)?;
        let off = Totals {
            from_chapters: netted.from_chapters,
            to_chapters: netted.to_chapters,
            ..Totals::default()
        };
        let on_way = between.alone.iter().filter(|alone| alone.why == Why::OnItsWay);
        let on_way = on_way.filter(|alone| alone.side == Side::Sent).map(|alone| alone.what.value);
        Ok(Self {
            from,
            to,
            repeated,
            sum,
            netted,
            total: sum.join(&off, Money::checked_sub)?,
            types,
            goods: goods.into_iter().collect(),
            on_their_way: Money::sum(on_way).ok_or(Refusal::TooLarge)?,
            between: {
                only_of_span(&mut between, (from, to));
                between
            },
            parts,
        })
    }
}

/// Each ledger once, by name; and those that came more than once.
fn once(mut given: Vec<Part>) -> (Vec<Part>, Vec<String>) {
    // The longest first: what follows under the same name is left out.
    given.sort_by(|one, other| (&one.log, other.size).cmp(&(&other.log, one.size)));
    let (mut parts, mut repeated) = (Vec::<Part>::new(), Vec::new());
    for part in given {
        match parts.last() {
            Some(last) if last.log == part.log => repeated.push(part.log),
            _ => parts.push(part),
        }
    }
    repeated.dedup();
    parts.sort_by(|one, other| (&one.name, &one.log).cmp(&(&other.name, &other.log)));
    (parts, repeated)
}

/// Leaves out what was over before the span: pairs, and what will never find one. What is on its
/// way stays, however long it has been.
fn only_of_span(between: &mut Matched, (from, to): Span) {
    let within = |at: &At| from <= at.day && at.day <= to;
    between.pairs.retain(|pair| within(&pair.sent) || within(&pair.received));
    between.alone.retain(|alone| alone.why == Why::OnItsWay || within(&alone.at));
}

/// What the pairs take off of the span, each side on its own day.
fn netted(
    between: &Matched,
    undone: &[(&Sent, &Received)],
    span: Span,
    goods: &mut BTreeMap<Thing, GoodsTotals>,
) -> Result<Netted, Refusal> {
    let mut netted = Netted::default();
    let mut take_off = |(sent, received): (i64, i64), what: &What, value_there: Money| {
        for (times, sum, value) in [
            (sent, &mut netted.to_chapters, what.value),
            (received, &mut netted.from_chapters, value_there),
        ] {
            let value = if times < 0 { value.negated() } else { value };
            if times != 0 {
                *sum = sum.checked_add(value).ok_or(Refusal::TooLarge)?;
            }
        }
        for (thing, thousandths) in &what.goods {
            let Some(all) = goods.get_mut(thing) else { continue };
            all.went_out -= sent * thousandths;
            all.came_in -= received * thousandths;
        }
        Ok::<(), Refusal>(())
    };
    for pair in &between.pairs {
        let times = |at: &At| Undone::counted(None, at.day, span);
        take_off((times(&pair.sent), times(&pair.received)), &pair.what, pair.value_there)?;
    }
    // What was reversed may stand in the columns of a closed period, or be taken off in this one.
    for (sent, received) in undone {
        let times = (
            Undone::counted(sent.until, sent.day, span),
            Undone::counted(received.until, received.day, span),
        );
        take_off(times, &sent.what, received.what.value)?;
    }
    Ok(netted)
}
