//! The past of the books kept in memory as plainly as can be: what the verifier's history has to
//! answer, wherever it keeps it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use minhbach::books::effects::{Change, Effects, GiftId, GoodsUse, LotKey, Use, UseClass};
use minhbach::books::past::{Made, Past, Standing, asks_what_it_made};
use minhbach::books::postings::names;
use minhbach::ledger::entry::Entry;
use minhbach::ledger::voucher::{Body, Kind, VoucherId};
use minhbach::ledger::word::Code;
use minhbach::money::Money;
use minhbach::verify::history::History;

/// The name of a use: where it belongs, what made it, and its lot.
type UseKey = (u64, u64, u32, LotKey);
/// A part's name: what made it, and its index there.
type PartKey = (u64, u32);
/// Item, store, fund.
type Place = (Code, Code, Code);

/// A lot, spent or not.
#[derive(Clone)]
struct KnownLot {
    fund: Code,
    gift: GiftId,
    turn: u32,
    unspent: Money,
}

/// Everything that the books may ask of earlier entries.
#[derive(Default)]
pub struct Remembered {
    ids: HashSet<VoucherId>,
    entries: u64,
    lots: BTreeMap<LotKey, KnownLot>,
    uses: BTreeMap<UseKey, Use>,
    naming: HashMap<u64, Vec<Standing>>,
    of_loan: HashMap<GiftId, Vec<Standing>>,
    named_by: HashMap<u64, u64>,
    parts: BTreeMap<PartKey, GoodsUse>,
    senders: HashSet<(String, VoucherId)>,
    received: HashMap<u64, (String, VoucherId)>,
    made: HashMap<u64, Made>,
}

impl Remembered {
    /// Remembers an entry that the books accepted.
    pub fn absorb(&mut self, entry: &Entry, effects: &Effects) {
        self.entries += 1;
        self.ids.insert(entry.voucher().id.clone());
        for change in &effects.changes {
            self.apply(change);
        }
        self.absorb_goods(entry, effects);
        self.absorb_loan(effects);
        let body = &entry.voucher().body;
        let Some(of) = names(body) else { return };
        let Some(named) = entry.place_of(of.entry()) else { return };
        let line = of.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
        let standing = Standing { seq: entry.place(), kind: entry.voucher().kind(), line };
        self.naming.entry(named).or_default().push(standing);
        if let Body::Reversed(_) = body {
            let before = self.named_by.get(&named);
            if let Some(standing) = before.and_then(|before| self.naming.get_mut(before)) {
                standing.retain(|other| other.seq != named);
            }
        }
        self.named_by.insert(entry.place(), named);
    }

    fn absorb_loan(&mut self, effects: &Effects) {
        let Some(loan) = effects.loan else { return };
        let all = self.of_loan.entry(loan).or_default();
        if effects.kind == Kind::Reversed {
            let of = effects.of.map(|of| of.seq);
            all.retain(|other| Some(other.seq) != of);
        } else if effects.kind != Kind::LoanDisbursed {
            all.push(Standing { seq: effects.seq, kind: effects.kind, line: loan.line });
        }
    }

