//! `/<chapter>/von-vay`: the funds that lend, what became of their money, and every loan without a
//! name; `/<chapter>/von-vay/<place>`: one loan.
//!
//! Who borrows, what is due when and who is late is private: nothing of it is known here.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use minijinja::value::Value;
use rocket::{FromForm, get};

use super::entry::seq;
use super::home::{months, page};
use super::ledgers::{Ledgers, read};
use super::pictures::{LENT, Row, picture};
use super::{lent, told};
use crate::books::effects::GiftId;
use crate::books::portfolio::{
    Capital, LoanAccount, LoanName, Move, State, Turnover, by_year, in_all, names, times_lent,
};
use crate::ledger::voucher::{Body, FundType, Kind};
use crate::ledger::word::Code;
use crate::money::Money;
use crate::store::facade::{LentPart, View};
use crate::web::guards::Once;
use crate::web::{Fault, Page};

/// Loans on a page.
const LOANS: usize = 50;
/// The years that the picture shows; the table has all.
const YEARS: usize = 8;
/// The gifts that a loan's page leads to.
const GIFTS: usize = 30;
/// Fewest running loans of which figures about lateness are shown.
const FEWEST: u64 = 5;

/// What the address asks for.
#[derive(Debug, FromForm)]
pub struct Asked<'r> {
    /// The fund whose loans are listed; all when it is left out.
    quy: Option<&'r str>,
    trang: Option<&'r str>,
}

impl Asked<'_> {
    fn fund(&self, funds: &[Code]) -> Result<Option<Code>, Fault> {
        let Some(text) = self.quy.filter(|text| !text.is_empty()) else { return Ok(None) };
        let found = funds.iter().find(|code| code.as_str() == text);
        found.cloned().map(Some).ok_or(Fault::NotFound)
    }

    /// The page of loans, from 1.
    fn place(&self) -> Result<usize, Fault> {
        let Some(text) = self.trang.filter(|text| !text.is_empty()) else { return Ok(1) };
        let place = text.parse().ok().filter(|place: &usize| place.to_string() == text);
        place.filter(|place| *place > 0).ok_or(Fault::NotFound)
    }
}

