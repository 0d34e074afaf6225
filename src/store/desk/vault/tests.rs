//! The vault: opening, consent, publication, erasure down to the raw files.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;
use crate::ledger::disclosure::PrivateName;
use crate::store::desk::house::{self, House, holds};
use crate::store::desk::{drafts, register};

fn refusal<T: fmt::Debug>(answer: Result<T, DeskFault>) -> DeskRefusal {
    answer.unwrap_err().refusal().cloned().unwrap()
}

async fn donor(house: &House, name: &str) -> Subject {
    Subject::Person(house.known(register::Role::Donor, name).await)
}

/// Records a donation with its values, as entry `number`.
async fn recorded(house: &House, number: u16, name: &str, subject: &Subject) -> VoucherId {
    let (signed, values) = house.donation(number, name, subject);
    let (db, vault, seq) = (&house.db, &house.vault, Some(u64::from(number)));
    vault.hold(db, &house.chapter, &signed.voucher, seq, &values, house.now).await.unwrap();
    signed.voucher.id
}

async fn opened(house: &House, query: &Query, purpose: Purpose) -> Vec<OpenedValue> {
    let person = house.person(1);
    let reader = Reader { person: &person, purpose };
    house.vault.open(&house.db, &house.chapter, reader, query, house.now).await.unwrap()
}

fn consent(house: &House, subject: &Subject, voucher: Option<&VoucherId>) -> Consent {
    Consent {
        subject: subject.clone(),
        voucher: voucher.cloned(),
        name: PrivateName::FullName,
        given_on: "2026-11-06".parse().unwrap(),
        recorded_by: house.person(1),
    }
}

/// What the names that are shown add up to, counted now and as it was kept.
async fn sums_of_names(house: &House) -> [[i64; 3]; 2] {
    let counted = "SELECT COUNT(*) AS names, CAST(COALESCE(SUM(seq), 0) AS BIGINT) AS seqs, \
        CAST(COALESCE(SUM(CASE name WHEN 'full_name' THEN 1 ELSE 0 END), 0) AS BIGINT) AS whole \
        FROM vault_published WHERE chapter = $1";
    let kept = "SELECT names, seqs, whole FROM names_shown WHERE chapter = $1";
    let mut sums = [[0; 3]; 2];
    for (sums, text) in sums.iter_mut().zip([counted, kept]) {
        for row in sql::all(&house.db, text, values![house.chapter.id]).await.unwrap() {
            *sums = ["names", "seqs", "whole"].map(|name| sql::column(&row, name).unwrap());
        }
    }
    sums
}

