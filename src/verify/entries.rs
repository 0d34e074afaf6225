//! The entries of one ledger: read ahead, parsed and their signatures verified on all processors,
//! taken in by one thread.
//!
//! Form and leaf hashes come from the pool before an entry's turn, chain, books and everything else
//! that needs its place are looked at in its turn, and its signatures are verified behind it. What
//! is reported does not show it: before any break is, the signatures of all entries before it are
//! waited for, and the first that does not hold comes first.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::bundles::{End, read_bundle};
use super::files::Lines;
use super::heads::Heads;
use super::kept::Kept;
use super::pool::{Pool, Task};
use super::replay::{Read, ReplayFault, Taken};
use super::report::{Break, Step};
use super::source::Source;
use super::{Stop, VerifyFault, Watch, tiles};
use crate::books::Refusal;
use crate::books::authority::SignedEntry;
use crate::ledger::note::Checkpoint;
use crate::ledger::tree::BUNDLE_WIDTH;

/// Entries that are handed out together.
const PIECE: usize = 32;

/// Bytes of entries that are read ahead, unless one bundle has more.
const AHEAD: usize = 1 << 19;

/// What an entry costs besides its bytes, at least: empty ones are not free.
const OVERHEAD: usize = 256;

/// Pieces whose signatures may wait to be verified, and the bytes of all of them.
const BEHIND: usize = 32;
const BYTES_BEHIND: usize = 1 << 21;

/// Some entries of a bundle on their way through the pool.
struct Piece {
    read: Task<Vec<Read>>,
    bytes: usize,
    /// The end of the bundle, behind its last piece, and the entry that comes next there.
    end: Option<(End, u64)>,
}

/// What comes next: entries, or why there are no more of them.
type Next = Result<Piece, Stop>;

/// The signatures of a piece: how many hold before the first that does not, and that one.
type Verified = (u64, Result<(), (u64, Refusal)>);

/// The entries behind the first `start`, which an earlier run read. `watch` may be told of entries
/// behind one whose signature turns out not to hold.
pub(super) fn entries(
    (source, start): (&Source, u64),
    checkpoint: &Checkpoint,
    (heads, (progress, watch)): (&mut Heads, (&mut dyn FnMut(u64), &mut Watch<'_>)),
    (pool, kept): (&Pool, &mut Kept),
) -> Result<(), Stop> {
    let first = start - start % u64::from(BUNDLE_WIDTH);
    let (waiting, bytes, size) = (VecDeque::new(), 0, checkpoint.size);
    let mut ahead = Ahead { source, pool, start, first, size, waiting, bytes };
    let mut signatures = Signatures { pool, waiting: VecDeque::new(), bytes: 0 };
    let mut lines = Lines::open(source, kept.bytes)?;
    let mut take = || -> Result<(), Stop> {
        let mut seq = start;
        while let Some(piece) = ahead.next(kept) {
            let piece = piece?;
            let mut signed = Vec::with_capacity(PIECE);
            let mut each = |read: Read| -> Result<(), Stop> {
                let taken = kept.replay.take(read).map_err(|fault| stop_at(seq, fault))?;
                let rest = beside(&taken, (source, &mut lines), kept);
                let told = rest.and_then(|()| match watch(&taken.entry, &taken.effects) {
                    ControlFlow::Break(()) => Err(Stop::Fault(VerifyFault::Stopped)),
                    ControlFlow::Continue(()) => {
                        heads.at(seq + 1, || kept.replay.root(), &taken.bytes)
                    }
                });
                signed.push(taken.signed());
                told?;
                seq += 1;
                progress(kept.replay.size());
                Ok(())
            };
            let all = pool.wait(&piece.read)?.into_iter().try_for_each(&mut each);
            signatures.hand_out(signed, kept)?;
            all?;
            piece.end.map_or(Ok(()), |(end, next)| end.holds(next))?;
        }
        Ok(())
    };
    let taken = take();
    signatures.finish(kept)?;
    taken?;
    lines.end(source)?;
    kept.ends_at(checkpoint)
}

/// The files that go along with the entries: `entries.jsonl`, tiles, statements.
fn beside(
    taken: &Taken,
    (source, lines): (&Source, &mut Lines),
    kept: &mut Kept,
) -> Result<(), Stop> {
    let seq = taken.entry.seq;
    lines.compare(seq, &taken.bytes)?;
    kept.bytes += u64::try_from(taken.bytes.len()).unwrap_or(0) + 1;
    kept.tiles.append(taken.leaf, source).map_err(stop_at_tile)?;
    if let Some(file) = &taken.effects.statement {
        kept.statements.name(seq, file);
    }
    Ok(())
}

/// Bundles that are read before their turn.
struct Ahead<'a> {
    source: &'a Source,
    pool: &'a Pool,
    start: u64,
    /// The next entry to be read.
    first: u64,
    size: u64,
    waiting: VecDeque<Next>,
    bytes: usize,
}

impl Ahead<'_> {
    /// The next piece, in order; `None` at the end. Nothing is read behind what can't be.
    fn next(&mut self, kept: &Kept) -> Option<Next> {
        let fails = |last: Option<&Next>| last.is_some_and(Result::is_err);
        while self.first < self.size
            && (self.waiting.is_empty() || self.bytes < AHEAD)
            && !fails(self.waiting.back())
        {
            if let Err(stop) = self.read(kept) {
                self.waiting.push_back(Err(stop));
            }
        }
        let next = self.waiting.pop_front()?;
        if let Ok(piece) = &next {
            self.bytes -= piece.bytes;
        }
        Some(next)
    }

    /// Reads one bundle and hands its entries out; those of an earlier run have to be the same.
    fn read(&mut self, kept: &Kept) -> Result<(), Stop> {
        let bundle = read_bundle(self.source, self.first, self.size)?;
        let known = usize::try_from(self.start.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let number = u64::try_from(bundle.entries.len()).unwrap_or(0);
        let mut entries = bundle.entries.into_iter();
        for (seq, bytes) in (self.first..).zip(entries.by_ref().take(known)) {
            same_as_before(seq, &bytes, kept)?;
        }
        // Nothing is asked for behind a bundle that is missing or cut, whatever size the head says.
        let next = match bundle.end.is_whole() {
            true => self.first + u64::from(BUNDLE_WIDTH),
            false => self.size,
        };
        let mut end = Some((bundle.end, self.first + number));
        self.first = next;
        while end.is_some() {
            let own: Vec<Vec<u8>> = entries.by_ref().take(PIECE).collect();
            let bytes = own.iter().map(|entry| entry.len() + OVERHEAD).sum();
            let read = self.pool.submit(|| own.into_iter().map(Read::new).collect());
            let end = if entries.len() == 0 { end.take() } else { None };
            self.bytes += bytes;
            self.waiting.push_back(Ok(Piece { read, bytes, end }));
        }
        Ok(())
    }
}

/// Signatures that are being verified, in the order of their entries.
struct Signatures<'a> {
    pool: &'a Pool,
    waiting: VecDeque<(usize, Task<Verified>)>,
    bytes: usize,
}

