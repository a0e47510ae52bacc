use serde_json::{Value, json};

use super::parts::{list, object, part};

/// The notice.
pub(super) fn notice() -> Value {
    let officer = object(&[("key", part("key")), ("name", part("text"))]);
    let party = object(&[("commitment", part("digest")), ("name", part("text"))]);
    let most = |items: &Value, most: u32| json!({"type": "array", "items": items, "maxItems": most});
    let period = json!({"type": "integer", "minimum": 1, "maximum": u32::MAX});
    let at_most = |most: u32| json!({"type": "integer", "minimum": 0, "maximum": most});
    let local = object(&[
        ("chain", json!({"const": "local"})),
        ("genesis_s", part("count")),
        ("period_s", period),
        ("public_key", json!({"type": "string", "pattern": "^[0-9a-f]{192}$"})),
    ]);
    let beacon = json!({"oneOf": [object(&[("chain", json!({"const": "quicknet"}))]), local]});
    let issuer = object(&[("fact", part("text")), ("key", part("key")), ("name", part("text"))]);
    let issuers = json!({"type": "array", "items": issuer, "minItems": 1, "maxItems": 64});
    let mut notice = object(&[
        ("format", json!({"enum": ["landgavel-record/1", "landgavel-record/2"]})),
        ("origin", part("text")),
        ("lot", part("text")),
        ("lot_sha256", part("digest")),
        ("rulebook_sha256", part("digest")),
        ("policy_sha256", part("digest")),
        ("officers", most(&officer, 64)),
        ("hall?", part("key")),
        ("beacon", beacon),
        ("draw_delay_ms", part("count")),
        ("seal_delay_ms", part("count")),
        ("parties", most(&party, 64)),
        ("fallback?", object(&[("after_ms", part("count")), ("number", part("text"))])),
        ("checkpoint_within_ms", at_most(3_600_000)),
        ("clock_tolerance_ms", at_most(60_000)),
        ("demonstration", json!({"type": "boolean"})),
        ("issuers?", issuers),
    ]);
    // Issuers are what makes a notice one of the second format.
    let second = json!({"properties": {"format": {"const": "landgavel-record/2"}}});
    notice["if"] = json!({"required": ["issuers"]});
    notice["then"] = second.clone();
    notice["else"] = json!({"not": second});
    notice
}

/// What binds a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Binding {
    /// Nobody signs.
    None,
    /// An officer, two, or the hall.
    Seller,
    /// A bidder.
    Bidder,
    /// A bidder, for the running stage.
    InStage,
}

/// What is asked, what binds its signature, and its own fields.
type Shape = (&'static str, Binding, Vec<(&'static str, Value)>);

/// A command: one shape for each thing that can be asked.
pub(super) fn command() -> Value {
    let verbs = [by_bidders(), of_admission_and_award(), of_the_course(), by_nobody()].concat();
    let shapes: Vec<Value> = verbs.into_iter().map(|(verb, binding, fields)| one(verb, binding, fields)).collect();
    json!({"oneOf": shapes})
}

fn bidder() -> (&'static str, Value) {
    ("bidder", part("text"))
}

