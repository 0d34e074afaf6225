//! Kiểm tra: what an auditor reads, and officers with them. Nothing here changes anything but the
//! auditor's own conclusion ([`conclusion`]).
//!
//! Who and when for every entry, series of numbers with their gaps (there are none), reversals,
//! closings, how often private values were opened ([`openings`]), what happened to accounts
//! ([`security`]), what may have leaked ([`breach`]), and one table whose totals add up again.

pub mod breach;
pub mod conclusion;
pub mod logs;
pub mod openings;
pub mod security;

use minijinja::context;
use minijinja::value::Value;
use rocket::get;

use super::describe;
use crate::books::Books;
use crate::ledger::entry::{Entry, OfficerSignature};
use crate::ledger::voucher::{Body, Kind};
use crate::publish::table::{self, Cell, Column, Table};
use crate::store::facade::Line;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer, Signer};
use crate::web::{Fault, Page};

/// Lines on a page.
const MOST: u32 = 50;
/// Lines read at a time for the table.
const BATCH: u32 = 500;

/// Who signed an entry, in which role: the person's title today, or the name of the key where they
/// are not in office any more.
fn titles(books: &Books, entry: &Entry) -> Vec<(&'static str, String)> {
    let title = |signature: &OfficerSignature| {
        let officers = books.officers();
        let person = officers.keys().get(&signature.key).map(|key| &key.person);
        let office = person.and_then(|person| officers.in_office().get(person));
        office.map_or_else(|| signature.key.to_string(), |own| own.title.to_string())
    };
    let all = entry.signatures().iter();
    all.map(|signature| (signature.role.as_str(), title(signature))).collect()
}

/// An entry with its signers.
fn row(officer: &Officer, line: &Line) -> Value {
    context! {
        entry => minijinja::value::Serde(describe::line(&officer.books, line)),
        numbers => line.effects.numbers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        signers => titles(&officer.books, &line.entry),
    }
}

/// Entries of one kind or of all, with the way to earlier ones.
async fn rows(
    officer: &Officer,
    kept: &Kept<'_>,
    kind: Option<Kind>,
    below: Option<u64>,
) -> Result<(Vec<Value>, Option<u64>), Fault> {
    let below = below.unwrap_or_else(|| officer.books.size());
    let lines = kept.0.lines_before(officer.chapter, kind, below, MOST).await;
    let lines = lines.map_err(Fault::internal)?;
    let full = lines.len() == usize::try_from(MOST).unwrap_or(usize::MAX);
    let next = lines.last().map(|line| line.entry.place()).filter(|seq| full && *seq > 0);
    Ok((lines.iter().map(|line| row(officer, line)).collect(), next))
}

/// The log: every entry, who signed it and when it came.
#[get("/ban/kiem-tra?<truoc>")]
pub async fn log(officer: Signer, kept: Kept<'_>, truoc: Option<u64>) -> Result<Page, Fault> {
    let officer = officer.0;
    let (rows, next) = rows(&officer, &kept, None, truoc).await?;
    let size = officer.books.size();
    let auditor = officer.books.officers().has_auditor();
    Ok(super::page(&officer, "desk/audit/log.html", context! { rows, next, size, auditor }))
}

/// The series of numbers. A gap would be a number that nobody can show an entry for.
#[get("/ban/kiem-tra/so-hieu")]
pub async fn numbers(officer: Signer, kept: Kept<'_>) -> Result<Page, Fault> {
    let officer = officer.0;
    let series = kept.0.series(officer.chapter).await.map_err(Fault::internal)?;
    let rows: Vec<Value> = series
        .iter()
        .map(|row| {
            let number = |number: u64| format!("{}-{}-{number:05}", row.series, row.year);
            context! {
                series => row.series.as_str(),
                year => row.year,
                count => row.count,
                first => number(row.first),
                last => number(row.last),
                missing => row.last.saturating_sub(row.count),
            }
        })
        .collect();
    Ok(super::page(&officer, "desk/audit/numbers.html", context! { rows }))
}

/// Reversals, each with what it reverses.
#[get("/ban/kiem-tra/but-toan-dao?<truoc>")]
pub async fn reversals(officer: Signer, kept: Kept<'_>, truoc: Option<u64>) -> Result<Page, Fault> {
    let officer = officer.0;
    let (rows, next) = rows(&officer, &kept, Some(Kind::Reversed), truoc).await?;
    Ok(super::page(&officer, "desk/audit/reversals.html", context! { rows, next }))
}

