//! Which gifts were lent in which loans, what vouchers of loans are about, and where the money of a
//! fund that lends came from.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{QueryResult, Value};

use crate::books::effects::{GiftId, Series};
use crate::books::portfolio::{Capital, LoanName};
use crate::ledger::word::Code;
use crate::money::Money;
use crate::store::database::query;
use crate::store::nodes::{number, unsigned};
use crate::store::past::{money, small};
use crate::store::{ChapterId, Store, StoreFault};

/// The part of a gift that a loan was paid out of, in one turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LentPart {
    /// The loan.
    pub loan: GiftId,
    /// The gift.
    pub gift: GiftId,
    /// How often the money had been lent before.
    pub turn: u32,
    /// Still out.
    pub on_loan: Money,
    /// Came back by repayments that stand.
    pub repaid: Money,
    /// Came back after it was lost.
    pub recovered: Money,
    /// Lost by a write-off that stands.
    pub lost: Money,
}

impl LentPart {
    /// What was lent.
    #[must_use]
    pub fn lent(&self) -> Money {
        Money::sum([self.on_loan, self.repaid, self.recovered, self.lost]).unwrap_or_default()
    }
}

/// Σ lent over parts.
#[must_use]
pub fn lent_in_all(parts: &[LentPart]) -> Money {
    Money::sum(parts.iter().map(LentPart::lent)).unwrap_or_default()
}

/// What a voucher of a loan is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoanMention {
    /// The loan; `None` while it is approved only.
    pub loan: Option<GiftId>,
    /// What it is called.
    pub name: Option<LoanName>,
    /// Added to the principal owed, with its sign.
    pub principal: Money,
    /// Added to the fee owed.
    pub fee: Money,
    /// Added to what is lost.
    pub lost: Money,
}

/// What is out, what came back, what was lost; `{use}`, `{lot}` say of which.
const PARTS: &str = "SELECT part.loan_seq AS loan_seq, part.loan_line AS loan_line, \
    part.gift_seq AS gift_seq, part.gift_line AS gift_line, part.turn AS turn, \
    CAST(SUM(part.on_loan) AS BIGINT) AS on_loan, CAST(SUM(part.repaid) AS BIGINT) AS repaid, \
    CAST(SUM(part.recovered) AS BIGINT) AS recovered, CAST(SUM(part.lost) AS BIGINT) AS lost \
    FROM ( \
    SELECT uses.entry AS loan_seq, COALESCE(uses.loan_line, 0) AS loan_line, uses.gift_seq, \
        uses.gift_line, uses.turn, uses.amount AS on_loan, 0 AS repaid, 0 AS recovered, 0 AS lost \
        FROM uses WHERE uses.chapter = ? AND uses.since < ? AND uses.class = 'on_loan' AND {use} \
    UNION ALL \
    SELECT lots.whole_entry, 0, lots.gift_seq, lots.gift_line, lots.turn, lots.whole_amount, \
        0, 0, 0 FROM lots WHERE lots.chapter = ? AND lots.whole_since < ? \
        AND lots.whole_class = 'on_loan' AND lots.whole_amount > 0 AND {whole} \
    UNION ALL \
    SELECT own.loan_seq, own.loan_line, lots.gift_seq, lots.gift_line, \
        CASE WHEN figures.kind = 'loan_recovered' THEN lots.turn ELSE lots.turn - 1 END, 0, \
        CASE WHEN figures.kind = 'loan_recovered' THEN 0 ELSE lots.amount END, \
        CASE WHEN figures.kind = 'loan_recovered' THEN lots.amount ELSE 0 END, 0 \
        FROM lots \
        JOIN figures ON figures.chapter = lots.chapter AND figures.seq = lots.seq \
        JOIN loan_moves AS own ON own.chapter = lots.chapter AND own.seq = lots.seq \
        WHERE lots.chapter = ? AND +lots.seq < ? AND lots.gift_seq <> lots.seq \
        AND figures.kind IN ('loan_repaid', 'loan_recovered', 'custody_assigned') \
        AND figures.reversed_by IS NULL AND {lot} \
    UNION ALL \
    SELECT own.loan_seq, own.loan_line, uses.gift_seq, uses.gift_line, uses.turn, 0, 0, 0, \
        uses.amount FROM uses \
        JOIN figures ON figures.chapter = uses.chapter AND figures.seq = uses.entry \
        JOIN loan_moves AS own ON own.chapter = uses.chapter AND own.seq = uses.entry \
        WHERE uses.chapter = ? AND uses.since < ? AND uses.class = 'lost' \
        AND figures.kind = 'loan_written_off' AND {loss} \
    ) AS part GROUP BY part.loan_seq, part.loan_line, part.gift_seq, part.gift_line, part.turn \
    ORDER BY part.turn, part.loan_seq, part.loan_line, part.gift_seq, part.gift_line";

