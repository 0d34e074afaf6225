//! Pages that everybody may read, and the published tree.
//!
//! | file | path |
//! |---|---|
//! | `files` | `/<chapter>/checkpoint`, `tile/…`, `entries.jsonl` and the rest of the tree |
//! | `home` | `/`, `/<chapter>` |
//! | `accounts` | `/<chapter>/cong-khai`, the same as CSV and JSON |
//! | `entry` | `/<chapter>/so/<seq>` |
//! | `giving` | `/<chapter>/ung-ho`, how to give |
//! | `funds` | `/<chapter>/quy`, and a fund's own page |
//! | `goods` | `/<chapter>/hien-vat` |
//! | `revolving` | `/<chapter>/von-vay`, and a loan's own page |
//! | `activities`, `tallied` | `/<chapter>/hoat-dong`, a programme's own page; their cells |
//! | `roll_up` | `/tong-hop` |
//! | `schedule` | `/tinh-lich-tra`, the instalments of a loan, for anybody |
//! | `receipt` | `/bn/<code>`, and hiding one's name there |
//! | `sponsor` | `/do-dau/<code>`, what became of regular support |
//! | `report` | `/<chapter>/bao-cao/<period>` |
//! | `about` | `/<chapter>/kiem-chung`, `/gioi-thieu`, `/rieng-tu`, `/tro-giup`, `/readyz` |
//! | `components` | every component in one place |
//! | `lent` | loans in words: what vouchers did to them, in which a gift was lent |
//! | `ledgers`, `download`, `told` | how pages find a ledger; files; vouchers in words |
//! | `trace` | where support between chapters went on |

pub mod about;
pub mod accounts;
pub mod activities;
pub mod components;
pub mod download;
pub mod entry;
pub mod files;
pub mod funds;
pub mod giving;
pub mod goods;
pub mod home;
pub mod ledgers;
pub mod lent;
pub mod receipt;
pub mod report;
pub mod revolving;
pub mod roll_up;
pub mod schedule;
pub mod sponsor;
pub mod tallied;
pub mod told;
pub mod trace;

use rocket::{Route, routes};

/// The routes of this room. Those that begin with a chapter's slug stand behind all others.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        files::checkpoint,
        files::checkpoint_at,
        files::tile,
        files::policy,
        files::entries,
        files::disclosures,
        files::statement,
        files::continued_page,
        files::continued,
        home::home,
        home::chapter,
        home::look_up,
        accounts::accounts,
        accounts::table,
        accounts::data,
        giving::giving,
        funds::funds,
        funds::fund,
        goods::goods,
        revolving::revolving,
        revolving::loan,
        activities::activities,
        activities::programme,
        roll_up::roll_up,
        schedule::schedule,
        entry::entry,
        entry::raw,
        entry::proof,
        receipt::receipt,
        receipt::offline,
        receipt::name,
        receipt::hide,
        sponsor::sponsor,
        report::report,
        about::check,
        about::about,
        about::privacy,
        about::help,
        about::ready,
    ]
}
