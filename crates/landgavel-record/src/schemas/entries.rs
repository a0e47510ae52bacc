use serde_json::{Value, json};

use super::parts::{list, object, part};
use crate::record::IntakeRefusal;

/// An entry of the log: the notice, or a command with what it led to.
pub(super) fn entry() -> Value {
    let text = json!({"type": "string", "minLength": 2, "maxLength": 32_768});
    let two = json!({"allOf": [part("signatures"), {"minItems": 2}]});
    let notice = object(&[
        ("at_ms", part("moment")),
        ("entry", json!({"const": 0})),
        ("notice", text.clone()),
        ("signatures", two),
    ]);
    let command = |result: (&'static str, Value)| {
        object(&[
            ("at_ms", part("moment")),
            ("entry", json!({"allOf": [part("count"), {"minimum": 1}]})),
            ("command", text.clone()),
            ("signatures?", part("signatures")),
            result,
        ])
    };
    let long = object(&[("count", part("count")), ("sha256", part("digest"))]);
    let events = json!({"anyOf": [{"type": "array", "items": event()}, long]});
    json!({"oneOf": [notice, command(("events", events)), command(("refused", refused()))]})
}

fn refused() -> Value {
    let intake = IntakeRefusal::ALL.map(IntakeRefusal::code);
    let record = object(&[("clause", json!({"const": "record"})), ("code", json!({"enum": intake}))]);
    let code = json!({"type": "string", "pattern": "^[a-z][a-z_]*$"});
    let expected = json!({"type": "object", "minProperties": 1, "maxProperties": 1});
    let clause = json!({"allOf": [part("text"), {"not": {"const": "record"}}]});
    let rules = object(&[("clause", clause), ("code", code), ("expected?", expected)]);
    json!({"oneOf": [record, rules]})
}

/// What happened, and its fields.
type Shape = (&'static str, Vec<(&'static str, Value)>);

/// An event: one shape for each thing that can happen.
fn event() -> Value {
    let shapes = [of_admission(), of_bidding(), of_hidden_things(), of_the_course(), of_the_award()].concat();
    let mut all: Vec<Value> = shapes.into_iter().map(|(name, fields)| named(name, fields)).collect();
    all.extend(phases());
    all.extend(passed_in(true));
    json!({"oneOf": all})
}

fn bidder() -> (&'static str, Value) {
    ("bidder", part("text"))
}

/// An officer's words, as the engine keeps them.
fn words(name: &'static str) -> (&'static str, Value) {
    (name, json!({"type": "string"}))
}

fn of_admission() -> Vec<Shape> {
    let text = || part("text");
    let form = json!({"enum": ["cash", "guarantee", "insurance"]});
    let until = ("valid_until_ms?", part("moment"));
    vec![
        ("applied", vec![bidder(), ("identity?", text()), ("group?", text()), ("facts", part("facts"))]),
        ("bond_lodged", vec![bidder(), ("form", form), ("amount_minor", part("integer")), until, ("issuer?", text())]),
        ("admitted", vec![bidder()]),
        ("withdrawn", vec![bidder()]),
        ("rejected", vec![bidder(), words("reason")]),
        ("admission_closed", vec![("admitted", part("count"))]),
    ]
}

fn of_bidding() -> Vec<Shape> {
    vec![
        ("bid_placed", vec![bidder(), ("amount", part("integer"))]),
        ("joined", vec![bidder()]),
        ("accepted", vec![bidder(), ("value?", part("integer"))]),
        ("cap_reached", vec![bidder()]),
        ("step_changed", vec![("step", part("integer"))]),
        ("bid_called", vec![]),
    ]
}

