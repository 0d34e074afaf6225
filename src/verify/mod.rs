//! Verification: replays a published ledger with the very code that wrote it.
//!
//! INVARIANT: no database and no web: what is checked are the published files and nothing else.

mod bundles;
mod entries;
mod files;
pub mod given;
mod heads;
pub mod history;
mod history_goods;
pub mod kept;
pub mod lineage;
pub mod nodes;
mod pool;
pub mod replay;
pub mod report;
pub mod rolled;
mod sorted;
pub mod source;
mod spill;
mod tiles;
mod uses;

use std::io::{BufRead, Read as _};
use std::ops::ControlFlow;

use crate::books::{Books, Effects};
use crate::ledger::canonical::MAX_BYTES;
use crate::ledger::entry::Entry;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{Policy, SignedCheckpoint};

pub use bundles::bundle_of;
use given::Given;
use heads::Heads;
use kept::Kept;
use lineage::Ledger;
use pool::Pool;
use report::{Break, Outcome, Report, Step};
use source::{Source, SourceFault};

/// What is asked for beside the published files themselves.
#[derive(Debug, Default)]
pub struct Options {
    /// The log key from somewhere else than the site: a receipt, the notice board.
    pub key: Option<PublicKey>,
    /// Files to hold the ledger against.
    pub against: Vec<Given>,
    /// Where the first ledger lies, when that is not above the one that continues it.
    pub first: Option<Source>,
    /// The reader's own policy: the newest ledger has to be cosigned as it asks.
    pub policy: Option<Policy>,
    /// Whether one processor has to do, because the others are there for something else.
    pub aside: bool,
}

