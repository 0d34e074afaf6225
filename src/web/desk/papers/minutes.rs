//! `/ban/kiem-ke/<id>/bien-ban.pdf`: the minutes of a count of cash.

use rocket::get;

use super::Desk;
use crate::money::Money;
use crate::publish::paper::{Align, Block, Pair, Sheet, Table};
use crate::web::Fault;
use crate::web::desk::describe;
use crate::web::desk::minutes::{Minutes, find};
use crate::web::format;
use crate::web::printing::{BLANK, download};
use crate::web::public::download::Download;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Kept, Signer};

/// The minutes of a count: of an entry, or of a draft that waits.
#[get("/ban/kiem-ke/<id>/bien-ban.pdf")]
pub async fn print(
    officer: Signer,
    kept: Kept<'_>,
    speech: Speech<'_>,
    id: &str,
) -> Result<Download, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let minutes = find(&officer, store, id).await?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let pen = &desk.pen;
    let title = pen.say("minutes-title");
    let place = describe::place_name(&officer.books, minutes.count.place.as_str());
    let day = pen.date(minutes.date);
    let lead = [("number", minutes.number.as_str()), ("place", &place), ("date", &day)];
    let offices = ["setup-treasurer", "minutes-counter", "setup-chair", "role-auditor"];
    let mut blocks = vec![
        desk.head("cash_count"),
        Block::Title(title.to_uppercase(), Some(pen.on(minutes.date))),
        Block::Paragraph(pen.tell("minutes-lead", &lead)),
    ];
    blocks.extend(notes(&desk, &minutes).map(Block::Grid));
    blocks.push(Block::Pairs(pairs(&desk, &minutes)));
    blocks.push(Block::Signatures(
        pen.say("print-place-day"),
        offices.map(|office| pen.signature(office, None)).to_vec(),
    ));
    let name = format!("kiem-ke-quy-{}-{}", minutes.count.place, minutes.date);
    let paper = desk.paper(format!("{title} {}", minutes.number), Sheet::A4, blocks);
    download(&paper, &name)
}

fn notes(desk: &Desk<'_>, minutes: &Minutes) -> Option<Table> {
    let pen = &desk.pen;
    let row = |note: &crate::ledger::voucher::Denomination| {
        let number = i64::try_from(note.number.get()).unwrap_or(i64::MAX);
        let amount = Money::new(note.value.minor().saturating_mul(number)).unwrap_or_default();
        vec![
            pen.figure(note.value.money()),
            format::number(number, pen.0.language),
            pen.figure(amount),
        ]
    };
    let all = minutes.count.denominations.as_ref()?;
    let head = |key: &str| (pen.say(key), Align::Right);
    Some(Table {
        columns: vec![
            head("voucher-denominations"),
            head("minutes-number"),
            head("print-sum-dong"),
        ],
        rows: all.iter().map(row).collect(),
        sums: Some(vec![
            pen.say("public-sum"),
            String::new(),
            pen.figure(minutes.count.counted.money()),
        ]),
    })
}

fn pairs(desk: &Desk<'_>, minutes: &Minutes) -> Vec<Pair> {
    let pen = &desk.pen;
    let (counted, difference) = (minutes.count.counted.money(), minutes.count.difference);
    let said = match difference.minor() {
        0 => "minutes-agrees",
        ..0 => "minutes-less",
        1.. => "minutes-more",
    };
    let mut told =
        format!("{} {}", format::signed_money(difference, pen.0.language), pen.say(said));
    if let Some(fund) = &minutes.count.fund {
        told = format!("{told} · {}", describe::fund_name(&desk.officer.books, fund.as_str()));
    }
    let why = minutes.note.as_ref().map_or_else(|| BLANK.to_owned(), ToString::to_string);
    vec![
        Pair::strong(pen.say("minutes-counted"), pen.money(counted)),
        Pair::new(pen.say("print-in-words"), pen.words(counted)),
        Pair::new(pen.say("minutes-book"), pen.money(minutes.book)),
        Pair::strong(pen.say("minutes-difference"), told),
        Pair::new(pen.say("minutes-why"), why),
    ]
}
