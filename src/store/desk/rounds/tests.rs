//! Rounds of distribution.
#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::*;
use crate::ledger::disclosure::Disclosure;
use crate::ledger::entry::SignedVoucher;
use crate::ledger::voucher::Voucher;
use crate::store::desk::drafts;
use crate::store::desk::house::{self, House};
use crate::store::desk::register::Role;
use crate::store::desk::vault;

fn refusal<T: std::fmt::Debug>(answer: Result<T, DeskFault>) -> DeskRefusal {
    answer.unwrap_err().refusal().cloned().unwrap()
}

fn terms(round: &str) -> Terms {
    Terms {
        programme: "tet".parse().unwrap(),
        round: round.parse().unwrap(),
        date: "2026-11-20".parse().unwrap(),
        place: "cash".parse().unwrap(),
        fund: "chung".parse().unwrap(),
        amount: Money::new(500_000).unwrap(),
    }
}

fn placed(family: &Person, reason: Option<&str>) -> Placed {
    let amount = Money::new(500_000).unwrap();
    Placed { family: family.clone(), amount, reason: reason.map(str::to_owned) }
}

/// An `aid_paid` of round `dot-1` to families of the register, each with a reason or none.
fn aid(
    house: &House,
    number: u16,
    families: &[(&Person, Option<&str>)],
) -> (SignedVoucher, Vec<PrivateValue>) {
    let (mut lines, mut values, mut words) = (Vec::new(), Vec::new(), Vec::new());
    for (family, reason) in families {
        let subject = Subject::Person((*family).clone());
        let made = |name, text: &str| Disclosure::make(name, Value::from(text)).unwrap();
        let own = [made(PrivateName::FullName, "Hộ"), made(PrivateName::Category, "poor")];
        let mut digests: Vec<String> = own.iter().map(|own| own.digest().to_string()).collect();
        digests.sort();
        lines.push(json!({"_sd": digests, "amount": 500_000}));
        let again = reason.map(|reason| made(PrivateName::Words, reason));
        words.extend(again.iter().map(|own| own.digest().to_string()));
        values.extend(
            own.into_iter()
                .chain(again)
                .map(|disclosure| PrivateValue { disclosure, subject: subject.clone() }),
        );
    }
    lines.sort_by_key(|line| line["_sd"][0].as_str().unwrap().to_owned());
    words.sort();
    let mut value = json!({
        "by": house.key(1).name(), "date": "2026-11-20", "fund": "chung", "kind": "aid_paid",
        "id": format!("019a5000-0000-7000-8000-{number:012x}"), "lines": lines,
        "log": house.chapter.origin.as_str(), "place": "cash", "programme": "tet",
        "round": "dot-1",
    });
    if !words.is_empty() {
        value["_sd"] = json!(words);
    }
    (house.signed(&Voucher::read(&value).unwrap()), values)
}

async fn lay(
    house: &House,
    (signed, private): &(SignedVoucher, Vec<PrivateValue>),
) -> Result<Draft, DeskFault> {
    let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
    let by = house.person(1);
    let draft = drafts::lay(db, vault, chapter, signed, private, &by, house.now).await?;
    note_served(db, chapter, &draft, private).await?;
    Ok(draft)
}

