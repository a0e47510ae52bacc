//! A file as CSV, column by column within each group of rows, every step within its limit.

use std::io::Read as _;

use super::meta::{Leaf, Meta, Page, Physical, Piece};
use super::runs::Runs;
use super::text::{Plain, Raw, push};
use super::thrift::Reader;
use super::{Limits, MAGIC, Unreadable, cut, snappy};

/// A table that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// As CSV, with a line of heads.
    pub csv: Vec<u8>,
    /// Columns of binary floating point, whose numbers are the shortest decimals that give the same float.
    pub floats: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// The column that cannot be read and why, or that the file is damaged or beyond a limit.
pub fn to_csv(file: &[u8], limits: Limits) -> Result<Table, Unreadable> {
    if file.len() > limits.file {
        return Err(Unreadable::too_large("文件太大", "the file is too large"));
    }
    if !file.starts_with(MAGIC) {
        return Err(cut());
    }
    let meta = Meta::read(file)?;
    let heads = meta.leaves.iter().map(|leaf| leaf.name.as_str());
    let mut csv = csv::WriterBuilder::new().from_writer(Vec::new());
    csv.write_record(heads).map_err(|_| cut())?;
    let mut left = Left { limits, cells: limits.cells, bytes: 0, work: limits.work };
    for group in &meta.groups {
        left.bytes = limits.table;
        let rows = usize::try_from(group.rows).map_err(|_| cut())?;
        let mut columns = Vec::new();
        for (leaf, piece) in meta.leaves.iter().zip(&group.pieces) {
            if piece.values != group.rows {
                return Err(cut().in_column(&leaf.name));
            }
            columns.push(column(file, leaf, piece, rows, &mut left).map_err(|bad| bad.in_column(&leaf.name))?);
        }
        for row in 0..rows {
            csv.write_record(columns.iter().map(|column| column.get(row))).map_err(|_| cut())?;
            if csv.get_ref().len() > limits.table {
                return Err(Unreadable::too_large("表太大", "the table is too large"));
            }
        }
    }
    let is_float = |leaf: &&Leaf| matches!(leaf.physical, Physical::Float | Physical::Double);
    let floats = meta.leaves.iter().filter(is_float).map(|leaf| leaf.name.clone()).collect();
    Ok(Table { csv: csv.into_inner().map_err(|_| cut())?, floats })
}

/// What may still be held.
struct Left {
    limits: Limits,
    cells: usize,
    bytes: usize,
    work: usize,
}

/// What a page costs beside its bytes.
const PAGE_WORK: usize = 64;

impl Left {
    /// Pages may lie over each other, and be read for nothing: all of them together are limited.
    fn works(&mut self, bytes: [usize; 3]) -> Result<(), Unreadable> {
        let all = bytes.into_iter().try_fold(PAGE_WORK, usize::checked_add);
        let left = all.and_then(|all| self.work.checked_sub(all));
        self.work = left.ok_or_else(|| Unreadable::too_large("各页合起来太大", "its pages are too large together"))?;
        Ok(())
    }
}

/// The cells of a column, one text after the other.
#[derive(Default)]
struct Cells {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    fn get(&self, place: usize) -> &str {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let from = place.checked_sub(1).map_or(0, end);
        self.text.get(from..end(place)).unwrap_or_default()
    }

    /// Ends a cell whose text was appended.
    fn end(&mut self, left: &mut Left) -> Result<(), Unreadable> {
        let before = self.ends.last().copied().unwrap_or(0);
        let end =
            u32::try_from(self.text.len()).map_err(|_| Unreadable::too_large("表太大", "the table is too large"))?;
        let too_large = || Unreadable::too_large("表太大", "the table is too large");
        left.cells = left.cells.checked_sub(1).ok_or_else(too_large)?;
        left.bytes = left.bytes.checked_sub((end - before) as usize).ok_or_else(too_large)?;
        self.ends.push(end);
        Ok(())
    }
}

fn column(file: &[u8], leaf: &Leaf, piece: &Piece, rows: usize, left: &mut Left) -> Result<Cells, Unreadable> {
    let from = piece.dictionary.map_or(piece.data, |dictionary| dictionary.min(piece.data));
    let (from, size) = (usize::try_from(from).map_err(|_| cut())?, usize::try_from(piece.size).map_err(|_| cut())?);
    let mut rest = from.checked_add(size).and_then(|end| file.get(from..end)).ok_or_else(cut)?;
    let (mut cells, mut dictionary) = (Cells::default(), None);
    while cells.ends.len() < rows {
        let mut head = Reader::new(rest);
        let page = Page::read(&mut head)?;
        let packed = usize::try_from(page.packed).map_err(|_| cut())?;
        let end = head.at().checked_add(packed).ok_or_else(cut)?;
        let body = rest.get(head.at()..end).ok_or_else(cut)?;
        rest = &rest[end..];
        left.works([head.at(), packed, usize::try_from(page.unpacked).map_err(|_| cut())?])?;
        match page.kind {
            0 | 3 => data(leaf, piece.codec, &page, body, dictionary.as_ref(), rows, &mut cells, left)?,
            2 if dictionary.is_none() && matches!(page.encoding, 0 | 2) => {
                let body = unpack(piece.codec, body, page.unpacked, left.limits.page)?;
                let mut values = Plain::new(&body, leaf.physical);
                let mut known = Cells::default();
                for _ in 0..page.values {
                    push(leaf, values.next()?, &mut known.text)?;
                    known.end(left)?;
                }
                dictionary = Some(known);
            }
            1 => {}
            _ => return Err(cut()),
        }
    }
    Ok(cells)
}

