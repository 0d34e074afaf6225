//! "Danh sách ký nhận": the list on paper, with a column in which families sign. It says what each
//! one gets, and not why.

use minijinja::context;
use rocket::{State, get};

use super::list::rows;
use super::{LIST, find};
use crate::store::desk::vault::{Purpose, Reader};
use crate::web::session::{Caseworker, Kept};
use crate::web::{Config, Fault, Page};

/// The sheet of a round; the log notes that its names were taken out.
#[get("/ban/dot-cap-phat/<id>/ky-nhan")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let (round, lines) = find(&officer, store, id).await?;
    let reader = Reader { person: &officer.person, purpose: Purpose::Export };
    let now = config.clock.now();
    let rows = store.families(&officer.desk, reader, LIST, now, |families| {
        let rows = rows(&round.terms, &lines, &families);
        let number = rows.len();
        (rows, number)
    });
    let rows = rows.await.map_err(Fault::internal)?;
    let chapter = officer.books.chapter().map(|state| &state.chapter);
    Ok(crate::web::desk::page(
        &officer,
        "desk/rounds/sheet.html",
        context! {
            name => chapter.map_or("", |chapter| chapter.name.as_str()),
            address => chapter.and_then(|chapter| chapter.address.as_ref()).map(|own| own.as_str()),
            round => minijinja::value::Serde(super::terms::shown(&officer, &round)),
            frozen => round.is_frozen(),
            rows => minijinja::value::Serde(rows),
        },
    ))
}
