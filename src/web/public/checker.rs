//! `/kiem-tra`: one self-contained page that checks a receipt in the browser, also without a
//! network and from a saved file. The server has no part in it: script and style stand inside the
//! page, and its policy lets it connect nowhere.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use minijinja::context;
use minijinja::value::Value;
use rocket::http::ContentType;
use rocket::{State, get};

use super::download::{Download, Keep};
use super::told::kind_key;
use crate::ledger::receipt::Receipt;
use crate::ledger::voucher::Kind;
use crate::web::headers::sealed_policy;
use crate::web::{Fault, Language, Page, Pages, assets};

/// The name under which browsers save the page.
const FILE: &str = "/kiem-tra/minh-bach-kiem-tra.html";

/// The longest receipt that a link carries, in bytes: older browsers cut longer addresses.
const LONGEST_CARRIED: usize = 24 * 1024;

/// The texts that the script says, without their `checker-`.
const WORDS: [&str; 55] = [
    "title",
    "carried",
    "verdict-ok",
    "verdict-no",
    "verdict-left",
    "advice-ok",
    "advice-no",
    "advice-left",
    "state-ok",
    "state-no",
    "state-left",
    "ok-form",
    "ok-entry",
    "ok-proof",
    "ok-paper",
    "ok-log",
    "ok-witness",
    "left-all",
    "left-newer",
    "left-paper",
    "left-log",
    "left-ed25519",
    "left-ed25519-witness",
    "left-witness",
    "no-long",
    "no-text",
    "no-crlf",
    "no-header",
    "no-cut",
    "no-extra",
    "no-index",
    "no-hash",
    "no-note",
    "no-signature-line",
    "no-canonical",
    "no-entry",
    "no-place",
    "no-origin",
    "no-proof",
    "left-paper-form",
    "no-paper",
    "left-key-form",
    "left-key-id",
    "no-log-name",
    "no-log-there",
    "no-log-holds",
    "no-witness-there",
    "no-witness-holds",
    "row-kind",
    "row-date",
    "row-amount",
    "row-goods",
    "row-paper",
    "row-seq",
    "row-at",
];

/// What both forms of the page are made of, and its policy.
fn parts(saved: bool) -> (Value, String) {
    let (script, style) = (assets::text("checker.js"), assets::text("checker.css"));
    let policy = sealed_policy(&script, &style);
    let kinds = Kind::ALL.iter().map(|kind| (kind.as_str(), kind_key(*kind)));
    let shown = context! {
        saved,
        policy => policy.clone(),
        file => FILE,
        words => WORDS,
        kinds => kinds.collect::<Vec<_>>(),
        script => Value::from_safe_string(script),
        style => Value::from_safe_string(style),
    };
    (shown, policy)
}

/// The page. A receipt may stand behind the `#` of its address, which browsers send nobody.
#[get("/kiem-tra")]
pub fn checker() -> Page {
    let (shown, policy) = parts(false);
    Page::new("public/checker.html", shown).policy(format!("{policy}; frame-ancestors 'none'"))
}

/// The same as a file that works without a server.
#[get("/kiem-tra/minh-bach-kiem-tra.html")]
pub fn saved(language: Language, pages: &State<Pages>) -> Result<Download, Fault> {
    let (shown, _) = parts(true);
    let html = pages.render(language, "public/checker.html", shown).map_err(Fault::internal)?;
    // Not as HTML: it is to be kept, and not to be shown from here without the policy's header.
    let file = Download::whole(ContentType::Binary, Keep::Nothing, html);
    Ok(file.named(FILE.rsplit('/').next().unwrap_or_default()))
}

/// The address of the page with a receipt behind its `#`, and the digits that its paper bears.
#[must_use]
pub fn link(receipt: Option<&Receipt>, paper: Option<&str>) -> String {
    let text = receipt.map(ToString::to_string).filter(|text| text.len() <= LONGEST_CARRIED);
    let Some(text) = text else { return "/kiem-tra".to_owned() };
    let digits = |h: &&str| h.len() == 16 && h.bytes().all(|byte| byte.is_ascii_hexdigit());
    let paper = paper.filter(digits).map(|h| format!("&h={h}")).unwrap_or_default();
    format!("/kiem-tra#t={}{paper}", BASE64_URL_SAFE_NO_PAD.encode(text))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const RECEIPT: &str = include_str!("../../../tests/golden/example/donation.tlog-proof");

    /// Texts of the script between two quotes of one kind.
    fn quoted(script: &str) -> impl Iterator<Item = &str> {
        script.split('"').skip(1).step_by(2).chain(script.split('`').skip(1).step_by(2))
    }

    #[test]
    fn the_script_is_short_and_asks_nobody() {
        let script = assets::text("checker.js");
        assert!((100..300).contains(&script.lines().count()), "{}", script.lines().count());
        for banned in [
            "http",
            "fetch",
            "XMLHttp",
            "WebSocket",
            "EventSource",
            "sendBeacon",
            "import(",
            "import ",
            "Worker",
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval",
            "Function(",
            "localStorage",
            "indexedDB",
            "cookie",
            "</",
        ] {
            assert!(!script.contains(banned), "the script says {banned}");
        }
        let style = assets::text("checker.css");
        assert!(
            style.len() > 1_000 && ["url(", "@import", "</"].iter().all(|own| !style.contains(own))
        );
    }

    #[test]
    fn every_text_that_the_script_says_is_in_the_page() {
        let script = assets::text("checker.js");
        let mut said = 0;
        for text in quoted(&script) {
            let known = ["ok-", "no-", "left-", "row-"].iter().any(|start| text.starts_with(start));
            let whole = !text.contains(['$', ' ', '=']);
            if known && whole && !["no-log", "no-witness"].contains(&text) {
                said += 1;
                assert!(WORDS.contains(&text), "{text}");
            }
        }
        assert!(said > 30, "{said}");
        let pages = Pages::embedded();
        for language in Language::ALL {
            let html = pages.render(language, "public/checker.html", parts(true).0).unwrap();
            assert!(!html.contains(">checker-") && !html.contains(">public-"), "{language:?}");
            assert_eq!(html.matches("data-word=\"").count(), WORDS.len() + Kind::ALL.len() + 1);
            assert!(!html.contains("src=\"") && html.matches("href=\"").count() == 1, "{html}");
        }
    }

    #[test]
    fn a_link_carries_the_receipt_and_what_the_paper_says() {
        let receipt = Receipt::parse(RECEIPT.as_bytes()).unwrap();
        let bare = link(Some(&receipt), None);
        let text = bare.strip_prefix("/kiem-tra#t=").unwrap();
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(text).unwrap(), RECEIPT.as_bytes());
        assert_eq!(
            link(Some(&receipt), Some("f9ed51a1b05df7bd")),
            bare.clone() + "&h=f9ed51a1b05df7bd"
        );
        for h in ["", "f9ed51a1b05df7b", "f9ed51a1b05df7b&", "\"><script>xxxxx"] {
            assert_eq!(link(Some(&receipt), Some(h)), bare);
        }
        assert_eq!(link(None, Some("f9ed51a1b05df7bd")), "/kiem-tra");
    }
}
