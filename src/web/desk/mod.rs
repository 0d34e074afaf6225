//! The desk: what officers do, under `/ban/…`, and the way in.
//!
//! | file | what it is |
//! |---|---|
//! | [`setup`], [`sign_in`] | the first run; signing in and out |
//! | [`second_step`] | the code behind the passphrase |
//! | [`today`], [`entry`], [`ledger`] | what waits, one entry, the books of places and funds |
//! | [`stock`] | what lies in stores, stock cards |
//! | [`slip`] | how every voucher form works: typed, echoed, recorded once |
//! | [`receipts`], [`payments`], [`movements`], [`openings`] | the forms |
//! | [`goods`], [`handing_out`], [`stock_slips`] | the forms of goods |
//! | [`goods_held`], [`between`] | goods held for others; to and from other chapters |
//! | [`custody`], [`corrections`] | forms about an earlier entry, and what is held for others |
//! | [`families`], [`rounds`] | the register of families; rounds of distribution |
//! | [`lending`] | loans: applications, terms, what is due and paid |
//! | [`sponsors`] | regular sponsorship: plans, what is due, what was matched |
//! | [`imports`] | a bank statement: file, columns, preview |
//! | [`giving`] | which funds take gifts, under which code, into which account |
//! | [`count`], [`minutes`], [`closing`] | month-end |
//! | [`publication`] | what has to be published until when; the notice board |
//! | [`papers`] | slips, receipts, books and minutes as PDF |
//! | [`activity`], [`statements`], [`audit`] | reports; what an auditor reads and concludes |
//! | [`complaints`] | what people told the chapter, and its answers |
//! | [`names`], [`erasure`] | donors' names by consent; private values erased |
//! | [`approvals`], `signing` | the second signature |
//! | [`away`] | the same, given on another machine |
//! | [`admin`], [`passphrases`] | officers, keys, the guardian, one's own account |
//! | [`describe`], [`refusals`] | vouchers in words; the books' no at its field |
//! | [`tables`] | lists as files: XLSX and CSV |
//! | `measures` | spans of time and sizes in the unit that people say |
//! | [`sealed`] | private values |

pub mod activity;
pub mod admin;
pub mod approvals;
pub mod audit;
pub mod away;
pub mod between;
mod clock;
pub mod closing;
pub mod complaints;
pub mod corrections;
pub mod count;
pub mod custody;
pub mod describe;
pub mod entry;
pub mod erasure;
pub mod families;
pub mod giving;
pub mod goods;
pub mod goods_held;
mod goods_rows;
pub mod goods_words;
pub mod handing_out;
pub mod imports;
pub mod ledger;
pub mod lending;
mod measures;
pub mod minutes;
pub mod movements;
pub mod names;
pub mod openings;
pub mod papers;
pub mod passphrases;
pub mod payments;
pub mod publication;
pub mod receipts;
pub mod refusals;
pub mod rounds;
pub mod sealed;
pub mod second_step;
pub mod setup;
pub mod sign_in;
mod signing;
pub mod slip;
pub mod sponsors;
pub mod statements;
pub mod stock;
pub mod stock_slips;
pub mod tables;
pub mod today;

use minijinja::context;
use minijinja::value::Value;
use rocket::response::Redirect;
use rocket::{Responder, Route, routes};

use super::page::Page;
use super::session::Officer;
use crate::store::Standing;
use crate::store::facade::ClockFit;

/// A page, or the way to one.
#[derive(Debug, Responder)]
pub enum Answer {
    /// A page.
    Page(Box<Page>),
    /// 303.
    Go(Box<Redirect>),
}

impl Answer {
    /// The way to another page of ours.
    #[must_use]
    pub fn go(path: impl Into<String>) -> Self {
        Self::Go(Box::new(Redirect::to(path.into())))
    }
}

impl From<Page> for Answer {
    fn from(page: Page) -> Self {
        Self::Page(Box::new(page))
    }
}

