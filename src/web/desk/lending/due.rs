//! What is due: the list of a week to collect by, one tap for each loan; what is late; and paper to
//! remind people with.

use chrono::Days;
use minijinja::context;
use rocket::{State, get};
use serde::Serialize;

use super::{Stage, open, path, slips};
use crate::ledger::word::Date;
use crate::money::Money;
use crate::store::desk::DeskFault;
use crate::store::desk::lending::Filed;
use crate::store::facade::Lending;
use crate::web::desk::families::list::today;
use crate::web::desk::slip::{So, new_id};
use crate::web::forms::FormView;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Weeks that can be looked at from this one.
const WEEKS: i64 = 520;

/// A loan of which something is late or due.
#[derive(Debug, Serialize)]
struct Due {
    path: String,
    number: Option<String>,
    borrower: String,
    hamlet: Option<String>,
    phone: Option<String>,
    guarantor: Option<String>,
    so: String,
    /// The identifier of the slip that one tap fills in.
    id: String,
    overdue: i64,
    days_late: u32,
    /// Instalments of the week: day and what is owed of each.
    week: Vec<(String, i64)>,
    /// What one tap takes.
    amount: i64,
    typed: String,
    owed: i64,
}

/// How late a loan is.
#[derive(Clone, Copy, Debug)]
enum By {
    /// By the schedule that was agreed last: what people are asked for.
    Agreement,
    /// By the worst of all schedules: what an officer has to know.
    Arrears,
}

/// A span of days, both included.
#[derive(Clone, Copy, Debug)]
struct Week {
    from: Date,
    to: Date,
}

/// The week, Monday to Sunday, so many weeks from that of `today`.
fn week(today: Date, away: i64) -> Option<Week> {
    let monday = today.naive().week(chrono::Weekday::Mon).first_day();
    let shift = Days::new(away.unsigned_abs().checked_mul(7)?);
    let from = if away < 0 { monday - shift } else { monday + shift };
    Some(Week { from: Date::new(from)?, to: Date::new(from + Days::new(6))? })
}

fn due(
    all: &Lending,
    own: &Filed,
    (today, week, by): (Date, Week, By),
    officer: &Officer,
) -> Result<Option<Due>, DeskFault> {
    let (Some(borrower), Some(account)) = (all.borrower(own), all.account(&own.file)) else {
        return Ok(None);
    };
    if Stage::of(all, &own.file) != Stage::Running {
        return Ok(None);
    }
    let instalments = all.instalments(&own.file)?;
    let (state, late) = (instalments.on(today), instalments.arrears(today));
    let coming = state.due().chain(state.next());
    let coming = coming.filter(|line| (week.from..=week.to).contains(&line.agreed.due));
    let coming: Vec<(Date, Money)> =
        coming.map(|line| (line.agreed.due, line.owed.total())).collect();
    let (overdue, late) = match by {
        By::Agreement => (state.overdue_sum().total(), state.days_late()),
        By::Arrears => (late.overdue.total(), late.days_late),
    };
    let sum = Money::sum(coming.iter().map(|(_, owed)| *owed).chain([overdue]));
    let amount = sum.unwrap_or_default();
    let number = account.number.map(|number| number.to_string());
    let line = number.is_none().then_some(account.loan.line);
    Ok(Some(Due {
        path: path(&own.id),
        borrower: borrower.record.full_name.clone(),
        hamlet: borrower.record.hamlet.clone(),
        phone: borrower.record.phone.clone(),
        guarantor: own.file.guarantor.as_ref().map(|own| own.full_name.clone()),
        so: So { place: account.loan.seq, line }.to_string(),
        number,
        id: new_id().to_string(),
        overdue: overdue.minor(),
        days_late: late,
        week: coming.iter().map(|(day, owed)| (day.to_string(), owed.minor())).collect(),
        amount: amount.minor(),
        typed: amount.grouped('.', &officer.books.currency()),
        owed: account.owed().minor() + account.fee_owed().minor(),
    }))
}

