use landgavel_base::Digest;
use landgavel_log::tree::leaf_hash;
use landgavel_record::record::{Fallback, Notice, identity_commitment};
use serde_json::{Value, json};

use super::{bytes_of, compare, hex};
use crate::desk::{Desk, key, secret, time};

const OFFICERS: [&str; 2] = ["officer/1", "officer/2/sm2"];

fn at(clock: &str) -> i64 {
    time(&format!("2026-03-02T{clock}+08:00"))
}

fn fixture(name: &str) -> (String, String) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook/fixtures");
    let read = |name: String| std::fs::read_to_string(folder.join(name)).unwrap();
    (read(format!("{name}_rules.toml")), read(format!("{name}.toml")))
}

fn with_hall(notice: &mut Notice) {
    notice.hall = Some(key("hall").public());
}

/// Every way in which a command is entered, refused at intake, or turned away.
pub fn open_sale() -> Desk {
    let (rules, lot) = fixture("hammer");
    let mut desk = Desk::unpublished(&rules, &lot, with_hall);
    let apply = |code: &str| json!({"do": "apply", "bidder": code});
    let early = desk.bound(apply("A"), "A");
    assert_eq!(desk.enter(at("09:00:00"), &early, &["A"]).unwrap_err().code(), "notice_not_published");
    desk.publish_at(at("09:00:01"));
    let commitment = identity_commitment("casebook/hammer-lot", "A", Digest(bytes_of("salt")), "示例企业");
    desk.done(
        at("09:10:00"),
        json!({"do": "apply", "bidder": "A", "identity": format!("sha256:{commitment}"), "group": "集团",
               "facts": {"industry": "C345", "since": 1998, "local": true}, "note": "\"首次\" / \\ \u{7f}\n"}),
        &["A"],
    );
    desk.done(at("09:10:10"), apply("竞买人B"), &["B/sm2"]);
    let mut turned_away = |command: &Value, holders: &[&str], code: &str| {
        let fault = desk.enter(at("09:11:00"), command, holders).unwrap_err();
        assert_eq!(fault.code(), code, "{fault}");
    };
    turned_away(&json!({"do": "tick", "x": 1}), &[], "field");
    turned_away(&json!({"do": "dance"}), &[], "unsigned");
    let command = desk.bound(apply("C"), "C");
    let changed = |field: &str, value: Value| {
        let mut command = command.clone();
        command[field] = value;
        command
    };
    let mut turned_away = |command: &Value, holders: &[&str], code: &str| {
        let fault = desk.enter(at("09:11:00"), command, holders).unwrap_err();
        assert_eq!(fault.code(), code, "{fault}");
    };
    turned_away(&command, &[], "unsigned");
    turned_away(&command, &["C", "officer/1"], "unsigned");
    turned_away(&changed("bidder", json!("A")), &["C"], "already_enrolled");
    turned_away(&command, &["A"], "already_enrolled");
    turned_away(&changed("do", json!("withdraw")), &["C"], "key_not_allowed");
    turned_away(&changed("format", json!("landgavel-command/2")), &["C"], "field");
    turned_away(&changed("lot", json!("casebook/another-lot")), &["C"], "other_sale");
    turned_away(&changed("rulebook", json!("00".repeat(32))), &["C"], "other_sale");
    turned_away(&changed("key", json!(key("D").public().to_string())), &["C"], "field");
    turned_away(&changed("id", json!("x".repeat(65))), &["C"], "field");
    turned_away(&changed("seen", json!({"root": "00".repeat(32)})), &["C"], "field");
    turned_away(&changed("stage", json!("price")), &["C"], "field");
    turned_away(&changed("identity", json!("")), &["C"], "field");
    turned_away(&changed("note", Value::Null), &["C"], "field");
    turned_away(&json!({"do": "open", "bidder": "A", "round": 5, "signature": "00".repeat(48)}), &[], "wrong_opening");
    turned_away(&json!({"do": "beacon", "outputs": []}), &[], "source");
    let unknown = changed("seen", json!({"root": "00".repeat(32), "size": 0}));
    let entry = desk.enter(at("09:11:00"), &unknown, &["C"]).unwrap();
    assert_eq!(entry.result.unwrap_err().code(), "unknown_checkpoint");
    assert_eq!(desk.enter(at("09:12:00"), &command, &["C"]).unwrap_err().code(), "id_repeated");
    let mut early = desk.bound(json!({"do": "bid", "bidder": "A", "amount": "1000 万元"}), "A");
    early["stage"] = json!("price");
    early["attribute"] = json!("price");
    let entry = desk.enter(at("09:12:00"), &early, &["A"]).unwrap();
    assert_eq!(entry.result.unwrap_err().code(), "other_stage");
    assert_eq!(desk.enter(at("09:11:59"), &json!({"do": "tick"}), &[]).unwrap_err().code(), "time_runs_backwards");
    desk.enter(at("09:13:00"), &json!({"do": "tick"}), &[]).unwrap();
    let owed = desk.bound(json!({"do": "step", "amount": "10 万元"}), "officer/1");
    assert_eq!(desk.enter(at("10:00:00"), &owed, &["officer/1"]).unwrap_err().code(), "tick_owed");
    assert_eq!(desk.enter(at("10:00:01"), &json!({"do": "tick"}), &[]).unwrap_err().code(), "tick_late");
    let bid = |code: &str, amount: &str| json!({"do": "bid", "bidder": code, "amount": amount});
    assert_eq!(desk.refused(at("10:00:10"), bid("A", "900 万元"), &["A"]), "bid_below_minimum");
    desk.done(at("10:00:11"), bid("A", "1000 万元"), &["A"]);
    let mut other = desk.bound(bid("竞买人B", "1020 万元"), "B/sm2");
    other["attribute"] = json!("tax");
    let entry = desk.enter(at("10:00:12"), &other, &["B/sm2"]).unwrap();
    assert_eq!(entry.result.unwrap_err().code(), "other_attribute");
    desk.done(at("10:00:13"), bid("竞买人B", "1020 万元"), &["B/sm2"]);
    desk.done(at("10:00:14"), json!({"do": "pause", "evidence": "{\"cause\":\"slow_commit\"}"}), &["hall"]);
    desk.done(at("10:05:00"), json!({"do": "resume"}), &["officer/2/sm2"]);
    desk.done(at("10:05:20"), json!({"do": "call"}), &["officer/1"]);
    desk.done(at("10:05:40"), json!({"do": "hammer"}), &["officer/1"]);
    desk.advance(at("10:06:00"));
    desk.done(at("10:10:00"), json!({"do": "object", "bidder": "A", "text": "落槌过早"}), &["A"]);
    let documents = "ab".repeat(32);
    desk.done(
        at("10:20:00"),
        json!({"do": "answer", "about": 17, "text": "见记录", "documents": documents}),
        &["officer/1"],
    );
    desk
}

