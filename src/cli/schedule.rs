//! `minhbach schedule`: works out the instalments of a loan, for anybody.

use std::process::ExitCode;

use clap::{ArgAction, Args};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::books::schedule::holidays::{shift_for_holidays, tet_of};
use crate::books::schedule::{
    Allowed, DayCount, Field, Interval, MOST_INSTALMENTS, Method, Row, ScheduleFault, Terms,
    calculate,
};
use crate::ledger::word::Date;
use crate::money::{Currency, LARGEST, Money};

/// Works out the schedule of a loan: due dates, principal, interest, what is still owed.
///
/// Amounts are in whole units of the currency, with up to two decimals at --scale 2. Interest is
/// rounded half to even to the smallest unit of the currency; what roundings leave over stands in
/// the last instalment. Due dates keep the day of the month of the first one: 31 January, 28
/// February, 31 March. Nothing is stored.
///
/// Methods: interest-free-equal; bullet (the principal at the end); fixed-amount (--amount each
/// time, the last takes the rest); explicit (dates and principal as given with --row); flat
/// (interest on the whole principal each time); declining-equal-principal and
/// declining-equal-instalment (interest on what is still owed).
///
/// Status 0: here is the schedule. 2: the terms give none; the words say why and what would be
/// allowed.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach schedule --principal 12000000 --instalments 12 --interval monthly \\
      --disbursed 2026-03-05 --first-due 2026-04-05 --method interest-free-equal --round 1000
  minhbach schedule --principal 1250.50 --scale 2 --instalments 8 --interval 2w \\
      --disbursed 2026-03-05 --first-due 2026-03-19 --method declining-equal-instalment \\
      --rate 24 --day-count actual/365 --json
  minhbach schedule --principal 5000000 --interval monthly --disbursed 2026-03-05 \\
      --first-due 2026-04-05 --method fixed-amount --amount 600000
  minhbach schedule --principal 3000000 --disbursed 2026-03-05 --method explicit \\
      --row 2026-06-20=1000000 --row 2026-10-20=2000000")]
pub struct Scheduling {
    /// What is lent
    #[arg(long, value_name = "AMOUNT")]
    principal: String,
    /// How many instalments, 1 to 600; with fixed-amount at most so many [default: of bullet 1, of
    /// fixed-amount 600]
    #[arg(long, value_name = "NUMBER")]
    instalments: Option<u32>,
    /// From one due date to the next: weekly, monthly, quarterly, or every so many days, weeks or
    /// months (10d, 2w, 6m)
    #[arg(long, value_name = "INTERVAL", default_value = "monthly")]
    interval: Interval,
    /// The day on which the money is handed over
    #[arg(long, value_name = "DATE")]
    disbursed: Date,
    /// The first due date [default: one interval after the disbursement]
    #[arg(long, value_name = "DATE")]
    first_due: Option<Date>,
    /// interest-free-equal, bullet, fixed-amount, explicit, flat, declining-equal-principal or
    /// declining-equal-instalment
    #[arg(long, value_name = "METHOD")]
    method: Method,
    /// Interest a year in percent, 0 to 100
    #[arg(long, value_name = "PERCENT", default_value = "0", allow_hyphen_values = true)]
    rate: String,
    /// What is paid each time (fixed-amount)
    #[arg(long, value_name = "AMOUNT")]
    amount: Option<String>,
    /// The first instalments that pay interest alone
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    principal_grace: u32,
    /// Rounds instalments but the last to this unit, half to even; never the interest
    #[arg(long, value_name = "AMOUNT")]
    round: Option<String>,
    /// Decimals of the currency: 0 (đồng) or 2
    #[arg(long, value_name = "0|2", default_value_t = 0)]
    scale: u8,
    /// How time is counted: 30/360, actual/365, actual/364 or actual/360 [default: 30/360 for
    /// months, actual/364 for weeks, actual/365 for days and explicit rows]
    #[arg(long, value_name = "RULE")]
    day_count: Option<DayCount>,
    /// A due date and its principal, once for each (explicit): 2026-06-20=1000000
    #[arg(long = "row", value_name = "DATE=PRINCIPAL", action = ArgAction::Append)]
    rows: Vec<String>,
    /// Moves due dates off the holidays of Tết, free of interest
    #[arg(long)]
    tet: bool,
    /// The schedule as JSON, amounts as decimal strings
    #[arg(long)]
    json: bool,
}