async fn shown(house: &House) -> Vec<String> {
    let [counted, kept] = sums_of_names(house).await;
    assert_eq!(kept, counted);
    let published = published(&house.db, &house.chapter, 0, 1000).await.unwrap();
    published.iter().map(|one| one.disclosure.value().as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn values_open_for_who_asks_and_every_opening_is_logged() {
    for house in house::all().await {
        let subject = donor(&house, "Nguyễn Văn Ổi").await;
        let id = recorded(&house, 7, "Nguyễn Văn Ổi", &subject).await;
        for (query, purpose) in [
            (Query::Voucher(id.clone()), Purpose::Desk),
            (Query::Entries(5, 9), Purpose::Export),
            (Query::Subject(subject.clone()), Purpose::Law),
        ] {
            let values = opened(&house, &query, purpose).await;
            assert_eq!(values.len(), 3);
            let names: BTreeSet<_> = values.iter().map(|value| value.disclosure.name()).collect();
            assert_eq!(names.len(), 3);
            assert!(values.iter().all(|value| value.seq == Some(7) && value.voucher == id));
        }
        assert!(opened(&house, &Query::Entries(8, 9), Purpose::Desk).await.is_empty());
        let log = openings(&house.db, &house.chapter, 10).await.unwrap();
        let lines: Vec<_> =
            log.iter().map(|line| (line.action, line.what.as_str(), line.number)).collect();
        assert_eq!(
            lines,
            [
                (Action::Opened, subject.to_string().as_str(), 3),
                (Action::Exported, "entries:5-9", 3),
                (Action::Opened, format!("voucher:{id}").as_str(), 3),
            ]
        );
        assert!(log.iter().all(|line| line.person == house.person(1) && line.at == house.now));
        for change in ["UPDATE vault_openings SET number = 0", "DELETE FROM vault_openings"] {
            assert!(house.db.execute_unprepared(change).await.is_err(), "{change}");
        }
    }
}

#[tokio::test]
async fn rows_moved_changed_or_under_another_vault_key_do_not_open() {
    for house in house::all().await {
        let subject = donor(&house, "Nguyễn Văn Ổi").await;
        let id = recorded(&house, 7, "Nguyễn Văn Ổi", &subject).await;
        let person = house.person(1);
        let reader = Reader { person: &person, purpose: Purpose::Desk };
        let query = Query::Voucher(id);
        let other = Vault::new(&[8; 32]);
        let (db, chapter) = (&house.db, &house.chapter);
        house.vault.check(db, chapter).await.unwrap();
        assert!(matches!(other.check(db, chapter).await, Err(DeskFault::Damaged { .. })));
        assert!(other.open(db, chapter, reader, &query, house.now).await.is_err());

        assert_eq!(house.vault.rewrap(db, chapter, &other).await.unwrap().keys, 1);
        let under_new = other.open(db, chapter, reader, &query, house.now).await.unwrap();
        assert_eq!(under_new.len(), 3);
        assert!(house.vault.open(db, chapter, reader, &query, house.now).await.is_err());

        let rows = "SELECT digest, sealed FROM vault_disclosures ORDER BY digest";
        let rows = sql::all(db, rows, values![]).await.unwrap();
        let sealed: Vec<u8> = sql::column(&rows[0], "sealed").unwrap();
        let digest: String = sql::column(&rows[1], "digest").unwrap();
        let swap = "UPDATE vault_disclosures SET sealed = $1 WHERE digest = $2";
        sql::execute(db, swap, values![sealed, digest]).await.unwrap();
        let swapped = other.open(db, chapter, reader, &query, house.now).await;
        assert!(matches!(swapped, Err(DeskFault::Damaged { .. })), "a value in another's place");
    }
}

#[tokio::test]
async fn a_name_is_shown_only_while_its_donor_agrees() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let subject = donor(&house, "Nguyễn Văn Ổi").await;
        let first = recorded(&house, 7, "Nguyễn Văn Ổi", &subject).await;
        let second = recorded(&house, 8, "Nguyễn Văn Ổi", &subject).await;
        let show = async |id: &VoucherId, name| {
            publish(db, vault, chapter, &officer, id, name, house.now).await
        };
        let full = PrivateName::FullName;
        assert_eq!(refusal(show(&first, full).await), DeskRefusal::NoConsent);
        assert_eq!(refusal(show(&first, PrivateName::BankText).await), DeskRefusal::NotAName);

        record_consent(db, chapter, &consent(&house, &subject, Some(&first)), house.now)
            .await
            .unwrap();
        let line = show(&first, full).await.unwrap().line(0);
        assert!(line.starts_with("{\"disclosure\":\"") && line.ends_with("\",\"seq\":7}"));
        show(&first, full).await.unwrap();
        assert_eq!(shown(&house).await, ["Nguyễn Văn Ổi"], "no line twice");
        assert_eq!(refusal(show(&second, full).await), DeskRefusal::NoConsent);
        let masked = show(&first, PrivateName::MaskedName).await;
        assert_eq!(refusal(masked), DeskRefusal::NoConsent, "to this name alone");

        record_consent(db, chapter, &consent(&house, &subject, None), house.now).await.unwrap();
        show(&second, full).await.unwrap();
        assert_eq!(shown(&house).await.len(), 2);
        assert_eq!(hide(db, chapter, &second, house.now).await.unwrap(), 1);
        assert_eq!(shown(&house).await.len(), 1);
        show(&second, full).await.unwrap();

        let gone = withdraw_consent(db, chapter, &officer, &subject, None, house.now).await;
        assert_eq!(gone.unwrap(), 2);
        assert!(shown(&house).await.is_empty());
        assert!(consents(db, chapter, &subject).await.unwrap().is_empty());
        assert_eq!(refusal(show(&first, full).await), DeskRefusal::NoConsent);
    }
}

