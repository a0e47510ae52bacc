//! Parquet: flat tables in, as CSV; flat tables out. A small part of the format, read within limits; see `docs/adr/0037-parquet-by-ourselves.md`.
//!
//! What is read: columns of one value or none per row; plain and dictionary encoding; pages of both versions; unpacked, Snappy or
//! gzip. Integers and decimals become exact decimal text; a float becomes the shortest decimal that gives the same float. Everything else is
//! refused by name. Modules: `thrift`, `meta`, `snappy`, `runs`, `text`, `read`, `write`.

#[cfg(test)]
mod lies;
mod meta;
mod read;
mod runs;
mod snappy;
mod text;
mod thrift;
mod write;

use std::fmt;

pub use read::{Table, to_csv};
pub use write::{Column, write};

/// The first and last bytes of a file.
const MAGIC: &[u8; 4] = b"PAR1";

/// Whether bytes begin as a file of Parquet.
pub fn is_parquet(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Limits of a file that is read.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The file, in bytes.
    pub file: usize,
    /// A page of it, unpacked, in bytes.
    pub page: usize,
    /// The table that comes of it, as CSV, in bytes.
    pub table: usize,
    /// Cells of the table.
    pub cells: usize,
    /// All pages together, each time that one is read: its head, packed and unpacked, in bytes.
    pub work: usize,
}

/// As large as the tables that workbooks may become: two million rows of thirty figures.
pub const LIMITS: Limits = Limits { file: 256 << 20, page: 128 << 20, table: 512 << 20, cells: 1 << 26, work: 2 << 30 };

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The column; empty = the file as a whole.
    pub column: String,
    /// What stands there, in Chinese and English.
    pub what: [String; 2],
    /// Whether it is only too large.
    pub is_too_large: bool,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.column.is_empty() {
            write!(f, "{}: ", self.column)?;
        }
        f.write_str(&self.what[1])
    }
}

impl Unreadable {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { column: String::new(), what: [zh.into(), en.into()], is_too_large: false }
    }

    fn too_large(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { is_too_large: true, ..Self::new(zh, en) }
    }

    fn in_column(self, column: &str) -> Self {
        if self.column.is_empty() { Self { column: column.to_owned(), ..self } } else { self }
    }
}

/// What ended before it should have.
fn cut() -> Unreadable {
    Unreadable::new("文件已损坏或不完整", "the file is damaged, or cut off")
}
