use alloc::vec;

use landgavel_base::{Date, Digest, Money, SAFE_INTEGER_MAX};

use super::Decision;
use super::judge::judged;
use crate::arithmetic::{Computation, late_fee};
use crate::command::Approval;
use crate::event::Happened;
use crate::refusal::{Reason, Refusal, refuse};
use crate::state::{Claim, ClaimState, Pledge, saturated};
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
    ///
    /// The fee is on what is unpaid of the amount, not on fees, and stops where amount and fees together would leave the
    /// range of money: a claim that nobody can pay would keep the pledge open for ever.
    fn owed_on(claim: &Claim, today: Date) -> (Computation, Money) {
        let days = i64::from(today.days_since_epoch()) - i64::from(claim.fee_after.days_since_epoch());
        let most = Money::from_minor(SAFE_INTEGER_MAX).unwrap_or(Money::ZERO);
        let room = saturated([most].into_iter(), [claim.amount, claim.fee].into_iter());
        let fee = match claim.per_day {
            None => Computation::NOTHING,
            Some(per_day) => late_fee(claim.owed().min(claim.amount), days, per_day, room),
        };
        let owed = saturated([claim.owed(), fee.amount].into_iter(), [].into_iter());
        (fee, owed)
    }

    /// Late fees up to the last payment, had the claim been for so much.
    fn fee_on(claim: &Claim, amount: Money) -> Money {
        let Some(per_day) = claim.per_day else { return Money::ZERO };
        let most = Money::from_minor(SAFE_INTEGER_MAX).unwrap_or(Money::ZERO);
        let (mut fee, mut moved, mut after) = (Money::ZERO, Money::ZERO, claim.raised);
        for (day, paid) in &claim.moves {
            let days = i64::from(day.days_since_epoch()) - i64::from(after.days_since_epoch());
            let owed = saturated([amount, fee].into_iter(), [moved].into_iter());
            let room = saturated([most].into_iter(), [amount, fee].into_iter());
            let more = late_fee(owed.min(amount), days, per_day, room).amount;
            fee = saturated([fee, more].into_iter(), [].into_iter());
            moved = saturated([moved, *paid].into_iter(), [].into_iter());
            after = after.max(*day);
        }
        fee
    }

    /// What a claim is owed on a day, in fen, late fee included; `None` for a claim that is closed or unknown.
    pub fn claim_owed(&self, claim: usize, today: Date) -> Option<Money> {
        let claim = self.open_claim(claim).ok()?;
        Some(Self::owed_on(claim, today).1)
    }

    /// The late fee of a claim on a day, in fen: what was owed of it so far, and what has grown since the last payment.
    pub fn claim_fee(&self, claim: usize, today: Date) -> Option<Money> {
        let (fee, _) = Self::owed_on(self.open_claim(claim).ok()?, today);
        Some(saturated([self.claims[claim].fee, fee.amount].into_iter(), [].into_iter()))
    }

    pub(super) fn pay(&self, today: Date, index: usize, amount: Money) -> Decision {
        let claim = self.open_claim(index)?;
        if amount <= Money::ZERO {
            return refuse(Reason::AmountNotPositive);
        }
        let (fee, owed) = Self::owed_on(claim, today);
        if amount > owed {
            return refuse(Reason::PaysTooMuch { owed });
        }
        let mut happened = vec![Happened::ClaimPaid { claim: index, amount, fee }];
        let is_breach = self.verdict(claim.subject) == Some(Verdict::Breached);
        // What nobody has shown to be done is not cured by money: once it is shown, the day of the payment counts.
        if amount == owed && today <= claim.cure_until && is_breach && !self.is_unshown(claim.subject) {
            happened.push(judged(claim.subject, Verdict::Cured, None));
        }
        Ok(happened)
    }

    /// Once for each claim and while the time to cure runs: otherwise the call of the bond could be put off for ever.
    pub(super) fn dispute(&self, today: Date, index: usize, statement: Digest) -> Decision {
        let claim = self.open_claim(index)?;
        if claim.state == ClaimState::Disputed {
            return refuse(Reason::ClaimIsDisputed);
        }
        if claim.disputed {
            return refuse(Reason::DisputedBefore);
        }
        if today > claim.cure_until {
            return refuse(Reason::CureOver { until: claim.cure_until });
        }
        Ok(vec![Happened::ClaimDisputed { claim: index, statement }])
    }

    /// A dispute ends at an amount. Late fees are counted anew on it, as if no more had ever been claimed; there is time to pay what is
    /// left; what was paid in time has cured; and what is settled at nothing is not demanded.
    pub(super) fn settle(&self, today: Date, index: usize, amount: Money, approval: &Approval) -> Decision {
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
        let fee = Self::fee_on(claim, amount);
        let refund = saturated(claim.moved(), [amount, fee].into_iter());
        let still = saturated([amount, fee].into_iter(), claim.moved());
        let cure_until = claim.cure_until.max(self.cure_until(today));
        let settled =
            Happened::ClaimSettled { claim: index, amount, fee, refund, cure_until, approval: approval.clone() };
        let subject = claim.subject;
        let is_breach = self.verdict(subject) == Some(Verdict::Breached) && !self.is_unshown(subject);
        let was_in_time = claim.has_moved() && claim.fee_after <= claim.cure_until;
        let after = if amount == Money::ZERO {
            Some(Happened::Waived { subject, approval: approval.clone() })
        } else {
            (still == Money::ZERO && is_breach && was_in_time).then(|| judged(subject, Verdict::Cured, None))
        };
        Ok([settled].into_iter().chain(after).collect())
    }

    pub(super) fn call(&self, today: Date, index: usize) -> Decision {
        let claim = self.open_claim(index)?;
        if claim.state == ClaimState::Disputed {
            return refuse(Reason::ClaimIsDisputed);
        }
        if today <= claim.cure_until {
            return refuse(Reason::CureRuns { until: claim.cure_until });
        }
        let (fee, owed) = Self::owed_on(claim, today);
        let from = self.take(owed);
        if from.is_empty() {
            return refuse(Reason::NothingHeld);
        }
        let called = saturated(from.iter().map(|(_, amount)| *amount), [].into_iter());
        let remainder = saturated([owed].into_iter(), [called].into_iter());
        let happened = [Happened::BondCalled { claim: index, from, fee, remainder }];
        Ok(happened.into_iter().chain(self.top_up(today, called)).collect())
    }
}

pub(super) fn two_officers(approval: &Approval) -> Result<(), Refusal> {
    if approval.first == approval.second { refuse(Reason::SameOfficer) } else { Ok(()) }
}
