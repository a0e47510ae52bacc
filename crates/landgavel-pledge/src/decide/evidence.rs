use alloc::vec;

use landgavel_base::Date;

use super::Decision;
use crate::contract::Party;
use crate::doubt::is_doubted;
use crate::event::Happened;
use crate::evidence::{Evidence, Finding, Subject};
use crate::refusal::{Reason, Refusal, refuse};
use crate::state::Pledge;
use crate::verdict::Verdict;

impl Pledge {
    /// Whether the pledge has such a thing.
    pub(super) fn known(&self, subject: Subject) -> Result<(), Refusal> {
        if self.contract.has(subject) { Ok(()) } else { refuse(Reason::UnknownSubject) }
    }

    /// A milestone is reached after the contract, not before those it follows, and not after those that follow it.
    fn in_order(&self, index: usize, day: Date) -> Result<(), Refusal> {
        if day < self.contract.signed {
            return refuse(Reason::BeforeContract);
        }
        let before = self.contract.milestones_before(index).find_map(|earlier| self.reached(earlier));
        if let Some(other) = before.filter(|other| day < *other) {
            return refuse(Reason::OutOfOrder { other });
        }
        let later = (index + 1..self.contract.milestones.len())
            .filter(|later| self.contract.milestones_before(*later).any(|earlier| earlier == index));
        let first = later.filter_map(|later| self.reached(later)).min();
        match first.filter(|other| day > *other) {
            Some(other) => refuse(Reason::OutOfOrder { other }),
            None => Ok(()),
        }
    }

    pub(super) fn enter(&self, today: Date, evidence: &Evidence) -> Decision {
        let subject = evidence.subject;
        self.known(subject)?;
        let source = match subject {
            Subject::Milestone(index) => &self.contract.milestones[usize::from(index)].source,
            Subject::Period(promise, _) => &self.contract.promises[usize::from(promise)].source,
            Subject::Duty(index) if self.contract.duties[usize::from(index)].is_bond => {
                return refuse(Reason::ShownByBond);
            }
            Subject::Duty(index) => &self.contract.duties[usize::from(index)].source,
            Subject::Ban(index) => &self.contract.bans[usize::from(index)].source,
            Subject::Idle => match &self.contract.halt {
                Some(rule) => &rule.source,
                None => return refuse(Reason::UnknownSubject),
            },
        };
        if evidence.source != *source {
            return refuse(Reason::WrongSource);
        }
        match (subject, evidence.finding) {
            (Subject::Period(promise, period), Finding::Figure(figure)) => {
                let Some(ends) = self.period_end(usize::from(promise), period) else {
                    return refuse(Reason::TermNotBegun);
                };
                if today <= ends {
                    return refuse(Reason::EvidenceTooEarly { ends });
                }
                let promised = self.contract.promises[usize::from(promise)].committed;
                if !evidence.is_confirmed && is_doubted(figure, promised) {
                    return refuse(Reason::FigureDoubted { subject, figure, promised });
                }
                // A figure that could not be judged would stop the clock on its day for ever.
                if !self.contract.can_judge(usize::from(promise), figure) {
                    return refuse(Reason::AmountTooLarge);
                }
            }
            (Subject::Milestone(_) | Subject::Duty(_) | Subject::Ban(_), Finding::On(day)) if day > today => {
                return refuse(Reason::EvidenceOfFuture);
            }
            (Subject::Milestone(index), Finding::On(day)) => self.in_order(usize::from(index), day)?,
            (Subject::Duty(index), Finding::On(day)) => {
                // What the sale itself asked for before the contract may also be done before it.
                let due = self.contract.duties[usize::from(index)].obligation.due;
                if day < self.contract.signed && due.is_none_or(|due| due >= self.contract.signed) {
                    return refuse(Reason::BeforeContract);
                }
            }
            (Subject::Ban(_), Finding::On(day)) if day < self.contract.signed => {
                return refuse(Reason::BeforeContract);
            }
            (Subject::Ban(_), Finding::On(day)) => {
                if let Some(until) = self.due_of(subject).filter(|until| day > *until) {
                    return refuse(Reason::BanOver { until });
                }
            }
            (Subject::Idle, Finding::Halted(halted)) => self.may_be_halted(today, halted, evidence.is_confirmed)?,
            _ => return refuse(Reason::WrongFinding),
        }
        let verdict = self.verdict(self.judged_with(subject));
        if verdict == Some(Verdict::Waived) {
            return refuse(Reason::AlreadySettled);
        }
        // A later inspection of land that did not lie idle yet follows the one before.
        if self.evidence.contains_key(&subject) && subject != Subject::Idle {
            return refuse(Reason::EvidenceAlreadyEntered);
        }
        let mut happened = vec![Happened::EvidenceEntered(evidence.clone())];
        let also = Some((subject, evidence.finding));
        match subject {
            // The seller's own milestones are not judged: terms run from them.
            Subject::Milestone(index) if self.contract.milestones[usize::from(index)].owed_by == Party::Seller => {}
            Subject::Milestone(_) | Subject::Duty(_) | Subject::Ban(_) => {
                happened.extend(self.judge(today, subject, also)?)
            }
            // Figures are judged on their day; those that come after it, at once.
            Subject::Period(..) if verdict == Some(Verdict::Undetermined) => {
                let whole = self.judge(today, self.judged_with(subject), also)?;
                let still = |one: &Happened| matches!(one, Happened::Judged { verdict: Verdict::Undetermined, .. });
                if !whole.iter().any(still) {
                    happened.extend(whole);
                }
            }
            Subject::Idle => happened.extend(self.judge(today, subject, also)?),
            Subject::Period(..) => {}
        }
        if let Finding::On(day) = evidence.finding {
            happened.extend(self.judge_bans_after(today, subject, Some(day))?);
        }
        Ok(happened)
    }

    pub(super) fn retract(&self, today: Date, subject: Subject, source: &str) -> Decision {
        self.known(subject)?;
        let Some(evidence) = self.evidence.get(&subject) else { return refuse(Reason::NoEvidence) };
        if evidence.source != source {
            return refuse(Reason::WrongSource);
        }
        if let Some(halted) = self.halted().filter(|_| self.is_start(subject)) {
            return refuse(Reason::OutOfOrder { other: halted.since });
        }
        let judged = self.judged_with(subject);
        let was_released =
            matches!(subject, Subject::Milestone(index) if self.released.contains_key(&usize::from(index)));
        if self.has_money_moved(judged) || was_released || self.verdict(judged) == Some(Verdict::Waived) {
            return refuse(Reason::AlreadySettled);
        }
        let claims = self.open_claims(judged).map(|claim| Happened::ClaimWithdrawn { claim });
        let bans = self.judge_bans_after(today, subject, None)?;
        Ok([Happened::EvidenceRetracted { subject }].into_iter().chain(claims).chain(bans).collect())
    }
}
