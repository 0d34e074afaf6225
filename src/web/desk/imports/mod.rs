//! Nhập tệp: a bank statement in three steps, file, columns, preview, and then into the ledger.
//!
//! | file | what it is |
//! |---|---|
//! | [`start`] | step 1: the file, its account and fund; what waits; throwing away |
//! | [`columns`] | step 2: which column means what |
//! | [`preview`] | step 3: every line, what becomes of it, the totals |
//! | [`choosing`] | kinds of lines, by page or by filter |
//! | [`recording`] | all vouchers signed and recorded as one; what became of it |
//! | [`going`] | how far a long file has come |
//! | [`work`] | a statement at work: file, choices, plan |
//! | [`unclear`] | money of which it is not known what for, looked through and assigned |
//! | [`known`] | between the rooms `import` and `store` |

pub mod choosing;
pub mod columns;
pub mod going;
pub mod known;
pub mod preview;
pub mod recording;
pub mod start;
pub mod unclear;
pub mod work;

use rocket::{Route, routes};

/// Where it begins.
pub const PATH: &str = "/ban/nhap-tep";

/// The routes of the import.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        start::show,
        start::upload,
        start::discard,
        columns::show,
        columns::send,
        preview::show,
        choosing::send,
        going::show,
        recording::done,
        unclear::show,
        unclear::search,
        unclear::assign,
        unclear::move_on,
    ]
}
