//! Requests of every kind, changed byte by byte, sent to a running server: forms, files, cookies,
//! addresses, codes, heads for the witness. No answer is a 5xx, each comes in time, and the ledger
//! holds afterwards. And what an operator types: settings, and backups that were touched.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Random, changed, seed, time};
use crate::backup::{Vault, names};
use crate::drills::crowd::{Site, found, holds_no_secret, new_id};
use crate::machine::{escaped, today};
use crate::store::witnessing::Log;

/// How long a server may take for an answer before we say that nothing more comes.
const PATIENCE: Duration = Duration::from_millis(300);
/// Requests at once.
const AT_ONCE: usize = 8;

/// What is answered to bytes as they are, and how long that took; nothing where it was dropped.
fn answer(address: &str, request: &[u8], patience: Duration) -> (Vec<u8>, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    let _ = stream.write_all(request);
    let (mut answer, mut is_over) = (Vec::new(), false);
    let mut piece = [0; 65_536];
    loop {
        match stream.read(&mut piece) {
            Ok(length @ 1..) => answer.extend_from_slice(&piece[..length]),
            Ok(0) => break,
            // For the rest of what was cut off a server waits: it is told that there is none.
            Err(_) if !is_over => {
                is_over = true;
                let _ = stream.shutdown(std::net::Shutdown::Write);
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            }
            Err(_) => break,
        }
    }
    (answer, begun.elapsed())
}

fn head(method: &str, target: &str, address: &str, more: &str) -> String {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
         Connection: close\r\n{more}"
    )
}

