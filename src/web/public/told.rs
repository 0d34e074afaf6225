//! Vouchers in words, as values for templates: which text, which names, which amounts.
//!
//! Nothing is decided here: keys of texts and the names that the ledger itself gives.

use minijinja::context;
use minijinja::value::Value;

use super::lent;
use crate::books::Books;
use crate::books::accounts::CUSTODY_FUND;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, ItemQuantity, Kind, Lot, PlaceType};
use crate::ledger::word::Code;
use crate::money::Quantity;
use crate::store::facade::{AccountsLine, View};
use crate::store::{Closure, Standing};

/// The key of a kind's name.
#[must_use]
pub fn kind_key(kind: Kind) -> String {
    format!("public-kind-{}", kind.as_str().replace('_', "-"))
}

/// The name of a fund; `None` for `custody`, which has a text of its own, and for unknown ones.
#[must_use]
pub fn fund_name(books: &Books, code: &str) -> Option<String> {
    let code: Code = code.parse().ok()?;
    books.register().funds().get(&code).map(|fund| fund.fund.name.to_string())
}

/// The name of a programme.
#[must_use]
pub fn programme_name(books: &Books, code: &str) -> Option<String> {
    let code: Code = code.parse().ok()?;
    books.register().programmes().get(&code).map(|programme| programme.name.to_string())
}

/// The name that a place was opened with.
#[must_use]
pub fn place_name(books: &Books, code: &str) -> Option<String> {
    let code: Code = code.parse().ok()?;
    let place = books.register().places().get(&code)?;
    place.opened.as_ref().map(|opened| opened.name.to_string())
}

/// A place for templates: its own name, or the key of what it is.
#[must_use]
pub fn place(books: &Books, code: &str) -> Value {
    let key = match code.parse().ok().and_then(|code| books.place_type(&code)) {
        Some(PlaceType::Bank) => "place-bank",
        Some(PlaceType::Advance) => "public-place-advance",
        _ => "place-cash",
    };
    context! { name => place_name(books, code), key }
}

/// A fund for templates: its own name, or the key of what it is.
#[must_use]
pub fn fund(books: &Books, code: &str) -> Value {
    let key = (code == CUSTODY_FUND).then_some("public-custody");
    let name = fund_name(books, code).or_else(|| key.is_none().then(|| code.to_owned()));
    context! { code, name, key }
}

/// Goods of one item: name, quantity as the ledger writes it, unit.
fn told_goods(books: &Books, item: &Code, quantity: Quantity) -> Value {
    let (name, unit) = super::goods::item(books, item.as_str());
    context! { name, quantity => quantity.to_string(), unit }
}

