//! The door of a record: what is entered, what is entered as refused, and what is turned away.

use landgavel_base::Instant;
use landgavel_record::canonical::encode;
use landgavel_record::record::Fault;
use landgavel_record::verify::Check;
use serde_json::{Value, json};

use crate::attacks::is_named;
use crate::desk::{Desk, time};

const RULES: &str = include_str!("../../../../casebook/fixtures/hammer_rules.toml");
const LOT: &str = include_str!("../../../../casebook/fixtures/hammer.toml");
const SEALED_RULES: &str = include_str!("../../../../casebook/fixtures/sealed_rules.toml");
const SEALED_LOT: &str = include_str!("../../../../casebook/fixtures/sealed.toml");

fn at(clock: &str) -> i64 {
    time(&format!("2026-03-02T{clock}+08:00"))
}

fn apply(code: &str) -> Value {
    json!({"do": "apply", "bidder": code})
}

/// An open sale with two bidders, whose stage runs.
fn open() -> Desk {
    let mut desk = Desk::open(RULES, LOT, |_| {});
    desk.done(at("09:10:00"), apply("A"), &["A"]);
    desk.done(at("09:10:30"), apply("B"), &["B/sm2"]);
    desk
}

#[test]
fn nothing_signed_is_taken_before_a_checkpoint_covers_the_notice() {
    let mut desk = Desk::unpublished(RULES, LOT, |_| {});
    let command = desk.bound(apply("A"), "A");
    assert_eq!(desk.enter(at("09:00:00"), &command, &["A"]), Err(Fault::NoticeNotPublished));
    desk.publish_at(at("09:00:01"));
    let command = desk.bound(apply("A"), "A");
    assert!(desk.enter(at("09:00:01"), &command, &["A"]).unwrap().result.is_ok());
    desk.holds();
}

/// A bidder that names no checkpoint could be shown another record, and nobody would know.
#[test]
fn no_checkpoint_at_all_is_no_checkpoint_that_was_published() {
    let mut desk = open();
    for seen in [json!({"root": "00".repeat(32), "size": 0}), json!({"root": "00".repeat(32), "size": 1})] {
        let mut command = desk.bound(apply("C"), "C");
        command["seen"] = seen;
        let entry = desk.enter(at("09:11:00"), &command, &["C"]).unwrap();
        assert_eq!(entry.result.unwrap_err().code(), "unknown_checkpoint");
    }
    let mut command = desk.bound(apply("C"), "C");
    command["seen"] = Value::Null;
    assert_eq!(desk.enter(at("09:11:00"), &command, &["C"]).unwrap_err().code(), "field");
    desk.holds();
}

/// A bid for the stage that time is about to open would be turned away for a stage that is over.
#[test]
fn nothing_is_refused_while_time_owes_a_step() {
    let mut desk = open();
    let (late, bid) = (at("10:00:00"), json!({"do": "bid", "bidder": "A", "amount": "1000 万元"}));
    let mut command = desk.bound(bid.clone(), "A");
    command["stage"] = json!("price");
    command["attribute"] = json!("price");
    let due = Instant::from_millis(late).unwrap();
    assert_eq!(desk.enter(late, &command, &["A"]), Err(Fault::TickOwed { due }));
    desk.advance(late);
    desk.done(late, bid, &["A"]);
    desk.holds();
}

#[test]
fn a_tick_says_the_time_at_which_it_was_due() {
    let mut desk = open();
    let due = Instant::from_millis(at("10:00:00")).unwrap();
    assert_eq!(desk.enter(at("10:00:00") + 1, &json!({"do": "tick"}), &[]), Err(Fault::TickLate { due }));
    assert!(desk.enter(at("09:59:59"), &json!({"do": "tick"}), &[]).unwrap().result.unwrap().is_empty());
    assert!(!desk.enter(at("10:00:00"), &json!({"do": "tick"}), &[]).unwrap().result.unwrap().is_empty());
    desk.holds();
}

/// Refusals leave the engine as it was; they are entries of the record all the same.
#[test]
fn no_entry_is_older_than_a_refusal_before_it() {
    let mut desk = open();
    let bid = |amount: &str| json!({"do": "bid", "bidder": "A", "amount": amount});
    assert_eq!(desk.refused(at("10:00:30"), bid("900 万元"), &["A"]), "bid_below_minimum");
    let command = desk.bound(bid("1000 万元"), "A");
    let last = Instant::from_millis(at("10:00:30")).unwrap();
    assert_eq!(desk.enter(at("10:00:20"), &command, &["A"]), Err(Fault::TimeRunsBackwards { last }));
    desk.holds();
}

#[test]
fn no_entry_is_older_than_the_notice() {
    let mut desk = Desk::open(RULES, LOT, |_| {});
    let tick = json!({"do": "tick"});
    assert!(matches!(desk.enter(at("08:59:59"), &tick, &[]), Err(Fault::TimeRunsBackwards { .. })));
}

