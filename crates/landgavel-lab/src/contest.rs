//! One sealed quote each, the highest wins and pays or promises what it says, equal ones by lot: approximate equilibria.
//!
//! Fictitious play: each turn every type answers best to the distribution of all quotes so far, and later turns count for more. What a type
//! has answered over the turns is its mixed strategy, and the gain that is measured is of these, by exact probabilities of winning. What winning
//! and losing are worth is any table over types and rungs, so first price, all pay, promises with a bond, scores and aversion to risk are the same
//! game. There are equals, or two unlike bidders.

use pulp::{Simd, WithSimd};

use crate::level::Level;

/// Bidders who are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What winning is worth: for type `t` and rung `r`, `wins[t * rungs + r]`.
    pub wins: Vec<f64>,
    /// What losing is worth with a rung: what all pay. Of all types alike.
    pub loses: Vec<f64>,
    /// Where each type begins, as a rung.
    pub begins: Vec<u32>,
}

/// The game.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// One side of so many equals as there are bidders, or two of one bidder each.
    pub sides: Vec<Side>,
    /// Bidders.
    pub bidders: u32,
    /// Rungs.
    pub rungs: usize,
}

/// What a type plays: rungs with their probabilities.
pub type Mix = Vec<(u32, f64)>;

/// An approximate equilibrium.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Per side and type.
    pub mixes: Vec<Vec<Mix>>,
    /// Per side the probability of each rung.
    pub played: Vec<Vec<f64>>,
    /// Per side the mean gain of the best answer.
    pub epsilon: Vec<f64>,
    /// Per side what is earned on average.
    pub earned: Vec<f64>,
    /// Turns of play.
    pub turns: u32,
}

/// Answers below this share of a type's play are left out.
const TRIFLE: f64 = 0.01;
/// Turns between the first measurements; later ones come after a twentieth more turns each, since a measurement looks at every rung of
/// every type.
const MEASURE: u32 = 25;
/// Rungs near the last answer among which the next one is sought.
const NEAR: usize = 8;
/// So many turns count for the more the later they come, so that the beginning is soon forgotten; those after them for less, since
/// strategies that mix settle only in small steps.
const HASTE: u32 = 300;
/// As long as not more than one type in so many moves farther, they look only near.
const FEW: usize = 400;
/// In one turn of so many each type looks at all rungs.
const ROUND: usize = 16;

/// Probability of winning with each rung against so many who each play this; equal ones by lot.
pub fn odds(played: &[f64], others: u32) -> Vec<f64> {
    let n = f64::from(others) + 1.0;
    let power = i32::try_from(others).unwrap_or(i32::MAX - 1);
    let mut below = 0.0f64;
    let mut odds = Vec::with_capacity(played.len());
    for share in played {
        let upto = (below + share).min(1.0);
        let even =
            if *share > 1e-9 { (upto.powi(power + 1) - below.powi(power + 1)) / (n * share) } else { upto.powi(power) };
        odds.push(even);
        below = upto;
    }
    odds
}

/// What a turn counts for beside all before it: a step of 4 / (t + 4) toward the answers, later of 2 / (t + 2).
fn weight(turns: u32, total: f64) -> f64 {
    if turns == 0 {
        return 1.0;
    }
    let grows = if turns < HASTE { 4.0 } else { 2.0 };
    total * grows / f64::from(turns)
}

impl Contest {
    /// Plays until every side's gain is at most this share of what the best answer earns, or for so many turns.
    pub fn solve(&self, relative: f64, most_turns: u32) -> Found {
        let rungs = self.rungs;
        let mut weights: Vec<Vec<f32>> = self.sides.iter().map(|side| vec![0.0; side.begins.len() * rungs]).collect();
        let mut sums: Vec<Vec<f64>> = vec![vec![0.0; rungs]; self.sides.len()];
        let mut answers: Vec<Vec<u32>> = self.sides.iter().map(|side| side.begins.clone()).collect();
        let (mut turns, mut total, mut measured) = (0u32, 0.0f64, 0u32);
        let mut stays = vec![false; self.sides.len()];
        loop {
            let weight = weight(turns, total);
            total += weight;
            for (side, answers) in answers.iter().enumerate() {
                for (kind, &rung) in answers.iter().enumerate() {
                    #[expect(clippy::cast_possible_truncation, reason = "only their proportions count")]
                    let small = weight as f32;
                    weights[side][kind * rungs + rung as usize] += small;
                    sums[side][rung as usize] += weight;
                }
            }
            turns += 1;
            let played: Vec<Vec<f64>> = self
                .sides
                .iter()
                .zip(&sums)
                .map(|(side, sums)| sums.iter().map(|sum| sum / total / real(side.begins.len())).collect())
                .collect();
            let measures = turns >= most_turns || turns - measured >= MEASURE.max(measured / 20);
            if measures {
                measured = turns;
            }
            let (mut epsilon, mut earned) = (Vec::new(), Vec::new());
            for (number, side) in self.sides.iter().enumerate() {
                let odds = self.odds(number, &played);
                let whole = (!measures && stays[number]).then_some(turns as usize % ROUND);
                let answer = Answer { side, rungs, odds: &odds, answers: &mut answers[number], whole };
                let (best, moved) = Level::best().run(answer);
                if measures {
                    stays[number] = moved * FEW <= side.begins.len();
                    let own = side.earned(rungs, &odds, &weights[number]);
                    earned.push(own);
                    epsilon.push((best - own).max(0.0));
                }
            }
            let is_done = |(epsilon, earned): (&f64, &f64)| *epsilon <= relative * (epsilon + earned).abs();
            if measures && (turns >= most_turns || epsilon.iter().zip(&earned).all(is_done)) {
                let mixes = weights.iter().map(|weights| weights.chunks_exact(rungs).map(mix).collect()).collect();
                return Found { mixes, played, epsilon, earned, turns };
            }
        }
    }

