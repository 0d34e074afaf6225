//! Cookies that were touched, passphrases that were guessed, and hostile requests at the way in.

use rocket::futures::future::join_all;

use super::*;

async fn asks(house: &House, value: &str) -> u16 {
    let cookie = Cookie::new("minhbach", value.to_owned());
    house.client.get("/ban/viec").cookie(cookie).dispatch().await.status().code
}

#[rocket::async_test]
async fn a_cookie_that_was_flipped_cut_or_made_long_is_nobodys() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let good = house.cookie("minhbach");
    assert_eq!(asks(&house, &good).await, 200);
    for at in (0..good.len()).step_by(5) {
        let mut flipped = good.clone().into_bytes();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(flipped).unwrap();
        assert_eq!(asks(&house, &flipped).await, 303, "byte {at}");
    }
    for odd in [
        String::new(),
        good[..85].to_owned(),
        format!("{good}A"),
        format!("{good}{good}"),
        "A".repeat(86),
        "A".repeat(8192),
        "%00%ff".to_owned(),
        "../../../etc/passwd".to_owned(),
    ] {
        assert_eq!(asks(&house, &odd).await, 303, "{odd}");
    }
    assert_eq!(asks(&house, &good).await, 200);
}

#[rocket::async_test]
async fn a_session_is_never_one_that_somebody_else_chose() {
    let house = House::founded().await;
    let chosen = "A".repeat(86);
    let token = FormSecret::of_session(&chosen).token("/dang-nhap");
    let passphrase = rocket::http::RawStr::new(TREASURER.1).percent_encode().to_string();
    let body = format!("token={token}&name={}&passphrase={passphrase}", TREASURER.0);
    let request = house.client.post("/dang-nhap").header(ContentType::Form);
    let request = request.header(Header::new("Origin", BASE)).body(body);
    let response = request.cookie(Cookie::new("minhbach", chosen.clone())).dispatch().await;
    assert_eq!(response.status(), Status::SeeOther);
    let own = house.cookie("minhbach");
    assert_ne!(own, chosen);
    assert_eq!(asks(&house, &chosen).await, 303);
    // Signing in again ends the session before.
    house.sign_in(TREASURER).await;
    assert_ne!(house.cookie("minhbach"), own);
    assert_eq!(asks(&house, &own).await, 303);
}

#[rocket::async_test]
async fn a_session_ends_after_half_an_hour_of_rest_and_twelve_hours_of_work() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let begun: chrono::DateTime<chrono::Utc> = house.clock.now();
    for minutes in (25..12 * 60).step_by(25) {
        house.clock.set(begun + chrono::TimeDelta::minutes(minutes));
        assert_eq!(house.get("/ban/viec").await.0, Status::Ok, "after {minutes} minutes");
    }
    house.clock.set(begun + chrono::TimeDelta::hours(12));
    assert_eq!(house.get("/ban/viec").await.0, Status::SeeOther, "after twelve hours");
    house.sign_in(TREASURER).await;
    house.clock.set(begun + chrono::TimeDelta::minutes(12 * 60 + 30));
    assert_eq!(house.get("/ban/viec").await.0, Status::SeeOther, "after half an hour");
}

#[rocket::async_test]
async fn fifty_who_sign_in_at_once_are_slower_and_alive() {
    let house = House::founded().await;
    house.get("/dang-nhap").await;
    let token = house.token_of("/dang-nhap");
    let (from, form) = (ContentType::Form, |(name, passphrase): (&str, &str)| {
        let passphrase = rocket::http::RawStr::new(passphrase).percent_encode().to_string();
        format!("token={token}&name={name}&passphrase={passphrase}")
    });
    let all = join_all((0..50).map(|n: u8| {
        let officer =
            [TREASURER, CHAIR, DEPUTY, ("khong.ai", "mot hai ba bon nam")][usize::from(n % 4)];
        let peer = format!("203.0.{n}.7:4711").parse().unwrap();
        let request = house.client.post("/dang-nhap").header(from.clone()).remote(peer);
        request.header(Header::new("Origin", BASE)).body(form(officer)).dispatch()
    }))
    .await;
    let codes: Vec<u16> = all.iter().map(|one| one.status().code).collect();
    assert!(codes.iter().all(|code| matches!(code, 303 | 422 | 429)), "{codes:?}");
    assert!(codes.contains(&303), "{codes:?}");
    drop(all);
    assert_eq!(house.get("/healthz").await.0, Status::Ok);
}

#[rocket::async_test]
async fn a_hundred_wrong_passphrases_slow_a_stranger_and_lock_nobody_out() {
    let house = House::founded().await;
    let at = |peer: &str, passphrase: &str| {
        let token = house.token_of("/dang-nhap");
        let passphrase = rocket::http::RawStr::new(passphrase).percent_encode().to_string();
        let body = format!("token={token}&name={}&passphrase={passphrase}", TREASURER.0);
        let request = house.client.post("/dang-nhap").header(ContentType::Form);
        let request = request.header(Header::new("Origin", BASE)).body(body);
        request.remote(format!("{peer}:4711").parse().unwrap())
    };
    house.get("/dang-nhap").await;
    // The owner's own place is known to the name.
    assert_eq!(at("198.51.100.9", TREASURER.1).dispatch().await.status(), Status::SeeOther);
    house.forget().await;
    house.get("/dang-nhap").await;
    let mut codes = Vec::new();
    for _ in 0..100 {
        codes.push(at("203.0.113.7", "mot hai ba bon nam").dispatch().await.status().code);
    }
    let throttled = codes.iter().filter(|code| **code == 429).count();
    assert!(throttled > 90, "{codes:?}");
    // A header that anybody can send decides nothing.
    let lie = at("203.0.113.7", TREASURER.1).header(Header::new("X-Real-IP", "198.51.100.9"));
    assert_eq!(lie.dispatch().await.status(), Status::TooManyRequests);
    assert_eq!(at("198.51.100.9", TREASURER.1).dispatch().await.status(), Status::SeeOther);
}
