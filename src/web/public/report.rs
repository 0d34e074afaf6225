//! Statements of months, quarters, years and campaigns: views of the very files that the ledger
//! names by their digests; of what is not final previews.
//!
//! | file | path |
//! |---|---|
//! | this one | `/<chapter>/bao-cao/<period>` |
//! | [`list`] | `/<chapter>/bao-cao` |
//! | [`paper`], [`notice`] | the same as PDF files: to sign and keep, for the notice board |
//! | [`period`] | what addresses mean, and where a statement comes from |
//! | [`made`] | who closed, audited and published it |

pub mod list;
pub mod made;
pub mod notice;
pub mod paper;
pub mod period;

use minijinja::context;
use minijinja::value::{Serde, Value};
use rocket::response::Redirect;
use rocket::{Responder, get};

use self::period::{Found, Shown, Stage, find};
use super::download::Download;
use super::downloads::{Ending, tag, written};
use super::home::{months, page};
use super::ledgers::{Ledgers, Speech, read};
use super::{report_tables, told};
use crate::ledger::word::Month;
use crate::publish::clock::campaign_of;
use crate::publish::table::plain::Form;
use crate::store::facade::View;
use crate::web::{Fault, Page};

/// Letters of a digest that a paper's QR code holds.
pub const MARK: usize = 16;

/// The fund and days of a campaign, from the name of its file: `tet_2026-01-05_2026-02-10`.
fn campaign(view: &View, name: &str) -> Option<Value> {
    let (fund, from, to) = campaign_of(name)?;
    let fund = told::fund(&view.books, fund.as_str());
    Some(context! { fund, from => from.to_string(), to => to.to_string() })
}

/// What an address of entries adds for a campaign: its fund.
fn of_fund(name: &str) -> String {
    let mut parts = name.split('_');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(fund), Some(_), Some(_)) => format!("&quy={fund}"),
        _ => String::new(),
    }
}

/// The statements beside those of months: quarters, years, campaigns.
async fn published(view: &View, ledgers: &Ledgers<'_>) -> Result<Vec<Value>, Fault> {
    let names = ledgers.store().statements(view.chapter).await.map_err(read)?;
    let own = names
        .into_iter()
        .filter(|(name, seq)| *seq < view.size() && name.parse::<Month>().is_err());
    Ok(own.map(|(name, _)| context! { campaign => campaign(view, &name), name }).collect())
}

/// The goods of one item, in units and in value.
fn goods(view: &View, row: &serde_json::Value) -> Value {
    let (name, unit) = super::goods::item(&view.books, row["item"].as_str().unwrap_or_default());
    let quantities: Vec<String> = ["opening", "in", "out", "closing"]
        .map(|column| row[column].as_str().unwrap_or("0").to_owned())
        .to_vec();
    context! { name, unit, quantities, value => row["value"]["closing"].as_i64() }
}

/// The key of a kind's name, from a row of a statement.
fn kind_key(row: &serde_json::Value) -> String {
    let word = row["kind"].as_str().unwrap_or_default();
    format!("public-kind-{}", word.replace('_', "-"))
}

/// Money through a place by kind of voucher.
fn kinds(place: &serde_json::Value) -> Vec<Value> {
    let rows = place["rows"].as_array();
    let told = |row: &serde_json::Value| {
        let (money_in, money_out) = (row["in"].as_i64(), row["out"].as_i64());
        context! { key => kind_key(row), word => row["kind"].as_str(), money_in, money_out }
    };
    rows.into_iter().flatten().map(told).collect()
}

/// Principal that is owed to the chapter, and what changed it.
fn loans(own: &serde_json::Value) -> Value {
    let rows = own["rows"].as_array().into_iter().flatten();
    context! {
        opening => own["opening"].as_i64(),
        closing => own["closing"].as_i64(),
        rows => rows.map(|row| {
            context! { key => kind_key(row), amount => row["amount"].as_i64() }
        }).collect::<Vec<_>>(),
    }
}

/// A line of income or spending.
fn account(view: &View, row: &serde_json::Value) -> Value {
    let word = row["account"].as_str().unwrap_or_default().replace(['_', ':'], "-");
    let programme = row["programme"].as_str();
    // Accounts and codes are letters, digits, hyphens, underscores and colons.
    let query = format!(
        "&ct={}&khoan={}",
        programme.unwrap_or(super::chosen::NONE),
        row["account"].as_str().unwrap_or_default()
    );
    context! {
        query,
        account => format!("public-account-{word}"),
        programme => programme.map(|code| {
            told::programme_name(&view.books, code).unwrap_or_else(|| code.to_owned())
        }),
        amount => row["amount"].as_i64(),
    }
}

/// The entry that closed a period, and the folder of the ledger that has it.
fn closing(seq: u64, digest: String, view: &View, ledgers: &Ledgers<'_>) -> Result<Value, Fault> {
    let ledger = ledgers.store().published_with(view.chapter, seq).map_err(read)?;
    let folder = ledger.map(|ledger| ledger.path());
    Ok(context! { seq, digest, folder })
}

