//! What is due when.

use landgavel_base::{Date, DueError, Instant, Period};

use crate::bond::BondForm;
use crate::contract::{Accounting, Party, Span, Start};
use crate::evidence::{Finding, Subject};
use crate::state::{ClaimState, Pledge, Status};
use crate::verdict::{IdleLevel, Verdict};

/// What happens by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The bond is not there.
    BondMissing,
    /// A bond is about to end.
    Warn(usize),
    /// A bond has ended.
    Lapse(usize),
    /// Something is judged.
    Judge(Subject),
    /// The land lies idle.
    Idle(IdleLevel),
    /// All is done.
    Discharge,
}

impl Pledge {
    /// The last day of a term. Beyond the years that the calendar covers days off are not known, and the day is not moved.
    pub(crate) fn term(&self, period: Period, from: Date) -> Option<Date> {
        match period.due_from(from, &self.contract.calendar) {
            Ok(day) => Some(day),
            Err(DueError::YearNotCovered { date, .. }) => Some(date),
            Err(DueError::BeyondDates) => None,
        }
    }

    pub(crate) fn reached(&self, milestone: usize) -> Option<Date> {
        let subject = Subject::Milestone(u16::try_from(milestone).ok()?);
        match self.evidence.get(&subject)?.finding {
            Finding::On(day) => Some(day),
            Finding::Figure(_) => None,
        }
    }

    /// Last day of a milestone. It runs from the last day of the one before, so that being early shortens nothing and
    /// being late postpones nothing; but from the day on which the seller did its part.
    pub(crate) fn milestone_due(&self, milestone: usize) -> Option<Date> {
        self.milestone_due_raw(milestone)?.plus_days(self.stopped_days)
    }

    fn milestone_due_raw(&self, index: usize) -> Option<Date> {
        if let Some(until) = self.extended.get(&index) {
            return Some(*until);
        }
        let milestone = &self.contract.milestones[index];
        let from = match milestone.after {
            Start::Signed => self.contract.signed,
            Start::Milestone(before) => match self.contract.milestones[before].owed_by {
                Party::Seller => self.reached(before)?,
                Party::Winner => self.milestone_due_raw(before)?,
            },
        };
        self.term(milestone.within, from)
    }

    /// From when a promise counts: the day its milestone was reached, or its last day when that is earlier.
    fn counted_from(&self, promise: usize) -> Option<Date> {
        let milestone = self.contract.promises[promise].after;
        match (self.reached(milestone), self.contract.milestones[milestone].owed_by) {
            (Some(reached), Party::Seller) => Some(reached),
            (None, Party::Seller) => None,
            (reached, Party::Winner) => {
                let due = self.milestone_due(milestone)?;
                Some(reached.map_or(due, |reached| reached.min(due)))
            }
        }
    }

    /// Last day of a period.
    pub(crate) fn period_end(&self, promise: usize, period: u16) -> Option<Date> {
        let from = self.counted_from(promise)?;
        match self.contract.promises[promise].span {
            Span::Once => Some(from),
            Span::Years(_) => from.plus_months(12 * (i32::from(period) + 1)),
        }
    }

    /// The last day on which something may be shown to be kept.
    pub(crate) fn due_of(&self, subject: Subject) -> Option<Date> {
        match subject {
            Subject::Milestone(index) => self.milestone_due(usize::from(index)),
            Subject::Period(promise, period) => {
                let end = self.period_end(usize::from(promise), period)?;
                self.term(self.contract.promises[usize::from(promise)].evidence_within, end)
            }
            Subject::Duty(index) => self.contract.duties[usize::from(index)].obligation.due,
            Subject::Idle => None,
        }
    }

    /// Under which subject a period is judged: sums over years stand under the last one.
    pub(crate) fn judged_with(&self, subject: Subject) -> Subject {
        match subject {
            Subject::Period(promise, _)
                if self.contract.promises[usize::from(promise)].accounting == Accounting::Cumulative =>
            {
                Subject::Period(promise, self.contract.periods(usize::from(promise)) - 1)
            }
            other => other,
        }
    }

