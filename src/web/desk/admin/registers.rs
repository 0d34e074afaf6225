//! Retiring an officer; policy, chapter, witnesses; closing places, funds, the ledger.

use super::super::away;
use super::super::receipts::{amount, code, date, note, optional_text, plain, text};
use super::super::slip::{Ctx, Input, Slip, Written, funds, nothing, places};
use crate::books::Books;
use crate::ledger::keys::{KeyKind, PublicKey};
use crate::ledger::voucher::{
    Chapter, ChapterChanged, ChapterClosed, FundClosed, OfficerRetired, PlaceClosed, Policy,
    PolicyChanged, WitnessNamed,
};
use crate::ledger::word::{Person, Text};
use crate::web::forms::{Field, Noted, Submission};

/// Officers in office: person, and title with the key that tells two of one title apart.
pub(super) fn officers(books: &Books) -> Vec<(String, String)> {
    let in_office = books.officers().in_office().iter();
    in_office
        .map(|(person, office)| {
            let key = office.key.as_str().rsplit('/').next().unwrap_or_default();
            (person.to_string(), format!("{} ({key})", office.title))
        })
        .collect()
}

/// One of the persons that were offered.
pub(super) fn person(form: &mut Submission, offered: &[(String, String)]) -> Result<Person, Noted> {
    let chosen = form.choice("person", &super::super::slip::codes(offered))?;
    chosen.parse().map_err(|_| form.note("person", "fault-choice"))
}

/// `/ban/quan-tri/thoi-nhiem`: an officer leaves.
pub const RETIRE: Slip = Slip {
    path: "/ban/quan-tri/thoi-nhiem",
    name: "retire",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("person", "field-officer"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![Input::date(), Input::select("person", officers(&ctx.officer.books)), Input::note()]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let date = date(form, "date");
        let person = person(form, &officers(&ctx.officer.books));
        let note = note(form);
        plain(OfficerRetired { person: person?, private: None }, date?, note?, None)
    },
};

/// `/ban/quan-tri/quy-che`: from which amount on two persons sign, and which kinds are signed away
/// from this server.
pub const POLICY: Slip = Slip {
    path: "/ban/quan-tri/quy-che",
    name: "policy",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("two_above", "field-two-above"),
        Field::list("away", "field-away"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::new("money", "two_above").hint("hint-two-above").optional(),
            Input { options: away::options(), ..Input::new("checks", "away") }.hint("hint-away"),
            Input::note(),
        ]
    },
    beforehand: |ctx| {
        let Some(policy) = ctx.officer.books.policy() else { return Vec::new() };
        let two_above = policy.two_above.map(|amount| ("two_above", amount.minor().to_string()));
        let away = policy.away.iter().flat_map(|kinds| kinds.iter());
        two_above.into_iter().chain(away.map(|kind| ("away", kind.as_str().to_owned()))).collect()
    },
    read: policy,
};

fn policy(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let two_above = if form.typed("two_above").trim().is_empty() {
        Ok(None)
    } else {
        amount(form, ctx, "two_above").map(Some)
    };
    let note = note(form);
    let away = away::read(form);
    let policy = Policy { two_above: two_above?, away: away?, private: None };
    plain(PolicyChanged { policy, private: None }, date?, note?, None)
}

/// `/ban/quan-tri/thong-tin-hoi`: name and address of the chapter.
pub const CHAPTER: Slip = Slip {
    path: "/ban/quan-tri/thong-tin-hoi",
    name: "chapter",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("name", "setup-name"),
        Field::one("address", "voucher-address"),
        Field::one("province", "voucher-province"),
        Field::one("upper", "voucher-upper"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::new("text", "name"),
            Input::new("text", "address").optional(),
            Input::new("text", "province").optional(),
            Input::new("text", "upper").optional(),
            Input::note(),
        ]
    },
    beforehand: |ctx| {
        let Some(state) = ctx.officer.books.chapter() else { return Vec::new() };
        let chapter = &state.chapter;
        let told = |text: &Option<Text>| text.as_ref().map(ToString::to_string).unwrap_or_default();
        vec![
            ("name", chapter.name.to_string()),
            ("address", told(&chapter.address)),
            ("province", told(&chapter.province)),
            ("upper", told(&chapter.upper)),
        ]
    },
    read: chapter,
};

