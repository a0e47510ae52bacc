//! Sealed first price among equals: an approximate equilibrium, with the gain that a deviation would still bring.
//!
//! Fictitious play on the distribution of one bidder's bids: each turn all types answer best to what was played so far,
//! and a step of 2 / (t + 2) is taken toward their answer. Types are answered all at once along the upper envelope of their
//! utilities, which are lines in the type. Between turns only the distribution of bids is kept: of all ways to give
//! these bids to types, the one in which higher types bid more is the best (utility is supermodular), so that is the strategy.
//!
//! Play begins with half of one's value, or where types are indifferent between neighbouring bids (`indifference`), whichever is nearer.
//!
//! What is certified: ε is the mean over types of what the best deviation gains, from exact probabilities of winning, no
//! sampling. `any_bid` allows deviations off the ladder too: just above a rung wins against all who stand on it, and no other bid
//! between two rungs is better, so the maximum over finitely many bounds the gain from any bid. Types are those of the grid.

use crate::indifference;

/// For as many turns the bids between which types are indifferent count, so that play does not leave them at once.
const LEAD: f64 = 1000.0;

/// The game: types equally likely, bids on a ladder, both rising.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    /// Values, rising.
    pub types: Vec<f64>,
    /// Legal bids, rising from the lowest.
    pub bids: Vec<f64>,
    /// Bidders, at least 2.
    pub bidders: u32,
}

/// An approximate equilibrium.
#[derive(Debug, Clone, PartialEq)]
pub struct Equilibrium {
    /// Mean bid of each type.
    pub strategy: Vec<f64>,
    /// Probability of each bid.
    pub played: Vec<f64>,
    /// Mean gain of the best deviation on the ladder, in money.
    pub epsilon: f64,
    /// The same as a share of what the best deviation earns.
    pub relative: f64,
    /// Bound on the mean gain of any deviation, on or off the ladder, in money.
    pub any_bid: f64,
    /// Turns of play.
    pub turns: u32,
}

/// A game that cannot be solved here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoGame {
    /// Fewer than two bidders, types or bids.
    TooSmall,
    /// Types or bids that do not rise, or are not finite.
    NotRising,
}

impl Game {
    /// Values spread evenly over (0, 1), bids over [0, 1].
    #[expect(clippy::cast_precision_loss, reason = "grids are small")]
    pub fn uniform(bidders: u32, types: usize, bids: usize) -> Self {
        Self {
            types: (0..types).map(|place| (place as f64 + 0.5) / types as f64).collect(),
            bids: (0..bids).map(|place| place as f64 / (bids - 1) as f64).collect(),
            bidders,
        }
    }

    /// Plays until the relative ε is at most this, or for so many turns.
    ///
    /// # Errors
    /// [`NoGame`].
    pub fn solve(&self, relative: f64, most_turns: u32) -> Result<Equilibrium, NoGame> {
        let rises =
            |list: &[f64]| list.windows(2).all(|pair| pair[0] < pair[1]) && list.iter().all(|one| one.is_finite());
        if self.bidders < 2 || self.types.len() < 2 || self.bids.len() < 2 {
            return Err(NoGame::TooSmall);
        }
        if !rises(&self.types) || !rises(&self.bids) {
            return Err(NoGame::NotRising);
        }
        let mut play = Play::new(self);
        let mut best = play.measure(self);
        let mut lead = 0.0;
        if let Some(played) = indifference::begin(&self.types, &self.bids, self.bidders) {
            let mut other = Play { played, ..Play::new(self) };
            let now = other.measure(self);
            if now.1 < best.1 {
                (play, best, lead) = (other, now, LEAD);
            }
        }
        let mut kept = play.played.clone();
        let mut turns = 0;
        while best.1 > relative && turns < most_turns {
            turns += 1;
            play.step(2.0 / (lead + f64::from(turns) + 2.0));
            let now = play.measure(self);
            if now.1 < best.1 {
                best = now;
                kept.clone_from(&play.played);
            }
        }
        play.played = kept;
        let (epsilon, relative) = play.measure(self);
        let any_bid = play.any_bid(self, epsilon);
        Ok(Equilibrium { strategy: play.strategy(self), played: play.played, epsilon, relative, any_bid, turns })
    }
}

/// The state of fictitious play.
struct Play {
    /// Probability of each bid.
    played: Vec<f64>,
    /// Probability of each bid when all types answer best.
    answer: Vec<f64>,
    /// Probability of winning with each bid.
    wins: Vec<f64>,
    /// Places of bids on the upper envelope.
    hull: Vec<usize>,
    share: f64,
}

