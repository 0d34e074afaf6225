//! The officers of a ledger that cannot go on open the next one by their link.

use super::*;
use crate::store::ChapterId;
use crate::store::desk::invitations::LinkSecret;

const NEW: [(&str, &str); 3] = [
    ("lan.thuquy", "một cây làm chẳng nên non"),
    ("minh.chutich", "ba cây chụm lại nên hòn núi"),
    ("hoa.phochu", "chín bỏ làm mười cho vui nhà"),
];

fn officers() -> Vec<(&'static str, &'static str)> {
    let mut form = setup_form();
    let chapter = ["name", "slug", "host", "books_from", "bank_name", "bank_account"];
    form.retain(|(name, _)| !chapter.contains(name));
    for (name, value) in &mut form {
        let who = match name.split('_').next().unwrap() {
            "treasurer" => 0,
            "chair" => 1,
            _ => 2,
        };
        if name.ends_with("_pass") || name.ends_with("_again") {
            *value = NEW[who].1;
        }
    }
    form
}

impl House {
    async fn call(&self) -> (ChapterId, LinkSecret) {
        let (chapter, _) = self.store().chapters()[0];
        let call = self.store().continuation(chapter, None).await.unwrap();
        let now = self.clock.now();
        (chapter, self.store().call_to_continue(chapter, &call, now).await.unwrap())
    }

    /// Calls the officers and opens the next ledger as they do; the treasurer signs in.
    async fn goes_on(&self) -> ChapterId {
        let (chapter, secret) = self.call().await;
        let path = format!("/thiet-lap/{}", *secret.text());
        let (status, html) = self.send(&path, &path, &officers()).await;
        assert_eq!(status, Status::Ok, "{html}");
        self.sign_in(NEW[0]).await;
        chapter
    }

    /// The chair of the new ledger approves a draft.
    async fn approve_as_new_chair(&self, draft: &str) {
        self.sign_in(NEW[1]).await;
        let id = draft.trim_start_matches("/ban/duyet/").split('?').next().unwrap().to_owned();
        let approval = [("draft[]", id.as_str()), ("passphrase", NEW[1].1)];
        let page = format!("/ban/duyet/{id}");
        let (status, to) = self.send(&page, "/ban/duyet", &approval).await;
        assert_eq!(status, Status::SeeOther, "{to}");
    }
}

#[rocket::async_test]
async fn officers_with_new_keys_go_on_with_the_old_books() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("500000")).await;
    let before = house.store().books(house.store().chapters()[0].0).unwrap().size();
    let (chapter, secret) = house.call().await;
    let path = format!("/thiet-lap/{}", *secret.text());
    let (status, html) = house.get(&path).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Lập sổ tiếp nối") && html.contains(".invalid/xuan-tay/2"), "{html}");
    assert!(!html.contains("name=\"slug\""), "the chapter stays what it is");
    let token = token(&html, &path);
    let (status, html) = house.post(&path, &token, &officers()).await;
    assert_eq!(status, Status::Ok, "{html}");
    assert!(html.contains("Tờ khẩn cấp") && html.contains("/xuan-tay/2"), "{html}");
    // Whoever clicks twice sees the second answer alone: it is the same sheet.
    let (status, twice) = house.post(&path, &token, &officers()).await;
    let sheet = |html: &str| html.split("govuk-summary-list").nth(1).map(str::to_owned);
    assert_eq!((status, sheet(&twice)), (Status::Ok, sheet(&html)));
    assert!(sheet(&html).is_some());
    let mut other = officers();
    other[0].1 = "Bà Nguyễn Thị Khác";
    let (status, html) = house.post(&path, &token, &other).await;
    assert_eq!(status, Status::NotFound, "{html}");
    assert!(html.contains("minhbach continue"), "{html}");
    assert_eq!(house.get(&path).await.0, Status::NotFound, "the link works once");
    // Who was signed in is not any more; the old passphrase opens nothing, the new one does.
    let (status, _) = house.get("/ban/viec").await;
    assert_eq!(status, Status::SeeOther);
    house.sign_in(NEW[0]).await;
    let (status, html) = house.get("/ban/viec").await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("500.000"), "{html}");
    house.slip("/ban/phieu-thu", "", &gift("70000")).await;
    let books = house.store().books(chapter).unwrap();
    assert_eq!(books.size(), before + 2);
    assert_eq!(books.before(), before);
    // A correction of an entry of the old ledger, laid by the new officers.
    let seq = (before - 1).to_string();
    let fields = [
        ("of", seq.as_str()),
        ("date", "20/11/2026"),
        ("reason", "mistyped"),
        ("words", "Gõ nhầm"),
        ("note", ""),
    ];
    let draft = house.slip("/ban/but-toan-dao", &format!("?so={seq}"), &fields).await;
    house.approve_as_new_chair(&draft).await;
    let (_, html) = house.get(&format!("/xuan-tay/so/{}", before + 2)).await;
    assert!(html.contains(&format!("/xuan-tay/so/{seq}\"")), "the old entry is linked: {html}");
    public_pages(&house, before).await;
}

