//! What reads files, lines and words, and what each owes to what it accepts.

use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use minhbach::books::Books;
use minhbach::import::cell::{DateOrder, read_date};
use minhbach::import::families::{Columns, read_families};
use minhbach::import::statement::{Direction, read_statement};
use minhbach::import::{Layout, read_table, sheet};
use minhbach::ledger::away::{Added, Signed, ToSign};
use minhbach::ledger::canonical;
use minhbach::ledger::disclosure::Disclosure;
use minhbach::ledger::entry::Entry;
use minhbach::ledger::giving::GivingCode;
use minhbach::ledger::keys::{PublicKey, SigningKey};
use minhbach::ledger::note::{
    Checkpoint, Policy, SignedCheckpoint, SignedNote, Submission, parse_signature_lines,
};
use minhbach::ledger::receipt::{Receipt, ReceiptCode};
use minhbach::ledger::tree::{TilePath, encode_bundle, parse_bundle};
use minhbach::ledger::voucher::Voucher;
use minhbach::ledger::word::{Date, Month, Origin, Time, UtcOffset};
use minhbach::money::{Currency, Money, Quantity};
use minhbach::store::desk::factors::{OneTime, RecoveryCode};
use minhbach::store::desk::passphrase::Passphrase;
use minhbach::store::desk::sessions::Cookie;
use minhbach::verify::source::Source;
use minhbach::verify::{Options, verify};

use super::{Read, Reader, changed};
use crate::sign::{cost, file};
use crate::store::witnessing::Log;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(folder("golden").join(name)).unwrap()
}

/// The ledgers of the golden files, one folder each.
fn ledgers() -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder("golden")).unwrap().flatten().map(|own| own.path());
    let mut all: Vec<_> = all.filter(|path| path.join("checkpoint").exists()).collect();
    all.sort();
    all
}

fn of_ledgers(name: &str) -> Vec<Vec<u8>> {
    ledgers().iter().filter_map(|ledger| std::fs::read(ledger.join(name)).ok()).collect()
}

fn entries() -> Vec<Vec<u8>> {
    let all = of_ledgers("entries.jsonl");
    let lines = all.iter().flat_map(|file| file.split(|byte| *byte == b'\n'));
    let lines = lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec);
    // One of each kind, and some more.
    let mut by_kind = std::collections::BTreeMap::<String, Vec<Vec<u8>>>::new();
    for line in lines {
        let entry: serde_json::Value = serde_json::from_slice(&line).unwrap();
        let kind = entry["voucher"]["kind"].as_str().unwrap().to_owned();
        by_kind.entry(kind).or_default().push(line);
    }
    by_kind.into_values().flat_map(|lines| lines.into_iter().take(4)).collect()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// What is accepted has one spelling: the bytes that were read.
fn spelled_once<T>(
    parse: impl Fn(&[u8]) -> Option<T> + 'static,
    write: impl Fn(&T) -> Vec<u8> + 'static,
) -> impl Fn(&[u8]) -> Read + 'static {
    move |bytes| {
        let Some(read) = parse(bytes) else { return Read::Refused };
        assert_eq!(write(&read).escape_ascii().to_string(), bytes.escape_ascii().to_string());
        Read::Accepted
    }
}

/// What is accepted may be spelled in several ways; written and read again it is the same.
fn stays<T: PartialEq + std::fmt::Debug>(
    parse: impl Fn(&[u8]) -> Option<T> + 'static,
    write: impl Fn(&T) -> Vec<u8> + 'static,
) -> impl Fn(&[u8]) -> Read + 'static {
    move |bytes| {
        let Some(read) = parse(bytes) else { return Read::Refused };
        assert_eq!(parse(&write(&read)).as_ref(), Some(&read));
        Read::Accepted
    }
}

/// A word of one spelling.
fn word<T: FromStr + Display>(name: &'static str, samples: &[&str]) -> Reader {
    let parse = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<T>().ok();
    Reader::new(name, texts(samples), spelled_once(parse, |word| word.to_string().into_bytes()))
}

