//! A restore that is killed in the middle leaves what was there.

use std::time::{Duration, Instant};

use super::{Vault, file_of, good, house};
use crate::house::Ground;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_the_old_or_the_new_database_is_there_whole() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let file = file_of(&good(&mut vault.backup(house.folder.path(), &Ground::Sqlite)));
    let place = vault.place("to");
    let restore = || {
        let mut command = vault.restore(&file, &place, &Ground::Sqlite);
        command.arg("--replace");
        command
    };
    let began = Instant::now();
    good(&mut restore());
    let whole = began.elapsed();
    let database = place.join("minhbach.sqlite");
    let mut inside = 0;
    for round in 1..=14_u32 {
        // Another database stands there.
        std::fs::remove_dir_all(&place).unwrap();
        std::fs::create_dir(&place).unwrap();
        std::fs::write(&database, "the old one").unwrap();
        let mut child = restore().spawn().unwrap();
        std::thread::sleep(whole * round / 13);
        let _ = child.kill();
        let ended = child.wait().unwrap();
        let there = std::fs::read(&database).unwrap();
        if there == b"the old one" {
            assert!(!ended.success());
            inside += 1;
        } else {
            let signed = std::collections::BTreeMap::new();
            minhbach::store::copies::look_at_sqlite(&database, &signed).await.unwrap();
        }
    }
    assert!(inside > 2, "{inside} of 14 were in the middle");
    // The next one begins anew, whatever the killed one left.
    std::fs::write(&database, "the old one").unwrap();
    good(&mut restore());
    let signed = std::collections::BTreeMap::new();
    minhbach::store::copies::look_at_sqlite(&database, &signed).await.unwrap();
    let left = super::names(&place);
    assert!(!left.iter().any(|name| name.ends_with(".work")), "{left:?}");
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_killed_is_no_backup() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let data = house.folder.path();
    let began = Instant::now();
    good(&mut vault.backup(data, &Ground::Sqlite));
    let whole = began.elapsed();
    for round in 1..=8_u32 {
        // Names are of seconds.
        std::thread::sleep(Duration::from_millis(1_000));
        let mut child = vault.backup(data, &Ground::Sqlite).spawn().unwrap();
        std::thread::sleep(whole * round / 8);
        let _ = child.kill();
        child.wait().unwrap();
    }
    for file in vault.files() {
        if file.extension().is_some_and(|ending| ending == "age") {
            let place = vault.place(&file.file_name().unwrap().to_string_lossy());
            good(&mut vault.restore(&file, &place, &Ground::Sqlite));
        }
    }
    std::thread::sleep(Duration::from_millis(1_000));
    good(&mut vault.backup(data, &Ground::Sqlite));
    house.store.stop().await.unwrap();
}
