//! Whether terms make sense, and what follows from them alone.

use landgavel_base::{Date, DueError, Money, Period, PeriodUnit, Quantity, Ratio};

use crate::arithmetic::{in_money, part_of_price, shortfall};
use crate::contract::{
    Accounting, Contract, ContractError, Direction, Formula, Ground, HaltRule, Measure, Promise, Span, Start,
    TakeBackRule,
};
use crate::evidence::Subject;

/// Most years of one promise: no right of use lasts longer. Source: 国务院令第55号 (1990), art. 12.
const YEARS_MAX: u16 = 70;
/// Most milestones, promises, duties or bans each: far beyond any agreement, and quick to walk through.
const PARTS_MAX: usize = 200;

impl Contract {
    /// Whether the terms make sense together, and whether all that they can cost by themselves is an amount of money.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), ContractError> {
        let parts = [self.milestones.len(), self.promises.len(), self.duties.len(), self.bans.len()];
        if parts.iter().any(|count| *count > PARTS_MAX) {
            return Err(ContractError::TooLarge);
        }
        for (index, milestone) in self.milestones.iter().enumerate() {
            if matches!(milestone.after, Start::Milestone(earlier) if earlier >= index) {
                return Err(ContractError::NotBefore { index });
            }
        }
        for (index, promise) in self.promises.iter().enumerate() {
            self.check_promise(index, promise)?;
        }
        for (index, ban) in self.bans.iter().enumerate() {
            if matches!(ban.after, Start::Milestone(before) if before >= self.milestones.len()) {
                return Err(ContractError::NotBefore { index });
            }
        }
        if let Some(rule) = &self.take_back {
            self.check_take_back(rule)?;
        }
        if let Some(rule) = &self.halt {
            self.check_halt(rule)?;
        }
        if self.idle.is_some_and(|idle| idle.start >= self.milestones.len()) {
            return Err(ContractError::NotBefore { index: 0 });
        }
        let shares = || self.milestones.iter().filter_map(|milestone| milestone.tranche).map(|tranche| tranche.share);
        let sum = shares().map(Ratio::ppm).sum::<i64>();
        if sum > Ratio::ONE.ppm()
            || shares().any(is_negative)
            || self.price <= Money::ZERO
            || self.bond.amount < Money::ZERO
        {
            return Err(ContractError::TranchesBeyondWhole);
        }
        self.check_costs()
    }

    fn check_promise(&self, index: usize, promise: &Promise) -> Result<(), ContractError> {
        if promise.after >= self.milestones.len() {
            return Err(ContractError::NotBefore { index });
        }
        if promise.committed <= 0 {
            return Err(ContractError::PromiseNotPositive { index });
        }
        let fen = match promise.measure {
            Measure::MoneyPerMu(fen) | Measure::MoneyPerLot(fen) => Some(fen),
            Measure::Other => None,
        };
        let is_gap = matches!(promise.formula, Formula::Gap | Formula::GapWithLateFee { .. });
        if is_gap && fen.is_none_or(|fen| fen <= 0) {
            return Err(ContractError::NoMoney { index });
        }
        if matches!(promise.span, Span::Years(years) if years == 0 || years > YEARS_MAX) {
            return Err(ContractError::TooLarge);
        }
        if fen.is_some_and(|fen| Quantity::new(fen).is_none()) {
            return Err(ContractError::TooLarge);
        }
        // All of what was promised may be missing, or be exceeded once over.
        let committed = promise.committed.checked_mul(self.judged_together(index)).ok_or(ContractError::TooLarge)?;
        let worst = match promise.direction {
            Direction::AtLeast => Some(0),
            Direction::AtMost => committed.checked_mul(2),
        };
        let owed = worst.and_then(|worst| shortfall(promise, committed, worst, self.area, self.price));
        if owed.is_none() { Err(ContractError::TooLarge) } else { Ok(()) }
    }

    /// What S6 names is there, and what is paid for buildings is counted from one figure of money.
    fn check_take_back(&self, rule: &TakeBackRule) -> Result<(), ContractError> {
        for (at, ground) in rule.grounds.iter().enumerate() {
            let (index, count) = match *ground {
                Ground::Milestone(index) => (index, self.milestones.len()),
                Ground::Promise(index) => (index, self.promises.len()),
                Ground::Ban(index) => (index, self.bans.len()),
            };
            if index >= count {
                return Err(ContractError::NotBefore { index: at });
            }
        }
        if matches!(rule.used_from, Start::Milestone(index) if index >= self.milestones.len()) {
            return Err(ContractError::NotBefore { index: 0 });
        }
        if let Some(buildings) = rule.buildings {
            let is_once = |promise: &&Promise| promise.span == Span::Once && promise.measure != Measure::Other;
            if self.promises.get(buildings.promise).filter(is_once).is_none() {
                return Err(ContractError::NoMoney { index: buildings.promise });
            }
        }
        let worn = rule.buildings.map(|buildings| [buildings.share, buildings.per_year]);
        let is_any_negative = worn.into_iter().flatten().chain([rule.per_year]).any(is_negative);
        let is_endless = self.term(rule.rectify, self.signed).is_none();
        if is_any_negative || is_endless { Err(ContractError::TooLarge) } else { Ok(()) }
    }

    /// Idle land is watched at all, and how far building has come is told from one figure of money.
    fn check_halt(&self, rule: &HaltRule) -> Result<(), ContractError> {
        let is_once = |promise: &&Promise| promise.span == Span::Once;
        let promise = self.promises.get(rule.investment).filter(is_once);
        match promise.map(|promise| in_money(promise.measure, promise.committed, self.area)) {
            _ if self.idle.is_none() => Err(ContractError::NotBefore { index: 0 }),
            _ if rule.completion.is_some_and(|completion| completion >= self.milestones.len()) => {
                Err(ContractError::NotBefore { index: 0 })
            }
            Some(Some(_)) => Ok(()),
            _ => Err(ContractError::NoMoney { index: rule.investment }),
        }
    }

    /// What lateness, idleness, broken bans and late fees can cost, and that no term leaves the calendar.
    fn check_costs(&self) -> Result<(), ContractError> {
        let bounds = self.milestones.iter().filter_map(|milestone| milestone.delay);
        let fees = self.promises.iter().filter_map(|promise| match promise.formula {
            Formula::GapWithLateFee { per_day } => Some(per_day),
            Formula::Gap | Formula::ShareOfPrice | Formula::Nothing => None,
        });
        let shares = bounds.clone().flat_map(|delay| [delay.per_day, delay.at_most]);
        let idle = self.idle.map(|idle| idle.fee).into_iter().chain(self.halt.as_ref().map(|halt| halt.fee));
        let once = self.bans.iter().filter_map(|ban| ban.penalty).chain(idle);
        let is_any_negative = shares.chain(fees).chain(once.clone()).any(is_negative);
        let mut costs = bounds.map(|delay| delay.at_most).chain(once);
        let is_beyond = costs.any(|share| part_of_price(self.price, share).is_none());
        let awaited = self.promises.iter().map(|promise| promise.evidence_within);
        let terms = [self.cure, self.bond.lodge_within, self.bond.top_up_within].into_iter();
        let terms = terms.chain(self.milestones.iter().map(|milestone| milestone.within)).chain(awaited);
        let terms = terms.chain(self.bans.iter().map(|ban| ban.lasts));
        let is_endless = terms.into_iter().any(|term| self.term(term, self.signed).is_none());
        if is_any_negative || is_beyond || is_endless { Err(ContractError::TooLarge) } else { Ok(()) }
    }

    /// Periods of a promise: one, or one each year. None for a promise that there is not.
    pub fn periods(&self, promise: usize) -> u16 {
        match self.promises.get(promise).map(|promise| promise.span) {
            None => 0,
            Some(Span::Once) => 1,
            Some(Span::Years(years)) => years,
        }
    }

    /// The milestones that come before one, the nearest first.
    pub(crate) fn milestones_before(&self, index: usize) -> impl Iterator<Item = usize> {
        let before = |index: usize| match self.milestones[index].after {
            Start::Signed => None,
            Start::Milestone(before) => Some(before),
        };
        core::iter::successors(before(index), move |index| before(*index))
    }

    /// How many periods of a promise one verdict sums up.
    fn judged_together(&self, promise: usize) -> i64 {
        match self.promises[promise].accounting {
            Accounting::Yearly => 1,
            Accounting::Cumulative => i64::from(self.periods(promise)),
        }
    }

    /// Whether a figure can be judged with whatever figures of this size may come beside it: every sum and amount
    /// stays in range.
    pub(crate) fn can_judge(&self, promise: usize, figure: i64) -> bool {
        let terms = &self.promises[promise];
        let count = self.judged_together(promise);
        let sums =
            figure.checked_abs().and_then(|size| size.checked_mul(count)).zip(terms.committed.checked_mul(count));
        sums.is_some_and(|(size, committed)| {
            [size, -size].iter().all(|actual| shortfall(terms, committed, *actual, self.area, self.price).is_some())
        })
    }

    /// Whether the contract has such a thing.
    pub(crate) fn has(&self, subject: Subject) -> bool {
        match subject {
            Subject::Milestone(index) => usize::from(index) < self.milestones.len(),
            Subject::Period(promise, period) => period < self.periods(usize::from(promise)),
            Subject::Duty(index) => usize::from(index) < self.duties.len(),
            Subject::Ban(index) => usize::from(index) < self.bans.len(),
            Subject::Idle => self.idle.is_some(),
        }
    }

    /// The last day of a term; `None` beyond the year 9999.
    ///
    /// Beyond the years that the calendar covers days off are not known: the day is not moved, and working days are those
    /// from Monday to Friday.
    pub(crate) fn term(&self, period: Period, from: Date) -> Option<Date> {
        match (period.due_from(from, &self.calendar), period.unit) {
            (Ok(day), _) => Some(day),
            (Err(DueError::YearNotCovered { .. }), PeriodUnit::WorkingDay) => weekdays_after(from, period.count),
            (Err(DueError::YearNotCovered { date, .. }), PeriodUnit::Day | PeriodUnit::Month | PeriodUnit::Year) => {
                Some(date)
            }
            (Err(DueError::BeyondDates), _) => None,
        }
    }
}

fn is_negative(share: Ratio) -> bool {
    share.ppm() < 0
}

/// The day on which so many days from Monday to Friday have passed.
fn weekdays_after(day: Date, count: u32) -> Option<Date> {
    let weeks = i32::try_from(count / 5).ok()?.checked_mul(7)?;
    let mut day = day.plus_days(weeks)?;
    let mut left = count % 5;
    while left > 0 {
        day = day.plus_days(1)?;
        left -= u32::from(day.weekday() <= 5);
    }
    Some(day)
}