/// Old and new entries, their files and proofs, are all to be seen.
async fn public_pages(house: &House, before: u64) {
    for path in [
        "/xuan-tay".to_owned(),
        "/xuan-tay/cong-khai".to_owned(),
        format!("/xuan-tay/so/{}", before - 1),
        format!("/xuan-tay/so/{before}"),
        format!("/xuan-tay/so/{}/tlog-proof", before - 1),
        format!("/xuan-tay/so/{}/tlog-proof", before + 1),
        "/xuan-tay/checkpoint".to_owned(),
        "/xuan-tay/entries.jsonl".to_owned(),
        "/xuan-tay/2/checkpoint".to_owned(),
        "/xuan-tay/2/checkpoints/1".to_owned(),
        "/xuan-tay/2/tile/entries/000.p/3".to_owned(),
        "/xuan-tay/2/tile/0/000.p/3".to_owned(),
        "/xuan-tay/2/policy".to_owned(),
        "/xuan-tay/2/entries.jsonl".to_owned(),
        "/xuan-tay/2/disclosures.jsonl".to_owned(),
    ] {
        assert_eq!(house.get(&path).await.0, Status::Ok, "{path}");
    }
    let (_, html) = house.get(&format!("/xuan-tay/so/{before}")).await;
    assert!(html.contains(&format!(".invalid/xuan-tay\n{before}\n")), "the old head: {html}");
    for path in ["/xuan-tay/1/checkpoint", "/xuan-tay/02/checkpoint", "/xuan-tay/3/checkpoint"] {
        assert_eq!(house.get(path).await.0, Status::NotFound, "{path}");
    }
    assert_eq!(house.get("/xuan-tay/2").await.0, Status::SeeOther);
    let (_, html) = house.get("/xuan-tay/kiem-chung").await;
    assert!(html.contains("/xuan-tay/2/checkpoint") && html.contains("tiếp nối"), "{html}");
    let (_, lines) = house.get("/xuan-tay/entries.jsonl").await;
    assert_eq!(lines.lines().count() as u64, before, "the old ledger ends where it was");
}

#[rocket::async_test]
async fn a_link_is_no_link_when_it_is_old_wrong_or_behind() {
    let house = House::founded().await;
    let (_, secret) = house.call().await;
    let path = format!("/thiet-lap/{}", *secret.text());
    for wrong in ["/thiet-lap/x", "/thiet-lap/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(house.get(wrong).await.0, Status::NotFound);
    }
    // A second call makes the first void.
    let (_, second) = house.call().await;
    assert_eq!(house.get(&path).await.0, Status::NotFound);
    let path = format!("/thiet-lap/{}", *second.text());
    for uri in [path.as_str(), "/thiet-lap/x"] {
        let response = house.client.get(uri.to_owned()).dispatch().await;
        assert_eq!(response.headers().get_one("Referrer-Policy"), Some("no-referrer"));
    }
    // What is wrong comes back with what was typed, but no passphrase.
    let mut form = officers();
    form.iter_mut().filter(|(name, _)| *name == "chair_again").for_each(|pair| pair.1 = "khác");
    let (status, html) = house.send(&path, &path, &form).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#chair_again\"") && !html.contains(NEW[1].1), "{html}");
    // An entry more than when the call was made: nothing is left behind in silence.
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("10000")).await;
    assert_eq!(house.get(&path).await.0, Status::NotFound);
    let (_, third) = house.call().await;
    let path = format!("/thiet-lap/{}", *third.text());
    assert_eq!(house.get(&path).await.0, Status::Ok);
    house.clock.set(house.clock.now() + chrono::TimeDelta::days(8));
    assert_eq!(house.get(&path).await.0, Status::NotFound, "a week is over");
}

#[rocket::async_test]
async fn what_counts_within_a_ledger_counts_in_the_new_one_and_lies_in_its_folder() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("500000")).await;
    let chapter = house.goes_on().await;
    // The size from which another log key signs is that of the ledger that signs.
    let (_, html) = house.get("/ban/quan-tri/khoa-cua-so").await;
    let own = house.store().books(chapter).unwrap().own_size();
    assert_eq!(own, 1);
    assert!(html.contains(&format!("value=\"{}\"", own + 10)), "{html}");
    // A period that the new ledger closes is among its files.
    house.clock.set("2026-12-01T03:00:00Z".parse().unwrap());
    house.sign_in(NEW[0]).await;
    let (_, html) = house.get("/ban/khoa-so").await;
    let (id, through) = (hidden(&html, "id"), hidden(&html, "through"));
    let fields = [
        ("id", id.as_str()),
        ("through", through.as_str()),
        ("bank_place[]", "ngan-hang"),
        ("bank_balance[]", "0"),
    ];
    let (status, draft) = house.send("/ban/khoa-so", "/ban/khoa-so", &fields).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve_as_new_chair(&draft).await;
    let (_, html) = house.get("/xuan-tay/bao-cao/2026-11").await;
    let file = "/xuan-tay/2/statements/2026-11.json";
    assert!(html.contains(&format!("href=\"{file}\"")), "{html}");
    assert_eq!(house.get(file).await.0, Status::Ok);
}
