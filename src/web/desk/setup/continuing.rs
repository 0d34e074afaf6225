//! `/thiet-lap/<secret>`: officers with new keys open a ledger that continues one that cannot go
//! on, or found a further chapter.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::{Aim, chapter, form, founding, insecure, page, sheet_page, twice};
use crate::books::ChapterState;
use crate::store::desk::continuations::Call;
use crate::store::desk::foundings;
use crate::store::desk::invitations::LinkSecret;
use crate::store::{ChapterId, Store};
use crate::web::desk::{Answer, refusals};
use crate::web::forms::{Fields, FormView, Noted};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::session::Kept;
use crate::web::{Config, Fault, Page};

/// What a link opens.
struct Open {
    secret: LinkSecret,
    chapter: ChapterId,
    call: Call,
    old: ChapterState,
}

/// Finds what a link opens. What is over, used or was never there is `None`, all alike.
async fn open(store: &Store, config: &Config, secret: &str) -> Result<Option<Open>, Fault> {
    let Some(secret) = LinkSecret::parse(secret) else { return Ok(None) };
    let found = store.called_to_continue(&secret, config.clock.now()).await;
    let Some((chapter, call)) = found.map_err(Fault::internal)? else { return Ok(None) };
    let books = store.books(chapter).map_err(Fault::internal)?;
    let old = books.chapter().cloned();
    Ok(old.map(|old| Open { secret, chapter, call, old }))
}

/// The link to a further chapter; `None` as above.
async fn further(
    store: &Store,
    config: &Config,
    secret: &str,
) -> Result<Option<LinkSecret>, Fault> {
    let Some(secret) = LinkSecret::parse(secret) else { return Ok(None) };
    let open = store.is_called_to_found(&secret, config.clock.now()).await;
    Ok(open.map_err(Fault::internal)?.then_some(secret))
}

fn path(secret: &LinkSecret) -> String {
    format!("/thiet-lap/{}", *secret.text())
}

/// The page for a link that opens nothing: what to do, whatever the reason is.
fn over() -> Page {
    Page::new("desk/link_over.html", context! {}).private_address().status(Status::NotFound)
}

impl Open {
    fn path(&self) -> String {
        path(&self.secret)
    }

    fn page(&self, form: FormView) -> Result<Page, Fault> {
        let next = self.old.origin.next();
        let continued = context! {
            name => self.old.chapter.name.as_str(),
            origin => self.old.origin.as_str(),
            next => next.map(|next| next.to_string()),
            size => self.call.size - self.old.before,
        };
        let page = page(form, Aim::Continued(continued))?;
        Ok(page.chapter(self.old.chapter.name.as_str(), "/").private_address())
    }
}

/// The form of the new officers.
#[get("/thiet-lap/<secret>")]
pub async fn show(
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    secret: &str,
) -> Result<Page, Fault> {
    if !config.base_url.may_sign_in() {
        return Ok(insecure());
    }
    let Some(open) = open(kept.0, config, secret).await? else {
        let Some(secret) = further(kept.0, config, secret).await? else { return Ok(over()) };
        let blank = form::blank(config, FormView::blank(&visitor, &path(&secret), form::FORM));
        return Ok(page(blank, Aim::Further)?.private_address());
    };
    let blank = FormView::blank(&visitor, &open.path(), form::OFFICERS);
    open.page(form::titles(blank))
}

/// Opens the new ledger, and shows the emergency sheet, this once.
#[post("/thiet-lap/<secret>", data = "<fields>")]
pub async fn found(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    visitor: FormSecret,
    secret: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    if !config.base_url.may_sign_in() {
        return Ok(insecure().into());
    }
    let mut turn = config.founders.turn().await;
    let which = twice::submission(secret, &fields);
    if let Some(sheet) = turn.sheet(&which, config.clock.now()) {
        return Ok(sheet_page(&sheet).private_address().into());
    }
    let Some(open) = open(store, config, secret).await? else {
        let Some(secret) = further(store, config, secret).await? else { return Ok(over().into()) };
        let of = (&visitor, &*path(&secret), foundings::Call::Link(&secret));
        return chapter(store, config, of, fields, (which, &mut turn)).await;
    };
    let mut sent = fields.only(form::OFFICERS)?;
    let again = |sent: &_| {
        open.page(FormView::again(&visitor, &open.path(), sent))
            .map(|page| page.status(Status::UnprocessableEntity).into())
    };
    let officers = match form::read_officers(&mut sent) {
        Ok(officers) => officers,
        Err(Noted) => return again(&sent),
    };
    let continued = founding::Continued {
        chapter: open.chapter,
        secret: &open.secret,
        call: &open.call,
        old: &open.old,
    };
    match founding::continued(store, config, continued, officers).await? {
        Ok(sheet) => {
            let sheet = Value::from(minijinja::value::Serde(sheet));
            turn.keep(which, config.clock.now(), sheet.clone());
            Ok(sheet_page(&sheet).private_address().into())
        }
        Err(refusal) => {
            refusals::note(&mut sent, &refusal, &[]);
            again(&sent)
        }
    }
}
