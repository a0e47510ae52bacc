use alloc::vec;

use landgavel_base::{Instant, Quantity};

use super::{Decision, Sale, Stage};
use crate::command::BidderId;
use crate::event::{Happened, PhaseName};
use crate::refusal::{Reason, Refusal};
use crate::rulebook::{
    Against, AskedParty, Close, Direction, First, FirstOf, RoundOrder, StageId, StageKind, Step, StepMode,
};
use crate::state::Running;

/// The next legal amounts of a bidder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegalBid {
    /// The least improvement that is legal.
    pub least: Quantity,
    /// Legal amounts are whole steps away from it, any beyond it, or it alone.
    pub mode: StepMode,
    /// Size of the step.
    pub step: Quantity,
    /// No bid goes beyond this.
    pub cap: Option<Quantity>,
}

/// What an open bid comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Bid,
    /// The first to reach the cap.
    BidAtCap,
    /// The cap, which another has reached.
    Cap,
}

impl Sale {
    pub(crate) fn direction(&self, stage: StageId) -> Direction {
        let attribute = self.lot.rulebook.stage(stage).kind.attribute();
        attribute.map_or(Direction::Up, |attribute| self.lot.rulebook.attribute(attribute).direction)
    }

    /// Whether an open bid would stand now, once no [`crate::command::Command::Tick`] is due; cheaper than to decide it.
    pub fn takes_bid(&self, bidder: BidderId, amount: Quantity) -> bool {
        !self.is_paused() && self.takes(bidder, amount).is_ok()
    }

    /// The legal amounts of a bidder in the running stage; `None` when the stage takes no open bids
    /// or the next step would leave the safe range or fall below zero.
    pub fn legal_bid(&self, bidder: BidderId) -> Option<LegalBid> {
        let running = self.running.as_ref()?;
        let kind = &self.lot.rulebook.stage(running.id).kind;
        let rule = step_rule(kind)?;
        let direction = self.direction(running.id);
        let (start, step) = (running.values.start?, running.values.step?);
        let standing = standing_bid(rule, running, kind, bidder);
        let mut least = match standing {
            None => start,
            // Without a step any improvement counts: one quantum at least.
            Some(value) => direction.improve(value, step.max(Quantity::new(1).expect("one is safe")))?,
        };
        // A falling amount ends at zero: below it the seller would pay to be rid of the land.
        if least < Quantity::ZERO {
            return None;
        }
        let cap = running.values.cap;
        if let (Some(cap), Some(rule)) = (cap, kind.cap())
            && rule.short_step
            && direction.is_better(least, cap)
            && standing.is_none_or(|value| direction.is_better(cap, value))
        {
            least = cap;
        }
        Some(LegalBid { least, mode: rule.mode, step, cap })
    }

    pub(super) fn bid(&self, bidder: BidderId, amount: Quantity) -> Decision {
        Ok(match self.takes(bidder, amount)? {
            Taken::Bid => vec![Happened::BidPlaced { bidder, amount }],
            Taken::BidAtCap => vec![Happened::BidPlaced { bidder, amount }, Happened::CapReached { bidder }],
            Taken::Cap => vec![Happened::Accepted { bidder, value: Some(amount) }],
        })
    }

    fn takes(&self, bidder: BidderId, amount: Quantity) -> Result<Taken, Refusal> {
        let stage = self.stage_for(bidder)?;
        let Some(rule) = step_rule(stage.kind) else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        check_phase(&stage, bidder)?;
        if stage.running.is_capped {
            return self.takes_cap_as(&stage, bidder, amount);
        }
        let may_raise = match stage.kind {
            StageKind::Ascending(rule) => rule.leader_may_raise,
            _ => true,
        };
        if !may_raise && stage.running.leader == Some(bidder) {
            return stage.refuse(Reason::AlreadyLeading, "leader_may_raise");
        }
        self.check_amount(&stage, rule, bidder, amount)?;
        Ok(if stage.running.values.cap == Some(amount) { Taken::BidAtCap } else { Taken::Bid })
    }

    /// Once the cap is reached, bidding it is taking it.
    fn takes_cap_as(&self, stage: &Stage<'_>, bidder: BidderId, amount: Quantity) -> Result<Taken, Refusal> {
        match stage.running.values.cap {
            Some(cap) if self.direction(stage.id).is_better(amount, cap) => {
                stage.refuse(Reason::BidBeyondCap { cap }, "cap")
            }
            Some(cap) if amount == cap => may_take_cap(stage, bidder).map(|()| Taken::Cap),
            Some(cap) => stage.refuse(Reason::BidBelowMinimum { least: cap }, "cap"),
            None => stage.refuse(Reason::NotInThisPhase, "cap"),
        }
    }

