//! Tiles: the tree and the entries as a finite set of small files (C2SP tlog-tiles).

use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;
use core::fmt;

use crate::decimal;
use crate::tree::{Hash, HashReader, MAX_SIZE, fold, leaf_hash, node_hash};

/// Hashes or entries in a full tile.
pub const WIDTH: u16 = 256;

/// The most bytes of an entry: its length is written in two bytes.
pub const MAX_ENTRY: usize = 65_535;

/// Levels of tiles that a tree of at most [`MAX_SIZE`] entries can have: 63 levels of hashes by eights.
const MAX_LEVELS: u8 = 8;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TileKind {
    /// Hashes; level 0 holds those of leaves, each higher level the roots of the full tiles below.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// The place of a tile: `tile/0/x001/234.p/17`, `tile/entries/000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TilePath {
    /// What it holds.
    pub kind: TileKind,
    /// Its number within the level.
    pub index: u64,
    /// Hashes or entries in it: 1 to 256; fewer than 256 make a partial tile.
    pub width: u16,
}

impl TilePath {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// [`TileError::Path`] for anything that [`TilePath`] would not write itself.
    pub fn parse(text: &str) -> Result<TilePath, TileError> {
        // The longest path of a 64-bit index is far shorter.
        if text.len() > 64 {
            return Err(TileError::Path);
        }
        read_path(text).ok_or(TileError::Path)
    }
}

fn read_path(text: &str) -> Option<TilePath> {
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = match kind {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes(decimal::parse(level).filter(|level| *level < 64)?.try_into().ok()?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => {
            (number, decimal::parse(width).filter(|width| (1..256).contains(width))?.try_into().ok()?)
        }
        None => (rest, WIDTH),
    };
    let parts: Vec<&str> = number.split('/').collect();
    let mut index: u64 = 0;
    for (position, part) in parts.iter().enumerate() {
        let digits = if position + 1 == parts.len() { *part } else { part.strip_prefix('x')? };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    // A first part of zeroes would be a second name for the same tile.
    (parts.len() == 1 || parts.first() != Some(&"x000")).then_some(TilePath { kind, index, width })
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut parts = Vec::new();
        let mut rest = self.index;
        while rest >= 1000 {
            parts.push(rest % 1000);
            rest /= 1000;
        }
        if parts.is_empty() {
            write!(f, "{rest:03}")?;
        } else {
            write!(f, "x{rest:03}")?;
            for (left, part) in parts.iter().enumerate().rev() {
                write!(f, "/{}{part:03}", if left == 0 { "" } else { "x" })?;
            }
        }
        if self.width < WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// The tile numbered `index` of a kind in a tree of `size` entries; nothing if it would be empty.
#[must_use]
pub fn tile_at(kind: TileKind, index: u64, size: u64) -> Option<TilePath> {
    let shift = match kind {
        TileKind::Entries => 0,
        TileKind::Hashes(level) => u32::from(level) * 8,
    };
    let hashes = size.checked_shr(shift).unwrap_or(0);
    let width = hashes.saturating_sub(index.checked_mul(256)?).min(256);
    let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
    Some(TilePath { kind, index, width })
}

/// All tiles of a tree of `size` entries: the entries first, then the hashes level by level.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TilePath> {
    core::iter::once(TileKind::Entries)
        .chain((0..MAX_LEVELS).map(TileKind::Hashes))
        .flat_map(move |kind| (0..).map_while(move |index| tile_at(kind, index, size)))
}

/// Splits a bundle into its `width` entries.
///
/// # Errors
///
/// [`TileError::Bundle`] unless the bytes are exactly that many entries.
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) =
            after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(TileError::Bundle)?;
        entries.push(entry);
        rest = after;
        if entries.len() > usize::from(width) {
            return Err(TileError::Bundle);
        }
    }
    if rest.is_empty() && entries.len() == usize::from(width) { Ok(entries) } else { Err(TileError::Bundle) }
}

