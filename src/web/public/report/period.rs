//! Periods as their addresses name them, and where the statement of one comes from.

use crate::books::Books;
use crate::books::statement::Covers;
use crate::ledger::tree::sha256;
use crate::ledger::word::{Code, Date, Month};
use crate::publish::clock::{campaign_name, campaign_of, quarter_of};
use crate::store::facade::View;
use crate::web::Fault;
use crate::web::public::ledgers::{Ledgers, read};

/// What a statement covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Period {
    /// A month, or several that one closing spans: then the last of them.
    Month(Month),
    /// A quarter, from 1, of a year.
    Quarter(i32, u32),
    /// A year.
    Year(i32),
    /// A fund from a day to another.
    Campaign(Code, Date, Date),
}

impl Period {
    /// Reads `2026-10`, `2026-q4` (also `2026-Q4`), `2026` or `bao-lu_2026-09-09_2026-09-30`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        if let Some((fund, from, to)) = campaign_of(&text) {
            return Some(Self::Campaign(fund, from, to));
        }
        if let Ok(month) = text.parse::<Month>() {
            return Some(Self::Month(month));
        }
        let first = |year: &str| format!("{year}-01-01").parse::<Date>().ok().map(Date::year);
        if let Some((year, quarter)) = text.split_once("-q") {
            let quarter = ["1", "2", "3", "4"].into_iter().position(|own| own == quarter)?;
            return Some(Self::Quarter(first(year)?, u32::try_from(quarter).ok()? + 1));
        }
        first(&text).map(Self::Year)
    }

    /// The name of its file.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Month(month) => month.to_string(),
            Self::Quarter(year, quarter) => format!("{year:04}-q{quarter}"),
            Self::Year(year) => format!("{year:04}"),
            Self::Campaign(fund, from, to) => campaign_name(fund, *from, *to),
        }
    }

    /// Its first and its last day.
    #[must_use]
    pub fn days(&self) -> Option<(Date, Date)> {
        let month = |year: &i32, number: u32| format!("{year:04}-{number:02}").parse::<Month>();
        Some(match self {
            Self::Month(month) => (month.first_day(), month.last_day()),
            Self::Quarter(year, quarter) => {
                let (first, last) = (month(year, quarter * 3 - 2), month(year, quarter * 3));
                (first.ok()?.first_day(), last.ok()?.last_day())
            }
            Self::Year(year) => {
                (month(year, 1).ok()?.first_day(), month(year, 12).ok()?.last_day())
            }
            Self::Campaign(_, from, to) => (*from, *to),
        })
    }

    /// The quarter of a month.
    #[must_use]
    pub fn quarter_of(month: Month) -> Self {
        Self::Quarter(month.first_day().year(), quarter_of(month))
    }
}

/// How far a statement is from being final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The ledger names it by its digest: a closing, or a publication.
    Signed {
        /// The entry.
        seq: u64,
        /// SHA-256 of its file.
        digest: String,
    },
    /// All its months are closed, and nobody published it.
    Closed,
    /// Its figures may still change.
    Open,
}

/// A statement with where it comes from.
pub struct Shown {
    /// What it covers.
    pub period: Period,
    /// The name of its file.
    pub name: String,
    /// The file.
    pub file: serde_json::Value,
    /// How final it is.
    pub stage: Stage,
}

/// What an address leads to.
pub enum Found {
    /// A statement.
    Shown(Box<Shown>),
    /// The name under which it is found.
    Elsewhere(String),
}

/// The last day that the ledger knows of.
#[must_use]
pub fn last_day(books: &Books) -> Option<Date> {
    let offset = books.chapter()?.utc_offset;
    books.last_at().map(|at| at.local_date(offset))
}

/// The days of a fund's appeal as it stands now; `None` of a fund that is none.
#[must_use]
pub fn appeal(books: &Books, fund: &Code) -> Option<(Date, Date)> {
    let state = books.register().funds().get(fund)?;
    let from = state.fund.from?;
    let to = state.fund.to.or_else(|| last_day(books))?;
    (from <= to).then_some((from, to))
}

/// Whether the days are those of a fund's appeal, up to its end or to any day of it that the
/// ledger knows of: a sheet on the wall is found as long as it hangs.
#[must_use]
pub fn runs(books: &Books, fund: &Code, (from, to): (Date, Date)) -> bool {
    let last = last_day(books);
    let ends = appeal(books, fund).filter(|(first, _)| *first == from);
    ends.is_some_and(|(first, end)| to == end || to >= first && last.is_some_and(|last| to <= last))
}

