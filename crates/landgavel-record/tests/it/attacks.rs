//! Attacks that need more words than a row of the table, by the same attacker.

use std::sync::LazyLock;

use landgavel_hostile::forge::Forge;
use landgavel_hostile::memory::Bundle;
use landgavel_hostile::samples::{P1, PLOTS, p1};
use landgavel_record::verify::Check;
use serde_json::json;

/// The four-part sale of P1, whole.
pub fn open_sale() -> Forge {
    Forge::of(&P1, p1().clone())
}

/// Three plots by sealed bids and a tie.
pub fn sealed_sale() -> Forge {
    static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| PLOTS.run(usize::MAX));
    Forge::of(&PLOTS, BUNDLE.clone())
}

#[track_caller]
pub fn is_named(bundle: &Bundle, check: Check, code: &str) {
    let wrong = bundle.report().wrong.expect("the attack must be named");
    assert_eq!((wrong.check, wrong.code), (check, code), "{wrong}");
}

/// What the forge makes of an untouched record is the record: so an attack is seen for itself.
#[test]
fn the_forge_makes_the_same_bundle_again() {
    for forge in [open_sale(), sealed_sale()] {
        assert!(forge.forge() == forge.bundle);
        assert!(forge.bundle.report().holds(), "{:?}", forge.bundle.report().wrong);
    }
}

#[test]
fn a_bid_for_another_sale_or_rulebook_is_named() {
    for (field, value) in [("lot", "another/lot".to_owned()), ("rulebook", "00".repeat(32))] {
        let mut forge = open_sale();
        let number = forge.find("bid", 0);
        let bidder = format!("bidder/{}", forge.command(number)["bidder"].as_str().unwrap());
        forge.resign(number, &[&bidder], |command| command[field] = json!(value));
        is_named(&forge.forge(), Check::Binding, "other_sale");
    }
}

#[test]
fn a_bid_for_another_stage_or_attribute_cannot_stand() {
    for field in ["stage", "attribute"] {
        let mut forge = open_sale();
        let number = forge.find("bid", 0);
        let bidder = format!("bidder/{}", forge.command(number)["bidder"].as_str().unwrap());
        forge.resign(number, &[&bidder], |command| command[field] = json!("tax"));
        is_named(&forge.forge(), Check::Replay, "does_not_follow");
    }
}

#[test]
fn an_exchanged_rulebook_lot_or_outcome_is_named() {
    for (file, check, code) in [
        ("rulebook.toml", Check::Notice, "other_file"),
        ("lot.toml", Check::Notice, "other_file"),
        ("policy.txt", Check::Notice, "other_file"),
        ("outcome.json", Check::Outcome, "other_outcome"),
    ] {
        let mut bundle = open_sale().forge();
        bundle.0.get_mut(file).unwrap().extend(b"\n# a note\n");
        is_named(&bundle, check, code);
    }
}

#[test]
fn a_notice_of_one_officer_is_named() {
    let mut forge = open_sale();
    let mut entry = forge.entry(0);
    let first = entry["signatures"][0].clone();
    entry["signatures"] = json!([first]);
    forge.put(0, &entry);
    is_named(&forge.forge(), Check::Notice, "four_eyes");
    entry["signatures"] = json!([first, first]);
    forge.put(0, &entry);
    is_named(&forge.forge(), Check::Notice, "four_eyes");
}

#[test]
fn a_bid_dated_back_is_named() {
    let mut forge = open_sale();
    let number = forge.find("bid", forge.find("bid", 0) + 1);
    let mut entry = forge.entry(number);
    let before = forge.entry(number - 1)["at_ms"].as_i64().unwrap();
    entry["at_ms"] = json!(before);
    forge.put(number, &entry);
    // The checkpoint between the two can't be taken away: the bidder signed in sight of it.
    let mut without = open_sale();
    without.put(number, &entry);
    without.checkpoints.retain(|(size, _)| *size != number as u64);
    is_named(&without.forge(), Check::Replay, "does_not_follow");
    forge.checkpoints.iter_mut().filter(|(size, _)| *size == number as u64).for_each(|(_, time)| *time += 30);
    is_named(&forge.forge(), Check::Times, "dated_back");
}

