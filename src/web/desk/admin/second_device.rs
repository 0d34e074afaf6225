//! `/ban/quan-tri/tai-khoan/hai-buoc`: one's own second device and recovery codes; and
//! `/ban/quan-tri/hai-buoc`: whether the chapter asks all officers for one.
//!
//! Each change takes the passphrase and, once codes are asked for, a code with it: who sits down at
//! an open desk changes nothing.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::super::{Answer, passphrases, second_step};
use super::accounts_log::moment;
use crate::store::Store;
use crate::store::desk::factors::OneTime;
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::store::facade::{Changed, Wanted};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Head, Kept, Officer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/quan-tri/tai-khoan/hai-buoc";
const PROVE: &str = "/ban/quan-tri/tai-khoan/hai-buoc/ma";
const REQUIRE: &str = "/ban/quan-tri/hai-buoc";
const ACCOUNT: &str = "/ban/quan-tri/tai-khoan";

const FORM: &[Field] = &[
    Field::one("wanted", "second-wanted"),
    Field::secret("passphrase", "field-present-passphrase"),
    passphrases::SECOND[0],
    passphrases::SECOND[1],
];
const FIRST: &[Field] = &[Field::secret("one_time", "field-first-code")];
const REQUIRE_FORM: &[Field] = &[
    Field::one("required", "second-required"),
    Field::secret("passphrase", "field-present-passphrase"),
    passphrases::SECOND[0],
    passphrases::SECOND[1],
];

const WANTED: [(&str, Wanted); 3] =
    [("device", Wanted::Device), ("codes", Wanted::Codes), ("off", Wanted::Off)];

async fn page(
    officer: &Officer,
    store: &Store,
    form: FormView,
    done: Option<&str>,
) -> Result<Page, Fault> {
    let found = store.second_device(&officer.desk, officer.account()).await;
    let (status, required) = found.map_err(Fault::internal)?;
    let on = status.since.is_some();
    let wanted: Vec<(&str, String)> = WANTED
        .iter()
        .filter(|(_, own)| *own == Wanted::Device || (on && !(required && *own == Wanted::Off)))
        .map(|(word, _)| {
            let first = *word == "device" && !on;
            (*word, if first { "second-turn-on".to_owned() } else { format!("second-{word}") })
        })
        .collect();
    let shown = context! {
        form,
        on,
        required,
        wanted,
        since => status.since.map(moment),
        codes_left => status.codes_left,
        off => done == Some("tat"),
    };
    Ok(super::super::page(officer, "desk/admin/second_device.html", shown))
}

/// How one's own second step stands.
#[get("/ban/quan-tri/tai-khoan/hai-buoc?<xong>")]
pub async fn show(officer: Officer, kept: Kept<'_>, xong: Option<&str>) -> Result<Page, Fault> {
    let form = FormView::blank(&officer.form_secret(), PATH, FORM).with("wanted", "device");
    page(&officer, kept.0, form, xong).await
}

/// Begins with a device, makes recovery codes, or asks for no codes any more.
#[post("/ban/quan-tri/tai-khoan/hai-buoc", data = "<fields>")]
pub async fn change(
    _same: SameOrigin,
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let mut form = fields.only(FORM)?;
    let Ok((wanted, changed)) = changed(&officer, store, config, &mut form).await? else {
        let form = FormView::again(&officer.form_secret(), PATH, &form);
        let page = page(&officer, store, form, None).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    Ok(match wanted {
        Wanted::Device => Answer::go(PROVE),
        Wanted::Off => Answer::go(format!("{PATH}?xong=tat")),
        Wanted::Codes => codes(&officer, &changed).into(),
    })
}

/// Recovery codes, this once.
fn codes(officer: &Officer, codes: &[crate::store::desk::factors::RecoveryCode]) -> Page {
    let of = (officer.desk.identity.slug(), officer.sign_in_name.as_str());
    second_step::codes_page(codes, of, context! { path => ACCOUNT })
}

type Done = (Wanted, Vec<crate::store::desk::factors::RecoveryCode>);

async fn changed(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
) -> Result<Result<Done, Noted>, Fault> {
    let wanted = form.choice("wanted", &WANTED);
    let Ok(wanted) = wanted else { return Ok(Err(Noted)) };
    let (begun, typed) = match passphrases::with_code(officer, store, config, form).await? {
        Ok(both) => both,
        Err(Noted) => return Ok(Err(Noted)),
    };
    let asked = (wanted, typed.as_ref());
    let (begun, now) = ((begun, officer.cookie()), config.clock.now());
    let done = match store.change_device(&officer.desk, begun, asked, now).await {
        Err(DeskFault::Refused(DeskRefusal::OtherVault)) => {
            return Ok(Err(form.note("wanted", "fault-device-unsealed")));
        }
        done => done.map_err(Fault::internal)?,
    };
    Ok(match done {
        Changed::Done(codes) => Ok((wanted, codes)),
        Changed::Refused(unsure) => Err(passphrases::not_sure(form, unsure)),
        Changed::Required => Err(form.note("wanted", "fault-second-required")),
    })
}

async fn first_page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: FormView,
) -> Result<Option<Page>, Fault> {
    let (account, now) = (officer.account(), config.clock.now());
    let of = (account, officer.cookie());
    let proposal = store.proposed_device(&officer.desk, of, now).await;
    let Some(proposal) = proposal.map_err(Fault::internal)? else { return Ok(None) };
    let device = second_step::shown(&proposal, account)?;
    let shown = context! { form, device };
    Ok(Some(super::super::page(officer, "desk/admin/second_device_new.html", shown)))
}

