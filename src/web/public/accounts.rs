//! `/<chapter>/cong-khai`: the published accounts, a page at a time, and the same as CSV and JSON.

use minijinja::context;
use minijinja::value::Value;
use rocket::http::ContentType;
use rocket::{FromForm, get};
use serde_json::json;

use super::download::{Download, Keep};
use super::home::page;
use super::ledgers::{Ledgers, Speech, read};
use super::lent::{self, Mentions};
use super::told;
use crate::books::accounts::CUSTODY_FUND;
use crate::ledger::voucher::Kind;
use crate::ledger::word::{Code, Date, Month};
use crate::money::Money;
use crate::publish::csv;
use crate::store::facade::{AccountsFilter, AccountsLine, AccountsSum, Position, View};
use crate::web::{Fault, Page};

/// Lines of a page.
const LINES: u32 = 40;

/// Lines of a download read at a time.
const BATCH: u32 = 1_000;

/// The kinds that move money, in the order in which they are offered.
pub const KINDS: [Kind; 17] = [
    Kind::Donation,
    Kind::Income,
    Kind::AidPaid,
    Kind::CostPaid,
    Kind::Transfer,
    Kind::FundTransfer,
    Kind::DonationReturned,
    Kind::CustodyReceived,
    Kind::CustodyHandedOver,
    Kind::CustodyReturned,
    Kind::CustodyAssigned,
    Kind::LoanDisbursed,
    Kind::LoanRepaid,
    Kind::LoanRecovered,
    Kind::CashCounted,
    Kind::Reversed,
    Kind::OpeningBalance,
];

/// What the address asks for. Members that are left out or empty ask for everything.
#[derive(Debug, FromForm)]
pub struct Asked<'r> {
    /// `2026-10`, or `tat-ca` for all months; the newest month with money when it is left out.
    ky: Option<&'r str>,
    quy: Option<&'r str>,
    ct: Option<&'r str>,
    loai: Option<&'r str>,
    /// Lines behind this position.
    sau: Option<&'r str>,
    /// Lines before this position.
    truoc: Option<&'r str>,
}

/// The filter that was asked for, and its spelling in addresses.
struct Chosen {
    filter: AccountsFilter,
    month: Option<Month>,
    query: String,
}

/// A value of the address: nothing, or what it says; a wrong one is no page of ours.
fn value<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Fault> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| Fault::NotFound)).transpose()
}

impl Asked<'_> {
    async fn chosen(&self, view: &View, ledgers: &Ledgers<'_>) -> Result<Chosen, Fault> {
        let month = match self.ky.filter(|text| !text.is_empty()) {
            Some("tat-ca") => None,
            Some(text) => value::<Month>(Some(text))?,
            None => newest_month(view, ledgers).await?,
        };
        let mut filter = AccountsFilter {
            fund: value::<Code>(self.quy)?,
            programme: value::<Code>(self.ct)?,
            kind: value::<Kind>(self.loai)?,
            ..AccountsFilter::default()
        };
        if !offered(&filter, month, view) {
            return Err(Fault::NotFound);
        }
        if let Some(month) = month {
            filter.from = Some(month.first_day());
            filter.to = Some(month.last_day());
        }
        let mut query = format!("ky={}", month.map_or("tat-ca".to_owned(), |m| m.to_string()));
        // Codes and kinds are letters, digits, hyphens and underscores: nothing to escape.
        for (name, chosen) in [
            ("quy", filter.fund.as_ref().map(ToString::to_string)),
            ("ct", filter.programme.as_ref().map(ToString::to_string)),
            ("loai", filter.kind.map(|kind| kind.to_string())),
        ] {
            if let Some(chosen) = chosen {
                query.push_str(&format!("&{name}={chosen}"));
            }
        }
        Ok(Chosen { filter, month, query })
    }
}

