//! `/<chapter>/so/<seq>`: one entry: its voucher in words, who signed it, where it stands.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Value;
use rocket::get;
use rocket::http::ContentType;
use serde_json::Value as Json;

use super::download::{Download, Keep};
use super::home::page;
use super::ledgers::{Ledgers, read};
use super::told;
use crate::ledger::voucher::{Body, Kind};
use crate::ledger::word::KeyName;
use crate::store::facade::{KnownEntry, View};
use crate::web::{Fault, Page};

/// A seq as it is written in paths: digits without leading zeros.
///
/// # Errors
/// [`Fault::NotFound`] for anything else.
pub fn seq(text: &str) -> Result<u64, Fault> {
    let seq = text.parse().ok().filter(|seq: &u64| seq.to_string() == text);
    seq.ok_or(Fault::NotFound)
}

async fn known(ledgers: &Ledgers<'_>, view: &View, seq: u64) -> Result<KnownEntry, Fault> {
    let known = ledgers.store().known_entry(view.chapter, seq, view.size()).await;
    known.map_err(read)?.ok_or(Fault::NotFound)
}

/// An entry's own page.
#[get("/<chapter>/so/<number>", rank = 20)]
pub async fn entry(chapter: &str, number: &str, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let seq = seq(number)?;
    let known = known(&ledgers, &view, seq).await?;
    let voucher = known.entry.voucher();
    let mut members = Vec::new();
    if let Json::Object(own) = voucher.value() {
        for (name, value) in &own {
            if !["by", "date", "id", "kind", "log", "note", "_sd"].contains(&name.as_str()) {
                member(&view, name, value, 0, &mut members);
            }
        }
    }
    let reverses = (voucher.kind() == Kind::Reversed)
        .then(|| crate::books::postings::names(&voucher.body))
        .flatten()
        .and_then(|of| match of.entry() {
            crate::ledger::word::EntryRef::Seq(seq) => Some(seq),
            crate::ledger::word::EntryRef::Old(_) => None,
        });
    let titles = titles(&ledgers, &view, &known).await?;
    let shown = context! {
        seq,
        size => view.size(),
        numbers => known.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        words => told::words(&view.books, &known.entry),
        date => voucher.date.to_string(),
        at => known.entry.at.to_string(),
        id => voucher.id.as_str(),
        members,
        private => private(&voucher.value()),
        signatures => signatures(&view, &known, &titles),
        leaf => known.leaf.to_string(),
        prev => known.entry.prev.to_string(),
        reversed_by => known.reversed_by,
        reverses,
        named_by => known.named_by.iter().filter(|by| Some(by.seq) != known.reversed_by)
            .map(|by| context! { seq => by.seq, kind => told::kind_key(by.kind) })
            .collect::<Vec<_>>(),
    };
    Ok(page(&view, "public/entry.html", shown).of_state(view.state()))
}

/// The bytes of an entry, as they are in the tree.
#[get("/<chapter>/so/<number>/json", rank = 20)]
pub async fn raw(chapter: &str, number: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let known = known(&ledgers, &view, seq(number)?).await?;
    let tag = known.leaf.to_string();
    Ok(Download::whole(ContentType::JSON, Keep::Checked, known.bytes).tag(tag))
}

/// The proof of an entry under the newest head, as a tlog-proof that verifies offline.
#[get("/<chapter>/so/<number>/tlog-proof", rank = 20)]
pub async fn proof(chapter: &str, number: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let seq = seq(number)?;
    let receipt = ledgers.store().receipt(view.chapter, seq).await.map_err(read)?;
    let receipt = receipt.ok_or(Fault::NotFound)?.to_string();
    let name = format!("{}-{seq}.tlog-proof", view.origin.slug());
    Ok(Download::whole(ContentType::Plain, Keep::Checked, receipt).tag(view.state()).named(name))
}

/// How many digests of private values stand in a voucher.
fn private(value: &Json) -> usize {
    match value {
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| match value.as_array().filter(|_| name == "_sd") {
                Some(digests) => digests.len(),
                None => private(value),
            })
            .sum(),
        Json::Array(members) => members.iter().map(private).sum(),
        _ => 0,
    }
}

