//! Goods in rounds of distribution, and families that do not come.

use super::goods::assert_clean;
use super::people::CASEWORKER;
use super::rounds::{PATH, furnished};
use super::*;
use crate::ledger::voucher::{Body, GoodsDistributed, HandoverReturned};
use crate::ledger::word::Person;
use crate::store::desk::register::{Record, Role};

/// What each family gets.
const EACH: [(&str, &str); 4] =
    [("item[]", "gao"), ("quantity[]", "10,5"), ("item[]", "chan"), ("quantity[]", "2")];

impl House {
    /// Makes a round of goods, and money where an amount is named; its identifier.
    async fn round_of(&self, code: &str, amount: &str, items: &[(&str, &str)]) -> String {
        let path = "/ban/dot-cap-phat/moi";
        let (_, html) = self.get(path).await;
        let id = hidden(&html, "id");
        let mut fields = vec![
            ("id", id.as_str()),
            ("programme", "tet"),
            ("round", code),
            ("date", "20/11/2026"),
            ("amount", amount),
            ("place", "cash"),
            ("fund", "chung"),
            ("store", "kho"),
            ("goods_fund", "chung"),
        ];
        fields.extend_from_slice(items);
        let (status, to) = self.post(path, &token(&html, path), &fields).await;
        assert_eq!((status, to), (Status::SeeOther, format!("{PATH}/{id}")));
        id
    }

    /// Everybody comes onto the list, and its vouchers into the ledger.
    async fn handed_out(&self, round: &str, amount: &str) {
        let all = [("amount", amount), ("step", "all")];
        assert_eq!(self.choose(round, &all).await.0, Status::SeeOther);
        let (status, html) = self.lay_list(round).await;
        assert_eq!(status, Status::SeeOther, "{html}");
        let drafts = self.drafts_of(round).await;
        let (status, to) = self.approve_all(&drafts).await;
        assert_eq!(status, Status::SeeOther, "{to}");
    }

    /// Says who of a round did not come.
    async fn absent(&self, round: &str, families: &[&str]) -> (Status, String) {
        let action = format!("{PATH}/{round}/vang-mat");
        let (_, html) = self.get(&action).await;
        let version = hidden(&html, "version");
        let mut fields = vec![("version", version.as_str()), ("date", "20/11/2026")];
        fields.extend(families.iter().map(|family| ("family[]", *family)));
        self.post(&action, &token(&html, &action), &fields).await
    }

    /// The last entries that handed goods out, and those that brought anything back.
    async fn goods_entries(&self) -> (Vec<GoodsDistributed>, Vec<HandoverReturned>) {
        let (mut out, mut back) = (Vec::new(), Vec::new());
        for seq in 0..self.written().await.0 {
            match &self.line(seq).await.entry.voucher().body {
                Body::GoodsDistributed(body) => out.push(body.clone()),
                Body::HandoverReturned(body) => back.push(body.clone()),
                _ => {}
            }
        }
        (out, back)
    }
}

#[rocket::async_test]
async fn a_round_hands_out_money_and_goods_and_takes_back_what_nobody_came_for() {
    let (house, families) = furnished(7).await;
    house.shelves().await;
    house.received().await;
    let round = house.round_of("dot-1", "200.000", &EACH).await;
    let page = format!("{PATH}/{round}");
    assert_eq!(house.absent(&round, &[&families[0]]).await.0, Status::Forbidden, "no form yet");
    house.handed_out(&round, "200.000").await;
    let (_, html) = house.get(&format!("{page}/ky-nhan")).await;
    for text in ["Gạo tẻ", "Chăn bông", "10,5 kg", "73,5 kg", "14 cái", "1.400.000", "Cộng 7 hộ"]
    {
        assert!(html.contains(text), "{text}: {html}");
    }
    let (out, _) = house.goods_entries().await;
    assert_eq!((out.len(), out[0].lines.len(), out[0].lines[0].items.len()), (1, 7, 2));
    let (_, html) = house.get(&format!("/ban/so-ho/{}", families[0])).await;
    assert_eq!(html.matches("/ban/but-toan/").count(), 2, "money and goods: {html}");

    // A caseworker says who was absent; a second click makes no second voucher.
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(CASEWORKER).await;
    let (status, html) = house.absent(&round, &[]).await;
    assert!(status == Status::UnprocessableEntity && html.contains("href=\"#family\""), "{html}");
    let action = format!("{page}/vang-mat");
    let (_, html) = house.get(&action).await;
    let (version, token) = (hidden(&html, "version"), token(&html, &action));
    let fields = [
        ("version", version.as_str()),
        ("date", "20/11/2026"),
        ("family[]", families[0].as_str()),
        ("family[]", families[3].as_str()),
    ];
    for to in [format!("{page}?moi=vang"), page.clone()] {
        assert_eq!(house.post(&action, &token, &fields).await, (Status::SeeOther, to));
    }
    assert_eq!(house.written().await.1, 2, "one for money, one for goods");
    let (_, html) = house.get(&page).await;
    assert!(html.contains("Vắng mặt") && html.contains("21 kg Gạo tẻ"), "{html}");
    let drafts = house.drafts_of(&round).await;
    let (status, to) = house.approve_all(&drafts).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    let (_, back) = house.goods_entries().await;
    let lines: Vec<u64> = back.iter().map(|body| body.lines.get()).collect();
    assert_eq!(lines, [2, 2]);
    assert!(back.iter().any(|body| body.amount.is_some_and(|sum| sum.money().minor() == 400_000)));
    let (_, html) = house.get("/ban/kho").await;
    assert!(html.contains("48 kg") && html.contains("10 cái"), "{html}");

    // The next round of the programme names them first, and they are ticked.
    let next = house.round_of("dot-2", "", &EACH).await;
    let (_, html) = house.get(&format!("{PATH}/{next}/chon")).await;
    assert_eq!(html.matches("checked").count(), 2, "{html}");
    assert_eq!(html.matches("Chưa nhận đợt trước").count(), 3, "twice, and as a choice: {html}");
    let only = [("earlier", "absent"), ("amount", ""), ("step", "all")];
    assert_eq!(house.choose(&next, &only).await.0, Status::SeeOther);
    assert!(house.get(&format!("{PATH}/{next}")).await.1.contains("2 hộ"));
    // They may be served in the same round, too: nothing serves them there now.
    assert_eq!(house.lay_list(&round).await.0, Status::SeeOther);
    assert_eq!(house.drafts_of(&round).await.len(), 2);
    assert_clean(&house).await;
}

