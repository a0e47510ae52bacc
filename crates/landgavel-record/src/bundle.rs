//! The files of a bundle: a static tile log with what is needed to judge it.

use std::fmt;

use landgavel_log::tile::{TileKind, WIDTH, tile_at, tiles_of};

/// Name of the format, and the whole of `bundle.json` but its line end.
pub const BUNDLE_JSON: &str = "{\"format\":\"landgavel-bundle/1\"}\n";

/// Name of the format of a pledge's bundle, and the whole of its `bundle.json` but the line end.
pub const PLEDGE_BUNDLE_JSON: &str = "{\"format\":\"landgavel-pledge-bundle/1\"}\n";

/// Most bytes of a policy.
pub const POLICY_MAX: usize = 64 * 1024;

/// Most bytes of a checkpoint.
pub const NOTE_MAX: usize = 64 * 1024;

/// Files that every bundle has beside its tiles, and the most bytes of each.
pub const FILES: [(&str, usize); 7] = [
    ("bundle.json", 1024),
    ("policy.txt", POLICY_MAX),
    ("rulebook.toml", 1024 * 1024),
    ("lot.toml", 1024 * 1024),
    ("checkpoint", NOTE_MAX),
    ("checkpoints.jsonl", 64 * 1024 * 1024),
    ("outcome.json", 64 * 1024 * 1024),
];

/// Folder of a pledge's bundle with the bundle of the sale.
pub const SALE_FOLDER: &str = "sale/";

/// Files that every pledge's bundle has beside its tiles and those of the sale, and the most bytes of each.
pub const PLEDGE_FILES: [(&str, usize); 6] = [
    ("bundle.json", 1024),
    ("policy.txt", POLICY_MAX),
    ("terms.toml", 1024 * 1024),
    ("checkpoint", NOTE_MAX),
    ("checkpoints.jsonl", 64 * 1024 * 1024),
    ("standing.json", 16 * 1024 * 1024),
];

/// Most bytes of a bundle of entries: 256 of 65,535 bytes, each with its length.
pub const ENTRIES_MAX: usize = 256 * (2 + 65_535);
/// Most bytes of a hash tile.
pub const TILE_MAX: usize = 256 * 32;

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// There is none of this name.
    Missing,
    /// It is larger than such a file may be.
    TooLarge {
        /// Most bytes.
        most: usize,
    },
    /// The world failed.
    Failed(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is missing"),
            Self::TooLarge { most } => write!(f, "is larger than {most} bytes, the most such a file may have"),
            Self::Failed(why) => write!(f, "cannot be read: {why}"),
        }
    }
}

/// Gives the files of a bundle. Paths have `/` between their parts.
pub trait BundleFiles {
    /// Reads one file, of at most so many bytes.
    ///
    /// # Errors
    /// Why it cannot be had.
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError>;

    /// Paths of all files.
    ///
    /// # Errors
    /// Why they cannot be listed, in words.
    fn paths(&self) -> Result<Vec<String>, String>;
}

/// Levels of hash tiles that a tree may have.
const LEVELS: u8 = 8;

/// Most files of a bundle that is not a directory here: the tiles of some twelve million entries.
pub const FILES_MAX: usize = 100_000;

/// Size of the tree that a checkpoint names; nobody has judged the checkpoint yet.
pub fn size_of(checkpoint: &[u8]) -> Option<u64> {
    let line = checkpoint.split(|byte| *byte == b'\n').nth(1)?;
    std::str::from_utf8(line).ok().filter(|line| line.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

/// Paths of all files of a bundle of so many entries, for whoever cannot list what is there.
///
/// # Errors
/// In words: there would be too many.
pub fn paths_of(size: u64) -> Result<Vec<String>, String> {
    let mut paths: Vec<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    for tile in tiles_of(size) {
        if paths.len() == FILES_MAX {
            return Err(format!("is of {size} entries, which need more than {FILES_MAX} files"));
        }
        paths.push(tile.to_string());
    }
    Ok(paths)
}

/// The tiles of a bundle of so many entries with the most bytes of each, in about the order in which a
/// verifier reads them: entries, then the hashes above them as soon as a tile of them is full.
pub fn tiles_in_order(size: u64) -> impl Iterator<Item = (String, usize)> {
    let width = u64::from(WIDTH);
    let lowest = (0..size.div_ceil(width)).flat_map(move |index| {
        let mut tiles = vec![tile_at(TileKind::Entries, index, size), tile_at(TileKind::Hashes(0), index, size)];
        let mut full = index + 1;
        for level in 1..LEVELS {
            if !full.is_multiple_of(width) {
                break;
            }
            full /= width;
            tiles.push(tile_at(TileKind::Hashes(level), full - 1, size).filter(|tile| tile.width == WIDTH));
        }
        tiles
    });
    let partial = (1..LEVELS).map(move |level| {
        let full = size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
        tile_at(TileKind::Hashes(level), full, size)
    });
    lowest.chain(partial).flatten().map(|tile| {
        let most = match tile.kind {
            TileKind::Entries => ENTRIES_MAX,
            TileKind::Hashes(_) => TILE_MAX,
        };
        (tile.to_string(), most)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_reading_has_each_tile_once() {
        for size in [0, 1, 255, 256, 257, 511, 512, 65_279, 65_280, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let mut ordered: Vec<String> = tiles_in_order(size).map(|(path, _)| path).collect();
            let mut tiles: Vec<String> = tiles_of(size).map(|path| path.to_string()).collect();
            ordered.sort_unstable();
            tiles.sort_unstable();
            assert_eq!(ordered, tiles, "{size}");
        }
    }

    #[test]
    fn a_size_that_is_none_is_no_size() {
        assert_eq!(size_of(b"log\n257\nroot\n"), Some(257));
        for bad in ["", "log", "log\n", "log\n\n", "log\n-1\n", "log\n+1\n", "log\n99999999999999999999\n"] {
            assert_eq!(size_of(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn paths_of_a_huge_log_are_refused_and_not_listed() {
        assert_eq!(paths_of(257).unwrap().len(), FILES.len() + 5);
        assert!(paths_of(u64::MAX).unwrap_err().contains("more than 100000 files"));
    }
}
