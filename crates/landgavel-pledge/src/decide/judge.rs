use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Date, Money};

use super::Decision;
use crate::arithmetic::{Computation, delay, gap, part_of_price, shortfall};
use crate::contract::Accounting;
use crate::event::Happened;
use crate::evidence::{Finding, Subject};
use crate::refusal::{Reason, refuse};
use crate::state::{ClaimState, Pledge, saturated};
use crate::verdict::{IdleLevel, Verdict};

impl Pledge {
    /// Judges something by what is known, with `also` as evidence that is just coming in.
    pub(super) fn judge(&self, today: Date, subject: Subject, also: Option<(Subject, Finding)>) -> Decision {
        match subject {
            Subject::Milestone(index) => self.judge_milestone(today, usize::from(index), also),
            Subject::Period(promise, period) => self.judge_period(today, usize::from(promise), period, also),
            Subject::Duty(index) => self.judge_duty(today, usize::from(index), also),
            Subject::Ban(index) => self.judge_ban(today, usize::from(index), also),
            Subject::Idle => self.judge_halt(today, also),
        }
    }

    pub(super) fn finding(&self, subject: Subject, also: Option<(Subject, Finding)>) -> Option<Finding> {
        match also {
            Some((about, finding)) if about == subject => Some(finding),
            _ => self.evidence.get(&subject).map(|evidence| evidence.finding),
        }
    }

    /// The last day against which a day is judged: that of the first verdict, if there was one.
    fn due_for(&self, subject: Subject) -> Option<Date> {
        self.judged.get(&subject).and_then(|judged| judged.due).or_else(|| self.due_of(subject))
    }

    fn judge_milestone(&self, today: Date, index: usize, also: Option<(Subject, Finding)>) -> Decision {
        let subject = Subject::Milestone(u16::try_from(index).unwrap_or(u16::MAX));
        let milestone = &self.contract.milestones[index];
        let Some(due) = self.due_for(subject) else { return refuse(Reason::TermNotBegun) };
        let Some(Finding::On(reached)) = self.finding(subject, also) else {
            // The winner must show that it did its part.
            return Ok(vec![judged(subject, Verdict::Breached, None)]);
        };
        let days = days_late(due, reached);
        let is_late = days > 0;
        let mut happened = match (is_late, milestone.delay) {
            (false, _) => self.rejudge(today, subject, Verdict::Met, None),
            (true, None) => self.rejudge(today, subject, self.made_good(subject, due, reached), None),
            (true, Some(rule)) => {
                let Some(computation) = delay(self.contract.price, days, rule.per_day, rule.at_most) else {
                    return refuse(Reason::AmountTooLarge);
                };
                self.rejudge(today, subject, Verdict::Breached, Some(computation))
            }
        };
        // Before the tranche: what falls with it holds nothing back.
        if also.is_some_and(|(about, _)| about == subject) {
            happened.extend(self.judge_idle_after(today, subject, reached));
            happened.extend(self.judge_halt_after(today, index, reached));
        }
        if milestone.tranche.is_some_and(|tranche| !is_late || tranche.also_late) {
            happened.extend(self.release(index, &happened));
        }
        Ok(happened)
    }

    /// A deed that costs no money when it is late is cured when it is done within the time to make it good.
    fn made_good(&self, subject: Subject, due: Date, reached: Date) -> Verdict {
        let judged = self.judged.get(&subject).map_or(due, |judged| judged.on);
        let term = self.contract.take_back.as_ref().map_or(self.contract.cure, |rule| rule.rectify);
        let until = self.contract.term(term, judged);
        if until.is_none_or(|until| reached <= until) { Verdict::Cured } else { Verdict::Breached }
    }

    /// Whether money was owed for it and nothing is any more.
    pub(crate) fn is_paid_for(&self, subject: Subject) -> bool {
        self.judged.get(&subject).is_some_and(|judged| judged.is_charged) && self.open_claims(subject).next().is_none()
    }

    /// What a milestone costs that nobody has shown by today: whatever comes, it was not reached before.
    pub(super) fn charge_unshown(&self, today: Date, index: usize) -> Decision {
        let subject = Subject::Milestone(u16::try_from(index).unwrap_or(u16::MAX));
        let Some((due, rule)) = self.uncharged(index) else { return Ok(Vec::new()) };
        match delay(self.contract.price, days_late(due, today), rule.per_day, rule.at_most) {
            Some(computation) => Ok(self.breach(today, subject, computation)),
            None => refuse(Reason::AmountTooLarge),
        }
    }

