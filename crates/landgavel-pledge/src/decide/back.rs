use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Date, Money, Period};

use super::Decision;
use super::claims::two_officers;
use crate::arithmetic::{Computation, Step, buildings, in_money, worn};
use crate::command::Approval;
use crate::contract::{Buildings, Forfeit, Ground, Party, Start, TakeBackRule};
use crate::event::Happened;
use crate::evidence::{Finding, Subject};
use crate::refusal::{Reason, Refusal, refuse};
use crate::state::{ClaimState, Judged, Pledge, saturated};
use crate::verdict::{IdleLevel, Verdict};

impl Pledge {
    /// Taking back (收回、回购), against what the terms compute and nothing else.
    pub(super) fn take_back(&self, today: Date, compensation: Money, approval: &Approval) -> Decision {
        two_officers(approval)?;
        let (ground, computation) = self.take_back_price(today)?;
        if compensation != computation.amount {
            return refuse(Reason::OtherCompensation { computed: computation.amount });
        }
        // Nothing is judged after it: what is late and not shown costs what it has come to.
        let mut happened = Vec::new();
        for milestone in 0..self.contract.milestones.len() {
            happened.extend(self.charge_unshown(today, milestone)?);
        }
        let forfeits = self.forfeited();
        let free = self.free_of_claims(&happened);
        happened.push(Happened::TakenBack { ground, computation, forfeits, approval: approval.clone() });
        let from = self.take(forfeits.min(free));
        if !from.is_empty() {
            happened.push(Happened::Forfeited { from });
        }
        Ok(happened)
    }

    /// What is paid when the land is taken back on a day, with the ground for it.
    ///
    /// Two grounds. Two years of idleness, as long as nobody shows that the start was reached: without payment. Source:
    /// 国土资源部令第53号 (2012), art. 14 (2). Or a breach that the terms name, that is neither cured nor waived nor paid for,
    /// once the time to make it good is over: the price, less what its use took off, and buildings by their rule.
    ///
    /// # Errors
    /// There is no ground yet, or none at all.
    pub fn take_back_price(&self, today: Date) -> Result<(Subject, Computation), Refusal> {
        // An extension, or time that was stopped afterwards, moves the day.
        let last = self.contract.idle.and_then(|rule| self.idle_from(rule.take_back_after));
        let is_idle = self.idle == Some(IdleLevel::TakeBack) && last.is_some_and(|last| last < today);
        if is_idle {
            // The fee is notified with a time to pay and to dispute; nothing is taken while that runs.
            for claim in self.open_claims(Subject::Idle).map(|claim| &self.claims[claim]) {
                if claim.state == ClaimState::Disputed {
                    return refuse(Reason::ClaimIsDisputed);
                }
                if today <= claim.cure_until {
                    return refuse(Reason::CureRuns { until: claim.cure_until });
                }
            }
            let amount = Money::ZERO;
            return Ok((Subject::Idle, Computation { steps: vec![Step::Amount(amount)], amount }));
        }
        let Some(rule) = &self.contract.take_back else { return refuse(Reason::NoGround) };
        let ground = self.ground(rule, today)?;
        match self.computed(rule, today) {
            Some(computation) => Ok((ground, computation)),
            None => refuse(Reason::AmountTooLarge),
        }
    }

    /// The first breach that is a ground.
    fn ground(&self, rule: &TakeBackRule, today: Date) -> Result<Subject, Refusal> {
        let mut not_yet = Reason::NoGround;
        for subject in
            self.subjects().filter(|subject| named(*subject).is_some_and(|ground| rule.grounds.contains(&ground)))
        {
            let Some(judged) = self.judged.get(&subject).filter(|judged| judged.verdict == Verdict::Breached) else {
                continue;
            };
            let claim = self.open_claims(subject).last().map(|claim| &self.claims[claim]);
            let cure = claim.map(|claim| claim.cure_until);
            let until = self.rectified_until(rule.rectify, judged).max(cure.unwrap_or(judged.on));
            match claim.map(|claim| claim.state) {
                // What was paid for is settled, and so is what was done, though late, when it costs nothing.
                None if judged.is_charged || self.is_done(subject) => {}
                _ if today <= until => not_yet = earlier(not_yet, until),
                Some(ClaimState::Disputed) if not_yet == Reason::NoGround => not_yet = Reason::ClaimIsDisputed,
                Some(ClaimState::Disputed) => {}
                _ => return Ok(subject),
            }
        }
        refuse(not_yet)
    }

