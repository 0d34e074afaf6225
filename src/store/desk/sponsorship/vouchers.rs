//! Vouchers that were matched, as they stand now: their entries, what was reversed, what came back.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::schedule::{Standing, Vouchers};
use crate::ledger::canonical;
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{AssignedAs, Body, Voucher, VoucherId};
use crate::ledger::word::{Amount, Code, Date, Person};
use crate::money::Money;
use crate::store::desk::sql;
use crate::store::desk::{Chapter, DeskFault};

/// Vouchers of one question.
const AT_ONCE: usize = 200;

/// What a gift brought into a fund, and when.
pub(super) fn gift(voucher: &Voucher) -> Option<(&Code, Money, Date)> {
    match &voucher.body {
        Body::Donation(body) => {
            let day = body.received_on.unwrap_or(voucher.date);
            Some((&body.fund, body.amount.money(), day))
        }
        Body::CustodyAssigned(body) if body.r#as == AssignedAs::Donation => {
            Some((body.fund.as_ref()?, body.amount.money(), voucher.date))
        }
        _ => None,
    }
}

/// What a handover took out of a fund, and for how many families.
pub(super) fn handover(voucher: &Voucher) -> Option<(&Code, Money, usize)> {
    let Body::AidPaid(body) = &voucher.body else { return None };
    let total = Money::sum(body.lines.iter().map(|line| line.amount.money()))?;
    Some((&body.fund, total, body.lines.len()))
}

/// The fund of a voucher that may belong to a plan.
#[must_use]
pub fn fund_of(voucher: &Voucher) -> Option<&Code> {
    let of_gift = gift(voucher).map(|(fund, ..)| fund);
    of_gift.or_else(|| handover(voucher).map(|(fund, ..)| fund))
}

/// An entry as its row holds it.
pub(super) fn entry_of(row: &QueryResult) -> Result<(u64, Voucher), DeskFault> {
    let seq = sql::unsigned(row, "entries", "seq")?.unwrap_or_default();
    let bytes: Vec<u8> = sql::column(row, "bytes")?;
    let entry = Entry::parse(&bytes).map_err(|fault| DeskFault::damaged("entries", fault))?;
    Ok((seq, entry.voucher().clone()))
}

/// A draft as its row holds it.
pub(super) fn draft_of(row: &QueryResult) -> Result<Voucher, DeskFault> {
    let damaged = |fault: &dyn std::fmt::Display| DeskFault::damaged("desk_drafts", fault);
    let bytes: Vec<u8> = sql::column(row, "voucher")?;
    let value = canonical::decode(&bytes).map_err(|_| damaged(&"not canonical"))?;
    Voucher::read(&value).map_err(|fault| damaged(&fault))
}

fn amount_of(voucher: &Voucher) -> Option<(Money, Date, usize)> {
    let of_gift = gift(voucher).map(|(_, amount, day)| (amount, day, 1));
    of_gift.or_else(|| handover(voucher).map(|(_, amount, lines)| (amount, voucher.date, lines)))
}

/// `$2, $3, …` for so many values behind the chapter.
fn places(number: usize) -> String {
    (0..number).map(|at| format!("${}", at + 2)).collect::<Vec<_>>().join(", ")
}

fn with_chapter<T: Into<Value>>(chapter: &Chapter, all: impl Iterator<Item = T>) -> Vec<Value> {
    std::iter::once(Value::from(chapter.id)).chain(all.map(Into::into)).collect()
}

