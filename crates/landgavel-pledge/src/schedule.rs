//! What is due when.

use alloc::vec::Vec;

use landgavel_base::{Date, Instant, Period, PeriodUnit};

use crate::arithmetic::days_to_bound;
use crate::bond::BondForm;
use crate::contract::{Accounting, Delay, Party, Span, Start};
use crate::evidence::{Finding, Subject};
use crate::state::{ClaimState, Pledge, Status};
use crate::verdict::{IdleLevel, Verdict};

/// What happens by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// What was to be lodged is not there; index of the demand.
    BondMissing(usize),
    /// A bond is about to end.
    Warn(usize),
    /// A bond has ended.
    Lapse(usize),
    /// Something is judged.
    Judge(Subject),
    /// A milestone is so late, and still not shown, that what it costs can grow no more; its index.
    Capped(usize),
    /// The land lies idle.
    Idle(IdleLevel),
    /// What of a bond was held back at a milestone goes back now; its index.
    Release(usize),
    /// All is done.
    Discharge,
    /// The land was taken back and no claim is open: what is left of the bonds goes back.
    Return,
}

/// The next step found so far.
#[derive(Default)]
struct Next(Option<(Date, Step)>);

impl Next {
    fn would_take(&self, day: Option<Date>, step: Step) -> bool {
        day.is_some_and(|day| self.0.is_none_or(|best| (day, step) < best))
    }

    fn offer(&mut self, day: Option<Date>, step: Step) {
        if self.would_take(day, step) {
            self.0 = day.map(|day| (day, step));
        }
    }
}

/// What bonds stand behind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outlook {
    /// All that is judged is over.
    pub(crate) is_done: bool,
    /// The last day of what is not judged yet and can cost money.
    pub(crate) last_due: Option<Date>,
    /// Something can cost money until a day that nobody knows: a claim that is not closed, what waits for evidence, or for
    /// a term that has not begun.
    pub(crate) is_open: bool,
}

impl Pledge {
    pub(crate) fn reached(&self, milestone: usize) -> Option<Date> {
        let subject = Subject::Milestone(u16::try_from(milestone).ok()?);
        match self.evidence.get(&subject)?.finding {
            Finding::On(day) => Some(day),
            Finding::Figure(_) | Finding::Halted(_) => None,
        }
    }

    /// The day from which what follows a deed of the seller runs: when it was done, but not before its paper was entered, since the
    /// seller's own offices sign it.
    pub(crate) fn shown_by(&self, milestone: usize) -> Option<Date> {
        let reached = self.reached(milestone)?;
        Some(self.entered.get(&milestone).map_or(reached, |entered| reached.max(*entered)))
    }

    /// The day from which a milestone's term runs: the last day of the one before, so that being early shortens nothing
    /// and being late postpones nothing; but the day on which the seller did its part.
    fn runs_from(&self, index: usize) -> Option<Date> {
        match self.contract.milestones[index].after {
            Start::Signed => Some(self.contract.signed),
            Start::Milestone(before) => match self.contract.milestones[before].owed_by {
                Party::Seller => self.shown_by(before),
                Party::Winner => self.milestone_due(before),
            },
        }
    }

    /// Last day of a milestone: its term, longer by the days of it that do not count. What the milestone before was moved
    /// by is in the day from which the term runs, so it moves once. An extended day is moved only by later decisions.
    pub(crate) fn milestone_due(&self, index: usize) -> Option<Date> {
        let runs_from = self.runs_from(index);
        let (last, since) = match self.extended.get(&index) {
            Some(extended) => (extended.until, extended.stops_before),
            None => (self.contract.term(self.contract.milestones[index].within, runs_from?)?, 0),
        };
        let moved = self.stopped.moved(runs_from, last, since)?;
        if moved == last {
            return Some(last);
        }
        // A last day that is a day off moves on. Source: 民法典 (2020), art. 203.
        self.contract.term(Period { count: 0, unit: PeriodUnit::Day }, moved)
    }