    /// A milestone that was shown to be reached.
    fn is_done(&self, subject: Subject) -> bool {
        matches!(subject, Subject::Milestone(_)) && self.evidence.contains_key(&subject)
    }

    fn rectified_until(&self, rectify: Period, judged: &Judged) -> Date {
        let last = || Date::from_ymd(9999, 12, 31);
        self.contract.term(rectify, judged.on).or_else(last).unwrap_or(judged.on)
    }

    fn computed(&self, rule: &TakeBackRule, today: Date) -> Option<Computation> {
        let used_from = match rule.used_from {
            Start::Signed => Some(self.contract.signed),
            Start::Milestone(index) => self.done(index),
        };
        let years = years_begun(used_from, today);
        let price = self.contract.price;
        let less = worn(price, rule.per_year, years)?;
        let mut steps = vec![Step::Price(price), Step::PerYear(rule.per_year), Step::Years(years), Step::Less(less)];
        let mut amount = price.checked_sub(less)?;
        if let Some((invested, rule, years)) = rule.buildings.and_then(|rule| self.invested(rule, today)) {
            let buildings = buildings(invested, rule, years)?;
            amount = amount.checked_add(buildings.amount)?;
            steps.extend(buildings.steps);
        }
        steps.push(Step::Amount(amount));
        Some(Computation { steps, amount })
    }

    /// When a milestone was reached; one of the seller's not before its paper was entered.
    fn done(&self, milestone: usize) -> Option<Date> {
        match self.contract.milestones[milestone].owed_by {
            Party::Seller => self.shown_by(milestone),
            Party::Winner => self.reached(milestone),
        }
    }

    /// What was shown to be invested, and years since.
    fn invested(&self, rule: Buildings, today: Date) -> Option<(Money, Buildings, i64)> {
        let promise = &self.contract.promises[rule.promise];
        let subject = Subject::Period(u16::try_from(rule.promise).ok()?, 0);
        let Finding::Figure(figure) = self.evidence.get(&subject)?.finding else { return None };
        let invested = in_money(promise.measure, figure.max(0), self.contract.area)?;
        Some((invested, rule, years_begun(self.done(promise.after), today)))
    }

    /// What is forfeited of what is held.
    fn forfeited(&self) -> Money {
        let held = self.held();
        match self.contract.take_back.as_ref().map_or(Forfeit::Unmet, |rule| rule.forfeits) {
            Forfeit::All => held,
            Forfeit::Unmet => {
                let unmet = (0..self.contract.milestones.len()).filter(|index| {
                    let subject = u16::try_from(*index).map(Subject::Milestone);
                    let verdict = subject.ok().and_then(|subject| self.verdict(subject));
                    let is_done =
                        subject.ok().is_some_and(|one| self.is_done(one) && self.open_claims(one).next().is_none());
                    !self.released.contains_key(index)
                        && !matches!(verdict, Some(Verdict::Met | Verdict::Cured | Verdict::Waived))
                        && !is_done
                });
                saturated(unmet.filter_map(|index| self.tranche(index)), [].into_iter()).min(held)
            }
        }
    }
}

fn named(subject: Subject) -> Option<Ground> {
    match subject {
        Subject::Milestone(index) => Some(Ground::Milestone(usize::from(index))),
        Subject::Period(index, _) => Some(Ground::Promise(usize::from(index))),
        Subject::Ban(index) => Some(Ground::Ban(usize::from(index))),
        Subject::Duty(_) | Subject::Idle => None,
    }
}

fn earlier(before: Reason, until: Date) -> Reason {
    match before {
        Reason::CureRuns { until: other } => Reason::CureRuns { until: until.min(other) },
        _ => Reason::CureRuns { until },
    }
}

/// Years that have begun since a day: the first begins on the day after it.
fn years_begun(from: Option<Date>, today: Date) -> i64 {
    let begins = |year: i32| from.and_then(|from| from.plus_months(12 * year));
    i64::from((0..).take_while(|year| begins(*year).is_some_and(|day| day < today)).fold(0u16, |count, _| count + 1))
}
