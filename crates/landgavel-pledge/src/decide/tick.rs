use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Date, Money};

use super::Decision;
use crate::arithmetic::idle_fee;
use crate::event::Happened;
use crate::evidence::Subject;
use crate::refusal::{Reason, refuse};
use crate::schedule::Step;
use crate::state::Pledge;
use crate::verdict::IdleLevel;

impl Pledge {
    /// What a passed day brings.
    pub(super) fn tick(&self, today: Date, step: Step) -> Decision {
        match step {
            Step::BondMissing => {
                let lodged = self.bonds.iter().map(|bond| bond.bond.amount.minor()).sum::<i64>();
                let amount = Money::from_minor(self.contract.bond.amount.minor() - lodged).unwrap_or(Money::ZERO);
                Ok(vec![Happened::BondMissing { amount }])
            }
            Step::Warn(bond) => {
                let valid_until = self.bonds[bond].bond.valid_until;
                let needed = self.last_due().and_then(|day| day.plus_days(i32::from(self.contract.bond.outlasts_by)));
                match valid_until.zip(needed) {
                    Some((valid_until, needed_until)) => {
                        Ok(vec![Happened::BondExpiring { bond, valid_until, needed_until }])
                    }
                    None => Ok(Vec::new()),
                }
            }
            Step::Lapse(bond) => {
                let amount = self.bonds[bond].held();
                Ok(vec![Happened::BondLapsed { bond, amount }, self.top_up(today, amount)])
            }
            Step::Judge(subject) => self.judge(today, subject, None),
            Step::Idle(IdleLevel::TakeBack) => Ok(vec![Happened::Idle(IdleLevel::TakeBack)]),
            Step::Idle(IdleLevel::Fee) => {
                let share = self.contract.idle.map(|rule| rule.fee);
                let Some(computation) = share.and_then(|share| idle_fee(self.contract.price, share)) else {
                    return refuse(Reason::AmountTooLarge);
                };
                let mut happened = vec![Happened::Idle(IdleLevel::Fee)];
                happened.extend(self.breach(today, Subject::Idle, computation)?);
                Ok(happened)
            }
            Step::Discharge => {
                let from: Vec<(usize, Money)> = self
                    .bonds
                    .iter()
                    .enumerate()
                    .map(|(index, bond)| (index, bond.held()))
                    .filter(|(_, held)| *held > Money::ZERO)
                    .collect();
                let released = (!from.is_empty()).then_some(Happened::Released { milestone: None, from });
                Ok(released.into_iter().chain([Happened::Discharged]).collect())
            }
        }
    }

    /// The demand to fill a bond up again.
    pub(super) fn top_up(&self, today: Date, amount: Money) -> Happened {
        Happened::TopUpDemanded { amount, due: self.term(self.contract.bond.top_up_within, today) }
    }
}
