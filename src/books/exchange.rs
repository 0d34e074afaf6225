//! What chapters sent each other: each sending with the receipt that answers it, and what is left.
//!
//! A pair is a standing `sent_to_chapter` and a standing `received_from_chapter` that names it by
//! ledger and voucher, in the ledger that it was sent to, with the same money or the same goods in
//! units. Everything else stays unmatched, with the reason.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::funds::Register;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, VoucherId};
use crate::ledger::word::{Code, Date, chapter_of};
use crate::money::{Money, Quantity};

/// Goods by the words that two ledgers share: codes are each ledger's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Thing {
    /// The item's name.
    pub name: String,
    /// The unit in which it is counted.
    pub unit: String,
}

impl Thing {
    /// An item of a ledger.
    #[must_use]
    pub fn of(register: &Register, code: &Code) -> Self {
        let item = register.items().get(code);
        Self {
            name: item.map_or_else(|| code.to_string(), |item| item.name.to_string()),
            unit: item.map_or_else(String::new, |item| item.unit.to_string()),
        }
    }
}

/// Money, or goods in units; and the value in the books of the ledger that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct What {
    /// The amount, of goods their value.
    pub value: Money,
    /// The goods in thousandths of their units; none for money.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<(Thing, i64)>,
}

impl What {
    /// Money.
    #[must_use]
    pub const fn money(value: Money) -> Self {
        Self { value, goods: Vec::new() }
    }

    /// Goods of a ledger, at their value there.
    pub fn goods<'a>(
        register: &Register,
        lines: impl IntoIterator<Item = (&'a Code, Quantity)>,
        value: Money,
    ) -> Self {
        let mut sums = BTreeMap::<Thing, i64>::new();
        for (code, quantity) in lines {
            let sum = sums.entry(Thing::of(register, code)).or_default();
            *sum = sum.saturating_add(quantity.thousandths());
        }
        Self { value, goods: sums.into_iter().collect() }
    }

    /// Whether both are the same money, or the same goods in units: two ledgers may value goods
    /// differently.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.goods == other.goods && (!self.goods.is_empty() || self.value == other.value)
    }
}

/// The reversal of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Its day.
    pub day: Date,
    /// Whether the original lay in a closed period: its columns keep it then.
    pub earlier: bool,
}

impl Undone {
    /// How often a voucher of `day` stands in the columns of a span: once, minus once, or not.
    #[must_use]
    pub fn counted(until: Option<Self>, day: Date, (from, to): (Date, Date)) -> i64 {
        let within = |day: Date| i64::from(from <= day && day <= to);
        let back = until.filter(|until| !until.earlier).map_or(0, |until| within(until.day));
        within(day) - back
    }
}

/// A voucher that sent something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its entry.
    pub seq: u64,
    /// Its day.
    pub day: Date,
    /// Its reversal.
    pub until: Option<Undone>,
    /// The voucher.
    pub id: VoucherId,
    /// The chapter it was sent to, by the identity of its first ledger.
    pub to: String,
    /// What was sent.
    pub what: What,
}

/// A voucher that received something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its entry.
    pub seq: u64,
    /// Its day.
    pub day: Date,
    /// Its reversal.
    pub until: Option<Undone>,
    /// The chapter that it names, by the identity of its first ledger.
    pub from: String,
    /// The voucher that it names there.
    pub id: VoucherId,
    /// What came.
    pub what: What,
}

/// What a ledger sent and received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// What it sent.
    pub sent: Vec<Sent>,
    /// What it received.
    pub received: Vec<Received>,
}

