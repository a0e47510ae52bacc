use alloc::vec;
use alloc::vec::Vec;

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

    /// Taking back (收回、回购).
    ///
    /// Two grounds. Two years of idleness, as long as nobody shows that the start was reached: without payment. Source:
    /// 国土资源部令第53号 (2012), art. 14 (2). Or a breach that is neither cured nor waived, once its time to cure is over,
    /// against payment: the rule of Wenzhou's Lucheng first sets a term to rectify and then takes the land back
    /// (限期整改、土地收回). What is paid then, such as the original price less depreciation, two officers say.
    pub(super) fn take_back(&self, today: Date, compensation: Money, approval: &Approval) -> Decision {
        two_officers(approval)?;
        if compensation < Money::ZERO {
            return refuse(Reason::AmountNotPositive);
        }
        let is_idle = self.idle == Some(IdleLevel::TakeBack)
            && self.verdict(Subject::Idle) != Some(Verdict::Waived)
            && self.contract.idle.is_some_and(|rule| self.reached(rule.start).is_none());
        if !is_idle {
            let breaches = self.judged.values().filter(|judged| judged.verdict == Verdict::Breached);
            match breaches.map(|judged| self.cure_until(judged.on)).min() {
                None => return refuse(Reason::NoGround),
                Some(until) if today <= until => return refuse(Reason::CureRuns { until }),
                Some(_) => {}
            }
        }
        if is_idle && compensation > Money::ZERO {
            return refuse(Reason::NoCompensation);
        }
        // Nothing is judged after it: what is late and not shown costs what it has come to.
        let mut happened = Vec::new();
        for milestone in 0..self.contract.milestones.len() {
            happened.extend(self.charge_unshown(today, milestone)?);
        }
        happened.push(Happened::TakenBack { compensation, approval: approval.clone() });
        Ok(happened)
    }
}

/// Most days that do not count: a lifetime.
const STOPPED_DAYS_MAX: i32 = 36_500;
