//! The keys that the hall itself holds: the log's, which signs checkpoints and receipts, and the hall's,
//! which signs pauses and nothing that decides a sale. Never a bidder's or an officer's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use landgavel_log::note::{KeyKind, SigningKey, VerifierKey};
use landgavel_record::keys;

use crate::key_file::{self, KeyFileError};

const LOG_FILE: &str = "log.key";
const HALL_FILE: &str = "hall.key";

/// The keys of a hall.
pub struct Keys {
    log: SigningKey,
    hall: keys::SigningKey,
}

/// Why the keys cannot be used.
#[derive(Debug)]
pub struct KeysError {
    /// Which file.
    pub path: PathBuf,
    /// Why not.
    pub why: KeyFileError,
}

impl std::fmt::Display for KeysError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for KeysError {}

impl Keys {
    /// Reads the keys in a directory; makes those that are not there yet, under the name of the hall's host.
    ///
    /// # Errors
    ///
    /// [`KeysError`] for a file that others can read, that holds no such key, or that the disk fails.
    pub fn open(directory: &Path, host: &str) -> Result<Keys, KeysError> {
        let fault = |why| KeysError { path: directory.to_owned(), why: KeyFileError::Io(why) };
        fs::create_dir_all(directory).map_err(fault)?;
        let log = read_or_make(&directory.join(LOG_FILE), host)?;
        let hall = read_or_make(&directory.join(HALL_FILE), host)?;
        Ok(Keys::new(log, &hall))
    }

    /// Keys that are at hand already, for demonstrations and tests.
    pub fn new(log: SigningKey, hall: &SigningKey) -> Keys {
        Keys { log, hall: keys::SigningKey::Ed25519(Box::new(hall.secret().clone())) }
    }

    /// The log's key under the name of a sale's log.
    ///
    /// # Panics
    ///
    /// When the origin is no name of a key; whoever creates a sale has checked that.
    #[must_use]
    pub fn log(&self, origin: &str) -> SigningKey {
        self.log.named(origin).expect("an origin was checked when its sale was created")
    }

    /// The public half of the log's key under a name, when it is one.
    #[must_use]
    pub fn log_verifier(&self, origin: &str) -> Option<VerifierKey> {
        self.log.named(origin).ok().map(|key| key.verifier().clone())
    }

    /// The hall's key.
    #[must_use]
    pub fn hall(&self) -> &keys::SigningKey {
        &self.hall
    }
}

fn read_or_make(path: &Path, host: &str) -> Result<SigningKey, KeysError> {
    let known = match key_file::read(path, KeyKind::Ed25519) {
        Err(KeyFileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            key_file::make(path, host, KeyKind::Ed25519)
        }
        known => known,
    };
    known.map_err(|why| KeysError { path: path.to_owned(), why })
}
