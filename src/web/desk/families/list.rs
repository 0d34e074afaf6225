//! The register as a list. What is looked for comes in a form and stands in no address.

use minijinja::context;
use rocket::http::ContentType;
use rocket::{State, get, post};
use serde::Serialize;

use super::{PATH, REGISTER};
use crate::import::text::{essence, fold};
use crate::ledger::voucher::Category;
use crate::ledger::word::Date;
use crate::publish::csv;
use crate::store::Store;
use crate::store::desk::register::{Families, Family};
use crate::store::desk::vault::{Purpose, Reader};
use crate::web::desk::payments::CATEGORIES;
use crate::web::desk::slip::words;
use crate::web::forms::{Field, Fields, FormView, Submission};
use crate::web::guards::SameOrigin;
use crate::web::public::download::{Download, Keep};
use crate::web::public::ledgers::Speech;
use crate::web::session::{Caseworker, Kept, Officer};
use crate::web::{Config, Fault, Page};

/// Families on a page.
const PER_PAGE: usize = 50;

const FORM: &[Field] = &[
    Field::one("words", "families-search"),
    Field::one("hamlet", "families-hamlet"),
    Field::one("category", "families-category"),
    Field::one("page", "field-id"),
];

/// Which families are meant.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    words: Vec<String>,
    digits: String,
    hamlet: String,
    category: Option<Category>,
}

impl Filter {
    /// A filter as a form says it; a category that is none is no filter.
    #[must_use]
    pub fn read(form: &Submission) -> Self {
        let words: String = form.typed("words").chars().take(100).collect();
        Self {
            words: fold(&words).split_whitespace().map(str::to_owned).collect(),
            digits: essence(&words),
            hamlet: essence(form.typed("hamlet")),
            category: form.typed("category").parse().ok(),
        }
    }

    /// Whether a family is among those meant.
    #[must_use]
    pub fn takes(&self, family: &Family, today: Date) -> bool {
        let record = &family.record;
        let hamlet = record.hamlet.as_deref().unwrap_or_default();
        let fits = (self.hamlet.is_empty() || essence(hamlet) == self.hamlet)
            && self.category.is_none_or(|wanted| record.categories_on(today).contains(&wanted));
        fits && (self.words.is_empty() || self.names(family) || self.numbers(family))
    }

    fn names(&self, family: &Family) -> bool {
        let record = &family.record;
        let members = record.household.members.iter().map(|member| member.full_name.as_str());
        let texts = [record.hamlet.as_deref(), record.address.as_deref()];
        let all = members.chain([record.full_name.as_str()]).chain(texts.into_iter().flatten());
        let all = fold(&all.collect::<Vec<_>>().join(" "));
        self.words.iter().all(|word| all.contains(word))
    }

    fn numbers(&self, family: &Family) -> bool {
        let own = [&family.record.phone, &family.record.identity_number];
        let holds = |text: &String| essence(text).contains(&self.digits);
        self.digits.chars().count() >= 4 && own.into_iter().flatten().any(holds)
    }
}

/// By given name, the last word, as people here look for each other.
#[must_use]
pub fn by_name(family: &Family) -> (String, String) {
    let name = fold(&family.record.full_name);
    let given = name.split_whitespace().last().unwrap_or_default().to_owned();
    (given, name)
}

/// The hamlets of the register, each once.
#[must_use]
pub fn hamlets(families: &Families) -> Vec<String> {
    let mut all = std::collections::BTreeMap::new();
    for hamlet in families.all.iter().filter_map(|family| family.record.hamlet.clone()) {
        all.entry(essence(&hamlet)).or_insert(hamlet);
    }
    all.into_values().collect()
}

/// A family in the list.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    hamlet: Option<String>,
    members: usize,
    categories: Vec<String>,
    agreed: bool,
}

/// Keys of the texts of categories.
#[must_use]
pub fn category_keys(categories: &[Category]) -> Vec<String> {
    categories.iter().map(|own| format!("category-{}", own.as_str().replace('_', "-"))).collect()
}

fn row(family: &Family, today: Date) -> Row {
    let record = &family.record;
    Row {
        id: family.person.to_string(),
        name: record.full_name.clone(),
        hamlet: record.hamlet.clone(),
        members: record.household.members.len().max(1),
        categories: category_keys(&record.categories_on(today)),
        agreed: record.household.agreed.is_some(),
    }
}

/// Today as vouchers write it.
///
/// # Errors
/// A clock that is centuries off.
pub fn today(officer: &Officer) -> Result<Date, Fault> {
    Date::new(officer.today).ok_or(Fault::NotFound)
}

