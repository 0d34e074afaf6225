//! Quản trị: officers and their keys, the guardian, the chapter's own data, one's own account.
//!
//! | file | what it is |
//! |---|---|
//! | [`office`] | `/ban/quan-tri`: who is in office, keys, policy, invitations |
//! | [`keys`] | vouchers with a new key: officer, rotation, guardian, log key |
//! | [`registers`] | the other vouchers: retirement, policy, chapter, closing places and funds |
//! | [`invitations`], [`accept`] | how a person chooses the passphrase of their new key |
//! | [`away_key`] | the same for a key that is made on another machine |
//! | [`guardian`] | approving with the key on the emergency sheet |
//! | [`account`], [`second_device`] | one's own passphrase, sessions, second device |
//! | [`officer`], [`accounts_log`] | another officer's account; what happened to accounts |
//! | [`backups`] | when the last backups were made |
//! | [`rows`] | these vouchers in words |

pub mod accept;
pub mod account;
pub mod accounts_log;
pub mod away_key;
pub(super) mod backups;
pub mod guardian;
pub mod invitations;
pub mod keys;
pub mod office;
pub mod officer;
pub mod registers;
pub mod rows;
pub mod second_device;

use rocket::{Route, routes};

/// The routes of the administration but for its slips.
#[must_use]
pub fn routes() -> Vec<Route> {
    routes![
        office::show,
        invitations::show,
        invitations::link,
        invitations::sign,
        invitations::cancel,
        accept::show,
        accept::take_up,
        away_key::show,
        away_key::take_out,
        away_key::bring_back,
        guardian::show,
        guardian::approve,
        account::show,
        account::change,
        account::sign_out,
        account::end_one,
        account::end_others,
        second_device::show,
        second_device::change,
        second_device::first,
        second_device::prove,
        second_device::required,
        second_device::require,
        officer::show,
        officer::end_sessions,
        officer::make_reset,
        officer::cancel_reset,
    ]
}