/// The funds that lend, by code.
#[must_use]
pub fn funds(view: &View) -> Vec<Code> {
    let all = view.books.register().funds().iter();
    let own = all.filter(|(_, own)| own.fund.r#type == FundType::Revolving);
    own.map(|(code, _)| code.clone()).collect()
}

/// The funds that lend, and their loans.
#[get("/<chapter>/von-vay?<asked..>", rank = 19)]
pub async fn revolving(
    chapter: &str,
    asked: Asked<'_>,
    _once: Once,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let (store, size) = (ledgers.store(), view.size());
    let codes = funds(&view);
    let (chosen, place) = (asked.fund(&codes)?, asked.place()?);
    let loans = store.loans(view.chapter, size).await.map_err(read)?;
    let names = names(&loans);
    let mut told = Vec::with_capacity(codes.len());
    for code in &codes {
        let capital = store.capital(view.chapter, code, size).await.map_err(read)?;
        let own: Vec<&LoanAccount> = loans.iter().filter(|loan| loan.fund == *code).collect();
        told.push(fund(&view, code, &capital, &own));
    }
    let mut listed: Vec<&LoanAccount> =
        loans.iter().filter(|loan| chosen.as_ref().is_none_or(|fund| *fund == loan.fund)).collect();
    listed.sort_by_key(|loan| std::cmp::Reverse((loan.disbursed, loan.loan)));
    let pages = listed.len().div_ceil(LOANS).max(1);
    if place > pages {
        return Err(Fault::NotFound);
    }
    let shown = &listed[(place - 1) * LOANS..listed.len().min(place * LOANS)];
    let context = context! {
        funds => told,
        loans => shown.iter().map(|loan| line(&view, loan, &names)).collect::<Vec<_>>(),
        fees => listed.iter().any(|loan| loan.fee_total.is_positive()),
        count => listed.len(),
        chosen => chosen.as_ref().map(|code| told::fund(&view.books, code.as_str())),
        place,
        pages,
        late => late(&view, &ledgers).await?,
        months => months(&view.books),
    };
    let fund = chosen.as_ref().map_or("", |code| code.as_str());
    let state = format!("{}-{fund}-{place}", view.state());
    Ok(page(&view, "public/revolving.html", context).of_state(state))
}

/// A sum of amounts with their signs.
fn sum(amounts: impl IntoIterator<Item = Money>) -> Money {
    Money::sum(amounts).unwrap_or_default()
}

/// What was lent in all, and the part of it that ran when the books began.
#[must_use]
pub fn lent_with_carried(loans: &[&LoanAccount]) -> (Money, Money) {
    let carried = loans.iter().filter(|loan| loan.approval.is_none());
    let carried = sum(carried.filter_map(|loan| loan.moves.first()).map(|own| own.principal));
    (sum([in_all(loans).lent, carried]), carried)
}

/// The figures of one fund.
fn fund(view: &View, code: &Code, capital: &Capital, loans: &[&LoanAccount]) -> Value {
    let books = &view.books;
    let all = in_all(loans);
    let (lent, carried) = lent_with_carried(loans);
    let waiting = books.loans().approved().filter(|(_, own)| own.fund == *code).count();
    let reserved = books.loans().reserved(code);
    context! {
        fund => told::fund(books, code.as_str()),
        given => capital.given().minor(),
        parts => [
            ("lent-opening-balance", capital.opening.minor()),
            ("lent-donated", capital.donated.minor()),
            ("lent-supported", capital.supported.minor()),
            ("lent-returned-gifts", capital.returned.negated().minor()),
            ("lent-moved", capital.moved.minor()),
        ],
        fees => capital.fees.minor(),
        other => capital.other.minor(),
        spent => capital.spent.minor(),
        lost => sum([capital.written_off, capital.recovered.negated()]).minor(),
        written_off => capital.written_off.minor(),
        recovered => capital.recovered.minor(),
        lent => lent.minor(),
        carried => carried.minor(),
        outstanding => capital.loans.minor(),
        running => loans.iter().filter(|loan| loan.owed().is_positive()).count(),
        repaid => all.repaid.minor(),
        money => capital.money.minor(),
        stock => capital.stock.minor(),
        reserved => reserved.minor(),
        waiting,
        times => times_lent(lent, capital.given()).map(lent::tenths),
        made => all.loans,
        families => loans.len(),
        rate => all.repayment_rate().map(lent::tenths),
        years => years(view, code, loans),
    }
}

/// What was lent and came back year by year, with the picture.
fn years(view: &View, code: &Code, loans: &[&LoanAccount]) -> Value {
    let known = by_year(loans);
    let (Some(first), Some(last)) = (known.keys().next(), known.keys().next_back()) else {
        return Value::from(());
    };
    let all: Vec<(i32, Turnover)> = (*first..=*last)
        .map(|year| (year, known.get(&year).copied().unwrap_or_default()))
        .filter(|(_, own)| *own != Turnover::default() || known.len() < YEARS)
        .collect();
    // The entries that changed what is owed, in a year.
    let href =
        |year: &i32| format!("/{}/cong-khai?ky={year:04}&quy={code}&khoan=vay", view.origin.slug());
    let bars = all[all.len().saturating_sub(YEARS)..].iter().map(|(year, own)| Row {
        name: year.to_string(),
        href: Some(href(year)),
        amounts: vec![own.lent.minor(), own.repaid.minor()],
    });
    context! {
        picture => picture(&LENT, &bars.collect::<Vec<_>>()),
        rows => all.iter().rev().map(|(year, own)| context! {
            year,
            href => href(year),
            loans => own.loans,
            lent => own.lent.minor(),
            repaid => own.repaid.minor(),
            fees => own.fees.minor(),
            written_off => own.written_off.minor(),
            recovered => own.recovered.minor(),
        }).collect::<Vec<_>>(),
        fees => all.iter().any(|(_, own)| own.fees != Money::ZERO),
        losses => all.iter().any(|(_, own)| own.written_off != Money::ZERO),
    }
}

/// What officers signed about lateness when they closed the last month; nothing where few run.
async fn late(view: &View, ledgers: &Ledgers<'_>) -> Result<Option<Value>, Fault> {
    let Some((month, seq, _)) = view.books.closings().last() else { return Ok(None) };
    let known = ledgers.store().known_entry(view.chapter, *seq, view.size()).await;
    let known = known.map_err(read)?;
    let Some(Body::PeriodClosed(body)) = known.as_ref().map(|own| &own.entry.voucher().body) else {
        return Ok(None);
    };
    let figures = body.loans.as_ref().filter(|own| own.running.get() >= FEWEST);
    Ok(figures.map(|own| {
        context! {
            month => month.to_string(),
            seq,
            running => own.running.get(),
            par30 => own.par30.money().minor(),
            par90 => own.par90.money().minor(),
        }
    }))
}

/// A loan in the list.
fn line(view: &View, loan: &LoanAccount, names: &BTreeMap<GiftId, LoanName>) -> Value {
    let name = names.get(&loan.loan).copied();
    context! {
        name => lent::name(name),
        address => lent::address(loan.loan, name),
        seq => loan.loan.seq,
        day => loan.disbursed.to_string(),
        fund => told::fund(&view.books, loan.fund.as_str()),
        purpose => format!("word-purpose-{}", loan.purpose.as_str().replace('_', "-")),
        principal => loan.principal.minor(),
        fee => loan.fee_total.minor(),
        repaid => loan.repaid.minor(),
        owed => loan.owed().minor(),
        state => lent::state(loan),
    }
}

/// The loan that an address names.
fn named(place: &str) -> Result<(GiftId, bool), Fault> {
    match place.split_once('.') {
        None => Ok((GiftId { seq: seq(place)?, line: 0 }, false)),
        Some((of, line)) => {
            let line = u32::try_from(seq(line)?).map_err(|_| Fault::NotFound)?;
            Ok((GiftId { seq: seq(of)?, line }, true))
        }
    }
}

/// One loan.
#[get("/<chapter>/von-vay/<place>", rank = 19)]
pub async fn loan(chapter: &str, place: &str, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let (id, opening) = named(place)?;
    let (store, size) = (ledgers.store(), view.size());
    let found = store.loans_of(view.chapter, size, &[id.seq]).await.map_err(read)?;
    let own = found.into_iter().find(|own| own.loan == id);
    let own = own.filter(|own| own.approval.is_none() == opening).ok_or(Fault::NotFound)?;
    let names = store.loan_names(view.chapter, &[id]).await.map_err(read)?;
    let name = names.get(&id).copied();
    let sources = store.lent_through(view.chapter, id, size).await.map_err(read)?;
    let approval = match own.approval {
        Some(seq) => store.known_entry(view.chapter, seq, size).await.map_err(read)?,
        None => None,
    };
    let before = own.moves.first().filter(|_| opening);
    let before = before.map(|first| sum([own.principal, first.principal.negated()]));
    let context = context! {
        line => line(&view, &own, &names),
        name => lent::name(name),
        steps => steps(&own),
        approval => own.approval,
        approved => approval.map(|known| known.entry.voucher().date.to_string()),
        opening,
        before => before.filter(|before| before.is_positive()).map(Money::minor),
        fee_paid => own.fee_paid.minor(),
        fee_waived => own.fee_waived.minor(),
        fee_owed => own.fee_owed().minor(),
        written_off => own.written_off.minor(),
        recovered => own.recovered.minor(),
        moves => moves(&own, &view, &ledgers).await?,
        turns => turns(&sources),
        gifts => gifts(&sources),
        months => months(&view.books),
    };
    let state = format!("{}-{place}", view.state());
    Ok(page(&view, "public/loan.html", context).of_state(state))
}

/// How far a loan is: approved, paid out, being repaid, repaid or written off.
fn steps(own: &LoanAccount) -> Vec<Value> {
    let step = |key: &str, state: &str| context! { key => format!("lent-step-{key}"), state };
    let begun = match own.approval {
        Some(_) => [step("approved", "done"), step("paid-out", "done")],
        None => [step("before", "done"), step("opening", "done")],
    };
    let rest = match own.state() {
        State::Running => [step("repaying", "now"), step("settled", "next")],
        State::Settled => [step("repaying", "done"), step("settled", "done")],
        State::WrittenOff => [step("repaying", "done"), step("written-off", "done")],
    };
    begun.into_iter().chain(rest).collect()
}

/// Every entry that moved a loan, oldest first.
async fn moves(own: &LoanAccount, view: &View, ledgers: &Ledgers<'_>) -> Result<Vec<Value>, Fault> {
    let seqs: Vec<u64> = own.moves.iter().map(|own| own.seq).collect();
    let mut numbers = ledgers.store().numbers(view.chapter, &seqs).await.map_err(read)?;
    let told = |own: &Move| {
        let numbers = numbers.remove(&own.seq).unwrap_or_default();
        let (principal, fee) = match own.nature {
            Kind::LoanDisbursed | Kind::OpeningBalance => (own.principal, own.fee),
            Kind::LoanRecovered => (own.lost.negated(), Money::ZERO),
            _ => (own.principal.negated(), own.fee.negated()),
        };
        context! {
            seq => own.seq,
            day => own.day.to_string(),
            numbers => numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            kind => told::kind_key(own.nature),
            reversal => own.reversal,
            principal => principal.minor(),
            fee => fee.minor(),
        }
    };
    Ok(own.moves.iter().map(told).collect())
}

/// What funded a loan by turn: how many gifts, and how much.
fn turns(sources: &[LentPart]) -> Vec<Value> {
    let mut turns: BTreeMap<u32, Vec<&LentPart>> = BTreeMap::new();
    for part in sources {
        turns.entry(part.turn).or_default().push(part);
    }
    let told = |(turn, parts): (u32, Vec<&LentPart>)| {
        let gifts: BTreeSet<GiftId> = parts.iter().map(|part| part.gift).collect();
        let amount = sum(parts.iter().map(|part| part.lent()));
        context! { turn => u64::from(turn) + 1, gifts => gifts.len(), amount => amount.minor() }
    };
    turns.into_iter().map(told).collect()
}

/// The entries of the gifts behind a loan.
fn gifts(sources: &[LentPart]) -> Value {
    let all: BTreeSet<u64> = sources.iter().map(|part| part.gift.seq).collect();
    let more = all.len().saturating_sub(GIFTS);
    context! { seqs => all.into_iter().take(GIFTS).collect::<Vec<_>>(), more }
}
