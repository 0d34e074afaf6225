//! Sổ hộ: the families that the chapter helps. Nothing of it is public, and no part of it stands in
//! an address: names are looked for with a form.
//!
//! | file | what it is |
//! |---|---|
//! | [`list`] | the register, with search and filters; the whole of it as a table |
//! | [`form`] | a family as a form, and back |
//! | [`edit`] | entering and changing; look-alikes that a person tells apart |
//! | [`detail`] | one family: who, why, agreed to what, entitled to what, helped when |
//! | [`directory`] | families that a slip names |
//! | [`lists`] | a whole list at once: file, columns, preview |
//! | [`entitlements`] | what to ask for, as the chapter words it |

pub mod detail;
pub mod directory;
pub mod edit;
pub mod entitlements;
pub mod form;
pub mod list;
pub mod lists;

use rocket::{Route, routes};

use crate::import::likeness::Likeness;
use crate::store::desk::register::Record;

/// Where it begins.
pub const PATH: &str = "/ban/so-ho";

/// What the log calls a look at the list.
const REGISTER: &str = "register:family";

/// The routes of the register.
#[must_use]
pub fn routes() -> Vec<Route> {
    let own = routes![
        list::show,
        list::search,
        list::table,
        detail::show,
        edit::blank,
        edit::enter,
        edit::show,
        edit::change,
        entitlements::show,
        entitlements::send,
    ];
    [own, lists::routes()].concat()
}

/// What a record is compared with others by.
#[must_use]
pub fn likeness(record: &Record) -> Likeness {
    let members = &record.household.members;
    let members = members.iter().map(|member| (member.full_name.as_str(), member.birth_year));
    let (hamlet, identity) = (record.hamlet.as_deref(), record.identity_number.as_deref());
    Likeness::new(&record.full_name, hamlet, identity, members)
}