#[tokio::test]
async fn consent_is_for_donors_names_of_recorded_gifts() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let batch = Subject::Batch("00000000000000b1".parse().unwrap());
        let id = recorded(&house, 7, "Nguyễn Văn Ổi", &batch).await;
        let for_all = record_consent(db, chapter, &consent(&house, &batch, None), house.now).await;
        assert_eq!(refusal(for_all), DeskRefusal::NotAName, "a batch is many donors");
        let phone = Consent { name: PrivateName::Phone, ..consent(&house, &batch, Some(&id)) };
        let phone = record_consent(db, chapter, &phone, house.now).await;
        assert_eq!(refusal(phone), DeskRefusal::NotAName);
        let nobody = Subject::Person(house.person(99));
        let nobody = record_consent(db, chapter, &consent(&house, &nobody, None), house.now).await;
        assert_eq!(refusal(nobody), DeskRefusal::Gone);

        let (signed, values) = house.donation(8, "Lê Thị Na", &batch);
        let by = house.person(1);
        drafts::lay(db, vault, chapter, &signed, &values, &by, house.now).await.unwrap();
        let id = signed.voucher.id;
        record_consent(db, chapter, &consent(&house, &batch, Some(&id)), house.now).await.unwrap();
        let full = PrivateName::FullName;
        let early = publish(db, vault, chapter, &officer, &id, full, house.now).await;
        assert_eq!(refusal(early), DeskRefusal::NotAName, "not in the ledger yet");
    }
}

#[tokio::test]
async fn restricted_values_open_for_the_law_alone() {
    for house in house::all().await {
        let (db, chapter, officer) = (&house.db, &house.chapter, house.person(1));
        let subject = donor(&house, "Nguyễn Văn Ổi").await;
        let id = recorded(&house, 7, "Nguyễn Văn Ổi", &subject).await;
        restrict(db, chapter, &officer, &subject, true, house.now).await.unwrap();
        assert!(opened(&house, &Query::Voucher(id.clone()), Purpose::Desk).await.is_empty());
        let reader = Reader { person: &officer, purpose: Purpose::Export };
        let query = Query::Subject(subject.clone());
        let refused = house.vault.open(db, chapter, reader, &query, house.now).await;
        assert_eq!(refusal(refused), DeskRefusal::Restricted);
        assert_eq!(opened(&house, &query, Purpose::Law).await.len(), 3);
        restrict(db, chapter, &officer, &subject, false, house.now).await.unwrap();
        assert_eq!(opened(&house, &query, Purpose::Desk).await.len(), 3);
    }
}

#[tokio::test]
async fn one_giver_of_a_file_is_restricted_and_the_others_are_not() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let batch = Subject::Batch("00000000000000b1".parse().unwrap());
        let one = recorded(&house, 7, "Nguyễn Văn Ổi", &batch).await;
        let other = recorded(&house, 8, "Lê Thị Na", &batch).await;
        for id in [&one, &other] {
            let agreed = consent(&house, &batch, Some(id));
            record_consent(db, chapter, &agreed, house.now).await.unwrap();
        }
        let full = PrivateName::FullName;
        publish(db, vault, chapter, &officer, &one, full, house.now).await.unwrap();
        let of = (&batch, &one);
        let alone = stand_alone(db, vault, chapter, &officer, of, house.now).await.unwrap();
        assert!(published(db, chapter, 0, 100).await.unwrap().is_empty(), "with its consent");
        restrict(db, chapter, &officer, &alone, true, house.now).await.unwrap();
        assert!(opened(&house, &Query::Voucher(one.clone()), Purpose::Desk).await.is_empty());
        assert_eq!(opened(&house, &Query::Subject(alone), Purpose::Law).await.len(), 3);
        assert_eq!(opened(&house, &Query::Voucher(other), Purpose::Desk).await.len(), 3);
        assert_eq!(consents(db, chapter, &batch).await.unwrap().len(), 1);
        let again = stand_alone(db, vault, chapter, &officer, of, house.now).await;
        assert_eq!(refusal(again), DeskRefusal::Gone, "the batch holds nothing of it any more");
    }
}

#[tokio::test]
async fn a_person_with_waiting_drafts_is_not_erased_and_an_erased_one_does_not_come_back() {
    for house in house::all().await {
        let (db, vault, chapter, officer) =
            (&house.db, &house.vault, &house.chapter, house.person(1));
        let subject = donor(&house, "Lê Thị Na").await;
        let (signed, values) = house.donation(8, "Lê Thị Na", &subject);
        drafts::lay(db, vault, chapter, &signed, &values, &officer, house.now).await.unwrap();
        let waits = erase(db, chapter, &officer, &subject, house.now).await;
        assert_eq!(refusal(waits), DeskRefusal::DraftsWait(1));
        let id = &signed.voucher.id;
        drafts::withdraw(db, chapter, id, &officer, house.now).await.unwrap();
        erase(db, chapter, &officer, &subject, house.now).await.unwrap();
        let again = erase(db, chapter, &officer, &subject, house.now).await;
        assert_eq!(refusal(again), DeskRefusal::Gone);
        let (signed, values) = house.donation(9, "Lê Thị Na", &subject);
        let back = vault.hold(db, chapter, &signed.voucher, Some(9), &values, house.now).await;
        assert_eq!(refusal(back), DeskRefusal::Gone);
    }
}

