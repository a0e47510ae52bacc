//! Who bids: a table of types, equally likely, that stands for the distributions of a study.
//!
//! The types are a lattice over shares of both distributions, so that each of them is met evenly and both together as the correlation
//! says. Bidders are drawn from the table, independently. It is what is played: figures and the gain of deviations are of the
//! table, and the table is told from the distributions by less than the error of a study.

use crate::bidder::Bidder;
use crate::study::{Population, Wrong};

/// Types of a study.
pub const TYPES: u32 = 1 << 14;
/// From type to type along the second share: odd, and such that neighbours lie far apart (all partial quotients of
/// `LEAP / TYPES` are small). Half a turn ahead, so that no type is extreme in both.
const LEAP: u32 = 3_741;
/// The same along the third share: the square of [`LEAP`], as Korobov's lattices have it.
const FAR_LEAP: u32 = LEAP * LEAP % TYPES;

/// The types of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Types {
    of: Vec<Bidder>,
    /// The same by columns, for many sales at once.
    values: Box<Column>,
    productivities: Box<Column>,
    spread: f64,
}

/// A number of each type.
pub(crate) type Column = [f64; TYPES as usize];

impl Types {
    /// From a study.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn new(population: &Population) -> Result<Self, Wrong> {
        let (value, productivity, correlation) = population.read()?;
        let budget = population.read_budget()?;
        let share = |place: u32| (f64::from(place) + 0.5) / f64::from(TYPES);
        let one = |place: u32| {
            let along = |leap: u32| share((place.wrapping_mul(leap) + TYPES / 2) % TYPES);
            let (first, second) = (share(place), along(LEAP));
            Bidder {
                value: value.quantile(first),
                productivity: productivity.quantile(correlation.tie(first, second)).max(0.0),
                spread: population.delivery_spread,
                budget: budget.as_ref().map_or(f64::INFINITY, |budget| budget.quantile(along(FAR_LEAP))),
            }
        };
        let of: Vec<Bidder> = (0..TYPES).map(one).collect();
        let column = |of: &dyn Fn(usize) -> f64| {
            let mut column: Box<Column> = Box::new([0.0; TYPES as usize]);
            column.iter_mut().enumerate().for_each(|(place, number)| *number = of(place));
            column
        };
        let (values, productivities) = (column(&|at| of[at].value), column(&|at| of[at].productivity));
        Ok(Self { of, values, productivities, spread: population.delivery_spread })
    }

    /// Values and productivities, by type, and the spread that all share.
    pub(crate) fn columns(&self) -> (&Column, &Column, f64) {
        (&self.values, &self.productivities, self.spread)
    }

    /// All types; of values, the lower come first.
    pub fn all(&self) -> &[Bidder] {
        &self.of
    }

    /// The type that a word draws.
    pub fn place(word: u32) -> usize {
        crate::many::pick(word, TYPES) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Spread;

    #[test]
    fn the_table_has_the_moments_of_the_distributions() {
        let population = Population {
            bidders: vec![5],
            value: Spread::LogNormal { median: 2600.0, sigma: 0.2 },
            productivity: Spread::Normal { mean: 30.0, sd: Some(5.0), variance: None },
            correlation: 0.5,
            delivery_spread: 0.4,
            entry_cost: 0.0,
            budget: Some(Spread::Uniform { low: 2000.0, high: 3000.0 }),
            source: "assumption".to_owned(),
        };
        let types = Types::new(&population).unwrap();
        let count = f64::from(TYPES);
        let mean = |of: &dyn Fn(&Bidder) -> f64| types.all().iter().map(of).sum::<f64>() / count;
        let (value, tax) = (mean(&|one| one.value), mean(&|one| one.productivity));
        assert!((value / (2600.0 * (0.02f64).exp()) - 1.0).abs() < 1e-4, "{value}");
        assert!((tax / 30.0 - 1.0).abs() < 1e-4, "{tax}");
        // A log-normal and a normal with scores correlated by 0.5: their covariance is 0.5 × 0.2 × 5 × the mean of the first.
        let covariance = mean(&|one| (one.value - value) * (one.productivity - tax));
        assert!((covariance / (0.5 * value) - 1.0).abs() < 5e-3, "{covariance}");
        // Budgets lie evenly, and go with neither.
        let budget = mean(&|one| one.budget);
        assert!((budget - 2500.0).abs() < 1.0, "{budget}");
        for of in [|one: &Bidder| one.value / 2600.0, |one: &Bidder| one.productivity / 30.0] {
            let together = mean(&|one| (one.budget / 2500.0 - 1.0) * (of(one) - 1.0));
            assert!(together.abs() < 2e-4, "{together}");
        }
    }
}
