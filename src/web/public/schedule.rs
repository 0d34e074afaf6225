//! `/tinh-lich-tra`: the instalments of a loan, worked out for anybody. The terms stand in the
//! address, so that a schedule can be passed on; nothing is kept.

use minijinja::context;
use minijinja::value::Value;
use rocket::get;
use rocket::http::uri::Origin;
use rocket::http::{RawStr, Status};

use crate::web::forms::{self, Field, Fields, FormView, Noted, Submission};
use crate::web::loan_terms::{self, FIELDS};
use crate::web::{Fault, Language, Page};

const PATH: &str = "/tinh-lich-tra";

/// Terms that somebody may begin with: a million a month for a year, without interest.
const EXAMPLE: &str = "cach=interest_free_equal&goc=12.000.000&ky=12&moi=1&don-vi=thang&\
    giai-ngan=05/03/2026&ky-dau=05/04/2026&lai=0";

const FORM: &[Field] = &FIELDS;

/// The calculator: the form, and where terms stand in the address their schedule or their faults.
#[get("/tinh-lich-tra")]
pub fn schedule(uri: &Origin<'_>, language: Language) -> Result<Page, Fault> {
    let asked = forms::asked(uri);
    if asked.is_empty() {
        let form = FormView::without_token(PATH, FORM)
            .with("cach", "interest_free_equal")
            .with("moi", "1")
            .with("don-vi", "thang");
        return Ok(page(form, None));
    }
    let fields = Fields::parse(asked.join("&").as_bytes(), 60).map_err(Fault::BadRequest)?;
    let mut form = fields.only(FORM)?;
    let found = loan_terms::read(&mut form).and_then(|terms| {
        let rows = loan_terms::worked_out(&mut form, &terms, language)?;
        let others = loan_terms::previews(&terms, &form, |method| link(&form, method));
        Ok(loan_terms::result(&rows, &others))
    });
    let view = FormView::asked(PATH, &form);
    Ok(match found {
        Ok(result) => page(view, Some(result)),
        Err(Noted) => page(view, None).status(Status::UnprocessableEntity),
    })
}

fn page(form: FormView, result: Option<Value>) -> Page {
    let shown = context! {
        choices => loan_terms::choices(&form),
        form,
        result,
        example => format!("{PATH}?{EXAMPLE}"),
    };
    Page::new("public/schedule.html", shown)
}

/// The address of the same terms under another method.
fn link(form: &Submission, method: &str) -> String {
    let mut link = format!("{PATH}?cach={method}");
    for field in FORM.iter().filter(|field| field.name != "cach") {
        for value in form.list(field.name).into_iter().filter(|value| !value.is_empty()) {
            let mark = if field.list { "[]" } else { "" };
            let value = RawStr::new(value).percent_encode();
            link.push_str(&format!("&{}{mark}={value}", field.name));
        }
    }
    link
}