/// An outage in the window of sealed bids, and seals of every kind.
pub fn sealed_sale() -> Desk {
    let (rules, lot) = fixture("sealed");
    let mut desk = Desk::open(&rules, &lot, |_| {});
    for (minute, code) in (10..).zip(["A", "B", "C"]) {
        desk.done(at(&format!("09:{minute}:00")), json!({"do": "apply", "bidder": code}), &[code]);
    }
    desk.advance(at("10:00:00"));
    let early = desk.record.seal_round().unwrap();
    let first = desk.sealed("A", &[1200], early);
    desk.done(at("10:05:00"), first.clone(), &["A"]);
    let mut copy = first.clone();
    copy["bidder"] = json!("B");
    assert_eq!(desk.refused(at("10:05:05"), copy, &["B"]), "ciphertext_copied");
    let mut broken = first.clone();
    broken["bidder"] = json!("B");
    broken["envelope"] = json!("AAAA");
    assert_eq!(desk.refused(at("10:05:10"), broken, &["B"]), "envelope_malformed");
    desk.done(at("10:06:00"), json!({"do": "pause", "evidence": "停电"}), &["officer/1"]);
    desk.done(at("10:20:00"), json!({"do": "resume"}), &["officer/1"]);
    let late = desk.record.seal_round().unwrap();
    let wrong = desk.sealed("B", &[1200], early);
    assert_eq!(desk.refused(at("10:21:00"), wrong, &["B"]), "other_round");
    for (second, code, amounts) in [(10, "A", &[1300][..]), (20, "B", &[900]), (30, "C", &[1, 2])] {
        let sealed = desk.sealed(code, amounts, late);
        desk.done(at(&format!("10:22:{second}")), sealed, &[code]);
    }
    let (comes, output) = desk.round(late);
    let open = |code: &str| json!({"do": "open", "bidder": code, "round": late, "signature": output["signature"]});
    desk.advance(comes);
    assert_eq!(desk.enter(comes - 5001, &open("A"), &[]).unwrap_err().code(), "round_not_yet");
    let mut other = open("A");
    other["round"] = json!(early);
    assert_eq!(desk.enter(comes, &other, &[]).unwrap_err().code(), "wrong_opening");
    for code in ["A", "B", "C"] {
        desk.ask(comes, open(code), &[]).unwrap();
    }
    assert_eq!(desk.enter(comes, &open("A"), &[]).unwrap_err().code(), "wrong_opening");
    desk.advance(at("11:30:00"));
    desk
}

