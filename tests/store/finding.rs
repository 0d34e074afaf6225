//! Finding gifts: by what they are, by the words of a shown name, by a bank's reference; found no
//! more as soon as a name is shown no more.

use migrations::m0015_finding::{GIFTS_OF_ENTRIES_POSTGRES, GIFTS_OF_ENTRIES_SQLITE};
use minhbach::ledger::disclosure::{Disclosure, PrivateName};
use minhbach::ledger::voucher::{Voucher, VoucherId};
use minhbach::ledger::word::Person;
use minhbach::money::Money;
use minhbach::store::desk::vault::{PrivateValue, Subject, Target};
use minhbach::store::facade::Position;
use minhbach::store::search::{GiftQuery, NameWords, normal_reference};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};
use serde_json::json;

use crate::house::{TREASURER, sign_voucher};
use crate::routes::public::filled::{Filled, ONE, at};
use crate::store::tables::grounds;

const NAME: &str = "Nguyễn Thị Hạnh";

async fn named(filled: &Filled, text: &str) -> Vec<u64> {
    let Some(name) = NameWords::of(text) else { return Vec::new() };
    let asked = GiftQuery { name: Some(name), ..GiftQuery::default() };
    seqs(filled, &asked).await
}

async fn seqs(filled: &Filled, asked: &GiftQuery) -> Vec<u64> {
    let size = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
    let found = filled.house.store.find_gifts(filled.chapter, asked, size, 100).await.unwrap();
    found.iter().map(|gift| gift.seq).collect()
}

/// A transfer of 8 November with what the bank said of it; its voucher.
async fn transfer(filled: &Filled) -> VoucherId {
    let id: VoucherId = uuid::Uuid::now_v7().to_string().parse().unwrap();
    let private = |name, value: &str| PrivateValue {
        disclosure: Disclosure::make(name, value.into()).unwrap(),
        subject: Subject::Voucher(id.clone()),
    };
    let values = [
        private(PrivateName::BankReference, "FT26309-123456"),
        private(PrivateName::BankText, "MBVCB88123456 0987654321 ung ho bao lu"),
    ];
    let mut own: Vec<String> =
        values.iter().map(|value| value.disclosure.digest().to_string()).collect();
    own.sort();
    let value = json!({
        "by": format!("{}/officer/{TREASURER}", filled.origin), "date": "2026-11-08",
        "id": id.as_str(), "kind": "donation", "log": filled.origin.as_str(), "_sd": own,
        "amount": 650_000, "place": "bidv", "fund": "chung", "method": "transfer",
        "donor": {"type": "unknown", "_sd": crate::routes::public::filled::digests(2)},
    });
    let signed = sign_voucher(&filled.origin, Voucher::read(&value).unwrap(), ONE);
    let store = &filled.house.store;
    store.record_with(filled.chapter, signed, &values, at("2026-11-08")).await.unwrap();
    id
}

