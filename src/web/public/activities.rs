//! `/<chapter>/hoat-dong`: what programmes did in a year, and one programme's own page with its
//! years and with every voucher behind a figure.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::context;
use minijinja::value::Value;
use rocket::{FromForm, get};

use super::home::{months, page};
use super::ledgers::{Ledgers, read};
use super::pictures::{Share, shares};
use super::tallied::{Column, averages, columns, deed, each, row, stocks};
use super::told;
use crate::books::programmes::{Deed, Families, Reported, Tally, counted, reported};
use crate::ledger::voucher::FigureOf;
use crate::ledger::word::Code;
use crate::store::facade::{self, View};
use crate::web::guards::Once;
use crate::web::{Fault, Page};

/// Vouchers of a page.
const LINES: usize = 40;

/// The word of the address for all years.
pub const ALL_YEARS: &str = "tat-ca";

/// Everything that the vouchers that stand did for programmes.
pub struct Done(Arc<facade::Done>);

impl Done {
    /// Reads them.
    ///
    /// # Errors
    /// As the store has them.
    pub async fn of(view: &View, ledgers: &Ledgers<'_>) -> Result<Self, Fault> {
        ledgers.store().done(view.chapter, view.size()).await.map(Self).map_err(read)
    }

    /// The years that can be asked for, newest first, and the one that is shown unasked.
    #[must_use]
    pub fn years(&self, view: &View) -> (Vec<i32>, Option<i32>) {
        let chapter = view.books.chapter();
        let first = chapter.map(|own| own.books_from.year());
        let last =
            chapter.and_then(|own| Some(view.books.last_at()?.local_date(own.utc_offset).year()));
        let done = self.0.tallies().keys().map(|(_, year)| *year);
        let (oldest, newest) = (done.clone().min(), done.max());
        let ends = (first.into_iter().chain(oldest).min(), last.into_iter().chain(newest).max());
        let years = match ends {
            (Some(first), Some(last)) => (first..=last).rev().take(200).collect(),
            _ => Vec::new(),
        };
        (years, newest.or(last))
    }

    /// The tallies of a year by programme, or of all years.
    #[must_use]
    pub fn by_programme(&self, year: Option<i32>) -> BTreeMap<Code, Tally> {
        let mut all = BTreeMap::<Code, Vec<&Tally>>::new();
        let tallies = self.0.tallies().iter();
        let wanted = tallies.filter(|((_, own), _)| year.is_none_or(|year| year == *own));
        for ((programme, _), tally) in wanted {
            all.entry(programme.clone()).or_default().push(tally);
        }
        all.into_iter().map(|(code, years)| (code, Tally::over_time(years))).collect()
    }

    /// All programmes together, or one of them, year by year, newest first.
    #[must_use]
    pub fn by_year(&self, only: Option<&Code>) -> Vec<(i32, Tally)> {
        let mut all = BTreeMap::<i32, Vec<&Tally>>::new();
        let wanted = self.0.tallies().iter();
        let wanted = wanted.filter(|((own, _), _)| only.is_none_or(|only| only == own));
        for ((_, year), tally) in wanted {
            all.entry(*year).or_default().push(tally);
        }
        let together = |(year, own): (i32, Vec<&Tally>)| (year, Tally::together(own));
        all.into_iter().rev().map(together).collect()
    }
}

/// The year that an address asks for: the newest when it is left out, `None` for all of them.
///
/// # Errors
/// [`Fault::NotFound`] for what is no year of the ledger.
pub fn year(
    asked: Option<&str>,
    offered: &[i32],
    unasked: Option<i32>,
) -> Result<Option<i32>, Fault> {
    match asked.filter(|text| !text.is_empty()) {
        None => Ok(unasked),
        Some(ALL_YEARS) => Ok(None),
        Some(text) => {
            let year = offered.iter().find(|year| year.to_string() == text);
            year.copied().map(Some).ok_or(Fault::NotFound)
        }
    }
}

/// A year as the address writes it.
#[must_use]
pub fn spelled(year: Option<i32>) -> String {
    year.map_or_else(|| ALL_YEARS.to_owned(), |year| year.to_string())
}

fn name_of(view: &View, code: &Code) -> String {
    told::programme_name(&view.books, code.as_str()).unwrap_or_else(|| code.to_string())
}

