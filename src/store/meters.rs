//! What the store counts while it runs: numbers for whoever watches the machine, never names.
//!
//! Labels are identities of ledgers kept here and words of closed lists, so there are as many
//! series as there are chapters and rules.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::record::{RecordAllFault, RecordFault};
use super::{ChapterId, Store};
use crate::ledger::word::Origin;

/// Labels of a series: names and values.
type Labels<const N: usize> = [(&'static str, String); N];

/// Upper bounds of the times in which vouchers are recorded, in seconds.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// The counters of a store.
#[derive(Debug)]
pub(super) struct Meters {
    appended: Family<Labels<1>, Counter>,
    refused: Family<Labels<1>, Counter>,
    latency: Histogram,
}

impl Default for Meters {
    fn default() -> Self {
        let (appended, refused) = (Family::default(), Family::default());
        Self { appended, refused, latency: Histogram::new(SECONDS) }
    }
}

impl Meters {
    /// A ledger is there, without anything appended: its series begins at 0.
    pub(super) fn show(&self, identity: &Origin) {
        drop(self.appended.get_or_create(&chapter_label(identity)));
    }

    /// Entries that were committed.
    pub(super) fn appended(&self, identity: &Origin, entries: usize) {
        let entries = u64::try_from(entries).unwrap_or(u64::MAX);
        self.appended.get_or_create(&chapter_label(identity)).inc_by(entries);
    }

    /// How an asking to record ended, and after which time.
    pub(super) fn answered<T>(&self, done: &Result<T, RecordAllFault>, took: Duration) {
        match done {
            Ok(_) => self.latency.observe(took.as_secs_f64()),
            Err(refused) => {
                let code = word(&refused.fault).to_owned();
                self.refused.get_or_create(&[("code", code)]).inc();
            }
        }
    }
}

fn chapter_label(identity: &Origin) -> Labels<1> {
    [("chapter", identity.to_string())]
}

/// The code of the rule that said no, or what failed.
fn word(fault: &RecordFault) -> &'static str {
    match fault {
        RecordFault::Refused(refusal) => refusal.code(),
        RecordFault::Form(_) => "form",
        RecordFault::Alongside(_) => "alongside",
        RecordFault::SlugTaken => "slug-taken",
        RecordFault::Closed(_) => "ledger-closed",
        RecordFault::Busy(_) => "busy",
        RecordFault::Importing => "importing",
        RecordFault::DiskFull => "disk-full",
        RecordFault::Unknown => "outcome-unknown",
        RecordFault::Store(_) => "store",
    }
}

/// Connections of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// `writer` or `reader`.
    pub name: &'static str,
    /// Connections that are open.
    pub open: u32,
    /// Of these, those that nobody uses.
    pub idle: u32,
    /// The most that may be open.
    pub most: u32,
}

/// A writer's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueState {
    /// The ledger.
    pub chapter: ChapterId,
    /// Its identity, which never changes.
    pub identity: Origin,
    /// Orders that wait.
    pub waiting: usize,
    /// The most that may wait.
    pub most: usize,
}

impl Store {
    /// Puts the store's counters among those of a registry; they go on counting.
    pub fn register_meters(&self, registry: &mut Registry) {
        let meters = &self.shared.meters;
        let help = "Entries appended by this instance since its start";
        registry.register("entries_appended", help, meters.appended.clone());
        let help = "Vouchers that were not recorded since the start, by the rule or failure";
        registry.register("records_refused", help, meters.refused.clone());
        let help = "Seconds from the asking to the signed head, of what was recorded";
        registry.register("record_seconds", help, meters.latency.clone());
    }

    /// The pools of the database.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolState> {
        self.shared.database.pools()
    }

    /// The writers' queues, one of each ledger.
    #[must_use]
    pub fn queues(&self) -> Vec<QueueState> {
        let queue = |handle: super::chapter::Handle| {
            let most = handle.orders.max_capacity();
            let waiting = most.saturating_sub(handle.orders.capacity());
            let (chapter, identity) = (handle.chapter.id, handle.chapter.identity.clone());
            QueueState { chapter, identity, waiting, most }
        };
        let begun = self.handles().into_iter().filter(|handle| handle.chapter.has_begun());
        begun.map(queue).collect()
    }
}
