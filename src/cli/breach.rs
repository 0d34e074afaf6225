//! `minhbach breach-report`: whose private values may have been seen, without their names.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;

use super::data::{slugs, stop};
use super::{CliFault, Context};
use crate::disk::Fresh;
use crate::store::desk::breach::{Affected, Category, Report};
use crate::store::desk::security::Filter;
use crate::store::facade::For;
use crate::store::{ChapterId, Store};
use crate::web::Clock;

/// Says whose private values may have been seen, by an account or in a span of days.
///
/// Reads the log of openings and writes one line for each person, voucher or complaint: its
/// identifier, the kinds of data, when and by whom it was opened, and whether the log names it or
/// it may stand on a list that was looked at. No name is written: chair or auditor download those
/// at the desk (Kiểm tra, Lộ dữ liệu cá nhân). The report is noted in the log of accounts. Days are
/// those of the chapter, both included. Stop the server first, unless the database is PostgreSQL.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach breach-report --from 2026-11-01 --until 2026-11-20 > breach.csv
  minhbach breach-report --officer lan.thuquy --out breach.csv
  minhbach breach-report --everything --data /srv/minhbach --chapter xuan-tay")]
pub struct BreachReport {
    /// The chapter; needed where there are several
    #[arg(long, value_name = "SLUG")]
    chapter: Option<String>,
    /// The first day, such as 2026-11-01; without it from the beginning
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// The last day; without it until now
    #[arg(long, value_name = "DAY")]
    until: Option<NaiveDate>,
    /// Only what the account with this sign-in name opened
    #[arg(long, value_name = "NAME")]
    officer: Option<String>,
    /// Everything that was held by the last day: the machine, or a backup with its keys, is in
    /// other hands
    #[arg(long, conflicts_with = "officer")]
    everything: bool,
    /// The CSV file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl BreachReport {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self, context: &Context) -> Result<(), CliFault> {
        context.runtime()?.block_on(async {
            let store = Store::open(context.store_config()).await?;
            let done = self.report(context, &store).await;
            stop(store, done).await
        })
    }

    fn find(&self, context: &Context, store: &Store) -> Result<ChapterId, CliFault> {
        match (&self.chapter, slugs(store).as_slice()) {
            (Some(slug), _) => context.chapter(store, slug),
            (None, [(only, _)]) => Ok(*only),
            (None, all) => {
                let known: Vec<&str> = all.iter().map(|(_, slug)| slug.as_str()).collect();
                let known = format!("--chapter: say which one: {}", known.join(", "));
                Err(CliFault::Argument(known))
            }
        }
    }

    async fn report(&self, context: &Context, store: &Store) -> Result<(), CliFault> {
        let chapter = self.find(context, store)?;
        let books = store.books(chapter)?;
        let offset = books.chapter().map(|own| own.utc_offset.fixed()).ok_or(CliFault::Day)?;
        let begins = |day: NaiveDate| -> Option<DateTime<Utc>> {
            let first = day.and_hms_opt(0, 0, 0)?.and_local_timezone(offset).single()?;
            Some(first.with_timezone(&Utc))
        };
        if self.from.is_some() && self.until.is_some() && self.from > self.until {
            return Err(CliFault::Argument("--until: is before --from".to_owned()));
        }
        let person = match &self.officer {
            None => None,
            Some(name) => {
                let desk = store.desk(chapter)?;
                let all = store.desk_accounts(&desk).await?;
                let own = all.into_iter().find(|own| own.sign_in_name == name.trim());
                let unknown = || CliFault::Officer(format!("officer {name:?}: no such account"));
                Some(own.ok_or_else(unknown)?.person)
            }
        };
        let filter = Filter {
            person,
            from: self.from.and_then(begins),
            until: self.until.and_then(|day| begins(day.succ_opt()?)),
            below: None,
        };
        let (desk, now) = (store.desk(chapter)?, Clock::system().now());
        let asked = (&filter, self.everything);
        let report = store.breach_report(&desk, asked, For::Machine, now).await?;
        let text = csv(&report).map_err(|fault| CliFault::file("the report", fault))?;
        match &self.out {
            Some(path) => {
                write(path, &text).map_err(|fault| CliFault::file(path, fault))?;
            }
            None => {
                let written = std::io::stdout().write_all(text.as_bytes());
                written.map_err(|fault| CliFault::file("standard output", fault))?;
            }
        }
        summary(&report);
        Ok(())
    }
}

/// For its owner alone, and over nothing that is there.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = Fresh::create(path)?;
    file.write_all(text.as_bytes())?;
    file.finish()
}

fn csv(report: &Report) -> Result<String, std::io::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "subject",
        "voucher",
        "categories",
        "sensitive",
        "basis",
        "times",
        "first",
        "last",
        "accounts",
        "state",
    ])?;
    for own in &report.affected {
        writer.write_record(row(own))?;
    }
    let bytes = writer.into_inner().map_err(|fault| std::io::Error::other(fault.to_string()))?;
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

fn row(own: &Affected) -> [String; 10] {
    let moment = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let categories: Vec<&str> = own.categories.iter().copied().map(Category::as_str).collect();
    let sensitive = own.categories.iter().any(|category| category.is_sensitive());
    let accounts: Vec<&str> = own.by.iter().map(|person| person.as_str()).collect();
    let basis = match (own.certain, own.times) {
        (true, _) => "named",
        (false, 0) => "held",
        (false, _) => "possible",
    };
    let state = match (own.erased, own.restricted) {
        (true, _) => "erased",
        (_, true) => "restricted",
        _ => "held",
    };
    [
        own.whose.0.to_string(),
        own.whose.1.as_ref().map(ToString::to_string).unwrap_or_default(),
        categories.join(" "),
        if sensitive { "yes" } else { "" }.to_owned(),
        basis.to_owned(),
        own.times.to_string(),
        own.seen.map(|(first, _)| moment(first)).unwrap_or_default(),
        own.seen.map(|(_, last)| moment(last)).unwrap_or_default(),
        accounts.join(" "),
        state.to_owned(),
    ]
}

/// Numbers for the notice, on standard error: the file holds one line a subject alone.
fn summary(report: &Report) {
    let certain = report.affected.iter().filter(|own| own.certain).count();
    eprintln!(
        "{} subjects: {certain} named by the log, {} possible or held; {} lines of the log",
        report.affected.len(),
        report.affected.len() - certain,
        report.lines
    );
    for (category, number) in report.by_category() {
        let sensitive = if category.is_sensitive() { " (sensitive)" } else { "" };
        eprintln!("  {}: {number}{sensitive}", category.as_str());
    }
    eprintln!("Decree 13/2023/ND-CP, article 23: the notice is due within 72 hours.");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_subject_and_never_the_name() {
        let at = DateTime::from_timestamp(1_793_000_000, 0).unwrap();
        let own = Affected {
            whose: ("person:00000000000000bb".parse().unwrap(), None),
            categories: [Category::Name, Category::Health].into_iter().collect(),
            name: Some("Nguyễn Thị Hạnh".to_owned()),
            restricted: false,
            erased: false,
            certain: true,
            times: 2,
            seen: Some((at, at)),
            by: std::iter::once("00000000000000aa".parse().unwrap()).collect(),
        };
        let text = csv(&Report { affected: vec![own], lines: 2 }).unwrap();
        let line = text.lines().nth(1).unwrap();
        assert!(line.starts_with("person:00000000000000bb,,name health,yes,named,2,2026-10-"));
        assert!(line.ends_with("Z,00000000000000aa,held"), "{line}");
        assert!(!text.contains("Hạnh"));
    }
}
