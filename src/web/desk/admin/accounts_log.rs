//! Lines of the log of accounts as the desk's pages show them.

use chrono::{DateTime, Utc};
use minijinja::context;
use minijinja::value::Value;

use crate::ledger::word::Person;
use crate::store::desk::security::{Event, Line};
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

/// The key of the words for who did it, where it is nobody whose title is shown: a voucher that
/// nobody approved, or whoever runs the machine.
#[must_use]
pub const fn doer(line: &Line) -> Option<&'static str> {
    match (&line.by, line.event) {
        (Some(_), _) => None,
        (None, Event::AccountClosed | Event::KeyBegun) => Some("security-by-voucher"),
        (None, _) => Some("security-machine"),
    }
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
        doer => doer(line).unwrap_or("security-self"),
        detail => line.detail.as_str(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_person_names_voucher_or_machine() {
        let person: Person = "00000000000000aa".parse().unwrap();
        let at = DateTime::from_timestamp(1_793_000_000, 0).unwrap();
        let line = |event, by| Line {
            id: 1,
            at,
            event,
            person: Some(person.clone()),
            by,
            detail: String::new(),
        };
        assert_eq!(doer(&line(Event::AccountClosed, None)), Some("security-by-voucher"));
        assert_eq!(doer(&line(Event::KeyBegun, None)), Some("security-by-voucher"));
        assert_eq!(doer(&line(Event::BreachReported, None)), Some("security-machine"));
        assert_eq!(doer(&line(Event::KeyBegun, Some(person.clone()))), None);
    }
}