    /// All that is judged, in the order of the contract.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = Subject> {
        let short = |index: usize| u16::try_from(index).unwrap_or(u16::MAX);
        let contract = &self.contract;
        let milestones = (0..contract.milestones.len())
            .filter(|index| contract.milestones[*index].owed_by == Party::Winner)
            .map(move |index| Subject::Milestone(short(index)));
        let periods = (0..contract.promises.len()).flat_map(move |promise| {
            let last = contract.periods(promise) - 1;
            let first = if contract.promises[promise].accounting == Accounting::Cumulative { last } else { 0 };
            (first..=last).map(move |period| Subject::Period(short(promise), period))
        });
        let duties = (0..contract.duties.len()).map(move |index| Subject::Duty(short(index)));
        milestones.chain(periods).chain(duties)
    }

    /// The last day of all that is not judged; bonds must outlast it.
    pub(crate) fn last_due(&self) -> Option<Date> {
        self.subjects()
            .filter(|subject| !self.judged.contains_key(subject))
            .filter_map(|subject| self.due_of(subject))
            .max()
    }

    /// What happens next by itself, and the day after whose end it does.
    pub(crate) fn next_step(&self) -> Option<(Date, Step)> {
        if self.status != Status::Running {
            return None;
        }
        let mut next: Option<(Date, Step)> = None;
        let mut offer = |day: Option<Date>, step: Step| {
            if let Some(day) = day
                && next.is_none_or(|best| (day, step) < best)
            {
                next = Some((day, step));
            }
        };
        if !self.bond_was_missed
            && self.bonds.iter().map(|bond| bond.bond.amount.minor()).sum::<i64>() < self.contract.bond.amount.minor()
        {
            offer(self.term(self.contract.bond.lodge_within, self.contract.signed), Step::BondMissing);
        }
        let mut last_due = None;
        let mut is_done = true;
        for subject in self.subjects() {
            match self.judged.get(&subject) {
                None => {
                    let due = self.due_of(subject);
                    last_due = last_due.max(due);
                    is_done = false;
                    offer(due, Step::Judge(subject));
                }
                Some(judged) => is_done &= self.is_over(subject, judged.verdict),
            }
        }
        for (index, held) in self.bonds.iter().enumerate() {
            if held.bond.form == BondForm::Cash || held.held().minor() == 0 {
                continue;
            }
            let Some(valid_until) = held.bond.valid_until else { continue };
            offer(Some(valid_until), Step::Lapse(index));
            let needed = last_due.and_then(|day| day.plus_days(i32::from(self.contract.bond.outlasts_by)));
            if held.warned_of != Some(valid_until) && needed.is_some_and(|needed| valid_until < needed) {
                offer(valid_until.plus_days(-i32::from(self.contract.bond.warn_before)), Step::Warn(index));
            }
        }
        if let Some(rule) = self.contract.idle
            && self.reached(rule.start).is_none()
            && self.verdict(Subject::Idle) != Some(Verdict::Waived)
        {
            let due = self.milestone_due(rule.start);
            match self.idle {
                None => offer(due.and_then(|due| due.plus_months(rule.fee_after.into())), Step::Idle(IdleLevel::Fee)),
                Some(IdleLevel::Fee) => {
                    offer(
                        due.and_then(|due| due.plus_months(rule.take_back_after.into())),
                        Step::Idle(IdleLevel::TakeBack),
                    );
                }
                Some(IdleLevel::TakeBack) => {}
            }
        }
        let is_paid = self.claims.iter().all(|claim| claim.state == ClaimState::Closed);
        if is_done && is_paid {
            // Already due: the day before the last event.
            offer(self.day(self.last).plus_days(-1), Step::Discharge);
        }
        next
    }

    /// Whether nothing more is awaited of something: what was never shown to be done is not over by being paid for.
    fn is_over(&self, subject: Subject, verdict: Verdict) -> bool {
        match (verdict, subject) {
            (Verdict::Met | Verdict::Cured | Verdict::Waived, _) | (Verdict::Breached, Subject::Period(..)) => true,
            (Verdict::Breached, _) => self.evidence.contains_key(&subject),
            (Verdict::Undetermined, _) => false,
        }
    }

    /// When the clock next matters.
    pub fn due(&self) -> Option<Instant> {
        let (day, _) = self.next_step()?;
        Some(self.after(day)?.max(self.last))
    }
}