/// The key of what a programme is.
fn type_of(view: &View, code: &Code) -> Option<String> {
    let programme = view.books.register().programmes().get(code)?;
    Some(format!("programme-{}", programme.r#type.as_str().replace('_', "-")))
}

/// What all programmes did.
#[get("/<chapter>/hoat-dong?<nam>", rank = 19)]
pub async fn activities(
    chapter: &str,
    nam: Option<&str>,
    _once: Once,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let done = Done::of(&view, &ledgers).await?;
    let (years, unasked) = done.years(&view);
    let chosen = year(nam, &years, unasked)?;
    let programmes = done.by_programme(chosen);
    let all = Tally::together(programmes.values());
    // Two tables that fit a page, rather than one that doesn't.
    let (results, spending): (Vec<_>, Vec<_>) = columns(programmes.values())
        .into_iter()
        .partition(|column| matches!(column, Column::Figure(_)));
    let by_year = done.by_year(None);
    let mut of_years = columns(by_year.iter().map(|(_, tally)| tally));
    // Their sum is enough here; each programme's own page has them apart.
    of_years.retain(|column| !column.is_money());
    let context = context! {
        year => chosen,
        chosen => spelled(chosen),
        years,
        programmes => programmes.len(),
        tables_shown => [("done-by-programme", spending), ("done-results", results)]
            .into_iter()
            .filter(|(_, columns)| !columns.is_empty())
            .map(|(title, columns)| table(&view, title, &columns, &programmes))
            .collect::<Vec<_>>(),
        spent => all.spent().minor(),
        spent_on => spent_on(&view, &programmes, chosen),
        headline => headline(&all),
        averages => averages(programmes.iter().map(|(code, tally)| {
            (code.as_str(), name_of(&view, code), tally)
        })),
        each => each(programmes.values()),
        stocks => programmes.iter().flat_map(|(code, tally)| {
            stocks(code.as_str(), &name_of(&view, code), tally)
        }).collect::<Vec<_>>(),
        year_columns => of_years.iter().map(|column| column.told()).collect::<Vec<_>>(),
        by_year => by_year.iter().map(|(year, tally)| context! {
            year,
            cells => row(tally, &of_years),
            spent => tally.spent().minor(),
        }).collect::<Vec<_>>(),
        months => months(&view.books),
    };
    let state = format!("{}-{}", view.state(), spelled(chosen));
    Ok(page(&view, "public/activities.html", context).of_state(state))
}

/// What was spent by programme, with the vouchers behind each amount.
fn spent_on(view: &View, programmes: &BTreeMap<Code, Tally>, year: Option<i32>) -> Vec<Value> {
    let spent = programmes.iter().filter(|(_, tally)| tally.spent().minor() != 0);
    let share = spent.map(|(code, tally)| Share {
        name: Value::from(name_of(view, code)),
        href: format!("/{}/hoat-dong/{code}?nam={}#khoan", view.origin.slug(), spelled(year)),
        amount: tally.spent().minor(),
    });
    shares(share.collect())
}

/// Programmes by some columns: those that have anything in them.
fn table(
    view: &View,
    title: &str,
    columns: &[Column],
    programmes: &BTreeMap<Code, Tally>,
) -> Value {
    let rows =
        programmes.iter().filter(|(_, tally)| columns.iter().any(|column| column.is_used(tally)));
    let rows = rows.map(|(code, tally)| {
        let (name, cells) = (name_of(view, code), row(tally, columns));
        context! { code => code.as_str(), name, cells }
    });
    context! {
        title,
        columns => columns.iter().map(|column| column.told()).collect::<Vec<_>>(),
        rows => rows.collect::<Vec<_>>(),
        sums => row(&Tally::together(programmes.values()), columns),
    }
}

/// The figures of a year in one line, those that somebody counted.
fn headline(all: &Tally) -> Vec<Value> {
    let counted = all.figures.iter().filter(|(_, counted)| counted.number > 0);
    let counted = counted.map(|(of, counted)| (*of, counted.number));
    let families = match all.reported {
        Families::Shown(number) => u64::try_from(number).ok(),
        Families::None | Families::Few => None,
    };
    let families = families.map(|number| (FigureOf::Families, number));
    counted.chain(families).map(|(of, number)| Column::Figure(of).headline(number)).collect()
}

/// What the address of a programme's page asks for.
#[derive(Debug, FromForm)]
pub struct Asked<'r> {
    nam: Option<&'r str>,
    /// The column whose vouchers are listed; all of them when it is left out.
    cot: Option<&'r str>,
    trang: Option<&'r str>,
}

impl Asked<'_> {
    fn column(&self) -> Result<Option<Column>, Fault> {
        let word = self.cot.filter(|word| !word.is_empty());
        word.map(|word| Column::of(word).ok_or(Fault::NotFound)).transpose()
    }

    /// The page of vouchers, from 1.
    fn place(&self) -> Result<usize, Fault> {
        let Some(text) = self.trang.filter(|text| !text.is_empty()) else { return Ok(1) };
        let place = text.parse().ok().filter(|place: &usize| place.to_string() == text);
        place.filter(|place| *place > 0).ok_or(Fault::NotFound)
    }
}

