//! What each place of a ledger showed and what held of it: no place may show less than that again.

use std::collections::BTreeMap;
use std::path::Path;

use super::FollowFault;
use super::watch::Finding;
use crate::disk;
use crate::verify::source::Source;

/// The heads that each place showed, where they held.
type Places = BTreeMap<String, Vec<String>>;

/// The file below a ledger's own folder.
const PLACES: &str = "places.json";

fn places(own: &Path) -> Result<Places, FollowFault> {
    let path = own.join(PLACES);
    let read = disk::read(&path).map_err(FollowFault::disk(&path))?;
    let known = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ok(known.unwrap_or_default())
}

fn shown_before(known: &Places, from: &str) -> Vec<Vec<u8>> {
    known.get(from).into_iter().flatten().map(|head| head.clone().into_bytes()).collect()
}

/// What a place showed before, it has to show again: whoever asks two places in turn would not
/// notice that one of them went back.
pub(super) fn never_back(
    own: &Path,
    source: &Source,
    heads: &[Vec<u8>],
    finding: &mut Finding,
) -> Result<(), FollowFault> {
    let from = source.to_string();
    let before = shown_before(&places(own)?, &from);
    let (had, has) = (length(&before), length(heads));
    if heads.iter().any(|head| size(head).is_none()) {
        // What is no checkpoint is for the look itself to say.
        return Ok(());
    }
    if has < had {
        let reason = format!("it has {has} entries, and had {had}: they were taken away");
        finding.shrunk(own, (&from, reason), (&newest(&before), &newest(heads)));
    }
    Ok(())
}

/// Keeps the heads of a place that held, unless it showed more before.
pub(super) fn remember(own: &Path, source: &Source, heads: &[Vec<u8>]) -> Result<(), FollowFault> {
    let (path, from) = (own.join(PLACES), source.to_string());
    let mut known = places(own)?;
    if length(heads) < length(&shown_before(&known, &from)) {
        return Ok(());
    }
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    known.insert(from, heads.iter().map(text).collect());
    let bytes = serde_json::to_vec_pretty(&known).unwrap_or_default();
    disk::replace(&path, &bytes, false).map_err(FollowFault::disk(path))
}

pub(super) fn newest(heads: &[Vec<u8>]) -> Vec<u8> {
    heads.last().cloned().unwrap_or_default()
}

/// Entries over all ledgers, as their heads say.
pub(super) fn length(heads: &[Vec<u8>]) -> u64 {
    heads.iter().filter_map(|bytes| size(bytes)).fold(0, u64::saturating_add)
}

/// The second line of a checkpoint, of whatever log.
pub(super) fn size(head: &[u8]) -> Option<u64> {
    std::str::from_utf8(head).ok()?.lines().nth(1)?.parse().ok()
}
