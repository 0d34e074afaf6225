//! A form that was sent: what was typed, the values that were read from it, the faults found.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;
use minijinja::value::Value;
use zeroize::Zeroizing;

use crate::money::{AmountFault, Currency, Money, Quantity};
use crate::web::Fault;
use crate::web::fault::Malformed;

use super::text::{clean, clean_lines, composed};
use super::{Field, FieldFault, Unfit};

/// A fault was noted in the form: the value does not exist, and the form goes back to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the form has faults")]
pub struct Noted;

/// A form that was sent. Read every field first, ask for the values (`?`) afterwards: then all
/// faults are shown at once.
#[derive(Debug)]
pub struct Submission {
    pub(super) form: &'static [Field],
    pub(super) values: BTreeMap<&'static str, Vec<Zeroizing<String>>>,
    pub(super) faults: Vec<FieldFault>,
}

impl Submission {
    pub(super) fn new(form: &'static [Field]) -> Self {
        Self { form, values: BTreeMap::new(), faults: Vec::new() }
    }

    /// What was typed, untouched; empty for a field that did not come.
    #[must_use]
    pub fn typed(&self, name: &str) -> &str {
        self.values.get(name).and_then(|values| values.first()).map_or("", |value| value.as_str())
    }

    /// What our own page put into a hidden field.
    ///
    /// # Errors
    /// 400 for anything that no page of ours puts there.
    pub fn hidden<T: FromStr>(&self, name: &str) -> Result<T, Fault> {
        self.typed(name).parse().map_err(|_| Fault::BadRequest(Malformed::Other))
    }