    fn absorb_goods(&mut self, entry: &Entry, effects: &Effects) {
        if asks_what_it_made(&entry.voucher().body) {
            let (postings, changes) = (effects.postings.clone(), effects.changes.clone());
            self.made.insert(entry.place(), Made { postings, changes });
        }
        match &entry.voucher().body {
            Body::ReceivedFromChapter(body) => {
                let key = (body.sender.log.to_string(), body.sender.id.clone());
                self.senders.insert(key.clone());
                self.received.insert(entry.place(), key);
            }
            Body::Reversed(body) => {
                let of = entry.place_of(body.of.entry());
                if let Some(sender) = of.and_then(|of| self.received.remove(&of)) {
                    self.senders.remove(&sender);
                }
            }
            _ => {}
        }
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::LotOpened { lot, fund, gift, turn, amount, .. } => {
                let (fund, gift, turn) = (fund.clone(), *gift, *turn);
                self.lots.insert(*lot, KnownLot { fund, gift, turn, unspent: *amount });
            }
            Change::LotClosed { lot, amount, .. } => self.move_unspent(*lot, amount.negated()),
            Change::TakenWhole {
                entry,
                since,
                line,
                fund,
                first,
                last,
                class,
                goods,
                loan,
                ..
            } => {
                let taken: Vec<Use> = self
                    .lots
                    .range(*first..=*last)
                    .filter(|(_, lot)| lot.fund == *fund && lot.unspent.is_positive())
                    .map(|(key, lot)| Use {
                        entry: *entry,
                        since: *since,
                        line: *line,
                        lot: *key,
                        fund: fund.clone(),
                        gift: lot.gift,
                        turn: lot.turn,
                        class: *class,
                        amount: lot.unspent,
                        goods: *goods,
                        loan: *loan,
                    })
                    .collect();
                taken.into_iter().for_each(|part| self.take(part));
            }
            Change::Taken(part) => self.take(part.clone()),
            Change::GivenBack { part, amount } => self.give_back(part, *amount),
            Change::Behind { goods, entry, since, line, class, amount } => {
                let to = (*entry, *since, *line, *class);
                for (part, share) in self.oldest_behind(*goods, *amount) {
                    self.reclass(&part, share, to);
                }
            }
            Change::Reclassed { part, entry, since, line, class, amount } => {
                self.reclass(part, *amount, (*entry, *since, *line, *class));
            }
            Change::CameBack { part, amount, lot, turn } => {
                self.lessen(part, *amount);
                let (fund, gift, turn) = (part.fund.clone(), part.gift, *turn);
                self.lots.insert(*lot, KnownLot { fund, gift, turn, unspent: *amount });
            }
            Change::WentAgain { lot, part } => {
                self.move_unspent(*lot, part.amount.negated());
                self.put(part.clone());
            }
            change => self.apply_goods(change),
        }
    }

    fn apply_goods(&mut self, change: &Change) {
        match change {
            Change::GoodsTaken(part) => {
                self.parts.insert((part.since, part.line), part.clone());
            }
            Change::GoodsGivenBack { part, goods } => {
                let (key, left) = ((part.since, part.line), part.goods.without(*goods));
                match left.quantity > 0 {
                    true => self.parts.insert(key, GoodsUse { goods: left, ..part.clone() }),
                    false => self.parts.remove(&key),
                };
            }
            _ => {}
        }
    }

    fn take(&mut self, part: Use) {
        self.move_unspent(part.lot, part.amount.negated());
        self.put(part);
    }

    fn give_back(&mut self, part: &Use, amount: Money) {
        self.move_unspent(part.lot, amount);
        self.lessen(part, amount);
    }

    /// A use, or a part of it, becomes one of another outflow or class.
    fn reclass(
        &mut self,
        part: &Use,
        amount: Money,
        (entry, since, line, class): (u64, u64, u32, UseClass),
    ) {
        self.lessen(part, amount);
        self.put(Use { entry, since, line, class, amount, ..part.clone() });
    }

    /// Keeps a use; what one step takes of one lot is one use.
    fn put(&mut self, part: Use) {
        let key = key_of(&part);
        let before = self.uses.get(&key).map_or(Money::ZERO, |known| known.amount);
        let amount = before.checked_add(part.amount).unwrap_or(before);
        self.uses.insert(key, Use { amount, ..part });
    }

    fn lessen(&mut self, part: &Use, amount: Money) {
        let key = key_of(part);
        let known = self.uses.get(&key).map_or(part.amount, |known| known.amount);
        let rest = known.checked_sub(amount).unwrap_or(Money::ZERO);
        if rest.is_positive() {
            self.uses.insert(key, Use { amount: rest, ..part.clone() });
        } else {
            self.uses.remove(&key);
        }
    }

    fn move_unspent(&mut self, lot: LotKey, amount: Money) {
        if let Some(lot) = self.lots.get_mut(&lot) {
            lot.unspent = lot.unspent.checked_add(amount).unwrap_or(lot.unspent);
        }
    }

    /// The oldest money behind a lot of goods, up to `amount`, use by use.
    fn oldest_behind(&self, goods: LotKey, amount: Money) -> Vec<(Use, Money)> {
        let lies = |part: &&Use| part.goods == Some(goods) && part.class == UseClass::InGoods;
        let mut behind: Vec<&Use> = self.uses.values().filter(lies).collect();
        behind.sort_by_key(|part| (part.lot, part.since, part.line, part.entry));
        let (mut rest, mut found) = (amount, Vec::new());
        for part in behind {
            let share = part.amount.min(rest);
            if !share.is_positive() {
                break;
            }
            rest = rest.checked_sub(share).unwrap_or(Money::ZERO);
            found.push((part.clone(), share));
        }
        found
    }

    fn uses_of_gift(&self, gift: GiftId) -> Vec<Use> {
        let of_gift = self.uses.values().filter(|part| part.gift == gift);
        let mut uses: Vec<Use> = of_gift.cloned().collect();
        uses.sort_by_key(|part| (part.since, part.line, part.lot, part.entry));
        uses.reverse();
        uses
    }

    fn losses(&self, (item, store, fund): &Place) -> Vec<GoodsUse> {
        let lost = self.parts.values().rev().filter(|part| part.class == UseClass::Lost);
        let here =
            |part: &&GoodsUse| (&part.lot.item, &part.store, &part.lot.fund) == (item, store, fund);
        lost.filter(here).cloned().collect()
    }

    /// A history answers the same to everything that may be asked.
    pub fn agrees(&self, history: &History) {
        for id in &self.ids {
            assert_eq!(history.has_id(id), Ok(true));
        }
        for seq in 0..self.entries + 2 {
            let uses = self.uses.values().filter(|part| part.entry == seq);
            let uses: Vec<Use> = uses.cloned().collect();
            assert_eq!(history.uses_of_entry(seq), Ok(uses), "uses of {seq}");
            let standing = self.naming.get(&seq).cloned().unwrap_or_default();
            assert_eq!(history.standing(seq), Ok(standing), "who names {seq}");
            let parts = self.parts.values().filter(|part| part.entry == seq);
            let parts: Vec<GoodsUse> = parts.cloned().collect();
            assert_eq!(history.goods_of_entry(seq), Ok(parts), "goods of {seq}");
            let made = self.made.get(&seq).cloned().unwrap_or_default();
            assert_eq!(history.made(seq), Ok(made), "what {seq} made");
            for line in 0..4 {
                let gift = GiftId { seq, line };
                assert_eq!(history.uses_of_gift(gift), Ok(self.uses_of_gift(gift)), "{gift:?}");
                let loan = self.of_loan.get(&gift).cloned().unwrap_or_default();
                assert_eq!(history.of_loan(gift), Ok(loan), "{gift:?}");
                let lots = self.lots.values().filter(|lot| lot.gift == gift);
                let unspent = Money::sum(lots.map(|lot| lot.unspent)).unwrap_or(Money::ZERO);
                assert_eq!(history.unspent_of_gift(gift), unspent, "{gift:?}");
            }
        }
        let places = self.parts.values();
        let place =
            |part: &GoodsUse| (part.lot.item.clone(), part.store.clone(), part.lot.fund.clone());
        for place in places.map(place).collect::<BTreeSet<Place>>() {
            let lost = history.losses(&place.0, &place.1, &place.2);
            assert_eq!(lost, Ok(self.losses(&place)), "losses of {place:?}");
        }
        for (log, id) in self.received.values() {
            assert_eq!(
                history.has_sender(log, id),
                Ok(self.senders.contains(&(log.clone(), id.clone())))
            );
        }
    }
}

fn key_of(part: &Use) -> UseKey {
    (part.entry, part.since, part.line, part.lot)
}
