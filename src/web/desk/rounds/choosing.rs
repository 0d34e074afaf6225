//! Families for the list of a round: all that a filter takes, or those that are ticked.
//!
//! A family that another voucher serves in this round is marked. It comes onto the list only by
//! being ticked, with a reason that officers alone can read. Families that did not come to the last
//! round of the programme stand first, and are ticked beforehand.

use std::collections::BTreeSet;

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};
use serde::Serialize;

use super::{LIST, find, path, refused};
use crate::ledger::word::{Amount, Person};
use crate::money::Money;
use crate::store::Store;
use crate::store::desk::register::Family;
use crate::store::desk::rounds::{Placed, Round, RoundLine};
use crate::store::desk::vault::{Purpose, Reader};
use crate::web::desk::Answer;
use crate::web::desk::families::list::{Filter, by_name, category_keys, hamlets};
use crate::web::desk::payments::CATEGORIES;
use crate::web::desk::slip::words;
use crate::web::forms::{Field, FormView, ManyFields, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Families that the page shows.
const MOST: usize = 300;

/// The choice of families that did not come to the last round.
const ABSENT: &str = "absent";

const FORM: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("step", "field-id"),
    Field::one("words", "families-search"),
    Field::one("hamlet", "families-hamlet"),
    Field::one("category", "families-category"),
    Field::one("earlier", "rounds-earlier"),
    Field::one("amount", "rounds-amount-each"),
    Field::list("family", "rounds-choose"),
    Field::one("reason", "rounds-reason"),
    Field::one("free", "field-id"),
];

/// A family that may come onto the list.
#[derive(Debug, Serialize)]
struct Candidate {
    id: String,
    name: String,
    hamlet: Option<String>,
    categories: Vec<String>,
    served: bool,
    /// Whether it did not come the last time.
    absent: bool,
}

fn action(id: &Person) -> String {
    format!("{}/chon", path(id))
}

/// The form, with all families that are not on the list.
#[get("/ban/dot-cap-phat/<id>/chon")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let (round, lines) = find(&officer, kept.0, id).await?;
    let mut form = FormView::blank(&officer.form_secret(), &action(&round.id), FORM);
    if round.terms.amount.is_positive() {
        form = form.with("amount", round.terms.amount.minor().to_string());
    }
    // Who did not come the last time is ticked beforehand.
    let absent = absent_before(&officer, kept.0, &round).await?;
    form = form.with_list("family", absent.iter().map(Person::to_string).collect());
    let chosen = Chosen { filter: Filter::default(), among: None };
    page(&officer, kept.0, config, (&round, &lines), (form, chosen)).await
}

/// Which families a form means.
struct Chosen {
    filter: Filter,
    /// Those on the list of an earlier round alone, or those that did not come to the last one.
    among: Option<Vec<Person>>,
}

/// Families that did not come to the last round of the programme.
async fn absent_before(
    officer: &Officer,
    store: &Store,
    round: &Round,
) -> Result<BTreeSet<Person>, Fault> {
    store.absent_before(&officer.desk, &round.terms).await.map_err(Fault::internal)
}

async fn chosen(
    officer: &Officer,
    store: &Store,
    (round, form): (&Round, &Submission),
) -> Result<Chosen, Fault> {
    let among = match form.typed("earlier") {
        "" => None,
        ABSENT => Some(absent_before(officer, store, round).await?.into_iter().collect()),
        id => {
            let (_, lines) = find(officer, store, id).await?;
            Some(lines.into_iter().map(|line| line.family).collect())
        }
    };
    Ok(Chosen { filter: Filter::read(form), among })
}

/// The families that a form means, by name, without those on the list.
async fn candidates(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (round, lines): (&Round, &[RoundLine]),
    (chosen, first, shown): (Chosen, &BTreeSet<Person>, usize),
) -> Result<(Vec<Family>, Vec<(String, String)>), Fault> {
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let (now, day) = (config.clock.now(), round.terms.date);
    let picked = store.families(&officer.desk, reader, LIST, now, |families| {
        let hamlets = hamlets(&families).into_iter();
        let hamlets = hamlets.map(|hamlet| (hamlet.clone(), hamlet)).collect();
        let listed = |family: &Family| lines.iter().any(|line| line.family == family.person);
        let among = |family: &Family| {
            chosen.among.as_ref().is_none_or(|among| among.contains(&family.person))
        };
        let mut taken: Vec<Family> = families
            .all
            .into_iter()
            .filter(|family| chosen.filter.takes(family, day) && !listed(family) && among(family))
            .collect();
        taken.sort_by_cached_key(|family| (!first.contains(&family.person), by_name(family)));
        let number = taken.len().min(shown);
        ((taken, hamlets), number)
    });
    picked.await.map_err(Fault::internal)
}

