//! What papers have in common: amounts, days and quantities in the words of their reader, the head
//! of a form, room for signatures, and the answer that carries the file.

use rocket::http::ContentType;

use super::public::download::{Download, Keep};
use super::public::ledgers::Speech;
use super::words::amount_in_words;
use super::{Fault, format};
use crate::ledger::voucher::Chapter;
use crate::ledger::word::Date;
use crate::money::{Money, signed_quantity};
use crate::publish::paper::{Block, Pair, Paper, Signature};

/// Room for what is written by hand.
pub const BLANK: &str = "…………………………………………";

/// As many spaces as a signature in a cell needs, which are not drawn, and a second line.
pub const TO_SIGN: &str = "\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\
    \u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\n";

/// Writes papers in a reader's language.
#[derive(Clone, Copy)]
pub struct Pen<'a>(pub &'a Speech<'a>);

impl Pen<'_> {
    /// A text.
    #[must_use]
    pub fn say(&self, key: &str) -> String {
        self.0.say(key)
    }

    /// A text with arguments.
    #[must_use]
    pub fn tell(&self, key: &str, arguments: &[(&'static str, &str)]) -> String {
        self.0.tell(key, arguments)
    }

    /// `1.500.000 ₫`.
    #[must_use]
    pub fn money(&self, amount: Money) -> String {
        format::money(amount, self.0.language)
    }

    /// An amount in a table whose head names the unit: `1.500.000`.
    #[must_use]
    pub fn figure(&self, amount: Money) -> String {
        format::number(amount.minor(), self.0.language)
    }

    /// The same, nothing for zero.
    #[must_use]
    pub fn figure_or_none(&self, amount: Money) -> String {
        if amount.minor() == 0 { String::new() } else { self.figure(amount) }
    }

    /// A whole number.
    #[must_use]
    pub fn number(&self, number: usize) -> String {
        format::number(i64::try_from(number).unwrap_or(i64::MAX), self.0.language)
    }

    /// An amount in words.
    #[must_use]
    pub fn words(&self, amount: Money) -> String {
        amount_in_words(amount, self.0.language)
    }

    /// `05/11/2026`.
    #[must_use]
    pub fn date(&self, day: Date) -> String {
        format::date(day.naive(), self.0.language)
    }

    /// `Ngày 05 tháng 11 năm 2026`.
    #[must_use]
    pub fn on(&self, day: Date) -> String {
        let shown = self.date(day);
        let mut parts = shown.split(['/', '\u{a0}']);
        let mut part = || parts.next().unwrap_or_default();
        let (day, month, year) = (part(), part(), part());
        self.tell("print-on", &[("day", day), ("month", month), ("year", year)])
    }

    /// A quantity in thousandths, without its unit.
    #[must_use]
    pub fn quantity(&self, thousandths: i64) -> String {
        let canonical = signed_quantity(thousandths);
        format::quantity(&canonical, self.0.language).unwrap_or(canonical)
    }

    /// An amount in figures and in words.
    #[must_use]
    pub fn amounts(&self, label: &str, amount: Money) -> [Pair; 2] {
        [
            Pair::strong(self.say(label), self.money(amount)),
            Pair::new(self.say("print-in-words"), self.words(amount)),
        ]
    }

    /// A label with what is known, or with room to write it.
    #[must_use]
    pub fn or_blank(&self, label: &str, known: Option<String>) -> Pair {
        match known {
            Some(known) => Pair::strong(self.say(label), known),
            None => Pair::new(self.say(label), BLANK),
        }
    }

    /// Room for a signature.
    #[must_use]
    pub fn signature(&self, office: &str, name: Option<String>) -> Signature {
        Signature { office: self.say(office), note: self.say("minutes-sign"), name }
    }

    /// The head of a form: the chapter on the left.
    #[must_use]
    pub fn head(&self, chapter: Option<&Chapter>, right: Vec<String>) -> Block {
        let name = chapter.map_or("", |own| own.name.as_str()).to_owned();
        let address = chapter.and_then(|own| own.address.as_ref());
        let address = address.map(|own| self.tell("print-address", &[("address", own.as_str())]));
        Block::Sides([name].into_iter().chain(address).collect(), right)
    }
}

/// The file of a paper, shown by browsers under a name; letters that are not plain become hyphens.
///
/// # Errors
/// Faults of the machine alone.
pub fn download(paper: &Paper, name: &str) -> Result<Download, Fault> {
    let bytes = paper.pdf().map_err(Fault::internal)?;
    let plain = |letter: char| {
        let fits = letter.is_ascii_alphanumeric() || letter == '.';
        if fits { letter } else { '-' }
    };
    let name: String = name.chars().map(plain).take(80).collect();
    let file = Download::whole(ContentType::PDF, Keep::Nothing, bytes);
    Ok(file.shown_as(format!("{name}.pdf")).private())
}
