//! The site over `rocket::local`: headers on every kind of answer, faults, files.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod forms;

use std::collections::BTreeSet;

use rocket::http::{Accept, ContentType, Cookie, Header, Status};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::response::Redirect;
use rocket::{get, post, routes};

use super::fault::Cause;
use super::guards::SameOrigin;
use super::*;

const BASE: &str = "http://localhost:8000";
const FORM: &str = "/tro-giup/thanh-phan";

/// What the site does not have yet: a redirect, a panic, faults of every kind.
#[get("/thu/chuyen")]
fn redirect() -> Redirect {
    Redirect::to("/tro-giup/thanh-phan")
}

#[get("/thu/hong")]
fn panics() -> &'static str {
    panic!("a secret in a panic")
}

#[get("/thu/loi/<status>")]
fn fails(status: u16) -> Fault {
    let cause = || Cause::from("password=hunter2");
    match status {
        409 => Fault::Conflict("fault-422-text"),
        429 => Fault::TooMany(30),
        500 => Fault::Internal(cause()),
        503 => Fault::Unavailable { cause: cause(), after: 5 },
        code => Fault::from_status(Status::new(code)),
    }
}

#[get("/thu/trang-hong")]
fn broken_page() -> Page {
    Page::new("errors/no-such-template.html", minijinja::context! {})
}

#[get("/thu/giu")]
fn kept() -> Page {
    let nothing = minijinja::Value::UNDEFINED;
    Page::new(
        "errors/fault.html",
        minijinja::context! {
            code => 200, title => "fault-home", text => "fault-404-text",
            field => (), reference => (), again => (), desk => (), ..nothing
        },
    )
    .of_state("head-7")
}

#[post("/thu/gui")]
fn sent(_same: SameOrigin) -> &'static str {
    "taken"
}

fn client_at(base: &str) -> Client {
    let config = Config::new(BaseUrl::parse(base).unwrap());
    let figment = figment().merge(("log_level", "off"));
    let more = routes![redirect, panics, fails, broken_page, kept, sent];
    Client::tracked(site(config, figment).mount("/", more)).unwrap()
}

fn client() -> Client {
    client_at(BASE)
}

fn one<'a>(response: &'a LocalResponse<'_>, name: &str) -> &'a str {
    let values: Vec<&str> = response.headers().get(name).collect();
    assert_eq!(values.len(), 1, "{name}: {values:?}");
    values[0]
}

#[test]
fn every_answer_carries_the_security_headers() {
    let https = client_at("https://so.example");
    let css = assets::link("site.css").unwrap();
    for (uri, status) in [
        (FORM, 200),
        ("/healthz", 200),
        (css.as_str(), 200),
        ("/thu/chuyen", 303),
        ("/thu/hong", 500),
        ("/thu/trang-hong", 500),
        ("/khong-co", 404),
        ("/bn/7Q2MX4TB9KD10VHZ", 404),
        ("/do-dau/7Q2MX4TB9KD10VHZ", 404),
        ("/phan-anh/7Q2MX4TB9KD10VHZ", 404),
        ("/%00/%ff", 404),
    ] {
        check_headers(&https, uri, status);
    }
    for status in [400, 403, 404, 405, 409, 413, 414, 418, 422, 429, 431, 500, 502, 503] {
        check_headers(&https, &format!("/thu/loi/{status}"), status);
    }
}

fn check_headers(client: &Client, uri: &str, status: u16) {
    let response = client.get(uri.to_owned()).dispatch();
    assert_eq!(response.status().code, status, "{uri}");
    let csp = one(&response, "Content-Security-Policy");
    assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{uri}");
    assert!(!csp.contains("unsafe") && !csp.contains("script-src"), "{uri}");
    assert_eq!(one(&response, "X-Content-Type-Options"), "nosniff");
    assert_eq!(one(&response, "X-Frame-Options"), "DENY");
    assert_eq!(one(&response, "Cross-Origin-Opener-Policy"), "same-origin");
    assert!(one(&response, "Permissions-Policy").contains("camera=()"));
    assert_eq!(one(&response, "Strict-Transport-Security"), "max-age=31536000");
    let secret = ["/bn/", "/do-dau/", "/phan-anh/"].iter().any(|own| uri.starts_with(own));
    let referrer = if secret { "no-referrer" } else { "same-origin" };
    assert_eq!(one(&response, "Referrer-Policy"), referrer);
    let keep = one(&response, "Cache-Control");
    assert_eq!(keep == "no-store", !uri.starts_with("/public/"), "{uri}: {keep}");
    assert!(!response.headers().contains("Server"));
}

