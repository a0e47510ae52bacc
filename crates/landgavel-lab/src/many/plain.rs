//! Plain auctions of one thing among bidders whose values are even on [0, 1): the textbook, at the speed of the rest.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::tally::{lanes, total};
use super::words::{below, fill};
use crate::chance::Seed;
use crate::level::Level;
use crate::straight::MOST_BIDDERS;

/// A plain auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// Sealed; each bids (n − 1)/n of its value, which is the equilibrium.
    FirstPrice,
    /// Sealed; each bids its value, the winner pays the second highest.
    SecondPrice,
    /// A ladder of 100 rungs, the closed form of its clock.
    English,
}

/// One unit of value: prices are counted in shares of it.
pub const UNIT: u32 = 1 << 20;
/// Rungs of the ladder.
const RUNGS: u32 = 100;
/// Batches until the lanes' sums are taken over: prices are at most 2^20.
const FLUSH: u32 = 1 << 11;

/// The sum of prices over sales, in shares of [`UNIT`], or in rungs of the ladder, counted from 1. At most [`MOST_BIDDERS`] bid.
pub fn revenue(plain: Plain, bidders: usize, seed: Seed, level: Level, sales: Range<u64>) -> u64 {
    level.run(Revenue { plain, bidders: bidders.min(MOST_BIDDERS), seed, sales })
}

struct Revenue {
    plain: Plain,
    bidders: usize,
    seed: Seed,
    sales: Range<u64>,
}

impl WithSimd for Revenue {
    type Output = u64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> u64 {
        match self.bidders {
            2 => self.sum::<S, 2>(simd),
            3 => self.sum::<S, 3>(simd),
            5 => self.sum::<S, 5>(simd),
            _ => self.sum::<S, MOST_BIDDERS>(simd),
        }
    }
}

impl Revenue {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "shares of 2^32, and places below the lanes")]
    fn sum<S: Simd, const N: usize>(self, simd: S) -> u64 {
        let (zero, one) = (simd.splat_u32s(0), simd.splat_u32s(1));
        let twelve = simd.splat_u32s(12);
        let bidders = self.bidders.clamp(1, N) as u64;
        let shade = simd.splat_u32s((((bidders - 1) << 32) / bidders) as u32);
        let (calls, mut words) = (bidders.div_ceil(4) as usize, [[zero; 4]; MOST_BIDDERS.div_ceil(4)]);
        let step = S::U32_LANES as u64;
        let (mut first_sale, mut sum, mut since, mut all) = (self.sales.start / step * step, zero, 0, 0);
        while first_sale < self.sales.end {
            fill(simd, first_sale, self.seed.key(), &mut words[..calls]);
            let (mut first, mut second) = (zero, zero);
            for word in words.as_flattened().iter().copied().take(bidders as usize) {
                let value = match self.plain {
                    Plain::FirstPrice | Plain::SecondPrice => word,
                    Plain::English => simd.add_u32s(one, below(simd, word, simd.splat_u32s(RUNGS))),
                };
                second = simd.max_u32s(second, simd.min_u32s(first, value));
                first = simd.max_u32s(first, value);
            }
            let price = match self.plain {
                Plain::FirstPrice => simd.wrapping_dyn_shr_u32s(below(simd, first, shade), twelve),
                Plain::SecondPrice => simd.wrapping_dyn_shr_u32s(second, twelve),
                Plain::English => simd.min_u32s(first, simd.add_u32s(second, one)),
            };
            if first_sale < self.sales.start || first_sale + step > self.sales.end {
                // The first and the last batch may reach beyond the range.
                for (sale, price) in (first_sale..).zip(lanes::<S>(&price)) {
                    all += if self.sales.contains(&sale) { u64::from(*price) } else { 0 };
                }
            } else {
                sum = simd.add_u32s(sum, price);
                since += 1;
            }
            if since == FLUSH {
                all += total::<S>(sum);
                (sum, since) = (zero, 0);
            }
            first_sale += step;
        }
        all + total::<S>(sum)
    }
}