#[rocket::async_test]
async fn what_is_wrong_with_the_goods_of_a_round_is_said() {
    let (house, _) = furnished(6).await;
    house.shelves().await;
    house.received().await;
    let path = "/ban/dot-cap-phat/moi";
    let twice = [EACH[0], EACH[1], EACH[0], EACH[1]];
    let none = [EACH[0], ("quantity[]", "0"), EACH[2], EACH[3]];
    let stranger = [("item[]", "vang"), EACH[1], EACH[2], EACH[3]];
    let named = [("store", "kho"), ("goods_fund", "chung")];
    let nowhere = [("store", ""), ("goods_fund", "chung")];
    for (items, from, at) in [
        (twice, named, "#item"),
        (none, named, "#quantity"),
        (stranger, named, "#item"),
        (EACH, nowhere, "#store"),
    ] {
        let (_, html) = house.get(path).await;
        let id = hidden(&html, "id");
        let mut fields = vec![
            ("id", id.as_str()),
            ("programme", "tet"),
            ("round", "dot-1"),
            ("date", "20/11/2026"),
            ("amount", ""),
            ("place", "cash"),
            ("fund", "chung"),
        ];
        fields.extend(items);
        fields.extend(from);
        let (status, html) = house.post(path, &token(&html, path), &fields).await;
        assert_eq!(status, Status::UnprocessableEntity, "{at}");
        assert!(html.contains(&format!("href=\"{at}\"")), "{at}: {html}");
    }
    // More than there is: nothing is laid.
    let much = [EACH[0], ("quantity[]", "17")];
    let round = house.round_of("dot-1", "", &much).await;
    house.choose(&round, &[("amount", ""), ("step", "all")]).await;
    let (status, html) = house.lay_list(&round).await;
    assert!(status == Status::UnprocessableEntity && html.contains("100,5 kg Gạo tẻ"), "{html}");
    // Half a blanket.
    let half = [EACH[2], ("quantity[]", "1,5")];
    let round = house.round_of("dot-2", "", &half).await;
    house.choose(&round, &[("amount", ""), ("step", "all")]).await;
    assert_eq!(house.lay_list(&round).await.0, Status::UnprocessableEntity);
    // Nothing at all for anybody.
    assert_eq!(house.written().await.1, 0);
}

/// A house whose register has so many families, and enough of three items for each.
async fn with_families(number: u32) -> (House, Vec<(Person, Role, Record)>) {
    let (house, _) = furnished(0).await;
    house.shelves().await;
    let item = [
        ("date", "20/11/2026"),
        ("name", "Dầu ăn"),
        ("code", "dau"),
        ("unit", "lít"),
        ("whole", "parts"),
        ("note", ""),
    ];
    house.slip("/ban/mo-mat-hang", "", &item).await;
    let mut lots = vec![
        ("date", "20/11/2026"),
        ("donor_type", "person"),
        ("donor_name", "Nguyễn Thị Hạnh"),
        ("donor_address", ""),
        ("note", ""),
        ("store", "kho"),
        ("fund", "chung"),
        ("paper_no", ""),
    ];
    for item in ["gao", "chan", "dau"] {
        lots.extend([
            ("lot_item[]", item),
            ("lot_quantity[]", "60000"),
            ("lot_value[]", "90.000.000"),
            ("lot_expiry[]", ""),
            ("lot_condition[]", ""),
        ]);
    }
    house.slip("/ban/nhap-kho", "", &lots).await;
    let family = |number: u32| {
        let hamlet = Some(format!("Thôn {:02}", number / 200 + 1));
        let full_name = format!("Hộ Thử {number}");
        let record = Record { full_name, hamlet, ..Record::default() };
        let id: Person = format!("{:016x}", 0x1000 + number).parse().unwrap();
        (id, Role::Family, record)
    };
    let families: Vec<_> = (0..number).map(family).collect();
    let officer: Person = "00000000000000aa".parse().unwrap();
    let (chapter, now) = (house.chapter().0, house.clock.now());
    house.store().enter_persons(chapter, &families, &officer, now).await.unwrap();
    (house, families)
}