#[tokio::test]
async fn a_list_is_changed_from_its_version_until_vouchers_freeze_it() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (id, officer) = (house.person(50), house.person(1));
        let one = house.known(Role::Family, "Hộ Một").await;
        let two = house.known(Role::Family, "Hộ Hai").await;
        let donor = house.known(Role::Donor, "Không phải hộ").await;
        for _ in 0..2 {
            make(db, chapter, (&id, &terms("dot-1")), &officer, house.now).await.unwrap();
        }
        let other = house.person(51);
        let taken = make(db, chapter, (&other, &terms("dot-1")), &officer, house.now).await;
        assert_eq!(refusal(taken), DeskRefusal::RoundTaken);
        let list = [placed(&one, None), placed(&two, None)];
        place(db, vault, chapter, (&id, 0), (&list, &[]), house.now).await.unwrap();
        let moved = place(db, vault, chapter, (&id, 0), (&list, &[]), house.now).await;
        assert_eq!(refusal(moved), DeskRefusal::RoundMoved);
        let stranger = [placed(&donor, None)];
        let gone = place(db, vault, chapter, (&id, 1), (&stranger, &[]), house.now).await;
        assert_eq!(refusal(gone), DeskRefusal::Gone);
        let round = all(db, chapter).await.unwrap().remove(0);
        assert_eq!((round.families, round.total.minor(), round.served), (2, 1_000_000, 0));
        assert!(get(db, &house.other, &id).await.unwrap().is_none());

        let voucher = aid(&house, 1, &[(&one, None)]);
        let draft = lay(&house, &voucher).await.unwrap();
        let now = round.version;
        assign(db, chapter, &id, &draft.voucher.id, std::slice::from_ref(&one)).await.unwrap();
        let frozen = place(db, vault, chapter, (&id, now), (&list, &[]), house.now).await;
        assert_eq!(refusal(frozen), DeskRefusal::RoundFrozen);
        let served = lines(db, vault, chapter, &id).await.unwrap();
        let served: Vec<_> = served.iter().map(|line| (&line.family, line.served)).collect();
        assert!(served.contains(&(&one, true)) && served.contains(&(&two, false)));

        drafts::withdraw(db, chapter, &draft.voucher.id, &officer, house.now).await.unwrap();
        let round = get(db, chapter, &id).await.unwrap().unwrap();
        assert!(!round.is_frozen());
        place(db, vault, chapter, (&id, round.version), (&[], &[two]), house.now).await.unwrap();
        assert_eq!(lines(db, vault, chapter, &id).await.unwrap().len(), 1);
        assert_eq!(refusal(discard(db, chapter, (&id, 0)).await), DeskRefusal::RoundMoved);
        let version = get(db, chapter, &id).await.unwrap().unwrap().version;
        discard(db, chapter, (&id, version)).await.unwrap();
        assert!(get(db, chapter, &id).await.unwrap().is_none());
        assert!(lines(db, vault, chapter, &id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_second_time_in_a_round_needs_a_reason_which_goes_with_the_family() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (id, officer) = (house.person(50), house.person(1));
        let family = house.known(Role::Family, "Hộ Một").await;
        let first = aid(&house, 1, &[(&family, None)]);
        for _ in 0..2 {
            lay(&house, &first).await.unwrap();
        }
        assert_eq!(
            refusal(lay(&house, &aid(&house, 2, &[(&family, None)])).await),
            DeskRefusal::ServedInRound(1)
        );
        lay(&house, &aid(&house, 3, &[(&family, Some("Nhà cháy đêm qua"))])).await.unwrap();

        make(db, chapter, (&id, &terms("dot-1")), &officer, house.now).await.unwrap();
        let silent = [placed(&family, None)];
        let refused = place(db, vault, chapter, (&id, 0), (&silent, &[]), house.now).await;
        assert_eq!(refusal(refused), DeskRefusal::ServedInRound(1));
        let version = get(db, chapter, &id).await.unwrap().unwrap().version;
        let excused = [placed(&family, Some("Nhà cháy đêm qua"))];
        place(db, vault, chapter, (&id, version), (&excused, &[]), house.now).await.unwrap();
        let listed = lines(db, vault, chapter, &id).await.unwrap();
        assert_eq!(listed[0].reason.as_deref(), Some("Nhà cháy đêm qua"));

        for number in [1_u16, 3] {
            let voucher = format!("019a5000-0000-7000-8000-{number:012x}").parse().unwrap();
            drafts::withdraw(db, chapter, &voucher, &officer, house.now).await.unwrap();
        }
        let voucher = "019a5000-0000-7000-8000-000000000002".parse().unwrap();
        drafts::withdraw(db, chapter, &voucher, &officer, house.now).await.unwrap();
        let subject = Subject::Person(family);
        vault::erase(db, chapter, &officer, &subject, house.now).await.unwrap();
        assert!(lines(db, vault, chapter, &id).await.unwrap().is_empty());
        assert!(get(db, chapter, &id).await.unwrap().unwrap().families == 0);
    }
}
