//! Deadlines of publication at the desk and for everybody, statements on paper, the notice board.

use super::*;
use crate::ledger::tree::sha256;
use crate::store::desk::publication::Rule;

const PATH: &str = "/ban/quan-tri/han-cong-khai";
const CALENDAR: &str = "/xuan-tay/lich-cong-khai";

/// The form of deadlines as its page has it, with some fields changed.
fn fields(html: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = vec![
        ("version".to_owned(), hidden(html, "version")),
        ("since".to_owned(), typed(html, "since")),
    ];
    for rule in Rule::ALL {
        for part in ["days", "source"] {
            let name = format!("{}_{part}", rule.as_str());
            let value = typed(html, &name);
            all.push((name, value));
        }
        for part in ["check", "on"] {
            let name = format!("{}_{part}", rule.as_str());
            let after = html.split_once(&format!("name=\"{name}\"")).unwrap().1;
            if after.split('>').next().unwrap().contains(" checked") {
                all.push((name, "yes".to_owned()));
            }
        }
    }
    for (name, value) in changes {
        all.retain(|(own, _)| own != name);
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    all
}

/// What stands in a field of one line.
fn typed(html: &str, name: &str) -> String {
    let after = html.split_once(&format!("name=\"{name}\"")).map_or("", |(_, rest)| rest);
    let (_, rest) = after.split_once("value=\"").unwrap_or(("", ""));
    rest.split('"').next().unwrap_or_default().replace("&#39;", "'")
}

impl House {
    async fn change(&self, changes: &[(&str, &str)]) -> (Status, String) {
        let (_, html) = self.get(PATH).await;
        self.change_from(&html, changes).await
    }

    async fn change_from(&self, html: &str, changes: &[(&str, &str)]) -> (Status, String) {
        let all = fields(html, changes);
        let all: Vec<(&str, &str)> =
            all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(PATH, &token(html, PATH), &all).await
    }

    /// A file of the site.
    async fn file(&self, path: &str) -> (Status, Vec<u8>) {
        let response = self.client.get(path.to_owned()).dispatch().await;
        (response.status(), response.into_bytes().await.unwrap_or_default())
    }

    /// The text of a PDF file of the site.
    async fn pdf(&self, path: &str) -> String {
        let (status, bytes) = self.file(path).await;
        assert_eq!(status, Status::Ok, "{path}");
        let file = lopdf::Document::load_mem(&bytes).unwrap();
        let pages: Vec<u32> = file.get_pages().into_keys().collect();
        pages.iter().map(|page| file.extract_text(&[*page]).unwrap()).collect()
    }

    /// Publishes a quarter or a year, both signatures.
    async fn published(&self, what: &str) -> u64 {
        let (_, html) = self.get("/ban/bao-cao").await;
        let id = hidden(&html, "id");
        let all = [("id", id.as_str()), ("what", what), ("fund", ""), ("from", ""), ("to", "")];
        let (status, draft) = self.post("/ban/bao-cao", &token(&html, "/ban/bao-cao"), &all).await;
        assert_eq!(status, Status::SeeOther, "{draft}");
        seq_of(&self.approve(&draft).await)
    }
}

/// A text without the spaces in which lines of a paper break.
fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '\u{a0}').collect()
}

