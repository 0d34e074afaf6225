//! What is asked of store, cache, clock and system when somebody asks for the numbers.

use std::fmt;
use std::path::Path;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::Labels;
use crate::store::{Standing, Store};
use crate::web::cache::Cache;
use crate::web::config::Config;

/// A gauge with so many labels.
type Gauges<const N: usize> = Family<Labels<N>, Gauge>;

/// Where the numbers come from.
pub struct Sources {
    /// The settings, with clock, counters and what is seen of the machine.
    pub config: Config,
    /// The ledgers.
    pub store: Store,
    /// The finished pages.
    pub cache: Option<Cache>,
}

impl Sources {
    /// All numbers as text.
    ///
    /// # Errors
    /// None that a text could give.
    pub async fn text(&self) -> Result<String, fmt::Error> {
        let mut all = Registry::default();
        process(&mut all);
        let registry = all.sub_registry_with_prefix("minhbach");
        self.config.meters.register(registry);
        self.store.register_meters(registry);
        let embedded = if cfg!(embedded) { "yes" } else { "no" };
        let build = [("version", env!("CARGO_PKG_VERSION")), ("embedded", embedded)];
        registry.register("build", "Which program this is", Info::new(build));
        self.ledgers(registry).await;
        self.database(registry).await;
        self.pages(registry);
        self.machine(registry);
        let mut text = String::new();
        encode(&mut text, &all)?;
        Ok(text)
    }

    async fn ledgers(&self, registry: &mut Registry) {
        let (open, head, waiting) = Default::default();
        let (open, head, waiting): (&Gauges<1>, &Gauges<1>, &Gauges<1>) = (&open, &head, &waiting);
        let (ok, at, size) = Default::default();
        let (ok, at, size): (&Gauges<1>, &Gauges<1>, &Gauges<1>) = (&ok, &at, &size);
        let took: Family<Labels<1>, Gauge<f64, AtomicU64>> = Family::default();
        let snapshot = Gauges::<1>::default();
        let snapshots = self.store.snapshots().await.unwrap_or_default();
        for queue in self.store.queues() {
            let chapter = || [("chapter", queue.identity.to_string())];
            let set = |gauge: &Gauges<1>, value: i64| {
                gauge.get_or_create(&chapter()).set(value);
            };
            set(waiting, count(queue.waiting));
            let standing = self.store.standing(queue.chapter);
            set(open, i64::from(standing.is_ok_and(|standing| standing == Standing::Open)));
            if let Ok(Some(shown)) = self.store.head(queue.chapter) {
                set(head, count(shown.size));
            }
            if let Some(size) = snapshots.get(&queue.chapter) {
                set(&snapshot, count(*size));
            }
            let Ok(Some(checked)) = self.store.checked(queue.chapter) else { continue };
            set(ok, i64::from(checked.clean));
            set(size, count(checked.size));
            took.get_or_create(&chapter()).set(checked.took.as_secs_f64());
            if let Some(when) = checked.at {
                set(at, when.timestamp());
            }
        }
        let mut gauge = |name: &str, help: &str, gauges: &Gauges<1>| {
            registry.register(name, help, gauges.clone());
        };
        gauge("ledger_open", "1 while the ledger takes writes", open);
        gauge("head_entries", "Entries under the newest signed head", head);
        gauge("writer_queue", "Orders that wait for the writer", waiting);
        gauge("snapshot_entries", "Entries in the newest snapshot of the books", &snapshot);
        gauge("self_check_ok", "1 when the last whole replay found everything in order", ok);
        gauge("self_check_entries", "Entries of the last whole replay", size);
        gauge("self_check_timestamp_seconds", "Of which moment the last whole replay is", at);
        let help = "How long the last whole replay took";
        registry.register("self_check_duration_seconds", help, took);
    }

    async fn database(&self, registry: &mut Registry) {
        let up = i64::from(self.config.watch.database(&self.store).await);
        registry.register("database_up", "1 while the database answers", ConstGauge::new(up));
        let pools = Gauges::<2>::default();
        for pool in self.store.pools() {
            for (state, value) in [("idle", pool.idle), ("open", pool.open), ("most", pool.most)] {
                let labels = [("pool", pool.name.to_owned()), ("state", state.to_owned())];
                pools.get_or_create(&labels).set(value.into());
            }
        }
        registry.register("database_connections", "Connections of the pools", pools);
    }

    fn pages(&self, registry: &mut Registry) {
        let Some(counts) = self.cache.as_ref().map(Cache::counts) else { return };
        let found = Family::<Labels<1>, Counter>::default();
        for (result, value) in [("hit", counts.served), ("miss", counts.made)] {
            found.get_or_create(&[("result", result.to_owned())]).inc_by(value);
        }
        let help = "Public pages given out as they were kept (hit), or made and kept (miss)";
        registry.register("page_cache", help, found);
        let bytes = ConstGauge::new(count(counts.bytes));
        registry.register("page_cache_bytes", "Bytes of public pages that are kept", bytes);
    }

    fn machine(&self, registry: &mut Registry) {
        let watch = &self.config.watch;
        if let Some(room) = watch.disk(self.store.folder()) {
            let help = "Free bytes on the disk of the data folder";
            registry.register("disk_free_bytes", help, ConstGauge::new(count(room.free)));
            let help = "All bytes of the disk of the data folder";
            registry.register("disk_size_bytes", help, ConstGauge::new(count(room.size)));
        }
        let least = ConstGauge::new(count(watch.least()));
        registry.register("disk_least_bytes", "Less free than this is told to people", least);
        let jump = watch.jump().map_or(0, |jump| jump.by.num_seconds());
        let help = "By how much the clock was set within the last hour";
        registry.register("clock_jump_seconds", help, ConstGauge::new(jump));
        let now = self.config.clock.now();
        let behind = Gauges::<1>::default();
        for queue in self.store.queues() {
            let books = self.store.books(queue.chapter).unwrap_or_default();
            let Some(last) = books.last_at() else { continue };
            let seconds = (last.utc() - now).num_seconds().max(0);
            let labels = [("chapter", queue.identity.to_string())];
            behind.get_or_create(&labels).set(seconds);
        }
        let help = "How far the clock is behind the last entry";
        registry.register("clock_behind_seconds", help, behind);
    }
}

/// What the system says of this process, under the usual names; nothing where it says nothing.
fn process(registry: &mut Registry) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<i64>().ok()
    };
    if let Some(kibibytes) = field("VmRSS:") {
        let help = "Resident memory";
        registry.register("process_resident_memory_bytes", help, ConstGauge::new(kibibytes << 10));
    }
    if let Some(threads) = field("Threads:") {
        registry.register("process_threads", "Threads", ConstGauge::new(threads));
    }
    if let Ok(open) = std::fs::read_dir(Path::new("/proc/self/fd")) {
        let open = ConstGauge::new(count(open.count()));
        registry.register("process_open_fds", "Open files and connections", open);
    }
}

fn count(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
