//! Where backups go: never over one another, only what is ours deleted, nothing half-written.

use std::process::Command;

use super::{Vault, bad, good, house, names, program, said};
use crate::house::{Ground, TestHouse};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_that_nobody_could_open_or_everybody_could() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let data = house.folder.path();
    let said = bad(program(data, &Ground::Sqlite).arg("backup").arg(vault.backups()));
    assert!(said.contains("--recipient") && said.contains("--not-encrypted"), "{said}");
    for wrong in [&["--recipient", "age1x"][..], &["--not-encrypted", "--keys"]] {
        let mut command = program(data, &Ground::Sqlite);
        let output = command.arg("backup").arg(vault.backups()).args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    // A secret key is never shown, wherever it was put.
    let text = std::fs::read_to_string(vault.identity()).unwrap();
    let secret = text.lines().last().unwrap().to_owned();
    let file = vault.identity().into_os_string().into_string().unwrap();
    for (flag, value) in
        [("--recipient", &secret), ("--recipients-file", &file), ("--recipients-file", &secret)]
    {
        let mut command = program(data, &Ground::Sqlite);
        let output = command.arg("backup").arg(vault.backups()).args([flag, value]).output();
        let said = super::said(&output.unwrap());
        assert!(said.contains("secret key") && said.contains("replaced"), "{said}");
        assert!(!said.to_uppercase().contains("AGE-SECRET-KEY"), "{said}");
        assert!(*value != file || said.contains("identity, line 3: "), "{said}");
    }
    let made = bad(Command::new(env!("CARGO_BIN_EXE_minhbach")).args(["key", "backup", &file]));
    assert!(made.contains("nothing was overwritten"), "{made}");
    let none = vault.place("not-mounted");
    let mut command = program(data, &Ground::Sqlite);
    command.arg("backup").arg(&none).args(["--recipient", &vault.recipient]);
    assert!(bad(&mut command).contains("no such folder") && !none.exists());
    assert_eq!(vault.files().len(), 0);
    let mut plain = program(data, &Ground::Sqlite);
    let told = good(plain.arg("backup").arg(vault.backups()).arg("--not-encrypted"));
    assert!(told.contains("NOT ENCRYPTED"), "{told}");
    let listed = good(Command::new("tar").arg("tzf").arg(&vault.files()[0]));
    assert_eq!(listed, "manifest.json\ndatabase.sqlite\n", "any tar opens it");
    let place = vault.place("to");
    good(program(&place, &Ground::Sqlite).arg("restore").arg(&vault.files()[0]));
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_come_from_a_file_and_each_of_them_opens_it() {
    let (one, other, house) = (Vault::new(), Vault::new(), house(Ground::Sqlite).await);
    let list = one.place("recipients");
    std::fs::write(
        &list,
        format!("# safe\n{}\n# upper chapter\n{}\n", one.recipient, other.recipient),
    )
    .unwrap();
    let mut command = program(house.folder.path(), &Ground::Sqlite);
    command.arg("backup").arg(one.backups()).arg("--recipients-file").arg(&list);
    let told = good(&mut command);
    assert!(told.contains("2 recipients"), "{told}");
    for vault in [&one, &other] {
        good(&mut vault.restore(&one.files()[0], &vault.place("to"), &Ground::Sqlite));
    }
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_backups_go_by_the_rule_and_other_files_stay() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let others =
        ["notes.txt", "minhbach-keys-20200101T000000Z.tar.gz.age", "x-20200101T000000Z.tar.gz"];
    let old = (1..=9).map(|day| format!("minhbach-2020010{day}T000000Z.tar.gz.age"));
    let old: Vec<String> = old.collect();
    for name in old.iter().map(String::as_str).chain(others) {
        std::fs::write(vault.backups().join(name), "x").unwrap();
    }
    let data = house.folder.path();
    good(&mut vault.backup(data, &Ground::Sqlite));
    assert_eq!(vault.files().len(), 13, "without a rule nothing is deleted");
    // Names are of seconds.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let told = good(vault.backup(data, &Ground::Sqlite).args(["--keep-daily", "3"]));
    assert!(told.contains("8 old ones deleted"), "{told}");
    let left = names(&vault.backups());
    assert!(others.iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
    assert!(
        left.contains(&old[8]) && left.contains(&old[7]) && !left.contains(&old[6]),
        "{left:?}"
    );
    assert!(told.contains("keys and database are backed up into one folder"), "{told}");
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_and_a_folder_without_one() {
    let vault = Vault::new();
    let house = TestHouse::new(Ground::Sqlite).await;
    let told = good(&mut vault.backup(house.folder.path(), &Ground::Sqlite));
    assert!(told.contains("no ledger yet"), "{told}");
    good(&mut vault.restore(&vault.files()[0], &vault.place("to"), &Ground::Sqlite));
    house.store.stop().await.unwrap();
    let empty = tempfile::tempdir().unwrap();
    let said = bad(&mut vault.backup(empty.path(), &Ground::Sqlite));
    assert!(said.contains("no database there"), "{said}");
    assert_eq!(vault.files().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_leaves_nothing_half() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let small = vault.place("small");
    std::fs::create_dir(&small).unwrap();
    let script = "mount -t tmpfs -o size=16k none \"$1\" || exit 77
        shift; \"$@\"; status=$?; echo left: $(ls -A \"$SMALL\"); exit $status";
    let run = |arguments: &[&std::ffi::OsStr]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(&small);
        command.arg(env!("CARGO_BIN_EXE_minhbach")).arg("--data").arg(house.folder.path());
        command.arg("backup").args(arguments).args(["--recipient", &vault.recipient]);
        command.env("SMALL", &small).output().unwrap()
    };
    let to_small = run(&[small.as_os_str()]);
    if to_small.status.code() == Some(77) || said(&to_small).contains("unshare: ") {
        eprintln!("left out: no mount namespace may be made here ({})", said(&to_small));
        return;
    }
    for (output, words) in [
        (to_small, "the disk is full"),
        (run(&[vault.backups().as_os_str(), "--work".as_ref(), small.as_os_str()]), "no room"),
    ] {
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words) && said.contains("nothing was backed up"), "{said}");
        assert!(said.lines().any(|line| line == "left:"), "{said}");
    }
    assert_eq!(vault.files().len(), 0);
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_backups_do_not_run_into_each_other() {
    let (vault, house) = (Vault::new(), house(Ground::Sqlite).await);
    let data = house.folder.path();
    let mut running: Vec<_> =
        (0..4).map(|_| vault.backup(data, &Ground::Sqlite).spawn().unwrap()).collect();
    let done = running.iter_mut().filter_map(|child| child.wait().ok()?.code());
    let good = done.filter(|code| *code == 0).count();
    assert!(good >= 1 && vault.files().len() == good, "{good}, {:?}", vault.files());
    for file in vault.files() {
        let place = vault.place(&file.file_name().unwrap().to_string_lossy());
        super::good(&mut vault.restore(&file, &place, &Ground::Sqlite));
    }
    house.store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_no_backup_and_nobody_waits_for_it() {
    let vault = Vault::new();
    let (pipe, new) = (vault.place("pipe"), vault.place("new"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for wrong in [pipe.as_path(), vault.folder.path(), std::path::Path::new("/dev/zero")] {
        let told = bad(program(&new, &Ground::Sqlite).arg("restore").arg(wrong));
        assert!(told.contains("it is no file") && !new.exists(), "{told}");
    }
    // Nor is a file a data folder, whatever is to come into it.
    std::fs::write(&new, "ours").unwrap();
    let told = bad(program(&new, &Ground::Sqlite).arg("restore").arg(&pipe));
    assert!(told.contains("it is no folder; name one with --data"), "{told}");
    assert_eq!(std::fs::read_to_string(&new).unwrap(), "ours");
}
