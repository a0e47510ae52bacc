//! Exact fractions, as far as amounts and units need them.

/// An exact number with a positive denominator, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exact {
    pub(crate) numerator: i128,
    pub(crate) denominator: i128,
}

/// Most digits of a written number: more than 2^53 − 1 quanta can hold, and safe in 128 bits.
const DIGITS_MAX: usize = 20;

impl Exact {
    pub(crate) const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `None` for a denominator that is not positive.
    pub(crate) fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let divisor =
            i128::try_from(greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs())).ok()?;
        Some(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    pub(crate) fn whole(value: i128) -> Self {
        Self { numerator: value, denominator: 1 }
    }

    /// Reads `1800` or `0.5`: digits, at most one point with digits on both sides, no sign.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, places) = text.split_once('.').map_or((text, None), |(whole, places)| (whole, Some(places)));
        let digits = places.map_or_else(|| whole.to_owned(), |places| format!("{whole}{places}"));
        let is_number = !whole.is_empty()
            && places.is_none_or(|places| !places.is_empty())
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && digits.len() <= DIGITS_MAX;
        if !is_number {
            return None;
        }
        let scale = 10i128.pow(u32::try_from(places.map_or(0, str::len)).ok()?);
        Self::new(digits.parse().ok()?, scale)
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        // Lowest terms across the two keep the products small.
        let left = Self::new(self.numerator, other.denominator)?;
        let right = Self::new(other.numerator, self.denominator)?;
        Self::new(left.numerator.checked_mul(right.numerator)?, left.denominator.checked_mul(right.denominator)?)
    }

    /// Divides by a positive number.
    pub(crate) fn over(self, other: Self) -> Option<Self> {
        if other.numerator <= 0 {
            return None;
        }
        self.times(Self { numerator: other.denominator, denominator: other.numerator })
    }

    /// The whole number, when it is one.
    pub(crate) fn as_whole(self) -> Option<i128> {
        (self.denominator == 1).then_some(self.numerator)
    }

    /// Rounded down.
    pub(crate) fn floor(self) -> i128 {
        self.numerator.div_euclid(self.denominator)
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// Writes `value · 10^−decimals` without trailing zeros.
pub(crate) fn write_decimal(value: i64, decimals: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let scale = 10u64.pow(decimals);
    let (whole, rest) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let places = format!("{rest:0width$}", width = usize::try_from(decimals).unwrap_or(0));
    format!("{sign}{whole}.{}", places.trim_end_matches('0'))
}