/// Writes one entry of a bundle: its length in two bytes, the most significant first, then itself.
///
/// # Errors
///
/// [`TileError::Entry`] beyond [`MAX_ENTRY`] bytes.
pub fn encode_entry(entry: &[u8], bundle: &mut Vec<u8>) -> Result<(), TileError> {
    let length = u16::try_from(entry.len()).map_err(|_| TileError::Entry)?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// Splits a hash tile into its `width` hashes.
///
/// # Errors
///
/// [`TileError::Hashes`] unless the bytes are exactly that many hashes.
pub fn decode_hashes(bytes: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() || hashes.len() != usize::from(width) {
        return Err(TileError::Hashes);
    }
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// Takes the hashes of entries and hands out the hash tiles that are full. It holds one unfinished tile per level.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HashTiles {
    size: u64,
    /// The unfinished tile of each level.
    levels: Vec<Vec<Hash>>,
}

impl HashTiles {
    /// The tiles of an empty log.
    #[must_use]
    pub fn new() -> HashTiles {
        HashTiles::default()
    }

    /// Appends the hash of an entry; `out` is given each tile that this fills. Returns the entry's index.
    ///
    /// # Errors
    ///
    /// [`TileError::Size`] when the log is full; then nothing is appended.
    pub fn push(&mut self, leaf: Hash, mut out: impl FnMut(TilePath, &[u8])) -> Result<u64, TileError> {
        if self.size >= MAX_SIZE {
            return Err(TileError::Size);
        }
        let index = self.size;
        self.size += 1;
        let (mut hash, mut tile) = (leaf, index >> 8);
        for level in 0..MAX_LEVELS {
            if self.levels.len() == usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(usize::from(level)) else { break };
            hashes.push(hash);
            if hashes.len() < usize::from(WIDTH) {
                break;
            }
            let path = TilePath { kind: TileKind::Hashes(level), index: tile, width: WIDTH };
            out(path, &encode_hashes(hashes));
            hash = merge(hashes);
            hashes.clear();
            tile >>= 8;
        }
        Ok(index)
    }

    /// Gives `out` the partial tiles that a checkpoint of the present size needs.
    pub fn partials(&self, mut out: impl FnMut(TilePath, &[u8])) {
        let mut rest = self.size;
        for (level, hashes) in (0..MAX_LEVELS).zip(&self.levels) {
            rest >>= 8;
            if let Some(path) = tile_at(TileKind::Hashes(level), rest, self.size) {
                out(path, &encode_hashes(hashes));
            }
        }
    }

    /// The number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree of all entries so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while let Some(height) = rest.len().checked_ilog2() {
                let (left, right) = rest.split_at(1 << height);
                peaks.push(merge(left));
                rest = right;
            }
        }
        fold(&peaks)
    }
}

/// Appends entries and hands out the tiles that are full: those of hashes, and bundles of entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TileWriter {
    bundle: Vec<u8>,
    tree: HashTiles,
}

impl TileWriter {
    /// A writer of an empty log.
    #[must_use]
    pub fn new() -> TileWriter {
        TileWriter::default()
    }

    /// A writer that goes on after `size` entries, from the partial tiles of that size.
    ///
    /// # Errors
    ///
    /// [`TileError`] when a tile is missing or malformed, or the bundle does not hash to its tile.
    pub fn resume(size: u64, lookup: impl Fn(&TilePath) -> Option<Vec<u8>>) -> Result<TileWriter, TileError> {
        if size > MAX_SIZE {
            return Err(TileError::Size);
        }
        let mut writer = TileWriter { bundle: Vec::new(), tree: HashTiles { size, levels: Vec::new() } };
        let mut rest = size;
        for level in 0..MAX_LEVELS {
            if rest == 0 {
                break;
            }
            let partial = tile_at(TileKind::Hashes(level), rest >> 8, size);
            writer.tree.levels.push(match partial {
                Some(path) => decode_hashes(&lookup(&path).ok_or(TileError::Missing(path))?, path.width)?,
                None => Vec::new(),
            });
            rest >>= 8;
        }
        if let Some(path) = tile_at(TileKind::Entries, size >> 8, size) {
            writer.bundle = lookup(&path).ok_or(TileError::Missing(path))?;
            let hashes = decode_bundle(&writer.bundle, path.width)?.into_iter().map(leaf_hash);
            if !hashes.eq(writer.tree.levels.iter().take(1).flatten().copied()) {
                return Err(TileError::Bundle);
            }
        }
        Ok(writer)
    }

