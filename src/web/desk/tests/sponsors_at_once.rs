//! Regular sponsorship with several officers at once, and with more plans than one slip takes.

use super::sponsors::{CONTACT, PATH, SPONSOR, boxes, furnished, plan, with};
use super::*;
use crate::ledger::word::{Date, Person};
use crate::money::Money;
use crate::store::desk::register::Record;
use crate::store::desk::sponsorship::{Every, Gift, Link, Plan, Sponsor, Step};

const MOVED: &str = "Người khác vừa sửa kế hoạch này";
const RECORD_MOVED: &str = "Người khác vừa sửa thông tin của người đỡ đầu này";

/// A change of a plan as its form sends it, from a version of it and of its sponsor's record.
fn change<'a>(
    (version, record): (&'a str, &'a str),
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("version", version),
        ("record", record),
        ("name", SPONSOR),
        ("phone", CONTACT),
        ("contact", ""),
        ("family[]", "Kiều Thị Ổi"),
        ("amount[]", "450.000"),
        ("since", "01/11/2026"),
        ("until", ""),
        ("programme", "do-dau"),
        ("notes", "Bản của tôi"),
    ];
    for (name, value) in changes {
        all.iter_mut().find(|(own, _)| own == name).unwrap().1 = value;
    }
    all
}

#[rocket::async_test]
async fn a_form_with_another_fault_still_tells_that_the_plan_was_changed() {
    let (house, _) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let action = format!("{PATH}/{id}/sua");
    let theirs = change(("0", "0"), &[("notes", "Bản của người kia")]);
    assert_eq!(house.send(&action, &action, &theirs).await.0, Status::SeeOther);
    for _ in 0..2 {
        let faulty = change(("0", "0"), &[("amount[]", "x")]);
        let (status, html) = house.send(&action, &action, &faulty).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(!html.contains(MOVED) && hidden(&html, "version") == "0", "{html}");
    }
    let (status, html) = house.send(&action, &action, &change(("0", "0"), &[])).await;
    assert!(status == Status::UnprocessableEntity && html.contains(MOVED), "{html}");
    let (_, page) = house.get(&format!("{PATH}/{id}")).await;
    assert!(page.contains("Bản của người kia"), "nothing was overwritten");
    let version = hidden(&html, "version");
    assert_eq!(version, "1");
    let mine = change((&version, "0"), &[]);
    assert_eq!(house.send(&action, &action, &mine).await.0, Status::SeeOther);
    assert!(house.get(&format!("{PATH}/{id}")).await.1.contains("Bản của tôi"));
}

#[rocket::async_test]
async fn an_older_form_of_another_plan_does_not_put_back_what_was_known_of_the_sponsor() {
    let (house, _) = furnished().await;
    let first = house.sponsorship(&plan()).await;
    let (_, html) = house.get(&format!("{PATH}/{first}")).await;
    let (_, rest) = html.split_once("/ban/xoa-thong-tin?nguoi=").unwrap();
    let donor: &'static str = rest.split('"').next().unwrap().to_owned().leak();
    let second = with(&[("sponsor", donor), ("name", ""), ("phone", "")]);
    let second = house.sponsorship(&second).await;
    let of = |id: &str| format!("{PATH}/{id}/sua");
    let newer = change(("0", "0"), &[("phone", "0999888777")]);
    assert_eq!(house.send(&of(&first), &of(&first), &newer).await.0, Status::SeeOther);
    let older = change(("0", "0"), &[]);
    let (status, html) = house.send(&of(&second), &of(&second), &older).await;
    assert!(status == Status::UnprocessableEntity && html.contains(RECORD_MOVED), "{html}");
    assert_eq!((hidden(&html, "version"), hidden(&html, "record")), ("0".into(), "1".into()));
    let (_, page) = house.get(&format!("{PATH}/{second}")).await;
    assert!(page.contains("0999888777") && !page.contains("Bản của tôi"), "nothing was kept");
    // With the newer number the record says what it said: of an older version or not.
    let mended = change(("0", "0"), &[("phone", "0999888777")]);
    assert_eq!(house.send(&of(&second), &of(&second), &mended).await.0, Status::SeeOther);
    let decided = change(("1", "1"), &[]);
    assert_eq!(house.send(&of(&second), &of(&second), &decided).await.0, Status::SeeOther);
    assert!(house.get(&format!("{PATH}/{first}")).await.1.contains(CONTACT));
    for (version, record) in [("x", "0"), ("0", "")] {
        let (status, _) =
            house.send(&of(&first), &of(&first), &change((version, record), &[])).await;
        assert_eq!(status, Status::BadRequest);
    }
}