impl Play {
    #[expect(clippy::cast_precision_loss, reason = "grids are small")]
    fn new(game: &Game) -> Self {
        let share = 1.0 / game.types.len() as f64;
        let mut play = Self {
            played: vec![0.0; game.bids.len()],
            answer: vec![0.0; game.bids.len()],
            wins: vec![0.0; game.bids.len()],
            hull: Vec::with_capacity(game.bids.len()),
            share,
        };
        // To begin with all bid half their value.
        for value in &game.types {
            let place = game.bids.partition_point(|bid| *bid <= value / 2.0).max(1) - 1;
            play.played[place] += share;
        }
        play
    }

    fn step(&mut self, by: f64) {
        for (played, answer) in self.played.iter_mut().zip(&self.answer) {
            *played += by * (answer - *played);
        }
    }

    /// Probability of winning with each bid against so many others who play this; ties by lot.
    fn learn_wins(&mut self, game: &Game) {
        let n = f64::from(game.bidders);
        let power = i32::try_from(game.bidders).unwrap_or(i32::MAX);
        let (mut below, mut below_power) = (0.0f64, 0.0f64);
        for (wins, played) in self.wins.iter_mut().zip(&self.played) {
            let upto = (below + played).min(1.0);
            let upto_power = upto.powi(power);
            *wins = if *played > 1e-14 { (upto_power - below_power) / (n * played) } else { upto.powi(power - 1) };
            (below, below_power) = (upto, upto_power);
        }
    }

    /// Answers best, and measures: the mean gain of the best answers over what is played, in money and as a share of what they earn.
    fn measure(&mut self, game: &Game) -> (f64, f64) {
        self.learn_wins(game);
        let (bids, wins) = (&game.bids, &self.wins);
        let earns = |value: f64, place: usize| (value - bids[place]) * wins[place];
        // Lines in the value with rising slopes: the upper envelope from left to right.
        self.hull.clear();
        for place in 0..bids.len() {
            while let Some(&last) = self.hull.last() {
                // Of equal slopes the lower bid is better; drop what is never on top.
                if wins[place] <= wins[last] + 1e-300 {
                    break;
                }
                let Some(&before) = self.hull.len().checked_sub(2).and_then(|at| self.hull.get(at)) else { break };
                let cross = |a: usize, b: usize| (bids[b] * wins[b] - bids[a] * wins[a]) / (wins[b] - wins[a]);
                if cross(before, last) < cross(last, place) {
                    break;
                }
                self.hull.pop();
            }
            if self.hull.last().is_none_or(|&last| wins[place] > wins[last] + 1e-300) {
                self.hull.push(place);
            }
        }
        self.answer.fill(0.0);
        let (mut at, mut best) = (0, 0.0);
        for &value in &game.types {
            while at + 1 < self.hull.len() && earns(value, self.hull[at + 1]) > earns(value, self.hull[at]) {
                at += 1;
            }
            let place = self.hull[at];
            best += self.share * earns(value, place);
            self.answer[place] += self.share;
        }
        let earned = self.earned(game);
        let epsilon = (best - earned).max(0.0);
        (epsilon, if best > 0.0 { epsilon / best } else { 0.0 })
    }

    /// What is earned on average when higher types make the higher of the bids that are played.
    fn earned(&self, game: &Game) -> f64 {
        let mut earned = 0.0;
        self.couple(|place, kind, share| earned += share * (game.types[kind] - game.bids[place]) * self.wins[place]);
        earned
    }

    /// Gives bids to types in rising order: place of the bid, place of the type, probability.
    fn couple(&self, mut each: impl FnMut(usize, usize, f64)) {
        let (mut kind, mut room) = (0, self.share);
        let last = (1.0 / self.share).round() as usize - 1;
        for (place, &played) in self.played.iter().enumerate() {
            let mut left = played;
            while left > 0.0 {
                let share = if kind == last { left } else { left.min(room) };
                each(place, kind, share);
                left -= share;
                room -= share;
                if room <= 1e-15 && kind < last {
                    (kind, room) = (kind + 1, self.share);
                }
            }
        }
    }

