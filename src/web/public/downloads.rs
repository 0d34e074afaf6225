//! The tables of public pages as files: `/<chapter>/cong-khai.xlsx`, `/<chapter>/hien-vat.csv` and
//! so on, with the filter of the page in the same words.

use rocket::get;
use rocket::http::ContentType;
use rocket::request::FromParam;
use rocket::tokio::task::spawn_blocking;
use serde_json::json;

use super::chosen::Asked;
use super::download::{Download, Keep};
use super::ledgers::{Ledgers, Speech};
use super::{accounts_files, tables};
use crate::publish::table::plain::{self, Form};
use crate::publish::table::{File, Table, workbook};
use crate::store::facade::View;
use crate::web::Fault;
use crate::web::guards::Once;

/// The ending of a file of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// For spreadsheets, typed.
    Xlsx,
    /// For spreadsheets and programs.
    Csv,
    /// For programs.
    Json,
}

impl Ending {
    /// All of them.
    const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Json];

    /// The ending without its dot.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The type of the bytes.
    #[must_use]
    pub fn content_type(self) -> ContentType {
        match self {
            Self::Xlsx => ContentType::new(
                "application",
                "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
            Self::Csv => ContentType::CSV.with_params(("charset", "utf-8")),
            Self::Json => ContentType::JSON,
        }
    }

    /// The name and the ending of a file; `None` for any other ending.
    #[must_use]
    pub fn of(file: &str) -> Option<(&str, Self)> {
        let (name, ending) = file.rsplit_once('.')?;
        let ending = Self::ALL.into_iter().find(|own| own.as_str() == ending)?;
        Some((name, ending))
    }
}

/// A page whose tables can be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Accounts,
    Goods,
    Revolving,
    Activities,
}

/// The name of a file under a chapter.
pub struct PageFile(Of, Ending);

impl<'r> FromParam<'r> for PageFile {
    type Error = ();

    fn from_param(param: &'r str) -> Result<Self, ()> {
        let (name, ending) = Ending::of(param).ok_or(())?;
        let of = match name {
            "cong-khai" => Of::Accounts,
            "hien-vat" => Of::Goods,
            "von-vay" => Of::Revolving,
            "hoat-dong" => Of::Activities,
            _ => return Err(()),
        };
        Ok(Self(of, ending))
    }
}

/// The tables of a page, as a file.
#[get("/<chapter>/<file>?<asked..>", rank = 21)]
pub async fn file(
    chapter: &str,
    file: PageFile,
    asked: Asked<'_>,
    _once: Once,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let PageFile(of, ending) = file;
    let tables = match of {
        Of::Accounts => {
            return accounts_files::file(&asked, ending, &speech, (view, &ledgers)).await;
        }
        Of::Goods => tables::goods(&view, &ledgers, &speech).await?,
        Of::Revolving => tables::revolving(&view, &ledgers, &speech, asked.quy).await?,
        Of::Activities => tables::activities(&view, &ledgers, &speech, asked.nam).await?,
    };
    let form = Form { sums: false, tags: asked.tags()? };
    let tag = tag(&view, &format!("{}-{}", tables.name, form.tags), &speech);
    Ok(written(tables, ending, form, &speech).await?.tag(tag))
}

/// A file of tables, for everybody, written by a thread that answers no requests.
///
/// # Errors
/// As [`download`].
pub async fn written(
    file: File,
    ending: Ending,
    form: Form,
    speech: &Speech<'_>,
) -> Result<Download, Fault> {
    let source = speech.say("table-source");
    let written = spawn_blocking(move || download(&file, ending, form, &source)).await;
    written.map_err(Fault::internal)?
}

/// A file of tables, for everybody; `source` says in a workbook where its figures come from.
///
/// # Errors
/// [`Fault::Unprocessable`] for more rows than a workbook has; [`Fault::Internal`] where it can't
/// be written.
pub fn download(file: &File, ending: Ending, form: Form, source: &str) -> Result<Download, Fault> {
    let bytes = match ending {
        Ending::Csv => plain::csv(file, form),
        Ending::Xlsx if file.tables.iter().any(is_too_long) => {
            return Err(Fault::Unprocessable("fault-422-rows"));
        }
        Ending::Xlsx => workbook::xlsx(file, source).map_err(Fault::internal)?,
        Ending::Json => {
            let about =
                file.about.iter().map(|(name, value)| json!({"name": name, "value": value}));
            let all = json!({
                "title": file.title,
                "about": about.collect::<Vec<_>>(),
                "tables": plain::json(file),
            });
            serde_json::to_vec(&all).map_err(Fault::internal)?
        }
    };
    let name = format!("{}.{}", file.name, ending.as_str());
    Ok(Download::whole(ending.content_type(), Keep::Checked, bytes).named(name))
}

/// Whether a table has more rows than a workbook takes.
fn is_too_long(table: &Table) -> bool {
    table.rows.len() as u64 > workbook::MOST_ROWS
}

/// The tag of a file that shows a ledger in a language: its state, what was asked for, the program.
/// Every character of `asked` may stand in a tag.
#[must_use]
pub fn tag(view: &View, asked: &str, speech: &Speech<'_>) -> String {
    let (state, language) = (view.state(), speech.language.tag());
    format!("{state}-{asked}-{language}-{}", env!("CARGO_PKG_VERSION"))
}

/// Where the figures of a file come from.
#[must_use]
pub fn about(view: &View, speech: &Speech<'_>) -> Vec<(String, String)> {
    let name = view.books.chapter().map(|own| own.chapter.name.to_string());
    let at = view.books.last_at().map(|at| at.to_string());
    vec![
        (speech.say("table-chapter"), name.unwrap_or_default()),
        (speech.say("table-log"), view.origin.to_string()),
        (speech.say("table-size"), view.size().to_string()),
        (speech.say("table-at"), at.unwrap_or_default()),
    ]
}