#[rocket::async_test]
async fn deadlines_are_changed_told_of_with_their_history_and_reset() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (_, before) = house.get(PATH).await;
    assert!(before.contains("Nghị định 93/2021/NĐ-CP, điều 14"), "{before}");
    assert!(before.contains("Chưa ai đổi") && !before.contains("Trở lại các hạn"), "{before}");
    let changes = [("month_closed_days", "15"), ("month_closed_source", "Quy chế <b>Hội</b>")];
    let (status, to) = house.change(&changes).await;
    assert_eq!((status, to.as_str()), (Status::SeeOther, "/ban/quan-tri/han-cong-khai?khoa=1"));
    let (_, html) = house.get(&to).await;
    assert!(html.contains("Đã lưu các hạn"), "{html}");
    assert!(
        html.contains("10 ngày, Hội tự đặt → 15 ngày, Quy chế &lt;b&gt;Hội&lt;/b&gt;"),
        "{html}"
    );
    let (_, seen) = house.get(CALENDAR).await;
    assert!(seen.contains("15 ngày sau khi hết tháng"), "{seen}");
    assert!(seen.contains("Quy chế &lt;b&gt;") && seen.contains("lần cuối ngày 20/11/2026"));
    // The form as it was sent changes nothing any more; an old one is not taken unseen.
    assert_eq!(house.change(&changes).await.0, Status::SeeOther);
    assert_eq!(house.get(PATH).await.1.matches("→ 15 ngày").count(), 1);
    let (status, html) = house.change_from(&before, &[("year_published_days", "60")]).await;
    assert_eq!(status, Status::Conflict);
    assert!(html.contains("Người khác vừa đổi") && html.contains("value=\"60\""), "{html}");
    let (status, _) = house.change_from(&html, &[]).await;
    assert_eq!(status, Status::SeeOther, "looked at, and sent again");
    // Switched off, a rule is not told of.
    let (status, _) = house.change(&[("receipt_given_on", "")]).await;
    assert_eq!(status, Status::SeeOther);
    assert!(!house.get(CALENDAR).await.1.contains("Biên nhận cho người ủng hộ"));
    let reset = "/ban/quan-tri/han-cong-khai/mac-dinh";
    let (_, html) = house.get(PATH).await;
    let (_, rest) = html.split_once(&format!("action=\"{reset}\"")).unwrap();
    let version = hidden(rest, "version");
    let version = [("version", version.as_str())];
    for _ in 0..2 {
        let (status, _) = house.post(reset, &token(&html, reset), &version).await;
        assert_eq!(status, Status::SeeOther, "also on a second click");
    }
    let (_, html) = house.get(PATH).await;
    assert_eq!(html.matches("· trở lại các hạn ban đầu").count(), 1, "{html}");
    assert_eq!(typed(&html, "month_closed_days"), "10");
}

#[rocket::async_test]
async fn odd_deadlines_are_refused_and_nothing_is_changed() {
    let house = House::founded().await;
    house.sign_in(CHAIR).await;
    let long = "x".repeat(201);
    for (field, value) in [
        ("month_closed_days", "-1"),
        ("month_closed_days", "0"),
        ("month_closed_days", "10000"),
        ("month_closed_days", "99999999999999999999"),
        ("appeal_used_days", "3651"),
        ("appeal_used_days", "1e2"),
        ("appeal_used_days", "5.0"),
        ("appeal_used_days", "+5"),
        ("appeal_used_days", "١٥"),
        ("appeal_used_days", ""),
        ("notice_kept_source", long.as_str()),
        ("notice_kept_source", "a\u{202e}b"),
        ("since", "31/02/2026"),
        ("since", "21/11/2026"),
    ] {
        let (status, html) = house.change(&[(field, value)]).await;
        assert_eq!(status, Status::UnprocessableEntity, "{field} {value}");
        assert!(html.contains(&format!("href=\"#{field}\"")), "{field} {value}: {html}");
        assert!(html.contains(&format!("id=\"{field}-fault\"")), "{field} {value}");
    }
    let (_, html) = house.get(PATH).await;
    let all = fields(&html, &[]);
    let all: Vec<(&str, &str)> =
        all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for more in [("month_closed_days", "9"), ("role", "chair"), ("month_closed_days[]", "9")] {
        let sent = [all.as_slice(), &[more]].concat();
        let (status, _) = house.post(PATH, &token(&html, PATH), &sent).await;
        assert_eq!(status, Status::BadRequest, "{more:?}");
    }
    assert!(house.get(PATH).await.1.contains("Chưa ai đổi"));
}

