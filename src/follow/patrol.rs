//! Reads again, some in each run, what an earlier run verified: a site may change an old entry and
//! still show the newest checkpoint.

use std::path::Path;

use super::FollowFault;
use super::cache::Cache;
use crate::disk;
use crate::ledger::note::SignedCheckpoint;
use crate::ledger::tree::{BUNDLE_WIDTH, TilePath, parse_bundle};
use crate::verify::report::{Break, Step};
use crate::verify::source::Source;

/// The file that says where the next patrol begins.
const FILE: &str = "patrol";

/// A round through a copy.
pub(super) struct Patrol<'a> {
    /// The copy.
    pub folder: &'a Path,
    /// Where the place of the round is kept.
    pub own: &'a Path,
    /// The source as it is now.
    pub cache: &'a Cache,
}

impl Patrol<'_> {
    /// Compares, from where the last round ended, the next `count` full bundles, each with its
    /// tile, and one statement, with what is published: how many bundles were read of how many,
    /// or what differs.
    pub fn walk(
        &self,
        heads: &[SignedCheckpoint],
        count: u64,
    ) -> Result<Result<(u64, u64), Break>, FollowFault> {
        let path = self.own.join(FILE);
        let all: Vec<(u32, u64)> = (1..)
            .zip(heads)
            .flat_map(|(number, head)| {
                let full = head.checkpoint().size / u64::from(BUNDLE_WIDTH);
                (0..full).map(move |index| (number, index))
            })
            .collect();
        let read = disk::read(&path).map_err(FollowFault::disk(&path))?;
        let from = read.and_then(|text| String::from_utf8(text).ok()?.trim().parse::<usize>().ok());
        let from = from.unwrap_or(0);
        let length = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let count = count.min(length);
        // Past a break as well: one file that differs hides none of the others.
        let next = from.wrapping_add(usize::try_from(count.max(1)).unwrap_or(1));
        let text = next.to_string();
        disk::replace(&path, text.as_bytes(), false).map_err(FollowFault::disk(&path))?;
        for step in 0..usize::try_from(count).unwrap_or(0) {
            let (number, index) = all[(from + step) % all.len()];
            if let Some(found) = self.bundle(number, index)? {
                return Ok(Err(found));
            }
        }
        for number in (1..).zip(heads).map(|(number, _)| number) {
            if let Some(found) = self.statement(number, from)? {
                return Ok(Err(found));
            }
        }
        Ok(Ok((count, length)))
    }

    fn bundle(&self, number: u32, index: u64) -> Result<Option<Break>, FollowFault> {
        let below = if number == 1 { String::new() } else { format!("{number}/") };
        let fault = |fault| FollowFault::disk(self.folder)(std::io::Error::other(fault));
        for (path, bundle) in [
            (TilePath::entries(index, BUNDLE_WIDTH).map_err(fault)?, true),
            (TilePath::hashes(0, index, BUNDLE_WIDTH).map_err(fault)?, false),
        ] {
            let path = format!("{below}{path}");
            let here = self.folder.join(&path);
            let own = disk::read(&here).map_err(FollowFault::disk(&here))?.unwrap_or_default();
            let published = self.cache.published(&path)?.unwrap_or_default();
            if own == published {
                continue;
            }
            let seq = index * u64::from(BUNDLE_WIDTH) + first_difference(bundle, &own, &published);
            let reason = match published.is_empty() {
                true => format!("{path} is gone; it was there before"),
                false => format!("{path} is another one than was read before"),
            };
            return Ok(Some(changed(Step::Tree, Some(seq), reason)));
        }
        Ok(None)
    }

    fn statement(&self, number: u32, turn: usize) -> Result<Option<Break>, FollowFault> {
        let below = if number == 1 { String::new() } else { format!("{number}/") };
        let source = Source::Folder(self.folder.join(&below));
        let names = source.list("statements")?.unwrap_or_default();
        let Some(name) = names.get(turn % names.len().max(1)) else { return Ok(None) };
        let path = format!("{below}statements/{name}");
        if self.cache.is_fetched(&path) {
            // It was published again: this run held it against the books, the copy has the old one.
            return Ok(None);
        }
        let here = self.folder.join(&path);
        let own = disk::read(&here).map_err(FollowFault::disk(&here))?;
        let same = own == self.cache.published(&path)?;
        let reason = format!("{path} is not the one that the books gave");
        Ok((!same).then(|| changed(Step::Statements, None, reason)))
    }
}

fn changed(step: Step, seq: Option<u64>, reason: String) -> Break {
    Break { step, ledger: None, seq, code: "changed".to_owned(), reason }
}

/// The first entry, or the first hash, that differs.
fn first_difference(bundle: bool, own: &[u8], published: &[u8]) -> u64 {
    let at = if bundle {
        let own = parse_bundle(own, BUNDLE_WIDTH).unwrap_or_default();
        let mut rest = published;
        own.iter().position(|entry| {
            let next = rest.split_first_chunk::<2>().and_then(|(length, tail)| {
                tail.split_at_checked(usize::from(u16::from_be_bytes(*length)))
            });
            let same = next.is_some_and(|(found, _)| found == *entry);
            rest = next.map_or(&[][..], |(_, tail)| tail);
            !same
        })
    } else {
        let mut pairs = own.chunks(32).zip(published.chunks(32));
        pairs.position(|(own, published)| own != published)
    };
    at.and_then(|at| u64::try_from(at).ok()).unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::follow::cache::Limits;
    use crate::ledger::keys::SigningKey;
    use crate::ledger::note::{Checkpoint, sign_checkpoint};
    use crate::ledger::tree::Hash;
    use crate::verify::source::Files as _;

    #[test]
    fn a_statement_published_again_is_no_break_and_one_that_differs_does_not_stop_the_round() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let put =
            |name: &str, text: &str| disk::replace(&at(name), text.as_bytes(), false).unwrap();
        for place in ["copy", "site"] {
            put(&format!("{place}/statements/b.json"), "same");
            put(&format!("{place}/statements/a.json"), place);
        }
        let key = SigningKey::from_seed("so.example/xuan-tay", [7; 32]).unwrap();
        let head = Checkpoint::new("so.example/xuan-tay", 3, Hash::ZERO).unwrap();
        let heads = [sign_checkpoint(&head, &key).unwrap()];
        let (copy, own) = (at("copy"), at("own"));
        let walk = |reads: bool| {
            let upstream = Source::Folder(at("site"));
            let cache = Cache::new(upstream, &copy, &at("over"), Limits::default());
            if reads {
                drop(cache.open("statements/a.json", 0).unwrap());
            }
            let patrol = Patrol { folder: &copy, own: &own, cache: &cache };
            patrol.walk(&heads, 4).unwrap()
        };
        disk::make_folder(&own, false).unwrap();
        assert_eq!(walk(true), Ok((0, 0)), "a.json was read anew");
        assert_eq!(walk(false), Ok((0, 0)), "b.json is the same");
        assert_eq!(walk(false).unwrap_err().code, "changed", "a.json");
        assert_eq!(walk(false), Ok((0, 0)), "b.json again");
    }
}
