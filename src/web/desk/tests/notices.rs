//! What stands above the pages of the desk while nothing can be recorded.

use super::*;

#[rocket::async_test]
async fn a_clock_far_from_the_last_entry_is_told_before_a_form_is_filled_in() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/phieu-thu").await;
    assert!(!html.contains("mb-paused"), "{html}");
    for (now, today, line) in [
        ("2026-11-19T03:00:00Z", "khoảng 24 giờ", "chậm hơn bút toán cuối"),
        ("2036-11-20T03:00:00Z", "cách đây 10 năm", "đã quá 31 ngày"),
    ] {
        house.clock.set(now.parse().unwrap());
        house.sign_in(TREASURER).await;
        let (_, html) = house.get("/ban/viec").await;
        assert!(html.contains(today) && html.contains("href=\"/ban/dong-ho\""), "{now}: {html}");
        assert!(!html.contains("mb-paused"), "the same twice, {now}: {html}");
        let (_, html) = house.get("/ban/phieu-thu").await;
        assert!(html.contains("mb-paused") && html.contains(line), "{now}: {html}");
        let (_, html) = house.get("/ban/phieu-thu?lang=en").await;
        assert!(html.contains("Why, and what to do"), "{now}: {html}");
        house.get("/ban/viec?lang=vi").await;
    }
}
