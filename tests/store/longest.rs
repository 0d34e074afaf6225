//! Vouchers that are about as long as a leaf may be: what fits at the beginning of a ledger may not
//! fit behind it, for the place is a part of the leaf.

use minhbach::ledger::canonical::MAX_BYTES;
use minhbach::ledger::entry::{Entry, EntryFault, SignedVoucher};
use minhbach::ledger::tree::Hash;
use minhbach::ledger::word::{Origin, Time};
use minhbach::store::RecordFault;
use minhbach::store::alongside::Alongside;
use serde_json::{Value, json};

use crate::house::{TestHouse, digests, donation, now, on_both, two};

/// As many lines as a voucher may have: with four digests each they are longer than a leaf may be.
const LINES: usize = 400;

fn origin() -> Origin {
    "so.example/xuan-tay".parse().unwrap()
}

/// Aid whose entry has exactly so many bytes where its place has one digit.
fn aid_of(bytes: usize) -> SignedVoucher {
    let made = |lines: &[Value], note: usize| {
        let members = json!({
            "place": "tien-mat", "fund": "chung", "programme": "tet", "lines": lines,
            "note": "x".repeat(note),
        });
        two(&origin(), "aid_paid", members)
    };
    let length = |signed: &SignedVoucher| {
        let (at, prev, signed) = (Time::EPOCH, Hash::ZERO, signed.clone());
        match (Entry { at, prev, seq: 0, before: 0, signed }).bytes() {
            Ok(bytes) => bytes.len(),
            Err(EntryFault::TooLong(length)) => length,
            Err(fault) => panic!("{fault}"),
        }
    };
    let mut found: Vec<_> = (0..LINES).map(|_| digests(4)).collect();
    found.sort();
    let mut lines: Vec<Value> =
        found.into_iter().map(|own| json!({"_sd": own, "amount": 1})).collect();
    let (each, over) = (lines[0].to_string().len() + 1, length(&made(&lines, 1)) - bytes);
    lines.truncate(LINES - over.div_ceil(each));
    let missing = bytes - length(&made(&lines, 1));
    let signed = made(&lines, 1 + missing);
    assert_eq!(length(&signed), bytes);
    signed
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_at_the_beginning_only_is_refused_alone_and_what_fits_exactly_is_recorded() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        for _ in 0..8 {
            house.record(chapter, donation(&origin(), 1_000)).await.unwrap();
        }
        // Places have two digits from here on.
        let too_long = house.record(chapter, aid_of(MAX_BYTES));
        let beside = house.record(chapter, donation(&origin(), 1_000));
        let (too_long, beside) = tokio::join!(too_long, beside);
        let said = RecordFault::Form(EntryFault::TooLong(MAX_BYTES + 1));
        assert_eq!(too_long.unwrap_err(), said);
        beside.unwrap();
        let exact = house.record(chapter, aid_of(MAX_BYTES - 1)).await.unwrap();
        let kept = house.store.entry(chapter, exact.seq).await.unwrap().unwrap();
        assert_eq!(kept.entry.bytes().unwrap().len(), MAX_BYTES);
        assert!(house.store.check(chapter).await.unwrap().is_clean());
    })
    .await;
}

/// Nothing of a file is recorded when a voucher in it is too long wherever it stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_that_no_reader_would_take_is_named_by_its_place_in_the_file() {
    on_both(async |house: TestHouse| {
        let chapter = house.chapter("xuan-tay").await;
        let size = house.store.head(chapter).unwrap().unwrap().size;
        let mut all: Vec<_> = (1..=9).map(|amount| donation(&origin(), amount)).collect();
        all.insert(6, aid_of(MAX_BYTES + 1));
        let all = all.into_iter().map(|signed| (signed, Alongside::nothing())).collect();
        let refused = house.store.record_all(chapter, all, now()).await.unwrap_err();
        let said = RecordFault::Form(EntryFault::TooLong(MAX_BYTES + 1));
        assert_eq!((refused.index, refused.fault), (6, said));
        assert_eq!(house.store.head(chapter).unwrap().unwrap().size, size);
    })
    .await;
}
