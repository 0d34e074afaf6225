//! `/ban/kho/kiem-ke/<id>/bien-ban.pdf`: the minutes of a count of goods.

use rocket::get;

use super::Desk;
use crate::ledger::voucher::{Body, Direction, StockCounted, StockDifference, VoucherId};
use crate::ledger::word::{Date, Note};
use crate::money::signed_quantity;
use crate::publish::paper::{Align, Block, Pair, Sheet, Table};
use crate::store::Store;
use crate::web::Fault;
use crate::web::desk::{describe, goods_words};
use crate::web::format;
use crate::web::printing::{BLANK, download};
use crate::web::public::download::Download;
use crate::web::public::goods::item;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer};

/// A count of goods, of an entry or of a draft that waits.
struct Minutes {
    /// `#12`, or the code of the draft.
    number: String,
    date: Date,
    note: Option<Note>,
    count: StockCounted,
    /// What the book said of each item that differs, in thousandths of its unit.
    book: Vec<i64>,
}

async fn find(officer: &Officer, store: &Store, id: &str) -> Result<Minutes, Fault> {
    let id: VoucherId = id.parse().map_err(|_| Fault::NotFound)?;
    let seq = store.seq_of(officer.chapter, &id).await.map_err(Fault::internal)?;
    let (voucher, number) = if let Some(seq) = seq {
        let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
        (line.ok_or(Fault::NotFound)?.entry.voucher().clone(), format!("#{seq}"))
    } else {
        let draft = store.draft(&officer.desk, &id).await.map_err(Fault::internal)?;
        let draft = draft.ok_or(Fault::NotFound)?;
        (draft.voucher, draft.code)
    };
    let Body::StockCounted(count) = voucher.body else { return Err(Fault::NotFound) };
    let mut book = Vec::new();
    for own in count.differences.iter() {
        let of = (&count.store, &count.fund, &own.item);
        let lay = store.stock_counted_against(officer.chapter, of, (voucher.date, seq)).await;
        book.push(lay.map_err(Fault::internal)?);
    }
    Ok(Minutes { number, date: voucher.date, note: voucher.note, count, book })
}

/// The minutes of a count: of an entry, or of a draft that waits.
#[get("/ban/kho/kiem-ke/<id>/bien-ban.pdf")]
pub async fn print(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    id: &str,
) -> Result<Download, Fault> {
    let store = kept.0;
    let minutes = find(&officer, store, id).await?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let pen = &desk.pen;
    let title = pen.say("stock-minutes-title");
    let place = goods_words::store_name(&officer.books, minutes.count.store.as_str());
    let day = pen.date(minutes.date);
    let lead = [("number", minutes.number.as_str()), ("place", &place), ("date", &day)];
    let offices = ["print-keeps-store", "minutes-counter", "setup-chair", "role-auditor"];
    let why = minutes.note.as_ref().map_or_else(|| BLANK.to_owned(), ToString::to_string);
    let fund = describe::fund_name(&officer.books, minutes.count.fund.as_str());
    let blocks = vec![
        desk.head("stock_count"),
        Block::Title(title.to_uppercase(), Some(pen.on(minutes.date))),
        Block::Paragraph(pen.tell("minutes-lead", &lead)),
        Block::Grid(table(&desk, &minutes)),
        Block::Paragraph(pen.say("stock-minutes-rest")),
        Block::Pairs(vec![
            Pair::new(pen.say("field-fund"), fund),
            Pair::new(pen.say("minutes-why"), why),
        ]),
        Block::Signatures(
            pen.say("print-place-day"),
            offices.map(|office| pen.signature(office, None)).to_vec(),
        ),
    ];
    let name = format!("kiem-ke-kho-{}-{}", minutes.count.store, minutes.date);
    download(&desk.paper(format!("{title} {}", minutes.number), Sheet::A4, blocks), &name)
}

fn table(desk: &Desk<'_>, minutes: &Minutes) -> Table {
    let pen = &desk.pen;
    let columns = [
        ("print-item", Align::Left),
        ("print-unit-of", Align::Left),
        ("minutes-book", Align::Right),
        ("minutes-counted", Align::Right),
        ("minutes-difference", Align::Right),
        ("field-reason", Align::Left),
    ];
    let rows = minutes.count.differences.iter().zip(&minutes.book);
    Table {
        columns: columns.map(|(key, align)| (pen.say(key), align)).into(),
        rows: rows.map(|(own, book)| row(desk, own, *book)).collect(),
        sums: None,
    }
}

fn row(desk: &Desk<'_>, own: &StockDifference, book: i64) -> Vec<String> {
    let pen = &desk.pen;
    let (name, unit) = item(&desk.officer.books, own.item.as_str());
    let by = own.quantity.thousandths();
    let (counted, sign) = match own.direction {
        Direction::Less => (book.saturating_sub(by), '−'),
        Direction::More => (book.saturating_add(by), '+'),
    };
    let shown = |thousandths: i64| {
        let text = signed_quantity(thousandths);
        format::quantity(&text, pen.0.language).unwrap_or(text)
    };
    let reason = pen.say(&format!("word-loss-{}", own.reason));
    vec![name, unit, shown(book), shown(counted), format!("{sign}{}", shown(by)), reason]
}
