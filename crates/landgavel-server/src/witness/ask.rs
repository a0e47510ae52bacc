use std::collections::BTreeMap;
use std::fmt;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::{Note, Signature, VerifierKey};
use landgavel_log::policy::{Policy, Witness};
use landgavel_log::tree::{HashReader, TreeError, prove_consistency};
use landgavel_log::witness::{AddCheckpoint, AnswerError, MAX_ANSWER, cosignature_told, size_told};
use landgavel_log::witnessed::{Witnessed, WitnessedError, judge, signed_by_log};
use ureq::Agent;

use crate::clock::Clock;

/// How long a witness is waited for, and how far its clock may be off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For one answer, all in all; a witness is asked twice at most.
    pub answer: Duration,
    /// Between a witness's clock and one's own, in seconds.
    pub clock_s: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { answer: Duration::from_secs(5), clock_s: 60 }
    }
}

/// Asks the witnesses of a policy, and remembers the size that each saw last.
pub struct Asker {
    agent: Agent,
    clock: Arc<dyn Clock>,
    patience: Patience,
    /// By the id and name of a witness's key. Only a guess: the witness says when it is wrong.
    sizes: Arc<Mutex<BTreeMap<(u32, String), u64>>>,
}

/// A checkpoint with the cosignatures that its policy asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessedNote {
    /// The checkpoint with its signatures and the cosignatures, each verified.
    pub note: Note,
    /// What the policy makes of it.
    pub witnessed: Witnessed,
    /// Witnesses that had answered by then and did not cosign: name in the policy, and why.
    pub faults: Vec<(String, Fault)>,
}

/// A checkpoint that its policy does not believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotWitnessed {
    /// Why not.
    pub why: WitnessedError,
    /// Witnesses that did not cosign: name in the policy, and why.
    pub faults: Vec<(String, Fault)>,
}

/// Why a witness gave nothing that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The policy has no address of it.
    NoAddress,
    /// It could not be reached, or did not answer in time.
    Unreachable(String),
    /// It answered with more bytes than are read.
    TooLong,
    /// It refused, with this status: 422 says that the log has shown it another history.
    Status(u16),
    /// It says that it saw this size last, which the log does not have, or says another size each time.
    OtherSize(u64),
    /// Its conflict names no size.
    NoSize,
    /// Its cosignature is not over what was sent, or not by its key.
    Answer(AnswerError),
    /// Its clock is too far off; what it says, in seconds since 1970.
    Clock(u64),
    /// The proof that it asks for cannot be made.
    Tree(TreeError),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NoAddress => f.write_str("the policy has no address of it"),
            Fault::Unreachable(why) => write!(f, "no answer: {why}"),
            Fault::TooLong => write!(f, "an answer of more than {MAX_ANSWER} bytes"),
            Fault::Status(422) => f.write_str("it was shown another history of this log (status 422)"),
            Fault::Status(status) => write!(f, "refused with status {status}"),
            Fault::OtherSize(size) => write!(f, "it says that it saw {size} entries, which this log cannot meet"),
            Fault::NoSize => f.write_str("a conflict without a size"),
            Fault::Answer(error) => error.fmt(f),
            Fault::Clock(time) => write!(f, "its clock says {time}, too far from this one"),
            Fault::Tree(error) => error.fmt(f),
        }
    }
}

