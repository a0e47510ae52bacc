use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Date, Money};

use super::Decision;
use crate::bond::{Bond, BondForm};
use crate::event::Happened;
use crate::refusal::{Reason, refuse};
use crate::state::{Pledge, saturated};

/// Most bonds of one pledge: each top-up is one.
const BONDS_MAX: usize = 1_000;

impl Pledge {
    pub(super) fn lodge(&self, today: Date, bond: &Bond) -> Decision {
        let rule = &self.contract.bond;
        if !rule.forms.contains(&bond.form) {
            return refuse(Reason::BondFormNotAccepted);
        }
        if bond.currency != self.contract.currency {
            return refuse(Reason::BondInOtherCurrency);
        }
        if bond.beneficiary != rule.beneficiary {
            return refuse(Reason::BondForOtherBeneficiary);
        }
        if bond.amount <= Money::ZERO {
            return refuse(Reason::AmountNotPositive);
        }
        if bond.form == BondForm::Guarantee {
            if !bond.on_demand {
                return refuse(Reason::BondNotOnDemand);
            }
            match bond.valid_until {
                None => return refuse(Reason::BondWithoutEnd),
                Some(day) if day <= today => return refuse(Reason::BondExpired),
                Some(_) => {}
            }
        }
        if self.bonds.len() >= BONDS_MAX {
            return refuse(Reason::TooManyBonds);
        }
        let all = self.bonds.iter().try_fold(bond.amount, |sum, held| sum.checked_add(held.bond.amount));
        if all.is_none() {
            return refuse(Reason::AmountTooLarge);
        }
        Ok(vec![Happened::BondLodged(bond.clone())])
    }

    pub(super) fn extend_bond(&self, today: Date, bond: usize, valid_until: Date) -> Decision {
        let Some(held) = self.bonds.get(bond) else { return refuse(Reason::UnknownBond) };
        let Some(before) = held.bond.valid_until.filter(|_| held.bond.form == BondForm::Guarantee) else {
            return refuse(Reason::UnknownBond);
        };
        if before < today {
            return refuse(Reason::BondExpired);
        }
        if valid_until <= before {
            return refuse(Reason::NotLater { after: before });
        }
        Ok(vec![Happened::BondExtended { bond, valid_until }])
    }

    /// What goes back for a milestone; what open claims are owed stays.
    pub(super) fn release(&self, milestone: usize, with: &[Happened]) -> Option<Happened> {
        if self.released.contains(&milestone) {
            return None;
        }
        let tranche = self.contract.milestones[milestone].tranche?;
        let required = self.contract.bond.amount.minor();
        let share = i64::try_from(i128::from(required) * i128::from(tranche.share.ppm()) / 1_000_000).ok()?;
        let raised = with.iter().map(|one| match one {
            Happened::ClaimRaised { amount, .. } => *amount,
            _ => Money::ZERO,
        });
        let fallen = with.iter().map(|one| match one {
            Happened::ClaimWithdrawn { claim } => self.claims[*claim].owed(),
            Happened::ClaimReduced { claim, amount, .. } => {
                let claim = &self.claims[*claim];
                let still = saturated([*amount, claim.fee].into_iter(), claim.moved());
                saturated([claim.owed()].into_iter(), [still].into_iter())
            }
            _ => Money::ZERO,
        });
        let free = saturated([self.held()].into_iter().chain(fallen), raised.chain([self.owed()]));
        let from = self.take(Money::from_minor(share)?.min(free));
        (!from.is_empty()).then_some(Happened::Released { milestone: Some(milestone), from })
    }

    /// Takes an amount from the bonds, as far as it goes: guarantees first, those that end first before others, then
    /// cash.
    pub(super) fn take(&self, amount: Money) -> Vec<(usize, Money)> {
        let mut order: Vec<usize> =
            (0..self.bonds.len()).filter(|bond| self.bonds[*bond].held() > Money::ZERO).collect();
        order.sort_by_key(|bond| {
            let held = &self.bonds[*bond].bond;
            (held.form == BondForm::Cash, held.valid_until, *bond)
        });
        let mut rest = amount.minor();
        let mut taken = Vec::new();
        for bond in order {
            let part = self.bonds[bond].held().minor().min(rest);
            if let Some(money) = Money::from_minor(part).filter(|_| part > 0) {
                taken.push((bond, money));
                rest -= part;
            }
        }
        taken
    }
}
