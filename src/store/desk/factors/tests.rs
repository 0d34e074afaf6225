//! Codes and recovery codes under a fixed clock, on both databases.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::desk::accounts;
use crate::store::desk::house::{self, House};
use crate::store::desk::passphrase::Passphrase;
use crate::store::desk::sealing::Sealer;

pub(in crate::store::desk) async fn officer(house: &House, number: u8) -> Account {
    let (key, sealer) = (house.key(number), Sealer::cheap_for_tests());
    let words = Passphrase::read("con trâu đi trước").unwrap();
    let origin = &house.chapter.origin;
    let lock = sealer.seal(origin, key.public(), words, Some(house.key(number))).await.unwrap();
    let (name, person) = (format!("officer{number}"), house.person(number));
    accounts::create(&house.db, &house.chapter, &name, &person, key.public(), &lock, house.now)
        .await
        .unwrap()
}

/// The code of a secret as its owner reads it, so many seconds later.
pub(in crate::store::desk) fn code_of(groups: &str, now: DateTime<Utc>) -> String {
    let secret = Secret::try_from_base32(groups.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    totp.generate(u64::try_from(now.timestamp()).unwrap()).to_string()
}

/// Turns codes on at the house's moment: the secret, and the recovery codes.
pub(in crate::store::desk) async fn turned_on(
    house: &House,
    account: &Account,
) -> (String, Vec<RecoveryCode>) {
    let (db, vault, chapter, now) = (&house.db, &house.vault, &house.chapter, house.now);
    let cookie = Cookie::random().unwrap();
    let of = (account, &cookie);
    propose(db, vault, chapter, of, now).await.unwrap();
    let proposal = proposed(db, vault, chapter, of, now).await.unwrap().unwrap();
    let groups = proposal.groups().to_string();
    let code = code_of(&groups, now);
    let codes = turn_on(db, vault, chapter, of, &code, now).await.unwrap().unwrap();
    (groups, codes)
}

async fn takes(house: &House, account: &Account, typed: &OneTime, seconds: i64) -> bool {
    let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
    let done = accept(db, vault, chapter, account, typed, house.later(seconds)).await;
    done.unwrap() == Accepted::Yes
}

fn digits(code: &str) -> OneTime {
    OneTime::read(code, "").unwrap()
}

/// RFC 6238, appendix B: the last six digits of the published ones.
#[test]
fn codes_agree_with_the_published_vectors() {
    let chapter = Chapter {
        id: 1,
        origin: "so.example/xuan-tay".parse().unwrap(),
        identity: "so.example/xuan-tay".parse().unwrap(),
    };
    let totp = totp(&chapter, "lan", b"12345678901234567890").unwrap();
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ] {
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        assert_eq!(step(&totp, code, at), Some(seconds / 30), "{seconds}");
        assert_eq!(step(&totp, "000000", at), None);
    }
    assert_eq!(step(&totp, "287082", DateTime::from_timestamp(-1, 0).unwrap()), None);
    let address = Proposal(totp).address().unwrap();
    assert!(address.starts_with("otpauth://totp/"), "{}", *address);
    assert!(address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{}", *address);
}

#[tokio::test]
async fn a_code_is_good_one_step_around_its_own_and_never_twice() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (groups, _) = turned_on(&house, &account).await;
        let at = |seconds| digits(&code_of(&groups, house.later(seconds)));
        assert!(!takes(&house, &account, &at(0), 0).await, "the one that turned it on is used");
        assert!(!takes(&house, &account, &at(-30), 0).await, "nor an earlier one");
        assert!(!takes(&house, &account, &at(150), 60).await, "two steps ahead and more");
        assert!(!takes(&house, &account, &at(60), 150).await, "two steps behind and more");
        assert!(takes(&house, &account, &at(180), 150).await, "one ahead: a phone that is fast");
        assert!(!takes(&house, &account, &at(180), 150).await, "replayed");
        assert!(!takes(&house, &account, &at(150), 180).await, "a step before the last one used");
        assert!(takes(&house, &account, &at(240), 270).await, "one behind: a phone that is slow");
    }
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_only_its_digest_is_kept() {
    for house in house::all().await {
        let (account, other) = (officer(&house, 1).await, officer(&house, 2).await);
        let (_, codes) = turned_on(&house, &account).await;
        turned_on(&house, &other).await;
        assert_eq!(codes.len(), CODES);
        let typed = |code: &RecoveryCode| OneTime::read("", &code.text().to_lowercase()).unwrap();
        assert!(!takes(&house, &other, &typed(&codes[0]), 9).await, "another officer's");
        assert!(takes(&house, &account, &typed(&codes[0]), 9).await);
        assert!(!takes(&house, &account, &typed(&codes[0]), 9).await, "twice");
        let left = status(&house.db, &house.chapter, &account.id).await.unwrap().codes_left;
        assert_eq!(left, 9);
        let new = new_codes(&house.db, &house.chapter, &account, house.now).await.unwrap();
        assert!(!takes(&house, &account, &typed(&codes[1]), 9).await, "made before the new ones");
        assert!(takes(&house, &account, &typed(&new[1]), 9).await);
        if house.folder.is_some() {
            let raw = house.raw_hex();
            for code in codes.iter().chain(&new) {
                assert!(!house::holds(&raw, code.0.as_slice()));
                assert!(!house::holds(&raw, code.text().as_bytes()));
            }
        }
    }
}

