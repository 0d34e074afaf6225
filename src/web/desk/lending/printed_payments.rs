//! What was paid on a loan as files to print: the slip of one repayment, and the passbook.

use rocket::{State, get};

use super::papers::{Paid, named, payments, repayment, still_due};
use super::{Opened, find};
use crate::ledger::word::Date;
use crate::money::Money;
use crate::publish::paper::{Align, Block, Pair, Sheet, Table};
use crate::web::desk::papers::Desk;
use crate::web::printing::download;
use crate::web::public::download::Download;
use crate::web::public::ledgers::Speech;
use crate::web::session::{Caseworker, Kept};
use crate::web::{Config, Fault};

/// The slip of one repayment.
#[get("/ban/vay/<id>/phieu-thu.pdf?<so>")]
pub async fn receipt(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
    id: &str,
    so: Option<u64>,
) -> Result<Download, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let opened = find(&officer, store, config, id).await?;
    let own = repayment(&officer, store, &opened, so).await?;
    let (number, fund) = named(&officer, store, &opened).await?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let pen = &desk.pen;
    let borrower = &opened.borrower.record;
    let slip = own.slip.clone().unwrap_or_else(|| format!("#{}", own.seq));
    let number = number.unwrap_or_else(|| pen.say("loan-one"));
    let home = borrower.hamlet.as_deref().or(borrower.address.as_deref());
    let mut pairs = vec![
        Pair::strong(pen.say("loan-receipt-by"), &borrower.full_name),
        pen.or_blank("print-lives", home.map(str::to_owned)),
        Pair::new(pen.say("print-pt-why"), pen.tell("print-repays", &[("number", &number)])),
        Pair::new(pen.say("public-fund"), fund),
    ];
    pairs.extend(pen.amounts("field-amount", own.total()));
    pairs.push(Pair::new(pen.say("loan-of-principal"), pen.money(own.principal)));
    if own.fee.is_positive() {
        pairs.push(Pair::new(pen.say("loan-of-fee"), pen.money(own.fee)));
    }
    pairs.push(Pair::strong(pen.say("loan-receipt-owed"), pen.money(own.owed)));
    let title = pen.say("loan-receipt-title");
    let mut blocks = vec![
        desk.head("receipt"),
        Block::Title(title.to_uppercase(), Some(pen.tell("print-number", &[("number", &slip)]))),
        Block::Centred(pen.on(own.day)),
    ];
    if own.reversed {
        blocks.push(Block::Notice(pen.say("loan-receipt-reversed")));
    }
    blocks.push(Block::Pairs(pairs));
    let seq = format!("#{}", own.seq);
    blocks.push(Block::Paragraph(pen.tell("print-entry", &[("seq", &seq)])));
    blocks.push(Block::Signatures(
        String::new(),
        vec![
            pen.signature("loan-receipt-by", Some(borrower.full_name.clone())),
            pen.signature("setup-treasurer", None),
        ],
    ));
    let mut paper = desk.paper(format!("{title} {slip}"), Sheet::A5Across, blocks);
    if paper.pages().map_err(Fault::internal)? > 1 {
        paper.sheet = Sheet::A5;
    }
    download(&paper, &format!("thu-no-{slip}"))
}

/// The passbook: each payment with what is owed after it, and what is still due.
#[get("/ban/vay/<id>/so-tra-no.pdf")]
pub async fn passbook(
    officer: Caseworker,
    kept: Kept<'_>,
    config: &State<Config>,
    speech: Speech<'_>,
    id: &str,
) -> Result<Download, Fault> {
    let (officer, store) = (officer.0, kept.0);
    let opened = find(&officer, store, config, id).await?;
    let (number, fund) = named(&officer, store, &opened).await?;
    let account = opened.account.as_ref().ok_or(Fault::NotFound)?;
    let desk = Desk::open(&officer, store, &speech).await?;
    let pen = &desk.pen;
    let title = pen.say("loan-passbook-title");
    let name = &opened.borrower.record.full_name;
    let mut blocks = vec![
        desk.head(""),
        Block::Title(title.to_uppercase(), number.clone()),
        Block::Pairs(vec![
            Pair::strong(pen.say("loan-borrower"), name),
            Pair::strong(pen.say("loan-amount"), pen.money(account.principal)),
            Pair::new(pen.say("voucher-disbursed"), pen.date(account.disbursed)),
            Pair::new(pen.say("public-fund"), fund),
        ]),
        Block::Heading(pen.say("loan-paid-lines")),
    ];
    let payments = payments(account);
    if payments.is_empty() {
        blocks.push(Block::Paragraph(pen.say("loan-nothing-paid")));
    }
    let due = due(&desk, &opened);
    let lines = if due.is_some() { FREE } else { 0 };
    let fees = account.fee_total.is_positive();
    blocks.push(Block::Grid(paid(&desk, &payments, (lines, fees))));
    if let Some(due) = due {
        blocks.push(Block::Heading(pen.say("loan-still-due")));
        blocks.push(Block::Grid(due));
    }
    let number = number.unwrap_or_else(|| "so-tra-no".to_owned());
    let paper = desk.paper(format!("{title} {number}"), Sheet::A5, blocks);
    download(&paper, &format!("so-tra-no-{number}"))
}

/// Lines that are left free in the passbook of a running loan, to be written by hand at the house.
const FREE: usize = 8;

fn paid(desk: &Desk<'_>, payments: &[Paid], (lines, fees): (usize, bool)) -> Table {
    let pen = &desk.pen;
    let row = |own: &Paid| {
        let mut cells = vec![format!("{} #{}", pen.date(own.day), own.seq)];
        cells.push(pen.figure_or_none(own.principal));
        cells.extend(fees.then(|| pen.figure_or_none(own.fee)));
        cells.extend([pen.figure(own.owed), String::new()]);
        cells
    };
    let mut rows: Vec<Vec<String>> = payments.iter().map(row).collect();
    let head = |key: &str, align| (pen.say(key), align);
    let mut columns = vec![head("field-date", Align::Left), head("schedule-part", Align::Right)];
    columns.extend(fees.then(|| head("schedule-fee", Align::Right)));
    columns.extend([head("loan-owed", Align::Right), head("print-who-took", Align::Left)]);
    let mut free = vec![String::new(); columns.len()];
    free[0] = "\n".to_owned();
    rows.extend(std::iter::repeat_n(free, lines));
    Table { columns, rows, sums: None }
}

/// Instalments that are not paid; `None` where nothing is due any more.
fn due(desk: &Desk<'_>, opened: &Opened) -> Option<Table> {
    let pen = &desk.pen;
    let all: Vec<(Date, Money)> = still_due(opened);
    let row = |(due, amount): &(Date, Money)| vec![pen.date(*due), pen.figure(*amount)];
    let head = |key: &str, align| (pen.say(key), align);
    let sum = Money::sum(all.iter().map(|(_, amount)| *amount)).unwrap_or_default();
    (!all.is_empty()).then(|| Table {
        columns: vec![head("schedule-due", Align::Left), head("print-sum-dong", Align::Right)],
        rows: all.iter().map(row).collect(),
        sums: Some(vec![pen.say("public-sum"), pen.figure(sum)]),
    })
}
