//! Proofs of inclusion for use without the log (C2SP tlog-proof): a checkpoint, an index, an audit path.

use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::decimal;
use crate::note::{MAX_NOTE, Note, NoteError};
use crate::policy::Policy;
use crate::tile::MAX_ENTRY;
use crate::tree::{Hash, HashReader, MAX_PROOF, MAX_SIZE, TreeError, prove_inclusion, verify_inclusion};
use crate::witnessed::{Witnessed, WitnessedError, judge};

/// The most bytes of extra data: an entry may stand there.
pub const MAX_EXTRA: usize = MAX_ENTRY;

/// The most bytes of a proof: room for three lines of words and numbers, extra data in base64, the path, and
/// a note, each at its own limit.
pub const MAX_BYTES: usize = 156_000;

const _: () = assert!(MAX_BYTES >= 128 + MAX_EXTRA.div_ceil(3) * 4 + MAX_PROOF * 45 + MAX_NOTE);

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof that an entry is in a log. Whether it holds, [`Proof::verify`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    extra: Option<Vec<u8>>,
    index: u64,
    path: Vec<Hash>,
    note: Note,
}

impl Proof {
    /// Makes the proof that entry `index` is in the log whose head is `note`, with the hashes of `reader`.
    ///
    /// # Errors
    ///
    /// [`ProofError`] when the note is no checkpoint, the entry is not in its tree, or the reader lacks a
    /// hash or has another tree than the checkpoint.
    pub fn new(reader: &impl HashReader, index: u64, note: Note) -> Result<Proof, ProofError> {
        let checkpoint = Checkpoint::parse(note.text()).map_err(ProofError::Checkpoint)?;
        let path = prove_inclusion(reader, index, checkpoint.size).map_err(ProofError::Tree)?;
        let leaf = reader.hash(0, index).ok_or(ProofError::Tree(TreeError::Missing { level: 0, index }))?;
        verify_inclusion(leaf, index, checkpoint.size, &path, checkpoint.root).map_err(ProofError::Tree)?;
        Ok(Proof { extra: None, index, path, note })
    }

    /// The same proof with extra data, which nothing in it authenticates.
    ///
    /// # Errors
    ///
    /// [`ProofError::Extra`] for none and for more than [`MAX_EXTRA`] bytes.
    pub fn with_extra(self, extra: Vec<u8>) -> Result<Proof, ProofError> {
        if !(1..=MAX_EXTRA).contains(&extra.len()) {
            return Err(ProofError::Extra);
        }
        Ok(Proof { extra: Some(extra), ..self })
    }

    /// Reads a proof; verifies nothing.
    ///
    /// # Errors
    ///
    /// [`ProofError`] names the part that is of another form or over its limit.
    pub fn parse(bytes: &[u8]) -> Result<Proof, ProofError> {
        if bytes.len() > MAX_BYTES {
            return Err(ProofError::TooLarge);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| ProofError::NotText)?;
        let mut rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n')).ok_or(ProofError::Header)?;
        let mut extra = None;
        if let Some(after) = rest.strip_prefix("extra ") {
            let (encoded, after) = after.split_once('\n').ok_or(ProofError::Extra)?;
            let bytes = STANDARD.decode(encoded).map_err(|_| ProofError::Extra)?;
            if !(1..=MAX_EXTRA).contains(&bytes.len()) {
                return Err(ProofError::Extra);
            }
            (extra, rest) = (Some(bytes), after);
        }
        let (index, after) =
            rest.strip_prefix("index ").and_then(|rest| rest.split_once('\n')).ok_or(ProofError::Index)?;
        let index = decimal::parse(index).filter(|index| *index < MAX_SIZE).ok_or(ProofError::Index)?;
        let (path, note) = read_hashes(after).ok_or(ProofError::Path)?;
        let note = Note::parse(note.as_bytes()).map_err(ProofError::Note)?;
        Checkpoint::parse(note.text()).map_err(ProofError::Checkpoint)?;
        Ok(Proof { extra, index, path, note })
    }

    /// Extra data; to be trusted only if something else vouches for it.
    #[must_use]
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// The number of the entry, from 0. Not yet verified.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The audit path, from the leaf's sibling to the root's child. Not yet verified.
    #[must_use]
    pub fn path(&self) -> &[Hash] {
        &self.path
    }

    /// The signed checkpoint. Not yet verified.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Verifies that the entry whose leaf hash is `leaf` has this number in a log that `policy` believes.
    ///
    /// # Errors
    ///
    /// [`ProofError::Witnessed`] when the policy does not believe the checkpoint, [`ProofError::Tree`] when
    /// the path does not lead from the leaf to its root.
    pub fn verify(&self, leaf: Hash, policy: &Policy) -> Result<Witnessed, ProofError> {
        let witnessed = judge(&self.note, policy).map_err(ProofError::Witnessed)?;
        let Checkpoint { size, root, .. } = witnessed.checkpoint;
        verify_inclusion(leaf, self.index, size, &self.path, root).map_err(ProofError::Tree)?;
        Ok(witnessed)
    }
}

/// The whole file.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.note)
    }
}

/// Reads at most [`MAX_PROOF`] hashes, one per line, and the empty line after them; gives what follows too.
pub(crate) fn read_hashes(text: &str) -> Option<(Vec<Hash>, &str)> {
    let (mut hashes, mut rest) = (Vec::new(), text);
    loop {
        let (line, after) = rest.split_once('\n')?;
        rest = after;
        if line.is_empty() {
            return Some((hashes, rest));
        }
        if hashes.len() == MAX_PROOF {
            return None;
        }
        hashes.push(Hash::from_base64(line)?);
    }
}

/// What is wrong with a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofError {
    /// More than [`MAX_BYTES`] bytes.
    TooLarge,
    /// Not UTF-8.
    NotText,
    /// The first line is not that of this format.
    Header,
    /// Extra data that is empty, too long or no base64.
    Extra,
    /// No index.
    Index,
    /// More than [`MAX_PROOF`] hashes, something that is no hash, or no empty line after them.
    Path,
    /// What follows is no note.
    Note(NoteError),
    /// The note is no checkpoint.
    Checkpoint(CheckpointError),
    /// The policy does not believe the checkpoint.
    Witnessed(WitnessedError),
    /// The path does not fit.
    Tree(TreeError),
}

impl ProofError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ProofError::TooLarge => "too_large",
            ProofError::NotText
            | ProofError::Header
            | ProofError::Extra
            | ProofError::Index
            | ProofError::Path
            | ProofError::Note(_)
            | ProofError::Checkpoint(_) => "malformed",
            ProofError::Witnessed(error) => error.code(),
            ProofError::Tree(_) => "not_included",
        }
    }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofError::TooLarge => write!(f, "a proof has at most {MAX_BYTES} bytes"),
            ProofError::NotText => f.write_str("expected text in UTF-8"),
            ProofError::Header => write!(f, "expected the first line `{HEADER}`"),
            ProofError::Extra => write!(f, "expected 1 to {MAX_EXTRA} bytes in base64 after `extra `"),
            ProofError::Index => write!(f, "expected a line `index N` with N below {MAX_SIZE}"),
            ProofError::Path => {
                write!(f, "expected at most {MAX_PROOF} hashes in base64, one per line, and an empty line after them")
            }
            ProofError::Note(error) => error.fmt(f),
            ProofError::Checkpoint(error) => error.fmt(f),
            ProofError::Witnessed(error) => error.fmt(f),
            ProofError::Tree(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ProofError {}
