//! Not drills: what they start as processes of their own.

use minhbach::store::{Store, StoreConfig};
use minhbach::web::{BaseUrl, Config, figment, site};
use rocket::fairing::AdHoc;

use crate::store::machine::Reaper;

/// A server in this process, which ends as `kill -9` does where a write has come so far.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a drill"]
async fn child_that_serves_until_a_point() {
    let named = |name: &str| std::env::var(name).ok();
    let folder = named("MINHBACH_CHILD_FOLDER").unwrap();
    let point = named("MINHBACH_CHILD_POINT").unwrap();
    let (point, times) = point.split_once(':').expect("<point>:<times>");
    tracing::subscriber::set_global_default(Reaper::new(point, times.parse().unwrap())).unwrap();
    let config = match named("ROCKET_DATABASE_URL") {
        Some(url) => StoreConfig::postgres(folder, &url),
        None => StoreConfig::sqlite(folder),
    };
    let store = Store::open(config).await.unwrap();
    let base = format!("http://127.0.0.1:{}", named("ROCKET_PORT").unwrap());
    let url = base.clone();
    let rocket =
        site(Config::new(BaseUrl::parse(&base).unwrap()), figment()).manage(store.clone()).attach(
            AdHoc::on_liftoff("address", move |_| Box::pin(async move { println!("Open {url}/") })),
        );
    rocket.launch().await.unwrap();
    store.stop().await.unwrap();
}

/// What [`super::disk`] does on a small disk of its own.
macro_rules! on_a_small_disk {
    ($($child:ident: $drill:ident),* $(,)?) => {$(
        #[test]
        #[ignore = "started by a drill"]
        fn $child() {
            super::disk::$drill(&super::disk::Disk::of_parent());
        }
    )*};
}

on_a_small_disk! {
    child_on_a_disk_that_fills_under_writers: full_under_writers,
    child_on_a_disk_that_fills_under_an_import: full_under_an_import,
    child_on_a_disk_that_fills_under_a_backup: full_under_a_backup,
    child_on_a_disk_that_can_only_be_read: read_only,
    child_whose_folder_is_taken_away: taken_away,
    child_without_room_for_temporary_files: full_of_temporary_files,
}
