//! The form of the first run.

use chrono::{Datelike as _, FixedOffset, NaiveDate};

use crate::ledger::voucher::{Chapter, Kind, Place, PlaceType};
use crate::ledger::word::{Date, Origin, Text, Words};
use crate::store::desk::accounts::sign_in_name;
use crate::store::desk::passphrase::Passphrase;
use crate::web::config::invented_host;
use crate::web::desk::{away, passphrases};
use crate::web::forms::{Field, FormView, Noted, Submission};
use crate::web::{Config, RESERVED_SLUGS};

/// The chapter, then its officers.
pub(super) const FORM: &[Field] = &[
    Field::one("name", "setup-name"),
    Field::one("slug", "setup-slug"),
    Field::one("host", "setup-host"),
    Field::one("books_from", "setup-books-from"),
    Field::one("bank_name", "setup-bank-name"),
    Field::one("bank_account", "setup-bank-account"),
    Field::list("away", "field-away"),
    Field::one("treasurer_title", "setup-treasurer-title"),
    Field::one("treasurer_full", "setup-treasurer-full"),
    Field::one("treasurer_name", "setup-treasurer-name"),
    Field::secret("treasurer_pass", "setup-treasurer-pass"),
    Field::secret("treasurer_again", "setup-treasurer-again"),
    Field::one("chair_title", "setup-chair-title"),
    Field::one("chair_full", "setup-chair-full"),
    Field::one("chair_name", "setup-chair-name"),
    Field::secret("chair_pass", "setup-chair-pass"),
    Field::secret("chair_again", "setup-chair-again"),
    Field::one("third", "setup-third"),
    Field::one("third_title", "setup-third-title"),
    Field::one("third_full", "setup-third-full"),
    Field::one("third_name", "setup-third-name"),
    Field::secret("third_pass", "setup-third-pass"),
    Field::secret("third_again", "setup-third-again"),
];

/// The fields of the officers alone, of a ledger that continues another.
pub(super) const OFFICERS: &[Field] = FORM.split_at(7).1;

