use alloc::vec;

use landgavel_base::{Date, Digest, Money};

use super::Decision;
use super::judge::judged;
use crate::arithmetic::late_fee;
use crate::command::Approval;
use crate::event::Happened;
use crate::refusal::{Reason, Refusal, refuse};
use crate::state::{Claim, ClaimState, Pledge};
use crate::verdict::Verdict;

impl Pledge {
    fn open_claim(&self, claim: usize) -> Result<&Claim, Refusal> {
        match self.claims.get(claim) {
            None => refuse(Reason::UnknownClaim),
            Some(claim) if claim.state == ClaimState::Closed => refuse(Reason::ClaimClosed),
            Some(claim) => Ok(claim),
        }
    }

    /// The late fee that has grown since the last payment, and all that is owed with it.
    fn owed_on(&self, claim: &Claim, today: Date) -> Result<(Money, Money), Refusal> {
        let days = i64::from(today.days_since_epoch()) - i64::from(claim.fee_after.days_since_epoch());
        let fee = match claim.per_day {
            None => Some(Money::ZERO),
            Some(per_day) => late_fee(claim.owed(), days, per_day),
        };
        match fee.and_then(|fee| Some((fee, claim.owed().checked_add(fee)?))) {
            Some(both) => Ok(both),
            None => refuse(Reason::AmountTooLarge),
        }
    }

    /// What a claim is owed on a day, late fee included; `None` for a claim that is closed or unknown.
    pub fn claim_owed(&self, claim: usize, today: Date) -> Option<Money> {
        let claim = self.open_claim(claim).ok()?;
        self.owed_on(claim, today).ok().map(|(_, owed)| owed)
    }

    pub(super) fn pay(&self, today: Date, index: usize, amount: Money) -> Decision {
        let claim = self.open_claim(index)?;
        if amount <= Money::ZERO {
            return refuse(Reason::AmountNotPositive);
        }
        let (fee, owed) = self.owed_on(claim, today)?;
        if amount > owed {
            return refuse(Reason::PaysTooMuch { owed });
        }
        let mut happened = vec![Happened::ClaimPaid { claim: index, amount, fee }];
        let is_breach = self.verdict(claim.subject) == Some(Verdict::Breached);
        if amount == owed && today <= claim.cure_until && is_breach {
            happened.push(judged(claim.subject, Verdict::Cured, None));
        }
        Ok(happened)
    }

    pub(super) fn dispute(&self, index: usize, statement: Digest) -> Decision {
        if self.open_claim(index)?.state == ClaimState::Disputed {
            return refuse(Reason::ClaimIsDisputed);
        }
        Ok(vec![Happened::ClaimDisputed { claim: index, statement }])
    }

    pub(super) fn settle(&self, index: usize, amount: Money, approval: &Approval) -> Decision {
        let claim = self.open_claim(index)?;
        if claim.state != ClaimState::Disputed {
            return refuse(Reason::ClaimNotDisputed);
        }
        two_officers(approval)?;
        if amount < Money::ZERO {
            return refuse(Reason::AmountNotPositive);
        }
        if amount > claim.amount {
            return refuse(Reason::BeyondClaim { claimed: claim.amount });
        }
        Ok(vec![Happened::ClaimSettled { claim: index, amount, approval: approval.clone() }])
    }

    pub(super) fn call(&self, today: Date, index: usize) -> Decision {
        let claim = self.open_claim(index)?;
        if claim.state == ClaimState::Disputed {
            return refuse(Reason::ClaimIsDisputed);
        }
        if today <= claim.cure_until {
            return refuse(Reason::CureRuns { until: claim.cure_until });
        }
        let (fee, owed) = self.owed_on(claim, today)?;
        let from = self.take(owed);
        if from.is_empty() {
            return refuse(Reason::NothingHeld);
        }
        let called: i64 = from.iter().map(|(_, amount)| amount.minor()).sum();
        let money = |minor| Money::from_minor(minor).unwrap_or(Money::ZERO);
        let called = money(called);
        let remainder = owed.checked_sub(called).unwrap_or(Money::ZERO);
        Ok(vec![Happened::BondCalled { claim: index, from, fee, remainder }, self.top_up(today, called)])
    }
}

pub(super) fn two_officers(approval: &Approval) -> Result<(), Refusal> {
    if approval.first == approval.second { refuse(Reason::SameOfficer) } else { Ok(()) }
}
