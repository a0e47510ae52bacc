//! The value of an indicator in a row.

use crate::card::{Expression, Indicator, IndicatorId, ZeroDivisor};
use crate::fault::Fault;
use crate::number::{Exact, half_away};
use crate::table::Table;

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
