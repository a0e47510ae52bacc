//! From the bytes of a table to columns: heads once, then any part of the lines by itself.

use core::ops::Range;
use std::collections::BTreeMap;

use landgavel_score::{Cell, Column, ColumnKind};

use super::cells::{self, End, NotANumber, Span, field};
use super::fault::{FAULTS_MAX, FaultCode, TableFault};
use crate::language::{Blank, ColumnRule, LoadedCard};

/// What a column of the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Firm,
    Group,
    Parcel,
    Figure(usize),
    Ignored,
}

/// What the heads of a table say.
#[derive(Debug)]
pub struct Layout<'a> {
    pub(super) loaded: &'a LoadedCard,
    pub(super) bytes: &'a [u8],
    delimiter: u8,
    uses: Vec<Use>,
    heads: Vec<String>,
    /// Where the lines behind the heads start, and how many lines stand before.
    body: usize,
    pub(super) lines_before: usize,
    has_quotes: bool,
    /// Columns of the card that the table lacks, where it may.
    absent: Vec<usize>,
    /// By column of the card: whether more decimals than it keeps may decide something.
    compared: Vec<bool>,
}

/// Some lines of a table, read.
#[derive(Debug, Default)]
pub struct Part {
    pub(super) columns: Vec<Vec<Cell>>,
    /// What figures have beyond the decimals of their columns; as long as the last that has some.
    pub(super) rests: Vec<Vec<i64>>,
    pub(super) firms: Vec<Span>,
    pub(super) parcels: Vec<Span>,
    pub(super) groups: Vec<u32>,
    pub(super) group_names: Vec<Vec<u8>>,
    /// Line of each row, from 0 within the part.
    pub(super) row_lines: Vec<u32>,
    pub(super) lines: usize,
    /// Lines within the part, from 0.
    pub(super) faults: Vec<TableFault>,
    /// Cells that had more decimals than are kept.
    pub(super) rounded: u64,
}

impl<'a> Layout<'a> {
    /// Reads the heads. Every column of the card must be there.
    ///
    /// # Errors
    /// What is wrong with the heads, or with the bytes as a whole.
    pub fn of(loaded: &'a LoadedCard, bytes: &'a [u8]) -> Result<Self, Vec<TableFault>> {
        let layout = Self::partial(loaded, bytes)?;
        let faults: Vec<TableFault> =
            layout.absent.iter().map(|index| head_missing(loaded, Use::Figure(*index))).collect();
        if faults.is_empty() { Ok(layout) } else { Err(faults) }
    }

