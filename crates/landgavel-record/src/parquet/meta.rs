//! What a file says of itself: its columns, where their pieces lie, and the heads of pages.

use super::thrift::{Reader, STRUCT, Value};
use super::{MAGIC, Unreadable, cut};

/// Most columns of a table, and pieces of them in all groups of rows: each is held before a row is read.
const COLUMNS_MAX: usize = 1 << 12;
const PIECES_MAX: usize = 1 << 18;

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Float,
    Double,
    Bytes,
    Fixed(usize),
}

/// What values mean, where it is not what they are stored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logical {
    None,
    Text,
    /// Digits after the point.
    Decimal(u32),
    Unsigned,
    Date,
    /// Units in a second, and whether it is a moment; else a clock that hangs somewhere.
    Timestamp(i64, bool),
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) physical: Physical,
    pub(super) logical: Logical,
    pub(super) is_optional: bool,
}

/// A column's piece in a group of rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Piece {
    pub(super) codec: i64,
    pub(super) values: i64,
    pub(super) size: i64,
    pub(super) data: i64,
    pub(super) dictionary: Option<i64>,
}

/// A group of rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) rows: i64,
    pub(super) pieces: Vec<Piece>,
}

/// The whole.
#[derive(Debug, Clone)]
pub(super) struct Meta {
    pub(super) leaves: Vec<Leaf>,
    pub(super) groups: Vec<Group>,
}

#[derive(Debug, Default)]
struct Element {
    kind: Option<i64>,
    length: i64,
    repetition: i64,
    name: String,
    children: i64,
    converted: Option<i64>,
    scale: i64,
    logical: Option<(i16, i64, bool)>,
}

impl Meta {
    /// Reads the end of a file.
    pub(super) fn read(file: &[u8]) -> Result<Self, Unreadable> {
        let rest = file.strip_suffix(MAGIC).ok_or_else(cut)?;
        let (rest, length) = rest.split_last_chunk::<4>().ok_or_else(cut)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| cut())?;
        let from = rest.len().checked_sub(length).filter(|from| *from >= MAGIC.len()).ok_or_else(cut)?;
        let (mut elements, mut groups, mut pieces) = (Vec::new(), Vec::new(), 0);
        Reader::new(&rest[from..]).fields(&mut |reader, id, value| match (id, value) {
            (2, Value::List(count, STRUCT)) => {
                if count > COLUMNS_MAX {
                    return Err(Unreadable::too_large(
                        format!("一张表最多 {COLUMNS_MAX} 列"),
                        format!("a table has at most {COLUMNS_MAX} columns"),
                    ));
                }
                for _ in 0..count {
                    elements.push(element(reader)?);
                }
                Ok(true)
            }
            (4, Value::List(count, STRUCT)) => {
                for _ in 0..count {
                    let group = group(reader, PIECES_MAX - pieces)?;
                    pieces += group.pieces.len().max(1);
                    if pieces > PIECES_MAX {
                        return Err(in_pieces());
                    }
                    groups.push(group);
                }
                Ok(true)
            }
            (8, _) => Err(Unreadable::new("文件已加密", "the file is encrypted")),
            _ => Ok(false),
        })?;
        let mut elements = elements.into_iter();
        let root = elements.next().ok_or_else(cut)?;
        let leaves = elements.map(leaf).collect::<Result<Vec<_>, _>>()?;
        if usize::try_from(root.children) != Ok(leaves.len()) || leaves.is_empty() {
            return Err(cut());
        }
        if groups.iter().any(|group| group.pieces.len() != leaves.len() || group.rows < 0) {
            return Err(cut());
        }
        Ok(Self { leaves, groups })
    }
}

fn text(bytes: &[u8]) -> Result<String, Unreadable> {
    String::from_utf8(bytes.to_vec())
        .map_err(|_| Unreadable::new("列名不是 UTF-8", "the name of a column is not UTF-8"))
}

