//! A site with nothing on it but an empty route, under the settings of our own: the floor beside
//! which answers of public pages are measured. `ROCKET_PORT` says where it listens.

use rocket::{Build, Rocket, get, launch, routes};

#[get("/")]
const fn empty() {}

#[launch]
fn rocket() -> Rocket<Build> {
    rocket::custom(minhbach::web::figment()).mount("/", routes![empty])
}
