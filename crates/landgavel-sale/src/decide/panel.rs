use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Digest, FactValue, Quantity};

use super::{Decision, Sale};
use crate::command::BidderId;
use crate::event::{Happened, PhaseName};
use crate::mechanism::{mean_half_up, score_points, seed, shuffle, tickets_order};
use crate::refusal::Reason;
use crate::rulebook::{Criterion, CriterionKind, Direction, Draw, DrawWeights, Score, StageKind};
use crate::state::{Own, Running};

impl Sale {
    pub(super) fn file_scheme(&self, bidder: BidderId, documents: Digest) -> Decision {
        let stage = self.stage_for(bidder)?;
        if !matches!(stage.kind, StageKind::Score(_)) {
            return stage.refuse(Reason::CommandNotOfStage, "kind");
        }
        if !stage.running.in_phase(PhaseName::Filing) {
            return stage.refuse(Reason::NotInThisPhase, "filing");
        }
        if stage.running.filed.contains_key(&bidder) {
            return stage.refuse(Reason::AlreadyFiled, "filing");
        }
        Ok(vec![Happened::SchemeFiled { bidder, documents }])
    }

    pub(super) fn give_mark(&self, judge: &str, bidder: BidderId, criterion: &str, points: Quantity) -> Decision {
        let stage = self.stage_for(bidder)?;
        let StageKind::Score(rule) = stage.kind else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        let running = stage.running;
        if !running.in_phase(PhaseName::Marking) {
            return stage.refuse(Reason::NotInThisPhase, "marking");
        }
        if !running.scored().any(|scored| scored == bidder) {
            return stage.refuse(Reason::NothingFiled, "filing");
        }
        let found = (0u32..).zip(&rule.criteria).find(|(_, c)| c.id == criterion && c.kind == CriterionKind::Panel);
        let Some((index, found)) = found else { return stage.refuse(Reason::UnknownCriterion, "criteria") };
        if points < Quantity::ZERO || points > found.points {
            return stage.refuse(Reason::MarkOutOfRange { most: found.points }, "criteria");
        }
        if !running.judges.contains(judge) && running.judges.len() >= rule.judges as usize {
            return stage.refuse(Reason::PanelFull { judges: rule.judges }, "judges");
        }
        let has_marked = |marks: &Vec<(alloc::string::String, Quantity)>| marks.iter().any(|(by, _)| by == judge);
        if running.marks.get(&(index, bidder)).is_some_and(has_marked) {
            return stage.refuse(Reason::AlreadyMarked, "criteria");
        }
        Ok(vec![Happened::MarkGiven { judge: judge.to_string(), bidder, criterion: index, points }])
    }

    /// The score of everyone who is scored.
    pub(super) fn scores(&self, running: &Running, rule: &Score) -> BTreeMap<BidderId, Quantity> {
        let scored: Vec<BidderId> = running.scored().collect();
        let mut scores = BTreeMap::new();
        for &bidder in &scored {
            let points = (0u32..).zip(&rule.criteria).map(|(index, criterion)| {
                self.points(running, rule, index, criterion, bidder, &scored).unwrap_or_default()
            });
            let total = points.fold(Quantity::ZERO, |sum, points| sum.checked_add(points).unwrap_or(sum));
            scores.insert(bidder, total);
        }
        scores
    }

