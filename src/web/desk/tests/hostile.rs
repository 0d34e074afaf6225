//! Texts that mean something to a browser, a template or a spreadsheet are text everywhere.

use super::*;

/// Each is a public remark that anybody may type.
const TEXTS: &[&str] = &[
    "<script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<!-- --><b>x</b>",
    "&lt;i&gt;",
    "{{7*7}}",
    "{% raw %}{{ 7 * 7 }}",
    "${7*7} #{7*7}",
    "{ $label } { -brand }",
    "javascript:alert(1)",
    "=1+1",
    "+84 912 345 678",
    "-2+3",
    "@SUM(A1:A9)",
    "=HYPERLINK(\"http://evil.example\")",
    "%3Cscript%3E %0d%0aX: y",
    "'; DROP TABLE entries; --",
    "\\u003cscript\\u003e \\x3c",
    "Ủng hộ 🙂 ₫ – “x”",
];

/// What the site itself never writes.
const LIVE: &[&str] = &["<script", "<svg o", "<img src=x", "<b>x", "<i>", "onmouseover='", ">49<"];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// What a reader of a page sees: tags taken out, entities read.
fn seen(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text
}

fn remark(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut form = gift("1000");
    form.iter_mut().filter(|(name, _)| *name == "note").for_each(|pair| pair.1 = text);
    form
}

async fn with_remarks() -> House {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    for text in TEXTS {
        house.slip("/ban/phieu-thu", "", &remark(text)).await;
    }
    for (path, code) in [("/ban/mo-chuong-trinh", "x1"), ("/ban/mo-noi-giu-tien", "x2")] {
        let mut form = vec![
            ("date", "20/11/2026"),
            ("name", "</title><script>alert(1)</script>{{7*7}}"),
            ("code", code),
            ("note", ""),
        ];
        form.push(("type", if code == "x1" { "tet" } else { "cash" }));
        form.extend((code == "x2").then_some(("bank_bin", "")));
        form.extend((code == "x2").then_some(("account", "")));
        let path = house.slip(path, "", &form).await;
        if path.starts_with("/ban/duyet/") {
            house.approve(&path).await;
        }
    }
    house
}

#[rocket::async_test]
async fn remarks_and_names_are_text_on_every_page() {
    let house = with_remarks().await;
    let (size, _) = house.written().await;
    let mut pages: Vec<String> = [
        "/ban/viec",
        "/ban/so-quy/cash",
        "/ban/so-quy/x2",
        "/ban/quy",
        "/ban/duyet",
        "/ban/phieu-chi",
        "/xuan-tay",
        "/xuan-tay/cong-khai",
        "/xuan-tay/cong-khai?ky=tat-ca&ct=x1",
        "/xuan-tay/bao-cao/2026-11",
        "/xuan-tay/kiem-chung",
    ]
    .map(str::to_owned)
    .into();
    pages.extend((0..size).map(|seq| format!("/ban/but-toan/{seq}?rieng=1")));
    pages.extend((0..size).map(|seq| format!("/xuan-tay/so/{seq}")));
    let mut all = String::new();
    for uri in &pages {
        for language in ["vi", "en"] {
            let joined = if uri.contains('?') { '&' } else { '?' };
            let (status, html) = house.get(&format!("{uri}{joined}lang={language}")).await;
            assert_eq!(status, Status::Ok, "{uri}: {html}");
            for live in LIVE {
                assert!(!html.contains(live), "{uri}: {live} is live: {html}");
            }
            let (_, title) = html.split_once("<title>").unwrap();
            let (title, _) = title.split_once("</title>").unwrap();
            assert!(!title.contains('<') && !title.is_empty(), "{uri}: {title}");
            all.push_str(&html);
        }
    }
    let all = seen(&all);
    for text in TEXTS {
        assert!(all.contains(text), "{text} is shown nowhere");
    }
}

