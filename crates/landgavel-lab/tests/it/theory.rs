//! What theory says, played: values uniform on [0, 1], five bidders. Each number is an exact expectation.
#![expect(clippy::float_arithmetic, reason = "means of simulated sales")]

use landgavel_lab::chance::{Purpose, Seed};
use landgavel_lab::course::{Course, Ladder, Leg, LegKind, Next};
use landgavel_lab::straight::{Limits, evaluate};
use landgavel_sale::rulebook::{AttributeId, StageId, Survivors};

const RUNGS: u32 = 20_000;
const SALES: u64 = 40_000;
const BIDDERS: usize = 5;

/// Price up to a cap, then a promise up to a cap, then lots.
fn course(price_cap: Option<f64>, promise_cap: f64) -> Course {
    let rung = |share: f64| (share * f64::from(RUNGS)) as u32;
    let go = |leg, survivors, at_least| Next::Go { leg, survivors, at_least, otherwise: Box::new(Next::Win) };
    let ladder = |attribute, top| LegKind::Ladder(Ladder { attribute: AttributeId(attribute), start: 0, step: 1, top });
    let leg = |stage, kind, capped, empty| Leg { stage: StageId(stage), kind, settled: Next::Win, capped, empty };
    Course {
        legs: vec![
            leg(0, ladder(0, price_cap.map(rung)), go(1, Survivors::Acceptors, 2), Next::PassIn),
            leg(1, ladder(1, Some(rung(promise_cap))), go(2, Survivors::Acceptors, 2), go(2, Survivors::Field, 1)),
            leg(2, LegKind::Draw, Next::Win, Next::PassIn),
        ],
        attributes: 2,
    }
}

struct Means {
    price: f64,
    promise: f64,
    quality: f64,
    lots: f64,
}

fn play(course: &Course, bids: impl Fn(&mut [i64])) -> Means {
    let mut sums = [0.0; 4];
    for sale in 0..SALES {
        let mut values = [0.0; BIDDERS];
        let mut limits = [0; BIDDERS * 2];
        for (number, value) in values.iter_mut().enumerate() {
            let [price, promise, ..] = Seed(7).uniforms(Purpose::Type, sale, number as u32);
            *value = price;
            limits[number * 2] = (price * f64::from(RUNGS)) as i64;
            limits[number * 2 + 1] = (promise * f64::from(RUNGS)) as i64;
        }
        bids(&mut limits);
        let lots = Seed(7).uniforms(Purpose::Lots, sale, 0)[0];
        let outcome = evaluate(course, Limits { of: &limits, attributes: 2 }, |n| (lots * f64::from(n)) as u32);
        let amount = |attribute: usize| outcome.terms[attribute].unwrap_or(0) as f64 / f64::from(RUNGS);
        let of =
            [amount(0), amount(1), values[outcome.winner.unwrap()], f64::from(u8::from(!outcome.entrants.is_empty()))];
        sums.iter_mut().zip(of).for_each(|(sum, one)| *sum += one);
    }
    let [price, promise, quality, lots] = sums.map(|sum| sum / SALES as f64);
    Means { price, promise, quality, lots }
}

/// Three standard errors of a share, and more than that of what varies less.
fn near(found: f64, exact: f64) {
    assert!((found - exact).abs() < 3.0 * 0.5 / (SALES as f64).sqrt(), "{found}, not {exact}");
}

#[test]
fn an_open_auction_earns_the_second_value() {
    // (n − 1) / (n + 1): Vickrey 1961.
    near(play(&course(None, 1.0), |_| {}).price, 2.0 / 3.0);
}

#[test]
fn a_cap_with_lots_rations_as_theory_says() {
    // Price c − cⁿ + (n−1)/(n+1) cⁿ⁺¹; winner (1 − cⁿ)(1 + c)/2 + n/(n+1) cⁿ⁺¹; lots 1 − cⁿ − n(1 − c)cⁿ⁻¹; promise cap at the start.
    let means = play(&course(Some(0.6), 0.0), |_| {});
    near(means.price, 0.553_344);
    near(means.quality, 0.776_672);
    near(means.lots, 0.663_040);
}

#[test]
fn a_promise_after_the_cap_is_the_second_of_those_who_are_left() {
    // Sum over k ≥ 2 of Bin(5, 0.4)(k) (d − dᵏ + (k−1)/(k+1) dᵏ⁺¹) for d = 0.7.
    let means = play(&course(Some(0.6), 0.7), |_| {});
    near(means.price, 0.553_344);
    near(means.promise, 0.271_317);
}

#[test]
fn a_ring_pays_less_the_larger_it_is() {
    // The second of the strongest member and those outside: 0.65 for two of five, 0.466667 for four.
    for (members, exact) in [(2, 0.65), (4, 0.466_667)] {
        let means = play(&course(None, 1.0), |limits| {
            let strongest = (0..members).max_by_key(|member| limits[member * 2]).unwrap();
            for member in (0..members).filter(|member| *member != strongest) {
                limits[member * 2] = -1;
            }
        });
        near(means.price, exact);
    }
}
