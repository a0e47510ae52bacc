//! Means with their intervals, and what they recommend.

use crate::simulate::{BLOCKS, Measure, Sums};
use crate::study::Objective;
use crate::work::Finished;

/// Normal quantile of a two-sided interval of 95 %.
const Z95: f64 = 1.959_964;

/// A mean and half the width of its 95 % interval, from the spread over blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half-width; not a number when there is one block only.
    pub half: f64,
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Sales played.
    pub sales: u64,
    /// Sales that the engine did not end.
    pub unended: u64,
    /// Share sold.
    pub sold: Estimate,
    /// Per measure, over what was sold.
    pub of: [Estimate; Measure::ALL.len()],
    blocks: Vec<Sums>,
}

#[expect(clippy::cast_precision_loss, reason = "counts of sales are far below 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}

fn estimate(mean: f64, of_blocks: &[f64]) -> Estimate {
    let count = real(of_blocks.len() as u64);
    let middle = of_blocks.iter().sum::<f64>() / count;
    let squares: f64 = of_blocks.iter().map(|one| (one - middle) * (one - middle)).sum();
    Estimate { mean, half: Z95 * (squares / (count - 1.0) / count).sqrt() }
}

/// The cases that are finished whole, by index; `None` for those that are not.
pub fn summaries(finished: &Finished, cases: usize) -> Vec<Option<Summary>> {
    let of = |case: usize| {
        let blocks: Vec<Sums> = (0..BLOCKS).filter_map(|block| finished.get(&(case, block)).copied()).collect();
        (blocks.len() as u64 == BLOCKS).then(|| summary(blocks))
    };
    (0..cases).map(of).collect()
}

fn summary(blocks: Vec<Sums>) -> Summary {
    let total = |of: fn(&Sums) -> u64| blocks.iter().map(of).sum::<u64>();
    let (sales, sold) = (total(|sums| sums.sales), total(|sums| sums.sold));
    let shares: Vec<f64> =
        blocks.iter().filter(|sums| sums.sales > 0).map(|sums| real(sums.sold) / real(sums.sales)).collect();
    let measure = |index: usize| {
        let mean = blocks.iter().map(|sums| sums.of[index]).sum::<f64>() / real(sold);
        let means = blocks.iter().filter(|sums| sums.sold > 0).map(|sums| sums.of[index] / real(sums.sold));
        estimate(mean, &means.collect::<Vec<_>>())
    };
    Summary {
        sales,
        unended: total(|sums| sums.unended),
        sold: estimate(real(sold) / real(sales), &shares),
        of: std::array::from_fn(measure),
        blocks,
    }
}

impl Summary {
    /// The estimate of a measure.
    pub fn get(&self, measure: Measure) -> Estimate {
        self.of[measure as usize]
    }

    /// The difference to another case in a measure, with the interval of the paired difference: both met the same bidders.
    pub fn less(&self, other: &Self, measure: Measure) -> Estimate {
        let pairs = self.block_means(measure).zip(other.block_means(measure));
        let per_block: Vec<f64> = pairs.map(|(own, other)| own - other).collect();
        estimate(self.get(measure).mean - other.get(measure).mean, &per_block)
    }

    fn block_means(&self, measure: Measure) -> impl Iterator<Item = f64> {
        self.blocks.iter().map(move |sums| sums.of[measure as usize] / real(sums.sold.max(1)))
    }
}

/// The three goals, and whether more is better.
pub const GOALS: [(Measure, bool); 3] = [(Measure::Price, false), (Measure::Quality, true), (Measure::Delivered, true)];

/// The cases that no other one surpasses: none is at least as good in all goals and better in one.
pub fn frontier(cases: &[(usize, &Summary)]) -> Vec<usize> {
    let goals = |summary: &Summary| {
        GOALS.map(|(measure, up)| if up { summary.get(measure).mean } else { -summary.get(measure).mean })
    };
    let surpasses = |a: [f64; 3], b: [f64; 3]| (0..3).all(|goal| a[goal] >= b[goal]) && a != b;
    let beaten = |one: &Summary| cases.iter().any(|(_, other)| surpasses(goals(other), goals(one)));
    cases.iter().filter(|(_, summary)| !beaten(summary)).map(|(case, _)| *case).collect()
}

/// What is recommended among cases with the same number of bidders.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// Number of bidders.
    pub bidders: u32,
    /// The case with the highest score among those within the limit on default; `None` when none is.
    pub best: Option<usize>,
    /// Every case's score, by the objective, and the paired difference to the best, with its interval; cases over the limit have none.
    pub scores: Vec<(usize, Option<(f64, Estimate)>)>,
    /// Cases that cannot be told from the best: the interval of the difference holds zero.
    pub not_separable: Vec<usize>,
}

