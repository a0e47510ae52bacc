//! Durable receipts: what a log signs of an entry as soon as it can no longer lose it.
//!
//! Such a receipt comes at once, before any witness has seen the entry. It is the log's word, and evidence
//! against it: an entry that never shows up under its number, or another one in its place, convicts the key.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};
use core::fmt;

use crate::decimal;
use crate::note::{Note, NoteError, SigningKey, VerifierKey};
use crate::tree::{Hash, MAX_SIZE};

/// The first line. No log has this name, so that no checkpoint reads like a receipt.
pub const HEADER: &str = "landgavel-receipt/1";

/// That an entry stands in a log, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurableReceipt {
    /// The name of the log.
    pub origin: String,
    /// The number of the entry, from 0.
    pub entry: u64,
    /// The hash of its leaf.
    pub leaf: Hash,
    /// The entry's own time, in milliseconds since 1970.
    pub at_ms: u64,
}

impl DurableReceipt {
    /// Reads the text of a receipt's note; verifies nothing.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::Form`] for anything that [`DurableReceipt`] would not write itself.
    pub fn parse(text: &str) -> Result<DurableReceipt, ReceiptError> {
        read(text).ok_or(ReceiptError::Form)
    }

    /// Signs with the log's key, whose name is the origin.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] when the key has another name or the receipt would not read back the same.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, ReceiptError> {
        if key.verifier().name() != self.origin {
            return Err(ReceiptError::Origin);
        }
        let text = self.to_string();
        if DurableReceipt::parse(&text)? != *self {
            return Err(ReceiptError::Form);
        }
        let mut note = Note::new(text).map_err(ReceiptError::Note)?;
        note.sign(key).map_err(ReceiptError::Note)?;
        Ok(note)
    }

    /// Reads a signed receipt and verifies it with the log's key, whose name must be the origin.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] for another form, another origin, or no valid signature of the log.
    pub fn open(bytes: &[u8], log: &VerifierKey) -> Result<DurableReceipt, ReceiptError> {
        let note = Note::parse(bytes).map_err(ReceiptError::Note)?;
        note.verify(core::slice::from_ref(log)).map_err(ReceiptError::Note)?;
        let receipt = DurableReceipt::parse(note.text())?;
        if receipt.origin == log.name() { Ok(receipt) } else { Err(ReceiptError::Origin) }
    }
}

fn read(text: &str) -> Option<DurableReceipt> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    if lines.next()? != HEADER {
        return None;
    }
    let origin = lines.next().filter(|line| !line.is_empty())?.to_owned();
    let entry = lines.next().and_then(decimal::parse).filter(|entry| *entry < MAX_SIZE)?;
    let leaf = lines.next().and_then(Hash::from_base64)?;
    let at_ms = lines.next().and_then(decimal::parse)?;
    lines.next().is_none().then_some(DurableReceipt { origin, entry, leaf, at_ms })
}

/// The text that is signed.
impl fmt::Display for DurableReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\n{}\n{}\n{}\n{}", self.origin, self.entry, self.leaf, self.at_ms)
    }
}

/// What is wrong with a durable receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptError {
    /// Not the five lines of a receipt.
    Form,
    /// It is of another log than the key.
    Origin,
    /// The note around it.
    Note(NoteError),
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReceiptError::Form => write!(
                f,
                "expected the lines `{HEADER}`, the name of the log, the number of the entry, its hash in base64 and a time"
            ),
            ReceiptError::Origin => f.write_str("expected a receipt of the log whose key is given"),
            ReceiptError::Note(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ReceiptError {}