    /// Appends an entry; `out` is given each tile that this fills. Returns the entry's index.
    ///
    /// # Errors
    ///
    /// [`TileError`] when the entry is too long or the log is full; then nothing is appended.
    pub fn append(&mut self, entry: &[u8], mut out: impl FnMut(TilePath, &[u8])) -> Result<u64, TileError> {
        if self.size() >= MAX_SIZE {
            return Err(TileError::Size);
        }
        encode_entry(entry, &mut self.bundle)?;
        if self.size() & 255 == 255 {
            out(TilePath { kind: TileKind::Entries, index: self.size() >> 8, width: WIDTH }, &self.bundle);
            self.bundle.clear();
        }
        self.tree.push(leaf_hash(entry), out)
    }

    /// Gives `out` the partial tiles that a checkpoint of the present size needs.
    pub fn partials(&self, mut out: impl FnMut(TilePath, &[u8])) {
        if let Some(path) = tile_at(TileKind::Entries, self.size() >> 8, self.size()) {
            out(path, &self.bundle);
        }
        self.tree.partials(out);
    }

    /// The number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root of the tree of all entries so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.tree.root()
    }
}

/// The bytes of hashes one after the other.
fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The root of a complete subtree over a power of two of hashes.
fn merge(hashes: &[Hash]) -> Hash {
    let mut level = hashes.to_owned();
    while level.len() > 1 {
        level = level.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(*left, *right)).collect();
    }
    fold(&level)
}

/// The hashes of a tree of a given size, read from tiles. What it reads is not yet trusted: prove with
/// it, then verify against a signed root.
#[derive(Debug, Clone)]
pub struct TileSet<F> {
    size: u64,
    lookup: F,
}

impl<F: Fn(&TilePath) -> Option<Vec<u8>>> TileSet<F> {
    /// The tiles of the tree of `size` entries, as `lookup` finds them.
    pub fn new(size: u64, lookup: F) -> TileSet<F> {
        TileSet { size, lookup }
    }
}

impl<F: Fn(&TilePath) -> Option<Vec<u8>>> HashReader for TileSet<F> {
    fn hash(&self, level: u8, index: u64) -> Option<Hash> {
        let (tile_level, height) = (level / 8, level % 8);
        let first = index.checked_mul(1 << height)?;
        let path = tile_at(TileKind::Hashes(tile_level), first >> 8, self.size)?;
        let hashes = decode_hashes(&(self.lookup)(&path)?, path.width).ok()?;
        let start = usize::try_from(first & 255).ok()?;
        Some(merge(hashes.get(start..start + (1 << height))?))
    }
}

/// What is wrong with a tile or its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileError {
    /// Not a path of a tile.
    Path,
    /// Not as many length-prefixed entries as the path says.
    Bundle,
    /// Not as many hashes as the path says.
    Hashes,
    /// An entry beyond [`MAX_ENTRY`] bytes.
    Entry,
    /// A log beyond the size that a tree may have.
    Size,
    /// A tile that is needed cannot be found.
    Missing(TilePath),
}

impl fmt::Display for TileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TileError::Path => f.write_str("expected a path like `tile/0/x001/234.p/17` or `tile/entries/000`"),
            TileError::Bundle => f.write_str("expected as many length-prefixed entries as the tile is wide"),
            TileError::Hashes => f.write_str("expected as many hashes of 32 bytes as the tile is wide"),
            TileError::Entry => write!(f, "an entry has at most {MAX_ENTRY} bytes"),
            TileError::Size => write!(f, "a log has at most {MAX_SIZE} entries"),
            TileError::Missing(path) => write!(f, "the tile {path} is missing"),
        }
    }
}

impl core::error::Error for TileError {}
