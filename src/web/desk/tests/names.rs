//! A donor's name: shown with a recorded consent, gone with it, hidden with the receipt's code.

use super::*;

/// What everybody can fetch of a gift.
async fn public(house: &House, seq: u64) -> [String; 3] {
    let receipt = receipt(house, seq).await;
    [
        house.get(&format!("/xuan-tay/so/{seq}")).await.1,
        house.get("/xuan-tay/disclosures.jsonl").await.1,
        house.get(&receipt).await.1,
    ]
}

/// The receipt's address of a gift.
async fn receipt(house: &House, seq: u64) -> String {
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}")).await;
    let (_, rest) = html.split_once("href=\"/bn/").expect("a receipt");
    format!("/bn/{}", rest.split(['"', '?']).next().unwrap())
}

fn agreed(name: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![("name", name), ("given_on", "20/11/2026"), ("how", "Ký vào phiếu đồng ý số 3")]
}

async fn gifted(house: &House) -> (u64, String) {
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("1.500.000")).await);
    (seq, format!("/ban/but-toan/{seq}/ten"))
}

#[rocket::async_test]
async fn a_name_is_shown_everywhere_with_consent_and_nowhere_after_its_withdrawal() {
    let house = House::founded().await;
    let (seq, path) = gifted(&house).await;
    for page in public(&house, seq).await {
        assert!(!page.contains("Hạnh"), "{page}");
    }
    for (field, value) in [("how", ""), ("given_on", "21/11/2026"), ("name", "phone"), ("name", "")]
    {
        let mut form = agreed("full_name");
        form.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        let (status, html) = house.send(&path, &path, &form).await;
        assert_eq!(status, Status::UnprocessableEntity, "{field}={value}");
        assert!(html.contains(&format!("href=\"#{field}\"")), "{field}={value}: {html}");
    }
    assert!(!house.get("/xuan-tay/disclosures.jsonl").await.1.contains("seq"));

    let tag = |response: &LocalResponse<'_>| response.headers().get_one("ETag").map(str::to_owned);
    let entry = format!("/xuan-tay/so/{seq}");
    let before = tag(&house.client.get(entry.clone()).dispatch().await);
    let (status, to) = house.send(&path, &path, &agreed("full_name")).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{path}?moi=1")));
    let after = tag(&house.client.get(entry.clone()).dispatch().await);
    assert_ne!(before, after, "a copy of the page would hide the change");
    let [page, _, own] = public(&house, seq).await;
    assert!(page.contains("Nguyễn Thị Hạnh") && own.contains("Nguyễn Thị Hạnh"));
    let published = house.get("/xuan-tay/disclosures.jsonl").await.1;
    assert_eq!(published.matches(&format!("\"seq\":{seq}")).count(), 1, "{published}");
    let (_, html) = house.get(&path).await;
    assert!(html.contains("Ký vào phiếu đồng ý số 3"), "{html}");
    assert!(house.get("/ban/nha-hao-tam").await.1.contains("Nguyễn Thị Hạnh"));

    // By initials instead: the full name goes.
    let (status, _) = house.send(&path, &path, &agreed("masked_name")).await;
    assert_eq!(status, Status::SeeOther);
    let [page, _, own] = public(&house, seq).await;
    assert!(page.contains("N. T. H.") && !page.contains("Hạnh") && !own.contains("Hạnh"));
    assert_ne!(tag(&house.client.get(entry).dispatch().await), after);

    let rut = format!("{path}/rut");
    let (status, _) = house.send(&path, &rut, &[("scope", "all")]).await;
    assert_eq!(status, Status::UnprocessableEntity, "only a registered donor has other gifts");
    let (status, to) = house.send(&path, &rut, &[("scope", "gift")]).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{path}?rut=1")));
    for page in public(&house, seq).await {
        assert!(!page.contains("Hạnh") && !page.contains("N. T. H."), "{page}");
    }
    assert!(!house.get("/ban/nha-hao-tam").await.1.contains("N. T. H."));
    assert!(!house.get(&path).await.1.contains("phiếu đồng ý số 3"));
    let log = house.get("/ban/kiem-tra/mo-xem").await.1;
    for action in ["Mở xem", "Ghi sự đồng ý", "Cho hiện tên", "Thôi hiện tên"] {
        assert!(log.contains(action), "{action}: {log}");
    }
    assert!(!log.contains("Hạnh") && log.contains("Thủ quỹ"), "{log}");
}

