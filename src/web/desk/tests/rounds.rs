//! Rounds of distribution: a list, the sheet, vouchers, nobody twice unnoticed, families erased.

use super::erasure::{ERASE, files, holds};
use super::families::FAMILY;
use super::people::CASEWORKER;
use super::*;
use crate::ledger::voucher::Body;

pub const PROGRAMME: [(&str, &str); 5] = [
    ("date", "19/11/2026"),
    ("type", "tet"),
    ("name", "Tết vì người nghèo"),
    ("code", "tet"),
    ("note", ""),
];

pub const PATH: &str = "/ban/dot-cap-phat";

impl House {
    /// Makes a round of the programme; its identifier.
    pub async fn round(&self, code: &str, amount: &str) -> String {
        let path = "/ban/dot-cap-phat/moi";
        let (_, html) = self.get(path).await;
        let id = hidden(&html, "id");
        let fields = [
            ("id", id.as_str()),
            ("programme", "tet"),
            ("round", code),
            ("date", "20/11/2026"),
            ("amount", amount),
            ("place", "cash"),
            ("fund", "chung"),
        ];
        let (status, to) = self.post(path, &token(&html, path), &fields).await;
        assert_eq!((status, to), (Status::SeeOther, format!("{PATH}/{id}")));
        id
    }

    /// Chooses families for a list.
    pub async fn choose(&self, round: &str, fields: &[(&str, &str)]) -> (Status, String) {
        let action = format!("{PATH}/{round}/chon");
        let (_, html) = self.get(&action).await;
        let version = hidden(&html, "version");
        let token = token(&html, &action);
        let mut all = vec![("version", version.as_str())];
        all.extend_from_slice(fields);
        if !fields.contains(&("step", "all")) {
            return self.post(&action, &token, &all).await;
        }
        // As on the page: look first, then take all that was found.
        let looked: Vec<_> = all.iter().filter(|(name, _)| *name != "step").copied().collect();
        let (_, html) = self.post(&action, &token, &looked).await;
        let free = hidden(&html, "free");
        all.push(("free", free.as_str()));
        self.post(&action, &token, &all).await
    }

    pub async fn lay_list(&self, round: &str) -> (Status, String) {
        let page = format!("{PATH}/{round}");
        let action = format!("{page}/lap-phieu");
        let (_, html) = self.get(&page).await;
        let version = hidden(&html, "version");
        self.send(&page, &action, &[("version", version.as_str())]).await
    }

    /// The drafts that a round's page leads to.
    pub async fn drafts_of(&self, round: &str) -> Vec<String> {
        let (_, html) = self.get(&format!("{PATH}/{round}")).await;
        let parts = html.split("href=\"/ban/duyet/").skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
    }

    pub async fn approve_all(&self, drafts: &[String]) -> (Status, String) {
        self.sign_in(CHAIR).await;
        let mut fields: Vec<(&str, &str)> =
            drafts.iter().map(|draft| ("draft[]", draft.as_str())).collect();
        fields.push(("passphrase", CHAIR.1));
        let done = self.send("/ban/duyet", "/ban/duyet", &fields).await;
        self.sign_in(TREASURER).await;
        done
    }
}

/// A house with a programme, money and so many families; their identifiers.
pub async fn furnished(families: usize) -> (House, Vec<String>) {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("900.000.000")).await;
    house.slip("/ban/mo-chuong-trinh", "", &PROGRAMME).await;
    let mut all = Vec::new();
    for number in 0..families {
        let (name, hamlet) = (format!("Hộ Thử {number:02}"), format!("Ấp {}", number % 2));
        let category = if number < 6 { "poor" } else { "orphan" };
        let fields = [
            ("member_name[]", name.as_str()),
            ("hamlet", hamlet.as_str()),
            ("category_word[]", category),
        ];
        all.push(house.family(&fields).await);
    }
    (house, all)
}

async fn aid_of(house: &House, seq: u64) -> crate::ledger::voucher::AidPaid {
    let line = house.line(seq).await;
    let Body::AidPaid(body) = &line.entry.voucher().body else { panic!("no aid") };
    body.clone()
}

