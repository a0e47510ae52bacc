//! What is stored of a pledge, for all who look: never ahead of the disk.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use landgavel_base::Instant;
use landgavel_pledge::{Reason, Refusal};
use landgavel_record::pledges::record::{Change, PledgeRecord};
use landgavel_record::pledges::{parse_ask, reason_in_words};
use serde_json::Value;
use tokio::sync::watch;

use super::book::Written;
use crate::desk::shown::{Published, Standing};
use crate::export;
use crate::not_done::{Kind, NotDone};

/// Entries of the past that are kept at hand; the log has all.
const HISTORY: usize = 2000;

/// A pledge as far as it is stored.
pub struct Shown {
    state: RwLock<State>,
    changes: watch::Sender<u64>,
}

/// What is known of a pledge.
pub struct State {
    /// The record, with whose signatures count.
    pub record: PledgeRecord,
    /// The record of the sale, as the opening names it.
    pub sale: export::Bundle,
    /// Entries, the opening among them.
    pub entries: u64,
    /// What happened, oldest first.
    pub history: Vec<Past>,
    /// The last checkpoint that witnesses have seen.
    pub published: Option<Published>,
    /// Who writes it here.
    pub desk: Standing,
}

/// An entry of the past.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its number.
    pub entry: u64,
    /// When.
    pub at: Instant,
    /// The command.
    pub command: String,
    /// Who signed it, by name; nobody when time passed.
    pub by: Vec<String>,
    /// What it changed, or why the terms do not allow it.
    pub result: Result<Vec<Change>, Reason>,
}

impl Shown {
    /// What is known at first.
    pub(super) fn new(state: State) -> Self {
        Self { state: RwLock::new(state), changes: watch::Sender::new(0) }
    }

    /// Looks at it. Whoever holds what it gives delays the writer.
    pub fn look(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it, and tells whoever waits.
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_modify(|count| *count += 1);
    }

    /// Wakes after each change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

impl State {
    /// Says before anybody signs a second time what the terms would refuse as the pledge stands.
    ///
    /// # Errors
    ///
    /// Why it would come to nothing, in words.
    pub fn check_fields(&self, text: &str, now: Instant) -> Result<(), NotDone> {
        let wrong = |why: String| NotDone::told(Kind::Wrong, "field", why.clone(), why);
        let Ok(Value::Object(mut own)) = serde_json::from_str(text) else {
            return Err(wrong("the command is no object".to_owned()));
        };
        if own.get("do").and_then(Value::as_str) == Some("rekey") {
            return Ok(());
        }
        for bound in ["format", "pledge", "opening", "id", "key"] {
            own.remove(bound);
        }
        let opened = self.record.opened();
        let command = parse_ask(opened, &own)
            .map_err(|error| wrong(format!("{}: {}, expected {}", error.field, error.message, error.expected)))?;
        match opened.pledge.decide(now.max(self.record.last()), &command) {
            // A day that is owed is told before the command is.
            Ok(_) | Err(Refusal { reason: Reason::TickDue { .. } }) => Ok(()),
            Err(refusal) => {
                let words = reason_in_words(refusal.reason);
                Err(NotDone::told(Kind::Conflict, refusal.reason.code(), words.zh, words.en))
            }
        }
    }

    /// Entries were stored, after which the record stands so.
    pub(super) fn stored(&mut self, record: &PledgeRecord, written: &[Arc<Written>]) {
        self.record = record.clone();
        self.entries = record.size();
        self.history.extend(written.iter().map(|written| Past {
            entry: written.entry.number,
            at: written.entry.at,
            command: written.entry.command.clone(),
            by: written.by.clone(),
            result: written.entry.result.clone(),
        }));
        let beyond = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..beyond);
    }
}
