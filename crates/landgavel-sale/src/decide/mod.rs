//! What a command leads to: events, or a refusal. Nothing here changes a state.

mod admission;
mod award;
mod bidding;
mod conclude;
mod lead;
mod panel;
mod sealed;
mod tick;

pub use bidding::LegalBid;
pub use sealed::LegalQuote;

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::Instant;

use crate::command::{BidderId, Command};
use crate::event::{Event, Happened};
use crate::outcome::Status;
use crate::refusal::{Clause, Reason, Refusal};
use crate::rulebook::{StageId, StageKind};
use crate::state::{Running, Sale};

pub(crate) type Decision = Result<Vec<Happened>, Refusal>;

pub(crate) fn refuse<T>(reason: Reason, clause: Clause) -> Result<T, Refusal> {
    Err(Refusal { reason, clause })
}

/// A running stage and its rule, as most commands need them.
pub(crate) struct Stage<'a> {
    pub id: StageId,
    pub kind: &'a StageKind,
    pub running: &'a Running,
}

impl Stage<'_> {
    pub fn clause(&self, field: &'static str) -> Clause {
        Clause::Stage(self.id, field)
    }

    pub fn refuse<T>(&self, reason: Reason, field: &'static str) -> Result<T, Refusal> {
        refuse(reason, self.clause(field))
    }
}

impl Sale {
    /// Decides a command at a moment: the events it leads to, or why the rules do not allow it.
    ///
    /// # Errors
    /// A [`Refusal`] with a stable code and the clause on which it rests.
    pub fn decide(&self, now: Instant, command: &Command) -> Result<Vec<Event>, Refusal> {
        let happened = self.happenings(now, command)?;
        Ok(happened.into_iter().map(|happened| Event { at: now, happened }).collect())
    }

    /// Decides a command and makes the events it leads to part of the state, for those who keep no record of them; whether there
    /// were any.
    ///
    /// # Errors
    /// As [`Sale::decide`]; then nothing has changed.
    pub fn play(&mut self, now: Instant, command: &Command) -> Result<bool, Refusal> {
        let happened = self.happenings(now, command)?;
        for happened in &happened {
            self.take_in(now, happened);
        }
        Ok(!happened.is_empty())
    }

    fn happenings(&self, now: Instant, command: &Command) -> Decision {
        if now < self.last {
            return refuse(Reason::TimeRunsBackwards { last: self.last }, Clause::Engine);
        }
        if self.status.is_final() {
            return match command {
                Command::Tick => Ok(Vec::new()),
                _ => refuse(Reason::SaleOver, Clause::Engine),
            };
        }
        match command {
            Command::Annul { cause, reason } => {
                if !self.lot.rulebook.annulment_causes.iter().any(|listed| listed.id == *cause) {
                    return refuse(Reason::CauseNotListed, Clause::Rule("annulment"));
                }
                return Ok(vec![Happened::Annulled { cause: cause.clone(), reason: reason.clone() }]);
            }
            Command::Resume => {
                let Some(paused) = self.paused_at else { return refuse(Reason::SaleNotPaused, Clause::Rule("outage")) };
                let mut happened = vec![Happened::Resumed { lasted: now.since(paused) }];
                happened.extend(self.exposed_seals(now));
                return Ok(happened);
            }
            _ if self.paused_at.is_some() => {
                return match command {
                    Command::Tick => Ok(Vec::new()),
                    _ => refuse(Reason::SalePaused, Clause::Rule("outage")),
                };
            }
            _ => {}
        }
        let due = self.next_step();
        match (command, due) {
            (Command::Tick, Some((due, step))) if due <= now => return self.tick(step),
            (Command::Tick, _) => return Ok(Vec::new()),
            (_, Some((due, _))) if due <= now => return refuse(Reason::TickDue { due }, Clause::Engine),
            _ => {}
        }
        self.asked(now, command)
    }

    fn asked(&self, now: Instant, command: &Command) -> Decision {
        match command {
            Command::Tick | Command::Annul { .. } | Command::Resume => Ok(Vec::new()),
            Command::Apply(application) => self.apply_for(now, application),
            Command::LodgeBond { bidder, bond } => self.lodge_bond(now, *bidder, bond),
            Command::Withdraw { bidder } => self.step_back(now, *bidder),
            Command::Admit { bidder } => self.let_in(*bidder),
            Command::Reject { bidder, reason } => self.turn_away(*bidder, reason),
            Command::Commit { stage, secret, digest } => self.commit(now, *stage, *secret, *digest),
            Command::Reveal { stage, secret, value, salt } => self.show(*stage, *secret, *value, *salt),
            Command::PlaceBid { bidder, amount } => self.bid(*bidder, *amount),
            Command::Join { bidder } => self.join(*bidder),
            Command::Accept { bidder } => self.accept(now, *bidder),
            Command::LodgeSeal { bidder, envelope, readable_from } => {
                self.lodge_seal(*bidder, *envelope, *readable_from)
            }
            Command::OpenSeal { bidder, amounts, salt } => self.open_seal(*bidder, amounts.as_deref(), *salt),
            Command::FileScheme { bidder, documents } => self.file_scheme(*bidder, *documents),
            Command::GiveMark { judge, bidder, criterion, points } => {
                self.give_mark(judge, *bidder, criterion, *points)
            }
            Command::RevealBeacon { outputs } => self.hold_draw(outputs),
            Command::ChangeStep { step } => self.change_step(*step),
            Command::CallBid => self.call_bid(now),
            Command::FallHammer => self.fall_hammer(now),
            Command::Pause { evidence } => Ok(vec![Happened::Paused { evidence: evidence.to_string() }]),
            Command::Qualify { bidder } => self.qualify(*bidder),
            Command::Disqualify { bidder, reason } => self.disqualify(*bidder, reason),
            Command::Confirm { bidder } => self.confirm(*bidder),
            Command::DeclareDefault { bidder } => self.declare_default(*bidder),
        }
    }

    /// The running stage, for a bidder that is admitted, stands in it and may act.
    pub(crate) fn stage_for(&self, bidder: BidderId) -> Result<Stage<'_>, Refusal> {
        let Some(known) = self.bidder(bidder) else { return refuse(Reason::UnknownBidder, Clause::Engine) };
        if !known.is_bidder() {
            return refuse(Reason::NotAdmitted, Clause::Rule("admission"));
        }
        let stage = self.stage()?;
        if !stage.running.is_entrant(bidder) {
            let reason = if stage.running.field.binary_search(&bidder).is_ok() {
                Reason::NotEntrant
            } else {
                Reason::NotInField
            };
            return stage.refuse(reason, "entrants");
        }
        Ok(stage)
    }

    pub(crate) fn stage(&self) -> Result<Stage<'_>, Refusal> {
        match (&self.status, &self.running) {
            (Status::Running(id), Some(running)) => {
                Ok(Stage { id: *id, kind: &self.lot.rulebook.stage(*id).kind, running })
            }
            _ => refuse(Reason::NoStageRunning, Clause::Engine),
        }
    }
}
