use alloc::vec;

use landgavel_base::Date;

use super::Decision;
use crate::contract::Party;
use crate::event::Happened;
use crate::evidence::{Evidence, Finding, Subject};
use crate::refusal::{Reason, Refusal, refuse};
use crate::state::Pledge;
use crate::verdict::Verdict;

impl Pledge {
    /// Whether the pledge has such a thing.
    pub(super) fn known(&self, subject: Subject) -> Result<(), Refusal> {
        let contract = &self.contract;
        let is_known = match subject {
            Subject::Milestone(index) => usize::from(index) < contract.milestones.len(),
            Subject::Period(promise, period) => {
                usize::from(promise) < contract.promises.len() && period < contract.periods(usize::from(promise))
            }
            Subject::Duty(index) => usize::from(index) < contract.duties.len(),
            Subject::Idle => contract.idle.is_some(),
        };
        if is_known { Ok(()) } else { refuse(Reason::UnknownSubject) }
    }

    pub(super) fn enter(&self, today: Date, evidence: &Evidence) -> Decision {
        let subject = evidence.subject;
        self.known(subject)?;
        let source = match subject {
            Subject::Milestone(index) => &self.contract.milestones[usize::from(index)].source,
            Subject::Period(promise, _) => &self.contract.promises[usize::from(promise)].source,
            Subject::Duty(index) => &self.contract.duties[usize::from(index)].source,
            Subject::Idle => return refuse(Reason::UnknownSubject),
        };
        if evidence.source != *source {
            return refuse(Reason::WrongSource);
        }
        match (subject, evidence.finding) {
            (Subject::Period(promise, period), Finding::Figure(_)) => {
                let Some(ends) = self.period_end(usize::from(promise), period) else {
                    return refuse(Reason::TermNotBegun);
                };
                if today <= ends {
                    return refuse(Reason::EvidenceTooEarly { ends });
                }
            }
            (Subject::Milestone(_) | Subject::Duty(_), Finding::On(day)) if day > today => {
                return refuse(Reason::EvidenceOfFuture);
            }
            (Subject::Milestone(_) | Subject::Duty(_), Finding::On(_)) => {}
            _ => return refuse(Reason::WrongFinding),
        }
        let verdict = self.verdict(self.judged_with(subject));
        if verdict == Some(Verdict::Waived) {
            return refuse(Reason::AlreadySettled);
        }
        if self.evidence.contains_key(&subject) {
            return refuse(Reason::EvidenceAlreadyEntered);
        }
        let mut happened = vec![Happened::EvidenceEntered(evidence.clone())];
        let also = Some((subject, evidence.finding));
        match subject {
            // The seller's own milestones are not judged: terms run from them.
            Subject::Milestone(index) if self.contract.milestones[usize::from(index)].owed_by == Party::Seller => {}
            Subject::Milestone(_) | Subject::Duty(_) => happened.extend(self.judge(today, subject, also)?),
            // Figures are judged on their day; those that come after it, at once.
            Subject::Period(..) if verdict == Some(Verdict::Undetermined) => {
                let whole = self.judge(today, self.judged_with(subject), also)?;
                let still = |one: &Happened| matches!(one, Happened::Judged { verdict: Verdict::Undetermined, .. });
                if !whole.iter().any(still) {
                    happened.extend(whole);
                }
            }
            Subject::Period(..) | Subject::Idle => {}
        }
        Ok(happened)
    }

    pub(super) fn retract(&self, subject: Subject, source: &str) -> Decision {
        self.known(subject)?;
        let Some(evidence) = self.evidence.get(&subject) else { return refuse(Reason::NoEvidence) };
        if evidence.source != source {
            return refuse(Reason::WrongSource);
        }
        let judged = self.judged_with(subject);
        let money_moved = self
            .claims
            .iter()
            .any(|claim| claim.subject == judged && (claim.paid.minor() > 0 || claim.from_bond.minor() > 0));
        let was_released = matches!(subject, Subject::Milestone(index) if self.released.contains(&usize::from(index)));
        if money_moved || was_released || self.verdict(judged) == Some(Verdict::Waived) {
            return refuse(Reason::AlreadySettled);
        }
        let claims = self.open_claims(judged).map(|claim| Happened::ClaimWithdrawn { claim });
        Ok([Happened::EvidenceRetracted { subject }].into_iter().chain(claims).collect())
    }
}
