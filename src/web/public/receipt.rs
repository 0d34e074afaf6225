//! `/bn/<code>`: a receipt: what was received, what became of it, how the giver's name is shown,
//! how to pass it on, and how anybody can check it.
//!
//! The code is the key: the address is never logged, never a referrer, in no public file.

use fast_qr::convert::Builder as _;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use minijinja::context;
use minijinja::value::Value;
use rocket::http::{ContentType, RawStr};
use rocket::{State, get};

use super::download::{Download, Keep};
use super::home::page;
use super::ledgers::{Ledgers, Speech, read};
use super::peer::Peer;
use super::{checker, lent, told, trace, witnesses};
use crate::books::effects::{GiftId, UseClass};
use crate::ledger::disclosure::PrivateName;
use crate::ledger::receipt::{ReceiptCode, leaf_prefix};
use crate::ledger::voucher::{Body, CustodyGoods, CustodyReceived, Kind};
use crate::ledger::word::{Amount, Date};
use crate::money::{Money, signed_quantity};
use crate::store::PublishedLedger;
use crate::store::facade::{GiftState, GiftUse, GoodsGift, KnownEntry, View};
use crate::web::{Config, Fault, Page};

/// The receipt that a code opens.
pub(super) struct Opened {
    /// The code as it is printed.
    pub code: ReceiptCode,
    /// The ledger.
    pub view: View,
    /// The gift.
    pub known: KnownEntry,
}

/// Opens a receipt by what was typed; each look-up is counted.
///
/// # Errors
/// 404, 429, and faults of the machine.
pub(super) async fn open(code: &str, peer: &Peer, ledgers: &Ledgers<'_>) -> Result<Opened, Fault> {
    peer.looks_up()?;
    let found = match code.parse::<ReceiptCode>() {
        Ok(code) => {
            let found = ledgers.store().entry_of_receipt(&code).await.map_err(read)?;
            found.map(|found| (code, found))
        }
        Err(_) => None,
    };
    let Some((code, (chapter, seq))) = found else {
        peer.misses()?;
        return Err(Fault::NotFound);
    };
    let view = ledgers.view_of(chapter)?;
    let known = ledgers.store().known_entry(chapter, seq, view.size()).await.map_err(read)?;
    Ok(Opened { code, view, known: known.ok_or(Fault::NotFound)? })
}

/// What was given: amount (of goods their value in the books), the day on which it came, the fund
/// that it went to.
pub(super) struct Given {
    /// The amount, or the value of goods in the books.
    pub amount: Money,
    /// The day on which it came.
    pub day: Date,
    /// The code of its fund; none of what is held for others.
    pub fund: Option<String>,
}

/// What was given by an entry; `None` where nothing was.
pub(super) fn given(known: &KnownEntry) -> Option<Given> {
    let voucher = known.entry.voucher();
    match &voucher.body {
        Body::Donation(body) => Some(Given {
            amount: body.amount.money(),
            day: body.received_on.unwrap_or(voucher.date),
            fund: Some(body.fund.to_string()),
        }),
        Body::CustodyAssigned(body) => Some(Given {
            amount: body.amount.money(),
            day: voucher.date,
            fund: Some(body.fund.as_ref()?.to_string()),
        }),
        // Goods that are held for others have no value here.
        Body::CustodyReceived(body) => Some(Given {
            amount: body.amount.map_or(Money::ZERO, Amount::money),
            day: voucher.date,
            fund: None,
        }),
        Body::ReceivedFromChapter(body) => Some(Given {
            amount: match (&body.amount, &body.lots) {
                (Some(amount), _) => amount.money(),
                (None, Some(lots)) => Money::sum(lots.iter().map(|lot| lot.value.money()))?,
                (None, None) => Money::ZERO,
            },
            day: voucher.date,
            fund: Some(body.fund.to_string()),
        }),
        Body::GoodsReceived(body) => Some(Given {
            amount: Money::sum(body.lots.iter().map(|lot| lot.value.money()))?,
            day: voucher.date,
            fund: Some(body.fund.to_string()),
        }),
        _ => None,
    }
}

