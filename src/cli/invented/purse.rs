//! Money as a story knows it, so that nothing is told that the books would refuse.

use std::collections::BTreeMap;

/// Money as the story knows it.
#[derive(Debug, Default)]
pub struct Purse {
    places: BTreeMap<&'static str, i64>,
    funds: BTreeMap<&'static str, i64>,
}

impl Purse {
    /// Adds to a place and a fund; a minus takes.
    pub fn add(&mut self, place: &'static str, fund: &'static str, amount: i64) {
        *self.places.entry(place).or_default() += amount;
        *self.funds.entry(fund).or_default() += amount;
    }

    /// Money of a place.
    pub fn place(&self, place: &str) -> i64 {
        self.places.get(place).copied().unwrap_or(0)
    }

    /// Money of a fund.
    pub fn fund(&self, fund: &str) -> i64 {
        self.funds.get(fund).copied().unwrap_or(0)
    }
}
