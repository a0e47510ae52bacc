//! The restricted JSON of everything that is signed or hashed.
//!
//! It is RFC 8785 (JCS) on a smaller set of values: objects, arrays, strings, booleans, null, and
//! integers within ±(2^53 − 1). No key stands twice, and there is one way to write each value: text
//! whose re-encoding differs by a byte is refused, never mended.

mod document;
mod scan;

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value;

pub use document::{Document, Item, List, Object};

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

/// How many bytes at the start of a string are written as they are: up to a quote, a backslash or a control
/// character.
///
/// Eight are looked at together, as one number: taking a byte's value from each of its bytes borrows into the top
/// bit of those that are smaller. A borrow may go wrong above the first such byte, never at or below it.
fn plain_run(bytes: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, least: u64| word.wrapping_sub(EACH * least) & !word & (EACH << 7);
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (EACH * u64::from(b'"'));
        let backslash = word ^ (EACH * u64::from(b'\\'));
        let ends = below(word, 0x20) | below(quote, 1) | below(backslash, 1);
        if ends != 0 {
            return index * 8 + ends.trailing_zeros() as usize / 8;
        }
    }
    let ends = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
    bytes.len() - rest.len() + rest.iter().position(ends).unwrap_or(rest.len())
}

/// Adds a string in its one form to a text.
pub(crate) fn write_string(text: &mut String, string: &str) {
    text.push('"');
    let mut rest = string;
    loop {
        let run = plain_run(rest.as_bytes());
        text.push_str(&rest[..run]);
        let Some(end) = rest.as_bytes().get(run) else { break };
        match end {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            0x08 => text.push_str("\\b"),
            0x09 => text.push_str("\\t"),
            0x0a => text.push_str("\\n"),
            0x0c => text.push_str("\\f"),
            0x0d => text.push_str("\\r"),
            control => text.push_str(&format!("\\u{control:04x}")),
        }
        rest = &rest[run + 1..];
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, part: &str) {
        let error = Document::parse(text).unwrap_err();
        assert!(error.0.contains(part), "{text}: {error}");
    }

    #[test]
    fn one_form_only() {
        for text in [r#"{}"#, r#"{"a":1,"b":[true,null,"x\n\u001f"],"摇":-9007199254740991}"#, r#"{"\n":{},"a":[]}"#] {
            assert_eq!(Item::Object(Document::parse(text).unwrap().object()).to_string(), text);
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
        assert!(Document::parse(nested(31, "")).is_ok());
        assert!(Document::parse(nested(31, "1")).is_ok());
        refused(&nested(32, ""), "nested deeper");
        refused(&nested(31, "{}"), "nested deeper");
    }

    #[test]
    fn a_run_ends_at_its_first_special_byte_wherever_it_stands() {
        let ends = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
        for byte in 0..=255u8 {
            for other in [0x00, 0x1f, b'!', b'"', b'#', b'[', b'\\', b']', 0x80, 0xff] {
                for at in 0..19 {
                    let mut bytes = [b' '; 19];
                    (bytes[at], bytes[18 - at]) = (byte, other);
                    assert_eq!(plain_run(&bytes), bytes.iter().position(ends).unwrap_or(19), "{bytes:?}");
                }
            }
        }
    }

    /// U+FF61 sorts after U+1F600 in UTF-16, before it in UTF-8.
    #[test]
    fn keys_sort_by_utf16() {
        assert!(Document::parse("{\"\u{1F600}\":1,\"\u{FF61}\":2}").is_ok());
        assert!(Document::parse("{\"\u{FF61}\":2,\"\u{1F600}\":1}").is_err());
    }
}
