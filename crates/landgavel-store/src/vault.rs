//! The vault: personal data, accounts and documents. What stands here can be erased.

use std::fmt;

use landgavel_base::Digest;
use sha2::{Digest as _, Sha256};

use crate::fault::Fault;
use crate::name::check_name;

/// The most bytes of a record. Larger things are documents.
pub const MAX_RECORD: usize = 1 << 20;

/// The most bytes of a document, whatever limit the caller sets: it is held in memory.
pub const MAX_DOCUMENT: usize = 64 << 20;

/// The most bytes of who read a record, and why.
pub const MAX_WORDS: usize = 2_000;

/// Whether reading a record must leave a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marking {
    /// Read freely.
    Plain,
    /// It tells who somebody is: it is read with [`crate::Store::read_identity`] only, which writes down
    /// who read it and why before it answers.
    Identity,
}

/// A record of the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id, unique within its kind.
    pub id: String,
    /// From 1, one more with every change.
    pub version: u64,
    /// Whether reading it leaves a trace.
    pub marking: Marking,
    /// What it holds.
    pub content: Content,
}

/// What a record or document holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Bytes that are not told here, since reading them must leave a trace.
    Withheld,
    /// Nothing any more.
    Erased {
        /// When it was erased (milliseconds since 1970).
        at_ms: i64,
    },
}

/// Why a record was not written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VaultError {
    /// Another version stands than was expected.
    Changed {
        /// The version as it is; `None` when there is no such record.
        version: Option<u64>,
    },
    /// It was erased; an id is not used again.
    Erased {
        /// When it was erased (milliseconds since 1970).
        at_ms: i64,
    },
    /// There is none.
    Absent,
    /// It is marked [`Marking::Identity`], and was asked for without a trace.
    Audited,
    /// It is larger than the caller allows.
    TooLarge {
        /// The most bytes.
        most: usize,
    },
    /// The disk is full.
    Full,
    /// The world failed.
    Fault(Fault),
}

/// A document of the vault, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id, unique within its kind.
    pub id: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes. It stays after the document is erased: journals name documents by it.
    pub sha256: Digest,
    /// When it was erased (milliseconds since 1970), if it was.
    pub erased_at_ms: Option<i64>,
}

/// Who reads a record that is marked, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader<'a> {
    /// Who reads.
    pub who: &'a str,
    /// For what reason.
    pub why: &'a str,
    /// When (milliseconds since 1970).
    pub now_ms: i64,
}

/// One line of the audit of readings, which is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// From 1, rising.
    pub number: u64,
    /// The record's kind.
    pub kind: String,
    /// The record's id.
    pub id: String,
    /// Who read it.
    pub who: String,
    /// For what reason.
    pub why: String,
    /// When (milliseconds since 1970).
    pub at_ms: i64,
}

impl From<Fault> for VaultError {
    fn from(fault: Fault) -> Self {
        if fault == Fault::Full { VaultError::Full } else { VaultError::Fault(fault) }
    }
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VaultError::Changed { version: Some(version) } => write!(f, "the record has version {version} by now"),
            VaultError::Changed { version: None } => f.write_str("there is no such record to change"),
            VaultError::Erased { at_ms } => write!(f, "the record was erased at {at_ms} ms"),
            VaultError::Absent => f.write_str("there is no such record"),
            VaultError::Audited => f.write_str("this record is read only with a trace of who reads it and why"),
            VaultError::TooLarge { most } => write!(f, "larger than {most} bytes"),
            VaultError::Full => Fault::Full.fmt(f),
            VaultError::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for VaultError {}

/// Whether a record may have this name.
pub(crate) fn check_key(kind: &str, id: &str) -> Result<(), Fault> {
    check_name("kind", kind)?;
    check_name("id", id)
}

/// Whether a record may be stored.
pub(crate) fn check_record(kind: &str, id: &str, bytes: &[u8]) -> Result<(), VaultError> {
    check_key(kind, id)?;
    if bytes.len() > MAX_RECORD { Err(VaultError::TooLarge { most: MAX_RECORD }) } else { Ok(()) }
}

/// Whether a document may be stored.
pub(crate) fn check_document(kind: &str, id: &str, bytes: &[u8], most: usize) -> Result<(), VaultError> {
    check_key(kind, id)?;
    let most = most.min(MAX_DOCUMENT);
    if bytes.len() > most { Err(VaultError::TooLarge { most }) } else { Ok(()) }
}

/// Whether a reader tells who it is and why it reads.
pub(crate) fn check_reader(reader: Reader<'_>) -> Result<(), Fault> {
    let told = |words: &str| !words.trim().is_empty() && words.len() <= MAX_WORDS && !words.contains('\0');
    if told(reader.who) && told(reader.why) {
        Ok(())
    } else {
        Err(Fault::limit(format!("who reads and why: 1 to {MAX_WORDS} bytes each")))
    }
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// What a caller expects of the version that it replaces.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    /// Whatever it is.
    Anything,
    /// This one, or that there is none.
    Version(Option<u64>),
}
