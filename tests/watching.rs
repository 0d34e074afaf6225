//! The program itself, watched: its log, its numbers, its settings, what it packs along.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use serde_json::Value;

use crate::machine::{Browser, Server};

/// What nobody may find in a log or among numbers.
const PLANTED: [&str; 6] = [
    "7Q2MX4TB9KD10VHZ",
    "Nguyễn",
    "Nguy%E1%BB%85n",
    "hanh.la.ten-dang-nhap",
    "mat-khau-khong-ai-biet",
    "secret-of-an-invitation",
];

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
    command.arg("--data").arg(data).env("ROCKET_PORT", "0").env_remove("MINHBACH_PASSPHRASE");
    command.stdin(Stdio::null());
    command
}

/// A server with its log in a file.
fn serve(data: &Path, log: &Path, settings: &[(&str, &str)]) -> Server {
    let mut command = program(data);
    command.arg("serve").envs(settings.iter().copied()).stdout(Stdio::piped());
    command.stderr(std::fs::File::create(log).unwrap());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.next().expect("the server starts").unwrap();
    let url = said.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    Server { child, address }
}

/// What a start with settings says that is refused.
fn refused(settings: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path());
    let output = command.arg("serve").envs(settings.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{settings:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn numbers(port: u16) -> String {
    let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20)));
    let agent: ureq::Agent = config.build().into();
    let mut answer = agent.get(format!("http://127.0.0.1:{port}/metrics")).call().unwrap();
    answer.body_mut().read_to_string().unwrap()
}

/// Tables are gone, so that every request below ends in a fault that is logged.
async fn break_tables(data: &Path) {
    let file = data.join("minhbach.sqlite");
    let rows = sea_orm::Database::connect(format!("sqlite://{}", file.display())).await.unwrap();
    for table in ["receipts", "gifts", "figures", "desk_accounts", "desk_invitations"] {
        let rename = format!("ALTER TABLE {table} RENAME TO gone_{table}");
        rows.execute_unprepared(&rename).await.unwrap();
    }
    rows.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_and_the_numbers_hold_nothing_that_people_typed() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let port = free_port();
    let number = port.to_string();
    let settings = [("ROCKET_LOG_FORMAT", "json"), ("ROCKET_METRICS_PORT", number.as_str())];
    let mut server = serve(&data, &log, &settings);
    let mut browser = Browser::new(&server);
    browser.found();
    browser.sign_in();
    break_tables(&data).await;
    let mut stranger = Browser::new(&server);
    let search = "/xuan-tay/tra-cuu?ten=Nguy%E1%BB%85n&so_tien=1000000";
    let mut references = Vec::new();
    let mut token = String::new();
    if let (200, html) = stranger.get("/dang-nhap") {
        let (_, rest) = html.split_once("name=\"token\" value=\"").unwrap();
        token = rest[..64].to_owned();
    }
    let mut failed = |(status, html): (u16, String)| {
        if status == 500 {
            let (_, rest) = html.split_once("Mã sự cố: ").unwrap();
            references.push(rest[..8].to_owned());
        }
    };
    failed(stranger.get("/bn/7Q2MX4TB9KD10VHZ"));
    failed(stranger.get(search));
    failed(stranger.get("/dang-nhap/moi/secret-of-an-invitation"));
    failed(stranger.get("/xuan-tay/so/0?Nguy%E1%BB%85n=hanh.la.ten-dang-nhap"));
    let fields = [
        ("token", token.as_str()),
        ("name", "hanh.la.ten-dang-nhap"),
        ("passphrase", "mat-khau-khong-ai-biet"),
    ];
    failed(stranger.post("/dang-nhap", &fields).unwrap());
    assert!(!references.is_empty(), "something failed");
    let numbers = numbers(port);
    assert!(numbers.contains("minhbach_requests_total{"), "{numbers}");
    assert!(numbers.contains("status=\"5xx\""), "{numbers}");
    assert_eq!(stranger.get("/metrics").0, 404, "never on the public address");
    assert_eq!(server.stop(), Some(0));
    let log = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    for reference in &references {
        let line = lines.iter().find(|line| line["reference"] == **reference).unwrap();
        assert!(line["level"] == "ERROR" && line["timestamp"].is_string(), "{line}");
        assert!(line["path"].is_string() && line["message"] == "fault", "{line}");
    }
    for planted in PLANTED {
        assert!(!log.contains(planted), "{planted}: {log}");
        assert!(!numbers.contains(planted), "{planted}: {numbers}");
    }
}

