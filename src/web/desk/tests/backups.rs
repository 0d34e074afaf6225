//! What the administration tells of backups.

use super::*;
use crate::store::backups::{Backups, Made};

#[rocket::async_test]
async fn the_last_backup_is_shown_and_one_that_is_missing_or_old_is_warned_of() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let page = async || house.get("/ban/quan-tri").await.1;
    let today = async || house.get("/ban/viec").await.1;
    let html = page().await;
    assert!(html.contains("Chưa có bản sao lưu dữ liệu nào"), "{html}");
    let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}: {html}"));
    assert!(place("href=\"#sao-luu\"") < place("/ban/quan-tri/tai-khoan\">Tài khoản"), "{html}");
    assert!(html.contains("id=\"sao-luu\""), "{html}");
    let html = today().await;
    assert!(html.contains("Chưa có bản sao lưu dữ liệu nào"), "{html}");
    assert!(html.contains("href=\"/ban/quan-tri#sao-luu\""), "{html}");
    let at = |text: &str| text.parse().unwrap();
    let made = |day: &str, bytes| Some(Made { at: at(day), bytes, encrypted: true });
    let folder = house.folder.path();
    let database = made("2026-11-18T20:00:00Z", 3_000_000);
    Backups { database, keys: None }.write(folder).unwrap();
    let html = page().await;
    assert!(html.contains("Khóa của máy chủ chưa được sao lưu"), "{html}");
    let keys = made("2026-01-18T20:00:00Z", 900);
    Backups { database, keys }.write(folder).unwrap();
    let html = page().await;
    // The moment is that of the chapter: seven hours ahead.
    assert!(html.contains("19/11/2026 03:00") && html.contains("2.930 KB"), "{html}");
    assert!(!html.contains("govuk-warning-text"), "{html}");
    assert!(!today().await.contains("#sao-luu"));
    let database = made("2026-11-10T20:00:00Z", 3_000_000_000);
    Backups { database, keys }.write(folder).unwrap();
    let html = page().await;
    assert!(html.contains("đã 9 ngày") && html.contains("2,7 GB"), "{html}");
    assert!(today().await.contains("đã 9 ngày"));
}
