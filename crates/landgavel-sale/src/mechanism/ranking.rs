use alloc::vec::Vec;

use landgavel_base::Quantity;

use crate::command::BidderId;
use crate::rulebook::{Direction, Side, Statistic, Tie, Toward};

/// A standing offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Its value.
    pub value: Quantity,
    /// Its place in the order of acts of the whole sale; lower is earlier.
    pub order: u64,
}

/// Ranks valid offers, best first. `target` is the value of [`Toward::Amount`].
///
/// Exact: nearness to a mean is compared as |n·value − sum|, never by dividing.
pub fn rank(
    offers: &[(BidderId, Offer)],
    direction: Direction,
    statistic: &Statistic,
    tie: &Tie,
    target: Option<Quantity>,
) -> Vec<BidderId> {
    let mut sorted: Vec<(BidderId, Offer)> = offers.to_vec();
    match statistic {
        Statistic::Best => {
            sorted.sort_by_key(|(bidder, offer)| (badness(direction, offer.value), offer.order, *bidder))
        }
        Statistic::Nearest { to, trim_high, trim_low, side } => {
            let centre = Centre::of(offers, to, *trim_high, *trim_low, target);
            sorted.sort_by_key(|(bidder, offer)| {
                let (distance, above) = centre.distance(offer.value);
                let wrong_side = match side {
                    Side::Either => false,
                    Side::NotAbove => above && distance != 0,
                    Side::NotBelow => !above && distance != 0,
                };
                let preferred = match tie {
                    Tie::Lower => offer.value.quanta(),
                    Tie::Higher => -offer.value.quanta(),
                    Tie::Earliest | Tie::Exit(_) => 0,
                };
                (wrong_side, distance, preferred, offer.order, *bidder)
            });
        }
    }
    sorted.into_iter().map(|(bidder, _)| bidder).collect()
}

/// Smaller is better.
fn badness(direction: Direction, value: Quantity) -> i64 {
    match direction {
        Direction::Up => -value.quanta(),
        Direction::Down => value.quanta(),
    }
}

/// Whether the offers around place `seats` (the last winner and the first loser) are equally good.
/// With the offers that tie, in rank order.
pub fn top_is_tied(
    ranking: &[BidderId],
    seats: usize,
    value_of: impl Fn(BidderId) -> Quantity,
    statistic: &Statistic,
    offers: &[(BidderId, Offer)],
    target: Option<Quantity>,
) -> Option<Vec<BidderId>> {
    let last = *ranking.get(seats.checked_sub(1)?)?;
    let first_loser = *ranking.get(seats)?;
    let centre = match statistic {
        Statistic::Best => None,
        Statistic::Nearest { to, trim_high, trim_low, side } => {
            Some((Centre::of(offers, to, *trim_high, *trim_low, target), *side != Side::Either))
        }
    };
    let key = |bidder: BidderId| match &centre {
        None => (i128::from(value_of(bidder).quanta()), false),
        Some((centre, sided)) => {
            let (distance, above) = centre.distance(value_of(bidder));
            (distance, above && *sided)
        }
    };
    if key(last) != key(first_loser) {
        return None;
    }
    Some(ranking.iter().copied().filter(|&bidder| key(bidder) == key(last)).collect())
}

/// The value that nearness is measured to, as a fraction.
struct Centre {
    sum: i128,
    count: i128,
}

impl Centre {
    fn of(offers: &[(BidderId, Offer)], to: &Toward, trim_high: u32, trim_low: u32, target: Option<Quantity>) -> Self {
        let mut values: Vec<i64> = offers.iter().map(|(_, offer)| offer.value.quanta()).collect();
        values.sort_unstable();
        // Trimming that would leave nothing is not done: few bidders must still have a mean.
        let (low, high) = (trim_low as usize, trim_high as usize);
        let kept = if low + high < values.len() { &values[low..values.len() - high] } else { &values[..] };
        match to {
            Toward::Mean => Self {
                sum: kept.iter().map(|&value| i128::from(value)).sum(),
                count: i128::try_from(kept.len().max(1)).expect("a count of bidders"),
            },
            Toward::Median => {
                Self { sum: kept.get((kept.len().max(1) - 1) / 2).map_or(0, |&v| i128::from(v)), count: 1 }
            }
            Toward::Amount(_) => Self { sum: target.map_or(0, |value| i128::from(value.quanta())), count: 1 },
        }
    }

    /// Distance scaled by the count, and whether the value lies above.
    fn distance(&self, value: Quantity) -> (i128, bool) {
        let difference = i128::from(value.quanta()) * self.count - self.sum;
        (difference.abs(), difference > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(values: &[i64]) -> Vec<(BidderId, Offer)> {
        (0u32..)
            .zip(values)
            .map(|(index, &value)| {
                (BidderId(index), Offer { value: Quantity::new(value).unwrap(), order: u64::from(index) })
            })
            .collect()
    }

    fn nearest(values: &[i64], trim_high: u32, trim_low: u32, side: Side, tie: &Tie) -> u32 {
        let statistic = Statistic::Nearest { to: Toward::Mean, trim_high, trim_low, side };
        rank(&offers(values), Direction::Up, &statistic, tie, None)[0].0
    }

    #[test]
    fn nearest_to_the_mean_wins() {
        // Mean 2251.33…: 2250 is nearer than 2254.
        assert_eq!(nearest(&[2250, 2250, 2254], 0, 0, Side::Either, &Tie::Earliest), 0);
        assert_eq!(nearest(&[100, 200, 600], 0, 0, Side::Either, &Tie::Earliest), 1);
    }

    #[test]
    fn a_tie_of_nearness_goes_to_the_lower_when_the_rule_says_so() {
        assert_eq!(nearest(&[30, 10, 20, 20, 10, 30, 15, 25], 0, 0, Side::Either, &Tie::Lower), 2);
        assert_eq!(nearest(&[25, 15], 0, 0, Side::Either, &Tie::Lower), 1);
        assert_eq!(nearest(&[15, 25], 0, 0, Side::Either, &Tie::Higher), 1);
    }

    #[test]
    fn trimming_leaves_out_extremes() {
        assert_eq!(nearest(&[1, 100, 110, 120, 10_000], 1, 1, Side::Either, &Tie::Earliest), 2);
    }

    #[test]
    fn a_side_prefers_its_own() {
        // Mean 110: 109 is nearer, but lies below.
        assert_eq!(nearest(&[109, 113, 108], 0, 0, Side::NotBelow, &Tie::Earliest), 1);
        assert_eq!(nearest(&[109, 113, 108], 0, 0, Side::NotAbove, &Tie::Earliest), 0);
    }
}