#[test]
fn numbers_are_never_to_be_had_from_elsewhere_and_odd_settings_stop_the_start() {
    let port = free_port().to_string();
    let public = [("ROCKET_METRICS_PORT", port.as_str()), ("ROCKET_METRICS_ADDRESS", "0.0.0.0")];
    assert!(refused(&public).contains("metrics_address"));
    let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = held.local_addr().unwrap().port().to_string();
    assert!(refused(&[("ROCKET_METRICS_PORT", taken.as_str())]).contains("metrics_port"));
    assert!(refused(&[("ROCKET_SELF_CHECK", "nightly")]).contains("02:30"));
    assert!(refused(&[("ROCKET_LOG_FORMAT", "xml")]).contains("log_format"));
    assert!(refused(&[("ROCKET_LEAST_FREE", "much")]).contains("least_free"));
    assert!(refused(&[("ROCKET_BACKUP_DAYS", "0")]).contains("backup_days: 0"));
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    program(data).args(arguments).output().unwrap()
}

#[test]
fn the_doctor_tells_of_room_clock_rights_settings_and_the_last_check() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let mut server = serve(&data, &log, &[]);
    Browser::new(&server).found();
    assert_eq!(server.stop(), Some(0));
    // The start of a server replays the ledger, and keeps what it found.
    let mut server = serve(&data, &log, &[]);
    let lines = Browser::new(&server).get("/readyz").1;
    assert!(lines.contains(": open, checked 20"), "{lines}");
    let (anchor, aside) = (data.join("anchor"), data.join("aside"));
    std::fs::rename(&anchor, &aside).unwrap();
    let lines = Browser::new(&server).get("/readyz").1;
    assert!(lines.starts_with("ready, with warnings") && lines.contains("anchors: "), "{lines}");
    std::fs::rename(&aside, &anchor).unwrap();
    assert!(!Browser::new(&server).get("/readyz").1.contains("anchors"));
    assert_eq!(server.stop(), Some(0));
    let look = |free: &str| {
        let mut command = program(&data);
        let output = command.args(["doctor", "--json"]).env("ROCKET_LEAST_FREE", free).output();
        let output = output.unwrap();
        (output.status.code(), serde_json::from_slice::<Value>(&output.stdout).unwrap())
    };
    let said = |all: &Value, name: &str| {
        let checks = all["checks"].as_array().unwrap();
        let own = checks.iter().find(|own| own["name"] == *name).unwrap_or_else(|| panic!("{all}"));
        (own["ok"].as_bool().unwrap(), own["said"].as_str().unwrap().to_owned())
    };
    let (status, all) = look("1 MiB");
    let (backed_up, never) = said(&all, "backups");
    assert_eq!((status, backed_up), (Some(1), false), "{all:#}");
    assert!(never.contains("minhbach backup"), "{never}");
    let vault = crate::backup::Vault::new();
    for more in [vec![], vec!["--keys"]] {
        crate::backup::good(vault.backup(&data, &crate::house::Ground::Sqlite).args(more));
    }
    let (status, all) = look("1 MiB");
    assert_eq!(status, Some(0), "{all:#}");
    let (ok, settings) = said(&all, "database settings");
    assert!(ok && settings.contains("journal_mode=wal synchronous=2"), "{settings}");
    let (ok, last) = said(&all, "/xuan-tay last self-check");
    assert!(ok && last.contains("everything agreed"), "{last}");
    for name in ["keys", "data folder", "disk", "time service", "backups", "/xuan-tay clock"] {
        assert!(said(&all, name).0, "{name}: {all:#}");
    }
    let (status, all) = look("900 TiB");
    assert_eq!((status, said(&all, "disk").0), (Some(1), false), "{all:#}");
}

#[test]
fn pages_for_man_and_completions_come_out_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let man = folder.path().join("man");
    let output = run(folder.path(), &["man", man.to_str().unwrap()]);
    assert!(output.status.success());
    for name in ["minhbach.1", "minhbach-serve.1", "minhbach-doctor.1", "minhbach-import.1"] {
        let page = std::fs::read_to_string(man.join(name)).unwrap();
        assert!(page.contains(".SH NAME") && page.contains("minhbach"), "{name}: {page}");
    }
    assert!(!man.join("minhbach-read-sheet.1").exists(), "what is hidden has no page");
    for shell in ["bash", "zsh", "fish"] {
        let output = run(folder.path(), &["completions", shell]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("doctor"), "{shell}: {text}");
    }
}