/// Requests that Rocket can't take for requests are answered without fairings: over a real socket.
#[test]
fn requests_too_broken_for_rocket_carry_the_headers_as_well() {
    use std::io::{Read as _, Write as _};
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (tell, port) = std::sync::mpsc::channel();
    let config = Config::new(BaseUrl::parse(BASE).unwrap());
    let figment = figment().merge(("log_level", "off")).merge(("port", 0));
    let site = site(config, figment).attach(AdHoc::on_liftoff("port", move |rocket| {
        let _ = tell.send(rocket.config().port);
        Box::pin(async {})
    }));
    runtime.spawn(site.launch());
    let port = port.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
    for (line, status) in [
        ("PURGE / HTTP/1.1", "400"),
        ("CONNECT evil.example:443 HTTP/1.1", "400"),
        ("GET /khong-co HTTP/1.1", "404"),
    ] {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
        write!(stream, "{line}\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{line}: {answer}");
        assert!(answer.contains("content-security-policy: default-src 'none'"), "{line}: {answer}");
        assert!(answer.contains("x-content-type-options: nosniff"), "{line}");
    }
    runtime.shutdown_background();
}

#[test]
fn hsts_is_said_over_https_alone() {
    let response = client();
    assert!(!response.get("/healthz").dispatch().headers().contains("Strict-Transport-Security"));
}

#[test]
fn faults_are_pages_in_the_readers_language_and_never_tell_a_cause() {
    let client = client();
    for status in [400, 403, 404, 405, 409, 413, 422, 429, 500, 502, 503] {
        for (lang, word) in [
            ("vi", "<html class=\"govuk-template\" lang=\"vi\">"),
            ("en", "<html class=\"govuk-template\" lang=\"en\">"),
        ] {
            let uri = format!("/thu/loi/{status}?lang={lang}");
            let response = client.get(uri).header(Accept::JSON).dispatch();
            assert_eq!(response.status().code, status);
            assert_eq!(response.content_type(), Some(ContentType::HTML));
            assert_eq!(
                response.headers().get_one("Retry-After"),
                match status {
                    429 => Some("30"),
                    503 => Some("5"),
                    _ => None,
                }
            );
            let html = response.into_string().unwrap();
            assert!(html.contains(word), "{status} {lang}");
            assert!(!html.contains("hunter2") && !html.contains("fault-"), "{html}");
        }
    }
    let html = client.get("/thu/hong?lang=en").dispatch().into_string().unwrap();
    assert!(html.contains("Reference: ") && !html.contains("secret"));
}

#[test]
fn a_page_that_cannot_be_made_is_a_fault_and_not_a_half_page() {
    let client = client();
    let response = client.get("/thu/trang-hong").dispatch();
    assert_eq!(response.status(), Status::InternalServerError);
    assert!(response.into_string().unwrap().contains("Mã sự cố: "));
}

#[test]
fn the_language_is_remembered_and_the_switch_keeps_the_page() {
    let client = client();
    let vietnamese = client.get(format!("{FORM}?quy=chung")).dispatch();
    assert_eq!(one(&vietnamese, "Content-Language"), "vi");
    assert!(!vietnamese.headers().get("Set-Cookie").any(|set| set.starts_with("lang=")));
    let html = vietnamese.into_string().unwrap();
    assert!(html.contains("href=\"/tro-giup/thanh-phan?quy=chung&amp;lang=en\""), "{html}");
    let english = client.get(format!("{FORM}?lang=en")).dispatch();
    let set: Vec<&str> =
        english.headers().get("Set-Cookie").filter(|set| set.starts_with("lang=")).collect();
    assert_eq!(set.len(), 1);
    assert!(set[0].starts_with("lang=en; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000"));
    let later = client.get(FORM).cookie(Cookie::new("lang", "en")).dispatch();
    assert_eq!(one(&later, "Content-Language"), "en");
    assert!(later.into_string().unwrap().contains("<h1 class=\"govuk-heading-l\">Components</h1>"));
    let strange = client.get("//evil.example/?lang=en").dispatch().into_string().unwrap();
    assert!(strange.contains("href=\"/evil.example/?lang=vi\""));
}

