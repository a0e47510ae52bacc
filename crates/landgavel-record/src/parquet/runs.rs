//! Runs and packed bits: how places in a dictionary, and what is missing, are stored.

use super::thrift::Reader;
use super::{Unreadable, cut};

/// Small numbers of a fixed width in bits.
pub(super) struct Runs<'a> {
    bytes: &'a [u8],
    width: u32,
    left: u64,
    /// The number that is repeated, or none where the run is packed bits.
    repeated: Option<u32>,
    packed: &'a [u8],
    bit: usize,
}

impl<'a> Runs<'a> {
    pub(super) fn new(bytes: &'a [u8], width: u32) -> Result<Self, Unreadable> {
        if width > 32 {
            return Err(cut());
        }
        Ok(Self { bytes, width, left: 0, repeated: None, packed: &[], bit: 0 })
    }

    pub(super) fn next(&mut self) -> Result<u32, Unreadable> {
        while self.left == 0 {
            self.begin()?;
        }
        self.left -= 1;
        if let Some(number) = self.repeated {
            return Ok(number);
        }
        let mut number = 0u64;
        let (first, shift) = (self.bit / 8, self.bit % 8);
        for (place, byte) in self.packed[first..].iter().take(5).enumerate() {
            number |= u64::from(*byte) << (8 * place);
        }
        self.bit += self.width as usize;
        let mask = (1u64 << self.width) - 1;
        u32::try_from(number >> shift & mask).map_err(|_| cut())
    }

    fn begin(&mut self) -> Result<(), Unreadable> {
        let mut head = Reader::new(self.bytes);
        let run = head.varint()?;
        self.bytes = &self.bytes[head.at()..];
        let (count, width) = (run >> 1, self.width as usize);
        if run & 1 == 1 {
            // Groups of eight; the last may be cut off where its numbers are not needed.
            let bytes = usize::try_from(count).ok().and_then(|count| count.checked_mul(width)).ok_or_else(cut)?;
            let (packed, rest) = self.bytes.split_at(bytes.min(self.bytes.len()));
            (self.packed, self.bytes, self.bit, self.repeated) = (packed, rest, 0, None);
            let there = if width == 0 { count.saturating_mul(8) } else { packed.len() as u64 * 8 / width as u64 };
            self.left = count.saturating_mul(8).min(there);
        } else {
            let bytes = self.bytes.get(..width.div_ceil(8)).ok_or_else(cut)?;
            self.bytes = &self.bytes[bytes.len()..];
            let number = bytes.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
            self.repeated = Some(u32::try_from(number).map_err(|_| cut())?);
            self.left = count;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_bits_are_read() {
        // Four sevens; then 0 to 7 in three bits each, as the format's own example has them.
        let mut runs = Runs::new(&[0x08, 0x07, 0x03, 0x88, 0xC6, 0xFA], 3).unwrap();
        let read: Vec<u32> = (0..12).map(|_| runs.next().unwrap()).collect();
        assert_eq!(read, [7, 7, 7, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(runs.next().is_err());
        assert!(Runs::new(&[], 33).is_err() && Runs::new(&[0x00, 0x00], 1).unwrap().next().is_err());
    }
}
