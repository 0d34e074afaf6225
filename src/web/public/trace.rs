//! Where support between chapters went on: from what was sent to the entry that received it, and
//! back; and what became of a gift behind such a step.

use std::collections::BTreeSet;

use minijinja::context;
use minijinja::value::Value;

use super::ledgers::{Ledgers, read};
use super::told;
use crate::books::effects::{GiftId, UseClass};
use crate::books::exchange::agree;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Kind};
use crate::ledger::word::Origin;
use crate::money::signed_quantity;
use crate::store::facade::{KnownEntry, View, lent_in_all};
use crate::web::Fault;

/// Steps of one gift that are followed; more of them are rare, and each reads another ledger.
const MOST: usize = 20;

/// The other ledger of a step, as far as it is known here.
enum Other {
    /// It is kept here, and its entry was found; `agrees` where both say the same.
    Here { view: Box<View>, known: Box<KnownEntry>, agrees: bool },
    /// It is kept here, and has no such entry that stands.
    Missing(Box<View>),
    /// It is kept elsewhere.
    Elsewhere,
}

/// The ledger that a voucher between chapters names.
fn named(entry: &Entry) -> Option<&str> {
    match &entry.voucher().body {
        Body::SentToChapter(body) => Some(body.to_log.as_str()),
        Body::ReceivedFromChapter(body) => Some(body.sender.log.as_str()),
        _ => None,
    }
}

async fn other(ledgers: &Ledgers<'_>, view: &View, entry: &Entry) -> Result<Other, Fault> {
    let origin = named(entry).and_then(|log| log.parse::<Origin>().ok());
    let chapter = origin.as_ref().and_then(|origin| ledgers.store().find_chapter(origin));
    // One that can't be read now leads nowhere.
    let there = chapter.and_then(|chapter| ledgers.view_of(chapter).ok());
    let Some(there) = there.filter(|there| there.chapter != view.chapter) else {
        return Ok(Other::Elsewhere);
    };
    let (store, size) = (ledgers.store(), there.size());
    let seq = match &entry.voucher().body {
        Body::ReceivedFromChapter(body) => {
            let kept = store.entry_of_voucher(there.chapter, &body.sender.id).await;
            kept.map_err(read)?.map(|kept| kept.entry.place())
        }
        _ => {
            let (log, id) = (view.origin.as_str(), &entry.voucher().id);
            store.entry_of_sender(there.chapter, log, id, size).await.map_err(read)?
        }
    };
    let known = match seq {
        Some(seq) => store.known_entry(there.chapter, seq, size).await.map_err(read)?,
        None => None,
    };
    let stands = |known: &KnownEntry| {
        let kind = known.entry.voucher().kind();
        let between = matches!(kind, Kind::SentToChapter | Kind::ReceivedFromChapter);
        between && kind != entry.voucher().kind() && known.reversed_by.is_none()
    };
    let Some(known) = known.filter(stands) else { return Ok(Other::Missing(Box::new(there))) };
    let own = (entry, view.books.register());
    let theirs = (&known.entry, there.books.register());
    let agrees = match entry.voucher().kind() {
        Kind::SentToChapter => agree(own, theirs),
        _ => agree(theirs, own),
    };
    Ok(Other::Here { view: Box::new(there), known: Box::new(known), agrees })
}

fn name(view: &View) -> String {
    let own = view.books.chapter();
    own.map_or_else(|| view.origin.to_string(), |own| own.chapter.name.to_string())
}

/// The address of a ledger that is kept elsewhere; none for one that can't exist (RFC 2606).
#[must_use]
pub fn elsewhere(log: &str) -> Option<String> {
    let origin: Origin = log.parse().ok()?;
    let host = origin.as_str().split(['/', ':']).next().unwrap_or_default();
    (host != "invalid" && !host.ends_with(".invalid")).then(|| format!("https://{origin}/"))
}

