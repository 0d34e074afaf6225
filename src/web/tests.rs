//! The site over `rocket::local`: headers on every kind of answer, guards, forms, faults, languages.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use rocket::http::uri::Origin;
use rocket::http::{Accept, ContentType, Cookie, Header, Method, Status};
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
    Page::new("errors/fault.html", minijinja::context! {
        code => 200, title => "fault-home", text => "fault-404-text",
        field => (), reference => (), ..nothing
    })
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

fn token(client: &Client) -> String {
    let html = client.get(FORM).dispatch().into_string().unwrap();
    let (_, rest) = html.split_once("name=\"token\" value=\"").unwrap();
    rest[..64].to_owned()
}

fn submit<'c>(client: &'c Client, body: String) -> LocalResponse<'c> {
    client
        .post(FORM)
        .header(ContentType::Form)
        .header(Header::new("Origin", BASE))
        .body(body)
        .dispatch()
}

fn good(token: &str) -> String {
    format!(
        "token={token}&date=05%2F11%2F2026&name=Hua%CC%A3nh&amount=1.500.000&place=cash\
         &kind=person&papers=list&papers=photo&reason=m%E1%BB%99t%0D%0Ahai&passphrase=ba+con"
    )
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
    let referrer = if uri.starts_with("/bn/") { "no-referrer" } else { "same-origin" };
    assert_eq!(one(&response, "Referrer-Policy"), referrer);
    let keep = one(&response, "Cache-Control");
    assert_eq!(keep == "no-store", !uri.starts_with("/public/"), "{uri}: {keep}");
    assert!(!response.headers().contains("Server"));
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
        for (lang, word) in [("vi", "<html class=\"govuk-template\" lang=\"vi\">"),
            ("en", "<html class=\"govuk-template\" lang=\"en\">")]
        {
            let uri = format!("/thu/loi/{status}?lang={lang}");
            let response = client.get(uri).header(Accept::JSON).dispatch();
            assert_eq!(response.status().code, status);
            assert_eq!(response.content_type(), Some(ContentType::HTML));
            assert_eq!(response.headers().get_one("Retry-After"), match status {
                429 => Some("30"),
                503 => Some("5"),
                _ => None,
            });
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
fn a_form_with_its_token_is_read_and_shown() {
    let client = client();
    let token = token(&client);
    let response = submit(&client, good(&token));
    assert_eq!(response.status(), Status::Ok);
    let html = response.into_string().unwrap();
    assert!(html.contains("Một triệu năm trăm nghìn đồng") && html.contains("Huạnh"), "{html}");
    assert!(!html.contains("ba con"), "a passphrase came back");
}

#[test]
fn a_form_with_faults_comes_back_whole() {
    let client = client();
    let token = token(&client);
    let body = format!("token={token}&date=31/02/2026&name=%3Cscript%3E%7B%7B7*7%7D%7D\
        &amount=1.5&kind=gold&reason=a%E2%80%AEb");
    let response = submit(&client, body);
    assert_eq!(response.status(), Status::UnprocessableEntity);
    let html = response.into_string().unwrap();
    assert!(html.contains("<title>Lỗi: "));
    for field in ["date", "amount", "place", "kind", "reason", "passphrase"] {
        assert!(html.contains(&format!("<a href=\"#{field}\">")), "{field}: {html}");
        assert!(html.contains(&format!("id=\"{field}\"")), "{field}");
        assert!(html.contains(&format!("id=\"{field}-fault\"")), "{field}");
    }
    assert!(html.contains("value=\"31/02/2026\"") && html.contains("value=\"1.5\""));
    assert!(html.contains("&lt;script&gt;{{7*7}}") && !html.contains("<script"));
    assert!(html.contains("U+202E") && !html.contains('\u{202e}'));
}

#[test]
fn bodies_that_no_page_of_ours_sends_are_refused() {
    let client = client();
    let token = token(&client);
    let status = |body: String| submit(&client, body).status().code;
    assert_eq!(status(format!("{}&approved=true", good(&token))), 400);
    assert_eq!(status(format!("{}&amount=5", good(&token))), 400);
    assert_eq!(status(format!("{}&token={token}", good(&token))), 400);
    assert_eq!(status(format!("{}&x=%ff", good(&token))), 400);
    assert_eq!(status(format!("{}{}", good(&token), "&papers=list".repeat(600))), 400);
    assert_eq!(status(format!("{}&name={}", good(&token), "a".repeat(70_000))), 413);
    assert_eq!(status("x".repeat(1 << 20)), 413);
    let html = submit(&client, format!("{}&approved=true", good(&token))).into_string().unwrap();
    assert!(html.contains("“approved”"));
    let plain = client
        .post(FORM)
        .header(ContentType::Plain)
        .header(Header::new("Origin", BASE))
        .body(good(&token))
        .dispatch();
    assert_eq!(plain.status(), Status::BadRequest);
}

#[test]
fn a_form_needs_the_token_of_this_visitor_and_this_form() {
    let (mine, theirs) = (client(), client());
    let (own, foreign) = (token(&mine), token(&theirs));
    assert_ne!(own, foreign);
    assert_eq!(submit(&mine, good(&own)).status(), Status::Ok);
    for token in ["", "0", &"0".repeat(64), &foreign] {
        assert_eq!(submit(&mine, good(token)).status(), Status::Forbidden, "{token}");
    }
    let without = good(&own).replace(&format!("token={own}&"), "");
    assert_eq!(submit(&mine, without).status(), Status::Forbidden);
    let stranger = Client::untracked(mine.rocket_again()).unwrap();
    let response = stranger
        .post(FORM)
        .header(ContentType::Form)
        .header(Header::new("Origin", BASE))
        .body(good(&own))
        .dispatch();
    assert_eq!(response.status(), Status::Forbidden);
    let session = Cookie::new("minhbach", "s".repeat(43));
    let signed_in = mine
        .post(FORM)
        .cookie(session)
        .header(ContentType::Form)
        .header(Header::new("Origin", BASE))
        .body(good(&own))
        .dispatch();
    assert_eq!(signed_in.status(), Status::Forbidden, "a token from before sign-in");
}

/// A second site with the same settings.
trait Again {
    fn rocket_again(&self) -> Rocket<Build>;
}

impl Again for Client {
    fn rocket_again(&self) -> Rocket<Build> {
        let config = self.rocket().state::<Config>().unwrap().clone();
        site(config, figment().merge(("log_level", "off")))
    }
}

#[test]
fn only_pages_of_this_site_may_send_forms() {
    let client = client();
    let status = |headers: &[(&'static str, &'static str)]| {
        let mut request = client.post("/thu/gui");
        for (name, value) in headers {
            request = request.header(Header::new(*name, *value));
        }
        request.dispatch().status().code
    };
    let (origin, site) = ("Origin", "Sec-Fetch-Site");
    assert_eq!(status(&[(origin, BASE)]), 200);
    assert_eq!(status(&[(origin, BASE), (site, "same-origin")]), 200);
    assert_eq!(status(&[(site, "same-origin")]), 200);
    assert_eq!(status(&[(origin, "null"), (site, "same-origin")]), 200);
    for refused in [
        &[][..],
        &[(origin, "https://evil.example")],
        &[(origin, "http://localhost:8001")],
        &[(origin, "http://localhost:8000.evil.example")],
        &[(origin, "https://localhost:8000")],
        &[(origin, "null")],
        &[(origin, "null"), (site, "cross-site")],
        &[(origin, BASE), (site, "cross-site")],
        &[(origin, BASE), (site, "same-site")],
        &[(site, "none")],
        &[(site, "same-origin"), (site, "cross-site")],
        &[(origin, BASE), (origin, "https://evil.example")],
        &[("Host", "localhost:8000"), ("Referer", "http://localhost:8000/")],
        &[("Host", "evil.example"), (origin, "http://evil.example")],
    ] {
        assert_eq!(status(refused), 403, "{refused:?}");
    }
}

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
fn a_form_cannot_ask_to_be_taken_for_another_method() {
    let client = client();
    for method in ["get", "put", "delete", "patch", "head", "options", "POST", "nonsense", ""] {
        for before in ["", "&", "&&"] {
            let body = format!("{before}_method={method}&x=1");
            let response = client
                .post("/thu/gui")
                .header(ContentType::Form)
                .header(Header::new("Origin", BASE))
                .body(body)
                .dispatch();
            assert_eq!(response.status(), Status::BadRequest, "{before}{method}");
        }
    }
    // Later fields are none of Rocket's business, and unknown to every form of ours.
    let token = token(&client);
    let late = submit(&client, format!("{}&_method=delete", good(&token)));
    assert_eq!(late.status(), Status::BadRequest);
    let escaped = submit(&client, format!("%5Fmethod=delete&{}", good(&token)));
    assert_eq!(escaped.status(), Status::BadRequest);
    // A real PUT with such a body stays nothing at all.
    let put = client
        .put("/thu/gui")
        .header(ContentType::Form)
        .header(Header::new("Origin", BASE))
        .body("_method=post")
        .dispatch();
    assert_eq!(put.status(), Status::BadRequest);
}

#[test]
fn every_route_is_get_or_post_and_every_post_asks_where_it_came_from() {
    let client = client();
    for route in client.rocket().routes() {
        assert!(matches!(route.method, Method::Get | Method::Post), "{route}");
        if route.method == Method::Post {
            let uri: Origin<'_> = route.uri.origin.clone();
            let response = client.post(uri.clone()).header(ContentType::Form).dispatch();
            assert_eq!(response.status(), Status::Forbidden, "{uri}");
        }
    }
    for method in [Method::Put, Method::Delete, Method::Patch, Method::Trace, Method::Options] {
        for uri in [FORM, "/healthz"] {
            assert_eq!(client.req(method, uri).dispatch().status(), Status::NotFound, "{method}");
        }
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

#[test]
fn every_text_that_a_template_names_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut folders = vec![root];
    let mut named = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            for quote in ['"', '\''] {
                for part in source.split(&format!(" t({quote}")).skip(1) {
                    let (key, after) = part.split_once(quote).unwrap();
                    if !after.starts_with(" ~") {
                        named.insert(key.to_owned());
                    }
                }
            }
        }
    }
    assert!(named.len() > 30, "{named:?}");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/locales/vi");
    let texts: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    for key in named {
        assert!(texts.contains(&format!("\n{key} =")), "no text {key}");
    }
}

#[test]
fn templates_inside_the_binary_make_the_same_pages() {
    let disk = Pages::from_source().unwrap();
    let binary = Pages::embedded();
    let page = minijinja::context! {
        path => "/", switch => "/?lang=en", other => "en", base => BASE,
        home => minijinja::context! { name => "Hội", href => "/" },
    };
    let context = minijinja::context! {
        page, code => 404, title => "fault-404", text => "fault-404-text",
        field => (), reference => (),
    };
    for language in Language::ALL {
        let made = disk.render(language, "errors/fault.html", context.clone()).unwrap();
        assert_eq!(made, binary.render(language, "errors/fault.html", context.clone()).unwrap());
        assert!(!made.contains("fault-"));
    }
}
