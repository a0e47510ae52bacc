//! Cosignatures (C2SP tlog-cosignature, Ed25519): a witness says that a log only grew, and when it saw it.

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::note::{KeyKind, Note, NoteError, Signature, SigningKey, VerifierKey};

/// The latest time that may be signed: seconds since 1970-01-01T00:00Z.
pub const MAX_TIME: u64 = i64::MAX as u64;

/// Cosigns the text of a checkpoint at `time` (seconds since 1970).
///
/// # Errors
///
/// [`CosignatureError::Kind`] for a key of another kind, [`CosignatureError::Time`] for zero and beyond
/// [`MAX_TIME`].
pub fn cosign(text: &str, key: &SigningKey, time: u64) -> Result<Signature, CosignatureError> {
    if key.verifier().kind() != KeyKind::Cosignature {
        return Err(CosignatureError::Kind);
    }
    if !(1..=MAX_TIME).contains(&time) {
        return Err(CosignatureError::Time);
    }
    let mut bytes = time.to_be_bytes().to_vec();
    bytes.extend_from_slice(&key.sign(message(text, time).as_bytes()));
    Ok(Signature::by(key.verifier(), bytes))
}

/// When `key` cosigned the note, in seconds since 1970; nothing if it did not. Of several cosignatures
/// the earliest counts. Whether the time is plausible is for the caller to judge.
///
/// # Errors
///
/// [`CosignatureError`] when a line bears the key's name and id but does not verify, or its time is
/// zero or beyond [`MAX_TIME`].
pub fn cosigned_at(note: &Note, key: &VerifierKey) -> Result<Option<u64>, CosignatureError> {
    if key.kind() != KeyKind::Cosignature {
        return Err(CosignatureError::Kind);
    }
    let mut earliest = None;
    for signature in note.signatures_by(key) {
        let (time, signature) = signature.bytes.split_first_chunk::<8>().ok_or(CosignatureError::Wrong)?;
        let time = u64::from_be_bytes(*time);
        if !(1..=MAX_TIME).contains(&time) {
            return Err(CosignatureError::Time);
        }
        if !key.key().verifies(message(note.text(), time).as_bytes(), signature) {
            return Err(CosignatureError::Wrong);
        }
        earliest = Some(earliest.map_or(time, |other: u64| other.min(time)));
    }
    Ok(earliest)
}

/// Adds a cosignature to a note after checking it, for a log that collects them.
///
/// # Errors
///
/// [`CosignatureError`] when the line is not a valid cosignature by `key`.
pub fn attach(note: &mut Note, line: &str, key: &VerifierKey) -> Result<(), CosignatureError> {
    let signature = Signature::parse(line).map_err(CosignatureError::Note)?;
    let mut alone = Note::new(String::from(note.text())).map_err(CosignatureError::Note)?;
    alone.add(signature.clone()).map_err(CosignatureError::Note)?;
    if cosigned_at(&alone, key)?.is_none() {
        return Err(CosignatureError::Wrong);
    }
    note.add(signature).map_err(CosignatureError::Note)
}

fn message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// What is wrong with a cosignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CosignatureError {
    /// Not a witness's key.
    Kind,
    /// A time that cannot be.
    Time,
    /// It does not verify, or is by another key.
    Wrong,
    /// The note or line around it.
    Note(NoteError),
}

impl fmt::Display for CosignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CosignatureError::Kind => f.write_str("expected a witness's key, of the kind 0x04"),
            CosignatureError::Time => write!(f, "expected a time from 1 to {MAX_TIME} seconds since 1970"),
            CosignatureError::Wrong => f.write_str("a cosignature of a known witness does not verify"),
            CosignatureError::Note(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CosignatureError {}
