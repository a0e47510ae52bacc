use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Digest, Instant, Quantity};

use super::{Decision, Sale};
use crate::command::BidderId;
use crate::event::{Happened, PhaseName, SealContent};
use crate::mechanism::seal_digest;
use crate::refusal::Reason;
use crate::rulebook::{Bound, Forfeit, Quote, Sealed, StageKind};
use crate::state::Own;

impl Sale {
    pub(super) fn lodge_seal(&self, bidder: BidderId, envelope: Digest, readable_from: Option<Instant>) -> Decision {
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
        Ok(vec![Happened::SealLodged { bidder, envelope, readable_from }])
    }

    /// Seals that the end of an outage makes void: the window now closes after anybody can read them, and
    /// whoever bids last would bid with open eyes. Their bidders may lodge again.
    pub(super) fn exposed_seals(&self, now: Instant) -> Vec<Happened> {
        let Some(running) = self.running.as_ref().filter(|running| running.in_phase(PhaseName::Sealing)) else {
            return Vec::new();
        };
        let Some(closes) = self.resumed_close(now) else { return Vec::new() };
        let exposed = running.seals.iter().filter(|(_, seal)| seal.readable_from.is_some_and(|from| from < closes));
        exposed.map(|(&bidder, _)| Happened::SealVoided { bidder }).collect()
    }

    /// When the running stage no longer takes sealed bids; `None` when it takes none now.
    pub fn sealing_ends(&self) -> Option<Instant> {
        let running = self.running.as_ref().filter(|_| self.paused_at.is_none())?;
        running.phase.as_ref().filter(|phase| phase.name == PhaseName::Sealing)?.closes
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
        let content = if self.in_bounds(rule, bidder, amounts) {
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

    fn in_bounds(&self, rule: &Sealed, bidder: BidderId, amounts: &[Quantity]) -> bool {
        rule.quotes.iter().zip(amounts).all(|(quote, &amount)| self.quote_is_valid(quote, bidder, amount))
    }

    /// Bounds invalidate, never clip; a bound that cannot be worked out lets nothing through.
    fn quote_is_valid(&self, quote: &Quote, bidder: BidderId, amount: Quantity) -> bool {
        let Some(legal) = self.legal_quote(quote, bidder) else { return false };
        let above = legal.min.is_none_or(|(end, inclusive)| amount > end || (inclusive && amount == end));
        let below = legal.max.is_none_or(|(end, inclusive)| amount < end || (inclusive && amount == end));
        let from = legal.min.map_or(Quantity::ZERO, |(end, _)| end).quanta();
        let on_step =
            legal.multiple_of.is_none_or(|step| step.quanta() > 0 && (amount.quanta() - from) % step.quanta() == 0);
        above && below && on_step
    }

    /// `None` when a bound is named but cannot be worked out.
    fn legal_quote(&self, quote: &Quote, bidder: BidderId) -> Option<LegalQuote> {
        let own = Own::Bidder(bidder);
        let end = |bound: &Option<Bound>| match bound {
            None => Some(None),
            Some(bound) => self.amount(&bound.at, own).map(|end| Some((end, bound.inclusive))),
        };
        let multiple_of = match &quote.multiple_of {
            None => None,
            Some(step) => Some(self.amount(step, own)?),
        };
        Some(LegalQuote { min: end(&quote.min)?, max: end(&quote.max)?, multiple_of })
    }

    /// What a bidder's sealed bid may say in the running stage, amount by amount; `None` when the
    /// stage takes no sealed bids or a bound cannot be worked out.
    pub fn legal_quotes(&self, bidder: BidderId) -> Option<Vec<LegalQuote>> {
        let stage = self.stage().ok()?;
        let StageKind::Sealed(rule) = stage.kind else { return None };
        rule.quotes.iter().map(|quote| self.legal_quote(quote, bidder)).collect()
    }
}

/// What one amount of a sealed bid may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegalQuote {
    /// Lower end, and whether it is itself valid.
    pub min: Option<(Quantity, bool)>,
    /// Upper end, and whether it is itself valid.
    pub max: Option<(Quantity, bool)>,
    /// Whole multiples of this, counted from the lower end or from zero.
    pub multiple_of: Option<Quantity>,
}
