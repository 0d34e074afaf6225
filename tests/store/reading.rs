//! What pages and publication read is what was recorded.

use chrono::TimeDelta;
use minhbach::books::effects::GiftId;
use minhbach::ledger::tree::{TilePath, parse_bundle, verify_consistency, verify_inclusion};
use minhbach::ledger::word::{Code, Origin};
use minhbach::money::Money;
use minhbach::store::alongside::Alongside;
use minhbach::store::read::{AccountsQuery, Direction};
use minhbach::store::{Closure, RecordFault};

use crate::house::{TestHouse, aid, donation, now, on_both, reversal};

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

fn minor(amounts: impl IntoIterator<Item = Money>) -> Vec<i64> {
    amounts.into_iter().map(Money::minor).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_run_a_balance_over_pages_in_both_directions() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        for amount in [100, 200, 300] {
            house.record(chapter, donation(&origin(), amount)).await.unwrap();
        }
        house.record(chapter, aid(&origin(), 250)).await.unwrap();
        let place: Code = "tien-mat".parse().unwrap();
        let days = ("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap());
        let first = house.store.cash_book(chapter, &place, days, None, 3).await.unwrap();
        assert_eq!((first.opening.minor(), first.more), (0, true));
        assert_eq!(minor(first.rows.iter().map(|row| row.balance)), [100, 300, 600]);
        assert_eq!(first.rows[2].numbers[0].to_string(), "PT-2026-00003");
        let last = &first.rows[2].figures;
        let after = Some((last.effective, last.seq));
        let next = house.store.cash_book(chapter, &place, days, after, 3).await.unwrap();
        assert_eq!(
            (next.opening.minor(), next.rows[0].balance.minor(), next.more),
            (600, 350, false)
        );
        for fund in [None, Some("chung".parse::<Code>().unwrap())] {
            let mut asked = AccountsQuery { fund, limit: 2, ..AccountsQuery::default() };
            asked.direction = Direction::NewestFirst;
            let page = house.store.accounts(chapter, &asked).await.unwrap();
            assert_eq!(minor(page.rows.iter().filter_map(|row| row.balance)), [350, 600]);
            assert_eq!(minor(page.rows.iter().map(|row| row.figures.money_out)), [250, 0]);
            let last = &page.rows[1].figures;
            asked.after = Some((last.effective, last.seq));
            let page = house.store.accounts(chapter, &asked).await.unwrap();
            assert_eq!(minor(page.rows.iter().filter_map(|row| row.balance)), [300, 100]);
        }
        let tet = Some("tet".parse().unwrap());
        let asked = AccountsQuery { programme: tet, limit: 9, ..AccountsQuery::default() };
        let page = house.store.accounts(chapter, &asked).await.unwrap();
        assert_eq!(page.rows.iter().map(|row| row.figures.seq).collect::<Vec<_>>(), [8]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_shows_its_uses_as_they_stand_now() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        house.record(chapter, donation(&origin(), 100)).await.unwrap();
        house.record(chapter, donation(&origin(), 200)).await.unwrap();
        let spent = house.record(chapter, aid(&origin(), 150)).await.unwrap();
        let uses = house.store.uses_of_entry(chapter, spent.seq).await.unwrap();
        assert_eq!(minor(uses.iter().map(|part| part.amount)), [100, 50]);
        let gift = GiftId { seq: 6, line: 0 };
        let of_gift = house.store.uses_of_gift(chapter, gift).await.unwrap();
        assert_eq!((of_gift.len(), of_gift[0].amount.minor()), (1, 50));
        assert_eq!(house.store.lots_of_gift(chapter, gift).await.unwrap()[0].unspent.minor(), 150);
        house.record(chapter, reversal(&origin(), spent.seq)).await.unwrap();
        assert!(house.store.uses_of_gift(chapter, gift).await.unwrap().is_empty());
        let figures = house.store.figures(chapter, spent.seq).await.unwrap().unwrap();
        assert_eq!(figures.reversed_by, Some(spent.seq + 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_tiles_and_receipts_lead_to_the_published_root() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let given = house.record(chapter, donation(&origin(), 100)).await.unwrap();
        let old = house.store.head(chapter).unwrap().unwrap();
        house.record(chapter, donation(&origin(), 200)).await.unwrap();
        let head = house.store.head(chapter).unwrap().unwrap();
        let store = &house.store;
        let ledger = &store.published(chapter).unwrap().pop().unwrap();
        let proof = store.inclusion_proof(ledger, given.seq, head.size).await.unwrap().unwrap();
        verify_inclusion(given.leaf, given.seq, head.size, &proof, head.root).unwrap();
        let proof = store.consistency_proof(ledger, old.size, head.size).await.unwrap().unwrap();
        verify_consistency(old.size, old.root, head.size, head.root, &proof).unwrap();
        let again = store.checkpoint(ledger, old.size).await.unwrap().unwrap();
        assert_eq!(again.to_string(), *old.checkpoint);
        assert_eq!(store.checkpoint(ledger, head.size + 1).await.unwrap(), None);
        let receipt = store.receipt(chapter, given.seq).await.unwrap().unwrap();
        let key = store.keys().log_key(&origin()).unwrap();
        assert_eq!(receipt.verify([&key]).unwrap().leaf, given.leaf);
        let found = store.entry_of_receipt(&given.receipt.unwrap()).await.unwrap();
        assert_eq!(found, Some((chapter, given.seq)));
        let bundle = TilePath::entries(0, 7).unwrap();
        let bundle = store.tile(ledger, &bundle).await.unwrap().unwrap();
        let kept = store.entry(chapter, given.seq).await.unwrap().unwrap();
        assert_eq!(parse_bundle(&bundle, 7).unwrap()[5], kept.bytes);
        let tile = TilePath::hashes(0, 0, 7).unwrap();
        assert_eq!(store.tile(ledger, &tile).await.unwrap().unwrap()[160..192], given.leaf.0);
        let beyond = TilePath::hashes(0, 0, 8).unwrap();
        assert_eq!(store.tile(ledger, &beyond).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_is_recorded_or_none_of_it() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let mut file: Vec<_> =
            (1..=700).map(|n| (donation(&origin(), n), Alongside::nothing())).collect();
        let bad = (aid(&origin(), 9_999_999), Alongside::nothing());
        file.insert(650, bad);
        let refused = house.store.record_all(chapter, file.clone(), now()).await.unwrap_err();
        assert_eq!(refused.index, 650);
        assert_eq!(house.store.head(chapter).unwrap().unwrap().size, 5);
        file.remove(650);
        let all = house.store.record_all(chapter, file.clone(), now()).await.unwrap();
        assert_eq!((all.len(), all[699].seq), (700, 704));
        let again = house.store.record_all(chapter, file, now()).await.unwrap();
        assert!(again.iter().all(|one| one.repeated));
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_far_from_the_last_entry_needs_a_person() {
    let house = TestHouse::new(crate::house::Ground::Sqlite).await;
    let chapter = house.chapter("xuan-tay").await;
    let record = async |away: TimeDelta| {
        let voucher = donation(&origin(), 1);
        house.store.record(chapter, voucher, Alongside::nothing(), now() + away).await
    };
    let slow = record(TimeDelta::minutes(-9)).await.unwrap();
    assert_eq!(slow.at.utc(), now());
    for away in [TimeDelta::days(-1), TimeDelta::days(3650)] {
        let refused = record(away).await.unwrap_err();
        assert!(matches!(refused, RecordFault::Closed(Closure::Clock { .. })), "{refused:?}");
    }
    let later = TimeDelta::days(40);
    house.store.confirm_clock(chapter, now() + later).unwrap();
    assert_eq!(record(later).await.unwrap().at.utc(), now() + later);
}
