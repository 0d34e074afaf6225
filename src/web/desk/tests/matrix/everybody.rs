//! What everybody may read is the same for everybody: an officer's cookie changes nothing of it,
//! and what only officers may do is nowhere but at the desk.

use super::callers::Caller;
use super::checks::{Checks, named};
use super::furnishing::Ids;
use super::*;

/// Pages that are not there, and why.
const NOT_THERE: &[(&str, &str)] = &[
    // Nobody witnesses this ledger, or another one here, and no ledger goes on in a second one.
    ("GET", "/<chapter>/cosigned"),
    ("GET", "/nhan-chung/<hash>/checkpoint"),
    ("GET", "/nhan-chung/bang-chung/<digest>"),
    ("GET", "/<chapter>/<generation>"),
    ("GET", "/<chapter>/<generation>/<_..>"),
    // Nothing was published yet.
    ("GET", "/<chapter>/statements/<file>"),
    ("GET", "/api/v1/chapters/<slug>/statements/<name>"),
    // What no other route of its kind takes.
    ("GET", "/api/v1/<_..>"),
];

/// An address of a public route: what is furnished in the place of its parts.
fn address(path: &str, (slug, ids): (&str, &Ids)) -> String {
    let code = match path.split('/').nth(1) {
        Some("bn") => ids.receipt.as_str(),
        Some("do-dau") => &ids.sponsors_code,
        Some("phan-anh") => &ids.complaint_code,
        _ => match path.contains("/hoat-dong/") {
            true => "tet",
            false => "chung",
        },
    };
    let file = match path.starts_with("/tong-hop") {
        true => "tong-hop.csv",
        false => "cong-khai.csv",
    };
    let size = ids.size.to_string();
    let tile = format!("0/000.p/{size}");
    let mut whole = path.to_owned();
    for (part, own) in [
        ("/tile/<_..>", format!("/tile/{tile}")),
        ("<chapter>", slug.to_owned()),
        ("<slug>", slug.to_owned()),
        ("<number>", ids.entry.clone()),
        ("<seq>", ids.entry.clone()),
        ("<period>", "2026-11".to_owned()),
        ("<fund>", "chung".to_owned()),
        ("<code>", code.to_owned()),
        ("<item>", ids.item.clone()),
        ("<place>", ids.lent.clone()),
        ("<file>", file.to_owned()),
        ("<size>", size),
        ("<generation>", "2".to_owned()),
        ("<_..>", "checkpoint".to_owned()),
    ] {
        whole = whole.replace(part, &own);
    }
    whole
}

/// A page without what is of one visitor: the values of its fields.
pub fn plain(body: &str) -> String {
    let mut parts = body.split(" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('"').map_or("", |(_, rest)| rest))
}

fn first_difference(one: &str, other: &str) -> String {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    other.chars().skip(same.saturating_sub(20)).take(60).collect()
}

impl Checks<'_> {
    /// Every public route, of the first chapter: the same to each of the callers.
    pub async fn everybody(&mut self, callers: &[Caller], slug: &str) {
        let desk: Vec<_> = crate::web::desk::routes().iter().map(named).collect();
        let mut public = Vec::new();
        for route in crate::web::all_routes() {
            let route = named(&route);
            let inside = ["/ban", "/dang-nhap", "/dang-xuat", "/thiet-lap"];
            let first = format!("/{}", route.1.split('/').nth(1).unwrap_or_default());
            assert_eq!(desk.contains(&route), inside.contains(&&*first), "{route:?}");
            if !desk.contains(&route) {
                public.push(route);
            }
        }
        let (_, home) = self.house.get("/").await;
        let (_, rest) = home.split_once("/public/").unwrap();
        let asset = format!("/public/{}", rest.split('"').next().unwrap());
        let mut answers: Vec<(u16, String)> = Vec::new();
        // The first round does what a form without fields can do: a sender erases their complaint.
        for (round, caller) in callers[..1].iter().chain(callers).enumerate() {
            caller.comes_in(self.house).await;
            for (at, (method, path)) in public.iter().enumerate() {
                let uri = match path.starts_with("/public/") {
                    true => asset.clone(),
                    false => address(path, (slug, self.ids[0])),
                };
                let (found, body) = caller.asks(self.house, method, &uri).await;
                let found = (found, plain(&body));
                match answers.get(at) {
                    _ if round == 0 => {}
                    None => {
                        self.of_nobody((*method, path.as_str()), &uri, &found);
                        answers.push(found);
                    }
                    Some(known) if *known == found => {}
                    Some(known) => self.wrong.push(format!(
                        "{}: {method} {uri}: {}, and {} for nobody, from {}",
                        caller.name,
                        found.0,
                        known.0,
                        first_difference(&known.1, &found.1)
                    )),
                }
            }
        }
    }

    /// What nobody gets: a page, but for those that are not there; and no private word.
    fn of_nobody(&mut self, route: (&str, &str), uri: &str, (found, body): &(u16, String)) {
        let there = !NOT_THERE.contains(&route);
        if route.0 == "GET" && there != (*found < 400) {
            self.wrong.push(format!("nobody: GET {uri}: {found}"));
        }
        for words in [&furnishing::HERE, &furnishing::THERE] {
            let names = [words.family, words.phone, words.listed, words.donor, words.sponsor];
            for word in names.into_iter().filter(|word| body.contains(word)) {
                self.wrong.push(format!("nobody: {uri} holds {word}"));
            }
        }
    }
}
