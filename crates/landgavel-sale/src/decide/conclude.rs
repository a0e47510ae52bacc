//! How a stage ends.

use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::Quantity;

use super::{Decision, Sale};
use crate::command::BidderId;
use crate::event::Happened;
use crate::mechanism::{rank, top_is_tied};
use crate::outcome::EndReason;
use crate::rulebook::{Exit, FirstOf, Score, Sealed, StageKind, Statistic, Survivors, Tie, Toward};
use crate::state::{Own, Running};

/// What a stage found.
struct Found {
    why: EndReason,
    best: Option<Quantity>,
    ahead: Vec<BidderId>,
    ranking: Vec<BidderId>,
}

impl Found {
    const EMPTY: Self = Self::new(EndReason::Empty, None, Vec::new());

    const fn new(why: EndReason, best: Option<Quantity>, ranking: Vec<BidderId>) -> Self {
        Self { why, best, ahead: Vec::new(), ranking }
    }
}

impl Sale {
    /// Events with which the running stage ends by what it found.
    pub(super) fn end_stage_now(&self, running: &Running) -> Vec<Happened> {
        let mut happened = Vec::new();
        let kind = &self.lot.rulebook.stage(running.id).kind;
        let found = match kind {
            StageKind::Sealed(rule) => {
                for (&bidder, seal) in &running.seals {
                    if seal.content.is_none() {
                        happened.extend(self.unreadable(bidder));
                    }
                }
                self.found_sealed(running, rule)
            }
            StageKind::Score(rule) if rule.filing.is_some() && running.filed.is_empty() => Found::EMPTY,
            StageKind::Score(rule) => {
                let scores = self.scores(running, rule);
                happened.extend(scores.iter().map(|(&bidder, &score)| Happened::Scored { bidder, score }));
                self.found_score(running, rule, scores.into_iter().collect())
            }
            StageKind::Ascending(_) | StageKind::Rounds(_) => self.found_open(running),
            StageKind::Draw(_) => Found::new(EndReason::Settled, None, running.drawn.clone()),
            StageKind::Fixed(_) | StageKind::Descending(_) => self.found_taken(running),
            StageKind::First(rule) => match rule.of {
                FirstOf::Window(_) => self.found_taken(running),
                FirstOf::Stage(stage) => self.found_first_of(running, stage),
            },
        };
        happened.push(self.stage_ended(running, found));
        happened
    }

    pub(super) fn end_overdue(&self, running: &Running) -> Vec<Happened> {
        let ranking = match &self.lot.rulebook.stage(running.id).kind {
            StageKind::Ascending(_) | StageKind::Rounds(_) => self.found_open(running).ranking,
            _ => Vec::new(),
        };
        vec![self.stage_ended(running, Found::new(EndReason::Overdue, running.best(), ranking))]
    }

    pub(super) fn end_by_hammer(&self, running: &Running) -> Decision {
        match self.next_after_bidding(running) {
            crate::step::Step::Begin(phase) => Ok(vec![Happened::PhaseBegan { phase }]),
            crate::step::Step::ReachCap => Ok(self.reach_cap(running)),
            _ => Ok(self.end_stage_now(running)),
        }
    }

    pub(super) fn reach_cap(&self, running: &Running) -> Vec<Happened> {
        running.leader.map(|bidder| Happened::CapReached { bidder }).into_iter().collect()
    }

    fn stage_ended(&self, running: &Running, found: Found) -> Happened {
        let Found { why, best, ahead, ranking } = found;
        Happened::StageEnded { stage: running.id, why, best, ahead, ranking }
    }

    fn found_open(&self, running: &Running) -> Found {
        if running.is_capped {
            return Found::new(EndReason::Capped, running.values.cap, running.acceptors.clone());
        }
        let offers = running.all_offers();
        let tie = &self.lot.rulebook.stage(running.id).exits.tied;
        let ranking = rank(&offers, self.direction(running.id), &Statistic::Best, tie, None);
        self.settle(running, ranking, &Statistic::Best, None)
    }

