//! Flat tables out: one group of rows, one page for each column, plain and unpacked.

use super::MAGIC;
use super::thrift::{BINARY, I32, I64, STRUCT, Writer};

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Whole numbers.
    Integers(Vec<i64>),
    /// Binary floating point; `None` = not known.
    Doubles(Vec<Option<f64>>),
    /// Texts.
    Texts(Vec<String>),
}

impl Column {
    fn rows(&self) -> usize {
        match self {
            Self::Integers(values) => values.len(),
            Self::Doubles(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// Type, as the format counts them.
    fn physical(&self) -> i64 {
        match self {
            Self::Integers(_) => 2,
            Self::Doubles(_) => 5,
            Self::Texts(_) => 6,
        }
    }

    /// What the page holds.
    fn page(&self) -> Vec<u8> {
        let mut page = Vec::new();
        match self {
            Self::Integers(values) => values.iter().for_each(|value| page.extend(value.to_le_bytes())),
            Self::Doubles(values) => {
                let missing = missing(values);
                page.extend(u32::try_from(missing.len()).unwrap_or(u32::MAX).to_le_bytes());
                page.extend(missing);
                values.iter().flatten().for_each(|value| page.extend(value.to_le_bytes()));
            }
            Self::Texts(values) => {
                for value in values {
                    page.extend(u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
                    page.extend(value.as_bytes());
                }
            }
        }
        page
    }
}

/// Which values are there, as one run of packed bits.
fn missing(values: &[Option<f64>]) -> Vec<u8> {
    let groups = values.len().div_ceil(8);
    let mut writer = Writer::default();
    writer.varint((groups as u64) << 1 | 1);
    let mut bits = vec![0u8; groups];
    for (place, value) in values.iter().enumerate() {
        bits[place / 8] |= u8::from(value.is_some()) << (place % 8);
    }
    writer.bytes.extend(bits);
    writer.bytes
}

/// Writes columns of equal length; shorter ones cut the others off.
pub fn write(columns: &[(&str, Column)]) -> Vec<u8> {
    let rows = columns.iter().map(|(_, column)| column.rows()).min().unwrap_or(0);
    let mut file = MAGIC.to_vec();
    let mut pieces = Vec::new();
    for (_, column) in columns {
        let (at, page) = (file.len(), column.page());
        let size = i64::try_from(page.len()).unwrap_or(i64::MAX);
        let mut head = Writer::default();
        head.begin();
        head.number(1, I32, 0);
        head.number(2, I32, size);
        head.number(3, I32, size);
        head.field(5, STRUCT);
        head.begin();
        head.number(1, I32, rows as i64);
        head.number(2, I32, 0);
        head.number(3, I32, 3);
        head.number(4, I32, 3);
        head.end();
        head.end();
        file.extend(&head.bytes);
        file.extend(&page);
        pieces.push((at as i64, (file.len() - at) as i64));
    }
    let meta = meta(columns, rows, &pieces);
    let length = u32::try_from(meta.len()).unwrap_or(u32::MAX);
    file.extend(meta);
    file.extend(length.to_le_bytes());
    file.extend(MAGIC);
    file
}

fn meta(columns: &[(&str, Column)], rows: usize, pieces: &[(i64, i64)]) -> Vec<u8> {
    let mut meta = Writer::default();
    meta.begin();
    meta.number(1, I32, 1);
    meta.list(2, columns.len() + 1, STRUCT);
    meta.begin();
    meta.binary(4, b"table");
    meta.number(5, I32, columns.len() as i64);
    meta.end();
    for (name, column) in columns {
        meta.begin();
        meta.number(1, I32, column.physical());
        // Required, or optional.
        meta.number(3, I32, i64::from(matches!(column, Column::Doubles(_))));
        meta.binary(4, name.as_bytes());
        if matches!(column, Column::Texts(_)) {
            // UTF-8, in the old words and the new.
            meta.number(6, I32, 0);
            meta.field(10, STRUCT);
            meta.begin();
            meta.field(1, STRUCT);
            meta.begin();
            meta.end();
            meta.end();
        }
        meta.end();
    }
    meta.number(3, I64, rows as i64);
    meta.list(4, 1, STRUCT);
    meta.begin();
    meta.list(1, columns.len(), STRUCT);
    for ((name, column), &(at, size)) in columns.iter().zip(pieces) {
        meta.begin();
        meta.number(2, I64, at);
        meta.field(3, STRUCT);
        meta.begin();
        meta.number(1, I32, column.physical());
        meta.list(2, 2, I32);
        meta.plain_number(0);
        meta.plain_number(3);
        meta.list(3, 1, BINARY);
        meta.element(name.as_bytes());
        meta.number(4, I32, 0);
        meta.number(5, I64, rows as i64);
        meta.number(6, I64, size);
        meta.number(7, I64, size);
        meta.number(9, I64, at);
        meta.end();
        meta.end();
    }
    meta.number(2, I64, pieces.iter().map(|(_, size)| size).sum());
    meta.number(3, I64, rows as i64);
    meta.end();
    meta.binary(6, b"landgavel");
    meta.end();
    meta.bytes
}