    /// Every value of a list, untouched.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.values.get(name).into_iter().flatten().map(|value| value.as_str()).collect()
    }

    /// The rows of lists that stand beside each other: those in which something was typed.
    #[must_use]
    pub fn rows<const N: usize>(&self, names: [&str; N]) -> Vec<[String; N]> {
        let columns = names.map(|name| self.list(name));
        let most = columns.iter().map(Vec::len).max().unwrap_or_default();
        let cell = |column: &Vec<&str>, row: usize| {
            column.get(row).map_or("", |text| text.trim()).to_owned()
        };
        (0..most)
            .map(|row| std::array::from_fn(|column| cell(&columns[column], row)))
            .filter(|row: &[String; N]| row.iter().any(|cell| !cell.is_empty()))
            .collect()
    }

    /// Whether a box was ticked: its value is `yes`.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        self.typed(name) == "yes"
    }

    /// Whether a fault was noted.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether a fault with this text was noted.
    #[must_use]
    pub fn is_faulted_by(&self, key: &str) -> bool {
        self.faults.iter().any(|fault| fault.key == key)
    }

    /// Drops the faults found so far: what was typed is shown for another reason.
    pub fn forget_faults(&mut self) {
        self.faults.clear();
    }

    /// Notes a fault of a field: a text with `$label` and the arguments given.
    pub fn note(&mut self, field: &'static str, key: &'static str) -> Noted {
        self.note_with(field, key, [])
    }

    /// The same with arguments for the text: strings, or whole numbers.
    pub fn note_with<const N: usize>(
        &mut self,
        field: &'static str,
        key: &'static str,
        arguments: [(&'static str, Value); N],
    ) -> Noted {
        self.faults.push(FieldFault::new(Some(field), key, arguments));
        Noted
    }

    /// Notes a fault of the whole form (the books refuse it): it stands in the list on top alone.
    pub fn note_form<const N: usize>(
        &mut self,
        key: &'static str,
        arguments: [(&'static str, Value); N],
    ) -> Noted {
        self.faults.push(FieldFault::new(None, key, arguments));
        Noted
    }

    /// Notes a fault of a field or, with `None`, of the whole form, with arguments in a list.
    pub fn note_at(
        &mut self,
        field: Option<&'static str>,
        key: &'static str,
        arguments: Vec<(&'static str, Value)>,
    ) -> Noted {
        let mut fault = FieldFault::new(field, key, []);
        fault.arguments = arguments.into_iter().collect();
        self.faults.push(fault);
        Noted
    }

    /// One line of text that must be there, of at most `longest` code points.
    ///
    /// # Errors
    /// [`Noted`] when it is missing, too long, or holds a forbidden character.
    pub fn text(&mut self, name: &'static str, longest: usize) -> Result<String, Noted> {
        self.optional_text(name, longest)?.ok_or_else(|| self.note(name, "fault-missing"))
    }

    /// One line of text; `None` where nothing was typed.
    ///
    /// # Errors
    /// [`Noted`] when it is too long or holds a forbidden character.
    pub fn optional_text(
        &mut self,
        name: &'static str,
        longest: usize,
    ) -> Result<Option<String>, Noted> {
        let read = clean(self.typed(name), longest);
        self.fitting(name, read)
    }

    /// Text of several lines; `None` where nothing was typed.
    ///
    /// # Errors
    /// As for [`Self::optional_text`].
    pub fn optional_lines(
        &mut self,
        name: &'static str,
        longest: usize,
    ) -> Result<Option<String>, Noted> {
        let read = clean_lines(self.typed(name), longest);
        self.fitting(name, read)
    }

    fn fitting(
        &mut self,
        name: &'static str,
        read: Result<String, Unfit>,
    ) -> Result<Option<String>, Noted> {
        match read {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Err(Unfit::TooLong(most)) => {
                let most = Value::from(most);
                Err(self.note_with(name, "fault-too-long", [("most", most)]))
            }
            Err(Unfit::Forbidden(character)) => {
                Err(self.note_character(name, "fault-character", character))
            }
            Err(Unfit::WithoutMeaning(character)) => {
                Err(self.note_character(name, "fault-private-use", character))
            }
            Err(Unfit::Heaped(mark)) => Err(self.note_character(name, "fault-marks", mark)),
        }
    }

    fn note_character(&mut self, name: &'static str, key: &'static str, found: char) -> Noted {
        let point = Value::from(format!("U+{:04X}", u32::from(found)));
        self.note_with(name, key, [("character", point)])
    }

    /// An amount above zero.
    ///
    /// # Errors
    /// [`Noted`] when it is missing, zero, or not read by [`Money::parse`].
    pub fn money(&mut self, name: &'static str, currency: &Currency) -> Result<Money, Noted> {
        let amount = self.money_or_zero(name, currency)?;
        if amount.is_positive() { Ok(amount) } else { Err(self.note(name, "fault-amount-zero")) }
    }

    /// An amount, or 0.
    ///
    /// # Errors
    /// [`Noted`] when it is missing or not read by [`Money::parse`].
    pub fn money_or_zero(
        &mut self,
        name: &'static str,
        currency: &Currency,
    ) -> Result<Money, Noted> {
        Money::parse(self.typed(name), currency).map_err(|fault| {
            let key = match fault {
                AmountFault::Empty => "fault-missing",
                AmountFault::NotANumber => "fault-amount-number",
                AmountFault::Ambiguous => "fault-amount-ambiguous",
                AmountFault::TooLarge => "fault-amount-large",
            };
            self.note(name, key)
        })
    }

    /// A quantity above zero: digits, and behind one comma or full stop at most three decimals.
    ///
    /// Thousands are not grouped here, and a mark with exactly three digits behind it is refused
    /// unless a 0 stands before it: `1.500` and `1,500` could mean either.
    ///
    /// # Errors
    /// [`Noted`] for anything else, 0 included.
    pub fn quantity(&mut self, name: &'static str) -> Result<Quantity, Noted> {
        quantity(self.typed(name).trim()).map_err(|key| self.note(name, key))
    }

    /// A day: `5/11/2026` (also with `-` or `.`), or `2026-11-05`.
    ///
    /// # Errors
    /// [`Noted`] when it is missing, written otherwise, or no day of the calendar.
    pub fn date(&mut self, name: &'static str) -> Result<NaiveDate, Noted> {
        let typed = self.typed(name).trim();
        if typed.is_empty() {
            return Err(self.note(name, "fault-missing"));
        }
        read_day(typed).map_err(|key| self.note(name, key))
    }

    /// A day, or `None` where nothing was typed.
    ///
    /// # Errors
    /// As for [`Self::date`], but for nothing typed.
    pub fn optional_date(&mut self, name: &'static str) -> Result<Option<NaiveDate>, Noted> {
        if self.typed(name).trim().is_empty() { Ok(None) } else { self.date(name).map(Some) }
    }

    /// One of the choices offered, each with the value that it stands for.
    ///
    /// # Errors
    /// [`Noted`] when none was chosen, or one that was not offered.
    pub fn choice<T: Clone>(
        &mut self,
        name: &'static str,
        offered: &[(&str, T)],
    ) -> Result<T, Noted> {
        let chosen = self.typed(name);
        let found = offered.iter().find(|(value, _)| *value == chosen);
        found.map(|(_, stands_for)| stands_for.clone()).ok_or_else(|| {
            let key = if self.typed(name).is_empty() { "fault-choose" } else { "fault-choice" };
            self.note(name, key)
        })
    }

    /// A passphrase in NFC, spaces kept; it leaves no copy in this form.
    ///
    /// # Errors
    /// [`Noted`] when nothing was typed, or more than 1 000 bytes.
    pub fn passphrase(&mut self, name: &'static str) -> Result<Zeroizing<String>, Noted> {
        let typed = self.values.remove(name).and_then(|values| values.into_iter().next());
        let passphrase = Zeroizing::new(composed(typed.as_ref().map_or("", |typed| typed)));
        match passphrase.len() {
            0 => Err(self.note(name, "fault-missing")),
            1..=1_000 => Ok(passphrase),
            _ => Err(self.note_with(name, "fault-too-long", [("most", Value::from(1_000))])),
        }
    }
}

/// Reads a quantity as people type it; the key of a text where it is none.
fn quantity(typed: &str) -> Result<Quantity, &'static str> {
    if typed.is_empty() {
        return Err("fault-missing");
    }
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, decimals) = typed.split_once([',', '.']).unwrap_or((typed, "0"));
    if !digits(whole) || !digits(decimals) {
        return Err("fault-quantity");
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    if decimals.len() == 3 && whole != "0" {
        return Err("fault-quantity-ambiguous");
    }
    let canonical = match decimals.trim_end_matches('0') {
        "" => whole.to_owned(),
        decimals => format!("{whole}.{decimals}"),
    };
    canonical.parse().map_err(|_| "fault-quantity")
}

/// A quantity as people type it in a row; `None` for anything that [`Submission::quantity`] would
/// refuse.
#[must_use]
pub fn quantity_typed(typed: &str) -> Option<Quantity> {
    quantity(typed.trim()).ok()
}

/// Reads a day as people write it, as in a row of a list; the key of a text where it is none.
///
/// # Errors
/// The key of the text that says why.
pub fn read_day(typed: &str) -> Result<NaiveDate, &'static str> {
    match day(typed.trim()) {
        Day::Real(date) => Ok(date),
        Day::NotReal => Err("fault-date-real"),
        Day::NotRead => Err("fault-date"),
    }
}

enum Day {
    Real(NaiveDate),
    NotReal,
    NotRead,
}

/// Reads a day as people write it; years of four digits, 1900 to 2199.
fn day(typed: &str) -> Day {
    let mut marks = typed.chars().filter(|c| !c.is_ascii_digit());
    let parts: Vec<&str> = typed.split(['/', '-', '.']).collect();
    let (Some(mark), Some(second), None) = (marks.next(), marks.next(), marks.next()) else {
        return Day::NotRead;
    };
    let [first, month, last] = parts[..] else { return Day::NotRead };
    let (date, month, year) =
        if mark == '-' && first.len() == 4 { (last, month, first) } else { (first, month, last) };
    let short = |part: &str| matches!(part.len(), 1 | 2);
    if mark != second || !short(date) || !short(month) || year.len() != 4 {
        return Day::NotRead;
    }
    match (year.parse(), month.parse(), date.parse()) {
        (Ok(year @ 1900..=2199), Ok(month), Ok(date)) => {
            NaiveDate::from_ymd_opt(year, month, date).map_or(Day::NotReal, Day::Real)
        }
        (Ok(_), Ok(_), Ok(_)) => Day::NotReal,
        _ => Day::NotRead,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::Fields;
    use super::*;

    const FORM: &[Field] = &[
        Field::one("amount", "a"),
        Field::one("date", "d"),
        Field::one("name", "n"),
        Field::secret("passphrase", "p"),
    ];

    fn sent(name: &'static str, value: &str) -> Submission {
        let mut form = Submission::new(FORM);
        form.values.insert(name, vec![Zeroizing::new(value.to_owned())]);
        form
    }

    fn fault(form: &Submission) -> &'static str {
        form.faults.first().unwrap().key
    }

    #[test]
    fn amounts_are_above_zero_and_never_guessed() {
        let vnd = Currency::vnd();
        assert_eq!(sent("amount", "1.500.000").money("amount", &vnd).unwrap().minor(), 1_500_000);
        for (typed, key) in [
            ("", "fault-missing"),
            ("0", "fault-amount-zero"),
            ("-5", "fault-amount-number"),
            ("1.5", "fault-amount-ambiguous"),
            ("9999999999999999999", "fault-amount-large"),
        ] {
            let mut form = sent("amount", typed);
            assert_eq!(form.money("amount", &vnd), Err(Noted));
            assert_eq!(fault(&form), key, "{typed}");
        }
        assert_eq!(sent("amount", "0").money_or_zero("amount", &vnd), Ok(Money::ZERO));
    }

    #[test]
    fn days_are_read_in_both_orders_and_must_exist() {
        for typed in ["05/11/2026", "5/11/2026", "5-11-2026", " 5.11.2026", "2026-11-05"] {
            let read = sent("date", typed).date("date").unwrap();
            assert_eq!(read.to_string(), "2026-11-05", "{typed}");
        }
        for typed in ["31/02/2026", "29/02/2025", "00/01/2026", "1/13/2026", "1/1/0000", "1/1/9999"]
        {
            let mut form = sent("date", typed);
            assert!(form.date("date").is_err());
            assert_eq!(fault(&form), "fault-date-real", "{typed}");
        }
        for typed in
            ["5/11/26", "5/11-2026", "2026/11/05", "+5/11/2026", "mai", "5/11", "٥/11/2026"]
        {
            let mut form = sent("date", typed);
            assert!(form.date("date").is_err());
            assert_eq!(fault(&form), "fault-date", "{typed}");
        }
        assert_eq!(sent("date", " ").optional_date("date"), Ok(None));
    }

    #[test]
    fn quantities_take_either_mark_and_refuse_what_could_be_thousands() {
        for (typed, read) in
            [("12", "12"), ("12,5", "12.5"), ("012.50", "12.5"), ("0,125", "0.125")]
        {
            assert_eq!(sent("amount", typed).quantity("amount").unwrap().to_string(), read);
        }
        for (typed, key) in [
            ("1.500", "fault-quantity-ambiguous"),
            ("1,500", "fault-quantity-ambiguous"),
            ("0", "fault-quantity"),
            ("-1", "fault-quantity"),
            ("1,2,3", "fault-quantity"),
            ("5.", "fault-quantity"),
            (".5", "fault-quantity"),
            ("1e3", "fault-quantity"),
            ("1.23456", "fault-quantity"),
            ("", "fault-missing"),
        ] {
            let mut form = sent("amount", typed);
            assert!(form.quantity("amount").is_err(), "{typed}");
            assert_eq!(fault(&form), key, "{typed}");
        }
    }

    #[test]
    fn texts_that_cannot_be_kept_name_the_character_or_the_length() {
        let mut form = sent("name", "a\u{202e}b");
        assert!(form.text("name", 200).is_err());
        assert_eq!(fault(&form), "fault-character");
        let mut form = sent("name", "abcdef");
        assert!(form.text("name", 5).is_err());
        assert_eq!(fault(&form), "fault-too-long");
        assert_eq!(sent("name", "  ").optional_text("name", 5), Ok(None));
        assert_eq!(sent("name", " a ").text("name", 5).as_deref(), Ok("a"));
    }

    #[test]
    fn only_offered_choices_are_taken() {
        let offered = [("cash", 1), ("bank", 2)];
        assert_eq!(sent("name", "bank").choice("name", &offered), Ok(2));
        let mut form = sent("name", "gold");
        assert!(form.choice("name", &offered).is_err());
        assert_eq!(fault(&form), "fault-choice");
    }

    #[test]
    fn a_passphrase_is_taken_out_of_the_form() {
        let mut form = sent("passphrase", " ba con me\u{300}o ");
        assert_eq!(*form.passphrase("passphrase").unwrap(), " ba con mèo ");
        assert_eq!(form.typed("passphrase"), "");
    }

    #[test]
    fn all_faults_are_found_in_one_reading() {
        let mut form = Fields::parse(b"amount=x&date=y", 9).unwrap().only(FORM).unwrap();
        let amount = form.money("amount", &Currency::vnd());
        let date = form.date("date");
        let name = form.text("name", 200);
        assert!(amount.is_err() && date.is_err() && name.is_err());
        assert_eq!(form.faults.len(), 3);
    }
}
