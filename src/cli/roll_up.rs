//! `minhbach roll-up`: the figures of several published ledgers together, for anybody.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{CliFault, progress};
use crate::books::exchange::{Alone, Side, What};
use crate::books::programmes::Families;
use crate::books::rollup::{RollUp, Totals};
use crate::ledger::word::Date;
use crate::money::{Currency, Money, signed_quantity};
use crate::verify::Options;
use crate::verify::rolled::{Verified, verify_whole};
use crate::verify::source::Source;

/// Adds up several published ledgers, and takes off what they sent each other.
///
/// Each ledger is verified whole first; one that does not verify is listed with its reason and not
/// counted. Support that one chapter sent and another one received counts on neither side; what is
/// on its way, or does not agree, is shown and stays in.
///
/// Status 0: every ledger was counted. 1: at least one was not.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach roll-up https://so.example/xuan-tay https://so.example/xuan-dong
  minhbach roll-up ./xuan-tay ./xuan-dong --from 2026-01-01 --to 2026-12-31
  minhbach roll-up ./xuan-tay ./xuan-dong --json")]
pub struct Rolling {
    /// The addresses of ledgers (https://...) or folders with their files
    #[arg(value_name = "URL or FOLDER", required = true)]
    sources: Vec<String>,
    /// The first day [default: the first day of the oldest books]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day [default: the day of the newest entry]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// The figures as JSON
    #[arg(long)]
    json: bool,
}

/// A ledger that is not counted.
#[derive(Serialize)]
struct Refused {
    source: String,
    reason: String,
}

/// All that the command says.
#[derive(Serialize)]
struct Said {
    roll_up: Option<RollUp>,
    refused: Vec<Refused>,
}

