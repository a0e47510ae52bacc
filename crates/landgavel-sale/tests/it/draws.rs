//! Draws are even, and nothing that comes after the freeze has a part in them.

use landgavel_base::Digest;
use landgavel_sale::event::Happened;
use landgavel_sale::mechanism::{entrants_root, seed, shuffle, tickets_order};
use landgavel_sale::rulebook::*;
use landgavel_sale::{BidderId, Command};

use crate::build::*;

/// A seed that a number gives.
fn numbered(number: u32) -> Digest {
    seed(
        "lot",
        "draw",
        Digest([0; 32]),
        &[Digest({
            let mut output = [0; 32];
            output[..4].copy_from_slice(&number.to_be_bytes());
            output
        })],
    )
}

/// χ² of counts that should be equal, times the expected count.
fn scaled_chi_square(counts: &[u64], expected: u64) -> u64 {
    counts.iter().map(|count| count.abs_diff(expected).pow(2)).sum()
}

/// Bounds are those that χ² exceeds with a chance of 0.001 (tables of the distribution); the seeds are fixed, so
/// a run either holds for ever or never did.
#[test]
fn all_orders_of_few_are_equally_frequent() {
    // Orders, draws of each on average, bound of χ² for one degree of freedom less, in thousandths.
    for (count, each, bound) in [(2, 4000, 10_828), (3, 2000, 20_515), (4, 1000, 49_728), (5, 200, 173_617)] {
        let orders: u32 = (1..=count).product();
        let mut counts = std::collections::BTreeMap::new();
        for number in 0..orders * each {
            *counts.entry(shuffle(numbered(number), count as usize)).or_insert(0u64) += 1;
        }
        assert_eq!(counts.len(), orders as usize);
        let counts: Vec<u64> = counts.into_values().collect();
        let each = u64::from(each);
        assert!(scaled_chi_square(&counts, each) * 1000 < bound * each, "{count}: {counts:?}");
    }
}

#[test]
fn every_entrant_of_many_is_equally_often_at_every_place() {
    const COUNT: usize = 50;
    const EACH: u64 = 200;
    let mut places = vec![0u64; COUNT * COUNT];
    let mut neighbours = vec![0u64; COUNT * COUNT];
    for number in 0..u32::try_from(EACH).unwrap() * 50 {
        let order = shuffle(numbered(number), COUNT);
        for (place, entrant) in order.iter().enumerate() {
            places[place * COUNT + entrant] += 1;
        }
        for pair in order.windows(2) {
            neighbours[pair[0] * COUNT + pair[1]] += 1;
        }
    }
    // Rows and columns are bound to their sums: (50 − 1)² = 2401 degrees of freedom, 2619 with a chance of 0.001.
    let places = scaled_chi_square(&places, EACH);
    assert!(places < 2619 * EACH, "{places}");
    // An entrant follows each of 49 others equally often: 200 times in 10,000 draws of 49 pairs.
    let pairs: Vec<u64> =
        neighbours.iter().enumerate().filter(|(index, _)| index / COUNT != index % COUNT).map(|(_, n)| *n).collect();
    assert_eq!(pairs.len(), 2450);
    let pairs = scaled_chi_square(&pairs, 200);
    assert!(pairs < 2670 * 200, "{pairs}");
}

#[test]
fn tickets_are_drawn_by_their_share() {
    let tickets = [1, 2, 3, 10];
    let mut first = [0u64; 4];
    for number in 0..16_000 {
        first[tickets_order(numbered(number), &tickets)[0]] += 1;
    }
    // χ² with three degrees of freedom is above 16.27 with a chance of 0.001.
    let scaled: u64 =
        first.iter().zip(tickets).map(|(count, held)| count.abs_diff(1000 * held).pow(2) * 30 / held).sum();
    assert!(scaled < 16_270 * 30, "{first:?}");
}

#[test]
fn a_seed_depends_on_everything_that_goes_into_it() {
    let (root, outputs) = (entrants_root(&["A", "B"]), [salt(1), salt(2)]);
    let all = [
        seed("lot", "draw", root, &outputs),
        seed("lo", "tdraw", root, &outputs),
        seed("lot", "draws", root, &outputs),
        seed("lot", "draw", entrants_root(&["A", "C"]), &outputs),
        seed("lot", "draw", root, &[salt(2), salt(1)]),
        seed("lot", "draw", root, &outputs[..1]),
        seed("lot", "draw", root, &[]),
    ];
    for (index, one) in all.iter().enumerate() {
        assert!(all[index + 1..].iter().all(|other| other != one), "{index}");
    }
}

/// A draw among four whose entrants are frozen at `CLOSE`.
fn frozen() -> Hall {
    let mut draw = draw();
    draw.reveal_within = secs(1000);
    let mut hall = Hall::with_bidders(single(StageKind::Draw(draw)), 4);
    hall.until(CLOSE);
    hall
}

fn drawn(hall: &mut Hall, second: i64, output: Digest) -> Vec<BidderId> {
    let happened = hall.act(second, &Command::RevealBeacon { outputs: vec![output] });
    happened
        .into_iter()
        .find_map(|happened| match happened {
            Happened::DrawHeld { order, .. } => Some(order),
            _ => None,
        })
        .unwrap()
}

#[test]
fn nothing_after_the_freeze_changes_who_is_drawn() {
    let expected = drawn(&mut frozen(), CLOSE + 10, salt(7));
    let pause = Command::Pause { evidence: "power".into() };
    let acts: [&[(i64, Command)]; 5] = [
        &[(CLOSE + 1, Command::Tick)],
        &[(CLOSE + 1, bid(A, 100)), (CLOSE + 2, accept(B))],
        &[(CLOSE + 1, Command::Withdraw { bidder: A }), (CLOSE + 2, Command::Withdraw { bidder: C })],
        &[(CLOSE + 1, apply("E")), (CLOSE + 2, Command::Admit { bidder: BidderId(4) })],
        &[(CLOSE + 1, pause), (CLOSE + 5, Command::Resume)],
    ];
    for acts in acts {
        let mut hall = frozen();
        for (second, command) in acts {
            // Most are refused; that is not the point here.
            let _ = hall.attempt(*second, command);
        }
        assert_eq!(drawn(&mut hall, CLOSE + 20, salt(7)), expected, "{acts:?}");
    }
    // When the outputs come has no part in it either; what they are has.
    assert_eq!(drawn(&mut frozen(), CLOSE + 999, salt(7)), expected);
    let others = (0..20).map(|byte| drawn(&mut frozen(), CLOSE + 10, salt(byte)));
    assert!(others.filter(|order| *order != expected).count() > 10);
}
