//! How the golden records of pledges that do not hold were made, each by whoever has every key of the run. What is frozen
//! is not made again.
//!
//! Their reports say which check fails, with code, file and entry, and no words.

use std::io::Cursor;

use landgavel_hostile::forge::Forge;
use landgavel_hostile::pledged::{TINY_TERMS, forge_of, terms, tiny_pledge, tiny_sold};
use landgavel_record::archive::Archive;
use landgavel_record::canonical::encode;
use landgavel_record::rehearsal::Sink as _;
use landgavel_record::verify::{Alone, Options, Silent, verify};
use serde_json::{Value, json};

use super::Make;
use super::keeper::Keeper;
use super::pledges::TERMS;
use crate::tampering::Bundle;

/// Checks and codes that the reports hold between them.
pub const MUST_HOLD: [&str; 28] = [
    "files",
    "missing",
    "stray",
    "sale",
    "notice",
    "other_file",
    "other_log",
    "other_sale",
    "four_eyes",
    "no_source",
    "not_opened",
    "notice_not_published",
    "checkpoints",
    "not_believed",
    "tree",
    "other_tile",
    "signatures",
    "unsigned",
    "key_not_allowed",
    "binding",
    "other_pledge",
    "id_repeated",
    "field",
    "replay",
    "does_not_follow",
    "times",
    "dated_back",
    "outcome",
];

/// Every record with its name.
pub const ALL: &[(&str, Make)] = &[
    ("no-standing", || whole(|bundle| drop(bundle.0.remove("standing.json")))),
    ("stray-file", || whole(|bundle| bundle.file("rulebook.toml", b"x"))),
    ("sale-changed", || whole(|bundle| flip(bundle, "sale/tile/entries/000.p/18", 99))),
    ("other-terms", || whole(|bundle| bundle.file("terms.toml", TINY_TERMS.replace("30 days", "31 days").as_bytes()))),
    ("hash-changed", || whole(|bundle| flip(bundle, "tile/0/000.p/18", 99))),
    ("checkpoint-changed", || whole(|bundle| flip(bundle, "checkpoint", 40))),
    ("other-standing", || whole(other_standing)),
    ("other-log", || opened(|opening| opening["origin"] = json!("elsewhere.invalid"))),
    ("other-sale", || opened(|opening| opening["sale"]["root"] = json!("07".repeat(32)))),
    ("no-source", || opened(|opening| drop(opening["sources"].as_array_mut().unwrap().pop()))),
    ("no-source-of-idle-land", no_source_of_idle_land),
    ("before-the-award", || opened(|opening| opening["signed"] = json!("2026-01-01"))),
    ("one-officer", one_officer),
    ("not-published", not_published),
    ("one-signature", || signed("bond", &[FIRST], |_| {})),
    ("other-source", || signed("evidence", &[TAX], |_| {})),
    ("old-key", || signed_from("evidence", "rekey", &["pledge/1/L"], |_| {})),
    ("signature-changed", signature_changed),
    ("other-opening", || signed("evidence", &[LAND], |command| command["opening"] = json!("07".repeat(32)))),
    ("other-pledge", || signed("evidence", &[LAND], |command| command["pledge"] = json!("tiny/2"))),
    ("id-repeated", id_repeated),
    ("day-and-figure", day_and_figure),
    ("day-and-since", || signed("evidence", &[LAND], |command| command["since"] = json!("2026-01-06"))),
    ("day-confirmed", || signed("evidence", &[LAND], |command| command["confirmed"] = json!(true))),
    ("year-of-a-milestone", || signed("evidence", &[LAND], |command| command["year"] = json!(1))),
    ("cash-with-letter", cash_with_letter),
    ("number-as-text", || signed("settle", &["pledge/0/甲", "pledge/0/乙"], |command| command["claim"] = json!("2"))),
    ("tick-with-more", || signed("tick", &[], |command| command["note"] = json!("x"))),
    ("other-remainder", other_remainder),
    ("dated-back", dated_back),
];

const FIRST: &str = "pledge/0/officer/1";
const SECOND: &str = "pledge/0/officer/2";
const LAND: &str = "pledge/0/L";
const TAX: &str = "pledge/0/T";

/// The report of an archive, without words.
pub fn report(files: &Archive<Cursor<Vec<u8>>>) -> String {
    let report = verify(files, &Options::default(), &Alone::default(), &mut Silent);
    let wrong = report.wrong.expect("it does not hold");
    encode(&json!({"check": wrong.check.name(), "code": wrong.code, "file": wrong.file, "entry": wrong.entry}))
}

