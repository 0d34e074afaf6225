//! Biên bản kiểm kê quỹ: a cash count as a sheet to print and sign, before or after it is recorded.

use minijinja::context;
use minijinja::value::Value;
use rocket::get;

use super::describe;
use crate::ledger::voucher::{Body, CashCounted, Voucher, VoucherId};
use crate::ledger::word::{Date, Note};
use crate::money::Money;
use crate::store::Store;
use crate::web::session::{Kept, Officer, Signer};
use crate::web::{Fault, Page};

/// A count of cash, of an entry or of a draft that waits.
pub(super) struct Minutes {
    /// `#12`, or the code of the draft.
    pub(super) number: String,
    pub(super) date: Date,
    pub(super) note: Option<Note>,
    pub(super) count: CashCounted,
    /// What the book said.
    pub(super) book: Money,
}

/// Finds a count.
///
/// # Errors
/// 404 for what is none; faults of the machine.
pub(super) async fn find(officer: &Officer, store: &Store, id: &str) -> Result<Minutes, Fault> {
    let id: VoucherId = id.parse().map_err(|_| Fault::NotFound)?;
    let (voucher, number) = match store.seq_of(officer.chapter, &id).await {
        Ok(Some(seq)) => {
            let line = store.line(officer.chapter, seq).await.map_err(Fault::internal)?;
            let line = line.ok_or(Fault::NotFound)?;
            (line.entry.voucher().clone(), format!("#{seq}"))
        }
        Ok(None) => {
            let draft = store.draft(&officer.desk, &id).await.map_err(Fault::internal)?;
            let draft = draft.ok_or(Fault::NotFound)?;
            (draft.voucher, draft.code)
        }
        Err(fault) => return Err(Fault::internal(fault)),
    };
    let Voucher { date, note, body: Body::CashCounted(count), .. } = voucher else {
        return Err(Fault::NotFound);
    };
    let book = count.counted.money().checked_sub(count.difference).ok_or(Fault::NotFound)?;
    Ok(Minutes { number, date, note, count, book })
}

/// The minutes of a count: of an entry, or of a draft that waits.
#[get("/ban/kiem-ke/<id>/bien-ban")]
pub async fn show(officer: Signer, kept: Kept<'_>, id: &str) -> Result<Page, Fault> {
    let officer = officer.0;
    let Minutes { number, date, note, count, book } = find(&officer, kept.0, id).await?;
    let chapter = officer.books.chapter().map(|state| &state.chapter);
    let shown = context! {
        id,
        name => chapter.map(|chapter| chapter.name.to_string()),
        address => chapter.and_then(|chapter| chapter.address.as_ref().map(ToString::to_string)),
        number,
        date => date.to_string(),
        place => describe::place_name(&officer.books, count.place.as_str()),
        fund => count.fund.as_ref().map(|fund| {
            describe::fund_name(&officer.books, fund.as_str())
        }),
        notes => notes(&count),
        counted => count.counted.minor(),
        book => book.minor(),
        difference => count.difference.minor(),
        note => note.map(|note| note.to_string()),
    };
    let name = chapter.map_or("", |chapter| chapter.name.as_str());
    Ok(Page::new("desk/minutes.html", shown).chapter(name, "/ban/viec"))
}

/// Value, how many, and what they make.
fn notes(count: &CashCounted) -> Vec<Value> {
    let all = count.denominations.iter().flat_map(|all| all.iter());
    all.map(|note| {
        let number = i64::try_from(note.number.get()).unwrap_or(i64::MAX);
        context! {
            value => note.value.minor(),
            number,
            amount => note.value.minor().saturating_mul(number),
        }
    })
    .collect()
}
