//! Random words for many sales at once: the words of `chance`, a sale to each lane.

use pulp::Simd;

use super::wide::{Wide, WithWide, best};
use crate::chance::{MULTIPLIERS, Purpose, ROUNDS, WEYL};

/// The words of the sales that begin at `first`, a multiple of the number of lanes: of each call of Philox in turn, four.
#[inline(always)]
pub(crate) fn fill<S: Simd>(simd: S, first: u64, key: [u32; 2], into: &mut [[S::u32s; 4]]) {
    best(simd, Fill { simd, first, key, into });
}

struct Fill<'a, S: Simd> {
    simd: S,
    first: u64,
    key: [u32; 2],
    into: &'a mut [[S::u32s; 4]],
}

impl<S: Simd> WithWide<S> for Fill<'_, S> {
    /// The counters of a call differ from lane to lane in one word only, and those of two calls in another. So of the first two
    /// rounds half needs no vectors, and the other half is the same for all calls.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
    fn with<W: Wide<S>>(self, wide: W) {
        let Self { simd, first, key: one, into } = self;
        let two = next(one);
        let sale = simd.add_u32s(simd.splat_u32s(first as u32), iota(simd));
        let (d, high) = wide.product(wide.split(sale), MULTIPLIERS[0]);
        let c = wide.xor(high, wide.splat(Purpose::Sale as u32 ^ one[1]));
        let (b, high) = wide.product(c, MULTIPLIERS[1]);
        for (call, words) in (0u32..).zip(into) {
            let (low1, high1) = halves(MULTIPLIERS[1], call);
            let (low0, high0) = halves(MULTIPLIERS[0], high1 ^ (first >> 32) as u32 ^ one[0]);
            let a = wide.xor(high, wide.splat(low1 ^ two[0]));
            let c = wide.xor(d, wide.splat(high0 ^ two[1]));
            *words = rounds(wide, [a, b, c, wide.splat(low0)], two).map(|words| wide.join(words));
        }
    }
}

/// The rounds after the second, whose key is `key`.
#[inline(always)]
fn rounds<S: Simd, W: Wide<S>>(
    wide: W,
    [mut a, mut b, mut c, mut d]: [W::Words; 4],
    mut key: [u32; 2],
) -> [W::Words; 4] {
    for _ in 2..ROUNDS {
        key = next(key);
        let (low0, high0) = wide.product(a, MULTIPLIERS[0]);
        let (low1, high1) = wide.product(c, MULTIPLIERS[1]);
        a = wide.xor(wide.xor(high1, b), wide.splat(key[0]));
        b = low1;
        c = wide.xor(wide.xor(high0, d), wide.splat(key[1]));
        d = low0;
    }
    [a, b, c, d]
}

#[inline(always)]
fn next(key: [u32; 2]) -> [u32; 2] {
    [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])]
}

/// The low and the high half of a product.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
fn halves(a: u32, b: u32) -> (u32, u32) {
    let product = u64::from(a) * u64::from(b);
    (product as u32, (product >> 32) as u32)
}

/// The high half of a product: a whole number below `below`, from a word.
#[inline(always)]
pub(crate) fn below<S: Simd>(simd: S, word: S::u32s, below: S::u32s) -> S::u32s {
    simd.widening_mul_u32s(word, below).1
}

/// 0, 1, 2, … to the lanes.
#[inline(always)]
pub(crate) fn iota<S: Simd>(simd: S) -> S::u32s {
    const FIRST: [u32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    simd.partial_load_u32s(&FIRST[..S::U32_LANES.min(FIRST.len())])
}