fn of_hidden_things() -> Vec<Shape> {
    let result = json!({"enum": ["valid", "out_of_bounds", "unreadable"]});
    let secret = || [("stage", part("text")), ("secret", json!({"enum": ["cap", "reserve"]}))];
    let [stage, which] = secret();
    let committed = vec![stage, which, ("digest", part("digest"))];
    let [stage, which] = secret();
    let revealed = vec![stage, which, ("value", part("integer"))];
    let index = json!({"type": "integer", "minimum": 0});
    vec![
        ("committed", committed),
        ("revealed", revealed),
        ("seal_lodged", vec![bidder(), ("envelope", part("digest")), ("readable_ms", part("moment"))]),
        ("seal_voided", vec![bidder()]),
        ("seal_opened", vec![bidder(), ("result", result), ("amounts", list(&part("integer")))]),
        ("scheme_filed", vec![bidder(), ("documents", part("digest"))]),
        ("mark_given", vec![("judge", part("text")), bidder(), ("criterion", index), ("points", part("integer"))]),
        ("scored", vec![bidder(), ("score", part("integer"))]),
        ("draw_frozen", vec![("root", part("digest"))]),
        ("draw_held", vec![("outputs", list(&part("digest"))), ("order", part("codes"))]),
    ]
}

fn of_the_course() -> Vec<Shape> {
    let ended = vec![
        ("stage", part("text")),
        ("why", part("ending")),
        ("best?", part("integer")),
        ("ahead", part("codes")),
        ("ranking", part("codes")),
    ];
    vec![
        ("stage_opened", vec![("stage", part("text")), ("field", part("codes"))]),
        ("stage_ended", ended),
        ("paused", vec![words("evidence")]),
        ("resumed", vec![("lasted_ms", part("count"))]),
        ("annulled", vec![("cause", part("text")), words("reason")]),
    ]
}

fn of_the_award() -> Vec<Shape> {
    let winner = object(&[bidder(), ("terms", part("terms"))]);
    let cause = json!({"enum": ["default", "disqualification", "unopened-seal", "late-withdrawal"]});
    let owed =
        vec![bidder(), ("obligation?", part("text")), ("amount_minor?", part("integer")), ("due?", part("date"))];
    vec![
        ("provisionally_awarded", vec![("winners", list(&winner)), ("runners_up", part("codes"))]),
        ("qualified", vec![bidder()]),
        ("disqualified", vec![bidder(), words("reason")]),
        ("confirmed", vec![bidder()]),
        ("defaulted", vec![bidder()]),
        ("cascaded", vec![bidder(), ("terms", part("terms"))]),
        ("bond_forfeited", vec![bidder(), ("cause", cause)]),
        ("obligation_arose", owed),
        ("awarded", vec![]),
    ]
}

fn named(name: &str, fields: Vec<(&str, Value)>) -> Value {
    let mut all = vec![("event", json!({"const": name}))];
    all.extend(fields);
    object(&all)
}

fn phases() -> [Value; 3] {
    let plain = [
        "quote",
        "ask",
        "live",
        "acceptance",
        "sealing",
        "opening",
        "pause",
        "clock",
        "filing",
        "marking",
        "frozen",
        "taking",
        "revealing",
    ];
    let round = || ("round", json!({"type": "integer", "minimum": 1}));
    [
        named("phase_began", vec![("phase", json!({"enum": plain}))]),
        named("phase_began", vec![("phase", json!({"const": "round"})), round()]),
        named("phase_began", vec![("phase", json!({"const": "turn"})), round(), ("bidder", part("text"))]),
    ]
}

/// Why a lot passed in, as an event or as part of an outcome.
pub(super) fn passed_in(is_event: bool) -> [Value; 2] {
    let plain = ["no_bidder", "too_few_bidders", "sole_bidder", "winner_failed"];
    let make = |fields: Vec<(&str, Value)>| if is_event { named("passed_in", fields) } else { object(&fields) };
    [
        make(vec![("reason", json!({"enum": plain}))]),
        make(vec![("reason", json!({"const": "stage"})), ("stage", part("text")), ("why", part("ending"))]),
    ]
}
