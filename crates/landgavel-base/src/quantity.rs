/// Largest magnitude of any integer in a record: 2^53 − 1, so that every JSON reader agrees on it.
pub const SAFE_INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// A number of an attribute's smallest units (its quantum).
///
/// What one quantum is worth (0.01 万元/亩·年, one fen, one day …) is said by the attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i64);

impl Quantity {
    /// Nothing of it.
    pub const ZERO: Self = Self(0);

    /// Accepts magnitudes up to [`SAFE_INTEGER_MAX`].
    pub const fn new(quanta: i64) -> Option<Self> {
        if quanta >= -SAFE_INTEGER_MAX && quanta <= SAFE_INTEGER_MAX { Some(Self(quanta)) } else { None }
    }

    /// The number of quanta.
    pub const fn quanta(self) -> i64 {
        self.0
    }

    /// Adds, or `None` beyond the safe range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_add(other.0)?)
    }

    /// Subtracts, or `None` beyond the safe range.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_sub(other.0)?)
    }

    /// Multiplies by a count, or `None` beyond the safe range.
    pub fn checked_mul(self, count: i64) -> Option<Self> {
        Self::new(self.0.checked_mul(count)?)
    }
}
