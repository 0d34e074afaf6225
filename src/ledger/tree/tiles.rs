//! Tiles as C2SP tlog-tiles publishes them: their paths, their contents, and entry bundles.
//!
//! The paths are our own code: those of `tlog_tiles` carry a height, which C2SP fixed at 8, and its
//! parser panics on a width of 0.

use std::fmt;
use std::str::FromStr;

use tlog_tiles::tile::Tile;

use super::{LARGEST_SIZE, StoredIndex, TreeFault, check_size};

/// Hashes in a full tile and entries in a full bundle.
pub const BUNDLE_WIDTH: u16 = 256;

/// The levels that a tile spans, log2 of its width.
const HEIGHT: u8 = 8;

/// The last tile level: a full tile of level 6 has 2^56 leaves, more than [`LARGEST_SIZE`].
const LAST_LEVEL: u8 = 6;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of subtrees of 256^level leaves.
    Hashes {
        /// The tile level.
        level: u8,
    },
    /// The entries themselves.
    Entries,
}

/// The address of a tile, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

impl TilePath {
    /// A tile of `width` (1 to 256) hashes.
    ///
    /// # Errors
    /// [`TreeFault::TilePath`] when no tree has such a tile.
    pub fn hashes(level: u8, index: u64, width: u16) -> Result<Self, TreeFault> {
        Self { kind: TileKind::Hashes { level }, index, width }.checked()
    }

    /// A bundle of `width` (1 to 256) entries.
    ///
    /// # Errors
    /// [`TreeFault::TilePath`] when no tree has such a bundle.
    pub fn entries(index: u64, width: u16) -> Result<Self, TreeFault> {
        Self { kind: TileKind::Entries, index, width }.checked()
    }

    fn checked(self) -> Result<Self, TreeFault> {
        let known = self.level() <= LAST_LEVEL && (1..=BUNDLE_WIDTH).contains(&self.width);
        if known && self.smallest_size().is_some_and(|size| size <= LARGEST_SIZE) {
            Ok(self)
        } else {
            Err(TreeFault::TilePath(self.to_string()))
        }
    }

    /// What the tile holds.
    #[must_use]
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// The tile level; 0 for entries.
    #[must_use]
    pub const fn level(&self) -> u8 {
        match self.kind {
            TileKind::Hashes { level } => level,
            TileKind::Entries => 0,
        }
    }

    /// The index within the level, from 0.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Hashes or entries in it, 1 to 256.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it is full, and so the same at every later size.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width == BUNDLE_WIDTH
    }

    /// The index of the first hash or entry within its level.
    #[must_use]
    pub const fn start(&self) -> u64 {
        self.index.saturating_mul(BUNDLE_WIDTH as u64)
    }

    /// Whether a tree of `size` has all of the tile: nothing past a published size is served.
    #[must_use]
    pub fn is_within(&self, size: u64) -> bool {
        self.smallest_size().is_some_and(|smallest| smallest <= size)
    }

    /// The size of the smallest tree that has all of the tile.
    fn smallest_size(&self) -> Option<u64> {
        let end = self.index.checked_mul(u64::from(BUNDLE_WIDTH))?;
        let end = end.checked_add(u64::from(self.width))?;
        let leaves = 1_u64.checked_shl(u32::from(HEIGHT) * u32::from(self.level()))?;
        end.checked_mul(leaves)
    }

    /// The places of the stored nodes whose hashes make up the tile.
    ///
    /// # Errors
    /// [`TreeFault::TilePath`] for a bundle of entries, which holds no hashes.
    pub fn nodes(&self) -> Result<Vec<StoredIndex>, TreeFault> {
        let TileKind::Hashes { level } = self.kind else {
            return Err(TreeFault::TilePath(self.to_string()));
        };
        let place = |offset| StoredIndex { level: HEIGHT * level, index: self.start() + offset };
        Ok((0..u64::from(self.width)).map(place).collect())
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(out, "tile/{level}/")?,
            TileKind::Entries => out.write_str("tile/entries/")?,
        }
        let digits = self.index.to_string();
        let digits = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
        let groups = digits.len() / 3;
        for (at, digit) in digits.chars().enumerate() {
            if at % 3 == 0 {
                out.write_str(if at == 0 { "" } else { "/" })?;
                out.write_str(if at / 3 + 1 < groups { "x" } else { "" })?;
            }
            write!(out, "{digit}")?;
        }
        if self.is_full() { Ok(()) } else { write!(out, ".p/{}", self.width) }
    }
}