/// The loans of which something is late or due in a week: the latest first.
fn all_due(
    all: &Lending,
    when: (Date, Week, By),
    officer: &Officer,
) -> Result<Vec<Due>, DeskFault> {
    let rows = all.files.all.iter().map(|own| due(all, own, when, officer));
    let rows: Result<Vec<Option<Due>>, DeskFault> = rows.collect();
    let mut rows: Vec<Due> = rows?.into_iter().flatten().collect();
    rows.retain(|own| own.overdue > 0 || !own.week.is_empty());
    rows.sort_by_cached_key(|own| {
        let name = crate::import::text::fold(&own.borrower);
        (std::cmp::Reverse(own.days_late), own.week.first().cloned(), name)
    });
    Ok(rows)
}

async fn listed(
    officer: &Officer,
    kept: &Kept<'_>,
    config: &Config,
    when: (Date, Week),
) -> Result<Vec<Due>, Fault> {
    let rows = open(officer, kept.0, config, |all| {
        let rows = all_due(&all, (when.0, when.1, By::Agreement), officer);
        let number = rows.as_ref().map_or(0, Vec::len);
        (rows, number)
    });
    rows.await?.map_err(Fault::internal)
}

/// The list to collect by; `tuan`: so many weeks from this one.
#[get("/ban/vay/den-han?<tuan>")]
pub async fn list(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    tuan: Option<i64>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let today = today(&officer)?;
    let away = tuan.unwrap_or(0);
    let week = week(today, away).filter(|_| away.abs() <= WEEKS).ok_or(Fault::NotFound)?;
    let rows = listed(&officer, &kept, config, (today, week)).await?;
    let slip = FormView::blank(&officer.form_secret(), slips::REPAID.path, slips::REPAID.form);
    let sum: i64 = rows.iter().map(|own| own.amount).sum();
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/due.html",
        context! {
            rows => minijinja::value::Serde(rows),
            sum,
            slip,
            date => officer.today.format("%d/%m/%Y").to_string(),
            from => week.from.to_string(),
            to => week.to.to_string(),
            away,
            before => away - 1,
            after => away + 1,
        },
    ))
}

/// What is late, by days; for the desk alone.
#[get("/ban/vay/cham-tra")]
pub async fn late(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let today = today(&officer)?;
    let week = week(today, 0).ok_or(Fault::NotFound)?;
    let opened = open(&officer, kept.0, config, |all| {
        let read = all_due(&all, (today, week, By::Arrears), &officer).and_then(|mut rows| {
            rows.retain(|own| own.overdue > 0);
            Ok((rows, all.overdue(today)?))
        });
        let number = read.as_ref().map_or(0, |(rows, _)| rows.len());
        (read, number)
    });
    let (rows, overdue) = opened.await?.map_err(Fault::internal)?;
    let out = officer.books.loans().owed();
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/late.html",
        context! {
            rows => minijinja::value::Serde(rows),
            par30 => overdue.par30.minor(),
            par90 => overdue.par90.minor(),
            out => i64::try_from(out).unwrap_or(i64::MAX),
        },
    ))
}

/// Reminders on paper: one for each loan of which something is late or due in this week or the
/// next.
#[get("/ban/vay/giay-bao")]
pub async fn reminders(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let today = today(&officer)?;
    let this = week(today, 0).ok_or(Fault::NotFound)?;
    let next = week(today, 1).ok_or(Fault::NotFound)?;
    let both = Week { from: this.from, to: next.to };
    let rows = listed(&officer, &kept, config, (today, both)).await?;
    let chapter = officer.books.chapter().map(|state| &state.chapter);
    Ok(crate::web::desk::page(
        &officer,
        "desk/lending/reminders.html",
        context! {
            rows => minijinja::value::Serde(rows),
            name => chapter.map_or("", |chapter| chapter.name.as_str()),
            today => today.to_string(),
        },
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_week_goes_from_monday_to_sunday() {
        let shown = |day: &str, away| {
            let own = week(day.parse().unwrap(), away).unwrap();
            (own.from.to_string(), own.to.to_string())
        };
        let expected = ("2026-11-23".to_owned(), "2026-11-29".to_owned());
        assert_eq!(shown("2026-11-23", 0), expected);
        assert_eq!(shown("2026-11-29", 0), expected);
        assert_eq!(shown("2026-12-02", -1), expected);
        assert_eq!(shown("2026-11-10", 2), expected);
    }
}
