//! Loans as the ledger knows them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sea_orm::{QueryResult, Value};

use crate::books::effects::{DocumentNumber, GiftId, Series};
use crate::books::portfolio::{LoanAccount, Move};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::{Body, Purpose};
use crate::ledger::word::Date;
use crate::money::Money;
use crate::store::database::query;
use crate::store::nodes::{number, unsigned};
use crate::store::past::{OPENED, code, kind, money, read_entry, small};
use crate::store::{ChapterId, Store, StoreFault};

/// What entries moved of loans, in ledger order.
const MOVES: &str = "SELECT loan_moves.loan_seq AS loan_seq, loan_moves.loan_line AS loan_line, \
    loan_moves.seq AS seq, loan_moves.fund AS fund, loan_moves.effective AS effective, \
    loan_moves.principal AS principal, loan_moves.fee AS fee, loan_moves.lost AS lost, \
    figures.nature AS nature, figures.kind AS kind FROM loan_moves \
    JOIN figures ON figures.chapter = loan_moves.chapter AND figures.seq = loan_moves.seq \
    WHERE loan_moves.chapter = ? AND loan_moves.seq < ?";

/// Of so many loans each is read for itself; of more, all of them.
const MOST_MOVED: usize = 200;

/// An approval as it stands in the ledger.
struct Approval {
    entry: Entry,
    number: Option<DocumentNumber>,
}

impl Store {
    /// Every loan that was paid out among the first `size` entries, or ran when the books began;
    /// by disbursement, the oldest first. What was reversed is not among them. Read from the ledger
    /// once, then only those that moved since.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn loans(
        &self,
        chapter: ChapterId,
        size: u64,
    ) -> Result<Arc<Vec<LoanAccount>>, StoreFault> {
        let own = self.handle(chapter)?.chapter;
        let shown = own.shown_size();
        let loans = match own.loans.known(size) {
            Some((before, known)) if before == size => return Ok(known),
            Some(known) => self.moved_loans(chapter, known, size).await?,
            None => Arc::new(self.loans_among(chapter, size, None).await?),
        };
        own.loans.keep((size, shown), &loans);
        Ok(loans)
    }

    async fn moved_loans(
        &self,
        chapter: ChapterId,
        (before, known): (u64, Arc<Vec<LoanAccount>>),
        size: u64,
    ) -> Result<Arc<Vec<LoanAccount>>, StoreFault> {
        let sql = "SELECT DISTINCT loan_seq FROM loan_moves \
            WHERE chapter = ? AND seq >= ? AND seq < ?";
        let values = [chapter.0, number(before), number(size)].map(Value::from);
        let moved = query(self.shared.database.reader(), sql, values).await?;
        let moved = moved.iter().map(|row| unsigned(row.try_get("", "loan_seq")?));
        let moved: BTreeSet<u64> = moved.collect::<Result<_, StoreFault>>()?;
        if moved.is_empty() {
            return Ok(known);
        }
        if moved.len() > MOST_MOVED {
            return Ok(Arc::new(self.loans_among(chapter, size, None).await?));
        }
        let seqs: Vec<u64> = moved.iter().copied().collect();
        let again = self.loans_of(chapter, size, &seqs).await?;
        let rest = known.iter().filter(|own| !moved.contains(&own.loan.seq)).cloned();
        let mut all: Vec<LoanAccount> = rest.chain(again).collect();
        all.sort_by_key(|own| own.loan);
        Ok(Arc::new(all))
    }

    /// The loans that some entries paid out or brought into the books.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn loans_of(
        &self,
        chapter: ChapterId,
        size: u64,
        seqs: &[u64],
    ) -> Result<Vec<LoanAccount>, StoreFault> {
        self.loans_among(chapter, size, Some(seqs)).await
    }

    pub(super) async fn loans_among(
        &self,
        chapter: ChapterId,
        size: u64,
        only: Option<&[u64]>,
    ) -> Result<Vec<LoanAccount>, StoreFault> {
        if only.is_some_and(<[u64]>::is_empty) {
            return Ok(Vec::new());
        }
        let (own, seqs) = among("loan_moves.loan_seq", only);
        let sql = format!("{MOVES}{own} ORDER BY loan_moves.seq");
        let values = [chapter.0, number(size)].into_iter().chain(seqs).map(Into::into);
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.loan_entries(chapter, size, only).await?;
        let mut all: BTreeMap<GiftId, LoanAccount> = BTreeMap::new();
        for row in &rows {
            let whole =
                |name: &str| -> Result<u64, StoreFault> { unsigned(row.try_get("", name)?) };
            let line = small(row.try_get("", "loan_line")?)?;
            let loan = GiftId { seq: whole("loan_seq")?, line };
            let own = read_move(row)?;
            match all.get_mut(&loan) {
                Some(account) => account.absorb(own),
                None => {
                    let mut account = begun(loan, row, &own, &known)?;
                    account.moves.push(own);
                    all.insert(loan, account);
                }
            }
        }
        Ok(all.into_values().filter(LoanAccount::stands).collect())
    }

    /// Approvals, disbursements and opening balances, by place.
    async fn loan_entries(
        &self,
        chapter: ChapterId,
        size: u64,
        only: Option<&[u64]>,
    ) -> Result<BTreeMap<u64, Approval>, StoreFault> {
        let (own, seqs) = match only {
            None => (String::new(), Vec::new()),
            Some(seqs) => {
                let list = vec!["?"; seqs.len()].join(", ");
                let own = format!(
                    " AND (entries.seq IN ({list}) OR entries.seq IN (SELECT of_seq FROM entries \
                     AS paid WHERE paid.chapter = entries.chapter AND paid.seq IN ({list})))"
                );
                (own, seqs.iter().chain(seqs).copied().map(number).collect())
            }
        };
        let sql = format!(
            "SELECT entries.seq AS seq, entries.bytes AS bytes, numbers.year AS year, \
             numbers.number AS number, {OPENED} FROM entries \
             LEFT JOIN numbers ON numbers.chapter = entries.chapter AND numbers.seq = entries.seq \
             AND numbers.series = 'KU' WHERE entries.chapter = ? AND +entries.seq < ? \
             AND entries.kind IN ('loan_approved', 'loan_disbursed', 'opening_balance'){own}"
        );
        let values = [chapter.0, number(size)].into_iter().chain(seqs).map(Into::into);
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        let read = |row: &QueryResult| {
            let seq = unsigned(row.try_get("", "seq")?)?;
            let year: Option<i64> = row.try_get("", "year")?;
            let number = match year.and_then(|year| i32::try_from(year).ok()) {
                Some(year) => {
                    let number = unsigned(row.try_get("", "number")?)?;
                    Some(DocumentNumber { series: Series::KU, year, number })
                }
                None => None,
            };
            Ok((seq, Approval { entry: read_entry(row, seq)?, number }))
        };
        rows.iter().map(read).collect()
    }
}

