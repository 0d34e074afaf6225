//! Backups that are not whole, or not for this key: refused, and nothing is touched.

use std::path::Path;

use super::{Vault, bad, file_of, good, house, names};
use crate::house::{Ground, postgres};

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1 << (at % 8);
    bytes
}

async fn refused(ground: Ground, to: Ground) {
    let (vault, house) = (Vault::new(), house(ground).await);
    let file = file_of(&good(&mut vault.backup(house.folder.path(), &house.ground)));
    let whole = std::fs::read(&file).unwrap();
    let (broken, place) = (vault.place("broken.tar.gz.age"), vault.place("to"));
    let all = whole.len();
    let mut wrong: Vec<Vec<u8>> = vec![Vec::new(), b"notes".to_vec(), [&whole, &b"x"[..]].concat()];
    wrong.extend([40, all / 3, all - 1].map(|length| whole[..length].to_vec()));
    wrong.extend([3, 60, all / 2, all - 1].map(|at| flipped(&whole, at)));
    for (number, bytes) in wrong.iter().enumerate() {
        std::fs::write(&broken, bytes).unwrap();
        let said = bad(&mut vault.restore(&broken, &place, &to));
        assert!(said.contains("nothing was changed"), "{number}: {said}");
        assert!(!place.exists(), "{number}: {:?}", names(&place));
    }
    let other = Vault::new();
    let said = bad(&mut other.restore(&file, &place, &to));
    assert!(said.contains("none of the keys opens it"), "{said}");
    let said = bad(super::program(&place, &to).arg("restore").arg(&file));
    assert!(said.contains("--identity"), "{said}");
    let said = bad(&mut vault.restore(&vault.place("none"), &place, &to));
    assert!(said.contains("No such file"), "{said}");
    assert!(!place.exists());
    good(&mut vault.restore(&file, &place, &to));
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_and_wrong_keys_are_refused_before_anything_is_touched() {
    refused(Ground::Sqlite, Ground::Sqlite).await;
    if let (Some(ground), Some(to)) = (postgres().await, postgres().await) {
        refused(ground, to).await;
    }
}

/// Makes a backup that is whole as a file, of a database in which somebody changed something.
async fn forged(change: &str) -> (Vault, std::process::Output) {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    use sea_orm::ConnectionTrait as _;
    house.break_guards().await.execute_unprepared(change).await.unwrap();
    // The state of such books may be refused by the rows.
    let _ = house.store.stop().await;
    let output = vault.backup(house.folder.path(), &Ground::Sqlite).output().unwrap();
    (vault, output)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_a_changed_entry_is_no_backup_at_all() {
    for change in [
        "UPDATE entries SET bytes = CAST(replace(CAST(bytes AS TEXT), '500000', '500001') AS BLOB)",
        "DELETE FROM entries WHERE seq = (SELECT MAX(seq) FROM entries)",
        "UPDATE chapters SET head_root = zeroblob(32)",
    ] {
        let (vault, output) = forged(change).await;
        assert_eq!(output.status.code(), Some(1), "{change}: {}", super::said(&output));
        assert_eq!(vault.files(), Vec::<std::path::PathBuf>::new(), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_whose_derived_rows_were_changed_does_not_verify() {
    let (vault, output) = forged("UPDATE postings SET amount = amount + 1 WHERE seq = 5").await;
    assert!(output.status.success(), "the entries are whole: {}", super::said(&output));
    let place = vault.place("to");
    let file: &Path = &vault.files()[0];
    let said = bad(&mut vault.restore(file, &place, &Ground::Sqlite));
    assert!(said.contains("does not verify") && said.contains("postings"), "{said}");
    assert!(!place.exists());
}
