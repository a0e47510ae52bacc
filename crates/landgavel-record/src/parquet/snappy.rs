//! Snappy without its frames, as pages are packed by it.

use super::thrift::Reader;
use super::{Unreadable, cut};

/// Unpacks; the result has exactly `length` bytes, of which none is held before it is there.
pub(super) fn unpack(packed: &[u8], length: usize) -> Result<Vec<u8>, Unreadable> {
    let mut head = Reader::new(packed);
    if usize::try_from(head.varint()?) != Ok(length) {
        return Err(cut());
    }
    let mut rest = &packed[head.at()..];
    let mut out = Vec::with_capacity(length.min(packed.len().saturating_mul(2)));
    while let Some((&tag, after)) = rest.split_first() {
        let number = |bytes: usize| -> Result<usize, Unreadable> {
            let bytes = after.get(..bytes).ok_or_else(cut)?;
            Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
        };
        let high = usize::from(tag >> 2);
        let (count, distance, used) = match tag & 3 {
            0 if high < 60 => (high + 1, None, 0),
            0 => (number(high - 59)? + 1, None, high - 59),
            1 => ((high & 7) + 4, Some(usize::from(tag >> 5) << 8 | number(1)?), 1),
            2 => (high + 1, Some(number(2)?), 2),
            _ => (high + 1, Some(number(4)?), 4),
        };
        rest = after.get(used..).ok_or_else(cut)?;
        if count > length - out.len() {
            return Err(cut());
        }
        match distance {
            None => {
                out.extend_from_slice(rest.get(..count).ok_or_else(cut)?);
                rest = &rest[count..];
            }
            Some(distance) => {
                let from = out.len().checked_sub(distance).filter(|_| distance > 0).ok_or_else(cut)?;
                if distance >= count {
                    out.extend_from_within(from..from + count);
                } else {
                    // What is copied overlaps what it makes.
                    for at in from..from + count {
                        out.push(out[at]);
                    }
                }
            }
        }
    }
    if out.len() == length { Ok(out) } else { Err(cut()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_copies_are_unpacked() {
        // "abcd", then six bytes from four back, overlapping; a copy of the long form; a literal with its length apart.
        assert_eq!(unpack(b"\x0a\x0cabcd\x09\x04", 10).unwrap(), b"abcdabcdab");
        assert_eq!(unpack(b"\x08\x04ab\x16\x02\x00", 8).unwrap(), b"abababab");
        let long = [&b"\x40\xf0\x3f"[..], &[b'x'; 64]].concat();
        assert_eq!(unpack(&long, 64).unwrap(), [b'x'; 64]);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        for bad in [
            &b""[..],
            b"\x05\x0cabcd",
            b"\x03\x0cabcd",
            b"\x08\x04ab\x16\x03\x00",
            b"\x08\x04ab\x16\x00\x00",
            b"\x04\x0cab",
        ] {
            assert!(unpack(bad, bad.first().map_or(0, |length| usize::from(*length))).is_err(), "{bad:?}");
        }
        assert!(unpack(b"\xff\xff\xff\xff\x0f\x00a", 10).is_err(), "another length than the page's");
    }
}