/// The fields of one person: title, legal name, name to sign in, passphrase twice.
type Fields = [&'static str; 5];

const TREASURER: Fields =
    ["treasurer_title", "treasurer_full", "treasurer_name", "treasurer_pass", "treasurer_again"];
const CHAIR: Fields = ["chair_title", "chair_full", "chair_name", "chair_pass", "chair_again"];
const THIRD: Fields = ["third_title", "third_full", "third_name", "third_pass", "third_again"];

/// Who will sign in.
pub(super) struct Newcomer {
    pub title: Text,
    /// The legal name, which the ledger seals.
    pub full_name: Option<String>,
    pub sign_in_name: String,
    pub passphrase: Passphrase,
}

/// The third who can approve.
pub(super) enum Third {
    Deputy(Newcomer),
    /// A key on paper, sealed with somebody outside; the words are the guardian's title.
    Guardian(Text),
}

/// A chapter to be founded.
pub(super) struct Wanted {
    pub chapter: Chapter,
    pub origin: Origin,
    pub books_from: Date,
    pub today: Date,
    pub bank: Option<Place>,
    /// The kinds that are signed away from the server.
    pub away: Option<Words<Kind>>,
    pub officers: Officers,
}

/// The first officers of a ledger.
pub(super) struct Officers {
    pub treasurer: Newcomer,
    pub chair: Newcomer,
    pub third: Third,
}

/// The offset of all of Vietnam.
pub(super) fn offset() -> FixedOffset {
    FixedOffset::east_opt(7 * 3600).unwrap_or_else(|| {
        // Seven hours are within a day: never reached.
        chrono::Offset::fix(&chrono::Utc)
    })
}

/// What the site knows already.
pub(super) fn blank(config: &Config, form: FormView) -> FormView {
    let today = config.clock.today(offset());
    let host = if config.base_url.is_loopback() { "" } else { config.base_url.host() };
    let form = form
        .with("host", host)
        .with("books_from", format!("01/{:02}/{}", today.month(), today.year()));
    titles(form)
}

/// The usual titles of the officers.
pub(super) fn titles(form: FormView) -> FormView {
    form.with("treasurer_title", "Thủ quỹ")
        .with("chair_title", "Chủ tịch Hội")
        .with("third", "deputy")
        .with("third_title", "Phó Chủ tịch Hội")
}

pub(super) fn read(form: &mut Submission, today: NaiveDate) -> Result<Wanted, Noted> {
    let name = form.text("name", 200);
    let slug = slug(form);
    let origin = origin(form);
    let books_from = books_from(form, today);
    let bank = bank(form);
    let away = away::read(form);
    let officers = read_officers(form);
    let (slug, host) = (slug?, origin?);
    let identity = format!("{host}/{slug}").parse();
    let origin: Origin = identity.map_err(|_| form.note("host", "fault-host"))?;
    let code = slug.parse().map_err(|_| form.note("slug", "fault-slug"))?;
    let wanted = Wanted {
        chapter: Chapter {
            name: word(form, "name", &name?)?,
            slug: code,
            address: None,
            province: None,
            upper: None,
            private: None,
        },
        origin,
        books_from: books_from?,
        today: Date::new(today).ok_or(Noted)?,
        bank: bank?,
        away: away?,
        officers: officers?,
    };
    Ok(wanted)
}

/// The three persons, each with a name and a passphrase of their own.
pub(super) fn read_officers(form: &mut Submission) -> Result<Officers, Noted> {
    let thirds = [("deputy", true), ("guardian", false)];
    let third = form.choice("third", &thirds);
    let treasurer = newcomer(form, TREASURER);
    let chair = newcomer(form, CHAIR);
    let third = match third {
        Ok(true) => newcomer(form, THIRD).map(Third::Deputy),
        Ok(false) => title(form, "third_title").map(Third::Guardian),
        Err(Noted) => Err(Noted),
    };
    names_differ(form, treasurer.as_ref().ok(), chair.as_ref().ok(), third.as_ref().ok())?;
    passphrases_differ(form, treasurer.as_ref().ok(), chair.as_ref().ok(), third.as_ref().ok())?;
    Ok(Officers { treasurer: treasurer?, chair: chair?, third: third? })
}

fn word(form: &mut Submission, name: &'static str, text: &str) -> Result<Text, Noted> {
    text.parse().map_err(|_| form.note(name, "fault-missing"))
}

fn slug(form: &mut Submission) -> Result<String, Noted> {
    let slug = form.text("slug", 32)?;
    let is_code = slug.parse::<crate::ledger::word::Code>().is_ok();
    if !is_code {
        return Err(form.note("slug", "fault-slug"));
    }
    if RESERVED_SLUGS.contains(&slug.as_str()) {
        return Err(form.note("slug", "fault-slug-reserved"));
    }
    Ok(slug)
}

/// The host of the ledger's identity: the site's own, or one that can never be an address.
fn origin(form: &mut Submission) -> Result<String, Noted> {
    let Some(host) = form.optional_text("host", 150)? else {
        return invented_host().map_err(|_| form.note("host", "fault-host"));
    };
    let host = host.to_ascii_lowercase();
    if !is_host(&host) || format!("{host}/x").parse::<Origin>().is_err() {
        return Err(form.note("host", "fault-host"));
    }
    Ok(host)
}

/// Names between dots as RFC 1123 section 2.1 has them, and perhaps a port: a ledger has its host
/// for good.
fn is_host(host: &str) -> bool {
    let (names, port) =
        host.split_once(':').map_or((host, None), |(names, port)| (names, Some(port)));
    let is_name = |name: &str| {
        (1..=63).contains(&name.len())
            && !name.starts_with('-')
            && !name.ends_with('-')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    names.split('.').all(is_name) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn books_from(form: &mut Submission, today: NaiveDate) -> Result<Date, Noted> {
    let day = form.date("books_from")?;
    if day.day() != 1 {
        return Err(form.note("books_from", "fault-first-of-month"));
    }
    if day > today {
        return Err(form.note("books_from", "fault-not-in-future"));
    }
    Date::new(day).ok_or_else(|| form.note("books_from", "fault-date-real"))
}

fn bank(form: &mut Submission) -> Result<Option<Place>, Noted> {
    let name = form.optional_text("bank_name", 200);
    let account = form.optional_text("bank_account", 30);
    let (name, account) = (name?, account?);
    let Some(name) = name else {
        return match account {
            Some(_) => Err(form.note("bank_name", "fault-missing")),
            None => Ok(None),
        };
    };
    let account = account.map(|account| word(form, "bank_account", &account)).transpose()?;
    Ok(Some(Place {
        code: "ngan-hang".parse().map_err(|_| Noted)?,
        r#type: PlaceType::Bank,
        name: word(form, "bank_name", &name)?,
        bank_bin: None,
        account,
        private: None,
    }))
}

fn title(form: &mut Submission, name: &'static str) -> Result<Text, Noted> {
    let title = form.text(name, 200)?;
    word(form, name, &title)
}

fn newcomer(
    form: &mut Submission,
    [title_field, full_field, name_field, pass_field, again_field]: Fields,
) -> Result<Newcomer, Noted> {
    let title = title(form, title_field);
    let full_name = form.optional_text(full_field, 200);
    let name = form.text(name_field, 64).and_then(|typed| {
        sign_in_name(&typed).map_err(|_| form.note(name_field, "fault-sign-in-name"))
    });
    let chosen = name.as_deref().ok();
    let passphrase = passphrases::chosen(form, (pass_field, again_field), chosen);
    let (title, full_name, name, passphrase) = (title?, full_name?, name?, passphrase?);
    Ok(Newcomer { title, full_name, sign_in_name: name, passphrase })
}

fn names_differ(
    form: &mut Submission,
    treasurer: Option<&Newcomer>,
    chair: Option<&Newcomer>,
    third: Option<&Third>,
) -> Result<(), Noted> {
    let name = |newcomer: Option<&Newcomer>| newcomer.map(|who| who.sign_in_name.clone());
    let deputy = match third {
        Some(Third::Deputy(deputy)) => Some(deputy),
        _ => None,
    };
    let (first, second, last) = (name(treasurer), name(chair), name(deputy));
    if second.is_some() && second == first {
        return Err(form.note("chair_name", "fault-sign-in-name-taken"));
    }
    if last.is_some() && (last == first || last == second) {
        return Err(form.note("third_name", "fault-sign-in-name-taken"));
    }
    Ok(())
}

/// Who knows another's passphrase signs for two: each officer has one of their own.
fn passphrases_differ(
    form: &mut Submission,
    treasurer: Option<&Newcomer>,
    chair: Option<&Newcomer>,
    third: Option<&Third>,
) -> Result<(), Noted> {
    let same = |one: Option<&Newcomer>, other: Option<&Newcomer>| {
        one.zip(other).is_some_and(|(one, other)| one.passphrase.is(&other.passphrase))
    };
    let deputy = match third {
        Some(Third::Deputy(deputy)) => Some(deputy),
        _ => None,
    };
    if same(treasurer, chair) {
        return Err(form.note("chair_pass", "fault-passphrase-shared"));
    }
    if same(treasurer, deputy) || same(chair, deputy) {
        return Err(form.note("third_pass", "fault-passphrase-shared"));
    }
    Ok(())
}
