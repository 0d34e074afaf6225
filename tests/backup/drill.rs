//! The restore drill: a backup beside writers, restored elsewhere, verified, compared.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use minhbach::store::backups::Backups;
use minhbach::store::{Standing, Store, StoreConfig};

use super::{Vault, bad, file_of, good, house, names, said};
use crate::house::{Ground, donation, postgres};

/// Entries and root that a line `/xuan-tay N entries, ROOT` names.
fn head(said: &str) -> (u64, String) {
    let line = said.lines().find(|line| line.starts_with("/xuan-tay ")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    (words[1].parse().unwrap(), words[3].to_owned())
}

fn config(data: &Path, ground: &Ground) -> StoreConfig {
    match ground {
        Ground::Sqlite => StoreConfig::sqlite(data),
        Ground::Postgres(url) => StoreConfig::postgres(data, url),
    }
}

/// Backs up while several writers record, with the server's hand on the data folder; restores
/// elsewhere, keys behind it, and compares every entry.
async fn drill(ground: Ground, elsewhere: Ground) {
    let (vault, house) = (Vault::new(), house(ground).await);
    let (store, data) = (house.store.clone(), house.folder.path().to_owned());
    let chapter = store.find_slug("xuan-tay").unwrap();
    let link = store.call_to_found(crate::house::now()).await.unwrap();
    let (stop, recorded) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (store, stop, recorded) = (store.clone(), stop.clone(), recorded.clone());
            tokio::spawn(async move {
                let log = "so.example/xuan-tay".parse().unwrap();
                while !stop.load(Ordering::Relaxed) {
                    let gift = donation(&log, 10_000);
                    let nothing = minhbach::store::alongside::Alongside::nothing();
                    store.record(chapter, gift, nothing, crate::house::now()).await.unwrap();
                    recorded.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while recorded.load(Ordering::Relaxed) < 20 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let before = store.head(chapter).unwrap().unwrap().size;
    let mut command = vault.backup(&data, &house.ground);
    let made = tokio::task::spawn_blocking(move || good(&mut command)).await.unwrap();
    let during = recorded.load(Ordering::Relaxed);
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(made.lines().count(), 1, "fit for cron: {made}");
    assert!(during > 20, "writers go on while the backup is made");
    let file = file_of(&made);
    assert_eq!(vault.files(), std::slice::from_ref(&file));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let noted = Backups::read(&data).database.unwrap();
    assert_eq!(noted.bytes, std::fs::metadata(&file).unwrap().len());
    assert!(noted.encrypted && store.backups().database == Some(noted));
    let kept = vault.place("keys-backups");
    std::fs::create_dir(&kept).unwrap();
    let mut command = super::program(&data, &house.ground);
    command.args(["backup", "--keys", "--recipient", &vault.recipient]).arg(&kept);
    let keys = file_of(&good(&mut command));
    assert!(!names(&data).iter().any(|name| name.contains("work") && !name.ends_with("lock")));

    let to = vault.place("elsewhere");
    let told = good(&mut vault.restore(&file, &to, &elsewhere));
    assert!(told.contains("keys/ is not here"), "{told}");
    assert!(!to.join("keys").exists() && !to.join("anchor").exists(), "{:?}", names(&to));
    let (size, root) = head(&told);
    assert!(size >= before, "what was acknowledged before is in it: {size} of {before}");
    assert!(made.contains(&format!("/xuan-tay {size}")), "{made}");
    good(&mut vault.restore(&keys, &to, &elsewhere));
    let doctor = super::healthy(&to, &elsewhere);
    assert_eq!(doctor["chapters"][0]["head"], root.as_str());

    let restored = Store::open(config(&to, &elsewhere)).await.unwrap();
    let chapter_there = restored.find_slug("xuan-tay").unwrap();
    assert_eq!(restored.standing(chapter_there).unwrap(), Standing::Open);
    assert_eq!(
        restored.entry_bytes(chapter_there, 0, size).await.unwrap(),
        store.entry_bytes(chapter, 0, size).await.unwrap()
    );
    // A link of before leads nowhere, and nobody founds a first chapter a second time.
    assert!(!restored.is_called_to_found(&link, crate::house::now()).await.unwrap());
    assert!(!restored.founds_first().await.unwrap());
    restored.stop().await.unwrap();
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_writers_is_restored_elsewhere_with_the_same_head() {
    drill(Ground::Sqlite, Ground::Sqlite).await;
    if let (Some(ground), Some(elsewhere)) = (postgres().await, postgres().await) {
        drill(ground, elsewhere).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_tells_how_many_entries_the_anchor_knows_beyond_it() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let data = house.folder.path().to_owned();
    let file = file_of(&good(&mut vault.backup(&data, &Ground::Sqlite)));
    let (chapter, log) = (house.store.find_slug("xuan-tay").unwrap(), "so.example/xuan-tay");
    for _ in 0..3 {
        house.record(chapter, donation(&log.parse().unwrap(), 1_000)).await.unwrap();
    }
    let mut restore = vault.restore(&file, &data, &Ground::Sqlite);
    let served = bad(&mut restore);
    assert!(served.contains("another program uses this data folder"), "{served}");
    house.store.stop().await.unwrap();
    drop(house.store);
    let there = bad(&mut restore);
    assert!(there.contains("a database is there"), "{there}");
    let told = good(restore.arg("--replace"));
    assert!(told.contains("3 entries are missing") && told.contains("minhbach refill"), "{told}");
    let aside = names(&data).into_iter().find(|name| name.starts_with("replaced-")).unwrap();
    // The old one is whole, and the new one is closed until the entries are back.
    let old = data.join(aside).join("minhbach.sqlite");
    let signed = std::collections::BTreeMap::new();
    let old = minhbach::store::copies::look_at_sqlite(&old, &signed).await.unwrap();
    let store = Store::open(StoreConfig::sqlite(&data)).await.unwrap();
    let standing = store.standing(chapter).unwrap();
    assert!(
        matches!(standing, Standing::ReadOnly(ref why) if why.may_be_refilled()),
        "{standing:?}"
    );
    assert_eq!(old.ledgers[0].size, store.books(chapter).unwrap().size() + 3);
    store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_the_anchor_signs_does_not_vanish_in_silence() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let data = house.folder.path().to_owned();
    let file = file_of(&good(&mut vault.backup(&data, &Ground::Sqlite)));
    house.chapter("dong-song").await;
    house.store.stop().await.unwrap();
    drop(house.store);
    // What lies beside a database that is gone is not replayed over the new one.
    std::fs::remove_file(data.join("minhbach.sqlite")).unwrap();
    std::fs::write(data.join("minhbach.sqlite-wal"), "the log of another one").unwrap();
    let left = bad(&mut vault.restore(&file, &data, &Ground::Sqlite));
    assert!(left.contains("minhbach.sqlite-wal: left by a database"), "{left}");
    let refused = bad(vault.restore(&file, &data, &Ground::Sqlite).arg("--replace"));
    assert!(refused.contains("so.example/dong-song is not in the backup"), "{refused}");
    assert!(!data.join("minhbach.sqlite").exists());
    let mut restore = vault.restore(&file, &data, &Ground::Sqlite);
    let told = good(restore.args(["--replace", "--without-ledger", "dong-song"]));
    assert!(told.contains("so.example/dong-song is not in the backup"), "{told}");
    let aside = names(&data).into_iter().find(|name| name.starts_with("replaced-")).unwrap();
    assert_eq!(names(&data.join(aside)), ["minhbach.sqlite-wal"]);
    let store = Store::open(StoreConfig::sqlite(&data)).await.unwrap();
    assert_eq!(store.chapters().len(), 1);
    store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_than_the_anchor_deletes_no_backup() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let data = house.folder.path().to_owned();
    let file = file_of(&good(&mut vault.backup(&data, &Ground::Sqlite)));
    let (chapter, log) = (house.store.find_slug("xuan-tay").unwrap(), "so.example/xuan-tay");
    house.record(chapter, donation(&log.parse().unwrap(), 1_000)).await.unwrap();
    house.store.stop().await.unwrap();
    drop(house.store);
    good(vault.restore(&file, &data, &Ground::Sqlite).arg("--replace"));
    let old = vault.backups().join("minhbach-20200101T000000Z.tar.gz.age");
    std::fs::write(&old, "x").unwrap();
    let noted = Backups::read(&data);
    assert!(noted.database.is_some());
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let told = bad(vault.backup(&data, &Ground::Sqlite).args(["--keep-daily", "1"]));
    assert!(told.contains("the anchor of so.example/xuan-tay signs"), "{told}");
    assert!(old.exists() && vault.files().len() == 3, "{told}");
    assert_eq!(Backups::read(&data), noted, "one that lacks entries is no good one");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_before_are_put_aside_on_postgresql_and_what_was_cut_off_is_not_served() {
    let (Some(ground), vault) = (postgres().await, Vault::new()) else { return };
    let house = house(ground).await;
    let (data, ground) = (house.folder.path().to_owned(), house.ground.clone());
    let Ground::Postgres(url) = ground.clone() else { unreachable!() };
    let file = file_of(&good(&mut vault.backup(&data, &ground)));
    let rows = house.rows().await;
    house.store.stop().await.unwrap();
    drop(house.store);
    let mut restore = vault.restore(&file, &data, &ground);
    let there = bad(&mut restore);
    assert!(there.contains("the database has tables"), "{there}");
    let told = good(restore.arg("--replace"));
    let aside = told.split("in the schema ").nth(1).unwrap().trim().to_owned();
    let count = async |text: &str| {
        use sea_orm::ConnectionTrait as _;
        let row = rows.query_one_raw(sea_orm::Statement::from_string(
            sea_orm::DatabaseBackend::Postgres,
            text.to_owned(),
        ));
        row.await.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap()
    };
    let old = count(&format!("SELECT COUNT(*) FROM {aside}.entries")).await;
    assert_eq!(count("SELECT COUNT(*) FROM public.entries").await, old);
    // A restore that ended before it verified: no server takes that for a ledger.
    let other = format!("{aside}1");
    minhbach::store::restoring::make_room(&url, &other).await.unwrap();
    let open = Store::open(StoreConfig::postgres(&data, &url)).await;
    assert!(open.unwrap_err().to_string().contains("restore into this database was cut off"));
    good(&mut restore);
    assert_eq!(count("SELECT COUNT(*) FROM public.entries").await, old);
    let store = Store::open(StoreConfig::postgres(&data, &url)).await.unwrap();
    let chapter = store.find_slug("xuan-tay").unwrap();
    assert_eq!(store.standing(chapter).unwrap(), Standing::Open);
    store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_another_server_are_not_taken_for_those_of_the_backup() {
    let vault = Vault::new();
    let [one, other] = [house(Ground::Sqlite).await, house(Ground::Sqlite).await];
    let file = file_of(&good(&mut vault.backup(one.folder.path(), &Ground::Sqlite)));
    let to = vault.place("to");
    std::fs::create_dir(&to).unwrap();
    let mut copy = std::process::Command::new("cp");
    copy.arg("-r").arg(other.folder.path().join("keys")).arg(&to);
    assert!(copy.status().unwrap().success());
    let output = vault.restore(&file, &to, &Ground::Sqlite).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("keys here are not those of the backup"), "{}", said(&output));
    assert!(!to.join("minhbach.sqlite").exists());
}
