//! The rows changed by somebody who holds the database, the server stopped meanwhile: at the start
//! the entry is named, and the ledger takes no writes.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minhbach::follow::copy::Asked;
use minhbach::ledger::canonical;
use minhbach::ledger::entry::{Entry, SignedVoucher, leaf_hash};
use minhbach::ledger::keys::{SignatureRole, SigningKey, voucher_message};
use minhbach::ledger::tree::{Frontier, Hash, sha256};
use minhbach::ledger::word::Origin;
use minhbach::store::{ChapterId, Closure, RecordFault, Standing, Store, StoreConfig};
use minhbach::verify::Options;
use minhbach::verify::report::Outcome;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use serde_json::json;

use crate::house::{
    CHAIR, DEPUTY, Ground, TREASURER, TestHouse, aid, donation, key, on_both, sign, two,
};

use super::concurrency::close;
use super::continued::log_key;
use crate::published::{Published, followed, verify_folder};

const NEW: &str = "4444444444444444";

fn origin(slug: &str) -> Origin {
    format!("so.example/{slug}").parse().unwrap()
}

/// Nine entries: five of the opening, a gift, aid, a deputy enrolled and another retired.
async fn filled(house: &TestHouse) -> ChapterId {
    let chapter = house.chapter("xuan-tay").await;
    let log = &origin("xuan-tay");
    house.record(chapter, donation(log, 500_000)).await.unwrap();
    house.record(chapter, aid(log, 100_000)).await.unwrap();
    let vkey = key(log, NEW).public().vkey();
    let officer =
        json!({"vkey": vkey, "person": NEW, "roles": ["deputy_chair"], "title": "Phó Chủ tịch"});
    let signers = [
        (TREASURER, SignatureRole::Recorder),
        (CHAIR, SignatureRole::Approver),
        (NEW, SignatureRole::Holder),
    ];
    let enrolled = sign(log, "officer_enrolled", json!({"officer": officer}), &signers);
    house.record(chapter, enrolled).await.unwrap();
    let retired = two(log, "officer_retired", json!({"person": DEPUTY}));
    house.record(chapter, retired).await.unwrap();
    chapter
}

async fn run(rows: &DatabaseConnection, sql: &str, values: Vec<Value>) {
    let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    rows.execute_raw(statement).await.unwrap_or_else(|fault| panic!("{sql}: {fault}"));
}

async fn stored(rows: &DatabaseConnection, slug: &str) -> Vec<Vec<u8>> {
    let sql = format!(
        "SELECT bytes FROM entries WHERE chapter = (SELECT id FROM chapters WHERE slug = '{slug}') \
         ORDER BY seq"
    );
    let statement = Statement::from_string(rows.get_database_backend(), sql);
    let all = rows.query_all_raw(statement).await.unwrap();
    all.iter().map(|row| row.try_get("", "bytes").unwrap()).collect()
}