impl Store {
    /// The loans that a gift was lent in, as things stand now: by turn, then by loan.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn lent_of_gift(
        &self,
        chapter: ChapterId,
        gift: GiftId,
        size: u64,
    ) -> Result<Vec<LentPart>, StoreFault> {
        let of = |table: &str| format!("{table}.gift_seq = ? AND {table}.gift_line = ?");
        let of = [of("uses"), of("lots"), of("lots"), of("uses")];
        self.lent_parts(chapter, of, gift, size).await
    }

    /// The gifts that a loan was paid out of, likewise.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn lent_through(
        &self,
        chapter: ChapterId,
        loan: GiftId,
        size: u64,
    ) -> Result<Vec<LentPart>, StoreFault> {
        let of = [
            "uses.entry = ? AND COALESCE(uses.loan_line, 0) = ?",
            "lots.whole_entry = ? AND 0 = ?",
            "own.loan_seq = ? AND own.loan_line = ?",
            "own.loan_seq = ? AND own.loan_line = ?",
        ];
        self.lent_parts(chapter, of.map(ToOwned::to_owned), loan, size).await
    }

    async fn lent_parts(
        &self,
        chapter: ChapterId,
        of: [String; 4],
        named: GiftId,
        size: u64,
    ) -> Result<Vec<LentPart>, StoreFault> {
        let names = ["{use}", "{whole}", "{lot}", "{loss}"];
        let sql =
            names.iter().zip(&of).fold(PARTS.to_owned(), |sql, (name, own)| sql.replace(name, own));
        let own = [chapter.0, number(size), number(named.seq), named.line.into()];
        let values = std::iter::repeat_n(own, of.len()).flatten().map(Value::from);
        let rows = query(self.shared.database.reader(), &sql, values).await?;
        rows.iter().map(read_part).collect()
    }

    /// What some vouchers of loans are about; others, and opening balances, are not among them.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn loan_mentions(
        &self,
        chapter: ChapterId,
        seqs: &[u64],
    ) -> Result<BTreeMap<u64, LoanMention>, StoreFault> {
        let mut found = BTreeMap::new();
        for seqs in seqs.chunks(5_000) {
            let list = vec!["?"; seqs.len()].join(", ");
            let sql = format!(
                "SELECT own.seq AS seq, loan_seq, loan_line, principal, fee, lost \
                 FROM loan_moves AS own JOIN figures ON figures.chapter = own.chapter \
                 AND figures.seq = own.seq WHERE own.chapter = ? \
                 AND figures.nature <> 'opening_balance' AND own.seq IN ({list})"
            );
            let values = || std::iter::once(chapter.0).chain(seqs.iter().copied().map(number));
            let reader = self.shared.database.reader();
            for row in query(reader, &sql, values().map(Value::from)).await? {
                let (seq, mention) = read_mention(&row)?;
                found.insert(seq, mention);
            }
            let approvals = self.approvals(chapter, seqs).await?;
            let all: Vec<u64> = approvals.values().copied().collect();
            let numbers = self.loan_numbers(chapter, &all).await?;
            for (seq, approval) in approvals {
                let name = numbers.get(&approval).copied();
                found.entry(seq).or_insert(LoanMention { name, ..LoanMention::default() });
            }
        }
        let loans: Vec<GiftId> = found.values().filter_map(|own| own.loan).collect();
        let names = self.loan_names(chapter, &loans).await?;
        for own in found.values_mut() {
            own.name = own.loan.and_then(|loan| names.get(&loan).copied()).or(own.name);
        }
        Ok(found)
    }

    /// The approval that each of some approvals (itself) and cancellations is about.
    async fn approvals(
        &self,
        chapter: ChapterId,
        seqs: &[u64],
    ) -> Result<BTreeMap<u64, u64>, StoreFault> {
        let kinds = "'loan_approved', 'loan_cancelled'";
        let named = "CASE WHEN kind = 'loan_approved' THEN seq ELSE of_seq END";
        self.named_by(chapter, seqs, kinds, named).await
    }

    async fn named_by(
        &self,
        chapter: ChapterId,
        seqs: &[u64],
        kinds: &str,
        named: &str,
    ) -> Result<BTreeMap<u64, u64>, StoreFault> {
        if seqs.is_empty() {
            return Ok(BTreeMap::new());
        }
        let list = vec!["?"; seqs.len()].join(", ");
        let sql = format!(
            "SELECT seq, {named} AS named FROM entries \
             WHERE chapter = ? AND kind IN ({kinds}) AND seq IN ({list})"
        );
        let values = std::iter::once(chapter.0).chain(seqs.iter().copied().map(number));
        let rows = query(self.shared.database.reader(), &sql, values.map(Value::from)).await?;
        let read = |row: &QueryResult| {
            Ok((unsigned(row.try_get("", "seq")?)?, unsigned(row.try_get("", "named")?)?))
        };
        rows.iter().map(read).collect()
    }

    async fn loan_numbers(
        &self,
        chapter: ChapterId,
        approvals: &[u64],
    ) -> Result<BTreeMap<u64, LoanName>, StoreFault> {
        let numbers = self.numbers(chapter, approvals).await?.into_iter();
        let own = numbers.filter_map(|(seq, numbers)| {
            let number = numbers.into_iter().find(|number| number.series == Series::KU)?;
            Some((seq, LoanName::Number(number)))
        });
        Ok(own.collect())
    }

    /// The names of some loans; one whose opening balance was reversed has none.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn loan_names(
        &self,
        chapter: ChapterId,
        loans: &[GiftId],
    ) -> Result<BTreeMap<GiftId, LoanName>, StoreFault> {
        let seqs: BTreeSet<u64> = loans.iter().map(|loan| loan.seq).collect();
        let seqs: Vec<u64> = seqs.into_iter().collect();
        let mut paid_out = BTreeMap::new();
        for seqs in seqs.chunks(5_000) {
            paid_out.extend(self.named_by(chapter, seqs, "'loan_disbursed'", "of_seq").await?);
        }
        let approvals: Vec<u64> = paid_out.values().copied().collect();
        let numbers = self.loan_numbers(chapter, &approvals).await?;
        let mut names = BTreeMap::new();
        if loans.iter().any(|loan| !paid_out.contains_key(&loan.seq)) {
            names = self.opening_names(chapter).await?;
        }
        for loan in loans {
            let number = paid_out.get(&loan.seq).and_then(|approval| numbers.get(approval));
            if let Some(number) = number {
                names.insert(*loan, *number);
            }
        }
        Ok(names)
    }

    /// The loans that ran already when the books began, counted.
    async fn opening_names(
        &self,
        chapter: ChapterId,
    ) -> Result<BTreeMap<GiftId, LoanName>, StoreFault> {
        let sql = "SELECT loan_seq, loan_line FROM loan_moves AS own \
            JOIN figures ON figures.chapter = own.chapter AND figures.seq = own.seq \
            WHERE own.chapter = ? AND figures.kind = 'opening_balance' \
            AND figures.reversed_by IS NULL ORDER BY loan_seq, loan_line";
        let rows = query(self.shared.database.reader(), sql, [chapter.0.into()]).await?;
        let read = |(row, n): (&QueryResult, u64)| Ok((read_loan(row)?, LoanName::Opening(n)));
        rows.iter().zip(1..).map(read).collect()
    }

    /// Where the money of a fund came from and where it is, after the first `size` entries.
    ///
    /// # Errors
    /// [`StoreFault`] of the machine.
    pub async fn capital(
        &self,
        chapter: ChapterId,
        fund: &Code,
        size: u64,
    ) -> Result<Capital, StoreFault> {
        // The sums of all days, less what is newer.
        let sql = "SELECT account, CAST(SUM(amount) AS BIGINT) AS amount FROM \
            (SELECT account, amount FROM fund_days WHERE chapter = ? AND fund = ? \
            UNION ALL SELECT account, -amount FROM postings \
            WHERE chapter = ? AND seq >= ? AND (fund || '') = ?) AS moved GROUP BY account";
        let (chapter, fund): (Value, Value) = (chapter.0.into(), fund.as_str().into());
        let values = [chapter.clone(), fund.clone(), chapter, number(size).into(), fund];
        let mut all = Capital::default();
        for row in query(self.shared.database.reader(), sql, values).await? {
            let account: String = row.try_get("", "account")?;
            all.absorb(&account, money(row.try_get("", "amount")?)?);
        }
        Ok(all)
    }
}

