//! A secret key in a file that only its owner can read.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, NoteError, SigningKey};

/// A key is one line, far shorter.
const MAX_BYTES: u64 = 4096;

/// Why a key file cannot be used.
#[derive(Debug)]
pub enum KeyFileError {
    /// The file or the source of chance failed.
    Io(io::Error),
    /// There is a file of this name already; a key is never written over.
    Exists,
    /// Others can read it: its mode.
    OpenToOthers(u32),
    /// What is in it is no key of the kind that is needed.
    Key(NoteError),
}

impl std::fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyFileError::Io(error) => error.fmt(f),
            KeyFileError::Exists => f.write_str("there is a file of this name, and a key is never written over"),
            KeyFileError::OpenToOthers(mode) => {
                write!(f, "others can read or change it (mode {mode:04o}); expected 0600, as after `chmod 600`")
            }
            KeyFileError::Key(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeyFileError {}

/// Makes a key from the chance of this machine and writes it, readable by its owner alone.
///
/// # Errors
///
/// [`KeyFileError`] when the name is no name of a key, the file exists, or the world fails.
pub fn make(path: &Path, name: &str, kind: KeyKind) -> Result<SigningKey, KeyFileError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| KeyFileError::Io(io::Error::other(error)))?;
    let key = SigningKey::new(name, kind, SecretKey::from_seed(&seed)).map_err(KeyFileError::Key)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists,
        _ => KeyFileError::Io(error),
    })?;
    writeln!(file, "{}", key.secret_text()).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a key is none; the next attempt shall not find it.
        let _ = fs::remove_file(path);
        KeyFileError::Io(error)
    })?;
    Ok(key)
}

/// Reads a key.
///
/// # Errors
///
/// [`KeyFileError`] when the file cannot be read, others can read it, or it holds no key of this kind.
pub fn read(path: &Path, kind: KeyKind) -> Result<SigningKey, KeyFileError> {
    let file = fs::File::open(path).map_err(KeyFileError::Io)?;
    let mode = file.metadata().map_err(KeyFileError::Io)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::OpenToOthers(mode));
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(KeyFileError::Io)?;
    let key = SigningKey::parse(text.strip_suffix('\n').unwrap_or(&text)).map_err(KeyFileError::Key)?;
    if key.verifier().kind() == kind { Ok(key) } else { Err(KeyFileError::Key(NoteError::Kind)) }
}
