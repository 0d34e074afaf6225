//! `/ban/kho/<room>/the-kho.pdf`: the card of an item in a store over one year.

use rocket::get;

use super::Desk;
use super::book::{date, words};
use crate::books::effects::Series;
use crate::publish::paper::{Align, Block, Pair, Sheet, Table};
use crate::web::Fault;
use crate::web::desk::goods_words::{self, Goods};
use crate::web::desk::stock::{Card, CardLine, card_of};
use crate::web::format;
use crate::web::printing::download;
use crate::web::public::download::Download;
use crate::web::public::goods::item;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Officer};

/// The card of an item (`hang=gao`) over one year (`nam=2026`; today's without).
#[get("/ban/kho/<room>/the-kho.pdf?<hang>&<nam>")]
pub async fn print(
    officer: Officer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    room: &str,
    hang: Option<&str>,
    nam: Option<&str>,
) -> Result<Download, Fault> {
    let store = kept.0;
    let card = card_of(&officer, store, (room, hang, nam)).await?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let pen = &desk.pen;
    let (name, unit) = item(&officer.books, card.item.as_str());
    let title = pen.say("stock-card");
    let year = card.year.to_string();
    let pairs = vec![
        Pair::strong(pen.say("print-item"), &name),
        Pair::new(pen.say("voucher-code"), card.item.as_str()),
        Pair::new(pen.say("print-unit-of"), unit),
        Pair::new(
            pen.say("field-store"),
            goods_words::store_name(&officer.books, card.room.as_str()),
        ),
    ];
    let offices = ["print-keeps-store", "print-makes", "print-approves"];
    let blocks = vec![
        desk.head("stock_card"),
        Block::Title(title.to_uppercase(), Some(pen.tell("print-year", &[("year", &year)]))),
        Block::Pairs(pairs),
        Block::Grid(table(&desk, &card)),
        Block::Signatures(
            pen.say("print-place-day"),
            offices.map(|office| pen.signature(office, None)).to_vec(),
        ),
    ];
    let file = format!("the-kho-{}-{}-{year}", card.room, card.item);
    download(&desk.paper(format!("{title} · {name} · {year}"), Sheet::A4, blocks), &file)
}

fn table(desk: &Desk<'_>, card: &Card) -> Table {
    let pen = &desk.pen;
    let shown = |goods: &Goods| {
        format::quantity(&goods.quantity, pen.0.language).unwrap_or_else(|| goods.quantity.clone())
    };
    let some = |goods: &Option<Goods>| goods.as_ref().map(shown).unwrap_or_default();
    let blank = String::new;
    let first = pen.say("book-opening");
    let mut rows =
        vec![vec![blank(), blank(), first, blank(), blank(), shown(&card.opening), blank()]];
    let row = |line: &CardLine| {
        vec![
            date(desk, &line.entry.date),
            number(line),
            words(desk, &line.entry),
            some(&line.goods_in),
            some(&line.goods_out),
            shown(&line.left),
            blank(),
        ]
    };
    rows.extend(card.lines.iter().map(row));
    let head = |key: &str, align| (pen.say(key), align);
    let (came, went) = (pen.quantity(card.sums.0), pen.quantity(card.sums.1));
    Table {
        columns: vec![
            head("book-date", Align::Left),
            head("book-number", Align::Left),
            head("book-words", Align::Left),
            head("stock-in", Align::Right),
            head("stock-out", Align::Right),
            head("stock-left", Align::Right),
            head("print-confirms", Align::Left),
        ],
        rows,
        sums: Some(vec![
            blank(),
            blank(),
            pen.say("public-sum"),
            came,
            went,
            shown(&card.closing),
            blank(),
        ]),
    }
}

/// The numbers of stock slips of a line; others only where it has none.
fn number(line: &CardLine) -> String {
    let all = &line.entry.numbers;
    let wanted = match line.goods_in.is_some() {
        true => Series::PN,
        false => Series::PX,
    };
    let own: Vec<String> =
        all.iter().filter(|number| number.starts_with(wanted.as_str())).cloned().collect();
    if own.is_empty() { all.join(" ") } else { own.join(" ") }
}
