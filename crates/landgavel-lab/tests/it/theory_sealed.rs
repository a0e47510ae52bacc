//! What theory says of sealed quotes, solved: values uniform on [0, 1] and bidders neutral to risk unless a test says otherwise.
//! The numbers are exact; the tolerance is that of the grids, 128 types and 257 rungs.
#![expect(clippy::float_arithmetic, reason = "equilibria and their means")]

use landgavel_lab::contest::{Contest, Found, Side};

const TYPES: usize = 128;
const RUNGS: usize = 257;

fn value(kind: usize) -> f64 {
    (kind as f64 + 0.5) / TYPES as f64
}

/// A side whose type `t` bids `bid(rung)`, wins `wins(t, bid)` and loses `loses(bid)`; play begins at half of `bears(t)`.
fn side(
    kinds: usize,
    bids: &[f64],
    bears: impl Fn(usize) -> f64,
    wins: impl Fn(usize, f64) -> f64,
    loses: impl Fn(f64) -> f64,
) -> Side {
    let begin = |kind| bids.partition_point(|bid| *bid <= bears(kind) / 2.0).saturating_sub(1) as u32;
    Side {
        wins: (0..kinds).flat_map(|kind| bids.iter().map(|bid| wins(kind, *bid)).collect::<Vec<_>>()).collect(),
        loses: bids.iter().map(|bid| loses(*bid)).collect(),
        begins: (0..kinds).map(begin).collect(),
    }
}

fn even(most: f64) -> Vec<f64> {
    (0..RUNGS).map(|rung| most * rung as f64 / (RUNGS - 1) as f64).collect()
}

fn solve(sides: Vec<Side>, bidders: u32, rungs: usize) -> Found {
    let found = Contest { sides, bidders, rungs }.solve(1e-3, 4_000);
    for (epsilon, earned) in found.epsilon.iter().zip(&found.earned) {
        assert!(
            *epsilon <= 3e-2 * earned.abs(),
            "ε is {epsilon} where {earned} is earned, after {} turns",
            found.turns
        );
    }
    found
}

/// Mean and variance of the highest of so many.
fn highest(bids: &[f64], played: &[f64], bidders: i32) -> (f64, f64) {
    let (mut upto, mut mean, mut square) = (0.0f64, 0.0, 0.0);
    for (bid, share) in bids.iter().zip(played) {
        let now = (upto + share).min(1.0);
        let chance = now.powi(bidders) - upto.powi(bidders);
        (mean, square, upto) = (mean + chance * bid, square + chance * bid * bid, now);
    }
    (mean, square - mean * mean)
}

fn mean_bid(found: &Found, bids: &[f64], kind: usize) -> f64 {
    found.mixes[0][kind].iter().map(|(rung, share)| bids[*rung as usize] * share).sum()
}

fn near(found: f64, exact: f64, within: f64) {
    assert!((found - exact).abs() < within, "{found}, not {exact}");
}

#[test]
fn first_price_bids_and_revenue() {
    // b = v (n − 1)/n, revenue (n − 1)/(n + 1), variance (n − 1)² / (n (n + 1)² (n + 2)): Vickrey 1961, Myerson 1981.
    for n in [2, 3, 5, 10] {
        let bids = even(1.0);
        let found = solve(vec![side(TYPES, &bids, value, |kind, bid| value(kind) - bid, |_| 0.0)], n as u32, RUNGS);
        let (revenue, variance) = highest(&bids, &found.played[0], n);
        let n = f64::from(n);
        near(revenue, (n - 1.0) / (n + 1.0), 0.01);
        near(variance, (n - 1.0).powi(2) / (n * (n + 1.0).powi(2) * (n + 2.0)), 0.002);
        for kind in (TYPES / 2..TYPES).step_by(8) {
            near(mean_bid(&found, &bids, kind), value(kind) * (n - 1.0) / n, 0.02);
        }
    }
}

#[test]
fn all_pay_earns_the_same_with_other_bids() {
    // b = vⁿ (n − 1)/n, revenue (n − 1)/(n + 1): revenue equivalence, Myerson 1981.
    for n in [2, 3] {
        let bids = even(1.0);
        let found = solve(vec![side(TYPES, &bids, value, |kind, bid| value(kind) - bid, |bid| -bid)], n, RUNGS);
        let paid: f64 = bids.iter().zip(&found.played[0]).map(|(bid, share)| bid * share).sum();
        let n = f64::from(n);
        near(n * paid, (n - 1.0) / (n + 1.0), 0.01);
        for kind in (TYPES / 2..TYPES).step_by(8) {
            near(mean_bid(&found, &bids, kind), value(kind).powf(n) * (n - 1.0) / n, 0.03);
        }
    }
}

#[test]
fn a_reserve_of_a_half_earns_what_it_should() {
    // (n − 1)/(n + 1) + rⁿ − 2n/(n + 1) rⁿ⁺¹; b = v (n − 1)/n + rⁿ / (n vⁿ⁻¹): Myerson 1981. The first rung is to stay out.
    for (n, exact) in [(2, 0.416_667), (5, 0.671_875)] {
        let bids: Vec<f64> =
            (0..RUNGS).map(|rung| if rung == 0 { 0.0 } else { 0.5 + 0.5 * (rung - 1) as f64 / 255.0 }).collect();
        let wins = |kind, bid| if bid == 0.0 { 0.0 } else { value(kind) - bid };
        let found = solve(vec![side(TYPES, &bids, value, wins, |_| 0.0)], n as u32, RUNGS);
        near(highest(&bids, &found.played[0], n).0, exact, 0.01);
        for kind in (TYPES * 5 / 8..TYPES).step_by(8) {
            let (v, n) = (value(kind), f64::from(n));
            near(mean_bid(&found, &bids, kind), v * (n - 1.0) / n + 0.5f64.powf(n) / (n * v.powf(n - 1.0)), 0.02);
        }
    }
}

