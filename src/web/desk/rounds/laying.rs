//! A list becomes vouchers: one `aid_paid` with a line a family, one `goods_distributed`, or both,
//! several of each where one would be too long, all laid for approval or none. From then on the
//! list is frozen.

use minijinja::value::Value;
use rocket::http::Status;
use rocket::{State, post};

use super::{LIST, find, path, refused};
use crate::ledger::disclosure::{Digests, DisclosureFault};
use crate::ledger::entry::SignedVoucher;
use crate::ledger::keys::SignatureRole;
use crate::ledger::voucher::{
    AidLine, AidPaid, Body, Counts, GoodsDistributed, GoodsLine, Voucher,
};
use crate::ledger::word::{Amount, List};
use crate::money::{Money, signed_quantity};
use crate::store::Store;
use crate::store::desk::register::Families;
use crate::store::desk::rounds::{Goods, Round, RoundLine, Terms};
use crate::store::desk::vault::{Purpose, Reader};
use crate::store::facade::RoundVoucher;
use crate::store::{RecordFault, desk};
use crate::web::desk::families::directory::category;
use crate::web::desk::goods_words::{item_name, with_unit};
use crate::web::desk::payments::counts;
use crate::web::desk::sealed::Sealed;
use crate::web::desk::slip::{new_id, preview, sign};
use crate::web::desk::{Answer, refusals};
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault};

/// The form of the button.
pub const FORM: &[Field] = &[Field::one("version", "field-id")];

/// The most lines of a voucher.
pub const MOST_LINES: usize = 400;
/// The most bytes of a voucher's lines: what a leaf holds, without what else stands in it.
const MOST_BYTES: usize = 60_000;
/// The bytes of a line at most, without its goods: two digests and an amount.
const LINE: usize = 128;
/// The bytes of a reason's digest.
const REASON: usize = 46;

/// The path of the button.
#[must_use]
pub fn action(id: &crate::ledger::word::Person) -> String {
    format!("{}/lap-phieu", path(id))
}

/// What the families on a list still lack.
#[derive(Debug)]
pub struct Left<'l> {
    terms: &'l Terms,
    /// Those for whom a voucher of money is to be made.
    pub money: Vec<&'l RoundLine>,
    /// Those for whom a voucher of goods is to be made.
    pub goods: Vec<&'l RoundLine>,
    /// How many of the list lack anything.
    pub families: usize,
}

impl<'l> Left<'l> {
    /// What the families on a list still lack.
    #[must_use]
    pub fn of(terms: &'l Terms, lines: &'l [RoundLine]) -> Self {
        let lacks = |line: &&RoundLine| line.lacks_money() || line.lacks_goods(terms);
        Self {
            terms,
            money: lines.iter().filter(|line| line.lacks_money()).collect(),
            goods: lines.iter().filter(|line| line.lacks_goods(terms)).collect(),
            families: lines.iter().filter(lacks).count(),
        }
    }

    /// Whether an officer may make these vouchers: goods a caseworker, too, money a recorder alone.
    #[must_use]
    pub fn may_be_laid_by(&self, officer: &Officer) -> bool {
        self.money.is_empty() || officer.may_record()
    }

    /// The lines of each voucher, those of money first, with the goods that each family gets.
    #[must_use]
    pub fn vouchers(&self) -> Vec<(Option<&'l Goods>, Vec<&'l RoundLine>)> {
        let money = parts(&self.money, LINE).into_iter().map(|part| (None, part));
        let goods = self.terms.goods.as_ref().into_iter().flat_map(|own| {
            parts(&self.goods, line_bytes(own)).into_iter().map(move |part| (Some(own), part))
        });
        money.chain(goods).collect()
    }
}

/// The bytes of a line of goods at most.
fn line_bytes(goods: &Goods) -> usize {
    let items = serde_json::to_string(&goods.items).map_or(MOST_BYTES, |items| items.len());
    LINE + items
}

/// The lines of each voucher: as few vouchers as there can be, of nearly equal length, so that none
/// is so short that it points to somebody.
fn parts<'l>(lines: &[&'l RoundLine], line_bytes: usize) -> Vec<Vec<&'l RoundLine>> {
    if lines.is_empty() {
        return Vec::new();
    }
    let bytes = |part: &[&RoundLine]| {
        let of = |line: &&RoundLine| line_bytes + line.reason.as_ref().map_or(0, |_| REASON);
        part.iter().map(of).sum::<usize>()
    };
    let fewest = lines.len().div_ceil(MOST_LINES);
    for number in fewest..=lines.len() {
        let cut: Vec<&[&RoundLine]> = (0..number)
            .map(|part| &lines[part * lines.len() / number..(part + 1) * lines.len() / number])
            .collect();
        let fits = |part: &&[&RoundLine]| part.len() <= MOST_LINES && bytes(part) <= MOST_BYTES;
        if cut.iter().all(fits) {
            return cut.into_iter().map(<[&RoundLine]>::to_vec).collect();
        }
    }
    lines.iter().map(|line| vec![*line]).collect()
}

