//! Asks every route, and looks at what came back and at what changed.

use std::collections::BTreeSet;

use super::callers::Caller;
use super::furnishing::{HERE, Ids, THERE};
use super::rows::Rows;
use super::*;

/// Callers whose GET is asked as HEAD, too.
const ASK_TWICE: [&str; 2] = ["nobody", "treasurer"];

/// What was found wrong so far.
pub struct Checks<'a> {
    pub house: &'a House,
    pub ids: [&'a Ids; 2],
    /// Lines of which the one thing is gone that their id names, by chapter.
    spent: BTreeSet<(usize, &'static str)>,
    pub wrong: Vec<String>,
}

/// One request, and the answer that the table wants.
struct Asked<'a> {
    route: (&'static str, &'static str),
    row: &'a Row,
    uri: String,
    wanted: u16,
    /// By right, or as unknown: it changes nothing at either chapter, no log either.
    refused: bool,
}

/// Method and path of a route.
pub fn named(route: &rocket::Route) -> (&'static str, String) {
    (route.method.as_str(), route.uri.path().to_owned())
}

/// The address of a route with an id in it: in its path, or behind.
fn address(path: &str, id: &str) -> String {
    let (id, query) = id.split_once('?').unwrap_or((id, ""));
    let mark = if query.is_empty() { "" } else { "?" };
    match (path.find('<'), path.find('>')) {
        (Some(from), Some(to)) => {
            format!("{}{id}{}{mark}{query}", &path[..from], &path[to + 1..])
        }
        _ => format!("{path}{id}{mark}{query}"),
    }
}

impl<'a> Checks<'a> {
    pub fn new(house: &'a House, ids: [&'a Ids; 2]) -> Self {
        Self { house, ids, spent: BTreeSet::new(), wrong: Vec::new() }
    }

    /// All that a caller asks: first what is refused, which changes nothing at either chapter; then
    /// the rest, which changes nothing at the other one.
    pub async fn all_routes(&mut self, caller: &Caller, table: &Rows) {
        caller.comes_in(self.house).await;
        let asked = self.questions(caller, table);
        let (refused, taken): (Vec<_>, Vec<_>) = asked.into_iter().partition(|one| one.refused);
        let before = self.rows().await;
        for one in &refused {
            self.ask(caller, one).await;
        }
        let after = self.rows().await;
        self.unchanged(caller, "what was refused", (&before[0], &after[0]));
        self.unchanged(caller, "what was refused", (&before[1], &after[1]));
        for one in &taken {
            self.ask(caller, one).await;
            if one.route.1.ends_with("/dang-xuat") {
                caller.comes_in(self.house).await;
            }
        }
        let last = self.rows().await;
        let other = 1 - caller.chapter;
        self.unchanged(caller, "a foreign request", (&after[other], &last[other]));
    }

    fn questions<'t>(&mut self, caller: &Caller, table: &'t Rows) -> Vec<Asked<'t>> {
        let mut all = Vec::new();
        for (route, row) in table {
            // A cookie that is sent by hand goes on after it was signed out.
            if caller.cookie.is_some() && route.1 == "/dang-xuat" {
                continue;
            }
            let none = (String::new(), String::new());
            let (own, foreign) = row.ids.clone().unwrap_or(none);
            let mut wanted = caller.wanted(*route, row, true);
            let goes = row.once && wanted == row.answers;
            if goes && !self.spent.insert((caller.chapter, route.1)) {
                wanted = 404;
            }
            let (route, refused) = (*route, !caller.may(row));
            all.push(Asked { route, row, uri: address(route.1, &own), wanted, refused });
            if row.ids.is_some() {
                let wanted = caller.wanted(route, row, false);
                let uri = address(route.1, &foreign);
                all.push(Asked { route, row, uri, wanted, refused: true });
            }
        }
        all
    }

    async fn ask(&mut self, caller: &Caller, asked: &Asked<'_>) {
        let Asked { route: (method, _), row, uri, wanted, .. } = asked;
        let (found, body) = caller.asks(self.house, method, uri).await;
        let by_role = found != 403 || row.others.is_some() || body.contains("Vai trò");
        if found != *wanted || !by_role {
            self.wrong.push(format!("{}: {method} {uri}: {found}, not {wanted}", caller.name));
        }
        for word in self.foreign_words(caller, uri) {
            if body.contains(word) {
                self.wrong.push(format!("{}: {method} {uri} holds {word}", caller.name));
            }
        }
        if *method == "GET" && ASK_TWICE.contains(&caller.name) {
            let (head, _) = caller.asks(self.house, "HEAD", uri).await;
            if head != found {
                self.wrong.push(format!("{}: HEAD {uri}: {head}", caller.name));
            }
        }
    }

    /// What no answer may hold: names, telephones and amounts of the other chapter, and its ids but
    /// for the one that was asked for. For nobody that is what either has.
    fn foreign_words(&self, caller: &Caller, uri: &str) -> Vec<&'a str> {
        let words = [HERE.private(), THERE.private()];
        let nobody = !caller.is_officer();
        let mut all = Vec::new();
        for chapter in [0, 1] {
            if chapter != caller.chapter || nobody {
                all.extend(words[chapter]);
                let ids = self.ids[chapter].private();
                all.extend(ids.into_iter().filter(|id| !uri.contains(*id)));
            }
        }
        all
    }

    async fn rows(&self) -> [crate::store::census::Census; 2] {
        let store = self.house.store();
        let chapters = store.chapters();
        [store.census(chapters[0].0).await, store.census(chapters[1].0).await]
    }

    fn unchanged(
        &mut self,
        caller: &Caller,
        what: &str,
        (before, after): (&crate::store::census::Census, &crate::store::census::Census),
    ) {
        for (table, rows) in after {
            let known: BTreeSet<&String> = before[table].iter().collect();
            if rows != &before[table] {
                let new: Vec<_> = rows.iter().filter(|row| !known.contains(row)).take(2).collect();
                let (was, is) = (before[table].len(), rows.len());
                let name = caller.name;
                self.wrong.push(format!("{name}: {what} changed {table}, {was} -> {is}: {new:?}"));
            }
        }
    }
}