impl Asker {
    /// Makes one that has asked nobody yet. Proxies are not used.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, patience: Patience) -> Asker {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(patience.answer))
            .user_agent("landgavel")
            .build();
        Asker { agent: config.into(), clock, patience, sizes: Arc::default() }
    }

    /// Collects cosignatures of a signed checkpoint from all witnesses of a policy at once, until they are
    /// enough. `hashes` holds the tree. It does not wait for a witness that hangs when others are enough, and
    /// never longer than twice the patience for one answer.
    ///
    /// # Errors
    ///
    /// [`NotWitnessed`] when the policy does not believe the checkpoint after all have answered or failed.
    pub fn collect<R>(&self, note: &Note, policy: &Policy, hashes: &Arc<R>) -> Result<WitnessedNote, NotWitnessed>
    where
        R: HashReader + Send + Sync + 'static,
    {
        let mut faults = Vec::new();
        let fail = |why, faults| Err(NotWitnessed { why, faults });
        if !policy.requires_witnesses() {
            return fail(WitnessedError::NoWitnessAsked, faults);
        }
        let checkpoint = match signed_by_log(note, policy.logs()) {
            Ok(checkpoint) => Arc::new(checkpoint),
            Err(why) => return fail(why, faults),
        };
        let (sender, answers) = mpsc::channel();
        for (place, witness) in policy.witnesses().iter().enumerate() {
            let errand = Errand {
                agent: self.agent.clone(),
                clock: Arc::clone(&self.clock),
                patience: self.patience,
                sizes: Arc::clone(&self.sizes),
                witness: witness.clone(),
                checkpoint: Arc::clone(&checkpoint),
                note: note.clone(),
            };
            let (hashes, sender) = (Arc::clone(hashes), sender.clone());
            // Whoever is no longer listened to ends by itself, within its time.
            std::thread::spawn(move || drop(sender.send((place, errand.run(&*hashes)))));
        }
        drop(sender);
        let mut collected = note.clone();
        let mut last = judge(&collected, policy);
        while last.is_err() {
            let Ok((place, answer)) = answers.recv() else { break };
            let name = policy.witnesses().get(place).map(|witness| witness.name.clone()).unwrap_or_default();
            match answer {
                Ok(cosignature) => match collected.add(cosignature) {
                    Ok(()) => last = judge(&collected, policy),
                    Err(error) => faults.push((name, Fault::Answer(AnswerError::Note(error)))),
                },
                Err(fault) => faults.push((name, fault)),
            }
        }
        match last {
            Ok(witnessed) => Ok(WitnessedNote { note: collected, witnessed, faults }),
            Err(why) => fail(why, faults),
        }
    }
}

/// What one witness is asked.
struct Errand {
    agent: Agent,
    clock: Arc<dyn Clock>,
    patience: Patience,
    sizes: Arc<Mutex<BTreeMap<(u32, String), u64>>>,
    witness: Witness,
    checkpoint: Arc<Checkpoint>,
    note: Note,
}

impl Errand {
    fn run(&self, hashes: &impl HashReader) -> Result<Signature, Fault> {
        let key = &self.witness.key;
        let guess = self.size_of(key).filter(|size| *size <= self.checkpoint.size).unwrap_or(0);
        let (status, body) = match self.post(guess, hashes)? {
            (409, body) => {
                let told = size_told(&body).ok_or(Fault::NoSize)?;
                if told > self.checkpoint.size {
                    return Err(Fault::OtherSize(told));
                }
                self.post(told, hashes)?
            }
            other => other,
        };
        match status {
            200 => {}
            409 => return Err(size_told(&body).map_or(Fault::NoSize, Fault::OtherSize)),
            status => return Err(Fault::Status(status)),
        }
        let (cosignature, time) = cosignature_told(&body, self.note.text(), key).map_err(Fault::Answer)?;
        if time.abs_diff(self.clock.now_s()) > self.patience.clock_s {
            return Err(Fault::Clock(time));
        }
        let mut sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.insert((key.id(), key.name().to_owned()), self.checkpoint.size);
        Ok(cosignature)
    }

    fn size_of(&self, key: &VerifierKey) -> Option<u64> {
        let sizes = self.sizes.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.get(&(key.id(), key.name().to_owned())).copied()
    }

    fn post(&self, old_size: u64, hashes: &impl HashReader) -> Result<(u16, Vec<u8>), Fault> {
        let url = self.witness.url.as_ref().ok_or(Fault::NoAddress)?;
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let proof = prove_consistency(hashes, old_size, self.checkpoint.size).map_err(Fault::Tree)?;
        let request = AddCheckpoint { old_size, proof, note: self.note.clone() };
        let unreachable = |error: ureq::Error| Fault::Unreachable(error.to_string());
        let mut response = self.agent.post(&url).send(request.to_string()).map_err(unreachable)?;
        let limit = u64::try_from(MAX_ANSWER).unwrap_or(u64::MAX);
        let body = response.body_mut().with_config().limit(limit).read_to_vec().map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => Fault::TooLong,
            other => unreachable(other),
        })?;
        Ok((response.status().as_u16(), body))
    }
}