#[rocket::async_test]
async fn a_round_goes_from_the_register_over_the_sheet_into_the_ledger() {
    let (house, families) = furnished(8).await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(CASEWORKER).await;
    let round = house.round("dot-1", "500.000").await;
    // By filter first, then by hand, then another amount for one, and one off again.
    let unseen = [("category", "poor"), ("amount", "500.000"), ("step", "all"), ("free", "8")];
    let action = format!("{PATH}/{round}/chon");
    let (_, html) = house.get(&action).await;
    let mut sent = vec![("version", "0")];
    sent.extend(unseen);
    let (status, _) = house.post(&action, &token(&html, &action), &sent).await;
    assert_eq!(status, Status::UnprocessableEntity, "another number than the button named");
    let by_filter = [("category", "poor"), ("amount", "500.000"), ("step", "all")];
    let (status, to) = house.choose(&round, &by_filter).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{PATH}/{round}?luu=1")));
    let by_hand = [
        ("family[]", families[6].as_str()),
        ("family[]", families[7].as_str()),
        ("amount", "300.000"),
        ("step", "ticked"),
    ];
    assert_eq!(house.choose(&round, &by_hand).await.0, Status::SeeOther);
    let page = format!("{PATH}/{round}");
    let (_, html) = house.get(&page).await;
    assert!(html.contains("8 hộ") && html.contains("3.600.000"), "{html}");
    assert!(!html.contains("/lap-phieu\""), "a caseworker makes no payment");
    let version = hidden(&html, "version");
    let list = [
        ("version", version.as_str()),
        ("page", "1"),
        ("family[]", families[0].as_str()),
        ("amount[]", "700000"),
        ("off[]", families[7].as_str()),
    ];
    let action = format!("{page}/danh-sach");
    assert_eq!(house.send(&page, &action, &list).await.0, Status::SeeOther);
    // The same form again comes from an older list.
    let (status, html) = house.send(&page, &action, &list).await;
    assert!(status == Status::UnprocessableEntity && html.contains("Người khác vừa sửa"));
    let (_, html) = house.get(&format!("{page}/ky-nhan")).await;
    for text in ["Danh sách ký nhận", "Hộ Thử 00", "Ký nhận", "Cộng 7 hộ", "Ba triệu năm trăm"]
    {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("Hộ nghèo") && html.contains("chưa chốt"), "{html}");

    house.sign_in(TREASURER).await;
    let (status, to) = house.lay_list(&round).await;
    assert_eq!((status, to), (Status::SeeOther, format!("{page}?moi=1")));
    let drafts = house.drafts_of(&round).await;
    assert_eq!(drafts.len(), 1);
    let (_, html) = house.get(&format!("{page}/chon")).await;
    assert!(html.contains("chốt") && !html.contains("family[]"), "{html}");
    let (status, to) = house.approve_all(&drafts).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let body = aid_of(&house, seq_of(&to)).await;
    assert_eq!((body.lines.len(), body.round.as_ref().unwrap().as_str()), (7, "dot-1"));
    // Six poor and one orphan: the one would stand alone, so there are no counts at all.
    assert!(body.counts.is_none() && body.private.is_none());
    let (_, html) = house.get(&format!("/ban/so-ho/{}", families[0])).await;
    assert!(html.contains(&format!("/ban/but-toan/{}", seq_of(&to))), "{html}");
    for page in ["/xuan-tay".to_owned(), "/xuan-tay/cong-khai".to_owned(), "/xuan-tay/so/3".into()]
    {
        assert!(!house.get(&page).await.1.contains("Hộ Thử"), "{page}");
    }
}

