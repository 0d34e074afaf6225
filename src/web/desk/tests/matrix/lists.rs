//! Lists and totals: nothing that one chapter writes moves a line or a number of the other.

use std::collections::BTreeMap;

use super::super::people::NEIGHBOUR;
use super::checks::named;
use super::everybody::plain;
use super::*;

/// Where one reads who looked at what: each look, and each file, adds a line of one's own.
const LOGS: [&str; 7] = [
    "/ban/kiem-tra/mo-xem",
    "/ban/kiem-tra/mo-xem.csv",
    "/ban/kiem-tra/mo-xem.xlsx",
    "/ban/kiem-tra/an-toan",
    "/ban/kiem-tra/an-toan.csv",
    "/ban/kiem-tra/an-toan.xlsx",
    "/ban/quan-tri/tai-khoan",
];

impl House {
    /// Every page of the desk without an id in its address, as a session sees it.
    async fn lists(&self, session: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for route in crate::web::desk::routes() {
            let (method, path) = named(&route);
            let log = LOGS.contains(&path.as_str());
            if method != "GET" || !path.starts_with("/ban/") || path.contains('<') || log {
                continue;
            }
            let request = self.client.get(path.clone());
            let request = request.cookie(Cookie::new("minhbach", session.to_owned()));
            let response = request.dispatch().await;
            let body = response.into_bytes().await.unwrap_or_default();
            all.insert(path, plain(&String::from_utf8_lossy(&body)));
        }
        all
    }

    /// The neighbours' pages before and after the first chapter wrote of everything.
    pub async fn writes_beside_neighbours(&self) -> Vec<String> {
        self.sit_with_neighbours();
        self.forget().await;
        self.sign_in(NEIGHBOUR).await;
        let session = self.cookie("minhbach");
        let before = self.lists(&session).await;
        self.sit_here();
        self.forget().await;
        self.sign_in(TREASURER).await;
        self.slip("/ban/phieu-thu", "", &gift("1.111.000")).await;
        self.slip("/ban/chi-phi", "", &cost("3.000")).await;
        self.family(&[("member_name[]", "Trịnh Văn Chín")]).await;
        self.round("dot-9", "1.000").await;
        self.application("Trịnh Văn Chín", "1.000.000").await;
        self.complain(&[("about", "other"), ("text", "Một lời khác"), ("contact", "")]).await;
        let own = self.lists(&self.cookie("minhbach")).await;
        self.forget().await;
        let after = self.lists(&session).await;
        assert!(own["/ban/viec"] != before["/ban/viec"] && before["/ban/viec"].contains("Quỹ"));
        let moved = before.into_iter().filter(|(path, body)| after[path] != *body);
        moved.map(|(path, _)| format!("{path} of the neighbours moved")).collect()
    }
}
