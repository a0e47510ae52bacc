use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Date, Digest, Money};

use super::Decision;
use super::judge::judged;
use crate::bond::{Bond, BondForm};
use crate::doubt::is_doubted;
use crate::event::Happened;
use crate::evidence::Subject;
use crate::refusal::{Reason, refuse};
use crate::state::{HeldBond, Pledge, saturated};
use crate::verdict::Verdict;

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
        // What is missing to the fen is lodged as it is, however little.
        let (missing, required) = (self.missing(), rule.amount);
        let fits = missing > Money::ZERO && bond.amount == missing;
        if !bond.is_confirmed && !fits && is_doubted(bond.amount.minor(), required.minor()) {
            return refuse(Reason::BondDoubted { amount: bond.amount, required });
        }
        if bond.form == BondForm::Guarantee {
            if !bond.on_demand {
                return refuse(Reason::BondNotOnDemand);
            }
            if bond.number.is_none() || bond.letter.is_none() {
                return refuse(Reason::LetterNotNamed);
            }
            match bond.valid_until {
                None => return refuse(Reason::BondWithoutEnd),
                Some(day) if day <= today => return refuse(Reason::BondExpired),
                Some(_) => {}
            }
        }
        if self.bonds.iter().any(|held| is_same_paper(held, bond)) {
            return refuse(Reason::LodgedBefore);
        }
        if self.bonds.len() >= BONDS_MAX {
            return refuse(Reason::TooManyBonds);
        }
        let all = self.bonds.iter().try_fold(bond.amount, |sum, held| sum.checked_add(held.bond.amount));
        if all.is_none() {
            return refuse(Reason::AmountTooLarge);
        }
        let met = self.met_by_lodging(today, None, Some(bond));
        Ok([Happened::BondLodged(bond.clone())].into_iter().chain(met).collect())
    }

    /// Duties of the sale to lodge the bond that are done now, with a bond whose end changes or one more: what has lapsed or was called
    /// is not lodged, nor is a guarantee whose extension would be demanded at once before what it would back.
    fn met_by_lodging(
        &self,
        today: Date,
        changed: Option<(usize, Option<Date>)>,
        more: Option<&Bond>,
    ) -> Vec<Happened> {
        let duties = (0u16..).zip(&self.contract.duties).filter(|(_, duty)| duty.is_bond);
        let is_open = |index: u16| matches!(self.verdict(Subject::Duty(index)), None | Some(Verdict::Breached));
        let open: Vec<_> = duties.filter(|(index, _)| is_open(*index)).collect();
        if open.is_empty() {
            return Vec::new();
        }
        let outlook = self.outlook();
        let told = today.plus_days(i32::from(self.contract.bond.warn_before));
        let is_short = |ends: Date| {
            let is_needed = outlook.is_open || outlook.last_due.is_some_and(|last| last >= ends);
            is_needed && told.is_some_and(|told| ends < told)
        };
        let lasts = |ends: Option<Date>| !ends.is_some_and(is_short);
        let held = self.bonds.iter().enumerate().filter(|(index, held)| match changed {
            Some((bond, ends)) if bond == *index => lasts(ends),
            _ => lasts(held.bond.valid_until),
        });
        let held = held.flat_map(|(_, held)| [held.held(), held.released]);
        let more = more.filter(|bond| lasts(bond.valid_until)).map(|bond| bond.amount);
        let lodged = saturated(held.chain(more), [].into_iter());
        let done = open.into_iter().filter_map(|(index, duty)| {
            let full = duty.obligation.amount.unwrap_or(self.contract.bond.amount);
            let is_late = duty.obligation.due.is_some_and(|due| today > due);
            let verdict = if is_late { Verdict::Cured } else { Verdict::Met };
            (lodged >= full).then(|| judged(Subject::Duty(index), verdict, None))
        });
        done.collect()
    }

    pub(super) fn extend_bond(&self, today: Date, bond: usize, valid_until: Date, letter: Digest) -> Decision {
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
        if self.bonds.iter().any(|held| is_letter_of(held, letter)) {
            return refuse(Reason::LodgedBefore);
        }
        let met = self.met_by_lodging(today, Some((bond, Some(valid_until))), None);
        Ok([Happened::BondExtended { bond, valid_until, letter }].into_iter().chain(met).collect())
    }

    pub(super) fn call_expiring(&self, today: Date, bond: usize) -> Decision {
        let held = self.bonds.get(bond).filter(|held| held.bond.form == BondForm::Guarantee);
        let Some(held) = held else { return refuse(Reason::UnknownBond) };
        let amount = held.held();
        if amount == Money::ZERO {
            return refuse(Reason::NothingHeld);
        }
        match self.extension_demand(bond) {
            None => refuse(Reason::NotExpiring),
            Some(demand) if today <= demand.due => refuse(Reason::ExtensionAwaited { until: demand.due }),
            Some(_) => {
                let met = self.met_by_lodging(today, Some((bond, None)), None);
                Ok([Happened::BondTurnedToCash { bond, amount }].into_iter().chain(met).collect())
            }
        }
    }

    /// What goes back for a milestone. What open claims are owed stays until they are settled, and nothing goes back while a
    /// bond is missing: the rest follows by itself.
    pub(super) fn release(&self, milestone: usize, with: &[Happened]) -> Option<Happened> {
        let left = self.unreleased(milestone).filter(|_| self.missing() == Money::ZERO)?;
        let from = self.take(left.min(self.free_of_claims(with)));
        (!from.is_empty()).then_some(Happened::Released { milestone: Some(milestone), from })
    }

    /// What of a milestone's part of the bond has not gone back.
    fn unreleased(&self, milestone: usize) -> Option<Money> {
        let before = self.released.get(&milestone).copied();
        Some(saturated(self.tranche(milestone).into_iter(), before.into_iter()))
    }

    /// A milestone whose part of the bond can go back now, wholly or in part, after it was held back.
    pub(crate) fn releasable(&self) -> Option<usize> {
        if self.missing() > Money::ZERO || self.free_of_claims(&[]) == Money::ZERO {
            return None;
        }
        let is_due = |index: &usize| {
            let milestone = &self.contract.milestones[*index];
            let Ok(subject) = u16::try_from(*index).map(Subject::Milestone) else { return false };
            match self.verdict(subject).filter(|_| !self.is_unshown(subject)) {
                Some(Verdict::Met) => true,
                // What was shown and is not demanded goes back as what came late does.
                Some(Verdict::Breached | Verdict::Cured | Verdict::Waived) => {
                    milestone.tranche.is_some_and(|tranche| tranche.also_late)
                }
                Some(Verdict::Undetermined) | None => false,
            }
        };
        (0..self.contract.milestones.len())
            .filter(|index| self.unreleased(*index).is_some_and(|left| left > Money::ZERO))
            .find(is_due)
    }

    /// What of the bond stands behind a milestone.
    pub(super) fn tranche(&self, milestone: usize) -> Option<Money> {
        let tranche = self.contract.milestones[milestone].tranche?;
        let required = self.contract.bond.amount.minor();
        let share = i64::try_from(i128::from(required) * i128::from(tranche.share.ppm()) / 1_000_000).ok()?;
        Money::from_minor(share)
    }

    /// What is held beyond what claims are owed, with what happens to them just now.
    pub(super) fn free_of_claims(&self, with: &[Happened]) -> Money {
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
        saturated([self.held()].into_iter().chain(fallen), raised.chain([self.owed()]))
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

/// Whether a bond is a paper that was lodged before: one letter, or one number of one issuer.
fn is_same_paper(held: &HeldBond, other: &Bond) -> bool {
    let number = held.bond.number.as_ref().zip(other.number.as_ref());
    let is_one_number = number.is_some_and(|(one, other)| is_same_name(one, other));
    (is_one_number && is_same_name(&held.bond.issuer, &other.issuer))
        || other.letter.is_some_and(|letter| is_letter_of(held, letter))
}

/// Whether a letter is that of a bond or amends it.
fn is_letter_of(held: &HeldBond, letter: Digest) -> bool {
    held.bond.letter == Some(letter) || held.amendments.contains(&letter)
}

/// Whether two names differ only in spaces, case and the width of letters.
fn is_same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> String {
        let narrow = |letter: char| match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
            other => other,
        };
        name.chars().filter(|letter| !letter.is_whitespace()).map(narrow).flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}
