//! What is said of a sale and changes nothing; who may stop its clock; and what stands for a person.

use landgavel_base::Digest;
use landgavel_record::record::{Fault, Notice, identity_commitment};
use serde_json::{Value, json};

use crate::desk::{Desk, key, time};

const RULES: &str = include_str!("../../../../casebook/fixtures/hammer_rules.toml");
const LOT: &str = include_str!("../../../../casebook/fixtures/hammer.toml");

fn at(clock: &str) -> i64 {
    time(&format!("2026-03-02T{clock}+08:00"))
}

fn open(change: impl FnOnce(&mut Notice)) -> Desk {
    let mut desk = Desk::open(RULES, LOT, change);
    desk.done(at("09:10:00"), json!({"do": "apply", "bidder": "A"}), &["A"]);
    desk.done(at("09:10:30"), json!({"do": "apply", "bidder": "B"}), &["B"]);
    desk
}

fn objection() -> Value {
    json!({"do": "object", "bidder": "A", "text": "公告面积与现场不符。", "documents": "ab".repeat(32)})
}

#[test]
fn objections_answers_and_corrections_are_entered_and_change_nothing() {
    let mut desk = open(|_| {});
    let before = desk.record.sale().clone();
    let entry = desk.done(at("09:12:00"), objection(), &["A"]);
    let about = entry.number;
    desk.done(at("09:13:00"), json!({"do": "answer", "about": about, "text": "已复核。"}), &["officer/1"]);
    desk.done(at("09:14:00"), json!({"do": "correct", "about": 0, "text": "更正联系电话。"}), &["officer/1"]);
    assert_eq!(*desk.record.sale(), before);
    assert!(entry.line.contains("\"events\":[]"));
    desk.holds();
}

#[test]
fn a_statement_is_signed_by_whom_it_is_from_and_is_about_what_is_there() {
    let mut desk = open(|_| {});
    for (command, holder) in [
        (objection(), "B"),
        (json!({"do": "answer", "about": 0, "text": "x"}), "A"),
        (json!({"do": "correct", "about": 0, "text": "x"}), "hall"),
    ] {
        let fault = desk.ask(at("09:12:00"), command, &[holder]).unwrap_err();
        assert!(matches!(fault, Fault::KeyNotAllowed { .. }), "{fault}");
    }
    let long = "长".repeat(1366);
    for (command, holder) in [
        (json!({"do": "answer", "about": 99, "text": "x"}), "officer/1"),
        (json!({"do": "answer", "about": 0, "text": ""}), "officer/1"),
        (json!({"do": "answer", "about": 0, "text": long}), "officer/1"),
        (json!({"do": "answer", "about": 0, "text": "x", "bidder": "A"}), "officer/1"),
        (json!({"do": "object", "bidder": "A", "text": "x", "documents": "no hash"}), "A"),
    ] {
        let fault = desk.ask(at("09:12:00"), command, &[holder]).unwrap_err();
        assert!(matches!(fault, Fault::Field { .. }), "{fault}");
    }
    desk.holds();
}

#[test]
fn after_the_sale_an_objection_is_still_entered() {
    let rules = format!("{RULES}\n[[annulment]]\nid = \"sample\"\ntext = {{ zh = \"样例\", en = \"sample\" }}\n");
    let mut desk = Desk::open(&rules, LOT, |_| {});
    desk.done(at("09:10:00"), json!({"do": "apply", "bidder": "A"}), &["A"]);
    let annul = json!({"do": "annul", "cause": "sample", "reason": "样例"});
    desk.done(at("09:20:00"), annul, &["officer/1", "officer/2/sm2"]);
    desk.done(at("09:30:00"), objection(), &["A"]);
    desk.holds();
}

#[test]
fn the_hall_may_stop_the_clock_and_do_nothing_else() {
    let with_hall = |notice: &mut Notice| notice.hall = Some(key("hall").public());
    let mut desk = open(with_hall);
    desk.advance(at("10:00:00"));
    desk.done(at("10:00:10"), json!({"do": "pause", "evidence": "{\"cause\":\"slow_commit\"}"}), &["hall"]);
    desk.done(at("10:05:00"), json!({"do": "resume"}), &["hall"]);
    for command in [json!({"do": "admit", "bidder": "A"}), json!({"do": "call"})] {
        let fault = desk.ask(at("10:06:00"), command, &["hall"]).unwrap_err();
        assert!(matches!(fault, Fault::KeyNotAllowed { .. }), "{fault}");
    }
    let both = desk.ask(at("10:06:00"), json!({"do": "pause", "evidence": "x"}), &["hall", "officer/1"]);
    assert!(matches!(both, Err(Fault::Unsigned { .. })), "{both:?}");
    desk.holds();
    let mut other = open(|_| {});
    other.advance(at("10:00:00"));
    let fault = other.ask(at("10:00:10"), json!({"do": "pause", "evidence": "x"}), &["hall"]).unwrap_err();
    assert!(matches!(fault, Fault::KeyNotAllowed { .. }), "{fault}");
}

#[test]
fn an_officers_key_is_no_halls_key() {
    let desk = open(|_| {});
    let mut notice = (**desk.record.notice()).clone();
    notice.hall = Some(notice.officers[0].key.clone());
    assert_eq!(Notice::parse(&notice.text()).unwrap_err().field, "hall");
}

#[test]
fn a_committed_identity_matches_an_independent_vector() {
    // Python: sha256(b"landgavel/identity/v1\0" + field("x/y") + field("A") + bytes(32) + field("示例")).
    let digest = identity_commitment("x/y", "A", Digest([0; 32]), "示例");
    assert_eq!(digest.to_string(), "c5f48f11217eaebfae9e4718d70d76ee515d44783db3cb1fe2440aded03fae9f");
}
