//! Officers' legal names: sealed by the ledger, opened by the chapter, gone when asked.

use super::admin::{ENROL, NEW, enrolled};
use super::*;

const NAME: &str = "Hoàng Thị Ngọc Lan";
const OTHER: &str = "Bùi Quốc Khánh";

async fn is_nowhere_public(house: &House, name: &str) {
    for page in ["/xuan-tay", "/xuan-tay/so/0", "/xuan-tay/entries.jsonl", "/xuan-tay/cong-khai"] {
        let (status, body) = house.get(page).await;
        assert_eq!(status, Status::Ok, "{page}");
        assert!(!body.contains(name), "{page}");
    }
}

#[rocket::async_test]
async fn founders_names_stand_behind_digests_of_entry_0() {
    let house = house().await;
    let mut form = setup_form();
    form.push(("treasurer_full", NAME));
    let (status, html) = house.send("/thiet-lap", "/thiet-lap", &form).await;
    assert_eq!(status, Status::Ok, "{html}");
    let entry = house.line(0).await.entry;
    let officers = entry.voucher().value()["officers"].clone();
    for officer in officers.as_array().unwrap() {
        assert_eq!(officer["_sd"].as_array().map(Vec::len), Some(1), "who gave none looks alike");
    }
    is_nowhere_public(&house, NAME).await;
    house.sign_in(CHAIR).await;
    assert!(house.get("/ban/quan-tri").await.1.contains("Họ tên theo giấy tờ"));
    let (_, html) = house.get("/ban/but-toan/0?rieng=1").await;
    assert!(html.contains(NAME), "{html}");
    assert!(house.get("/ban/kiem-tra/mo-xem").await.1.contains("Chủ tịch Hội"), "logged");
}

#[rocket::async_test]
async fn a_newcomers_name_comes_with_the_appointment_and_goes_with_a_cancelled_one() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let take_up = async |name: &str| {
        let invitation = house.invite(ENROL, &enrolled("Thủ quỹ hai", "treasurer")).await;
        let link = house.link(&invitation).await;
        let fields =
            [("name", NEW.0), ("full_name", name), ("new_passphrase", NEW.1), ("again", NEW.1)];
        let (status, html) = house.send(&link, &link, &fields).await;
        assert_eq!(status, Status::Ok, "{html}");
        invitation
    };
    let held = async || {
        let (chapter, _) = house.chapter();
        let desk = house.store().desk(chapter).unwrap();
        let officer = "0000000000000001".parse().unwrap();
        let now = house.clock.now();
        let purpose = crate::store::desk::vault::Purpose::Law;
        let all = house.store().invitations(&desk).await.unwrap();
        let mut names = 0;
        for invitation in all {
            let id = &invitation.voucher.id;
            names +=
                house.store().open_private(&desk, id, &officer, purpose, now).await.unwrap().len();
        }
        names
    };
    let cancelled = take_up(OTHER).await;
    let id = cancelled.rsplit('/').next().unwrap().parse().unwrap();
    assert_eq!(held().await, 1);
    house.send(&cancelled, &format!("{cancelled}/huy"), &[]).await;
    let (chapter, _) = house.chapter();
    let desk = house.store().desk(chapter).unwrap();
    assert!(house.store().holdings(&desk, &id).await.unwrap().is_empty(), "gone with it");

    let over = take_up(OTHER).await;
    let id = over.rsplit('/').next().unwrap().parse().unwrap();
    house.clock.set("2026-11-27T03:00:01Z".parse().unwrap());
    house.store().sweep(house.clock.now()).await.unwrap();
    assert!(house.store().holdings(&desk, &id).await.unwrap().is_empty(), "swept");

    house.forget().await;
    house.sign_in(TREASURER).await;
    let invitation = take_up(NAME).await;
    let draft = house.sign(&invitation).await;
    let entry = house.approve(&draft).await;
    is_nowhere_public(&house, NAME).await;
    let (_, html) = house.get(&format!("/ban/but-toan/{}?rieng=1", seq_of(&entry))).await;
    assert!(html.contains(NAME), "{html}");
}