impl Signatures<'_> {
    /// Has the signatures of some entries verified, and waits where too many are.
    fn hand_out(&mut self, signed: Vec<SignedEntry>, kept: &mut Kept) -> Result<(), Stop> {
        let bytes = signed.iter().map(SignedEntry::bytes).sum();
        self.bytes += bytes;
        self.waiting.push_back((bytes, self.pool.submit(move || verified(&signed))));
        while self.waiting.len() > BEHIND || (self.bytes > BYTES_BEHIND && self.waiting.len() > 1) {
            self.first(kept)?;
        }
        Ok(())
    }

    /// Waits for all of them.
    fn finish(mut self, kept: &mut Kept) -> Result<(), Stop> {
        while !self.waiting.is_empty() {
            self.first(kept)?;
        }
        Ok(())
    }

    /// Waits for the oldest piece; behind a signature that does not hold nothing is waited for.
    fn first(&mut self, kept: &mut Kept) -> Result<(), Stop> {
        let Some((bytes, task)) = self.waiting.pop_front() else { return Ok(()) };
        self.bytes -= bytes;
        let (number, all) = match self.pool.wait(&task) {
            Ok(verified) => verified,
            Err(fault) => {
                // Nothing is said of what comes behind entries that nobody verified.
                self.waiting.clear();
                return Err(fault.into());
            }
        };
        kept.replay.were_signed(number);
        all.map_err(|(seq, refusal)| {
            self.waiting.clear();
            kept.replay.holds_before(seq);
            stop_at(seq, refusal.into())
        })
    }
}

fn verified(signed: &[SignedEntry]) -> Verified {
    let (number, all) = SignedEntry::verify_all(signed);
    let seq = |at: usize| signed.get(at).map_or(0, |own| own.entry().seq);
    (number, all.map_err(|(at, refusal)| (seq(at), refusal)))
}

/// An entry that an earlier run read, and that stands in the last bundle once more.
fn same_as_before(seq: u64, bytes: &[u8], kept: &Kept) -> Result<(), Stop> {
    let place = kept.replay.books().before() + seq;
    if kept.replay.history().bytes(place)?.as_deref() == Some(bytes) {
        return Ok(());
    }
    Err(Stop::Broken(Break {
        step: Step::Tree,
        ledger: None,
        seq: Some(seq),
        code: "changed".to_owned(),
        reason: "the entry is another one than was read before".to_owned(),
    }))
}

pub(super) fn stop_at_tile(fault: tiles::TileFault) -> Stop {
    match fault {
        tiles::TileFault::Source(fault) => fault.into(),
        fault => Stop::Broken(Break {
            step: Step::Tree,
            ledger: None,
            seq: fault.seq(),
            code: "tile".to_owned(),
            reason: fault.to_string(),
        }),
    }
}

fn stop_at(seq: u64, fault: ReplayFault) -> Stop {
    let found = Break {
        step: fault.step(),
        ledger: None,
        seq: Some(seq),
        code: fault.code().to_owned(),
        reason: fault.to_string(),
    };
    match fault {
        ReplayFault::Machine(error) => Stop::Fault(VerifyFault::Machine(error)),
        // A temporary file that cannot be read again says nothing of the ledger.
        ReplayFault::History(what) => {
            Stop::Fault(VerifyFault::Machine(std::io::Error::other(what)))
        }
        ReplayFault::Newer(_) => Stop::Newer(found),
        _ => Stop::Broken(found),
    }
}
