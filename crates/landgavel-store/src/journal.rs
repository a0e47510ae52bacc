//! The journal: what can't be made again, and is never changed.

use std::fmt;

use landgavel_base::Digest;
use sha2::{Digest as _, Sha256};

use crate::fault::Fault;
use crate::lease::Fenced;
use crate::name::check_name;

/// The most bytes of an entry, as in a tile log (C2SP tlog-tiles).
pub const MAX_ENTRY: usize = 65_535;

/// The most entries of one append. A caller that has more appends twice; one transaction stays short.
pub const MAX_BATCH_ENTRIES: usize = 4_096;

/// The most bytes of one append, entries and shelf together: it is held in memory and sent at once.
pub const MAX_BATCH_BYTES: usize = 16 << 20;

/// The most bytes of one file of a sale. Rulebooks, lots and policies are texts; large documents belong
/// into the vault.
pub const MAX_FILE: usize = 4 << 20;

/// The most files of a sale.
pub const MAX_FILES: usize = 64;

/// The most bytes of a checkpoint's note, with all its cosignatures.
pub const MAX_NOTE: usize = 64 << 10;

/// The most sales of one store, and (2⁴⁰) entries of one sale: together they number a row.
pub(crate) const MAX_SALES: i64 = 1 << 22;
/// See [`MAX_SALES`].
pub(crate) const MAX_ENTRIES: u64 = 1 << 40;

/// A file of a sale, written once when the sale is created: its name and its bytes.
pub type SaleFile = (String, Vec<u8>);

/// How far a journal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of entries.
    pub size: u64,
    /// A digest over all of them: zeros for none, then SHA-256 of the last digest and the next entry.
    pub chain: Digest,
}

impl Head {
    /// The head of a journal without entries.
    pub const EMPTY: Head = Head { size: 0, chain: Digest([0; 32]) };

    /// The head after these entries. Whoever does not know what became of an append compares this with
    /// what the store says.
    pub fn after<E: AsRef<[u8]>>(self, entries: &[E]) -> Head {
        entries.iter().fold(self, |head, entry| {
            let chain = Sha256::new().chain_update(head.chain.0).chain_update(entry).finalize();
            Head { size: head.size + 1, chain: Digest(chain.into()) }
        })
    }
}

/// What is written together or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Entries for the end of the journal, in order; each at most [`MAX_ENTRY`] bytes.
    pub entries: Vec<Vec<u8>>,
    /// Keys of the shelf with their new value, or `None` to remove the key. Later ones win.
    pub shelf: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Batch {
    /// A batch of entries alone.
    pub fn of(entries: Vec<Vec<u8>>) -> Self {
        Self { entries, shelf: Vec::new() }
    }

    /// Whether the store takes it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.entries.len() > MAX_BATCH_ENTRIES || self.shelf.len() > MAX_BATCH_ENTRIES {
            return Err(Fault::limit(format!("an append has at most {MAX_BATCH_ENTRIES} entries and as many keys")));
        }
        if let Some(entry) = self.entries.iter().find(|entry| entry.len() > MAX_ENTRY) {
            return Err(Fault::limit(format!("an entry of {} bytes; {MAX_ENTRY} is the most", entry.len())));
        }
        for (key, value) in &self.shelf {
            crate::shelf::check(key, value.as_deref())?;
        }
        let entries: usize = self.entries.iter().map(Vec::len).sum();
        let shelf: usize = self.shelf.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len)).sum();
        if entries + shelf > MAX_BATCH_BYTES {
            return Err(Fault::limit(format!("an append has at most {MAX_BATCH_BYTES} bytes")));
        }
        Ok(())
    }
}

/// A published checkpoint. The store takes the note as bytes of text and does not read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of entries that it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
}

/// Why a sale was not created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateError {
    /// There is a sale of this name with other files. (With the same files it is no error, so a caller
    /// that does not know what became of its first try may repeat it.)
    Exists,
    /// The world failed.
    Fault(Fault),
}

/// Why a batch was not appended. Nothing of it was, but for [`Fault::Unknown`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppendError {
    /// The head is another than was expected.
    Moved {
        /// The head as it is.
        head: Head,
    },
    /// The lease is no longer the caller's.
    Fenced {
        /// The number of the fence that stands now.
        by: u64,
    },
    /// The disk is full.
    Full,
    /// The world failed.
    Fault(Fault),
}

/// Why a checkpoint was not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishError {
    /// There is a checkpoint of this size or a larger one. (The same note again is no error.)
    NotRising {
        /// The size of the latest checkpoint.
        latest: u64,
    },
    /// It covers more entries than there are.
    BeyondHead {
        /// The head as it is.
        head: Head,
    },
    /// The lease is no longer the caller's.
    Fenced {
        /// The number of the fence that stands now.
        by: u64,
    },
    /// The disk is full.
    Full,
    /// The world failed.
    Fault(Fault),
}

impl From<Fault> for CreateError {
    fn from(fault: Fault) -> Self {
        CreateError::Fault(fault)
    }
}

impl From<Fault> for AppendError {
    fn from(fault: Fault) -> Self {
        if fault == Fault::Full { AppendError::Full } else { AppendError::Fault(fault) }
    }
}

impl From<Fenced> for AppendError {
    fn from(Fenced { by }: Fenced) -> Self {
        AppendError::Fenced { by }
    }
}

impl From<Fault> for PublishError {
    fn from(fault: Fault) -> Self {
        if fault == Fault::Full { PublishError::Full } else { PublishError::Fault(fault) }
    }
}

impl From<Fenced> for PublishError {
    fn from(Fenced { by }: Fenced) -> Self {
        PublishError::Fenced { by }
    }
}

impl fmt::Display for CreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CreateError::Exists => f.write_str("a sale of this name exists with other files"),
            CreateError::Fault(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::Moved { head } => write!(f, "the journal has {} entries by now", head.size),
            AppendError::Fenced { by } => write!(f, "another holds the lease, with fence {by}"),
            AppendError::Full => Fault::Full.fmt(f),
            AppendError::Fault(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::NotRising { latest } => write!(f, "a checkpoint of size {latest} is published already"),
            PublishError::BeyondHead { head } => write!(f, "the journal has only {} entries", head.size),
            PublishError::Fenced { by } => write!(f, "another holds the lease, with fence {by}"),
            PublishError::Full => Fault::Full.fmt(f),
            PublishError::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for CreateError {}
impl std::error::Error for AppendError {}
impl std::error::Error for PublishError {}

/// Whether a note may be stored.
pub(crate) fn check_note(note: &str) -> Result<(), Fault> {
    if note.len() > MAX_NOTE {
        return Err(Fault::limit(format!("a note of {} bytes; {MAX_NOTE} is the most", note.len())));
    }
    // PostgreSQL holds no such text, and no signed note has one.
    if note.contains('\0') {
        return Err(Fault::limit("a note without a zero byte"));
    }
    Ok(())
}

/// Whether the files of a sale may be stored.
pub(crate) fn check_files(files: &[SaleFile]) -> Result<(), Fault> {
    if files.len() > MAX_FILES {
        return Err(Fault::limit(format!("{} files of a sale; {MAX_FILES} is the most", files.len())));
    }
    let mut names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Fault::limit("a file of a sale comes once"));
    }
    for (name, bytes) in files {
        check_name("file", name)?;
        if bytes.len() > MAX_FILE {
            return Err(Fault::limit(format!("a file of {} bytes; {MAX_FILE} is the most", bytes.len())));
        }
    }
    Ok(())
}