#[rocket::async_test]
async fn a_new_chapter_owes_nothing_and_says_so() {
    let house = House::founded().await;
    for (language, none, rule) in [
        ("vi", "Không việc nào quá hạn", "Cần kiểm tra"),
        ("en", "Nothing is overdue", "To be checked"),
    ] {
        let (status, html) = house.get(&format!("{CALENDAR}?lang={language}")).await;
        assert_eq!(status, Status::Ok);
        assert!(html.contains(none) && html.contains(rule), "{html}");
        let (status, html) = house.get(&format!("/xuan-tay/bao-cao?lang={language}")).await;
        assert_eq!(status, Status::Ok);
        assert!(html.contains("/xuan-tay/bao-cao/2026-11/bang.pdf"), "{html}");
    }
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/han-cong-khai?lang=vi").await;
    assert!(html.contains("Hiện không có việc nào phải làm"), "{html}");
    assert!(html.contains("Chưa có việc nào xong"), "{html}");
    assert_eq!(house.get(&format!("{CALENDAR}?nam=2020")).await.0, Status::NotFound);
    assert_eq!(house.get("/xuan-tay/bao-cao?nam=2020").await.0, Status::NotFound);
}

#[rocket::async_test]
async fn what_is_due_overdue_and_done_is_told_at_the_desk_and_in_public() {
    let house = House::audited().await;
    house.gift_on("01/09/2026", "1.500.000").await;
    house.on("2026-09-30").await;
    house.gift_on("30/09/2026", "200.000").await;
    house.on("2026-10-03").await;
    let (_, today) = house.get("/ban/viec").await;
    assert!(today.contains("href=\"/ban/khoa-so\">Khóa sổ, công khai tháng</a>"), "{today}");
    assert!(today.contains("hạn 10/10/2026") && today.contains("Còn 7 ngày"), "{today}");
    house.on("2026-10-12").await;
    let (_, seen) = house.get(CALENDAR).await;
    assert!(seen.contains("1 việc đã quá hạn") && seen.contains("Quá hạn 2 ngày"), "{seen}");
    let seq = house.closed().await;
    let (_, seen) = house.get(CALENDAR).await;
    assert!(!seen.contains("đã quá hạn,") && seen.contains("Trễ 2 ngày"), "{seen}");
    assert!(seen.contains(&format!("href=\"/xuan-tay/so/{seq}\"")), "{seen}");
    // The receipt of the gift was there on the same day.
    assert!(seen.contains("Tháng 09/2026 · 2 khoản") && seen.contains("Đúng hạn"), "{seen}");
    let (_, desk) = house.get("/ban/han-cong-khai").await;
    assert!(desk.contains(&format!("href=\"/ban/but-toan/{seq}\"")), "{desk}");
    // The third quarter, in time; then its sheet is due on the board.
    assert!(desk.contains("Công bố báo cáo quý"), "{desk}");
    let quarter = house.published("2026-q3").await;
    let (_, desk) = house.get("/ban/han-cong-khai").await;
    assert!(desk.contains(&format!("/ban/but-toan/{quarter}")), "{desk}");
    assert!(desk.contains("href=\"/ban/niem-yet/2026-q3\""), "{desk}");
    // An auditor sees what is due, and has no way to do it.
    house.sign_in(("tu.kiemtra", "cây ngay không sợ chết đứng")).await;
    let (_, today) = house.get("/ban/viec").await;
    assert!(today.contains("Niêm yết báo cáo") && !today.contains("/ban/niem-yet/"), "{today}");
}

