//! What the clock goes by, read from the ledger and the desk.

use std::collections::BTreeMap;

use chrono::Days;

use super::{Act, Appeal, Facts, Published, Span, campaign_of};
use crate::books::Books;
use crate::ledger::voucher::{Body, Kind};
use crate::ledger::word::{Code, Date, Month, UtcOffset};
use crate::store::desk::DeskFault;
use crate::store::desk::publication::{Deadlines, Rule};
use crate::store::{ChapterId, Store};

/// Receipts are looked at of the gifts of so many days.
const GIFTS: u64 = 400;
/// Funds that were closed, at most.
const CLOSED: u32 = 500;

/// What is known today; `None` before the chapter is opened.
///
/// # Errors
/// [`DeskFault`] of the machine.
pub async fn facts(
    store: &Store,
    chapter: ChapterId,
    books: &Books,
    deadlines: &Deadlines,
    today: Date,
) -> Result<Option<Facts>, DeskFault> {
    let Some(state) = books.chapter() else { return Ok(None) };
    let (size, offset) = (books.size(), state.utc_offset);
    let all = store.publications(chapter, size).await?;
    let mut seqs: Vec<u64> = books.closings().iter().map(|(_, seq, _)| *seq).collect();
    seqs.extend(all.iter().map(|own| own.first));
    seqs.extend(state.closed);
    let closed_funds = closed_funds(store, chapter, size).await?;
    let days = Appended::new(store.appended(chapter, &seqs).await?, offset);
    let closed = books.closings().iter();
    let closed = closed.filter_map(|(month, seq, _)| Some((*month, days.act(*seq)?))).collect();
    let published = all.iter().filter_map(|own| published(&own.name, days.act(own.first)?));
    let since = deadlines.since.unwrap_or(state.books_from).max(state.books_from);
    // Whole months, so that none of them is told by half.
    let oldest = today.naive().checked_sub_days(Days::new(GIFTS)).and_then(Date::new);
    let since = oldest.map_or(since, |oldest| oldest.month().next().first_day().max(since));
    let gifts = match deadlines.of(Rule::ReceiptGiven).on {
        true => store.gifts_by_day(chapter, since, size, offset).await?,
        false => Vec::new(),
    };
    Ok(Some(Facts {
        today,
        books_from: state.books_from,
        ended: state.closed.and_then(|seq| days.act(seq)).map(|act| act.on),
        closed,
        published: published.collect(),
        appeals: appeals(books, &closed_funds),
        gifts,
        notices: store.notices(&store.desk(chapter)?).await?,
    }))
}

/// The days on which entries were appended.
struct Appended(BTreeMap<u64, Act>);

impl Appended {
    fn new(at: BTreeMap<u64, crate::ledger::word::Time>, offset: UtcOffset) -> Self {
        let act = |(seq, at): (u64, crate::ledger::word::Time)| {
            (seq, Act { seq, on: at.local_date(offset) })
        };
        Self(at.into_iter().map(act).collect())
    }

    fn act(&self, seq: u64) -> Option<Act> {
        self.0.get(&seq).copied()
    }
}

/// The days on which funds were closed, as the vouchers have them.
async fn closed_funds(
    store: &Store,
    chapter: ChapterId,
    size: u64,
) -> Result<BTreeMap<Code, Date>, DeskFault> {
    let lines = store.lines_before(chapter, Some(Kind::FundClosed), size, CLOSED).await?;
    let own = |line: &crate::store::facade::Line| match &line.entry.voucher().body {
        Body::FundClosed(body) if line.reversed_by.is_none() => {
            Some((body.fund.clone(), line.entry.voucher().date))
        }
        _ => None,
    };
    Ok(lines.iter().filter_map(own).collect())
}

/// A published quarter, year or campaign; `None` of a month.
fn published(name: &str, act: Act) -> Option<Published> {
    let (span, to) = if let Some((fund, _, to)) = campaign_of(name) {
        (Span::Campaign(fund), to)
    } else if let Some((year, quarter)) = name.split_once("-q") {
        let quarter: u32 = quarter.parse().ok()?;
        let month: Month = format!("{year}-{:02}", quarter.checked_mul(3)?).parse().ok()?;
        (Span::Quarter, month.last_day())
    } else {
        (Span::Year, format!("{name}-12-31").parse().ok()?)
    };
    Some(Published { name: name.to_owned(), span, to, act })
}

/// Funds that were opened with a first day.
fn appeals(books: &Books, closed: &BTreeMap<Code, Date>) -> Vec<Appeal> {
    let funds = books.register().funds().iter();
    let appeal = |(code, state): (&Code, &crate::books::funds::FundState)| {
        Some(Appeal {
            fund: code.clone(),
            from: state.fund.from?,
            to: state.fund.to,
            closed_on: closed.get(code).copied(),
            emptied_on: books.emptied_on(code),
        })
    };
    funds.filter_map(appeal).collect()
}