#[rocket::async_test]
async fn with_the_receipts_code_a_donor_goes_towards_less_and_never_towards_more() {
    let house = House::founded().await;
    let (seq, path) = gifted(&house).await;
    house.send(&path, &path, &agreed("full_name")).await;
    let receipt = receipt(&house, seq).await;
    house.forget().await;
    let name = format!("{receipt}/ten");
    let (status, html) = house.get(&name).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Nguyễn Thị Hạnh"), "{html}");
    let (status, _) = house.post(&name, &"0".repeat(64), &[]).await;
    assert_eq!(status, Status::Forbidden, "a form of another site");
    let more = [("name", "full_name")];
    let (status, _) = house.send(&name, &name, &more).await;
    assert_eq!(status, Status::BadRequest, "a field that the form does not have");
    let (status, to) = house.send(&name, &name, &[]).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, name.as_str()));
    let (_, html) = house.get(&name).await;
    assert!(!html.contains("Hạnh") && !html.contains(&format!("action=\"{name}\"")), "{html}");
    assert!(!house.get("/xuan-tay/disclosures.jsonl").await.1.contains("seq"));
    assert!(!house.get(&format!("/xuan-tay/so/{seq}")).await.1.contains("Hạnh"));
    let wrong = format!("/bn/{}/ten", "0".repeat(16));
    assert_eq!(house.get(&wrong).await.0, Status::NotFound);
    // The consent is gone, too: no officer shows the name again without a new one.
    house.sign_in(TREASURER).await;
    assert!(!house.get(&path).await.1.contains("phiếu đồng ý số 3"));
}

#[rocket::async_test]
async fn a_form_from_before_the_donor_hid_the_name_does_not_show_it_again() {
    let house = House::founded().await;
    let (seq, path) = gifted(&house).await;
    house.send(&path, &path, &agreed("full_name")).await;
    let (_, old) = house.get(&path).await;
    let (token, seen) = (token(&old, &path), hidden(&old, "seen"));
    let name = format!("{}/ten", receipt(&house, seq).await);
    assert_eq!(house.send(&name, &name, &[]).await.0, Status::SeeOther);
    let mut form = agreed("full_name");
    form.push(("seen", &seen));
    let (status, html) = house.post(&path, &token, &form).await;
    assert_eq!(status, Status::UnprocessableEntity, "{html}");
    assert!(html.contains("đã bị rút sau khi bạn mở trang này"), "{html}");
    assert!(html.contains("Người ủng hộ đã tự ẩn tên"), "{html}");
    assert!(!house.get("/xuan-tay/disclosures.jsonl").await.1.contains("seq"));
    // The page as it is now asks for a new consent, and takes it.
    let seen = hidden(&house.get(&path).await.1, "seen");
    let mut form = agreed("masked_name");
    form.push(("seen", &seen));
    assert_eq!(house.send(&path, &path, &form).await.0, Status::SeeOther);
    assert!(house.get(&format!("/xuan-tay/so/{seq}")).await.1.contains("N. T. H."));
}

#[rocket::async_test]
async fn a_gift_that_was_reversed_or_has_no_name_offers_nothing_to_show() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let mut unnamed = gift("500000");
    unnamed.iter_mut().filter(|(name, _)| *name == "donor_name").for_each(|pair| pair.1 = "");
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &unnamed).await);
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}/ten")).await;
    assert!(html.contains("không có gì để hiện") && !html.contains("name=\"how\""), "{html}");
    let (seq, path) = gifted(&house).await;
    let own = seq.to_string();
    let fields = [
        ("of", own.as_str()),
        ("date", "20/11/2026"),
        ("reason", "mistyped"),
        ("words", ""),
        ("note", ""),
    ];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={seq}"), &fields).await;
    house.approve(&draft).await;
    assert!(!house.get(&path).await.1.contains("name=\"how\""));
}