/// A text of one spelling, read by a function of its own.
fn text<T: Display + 'static>(
    name: &'static str,
    samples: Vec<Vec<u8>>,
    parse: impl Fn(&[u8]) -> Option<T> + 'static,
) -> Reader {
    Reader::new(name, samples, spelled_once(parse, |read: &T| read.to_string().into_bytes()))
}

pub fn readers() -> Vec<Reader> {
    let mut all = of_the_ledger();
    all.extend(of_notes());
    all.extend(words());
    all.extend(typed());
    all.extend(codes());
    all.extend(imported());
    all.extend([workbooks(), published(), snapshots()]);
    all
}

fn of_the_ledger() -> Vec<Reader> {
    let vouchers = entries();
    let vouchers = vouchers.iter().map(|line| {
        let entry: serde_json::Value = serde_json::from_slice(line).unwrap();
        canonical::encode(&entry["voucher"])
    });
    let to_sign = file(vec![cost(1, 120_000, true), cost(2, 35_000, false)]).bytes();
    // Signed by somebody: whether that key may is another question.
    let drafts = ToSign::read(&to_sign).unwrap().drafts.into_iter();
    let added = drafts.map(|own| Added { mark: own.signatures[0].clone(), voucher: own.voucher });
    let log = "so.example/xuan-tay".parse().unwrap();
    let signed = Signed { log, private: Vec::new(), signatures: added.collect() }.bytes();
    let bundles = of_ledgers("entries.jsonl").into_iter().filter_map(|file| {
        let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.take(5).collect();
        (lines.len() == 5).then(|| encode_bundle(lines).unwrap())
    });
    vec![
        Reader::new(
            "an entry",
            entries(),
            spelled_once(|bytes| Entry::parse(bytes).ok(), |entry| entry.bytes().unwrap()),
        ),
        Reader::new(
            "a voucher",
            vouchers.collect(),
            spelled_once(
                |bytes| Voucher::read(&canonical::decode(bytes).ok()?).ok(),
                Voucher::bytes,
            ),
        ),
        Reader::new(
            "canonical JSON",
            entries(),
            spelled_once(|bytes| canonical::decode(bytes).ok(), canonical::encode),
        ),
        Reader::new(
            "JSON that becomes canonical",
            entries(),
            stays(|bytes| canonical::decode_any(bytes).ok(), canonical::encode),
        ),
        Reader::new(
            "a bundle of five",
            bundles.collect(),
            spelled_once(
                |bytes| {
                    parse_bundle(bytes, 5)
                        .ok()
                        .map(|all| all.into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>())
                },
                |all| encode_bundle(all.iter().map(Vec::as_slice)).unwrap(),
            ),
        ),
        Reader::new(
            "a file to sign",
            vec![to_sign],
            stays(|bytes| ToSign::read(bytes).ok(), ToSign::bytes),
        ),
        Reader::new(
            "a signed file",
            vec![signed],
            stays(|bytes| Signed::read(bytes).ok(), Signed::bytes),
        ),
    ]
}

fn of_notes() -> Vec<Reader> {
    let mut checkpoints = of_ledgers("checkpoint");
    checkpoints.extend(of_ledgers("cosigned"));
    let heads = checkpoints.iter().map(|note| {
        let text = String::from_utf8(note.clone()).unwrap();
        text.split_once("\n\n").map(|(head, _)| format!("{head}\n").into_bytes()).unwrap()
    });
    let heads: Vec<_> = heads.collect();
    let lines = checkpoints.iter().map(|note| {
        let text = String::from_utf8(note.clone()).unwrap();
        text.split_once("\n\n").map(|(_, lines)| lines.as_bytes().to_vec()).unwrap()
    });
    let lines: Vec<_> = lines.collect();
    let log = Log::new(40, 0, "");
    let bodies = [(0, 1), (0, 40), (3, 17), (16, 40), (40, 40)];
    let bodies = bodies.map(|(old, new)| log.submission(old, new).to_string().into_bytes());
    let utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(ToOwned::to_owned);
    vec![
        text("a checkpoint", checkpoints.clone(), |bytes| SignedCheckpoint::parse(bytes).ok()),
        text("a signed note", checkpoints, |bytes| SignedNote::parse(bytes).ok()),
        text("a head", heads, move |bytes| Checkpoint::parse(&utf8(bytes)?).ok()),
        Reader::new(
            "signature lines",
            lines,
            spelled_once(
                move |bytes| parse_signature_lines(&utf8(bytes)?).ok(),
                |lines| {
                    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
                },
            ),
        ),
        text("a receipt file", vec![golden("receipt.tlog-proof")], |bytes| {
            Receipt::parse(bytes).ok()
        }),
        text("a witness's body", bodies.into(), |bytes| Submission::parse(bytes).ok()),
        Reader::new(
            "a policy",
            of_ledgers("policy"),
            stays(
                move |bytes| Policy::parse(&utf8(bytes)?).ok().map(|policy| policy.to_string()),
                |policy| policy.clone().into_bytes(),
            ),
        ),
    ]
}

