//! What a slip asks, as data for its template.

use rocket::form::{self, FromFormField, ValueField};
use serde::Serialize;

use crate::books::Books;
use crate::ledger::voucher::{Body, LineRef, OpeningLineRef, VoucherId};
use crate::ledger::word::{Date, Note, Number};
use crate::money::Money;
use crate::store::desk::vault::PrivateValue;
use crate::store::facade::Line;
use crate::web::desk::families::directory::Directory;
use crate::web::desk::lending::slips::ForLoan;
use crate::web::desk::sponsors::slips::ForPlans;
use crate::web::forms::{Field, FormView, Noted, Submission};
use crate::web::session::Officer;

/// A voucher form.
pub struct Slip {
    /// Its path.
    pub path: &'static str,
    /// Its name in the texts: `slip-<name>`.
    pub name: &'static str,
    /// Its fields, `id`, `step` and `date` among them.
    pub form: &'static [Field],
    /// What is asked, in the paper's order.
    pub inputs: fn(&Ctx<'_>) -> Vec<Input>,
    /// Values that are filled in beforehand.
    pub beforehand: fn(&Ctx<'_>) -> Vec<(&'static str, String)>,
    /// Text to voucher.
    pub read: fn(&mut Submission, &Ctx<'_>) -> Result<Written, Noted>,
}

impl Slip {
    /// Whether the form is about an earlier entry.
    pub(in crate::web::desk) fn is_about_an_entry(&self) -> bool {
        self.form.iter().any(|field| field.name == "of")
    }
}

/// Nothing is known beforehand.
#[must_use]
pub fn nothing(_: &Ctx<'_>) -> Vec<(&'static str, String)> {
    Vec::new()
}

/// The entry that a form is about, and of an opening balance the line: `12`, or `12.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct So {
    /// The place of the entry.
    pub place: u64,
    /// The line of an opening balance.
    pub line: Option<u32>,
}

impl So {
    /// How a voucher of this ledger names it.
    #[must_use]
    pub fn reference(self, books: &Books) -> LineRef {
        let seq = books.reference(self.place);
        match self.line.and_then(|line| Number::new(line.into())) {
            Some(line) => LineRef::Line(OpeningLineRef { line, seq, private: None }),
            None => LineRef::Entry(seq),
        }
    }
}

impl std::str::FromStr for So {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unfit = "not a place of an entry";
        let (place, line) = match text.split_once('.') {
            Some((place, line)) => (place, Some(line.parse().map_err(|_| unfit)?)),
            None => (text, None),
        };
        Ok(Self { place: place.parse().map_err(|_| unfit)?, line })
    }
}

impl std::fmt::Display for So {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}.{line}", self.place),
            None => write!(out, "{}", self.place),
        }
    }
}

impl<'r> FromFormField<'r> for So {
    fn from_value(field: ValueField<'r>) -> form::Result<'r, Self> {
        field.value.parse().map_err(|unfit: &str| form::Error::validation(unfit).into())
    }
}

/// What a form is filled in with.
pub struct Ctx<'a> {
    /// Who records.
    pub officer: &'a Officer,
    /// The entry that it is about.
    pub of: Option<Line>,
    /// The same as it stands in the form.
    pub so: Option<So>,
    /// The voucher's id.
    pub id: VoucherId,
    /// Families of the register that its rows name.
    pub families: Directory,
    /// Plans of sponsorship that it is for.
    pub plans: ForPlans,
    /// The loan that it is about.
    pub loan: ForLoan,
}

impl<'a> Ctx<'a> {
    /// A new voucher about nothing in particular.
    #[must_use]
    pub fn new(officer: &'a Officer) -> Self {
        let (families, plans) = (Directory::default(), ForPlans::default());
        let (id, loan) = (super::new_id(), ForLoan::default());
        Self { officer, of: None, so: None, id, families, plans, loan }
    }
}

/// What was read from a form.
pub struct Written {
    /// The voucher's kind and members.
    pub body: Body,
    /// The business date.
    pub date: Date,
    /// A public remark.
    pub note: Option<Note>,
    /// Private values whose digests the body holds.
    pub private: Vec<PrivateValue>,
    /// The amount to be echoed in digits and words.
    pub total: Option<Money>,
}

/// One question.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// How it is shown: `date`, `text`, `money`, `select`, `checks`, `count` (of notes), `rows`.
    pub kind: &'static str,
    /// The field.
    pub name: &'static str,
    /// The key of its hint.
    pub hint: Option<&'static str>,
    /// Choices: value and text.
    pub options: Vec<(String, String)>,
    /// Whether the texts of the choices are shown as they are, not looked up.
    pub plain: bool,
    /// Columns of rows.
    pub columns: Vec<Self>,
    /// The key of the title above rows.
    pub title: &'static str,
    /// Whether it may be left empty.
    pub optional: bool,
}

impl Input {
    /// A question of a kind without more to it.
    #[must_use]
    pub const fn new(kind: &'static str, name: &'static str) -> Self {
        Self {
            kind,
            name,
            hint: None,
            options: Vec::new(),
            plain: false,
            columns: Vec::new(),
            title: "rows-title",
            optional: false,
        }
    }

    /// The business date.
    #[must_use]
    pub const fn date() -> Self {
        Self::new("date", "date")
    }

