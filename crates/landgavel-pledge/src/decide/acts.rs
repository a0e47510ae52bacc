use alloc::vec;

use landgavel_base::Date;

use super::Decision;
use super::claims::two_officers;
use crate::command::Approval;
use crate::event::Happened;
use crate::evidence::Subject;
use crate::refusal::{Reason, refuse};
use crate::state::Pledge;
use crate::verdict::Verdict;

impl Pledge {
    pub(super) fn extend(&self, milestone: usize, until: Date, approval: &Approval) -> Decision {
        let subject = Subject::Milestone(u16::try_from(milestone).unwrap_or(u16::MAX));
        self.known(subject)?;
        two_officers(approval)?;
        let is_settled = self.verdict(subject) == Some(Verdict::Waived) || self.has_money_moved(subject);
        if self.evidence.contains_key(&subject) || is_settled {
            return refuse(Reason::AlreadySettled);
        }
        match self.milestone_due(milestone) {
            None => refuse(Reason::TermNotBegun),
            Some(due) if until <= due => refuse(Reason::NotLater { after: due }),
            Some(_) => {
                let claims = self.open_claims(subject).map(|claim| Happened::ClaimWithdrawn { claim });
                let extended = Happened::Extended { milestone, until, approval: approval.clone() };
                Ok([extended].into_iter().chain(claims).collect())
            }
        }
    }

    pub(super) fn stop_time(&self, from: Date, until: Date, approval: &Approval) -> Decision {
        two_officers(approval)?;
        let days = self.stopped.new_days(from, until);
        if days == 0 {
            return refuse(Reason::EmptySpan);
        }
        if days > STOPPED_DAYS_MAX - self.stopped.all_days() {
            return refuse(Reason::BeyondDates);
        }
        Ok(vec![Happened::TimeStopped { from, until, days, approval: approval.clone() }])
    }

    pub(super) fn waive(&self, subject: Subject, approval: &Approval) -> Decision {
        self.known(subject)?;
        two_officers(approval)?;
        let subject = self.judged_with(subject);
        // What was paid stays paid; that nothing more is awaited of what nobody shows may still be said.
        let is_paid_for = self.is_unshown(subject) && self.open_claims(subject).next().is_none();
        let is_settled = self.has_money_moved(subject) && !is_paid_for;
        if is_settled || self.verdict(subject) == Some(Verdict::Waived) {
            return refuse(Reason::AlreadySettled);
        }
        let claims = self.open_claims(subject).map(|claim| Happened::ClaimWithdrawn { claim });
        Ok([Happened::Waived { subject, approval: approval.clone() }].into_iter().chain(claims).collect())
    }
}

/// Most days that do not count: a lifetime.
const STOPPED_DAYS_MAX: i32 = 36_500;
