//! Random histories with loans, recorded on both databases: live state = rebuild = verify.

use minhbach::books::Change;
use minhbach::store::ChapterId;
use minhbach::store::alongside::Alongside;
use minhbach::verify::Options;
use minhbach::verify::report::Outcome;
use sea_orm::{ConnectionTrait as _, Statement};

use super::tables::{entries, founded, grounds, is_whole, record_one_by_one};
use crate::books::Desk;
use crate::golden::{published, write};
use crate::house::{Ground, TestHouse};
use crate::loans::histories;
use crate::published::verify_folder;

/// What is kept of lots, in words: also what a lot remembers of a range that it went with.
const LOTS: &[&str] = &[
    "seq",
    "line",
    "fund",
    "gift_seq",
    "gift_line",
    "turn",
    "unspent",
    "amount",
    "closed",
    "moved_from_seq",
    "moved_from_line",
    "whole_entry",
    "whole_since",
    "whole_line",
    "whole_class",
    "whole_amount",
];
const USES: &[&str] = &[
    "since",
    "line",
    "lot_seq",
    "lot_line",
    "entry",
    "fund",
    "gift_seq",
    "gift_line",
    "turn",
    "class",
    "amount",
    "goods_seq",
    "goods_line",
    "loan_line",
];
const LOANS: &[&str] =
    &["seq", "loan_seq", "loan_line", "fund", "effective", "principal", "fee", "lost"];

/// The rows of a table as texts, in the order of their first columns.
async fn rows(house: &TestHouse, table: &str, columns: &[&str]) -> Vec<String> {
    let shown = |column: &&str| format!("COALESCE(CAST({column} AS TEXT), '-')");
    let shown: Vec<String> = columns.iter().map(shown).collect();
    let order = columns[..4].join(", ");
    let sql = format!("SELECT {} AS own FROM {table} ORDER BY {order}", shown.join(" || ' ' || "));
    let found = house.rows().await;
    let statement = Statement::from_string(found.get_database_backend(), sql);
    let all = found.query_all_raw(statement).await.unwrap();
    found.close().await.unwrap();
    all.iter().map(|row| row.try_get("", "own").unwrap()).collect()
}

/// Lots, uses and loans as they are stored.
async fn stored(house: &TestHouse) -> [Vec<String>; 3] {
    [
        rows(house, "lots", LOTS).await,
        rows(house, "uses", USES).await,
        rows(house, "loan_moves", LOANS).await,
    ]
}

/// Lots with something unspent, and what changed loans, as books and effects say it.
fn expected(desk: &Desk) -> (Vec<String>, Vec<String>) {
    let mut lots = Vec::new();
    for fund in desk.books.register().funds().keys() {
        for (key, lot) in desk.books.lots().of_fund(fund) {
            let (gift, unspent) = (lot.gift, lot.unspent.minor());
            let row = format!("{fund} {} {} {} {unspent}", gift.seq, gift.line, lot.turn);
            lots.push((key, format!("{} {} {row}", key.seq, key.line)));
        }
    }
    lots.sort();
    let mut loans = Vec::new();
    for effects in &desk.effects {
        let (seq, mut own) = (effects.seq, Vec::new());
        for change in &effects.changes {
            let Change::LoanMoved { loan, fund, principal, fee, lost } = change else { continue };
            let figures = [*principal, *fee, *lost].map(|own| own.minor().to_string()).join(" ");
            let of = format!("{seq} {} {} {fund} {}", loan.seq, loan.line, effects.effective);
            own.push((loan.line, format!("{of} {figures}")));
        }
        own.sort();
        loans.extend(own);
    }
    let texts = lots.into_iter().map(|(_, text)| text).collect();
    (texts, loans.into_iter().map(|(_, text)| text).collect())
}

/// The whole history in one go.
async fn record_at_once(house: &TestHouse, chapter: ChapterId, desk: &Desk) {
    let all = entries(desk);
    let now = all.last().unwrap().at.utc();
    house.store.confirm_clock(chapter, now).unwrap();
    let rest = all[1..].iter().map(|entry| (entry.signed.clone(), Alongside::nothing()));
    house.store.record_all(chapter, rest.collect(), now).await.unwrap();
}

/// One after the other and all at once, rebuilt, on one database: the rows, which are always the
/// same.
async fn recorded(name: &str, ground: Ground, again: Ground, desk: &Desk) -> [Vec<String>; 3] {
    let all = entries(desk);
    let (house, chapter) = founded(ground, &all[0]).await;
    record_one_by_one(name, &house, chapter, desk).await;
    let live = stored(&house).await;
    let (lots, loans) = expected(desk);
    let unspent = live[0].iter().filter_map(|row| {
        let words: Vec<&str> = row.split(' ').collect();
        (words[6] != "0").then(|| words[..7].join(" "))
    });
    assert_eq!(unspent.collect::<Vec<_>>(), lots, "{name}: lots");
    assert_eq!(live[2], loans, "{name}: loans");
    let findings = house.store.rebuild(chapter).await.unwrap();
    assert!(findings.is_clean(), "{name}: {findings}");
    assert_eq!(stored(&house).await, live, "{name}: rebuilt");
    let known = house.store.loans(chapter, all.len() as u64).await.unwrap();
    is_whole(name, house, chapter, desk).await;
    let (house, chapter) = founded(again, &all[0]).await;
    record_at_once(&house, chapter, desk).await;
    let read = house.store.loans(chapter, all.len() as u64).await.unwrap();
    assert_eq!(read, known, "{name}: loans kept and gone on with");
    assert_eq!(stored(&house).await, live, "{name}: at once");
    let findings = house.store.check(chapter).await.unwrap();
    assert!(findings.is_clean(), "{name}: {findings}");
    live
}

#[tokio::test(flavor = "multi_thread")]
async fn random_histories_with_loans_are_the_same_live_rebuilt_and_verified() {
    for (at, desk) in histories(4, 90).take(40).enumerate() {
        let name = format!("history {at}");
        let mut rows = Vec::new();
        let twice = grounds().await.into_iter().zip(grounds().await);
        for (ground, again) in twice {
            rows.push(recorded(&name, ground, again, &desk).await);
        }
        assert!(rows.windows(2).all(|pair| pair[0] == pair[1]), "{name}: on both databases");
        let whole = rows[0][0].iter().filter(|row| row.contains("on_loan")).count();
        let lent = rows[0][1].iter().filter(|row| row.contains("on_loan")).count();
        assert!(whole + lent > 0, "{name}: nothing is lent at its end");
        let site = tempfile::tempdir().unwrap();
        write(&published(&desk), site.path());
        let report = verify_folder(site.path(), &Options::default());
        assert_eq!(report.outcome, Outcome::Sound, "{name}: {report}");
        assert_eq!(report.verified, desk.size(), "{name}");
    }
}
