//! `/bn/<code>/ten`: how the giver's name is shown. Whoever holds the code goes towards less at
//! once; for more they ask, and an officer records a consent.

use minijinja::context;
use rocket::response::Redirect;
use rocket::{State, get, post};

use super::complaints::new_nonce;
use super::home::page;
use super::ledgers::{Ledgers, Speech, read, unreadable};
use super::peer::Peer;
use super::receipt::{Opened, open};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::word::{Date, Person};
use crate::store::desk::DeskRefusal;
use crate::store::desk::complaints::{About, LONGEST_CONTACT, LONGEST_TEXT, NewComplaint};
use crate::web::desk::Answer;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::{Config, Fault, Page};

const ASK: &[Field] = &[
    Field::one("id", "complaint-text"),
    Field::one("wanted", "name-wanted"),
    Field::one("contact", "complaint-contact"),
    Field::one("text", "name-words"),
];

/// What is shown of the giver now, and what the code may do.
struct Shown {
    opened: Opened,
    name: Option<(PrivateName, String)>,
    may_lessen: bool,
}

impl Shown {
    fn path(&self) -> String {
        format!("/bn/{}/ten", self.opened.code)
    }

    /// The names that would be more than what is shown now.
    fn more(&self) -> Vec<(&'static str, &'static str)> {
        let all = [("masked_name", "name-masked"), ("full_name", "name-full")];
        match self.name {
            None => all.to_vec(),
            Some((PrivateName::FullName, _)) => Vec::new(),
            Some(_) => all[1..].to_vec(),
        }
    }

    fn page(&self, secret: &FormSecret, ask: FormView) -> Page {
        let path = self.path();
        let shown = context! {
            code => self.opened.code.as_str(),
            seq => self.opened.known.entry.place(),
            shown => self.name.as_ref().map(|(_, text)| text.as_str()),
            full => self.name.as_ref().is_some_and(|(name, _)| *name == PrivateName::FullName),
            may_lessen => self.may_lessen,
            hide => FormView::blank(secret, &path, &[]),
            lessen => FormView::blank(secret, &format!("{path}/viet-tat"), &[]),
            more => self.more(),
            ask,
        };
        page(&self.opened.view, "public/name.html", shown).private_address()
    }

    fn blank(&self, secret: &FormSecret) -> Result<FormView, Fault> {
        let action = format!("{}/xin", self.path());
        Ok(FormView::blank(secret, &action, ASK).with("id", new_nonce()?))
    }
}

async fn shown(code: &str, peer: &Peer, ledgers: &Ledgers<'_>) -> Result<Shown, Fault> {
    let opened = open(code, peer, ledgers).await?;
    let (chapter, seq) = (opened.view.chapter, opened.known.entry.place());
    let store = ledgers.store();
    let names = store.published_names(chapter, seq, seq + 1).await.map_err(read)?;
    let name = names.into_iter().find_map(|own| {
        let text = own.disclosure.value().as_str()?.to_owned();
        Some((own.disclosure.name(), text))
    });
    let full = matches!(name, Some((PrivateName::FullName, _)));
    let may_lessen = full && {
        let id = &opened.known.entry.voucher().id;
        store.may_lessen_name(chapter, id).await.map_err(Fault::internal)?
    };
    Ok(Shown { opened, name, may_lessen })
}

/// The page.
#[get("/bn/<code>/ten", rank = 10)]
pub async fn name(
    code: &str,
    peer: Peer,
    secret: FormSecret,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let shown = shown(code, &peer, &ledgers).await?;
    let ask = shown.blank(&secret)?;
    Ok(shown.page(&secret, ask))
}

/// Takes the name off every public page, at once. Whoever holds the code may do that.
#[post("/bn/<code>/ten", data = "<fields>", rank = 10)]
pub async fn hide(
    _same: SameOrigin,
    code: &str,
    peer: Peer,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
    fields: Fields,
) -> Result<Redirect, Fault> {
    fields.only(&[])?;
    let Opened { code, view, known } = open(code, &peer, &ledgers).await?;
    let id = &known.entry.voucher().id;
    let hidden = ledgers.store().hide_name(view.chapter, id, config.clock.now()).await;
    hidden.map_err(Fault::internal)?;
    Ok(Redirect::to(format!("/bn/{code}/ten")))
}

/// Has the initials shown in place of the full name, at once. Where that is not possible nothing
/// changes, and the page says how things stand.
#[post("/bn/<code>/ten/viet-tat", data = "<fields>", rank = 10)]
pub async fn lessen(
    _same: SameOrigin,
    code: &str,
    peer: Peer,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
    fields: Fields,
) -> Result<Redirect, Fault> {
    fields.only(&[])?;
    let Opened { code, view, known } = open(code, &peer, &ledgers).await?;
    let offset = view.books.chapter().map(|own| own.utc_offset.fixed());
    let today = offset.and_then(|offset| Date::new(config.clock.today(offset)));
    let of = (&known.entry.voucher().id, today.ok_or_else(unreadable)?);
    let done = ledgers.store().lessen_name(view.chapter, of, config.clock.now()).await;
    done.map_err(Fault::internal)?;
    Ok(Redirect::to(format!("/bn/{code}/ten")))
}

/// Asks the chapter to show more of the name. Nothing is shown by it: an officer records the
/// consent, and then shows it.
#[allow(clippy::too_many_arguments)]
#[post("/bn/<code>/ten/xin", data = "<fields>", rank = 10)]
pub async fn ask(
    _same: SameOrigin,
    code: &str,
    peer: Peer,
    secret: FormSecret,
    config: &State<Config>,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let shown = shown(code, &peer, &ledgers).await?;
    let mut form = fields.only(ASK)?;
    let nonce: Person = form.hidden("id")?;
    if let Ok((wanted, contact, text)) = read_asked(&mut form, &shown) {
        peer.complains()?;
        let text = text.unwrap_or_else(|| speech.say("name-no-words"));
        let new = NewComplaint {
            about: About::Name,
            seq: Some(shown.opened.known.entry.place()),
            officer: None,
            wanted: Some(wanted),
            by_code: true,
            text: &text,
            contact: contact.as_deref(),
            nonce: nonce.as_str(),
        };
        let (store, now) = (ledgers.store(), config.clock.now());
        match store.file_complaint(shown.opened.view.chapter, &new, now).await {
            Ok(filed) => return Ok(Answer::go(format!("/phan-anh/{}?moi=1", filed.code))),
            Err(fault) if fault.refusal() == Some(&DeskRefusal::ComplaintsFull) => {
                form.note_form("complaint-full", []);
            }
            Err(fault) => return Err(Fault::internal(fault)),
        }
    }
    let again = FormView::again(&secret, &format!("{}/xin", shown.path()), &form);
    let page = shown.page(&secret, again).status(rocket::http::Status::UnprocessableEntity);
    Ok(page.into())
}

type Asked = (PrivateName, Option<String>, Option<String>);

fn read_asked(form: &mut Submission, shown: &Shown) -> Result<Asked, Noted> {
    let offered = [("masked_name", PrivateName::MaskedName), ("full_name", PrivateName::FullName)];
    let more = shown.more();
    let offered: Vec<(&str, PrivateName)> =
        offered.into_iter().filter(|(name, _)| more.iter().any(|(own, _)| own == name)).collect();
    let wanted = form.choice("wanted", &offered);
    let contact = form.optional_text("contact", LONGEST_CONTACT);
    let text = form.optional_lines("text", LONGEST_TEXT);
    Ok((wanted?, contact?, text?))
}
