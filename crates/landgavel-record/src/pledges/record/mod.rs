//! The record of a pledge: what was asked of it, signed by whoever may ask it, and what each led to, in a log of its own
//! whose first entry names the sale.
//!
//! As with the record of a sale, [`PledgeRecord::enter`] is the one way into it, and to verify an entry is to make it again.

mod events;
mod intake;
mod opening;

use std::collections::BTreeSet;
use std::sync::Arc;

use landgavel_base::{Digest, Instant};
use landgavel_log::tree::leaf_hash;
use landgavel_pledge::{Approval, Command, Event, Reason};
use serde_json::{Value, json};

pub use events::{change_json, outcome_json};
pub use intake::{Fitting, PLEDGE_COMMAND_FORMAT, Signer, own_fields, signer};
pub use opening::{Holder, Opening, PLEDGE_RECORD_FORMAT, SaleNamed};

use super::Opened;
use crate::keys::PublicKey;
use crate::record::{ENTRY_MAX, Fault, Received, notice_line, write_entry};
use intake::What;

/// Something that an entry changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Of the pledge.
    Pledge(Event),
    /// Somebody signs with another key from now on.
    Rekeyed {
        /// Whose.
        of: String,
        /// The new key.
        key: PublicKey,
        /// Who decided.
        approval: Approval,
    },
}

/// One entry of a record of a pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PledgeEntry {
    /// Its place in the log's tree; the opening is 0.
    pub number: u64,
    /// The record's time.
    pub at: Instant,
    /// The command as it was signed.
    pub command: String,
    /// What it changed, or why the terms do not allow it.
    pub result: Result<Vec<Change>, Reason>,
    /// The entry as canonical JSON: the bytes of the log's leaf.
    pub line: String,
}

/// As what somebody signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The winner.
    Winner,
    /// Who supervises.
    Officer,
    /// Who shows what was delivered.
    Source,
    /// Who may confirm its own bonds.
    Guarantor,
}

/// A pledge together with what its record has bound so far.
#[derive(Debug, Clone)]
pub struct PledgeRecord {
    opening: Arc<Opening>,
    /// Digest of the opening: the leaf hash of entry 0.
    digest: Digest,
    opened: Opened,
    /// Whose signatures count now.
    holders: Vec<(Role, Holder)>,
    /// Keys that were replaced: nobody gets them again.
    replaced: Vec<PublicKey>,
    /// Halves of the hashes of key and id of every signed command.
    ids: BTreeSet<u128>,
    /// A checkpoint covers the opening.
    is_published: bool,
    entries: u64,
    last: Instant,
}

impl PledgeRecord {
    /// Opens a record on an opening as it was received; the pledge was opened at the same moment.
    pub fn open(opening: Arc<Opening>, opened: Opened, received: &Received) -> Self {
        let role = |role: Role, holders: &[Holder]| holders.iter().map(|one| (role, one.clone())).collect::<Vec<_>>();
        let holders = [
            vec![(Role::Winner, opening.winner.clone())],
            role(Role::Officer, &opening.officers),
            role(Role::Source, &opening.sources),
            role(Role::Guarantor, &opening.guarantors),
        ];
        Self {
            holders: holders.concat(),
            replaced: Vec::new(),
            digest: Digest(leaf_hash(notice_line(received).as_bytes()).0),
            opening,
            opened,
            ids: BTreeSet::new(),
            is_published: false,
            entries: 1,
            last: received.at,
        }
    }

    /// The opening on which it stands.
    pub fn opening(&self) -> &Arc<Opening> {
        &self.opening
    }

    /// Digest of the opening, which every signed command names.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The pledge as it stands.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Whose key this is now, by name.
    pub fn name_of(&self, key: &PublicKey) -> Option<&str> {
        self.holders.iter().find(|(_, holder)| holder.key == *key).map(|(_, holder)| holder.name.as_str())
    }

    /// Who signs now: as what, under which name, with which key.
    pub fn holders(&self) -> impl Iterator<Item = (Role, &Holder)> {
        self.holders.iter().map(|(role, holder)| (*role, holder))
    }

    /// Whether somebody signs with another key than that of the opening.
    pub fn has_other_keys(&self) -> bool {
        !self.replaced.is_empty()
    }

    /// Entries so far, the opening among them.
    pub fn size(&self) -> u64 {
        self.entries
    }

    /// Time of the last entry.
    pub fn last(&self) -> Instant {
        self.last
    }

    /// A checkpoint was published.
    pub fn published(&mut self) {
        self.is_published = true;
    }

    /// Enters a command: what it changes, or why not, and the entry that says so. A tick may come late, since what a passed
    /// day brings is told when it is told; nothing else comes before a tick that is due.
    ///
    /// # Errors
    /// Why it can be no entry of this record at all. Nothing has changed then.
    pub fn enter(&mut self, received: &Received) -> Result<PledgeEntry, Fault> {
        if received.at < self.last {
            return Err(Fault::TimeRunsBackwards { last: self.last });
        }
        let asked = self.intake(received)?;
        let is_tick = matches!(asked.what, What::Pledge(Command::Tick));
        if !is_tick && let Some(due) = self.opened.pledge.due().filter(|due| *due <= received.at) {
            return Err(Fault::TickOwed { due });
        }
        let result = match &asked.what {
            What::Rekey(change) => Ok(vec![change.clone()]),
            What::Pledge(command) => match self.opened.pledge.decide(received.at, command) {
                Ok(events) => Ok(events.into_iter().map(Change::Pledge).collect()),
                Err(refusal) => match refusal.reason {
                    Reason::TickDue { due } => return Err(Fault::TickOwed { due }),
                    Reason::TimeRunsBackwards { last } => return Err(Fault::TimeRunsBackwards { last }),
                    reason => Err(reason),
                },
            },
        };
        let number = self.entries;
        let line = entry_line(&self.opened, number, received, &result);
        if line.len() > ENTRY_MAX {
            return Err(Fault::EntryTooLong);
        }
        self.ids.extend(asked.id);
        for change in result.iter().flatten() {
            match change {
                Change::Pledge(event) => self.opened.pledge.apply(event),
                Change::Rekeyed { of, key, .. } => {
                    if let Some((_, holder)) = self.holders.iter_mut().find(|(_, holder)| holder.name == *of) {
                        self.replaced.push(std::mem::replace(&mut holder.key, key.clone()));
                    }
                }
            }
        }
        self.entries += 1;
        self.last = received.at;
        Ok(PledgeEntry { number, at: received.at, command: received.text().to_owned(), result, line })
    }
}

/// Writes an entry.
fn entry_line(opened: &Opened, number: u64, received: &Received, result: &Result<Vec<Change>, Reason>) -> String {
    let contract = opened.pledge.contract();
    let changes = result.as_ref().map(|changes| changes.iter().map(|change| change_json(contract, change)));
    write_entry(number, received, changes.map_err(|reason| reason_json(*reason)))
}

fn reason_json(reason: Reason) -> Value {
    json!({"code": reason.code()})
}
