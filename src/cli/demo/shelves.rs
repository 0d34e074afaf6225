//! Goods as the story knows them: what lies where, until when it is good.

use std::collections::BTreeMap;

use crate::ledger::word::Date;

/// Thousandths of a unit.
pub const UNIT: i64 = 1000;

/// A store, a fund and an item.
pub type Shelf = (&'static str, &'static str, &'static str);

/// Goods that came in together, in the order in which the books issue them: by expiry, those
/// without at last, then by seq and index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parcel {
    /// No expiry sorts last.
    lasting: bool,
    /// The last good day.
    pub expiry: Option<Date>,
    /// The entry.
    pub seq: u64,
    /// Which lot of the entry.
    line: usize,
}

impl Parcel {
    /// A lot of an entry.
    pub fn new(seq: u64, line: usize, expiry: Option<Date>) -> Self {
        Self { lasting: expiry.is_none(), expiry, seq, line }
    }
}

/// All shelves.
#[derive(Debug, Default)]
pub struct Shelves(BTreeMap<Shelf, BTreeMap<Parcel, i64>>);

impl Shelves {
    /// Puts thousandths of a parcel on a shelf.
    pub fn put(&mut self, shelf: Shelf, parcel: Parcel, thousandths: i64) {
        *self.0.entry(shelf).or_default().entry(parcel).or_default() += thousandths;
    }

    /// How much lies there.
    pub fn total(&self, shelf: Shelf) -> i64 {
        self.0.get(&shelf).into_iter().flat_map(BTreeMap::values).sum()
    }

    /// Whole units that lie there; none while the next parcel is past its day.
    pub fn good(&self, shelf: Shelf, date: Date) -> i64 {
        let mut parcels = self.0.get(&shelf).into_iter().flat_map(BTreeMap::keys);
        let past = parcels.any(|parcel| parcel.expiry.is_some_and(|expiry| expiry < date));
        if past { 0 } else { self.total(shelf) / UNIT }
    }

    /// Takes thousandths in the order of issue: which parcels, and how much of each.
    pub fn take(&mut self, shelf: Shelf, thousandths: i64) -> Vec<(Parcel, i64)> {
        let Some(parcels) = self.0.get_mut(&shelf) else { return Vec::new() };
        let (mut rest, mut taken) = (thousandths, Vec::new());
        for (parcel, here) in parcels.iter_mut() {
            let part = rest.min(*here);
            if part > 0 {
                taken.push((*parcel, part));
                (*here, rest) = (*here - part, rest - part);
            }
        }
        parcels.retain(|_, here| *here > 0);
        taken
    }

    /// Takes all of one parcel.
    pub fn take_parcel(&mut self, shelf: Shelf, parcel: Parcel) {
        if let Some(parcels) = self.0.get_mut(&shelf) {
            parcels.remove(&parcel);
        }
    }

    /// What is past its day, shelf by shelf.
    pub fn expired(&self, date: Date) -> Vec<(Shelf, Parcel, i64)> {
        let all = self.0.iter().flat_map(|(shelf, parcels)| {
            parcels.iter().map(move |(parcel, here)| (*shelf, *parcel, *here))
        });
        all.filter(|(_, parcel, _)| parcel.expiry.is_some_and(|expiry| expiry < date)).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn goods_leave_by_expiry_and_what_is_past_its_day_stops_the_shelf() {
        let shelf = ("kho", "chung", "mi");
        let day = |text: &str| -> Date { text.parse().unwrap() };
        let (late, early) = (Some(day("2026-06-01")), Some(day("2026-03-01")));
        let mut shelves = Shelves::default();
        shelves.put(shelf, Parcel::new(3, 0, None), 5 * UNIT);
        shelves.put(shelf, Parcel::new(4, 0, late), 2 * UNIT);
        shelves.put(shelf, Parcel::new(5, 0, early), UNIT);
        assert_eq!(shelves.good(shelf, day("2026-03-01")), 8);
        assert_eq!(shelves.good(shelf, day("2026-03-02")), 0);
        assert_eq!(shelves.expired(day("2026-03-02")), [(shelf, Parcel::new(5, 0, early), UNIT)]);
        let taken = shelves.take(shelf, 4 * UNIT);
        let seqs: Vec<_> = taken.iter().map(|(parcel, part)| (parcel.seq, *part)).collect();
        assert_eq!(seqs, [(5, UNIT), (4, 2 * UNIT), (3, UNIT)]);
        assert_eq!(shelves.total(shelf), 4 * UNIT);
    }
}
