//! Private values erased: twenty names, phones, addresses and identity numbers are planted, and
//! afterwards nothing in the data folder, the pages, the log or an export knows one of them.

use std::path::Path;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::*;
use crate::store::desk::register::{Record, Role};
use crate::verify::source::Source;
use crate::verify::{Options, verify};

/// A name that stands nowhere else.
pub fn planted(number: usize) -> String {
    format!("Nguyễn Quý Vấn{number:02} Thoòng")
}

fn initials() -> &'static str {
    "N. Q. V. T."
}

/// Every file below a folder, as bytes.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    }
    all
}

/// Every planted value, as it would stand in a file.
fn secrets() -> Vec<String> {
    let mut all: Vec<String> = (0..20).map(planted).collect();
    all.extend((0..20).map(|number| format!("09876543{number:02}")));
    all.extend((0..20).map(|number| format!("0790123456{number:02}")));
    all.extend((0..20).map(|number| format!("{number:02} hẻm Cây Vú Sữa")));
    all.push(initials().to_owned());
    all
}

/// A text as it stands in a file: as it is, and inside base64 at each of three alignments (a
/// published disclosure).
fn needles(text: &str) -> Vec<Vec<u8>> {
    let mut all = vec![text.as_bytes().to_vec()];
    for (shift, before) in [(0, 0), (1, 2), (2, 3)] {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(text.as_bytes());
        let coded = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        // What the bytes around it share with its ends is left out.
        all.push(coded.as_bytes()[before..coded.len() - 2].to_vec());
    }
    all
}

pub fn holds(bytes: &[u8], text: &str) -> bool {
    AhoCorasick::new(needles(text)).unwrap().is_match(bytes)
}

/// All secrets, each in every form that a file may hold it in, to be looked for in one reading.
static SOUGHT: LazyLock<(Vec<String>, AhoCorasick)> = LazyLock::new(|| {
    let forms =
        |secret: String| needles(&secret).into_iter().map(move |form| (secret.clone(), form));
    let (secrets, forms): (Vec<_>, Vec<_>) = secrets().into_iter().flat_map(forms).unzip();
    (secrets, AhoCorasick::new(forms).unwrap())
});

#[track_caller]
pub fn assert_clean(what: &str, bytes: &[u8]) {
    let (secrets, sought) = &*SOUGHT;
    if let Some(found) = sought.find(bytes) {
        panic!("{what} holds {}", secrets[found.pattern()]);
    }
}

fn desk(house: &House) -> crate::store::desk::Chapter {
    house.store().desk(house.store().chapters()[0].0).unwrap()
}

/// Aid to 18 families, and 1 name on custody: the draft's entry.
pub async fn aid(house: &House) -> u64 {
    let programme = [
        ("date", "19/11/2026"),
        ("type", "tet"),
        ("name", "Tết vì người nghèo"),
        ("code", "tet"),
        ("note", ""),
    ];
    house.slip("/ban/mo-chuong-trinh", "", &programme).await;
    let names: Vec<String> = (1..19).map(planted).collect();
    let mut fields =
        vec![("date", "20/11/2026"), ("programme", "tet"), ("round", ""), ("note", "")];
    for name in &names {
        fields.extend([
            ("line_name[]", name.as_str()),
            ("line_category[]", "poor"),
            ("line_amount[]", "10000"),
        ]);
    }
    fields.extend([("place", "cash"), ("fund", "chung"), ("gifts", ""), ("paper_no", "DS-1")]);
    let draft = house.slip("/ban/phieu-chi", "", &fields).await;
    seq_of(&house.approve(&draft).await)
}