/// Who shows that work has stopped has no key.
fn no_source_of_idle_land() -> Bundle {
    let own = "[idle.halted]\ncompletion = \"end\"\ninvestment = \"invest\"\nfee = \"10 %\"\nsigned_by = ";
    let terms = TERMS.replacen(&format!("{own}\"规划局\""), &format!("{own}\"巡查组\""), 1);
    assert_ne!(terms, TERMS);
    Keeper::changed(&terms, |_| {}).finish()
}

fn whole(change: impl FnOnce(&mut Bundle)) -> Bundle {
    let mut bundle = tiny_pledge().clone();
    change(&mut bundle);
    assert_ne!(&bundle, tiny_pledge());
    bundle
}

fn forged(change: impl FnOnce(&mut Forge)) -> Bundle {
    let mut forge = forge_of(tiny_sold(), &terms(TINY_TERMS.as_bytes()), tiny_pledge().clone());
    change(&mut forge);
    forge.forge()
}

/// Another opening, signed as it must be.
fn opened(change: impl FnOnce(&mut Value)) -> Bundle {
    forged(|forge| {
        let mut entry = forge.entry(0);
        let mut opening: Value = serde_json::from_str(entry["notice"].as_str().unwrap()).unwrap();
        change(&mut opening);
        let text = encode(&opening);
        entry["signatures"] = forge.signatures(&text, &[FIRST, SECOND]);
        entry["notice"] = json!(text);
        forge.put(0, &entry);
    })
}

fn signed(verb: &str, holders: &[&str], change: impl FnOnce(&mut Value)) -> Bundle {
    forged(|forge| forge.resign(forge.find(verb, 1), holders, change))
}

/// As [`signed`], of the first that does this after another did that.
fn signed_from(verb: &str, after: &str, holders: &[&str], change: impl FnOnce(&mut Value)) -> Bundle {
    forged(|forge| forge.resign(forge.find(verb, forge.find(after, 1) + 1), holders, change))
}

fn flip(bundle: &mut Bundle, path: &str, at: usize) {
    bundle.0.get_mut(path).unwrap_or_else(|| panic!("no {path}"))[at] ^= 1;
}

fn other_standing(bundle: &mut Bundle) {
    let text = String::from_utf8(bundle.0["standing.json"].clone()).unwrap();
    bundle.file("standing.json", text.replacen("\"called_minor\":95", "\"called_minor\":94", 1).as_bytes());
}

fn one_officer() -> Bundle {
    forged(|forge| {
        let mut entry = forge.entry(0);
        entry["signatures"] = forge.signatures(entry["notice"].as_str().unwrap(), &[FIRST]);
        forge.put(0, &entry);
    })
}

fn not_published() -> Bundle {
    forged(|forge| {
        forge.checkpoints.remove(0);
    })
}

/// The source of the handover says of the start what has the same id.
fn id_repeated() -> Bundle {
    forged(|forge| {
        let first = forge.find("evidence", 1);
        let id = forge.command(first)["id"].clone();
        forge.resign(forge.find("evidence", first + 1), &[LAND], |command| command["id"] = id);
    })
}

fn signature_changed() -> Bundle {
    forged(|forge| {
        let number = forge.find("evidence", 1);
        let mut entry = forge.entry(number);
        entry["signatures"][0]["signature"] = forge.entry(number + 2)["signatures"][0]["signature"].clone();
        forge.put(number, &entry);
    })
}

/// Of a promise, which a figure alone shows.
fn day_and_figure() -> Bundle {
    forged(|forge| {
        let is_figure = |number: &usize| forge.command(*number)["figure"].is_string();
        let number = (1..forge.entries.len()).find(is_figure).unwrap();
        forge.resign(number, &[TAX], |command| command["on"] = json!("2027-08-01"));
    })
}

fn cash_with_letter() -> Bundle {
    signed("bond", &[FIRST, SECOND], |command| {
        command["form"] = json!("cash");
        command.as_object_mut().unwrap().shift_remove("valid_until");
    })
}

/// The bonds cover less than the record says.
fn other_remainder() -> Bundle {
    forged(|forge| {
        let number = forge.find("call-bond", 1);
        let mut entry = forge.entry(number);
        let called = &mut entry["events"][0]["remainder_minor"];
        *called = json!(called.as_i64().unwrap() + 1);
        forge.put(number, &entry);
    })
}

/// By a month, before what was cosigned already.
fn dated_back() -> Bundle {
    forged(|forge| {
        let number = forge.find("evidence", 1);
        let mut entry = forge.entry(number);
        entry["at_ms"] = json!(entry["at_ms"].as_i64().unwrap() - 86_400_000 * 30);
        forge.put(number, &entry);
    })
}