/// Makes the rows those of these entries: bytes, hashes, columns, head.
async fn put(rows: &DatabaseConnection, entries: &[Vec<u8>]) {
    const CHAPTER: &str = "(SELECT id FROM chapters WHERE slug = 'xuan-tay')";
    run(rows, &format!("DELETE FROM snapshots WHERE chapter = {CHAPTER}"), vec![]).await;
    run(rows, &format!("DELETE FROM entries WHERE chapter = {CHAPTER}"), vec![]).await;
    let (mut frontier, mut leaf, mut ids) = (Frontier::new(), Hash::ZERO, BTreeSet::new());
    for (seq, bytes) in (0_i64..).zip(entries) {
        // The columns are filled as well as the bytes allow, so that the bytes alone are wrong.
        let mut values = serde_json::Deserializer::from_slice(bytes).into_iter();
        let value: serde_json::Value = values.next().unwrap().unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("x").to_owned();
        leaf = leaf_hash(bytes);
        frontier.append(leaf);
        let prev = hex::decode(text(&value["prev"])).unwrap();
        let voucher = &value["voucher"];
        let mut id = text(&voucher["id"]);
        if !ids.insert(id.clone()) {
            // A voucher twice would be stopped by the schema: its column is given another id.
            id.replace_range(..8, "ffffffff");
        }
        let of = voucher["of"].as_i64();
        let sql = format!(
            "INSERT INTO entries (chapter, seq, leaf_hash, prev, voucher_id, kind, date, at, \
             of_seq, of_line, bytes) VALUES ({CHAPTER}, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        );
        let values = vec![
            seq.into(),
            leaf.0.to_vec().into(),
            prev.into(),
            id.into(),
            text(&voucher["kind"]).into(),
            text(&voucher["date"]).into(),
            text(&value["at"]).into(),
            of.into(),
            of.map(|_| 0_i64).into(),
            bytes.clone().into(),
        ];
        run(rows, &sql, values).await;
    }
    let sql = format!(
        "UPDATE chapters SET head_size = $1, head_leaf = $2, head_root = $3, published_size = $1 \
         WHERE id = {CHAPTER}"
    );
    let size = i64::try_from(entries.len()).unwrap();
    let root = frontier.root().0.to_vec();
    run(rows, &sql, vec![size.into(), leaf.0.to_vec().into(), root.into()]).await;
}

/// Links entries into a chain again from a seq on.
fn relinked(entries: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut prev = Hash::ZERO;
    let link = |(seq, bytes): (usize, &Vec<u8>)| {
        let mut value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        value["seq"] = json!(seq);
        value["prev"] = json!(prev.to_string());
        let bytes = canonical::encode(&value);
        prev = leaf_hash(&bytes);
        bytes
    };
    entries.iter().enumerate().map(link).collect()
}

fn changed(bytes: &[u8], change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(bytes).unwrap();
    change(&mut value);
    canonical::encode(&value)
}

/// One more entry, signed by whom one likes.
fn next(entries: &[Vec<u8>], signed: SignedVoucher) -> Vec<u8> {
    let last: serde_json::Value = serde_json::from_slice(entries.last().unwrap()).unwrap();
    let at = last["at"].as_str().unwrap().parse().unwrap();
    let seq = u64::try_from(entries.len()).unwrap();
    Entry { at, prev: leaf_hash(entries.last().unwrap()), seq, before: 0, signed }.bytes().unwrap()
}

/// What is forged, the entry that is named at the start, and a word of the reason.
type Forged = (&'static str, Vec<Vec<u8>>, usize, &'static str);

fn rewritten(honest: &[Vec<u8>]) -> Vec<Forged> {
    let with = |at: usize, bytes: Vec<u8>| {
        let mut all = honest.to_vec();
        all[at] = bytes;
        all
    };
    let mut swapped = honest.to_vec();
    swapped.swap(5, 6);
    let mut deleted = honest.to_vec();
    deleted.remove(5);
    let mut doubled = honest.to_vec();
    doubled.insert(6, honest[5].clone());
    let amount = changed(&honest[5], |value| value["voucher"]["amount"] = json!(5_000_000));
    let earlier = changed(&honest[8], |value| value["at"] = json!("2026-11-01T00:00:00Z"));
    vec![
        ("an amount", with(5, amount.clone()), 5, "signature"),
        ("an amount and all hashes", relinked(&with(5, amount)), 5, "signature"),
        ("two swapped", swapped.clone(), 5, ""),
        ("two swapped, all hashes", relinked(&swapped), 5, ""),
        ("one removed, all hashes", relinked(&deleted), 5, ""),
        ("one doubled, all hashes", relinked(&doubled), 6, ""),
        ("time goes back", with(8, earlier), 8, "time"),
    ]
}

/// An officer's key that anybody could sign for (the neutral point of the curve), enrolled by two.
fn weak_key(honest: &[Vec<u8>]) -> Vec<u8> {
    let enrolled: serde_json::Value = serde_json::from_slice(&honest[7]).unwrap();
    let vkey = enrolled["voucher"]["officer"]["vkey"].as_str().unwrap();
    let name = vkey.split('+').next().unwrap();
    let typed = [&[1, 1][..], &[0; 31]].concat();
    let id = sha256(&[name.as_bytes(), b"\n", &typed].concat());
    let weak = format!("{name}+{}+{}", hex::encode(&id.0[..4]), BASE64_STANDARD.encode(typed));
    changed(&honest[7], |value| value["voucher"]["officer"]["vkey"] = json!(weak))
}

/// A signature whose S has the order of the group added: equal to a lax verifier (RFC 8032 section
/// 5.1.7 wants S below the order).
fn large_s(entry: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    changed(entry, |value| {
        let text = value["signatures"][0]["sig"].as_str().unwrap();
        let mut bytes = BASE64_STANDARD.decode(text).unwrap();
        let mut carry = 0;
        let at = bytes.len() - 32;
        for (byte, more) in bytes[at..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        value["signatures"][0]["sig"] = json!(BASE64_STANDARD.encode(bytes));
    })
}

/// Entries that say the same as a sound one, in other bytes.
fn other_bytes(gift: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = std::str::from_utf8(gift).unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}: {text}");
        text.replacen(from, to, 1).into_bytes()
    };
    let (_, rest) = text.split_once("{\"at\":").unwrap();
    let (at, rest) = rest.split_once(',').unwrap();
    let turned = format!("{{{},\"at\":{at}}}", rest.strip_suffix('}').unwrap());
    vec![
        ("white space", replaced("\"v\":1", "\"v\": 1")),
        ("members in another order", turned.into_bytes()),
        ("1.0 for 1", replaced("\"v\":1", "\"v\":1.0")),
        ("an escape for a letter", replaced("donation", "d\\u006fnation")),
        ("a line feed behind", [gift, b"\n"].concat()),
        ("CR and LF behind", [gift, b"\r\n"].concat()),
        ("bytes behind", [gift, b"{}"].concat()),
    ]
}