/// The values of all boxes of whom to erase.
fn subjects(html: &str) -> Vec<String> {
    let parts = html.split("name=\"subject[]\" type=\"checkbox\" value=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

impl House {
    /// Asks to erase everything that a page offers; where that leads.
    pub async fn erase(&self, query: &str, more: &[(&str, &str)]) -> (Status, String) {
        let page = format!("/ban/xoa-thong-tin?{query}");
        let (_, html) = self.get(&page).await;
        let (id, of, person) = (hidden(&html, "id"), hidden(&html, "of"), hidden(&html, "person"));
        let own = subjects(&html);
        let mut fields = vec![("id", id.as_str()), ("of", &of), ("person", &person)];
        fields.extend(own.iter().map(|subject| ("subject[]", subject.as_str())));
        fields.extend_from_slice(more);
        let action = "/ban/xoa-thong-tin";
        self.post(action, &token(&html, action), &fields).await
    }
}

/// A gift of somebody.
pub fn gift_of<'a>(name: &'a str, address: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = gift("5.000.000");
    for (field, value) in &mut fields {
        match *field {
            "donor_name" => *value = name,
            "donor_address" => *value = address,
            _ => {}
        }
    }
    fields
}

pub const ERASE: [(&str, &str); 3] = [("class", "request"), ("paper", "yes"), ("step", "erase")];

#[rocket::async_test]
async fn nothing_knows_a_planted_name_after_consent_is_withdrawn_and_all_are_erased() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let (name, address) = (planted(0), "00 hẻm Cây Vú Sữa");
    let fields = gift_of(&name, address);
    let donation = seq_of(&house.slip("/ban/phieu-thu", "", &fields).await);
    let path = format!("/ban/but-toan/{donation}/ten");
    let consent = [("name", "full_name"), ("given_on", "20/11/2026"), ("how", "Ký giấy")];
    assert_eq!(house.send(&path, &path, &consent).await.0, Status::SeeOther);
    assert!(house.get(&format!("/xuan-tay/so/{donation}")).await.1.contains(&name));
    let mut in_files = files(house.folder.path()).into_iter();
    assert!(in_files.any(|(_, bytes)| holds(&bytes, &name)), "published names are where we look");
    let families = aid(&house).await;
    let person = registered(&house).await;

    // The consent goes first; the name with it.
    let rut = format!("{path}/rut");
    assert_eq!(house.send(&path, &rut, &[("scope", "gift")]).await.0, Status::SeeOther);
    let (_, html) = house.get(&format!("/ban/xoa-thong-tin?so={families}")).await;
    assert_eq!(subjects(&html).len(), 18, "one box for each family");
    assert!(html.contains(&planted(7)), "officers see whom they erase");

    let queries = [
        (format!("so={donation}"), name.clone()),
        (format!("so={families}"), planted(7)),
        (format!("nguoi={person}"), person),
    ];
    for (query, known_by) in &queries {
        let (status, draft) = house.erase(query, &ERASE).await;
        assert_eq!(status, Status::SeeOther, "{query}: {draft}");
        let (_, html) = house.get(&draft).await;
        assert!(html.contains("Người đó yêu cầu"), "{html}");
        assert!(html.contains(known_by), "the approver sees whose values go: {html}");
        let entry = house.approve(&draft).await;
        let line = house.line(seq_of(&entry)).await;
        let bytes = String::from_utf8(line.entry.bytes().unwrap()).unwrap();
        assert!(bytes.contains("\"kind\":\"privacy_erased\"") && !bytes.contains("\"of\""));
        assert_clean("the entry", bytes.as_bytes());
    }
    let gone = house.get(&format!("/ban/xoa-thong-tin?so={families}")).await.1;
    assert!(subjects(&gone).is_empty());
    for page in [
        "/xuan-tay".to_owned(),
        "/xuan-tay/cong-khai".to_owned(),
        "/xuan-tay/entries.jsonl".to_owned(),
        "/xuan-tay/disclosures.jsonl".to_owned(),
        format!("/xuan-tay/so/{donation}"),
        format!("/xuan-tay/so/{families}"),
        format!("/ban/but-toan/{donation}?rieng=1"),
        format!("/ban/but-toan/{families}?rieng=1"),
        path,
        "/ban/viec".to_owned(),
        "/ban/nha-hao-tam".to_owned(),
        "/ban/kiem-tra".to_owned(),
        "/ban/kiem-tra/mo-xem".to_owned(),
        "/ban/kiem-tra/so.csv".to_owned(),
    ] {
        let (status, body) = house.get(&page).await;
        assert_eq!(status, Status::Ok, "{page}");
        assert_clean(&page, body.as_bytes());
    }
    assert_forgotten(&house).await;
}

/// A donor of the register with every kind of value.
pub async fn registered(house: &House) -> String {
    let store = house.store();
    let (chapter, _) = store.chapters()[0];
    let person = "00000000000000aa";
    let record = Record {
        full_name: planted(19),
        phone: Some("0987654319".to_owned()),
        address: Some("19 hẻm Cây Vú Sữa".to_owned()),
        identity_number: Some("079012345619".to_owned()),
        ..Record::default()
    };
    let all = [(person.parse().unwrap(), Role::Donor, record)];
    let officer = "0000000000000001".parse().unwrap();
    store.enter_persons(chapter, &all, &officer, house.clock.now()).await.unwrap();
    person.to_owned()
}

/// Tables, indexes, write-ahead log, export: no planted value, and the ledger verifies.
async fn assert_forgotten(house: &House) {
    let folder = house.folder.path();
    for (name, bytes) in files(folder) {
        assert_clean(&name, &bytes);
    }
    for seq in 1..house.store().books(house.store().chapters()[0].0).unwrap().size() {
        let line = house.line(seq).await;
        let held = house.store().holdings(&desk(house), &line.entry.voucher().id).await.unwrap();
        assert!(held.is_empty(), "entry {seq}: {held:?}");
    }
    let store = house.store();
    let out = tempfile::tempdir().unwrap();
    let tree = crate::publish::Tree::open(store, store.chapters()[0].0).unwrap().unwrap();
    crate::publish::export(&tree, &out.path().join("copy")).await.unwrap();
    for (name, bytes) in files(out.path()) {
        assert_clean(&name, &bytes);
    }
    let source = Source::new(&out.path().join("copy").display().to_string());
    let options = Options::default();
    let report = verify(&source, &options, &mut |_, _| {}).unwrap();
    assert_eq!(report.exit_status(), 0, "{report}");
}

