//! Which gifts and handovers belong to a plan. The same giver, the same amount: that is offered
//! first, and a person decides.

use std::collections::BTreeMap;

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::{Opened, find, path, refused, shown};
use crate::ledger::voucher::VoucherId;
use crate::ledger::word::{Amount, Date, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::sponsorship::{Gift, Handover, Plan};
use crate::web::desk::Answer;
use crate::web::forms::{Field, FormView, ManyFields, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// The most gifts of others that are offered.
const MOST: usize = 30;

const FORM: &[Field] = &[
    Field::one("version", "field-id"),
    Field::list("take", "sponsor-take"),
    Field::one("from", "sponsor-match-from"),
    Field::one("amount", "sponsor-match-amount"),
];

/// A voucher that may belong to the plan.
#[derive(Clone, Debug, Serialize)]
struct Offer {
    /// What its box sends: the voucher, and the family of a handover.
    key: String,
    seq: Option<u64>,
    voucher: String,
    day: String,
    /// What of it belongs to no plan yet.
    left: i64,
    /// Whether the sponsor gave it.
    own: bool,
    /// Whether its amount is that of a period, or of several.
    fits: bool,
    family: Option<String>,
}

/// What is offered: gifts and handovers, and what each box means.
struct Offers {
    gifts: Vec<Offer>,
    handovers: Vec<Offer>,
    means: BTreeMap<String, (VoucherId, Option<Person>, Money)>,
}

/// Whether an amount is that of a period, or of several whole ones.
fn fits(amount: Money, period: Money) -> bool {
    amount.minor().checked_rem(period.minor()) == Some(0)
}

async fn offers(officer: &Officer, store: &Store, opened: &Opened) -> Result<Offers, Fault> {
    let plan = &opened.own.plan;
    let taken = opened.all.taken();
    let left = |voucher: &VoucherId, family: Option<&Person>, amount: Money| {
        let gone = taken.get(&(voucher.clone(), family.cloned())).copied().unwrap_or_default();
        amount.checked_sub(gone).filter(|left| left.is_positive())
    };
    let mut offers = Offers { gifts: Vec::new(), handovers: Vec::new(), means: BTreeMap::new() };
    let all = store.gifts_into(&officer.desk, &plan.fund, &opened.own.sponsor).await;
    for gift in all.map_err(Fault::internal)? {
        let Some(left) = left(&gift.voucher, None, gift.amount) else { continue };
        let key = gift.voucher.to_string();
        offers.means.insert(key.clone(), (gift.voucher.clone(), None, left));
        offers.gifts.push(Offer {
            key,
            seq: Some(gift.seq),
            voucher: gift.voucher.to_string(),
            day: gift.day.to_string(),
            left: left.minor(),
            own: gift.own,
            fits: fits(left, plan.amount_on(gift.day.max(plan.from))),
            family: None,
        });
    }
    offers.gifts.sort_by_key(|offer| (!offer.own, !offer.fits));
    offers.gifts.truncate(MOST);
    for link in &plan.links {
        let Some(family) = opened.all.named.get(&link.id) else { continue };
        let Some(known) = opened.all.families.get(family) else { continue };
        let all = store.aid_of(&officer.desk, &plan.fund, family).await;
        for aid in all.map_err(Fault::internal)?.into_iter().rev() {
            let Some(left) = left(&aid.voucher, Some(family), aid.amount) else { continue };
            let key = format!("{} {}", aid.voucher, link.id);
            let means = (aid.voucher.clone(), Some(link.id.clone()), left);
            offers.means.insert(key.clone(), means);
            offers.handovers.push(Offer {
                key,
                seq: aid.seq,
                voucher: aid.voucher.to_string(),
                day: aid.day.to_string(),
                left: left.minor(),
                own: true,
                fits: fits(left, link.amount_on(aid.day.max(plan.from))),
                family: Some(known.record.full_name.clone()),
            });
        }
    }
    Ok(offers)
}

/// How many vouchers of the sponsor and of the families belong to no plan yet.
///
/// # Errors
/// Faults of the machine.
pub async fn unmatched(officer: &Officer, store: &Store, opened: &Opened) -> Result<usize, Fault> {
    let offers = offers(officer, store, opened).await?;
    Ok(offers.gifts.iter().filter(|offer| offer.own).count() + offers.handovers.len())
}

fn action(id: &Person) -> String {
    format!("{}/khop", path(id))
}

fn page(officer: &Officer, opened: &Opened, offers: &Offers, form: FormView) -> Page {
    let plan = &opened.own.plan;
    let periods: Vec<(String, String)> = opened
        .schedule
        .near_and_far(opened.today)
        .0
        .iter()
        .rev()
        .map(|period| (period.from.to_string(), shown::month(period.from)))
        .collect();
    crate::web::desk::page(
        officer,
        "desk/sponsors/matching.html",
        context! {
            id => opened.own.id.to_string(),
            sponsor => opened.sponsor.full_name.as_str(),
            every => plan.every.as_str(),
            gifts => minijinja::value::Serde(&offers.gifts),
            handovers => minijinja::value::Serde(&offers.handovers),
            periods,
            form => form.with("version", opened.own.version.to_string()),
        },
    )
}

/// What may belong to a plan.
#[get("/ban/do-dau/<id>/khop")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let opened = find(&officer, kept.0, config, id).await?;
    let offers = offers(&officer, kept.0, &opened).await?;
    let form = FormView::blank(&officer.form_secret(), &action(&opened.own.id), FORM);
    Ok(page(&officer, &opened, &offers, form))
}

/// Matches what was ticked.
#[post("/ban/do-dau/<id>/khop", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: ManyFields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.0.only(FORM)?;
    let mut opened = find(&officer, store, config, id).await?;
    let mut all = offers(&officer, store, &opened).await?;
    let version: u64 = form.hidden("version")?;
    if take(&mut form, &officer, &all, &mut opened.own.plan).is_ok() {
        opened.own.version = version;
        let (own, now) = ((&opened.own, [].as_slice(), None), config.clock.now());
        match store.change_sponsorship(&officer.desk, own, &officer.person, now).await {
            Ok(()) => return Ok(Answer::go(format!("{}?xong=khop", path(&opened.own.id)))),
            Err(fault) => form.note_form(refused(fault)?, []),
        };
        opened = find(&officer, store, config, id).await?;
        all = offers(&officer, store, &opened).await?;
    }
    let view = FormView::again(&officer.form_secret(), &action(&opened.own.id), &form);
    let page = page(&officer, &opened, &all, view);
    Ok(page.status(Status::UnprocessableEntity).into())
}

