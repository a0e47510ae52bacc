//! What a witness decides (C2SP tlog-witness), and the messages that ask it. Its clock, memory and wire
//! are elsewhere.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::checkpoint::Checkpoint;
use crate::cosignature::{CosignatureError, cosigned_at};
use crate::decimal;
use crate::note::{MAX_NOTE, MAX_SIGNATURES, Note, NoteError, Signature, VerifierKey};
use crate::proof::read_hashes;
use crate::tree::{Hash, MAX_PROOF, MAX_SIZE, TreeError, empty_root, verify_consistency};
use crate::witnessed::{WitnessedError, signed_by_log};

/// The most bytes of a request: the old size, the proof, an empty line, the checkpoint.
pub const MAX_REQUEST: usize = 32 + MAX_PROOF * 45 + 1 + MAX_NOTE;

/// The most bytes of an answer that is read: room for the cosignatures of a witness with several keys.
pub const MAX_ANSWER: usize = 65_536;

/// What is asked of a witness: to cosign a checkpoint that follows from the last one it saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness is thought to have seen last; 0 before the first.
    pub old_size: u64,
    /// The proof that the tree of that size is a prefix; empty for size 0.
    pub proof: Vec<Hash>,
    /// The checkpoint, signed by its log.
    pub note: Note,
}

impl AddCheckpoint {
    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] for any other form or more than the limits.
    pub fn parse(bytes: &[u8]) -> Result<AddCheckpoint, Refusal> {
        if bytes.len() > MAX_REQUEST {
            return Err(Refusal::Malformed);
        }
        read_request(bytes).ok_or(Refusal::Malformed)
    }
}

fn read_request(bytes: &[u8]) -> Option<AddCheckpoint> {
    let text = core::str::from_utf8(bytes).ok()?;
    let (old, rest) = text.strip_prefix("old ")?.split_once('\n')?;
    let old_size = decimal::parse(old).filter(|size| *size <= MAX_SIZE)?;
    let (proof, note) = read_hashes(rest)?;
    Some(AddCheckpoint { old_size, proof, note: Note::parse(note.as_bytes()).ok()? })
}

/// The body of the request.
impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

/// The last checkpoint of a log that a witness cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The number of entries.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// When it was cosigned, in seconds since 1970; 0 if none was yet.
    pub time: u64,
}

impl Seen {
    /// A log of which nothing was seen yet.
    #[must_use]
    pub fn nothing() -> Seen {
        Seen { size: 0, root: empty_root(), time: 0 }
    }
}

/// A checkpoint whose log is known and has signed it; whether it follows is not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    checkpoint: Checkpoint,
    request: AddCheckpoint,
}

impl Submitted {
    /// Judges what needs no memory: the log is known (404), has signed (403), and the sizes can be (400).
    ///
    /// # Errors
    ///
    /// [`Refusal`], in the order of the specification.
    pub fn check(request: AddCheckpoint, logs: &[VerifierKey]) -> Result<Submitted, Refusal> {
        let checkpoint = signed_by_log(&request.note, logs).map_err(|error| match error {
            WitnessedError::UnknownLog(_) => Refusal::UnknownLog,
            WitnessedError::Note(_) => Refusal::NotSigned,
            WitnessedError::Checkpoint(_)
            | WitnessedError::NoWitnessAsked
            | WitnessedError::Cosignature { .. }
            | WitnessedError::NotEnough { .. } => Refusal::Malformed,
        })?;
        if request.old_size > checkpoint.size {
            return Err(Refusal::Malformed);
        }
        Ok(Submitted { checkpoint, request })
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.checkpoint.origin
    }

