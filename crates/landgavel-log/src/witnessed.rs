//! Checkpoints that a policy believes: signed by one of its logs, cosigned by a quorum of its witnesses.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature::{CosignatureError, cosigned_at};
use crate::note::{Note, NoteError, VerifierKey};
use crate::policy::{Evaluation, Policy};

/// A checkpoint that a policy believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// Size and root.
    pub checkpoint: Checkpoint,
    /// The earliest time by which the cosignatures were enough, in seconds since 1970.
    pub at: u64,
    /// When each witness cosigned, in the order of [`Policy::witnesses`]; in seconds since 1970.
    pub times: Vec<Option<u64>>,
}

/// Judges a signed checkpoint by a policy. Signatures of keys that the policy does not name are ignored, as
/// the formats ask.
///
/// # Errors
///
/// [`WitnessedError`]; one wrong signature by a key of the policy spoils the whole note.
pub fn judge(note: &Note, policy: &Policy) -> Result<Witnessed, WitnessedError> {
    if !policy.requires_witnesses() {
        return Err(WitnessedError::NoWitnessAsked);
    }
    let checkpoint = signed_by_log(note, policy.logs())?;
    let mut times = Vec::new();
    for (place, witness) in policy.witnesses().iter().enumerate() {
        let time = cosigned_at(note, &witness.key);
        times.push(time.map_err(|error| WitnessedError::Cosignature { witness: place, error })?);
    }
    match policy.evaluate(&times) {
        Evaluation::ReachedAt(at) => Ok(Witnessed { checkpoint, at, times }),
        Evaluation::NotRequired => Err(WitnessedError::NoWitnessAsked),
        Evaluation::NotReached => {
            Err(WitnessedError::NotEnough { cosigned: times.iter().flatten().count(), of: times.len() })
        }
    }
}

/// The checkpoint in a note, verified with the keys in `logs` whose name is its origin.
///
/// # Errors
///
/// [`WitnessedError::UnknownLog`] when no key has that name, [`WitnessedError::Checkpoint`] for another form,
/// [`WitnessedError::Note`] when none of them has signed or a signature by one of them is wrong.
pub fn signed_by_log(note: &Note, logs: &[VerifierKey]) -> Result<Checkpoint, WitnessedError> {
    let checkpoint = Checkpoint::parse(note.text()).map_err(WitnessedError::Checkpoint)?;
    let keys: Vec<VerifierKey> = logs.iter().filter(|key| key.name() == checkpoint.origin).cloned().collect();
    if keys.is_empty() {
        return Err(WitnessedError::UnknownLog(checkpoint.origin));
    }
    note.verify(&keys).map_err(WitnessedError::Note)?;
    Ok(checkpoint)
}

/// Why a policy does not believe a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessedError {
    /// The policy says `quorum none`: such a log could show everybody another history.
    NoWitnessAsked,
    /// No checkpoint.
    Checkpoint(CheckpointError),
    /// The policy names no log of this origin.
    UnknownLog(String),
    /// The log's signature is missing or wrong.
    Note(NoteError),
    /// A cosignature of a known witness is wrong.
    Cosignature {
        /// Its place in the policy, from 0.
        witness: usize,
        /// What is wrong.
        error: CosignatureError,
    },
    /// No quorum.
    NotEnough {
        /// Witnesses of the policy that cosigned.
        cosigned: usize,
        /// Witnesses of the policy.
        of: usize,
    },
}

impl WitnessedError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            WitnessedError::NoWitnessAsked => "no_quorum_asked",
            WitnessedError::Checkpoint(_) => "malformed",
            WitnessedError::UnknownLog(_) => "unknown_log",
            WitnessedError::Note(_) => "log_signature",
            WitnessedError::Cosignature { .. } => "cosignature",
            WitnessedError::NotEnough { .. } => "no_quorum",
        }
    }
}

impl fmt::Display for WitnessedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WitnessedError::NoWitnessAsked => {
                f.write_str("the policy asks for no witness: “quorum none” lets a log show each reader another history")
            }
            WitnessedError::Checkpoint(error) => error.fmt(f),
            WitnessedError::UnknownLog(origin) => {
                write!(f, "the checkpoint is of the log “{origin}”, which the policy does not name")
            }
            WitnessedError::Note(error) => write!(f, "the log's signature: {error}"),
            WitnessedError::Cosignature { witness, error } => {
                write!(f, "witness number {} of the policy: {error}", witness + 1)
            }
            WitnessedError::NotEnough { cosigned, of } => write!(
                f,
                "the checkpoint is cosigned by {cosigned} of {of} witnesses, which is no quorum of the policy"
            ),
        }
    }
}

impl core::error::Error for WitnessedError {}