    /// From when a promise counts: the day its milestone was reached, or its last day when that is earlier.
    fn counted_from(&self, promise: usize) -> Option<Date> {
        let milestone = self.contract.promises[promise].after;
        match (self.reached(milestone), self.contract.milestones[milestone].owed_by) {
            (Some(_), Party::Seller) => self.shown_by(milestone),
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

    /// Bans whose term runs from a milestone.
    pub(crate) fn bans_after(&self, subject: Subject) -> Vec<Subject> {
        let Subject::Milestone(milestone) = subject else { return Vec::new() };
        let after = Start::Milestone(usize::from(milestone));
        let all = (0u16..).zip(&self.contract.bans);
        all.filter(|(_, ban)| ban.after == after).map(|(index, _)| Subject::Ban(index)).collect()
    }

    /// Last day of a ban; `None` while its milestone is not reached. One that was waived counts from its last day.
    fn ban_until(&self, index: usize) -> Option<Date> {
        let ban = &self.contract.bans[index];
        let from = match ban.after {
            Start::Signed => self.contract.signed,
            Start::Milestone(before) => {
                let is_waived = || {
                    let subject = u16::try_from(before).map(Subject::Milestone);
                    subject.is_ok_and(|subject| self.verdict(subject) == Some(Verdict::Waived))
                };
                self.reached(before).or_else(|| is_waived().then(|| self.milestone_due(before)).flatten())?
            }
        };
        self.contract.term(ban.lasts, from)
    }

    /// The last day on which something may be shown to be kept, in the contract's calendar and offset from UTC. It is
    /// judged when the day has passed; a verdict stays even when the day is moved later.
    ///
    /// `None` when its term has not begun, has no end within the calendar, or nothing of the kind was promised, and for
    /// idle land, of which [`Pledge::idle`] tells. Of a ban it is the last day on which it is in force.
    pub fn due_of(&self, subject: Subject) -> Option<Date> {
        if !self.contract.has(subject) {
            return None;
        }
        match subject {
            Subject::Milestone(index) => self.milestone_due(usize::from(index)),
            Subject::Period(promise, period) => {
                let end = self.period_end(usize::from(promise), period)?;
                self.contract.term(self.contract.promises[usize::from(promise)].evidence_within, end)
            }
            Subject::Duty(index) => self.contract.duties[usize::from(index)].obligation.due,
            Subject::Ban(index) => self.ban_until(usize::from(index)),
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

    /// All that is judged, in the order of the contract: the winner's milestones, each period of a promise (of sums over
    /// years only the last), duties and bans. Idle land is not among them.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
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
        let bans = (0..contract.bans.len()).map(move |index| Subject::Ban(short(index)));
        milestones.chain(periods).chain(duties).chain(bans)
    }

    /// What the seller has not done by its last day, which is before the day given: the milestone and that last day. It is not judged, and
    /// what the winner owes after it waits.
    pub fn owed_by_seller(&self, today: Date) -> impl Iterator<Item = (Subject, Date)> {
        let sellers = (0u16..).zip(&self.contract.milestones).filter(|(_, one)| one.owed_by == Party::Seller);
        sellers.filter_map(move |(index, _)| {
            let subject = Subject::Milestone(index);
            let due = self.milestone_due(usize::from(index)).filter(|due| *due < today)?;
            let is_open = self.status == Status::Running && !self.evidence.contains_key(&subject);
            is_open.then_some((subject, due))
        })
    }

    /// What is told of a pledge: all that is judged, and idle land once there is a verdict on it.
    pub fn told(&self) -> impl Iterator<Item = Subject> {
        let idle = Some(Subject::Idle).filter(|idle| self.verdict(*idle).is_some());
        self.subjects().chain(idle)
    }

    /// What happens next by itself, and the day after whose end it does.
    pub(crate) fn next_step(&self) -> Option<(Date, Step)> {
        let mut next = Next::default();
        let is_paid = self.claims.iter().all(|claim| claim.state == ClaimState::Closed);
        // Already due: the day before the last event.
        let now = || self.day(self.last).plus_days(-1);
        match self.status {
            Status::Discharged => {}
            Status::TakenBack => {
                self.offer_bonds(&mut next, &Outlook { is_open: !is_paid, ..Outlook::default() });
                if is_paid && self.bonds.iter().any(|held| held.held().minor() > 0) {
                    next.offer(now(), Step::Return);
                }
            }
            Status::Running => {
                if let Some((due, demand)) = self.next_missing() {
                    next.offer(Some(due), Step::BondMissing(demand));
                }
                let outlook = self.offer_judgements(&mut next);
                self.offer_bonds(&mut next, &outlook);
                self.offer_idle(&mut next);
                if let Some(milestone) = self.releasable() {
                    next.offer(now(), Step::Release(milestone));
                }
                if outlook.is_done && is_paid {
                    next.offer(now(), Step::Discharge);
                }
            }
        }
        next.0
    }

    /// The first day on which what being late costs has reached its bound, of a milestone that is late, not shown and not
    /// claimed for.
    pub(crate) fn capped_on(&self, index: usize) -> Option<Date> {
        let (due, rule) = self.uncharged(index)?;
        let days = days_to_bound(self.contract.price, rule.per_day, rule.at_most)?;
        due.plus_days(i32::try_from(days).ok()?)
    }

    /// The last day of a milestone that is late, not shown and not claimed for, and what that costs.
    pub(crate) fn uncharged(&self, index: usize) -> Option<(Date, Delay)> {
        let subject = Subject::Milestone(u16::try_from(index).ok()?);
        let judged = self.judged.get(&subject).filter(|judged| !judged.is_charged)?;
        let is_open = judged.verdict == Verdict::Breached && !self.evidence.contains_key(&subject);
        judged.due.filter(|_| is_open).zip(self.contract.milestones[index].delay)
    }

    /// Offers what is still to be judged; gives what bonds stand behind.
    fn offer_judgements(&self, next: &mut Next) -> Outlook {
        let is_open = self.claims.iter().any(|claim| claim.state != ClaimState::Closed);
        let mut outlook = Outlook { is_done: true, last_due: None, is_open };
        for subject in self.subjects() {
            let is_backed = self.is_backed(subject);
            match self.judged.get(&subject) {
                None => {
                    let due = self.due_of(subject);
                    if is_backed {
                        outlook.last_due = outlook.last_due.max(due);
                        outlook.is_open |= due.is_none();
                    }
                    outlook.is_done = false;
                    next.offer(due, Step::Judge(subject));
                }
                Some(judged) => {
                    outlook.is_open |= is_backed && judged.verdict == Verdict::Undetermined;
                    outlook.is_done &= self.is_over(subject, judged.verdict);
                }
            }
        }
        outlook.last_due = outlook.last_due.max(self.idle_fee_day());
        for index in 0..self.contract.milestones.len() {
            if let Some(day) = self.capped_on(index) {
                outlook.last_due = outlook.last_due.max(Some(day));
                next.offer(day.plus_days(-1), Step::Capped(index));
            }
        }
        outlook
    }

    /// What bonds stand behind now.
    pub(crate) fn outlook(&self) -> Outlook {
        match self.status {
            Status::Running => self.offer_judgements(&mut Next::default()),
            Status::TakenBack | Status::Discharged => Outlook {
                is_open: self.claims.iter().any(|claim| claim.state != ClaimState::Closed),
                ..Outlook::default()
            },
        }
    }

    /// Guarantees end, and it is demanded ahead that they be extended or replaced when they back something after it.
    fn offer_bonds(&self, next: &mut Next, outlook: &Outlook) {
        for (index, held) in self.bonds.iter().enumerate() {
            if held.bond.form == BondForm::Cash || held.held().minor() == 0 {
                continue;
            }
            let Some(valid_until) = held.bond.valid_until else { continue };
            next.offer(Some(valid_until), Step::Lapse(index));
            let day = valid_until.plus_days(-i32::from(self.contract.bond.warn_before));
            let was_told = held.extension.is_some_and(|demand| demand.ends == valid_until);
            // Whether it is needed is asked last: that looks at all other bonds.
            if !was_told && next.would_take(day, Step::Warn(index)) && self.needed_until(index, outlook).is_some() {
                next.offer(day, Step::Warn(index));
            }
        }
    }

    fn offer_idle(&self, next: &mut Next) {
        let take_back = self.contract.idle.and_then(|rule| self.idle_from(rule.take_back_after));
        match self.idle {
            None => next.offer(self.idle_fee_day(), Step::Idle(IdleLevel::Fee)),
            Some(IdleLevel::Fee) => next.offer(take_back, Step::Idle(IdleLevel::TakeBack)),
            Some(IdleLevel::TakeBack) => {}
        }
    }

    /// The last day before the fee for idle land is owed, if nothing is shown to have begun.
    fn idle_fee_day(&self) -> Option<Date> {
        self.contract.idle.filter(|_| self.idle.is_none()).and_then(|rule| self.idle_from(rule.fee_after))
    }

    /// The last day on which land that nobody begins lies idle for less than so many months.
    pub(crate) fn idle_from(&self, months: u16) -> Option<Date> {
        let rule = self.contract.idle?;
        let start = u16::try_from(rule.start).map(Subject::Milestone).ok()?;
        let is_waived = [start, Subject::Idle].iter().any(|one| self.verdict(*one) == Some(Verdict::Waived));
        if self.reached(rule.start).is_some() || is_waived {
            return None;
        }
        self.milestone_due(rule.start)?.plus_months(months.into())
    }

    /// Whether nothing more is awaited of something: what was never shown to be done is not over by being paid for.
    fn is_over(&self, subject: Subject, verdict: Verdict) -> bool {
        match (verdict, subject) {
            (Verdict::Met | Verdict::Cured | Verdict::Waived, _) | (Verdict::Breached, Subject::Period(..)) => true,
            // What is owed in money is done once it is paid, though late.
            (Verdict::Breached, Subject::Duty(_)) if self.is_paid_for(subject) => true,
            (Verdict::Breached, _) => self.evidence.contains_key(&subject),
            (Verdict::Undetermined, _) => false,
        }
    }

    /// When the clock next matters; never before the last event.
    pub fn due(&self) -> Option<Instant> {
        let (day, _) = self.next_step()?;
        match self.after(day) {
            Some(due) => Some(due.max(self.last)),
            // Before 1970 there is no such moment, and the step is due already; beyond the calendar it never is.
            None => (day < self.day(self.last)).then_some(self.last),
        }
    }
}