async fn served(
    officer: &Officer,
    store: &Store,
    round: &Round,
    families: &[Family],
) -> Result<Vec<Person>, Fault> {
    let persons: Vec<Person> = families.iter().map(|family| family.person.clone()).collect();
    let of = (&round.terms.programme, &round.terms.round);
    let served = store.served_in_round(&officer.desk, of, &persons).await;
    Ok(served.map_err(Fault::internal)?.into_iter().collect())
}

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    of: (&Round, &[RoundLine]),
    (form, chosen): (FormView, Chosen),
) -> Result<Page, Fault> {
    let round = of.0;
    let absent = absent_before(officer, store, round).await?;
    let chosen = (chosen, &absent, MOST);
    let (families, hamlets) = candidates(officer, store, config, of, chosen).await?;
    let served = served(officer, store, round, &families).await?;
    let day = round.terms.date;
    let rows = families.iter().take(MOST).map(|family| Candidate {
        id: family.person.to_string(),
        name: family.record.full_name.clone(),
        hamlet: family.record.hamlet.clone(),
        categories: category_keys(&family.record.categories_on(day)),
        served: served.contains(&family.person),
        absent: absent.contains(&family.person),
    });
    let rows: Vec<Candidate> = rows.collect();
    let earlier = store.rounds(&officer.desk).await.map_err(Fault::internal)?;
    let earlier: Vec<(String, String)> = earlier
        .iter()
        .filter(|other| other.id != round.id)
        .map(|other| {
            let shown = super::terms::shown(officer, other);
            (other.id.to_string(), shown.title())
        })
        .collect();
    Ok(crate::web::desk::page(
        officer,
        "desk/rounds/choosing.html",
        context! {
            form => form
                .with("version", round.version.to_string())
                .with("free", (families.len() - served.len()).to_string()),
            round => minijinja::value::Serde(super::terms::shown(officer, round)),
            frozen => round.is_frozen(),
            found => families.len(),
            free => families.len() - served.len(),
            shown => rows.len(),
            any_served => !served.is_empty(),
            rows => minijinja::value::Serde(rows),
            hamlets,
            absent => !absent.is_empty(),
            earlier,
            categories => words("category", CATEGORIES),
        },
    ))
}

/// Looks for families, or puts them on the list.
#[post("/ban/dot-cap-phat/<id>/chon", data = "<fields>")]
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
    let (round, lines) = find(&officer, store, id).await?;
    let of = (&round, lines.as_slice());
    let version: u64 = form.hidden("version")?;
    let mut status = Status::Ok;
    if matches!(form.typed("step"), "all" | "ticked") {
        let wanted = wanted(&officer, store, config, of, &mut form).await?;
        if let Ok(placed) = wanted {
            let (of, now) = ((&round.id, version), config.clock.now());
            match store.place_families(&officer.desk, of, (&placed, &[]), now).await {
                Ok(()) => return Ok(Answer::go(format!("{}?luu=1", path(&round.id)))),
                Err(fault) => form.note_form(refused(fault)?, []),
            };
        }
        status = Status::UnprocessableEntity;
    }
    let chosen = chosen(&officer, store, (&round, &form)).await?;
    let view = FormView::again(&officer.form_secret(), &action(&round.id), &form);
    let page = page(&officer, store, config, of, (view, chosen)).await?;
    Ok(page.status(status).into())
}

/// The families to put on the list, each with the amount, and the reason where one is needed.
async fn wanted(
    officer: &Officer,
    store: &Store,
    config: &Config,
    of: (&Round, &[RoundLine]),
    form: &mut Submission,
) -> Result<Result<Vec<Placed>, Noted>, Fault> {
    let amount = match form.typed("amount").trim() {
        "" | "0" if of.0.terms.goods.is_some() => Ok(Money::ZERO),
        _ => form.money("amount", &officer.books.currency()),
    };
    let amount = amount.and_then(|money: Money| match Amount::new(money) {
        None if money.is_positive() => Err(form.note("amount", "fault-amount-large")),
        _ => Ok(money),
    });
    let reason = form.optional_text("reason", 200);
    let all = form.typed("step") == "all";
    let ticked: Vec<Person> = form.list("family").into_iter().flat_map(str::parse).collect();
    let chosen = (chosen(officer, store, (of.0, form)).await?, &BTreeSet::new(), 0);
    let (families, _) = candidates(officer, store, config, of, chosen).await?;
    let served = served(officer, store, of.0, &families).await?;
    let taken: Vec<&Family> = families
        .iter()
        .filter(|family| match all {
            true => !served.contains(&family.person),
            false => ticked.contains(&family.person),
        })
        .collect();
    let (Ok(amount), Ok(reason)) = (amount, reason) else { return Ok(Err(Noted)) };
    if taken.is_empty() {
        return Ok(Err(form.note("family", "fault-choose")));
    }
    // Another filter than the one whose number the button named.
    if all && form.typed("free") != taken.len().to_string() {
        return Ok(Err(form.note("family", "rounds-found-changed")));
    }
    let again = |family: &Family| served.contains(&family.person);
    if reason.is_none() && taken.iter().any(|family| again(family)) {
        return Ok(Err(form.note("reason", "rounds-reason-needed")));
    }
    let placed = |family: &&Family| Placed {
        family: family.person.clone(),
        amount,
        reason: reason.clone().filter(|_| again(family)),
    };
    Ok(Ok(taken.iter().map(placed).collect()))
}
