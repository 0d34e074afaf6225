//! Lines of the log of accounts as the desk's pages show them.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;

use crate::ledger::word::Person;
use crate::store::desk::security::Line;
use crate::web::session::Officer;

/// A moment for a page.
#[must_use]
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A person's title today, or their identifier where they are not in office any more.
#[must_use]
pub fn title(officer: &Officer, person: &Person) -> String {
    let office = officer.books.officers().in_office().get(person);
    office.map_or_else(|| person.to_string(), |office| office.title.to_string())
}

/// The key of a line's text.
#[must_use]
pub fn key(line: &Line) -> String {
    format!("security-{}", line.event.as_str().replace('_', "-"))
}

/// A line.
#[must_use]
pub fn row(officer: &Officer, line: &Line) -> Value {
    let other = line.by != line.person;
    context! {
        at => moment(line.at),
        event => key(line),
        person => line.person.as_ref().map(|person| title(officer, person)),
        by => line.by.as_ref().filter(|_| other).map(|person| title(officer, person)),
        by_machine => line.by.is_none() && line.person.is_none(),
        detail => line.detail.as_str(),
    }
}
