//! What a command leads to: events, or a refusal. Nothing here changes a state.

mod acts;
mod back;
mod bonds;
mod claims;
mod evidence;
mod halt;
mod judge;
mod tick;

use alloc::vec::Vec;

use landgavel_base::Instant;

use crate::command::Command;
use crate::event::{Event, Happened};
use crate::refusal::{Reason, Refusal, refuse};
use crate::state::{Pledge, Status};

pub(crate) type Decision = Result<Vec<Happened>, Refusal>;

impl Pledge {
    /// Decides a command at a moment: the events it leads to, or why the terms do not allow it.
    ///
    /// A tick brings one step; it is repeated while [`Pledge::due`] is not later than `now`.
    ///
    /// # Errors
    /// A [`Refusal`] with a stable code.
    pub fn decide(&self, now: Instant, command: &Command) -> Result<Vec<Event>, Refusal> {
        if now < self.last {
            return refuse(Reason::TimeRunsBackwards { last: self.last });
        }
        let happened = self.happenings(now, command)?;
        Ok(happened.into_iter().map(|happened| Event { at: now, happened }).collect())
    }

    /// A pledge that has ended takes nothing any more. Land that was taken back leaves claims, which go on to their end.
    fn may_be_asked(&self, command: &Command) -> bool {
        match (self.status, command) {
            (Status::Running, _) | (Status::TakenBack | Status::Discharged, Command::Tick) => true,
            (
                Status::TakenBack,
                Command::Pay { .. }
                | Command::Dispute { .. }
                | Command::Settle { .. }
                | Command::CallBond { .. }
                | Command::CallExpiring { .. }
                | Command::ExtendBond { .. },
            ) => true,
            (
                Status::TakenBack,
                Command::LodgeBond(_)
                | Command::EnterEvidence(_)
                | Command::RetractEvidence { .. }
                | Command::Extend { .. }
                | Command::StopTime { .. }
                | Command::Waive { .. }
                | Command::TakeBack { .. },
            )
            | (Status::Discharged, _) => false,
        }
    }

    fn happenings(&self, now: Instant, command: &Command) -> Decision {
        if !self.may_be_asked(command) {
            return refuse(Reason::PledgeOver);
        }
        let today = self.day(now);
        let due = self.next_step().filter(|(day, _)| *day < today);
        match (command, due) {
            (Command::Tick, Some((_, step))) => return self.tick(today, step),
            (Command::Tick, None) => return Ok(Vec::new()),
            (_, Some((day, _))) => return refuse(Reason::TickDue { due: self.after(day).unwrap_or(now) }),
            (_, None) => {}
        }
        match command {
            Command::Tick => Ok(Vec::new()),
            Command::LodgeBond(bond) => self.lodge(today, bond),
            Command::ExtendBond { bond, valid_until, letter } => self.extend_bond(today, *bond, *valid_until, *letter),
            Command::EnterEvidence(evidence) => self.enter(today, evidence),
            Command::RetractEvidence { subject, source, .. } => self.retract(today, *subject, source),
            Command::Pay { claim, amount } => self.pay(today, *claim, *amount),
            Command::Dispute { claim, statement } => self.dispute(today, *claim, *statement),
            Command::Settle { claim, amount, approval } => self.settle(today, *claim, *amount, approval),
            Command::CallBond { claim } => self.call(today, *claim),
            Command::CallExpiring { bond } => self.call_expiring(today, *bond),
            Command::Extend { milestone, until, approval } => self.extend(*milestone, *until, approval),
            Command::StopTime { from, until, approval } => self.stop_time(*from, *until, approval),
            Command::Waive { subject, approval } => self.waive(*subject, approval),
            Command::TakeBack { compensation, approval } => self.take_back(today, *compensation, approval),
        }
    }
}