/// The other side of an entry between chapters, for its page; `None` for every other entry.
pub async fn other_side(
    ledgers: &Ledgers<'_>,
    view: &View,
    known: &KnownEntry,
) -> Result<Option<Value>, Fault> {
    let entry = &known.entry;
    let Some(log) = named(entry).filter(|_| known.reversed_by.is_none()) else { return Ok(None) };
    let sent = entry.voucher().kind() == Kind::SentToChapter;
    Ok(Some(match other(ledgers, view, entry).await? {
        Other::Here { view: there, known, agrees } => context! {
            key => match (sent, agrees) {
                (true, true) => "trace-received",
                (false, true) => "trace-sent",
                (_, false) => "trace-differs",
            },
            name => name(&there),
            date => known.entry.voucher().date.to_string(),
            href => format!("/{}/so/{}", there.origin.slug(), known.entry.place()),
            seq => known.entry.place(),
        },
        Other::Missing(there) => context! {
            key => if sent { "trace-on-its-way" } else { "trace-not-found" },
            name => name(&there),
            href => format!("/{}", there.origin.slug()),
        },
        Other::Elsewhere => context! {
            key => if sent { "trace-elsewhere" } else { "trace-from-elsewhere" },
            name => log,
            href => elsewhere(log),
        },
    }))
}

/// What became of the parts of a gift that other chapters got: `parts` are the entries that passed
/// them on, each with the amount or the goods of this gift in it.
pub async fn onward(
    ledgers: &Ledgers<'_>,
    view: &View,
    parts: &[u64],
) -> Result<Vec<Value>, Fault> {
    let (mut told, mut seen) = (Vec::new(), BTreeSet::new());
    for seq in parts.iter().copied().filter(|seq| seen.insert(*seq)).take(MOST) {
        let known = ledgers.store().known_entry(view.chapter, seq, view.size()).await;
        let Some(known) = known.map_err(read)? else { continue };
        let (sent, there) = (known.entry.voucher().date, other(ledgers, view, &known.entry).await?);
        let received = match &there {
            Other::Here { view, known, .. } => Some(received(ledgers, view, known).await?),
            _ => None,
        };
        let side = other_side(ledgers, view, &known).await?;
        told.push(context! { seq, sent => sent.to_string(), side, received });
    }
    Ok(told)
}

/// What a chapter did with what it received.
async fn received(ledgers: &Ledgers<'_>, view: &View, known: &KnownEntry) -> Result<Value, Fault> {
    let (store, size, seq) = (ledgers.store(), view.size(), known.entry.place());
    let amount = match &known.entry.voucher().body {
        Body::ReceivedFromChapter(body) => body.amount,
        _ => None,
    };
    if let Some(amount) = amount {
        let state = store.gift_state(view.chapter, GiftId { seq, line: 0 }, size).await;
        let state = state.map_err(read)?;
        let lent = store.lent_of_gift(view.chapter, GiftId { seq, line: 0 }, size).await;
        let spent = state.uses.iter().filter(|part| part.class != UseClass::OnLoan);
        return Ok(context! {
            amount => amount.money().minor(),
            used => state.sum(UseClass::Spent).minor(),
            in_goods => state.sum(UseClass::InGoods).minor(),
            on_loan => state.sum(UseClass::OnLoan).minor(),
            lent => lent_in_all(&lent.map_err(read)?).minor(),
            passed_on => state.sum(UseClass::PassedOn).minor(),
            lost => state.sum(UseClass::Lost).minor(),
            left => state.unspent.minor(),
            goods => Vec::<Value>::new(),
            programmes => programmes(view, spent.map(|part| part.programme.as_ref())),
        });
    }
    let lots = store.goods_gift(view.chapter, seq, size).await.map_err(read)?;
    let uses = lots.iter().flat_map(|lot| &lot.uses);
    let programmes = programmes(view, uses.map(|part| part.programme.as_ref()));
    let goods = lots.iter().map(|lot| {
        let (name, unit) = super::goods::item(&view.books, lot.item.as_str());
        let (quantity, left) = (signed_quantity(lot.quantity), signed_quantity(lot.left));
        context! { name, unit, quantity, left }
    });
    Ok(context! { amount => (), goods => goods.collect::<Vec<_>>(), programmes })
}

/// The names of programmes, each once.
fn programmes<'a>(
    view: &View,
    codes: impl Iterator<Item = Option<&'a crate::ledger::word::Code>>,
) -> Vec<String> {
    let names = codes.flatten().map(|code| {
        told::programme_name(&view.books, code.as_str()).unwrap_or_else(|| code.to_string())
    });
    names.collect::<BTreeSet<_>>().into_iter().collect()
}