    /// A verdict on something for which a claim may stand that was raised before its day was shown: it is not raised again,
    /// and falls to what is owed now. What was paid by the last day to cure has cured.
    pub(super) fn rejudge(
        &self,
        today: Date,
        subject: Subject,
        verdict: Verdict,
        computation: Option<Computation>,
    ) -> Vec<Happened> {
        let before = self.judged.get(&subject).filter(|judged| judged.is_charged);
        let claim = before.and_then(|_| self.claims.iter().rposition(|claim| claim.subject == subject));
        let amount = computation.as_ref().map_or(Money::ZERO, |one| one.amount);
        let Some((index, before)) = claim.zip(before) else {
            return match computation {
                Some(computation) => self.breach(today, subject, computation),
                None => vec![judged(subject, verdict, None)],
            };
        };
        let claim = &self.claims[index];
        let still = saturated([amount.min(claim.amount), claim.fee].into_iter(), claim.moved());
        // Not the day of the paper counts but that of the last payment, after which fees would have run.
        let was_in_time = claim.fee_after <= claim.cure_until;
        let is_cured = still == Money::ZERO && (before.verdict == Verdict::Cured || was_in_time);
        let verdict = if verdict == Verdict::Breached && is_cured { Verdict::Cured } else { verdict };
        let mut happened = vec![judged(subject, verdict, computation)];
        if amount == Money::ZERO && !claim.has_moved() && claim.state != ClaimState::Closed {
            happened.push(Happened::ClaimWithdrawn { claim: index });
        } else if amount < claim.amount {
            let refund = saturated(claim.moved(), [amount, claim.fee].into_iter());
            happened.push(Happened::ClaimReduced { claim: index, amount, refund });
        }
        happened
    }

    fn judge_duty(&self, today: Date, index: usize, also: Option<(Subject, Finding)>) -> Decision {
        let subject = Subject::Duty(u16::try_from(index).unwrap_or(u16::MAX));
        let obligation = &self.contract.duties[index].obligation;
        let is_late = |day: Date| obligation.due.is_some_and(|due| day > due);
        match self.finding(subject, also) {
            Some(Finding::On(day)) if !is_late(day) => Ok(vec![judged(subject, Verdict::Met, None)]),
            // What was owed is done, though late; a claim for it falls.
            Some(_) => {
                let claims = self.open_claims(subject).map(|claim| Happened::ClaimWithdrawn { claim });
                Ok([judged(subject, Verdict::Cured, None)].into_iter().chain(claims).collect())
            }
            None => match obligation.amount {
                // A bond that is missing is told and demanded as such.
                Some(amount) if amount > Money::ZERO && !self.contract.duties[index].is_bond => {
                    let steps = vec![crate::arithmetic::Step::Amount(amount)];
                    Ok(self.breach(today, subject, Computation { steps, amount }))
                }
                _ => Ok(vec![judged(subject, Verdict::Breached, None)]),
            },
        }
    }

    /// What must not be done is kept as long as nobody shows that it was done.
    fn judge_ban(&self, today: Date, index: usize, also: Option<(Subject, Finding)>) -> Decision {
        let subject = Subject::Ban(u16::try_from(index).unwrap_or(u16::MAX));
        let penalty = self.contract.bans[index].penalty;
        match (self.finding(subject, also), penalty) {
            (None, _) => Ok(vec![judged(subject, Verdict::Met, None)]),
            (Some(_), None) => Ok(vec![judged(subject, Verdict::Breached, None)]),
            (Some(_), Some(share)) => match part_of_price(self.contract.price, share) {
                Some(computation) => Ok(self.breach(today, subject, computation)),
                None => refuse(Reason::AmountTooLarge),
            },
        }
    }

    /// Bans are judged again when the day from which their term runs becomes known, or is known no more: which of two papers
    /// came first decides nothing. What was paid or waived stays.
    pub(super) fn judge_bans_after(&self, today: Date, milestone: Subject, reached: Option<Date>) -> Decision {
        let mut happened = Vec::new();
        for subject in self.bans_after(milestone) {
            let Subject::Ban(index) = subject else { continue };
            let Some(Finding::On(day)) = self.finding(subject, None) else { continue };
            let verdict = self.verdict(subject);
            if self.has_money_moved(subject) || verdict == Some(Verdict::Waived) {
                continue;
            }
            let lasts = self.contract.bans[usize::from(index)].lasts;
            let until = reached.and_then(|reached| self.contract.term(lasts, reached));
            match (until.is_some_and(|until| day > until), verdict) {
                (true, Some(Verdict::Breached)) => {
                    happened.push(judged(subject, Verdict::Met, None));
                    happened.extend(self.open_claims(subject).map(|claim| Happened::ClaimWithdrawn { claim }));
                }
                (false, Some(Verdict::Met)) => happened.extend(self.judge_ban(today, usize::from(index), None)?),
                _ => {}
            }
        }
        Ok(happened)
    }

