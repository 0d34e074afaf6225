//! "Danh sách ký nhận" as a file to print: what each family gets, and room to sign.

use rocket::{State, get};

use super::list::Row;
use super::sheet::{Taken, take};
use crate::money::Money;
use crate::publish::paper::{Align, Block, Pair, Sheet, Table};
use crate::web::desk::describe;
use crate::web::desk::papers::Desk;
use crate::web::printing::{TO_SIGN, download};
use crate::web::public::download::Download;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Caseworker, Kept};
use crate::web::{Config, Fault};

/// The sheet of a round, or of one of its hamlets; the log notes it as it does for the page.
#[get("/ban/dot-cap-phat/<id>/ky-nhan.pdf?<xom>")]
pub async fn print(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
    id: &str,
    xom: Option<&str>,
) -> Result<Download, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let taken = take(&officer, store, config.clock.now(), (id, xom)).await?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let (pen, terms) = (&desk.pen, &taken.round.terms);
    let title = pen.say("rounds-sheet");
    let programme = describe::programme_name(&officer.books, terms.programme.as_str());
    let round = pen.tell("print-round", &[("round", terms.round.as_str())]);
    let mut blocks = vec![
        desk.head(""),
        Block::Title(title.to_uppercase(), Some(format!("{programme} · {round}"))),
        Block::Centred(pen.on(terms.date)),
    ];
    if !taken.round.is_frozen() {
        blocks.push(Block::Notice(pen.say("rounds-not-final")));
    }
    if let Some(hamlet) = taken.hamlet() {
        let name = hamlet.map_or_else(|| pen.say("rounds-sheet-no-hamlet"), str::to_owned);
        blocks.push(Block::Pairs(vec![Pair::strong(pen.say("rounds-hamlet-short"), name)]));
    }
    blocks.push(Block::Grid(table(&desk, &taken)));
    if taken.pays() {
        let total = pen.words(Money::new(taken.total()).unwrap_or_default());
        blocks.push(Block::Pairs(vec![Pair::strong(pen.say("rounds-in-words"), total)]));
    }
    let offices = ["rounds-hands-out", "setup-treasurer", "setup-chair"];
    let offices = offices.map(|office| pen.signature(office, None)).to_vec();
    blocks.push(Block::Signatures(pen.say("print-place-day"), offices));
    // What each gets of many items needs a wide sheet.
    let wide = terms.goods.as_ref().is_some_and(|goods| goods.items.len() > 1);
    let sheet = if wide { Sheet::A4Across } else { Sheet::A4 };
    let name = format!("ky-nhan-{}-{}", terms.programme, terms.round);
    download(&desk.paper(format!("{title} · {programme} · {round}"), sheet, blocks), &name)
}

fn table(desk: &Desk<'_>, taken: &Taken) -> Table {
    let pen = &desk.pen;
    let (goods, pays) = (taken.goods(desk.officer), taken.pays());
    let amount = |minor: i64| pen.figure(Money::new(minor).unwrap_or_default());
    let row = |row: &Row| {
        let name = row.name.clone().unwrap_or_else(|| pen.say("erase-restricted"));
        let mut cells = vec![row.number.to_string(), name, row.hamlet.clone().unwrap_or_default()];
        cells.extend(pays.then(|| amount(row.amount)));
        cells.extend(goods.iter().map(|own| own.each.clone()));
        cells.push(TO_SIGN.to_owned());
        cells
    };
    let mut columns = vec![
        (pen.say("rounds-number"), Align::Left),
        (pen.say("field-line-name"), Align::Left),
        (pen.say("rounds-hamlet-short"), Align::Left),
    ];
    columns.extend(pays.then(|| (pen.say("print-sum-dong"), Align::Right)));
    columns.extend(goods.iter().map(|own| (own.name.clone(), Align::Right)));
    columns.push((pen.say("rounds-signs"), Align::Left));
    let families = pen.number(taken.rows.len());
    let sum = pen.tell("rounds-sum", &[("number", &families)]);
    let mut sums = vec![String::new(), sum, String::new()];
    sums.extend(pays.then(|| amount(taken.total())));
    sums.extend(goods.iter().map(|own| own.total.clone()));
    sums.push(String::new());
    Table { columns, rows: taken.rows.iter().map(row).collect(), sums: Some(sums) }
}
