//! The program itself, run as an operator runs it, in folders of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use minhbach::books::effects::{GiftId, UseClass};
use minhbach::books::portfolio::{self, LoanAccount, State};
use minhbach::ledger::voucher::{Body, Kind, LoanFigures};
use minhbach::money::Money;
use minhbach::store::desk::vault::{Purpose, Reader};
use minhbach::store::facade::Lending;
use minhbach::store::{Store, StoreConfig};
use serde_json::Value;

use crate::house::demonstration;

/// The treasurer of the demonstration.
const OFFICER: &str = "thuquy";

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.arg("--data").arg(data).env("ROCKET_PORT", "0").env_remove("MINHBACH_PASSPHRASE");
    command.stdin(Stdio::null());
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    program(data).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(said).unwrap()
}

/// Runs what has to succeed; what it printed.
fn good(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    text(&output)
}

/// A demonstration up to a day, with the passphrase of its treasurer.
fn demo(data: &Path) -> String {
    treasurers_passphrase(&demonstration::copy_to(data))
}

fn treasurers_passphrase(said: &str) -> String {
    let line = said.lines().find(|line| line.trim_start().starts_with(OFFICER)).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    words[1..words.len() - 1].join(" ")
}

fn doctor(data: &Path) -> Value {
    private(data);
    let output = run(data, &["doctor", "--json"]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = said["checks"].as_array().unwrap();
    let wrong: Vec<&Value> = checks.iter().filter(|own| own["ok"] == false).collect();
    assert_eq!(output.status.success(), wrong.is_empty(), "{said:#}");
    assert!(checks.iter().any(|own| own["name"] == "database"), "{said:#}");
    // Nobody backs these up.
    assert!(wrong.iter().all(|own| own["name"] == "backups"), "{said:#}");
    said
}

fn statement(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements").join(name)
}

/// One statement into the demonstration, with the passphrase in the environment.
fn import(data: &Path, passphrase: &str, file: &Path) -> Output {
    import_with(data, passphrase, file, &[])
}

fn import_with(data: &Path, passphrase: &str, file: &Path, more: &[&str]) -> Output {
    program(data)
        .args(["import", "statement", "--chapter", "xa-mau", "--fund", "chung"])
        .args(["--officer", OFFICER, "--clock-is-right"])
        .args(more)
        .arg(file)
        .env("MINHBACH_PASSPHRASE", passphrase)
        .output()
        .unwrap()
}

/// The line of the table of totals that begins with a word: lines, sum, booked lines, their sum.
fn totals(said: &str, word: &str) -> Vec<u64> {
    let line = said.lines().find(|line| line.starts_with(word)).unwrap();
    let numbers = line[word.len()..].split_whitespace();
    numbers.map(|number| number.replace('.', "").parse().unwrap()).collect()
}

#[test]
fn a_demonstration_is_the_same_twice_and_verifies_as_an_export() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    demo(one.path());
    good(two.path(), &["demo", "--no-serve", "--today", "2026-11-22", "--seed", "7"]);
    let (first, second) = (doctor(one.path()), doctor(two.path()));
    let chapter = &first["chapters"][0];
    assert_eq!(chapter["slug"], "xa-mau");
    assert_eq!(chapter["head"], second["chapters"][0]["head"]);
    assert!(chapter["size"].as_u64().unwrap() > 500, "{chapter}");
    assert!(chapter["verified_at"].is_string(), "{chapter}");

    let copy = one.path().join("copy");
    good(one.path(), &["export", "xa-mau", copy.to_str().unwrap()]);
    let report = run(one.path(), &["verify", "--json", copy.to_str().unwrap()]);
    let said: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report.status.code(), Some(0), "{said:#}");
    assert_eq!((&said["outcome"], &said["root"]), (&"sound".into(), &chapter["head"]));

    // A digit of one amount is changed: the entry is named, and the status is 1.
    let bundle = copy.join("tile/entries/000");
    let bytes = std::fs::read(&bundle).unwrap();
    let at = bytes.windows(9).position(|window| window == b"\"amount\":").unwrap() + 9;
    let mut changed = bytes.clone();
    changed[at] = if bytes[at] == b'9' { b'8' } else { b'9' };
    std::fs::write(&bundle, changed).unwrap();
    let report = run(one.path(), &["verify", copy.to_str().unwrap()]);
    assert_eq!(report.status.code(), Some(1), "{}", text(&report));

    // The folder is a demonstration: served again, never filled twice.
    let again = good(one.path(), &["demo", "--no-serve", "--seed", "8"]);
    assert!(again.starts_with("Found"), "{again}");
    let after = doctor(one.path());
    for figure in ["slug", "size", "head"] {
        assert_eq!(after["chapters"][0][figure], chapter[figure], "{figure}");
    }
}