#[test]
fn too_few_or_unknown_witnesses_are_named() {
    let mut forge = open_sale();
    forge.witnesses = vec!["witness-1"];
    is_named(&forge.forge(), Check::Checkpoints, "not_believed");
    forge.witnesses = vec!["witness-1", "witness-2", "witness-9"];
    is_named(&forge.forge(), Check::Checkpoints, "not_believed");
    let mut bundle = open_sale().forge();
    let policy = String::from_utf8(bundle.0["policy.txt"].clone()).unwrap();
    bundle.0.insert("policy.txt".to_owned(), policy.replace("quorum witnesses", "quorum none").into_bytes());
    is_named(&bundle, Check::Policy, "no_quorum");
}

#[test]
fn entrants_that_nobody_witnessed_before_the_draw_are_named() {
    let mut forge = open_sale();
    let number = forge.find("beacon", 0) as u64;
    let frozen = forge.checkpoints.iter().position(|(size, _)| *size == number).unwrap();
    let time = forge.entry(forge.find("beacon", 0))["at_ms"].as_u64().unwrap() / 1000;
    // The list was frozen in the record, but witnesses saw it when the round was known.
    forge.checkpoints[frozen].1 = time - 5;
    let wrong = forge.forge().report().wrong.unwrap();
    assert!(matches!(wrong.code, "witnessed_too_late" | "witnessed_late"), "{wrong}");
    forge.checkpoints.remove(frozen);
    is_named(&forge.forge(), Check::Draws, "not_witnessed");
}

#[test]
fn a_round_before_its_time_is_named() {
    let mut forge = open_sale();
    let number = forge.find("beacon", 0);
    let before = forge.entry(number - 1)["at_ms"].as_i64().unwrap();
    let mut entry = forge.entry(number);
    entry["at_ms"] = json!(before + 2000);
    forge.put(number, &entry);
    is_named(&forge.forge(), Check::Times, "round_not_yet");
}

#[test]
fn a_moment_that_was_skipped_is_named() {
    let mut forge = open_sale();
    let tick = (1..forge.entries.len()).find(|n| forge.command(*n)["do"] == "tick").unwrap();
    forge.remove(tick);
    let wrong = forge.forge().report().wrong.unwrap();
    assert!(matches!(wrong.code, "tick_owed" | "tick_late" | "does_not_follow"), "{wrong}");
}

#[test]
fn entries_in_a_form_that_two_programs_read_differently_are_named() {
    let number = open_sale().find("bid", 0);
    let with = |from: &str, to: &str| {
        let mut forge = open_sale();
        let text = String::from_utf8(forge.entries[number].clone()).unwrap();
        assert!(text.contains(from));
        forge.entries[number] = text.replacen(from, to, 1).into_bytes();
        forge
    };
    is_named(&with("{\"at_ms\":", "{\"at_ms\":1,\"at_ms\":").forge(), Check::Replay, "does_not_follow");
    is_named(&with("{\"at_ms\":", "{ \"at_ms\":").forge(), Check::Replay, "does_not_follow");
    is_named(&with("\"events\":[", "\"events\":[ ").forge(), Check::Replay, "does_not_follow");
    is_named(&with("{\"at_ms\":", "{\"at_ms\":9007199254740993").forge(), Check::Binding, "unreadable_entry");
    is_named(&with("\"command\":\"", "\"command\":\"\\ud800").forge(), Check::Binding, "unreadable_entry");
    let mut forge = open_sale();
    forge.entries[number] = vec![0xff; 65_535];
    is_named(&forge.forge(), Check::Binding, "unreadable_entry");
}

#[test]
fn seals_that_nobody_witnessed_in_time_are_named() {
    let mut forge = sealed_sale();
    let open = forge.find("open", 0) as u64;
    let seals = (1..forge.entries.len()).filter(|n| forge.command(*n)["do"] == "seal");
    let last = seals.max().unwrap() as u64;
    forge.checkpoints.retain(|(size, _)| *size <= last || *size > open);
    is_named(&forge.forge(), Check::Seals, "not_witnessed");
}
