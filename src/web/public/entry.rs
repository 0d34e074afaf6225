//! `/<chapter>/so/<seq>`: one entry: its voucher in words, who signed it, where it stands.

use minijinja::context;
use minijinja::value::Value;
use rocket::get;
use rocket::http::ContentType;
use serde_json::Value as Json;

use super::download::{Download, Keep};
use super::home::page;
use super::ledgers::{Ledgers, read};
use super::lent::{self, Mentions};
use super::{told, trace};
use crate::ledger::voucher::{Body, Kind};
use crate::ledger::word::{Base64, EntryRef};
use crate::store::facade::{KnownEntry, LoanMention, View};
use crate::web::signers::signers;
use crate::web::{Fault, Page, vocabulary};

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
        for (name, value) in ordered(voucher.kind(), &own) {
            if !["by", "date", "id", "kind", "log", "note", "_sd"].contains(&name.as_str()) {
                let (kind, before) = (voucher.kind(), known.entry.before);
                let at = At { kind, before, parent: None, depth: 0 };
                member(&view, name, value, at, &mut members);
            }
        }
    }
    let reverses = (voucher.kind() == Kind::Reversed)
        .then(|| crate::books::postings::names(&voucher.body))
        .flatten()
        .and_then(|of| known.entry.place_of(of.entry()));
    let original = match reverses {
        Some(seq) => ledgers.store().known_entry(view.chapter, seq, view.size()).await,
        None => Ok(None),
    };
    let original = original.map_err(read)?;
    let both = original.iter().map(|known| &known.entry).chain([&known.entry]);
    let mentions = lent::mentions(ledgers.store(), &view, both).await?;
    let original = original.map(|known| told_original(&view, &known, &mentions));
    let period = match &voucher.body {
        Body::PeriodClosed(body) => Some(body.through.to_string()),
        _ => None,
    };
    let officers = view.books.officers();
    let signatures = signers(ledgers.store(), view.chapter, officers, &known.entry);
    let signatures = signatures.await.map_err(read)?;
    // Before the names: one that is hidden meanwhile is not shown under what is told from then on.
    let names_state = ledgers.store().names_state(view.chapter).await.map_err(read)?;
    let names = ledgers.store().published_names(view.chapter, seq, seq + 1).await.map_err(read)?;
    let names = names.iter().filter_map(|name| name.disclosure.value().as_str());
    let names: Vec<String> = names.map(str::to_owned).collect();
    let other_side = trace::other_side(&ledgers, &view, &known).await?;
    // The other ledger may have moved on: its head is a part of what is shown.
    let there = other_side.as_ref().map_or(String::new(), |_| heads(&ledgers));
    let shown = context! {
        names,
        other_side,
        seq,
        size => view.size(),
        numbers => known.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        words => told::words(&view.books, &known.entry, &mentions),
        loan => loan(mentions.get(&seq)),
        date => voucher.date.to_string(),
        at => known.entry.at.to_string(),
        id => voucher.id.as_str(),
        members,
        private => private(&voucher.value()),
        signatures => minijinja::value::Serde(signatures),
        leaf => known.leaf.to_string(),
        prev => known.entry.prev.to_string(),
        reversed_by => known.reversed_by,
        reverses,
        original,
        period,
        named_by => known.named_by.iter().filter(|by| Some(by.seq) != known.reversed_by)
            .map(|by| context! { seq => by.seq, kind => told::kind_key(by.kind) })
            .collect::<Vec<_>>(),
    };
    let state = format!("{}-{names_state}{there}", view.state());
    Ok(page(&view, "public/entry.html", shown).of_state(state))
}

/// The loan that an entry moved, once it was paid out.
fn loan(mention: Option<&LoanMention>) -> Option<Value> {
    let own = mention?;
    let (loan, name) = (own.loan?, own.name?);
    Some(context! { name => lent::name(Some(name)), address => lent::address(loan, Some(name)) })
}

/// The heads of all ledgers here, as one text.
fn heads(ledgers: &Ledgers<'_>) -> String {
    let views = ledgers.store().chapters().into_iter();
    let states = views.filter_map(|(id, _)| ledgers.view_of(id).ok()).map(|view| view.state());
    let all: String = states.map(|state| format!("-{state}")).collect();
    format!("-{}", crate::ledger::tree::sha256(all.as_bytes()))
}

/// The entry that another one reverses, with its amount.
fn told_original(view: &View, known: &KnownEntry, mentions: &Mentions) -> Value {
    let voucher = known.entry.voucher();
    context! {
        words => told::words(&view.books, &known.entry, mentions),
        date => voucher.date.to_string(),
        numbers => known.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        amount => crate::web::desk::describe::total(voucher),
    }
}

