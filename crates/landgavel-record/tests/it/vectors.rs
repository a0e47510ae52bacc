//! The published vectors of receipts and witnesses, `docs/format/vectors/receipt.json`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_log::note::VerifierKey;
use landgavel_log::policy::Policy;
use landgavel_log::tree::Hash;
use landgavel_log::witness::{AddCheckpoint, Seen, Submitted};
use landgavel_record::receipt::judge;
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../../../docs/format/vectors/receipt.json");

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

#[test]
fn every_receipt_of_the_vectors_gets_its_verdict() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["receipts"].as_array().unwrap();
    assert!(cases.len() >= 15, "{}", cases.len());
    for case in cases {
        let policy = Policy::parse(text(&vectors["policies"], text(case, "policy"))).unwrap();
        let entry = case["entry"].as_str().map(|entry| BASE64_STANDARD.decode(entry).unwrap());
        let report = judge(text(case, "receipt").as_bytes(), &policy, entry.as_deref());
        let found = match &report.verdict {
            Ok(proven) => json!({"index": proven.index, "size": proven.size, "witnessed_s": proven.witnessed_s,
                "witnesses": proven.witnesses, "leaf": proven.leaf}),
            Err(wrong) => json!(wrong.code),
        };
        assert_eq!(found, case["verdict"], "{}", text(case, "what"));
    }
}

#[test]
fn every_request_of_the_vectors_gets_its_status() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let log = VerifierKey::parse(text(&vectors, "log")).unwrap();
    let cases = vectors["requests"].as_array().unwrap();
    assert!(cases.len() >= 10, "{}", cases.len());
    for case in cases {
        let number = |field: &str| case[field].as_u64().unwrap();
        let root = Hash::from_base64(text(case, "seen_root")).unwrap();
        let seen = Seen { size: number("seen_size"), root, time: number("seen_s") };
        let verdict = AddCheckpoint::parse(text(case, "body").as_bytes())
            .and_then(|request| Submitted::check(request, std::slice::from_ref(&log)))
            .and_then(|submitted| submitted.follows(&seen, number("now_s")));
        let status = verdict.map_or_else(|refusal| u64::from(refusal.status()), |_| 200);
        assert_eq!(status, number("status"), "{}", text(case, "what"));
    }
}
