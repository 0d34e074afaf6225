//! "Hộ vắng mặt": what families that did not come were to get goes back, one `handover_returned`
//! for each voucher concerned, laid for approval together. Who was absent is known to the desk
//! alone; the ledger says how many.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};

use super::list::{PER_PAGE, Row, rows};
use super::{LIST, find, goods, path, refused};
use crate::ledger::entry::SignedVoucher;
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{HandoverReturned, LineRef, Voucher, VoucherId};
use crate::ledger::word::{Amount, Date, Number, Person};
use crate::money::Money;
use crate::store::desk::DeskFault;
use crate::store::desk::rounds::{Part, Round, RoundLine};
use crate::store::desk::vault::{Purpose, Reader};
use crate::store::facade::RoundReturn;
use crate::store::{RecordFault, Store};
use crate::web::desk::receipts::date;
use crate::web::desk::slip::{new_id, preview, sign};
use crate::web::desk::{Answer, refusals};
use crate::web::forms::{Field, FormView, ManyFields, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

const FORM: &[Field] = &[
    Field::one("version", "field-id"),
    Field::one("date", "field-date"),
    Field::one("page", "field-id"),
    Field::list("family", "rounds-absent-who"),
];

fn action(id: &Person) -> String {
    format!("{}/vang-mat", path(id))
}

/// The vouchers of a round that are recorded, each with the seq of its entry.
type Handed = BTreeMap<VoucherId, u64>;

async fn handed(officer: &Officer, store: &Store, lines: &[RoundLine]) -> Result<Handed, Fault> {
    let parts = lines.iter().flat_map(|line| [&line.money, &line.goods]);
    let vouchers: BTreeSet<&VoucherId> = parts.filter_map(|part| part.voucher.as_ref()).collect();
    let mut handed = BTreeMap::new();
    for voucher in vouchers {
        let draft = store.draft(&officer.desk, voucher).await.map_err(Fault::internal)?;
        if let Some(seq) = draft.and_then(|draft| draft.seq) {
            handed.insert(voucher.clone(), seq);
        }
    }
    Ok(handed)
}

/// The recorded voucher of a part that did not come back.
fn out<'p>(part: &'p Part, handed: &Handed) -> Option<&'p VoucherId> {
    let standing = part.served && part.returned.is_none();
    part.voucher.as_ref().filter(|voucher| standing && handed.contains_key(*voucher))
}

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (round, lines): (&Round, &[RoundLine]),
    (form, at): (FormView, usize),
) -> Result<Page, Fault> {
    let handed = handed(officer, store, lines).await?;
    let is_out = |line: &&RoundLine| {
        [&line.money, &line.goods].iter().any(|part| out(part, &handed).is_some())
    };
    let served: BTreeSet<&str> =
        lines.iter().filter(is_out).map(|line| line.family.as_str()).collect();
    let pages = served.len().div_ceil(PER_PAGE).max(1);
    let at = at.clamp(1, pages);
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let rows = store.families(&officer.desk, reader, LIST, config.clock.now(), |families| {
        // Numbered as on the printed sheet, where whoever did not sign is found.
        let rows = rows(&round.terms, lines, &families).into_iter();
        let rows = rows.filter(|row| served.contains(row.id.as_str()));
        let rows: Vec<Row> = rows.skip((at - 1) * PER_PAGE).take(PER_PAGE).collect();
        let number = rows.len();
        (rows, number)
    });
    let rows: Vec<Row> = rows.await.map_err(Fault::internal)?;
    Ok(crate::web::desk::page(
        officer,
        "desk/rounds/absent.html",
        context! {
            at,
            last => pages,
            form => form.with("page", at.to_string()).with("version", round.version.to_string()),
            round => minijinja::value::Serde(super::terms::shown(officer, round)),
            rows => minijinja::value::Serde(rows),
        },
    ))
}

/// The families that recorded vouchers of the round serve.
#[get("/ban/dot-cap-phat/<id>/vang-mat?<trang>")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    trang: Option<usize>,
) -> Result<Page, Fault> {
    let officer = officer.0;
    let (round, lines) = find(&officer, kept.0, id).await?;
    let form = FormView::blank(&officer.form_secret(), &action(&round.id), FORM)
        .with("date", officer.today.format("%d/%m/%Y").to_string());
    page(&officer, kept.0, config, (&round, &lines), (form, trang.unwrap_or(1))).await
}

