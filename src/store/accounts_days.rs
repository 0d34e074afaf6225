//! What the public accounts add up to by day, so that a total is never read from the vouchers.
//!
//! A voucher counts in each scope that it is in: money in all, through its places, of its funds, on
//! its accounts and in their groups. The number of rows follows days, kinds and programmes, and not
//! vouchers.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Value};

use super::accounts_months;
use super::bundle::Bundle;
use super::chapter::lock_named;
use super::database::{execute, first, give_up, query};
use super::facade::accounts_filter::{Group, scope};
use super::fault::StoreFault;
use super::nodes::{number, unsigned};
use super::{Shared, rows};
use crate::books::accounts::Account;
use crate::books::effects::Effects;
use crate::ledger::voucher::Kind;

/// The table, and its name in `projections_due`.
pub(super) const TABLE: &str = "accounts_days";
/// Effects read at a time.
const CHUNK: u64 = 1_000;

/// Scope, day, kind, nature, programme.
type Key = (String, String, &'static str, &'static str, String);

/// Sums that are not written yet.
#[derive(Debug, Default)]
pub(super) struct AccountsDays {
    sums: BTreeMap<Key, Sum>,
}

/// How many vouchers, and what they moved, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    many: i64,
    money_in: i64,
    money_out: i64,
}

impl AccountsDays {
    /// Counts an entry.
    pub(super) fn add(&mut self, effects: &Effects) {
        let (day, kind) = (effects.effective.to_string(), effects.kind.as_str());
        let nature = effects.nature.as_str();
        let programme = effects.programme.as_ref().map(ToString::to_string).unwrap_or_default();
        for (scope, (money_in, money_out)) in counted(effects) {
            let key = (scope, day.clone(), kind, nature, programme.clone());
            let sum = self.sums.entry(key).or_default();
            sum.many += 1;
            sum.money_in += money_in;
            sum.money_out += money_out;
        }
    }

    /// Adds what was counted to what is stored, and is empty again.
    pub(super) fn write(&mut self, bundle: &mut Bundle, chapter: i64) {
        let sums = std::mem::take(&mut self.sums).into_iter();
        let values = sums.flat_map(|((scope, day, kind, nature, own), sum)| -> [Value; 9] {
            [
                chapter.into(),
                scope.into(),
                day.into(),
                kind.into(),
                nature.into(),
                own.into(),
                sum.many.into(),
                sum.money_in.into(),
                sum.money_out.into(),
            ]
        });
        let columns = [
            "chapter",
            "scope",
            "day",
            "kind",
            "nature",
            "programme",
            "many",
            "money_in",
            "money_out",
        ];
        let add = " ON CONFLICT (chapter, scope, day, kind, nature, programme) DO UPDATE SET \
            many = accounts_days.many + excluded.many, \
            money_in = accounts_days.money_in + excluded.money_in, \
            money_out = accounts_days.money_out + excluded.money_out";
        bundle.insert_or((TABLE, &columns), values.collect(), add);
    }
}

/// What an entry counts for, in and out, in minor units, by scope. The same that the vouchers of a
/// filter say (`accounts_text`).
fn counted(effects: &Effects) -> BTreeMap<String, (i64, i64)> {
    let (mut money, mut accounts) = (BTreeMap::new(), BTreeMap::new());
    let add = |all: &mut BTreeMap<String, (i64, i64)>, scope: String, own: (i64, i64)| {
        let sum = all.entry(scope).or_default();
        *sum = (sum.0 + own.0, sum.1 + own.1);
    };
    let flow = |flows: (i64, i64), own: &crate::books::effects::PlaceFlow| {
        (flows.0 + own.money_in.minor(), flows.1 + own.money_out.minor())
    };
    let all = effects.flows.iter().fold((0, 0), flow);
    if all != (0, 0) {
        add(&mut money, scope(None, None, None), all);
    }
    for own in &effects.flows {
        add(&mut money, scope(None, Some(&own.place), None), flow((0, 0), own));
    }
    let reverses = effects.kind == Kind::Reversed && effects.of.is_some();
    for posting in &effects.postings {
        let (amount, fund) = (posting.amount.minor(), Some(&posting.fund));
        // A reversal is a minus on the side that it reverses.
        let sides = if (amount > 0) == reverses { (0, -amount) } else { (amount, 0) };
        if let Account::Place(place) = &posting.account {
            add(&mut accounts, scope(None, None, fund), sides);
            add(&mut accounts, scope(None, Some(place), fund), sides);
        }
        for group in Group::of_posting(&posting.account, effects.earlier) {
            add(&mut accounts, scope(Some(&group), None, None), sides);
            add(&mut accounts, scope(Some(&group), None, fund), sides);
        }
    }
    accounts.retain(|_, sum| *sum != (0, 0));
    money.extend(accounts);
    money
}

/// Whether sums of earlier entries are still to be made.
pub(super) async fn is_due(shared: &Shared) -> Result<bool, StoreFault> {
    let due = "SELECT name FROM projections_due LIMIT 1";
    Ok(first(shared.database.reader(), due, []).await?.is_some())
}

/// Makes the rows of ledgers that are older than the tables of days and months, once.
///
/// # Errors
/// [`StoreFault`]: nothing is written then, and the next start tries again.
pub(super) async fn make_if_due(shared: &Shared) -> Result<(), StoreFault> {
    if !is_due(shared).await? {
        return Ok(());
    }
    let write = shared.database.begin_write(lock_named(TABLE)).await?;
    match make(&write).await {
        Ok(()) => Ok(write.commit().await?),
        Err(fault) => {
            give_up(write).await;
            Err(fault)
        }
    }
}

async fn make(write: &impl ConnectionTrait) -> Result<(), StoreFault> {
    use sea_orm::EntityTrait as _;
    // Another instance may have been faster. Months are added up from days.
    let (days, months) = (take(write, TABLE).await?, take(write, accounts_months::TABLE).await?);
    for chapter in rows::chapters::Entity::find().all(write).await? {
        if days {
            make_for(write, chapter.id).await?;
        }
        if months {
            accounts_months::make_for(write, chapter.id).await?;
        }
    }
    Ok(())
}

/// Whether a table was still to be made, which it is not any more.
async fn take(write: &impl ConnectionTrait, table: &str) -> Result<bool, StoreFault> {
    let due = "DELETE FROM projections_due WHERE name = ?";
    Ok(execute(write, due, [table.into()]).await?.rows_affected() > 0)
}

async fn make_for(write: &impl ConnectionTrait, chapter: i64) -> Result<(), StoreFault> {
    let (mut days, mut from) = (AccountsDays::default(), 0);
    loop {
        let sql = "SELECT seq, bytes FROM effects WHERE chapter = ? AND seq >= ? ORDER BY seq \
            LIMIT ?";
        let values = [chapter, number(from), number(CHUNK)].map(Into::into);
        let rows = query(write, sql, values).await?;
        for row in &rows {
            let seq = unsigned(row.try_get("", "seq")?)?;
            let damaged = |fault| StoreFault::damaged(format!("the effects of entry {seq}"), fault);
            let bytes: Vec<u8> = row.try_get("", "bytes")?;
            days.add(&serde_json::from_slice(&bytes).map_err(damaged)?);
            from = seq + 1;
        }
        if rows.is_empty() {
            let mut bundle = Bundle::default();
            days.write(&mut bundle, chapter);
            return Ok(bundle.run(write).await?);
        }
    }
}
