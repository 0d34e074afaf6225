//! Checkpoints: the newest, earlier ones, and those of receipts, all of one and the same tree.

use std::collections::BTreeMap;

use super::given::{Given, GivenContent};
use super::nodes::TileNodes;
use super::replay::Replay;
use super::report::{Break, Report, Step};
use super::source::Source;
use super::{Stop, broken};
use crate::books::key_at;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{LogLine, Policy, SignedCheckpoint};
use crate::ledger::receipt::Receipt;
use crate::ledger::tree::{EMPTY_ROOT, Hash, Nodes as _, TreeFault};

/// A checkpoint to be found on the way, and where it comes from.
struct Waiting {
    from: String,
    checkpoint: SignedCheckpoint,
}

/// A ledger whose entries were read, for what is held against it.
pub(super) struct Known<'a> {
    /// How many entries lie in the ledgers that it continues.
    pub before: u64,
    /// Its identity, as its entry 0 says it.
    pub origin: &'a str,
    /// Its log keys, each with the size from which on it signs.
    pub log_keys: &'a [(PublicKey, u64)],
    /// The entries.
    pub replay: &'a Replay,
}

/// Every checkpoint that has to fit.
pub(super) struct Heads {
    newest: SignedCheckpoint,
    /// How many entries an earlier run read.
    start: u64,
    waiting: BTreeMap<u64, Vec<Waiting>>,
    receipts: BTreeMap<u64, Vec<(String, Receipt)>>,
    found: Vec<(String, Receipt)>,
}

impl Heads {
    /// Collects the published and the given checkpoints; of the published ones those behind the
    /// `start` entries that an earlier run read.
    pub fn collect(
        source: &Source,
        newest: &SignedCheckpoint,
        (start, against): (u64, &[Given]),
        report: &mut Report,
    ) -> Result<Self, Stop> {
        let (waiting, receipts) = (BTreeMap::new(), BTreeMap::new());
        let newest = newest.clone();
        let mut heads = Self { newest, start, waiting, receipts, found: Vec::new() };
        let newest = &heads.newest.clone();
        heads.wait("checkpoint", newest)?;
        heads.cosigned(source)?;
        match source.list("checkpoints")? {
            None => report.not_checked.push(
                "checkpoints/<size>: the web has no listing; an export has them all".to_owned(),
            ),
            Some(mut names) => {
                let is_known = |name: &String| name.parse().is_ok_and(|size: u64| size <= start);
                names.retain(|name| start == 0 || !is_known(name));
                for name in &names {
                    heads.published(source, name)?;
                }
                let number = u64::try_from(names.len()).unwrap_or(0);
                report.count("earlier checkpoints", number);
            }
        }
        for given in against {
            match &given.content {
                GivenContent::Checkpoint(checkpoint) => heads.wait(&given.name, checkpoint)?,
                GivenContent::Receipt(receipt) => {
                    heads.wait(&given.name, receipt.checkpoint())?;
                    let held = (given.name.clone(), receipt.clone());
                    heads.receipts.entry(receipt.index()).or_default().push(held);
                }
                GivenContent::Disclosures(_) => {}
            }
        }
        Ok(heads)
    }

    /// The newest checkpoint that a witness cosigned: a prefix like any other, to be found on the
    /// way. A site that serves may have grown since its `checkpoint` was read, a folder not.
    fn cosigned(&mut self, source: &Source) -> Result<(), Stop> {
        let Some(bytes) = source.read("cosigned")? else { return Ok(()) };
        let read = |bytes: &[u8]| {
            SignedCheckpoint::parse(bytes)
                .map_err(|why| broken(Step::Tree, "checkpoint", format!("cosigned: {why}")))
        };
        let cosigned = read(&bytes)?;
        let size = cosigned.checkpoint().size;
        if size > self.newest.checkpoint().size && source.may_grow() {
            // What is read through a copy is read once in a run, and can't tell.
            if matches!(source, Source::Files(..)) {
                return Ok(());
            }
            let now = source.read("checkpoint")?.map(|bytes| read(&bytes)).transpose()?;
            if now.is_some_and(|now| now.checkpoint().size >= size) {
                return Ok(());
            }
        }
        self.wait("cosigned", &cosigned)
    }

