//! Statements that take longer to record than a request lasts.

use super::*;

impl House {
    /// Looks at the progress of a statement until it is over; what the page answers then.
    async fn over(&self, path: &str) -> Status {
        loop {
            let (status, _) = self.get(&format!("{path}/dang-ghi")).await;
            if status != Status::Ok {
                return status;
            }
        }
    }
}

/// A statement of so many gifts, all of one day.
fn gifts(count: u32) -> String {
    let head = String::from("Date,DocNo,Details,Credit\n");
    (0..count).fold(head, |file, n| file + &format!("05/11/2026,N{n},ung ho lan {n},1.000\n"))
}

#[rocket::async_test]
async fn a_long_file_goes_on_behind_its_request_and_nobody_else_writes_meanwhile() {
    let house = House::at_work().await;
    house.client.rocket().state::<Going>().unwrap().set_patience(Duration::ZERO);
    let path = house.bring(gifts(1_500).as_bytes()).await;
    let progress = format!("{path}/dang-ghi");
    let (_, html) = house.get("/ban/phieu-thu").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/phieu-thu"));
    assert_eq!(house.book(&path).await, (Status::SeeOther, progress.clone()));
    // A slip that comes before the file has begun goes first.
    loop {
        let (status, html) = house.get(&progress).await;
        if status != Status::Ok || html.contains("trong 1.500 khoản") {
            break;
        }
    }
    // Somebody's slip is told what goes on, and keeps what was typed.
    let mut slip = vec![("id", id.as_str()), ("step", "record")];
    slip.extend(gift("20000"));
    let (status, html) = house.post("/ban/phieu-thu", &token, &slip).await;
    assert_eq!(status, Status::ServiceUnavailable);
    assert!(html.contains("Đang nhập sổ một tệp sao kê"));
    assert!(html.contains("value=\"20000\""), "what was typed is lost");
    let mut shown = 0;
    let ended = loop {
        let response = house.client.get(progress.clone()).dispatch().await;
        if let Some(to) = response.headers().get_one("Location") {
            break to.to_owned();
        }
        assert_eq!(response.headers().get_one("Refresh"), Some("2"));
        let html = response.into_string().await.unwrap();
        shown += u32::from(html.contains("trong 1.500 khoản"));
        assert!(html.contains("Đang ghi sao kê vào sổ"), "{html}");
        let bank = house.bank().await;
        assert!([0, 1_500_000].contains(&bank), "{bank}: nothing of it counts before all does");
    };
    assert!(shown > 0);
    assert_eq!(ended, format!("{path}/xong"));
    assert_eq!(house.bank().await, 1_500_000);
    let (_, html) = house.get(&ended).await;
    assert!(html.contains("Đã ghi 1.500 khoản"), "{html}");
    // The progress of what is over leads to its end, and a second click, too.
    let response = house.client.get(progress).dispatch().await;
    assert_eq!(response.headers().get_one("Location"), Some(ended.as_str()));
}

#[rocket::async_test]
async fn a_long_file_that_cannot_be_recorded_says_so_on_its_page() {
    let house = House::at_work().await;
    house.client.rocket().state::<Going>().unwrap().set_patience(Duration::ZERO);
    let (one, other) = (gifts(700), gifts(700).replace(",N", ",M"));
    let paths = [house.bring(one.as_bytes()).await, house.bring(one.as_bytes()).await];
    let third = house.bring(other.as_bytes()).await;
    let page = house.get(&paths[1]).await.1;
    assert_eq!(house.book(&paths[0]).await.1, format!("{}/dang-ghi", paths[0]));
    // Another file has to wait for its turn.
    assert_eq!(house.book(&third).await.0, Status::ServiceUnavailable);
    assert_eq!(house.over(&paths[0]).await, Status::SeeOther);
    // The same lines in a file that was looked at before: refused as a whole.
    let fields = [("passphrase", TREASURER.1), ("days", "yes")];
    let (status, html) = house.press_on(&page, &paths[1], "record", &fields).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("khác với trang bạn vừa xem"));
    assert_eq!(house.bank().await, 700_000);
    assert_eq!(house.book(&third).await.1, format!("{third}/dang-ghi"));
    assert_eq!(house.over(&third).await, Status::SeeOther);
    assert_eq!(house.bank().await, 1_400_000);
}