async fn newest_month(view: &View, ledgers: &Ledgers<'_>) -> Result<Option<Month>, Fault> {
    let all = AccountsFilter::default();
    let last = ledgers.store().accounts_before(view.chapter, &all, view.size(), None, 1).await;
    let last = last.map_err(read)?;
    let newest = last.first().map(|line| line.effective.month());
    // An opening balance alone lies on the day before the books: all months show it.
    let from = view.books.chapter().map(|chapter| chapter.books_from.month());
    Ok(newest.filter(|newest| from.is_some_and(|from| *newest >= from)))
}

/// A place in a list, as an address has it.
///
/// # Errors
/// 404 for anything else.
pub(super) fn position(text: Option<&str>) -> Result<Option<Position>, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let (day, seq) = text.split_once('.').ok_or(Fault::NotFound)?;
    let day = day.parse().map_err(|_| Fault::NotFound)?;
    Ok(Some(Position { day, seq: seq.parse().map_err(|_| Fault::NotFound)? }))
}

fn place_of(line: &AccountsLine) -> Position {
    Position { day: line.effective, seq: line.entry.place() }
}

/// A place in a list for an address.
pub(super) fn spelled(position: Position) -> String {
    format!("{}.{}", position.day, position.seq)
}

/// Lines with the balance behind each, where a balance means anything.
async fn with_balances(
    lines: Vec<AccountsLine>,
    filter: &AccountsFilter,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Vec<(AccountsLine, Option<Money>)>, Fault> {
    let mut balance = match lines.first().filter(|_| filter.has_balance()) {
        Some(first) => {
            let (fund, at) = (filter.fund.as_ref(), place_of(first));
            let before = ledgers.store().money_before(view.chapter, fund, view.size(), at).await;
            Some(before.map_err(read)?)
        }
        None => None,
    };
    let mut told = Vec::with_capacity(lines.len());
    for line in lines {
        balance = balance
            .and_then(|balance| balance.checked_add(line.money_in)?.checked_sub(line.money_out));
        told.push((line, balance));
    }
    Ok(told)
}

/// The published accounts.
#[get("/<chapter>/cong-khai?<asked..>", rank = 20)]
pub async fn accounts(
    chapter: &str,
    asked: Asked<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let chosen = asked.chosen(&view, &ledgers).await?;
    let (store, size) = (ledgers.store(), view.size());
    let (after, before) = (position(asked.sau)?, position(asked.truoc)?);
    let filter = &chosen.filter;
    let backwards = before.is_some() && after.is_none();
    let mut lines = if backwards {
        store.accounts_before(view.chapter, filter, size, before, LINES + 1).await
    } else {
        store.accounts_after(view.chapter, filter, size, after, LINES + 1).await
    }
    .map_err(read)?;
    let more = lines.len() > usize::try_from(LINES).unwrap_or(usize::MAX);
    if more && backwards {
        lines.remove(0);
    } else if more {
        lines.pop();
    }
    let previous = if backwards { more } else { after.is_some() };
    let next = if backwards { !lines.is_empty() } else { more };
    let first = lines.first().map(place_of).filter(|_| previous).map(spelled);
    let last = lines.last().map(place_of).filter(|_| next).map(spelled);
    let sum = store.accounts_sum(view.chapter, filter, size).await.map_err(read)?;
    let lines = with_balances(lines, filter, &view, &ledgers).await?;
    let mentions = mentions(&lines, &view, &ledgers).await?;
    let shown = context! {
        lines => lines.iter().map(|(line, balance)| {
            told::line(&view, line, balance.map(Money::minor), &mentions)
        }).collect::<Vec<_>>(),
        query => chosen.query.clone(),
        previous => first,
        next => last,
        has_balance => filter.has_balance(),
        ends => ends(&chosen, &sum, &view, &ledgers).await?,
        sum => context! {
            count => sum.count,
            money_in => sum.money_in.minor(),
            money_out => sum.money_out.minor(),
        },
        chosen => context! {
            month => chosen.month.map(|month| month.to_string()),
            fund => filter.fund.as_ref().map(ToString::to_string),
            programme => filter.programme.as_ref().map(ToString::to_string),
            kind => filter.kind.map(|kind| kind.as_str()),
        },
        choices => choices(&view),
    };
    let names = store.names_state(view.chapter).await.map_err(read)?;
    let place = asked.sau.or(asked.truoc).unwrap_or("0");
    // Positions were read above: letters of days and digits alone.
    let state = format!("{}-{names}-{}-{place}", view.state(), chosen.query);
    Ok(page(&view, "public/accounts.html", shown).of_state(state))
}

/// The balances at both ends of what is shown, where a balance means anything.
async fn ends(
    chosen: &Chosen,
    sum: &AccountsSum,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Option<Value>, Fault> {
    let filter = &chosen.filter;
    if !filter.has_balance() {
        return Ok(None);
    }
    let opening = match filter.from {
        Some(day) => {
            let (fund, at) = (filter.fund.as_ref(), Position { day, seq: 0 });
            let before = ledgers.store().money_before(view.chapter, fund, view.size(), at).await;
            before.map_err(read)?
        }
        None => Money::ZERO,
    };
    let closing = opening.checked_add(sum.money_in).and_then(|all| all.checked_sub(sum.money_out));
    Ok(closing.map(|closing| context! { opening => opening.minor(), closing => closing.minor() }))
}

/// The first and the last month that can be asked for.
fn ends_of(view: &View) -> Option<(Month, Month)> {
    let chapter = view.books.chapter()?;
    let last = view.books.last_at()?.local_date(chapter.utc_offset).month();
    Some((chapter.books_from.month(), last))
}

/// Whether everything that a filter names is there: a list of fewer lines under a word that means
/// nothing would be taken for the whole.
fn offered(filter: &AccountsFilter, month: Option<Month>, view: &View) -> bool {
    let register = view.books.register();
    let fund = filter
        .fund
        .as_ref()
        .is_none_or(|code| register.funds().contains_key(code) || code.as_str() == CUSTODY_FUND);
    let programme =
        filter.programme.as_ref().is_none_or(|code| register.programmes().contains_key(code));
    let kind = filter.kind.is_none_or(|kind| KINDS.contains(&kind));
    let within = |month| ends_of(view).is_some_and(|(first, last)| first <= month && month <= last);
    fund && programme && kind && month.is_none_or(within)
}

/// What can be asked for.
fn choices(view: &View) -> Value {
    let mut months = Vec::new();
    if let Some((first, mut month)) = ends_of(view) {
        while month >= first && months.len() < 240 {
            months.push(month.to_string());
            month = month.previous();
        }
    }
    let register = view.books.register();
    context! {
        months,
        funds => register.funds().values().map(|fund| {
            (fund.fund.code.to_string(), fund.fund.name.to_string())
        }).collect::<Vec<_>>(),
        programmes => register.programmes().values().map(|programme| {
            (programme.code.to_string(), programme.name.to_string())
        }).collect::<Vec<_>>(),
        kinds => KINDS.iter().map(|kind| {
            (kind.as_str(), told::kind_key(*kind))
        }).collect::<Vec<_>>(),
    }
}

/// Every line that a filter shows, with balances.
async fn all_lines(
    chosen: &Chosen,
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Vec<(AccountsLine, Option<Money>)>, Fault> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (store, size) = (ledgers.store(), view.size());
        let lines = store.accounts_after(view.chapter, &chosen.filter, size, after, BATCH).await;
        let lines = lines.map_err(read)?;
        let Some(last) = lines.last() else { break };
        after = Some(place_of(last));
        let whole = lines.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        all.extend(lines);
        if whole {
            break;
        }
    }
    with_balances(all, &chosen.filter, view, ledgers).await
}

/// What lines did to loans.
async fn mentions(
    lines: &[(AccountsLine, Option<Money>)],
    view: &View,
    ledgers: &Ledgers<'_>,
) -> Result<Mentions, Fault> {
    lent::mentions(ledgers, view, lines.iter().map(|(line, _)| &line.entry)).await
}

/// The words of a line in one text, as the page says them.
fn sentence(
    view: &View,
    line: &AccountsLine,
    mentions: &Mentions,
    speech: &Speech<'_>,
) -> Result<String, Fault> {
    let words = told::words(&view.books, &line.entry, mentions);
    speech.line("public/words.txt", context! { words, reversed => line.reversed_by })
}

fn file_name(view: &View, chosen: &Chosen, ending: &str) -> String {
    let month = chosen.month.map_or("tat-ca".to_owned(), |month| month.to_string());
    format!("{}-{month}.{ending}", view.origin.slug())
}

/// The same lines as a table for spreadsheets.
#[get("/<chapter>/cong-khai.csv?<asked..>", rank = 20)]
pub async fn table(
    chapter: &str,
    asked: Asked<'_>,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let chosen = asked.chosen(&view, &ledgers).await?;
    let heads = ["book-date", "book-number", "book-words", "book-in", "book-out", "book-balance"];
    let mut rows = vec![heads.iter().map(|key| speech.say(key)).collect::<Vec<String>>()];
    let all = all_lines(&chosen, &view, &ledgers).await?;
    let mentions = mentions(&all, &view, &ledgers).await?;
    for (line, balance) in all {
        let numbers: Vec<String> = line.numbers.iter().map(ToString::to_string).collect();
        let amount = |amount: Money| amount.minor().to_string();
        rows.push(vec![
            line.effective.to_string(),
            csv::text(&numbers.join(" ")),
            csv::text(&sentence(&view, &line, &mentions, &speech)?),
            amount(line.money_in),
            amount(line.money_out),
            balance.map(amount).unwrap_or_default(),
        ]);
    }
    let kind = ContentType::CSV.with_params(("charset", "utf-8"));
    let name = file_name(&view, &chosen, "csv");
    Ok(Download::whole(kind, Keep::Checked, csv::table(&rows)).named(name))
}

/// The same lines as JSON: amounts in đồng, days as `YYYY-MM-DD`.
#[get("/<chapter>/cong-khai.json?<asked..>", rank = 20)]
pub async fn data(
    chapter: &str,
    asked: Asked<'_>,
    speech: Speech<'_>,
    ledgers: Ledgers<'_>,
) -> Result<Download, Fault> {
    let view = ledgers.view(chapter)?;
    let chosen = asked.chosen(&view, &ledgers).await?;
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let mut lines = Vec::new();
    let all = all_lines(&chosen, &view, &ledgers).await?;
    let mentions = mentions(&all, &view, &ledgers).await?;
    for (line, balance) in all {
        lines.push(json!({
            "seq": line.entry.place(),
            "date": line.effective.to_string(),
            "numbers": line.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "kind": line.entry.voucher().kind().as_str(),
            "words": sentence(&view, &line, &mentions, &speech)?,
            "in": line.money_in.minor(),
            "out": line.money_out.minor(),
            "balance": balance.map(Money::minor),
            "reversed_by": line.reversed_by,
        }));
    }
    let body = json!({
        "log": view.origin.as_str(),
        "size": view.size(),
        "from": day(chosen.filter.from),
        "to": day(chosen.filter.to),
        "fund": chosen.filter.fund.as_ref().map(ToString::to_string),
        "programme": chosen.filter.programme.as_ref().map(ToString::to_string),
        "kind": chosen.filter.kind.map(|kind| kind.as_str()),
        "lines": lines,
    });
    let name = file_name(&view, &chosen, "json");
    let body = serde_json::to_vec(&body).map_err(Fault::internal)?;
    Ok(Download::whole(ContentType::JSON, Keep::Checked, body).named(name))
}
