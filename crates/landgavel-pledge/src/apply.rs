//! Events to the next state. Nothing here refuses.

use landgavel_base::{Date, Instant, Money};

use crate::command::Approval;
use crate::contract::Formula;
use crate::event::{Event, Happened};
use crate::evidence::Subject;
use crate::state::{Claim, ClaimState, HeldBond, Judged, Pledge, Status};
use crate::verdict::Verdict;

impl Pledge {
    /// Applies an event.
    pub fn apply(&mut self, event: &Event) {
        self.last = self.last.max(event.at);
        let today = self.day(event.at);
        match &event.happened {
            Happened::BondLodged(bond) => self.bonds.push(HeldBond {
                bond: bond.clone(),
                released: Money::ZERO,
                called: Money::ZERO,
                lapsed: Money::ZERO,
                warned_of: None,
            }),
            Happened::BondExtended { bond, valid_until } => {
                if let Some(held) = self.bonds.get_mut(*bond) {
                    held.bond.valid_until = Some(*valid_until);
                }
            }
            Happened::BondMissing { .. } => self.bond_was_missed = true,
            Happened::BondExpiring { bond, valid_until, .. } => {
                if let Some(held) = self.bonds.get_mut(*bond) {
                    held.warned_of = Some(*valid_until);
                }
            }
            Happened::BondLapsed { bond, amount } => {
                if let Some(held) = self.bonds.get_mut(*bond) {
                    held.lapsed = add(held.lapsed, *amount);
                }
            }
            Happened::TopUpDemanded { .. } => {}
            Happened::EvidenceEntered(evidence) => {
                self.evidence.insert(evidence.subject, evidence.clone());
            }
            Happened::EvidenceRetracted { subject } => {
                self.evidence.remove(subject);
                self.judged.remove(&self.judged_with(*subject));
            }
            Happened::Judged { subject, verdict, .. } => {
                let due = self.judged.get(subject).and_then(|before| before.due).or_else(|| self.due_of(*subject));
                self.judged.insert(*subject, Judged { verdict: *verdict, due });
            }
            Happened::ClaimRaised { subject, amount, cure_until } => {
                self.claims.push(self.claim(*subject, *amount, *cure_until, today));
            }
            Happened::ClaimWithdrawn { claim } => self.close(*claim),
            Happened::ClaimPaid { claim, amount, fee } => {
                self.collect(*claim, *fee, today, |claim| claim.paid = add(claim.paid, *amount));
            }
            Happened::ClaimDisputed { claim, .. } => self.set(*claim, ClaimState::Disputed),
            Happened::ClaimSettled { claim, amount, approval: Approval { .. } } => {
                self.set(*claim, ClaimState::Open);
                if let Some(claim) = self.claims.get_mut(*claim) {
                    claim.amount = *amount;
                    if claim.owed() == Money::ZERO {
                        claim.state = ClaimState::Closed;
                    }
                }
            }
            Happened::BondCalled { claim, from, fee, .. } => {
                for (bond, amount) in from {
                    if let Some(held) = self.bonds.get_mut(*bond) {
                        held.called = add(held.called, *amount);
                    }
                }
                let sum = from.iter().fold(Money::ZERO, |sum, (_, amount)| add(sum, *amount));
                self.collect(*claim, *fee, today, |claim| claim.from_bond = add(claim.from_bond, sum));
            }
            Happened::Released { milestone, from } => {
                for (bond, amount) in from {
                    if let Some(held) = self.bonds.get_mut(*bond) {
                        held.released = add(held.released, *amount);
                    }
                }
                self.released.extend(milestone.iter());
            }
            Happened::Extended { milestone, until, .. } => {
                if let Some(raw) = until.plus_days(-self.stopped_days) {
                    self.extended.insert(*milestone, raw);
                }
                if let Ok(index) = u16::try_from(*milestone) {
                    self.judged.remove(&Subject::Milestone(index));
                }
            }
            Happened::TimeStopped { days, .. } => self.stopped_days += days,
            Happened::Waived { subject, .. } => {
                self.judged.insert(*subject, Judged { verdict: Verdict::Waived, due: None });
            }
            Happened::Idle(level) => self.idle = Some(*level),
            Happened::TakenBack { .. } => self.status = Status::TakenBack,
            Happened::Discharged => self.status = Status::Discharged,
        }
    }

    fn claim(&self, subject: Subject, amount: Money, cure_until: Date, today: Date) -> Claim {
        let per_day = match subject {
            Subject::Period(promise, _) => match self.contract.promises[usize::from(promise)].formula {
                Formula::GapWithLateFee { per_day } => Some(per_day),
                Formula::Gap | Formula::ShareOfPrice | Formula::Nothing => None,
            },
            Subject::Milestone(_) | Subject::Duty(_) | Subject::Idle => None,
        };
        Claim {
            subject,
            amount,
            fee: Money::ZERO,
            paid: Money::ZERO,
            from_bond: Money::ZERO,
            cure_until,
            state: ClaimState::Open,
            per_day,
            fee_after: today,
        }
    }

    fn set(&mut self, claim: usize, state: ClaimState) {
        if let Some(claim) = self.claims.get_mut(claim) {
            claim.state = state;
        }
    }

    fn close(&mut self, claim: usize) {
        self.set(claim, ClaimState::Closed);
    }

    fn collect(&mut self, claim: usize, fee: Money, today: Date, take: impl FnOnce(&mut Claim)) {
        let Some(claim) = self.claims.get_mut(claim) else { return };
        claim.fee = add(claim.fee, fee);
        claim.fee_after = claim.fee_after.max(today);
        take(claim);
        if claim.owed() == Money::ZERO {
            claim.state = ClaimState::Closed;
        }
    }

    /// All events folded into a new pledge.
    ///
    /// # Errors
    /// When the terms make no sense together.
    pub fn replay<'a>(
        contract: alloc::sync::Arc<crate::contract::Contract>,
        opened: Instant,
        events: impl Iterator<Item = &'a Event>,
    ) -> Result<Self, crate::contract::ContractError> {
        let mut pledge = Self::open(contract, opened)?;
        events.for_each(|event| pledge.apply(event));
        Ok(pledge)
    }
}

/// Sums were checked when the event was decided.
fn add(a: Money, b: Money) -> Money {
    a.checked_add(b).unwrap_or(a)
}
