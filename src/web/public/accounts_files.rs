//! The accounts as files: exactly the lines that a filter shows, as CSV, JSON or XLSX, some at a
//! time, so that a long ledger does not lie in memory.

use rocket::futures::stream;
use rocket::http::ContentType;
use serde_json::{Value, json};

use super::accounts::{mentions, opening, place_of, with_balances};
use super::chosen::{Asked, Chosen};
use super::download::{Download, Keep, Part};
use super::downloads::{Ending, about, tag};
use super::ledgers::{Ledgers, Speech, read};
use super::lent::Mentions;
use super::{pictures, told};
use crate::ledger::word::Date;
use crate::money::Money;
use crate::publish::csv;
use crate::publish::table::plain::{self, Form};
use crate::publish::table::{Cell, Column, Kind, Workbook, workbook};
use crate::store::Store;
use crate::store::facade::{AccountsFilter, AccountsLine, AccountsSum, Position, View};
use crate::web::Fault;

/// Lines of a download read at a time.
const BATCH: u32 = 1_000;

/// A line with its balance and its words.
struct Told {
    line: AccountsLine,
    balance: Option<Money>,
    words: String,
}

/// Everything that a filter shows, batch by batch.
struct Batches {
    store: Store,
    view: View,
    chosen: Chosen,
    speech: Speech<'static>,
    after: Option<Position>,
    balance: Option<Money>,
    over: bool,
}

impl Batches {
    /// The next lines; none when there are no more.
    async fn next(&mut self) -> Result<Option<Vec<Told>>, Fault> {
        if self.over {
            return Ok(None);
        }
        let (view, filter) = (&self.view, &self.chosen.filter);
        let (chapter, size) = (view.chapter, view.size());
        let lines = self.store.accounts_after(chapter, filter, size, self.after, BATCH).await;
        let lines = lines.map_err(read)?;
        self.over = lines.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        let Some(last) = lines.last() else { return Ok(None) };
        self.after = Some(place_of(last));
        let lines = with_balances(lines, filter, view, (&self.store, self.balance)).await?;
        self.balance = lines.last().and_then(|(_, balance)| *balance);
        let mentions = mentions(&lines, view, &self.store).await?;
        let told = lines.into_iter().map(|(line, balance)| {
            let words = sentence(view, &line, &mentions, &self.speech)?;
            Ok(Told { line, balance, words })
        });
        told.collect::<Result<Vec<_>, Fault>>().map(Some)
    }
}

/// The words of a line in one text, as the page says them.
///
/// # Errors
/// [`Fault::Internal`].
pub fn sentence(
    view: &View,
    line: &AccountsLine,
    mentions: &Mentions,
    speech: &Speech<'_>,
) -> Result<String, Fault> {
    let words = told::words(&view.books, &line.entry, mentions);
    let shown = minijinja::context! { words, reversed => line.reversed_by };
    speech.line("public/words.txt", shown)
}

/// The columns of a filter.
fn columns(filter: &AccountsFilter, speech: &Speech<'_>) -> Vec<Column> {
    let money = |name, key: &str, tag| Column::new(name, speech.say(key), Kind::Money).tagged(tag);
    let mut columns = vec![
        Column::new("date", speech.say("book-date"), Kind::Day).tagged("#date"),
        Column::new("numbers", speech.say("book-number"), Kind::Short).tagged("#meta+id"),
        Column::new("words", speech.say("book-words"), Kind::Text).tagged("#description"),
    ];
    match &filter.group {
        None => columns.extend([
            money("in", "book-in", "#value+in"),
            money("out", "book-out", "#value+out"),
            money("balance", "book-balance", "#value+balance"),
        ]),
        Some(group) if group.is_asset() => columns.extend([
            money("in", "accounts-more", "#value+in"),
            money("out", "accounts-less", "#value+out"),
        ]),
        Some(_) => columns.push(money("amount", "public-amount", "#value")),
    }
    columns
}

