//! The restricted JSON of everything that is signed or hashed.
//!
//! It is RFC 8785 (JCS) on a smaller set of values: objects, arrays, strings, booleans, null, and
//! integers within ±(2^53 − 1). No key stands twice, and there is one way to write each value: text
//! whose re-encoding differs by a byte is refused, never mended.

use std::cmp::Ordering;
use std::fmt;

use landgavel_base::SAFE_INTEGER_MAX;
use serde_core::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
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

fn write_value(text: &mut String, value: &Value) {
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

fn write_string(text: &mut String, string: &str) {
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
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict.deserialize(&mut reader).map_err(|error| NotCanonical(error.to_string()))?;
    reader.end().map_err(|error| NotCanonical(error.to_string()))?;
    let again = encode(&value);
    if again != text {
        let at = again.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        return Err(NotCanonical(format!(
            "is not written in its canonical form: byte {} differs (no spaces, keys sorted, shortest escapes)",
            at + 1
        )));
    }
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(NotCanonical("is not a JSON object".to_owned())),
    }
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, a list, a text, a whole number within ±(2^53 − 1), true, false or null")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde_core::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > SAFE_INTEGER_MAX.unsigned_abs() {
            return Err(E::custom(format!("the number {value} is beyond ±(2^53 − 1)")));
        }
        Ok(Value::from(value))
    }

    fn visit_u64<E: serde_core::de::Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(E::custom(format!("the number {value} is beyond ±(2^53 − 1)"))),
        }
    }

    fn visit_f64<E: serde_core::de::Error>(self, value: f64) -> Result<Value, E> {
        Err(E::custom(format!("the number {value} is not a whole number")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Strict)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = items.next_key::<String>()? {
            let value = items.next_value_seed(Strict)?;
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format!("the key “{key}” stands twice")));
            }
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
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
        for text in [r#"{}"#, r#"{"a":1,"b":[true,null,"x\n\u001f"],"摇":-9007199254740991}"#] {
            assert_eq!(encode(&Value::Object(parse_object(text).unwrap())), text);
        }
        refused(r#"{"b":1,"a":2}"#, "canonical form: byte 3");
        refused(r#"{"a": 1}"#, "canonical form");
        refused(r#"{"a":"\u0041"}"#, "canonical form");
        refused(r#"{"a":1} "#, "canonical form");
        refused(r#"{"a":-0}"#, "whole number");
    }

    #[test]
    fn what_json_lets_pass_and_we_do_not() {
        refused(r#"{"a":1,"a":1}"#, "stands twice");
        refused(r#"{"a":9007199254740992}"#, "beyond");
        refused(r#"{"a":18446744073709551615}"#, "beyond");
        refused(r#"{"a":1.0}"#, "whole number");
        refused(r#"{"a":1e3}"#, "whole number");
        refused(r#"{"a":"\ud800"}"#, "hex escape");
        refused(r#"{"a":"\udc00x"}"#, "surrogate");
        refused("[1]", "not a JSON object");
        refused(&"[".repeat(100_000), "recursion limit");
        refused("{\"a\":\"\u{0}\"}", "control character");
    }

    /// U+FF61 sorts after U+1F600 in UTF-16, before it in UTF-8.
    #[test]
    fn keys_sort_by_utf16() {
        assert!(parse_object("{\"\u{1F600}\":1,\"\u{FF61}\":2}").is_ok());
        assert!(parse_object("{\"\u{FF61}\":2,\"\u{1F600}\":1}").is_err());
    }
}
