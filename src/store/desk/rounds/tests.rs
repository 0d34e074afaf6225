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
        goods: None,
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
        let own = (&draft.voucher.id, Kind::AidPaid);
        assign(db, chapter, &id, own, std::slice::from_ref(&one)).await.unwrap();
        let frozen = place(db, vault, chapter, (&id, now), (&list, &[]), house.now).await;
        assert_eq!(refusal(frozen), DeskRefusal::RoundFrozen);
        let served = lines(db, vault, chapter, &id).await.unwrap();
        let served: Vec<_> = served.iter().map(|line| (&line.family, line.money.served)).collect();
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

/// A `goods_distributed` of round `dot-1` to families of the register.
fn given(house: &House, number: u16, families: &[&Person]) -> (SignedVoucher, Vec<PrivateValue>) {
    let named: Vec<_> = families.iter().map(|family| (*family, None)).collect();
    let (aid, values) = aid(house, number, &named);
    let mut value = aid.voucher.value();
    value["kind"] = json!("goods_distributed");
    value["store"] = json!("kho");
    value.as_object_mut().unwrap().remove("place");
    for line in value["lines"].as_array_mut().unwrap() {
        line.as_object_mut().unwrap().remove("amount");
        line["items"] = json!([{"item": "gao", "quantity": "12.5"}]);
    }
    (house.signed(&Voucher::read(&value).unwrap()), values)
}

/// A voucher that brings back what another one gave to one family.
fn back(house: &House, number: u16) -> SignedVoucher {
    let value = json!({
        "amount": 500_000, "by": house.key(1).name(), "date": "2026-11-21",
        "id": format!("019a5000-0000-7000-8000-{number:012x}"), "kind": "handover_returned",
        "lines": 1, "log": house.chapter.origin.as_str(), "of": 5,
    });
    house.signed(&Voucher::read(&value).unwrap())
}

#[tokio::test]
async fn goods_stand_beside_money_and_both_vouchers_of_a_list_serve_once() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (id, officer) = (house.person(50), house.person(1));
        let family = house.known(Role::Family, "Hộ Một").await;
        let items = r#"[{"item":"gao","quantity":"12.5"},{"item":"chan","quantity":"1"}]"#;
        let goods = Goods {
            store: "kho".parse().unwrap(),
            fund: "hien-vat".parse().unwrap(),
            items: serde_json::from_str(items).unwrap(),
        };
        make(db, chapter, (&id, &terms("dot-1")), &officer, house.now).await.unwrap();
        let both = Terms { goods: Some(goods.clone()), ..terms("dot-1") };
        change(db, chapter, (&id, 0), &both).await.unwrap();
        let list = [placed(&family, None)];
        place(db, vault, chapter, (&id, 1), (&list, &[]), house.now).await.unwrap();
        let round = get(db, chapter, &id).await.unwrap().unwrap();
        assert_eq!(round.terms, both);

        let families = std::slice::from_ref(&family);
        for (voucher, kind) in [
            (aid(&house, 1, &[(&family, None)]), Kind::AidPaid),
            (given(&house, 2, &[&family]), Kind::GoodsDistributed),
        ] {
            let own = (&voucher.0.voucher.id, kind);
            assign(db, chapter, &id, own, families).await.unwrap();
            lay(&house, &voucher).await.unwrap();
        }
        assert_eq!(get(db, chapter, &id).await.unwrap().unwrap().served, 1);
        let line = lines(db, vault, chapter, &id).await.unwrap().remove(0);
        assert!(!line.lacks_money() && !line.lacks_goods(&both) && !line.is_absent());
        // A third voucher is another time.
        let third = lay(&house, &given(&house, 3, &[&family])).await;
        assert_eq!(refusal(third), DeskRefusal::ServedInRound(1));
        // Of two that are laid, one sent back leaves the other.
        let goods = "019a5000-0000-7000-8000-000000000002".parse().unwrap();
        drafts::withdraw(db, chapter, &goods, &officer, house.now).await.unwrap();
        let line = lines(db, vault, chapter, &id).await.unwrap().remove(0);
        assert!(!line.lacks_money() && line.lacks_goods(&both));
        assert!(get(db, chapter, &id).await.unwrap().unwrap().is_frozen());
    }
}

#[tokio::test]
async fn an_absent_family_may_be_served_again_once_its_part_is_back() {
    for house in house::all().await {
        let (db, vault, chapter) = (&house.db, &house.vault, &house.chapter);
        let (id, next, officer) = (house.person(50), house.person(51), house.person(1));
        let family = house.known(Role::Family, "Hộ Một").await;
        let families = std::slice::from_ref(&family);
        make(db, chapter, (&id, &terms("dot-1")), &officer, house.now).await.unwrap();
        make(db, chapter, (&next, &terms("dot-2")), &officer, house.now).await.unwrap();
        let list = [placed(&family, None)];
        place(db, vault, chapter, (&id, 0), (&list, &[]), house.now).await.unwrap();
        let voucher = aid(&house, 1, &[(&family, None)]);
        let handover = voucher.0.voucher.id.clone();
        assign(db, chapter, &id, (&handover, Kind::AidPaid), families).await.unwrap();
        lay(&house, &voucher).await.unwrap();

        let (tet, dot) = ("tet".parse().unwrap(), "dot-1".parse().unwrap());
        let noted = async |number: u16| {
            let signed = back(&house, number);
            drafts::lay(db, vault, chapter, &signed, &[], &officer, house.now).await.unwrap();
            let ids = (&handover, &signed.voucher.id);
            note_returned(db, chapter, (&tet, &dot), ids, families).await
        };
        let later = aid(&house, 9, &[(&family, None)]);
        noted(2).await.unwrap();
        assert_eq!(refusal(noted(3).await), DeskRefusal::RoundMoved, "it comes back once");
        let again = lay(&house, &later).await;
        assert_eq!(refusal(again), DeskRefusal::ServedInRound(1), "it is not back yet");
        // Withdrawn: the family counts as served, and may be noted as absent anew.
        let first = "019a5000-0000-7000-8000-000000000002".parse().unwrap();
        drafts::withdraw(db, chapter, &first, &officer, house.now).await.unwrap();
        assert!(!lines(db, vault, chapter, &id).await.unwrap()[0].is_absent());
        noted(4).await.unwrap();
        let terms = get(db, chapter, &next).await.unwrap().unwrap().terms;
        assert!(absent_before(db, chapter, &terms).await.unwrap().is_empty());
        let text = "UPDATE desk_drafts SET state = 'recorded', seq = 6, decided_by = made_by, \
             decided_at = made_at WHERE chapter = $1 AND id = $2";
        let recorded = values![chapter.id, "019a5000-0000-7000-8000-000000000004"];
        sql::execute(db, text, recorded).await.unwrap();
        let line = lines(db, vault, chapter, &id).await.unwrap().remove(0);
        assert!(line.is_absent() && line.lacks_money());
        assert!(absent_before(db, chapter, &terms).await.unwrap().contains(&family));
        assert!(get(db, chapter, &id).await.unwrap().unwrap().is_frozen());
        lay(&house, &later).await.unwrap();
        assert!(absent_before(db, chapter, &terms).await.unwrap().is_empty());
    }
}
