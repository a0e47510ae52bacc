//! The one reader of canonical text says what a general reader of JSON and the one writer say together.

use landgavel_record::canonical::{Document, Item, encode};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// The definition: an object of JSON that is written again as it stands, with safe integers, not too deep.
fn is_canonical(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    (value.is_object() && is_allowed(&value, 0) && encode(&value) == text).then_some(value)
}

fn is_allowed(value: &Value, depth: usize) -> bool {
    match value {
        Value::Number(number) => number.as_i64().is_some_and(|number| number.unsigned_abs() < 1 << 53),
        Value::Array(items) => depth < 32 && items.iter().all(|item| is_allowed(item, depth + 1)),
        Value::Object(fields) => depth < 32 && fields.values().all(|value| is_allowed(value, depth + 1)),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

fn is_same(value: &Value, item: Item<'_>) -> bool {
    match (value, item) {
        (Value::Null, Item::Null) => true,
        (Value::Bool(a), Item::Flag(b)) => *a == b,
        (Value::Number(a), Item::Number(b)) => a.to_string() == b && a.as_i64() == item.integer(),
        (Value::String(a), Item::Text(b)) => a == b,
        (Value::Array(a), Item::List(b)) => {
            a.len() == b.items().count() && a.iter().zip(b.items()).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Item::Object(b)) => {
            a.len() == b.fields().count()
                && a.iter().zip(b.fields()).all(|((a, value), (b, item))| a == b && is_same(value, item))
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|item| is_same(value, item)))
                && !b.has("no field of this name")
        }
        _ => false,
    }
}

fn both_readers_agree(text: &str) {
    match (is_canonical(text), Document::parse(text)) {
        (Some(value), Ok(document)) => {
            let item = Item::Object(document.object());
            assert!(is_same(&value, item), "{text}");
            assert_eq!((item.to_string().as_str(), document.text()), (text, text));
        }
        (None, Err(_)) => {}
        (expected, found) => panic!("{text}: expected {expected:?}, found {found:?}"),
    }
}

fn strings() -> impl Strategy<Value = String> {
    let characters = "ab\"\\/\n\u{8}\u{1f}\u{7f}é摇\u{ff61}\u{1f600}".chars().collect::<Vec<_>>();
    proptest::collection::vec(proptest::sample::select(characters), 0..6).prop_map(|chars| chars.into_iter().collect())
}

fn objects() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-(1i64 << 53)..=1 << 53).prop_map(Value::from),
        proptest::sample::select(vec![0, 1, (1 << 53) - 1, 1 << 53, -(1 << 53), i64::MAX]).prop_map(Value::from),
        strings().prop_map(Value::String),
    ];
    let value = leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((strings(), inner), 0..5).prop_map(|fields| fields.into_iter().collect()),
        ]
    });
    proptest::collection::vec((strings(), value), 0..5)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()))
}

/// A place, and what comes there: a piece of JSON, or the end.
fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, &'static str)>> {
    const PIECES: [&str; 22] = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u001f", "\\u0008", "\\ud800", "\\/", "1", "0", "-", ".5", "e",
        " ", "true", "null", "a", "end",
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), proptest::sample::select(PIECES.to_vec())), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_reader_reads_what_the_writer_writes_and_nothing_else(object in objects(), changes in changes()) {
        let mut text = encode(&object);
        both_readers_agree(&text);
        both_readers_agree(&object.to_string());
        for (place, piece) in changes {
            let mut at = place.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match piece {
                "end" => text.truncate(at),
                _ => text.insert_str(at, piece),
            }
            both_readers_agree(&text);
        }
    }

    #[test]
    fn an_object_that_another_reader_read_is_the_same(object in objects()) {
        let map = object.as_object().unwrap();
        let document = Document::of(map);
        prop_assert!(is_same(&object, Item::Object(document.object())));
    }
}

#[test]
fn nesting_has_one_limit() {
    for depth in 29..36 {
        for inner in ["", "1", "{}"] {
            both_readers_agree(&format!("{{\"a\":{}{inner}{}}}", "[".repeat(depth), "]".repeat(depth)));
        }
    }
}
