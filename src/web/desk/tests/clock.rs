//! A clock that is far from the last entry: nothing is recorded before an officer has confirmed it,
//! and the officer is led there.

use chrono::TimeDelta;

use super::*;

const PAGE: &str = "/ban/dong-ho";
const SLIP: &str = "/ban/phieu-thu";

/// Sends a slip to be recorded, at another time than that of the last entry.
async fn recorded_at(house: &House, away: TimeDelta) -> (Status, String, String) {
    house.clock.set(house.clock.now() + away);
    house.sign_in(TREASURER).await;
    let (_, html) = house.get(SLIP).await;
    let (id, token) = (hidden(&html, "id"), token(&html, SLIP));
    let (status, html) = again(house, &id, &token).await;
    (status, html, id)
}

async fn again(house: &House, id: &str, token: &str) -> (Status, String) {
    let mut fields = vec![("id", id)];
    fields.extend(gift("250.000"));
    fields.push(("step", "record"));
    house.post(SLIP, token, &fields).await
}

#[rocket::async_test]
async fn after_a_rest_of_more_than_a_month_the_treasurer_confirms_the_time_and_goes_on() {
    let house = House::founded().await;
    let (status, html, id) = recorded_at(&house, TimeDelta::days(40)).await;
    assert_eq!(status, Status::Conflict, "{html}");
    // What was typed is there, and the way to the page that confirms.
    assert!(html.contains("250.000") && html.contains("Nguyễn Thị Hạnh"), "{html}");
    assert!(html.contains(&format!("href=\"{PAGE}\"")), "{html}");
    let (_, ready) = house.get("/readyz").await;
    assert!(ready.starts_with("ready, with warnings"), "{ready}");
    assert!(ready.contains("clock: to be confirmed by an officer"), "{ready}");
    let (status, html) = house.get(PAGE).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("30/12/2026 10:00") && html.contains("20/11/2026 10:00"), "{html}");
    // A time that nobody looked at is not confirmed.
    let (shown, seal) = (hidden(&html, "shown"), token(&html, PAGE));
    let old = (shown.parse::<i64>().unwrap() - 3_600).to_string();
    for shown in [old.as_str(), "", "x"] {
        house.post(PAGE, &seal, &[("shown", shown)]).await;
        assert!(house.get("/readyz").await.1.contains("to be confirmed"), "{shown}");
    }
    let (status, to) = house.post(PAGE, &seal, &[("shown", &shown)]).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, PAGE));
    assert!(house.get(PAGE).await.1.contains("Đã xác nhận giờ"));
    assert!(house.get("/readyz").await.1.contains("clock: ok"));
    let token = token(&house.get(SLIP).await.1, SLIP);
    let (status, to) = again(&house, &id, &token).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    assert!(house.get(PAGE).await.1.contains("Giờ khớp với sổ"));
}

#[rocket::async_test]
async fn a_clock_before_the_last_entry_is_confirmed_too_and_entries_do_not_go_back() {
    let house = House::founded().await;
    let (status, html, id) = recorded_at(&house, TimeDelta::hours(-3)).await;
    assert_eq!(status, Status::Conflict, "{html}");
    assert!(house.get("/readyz").await.1.contains("clock: behind the last entry"));
    let (_, html) = house.get(PAGE).await;
    assert!(html.contains("sớm hơn bút toán cuối"), "{html}");
    let shown = hidden(&html, "shown");
    let (status, _) = house.post(PAGE, &token(&html, PAGE), &[("shown", &shown)]).await;
    assert_eq!(status, Status::SeeOther);
    let token = token(&house.get(SLIP).await.1, SLIP);
    let (status, to) = again(&house, &id, &token).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    // Set back once more, by somebody else: that is no clock that anybody confirmed.
    house.clock.set(house.clock.now() - TimeDelta::hours(1));
    assert!(house.get("/readyz").await.1.contains("clock: behind the last entry"));
}