    fn published(&mut self, source: &Source, name: &str) -> Result<(), Stop> {
        let path = format!("checkpoints/{name}");
        let fault = |reason: String| broken(Step::Tree, "checkpoint", format!("{path}: {reason}"));
        let bytes = source.read(&path)?.ok_or_else(|| fault("it is missing".to_owned()))?;
        let checkpoint =
            SignedCheckpoint::parse(&bytes).map_err(|reason| fault(reason.to_string()))?;
        let size = checkpoint.checkpoint().size;
        if size.to_string() != name {
            return Err(fault(format!("it is of size {size}")));
        }
        self.wait(&path, &checkpoint)
    }

    fn wait(&mut self, from: &str, checkpoint: &SignedCheckpoint) -> Result<(), Stop> {
        let head = checkpoint.checkpoint();
        let newest = self.newest.checkpoint();
        if head.origin != newest.origin {
            let reason = format!("{from} belongs to another ledger, {}", head.origin);
            return Err(broken(Step::Tree, "checkpoint", reason));
        }
        if head.size > newest.size {
            let reason = format!(
                "{from} is of size {}, larger than the published {}: entries were taken away",
                head.size, newest.size
            );
            return Err(broken(Step::Tree, "shrunk", reason));
        }
        if head.size == 0 && head.root != EMPTY_ROOT {
            let reason = format!("{from} has another root than the empty tree");
            return Err(broken(Step::Tree, "root", reason));
        }
        let waiting = Waiting { from: from.to_owned(), checkpoint: checkpoint.clone() };
        self.waiting.entry(head.size).or_default().push(waiting);
        Ok(())
    }

    /// The same for what lies among the entries that an earlier run read: their roots follow from
    /// the tiles, which are those of `root`.
    pub fn among_earlier(
        &mut self,
        source: &Source,
        root: Hash,
        known: &Known<'_>,
    ) -> Result<(), Stop> {
        if self.start == 0 {
            return Ok(());
        }
        let sizes: Vec<u64> = self.waiting.range(1..=self.start).map(|(size, _)| *size).collect();
        let seqs: Vec<u64> = self.receipts.range(..self.start).map(|(seq, _)| *seq).collect();
        let newest = self.newest.checkpoint().size;
        let nodes = TileNodes::new(source, newest);
        let unread = |fault: TreeFault| match nodes.fault() {
            Some(fault) => Stop::from(fault),
            None => broken(Step::Tree, "tile", fault.to_string()),
        };
        if !sizes.is_empty() && nodes.root_at(newest).map_err(unread)? != root {
            return Err(broken(Step::Tree, "tile", "the tiles are not those of the checkpoint"));
        }
        for size in sizes {
            let own = if size == newest { root } else { nodes.root_at(size).map_err(unread)? };
            self.roots_at(size, own)?;
        }
        for seq in seqs {
            let entry = known.replay.history().bytes(known.before + seq)?;
            self.receipts_of(seq, &entry.unwrap_or_default())?;
        }
        Ok(())
    }

    /// After `size` entries: the checkpoints of that size have this root, the receipts of the
    /// entry just read hold its bytes.
    pub fn at(&mut self, size: u64, root: impl FnOnce() -> Hash, entry: &[u8]) -> Result<(), Stop> {
        if self.waiting.contains_key(&size) {
            self.roots_at(size, root())?;
        }
        self.receipts_of(size.saturating_sub(1), entry)
    }