fn element(reader: &mut Reader<'_>) -> Result<Element, Unreadable> {
    let mut found = Element::default();
    reader.fields(&mut |reader, id, value| {
        match (id, value) {
            (1, Value::Number(kind)) => found.kind = Some(kind),
            (2, Value::Number(length)) => found.length = length,
            (3, Value::Number(repetition)) => found.repetition = repetition,
            (4, Value::Bytes(name)) => found.name = text(name)?,
            (5, Value::Number(children)) => found.children = children,
            (6, Value::Number(converted)) => found.converted = Some(converted),
            (7, Value::Number(scale)) => found.scale = scale,
            (10, Value::Struct) => {
                found.logical = logical(reader)?;
                return Ok(true);
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(found)
}

/// Which of the meanings it is, with its number (digits after the point, units of time) and whether it is signed, or a moment.
fn logical(reader: &mut Reader<'_>) -> Result<Option<(i16, i64, bool)>, Unreadable> {
    let mut found = None;
    reader.fields(&mut |reader, kind, value| {
        let Value::Struct = value else { return Ok(false) };
        let (mut number, mut is_signed) = (0, true);
        reader.fields(&mut |reader, id, value| {
            match (kind, id, value) {
                (5, 1, Value::Number(scale)) => number = scale,
                (8, 1, Value::Truth(is_moment)) => is_signed = is_moment,
                (10, 2, Value::Truth(signed)) => is_signed = signed,
                (8, 2, Value::Struct) => {
                    reader.fields(&mut |_, unit, _| {
                        number = i64::from(unit);
                        Ok(false)
                    })?;
                    return Ok(true);
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        found = Some((kind, number, is_signed));
        Ok(true)
    })?;
    Ok(found)
}

fn leaf(element: Element) -> Result<Leaf, Unreadable> {
    let fail = |zh: &str, en: &str| Unreadable::new(zh, en).in_column(&element.name);
    if element.children > 0 || element.repetition == 2 {
        return Err(fail(
            "含有列表或分组；表的每格只有一个值",
            "holds lists or groups; a table has one value in each cell",
        ));
    }
    let physical = match element.kind {
        Some(0) => Physical::Boolean,
        Some(1) => Physical::Int32,
        Some(2) => Physical::Int64,
        Some(3) => return Err(fail("含有旧式时间（INT96）", "holds timestamps of the old kind (INT96)")),
        Some(4) => Physical::Float,
        Some(5) => Physical::Double,
        Some(6) => Physical::Bytes,
        Some(7) => {
            Physical::Fixed(usize::try_from(element.length).ok().filter(|l| (1..=64).contains(l)).ok_or_else(cut)?)
        }
        _ => return Err(cut()),
    };
    let decimal = |scale: i64| {
        let scale = u32::try_from(scale).ok().filter(|scale| *scale <= 38);
        scale.map(Logical::Decimal).ok_or_else(|| fail("是超过38位的十进制数", "is a decimal of more than 38 digits"))
    };
    let logical = match (element.logical, element.converted) {
        (Some((1 | 4, ..)), _) | (None, Some(0 | 4)) => Logical::Text,
        (Some((5, scale, _)), _) => decimal(scale)?,
        (None, Some(5)) => decimal(element.scale)?,
        (Some((6, ..)), _) | (None, Some(6)) => Logical::Date,
        (Some((8, unit @ 1..=3, is_moment)), _) => {
            Logical::Timestamp([1_000, 1_000_000, 1_000_000_000][unit as usize - 1], is_moment)
        }
        (None, Some(9)) => Logical::Timestamp(1_000, true),
        (None, Some(10)) => Logical::Timestamp(1_000_000, true),
        (Some((10, _, is_signed)), _) => {
            if is_signed {
                Logical::None
            } else {
                Logical::Unsigned
            }
        }
        (None, Some(11..=14)) => Logical::Unsigned,
        (None, None | Some(15..=18)) | (Some((11, ..)), _) => Logical::None,
        (Some((7, ..)), _) | (None, Some(7 | 8)) => return Err(fail("含有一日之内的时刻", "holds times of day")),
        _ => return Err(fail("含有既非数也非文字的值", "holds neither figures nor texts")),
    };
    Ok(Leaf { name: element.name, physical, logical, is_optional: element.repetition == 1 })
}

fn in_pieces() -> Unreadable {
    Unreadable::too_large(
        format!("各列被切成 {PIECES_MAX} 段以上；请以更大的行组另存"),
        format!("its columns are cut into more than {PIECES_MAX} pieces; save it with larger groups of rows"),
    )
}

/// A group of rows, of at most so many pieces.
fn group(reader: &mut Reader<'_>, most: usize) -> Result<Group, Unreadable> {
    let mut found = Group::default();
    reader.fields(&mut |reader, id, value| {
        match (id, value) {
            (1, Value::List(count, STRUCT)) => {
                if found.pieces.len() + count > most {
                    return Err(in_pieces());
                }
                for _ in 0..count {
                    found.pieces.push(piece(reader)?);
                }
            }
            (3, Value::Number(rows)) => found.rows = rows,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(found)
}

fn piece(reader: &mut Reader<'_>) -> Result<Piece, Unreadable> {
    let mut found = None;
    reader.fields(&mut |reader, id, value| match (id, value) {
        (1, _) => Err(Unreadable::new("各列存放在别的文件里", "its columns lie in other files")),
        (3, Value::Struct) => {
            let mut piece = Piece::default();
            reader.fields(&mut |_, id, value| {
                match (id, value) {
                    (4, Value::Number(codec)) => piece.codec = codec,
                    (5, Value::Number(values)) => piece.values = values,
                    (7, Value::Number(size)) => piece.size = size,
                    (9, Value::Number(data)) => piece.data = data,
                    (11, Value::Number(dictionary)) => piece.dictionary = Some(dictionary).filter(|at| *at > 0),
                    _ => {}
                }
                Ok(false)
            })?;
            found = Some(piece);
            Ok(true)
        }
        _ => Ok(false),
    })?;
    found.ok_or_else(cut)
}

/// The head of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// 0 data, 1 index, 2 dictionary, 3 data of the second version.
    pub(super) kind: i64,
    pub(super) unpacked: i64,
    pub(super) packed: i64,
    pub(super) values: i64,
    pub(super) encoding: i64,
    /// Encoding of what is missing; in the second version always runs.
    pub(super) missing: i64,
    /// Second version: bytes of what is missing, and of repetitions, which lie before the values and are never packed.
    pub(super) levels: (i64, i64),
    pub(super) is_packed: bool,
}

impl Page {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        let mut page = Self { missing: 3, is_packed: true, ..Self::default() };
        reader.fields(&mut |reader, id, value| {
            match (id, value) {
                (1, Value::Number(kind)) => page.kind = kind,
                (2, Value::Number(size)) => page.unpacked = size,
                (3, Value::Number(size)) => page.packed = size,
                (part @ (5 | 7 | 8), Value::Struct) => reader.fields(&mut |_, id, value| {
                    match (part, id, value) {
                        (_, 1, Value::Number(values)) => page.values = values,
                        (5 | 7, 2, Value::Number(encoding)) | (8, 4, Value::Number(encoding)) => {
                            page.encoding = encoding
                        }
                        (5, 3, Value::Number(missing)) => page.missing = missing,
                        (8, 5, Value::Number(bytes)) => page.levels.0 = bytes,
                        (8, 6, Value::Number(bytes)) => page.levels.1 = bytes,
                        (8, 7, Value::Truth(is_packed)) => page.is_packed = is_packed,
                        _ => {}
                    }
                    Ok(false)
                })?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(page)
    }
}