/// A draw among four by these sources.
fn drawn_sale(sources: &str, outputs: impl FnOnce(&Desk) -> (i64, Vec<Value>, bool)) -> Desk {
    let (rules, lot) = fixture("drawn");
    let rules = rules.replace(r#"sources = ["drand", "public-number"]"#, &format!("sources = [{sources}]"));
    let mut desk = Desk::open(&rules, &lot, |notice| {
        let after = landgavel_base::Duration::from_millis(600_000).unwrap();
        notice.fallback = Some(Fallback { after, number: "tonight's public number".to_owned() });
    });
    for (minute, code) in (10..).zip(["甲", "B", "10", "9"]) {
        desk.done(at(&format!("09:{minute}:00")), json!({"do": "apply", "bidder": code}), &[code]);
    }
    desk.advance(at("10:00:00"));
    let (when, outputs, by_hand) = outputs(&desk);
    let signers: &[&str] = if by_hand { &OFFICERS } else { &[] };
    desk.done(when, json!({"do": "beacon", "outputs": outputs}), signers);
    desk.advance(at("11:00:00"));
    desk
}

/// A chain, committed secrets and a public number, combined.
pub fn combined_draw() -> Desk {
    drawn_sale(r#""drand", "commit-reveal", "public-number""#, |desk| {
        let (comes, round) = desk.round(desk.record.draw_round().unwrap());
        let secrets = ["notary", "bidders"].map(|party| secret(party).to_string());
        (comes, vec![round, json!({"secrets": secrets}), json!({"number": "07 12 31"})], true)
    })
}

