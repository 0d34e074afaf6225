//! How every voucher form works: typed, echoed in digits and words, recorded once.
//!
//! A [`Slip`] says what is asked and how a voucher is made of it. The id of the voucher travels
//! with the form from the first showing: back, reload and a second click end at the same entry.

mod input;
pub mod laying;
mod recording;

pub use input::{
    Ctx, Input, Slip, So, Written, codes, funds, items, nothing, places, programmes, stores, words,
};
pub(super) use recording::preview;
pub use recording::{new_id, sign};

use minijinja::context;
use minijinja::value::Value;
use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use super::families::directory::Directory;
use super::lending::slips::ForLoan;
use super::sponsors::slips::ForPlans;
use super::{Answer, refusals};
use crate::books::Refusal;
use crate::books::effects::Effects;
use crate::ledger::voucher::{Body, Voucher, VoucherId};
use crate::money::{Currency, Money};
use crate::store::facade::Line;
use crate::store::{RecordFault, Store};
use crate::web::desk;
use crate::web::fault::Denied;
use crate::web::forms::{Fields, FormView, ManyFields, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Slips that a caseworker records, too: the kinds that the ledger lets them (`docs/FORMAT.md`).
pub(super) const OF_CASEWORKERS: &[&str] = &[
    "custody-handed",
    "goods-custody-handed",
    "goods-distributed",
    "goods-moved",
    "goods-received",
    "handover-returned",
    "loan-repaid",
    "stock-counted",
];

fn require_role(slip: &Slip, officer: &Officer) -> Result<(), Fault> {
    if !officer.may_record() && !OF_CASEWORKERS.contains(&slip.name) {
        return Err(Fault::Forbidden(Denied::Role));
    }
    // Said before anything is typed: what is recorded here is signed here.
    if officer.key_is_away() {
        return Err(Fault::Unprocessable("desk-key-away"));
    }
    Ok(())
}

/// The form of a slip, for an entry (`so`) where it is about one.
async fn show(
    slip: &'static Slip,
    officer: &Officer,
    store: &Store,
    config: &Config,
    so: Option<So>,
) -> Result<Page, Fault> {
    filled_about(slip, officer, store, config, so, Vec::new()).await
}

/// The form of a slip about an entry, with more filled in beforehand.
///
/// # Errors
/// 403 for a role that does not record it, 404 for an unknown entry.
pub(super) async fn filled_about(
    slip: &'static Slip,
    officer: &Officer,
    store: &Store,
    config: &Config,
    so: Option<So>,
    more: Vec<(&'static str, String)>,
) -> Result<Page, Fault> {
    require_role(slip, officer)?;
    let mut form = FormView::blank(&officer.form_secret(), slip.path, slip.form)
        .with("id", new_id().as_str())
        .with("date", officer.today.format("%d/%m/%Y").to_string());
    let of = about(slip, officer, store, so).await?;
    if let Some(so) = so.filter(|_| of.is_some()) {
        form = form.with("of", so.to_string());
    }
    let loan = ForLoan::of(officer, store, config, (slip, so)).await?;
    let ctx = Ctx { of, so, loan, ..Ctx::new(officer) };
    for (name, value) in (slip.beforehand)(&ctx).into_iter().chain(more) {
        form = form.with(name, value);
    }
    Ok(page(slip, &ctx, form))
}

/// The form of a slip with more filled in beforehand: values, and rows one by one.
///
/// # Errors
/// 403 for a role that does not record it.
pub(super) fn filled(
    slip: &'static Slip,
    officer: &Officer,
    values: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<Page, Fault> {
    require_role(slip, officer)?;
    let ctx = Ctx::new(officer);
    let form = FormView::blank(&officer.form_secret(), slip.path, slip.form)
        .with("id", new_id().as_str())
        .with("date", officer.today.format("%d/%m/%Y").to_string());
    let own = (slip.beforehand)(&ctx).into_iter().chain(values);
    let form = own.fold(form, |form, (name, value)| form.with(name, value));
    Ok(page(slip, &ctx, form))
}

/// The entry that a form is about.
async fn about(
    slip: &Slip,
    officer: &Officer,
    store: &Store,
    so: Option<So>,
) -> Result<Option<Line>, Fault> {
    if !slip.is_about_an_entry() {
        return Ok(None);
    }
    let Some(so) = so else { return Err(Fault::NotFound) };
    let line = store.line(officer.chapter, so.place).await.map_err(Fault::internal)?;
    line.ok_or(Fault::NotFound).map(Some)
}

fn page(slip: &'static Slip, ctx: &Ctx<'_>, form: FormView) -> Page {
    shown(slip, ctx, form, None)
}

/// The form, with what is there already of a voucher with its id.
fn shown(slip: &'static Slip, ctx: &Ctx<'_>, form: FormView, other: Option<Value>) -> Page {
    let of = ctx.of.as_ref().map(|line| super::describe::line(&ctx.officer.books, line));
    let inputs = (slip.inputs)(ctx);
    let amounts =
        inputs.iter().any(|input| ["money", "rows", "count", "quantity"].contains(&input.kind));
    super::page(
        ctx.officer,
        "desk/slip.html",
        context! {
            form,
            slip => slip.name,
            about => slip.is_about_an_entry(),
            inputs => Value::from(minijinja::value::Serde(inputs)),
            amounts,
            loan => ctx.loan.borrower.clone(),
            of => of.map(minijinja::value::Serde),
            other,
        },
    )
}

/// Reads a slip; shows faults, the echo, or what was recorded.
async fn send(
    slip: &'static Slip,
    officer: &Officer,
    store: &Store,
    config: &Config,
    fields: Fields,
) -> Result<Answer, Fault> {
    require_role(slip, officer)?;
    let mut form = fields.only(slip.form)?;
    let id: VoucherId = form.hidden("id")?;
    let known = recording::known(officer, store, &id).await?;
    let so = form.typed("of").parse().ok();
    let of = about(slip, officer, store, so).await?;
    let families = match slip.form.iter().any(|field| field.name == "line_name") {
        true => Directory::of(officer, store, config, (&form, &id)).await?,
        false => Directory::default(),
    };
    let plans = ForPlans::of(officer, store, config, form.typed("sponsor")).await?;
    let loan = ForLoan::of(officer, store, config, (slip, so)).await?;
    let ctx = Ctx { officer, of, so, id, families, plans, loan };
    if let Some(known) = known {
        return repeated(slip, &ctx, store, (known, form), config.clock.now()).await;
    }
    let step = form.typed("step").to_owned();
    let (secret, path) = (officer.form_secret(), slip.path);
    let again = |form: &Submission| page(slip, &ctx, FormView::again(&secret, path, form));
    if ctx.plans.lacks() {
        form.note_form("sponsor-slip-gone", []);
        let view = FormView::again(&secret, path, &form).with("sponsor", ctx.plans.typed());
        return Ok(page(slip, &ctx, view).status(Status::UnprocessableEntity).into());
    }
    if step == "edit" {
        return Ok(page(slip, &ctx, unsplit(&form, FormView::again(&secret, path, &form))).into());
    }
    let unfit = |form: &Submission| again(form).status(Status::UnprocessableEntity).into();
    let Ok(written) = (slip.read)(&mut form, &ctx) else { return Ok(unfit(&form)) };
    let Ok(voucher) = recording::voucher(&mut form, &ctx, &written) else {
        return Ok(unfit(&form));
    };
    let now = config.clock.now();
    let effects = match preview(officer, store, &voucher, now).await {
        Ok(effects) => effects,
        Err(RecordFault::Refused(refusal)) => {
            // Sent twice at once: the other one was recorded since this one was looked for.
            if refusal == Refusal::IdUsed
                && let Some(known) = recording::known(officer, store, &ctx.id).await?
            {
                return repeated(slip, &ctx, store, (known, form), now).await;
            }
            let refusal = refusals::named(&refusal, &officer.books);
            refusals::note(&mut form, &refusal, slip.form);
            return Ok(unfit(&form));
        }
        Err(fault) => return kept(&mut form, refusals::fault(fault), again),
    };
    if step != "record" {
        let view = FormView::again(&secret, path, &form);
        return Ok(echo(slip, &ctx, view, &voucher, &written, &effects).into());
    }
    match recording::record(&ctx, store, voucher, &written.private, now).await {
        Ok(path) => Ok(Answer::go(path)),
        Err(recording::NotRecorded::Refused(refusal)) => {
            let refusal = refusals::named(&refusal, &officer.books);
            refusals::note(&mut form, &refusal, slip.form);
            Ok(unfit(&form))
        }
        Err(recording::NotRecorded::Fault(fault)) => kept(&mut form, fault, again),
    }
}

/// A form whose voucher came before: the same again is answered with what it became; another is
/// shown what the ledger has, and may go on as a voucher of its own.
async fn repeated(
    slip: &'static Slip,
    ctx: &Ctx<'_>,
    store: &Store,
    (known, mut form): (recording::Known, Submission),
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Answer, Fault> {
    if recording::is_same(slip, ctx, store, (&known, &mut form), now).await? {
        return Ok(Answer::go(format!("{}?lai=1", known.path)));
    }
    form.forget_faults();
    form.note_form("fault-same-id", []);
    let again = FormView::again(&ctx.officer.form_secret(), slip.path, &form);
    let again = again.with("id", new_id().as_str());
    let rows = super::describe::voucher(&ctx.officer.books, &known.voucher);
    let other = context! { path => known.path, rows => minijinja::value::Serde(rows) };
    Ok(shown(slip, ctx, again, Some(other)).status(Status::Conflict).into())
}

/// What can't be recorded now: the form with all that was typed, and what to do.
fn kept(
    form: &mut Submission,
    fault: Fault,
    again: impl FnOnce(&Submission) -> Page,
) -> Result<Answer, Fault> {
    let Some(reason) = fault.reason() else { return Err(fault) };
    tracing::warn!(%fault, "a form was kept");
    form.note_form(reason, []);
    let page = again(form).status(fault.status());
    Ok(match fault.after().and_then(|after| u16::try_from(after).ok()) {
        Some(after) => page.retry_after(after),
        None => page,
    }
    .into())
}

/// What was read, before it is recorded.
fn echo(
    slip: &'static Slip,
    ctx: &Ctx<'_>,
    form: FormView,
    voucher: &Voucher,
    written: &Written,
    effects: &Effects,
) -> Page {
    let books = &ctx.officer.books;
    let form = split(form, &written.body, &books.currency());
    let two = books.signature_list(voucher).len() > 1;
    let invites = desk::admin::keys::invites(voucher.kind());
    let echo = input::echo(slip, ctx, &form);
    let plans = ctx.plans.told(voucher, (form.value("donor_name"), &ctx.families));
    super::page(
        ctx.officer,
        "desk/echo.html",
        context! {
            form,
            slip => slip.name,
            two,
            invites,
            total => written.total.map(|total| total.minor()),
            count => counted(&written.body),
            loan => ctx.loan.borrower.clone(),
            echo => Value::from(minijinja::value::Serde(echo)),
            registered => ctx.families.shown(),
            plans,
            changes => Value::from(minijinja::value::Serde(
                super::describe::changes(books, effects),
            )),
            lists => slip.form.iter().filter(|field| field.list).map(|field| field.name)
                .collect::<Vec<_>>(),
        },
    )
}

/// A repayment whose parts were left to be worked out, with both: what was seen is what is
/// recorded, also when it is sent again.
fn split(form: FormView, body: &Body, currency: &Currency) -> FormView {
    let empty = |name: &str| form.value(name).trim().is_empty();
    match repaid(body) {
        Some(parts) if empty("principal") && empty("fee") => {
            let [principal, fee] = parts.map(|minor| Money::new(minor).unwrap_or_default());
            let typed = |own: Money| own.grouped('.', currency);
            form.with("principal", typed(principal)).with("fee", typed(fee)).with("split", "auto")
        }
        _ => form,
    }
}

/// The same as it was typed: what was worked out goes with the amount that it was worked out from.
fn unsplit(form: &Submission, view: FormView) -> FormView {
    if form.typed("split") != "auto" {
        return view;
    }
    view.with("principal", "").with("fee", "").with("split", "")
}

/// Of a repayment: principal and fee.
fn repaid(body: &Body) -> Option<[i64; 2]> {
    match body {
        Body::LoanRepaid(body) => Some([body.principal.minor(), body.fee.minor()]),
        Body::CustodyAssigned(body) => Some([body.principal?.minor(), body.fee?.minor()]),
        _ => None,
    }
}

/// Of a cash count: what the book says, what was counted, the difference.
fn counted(body: &Body) -> Option<[i64; 3]> {
    let Body::CashCounted(body) = body else { return None };
    let (counted, difference) = (body.counted.minor(), body.difference.minor());
    Some([counted - difference, counted, difference])
}

macro_rules! slips {
    ($($module:ident: $path:tt => $slip:path,)*) => {
        $(mod $module {
            use super::*;

            #[get($path)]
            pub(super) async fn show(
                officer: Caseworker,
                kept: Kept<'_>,
                config: &State<Config>,
                so: Option<So>,
            ) -> Result<Page, Fault> {
                let store = kept.0;
                super::show(&$slip, &officer.0, store, config, so).await
            }
        })*
    };
}

macro_rules! slip_routes {
    ($($module:ident: $get:tt, $post:tt => $slip:path,)*) => {
        slips! { $($module: $get => $slip,)* }

        mod sent {
            use super::*;

            $(#[post($post, data = "<fields>")]
            pub(super) async fn $module(
                _same: SameOrigin,
                officer: Caseworker,
                kept: Kept<'_>,
                config: &State<Config>,
                fields: ManyFields,
            ) -> Result<Answer, Fault> {
                let store = kept.0;
                super::send(&$slip, &officer.0, store, config, fields.0).await
            })*
        }

        /// The two routes of every slip.
        #[must_use]
        pub fn routes() -> Vec<Route> {
            let mut all = Vec::new();
            $(all.extend(routes![$module::show, sent::$module]);)*
            all
        }

        #[cfg(test)]
        pub(in crate::web::desk) const ALL: &[&Slip] = &[$(&$slip,)*];
    };
}

slip_routes! {
    donation: "/ban/phieu-thu?<so>", "/ban/phieu-thu" => desk::receipts::DONATION,
    income: "/ban/thu-khac?<so>", "/ban/thu-khac" => desk::receipts::INCOME,
    aid: "/ban/phieu-chi?<so>", "/ban/phieu-chi" => desk::payments::AID,
    cost: "/ban/chi-phi?<so>", "/ban/chi-phi" => desk::payments::COST,
    transfer: "/ban/chuyen-tien?<so>", "/ban/chuyen-tien" => desk::movements::TRANSFER,
    fund_transfer: "/ban/dieu-chuyen-quy?<so>", "/ban/dieu-chuyen-quy"
        => desk::movements::FUND_TRANSFER,
    place: "/ban/mo-noi-giu-tien?<so>", "/ban/mo-noi-giu-tien" => desk::openings::PLACE,
    fund: "/ban/mo-quy?<so>", "/ban/mo-quy" => desk::openings::FUND,
    programme: "/ban/mo-chuong-trinh?<so>", "/ban/mo-chuong-trinh" => desk::openings::PROGRAMME,
    opening: "/ban/so-du-dau-ky?<so>", "/ban/so-du-dau-ky" => desk::openings::BALANCE,
    custody: "/ban/nhan-giu-ho?<so>", "/ban/nhan-giu-ho" => desk::custody::RECEIVED,
    custody_handed: "/ban/trao-tien-giu-ho?<so>", "/ban/trao-tien-giu-ho"
        => desk::custody::HANDED_OVER,
    custody_returned: "/ban/tra-tien-giu-ho?<so>", "/ban/tra-tien-giu-ho"
        => desk::custody::RETURNED,
    custody_assigned: "/ban/ghi-nhan-tien-giu-ho?<so>", "/ban/ghi-nhan-tien-giu-ho"
        => desk::custody::ASSIGNED,
    donation_returned: "/ban/hoan-tra?<so>", "/ban/hoan-tra" => desk::corrections::RETURNED,
    reversal: "/ban/but-toan-dao?<so>", "/ban/but-toan-dao" => desk::corrections::REVERSED,
    cash_count: "/ban/kiem-ke?<so>", "/ban/kiem-ke" => desk::count::COUNT,
    activity: "/ban/bao-cao-hoat-dong?<so>", "/ban/bao-cao-hoat-dong" => desk::activity::ACTIVITY,
    enrol: "/ban/quan-tri/them-can-bo?<so>", "/ban/quan-tri/them-can-bo"
        => desk::admin::keys::ENROL,
    rotate: "/ban/quan-tri/doi-khoa?<so>", "/ban/quan-tri/doi-khoa" => desk::admin::keys::ROTATE,
    guardian: "/ban/quan-tri/giam-ho-moi?<so>", "/ban/quan-tri/giam-ho-moi"
        => desk::admin::keys::GUARDIAN,
    log_key: "/ban/quan-tri/khoa-cua-so?<so>", "/ban/quan-tri/khoa-cua-so"
        => desk::admin::keys::LOG_KEY,
    retire: "/ban/quan-tri/thoi-nhiem?<so>", "/ban/quan-tri/thoi-nhiem"
        => desk::admin::registers::RETIRE,
    policy: "/ban/quan-tri/quy-che?<so>", "/ban/quan-tri/quy-che"
        => desk::admin::registers::POLICY,
    chapter: "/ban/quan-tri/thong-tin-hoi?<so>", "/ban/quan-tri/thong-tin-hoi"
        => desk::admin::registers::CHAPTER,
    witness: "/ban/quan-tri/nhan-chung?<so>", "/ban/quan-tri/nhan-chung"
        => desk::admin::registers::WITNESS,
    place_closed: "/ban/quan-tri/dong-noi-giu-tien?<so>", "/ban/quan-tri/dong-noi-giu-tien"
        => desk::admin::registers::PLACE_CLOSED,
    fund_closed: "/ban/quan-tri/dong-quy?<so>", "/ban/quan-tri/dong-quy"
        => desk::admin::registers::FUND_CLOSED,
    chapter_closed: "/ban/quan-tri/dong-so-hoi?<so>", "/ban/quan-tri/dong-so-hoi"
        => desk::admin::registers::CHAPTER_CLOSED,
    item: "/ban/mo-mat-hang?<so>", "/ban/mo-mat-hang" => desk::goods::ITEM,
    store: "/ban/mo-kho?<so>", "/ban/mo-kho" => desk::goods::STORE,
    goods_received: "/ban/nhap-kho?<so>", "/ban/nhap-kho" => desk::goods::RECEIVED,
    goods_purchased: "/ban/mua-hang?<so>", "/ban/mua-hang" => desk::goods::PURCHASED,
    goods_distributed: "/ban/xuat-kho?<so>", "/ban/xuat-kho" => desk::handing_out::DISTRIBUTED,
    handover_returned: "/ban/tra-lai-cap-phat?<so>", "/ban/tra-lai-cap-phat"
        => desk::handing_out::GIVEN_BACK,
    goods_moved: "/ban/chuyen-kho?<so>", "/ban/chuyen-kho" => desk::stock_slips::MOVED,
    goods_returned: "/ban/tra-hang?<so>", "/ban/tra-hang" => desk::stock_slips::RETURNED,
    stock_counted: "/ban/kiem-ke-kho?<so>", "/ban/kiem-ke-kho" => desk::stock_slips::STOCKTAKING,
    money_sent: "/ban/gui-tien-hoi-khac?<so>", "/ban/gui-tien-hoi-khac"
        => desk::between::MONEY_SENT,
    goods_sent: "/ban/gui-hang-hoi-khac?<so>", "/ban/gui-hang-hoi-khac"
        => desk::between::GOODS_SENT,
    money_from_chapter: "/ban/nhan-tien-hoi-khac?<so>", "/ban/nhan-tien-hoi-khac"
        => desk::between::MONEY_RECEIVED,
    goods_from_chapter: "/ban/nhan-hang-hoi-khac?<so>", "/ban/nhan-hang-hoi-khac"
        => desk::between::GOODS_RECEIVED,
    goods_custody: "/ban/giu-ho-hien-vat?<so>", "/ban/giu-ho-hien-vat"
        => desk::goods_held::RECEIVED,
    goods_custody_handed: "/ban/trao-hien-vat-giu-ho?<so>", "/ban/trao-hien-vat-giu-ho"
        => desk::goods_held::HANDED_OVER,
    goods_custody_returned: "/ban/tra-hien-vat-giu-ho?<so>", "/ban/tra-hien-vat-giu-ho"
        => desk::goods_held::RETURNED,
    loan_disbursed: "/ban/giai-ngan?<so>", "/ban/giai-ngan" => desk::lending::slips::DISBURSED,
    loan_cancelled: "/ban/huy-duyet-vay?<so>", "/ban/huy-duyet-vay"
        => desk::lending::slips::CANCELLED,
    loan_repaid: "/ban/thu-no?<so>", "/ban/thu-no" => desk::lending::slips::REPAID,
    loan_fee_waived: "/ban/mien-phi-vay?<so>", "/ban/mien-phi-vay"
        => desk::lending::slips::FEE_WAIVED,
    loan_written_off: "/ban/xoa-no?<so>", "/ban/xoa-no" => desk::lending::slips::WRITTEN_OFF,
    loan_recovered: "/ban/thu-hoi-no?<so>", "/ban/thu-hoi-no" => desk::lending::slips::RECOVERED,
    custody_repays: "/ban/tra-no-tien-giu-ho?<so>", "/ban/tra-no-tien-giu-ho"
        => desk::lending::slips::ASSIGNED,
    goods_opening: "/ban/ton-kho-dau-ky?<so>", "/ban/ton-kho-dau-ky" => desk::goods_held::OPENING,
}