/// Closed periods with what auditors concluded of them, and published statements.
#[get("/ban/kiem-tra/khoa-so")]
pub async fn closings(officer: Signer, kept: Kept<'_>) -> Result<Page, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let size = officer.books.size();
    let audits = store.lines_before(officer.chapter, Some(Kind::PeriodAudited), size, 500).await;
    let audits = audits.map_err(Fault::internal)?;
    let mut rows: Vec<Value> = Vec::new();
    for (month, seq, digest) in officer.books.closings().iter().rev() {
        let line = store.line(officer.chapter, *seq).await.map_err(Fault::internal)?;
        let Some(line) = line else { continue };
        let Body::PeriodClosed(closed) = &line.entry.voucher().body else { continue };
        let banks = closed.bank.iter().flat_map(|bank| bank.iter()).map(|bank| {
            let own = closed.places.iter().find(|place| place.place == bank.place);
            context! {
                name => describe::place_name(&officer.books, bank.place.as_str()),
                said => bank.statement_balance.minor(),
                book => own.map(|own| own.closing.minor()),
            }
        });
        let own = audits.iter().filter_map(|audit| match &audit.entry.voucher().body {
            Body::PeriodAudited(body) if body.through == *month => Some(context! {
                seq => audit.entry.place(),
                result => format!("word-result-{}", body.result),
                sample => body.sample.as_ref().map_or(0, |sample| sample.len()),
            }),
            _ => None,
        });
        rows.push(context! {
            month => describe::month(month),
            digest => digest.to_string(),
            audits => own.collect::<Vec<_>>(),
            banks => banks.collect::<Vec<_>>(),
            ..row(&officer, &line)
        });
    }
    let published = store.lines_before(officer.chapter, Some(Kind::StatementPublished), size, 500);
    let published = published.await.map_err(Fault::internal)?;
    let published: Vec<Value> = published.iter().map(|line| row(&officer, line)).collect();
    Ok(super::page(&officer, "desk/audit/closings.html", context! { rows, published }))
}

/// Every entry as one table: who signed it, what it moved. The last row adds up the columns.
///
/// # Errors
/// Faults of the store.
pub async fn all(officer: &Officer, kept: &Kept<'_>, speech: &Speech<'_>) -> Result<Table, Fault> {
    let own = |name, key: &str, kind| Column::new(name, speech.say(key), kind);
    let columns = vec![
        own("seq", "entry-seq", table::Kind::Ordinal),
        own("at", "entry-at", table::Kind::Short),
        own("date", "book-date", table::Kind::Day),
        own("kind", "audit-kind", table::Kind::Text),
        own("numbers", "book-number", table::Kind::Short),
        own("recorder", "role-recorder", table::Kind::Short),
        own("approver", "role-approver", table::Kind::Short),
        own("auditor", "role-auditor", table::Kind::Short),
        own("holder", "role-holder", table::Kind::Short),
        own("in", "book-in", table::Kind::Money),
        own("out", "book-out", table::Kind::Money),
        own("reversed_by", "audit-reversed-by", table::Kind::Ordinal),
        own("leaf", "entry-leaf", table::Kind::Text),
    ];
    let mut table = Table::new("log", speech.say("desk-audit"), columns);
    let mut next = 0;
    loop {
        let lines = kept.0.lines_from(officer.chapter, next, BATCH).await;
        let lines = lines.map_err(Fault::internal)?;
        let Some(last) = lines.last() else { break };
        next = last.entry.place() + 1;
        for line in &lines {
            let short = describe::line(&officer.books, line);
            table.push(cells(officer, line, &short, speech));
        }
    }
    Ok(table.summed(speech.say("audit-sum")))
}

fn cells(
    officer: &Officer,
    line: &Line,
    short: &describe::Short,
    speech: &Speech<'_>,
) -> Vec<Cell> {
    let signers = titles(&officer.books, &line.entry);
    let of = |wanted: &str| {
        let own = signers.iter().filter(|(role, _)| *role == wanted);
        Cell::Text(own.map(|(_, title)| title.as_str()).collect::<Vec<_>>().join(", "))
    };
    let numbers: Vec<String> = line.effects.numbers.iter().map(ToString::to_string).collect();
    vec![
        Cell::count(short.seq),
        Cell::text(short.at.as_str()),
        super::tables::day(&short.date),
        Cell::Text(speech.say(&format!("kind-{}", short.kind.replace('_', "-")))),
        Cell::Text(numbers.join(" ")),
        of("recorder"),
        of("approver"),
        of("auditor"),
        of("holder"),
        Cell::minor(short.money_in),
        Cell::minor(short.money_out),
        short.reversed_by.map_or(Cell::Empty, Cell::count),
        Cell::text(short.leaf.as_str()),
    ]
}
