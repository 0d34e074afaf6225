//! What the pages of both logs have in common: whose lines, of which days, and the next page.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rocket::http::RawStr;
use rocket::http::uri::Origin;

use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::security::Filter;
use crate::web::desk::admin::accounts_log::title;
use crate::web::fault::Malformed;
use crate::web::forms::{self, Field, Fields, FormView, Noted, Submission};
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// Lines on a page.
pub const MOST: u32 = 100;
/// Lines of a file, read at a time.
pub const BATCH: u32 = 1_000;

const FORM: &[Field] = &[
    Field::one("ai", "audit-who"),
    Field::one("tu", "find-from"),
    Field::one("den", "find-to"),
    Field::one("truoc", "audit-who"),
];

/// What a page asks for.
pub struct Asked {
    /// As it was asked, with its faults.
    pub form: Submission,
    /// What is taken; `None` where the form has faults.
    pub filter: Option<Filter>,
}

impl Asked {
    /// The form again.
    #[must_use]
    pub fn view(&self, action: &str) -> FormView {
        FormView::asked(action, &self.form)
    }

    /// The same question without its place, as a query; everything typed is escaped.
    #[must_use]
    pub fn query(&self) -> String {
        let pairs = ["ai", "tu", "den"].map(|name| (name, self.form.typed(name).trim()));
        let pairs = pairs.into_iter().filter(|(_, typed)| !typed.is_empty());
        let escaped =
            pairs.map(|(name, typed)| format!("{name}={}", RawStr::new(typed).percent_encode()));
        escaped.collect::<Vec<_>>().join("&")
    }
}

/// The first moment of a day where the chapter is.
fn midnight(officer: &Officer, day: NaiveDate) -> Option<DateTime<Utc>> {
    let offset = officer.books.chapter()?.utc_offset.fixed();
    let first = day.and_hms_opt(0, 0, 0)?.and_local_timezone(offset).single()?;
    Some(first.with_timezone(&Utc))
}

/// A first moment, and the one behind the last.
pub type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// The span of two days, both included.
///
/// # Errors
/// [`Noted`] at the field that is not a day, or where the second is before the first.
pub fn span(
    officer: &Officer,
    form: &mut Submission,
    (from, to): (&'static str, &'static str),
) -> Result<Span, Noted> {
    let (first, last) = (form.optional_date(from), form.optional_date(to));
    let (first, last) = (first?, last?);
    if first.is_some() && last.is_some() && first > last {
        return Err(form.note(to, "find-fault-order"));
    }
    let begins = first.and_then(|day| midnight(officer, day));
    let ends = last.and_then(|day| midnight(officer, day.succ_opt()?));
    Ok((begins, ends))
}

/// Reads what an address asks for.
///
/// # Errors
/// 400 for an address that no page of ours makes.
pub fn asked(officer: &Officer, uri: &Origin<'_>) -> Result<Asked, Fault> {
    let asked = forms::asked(uri);
    let fields = Fields::parse(asked.join("&").as_bytes(), 20).map_err(Fault::BadRequest)?;
    let mut form = fields.only(FORM)?;
    let malformed = || Fault::BadRequest(Malformed::Other);
    let person = match form.typed("ai") {
        "" => None,
        typed => Some(typed.parse::<Person>().map_err(|_| malformed())?),
    };
    let below = match form.typed("truoc") {
        "" => None,
        typed => Some(typed.parse::<u64>().map_err(|_| malformed())?),
    };
    let span = span(officer, &mut form, ("tu", "den"));
    let filter = span.ok().map(|(from, until)| Filter { person, from, until, below });
    Ok(Asked { form, filter })
}

/// Who can be asked for: everybody with an account, with their title today.
///
/// # Errors
/// [`Fault`] of the machine.
pub async fn people(officer: &Officer, store: &Store) -> Result<Vec<(String, String)>, Fault> {
    let accounts = store.desk_accounts(&officer.desk).await.map_err(Fault::internal)?;
    let named = accounts.iter().map(|account| {
        let words = format!("{} ({})", title(officer, &account.person), account.sign_in_name);
        (account.person.to_string(), words)
    });
    Ok(named.collect())
}

/// Now, in whole seconds, as a file states it.
#[must_use]
pub fn stamp(officer: &Officer, config: &Config) -> String {
    let offset = officer.books.chapter().map(|own| own.utc_offset.fixed());
    let now = config.clock.now();
    match offset {
        Some(offset) => now.with_timezone(&offset).format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        None => now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// The first moment of the day so many days before today.
#[must_use]
pub fn days_ago(officer: &Officer, days: i64) -> Option<DateTime<Utc>> {
    midnight(officer, officer.today.checked_sub_signed(TimeDelta::days(days))?)
}
