//! QR codes: dark squares on a grid, with texts beside them.

use fast_qr::qr::QRBuilder;
use fast_qr::{ECL, Module};

use super::font::Weight;
use super::layout::{Flow, Item, Role, line};
use super::{Align, Code};

/// Light squares that a camera needs round a code.
const QUIET: i64 = 4;

/// The side of a code: 30 mm, which a phone reads from an arm's length.
const SIDE: i64 = 85_000;

/// Dark squares beside each other: column, row, how many.
pub type Run = (i64, i64, i64);

/// Runs of dark squares of a code, from its top left corner on, and how many squares a side has.
fn runs(content: &str) -> Option<(Vec<Run>, i64)> {
    let code = QRBuilder::new(content).ecl(ECL::M).build().ok()?;
    let size = i64::try_from(code.size).ok()?;
    let mut all: Vec<Run> = Vec::new();
    for row in 0..size {
        let squares = &code[usize::try_from(row).ok()?];
        for (column, _) in (0..).zip(squares).filter(|(_, square)| square.value() == Module::DARK) {
            match all.last_mut() {
                Some((from, own, count)) if *own == row && *from + *count == column => *count += 1,
                _ => all.push((column, row, 1)),
            }
        }
    }
    Some((all, size))
}

/// Places a code and its texts.
pub fn place(flow: &mut Flow<'_>, code: &Code) {
    let body = flow.measures.body;
    let (margin, room) = (flow.measures.margin, flow.measures.room());
    let found = runs(&code.content);
    let square = found.as_ref().map_or(0, |(_, size)| SIDE / (size + QUIET));
    let (x, rest) = (margin + SIDE + body, room - SIDE - body);
    let texts: Vec<_> = (0..)
        .zip(&code.beside)
        .map(|(at, text)| {
            let weight = if at == 0 { Weight::Bold } else { Weight::Regular };
            let style = flow.style(weight, Align::Left);
            (flow.lines(text, style, rest), style)
        })
        .collect();
    let count: usize = texts.iter().map(|(lines, _)| lines.len()).sum();
    let gaps = body / 3 * i64::try_from(texts.len()).unwrap_or(0);
    let height = (line(body) * i64::try_from(count).unwrap_or(0) + gaps).max(SIDE);
    flow.y += body / 2;
    flow.need(height);
    let top = flow.y;
    if let Some((runs, _)) = found {
        let node = flow.node(Role::Figure, None);
        flow.laid.alternatives.insert(node, code.alternative.clone());
        let quiet = square * QUIET / 2;
        let (x, y) = (margin + quiet, top + quiet);
        flow.put(Item::Code { x, y, square, runs, node });
    }
    let mut y = top;
    for (lines, style) in texts {
        let (node, count) = (flow.node(Role::Paragraph, None), lines.len());
        flow.stack(lines, style, (x, rest, y), node);
        y += line(body) * i64::try_from(count).unwrap_or(0) + body / 3;
    }
    flow.y = top + height + body / 2;
}
