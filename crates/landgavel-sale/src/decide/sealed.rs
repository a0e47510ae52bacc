use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Digest, Quantity};

use super::{Decision, Sale, Stage};
use crate::command::BidderId;
use crate::event::{Happened, PhaseName, SealContent};
use crate::mechanism::seal_digest;
use crate::refusal::Reason;
use crate::rulebook::{Bound, Forfeit, Quote, Sealed, StageKind};
use crate::state::Own;

impl Sale {
    pub(super) fn lodge_seal(&self, bidder: BidderId, envelope: Digest) -> Decision {
        let stage = self.stage_for(bidder)?;
        let StageKind::Sealed(rule) = stage.kind else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        if !stage.running.in_phase(PhaseName::Sealing) {
            return stage.refuse(Reason::NotInThisPhase, "window");
        }
        if !rule.revisable && stage.running.seals.contains_key(&bidder) {
            return stage.refuse(Reason::AlreadySealed, "revisable");
        }
        if stage.running.seals.values().any(|seal| seal.envelope == envelope) {
            return stage.refuse(Reason::EnvelopeCopied, "window");
        }
        Ok(vec![Happened::SealLodged { bidder, envelope }])
    }

    pub(super) fn open_seal(&self, bidder: BidderId, amounts: Option<&[Quantity]>, salt: Digest) -> Decision {
        let stage = self.stage_for(bidder)?;
        let StageKind::Sealed(rule) = stage.kind else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        let Some(seal) = stage.running.seals.get(&bidder) else {
            return stage.refuse(Reason::NoSealLodged, "open_within");
        };
        if !stage.running.in_phase(PhaseName::Opening) {
            return stage.refuse(Reason::NotInThisPhase, "open_within");
        }
        if seal.content.is_some() {
            return stage.refuse(Reason::SealAlreadyOpened, "open_within");
        }
        let Some(amounts) = amounts else { return Ok(self.unreadable(bidder)) };
        if amounts.len() != rule.quotes.len() {
            let expected = u32::try_from(rule.quotes.len()).expect("a rule has few quotes");
            return stage.refuse(Reason::WrongNumberOfAmounts { expected }, "quotes");
        }
        let code = self.bidders[bidder.index()].code();
        let name = &self.lot.rulebook.stage(stage.id).id;
        if seal_digest(&self.lot.id, name, code, amounts, salt) != seal.envelope {
            // Not an opening of this bid: anybody might bring one, so it must not spoil the bid.
            return stage.refuse(Reason::CommitmentMismatch, "open_within");
        }
        let content = if self.in_bounds(&stage, rule, bidder, amounts) {
            SealContent::Valid(amounts.to_vec())
        } else {
            SealContent::OutOfBounds(amounts.to_vec())
        };
        Ok(vec![Happened::SealOpened { bidder, content }])
    }

    /// A sealed bid that does not open is invalid, and costs the bond where the rule says so.
    pub(super) fn unreadable(&self, bidder: BidderId) -> Vec<Happened> {
        let mut happened = vec![Happened::SealOpened { bidder, content: SealContent::Unreadable }];
        happened.extend(self.forfeit(bidder, Forfeit::UnopenedSeal));
        happened
    }

    fn in_bounds(&self, stage: &Stage<'_>, rule: &Sealed, bidder: BidderId, amounts: &[Quantity]) -> bool {
        rule.quotes.iter().zip(amounts).all(|(quote, &amount)| self.quote_is_valid(stage, quote, bidder, amount))
    }

    /// Bounds invalidate, never clip; a bound that cannot be worked out lets nothing through.
    fn quote_is_valid(&self, _stage: &Stage<'_>, quote: &Quote, bidder: BidderId, amount: Quantity) -> bool {
        let own = Own::Bidder(bidder);
        let holds = |bound: &Option<Bound>, is_upper: bool| match bound {
            None => true,
            Some(bound) => self.amount(&bound.at, own).is_some_and(|end| {
                (bound.inclusive && amount == end) || (if is_upper { amount < end } else { amount > end })
            }),
        };
        let on_step = quote.multiple_of.as_ref().is_none_or(|step| {
            let from = quote.min.as_ref().and_then(|bound| self.amount(&bound.at, own)).unwrap_or_default();
            self.amount(step, own)
                .is_some_and(|step| step.quanta() > 0 && (amount.quanta() - from.quanta()) % step.quanta() == 0)
        });
        holds(&quote.min, false) && holds(&quote.max, true) && on_step
    }
}
