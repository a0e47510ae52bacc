//! The restricted JSON of everything that is signed or hashed.
//!
//! It is RFC 8785 (JCS) on a smaller set of values: objects, arrays, strings, booleans, null, and
//! integers within ±(2^53 − 1). No key stands twice, and there is one way to write each value: text
//! whose re-encoding differs by a byte is refused, never mended.

use std::cmp::Ordering;
use std::fmt;

use landgavel_base::SAFE_INTEGER_MAX;
use serde_json::{Map, Value};

/// Why a text is not canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCanonical(pub String);

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes a value in its one form: no spaces, keys in the order of their UTF-16 code units.
///
/// Numbers must be integers; the formats of this crate hold no others.
pub fn encode(value: &Value) -> String {
    let mut text = String::with_capacity(256);
    write_value(&mut text, value);
    text
}

/// Adds a value in its one form to a text.
pub(crate) fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(text, value);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_unstable_by(|a, b| utf16_order(a.0, b.0));
            text.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(text, key);
                text.push(':');
                write_value(text, value);
            }
            text.push('}');
        }
    }
}

fn utf16_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Adds a string in its one form to a text.
pub(crate) fn write_string(text: &mut String, string: &str) {
    text.push('"');
    let mut from = 0;
    for (at, byte) in string.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            0x08 => "\\b",
            0x09 => "\\t",
            0x0a => "\\n",
            0x0c => "\\f",
            0x0d => "\\r",
            0..=0x1f => "",
            _ => continue,
        };
        text.push_str(&string[from..at]);
        if escape.is_empty() {
            text.push_str(&format!("\\u{byte:04x}"));
        } else {
            text.push_str(escape);
        }
        from = at + 1;
    }
    text.push_str(&string[from..]);
    text.push('"');
}

/// Reads an object that is written in its one form.
///
/// # Errors
/// What is not canonical, and where.
pub fn parse_object(text: &str) -> Result<Map<String, Value>, NotCanonical> {
    let mut scan = Scan { text, at: 0 };
    if scan.peek() != Some(b'{') {
        return Err(NotCanonical("is not a JSON object".to_owned()));
    }
    scan.value(0)?;
    if scan.at != text.len() {
        return Err(scan.wrong("the end of the text"));
    }
    serde_json::from_str(text).map_err(|error| NotCanonical(error.to_string()))
}

/// Deepest nesting of objects and lists; the whole text is the first level.
const DEPTH_MAX: usize = 32;

/// One pass over a text that tells whether every value is written in its one form.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

type Checked = Result<(), NotCanonical>;

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, expected: &str) -> NotCanonical {
        NotCanonical(format!(
            "is not written in its canonical form (no spaces, keys sorted, shortest escapes): byte {}, expected {expected}",
            self.at + 1
        ))
    }

    fn expect(&mut self, byte: u8) -> Checked {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong(&format!("“{}”", char::from(byte))))
    }

    fn word(&mut self, word: &str) -> Checked {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.wrong(word))
    }

    fn value(&mut self, depth: usize) -> Checked {
        match self.peek() {
            Some(b'{' | b'[') if depth == DEPTH_MAX => Err(NotCanonical(format!("is nested deeper than {DEPTH_MAX}"))),
            Some(b'{') => self.object(depth),
            Some(b'[') => {
                self.at += 1;
                self.items(b']', |scan| scan.value(depth + 1))
            }
            Some(b'"') => self.string().map(|_| ()),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.wrong("a value")),
        }
    }

    fn items(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Checked) -> Checked {
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => return self.expect(end),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Checked {
        self.at += 1;
        let mut before: Option<&'a str> = None;
        self.items(b'}', |scan| {
            let key = scan.string()?;
            if let Some(before) = before {
                match order_of_keys(before, key)? {
                    Ordering::Less => {}
                    Ordering::Equal => return Err(NotCanonical(format!("the key “{key}” stands twice"))),
                    Ordering::Greater => return Err(scan.wrong("keys in the order of their UTF-16 code units")),
                }
            }
            before = Some(key);
            scan.expect(b':')?;
            scan.value(depth + 1)
        })
    }

    /// A string; gives what stands between its quotes, escapes and all.
    fn string(&mut self) -> Result<&'a str, NotCanonical> {
        self.expect(b'"')?;
        let from = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(&self.text[from..self.at - 1]);
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) => return Err(self.wrong("an escape for a control character")),
                Some(_) => self.at += 1,
                None => return Err(self.wrong("the end of a string")),
            }
        }
    }

    fn escape(&mut self) -> Checked {
        let bytes = self.text.as_bytes();
        if matches!(bytes.get(self.at + 1), Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't')) {
            self.at += 2;
            return Ok(());
        }
        let digits = bytes.get(self.at + 1..self.at + 6).and_then(|code| code.strip_prefix(b"u00"));
        let is_shortest = matches!(digits, Some([b'0' | b'1', b'0'..=b'9' | b'a'..=b'f']))
            && !matches!(digits, Some(b"08" | b"09" | b"0a" | b"0c" | b"0d"));
        if is_shortest {
            self.at += 6;
            return Ok(());
        }
        Err(self.wrong("the shortest escape; a lone surrogate has none"))
    }

    fn number(&mut self) -> Checked {
        let from = self.at;
        let is_negative = self.peek() == Some(b'-');
        self.at += usize::from(is_negative);
        let digits = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[digits..self.at];
        let has_fraction = matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if has_fraction || text.is_empty() || (text == "0" && is_negative) || (text.len() > 1 && text.starts_with('0'))
        {
            self.at = from;
            return Err(self.wrong("a whole number in its shortest form"));
        }
        match text.parse::<i64>() {
            Ok(number) if number <= SAFE_INTEGER_MAX => Ok(()),
            _ => Err(NotCanonical(format!("the number {} is beyond ±(2^53 − 1)", &self.text[from..self.at]))),
        }
    }
}