/// Lays what brings back the parts of the families that are ticked.
#[post("/ban/dot-cap-phat/<id>/vang-mat", data = "<fields>")]
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
    let version: u64 = form.hidden("version")?;
    let ticked: BTreeSet<Person> = form.list("family").into_iter().flat_map(str::parse).collect();
    // A second click finds the vouchers that the first one made.
    if version != round.version && all_absent(&lines, &ticked) {
        return Ok(Answer::go(path(&round.id)));
    }
    let of = (&round, lines.as_slice(), version);
    if laid(&officer, store, config, of, (&mut form, &ticked)).await?.is_ok() {
        return Ok(Answer::go(format!("{}?moi=vang", path(&round.id))));
    }
    let view = FormView::again(&officer.form_secret(), &action(&round.id), &form);
    let at = form.typed("page").parse().unwrap_or(1);
    let page = page(&officer, store, config, (&round, &lines), (view, at)).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

/// Whether all that are ticked are known to be absent, and there is one.
fn all_absent(lines: &[RoundLine], ticked: &BTreeSet<Person>) -> bool {
    let mut named = lines.iter().filter(|line| ticked.contains(&line.family)).peekable();
    named.peek().is_some() && named.all(RoundLine::is_absent)
}

async fn laid(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (round, lines, version): (&Round, &[RoundLine], u64),
    (form, ticked): (&mut Submission, &BTreeSet<Person>),
) -> Result<Result<(), Noted>, Fault> {
    let Ok(date) = date(form, "date") else { return Ok(Err(Noted)) };
    let (now, handed) = (config.clock.now(), handed(officer, store, lines).await?);
    let mut vouchers = Vec::new();
    for (handover, seq) in &handed {
        let absent = |line: &&RoundLine| {
            let parts = [&line.money, &line.goods];
            ticked.contains(&line.family)
                && parts.iter().any(|part| out(part, &handed) == Some(handover))
        };
        let absent: Vec<&RoundLine> = lines.iter().filter(absent).collect();
        if absent.is_empty() {
            continue;
        }
        let made = made(officer, round, (handover, *seq, date), &absent)?;
        match preview(officer, store, &made.signed.voucher, now).await {
            Ok(_) => vouchers.push(made),
            Err(RecordFault::Refused(refusal)) => {
                let refusal = refusals::named(&refusal, &officer.books);
                return Ok(Err(refusals::note(form, &refusal, FORM)));
            }
            Err(fault) => return Err(refusals::fault(fault)),
        }
    }
    if vouchers.is_empty() {
        return Ok(Err(form.note("family", "fault-choose")));
    }
    let of = (&round.id, version);
    match store.lay_absent(&officer.desk, of, &vouchers, &officer.person, now).await {
        Ok(()) => Ok(Ok(())),
        Err(fault @ DeskFault::Refused(_)) => Ok(Err(form.note_form(refused(fault)?, []))),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// The voucher that brings back what one handover gave to some families, signed by its recorder.
fn made(
    officer: &Officer,
    round: &Round,
    (handover, seq, date): (&VoucherId, u64, Date),
    absent: &[&RoundLine],
) -> Result<RoundReturn, Fault> {
    let large = || Fault::internal("a sum of lines is larger than the voucher that holds them");
    let of_goods = absent.iter().all(|line| line.goods.voucher.as_ref() == Some(handover));
    let (mut amount, mut items) = (None, None);
    match round.terms.goods.as_ref().filter(|_| of_goods) {
        Some(own) => items = Some(goods::together(own, absent.len()).ok_or_else(large)?),
        None => {
            let sum = Money::sum(absent.iter().map(|line| line.amount)).and_then(Amount::new);
            amount = Some(sum.ok_or_else(large)?);
        }
    }
    let lines = u64::try_from(absent.len()).ok().and_then(Number::new).ok_or_else(large)?;
    let of = LineRef::Entry(officer.books.reference(seq));
    let body = HandoverReturned { of, amount, items, lines, place: None, private: None };
    let voucher = Voucher {
        by: officer.office.key.clone(),
        date,
        id: new_id(),
        log: officer.desk.origin.clone(),
        note: None,
        body: body.into(),
    };
    voucher.check_form().map_err(Fault::internal)?;
    let signature = sign(SignatureRole::Recorder, &officer.key()?, &voucher)?;
    Ok(RoundReturn {
        signed: SignedVoucher { voucher, signatures: vec![signature] },
        handover: handover.clone(),
        families: absent.iter().map(|line| line.family.clone()).collect(),
    })
}
