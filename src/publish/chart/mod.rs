//! The geometry of pictures: places and sizes in whole units, no floats, no texts, no colours.
//!
//! | file | what it is |
//! |---|---|
//! | [`columns`](mod@columns) | columns by month or year, upwards and downwards from one line |
//! | [`flow`](mod@flow) | where money came from and where it went, as bands |
//! | [`lengths`](mod@lengths) | bars beside each other in a table, and shares of a whole |
//!
//! A picture is [`WIDTH`] units wide: a phone shows each unit a little smaller than a pixel.

pub mod columns;
pub mod flow;
pub mod lengths;

pub use columns::{Columns, Way, columns};
pub use flow::{Flow, flow};
pub use lengths::{lengths, percents};

/// The width of every picture, in units.
pub const WIDTH: i64 = 340;

/// The length of an amount where `whole` has the length `length`: rounded down, and at least 1 for
/// what is not nothing, so that it can be seen. Signs don't matter.
#[must_use]
pub fn length_of(amount: i64, whole: i64, length: i64) -> i64 {
    let (amount, whole) = (u128::from(amount.unsigned_abs()), u128::from(whole.unsigned_abs()));
    if amount == 0 || whole == 0 || length <= 0 {
        return 0;
    }
    let length = u128::from(length.unsigned_abs());
    i64::try_from((amount * length / whole).clamp(1, length)).unwrap_or(1)
}

/// The smallest of 1, 2, 5, 10, 20, 50 … that is at least as large as an amount: where a line of a
/// picture stands. 0 for 0 and below.
#[must_use]
pub fn rounded_up(amount: i64) -> i64 {
    if amount <= 0 {
        return 0;
    }
    let mut step: i64 = 1;
    loop {
        for factor in [1, 2, 5] {
            match step.checked_mul(factor) {
                Some(line) if line >= amount => return line,
                Some(_) => {}
                None => return i64::MAX,
            }
        }
        match step.checked_mul(10) {
            Some(next) => step = next,
            None => return i64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_proportion_and_what_is_not_nothing_can_be_seen() {
        assert_eq!(length_of(50, 100, 120), 60);
        assert_eq!(length_of(-50, 100, 120), 60);
        assert_eq!(length_of(1, 1_000_000, 120), 1);
        assert_eq!(length_of(0, 100, 120), 0);
        assert_eq!(length_of(5, 0, 120), 0);
        assert_eq!(length_of(200, 100, 120), 120);
        assert_eq!(length_of(i64::MIN, i64::MAX, 120), 120);
    }

    #[test]
    fn lines_stand_at_round_amounts() {
        let lines = [0, -7, 1, 2, 3, 6, 11, 51, 4_500_000, 5_000_001].map(rounded_up);
        assert_eq!(lines, [0, 0, 1, 2, 5, 10, 20, 100, 5_000_000, 10_000_000]);
        assert_eq!(rounded_up(i64::MAX), i64::MAX);
    }
}
