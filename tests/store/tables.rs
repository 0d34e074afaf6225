//! The ledgers of the tables of rules, recorded: live state = rebuild = what the verifier replays.

use chrono::{DateTime, Utc};
use minhbach::books::Effects;
use minhbach::ledger::entry::Entry;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, Standing};

use crate::books::table::run;
use crate::books::{Desk, LOG, log_key};
use crate::house::{Ground, TestHouse, postgres};
use crate::rules::TABLES;

/// The tables whose ledgers have one log key: each house here keeps one.
pub fn ledgers() -> impl Iterator<Item = (&'static str, Desk)> {
    let all = TABLES.iter().map(|(name, table)| (*name, run(table)));
    all.filter(|(_, desk)| desk.books.chapter().unwrap().log_keys.len() == 1)
}

pub fn entries(desk: &Desk) -> Vec<Entry> {
    desk.bytes.iter().map(|bytes| Entry::parse(bytes).unwrap()).collect()
}

/// A house that keeps the log key of these tables, with entry 0 in it.
pub async fn founded(ground: Ground, opening: &Entry) -> (TestHouse, ChapterId) {
    let house = TestHouse::new(ground).await;
    let origin: Origin = LOG.parse().unwrap();
    house.store.keys().keep_log_key(&origin, log_key("log")).unwrap();
    let (signed, at) = (opening.signed.clone(), opening.at.utc());
    let (chapter, _) = house.store.found(signed, Alongside::nothing(), at).await.unwrap();
    (house, chapter)
}

/// Everything that is derived is what the entries give, now, after a start, and made again.
pub async fn is_whole(name: &str, house: TestHouse, chapter: ChapterId, desk: &Desk) {
    assert_eq!(house.store.books(chapter).unwrap(), desk.books, "{name}: live");
    let house = house.restart().await;
    assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open, "{name}");
    assert_eq!(house.store.books(chapter).unwrap(), desk.books, "{name}: after a start");
    let findings = house.store.check(chapter).await.unwrap();
    assert!(findings.is_clean(), "{name}: {findings}");
    let findings = house.store.rebuild(chapter).await.unwrap();
    assert!(findings.is_clean(), "{name}: {findings}");
    assert_eq!(house.store.books(chapter).unwrap(), desk.books, "{name}: rebuilt");
    for effects in &desk.effects {
        let uses = house.store.uses_of_entry(chapter, effects.seq).await.unwrap();
        let known = minhbach::books::past::Past::uses_of_entry(&desk.history, effects.seq);
        assert_eq!(uses, known.unwrap(), "{name}: uses of {}", effects.seq);
        let parts = house.store.goods_of_entry(chapter, effects.seq).await.unwrap();
        let known = minhbach::books::past::Past::goods_of_entry(&desk.history, effects.seq);
        assert_eq!(parts, known.unwrap(), "{name}: goods of {}", effects.seq);
    }
}

/// Records everything behind entry 0, each entry at its own moment.
pub async fn record_one_by_one(name: &str, house: &TestHouse, chapter: ChapterId, desk: &Desk) {
    for (entry, effects) in entries(desk).iter().zip(&desk.effects).skip(1) {
        let now: DateTime<Utc> = entry.at.utc();
        house.store.confirm_clock(chapter, now).unwrap();
        let signed = entry.signed.clone();
        let recorded = house.store.record(chapter, signed, Alongside::nothing(), now).await;
        let recorded = recorded.unwrap_or_else(|fault| panic!("{name} {}: {fault}", entry.seq));
        assert_eq!(recorded.seq, entry.seq, "{name}");
        assert_eq!(recorded.numbers, effects.numbers, "{name} {}", entry.seq);
        // Asked now and then, so that what is kept of loans is gone on with in steps of all sizes.
        if entry.seq % 7 < 3 {
            house.store.loans(chapter, entry.seq + 1).await.unwrap();
        }
    }
}

pub async fn grounds() -> Vec<Ground> {
    std::iter::once(Ground::Sqlite).chain(postgres().await).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_with_goods_or_loans_are_recorded_one_by_one_and_made_again_the_same() {
    let either = |effects: &Effects| !effects.goods.is_empty() || effects.loan.is_some();
    let wanted = |desk: &Desk| desk.books.before() == 0 && desk.effects.iter().any(either);
    for (name, desk) in ledgers().filter(|(_, desk)| wanted(desk)) {
        for ground in grounds().await {
            let all = entries(&desk);
            let (house, chapter) = founded(ground, &all[0]).await;
            record_one_by_one(name, &house, chapter, &desk).await;
            is_whole(name, house, chapter, &desk).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_files_of_vouchers_give_the_same_rows_as_one_after_the_other() {
    // A later ledger names the very bytes before it, which are others here.
    let alone = |(_, desk): &(&str, Desk)| desk.books.before() == 0;
    for (name, desk) in ledgers().filter(alone) {
        for ground in grounds().await {
            let all = entries(&desk);
            let (house, chapter) = founded(ground, &all[0]).await;
            // One moment for all of them, the last: their bytes differ, what they do does not.
            let now = all.last().unwrap().at.utc();
            let rest: Vec<_> = all[1..].iter().map(|entry| entry.signed.clone()).collect();
            if rest.is_empty() {
                continue;
            }
            house.store.confirm_clock(chapter, now).unwrap();
            let vouchers = rest.into_iter().map(|signed| (signed, Alongside::nothing())).collect();
            let recorded = house.store.record_all(chapter, vouchers, now).await;
            let recorded = recorded.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
            for (recorded, effects) in recorded.iter().zip(&desk.effects[1..]) {
                assert_eq!(recorded.numbers, effects.numbers, "{name} {}", effects.seq);
            }
            let findings = house.store.check(chapter).await.unwrap();
            assert!(findings.is_clean(), "{name}: {findings}");
            let books = house.store.books(chapter).unwrap();
            assert_eq!(books.lots(), desk.books.lots(), "{name}");
            assert_eq!(books.stock(), desk.books.stock(), "{name}");
            assert_eq!(books.days(), desk.books.days(), "{name}");
        }
    }
}
