//! Blocks placed on pages from the top, and the tree that a screen reader follows.

use std::collections::HashMap;

use super::font::{Fonts, Weight};
use super::wrap::wrap;
use super::{Align, Block, Pair, Paper, Sheet, Signature};

/// Lengths of a size of sheets.
#[derive(Clone, Copy, Debug)]
pub struct Measures {
    /// Width of the sheet.
    pub width: i64,
    /// Height of the sheet.
    pub height: i64,
    /// What is left free on every side.
    pub margin: i64,
    /// The size of letters.
    pub body: i64,
}

impl Measures {
    /// The lengths of a sheet.
    #[must_use]
    pub const fn of(sheet: Sheet) -> Self {
        match sheet {
            Sheet::A4 => Self { width: 595_276, height: 841_890, margin: 56_700, body: 10_500 },
            Sheet::Wall(points) => {
                let body = points as i64 * 1_000;
                Self { width: 595_276, height: 841_890, margin: 45_400, body }
            }
            Sheet::A4Across => {
                Self { width: 841_890, height: 595_276, margin: 48_000, body: 10_000 }
            }
            Sheet::A5 => Self { width: 419_528, height: A5_HEIGHT, margin: 39_700, body: 9_000 },
            Sheet::A5Across => {
                Self { width: 595_276, height: 419_528, margin: 34_000, body: 9_000 }
            }
        }
    }

    /// The width between the margins.
    #[must_use]
    pub const fn room(&self) -> i64 {
        self.width - 2 * self.margin
    }

    /// Where a page's text ends; the foot stands below.
    #[must_use]
    pub const fn bottom(&self) -> i64 {
        self.height - self.margin
    }

    /// The size of small letters.
    #[must_use]
    pub const fn small(&self) -> i64 {
        self.body * 6 / 7
    }
}

/// The height of an upright A5 sheet.
const A5_HEIGHT: i64 = 595_276;

/// The height of a line at a size of letters: room for two marks over a capital.
#[must_use]
pub const fn line(size: i64) -> i64 {
    size * 142 / 100
}

/// What is drawn on a page, from its top left corner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A text on one line.
    Text {
        /// Where it begins.
        x: i64,
        /// The line on which its letters stand.
        y: i64,
        /// The size of its letters.
        size: i64,
        /// How thick they are.
        weight: Weight,
        /// The text, with a space at its end where it goes on.
        text: String,
        /// The part of the tree that it belongs to; `None` for what is repeated on each page.
        node: Option<usize>,
    },
    /// A line across.
    Rule {
        /// Where it begins.
        x: i64,
        /// Its upper border.
        y: i64,
        /// How long it is.
        width: i64,
        /// How thick it is.
        thick: i64,
    },
    /// A QR code.
    Code {
        /// The left border of its squares.
        x: i64,
        /// Their upper border.
        y: i64,
        /// The side of a square.
        square: i64,
        /// Its dark squares.
        runs: Vec<super::code::Run>,
        /// The part of the tree that it belongs to.
        node: usize,
    },
}

/// What a part of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The title.
    Title,
    /// The head of a section.
    Heading,
    /// A paragraph.
    Paragraph,
    /// A numbered list.
    List,
    /// An item of a list.
    Item,
    /// The number of an item.
    Label,
    /// The words of an item.
    Body,
    /// A table.
    Table,
    /// A row.
    Row,
    /// The head of a column.
    Head,
    /// A cell.
    Cell,
    /// A picture with words for it.
    Figure,
}

/// A part of the tree; its parent comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub role: Role,
    /// The part that it is in.
    pub parent: Option<usize>,
}

/// A title or head, for the list that viewers show beside the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its text.
    pub text: String,
    /// The page, from 0.
    pub page: usize,
    /// Where it begins on it.
    pub y: i64,
}

