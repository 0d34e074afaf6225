//! Sessions under a fixed clock.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::house::{self, House};
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sealing::Sealer;

async fn officer(house: &House, number: u8) -> Account {
    let (key, sealer) = (house.key(number), Sealer::cheap_for_tests());
    let words = Passphrase::read("con trâu đi trước").unwrap();
    let chapter = &house.chapter.origin;
    let lock = sealer.seal(chapter, key.public(), words, Some(house.key(number))).await.unwrap();
    let person = house.person(number);
    let name = format!("officer{number}");
    accounts::create(&house.db, &house.chapter, &name, &person, key.public(), &lock, house.now)
        .await
        .unwrap()
}

async fn signed_in(house: &House, account: &Account, number: u8) -> Cookie {
    let key = house.key(number);
    start(&house.db, &house.chapter, account, (Some(&key), &Place::default()), house.now)
        .await
        .unwrap()
}

async fn lives(house: &House, cookie: &Cookie, seconds: i64) -> bool {
    find(&house.db, &house.chapter, cookie, house.later(seconds)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_session_ends_after_thirty_idle_minutes() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let cookie = signed_in(&house, &account, 1).await;
        assert!(lives(&house, &cookie, 29 * 60).await);
        assert!(!lives(&house, &cookie, 30 * 60).await);
        let now = house.later(29 * 60);
        let session = find(&house.db, &house.chapter, &cookie, now).await.unwrap().unwrap();
        assert!(session.wants_touch(now));
        assert!(!session.wants_touch(house.later(59)));
        session.touch(&house.db, now).await.unwrap();
        assert!(lives(&house, &cookie, 58 * 60).await);
        assert!(!lives(&house, &cookie, 59 * 60).await);
        assert!(!lives(&house, &cookie, -3600).await, "a session from the future");
    }
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_busy() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let cookie = signed_in(&house, &account, 1).await;
        for minute in (20..12 * 60).step_by(20) {
            let now = house.later(minute * 60);
            let session = find(&house.db, &house.chapter, &cookie, now).await.unwrap();
            session.unwrap().touch(&house.db, now).await.unwrap();
        }
        assert!(lives(&house, &cookie, 12 * 3600 - 1).await);
        assert!(!lives(&house, &cookie, 12 * 3600).await);
        assert_eq!(sweep(&house.db, house.later(12 * 3600)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_flipped_cookie_is_nobodys() {
    let house = house::sqlite().await;
    let account = officer(&house, 1).await;
    let cookie = signed_in(&house, &account, 1).await;
    assert!(lives(&house, &cookie, 1).await);
    let value = cookie.value();
    assert_eq!(value.len(), 86);
    for at in 0..value.len() {
        let mut flipped = value.as_bytes().to_vec();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        if let Some(other) = Cookie::parse(std::str::from_utf8(&flipped).unwrap()) {
            assert!(!lives(&house, &other, 1).await, "character {at}");
        }
    }
    for odd in ["", "A", &value[..85], &format!("{}A", *value), &"A".repeat(8192), "é"] {
        assert!(Cookie::parse(odd).is_none(), "{} characters", odd.len());
    }
    assert!(Cookie::parse(&value).is_some_and(|same| same == cookie));
}

#[tokio::test]
async fn neither_the_table_nor_the_cookie_alone_can_sign() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let cookie = signed_in(&house, &account, 1).await;
        let session = find(&house.db, &house.chapter, &cookie, house.now).await.unwrap().unwrap();
        let opened = session.open_key(&house.chapter, &cookie, house.key(1).public());
        assert_eq!(opened.unwrap().unwrap().seed(), house.key(1).seed());

        let another = signed_in(&house, &account, 1).await;
        let registered = house.key(1);
        let by_another = session.open_key(&house.chapter, &another, registered.public());
        assert!(matches!(by_another, Err(SealingFault::Wrong)), "another session's cookie");
        let rotated = session.open_key(&house.chapter, &cookie, house.key(2).public());
        assert!(matches!(rotated, Err(SealingFault::OtherKey(_))), "the ledger has another key");
        let elsewhere = session.open_key(&house.other, &cookie, registered.public());
        assert!(elsewhere.is_err(), "another chapter");

        // A row copied onto another session does not open with that session's cookie either.
        let text = "UPDATE desk_sessions SET sealed_seed = $1 WHERE id = $2";
        let row = values![session.sealed_seed.clone(), another.id().to_vec()];
        sql::execute(&house.db, text, row).await.unwrap();
        let copied = find(&house.db, &house.chapter, &another, house.now).await.unwrap().unwrap();
        assert!(copied.open_key(&house.chapter, &another, registered.public()).is_err());
    }
}

#[tokio::test]
async fn signing_out_ends_one_session_and_everywhere_all_of_them() {
    for house in house::all().await {
        let (own, other) = (officer(&house, 1).await, officer(&house, 2).await);
        let (first, second) = (signed_in(&house, &own, 1).await, signed_in(&house, &own, 1).await);
        let others = signed_in(&house, &other, 2).await;
        sign_out(&house.db, &first).await.unwrap();
        assert!(!lives(&house, &first, 1).await, "not reused after signing out");
        assert!(lives(&house, &second, 1).await);
        let ended = sign_out_person(&house.db, &house.chapter, &own.person).await.unwrap();
        assert_eq!(ended, 1);
        assert!(!lives(&house, &second, 1).await);
        assert!(lives(&house, &others, 1).await);
        let found = find(&house.db, &house.other, &others, house.now).await.unwrap();
        assert!(found.is_none(), "another chapter's desk");
        assert_eq!(chapter_id(&house.db, &others).await.unwrap(), Some(house.chapter.id));
    }
}

#[tokio::test]
async fn a_session_ends_with_a_new_passphrase() {
    for house in house::all().await {
        let sealer = Sealer::cheap_for_tests();
        let words = |text: &str| Passphrase::read(text).unwrap();
        let account = officer(&house, 1).await;
        let (db, chapter) = (&house.db, &house.chapter);
        let cookie = signed_in(&house, &account, 1).await;
        let key = house.key(1);
        let lock = sealer
            .seal(&chapter.origin, key.public(), words("ba chìm bảy nổi"), Some(house.key(1)))
            .await
            .unwrap();
        accounts::change_lock(db, chapter, &account, &lock, house.now).await.unwrap();
        assert!(!lives(&house, &cookie, 1).await, "new passphrase");
        let again = accounts::change_lock(db, chapter, &account, &lock, house.now).await;
        assert!(again.is_err(), "of two changes at once one is refused");
    }
}

#[tokio::test]
async fn a_form_token_belongs_to_one_session() {
    let house = house::sqlite().await;
    let account = officer(&house, 1).await;
    let (own, other) = (signed_in(&house, &account, 1).await, signed_in(&house, &account, 1).await);
    assert!(own.is_form_token(&own.form_token()));
    for foreign in [other.form_token(), String::new(), own.form_token() + "A"] {
        assert!(!own.is_form_token(&foreign));
    }
    let token = own.form_token();
    assert!(!own.value().contains(&token) && !format!("{own:?}").contains(&*own.value()));
}
