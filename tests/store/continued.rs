//! A ledger that cannot go on is continued by another one, on both databases.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use minhbach::books::effects::GiftId;
use minhbach::ledger::entry::SignedVoucher;
use minhbach::ledger::keys::{SignatureRole, SigningKey};
use minhbach::ledger::note::{Checkpoint, SignedCheckpoint, sign_checkpoint};
use minhbach::ledger::tree::Hash;
use minhbach::ledger::word::{Base64, Origin};
use minhbach::publish::{Tree, export_all};
use minhbach::store::alongside::Alongside;
use minhbach::store::facade::ContinueFault;
use minhbach::store::{ChapterId, Closure, RecordFault, Recorded, Standing, Store, StoreConfig};
use minhbach::verify::report::Outcome;
use minhbach::verify::{Options, source::Source, verify};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::house::{CHAIR, DEPUTY, TREASURER};
use crate::house::{
    TestHouse, aid, donation, now, on_both, one, opening_members, reversal, sign, two,
};

fn first() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

fn second() -> Origin {
    "so.example/xuan-tay/2".parse().unwrap()
}

async fn filled(house: &TestHouse) -> ChapterId {
    let chapter = house.chapter("xuan-tay").await;
    for amount in [100_000, 200_000, 300_000] {
        house.record(chapter, donation(&first(), amount)).await.unwrap();
    }
    let log = first();
    let terms = json!({"text": "Cho vay quay vòng", "costs": false});
    let fund = json!({"code": "xoay", "type": "revolving", "name": "Quay vòng", "terms": terms});
    let given = json!({"amount": 90_000, "place": "bidv", "fund": "xoay", "type": "bank_interest"});
    let approved = json!({
        "fund": "xoay", "principal": 40_000, "purpose": "crops", "fee_total": 2_000,
        "_sd": ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    });
    for voucher in [
        two(&log, "fund_opened", json!({ "fund": fund })),
        one(&log, "income", given),
        two(&log, "loan_approved", approved.clone()),
        two(&log, "loan_approved", approved),
    ] {
        house.record(chapter, voucher).await.unwrap();
    }
    let (of, _) = house.store.books(chapter).unwrap().loans().approved().next().unwrap();
    for voucher in [
        two(&log, "loan_disbursed", json!({"of": of, "place": "bidv"})),
        one(&log, "loan_repaid", repaid(json!(of + 2), 10_000, 0)),
    ] {
        house.record(chapter, voucher).await.unwrap();
    }
    house.record(chapter, aid(&log, 150_000)).await.unwrap();
    chapter
}

fn repaid(of: Value, principal: i64, fee: i64) -> Value {
    let amount = principal + fee;
    json!({"of": of, "amount": amount, "principal": principal, "fee": fee, "place": "bidv"})
}

/// A loan of the old ledger is repaid, lost and recovered in the new one, and what was approved
/// there is paid out here.
async fn loans_go_on(house: &TestHouse, chapter: ChapterId, old: u64) {
    let (log, loan) = (second(), format!("old:{}", old - 3));
    let (approval, own) = (format!("old:{}", old - 4), json!({"of": loan, "reason": "left"}));
    let record = async |voucher| house.record(chapter, voucher).await.map(|own| own.seq);
    let reference = |place: u64| json!(place - old);
    let second = two(&log, "loan_disbursed", json!({"of": approval, "place": "bidv"}));
    let second = record(second).await.unwrap();
    record(one(&log, "loan_repaid", repaid(reference(second), 40_000, 0))).await.unwrap();
    let first = two(&log, "reversed", json!({"of": format!("old:{}", old - 2), "reason": "other"}));
    let last = record(one(&log, "loan_repaid", repaid(json!(loan), 5_000, 2_000))).await.unwrap();
    let fault = record(first.clone()).await.unwrap_err();
    assert!(matches!(fault, RecordFault::Refused(ref no) if no.code() == "later-of-loan"));
    record(reversal(&log, last - old)).await.unwrap();
    record(first).await.unwrap();
    record(two(&log, "loan_written_off", own)).await.unwrap();
    let back = json!({"of": loan, "amount": 15_000, "place": "bidv"});
    record(one(&log, "loan_recovered", back)).await.unwrap();
    let fault = record(one(&log, "loan_repaid", repaid(json!(loan), 1, 0))).await.unwrap_err();
    assert!(matches!(fault, RecordFault::Refused(ref no) if no.code() == "loan-written-off"));
    let books = house.store.books(chapter).unwrap();
    let left = books.loans().get(GiftId { seq: old - 3, line: 0 }).unwrap();
    let figures = [left.principal, left.fee, left.lost].map(|own| own.minor());
    assert_eq!(figures, [0, 2_000, 25_000]);
    assert_eq!(books.fund_money(&"xoay".parse().unwrap()).minor(), 65_000);
}

