//! `/<chapter>/bao-cao/<period>`: the statement of a month, quarter, year or campaign, a view of
//! the very file that the ledger names by its digest; of an open month a preview.

use minijinja::context;
use minijinja::value::{Serde, Value};
use rocket::{Responder, get};

use super::download::Download;
use super::downloads::{Ending, download, tag};
use super::home::{months, page};
use super::ledgers::{Ledgers, Speech, read};
use super::{report_tables, told};
use crate::books::statement::Statement;
use crate::ledger::tree::sha256;
use crate::ledger::word::Month;
use crate::publish::table::plain::Form;
use crate::store::facade::View;
use crate::web::{Fault, Page};

/// A statement with where it comes from.
struct Shown {
    file: serde_json::Value,
    /// The closing and the digest that it names; none of a preview.
    closed: Option<(u64, String)>,
}

/// The statement of a month, or of several that one closing spans.
async fn find(period: &str, view: &View, ledgers: &Ledgers<'_>) -> Result<Shown, Fault> {
    let names = ledgers.store().statements(view.chapter).await.map_err(read)?;
    let named = names.into_iter().find(|(name, seq)| name == period && *seq < view.size());
    if let Some((name, seq)) = named {
        let bytes = ledgers.store().statement(view.chapter, &name).await.map_err(read)?;
        let bytes = bytes.ok_or(Fault::NotFound)?;
        let file = serde_json::from_slice(&bytes).map_err(Fault::internal)?;
        return Ok(Shown { file, closed: Some((seq, sha256(&bytes).to_string())) });
    }
    let month: Month = period.parse().map_err(|_| Fault::NotFound)?;
    let open = view.books.first_open_day().filter(|first| month >= first.month());
    let chapter = view.books.chapter().ok_or(Fault::NotFound)?;
    let today = view.books.last_at().map(|at| at.local_date(chapter.utc_offset).month());
    if open.is_none() || today.is_none_or(|today| month > today.next()) {
        return Err(Fault::NotFound);
    }
    // As the closing would have it: all open months up to this one.
    let statement: Statement = view.books.closing_statement(month).map_err(|_| Fault::NotFound)?;
    let file = serde_json::to_value(&statement).map_err(Fault::internal)?;
    Ok(Shown { file, closed: None })
}

/// The fund and days of a campaign, from the name of its file: `tet_2026-01-05_2026-02-10`.
fn campaign(view: &View, name: &str) -> Option<Value> {
    let mut parts = name.split('_');
    let (fund, from, to) = (parts.next()?, parts.next()?, parts.next()?);
    Some(context! { fund => told::fund(&view.books, fund), from, to })
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

/// A statement as a page, or its tables as a file.
#[derive(Responder)]
pub enum Answer {
    /// The page.
    Page(Box<Page>),
    /// The file.
    File(Box<Download>),
}

/// The statement of a period; with an ending (`2026-10.xlsx`) its tables.
#[get("/<chapter>/bao-cao/<period>", rank = 20)]
pub async fn report(
    chapter: &str,
    period: &str,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Answer, Fault> {
    let view = ledgers.view(chapter)?;
    let Some((name, ending)) = Ending::of(period) else {
        return shown(&view, period, &ledgers).await.map(Box::new).map(Answer::Page);
    };
    let statement = find(name, &view, &ledgers).await?.file;
    let file = report_tables::report(&view, name, &statement, &speech);
    let made = download(&file, ending, Form::default(), &speech)?;
    Ok(Answer::File(Box::new(made.tag(tag(&view, name, &speech)))))
}

/// The page of a statement.
async fn shown(view: &View, period: &str, ledgers: &Ledgers<'_>) -> Result<Page, Fault> {
    let shown = find(period, view, ledgers).await?;
    let rows = |name: &str| shown.file[name].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let places: Vec<Value> = rows("places")
        .iter()
        .map(|row| {
            let place = told::place(&view.books, &text(&row["place"]));
            context! { place, row => Serde(row), kinds => kinds(row) }
        })
        .collect();
    let funds: Vec<Value> = rows("funds")
        .iter()
        .map(|row| {
            let fund = told::fund(&view.books, &text(&row["fund"]));
            context! { fund, row => Serde(row) }
        })
        .collect();
    let accounts =
        |name: &str| -> Vec<Value> { rows(name).iter().map(|row| account(view, row)).collect() };
    let total = |rows: &[serde_json::Value], name: &str| -> i64 {
        rows.iter().filter_map(|row| row[name].as_i64()).sum()
    };
    let of = |list: &str, names: &[&str]| -> Vec<i64> {
        let rows = rows(list);
        names.iter().map(|name| total(&rows, name)).collect()
    };
    let closed = match shown.closed {
        Some((seq, digest)) => Some(closing(seq, digest, view, ledgers)?),
        None => None,
    };
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
        months => months(&view.books),
        published => published(view, ledgers).await?,
        campaign => campaign(view, period),
        // The fund of a campaign, for the entries behind its figures.
        only => of_fund(period),
    };
    Ok(page(view, "public/report.html", all).of_state(format!("{}-{period}", view.state())))
}