/// Puts what was ticked into the plan.
fn take(
    form: &mut Submission,
    officer: &Officer,
    offers: &Offers,
    plan: &mut Plan,
) -> Result<(), Noted> {
    let ticked: Vec<_> = form.list("take").into_iter().map(|key| offers.means.get(key)).collect();
    let Some(ticked) = ticked.into_iter().collect::<Option<Vec<_>>>() else {
        return Err(form.note("take", "sponsor-offer-gone"));
    };
    if ticked.is_empty() {
        return Err(form.note("take", "sponsor-none-ticked"));
    }
    let from = match form.typed("from") {
        "" => Ok(plan.from),
        day => day.parse::<Date>().ok().filter(|day| *day >= plan.from).ok_or(Noted),
    };
    let from = from.map_err(|_| form.note("from", "fault-choice"));
    let part = match form.typed("amount").trim() {
        "" => Ok(None),
        _ => form.money("amount", &officer.books.currency()).map(Some),
    };
    let (from, part) = (from?, part?);
    let part = part.and_then(Amount::new).map(Amount::money);
    if part.is_some() && ticked.len() > 1 {
        return Err(form.note("amount", "sponsor-part-of-one"));
    }
    for (voucher, link, left) in ticked {
        let amount = part.unwrap_or(*left);
        if amount > *left {
            return Err(form.note("amount", "sponsor-part-too-large"));
        }
        let voucher = voucher.clone();
        match link {
            Some(link) => {
                let link = link.clone();
                plan.handovers.push(Handover { link, voucher, from, amount });
            }
            None => plan.gifts.push(Gift { voucher, from, amount }),
        }
    }
    Ok(())
}