#[rocket::async_test]
async fn the_table_for_spreadsheets_holds_no_formulas() {
    let house = with_remarks().await;
    let (status, table) = house.get("/xuan-tay/cong-khai.csv?ky=tat-ca").await;
    assert_eq!(status, Status::Ok);
    assert!(table.starts_with('\u{feff}'));
    let mut rows = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let (mut cells, mut lines) = (String::new(), 0);
    for row in rows.records() {
        let row = row.unwrap();
        lines += 1;
        for (column, cell) in row.iter().enumerate() {
            let number = matches!(column, 3..=5);
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!formula || (number && cell.parse::<i64>().is_ok()), "{cell}");
            cells.push_str(cell);
        }
    }
    assert_eq!(lines, TEXTS.len());
    for text in TEXTS.iter().filter(|text| !text.contains("  ")) {
        assert!(cells.contains(text), "{text}: {cells}");
    }
    let (_, json) = house.get("/xuan-tay/cong-khai.json?ky=tat-ca").await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["lines"].as_array().unwrap().len(), TEXTS.len());
}

#[rocket::async_test]
async fn what_was_typed_comes_back_as_text() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (_, html) = house.get("/ban/phieu-thu").await;
    let (id, token) = (hidden(&html, "id"), token(&html, "/ban/phieu-thu"));
    for text in TEXTS {
        let mut form = remark(text);
        form.iter_mut().filter(|(name, _)| *name == "amount").for_each(|pair| pair.1 = "x");
        form.push(("id", &id));
        let (status, html) = house.post("/ban/phieu-thu", &token, &form).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains(&escaped(text)), "{text}: {html}");
        assert!(LIVE.iter().all(|live| !html.contains(live)), "{text}: {html}");
    }
}

#[rocket::async_test]
async fn characters_that_hide_or_heap_are_refused_at_their_field() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let before = house.written().await;
    let long: &'static str = Box::leak(format!("a{}", "\u{301}".repeat(10_000)).into_boxed_str());
    let heap: &'static str = Box::leak(format!("a{}", "\u{336}".repeat(200)).into_boxed_str());
    let words: &'static str = Box::leak("ấ ".repeat(400).into_boxed_str());
    for text in [
        "a\0b",
        "a\u{202e}b",
        "a\u{200b}b",
        "a\u{2066}b",
        "a\u{feff}b",
        "a\r\nb",
        "a\nb",
        "a\tb",
        "a\u{2028}b",
        "a\u{e0041}b",
        "a\u{fe0f}b",
        "a\u{e000}b",
        "a\u{10fffd}b",
        "\u{338}a",
        long,
        heap,
        words,
    ] {
        let (_, html) = house.get("/ban/phieu-thu").await;
        let (id, token) = (hidden(&html, "id"), token(&html, "/ban/phieu-thu"));
        for field in ["note", "donor_name"] {
            let mut form = gift("1000");
            form.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = text);
            form.extend([("id", id.as_str()), ("step", "record")]);
            let (status, html) = house.post("/ban/phieu-thu", &token, &form).await;
            assert_eq!(status, Status::UnprocessableEntity, "{text:?}");
            assert!(html.contains(&format!("href=\"#{field}\"")), "{text:?}: {html}");
            for hidden in ['\0', '\u{202e}', '\u{200b}', '\u{feff}', '\u{e0041}'] {
                assert!(!html.contains(hidden), "{text:?} came back");
            }
        }
    }
    assert_eq!(house.written().await, before);
}

#[rocket::async_test]
async fn twins_of_one_word_are_one_in_the_ledger() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    for twin in ["Xuân Tây ấm", "Xua\u{302}n Ta\u{302}y a\u{302}\u{301}m"] {
        house.slip("/ban/phieu-thu", "", &remark(twin)).await;
    }
    let (_, lines) = house.get("/xuan-tay/entries.jsonl").await;
    assert_eq!(lines.matches("\"note\":\"Xuân Tây ấm\"").count(), 2);
    assert!(!lines.contains('\u{302}'));
}