fn post(target: &str, address: &str, cookie: &str, kind: &str, body: &str) -> Vec<u8> {
    let more = format!(
        "Cookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    head("POST", target, address, &more).into_bytes()
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// One request of each kind, as a browser or a program sends it.
fn samples(site: &Site, crowd: &mut crate::drills::crowd::Crowd) -> Vec<Vec<u8>> {
    let (address, day, id) = (site.address(), today(), new_id());
    let treasurer = &mut crowd.treasurer;
    let gift = treasurer.token("/ban/phieu-thu");
    let aid = treasurer.token("/ban/phieu-chi");
    let file = treasurer.token("/ban/nhap-tep");
    let cookies = treasurer.browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
    let cookie = cookies.collect::<Vec<_>>().join("; ");
    let urlencoded = "application/x-www-form-urlencoded";
    let gift = form(&[
        ("token", &*gift),
        ("id", &id),
        ("step", "record"),
        ("date", &day),
        ("donor_type", "person"),
        ("donor_name", "Nguyễn Thị Hạnh"),
        ("amount", "1.500.000"),
        ("method", "cash"),
        ("place", "cash"),
        ("fund", "chung"),
    ]);
    let aid = form(&[
        ("token", &*aid),
        ("id", &id),
        ("date", &day),
        ("programme", "tet"),
        ("line_name[]", "Trần Văn Ba"),
        ("line_category[]", "poor"),
        ("line_amount[]", "400.000"),
        ("place", "cash"),
        ("fund", "chung"),
    ]);
    let edge = "----fuzz";
    let part = |name: &str, value: &str| {
        format!("--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let statement = format!(
        "{}{}{}--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t11.csv\"\r\n\
         Content-Type: text/csv\r\n\r\nDate,DocNo,Details,Credit\n{day},N1,ung ho,1000\n\r\n\
         --{edge}--\r\n",
        part("token", &file),
        part("place", "ngan-hang"),
        part("fund", "chung"),
    );
    let multipart = format!("multipart/form-data; boundary={edge}");
    let sign_in = form(&[("token", "0"), ("name", "lan.thuquy"), ("passphrase", "con trâu")]);
    let code = form(&[("token", "0"), ("code", "123 456"), ("recovery", "")]);
    let submission = Log::new(40, 0, "").submission(3, 17).to_string();
    let plain = format!("Cookie: {cookie}\r\n\r\n");
    let get = |target: &str| head("GET", target, &address, &plain).into_bytes();
    vec![
        post("/ban/phieu-thu", &address, &cookie, urlencoded, &gift),
        post("/ban/phieu-chi", &address, &cookie, urlencoded, &aid),
        post("/ban/nhap-tep", &address, &cookie, &multipart, &statement),
        post("/dang-nhap", &address, "", urlencoded, &sign_in),
        post("/dang-nhap/ma", &address, "minhbach-half=A", urlencoded, &code),
        post("/nhan-chung/add-checkpoint", &address, "", "text/plain", &submission),
        get("/ban/viec"),
        get("/ban/so-quy/cash?trang=2"),
        get("/bn/7Q2MX4TB9KD10VHZ?h=0123456789abcdef"),
        get("/xuan-tay/tra-cuu?ten=Nguy%E1%BB%85n&so_tien=1000000"),
        get("/xuan-tay/cong-khai?tu=2026-11-01&den=2026-11-30"),
        get("/xuan-tay/tile/entries/000.p/5"),
        get("/xuan-tay/checkpoints/3"),
        get("/api/v1/chapters/xuan-tay/entries?fund=chung&limit=5"),
        get("/tinh-lich-tra?goc=10000000&so_ky=12"),
    ]
}

/// For so long; a line of figures.
fn requests_for(time: Duration) -> String {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::in_folder(folder.path()).on("ROCKET_LEAST_FREE", "1 MiB");
    let (mut server, _) = site.serve();
    let mut crowd = found(&site);
    let samples = samples(&site, &mut crowd);
    let address = site.address();
    for sample in &samples {
        let (answer, _) = answer(&address, sample, Duration::from_secs(20));
        assert!(answer.starts_with(b"HTTP/1.1 "), "{}", sample.escape_ascii());
    }
    let (mut random, begun) = (Random::of("requests", seed()), Instant::now());
    let (mut cases, mut slowest) = (0, Duration::ZERO);
    let mut by_class = std::collections::BTreeMap::<char, u64>::new();
    while begun.elapsed() < time || cases < 100 {
        let all: Vec<_> = (0..AT_ONCE).map(|_| changed(&mut random, &samples)).collect();
        let answers = std::thread::scope(|threads| {
            let sent = |request| {
                let address = &address;
                threads.spawn(move || answer(address, request, PATIENCE))
            };
            let all: Vec<_> = all.iter().map(|request| sent(request)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        for (request, (answer, took)) in all.iter().zip(answers) {
            let told = String::from_utf8_lossy(&answer[..answer.len().min(600)]).into_owned();
            let class = answer.get(9).map_or('-', |byte| char::from(*byte));
            assert!(class != '5' || told.contains(" 503 "), "{told}: {}", request.escape_ascii());
            assert!(took < Duration::from_secs(15), "{took:?}: {}", request.escape_ascii());
            *by_class.entry(class).or_default() += 1;
            slowest = slowest.max(took);
            cases += 1;
        }
    }
    assert!(server.child.try_wait().unwrap().is_none(), "it lives");
    assert_eq!(site.page("/healthz").0, 200);
    site.verify();
    assert_eq!(server.stop(), Some(0));
    holds_no_secret(&site.logged());
    format!(
        "figures: requests: {cases}, the slowest answer after {} ms, by class of status: \
         {by_class:?}",
        slowest.as_millis()
    )
}

#[test]
fn no_request_makes_the_server_fail_or_stall() {
    println!("{}", requests_for(time(Duration::from_secs(2))));
}

#[test]
#[ignore = "a drill: ./drill fuzz"]
fn requests_for_minutes() {
    println!("{}", requests_for(time(Duration::from_secs(120))));
}

/// Settings that somebody mistyped end the start with a reason, or mean something.
#[test]
#[ignore = "a drill: ./drill fuzz"]
fn settings_that_were_mistyped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Rocket.toml");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/Rocket.toml");
    // What is only an example in it counts as well.
    let shipped = std::fs::read_to_string(shipped).unwrap();
    let lines = shipped.lines().map(|line| match line.strip_prefix("# ") {
        Some(setting) if setting.contains(" = ") && !setting.starts_with("database") => setting,
        _ => line,
    });
    let samples = vec![lines.collect::<Vec<_>>().join("\n").into_bytes()];
    let (mut random, begun) = (Random::of("settings", seed()), Instant::now());
    let (mut cases, mut refused) = (0, 0);
    let most = time(Duration::from_secs(120));
    while begun.elapsed() < most || cases < 50 {
        std::fs::write(&file, changed(&mut random, &samples)).unwrap();
        let data = folder.path().join("data");
        let output = Command::new(env!("CARGO_BIN_EXE_minhbach"))
            .arg("--data")
            .arg(&data)
            .args(["doctor", "--json"])
            .env("ROCKET_CONFIG", &file)
            .env_remove("ROCKET_DATABASE_URL")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = crate::backup::said(&output);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        refused += u64::from(output.status.code() == Some(1));
        cases += 1;
    }
    println!("figures: settings: {cases} files, {refused} told what is wrong");
}

/// A backup that was touched is refused, and nothing is where it would have been restored.
#[test]
#[ignore = "a drill: ./drill fuzz"]
fn backups_that_were_touched() {
    let (folder, vault) = (tempfile::tempdir().unwrap(), Vault::new());
    let site = Site::in_folder(folder.path()).on("ROCKET_LEAST_FREE", "1 MiB");
    let (mut server, _) = site.serve();
    found(&site);
    assert_eq!(server.stop(), Some(0));
    let mut plain = site.program();
    plain.arg("backup").arg(vault.backups()).arg("--not-encrypted");
    crate::backup::good(&mut plain);
    let whole = vault.files().remove(0);
    let samples = [std::fs::read(&whole).unwrap()];
    let touched = vault.place("touched.tar.gz");
    let (mut random, begun) = (Random::of("backups", seed()), Instant::now());
    let (mut cases, mut same) = (0, 0);
    let most = time(Duration::from_secs(120));
    while begun.elapsed() < most || cases < 30 {
        let bytes = changed(&mut random, &samples);
        std::fs::write(&touched, &bytes).unwrap();
        let to = vault.place("to");
        let mut restore = Command::new(env!("CARGO_BIN_EXE_minhbach"));
        site.settle(&mut restore);
        let output = restore.arg("restore").arg(&touched).arg("--data").arg(&to).output().unwrap();
        let said = crate::backup::said(&output);
        assert!(!said.contains("panicked"), "{said}");
        match output.status.code() {
            // What packs it (the name and time in a gzip header) is nothing that is restored.
            Some(0) => same += 1,
            Some(1) => assert!(!to.join("minhbach.sqlite").exists(), "{said}"),
            other => panic!("{other:?}: {said}"),
        }
        if to.exists() {
            let left = names(&to);
            assert!(!left.iter().any(|name| name.ends_with(".work")), "{left:?}");
            std::fs::remove_dir_all(&to).unwrap();
        }
        cases += 1;
    }
    println!("figures: backups: {cases} touched, {same} of them nowhere that counts, rest refused");
}
