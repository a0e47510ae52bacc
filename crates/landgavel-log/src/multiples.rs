//! Multiples of one point, made beforehand: a multiplication is then some dozens of additions.

use alloc::vec::Vec;

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;

/// Bits of a scalar below the group's order, with one more for the carry of its last window.
const SCALAR_BITS: usize = 254;

/// For each window of `BITS` bits of a scalar, the multiples 0 to 2^(BITS−1) of the point at that window's weight.
///
/// The time it takes depends on the scalar. So no secret may ever come here; what is verified is public.
pub(crate) struct Multiples<const BITS: usize, const WINDOWS: usize> {
    points: Vec<EdwardsPoint>,
}

impl<const BITS: usize, const WINDOWS: usize> Multiples<BITS, WINDOWS> {
    const HALF: usize = 1 << (BITS - 1);
    /// Multiples of one window.
    const ROW: usize = {
        assert!(BITS > 1 && BITS < 16 && WINDOWS == SCALAR_BITS.div_ceil(BITS));
        Self::HALF + 1
    };

    pub fn new(point: &EdwardsPoint) -> Self {
        let mut points = Vec::with_capacity(WINDOWS * Self::ROW);
        let mut weight = *point;
        for _ in 0..WINDOWS {
            let mut multiple = EdwardsPoint::default();
            points.push(multiple);
            for _ in 0..Self::HALF {
                multiple += weight;
                points.push(multiple);
            }
            weight = multiple + multiple;
        }
        Self { points }
    }

    /// Adds `scalar` times the point to a sum.
    ///
    /// All multiples are fetched before the first is added. The fetches then wait for memory together, and not
    /// one by one between additions; with tables of many keys, which no near cache holds, that saves a third.
    pub fn add(&self, sum: &mut EdwardsPoint, scalar: &Scalar) {
        let digits = Self::digits(scalar);
        let multiples: [EdwardsPoint; WINDOWS] =
            core::array::from_fn(|window| self.points[window * Self::ROW + usize::from(digits[window].unsigned_abs())]);
        for (multiple, digit) in multiples.iter().zip(digits) {
            if digit < 0 {
                *sum -= multiple;
            } else {
                *sum += multiple;
            }
        }
    }

    /// The digits of a scalar to the base 2^BITS, from −2^(BITS−1) + 1 to 2^(BITS−1), least first: of two points with
    /// opposite signs, one need not be kept.
    fn digits(scalar: &Scalar) -> [i16; WINDOWS] {
        let mut bytes = [0; 36];
        bytes[..32].copy_from_slice(scalar.as_bytes());
        let mut carry = 0;
        core::array::from_fn(|window| {
            let at = window * BITS;
            let [a, b, c] = [bytes[at / 8], bytes[at / 8 + 1], bytes[at / 8 + 2]];
            let bits = u32::from_le_bytes([a, b, c, 0]) >> (at % 8);
            let digit = (i32::try_from(bits).unwrap_or(0) & ((1 << BITS) - 1)) + carry;
            carry = i32::from(digit > 1 << (BITS - 1));
            i16::try_from(digit - (carry << BITS)).unwrap_or(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn scalars() -> Vec<Scalar> {
        let small = (0..70u64).map(Scalar::from);
        let powers = (0..253).scan(Scalar::ONE, |power, _| {
            let this = *power;
            *power += this;
            Some(this)
        });
        let mixed = (1..80u8).map(|seed| Scalar::from_bytes_mod_order([seed.wrapping_mul(151) ^ 0x5a; 32]));
        let positive: Vec<Scalar> = small.chain(powers).chain(mixed).collect();
        positive.iter().copied().chain(positive.iter().map(|scalar| -scalar)).collect()
    }

    fn agrees<const BITS: usize, const WINDOWS: usize>() {
        let point = EdwardsPoint::mul_base(&Scalar::from(77u64)) + curve25519_dalek::constants::EIGHT_TORSION[1];
        let multiples = Multiples::<BITS, WINDOWS>::new(&point);
        for scalar in scalars() {
            let mut sum = EdwardsPoint::default();
            multiples.add(&mut sum, &scalar);
            assert_eq!(sum, point * scalar, "{scalar:?}");
        }
    }

    #[test]
    fn a_table_multiplies_as_the_group_does() {
        agrees::<2, 127>();
        agrees::<5, 51>();
        agrees::<6, 43>();
        agrees::<7, 37>();
        agrees::<8, 32>();
    }

    #[test]
    fn digits_add_up_to_their_scalar() {
        for scalar in scalars() {
            let digits = Multiples::<6, 43>::digits(&scalar);
            let sum = digits.iter().rev().fold(Scalar::ZERO, |sum, digit| {
                let size = Scalar::from(u64::from(digit.unsigned_abs()));
                sum * Scalar::from(64u64) + if *digit < 0 { -size } else { size }
            });
            assert_eq!(sum, scalar);
            assert!(digits.iter().all(|digit| (-31..=32).contains(digit)));
        }
    }
}