/// One programme: its years, and the vouchers behind its figures.
#[get("/<chapter>/hoat-dong/<code>?<asked..>", rank = 19)]
pub async fn programme(
    chapter: &str,
    code: &str,
    asked: Asked<'_>,
    _once: Once,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let code: Code = code.parse().map_err(|_| Fault::NotFound)?;
    if !view.books.register().programmes().contains_key(&code) {
        return Err(Fault::NotFound);
    }
    let done = Done::of(&view, &ledgers).await?;
    let (years, _) = done.years(&view);
    let chosen = year(asked.nam, &years, None)?;
    let (column, place) = (asked.column()?, asked.place()?);
    let own: Vec<&Deed> = done.0.deeds().iter().filter(|deed| deed.programme == code).collect();
    let reported = reported(own.iter().copied());
    let listed = listed(&own, &reported, chosen, column);
    let pages = listed.len().div_ceil(LINES).max(1);
    if place > pages {
        return Err(Fault::NotFound);
    }
    let lines = &listed[(place - 1) * LINES..listed.len().min(place * LINES)];
    let by_year = done.by_year(Some(&code));
    let all = Tally::over_time(by_year.iter().map(|(_, tally)| tally));
    let of_years = columns(by_year.iter().map(|(_, tally)| tally));
    let context = context! {
        code => code.as_str(),
        name => name_of(&view, &code),
        kind => type_of(&view, &code),
        columns => of_years.iter().map(|column| column.told()).collect::<Vec<_>>(),
        by_year => by_year.iter().map(|(year, tally)| context! {
            year,
            cells => row(tally, &of_years),
            spent => tally.spent().minor(),
        }).collect::<Vec<_>>(),
        sums => row(&all, &of_years),
        spent => all.spent().minor(),
        averages => averages(by_year.iter().map(|(year, tally)| {
            (code.as_str(), year.to_string(), tally)
        })),
        each => each(by_year.iter().map(|(_, tally)| tally)),
        stocks => stocks(code.as_str(), "", &all),
        year => chosen,
        chosen => spelled(chosen),
        column => column.map(|column| column.told()),
        lines => told_lines(lines, &view, &ledgers, &reported).await?,
        count => listed.len(),
        place,
        pages,
    };
    let word = column.map_or("", |column| column.word());
    let state = format!("{}-{code}-{}-{word}-{place}", view.state(), spelled(chosen));
    Ok(page(&view, "public/programme.html", context).of_state(state))
}

/// The vouchers behind a column in a year, newest first.
fn listed<'a>(
    deeds: &[&'a Deed],
    reported: &Reported,
    year: Option<i32>,
    column: Option<Column>,
) -> Vec<&'a Deed> {
    let behind = |deed: &&Deed| {
        let counts = column.is_none_or(|column| column.is_of(deed, reported));
        counts && year.is_none_or(|year| year == deed.year())
    };
    let mut all: Vec<&Deed> = deeds.iter().copied().filter(behind).collect();
    all.sort_by_key(|deed| std::cmp::Reverse((deed.day, deed.seq)));
    all
}

async fn told_lines(
    lines: &[&Deed],
    view: &View,
    ledgers: &Ledgers<'_>,
    reported: &Reported,
) -> Result<Vec<Value>, Fault> {
    let seqs: Vec<u64> = lines.iter().map(|deed| deed.seq).collect();
    let mut numbers = ledgers.store().numbers(view.chapter, &seqs).await.map_err(read)?;
    let told = |own: &&Deed| {
        let numbers = numbers.remove(&own.seq).unwrap_or_default();
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        deed(own, &counted(own, reported), numbers)
    };
    Ok(lines.iter().map(told).collect())
}
