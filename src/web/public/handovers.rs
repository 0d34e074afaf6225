//! `/<chapter>/360giving.json`: what was handed over, for programs that read the 360Giving form.

use rocket::http::ContentType;
use rocket::{State, get};

use super::download::{Download, Keep};
use super::downloads::tag;
use super::ledgers::{Ledgers, Speech, read};
use super::told;
use crate::publish::grants::{Funder, Package, Publisher};
use crate::store::facade::{Handover, View};
use crate::web::{Config, Fault, format};

/// The title and the description of a handover.
fn words(own: &Handover, programme: Option<&String>, speech: &Speech<'_>) -> (String, String) {
    let kind = speech.say(&told::kind_key(own.kind));
    let day = format::date(own.date.naive(), speech.language);
    let title = match programme {
        Some(name) => format!("{kind} – {name}"),
        None => kind,
    };
    let amount = format::money(own.amount, speech.language);
    let arguments = [("what", title.clone()), ("day", day), ("amount", amount)];
    (title, speech.say_of("grants-description", &arguments))
}

fn funder(view: &View, page: &str, speech: &Speech<'_>) -> Result<Funder, Fault> {
    let chapter = view.books.chapter().ok_or(Fault::NotFound)?;
    Ok(Funder {
        origin: view.origin.chapter().to_owned(),
        name: chapter.chapter.name.to_string(),
        province: chapter.chapter.province.as_ref().map(ToString::to_string),
        currency: chapter.currency.code.to_string(),
        page: page.to_owned(),
        recipients: speech.say("grants-recipients"),
    })
}

/// The file.
#[get("/<chapter>/360giving.json", rank = 20)]
pub async fn grants(
    chapter: &str,
    speech: Speech<'_>,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let all = ledgers.store().handovers(view.chapter, view.size()).await.map_err(read)?;
    let page = config.base_url.join(&format!("/{}", view.origin.slug()));
    let funder = funder(&view, &page, &speech)?;
    let grants = all.iter().map(|own| {
        let code = own.programme.as_ref();
        let name = code.and_then(|code| told::programme_name(&view.books, code.as_str()));
        funder.grant(own, words(own, name.as_ref(), &speech), name)
    });
    let issued = view.books.last_at().map(|at| at.utc().format("%Y-%m-%d").to_string());
    let package = Package {
        version: "1.4",
        title: speech.say_of("grants-title", &[("chapter", funder.name.clone())]),
        issued: issued.unwrap_or_default(),
        publisher: Publisher { name: funder.name.clone(), website: page.clone() },
        download: format!("{page}/360giving.json"),
        access: config.base_url.join("/api"),
        grants: grants.collect(),
    };
    let body = serde_json::to_vec(&package).map_err(Fault::internal)?;
    let name = format!("{}-360giving.json", view.origin.slug());
    let tag = tag(&view, "360giving", &speech);
    Ok(Download::whole(ContentType::JSON, Keep::Checked, body).tag(tag).named(name))
}