impl Exchange {
    /// Adds an entry of the ledger, where it sends or receives; `value` is what its books say that
    /// it is worth, `until` how it was reversed.
    pub fn add(&mut self, entry: &Entry, register: &Register, value: Money, until: Option<Undone>) {
        let (voucher, seq) = (entry.voucher(), entry.place());
        let day = voucher.date;
        match &voucher.body {
            Body::SentToChapter(body) => {
                let lines = body.items.iter().flat_map(|items| items.iter());
                let lines = lines.map(|line| (&line.item, line.quantity));
                let what = What::goods(register, lines, value);
                let (id, to) = (voucher.id.clone(), chapter_of(body.to_log.as_str()).to_owned());
                self.sent.push(Sent { seq, day, until, id, to, what });
            }
            Body::ReceivedFromChapter(body) => {
                let lines = body.lots.iter().flat_map(|lots| lots.iter());
                let lines = lines.map(|lot| (&lot.item, lot.quantity));
                let what = What::goods(register, lines, value);
                let (id, from) =
                    (body.sender.id.clone(), chapter_of(body.sender.log.as_str()).to_owned());
                self.received.push(Received { seq, day, until, from, id, what });
            }
            _ => {}
        }
    }
}

/// An entry of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct At {
    /// The ledger.
    pub log: String,
    /// The entry.
    pub seq: u64,
    /// Its day.
    pub day: Date,
}

/// Something sent that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Who sent it.
    pub sent: At,
    /// Who received it.
    pub received: At,
    /// What was sent, at the sender's value.
    pub what: What,
    /// The receiver's value.
    pub value_there: Money,
}

/// Which side of a pair is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// It was sent.
    Sent,
    /// It was received.
    Received,
}

/// Why one side stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Sent to a ledger that is here, and not received yet: on its way.
    OnItsWay,
    /// The other ledger is not among those that are rolled up.
    Outside,
    /// The ledger that is named has no such standing voucher.
    NotFound,
    /// Both sides are there, and say different things.
    Differs,
    /// It was sent to another ledger than the one that received it.
    NotForIt,
    /// Another entry received it already.
    Twice,
}

/// One side without the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alone {
    /// Which side it is.
    pub side: Side,
    /// Where it stands.
    pub at: At,
    /// The chapter that it names, by the identity of its first ledger.
    pub other: String,
    /// What it is.
    pub what: What,
    /// Why it stands alone.
    pub why: Why,
}

/// Pairs, and what has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Matched {
    /// What was sent and received, by sender and entry.
    pub pairs: Vec<Pair>,
    /// What stands alone, by ledger and entry.
    pub alone: Vec<Alone>,
}

/// One sending with what became of it.
struct Known<'a> {
    log: &'a str,
    sent: &'a Sent,
    taken: bool,
    disputed: bool,
}

