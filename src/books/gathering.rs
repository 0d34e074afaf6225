//! What a replay keeps for the figures beside the books: what programmes did, what chapters sent
//! each other. A store has the same in its tables.

use std::collections::BTreeMap;

use super::Books;
use super::accounts::Account;
use super::effects::Effects;
use super::exchange::{Exchange, Undone};
use super::programmes::Deed;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::Kind;
use crate::money::Money;

/// An entry that sent or received, kept until all items have their names.
#[derive(Clone, Debug)]
struct Exchanged {
    entry: Entry,
    value: Money,
    until: Option<Undone>,
}

/// What was gathered of the entries so far.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    deeds: BTreeMap<u64, Deed>,
    exchanged: BTreeMap<u64, Exchanged>,
}

impl Gathering {
    /// Takes in an entry that the books accepted.
    pub fn absorb(&mut self, entry: &Entry, effects: &Effects) {
        if let Some(deed) = Deed::of(entry, effects) {
            self.deeds.insert(effects.seq, deed);
        }
        match effects.kind {
            Kind::SentToChapter | Kind::ReceivedFromChapter => {
                let value = supported(effects);
                let own = Exchanged { entry: entry.clone(), value, until: None };
                self.exchanged.insert(effects.seq, own);
            }
            Kind::Reversed => {
                let Some(of) = effects.of else { return };
                self.deeds.remove(&of.seq);
                if let Some(own) = self.exchanged.get_mut(&of.seq) {
                    own.until = Some(Undone { day: effects.date, earlier: effects.earlier });
                }
            }
            _ => {}
        }
    }

    /// What the vouchers that stand did for programmes, in ledger order.
    #[must_use]
    pub fn deeds(&self) -> Vec<Deed> {
        self.deeds.values().cloned().collect()
    }

    /// What was sent and received; the books know the names of items.
    #[must_use]
    pub fn exchange(&self, books: &Books) -> Exchange {
        let mut all = Exchange::default();
        for own in self.exchanged.values() {
            all.add(&own.entry, books.register(), own.value, own.until);
        }
        all
    }
}

/// What an entry sent or received, as its postings value it.
#[must_use]
pub fn supported(effects: &Effects) -> Money {
    let support = |account: &Account| {
        matches!(account, Account::SupportToChapters | Account::SupportFromChapters)
    };
    let own = effects.postings.iter().filter(|posting| support(&posting.account));
    let sum = Money::sum(own.map(|posting| posting.amount)).unwrap_or_default();
    if sum.is_negative() { sum.negated() } else { sum }
}
