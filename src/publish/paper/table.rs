//! Tables that go on over pages, with their head on each.

use super::font::Weight;
use super::layout::{Flow, Item, Role, Style, line};
use super::{Align, Table};

/// What is free beside a cell's text, and over and under it.
const BESIDE: i64 = 4_000;
const OVER: i64 = 2_200;

/// The thickness of lines between rows and cells.
const THIN: i64 = 300;

/// A table of more cells is a list of rows to a screen reader: the tree would be most of the file.
const MANY: usize = 1_500;

/// Places a table; `ruled` with lines between its cells.
pub fn place(flow: &mut Flow<'_>, table: &Table, ruled: bool) {
    let long = table.rows.len() * table.columns.len() > MANY;
    let head = long.then(|| flow.node(Role::Paragraph, None));
    let node = flow.node(if long { Role::List } else { Role::Table }, None);
    let grid = Grid { table, widths: widths(flow, table), node, head, ruled };
    let (head, row) = (grid.height(flow, &grid.titles(), Weight::Bold), line(flow.measures.body));
    flow.need(head + 2 * (row + 2 * OVER));
    grid.head(flow, true);
    // The sums do not stand alone on a page.
    let sums = table.sums.as_ref().map_or(0, |sums| grid.height(flow, sums, Weight::Bold));
    for (at, row) in (1..).zip(&table.rows) {
        let below = if at == table.rows.len() { sums } else { 0 };
        grid.row(flow, row, Weight::Regular, below);
    }
    if let Some(sums) = &table.sums {
        grid.row(flow, sums, Weight::Bold, 0);
    }
    flow.y += flow.measures.body;
}

/// The width of each column: what its widest cell asks for, and a share of what is left; where all
/// ask for too much, narrow ones get what they ask for and wide ones share the rest.
fn widths(flow: &Flow<'_>, table: &Table) -> Vec<i64> {
    let (bold, regular) = (style(flow, Weight::Bold), style(flow, Weight::Regular));
    let asked: Vec<i64> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, (title, _))| {
            let cell =
                |row: &Vec<String>, style| row.get(at).map_or(0, |own| flow.wide(own, style));
            let rows = table.rows.iter().map(|row| cell(row, regular)).max().unwrap_or(0);
            let sums = table.sums.as_ref().map_or(0, |sums| cell(sums, bold));
            rows.max(sums).max(flow.wide(title, bold)) + 2 * BESIDE
        })
        .collect();
    share(&asked, flow.measures.room())
}

/// Shares `room` between columns that ask for so much: none gets less than another one unless it
/// asked for less.
#[must_use]
pub fn share(asked: &[i64], room: i64) -> Vec<i64> {
    let total: i64 = asked.iter().sum();
    if total <= 0 {
        return asked.to_vec();
    }
    let count = i64::try_from(asked.len()).unwrap_or(1).max(1);
    if total <= room {
        return asked.iter().map(|own| own + (room - total) / count).collect();
    }
    let mut ascending = asked.to_vec();
    ascending.sort_unstable();
    let (mut rest, mut columns, mut most) = (room, count, room);
    for own in ascending {
        most = rest / columns.max(1);
        if own > most {
            break;
        }
        (rest, columns) = (rest - own, columns - 1);
    }
    asked.iter().map(|own| (*own).min(most)).collect()
}

const fn style(flow: &Flow<'_>, weight: Weight) -> Style {
    flow.style(weight, Align::Left)
}

struct Grid<'a> {
    table: &'a Table,
    widths: Vec<i64>,
    node: usize,
    /// Where the head stands before a list of rows.
    head: Option<usize>,
    /// Whether there are lines between cells.
    ruled: bool,
}

