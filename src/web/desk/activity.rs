//! Báo cáo hoạt động: people, classes, units of blood: what a programme did, in figures.

use super::receipts::{code, date, note, plain};
use super::slip::{Ctx, Input, Slip, Written, nothing, programmes, words};
use crate::ledger::voucher::{ActivityReported, Figure, FigureOf};
use crate::ledger::word::{List, Number};
use crate::money::{Currency, Money};
use crate::web::forms::{Field, Noted, Submission};

/// What can be counted, in the order in which it is offered.
pub(super) const FIGURES: &[&str] =
    &["people", "families", "classes", "blood_units", "places", "collaborators", "other"];

/// `/ban/bao-cao-hoat-dong`: no money moves.
pub const ACTIVITY: Slip = Slip {
    path: "/ban/bao-cao-hoat-dong",
    name: "activity",
    form: &[
        Field::one("id", "field-id"),
        Field::one("step", "field-id"),
        Field::one("date", "field-date"),
        Field::one("programme", "field-programme"),
        Field::one("from", "publish-from"),
        Field::one("to", "publish-to"),
        Field::list("figure_of", "activity-figure-of"),
        Field::list("figure_number", "activity-figure-number"),
        Field::one("note", "field-note"),
    ],
    inputs: |ctx| {
        vec![
            Input::date(),
            Input::select("programme", programmes(&ctx.officer.books)).hint("hint-programme"),
            Input::new("date", "from"),
            Input::new("date", "to"),
            Input::rows(
                "figures",
                vec![
                    Input::words("figure_of", words("activity-of", FIGURES)),
                    Input::new("text", "figure_number"),
                ],
            )
            .titled("activity-figures")
            .hint("activity-hint-figures"),
            Input::note(),
        ]
    },
    beforehand: nothing,
    read: activity,
};

fn activity(form: &mut Submission, ctx: &Ctx<'_>) -> Result<Written, Noted> {
    let day = date(form, "date");
    let programme = code(form, "programme", &programmes(&ctx.officer.books));
    let from = date(form, "from");
    let to = date(form, "to");
    let figures = figures(form);
    let note = note(form);
    let (day, from, to) = (day?, from?, to?);
    if from > to {
        return Err(form.note("to", "fault-days-order"));
    }
    if to > day {
        return Err(form.note("to", "activity-not-yet"));
    }
    let figures = figures?;
    let body = ActivityReported { programme: programme?, from, to, figures, private: None };
    plain(body, day, note?, None)
}

/// The rows in which something was typed.
fn figures(form: &mut Submission) -> Result<List<Figure>, Noted> {
    let column = |form: &Submission, name| -> Vec<String> {
        form.list(name).into_iter().map(|text| text.trim().to_owned()).collect()
    };
    let (words, numbers) = (column(form, "figure_of"), column(form, "figure_number"));
    let mut figures: Vec<Figure> = Vec::new();
    for at in 0..words.len().max(numbers.len()) {
        let cell = |column: &[String]| column.get(at).cloned().unwrap_or_default();
        let (word, number) = (cell(&words), cell(&numbers));
        if word.is_empty() && number.is_empty() {
            continue;
        }
        let row = minijinja::value::Value::from(at + 1);
        let Ok(of) = word.parse::<FigureOf>() else {
            return Err(form.note_with("figure_of", "fault-line-choose", [("row", row)]));
        };
        let Some(number) = counted(&number) else {
            return Err(form.note_with("figure_number", "activity-number", [("row", row)]));
        };
        if figures.iter().any(|figure| figure.of == of) {
            return Err(form.note_with("figure_of", "activity-twice", [("row", row)]));
        }
        figures.push(Figure { of, number, private: None });
    }
    List::new(figures).ok_or_else(|| form.note("figure_of", "fault-lines-none"))
}

/// A whole number, typed and grouped as amounts of đồng are.
fn counted(typed: &str) -> Option<Number> {
    let counted = Money::parse(typed, &Currency::vnd()).ok()?;
    u64::try_from(counted.minor()).ok().and_then(Number::new)
}

/// The one figure that a cost may be about; none where nothing was typed.
///
/// # Errors
/// [`Noted`] at its field.
pub(super) fn one_figure(form: &mut Submission) -> Result<Option<Figure>, Noted> {
    let typed = |name| form.typed(name).trim().to_owned();
    let (word, number) = (typed("figure_of"), typed("figure_number"));
    if word.is_empty() && number.is_empty() {
        return Ok(None);
    }
    let Ok(of) = word.parse::<FigureOf>() else {
        return Err(form.note("figure_of", "fault-choice"));
    };
    let Some(number) = counted(&number) else {
        return Err(form.note("figure_number", "activity-one-number"));
    };
    Ok(Some(Figure { of, number, private: None }))
}