/// A receipt.
#[get("/bn/<code>?<h>", rank = 10)]
pub async fn receipt(
    code: &str,
    h: Option<&str>,
    peer: Peer,
    config: &State<Config>,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let Opened { code, view, known } = open(code, &peer, &ledgers).await?;
    let given = given(&known).ok_or(Fault::NotFound)?;
    let gift = GiftId { seq: known.entry.place(), line: 0 };
    let state = ledgers.store().gift_state(view.chapter, gift, view.size()).await.map_err(read)?;
    let name = shown_name(&ledgers, &view, gift.seq).await?;
    let link = code.link(config.base_url.origin(), known.leaf);
    let shown = context! {
        code => code.as_str(),
        seq => gift.seq,
        size => view.size(),
        numbers => known.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        amount => given.amount.minor(),
        day => given.day.to_string(),
        fund => given.fund.as_ref().map(|fund| told::fund(&view.books, fund)),
        at => known.entry.at.to_string(),
        matches => h.map(|prefix| prefix == leaf_prefix(known.leaf)),
        prefix => leaf_prefix(known.leaf),
        name,
        reversed => reversal(&ledgers, &view, &known).await?,
        parts => parts(&state, &given),
        lent => lent::of_gift(&ledgers, &view, (gift, given.amount), &state).await?,
        goods => goods(&ledgers, &view, &known).await?,
        onward => trace::onward(&ledgers, &view, &passed_on(&ledgers, &view, &state, &known).await?)
            .await?,
        uses => uses(&ledgers, &view, &state, &given).await?,
        qr => qr(&link)?,
        share => share(config, &speech, &view, (&code, gift.seq)),
        link,
        log_key => log_key(&ledgers, &view, &known)?,
        covered => witnesses::covering(ledgers.store(), view.chapter, gift.seq).await?,
        witnesses => witnesses::told(ledgers.store(), config, &view).await?.shown,
        checker => checker(&ledgers, &view, &known, h).await?,
    };
    Ok(page(&view, "public/receipt.html", shown).private_address())
}

/// The name of the giver that is shown in public, and whether it is the full one.
pub(in crate::web) async fn shown_name(
    ledgers: &Ledgers<'_>,
    view: &View,
    seq: u64,
) -> Result<Option<(bool, String)>, Fault> {
    let names = ledgers.store().published_names(view.chapter, seq, seq + 1).await.map_err(read)?;
    Ok(names.iter().find_map(|name| {
        let shown = name.disclosure.value().as_str()?.to_owned();
        Some((name.disclosure.name() == PrivateName::FullName, shown))
    }))
}

/// What somebody passes on: the entry, which shows no code; the receipt itself only by a letter of
/// their own. Services that would keep an address get the entry's alone.
fn share(
    config: &Config,
    speech: &Speech<'_>,
    view: &View,
    (code, seq): (&ReceiptCode, u64),
) -> Value {
    let entry = config.base_url.join(&format!("/{}/so/{seq}", view.origin.slug()));
    let receipt = config.base_url.join(&format!("/bn/{code}"));
    let escaped = |text: &str| RawStr::new(text).percent_encode().to_string();
    let subject = escaped(&speech.say("receipt-letter-subject"));
    context! {
        facebook => format!("https://www.facebook.com/sharer/sharer.php?u={}", escaped(&entry)),
        letter => format!("mailto:?subject={subject}&body={}", escaped(&receipt)),
        entry,
        receipt,
    }
}

/// The key that signed the ledger in which the gift stands.
pub(super) fn log_key(
    ledgers: &Ledgers<'_>,
    view: &View,
    known: &KnownEntry,
) -> Result<Option<String>, Fault> {
    let place = known.entry.place();
    let ledger = ledgers.store().published_with(view.chapter, place).map_err(read)?;
    let key = ledger.as_ref().and_then(PublishedLedger::log_key).or_else(|| view.log_key());
    Ok(key.map(crate::ledger::keys::PublicKey::vkey))
}

