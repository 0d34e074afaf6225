//! Accounts and signing in.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house::{self, House};

const RIGHT: &str = "con trâu đi trước";

fn words(text: &str) -> Passphrase {
    Passphrase::read(text).unwrap()
}

fn peer() -> IpAddr {
    IpAddr::from([203, 0, 113, 7])
}

async fn officer(house: &House, number: u8) -> Account {
    let (key, sealer) = (house.key(number), Sealer::cheap_for_tests());
    let origin = &house.chapter.origin;
    let lock = sealer.seal(origin, key.public(), words(RIGHT), Some(house.key(number))).await;
    let name = format!("Officer{number}");
    let person = house.person(number);
    let lock = lock.unwrap();
    create(&house.db, &house.chapter, &name, &person, key.public(), &lock, house.now).await.unwrap()
}

async fn sign_in(
    house: &House,
    name: &str,
    typed: &str,
    second: i64,
) -> Result<SignedIn, TimeDelta> {
    let (db, chapter, now) = (&house.db, &house.chapter, house.later(second));
    let begun = begin_sign_in(db, chapter, name, peer(), now).await.unwrap()?;
    let sealer = Sealer::cheap_for_tests();
    let opened = begun.prove(&sealer, chapter, words(typed)).await.unwrap();
    Ok(begun.finish(db, (&house.vault, chapter), opened, &Place::default(), now).await.unwrap())
}

fn is_welcome(signed_in: &Result<SignedIn, TimeDelta>) -> bool {
    matches!(signed_in, Ok(SignedIn::Welcome(..)))
}

#[tokio::test]
async fn the_right_passphrase_opens_a_session_with_the_key() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let Ok(SignedIn::Welcome(welcome, cookie)) = sign_in(&house, " OFFICER1 ", RIGHT, 0).await
        else {
            panic!("not welcome");
        };
        assert_eq!(*welcome, account);
        let session = sessions::find(&house.db, &house.chapter, &cookie, house.now).await;
        let session = session.unwrap().unwrap();
        let key = session.open_key(&house.chapter, &cookie, house.key(1).public());
        assert_eq!(key.unwrap().unwrap().seed(), house.key(1).seed());
    }
}

#[tokio::test]
async fn unknown_wrong_and_disabled_get_the_same_answer() {
    for house in house::all().await {
        officer(&house, 1).await;
        let disabled = officer(&house, 2).await;
        close(&house.db, &house.chapter, &disabled.person).await.unwrap();
        for (name, typed) in [
            ("officer1", "con trau di truoc"),
            ("officer1", ""),
            ("nobody", RIGHT),
            ("officer2", RIGHT),
            ("' OR 1=1 --", RIGHT),
            ("", RIGHT),
        ] {
            let answer = sign_in(&house, name, typed, 0).await;
            assert!(matches!(answer, Ok(SignedIn::Refused)), "{name:?}");
        }
    }
}

#[tokio::test]
async fn a_hundred_wrong_passphrases_slow_down_and_the_owner_still_gets_in() {
    for house in house::all().await {
        officer(&house, 1).await;
        let mut looked_at = 0;
        for second in 0..100 {
            looked_at += usize::from(sign_in(&house, "officer1", "khác", second).await.is_ok());
        }
        assert!(looked_at < 15, "{looked_at}");
        let wait = sign_in(&house, "officer1", RIGHT, 100).await.unwrap_err();
        assert!(is_welcome(&sign_in(&house, "officer1", RIGHT, 100 + wait.num_seconds()).await));
        for second in 300..305 {
            assert!(is_welcome(&sign_in(&house, "officer1", RIGHT, second).await));
        }
    }
}

#[tokio::test]
async fn what_was_proved_for_an_account_that_changed_meanwhile_is_stale() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (db, chapter, now) = (&house.db, &house.chapter, house.now);
        let sealer = Sealer::cheap_for_tests();
        let begun = begin_sign_in(db, chapter, "officer1", peer(), now).await.unwrap().unwrap();
        let opened = begun.prove(&sealer, chapter, words(RIGHT)).await.unwrap();
        assert!(opened.is_some());
        close(db, chapter, &account.person).await.unwrap();
        let end = begun
            .finish(db, (&house.vault, chapter), opened, &Place::default(), now)
            .await
            .unwrap();
        assert!(matches!(end, SignedIn::Refused));
    }
}

#[tokio::test]
async fn names_persons_and_keys_are_held_to_their_rules() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (db, now) = (&house.db, house.now);
        let make = async |name: &str, person: u8, key: u8, chapter: &Chapter| {
            let (person, key) = (house.person(person), house.key(key));
            let made = create(db, chapter, name, &person, key.public(), &account.lock, now).await;
            made.map(|account| account.sign_in_name)
                .map_err(|fault| fault.refusal().cloned().unwrap())
        };
        let own = &house.chapter;
        assert_eq!(make("officer1", 2, 2, own).await, Err(DeskRefusal::NameTaken));
        assert_eq!(make("other", 1, 2, own).await, Err(DeskRefusal::HasAccount));
        assert_eq!(make("other", 2, 2, &house.other).await, Err(DeskRefusal::ForeignKey));
        for name in ["", "a", "có dấu", "a b", &"x".repeat(65), "a\0b", "<b>"] {
            assert_eq!(make(name, 2, 2, own).await, Err(DeskRefusal::NameForm), "{name:?}");
        }
        assert_eq!(make(" Lan.Thu-Quy_1 ", 2, 2, own).await, Ok("lan.thu-quy_1".to_owned()));
        let all = list(db, own).await.unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(by_person(db, own, &house.person(1)).await.unwrap().unwrap(), account);
        assert!(by_name(db, &house.other, "officer1").await.unwrap().is_none());
    }
}
