//! The speed of many sales at once: a line for each rule and each set of vector instructions that this machine has.
#![expect(clippy::float_arithmetic, reason = "rates for people, not values of a record")]

use std::ops::Range;
use std::time::Instant as Stopwatch;

use anyhow::{Result, anyhow};
use landgavel_lab::chance::Seed;
use landgavel_lab::course::{Course, LegKind};
use landgavel_lab::level::Level;
use landgavel_lab::many::plain::{Plain, revenue};
use landgavel_lab::many::{Crowd, Even, Many};
use serde_json::{Value, json};

const RUNS: usize = 3;
/// Rungs beyond which nobody goes, on a ladder without a cap.
const NO_CAP: u32 = 100;

/// What was measured.
pub struct Kernels {
    /// A line for each rule and level.
    pub lines: Vec<Value>,
    /// Of the rule itself at the best level: sales a second on one core, and how many times that on two.
    pub best: (f64, f64),
}

/// Plays a compiled rule and the plain auctions at every level.
///
/// # Errors
/// A rule that cannot be played so.
pub fn measure(rule: &str, course: &Course, bidders: usize, sales: u64) -> Result<Kernels> {
    // As far as to a quarter beyond the cap, evenly.
    let even = course.legs.iter().filter_map(|leg| match leg.kind {
        LegKind::Ladder(ladder) => {
            let cap = ladder.top.unwrap_or(NO_CAP) + 1;
            Some(Even { low: 1, count: cap + cap / 4 })
        }
        LegKind::Sealed(_) | LegKind::Draw => None,
    });
    let many = Many::new(course, Crowd::Even(even.collect()), bidders, Seed(1))
        .map_err(|why| anyhow!("{rule}: cannot be played many at once: {why:?}"))?;
    let mut lines = Vec::new();
    let mut best = (0.0, 0.0);
    for level in Level::here() {
        let play = |sales: Range<u64>| {
            let tally = many.tally(level, sales);
            tally.heights.iter().sum::<u64>() + tally.drawn
        };
        best = rates(sales, &play)?;
        lines.push(line(rule, level, bidders, many.words(), best));
    }
    for (name, plain) in
        [("first-price", Plain::FirstPrice), ("second-price", Plain::SecondPrice), ("english", Plain::English)]
    {
        for level in Level::here() {
            let play = |sales: Range<u64>| revenue(plain, bidders, Seed(1), level, sales);
            let words = u32::try_from(bidders)?;
            lines.push(line(name, level, bidders, words, rates(sales, &play)?));
        }
    }
    Ok(Kernels { lines, best })
}

fn line(rule: &str, level: Level, bidders: usize, draws: u32, (rate, scaling): (f64, f64)) -> Value {
    json!({"rule": rule, "instructions": level.as_str(), "lanes": level.lanes(), "bidders": bidders, "draws_per_sale": draws,
           "generator": "philox4x32-10, strict counters", "path": "closed form",
           "sales_per_s_per_core": super::lab::whole(rate), "scaling_2": scaling})
}

/// Sales a second on one core, and how many times that on two; medians. Both must give the same sums.
fn rates(sales: u64, play: &(dyn Fn(Range<u64>) -> u64 + Sync)) -> Result<(f64, f64)> {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let watch = Stopwatch::now();
        let alone = play(0..sales);
        one.push(watch.elapsed().as_secs_f64());
        let watch = Stopwatch::now();
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| play(sales / 2..sales));
            (play(0..sales / 2), other.join())
        });
        two.push(watch.elapsed().as_secs_f64());
        let second = second.map_err(|_| anyhow!("a thread of the measurement failed"))?;
        anyhow::ensure!(first + second == alone, "two threads give other sums than one");
    }
    let (one, two) = (super::lab::median(one), super::lab::median(two));
    Ok((super::lab::int64(sales) / one, one / two))
}