/// The first page of the whole list.
#[get("/ban/so-ho")]
pub async fn show(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
) -> Result<Page, Fault> {
    let form = FormView::blank(&officer.0.form_secret(), PATH, FORM);
    page(&officer.0, kept.0, config, (form, Filter::default()), 1).await
}

/// What was looked for.
#[post("/ban/so-ho", data = "<fields>")]
pub async fn search(
    _same: SameOrigin,
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    fields: Fields,
) -> Result<Page, Fault> {
    let form = fields.only(FORM)?;
    let at = form.typed("page").parse().unwrap_or(1);
    let view = FormView::again(&officer.0.form_secret(), PATH, &form);
    page(&officer.0, kept.0, config, (view, Filter::read(&form)), at).await
}

async fn page(
    officer: &Officer,
    store: &Store,
    config: &Config,
    (form, filter): (FormView, Filter),
    at: usize,
) -> Result<Page, Fault> {
    let (today, now) = (today(officer)?, config.clock.now());
    let reader = Reader { person: &officer.person, purpose: Purpose::Desk };
    let picked = store.families(&officer.desk, reader, REGISTER, now, |families| {
        let mut taken: Vec<&Family> =
            families.all.iter().filter(|family| filter.takes(family, today)).collect();
        taken.sort_by_cached_key(|family| by_name(family));
        let pages = taken.len().div_ceil(PER_PAGE).max(1);
        let at = at.clamp(1, pages);
        let shown = taken.iter().skip((at - 1) * PER_PAGE).take(PER_PAGE);
        let rows: Vec<Row> = shown.map(|family| row(family, today)).collect();
        let (number, restricted) = (rows.len(), families.restricted.len());
        let of = (taken.len(), families.all.len(), restricted);
        ((rows, at, pages, of, hamlets(&families)), number)
    });
    let (rows, at, pages, (found, all, restricted), hamlets) =
        picked.await.map_err(Fault::internal)?;
    let hamlets: Vec<(String, String)> =
        hamlets.into_iter().map(|hamlet| (hamlet.clone(), hamlet)).collect();
    Ok(crate::web::desk::page(
        officer,
        "desk/families/list.html",
        context! {
            form,
            rows => minijinja::value::Serde(rows),
            at,
            last => pages,
            found,
            all,
            restricted,
            hamlets,
            categories => words("category", CATEGORIES),
        },
    ))
}

/// Columns of the table, by the keys of their titles.
pub const COLUMNS: [&str; 9] = [
    "families-head",
    "families-birth",
    "families-category",
    "families-hamlet",
    "families-address",
    "families-phone",
    "families-identity",
    "families-members",
    "families-notes",
];

/// The whole register as a table; the log notes it as taken out.
#[get("/ban/so-ho/so-ho.csv")]
pub async fn table(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
) -> Result<Download, Fault> {
    let officer = officer.0;
    let (today, now) = (today(&officer)?, config.clock.now());
    let mut rows = vec![COLUMNS.iter().map(|key| speech.say(key)).collect::<Vec<String>>()];
    let reader = Reader { person: &officer.person, purpose: Purpose::Export };
    let found = kept.0.families(&officer.desk, reader, REGISTER, now, |mut families| {
        families.all.sort_by_cached_key(by_name);
        let number = families.all.len();
        (families.all, number)
    });
    for family in found.await.map_err(Fault::internal)? {
        rows.push(cells(&family, today, &speech));
    }
    let name = format!("{}-so-ho.csv", officer.desk.origin.slug());
    let kind = ContentType::CSV.with_params(("charset", "utf-8"));
    Ok(Download::whole(kind, Keep::Nothing, csv::table(&rows)).named(name).private())
}

fn cells(family: &Family, today: Date, speech: &Speech<'_>) -> Vec<String> {
    let record = &family.record;
    let text = |own: &Option<String>| csv::text(own.as_deref().unwrap_or_default());
    let head = record.household.members.first().and_then(|head| head.birth_year);
    let keys = category_keys(&record.categories_on(today));
    let categories: Vec<String> = keys.iter().map(|key| speech.say(key)).collect();
    let members = record.household.members.iter().skip(1);
    let members: Vec<&str> = members.map(|member| member.full_name.as_str()).collect();
    vec![
        csv::text(&record.full_name),
        head.map(|year| year.to_string()).unwrap_or_default(),
        csv::text(&categories.join("; ")),
        text(&record.hamlet),
        text(&record.address),
        text(&record.phone),
        text(&record.identity_number),
        csv::text(&members.join("; ")),
        text(&record.notes),
    ]
}
