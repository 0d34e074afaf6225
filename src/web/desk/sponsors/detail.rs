//! A plan: who, for whom, what is due, which vouchers belong to it; its state, and the link that
//! the sponsor is given.

use std::collections::BTreeMap;

use chrono::DateTime;
use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, get, post};

use super::{Opened, day_of_books, find, matching, path, refused, shown};
use crate::books::Books;
use crate::ledger::voucher::VoucherId;
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::sponsorship::{Ended, Part, Period, Plan, Standing};
use crate::web::desk::approvals::title;
use crate::web::desk::{Answer, describe};
use crate::web::forms::{Field, Fields, FormView, ManyFields, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::public::receipt::qr;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// The newest periods on the page.
const MOST: usize = 36;

const STATE: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("step", "field-id"),
    Field::one("on", "sponsor-on"),
    Field::one("reason", "sponsor-reason"),
];
const CODE: &[Field] = &[Field::one("version", "field-id"), Field::one("step", "field-id")];
const UNMATCH: &[Field] =
    &[Field::one("version", "field-id"), Field::list("match", "sponsor-matched")];

/// Forms of the page that come back with faults.
#[derive(Default)]
struct Forms {
    state: Option<FormView>,
    code: Option<FormView>,
    unmatch: Option<FormView>,
}

/// The page of a plan.
#[get("/ban/do-dau/<id>?<xong>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    xong: Option<&str>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    let done = match xong {
        Some("moi") => Some("sponsor-made"),
        Some("lai") => Some("sponsor-made-before"),
        Some("sua") => Some("sponsor-changed"),
        Some("khop") => Some("sponsor-matches-kept"),
        _ => None,
    };
    page(&officer, kept.0, config, &opened, (Forms::default(), done)).await
}

/// What the box of each match sends, of gifts and of handovers: what it is, and not its place in
/// the list, which changes with every other match. Of matches that are quite the same, which one.
fn keys(plan: &Plan) -> [Vec<String>; 2] {
    let mut same: BTreeMap<String, usize> = BTreeMap::new();
    let mut key = |own: String| {
        let number = same.entry(own.clone()).or_default();
        *number += 1;
        format!("{own} {number}")
    };
    let gifts = plan.gifts.iter();
    let gifts = gifts
        .map(|own| key(format!("{} {} {}", own.voucher, own.from, own.amount.minor())))
        .collect();
    let handovers = plan.handovers.iter();
    let handovers = handovers
        .map(|own| key(format!("{} {} {} {}", own.voucher, own.link, own.from, own.amount.minor())))
        .collect();
    [gifts, handovers]
}

/// A voucher that was matched, whether it still stands or not.
fn matched(
    (key, voucher, amount): (String, &VoucherId, Money),
    standing: Option<&Standing>,
    family: Option<&shown::Family>,
) -> Value {
    context! {
        key,
        voucher => voucher.to_string(),
        seq => standing.and_then(|own| own.seq),
        day => standing.map(|own| own.day.to_string()),
        stands => standing.is_some_and(|own| own.amount.is_positive()),
        waits => standing.is_some_and(|own| own.seq.is_none()),
        came_back => standing.map_or(0, |own| own.came_back.minor()),
        amount => amount.minor(),
        family => family.and_then(|own| own.name.clone()),
        of_family => family.is_some(),
    }
}

/// Every match of the plan, the newest first.
fn matches(Opened { own, families, all, .. }: &Opened) -> Vec<Value> {
    let standing = |voucher: &VoucherId| all.vouchers.get(voucher);
    let [of_gifts, of_handovers] = keys(&own.plan);
    let gifts = own.plan.gifts.iter().zip(of_gifts).map(|(gift, key)| {
        matched((key, &gift.voucher, gift.amount), standing(&gift.voucher), None)
    });
    let handovers = own.plan.handovers.iter().zip(of_handovers).map(|(handover, key)| {
        let family = families.iter().find(|family| family.link == handover.link.as_str());
        let voucher = &handover.voucher;
        matched((key, voucher, handover.amount), standing(voucher), family)
    });
    let mut all: Vec<Value> = gifts.chain(handovers).collect();
    all.reverse();
    all
}

fn sum(parts: &[Part]) -> i64 {
    Money::sum(parts.iter().map(|part| part.amount)).map_or(0, Money::minor)
}

/// What was given, or handed over, for periods further ahead than the page shows.
fn ahead(far: &[Period], of: impl Fn(&Period) -> Money) -> i64 {
    Money::sum(far.iter().map(of)).map_or(0, Money::minor)
}