/// Entry 0 of the ledger that continues one at a checkpoint.
fn opening(house: &TestHouse, origin: &Origin, checkpoint: &[u8]) -> SignedVoucher {
    let mut members = opening_members(&house.store, origin);
    let checkpoint = Base64::of(checkpoint).unwrap();
    members["continues"] = json!({"checkpoint": checkpoint});
    let chapters = house.store.chapters();
    let old = chapters.iter().find(|(_, own)| own.chapter() == origin.chapter()).unwrap();
    let books = house.store.books(old.0).unwrap();
    if let Some(old) = books.chapter() {
        members["books_from"] = json!(old.books_from);
    }
    let signers = [
        (TREASURER, SignatureRole::Recorder),
        (CHAIR, SignatureRole::Approver),
        (DEPUTY, SignatureRole::Holder),
    ];
    sign(origin, "chapter_opened", members, &signers)
}

/// Continues the ledger as the officers do by their link.
pub async fn go_on(house: &TestHouse, chapter: ChapterId, origin: &Origin) -> Recorded {
    go_on_at(house, chapter, origin, now()).await
}

/// The same by another clock.
async fn go_on_at(
    house: &TestHouse,
    chapter: ChapterId,
    origin: &Origin,
    now: DateTime<Utc>,
) -> Recorded {
    let store = &house.store;
    let call = store.continuation(chapter, None).await.unwrap();
    let secret = store.call_to_continue(chapter, &call, now).await.unwrap();
    let (found, call) = store.called_to_continue(&secret, now).await.unwrap().unwrap();
    assert_eq!(found, chapter);
    let signed = opening(house, origin, &call.checkpoint);
    let nothing = || (Alongside::nothing(), &[][..]);
    let done = store.continue_ledger(chapter, &secret, signed, nothing(), now).await.unwrap();
    // The link is used up.
    assert!(store.called_to_continue(&secret, now).await.unwrap().is_none());
    done
}

/// A key of the first ledger vouches for nothing that other officers wrote behind it.
fn an_old_key_vouches_for_its_own_ledger(house: &TestHouse, chapter: ChapterId, folder: &Path) {
    let ledgers = house.store.published(chapter).unwrap();
    for ledger in ledgers {
        let options = Options { key: ledger.log_key().cloned(), ..Options::default() };
        let source = Source::Folder(folder.to_owned());
        let report = verify(&source, &options, &mut |_, _| {}).unwrap();
        assert_eq!(report.outcome, Outcome::Sound, "{report}");
        let newest = ledger.origin == second();
        assert_eq!(report.log_key_given, newest, "{report}");
        let said = report.remarks.iter().any(|remark| remark.contains("nothing behind it"));
        assert_eq!(said, !newest, "{report}");
    }
}

/// The export verifies, whichever ledger is named.
async fn verified(house: &TestHouse, chapter: ChapterId, entries: u64) {
    let folder = tempfile::tempdir().unwrap();
    let trees = Tree::all(&house.store, chapter).unwrap();
    export_all(&trees, folder.path()).await.unwrap();
    // A second time only the two files of lines are written, of each of the two ledgers.
    assert_eq!(export_all(&trees, folder.path()).await.unwrap().files, 4);
    for (own, origin) in [(folder.path().to_owned(), first()), (folder.path().join("2"), second())]
    {
        let checkpoint = std::fs::read(own.join("checkpoint")).unwrap();
        let checkpoint = SignedCheckpoint::parse(&checkpoint).unwrap();
        assert_eq!(checkpoint.checkpoint().origin, origin.as_str());
        let report = verify(&Source::Folder(own), &Options::default(), &mut |_, _| {}).unwrap();
        assert_eq!(report.outcome, Outcome::Sound, "{report}");
        assert_eq!(report.verified, entries);
    }
    an_old_key_vouches_for_its_own_ledger(house, chapter, folder.path());
}

