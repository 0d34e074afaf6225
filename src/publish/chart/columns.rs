//! Columns by month or year: bars of some series beside each other, upwards or downwards from one
//! line of zero, all on one scale.

use serde::Serialize;

use super::{WIDTH, length_of, rounded_up};

/// Widest column.
const WIDEST: i64 = 56;
/// Room at both sides of a column.
const SIDE: i64 = 3;
/// Room above the plot for the words at its line, and below it for names of columns.
const ABOVE: i64 = 18;
const BELOW: i64 = 34;
/// The height of the plot.
const HIGH: i64 = 132;

/// Where the bars of a series go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Upwards from zero.
    Up,
    /// Downwards: what goes out.
    Down,
}

/// A bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Which series, counted from 0.
    pub series: usize,
    /// Left edge.
    pub x: i64,
    /// Upper edge.
    pub y: i64,
    /// Width.
    pub width: i64,
    /// Height, above 0.
    pub height: i64,
    /// Whether the amount is below zero: the bar stands on the other side of the line.
    pub minus: bool,
}

/// A column with its bars; amounts of zero have none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// Left edge.
    pub x: i64,
    /// Width, at least 24 for up to 14 columns.
    pub width: i64,
    /// Where the name stands.
    pub middle: i64,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// A line at a round amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its height in the picture.
    pub y: i64,
    /// The amount, without a sign.
    pub amount: i64,
}

/// The picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Columns {
    /// Width.
    pub width: i64,
    /// Height.
    pub height: i64,
    /// The line of zero.
    pub zero: i64,
    /// Upper edge of the plot.
    pub top: i64,
    /// Lower edge of the plot.
    pub bottom: i64,
    /// The line that upward bars end at or below; none where none go up.
    pub above: Option<Line>,
    /// The same of downward bars.
    pub below: Option<Line>,
    /// The columns.
    pub slots: Vec<Slot>,
}

/// Whether an amount of a series stands above the line.
fn is_above(way: Way, amount: i64) -> bool {
    (way == Way::Up) == (amount >= 0)
}

/// The picture of `rows`, each with one amount a series.
#[must_use]
pub fn columns(ways: &[Way], rows: &[Vec<i64>]) -> Columns {
    let largest = |above: bool| {
        let all = rows.iter().flat_map(|row| ways.iter().zip(row));
        let own = all.filter(|(way, amount)| is_above(**way, **amount) == above);
        let amounts = own.map(|(_, amount)| i64::try_from(amount.unsigned_abs()));
        rounded_up(amounts.map(|amount| amount.unwrap_or(i64::MAX)).max().unwrap_or(0))
    };
    let (up, down) = (largest(true), largest(false));
    // Both sides share the height in proportion, so that a đồng is as high above as below.
    let high = match (up, down) {
        (_, 0) => HIGH,
        (0, _) => 0,
        (up, down) => length_of(up, up.saturating_add(down), HIGH).min(HIGH - 1),
    };
    let (top, zero, bottom) = (ABOVE, ABOVE + high, ABOVE + HIGH);
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX).max(1);
    let width = (WIDTH / count).clamp(1, WIDEST);
    let series = i64::try_from(ways.len()).unwrap_or(1).max(1);
    let slots = (0..).zip(rows).map(|(at, row)| {
        let x = at * width;
        let bar = ((width - 2 * SIDE) / series).max(1);
        let bars = (0..).zip(ways.iter().zip(row)).filter(|(_, (_, amount))| **amount != 0);
        let bars = bars.map(|(series, (way, amount))| {
            let above = is_above(*way, *amount);
            let side = if above { high } else { HIGH - high };
            let height = length_of(*amount, if above { up } else { down }, side);
            let left = x + SIDE + i64::try_from(series).unwrap_or(0) * bar;
            let y = if above { zero - height } else { zero };
            Bar { series, x: left, y, width: bar, height, minus: *amount < 0 }
        });
        Slot { x, width, middle: x + width / 2, bars: bars.collect() }
    });
    Columns {
        width: WIDTH,
        height: ABOVE + HIGH + BELOW,
        zero,
        top,
        bottom,
        above: (up > 0).then_some(Line { y: top, amount: up }),
        below: (down > 0).then_some(Line { y: bottom, amount: down }),
        slots: slots.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Way::{Down, Up};

    #[test]
    fn in_goes_up_and_out_goes_down_on_one_scale() {
        let picture = columns(&[Up, Down], &[vec![4_000_000, 1_000_000], vec![0, 500_000]]);
        assert_eq!(picture.above, Some(Line { y: 18, amount: 5_000_000 }));
        assert_eq!(picture.below, Some(Line { y: 150, amount: 1_000_000 }));
        assert_eq!((picture.zero, picture.bottom), (18 + 110, 150));
        let first = &picture.slots[0];
        assert_eq!((first.x, first.width, first.middle), (0, 56, 28));
        let bar = Bar { series: 0, x: 3, y: 128 - 88, width: 25, height: 88, minus: false };
        assert_eq!(first.bars[0], bar);
        assert_eq!((first.bars[1].y, first.bars[1].height), (128, 22));
        let second = &picture.slots[1];
        assert_eq!(second.bars.len(), 1, "nothing came in");
        assert_eq!((second.bars[0].series, second.bars[0].x, second.bars[0].height), (1, 84, 11));
    }

    #[test]
    fn what_was_taken_back_stands_on_the_other_side_and_never_over_another_bar() {
        let picture = columns(&[Up, Down], &[vec![-300, 700], vec![100, -50]]);
        let [took, paid] = picture.slots[0].bars[..] else { panic!("two bars") };
        assert!(took.minus && took.y == picture.zero, "{took:?}");
        assert!(took.x + took.width <= paid.x);
        let [_, back] = picture.slots[1].bars[..] else { panic!("two bars") };
        assert!(back.minus && back.y + back.height == picture.zero, "{back:?}");
    }

    #[test]
    fn every_bar_lies_inside_the_picture_whatever_the_amounts() {
        let amounts = [0, 1, -1, 999, i64::MAX, i64::MIN, -9_007_199_254_740_991];
        for ways in [vec![Up], vec![Up, Up], vec![Up, Down], vec![Down], vec![Up, Down, Up]] {
            for count in [1, 3, 12, 14, 60] {
                let row = |at: usize| (0..ways.len()).map(|n| amounts[(at * 3 + n) % 7]).collect();
                let rows: Vec<Vec<i64>> = (0..count).map(row).collect();
                let picture = columns(&ways, &rows);
                for slot in &picture.slots {
                    assert!(slot.x + slot.width <= WIDTH, "{count}");
                    assert!(count > 14 || slot.width >= 24, "{count}");
                    for bar in &slot.bars {
                        assert!(bar.height > 0 && bar.width > 0);
                        assert!(bar.y >= picture.top && bar.y + bar.height <= picture.bottom);
                        assert!(bar.x >= slot.x && bar.x + bar.width <= slot.x + slot.width.max(8));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_at_all_is_a_picture_without_lines() {
        let picture = columns(&[Up, Down], &[vec![0, 0]]);
        assert_eq!((picture.above, picture.below), (None, None));
        assert!(picture.slots[0].bars.is_empty());
        assert!(columns(&[Up], &[]).slots.is_empty());
    }
}
