//! Vouchers with a new key: an officer enrolled, a key rotated, a guardian named, another log key.
//!
//! The key itself is made later: an officer's and the guardian's by the person who will hold it
//! ([`super::accept`]), the log's by the store when the voucher is signed. Until then a
//! placeholder stands in its place, so that the form shows what the books say of the rest.

use super::super::receipts::{date, note, plain, text};
use super::super::slip::{Ctx, Input, Slip, Written, nothing, words};
use super::registers::{officers, person};
use crate::books::Books;
use crate::ledger::keys::{PublicKey, SigningKey, new_opaque_id, officer_key_name};
use crate::ledger::voucher::{
    Guardian, GuardianNamed, KeyRotated, Kind, LogKeyRotated, Officer, OfficerEnrolled, OfficerRole,
};
use crate::ledger::word::{Number, Origin, Person, Words};
use crate::web::Fault;
use crate::web::forms::{Field, Noted, Submission};

/// How many entries further a new log key begins to sign, unless somebody says otherwise: room for
/// what is recorded before the voucher is approved.
const ROOM: u64 = 10;

const ROLES: &[&str] = &["chair", "deputy_chair", "treasurer", "caseworker", "auditor"];

/// Whether the person of a new key has to be invited before the voucher is laid.
#[must_use]
pub fn invites(kind: Kind) -> bool {
    matches!(kind, Kind::OfficerEnrolled | Kind::KeyRotated | Kind::GuardianNamed)
}

/// A new officer's or guardian's key of a ledger.
///
/// # Errors
/// [`Fault::Internal`]: no randomness.
pub fn new_key(origin: &Origin) -> Result<SigningKey, Fault> {
    let opaque = new_opaque_id().map_err(Fault::internal)?;
    let name = officer_key_name(origin.as_str(), &opaque).map_err(Fault::internal)?;
    SigningKey::generate(&name).map_err(Fault::internal)
}

fn placeholder(form: &mut Submission, ctx: &Ctx<'_>) -> Result<PublicKey, Noted> {
    let key = new_key(&ctx.officer.desk.origin);
    key.map(|key| key.public().clone()).map_err(|_| form.note_form("fault-500-text", []))
}

/// Persons who once had a key and are neither in office nor the guardian now: person, and the entry
/// that ended their last key.
fn retired(books: &Books) -> Vec<(String, String)> {
    let officers = books.officers();
    let present = |person: &Person| {
        officers.in_office().contains_key(person)
            || officers.guardian().is_some_and(|guardian| guardian.person == *person)
    };
    let mut all: std::collections::BTreeMap<&Person, u64> = std::collections::BTreeMap::new();
    for key in officers.keys().values().filter(|key| !present(&key.person)) {
        let last = all.entry(&key.person).or_default();
        *last = (*last).max(key.ended.unwrap_or_default());
    }
    all.into_iter()
        .map(|(person, seq)| (person.to_string(), format!("#{seq} · {person}")))
        .collect()
}

/// `/ban/quan-tri/them-can-bo`: a new officer, or one who comes back with another role.
pub const ENROL: Slip = Slip {
    path: "/ban/quan-tri/them-can-bo",
    name: "enrol",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("title", "field-title"),
        Field::list("roles", "field-roles"),
        Field::one("person", "field-came-back"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let mut inputs = vec![
            Input::date(),
            Input::new("text", "title").hint("setup-title-hint"),
            Input { options: words("office", ROLES), ..Input::new("checks", "roles") }
                .hint("hint-roles"),
        ];
        let retired = retired(&ctx.officer.books);
        if !retired.is_empty() {
            inputs.push(Input::select("person", retired).hint("hint-came-back").optional());
        }
        inputs.push(Input::note());
        inputs
    },
    beforehand: nothing,
    read: enrol,
};

fn enrol(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let title = text(form, "title");
    let roles = roles(form);
    let person = if form.typed("person").is_empty() {
        let new = new_opaque_id().ok().and_then(|id| id.parse().ok());
        new.ok_or_else(|| form.note_form("fault-500-text", []))
    } else {
        person(form, &retired(&ctx.officer.books))
    };
    let note = note(form);
    let vkey = placeholder(form, ctx)?;
    let officer = Officer { vkey, person: person?, roles: roles?, title: title?, private: None };
    plain(OfficerEnrolled { officer, private: None }, date?, note?, None)
}