fn words() -> Vec<Reader> {
    let utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(ToOwned::to_owned);
    let key = SigningKey::from_seed("so.example/xuan-tay", [7; 32]).unwrap();
    let vkey = key.public().vkey();
    let private = key.private_text().to_string();
    let disclosures = of_ledgers("disclosures.jsonl").into_iter().flat_map(|file| {
        let lines = String::from_utf8(file).unwrap();
        let line = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["disclosure"].as_str().unwrap().as_bytes().to_vec()
        };
        lines.lines().map(line).collect::<Vec<_>>()
    });
    vec![
        word::<TilePath>(
            "a tile's path",
            &["tile/0/000", "tile/entries/x001/x234/067.p/12", "tile/2/x012/345.p/255"],
        ),
        word::<Date>("a date", &["2026-11-30", "2024-02-29"]),
        word::<Month>("a month", &["2026-11"]),
        word::<Time>("a time", &["2026-11-30T01:02:03Z"]),
        word::<Origin>("a ledger's name", &["so.example/xuan-tay", "so.example:8080/xuan-tay/2"]),
        word::<Quantity>("a quantity", &["1", "12.5", "999999.999"]),
        Reader::new("an offset", texts(&["+07:00", "-03:30"]), move |bytes| {
            match utf8(bytes).map(UtcOffset::try_from) {
                Some(Ok(offset)) => {
                    assert!(offset.fixed().local_minus_utc().abs() <= 14 * 3_600);
                    Read::Accepted
                }
                _ => Read::Refused,
            }
        }),
        text("a public key", vec![vkey.into_bytes()], move |bytes| {
            PublicKey::parse(&utf8(bytes)?).ok()
        }),
        Reader::new("a private key", vec![private.into_bytes()], move |bytes| {
            let read = utf8(bytes).and_then(|text| SigningKey::from_private_text(&text).ok());
            let Some(key) = read else { return Read::Refused };
            assert_eq!(key.private_text().as_bytes(), bytes.trim_ascii());
            Read::Accepted
        }),
        Reader::new(
            "a disclosure",
            disclosures.collect(),
            spelled_once(
                move |bytes| Disclosure::parse(&utf8(bytes)?).ok(),
                |disclosure| disclosure.encode().into_bytes(),
            ),
        ),
    ]
}

/// What people type: several spellings, one meaning.
fn typed() -> Vec<Reader> {
    let utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(ToOwned::to_owned);
    let money = move |scale: u8| {
        let currency = Currency { scale, ..Currency::vnd() };
        move |bytes: &[u8]| Money::parse(&utf8(bytes)?, &currency).ok().map(Money::minor)
    };
    let amount = money(0);
    let cents = money(2);
    vec![
        Reader::new(
            "an amount",
            texts(&["1.500.000", "1,500,000 ₫", "0", "12 000đ", "9007199254740991"]),
            stays(amount, |minor| minor.to_string().into_bytes()),
        ),
        Reader::new("an amount with cents", texts(&["1.500,25", "1,500.25", "7", "0,05"]), {
            move |bytes| match cents(bytes) {
                Some(minor) => {
                    assert!((0..=9_007_199_254_740_991).contains(&minor), "{minor}");
                    Read::Accepted
                }
                None => Read::Refused,
            }
        }),
        Reader::new("a day of a statement", texts(&["30/11/2026", "1-2-2024 08:01:02"]), {
            move |bytes| match utf8(bytes).map(|text| read_date(&text, DateOrder::DayMonthYear)) {
                Some(Ok(_)) => Read::Accepted,
                _ => Read::Refused,
            }
        }),
    ]
}