/// Whether the digest on a paper is that of the file; `None` where the address says none.
fn compared(mark: Option<&str>, stage: &Stage) -> Option<bool> {
    let mark = mark.filter(|mark| !mark.is_empty())?;
    let Stage::Signed { digest, .. } = stage else { return Some(false) };
    Some(mark.len() == MARK && digest.starts_with(mark))
}

/// A statement as a page, or its tables as a file.
#[derive(Responder)]
pub enum Answer {
    /// The page.
    Page(Box<Page>),
    /// The file.
    File(Box<Download>),
    /// The address under which it is found.
    Elsewhere(Box<Redirect>),
}

/// The statement of a period; `h` is the beginning of the digest on a paper. With an ending
/// (`2026-10.xlsx`) its tables.
#[get("/<chapter>/bao-cao/<period>?<h>", rank = 20)]
pub async fn report(
    chapter: &str,
    period: &str,
    h: Option<&str>,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Answer, Fault> {
    let view = ledgers.view(chapter)?;
    let (text, ending) = match Ending::of(period) {
        Some((name, ending)) => (name, Some(ending)),
        None => (period, None),
    };
    let shown = match find(text, &view, &ledgers).await? {
        Found::Shown(shown) => shown,
        Found::Elsewhere(name) => {
            let dotted = ending.map(|_| period.strip_prefix(text).unwrap_or_default());
            let (slug, dotted) = (view.origin.slug(), dotted.unwrap_or_default());
            let there = format!("/{slug}/bao-cao/{name}{dotted}");
            return Ok(Answer::Elsewhere(Box::new(Redirect::to(there))));
        }
    };
    let Some(ending) = ending else {
        let page = shown_page(&view, (period, h), &shown, &ledgers).await?;
        return Ok(Answer::Page(Box::new(page)));
    };
    let file = report_tables::report(&view, text, &shown.file, &speech);
    let made = written(file, ending, Form::default(), &speech).await?;
    Ok(Answer::File(Box::new(made.tag(tag(&view, text, &speech)))))
}

/// The row of a place of money, and what went through it by kind.
fn place(view: &View, row: &serde_json::Value) -> Value {
    let place = told::place(&view.books, row["place"].as_str().unwrap_or_default());
    context! { place, row => Serde(row), kinds => kinds(row) }
}

/// The row of a fund.
fn fund(view: &View, row: &serde_json::Value) -> Value {
    let fund = told::fund(&view.books, row["fund"].as_str().unwrap_or_default());
    context! { fund, row => Serde(row) }
}

/// The page of a statement.
async fn shown_page(
    view: &View,
    (period, h): (&str, Option<&str>),
    shown: &Shown,
    ledgers: &Ledgers<'_>,
) -> Result<Page, Fault> {
    let rows = |name: &str| shown.file[name].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let places: Vec<Value> = rows("places").iter().map(|row| place(view, row)).collect();
    let funds: Vec<Value> = rows("funds").iter().map(|row| fund(view, row)).collect();
    let accounts =
        |name: &str| -> Vec<Value> { rows(name).iter().map(|row| account(view, row)).collect() };
    let total = |rows: &[serde_json::Value], name: &str| -> i64 {
        rows.iter().filter_map(|row| row[name].as_i64()).sum()
    };
    let of = |list: &str, names: &[&str]| -> Vec<i64> {
        let rows = rows(list);
        names.iter().map(|name| total(&rows, name)).collect()
    };
    let closed = match &shown.stage {
        Stage::Signed { seq, digest } => Some(closing(*seq, digest.clone(), view, ledgers)?),
        Stage::Closed | Stage::Open => None,
    };
    let compared = compared(h, &shown.stage);
    let all = context! {
        period,
        from => text(&shown.file["from"]),
        to => text(&shown.file["to"]),
        entries => shown.file["entries"].as_i64(),
        places,
        place_sums => of("places", &["opening", "in", "out", "closing"]),
        funds,
        fund_sums => of("funds", &["opening", "received", "spent", "moved", "lost", "earlier",
            "closing", "loans"]),
        loans => shown.file["loans"].is_object().then(|| loans(&shown.file["loans"])),
        income => accounts("income"),
        income_sum => total(&rows("income"), "amount"),
        spending => accounts("spending"),
        spending_sum => total(&rows("spending"), "amount"),
        goods => rows("goods").iter().map(|row| goods(view, row)).collect::<Vec<_>>(),
        families => rows("families").iter().map(|row| context! {
            programme => told::programme_name(&view.books, &text(&row["programme"])),
            lines => row["lines"].as_i64(),
        }).collect::<Vec<_>>(),
        bridge => context! {
            places => shown.file["bridge"]["places"].as_i64(),
            funds => shown.file["bridge"]["funds"].as_i64(),
            custody => shown.file["bridge"]["custody"].as_i64(),
        },
        closed,
        whole => shown.stage == Stage::Closed,
        compared,
        made => Serde(made::of(shown, view, ledgers).await?),
        months => months(&view.books),
        published => published(view, ledgers).await?,
        campaign => campaign(view, period),
        // The fund of a campaign, for the entries behind its figures.
        only => of_fund(period),
    };
    let state = format!("{}-{period}-{compared:?}", view.state()).replace(['(', ')'], "");
    Ok(page(view, "public/report.html", all).of_state(state))
}