/// Freezes the list, and lays its vouchers for approval.
#[post("/ban/dot-cap-phat/<id>/lap-phieu", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    id: &str,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let (round, lines) = find(&officer, store, id).await?;
    let version: u64 = form.hidden("version")?;
    // A second click finds the vouchers that the first one made.
    let left = Left::of(&round.terms, &lines).families;
    if version != round.version && !lines.is_empty() && left == 0 {
        return Ok(Answer::go(path(&round.id)));
    }
    let done = laid(&officer, store, config, (&round, &lines, version), &mut form).await?;
    if done.is_ok() {
        return Ok(Answer::go(format!("{}?moi=1", path(&round.id))));
    }
    let view = FormView::again(&officer.form_secret(), &action(&round.id), &form);
    let forms = super::list::Forms { lay: Some(view), ..Default::default() };
    let page = super::list::page(&officer, store, config, id, (forms, 1, None)).await?;
    Ok(page.status(Status::UnprocessableEntity).into())
}

async fn laid(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (round, lines, version): (&Round, &[RoundLine], u64),
    form: &mut Submission,
) -> Result<Result<(), Noted>, Fault> {
    let left = Left::of(&round.terms, lines);
    let (now, reader) =
        (config.clock.now(), Reader { person: &officer.person, purpose: Purpose::Desk });
    let number = left.families;
    let families = store.families(&officer.desk, reader, LIST, now, |all| (all, number));
    let families = families.await.map_err(Fault::internal)?;
    if round.terms.goods.is_none() && lines.iter().any(|line| !line.amount.is_positive()) {
        return Ok(Err(form.note_form("rounds-line-nothing", [])));
    }
    if left.families == 0 {
        return Ok(Err(form.note_form("rounds-empty", [])));
    }
    if !left.may_be_laid_by(officer) {
        return Ok(Err(form.note_form("rounds-lay-who", [])));
    }
    if let Err(noted) = enough(officer, round, &left, form) {
        return Ok(Err(noted));
    }
    let mut vouchers = Vec::new();
    for part in left.vouchers() {
        let made = match made(officer, round, &part, &families) {
            Ok(made) => made,
            Err(Unmade::HeldBack) => return Ok(Err(form.note_form("rounds-held-back", []))),
            Err(Unmade::Fault(fault)) => return Err(fault),
        };
        match preview(officer, store, &made.signed.voucher, now).await {
            Ok(_) => vouchers.push(made),
            Err(RecordFault::Refused(refusal)) => {
                let refusal = refusals::named(&refusal, &officer.books);
                return Ok(Err(refusals::note(form, &refusal, FORM)));
            }
            Err(fault) => return Err(refusals::fault(fault)),
        }
    }
    let of = (&round.id, version);
    match store.lay_round(&officer.desk, of, &vouchers, &officer.person, now).await {
        Ok(()) => Ok(Ok(())),
        Err(fault @ desk::DeskFault::Refused(_)) => Ok(Err(form.note_form(refused(fault)?, []))),
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// Whether place, fund and store hold enough for all vouchers together; the books say of each
/// alone.
fn enough(
    officer: &Officer,
    round: &Round,
    left: &Left<'_>,
    form: &mut Submission,
) -> Result<(), Noted> {
    let Some(total) = Money::sum(left.money.iter().map(|line| line.amount)) else {
        return Err(form.note_form("rounds-too-large", []));
    };
    let (books, terms) = (&officer.books, &round.terms);
    let place = books.register().places().get(&terms.place);
    let there = place.map_or(Money::ZERO, |place| place.balance);
    let least = there.min(books.fund_money(&terms.fund));
    if total.is_positive() && total > least {
        let least = [("most", Value::from(least.minor()))];
        return Err(form.note_form("rounds-too-little", least));
    }
    let Some(goods) = &terms.goods else { return Ok(()) };
    for line in goods.items.iter() {
        let shelf = (goods.store.clone(), goods.fund.clone(), line.item.clone());
        let there = books.stock().total(&shelf).quantity;
        let families = i64::try_from(left.goods.len()).unwrap_or(i64::MAX);
        if line.quantity.thousandths().saturating_mul(families) > there {
            let code = line.item.as_str();
            let most = with_unit(books, code, &signed_quantity(there));
            let about = [("item", item_name(books, code).into()), ("most", most.into())];
            return Err(form.note_form("rounds-too-few-goods", about));
        }
    }
    Ok(())
}

/// Why a voucher was not made.
enum Unmade {
    /// A family on the list is held back: its name may not be read.
    HeldBack,
    Fault(Fault),
}

impl From<DisclosureFault> for Unmade {
    fn from(fault: DisclosureFault) -> Self {
        Self::Fault(Fault::internal(fault))
    }
}

/// A voucher of some lines, of money or of goods, signed by its recorder.
fn made(
    officer: &Officer,
    round: &Round,
    (goods, part): &(Option<&Goods>, Vec<&RoundLine>),
    families: &Families,
) -> Result<RoundVoucher, Unmade> {
    let terms = &round.terms;
    let id = new_id();
    let mut sealed = Sealed::of(id.clone());
    let (mut lines, mut categories, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for line in part {
        let family = families.get(&line.family).ok_or(Unmade::HeldBack)?;
        let category = category(family, terms.date);
        let name = &family.record.full_name;
        let digests = sealed.registered(&line.family, name, category.as_str())?;
        if let Some(reason) = &line.reason {
            reasons.push(sealed.again(&line.family, reason)?);
        }
        lines.push((digests, line.amount));
        categories.push(category);
    }
    lines.sort_by_key(|(digests, _)| digests.as_slice().first().cloned());
    let private = if reasons.is_empty() { None } else { Some(Digests::sorted(reasons)?) };
    let counts = counts(&categories);
    let body = body(terms, *goods, lines, (counts, private));
    let body = body.ok_or(Unmade::Fault(Fault::NotFound))?;
    let voucher = Voucher {
        by: officer.office.key.clone(),
        date: terms.date,
        id,
        log: officer.desk.origin.clone(),
        note: None,
        body,
    };
    voucher.check_form().map_err(|fault| Unmade::Fault(Fault::internal(fault)))?;
    let key = officer.key().map_err(Unmade::Fault)?;
    let signature = sign(SignatureRole::Recorder, &key, &voucher).map_err(Unmade::Fault)?;
    Ok(RoundVoucher {
        signed: SignedVoucher { voucher, signatures: vec![signature] },
        private: sealed.values(),
        families: part.iter().map(|line| line.family.clone()).collect(),
    })
}

/// What a voucher says of its lines; `None` for none, too many, or one without an amount.
fn body(
    terms: &Terms,
    goods: Option<&Goods>,
    lines: Vec<(Digests, Money)>,
    (counts, private): (Option<Counts>, Option<Digests>),
) -> Option<Body> {
    let (programme, round) = (terms.programme.clone(), Some(terms.round.clone()));
    if let Some(Goods { store, fund, items }) = goods {
        let line = |(digests, _)| GoodsLine { items: items.clone(), private: Some(digests) };
        let body = GoodsDistributed {
            store: store.clone(),
            fund: fund.clone(),
            programme,
            round,
            lines: List::new(lines.into_iter().map(line).collect())?,
            counts,
            allow_expired: None,
            private,
        };
        return Some(body.into());
    }
    let line =
        |(digests, amount)| Some(AidLine { amount: Amount::new(amount)?, private: Some(digests) });
    let body = AidPaid {
        place: terms.place.clone(),
        fund: terms.fund.clone(),
        programme,
        round,
        lines: List::new(lines.into_iter().map(line).collect::<Option<_>>()?)?,
        counts,
        gifts: None,
        papers: None,
        private,
    };
    Some(body.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::store::desk::rounds::Part;

    fn lines(number: usize, reason: Option<&str>) -> Vec<RoundLine> {
        let line = |at: usize| RoundLine {
            family: format!("{at:016x}").parse().unwrap(),
            amount: Money::new(100_000).unwrap(),
            reason: reason.map(str::to_owned),
            money: Part::default(),
            goods: Part::default(),
        };
        (0..number).map(line).collect()
    }

    #[test]
    fn vouchers_are_few_of_equal_length_and_hold_everybody_once() {
        for (number, reason, expected) in [
            (0, None, vec![]),
            (1, None, vec![1]),
            (400, None, vec![400]),
            (401, None, vec![200, 201]),
            (1_200, None, vec![400, 400, 400]),
            (400, Some("x"), vec![200, 200]),
        ] {
            let lines = lines(number, reason);
            let parts = parts(&lines.iter().collect::<Vec<_>>(), LINE);
            assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), expected, "{number}");
            assert_eq!(parts.concat(), lines.iter().collect::<Vec<_>>());
        }
    }
}
