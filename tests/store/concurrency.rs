//! Many at once: no gap, no fork, nothing twice.

use std::collections::BTreeSet;

use minhbach::books::closing::Overdue;
use minhbach::books::{Books, Refusal};
use minhbach::ledger::entry::SignedVoucher;
use minhbach::ledger::keys::SignatureRole;
use minhbach::ledger::word::Origin;
use minhbach::store::alongside::Alongside;
use minhbach::store::{ChapterId, RecordFault, Store, StoreFault};
use serde_json::json;

use crate::house::{
    CHAIR, DEPUTY, TREASURER, TestHouse, aid, donation, key, on_both, sign, sign_voucher, two,
};

/// An officer who comes later.
const NEW: &str = "4444444444444444";

fn origin(slug: &str) -> Origin {
    format!("so.example/{slug}").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_voucher_fifty_times_at_once_is_one_entry() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let voucher = donation(&origin("xuan-tay"), 500_000);
        let all = (0..50).map(|_| house.record(chapter, voucher.clone()));
        let all = futures(all).await;
        let seqs: BTreeSet<u64> = all.iter().map(|one| one.as_ref().unwrap().seq).collect();
        assert_eq!(seqs, BTreeSet::from([5]));
        assert_eq!(all.iter().filter(|one| !one.as_ref().unwrap().repeated).count(), 1);
        assert_eq!(house.store.head(chapter).unwrap().unwrap().size, 6);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_handovers_of_ten_from_a_hundred_are_exactly_ten() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        house.record(chapter, donation(&origin("xuan-tay"), 100)).await.unwrap();
        let all = (0..50).map(|_| house.record(chapter, aid(&origin("xuan-tay"), 10)));
        let all = futures(all).await;
        assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 10);
        let refused = |one: &Result<_, RecordFault>| matches!(one, Err(RecordFault::Refused(_)));
        assert_eq!(all.iter().filter(|one| refused(one)).count(), 40);
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    })
    .await;
}

/// Signatures are looked at before their turn; what a key held then counts for nothing once it is
/// out of force.
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_that_waited_while_its_key_was_retired_is_refused() {
    on_both(async |house: TestHouse| {
        let (chapter, log) = (house.chapter("xuan-tay").await, origin("xuan-tay"));
        house.record(chapter, donation(&log, 100)).await.unwrap();
        // Another deputy, or the chapter would be left with too few officers.
        let officer = json!({
            "vkey": key(&log, NEW).public().vkey(), "person": NEW, "roles": ["deputy_chair"],
            "title": "Phó Chủ tịch",
        });
        let holder = (NEW, SignatureRole::Holder);
        let signers =
            [(TREASURER, SignatureRole::Recorder), (CHAIR, SignatureRole::Approver), holder];
        let enrolled = sign(&log, "officer_enrolled", json!({"officer": officer}), &signers);
        house.record(chapter, enrolled).await.unwrap();
        let retired = two(&log, "officer_retired", json!({"person": DEPUTY}));
        let signers = [(TREASURER, SignatureRole::Recorder), (DEPUTY, SignatureRole::Approver)];
        let late = sign_voucher(&log, aid(&log, 10).voucher, &signers);
        let both = (house.record(chapter, retired), house.record(chapter, late));
        let (retired, late) = tokio::join!(both.0, both.1);
        retired.unwrap();
        let refused = |fault| matches!(fault, RecordFault::Refused(Refusal::KeyNotInForce { .. }));
        assert!(late.is_err_and(refused));
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    })
    .await;
}

/// The closing of November as the books see it just then, signed by two in December.
fn closing(log: &Origin, books: &Books) -> SignedVoucher {
    let body = books.closing("2026-11".parse().unwrap(), Vec::new(), Overdue::default()).unwrap();
    let mut voucher = donation(log, 1).voucher;
    voucher.date = "2026-12-01".parse().unwrap();
    voucher.body = body.into();
    let signers = [(TREASURER, SignatureRole::Recorder), (CHAIR, SignatureRole::Approver)];
    sign_voucher(log, voucher, &signers)
}

