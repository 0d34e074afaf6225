//! Nhập sổ hộ: a list of families in three steps, file, columns, preview; then all of it is in the
//! register, or nothing. The file waits sealed, for its officer alone.
//!
//! | file | what it is |
//! |---|---|
//! | [`start`] | step 1: the file; what waits; throwing away; the template |
//! | [`columns`] | step 2: which column means what |
//! | [`preview`] | step 3: every row, new, perhaps twice or wrong; the recording |
//! | [`work`] | a list at work: file, choices, plan |

pub mod columns;
pub mod preview;
pub mod start;
pub mod work;

use rocket::{Route, routes};

/// Where it begins.
pub const PATH: &str = "/ban/nhap-so-ho";

/// The routes of the import.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        start::show,
        start::upload,
        start::template,
        start::discard,
        columns::show,
        columns::send,
        preview::show,
        preview::send,
        preview::done,
    ]
}
