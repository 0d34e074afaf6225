//! `/api`: everything that programs can read, on one page for people.

use minijinja::context;
use minijinja::value::Value;
use rocket::get;

use crate::store::facade::View;
use crate::web::public::home::months;
use crate::web::public::ledgers::Ledgers;
use crate::web::{Fault, Page};

/// The routes of the API as the page lists them: the path, and the key of what it answers.
const ROUTES: [(&str, &str); 10] = [
    ("/api/v1/chapters", "api-chapters"),
    ("/api/v1/chapters/{slug}", "api-chapter"),
    ("/api/v1/chapters/{slug}/entries", "api-entries"),
    ("/api/v1/chapters/{slug}/entries/{seq}", "api-entry"),
    ("/api/v1/chapters/{slug}/funds", "api-funds"),
    ("/api/v1/chapters/{slug}/stock", "api-stock"),
    ("/api/v1/chapters/{slug}/loans", "api-loans"),
    ("/api/v1/chapters/{slug}/statements", "api-statements"),
    ("/api/v1/chapters/{slug}/statements/{name}", "api-statement"),
    ("/api/v1/chapters/{slug}/checkpoint", "api-checkpoint"),
];

/// A chapter of the page.
fn told(view: &View) -> Option<Value> {
    let own = view.books.chapter()?;
    Some(context! {
        slug => view.origin.slug(),
        name => own.chapter.name.as_str(),
        month => months(&view.books).into_iter().next(),
        // The newest ledger lies in a folder of its own where it continues another one.
        files => match view.origin.generation() {
            1 => format!("/{}", view.origin.slug()),
            number => format!("/{}/{number}", view.origin.slug()),
        },
    })
}

/// The page.
#[get("/api")]
pub fn page(ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let (mut chapters, mut states) = (Vec::new(), Vec::new());
    for (id, origin) in ledgers.store().chapters() {
        // A ledger that another one continues is found from that one.
        if ledgers.find(origin.slug())? != id {
            continue;
        }
        let Ok(view) = ledgers.view_of(id) else { continue };
        states.push(view.state());
        chapters.extend(told(&view));
    }
    let routes: Vec<Value> =
        ROUTES.iter().map(|(path, key)| context! { path => *path, key => *key }).collect();
    let state = crate::ledger::tree::sha256(states.join("-").as_bytes()).to_string();
    let shown = context! { chapters, routes };
    Ok(Page::new("public/api.html", shown).of_state(state))
}
