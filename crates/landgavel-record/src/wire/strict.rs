use std::fmt;

use landgavel_base::SAFE_INTEGER_MAX;
use serde_core::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Most digits of a decimal that every program keeps: those that a 64-bit float always has.
const DIGITS_MAX: usize = 15;

/// JSON that means the same to every program that reads it: no key twice, no number that some would round.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let Strict(value) = serde_json::from_str(text)?;
    match numbers(text).find(|number| !is_exact(number)) {
        None => Ok(value),
        Some(number) => Err(serde_json::Error::custom(format!(
            "the number {number} is one that programs round: write it as a text, in quotes"
        ))),
    }
}

/// The numbers of a text that is JSON, as they are written.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(|c: char| matches!(c, '"' | '-' | '0'..='9'))?;
            rest = &rest[at..];
            if rest.starts_with('"') {
                rest = &rest[string_length(rest)..];
            } else {
                let end = rest.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9'));
                let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
                rest = after;
                return Some(number);
            }
        }
    })
}

/// Bytes of the string at the beginning of a text, with its quotes.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_exact(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse().is_ok_and(|number: i64| number <= SAFE_INTEGER_MAX);
    }
    let significant = digits.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    significant <= DIGITS_MAX && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            list.push(value);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = items.next_entry::<String, Strict>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key “{key}” stands twice")));
            }
            object.insert(key, value);
        }
        Ok(object.into())
    }
}