    fn points(
        &self,
        running: &Running,
        rule: &Score,
        index: u32,
        criterion: &Criterion,
        bidder: BidderId,
        scored: &[BidderId],
    ) -> Option<Quantity> {
        match &criterion.kind {
            CriterionKind::Panel => {
                let mut marks: Vec<i64> =
                    running.marks.get(&(index, bidder))?.iter().map(|(_, m)| m.quanta()).collect();
                marks.sort_unstable();
                let (low, high) = (rule.drop_low as usize, rule.drop_high as usize);
                let kept = if low + high < marks.len() { &marks[low..marks.len() - high] } else { &marks[..] };
                let sum: i128 = kept.iter().map(|&mark| i128::from(mark)).sum();
                let mean = mean_half_up(sum, i128::try_from(kept.len()).ok().filter(|&count| count > 0)?);
                Quantity::new(i64::try_from(mean).ok()?)
            }
            CriterionKind::ShareOfBest(attribute) => {
                let term = |bidder: BidderId| self.bidders[bidder.index()].terms[usize::from(attribute.0)];
                let own = term(bidder)?.quanta();
                let all = scored.iter().filter_map(|&bidder| term(bidder)).map(Quantity::quanta);
                let (numerator, denominator) = match self.lot.rulebook.attribute(*attribute).direction {
                    Direction::Up => (own, all.max()?),
                    Direction::Down => (all.min()?, own),
                };
                score_points(criterion.points, numerator, 0, denominator)
            }
            CriterionKind::Linear { attribute, zero_at, full_at } => {
                let own = self.bidders[bidder.index()].terms[usize::from(attribute.0)].or(self
                    .lot
                    .rulebook
                    .attribute(*attribute)
                    .base)?;
                let (zero, full) = (self.amount(zero_at, Own::Nobody)?, self.amount(full_at, Own::Nobody)?);
                score_points(criterion.points, own.quanta(), zero.quanta(), full.quanta())
            }
        }
    }

    pub(super) fn hold_draw(&self, outputs: &[Digest]) -> Decision {
        let stage = self.stage()?;
        let StageKind::Draw(rule) = stage.kind else { return stage.refuse(Reason::CommandNotOfStage, "kind") };
        let Some(root) = stage.running.root.filter(|_| stage.running.in_phase(PhaseName::Frozen)) else {
            return stage.refuse(Reason::NotInThisPhase, "sources");
        };
        if outputs.len() != rule.sources.len() {
            let expected = u32::try_from(rule.sources.len()).expect("a rule has few sources");
            return stage.refuse(Reason::WrongNumberOfOutputs { expected }, "sources");
        }
        let seed = seed(&self.lot.id, &self.lot.rulebook.stage(stage.id).id, root, outputs);
        let order = self.draw_order(rule, stage.running, seed);
        Ok(vec![Happened::DrawHeld { outputs: outputs.to_vec(), order }])
    }

    /// Entrants in the byte order of their codes, as they are frozen.
    pub(super) fn draw_entrants(&self, running: &Running) -> Vec<BidderId> {
        let is_frozen = running.root.is_some();
        let mut entrants: Vec<BidderId> = if is_frozen { running.frozen.clone() } else { running.entrants().collect() };
        entrants.sort_by(|a, b| self.bidders[a.index()].code().cmp(self.bidders[b.index()].code()));
        entrants
    }

    fn draw_order(&self, rule: &Draw, running: &Running, seed: Digest) -> Vec<BidderId> {
        let entrants = self.draw_entrants(running);
        let number = |bidder: BidderId, fact: &str| match self.bidders[bidder.index()].fact(fact) {
            Some(FactValue::Number(number)) => Some(*number),
            _ => None,
        };
        let order = match &rule.weights {
            DrawWeights::Plain => shuffle(seed, entrants.len()),
            DrawWeights::Weighted { fact } => {
                // Tickets are capped so that their sum stays far below 2^63.
                let held = |&bidder: &BidderId| {
                    number(bidder, fact).and_then(|n| u64::try_from(n).ok()).unwrap_or(0).min(1_000_000)
                };
                tickets_order(seed, &entrants.iter().map(held).collect::<Vec<u64>>())
            }
            DrawWeights::Tiered { fact } => {
                let mut order = shuffle(seed, entrants.len());
                order.sort_by_key(|&index| number(entrants[index], fact).unwrap_or(i64::MAX));
                order
            }
        };
        order.into_iter().map(|index| entrants[index]).collect()
    }
}