fn roles(form: &mut Submission) -> Result<Words<OfficerRole>, Noted> {
    let typed: Vec<String> = form.list("roles").into_iter().map(str::to_owned).collect();
    let roles = typed.iter().filter(|role| ROLES.contains(&role.as_str()));
    let roles: Vec<OfficerRole> = roles.filter_map(|role| role.parse().ok()).collect();
    if roles.len() != typed.len() {
        return Err(form.note("roles", "fault-choice"));
    }
    Words::new(roles).ok_or_else(|| form.note("roles", "fault-choose"))
}

/// Officers, and the guardian behind them.
fn holders(books: &Books) -> Vec<(String, String)> {
    let mut all = officers(books);
    if let Some(guardian) = books.officers().guardian() {
        let key = guardian.key.as_str().rsplit('/').next().unwrap_or_default();
        all.push((guardian.person.to_string(), format!("{} ({key})", guardian.title)));
    }
    all
}

/// `/ban/quan-tri/doi-khoa`: a new key for a lost passphrase, or for a key that others may have.
pub const ROTATE: Slip = Slip {
    path: "/ban/quan-tri/doi-khoa",
    name: "rotate",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("person", "field-officer"),
        Field::one("compromised_from_seq", "field-compromised-from"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::select("person", holders(&ctx.officer.books)),
            Input::new("text", "compromised_from_seq").hint("hint-compromised-from").optional(),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: rotate,
};

fn rotate(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let person = person(form, &holders(books));
    let compromised = seq(form, "compromised_from_seq");
    let note = note(form);
    let new_vkey = placeholder(form, ctx)?;
    let person = person?;
    let officers = books.officers();
    let key = officers.in_office().get(&person).map(|office| &office.key);
    let key = key.or_else(|| officers.guardian().map(|guardian| &guardian.key));
    let old = key.and_then(|key| officers.verifier(key)).cloned();
    let body = KeyRotated {
        person,
        old_vkey: old.ok_or_else(|| form.note("person", "fault-choice"))?,
        new_vkey,
        compromised_from_seq: compromised?.map(|seq| books.reference(seq)),
        private: None,
    };
    plain(body, date?, note?, None)
}

/// The number of an entry, `#` before it or not; `None` where nothing was typed.
fn seq(form: &mut Submission, name: &'static str) -> Result<Option<u64>, Noted> {
    let typed = form.typed(name).trim().trim_start_matches('#').to_owned();
    if typed.is_empty() {
        return Ok(None);
    }
    let digits = typed.bytes().all(|byte| byte.is_ascii_digit());
    let seq = typed.parse().ok().filter(|_| digits);
    seq.and_then(Number::new)
        .map(|seq| Some(seq.get()))
        .ok_or_else(|| form.note(name, "fault-entry-number"))
}

/// `/ban/quan-tri/giam-ho-moi`: the guardian, in place of the one before.
pub const GUARDIAN: Slip = Slip {
    path: "/ban/quan-tri/giam-ho-moi",
    name: "guardian",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("title", "field-guardian-title"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![Input::date(), Input::new("text", "title").hint("hint-guardian-title"), Input::note()]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let date = date(form, "date");
        let title = text(form, "title");
        let note = note(form);
        let vkey = placeholder(form, ctx)?;
        let person = new_opaque_id().ok().and_then(|id| id.parse().ok());
        let person = person.ok_or_else(|| form.note_form("fault-500-text", []))?;
        let guardian = Guardian { vkey, person, title: title?, private: None };
        plain(GuardianNamed { guardian, private: None }, date?, note?, None)
    },
};

/// `/ban/quan-tri/khoa-cua-so`: another log key, from a size of the ledger on.
pub const LOG_KEY: Slip = Slip {
    path: "/ban/quan-tri/khoa-cua-so",
    name: "log-key",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("from_size", "field-from-size"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![Input::date(), Input::new("text", "from_size").hint("hint-from-size"), Input::note()]
    },
    beforehand: |ctx| vec![("from_size", (ctx.officer.books.own_size() + ROOM).to_string())],
    read: |form, ctx| {
        let date = date(form, "date");
        let from_size = seq(form, "from_size");
        let note = note(form);
        let from_size = from_size?.and_then(Number::new);
        let from_size = from_size.ok_or_else(|| form.note("from_size", "fault-missing"))?;
        // The store makes the key itself when the voucher is signed.
        let key = SigningKey::generate(ctx.officer.desk.origin.as_str());
        let key = key.map_err(|_| form.note_form("fault-500-text", []))?;
        let body = LogKeyRotated { new_vkey: key.public().clone(), from_size, private: None };
        plain(body, date?, note?, None)
    },
};
