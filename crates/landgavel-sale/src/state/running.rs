use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Digest, Duration, Instant, Quantity};

use crate::command::BidderId;
use crate::event::{PhaseName, SealContent};
use crate::mechanism::Offer;
use crate::rulebook::{Inactive, RoundOrder, Rounds, StageId};

/// The stage that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    pub id: StageId,
    pub opened: Instant,
    pub field: Vec<BidderId>,
    /// Who of the field may act, by applicant index.
    pub may_act: Vec<bool>,
    /// Values of the rule as they stood when the stage opened.
    pub values: Values,
    pub phase: Option<Phase>,
    /// Standing offers by applicant index; values are the stage's attribute.
    pub offers: Vec<Option<Offer>>,
    pub leader: Option<BidderId>,
    /// Count of acts in this stage.
    pub acts: u64,
    pub is_capped: bool,
    /// The acceptance window has been given.
    pub was_offered: bool,
    /// Who took the cap or the value, in order.
    pub acceptors: Vec<BidderId>,
    pub joined: BTreeSet<BidderId>,
    pub seals: BTreeMap<BidderId, Seal>,
    pub filed: BTreeMap<BidderId, Digest>,
    pub marks: BTreeMap<(u32, BidderId), Vec<(String, Quantity)>>,
    pub judges: BTreeSet<String>,
    pub scores: BTreeMap<BidderId, Quantity>,
    pub calls: u32,
    pub last_call: Option<Instant>,
    pub round: Round,
    pub root: Option<Digest>,
    /// The entrants under the root, whatever becomes of them afterwards.
    pub frozen: Vec<BidderId>,
    /// The order drawn.
    pub drawn: Vec<BidderId>,
}

/// A round of bids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Round {
    pub number: u32,
    /// Who bid in it.
    pub bid: BTreeSet<BidderId>,
    /// Who has still to take its turn, next first.
    pub turns: Vec<BidderId>,
    /// Best value when it began.
    pub best_before: Option<Quantity>,
}

/// Values of the rule as they stood when the stage opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Values {
    pub start: Option<Quantity>,
    pub step: Option<Quantity>,
    pub cap: Option<Quantity>,
    pub reserve: Option<Quantity>,
    pub floor: Option<Quantity>,
    /// Something the rule needs was not known: the stage cannot run.
    pub is_broken: bool,
}

/// A phase of the running stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phase {
    pub name: PhaseName,
    pub began: Instant,
    /// When it closes; `None` = it waits for an act.
    pub closes: Option<Instant>,
    pub length: PhaseLength,
}

/// How long a phase lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PhaseLength {
    /// To a moment of the calendar.
    Calendar,
    /// So long after it began or was restarted.
    Full(Duration),
    /// Until an act.
    Open,
}

/// A sealed bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    pub envelope: Digest,
    pub readable_from: Option<Instant>,
    pub order: u64,
    pub content: Option<SealContent>,
}

impl Running {
    pub fn offer(&self, bidder: BidderId) -> Option<Offer> {
        self.offers.get(bidder.index()).copied().flatten()
    }

    pub fn best(&self) -> Option<Quantity> {
        self.leader.and_then(|leader| self.offer(leader)).map(|offer| offer.value)
    }

    pub fn is_entrant(&self, bidder: BidderId) -> bool {
        self.may_act.get(bidder.index()).copied().unwrap_or(false)
    }

    pub fn in_phase(&self, name: PhaseName) -> bool {
        self.phase.as_ref().is_some_and(|phase| phase.name == name)
    }

    pub fn entrants(&self) -> impl Iterator<Item = BidderId> + '_ {
        self.field.iter().copied().filter(|&bidder| self.is_entrant(bidder))
    }

    /// All standing offers, by bidder.
    pub fn all_offers(&self) -> Vec<(BidderId, Offer)> {
        self.field.iter().filter_map(|&bidder| self.offer(bidder).map(|offer| (bidder, offer))).collect()
    }

    /// Begins a round: who was silent in the last one may be out, turns are laid out anew.
    pub fn begin_round(&mut self, number: u32, rule: &Rounds) {
        if number > 1 && rule.inactive == Inactive::Out {
            let (bid, leader) = (core::mem::take(&mut self.round.bid), self.leader);
            for (index, may_act) in self.may_act.iter_mut().enumerate() {
                let stays = bid.iter().any(|bidder| bidder.index() == index)
                    || leader.is_some_and(|leader| leader.index() == index);
                *may_act = *may_act && stays;
            }
        }
        let turns = match rule.order {
            RoundOrder::Together => Vec::new(),
            RoundOrder::InTurn => self.turn_order(),
        };
        self.round = Round { number, bid: BTreeSet::new(), turns, best_before: self.best() };
    }

    /// Those without an offer first, then from the worst offer to the best; of equal offers the
    /// later goes first.
    pub fn turn_order(&self) -> Vec<BidderId> {
        let mut order: Vec<BidderId> = self.entrants().collect();
        let best = self.best();
        order.sort_by_key(|&bidder| {
            self.offer(bidder).map(|offer| {
                let behind = best.map_or(0, |best| (best.quanta() - offer.value.quanta()).abs());
                (core::cmp::Reverse(behind), core::cmp::Reverse(offer.order))
            })
        });
        order
    }
}
