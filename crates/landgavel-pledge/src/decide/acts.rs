use alloc::vec;

use landgavel_base::{Date, Money};

use super::Decision;
use super::claims::two_officers;
use crate::command::Approval;
use crate::event::Happened;
use crate::evidence::Subject;
use crate::refusal::{Reason, refuse};
use crate::state::Pledge;
use crate::verdict::{IdleLevel, Verdict};

impl Pledge {
    pub(super) fn extend(&self, milestone: usize, until: Date, approval: &Approval) -> Decision {
        let subject = Subject::Milestone(u16::try_from(milestone).unwrap_or(u16::MAX));
        self.known(subject)?;
        two_officers(approval)?;
        if self.evidence.contains_key(&subject) || self.verdict(subject) == Some(Verdict::Waived) {
            return refuse(Reason::AlreadySettled);
        }
        match self.milestone_due(milestone) {
            None => refuse(Reason::TermNotBegun),
            Some(due) if until <= due => refuse(Reason::NotLater { after: due }),
            Some(_) => Ok(vec![Happened::Extended { milestone, until, approval: approval.clone() }]),
        }
    }

    pub(super) fn stop_time(&self, from: Date, until: Date, approval: &Approval) -> Decision {
        two_officers(approval)?;
        let days = until.days_since_epoch() - from.days_since_epoch();
        if days <= 0 {
            return refuse(Reason::EmptySpan);
        }
        if self.stopped_days.checked_add(days).is_none_or(|all| all > STOPPED_DAYS_MAX) {
            return refuse(Reason::BeyondDates);
        }
        Ok(vec![Happened::TimeStopped { days, approval: approval.clone() }])
    }

    pub(super) fn waive(&self, subject: Subject, approval: &Approval) -> Decision {
        self.known(subject)?;
        two_officers(approval)?;
        let subject = self.judged_with(subject);
        let money_moved = self
            .claims
            .iter()
            .any(|claim| claim.subject == subject && (claim.paid.minor() > 0 || claim.from_bond.minor() > 0));
        if money_moved || self.verdict(subject) == Some(Verdict::Waived) {
            return refuse(Reason::AlreadySettled);
        }
        let claims = self.open_claims(subject).map(|claim| Happened::ClaimWithdrawn { claim });
        Ok([Happened::Waived { subject, approval: approval.clone() }].into_iter().chain(claims).collect())
    }

    /// Taking back: after two years of idleness without payment, after another breach against payment.
    pub(super) fn take_back(&self, compensation: Money, approval: &Approval) -> Decision {
        two_officers(approval)?;
        if compensation < Money::ZERO {
            return refuse(Reason::AmountNotPositive);
        }
        let is_idle = self.idle == Some(IdleLevel::TakeBack);
        let is_breached = self.judged.values().any(|judged| judged.verdict == Verdict::Breached);
        if !is_idle && !is_breached {
            return refuse(Reason::NoGround);
        }
        if is_idle && compensation > Money::ZERO {
            return refuse(Reason::NoCompensation);
        }
        Ok(vec![Happened::TakenBack { compensation, approval: approval.clone() }])
    }
}

/// Most days that do not count: a lifetime.
const STOPPED_DAYS_MAX: i32 = 36_500;