/// A row as JSON.
#[derive(Serialize)]
struct Shown {
    due: Date,
    principal: String,
    interest: String,
    total: String,
    balance: String,
}

impl Scheduling {
    /// Runs the command.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self.rows() {
            Ok(rows) => {
                print!("{}", if self.json { json(&rows, self.scale) } else { self.table(&rows) });
                ExitCode::SUCCESS
            }
            Err(words) => {
                eprintln!("minhbach: {words}");
                ExitCode::from(2)
            }
        }
    }

    fn rows(&self) -> Result<Vec<Row>, String> {
        let rows = calculate(&self.terms()?).map_err(|fault| told(fault, self.scale))?;
        Ok(if self.tet { shift_for_holidays(&rows, &tet_of(&rows)) } else { rows })
    }

    fn terms(&self) -> Result<Terms, String> {
        if !matches!(self.scale, 0 | 2) {
            return Err("--scale: 0 or 2".to_owned());
        }
        let optional = |flag, text: Option<&String>| {
            text.map(|text| amount(flag, text, self.scale)).transpose()
        };
        let given = |text: &String| row(text, self.scale);
        let explicit = self.method == Method::Explicit;
        let first_due = self.first_due.or_else(|| self.interval.step(self.disbursed, 1));
        let usual = match self.method {
            Method::Explicit => DayCount::Actual365,
            _ => self.interval.usual_day_count(),
        };
        Ok(Terms {
            principal: amount("--principal", &self.principal, self.scale)?,
            instalments: self.instalments(explicit)?,
            interval: self.interval,
            disbursed: self.disbursed,
            first_due: first_due.ok_or("--first-due: no day of our calendar")?,
            method: self.method,
            rate: rate(&self.rate)?,
            amount: optional("--amount", self.amount.as_ref())?,
            principal_grace: self.principal_grace,
            round: optional("--round", self.round.as_ref())?,
            scale: self.scale,
            day_count: self.day_count.unwrap_or(usual),
            rows: self.rows.iter().map(given).collect::<Result<_, _>>()?,
        })
    }

    fn instalments(&self, explicit: bool) -> Result<u32, String> {
        match (self.instalments, self.method) {
            (Some(count), _) if explicit && usize::try_from(count) != Ok(self.rows.len()) => {
                Err(format!("--instalments: there are {} rows (--row)", self.rows.len()))
            }
            (Some(count), _) => Ok(count),
            (None, Method::FixedAmount | Method::Explicit) => Ok(MOST_INSTALMENTS),
            (None, Method::Bullet) => Ok(1),
            (None, _) => Err(format!("--instalments: needed, 1 to {MOST_INSTALMENTS}")),
        }
    }

    fn table(&self, rows: &[Row]) -> String {
        let currency = Currency { code: String::new(), scale: self.scale };
        let money = |money: Money| money.grouped('.', &currency);
        let line = |cells: [String; 6]| {
            let [number, due, principal, interest, total, balance] = cells;
            format!("{number:>4}  {due:<10}{principal:>20}{interest:>16}{total:>20}{balance:>20}\n")
        };
        let head = ["", "due", "principal", "interest", "total", "balance"].map(str::to_owned);
        let mut text = line(head);
        for row in rows {
            let [principal, fee, total, balance] =
                [row.principal, row.fee, row.total, row.balance].map(money);
            text += &line([
                row.number.to_string(),
                row.due.to_string(),
                principal,
                fee,
                total,
                balance,
            ]);
        }
        let sum =
            |part: fn(&Row) -> Money| money(Money::sum(rows.iter().map(part)).unwrap_or_default());
        let sums = [sum(|row| row.principal), sum(|row| row.fee), sum(|row| row.total)];
        let [principal, fee, total] = sums;
        text += &line([String::new(), "sum".to_owned(), principal, fee, total, String::new()]);
        text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// An amount as it was typed: digits, and behind a full stop at most the currency's decimals.
fn amount(flag: &str, text: &str, scale: u8) -> Result<Money, String> {
    let decimals = usize::from(scale);
    let expected = || {
        let example = if scale == 0 { "1250000" } else { "1250.50" };
        format!(
            "{flag}: {text:?} is no amount such as {example}, of at most {LARGEST} smallest units"
        )
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_fits = fraction.trim_end_matches('0').len() <= decimals;
    if !digits(whole) || !digits(fraction) || !fraction_fits || text.len() > 40 {
        return Err(expected());
    }
    let cents: String = fraction.chars().chain("00".chars()).take(decimals).collect();
    let minor = format!("{whole}{cents}").parse().ok().and_then(Money::new);
    minor.ok_or_else(expected)
}

fn rate(text: &str) -> Result<Decimal, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let read = Decimal::from_str_exact(text).ok().filter(|_| plain);
    read.ok_or_else(|| format!("--rate: {text:?} is no percentage such as 12 or 7.5"))
}

fn row(text: &str, scale: u8) -> Result<(Date, Money), String> {
    let expected = || format!("--row: {text:?} is not of the form 2026-06-20=1000000");
    let (due, principal) = text.split_once('=').ok_or_else(expected)?;
    Ok((due.parse().map_err(|_| expected())?, amount("--row", principal, scale)?))
}

/// An amount as a decimal number: `416.67`, `417`.
fn decimal(money: Money, scale: u8) -> String {
    Decimal::new(money.minor(), scale.into()).to_string()
}

fn json(rows: &[Row], scale: u8) -> String {
    let shown = |row: &Row| Shown {
        due: row.due,
        principal: decimal(row.principal, scale),
        interest: decimal(row.fee, scale),
        total: decimal(row.total, scale),
        balance: decimal(row.balance, scale),
    };
    let shown: Vec<Shown> = rows.iter().map(shown).collect();
    format!("{}\n", serde_json::to_string_pretty(&shown).unwrap_or_default())
}

/// A fault in words: the option, why, and what would be allowed.
fn told(fault: ScheduleFault, scale: u8) -> String {
    let option = match fault.field {
        Field::Principal => "--principal",
        Field::Instalments => "--instalments",
        Field::Interval => "--interval",
        Field::FirstDue => "--first-due",
        Field::Rate => "--rate",
        Field::Amount => "--amount",
        Field::PrincipalGrace => "--principal-grace",
        Field::Round => "--round",
        Field::Scale => "--scale",
        Field::Rows => "--row",
    };
    let allowed = match fault.allowed {
        Allowed::Whole { least, most } => format!("allowed: {least} to {most}"),
        Allowed::Amount { least, most } => {
            format!("allowed: {} to {}", decimal(least, scale), decimal(most, scale))
        }
        Allowed::Sum(sum) => format!("they have to add up to {}", decimal(sum, scale)),
        Allowed::Days { first, last } => format!("allowed: {first} to {last}"),
        Allowed::Percent { most, decimals } => {
            format!("allowed: 0 to {most}, with at most {decimals} decimals")
        }
        Allowed::Something => "give it".to_owned(),
        Allowed::Nothing => "leave it out".to_owned(),
        Allowed::Other => {
            "try a smaller unit, a lower rate, fewer instalments or another method".to_owned()
        }
    };
    format!("{option}: {}; {allowed}", fault.reason)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_at_most_the_decimals_of_the_currency() {
        let read = |text, scale| amount("--principal", text, scale).map(Money::minor).ok();
        assert_eq!(read("1250.50", 2), Some(125_050));
        assert_eq!(read("1250.5", 2), Some(125_050));
        assert_eq!(read("1250", 2), Some(125_000));
        assert_eq!(read("1250.500", 2), Some(125_050));
        assert_eq!(read("1250.0", 0), Some(1_250));
        assert_eq!(read("9007199254740991", 0), Some(LARGEST));
        for wrong in ["", "-1", "+1", "1e3", "1.505", "1,5", ".5", "5.", "1 000", "٥"] {
            assert_eq!(read(wrong, 2), None, "{wrong}");
        }
        assert_eq!(read("1.5", 0), None);
        assert_eq!(read("9007199254740992", 0), None);
    }

    #[test]
    fn a_fault_names_the_option_and_what_is_allowed() {
        let fault = ScheduleFault {
            field: Field::Round,
            reason: crate::books::schedule::Reason::NothingLeft,
            allowed: Allowed::Amount {
                least: Money::new(1).unwrap(),
                most: Money::new(50).unwrap(),
            },
        };
        let expected = "--round: leaves nothing for the last instalment; allowed: 0.01 to 0.50";
        assert_eq!(told(fault, 2), expected);
    }
}
