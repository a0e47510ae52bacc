//! What is stored of a pledge, for all who look: never ahead of the disk.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use landgavel_base::{Date, Instant};
use landgavel_pledge::{Reason, Refusal};
use landgavel_record::keys::PublicKey;
use landgavel_record::pledges::record::{Change, PledgeRecord, Role};
use landgavel_record::record::Fault;

use super::book::Written;
use crate::desk::shown::{Published, Standing};
use crate::export;
use crate::not_done::{Kind, NotDone};

/// Entries of the past that are kept at hand; the log has all.
const HISTORY: usize = 2000;

/// A pledge as far as it is stored.
pub struct Shown {
    state: RwLock<State>,
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
        Self { state: RwLock::new(state) }
    }

    /// Looks at it. Whoever holds what it gives delays the writer.
    pub fn look(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it.
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    /// The day by the pledge's own calendar, never before its last entry.
    pub fn today(&self, now: Instant) -> Date {
        now.max(self.record.last()).local(self.record.opened().pledge.contract().utc_offset).date
    }

    /// Says before somebody signs, with signatures of these keys, what could be no entry or what the terms would refuse as
    /// the pledge stands.
    ///
    /// # Errors
    ///
    /// Why it would come to nothing, in words.
    pub fn check(&self, text: &str, keys: &[&str], now: Instant) -> Result<(), NotDone> {
        let keys = keys.iter().map(|key| PublicKey::parse(key)).collect::<Result<Vec<_>, _>>();
        let keys = keys.map_err(|_| NotDone::no_key())?;
        let fitting = self.record.fits(text, &keys).map_err(|fault| {
            let kind = match &fault {
                Fault::KeyNotAllowed { .. } => Kind::NotAllowed,
                Fault::IdRepeated { .. } | Fault::NoticeNotPublished => Kind::Conflict,
                _ => Kind::Wrong,
            };
            let zh = format!("不能列入履约记录：{fault}");
            NotDone::told(kind, fault.code(), zh, format!("It cannot enter the record: the command {fault}."))
        })?;
        let Some(command) = fitting.command else { return Ok(()) };
        match self.record.opened().pledge.decide(now.max(self.record.last()), &command) {
            // A day that is owed is told before the command is.
            Ok(_) | Err(Refusal { reason: Reason::TickDue { .. } }) => Ok(()),
            Err(refusal) => {
                let words = self.record.opened().reason_in_words(refusal.reason);
                Err(NotDone::told(Kind::Conflict, refusal.reason.code(), words.zh, words.en))
            }
        }
    }

    /// As what, and under which name, a key signs here.
    pub fn signs_as(&self, key: Option<&str>) -> Option<(Role, &str)> {
        let mut holders = self.record.holders();
        let (role, holder) = holders.find(|(_, holder)| Some(holder.key.text()) == key)?;
        Some((role, holder.name.as_str()))
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
