//! `/<chapter>/feed.atom`: the newest entries in words, statements among them.

use rocket::http::ContentType;
use rocket::{State, get};

use super::accounts_files::sentence;
use super::download::{Download, Keep};
use super::downloads::tag;
use super::ledgers::{Ledgers, Speech, read};
use super::lent::{self, Mentions};
use super::report::period::Period;
use crate::ledger::voucher::{Body, Kind, StatementPublished, StatementType};
use crate::money::Money;
use crate::publish::feed::{Channel, News, atom};
use crate::store::facade::{AccountsLine, Line, View};
use crate::web::{Config, Fault, format};

/// Entries in the feed.
const NEWEST: u32 = 40;

/// The amounts of an entry in words: what came in, what went out.
fn amounts(line: &AccountsLine, speech: &Speech<'_>) -> String {
    let money = |key: &str, amount: Money| {
        let amount = format::money(amount, speech.language);
        (speech.say(key), amount)
    };
    let all = [("book-in", line.money_in), ("book-out", line.money_out)];
    let some = all.into_iter().filter(|(_, amount)| *amount != Money::ZERO);
    let told = some.map(|(key, amount)| money(key, amount));
    told.map(|(word, amount)| format!("{word} {amount}")).collect::<Vec<_>>().join(" · ")
}

/// An entry as it stands in the accounts.
fn line(own: &Line, size: u64) -> AccountsLine {
    let sum = |of: fn(&crate::books::effects::PlaceFlow) -> Money| {
        Money::sum(own.effects.flows.iter().map(of)).unwrap_or_default()
    };
    AccountsLine {
        effective: own.effects.effective,
        money_in: sum(|flow| flow.money_in),
        money_out: sum(|flow| flow.money_out),
        numbers: own.effects.numbers.clone(),
        reversed_by: own.reversed_by.filter(|by| *by < size),
        entry: own.entry.clone(),
    }
}

/// One piece of news; a statement leads to its own page.
fn news(
    own: &Line,
    view: &View,
    base: &str,
    (speech, mentions): (&Speech<'_>, &Mentions),
) -> Result<News, Fault> {
    let line = line(own, view.size());
    let words = sentence(view, &line, mentions, speech)?;
    let numbers: Vec<String> = line.numbers.iter().map(ToString::to_string).collect();
    let day = format::date(line.effective.naive(), speech.language);
    let parts = [day, numbers.join(" "), words.clone(), amounts(&line, speech)];
    let summary: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let path = match &line.entry.voucher().body {
        Body::PeriodClosed(body) => format!("bao-cao/{}", body.through),
        Body::StatementPublished(body) => format!("bao-cao/{}", period_of(body).name()),
        _ => format!("so/{}", line.entry.place()),
    };
    Ok(News {
        key: format!("so/{}", line.entry.place()),
        title: words,
        summary: summary.join(" · "),
        href: format!("{base}/{path}"),
        category: line.entry.voucher().kind().as_str().to_owned(),
        at: line.entry.at.utc(),
    })
}

/// What a published statement covers.
fn period_of(body: &StatementPublished) -> Period {
    match (body.r#type, &body.fund) {
        (StatementType::Campaign, Some(fund)) => Period::Campaign(fund.clone(), body.from, body.to),
        (StatementType::Quarter, _) => Period::quarter_of(body.from.month()),
        _ => Period::Year(body.from.year()),
    }
}

/// The feed.
#[get("/<chapter>/feed.atom", rank = 20)]
pub async fn feed(
    chapter: &str,
    speech: Speech<'_>,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let (store, size) = (ledgers.store(), view.size());
    let lines = store.lines_before(view.chapter, None::<Kind>, size, NEWEST).await;
    let lines = lines.map_err(read)?;
    let mentions = lent::mentions(store, &view, lines.iter().map(|own| &own.entry)).await?;
    let base = config.base_url.join(&format!("/{}", view.origin.slug()));
    let told = lines.iter().map(|own| news(own, &view, &base, (&speech, &mentions)));
    let news = told.collect::<Result<Vec<News>, Fault>>()?;
    let own = view.books.chapter().ok_or(Fault::NotFound)?;
    let name = own.chapter.name.to_string();
    let opened = store.line(view.chapter, 0).await.map_err(read)?;
    let opened = opened.map(|line| line.entry.at.utc()).unwrap_or_default();
    let bytes = atom(&Channel {
        origin: view.origin.chapter().to_owned(),
        since: opened.format("%Y-%m-%d").to_string(),
        title: speech.say_of("feed-title", &[("chapter", name.clone())]),
        author: name,
        language: speech.language.tag(),
        own: format!("{base}/feed.atom"),
        page: base.clone(),
        opened,
        news,
    });
    let kind = ContentType::new("application", "atom+xml").with_params(("charset", "utf-8"));
    Ok(Download::whole(kind, Keep::Checked, bytes).tag(tag(&view, "feed", &speech)))
}
