//! A further chapter: who was called founds it by a link, once, and shares nothing with the first.

use super::*;
use crate::store::desk::invitations::LinkSecret;

impl House {
    async fn call_to_found(&self, days_ago: i64) -> LinkSecret {
        let made = self.clock.now() - chrono::TimeDelta::days(days_ago);
        self.store().call_to_found(made).await.unwrap()
    }
}

fn path(secret: &LinkSecret) -> String {
    format!("/thiet-lap/{}", *secret.text())
}

fn further() -> Vec<(&'static str, &'static str)> {
    let mut form = setup_form();
    for (name, value) in &mut form {
        match *name {
            "name" => *value = "Hội Chữ thập đỏ phường Xuân Đông",
            "slug" => *value = "xuan-dong",
            "treasurer_pass" | "treasurer_again" => *value = "một cây làm chẳng nên non",
            _ => {}
        }
    }
    form
}

#[rocket::async_test]
async fn a_further_chapter_is_founded_by_its_link_once() {
    let house = House::founded().await;
    assert_eq!(house.get("/thiet-lap").await.0, Status::NotFound);
    let path = path(&house.call_to_found(6).await);
    let (status, html) = house.get(&path).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("name=\"slug\"") && html.contains("một Hội nữa"), "{html}");
    let (status, html) = house.send(&path, &path, &further()).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains(".invalid/xuan-dong") && html.contains("Tờ khẩn cấp"), "{html}");
    assert_eq!(house.store().chapters().len(), 2);
    assert_eq!(house.get(&path).await.0, Status::NotFound);
    let (_, html) = house.get("/dang-nhap").await;
    assert!(html.contains("Xuân Đông") && html.contains("Xuân Tây"), "{html}");
}

#[rocket::async_test]
async fn a_name_that_a_chapter_has_is_refused_and_the_link_stays() {
    let house = House::founded().await;
    let path = path(&house.call_to_found(0).await);
    let mut taken = further();
    taken.iter_mut().filter(|(name, _)| *name == "slug").for_each(|pair| pair.1 = "xuan-tay");
    let (status, html) = house.send(&path, &path, &taken).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#slug\"") && html.contains("Xuân Đông"), "{html}");
    assert_eq!(house.store().chapters().len(), 1);
    assert_eq!(house.get(&path).await.0, Status::Ok);
}

#[rocket::async_test]
async fn a_name_that_was_taken_elsewhere_a_moment_ago_is_refused_and_the_link_stays() {
    let house = House::founded().await;
    let path = path(&house.call_to_found(0).await);
    let origin = "mot.example/xuan-dong".parse().unwrap();
    house.store().founded_elsewhere(&origin).await.unwrap();
    let (status, html) = house.send(&path, &path, &further()).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("href=\"#slug\"") && html.contains("Xuân Đông"), "{html}");
    assert_eq!(house.store().chapters().len(), 1);
    assert_eq!(house.get(&path).await.0, Status::Ok);
}

#[rocket::async_test]
async fn a_link_of_more_than_a_week_ago_or_of_nobody_founds_nothing() {
    let house = House::founded().await;
    let old = path(&house.call_to_found(8).await);
    let never = format!("/thiet-lap/{}", "A".repeat(43));
    let open = path(&house.call_to_found(0).await);
    let (_, form) = house.get(&open).await;
    for path in [old, never] {
        assert_eq!(house.get(&path).await.0, Status::NotFound, "{path}");
        let (status, _) = house.post(&path, &token(&form, &open), &further()).await;
        assert!(matches!(status.code, 403 | 404), "{path}: {status}");
    }
    assert_eq!(house.store().chapters().len(), 1);
}

#[rocket::async_test]
async fn each_of_two_founders_gets_their_sheet_again() {
    let house = House::founded().await;
    let mut sent = Vec::new();
    for slug in ["xuan-dong", "xuan-nam"] {
        let path = path(&house.call_to_found(0).await);
        let mut form = further();
        form.iter_mut().filter(|(name, _)| *name == "slug").for_each(|pair| pair.1 = slug);
        let (_, page) = house.get(&path).await;
        let token = token(&page, &path);
        let (status, sheet) = house.post(&path, &token, &form).await;
        assert_eq!(status, Status::Ok, "{sheet}");
        sent.push((slug, path, token, form));
    }
    for (slug, path, token, form) in sent {
        let (status, sheet) = house.post(&path, &token, &form).await;
        assert_eq!(status, Status::Ok);
        assert!(sheet.contains(&format!(".invalid/{slug}")), "{sheet}");
    }
    assert_eq!(house.store().chapters().len(), 3);
}
