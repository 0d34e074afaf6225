//! The past as the books ask for it: one answer at a time, inside the same transaction.

use sea_orm::{ConnectionTrait, QueryResult};

use super::database::{first, query};
use super::fault::StoreFault;
use super::nodes::{number, unsigned};
use crate::books::effects::{Effects, GiftId, GoodsLot, GoodsUse, LotKey, Use, UseClass, Valued};
use crate::books::past::{Answers, Ask, Made, Standing};
use crate::ledger::entry::Entry;
use crate::ledger::voucher::Kind;
use crate::ledger::word::Code;
use crate::money::Money;

/// Explicit uses and, of lots taken whole as a range, those that the lot itself remembers.
const USES: &str = "\
    SELECT entry, since, line, lot_seq, lot_line, fund, gift_seq, gift_line, turn, class, amount, \
    goods_seq, goods_line, loan_line FROM uses WHERE chapter = ? AND {of_use} \
    UNION ALL \
    SELECT whole_entry, whole_since, whole_line, seq, line, fund, gift_seq, gift_line, turn, \
    whole_class, whole_amount, NULL, NULL, NULL FROM lots \
    WHERE chapter = ? AND whole_amount > 0 AND {of_lot} \
    ORDER BY {order}";

/// Fetches the answer to one question, as the entry at `before` has to see it: when entries are
/// replayed, the later ones are stored already.
pub(super) async fn answer(
    connection: &impl ConnectionTrait,
    chapter: i64,
    before: u64,
    ask: Ask,
    answers: &mut Answers,
) -> Result<(), StoreFault> {
    match ask {
        Ask::Entry(seq) => {
            let entry = match seq < before {
                true => entry(connection, chapter, seq).await?,
                false => None,
            };
            answers.entries.insert(seq, entry);
        }
        Ask::UsesOfEntry(seq) => {
            let uses = uses_of_entry(connection, chapter, seq).await?;
            answers.uses_of_entry.insert(seq, uses);
        }
        Ask::UsesOfGift(gift) => {
            let uses = uses_of_gift(connection, chapter, gift).await?;
            answers.uses_of_gift.insert(gift, uses);
        }
        Ask::Standing(seq) => {
            let standing = standing(connection, chapter, seq, before).await?;
            answers.standing.insert(seq, standing);
        }
        Ask::HasId(id) => {
            let sql = "SELECT seq FROM entries WHERE chapter = ? AND voucher_id = ? AND seq < ?";
            let values = [chapter.into(), id.as_str().into(), number(before).into()];
            let row = first(connection, sql, values).await?;
            answers.ids.insert(id, row.is_some());
        }
        Ask::GoodsOfEntry(seq) => {
            let parts = goods_of_entry(connection, chapter, seq).await?;
            answers.goods_of_entry.insert(seq, parts);
        }
        Ask::Losses { item, store, fund } => {
            let parts = losses(connection, chapter, (&item, &store, &fund)).await?;
            answers.losses.insert((item, store, fund), parts);
        }
        Ask::Made(seq) => {
            let made = made(connection, chapter, seq).await?;
            answers.made.insert(seq, made);
        }
        Ask::OfLoan(loan) => {
            let standing = of_loan(connection, chapter, loan, before).await?;
            answers.of_loan.insert(loan, standing);
        }
        Ask::HasSender { log, id } => {
            let sql = "SELECT seq FROM senders WHERE chapter = ? AND log = ? AND id = ?";
            let values = [chapter.into(), log.as_str().into(), id.as_str().into()];
            let row = first(connection, sql, values).await?;
            answers.senders.insert((log, id), row.is_some());
        }
    }
    Ok(())
}

/// The columns of a part of goods.
const PARTS: &str = "SELECT since, line, entry, lot_seq, lot_line, item, fund, expiry, store, \
    class, quantity, value FROM goods_uses WHERE chapter = ? AND ";

/// The parts of goods that an outflow took, as they stand now, in the order (since, line).
pub(super) async fn goods_of_entry(
    connection: &impl ConnectionTrait,
    chapter: i64,
    seq: u64,
) -> Result<Vec<GoodsUse>, StoreFault> {
    let sql = format!("{PARTS}entry = ? ORDER BY since, line");
    let values = [chapter, number(seq)].map(Into::into);
    query(connection, &sql, values).await?.iter().map(read_part).collect()
}

/// Counted losses of an item in a store and fund that were not found again, newest first.
async fn losses(
    connection: &impl ConnectionTrait,
    chapter: i64,
    (item, store, fund): (&Code, &Code, &Code),
) -> Result<Vec<GoodsUse>, StoreFault> {
    let sql = format!(
        "{PARTS}class = 'lost' AND item = ? AND store = ? AND fund = ? \
         ORDER BY since DESC, line DESC"
    );
    let values =
        [chapter.into(), item.as_str().into(), store.as_str().into(), fund.as_str().into()];
    query(connection, &sql, values).await?.iter().map(read_part).collect()
}