/// What vouchers of the demonstration say, in ledger order.
async fn bodies(store: &Store) -> Vec<Body> {
    let chapter = store.find_slug("xa-mau").unwrap();
    let size = store.head(chapter).unwrap().unwrap().size;
    let mut all = Vec::new();
    for seq in 0..size {
        all.push(store.entry(chapter, seq).await.unwrap().unwrap().entry.voucher().body.clone());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_lends_for_ten_years_and_every_state_of_a_loan_is_there() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let store = Store::open(StoreConfig::sqlite(folder.path())).await.unwrap();
    let chapter = store.find_slug("xa-mau").unwrap();
    let size = store.head(chapter).unwrap().unwrap().size;
    let loans = store.loans(chapter, size).await.unwrap();
    let count =
        |wanted: &dyn Fn(&LoanAccount) -> bool| loans.iter().filter(|loan| wanted(loan)).count();
    let moved = |loan: &LoanAccount, nature: Kind, reversal: bool| {
        loan.moves.iter().any(|own| own.nature == nature && own.reversal == reversal)
    };
    assert!(count(&|loan| loan.approval.is_some()) >= 40, "{}", loans.len());
    assert_eq!(count(&|loan| loan.approval.is_none()), 3, "ran when the books began");
    assert!((3..=5).contains(&count(&|loan| loan.state() == State::Running)));
    let lost = |loan: &LoanAccount| loan.recovered.is_positive() && loan.lost().is_positive();
    assert_eq!(count(&|loan| loan.state() == State::WrittenOff && lost(loan)), 1);
    assert_eq!(count(&|loan| loan.group.is_some()), 2);
    assert_eq!(count(&|loan| loan.fee_waived.is_positive()), 1);
    assert!(count(&|loan| loan.fee_paid.is_positive()) >= 3);
    assert_eq!(count(&|loan| moved(loan, Kind::LoanRepaid, true)), 1);
    assert_eq!(count(&|loan| moved(loan, Kind::CustodyAssigned, false)), 1);
    let years = portfolio::by_year(&loans.iter().collect::<Vec<_>>());
    let lent: Vec<u64> = years.values().map(|year| year.loans).collect();
    assert!(years.len() >= 10 && lent[1..].iter().all(|loans| (3..=5).contains(loans)), "{lent:?}");
    let (least, most) = (Money::new(3_000_000).unwrap(), Money::new(10_000_000).unwrap());
    assert_eq!(count(&|loan| !(least..=most).contains(&loan.principal)), 0);

    let (mut cancelled, mut rescheduled, mut stated) = (0, 0, Vec::<LoanFigures>::new());
    for body in bodies(&store).await {
        match body {
            Body::LoanCancelled(_) => cancelled += 1,
            Body::LoanRescheduled(_) => rescheduled += 1,
            Body::PeriodClosed(body) => stated.extend(body.loans),
            _ => {}
        }
    }
    assert_eq!((cancelled, rescheduled), (1, 2));
    let at_risk = |of: fn(&LoanFigures) -> Money| stated.iter().any(|own| of(own).is_positive());
    assert!(stated.len() > 5 && at_risk(|own| own.par30.money()), "{stated:?}");
    // The desk has a file for each, whose instalments agree with what is still owed.
    let (desk, today) = (store.desk(chapter).unwrap(), "2026-11-22".parse().unwrap());
    let officer = "00000000000000aa".parse().unwrap();
    let reader = Reader { person: &officer, purpose: Purpose::Desk };
    let now = "2026-11-22T03:00:00Z".parse().unwrap();
    let agree = |all: Lending| {
        for account in &all.accounts {
            let file = &all.file_of(account).unwrap().file;
            let left = all.instalments(file).unwrap().on(today).outstanding().principal;
            let owed = if account.state() == State::Running { account.owed() } else { left };
            assert_eq!(left, owed, "{account:?}");
        }
        (all.accounts.len(), 0)
    };
    assert_eq!(store.lending(&desk, reader, now, agree).await.unwrap(), loans.len());
    store.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_of_the_demonstration_was_lent_came_back_and_was_lent_again() {
    let folder = tempfile::tempdir().unwrap();
    // With the usual seed.
    let said = good(folder.path(), &["demo", "--no-serve", "--today", "2026-11-22"]);
    let code = &said.rsplit("/bn/").next().unwrap()[..16];
    let store = Store::open(StoreConfig::sqlite(folder.path())).await.unwrap();
    let (chapter, seq) = store.entry_of_receipt(&code.parse().unwrap()).await.unwrap().unwrap();
    let size = store.head(chapter).unwrap().unwrap().size;
    let gift = GiftId { seq, line: 0 };
    let state = store.gift_state(chapter, gift, size).await.unwrap();
    let (unspent, on_loan) = (state.unspent.minor(), state.sum(UseClass::OnLoan).minor());
    assert_eq!((unspent, on_loan), (380_000, 120_000));
    assert!(state.uses.iter().all(|part| part.kind == Kind::LoanDisbursed), "{state:?}");
    // All of it came back once: 500.000 and 120.000 were lent so far.
    let lots = store.books(chapter).unwrap();
    let lots = lots.lots().of_gift(gift, &"von-vay".parse().unwrap());
    assert!(lots.iter().all(|(_, lot)| lot.turn == 1), "{lots:?}");
    let before = lots.iter().map(|(_, lot)| i64::from(lot.turn) * lot.unspent.minor()).sum::<i64>();
    assert_eq!(before + (1 + 1) * on_loan, 620_000);
    store.stop().await.unwrap();
}

#[test]
fn the_chapters_of_a_demonstration_roll_up_and_a_changed_copy_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let copies = ["xa-mau", "xa-vi-du"].map(|slug| {
        let copy = folder.path().join(format!("copy-{slug}"));
        good(folder.path(), &["export", slug, copy.to_str().unwrap()]);
        copy.to_str().unwrap().to_owned()
    });
    let roll_up = |more: &[&str]| {
        let arguments = [&["roll-up", &copies[0], &copies[1]], more].concat();
        run(folder.path(), &arguments)
    };
    let output = roll_up(&["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = &said["roll_up"];
    assert_eq!(all["parts"].as_array().unwrap().len(), 2, "{said:#}");
    assert_eq!(all["between"]["pairs"].as_array().unwrap().len(), 2, "{said:#}");
    // What came from the chapter above, whose ledger is not here, and what is on its way.
    let alone = all["between"]["alone"].as_array().unwrap();
    let whys: Vec<&Value> = alone.iter().map(|own| &own["why"]).collect();
    assert_eq!((whys.len(), whys.contains(&&"on_its_way".into())), (2, true), "{said:#}");
    assert!(whys.contains(&&"outside".into()), "{said:#}");
    let left = all["sum"]["to_chapters"].as_i64().unwrap()
        - all["netted"]["to_chapters"].as_i64().unwrap();
    assert_eq!(all["total"]["to_chapters"], left);
    assert_eq!(all["on_their_way"], left);
    assert_eq!(all["total"]["from_chapters"], 25_000_000, "from the chapter above");

    let words = text(&roll_up(&["--from", "2026-01-01", "--to", "2026-12-31"]));
    assert!(words.contains("2 ledgers") && words.contains("on its way"), "{words}");
    let turned = roll_up(&["--from", "2026-02-01", "--to", "2026-01-01"]);
    assert_eq!(turned.status.code(), Some(1), "{}", text(&turned));

    std::fs::remove_file(folder.path().join("copy-xa-vi-du/disclosures.jsonl")).unwrap();
    let output = roll_up(&["--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["roll_up"]["parts"].as_array().unwrap().len(), 1, "{said:#}");
    assert_eq!(said["refused"].as_array().unwrap().len(), 1, "{said:#}");
}

#[test]
fn statements_of_three_banks_are_booked_once_and_to_the_dong() {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = demo(folder.path());
    // Lines of November 2015 lie before the books of a demonstration of November 2026.
    let lines = std::fs::read_to_string(statement("small-utf8.csv")).unwrap();
    let old = folder.path().join("old.csv");
    std::fs::write(&old, lines.replace("/2026", "/2015")).unwrap();
    let early = import(folder.path(), &passphrase, &old);
    assert_eq!(early.status.code(), Some(1));
    assert!(text(&early).contains("before the books begin"), "{}", text(&early));

    let folder = tempfile::tempdir().unwrap();
    let made = ["demo", "--no-serve", "--today", "2026-08-20", "--seed", "7"];
    let passphrase = treasurers_passphrase(&good(folder.path(), &made));
    let mut size = doctor(folder.path())["chapters"][0]["size"].as_u64().unwrap();
    for name in ["vietcombank.csv", "agribank.csv", "vietinbank.csv"] {
        let file = every_fourth_line(&statement(name), folder.path());
        if name != "vietcombank.csv" {
            // All three are of one account here, so they share days: a person is asked.
            let asked = import(folder.path(), &passphrase, &file);
            assert_eq!(asked.status.code(), Some(1), "{name}: {}", text(&asked));
            assert!(text(&asked).contains("then add --same-days"), "{}", text(&asked));
            assert_eq!(doctor(folder.path())["chapters"][0]["size"], size, "nothing was booked");
        }
        let said = import_with(folder.path(), &passphrase, &file, &["--same-days"]);
        assert!(said.status.success(), "{name}: {}", text(&said));
        let said = text(&said);
        let all = totals(&said, "all");
        let parts = ["gifts", "income", "held for others", "transfers"];
        let parts: Vec<Vec<u64>> = parts
            .iter()
            .filter(|part| said.lines().any(|line| line.starts_with(**part)))
            .map(|part| totals(&said, part))
            .collect();
        for column in 0..4 {
            let sum: u64 = parts.iter().map(|part| part[column]).sum();
            assert_eq!(sum, all[column], "{name}: column {column} of\n{said}");
        }
        let (lines, sum) = credits_of(&file);
        assert_eq!((all[0], all[1]), (lines, sum), "{name}");
        assert!(all[2] > 0, "{name}: {said}");
        size += all[2];
        let twice = import(folder.path(), &passphrase, &file);
        assert!(twice.status.success(), "{}", text(&twice));
        assert_eq!(totals(&text(&twice), "all")[2], 0, "{name}: {}", text(&twice));
    }
    assert_eq!(doctor(folder.path())["chapters"][0]["size"], size);
}

/// A statement with a fourth of its lines: whole ones are booked at the desk.
fn every_fourth_line(file: &Path, folder: &Path) -> PathBuf {
    let fourth = folder.join(file.file_name().unwrap());
    let mut reader = csv::Reader::from_path(file).unwrap();
    let mut writer = csv::Writer::from_path(&fourth).unwrap();
    writer.write_record(reader.headers().unwrap()).unwrap();
    for row in reader.records().step_by(4) {
        writer.write_record(&row.unwrap()).unwrap();
    }
    writer.flush().unwrap();
    fourth
}

/// Lines and sum of the money in, read with another reader than the program's.
fn credits_of(file: &Path) -> (u64, u64) {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let headers = reader.headers().unwrap().clone();
    let column = headers.iter().position(|title| title.starts_with("Credit")).unwrap();
    let (mut lines, mut sum) = (0, 0);
    for row in reader.records() {
        let cell: String = row.unwrap()[column].chars().filter(char::is_ascii_digit).collect();
        if let Ok(amount) = cell.parse::<u64>()
            && amount > 0
        {
            lines += 1;
            sum += amount;
        }
    }
    (lines, sum)
}

#[test]
fn gifts_with_a_giving_code_go_to_its_fund_and_mistyped_ones_are_held() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let code = minhbach::ledger::giving::GivingCode::of_fund(&"tet-am".parse().unwrap(), 0);
    let mut bent = code.to_string();
    bent.replace_range(4..5, "R");
    let lines = [code.as_str(), "ung ho", &bent];
    let mut file = "Ngày,Nội dung,Ghi nợ,Ghi có\n".to_owned();
    for line in lines {
        file.push_str(&format!("20/11/2026,MBVCB.1.2.{line} NGA SON.CT tu 1,,200000\n"));
    }
    let path = folder.path().join("codes.csv");
    std::fs::write(&path, file).unwrap();
    let path = path.display().to_string();
    let said = good(
        folder.path(),
        &["import", "statement", "--chapter", "xa-mau", "--fund", "chung", "--dry-run", &path],
    );
    for wanted in [
        "donation tet-am",
        "custody_received",
        "By giving code: 1 lines for the fund tet-am",
        "Held for the desk: 1 lines, a giving code that is mistyped or unknown (rows 4)",
    ] {
        assert!(said.contains(wanted), "{wanted}:\n{said}");
    }
}

#[test]
fn a_faulty_statement_names_row_and_column_and_books_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = demo(folder.path());
    let before = doctor(folder.path())["chapters"][0]["size"].clone();
    let said = import(folder.path(), &passphrase, &statement("bad-late-row.csv"));
    assert_eq!(said.status.code(), Some(1));
    let said = text(&said);
    assert!(said.contains("nothing was booked") && said.contains("row 10000, column"), "{said}");
    let wrong = import(folder.path(), "another passphrase", &statement("small-utf8.csv"));
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong));
    let dry = ["import", "statement", "--chapter", "xa-mau", "--fund", "chung", "--dry-run"];
    let dry = program(folder.path()).args(dry).arg(statement("small-utf8.csv")).output().unwrap();
    assert!(dry.status.success(), "{}", text(&dry));
    let shown = text(&dry);
    assert!(shown.contains("2026-11-05  ") && shown.contains("(dry run)"), "{shown}");
    let unknown = ["import", "statement", "nothing.csv", "--chapter", "no", "--fund", "chung"];
    let unknown = program(folder.path()).args(unknown).arg("--dry-run").output().unwrap();
    assert!(text(&unknown).contains("there are: xa-mau"), "{}", text(&unknown));
    assert_eq!(doctor(folder.path())["chapters"][0]["size"], before);
}

#[test]
fn a_server_answers_refuses_a_second_program_and_stops_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server =
        program(&data).arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let said = lines.next().unwrap().unwrap();
    let url = said.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let second = run(&data, &["serve"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second).contains("another program uses this data folder"), "{}", text(&second));

    let stopped = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    let found = doctor(&data);
    assert_eq!(found["chapters"], serde_json::json!([]));
}

/// Closes a folder to others: the doctor finds one that is open.
fn private(folder: &Path) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(folder, mode).unwrap();
}

