//! What the publication clock reads of the store, on both databases.

use minhbach::ledger::voucher::Voucher;
use minhbach::ledger::word::{Date, Origin};
use minhbach::publish::clock::facts::facts;
use minhbach::publish::clock::{About, State, duties};
use minhbach::store::desk::publication::{Deadlines, Rule};
use serde_json::json;

use crate::house::{TestHouse, donation, on_both, reversal, sign_voucher};

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A gift with another member, signed again.
fn gift_with(member: &str, value: &str) -> minhbach::ledger::entry::SignedVoucher {
    use minhbach::ledger::keys::SignatureRole;
    let mut gift = donation(&origin(), 100).voucher.value();
    gift[member] = json!(value);
    let voucher = Voucher::read(&gift).unwrap();
    let signers = [(crate::house::TREASURER, SignatureRole::Recorder)];
    sign_voucher(&origin(), voucher, &signers)
}

#[tokio::test(flavor = "multi_thread")]
async fn gifts_are_counted_by_the_day_on_which_they_came_and_were_recorded() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        house.record(chapter, donation(&origin(), 100)).await.unwrap();
        house.record(chapter, gift_with("received_on", "2026-10-28")).await.unwrap();
        // A remark that looks like the member is none.
        let note = "\"received_on\":\"2020-01-01\"";
        house.record(chapter, gift_with("note", note)).await.unwrap();
        let wrong = house.record(chapter, donation(&origin(), 100)).await.unwrap();
        house.record(chapter, reversal(&origin(), wrong.seq)).await.unwrap();
        let books = house.store.books(chapter).unwrap();
        let offset = books.chapter().unwrap().utc_offset;
        let all = house
            .store
            .gifts_by_day(chapter, day("2026-11-01"), books.size(), offset)
            .await
            .unwrap();
        let told: Vec<_> = all
            .iter()
            .map(|own| (own.came.to_string(), own.recorded.to_string(), own.number))
            .collect();
        let own = |came: &str, number| (came.to_owned(), "2026-11-05".to_owned(), number);
        // What came before the days that are asked for is told by none of them.
        assert_eq!(told, [own("2026-11-05", 2)]);
        let since = house.store.gifts_by_day(chapter, day("2026-10-01"), books.size(), offset);
        let came: Vec<_> = since.await.unwrap().iter().map(|own| own.came.to_string()).collect();
        assert_eq!(came, ["2026-10-28", "2026-11-05"]);
        let none = house.store.gifts_by_day(chapter, day("2026-11-06"), books.size(), offset);
        assert!(none.await.unwrap().is_empty());

        // What the clock makes of them: one came eight days before it was recorded.
        let deadlines = Deadlines::default();
        let today = day("2026-12-12");
        let known = facts(&house.store, chapter, &books, &deadlines, today).await.unwrap().unwrap();
        assert_eq!((known.books_from, known.gifts.len()), (day("2026-11-01"), 1));
        let all = duties(&known, &deadlines);
        let months = all.iter().find(|duty| duty.rule == Rule::MonthClosed).unwrap();
        assert_eq!((months.due, &months.state), (day("2026-12-10"), &State::Overdue));
        let gifts = all.iter().filter(|duty| duty.rule == Rule::ReceiptGiven);
        let gifts: Vec<_> = gifts.map(|duty| &duty.about).collect();
        // The first gift came before the books began, and does not count.
        assert!(matches!(gifts.as_slice(), [About::Gifts(_, 2, 0)]), "{gifts:?}");
    })
    .await;
}
