//! Values as text: exact where they are exact, the shortest decimal where they are floats.

use std::fmt::Write as _;
use std::str::from_utf8;

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::Offset;

use super::meta::{Leaf, Logical, Physical};
use super::{Unreadable, cut};

/// A value as it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'a> {
    Truth(bool),
    Int32(i32),
    Int64(i64),
    Float(f32),
    Double(f64),
    Bytes(&'a [u8]),
}

/// Values that lie one after the other.
pub(super) struct Plain<'a> {
    bytes: &'a [u8],
    physical: Physical,
    bit: usize,
}

impl<'a> Plain<'a> {
    pub(super) fn new(bytes: &'a [u8], physical: Physical) -> Self {
        Self { bytes, physical, bit: 0 }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (array, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(cut)?;
        self.bytes = rest;
        Ok(*array)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(cut)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub(super) fn next(&mut self) -> Result<Raw<'a>, Unreadable> {
        Ok(match self.physical {
            Physical::Boolean => {
                let byte = self.bytes.get(self.bit / 8).ok_or_else(cut)?;
                let truth = byte >> (self.bit % 8) & 1 == 1;
                self.bit += 1;
                Raw::Truth(truth)
            }
            Physical::Int32 => Raw::Int32(i32::from_le_bytes(self.array()?)),
            Physical::Int64 => Raw::Int64(i64::from_le_bytes(self.array()?)),
            Physical::Float => Raw::Float(f32::from_le_bytes(self.array()?)),
            Physical::Double => Raw::Double(f64::from_le_bytes(self.array()?)),
            Physical::Bytes => {
                let length = u32::from_le_bytes(self.array()?);
                Raw::Bytes(self.take(usize::try_from(length).map_err(|_| cut())?)?)
            }
            Physical::Fixed(length) => Raw::Bytes(self.take(length)?),
        })
    }
}

/// Appends a value as a cell holds it.
pub(super) fn push(leaf: &Leaf, raw: Raw<'_>, out: &mut String) -> Result<(), Unreadable> {
    let told = match (leaf.logical, raw) {
        (_, Raw::Truth(truth)) => write!(out, "{truth}"),
        (_, Raw::Float(float)) => write!(out, "{float}"),
        (_, Raw::Double(double)) => write!(out, "{double}"),
        (Logical::Decimal(scale), Raw::Int32(number)) => decimal(i128::from(number), scale, out),
        (Logical::Decimal(scale), Raw::Int64(number)) => decimal(i128::from(number), scale, out),
        (Logical::Decimal(scale), Raw::Bytes(bytes)) => decimal(big(bytes)?, scale, out),
        (Logical::Unsigned, Raw::Int32(number)) => write!(out, "{}", number.cast_unsigned()),
        (Logical::Unsigned, Raw::Int64(number)) => write!(out, "{}", number.cast_unsigned()),
        (Logical::Date, Raw::Int32(days)) => {
            let span = jiff::Span::new().try_days(days).map_err(|_| out_of_time())?;
            write!(out, "{}", date(1970, 1, 1).checked_add(span).map_err(|_| out_of_time())?)
        }
        (Logical::Timestamp(units, is_moment), Raw::Int64(number)) => {
            let (seconds, part) = (number.div_euclid(units), number.rem_euclid(units));
            let nanoseconds = i32::try_from(part * (1_000_000_000 / units)).map_err(|_| out_of_time())?;
            let moment = Timestamp::new(seconds, nanoseconds).map_err(|_| out_of_time())?;
            // A clock that says nothing of where it hangs is no moment, and none is made of it.
            if is_moment { write!(out, "{moment}") } else { write!(out, "{}", Offset::UTC.to_datetime(moment)) }
        }
        (_, Raw::Int32(number)) => write!(out, "{number}"),
        (_, Raw::Int64(number)) => write!(out, "{number}"),
        (Logical::None | Logical::Text, Raw::Bytes(bytes)) if leaf.physical == Physical::Bytes => {
            out.push_str(
                from_utf8(bytes)
                    .map_err(|_| Unreadable::new("含有不是 UTF-8 的文字", "holds a text that is not UTF-8"))?,
            );
            Ok(())
        }
        (_, Raw::Bytes(_)) => return Err(Unreadable::new("含有不是文字的字节", "holds bytes that are no text")),
    };
    told.map_err(|_| cut())
}

fn out_of_time() -> Unreadable {
    Unreadable::new("含有9999年以后的日期", "holds a day beyond the year 9999")
}

/// A whole number of many bytes, the highest first.
fn big(bytes: &[u8]) -> Result<i128, Unreadable> {
    if bytes.len() > 16 {
        return Err(Unreadable::new("是超过38位的十进制数", "is a decimal of more than 38 digits"));
    }
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    Ok(bytes.iter().fold(sign, |number: i128, byte| number << 8 | i128::from(*byte)))
}

fn decimal(number: i128, scale: u32, out: &mut String) -> std::fmt::Result {
    let digits = number.unsigned_abs().to_string();
    let digits = format!("{digits:0>width$}", width = scale as usize + 1);
    let (whole, part) = digits.split_at(digits.len() - scale as usize);
    let sign = if number < 0 { "-" } else { "" };
    if part.is_empty() { write!(out, "{sign}{whole}") } else { write!(out, "{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (number, scale, text) in [
            (0, 0, "0"),
            (5, 2, "0.05"),
            (-5, 2, "-0.05"),
            (12_345, 2, "123.45"),
            (i128::MIN, 38, "-1.70141183460469231731687303715884105728"),
        ] {
            let mut out = String::new();
            decimal(number, scale, &mut out).unwrap();
            assert_eq!(out, text);
        }
        assert_eq!(big(&[0xFF, 0xFE]).unwrap(), -2);
        assert_eq!(big(&[0x01, 0x00]).unwrap(), 256);
        assert!(big(&[0; 17]).is_err());
    }
}
