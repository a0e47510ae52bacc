//! The evaluator: a sale to each lane, every way through the rule under masks.
//!
//! It says of each lane what `straight` says of one sale. A height is a rung counted from 1; 0 is no bid.

use pulp::Simd;

use super::plan::{Exit, MOST_LADDERS, MOST_LEGS, Plan};
use super::words::below;

/// The winner of a sale that has none.
pub(crate) const NOBODY: u32 = u32::MAX;

/// How a leg ended, as a number in a lane; 0 = it was not run.
pub(crate) const SETTLED: u32 = 1;
pub(crate) const CAPPED: u32 = 2;
pub(crate) const EMPTY: u32 = 3;
pub(crate) const DRAWN: u32 = 4;

/// How far each of `N` bidders goes on each ladder.
pub(crate) type Heights<S, const N: usize> = [[<S as Simd>::u32s; N]; MOST_LADDERS];

/// What came of the sales.
pub(crate) struct Played<S: Simd, const N: usize> {
    /// Number of the winner, or [`NOBODY`].
    pub(crate) winner: S::u32s,
    pub(crate) is_sold: S::m32s,
    /// Per ladder the winner's offer; 0 = none.
    pub(crate) offers: [S::u32s; MOST_LADDERS],
    /// Per leg how it ended.
    pub(crate) endings: [S::u32s; MOST_LEGS],
    pub(crate) is_drawn: S::m32s,
    /// Per bidder, whether it was in the draw.
    pub(crate) entrants: [S::m32s; N],
}

/// Where lanes are, and who is still in.
struct Lanes<S: Simd, const N: usize> {
    at: [S::m32s; MOST_LEGS],
    field: [S::m32s; N],
    acceptors: [S::m32s; N],
    leader: S::u32s,
    winner: S::u32s,
    is_sold: S::m32s,
}

/// Plays the sales whose lane is `valid`. Of `N` bidders only the first `bidders` are there; `lots` is the word that draws.
#[inline(always)]
pub(crate) fn play<S: Simd, const N: usize>(
    simd: S,
    plan: &Plan,
    heights: &Heights<S, N>,
    bidders: usize,
    lots: S::u32s,
    valid: S::m32s,
) -> Played<S, N> {
    let zero = simd.splat_u32s(0);
    let never = simd.less_than_u32s(zero, zero);
    let mut lanes = Lanes::<S, N> {
        at: [never; MOST_LEGS],
        field: [never; N],
        acceptors: [never; N],
        leader: zero,
        winner: simd.splat_u32s(NOBODY),
        is_sold: never,
    };
    lanes.at[0] = valid;
    for field in lanes.field.iter_mut().take(bidders) {
        *field = valid;
    }
    let mut offers = [zero; MOST_LADDERS];
    let mut endings = [zero; MOST_LEGS];
    let (mut is_drawn, mut entrants) = (never, [never; N]);
    for (number, leg) in plan.legs.iter().enumerate().take(MOST_LEGS) {
        let here = lanes.at[number];
        // What no lane needs is not computed: draws above all, and empty ladders.
        if is_nowhere(simd, here) {
            continue;
        }
        if let Some(ladder) = leg.ladder.filter(|ladder| *ladder < MOST_LADDERS) {
            let top = plan.tops()[ladder].map(|top| simd.splat_u32s(top));
            let (first, second) = climb(simd, &heights[ladder], top, &mut lanes);
            let reached = simd.min_u32s(first, simd.add_u32s(second, simd.splat_u32s(1)));
            offers[ladder] = simd.select_u32s(here, reached, offers[ladder]);
            let is_empty = simd.and_m32s(here, simd.equal_u32s(first, zero));
            let has_bids = simd.and_m32s(here, simd.less_than_u32s(zero, first));
            let (is_settled, ending) = if let Some(top) = top {
                let is_capped = simd.and_m32s(has_bids, simd.equal_u32s(reached, top));
                leave(simd, &leg.capped, is_capped, &mut lanes);
                let is_settled = simd.and_m32s(has_bids, simd.less_than_u32s(reached, top));
                (is_settled, simd.select_u32s(is_capped, simd.splat_u32s(CAPPED), zero))
            } else {
                (has_bids, zero)
            };
            // Nobody accepted a cap that was not reached.
            lanes.acceptors = [never; N];
            leave(simd, &leg.settled, is_settled, &mut lanes);
            leave(simd, &leg.empty, is_empty, &mut lanes);
            let ending = simd.select_u32s(is_settled, simd.splat_u32s(SETTLED), ending);
            endings[number] = simd.select_u32s(is_empty, simd.splat_u32s(EMPTY), ending);
        } else {
            draw(simd, lots, here, &mut lanes);
            is_drawn = simd.or_m32s(is_drawn, here);
            for (entrant, field) in entrants.iter_mut().zip(lanes.field) {
                *entrant = simd.or_m32s(simd.and_m32s(here, field), simd.and_m32s(*entrant, not(simd, here)));
            }
            endings[number] = simd.select_u32s(here, simd.splat_u32s(DRAWN), zero);
            lanes.acceptors = lanes.field;
            leave(simd, &leg.settled, here, &mut lanes);
        }
    }
    for offer in &mut offers {
        *offer = simd.select_u32s(lanes.is_sold, *offer, zero);
    }
    Played { winner: lanes.winner, is_sold: lanes.is_sold, offers, endings, is_drawn, entrants }
}