/// Twenty people, their names, phones and identity numbers, published names included.
async fn plant(house: &House) -> (Vec<Subject>, Vec<[String; 3]>) {
    let (db, vault, chapter, officer) = (&house.db, &house.vault, &house.chapter, house.person(1));
    let (mut subjects, mut planted) = (Vec::new(), Vec::new());
    for number in 0..20_u16 {
        let name = format!("Hoàng Thị Trái Cây {number:02}");
        let phone = format!("09123{number:05}");
        let identity = format!("0792030{number:05}");
        let record = register::Record {
            full_name: name.clone(),
            phone: Some(phone.clone()),
            identity_number: Some(identity.clone()),
            ..Default::default()
        };
        let role = register::Role::Donor;
        let person = register::enter(db, vault, chapter, role, &record, &officer, house.now).await;
        let subject = Subject::Person(person.unwrap());
        let id = recorded(house, 100 + number, &name, &subject).await;
        record_consent(db, chapter, &consent(house, &subject, Some(&id)), house.now).await.unwrap();
        publish(db, vault, chapter, &officer, &id, PrivateName::FullName, house.now).await.unwrap();
        subjects.push(subject);
        planted.push([name, phone, identity]);
    }
    (subjects, planted)
}

#[tokio::test]
async fn erased_people_are_in_no_table_index_or_write_ahead_log() {
    let house = house::sqlite().await;
    let (db, chapter, officer) = (&house.db, &house.chapter, house.person(1));
    let (subjects, planted) = plant(&house).await;
    let published: Vec<String> = published(db, chapter, 0, 1000)
        .await
        .unwrap()
        .iter()
        .map(|one| one.disclosure.encode())
        .collect();
    let wrapped: Vec<Vec<u8>> = sql::all(db, "SELECT wrapped FROM vault_keys", values![])
        .await
        .unwrap()
        .iter()
        .map(|row| sql::column(row, "wrapped").unwrap())
        .collect();

    let before = house.raw_hex();
    for one in planted.iter().flatten() {
        assert!(!holds(&before, one), "sealed from the first write on: {one}");
    }
    assert!(published.iter().all(|one| holds(&before, one)), "what is published is readable");
    assert!(wrapped.iter().all(|one| holds(&before, one)), "the search finds what is there");

    for subject in &subjects {
        let erased = erase(db, chapter, &officer, subject, house.now).await.unwrap();
        assert_eq!(erased, Erased { values: 3, published: 1 });
    }
    assert_eq!(scrub(db).await.unwrap(), Scrubbed::Done);
    let after = house.raw_hex();
    for one in planted.iter().flatten().chain(&published) {
        assert!(!holds(&after, one), "{one}");
    }
    for (one, subject) in wrapped.iter().zip(&subjects) {
        assert!(!holds(&after, one), "a wrapped key");
        assert!(opened(&house, &Query::Subject(subject.clone()), Purpose::Law).await.is_empty());
        // The log names no one who was erased after the fact, and its older lines only an
        // identifier that nothing resolves any more.
        let Subject::Person(person) = subject else { unreachable!() };
        let found = "SELECT id FROM desk_persons WHERE id = $1";
        assert!(sql::one(db, found, values![person.as_str()]).await.unwrap().is_none());
    }
    let log = openings(db, chapter, 20).await.unwrap();
    assert!(log.iter().all(|line| line.action == Action::Erased && line.what == "person"));
}

#[tokio::test]
async fn erasure_leaves_others_alone_on_both_databases() {
    for house in house::all().await {
        let (db, chapter, officer) = (&house.db, &house.chapter, house.person(1));
        let (subjects, _) = plant(&house).await;
        erase(db, chapter, &officer, &subjects[0], house.now).await.unwrap();
        assert_eq!(scrub(db).await.unwrap(), Scrubbed::Done);
        for (number, subject) in subjects.iter().enumerate() {
            let left = opened(&house, &Query::Subject(subject.clone()), Purpose::Desk).await;
            assert_eq!(left.len(), if number == 0 { 0 } else { 3 });
        }
        assert_eq!(shown(&house).await.len(), 19);
    }
}

#[tokio::test]
async fn a_connection_that_does_not_zero_what_it_deletes_is_noticed() {
    let house = house::sqlite().await;
    house.db.execute_unprepared("PRAGMA secure_delete=OFF").await.unwrap();
    assert!(matches!(scrub(&house.db).await, Err(DeskFault::Damaged { .. })));
}
