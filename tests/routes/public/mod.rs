//! The pages for everybody, on a chapter with three months of books.

mod api;
mod cosigned;
mod figures;
pub mod filled;
mod giving;
mod kept;
mod lending;
mod open;
mod pages;
mod programmes;
mod ready;
mod roll_up;
mod schedule;
mod strange;
mod tree;
mod witness;

use minhbach::web::{BaseUrl, Config, figment, site};
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket::{Build, Rocket};

use filled::Filled;

/// The address of the site in these tests.
const BASE: &str = "https://so.example";

/// The site over a filled store.
fn rocket(filled: &Filled) -> Rocket<Build> {
    let config = Config::new(BaseUrl::parse(BASE).unwrap());
    let figment = figment().merge(("log_level", "off"));
    site(config, figment).manage(filled.house.store.clone())
}

async fn client(filled: &Filled) -> Client {
    Client::untracked(rocket(filled)).await.unwrap()
}

fn one<'a>(response: &'a LocalResponse<'_>, name: &str) -> &'a str {
    let values: Vec<&str> = response.headers().get(name).collect();
    assert_eq!(values.len(), 1, "{name}: {values:?}");
    values[0]
}