    fn roots_at(&self, size: u64, root: Hash) -> Result<(), Stop> {
        let seq = size.saturating_sub(1);
        for waiting in self.waiting.get(&size).into_iter().flatten() {
            if waiting.checkpoint.checkpoint().root != root {
                return Err(Stop::Broken(Break {
                    step: Step::Tree,
                    ledger: None,
                    seq: Some(seq),
                    code: "root".to_owned(),
                    reason: format!(
                        "the root of {} is not that of its {size} entries",
                        waiting.from
                    ),
                }));
            }
        }
        Ok(())
    }

    fn receipts_of(&mut self, seq: u64, entry: &[u8]) -> Result<(), Stop> {
        for (name, receipt) in self.receipts.remove(&seq).into_iter().flatten() {
            if receipt.entry() != entry {
                return Err(Stop::Broken(Break {
                    step: Step::Tree,
                    ledger: None,
                    seq: Some(seq),
                    code: "receipt".to_owned(),
                    reason: format!("the ledger holds another entry than the receipt {name}"),
                }));
            }
            self.found.push((name, receipt));
        }
        Ok(())
    }

    /// At the end: who signed the checkpoints, the quorum, and receipts of entries that are not
    /// there.
    pub fn finish(
        self,
        known: &Known<'_>,
        source: &Source,
        ((key, vouched), policy): ((Option<&PublicKey>, bool), Option<&Policy>),
        report: &mut Report,
    ) -> Result<(), Stop> {
        if let Some((index, _)) = self.receipts.first_key_value() {
            let reason = format!("a receipt names entry {index}, which the ledger does not have");
            return Err(broken(Step::Tree, "receipt", reason));
        }
        if known.origin != self.newest.checkpoint().origin {
            return Err(broken(Step::Tree, "checkpoint", "the checkpoint is of another ledger"));
        }
        let keys = known.log_keys;
        for waiting in self.waiting.values().flatten() {
            let size = waiting.checkpoint.checkpoint().size;
            let key = key_at(keys, size)
                .ok_or_else(|| broken(Step::Tree, "log-key", "the ledger names no log key"))?;
            waiting.checkpoint.verify_log([key]).map_err(|fault| {
                broken(Step::Tree, "log-signature", format!("{}: {fault}", waiting.from))
            })?;
            report.count("log signatures", 1);
        }
        for (name, receipt) in &self.found {
            let key = key_at(keys, receipt.checkpoint().checkpoint().size);
            receipt.verify(key).map_err(|fault| {
                broken(Step::Tree, "receipt", format!("the receipt {name}: {fault}"))
            })?;
            report.count("receipts given by hand", 1);
        }
        let size = self.newest.checkpoint().size;
        report.log_key = key_at(keys, size).map(PublicKey::vkey);
        if let Some(given) = key {
            self.signed_by(given, keys, (source, vouched), report)?;
        }
        self.quorum(source, report)?;
        policy.map_or(Ok(()), |policy| self.own_quorum(policy, report))
    }

    /// The newest checkpoint against the policy that the reader brought along. A head is cosigned a
    /// moment after it was signed: what is newer than the last cosigned one does not hold yet.
    fn own_quorum(&self, policy: &Policy, report: &mut Report) -> Result<(), Stop> {
        let meets = |head: &SignedCheckpoint| {
            let of_log = |log: &LogLine| log.key.name() == head.checkpoint().origin;
            let asks_log = policy.logs().iter().any(of_log);
            let verdict = policy.evaluate(head).ok().filter(|found| found.quorum_met);
            verdict.filter(|found| !asks_log || found.log.is_some())
        };
        if let Some(verdict) = meets(&self.newest) {
            report.count("cosignatures that your policy counts", verdict.cosigned.len() as u64);
            return Ok(());
        }
        let known = self.waiting.values().rev().flatten().map(|waiting| &waiting.checkpoint);
        let newest = self.newest.checkpoint().size;
        let last = known.filter(|head| meets(head).is_some()).map(|head| head.checkpoint().size);
        let reason = match last.max() {
            Some(size) if size < newest => format!(
                "the first {size} of {newest} entries are cosigned as your policy asks, the others \
                 not yet: try again in a few minutes"
            ),
            _ => "no checkpoint of this ledger is cosigned as your policy asks".to_owned(),
        };
        Err(broken(Step::Tree, "quorum", reason))
    }

