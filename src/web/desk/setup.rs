//! `/thiet-lap`: the first run. A chapter with its officers, their keys and the first fund.
//!
//! Open to whoever reaches it while no ledger exists here, gone for ever afterwards; there is no
//! default passphrase. Further chapters are founded by who has a link for it.

pub mod continuing;
mod form;
mod founding;
pub mod twice;

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::Answer;
use crate::store::Store;
use crate::store::desk::foundings::Call;
use crate::store::desk::passphrase::Passphrase;
use crate::web::forms::{Fields, FormView, Noted};
use crate::web::guards::{FormSecret, SameOrigin};
use crate::web::session::Kept;
use crate::web::{Config, Fault, Page};

const PATH: &str = "/thiet-lap";

/// Nothing may be founded twice, nor over a line that others can read.
async fn allowed(store: &Store, config: &Config) -> Result<Option<Page>, Fault> {
    if !store.founds_first().await.map_err(Fault::internal)? {
        return Err(Fault::NotFound);
    }
    Ok((!config.base_url.may_sign_in()).then(insecure))
}

/// The page for an address over which no passphrase may travel.
#[must_use]
pub fn insecure() -> Page {
    Page::new("desk/insecure.html", context! {}).status(Status::Forbidden)
}

/// The emergency sheet.
fn sheet_page(sheet: &Value) -> Page {
    Page::new("desk/sheet.html", context! { sheet })
}

/// What the page is for.
enum Aim {
    /// The first chapter of the site.
    First,
    /// A further one.
    Further,
    /// A ledger that goes on, with what is known of it.
    Continued(Value),
}

fn page(form: FormView, aim: Aim) -> Result<Page, Fault> {
    let proposals = (0..3)
        .map(|_| Passphrase::propose().map(|words| words.to_string()))
        .collect::<Result<Vec<String>, _>>()
        .map_err(Fault::internal)?;
    let thirds = vec![("deputy", "setup-deputy"), ("guardian", "setup-guardian")];
    let further = matches!(aim, Aim::Further);
    let continued = match aim {
        Aim::Continued(known) => Some(known),
        Aim::First | Aim::Further => None,
    };
    let kinds = super::away::options();
    let shown = context! { form, proposals, thirds, continued, further, kinds };
    Ok(Page::new("desk/setup.html", shown))
}

/// The blank form.
#[get("/thiet-lap")]
pub async fn show(
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
) -> Result<Page, Fault> {
    let store = kept.0;
    if let Some(page) = allowed(store, config).await? {
        return Ok(page);
    }
    page(form::blank(config, FormView::blank(&secret, PATH, form::FORM)), Aim::First)
}

/// Founds the chapter and shows the emergency sheet, this once.
#[post("/thiet-lap", data = "<fields>")]
pub async fn found(
    _same: SameOrigin,
    kept: Kept<'_>,
    config: &State<Config>,
    secret: FormSecret,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let mut turn = config.founders.turn().await;
    let which = twice::submission(PATH, &fields);
    if let Some(sheet) = turn.sheet(&which, config.clock.now()) {
        return Ok(sheet_page(&sheet).into());
    }
    if let Some(page) = allowed(store, config).await? {
        return Ok(page.into());
    }
    chapter(store, config, (&secret, PATH, Call::First), fields, (which, &mut turn)).await
}

/// Founds a chapter as the form says, or shows the form again.
async fn chapter(
    store: &Store,
    config: &Config,
    (visitor, path, call): (&FormSecret, &str, Call<'_>),
    fields: Fields,
    (which, turn): (twice::Submission, &mut twice::Turn<'_>),
) -> Result<Answer, Fault> {
    // The address of a link is as secret as the link.
    let shown = |page: Page| match call {
        Call::Link(_) => page.private_address(),
        Call::First | Call::Operator => page,
    };
    let mut sent = fields.only(form::FORM)?;
    let today = config.clock.today(form::offset());
    let again = |sent: &_| {
        let aim = if matches!(call, Call::Link(_)) { Aim::Further } else { Aim::First };
        page(FormView::again(visitor, path, sent), aim)
            .map(|page| shown(page.status(Status::UnprocessableEntity)).into())
    };
    let wanted = match form::read(&mut sent, today) {
        Ok(wanted) => wanted,
        Err(Noted) => return again(&sent),
    };
    if store.find_slug(wanted.chapter.slug.as_str()).is_some() {
        sent.note("slug", "fault-slug-taken");
        return again(&sent);
    }
    match founding::found(store, config, wanted, call).await? {
        Ok(sheet) => {
            let sheet = Value::from(minijinja::value::Serde(sheet));
            turn.keep(which, config.clock.now(), sheet.clone());
            Ok(shown(sheet_page(&sheet)).into())
        }
        Err(founding::NotFounded::Refused(refusal)) => {
            super::refusals::note(&mut sent, &refusal, &[]);
            again(&sent)
        }
        Err(founding::NotFounded::SlugTaken) => {
            sent.note("slug", "fault-slug-taken");
            again(&sent)
        }
    }
}