/// What goes on over both ledgers: uses of old gifts, references, numbers, receipts, replay.
async fn goes_on(house: TestHouse, chapter: ChapterId, old: u64) {
    let log = second();
    let given = house.record(chapter, donation(&log, 50_000)).await.unwrap();
    assert_eq!(given.seq, old + 1, "places count over both ledgers");
    house.record(chapter, aid(&log, 300_000)).await.unwrap();
    let back = two(&log, "reversed", json!({"of": format!("old:{}", old - 1), "reason": "other"}));
    house.record(chapter, back).await.unwrap();
    let twice = house.record(chapter, reversal(&log, old - 1)).await.unwrap_err();
    assert!(matches!(twice, RecordFault::Refused(_)), "{twice}");
    let foreign = house.record(chapter, donation(&first(), 1)).await.unwrap_err();
    assert!(matches!(foreign, RecordFault::Refused(_)), "an old officer's voucher: {foreign}");
    let books = house.store.books(chapter).unwrap();
    assert_eq!(books.fund_money(&"chung".parse().unwrap()).minor(), 350_000);
    for place in [5, old - 1, old, old + 1] {
        let receipt = house.store.receipt(chapter, place).await.unwrap().unwrap();
        let ledger = house.store.published_with(chapter, place).unwrap().unwrap();
        receipt.verify(ledger.log_key()).unwrap();
        assert_eq!(receipt.index() + ledger.before, place);
    }
    loans_go_on(&house, chapter, old).await;
    let books_at_last = house.store.books(chapter).unwrap();
    verified(&house, chapter, old + 11).await;
    assert!(house.store.check(chapter).await.unwrap().is_clean());
    // A snapshot, a crash, a replay: the same.
    let house = house.restart().await;
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
    assert_eq!(house.store.books(chapter).unwrap(), books_at_last);
    let house = house.crash().await;
    house.record(chapter, donation(&log, 1_000)).await.unwrap();
    assert!(house.store.rebuild(chapter).await.unwrap().is_clean());
    verified(&house, chapter, old + 12).await;
}

