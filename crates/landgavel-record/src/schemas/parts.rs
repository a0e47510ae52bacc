use landgavel_base::{Instant, SAFE_INTEGER_MAX};
use serde_json::{Map, Value, json};

/// A reference to a part that several documents have.
pub(super) fn part(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// An object with these fields and no others; the name of one that may be absent ends in a question mark.
pub(super) fn object(fields: &[(&str, Value)]) -> Value {
    let mut properties = Map::new();
    for (name, schema) in fields {
        properties.insert(name.trim_end_matches('?').to_owned(), schema.clone());
    }
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// A list of one kind of thing.
pub(super) fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

/// A value, or null.
pub(super) fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// The definitions that a schema refers to, and those that they refer to.
pub(super) fn definitions(schema: &Value) -> Value {
    let mut wanted = Vec::new();
    references(schema, &mut wanted);
    let mut found = Map::new();
    while let Some(name) = wanted.pop() {
        if !found.contains_key(&name) {
            let definition = definition(&name);
            references(&definition, &mut wanted);
            found.insert(name, definition);
        }
    }
    found.sort_keys();
    Value::Object(found)
}

fn references(schema: &Value, into: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| name == "$ref").and_then(|text| text.strip_prefix("#/$defs/")) {
                    Some(part) => into.push(part.to_owned()),
                    None => references(value, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

fn definition(name: &str) -> Value {
    match name {
        "text" => json!({"type": "string", "minLength": 1}),
        "count" => json!({"type": "integer", "minimum": 0, "maximum": SAFE_INTEGER_MAX}),
        "integer" => json!({"type": "integer", "minimum": -SAFE_INTEGER_MAX, "maximum": SAFE_INTEGER_MAX}),
        "moment" => json!({"type": "integer", "minimum": 0, "maximum": Instant::MAX_MILLIS,
                           "description": "milliseconds since 1970-01-01T00:00Z"}),
        "digest" => json!({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
        "round_signature" => json!({"type": "string", "pattern": "^[0-9a-f]{96}$"}),
        "base64" => {
            json!({"type": "string", "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$"})
        }
        "key" => json!({"anyOf": [{"type": "string", "pattern": "^ed25519:[A-Za-z0-9+/]{43}=$"},
                                  {"type": "string", "pattern": "^sm2:[A-Za-z0-9+/]{87}=$"}]}),
        "amount" => json!({"anyOf": [part("text"), part("integer")]}),
        "facts" => json!({"type": "object", "additionalProperties":
                          {"anyOf": [{"type": "string"}, part("integer"), {"type": "boolean"}]}}),
        "terms" => json!({"type": "object", "additionalProperties": part("integer")}),
        "codes" => list(&part("text")),
        "ending" => json!({"enum": ["settled", "capped", "empty", "below_reserve", "overdue", "tied"]}),
        "date" => json!({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
        "signatures" => {
            let signature = object(&[("key", part("key")), ("signature", part("base64"))]);
            json!({"type": "array", "items": signature, "minItems": 1, "maxItems": 4})
        }
        other => unreachable!("no part is named {other}"),
    }
}
