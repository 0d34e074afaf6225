//! What is recorded is there whole, once, and the same after a replay.

use minhbach::books::Refusal;
use minhbach::ledger::note::SignedCheckpoint;
use minhbach::store::{RecordFault, Standing};

use crate::house::{TestHouse, aid, donation, on_both, reversal};

fn origin() -> minhbach::ledger::word::Origin {
    "so.example/xuan-tay".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_voucher_is_under_a_signed_checkpoint() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let recorded = house.record(chapter, donation(&origin(), 500_000)).await.unwrap();
        assert_eq!(recorded.seq, 5);
        assert_eq!(recorded.numbers[0].to_string(), "PT-2026-00001");
        assert!(recorded.receipt.is_some());
        let head = house.store.head(chapter).unwrap().unwrap();
        assert_eq!(head.size, 6);
        let signed = SignedCheckpoint::parse(head.checkpoint.as_bytes()).unwrap();
        let key = house.store.keys().log_key(&origin()).unwrap();
        assert_eq!(signed.verify_log([&key]).unwrap(), &key);
        assert_eq!(house.store.books(chapter).unwrap().size(), 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_voucher_leaves_nothing() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let before = house.store.head(chapter).unwrap();
        let refused = house.record(chapter, aid(&origin(), 1)).await.unwrap_err();
        assert!(matches!(refused, RecordFault::Refused(_)), "{refused:?}");
        assert_eq!(house.store.head(chapter).unwrap(), before);
        house.record(chapter, donation(&origin(), 1)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_voucher_again_gets_the_first_result_and_another_with_its_id_is_refused() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let voucher = donation(&origin(), 500_000);
        let first = house.record(chapter, voucher.clone()).await.unwrap();
        let again = house.record(chapter, voucher.clone()).await.unwrap();
        assert!(!first.repeated && again.repeated);
        assert_eq!(
            (again.seq, again.leaf, &again.numbers),
            (first.seq, first.leaf, &first.numbers)
        );
        assert_eq!(again.receipt, first.receipt);
        let mut other = donation(&origin(), 600_000);
        other.voucher.id = voucher.voucher.id.clone();
        let signers = [(crate::house::TREASURER, minhbach::ledger::keys::SignatureRole::Recorder)];
        let other = crate::house::sign_voucher(&origin(), other.voucher, &signers);
        let refused = house.record(chapter, other).await.unwrap_err();
        assert_eq!(refused, RecordFault::Refused(Refusal::IdUsed));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_state_and_replay_are_the_same_also_after_reversals() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        for amount in [100_000, 200_000, 300_000, 50_000] {
            house.record(chapter, donation(&origin(), amount)).await.unwrap();
        }
        let spent = house.record(chapter, aid(&origin(), 350_000)).await.unwrap();
        house.record(chapter, reversal(&origin(), spent.seq)).await.unwrap();
        let again = house.record(chapter, aid(&origin(), 420_000)).await.unwrap();
        house.record(chapter, donation(&origin(), 70_000)).await.unwrap();
        house.record(chapter, aid(&origin(), 20_000)).await.unwrap();
        let findings = house.store.check(chapter).await.unwrap();
        assert!(findings.is_clean(), "{findings}");
        // A gift that was used is reversed: newer gifts take its part over.
        house.record(chapter, reversal(&origin(), 5)).await.unwrap();
        house.record(chapter, reversal(&origin(), again.seq)).await.unwrap();
        let findings = house.store.check(chapter).await.unwrap();
        assert!(findings.is_clean(), "{findings}");
        let (books, head) =
            (house.store.books(chapter).unwrap(), house.store.head(chapter).unwrap());
        let rebuilt = house.store.rebuild(chapter).await.unwrap();
        assert!(rebuilt.is_clean() && rebuilt.entries == head.as_ref().unwrap().size, "{rebuilt}");
        assert_eq!(house.store.books(chapter).unwrap(), books);
        let house = house.restart().await;
        assert_eq!(house.store.standing(chapter).unwrap(), Standing::Open);
        assert_eq!(house.store.books(chapter).unwrap(), books);
        assert_eq!(house.store.head(chapter).unwrap(), head);
    })
    .await;
}
