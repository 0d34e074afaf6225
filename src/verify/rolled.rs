//! A published ledger as a part of a roll-up: verified whole, then counted.

use std::ops::ControlFlow;

use super::report::{Outcome, Report};
use super::source::Source;
use super::{Options, VerifyFault, verify_watched};
use crate::books::gathering::Gathering;
use crate::books::rollup::{Part, Span};
use crate::books::{Books, Effects, Refusal};
use crate::ledger::entry::Entry;

/// A ledger that was verified whole, with all that a roll-up counts of it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The books behind the last entry.
    pub books: Books,
    /// The root over its entries, as its checkpoint signs it.
    pub root: String,
    gathering: Gathering,
}

impl Verified {
    /// Its part of a roll-up.
    ///
    /// # Errors
    /// As [`Part::of`].
    pub fn part(&self, span: Span) -> Result<Part, Refusal> {
        let exchange = self.gathering.exchange(&self.books);
        Part::of(&self.books, exchange, &self.gathering.deeds(), span)
    }
}

/// Verifies a published ledger; the ledger with what counts of it, where all of it holds, and the
/// report in any case. `progress` is told the entries done and the entries in all; `stop` is asked
/// at each entry.
///
/// # Errors
/// [`VerifyFault`] when a file could not be read, or when `stop` said so.
pub fn verify_whole(
    source: &Source,
    options: &Options,
    progress: &mut dyn FnMut(u64, u64),
    stop: &dyn Fn() -> bool,
) -> Result<(Report, Option<Verified>), VerifyFault> {
    let mut gathering = Gathering::default();
    let mut watch = |entry: &Entry, effects: &Effects| {
        gathering.absorb(entry, effects);
        if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let (report, books) = verify_watched(source, options, progress, &mut watch)?;
    let root = report.root.clone().unwrap_or_default();
    let whole = report.outcome == Outcome::Sound;
    Ok((report, whole.then_some(Verified { books, root, gathering })))
}
