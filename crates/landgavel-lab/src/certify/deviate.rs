//! A deviator's best answer, and what the conduct earns, from a leg on.

use super::{After, Deal, Node, Odds, Shape, worth};
use crate::bidder::Bidder;
use crate::conduct::Conduct;
use crate::course::Ladder;
use crate::game::Game;

/// A deviator.
pub(super) struct Deviator<'a> {
    pub(super) game: &'a Game,
    pub(super) nodes: &'a [Node],
    pub(super) conduct: &'a Conduct,
    pub(super) kind: usize,
    pub(super) bidder: &'a Bidder,
}

impl Deviator<'_> {
    /// What the best answer earns from a node on among so many others, and what the conduct does.
    pub(super) fn value(&self, node: usize, others: u32) -> (f64, f64) {
        let Node { deals, shape } = &self.nodes[node];
        match shape {
            Shape::Draw => {
                let even = worth(self.game, self.bidder, deals[0]) / f64::from(others + 1);
                (even, even)
            }
            Shape::Ladder { ladder, odds, capped, empty } => {
                self.climb(deals, ladder, &odds[others as usize], (capped, empty), others)
            }
            Shape::Sealed { leg, odds, none, empty } => {
                let odds = &odds[others as usize];
                let nobody = self.end(empty, others + 1, deals[0], none[others as usize]);
                let earns: Vec<f64> =
                    deals.iter().zip(odds).map(|(deal, odds)| odds * worth(self.game, self.bidder, *deal)).collect();
                let best = earns.iter().copied().skip(1).fold(nobody.0, f64::max);
                let quotes = self.conduct.quotes.iter().find(|quotes| quotes.leg == *leg);
                let own =
                    |(height, share): (u32, f64)| share * if height == 0 { nobody.1 } else { earns[height as usize] };
                (best, quotes.map_or(0.0, |quotes| quotes.mix(self.kind, others + 1).map(own).sum()))
            }
        }
    }

    /// An ending that so many share, times its probability.
    fn end(&self, after: &After, count: u32, deal: Deal, probability: f64) -> (f64, f64) {
        if probability <= 0.0 {
            return (0.0, 0.0);
        }
        match after.go {
            Some((node, at_least)) if count >= at_least => {
                let (best, played) = self.value(node, count - 1);
                (probability * best, probability * played)
            }
            _ if after.is_won => {
                let even = probability * worth(self.game, self.bidder, deal) / f64::from(count);
                (even, even)
            }
            _ => (0.0, 0.0),
        }
    }

    fn climb(
        &self,
        deals: &[Deal],
        ladder: &Ladder,
        odds: &Odds,
        (capped, empty): (&After, &After),
        others: u32,
    ) -> (f64, f64) {
        let own = self.conduct.height(ladder, self.kind) as usize;
        let top = ladder.top.map(|top| top as usize + 1);
        let last = odds.highest.len() - 1;
        let own = own.min(last);
        let nobody = self.end(empty, others + 1, deals[0], odds.highest[0]);
        let (mut best, mut played) = (nobody.0, if own == 0 { nobody.1 } else { 0.0 });
        // Against a highest of g below one's own stop, the bidding ends one rung above g.
        let mut won = 0.0;
        for (height, &deal) in deals.iter().enumerate().take(last + 1).skip(1) {
            let earns = if top == Some(height) {
                let at_cap = deal;
                let mut both = self.end(capped, 1, at_cap, odds.highest[height - 1]);
                for (taken, &probability) in (0u32..).zip(&odds.takers).skip(1) {
                    let more = self.end(capped, taken + 1, at_cap, probability);
                    both = (both.0 + more.0, both.1 + more.1);
                }
                (won + both.0, won + both.1)
            } else {
                let pay = worth(self.game, self.bidder, deal);
                won += odds.highest[height - 1] * pay;
                let even = won + odds.ties[height] * pay;
                (even, even)
            };
            best = best.max(earns.0);
            if height == own {
                played = earns.1;
            }
        }
        (best, played)
    }
}