/// How the gift is parted now.
fn parts(state: &GiftState, given: &Given) -> Value {
    let (spent, returned) = (state.sum(UseClass::Spent), state.sum(UseClass::Returned));
    match state.held.filter(|_| given.fund.is_none()) {
        Some(held) => context! {
            held => held.minor(),
            gone => given.amount.checked_sub(held).unwrap_or_default().minor(),
        },
        None => context! {
            used => spent.minor(),
            in_goods => state.sum(UseClass::InGoods).minor(),
            on_loan => state.sum(UseClass::OnLoan).minor(),
            passed_on => state.sum(UseClass::PassedOn).minor(),
            lost => state.sum(UseClass::Lost).minor(),
            returned => returned.minor(),
            left => state.unspent.minor(),
        },
    }
}

/// The entries by which parts of a gift went to other chapters.
async fn passed_on(
    ledgers: &Ledgers<'_>,
    view: &View,
    state: &GiftState,
    known: &KnownEntry,
) -> Result<Vec<u64>, Fault> {
    let money = state.uses.iter().filter(|part| part.class == UseClass::PassedOn);
    let mut all: Vec<u64> = money.map(|part| part.entry).collect();
    let lots = ledgers.store().goods_gift(view.chapter, known.entry.place(), view.size()).await;
    for lot in lots.map_err(read)? {
        let parts = lot.uses.iter().filter(|part| part.class == UseClass::PassedOn);
        all.extend(parts.map(|part| part.entry));
    }
    Ok(all)
}

/// Goods that are held for somebody else.
fn held(view: &View, gift: GiftId, goods: &CustodyGoods) -> Value {
    let (name, unit) = (goods.description.as_str(), goods.unit.as_str());
    let left = view.books.stock().held_of(gift, name, unit);
    context! {
        name,
        unit,
        quantity => goods.quantity.to_string(),
        left_key => "public-goods-held-left",
        left => signed_quantity(left),
        uses => Vec::<Value>::new(),
    }
}

/// The lots of a gift in kind, and what became of each; `None` for a gift of money.
async fn goods(
    ledgers: &Ledgers<'_>,
    view: &View,
    known: &KnownEntry,
) -> Result<Option<Vec<Value>>, Fault> {
    match &known.entry.voucher().body {
        Body::GoodsReceived(_) => {}
        Body::ReceivedFromChapter(body) if body.lots.is_some() => {}
        Body::CustodyReceived(CustodyReceived { goods: Some(goods), .. }) => {
            let gift = GiftId { seq: known.entry.place(), line: 0 };
            return Ok(Some(goods.iter().map(|goods| held(view, gift, goods)).collect()));
        }
        _ => return Ok(None),
    }
    let lots = ledgers.store().goods_gift(view.chapter, known.entry.place(), view.size()).await;
    let lot = |lot: &GoodsGift| {
        let (name, unit) = super::goods::item(&view.books, lot.item.as_str());
        let uses = lot.uses.iter().map(|part| {
            context! {
                seq => part.entry,
                day => part.day.to_string(),
                kind => told::kind_key(part.kind),
                class => part.class.as_str(),
                programme => part.programme.as_ref().map(|code| {
                    let name = told::programme_name(&view.books, code.as_str());
                    name.unwrap_or_else(|| code.to_string())
                }),
                quantity => signed_quantity(part.quantity),
            }
        });
        context! {
            name,
            unit,
            quantity => signed_quantity(lot.quantity),
            left_key => "public-goods-left",
            left => signed_quantity(lot.left),
            uses => uses.collect::<Vec<_>>(),
        }
    };
    Ok(Some(lots.map_err(read)?.iter().map(lot).collect()))
}

