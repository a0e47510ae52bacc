//! The parts of a workbook's archive: which sheets there are, shared texts, formats. Each is read through a limit.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek};

use zip::ZipArchive;

use super::super::fault::{FaultCode, TableFault};
use super::cell::{Format, format};
use super::fault;
use super::xml::{Token, Tokens, attribute, unescaped};

/// A workbook's archive.
pub(super) struct Parts<R> {
    zip: ZipArchive<R>,
    /// Most bytes of a part.
    most: u64,
}

/// What a workbook says of itself.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) sheets: Vec<SheetPart>,
    /// Its days are counted from 1904.
    pub(super) has_1904: bool,
}

/// A sheet and where it stands.
#[derive(Debug)]
pub(super) struct SheetPart {
    pub(super) name: String,
    pub(super) path: String,
}

/// Formats by the style of a cell.
#[derive(Debug)]
pub(super) struct Formats {
    pub(super) of_styles: Vec<Format>,
    pub(super) has_1904: bool,
}

impl<R: std::io::Read + Seek> Parts<R> {
    pub(super) fn open(reader: R, most: u64) -> Result<Self, TableFault> {
        let zip = ZipArchive::new(reader).map_err(|error| fault(FaultCode::NotWorkbook, &error.to_string()))?;
        Ok(Self { zip, most })
    }

    /// A part as text.
    pub(super) fn part(&mut self, path: &str) -> Result<String, TableFault> {
        self.optional(path)?.ok_or_else(|| fault(FaultCode::NotWorkbook, path))
    }

    fn optional(&mut self, path: &str) -> Result<Option<String>, TableFault> {
        let most = self.most;
        let Some(index) = self.zip.index_for_name(path) else { return Ok(None) };
        let file = self.zip.by_index(index).map_err(|error| fault(FaultCode::NotWorkbook, &error.to_string()))?;
        let mut text = String::new();
        let read = file.take(most + 1).read_to_string(&mut text);
        let length = read.map_err(|error| fault(FaultCode::NotWorkbook, &error.to_string()))?;
        if length as u64 > most {
            return Err(fault(FaultCode::WorkbookTooLarge, path));
        }
        Ok(Some(text))
    }

    /// The sheets, in the workbook's order.
    pub(super) fn book(&mut self) -> Result<Book, TableFault> {
        const BOOK: &str = "xl/workbook.xml";
        let relations = self.part("xl/_rels/workbook.xml.rels")?;
        let mut targets = BTreeMap::new();
        starts(&relations, "Relationship", |attributes| {
            if let (Some(id), Some(target)) = (attribute(attributes, "Id"), attribute(attributes, "Target")) {
                targets.insert(id, target);
            }
        });
        let text = self.part(BOOK)?;
        let (mut sheets, mut has_1904) = (Vec::new(), false);
        starts(&text, "workbookPr", |attributes| {
            has_1904 = attribute(attributes, "date1904").is_some_and(|yes| matches!(yes.as_str(), "1" | "true"));
        });
        starts(&text, "sheet", |attributes| {
            let id = attribute(attributes, "r:id").or_else(|| attribute(attributes, "id"));
            let target = id.and_then(|id| targets.get(&id));
            if let (Some(name), Some(target)) = (attribute(attributes, "name"), target) {
                let path = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{target}"),
                };
                sheets.push(SheetPart { name, path });
            }
        });
        if sheets.is_empty() {
            return Err(fault(FaultCode::NotWorkbook, BOOK));
        }
        Ok(Book { sheets, has_1904 })
    }

    /// Texts that cells share. Readings aids (拼音) within them are no part of them.
    pub(super) fn strings(&mut self) -> Result<Vec<String>, TableFault> {
        let Some(text) = self.optional("xl/sharedStrings.xml")? else { return Ok(Vec::new()) };
        let mut tokens = Tokens::of(&text);
        let mut strings = Vec::new();
        while let Some(token) = tokens.next() {
            match token {
                Token::Start { name: "si", is_empty, .. } => {
                    strings.push(if is_empty { String::new() } else { rich_text(&mut tokens, "si") });
                }
                Token::Start { .. } | Token::End(_) | Token::Text(_) => {}
            }
        }
        Ok(strings)
    }

    /// How cells are shown, by style.
    pub(super) fn formats(&mut self, has_1904: bool) -> Result<Formats, TableFault> {
        let text = self.optional("xl/styles.xml")?.unwrap_or_default();
        let mut codes: BTreeMap<u32, String> = BTreeMap::new();
        let number = |attributes: &str| attribute(attributes, "numFmtId").and_then(|id| id.parse::<u32>().ok());
        starts(&text, "numFmt", |attributes| {
            if let (Some(id), Some(code)) = (number(attributes), attribute(attributes, "formatCode")) {
                codes.insert(id, code);
            }
        });
        let mut of_styles = Vec::new();
        let mut is_inside = false;
        let mut tokens = Tokens::of(&text);
        while let Some(token) = tokens.next() {
            match token {
                Token::Start { name: "cellXfs", is_empty, .. } => is_inside = !is_empty,
                Token::End("cellXfs") => is_inside = false,
                Token::Start { name: "xf", attributes, .. } if is_inside => {
                    let id = number(attributes).unwrap_or(0);
                    of_styles.push(format(id, codes.get(&id).map(String::as_str)));
                }
                Token::Start { .. } | Token::End(_) | Token::Text(_) => {}
            }
        }
        Ok(Formats { of_styles, has_1904 })
    }
}

/// Calls back with the attributes of each tag of a name.
fn starts(text: &str, wanted: &str, mut each: impl FnMut(&str)) {
    let mut tokens = Tokens::of(text);
    while let Some(token) = tokens.next() {
        match token {
            Token::Start { name, attributes, .. } if name == wanted => each(attributes),
            Token::Start { .. } | Token::End(_) | Token::Text(_) => {}
        }
    }
}

/// The texts `<t>` up to the end of a tag, joined.
pub(super) fn rich_text(tokens: &mut Tokens<'_>, end: &str) -> String {
    let (mut out, mut is_text, mut is_reading) = (String::new(), false, false);
    while let Some(token) = tokens.next() {
        match token {
            Token::End(name) if name == end => break,
            Token::Start { name: "t", is_empty, .. } => is_text = !is_empty,
            Token::End("t") => is_text = false,
            Token::Start { name: "rPh", is_empty, .. } => is_reading = !is_empty,
            Token::End("rPh") => is_reading = false,
            Token::Text(text) if is_text && !is_reading => out.push_str(&unescaped(text)),
            Token::Start { .. } | Token::End(_) | Token::Text(_) => {}
        }
    }
    out
}
