//! Random words for many sales at once: the words of `chance`, a sale to each lane.

use pulp::Simd;

use crate::chance::{MULTIPLIERS, ROUNDS, WEYL};

/// Philox for many counters under one key.
#[inline(always)]
pub(crate) fn philox<S: Simd>(simd: S, counter: [S::u32s; 4], key: [u32; 2]) -> [S::u32s; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut left, mut right] = key;
    let (first, second) = (simd.splat_u32s(MULTIPLIERS[0]), simd.splat_u32s(MULTIPLIERS[1]));
    for round in 0..ROUNDS {
        if round > 0 {
            (left, right) = (left.wrapping_add(WEYL[0]), right.wrapping_add(WEYL[1]));
        }
        let (low0, high0) = simd.widening_mul_u32s(first, a);
        let (low1, high1) = simd.widening_mul_u32s(second, c);
        a = simd.xor_u32s(simd.xor_u32s(high1, b), simd.splat_u32s(left));
        b = low1;
        c = simd.xor_u32s(simd.xor_u32s(high0, d), simd.splat_u32s(right));
        d = low0;
    }
    [a, b, c, d]
}

/// The high half of a product: a whole number below `below`, from a word.
#[inline(always)]
pub(crate) fn below<S: Simd>(simd: S, word: S::u32s, below: S::u32s) -> S::u32s {
    simd.widening_mul_u32s(word, below).1
}

/// The numbers of the sales of a batch that begins at `first`, a multiple of the number of lanes, as low and high words.
#[inline(always)]
pub(crate) fn numbers<S: Simd>(simd: S, iota: S::u32s, first: u64) -> [S::u32s; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
    let [low, high] = [first as u32, (first >> 32) as u32];
    [simd.add_u32s(simd.splat_u32s(low), iota), simd.splat_u32s(high)]
}

/// 0, 1, 2, … to the lanes.
#[inline(always)]
pub(crate) fn iota<S: Simd>(simd: S) -> S::u32s {
    const FIRST: [u32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    simd.partial_load_u32s(&FIRST[..S::U32_LANES.min(FIRST.len())])
}