/// The statement of a period: the file that the ledger names, or a preview of one.
///
/// # Errors
/// [`Fault::NotFound`] for what is no period of this ledger, or lies ahead.
pub async fn find(text: &str, view: &View, ledgers: &Ledgers<'_>) -> Result<Found, Fault> {
    let period = Period::read(text).ok_or(Fault::NotFound)?;
    let name = period.name();
    if name != text {
        return Ok(Found::Elsewhere(name));
    }
    let names = ledgers.store().statements(view.chapter).await.map_err(read)?;
    let named = names.into_iter().find(|(own, seq)| *own == name && *seq < view.size());
    if let Some((name, seq)) = named {
        let bytes = ledgers.store().statement(view.chapter, &name).await.map_err(read)?;
        let bytes = bytes.ok_or(Fault::NotFound)?;
        let file = serde_json::from_slice(&bytes).map_err(Fault::internal)?;
        let stage = Stage::Signed { seq, digest: sha256(&bytes).to_string() };
        return Ok(Found::Shown(Box::new(Shown { period, name, file, stage })));
    }
    if let Period::Month(month) = &period {
        // One closing may span months: its file has the name of the last.
        let closings = view.books.closings().iter();
        let through = closings.map(|(through, ..)| *through).find(|through| through > month);
        let begun = view.books.chapter().is_some_and(|own| own.books_from <= month.last_day());
        if let Some(through) = through.filter(|_| begun) {
            return Ok(Found::Elsewhere(through.to_string()));
        }
    }
    preview(period, name, view).map(|shown| Found::Shown(Box::new(shown)))
}

/// What would be in the file if it were made now.
fn preview(period: Period, name: String, view: &View) -> Result<Shown, Fault> {
    let chapter = view.books.chapter().ok_or(Fault::NotFound)?;
    let (from, to) = period.days().ok_or(Fault::NotFound)?;
    let last = last_day(&view.books).ok_or(Fault::NotFound)?;
    if from.month() > last.month().next() || to < chapter.books_from {
        return Err(Fault::NotFound);
    }
    let statement = match &period {
        Period::Month(month) => {
            // The first open month, and later ones that have begun in the ledger: a month ahead
            // would show the figures of the one before under its own name.
            let first = view.books.first_open_day().ok_or(Fault::NotFound)?.month();
            if *month != first && !(first..=last.month()).contains(month) {
                return Err(Fault::NotFound);
            }
            // As the closing would have it: all open months up to this one.
            view.books.closing_statement(*month)
        }
        Period::Quarter(..) | Period::Year(_) => view.books.statement(from, to, &Covers::Chapter),
        Period::Campaign(fund, ..) => {
            runs(&view.books, fund, (from, to)).then_some(()).ok_or(Fault::NotFound)?;
            view.books.statement(from, to, &Covers::Fund(fund.clone()))
        }
    };
    let statement = statement.map_err(|_| Fault::NotFound)?;
    let closed = view.books.closed_through().is_some_and(|month| month.last_day() >= to);
    let stage = if closed { Stage::Closed } else { Stage::Open };
    let file = serde_json::to_value(&statement).map_err(Fault::internal)?;
    Ok(Shown { period, name, file, stage })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_from_their_names_and_have_their_days() {
        for (text, name, from, to) in [
            ("2028-02", "2028-02", "2028-02-01", "2028-02-29"),
            ("2026-Q4", "2026-q4", "2026-10-01", "2026-12-31"),
            ("2026-q1", "2026-q1", "2026-01-01", "2026-03-31"),
            ("2026", "2026", "2026-01-01", "2026-12-31"),
            (
                "bao-lu_2026-09-09_2026-09-30",
                "bao-lu_2026-09-09_2026-09-30",
                "2026-09-09",
                "2026-09-30",
            ),
        ] {
            let period = Period::read(text).unwrap();
            let days = period.days().map(|(from, to)| (from.to_string(), to.to_string()));
            assert_eq!(period.name(), name);
            assert_eq!(days, Some((from.to_owned(), to.to_owned())), "{text}");
        }
        for odd in [
            "",
            "x",
            "26",
            "+2026",
            "2026-q5",
            "2026-q0",
            "2026-q04",
            "2026-13",
            "0000",
            "20260",
            "2026-q",
            "q4",
            "bao-lu_2026-09-30_2026-09-09",
            "2026-10-01",
        ] {
            assert_eq!(Period::read(odd), None, "{odd}");
        }
    }
}