#[test]
fn the_page_that_checks_receipts_runs_its_own_script_alone_and_connects_nowhere() {
    let client = client_at("https://so.example");
    let page = client.get("/kiem-tra").dispatch();
    assert_eq!(page.status(), Status::Ok);
    let policy = one(&page, "Content-Security-Policy").to_owned();
    let html = page.into_string().unwrap();
    let (inside, frames) = policy.split_once("; frame-ancestors ").unwrap();
    assert_eq!(frames, "'none'");
    assert!(html.contains(&format!("content=\"{}\"", inside.replace('\'', "&#39;"))), "{inside}");
    for word in ["default-src 'none'", "connect-src 'none'", "form-action 'none'", "'sha256-"] {
        assert!(policy.contains(word), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("'self'"), "{policy}");
    assert_eq!(html.matches("<script").count(), 1);
    let saved = client.get("/kiem-tra/minh-bach-kiem-tra.html").dispatch();
    assert_eq!(saved.content_type(), Some(ContentType::Binary));
    assert!(one(&saved, "Content-Disposition").starts_with("attachment; "));
    assert!(one(&saved, "Content-Security-Policy").starts_with("default-src 'none'; style-src"));
    let saved = saved.into_string().unwrap();
    assert!(!saved.contains("href=\"/"), "a saved page leads nowhere: {saved}");
    check_headers(&client, FORM, 200);
}

/// A second site with the same settings.
#[test]
fn a_foreign_host_never_reaches_a_page() {
    let client = client();
    for uri in [FORM, "/khong-co", "/thu/chuyen"] {
        let response = client.get(uri).header(Header::new("Host", "evil.example")).dispatch();
        assert!(!response.headers().get_one("Location").unwrap_or("").contains("evil"));
        assert!(!response.into_string().unwrap_or_default().contains("evil"));
    }
}

#[test]
fn no_chapter_can_take_the_first_part_of_another_path() {
    for route in all_routes() {
        let first = route.uri.path().split('/').nth(1).unwrap_or_default().to_owned();
        let reserved = RESERVED_SLUGS.contains(&first.as_str());
        assert!(reserved || first.is_empty() || first.starts_with('<'), "{route}");
    }
}

#[test]
fn a_file_has_one_address_for_ever_and_others_lead_nowhere() {
    let client = client();
    let link = assets::link("site.css").unwrap();
    let response = client.get(link.clone()).dispatch();
    assert_eq!(response.content_type(), Some(ContentType::CSS));
    assert_eq!(one(&response, "Cache-Control"), "public, max-age=31536000, immutable");
    let tag = one(&response, "ETag").to_owned();
    assert!(response.into_bytes().unwrap().len() > 1_000);
    let again = client.get(link.clone()).header(Header::new("If-None-Match", tag)).dispatch();
    assert_eq!(again.status(), Status::NotModified);
    assert!(again.into_bytes().unwrap_or_default().is_empty());
    for wrong in [
        "/public/0000000000000000/site.css",
        "/public/x/README.md",
        "/public/x/..%2fCargo.toml",
        "/public/x/build.sh",
        "/public/site.css",
    ] {
        assert_eq!(client.get(wrong).dispatch().status(), Status::NotFound, "{wrong}");
    }
}

#[test]
fn a_page_of_an_unchanged_state_is_not_sent_again_but_each_language_is_its_own() {
    let client = client();
    let first = client.get("/thu/giu").dispatch();
    assert_eq!(one(&first, "Cache-Control"), "no-cache");
    assert_eq!(one(&first, "Vary"), "Cookie");
    let tag = one(&first, "ETag").to_owned();
    let ask = |uri: &'static str| {
        client.get(uri).header(Header::new("If-None-Match", tag.clone())).dispatch().status()
    };
    assert_eq!(ask("/thu/giu"), Status::NotModified);
    assert_eq!(ask("/thu/giu?lang=en"), Status::Ok);
}

/// Every file below a folder of the source tree, as text.
fn sources(folder: &str) -> Vec<String> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    sources
}

#[test]
fn every_text_that_a_template_or_a_fault_names_exists() {
    let mut named = BTreeSet::new();
    for source in sources("templates") {
        for quote in ['"', '\''] {
            let mut before = "";
            for part in source.split(&format!("t({quote}")) {
                let other = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
                if let Some((key, _)) = part.split_once(quote).filter(|_| !before.is_empty()) {
                    let joined = part[key.len() + 1..].trim_start().starts_with('~');
                    named.extend((!other && !joined).then(|| key.to_owned()));
                }
                before = part;
            }
        }
    }
    assert!(named.len() > 30, "{named:?}");
    for source in sources("src/web") {
        for part in source.split("\"fault-").skip(1) {
            let key = part.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap();
            named.extend((!key.is_empty()).then(|| format!("fault-{key}")));
        }
    }
    let texts = sources("locales/vi").concat();
    for key in named {
        assert!(texts.contains(&format!("\n{key} =")), "no text {key}");
    }
}

#[test]
fn templates_inside_the_binary_make_the_same_pages() {
    let disk = Pages::from_source().unwrap();
    let binary = Pages::embedded();
    let page = minijinja::context! {
        path => "/", switch => "/?lang=en", other => "en", base => BASE, desk => "", here => "/",
        home => minijinja::context! { name => "Hội", href => "/" },
    };
    let context = minijinja::context! {
        page, code => 404, title => "fault-404", text => "fault-404-text",
        field => (), reference => (), again => (), desk => (),
    };
    for language in Language::ALL {
        let made = disk.render(language, "errors/fault.html", context.clone()).unwrap();
        assert_eq!(made, binary.render(language, "errors/fault.html", context.clone()).unwrap());
        assert!(!made.contains("fault-"));
    }
}