    /// The signed checkpoint.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.request.note
    }

    /// Judges whether the checkpoint follows from what was seen last, and may be cosigned at `now` (seconds
    /// since 1970). Gives what is then seen last; that must be kept before anybody is told.
    ///
    /// A cosignature says that at its time this was the largest tree seen, so a clock that ran back would
    /// make a witness contradict itself.
    ///
    /// # Errors
    ///
    /// [`Refusal::OtherSize`] (409), [`Refusal::DoesNotFollow`] (422), [`Refusal::ClockRanBack`] (503).
    pub fn follows(&self, seen: &Seen, now: u64) -> Result<Seen, Refusal> {
        let Checkpoint { size, root, .. } = self.checkpoint;
        if self.request.old_size != seen.size {
            return Err(Refusal::OtherSize(seen.size));
        }
        // Covers all of it: a proof for size 0 must be empty, and so must one between equal sizes, whose
        // roots are then the same.
        verify_consistency(seen.size, size, &self.request.proof, seen.root, root).map_err(Refusal::DoesNotFollow)?;
        if now < seen.time {
            return Err(Refusal::ClockRanBack);
        }
        Ok(Seen { size, root, time: now })
    }
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The request is of another form, or asks for a tree smaller than the old one.
    Malformed,
    /// The witness does not know the log.
    UnknownLog,
    /// The log has not signed, or wrongly.
    NotSigned,
    /// The witness last saw this other size.
    OtherSize(u64),
    /// The tree is not an extension of the one last seen: evidence against the log.
    DoesNotFollow(TreeError),
    /// The witness's clock stands before its last cosignature.
    ClockRanBack,
}

impl Refusal {
    /// The HTTP status that tells it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Refusal::Malformed => 400,
            Refusal::NotSigned => 403,
            Refusal::UnknownLog => 404,
            Refusal::OtherSize(_) => 409,
            Refusal::DoesNotFollow(_) => 422,
            Refusal::ClockRanBack => 503,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Malformed => {
                f.write_str("expected an old size, at most 63 hashes, an empty line, and a checkpoint not below it")
            }
            Refusal::UnknownLog => f.write_str("this witness does not know the log"),
            Refusal::NotSigned => f.write_str("no valid signature of the log"),
            Refusal::OtherSize(size) => write!(f, "{size}"),
            Refusal::DoesNotFollow(error) => write!(f, "the tree does not follow from the one last seen: {error}"),
            Refusal::ClockRanBack => f.write_str("the clock of this witness stands before its last cosignature"),
        }
    }
}

impl core::error::Error for Refusal {}

/// The name of a log in the addresses of a witness: SHA-256 of its origin, in hexadecimal.
#[must_use]
pub fn origin_hash(origin: &str) -> String {
    Sha256::digest(origin).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the size in an answer of status 409.
#[must_use]
pub fn size_told(body: &[u8]) -> Option<u64> {
    let line = core::str::from_utf8(body).ok()?.strip_suffix('\n')?;
    decimal::parse(line).filter(|size| *size <= MAX_SIZE)
}

/// Finds the cosignature of `key` over the checkpoint text `text` in an answer of status 200; gives it with
/// its time (seconds since 1970). Lines of other keys are ignored.
///
/// # Errors
///
/// [`AnswerError`]; whether the time is plausible is for the caller to judge.
pub fn cosignature_told(body: &[u8], text: &str, key: &VerifierKey) -> Result<(Signature, u64), AnswerError> {
    if body.len() > MAX_ANSWER {
        return Err(AnswerError::Form);
    }
    let body = core::str::from_utf8(body).map_err(|_| AnswerError::Form)?;
    let lines = body.strip_suffix('\n').ok_or(AnswerError::Form)?;
    let mut alone = Note::new(String::from(text)).map_err(AnswerError::Note)?;
    for (number, line) in lines.split('\n').enumerate() {
        if number >= MAX_SIGNATURES {
            return Err(AnswerError::Form);
        }
        alone.add(Signature::parse(line).map_err(|_| AnswerError::Form)?).map_err(AnswerError::Note)?;
    }
    let time = cosigned_at(&alone, key).map_err(AnswerError::Cosignature)?.ok_or(AnswerError::OtherKey)?;
    let earliest = |signature: &&Signature| signature.bytes.starts_with(&time.to_be_bytes());
    let signature = alone.signatures_by(key).find(earliest).ok_or(AnswerError::OtherKey)?;
    Ok((signature.clone(), time))
}

/// Why an answer holds no cosignature that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerError {
    /// Not lines of signatures.
    Form,
    /// None of them is by the witness's key.
    OtherKey,
    /// The checkpoint that was sent is no note.
    Note(NoteError),
    /// It is by the witness's key and wrong.
    Cosignature(CosignatureError),
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerError::Form => f.write_str("expected lines of signatures"),
            AnswerError::OtherKey => f.write_str("expected a cosignature by the key in the policy"),
            AnswerError::Note(error) => error.fmt(f),
            AnswerError::Cosignature(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AnswerError {}
