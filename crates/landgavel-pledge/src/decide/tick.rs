use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Date, Money};

use super::Decision;
use crate::arithmetic::part_of_price;
use crate::event::Happened;
use crate::evidence::Subject;
use crate::refusal::{Reason, refuse};
use crate::schedule::Step;
use crate::state::{Pledge, Status, saturated};
use crate::verdict::IdleLevel;

impl Pledge {
    /// What a passed day brings.
    pub(super) fn tick(&self, today: Date, step: Step) -> Decision {
        match step {
            Step::BondMissing(demand) => {
                let amount = self.demands[demand].due.map_or(Money::ZERO, |due| self.missing_by(due));
                Ok(vec![Happened::BondMissing { amount }])
            }
            Step::Warn(bond) => {
                let valid_until = self.bonds[bond].bond.valid_until;
                let demand =
                    valid_until.zip(self.needed_until(bond, &self.outlook())).map(|(valid_until, needed_until)| {
                        let due = self.extend_by(today, valid_until);
                        Happened::BondExpiring { bond, valid_until, needed_until, due }
                    });
                Ok(demand.into_iter().collect())
            }
            Step::Lapse(bond) => {
                let amount = self.bonds[bond].held();
                Ok([Happened::BondLapsed { bond, amount }].into_iter().chain(self.top_up(today, amount)).collect())
            }
            Step::Judge(subject) => self.judge(today, subject, None),
            Step::Capped(milestone) => self.charge_unshown(today, milestone),
            Step::Idle(IdleLevel::TakeBack) => Ok(vec![Happened::Idle(IdleLevel::TakeBack)]),
            Step::Idle(IdleLevel::Fee) => {
                let share = self.contract.idle.map(|rule| rule.fee);
                let Some(computation) = share.and_then(|share| part_of_price(self.contract.price, share)) else {
                    return refuse(Reason::AmountTooLarge);
                };
                let mut happened = vec![Happened::Idle(IdleLevel::Fee)];
                happened.extend(self.breach(today, Subject::Idle, computation));
                Ok(happened)
            }
            Step::Release(milestone) => Ok(self.release(milestone, &[]).into_iter().collect()),
            Step::Discharge => Ok(self.return_all().chain([Happened::Discharged]).collect()),
            Step::Return => Ok(self.return_all().collect()),
        }
    }

    /// What is left of all bonds goes back, but for what is forfeited.
    fn return_all(&self) -> impl Iterator<Item = Happened> {
        let forfeited = self.take(self.forfeits);
        let kept = |bond: usize| forfeited.iter().filter(move |(from, _)| *from == bond).map(|(_, amount)| *amount);
        let bonds = self.bonds.iter().enumerate();
        let rest = bonds.map(|(index, bond)| (index, saturated([bond.held()].into_iter(), kept(index))));
        let from: Vec<(usize, Money)> = rest.filter(|(_, held)| *held > Money::ZERO).collect();
        let forfeited = (!forfeited.is_empty()).then_some(Happened::Forfeited { from: forfeited });
        forfeited.into_iter().chain((!from.is_empty()).then_some(Happened::Released { milestone: None, from }))
    }

    /// The demand to fill a bond up again; once the land is taken back there is nothing left to secure.
    pub(super) fn top_up(&self, today: Date, amount: Money) -> Option<Happened> {
        let due = self.contract.term(self.contract.bond.top_up_within, today);
        (self.status == Status::Running).then_some(Happened::TopUpDemanded { amount, due })
    }
}
