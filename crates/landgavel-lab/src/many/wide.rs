//! Products of words, both halves of which are wanted, as each set of vector instructions gives them best.
//!
//! x86 multiplies every second word, so that a product fills the place of two. [`Apart`] leaves it at that: words of even lanes
//! and those of odd lanes stay in vectors of their own until they are joined.

use pulp::Simd;

/// A way to hold a word for each lane.
pub(crate) trait Wide<S: Simd>: Copy {
    /// A word for each lane.
    type Words: Copy;
    fn split(self, words: S::u32s) -> Self::Words;
    fn join(self, words: Self::Words) -> S::u32s;
    fn splat(self, word: u32) -> Self::Words;
    fn xor(self, a: Self::Words, b: Self::Words) -> Self::Words;
    /// The low and the high half.
    fn product(self, words: Self::Words, by: u32) -> (Self::Words, Self::Words);
}

/// Work that is done with the best way that a machine has.
pub(crate) trait WithWide<S: Simd> {
    fn with<W: Wide<S>>(self, wide: W);
}

/// Does it. Which way is taken is known when the program is compiled.
#[inline(always)]
pub(crate) fn best<S: Simd>(simd: S, work: impl WithWide<S>) {
    #[cfg(target_arch = "x86_64")]
    {
        let any: &dyn std::any::Any = &simd;
        if let Some(simd) = any.downcast_ref::<pulp::x86::V4>() {
            return work.with(Apart(*simd));
        }
        if let Some(simd) = any.downcast_ref::<pulp::x86::V3>() {
            return work.with(Apart(*simd));
        }
    }
    work.with(Joined(simd));
}

/// As vectors hold them.
#[derive(Clone, Copy)]
struct Joined<S>(S);

impl<S: Simd> Wide<S> for Joined<S> {
    type Words = S::u32s;

    #[inline(always)]
    fn split(self, words: S::u32s) -> S::u32s {
        words
    }

    #[inline(always)]
    fn join(self, words: S::u32s) -> S::u32s {
        words
    }

    #[inline(always)]
    fn splat(self, word: u32) -> S::u32s {
        self.0.splat_u32s(word)
    }

    #[inline(always)]
    fn xor(self, a: S::u32s, b: S::u32s) -> S::u32s {
        self.0.xor_u32s(a, b)
    }

    #[inline(always)]
    fn product(self, words: S::u32s, by: u32) -> (S::u32s, S::u32s) {
        self.0.widening_mul_u32s(words, self.0.splat_u32s(by))
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::Apart;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256i, __m512i};

    use pulp::Simd;
    use pulp::bytemuck::{Pod, cast};
    use pulp::x86::{V3, V4};

    use super::Wide;

    /// The words of even and of odd lanes in vectors of their own, each in the lower half of 64 bits. What is in the upper half
    /// means nothing.
    #[derive(Clone, Copy)]
    pub(crate) struct Apart<M>(pub(crate) M);

    impl<S: Simd, M: Machine> Wide<S> for Apart<M> {
        type Words = [M::Vector; 2];

        #[inline(always)]
        fn split(self, words: S::u32s) -> Self::Words {
            let even = cast(words);
            [even, self.0.down(even)]
        }

        #[inline(always)]
        fn join(self, [even, odd]: Self::Words) -> S::u32s {
            cast(self.0.join(even, odd))
        }

        #[inline(always)]
        fn splat(self, word: u32) -> Self::Words {
            [self.0.splat(word); 2]
        }

        #[inline(always)]
        fn xor(self, a: Self::Words, b: Self::Words) -> Self::Words {
            [self.0.xor(a[0], b[0]), self.0.xor(a[1], b[1])]
        }

        #[inline(always)]
        fn product(self, words: Self::Words, by: u32) -> (Self::Words, Self::Words) {
            let by = self.0.splat(by);
            let products = words.map(|words| self.0.multiply(words, by));
            (products, products.map(|product| self.0.down(product)))
        }
    }

    /// What of a machine's instructions is used.
    pub(crate) trait Machine: Copy {
        type Vector: Pod;
        fn splat(self, word: u32) -> Self::Vector;
        fn xor(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
        /// Products of the lower halves of 64 bits.
        fn multiply(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
        /// Upper halves of 64 bits to the lower ones.
        fn down(self, words: Self::Vector) -> Self::Vector;
        /// Lower halves, in turn.
        fn join(self, even: Self::Vector, odd: Self::Vector) -> Self::Vector;
    }

    /// Lower halves to the upper ones.
    const UP: i32 = 0b10_10_00_00;
    const ODD: u16 = 0xAAAA;

    impl Machine for V4 {
        type Vector = __m512i;

        #[inline(always)]
        fn splat(self, word: u32) -> __m512i {
            self.avx512f._mm512_set1_epi32(word.cast_signed())
        }

        #[inline(always)]
        fn xor(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_xor_si512(a, b)
        }

        #[inline(always)]
        fn multiply(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_mul_epu32(a, b)
        }

        #[inline(always)]
        fn down(self, words: __m512i) -> __m512i {
            self.avx512f._mm512_srli_epi64::<32>(words)
        }

        #[inline(always)]
        fn join(self, even: __m512i, odd: __m512i) -> __m512i {
            self.avx512f._mm512_mask_shuffle_epi32::<UP>(even, ODD, odd)
        }
    }

    impl Machine for V3 {
        type Vector = __m256i;

        #[inline(always)]
        fn splat(self, word: u32) -> __m256i {
            self.avx._mm256_set1_epi32(word.cast_signed())
        }

        #[inline(always)]
        fn xor(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_xor_si256(a, b)
        }

        #[inline(always)]
        fn multiply(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_mul_epu32(a, b)
        }

        #[inline(always)]
        fn down(self, words: __m256i) -> __m256i {
            self.avx2._mm256_srli_epi64::<32>(words)
        }

        #[inline(always)]
        fn join(self, even: __m256i, odd: __m256i) -> __m256i {
            self.avx2._mm256_blend_epi32::<0b1010_1010>(even, self.avx2._mm256_shuffle_epi32::<UP>(odd))
        }
    }
}