impl FromStr for TilePath {
    type Err = TreeFault;

    fn from_str(text: &str) -> Result<Self, TreeFault> {
        let parsed = parse_path(text).and_then(|path| path.checked().ok());
        // Every path has one spelling: that rules out signs, leading zeros and stray x at once.
        match parsed {
            Some(path) if path.to_string() == text => Ok(path),
            _ => Err(TreeFault::TilePath(text.chars().take(100).collect())),
        }
    }
}

fn parse_path(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes { level: level.parse().ok()? },
    };
    let (groups, width) = match rest.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse().ok().filter(|w| *w < BUNDLE_WIDTH)?),
        None => (rest, BUNDLE_WIDTH),
    };
    let index = groups.split('/').try_fold(0_u64, |index, group| {
        let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
        index.checked_mul(1000)?.checked_add(digits)
    })?;
    Some(TilePath { kind, index, width })
}

/// The hash tiles to publish when a tree grows from `old` to `new` leaves.
///
/// # Errors
/// [`TreeFault::Outside`].
pub fn hash_tiles_between(old: u64, new: u64) -> Result<Vec<TilePath>, TreeFault> {
    check_size(new)?;
    if old > new {
        return Err(TreeFault::Outside { asked: old, size: new });
    }
    Tile::new_tiles(HEIGHT, old, new)
        .into_iter()
        .map(|tile| {
            let width = u16::try_from(tile.width()).unwrap_or(BUNDLE_WIDTH);
            TilePath::hashes(tile.level(), tile.level_index(), width)
        })
        .collect()
}

/// The entry bundles to publish when a tree grows from `old` to `new` leaves.
///
/// # Errors
/// [`TreeFault::Outside`].
pub fn entry_tiles_between(old: u64, new: u64) -> Result<Vec<TilePath>, TreeFault> {
    let tiles = hash_tiles_between(old, new)?;
    let bundle = |tile: TilePath| TilePath { kind: TileKind::Entries, ..tile };
    Ok(tiles.into_iter().filter(|tile| tile.level() == 0).map(bundle).collect())
}

/// Joins entries into a bundle, each behind its length as a big-endian 16-bit number.
///
/// # Errors
/// [`TreeFault::EntryLength`].
pub fn encode_bundle<'a>(
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, TreeFault> {
    let mut bundle = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len())
            .ok()
            .filter(|length| *length > 0)
            .ok_or(TreeFault::EntryLength(entry.len()))?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Parts a bundle of exactly `width` entries.
///
/// # Errors
/// [`TreeFault::Bundle`] when it ends early or goes on, [`TreeFault::EntryLength`] for an empty
/// entry.
pub fn parse_bundle(bundle: &[u8], width: u16) -> Result<Vec<&[u8]>, TreeFault> {
    let expected = usize::from(width);
    let mut entries = Vec::with_capacity(expected);
    let mut rest = bundle;
    while !rest.is_empty() && entries.len() <= expected {
        let wrong = TreeFault::Bundle { found: entries.len(), expected };
        let (length, tail) = rest.split_first_chunk().ok_or(wrong.clone())?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length == 0 {
            return Err(TreeFault::EntryLength(0));
        }
        let (entry, tail) = tail.split_at_checked(length).ok_or(wrong)?;
        entries.push(entry);
        rest = tail;
    }
    if entries.len() == expected {
        Ok(entries)
    } else {
        Err(TreeFault::Bundle { found: entries.len(), expected })
    }
}
