//! From SQLite to PostgreSQL and back: every row the same, nothing kept of half a move.

use std::path::Path;
use std::process::Command;

use minhbach::store::{Standing, Store, StoreConfig};
use sea_orm::{ConnectionTrait as _, Database, DatabaseBackend, Statement};

use super::{bad, good, healthy, house};
use crate::house::{Ground, demonstration, donation, postgres};

async fn number(url: &str, text: &str) -> i64 {
    let backend = match url.starts_with("postgres") {
        true => DatabaseBackend::Postgres,
        false => DatabaseBackend::Sqlite,
    };
    let database = Database::connect(url).await.unwrap();
    let row = database.query_one_raw(Statement::from_string(backend, text.to_owned())).await;
    let number = row.unwrap().unwrap().try_get_by_index(0).unwrap();
    database.close().await.unwrap();
    number
}

/// Rows that only one of two SQLite files has, over all tables; and how many rows there are.
async fn differing(one: &Path, other: &Path) -> (i64, i64) {
    // One connection, for what is attached is attached to one.
    let mut options = sea_orm::ConnectOptions::new(format!("sqlite://{}", one.display()));
    options.max_connections(1);
    let database = Database::connect(options).await.unwrap();
    let query = async |text: String| {
        let statement = Statement::from_string(DatabaseBackend::Sqlite, text);
        database.query_all_raw(statement).await.unwrap()
    };
    let attach = format!("ATTACH '{}' AS other", other.display());
    database.execute_unprepared(&attach).await.unwrap();
    let tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' \
        AND name NOT LIKE 'sqlite%' AND name <> 'seaql_migrations'";
    let (mut all, mut odd) = (0, 0);
    for table in query(tables.to_owned()).await {
        let table: String = table.try_get_by_index(0).unwrap();
        let count = |of: &str| format!("SELECT COUNT(*) FROM ({of})");
        let (one, other) =
            (format!("SELECT * FROM main.{table}"), format!("SELECT * FROM other.{table}"));
        let sum =
            async |of: &str| -> i64 { query(count(of)).await[0].try_get_by_index(0).unwrap() };
        all += sum(&one).await;
        odd += sum(&format!("{one} EXCEPT {other}")).await;
        odd += sum(&format!("{other} EXCEPT {one}")).await;
    }
    (all, odd)
}

fn moving(from: &str, to: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.args(["move", "--from", from, "--to", to]).env_remove("ROCKET_DATABASE_URL");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_demonstration_goes_to_postgresql_and_back_row_by_row() {
    let Some(Ground::Postgres(url)) = postgres().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (here, back) = (folder.path().join("here"), folder.path().join("back"));
    let ground = Ground::Postgres(url.clone());
    demonstration::copy_to(&here);
    let said = good(&mut moving(here.to_str().unwrap(), &url));
    assert!(said.contains("/xa-mau: "), "{said}");
    let again = bad(&mut moving(here.to_str().unwrap(), &url));
    assert!(again.contains("the new database is not empty"), "{again}");
    // Numbers that the database gives go on behind those that came.
    let largest = number(&url, "SELECT COALESCE(MAX(id), 0) FROM vault_openings").await;
    let next = "SELECT nextval(pg_get_serial_sequence('vault_openings', 'id'))";
    assert!(number(&url, next).await > largest);
    let said = good(&mut moving(&url, back.to_str().unwrap()));
    assert!(said.contains("/xa-mau: "), "{said}");
    let [one, two] = [&here, &back].map(|folder| folder.join("minhbach.sqlite"));
    let (rows, odd) = differing(&one, &two).await;
    assert!(rows > 5_000 && odd == 0, "{rows} rows, {odd} differ");
    // The same folder of keys and anchors serves the other database.
    healthy(&here, &ground);
    let keys = Command::new("cp").arg("-r").arg(here.join("keys")).arg(&back).status();
    assert!(keys.unwrap().success());
    healthy(&back, &Ground::Sqlite);
    let there = bad(&mut moving(&url, back.to_str().unwrap()));
    assert!(there.contains("a database is there"), "{there}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_served_or_changed_is_not_moved_and_nothing_is_kept() {
    let Some(ground) = postgres().await else { return };
    let Some(Ground::Postgres(other)) = postgres().await else { return };
    let house = house(ground).await;
    let Ground::Postgres(url) = house.ground.clone() else { unreachable!() };
    let to = tempfile::tempdir().unwrap();
    let place = to.path().join("to");
    let served = bad(&mut moving(&url, place.to_str().unwrap()));
    assert!(served.contains("stop it first"), "{served}");
    assert!(!place.join("minhbach.sqlite").exists());
    house.store.stop().await.unwrap();
    good(&mut moving(&url, place.to_str().unwrap()));
    // An entry that is not what it was: all rows arrive alike, and yet nothing is kept.
    let database =
        Database::connect(format!("sqlite://{}", place.join("minhbach.sqlite").display()));
    let database = database.await.unwrap();
    let change = "DROP TRIGGER entries_never_change; UPDATE entries SET bytes = \
        CAST(replace(CAST(bytes AS TEXT), '500000', '500001') AS BLOB)";
    database.execute_unprepared(change).await.unwrap();
    database.close().await.unwrap();
    let changed = bad(&mut moving(place.to_str().unwrap(), &other));
    assert!(changed.contains("nothing was moved"), "{changed}");
    assert_eq!(number(&other, "SELECT COUNT(*) FROM chapters").await, 0);
    let kinds = bad(&mut moving(&url, &other));
    assert!(kinds.contains("one side is a folder"), "{kinds}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_ledger_takes_writes() {
    let Some(Ground::Postgres(url)) = postgres().await else { return };
    let house = house(Ground::Sqlite).await;
    let data = house.folder.path().to_owned();
    let in_use = bad(&mut moving(data.to_str().unwrap(), &url));
    assert!(in_use.contains("another program uses this data folder"), "{in_use}");
    house.store.stop().await.unwrap();
    drop(house.store);
    good(&mut moving(data.to_str().unwrap(), &url));
    let store = Store::open(StoreConfig::postgres(&data, &url)).await.unwrap();
    let chapter = store.find_slug("xuan-tay").unwrap();
    assert_eq!(store.standing(chapter).unwrap(), Standing::Open);
    let gift = donation(&"so.example/xuan-tay".parse().unwrap(), 70_000);
    let nothing = minhbach::store::alongside::Alongside::nothing();
    store.record(chapter, gift, nothing, crate::house::now()).await.unwrap();
    assert!(store.check(chapter).await.unwrap().is_clean());
    store.stop().await.unwrap();
}
