//! The lab's speed: the four-part rule with five bidders, and equilibria.
#![expect(clippy::float_arithmetic, reason = "rates for people, not values of a record")]

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use anyhow::{Result, anyhow};
use landgavel_base::Digest;
use landgavel_lab::chance::{Purpose, Seed};
use landgavel_lab::contest::{Contest, Side};
use landgavel_lab::course::{LegKind, compile};
use landgavel_lab::equilibrium::Game;
use landgavel_lab::stepped::Stepped;
use landgavel_lab::straight::{Limits, evaluate};
use landgavel_record::language::load_lot;
use serde_json::json;

use super::{kernels, peak_mib};
use crate::disk::Disk;
use crate::exit::Exit;

/// Measure the lab.
#[derive(clap::Args)]
pub struct Arguments {
    /// The lot whose rule is played; it must compile.
    #[arg(long, default_value = "lots/cn/zhejiang/wenling/gy020108-2-four-part.toml")]
    lot: String,
    /// Sales of the straight evaluator per run; the engine plays a hundredth.
    #[arg(long, default_value_t = 5_000_000)]
    sales: u64,
    /// Bidders of a sale.
    #[arg(long, default_value_t = 5)]
    bidders: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const RUNS: usize = 3;
/// Sales of each measurement of many at once: fewer are over too soon.
const KERNEL_SALES: u64 = 20_000_000;

pub fn bench(arguments: &Arguments) -> Result<Exit> {
    let loaded = load_lot(&Disk, &arguments.lot)
        .map_err(|findings| anyhow!("{}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    let lot = Arc::new(loaded.lot);
    let course = compile(&lot).map_err(|why| anyhow!("{}: {why}", arguments.lot))?;
    let attributes = course.columns();
    let bidders = arguments.bidders as usize;
    // Limits spread evenly over each ladder and a quarter beyond its cap.
    let spans: Vec<(i64, f64)> = (0..attributes)
        .map(|attribute| {
            let ladder = course.legs.iter().find_map(|leg| match leg.kind {
                LegKind::Ladder(ladder) if usize::from(ladder.attribute.0) == attribute => Some(ladder),
                LegKind::Ladder(_) | LegKind::Sealed(_) | LegKind::Draw => None,
            });
            ladder.map_or((0, 1.0), |ladder| {
                (ladder.start, f64::from(ladder.top.unwrap_or(100) + 1) * 1.25 * int(ladder.step))
            })
        })
        .collect();
    let draw = |sale: u64, limits: &mut [i64]| {
        for (number, own) in (0..).zip(limits.chunks_exact_mut(attributes)) {
            let words = Seed(1).uniforms(Purpose::Type, sale, number);
            for ((limit, (start, span)), word) in own.iter_mut().zip(&spans).zip(words) {
                *limit = start + whole(word * span);
            }
        }
        Seed(1).uniforms(Purpose::Lots, sale, 0)[0]
    };
    let run = |from: u64, to: u64| {
        let mut limits = vec![0; bidders * attributes];
        let (mut price, mut lots) = (0i64, 0u64);
        for sale in from..to {
            let lot_draw = draw(sale, &mut limits);
            let outcome = evaluate(&course, Limits { of: &limits, columns: attributes }, |n| pick(lot_draw, n));
            price += outcome.terms.first().copied().flatten().unwrap_or(0);
            lots += u64::from(!outcome.entrants.is_empty());
        }
        (price, lots)
    };
    let sales = arguments.sales;
    let mut one = Vec::new();
    let mut two = Vec::new();
    for _ in 0..RUNS {
        let watch = Stopwatch::now();
        let alone = run(0, sales);
        one.push(watch.elapsed().as_secs_f64());
        let watch = Stopwatch::now();
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| run(sales / 2, sales));
            (run(0, sales / 2), other.join())
        });
        two.push(watch.elapsed().as_secs_f64());
        let second = second.map_err(|_| anyhow!("a thread of the measurement failed"))?;
        anyhow::ensure!((first.0 + second.0, first.1 + second.1) == alone, "two threads give other sums than one");
    }
    let kernels = kernels::measure(&lot.rulebook.id, &course, bidders, KERNEL_SALES.max(sales))?;
    let stepped = Stepped::new(&lot, bidders).map_err(|why| anyhow!("{why:?}"))?;
    let played = (sales / 100).max(1);
    let step = || -> Result<()> {
        let mut limits = vec![0; bidders * attributes];
        for sale in 0..played {
            draw(sale, &mut limits);
            let of = Limits { of: &limits, columns: attributes };
            stepped.play(of, Digest([1; 32])).map_err(|why| anyhow!("{why:?}"))?;
        }
        Ok(())
    };
    let (mut stepped_one, mut stepped_two) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let watch = Stopwatch::now();
        step()?;
        stepped_one.push(watch.elapsed().as_secs_f64());
        let watch = Stopwatch::now();
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(step);
            (step(), other.join())
        });
        stepped_two.push(watch.elapsed().as_secs_f64());
        first?;
        second.map_err(|_| anyhow!("a thread of the measurement failed"))??;
    }
    let mut equilibria = Vec::new();
    let small = [2, 3, 5, 10].map(|bidders| (bidders, 128, 129, 1e-3));
    let large = [2, 3, 5, 10].map(|bidders| (bidders, 1024, 1025, 1e-4));
    for (bidders, types, bids, relative) in small.into_iter().chain(large) {
        let game = Game::uniform(bidders, types, bids);
        let mut seconds = Vec::new();
        let mut found = None;
        for _ in 0..RUNS {
            let watch = Stopwatch::now();
            found = game.solve(relative, 100_000).ok();
            seconds.push(watch.elapsed().as_secs_f64());
        }
        let Some(found) = found else { continue };
        equilibria.push(json!({
            "game": "sealed first price, values uniform", "bidders": bidders, "types": types, "bids": bids,
            "asked": relative, "seconds": median(seconds), "epsilon": found.relative,
            "epsilon_money": found.epsilon, "epsilon_any_bid_money": found.any_bid, "turns": found.turns,
        }));
    }
    for (bond, most) in [(0.5, 1.2), (0.05, 1.2), (0.5, 0.6)] {
        let contest = last_quote(bond, most);
        let mut seconds = Vec::new();
        let mut found = contest.solve(5e-4, 20_000);
        for _ in 0..RUNS {
            let watch = Stopwatch::now();
            found = contest.solve(5e-4, 20_000);
            seconds.push(watch.elapsed().as_secs_f64());
        }
        let best = found.earned[0] + found.epsilon[0];
        equilibria.push(json!({
            "game": format!("four-part rule, sealed last quote of a tax up to {most} with a bond of {bond}"), "bidders": 5, "types": 4096,
            "bids": 129, "asked": 5e-4, "seconds": median(seconds), "epsilon": found.epsilon[0] / best,
            "epsilon_money": found.epsilon[0], "turns": found.turns,
        }));
    }
    let (one, two) = (median(one), median(two));
    let (best, scaling) = kernels.best;
    let report = json!({
        "rule": lot.rulebook.id, "bidders": bidders, "sales": sales,
        "sales_per_s_per_core": whole(best), "scaling_2": scaling, "kernels": &kernels.lines,
        "straight": {
            "path": "one sale at a time, clocks in closed form, no vector instructions", "generator": "philox4x32-10",
            "draws_per_sale": 4 * (bidders + 1), "sales_per_s_per_core": whole(int64(sales) / one), "scaling_2": one / two,
        },
        "stepped_sales_per_s": whole(int64(played) / median(stepped_one)),
        "stepped_sales_per_s_2": whole(2.0 * int64(played) / median(stepped_two)), "runs": RUNS, "statistic": "median",
        "equilibria": &equilibria, "peak_mib": peak_mib()?,
    });
    if arguments.json {
        println!("{report:#}");
        return Ok(Exit::Good);
    }
    println!("{}, {} bidders, {sales} sales, median of {RUNS}", lot.rulebook.id, arguments.bidders);
    for line in &kernels.lines {
        println!(
            "{}, {}, {} draws a sale, closed form: {} sales/s on one core, {:.2} times that on two",
            line["rule"].as_str().unwrap_or_default(),
            line["instructions"].as_str().unwrap_or_default(),
            line["draws_per_sale"],
            line["sales_per_s_per_core"],
            line["scaling_2"].as_f64().unwrap_or_default()
        );
    }
    println!(
        "one sale at a time: {} sales/s on one core, {:.2} times that on two",
        whole(int64(sales) / one),
        one / two
    );
    println!(
        "engine: {} sales/s on one core, {} on two",
        report["stepped_sales_per_s"], report["stepped_sales_per_s_2"]
    );
    for found in &equilibria {
        println!(
            "{}, {} bidders, {} types, {} bids: {} s, relative epsilon {}",
            found["game"].as_str().unwrap_or_default(),
            found["bidders"],
            found["types"],
            found["bids"],
            found["seconds"],
            found["epsilon"]
        );
    }
    Ok(Exit::Good)
}

