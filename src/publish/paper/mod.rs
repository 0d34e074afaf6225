//! Papers as PDF files: what stands on them, in words that are ready, becomes pages with the fonts
//! inside. The same paper gives the same bytes: nothing in here asks what day it is.
//!
//! | file | what it is |
//! |---|---|
//! | [`font`] | the two fonts: glyphs and their widths |
//! | [`wrap`] | texts cut into lines |
//! | [`layout`] | blocks placed on pages, and the tree that a screen reader follows |
//! | [`table`] | tables that go on over pages |
//! | [`code`](mod@code) | QR codes |
//! | [`pdf`] | placed pages as a file |
//!
//! Lengths are whole thousandths of a point throughout.

pub mod code;
pub mod font;
pub mod layout;
pub mod pdf;
pub mod table;
pub mod wrap;

#[cfg(test)]
mod tests;

/// The size of the sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// 210 mm by 297 mm.
    A4,
    /// The same in letters of so many points, to be read on a wall.
    Wall(u8),
    /// 297 mm by 210 mm, for books of many columns.
    A4Across,
    /// 148 mm by 210 mm.
    A5,
    /// 210 mm by 148 mm: half of an A4 sheet, as cash slips are.
    A5Across,
}

/// A paper.
#[derive(Clone, Debug)]
pub struct Paper {
    /// What it is, as viewers show it.
    pub title: String,
    /// Who issues it.
    pub author: String,
    /// The tag of its language, such as `vi`.
    pub language: &'static str,
    /// The size of its sheets.
    pub sheet: Sheet,
    /// What stands at the foot of each page, on the left.
    pub foot: String,
    /// The word before `1/3` at the foot of each page.
    pub page: String,
    /// What stands on it, from the top.
    pub blocks: Vec<Block>,
}

/// A part of a paper.
#[derive(Clone, Debug)]
pub enum Block {
    /// Who issues it: the name, and lines under it.
    Letterhead(String, Vec<String>),
    /// The head of a form: who issues it on the left (the first line in bold), which form it is on
    /// the right.
    Sides(Vec<String>, Vec<String>),
    /// Its title, and a line under it.
    Title(String, Option<String>),
    /// The head of a section.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph in small letters.
    Fine(String),
    /// A paragraph in the middle.
    Centred(String),
    /// What nobody may overlook: in bold in the middle, between two lines.
    Notice(String),
    /// Lines of a label and a value.
    Pairs(Vec<Pair>),
    /// Numbered clauses.
    Numbered(Vec<String>),
    /// A table.
    Table(Table),
    /// The same with lines between its cells, as lists to sign are.
    Grid(Table),
    /// A QR code with texts beside it; never torn apart.
    Code(Code),
    /// What follows begins on a page of its own.
    NewPage,
    /// Where and when it is signed, and room for each signature; never torn apart.
    Signatures(String, Vec<Signature>),
}

/// A label and its value.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The label.
    pub label: String,
    /// The value.
    pub value: String,
    /// Whether the value is set in bold.
    pub strong: bool,
}

impl Pair {
    /// A pair.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), strong: false }
    }

    /// A pair whose value is set in bold.
    #[must_use]
    pub fn strong(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { strong: true, ..Self::new(label, value) }
    }
}

/// A QR code (ISO/IEC 18004, correction level M).
#[derive(Clone, Debug)]
pub struct Code {
    /// What a camera reads; a text that is too long for a code leaves its room empty.
    pub content: String,
    /// What it is, for who can't see it.
    pub alternative: String,
    /// Paragraphs beside it; the first is set in bold.
    pub beside: Vec<String>,
}

/// A table; its head is repeated on each page.
#[derive(Clone, Debug)]
pub struct Table {
    /// The head of each column, and where its cells stand.
    pub columns: Vec<(String, Align)>,
    /// The rows, a cell for each column.
    pub rows: Vec<Vec<String>>,
    /// The sums under them.
    pub sums: Option<Vec<String>>,
}

/// Where a text stands between its borders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// On the left.
    Left,
    /// In the middle.
    Centre,
    /// On the right.
    Right,
}

/// Room for a signature.
#[derive(Clone, Debug)]
pub struct Signature {
    /// As what somebody signs.
    pub office: String,
    /// What to write, in a line under it.
    pub note: String,
    /// The name under the room, where it is known.
    pub name: Option<String>,
}

/// Why a paper was not made.
#[derive(Debug, thiserror::Error)]
pub enum PaperFault {
    /// A font inside the program can't be read.
    #[error("a font of papers can't be read")]
    Font,
    /// A page has no size.
    #[error("a page of a paper has no size")]
    Size,
    /// The file would not be what it says of itself.
    #[error("a paper was not written: {0}")]
    Written(String),
}

impl Paper {
    /// How many pages it has.
    ///
    /// # Errors
    /// [`PaperFault::Font`].
    pub fn pages(&self) -> Result<usize, PaperFault> {
        Ok(layout::lay(self, font::Fonts::get()?).pages.len())
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// Faults of the machine alone: every text can be set.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperFault> {
        let fonts = font::Fonts::get()?;
        pdf::write(self, fonts, layout::lay(self, fonts))
    }
}
