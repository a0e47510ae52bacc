//! A figure that may be missing, an exact fraction, and the one rounding of this crate.

use landgavel_base::SAFE_INTEGER_MAX;

/// A figure of a table in its column's smallest units, or the fact that it is missing; eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell(i64);

impl Cell {
    /// No figure was given.
    pub const MISSING: Self = Self(i64::MIN);

    /// A figure; `None` beyond the safe integers.
    pub const fn known(quanta: i64) -> Option<Self> {
        if quanta >= -SAFE_INTEGER_MAX && quanta <= SAFE_INTEGER_MAX { Some(Self(quanta)) } else { None }
    }

    /// The figure, when there is one.
    pub const fn get(self) -> Option<i64> {
        if self.0 == i64::MIN { None } else { Some(self.0) }
    }
}

/// An exact fraction in lowest terms with a positive denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    numerator: i128,
    denominator: i128,
}

impl Exact {
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `None` for a denominator that is zero, or beyond 128 bits.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 || numerator == i128::MIN || denominator == i128::MIN {
            return None;
        }
        let divisor = i128::try_from(common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs())).ok()?;
        let sign = denominator.signum();
        Some(Self { numerator: sign * numerator / divisor, denominator: sign * denominator / divisor })
    }

    /// The number above the line.
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// The number below the line, always positive.
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// The product; `None` beyond 128 bits.
    pub fn times(self, other: Self) -> Option<Self> {
        let left = Self::new(self.numerator, other.denominator)?;
        let right = Self::new(other.numerator, self.denominator)?;
        Self::new(left.numerator.checked_mul(right.numerator)?, left.denominator.checked_mul(right.denominator)?)
    }

    /// `value` times this, rounded half away from zero; `None` beyond the safe integers.
    pub fn of(self, value: i64) -> Option<i64> {
        half_away(i128::from(value).checked_mul(self.numerator)?, self.denominator)
    }
}

/// `numerator ÷ denominator` to the nearest integer, halves away from zero (四舍五入).
///
/// `None` for a denominator that is not positive and for results beyond the safe integers.
pub fn half_away(numerator: i128, denominator: i128) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let (magnitude, divisor) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    // Most figures fit 64 bits, where division costs a tenth.
    let (whole, rest) = match (u64::try_from(magnitude), u64::try_from(divisor)) {
        (Ok(magnitude), Ok(divisor)) => (u128::from(magnitude / divisor), u128::from(magnitude % divisor)),
        _ => (magnitude / divisor, magnitude % divisor),
    };
    let rounded = i64::try_from(whole + u128::from(rest >= divisor - rest)).ok()?;
    let value = if numerator < 0 { -rounded } else { rounded };
    (value.abs() <= SAFE_INTEGER_MAX).then_some(value)
}

/// The product of three numbers, least limb first: no three leave its range.
pub(crate) fn product(factors: [u128; 3]) -> [u64; 6] {
    const LOW: u128 = u64::MAX as u128;
    let low = |wide: u128| u64::try_from(wide & LOW).unwrap_or(u64::MAX);
    let mut product = [1, 0, 0, 0, 0, 0];
    for factor in factors {
        let mut next = [0u64; 6];
        for (shift, limb) in [factor & LOW, factor >> 64].into_iter().enumerate() {
            let mut carry = 0u128;
            for (at, digit) in product.iter().enumerate().take(6 - shift) {
                let sum = u128::from(*digit) * limb + u128::from(next[at + shift]) + carry;
                next[at + shift] = low(sum);
                carry = sum >> 64;
            }
        }
        product = next;
    }
    product
}

fn common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::product;

    #[test]
    fn a_product_is_all_of_its_digits() {
        assert_eq!(product([7, 1 << 64, 1 << 64]), [0, 0, 7, 0, 0, 0]);
        assert_eq!(product([u128::from(u64::MAX), u128::from(u64::MAX), 1]), [1, u64::MAX - 1, 0, 0, 0, 0]);
        // (2¹²⁸ − 1)³ = 2³⁸⁴ − 3·2²⁵⁶ + 3·2¹²⁸ − 1.
        let most = [u64::MAX, u64::MAX, 2, 0, u64::MAX - 2, u64::MAX];
        assert_eq!(product([u128::MAX; 3]), most);
    }
}
