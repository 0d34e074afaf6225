//! Half sessions under a fixed clock, on both databases.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::factors::tests::{code_of, officer, turned_on};
use crate::store::desk::house::{self, House};

fn peer(last: u8) -> IpAddr {
    IpAddr::from([203, 0, 113, last])
}

async fn half_of(house: &House, account: &Account, number: u8) -> HalfCookie {
    let key = house.key(number);
    let of = (Some(&key), &Place::new("Firefox, Linux", peer(7)));
    start(&house.db, &house.chapter, account, of, house.now).await.unwrap()
}

async fn step(house: &House, half: &HalfCookie, code: &str, from: (u8, i64)) -> SecondStep {
    let typed = OneTime::read(code, "").unwrap();
    let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
    prove(db, vault, chapter, (half, &typed), (peer(from.0), house.later(from.1))).await.unwrap()
}

#[tokio::test]
async fn half_a_session_is_none_and_the_right_code_makes_it_whole_once() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (secret, _) = turned_on(&house, &account).await;
        let half = half_of(&house, &account, 1).await;
        let as_whole = Cookie::parse(&half.value()).unwrap();
        let found = sessions::find(&house.db, &house.chapter, &as_whole, house.now).await.unwrap();
        assert!(found.is_none(), "its cookie opens nothing as a session's");
        let code = code_of(&secret, house.later(60));
        let SecondStep::Welcome(whole, _) = step(&house, &half, &code, (7, 60)).await else {
            panic!("not welcome");
        };
        assert_ne!(whole.value(), half.value(), "a cookie that nobody knew before");
        let session = sessions::find(&house.db, &house.chapter, &whole, house.later(60)).await;
        let session = session.unwrap().unwrap();
        let key = session.open_key(&house.chapter, &whole, house.key(1).public()).unwrap();
        assert_eq!(key.unwrap().seed(), house.key(1).seed(), "the seed went with it");
        let again = code_of(&secret, house.later(90));
        assert!(matches!(step(&house, &half, &again, (7, 90)).await, SecondStep::Over));
    }
}

#[tokio::test]
async fn it_ends_after_five_minutes_and_with_everything_that_ends_sessions() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        turned_on(&house, &account).await;
        let half = half_of(&house, &account, 1).await;
        let lives = async |seconds| {
            let found = find(&house.db, &house.chapter, &half, house.later(seconds)).await;
            found.unwrap().is_some()
        };
        assert!(lives(299).await && !lives(300).await && !lives(-120).await);
        assert!(find(&house.db, &house.other, &half, house.now).await.unwrap().is_none());
        sessions::sign_out_person(&house.db, &house.chapter, &account.person).await.unwrap();
        assert!(!lives(1).await);
        half_of(&house, &account, 1).await;
        assert_eq!(sweep(&house.db, house.later(299)).await.unwrap(), 0);
        assert_eq!(sweep(&house.db, house.later(300)).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn wrong_codes_are_slowed_down_and_a_recovery_code_gets_the_owner_in() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (_, codes) = turned_on(&house, &account).await;
        let half = half_of(&house, &account, 1).await;
        let mut looked_at = 0;
        for second in 0..200 {
            // From many addresses: the codes of one name are counted together.
            let answer = step(&house, &half, "000000", ((second % 200) as u8, second)).await;
            looked_at += usize::from(matches!(answer, SecondStep::Refused));
        }
        assert!(looked_at <= 13, "{looked_at} of 200 codes were looked at");
        let typed = OneTime::Recovery(codes[3].clone());
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let from = (peer(250), house.later(265));
        let done = prove(db, vault, chapter, (&half, &typed), from).await.unwrap();
        assert!(matches!(done, SecondStep::Welcome(..)), "{done:?}");
        let counts = security::sign_ins(db, chapter, &Default::default()).await.unwrap();
        let own = counts[&Some(account.person.clone())];
        assert_eq!((own.good, own.code), (1, looked_at as u64));
        assert!(own.waited > 100);
    }
}

#[tokio::test]
async fn a_device_that_is_there_is_not_replaced_by_the_passphrase_alone() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let fresh = half_of(&house, &account, 1).await;
        let of = (&account, fresh.holder());
        factors::propose(db, vault, chapter, of, house.now).await.unwrap();
        let proposal = factors::proposed(db, vault, chapter, of, house.now).await.unwrap();
        let secret = proposal.unwrap().groups().to_string();
        let code = code_of(&secret, house.now);
        let from = (peer(7), house.now);
        let wrong = set_up(db, vault, chapter, (&fresh, "000000"), from).await.unwrap();
        assert!(matches!(wrong, SecondStep::Refused));
        let done = set_up(db, vault, chapter, (&fresh, &code), from).await.unwrap();
        assert!(matches!(done, SecondStep::Welcome(_, codes) if codes.len() == 10));
        let half = half_of(&house, &account, 1).await;
        let of = (&account, half.holder());
        factors::propose(db, vault, chapter, of, house.now).await.unwrap();
        let again = set_up(db, vault, chapter, (&half, &code), from).await.unwrap();
        assert!(matches!(again, SecondStep::Over), "{again:?}");
    }
}