/// The order of two keys as they stand in the text.
fn order_of_keys(a: &str, b: &str) -> Result<Ordering, NotCanonical> {
    if !a.contains('\\') && !b.contains('\\') {
        return Ok(utf16_order(a, b));
    }
    let plain = |key: &str| {
        serde_json::from_str::<String>(&format!("\"{key}\"")).map_err(|error| NotCanonical(error.to_string()))
    };
    Ok(utf16_order(&plain(a)?, &plain(b)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, part: &str) {
        let error = parse_object(text).unwrap_err();
        assert!(error.0.contains(part), "{text}: {error}");
    }

    #[test]
    fn one_form_only() {
        for text in [r#"{}"#, r#"{"a":1,"b":[true,null,"x\n\u001f"],"摇":-9007199254740991}"#, r#"{"\n":{},"a":[]}"#] {
            assert_eq!(encode(&Value::Object(parse_object(text).unwrap())), text);
        }
        refused(r#"{"b":1,"a":2}"#, "byte 11, expected keys in the order");
        refused(r#"{"a": 1}"#, "byte 6, expected a value");
        refused(r#"{"a":"\u0041"}"#, "shortest escape");
        refused(r#"{"a":"\u000a"}"#, "shortest escape");
        refused(r#"{"a":"\u001F"}"#, "shortest escape");
        refused(r#"{"a":"\/"}"#, "shortest escape");
        refused(r#"{"a":1} "#, "the end of the text");
        refused(r#"{"a":-0}"#, "whole number");
        refused(r#"{"a":01}"#, "whole number");
        refused(r#"{"a":1"#, "expected “}”");
        refused(r#"{"a":"1"#, "the end of a string");
        refused(r#"{"a":tru}"#, "expected true");
        refused(r#"{"a":1,}"#, "expected “\"”");
    }

    #[test]
    fn what_json_lets_pass_and_we_do_not() {
        refused(r#"{"a":1,"a":1}"#, "stands twice");
        refused(r#"{"a":1,"\u0061":1}"#, "shortest escape");
        refused(r#"{"a":9007199254740992}"#, "beyond");
        refused(r#"{"a":-9007199254740992}"#, "beyond");
        refused(r#"{"a":18446744073709551616}"#, "beyond");
        refused(r#"{"a":1.0}"#, "whole number");
        refused(r#"{"a":1e3}"#, "whole number");
        refused(r#"{"a":"\ud800"}"#, "surrogate");
        refused("[1]", "not a JSON object");
        refused(&format!("{{\"a\":{}", "[".repeat(100_000)), "nested deeper");
        refused("{\"a\":\"\u{0}\"}", "control character");
    }

    #[test]
    fn objects_and_lists_nest_to_the_limit() {
        let nested = |lists: usize, inner: &str| format!("{{\"a\":{}{inner}{}}}", "[".repeat(lists), "]".repeat(lists));
        assert!(parse_object(&nested(31, "")).is_ok());
        assert!(parse_object(&nested(31, "1")).is_ok());
        refused(&nested(32, ""), "nested deeper");
        refused(&nested(31, "{}"), "nested deeper");
    }

    /// U+FF61 sorts after U+1F600 in UTF-16, before it in UTF-8.
    #[test]
    fn keys_sort_by_utf16() {
        assert!(parse_object("{\"\u{1F600}\":1,\"\u{FF61}\":2}").is_ok());
        assert!(parse_object("{\"\u{FF61}\":2,\"\u{1F600}\":1}").is_err());
    }
}