/// The vouchers among these that stand, each with what is left of it.
///
/// # Errors
/// [`DeskFault::Database`], [`DeskFault::Damaged`].
pub async fn standing<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    ids: impl IntoIterator<Item = &VoucherId>,
) -> Result<Vouchers, DeskFault> {
    let mut wanted: Vec<&VoucherId> = ids.into_iter().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut all = Vouchers::new();
    for some in wanted.chunks(AT_ONCE) {
        let ids = || with_chapter(chapter, some.iter().map(|id| id.as_str()));
        let text = format!(
            "SELECT entries.seq, entries.bytes FROM entries JOIN figures \
             ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
             WHERE entries.chapter = $1 AND figures.reversed_by IS NULL \
             AND entries.voucher_id IN ({})",
            places(some.len())
        );
        let mut lines = BTreeMap::new();
        for row in sql::all(connection, &text, ids()).await? {
            let (seq, voucher) = entry_of(&row)?;
            let Some((amount, day, number)) = amount_of(&voucher) else { continue };
            lines.insert(seq, (voucher.id.clone(), number));
            all.insert(voucher.id, stands(Some(seq), day, amount));
        }
        came_back(connection, chapter, &lines, &mut all).await?;
        let text = format!(
            "SELECT voucher FROM desk_drafts WHERE chapter = $1 AND state = 'waiting' \
             AND id IN ({})",
            places(some.len())
        );
        for row in sql::all(connection, &text, ids()).await? {
            let voucher = draft_of(&row)?;
            let Some((amount, day, _)) = amount_of(&voucher) else { continue };
            all.insert(voucher.id, stands(None, day, amount));
        }
        let text = format!(
            "SELECT line.voucher, line.family FROM desk_round_lines AS line \
             JOIN desk_drafts AS back ON back.chapter = line.chapter AND back.id = line.returned \
             WHERE line.chapter = $1 AND back.state = 'recorded' AND line.voucher IN ({})",
            places(some.len())
        );
        for row in sql::all(connection, &text, ids()).await? {
            let voucher: VoucherId = sql::parsed(&row, "desk_round_lines", "voucher")?;
            let family: Person = sql::parsed(&row, "desk_round_lines", "family")?;
            if let Some(standing) = all.get_mut(&voucher) {
                standing.absent.insert(family);
            }
        }
    }
    Ok(all)
}

fn stands(seq: Option<u64>, day: Date, amount: Money) -> Standing {
    Standing { seq, day, amount, came_back: Money::ZERO, absent: Default::default() }
}

/// Takes off what came back of entries: of a gift and of a handover to one family its amount; of
/// one to several the whole when all of it is back, else it is only said.
async fn came_back<C: ConnectionTrait>(
    connection: &C,
    chapter: &Chapter,
    entries: &BTreeMap<u64, (VoucherId, usize)>,
    all: &mut Vouchers,
) -> Result<(), DeskFault> {
    if entries.is_empty() {
        return Ok(());
    }
    let text = format!(
        "SELECT entries.seq, entries.of_seq, entries.bytes FROM entries JOIN figures \
         ON figures.chapter = entries.chapter AND figures.seq = entries.seq \
         WHERE entries.chapter = $1 AND figures.reversed_by IS NULL \
         AND entries.kind IN ('donation_returned', 'handover_returned') \
         AND entries.of_seq IN ({})",
        places(entries.len())
    );
    let seqs = with_chapter(chapter, entries.keys().map(|seq| sql::signed(*seq)));
    for row in sql::all(connection, &text, seqs).await? {
        let of = sql::unsigned(&row, "entries", "of_seq")?.unwrap_or_default();
        let (_, voucher) = entry_of(&row)?;
        let back = match &voucher.body {
            Body::DonationReturned(body) => body.amount.money(),
            Body::HandoverReturned(body) => body.amount.map_or(Money::ZERO, Amount::money),
            _ => Money::ZERO,
        };
        let Some((id, lines)) = entries.get(&of) else { continue };
        let Some(standing) = all.get_mut(id) else { continue };
        let sum = standing.came_back.checked_add(back).unwrap_or(back);
        standing.came_back = sum;
        if *lines == 1 {
            let left = standing.amount.checked_sub(back).filter(|left| left.is_positive());
            (standing.amount, standing.came_back) = (left.unwrap_or_default(), Money::ZERO);
        } else if sum >= standing.amount {
            (standing.amount, standing.came_back) = (Money::ZERO, Money::ZERO);
        }
    }
    Ok(())
}
