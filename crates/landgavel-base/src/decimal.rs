use core::cmp::Ordering;
use core::fmt;

use crate::malformed::Malformed;
use crate::quantity::SAFE_INTEGER_MAX;

/// A decimal number that keeps the places it was written with: `2.0` stays `2.0`.
///
/// Equality (`==`) is of the text; [`Decimal::compare`] is of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i64,
    places: u8,
}

impl Decimal {
    /// Most digits after the point: enough for any published indicator.
    pub const MAX_PLACES: u8 = 9;

    /// Builds `units · 10^−places`; `None` beyond the safe integer range or [`Decimal::MAX_PLACES`].
    pub const fn new(units: i64, places: u8) -> Option<Self> {
        if units >= -SAFE_INTEGER_MAX && units <= SAFE_INTEGER_MAX && places <= Self::MAX_PLACES {
            Some(Self { units, places })
        } else {
            None
        }
    }

    /// Reads `-12.50`: an optional minus, digits without a leading zero, an optional point with digits.
    ///
    /// # Errors
    ///
    /// The position of the first character that makes the text differ from how the number is shown.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let sign = usize::from(text.starts_with('-'));
        let mut units: i64 = 0;
        let mut digits = 0usize;
        let mut places = None;
        for (index, found) in text.chars().enumerate().skip(sign) {
            let wrong = |expected| Malformed { what: WHAT, position: index + 1, expected, found: Some(found) };
            match (found, places) {
                ('.', None) if digits > 0 => places = Some(0),
                ('0'..='9', _) => {
                    if digits == 1 && units == 0 && places.is_none() {
                        return Err(wrong("a point after a leading zero"));
                    }
                    let digit = i64::from(u32::from(found) - u32::from('0'));
                    units = units
                        .checked_mul(10)
                        .and_then(|shifted| shifted.checked_add(digit))
                        .filter(|sum| *sum <= SAFE_INTEGER_MAX)
                        .ok_or_else(|| wrong("the end of the number: it has too many digits"))?;
                    digits += 1;
                    places = places.map(|count: u8| count + 1);
                    if places.is_some_and(|count| count > Self::MAX_PLACES) {
                        return Err(wrong("the end of the number: it has too many places"));
                    }
                }
                _ => return Err(wrong("a digit")),
            }
        }
        if digits == 0 || places == Some(0) {
            return Err(Malformed { what: WHAT, position: text.len() + 1, expected: "a digit", found: None });
        }
        if sign == 1 && units == 0 {
            return Err(Malformed {
                what: WHAT,
                position: 1,
                expected: "a digit, as zero has no sign",
                found: Some('-'),
            });
        }
        Ok(Self { units: if sign == 1 { -units } else { units }, places: places.unwrap_or(0) })
    }

    /// The number without its point: 250 for `2.50`.
    pub const fn units(self) -> i64 {
        self.units
    }

    /// Digits after the point: 2 for `2.50`.
    pub const fn places(self) -> u8 {
        self.places
    }

    /// The number in units of `10^−places`: 25,000 for `2.5` and four places; `None` when digits would be lost or
    /// the result is beyond the safe integer range.
    pub fn scaled(self, places: u8) -> Option<i64> {
        let factor = 10i64.checked_pow(u32::from(places.checked_sub(self.places)?))?;
        self.units.checked_mul(factor).filter(|units| units.abs() <= SAFE_INTEGER_MAX)
    }

    /// Orders by value: `2.0` and `2` are equal.
    pub fn compare(self, other: Self) -> Ordering {
        self.billionths().cmp(&other.billionths())
    }

    fn billionths(self) -> i128 {
        i128::from(self.units) * 10i128.pow(u32::from(Self::MAX_PLACES - self.places))
    }
}

const WHAT: &str = "decimal number";

/// Shown as it was written.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let scale = 10u64.pow(u32::from(self.places));
        let magnitude = self.units.unsigned_abs();
        match self.places {
            0 => write!(f, "{sign}{magnitude}"),
            places => {
                write!(f, "{sign}{}.{:0width$}", magnitude / scale, magnitude % scale, width = usize::from(places))
            }
        }
    }
}
