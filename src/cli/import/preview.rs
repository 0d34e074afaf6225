//! What a file would book, as tables of plain text.

use std::collections::BTreeMap;

use crate::import::{Bookings, Class, Decision, Direction, Found, Kind, Left, Plan};
use crate::money::{Currency, Money};

/// The longest text shown of a line.
const WIDTH: usize = 48;

/// Every line with what becomes of it.
pub fn lines(plan: &Plan, bookings: &Bookings, currency: &Currency) {
    println!("{:>6}  {:<10}  {:>18}  {:<17}  text", "row", "day", "amount", "becomes");
    for (index, planned) in plan.lines.iter().enumerate() {
        let line = &planned.line;
        let sign = if line.movement.direction == Direction::Debit { "-" } else { "" };
        let amount = format!("{sign}{}", line.movement.amount.grouped('.', currency));
        let becomes = match bookings.decision(index) {
            Some(Decision::Book) => voucher(bookings.kind(index)).to_owned(),
            _ => "-".to_owned(),
        };
        let becomes = match bookings.kind(index) {
            Some(Kind::Donation(Some(fund))) if becomes != "-" => format!("{becomes} {fund}"),
            _ => becomes,
        };
        let text: String = line.text.chars().take(WIDTH).collect();
        println!("{:>6}  {}  {amount:>18}  {becomes:<17}  {text}", line.row, line.date);
    }
    println!();
}

/// Sums by class and direction, what is booked of them, and what is left for the desk.
pub fn totals(plan: &Plan, bookings: &Bookings, currency: &Currency) {
    let totals = plan.totals();
    println!("{:<14}  {:>7}  {:>22}  {:>7}  {:>22}", "in", "lines", "sum", "booked", "sum");
    let mut rows: Vec<(&str, u64, Money, u64, Money)> = Vec::new();
    for (class, sum) in &totals.credits.by_class {
        let (lines, amount) = booked(plan, bookings, *class);
        rows.push((word(*class), sum.lines as u64, sum.amount, lines, amount));
    }
    let booked_lines = rows.iter().map(|row| row.3).sum();
    let booked_sum = Money::sum(rows.iter().map(|row| row.4)).unwrap_or(Money::ZERO);
    let all = totals.credits.all;
    rows.push(("all", all.lines as u64, all.amount, booked_lines, booked_sum));
    for (name, lines, sum, booked, amount) in rows {
        let (sum, amount) = (sum.grouped('.', currency), amount.grouped('.', currency));
        println!("{name:<14}  {lines:>7}  {sum:>22}  {booked:>7}  {amount:>22}");
    }
    let all = totals.debits.all;
    if all.lines > 0 {
        println!("{:<14}  {:>7}  {:>22}", "out", all.lines, all.amount.grouped('.', currency));
    }
    println!();
    let mut left: BTreeMap<Left, Vec<u32>> = BTreeMap::new();
    for (index, planned) in plan.lines.iter().enumerate() {
        if let Some(Decision::Left(why)) = bookings.decision(index) {
            left.entry(why).or_default().push(planned.line.row);
        }
    }
    for (why, rows) in left {
        println!("Not booked: {} lines, {} ({})", rows.len(), words(why), ranges(&rows));
    }
    codes(plan, bookings);
    shared(plan);
}

/// Gifts that a code brought to its fund, and lines whose code leads nowhere.
fn codes(plan: &Plan, bookings: &Bookings) {
    let mut funds: BTreeMap<String, usize> = BTreeMap::new();
    let mut unclear: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (index, planned) in plan.lines.iter().enumerate() {
        let why = match bookings.found(index) {
            Found::Nothing => continue,
            Found::Fund(own) => {
                *funds.entry(own.fund.to_string()).or_default() += 1;
                continue;
            }
            Found::Closed(_) => "a giving code of a closed fund",
            Found::Several => "giving codes of several funds",
            Found::Mistyped(_) => "a giving code that is mistyped or unknown",
        };
        unclear.entry(why).or_default().push(planned.line.row);
    }
    for (fund, lines) in funds {
        println!("By giving code: {lines} lines for the fund {fund}");
    }
    for (why, rows) in unclear {
        println!("Held for the desk: {} lines, {why} ({})", rows.len(), ranges(&rows));
    }
}

/// Days that another file had lines of, too: who compares the two finds what a machine cannot.
fn shared(plan: &Plan) {
    let days: Vec<String> = plan.days_to_compare().iter().map(ToString::to_string).collect();
    if !days.is_empty() {
        println!(
            "Days that an earlier file has lines of, too: {}. Compare their new lines with the \
             account before booking them.",
            days.join(", ")
        );
    }
}

/// The word of the voucher that a kind becomes.
const fn voucher(kind: Option<&Kind>) -> &'static str {
    match kind {
        Some(Kind::Donation(_)) => "donation",
        Some(Kind::Income(_)) => "income",
        Some(Kind::Custody(_)) => "custody_received",
        Some(Kind::Transfer(_)) => "transfer",
        Some(Kind::LeaveOut(_) | Kind::Later) | None => "-",
    }
}

/// A reason in words.
pub const fn words(left: Left) -> &'static str {
    match left {
        Left::Known => "booked or left out already",
        Left::PerhapsTwice => "may be booked already: decide at the desk",
        Left::Debit => "money out: for the desk",
        Left::Undecided => "between places: for the desk",
        Left::TwoSignatures => "needs a second signature: for the desk",
        Left::BeforeBooks => "lies before the books begin; the opening balance holds it",
        Left::AfterToday => "lies after today",
    }
}

fn booked(plan: &Plan, bookings: &Bookings, class: Class) -> (u64, Money) {
    let of_class = plan.lines.iter().enumerate().filter(|(index, planned)| {
        planned.class == class
            && planned.line.movement.direction == Direction::Credit
            && bookings.decision(*index) == Some(Decision::Book)
    });
    let amounts: Vec<Money> = of_class.map(|(_, planned)| planned.line.movement.amount).collect();
    let lines = amounts.len() as u64;
    (lines, Money::sum(amounts).unwrap_or(Money::ZERO))
}

const fn word(class: Class) -> &'static str {
    match class {
        Class::Donation => "gifts",
        Class::Income => "income",
        Class::Custody => "held for others",
        Class::Transfer => "transfers",
        Class::Fee => "fees",
        Class::Unmatched => "unmatched",
        Class::Skip => "skipped",
    }
}

/// `rows 2-5, 9`, at most ten parts of it.
fn ranges(rows: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for row in rows {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *row => *last = *row,
            _ => parts.push((*row, *row)),
        }
    }
    let part = |(first, last): &(u32, u32)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let shown: Vec<String> = parts.iter().take(10).map(part).collect();
    let more = if parts.len() > 10 { ", …" } else { "" };
    format!("rows {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_rows_are_written_as_a_range() {
        assert_eq!(ranges(&[2, 3, 4, 9]), "rows 2-4, 9");
        assert_eq!(ranges(&[7]), "rows 7");
    }
}
