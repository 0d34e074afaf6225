//! Who asks, as far as a session remembers it: the peer's network, and the kinds of its browser and
//! system. The whole of what a browser says of itself is read here and kept nowhere.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use rocket::Request;
use rocket::request::{FromRequest, Outcome};

use super::cache::hook;
use crate::store::desk::sessions::Place;

/// The other end of the connection.
pub struct Caller {
    /// Its address; never from a header that anybody can send.
    pub peer: IpAddr,
    /// What a session says of it.
    pub place: Place,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Caller {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        hook::personal(request);
        let peer = request.client_ip().unwrap_or(Ipv4Addr::LOCALHOST.into());
        let said = request.headers().get_one("User-Agent").unwrap_or_default();
        Outcome::Success(Self { peer, place: Place::new(&device(said), peer) })
    }
}

/// Marks of browsers. The first that is found counts: most of them name their ancestors as well.
const BROWSERS: [(&str, &str); 13] = [
    ("Zalo", "Zalo"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Marks of systems.
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

/// The kinds of browser and system: `Firefox, Windows`; empty where neither is known.
fn device(said: &str) -> String {
    let find = |marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| said.contains(mark)).map(|(_, word)| *word)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (one, other) => one.or(other).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn of_what_a_browser_says_only_two_words_are_left() {
        for (said, word) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0",
                "Firefox, Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-A146P) AppleWebKit/537.36 (KHTML, like Gecko) \
                 SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
                "Samsung Internet, Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0",
                "Edge, Windows",
            ),
            ("curl/8.5.0", ""),
            ("", ""),
            ("<script>alert(1)</script>", ""),
        ] {
            assert_eq!(device(said), word, "{said}");
        }
    }
}
