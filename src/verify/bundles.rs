//! The entry bundles of a published ledger (C2SP tlog-tiles).

use super::report::{Break, Step};
use super::source::{Source, SourceFault};
use super::{Stop, VerifyFault, broken};
use crate::ledger::tree::{BUNDLE_WIDTH, TilePath};

/// The entries of one bundle, as far as they go.
pub(super) struct Bundle {
    pub entries: Vec<Vec<u8>>,
    pub end: End,
}

/// How a bundle ends.
pub(super) struct End {
    path: TilePath,
    missing: usize,
    trailing: bool,
}

impl End {
    /// Whether the bundle held all its entries and nothing else.
    pub fn is_whole(&self) -> bool {
        self.missing == 0 && !self.trailing
    }

    /// Whether the bundle held all its entries and nothing else; `seq` is the next entry.
    pub fn holds(&self, seq: u64) -> Result<(), Stop> {
        let found = |code: &str, reason: String| Break {
            step: Step::Form,
            ledger: None,
            seq: Some(seq),
            code: code.to_owned(),
            reason,
        };
        let path = &self.path;
        if self.missing > 0 {
            let reason = format!("{path} ends before entry {seq} does");
            return Err(Stop::Prefix(found("missing", reason)));
        }
        if self.trailing {
            let reason = format!("{path} has bytes behind its last entry");
            return Err(Stop::Broken(found("bundle", reason)));
        }
        Ok(())
    }
}

/// Reads a bundle: entries behind their lengths (16 bits, big-endian), per tlog-tiles. One that is
/// missing or short makes the files a prefix.
pub(super) fn read_bundle(source: &Source, seq: u64, size: u64) -> Result<Bundle, Stop> {
    let most = u64::from(BUNDLE_WIDTH);
    let width = u16::try_from((size - seq).min(most)).unwrap_or(BUNDLE_WIDTH);
    let path = TilePath::entries(seq / most, width)
        .map_err(|fault| broken(Step::Form, "bundle", fault.to_string()))?;
    let bytes = source.read(&path.to_string())?.unwrap_or_default();
    let (mut rest, mut entries) = (bytes.as_slice(), Vec::new());
    while entries.len() < usize::from(width) {
        let Some((length, tail)) = rest.split_first_chunk::<2>() else { break };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some((entry, tail)) = tail.split_at_checked(length) else { break };
        entries.push(entry.to_vec());
        rest = tail;
    }
    let missing = usize::from(width) - entries.len();
    Ok(Bundle { entries, end: End { path, missing, trailing: missing == 0 && !rest.is_empty() } })
}

/// The entries of the bundle in which the entry `seq` of a ledger of `size` lies, as far as they
/// go; nothing about them is verified.
///
/// # Errors
/// [`SourceFault`].
pub fn bundle_of(source: &Source, seq: u64, size: u64) -> Result<Vec<Vec<u8>>, SourceFault> {
    match read_bundle(source, seq - seq % u64::from(BUNDLE_WIDTH), size) {
        Ok(bundle) => Ok(bundle.entries),
        Err(Stop::Fault(VerifyFault::Source(fault))) => Err(fault),
        Err(_) => Ok(Vec::new()),
    }
}
