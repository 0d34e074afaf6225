//! Entries and what they do, as rows: gathered over a group, written in a handful of statements.

use std::collections::BTreeMap;

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Iden as _, IntoActiveModel,
    Iterable as _, Value,
};
use tracing::trace;

use super::accounts_days::AccountsDays;
use super::accounts_months;
use super::bundle::{Bundle, Update};
use super::database::{execute, places};
use super::fault::StoreFault;
use super::lots::{CHUNK, LotChanges};
use super::nodes::number;
use super::rows;
use super::search;
use super::writer::POINTS;
use crate::books::effects::{Change, Effects};
use crate::ledger::entry::Entry;
use crate::ledger::receipt::ReceiptCode;
use crate::ledger::tree::{Hash, StoredIndex};
use crate::ledger::voucher::{AssignedAs, Body, Kind};
use crate::ledger::word::Month;

/// An entry with everything that follows from it.
pub(super) struct Projected<'a> {
    pub entry: &'a Entry,
    /// The leaf of the row before it: `prev`, but for the entry 0 of a ledger that continues
    /// another one.
    pub follows: Hash,
    pub bytes: &'a [u8],
    pub leaf: Hash,
    pub effects: &'a Effects,
    pub nodes: &'a [(StoredIndex, Hash)],
    pub receipt: Option<&'a ReceiptCode>,
}

/// Rows of several entries that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    chapter: i64,
    /// On a rebuild the entries are there already.
    rebuilding: bool,
    entries: Vec<rows::entries::Model>,
    nodes: Vec<rows::nodes::Model>,
    effects: Vec<rows::effects::Model>,
    figures: Vec<rows::figures::Model>,
    reversals: Vec<(i64, i64)>,
    postings: Vec<rows::postings::Model>,
    flows: Vec<rows::place_flows::Model>,
    goods: Vec<rows::goods_flows::Model>,
    loans: Vec<rows::loan_moves::Model>,
    senders: Vec<rows::senders::Model>,
    place_days: BTreeMap<(String, String), (i64, i64)>,
    fund_days: BTreeMap<(String, String, String, i64), i64>,
    accounts_days: AccountsDays,
    /// The last month that was closed.
    closed: Option<Month>,
    numbers: Vec<rows::numbers::Model>,
    receipts: Vec<rows::receipts::Model>,
    gifts: Vec<rows::gifts::Model>,
    statements: Vec<rows::statements::Model>,
    changes: Vec<Change>,
    lots: LotChanges,
}