fn chapter(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let name = text(form, "name");
    let address = optional_text(form, "address");
    let province = optional_text(form, "province");
    let upper = optional_text(form, "upper");
    let note = note(form);
    // The slug is part of the ledger's identity and never changes: it is not asked.
    let slug = ctx.officer.books.chapter().ok_or(Noted)?.chapter.slug.clone();
    let chapter = Chapter {
        name: name?,
        slug,
        address: address?,
        province: province?,
        upper: upper?,
        private: None,
    };
    plain(ChapterChanged { chapter, private: None }, date?, note?, None)
}

/// `/ban/quan-tri/nhan-chung`: a witness that cosigns checkpoints.
pub const WITNESS: Slip = Slip {
    path: "/ban/quan-tri/nhan-chung",
    name: "witness",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("name", "field-name"),
        Field::one("vkey", "field-witness-key"),
        Field::one("url", "field-witness-url"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| {
        vec![
            Input::date(),
            Input::new("text", "name"),
            Input::new("text", "vkey").hint("hint-witness-key"),
            Input::new("text", "url").hint("hint-witness-url").optional(),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: witness,
};

fn witness(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let date = date(form, "date");
    let known = ctx.officer.books.chapter().map_or(&[][..], |chapter| &chapter.witnesses);
    let name = text(form, "name").and_then(|name| {
        match known.iter().any(|(known, ..)| *known == name.to_string()) {
            true => Err(form.note("name", "fault-witness-name-named")),
            false => Ok(name),
        }
    });
    let vkey = form.text("vkey", 400).and_then(|typed| {
        let key = match PublicKey::parse(typed.trim()) {
            Ok(key) if key.kind() == KeyKind::Cosignature => key,
            Ok(_) => return Err(form.note("vkey", "fault-witness-key-log")),
            Err(_) => return Err(form.note("vkey", "fault-witness-key")),
        };
        match known.iter().any(|(_, known, _)| known.bytes() == key.bytes()) {
            true => Err(form.note("vkey", "fault-witness-key-named")),
            false => Ok(key),
        }
    });
    let url = witness_url(form);
    let note = note(form);
    let body = WitnessNamed { name: name?, vkey: vkey?, url: url?, private: None };
    plain(body, date?, note?, None)
}

/// The address under which a witness takes heads, without what people copy along with it.
fn witness_url(form: &mut Submission) -> Result<Option<Text>, Noted> {
    let Some(typed) = optional_text(form, "url")? else { return Ok(None) };
    let bare = typed.as_str().trim_end_matches('/');
    let bare = bare.strip_suffix("/add-checkpoint").unwrap_or(bare).trim_end_matches('/');
    let rest = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://"));
    let odd = |c: char| c.is_whitespace() || matches!(c, '?' | '#' | '@');
    let good =
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(odd));
    let url = bare.parse().ok().filter(|_| good);
    url.map(Some).ok_or_else(|| form.note("url", "fault-witness-url"))
}

/// `/ban/quan-tri/dong-noi-giu-tien`: a bank account that was closed, a box that is not used.
pub const PLACE_CLOSED: Slip = Slip {
    path: "/ban/quan-tri/dong-noi-giu-tien",
    name: "place-closed",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("place", "field-place"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![Input::date(), Input::select("place", places(&ctx.officer.books)), Input::note()]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let date = date(form, "date");
        let place = code(form, "place", &places(&ctx.officer.books));
        let note = note(form);
        plain(PlaceClosed { place: place?, private: None }, date?, note?, None)
    },
};

/// `/ban/quan-tri/dong-quy`: a fund whose money is used up.
pub const FUND_CLOSED: Slip = Slip {
    path: "/ban/quan-tri/dong-quy",
    name: "fund-closed",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("fund", "field-fund"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![Input::date(), Input::select("fund", funds(&ctx.officer.books)), Input::note()]
    },
    beforehand: nothing,
    read: |form, ctx| {
        let date = date(form, "date");
        let fund = code(form, "fund", &funds(&ctx.officer.books));
        let note = note(form);
        plain(FundClosed { fund: fund?, private: None }, date?, note?, None)
    },
};

/// `/ban/quan-tri/dong-so-hoi`: the chapter ends its ledger for good.
pub const CHAPTER_CLOSED: Slip = Slip {
    path: "/ban/quan-tri/dong-so-hoi",
    name: "chapter-closed",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("note", "field-note"),
    ],
    inputs: |_| vec![Input::date(), Input::note()],
    beforehand: nothing,
    read: |form, _| {
        let date = date(form, "date");
        let note = note(form);
        plain(ChapterClosed { private: None }, date?, note?, None)
    },
};