/// The newest periods, the newest first: those that are over and lack nothing, and the others.
fn rows(opened: &Opened, near: &[Period]) -> (Vec<shown::Row>, Vec<shown::Row>) {
    let Opened { own, families, schedule, today, .. } = opened;
    let row = |period: &Period| {
        let mut row = shown::row(own.plan.every, period, families, *today);
        row.overdue &= !schedule.idle;
        row
    };
    let newest = near.iter().rev().take(MOST);
    let (over, open): (Vec<_>, Vec<_>) =
        newest.partition(|period| period.to < *today && !period.is_open());
    (over.into_iter().map(row).collect(), open.into_iter().map(row).collect())
}

/// What the plan says.
fn terms(officer: &Officer, Opened { own, sponsor, families, today, .. }: &Opened) -> Value {
    let (plan, books) = (&own.plan, &officer.books);
    context! {
        id => own.id.to_string(),
        sponsor => context! {
            id => own.sponsor.to_string(),
            name => sponsor.full_name.as_str(),
            phone => sponsor.phone.clone(),
            contact => sponsor.address.clone(),
        },
        families => minijinja::value::Serde(families),
        does => plan.state_on(*today).as_str(),
        reason => plan.ended.as_ref().map(|ended| ended.reason.clone()),
        ended_on => plan.ended.as_ref().map(|ended| ended.on.to_string()),
        fund => describe::fund_name(books, plan.fund.as_str()),
        programme => describe::programme_name(books, plan.programme.as_str()),
        every => plan.every.as_str(),
        from => plan.from.to_string(),
        until => plan.until.map(|until| until.to_string()),
        notes => plan.notes.clone(),
        changed_by => plan.changed.as_ref().map(|changed| title(officer, &changed.by)),
        changed_at => plan.changed.as_ref()
            .and_then(|changed| DateTime::from_timestamp(changed.at, 0))
            .map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
    }
}

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    opened: &Opened,
    (forms, done): (Forms, Option<&'static str>),
) -> Result<Page, Fault> {
    let Opened { own, schedule, today, .. } = opened;
    let (plan, secret) = (&own.plan, officer.form_secret());
    let (near, far) = schedule.near_and_far(*today);
    let (finished, rows) = rows(opened, near);
    let version = own.version.to_string();
    let blank = |form: Option<FormView>, part: &str, fields| {
        let action = format!("{}/{part}", path(&own.id));
        let form = form.unwrap_or_else(|| FormView::blank(&secret, &action, fields));
        form.with("version", version.clone())
    };
    let state = blank(forms.state, "trang-thai", STATE);
    let state = match state.value("on") {
        "" => state.with("on", officer.today.format("%d/%m/%Y").to_string()),
        _ => state,
    };
    let code = own.code(store.keys().receipt(), &officer.desk);
    let link = code.map(|code| format!("{}/do-dau/{code}", config.base_url.origin()));
    let qr = link.as_ref().map(|link| qr(link)).transpose()?;
    let unmatched = matching::unmatched(officer, store, opened).await?;
    let payable = opened.all.payable(plan, *today);
    Ok(crate::web::desk::page(
        officer,
        "desk/sponsors/plan.html",
        context! {
            received => schedule.received().minor(),
            handed => schedule.handed().minor(),
            at_hand => shown::at_hand(schedule.received(), schedule.handed()),
            owed => schedule.owed(*today).minor(),
            payable => Money::sum(payable.into_values()).map_or(0, Money::minor),
            spare => sum(&schedule.spare),
            beyond => sum(&schedule.beyond),
            rows => minijinja::value::Serde(rows),
            finished => minijinja::value::Serde(finished),
            more => near.len() > MOST,
            ahead => [ahead(far, Period::received), ahead(far, Period::laid)],
            idle => schedule.idle,
            unmatched,
            matches => matches(opened),
            state,
            code_form => blank(forms.code, "ma", CODE),
            unmatch => blank(forms.unmatch, "go-khop", UNMATCH),
            link,
            qr,
            done,
            ..terms(officer, opened)
        },
    ))
}

