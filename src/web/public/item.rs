//! `/<chapter>/hien-vat/<item>`: every entry that brought goods of an item or took them, over all
//! stores: the entries behind its figures.

use minijinja::context;
use minijinja::value::Value;
use rocket::get;

use super::accounts::{Balanced, mentions};
use super::goods::item as named;
use super::home::page;
use super::ledgers::{Ledgers, read};
use super::lent::Mentions;
use super::told;
use crate::ledger::word::{Code, Date};
use crate::money::{Money, signed_quantity};
use crate::store::facade::{ItemFlow, View};
use crate::web::{Fault, Page};

/// Entries of a page.
const LINES: usize = 40;

/// Sums over entries, quantities in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    opening: i64,
    goods_in: i64,
    goods_out: i64,
    value: i64,
}

impl Sums {
    fn of(flows: &[ItemFlow], begun: Date) -> Self {
        flows.iter().fold(Self::default(), |all, own| {
            let value = all.value + own.value_in.minor() - own.value_out.minor();
            match own.effective < begun {
                // What was there when the books began lies on the day before them.
                true => Self { opening: all.opening + own.goods_in - own.goods_out, value, ..all },
                false => Self {
                    goods_in: all.goods_in + own.goods_in,
                    goods_out: all.goods_out + own.goods_out,
                    value,
                    ..all
                },
            }
        })
    }

    const fn left(self) -> i64 {
        self.opening + self.goods_in - self.goods_out
    }
}

/// The page of an address, from 1.
fn place(text: Option<&str>, pages: usize) -> Result<usize, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(1) };
    let place = text.parse().ok().filter(|place: &usize| place.to_string() == text);
    place.filter(|place| (1..=pages).contains(place)).ok_or(Fault::NotFound)
}

/// A line for the template; `left` is what lies there behind it.
fn told(view: &View, own: &ItemFlow, line: &Balanced, left: i64, all: &Mentions) -> Value {
    let some = |thousandths: i64| (thousandths != 0).then(|| signed_quantity(thousandths));
    let value = own.value_in.checked_sub(own.value_out).unwrap_or_default();
    context! {
        goods_in => some(own.goods_in),
        goods_out => some(own.goods_out),
        left => signed_quantity(left),
        value => value.minor(),
        ..told::line(view, &line.0, None, all)
    }
}

/// The entries of an item.
#[get("/<chapter>/hien-vat/<item>?<trang>", rank = 19)]
pub async fn item(
    chapter: &str,
    item: &str,
    trang: Option<&str>,
    ledgers: Ledgers<'_>,
) -> Result<Page, Fault> {
    let view = ledgers.view(chapter)?;
    let code: Code = item.parse().map_err(|_| Fault::NotFound)?;
    if !view.books.register().items().contains_key(&code) {
        return Err(Fault::NotFound);
    }
    let (store, size) = (ledgers.store(), view.size());
    let flows = store.item_flows(view.chapter, &code, size).await.map_err(read)?;
    let begun = view.books.chapter().ok_or(Fault::NotFound)?.books_from;
    let sums = Sums::of(&flows, begun);
    let pages = flows.len().div_ceil(LINES).max(1);
    let place = place(trang, pages)?;
    let (before, rest) = flows.split_at((place - 1) * LINES);
    let shown = rest.get(..LINES.min(rest.len())).unwrap_or(rest);
    let seqs: Vec<u64> = shown.iter().map(|own| own.seq).collect();
    let lines = store.lines_of(view.chapter, &seqs, size).await.map_err(read)?;
    let lines: Vec<Balanced> = lines.into_iter().map(|line| (line, None::<Money>)).collect();
    let mentions = mentions(&lines, &view, store).await?;
    let mut left: i64 = before.iter().map(|own| own.goods_in - own.goods_out).sum();
    let told: Vec<Value> = shown
        .iter()
        .zip(&lines)
        .map(|(own, line)| {
            left += own.goods_in - own.goods_out;
            told(&view, own, line, left, &mentions)
        })
        .collect();
    let (name, unit) = named(&view.books, code.as_str());
    let context = context! {
        name,
        unit,
        lines => told,
        count => flows.len(),
        opening => (sums.opening != 0).then(|| signed_quantity(sums.opening)),
        goods_in => signed_quantity(sums.goods_in),
        goods_out => signed_quantity(sums.goods_out),
        left => signed_quantity(sums.left()),
        value => sums.value,
        place,
        pages,
        here => format!("/{}/hien-vat/{code}", view.origin.slug()),
    };
    let state = format!("{}-{code}-{place}", view.state());
    Ok(page(&view, "public/item.html", context).of_state(state))
}