async fn by_reference(filled: &Filled, reference: &str, day: &str, amount: i64) -> usize {
    let Some(reference) = normal_reference(reference) else { return 0 };
    let asked = (reference.as_str(), day.parse().unwrap(), Money::new(amount).unwrap());
    let size = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
    let found = filled.house.store.find_by_reference(filled.chapter, asked, size).await;
    found.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shown_name_is_found_however_it_is_typed_until_it_is_shown_no_more() {
    for ground in grounds().await {
        let filled = Filled::on(ground).await;
        filled.publish_a_name().await;
        let seq = filled.house.store.head(filled.chapter).unwrap().unwrap().size - 1;
        for typed in [
            NAME,
            "nguyen thi hanh",
            "NGUYEN hanh",
            "Nguye\u{302}\u{303}n Thi\u{323} Ha\u{323}nh",
            "hanh nguyen",
            "ngu",
            "nguyeenx hanhj",
        ] {
            assert_eq!(named(&filled, typed).await, [seq], "{typed}");
        }
        for typed in ["%", "_", "n%", "nguyen_", "' OR 1=1 --", "\"", "hoa", "nguyen hoa", "guyen"]
        {
            let wanted: &[u64] = if typed == "n%" || typed == "nguyen_" { &[seq] } else { &[] };
            assert_eq!(named(&filled, typed).await, wanted, "{typed}");
        }
        assert!(named(&filled, &"a".repeat(10_000)).await.is_empty());
        // By initials instead: the whole name is found no more.
        let store = &filled.house.store;
        let id = store.entry(filled.chapter, seq).await.unwrap().unwrap();
        let id = id.entry.voucher().id.clone();
        let of = (&id, "2026-11-07".parse().unwrap());
        assert!(store.lessen_name(filled.chapter, of, at("2026-11-07")).await.unwrap());
        assert!(named(&filled, "hanh").await.is_empty());
        assert_eq!(named(&filled, "n t h").await, [seq]);
        assert!(!store.lessen_name(filled.chapter, of, at("2026-11-07")).await.unwrap());
        store.hide_name(filled.chapter, &id, at("2026-11-07")).await.unwrap();
        assert!(named(&filled, "n t h").await.is_empty());
        let rows = filled.house.rows().await;
        let words = "SELECT COUNT(*) AS n FROM search_names";
        let words = Statement::from_string(rows.get_database_backend(), words);
        let left = rows.query_one_raw(words).await.unwrap().unwrap();
        assert_eq!(left.try_get::<i64>("", "n").unwrap(), 0);
        rows.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_givers_name_and_transfer_are_found_no_more() {
    for ground in grounds().await {
        let filled = Filled::on(ground).await;
        filled.publish_a_name().await;
        let seq = filled.house.store.head(filled.chapter).unwrap().unwrap().size - 1;
        assert_eq!(named(&filled, "hanh").await, [seq]);
        let transferred = transfer(&filled).await;
        assert_eq!(by_reference(&filled, "FT26309123456", "2026-11-08", 650_000).await, 1);
        let store = &filled.house.store;
        let (desk, officer) = (store.desk(filled.chapter).unwrap(), TREASURER.parse().unwrap());
        let shown = store.entry(filled.chapter, seq).await.unwrap().unwrap();
        for voucher in [shown.entry.voucher().id.clone(), transferred] {
            let target = Target { subject: Subject::Voucher(voucher), voucher: None };
            let officer: &Person = &officer;
            store.restrict(&desk, officer, &target, true, at("2026-11-09")).await.unwrap();
        }
        assert!(named(&filled, "hanh").await.is_empty());
        assert_eq!(by_reference(&filled, "FT26309123456", "2026-11-08", 650_000).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banks_reference_answers_with_the_exact_day_and_amount_alone() {
    for ground in grounds().await {
        let filled = Filled::on(ground).await;
        transfer(&filled).await;
        let both = ["FT26309123456", "ft26309 123456", "MBVCB88123456"];
        for reference in both {
            assert_eq!(by_reference(&filled, reference, "2026-11-08", 650_000).await, 1);
            assert_eq!(by_reference(&filled, reference, "2026-11-07", 650_000).await, 0);
            assert_eq!(by_reference(&filled, reference, "2026-11-08", 650_001).await, 0);
        }
        // A telephone number in the text is no reference, nor is a part of one.
        for reference in ["0987654321", "FT26309", "123456", "ung ho", "FT26309123457"] {
            let found = by_reference(&filled, reference, "2026-11-08", 650_000).await;
            assert_eq!(found, 0, "{reference}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gifts_are_found_by_what_they_are_newest_first_and_page_by_page() {
    for ground in grounds().await {
        let filled = Filled::on(ground).await;
        let all = seqs(&filled, &GiftQuery::default()).await;
        assert_eq!(all.len(), 12, "eight of September, three of October, one held for others");
        let mut paged = Vec::new();
        let mut before: Option<Position> = None;
        let size = filled.house.store.head(filled.chapter).unwrap().unwrap().size;
        loop {
            let asked = GiftQuery { before, ..GiftQuery::default() };
            let store = &filled.house.store;
            let page = store.find_gifts(filled.chapter, &asked, size, 5).await.unwrap();
            before = page.last().map(|gift| gift.position());
            paged.extend(page.iter().map(|gift| gift.seq));
            if page.len() < 5 {
                break;
            }
        }
        assert_eq!(paged, all, "pages neither leave out nor repeat");
        let amount = Money::new(1_500_000);
        let asked = GiftQuery { amount, ..GiftQuery::default() };
        assert_eq!(seqs(&filled, &asked).await, [filled.gift.seq]);
        let day = "2026-10-12".parse().unwrap();
        let asked = GiftQuery { from: Some(day), to: Some(day), ..GiftQuery::default() };
        assert_eq!(seqs(&filled, &asked).await, [filled.wrong.seq]);
        let fund = "tet".parse().unwrap();
        let asked = GiftQuery { fund: Some(fund), ..GiftQuery::default() };
        assert_eq!(seqs(&filled, &asked).await.len(), 1);
        let asked = GiftQuery { goods: Some(true), ..GiftQuery::default() };
        assert!(seqs(&filled, &asked).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_gets_what_is_searched_from_its_entries_and_its_vault() {
    for ground in grounds().await {
        let filled = Filled::on(ground).await;
        filled.publish_a_name().await;
        transfer(&filled).await;
        let all = seqs(&filled, &GiftQuery::default()).await;
        let rows = filled.house.rows().await;
        let backend = rows.get_database_backend();
        let made = match backend {
            DatabaseBackend::Sqlite => GIFTS_OF_ENTRIES_SQLITE,
            _ => GIFTS_OF_ENTRIES_POSTGRES,
        };
        for sql in
            ["DELETE FROM gifts", made, "DELETE FROM search_names", "DELETE FROM search_references"]
        {
            rows.execute_unprepared(sql).await.unwrap();
        }
        rows.execute_unprepared("DELETE FROM search_state").await.unwrap();
        rows.close().await.unwrap();
        assert!(named(&filled, "hanh").await.is_empty());
        let findings = filled.house.store.check(filled.chapter).await.unwrap();
        assert!(findings.is_clean(), "as the server makes them: {findings}");
        let filled = Filled { house: filled.house.restart().await, ..filled };
        assert_eq!(seqs(&filled, &GiftQuery::default()).await, all);
        assert_eq!(named(&filled, "hanh").await.len(), 1);
        assert_eq!(by_reference(&filled, "FT26309123456", "2026-11-08", 650_000).await, 1);
        let rows = filled.house.rows().await;
        rows.execute_unprepared("DELETE FROM search_names").await.unwrap();
        rows.close().await.unwrap();
        assert!(filled.house.store.rebuild(filled.chapter).await.unwrap().is_clean());
        assert_eq!(named(&filled, "hanh").await.len(), 1);
    }
}
