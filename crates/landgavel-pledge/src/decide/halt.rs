use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Date, Money};

use super::Decision;
use super::judge::judged;
use crate::arithmetic::{Computation, Step, in_money, part_of_price};
use crate::contract::HaltRule;
use crate::doubt::is_doubted;
use crate::event::Happened;
use crate::evidence::{Finding, Halted, Subject};
use crate::refusal::{Reason, Refusal, refuse};
use crate::state::Pledge;
use crate::verdict::{IdleLevel, Verdict};

impl Pledge {
    /// Whether this is the milestone before which the land lies idle.
    pub(crate) fn is_start(&self, subject: Subject) -> bool {
        self.contract.idle.is_some_and(|rule| Some(subject) == u16::try_from(rule.start).ok().map(Subject::Milestone))
    }

    /// What was shown of work that has stopped.
    pub(super) fn halted(&self) -> Option<Halted> {
        match self.evidence.get(&Subject::Idle)?.finding {
            Finding::Halted(halted) => Some(halted),
            Finding::On(_) | Finding::Figure(_) => None,
        }
    }

    /// Only what was begun is left, and it is found idle once: land that was not begun lies idle by its own rule.
    pub(super) fn may_be_halted(&self, today: Date, halted: Halted, is_confirmed: bool) -> Result<(), Refusal> {
        if halted.until > today {
            return refuse(Reason::EvidenceOfFuture);
        }
        if halted.until < halted.since {
            return refuse(Reason::EmptySpan);
        }
        match self.contract.idle.and_then(|rule| self.reached(rule.start)) {
            None => return refuse(Reason::TermNotBegun),
            Some(begun) if halted.since < begun => return refuse(Reason::OutOfOrder { other: begun }),
            Some(_) => {}
        }
        let complete =
            self.contract.halt.as_ref().and_then(|rule| rule.completion).and_then(|index| self.reached(index));
        if let Some(other) = complete.filter(|complete| *complete <= halted.until) {
            return refuse(Reason::OutOfOrder { other });
        }
        let land = self.contract.area;
        if halted.built.hundredths_m2() > land.hundredths_m2() {
            return refuse(Reason::BeyondLand { land });
        }
        if !is_confirmed {
            self.is_plausible(halted)?;
        }
        match self.verdict(Subject::Idle) {
            None | Some(Verdict::Met) => Ok(()),
            Some(_) => refuse(Reason::AlreadySettled),
        }
    }

    /// What was complete by the day of an inspection was not left: in which order the papers come decides nothing.
    pub(super) fn judge_halt_after(&self, today: Date, milestone: usize, reached: Date) -> Vec<Happened> {
        let is_completion = self.contract.halt.as_ref().is_some_and(|rule| rule.completion == Some(milestone));
        let is_before = self.halted().is_some_and(|halted| reached <= halted.until);
        if !is_completion || !is_before || self.verdict(Subject::Idle) == Some(Verdict::Waived) {
            return vec![];
        }
        self.rejudge(today, Subject::Idle, Verdict::Met, None)
    }

    /// What was invested does not look like a sum in another unit.
    fn is_plausible(&self, halted: Halted) -> Result<(), Refusal> {
        let whole = self.contract.halt.as_ref().and_then(|rule| {
            let promise = self.contract.promises.get(rule.investment)?;
            in_money(promise.measure, promise.committed, self.contract.area)
        });
        let (invested, whole) = (halted.invested, whole.unwrap_or(Money::ZERO));
        if is_doubted(invested.minor(), whole.minor()) {
            return refuse(Reason::InvestmentDoubted { invested, whole });
        }
        Ok(())
    }

    /// Whether land that was begun lies idle. Days that do not count are no days without work.
    pub(super) fn judge_halt(&self, today: Date, also: Option<(Subject, Finding)>) -> Decision {
        let Some(Finding::Halted(halted)) = self.finding(Subject::Idle, also) else { return Ok(vec![]) };
        let Some(rule) = &self.contract.halt else { return Ok(vec![]) };
        let Some((is_idle, computation)) = self.halt_computed(rule, halted) else {
            return refuse(Reason::AmountTooLarge);
        };
        if !is_idle {
            return Ok(vec![judged(Subject::Idle, Verdict::Met, Some(computation))]);
        }
        let mut happened = vec![Happened::Idle(IdleLevel::Fee)];
        happened.extend(self.breach(today, Subject::Idle, computation));
        Ok(happened)
    }

    fn halt_computed(&self, rule: &HaltRule, halted: Halted) -> Option<(bool, Computation)> {
        let promise = self.contract.promises.get(rule.investment)?;
        let area = self.contract.area;
        let whole = in_money(promise.measure, promise.committed, area)?;
        let days = i64::from(halted.until.days_since_epoch()) - i64::from(halted.since.days_since_epoch());
        let mut steps = vec![Step::Halted(days), Step::Built(halted.built, area), Step::Of(halted.invested, whole)];
        let ends = halted.since.plus_months(rule.after.into());
        let ends = ends.and_then(|ends| self.stopped.moved(Some(halted.since), ends, 0));
        let is_long = ends.is_some_and(|ends| halted.until >= ends);
        let third = |part: u64, of: u64| u128::from(part) * 3 < u128::from(of);
        let is_little_built = third(halted.built.hundredths_m2(), area.hundredths_m2());
        let is_little_invested = i128::from(halted.invested.minor()) * 4 < i128::from(whole.minor());
        let is_idle = is_long && (is_little_built || is_little_invested);
        let mut amount = Money::ZERO;
        if is_idle {
            let fee = part_of_price(self.contract.price, rule.fee)?;
            steps.extend(fee.steps);
            amount = fee.amount;
        }
        Some((is_idle, Computation { steps, amount }))
    }
}