/// The entry that reversed a gift: when, and why.
async fn reversal(
    ledgers: &Ledgers<'_>,
    view: &View,
    known: &KnownEntry,
) -> Result<Option<Value>, Fault> {
    let Some(seq) = known.reversed_by else { return Ok(None) };
    let by = ledgers.store().known_entry(view.chapter, seq, view.size()).await.map_err(read)?;
    let by = by.ok_or(Fault::NotFound)?;
    let reason = match &by.entry.voucher().body {
        Body::Reversed(body) => Some(format!("reason-{}", body.reason.as_str().replace('_', "-"))),
        _ => None,
    };
    Ok(Some(context! { seq, day => by.entry.voucher().date.to_string(), reason }))
}

/// What a gift was used for, with the days of the corrections that touched it.
async fn uses(
    ledgers: &Ledgers<'_>,
    view: &View,
    state: &GiftState,
    given: &Given,
) -> Result<Vec<Value>, Fault> {
    let mut days = std::collections::BTreeMap::new();
    for part in state.uses.iter().filter(|part| part.since != part.entry) {
        if days.contains_key(&part.since) {
            continue;
        }
        let known = ledgers.store().known_entry(view.chapter, part.since, view.size()).await;
        if let Some(known) = known.map_err(read)? {
            days.insert(part.since, known.entry.voucher().date);
        }
    }
    let told = |part: &GiftUse| told_use(view, part, days.get(&part.since), given.day);
    // What is lent, or was lost with a loan, is not used: it has a list of its own.
    let lent = |part: &GiftUse| part.class == UseClass::OnLoan || part.kind == Kind::LoanWrittenOff;
    let used = state.uses.iter().filter(|part| !lent(part));
    Ok(used.map(told).collect())
}

fn told_use(view: &View, part: &GiftUse, corrected_on: Option<&Date>, came: Date) -> Value {
    let programme = part.programme.as_ref().map(|code| {
        told::programme_name(&view.books, code.as_str()).unwrap_or_else(|| code.to_string())
    });
    context! {
        seq => part.entry,
        day => part.day.to_string(),
        kind => told::kind_key(part.kind),
        class => part.class.as_str(),
        programme,
        fund => told::fund(&view.books, part.fund.as_str()),
        amount => part.amount.minor(),
        // The part came to this outflow by a later correction, not when it was paid.
        corrected => (part.since != part.entry).then_some(part.since),
        corrected_on => corrected_on.map(ToString::to_string),
        before => part.day < came,
    }
}

/// A QR code as SVG.
///
/// # Errors
/// [`Fault`] for a text that is too long for one.
pub fn qr(text: &str) -> Result<Value, Fault> {
    let code = QRBuilder::new(text).ecl(ECL::M).build();
    let code = code.map_err(|fault| Fault::internal(fault.to_string()))?;
    let svg = SvgBuilder::default().margin(4).to_str(&code);
    Ok(Value::from_safe_string(svg))
}

/// The address of the page that checks this receipt in the browser. What a QR code on paper brought
/// along goes with it; the server's own word for it would prove nothing.
async fn checker(
    ledgers: &Ledgers<'_>,
    view: &View,
    known: &KnownEntry,
    h: Option<&str>,
) -> Result<String, Fault> {
    let receipt = ledgers.store().receipt(view.chapter, known.entry.place()).await.map_err(read)?;
    Ok(checker::link(receipt.as_ref(), h))
}

/// The receipt that verifies offline.
#[get("/bn/<code>/tlog-proof", rank = 10)]
pub async fn offline(code: &str, peer: Peer, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    let Opened { view, known, .. } = open(code, &peer, &ledgers).await?;
    let receipt = ledgers.store().receipt(view.chapter, known.entry.place()).await.map_err(read)?;
    let receipt = receipt.ok_or(Fault::NotFound)?.to_string();
    let number =
        known.numbers.first().map_or_else(|| known.entry.place().to_string(), ToString::to_string);
    let file = Download::whole(ContentType::Plain, Keep::Nothing, receipt);
    Ok(file.named(format!("{number}.tlog-proof")).private())
}