    /// The public remark.
    #[must_use]
    pub fn note() -> Self {
        Self::new("text", "note").hint("hint-note").optional()
    }

    /// A choice among codes with their names.
    #[must_use]
    pub fn select(name: &'static str, options: Vec<(String, String)>) -> Self {
        Self { options, plain: true, ..Self::new("select", name) }
    }

    /// A choice among words with the keys of their texts.
    #[must_use]
    pub fn words(name: &'static str, options: Vec<(String, String)>) -> Self {
        Self { options, ..Self::new("select", name) }
    }

    /// A table of rows.
    #[must_use]
    pub fn rows(name: &'static str, columns: Vec<Self>) -> Self {
        Self { columns, ..Self::new("rows", name) }
    }

    /// With a title of its own above its rows.
    #[must_use]
    pub const fn titled(mut self, key: &'static str) -> Self {
        self.title = key;
        self
    }

    /// With a hint.
    #[must_use]
    pub const fn hint(mut self, key: &'static str) -> Self {
        self.hint = Some(key);
        self
    }

    /// May be left empty.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

/// Open places of money: code and name; the chest that every chapter has is named by the texts
/// (`place-cash`) and has none of its own here.
#[must_use]
pub fn places(books: &Books) -> Vec<(String, String)> {
    let open = books.register().places().iter().filter(|(_, place)| !place.closed);
    open.map(|(code, place)| {
        let name = place.opened.as_ref().map(|place| place.name.to_string());
        (code.to_string(), name.unwrap_or_default())
    })
    .collect()
}

/// Open funds: code and name.
#[must_use]
pub fn funds(books: &Books) -> Vec<(String, String)> {
    let open = books.register().funds().iter().filter(|(_, fund)| !fund.closed);
    open.map(|(code, fund)| (code.to_string(), fund.fund.name.to_string())).collect()
}

/// Stores of goods: code and name.
#[must_use]
pub fn stores(books: &Books) -> Vec<(String, String)> {
    let all = books.register().stores().iter();
    all.map(|(code, store)| (code.to_string(), store.name.to_string())).collect()
}

/// Items: code, and name with the unit in which it is counted.
#[must_use]
pub fn items(books: &Books) -> Vec<(String, String)> {
    let all = books.register().items().iter();
    all.map(|(code, item)| (code.to_string(), format!("{} ({})", item.name, item.unit))).collect()
}

/// Programmes: code and name.
#[must_use]
pub fn programmes(books: &Books) -> Vec<(String, String)> {
    let all = books.register().programmes().iter();
    all.map(|(code, programme)| (code.to_string(), programme.name.to_string())).collect()
}

/// Words of a closed list with the keys of their texts, `<prefix>-<word>`.
#[must_use]
pub fn words(prefix: &str, all: &[&str]) -> Vec<(String, String)> {
    all.iter()
        .map(|word| ((*word).to_owned(), format!("{prefix}-{}", word.replace('_', "-"))))
        .collect()
}

/// Choices as [`Submission::choice`] takes them.
#[must_use]
pub fn codes(options: &[(String, String)]) -> Vec<(&str, String)> {
    options.iter().map(|(code, _)| (code.as_str(), code.clone())).collect()
}

/// A line of the echo: the key of its label, and what was typed or chosen.
#[derive(Debug, Serialize)]
pub(super) struct Echo {
    label: &'static str,
    text: String,
    is_key: bool,
    /// An amount that was typed.
    amount: Option<i64>,
}

/// What was typed, as it will be recorded; rows one by one.
pub(super) fn echo(slip: &Slip, ctx: &Ctx<'_>, form: &FormView) -> Vec<Echo> {
    let label = |name: &str| slip.form.iter().find(|field| field.name == name);
    let currency = ctx.officer.books.currency();
    let mut all = Vec::new();
    for input in (slip.inputs)(ctx) {
        for (input, typed) in typed(&input, form) {
            let Some(field) = label(input.name).filter(|_| !typed.is_empty()) else { continue };
            let chosen = input.options.iter().find(|(value, _)| *value == typed);
            let (text, is_key) = match chosen {
                Some((_, text)) if !text.is_empty() => (text.clone(), !input.plain),
                Some((code, _)) => (format!("place-{code}"), true),
                None => (typed, false),
            };
            let amount = Some(&text).filter(|_| input.kind == "money");
            let amount = amount.and_then(|text| Money::parse(text, &currency).ok());
            let amount = amount.map(Money::minor);
            all.push(Echo { label: field.label, text, is_key, amount });
        }
    }
    all
}

fn typed<'a>(input: &'a Input, form: &FormView) -> Vec<(&'a Input, String)> {
    if input.kind == "checks" {
        return form.list(input.name).iter().map(|typed| (input, typed.clone())).collect();
    }
    if input.columns.is_empty() {
        return vec![(input, form.value(input.name).trim().to_owned())];
    }
    let rows = input.columns.iter().map(|column| form.list(column.name).len()).max().unwrap_or(0);
    let cell = |row: usize, column: &'a Input| {
        (column, form.list(column.name).get(row).map_or("", |text| text.trim()).to_owned())
    };
    (0..rows).flat_map(|row| input.columns.iter().map(move |column| cell(row, column))).collect()
}