/// Codes, passphrases and cookies.
fn codes() -> Vec<Reader> {
    let utf8 = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(ToOwned::to_owned);
    let display = |word: &String| word.clone().into_bytes();
    vec![
        Reader::new(
            "a code of a fund",
            texts(&[GivingCode::of_fund(&"chung".parse().unwrap(), 0).as_str()]),
            stays(
                move |bytes| utf8(bytes)?.parse::<GivingCode>().ok().map(|code| code.to_string()),
                display,
            ),
        ),
        Reader::new(
            "a receipt's code",
            texts(&["7Q2MX4TB9KD10VHZ", "7q2m-x4tb-9kd1-0vhz"]),
            stays(
                move |bytes| utf8(bytes)?.parse::<ReceiptCode>().ok().map(|code| code.to_string()),
                display,
            ),
        ),
        Reader::new(
            "a recovery code",
            texts(&["7Q2M-X4TB-9KD1-0VHZ"]),
            stays(
                move |bytes| RecoveryCode::parse(&utf8(bytes)?).map(|own| own.text().to_string()),
                display,
            ),
        ),
        Reader::new("a second step", texts(&["123456", "123 456"]), move |bytes| {
            match utf8(bytes).and_then(|text| OneTime::read(&text, "")) {
                Some(OneTime::Code(code)) => {
                    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
                    Read::Accepted
                }
                _ => Read::Refused,
            }
        }),
        Reader::new("a passphrase", texts(&["con trâu đi trước"]), move |bytes| {
            match utf8(bytes).map(|text| Passphrase::read(&text)) {
                Some(Ok(_)) => Read::Accepted,
                _ => Read::Refused,
            }
        }),
        Reader::new(
            "a cookie",
            vec![b"A".repeat(86), b"-_09".repeat(21).into_iter().chain(*b"AA").collect()],
            spelled_once(
                move |bytes| Cookie::parse(&utf8(bytes)?),
                |cookie| cookie.value().as_bytes().to_vec(),
            ),
        ),
    ]
}

/// Statements and lists of families.
fn imported() -> Vec<Reader> {
    let names = [
        "small-utf8.csv",
        "small-utf8-bom.csv",
        "small-utf16le.csv",
        "small-utf16be.csv",
        "small-windows-1258.csv",
        "small-tab-nfd.csv",
        "small-semicolon-lone-cr.csv",
        "heading.csv",
        "times-morning.csv",
        "numbers-first.csv",
    ];
    let statements: Vec<_> =
        names.iter().map(|name| std::fs::read(folder("statements").join(name)).unwrap()).collect();
    let lists = texts(&[
        "Họ và tên,Năm sinh,Diện,Thôn,Điện thoại\nTrần Văn Ba,1950,Hộ nghèo,Thôn 1,0912345678\n",
        "Họ tên;Ngày sinh;Thành viên\n\"Lê Thị Tư\";01/02/1960;\"Lê A; Lê B\"\n",
    ]);
    vec![
        Reader::new("a bank statement", statements, |bytes| {
            let Ok(table) = read_table(bytes) else { return Read::Refused };
            let Some(layout) = Layout::detect(&table) else { return Read::Refused };
            match read_statement(&table, &layout, &Currency::vnd()) {
                Ok(statement) => {
                    let movements = statement.lines.iter().map(|line| line.movement);
                    let of = |way| movements.clone().filter(move |own| own.direction == way);
                    let sum: i64 = of(Direction::Credit).map(|own| own.amount.minor()).sum();
                    assert_eq!(sum, statement.credits.minor());
                    let sum: i64 = of(Direction::Debit).map(|own| own.amount.minor()).sum();
                    assert_eq!(sum, statement.debits.minor());
                    Read::Accepted
                }
                Err(faults) => {
                    assert!(!faults.is_empty(), "refused, and nothing is named");
                    Read::Refused
                }
            }
        }),
        Reader::new("a list of families", lists, |bytes| {
            let Ok(table) = read_table(bytes) else { return Read::Refused };
            let Some(columns) = Columns::detect(&table) else { return Read::Refused };
            let (families, faults) = read_families(&table, &columns, 2026);
            assert!(families.len() + faults.len() <= table.rows().count());
            if faults.is_empty() { Read::Accepted } else { Read::Refused }
        }),
    ]
}