#[rocket::async_test]
async fn nobody_is_served_twice_in_a_round_without_a_reason() {
    let (house, families) = furnished(2).await;
    let round = house.round("dot-1", "").await;
    let slip = [
        ("date", "20/11/2026"),
        ("programme", "tet"),
        ("round", "dot-1"),
        ("note", ""),
        ("line_name[]", "ho thu 00"),
        ("line_category[]", ""),
        ("line_amount[]", "200000"),
        ("place", "cash"),
        ("fund", "chung"),
        ("gifts", ""),
        ("paper_no", ""),
        ("again", ""),
    ];
    let draft = house.slip("/ban/phieu-chi", "", &slip).await;
    let (_, html) = house.get(draft.split('?').next().unwrap()).await;
    assert!(html.contains("Hộ Thử 00"), "the register's name is sealed: {html}");
    // The slip's family is left out of "all", and needs a reason when it is ticked.
    let all = [("amount", "500.000"), ("step", "all")];
    assert_eq!(house.choose(&round, &all).await.0, Status::SeeOther);
    let ticked = [
        ("family[]", families[0].as_str()),
        ("amount", "500.000"),
        ("reason", ""),
        ("step", "ticked"),
    ];
    let (status, html) = house.choose(&round, &ticked).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#reason\"") && html.contains("Đã nhận trong đợt này"));
    let mut excused = ticked;
    excused[2].1 = "Nhà cháy đêm qua";
    assert_eq!(house.choose(&round, &excused).await.0, Status::SeeOther);
    assert!(house.get(&format!("{PATH}/{round}")).await.1.contains("Nhà cháy đêm qua"));
    assert_eq!(house.lay_list(&round).await.0, Status::SeeOther);
    let drafts = house.drafts_of(&round).await;
    let (_, html) = house.get(&format!("/ban/duyet/{}", drafts[0])).await;
    assert!(html.contains("Nhà cháy đêm qua"), "who approves reads why: {html}");
    // And a slip asks, too.
    let (_, html) = house.get("/ban/phieu-chi").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/phieu-chi"));
    let mut again = vec![("id", id.as_str())];
    again.extend(slip);
    let (status, html) = house.post("/ban/phieu-chi", &token, &again).await;
    assert_eq!(status, Status::UnprocessableEntity);
    assert!(html.contains("href=\"#again\""), "{html}");
    again.last_mut().unwrap().1 = "Thêm thuốc";
    assert_eq!(house.post("/ban/phieu-chi", &token, &again).await.0, Status::Ok);
    again.push(("step", "record"));
    assert_eq!(house.post("/ban/phieu-chi", &token, &again).await.0, Status::SeeOther);
}

#[rocket::async_test]
async fn a_slip_of_goods_knows_the_families_of_the_register_too() {
    let (house, families) = furnished(2).await;
    house.shelves().await;
    house.received().await;
    let slip = [
        ("date", "20/11/2026"),
        ("programme", "tet"),
        ("round", "dot-9"),
        ("note", ""),
        ("item[]", "gao"),
        ("quantity[]", "1"),
        ("line_name[]", "ho thu 00"),
        ("line_category[]", ""),
        ("store", "kho"),
        ("fund", "chung"),
        ("allow_expired", "no"),
        ("again", ""),
    ];
    let draft = house.slip("/ban/xuat-kho", "", &slip).await;
    let (_, html) = house.get(draft.split('?').next().unwrap()).await;
    assert!(html.contains("Hộ Thử 00"), "the register's name is sealed: {html}");
    let desk = house.store().desk(house.chapter().0).unwrap();
    let (programme, round) = ("tet".parse().unwrap(), "dot-9".parse().unwrap());
    let other = "01934f00-0000-7000-8000-000000000000".parse().unwrap();
    let served = house.store().served_by_others(&desk, (&programme, &round), &other).await;
    assert!(served.unwrap().contains(&families[0].parse().unwrap()));
    // A second time in the round needs a reason, here as on a slip of money.
    let (_, html) = house.get("/ban/xuat-kho").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/xuat-kho"));
    let mut again = vec![("id", id.as_str())];
    again.extend(slip);
    let (status, html) = house.post("/ban/xuat-kho", &token, &again).await;
    assert!(status == Status::UnprocessableEntity && html.contains("href=\"#again\""), "{html}");
    again.last_mut().unwrap().1 = "Nhà đông người";
    assert_eq!(house.post("/ban/xuat-kho", &token, &again).await.0, Status::Ok);
}