    /// The largest size whose checkpoint the key signed: of those in hand, or the last one of its
    /// time, where that is published.
    fn last_signed_by(
        &self,
        given: &PublicKey,
        keys: &[(PublicKey, u64)],
        source: &Source,
    ) -> Result<Option<u64>, Stop> {
        let signed = |head: &SignedCheckpoint| head.verify_log([given]).is_ok();
        let mut held = self.waiting.iter().rev();
        let held = held.find(|(_, heads)| heads.iter().any(|head| signed(&head.checkpoint)));
        if let Some((size, _)) = held {
            return Ok(Some(*size));
        }
        let at = keys.iter().position(|(key, _)| key == given);
        let next = at.and_then(|at| keys.get(at + 1));
        let Some(last) = next.and_then(|(_, from)| from.checked_sub(1)) else { return Ok(None) };
        let Some(bytes) = source.read(&format!("checkpoints/{last}"))? else { return Ok(None) };
        let newest = self.newest.checkpoint().size;
        let fits = SignedCheckpoint::parse(&bytes).is_ok_and(|head| {
            let own = head.checkpoint();
            let root = || TileNodes::new(source, newest).root_at(last);
            own.size == last && signed(&head) && root().is_ok_and(|root| root == own.root)
        });
        Ok(fits.then_some(last))
    }

    /// A key from paper counts for what it signed and for nothing later: who forges a ledger could
    /// open it with that key and rotate at once.
    fn signed_by(
        &self,
        given: &PublicKey,
        keys: &[(PublicKey, u64)],
        (source, vouched): (&Source, bool),
        report: &mut Report,
    ) -> Result<(), Stop> {
        let known = keys.iter().any(|(key, _)| key == given);
        let newest = self.newest.checkpoint().size;
        let signed = match self.last_signed_by(given, keys, source)? {
            // An earlier run saw what it signed, and every key behind it is named by an entry.
            None if vouched => Some(0),
            signed => signed,
        };
        let Some(size) = signed.filter(|_| known) else {
            let reason = "the key given by hand signed no checkpoint of this ledger";
            return Err(broken(Step::Tree, "log-key", reason));
        };
        if vouched && size < newest {
            report.remarks.push(
                "the key given by hand is an earlier one of this ledger; the newer one is named \
                 by an entry of it"
                    .to_owned(),
            );
            return Ok(());
        }
        if size < newest {
            report.remarks.push(format!(
                "the key given by hand signed the ledger up to {size} entries and nothing later: \
                 get the newer key from somewhere else than the site"
            ));
            return Ok(());
        }
        report.log_key_given = true;
        Ok(())
    }

    /// The newest checkpoint against the published policy.
    fn quorum(&self, source: &Source, report: &mut Report) -> Result<(), Stop> {
        let fault = |reason: String| broken(Step::Tree, "policy", format!("policy: {reason}"));
        let bytes =
            source.read("policy")?.ok_or_else(|| fault("the file is missing".to_owned()))?;
        let text = String::from_utf8(bytes).map_err(|_| fault("not UTF-8".to_owned()))?;
        let policy = Policy::parse(&text).map_err(|reason| fault(reason.to_string()))?;
        let verdict = policy.evaluate(&self.newest).map_err(|reason| fault(reason.to_string()))?;
        report.witnesses =
            verdict.cosigned.iter().map(|found| (found.witness.clone(), found.time)).collect();
        if !verdict.is_valid() {
            return Err(fault("the checkpoint does not meet it".to_owned()));
        }
        if policy.witnesses().is_empty() {
            let remark = "no witness cosigns this ledger: only receipts and earlier checkpoints \
                          in other hands would show a rolled-back or split ledger";
            report.remarks.push(remark.to_owned());
        }
        Ok(())
    }
}