/// Why a verification could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFault {
    /// A file could not be read.
    #[error(transparent)]
    Source(#[from] SourceFault),
    /// This machine's disk.
    #[error("the temporary file of the verifier: {0}")]
    Machine(#[from] std::io::Error),
    /// Whoever watched it asked for no more.
    #[error("stopped before the end")]
    Stopped,
}

/// Is told of each entry that the books take, at its place, and of what it did to them. Whether its
/// signatures hold may turn out a little later: what was told counts when the report says so.
pub type Watch<'a> = dyn FnMut(&Entry, &Effects) -> ControlFlow<()> + 'a;

/// Why the verification stops: a break, or a machine's failure.
pub(crate) enum Stop {
    Broken(Break),
    Newer(Break),
    Prefix(Break),
    Fault(VerifyFault),
}

impl Stop {
    /// The same, with the ledger of several that it is about.
    fn of_ledger(self, origin: &str) -> Self {
        let named = |found: Break| Break { ledger: Some(origin.to_owned()), ..found };
        match self {
            Self::Broken(found) => Self::Broken(named(found)),
            Self::Newer(found) => Self::Newer(named(found)),
            Self::Prefix(found) => Self::Prefix(named(found)),
            Self::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<SourceFault> for Stop {
    fn from(fault: SourceFault) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<std::io::Error> for Stop {
    fn from(fault: std::io::Error) -> Self {
        Self::Fault(fault.into())
    }
}

/// A break without an entry.
pub(crate) fn broken(step: Step, code: &str, reason: impl Into<String>) -> Stop {
    let (code, reason) = (code.to_owned(), reason.into());
    Stop::Broken(Break { step, ledger: None, seq: None, code, reason })
}

/// Verifies a published ledger, with those that it continues and those that continue it. `progress`
/// is told the entries done and the entries in all.
///
/// # Errors
/// [`VerifyFault`] when a file could not be read; a ledger that does not hold is no error but a
/// report that says so.
pub fn verify(
    source: &Source,
    options: &Options,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, VerifyFault> {
    let mut watch = |_: &Entry, _: &Effects| ControlFlow::Continue(());
    Ok(verify_watched(source, options, progress, &mut watch)?.0)
}

/// The same, for those who need more of the entries than whether they hold: the books behind the
/// last entry that does come with the report.
///
/// # Errors
/// As [`verify`]; [`VerifyFault::Stopped`] when `watch` breaks off.
pub fn verify_watched(
    source: &Source,
    options: &Options,
    progress: &mut dyn FnMut(u64, u64),
    watch: &mut Watch<'_>,
) -> Result<(Report, Books), VerifyFault> {
    let (report, kept) = verify_from(Kept::new()?, source, options, (progress, watch))?;
    Ok((report, kept.replay.books().clone()))
}

/// The same, behind what an earlier run verified and kept of the ledger: only what came since is
/// read, and the state behind it comes with the report. After a break that state is of no use.
///
/// # Errors
/// As [`verify_watched`].
pub fn verify_from(
    mut kept: Kept,
    source: &Source,
    options: &Options,
    watching: (&mut dyn FnMut(u64, u64), &mut Watch<'_>),
) -> Result<(Report, Kept), VerifyFault> {
    let mut report = Report::new();
    let earlier = kept.replay.size();
    let stop = run(source, options, watching, &mut kept, &mut report);
    report.verified = kept.replay.verified();
    report.count("entries", report.verified - earlier);
    report.count("officers' signatures", kept.replay.signatures());
    if earlier > 0 {
        report.remarks.push(format!("{earlier} entries were verified in an earlier run"));
    }
    match stop {
        Ok(()) => {}
        Err(Stop::Fault(fault)) => return Err(fault),
        Err(Stop::Broken(found)) => end(&mut report, Outcome::Broken, found),
        Err(Stop::Newer(found)) => end(&mut report, Outcome::Newer, found),
        Err(Stop::Prefix(found)) => end(&mut report, Outcome::Prefix, found),
    }
    disputed(kept.replay.books(), &mut report);
    Ok((report, kept))
}

/// What officers signed with a key that somebody else may have had holds, and is in doubt.
fn disputed(books: &Books, report: &mut Report) {
    for (name, key) in books.officers().keys() {
        let Some(from) = key.compromised_from else { continue };
        // The entry that says so may lie behind a break.
        if key.ended.is_some_and(|ended| ended >= report.verified) {
            continue;
        }
        let until = key.ended.map_or_else(String::new, |ended| format!(" to {ended}"));
        report.remarks.push(format!(
            "the key {name} was compromised: what it signed from entry {from}{until} is disputed"
        ));
    }
}

fn end(report: &mut Report, outcome: Outcome, found: Break) {
    if outcome != Outcome::Broken {
        report.not_checked.extend(
            [
                "log signatures and the quorum of the policy",
                "tiles that are not full",
                "statements",
                "disclosures",
            ]
            .map(str::to_owned),
        );
    }
    report.outcome = outcome;
    report.broken = Some(found);
}

/// One ledger after another, the oldest first.
fn run(
    source: &Source,
    options: &Options,
    (progress, watch): (&mut dyn FnMut(u64, u64), &mut Watch<'_>),
    kept: &mut Kept,
    report: &mut Report,
) -> Result<(), Stop> {
    let ledgers = lineage::ledgers(source, options.first.as_ref())?;
    let all = ledgers.iter().map(|ledger| ledger.head.checkpoint().size).sum();
    lineage::everything_given_belongs(&ledgers, options)?;
    let several = ledgers.len() > 1;
    if ledgers.len() < kept.ledgers.len() {
        let gone = kept.ledgers.get(ledgers.len()).map_or("", |gone| &gone.origin);
        return Err(broken(Step::Tree, "shrunk", format!("{gone} is not there any more")));
    }
    for (at, ledger) in ledgers.iter().enumerate() {
        let origin = ledger.head.checkpoint().origin.clone();
        let mut tell = |done: u64| progress(done, all);
        let read = one((at, ledger), options, (&mut tell, &mut *watch), kept, report);
        read.map_err(|stop| if several { stop.of_ledger(&origin) } else { stop })?;
    }
    vouched_for(options.key.as_ref(), report);
    Ok(())
}

/// A key of an earlier ledger vouches for that one: officers whom its key does not know open the
/// next.
fn vouched_for(given: Option<&PublicKey>, report: &mut Report) {
    if let (Some(given), Some(newest)) = (given, &report.origin)
        && given.name() != newest
    {
        report.remarks.push(format!(
            "the key given by hand is that of {} and vouches for nothing behind it: get the log \
             key of {newest} from somewhere else than the site",
            given.name()
        ));
    }
}

/// One ledger, behind those that it continues.
fn one(
    (at, ledger): (usize, &Ledger),
    options: &Options,
    watching: (&mut dyn FnMut(u64), &mut Watch<'_>),
    kept: &mut Kept,
    report: &mut Report,
) -> Result<(), Stop> {
    let (source, head) = (&ledger.source, &ledger.head);
    let checkpoint = head.checkpoint().clone();
    report.begins(&checkpoint);
    if let Source::Web(base) = source
        && base.split_once("://").is_some_and(|(_, place)| place != checkpoint.origin)
    {
        let origin = &checkpoint.origin;
        report.remarks.push(format!("read from {base}, the ledger calls itself {origin}"));
    }
    let start = kept.take_up(at, &checkpoint)?;
    let against = lineage::given(&options.against, ledger);
    let mut heads = Heads::collect(source, head, (start, &against), report)?;
    let pool = Pool::new(options.aside);
    if !kept.is_finished(at) {
        let watching = (&mut heads, watching);
        entries::entries((source, start), &checkpoint, watching, (&pool, kept))?;
        report.count("hash tiles", kept.tiles.finish(source).map_err(entries::stop_at_tile)?);
    }
    let known = kept.known(at)?;
    heads.among_earlier(source, checkpoint.root, &known)?;
    let key = options.key.as_ref().filter(|key| key.name() == checkpoint.origin);
    let vouched = key.is_some_and(|key| kept.vouched.contains(&key.vkey()));
    let policy = options.policy.as_ref().filter(|_| ledger.newest);
    heads.finish(&known, source, ((key, vouched), policy), report)?;
    let before = known.before;
    if let Some(key) = key {
        kept.vouched.insert(key.vkey());
    }
    if !kept.is_finished(at) {
        report.count("statements", kept.statements.finish(source)?);
    }
    let behind = (before, checkpoint.size);
    files::disclosures((source, &pool), &against, behind, (&kept.replay, report))
}

/// The newest checkpoint, not yet verified.
fn read_head(source: &Source) -> Result<SignedCheckpoint, Stop> {
    let bytes = source
        .read("checkpoint")?
        .ok_or_else(|| broken(Step::Tree, "checkpoint", "the file checkpoint is missing"))?;
    SignedCheckpoint::parse(&bytes)
        .map_err(|fault| broken(Step::Tree, "checkpoint", fault.to_string()))
}

/// One line of a stream with its newline; `None` at the end. A line that is longer than any entry
/// comes without one, cut off: a file of other people can be one endless line.
pub(crate) fn next_line(reader: &mut dyn BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let longest = u64::try_from(MAX_BYTES + 1).unwrap_or(u64::MAX);
    if reader.take(longest).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(line))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_line_is_cut_off() {
        let mut endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let line = next_line(&mut endless).unwrap().unwrap();
        assert_eq!(line.len(), MAX_BYTES + 1);
        let longest = [vec![b'x'; MAX_BYTES], vec![b'\n']].concat();
        assert_eq!(next_line(&mut longest.as_slice()).unwrap(), Some(longest));
    }
}