/// The cells of a line.
fn cells(filter: &AccountsFilter, own: &Told) -> Vec<Cell> {
    let numbers: Vec<String> = own.line.numbers.iter().map(ToString::to_string).collect();
    let mut cells = vec![
        Cell::Day(own.line.effective),
        Cell::text(numbers.join(" ")),
        Cell::text(own.words.clone()),
    ];
    let (money_in, money_out) = (own.line.money_in, own.line.money_out);
    match &filter.group {
        None => {
            cells.extend([Cell::Money(money_in), Cell::Money(money_out), Cell::amount(own.balance)])
        }
        Some(group) if group.is_asset() => {
            cells.extend([Cell::Money(money_in), Cell::Money(money_out)]);
        }
        Some(group) => {
            let amount = pictures::one(group.is_credit(), money_in.minor(), money_out.minor());
            cells.push(Cell::minor(amount));
        }
    }
    cells
}

/// The line of sums.
fn sums(
    filter: &AccountsFilter,
    sum: &AccountsSum,
    closing: Option<Money>,
    word: String,
) -> Vec<Cell> {
    let own = pictures::amounts(filter, sum).into_iter().map(Cell::minor);
    let closing = filter.group.is_none().then(|| Cell::amount(closing));
    let first = [Cell::Text(word), Cell::Empty, Cell::Empty];
    first.into_iter().chain(own).chain(closing).collect()
}