#[rocket::async_test]
async fn a_notice_is_noted_once_told_as_the_chapters_word_and_taken_back() {
    let house = House::audited().await;
    house.gift_on("01/09/2026", "1.500.000").await;
    house.on("2026-10-02").await;
    house.closed().await;
    house.published("2026-q3").await;
    let path = "/ban/niem-yet/2026-q3";
    let (_, html) = house.get(path).await;
    assert_eq!(typed(&html, "posted_on"), "02/10/2026");
    assert_eq!(typed(&html, "until_on"), "01/11/2026");
    let id = hidden(&html, "id");
    let note = |posted: &'static str, until: &'static str, place: &'static str| {
        [("posted_on", posted), ("until_on", until), ("place", place)]
    };
    for (fields, at) in [
        (note("03/10/2026", "02/11/2026", "Trụ sở"), "posted_on"),
        (note("31/08/2026", "02/11/2026", "Trụ sở"), "posted_on"),
        (note("02/10/2026", "01/10/2026", "Trụ sở"), "until_on"),
        (note("02/10/2026", "02/10/2126", "Trụ sở"), "until_on"),
        (note("02/10/2026", "01/11/2026", ""), "place"),
    ] {
        let all = [&[("id", id.as_str())], fields.as_slice()].concat();
        let (status, html) = house.post(path, &token(&html, path), &all).await;
        assert_eq!(status, Status::UnprocessableEntity, "{fields:?}");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{fields:?}: {html}");
    }
    let fields = note("02/10/2026", "01/11/2026", "Nhà văn hóa <thôn> Thượng");
    let all = [&[("id", id.as_str())], fields.as_slice()].concat();
    for _ in 0..2 {
        let (status, to) = house.post(path, &token(&html, path), &all).await;
        assert_eq!((status, to.as_str()), (Status::SeeOther, "/ban/niem-yet/2026-q3?khoa=1"));
    }
    let (_, seen) = house.get(CALENDAR).await;
    assert_eq!(seen.matches("Nhà văn hóa &lt;thôn&gt; Thượng").count(), 1, "{seen}");
    assert!(seen.contains("Lời của Hội") && seen.contains("(lời của Hội)"), "{seen}");
    assert!(house.get("/xuan-tay/bao-cao").await.1.contains("niêm yết từ 02/10/2026"));
    let sheet = house.pdf("/xuan-tay/bao-cao/2026-q3/niem-yet.pdf").await;
    assert!(sheet.contains("02/10/2026") && sheet.contains("01/11/2026"), "{sheet}");
    assert!(squeezed(&sheet).contains("<thôn>Thượng"), "{sheet}");
    let (_, bytes) = house.file("/xuan-tay/bao-cao/2026-q3/niem-yet.pdf").await;
    let pages = lopdf::Document::load_mem(&bytes).unwrap().get_pages().len();
    assert_eq!(pages, 1, "a sheet for a wall");
    let (_, html) = house.get(path).await;
    let remove = format!("/ban/niem-yet/{id}/bo");
    for _ in 0..2 {
        let (status, _) = house.post(&remove, &token(&html, &remove), &[]).await;
        assert_eq!(status, Status::SeeOther);
    }
    let (_, seen) = house.get(CALENDAR).await;
    assert!(seen.contains("Chưa ghi lần niêm yết nào"), "{seen}");
    for name in ["2026-q4", "x", "chung_2026-09-01_2026-09-30", "2026-Q3"] {
        assert_eq!(house.get(&format!("/ban/niem-yet/{name}")).await.0, Status::NotFound, "{name}");
    }
}