    fn odds(&self, side: usize, played: &[Vec<f64>]) -> Vec<f64> {
        let rival = if self.sides.len() == 2 { 1 - side } else { side };
        odds(&played[rival], self.bidders - 1)
    }
}

/// Finds every type's best rung, and what it earns on average.
///
/// Between measurements types look only near their last answer, one part of them excepted, as long as few of them move farther: what they earn changes
/// little from turn to turn, and reading all of it would take most of the time. An answer that is not the best costs turns of play and nothing else.
struct Answer<'a> {
    side: &'a Side,
    rungs: usize,
    odds: &'a [f64],
    answers: &'a mut [u32],
    /// The part of the types that look at all rungs; `None`: all do.
    whole: Option<usize>,
}

impl WithSimd for Answer<'_> {
    /// With how many types moved far.
    type Output = (f64, usize);

    // Nothing here depends on the order of additions, so every level gives the same bits; the compiler makes the vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> (f64, usize) {
        let fixed: Vec<f64> =
            self.odds.iter().zip(&self.side.loses).map(|(odds, loses)| (1.0 - odds) * loses).collect();
        let mut earns = vec![0.0; self.rungs];
        let (mut sum, mut moved) = (0.0, 0);
        let part = self.side.begins.len().div_ceil(ROUND);
        for (kind, (wins, answer)) in self.side.wins.chunks_exact(self.rungs).zip(self.answers).enumerate() {
            if self.whole.is_some_and(|whole| kind / part != whole) && self.rungs > NEAR {
                let from = (*answer as usize).saturating_sub(NEAR / 2).min(self.rungs - NEAR);
                let near = from..from + NEAR;
                let (place, best) = nearby(&wins[near.clone()], &self.odds[near.clone()], &fixed[near]);
                *answer = u32::try_from(from + place).unwrap_or_default();
                sum += best;
                continue;
            }
            for (((earns, wins), odds), fixed) in earns.iter_mut().zip(wins).zip(self.odds).zip(&fixed) {
                *earns = wins * odds + fixed;
            }
            let best = most(&earns);
            // Of equals the lowest.
            let place = earns.iter().position(|one| *one >= best).unwrap_or_default();
            moved += usize::from(place.abs_diff(*answer as usize) > NEAR / 2);
            *answer = u32::try_from(place).unwrap_or_default();
            sum += best;
        }
        (sum / real(self.side.begins.len()), moved)
    }
}

/// The best of a few rungs, the lowest of equals, and what it earns.
#[inline(always)]
fn nearby(wins: &[f64], odds: &[f64], fixed: &[f64]) -> (usize, f64) {
    let mut earns = [f64::MIN; NEAR];
    for (((earns, wins), odds), fixed) in earns.iter_mut().zip(wins).zip(odds).zip(fixed) {
        *earns = wins * odds + fixed;
    }
    let (mut place, mut best) = (0, earns[0]);
    for (number, one) in earns.into_iter().enumerate() {
        if one > best {
            (place, best) = (number, one);
        }
    }
    (place, best)
}

#[inline(always)]
fn most(of: &[f64]) -> f64 {
    let (chunks, rest) = of.as_chunks::<8>();
    let mut lanes = [f64::MIN; 8];
    for chunk in chunks {
        for (lane, one) in lanes.iter_mut().zip(chunk) {
            *lane = if one > lane { *one } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(f64::MIN, f64::max)
}

impl Side {
    fn earned(&self, rungs: usize, odds: &[f64], weights: &[f32]) -> f64 {
        let mut sum = 0.0;
        for (wins, weights) in self.wins.chunks_exact(rungs).zip(weights.chunks_exact(rungs)) {
            let (mut own, mut total) = (0.0, 0.0);
            for rung in 0..rungs {
                let weight = f64::from(weights[rung]);
                own += weight * (wins[rung] * odds[rung] + (1.0 - odds[rung]) * self.loses[rung]);
                total += weight;
            }
            sum += own / total;
        }
        sum / real(self.begins.len())
    }
}

fn mix(weights: &[f32]) -> Mix {
    let total: f64 = weights.iter().copied().map(f64::from).sum();
    let kept = (0u32..).zip(weights).map(|(rung, weight)| (rung, f64::from(*weight)));
    let mut kept: Mix = kept.filter(|(_, weight)| *weight >= TRIFLE * total).collect();
    if kept.is_empty() {
        // Spread over more rungs than a hundred: the one played most.
        let most = (0u32..).zip(weights).max_by(|a, b| a.1.total_cmp(b.1));
        kept.extend(most.map(|(rung, weight)| (rung, f64::from(*weight))));
    }
    let sum: f64 = kept.iter().map(|(_, weight)| weight).sum();
    kept.iter_mut().for_each(|(_, weight)| *weight /= sum);
    kept
}

#[expect(clippy::cast_precision_loss, reason = "numbers of types are small")]
fn real(count: usize) -> f64 {
    count as f64
}
