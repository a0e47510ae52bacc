//! The files of a bundle: a static tile log with what is needed to judge it.

/// Name of the format, and the whole of `bundle.json` but its line end.
pub const BUNDLE_JSON: &str = "{\"format\":\"landgavel-bundle/1\"}\n";

/// Files that every bundle has beside its tiles, and the most bytes of each.
pub const FILES: [(&str, usize); 7] = [
    ("bundle.json", 1024),
    ("policy.txt", 64 * 1024),
    ("rulebook.toml", 1024 * 1024),
    ("lot.toml", 1024 * 1024),
    ("checkpoint", 64 * 1024),
    ("checkpoints.jsonl", 64 * 1024 * 1024),
    ("outcome.json", 1024 * 1024),
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
