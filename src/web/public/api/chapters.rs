//! Chapters, and what they have: funds, goods, loans.

use rocket::get;

use super::problem::Problem;
use super::query::Query;
use super::shapes::{
    Chapter, ChapterLink, Chapters, Currency, Figures, Fund, Funds, Item, Loan, Loans, Place,
    Programme, Stock,
};
use super::{Answer, answer, view};
use crate::books::portfolio::LoanAccount;
use crate::books::statement::{FundRow, Statement};
use crate::ledger::tree::sha256;
use crate::ledger::word::Code;
use crate::money::Money;
use crate::store::facade::View;
use crate::web::public::home::whole;
use crate::web::public::ledgers::{Ledgers, read};
use crate::web::public::{goods, told};

/// The address of a chapter in the API.
fn path(view: &View) -> String {
    format!("/api/v1/chapters/{}", view.origin.slug())
}

/// The chapters of this site.
#[utoipa::path(get, path = "/api/v1/chapters", responses(
    (status = 200, body = Chapters), (status = 400, body = Problem)))]
#[get("/api/v1/chapters")]
pub async fn list(query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let (mut chapters, mut states) = (Vec::new(), Vec::new());
    for (id, origin) in ledgers.store().chapters() {
        // A ledger that another one continues is found from that one.
        if ledgers.find(origin.slug())? != id {
            continue;
        }
        // One that can't be read is listed, too.
        let view = ledgers.view_of(id).ok();
        states.push(view.as_ref().map_or_else(|| origin.to_string(), View::state));
        let own = view.as_ref().and_then(|view| view.books.chapter());
        chapters.push(ChapterLink {
            slug: origin.slug().to_owned(),
            log: origin.to_string(),
            name: own.map(|own| own.chapter.name.to_string()),
            province: own.and_then(|own| own.chapter.province.as_ref().map(ToString::to_string)),
            href: format!("/api/v1/chapters/{}", origin.slug()),
        });
    }
    let state = sha256(states.join("-").as_bytes()).to_string();
    answer(&Chapters { chapters }, &state, &query)
}

/// A sum of a column over funds.
fn sum(statement: &Statement, of: fn(&FundRow) -> Money) -> i64 {
    Money::sum(statement.funds.iter().map(of)).unwrap_or_default().minor()
}

fn statement(view: &View) -> Result<Statement, Problem> {
    whole(&view.books).ok_or_else(Problem::not_found)
}

/// The funds of a statement of all days.
fn all_funds(view: &View, statement: &Statement) -> Vec<Fund> {
    let register = view.books.register().funds();
    let told = statement.funds.iter().filter_map(|row| {
        let own = register.get(&row.fund)?;
        Some(Fund {
            code: row.fund.to_string(),
            name: own.fund.name.to_string(),
            r#type: own.fund.r#type.as_str().to_owned(),
            terms: own.fund.terms.text.to_string(),
            target: own.fund.target.map(|target| target.minor()),
            closed: own.closed,
            opening: row.opening.minor(),
            received: row.received.minor(),
            spent: row.spent.minor(),
            moved: row.moved.minor(),
            lost: row.lost.minor(),
            earlier: row.earlier.minor(),
            closing: row.closing.minor(),
            money: row.money.minor(),
            stock: row.stock.minor(),
            loans: row.loans.minor(),
            entries: format!("{}/entries?fund={}", path(view), row.fund),
        })
    });
    told.collect()
}

