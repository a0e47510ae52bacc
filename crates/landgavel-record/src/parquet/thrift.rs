//! Thrift's compact protocol, as far as Parquet's headers need it. Nothing is allocated by what a header claims.

use super::{Unreadable, cut};

/// Types of fields.
pub(super) const TRUE: u8 = 1;
pub(super) const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
pub(super) const I32: u8 = 5;
pub(super) const I64: u8 = 6;
const DOUBLE: u8 = 7;
pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;

/// How deep structures lie in each other at most; Parquet's own lie five deep.
const DEPTH: u32 = 24;

/// Reads from the front of bytes.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A value of a field that is looked at.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Truth(bool),
    Number(i64),
    Bytes(&'a [u8]),
    /// Begins here: so many elements of a type.
    List(usize, u8),
    /// Begins here.
    Struct,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        let byte = *self.bytes.get(self.at).ok_or_else(cut)?;
        self.at += 1;
        Ok(byte)
    }

    /// A number of variable length.
    pub(super) fn varint(&mut self) -> Result<u64, Unreadable> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7F);
            if shift == 63 && part > 1 {
                return Err(cut());
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(cut())
    }

    fn zigzag(&mut self) -> Result<i64, Unreadable> {
        let number = self.varint()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Unreadable> {
        let count = usize::try_from(count).map_err(|_| cut())?;
        let end = self.at.checked_add(count).ok_or_else(cut)?;
        let taken = self.bytes.get(self.at..end).ok_or_else(cut)?;
        self.at = end;
        Ok(taken)
    }

    /// The fields of a structure: `each` reads or leaves a value; what it leaves is passed over. A list or structure that it takes up it
    /// must read to its end, and say so.
    pub(super) fn fields(
        &mut self,
        each: &mut dyn FnMut(&mut Self, i16, Value<'a>) -> Result<bool, Unreadable>,
    ) -> Result<(), Unreadable> {
        let mut id = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            let (step, kind) = (head >> 4, head & 0xF);
            id = match step {
                0 => i16::try_from(self.zigzag()?).map_err(|_| cut())?,
                step => id.checked_add(i16::from(step)).ok_or_else(cut)?,
            };
            match kind {
                TRUE | FALSE => drop(each(self, id, Value::Truth(kind == TRUE))?),
                BYTE => {
                    let byte = self.byte()?.cast_signed();
                    each(self, id, Value::Number(i64::from(byte)))?;
                }
                I16 | I32 | I64 => {
                    let number = self.zigzag()?;
                    each(self, id, Value::Number(number))?;
                }
                BINARY => {
                    let length = self.varint()?;
                    let bytes = self.take(length)?;
                    each(self, id, Value::Bytes(bytes))?;
                }
                LIST => {
                    let before = self.clone();
                    let (count, of) = self.list()?;
                    if !each(self, id, Value::List(count, of))? {
                        *self = before;
                        self.skip(kind, 0)?;
                    }
                }
                STRUCT => {
                    let before = self.clone();
                    if !each(self, id, Value::Struct)? {
                        *self = before;
                        self.skip(kind, 0)?;
                    }
                }
                other => self.skip(other, 0)?,
            }
        }
    }

    /// The head of a list. Each element takes a byte at least, so none is longer than what is left.
    fn list(&mut self) -> Result<(usize, u8), Unreadable> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => usize::try_from(self.varint()?).map_err(|_| cut())?,
            count => usize::from(count),
        };
        if count > self.bytes.len() - self.at {
            return Err(cut());
        }
        Ok((count, head & 0xF))
    }

    /// The bytes of an element of a list of binaries.
    pub(super) fn binary(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = self.varint()?;
        self.take(length)
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Result<(), Unreadable> {
        if depth > DEPTH {
            return Err(cut());
        }
        match kind {
            TRUE | FALSE => {}
            BYTE => drop(self.byte()?),
            I16 | I32 | I64 => drop(self.varint()?),
            DOUBLE => drop(self.take(8)?),
            BINARY => drop(self.binary()?),
            LIST | SET => {
                let (count, of) = self.list()?;
                for _ in 0..count {
                    self.skip_element(of, depth + 1)?;
                }
            }
            MAP => {
                let count = self.varint()?;
                if count > 0 {
                    let kinds = self.byte()?;
                    for _ in 0..count {
                        self.skip_element(kinds >> 4, depth + 1)?;
                        self.skip_element(kinds & 0xF, depth + 1)?;
                    }
                }
            }
            STRUCT => loop {
                let head = self.byte()?;
                if head == 0 {
                    break;
                }
                if head >> 4 == 0 {
                    self.zigzag()?;
                }
                self.skip(head & 0xF, depth + 1)?;
            },
            _ => return Err(cut()),
        }
        Ok(())
    }

    /// In lists and maps a truth takes a byte.
    fn skip_element(&mut self, kind: u8, depth: u32) -> Result<(), Unreadable> {
        if matches!(kind, TRUE | FALSE) { self.byte().map(drop) } else { self.skip(kind, depth) }
    }
}

/// Writes structures.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    last: Vec<i16>,
}

impl Writer {
    pub(super) fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7F) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn zigzag(&mut self, number: i64) {
        self.varint(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    /// Begins a structure; `structure` may be an element of a list.
    pub(super) fn begin(&mut self) {
        self.last.push(0);
    }

    pub(super) fn end(&mut self) {
        self.last.pop();
        self.bytes.push(0);
    }

    /// The head of a field. Fields come in rising order, less than 16 apart.
    pub(super) fn field(&mut self, id: i16, kind: u8) {
        let last = self.last.last_mut();
        let step = last.map_or(id, |last| id - std::mem::replace(last, id));
        self.bytes.push((step as u8) << 4 | kind);
    }

    pub(super) fn number(&mut self, id: i16, kind: u8, number: i64) {
        self.field(id, kind);
        self.zigzag(number);
    }

    pub(super) fn binary(&mut self, id: i16, bytes: &[u8]) {
        self.field(id, BINARY);
        self.element(bytes);
    }

    /// A binary as an element of a list.
    pub(super) fn element(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// A number as an element of a list.
    pub(super) fn plain_number(&mut self, number: i64) {
        self.zigzag(number);
    }

    pub(super) fn list(&mut self, id: i16, count: usize, of: u8) {
        self.field(id, LIST);
        if count < 15 {
            self.bytes.push((count as u8) << 4 | of);
        } else {
            self.bytes.push(0xF0 | of);
            self.varint(count as u64);
        }
    }
}