/// Whether a voucher gets a receipt: somebody gave something. What was held for others and turns
/// out to be a gift is one from then on; a repayment out of it is none.
pub(super) const fn has_receipt(body: &Body) -> bool {
    match body {
        Body::Donation(_)
        | Body::GoodsReceived(_)
        | Body::CustodyReceived(_)
        | Body::ReceivedFromChapter(_) => true,
        Body::CustodyAssigned(body) => matches!(body.r#as, AssignedAs::Donation),
        _ => false,
    }
}

impl Pending {
    pub(super) fn new(chapter: i64, rebuilding: bool) -> Self {
        Self { chapter, rebuilding, lots: LotChanges::new(chapter), ..Self::default() }
    }

    /// How many entries wait.
    pub(super) fn len(&self) -> usize {
        self.figures.len()
    }

    /// Adds an entry.
    pub(super) fn add(&mut self, new: &Projected<'_>) -> Result<(), StoreFault> {
        let (chapter, seq) = (self.chapter, number(new.entry.place()));
        if !self.rebuilding {
            self.entries.push(entry_row(chapter, new));
        }
        let inner = new.nodes.iter().filter(|(place, _)| place.level > 0);
        self.nodes.extend(inner.map(|(place, hash)| rows::nodes::Model {
            chapter,
            before: number(new.entry.before),
            level: place.level.into(),
            place: number(place.index),
            hash: hash.0.to_vec(),
        }));
        // A statement has a table of its own.
        let kept = Effects { statement: None, ..new.effects.clone() };
        if let Some(file) = &new.effects.statement {
            let (name, bytes) = (file.name.clone(), file.bytes.clone());
            self.statements.push(rows::statements::Model { chapter, seq, name, bytes });
        }
        let bytes = serde_json::to_vec(&kept)
            .map_err(|fault| StoreFault::damaged(format!("the effects of {seq}"), fault))?;
        self.effects.push(rows::effects::Model { chapter, seq, bytes });
        if let Some(code) = new.receipt {
            let code = code.as_str().to_owned();
            self.receipts.push(rows::receipts::Model { code, chapter, seq });
        }
        self.gifts.extend(search::gift(chapter, new.entry));
        if let Body::ReceivedFromChapter(body) = &new.entry.voucher().body {
            let (log, id) = (body.sender.log.to_string(), body.sender.id.to_string());
            self.senders.push(rows::senders::Model { chapter, seq, log, id });
        }
        self.add_figures(new.effects);
        self.add_postings(new.effects);
        self.accounts_days.add(new.effects);
        if let Body::PeriodClosed(body) = &new.entry.voucher().body {
            self.closed = Some(body.through);
        }
        self.add_goods(new.effects);
        self.add_loans(new.effects);
        self.changes.extend(new.effects.changes.iter().cloned());
        Ok(())
    }

    fn add_figures(&mut self, effects: &Effects) {
        let (chapter, seq) = (self.chapter, number(effects.seq));
        let reverses = (effects.kind == Kind::Reversed).then_some(effects.of).flatten();
        let reverses = reverses.map(|of| number(of.seq));
        if let Some(of) = reverses {
            self.reversals.push((of, seq));
        }
        self.figures.push(rows::figures::Model {
            chapter,
            seq,
            kind: effects.kind.as_str().to_owned(),
            nature: effects.nature.as_str().to_owned(),
            date: effects.date.to_string(),
            effective: effects.effective.to_string(),
            at: effects.at.to_string(),
            programme: effects.programme.as_ref().map(ToString::to_string),
            families: effects.families,
            money_in: effects.flows.iter().map(|flow| flow.money_in.minor()).sum(),
            money_out: effects.flows.iter().map(|flow| flow.money_out.minor()).sum(),
            earlier: effects.earlier.into(),
            reverses,
            reversed_by: None,
        });
        self.numbers.extend(effects.numbers.iter().map(|own| rows::numbers::Model {
            chapter,
            series: own.series.as_str().to_owned(),
            year: own.year.into(),
            number: number(own.number),
            seq,
        }));
    }

    fn add_postings(&mut self, effects: &Effects) {
        let (chapter, seq) = (self.chapter, number(effects.seq));
        let day = effects.effective.to_string();
        for (line, posting) in (0_i64..).zip(&effects.postings) {
            let (account, fund) = (posting.account.word(), posting.fund.to_string());
            let amount = posting.amount.minor();
            let key = (fund.clone(), account.clone(), day.clone(), effects.earlier.into());
            *self.fund_days.entry(key).or_default() += amount;
            let effective = day.clone();
            let row =
                rows::postings::Model { chapter, seq, line, account, fund, amount, effective };
            self.postings.push(row);
        }
        let mut flows: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for flow in &effects.flows {
            let sums = flows.entry(flow.place.to_string()).or_default();
            sums.0 += flow.money_in.minor();
            sums.1 += flow.money_out.minor();
        }
        for (place, (money_in, money_out)) in flows {
            let sums = self.place_days.entry((place.clone(), day.clone())).or_default();
            sums.0 += money_in;
            sums.1 += money_out;
            let effective = day.clone();
            let row =
                rows::place_flows::Model { chapter, seq, place, effective, money_in, money_out };
            self.flows.push(row);
        }
    }

    fn add_goods(&mut self, effects: &Effects) {
        let (chapter, seq) = (self.chapter, number(effects.seq));
        self.goods.extend(effects.goods.iter().map(|flow| rows::goods_flows::Model {
            chapter,
            seq,
            store: flow.store.to_string(),
            fund: flow.fund.to_string(),
            item: flow.item.to_string(),
            effective: effects.effective.to_string(),
            quantity_in: flow.goods_in.quantity,
            quantity_out: flow.goods_out.quantity,
            quantity_moved: flow.moved.quantity,
            value_in: flow.goods_in.value.minor(),
            value_out: flow.goods_out.value.minor(),
            value_moved: flow.moved.value.minor(),
        }));
    }

    fn add_loans(&mut self, effects: &Effects) {
        let (chapter, seq) = (self.chapter, number(effects.seq));
        for change in &effects.changes {
            let Change::LoanMoved { loan, fund, principal, fee, lost } = change else { continue };
            self.loans.push(rows::loan_moves::Model {
                chapter,
                seq,
                loan_seq: number(loan.seq),
                loan_line: loan.line.into(),
                fund: fund.to_string(),
                effective: effects.effective.to_string(),
                principal: principal.minor(),
                fee: fee.minor(),
                lost: lost.minor(),
            });
        }
    }

    /// Writes everything, and is empty again.
    pub(super) async fn flush(&mut self, write: &impl ConnectionTrait) -> Result<(), StoreFault> {
        self.flush_with(write, None).await
    }

    /// The same, with a change of one row behind it.
    pub(super) async fn flush_with(
        &mut self,
        write: &impl ConnectionTrait,
        last: Option<Update>,
    ) -> Result<(), StoreFault> {
        let is_empty = self.entries.is_empty();
        let mut bundle = Bundle::default();
        insert(&mut bundle, &mut self.entries)?;
        insert(&mut bundle, &mut self.nodes)?;
        insert(&mut bundle, &mut self.effects)?;
        insert(&mut bundle, &mut self.figures)?;
        self.flush_senders(&mut bundle, write).await?;
        self.flush_reversals(&mut bundle, write).await?;
        insert(&mut bundle, &mut self.postings)?;
        insert(&mut bundle, &mut self.flows)?;
        insert(&mut bundle, &mut self.goods)?;
        insert(&mut bundle, &mut self.loans)?;
        self.add_days(&mut bundle);
        self.accounts_days.write(&mut bundle, self.chapter);
        insert(&mut bundle, &mut self.numbers)?;
        insert(&mut bundle, &mut self.receipts)?;
        insert(&mut bundle, &mut self.gifts)?;
        insert(&mut bundle, &mut self.statements)?;
        for change in std::mem::take(&mut self.changes) {
            self.lots.add(&mut bundle, write, &change).await?;
        }
        self.lots.flush(&mut bundle, write).await?;
        last.into_iter().for_each(|update| bundle.last(update));
        bundle.run(write).await.map_err(|fault| match fault {
            DbErr::RecordNotUpdated => StoreFault::NoChapter,
            fault => fault.into(),
        })?;
        if let Some(through) = self.closed.take() {
            accounts_months::close(write, self.chapter, through).await?;
        }
        if !is_empty {
            trace!(target: POINTS, "rows inserted");
        }
        Ok(())
    }

    /// What other chapters sent; what is reversed may be received again.
    async fn flush_senders(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        let reversed = |of: i64| self.reversals.iter().any(|(other, _)| *other == of);
        // Received and reversed within one group: the same sender may stand twice in it.
        let senders = std::mem::take(&mut self.senders);
        let mut senders: Vec<_> = senders.into_iter().filter(|row| !reversed(row.seq)).collect();
        for reversals in self.reversals.chunks(CHUNK) {
            bundle.run(write).await?;
            let list = vec!["?"; reversals.len()].join(", ");
            let sql = format!("DELETE FROM senders WHERE chapter = ? AND seq IN ({list})");
            let values = std::iter::once(self.chapter).chain(reversals.iter().map(|(of, _)| *of));
            execute(write, &sql, values.map(Value::from)).await?;
        }
        insert(bundle, &mut senders)
    }

    async fn flush_reversals(
        &mut self,
        bundle: &mut Bundle,
        write: &impl ConnectionTrait,
    ) -> Result<(), StoreFault> {
        let reversals = std::mem::take(&mut self.reversals);
        for reversals in reversals.chunks(CHUNK) {
            bundle.run(write).await?;
            let sql = format!(
                "UPDATE figures SET reversed_by = made.column2 FROM (VALUES {}) AS made \
                 WHERE figures.chapter = ? AND figures.seq = made.column1",
                places(reversals.len(), 2)
            );
            let values = reversals.iter().flat_map(|(of, by)| [*of, *by]).chain([self.chapter]);
            execute(write, &sql, values.map(Value::from)).await?;
        }
        Ok(())
    }

    /// Adds to the sums of days.
    fn add_days(&mut self, bundle: &mut Bundle) {
        let days = std::mem::take(&mut self.place_days).into_iter();
        let days = days.flat_map(|((place, day), (money_in, money_out))| -> [Value; 5] {
            [self.chapter.into(), place.into(), day.into(), money_in.into(), money_out.into()]
        });
        let columns = ["chapter", "place", "day", "money_in", "money_out"];
        let add = " ON CONFLICT (chapter, place, day) DO UPDATE SET \
            money_in = place_days.money_in + excluded.money_in, \
            money_out = place_days.money_out + excluded.money_out";
        bundle.insert_or(("place_days", &columns), days.collect(), add);
        let days = std::mem::take(&mut self.fund_days).into_iter();
        let days = days.flat_map(|((fund, account, day, earlier), amount)| -> [Value; 6] {
            let chapter = self.chapter.into();
            [chapter, fund.into(), account.into(), day.into(), earlier.into(), amount.into()]
        });
        let columns = ["chapter", "fund", "account", "day", "earlier", "amount"];
        let add = " ON CONFLICT (chapter, fund, account, day, earlier) DO UPDATE SET \
            amount = fund_days.amount + excluded.amount";
        bundle.insert_or(("fund_days", &columns), days.collect(), add);
    }
}

pub(super) fn entry_row(chapter: i64, new: &Projected<'_>) -> rows::entries::Model {
    rows::entries::Model {
        chapter,
        seq: number(new.entry.place()),
        leaf_hash: new.leaf.0.to_vec(),
        prev: new.follows.0.to_vec(),
        voucher_id: new.entry.voucher().id.to_string(),
        kind: new.effects.kind.as_str().to_owned(),
        date: new.effects.date.to_string(),
        at: new.effects.at.to_string(),
        of_seq: new.effects.of.map(|of| number(of.seq)),
        of_line: new.effects.of.map(|of| of.line.into()),
        bytes: new.bytes.to_vec(),
    }
}

/// Adds rows of one table to what is written.
pub(super) fn insert<M, A, E>(bundle: &mut Bundle, rows: &mut Vec<M>) -> Result<(), StoreFault>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E>,
    E: EntityTrait,
{
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let names: Vec<&str> = columns.iter().map(|column| column.unquoted()).collect();
    let rows = std::mem::take(rows);
    let mut values = Vec::with_capacity(rows.len() * columns.len());
    for row in rows {
        let mut row = row.into_active_model();
        for column in &columns {
            let value = row.take(*column).into_value();
            let missing = || StoreFault::damaged("a row to write", column.unquoted());
            values.push(value.ok_or_else(missing)?);
        }
    }
    bundle.insert((E::default().table_name(), &names), values);
    Ok(())
}

/// The rows of projections, in the order in which they can be emptied.
pub(super) const TABLES: [&str; 24] = [
    "loan_moves",
    "uses",
    "lots",
    "custody",
    "goods_uses",
    "stock",
    "goods_lots",
    "goods_flows",
    "custody_goods",
    "senders",
    "receipts",
    "gifts",
    "statements",
    "numbers",
    "fund_days",
    "place_days",
    "accounts_days",
    "accounts_months",
    "place_flows",
    "postings",
    "figures",
    "effects",
    "nodes",
    "snapshots",
];
