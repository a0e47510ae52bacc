//! Bytes to a tree of values that know where they stand.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Code, Place, Problem, Sink};

/// Largest file read: a hundred times the longest rulebook known, and small enough to read on a phone.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// A TOML date, time, or both.
#[derive(Debug, Clone)]
pub(crate) struct Timestamp {
    /// As written.
    pub(crate) text: String,
    pub(crate) date: Option<(u16, u8, u8)>,
    pub(crate) millis_of_day: Option<u32>,
    /// Such as `+08:00` or `Z`.
    pub(crate) offset: Option<String>,
}

/// A value of a file.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    /// A number as it was written, in decimal digits.
    Number(String),
    YesNo(bool),
    Time(Timestamp),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

impl Value {
    pub(crate) fn kind_words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Text(_) => ("a text", "文本"),
            Self::Number(_) => ("a number", "数字"),
            Self::YesNo(_) => ("true or false", "真假值"),
            Self::Time(_) => ("a date or time", "日期时间"),
            Self::List(_) => ("a list", "列表"),
            Self::Table(_) => ("a table", "表"),
        }
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
    /// Dotted path; entries of lists by their id, or by their index from 0.
    pub(crate) path: String,
    /// False for a default that the file leaves out.
    pub(crate) written: bool,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Node {
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            Value::Text(_) | Value::Number(_) | Value::YesNo(_) | Value::Time(_) | Value::List(_) => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Text(_) | Value::Number(_) | Value::YesNo(_) | Value::Time(_) | Value::Table(_) => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::YesNo(_) | Value::Time(_) | Value::List(_) | Value::Table(_) => None,
        }
    }

    /// A text, or a number as written: what amounts are read from.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::YesNo(_) | Value::Time(_) | Value::List(_) | Value::Table(_) => None,
        }
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.value, Value::Table(_))
    }

    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    pub(crate) fn yes(&self, key: &str) -> bool {
        matches!(self.get(key).map(|node| &node.value), Some(Value::YesNo(true)))
    }

    /// Path of a key below this node.
    pub(crate) fn path_to(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// Reads bytes into a tree. What is wrong goes to the sink; what can be saved is kept, so that the
/// rest of the file is checked too. `None` when nothing can be read at all.
pub(crate) fn read(bytes: &[u8], sink: &mut Sink) -> Option<Node> {
    let start = Place { line: 1, column: 1 };
    if bytes.len() > FILE_BYTES_MAX {
        let detail = format!("{} bytes", bytes.len());
        sink.report(start, "", Problem::of(Code::TooLarge, detail).expected(format!("at most {FILE_BYTES_MAX} bytes")));
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let offset = error.valid_up_to();
            let before = &bytes[..offset];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |index| index + 1);
            let column = 1 + core::str::from_utf8(&before[line_start..]).map_or(0, |line| line.chars().count());
            let place = Place { line: count(line), column: count(column) };
            let en = format!(
                "The file is not UTF-8: byte {offset}, on line {line}, is 0x{:02x}. Save it as UTF-8.",
                bytes[offset]
            );
            let zh =
                format!("文件不是 UTF-8：第 {line} 行、第 {offset} 字节为 0x{:02x}。请另存为 UTF-8。", bytes[offset]);
            sink.report(place, "", Problem::new(Code::NotUtf8, en, zh).expected("UTF-8"));
            return None;
        }
    };
    let lines = Lines::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let place = error.span().map_or(start, |span| lines.place(span.start));
        sink.report(place, "", Problem::of(Code::Syntax, error.message()));
    }
    let node =
        Node { place: start, value: table_value(table.get_ref(), &lines, ""), path: String::new(), written: true };
    Some(node)
}

/// Reads a default, written in TOML in the shape tables.
pub(crate) fn read_default(text: &'static str, place: Place, path: &str) -> Node {
    let (value, errors) = DeValue::parse_recoverable(text);
    debug_assert!(errors.is_empty(), "default {text} is TOML");
    let mut node = convert(&value, &Lines::new(text), path);
    stamp(&mut node, place);
    node
}

/// Gives a default the place of the table that lacks it.
fn stamp(node: &mut Node, place: Place) {
    node.place = place;
    node.written = false;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| stamp(item, place)),
        Value::Table(entries) => entries.iter_mut().for_each(|entry| {
            entry.place = place;
            stamp(&mut entry.node, place);
        }),
        Value::Text(_) | Value::Number(_) | Value::YesNo(_) | Value::Time(_) => {}
    }
}

// Recursion is bounded: the TOML parser refuses more than 80 levels.
fn convert(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>, path: &str) -> Node {
    let converted = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Value::Number(number.as_str().to_owned()),
        DeValue::Integer(number) => Value::Number(number.to_string()),
        DeValue::Float(number) => Value::Number(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Value::YesNo(*yes),
        DeValue::Datetime(time) => Value::Time(Timestamp {
            text: time.to_string(),
            date: time.date.map(|date| (date.year, date.month, date.day)),
            millis_of_day: time.time.as_ref().map(|time| {
                let seconds = u32::from(time.hour) * 3_600 + u32::from(time.minute) * 60;
                let millis = time.nanosecond.unwrap_or(0) / 1_000_000;
                (seconds + u32::from(time.second.unwrap_or(0))) * 1_000 + millis
            }),
            offset: time.offset.as_ref().map(ToString::to_string),
        }),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let id = item.get_ref().get("id").and_then(|id| id.get_ref().as_str());
                    let name = id.map_or_else(|| index.to_string(), str::to_owned);
                    convert(item, lines, &format!("{path}.{name}"))
                })
                .collect(),
        ),
        DeValue::Table(table) => table_value(table, lines, path),
    };
    Node { place: lines.place(value.span().start), value: converted, path: path.to_owned(), written: true }
}

fn table_value(table: &DeTable<'_>, lines: &Lines<'_>, path: &str) -> Value {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let name = key.get_ref().to_string();
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let node = convert(value, lines, &path);
            (key.span().start, Entry { key: name, place: lines.place(key.span().start), node })
        })
        .collect();
    // In the order of the file, so that findings and reports follow it.
    entries.sort_by_key(|(offset, _)| *offset);
    Value::Table(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// Tells line and column of a byte offset.
struct Lines<'text> {
    text: &'text str,
    starts: Vec<usize>,
}

impl<'text> Lines<'text> {
    fn new(text: &'text str) -> Self {
        let starts = core::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
        Self { text, starts }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        Place { line: count(line), column: count(column) }
    }
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
