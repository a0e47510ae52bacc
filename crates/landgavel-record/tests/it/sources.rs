//! Where the randomness of a draw comes from, through whole records.

use landgavel_base::Duration;
use landgavel_record::record::{Fallback, Fault, Notice};
use landgavel_record::verify::{Caveat, Check};
use serde_json::{Value, json};

use crate::attacks::is_named;
use crate::desk::{Desk, secret, time};

const LOT: &str = include_str!("../../../../casebook/fixtures/drawn.toml");
const OFFICERS: [&str; 2] = ["officer/1", "officer/2/sm2"];

fn at(clock: &str) -> i64 {
    time(&format!("2026-03-02T{clock}+08:00"))
}

/// A draw among four by these sources, its entrants frozen at 10:00.
fn frozen(sources: &str, change: impl FnOnce(&mut Notice)) -> Desk {
    let rules = include_str!("../../../../casebook/fixtures/drawn_rules.toml");
    let rules = rules.replace(r#"sources = ["drand", "public-number"]"#, &format!("sources = [{sources}]"));
    let mut desk = Desk::open(&rules, LOT, change);
    for (minute, code) in (10..).zip(["A", "B", "C", "D"]) {
        desk.done(at(&format!("09:{minute}:00")), json!({"do": "apply", "bidder": code}), &[code]);
    }
    desk.advance(at("10:00:00"));
    assert!(desk.record.frozen_at().is_some());
    desk
}

fn secrets() -> Value {
    json!({"secrets": [secret("notary").to_string(), secret("bidders").to_string()]})
}

fn beacon(outputs: &[Value]) -> Value {
    json!({"do": "beacon", "outputs": outputs})
}

#[track_caller]
fn is_turned_away(result: Result<landgavel_record::record::Entry, Fault>, words: &str) {
    let fault = result.unwrap_err();
    assert!(matches!(fault, Fault::Source { .. }) && fault.to_string().contains(words), "{fault}");
}

#[test]
fn committed_secrets_decide_a_draw_and_nobody_signs() {
    let mut desk = frozen(r#""commit-reveal""#, |_| {});
    let other = json!({"secrets": [secret("notary").to_string(), "00".repeat(32)]});
    is_turned_away(desk.ask(at("10:01:00"), beacon(&[other]), &[]), "not what it committed to");
    let swapped = json!({"secrets": [secret("bidders").to_string(), secret("notary").to_string()]});
    is_turned_away(desk.ask(at("10:01:00"), beacon(&[swapped]), &[]), "not what it committed to");
    let one = json!({"secrets": [secret("notary").to_string()]});
    is_turned_away(desk.ask(at("10:01:00"), beacon(&[one]), &[]), "not a list of 2 secrets");
    let number = json!({"number": "7"});
    is_turned_away(desk.ask(at("10:01:00"), beacon(&[number]), &OFFICERS), "number");
    is_turned_away(desk.ask(at("10:01:00"), beacon(&[]), &[]), "0 outputs, expected 1");
    desk.done(at("10:01:00"), beacon(&[secrets()]), &[]);
    desk.advance(at("10:01:00"));
    let report = desk.holds();
    assert!(!report.caveats.contains(&Caveat::NumberByHand));
    assert_eq!(report.outcome.unwrap()["winners"].as_array().unwrap().len(), 1);
}

#[test]
fn a_public_number_is_brought_by_two_officers_and_said() {
    let mut desk = frozen(r#""public-number""#, |_| {});
    let number = |text: &str| beacon(&[json!({"number": text})]);
    assert_eq!(desk.ask(at("10:01:00"), number("7"), &OFFICERS[..1]).unwrap_err().code(), "unsigned");
    assert_eq!(desk.ask(at("10:01:00"), number("7"), &[]).unwrap_err().code(), "unsigned");
    is_turned_away(desk.ask(at("10:01:00"), number(""), &OFFICERS), "not a text");
    is_turned_away(desk.ask(at("10:01:00"), number(&"7".repeat(1025)), &OFFICERS), "longer than 1024");
    is_turned_away(desk.ask(at("10:01:00"), beacon(&[json!({"number": "7", "x": 1})]), &OFFICERS), "not a field");
    desk.done(at("10:01:00"), number(&"深".repeat(341)), &OFFICERS);
    let report = desk.holds();
    assert!(report.caveats.contains(&Caveat::NumberByHand));
}

#[test]
fn combined_sources_are_all_brought_in_their_order() {
    let mut desk = frozen(r#""drand", "commit-reveal", "public-number""#, |_| {});
    let (comes, round) = desk.round(desk.record.draw_round().unwrap());
    let number = json!({"number": "07 12 31"});
    let swapped = beacon(&[secrets(), round.clone(), number.clone()]);
    is_turned_away(desk.ask(comes, swapped, &OFFICERS), "is not a field here");
    let late = desk.done(comes, beacon(&[round.clone(), secrets(), number]), &OFFICERS);
    assert!(late.line.contains("draw_held"));
    desk.holds();
}

fn with_fallback(notice: &mut Notice) {
    let after = Duration::from_millis(10 * 60_000).unwrap();
    notice.fallback =
        Some(Fallback { after, number: "今晚开奖的公开号码 tonight's public number".to_owned() });
}

#[test]
fn a_number_stands_in_for_a_chain_that_failed_when_the_notice_says_so() {
    let mut desk = frozen(r#""drand""#, with_fallback);
    let number = beacon(&[json!({"number": "33 07"})]);
    is_turned_away(desk.ask(at("10:10:00") - 1, number.clone(), &OFFICERS), "too early");
    desk.done(at("10:10:00"), number, &OFFICERS);
    assert!(desk.holds().caveats.contains(&Caveat::NumberByHand));
}

#[test]
fn no_number_stands_in_for_a_chain_without_a_word_of_the_notice() {
    let mut desk = frozen(r#""drand""#, |_| {});
    let number = beacon(&[json!({"number": "33 07"})]);
    is_turned_away(desk.ask(at("10:20:00"), number, &OFFICERS), "the notice fixes no fallback");
}

/// Whichever is entered first decides; a number in its place is always said, for readers to ask the chain.
#[test]
fn a_chain_that_came_late_still_decides() {
    let mut desk = frozen(r#""drand""#, with_fallback);
    let (_, round) = desk.round(desk.record.draw_round().unwrap());
    desk.done(at("10:15:00"), beacon(&[round]), &[]);
    is_turned_away(desk.ask(at("10:15:01"), beacon(&[json!({"number": "1"})]), &OFFICERS), "no draw waits");
    assert!(!desk.holds().caveats.contains(&Caveat::NumberByHand));
}

#[test]
fn no_output_decides_before_the_freeze_was_witnessed() {
    let mut desk = frozen(r#""commit-reveal""#, |_| {});
    // The same moment as the freeze: no checkpoint lies between.
    desk.done(at("10:00:00"), beacon(&[secrets()]), &[]);
    is_named(&desk.finish(), Check::Draws, "not_witnessed");
}

/// A witness's clock may be late by the tolerance; the round was known to others by then.
#[test]
fn a_freeze_that_is_witnessed_within_the_tolerance_of_its_round_is_named() {
    for (after_s, is_in_time) in [(23, true), (25, false)] {
        let mut desk = frozen(r#""drand""#, |notice| notice.draw_delay = Duration::from_millis(30_000).unwrap());
        desk.publish_at(at("10:00:00") + after_s * 1000);
        let (comes, round) = desk.round(desk.record.draw_round().unwrap());
        assert_eq!(comes, at("10:00:30"));
        desk.done(comes, beacon(&[round]), &[]);
        let bundle = desk.finish();
        if is_in_time {
            assert!(bundle.report().holds(), "{:?}", bundle.report().wrong);
        } else {
            is_named(&bundle, Check::Draws, "witnessed_too_late");
        }
    }
}