    fn strategy(&self, game: &Game) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); game.types.len()];
        self.couple(|place, kind, share| {
            sums[kind].0 += share * game.bids[place];
            sums[kind].1 += share;
        });
        sums.into_iter().map(|(bid, share)| if share > 0.0 { bid / share } else { 0.0 }).collect()
    }

    fn any_bid(&self, game: &Game, epsilon: f64) -> f64 {
        let others = i32::try_from(game.bidders).unwrap_or(i32::MAX) - 1;
        let mut upto = 0.0;
        let above: Vec<f64> = self
            .played
            .iter()
            .map(|played| {
                upto += played;
                f64::min(upto, 1.0).powi(others)
            })
            .collect();
        let mut gain = 0.0;
        for &value in &game.types {
            let most =
                |wins: &[f64]| game.bids.iter().zip(wins).map(|(bid, wins)| (value - bid) * wins).fold(0.0, f64::max);
            gain += self.share * (most(&above) - most(&self.wins)).max(0.0);
        }
        epsilon + gain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_textbook_equilibrium_is_found() {
        for bidders in [2, 3, 5] {
            let found = Game::uniform(bidders, 128, 129).solve(1e-3, 20_000).unwrap();
            assert!(found.relative <= 1e-3, "{bidders}: {}", found.relative);
            assert!(found.any_bid >= found.epsilon && found.any_bid < 0.02);
            let n = f64::from(bidders);
            for (value, bid) in Game::uniform(bidders, 128, 129).types.iter().zip(&found.strategy).skip(64) {
                assert!((bid - value * (n - 1.0) / n).abs() < 0.008, "{bidders}: {value} bids {bid}");
            }
        }
    }

    /// Types of other densities, a lowest bid above nothing, and values below it: whatever play begins with, the gain is measured.
    #[test]
    fn other_games_are_solved_too() {
        let (count, bids) = (256, Game::uniform(2, 2, 129).bids);
        let even: Vec<f64> = Game::uniform(2, count, 2).types;
        let squares: Vec<f64> = even.iter().map(|value| value * value).collect();
        let roots: Vec<f64> = even.iter().map(|value| value.sqrt()).collect();
        let above: Vec<f64> = even.iter().map(|value| 0.5 + value / 2.0).collect();
        let from_half: Vec<f64> = bids.iter().map(|bid| 0.5 + bid / 2.0).collect();
        let tops: Vec<f64> = even.iter().map(|value| 1.0 + value * 1e-6).collect();
        for (name, types, bids) in
            [("squares", &squares, &bids), ("roots", &roots, &bids), ("above the lowest bid", &above, &from_half)]
        {
            for bidders in [2, 3, 7] {
                let game = Game { types: types.clone(), bids: bids.clone(), bidders };
                let found = game.solve(1e-3, 50_000).unwrap();
                assert!(found.relative <= 1e-3, "{name}, {bidders}: {}", found.relative);
                assert!((found.played.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{name}");
            }
        }
        // Where nobody earns anything a share of it says nothing; what a deviation gains does.
        let alike = Game { types: tops, bids: bids.clone(), bidders: 2 };
        assert!(alike.solve(1e-3, 2000).unwrap().epsilon < 1e-3);
        let below = Game { types: even, bids: from_half, bidders: 3 };
        assert!(indifference::begin(&below.types, &below.bids, 3).is_none());
        assert!(below.solve(1e-3, 100).unwrap().epsilon.is_finite());
    }

    /// On a fine ladder the equations alone are within a hundred thousandth of an equilibrium.
    #[test]
    fn indifference_is_nearly_an_equilibrium() {
        for bidders in [2, 3, 5, 10] {
            let game = Game::uniform(bidders, 1024, 1025);
            let found = game.solve(1e-4, 0).unwrap();
            assert!(found.relative <= 1e-5 && found.turns == 0, "{bidders}: {}", found.relative);
        }
    }

    #[test]
    fn epsilon_is_what_a_plain_search_finds() {
        let game = Game::uniform(3, 16, 17);
        let mut play = Play::new(&game);
        let (epsilon, _) = play.measure(&game);
        let best: f64 = game
            .types
            .iter()
            .map(|value| {
                game.bids.iter().zip(&play.wins).map(|(bid, wins)| (value - bid) * wins).fold(f64::MIN, f64::max)
            })
            .sum::<f64>()
            / 16.0;
        assert!((epsilon - (best - play.earned(&game))).abs() < 1e-12);
        assert!(epsilon > 1e-3, "half of one's value is no equilibrium among three");
    }

    #[test]
    fn impossible_games_are_refused() {
        assert_eq!(Game::uniform(1, 4, 4).solve(0.1, 1), Err(NoGame::TooSmall));
        let flat = Game { types: vec![0.5, 0.5], bids: vec![0.0, 1.0], bidders: 2 };
        assert_eq!(flat.solve(0.1, 1), Err(NoGame::NotRising));
    }
}
