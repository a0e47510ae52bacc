use serde_json::{Value, json};

use crate::tape::Tape;

/// Deepest walk into a value.
const DEPTH_MAX: usize = 8;

/// Changes one value somewhere inside.
pub fn change(value: &mut Value, tape: &mut Tape<'_>) {
    change_at(value, tape, 0);
}

fn change_at(value: &mut Value, tape: &mut Tape<'_>, depth: usize) {
    let stops = depth == DEPTH_MAX || tape.byte().is_multiple_of(4);
    match value {
        Value::Object(fields) if !fields.is_empty() && !stops => {
            let place = tape.below(fields.len());
            let key = fields.keys().nth(place).cloned().unwrap_or_default();
            match tape.byte() % 8 {
                0 => drop(fields.shift_remove(&key)),
                1 => drop(fields.insert(text(tape), json!(tape.edge()))),
                _ => fields.values_mut().nth(place).into_iter().for_each(|inner| change_at(inner, tape, depth + 1)),
            }
        }
        Value::Array(items) if !items.is_empty() && !stops => {
            let place = tape.below(items.len());
            match tape.byte() % 8 {
                0 => drop(items.remove(place)),
                1 => items.push(items[place].clone()),
                2 => {
                    let other = tape.below(items.len());
                    items.swap(place, other);
                }
                _ => change_at(&mut items[place], tape, depth + 1),
            }
        }
        Value::String(old) if !stops => {
            let mut bytes = core::mem::take(old).into_bytes();
            crate::tape::mangle(&mut bytes, tape);
            *old = String::from_utf8_lossy(&bytes).into_owned();
        }
        _ => *value = other(tape),
    }
}

fn other(tape: &mut Tape<'_>) -> Value {
    match tape.byte() % 9 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(text(tape)),
        3 => json!([]),
        4 => json!({}),
        5 => json!([tape.edge(), text(tape)]),
        6 => json!(text(tape).repeat(1 + usize::from(tape.byte()) * 64)),
        _ => json!(tape.edge()),
    }
}

fn text(tape: &mut Tape<'_>) -> String {
    const WORDS: [&str; 16] = [
        "",
        "A",
        "B",
        "tick",
        "open",
        "seal",
        "bid",
        "apply",
        "beacon",
        "bidder",
        "seen",
        "\\\"\u{1}",
        "摇号",
        "9 元",
        "2340 万元",
        "none",
    ];
    let choice = usize::from(tape.byte());
    match WORDS.get(choice) {
        Some(word) => (*word).to_owned(),
        None => String::from_utf8_lossy(tape.take(choice % 48)).into_owned(),
    }
}