/// Scores cases: each goal in standard deviations over the cases, weighted. Differences are paired by block, since all
/// cases were played with the same bidders; intervals are widened for the number of cases (Bonferroni).
pub fn advise(objective: Objective, bidders: u32, cases: &[(usize, &Summary)]) -> Advice {
    let goals = [
        (Measure::Price, -objective.low_price),
        (Measure::Quality, objective.quality),
        (Measure::Delivered, objective.delivered),
    ];
    let scales = goals.map(|(measure, weight)| {
        let means: Vec<f64> = cases.iter().map(|(_, summary)| summary.get(measure).mean).collect();
        let middle = means.iter().sum::<f64>() / real(means.len() as u64);
        let variance = means.iter().map(|mean| (mean - middle).powi(2)).sum::<f64>() / real(means.len() as u64);
        // A goal that no case changes says nothing.
        let weight = if variance.sqrt() <= 1e-12 * middle.abs() { 0.0 } else { weight / variance.sqrt() };
        (measure, weight, middle)
    });
    let score = |summary: &Summary| {
        scales.iter().map(|(measure, weight, middle)| weight * (summary.get(*measure).mean - middle)).sum::<f64>()
    };
    let within = |summary: &Summary| {
        let default = summary.get(Measure::Default);
        default.mean + default.half.max(0.0) <= objective.default_at_most
    };
    let allowed: Vec<(usize, &Summary)> = cases.iter().copied().filter(|(_, summary)| within(summary)).collect();
    let best = allowed.iter().copied().max_by(|a, b| score(a.1).total_cmp(&score(b.1)));
    let widen = real(allowed.len().saturating_sub(1).max(1) as u64);
    let z = -crate::distribution::normal_quantile(0.025 / widen);
    let difference = |summary: &Summary| -> Option<Estimate> {
        let (_, top) = best?;
        let per_block: Vec<f64> = (0..summary.blocks.len())
            .map(|block| {
                let one = |of: &Summary| {
                    scales
                        .iter()
                        .map(|(measure, weight, _)| weight * of.block_means(*measure).nth(block).unwrap_or(0.0))
                        .sum::<f64>()
                };
                one(summary) - one(top)
            })
            .collect();
        let paired = estimate(score(summary) - score(top), &per_block);
        Some(Estimate { mean: paired.mean, half: paired.half * z / Z95 })
    };
    let mut not_separable = Vec::new();
    let mut scores = Vec::new();
    for &(case, summary) in cases {
        let known = within(summary).then(|| difference(summary)).flatten();
        if let (Some(away), Some((top, _))) = (known, best)
            && case != top
            && away.mean + away.half >= 0.0
        {
            not_separable.push(case);
        }
        scores.push((case, known.map(|away| (score(summary), away))));
    }
    Advice { bidders, best: best.map(|(case, _)| case), scores, not_separable }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A case whose price is this on average, swinging over its blocks by a pattern of its own.
    fn case(price: f64, pattern: u64) -> Summary {
        let block = |number: u64| {
            let swing = f64::from(u32::try_from(number * pattern % 101).unwrap()) / 100.0 - 0.5;
            let mut of = [10.0; Measure::ALL.len()];
            of[Measure::Price as usize] = 10.0 * (price + swing);
            of[Measure::Default as usize] = 0.0;
            Sums { sales: 10, sold: 10, unended: 0, of }
        };
        summary((0..BLOCKS).map(block).collect())
    }

    #[test]
    fn what_is_within_the_error_is_not_told_apart_and_what_is_beyond_is() {
        let objective = Objective { low_price: 1.0, quality: 0.0, delivered: 0.0, default_at_most: 0.5 };
        let (cheap, near, dear) = (case(5.0, 37), case(5.02, 53), case(7.0, 29));
        let advice = advise(objective, 5, &[(0, &cheap), (1, &near), (2, &dear)]);
        assert_eq!(advice.best, Some(0));
        assert_eq!(advice.not_separable, [1]);
        let (_, away) = advice.scores[2].1.unwrap();
        assert!(away.mean + away.half < 0.0, "{away:?}");
    }

    #[test]
    fn an_interval_is_the_spread_over_blocks() {
        // A uniform swing of width 1 has a standard deviation of 0.29; over a hundred blocks the half-width is near 0.057.
        let half = case(5.0, 37).get(Measure::Price).half;
        assert!((half - 0.057).abs() < 0.003, "{half}");
    }
}
