//! Checkpoints (C2SP tlog-checkpoint): what a log signs of its size and root.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::decimal;
use crate::note::{Note, NoteError, SigningKey, VerifierKey};
use crate::tree::{Hash, MAX_SIZE};

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// Further lines; the format advises against them, and nobody can audit them.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// Reads the text of a checkpoint's note; verifies nothing.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] names the line that is not as it must be.
    pub fn parse(text: &str) -> Result<Checkpoint, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Origin)?;
        let size = lines.next().and_then(decimal::parse).filter(|size| *size <= MAX_SIZE);
        let size = size.ok_or(CheckpointError::Size)?;
        let root = lines.next().and_then(Hash::from_base64).ok_or(CheckpointError::Root)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Lines);
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root, extensions })
    }

    /// Signs with the log's key.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] when the lines would not read back the same or the key is no log's key.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, CheckpointError> {
        let text = self.to_string();
        if Checkpoint::parse(&text)? != *self {
            return Err(CheckpointError::Lines);
        }
        let mut note = Note::new(text).map_err(CheckpointError::Note)?;
        note.sign(key).map_err(CheckpointError::Note)?;
        Ok(note)
    }

    /// Reads a signed checkpoint and verifies it with the log's key, whose name must be the origin.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] for another form, another origin, or no valid signature of the log.
    pub fn open(bytes: &[u8], log: &VerifierKey) -> Result<(Checkpoint, Note), CheckpointError> {
        let note = Note::parse(bytes).map_err(CheckpointError::Note)?;
        note.verify(core::slice::from_ref(log)).map_err(CheckpointError::Note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::Origin);
        }
        Ok((checkpoint, note))
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// What is wrong with a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointError {
    /// The first line is empty or not the log's name.
    Origin,
    /// The second line is no size.
    Size,
    /// The third line is no root.
    Root,
    /// The last newline is missing, or a line is empty.
    Lines,
    /// The note around it.
    Note(NoteError),
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckpointError::Origin => f.write_str("expected the name of the log in the first line"),
            CheckpointError::Size => write!(f, "expected a number from 0 to {MAX_SIZE} in the second line"),
            CheckpointError::Root => f.write_str("expected a hash of 32 bytes in base64 in the third line"),
            CheckpointError::Lines => f.write_str("expected lines that are not empty and each end in a newline"),
            CheckpointError::Note(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CheckpointError {}