    fn found_sealed(&self, running: &Running, rule: &Sealed) -> Found {
        let offers = running.all_offers();
        let target = match &rule.winner {
            Statistic::Nearest { to: Toward::Amount(amount), .. } => self.amount(amount, Own::Nobody),
            _ => None,
        };
        let tie = &self.lot.rulebook.stage(running.id).exits.tied;
        let ranking = rank(&offers, self.direction(running.id), &rule.winner, tie, target);
        self.settle(running, ranking, &rule.winner, target)
    }

    fn found_score(&self, running: &Running, rule: &Score, scores: Vec<(BidderId, Quantity)>) -> Found {
        let mut passed: Vec<(BidderId, Quantity)> =
            scores.into_iter().filter(|(_, score)| rule.pass.is_none_or(|pass| *score >= pass)).collect();
        passed.sort_by_key(|(bidder, score)| (core::cmp::Reverse(*score), *bidder));
        let Some(&(_, best)) = passed.first() else { return Found::EMPTY };
        let seats = self.open_seats();
        let is_tied = seats > 0 && passed.len() > seats && passed[seats - 1].1 == passed[seats].1;
        if let (true, Tie::Exit(exit)) = (is_tied, &self.lot.rulebook.stage(running.id).exits.tied) {
            let margin = passed[seats - 1].1;
            let named = |keep: &dyn Fn(Quantity) -> bool| -> Vec<BidderId> {
                passed.iter().filter(|(_, score)| keep(*score)).map(|(bidder, _)| *bidder).collect()
            };
            return tied(exit, best, named(&|score| score > margin), named(&|score| score == margin));
        }
        let ranking = passed.into_iter().map(|(bidder, _)| bidder).collect();
        Found::new(EndReason::Settled, Some(best), ranking)
    }

    fn found_taken(&self, running: &Running) -> Found {
        if running.acceptors.is_empty() {
            return Found::EMPTY;
        }
        let best = running.acceptors.first().and_then(|&bidder| running.offer(bidder)).map(|offer| offer.value);
        Found::new(EndReason::Settled, best, running.acceptors.clone())
    }

    fn found_first_of(&self, running: &Running, stage: crate::rulebook::StageId) -> Found {
        let Some(ended) = self.last_ended(stage) else { return Found::EMPTY };
        let mut acts: Vec<(u64, BidderId)> =
            running.field.iter().filter_map(|b| ended.offers.get(b).map(|offer| (offer.order, *b))).collect();
        acts.sort_unstable();
        if acts.is_empty() {
            return Found::EMPTY;
        }
        Found::new(EndReason::Settled, ended.best, acts.into_iter().map(|(_, b)| b).collect())
    }

    /// Reserve and ties of a ranking of standing offers.
    fn settle(
        &self,
        running: &Running,
        ranking: Vec<BidderId>,
        statistic: &Statistic,
        target: Option<Quantity>,
    ) -> Found {
        let value_of = |bidder: BidderId| running.offer(bidder).map(|offer| offer.value).unwrap_or_default();
        let Some(&first) = ranking.first() else { return Found::EMPTY };
        let best = value_of(first);
        if let Some(reserve) = running.values.reserve
            && self.direction(running.id).is_better(reserve, best)
        {
            return Found::new(EndReason::BelowReserve, Some(best), ranking);
        }
        let seats = self.open_seats();
        if let Tie::Exit(exit) = &self.lot.rulebook.stage(running.id).exits.tied
            && let Some(equal) = top_is_tied(&ranking, seats, value_of, statistic, &running.all_offers(), target)
        {
            let margin = ranking.iter().position(|bidder| equal.contains(bidder)).unwrap_or(0);
            return tied(exit, best, ranking[..margin].to_vec(), equal);
        }
        Found::new(EndReason::Settled, Some(best), ranking)
    }
}

/// A tie around the last place to win. Who is better than it keeps its place when only the tied go
/// on; where the rule sends others on too, all compete again.
fn tied(exit: &Exit, best: Quantity, better: Vec<BidderId>, equal: Vec<BidderId>) -> Found {
    let (why, best) = (EndReason::Tied, Some(best));
    if matches!(exit, Exit::Go { survivors: Survivors::Tied, .. }) {
        return Found { why, best, ahead: better, ranking: equal };
    }
    Found::new(why, best, better.into_iter().chain(equal).collect())
}
