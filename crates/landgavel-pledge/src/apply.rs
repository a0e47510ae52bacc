//! Events to the next state. Nothing here refuses.

use alloc::vec::Vec;

use landgavel_base::{Date, Instant, Money};

use crate::bond::BondForm;
use crate::contract::{Formula, Party};
use crate::event::{Event, Happened};
use crate::evidence::Subject;
use crate::state::{Claim, ClaimState, Demand, Extended, ExtensionDemand, HeldBond, Judged, Pledge, Status, saturated};
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
                amendments: Vec::new(),
                extension: None,
                forfeited: Money::ZERO,
            }),
            Happened::BondExtended { bond, valid_until, letter } => {
                if let Some(held) = self.bonds.get_mut(*bond) {
                    held.amendments.push(*letter);
                    held.bond.valid_until = Some(*valid_until);
                }
            }
            Happened::BondMissing { .. } => {
                let missed = self.next_missing().map(|(_, index)| index);
                if let Some(demand) = missed.and_then(|index| self.demands.get_mut(index)) {
                    demand.was_missed = true;
                }
            }
            Happened::BondExpiring { bond, valid_until, due, .. } => {
                if let Some(held) = self.bonds.get_mut(*bond) {
                    held.extension = Some(ExtensionDemand { ends: *valid_until, due: *due });
                }
            }
            Happened::BondTurnedToCash { bond, .. } => {
                if let Some(held) = self.bonds.get_mut(*bond) {
                    (held.bond.form, held.bond.valid_until) = (BondForm::Cash, None);
                }
            }
            Happened::BondLapsed { bond, amount } => {
                if let Some(held) = self.bonds.get_mut(*bond) {
                    held.lapsed = add(held.lapsed, *amount);
                }
            }
            Happened::TopUpDemanded { amount, due } => {
                self.demands.push(Demand { amount: *amount, due: *due, was_missed: false });
            }
            Happened::EvidenceEntered(evidence) => {
                self.evidence.insert(evidence.subject, evidence.clone());
                if let Subject::Milestone(index) = evidence.subject
                    && self.contract.milestones[usize::from(index)].owed_by == Party::Seller
                {
                    self.entered.insert(usize::from(index), today);
                }
            }
            Happened::EvidenceRetracted { subject } => {
                self.evidence.remove(subject);
                self.judged.remove(&self.judged_with(*subject));
                // So is whether the land lies idle that was found to have been begun in time.
                if self.is_start(*subject) && self.verdict(Subject::Idle) == Some(Verdict::Met) {
                    self.judged.remove(&Subject::Idle);
                }
                if *subject == Subject::Idle {
                    self.idle = None;
                }
                // A ban that was kept to its end has no end again.
                for ban in self.bans_after(*subject) {
                    if !self.evidence.contains_key(&ban) && self.verdict(ban) == Some(Verdict::Met) {
                        self.judged.remove(&ban);
                    }
                }
            }
            Happened::Judged { subject, verdict, computation } => {
                let before = self.judged.get(subject);
                let due = before.and_then(|before| before.due).or_else(|| self.due_of(*subject));
                let costs = computation.as_ref().is_some_and(|one| one.amount > Money::ZERO);
                let is_charged = match verdict {
                    Verdict::Breached | Verdict::Cured => costs || before.is_some_and(|before| before.is_charged),
                    Verdict::Met | Verdict::Waived | Verdict::Undetermined => false,
                };
                // The time to make a breach good runs from the first verdict that it is one.
                let still = before.filter(|before| *verdict == Verdict::Breached && before.verdict == *verdict);
                let on = still.map_or(today, |before| before.on);
                if *subject == Subject::Idle && *verdict == Verdict::Met {
                    self.idle = None;
                }
                self.judged.insert(*subject, Judged { verdict: *verdict, due, on, is_charged });
            }
            Happened::ClaimRaised { subject, amount, cure_until } => {
                self.forget_extensions();
                self.claims.push(self.claim(*subject, *amount, *cure_until, today));
            }
            Happened::ClaimWithdrawn { claim } => self.withdraw(*claim),
            Happened::ClaimReduced { claim, amount, refund } => {
                if let Some(claim) = self.claims.get_mut(*claim) {
                    (claim.amount, claim.refund) = (*amount, *refund);
                    let is_over = *amount == Money::ZERO || claim.state != ClaimState::Disputed;
                    if is_over && claim.owed() == Money::ZERO {
                        claim.state = ClaimState::Closed;
                    }
                }
            }
            Happened::ClaimPaid { claim, amount, fee } => {
                self.collect(*claim, (fee.amount, *amount), today, |claim| claim.paid = add(claim.paid, *amount));
            }
            Happened::ClaimDisputed { claim, .. } => {
                if let Some(claim) = self.claims.get_mut(*claim) {
                    (claim.state, claim.disputed) = (ClaimState::Disputed, true);
                }
            }
            Happened::ClaimSettled { claim, amount, fee, refund, cure_until, .. } => {
                if let Some(claim) = self.claims.get_mut(*claim) {
                    (claim.amount, claim.fee, claim.refund) = (*amount, *fee, *refund);
                    claim.cure_until = *cure_until;
                    claim.state = if claim.owed() == Money::ZERO { ClaimState::Closed } else { ClaimState::Open };
                }
            }
            Happened::BondCalled { claim, from, fee, .. } => {
                for (bond, amount) in from {
                    if let Some(held) = self.bonds.get_mut(*bond) {
                        held.called = add(held.called, *amount);
                    }
                }
                let sum = from.iter().fold(Money::ZERO, |sum, (_, amount)| add(sum, *amount));
                self.collect(*claim, (fee.amount, sum), today, |claim| claim.from_bond = add(claim.from_bond, sum));
            }
            Happened::Released { milestone, from } => {
                for (bond, amount) in from {
                    if let Some(held) = self.bonds.get_mut(*bond) {
                        held.released = add(held.released, *amount);
                    }
                }
                if let Some(milestone) = milestone {
                    let before = self.released.entry(*milestone).or_insert(Money::ZERO);
                    *before = from.iter().fold(*before, |sum, (_, amount)| add(sum, *amount));
                }
            }
            Happened::Extended { milestone, until, .. } => {
                let stops_before = self.stopped.decisions();
                self.extended.insert(*milestone, Extended { until: *until, stops_before });
                if let Ok(index) = u16::try_from(*milestone) {
                    self.judged.remove(&Subject::Milestone(index));
                }
            }
            Happened::TimeStopped { from, until, .. } => self.stopped.stop(*from, *until),
            Happened::Waived { subject, .. } => {
                self.judged
                    .insert(*subject, Judged { verdict: Verdict::Waived, due: None, on: today, is_charged: false });
            }
            Happened::Idle(level) => self.idle = Some(*level),
            Happened::TakenBack { forfeits, .. } => (self.status, self.forfeits) = (Status::TakenBack, *forfeits),
            Happened::Forfeited { from } => {
                for (bond, amount) in from {
                    if let Some(held) = self.bonds.get_mut(*bond) {
                        held.forfeited = add(held.forfeited, *amount);
                    }
                }
                let amounts = from.iter().map(|(_, amount)| *amount);
                self.forfeits = saturated([self.forfeits].into_iter(), amounts);
            }
            Happened::Discharged => self.status = Status::Discharged,
        }
    }

    fn claim(&self, subject: Subject, amount: Money, cure_until: Date, today: Date) -> Claim {
        let per_day = match subject {
            Subject::Period(promise, _) => match self.contract.promises[usize::from(promise)].formula {
                Formula::GapWithLateFee { per_day } => Some(per_day),
                Formula::Gap | Formula::ShareOfPrice | Formula::Nothing => None,
            },
            Subject::Milestone(_) | Subject::Duty(_) | Subject::Idle | Subject::Ban(_) => None,
        };
        Claim {
            subject,
            amount,
            fee: Money::ZERO,
            paid: Money::ZERO,
            from_bond: Money::ZERO,
            refund: Money::ZERO,
            cure_until,
            state: ClaimState::Open,
            disputed: false,
            per_day,
            fee_after: today,
            raised: today,
            moves: Vec::new(),
        }
    }

    /// What was paid on a claim stays paid: only for a duty can it be anything, and there it is part of what the duty
    /// owed. The rest is no longer owed.
    fn withdraw(&mut self, claim: usize) {
        let Some(claim) = self.claims.get_mut(claim) else { return };
        claim.state = ClaimState::Closed;
        claim.amount = saturated([claim.paid, claim.from_bond].into_iter(), [claim.fee].into_iter());
    }

    /// A guarantee that backed nothing any more is asked for anew by what comes after: its old day has nothing to say.
    fn forget_extensions(&mut self) {
        let outlook = self.outlook();
        for bond in 0..self.bonds.len() {
            if self.bonds[bond].extension.is_some() && self.needed_until(bond, &outlook).is_none() {
                self.bonds[bond].extension = None;
            }
        }
    }

    fn collect(&mut self, claim: usize, (fee, moved): (Money, Money), today: Date, take: impl FnOnce(&mut Claim)) {
        let Some(claim) = self.claims.get_mut(claim) else { return };
        claim.fee = add(claim.fee, fee);
        claim.fee_after = claim.fee_after.max(today);
        claim.moves.push((today, moved));
        take(claim);
        // What is paid under dispute is settled all the same: some of it may go back.
        if claim.owed() == Money::ZERO && claim.state != ClaimState::Disputed {
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