impl Grid<'_> {
    fn titles(&self) -> Vec<String> {
        self.table.columns.iter().map(|(title, _)| title.clone()).collect()
    }

    fn cells(&self, flow: &Flow<'_>, row: &[String], weight: Weight) -> Vec<Vec<String>> {
        let style = style(flow, weight);
        let cell = |(width, text): (&i64, &String)| flow.lines(text, style, width - 2 * BESIDE);
        self.widths.iter().zip(row).map(cell).collect()
    }

    fn height(&self, flow: &Flow<'_>, row: &[String], weight: Weight) -> i64 {
        let lines = self.cells(flow, row, weight).iter().map(Vec::len).max().unwrap_or(1);
        i64::try_from(lines).unwrap_or(1) * line(flow.measures.body) + 2 * OVER
    }

    /// The head; in the tree the first time only.
    fn head(&self, flow: &mut Flow<'_>, first: bool) {
        let cells = self.cells(flow, &self.titles(), Weight::Bold);
        let nodes = first.then(|| match self.head {
            Some(head) => vec![head; cells.len()],
            None => self.nodes(flow, Role::Head, cells.len()),
        });
        if self.ruled {
            self.rule(flow, 900);
        }
        self.draw(flow, cells, Weight::Bold, nodes.as_deref());
        self.rule(flow, 900);
    }

    /// The parts of the tree for the cells of a row.
    fn nodes(&self, flow: &mut Flow<'_>, role: Role, count: usize) -> Vec<usize> {
        if self.head.is_some() {
            let item = flow.node(Role::Item, Some(self.node));
            return vec![flow.node(Role::Body, Some(item)); count];
        }
        let row = flow.node(Role::Row, Some(self.node));
        (0..count).map(|_| flow.node(role, Some(row))).collect()
    }

    /// A row, on the next page where it does not fit with so much below it.
    fn row(&self, flow: &mut Flow<'_>, row: &[String], weight: Weight, below: i64) {
        let cells = self.cells(flow, row, weight);
        let nodes = self.nodes(flow, Role::Cell, cells.len());
        let height = line(flow.measures.body);
        let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
        if flow.need(i64::try_from(lines).unwrap_or(1) * height + 2 * OVER + below) {
            self.head(flow, false);
        }
        // A row that is longer than a page goes on over the next ones.
        let fits = usize::try_from((flow.left() - 2 * OVER) / height).unwrap_or(1).max(1);
        for from in (0..lines.max(1)).step_by(fits) {
            if from > 0 {
                flow.turn();
            }
            let part = |cell: &Vec<String>| cell.iter().skip(from).take(fits).cloned().collect();
            self.draw(flow, cells.iter().map(part).collect(), weight, Some(&nodes));
        }
        self.rule(flow, THIN);
    }

    /// Draws the cells beside each other and goes on under the longest.
    fn draw(
        &self,
        flow: &mut Flow<'_>,
        cells: Vec<Vec<String>>,
        weight: Weight,
        nodes: Option<&[usize]>,
    ) {
        let height = line(flow.measures.body);
        let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
        let (mut x, last) = (flow.measures.margin, cells.len());
        for (at, cell) in cells.into_iter().enumerate() {
            let Some(width) = self.widths.get(at).copied() else { continue };
            let align = self.table.columns.get(at).map_or(Align::Left, |own| own.1);
            let style = Style { align, ..style(flow, weight) };
            let node = nodes.and_then(|nodes| nodes.get(at)).copied();
            for (line, mut text) in (0..).zip(cell) {
                // A space keeps cells apart in a copied text.
                if at + 1 < last && !text.ends_with(' ') {
                    text.push(' ');
                }
                let top = flow.y + OVER + line * height;
                flow.draw(text, style, (x + BESIDE, width - 2 * BESIDE, top), node);
            }
            x += width;
        }
        let whole = i64::try_from(lines).unwrap_or(1) * height + 2 * OVER;
        if self.ruled {
            self.sides(flow, whole);
        }
        flow.y += whole;
    }

    /// The lines beside the cells of a row.
    fn sides(&self, flow: &mut Flow<'_>, height: i64) {
        let (mut x, y) = (flow.measures.margin, flow.y);
        let end = x + self.widths.iter().sum::<i64>() - THIN;
        for width in [0].iter().chain(&self.widths) {
            x += width;
            flow.put(Item::Rule { x: x.min(end), y, width: THIN, thick: height });
        }
    }

    fn rule(&self, flow: &mut Flow<'_>, thick: i64) {
        let (x, y) = (flow.measures.margin, flow.y);
        flow.put(Item::Rule { x, y, width: self.widths.iter().sum(), thick });
        flow.y += thick;
    }
}
