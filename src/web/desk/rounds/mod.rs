//! Đợt cấp phát: a round, its list of families, the sheet that they sign, vouchers for approval.
//!
//! | file | what it is |
//! |---|---|
//! | [`terms`] | all rounds; making one, changing its day, place, fund, amount and goods |
//! | [`goods`] | what each family gets beside money |
//! | [`list`] | a round with its list: amounts, who is taken off |
//! | [`choosing`] | families for the list, by hand or by filter |
//! | [`laying`] | the list frozen, its vouchers signed and laid for approval |
//! | [`sheet`], [`printed`] | "Danh sách ký nhận", for paper; the same as a PDF |
//! | [`absent`] | who did not come: vouchers that bring back what was theirs |

pub mod absent;
pub mod choosing;
pub mod goods;
pub mod laying;
pub mod list;
pub mod printed;
pub mod sheet;
pub mod terms;

use rocket::{Route, routes};

use crate::ledger::word::Person;
use crate::store::Store;
use crate::store::desk::rounds::{Round, RoundLine};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::Fault;
use crate::web::session::Officer;

/// Where it begins.
pub const PATH: &str = "/ban/dot-cap-phat";

/// What the log calls a look at the names of a list.
const LIST: &str = "register:round";

/// The routes of rounds.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        terms::all,
        terms::blank,
        terms::make,
        terms::change,
        terms::discard,
        list::show,
        list::send,
        choosing::show,
        choosing::send,
        laying::send,
        sheet::show,
        printed::print,
        absent::show,
        absent::send,
    ]
}

/// The path of a round.
#[must_use]
pub fn path(id: &Person) -> String {
    format!("{PATH}/{id}")
}

/// A round with its list.
///
/// # Errors
/// 404, and faults of the machine.
pub async fn find(
    officer: &Officer,
    store: &Store,
    id: &str,
) -> Result<(Round, Vec<RoundLine>), Fault> {
    let id: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let found = store.round(&officer.desk, &id).await.map_err(Fault::internal)?;
    found.ok_or(Fault::NotFound)
}

/// The key of the text that says why a round was not changed; faults of the machine go on.
///
/// # Errors
/// Whatever is no rule of rounds.
pub fn refused(fault: DeskFault) -> Result<&'static str, Fault> {
    match fault.refusal() {
        Some(DeskRefusal::RoundMoved) => Ok("rounds-moved"),
        Some(DeskRefusal::RoundFrozen) => Ok("rounds-frozen"),
        Some(DeskRefusal::RoundTaken) => Ok("rounds-taken"),
        Some(DeskRefusal::ServedInRound(_)) => Ok("rounds-served-again"),
        Some(DeskRefusal::Gone) => Ok("rounds-gone"),
        _ => Err(Fault::internal(fault)),
    }
}