/// The members of an object: those of a closing as its statement has them, others as they stand.
fn ordered(kind: Kind, own: &serde_json::Map<String, Json>) -> Vec<(&String, &Json)> {
    const ORDER: [&str; 17] = [
        "through", "entries", "places", "funds", "custody", "bank", "place", "fund", "opening",
        "in", "received", "out", "spent", "moved", "lost", "earlier", "closing",
    ];
    let mut members: Vec<(&String, &Json)> = own.iter().collect();
    if kind == Kind::PeriodClosed {
        members.sort_by_key(|(name, _)| {
            ORDER.iter().position(|own| own == name).unwrap_or(ORDER.len())
        });
    }
    members
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
    // The head under it may be cosigned later.
    let tag = crate::ledger::tree::sha256(receipt.as_bytes()).to_string();
    Ok(Download::whole(ContentType::Plain, Keep::Checked, receipt).tag(tag).named(name))
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
const MONEY: [&str; 26] = [
    "amount",
    "closing",
    "counted",
    "custody",
    "difference",
    "earlier",
    "fee",
    "fee_total",
    "fees_paid",
    "in",
    "lost",
    "money",
    "moved",
    "opening",
    "out",
    "paid",
    "par30",
    "par90",
    "principal",
    "received",
    "spent",
    "statement_balance",
    "stock",
    "loans",
    "target",
    "two_above",
];

/// Members that name another entry.
const NAMING: [&str; 7] = ["of", "seq", "lot", "loan", "gifts", "sample", "compromised_from_seq"];

/// Where a member stands.
#[derive(Clone, Copy)]
struct At<'a> {
    kind: Kind,
    /// How many entries lie before the ledger that it stands in.
    before: u64,
    /// The object or list around it.
    parent: Option<&'a str>,
    depth: usize,
}

/// A checkpoint as people read it: in an entry it stands in base64.
fn note(text: &str) -> String {
    let bytes = text.parse::<Base64>().map(|text| text.decode());
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}

/// A member for templates: its name, how deep it lies, and its value with what kind of value it is.
fn member(view: &View, name: &str, value: &Json, at: At<'_>, out: &mut Vec<Value>) {
    let depth = at.depth;
    let mut put = |kind: &str, value: Value| {
        out.push(context! { name, depth, kind, value });
    };
    let inner = At { parent: Some(name), depth: depth + 1, ..at };
    match value {
        Json::Number(number) if MONEY.contains(&name) => {
            put("money", Value::from(number.as_i64()));
        }
        Json::Number(number) if NAMING.contains(&name) => {
            let place = number.as_u64().and_then(|seq| EntryRef::Seq(seq).place(at.before));
            put("entry", Value::from(place));
        }
        Json::Number(number) => put("number", Value::from(number.as_i64())),
        Json::Bool(yes) => put(if *yes { "yes" } else { "no" }, Value::from(*yes)),
        Json::String(text) => {
            let old = text.strip_prefix("old:").filter(|_| NAMING.contains(&name));
            let is_day = text.len() == 10 && text.parse::<chrono::NaiveDate>().is_ok();
            match name {
                _ if old.is_some() => {
                    put("entry", Value::from(old.and_then(|n| n.parse::<u64>().ok())))
                }
                "place" | "from_place" | "to_place" => put("place", told::place(&view.books, text)),
                "fund" | "from_fund" | "to_fund" => put("fund", told::fund(&view.books, text)),
                "programme" => {
                    let name = told::programme_name(&view.books, text);
                    put("text", Value::from(name.unwrap_or_else(|| text.clone())));
                }
                "through" => put("month", Value::from(text.as_str())),
                "checkpoint" => put("note", Value::from(note(text))),
                _ if is_day => put("day", Value::from(text.as_str())),
                _ => match vocabulary::key(at.kind, at.parent, name, text) {
                    Some(key) => put("word", Value::from(key)),
                    None => put("text", Value::from(text.as_str())),
                },
            }
        }
        Json::Array(values) => {
            put("list", Value::from(values.len()));
            // The first lines tell what the list is; the file has them all.
            for value in values.iter().take(50) {
                match value {
                    Json::Object(members) => {
                        let own = ordered(at.kind, members).into_iter();
                        let own = own.filter(|(name, _)| *name != "_sd");
                        own.for_each(|(name, value)| member(view, name, value, inner, out));
                    }
                    // Words in a list belong to the list's own member.
                    value => member(view, name, value, At { depth: depth + 1, ..at }, out),
                }
            }
        }
        Json::Object(members) => {
            put("object", Value::from(""));
            let own = ordered(at.kind, members).into_iter().filter(|(name, _)| *name != "_sd");
            own.for_each(|(name, value)| member(view, name, value, inner, out));
        }
        Json::Null => {}
    }
}
