//! The value of an indicator in a row.

use core::cmp::Ordering;

use crate::card::{Card, ColumnKind, Expression, Indicator, IndicatorId, Subject, ZeroDivisor};
use crate::fault::Fault;
use crate::number::{Exact, half_away, product};
use crate::table::{FINEST, Table};

/// The value of an indicator in a row, in its quanta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// It has one.
    Known(i64),
    /// A figure is missing.
    Missing,
    /// What it is divided by is not positive.
    DivisorNotPositive,
    /// It leaves the safe integers.
    TooLarge,
}

impl Value {
    /// The value, when there is one.
    pub const fn get(self) -> Option<i64> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing | Self::DivisorNotPositive | Self::TooLarge => None,
        }
    }
}

impl Expression {
    /// The sum in a row; `None` when one of its figures is missing.
    pub fn sum(&self, table: &Table, row: usize) -> Option<i128> {
        let mut sum = 0i128;
        for (column, factor) in &self.terms {
            let cell = table.cell(row, column.0).get()?;
            // Nineteen digits times seven: far within 128 bits, for any number of terms in memory.
            sum += i128::from(cell) * i128::from(*factor);
        }
        Some(sum)
    }

    /// The sum in a row as its figures were given, and in how many parts of the sum's quantum.
    pub(crate) fn exact_sum(&self, table: &Table, row: usize) -> Option<(i128, i128)> {
        let sum = self.sum(table, row)?;
        if !self.terms.iter().any(|(column, _)| table.has_rests(column.0)) {
            return Some((sum, 1));
        }
        let parts = parts(self.decimals);
        let rests = self.terms.iter().map(|(column, factor)| {
            let rest = i128::from(table.rest(row, column.0));
            if *factor < 0 { -rest } else { rest }
        });
        Some((sum.checked_mul(parts)?.checked_add(rests.sum())?, parts))
    }
}

/// In how many parts of 10⁻⁹ a quantum of so many decimals is divided.
fn parts(decimals: u8) -> i128 {
    10i128.pow(u32::from(FINEST.saturating_sub(decimals)))
}

/// A value as it is before it is rounded, `of ÷ over · factor` in quanta: what thresholds are held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unrounded {
    of: i128,
    /// Positive.
    over: i128,
    factor: Exact,
}

impl Unrounded {
    /// Of what a test may look at; `None` for what has no other value than its rounded one.
    pub(crate) fn of(card: &Card, subject: Subject, table: &Table, row: usize) -> Option<Self> {
        match subject {
            Subject::Indicator(id) => Self::of_indicator(card.indicators.get(id.0)?, table, row),
            Subject::Column(id) => {
                let ColumnKind::Number { decimals } = card.columns.get(id.0)?.kind else { return None };
                let parts = parts(decimals);
                let cell = i128::from(table.cell(row, id.0).get()?);
                let of = cell.checked_mul(parts)?.checked_add(i128::from(table.rest(row, id.0)))?;
                Some(Self { of, over: 1, factor: Exact::new(1, parts)? })
            }
            Subject::Total | Subject::Dimension(_) => None,
        }
    }

    /// Of an indicator.
    pub(crate) fn of_indicator(indicator: &Indicator, table: &Table, row: usize) -> Option<Self> {
        let (of, of_parts) = indicator.of.exact_sum(table, row)?;
        let (over, over_parts) = indicator.over.as_ref().map_or(Some((1, 1)), |over| over.exact_sum(table, row))?;
        let factor = indicator.factor.times(Exact::new(over_parts, of_parts)?)?;
        (over > 0).then_some(Self { of, over, factor })
    }

    /// How it stands to a bound, by multiplying crosswise: nothing is divided, so nothing is rounded.
    pub(crate) fn cmp(&self, bound: i64) -> Ordering {
        let bound = i128::from(bound);
        let left = self.of.checked_mul(self.factor.numerator());
        let right = bound.checked_mul(self.over).and_then(|right| right.checked_mul(self.factor.denominator()));
        if let Some((left, right)) = left.zip(right) {
            return left.cmp(&right);
        }
        // A factor is positive.
        let signs = self.of.signum().cmp(&bound.signum());
        if signs != Ordering::Equal {
            return signs;
        }
        let size = |factors: [i128; 3]| product(factors.map(i128::unsigned_abs));
        let left = size([self.of, self.factor.numerator(), 1]);
        let right = size([bound, self.over, self.factor.denominator()]);
        let sizes = left.iter().rev().cmp(right.iter().rev());
        if bound < 0 { sizes.reverse() } else { sizes }
    }

    /// As a fraction; `None` beyond 128 bits.
    pub(crate) fn exact(&self) -> Option<Exact> {
        Exact::new(self.of, self.over)?.times(self.factor)
    }
}

/// What an item, a test or a tie-break sees of an indicator in a row: its value, or nothing where the card says that a missing
/// figure or a divisor that is not positive means nothing.
///
/// # Errors
/// A divisor that the card refuses, and a value beyond the safe integers.
pub(crate) fn figure(
    indicators: &[Indicator],
    id: IndicatorId,
    table: &Table,
    row: usize,
) -> Result<Option<i64>, Fault> {
    let Some(indicator) = indicators.get(id.0) else { return Ok(None) };
    match (indicator.value(table, row), indicator.zero_divisor) {
        (Value::Known(value), _) => Ok(Some(value)),
        (Value::Missing, _) | (Value::DivisorNotPositive, ZeroDivisor::Missing) => Ok(None),
        (Value::DivisorNotPositive, ZeroDivisor::Refuse) => Err(Fault::DivisorNotPositive { row, indicator: id }),
        (Value::TooLarge, _) => Err(Fault::IndicatorTooLarge { row, indicator: id }),
    }
}

impl Indicator {
    /// The value in a row.
    pub fn value(&self, table: &Table, row: usize) -> Value {
        let Some(of) = self.of.sum(table, row) else { return Value::Missing };
        let over = match &self.over {
            None => 1,
            Some(over) => match over.sum(table, row) {
                None => return Value::Missing,
                Some(over) if over <= 0 => return Value::DivisorNotPositive,
                Some(over) => over,
            },
        };
        if over == 1 && self.factor == Exact::ONE {
            return half_away(of, 1).map_or(Value::TooLarge, Value::Known);
        }
        let numerator = of.checked_mul(self.factor.numerator());
        let denominator = over.checked_mul(self.factor.denominator());
        match numerator.zip(denominator).and_then(|(numerator, denominator)| half_away(numerator, denominator)) {
            Some(value) => Value::Known(value),
            None => Value::TooLarge,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both sides are 2^128, which 128 bits do not hold.
    #[test]
    fn sides_beyond_128_bits_are_compared_with_their_signs() {
        let four = Exact::new(4, 1).expect("a factor");
        let value = |of: i128| Unrounded { of, over: 1 << 66, factor: four };
        let (at, bound) = (1_i128 << 126, 1_i64 << 62);
        for (of, bound, expected) in [
            (at, bound, Ordering::Equal),
            (at + 1, bound, Ordering::Greater),
            (at - 1, bound, Ordering::Less),
            (-at, -bound, Ordering::Equal),
            (-at - 1, -bound, Ordering::Less),
            (-at + 1, -bound, Ordering::Greater),
            (at, -bound, Ordering::Greater),
            (-at, bound, Ordering::Less),
            (0, bound, Ordering::Less),
        ] {
            assert_eq!(value(of).cmp(bound), expected, "{of} to {bound}");
        }
    }
}