impl Rolling {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`] when a figure leaves its range or the days are in the wrong order.
    pub fn run(self) -> Result<ExitCode, CliFault> {
        let (mut verified, mut refused) = (Vec::new(), Vec::new());
        for source in &self.sources {
            match look(source) {
                Ok(own) => verified.push(own),
                Err(reason) => refused.push(Refused { source: source.clone(), reason }),
            }
        }
        let roll_up = match self.span(&verified)? {
            Some(span) => {
                let parts: Result<_, _> = verified.iter().map(|own| own.part(span)).collect();
                let all = parts.and_then(|parts| RollUp::of(parts, span));
                Some(all.map_err(|fault| CliFault::Argument(fault.to_string()))?)
            }
            None => None,
        };
        let said = Said { roll_up, refused };
        if self.json {
            println!("{}", serde_json::to_string_pretty(&said).unwrap_or_default());
        } else {
            print!("{}", told(&said));
        }
        Ok(if said.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The days that were asked for, or all that the ledgers have; none of no ledger.
    fn span(&self, verified: &[Verified]) -> Result<Option<(Date, Date)>, CliFault> {
        let books = || verified.iter().map(|own| &own.books);
        let first = books().filter_map(|books| books.chapter()).map(|own| own.books_from).min();
        let last = books()
            .filter_map(|books| Some(books.last_at()?.local_date(books.chapter()?.utc_offset)));
        let (Some(first), Some(last)) = (first, last.max()) else { return Ok(None) };
        let (from, to) = (self.from.unwrap_or(first), self.to.unwrap_or(last));
        if from > to {
            return Err(CliFault::Argument(format!("--from {from} lies behind --to {to}")));
        }
        Ok(Some((from, to)))
    }
}

/// A ledger, or why it is not counted.
fn look(source: &str) -> Result<Verified, String> {
    let bar = progress::entries("verifying", 0);
    let mut told = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let done = verify_whole(&Source::new(source), &Options::default(), &mut told, &|| false);
    bar.finish_and_clear();
    let (report, verified) = done.map_err(|fault| fault.to_string())?;
    verified.ok_or_else(|| match report.broken {
        Some(found) => match found.seq {
            Some(seq) => format!("entry {seq}: {}", found.reason),
            None => found.reason,
        },
        None => "it does not verify".to_owned(),
    })
}

/// An amount of a report for people.
fn amount(money: Money) -> String {
    money.grouped('.', &Currency::vnd())
}

fn told(said: &Said) -> String {
    let mut out = String::new();
    if let Some(all) = &said.roll_up {
        figures(&mut out, all);
    }
    for one in &said.refused {
        line(&mut out, &format!("not counted: {}: {}", one.source, one.reason));
    }
    out
}

fn line(out: &mut String, text: &str) {
    // Writing to a text does not fail.
    let _ = writeln!(out, "{text}");
}

fn figures(out: &mut String, all: &RollUp) {
    line(out, &format!("From {} to {}, {} ledgers.", all.from, all.to, all.parts.len()));
    for part in &all.parts {
        line(out, &format!("\n{} ({}), {} entries", part.name, part.log, part.size));
        totals(out, &part.totals);
    }
    for log in &all.repeated {
        line(out, &format!("\n{log} was given more than once: it counts once."));
    }
    line(out, "\nAll ledgers together");
    totals(out, &all.sum);
    let (to, from) = (all.netted.to_chapters, all.netted.from_chapters);
    line(out, "Taken off: sent from one of them to another");
    line(out, &format!("  {:<24}{:>22}", "to chapters", amount(to)));
    line(out, &format!("  {:<24}{:>22}", "from chapters", amount(from)));
    line(out, "Total");
    totals(out, &all.total);
    if !all.types.is_empty() {
        line(out, "\nBy type of programme");
    }
    for (word, own) in &all.types {
        let families = match own.families {
            Families::None => String::new(),
            Families::Few => ", fewer than 5 families".to_owned(),
            Families::Shown(number) => format!(", {number} families"),
        };
        let counted = own.done.figures.iter().map(|(of, own)| format!(", {} {of}", own.number));
        let counted: String = counted.collect();
        line(out, &format!("  {word}: {}{families}{counted}", amount(own.spent)));
    }
    if !all.goods.is_empty() {
        line(out, "\nGoods: in, out, left, value of what is left");
    }
    for (thing, own) in &all.goods {
        let [came, went, left] = [own.came_in, own.went_out, own.closing].map(signed_quantity);
        let (name, unit, value) = (&thing.name, &thing.unit, amount(own.value));
        line(out, &format!("  {name} ({unit}): {came}, {went}, {left}, {value}"));
    }
    line(out, &format!("\nSent and received: {} pairs", all.between.pairs.len()));
    for pair in &all.between.pairs {
        let (sent, received) = (&pair.sent, &pair.received);
        let (from, to) = (place(&sent.log, sent.seq), place(&received.log, received.seq));
        line(out, &format!("  {from} -> {to}: {}", what(&pair.what)));
    }
    let way = amount(all.on_their_way);
    line(out, &format!("Without a pair: {}, on their way {way}", all.between.alone.len()));
    for alone in &all.between.alone {
        line(out, &format!("  {}", told_alone(alone)));
    }
}

fn place(log: &str, seq: u64) -> String {
    format!("{log} #{seq}")
}

fn told_alone(alone: &Alone) -> String {
    let way = match alone.side {
        Side::Sent => "to",
        Side::Received => "from",
    };
    let why = serde_json::to_value(alone.why).unwrap_or_default();
    let why = why.as_str().unwrap_or_default().replace('_', " ");
    let (at, what) = (place(&alone.at.log, alone.at.seq), what(&alone.what));
    format!("{at} {way} {}: {what}: {why}", alone.other)
}

fn what(what: &What) -> String {
    if what.goods.is_empty() {
        return amount(what.value);
    }
    let goods = what.goods.iter().map(|(thing, thousandths)| {
        format!("{} {} {}", signed_quantity(*thousandths), thing.unit, thing.name)
    });
    format!("{} ({})", goods.collect::<Vec<_>>().join(", "), amount(what.value))
}

fn totals(out: &mut String, own: &Totals) {
    for (name, money) in [
        ("opening", own.opening),
        ("received", own.received),
        ("from chapters", own.from_chapters),
        ("aid in money", own.aid_in_money),
        ("aid in kind", own.aid_in_kind),
        ("costs", own.costs),
        ("to chapters", own.to_chapters),
        ("lost", own.lost),
        ("earlier periods", own.earlier),
        ("closing", own.closing),
        ("of that, money", own.money),
        ("of that, goods", own.goods),
        ("of that, out on loan", own.loans),
    ] {
        if money != Money::ZERO || name == "closing" {
            line(out, &format!("  {name:<24}{:>22}", amount(money)));
        }
    }
}
