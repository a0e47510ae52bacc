//! What comes in: a text and its signatures, verified before anything waits in a queue.

use std::array;
use std::sync::{Arc, Mutex, PoisonError};

use landgavel_base::Instant;
use landgavel_record::keys::{KeyCache, KeyError, KeyTables, PublicKey};
use landgavel_record::record::{Fault, NotReceived, Received};

/// Shares of the cache of keys; a key is always looked up in the same one.
const SHARES: usize = 16;

/// A command as somebody hands it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The bytes that were signed.
    pub command: String,
    /// Keys and their signatures in base64, in their order.
    pub signatures: Vec<(String, String)>,
}

/// Verifies what comes in, on whichever thread asks.
pub struct Gate {
    keys: [Mutex<KeyCache>; SHARES],
}

impl Default for Gate {
    /// All shares have their tables together, whose number is bounded: whoever makes up keys fills no memory.
    fn default() -> Self {
        let tables = Arc::new(KeyTables::default());
        Self { keys: array::from_fn(|_| Mutex::new(KeyCache::sharing(&tables))) }
    }
}

impl Gate {
    /// Reads a command and verifies every signature under it.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn check(&self, at: Instant, submission: Submission) -> Result<Received, NotReceived> {
        let Submission { command, signatures } = submission;
        let signatures = signatures.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
        Received::check_by(at, command, signatures, |key| self.key(key))
    }

    /// A lock is held while a key is looked up, never while a signature is verified.
    fn key(&self, text: &str) -> Result<PublicKey, KeyError> {
        // Keys are random bytes: the sum spreads them well enough.
        let share = text.bytes().fold(0usize, |sum, byte| sum.wrapping_add(usize::from(byte))) % SHARES;
        self.keys[share].lock().unwrap_or_else(PoisonError::into_inner).get(text)
    }
}

/// Whether somebody may ask for this: time passes by the hall's clock alone, and a tick that brings nothing would be an entry.
///
/// # Errors
///
/// Why not.
pub fn from_outside(received: &Received) -> Result<(), Fault> {
    if received.verb() == "tick" {
        let message = "lets time pass, which only the hall's own clock does".to_owned();
        return Err(Fault::Field { field: "do".to_owned(), message });
    }
    Ok(())
}
