//! What a bidder is, how far it goes, and what becomes of its promise.
//!
//! A bidder has a value of the plot (net of tax, for the whole lot) and a productivity θ (tax per mu and year that it
//! will give on average). What it delivers is Y = θε with ε uniform on [1 − w, 1 + w]. A promise T backed by a bond that is
//! worth b per mu and year costs E[min(b, (T − Y)⁺)]: who falls short pays the shortfall, up to the bond, and
//! whoever owes more than the bond walks away. Hence
//!
//! ```text
//! cost(T) = H(T) − H(T − b),   H(z) = E[(z − Y)⁺]
//! ```
//!
//! With private values and open bids, going up to where the surplus is gone is weakly dominant; so these limits need no learning.

/// One bidder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bidder {
    /// Value of the plot, in money for the lot.
    pub value: f64,
    /// Tax per mu and year that it gives on average.
    pub productivity: f64,
    /// Half-width w of what it may deliver, as a share of the average; 0 to 1.
    pub spread: f64,
    /// The most that it can pay for the land, in money for the lot; infinite = whatever the plot is worth to it.
    pub budget: f64,
}

/// What a promise is worth in money: per unit of tax per mu and year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Money for the lot per unit of shortfall: area in mu times the years that count.
    pub weight: f64,
    /// The bond, in money for the lot.
    pub bond: f64,
}

impl Bidder {
    /// Mean of what is missing to a promise: E[(z − Y)⁺].
    pub fn shortfall(&self, promise: f64) -> f64 {
        let (low, high) = self.range();
        if promise <= low {
            0.0
        } else if promise >= high {
            promise - self.productivity
        } else {
            (promise - low) * (promise - low) / (2.0 * (high - low))
        }
    }

    /// Least and most that it may deliver.
    #[inline]
    pub fn range(&self) -> (f64, f64) {
        (self.productivity * (1.0 - self.spread), self.productivity * (1.0 + self.spread))
    }

    /// What a promise costs it on average, in money for the lot.
    pub fn cost(&self, promise: f64, terms: Terms) -> f64 {
        if terms.weight <= 0.0 {
            return 0.0;
        }
        let bond = terms.bond / terms.weight;
        (terms.weight * (self.shortfall(promise) - self.shortfall(promise - bond))).min(terms.bond)
    }

    /// The highest promise of a rising list whose cost stays within what is left; its place, or `None`.
    pub fn highest_promise(&self, promises: &[f64], terms: Terms, left: f64) -> Option<usize> {
        // Costs rise with the promise, so the list is cut in one place.
        promises.partition_point(|promise| self.cost(*promise, terms) <= left).checked_sub(1)
    }

    /// What it delivers, given a share in (0, 1).
    #[inline]
    pub fn delivers(&self, share: f64) -> f64 {
        let (low, high) = self.range();
        low + (high - low) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closed form for ε uniform on [0, 2]: T* = 2√(θ(V − P)) while T* ≤ b, else 2θ(V − P)/b + b/2.
    #[test]
    fn limits_of_promises_are_those_of_the_closed_form() {
        let bidder = Bidder { value: 0.0, productivity: 1.0, spread: 1.0, budget: f64::INFINITY };
        let promises: Vec<f64> = (0..=4000).map(|step| f64::from(step) / 2000.0).collect();
        for (left, bond, expected) in [(0.25, 9.0, 1.0), (0.09, 0.3, 0.75)] {
            let at = bidder.highest_promise(&promises, Terms { weight: 1.0, bond }, left).unwrap();
            assert!((promises[at] - expected).abs() < 1e-3, "{left} {bond}: {}", promises[at]);
        }
    }

    #[test]
    fn a_bond_below_the_surplus_frees_any_promise() {
        let bidder = Bidder { value: 0.0, productivity: 1.0, spread: 0.5, budget: f64::INFINITY };
        assert_eq!(bidder.highest_promise(&[1.0, 10.0, 100.0], Terms { weight: 1.0, bond: 0.2 }, 0.2), Some(2));
    }
}
