//! Where money came from and where it went: sources at the left, what they became in the middle,
//! uses at the right, and bands between them as wide as the amounts.

use serde::Serialize;

use super::{WIDTH, length_of};

/// The width of a node.
const NODE: i64 = 8;
/// The height of the middle, which the amounts share.
const HIGH: i64 = 220;
/// The least room of a node with two lines of words beside it, and the room between two.
const ROOM: i64 = 32;
const BETWEEN: i64 = 8;
/// Room above and below.
const EDGE: i64 = 4;

/// A source or a use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Left edge.
    pub x: i64,
    /// Upper edge.
    pub y: i64,
    /// Width.
    pub width: i64,
    /// Height.
    pub height: i64,
    /// The line on which the first words stand.
    pub words: i64,
    /// The band to the middle, as the `d` of an SVG path.
    pub band: String,
}

/// The picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Width.
    pub width: i64,
    /// Height.
    pub height: i64,
    /// The middle.
    pub middle: Node,
    /// The sources, from above.
    pub sources: Vec<Node>,
    /// The uses, from above.
    pub uses: Vec<Node>,
}

/// One side: heights of the nodes in proportion, and their share of the middle.
struct Side {
    /// Height, and the height of the room around it.
    nodes: Vec<(i64, i64)>,
    /// Upper and lower edge in the middle, from 0 to [`HIGH`].
    parts: Vec<(i64, i64)>,
}

impl Side {
    fn of(amounts: &[i64]) -> Self {
        let whole: i128 = amounts.iter().map(|amount| i128::from(*amount).max(0)).sum();
        let total = i64::try_from(whole).unwrap_or(i64::MAX);
        let edge = |sum: i128| match whole {
            0 => 0,
            whole => i64::try_from(sum * i128::from(HIGH) / whole).unwrap_or(HIGH),
        };
        let mut sum: i128 = 0;
        let (mut nodes, mut parts) = (Vec::new(), Vec::new());
        for amount in amounts {
            let above = edge(sum).min(HIGH - 1);
            sum += i128::from(*amount).max(0);
            let height = length_of((*amount).max(0), total, HIGH).max(1);
            nodes.push((height, height.max(ROOM)));
            // A band that would be thinner than a line is one unit wide all the same.
            parts.push((above, edge(sum).max(above + 1)));
        }
        Self { nodes, parts }
    }

    fn height(&self) -> i64 {
        let gaps = i64::try_from(self.nodes.len().saturating_sub(1)).unwrap_or(0) * BETWEEN;
        self.nodes.iter().map(|(_, room)| room).sum::<i64>() + gaps
    }
}

/// The picture of amounts above zero, in their order; both sides have the same sum.
#[must_use]
pub fn flow(sources: &[i64], uses: &[i64]) -> Flow {
    let (left, right) = (Side::of(sources), Side::of(uses));
    let inner = left.height().max(right.height()).max(HIGH);
    let top = EDGE + (inner - HIGH) / 2;
    let x = (WIDTH - NODE) / 2;
    let middle = Node { x, y: top, width: NODE, height: HIGH, words: top, band: String::new() };
    let place = |side: &Side, left: bool| {
        let mut y = EDGE + (inner - side.height()) / 2;
        let node = |((height, room), (above, below)): (&(i64, i64), &(i64, i64))| {
            let upper = y + (room - height) / 2;
            let words = y + room / 2 - 3;
            y += room + BETWEEN;
            let own = (upper, upper + height);
            let there = (top + above, top + below);
            let band = match left {
                true => band((NODE, x), own, there),
                false => band((x + NODE, WIDTH - NODE), there, own),
            };
            let x = if left { 0 } else { WIDTH - NODE };
            Node { x, y: upper, width: NODE, height: *height, words, band }
        };
        side.nodes.iter().zip(&side.parts).map(node).collect()
    };
    Flow {
        width: WIDTH,
        height: inner + 2 * EDGE,
        sources: place(&left, true),
        uses: place(&right, false),
        middle,
    }
}

/// A band from the left edge to the right one, bent so that it leaves and arrives level.
fn band((from, to): (i64, i64), (y0, y1): (i64, i64), (y2, y3): (i64, i64)) -> String {
    let half = (from + to) / 2;
    format!(
        "M{from} {y0}C{half} {y0} {half} {y2} {to} {y2}V{y3}C{half} {y3} {half} {y1} {from} {y1}Z"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_share_the_middle_without_a_gap_and_nodes_never_overlap() {
        let sources = [2_000_000, 4_400_000, 1_250];
        let uses = [6_000_000, 120_000, 281_250];
        let picture = flow(&sources, &uses);
        assert_eq!(picture.width, WIDTH);
        for nodes in [&picture.sources, &picture.uses] {
            for pair in nodes.windows(2) {
                assert!(pair[0].y + pair[0].height < pair[1].y);
                assert!(pair[1].words - pair[0].words >= ROOM, "words keep their room");
            }
            for node in nodes {
                assert!(node.height >= 1 && node.y >= 0);
                assert!(node.y + node.height <= picture.height);
            }
        }
        // 2.000.000 of 6.401.250 of 220 units.
        assert_eq!(picture.sources[0].height, 68);
        let Side { parts, .. } = Side::of(&sources);
        assert_eq!(parts[0], (0, 68));
        assert_eq!(parts[1].0, 68);
        assert_eq!(parts[2].1, HIGH);
    }

    #[test]
    fn a_path_begins_and_ends_at_its_nodes() {
        let picture = flow(&[100], &[100]);
        let node = &picture.sources[0];
        let begin = format!("M8 {}C", node.y);
        assert!(node.band.starts_with(&begin) && node.band.ends_with('Z'), "{}", node.band);
        assert_eq!(node.height, HIGH);
        assert!(picture.uses[0].band.starts_with(&format!("M{} ", picture.middle.x + NODE)));
    }

    #[test]
    fn odd_amounts_make_a_picture_all_the_same() {
        for amounts in [&[][..], &[0], &[-5, 0], &[i64::MAX, i64::MAX, 1]] {
            let picture = flow(amounts, amounts);
            assert_eq!(picture.sources.len(), amounts.len());
            assert!(picture.height >= HIGH);
        }
    }
}
