//! The doctor looks, and makes nothing: neither keys nor an anchor nor a database.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Vault, bad, file_of, good, healthy, house, names, program, said};
use crate::house::Ground;

fn private(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_its_keys_is_looked_at_and_the_keys_can_still_be_restored() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let data = house.folder.path();
    let file = file_of(&good(&mut vault.backup(data, &Ground::Sqlite)));
    let mut keys = vault.backup(data, &Ground::Sqlite);
    let keys = file_of(good(keys.arg("--keys")).trim_end());
    let to = vault.place("to");
    good(&mut vault.restore(&file, &to, &Ground::Sqlite));
    private(&to);
    let told = bad(program(&to, &Ground::Sqlite).arg("doctor"));
    for key in ["receipt.key", "vault.key"] {
        assert!(told.contains(&format!("{key}: it is not here")), "{told}");
    }
    assert!(told.contains("minhbach restore minhbach-keys-"), "{told}");
    assert!(!to.join("keys").exists() && !to.join("anchor").exists(), "{:?}", names(&to));
    good(&mut vault.restore(&keys, &to, &Ground::Sqlite));
    let told = healthy(&to, &Ground::Sqlite);
    let checks = told["checks"].as_array().unwrap();
    let anchor = checks.iter().find(|own| own["name"] == "/xuan-tay anchor and head").unwrap();
    assert!(anchor["warning"] == true, "{anchor}");
    assert!(anchor["said"].as_str().unwrap().contains("no anchor of this ledger"), "{anchor}");
    assert!(!to.join("anchor").exists(), "{:?}", names(&to));
    std::fs::remove_file(to.join("keys/vault.key")).unwrap();
    let told = bad(program(&to, &Ground::Sqlite).arg("doctor"));
    assert!(told.contains("vault.key: it is not here") && !told.contains("receipt.key"), "{told}");
    assert!(!to.join("keys/vault.key").exists());
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_mended_leaves_a_word_about_the_finding_from_before() {
    use sea_orm::ConnectionTrait as _;
    let house = house(Ground::Sqlite).await;
    let data = house.folder.path().to_owned();
    let change = "UPDATE postings SET amount = amount + 1 WHERE seq = 5";
    house.break_guards().await.execute_unprepared(change).await.unwrap();
    let chapter = house.store.find_slug("xuan-tay").unwrap();
    let halt = minhbach::store::Halt::default();
    let checked = house.store.check_beside(chapter, crate::house::now(), &halt).await.unwrap();
    assert!(checked.is_some_and(|checked| !checked.clean));
    let _ = house.store.stop().await;
    drop(house.store);
    private(&data);
    good(program(&data, &Ground::Sqlite).arg("rebuild"));
    let output = program(&data, &Ground::Sqlite).arg("doctor").output().unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("did not agree; now all of it does: start the server"), "{told}");
}