fn lose_log_keys(house: &TestHouse) {
    for file in std::fs::read_dir(house.folder.path().join("keys")).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("log-") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_void_when_the_ledger_can_go_on_again() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        house.store.stop().await.unwrap();
        let keys = house.folder.path().join("keys");
        let away = house.folder.path().join("away");
        std::fs::create_dir(&away).unwrap();
        for file in std::fs::read_dir(&keys).unwrap().map(Result::unwrap) {
            std::fs::copy(file.path(), away.join(file.file_name())).unwrap();
        }
        lose_log_keys(&house);
        let house = house.restart_stopped().await;
        let call = house.store.continuation(chapter, None).await.unwrap();
        let secret = house.store.call_to_continue(chapter, &call, now()).await.unwrap();
        assert!(house.store.called_to_continue(&secret, now()).await.unwrap().is_some());
        house.store.stop().await.unwrap();
        std::fs::remove_dir_all(&keys).unwrap();
        std::fs::rename(&away, &keys).unwrap();
        let house = house.restart_stopped().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        assert_eq!(house.store.called_to_continue(&secret, now()).await.unwrap(), None);
        // One that was made for a ledger that could go on stays.
        let call = house.store.continuation(chapter, None).await.unwrap();
        let secret = house.store.call_to_continue(chapter, &call, now()).await.unwrap();
        assert!(house.store.called_to_continue(&secret, now()).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_rested_for_months_goes_on() {
    let house = TestHouse::new(crate::house::Ground::Sqlite).await;
    let chapter = filled(&house).await;
    let months = now() + TimeDelta::days(100);
    let opened = go_on_at(&house, chapter, &second(), months).await;
    assert_eq!(opened.at.utc(), months);
    let early = now() - TimeDelta::days(1);
    let voucher = donation(&second(), 1);
    let refused = house.store.record(chapter, voucher, Alongside::nothing(), early).await;
    assert!(matches!(refused, Err(RecordFault::Closed(Closure::Clock { .. }))), "{refused:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_instance_follows_another_one_into_the_new_ledger() {
    let Some(ground) = crate::house::postgres().await else { return };
    let house = TestHouse::new(ground).await;
    let chapter = filled(&house).await;
    house.store.stop().await.unwrap();
    lose_log_keys(&house);
    let house = house.restart_stopped().await;
    let folder = tempfile::tempdir().unwrap();
    let keys = house.folder.path().join("keys");
    std::os::unix::fs::symlink(keys, folder.path().join("keys")).unwrap();
    let other = StoreConfig { folder: folder.path().to_owned(), ..house.config() };
    let other = Store::open(other).await.unwrap();
    let standing = other.standing(chapter).unwrap();
    assert!(matches!(standing, Standing::ReadOnly(Closure::NoLogKey { .. })), "{standing:?}");
    go_on(&house, chapter, &second()).await;
    for _ in 0..200 {
        if other.standing(chapter).unwrap() == Standing::Open {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(other.standing(chapter).unwrap(), Standing::Open);
    for store in [&other, &house.store, &other] {
        let voucher = donation(&second(), 1_000);
        store.record(chapter, voucher, Alongside::nothing(), now()).await.unwrap();
    }
    assert!(other.check(chapter).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_whose_log_key_is_lost_goes_on_in_another_one() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        let old = house.store.books(chapter).unwrap().size();
        house.store.stop().await.unwrap();
        lose_log_keys(&house);
        let house = house.restart_stopped().await;
        let standing = house.store.standing(chapter).unwrap();
        assert!(matches!(standing, Standing::ReadOnly(Closure::NoLogKey { .. })), "{standing:?}");
        // Nothing else is recorded in the meantime.
        let refused = house.record(chapter, donation(&first(), 1)).await.unwrap_err();
        assert!(matches!(refused, RecordFault::Closed(_)), "{refused}");
        let opened = go_on(&house, chapter, &second()).await;
        assert_eq!(opened.seq, old);
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        assert_eq!(house.store.chapters(), [(chapter, second())]);
        goes_on(house, chapter, old).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_whose_last_entries_are_lost_goes_on_without_them() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        let old = house.store.books(chapter).unwrap().size();
        house.store.stop().await.unwrap();
        // The anchor knows of one entry more than the database: yesterday's backup.
        let anchors = house.folder.path().join("anchor");
        let file = std::fs::read_dir(&anchors).unwrap().next().unwrap().unwrap().path();
        let kept = std::fs::read(&file).unwrap();
        let house = house.restart_stopped().await;
        let lost = house.record(chapter, donation(&first(), 9)).await.unwrap();
        house.store.stop().await.unwrap();
        let newer = std::fs::read(&file).unwrap();
        assert_ne!(kept, newer);
        let rows = house.break_guards().await;
        let tables = ["lots", "receipts", "numbers", "place_flows", "postings", "figures", "gifts"];
        for table in tables.iter().chain(&["effects", "entries"]) {
            let sql = format!("DELETE FROM {table} WHERE seq = {}", lost.seq);
            rows.execute_unprepared(&sql).await.unwrap();
        }
        let cut = format!(
            "DELETE FROM snapshots; UPDATE chapters SET published_size = 0, head_size = {old}, \
             head_leaf = (SELECT leaf_hash FROM entries WHERE seq = {old} - 1); \
             UPDATE place_days SET money_in = money_in - 9 WHERE place = 'tien-mat'; \
             UPDATE fund_days SET amount = amount - 9 WHERE account = 'place:tien-mat'; \
             UPDATE fund_days SET amount = amount + 9 WHERE account = 'donations'; \
             DELETE FROM accounts_days; \
             INSERT INTO projections_due (name) VALUES ('accounts_days'); \
             DELETE FROM nodes WHERE (place + 1) * (CASE level WHEN 1 THEN 2 WHEN 2 THEN 4 WHEN 3 \
             THEN 8 ELSE 16 END) > {old}"
        );
        rows.execute_unprepared(&cut).await.unwrap();
        let root = SignedCheckpoint::parse(&kept).unwrap().checkpoint().root.to_string();
        let root = match house.ground {
            crate::house::Ground::Sqlite => format!("X'{root}'"),
            crate::house::Ground::Postgres(_) => format!("decode('{root}', 'hex')"),
        };
        let sql = format!("UPDATE chapters SET head_root = {root}");
        rows.execute_unprepared(&sql).await.unwrap();
        rows.close().await.unwrap();
        let house = house.restart_stopped().await;
        let standing = house.store.standing(chapter).unwrap();
        let behind = Closure::Behind { stored: old, signed: old + 1 };
        assert_eq!(standing, Standing::ReadOnly(behind));
        // The newer checkpoint is no beginning: its entries are not here.
        let newer = SignedCheckpoint::parse(&newer).unwrap();
        let fault = house.store.continuation(chapter, Some(newer)).await.unwrap_err();
        assert!(matches!(fault, ContinueFault::Checkpoint(_)), "{fault}");
        go_on(&house, chapter, &second()).await;
        goes_on(house, chapter, old).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_from_before_the_new_ledger_is_behind_it() {
    let house = TestHouse::new(crate::house::Ground::Sqlite).await;
    let chapter = filled(&house).await;
    house.store.stop().await.unwrap();
    let backup = std::fs::read(house.folder.path().join("minhbach.sqlite")).unwrap();
    let house = house.restart_stopped().await;
    go_on(&house, chapter, &second()).await;
    house.record(chapter, donation(&second(), 5)).await.unwrap();
    house.store.stop().await.unwrap();
    for file in ["minhbach.sqlite-wal", "minhbach.sqlite-shm"] {
        drop(std::fs::remove_file(house.folder.path().join(file)));
    }
    std::fs::write(house.folder.path().join("minhbach.sqlite"), backup).unwrap();
    let house = house.restart_stopped().await;
    let standing = house.store.standing(chapter).unwrap();
    let origin = second().to_string();
    assert_eq!(standing, Standing::ReadOnly(Closure::Superseded { origin, signed: 2 }));
    // Its officers cannot be called to sign another second ledger beside the one that was signed.
    let fault = house.store.continuation(chapter, None).await.unwrap_err();
    assert!(matches!(fault, ContinueFault::Unsound(Closure::Superseded { .. })), "{fault}");
    let signed = opening(&house, &second(), b"another second ledger");
    let refused = house.record(chapter, signed).await.unwrap_err();
    assert!(matches!(refused, RecordFault::Closed(Closure::Superseded { .. })), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_ledger_is_mended_before_it_is_continued() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        house.store.stop().await.unwrap();
        let rows = house.break_guards().await;
        let sql = "UPDATE entries SET bytes = leaf_hash WHERE seq = 6";
        rows.execute_unprepared(sql).await.unwrap();
        rows.close().await.unwrap();
        let house = house.restart_stopped().await;
        let fault = house.store.continuation(chapter, None).await.unwrap_err();
        assert!(matches!(fault, ContinueFault::Unsound(_)), "{fault}");
        let signed = opening(&house, &second(), b"no checkpoint");
        let refused = house.record(chapter, signed).await.unwrap_err();
        assert!(matches!(refused, RecordFault::Closed(_)), "{refused}");
    })
    .await;
}

/// The log key of the first ledger, as it lies in the folder.
pub fn log_key(house: &TestHouse) -> SigningKey {
    let keys = std::fs::read_dir(house.folder.path().join("keys")).unwrap();
    let mut keys = keys.map(|file| file.unwrap().path());
    let own = keys.find(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("log-") && name.contains("tay")
    });
    let text = std::fs::read_to_string(own.unwrap()).unwrap();
    SigningKey::from_private_text(text.trim()).unwrap()
}

/// A checkpoint of the first ledger over a tree that never was, signed with the log key of its
/// folder.
fn forged(house: &TestHouse, size: u64) -> String {
    let key = log_key(house);
    let checkpoint = Checkpoint::new(first().as_str(), size, Hash([7; 32])).unwrap();
    sign_checkpoint(&checkpoint, &key).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_over_other_entries_continues_nothing() {
    on_both(async |house: TestHouse| {
        let chapter = filled(&house).await;
        let other = house.chapter("xuan-dong").await;
        let head = house.store.head(other).unwrap().unwrap();
        let foreign = SignedCheckpoint::parse(head.checkpoint.as_bytes()).unwrap();
        let fault = house.store.continuation(chapter, Some(foreign)).await.unwrap_err();
        assert!(matches!(fault, ContinueFault::Checkpoint(_)), "{fault}");
        // Signed by the right key, over another tree.
        let own = house.store.head(chapter).unwrap().unwrap();
        let wrong = forged(&house, own.size);
        let signed = opening(&house, &second(), wrong.as_bytes());
        let refused = house.record(chapter, signed).await.unwrap_err();
        assert!(refused.to_string().contains("checkpoint-root"), "{refused}");
        assert_eq!(house.store.books(chapter).unwrap().size(), own.size, "nothing was recorded");
    })
    .await;
}