fn read_loan(row: &QueryResult) -> Result<GiftId, StoreFault> {
    let seq = unsigned(row.try_get("", "loan_seq")?)?;
    Ok(GiftId { seq, line: small(row.try_get("", "loan_line")?)? })
}

fn read_part(row: &QueryResult) -> Result<LentPart, StoreFault> {
    let amount = |name: &str| -> Result<Money, StoreFault> { money(row.try_get("", name)?) };
    let seq = unsigned(row.try_get("", "gift_seq")?)?;
    Ok(LentPart {
        loan: read_loan(row)?,
        gift: GiftId { seq, line: small(row.try_get("", "gift_line")?)? },
        turn: small(row.try_get("", "turn")?)?,
        on_loan: amount("on_loan")?,
        repaid: amount("repaid")?,
        recovered: amount("recovered")?,
        lost: amount("lost")?,
    })
}

fn read_mention(row: &QueryResult) -> Result<(u64, LoanMention), StoreFault> {
    let amount = |name: &str| -> Result<Money, StoreFault> { money(row.try_get("", name)?) };
    let mention = LoanMention {
        loan: Some(read_loan(row)?),
        name: None,
        principal: amount("principal")?,
        fee: amount("fee")?,
        lost: amount("lost")?,
    };
    Ok((unsigned(row.try_get("", "seq")?)?, mention))
}
