//! What stands above the page of today: why nothing can be recorded, what the machine needs, and
//! what officers do about it.

use minijinja::context;
use minijinja::value::Value;

use crate::ledger::voucher::OfficerRole;
use crate::store::facade::ClockFit;
use crate::store::{Closure, Standing, Store};
use crate::web::Config;
use crate::web::desk::admin::backups;
use crate::web::desk::measures::{size, span};
use crate::web::public::told;
use crate::web::session::Officer;

/// Why the ledger is closed; `None` while it is open.
///
/// The store's own words go with it: they name tables and commands, so that they can be read to the
/// operator over the telephone.
pub fn closed(officer: &Officer) -> Option<Value> {
    let Standing::ReadOnly(closure) = &officer.standing else { return None };
    let passes = matches!(closure, Closure::Stopping | Closure::Reading | Closure::Clock { .. });
    Some(context! { why => why(closure), passes, line => closure.to_string() })
}

/// What everybody may read says of some closures no more than that they are one; officers have to
/// know whether to wait or to call.
const fn why(closure: &Closure) -> &'static str {
    match closure {
        Closure::VaultKey | Closure::ReceiptKey => "today-closed-keys",
        Closure::Newer { .. } => "today-closed-newer",
        closure => told::why_closed(closure),
    }
}

/// Whether the officer is one who calls the operator: treasurer, chair, deputy chair.
pub fn sees_to_it(officer: &Officer) -> bool {
    officer.has_any(&[OfficerRole::Treasurer, OfficerRole::Chair, OfficerRole::DeputyChair])
}

/// What is wrong with the machine: the key of each text, with its figures. What keeps everybody
/// from recording is told to everybody.
///
/// A difference that the nightly replay found is none of them: it closes the ledger, and
/// [`closed`] tells what fits to it.
pub fn machine(officer: &Officer, store: &Store, config: &Config) -> Vec<Value> {
    let mut notes = Vec::new();
    let calls = sees_to_it(officer);
    match officer.clock {
        ClockFit::Behind(by) => {
            notes.push(context! { key => "machine-clock-behind", by => span(by), calls });
        }
        ClockFit::FarAhead(by) if officer.may_be_written() => {
            notes.push(context! { key => "machine-clock-far", by => span(by), calls });
        }
        _ => {}
    }
    if !calls {
        return notes;
    }
    let (watch, folder) = (&config.watch, store.folder());
    if !matches!(officer.clock, ClockFit::Behind(_)) {
        notes.extend(watch.jump().map(|jump| {
            context! { key => "machine-clock-jump", by => span(jump.by.abs()) }
        }));
    }
    if watch.is_nearly_full(folder) {
        notes.push(match watch.disk(folder) {
            Some(room) => {
                let (free, least) = (size(room.free), size(watch.least()));
                context! { key => "machine-disk", free, least }
            }
            None => context! { key => "machine-disk-unknown" },
        });
    }
    notes
}

/// A backup that is old or missing, for who calls the operator.
pub fn backup(officer: &Officer, store: &Store, config: &Config) -> Option<Value> {
    sees_to_it(officer).then(|| backups::due(store, config)).flatten()
}
