use landgavel_record::canonical::{Document, Item, encode};
use serde_json::{Value, json};

use crate::samples::{P1, tiny};
use crate::tape::{Tape, mangle};

/// Deepest nesting that the restricted form allows, and the largest integer.
const DEPTH_MAX: usize = 32;
const INTEGER_MAX: i64 = (1 << 53) - 1;

/// A text of any bytes, or changed from a good one: the reader of restricted JSON must agree with a reader of all
/// JSON on what it says, and accept exactly what writing it again gives.
///
/// # Panics
/// When the two differ.
pub fn json(bytes: &[u8]) {
    let mut tape = Tape::new(bytes);
    let bytes = if tape.byte().is_multiple_of(2) {
        tape.rest().to_vec()
    } else {
        let mut bytes = sample(tape.below(8)).into_bytes();
        while !tape.is_empty() {
            mangle(&mut bytes, &mut tape);
        }
        bytes
    };
    let Ok(text) = String::from_utf8(bytes) else { return };
    let full = serde_json::from_str::<Value>(&text).ok();
    let is_restricted = full.as_ref().is_some_and(|value| {
        value.is_object() && depth(value) <= DEPTH_MAX && is_whole(value) && encode(value) == text
    });
    match Document::parse(text.as_str()) {
        Ok(document) => {
            assert!(is_restricted, "accepted, and not in the restricted form: {text:?}");
            let read = value(Item::Object(document.object()));
            assert_eq!(Some(&read), full.as_ref());
            if let Value::Object(object) = &read {
                assert_eq!(value(Item::Object(Document::of(object).object())), read);
            }
        }
        Err(error) => assert!(!is_restricted, "refused: {error}: {text:?}"),
    }
}

fn value(item: Item<'_>) -> Value {
    match item {
        Item::Null => Value::Null,
        Item::Flag(flag) => flag.into(),
        Item::Number(number) => json!(number.parse::<i64>().unwrap()),
        Item::Text(text) => text.into(),
        Item::List(list) => list.items().map(value).collect(),
        Item::Object(object) => object.fields().map(|(name, item)| (name.to_owned(), value(item))).collect(),
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(|item| 1 + depth(item)).max().unwrap_or(0),
        Value::Object(fields) => fields.values().map(|item| 1 + depth(item)).max().unwrap_or(0),
        _ => 0,
    }
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_i64().is_some_and(|number| (-INTEGER_MAX..=INTEGER_MAX).contains(&number)),
        Value::Array(items) => items.iter().all(is_whole),
        Value::Object(fields) => fields.values().all(is_whole),
        _ => true,
    }
}

fn sample(place: usize) -> String {
    match place {
        0 => String::from_utf8_lossy(&tiny().0["outcome.json"]).trim_end().to_owned(),
        1 => String::from_utf8_lossy(&tiny().0["checkpoints.jsonl"]).lines().next().unwrap_or_default().to_owned(),
        2 => "{\"\\n\":{},\"a\":[-1,0,9007199254740991],\"摇\":\"\\u001f\\\\\\\"\"}".to_owned(),
        3 => format!("{{\"a\":{}{}}}", "[".repeat(31), "]".repeat(31)),
        place => {
            let lines = P1.commands.lines().filter(|line| line.starts_with('{'));
            let line: Value = serde_json::from_str(lines.clone().nth(place * 5).unwrap_or("{}")).unwrap();
            encode(&line)
        }
    }
}

/// The samples, and texts at the edges.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let edges = [
        "{}",
        "{\"a\":1,\"a\":1}",
        "{\"b\":1,\"a\":1}",
        "{\"\u{1F600}\":1,\"\u{FF61}\":2}",
        "{\"a\":-0}",
        "{\"a\":9007199254740992}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\u0041\"}",
        "{\"a\":1.0}",
    ];
    let edges = edges.map(|text| [b"\0".to_vec(), text.into()].concat());
    (0..8).map(|place| vec![1, 0, place]).chain(edges).collect()
}
