//! An outage while sealed bids come in: time opens an envelope whether the window waits or not.

use landgavel_record::record::Fault;
use landgavel_sale::event::Happened;
use serde_json::{Value, json};

use crate::desk::{Desk, time};

const RULES: &str = include_str!("../../../../casebook/fixtures/sealed_rules.toml");
const LOT: &str = include_str!("../../../../casebook/fixtures/sealed.toml");

fn at(clock: &str) -> i64 {
    time(&format!("2026-03-02T{clock}+08:00"))
}

fn open(desk: &mut Desk, code: &str, round: u64) -> Result<Value, Fault> {
    let (comes, output) = desk.round(round);
    let command = json!({"do": "open", "bidder": code, "round": round, "signature": output["signature"]});
    let entry = desk.ask(comes, command, &[])?;
    Ok(serde_json::from_str(&entry.line).unwrap())
}

fn with_bidders() -> Desk {
    let mut desk = Desk::open(RULES, LOT, |_| {});
    for (minute, code) in (10..).zip(["A", "B"]) {
        desk.done(at(&format!("09:{minute}:00")), json!({"do": "apply", "bidder": code}), &[code]);
    }
    desk
}

#[test]
fn a_seal_that_opens_before_the_window_closes_is_void_and_may_be_lodged_again() {
    let mut desk = with_bidders();
    desk.advance(at("10:00:00"));
    let early = desk.record.seal_round().unwrap();
    let sealed = desk.sealed("A", &[1200], early);
    desk.done(at("10:05:00"), sealed, &["A"]);
    desk.done(at("10:06:00"), json!({"do": "pause", "evidence": "power"}), &["officer/1"]);
    let resumed = desk.done(at("10:20:00"), json!({"do": "resume"}), &["officer/1"]);
    let events = resumed.result.unwrap();
    assert!(matches!(events[1].happened, Happened::SealVoided { .. }), "{events:?}");
    // What was sealed to the old end can be read now, and is nobody's bid any more.
    assert!(matches!(open(&mut desk, "A", early), Err(Fault::WrongOpening { .. })));
    let late = desk.record.seal_round().unwrap();
    assert!(late > early);
    let again = desk.sealed("A", &[1200], early);
    assert_eq!(desk.refused(at("10:41:00"), again, &["A"]), "other_round");
    for (second, code, amount) in [(10, "A", 1300), (20, "B", 1250)] {
        let sealed = desk.sealed(code, &[amount], late);
        desk.done(at(&format!("10:42:{second}")), sealed, &[code]);
    }
    for code in ["A", "B"] {
        assert_eq!(open(&mut desk, code, late).unwrap()["events"][0]["result"], "valid");
    }
    desk.advance(at("11:30:00"));
    let outcome = desk.holds().outcome.unwrap();
    assert_eq!(outcome["winners"][0]["bidder"], "A");
    assert_eq!(outcome["winners"][0]["terms"][0]["quanta"], 1300);
}

/// The rules refuse a bid of two amounts where one is asked. If its seal then waited for ever, a bidder could stop
/// the sale: nothing but its opening ends a seal.
#[test]
fn a_seal_of_another_number_of_amounts_is_unreadable_and_stops_nothing() {
    let mut desk = with_bidders();
    desk.advance(at("10:00:00"));
    let round = desk.record.seal_round().unwrap();
    for (code, amounts) in [("A", &[1200, 1300][..]), ("B", &[1100])] {
        let sealed = desk.sealed(code, amounts, round);
        desk.done(at("10:05:00"), sealed, &[code]);
    }
    assert_eq!(open(&mut desk, "A", round).unwrap()["events"][0]["result"], "unreadable");
    assert_eq!(open(&mut desk, "B", round).unwrap()["events"][0]["result"], "valid");
    desk.advance(at("11:30:00"));
    assert_eq!(desk.holds().outcome.unwrap()["winners"][0]["bidder"], "B");
}

/// A notice with a long delay bears outages: what is sealed to its round stays hidden until the window closes.
#[test]
fn a_seal_that_stays_hidden_until_the_window_closes_stands() {
    let mut desk = Desk::open(RULES, LOT, |notice| {
        notice.seal_delay = landgavel_base::Duration::from_millis(20 * 60_000).unwrap();
    });
    desk.done(at("09:10:00"), json!({"do": "apply", "bidder": "A"}), &["A"]);
    desk.advance(at("10:00:00"));
    let round = desk.record.seal_round().unwrap();
    let sealed = desk.sealed("A", &[1200], round);
    desk.done(at("10:05:00"), sealed, &["A"]);
    desk.done(at("10:06:00"), json!({"do": "pause", "evidence": "power"}), &["officer/1"]);
    let resumed = desk.done(at("10:10:00"), json!({"do": "resume"}), &["officer/1"]);
    assert_eq!(resumed.result.unwrap().len(), 1);
    // Each seal opens by its own round.
    assert!(desk.record.seal_round().unwrap() > round);
    assert_eq!(open(&mut desk, "A", round).unwrap()["events"][0]["result"], "valid");
    desk.advance(at("11:30:00"));
    desk.holds();
}
