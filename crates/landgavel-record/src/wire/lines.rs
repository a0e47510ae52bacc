use std::io::BufRead;

use serde_json::{Map, Value};

use super::{LINE_MAX_BYTES, strict};

/// A line of a command file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// Line, from 1.
    pub line: u64,
    /// Field, when one is to blame.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What was expected.
    pub expected: String,
}

/// A command of a file, with its line.
pub type NumberedRequest = (u64, Map<String, Value>);

/// Commands of a file, one at a time and never the whole file: JSON Lines, or CSV with a header
/// row, comma or semicolon, with or without a byte order mark.
pub struct RequestLines<R> {
    input: R,
    line: u64,
    header: Option<Header>,
    is_started: bool,
}

struct Header {
    names: Vec<String>,
    delimiter: u8,
}

impl<R: BufRead> RequestLines<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self { input, line: 0, header: None, is_started: false }
    }

    /// The next command with its line; `None` at the end.
    pub fn next_request(&mut self) -> Option<Result<NumberedRequest, LineError>> {
        loop {
            let text = match self.read_line() {
                Ok(Some(text)) => text,
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            };
            let trimmed = text.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            if !self.is_started {
                self.is_started = true;
                if !trimmed.starts_with('{') {
                    match self.read_header(trimmed) {
                        Ok(()) => continue,
                        Err(error) => return Some(Err(error)),
                    }
                }
            }
            let parsed = match &self.header {
                Some(header) => self.parse_row(header, trimmed),
                None => self.parse_object(trimmed),
            };
            return Some(parsed.map(|object| (self.line, object)));
        }
    }

    fn error<T>(
        &self,
        field: Option<&str>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Result<T, LineError> {
        Err(LineError {
            line: self.line,
            field: field.map(str::to_owned),
            message: message.into(),
            expected: expected.into(),
        })
    }

    /// One line without its end, at most [`LINE_MAX_BYTES`] of it in memory.
    fn read_line(&mut self) -> Result<Option<String>, LineError> {
        let mut bytes = Vec::new();
        let limit = LINE_MAX_BYTES as u64 + 2;
        let read = std::io::Read::take(&mut self.input, limit).read_until(b'\n', &mut bytes);
        self.line += 1;
        match read {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) => return self.error(None, format!("cannot be read: {error}"), "a readable file"),
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if bytes.len() > LINE_MAX_BYTES {
            return self.error(None, "the line is too long", format!("at most {LINE_MAX_BYTES} bytes"));
        }
        if self.line == 1 && bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to() + 1;
                self.error(None, format!("byte {at} of the line is not UTF-8"), "UTF-8 text (in Excel: “CSV UTF-8”)")
            }
        }
    }

    fn parse_object(&self, text: &str) -> Result<Map<String, Value>, LineError> {
        match strict::parse(text) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => self.error(None, "is not a JSON object", "{\"at\": …, \"do\": …}"),
            Err(error) if error.is_eof() => {
                self.error(None, format!("the line breaks off at column {}", error.column()), "a whole JSON object")
            }
            Err(error) => self.error(None, format!("is not JSON: {error}"), "a JSON object, or CSV with a header row"),
        }
    }

    fn cells(&self, text: &str, delimiter: u8) -> Result<Vec<String>, LineError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(text.as_bytes());
        match reader.records().next() {
            Some(Ok(record)) => Ok(record.iter().map(|cell| cell.trim().to_owned()).collect()),
            Some(Err(error)) => self.error(None, format!("is not CSV: {error}"), "comma or semicolon separated cells"),
            None => Ok(Vec::new()),
        }
    }

    fn read_header(&mut self, text: &str) -> Result<(), LineError> {
        let delimiter = if text.contains(';') && !text.contains(',') { b';' } else { b',' };
        let names = self.cells(text, delimiter)?;
        for needed in ["at", "do"] {
            if !names.iter().any(|name| name == needed) {
                return self.error(
                    Some(needed),
                    "the header row has no such column",
                    "a header with at least at and do",
                );
            }
        }
        if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return self.error(Some(twice.1), format!("the column “{}” stands twice", twice.1), "each column once");
        }
        self.header = Some(Header { names, delimiter });
        Ok(())
    }

    fn parse_row(&self, header: &Header, text: &str) -> Result<Map<String, Value>, LineError> {
        let cells = self.cells(text, header.delimiter)?;
        if cells.len() > header.names.len() {
            return self.error(
                None,
                format!("has {} cells", cells.len()),
                format!("{} as in the header", header.names.len()),
            );
        }
        let (mut object, mut facts) = (Map::new(), Map::new());
        for (name, cell) in header.names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            match name.strip_prefix("fact.") {
                Some(fact) => {
                    let value = match cell.as_str() {
                        "true" | "yes" | "是" => Value::Bool(true),
                        "false" | "no" | "否" => Value::Bool(false),
                        _ => cell.parse::<i64>().map_or_else(|_| Value::String(cell.clone()), Value::from),
                    };
                    facts.insert(fact.to_owned(), value);
                }
                None => {
                    object.insert(name.clone(), Value::String(cell));
                }
            }
        }
        if !facts.is_empty() {
            object.insert("facts".to_owned(), Value::Object(facts));
        }
        Ok(object)
    }
}