/// A public number in place of a chain that was silent.
pub fn fallback_draw() -> Desk {
    drawn_sale(r#""drand""#, |_| (at("10:10:00"), vec![json!({"number": "33 07"})], true))
}

fn record(what: &str, mut desk: Desk) -> Value {
    let steps = std::mem::take(&mut desk.steps);
    let bundle = desk.finish();
    let report = bundle.report();
    assert!(report.holds(), "{what}: {:?}", report.wrong);
    let outcome: Value = serde_json::from_slice(&bundle.0["outcome.json"]).unwrap();
    let text = |path: &str| String::from_utf8(bundle.0[path].clone()).unwrap();
    json!({"what": what, "rulebook": text("rulebook.toml"), "lot": text("lot.toml"), "steps": steps, "outcome": outcome})
}

/// Notices that must be refused, made from a good one.
fn bad_notices(good: &str) -> Vec<Value> {
    let good: Value = serde_json::from_str(good).unwrap();
    let officer = good["officers"][0].clone();
    let changes: [(&str, Value, &str); 24] = [
        ("format", json!("landgavel-record/2"), "another format"),
        ("origin", json!(""), "an empty text"),
        ("lot", json!(7), "a number for a text"),
        ("lot_sha256", json!("AB".repeat(32)), "upper case"),
        ("policy_sha256", json!("ab".repeat(31)), "31 bytes"),
        ("officers", json!({}), "no list"),
        ("officers", json!([{"key": "ed25519:AAAA", "name": "x"}]), "no key"),
        ("officers", json!([{"key": officer["key"], "name": "x", "post": "y"}]), "a field too many"),
        ("officers", json!(vec![officer.clone(); 65]), "65 officers"),
        ("hall", officer["key"].clone(), "an officer's key for the hall"),
        ("hall", Value::Null, "null for what is absent"),
        ("beacon", json!({"chain": "quicknet", "period_s": 3}), "a pinned chain with a period"),
        ("beacon", json!({"chain": "mainnet"}), "another chain"),
        (
            "beacon",
            json!({"chain": "local", "genesis_s": 0, "period_s": 0, "public_key": good["beacon"]["public_key"]}),
            "a period of 0",
        ),
        ("beacon", json!({"chain": "local", "genesis_s": 0, "period_s": 3, "public_key": "00".repeat(96)}), "no point"),
        ("draw_delay_ms", json!(-1), "a negative delay"),
        ("draw_delay_ms", json!("30000"), "a text for a number"),
        ("seal_delay_ms", json!(4999), "a seal delay below the tolerance"),
        ("parties", json!([{"commitment": "ab".repeat(32)}]), "a party without a name"),
        ("fallback", json!({"after_ms": 1}), "a fallback without words"),
        ("checkpoint_within_ms", json!(3_600_001), "more than an hour"),
        ("clock_tolerance_ms", json!(60_001), "more than a minute"),
        ("demonstration", json!(1), "a number for true"),
        ("currency", json!("CNY"), "a field too many"),
    ];
    changes
        .into_iter()
        .map(|(field, value, why)| {
            let mut notice = good.clone();
            notice[field] = value;
            let text = landgavel_record::canonical::encode(&notice);
            let error = Notice::parse(&text).expect_err(why);
            assert!(error.field.starts_with(field), "{why}: {error:?}");
            json!({"text": text, "field": error.field, "why": why})
        })
        .collect()
}

#[test]
fn notices_commands_and_entries() {
    let (rules, lot) = fixture("drawn");
    let desk = Desk::open(&rules, &lot, with_hall);
    let text = desk.record.notice().text();
    let line = desk.steps[0]["entry"].as_str().unwrap().to_owned();
    let notice = json!({"text": text, "entry": line, "digest": hex(&leaf_hash(line.as_bytes()).0)});
    let records = vec![
        record("an open sale: entered, refused at intake, turned away", open_sale()),
        record("a sealed sale with an outage: one bid void, one out of bounds, one of too many amounts", sealed_sale()),
        record(r#"a draw by "drand", "commit-reveal", "public-number""#, combined_draw()),
        record(r#"a draw by "drand""#, fallback_draw()),
    ];
    compare(
        "record.json",
        &json!({"about": "Notices, commands and entries, docs/format/record.md and events.md. A step of a record is a checkpoint that \
                          was published, or a command with what came of it: its entry, or the code of the fault for which it \
                          must not be entered. The first step is the notice. Keys and sales are samples.",
                "notice": notice, "refused_notices": bad_notices(&text), "records": records}),
    );
}
