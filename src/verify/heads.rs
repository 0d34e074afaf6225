//! Checkpoints: the newest, earlier ones, and those of receipts, all of one and the same tree.

use std::collections::BTreeMap;

use super::given::{Given, GivenContent};
use super::replay::Replay;
use super::report::{Break, Report, Step};
use super::source::Source;
use super::{Stop, broken};
use crate::books::key_at;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{LogLine, Policy, SignedCheckpoint};
use crate::ledger::receipt::Receipt;
use crate::ledger::tree::{EMPTY_ROOT, Hash};

/// A checkpoint to be found on the way, and where it comes from.
struct Waiting {
    from: String,
    checkpoint: SignedCheckpoint,
}

/// Every checkpoint that has to fit.
pub(super) struct Heads {
    newest: SignedCheckpoint,
    waiting: BTreeMap<u64, Vec<Waiting>>,
    receipts: BTreeMap<u64, Vec<(String, Receipt)>>,
    found: Vec<(String, Receipt)>,
}

impl Heads {
    /// Collects the published and the given checkpoints.
    pub fn collect(
        source: &Source,
        newest: &SignedCheckpoint,
        against: &[Given],
        report: &mut Report,
    ) -> Result<Self, Stop> {
        let (waiting, receipts) = (BTreeMap::new(), BTreeMap::new());
        let mut heads = Self { newest: newest.clone(), waiting, receipts, found: Vec::new() };
        heads.wait("checkpoint", newest)?;
        heads.cosigned(source)?;
        match source.list("checkpoints")? {
            None => report.not_checked.push(
                "checkpoints/<size>: the web has no listing; an export has them all".to_owned(),
            ),
            Some(names) => {
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
        if size > self.newest.checkpoint().size && matches!(source, Source::Web(_)) {
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

    /// After `size` entries: the checkpoints of that size have this root, the receipts of the
    /// entry just read hold its bytes.
    pub fn at(&mut self, size: u64, root: Hash, entry: &[u8]) -> Result<(), Stop> {
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
        replay: &Replay,
        source: &Source,
        (key, policy): (Option<&PublicKey>, Option<&Policy>),
        report: &mut Report,
    ) -> Result<(), Stop> {
        if let Some((index, _)) = self.receipts.first_key_value() {
            let reason = format!("a receipt names entry {index}, which the ledger does not have");
            return Err(broken(Step::Tree, "receipt", reason));
        }
        let Some(chapter) = replay.books().chapter() else {
            return Err(broken(Step::Tree, "checkpoint", "the ledger is empty"));
        };
        if chapter.origin.as_str() != self.newest.checkpoint().origin {
            return Err(broken(Step::Tree, "checkpoint", "the checkpoint is of another ledger"));
        }
        let keys = &chapter.log_keys;
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
            self.signed_by(given, keys, report)?;
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

    /// A key from paper counts for what it signed and for nothing later: who forges a ledger could
    /// open it with that key and rotate at once.
    fn signed_by(
        &self,
        given: &PublicKey,
        keys: &[(PublicKey, u64)],
        report: &mut Report,
    ) -> Result<(), Stop> {
        let known = keys.iter().any(|(key, _)| key == given);
        let signed = self.waiting.iter().rev().find(|(_, heads)| {
            heads.iter().any(|head| head.checkpoint.verify_log([given]).is_ok())
        });
        let Some((size, _)) = signed.filter(|_| known) else {
            let reason = "the key given by hand signed no checkpoint of this ledger";
            return Err(broken(Step::Tree, "log-key", reason));
        };
        if *size < self.newest.checkpoint().size {
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
