//! Bars beside each other in a table, and shares of a whole in whole percents.

use super::length_of;

/// The length of each amount where the largest has `length`; amounts below zero have none.
#[must_use]
pub fn lengths(amounts: &[i64], length: i64) -> Vec<i64> {
    let largest = amounts.iter().copied().max().unwrap_or(0);
    amounts.iter().map(|amount| length_of((*amount).max(0), largest, length)).collect()
}

/// The share of each amount in their sum, in whole percents that add up to 100: what rounding down
/// leaves goes to the largest remainders, the first of equal ones. `None` where an amount is below
/// zero or all are nothing: shares would mean nothing.
#[must_use]
pub fn percents(amounts: &[i64]) -> Option<Vec<u8>> {
    let whole: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
    if whole <= 0 || amounts.iter().any(|amount| *amount < 0) {
        return None;
    }
    let parts = amounts.iter().map(|amount| {
        let hundred = i128::from(*amount) * 100;
        (u8::try_from(hundred / whole).unwrap_or(100), hundred % whole)
    });
    let parts: Vec<(u8, i128)> = parts.collect();
    let given: usize = parts.iter().map(|(percent, _)| usize::from(*percent)).sum();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(parts.get(*at).map_or(0, |(_, rest)| *rest)));
    let mut all: Vec<u8> = parts.iter().map(|(percent, _)| *percent).collect();
    for at in order.into_iter().take(100_usize.saturating_sub(given)) {
        if let Some(percent) = all.get_mut(at) {
            *percent += 1;
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_bar_is_whole_and_shares_add_up_to_a_hundred() {
        assert_eq!(lengths(&[600, 300, 1, 0, -20], 100), [100, 50, 1, 0, 0]);
        assert_eq!(percents(&[1, 1, 1]).as_deref(), Some(&[34, 33, 33][..]));
        assert_eq!(percents(&[6_900_000, 120_000, 0]).as_deref(), Some(&[98, 2, 0][..]));
        assert_eq!(percents(&[i64::MAX, i64::MAX]).as_deref(), Some(&[50, 50][..]));
        assert_eq!((percents(&[]), percents(&[0]), percents(&[5, -5])), (None, None, None));
        assert!(lengths(&[], 100).is_empty());
    }
}