    fn check_amount(&self, stage: &Stage<'_>, rule: &Step, bidder: BidderId, amount: Quantity) -> Result<(), Refusal> {
        if amount < Quantity::ZERO {
            return stage.refuse(Reason::BidBeyondCap { cap: Quantity::ZERO }, "step");
        }
        let direction = self.direction(stage.id);
        let Some(legal) = self.legal_bid(bidder) else { return stage.refuse(Reason::NotInThisPhase, "step") };
        if let Some(cap) = legal.cap
            && direction.is_better(amount, cap)
        {
            return stage.refuse(Reason::BidBeyondCap { cap }, "cap");
        }
        if direction.is_better(legal.least, amount) {
            return stage.refuse(Reason::BidBelowMinimum { least: legal.least }, "step");
        }
        let is_short_cap = stage.kind.cap().is_some_and(|cap| cap.short_step) && legal.cap == Some(amount);
        if amount == legal.least || is_short_cap {
            return Ok(());
        }
        match rule.mode {
            StepMode::AtLeast => Ok(()),
            StepMode::Exact => stage.refuse(Reason::BidJumps { only: legal.least }, "step"),
            StepMode::Multiple => {
                let beyond = direction.gain(amount, legal.least);
                if legal.step.quanta() > 0 && beyond % legal.step.quanta() == 0 {
                    Ok(())
                } else {
                    stage.refuse(Reason::BidNotOnStep { step: legal.step }, "step")
                }
            }
        }
    }

    pub(super) fn join(&self, bidder: BidderId) -> Decision {
        let stage = self.stage_for(bidder)?;
        let StageKind::Ascending(rule) = stage.kind else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        if !stage.running.in_phase(PhaseName::Ask) {
            return stage.refuse(Reason::NotInThisPhase, "ask");
        }
        if rule.ask.is_some_and(|ask| ask.who == AskedParty::Quoted) && stage.running.offer(bidder).is_none() {
            return stage.refuse(Reason::NoQuoteMade, "ask");
        }
        if stage.running.joined.contains(&bidder) {
            return stage.refuse(Reason::AlreadyJoined, "ask");
        }
        Ok(vec![Happened::Joined { bidder }])
    }

    pub(super) fn accept(&self, now: Instant, bidder: BidderId) -> Decision {
        let stage = self.stage_for(bidder)?;
        let running = stage.running;
        let takes_value = match stage.kind {
            StageKind::Ascending(_) | StageKind::Rounds(_) => {
                let is_open = running.in_phase(PhaseName::Acceptance)
                    || (running.is_capped && (running.in_phase(PhaseName::Quote) || is_round(running)));
                if !is_open {
                    return stage.refuse(Reason::NotInThisPhase, "cap");
                }
                may_take_cap(&stage, bidder)?;
                return Ok(vec![Happened::Accepted { bidder, value: running.values.cap }]);
            }
            StageKind::Fixed(_) => running.values.start,
            StageKind::First(First { of: FirstOf::Window(_) }) => None,
            StageKind::Descending(rule) => self.clock_value(running, rule.every.millis(), now),
            StageKind::First(_) | StageKind::Sealed(_) | StageKind::Score(_) | StageKind::Draw(_) => {
                return stage.refuse(Reason::CommandNotOfStage, "kind");
            }
        };
        if !running.in_phase(PhaseName::Taking) && !running.in_phase(PhaseName::Clock) {
            return stage.refuse(Reason::NotInThisPhase, "window");
        }
        if running.acceptors.contains(&bidder) {
            return stage.refuse(Reason::AlreadyAccepted, "window");
        }
        Ok(vec![Happened::Accepted { bidder, value: takes_value }])
    }

    /// What a descending clock shows: it gets worse for the seller by one step per tick, down to
    /// its floor.
    fn clock_value(&self, running: &Running, every: i64, now: Instant) -> Option<Quantity> {
        let (start, step, floor) = (running.values.start?, running.values.step?, running.values.floor?);
        let began = running.phase.as_ref()?.began;
        let ticks = now.since(began).millis() / every.max(1);
        let change = step.checked_mul(ticks)?;
        let (value, direction) = match self.direction(running.id) {
            Direction::Up => (start.checked_sub(change)?, Direction::Up),
            Direction::Down => (start.checked_add(change)?, Direction::Down),
        };
        Some(if direction.is_better(floor, value) { floor } else { value })
    }

    /// What the descending clock of the running stage shows at a moment.
    pub fn clock_shows(&self, now: Instant) -> Option<Quantity> {
        let running = self.running.as_ref()?;
        match &self.lot.rulebook.stage(running.id).kind {
            StageKind::Descending(rule) => self.clock_value(running, rule.every.millis(), now),
            _ => None,
        }
    }