/// A condition that names some entries, with its values.
fn among(column: &str, only: Option<&[u64]>) -> (String, Vec<i64>) {
    only.map_or_else(Default::default, |seqs| {
        let list = vec!["?"; seqs.len()].join(", ");
        (format!(" AND {column} IN ({list})"), seqs.iter().copied().map(number).collect())
    })
}

fn read_move(row: &QueryResult) -> Result<Move, StoreFault> {
    let amount = |name: &str| -> Result<Money, StoreFault> { money(row.try_get("", name)?) };
    Ok(Move {
        seq: unsigned(row.try_get("", "seq")?)?,
        nature: kind(&row.try_get::<String>("", "nature")?)?,
        reversal: row.try_get::<String>("", "kind")? == "reversed",
        day: day(row)?,
        principal: amount("principal")?,
        fee: amount("fee")?,
        lost: amount("lost")?,
    })
}

fn day(row: &QueryResult) -> Result<Date, StoreFault> {
    let day: String = row.try_get("", "effective")?;
    day.parse().map_err(|fault| StoreFault::damaged("a day", fault))
}

/// A loan as its first entry has it.
fn begun(
    loan: GiftId,
    row: &QueryResult,
    own: &Move,
    known: &BTreeMap<u64, Approval>,
) -> Result<LoanAccount, StoreFault> {
    let damaged = || StoreFault::damaged(format!("entry {}", loan.seq), "pays out no loan");
    let first = known.get(&loan.seq).ok_or_else(damaged)?;
    let fund = code(&row.try_get::<String>("", "fund")?)?;
    let zero = Money::ZERO;
    let blank = LoanAccount {
        loan,
        approval: None,
        number: None,
        fund,
        disbursed: own.day,
        purpose: Purpose::Other,
        group: None,
        principal: own.principal,
        fee_total: own.fee,
        repaid: zero,
        fee_paid: zero,
        fee_waived: zero,
        written_off: zero,
        recovered: zero,
        moves: Vec::new(),
    };
    match &first.entry.voucher().body {
        Body::LoanDisbursed(body) => {
            let approval = first.entry.place_of(body.of.entry()).ok_or_else(damaged)?;
            let approved = known.get(&approval).ok_or_else(damaged)?;
            let Body::LoanApproved(body) = &approved.entry.voucher().body else {
                return Err(damaged());
            };
            let (approval, number) = (Some(approval), approved.number);
            let (purpose, group) = (body.purpose, body.group.clone());
            Ok(LoanAccount { approval, number, purpose, group, ..blank })
        }
        Body::OpeningBalance(body) => {
            let line = usize::try_from(loan.line).ok();
            let line = line.and_then(|line| body.loans.as_ref()?.get(line)).ok_or_else(damaged)?;
            Ok(LoanAccount {
                disbursed: line.disbursed,
                purpose: line.purpose,
                group: line.group.clone(),
                principal: line.principal.money(),
                fee_total: line.fee_total.money(),
                repaid: line.paid.money(),
                fee_paid: line.fees_paid.money(),
                ..blank
            })
        }
        _ => Err(damaged()),
    }
}