#[test]
fn a_command_has_the_fields_of_its_kind_and_no_others() {
    let mut desk = open();
    let stray = |command: &Value, field: &str, value: Value| {
        let mut command = command.clone();
        command[field] = value;
        command
    };
    let apply_c = desk.bound(apply("C"), "C");
    for (field, value) in [
        ("stage", json!("price")),
        ("attribute", json!("price")),
        ("amount", json!("1 万元")),
        ("identity", json!("")),
        ("identity", Value::Null),
        ("identity", json!(7)),
        ("note", json!({"a": 1})),
        ("group", json!(true)),
        ("facts", json!([])),
    ] {
        let fault = desk.enter(at("09:11:00"), &stray(&apply_c, field, value), &["C"]).unwrap_err();
        assert!(matches!(&fault, Fault::Field { field: named, .. } if named == field), "{field}: {fault}");
    }
    let annul = desk.bound(json!({"do": "annul", "cause": "x", "reason": "y"}), "officer/1");
    let seen = json!({"root": "00".repeat(32), "size": 1});
    let fault = desk.enter(at("09:11:00"), &stray(&annul, "seen", seen), &["officer/1", "officer/2/sm2"]);
    assert_eq!(fault.unwrap_err().code(), "field");
    let tick = json!({"do": "tick", "note": "late"});
    assert_eq!(desk.enter(at("09:11:00"), &tick, &[]).unwrap_err().code(), "field");
    let beacon = json!({"do": "beacon", "outputs": [], "note": "x"});
    assert_eq!(desk.enter(at("09:11:00"), &beacon, &[]).unwrap_err().code(), "field");
    desk.done(at("09:12:00"), json!({"do": "apply", "bidder": "C", "note": "ours", "facts": {"n": 1}}), &["C"]);
    desk.holds();
}

#[test]
fn a_moment_has_one_form() {
    let rules = include_str!("../../../../casebook/fixtures/open_rules.toml");
    let mut desk = Desk::open(rules, include_str!("../../../../casebook/fixtures/open.toml"), |_| {});
    desk.done(at("09:10:00"), apply("A"), &["A"]);
    let bond = |until: &str| json!({"do": "bond", "bidder": "A", "form": "guarantee", "amount": "200 万元", "valid_until": until});
    for until in ["2026-12-31", "2026-12-31 00:00:00+08:00", "2026-12-31T00:00:00.5Z", "2026-13-31T00:00:00Z"] {
        assert_eq!(desk.ask(at("09:11:00"), bond(until), &["officer/1"]).unwrap_err().code(), "field", "{until}");
    }
    desk.done(at("09:11:00"), bond("2026-12-31T00:00:00-08:00"), &["officer/1"]);
    desk.holds();
}

/// The window of sealed bids does not end with the next thing that is due.
#[test]
fn seals_are_made_to_the_end_of_their_window() {
    let rules = SEALED_RULES.replace("window = { closes = \"30 min\" }", "window = { closes = \"3 h\" }");
    let mut desk = Desk::open(&rules, SEALED_LOT, |_| {});
    desk.done(at("09:10:00"), apply("A"), &["A"]);
    desk.advance(at("10:00:00"));
    let ends = desk.record.sale().sealing_ends().unwrap();
    let round = desk.record.seal_round().unwrap();
    let (comes, _) = desk.round(round);
    let delay = desk.record.notice().seal_delay.millis();
    assert!((ends.millis() + delay..ends.millis() + delay + 3000).contains(&comes));
    let sealed = desk.sealed("A", &[1200], round + 1);
    assert_eq!(desk.refused(at("10:01:00"), sealed, &["A"]), "other_round");
    let sealed = desk.sealed("A", &[1200], round);
    desk.done(at("10:02:00"), sealed, &["A"]);
}

#[test]
fn a_seal_out_of_its_window_is_refused_by_the_rules() {
    let mut desk = open();
    desk.advance(at("10:00:00"));
    let sealed = desk.sealed("A", &[1200], 5);
    assert_eq!(desk.refused(at("10:01:00"), sealed, &["A"]), "command_not_of_stage");
    desk.holds();
}

/// Lists of names may be longer than an entry: then their hash stands for the events.
#[test]
fn events_that_are_too_long_for_an_entry_enter_by_hash() {
    let mut desk = Desk::open(RULES, LOT, |_| {});
    let codes: Vec<String> = ["A", "B", "C"].iter().map(|code| code.repeat(23_000)).collect();
    for (second, code) in (10..).zip(&codes) {
        desk.done(at(&format!("09:00:{second}")), apply(code), &[&code[..1]]);
    }
    desk.advance(at("10:00:00"));
    let bundle = desk.finish();
    let report = bundle.report();
    assert!(report.holds(), "{:?}", report.wrong);
    let entries = &bundle.0.iter().find(|(path, _)| path.starts_with("tile/entries")).unwrap().1;
    let text = String::from_utf8_lossy(entries);
    assert!(text.contains(r#""events":{"count":1,"sha256":""#), "the field of the stage enters by hash");
    assert!(text.contains(r#""events":[{"event":"phase_began""#), "shorter ones stand as they are");
}

/// A quote in a text is two bytes in the command and four in the entry.
#[test]
fn a_command_whose_entry_would_be_too_long_is_turned_away() {
    let mut desk = open();
    let officers = ["officer/1", "officer/2/sm2"];
    let mut annul = |quotes: usize| {
        let reason = "\"".repeat(quotes);
        desk.bound(json!({"do": "annul", "cause": "none", "reason": reason}), "officer/1")
    };
    let rest = encode(&annul(0)).len();
    let (most, fewer) = (annul((32_768 - rest) / 2), annul(16_000));
    let fault = desk.enter(at("09:11:00"), &most, &officers).unwrap_err();
    assert_eq!(fault, Fault::EntryTooLong);
    let entry = desk.enter(at("09:11:00"), &fewer, &officers).unwrap();
    assert_eq!(entry.result.unwrap_err().code(), "cause_not_listed");
    desk.holds();
}

#[test]
fn seals_that_could_be_read_in_their_window_are_no_notice() {
    let desk = Desk::open(SEALED_RULES, SEALED_LOT, |notice| notice.seal_delay = notice.clock_tolerance);
    desk.holds();
    let less = |notice: &mut landgavel_record::record::Notice| {
        notice.seal_delay = landgavel_base::Duration::from_millis(notice.clock_tolerance.millis() - 1).unwrap();
    };
    is_named(&Desk::open(SEALED_RULES, SEALED_LOT, less).finish(), Check::Notice, "unreadable");
}
