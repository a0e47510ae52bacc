//! What is measured of sales: one formula, for one sale and for a batch of them.

use crate::bidder::Bidder;
use crate::game::Game;
use crate::kernel::Kernel;
use crate::many::{Batch, Hears, MOST_LANES, NOBODY};
use crate::measure::{Ended, Measure, Sold, Sums, share};
use crate::population::{TYPES, Types};

const MEASURES: usize = Measure::ALL.len();

/// A sale that is sold, before it is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bought {
    pub(crate) firm: Bidder,
    /// The productivity of the best bidder.
    pub(crate) best: f64,
    /// Price, ten thousand yuan for the lot, and promise per mu and year.
    pub(crate) terms: (f64, f64),
    pub(crate) is_drawn: bool,
    pub(crate) fate: u32,
}

impl Bought {
    /// Every [`Measure`], in order.
    #[inline(always)]
    pub(crate) fn measured(&self, game: &Game) -> [f64; MEASURES] {
        let (firm, (price, promised)) = (&self.firm, self.terms);
        let terms = game.terms(price);
        let delivered = firm.delivers(share(self.fate));
        let owed = terms.weight * (promised - delivered).max(0.0);
        let share = |is: bool| if is { 1.0 } else { 0.0 };
        [
            price / game.mu(),
            promised,
            delivered,
            if self.best > 0.0 { firm.productivity / self.best } else { 1.0 },
            share(owed > terms.bond),
            share(self.is_drawn),
            (firm.value - price - owed.min(terms.bond)) / game.mu(),
            (price + owed.min(terms.bond)) / game.mu(),
        ]
    }
}

/// A case whose sales come in batches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sheet<'a> {
    pub(crate) game: &'a Game,
    pub(crate) types: &'a Types,
    pub(crate) kernel: &'a Kernel,
}

/// The measures of a batch, and the winners' types. Lanes without a sale, or unsold, hold nothing that means anything.
struct Filled {
    of: [[f64; MOST_LANES]; MEASURES],
    kind: [u32; MOST_LANES],
}

impl Sheet<'_> {
    /// Loops without branches over the lanes, which become the machine's vectors.
    #[inline(always)]
    fn fill(&self, batch: &Batch<'_>) -> Filled {
        let (values, productivities, spread) = self.types.columns();
        let [(price_at, prices), (promise_at, promises)] = self.kernel.terms();
        let (price_last, promise_last) = (prices.len() - 1, promises.len() - 1);
        let place = |kind: u32| (kind % TYPES) as usize;
        let width = batch.width.min(MOST_LANES);
        let (mut best, mut kind) = ([0.0f64; MOST_LANES], [0u32; MOST_LANES]);
        for (number, kinds) in (0u32..).zip(batch.kinds) {
            for lane in 0..width {
                best[lane] = best[lane].max(productivities[place(kinds[lane])]);
                kind[lane] = if batch.winner[lane] == number { kinds[lane] } else { kind[lane] };
            }
        }
        let mut of = [[0.0; MOST_LANES]; MEASURES];
        for lane in 0..width {
            let at = place(kind[lane]);
            let bought = Bought {
                // What it could have paid matters no more.
                firm: Bidder { value: values[at], productivity: productivities[at], spread, budget: f64::INFINITY },
                best: best[lane],
                terms: (
                    prices[(batch.offers[price_at][lane] as usize).min(price_last)],
                    promises[(batch.offers[promise_at][lane] as usize).min(promise_last)],
                ),
                is_drawn: batch.is_drawn[lane] == 1,
                fate: batch.fate[lane],
            };
            for (column, one) in of.iter_mut().zip(bought.measured(self.game)) {
                column[lane] = one;
            }
        }
        Filled { of, kind }
    }
}

/// Counts sales; sums grow in the order of the sales, so that they are those of one sale at a time, bit by bit.
pub(crate) struct Counts<'a> {
    pub(crate) sheet: Sheet<'a>,
    pub(crate) sums: Sums,
}

impl Hears for Counts<'_> {
    #[inline(always)]
    fn batch(&mut self, batch: &Batch<'_>) {
        let filled = self.sheet.fill(batch);
        self.sums.sales += batch.lanes.len() as u64;
        for lane in batch.lanes.clone() {
            if batch.winner[lane] == NOBODY {
                continue;
            }
            self.sums.sold += 1;
            for (sum, column) in self.sums.of.iter_mut().zip(&filled.of) {
                *sum += column[lane];
            }
        }
    }
}

/// Tells of each sale.
pub(crate) struct Tells<'a, F> {
    pub(crate) sheet: Sheet<'a>,
    pub(crate) each: F,
}

impl<F: FnMut(Ended)> Hears for Tells<'_, F> {
    #[inline(always)]
    fn batch(&mut self, batch: &Batch<'_>) {
        let filled = self.sheet.fill(batch);
        for lane in batch.lanes.clone() {
            (self.each)(if batch.winner[lane] == NOBODY {
                Ended::Unsold
            } else {
                Ended::Sold(Sold {
                    winner: batch.winner[lane] as usize,
                    kind: filled.kind[lane] as usize,
                    of: std::array::from_fn(|measure| filled.of[measure][lane]),
                })
            });
        }
    }
}
