//! `minhbach generate statement`: a bank statement of any length.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use chrono::{Days, TimeDelta};
use clap::Args;

use super::story::RELIEF;
use super::{CliFault, notes};
use crate::cli::invented::seeded::Seeded;
use crate::ledger::giving::GivingCode;
use crate::ledger::word::Date;
use crate::web::Clock;

/// Days that a statement covers.
const DAYS: u64 = 10;
/// The header that Agribank and VietinBank share.
const HEADER: &str = "PageId,Date,Time,DocumentNumber,ReferenceNumber,TransactionDetails,\
                      DebitAmount,CreditAmount,Balance,OffsetAccount";
/// Lines of a page.
const PAGE: u64 = 20;

/// Makes a bank statement with invented lines over ten days.
///
/// In the columns of Agribank and VietinBank (CSV): amounts as often as in published statements of
/// a flood, notes with and without accents, some with the giving code of the fund "bao-lu", some
/// document numbers twice, a running balance. The same arguments give the same file. An existing
/// file is written over.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach generate statement --lines 20000 flood.csv
  minhbach generate statement --lines 1000 --seed 7 --today 2026-11-22 t11.csv")]
pub struct Statement {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How many lines
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    lines: u64,
    /// Another number makes other lines
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The day after the last line's. Without it: today
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

impl Statement {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self) -> Result<(), CliFault> {
        let local = (Clock::system().now() + TimeDelta::hours(7)).date_naive();
        let today = self.today.or_else(|| Date::new(local)).ok_or(CliFault::Day)?;
        let first = today.naive().checked_sub_days(Days::new(DAYS)).ok_or(CliFault::Day)?;
        let written = File::create(&self.file).and_then(|file| {
            let mut out = BufWriter::with_capacity(1 << 20, file);
            self.write(&mut out, first)?;
            out.flush()
        });
        written.map_err(|fault| CliFault::file(&self.file, fault))?;
        println!("Wrote {} lines to {}.", self.lines, self.file.display());
        Ok(())
    }

    fn write(
        &self,
        out: &mut impl std::io::Write,
        first: chrono::NaiveDate,
    ) -> std::io::Result<()> {
        let mut seeded = Seeded::new(self.seed).child("statement");
        let code = RELIEF.parse().ok().map(|fund| GivingCode::of_fund(&fund, 0));
        writeln!(out, "{HEADER}")?;
        let mut balance = i64::try_from(seeded.between(100, 900)).unwrap_or(100) * 1_000_000;
        let mut number = 0;
        for line in 0..self.lines {
            let place = u128::from(line) * u128::from(DAYS) * 86_400 / u128::from(self.lines);
            let seconds = i64::try_from(place).unwrap_or_default();
            let at = first.and_time(chrono::NaiveTime::MIN) + TimeDelta::seconds(seconds);
            let amount = notes::amount(&mut seeded);
            balance += amount;
            // One of sixteen numbers comes twice.
            if seeded.below(16) > 0 {
                number = seeded.below(100_000_000);
            }
            let text = notes::text(&mut seeded, code.as_ref());
            writeln!(
                out,
                "{},{},{},{number:08},,\"{text}\",,\"{}\",\"{}\",",
                line / PAGE + 1,
                at.format("%d/%m/%Y"),
                at.format("%H:%M:%S"),
                grouped(amount),
                grouped(balance),
            )?;
        }
        Ok(())
    }
}

/// `1,234,000`.
fn grouped(amount: i64) -> String {
    let digits = amount.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::import::{Layout, read_statement, read_table};

    fn made(lines: u64, seed: u64) -> Vec<u8> {
        let today = Some("2026-11-22".parse().unwrap());
        let command = Statement { file: PathBuf::new(), lines, seed, today };
        let first = chrono::NaiveDate::from_ymd_opt(2026, 11, 12).unwrap();
        let mut out = Vec::new();
        command.write(&mut out, first).unwrap();
        out
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(grouped(5_000), "5,000");
        assert_eq!(grouped(222_222), "222,222");
        assert_eq!(grouped(1_234_000), "1,234,000");
        assert_eq!(grouped(50), "50");
    }

    #[test]
    fn the_import_reads_every_line_of_it() {
        let table = read_table(&made(300, 1)).unwrap();
        let layout = Layout::detect(&table).unwrap();
        let currency = crate::money::Currency::vnd();
        let read = read_statement(&table, &layout, &currency).unwrap();
        assert_eq!(read.lines.len(), 300);
        let (first, last) = (read.lines.first().unwrap().date, read.lines.last().unwrap().date);
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2026-11-12".into(), "2026-11-21".into())
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_file_and_another_seed_another_one() {
        assert_eq!(made(50, 1), made(50, 1));
        assert_ne!(made(50, 1), made(50, 2));
    }
}