/// The secret that waits for its first code.
#[get("/ban/quan-tri/tai-khoan/hai-buoc/ma")]
pub async fn first(
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Answer, Fault> {
    let form = FormView::blank(&officer.form_secret(), PROVE, FIRST);
    let page = first_page(&officer, kept.0, config, form).await?;
    Ok(page.map_or_else(|| Answer::go(PATH), Answer::from))
}

/// Takes the first code: the device is in use from now on.
#[post("/ban/quan-tri/tai-khoan/hai-buoc/ma", data = "<fields>")]
pub async fn prove(
    _same: SameOrigin,
    officer: Officer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let store = kept.0;
    let mut form = fields.only(FIRST)?;
    let key = match OneTime::read(form.typed("one_time"), "") {
        Some(OneTime::Code(code)) => {
            let (of, now) = ((officer.account(), officer.cookie()), config.clock.now());
            let done = store.prove_device(&officer.desk, of, &code, now).await;
            match done.map_err(Fault::internal)? {
                Ok(Some(made)) => return Ok(codes(&officer, &made).into()),
                Ok(None) => ("fault-code-wrong", 0),
                Err(wait) => ("fault-sign-in-wait", wait.num_seconds().max(1)),
            }
        }
        _ => ("fault-code-form", 0),
    };
    form.note_with("one_time", key.0, [("seconds", Value::from(key.1))]);
    let form = FormView::again(&officer.form_secret(), PROVE, &form);
    let page = first_page(&officer, store, config, form).await?;
    Ok(page
        .map_or_else(|| Answer::go(PATH), |page| page.status(Status::UnprocessableEntity).into()))
}

async fn require_page(
    officer: &Officer,
    store: &Store,
    form: FormView,
    done: bool,
) -> Result<Page, Fault> {
    let accounts = store.desk_accounts(&officer.desk).await.map_err(Fault::internal)?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for account in accounts.iter().filter(|account| !account.disabled) {
        let Some(office) = officer.books.officers().in_office().get(&account.person) else {
            continue;
        };
        let found = store.second_device(&officer.desk, account).await;
        let on = found.map_err(Fault::internal)?.0.since.is_some();
        let title = office.title.to_string();
        if on { with.push(title) } else { without.push(title) }
    }
    let found = store.second_device(&officer.desk, officer.account()).await;
    let (status, required) = found.map_err(Fault::internal)?;
    let shown = context! { form, done, required, with, without, codes => status.since.is_some() };
    Ok(super::super::page(officer, "desk/admin/second_required.html", shown))
}

/// Whether the chapter asks all officers for a second device.
#[get("/ban/quan-tri/hai-buoc?<xong>")]
pub async fn required(officer: Head, kept: Kept<'_>, xong: Option<&str>) -> Result<Page, Fault> {
    let officer = officer.0;
    let found = kept.0.second_device(&officer.desk, officer.account()).await;
    let word = if found.map_err(Fault::internal)?.1 { "yes" } else { "no" };
    let form = FormView::blank(&officer.form_secret(), REQUIRE, REQUIRE_FORM);
    require_page(&officer, kept.0, form.with("required", word), xong.is_some()).await
}

/// Asks all officers for one from their next sign-in on, or no more.
#[post("/ban/quan-tri/hai-buoc", data = "<fields>")]
pub async fn require(
    _same: SameOrigin,
    officer: Head,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(REQUIRE_FORM)?;
    let wanted = form.choice("required", &[("yes", true), ("no", false)]);
    let sure = match wanted {
        Ok(_) => passphrases::confirmed(&officer, store, config, &mut form).await?,
        Err(Noted) => Err(Noted),
    };
    let (Ok(wanted), Ok(())) = (wanted, sure) else {
        let form = FormView::again(&officer.form_secret(), REQUIRE, &form);
        let page = require_page(&officer, store, form, false).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    };
    let now = config.clock.now();
    let done = store.require_device(&officer.desk, wanted, &officer.person, now).await;
    done.map_err(Fault::internal)?;
    Ok(Answer::go(format!("{REQUIRE}?xong=1")))
}
