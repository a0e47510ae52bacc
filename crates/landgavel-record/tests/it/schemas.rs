//! The schemas of the record's documents: whatever a record holds fits them, and what it never holds does not.

use std::collections::BTreeSet;
use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use landgavel_record::schemas::{Document, schema};
use landgavel_record::verify::{entries_path, read_bundle};
use serde_json::{Value, json};

use crate::tampering::Bundle;

/// Schemas that are ready to judge.
struct Judge {
    schemas: Schemas,
    known: Vec<(Document, SchemaIndex)>,
}

impl Judge {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let known = Document::ALL.map(|document| {
            let name = format!("https://schemas.invalid/{}", document.as_str());
            compiler.add_resource(&name, schema(document)).unwrap();
            (document, compiler.compile(&name, &mut schemas).unwrap_or_else(|error| panic!("{name}: {error:#}")))
        });
        Self { schemas, known: known.to_vec() }
    }

    fn fits(&self, document: Document, value: &Value) -> bool {
        let (_, index) = self.known.iter().find(|(known, _)| *known == document).unwrap();
        self.schemas.validate(value, *index).is_ok()
    }

    #[track_caller]
    fn must_fit(&self, document: Document, value: &Value) {
        let (_, index) = self.known.iter().find(|(known, _)| *known == document).unwrap();
        if let Err(error) = self.schemas.validate(value, *index) {
            panic!("{} does not fit its schema: {value:#}\n{error:#}", document.as_str());
        }
    }

    /// A document fits; without any of its fields, and with one more, it does not.
    #[track_caller]
    fn must_fit_as_it_is(&self, document: Document, value: &Value, may_miss: &[&str]) {
        self.must_fit(document, value);
        let mut more = value.clone();
        more["stray"] = json!(1);
        assert!(!self.fits(document, &more), "{} with a stray field: {more}", document.as_str());
        for name in value.as_object().unwrap().keys().filter(|name| !may_miss.contains(&name.as_str())) {
            let mut less = value.clone();
            less.as_object_mut().unwrap().shift_remove(name);
            assert!(!self.fits(document, &less), "{} without {name}: {less}", document.as_str());
        }
    }

    /// Everything in a bundle fits, and its report.
    #[track_caller]
    fn bundle(&self, bundle: &Bundle) {
        let report: Value = serde_json::from_str(&bundle.report().json()).unwrap();
        self.must_fit_as_it_is(Document::Report, &report, &[]);
        let outcome: Value = serde_json::from_slice(&bundle.0["outcome.json"]).unwrap();
        self.must_fit_as_it_is(Document::Outcome, &outcome, &[]);
        for line in String::from_utf8_lossy(&bundle.0["checkpoints.jsonl"]).lines() {
            self.must_fit(Document::CheckpointLine, &serde_json::from_str(line).unwrap());
        }
        let size = report["subject"]["entries"].as_u64().unwrap();
        let mut number = 0;
        while number < size {
            let (path, width) = entries_path(number, size);
            for entry in read_bundle(&bundle.0[&path], width) {
                self.entry(&serde_json::from_slice(&entry).unwrap());
                number += 1;
            }
        }
    }

    #[track_caller]
    fn entry(&self, entry: &Value) {
        self.must_fit_as_it_is(Document::Entry, entry, &["signatures"]);
        let (document, text) = match entry["notice"].as_str() {
            Some(notice) => (Document::Notice, notice),
            None => (Document::Command, entry["command"].as_str().unwrap()),
        };
        let signed: Value = serde_json::from_str(text).unwrap();
        let may_miss = ["fallback", "hall", "note", "identity", "group", "facts", "valid_until", "issuer", "documents"];
        self.must_fit_as_it_is(document, &signed, &may_miss);
        for event in entry["events"].as_array().into_iter().flatten() {
            for name in ["event", "bidder"].into_iter().filter(|name| event.get(name).is_some()) {
                let mut other = entry.clone();
                let mut changed = event.clone();
                changed[name] = json!({});
                other["events"] = json!([changed]);
                assert!(!self.fits(Document::Entry, &other), "{changed}");
            }
        }
    }
}