/// Finds the pairs as everything stood at the end of `day`. Each ledger stands in the map once, so
/// that nothing can be counted twice; the order of vouchers within a ledger has no meaning.
#[must_use]
pub fn matched(ledgers: &BTreeMap<&str, &Exchange>, day: Date) -> Matched {
    let stands =
        |own: Date, until: Option<Undone>| own <= day && until.is_none_or(|end| end.day > day);
    let mut known: HashMap<(&str, &VoucherId), Known<'_>> = HashMap::new();
    for (log, exchange) in ledgers {
        for sent in exchange.sent.iter().filter(|sent| stands(sent.day, sent.until)) {
            let own = Known { log, sent, taken: false, disputed: false };
            known.entry((log, &sent.id)).or_insert(own);
        }
    }
    let mut all = Matched::default();
    let mut claims: BTreeSet<(&str, Date, u64)> = BTreeSet::new();
    let mut by_claim = HashMap::new();
    for (log, exchange) in ledgers {
        for own in exchange.received.iter().filter(|own| stands(own.day, own.until)) {
            claims.insert((log, own.day, own.seq));
            by_claim.insert((*log, own.seq), own);
        }
    }
    for (log, _, seq) in claims {
        let Some(own) = by_claim.get(&(log, seq)) else { continue };
        let at = At { log: log.to_owned(), seq, day: own.day };
        let found = known.get_mut(&(own.from.as_str(), &own.id));
        let why = match found {
            None if ledgers.contains_key(own.from.as_str()) => Why::NotFound,
            None => Why::Outside,
            // What a ledger sends to itself passes between no two of them.
            Some(sending) if sending.sent.to != log || sending.log == log => Why::NotForIt,
            Some(sending) if sending.taken => Why::Twice,
            Some(sending) if !sending.sent.what.is_same(&own.what) => {
                sending.disputed = true;
                Why::Differs
            }
            Some(sending) => {
                sending.taken = true;
                let (seq, day) = (sending.sent.seq, sending.sent.day);
                let (what, value_there) = (sending.sent.what.clone(), own.what.value);
                let sent = At { log: sending.log.to_owned(), seq, day };
                all.pairs.push(Pair { sent, received: at, what, value_there });
                continue;
            }
        };
        let (other, what) = (own.from.clone(), own.what.clone());
        all.alone.push(Alone { side: Side::Received, at, other, what, why });
    }
    for sending in known.into_values().filter(|sending| !sending.taken) {
        let sent = sending.sent;
        let elsewhere = sent.to != sending.log && ledgers.contains_key(sent.to.as_str());
        let why = match elsewhere {
            true if sending.disputed => Why::Differs,
            true => Why::OnItsWay,
            false => Why::Outside,
        };
        let at = At { log: sending.log.to_owned(), seq: sent.seq, day: sent.day };
        let (other, what) = (sent.to.clone(), sent.what.clone());
        all.alone.push(Alone { side: Side::Sent, at, other, what, why });
    }
    all.pairs.sort_by(|one, other| one.sent.cmp(&other.sent));
    all.alone.sort_by(|one, other| (&one.at, one.side).cmp(&(&other.at, other.side)));
    all
}

/// The sendings that were reversed by the end of `day` with the receipts that answered them and
/// were reversed, too: a pair that is no more, whose columns may still hold it.
#[must_use]
pub fn undone<'a>(
    ledgers: &BTreeMap<&str, &'a Exchange>,
    day: Date,
) -> Vec<(&'a Sent, &'a Received)> {
    let over = |until: Option<Undone>| until.is_some_and(|until| until.day <= day);
    let mut answers: BTreeMap<(&str, &str, &VoucherId), Vec<&'a Received>> = BTreeMap::new();
    for (log, exchange) in ledgers {
        for own in exchange.received.iter().filter(|own| over(own.until)) {
            answers.entry((log, own.from.as_str(), &own.id)).or_default().push(own);
        }
    }
    let mut pairs = Vec::new();
    for (log, exchange) in ledgers {
        for sent in exchange.sent.iter().filter(|sent| over(sent.until) && sent.to != *log) {
            let own = answers.get(&(sent.to.as_str(), *log, &sent.id));
            let own = own.and_then(|own| own.iter().find(|own| own.what.is_same(&sent.what)));
            pairs.extend(own.map(|own| (sent, *own)));
        }
    }
    pairs
}

/// Whether an entry received just what another one sent: ledger and voucher, where it was sent to,
/// and the same money or goods.
#[must_use]
pub fn agree(sent: (&Entry, &Register), received: (&Entry, &Register)) -> bool {
    let of = |(entry, register): (&Entry, &Register)| {
        let amount = match &entry.voucher().body {
            Body::SentToChapter(body) => body.amount,
            Body::ReceivedFromChapter(body) => body.amount,
            _ => None,
        };
        let mut all = Exchange::default();
        all.add(entry, register, amount.map_or(Money::ZERO, |amount| amount.money()), None);
        all
    };
    let (from, to) = (sent.0.voucher().log.chapter(), received.0.voucher().log.chapter());
    let (there, here) = (of(sent), of(received));
    let day = sent.0.voucher().date.max(received.0.voucher().date);
    let ledgers = BTreeMap::from([(from, &there), (to, &here)]);
    from != to && matched(&ledgers, day).pairs.len() == 1
}