fn appended(honest: &[Vec<u8>]) -> Vec<Forged> {
    let log = &origin("xuan-tay");
    let lines = json!({"place": "tien-mat", "fund": "chung", "category": "printing",
        "amount": 1_000, "payee": {"type": "organisation", "name": "Nhà in"}});
    let by = |approver| {
        let signers = [(TREASURER, SignatureRole::Recorder), (approver, SignatureRole::Approver)];
        sign(log, "cost_paid", lines.clone(), &signers)
    };
    let gift = next(honest, donation(log, 7_000));
    let forged = |change: &dyn Fn(&mut serde_json::Value)| changed(&gift, change);
    let other = key(&origin("xuan-dong"), TREASURER);
    let strange = forged(&|value| {
        let message =
            voucher_message(SignatureRole::Recorder, &canonical::encode(&value["voucher"]));
        value["signatures"][0]["sig"] = json!(other.sign(&message).encode());
    });
    let of_other = forged(&|value| value["signatures"][0]["key"] = json!(other.name()));
    let mut all: Vec<Forged> = [
        ("a retired key", next(honest, by(DEPUTY)), "force"),
        ("another chapter's key", strange, "signature"),
        ("another chapter's key by name", of_other, ""),
        ("an unknown kind", forged(&|it| it["voucher"]["kind"] = json!("gold_received")), ""),
        ("an unknown version", forged(&|it| it["v"] = json!(2)), ""),
        ("a member too many", forged(&|it| it["voucher"]["bonus"] = json!(1)), ""),
        ("more than there is", next(honest, aid(log, 9_000_000)), ""),
    ]
    .into_iter()
    .map(|(what, last, word)| (what, [honest, &[last]].concat(), 9, word))
    .collect();
    let with_last = |last| [honest, &[last]].concat();
    all.push(("S above the order", with_last(large_s(&gift)), 9, "signature"));
    all.extend(other_bytes(&gift).into_iter().map(|(what, it)| (what, with_last(it), 9, "")));
    // Entry 8 retired one deputy, entry 7 enrolled the other: before that its key is nobody's.
    let before = &honest[..7];
    all.push(("a weak key", [before, &[weak_key(honest)]].concat(), 7, ""));
    all.push(("a key before its time", [before, &[next(before, by(NEW))]].concat(), 7, "force"));
    all
}

async fn starts_closed(
    house: TestHouse,
    chapter: ChapterId,
    what: &str,
    names: &[&str],
) -> TestHouse {
    let house = house.restart_stopped().await;
    let Standing::ReadOnly(closure) = house.store.standing(chapter).unwrap() else {
        panic!("not found: {what}");
    };
    for name in names {
        assert!(closure.to_string().contains(name), "{what}: {closure}");
    }
    let refused = house.record(chapter, donation(&origin("xuan-tay"), 1)).await.unwrap_err();
    assert_eq!(refused, RecordFault::Closed(closure), "{what}");
    assert_eq!(house.store.head(chapter).unwrap(), None, "{what}: a head is shown");
    house.store.stop().await.unwrap();
    house
}

