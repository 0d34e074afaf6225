//! `/<chapter>/bao-cao`: every period with how final it is, by year; campaigns below.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use minijinja::value::{Serde, Value};
use rocket::get;

use super::made::{self, Audit};
use super::period::{Period, appeal, last_day};
use crate::ledger::word::{Date, Month, UtcOffset};
use crate::publish::clock::{campaign_name, campaign_of};
use crate::store::desk::publication::Notice;
use crate::store::facade::{Publication, View};
use crate::web::public::home::page;
use crate::web::public::ledgers::{Ledgers, read};
use crate::web::public::told;
use crate::web::{Fault, Page};

/// What is known of all periods of a ledger.
struct Known<'a> {
    view: &'a View,
    publications: Vec<Publication>,
    days: BTreeMap<u64, crate::ledger::word::Time>,
    audits: Vec<(Month, Audit)>,
    notices: Vec<Notice>,
    offset: UtcOffset,
}

impl<'a> Known<'a> {
    async fn read(view: &'a View, ledgers: &Ledgers<'_>) -> Result<Self, Fault> {
        let store = ledgers.store();
        let offset = view.books.chapter().ok_or(Fault::NotFound)?.utc_offset;
        let publications = store.publications(view.chapter, view.size()).await.map_err(read)?;
        let seqs: Vec<u64> = publications.iter().map(|own| own.last).collect();
        let desk = store.desk(view.chapter).map_err(read)?;
        Ok(Self {
            view,
            days: store.appended(view.chapter, &seqs).await.map_err(read)?,
            audits: made::audits(view, ledgers).await?,
            notices: store.notices(&desk).await.map_err(Fault::internal)?,
            publications,
            offset,
        })
    }

    /// A period with its days, the entry that named it, what auditors said, where it hangs.
    fn row(&self, kind: &str, period: &Period) -> Option<Value> {
        let (name, (from, to)) = (period.name(), period.days()?);
        let own = self.publications.iter().find(|own| own.name == name);
        let on = own.and_then(|own| self.days.get(&own.last));
        let on = on.map(|at| at.local_date(self.offset).to_string());
        let closed = self.view.books.closed_through().is_some_and(|own| own.last_day() >= to);
        let audits: Vec<&Audit> = match period {
            Period::Month(month) => {
                self.audits.iter().filter(|(own, _)| own == month).map(|(_, own)| own).collect()
            }
            _ => Vec::new(),
        };
        let hung = self.notices.iter().filter(|notice| notice.statement == name);
        let hung: Vec<Value> = hung
            .map(|own| {
                context! {
                    posted_on => own.posted_on.to_string(),
                    until_on => own.until_on.to_string(),
                    place => own.place.clone(),
                }
            })
            .collect();
        Some(context! {
            kind,
            name,
            from => from.to_string(),
            to => to.to_string(),
            seq => own.map(|own| own.last),
            on,
            closed,
            audits => Serde(audits),
            notices => hung,
        })
    }

    /// The months of a year that have a statement or a preview, the latest first.
    fn months(&self, year: i32) -> Vec<Month> {
        let books = &self.view.books;
        let mut all: BTreeSet<Month> =
            books.closings().iter().map(|(through, ..)| *through).collect();
        let last = last_day(&self.view.books).map(Date::month);
        let mut open = books.first_open_day().map(Date::month);
        while let Some(month) = open.filter(|month| last.is_some_and(|last| *month <= last)) {
            all.insert(month);
            open = Some(month.next());
        }
        // Before anything was recorded in it, too, there is a first month.
        all.extend(books.first_open_day().map(Date::month).filter(|_| all.is_empty()));
        let own = all.into_iter().rev();
        own.filter(|month| month.first_day().year() == year).collect()
    }

    /// Year, quarters and months of a year, as they follow one another on the page.
    fn year(&self, year: i32) -> Vec<Value> {
        let months = self.months(year);
        let mut rows: Vec<Value> = Vec::new();
        if !months.is_empty() {
            rows.extend(self.row("year", &Period::Year(year)));
        }
        let mut before = None;
        for month in months {
            let quarter = Period::quarter_of(month);
            if before.as_ref() != Some(&quarter) {
                rows.extend(self.row("quarter", &quarter));
            }
            rows.extend(self.row("month", &Period::Month(month)));
            before = Some(quarter);
        }
        rows
    }

    /// Published campaigns and those that run, the latest first.
    fn campaigns(&self) -> Vec<Value> {
        let named = self.publications.iter().filter_map(|own| campaign_of(&own.name));
        let mut all: BTreeSet<(Date, String)> =
            named.map(|(fund, from, to)| (to, campaign_name(&fund, from, to))).collect();
        for fund in self.view.books.register().funds().keys() {
            if let Some((from, to)) = appeal(&self.view.books, fund) {
                all.insert((to, campaign_name(fund, from, to)));
            }
        }
        let row = |(_, name): (Date, String)| {
            let period = Period::read(&name)?;
            let Period::Campaign(fund, ..) = &period else { return None };
            let row = self.row("campaign", &period)?;
            Some(context! { fund => told::fund(&self.view.books, fund.as_str()), ..row })
        };
        all.into_iter().rev().filter_map(row).collect()
    }
}

/// All periods of a year, and campaigns.
#[get("/<chapter>/bao-cao?<nam>", rank = 20)]
pub async fn reports(chapter: &str, nam: Option<i32>, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let known = Known::read(&view, &ledgers).await?;
    let first = view.books.chapter().map(|own| own.books_from.year()).ok_or(Fault::NotFound)?;
    let last = last_day(&view.books).map_or(first, Date::year).max(first);
    let years: Vec<i32> = (first..=last).rev().collect();
    let year = nam.unwrap_or(last);
    if !years.contains(&year) {
        return Err(Fault::NotFound);
    }
    // Notices are no part of the ledger: its head alone does not tell of them.
    let hung = crate::ledger::tree::sha256(format!("{:?}", known.notices).as_bytes()).to_string();
    let state = format!("{}-{year}-{}", view.state(), hung.get(..16).unwrap_or_default());
    let shown = context! {
        year,
        years,
        rows => known.year(year),
        campaigns => known.campaigns(),
    };
    Ok(page(&view, "public/reports.html", shown).of_state(state))
}