    /// Idle land is judged again when the start is shown: begun before the fee was owed, it never lay idle.
    fn judge_idle_after(&self, today: Date, milestone: Subject, reached: Date) -> Vec<Happened> {
        let Some(rule) = self.contract.idle.filter(|_| self.is_start(milestone)) else { return Vec::new() };
        if self.idle.is_none() || self.verdict(Subject::Idle) == Some(Verdict::Waived) {
            return Vec::new();
        }
        // Where its day is not known any more, that of its verdict counts.
        let due = self.milestone_due(rule.start).or_else(|| self.due_for(milestone));
        let last = due.and_then(|due| due.plus_months(rule.fee_after.into()));
        if last.is_some_and(|last| reached <= last) {
            return self.rejudge(today, Subject::Idle, Verdict::Met, None);
        }
        // The fee stands; what was begun is not taken back without payment.
        let stands = (self.idle == Some(IdleLevel::TakeBack)).then_some(Happened::Idle(IdleLevel::Fee));
        stands.into_iter().collect()
    }

    fn judge_period(&self, today: Date, index: usize, period: u16, also: Option<(Subject, Finding)>) -> Decision {
        let promise = &self.contract.promises[index];
        let short = u16::try_from(index).unwrap_or(u16::MAX);
        let subject = Subject::Period(short, period);
        let first = if promise.accounting == Accounting::Cumulative { 0 } else { period };
        let (mut committed, mut actual) = (0i64, 0i64);
        for each in first..=period {
            let Some(Finding::Figure(figure)) = self.finding(Subject::Period(short, each), also) else {
                return Ok(vec![judged(subject, Verdict::Undetermined, None)]);
            };
            let sums = committed.checked_add(promise.committed).zip(actual.checked_add(figure));
            let Some(sums) = sums else { return refuse(Reason::AmountTooLarge) };
            (committed, actual) = sums;
        }
        let Some(computation) = shortfall(promise, committed, actual, self.contract.area, self.contract.price) else {
            return refuse(Reason::AmountTooLarge);
        };
        if gap(promise.direction, committed, actual) == Some(0) {
            return Ok(vec![judged(subject, Verdict::Met, Some(computation))]);
        }
        Ok(self.breach(today, subject, computation))
    }

    /// Last day to cure what was found on a day; at the very end of the calendar, its last day.
    pub(super) fn cure_until(&self, found: Date) -> Date {
        self.contract.term(self.contract.cure, found).or_else(|| Date::from_ymd(9999, 12, 31)).unwrap_or(found)
    }

    /// A breach: the verdict, and a claim when money is owed.
    pub(super) fn breach(&self, today: Date, subject: Subject, computation: Computation) -> Vec<Happened> {
        let amount = computation.amount;
        let mut happened = vec![judged(subject, Verdict::Breached, Some(computation))];
        if amount > Money::ZERO {
            happened.push(Happened::ClaimRaised { subject, amount, cure_until: self.cure_until(today) });
        }
        happened
    }

    /// Whether money has moved on a claim for something.
    pub(super) fn has_money_moved(&self, subject: Subject) -> bool {
        self.claims.iter().any(|claim| claim.subject == subject && claim.has_moved())
    }

    /// Whether the winner owes a deed that nobody has shown to be done.
    pub(super) fn is_unshown(&self, subject: Subject) -> bool {
        matches!(subject, Subject::Milestone(_)) && !self.evidence.contains_key(&subject)
    }

    /// Claims on something that are not closed, by index.
    pub(super) fn open_claims(&self, subject: Subject) -> impl Iterator<Item = usize> {
        let claims = self.claims.iter().enumerate();
        claims
            .filter(move |(_, claim)| claim.subject == subject && claim.state != ClaimState::Closed)
            .map(|(index, _)| index)
    }
}

fn days_late(due: Date, day: Date) -> i64 {
    i64::from(day.days_since_epoch()) - i64::from(due.days_since_epoch())
}

pub(super) fn judged(subject: Subject, verdict: Verdict, computation: Option<Computation>) -> Happened {
    Happened::Judged { subject, verdict, computation }
}
