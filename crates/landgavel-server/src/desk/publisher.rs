//! Checkpoints: signed by the log within a second of an entry, cosigned by the witnesses, then published.
//!
//! One at a time, and each is completed before the next begins: a size that the record was told of is
//! published whatever happens, since bidders may name it from then on.

use std::sync::Arc;
use std::time::Duration;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosign;
use landgavel_log::note::{Note, SigningKey};
use landgavel_log::policy::Policy;
use landgavel_log::tree::{Hash, HashReader};
use landgavel_log::witnessed::judge;
use landgavel_store::{Fence, PublishError, Store};

use super::shown::Published;
use super::tree::Tree;
use super::writer::Ended;
use crate::clock::Clock;
use crate::witness::Asker;

/// Between two attempts to have a checkpoint witnessed or stored, at most.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Who cosigns.
#[derive(Clone)]
pub enum Witnesses {
    /// Keys in this process, for demonstrations and tests: they prove nothing to anybody.
    Own(Arc<Vec<SigningKey>>),
    /// The witnesses of the policy, at their addresses.
    Asked(Arc<Asker>),
}

/// Makes checkpoints of one log.
#[derive(Clone)]
pub struct Publisher {
    /// The log's key under its name.
    pub key: Arc<SigningKey>,
    /// The policy of the sale.
    pub policy: Arc<Policy>,
    /// Who cosigns.
    pub witnesses: Witnesses,
    /// Tells the time of cosignatures made here.
    pub clock: Arc<dyn Clock>,
    /// Where they are published.
    pub store: Store,
}

/// A checkpoint that the record was told of.
pub struct Begun {
    /// The tree that it covers.
    pub tree: Tree,
    /// What the sale has come to with it.
    pub outcome: Arc<str>,
}

impl Publisher {
    /// Signs, has witnessed and publishes one checkpoint; tries again until it is done. Only a fence that
    /// no longer holds, or another checkpoint in its place, ends it before.
    pub async fn publish(self, fence: Fence, begun: Begun) -> Result<Published, Ended> {
        let Begun { tree, outcome } = begun;
        let mut wait = Duration::from_millis(250);
        loop {
            match self.attempt(&fence, &tree).await {
                Ok(witnesses) => return Ok(Published { tree, outcome, witnesses }),
                Err(NotDone::Ended(ended)) => return Err(ended),
                Err(NotDone::Why(why)) => {
                    let origin = self.key.verifier().name();
                    tracing::warn!(origin, size = tree.size(), why, "a checkpoint is not published yet");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (2 * wait).min(RETRY_MAX);
        }
    }

    async fn attempt(&self, fence: &Fence, tree: &Tree) -> Result<usize, NotDone> {
        let why = |why: String| NotDone::Why(why);
        let size = tree.size();
        let (note, witnesses) = self.witnessed(size, tree.root(), || tree.clone().hashes()).await.map_err(why)?;
        match self.store.publish(fence, size, &note.to_string()).await {
            Ok(()) => Ok(witnesses),
            Err(PublishError::NotRising { .. }) => self.stands(fence, tree).await.map(|()| witnesses),
            Err(PublishError::Fenced { .. }) => Err(NotDone::Ended(Ended::Fenced)),
            Err(error) => Err(why(error.to_string())),
        }
    }

    /// Whether a tree's checkpoint is published already: the answer to an earlier attempt may have been lost. The fence held
    /// when it was found not to rise, so one of another root, or a larger one alone, was put there by somebody.
    async fn stands(&self, fence: &Fence, tree: &Tree) -> Result<(), NotDone> {
        let size = tree.size();
        let stored = self.store.checkpoints(fence.sale(), size, 1).await;
        let stored = stored.map_err(|fault| NotDone::Why(fault.to_string()))?.into_iter().next();
        let note =
            stored.filter(|stored| stored.size == size).and_then(|stored| Note::parse(stored.note.as_bytes()).ok());
        match note.and_then(|note| Checkpoint::parse(note.text()).ok()) {
            Some(checkpoint) if (checkpoint.size, checkpoint.root) == (size, tree.root()) => Ok(()),
            _ => {
                let why = format!(
                    "the store has another signed checkpoint of size {size} than the journal's, or only a larger one"
                );
                Err(NotDone::Ended(Ended::Damaged(why)))
            }
        }
    }

    /// Signs a checkpoint and has it cosigned; gives it with the number of witnesses. `hashes` makes a reader of the tree.
    ///
    /// # Errors
    ///
    /// Why the policy does not believe it, in words.
    pub async fn witnessed<R>(&self, size: u64, root: Hash, hashes: impl FnOnce() -> R) -> Result<(Note, usize), String>
    where
        R: HashReader + Send + Sync + 'static,
    {
        let origin = self.key.verifier().name().to_owned();
        let checkpoint = Checkpoint { origin, size, root, extensions: Vec::new() };
        let note = checkpoint.sign(&self.key).map_err(|error| error.to_string())?;
        let note = match &self.witnesses {
            Witnesses::Own(keys) => self.cosigned(note, keys)?,
            Witnesses::Asked(asker) => self.asked(note, asker, Arc::new(hashes())).await?,
        };
        let witnessed = judge(&note, &self.policy).map_err(|error| error.to_string())?;
        let witnesses = witnessed.times.iter().flatten().count();
        Ok((note, witnesses))
    }

    fn cosigned(&self, mut note: Note, keys: &[SigningKey]) -> Result<Note, String> {
        let time = self.clock.now_s();
        for key in keys {
            let cosignature = cosign(note.text(), key, time).map_err(|error| error.to_string())?;
            note.add(cosignature).map_err(|error| error.to_string())?;
        }
        Ok(note)
    }

    async fn asked<R>(&self, note: Note, asker: &Arc<Asker>, hashes: Arc<R>) -> Result<Note, String>
    where
        R: HashReader + Send + Sync + 'static,
    {
        let (asker, policy) = (Arc::clone(asker), Arc::clone(&self.policy));
        let collected = tokio::task::spawn_blocking(move || asker.collect(&note, &policy, &hashes)).await;
        match collected.map_err(|error| error.to_string())? {
            Ok(witnessed) => Ok(witnessed.note),
            Err(not) => {
                let faults: Vec<String> = not.faults.iter().map(|(name, fault)| format!("{name}: {fault}")).collect();
                Err(format!("{} ({})", not.why, faults.join("; ")))
            }
        }
    }
}

enum NotDone {
    Ended(Ended),
    Why(String),
}
