use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use landgavel_log::cosignature::{cosign, cosigned_at};
use landgavel_log::note::{Note, SigningKey, VerifierKey};
use landgavel_log::witness::{AddCheckpoint, Refusal, Seen, Submitted, origin_hash};
use landgavel_log::witnessed::signed_by_log;

use super::store::{Store, StoreError};
use crate::clock::Clock;

/// A witness without its wire: its key, the logs that it knows, and what it saw of each.
pub struct Cosigner {
    key: SigningKey,
    logs: Vec<VerifierKey>,
    store: Store,
    clock: Arc<dyn Clock>,
    /// By origin. One request at a time passes for each log.
    seen: BTreeMap<String, Mutex<Latest>>,
}

/// The last checkpoint of a log that was cosigned.
struct Latest {
    seen: Seen,
    /// With the signatures of the log and of this witness; nothing before the first.
    note: Option<String>,
}

/// What a witness answers to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The cosignature, a line.
    Cosigned(String),
    /// It does not cosign.
    Refused(Refusal),
    /// It cannot keep what it would sign, so it does not sign; why, for its operator.
    CannotKeep(String),
}

impl Cosigner {
    /// Opens the state of a witness. What was kept must have been signed by this key and these logs: a state
    /// that cannot be read is never taken for an empty one.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    pub fn open(
        key: SigningKey,
        logs: Vec<VerifierKey>,
        store: Store,
        clock: Arc<dyn Clock>,
    ) -> Result<Cosigner, StoreError> {
        let mut seen = BTreeMap::new();
        for log in &logs {
            let name = origin_hash(log.name());
            let latest = match store.read(&name)? {
                None => Latest { seen: Seen::nothing(), note: None },
                Some(bytes) => recall(&bytes, &key, &logs, log.name())
                    .map_err(|why| StoreError::Damaged { path: store.path(&name), why })?,
            };
            seen.insert(log.name().to_owned(), Mutex::new(latest));
        }
        Ok(Cosigner { key, logs, store, clock, seen })
    }

    /// The key that others must know.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Decides a request, keeps what it signs, and only then answers.
    #[must_use]
    pub fn add_checkpoint(&self, body: &[u8]) -> Answer {
        let submitted = AddCheckpoint::parse(body).and_then(|request| Submitted::check(request, &self.logs));
        let submitted = match submitted {
            Ok(submitted) => submitted,
            Err(refusal) => return Answer::Refused(refusal),
        };
        let Some(latest) = self.seen.get(submitted.origin()) else { return Answer::Refused(Refusal::UnknownLog) };
        // Whoever panicked while holding it had not yet changed what is in memory.
        let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = match submitted.follows(&latest.seen, self.clock.now_s()) {
            Ok(seen) => seen,
            Err(refusal) => return Answer::Refused(refusal),
        };
        match self.sign_and_keep(&submitted, &seen) {
            Ok((line, note)) => {
                *latest = Latest { seen, note: Some(note) };
                Answer::Cosigned(line)
            }
            Err(why) => Answer::CannotKeep(why),
        }
    }

    fn sign_and_keep(&self, submitted: &Submitted, seen: &Seen) -> Result<(String, String), String> {
        let text = submitted.note().text();
        let cosignature = cosign(text, &self.key, seen.time).map_err(|error| error.to_string())?;
        // Lines of keys that nobody here verified are left out.
        let mut note = Note::new(text.to_owned()).map_err(|error| error.to_string())?;
        for log in self.logs.iter().filter(|log| log.name() == submitted.origin()) {
            for signature in submitted.note().signatures_by(log).take(1) {
                note.add(signature.clone()).map_err(|error| error.to_string())?;
            }
        }
        note.add(cosignature.clone()).map_err(|error| error.to_string())?;
        let note = note.to_string();
        self.store.replace(&origin_hash(submitted.origin()), note.as_bytes()).map_err(|error| error.to_string())?;
        Ok((format!("{cosignature}\n"), note))
    }

    /// The last checkpoint that was cosigned, of the log the hash of whose origin this is, in hexadecimal.
    #[must_use]
    pub fn latest(&self, hash: &str) -> Option<String> {
        let (_, latest) = self.seen.iter().find(|(origin, _)| origin_hash(origin) == hash)?;
        latest.lock().unwrap_or_else(PoisonError::into_inner).note.clone()
    }
}

/// What a kept note says was seen. It is believed only with the signatures under which it was kept.
fn recall(bytes: &[u8], key: &SigningKey, logs: &[VerifierKey], origin: &str) -> Result<Latest, String> {
    let note = Note::parse(bytes).map_err(|error| error.to_string())?;
    let checkpoint = signed_by_log(&note, logs).map_err(|error| error.to_string())?;
    let time = cosigned_at(&note, key.verifier()).map_err(|error| error.to_string())?;
    let time = time.ok_or("was kept under another key of the witness")?;
    if checkpoint.origin != origin {
        return Err(format!("is of the log “{}”, expected “{origin}”", checkpoint.origin));
    }
    let seen = Seen { size: checkpoint.size, root: checkpoint.root, time };
    Ok(Latest { seen, note: Some(note.to_string()) })
}