#[rocket::async_test]
async fn within_the_time_for_papers_values_go_only_while_the_paper_is_kept() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("500000")).await);
    let query = format!("so={seq}");
    for (class, paper, at) in [("request", "", "paper"), ("retention", "yes", "class")] {
        let more = [("class", class), ("paper", paper), ("step", "erase")];
        let (status, html) = house.erase(&query, &more).await;
        assert_eq!(status, Status::UnprocessableEntity, "{class}");
        assert!(html.contains(&format!("href=\"#{at}\"")), "{class}: {html}");
        assert!(html.contains("31/12/2036"), "ten years after the year: {html}");
    }
    let (_, html) = house.get(&format!("/ban/xoa-thong-tin?{query}")).await;
    let action = "/ban/xoa-thong-tin";
    let own = seq.to_string();
    let id = hidden(&html, "id");
    for subject in [None, Some("voucher:khong-co")] {
        let mut fields = vec![("id", id.as_str()), ("of", own.as_str()), ("person", "")];
        fields.extend(subject.map(|subject| ("subject[]", subject)));
        fields.extend(ERASE);
        let (status, html) = house.post(action, &token(&html, action), &fields).await;
        assert_eq!(status, Status::UnprocessableEntity);
        assert!(html.contains("href=\"#subject\""), "{html}");
    }
    // Eleven years on the papers need not be kept any longer, and no paper stands in their place.
    house.clock.set("2037-01-01T03:00:00Z".parse().unwrap());
    house.sign_in(TREASURER).await;
    let more = [("class", "retention"), ("paper", ""), ("step", "erase")];
    let (status, draft) = house.erase(&query, &more).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
}

#[rocket::async_test]
async fn restricted_values_open_for_nobody_and_their_name_leaves_the_pages() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    let seq = seq_of(&house.slip("/ban/phieu-thu", "", &gift("500000")).await);
    let path = format!("/ban/but-toan/{seq}/ten");
    let consent = [("name", "full_name"), ("given_on", "20/11/2026"), ("how", "Ký giấy")];
    assert_eq!(house.send(&path, &path, &consent).await.0, Status::SeeOther);
    let query = format!("so={seq}");
    let (status, to) = house.erase(&query, &[("step", "restrict")]).await;
    assert_eq!((status, to), (Status::SeeOther, format!("/ban/xoa-thong-tin?{query}&khoa=1")));
    assert!(!house.get(&format!("/xuan-tay/so/{seq}")).await.1.contains("Hạnh"));
    assert!(!house.get(&format!("/ban/but-toan/{seq}?rieng=1")).await.1.contains("Hạnh"));
    let (_, html) = house.get(&path).await;
    assert!(!html.contains("Hạnh") && !html.contains("name=\"how\""), "{html}");
    let (_, html) = house.get("/ban/xoa-thong-tin").await;
    assert!(html.contains(&format!("?so={seq}")) && html.contains("31/12/2036"), "{html}");
    let (status, _) = house.erase(&query, &[("step", "release")]).await;
    assert_eq!(status, Status::SeeOther);
    assert!(house.get(&format!("/ban/but-toan/{seq}?rieng=1")).await.1.contains("Hạnh"));
}

#[rocket::async_test]
async fn one_family_is_erased_without_the_others_and_a_draft_sent_back_erases_nobody() {
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("5.000.000")).await;
    let seq = aid(&house).await;
    let page = format!("/ban/xoa-thong-tin?so={seq}");
    let (_, html) = house.get(&page).await;
    let own = subjects(&html);
    let at = html.find(&planted(7)).unwrap();
    let before = html.get(..at).unwrap().matches("name=\"subject[]\"").count();
    let (id, of) = (hidden(&html, "id"), seq.to_string());
    let mut fields = vec![("id", id.as_str()), ("of", of.as_str()), ("person", "")];
    fields.push(("subject[]", own[before - 1].as_str()));
    fields.extend(ERASE);
    let action = "/ban/xoa-thong-tin";
    let (status, draft) = house.post(action, &token(&html, action), &fields).await;
    assert_eq!(status, Status::SeeOther, "{draft}");
    // The same form again finds the same draft.
    let (_, again) = house.post(action, &token(&html, action), &fields).await;
    assert_eq!(again, draft.replace("moi", "lai"));
    house.sign_in(CHAIR).await;
    let path = draft.split('?').next().unwrap();
    let back = format!("{path}/tra-lai");
    let (status, _) = house.send(path, &back, &[("reason", "Hỏi lại gia đình")]).await;
    assert_eq!(status, Status::SeeOther);
    assert!(house.get(&page).await.1.contains(&planted(7)));

    house.sign_in(TREASURER).await;
    let (_, html) = house.get(&page).await;
    let id = hidden(&html, "id");
    fields[0].1 = id.as_str();
    let (_, draft) = house.post(action, &token(&html, action), &fields).await;
    house.approve(&draft).await;
    let (_, html) = house.get(&page).await;
    assert!(!html.contains(&planted(7)) && html.contains(&planted(8)), "{html}");
    assert_eq!(subjects(&html).len(), 17);
}
