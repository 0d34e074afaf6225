//! Pages that everybody may read, and the published tree.
//!
//! | file | path |
//! |---|---|
//! | `files` | `/<chapter>/checkpoint`, `tile/…`, `entries.jsonl` and the rest of the tree |
//! | `home` | `/`, `/<chapter>` |
//! | `accounts`, `chosen`, `pictures` | `/<chapter>/cong-khai`, its filter, its pictures |
//! | `downloads`, `accounts_files` | `/<chapter>/cong-khai.xlsx` and other tables as files |
//! | `tables`, `report_tables`, `roll_up_tables` | the tables in them |
//! | `flow` | `/<chapter>/dong-tien`, from where to where money went |
//! | `item` | `/<chapter>/hien-vat/<item>`, the entries behind an item's figures |
//! | `feed`, `handovers` | `/<chapter>/feed.atom`, `/<chapter>/360giving.json` |
//! | `api` | `/api`, `/api/v1/…` |
//! | `entry` | `/<chapter>/so/<seq>` |
//! | `giving` | `/<chapter>/ung-ho`, how to give |
//! | `funds` | `/<chapter>/quy`, and a fund's own page |
//! | `goods` | `/<chapter>/hien-vat` |
//! | `revolving` | `/<chapter>/von-vay`, and a loan's own page |
//! | `activities`, `tallied` | `/<chapter>/hoat-dong`, a programme's own page; their cells |
//! | `roll_up` | `/tong-hop` |
//! | `schedule` | `/tinh-lich-tra`, the instalments of a loan, for anybody |
//! | `sponsor` | `/do-dau/<code>`, what became of regular support |
//! | `report` | `/<chapter>/bao-cao`, a period's statement, the same on paper |
//! | `calendar` | `/<chapter>/lich-cong-khai` |
//! | `receipt`, `name` | `/bn/<code>`; how one's name is shown there |
//! | `receipt_paper` | the same on paper |
//! | `checker` | `/kiem-tra`, which checks a receipt in the browser |
//! | `finding` | `/<chapter>/tra-cuu`, and by a bank's reference |
//! | `complaints` | `/phan-anh`, `/<chapter>/phan-anh`, `/phan-anh/<code>` |
//! | `peer` | how often one peer may ask |
//! | `about` | `/<chapter>/kiem-chung`, `/gioi-thieu`, `/rieng-tu`, `/tro-giup` |
//! | `ready` | `/readyz`, for programs that watch |
//! | `about` | `/tiep-can`, the statement on accessibility |
//! | `components` | every component in one place |
//! | `lent` | loans in words: what vouchers did to them, in which a gift was lent |
//! | `ledgers`, `download`, `told` | how pages find a ledger; files; vouchers in words |
//! | `trace` | where support between chapters went on |
//! | `witness` | `/nhan-chung`: heads of other ledgers, cosigned here |
//! | `witnesses` | who cosigned a ledger kept here, for the pages that tell it |

pub mod about;
pub mod accounts;
pub mod accounts_files;
pub mod activities;
pub mod api;
pub mod calendar;
pub mod checker;
pub mod chosen;
pub mod complaints;
pub mod components;
pub mod download;
pub mod downloads;
pub mod entry;
pub mod feed;
pub mod files;
pub mod finding;
pub mod flow;
pub mod funds;
pub mod giving;
pub mod goods;
pub mod handovers;
pub mod home;
pub mod item;
pub mod keys;
pub mod ledgers;
pub mod lent;
pub mod name;
pub mod peer;
pub mod pictures;
pub mod ready;
pub mod receipt;
pub mod receipt_paper;
pub mod report;
pub mod report_tables;
pub mod revolving;
pub mod roll_up;
pub mod roll_up_tables;
pub mod schedule;
pub mod sponsor;
pub mod tables;
pub mod tallied;
pub mod told;
pub mod trace;
pub mod witness;
pub mod witnesses;

use rocket::{Route, routes};

/// The routes of this room. Those that begin with a chapter's slug stand behind all others.
#[must_use]
pub fn routes() -> Vec<Route> {
    let own = routes![
        files::checkpoint,
        files::checkpoint_at,
        files::cosigned,
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
        downloads::file,
        flow::flow,
        giving::giving,
        funds::funds,
        funds::fund,
        goods::goods,
        item::item,
        feed::feed,
        handovers::grants,
        revolving::revolving,
        revolving::loan,
        activities::activities,
        activities::programme,
        roll_up::roll_up,
        roll_up::file,
        schedule::schedule,
        entry::entry,
        entry::raw,
        entry::proof,
        receipt::receipt,
        receipt::offline,
        receipt_paper::paper,
        name::name,
        name::hide,
        name::lessen,
        name::ask,
        finding::find,
        finding::reference,
        finding::find_reference,
        complaints::choose,
        complaints::show,
        complaints::send,
        complaints::track,
        complaints::forget,
        sponsor::sponsor,
        report::report,
        report::list::reports,
        report::paper::paper,
        report::notice::notice,
        calendar::calendar,
        about::check,
        about::about,
        about::privacy,
        about::access,
        about::help,
        ready::ready,
    ];
    [own, checked_routes(), api::routes()].concat()
}

/// Routes of what checks this ledger, or others.
fn checked_routes() -> Vec<Route> {
    routes![
        witness::page,
        witness::add_checkpoint,
        witness::held,
        witness::evidence,
        checker::checker,
        checker::saved,
        keys::keys,
    ]
}
