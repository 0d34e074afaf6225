//! Entries appended by somebody who holds the log key and some officer's key: the public verifier
//! names the entry and the reason.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minhbach::ledger::entry::{Entry, SignedVoucher, leaf_hash};
use minhbach::ledger::tree::sha256;
use minhbach::verify::report::{Outcome, Report, Step};
use serde_json::{Value, json};

use crate::books::{Desk, LOG, Opening, log_key, officer_key, opaque};
use crate::published::Published;

/// Money in a fund, a deputy in office since entry 3 and another retired by entry 4.
fn desk() -> Desk {
    let mut desk = Desk::open(&Opening::default());
    let fund = json!({"code": "chung", "type": "general", "name": "Quỹ chung",
        "terms": {"text": "Dùng chung", "costs": true}});
    desk.enter("fund_opened", json!({"fund": fund})).unwrap();
    let gift = gift(&mut desk);
    desk.enter("donation", gift).unwrap();
    desk.make_key("moi");
    let officer = desk.officer("moi", &["deputy_chair"]);
    desk.enter("officer_enrolled", json!({"officer": officer})).unwrap();
    desk.enter("officer_retired", json!({"person": opaque("pho")})).unwrap();
    desk
}

fn gift(desk: &mut Desk) -> Value {
    let donor = desk.donor();
    json!({"amount": 500_000, "place": "cash", "fund": "chung", "donor": donor, "method": "cash"})
}

fn cost() -> Value {
    json!({"place": "cash", "fund": "chung", "category": "printing", "amount": 1_000,
        "payee": {"type": "organisation", "name": "Nhà in"}})
}

/// The ledger with one more entry, whatever it is, under a good signature of the log.
fn verified(mut entries: Vec<Vec<u8>>, last: Vec<u8>) -> Report {
    entries.push(last);
    let size = u64::try_from(entries.len()).unwrap();
    let published = Published {
        entries,
        origin: LOG.to_owned(),
        statements: Default::default(),
        disclosures: String::new(),
        sizes: vec![size],
    };
    published.verify(&log_key("log"))
}

fn next(entries: &[Vec<u8>], at: &str, signed: SignedVoucher) -> Vec<u8> {
    let seq = u64::try_from(entries.len()).unwrap();
    let prev = leaf_hash(entries.last().unwrap());
    Entry { at: at.parse().unwrap(), prev, seq, before: 0, signed }.bytes().unwrap()
}

fn changed(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(bytes).unwrap();
    change(&mut value);
    minhbach::ledger::canonical::encode(&value)
}

fn found(report: &Report) -> (Step, Option<u64>, &str) {
    let broken = report.broken.as_ref().unwrap_or_else(|| panic!("nothing found: {report}"));
    assert_eq!(report.outcome, Outcome::Broken, "{report}");
    (broken.step, broken.seq, broken.code.as_str())
}

#[test]
fn a_retired_key_signs_nothing_more_and_a_new_one_nothing_before() {
    let mut desk = desk();
    let at = desk.at.clone();
    let late = desk.sign_as("cost_paid", cost(), &[("recorder", "thu"), ("approver", "pho")]);
    let report = verified(desk.bytes.clone(), next(&desk.bytes, &at, late));
    assert_eq!(found(&report), (Step::Authority, Some(5), "key-not-in-force"), "{report}");
    let early = desk.sign_as("cost_paid", cost(), &[("recorder", "thu"), ("approver", "moi")]);
    let before = desk.bytes[..3].to_vec();
    let report = verified(before.clone(), next(&before, &at, early.clone()));
    assert_eq!(found(&report), (Step::Authority, Some(3), "key-not-in-force"), "{report}");
    let report = verified(desk.bytes.clone(), next(&desk.bytes, &at, early));
    assert_eq!(report.outcome, Outcome::Sound, "in office it may: {report}");
}

#[test]
fn the_key_of_another_chapter_signs_nothing_here() {
    let mut desk = desk();
    let members = gift(&mut desk);
    let honest = desk.sign_as("donation", members, &[("recorder", "thu")]);
    let honest = next(&desk.bytes, &desk.at, honest);
    let foreign = format!("so.example/khac/officer/{}", opaque("key thu"));
    let report = verified(
        desk.bytes.clone(),
        changed(&honest, |value| value["signatures"][0]["key"] = json!(foreign.as_str())),
    );
    let (step, seq, _) = found(&report);
    assert!(matches!(step, Step::Form | Step::Authority) && seq == Some(5), "{report}");
    // The same name with another chapter's key behind it.
    let stranger = officer_key("khac");
    let report = verified(
        desk.bytes.clone(),
        changed(&honest, |value| {
            let voucher = minhbach::ledger::canonical::encode(&value["voucher"]);
            let role = minhbach::ledger::keys::SignatureRole::Recorder;
            let message = minhbach::ledger::keys::voucher_message(role, &voucher);
            value["signatures"][0]["sig"] = json!(stranger.sign(&message).encode());
        }),
    );
    assert_eq!(found(&report), (Step::Signatures, Some(5), "signature-invalid"), "{report}");
}

#[test]
fn a_weak_key_is_never_enrolled() {
    let mut desk = desk();
    desk.make_key("yeu");
    let members = json!({"officer": desk.officer("yeu", &["caseworker"])});
    let list = [("recorder", "thu"), ("approver", "chu"), ("holder", "yeu")];
    let honest = desk.sign_as("officer_enrolled", members, &list);
    let honest = next(&desk.bytes, &desk.at, honest);
    let name = desk.key("yeu").name().to_owned();
    // The neutral point, and one of order 8: whoever likes signs for them.
    let neutral = [&[1_u8][..], &[0; 31]].concat();
    let eight =
        hex::decode("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05").unwrap();
    for point in [neutral, vec![0; 32], eight] {
        let typed = [&[1_u8][..], &point].concat();
        let id = sha256(&[name.as_bytes(), b"\n", &typed].concat());
        let vkey = format!("{name}+{}+{}", hex::encode(&id.0[..4]), BASE64_STANDARD.encode(typed));
        let weak = changed(&honest, |value| value["voucher"]["officer"]["vkey"] = json!(vkey));
        let report = verified(desk.bytes.clone(), weak);
        assert_eq!(found(&report), (Step::Form, Some(5), "form"), "{report}");
    }
}

#[test]
fn signatures_too_few_too_many_or_of_one_person_are_found() {
    let mut desk = desk();
    let at = desk.at.clone();
    for list in [
        &[("recorder", "thu")][..],
        &[("recorder", "thu"), ("approver", "thu")],
        &[("recorder", "thu"), ("approver", "chu"), ("approver", "moi")],
        &[("approver", "chu"), ("recorder", "thu")],
        &[("recorder", "thu"), ("holder", "chu")],
    ] {
        let signed = desk.sign_as("cost_paid", cost(), list);
        let report = verified(desk.bytes.clone(), next(&desk.bytes, &at, signed));
        let (step, seq, _) = found(&report);
        assert!(matches!(step, Step::Form | Step::Authority), "{list:?}: {report}");
        assert_eq!(seq, Some(5), "{list:?}");
    }
}
