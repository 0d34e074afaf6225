//! Kiểm kê quỹ: notes by value, compared with the book at the end of the day.

use super::receipts::{code, date, note, optional_code, plain};
use super::slip::{Ctx, Input, Slip, Written, funds};
use crate::books::Books;
use crate::books::days::Balance;
use crate::ledger::voucher::{CashCounted, Denomination, PlaceType};
use crate::ledger::word::{Amount, Amount0, Code, Date, List, Number};
use crate::money::Money;
use crate::web::forms::{Field, Noted, Submission};

/// Notes in circulation, the field of each, the largest first.
const NOTES: [(i64, &str); 11] = [
    (500_000, "note_500000"),
    (200_000, "note_200000"),
    (100_000, "note_100000"),
    (50_000, "note_50000"),
    (20_000, "note_20000"),
    (10_000, "note_10000"),
    (5_000, "note_5000"),
    (2_000, "note_2000"),
    (1_000, "note_1000"),
    (500, "note_500"),
    (200, "note_200"),
];

/// `/ban/kiem-ke`: counted by one, approved by a second person.
pub const COUNT: Slip = Slip {
    path: "/ban/kiem-ke",
    name: "count",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("place", "field-place"),
        Field::one("note_500000", "note-500000"),
        Field::one("note_200000", "note-200000"),
        Field::one("note_100000", "note-100000"),
        Field::one("note_50000", "note-50000"),
        Field::one("note_20000", "note-20000"),
        Field::one("note_10000", "note-10000"),
        Field::one("note_5000", "note-5000"),
        Field::one("note_2000", "note-2000"),
        Field::one("note_1000", "note-1000"),
        Field::one("note_500", "note-500"),
        Field::one("note_200", "note-200"),
        Field::one("counted", "field-counted"),
        Field::one("fund", "field-difference-fund"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        let mut all = vec![Input::date(), Input::select("place", countable(&ctx.officer.books))];
        all.extend(NOTES.map(|(_, field)| Input::new("count", field).optional()));
        all.push(Input::new("money", "counted").hint("hint-counted").optional());
        all.push(
            Input::select("fund", funds(&ctx.officer.books))
                .hint("hint-difference-fund")
                .optional(),
        );
        all.push(Input::note());
        all
    },
    beforehand: |_| vec![("place", "cash".to_owned())],
    read: count,
};

/// Open places that are counted: cash and advances.
fn countable(books: &Books) -> Vec<(String, String)> {
    let mut all = super::slip::places(books);
    all.retain(|(code, _)| {
        let place = code.parse::<Code>().ok().and_then(|code| books.place_type(&code));
        place.is_some_and(|place| place != PlaceType::Bank)
    });
    all
}

/// What the book says at the end of a day.
fn book(books: &Books, place: &Code, day: Date) -> Option<Money> {
    let now = books.register().places().get(place).map_or(Money::ZERO, |place| place.balance);
    books.days().balance_at(Balance::Place(place), day, now)
}

fn count(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let books = &ctx.officer.books;
    let date = date(form, "date");
    let place = code(form, "place", &countable(books));
    let notes = notes(form);
    let typed = form.typed("counted").trim().is_empty();
    let said =
        if typed { Ok(None) } else { form.money_or_zero("counted", &books.currency()).map(Some) };
    let fund = optional_code(form, "fund", &funds(books));
    let note = note(form);
    let (date, place, notes, said, fund) = (date?, place?, notes?, said?, fund?);
    let sum = notes.iter().try_fold(0_i64, |sum, note| {
        let number = i64::try_from(note.number.get()).ok()?;
        note.value.minor().checked_mul(number).and_then(|part| sum.checked_add(part))
    });
    let sum = sum.and_then(Money::new).ok_or_else(|| form.note("counted", "fault-amount-large"))?;
    let counted = match said {
        Some(said) if !notes.is_empty() && said != sum => {
            let allowed = minijinja::value::Value::from(sum.minor());
            return Err(form.note_with("counted", "fault-counted", [("allowed", allowed)]));
        }
        Some(said) => said,
        None if notes.is_empty() => return Err(form.note("counted", "fault-missing")),
        None => sum,
    };
    let difference = book(books, &place, date).and_then(|book| counted.checked_sub(book));
    let difference = difference.ok_or_else(|| form.note("counted", "fault-amount-large"))?;
    let fund = match (difference == Money::ZERO, fund) {
        (true, _) => None,
        (false, Some(fund)) => Some(fund),
        (false, None) => {
            let difference = minijinja::value::Value::from(difference.minor());
            let key = "fault-difference-fund";
            return Err(form.note_with("fund", key, [("difference", difference)]));
        }
    };
    let body = CashCounted {
        place,
        counted: Amount0::new(counted).ok_or(Noted)?,
        difference,
        fund,
        denominations: List::new(notes),
        private: None,
    };
    plain(body, date, note?, Some(counted))
}

fn notes(form: &mut Submission) -> Result<Vec<Denomination>, Noted> {
    let mut notes = Vec::new();
    for (value, field) in NOTES {
        let typed = form.typed(field).trim();
        if typed.is_empty() || typed == "0" {
            continue;
        }
        let digits = typed.len() <= 7 && typed.bytes().all(|byte| byte.is_ascii_digit());
        let number = typed.parse().ok().filter(|_| digits).and_then(Number::new);
        let number = number.filter(|number| number.get() > 0);
        let Some(number) = number else { return Err(form.note(field, "fault-count")) };
        let value = Money::new(value).and_then(Amount::new).ok_or(Noted)?;
        notes.push(Denomination { value, number, private: None });
    }
    Ok(notes)
}
