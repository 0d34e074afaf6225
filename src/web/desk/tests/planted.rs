//! Twenty people are planted, and a stranger follows every link there is: no page, no file, no
//! header and no address holds one of them.

use std::collections::{BTreeSet, VecDeque};
use std::io::{Cursor, Read as _};

use aho_corasick::AhoCorasick;

use super::erasure::{aid, assert_clean, files, gift_of, planted, registered};
use super::*;

/// The most addresses that are followed.
const MOST: usize = 700;
/// Where a stranger begins: what no page links to is asked for all the same.
const BEGIN: [&str; 9] = [
    "/",
    "/xuan-tay",
    "/xuan-tay/entries.jsonl",
    "/xuan-tay/disclosures.jsonl",
    "/xuan-tay/checkpoint",
    "/xuan-tay/policy",
    "/xuan-tay/360giving.json",
    "/api/v1/chapters/xuan-tay/entries",
    "/xuan-tay/tra-cuu?ten=Nguy%E1%BB%85n+Qu%C3%BD",
];

/// The addresses on a page that lead to this site.
fn links(html: &str) -> Vec<String> {
    let mut all = Vec::new();
    for mark in ["href=\"", "src=\"", "\"href\":\"", "\"entries\":\""] {
        for rest in html.split(mark).skip(1) {
            let link = rest.split(['"', '#']).next().unwrap_or_default();
            let link = link.replace("&amp;", "&").replace("&#x2f;", "/");
            let link = link.strip_prefix(BASE).unwrap_or(&link).to_owned();
            if link.starts_with('/') && !link.starts_with("//") {
                all.push(link);
            }
        }
    }
    all
}

/// What is inside a workbook; anything else as it is.
fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(&bytes)) else { return bytes };
    let mut all = Vec::new();
    for at in 0..archive.len() {
        archive.by_index(at).unwrap().read_to_end(&mut all).unwrap();
    }
    all
}

#[rocket::async_test]
async fn no_page_file_header_or_address_that_a_stranger_reaches_holds_a_planted_name() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (name, address) = (planted(0), "00 hẻm Cây Vú Sữa");
    let fields = gift_of(&name, address);
    let given = seq_of(&house.slip("/ban/phieu-thu", "", &fields).await);
    let receipt = house.get(&format!("/ban/but-toan/{given}")).await.1;
    let (_, code) = receipt.split_once("/bn/").unwrap();
    let receipt = format!("/bn/{}", &code[..16]);
    let families = aid(&house).await;
    registered(&house).await;
    assert!(house.get(&format!("/ban/but-toan/{families}?rieng=1")).await.1.contains(&planted(7)));
    house.forget().await;

    // Who holds the receipt sees no more of people than everybody.
    let begin = BEGIN.iter().map(|path| (*path).to_owned()).chain([receipt]);
    let mut waiting: VecDeque<String> = begin.collect();
    let (mut seen, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    while let Some(path) = waiting.pop_front() {
        if seen.len() >= MOST || !seen.insert(path.clone()) {
            continue;
        }
        let response = house.client.get(path.clone()).dispatch().await;
        assert!(response.status().code < 500, "{path}: {}", response.status());
        assert_clean("an address", path.as_bytes());
        for header in response.headers().iter() {
            assert_clean(&format!("{}: of {path}", header.name()), header.value().as_bytes());
        }
        if let Some(to) = response.headers().get_one("Location") {
            waiting.push_back(to.to_owned());
        }
        let kind = response.content_type().map(|own| own.media_type().to_string());
        kinds.extend(kind.map(|own| own.split(';').next().unwrap_or_default().to_owned()));
        let body = unpacked(response.into_bytes().await.unwrap_or_default());
        // The search says again what the stranger typed; it found nobody.
        if !path.contains("ten=") {
            assert_clean(&path, &body);
        }
        waiting.extend(links(&String::from_utf8_lossy(&body)));
    }
    assert!(seen.len() > 80, "only {} addresses: {seen:?}", seen.len());
    for kind in ["text/html", "text/csv", "application/json", "application/pdf"] {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
    assert!(kinds.iter().any(|kind| kind.contains("spreadsheet")), "{kinds:?}");
    // Nor does the name of anybody lie readable on the disk, but for what is sealed.
    let names = AhoCorasick::new((1..20).map(planted)).unwrap();
    for (name, bytes) in files(house.folder.path()) {
        let found = names.find(&bytes).map(|found| planted(1 + found.pattern().as_usize()));
        assert_eq!(found, None, "{name}");
    }
}