#[inline(always)]
fn is_nowhere<S: Simd>(simd: S, mask: S::m32s) -> bool {
    simd.first_true_m32s(mask) >= S::U32_LANES
}

#[inline(always)]
fn not<S: Simd>(simd: S, mask: S::m32s) -> S::m32s {
    let zero = simd.splat_u32s(0);
    simd.xor_m32s(mask, simd.equal_u32s(zero, zero))
}

/// The highest and the second highest of the field; who is first is the leader, and who reaches the top an acceptor.
#[inline(always)]
fn climb<S: Simd, const N: usize>(
    simd: S,
    heights: &[S::u32s; N],
    top: Option<S::u32s>,
    lanes: &mut Lanes<S, N>,
) -> (S::u32s, S::u32s) {
    let zero = simd.splat_u32s(0);
    let (mut first, mut second, mut leader) = (zero, zero, zero);
    for (number, (&height, &field)) in (0u32..).zip(heights.iter().zip(&lanes.field)) {
        let height = simd.select_u32s(field, height, zero);
        let is_higher = simd.less_than_u32s(first, height);
        leader = simd.select_u32s(is_higher, simd.splat_u32s(number), leader);
        second = simd.max_u32s(second, simd.min_u32s(first, height));
        first = simd.max_u32s(first, height);
        if let Some(top) = top {
            lanes.acceptors[number as usize] = simd.and_m32s(field, simd.equal_u32s(height, top));
        }
    }
    lanes.leader = leader;
    (first, second)
}

/// Draws one of the field to lead.
#[inline(always)]
fn draw<S: Simd, const N: usize>(simd: S, lots: S::u32s, here: S::m32s, lanes: &mut Lanes<S, N>) {
    let drawn = below(simd, lots, count(simd, &lanes.field));
    let (zero, one) = (simd.splat_u32s(0), simd.splat_u32s(1));
    let mut seen = zero;
    let mut leader = zero;
    for (number, &field) in (0u32..).zip(&lanes.field) {
        let is_it = simd.and_m32s(field, simd.equal_u32s(seen, drawn));
        leader = simd.select_u32s(is_it, simd.splat_u32s(number), leader);
        seen = simd.add_u32s(seen, simd.select_u32s(field, one, zero));
    }
    lanes.leader = simd.select_u32s(here, leader, lanes.leader);
}

#[inline(always)]
fn count<S: Simd, const N: usize>(simd: S, of: &[S::m32s; N]) -> S::u32s {
    let (zero, one) = (simd.splat_u32s(0), simd.splat_u32s(1));
    let mut count = zero;
    for &member in of {
        count = simd.add_u32s(count, simd.select_u32s(member, one, zero));
    }
    count
}

/// Sends the lanes of a mask along an exit.
#[inline(always)]
fn leave<S: Simd, const N: usize>(simd: S, exit: &Exit, mask: S::m32s, lanes: &mut Lanes<S, N>) {
    let mut left = mask;
    if is_nowhere(simd, mask) {
        return;
    }
    for go in &exit.goes {
        let who = if go.only_acceptors { &lanes.acceptors } else { &lanes.field };
        let members = count(simd, who);
        let is_enough = simd.greater_than_or_equal_u32s(members, simd.splat_u32s(go.at_least));
        let goes = simd.and_m32s(left, is_enough);
        let stays = not(simd, goes);
        if go.only_acceptors {
            for (field, acceptor) in lanes.field.iter_mut().zip(lanes.acceptors) {
                *field = simd.or_m32s(simd.and_m32s(*field, stays), simd.and_m32s(acceptor, goes));
            }
        }
        if let Some(at) = lanes.at.get_mut(go.leg) {
            // A field of nobody goes nowhere.
            let is_somebody = simd.less_than_u32s(simd.splat_u32s(0), members);
            *at = simd.or_m32s(*at, if go.at_least == 0 { simd.and_m32s(goes, is_somebody) } else { goes });
        }
        left = simd.and_m32s(left, stays);
    }
    if exit.is_won {
        lanes.winner = simd.select_u32s(left, lanes.leader, lanes.winner);
        lanes.is_sold = simd.or_m32s(lanes.is_sold, left);
    }
}