/// A paper on pages.
#[derive(Clone, Debug, Default)]
pub struct Laid {
    /// What stands on each page.
    pub pages: Vec<Vec<Item>>,
    /// The tree.
    pub nodes: Vec<Node>,
    /// Titles and heads, in order; each belongs to a node of the tree.
    pub marks: Vec<(usize, Mark)>,
    /// Words for pictures, by their part of the tree.
    pub alternatives: HashMap<usize, String>,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The size of its letters.
    pub size: i64,
    /// How thick they are.
    pub weight: Weight,
    /// Where it stands.
    pub align: Align,
}

/// Places blocks, one after the other.
pub struct Flow<'a> {
    fonts: &'a Fonts,
    /// The lengths of the sheet.
    pub measures: Measures,
    /// What was placed.
    pub laid: Laid,
    /// Where the next block begins.
    pub y: i64,
}

/// Places a whole paper.
#[must_use]
pub fn lay(paper: &Paper, fonts: &Fonts) -> Laid {
    let mut flow = Flow::new(fonts, Measures::of(paper.sheet));
    for block in &paper.blocks {
        flow.block(block);
    }
    flow.feet(&paper.foot, &paper.page);
    flow.laid
}

/// Room for a signature, in lines.
struct Room {
    office: Vec<String>,
    note: Vec<String>,
    name: Vec<String>,
}

impl<'a> Flow<'a> {
    /// An empty first page.
    #[must_use]
    pub fn new(fonts: &'a Fonts, measures: Measures) -> Self {
        let laid = Laid { pages: vec![Vec::new()], ..Laid::default() };
        Self { fonts, measures, laid, y: measures.margin }
    }

    fn block(&mut self, block: &Block) {
        let body = self.measures.body;
        match block {
            // A head of nothing is none.
            Block::Title(text, _) | Block::Heading(text)
                if self.fonts.legible(text).trim().is_empty() => {}
            Block::Letterhead(name, lines) => self.letterhead(name, lines),
            Block::Sides(left, right) => self.sides(left, right),
            Block::Title(title, under) => self.title(title, under.as_deref()),
            Block::Heading(text) => self.heading(text),
            Block::Paragraph(text) => {
                let node = self.node(Role::Paragraph, None);
                self.text(text, self.style(Weight::Regular, Align::Left), node);
                self.y += body / 2;
            }
            Block::Fine(text) => {
                let node = self.node(Role::Paragraph, None);
                let size = self.measures.small();
                let style = Style { size, ..self.style(Weight::Regular, Align::Left) };
                self.text(text, style, node);
                self.y += body / 3;
            }
            Block::Centred(text) => {
                let node = self.node(Role::Paragraph, None);
                self.text(text, self.style(Weight::Regular, Align::Centre), node);
                self.y += body / 3;
            }
            Block::Notice(text) => self.notice(text),
            Block::Pairs(pairs) => self.pairs(pairs),
            Block::Numbered(items) => self.numbered(items),
            Block::Code(code) => super::code::place(self, code),
            Block::Table(table) => super::table::place(self, table, false),
            Block::Grid(table) => super::table::place(self, table, true),
            // Nothing stands before the first page.
            Block::NewPage => {
                if self.y > self.measures.margin {
                    self.turn();
                }
            }
            Block::Signatures(place, all) => self.signatures(place, all),
        }
    }

    /// Letters of the usual size.
    #[must_use]
    pub const fn style(&self, weight: Weight, align: Align) -> Style {
        Style { size: self.measures.body, weight, align }
    }

