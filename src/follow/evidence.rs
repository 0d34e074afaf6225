//! What shows that a ledger was forked, rolled back or changed: both signed heads, kept for ever.

use std::path::{Path, PathBuf};

use super::FollowFault;
use crate::disk;
use crate::ledger::tree::sha256;

/// The folder below a follower's own.
const FOLDER: &str = "evidence";

/// Two heads of one ledger that cannot both be true, or a head and what does not hold about it.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// The head that was verified before, as it was signed.
    pub ours: Option<&'a [u8]>,
    /// The head that was found, as it was signed.
    pub theirs: &'a [u8],
    /// Where that came from.
    pub from: &'a str,
    /// What does not hold, as JSON.
    pub about: String,
}

impl Evidence<'_> {
    /// Keeps it, in a folder whose name follows from the heads; one that is there is left as it is.
    /// The folder.
    ///
    /// # Errors
    /// [`FollowFault::Disk`].
    pub fn keep(&self, own: &Path) -> Result<PathBuf, FollowFault> {
        let all = [self.ours.unwrap_or_default(), b"\0", self.theirs].concat();
        let name = hex::encode(&sha256(&all).0[..8]);
        let folder = own.join(FOLDER).join(name);
        let put = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            if path.exists() {
                return Ok(());
            }
            disk::replace(&path, bytes, false).map_err(FollowFault::disk(path))
        };
        if let Some(ours) = self.ours {
            put("known-before", ours)?;
        }
        put("found", self.theirs)?;
        put("from", format!("{}\n", self.from).as_bytes())?;
        put("about.json", self.about.as_bytes())?;
        Ok(folder)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let of = |about: &str| Evidence {
            ours: Some(b"one"),
            theirs: b"two",
            from: "the site",
            about: about.to_owned(),
        };
        let first = of("first").keep(folder.path()).unwrap();
        let second = of("second").keep(folder.path()).unwrap();
        assert_eq!(first, second);
        let read = |name: &str| std::fs::read_to_string(first.join(name)).unwrap();
        assert_eq!((read("about.json"), read("known-before")), ("first".into(), "one".into()));
        let other = Evidence { theirs: b"three", ..of("third") }.keep(folder.path()).unwrap();
        assert_ne!(first, other);
    }
}