/// A workbook whose parts were changed and packed again, so that its sums hold. It is read as the
/// program does it: in a process of its own, which may be refused but not go on for ever.
fn workbooks() -> Reader {
    let workbook = std::fs::read(folder("families").join("list.xlsx")).unwrap();
    let parts = unpacked(&workbook);
    let samples: Vec<_> = parts.iter().map(|(_, bytes)| bytes.clone()).collect();
    let mut reader = Reader::new("a workbook", samples.clone(), move |bytes| {
        // Which part the changed one comes from is told by how it begins.
        let alike = |own: &Vec<u8>| own.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let at = (0..parts.len()).max_by_key(|at| alike(&parts[*at].1)).unwrap();
        let mut parts = parts.clone();
        parts[at].1 = bytes.to_vec();
        let packed = packed(&parts);
        if read_sheet(&packed) == Some(0) { Read::Accepted } else { Read::Refused }
    });
    reader.most = std::time::Duration::from_secs(20);
    assert!(sheet::read(&workbook).is_ok());
    reader
}

fn unpacked(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
            (part.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name.as_str(), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The status of `minhbach read-sheet`; `None` where the system ended it within its limits.
fn read_sheet(workbook: &[u8]) -> Option<i32> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_minhbach"))
        .arg("read-sheet")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse before it has read all of it.
    let _ = child.stdin.take().unwrap().write_all(workbook);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    output.status.code()
}

/// A published ledger with one file changed: never a panic, and never called whole where what was
/// changed is signed.
fn published() -> Reader {
    let ledger = folder("golden").join("rules1-cash-is-counted-against-the-book");
    let whole = tempfile::tempdir().unwrap();
    let names = ["checkpoint", "entries.jsonl", "tile/entries/000.p", "tile/0/000.p", "policy"];
    let mut files = Vec::new();
    for name in names {
        let path = ledger.join(name);
        if path.is_dir() {
            let inner = std::fs::read_dir(&path).unwrap().next().unwrap().unwrap().path();
            files.push(inner.strip_prefix(&ledger).unwrap().to_owned());
        } else {
            files.push(name.into());
        }
    }
    let copied = Command::new("cp").arg("-r").arg(&ledger).arg(whole.path()).status().unwrap();
    assert!(copied.success());
    let place = whole.path().join(ledger.file_name().unwrap());
    let samples: Vec<_> =
        files.iter().map(|path| std::fs::read(place.join(path)).unwrap()).collect();
    let originals = samples.clone();
    Reader::new("a mirror", samples, move |bytes| {
        let _ = &whole;
        let alike = |own: &Vec<u8>| own.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let at = (0..files.len()).max_by_key(|at| alike(&originals[*at])).unwrap();
        std::fs::write(place.join(&files[at]), bytes).unwrap();
        let report = verify(&Source::Folder(place.clone()), &Options::default(), &mut |_, _| {});
        std::fs::write(place.join(&files[at]), &originals[at]).unwrap();
        let holds = report.is_ok_and(|report| report.broken.is_none());
        let is_signed = files[at] != Path::new("policy");
        assert!(!holds || bytes == originals[at] || !is_signed, "{:?} was changed", files[at]);
        if holds { Read::Accepted } else { Read::Refused }
    })
}

/// Books that were kept: the store's own, yet whatever the disk made of them.
fn snapshots() -> Reader {
    let snapshot = crate::tamper::desk_of().books.snapshot().unwrap();
    Reader::new("kept books", vec![snapshot], |bytes| match Books::from_snapshot(bytes) {
        Some(books) => {
            assert!(books.snapshot().is_ok());
            Read::Accepted
        }
        None => Read::Refused,
    })
}

#[test]
fn changed_samples_are_the_same_for_a_seed_and_others_for_another() {
    let samples = entries();
    let of = |seed| changed(&mut super::Random::of("x", seed), &samples);
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}
