//! Đỡ đầu: donors who support given families regularly. Who helps whom stands in no entry, no
//! address and no log; names are opened for the page that shows them, which the log notes.
//!
//! | file | what it is |
//! |---|---|
//! | [`list`] | all plans; what is due of them, overdue first |
//! | [`form`] | a new plan, and changes of one |
//! | [`detail`] | a plan: its periods, its vouchers, its state, the sponsor's link |
//! | [`matching`] | which gifts and handovers belong to a plan |
//! | [`slips`] | slips that are filled in for plans |
//! | [`shown`] | periods, families and sponsors as pages show them |

pub mod detail;
pub mod form;
pub mod list;
pub mod matching;
pub mod shown;
pub mod slips;

use rocket::{Route, routes};

use crate::books::Books;
use crate::ledger::voucher::FundType;
use crate::ledger::word::{Date, Person};
use crate::money::{Currency, Money};
use crate::store::Store;
use crate::store::desk::register::Record;
use crate::store::desk::sponsorship::{Schedule, Sponsorship};
use crate::store::desk::vault::{Purpose, Reader};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::facade::Sponsorships;
use crate::web::desk::families::list::today;
use crate::web::desk::receipts::date;
use crate::web::forms::{Noted, Submission};
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// Where it begins.
pub const PATH: &str = "/ban/do-dau";

/// The routes of sponsorship.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        list::show,
        list::due,
        form::blank,
        form::make,
        form::show,
        form::change,
        detail::show,
        detail::state,
        detail::code,
        detail::unmatch,
        matching::show,
        matching::send,
        slips::gift,
        slips::handover,
        slips::handovers,
    ]
}

/// The path of a plan.
#[must_use]
pub fn path(id: &Person) -> String {
    format!("{PATH}/{id}")
}

/// Opens plans; `pick` says what is shown of them, and of how many persons that is.
///
/// # Errors
/// Faults of the machine.
pub async fn open<T>(
    officer: &Officer,
    store: &Store,
    config: &Config,
    pick: impl FnOnce(Sponsorships) -> (T, usize),
) -> Result<T, Fault> {
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let opened = store.sponsorships(&officer.desk, reader, config.clock.now(), pick).await;
    opened.map_err(Fault::internal)
}

/// A plan that was opened, with its sponsor, its families and what is due of it.
pub struct Opened {
    /// The plan.
    pub own: Sponsorship,
    /// Its sponsor.
    pub sponsor: Record,
    /// How often the sponsor's record was changed.
    pub record: u64,
    /// Its families.
    pub families: Vec<shown::Family>,
    /// What is due.
    pub schedule: Schedule,
    /// Everything that was read for it.
    pub all: Sponsorships,
    /// The day on which it was asked.
    pub today: Date,
}

/// Opens one plan, which the log notes.
///
/// # Errors
/// 404 for an unknown plan, an erased one, and one that is held back; faults of the machine.
pub async fn find(
    officer: &Officer,
    store: &Store,
    config: &Config,
    id: &str,
) -> Result<Opened, Fault> {
    let id: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let today = today(officer)?;
    let opened = open(officer, store, config, |all| {
        let opened = opened(all, &id, today);
        let number = opened.as_ref().map_or(0, |own| own.families.len() + 1);
        (opened, number)
    });
    opened.await?.ok_or(Fault::NotFound)
}

fn opened(all: Sponsorships, id: &Person, today: Date) -> Option<Opened> {
    let own = all.get(id)?.clone();
    let donor = all.donors.get(&own.sponsor)?;
    let (sponsor, record) = (donor.record.clone(), donor.version);
    let schedule = all.schedule(&own.plan, today);
    let families = shown::families(&all, &own.plan);
    Some(Opened { own, sponsor, record, families, schedule, all, today })
}

/// The plans that a family is part of; its page leads to them and names nobody else.
///
/// # Errors
/// Faults of the machine.
pub async fn of_family(
    officer: &Officer,
    store: &Store,
    config: &Config,
    family: &Person,
) -> Result<Vec<String>, Fault> {
    let plans = open(officer, store, config, |all| {
        let own = all.plans.all.iter().filter(|own| {
            own.plan.links.iter().any(|link| all.named.get(&link.id) == Some(family))
        });
        let plans: Vec<String> = own.map(|own| own.id.to_string()).collect();
        (plans, 0)
    });
    plans.await
}

/// An amount as people type it.
#[must_use]
pub fn typed(amount: Money, currency: &Currency) -> String {
    amount.grouped('.', currency)
}

/// A day of which the books can know something: money before it is in no entry.
///
/// # Errors
/// [`Noted`] for no day, and one before the books begin.
pub fn day_of_books(
    form: &mut Submission,
    name: &'static str,
    books: &Books,
) -> Result<Date, Noted> {
    let day = date(form, name)?;
    match books.chapter().map(|own| own.books_from) {
        Some(first) if day < first => {
            let first = first.naive().format("%d/%m/%Y").to_string();
            Err(form.note_with(name, "sponsor-before-books", [("day", first.into())]))
        }
        _ => Ok(day),
    }
}

/// Open funds for sponsorship: code and name.
#[must_use]
pub fn funds(books: &Books) -> Vec<(String, String)> {
    let all = books.register().funds().iter();
    let own = all.filter(|(_, own)| !own.closed && own.fund.r#type == FundType::Sponsorship);
    own.map(|(code, own)| (code.to_string(), own.fund.name.to_string())).collect()
}

/// Why a plan was not changed: somebody else changed it, or what is known of its sponsor.
pub const MOVED: &str = "sponsor-moved";
/// See [`MOVED`].
pub const RECORD_MOVED: &str = "sponsor-record-moved";

/// The key of the text that says why a plan was not changed; faults of the machine go on.
///
/// # Errors
/// Whatever is no rule of plans.
pub fn refused(fault: DeskFault) -> Result<&'static str, Fault> {
    match fault.refusal() {
        Some(DeskRefusal::PlanMoved) => Ok(MOVED),
        Some(DeskRefusal::RecordMoved) => Ok(RECORD_MOVED),
        Some(DeskRefusal::Gone) => Ok("sponsor-gone"),
        Some(DeskRefusal::TextLength(..)) => Ok("sponsor-too-long"),
        _ => Err(Fault::internal(fault)),
    }
}
