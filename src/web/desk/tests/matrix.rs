//! Every route × who calls it × one's own and a foreign id, at two chapters that have the same
//! furniture: a route that is missing in the table fails, and so does a line without a route.
//!
//! | file | what it is |
//! |---|---|
//! | [`rows`] | the table: who may call a route, and what it answers |
//! | [`callers`] | who calls |
//! | [`furnishing`] | what lies about at both chapters |
//! | [`checks`] | asks, and looks at what came back and at what changed |
//! | [`everybody`] | what everybody may read |
//! | [`lists`](mod@lists) | pages of the one before and after the other writes |
//! | [`forms`], [`filled`] | whole forms with an id of the other chapter in them |
//! | [`beside`] | such ids in files, questions and the list of sessions |

mod beside;
mod callers;
mod checks;
mod everybody;
mod filled;
mod forms;
mod furnishing;
mod lists;
mod rows;

use super::*;
use checks::{Checks, named};
use furnishing::Kept;
use rows::{Row, Sides};

/// Lines whose own id is unknown, too, and why.
const UNKNOWN_TO_ALL: &[(&str, &str)] = &[
    // What stands there is no address: forms that came too late are sent to it.
    ("POST", "/ban/<_..>"),
    // A first run is over with the first chapter.
    ("GET", "/thiet-lap"),
    ("POST", "/thiet-lap"),
];

#[rocket::async_test]
async fn every_route_answers_each_caller_as_the_table_says() {
    let (house, [here, there], kept) = House::with_neighbours().await;
    let tables = [
        Sides { own: &here, other: &there }.expected(),
        Sides { own: &there, other: &here }.expected(),
    ];
    let routes = crate::web::desk::routes();
    for route in &routes {
        let (method, path) = named(route);
        let known = tables[0].contains_key(&(method, path.as_str()));
        assert!(known, "{method} {path} is missing in the matrix");
    }
    assert_eq!(tables[0].len(), routes.len(), "a line of the matrix has no route");
    for (route, row) in &tables[0] {
        assert!(row.answers != 404 || UNKNOWN_TO_ALL.contains(route), "{route:?} proves nothing");
    }
    let mut checks = Checks::new(&house, [&here, &there]);
    let callers = callers::Caller::all(&kept);
    for caller in &callers {
        checks.all_routes(caller, &tables[caller.chapter]).await;
    }
    // Of those with a cookie a few are enough: public pages do not ask whose it is.
    let asks = |caller: &callers::Caller| {
        ["nobody", "retired", "treasurer", "neighbours' chair"].contains(&caller.name)
    };
    let few: Vec<callers::Caller> = callers.into_iter().filter(asks).collect();
    checks.everybody(&few, furnishing::HERE.slug).await;
    let mut wrong = checks.wrong;
    wrong.extend(house.writes_beside_neighbours().await);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[rocket::async_test]
async fn no_form_takes_an_id_of_another_chapter() {
    let (house, [here, there], _) = House::with_neighbours().await;
    house.sit_here();
    house.asks_about_others(&here, &there).await;
    house.ends_sessions().await;
    let wrong = forms::sent(&house, [&here, &there]).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    house.hands_in_statements(&here, &there).await;
    house.hands_in_signatures(&there).await;
}