#[test]
fn who_fears_risk_bids_more() {
    // u = xᵃ: b = v (n − 1)/(n − 1 + a); a = 1/2, n = 2: revenue 4/9. Constant relative aversion: Riley and Samuelson 1981.
    let bids = even(1.0);
    let wins = |kind: usize, bid: f64| f64::sqrt((value(kind) - bid).abs()).copysign(value(kind) - bid);
    let found = solve(vec![side(TYPES, &bids, value, wins, |_| 0.0)], 2, RUNGS);
    near(highest(&bids, &found.played[0], 2).0, 0.444_444, 0.01);
}

#[test]
fn unlike_bidders_bid_as_the_published_table_says() {
    // Uniform on [0, 4/3] and [0, 4/5]: highest bid 1/2, revenue 0.339390 against 0.32 in a second-price auction, the weak one wins
    // 0.3749: Griesmer, Levitan and Shubik 1967; Plum 1992.
    let bids = even(0.7);
    let spans = [4.0 / 3.0, 0.8];
    let sides = spans.map(|most| {
        let value = move |kind| value(kind) * most;
        side(TYPES, &bids, value, move |kind, bid| value(kind) - bid, |_| 0.0)
    });
    let found = solve(sides.to_vec(), 2, RUNGS);
    let [strong, weak] = found.played.as_slice() else { panic!() };
    let upto = |played: &[f64]| -> Vec<f64> {
        played
            .iter()
            .scan(0.0, |sum, share| {
                *sum += share;
                Some(*sum)
            })
            .collect()
    };
    let (of_strong, of_weak) = (upto(strong), upto(weak));
    let (mut before, mut revenue) = (0.0, 0.0);
    for (rung, bid) in bids.iter().enumerate() {
        let now = of_strong[rung] * of_weak[rung];
        (revenue, before) = (revenue + (now - before) * bid, now);
    }
    near(revenue, 0.339_390, 0.01);
    let weak_wins: f64 = (0..RUNGS).map(|rung| weak[rung] * (of_strong[rung] - strong[rung] / 2.0)).sum();
    near(weak_wins, 0.3749, 0.02);
    let most = bids.iter().zip(strong).filter(|(_, share)| **share > 2e-3).map(|(bid, _)| *bid).fold(0.0, f64::max);
    near(most, 0.5, 0.02);
}

#[test]
fn a_highest_quote_pools_those_above_it() {
    // Types above v* quote the cap and draw lots: v*ⁿ (1 − v*) = (v* − c)(1 − v*ⁿ); derived. Revenue for n = 5, c = 0.6: 0.581061, more than
    // the 0.553344 of open bids under the same cap: caps break the equivalence of formats (Che and Gale 1998 for all-pay).
    for (n, cap, from) in [(2, 0.25, 0.333_333), (5, 0.5, 0.518_790), (5, 0.6, 0.644_471), (5, 0.7, 0.795_676)] {
        let bids = even(cap);
        let found = solve(vec![side(TYPES, &bids, value, |kind, bid| value(kind) - bid, |_| 0.0)], n as u32, RUNGS);
        near(1.0 - found.played[0][RUNGS - 1], from, 0.02);
        if (n, cap) == (5, 0.6) {
            near(highest(&bids, &found.played[0], n).0, 0.581_061, 0.006);
        }
    }
}

#[test]
fn scores_of_a_first_score_auction() {
    // Quality q is worth 2√q and costs θq, θ uniform on [1, 2], three bidders: the mean winning score is 0.682234 in first-score and second-score auctions alike.
    // The pseudotype max (2√q − θq) = 1/θ is all that counts: Che 1993; Asker and Cantillon 2008.
    let pseudotype = |kind| 1.0 / (2.0 - value(kind));
    let scores: Vec<f64> = (0..RUNGS).map(|rung| 0.5 + 0.5 * rung as f64 / (RUNGS - 1) as f64).collect();
    let found =
        solve(vec![side(TYPES, &scores, pseudotype, |kind, score| pseudotype(kind) - score, |_| 0.0)], 3, RUNGS);
    near(highest(&scores, &found.played[0], 3).0, 0.682_234, 0.005);
}

#[test]
fn short_budgets_make_sealed_quotes_earn_more_than_open_bids() {
    // Value and budget independent and uniform, two bidders: Che and Gale 1998. Open bids stop at the lower of both.
    let side_of = 24;
    let of = |kind: usize| ((kind / side_of) as f64 + 0.5, (kind % side_of) as f64 + 0.5);
    let (value, budget) = (|kind| of(kind).0 / side_of as f64, |kind| of(kind).1 / side_of as f64);
    let bids = even(1.0);
    let wins = |kind, bid| if bid > budget(kind) { -1.0 } else { value(kind) - bid };
    let found =
        solve(vec![side(side_of * side_of, &bids, |kind| value(kind).min(budget(kind)), wins, |_| 0.0)], 2, RUNGS);
    let sealed = highest(&bids, &found.played[0], 2).0;
    // The lower of two limits, each the lower of two uniforms: the mean of the least of four is 1/5.
    assert!(sealed > 0.2 + 0.01, "{sealed}");
}