#[rocket::async_test]
async fn a_box_means_its_voucher_also_after_another_one_was_taken_off() {
    let (house, _) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let page = format!("{PATH}/{id}");
    for _ in 0..2 {
        house.filled(&format!("{page}/phieu-thu"), "/ban/phieu-thu").await;
    }
    let (_, html) = house.get(&page).await;
    let (version, all) = (hidden(&html, "version"), boxes(&html));
    let [newer, older] = all.as_slice() else { panic!("{all:?}") };
    let action = format!("{page}/go-khop");
    let tick = [("version", version.as_str()), ("match[]", older.as_str())];
    assert_eq!(house.send(&page, &action, &tick).await.0, Status::SeeOther);
    // The second officer had ticked the same one.
    let (status, html) = house.send(&page, &action, &tick).await;
    assert!(status == Status::UnprocessableEntity && html.contains(MOVED), "{html}");
    assert_eq!(boxes(&html), [newer.as_str()]);
    let (_, form) = html.split_once(&format!("action=\"{action}\"")).unwrap();
    assert!(!form.split("</form>").next().unwrap().contains(" checked"), "{form}");
    let version = hidden(form, "version");
    let tick = [("version", version.as_str()), ("match[]", older.as_str())];
    assert_eq!(house.send(&page, &action, &tick).await.0, Status::SeeOther);
    assert_eq!(boxes(&house.get(&page).await.1), [newer.as_str()], "the other one stays");
}

/// A plan of 1.000 for one family, given whole by a part of a gift.
fn small(link: &Person, gift: Gift) -> Plan {
    let from = gift.from;
    let amount = gift.amount;
    Plan {
        fund: "do-dau".parse().unwrap(),
        programme: "do-dau".parse().unwrap(),
        every: Every::Month,
        from,
        until: None,
        links: vec![Link { id: link.clone(), steps: vec![Step { from, amount }] }],
        gifts: vec![gift],
        handovers: Vec::new(),
        pauses: Vec::new(),
        ended: None,
        notes: None,
        changed: None,
    }
}

#[rocket::async_test]
async fn a_slip_says_how_many_plans_it_leaves_for_a_further_one() {
    let (house, families) = furnished().await;
    let mut fields = gift("103.000");
    fields.retain(|(name, _)| *name != "fund");
    fields.push(("fund", "do-dau"));
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &fields).await);
    let voucher = house.line(seq).await.entry.voucher().id.clone();
    let (store, from) = (house.store(), "2026-11-01".parse::<Date>().unwrap());
    let desk = store.desk(house.chapter().0).unwrap();
    let (family, now) = (families[0].parse::<Person>().unwrap(), house.clock.now());
    let amount = Money::new(1_000).unwrap();
    for number in 1..=103 {
        let id: Person = format!("{number:016x}").parse().unwrap();
        let record = Record { full_name: format!("Người {number}"), ..Record::default() };
        let plan = small(&id, Gift { voucher: voucher.clone(), from, amount });
        let (sponsor, named) = (Sponsor::New(Box::new(record)), [(id.clone(), family.clone())]);
        let new = (&id, &sponsor, &plan, named.as_slice());
        assert!(store.make_sponsorship(&desk, new, &family, now).await.unwrap());
    }
    let slip = format!("{PATH}/den-han/phieu-chi/do-dau");
    let (_, html) = house.get(&slip).await;
    assert!(html.contains("còn 3 kế hoạch") && html.contains("value=\"100.000\""), "{html}");
    house.filled(&slip, "/ban/phieu-chi").await;
    let (_, html) = house.get(&slip).await;
    assert!(!html.contains("đã đủ chỗ") && html.contains("value=\"3.000\""), "{html}");
}