/// A chapter with its figures, places, programmes and funds.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}",
    params(("slug" = String, Path, description = "the chapter's word in addresses")),
    responses((status = 200, body = Chapter), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>")]
pub async fn one(slug: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let view = view(slug, &ledgers)?;
    let statement = statement(&view)?;
    let (books, register) = (&view.books, view.books.register());
    let own = books.chapter().ok_or_else(Problem::not_found)?;
    let chapter = Chapter {
        slug: view.origin.slug().to_owned(),
        log: view.origin.to_string(),
        name: own.chapter.name.to_string(),
        province: own.chapter.province.as_ref().map(ToString::to_string),
        upper: own.chapter.upper.as_ref().map(ToString::to_string),
        currency: Currency { code: own.currency.code.to_string(), scale: own.currency.scale.get() },
        utc_offset: own.utc_offset.fixed().to_string(),
        books_from: own.books_from.to_string(),
        size: view.size(),
        last_at: books.last_at().map(|at| at.to_string()),
        closed_through: books.closed_through().map(|month| month.to_string()),
        figures: Figures {
            opening: sum(&statement, |row| row.opening),
            received: sum(&statement, |row| row.received),
            spent: sum(&statement, |row| row.spent),
            lost: sum(&statement, |row| row.lost),
            earlier: sum(&statement, |row| row.earlier),
            money: sum(&statement, |row| row.money),
            stock: sum(&statement, |row| row.stock),
            loans: sum(&statement, |row| row.loans),
            held: books.lots().held_in_all().minor(),
        },
        places: register
            .places()
            .iter()
            .map(|(code, place)| Place {
                code: code.to_string(),
                name: told::place_name(books, code.as_str()),
                balance: place.balance.minor(),
            })
            .collect(),
        programmes: register
            .programmes()
            .values()
            .map(|own| Programme {
                code: own.code.to_string(),
                name: own.name.to_string(),
                r#type: own.r#type.as_str().to_owned(),
            })
            .collect(),
        funds: all_funds(&view, &statement),
    };
    answer(&chapter, &view.state(), &query)
}

/// The funds of a chapter, over all days.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/funds",
    params(("slug" = String, Path, description = "the chapter's word in addresses")),
    responses((status = 200, body = Funds), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/funds")]
pub async fn funds(slug: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let view = view(slug, &ledgers)?;
    let funds = all_funds(&view, &statement(&view)?);
    let all = Funds { log: view.origin.to_string(), size: view.size(), funds };
    answer(&all, &view.state(), &query)
}

/// One fund, over all days.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/funds/{code}",
    params(("slug" = String, Path, description = "the chapter's word in addresses"),
    ("code" = String, Path, description = "the fund's code")),
    responses((status = 200, body = Fund), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/funds/<code>")]
pub async fn fund(slug: &str, code: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let view = view(slug, &ledgers)?;
    let own = all_funds(&view, &statement(&view)?).into_iter().find(|own| own.code == code);
    answer(&own.ok_or_else(Problem::not_found)?, &view.state(), &query)
}

/// Goods in stores, item by item.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/stock",
    params(("slug" = String, Path, description = "the chapter's word in addresses")),
    responses((status = 200, body = Stock), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/stock")]
pub async fn stock(slug: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let view = view(slug, &ledgers)?;
    let statement = statement(&view)?;
    let expiries = goods::expiries(&view.books);
    let items = statement.goods.iter().map(|row| {
        let (name, unit) = goods::item(&view.books, row.item.as_str());
        Item {
            code: row.item.to_string(),
            name,
            unit,
            opening: row.opening.as_str().to_owned(),
            goods_in: row.goods_in.as_str().to_owned(),
            goods_out: row.goods_out.as_str().to_owned(),
            left: row.closing.as_str().to_owned(),
            value: row.value.closing.minor(),
            expiry: expiries.get(&row.item).map(ToString::to_string),
        }
    });
    let all = Stock {
        log: view.origin.to_string(),
        size: view.size(),
        worth: view.books.stock().worth().minor(),
        items: items.collect(),
    };
    answer(&all, &view.state(), &query)
}

fn loan(own: &LoanAccount) -> Loan {
    Loan {
        id: format!("{}.{}", own.loan.seq, own.loan.line),
        number: own.number.map(|number| number.to_string()),
        fund: own.fund.to_string(),
        disbursed: own.disbursed.to_string(),
        purpose: own.purpose.as_str().to_owned(),
        state: own.state().as_str().to_owned(),
        principal: own.principal.minor(),
        fee_total: own.fee_total.minor(),
        repaid: own.repaid.minor(),
        fee_paid: own.fee_paid.minor(),
        owed: own.owed().minor(),
        written_off: own.written_off.minor(),
        recovered: own.recovered.minor(),
    }
}

/// A place in the list of loans: entry and line.
fn place(text: &str) -> Option<(u64, u32)> {
    let (seq, line) = text.split_once('.')?;
    Some((seq.parse().ok()?, line.parse().ok()?))
}

/// Loans without whom they were given to, in the order in which they were paid out.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/loans",
    params(("slug" = String, Path, description = "the chapter's word in addresses"),
    ("fund" = Option<String>, Query, description = "of one fund"),
    ("after" = Option<String>, Query, description = "behind this loan, by its id"),
    ("limit" = Option<u64>, Query, description = "rows, 1 to 200; 100 if left out")),
    responses((status = 200, body = Loans), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/loans")]
pub async fn loans(slug: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&["fund", "after", "limit"])?;
    let view = view(slug, &ledgers)?;
    let fund = query.value::<Code>("fund", "the code of a fund")?;
    if fund.as_ref().is_some_and(|code| !view.books.register().funds().contains_key(code)) {
        return Err(Problem::bad_request("parameter \"fund\": no such fund"));
    }
    let after = query.text_of("after").map(|text| {
        place(text).ok_or_else(|| Problem::bad_request("parameter \"after\": the id of a loan"))
    });
    let after = after.transpose()?;
    let limit = usize::try_from(query.limit()?).unwrap_or(usize::MAX);
    let all = ledgers.store().loans(view.chapter, view.size()).await.map_err(read)?;
    let mut listed = all.iter().filter(|own| {
        let here = (own.loan.seq, own.loan.line);
        fund.as_ref().is_none_or(|fund| *fund == own.fund) && after.is_none_or(|after| here > after)
    });
    let loans: Vec<Loan> = listed.by_ref().take(limit).map(loan).collect();
    let more = listed.next().is_some();
    let last = loans.last().filter(|_| more);
    let next = last.map(|last| query.next(&format!("{}/loans", path(&view)), &last.id));
    let all = Loans { log: view.origin.to_string(), size: view.size(), loans, next };
    answer(&all, &view.state(), &query)
}
