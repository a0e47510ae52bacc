//! A sheet as CSV: row by row, cell by cell, on the lines of the sheet.

use std::borrow::Cow;

use super::super::fault::{FaultCode, TableFault};
use super::cell::{self, Format};
use super::fault;
use super::parts::{Formats, rich_text};
use super::xml::{Token, Tokens, attribute, unescaped};

/// Most columns and rows of a sheet. Source: ECMA-376, as spreadsheets implement it.
const COLUMNS_MAX: usize = 16_384;
const ROWS_MAX: usize = 1_048_576;

/// The sheet as CSV.
pub(super) fn csv(xml: &str, strings: &[String], formats: &Formats, most: usize) -> Result<Vec<u8>, TableFault> {
    let mut writer = Writer { out: Vec::new(), rows: 0, width: None, most };
    let mut tokens = Tokens::of(xml);
    // Shared texts stay where they are: a long one may be named by every cell.
    let mut row: Vec<Cow<'_, str>> = Vec::new();
    let mut number = 0;
    while let Some(token) = tokens.next() {
        match token {
            Token::Start { name: "row", attributes, is_empty } => {
                // A row without a number follows the one before it.
                let told = attribute(attributes, "r").map_or(Some(number + 1), |text| text.parse().ok());
                number = told
                    .filter(|next| *next > number && *next <= ROWS_MAX)
                    .ok_or_else(|| broken(number + 1, "row numbers"))?;
                row.clear();
                if is_empty {
                    writer.row(number, &row)?;
                }
            }
            Token::Start { name: "c", attributes, is_empty } => {
                let place = attribute(attributes, "r");
                let column = place.as_deref().map_or(Some(row.len()), column_of);
                let column = column.filter(|column| *column >= row.len() && *column < COLUMNS_MAX);
                let column = column.ok_or_else(|| broken(number, place.as_deref().unwrap_or("cells")))?;
                row.resize(column, Cow::Borrowed(""));
                row.push(if is_empty { Cow::Borrowed("") } else { value(&mut tokens, attributes, strings, formats) });
            }
            Token::End("row") => writer.row(number, &row)?,
            Token::End("sheetData") => break,
            Token::Start { .. } | Token::End(_) | Token::Text(_) => {}
        }
    }
    Ok(writer.out)
}

/// The column of a place such as `AB12`, from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters
        .take(4)
        .fold(0usize, |column, letter| column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    column.checked_sub(1)
}

/// The value of a cell, up to its end.
fn value<'a>(tokens: &mut Tokens<'_>, attributes: &str, strings: &'a [String], formats: &Formats) -> Cow<'a, str> {
    let kind = attribute(attributes, "t").unwrap_or_default();
    let style = attribute(attributes, "s").and_then(|style| style.parse::<usize>().ok());
    let format = style.and_then(|style| formats.of_styles.get(style)).copied().unwrap_or(Format::Plain);
    let (mut value, mut formula, mut inline) = (None, None, None);
    let mut text = String::new();
    while let Some(token) = tokens.next() {
        match token {
            Token::End("c") => break,
            Token::Start { name: "is", is_empty: false, .. } => inline = Some(rich_text(tokens, "is")),
            Token::Start { name: "f", .. } => {
                formula.get_or_insert_with(String::new);
                text.clear();
            }
            Token::Start { .. } => text.clear(),
            Token::Text(more) => text.push_str(&unescaped(more)),
            Token::End("v") => value = Some(core::mem::take(&mut text)),
            Token::End("f") => formula = Some(core::mem::take(&mut text)),
            Token::End(_) => {}
        }
    }
    match (kind.as_str(), value, inline, formula) {
        ("s", Some(index), _, _) => {
            let found = index.trim().parse::<usize>().ok().and_then(|index| strings.get(index));
            found.map_or_else(|| format!("#{index}").into(), |text| Cow::Borrowed(text.as_str()))
        }
        ("inlineStr", _, Some(text), _) => text.into(),
        ("b", Some(value), _, _) => if value.trim() == "1" { "yes" } else { "no" }.into(),
        ("str" | "e" | "d", Some(value), _, _) => value.into(),
        (_, Some(value), _, _) => cell::number(&value, format, formats.has_1904).into(),
        // A formula that nobody has computed is no empty cell.
        (_, None, None, Some(formula)) => format!("={formula}").into(),
        (_, None, inline, None) | (_, None, inline @ Some(_), Some(_)) => inline.unwrap_or_default().into(),
    }
}

struct Writer {
    out: Vec<u8>,
    rows: usize,
    /// Cells of the row of heads: shorter rows are filled up to it.
    width: Option<usize>,
    /// Most bytes.
    most: usize,
}

impl Writer {
    /// Writes a row on its own line; rows that the sheet leaves out are empty lines.
    fn row(&mut self, number: usize, cells: &[Cow<'_, str>]) -> Result<(), TableFault> {
        while self.rows + 1 < number {
            self.out.push(b'\n');
            self.rows += 1;
        }
        self.rows += 1;
        let used = cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        if used > 0 {
            let width = *self.width.get_or_insert(used);
            for (index, cell) in cells.iter().take(used).enumerate() {
                if index > 0 {
                    self.out.push(b',');
                }
                self.cell(cell);
                self.bounded()?;
            }
            self.out.extend((used..width).map(|_| b','));
        }
        self.out.push(b'\n');
        self.bounded()
    }

    fn bounded(&self) -> Result<(), TableFault> {
        if self.out.len() > self.most { Err(fault(FaultCode::WorkbookTooLarge, "the sheet")) } else { Ok(()) }
    }

    /// A cell; a line that ends within it would move all that follow.
    fn cell(&mut self, text: &str) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || byte >= 0x80;
        if text.bytes().all(is_plain) {
            self.out.extend_from_slice(text.as_bytes());
            return;
        }
        self.out.push(b'"');
        for byte in text.trim().bytes() {
            match byte {
                b'"' => self.out.extend_from_slice(b"\"\""),
                b'\n' | b'\r' | b'\t' => self.out.push(b' '),
                byte => self.out.push(byte),
            }
        }
        self.out.push(b'"');
    }
}

fn broken(row: usize, what: &str) -> TableFault {
    TableFault::new(row, "", FaultCode::NotWorkbook, what)
}