#[tokio::test]
async fn under_another_vault_key_no_code_is_checked_and_recovery_codes_go_on() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (groups, codes) = turned_on(&house, &account).await;
        let (db, chapter, now) = (&house.db, &house.chapter, house.later(60));
        let other = Vault::new(&[8; 32]);
        let code = digits(&code_of(&groups, now));
        let answer = async |vault: &Vault, typed: &OneTime| {
            accept(db, vault, chapter, &account, typed, now).await.unwrap()
        };
        assert_eq!(answer(&other, &code).await, Accepted::Unreadable);
        let recovery = OneTime::Recovery(codes[0].clone());
        assert_eq!(answer(&other, &recovery).await, Accepted::Yes);
        reseal(db, chapter, (&house.vault, &other)).await.unwrap();
        assert_eq!(answer(&other, &code).await, Accepted::Yes, "sealed anew");
    }
}

#[tokio::test]
async fn a_new_secret_replaces_the_one_in_use_only_with_its_first_code() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (old, _) = turned_on(&house, &account).await;
        let (now, cookie) = (house.later(60), Cookie::random().unwrap());
        let (of, other) = ((&account, &cookie), Cookie::random().unwrap());
        propose(db, vault, chapter, of, now).await.unwrap();
        let new = proposed(db, vault, chapter, of, now).await.unwrap().unwrap();
        let new = new.groups().to_string();
        assert!(takes(&house, &account, &digits(&code_of(&old, now)), 60).await, "still in use");
        let wrong = turn_on(db, vault, chapter, of, &code_of(&old, now), now).await;
        assert!(wrong.unwrap().is_none());
        let late = house.later(60) + WAITS;
        let late = turn_on(db, vault, chapter, of, &code_of(&new, late), late).await;
        assert!(late.unwrap().is_none(), "it waited too long");
        let code = code_of(&new, now);
        let elsewhere = turn_on(db, vault, chapter, (&account, &other), &code, now).await;
        assert!(elsewhere.unwrap().is_none(), "another session of the account");
        let seen = proposed(db, vault, chapter, (&account, &other), now).await;
        assert!(seen.unwrap().is_none());
        assert!(turn_on(db, vault, chapter, of, &code, now).await.unwrap().is_some());
        assert!(turn_on(db, vault, chapter, of, &code, now).await.unwrap().is_none());
        assert!(!takes(&house, &account, &digits(&code_of(&old, house.later(120))), 120).await);
        assert!(takes(&house, &account, &digits(&code_of(&new, house.later(120))), 120).await);
        assert!(turn_off(db, chapter, &account.id).await.unwrap());
        assert_eq!(status(db, chapter, &account.id).await.unwrap(), Status::default());
        assert!(!takes(&house, &account, &digits(&code_of(&new, house.later(180))), 180).await);
    }
}