/// The same entries as they would be published, under a good signature of the log: the verifier
/// names the entry, whoever follows the ledger without memory too, and with memory the first that
/// is another one than was seen.
fn found_from_outside(key: &SigningKey, state: &Path, (what, entries, seq, _): &Forged) {
    let published = |entries: &[Vec<u8>]| Published {
        entries: entries.to_vec(),
        origin: origin("xuan-tay").to_string(),
        statements: Default::default(),
        disclosures: String::new(),
        sizes: vec![u64::try_from(entries.len()).unwrap()],
    };
    let site = published(entries).folder(key);
    let report = verify_folder(site.path(), &Options::default());
    let named = u64::try_from(*seq).ok();
    assert_ne!(report.outcome, Outcome::Sound, "{what}");
    assert_eq!(report.broken.unwrap().seq, named, "{what}");
    let looked = followed(state, site.path(), &Asked::default()).unwrap();
    assert_ne!(looked.report.outcome, Outcome::Sound, "{what}");
    assert_eq!(looked.report.broken.unwrap().seq, named, "{what}, remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_were_forged_are_named_at_the_start_and_by_everybody_outside() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        let _ = house.chapter("xuan-dong").await;
        house.store.stop().await.unwrap();
        let rows = house.break_guards().await;
        let honest = stored(&rows, "xuan-tay").await;
        let foreign = stored(&rows, "xuan-dong").await;
        let mut all = rewritten(&honest);
        all.extend(appended(&honest));
        let mut copied = honest.clone();
        copied[4] = foreign[4].clone();
        all.push(("a row of another chapter", copied.clone(), 4, ""));
        all.push(("a row of another chapter, all hashes", relinked(&copied), 4, ""));
        let (key, state) = (log_key(&house), tempfile::tempdir().unwrap());
        let site = tempfile::tempdir().unwrap();
        let sizes = vec![u64::try_from(honest.len()).unwrap()];
        let (statements, disclosures) = (Default::default(), String::new());
        let origin = origin("xuan-tay").to_string();
        let seen = Published { entries: honest, origin, statements, disclosures, sizes };
        seen.write(site.path(), &key);
        let looked = followed(state.path(), site.path(), &Asked::default()).unwrap();
        assert_eq!(looked.report.outcome, Outcome::Sound, "{}", looked.report);
        let mut house = house;
        for forged in all {
            found_from_outside(&key, state.path(), &forged);
            let (what, entries, seq, word) = forged;
            put(&rows, &entries).await;
            let named = format!("entry {seq}");
            house = starts_closed(house, chapter, what, &[&named, word]).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_or_a_cut_in_any_entry_is_named_at_the_start() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let chapter = filled(&house).await;
    house.store.stop().await.unwrap();
    let rows = house.break_guards().await;
    let honest = stored(&rows, "xuan-tay").await;
    let every = if std::env::var_os("MINHBACH_TAMPER_ALL").is_some() { 1 } else { 397 };
    let sql = "UPDATE entries SET bytes = $1 WHERE seq = $2";
    let mut house = house;
    for (seq, bytes) in honest.iter().enumerate() {
        let at = i64::try_from(seq).unwrap();
        for place in (seq % every..bytes.len()).step_by(every) {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            let cut = bytes[..place.max(2)].to_vec();
            for other in [flipped, cut] {
                run(&rows, sql, vec![other.into(), at.into()]).await;
                let named = format!("entry {seq}");
                house = starts_closed(house, chapter, &format!("byte {place}"), &[&named]).await;
            }
        }
        run(&rows, sql, vec![bytes.clone().into(), at.into()]).await;
    }
    let house = house.restart_stopped().await;
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open, "nothing is left of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_derived_table_that_loses_a_row_is_named_and_made_again() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        let log = &origin("xuan-tay");
        let held = json!({"class": "named_family", "amount": 700, "place": "tien-mat",
            "donor": donation(log, 1).voucher.value()["donor"]});
        house.record(chapter, crate::house::one(log, "custody_received", held)).await.unwrap();
        close(&house, chapter, log).await;
        let mut house = house;
        for table in [
            "uses",
            "lots",
            "custody",
            "receipts",
            "numbers",
            "fund_days",
            "place_days",
            "accounts_days",
            "accounts_months",
            "place_flows",
            "postings",
            "figures",
            "effects",
            "nodes",
        ] {
            house.store.stop().await.unwrap();
            let rows = house.rows().await;
            // One call is one connection: what refers to these rows is not asked.
            let unchecked = match house.ground {
                Ground::Sqlite => "PRAGMA foreign_keys = OFF",
                Ground::Postgres(_) => "SET session_replication_role = replica",
            };
            let sql = format!("{unchecked}; DELETE FROM {table};");
            rows.execute_unprepared(&sql).await.unwrap();
            rows.close().await.unwrap();
            house = house.restart_stopped().await;
            let Standing::ReadOnly(closure) = house.store.standing(chapter).unwrap() else {
                panic!("not found: {table}");
            };
            assert!(closure.to_string().contains(table), "{table}: {closure}");
            house.store.rebuild(chapter).await.unwrap();
            house = house.restart().await;
            assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open, "{table}");
        }
    })
    .await;
}

/// All keys in one hand: another history, whole in itself, over the same signed checkpoint.
#[tokio::test(flavor = "multi_thread")]
async fn another_history_under_the_same_keys_is_a_fork() {
    let house = TestHouse::new(Ground::Sqlite).await;
    let chapter = filled(&house).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("keys")).unwrap();
    for file in std::fs::read_dir(house.folder.path().join("keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.path().join("keys").join(file.file_name())).unwrap();
    }
    let store = Store::open(StoreConfig::sqlite(folder.path())).await.unwrap();
    let other = TestHouse { folder, ground: Ground::Sqlite, store };
    let forged = filled(&other).await;
    other.record(forged, donation(&origin("xuan-tay"), 1)).await.unwrap();
    other.store.stop().await.unwrap();
    house.store.stop().await.unwrap();
    let name = "minhbach.sqlite";
    std::fs::copy(other.folder.path().join(name), house.folder.path().join(name)).unwrap();
    let house = house.restart_stopped().await;
    let closure = Closure::Forked { size: 9 };
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::ReadOnly(closure));
    assert_eq!(house.store.head(chapter).unwrap(), None);
}