/// Goods that a voucher is about; of a distribution what each family got, where all got the same.
fn goods(books: &Books, body: &Body) -> Vec<Value> {
    let lots = |lots: &[Lot]| -> Vec<Value> {
        lots.iter().map(|lot| told_goods(books, &lot.item, lot.quantity)).collect()
    };
    let items = |items: &[ItemQuantity]| -> Vec<Value> {
        items.iter().map(|line| told_goods(books, &line.item, line.quantity)).collect()
    };
    match body {
        Body::GoodsReceived(body) => lots(&body.lots),
        Body::GoodsPurchased(body) => lots(&body.lots),
        Body::ReceivedFromChapter(body) => body.lots.as_deref().map(lots).unwrap_or_default(),
        Body::GoodsMoved(body) => items(&body.items),
        Body::SentToChapter(body) => body.items.as_deref().map(items).unwrap_or_default(),
        Body::GoodsDistributed(body) => {
            let first = body.lines.first().map(|line| &line.items);
            let same = body.lines.iter().all(|line| Some(&line.items) == first);
            first.filter(|_| same).map(|own| items(own)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// What one line of the accounts says beside its figures: kind, names, counts, remark; of a voucher
/// that moved a loan what it did.
#[must_use]
pub fn words(books: &Books, entry: &Entry, mentions: &lent::Mentions) -> Value {
    let mention = mentions.get(&entry.place());
    let (mut funds, mut programme, mut lines, mut of) = (Vec::new(), None, None, None);
    let mut detail = None;
    match &entry.voucher().body {
        Body::Donation(body) => {
            funds.push(body.fund.to_string());
            detail = Some(format!("public-donor-{}", body.donor.r#type));
        }
        Body::Income(body) => {
            funds.push(body.fund.to_string());
            detail = Some(format!("public-income-{}", body.r#type).replace('_', "-"));
        }
        Body::AidPaid(body) => {
            funds.push(body.fund.to_string());
            programme = Some(body.programme.to_string());
            lines = Some(body.lines.len());
        }
        Body::CostPaid(body) => {
            funds.push(body.fund.to_string());
            programme = body.programme.as_ref().map(ToString::to_string);
            detail = Some(format!("public-cost-{}", body.category).replace('_', "-"));
        }
        Body::Transfer(body) => funds.push(body.fund.to_string()),
        Body::FundTransfer(body) => {
            funds.extend([body.from_fund.to_string(), body.to_fund.to_string()]);
        }
        Body::GoodsReceived(body) => {
            funds.push(body.fund.to_string());
            detail = Some(format!("public-donor-{}", body.donor.r#type));
        }
        Body::GoodsPurchased(body) => funds.push(body.fund.to_string()),
        Body::GoodsDistributed(body) => {
            funds.push(body.fund.to_string());
            programme = Some(body.programme.to_string());
            lines = Some(body.lines.len());
        }
        Body::GoodsMoved(body) => funds.push(body.fund.to_string()),
        Body::SentToChapter(body) => funds.push(body.fund.to_string()),
        Body::ReceivedFromChapter(body) => funds.push(body.fund.to_string()),
        Body::StockCounted(body) => funds.push(body.fund.to_string()),
        Body::CustodyReceived(body) => {
            detail = Some(format!("public-custody-{}", body.class).replace('_', "-"));
        }
        Body::CustodyAssigned(body) => funds.extend(body.fund.as_ref().map(ToString::to_string)),
        Body::LoanApproved(body) => funds.push(body.fund.to_string()),
        Body::PeriodClosed(body) => detail = Some(body.through.to_string()),
        body => {
            let named = crate::books::postings::names(body);
            of = named.and_then(|named| entry.place_of(named.entry()));
        }
    }
    let detail = detail.filter(|key| key.starts_with("public-"));
    context! {
        kind => kind_key(entry.voucher().kind()),
        lending => lent::said(entry, mention),
        loan => mention.filter(|own| own.name.is_some()).map(|own| lent::name(own.name)),
        detail,
        funds => funds.iter().map(|code| fund(books, code)).collect::<Vec<_>>(),
        programme => programme.map(|code| programme_name(books, &code).unwrap_or(code)),
        lines,
        goods => goods(books, &entry.voucher().body),
        of,
        note => entry.voucher().note.as_ref().map(|note| note.as_str().to_owned()),
    }
}

/// A line of the accounts for templates; `balance` is the one behind it.
#[must_use]
pub fn line(
    view: &View,
    line: &AccountsLine,
    balance: Option<i64>,
    mentions: &lent::Mentions,
) -> Value {
    let zero_is_none = |amount: i64| (amount != 0).then_some(amount);
    context! {
        seq => line.entry.place(),
        date => line.entry.voucher().date.to_string(),
        effective => line.effective.to_string(),
        numbers => line.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        words => words(&view.books, &line.entry, mentions),
        money_in => zero_is_none(line.money_in.minor()),
        money_out => zero_is_none(line.money_out.minor()),
        balance,
        reversed => line.reversed_by,
    }
}

/// What stands above every page of a ledger that is not in order; `None` where all is well.
#[must_use]
pub fn warning(view: &View) -> Option<String> {
    match &view.standing {
        Standing::Open => None,
        Standing::ReadOnly(closure) => Some(why_closed(closure).to_owned()),
    }
}

/// Why a ledger is closed, as everybody may read it: the key of its text.
#[must_use]
pub const fn why_closed(closure: &Closure) -> &'static str {
    match closure {
        Closure::Broken { .. } => "public-warning-damaged",
        Closure::Projections { .. } => "public-warning-derived",
        Closure::Behind { .. } | Closure::Superseded { .. } => "public-warning-behind",
        Closure::BehindWitness { .. } => "public-warning-witness",
        Closure::Forked { .. } | Closure::ForkedFromWitness { .. } => "public-warning-forked",
        Closure::NoLogKey { .. } => "public-warning-key",
        Closure::VaultKey | Closure::ReceiptKey => "public-warning-paused",
        Closure::Clock { .. } | Closure::Stopping => "public-warning-paused",
        Closure::Newer { .. } | Closure::Reading => "public-warning-paused",
    }
}