/// A change of a plan as it is: the version that the form was opened with, and what it does.
async fn changed(
    officer: &Officer,
    (store, config): (&Store, &Config),
    (opened, form): (&mut Opened, &mut Submission),
    change: impl FnOnce(&mut Submission, &mut Plan) -> Result<(), Noted>,
) -> Result<bool, Fault> {
    opened.own.version = form.hidden("version")?;
    if change(form, &mut opened.own.plan).is_err() {
        return Ok(false);
    }
    let (own, now) = ((&opened.own, [].as_slice(), None), config.clock.now());
    match store.change_sponsorship(&officer.desk, own, &officer.person, now).await {
        Ok(()) => Ok(true),
        Err(fault) => {
            form.note_form(refused(fault)?, []);
            Ok(false)
        }
    }
}

/// The page as it is now, with a form that came back.
async fn again(
    officer: &Officer,
    (store, config): (&Store, &Config),
    (id, part, form): (&str, &str, &Submission),
) -> Result<Answer, Fault> {
    let opened = find(officer, store, config, id).await?;
    let action = format!("{}/{part}", path(&opened.own.id));
    let view = FormView::again(&officer.form_secret(), &action, form);
    let mut forms = Forms::default();
    match part {
        "trang-thai" => forms.state = Some(view),
        "ma" => forms.code = Some(view),
        _ => forms.unmatch = Some(view),
    }
    let page = page(officer, store, config, &opened, (forms, None)).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

/// Lays a plan to rest, takes it up again, or ends it.
#[post("/ban/do-dau/<id>/trang-thai", data = "<fields>")]
pub async fn state(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let officer = officer.0;
    let mut form = fields.only(STATE)?;
    let mut opened = find(&officer, kept.0, config, id).await?;
    let at = (kept.0, config.inner());
    let turn = |form: &mut Submission, plan: &mut Plan| turned(form, plan, &officer.books);
    let done = changed(&officer, at, (&mut opened, &mut form), turn).await?;
    if done {
        return Ok(Answer::go(format!("{}?xong=sua", path(&opened.own.id))));
    }
    again(&officer, at, (id, "trang-thai", &form)).await
}

fn turned(form: &mut Submission, plan: &mut Plan, books: &Books) -> Result<(), Noted> {
    let on = day_of_books(form, "on", books);
    match form.typed("step") {
        "pause" => plan.rest(on?, true),
        "resume" => {
            plan.rest(on?, false);
            plan.ended = None;
        }
        "end" => {
            let reason = form.text("reason", 200);
            let (on, reason) = (on?, reason?);
            plan.ended = Some(Ended { on, reason });
        }
        _ => return Err(form.note_form("sponsor-step", [])),
    }
    Ok(())
}

/// Makes the sponsor a new link, or takes the one that they have.
#[post("/ban/do-dau/<id>/ma", data = "<fields>")]
pub async fn code(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let officer = officer.0;
    let mut form = fields.only(CODE)?;
    let opened = find(&officer, kept.0, config, id).await?;
    let version: u64 = form.hidden("version")?;
    if let Ok(open) = form.choice("step", &[("make", true), ("take", false)]) {
        let of = (&opened.own.id, version, open);
        match kept.0.turn_sponsors_code(&officer.desk, of).await {
            Ok(()) => return Ok(Answer::go(format!("{}?xong=sua", path(&opened.own.id)))),
            Err(fault) => form.note_form(refused(fault)?, []),
        };
    }
    again(&officer, (kept.0, config.inner()), (id, "ma", &form)).await
}

/// Takes vouchers off the plan; their entries stay as they are.
#[post("/ban/do-dau/<id>/go-khop", data = "<fields>")]
pub async fn unmatch(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let officer = officer.0;
    let mut form = fields.0.only(UNMATCH)?;
    let mut opened = find(&officer, kept.0, config, id).await?;
    let at = (kept.0, config.inner());
    let done = changed(&officer, at, (&mut opened, &mut form), taken_off).await?;
    if done {
        return Ok(Answer::go(format!("{}?xong=khop", path(&opened.own.id))));
    }
    again(&officer, at, (id, "go-khop", &form)).await
}

fn taken_off(form: &mut Submission, plan: &mut Plan) -> Result<(), Noted> {
    let ticked: Vec<String> = form.list("match").into_iter().map(str::to_owned).collect();
    if ticked.is_empty() {
        return Err(form.note("match", "sponsor-none-ticked"));
    }
    let [gifts, handovers] = keys(plan);
    let off = |key: Option<String>| key.is_some_and(|key| ticked.contains(&key));
    let mut keys = gifts.into_iter();
    plan.gifts.retain(|_| !off(keys.next()));
    let mut keys = handovers.into_iter();
    plan.handovers.retain(|_| !off(keys.next()));
    Ok(())
}