/// Words about the sale, with documents by their hash.
fn statement(first: (&'static str, Value)) -> Vec<(&'static str, Value)> {
    let short = json!({"type": "string", "minLength": 1, "maxLength": 4096});
    vec![first, ("text", short), ("documents?", part("digest"))]
}

fn by_bidders() -> Vec<Shape> {
    let text = || part("text");
    let short = json!({"type": "string", "minLength": 1, "maxLength": 4096});
    let certificate = object(&[("signature", text()), ("text", short)]);
    let certificates = json!({"type": "array", "items": certificate, "maxItems": 16});
    let apply = vec![
        bidder(),
        ("identity?", text()),
        ("group?", text()),
        ("facts?", part("facts")),
        ("certificates?", certificates),
    ];
    vec![
        ("apply", Binding::Bidder, apply),
        ("withdraw", Binding::Bidder, vec![bidder()]),
        ("confirm", Binding::Bidder, vec![bidder()]),
        ("object", Binding::Bidder, statement(bidder())),
        ("bid", Binding::InStage, vec![bidder(), ("amount", part("amount")), ("attribute", text())]),
        ("join", Binding::InStage, vec![bidder()]),
        ("accept", Binding::InStage, vec![bidder()]),
        ("seal", Binding::InStage, vec![bidder(), ("commitment", part("digest")), ("envelope", text())]),
        ("file", Binding::InStage, vec![bidder(), ("documents", part("digest"))]),
    ]
}

fn of_admission_and_award() -> Vec<Shape> {
    let reason = || ("reason", part("text"));
    let form = json!({"enum": ["cash", "guarantee", "insurance"]});
    let moment = json!({"type": "string",
                        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"});
    let bond =
        vec![bidder(), ("form", form), ("amount", part("amount")), ("valid_until?", moment), ("issuer?", part("text"))];
    vec![
        ("bond", Binding::Seller, bond),
        ("admit", Binding::Seller, vec![bidder()]),
        ("reject", Binding::Seller, vec![bidder(), reason()]),
        ("qualify", Binding::Seller, vec![bidder()]),
        ("disqualify", Binding::Seller, vec![bidder(), reason()]),
        ("default", Binding::Seller, vec![bidder()]),
        ("annul", Binding::Seller, vec![("cause", part("text")), reason()]),
        ("answer", Binding::Seller, statement(("about", part("count")))),
        ("correct", Binding::Seller, statement(("about", part("count")))),
    ]
}

fn of_the_course() -> Vec<Shape> {
    let text = || part("text");
    let secret = || [("stage", part("text")), ("secret", json!({"enum": ["cap", "reserve"]}))];
    let [stage, which] = secret();
    let commit = vec![stage, which, ("digest", part("digest"))];
    let [stage, which] = secret();
    let reveal = vec![stage, which, ("value", part("amount")), ("salt", part("digest"))];
    let mark = vec![("judge", text()), bidder(), ("criterion", text()), ("points", part("amount"))];
    vec![
        ("commit", Binding::Seller, commit),
        ("reveal", Binding::Seller, reveal),
        ("mark", Binding::Seller, mark),
        ("step", Binding::Seller, vec![("amount", part("amount"))]),
        ("pause", Binding::Seller, vec![("evidence", text())]),
        ("resume", Binding::Seller, vec![]),
        ("call", Binding::Seller, vec![]),
        ("hammer", Binding::Seller, vec![]),
        ("beacon", Binding::Seller, vec![("outputs", outputs(true))]),
    ]
}

fn by_nobody() -> Vec<Shape> {
    let open = vec![bidder(), ("round", part("count")), ("signature", part("round_signature"))];
    vec![
        ("beacon", Binding::None, vec![("outputs", outputs(false))]),
        ("open", Binding::None, open),
        ("tick", Binding::None, vec![]),
    ]
}

fn one(verb: &str, binding: Binding, fields: Vec<(&'static str, Value)>) -> Value {
    let mut all = vec![("do", json!({"const": verb}))];
    all.extend(fields);
    if binding != Binding::None {
        all.extend([
            ("format", json!({"const": "landgavel-command/1"})),
            ("lot", part("text")),
            ("rulebook", part("digest")),
            ("key", part("key")),
            ("id", json!({"type": "string", "minLength": 1, "maxLength": 64})),
            ("note?", part("text")),
        ]);
    }
    if matches!(binding, Binding::Bidder | Binding::InStage) {
        all.push(("seen", object(&[("root", part("digest")), ("size", part("count"))])));
    }
    if binding == Binding::InStage {
        all.push(("stage", part("text")));
    }
    object(&all)
}

/// Outputs of a draw's sources; two officers sign them if one has a number, and else nobody.
fn outputs(has_number: bool) -> Value {
    let round = object(&[("round", part("count")), ("signature", part("round_signature"))]);
    let secrets =
        object(&[("secrets", json!({"type": "array", "items": part("digest"), "minItems": 1, "maxItems": 64}))]);
    let number = object(&[("number", json!({"type": "string", "minLength": 1, "maxLength": 1024}))]);
    if has_number {
        let any = json!({"oneOf": [round, secrets, number]});
        json!({"type": "array", "items": any, "contains": {"type": "object", "required": ["number"]}})
    } else {
        list(&json!({"oneOf": [round, secrets]}))
    }
}