/// What an entry did when it was accepted.
async fn made(
    connection: &impl ConnectionTrait,
    chapter: i64,
    seq: u64,
) -> Result<Made, StoreFault> {
    let sql = "SELECT bytes FROM effects WHERE chapter = ? AND seq = ?";
    let row = first(connection, sql, [chapter.into(), number(seq).into()]).await?;
    let Some(row) = row else { return Ok(Made::default()) };
    let effects: Effects = serde_json::from_slice(&row.try_get::<Vec<u8>>("", "bytes")?)
        .map_err(|fault| StoreFault::damaged("the effects of an entry", fault))?;
    Ok(Made { postings: effects.postings, changes: effects.changes })
}

fn read_part(row: &QueryResult) -> Result<GoodsUse, StoreFault> {
    let whole = |column: &str| -> Result<u64, StoreFault> { unsigned(row.try_get("", column)?) };
    let short = |column: &str| -> Result<u32, StoreFault> { small(row.try_get("", column)?) };
    let word =
        |column: &str| -> Result<Code, StoreFault> { code(&row.try_get::<String>("", column)?) };
    let expiry: Option<String> = row.try_get("", "expiry")?;
    let expiry = expiry.map(|day| day.parse()).transpose();
    let expiry = expiry.map_err(|fault| StoreFault::damaged("an expiry", fault))?;
    let key = LotKey { seq: whole("lot_seq")?, line: short("lot_line")? };
    Ok(GoodsUse {
        entry: whole("entry")?,
        since: whole("since")?,
        line: short("line")?,
        lot: GoodsLot { key, item: word("item")?, fund: word("fund")?, expiry },
        store: word("store")?,
        class: use_class(&row.try_get::<String>("", "class")?)?,
        goods: Valued {
            quantity: row.try_get("", "quantity")?,
            value: money(row.try_get("", "value")?)?,
        },
    })
}

/// The entry at `seq`.
pub(super) async fn entry(
    connection: &impl ConnectionTrait,
    chapter: i64,
    seq: u64,
) -> Result<Option<Entry>, StoreFault> {
    let sql = format!("SELECT bytes, {OPENED} FROM entries WHERE chapter = ? AND seq = ?");
    let row = first(connection, &sql, [chapter.into(), number(seq).into()]).await?;
    row.map(|row| read_entry(&row, seq)).transpose()
}

/// The place of the entry 0 of the ledger in which a row of `entries` lies.
pub(super) const OPENED: &str = "(SELECT MAX(first.seq) FROM entries AS first \
    WHERE first.chapter = entries.chapter AND first.kind = 'chapter_opened' \
    AND first.seq <= entries.seq) AS opened";

/// The entry at a place from a row with its `bytes` and [`OPENED`].
pub(super) fn read_entry(row: &QueryResult, place: u64) -> Result<Entry, StoreFault> {
    let damaged = |reason: String| StoreFault::damaged(format!("entry {place}"), reason);
    let bytes: Vec<u8> = row.try_get("", "bytes")?;
    let before = row.try_get::<Option<i64>>("", "opened")?.map_or(Ok(0), unsigned)?;
    let entry = Entry::parse(&bytes).map_err(|fault| damaged(fault.to_string()))?.behind(before);
    if entry.place() == place {
        Ok(entry)
    } else {
        Err(damaged(format!("says that it is {}", entry.seq)))
    }
}

/// The uses of an outflow as they stand now, in the order (since, line, lot).
pub(super) async fn uses_of_entry(
    connection: &impl ConnectionTrait,
    chapter: i64,
    seq: u64,
) -> Result<Vec<Use>, StoreFault> {
    let sql = USES
        .replace("{of_use}", "entry = ?")
        .replace("{of_lot}", "whole_entry = ?")
        .replace("{order}", "2, 3, 4, 5");
    let (chapter, seq) = (chapter, number(seq));
    let values = [chapter, seq, chapter, seq].map(Into::into);
    query(connection, &sql, values).await?.iter().map(read_use).collect()
}

/// The uses of a gift as they stand now, newest first.
pub(super) async fn uses_of_gift(
    connection: &impl ConnectionTrait,
    chapter: i64,
    gift: GiftId,
) -> Result<Vec<Use>, StoreFault> {
    let of_gift = "gift_seq = ? AND gift_line = ?";
    let sql = USES
        .replace("{of_use}", of_gift)
        .replace("{of_lot}", of_gift)
        .replace("{order}", "2 DESC, 3 DESC, 4 DESC, 5 DESC");
    let (seq, line) = (number(gift.seq), i64::from(gift.line));
    let values = [chapter, seq, line, chapter, seq, line].map(Into::into);
    query(connection, &sql, values).await?.iter().map(read_use).collect()
}