/// Five who took a cap on the price of a half quote a yearly tax, 129 steps from nothing on: what is left of the plot's value, even
/// over (0, ½), less what the promise costs one whose yearly tax has the mean θ, even over (½, 1½), with its shortfall paid up to the bond.
fn last_quote(bond: f64, most: f64) -> Contest {
    const RUNGS: u32 = 129;
    let mut side = Side { wins: Vec::new(), loses: vec![0.0; RUNGS as usize], begins: Vec::new() };
    for kind in 1..=4096 {
        let (surplus, theta) = (spread(kind, 2) / 2.0, 0.5 + spread(kind, 3));
        let mut bears = 0;
        for rung in 0..RUNGS {
            let promise = most * f64::from(rung) / f64::from(RUNGS - 1);
            // ∫ min(bond, promise − Y) over a tax Y even over (0, 2θ).
            let least = promise.min(bond);
            let wins = surplus - least * (2.0 * promise - least) / (4.0 * theta);
            if wins > 0.0 {
                bears = rung;
            }
            side.wins.push(wins);
        }
        side.begins.push(bears / 2);
    }
    Contest { sides: vec![side], bidders: 5, rungs: RUNGS as usize }
}

/// Numbers that lie evenly in (0, 1), by a prime (Halton).
fn spread(mut place: u32, base: u32) -> f64 {
    let (mut part, mut sum) = (1.0, 0.0);
    while place > 0 {
        part /= f64::from(base);
        sum += part * f64::from(place % base);
        place /= base;
    }
    sum
}

pub(super) fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

#[expect(clippy::cast_possible_truncation, reason = "amounts and rates are far below 2^53")]
pub(super) fn whole(value: f64) -> i64 {
    value as i64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a small number")]
fn pick(share: f64, entrants: u32) -> u32 {
    (share * f64::from(entrants)) as u32
}

#[expect(clippy::cast_precision_loss, reason = "steps are far below 2^53")]
fn int(value: i64) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn int64(value: u64) -> f64 {
    value as f64
}