#[expect(clippy::too_many_arguments, reason = "a page stands in a column, in a file, within limits")]
fn data(
    leaf: &Leaf,
    codec: i64,
    page: &Page,
    body: &[u8],
    dictionary: Option<&Cells>,
    rows: usize,
    cells: &mut Cells,
    left: &mut Left,
) -> Result<(), Unreadable> {
    let count = usize::try_from(page.values).ok().filter(|count| *count <= rows - cells.ends.len()).ok_or_else(cut)?;
    let unpacked;
    // What is missing, and the values, which end the page.
    let (missing, values) = if page.kind == 3 {
        let levels = usize::try_from(page.levels.0).ok().filter(|_| page.levels.1 == 0).ok_or_else(cut)?;
        let (missing, values) = body.split_at_checked(levels).ok_or_else(cut)?;
        let length = page.unpacked.checked_sub(page.levels.0).ok_or_else(cut)?;
        unpacked = unpack(if page.is_packed { codec } else { 0 }, values, length, left.limits.page)?;
        (leaf.is_optional.then_some(missing), unpacked.as_slice())
    } else {
        unpacked = unpack(codec, body, page.unpacked, left.limits.page)?;
        if leaf.is_optional {
            if page.missing != 3 {
                return Err(refused(page.missing));
            }
            let (length, rest) = unpacked.split_first_chunk::<4>().ok_or_else(cut)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| cut())?;
            let (missing, values) = rest.split_at_checked(length).ok_or_else(cut)?;
            (Some(missing), values)
        } else {
            (None, unpacked.as_slice())
        }
    };
    let mut missing = missing.map(|missing| Runs::new(missing, 1)).transpose()?;
    let mut values = Values::new(leaf, page.encoding, values, dictionary)?;
    for _ in 0..count {
        match missing.as_mut().map_or(Ok(1), Runs::next)? {
            0 => {}
            1 => values.push(leaf, &mut cells.text)?,
            _ => return Err(cut()),
        }
        cells.end(left)?;
    }
    Ok(())
}

/// The values of a page.
enum Values<'a> {
    Plain(Plain<'a>),
    Truths(Runs<'a>),
    Places(Runs<'a>, &'a Cells),
    /// None is there.
    Nothing,
}

impl<'a> Values<'a> {
    fn new(leaf: &Leaf, encoding: i64, bytes: &'a [u8], dictionary: Option<&'a Cells>) -> Result<Self, Unreadable> {
        Ok(match encoding {
            0 => Self::Plain(Plain::new(bytes, leaf.physical)),
            2 | 8 => match bytes.split_first() {
                Some((width, runs)) => Self::Places(Runs::new(runs, u32::from(*width))?, dictionary.ok_or_else(cut)?),
                None => Self::Nothing,
            },
            3 if leaf.physical == Physical::Boolean => Self::Truths(Runs::new(bytes.get(4..).ok_or_else(cut)?, 1)?),
            other => return Err(refused(other)),
        })
    }

    fn push(&mut self, leaf: &Leaf, out: &mut String) -> Result<(), Unreadable> {
        match self {
            Self::Plain(plain) => push(leaf, plain.next()?, out),
            Self::Truths(runs) => push(leaf, Raw::Truth(runs.next()? == 1), out),
            Self::Places(runs, known) => {
                let place = usize::try_from(runs.next()?).ok().filter(|place| *place < known.ends.len());
                out.push_str(known.get(place.ok_or_else(cut)?));
                Ok(())
            }
            Self::Nothing => Err(cut()),
        }
    }
}

fn refused(encoding: i64) -> Unreadable {
    let name = match encoding {
        4 => "BIT_PACKED",
        5 => "DELTA_BINARY_PACKED",
        6 => "DELTA_LENGTH_BYTE_ARRAY",
        7 => "DELTA_BYTE_ARRAY",
        9 => "BYTE_STREAM_SPLIT",
        _ => return cut(),
    };
    Unreadable::new(
        format!("以 {name} 编码；请以 plain 或字典编码另存"),
        format!("is stored as {name}; save it with plain or dictionary encoding"),
    )
}

/// Unpacks a page, to exactly the length that it claims, and never to more than a limit.
fn unpack(codec: i64, packed: &[u8], length: i64, most: usize) -> Result<Vec<u8>, Unreadable> {
    let length = usize::try_from(length).map_err(|_| cut())?;
    if length > most {
        return Err(Unreadable::too_large("一页太大", "a page is too large"));
    }
    let name = match codec {
        // What is nothing is packed as nothing by some.
        0..=7 if length == 0 && packed.is_empty() => return Ok(Vec::new()),
        0 if packed.len() == length => return Ok(packed.to_vec()),
        1 => return snappy::unpack(packed, length),
        2 => {
            let mut out = Vec::new();
            let limit = length as u64 + 1;
            flate2::read::MultiGzDecoder::new(packed).take(limit).read_to_end(&mut out).map_err(|_| cut())?;
            return if out.len() == length { Ok(out) } else { Err(cut()) };
        }
        3 => "LZO",
        4 => "Brotli",
        5 | 7 => "LZ4",
        6 => "Zstandard",
        _ => return Err(cut()),
    };
    Err(Unreadable::new(
        format!("以 {name} 压缩；请以 Snappy、gzip 或不压缩另存"),
        format!("is packed with {name}; save it with Snappy, gzip or unpacked"),
    ))
}