#[tokio::test]
async fn a_vault_key_that_is_not_the_databases_seals_nothing_and_stops_no_rotation() {
    for house in house::all().await {
        let (account, other) = (officer(&house, 1).await, officer(&house, 2).await);
        let (db, chapter) = (&house.db, &house.chapter);
        let cookie = Cookie::random().unwrap();
        let foreign = Vault::new(&[8; 32]).foreign();
        let refused = propose(db, &foreign, chapter, (&account, &cookie), house.now).await;
        assert!(matches!(refused, Err(DeskFault::Refused(DeskRefusal::OtherVault))));
        let (groups, codes) = turned_on(&house, &account).await;
        turned_on(&house, &other).await;
        let text = "UPDATE desk_factors SET secret = $1 WHERE chapter = $2 AND account = $3";
        let damaged = values![vec![7_u8; 60], chapter.id, other.id.as_str()];
        sql::execute(db, text, damaged).await.unwrap();
        let new = Vault::new(&[9; 32]);
        let unopened = reseal(db, chapter, (&house.vault, &new)).await.unwrap();
        assert_eq!(unopened, BTreeSet::from([other.id.clone()]));
        let code = digits(&code_of(&groups, house.later(60)));
        let done = accept(db, &new, chapter, &account, &code, house.later(60)).await.unwrap();
        assert_eq!(done, Accepted::Yes);
        let recovery = OneTime::Recovery(codes[0].clone());
        let done = accept(db, &new, chapter, &account, &recovery, house.now).await.unwrap();
        assert_eq!(done, Accepted::Yes);
    }
}

#[tokio::test]
async fn a_lost_device_has_to_be_replaced_before_the_mark_goes() {
    for house in house::all().await {
        let account = officer(&house, 1).await;
        turned_on(&house, &account).await;
        let (db, chapter) = (&house.db, &house.chapter);
        lose(db, chapter, &account.id).await.unwrap();
        let lost = status(db, chapter, &account.id).await.unwrap();
        assert_eq!(lost, Status { since: None, codes_left: 0, must_set_up: true });
        turned_on(&house, &account).await;
        let found = status(db, chapter, &account.id).await.unwrap();
        assert!(!found.must_set_up && found.since.is_some());
    }
}

#[test]
fn recovery_codes_are_read_as_people_copy_them() {
    for _ in 0..50 {
        let code = RecoveryCode::random().unwrap();
        assert_eq!(RecoveryCode::parse(&code.text()), Some(code.clone()));
        let loose = format!(" {} ", code.text().replace('-', " ").to_lowercase());
        assert_eq!(RecoveryCode::parse(&loose.replace('0', "o").replace('1', "l")), Some(code));
    }
    for odd in ["", "7Q2M", "7Q2M-X4TB-9KD1-0VH", "7Q2M-X4TB-9KD1-0VHZ-1", "7Q2M-X4TB-9KD1-0VHU"] {
        assert_eq!(RecoveryCode::parse(odd), None, "{odd}");
    }
    assert!(OneTime::read("", "").is_none() && OneTime::read("12345", "").is_none());
    assert!(OneTime::read("123456", "7Q2M-X4TB-9KD1-0VHZ").is_none(), "one of both");
    assert!(OneTime::read("１２３４５６", "").is_none() && OneTime::read("12345a", "").is_none());
    assert!(matches!(OneTime::read(" 123 456 ", ""), Some(OneTime::Code(_))));
    assert!(!format!("{:?}", OneTime::read("123456", "")).contains("123456"));
}