    /// Reads the heads of a table that may lack figures: what it lacks is missing in every row, whatever an empty cell means.
    ///
    /// # Errors
    /// What is wrong with the heads, or with the bytes as a whole.
    pub fn partial(loaded: &'a LoadedCard, bytes: &'a [u8]) -> Result<Self, Vec<TableFault>> {
        let fault = |code| Err(vec![TableFault::new(0, "", code, "")]);
        if u32::try_from(bytes.len()).is_err() {
            return fault(FaultCode::TooLarge);
        }
        if let Err(error) = core::str::from_utf8(bytes) {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            return Err(vec![TableFault::new(line, "", FaultCode::NotUtf8, "")]);
        }
        let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let first_line = bytes[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |delimiter: u8| first_line.iter().filter(|byte| **byte == delimiter).count();
        let delimiter = [b',', b'\t', b';'].into_iter().max_by_key(|d| (count(*d), *d == b',')).unwrap_or(b',');
        let mut heads = Vec::new();
        let mut at = start;
        loop {
            let (span, end, next) = field(bytes, at, delimiter);
            heads.push(cells::text(span.of(bytes)));
            at = next;
            match end {
                End::Delimiter => {}
                End::Line => break,
                End::BadQuotes => return Err(vec![TableFault::new(1, "", FaultCode::BadQuotes, "")]),
            }
        }
        let (uses, absent) = uses(loaded, &heads)?;
        let lines_before = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
        let has_quotes = bytes[at..].contains(&b'"');
        let compared = loaded.card.compared();
        Ok(Self { loaded, bytes, delimiter, uses, heads, body: at, lines_before, has_quotes, absent, compared })
    }

    /// Heads that the card does not name.
    pub fn ignored(&self) -> Vec<&str> {
        let heads = self.heads.iter().zip(&self.uses);
        heads.filter(|(_, used)| **used == Use::Ignored).map(|(head, _)| head.as_str()).collect()
    }

    /// Cuts the lines into so many parts, between lines. With quotes there is one: a line may end within them.
    pub fn split(&self, parts: usize) -> Vec<Range<usize>> {
        let parts = if self.has_quotes { 1 } else { parts.max(1) };
        let size = (self.bytes.len() - self.body).div_ceil(parts).max(1);
        let mut out = Vec::new();
        let mut start = self.body;
        while start < self.bytes.len() {
            let middle = (start + size).min(self.bytes.len());
            let rest = self.bytes[middle..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(self.bytes.len(), |at| middle + at + 1);
            out.push(start..rest);
            start = rest;
        }
        out
    }

    /// Reads all lines by one hand.
    pub fn read_all(&self) -> Part {
        self.read(self.body..self.bytes.len())
    }

    /// Reads the lines of a range that [`Layout::split`] gave.
    pub fn read(&self, range: Range<usize>) -> Part {
        let card = &self.loaded.card;
        let bytes = &self.bytes[..range.end];
        let empty = vec![Vec::new(); card.columns.len()];
        let rests = vec![Vec::new(); card.columns.len()];
        let mut part = Part { columns: empty, rests, ..Part::default() };
        let mut groups: BTreeMap<&[u8], u32> = BTreeMap::new();
        let mut at = range.start;
        while at < range.end {
            let line = part.lines;
            let line_start = at;
            if matches!(bytes.get(at..), Some([b'\n', ..])) || matches!(bytes.get(at..), Some([b'\r', b'\n', ..])) {
                at += if bytes[at] == b'\r' { 2 } else { 1 };
                part.lines += 1;
                continue;
            }
            let mut firm = Span::default();
            let (mut group, mut parcel): (&[u8], Span) = (b"", Span::default());
            let mut width = 0;
            let ended = loop {
                let (span, end, next) = field(bytes, at, self.delimiter);
                at = next;
                match self.uses.get(width) {
                    Some(Use::Firm) => firm = span.name(bytes),
                    Some(Use::Group) => group = span.name(bytes).of(bytes),
                    Some(Use::Parcel) => parcel = span.name(bytes),
                    Some(Use::Figure(index)) => {
                        let cell = self.cell(*index, span.of(bytes), line, &mut part);
                        part.columns[*index].push(cell);
                    }
                    Some(Use::Ignored) | None => {}
                }
                width += 1;
                if end != End::Delimiter {
                    break end;
                }
            };
            part.lines += if self.has_quotes {
                bytes[line_start..at].iter().filter(|byte| **byte == b'\n').count().max(1)
            } else {
                1
            };
            if ended == End::BadQuotes {
                part.fault(TableFault::new(line, "", FaultCode::BadQuotes, ""));
                part.cut();
                break;
            }
            if width != self.heads.len() {
                let found = format!("{width}");
                let more = format!("{}", self.heads.len());
                part.fault(
                    TableFault::new(line, "", FaultCode::WrongWidth, &found)
                        .more(format!("表头有 {more} 列"), format!("there are {more} heads")),
                );
                part.cut();
                continue;
            }
            if firm.start == firm.end {
                part.fault(TableFault::new(line, self.head_of(Use::Firm), FaultCode::FirmMissing, ""));
            }
            let next_group = u32::try_from(groups.len()).unwrap_or(u32::MAX);
            let group = *groups.entry(group).or_insert(next_group);
            self.absent.iter().for_each(|index| part.columns[*index].push(Cell::MISSING));
            part.firms.push(firm);
            part.groups.push(group);
            if !self.loaded.heads.parcel.is_empty() {
                part.parcels.push(parcel);
            }
            part.row_lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        }
        part.group_names = vec![Vec::new(); groups.len()];
        for (name, index) in groups {
            part.group_names[index as usize] = name.to_vec();
        }
        part
    }

    fn head_of(&self, wanted: Use) -> &str {
        self.uses.iter().position(|used| *used == wanted).and_then(|at| self.heads.get(at)).map_or("", String::as_str)
    }

    /// The head under which a column of the card goes.
    pub(super) fn head_of_column(&self, index: usize) -> &str {
        self.head_of(Use::Figure(index))
    }

    pub(super) fn firm_head(&self) -> &str {
        self.head_of(Use::Firm)
    }

    /// A cell; what is wrong with it goes to the part, and it counts as missing then.
    fn cell(&self, index: usize, found: &[u8], line: usize, part: &mut Part) -> Cell {
        let (column, rule) = (&self.loaded.card.columns[index], &self.loaded.heads.columns[index]);
        match read_cell(column, rule, found) {
            Ok(read) => {
                part.rounded += u64::from(read.is_rounded);
                if read.rest != 0 && self.compared.get(index) == Some(&true) {
                    let rests = &mut part.rests[index];
                    rests.resize(part.columns[index].len(), 0);
                    rests.push(read.rest);
                }
                read.cell
            }
            Err((code, more)) => {
                let fault = TableFault::new(line, self.head_of_column(index), code, &cells::text(found));
                part.fault(match more {
                    Some((zh, en)) => fault.more(zh, en),
                    None => fault,
                });
                Cell::MISSING
            }
        }
    }
}

impl Part {
    /// Drops what was read of a line that does not count, so that the columns stay of one length.
    fn cut(&mut self) {
        let rows = self.firms.len();
        self.columns.iter_mut().for_each(|column| column.truncate(rows));
        self.rests.iter_mut().for_each(|rests| rests.truncate(rows));
    }

    fn fault(&mut self, fault: TableFault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

type More = Option<(String, String)>;

/// A cell as it was read.
struct Read {
    cell: Cell,
    is_rounded: bool,
    rest: i64,
}

fn read_cell(column: &Column, rule: &ColumnRule, found: &[u8]) -> Result<Read, (FaultCode, More)> {
    let whole = |cell: Cell| Read { cell, is_rounded: false, rest: 0 };
    let known = |value: i64| Cell::known(value).map(whole).ok_or((FaultCode::NumberTooLarge, None));
    match &column.kind {
        ColumnKind::Number { .. } if found.is_empty() => match rule.blank {
            Blank::Missing => Ok(whole(Cell::MISSING)),
            Blank::Zero => known(0),
            Blank::Refuse => Err((FaultCode::FigureMissing, None)),
        },
        ColumnKind::Number { decimals } => {
            let number = cells::number(found, *decimals).map_err(|why| {
                let code = match why {
                    NotANumber::Text => FaultCode::Text,
                    NotANumber::Infinite => FaultCode::Infinite,
                    NotANumber::Exponent => FaultCode::Exponent,
                    NotANumber::Separated => FaultCode::Separated,
                    NotANumber::Percent => FaultCode::Percent,
                    NotANumber::TooLarge => FaultCode::NumberTooLarge,
                };
                (code, None)
            })?;
            plausible(column, rule, number.quanta)?;
            Ok(Read { is_rounded: number.is_rounded, rest: number.rest, ..known(number.quanta)? })
        }
        ColumnKind::YesNo => match cells::yes_no(found) {
            Some(yes) => known(i64::from(yes)),
            None => Err((FaultCode::NotYesNo, None)),
        },
        ColumnKind::Word { .. } if found.is_empty() => match rule.blank {
            Blank::Missing | Blank::Zero => Ok(whole(Cell::MISSING)),
            Blank::Refuse => Err((FaultCode::FigureMissing, None)),
        },
        ColumnKind::Word { words } => {
            let index = words.iter().position(|word| word.as_bytes() == found);
            if index.is_none() && rule.is_closed {
                let list = words.join(", ");
                return Err((FaultCode::UnknownWord, Some((format!("应为 {list}"), format!("one of {list}")))));
            }
            let index = i64::try_from(index.unwrap_or(words.len())).unwrap_or(i64::MAX);
            known(index)
        }
    }
}

/// 万元 are 10,000 元: a figure so many times too large is likely in the wrong one.
const WAN: i64 = 10_000;

fn plausible(column: &Column, rule: &ColumnRule, value: i64) -> Result<(), (FaultCode, More)> {
    let bound = |bound: i64| super::words::format_quanta(bound, super::words::decimals_of(&column.kind));
    if let Some(least) = rule.at_least.filter(|least| value < *least) {
        let more = (
            format!("不应低于 {} {}", bound(least), column.unit),
            format!("expected at least {} {}", bound(least), column.unit),
        );
        return Err((FaultCode::BelowPlausible, Some(more)));
    }
    if let Some(most) = rule.at_most.filter(|most| value > *most) {
        let is_wan = column.unit.starts_with("万")
            && value / WAN <= most
            && rule.at_least.is_none_or(|least| value / WAN >= least);
        let (zh, en) =
            if is_wan { ("；是否把元写成了万元？", "; is it 元 where 万元 is asked?") } else { ("", "") };
        let more = (
            format!("不应高于 {} {}{zh}", bound(most), column.unit),
            format!("expected at most {} {}{en}", bound(most), column.unit),
        );
        return Err((FaultCode::AbovePlausible, Some(more)));
    }
    Ok(())
}

/// What each head is for, and which columns of the card have none.
fn uses(loaded: &LoadedCard, heads: &[String]) -> Result<(Vec<Use>, Vec<usize>), Vec<TableFault>> {
    let mut uses = vec![Use::Ignored; heads.len()];
    let (mut faults, mut absent) = (Vec::new(), Vec::new());
    let rule = &loaded.heads;
    let named = [(Use::Firm, &rule.firm), (Use::Group, &rule.group), (Use::Parcel, &rule.parcel)];
    let figures = rule.columns.iter().enumerate().map(|(index, column)| (Use::Figure(index), &column.heads));
    for (wanted, names) in named.into_iter().chain(figures) {
        if names.is_empty() {
            continue;
        }
        // A table may well have two of the heads, such as name and code: the one that the card names first counts.
        let found = names.iter().find_map(|name| Some((heads.iter().position(|head| head == name)?, name)));
        match (found, wanted) {
            (Some((_, name)), _) if heads.iter().filter(|head| *head == name).count() > 1 => {
                faults.push(TableFault::new(1, name, FaultCode::HeadTwice, ""));
            }
            (Some((at, _)), _) => uses[at] = wanted,
            (None, Use::Figure(index)) => absent.push(index),
            (None, Use::Firm | Use::Group | Use::Parcel | Use::Ignored) => faults.push(head_missing(loaded, wanted)),
        }
    }
    if faults.is_empty() {
        return Ok((uses, absent));
    }
    faults.extend(absent.into_iter().map(|index| head_missing(loaded, Use::Figure(index))));
    Err(faults)
}

fn head_missing(loaded: &LoadedCard, wanted: Use) -> TableFault {
    let rule = &loaded.heads;
    let (names, id) = match wanted {
        Use::Firm => (rule.firm.as_slice(), None),
        Use::Group => (rule.group.as_slice(), None),
        Use::Parcel => (rule.parcel.as_slice(), None),
        Use::Figure(index) => (rule.columns[index].heads.as_slice(), Some(loaded.card.columns[index].id.as_str())),
        Use::Ignored => (&[][..], None),
    };
    let name = id.or(names.first().map(String::as_str)).unwrap_or_default();
    let list = names.join(", ");
    let fault = TableFault::new(1, name, FaultCode::HeadMissing, "");
    fault.more(format!("表头应为其中之一：{list}"), format!("expected a head out of: {list}"))
}