#[test]
fn whatever_a_record_holds_fits_its_schema() {
    let judge = Judge::new();
    for forge in [crate::attacks::open_sale(), crate::attacks::sealed_sale()] {
        judge.bundle(&forge.bundle);
    }
    let vectors: Value = serde_json::from_str(include_str!("../../../../docs/format/vectors/record.json")).unwrap();
    for record in vectors["records"].as_array().unwrap() {
        judge.must_fit(Document::Outcome, &record["outcome"]);
        for step in record["steps"].as_array().unwrap() {
            if let Some(entry) = step["entry"].as_str() {
                judge.entry(&serde_json::from_str(entry).unwrap());
            }
        }
    }
    for case in vectors["refused_notices"].as_array().unwrap() {
        // That a point is on a curve, or one number not below another, no schema says.
        let is_beyond = ["no point", "an officer's key for the hall", "a seal delay below the tolerance"];
        let notice = serde_json::from_str(case["text"].as_str().unwrap()).unwrap();
        let why = case["why"].as_str().unwrap();
        assert_eq!(judge.fits(Document::Notice, &notice), is_beyond.contains(&why), "{why}");
    }
}

/// A faulty record's report has the form of any other.
#[test]
fn reports_of_what_fails_fit_too() {
    let judge = Judge::new();
    let mut bundle = crate::attacks::open_sale().bundle;
    bundle.0.insert("outcome.json".to_owned(), b"{}\n".to_vec());
    let report: Value = serde_json::from_str(&bundle.report().json()).unwrap();
    assert_eq!(report["verdict"], "fails");
    judge.must_fit_as_it_is(Document::Report, &report, &[]);
    bundle.0.clear();
    judge.must_fit(Document::Report, &serde_json::from_str(&bundle.report().json()).unwrap());
    let mut both = report.clone();
    both["verdict"] = json!("holds");
    assert!(!judge.fits(Document::Report, &both));
}

#[test]
fn what_a_record_never_holds_fits_no_schema() {
    let judge = Judge::new();
    let forge = crate::attacks::open_sale();
    let number = forge.find("bid", 0);
    let (entry, command) = (forge.entry(number), forge.command(number));
    let changed = |value: &Value, field: &str, to: Value| {
        let mut value = value.clone();
        value[field] = to;
        value
    };
    for (field, to) in [
        ("do", json!("dance")),
        ("format", json!("landgavel-command/2")),
        ("key", json!("rsa:AAAA")),
        ("rulebook", json!("AB".repeat(32))),
        ("id", json!("")),
        ("id", json!("x".repeat(65))),
        ("seen", json!({"root": "00".repeat(32)})),
        ("bidder", json!(7)),
        ("amount", json!(true)),
        ("note", json!("")),
    ] {
        assert!(!judge.fits(Document::Command, &changed(&command, field, to.clone())), "{field}: {to}");
    }
    for (field, to) in [
        ("at_ms", json!(-1)),
        ("at_ms", json!(253_402_300_800_000_i64)),
        ("entry", json!(0)),
        ("command", json!({})),
        ("events", json!([{"event": "danced"}])),
        ("events", json!({"count": 1})),
        ("refused", json!({"clause": "record", "code": "unknown_checkpoint"})),
        ("signatures", json!([])),
        ("signatures", json!([{"key": "ed25519:AAAA", "signature": "AAAA"}])),
        ("notice", json!("{}")),
    ] {
        assert!(!judge.fits(Document::Entry, &changed(&entry, field, to.clone())), "{field}: {to}");
    }
    for line in [json!({}), json!({"note": 1}), json!({"note": "x", "size": 1})] {
        assert!(!judge.fits(Document::CheckpointLine, &line));
    }
    let unsigned = json!({"do": "beacon", "outputs": [{"number": "7"}]});
    assert!(!judge.fits(Document::Command, &unsigned));
    assert!(judge.fits(Document::Command, &json!({"do": "beacon", "outputs": []})));
    assert!(!judge.fits(Document::Command, &json!({"do": "tick", "note": "x"})));
}

/// The words in the first column of the table of a page whose head begins so.
fn words_of(page: &str, head: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format").join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with(head)).skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    // Every other piece stands between backquotes; what follows a comma in words is not a name.
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter(|word| *word != "number")
        .map(str::to_owned)
        .collect()
}

/// The constants of a field in all shapes of a schema.
fn constants(schema: &Value, field: &str, into: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            let value = fields.get("properties").and_then(|properties| properties[field]["const"].as_str());
            into.extend(value.map(str::to_owned));
            fields.values().for_each(|value| constants(value, field, into));
        }
        Value::Array(items) => items.iter().for_each(|item| constants(item, field, into)),
        _ => {}
    }
}

#[test]
fn schemas_and_pages_know_the_same_commands_and_events() {
    for (document, field, page) in [(Document::Command, "do", "record.md"), (Document::Entry, "event", "events.md")] {
        let mut known = Vec::new();
        constants(&schema(document), field, &mut known);
        let known: BTreeSet<String> = known.into_iter().collect();
        assert_eq!(known, words_of(page, &format!("| `{field}` |")), "{page}");
    }
}
