use serde_json::{Value, json};

use super::entries::passed_in;
use super::parts::{list, object, or_null, part};
use crate::verify::{Caveat, Check};

/// A line of `checkpoints.jsonl`.
pub(super) fn checkpoint_line() -> Value {
    object(&[("note", json!({"type": "string", "minLength": 1, "maxLength": 65_536}))])
}

/// `outcome.json`.
pub(super) fn outcome() -> Value {
    let term = object(&[
        ("attribute", part("text")),
        ("value", part("text")),
        ("quanta", part("integer")),
        ("lot_minor", or_null(&part("integer"))),
        ("mu_minor", or_null(&part("integer"))),
        ("capitals", or_null(&part("text"))),
    ]);
    let winner = object(&[("bidder", part("text")), ("terms", list(&term))]);
    let stage = object(&[
        ("stage", part("text")),
        ("field", part("count")),
        ("why", part("ending")),
        ("best", or_null(&part("text"))),
        ("best_quanta", or_null(&part("integer"))),
        ("ranking", part("codes")),
    ]);
    let with = |status: Value, more: Option<(&'static str, Value)>| {
        let mut fields =
            vec![("lot", part("text")), ("status", status), ("stages", list(&stage)), ("winners", list(&winner))];
        fields.extend(more);
        object(&fields)
    };
    let plain = json!({"enum": ["awarded", "provisional", "admitting", "running"]});
    json!({"oneOf": [
        with(plain, None),
        with(json!({"const": "passed_in"}), Some(("reason", json!({"oneOf": passed_in(false)})))),
        with(json!({"const": "annulled"}), Some(("cause", part("text")))),
    ]})
}

/// A report of the verifier.
pub(super) fn report() -> Value {
    let names: Vec<&str> = Check::OF_SALE.iter().map(|check| check.name()).collect();
    let caveats: Vec<&str> = Caveat::OF_SALE.iter().map(|caveat| caveat.name()).collect();
    let check = |name: &str| {
        object(&[
            ("check", json!({"const": name})),
            ("count", part("count")),
            ("verdict", json!({"enum": ["passed", "failed", "undecided"]})),
        ])
    };
    let checks: Vec<Value> = names.iter().map(|name| check(name)).collect();
    let checks = json!({"type": "array", "prefixItems": checks, "items": false, "minItems": names.len()});
    let wrong = object(&[
        ("check", json!({"enum": names})),
        ("code", json!({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"})),
        ("entry", or_null(&part("count"))),
        ("file", json!({"type": "string"})),
        ("message", json!({"type": "string"})),
    ]);
    let title = object(&[("en", json!({"type": "string"})), ("zh", json!({"type": "string"}))]);
    let subject = object(&[
        ("origin", or_null(&part("text"))),
        ("title", or_null(&title)),
        ("entries", part("count")),
        ("root", or_null(&part("digest"))),
        ("notice", or_null(&part("digest"))),
        ("trusted", list(&part("text"))),
    ]);
    let with = |verdict: &str, wrong: Value, outcome: Value| {
        object(&[
            ("format", json!({"const": "landgavel-report/1"})),
            ("verdict", json!({"const": verdict})),
            ("checks", checks.clone()),
            ("wrong", wrong),
            ("caveats", json!({"type": "array", "items": {"enum": caveats}, "uniqueItems": true})),
            ("outcome", outcome),
            ("subject", subject.clone()),
        ])
    };
    let null = json!({"type": "null"});
    json!({"oneOf": [with("holds", null.clone(), outcome()), with("fails", wrong, null)]})
}