/// The members that hold amounts.
const MONEY: [&str; 21] = [
    "amount",
    "closing",
    "counted",
    "custody",
    "difference",
    "earlier",
    "fee",
    "in",
    "lost",
    "money",
    "moved",
    "opening",
    "out",
    "principal",
    "received",
    "spent",
    "statement_balance",
    "stock",
    "loans",
    "target",
    "two_above",
];

/// A member for templates: its name, how deep it lies, and its value with what kind of value it is.
fn member(view: &View, name: &str, value: &Json, depth: usize, out: &mut Vec<Value>) {
    let mut put = |kind: &str, value: Value| {
        out.push(context! { name, depth, kind, value });
    };
    match value {
        Json::Number(number) if MONEY.contains(&name) => {
            put("money", Value::from(number.as_i64()));
        }
        Json::Number(number) if ["of", "seq", "compromised_from_seq"].contains(&name) => {
            put("entry", Value::from(number.as_u64()));
        }
        Json::Number(number) => put("number", Value::from(number.as_i64())),
        Json::Bool(yes) => put(if *yes { "yes" } else { "no" }, Value::from(*yes)),
        Json::String(text) => {
            let is_day = text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok();
            match name {
                "place" | "from_place" | "to_place" => put("place", told::place(&view.books, text)),
                "fund" | "from_fund" | "to_fund" => put("fund", told::fund(&view.books, text)),
                "programme" => {
                    let name = told::programme_name(&view.books, text);
                    put("text", Value::from(name.unwrap_or_else(|| text.clone())));
                }
                _ if is_day => put("day", Value::from(text.as_str())),
                _ => put("text", Value::from(text.as_str())),
            }
        }
        Json::Array(values) => {
            put("list", Value::from(values.len()));
            // The first lines tell what the list is; the file has them all.
            for value in values.iter().take(50) {
                match value {
                    Json::Object(members) => {
                        let own = members.iter().filter(|(name, _)| *name != "_sd");
                        own.for_each(|(name, value)| member(view, name, value, depth + 1, out));
                    }
                    value => member(view, name, value, depth + 1, out),
                }
            }
        }
        Json::Object(members) => {
            put("object", Value::from(""));
            let own = members.iter().filter(|(name, _)| *name != "_sd");
            own.for_each(|(name, value)| member(view, name, value, depth + 1, out));
        }
        Json::Null => {}
    }
}

/// The titles that the keys of an entry's signatures were registered with.
async fn titles(
    ledgers: &Ledgers<'_>,
    view: &View,
    known: &KnownEntry,
) -> Result<BTreeMap<KeyName, String>, Fault> {
    let mut titles = BTreeMap::new();
    let keys = view.books.officers().keys();
    for signature in known.entry.signatures() {
        let Some(registered) = keys.get(&signature.key) else { continue };
        let by = ledgers.store().entry(view.chapter, registered.from).await.map_err(read)?;
        let title = by.and_then(|by| match &by.entry.voucher().body {
            Body::ChapterOpened(body) => {
                let officer = body.officers.iter().find(|one| one.person == registered.person);
                let guardian = body.guardian.as_ref();
                officer
                    .map(|officer| officer.title.to_string())
                    .or_else(|| guardian.map(|guardian| guardian.title.to_string()))
            }
            Body::OfficerEnrolled(body) => Some(body.officer.title.to_string()),
            Body::GuardianNamed(body) => Some(body.guardian.title.to_string()),
            // A new key of the same person: the office is the one of today.
            _ => {
                let now = view.books.officers().in_office().get(&registered.person);
                now.map(|now| now.title.to_string())
            }
        });
        titles.extend(title.map(|title| (signature.key.clone(), title)));
    }
    Ok(titles)
}

/// Who signed, in which office, and whether the key was said to be compromised later.
fn signatures(view: &View, known: &KnownEntry, titles: &BTreeMap<KeyName, String>) -> Vec<Value> {
    let books = view.books.officers();
    let told = known.entry.signatures().iter().map(|signature| {
        let registered = books.keys().get(&signature.key);
        let person = registered.map(|registered| &registered.person);
        let guardian = books.guardian().filter(|guardian| Some(&guardian.person) == person);
        let disputed = registered
            .and_then(|registered| registered.compromised_from)
            .is_some_and(|from| known.entry.seq >= from);
        context! {
            role => signature.role.as_str(),
            key => signature.key.as_str(),
            title => titles.get(&signature.key),
            guardian => guardian.is_some(),
            disputed,
        }
    });
    told.collect()
}
