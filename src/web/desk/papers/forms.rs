//! `/ban/quan-tri/mau-so`: the numbers of forms that are printed at the head of papers, each with
//! the rule that it comes from. The chapter keeps both itself; the program vouches for none.

use std::collections::BTreeMap;

use minijinja::context;
use rocket::http::Status;
use rocket::{State, get, post};

use crate::store::desk::settings::{PaperForm, Settings};
use crate::store::desk::{DeskFault, DeskRefusal};
use crate::web::desk::Answer;
use crate::web::forms::{Field, Fields, FormView, Noted, Submission};
use crate::web::guards::SameOrigin;
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault, Page};

const PATH: &str = "/ban/quan-tri/mau-so";

/// Number and source of each paper, in the order of [`PaperForm::PAPERS`].
const FORM: &[Field] = &[
    Field::one("receipt_number", "form-number"),
    Field::one("receipt_source", "form-source"),
    Field::one("payment_number", "form-number"),
    Field::one("payment_source", "form-source"),
    Field::one("goods_in_number", "form-number"),
    Field::one("goods_in_source", "form-source"),
    Field::one("goods_out_number", "form-number"),
    Field::one("goods_out_source", "form-source"),
    Field::one("entry_number", "form-number"),
    Field::one("entry_source", "form-source"),
    Field::one("cash_count_number", "form-number"),
    Field::one("cash_count_source", "form-source"),
    Field::one("cash_book_number", "form-number"),
    Field::one("cash_book_source", "form-source"),
    Field::one("stock_card_number", "form-number"),
    Field::one("stock_card_source", "form-source"),
    Field::one("stock_count_number", "form-number"),
    Field::one("stock_count_source", "form-source"),
];

/// The names of a paper's two fields.
fn names(at: usize) -> Option<(&'static str, &'static str)> {
    Some((FORM.get(2 * at)?.name, FORM.get(2 * at + 1)?.name))
}

fn page(officer: &Officer, form: FormView, done: bool) -> Page {
    let papers = PaperForm::PAPERS.iter().enumerate().filter_map(|(at, paper)| {
        let (number, source) = names(at)?;
        let key = format!("form-of-{}", paper.replace('_', "-"));
        Some(context! { key, number, source })
    });
    let papers: Vec<_> = papers.collect();
    crate::web::desk::page(officer, "desk/admin/forms.html", context! { form, papers, done })
}

/// The numbers as they are.
#[get("/ban/quan-tri/mau-so?<khoa>")]
pub async fn show(officer: Treasurer, kept: Kept<'_>, khoa: Option<&str>) -> Result<Page, Fault> {
    let officer = officer.0;
    let settings = kept.0.settings(&officer.desk).await.map_err(Fault::internal)?;
    let blank = FormView::blank(&officer.form_secret(), PATH, FORM);
    let form = PaperForm::PAPERS.iter().enumerate().fold(blank, |form, (at, paper)| {
        match (names(at), settings.paper_form(paper)) {
            (Some((number, source)), Some(own)) => {
                form.with(number, own.number).with(source, own.source)
            }
            _ => form,
        }
    });
    Ok(page(&officer, form, khoa.is_some()))
}

/// Keeps the numbers.
#[post("/ban/quan-tri/mau-so", data = "<fields>")]
pub async fn send(
    _same: SameOrigin,
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Answer, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let mut form = fields.only(FORM)?;
    let refused = |form: &Submission| {
        let again = FormView::again(&officer.form_secret(), PATH, form);
        Ok(page(&officer, again, false).status(Status::UnprocessableEntity).into())
    };
    let Ok(forms) = read(&mut form) else { return refused(&form) };
    let (change, now) = (|own: &mut Settings| own.paper_forms.extend(forms), config.clock.now());
    match store.change_settings(&officer.desk, change, &officer.person, now).await {
        Ok(()) => Ok(Answer::go(format!("{PATH}?khoa=1"))),
        Err(DeskFault::Refused(DeskRefusal::Setting(_))) => {
            form.note_form("form-refused", []);
            refused(&form)
        }
        Err(fault) => Err(Fault::internal(fault)),
    }
}

/// What is typed; an emptied number prints nothing, also where there is a default.
fn read(form: &mut Submission) -> Result<BTreeMap<String, PaperForm>, Noted> {
    let mut all = BTreeMap::new();
    let mut wrong = None;
    for (at, paper) in PaperForm::PAPERS.iter().enumerate() {
        let Some((number, source)) = names(at) else { continue };
        match (form.optional_text(number, 60), form.optional_text(source, 200)) {
            (Ok(number), Ok(source)) => {
                let (number, source) = (number.unwrap_or_default(), source.unwrap_or_default());
                all.insert((*paper).to_owned(), PaperForm { number, source });
            }
            (Err(noted), _) | (_, Err(noted)) => wrong = Some(noted),
        }
    }
    wrong.map_or(Ok(all), Err)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_paper_has_its_two_fields() {
        assert_eq!(FORM.len(), 2 * PaperForm::PAPERS.len());
        for (at, paper) in PaperForm::PAPERS.iter().enumerate() {
            let (number, source) = names(at).unwrap();
            assert_eq!(number, format!("{paper}_number"));
            assert_eq!(source, format!("{paper}_source"));
        }
    }
}