#[rocket::async_test]
async fn a_statement_on_paper_has_the_figures_and_the_digest_of_its_file() {
    let house = House::audited().await;
    house.gift_on("01/09/2026", "1.500.000").await;
    house.on("2026-10-02").await;
    let closing = house.closed().await;
    let (_, file) = house.file("/xuan-tay/statements/2026-09.json").await;
    let digest = sha256(&file).to_string();
    let read: serde_json::Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(read["funds"][0]["received"], 1_500_000);
    let text = house.pdf("/xuan-tay/bao-cao/2026-09/bang.pdf").await;
    let flat = squeezed(&text);
    for said in [
        "Báo cáo thu chi",
        "Tháng 09/2026",
        "Một triệu năm trăm nghìn đồng",
        "1.500.000",
        "Quỹ chung",
        "Ủng hộ bằng tiền",
        "Thủ quỹ",
        "Chủ tịch",
        "Kế toán / Ban kiểm tra",
        &format!("Bút toán {closing}"),
        &digest,
        "/xuan-tay/bao-cao/2026-09",
        "ban kiểm tra chưa kết luận",
        "so.example/xuan-tay",
    ] {
        assert!(flat.to_lowercase().contains(&squeezed(said).to_lowercase()), "{said}: {text}");
    }
    // The page says whether a paper names this file.
    let mark = &digest[..16];
    for (mark, said) in [
        (mark, "Khớp: tệp báo cáo"),
        ("0000000000000000", "Không khớp với tờ giấy"),
        (&mark[..8], "Không khớp với tờ giấy"),
    ] {
        let (_, html) = house.get(&format!("/xuan-tay/bao-cao/2026-09?h={mark}")).await;
        assert!(html.contains(said), "{mark}: {html}");
    }
    let english = house.pdf("/xuan-tay/bao-cao/2026-09/bang.pdf?lang=en").await;
    assert!(english.contains("1,500,000"), "{english}");
    // Of a quarter that nobody published there is a preview, and no digest to compare.
    let text = house.pdf("/xuan-tay/bao-cao/2026-q3/bang.pdf?lang=vi").await;
    assert!(squeezed(&text).contains(&squeezed("Bản xem trước: các tháng")), "{text}");
    assert!(!text.contains("SHA-256"), "{text}");
    let (_, html) = house.get("/xuan-tay/bao-cao/2026-q3").await;
    assert!(html.contains("chưa được ký và công bố") && html.contains("1.500.000"), "{html}");
    let sheet = house.pdf("/xuan-tay/bao-cao/2026-09/niem-yet.pdf").await;
    assert!(sheet.contains("1.500.000") && sheet.contains("Niêm yết"), "{sheet}");
    for odd in ["2026-08", "2027", "2026-q5", "x", "2026-Q3"] {
        let path = format!("/xuan-tay/bao-cao/{odd}/bang.pdf");
        assert_eq!(house.file(&path).await.0, Status::NotFound, "{odd}");
    }
    let response = house.client.get("/xuan-tay/bao-cao/2026-Q3").dispatch().await;
    assert_eq!(response.headers().get_one("Location"), Some("/xuan-tay/bao-cao/2026-q3"));
}

#[rocket::async_test]
async fn an_appeal_has_previews_and_duties_and_its_sheet_may_hang_before_its_months_are_closed() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.fund("restricted", "Vận động Tết", "tet").await;
    let mut fields = gift("900.000");
    fields.iter_mut().filter(|(name, _)| *name == "fund").for_each(|field| field.1 = "tet");
    house.slip("/ban/phieu-thu", "", &fields).await;
    let name = "tet_2026-11-19_2027-01-31";
    let (status, html) = house.get(&format!("/xuan-tay/bao-cao/{name}")).await;
    assert_eq!(status, Status::Ok);
    assert!(html.contains("Vận động Tết") && html.contains("900.000"), "{html}");
    let (_, list) = house.get("/xuan-tay/bao-cao").await;
    assert!(list.contains(&format!("/xuan-tay/bao-cao/{name}")), "{list}");
    let (_, seen) = house.get(CALENDAR).await;
    for said in ["Kết thúc tiếp nhận của đợt vận động", "17/02/2027", "15/02/2027", "20/02/2027"]
    {
        assert!(seen.contains(said), "{said}: {seen}");
    }
    let text = house.pdf(&format!("/xuan-tay/bao-cao/{name}/niem-yet.pdf")).await;
    assert!(squeezed(&text).contains("900.000₫") && text.contains("Vận động Tết"), "{text}");
    // No name without consent.
    assert!(!text.contains("Hạnh") && !text.contains("đồng ý nêu tên"), "{text}");
    assert_eq!(house.get(&format!("/ban/niem-yet/{name}")).await.0, Status::Ok);
    let other = "/xuan-tay/bao-cao/tet_2026-11-19_2027-01-30";
    assert_eq!(house.get(other).await.0, Status::NotFound);
}