#[rocket::async_test]
async fn a_round_of_450_families_with_three_items_becomes_vouchers_that_fit() {
    let (house, families) = with_families(450).await;
    let items = [EACH[0], EACH[1], EACH[2], EACH[3], ("item[]", "dau"), ("quantity[]", "0,75")];
    let round = house.round_of("dot-1", "", &items).await;
    house.handed_out(&round, "").await;
    let (out, _) = house.goods_entries().await;
    let lengths: Vec<usize> = out.iter().map(|body| body.lines.len()).collect();
    assert!(lengths.len() > 1 && lengths.iter().sum::<usize>() == 450, "{lengths:?}");
    assert!(lengths.iter().max().unwrap() - lengths.iter().min().unwrap() <= 1, "{lengths:?}");
    let (_, html) = house.get("/ban/kho").await;
    for left in ["55275 kg", "59100 cái", "59662,5 lít"] {
        assert!(html.replace('.', "").contains(left), "{left}: {html}");
    }
    // Of both vouchers somebody was absent.
    let (first, last) = (families[0].0.as_str(), families[449].0.as_str());
    assert_eq!(house.absent(&round, &[first, last]).await.0, Status::SeeOther);
    assert_eq!(house.written().await.1, 2);
    assert_clean(&house).await;
}

#[rocket::async_test]
async fn a_caseworker_lays_goods_and_leaves_money_to_the_recorders() {
    let (house, _) = furnished(6).await;
    house.shelves().await;
    house.received().await;
    house.enrol(CASEWORKER, "caseworker").await;
    house.sign_in(CASEWORKER).await;
    let mixed = house.round_of("dot-1", "50.000", &EACH).await;
    let all = [("amount", "50.000"), ("step", "all")];
    assert_eq!(house.choose(&mixed, &all).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("{PATH}/{mixed}")).await;
    assert!(html.contains("Thủ quỹ, chủ tịch hoặc phó chủ tịch lập phiếu"), "{html}");
    let goods = house.round_of("dot-2", "", &EACH).await;
    let all = [("amount", ""), ("step", "all")];
    assert_eq!(house.choose(&goods, &all).await.0, Status::SeeOther);
    let (status, html) = house.lay_list(&goods).await;
    assert_eq!(status, Status::SeeOther, "{html}");
    let drafts = house.drafts_of(&goods).await;
    let (status, to) = house.approve_all(&drafts).await;
    assert_eq!(status, Status::SeeOther, "{to}");
    assert_eq!(house.goods_entries().await.0.len(), 1);
}

/// Five thousand families with three items each: one approval, and pages that stay usable.
#[rocket::async_test]
async fn a_round_of_5000_families_is_recorded_by_one_approval() {
    let (house, families) = with_families(5_000).await;
    let three = [EACH[0], EACH[1], EACH[2], EACH[3], ("item[]", "dau"), ("quantity[]", "0,75")];
    let round = house.round_of("dot-lon", "", &three).await;
    house.handed_out(&round, "").await;
    let (out, _) = house.goods_entries().await;
    let lengths: Vec<usize> = out.iter().map(|body| body.lines.len()).collect();
    assert_eq!(lengths.iter().sum::<usize>(), 5_000, "{lengths:?}");
    assert!(lengths.iter().all(|length| *length <= 400), "{lengths:?}");
    for (page, most) in [("", 120_000), ("?trang=25", 120_000), ("/vang-mat?trang=25", 80_000)] {
        let (status, html) = house.get(&format!("{PATH}/{round}{page}")).await;
        assert_eq!(status, Status::Ok, "{page}");
        assert!(html.len() < most, "{page}: {} bytes", html.len());
    }
    // One sheet for each hamlet, numbered as the whole.
    let (_, whole) = house.get(&format!("{PATH}/{round}/ky-nhan")).await;
    assert!(whole.contains("?xom=25"), "as many sheets as hamlets");
    for wrong in ["0", "-1", "99999", "abc", ""] {
        let (status, _) = house.get(&format!("{PATH}/{round}/ky-nhan?xom={wrong}")).await;
        assert_eq!(status, Status::NotFound, "{wrong}: not the names of all");
    }
    let (_, sheet) = house.get(&format!("{PATH}/{round}/ky-nhan?xom=25")).await;
    assert!(sheet.len() < 120_000 && sheet.contains(">5000</td>"), "{} bytes", sheet.len());
    assert!(sheet.contains("2100 kg") || sheet.contains("2.100 kg"), "the sum of this sheet");
    let last = families[4_999].0.as_str();
    assert_eq!(house.absent(&round, &[last]).await.0, Status::SeeOther);
    assert_clean(&house).await;
}
