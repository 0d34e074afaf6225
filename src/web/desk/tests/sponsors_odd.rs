//! Regular sponsorship with odd values: other funds and names on a slip, wrong days and amounts,
//! families of whom nobody is left.

use super::erasure::ERASE;
use super::sponsors::{CONTACT, PATH, SPONSOR, furnished, plan, typed, with};
use super::*;

const GIFT: &str = "/ban/phieu-thu";
const MATCHED: &str = "khi ghi, phiếu được khớp";
/// A row of a payment that is no family of the register.
const STRANGER: [(&str, &str); 3] =
    [("line_name[]", "Ai Đó"), ("line_category[]", "lonely_elderly"), ("line_amount[]", "5")];

/// A slip that a page filled in, with changes, as it comes back.
async fn looked_at(
    house: &House,
    (page, action): (&str, &str),
    changes: &[(&str, &str)],
) -> (Status, String) {
    let (_, html) = house.get(page).await;
    let mut fields = typed(&html, action);
    for (name, value) in changes {
        fields.retain(|(own, _)| own != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let fields: Vec<_> = fields.iter().map(|(name, own)| (name.as_str(), own.as_str())).collect();
    house.post(action, &token(&html, action), &fields).await
}

#[rocket::async_test]
async fn a_slip_says_before_it_is_recorded_whether_it_will_be_matched() {
    let (house, _) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let page = format!("{PATH}/{id}/phieu-thu");
    let at = (page.as_str(), GIFT);
    let (status, html) = looked_at(&house, at, &[("amount", "1000000")]).await;
    assert!(status == Status::Ok && html.contains(MATCHED), "{html}");
    assert!(html.contains("__value\">1.000.000\u{a0}₫</dd>"), "not as it was typed: {html}");
    let (status, html) = looked_at(&house, at, &[("fund", "chung")]).await;
    assert!(status == Status::Ok && html.contains("KHÔNG được khớp"), "{html}");
    assert!(!html.contains(MATCHED), "{html}");
    for name in ["Người Khác", ""] {
        let (_, html) = looked_at(&house, at, &[("donor_name", name)]).await;
        assert!(html.contains("khác tên người đỡ đầu") && html.contains(MATCHED), "{html}");
    }
    let (_, html) = looked_at(&house, at, &[("donor_name", "TRUONG thi thanh long")]).await;
    assert!(!html.contains("khác tên người đỡ đầu"), "{html}");
    for forged in ["x", "0000000000000001", &format!("{id} 0000000000000001")] {
        let fields = [("sponsor", forged), ("step", "record")];
        let (status, html) = looked_at(&house, at, &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{forged}");
        assert!(html.contains("<title>Lỗi: ") && html.contains("không có ở Hội này"), "{html}");
        assert!(html.contains(SPONSOR), "nothing typed is lost");
        assert!(!html.contains("value=\"0000000000000001\""), "pressed again it goes: {html}");
    }
    // A payment of which no row is a family of the plan.
    house.filled(&page, GIFT).await;
    let page = format!("{PATH}/{id}/phieu-chi");
    let at = (page.as_str(), "/ban/phieu-chi");
    let (_, html) = looked_at(&house, at, &[]).await;
    assert!(html.contains(MATCHED), "{html}");
    let (_, html) = looked_at(&house, at, &STRANGER).await;
    assert!(html.contains("không dòng nào là hộ của kế hoạch"), "{html}");
}

#[rocket::async_test]
async fn what_is_done_is_folded_behind_the_actions_and_long_names_are_broken() {
    let (house, _) = furnished().await;
    let name: &'static str = "é".repeat(90).leak();
    let id = house.sponsorship(&with(&[("name", name)])).await;
    let page = format!("{PATH}/{id}");
    for path in [PATH, &format!("{PATH}/den-han"), &page] {
        let (_, html) = house.get(path).await;
        let (_, main) = html.split_once("<main").unwrap();
        let (before, _) = main.split_once(name).unwrap();
        let (_, near) =
            before.split_at(before.floor_char_boundary(before.len().saturating_sub(200)));
        assert!(near.contains("mb-lines-anywhere"), "{path}: {near}");
    }
    house.filled(&format!("{page}/phieu-thu"), GIFT).await;
    let draft = house.filled(&format!("{page}/phieu-chi"), "/ban/phieu-chi").await;
    house.approve(&draft).await;
    let (_, html) = house.get(&page).await;
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}: {html}"));
    let done = at("Các kỳ đã xong: 1");
    assert!(at("Tháng 11/2026") < done && done < at("Tháng 10/2026"), "{html}");
    assert!(at("value=\"pause\"") < at("match[]") && at("id=\"link\"") < at("match[]"), "{html}");
    let (_, folded) = html.rsplit_once("<details").unwrap();
    assert!(folded.contains("match[]"), "{html}");
}

#[rocket::async_test]
async fn days_before_the_books_are_refused_with_the_first_that_is_not() {
    let (house, _) = furnished().await;
    for day in ["01/01/1900", "30/09/2026"] {
        let (status, html) = house.new_plan(&with(&[("from", day)])).await;
        assert!(status == Status::UnprocessableEntity, "{day}: {html}");
        assert!(html.contains("href=\"#from\"") && html.contains("từ ngày 01/10/2026"), "{html}");
    }
    let id = house.sponsorship(&plan()).await;
    let (status, html) = house.of_plan(&id, "sua", &change("01/01/1900", "1")).await;
    assert!(status == Status::UnprocessableEntity && html.contains("href=\"#since\""), "{html}");
    let pause = [("step", "pause"), ("on", "01/01/1900"), ("reason", "")];
    let (status, html) = house.of_plan(&id, "trang-thai", &pause).await;
    assert!(status == Status::UnprocessableEntity && html.contains("href=\"#on\""), "{html}");
}

/// A change of a plan of one family, whatever its amount.
fn change(since: &'static str, amount: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("record", "0"),
        ("name", SPONSOR),
        ("phone", CONTACT),
        ("contact", ""),
        ("family[]", "Kiều Thị Ổi"),
        ("amount[]", amount),
        ("since", since),
        ("until", ""),
        ("programme", "do-dau"),
        ("notes", ""),
    ]
}

#[rocket::async_test]
async fn a_gift_that_reaches_far_ahead_floods_no_page() {
    let (house, _) = furnished().await;
    let id = house.sponsorship(&plan()).await;
    let page = format!("{PATH}/{id}");
    house.filled(&format!("{page}/phieu-thu"), GIFT).await;
    let (status, to) = house.of_plan(&id, "sua", &change("01/10/2026", "2.000")).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    house.of_plan(&id, "ma", &[("step", "make")]).await;
    let link = house.sponsors_link(&id).await.unwrap();
    // Of 1.000.000 two periods that began and 24 to come are shown, each of 2.000.
    let english = format!("{link}?lang=en");
    let told = [(&page, "Còn 948.000 ₫ đã góp"), (&link, "Còn 948.000 ₫ đã góp")];
    let (_, html) = house.get(&link).await;
    assert!(html.replace('\u{a0}', " ").contains("Đã góp 1.000.000 ₫"), "{html}");
    for (path, words) in told.into_iter().chain([(&english, "A further 948,000 ₫")]) {
        let (_, html) = house.get(path).await;
        assert!(html.replace('\u{a0}', " ").contains(words), "{path}: {html}");
        let rows = html.matches("<th scope=\"row\"").count();
        assert_eq!(rows, 26, "{path}");
        assert!(html.contains("11/2028") && !html.contains("12/2028"), "{path}: {html}");
    }
    let (_, html) = house.get(&format!("{page}/khop")).await;
    assert!(html.matches("<option").count() < 30, "{html}");
}

#[rocket::async_test]
async fn a_plan_whose_family_was_erased_demands_nothing_and_can_be_changed() {
    nobody_is_left(true).await;
}

#[rocket::async_test]
async fn a_plan_whose_family_is_held_back_demands_nothing_and_can_be_changed() {
    nobody_is_left(false).await;
}

async fn nobody_is_left(erased: bool) {
    let (house, families) = furnished().await;
    let mut fields = plan();
    fields.drain(6..8);
    let id = house.sponsorship(&fields).await;
    let page = format!("{PATH}/{id}");
    house.of_plan(&id, "ma", &[("step", "make")]).await;
    let link = house.sponsors_link(&id).await.unwrap();
    assert!(house.get(&link).await.1.contains("còn chưa góp"));
    let query = format!("nguoi={}", families[0]);
    match erased {
        true => {
            let (status, draft) = house.erase(&query, &ERASE).await;
            assert_eq!(status, Status::SeeOther, "{draft}");
            house.approve(&draft).await;
        }
        false => {
            let (status, to) = house.erase(&query, &[("step", "restrict")]).await;
            assert_eq!(status, Status::SeeOther, "{to}");
        }
    }
    let due = format!("{PATH}/den-han");
    let (_, html) = house.get(&due).await;
    assert!(html.contains("không còn hộ nào") && html.contains(SPONSOR), "{html}");
    assert!(!html.contains("Tháng 10/2026") && !html.contains("Quá hạn</"), "{html}");
    let (_, html) = house.get(PATH).await;
    assert!(html.contains("Không còn hộ</strong>") && !html.contains("Quá hạn"), "{html}");
    let (_, html) = house.get(&page).await;
    assert!(html.contains("không còn hộ nào") && !html.contains("Quá hạn"), "{html}");
    assert!(!house.get(&link).await.1.contains("còn chưa góp"), "the sponsor is asked nothing");
    let mut fields = change("20/11/2026", "");
    fields.retain(|(name, _)| !["family[]", "amount[]"].contains(name));
    fields.iter_mut().filter(|(name, _)| *name == "phone").for_each(|own| own.1 = "0999888777");
    let (status, html) = house.of_plan(&id, "sua", &fields).await;
    assert_eq!(status, Status::SeeOther, "{html}");
    assert!(house.get(&page).await.1.contains("0999888777"));
    // With another family it is due again.
    let mut fields = change("01/11/2026", "450.000");
    fields[0].1 = "1";
    let (status, html) = house.of_plan(&id, "sua", &fields).await;
    assert_eq!(status, Status::SeeOther, "{html}");
    let (_, html) = house.get(&due).await;
    assert!(html.contains("Tháng 11/2026") && !html.contains("không còn hộ nào"), "{html}");
    // While somebody is left the list can't be emptied.
    let mut fields = change("20/11/2026", "");
    fields[0].1 = "2";
    fields.retain(|(name, _)| !["family[]", "amount[]"].contains(name));
    let (status, html) = house.of_plan(&id, "sua", &fields).await;
    assert!(status == Status::UnprocessableEntity && html.contains("#family\""), "{html}");
}