/// A page of the desk, with its navigation and who is signed in.
#[must_use]
pub fn page(officer: &Officer, template: &'static str, values: Value) -> Page {
    let name = officer.books.chapter().map_or("", |state| state.chapter.name.as_str());
    let desk = context! {
        title => officer.office.title.as_str(),
        records => officer.may_record(),
        families => officer.has_any(crate::web::session::CASEWORKERS),
        oversees => officer.has_any(&[
            crate::ledger::voucher::OfficerRole::Chair,
            crate::ledger::voucher::OfficerRole::Auditor,
        ]),
        heads => officer.has_any(&[
            crate::ledger::voucher::OfficerRole::Chair,
            crate::ledger::voucher::OfficerRole::DeputyChair,
        ]),
        audits => officer.has_any(&[crate::ledger::voucher::OfficerRole::Auditor]),
        leave => officer.form_secret().token("/dang-xuat"),
        paused => paused(officer),
    };
    Page::new(template, context! { desk, ..values }).chapter(name, "/ban/viec")
}

/// Why nothing can be recorded now, before anybody fills in a form for nothing: the key of the line
/// above every page.
fn paused(officer: &Officer) -> Option<&'static str> {
    match (&officer.standing, officer.clock) {
        (Standing::ReadOnly(_), _) => Some("desk-paused-closed"),
        (Standing::Open, ClockFit::Behind(_)) => Some("desk-paused-behind"),
        (Standing::Open, ClockFit::FarAhead(_)) if officer.may_be_written() => {
            Some("desk-paused-far")
        }
        (Standing::Open, _) => None,
    }
}

/// All routes of the desk.
#[must_use]
pub fn routes() -> Vec<Route> {
    let way_in = routes![
        setup::show,
        setup::found,
        setup::continuing::show,
        setup::continuing::found,
        sign_in::show,
        sign_in::enter,
        sign_in::too_late,
        sign_in::leave,
        second_step::show,
        second_step::send,
        second_step::set_up,
        second_step::prove,
        second_step::show_reset,
        second_step::send_reset,
    ];
    let reading = routes![
        today::show,
        entry::show,
        ledger::place,
        ledger::funds,
        stock::show,
        stock::card,
        approvals::list,
        approvals::one,
        closing::show,
        clock::show,
        clock::confirm,
    ];
    let reporting = routes![minutes::show, statements::show, statements::publish,];
    let deciding = routes![
        approvals::approve,
        approvals::send_back,
        approvals::withdraw,
        away::show,
        away::take_out,
        away::bring_back,
        closing::close,
    ];
    [
        way_in,
        reading,
        reporting,
        auditing(),
        files(),
        privacy(),
        deciding,
        admin::routes(),
        slip::routes(),
        imports::routes(),
        giving::routes(),
        families::routes(),
        rounds::routes(),
        lending::routes(),
        sponsors::routes(),
        publication::routes(),
        papers::routes(),
    ]
    .concat()
}

/// What an auditor reads and concludes.
fn auditing() -> Vec<Route> {
    routes![
        audit::log,
        audit::numbers,
        audit::reversals,
        audit::closings,
        audit::openings::show,
        audit::openings::xlsx,
        audit::openings::csv,
        audit::security::show,
        audit::security::xlsx,
        audit::security::csv,
        audit::breach::show,
        audit::breach::take_out,
        audit::conclusion::show,
        audit::conclusion::send,
    ]
}

/// Tables as files.
fn files() -> Vec<Route> {
    routes![
        tables::book_xlsx,
        tables::book_csv,
        tables::card_xlsx,
        tables::card_csv,
        tables::funds_xlsx,
        tables::funds_csv,
        tables::donors_xlsx,
        tables::donors_csv,
        tables::series_xlsx,
        tables::series_csv,
        tables::log_xlsx,
        tables::log_csv,
    ]
}

/// Names, values that are erased, and what people complain of.
fn privacy() -> Vec<Route> {
    routes![
        names::list,
        names::show,
        names::publish,
        names::withdraw,
        erasure::show,
        erasure::send,
        complaints::list,
        complaints::show,
        complaints::take,
        complaints::answer,
        complaints::publish,
        complaints::contact,
        complaints::erase,
    ]
}

#[cfg(test)]
mod tests;