    /// Adds a part to the tree.
    pub fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        self.laid.nodes.push(Node { role, parent });
        self.laid.nodes.len() - 1
    }

    /// How much of the page is left.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.measures.bottom() - self.y
    }

    /// Begins a page.
    pub fn turn(&mut self) {
        self.laid.pages.push(Vec::new());
        self.y = self.measures.margin;
    }

    /// Begins a page where so much does not fit on this one; whether it did.
    pub fn need(&mut self, height: i64) -> bool {
        let turned = height > self.left() && self.y > self.measures.margin;
        if turned {
            self.turn();
        }
        turned
    }

    /// The lines of a text in a room.
    #[must_use]
    pub fn lines(&self, text: &str, style: Style, room: i64) -> Vec<String> {
        let text = self.fonts.legible(text);
        wrap(&text, room, |text| self.fonts.width(text, style.weight, style.size))
    }

    /// How wide a text is on one line.
    #[must_use]
    pub fn wide(&self, text: &str, style: Style) -> i64 {
        self.fonts.width(&self.fonts.legible(text), style.weight, style.size)
    }

    /// Draws one line whose upper border is `top`, between `x` and `x + room`.
    pub fn draw(
        &mut self,
        text: String,
        style: Style,
        (x, room, top): (i64, i64, i64),
        node: Option<usize>,
    ) {
        if text.trim_end().is_empty() {
            return;
        }
        let free = room - self.fonts.width(text.trim_end(), style.weight, style.size);
        let x = match style.align {
            Align::Left => x,
            Align::Centre => x + free / 2,
            Align::Right => x + free,
        };
        let (size, weight) = (style.size, style.weight);
        let y = top + size * 108 / 100;
        self.put(Item::Text { x, y, size, weight, text, node });
    }

    /// Adds something to the page.
    pub fn put(&mut self, item: Item) {
        if let Some(page) = self.laid.pages.last_mut() {
            page.push(item);
        }
    }

    /// A text over the whole width, on the next page where it does not fit; its first or last line
    /// does not stand alone.
    fn text(&mut self, text: &str, style: Style, node: usize) {
        self.column(text, style, (self.measures.margin, self.measures.room()), node);
    }

    fn column(&mut self, text: &str, style: Style, (x, room): (i64, i64), node: usize) {
        let lines = self.lines(text, style, room);
        let (count, height) = (lines.len(), line(style.size));
        for (at, text) in lines.into_iter().enumerate() {
            let alone = at == 0 && count > 1 || count > 2 && at + 2 == count;
            self.need(if alone { 2 * height } else { height });
            self.draw(text, style, (x, room, self.y), Some(node));
            self.y += height;
        }
    }

    fn letterhead(&mut self, name: &str, lines: &[String]) {
        let node = self.node(Role::Paragraph, None);
        self.text(name, self.style(Weight::Bold, Align::Left), node);
        let small =
            Style { size: self.measures.small(), ..self.style(Weight::Regular, Align::Left) };
        for text in lines {
            let node = self.node(Role::Paragraph, None);
            self.text(text, small, node);
        }
        let (x, width) = (self.measures.margin, self.measures.room());
        self.put(Item::Rule { x, y: self.y + 4_000, width, thick: 600 });
        self.y += self.measures.body;
    }

    /// Two columns, three fifths of the width for the left one; each goes on by itself.
    fn sides(&mut self, left: &[String], right: &[String]) {
        let (margin, room, body) = (self.measures.margin, self.measures.room(), self.measures.body);
        let wide = if right.is_empty() { room } else { room * 3 / 5 };
        let (top, mut end) = (self.y, self.y);
        let small = self.measures.small();
        let sides = [
            (left, margin, wide - body, Align::Left),
            (right, margin + wide, room - wide, Align::Centre),
        ];
        for (lines, x, room, align) in sides {
            let mut y = top;
            for (at, text) in lines.iter().enumerate() {
                let (weight, size) =
                    if at == 0 { (Weight::Bold, body) } else { (Weight::Regular, small) };
                let style = Style { size, weight, align };
                let lines = self.lines(text, style, room);
                let node = self.node(Role::Paragraph, None);
                let height = i64::try_from(lines.len()).unwrap_or(1) * line(size);
                self.stack(lines, style, (x, room, y), node);
                y += height;
            }
            end = end.max(y);
        }
        self.y = end + body / 3;
    }

    fn notice(&mut self, text: &str) {
        let (x, width, body) = (self.measures.margin, self.measures.room(), self.measures.body);
        let style = self.style(Weight::Bold, Align::Centre);
        let lines = i64::try_from(self.lines(text, style, width).len()).unwrap_or(1);
        self.need(lines * line(body) + body);
        self.put(Item::Rule { x, y: self.y, width, thick: 900 });
        self.y += body / 3;
        let node = self.node(Role::Paragraph, None);
        self.text(text, style, node);
        self.y += body / 3;
        self.put(Item::Rule { x, y: self.y, width, thick: 900 });
        self.y += body * 2 / 3;
    }

    fn marked(&mut self, role: Role, text: &str) -> usize {
        let node = self.node(role, None);
        let page = self.laid.pages.len().saturating_sub(1);
        let text = self.fonts.legible(text);
        self.laid.marks.push((node, Mark { text, page, y: self.y }));
        node
    }

    fn title(&mut self, title: &str, under: Option<&str>) {
        let size = self.measures.body * 16 / 10;
        self.y += self.measures.body * 8 / 10;
        self.need(2 * line(size));
        let node = self.marked(Role::Title, title);
        self.text(title, Style { size, weight: Weight::Bold, align: Align::Centre }, node);
        if let Some(under) = under {
            let node = self.node(Role::Paragraph, None);
            self.text(under, self.style(Weight::Bold, Align::Centre), node);
        }
        self.y += self.measures.body;
    }

    fn heading(&mut self, text: &str) {
        let size = self.measures.body * 115 / 100;
        self.y += self.measures.body * 6 / 10;
        // Never without three lines of what it is the head of.
        self.need(line(size) + 4 * line(self.measures.body));
        let node = self.marked(Role::Heading, text);
        self.text(text, Style { size, weight: Weight::Bold, align: Align::Left }, node);
        self.y += self.measures.body * 3 / 10;
    }

    fn pairs(&mut self, pairs: &[Pair]) {
        let regular = self.style(Weight::Regular, Align::Left);
        let (room, gap) = (self.measures.room(), self.measures.body);
        let widest = pairs.iter().map(|pair| self.wide(&pair.label, regular)).max().unwrap_or(0);
        let labels = widest.min(room * 2 / 5);
        for pair in pairs {
            let weight = if pair.strong { Weight::Bold } else { Weight::Regular };
            let value = self.style(weight, Align::Left);
            let rest = room - labels - gap;
            let (words, own) =
                (self.lines(&pair.label, regular, labels), self.lines(&pair.value, value, rest));
            let node = self.node(Role::Paragraph, None);
            let (x, height) = (self.measures.margin, line(regular.size));
            for at in 0..words.len().max(own.len()) {
                self.need(if at == 0 && own.len() > 1 { 2 * height } else { height });
                if let Some(text) = words.get(at) {
                    // A space keeps the label and its value apart in a copied text.
                    let text = format!("{} ", text.trim_end());
                    self.draw(text, regular, (x, labels, self.y), Some(node));
                }
                if let Some(text) = own.get(at) {
                    let place = (x + labels + gap, rest, self.y);
                    self.draw(text.clone(), value, place, Some(node));
                }
                self.y += height;
            }
            self.y += self.measures.body / 6;
        }
        self.y += self.measures.body / 3;
    }

    fn numbered(&mut self, items: &[String]) {
        let style = self.style(Weight::Regular, Align::Left);
        let list = self.node(Role::List, None);
        let (x, room) = (self.measures.margin, self.measures.room());
        let indent = self.wide(&format!("{}. ", items.len()), style).max(2 * style.size);
        for (number, text) in (1..).zip(items) {
            let lines = i64::try_from(self.lines(text, style, room - indent).len()).unwrap_or(1);
            self.need(line(style.size) * lines.min(2));
            let item = self.node(Role::Item, Some(list));
            let label = self.node(Role::Label, Some(item));
            self.draw(format!("{number}. "), style, (x, indent, self.y), Some(label));
            let body = self.node(Role::Body, Some(item));
            self.column(text, style, (x + indent, room - indent), body);
            self.y += style.size / 4;
        }
        self.y += style.size / 2;
    }

    fn signatures(&mut self, place: &str, all: &[Signature]) {
        let (right, body) = (self.style(Weight::Regular, Align::Right), self.measures.body);
        // Four beside each other on a wide sheet, two on a narrow one.
        let beside = usize::try_from(self.measures.room() / 115_000).unwrap_or(1);
        let beside = beside.min(all.len()).max(1);
        let room = self.measures.room() / i64::try_from(beside).unwrap_or(1);
        let rows: Vec<Vec<Room>> = all
            .chunks(beside)
            .map(|row| row.iter().map(|own| self.room_of(own, room - body)).collect())
            .collect();
        let total: i64 = rows.iter().map(|row| self.heights(row).2 + body).sum();
        self.y += body / 2;
        let head = if place.is_empty() { 0 } else { line(body) + body / 2 };
        self.need(total + head);
        if !place.is_empty() {
            let node = self.node(Role::Paragraph, None);
            self.text(place, right, node);
            self.y += body / 2;
        }
        for row in rows {
            let ((notes, names, end), top) = (self.heights(&row), self.y);
            for (at, own) in (0..).zip(row) {
                let x = self.measures.margin + at * room + body / 2;
                let node = self.node(Role::Paragraph, None);
                let (bold, small) = (self.style(Weight::Bold, Align::Centre), self.note());
                self.stack(own.office, bold, (x, room - body, top), node);
                self.stack(own.note, small, (x, room - body, top + notes), node);
                self.stack(own.name, bold, (x, room - body, top + names), node);
            }
            self.y = top + end + body;
        }
    }

    fn note(&self) -> Style {
        let size = self.measures.small();
        Style { size, ..self.style(Weight::Regular, Align::Centre) }
    }

    fn room_of(&self, own: &Signature, room: i64) -> Room {
        let bold = self.style(Weight::Bold, Align::Centre);
        let name = own.name.as_deref().map(|name| self.lines(name, bold, room));
        Room {
            office: self.lines(&own.office, bold, room),
            note: self.lines(&own.note, self.note(), room),
            name: name.unwrap_or_default(),
        }
    }

    /// Where in a row of signatures notes and names begin, and where it ends.
    fn heights(&self, row: &[Room]) -> (i64, i64, i64) {
        let (body, small) = (line(self.measures.body), line(self.measures.small()));
        let most = |of: fn(&Room) -> &Vec<String>| {
            i64::try_from(row.iter().map(|own| of(own).len()).max().unwrap_or(0)).unwrap_or(0)
        };
        let notes = most(|own| &own.office) * body;
        // Half a sheet has less room for a hand.
        let hand = if self.measures.height < A5_HEIGHT { 4 } else { 6 };
        let names = notes + most(|own| &own.note) * small + hand * self.measures.body;
        (notes, names, names + most(|own| &own.name) * body)
    }

    /// Lines under each other, wherever they end.
    pub fn stack(
        &mut self,
        lines: Vec<String>,
        style: Style,
        (x, room, top): (i64, i64, i64),
        node: usize,
    ) {
        for (at, text) in (0..).zip(lines) {
            self.draw(text, style, (x, room, top + at * line(style.size)), Some(node));
        }
    }

    /// What stands at the foot of each page.
    fn feet(&mut self, foot: &str, word: &str) {
        let (margin, room) = (self.measures.margin, self.measures.room());
        let small =
            Style { size: self.measures.small(), ..self.style(Weight::Regular, Align::Left) };
        let right = Style { align: Align::Right, ..small };
        let top = self.measures.bottom() + margin * 2 / 5;
        let count = self.laid.pages.len();
        let foot = self.lines(foot, small, room * 3 / 4).into_iter().next().unwrap_or_default();
        let word = self.fonts.legible(word);
        let all = std::mem::take(&mut self.laid.pages);
        for (number, page) in (1..).zip(all) {
            self.laid.pages.push(page);
            self.draw(foot.clone(), small, (margin, room, top), None);
            self.draw(format!("{word} {number}/{count}"), right, (margin, room, top), None);
        }
    }
}