    pub(super) fn change_step(&self, step: Quantity) -> Decision {
        let stage = self.stage()?;
        let Some(rule) = step_rule(stage.kind) else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        if !rule.adjustable {
            return stage.refuse(Reason::StepNotAdjustable, "step");
        }
        let from = stage.running.best().or(stage.running.values.start);
        let has_short_step = stage.kind.cap().is_some_and(|cap| cap.short_step);
        let divides = match (rule.mode, from, stage.running.values.cap) {
            (StepMode::Multiple | StepMode::Exact, Some(from), Some(cap)) if step.quanta() > 0 => {
                has_short_step || (cap.quanta() - from.quanta()) % step.quanta() == 0
            }
            _ => true,
        };
        if step.quanta() <= 0 || !divides {
            return stage.refuse(Reason::StepNotLegal, "step");
        }
        Ok(vec![Happened::StepChanged { step }])
    }

    fn hammer<'a>(&self, stage: &Stage<'a>) -> Result<(u32, Instant, &'a Running), Refusal> {
        let StageKind::Ascending(rule) = stage.kind else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        let Close::Hammer { calls, gap } = rule.close else { return stage.refuse(Reason::CommandNotOfStage, "close") };
        if !stage.running.in_phase(PhaseName::Live) {
            return stage.refuse(Reason::NotInThisPhase, "close");
        }
        let not_before = stage.running.last_call.map_or(self.last, |call| call.after(gap));
        Ok((calls, not_before, stage.running))
    }

    pub(super) fn call_bid(&self, now: Instant) -> Decision {
        let stage = self.stage()?;
        let (_, not_before, _) = self.hammer(&stage)?;
        if now < not_before {
            return stage.refuse(Reason::TooSoon { not_before }, "close");
        }
        Ok(vec![Happened::BidCalled])
    }

    pub(super) fn fall_hammer(&self, now: Instant) -> Decision {
        let stage = self.stage()?;
        let (calls, not_before, running) = self.hammer(&stage)?;
        if running.calls < calls {
            return stage.refuse(Reason::CallsMissing { missing: calls - running.calls }, "close");
        }
        if now < not_before {
            return stage.refuse(Reason::TooSoon { not_before }, "close");
        }
        self.end_by_hammer(running)
    }
}

fn may_take_cap(stage: &Stage<'_>, bidder: BidderId) -> Result<(), Refusal> {
    if stage.running.acceptors.contains(&bidder) {
        return stage.refuse(Reason::AlreadyAccepted, "cap");
    }
    Ok(())
}

fn is_round(running: &Running) -> bool {
    running.phase.as_ref().is_some_and(|phase| matches!(phase.name, PhaseName::Round(_)))
}

fn step_rule(kind: &StageKind) -> Option<&Step> {
    match kind {
        StageKind::Ascending(rule) => Some(&rule.step),
        StageKind::Rounds(rule) => Some(&rule.step),
        StageKind::Descending(_)
        | StageKind::Sealed(_)
        | StageKind::Score(_)
        | StageKind::Draw(_)
        | StageKind::Fixed(_)
        | StageKind::First(_) => None,
    }
}

/// The bid that the next one must improve on.
fn standing_bid(rule: &Step, running: &Running, kind: &StageKind, bidder: BidderId) -> Option<Quantity> {
    match (rule.over, kind) {
        (Against::Own, _) => running.offer(bidder).map(|offer| offer.value),
        // In a round that all share, each improves on the best from before the round.
        (Against::Best, StageKind::Rounds(rounds)) if rounds.order == RoundOrder::Together => running.round.best_before,
        (Against::Best, _) => running.best(),
    }
}

/// Whether the phase takes a bid from this bidder.
fn check_phase(stage: &Stage<'_>, bidder: BidderId) -> Result<(), Refusal> {
    let running = stage.running;
    let Some(phase) = &running.phase else { return stage.refuse(Reason::NotInThisPhase, "quote") };
    match (phase.name, stage.kind) {
        (PhaseName::Quote, _) => Ok(()),
        (PhaseName::Live, StageKind::Ascending(rule)) => {
            let needs_joining = rule.ask.is_some() && rule.quote.is_some();
            if needs_joining && !running.joined.contains(&bidder) && running.leader != Some(bidder) {
                return stage.refuse(Reason::NotJoined, "ask");
            }
            Ok(())
        }
        (PhaseName::Acceptance, _) if running.is_capped => Ok(()),
        (PhaseName::Round(_), _) if running.round.bid.contains(&bidder) => {
            stage.refuse(Reason::AlreadyBidThisRound, "order")
        }
        (PhaseName::Round(_), _) => Ok(()),
        (PhaseName::Turn { bidder: turn, .. }, _) if turn != bidder => stage.refuse(Reason::NotYourTurn, "order"),
        (PhaseName::Turn { .. }, _) => Ok(()),
        _ => stage.refuse(Reason::NotInThisPhase, "quote"),
    }
}