#[rocket::async_test]
async fn a_list_is_open_again_when_its_voucher_was_withdrawn_and_a_second_click_makes_none() {
    let (house, _) = furnished(3).await;
    let round = house.round("dot-1", "100.000").await;
    let all = [("amount", "100.000"), ("step", "all")];
    house.choose(&round, &all).await;
    let page = format!("{PATH}/{round}");
    let action = format!("{page}/lap-phieu");
    let (_, html) = house.get(&page).await;
    let (version, token) = (hidden(&html, "version"), token(&html, &action));
    for to in [format!("{page}?moi=1"), page.clone()] {
        let sent = house.post(&action, &token, &[("version", version.as_str())]).await;
        assert_eq!(sent, (Status::SeeOther, to));
    }
    let drafts = house.drafts_of(&round).await;
    assert_eq!((drafts.len(), house.written().await.1), (1, 1));
    let path = format!("/ban/duyet/{}", drafts[0]);
    assert_eq!(house.send(&path, &format!("{path}/rut"), &[]).await.0, Status::SeeOther);
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Đang lập danh sách") && html.contains("Đã rút"), "{html}");
    assert_eq!(house.lay_list(&round).await.0, Status::SeeOther);
    // What has a voucher is not thrown away; what has none is, and its code is free again.
    let away = format!("{page}/bo");
    let token = house.token_of(&away);
    let (status, html) = house.post(&away, &token, &[("version", "99")]).await;
    assert!(status == Status::UnprocessableEntity && html.contains("vừa sửa"), "{html}");
    let typo = house.round("dott-2", "").await;
    let away = format!("{PATH}/{typo}/bo");
    let sent = house.send(&format!("{PATH}/{typo}"), &away, &[("version", "0")]).await;
    assert_eq!(sent, (Status::SeeOther, PATH.to_owned()));
    let cost = house.round("dot-2", "").await;
    let (status, html) = house.lay_list(&cost).await;
    assert_eq!(status, Status::Forbidden, "no button on an empty list: {html}");
    let dear = house.round("dot-3", "").await;
    house.choose(&dear, &[("amount", "400.000.000"), ("step", "all")]).await;
    let (status, html) = house.lay_list(&dear).await;
    assert!(status == Status::UnprocessableEntity && html.contains("900.000.000"), "{html}");
}

#[rocket::async_test]
async fn an_erased_family_leaves_its_rounds_and_its_lines_and_the_ledger_stays() {
    let (house, _) = furnished(4).await;
    let planted = house.family(&FAMILY).await;
    let round = house.round("dot-1", "250.000").await;
    house.choose(&round, &[("amount", "250.000"), ("step", "all")]).await;
    house.lay_list(&round).await;
    // What waits is decided first.
    let query = format!("nguoi={planted}");
    let (status, html) = house.erase(&query, &ERASE).await;
    assert!(status == Status::UnprocessableEntity && html.contains("chờ duyệt"), "{html}");
    let drafts = house.drafts_of(&round).await;
    let (_, to) = house.approve_all(&drafts).await;
    let seq = seq_of(&to);
    // What everybody may take home knows nobody, neither of the line nor of the register.
    let (out, store) = (tempfile::tempdir().unwrap(), house.store());
    let tree = crate::publish::Tree::open(store, store.chapters()[0].0).unwrap().unwrap();
    crate::publish::export(&tree, &out.path().join("copy")).await.unwrap();
    let published = files(out.path());
    assert!(published.iter().any(|(name, _)| name.ends_with("entries.jsonl")));
    for (name, bytes) in published {
        for text in ["Hộ Thử", "Nguyễn Thị Đào", "0987654321", "079058123456", planted.as_str()]
        {
            assert!(!holds(&bytes, text), "{name} holds {text}");
        }
    }
    let (status, draft) = house.erase(&query, &ERASE).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    house.approve(&draft).await;
    let (_, html) = house.get(&format!("{PATH}/{round}")).await;
    assert!(html.contains("4 hộ") && !html.contains("Đào"), "{html}");
    let (_, html) = house.get(&format!("/ban/but-toan/{seq}?rieng=1")).await;
    assert!(html.contains("Hộ Thử 01") && !html.contains("Đào"), "{html}");
    assert_eq!(aid_of(&house, seq).await.lines.len(), 5);
    for (name, bytes) in files(house.folder.path()) {
        for text in ["Nguyễn Thị Đào", "0987654321", "079058123456", "hẻm Cây Me"] {
            assert!(!holds(&bytes, text), "{name} holds {text}");
        }
    }
}
