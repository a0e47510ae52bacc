use crate::quantity::SAFE_INTEGER_MAX;

/// An amount of money in minor units of the sale's currency: fen for CNY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Accepts magnitudes up to 2^53 − 1 minor units.
    pub const fn from_minor(minor: i64) -> Option<Self> {
        if minor >= -SAFE_INTEGER_MAX && minor <= SAFE_INTEGER_MAX { Some(Self(minor)) } else { None }
    }

    /// Minor units: fen for CNY.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Adds, or `None` beyond the safe range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_minor(self.0.checked_add(other.0)?)
    }

    /// Subtracts, or `None` beyond the safe range.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_minor(self.0.checked_sub(other.0)?)
    }

    /// `self · numerator ÷ denominator`, rounded to the nearest minor unit, halves away from zero.
    ///
    /// `None` for a denominator that is not positive or a result beyond the safe range.
    pub fn scale_half_up(self, numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let exact = i128::from(self.0).checked_mul(numerator)?;
        let magnitude = exact.unsigned_abs();
        let divisor = denominator.unsigned_abs();
        let rounded = magnitude.checked_mul(2)?.checked_add(divisor)? / divisor.checked_mul(2)?;
        let value = i64::try_from(rounded).ok()?;
        Self::from_minor(if exact < 0 { -value } else { value })
    }
}
