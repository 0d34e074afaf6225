//! Forms and who may send them.

use rocket::http::uri::Origin;
use rocket::http::{ContentType, Cookie, Header, Method, Status};
use rocket::local::blocking::{Client, LocalResponse};

use super::*;

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
         &kind=person&papers%5B%5D=list&papers%5B%5D=photo\
         &reason=m%E1%BB%99t%0D%0Ahai&passphrase=ba+con"
    )
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
    let body = format!(
        "token={token}&date=31/02/2026&name=%3Cscript%3E%7B%7B7*7%7D%7D\
        &amount=1.5&kind=gold&reason=a%E2%80%AEb"
    );
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
    assert_eq!(status(format!("{}{}", good(&token), "&papers[]=list".repeat(600))), 400);
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
        // No page has a form for it: logs submit heads to a witness, and only the signature of the
        // ledger's own key makes one count (`public::witness`).
        let by_programs = route.uri.path() == "/nhan-chung/add-checkpoint";
        if route.method == Method::Post && !by_programs {
            let uri: Origin<'_> = route.uri.origin.clone();
            let response = client.post(uri.clone()).header(ContentType::Form).dispatch();
            assert_eq!(response.status(), Status::Forbidden, "{uri}");
        }
    }
    for method in [Method::Put, Method::Delete, Method::Patch, Method::Trace, Method::Options] {
        for uri in [FORM, "/healthz"] {
            let response = client.req(method, uri).dispatch();
            assert_eq!(response.status(), Status::MethodNotAllowed, "{method}");
            assert_eq!(response.headers().get_one("Allow"), Some("GET, HEAD, POST"), "{method}");
        }
    }
}