#[test]
fn a_folder_without_data_and_keys_that_others_read_are_findings() {
    let folder = tempfile::tempdir().unwrap();
    let missing = run(&folder.path().join("none"), &["doctor"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(!folder.path().join("none").exists(), "looking makes nothing");
    private(folder.path());
    let empty = run(folder.path(), &["doctor"]);
    assert_eq!(empty.status.code(), Some(1));
    assert!(text(&empty).contains("is --data the right folder?"), "{}", text(&empty));
    let made = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(made, 0, "looking makes nothing");
    good(folder.path(), &["rebuild"]);
    doctor(folder.path());
    let key = folder.path().join("keys/vault.key");
    let mut permissions = std::fs::metadata(&key).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    std::fs::set_permissions(&key, permissions).unwrap();
    let open = run(folder.path(), &["doctor"]);
    assert_eq!(open.status.code(), Some(1));
    assert!(text(&open).contains("chmod 600"), "{}", text(&open));
}

/// Runs the reader of Excel files over bytes: its status, and what it wrote.
fn read_sheet(bytes: &[u8]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.arg("read-sheet").env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may end before it has read everything.
    let _ = stdin.write_all(bytes);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn excel_files_are_read_in_a_process_that_says_what_it_refuses() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/families");
    let file = |name: &str| std::fs::read(format!("{folder}/{name}")).unwrap();
    let (status, csv) = read_sheet(&file("list.xlsx"));
    assert_eq!((status, csv.as_str()), (Some(0), "Chủ hộ,Năm sinh\nLê Văn Bảy,1960\n"));
    let refused = (Some(12), String::new());
    assert_eq!(read_sheet(&file("four-billion-strings.xlsx")), refused);
    assert_eq!(read_sheet(b"no workbook"), (Some(10), String::new()));
    assert_eq!(read_sheet(&vec![b'P'; 9 << 20]), (Some(11), String::new()));
}

#[test]
fn a_ledger_that_cannot_go_on_is_continued_by_a_link_for_its_officers() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let open = run(folder.path(), &["continue", "xa-mau"]);
    assert!(!open.status.success(), "it takes writes");
    assert!(text(&open).contains("--although-it-can-go-on"), "{}", text(&open));
    let keys = std::fs::read_dir(folder.path().join("keys")).unwrap();
    for key in keys.map(|file| file.unwrap().path()) {
        if key.file_name().unwrap().to_string_lossy().starts_with("log-") {
            std::fs::remove_file(key).unwrap();
        }
    }
    let said = good(folder.path(), &["continue", "xa-mau"]);
    assert!(said.contains("takes no writes") && said.contains("/xa-mau/2 will continue"), "{said}");
    let link = said.lines().find(|line| line.contains("/thiet-lap/")).unwrap().trim();
    assert_eq!(link.rsplit('/').next().unwrap().len(), 43, "{link}");
    let wrong = folder.path().join("wrong");
    std::fs::write(&wrong, "no checkpoint").unwrap();
    let wrong = wrong.display().to_string();
    let refused = run(folder.path(), &["continue", "xa-mau", "--checkpoint", &wrong]);
    assert!(!refused.status.success());
    let unknown = run(folder.path(), &["continue", "xa-khac"]);
    assert!(text(&unknown).contains("no chapter"), "{}", text(&unknown));
    let further = good(folder.path(), &["chapter"]);
    let link = further.lines().find(|line| line.contains("/thiet-lap/")).unwrap().trim();
    assert_eq!(link.rsplit('/').next().unwrap().len(), 43, "{link}");
    let nobody = tempfile::tempdir().unwrap();
    let first = good(nobody.path(), &["chapter"]);
    assert!(first.trim_end().ends_with("/thiet-lap"), "{first}");
}

#[test]
fn a_schedule_is_worked_out_for_anybody_and_bad_terms_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let with = |more: &[&str]| {
        let base = ["schedule", "--disbursed", "2023-03-03", "--first-due", "2023-04-03"];
        run(folder.path(), &[&base, more].concat())
    };
    let thirds = ["--principal", "1250", "--instalments", "3", "--interval", "monthly"];
    let free = [&thirds[..], &["--method", "interest-free-equal"]].concat();
    let output = with(&[&free[..], &["--scale", "2", "--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = |due: &str, principal: &str, balance: &str| {
        serde_json::json!({
            "due": due, "principal": principal, "interest": "0.00",
            "total": principal, "balance": balance,
        })
    };
    let expected = serde_json::json!([
        row("2023-04-03", "416.67", "833.33"),
        row("2023-05-03", "416.67", "416.66"),
        row("2023-06-03", "416.66", "0.00"),
    ]);
    assert_eq!(said, expected);
    let said = with(&[&free[..], &["--json", "--round", "10"]].concat());
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!((&said[0]["total"], &said[2]["total"]), (&"420".into(), &"410".into()));
    assert_eq!(said[2]["balance"], "0");

    let table = text(&with(&free));
    assert!(table.contains("2023-06-03") && table.contains("1.250"), "{table}");
    let explicit = ["--principal", "3000", "--method", "explicit", "--json"];
    let rows = ["--row", "2023-06-20=1000", "--row", "2024-02-10=2000"];
    let said = with(&[&explicit[..], &rows, &["--tet"]].concat());
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said[1]["due"], "2024-02-14", "the last day of Tết is the 13th");

    for (wrong, words) in [
        (
            &["--round", "1000"][..],
            "--round: leaves nothing for the last instalment; allowed: 1 to 500",
        ),
        (&["--rate", "12"], "--rate: the method does not use it; leave it out"),
        (&["--amount", "1,5"], "no amount such as 1250000"),
        (&["--scale", "3"], "--scale: 0 or 2"),
        (&["--principal-grace", "3"], "--principal-grace: out of range; allowed: 0 to 2"),
        (&["--day-count", "actual/366"], "actual/364"),
    ] {
        let output = with(&[&free[..], wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", text(&output));
        assert!(text(&output).contains(words), "{wrong:?}: {}", text(&output));
        assert!(output.stdout.is_empty());
    }
    let early = ["schedule", "--disbursed", "2023-03-03", "--first-due", "2023-03-02"];
    let output = run(folder.path(), &[&early[..], &free].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("--first-due: out of range; allowed: 2023-03-03 to 2033-"));
    assert!(!folder.path().join("keys").exists(), "nothing is stored");
}