/// The accounts as a file.
///
/// # Errors
/// [`Fault::NotFound`] for what names nothing; [`Fault::Unprocessable`] for more rows than a
/// workbook has; faults of the store.
pub async fn file(
    asked: &Asked<'_>,
    ending: Ending,
    speech: &Speech<'_>,
    (view, ledgers): (View, &Ledgers<'_>),
) -> Result<Download, Fault> {
    let chosen = asked.chosen(&view, ledgers).await?;
    let form = Form { sums: false, tags: asked.tags()? };
    let slug = view.origin.slug().to_owned();
    let name = format!("{slug}-{}.{}", chosen.period.file_name(), ending.as_str());
    let tag = tag(&view, &format!("{}-{}", chosen.query(), form.tags), speech);
    let store = ledgers.store();
    let sum = store.accounts_sum(view.chapter, &chosen.filter, view.size()).await.map_err(read)?;
    let batches = Batches {
        store: store.clone(),
        speech: speech.owned(),
        after: None,
        balance: None,
        over: false,
        view,
        chosen,
    };
    let made = match ending {
        Ending::Csv => table(batches, form),
        Ending::Json => data(batches, &sum)?,
        Ending::Xlsx => {
            if sum.count > workbook::MOST_ROWS {
                return Err(Fault::Unprocessable("fault-422-rows"));
            }
            Download::whole(ending.content_type(), Keep::Checked, book(batches, &sum).await?)
        }
    };
    Ok(made.tag(tag).named(name))
}

/// A part that could not be made breaks the connection: nobody takes half a file for the whole.
fn sendable(part: Result<Option<Vec<u8>>, Fault>) -> Option<Part> {
    part.map_err(|fault| {
        tracing::error!(%fault, "a file of the accounts broke off");
        std::io::Error::other("the file could not be read to its end")
    })
    .transpose()
}

/// The lines for spreadsheets.
fn table(batches: Batches, form: Form) -> Download {
    let parts = stream::unfold((batches, true), move |(mut batches, first)| async move {
        if first {
            let heads = columns(&batches.chosen.filter, &batches.speech);
            let heads = csv::table(&plain::heads(&heads, form));
            return Some((Ok(heads), (batches, false)));
        }
        let lines = batches.next().await;
        let filter = &batches.chosen.filter;
        let rows = lines.map(|lines| {
            let lines = lines?;
            let rows: Vec<_> = lines.iter().map(|own| plain::row(&cells(filter, own))).collect();
            Some(csv::more(&rows))
        });
        sendable(rows).map(|part| (part, (batches, false)))
    });
    Download::parts(Ending::Csv.content_type(), Keep::Checked, parts)
}

/// A line as JSON.
fn value(filter: &AccountsFilter, own: &Told) -> Value {
    let (money_in, money_out) = (own.line.money_in.minor(), own.line.money_out.minor());
    let mut value = json!({
        "seq": own.line.entry.place(),
        "date": own.line.effective.to_string(),
        "numbers": own.line.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "kind": own.line.entry.voucher().kind().as_str(),
        "words": own.words,
        "in": money_in,
        "out": money_out,
        "balance": own.balance.map(Money::minor),
        "reversed_by": own.line.reversed_by,
    });
    if let Some(group) = filter.group.as_ref().filter(|group| !group.is_asset()) {
        value["amount"] = json!(pictures::one(group.is_credit(), money_in, money_out));
    }
    value
}

/// The lines as JSON: amounts in minor units, days as `YYYY-MM-DD`.
fn data(batches: Batches, sum: &AccountsSum) -> Result<Download, Fault> {
    let (view, filter) = (&batches.view, &batches.chosen.filter);
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let programme = filter.programme.as_ref().map(|own| match own {
        crate::store::facade::OfProgramme::One(code) => code.to_string(),
        crate::store::facade::OfProgramme::None => super::chosen::NONE.to_owned(),
    });
    let mut head = json!({
        "log": view.origin.as_str(),
        "size": view.size(),
        "from": day(filter.from),
        "to": day(filter.to),
        "fund": filter.fund.as_ref().map(ToString::to_string),
        "programme": programme,
        "kind": filter.kind.map(|kind| kind.as_str()),
        "place": filter.place.as_ref().map(ToString::to_string),
        "account": filter.group.as_ref().map(|group| group.word()),
        "sums": {
            "count": sum.count, "in": sum.money_in.minor(), "out": sum.money_out.minor(),
        },
    });
    if let Some(group) = filter.group.as_ref().filter(|group| !group.is_asset()) {
        let (money_in, money_out) = (sum.money_in.minor(), sum.money_out.minor());
        head["sums"]["amount"] = json!(pictures::one(group.is_credit(), money_in, money_out));
    }
    let mut head = serde_json::to_vec(&head).map_err(Fault::internal)?;
    // The lines go before the brace that ends the object.
    head.pop();
    head.extend_from_slice(b",\"lines\":[");
    let parts =
        stream::unfold((batches, Some(head), true), |(mut batches, head, first)| async move {
            if let Some(head) = head {
                return Some((Ok(head), (batches, None, true)));
            }
            if batches.over && !first {
                return None;
            }
            let begun = batches.after.is_some();
            let lines = batches.next().await;
            let filter = &batches.chosen.filter;
            let part = lines.map(|lines| {
                let lines = lines.unwrap_or_default();
                let values = lines.iter().map(|own| value(filter, own).to_string());
                let values: Vec<String> = values.collect();
                let comma = if begun && !values.is_empty() { "," } else { "" };
                let end = if batches.over { "]}" } else { "" };
                Some(format!("{comma}{}{end}", values.join(",")).into_bytes())
            });
            sendable(part).map(|part| (part, (batches, None, false)))
        });
    Ok(Download::parts(ContentType::JSON, Keep::Checked, parts))
}

/// The lines as a workbook.
async fn book(mut batches: Batches, sum: &AccountsSum) -> Result<Vec<u8>, Fault> {
    let filter = batches.chosen.filter.clone();
    let (view, speech) = (batches.view.clone(), batches.speech.owned());
    let at = view.books.last_at().map(|at| at.utc());
    let title = speech.say("public-accounts-title");
    let mut book = Workbook::new(&title, at);
    book.sheet(&title, &columns(&filter, &speech)).map_err(Fault::internal)?;
    while let Some(lines) = batches.next().await? {
        for own in &lines {
            book.row(&cells(&filter, own)).map_err(Fault::internal)?;
        }
    }
    let closing = match filter.has_balance() {
        true => {
            let opening = opening(&filter, &view, &batches.store).await?;
            opening.checked_add(sum.money_in).and_then(|all| all.checked_sub(sum.money_out))
        }
        false => None,
    };
    let sums = sums(&filter, sum, closing, speech.say("public-sum"));
    book.sums(&sums).map_err(Fault::internal)?;
    let mut source = about(&view, &speech);
    source.push((speech.say("public-period"), batches.chosen.period.file_name()));
    source.push((speech.say("accounts-filter"), batches.chosen.query()));
    book.about(&speech.say("table-source"), &source).map_err(Fault::internal)?;
    book.bytes().map_err(Fault::internal)
}