/// Closes November, in December.
pub async fn close(house: &TestHouse, chapter: ChapterId, log: &Origin) {
    let voucher = closing(log, &house.store.books(chapter).unwrap());
    let december = "2026-12-01T02:00:00Z".parse().unwrap();
    house.store.record(chapter, voucher, Alongside::nothing(), december).await.unwrap();
}

/// Whoever closes over figures that others change meanwhile is refused or right, and nothing is
/// dated into the month behind it.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_closed_while_others_write_is_closed_over_what_is_in_it() {
    on_both(async |house: TestHouse| {
        let (chapter, log) = (house.chapter("xuan-tay").await, origin("xuan-tay"));
        let december = "2026-12-01T02:00:00Z".parse().unwrap();
        let record = |voucher| house.store.record(chapter, voucher, Alongside::nothing(), december);
        let close = async {
            loop {
                let voucher = closing(&log, &house.store.books(chapter).unwrap());
                // The others write between what was read and what is recorded.
                tokio::task::yield_now().await;
                match record(voucher).await {
                    Ok(closed) => return closed.seq,
                    Err(RecordFault::Refused(Refusal::Figure { .. })) => {}
                    Err(fault) => panic!("{fault}"),
                }
            }
        };
        let write = futures((1..=50).map(|amount| record(donation(&log, amount))));
        let (written, closed) = tokio::join!(write, close);
        let mut sum = 0;
        for (amount, answer) in (1_i64..).zip(&written) {
            match answer {
                Ok(recorded) => {
                    assert!(recorded.seq < closed, "dated into a closed month");
                    sum += amount;
                }
                Err(RecordFault::Refused(Refusal::PeriodIsClosed { .. })) => {}
                Err(fault) => panic!("{fault}"),
            }
        }
        let entry = house.store.entry(chapter, closed).await.unwrap().unwrap().entry;
        let members = entry.voucher().value();
        assert_eq!(members["funds"][0]["received"], sum, "{members}");
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_writers_on_three_chapters_leave_no_gap() {
    on_both(async |house: TestHouse| {
        let slugs = ["xuan-tay", "xuan-dong", "xuan-bac"];
        let mut chapters = Vec::new();
        for slug in slugs {
            chapters.push((house.chapter(slug).await, origin(slug)));
        }
        // The whole size is three times that: every writer writes twenty entries to each chapter.
        let turns = if std::env::var_os("MINHBACH_MANY_WRITERS").is_some() { 60 } else { 20 };
        let work = (0..50).map(|writer| {
            let (store, chapters) = (&house, &chapters);
            async move {
                for turn in 0..turns {
                    let (chapter, origin) = &chapters[(writer + turn) % 3];
                    store.record(*chapter, donation(origin, 1_000)).await.unwrap();
                }
            }
        });
        futures(work).await;
        let mut entries = 0;
        for (chapter, _) in &chapters {
            let findings = house.store.check(*chapter).await.unwrap();
            assert!(findings.is_clean(), "{findings}");
            entries += findings.entries;
        }
        assert_eq!(entries, 3 * 5 + 50 * u64::try_from(turns).unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_program_on_the_folder_refuses_to_start() {
    on_both(async |house: TestHouse| {
        let second = Store::open(house.config()).await.unwrap_err();
        assert!(matches!(second, StoreFault::InUse { .. }), "{second}");
    })
    .await;
}

/// Runs all futures at once, on tasks of this thread.
pub async fn futures<T>(all: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.into_iter().map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(move |context| {
        let mut waiting = false;
        for (one, done) in &mut all {
            if done.is_none() {
                match one.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *done = Some(value),
                    std::task::Poll::Pending => waiting = true,
                }
            }
        }
        match waiting {
            true => std::task::Poll::Pending,
            false => {
                let done = all.drain(..).filter_map(|(_, done)| done).collect();
                std::task::Poll::Ready(done)
            }
        }
    })
    .await
}