async fn standing(
    connection: &impl ConnectionTrait,
    chapter: i64,
    seq: u64,
    before: u64,
) -> Result<Vec<Standing>, StoreFault> {
    let sql = "\
        SELECT seq, kind, of_line FROM entries AS naming \
        WHERE chapter = ? AND of_seq = ? AND +seq < ? AND (kind = 'reversed' OR NOT EXISTS ( \
            SELECT 1 FROM entries AS reversal WHERE reversal.chapter = naming.chapter \
            AND reversal.of_seq = naming.seq AND reversal.kind = 'reversed' \
            AND +reversal.seq < ?)) \
        ORDER BY +seq";
    let values = [chapter, number(seq), number(before), number(before)].map(Into::into);
    let rows = query(connection, sql, values).await?;
    let read = |row: &QueryResult| {
        Ok(Standing {
            seq: unsigned(row.try_get("", "seq")?)?,
            kind: kind(&row.try_get::<String>("", "kind")?)?,
            line: small(row.try_get("", "of_line")?)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The standing vouchers of a loan after its disbursement.
async fn of_loan(
    connection: &impl ConnectionTrait,
    chapter: i64,
    loan: GiftId,
    before: u64,
) -> Result<Vec<Standing>, StoreFault> {
    let sql = "\
        SELECT entries.seq AS seq, entries.kind AS kind FROM loan_moves \
        JOIN entries ON entries.chapter = loan_moves.chapter AND entries.seq = loan_moves.seq \
        WHERE loan_moves.chapter = ? AND loan_moves.loan_seq = ? AND loan_moves.loan_line = ? \
        AND +entries.seq < ? \
        AND entries.kind NOT IN ('loan_disbursed', 'opening_balance', 'reversed') \
        AND NOT EXISTS (SELECT 1 FROM entries AS reversal \
            WHERE reversal.chapter = entries.chapter AND reversal.of_seq = entries.seq \
            AND reversal.kind = 'reversed' AND +reversal.seq < ?) \
        ORDER BY +entries.seq";
    let (seq, line, before) = (number(loan.seq), i64::from(loan.line), number(before));
    let values = [chapter, seq, line, before, before].map(Into::into);
    let rows = query(connection, sql, values).await?;
    let read = |row: &QueryResult| {
        let kind = kind(&row.try_get::<String>("", "kind")?)?;
        Ok(Standing { seq: unsigned(row.try_get("", "seq")?)?, kind, line: loan.line })
    };
    rows.iter().map(read).collect()
}

fn read_use(row: &QueryResult) -> Result<Use, StoreFault> {
    let whole = |column: &str| -> Result<u64, StoreFault> { unsigned(row.try_get("", column)?) };
    let short = |column: &str| -> Result<u32, StoreFault> { small(row.try_get("", column)?) };
    Ok(Use {
        entry: whole("entry")?,
        since: whole("since")?,
        line: short("line")?,
        lot: LotKey { seq: whole("lot_seq")?, line: short("lot_line")? },
        fund: code(&row.try_get::<String>("", "fund")?)?,
        gift: GiftId { seq: whole("gift_seq")?, line: short("gift_line")? },
        turn: short("turn")?,
        class: use_class(&row.try_get::<String>("", "class")?)?,
        amount: money(row.try_get("", "amount")?)?,
        goods: match row.try_get::<Option<i64>>("", "goods_seq")? {
            Some(seq) => Some(LotKey { seq: unsigned(seq)?, line: short("goods_line")? }),
            None => None,
        },
        loan: row.try_get::<Option<i64>>("", "loan_line")?.map(small).transpose()?,
    })
}

/// A stored line number or turn.
pub(super) fn small(stored: i64) -> Result<u32, StoreFault> {
    u32::try_from(stored).map_err(|fault| StoreFault::damaged("a line number", fault))
}

/// A stored amount.
pub(super) fn money(stored: i64) -> Result<Money, StoreFault> {
    Money::new(stored).ok_or_else(|| StoreFault::damaged("an amount", "beyond 2^53 - 1"))
}

/// A stored code.
pub(super) fn code(stored: &str) -> Result<Code, StoreFault> {
    stored.parse().map_err(|fault| StoreFault::damaged("a code", fault))
}

/// A stored kind.
pub(super) fn kind(stored: &str) -> Result<Kind, StoreFault> {
    stored.parse().map_err(|fault| StoreFault::damaged("a kind", fault))
}

pub(super) fn use_class(stored: &str) -> Result<UseClass, StoreFault> {
    UseClass::ALL
        .into_iter()
        .find(|class| class.as_str() == stored)
        .ok_or_else(|| StoreFault::damaged("a use", format!("the class {stored:?} is unknown")))
}
