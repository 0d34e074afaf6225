//! Entries: those of the accounts with their filter, and one with its voucher.

use rocket::get;

use super::problem::Problem;
use super::query::Query;
use super::shapes::{Entries, Entry, EntryDetail};
use super::{Answer, answer, view};
use crate::ledger::word::Date;
use crate::store::facade::{AccountsFilter, AccountsLine, View};
use crate::web::public::accounts::place_of;
use crate::web::public::chosen::{Asked, position, spelled};
use crate::web::public::ledgers::{Ledgers, read};

/// What the list may be asked.
const NAMES: [&str; 10] =
    ["from", "to", "fund", "programme", "kind", "natural", "place", "account", "after", "limit"];

/// The filter of an address: the same as that of the accounts' page, in English names.
fn filter(query: &Query<'_>, view: &View) -> Result<AccountsFilter, Problem> {
    let natural = match query.text_of("natural") {
        None | Some("false") => None,
        Some("true") => Some("1"),
        Some(_) => return Err(Problem::bad_request("parameter \"natural\": true or false")),
    };
    let asked = Asked {
        quy: query.text_of("fund"),
        ct: query.text_of("programme"),
        loai: query.text_of("kind"),
        noi: query.text_of("place"),
        khoan: query.text_of("account"),
        gop: natural,
        ..Asked::default()
    };
    let wrong = "fund, programme, kind, place or account: one of them is none of this ledger, \
                 a kind moves no money (give account or natural with it), or place and account \
                 are given together";
    let filter = asked.filter(view).map_err(|_| Problem::bad_request(wrong))?;
    let day = "a day such as 2026-11-05";
    let (from, to) = (query.value::<Date>("from", day)?, query.value::<Date>("to", day)?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Problem::bad_request("\"from\" is after \"to\""));
    }
    Ok(AccountsFilter { from, to, ..filter })
}

fn entry(view: &View, line: &AccountsLine) -> Entry {
    let (voucher, seq) = (line.entry.voucher(), line.entry.place());
    Entry {
        seq,
        kind: voucher.kind().as_str().to_owned(),
        date: voucher.date.to_string(),
        effective: line.effective.to_string(),
        at: line.entry.at.to_string(),
        numbers: line.numbers.iter().map(ToString::to_string).collect(),
        note: voucher.note.as_ref().map(|note| note.as_str().to_owned()),
        money_in: line.money_in.minor(),
        money_out: line.money_out.minor(),
        reversed_by: line.reversed_by,
        href: format!("/api/v1/chapters/{}/entries/{seq}", view.origin.slug()),
    }
}

/// Entries that moved money, or did something to some accounts, by effective day and seq.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/entries",
    params(("slug" = String, Path, description = "the chapter's word in addresses"),
    ("from" = Option<String>, Query, description = "first effective day; opening balances lie \
        on the day before the books begin"),
    ("to" = Option<String>, Query, description = "last effective day"),
    ("fund" = Option<String>, Query, description = "of one fund; `custody` is what is held for \
        others"),
    ("programme" = Option<String>, Query, description = "for one programme; `-` for none"),
    ("kind" = Option<String>, Query, description = "of one kind of voucher: one that \
        moves money, unless `account` or `natural` is given"),
    ("natural" = Option<bool>, Query, description = "reversals stand under the kind that they \
        reverse"),
    ("place" = Option<String>, Query, description = "through one place of money; not \
        together with `account`"),
    ("account" = Option<String>, Query, description = "what they did to an account \
        (`donations`, `aid_in_money`, `programme_costs:transport` …) or to a group of them (`thu` \
        income, `chi` spending, `mat` lost, `da-dung` used, `dau-ky` opening, `chuyen-quy` moved, \
        `dieu-chinh` corrections of closed periods, `hang` stock, `vay` loans): `in` is then what \
        was debited, `out` what was credited"),
    ("after" = Option<String>, Query, description = "behind this position, as `next` has it"),
    ("limit" = Option<u64>, Query, description = "rows, 1 to 200; 100 if left out")),
    responses((status = 200, body = Entries), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/entries")]
pub async fn list(slug: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&NAMES)?;
    let view = view(slug, &ledgers)?;
    let filter = filter(&query, &view)?;
    let after = position(query.text_of("after"));
    let wrong = "parameter \"after\": a position such as 2026-11-05.17";
    let after = after.map_err(|_| Problem::bad_request(wrong))?;
    let limit = query.limit()?;
    let (store, size) = (ledgers.store(), view.size());
    let most = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let lines = store.accounts_after(view.chapter, &filter, size, after, most).await;
    let mut lines = lines.map_err(read)?;
    let more = lines.len() as u64 > limit;
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let sum = store.accounts_sum(view.chapter, &filter, size).await.map_err(read)?;
    let path = format!("/api/v1/chapters/{}/entries", view.origin.slug());
    let last = lines.last().filter(|_| more).map(place_of).map(spelled);
    let all = Entries {
        log: view.origin.to_string(),
        size,
        count: sum.count,
        sum_in: sum.money_in.minor(),
        sum_out: sum.money_out.minor(),
        entries: lines.iter().map(|line| entry(&view, line)).collect(),
        next: last.map(|last| query.next(&path, &last)),
    };
    answer(&all, &view.state(), &query)
}

/// One entry, whatever its kind, with its voucher.
#[utoipa::path(get, path = "/api/v1/chapters/{slug}/entries/{seq}",
    params(("slug" = String, Path, description = "the chapter's word in addresses"),
    ("seq" = u64, Path, description = "its place in the chapter's ledgers, from 0")),
    responses((status = 200, body = EntryDetail), (status = 400, body = Problem),
    (status = 404, body = Problem)))]
#[get("/api/v1/chapters/<slug>/entries/<seq>")]
pub async fn one(slug: &str, seq: &str, query: Query<'_>, ledgers: Ledgers<'_>) -> Answer {
    query.only(&[])?;
    let view = view(slug, &ledgers)?;
    let seq = crate::web::public::entry::seq(seq)?;
    let known = ledgers.store().known_entry(view.chapter, seq, view.size()).await;
    let known = known.map_err(read)?.ok_or_else(Problem::not_found)?;
    let voucher = known.entry.voucher();
    let page = format!("/{}/so/{seq}", view.origin.slug());
    let detail = EntryDetail {
        seq,
        kind: voucher.kind().as_str().to_owned(),
        date: voucher.date.to_string(),
        effective: known.effective.to_string(),
        at: known.entry.at.to_string(),
        numbers: known.numbers.iter().map(ToString::to_string).collect(),
        reversed_by: known.reversed_by,
        named_by: known.named_by.iter().map(|by| by.seq).collect(),
        leaf: known.leaf.to_string(),
        prev: known.entry.prev.to_string(),
        voucher: voucher.value(),
        raw: format!("{page}/json"),
        proof: format!("{page}/tlog-proof"),
        page,
    };
    answer(&detail, &view.state(), &query)
}
