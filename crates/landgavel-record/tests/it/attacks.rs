//! Attacks on a record at full strength: the attacker runs the hall, holds the keys that it names, signs
//! again, grows the tree again and has it cosigned again. Each is named by the check that must see it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::{cosign, cosigned_at};
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, Note, SigningKey};
use landgavel_log::policy::Policy;
use landgavel_log::tile::{TileKind, TilePath, TileWriter, decode_bundle};
use landgavel_record::canonical::encode;
use landgavel_record::keys;
use landgavel_record::verify::Check;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::tampering::{Bundle, P1, P1_COMMANDS, loaded, run};

/// A bundle taken apart: entries, and checkpoints with their sizes and times of cosigning in seconds.
pub struct Forge {
    /// Seed of the run's keys, and the name of its log.
    pub seed: Vec<u8>,
    pub origin: String,
    pub bundle: Bundle,
    pub entries: Vec<Vec<u8>>,
    pub checkpoints: Vec<(u64, u64)>,
    pub witnesses: Vec<&'static str>,
}

impl Forge {
    pub fn of(lot: &str, bundle: Bundle) -> Self {
        let mut bundles: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
        for (path, bytes) in &bundle.0 {
            match TilePath::parse(path) {
                Ok(tile) if tile.kind == TileKind::Entries => {
                    let entries = decode_bundle(bytes, tile.width).unwrap();
                    bundles.insert(tile.index, entries.into_iter().map(<[u8]>::to_vec).collect());
                }
                _ => {}
            }
        }
        let policy = Policy::parse(std::str::from_utf8(&bundle.0["policy.txt"]).unwrap()).unwrap();
        let lines = String::from_utf8(bundle.0["checkpoints.jsonl"].clone()).unwrap();
        let checkpoints = lines.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let note = Note::parse(line["note"].as_str().unwrap().as_bytes()).unwrap();
            let time = cosigned_at(&note, &policy.witnesses()[0].key).unwrap().unwrap();
            (Checkpoint::parse(note.text()).unwrap().size, time)
        });
        let checkpoints = checkpoints.collect();
        let entries = bundles.into_values().flatten().collect();
        let witnesses = vec!["witness-1", "witness-2", "witness-3"];
        let loaded = loaded(lot);
        let seed = Sha256::digest(loaded.lot_text.unwrap()).to_vec();
        let origin = format!("rehearsal.invalid/{}", loaded.lot.id);
        Self { seed, origin, bundle, entries, checkpoints, witnesses }
    }

    pub fn open_sale() -> Self {
        static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| run(P1, P1_COMMANDS, usize::MAX));
        Self::of(P1, BUNDLE.clone())
    }

    pub fn sealed_sale() -> Self {
        let commands = include_str!("../../../landgavel/tests/unseen/three_plots.commands.jsonl");
        let lot = "crates/landgavel/tests/unseen/three_plots.toml";
        Self::of(lot, run(lot, commands, usize::MAX))
    }

    /// 32 bytes of the run's seed for a purpose.
    pub fn bytes(&self, purpose: &str) -> [u8; 32] {
        Sha256::new_with_prefix(b"landgavel/run/v1\0").chain_update(&self.seed).chain_update(purpose).finalize().into()
    }

    pub fn key(&self, holder: &str) -> keys::SigningKey {
        keys::SigningKey::ed25519(self.bytes(holder))
    }

    pub fn entry(&self, number: usize) -> Value {
        serde_json::from_slice(&self.entries[number]).unwrap()
    }

    pub fn put(&mut self, number: usize, entry: &Value) {
        self.entries[number] = encode(entry).into_bytes();
    }

    pub fn command(&self, number: usize) -> Value {
        self.entry(number)["command"].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    }

    /// The first entry from a number on whose command does this and which was not refused.
    pub fn find(&self, verb: &str, from: usize) -> usize {
        let found = |n: &usize| self.command(*n)["do"] == verb && self.entry(*n).get("events").is_some();
        (from..self.entries.len()).find(found).unwrap_or_else(|| panic!("no {verb}"))
    }

    /// Changes a command, and has its holders sign it again; what it led to stays as it was.
    pub fn resign(&mut self, number: usize, holders: &[&str], change: impl FnOnce(&mut Value)) {
        let mut command = self.command(number);
        change(&mut command);
        let text = encode(&command);
        let sign = |holder: &&str| {
            let key = self.key(holder);
            json!({"key": key.public().to_string(), "signature": key.sign(text.as_bytes())})
        };
        let mut entry = self.entry(number);
        if holders.is_empty() {
            entry.as_object_mut().unwrap().shift_remove("signatures");
        } else {
            entry["signatures"] = holders.iter().map(sign).collect();
        }
        entry["command"] = json!(text);
        self.put(number, &entry);
    }

    pub fn remove(&mut self, number: usize) {
        self.entries.remove(number);
        for (size, _) in &mut self.checkpoints {
            *size -= u64::from(*size > number as u64);
        }
        self.renumber();
    }

    pub fn insert(&mut self, number: usize, entry: Vec<u8>) {
        self.entries.insert(number, entry);
        for (size, _) in &mut self.checkpoints {
            *size += u64::from(*size > number as u64);
        }
        self.renumber();
    }

    pub fn renumber(&mut self) {
        for number in 0..self.entries.len() {
            let mut entry = self.entry(number);
            entry["entry"] = json!(number);
            self.put(number, &entry);
        }
        self.checkpoints.dedup_by_key(|(size, _)| *size);
    }

    /// Grows the tree again, signs and cosigns every checkpoint again.
    pub fn forge(&self) -> Bundle {
        let mut bundle = self.bundle.clone();
        bundle.0.retain(|path, _| !path.starts_with("tile/"));
        let mut checkpoints = self.checkpoints.iter().peekable();
        let mut tiles = TileWriter::new();
        let (mut lines, mut last) = (String::new(), String::new());
        let origin = self.origin.clone();
        let key = |name: &str, kind, purpose: &str| {
            SigningKey::new(name, kind, SecretKey::from_seed(&self.bytes(purpose))).unwrap()
        };
        for entry in &self.entries {
            tiles.append(entry, |path, bytes| drop(bundle.0.insert(path.to_string(), bytes.to_vec()))).unwrap();
            let Some((size, time)) = checkpoints.next_if(|(size, _)| *size == tiles.size()) else { continue };
            let checkpoint =
                Checkpoint { origin: origin.clone(), size: *size, root: tiles.root(), extensions: Vec::new() };
            let mut note = checkpoint.sign(&key(&origin, KeyKind::Ed25519, "log")).unwrap();
            for witness in &self.witnesses {
                let witness = key(&format!("rehearsal.invalid/{witness}"), KeyKind::Cosignature, witness);
                note.add(cosign(note.text(), &witness, *time).unwrap()).unwrap();
            }
            last = note.to_string();
            lines += &(encode(&json!({"note": last})) + "\n");
        }
        tiles.partials(|path, bytes| drop(bundle.0.insert(path.to_string(), bytes.to_vec())));
        bundle.0.insert("checkpoint".to_owned(), last.into_bytes());
        bundle.0.insert("checkpoints.jsonl".to_owned(), lines.into_bytes());
        bundle
    }

    #[track_caller]
    pub fn is_named(&self, check: Check, code: &str) {
        is_named(&self.forge(), check, code);
    }
}

#[track_caller]
pub fn is_named(bundle: &Bundle, check: Check, code: &str) {
    let wrong = bundle.report().wrong.expect("the attack must be named");
    assert_eq!((wrong.check, wrong.code), (check, code), "{wrong}");
}

/// What the forge makes of an untouched record is the record: so an attack is seen for itself.
#[test]
fn the_forge_makes_the_same_bundle_again() {
    for forge in [Forge::open_sale(), Forge::sealed_sale()] {
        assert!(forge.forge() == forge.bundle);
        assert!(forge.bundle.report().holds(), "{:?}", forge.bundle.report().wrong);
    }
}

#[test]
fn a_bid_taken_out_of_the_record_is_named() {
    let mut forge = Forge::open_sale();
    forge.remove(forge.find("bid", 0));
    // Later bids were made in sight of a tree that held it.
    forge.is_named(Check::Replay, "does_not_follow");
}

#[test]
fn entries_in_another_order_are_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    forge.entries.swap(number, number + 1);
    forge.is_named(Check::Tree, "wrong_number");
    forge.renumber();
    let report = forge.forge().report();
    assert!(!report.holds());
}

#[test]
fn a_changed_amount_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry["command"] = json!(entry["command"].as_str().unwrap().replacen("万元", "亿元", 1));
    forge.put(number, &entry);
    forge.is_named(Check::Signatures, "bad_signature");
}

#[test]
fn a_changed_event_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry["events"][0]["amount"] = json!(1);
    forge.put(number, &entry);
    forge.is_named(Check::Replay, "does_not_follow");
}

#[test]
fn a_valid_bid_recorded_as_refused_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry.as_object_mut().unwrap().shift_remove("events");
    entry["refused"] = json!({"clause": "stages.price.step", "code": "bid_below_minimum"});
    forge.put(number, &entry);
    forge.is_named(Check::Replay, "does_not_follow");
}

#[test]
fn a_bid_signed_by_somebody_else_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    let other = forge.key("bidder/F").public().to_string();
    forge.resign(number, &["bidder/F"], |command| command["key"] = json!(other));
    forge.is_named(Check::Signatures, "key_not_allowed");
    forge.resign(number, &[], |_| {});
    forge.is_named(Check::Signatures, "unsigned");
}

#[test]
fn a_bid_brought_again_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    let again = forge.entries[number].clone();
    forge.insert(number + 1, again);
    forge.is_named(Check::Binding, "id_repeated");
}

#[test]
fn a_bid_for_another_sale_or_rulebook_is_named() {
    for (field, value) in [("lot", "another/lot".to_owned()), ("rulebook", "00".repeat(32))] {
        let mut forge = Forge::open_sale();
        let number = forge.find("bid", 0);
        let bidder = format!("bidder/{}", forge.command(number)["bidder"].as_str().unwrap());
        forge.resign(number, &[&bidder], |command| command[field] = json!(value));
        forge.is_named(Check::Binding, "other_sale");
    }
}

#[test]
fn a_bid_for_another_stage_or_attribute_cannot_stand() {
    for field in ["stage", "attribute"] {
        let mut forge = Forge::open_sale();
        let number = forge.find("bid", 0);
        let bidder = format!("bidder/{}", forge.command(number)["bidder"].as_str().unwrap());
        forge.resign(number, &[&bidder], |command| command[field] = json!("tax"));
        forge.is_named(Check::Replay, "does_not_follow");
    }
}

#[test]
fn a_log_shown_in_two_versions_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    let bidder = format!("bidder/{}", forge.command(number)["bidder"].as_str().unwrap());
    // The bidder signed in sight of a checkpoint that this record never had.
    forge.resign(number, &[&bidder], |command| command["seen"]["root"] = json!("ab".repeat(32)));
    forge.is_named(Check::Replay, "does_not_follow");
}

#[test]
fn an_exchanged_rulebook_lot_or_outcome_is_named() {
    for (file, check, code) in [
        ("rulebook.toml", Check::Notice, "other_file"),
        ("lot.toml", Check::Notice, "other_file"),
        ("policy.txt", Check::Notice, "other_file"),
        ("outcome.json", Check::Outcome, "other_outcome"),
    ] {
        let mut bundle = Forge::open_sale().forge();
        bundle.0.get_mut(file).unwrap().extend(b"\n# a note\n");
        is_named(&bundle, check, code);
    }
}

#[test]
fn a_notice_of_one_officer_is_named() {
    let mut forge = Forge::open_sale();
    let mut entry = forge.entry(0);
    let first = entry["signatures"][0].clone();
    entry["signatures"] = json!([first]);
    forge.put(0, &entry);
    forge.is_named(Check::Notice, "four_eyes");
    entry["signatures"] = json!([first, first]);
    forge.put(0, &entry);
    forge.is_named(Check::Notice, "four_eyes");
}

#[test]
fn a_bid_dated_back_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", forge.find("bid", 0) + 1);
    let mut entry = forge.entry(number);
    let before = forge.entry(number - 1)["at_ms"].as_i64().unwrap();
    entry["at_ms"] = json!(before);
    forge.put(number, &entry);
    // The checkpoint between the two can't be taken away: the bidder signed in sight of it.
    let mut without = Forge::open_sale();
    without.put(number, &entry);
    without.checkpoints.retain(|(size, _)| *size != number as u64);
    without.is_named(Check::Replay, "does_not_follow");
    forge.checkpoints.iter_mut().filter(|(size, _)| *size == number as u64).for_each(|(_, time)| *time += 30);
    forge.is_named(Check::Times, "dated_back");
}

#[test]
fn a_bid_dated_forward_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry["at_ms"] = json!(entry["at_ms"].as_i64().unwrap() + 60_000);
    forge.put(number, &entry);
    forge.is_named(Check::Times, "dated_forward");
}

#[test]
fn a_late_witness_is_named() {
    let mut forge = Forge::open_sale();
    if let Some((_, time)) = forge.checkpoints.last_mut() {
        *time += 3600;
    }
    forge.is_named(Check::Times, "witnessed_late");
}

#[test]
fn too_few_or_unknown_witnesses_are_named() {
    let mut forge = Forge::open_sale();
    forge.witnesses = vec!["witness-1"];
    forge.is_named(Check::Checkpoints, "not_believed");
    forge.witnesses = vec!["witness-1", "witness-2", "witness-9"];
    forge.is_named(Check::Checkpoints, "not_believed");
    let mut bundle = Forge::open_sale().forge();
    let policy = String::from_utf8(bundle.0["policy.txt"].clone()).unwrap();
    bundle.0.insert("policy.txt".to_owned(), policy.replace("quorum witnesses", "quorum none").into_bytes());
    is_named(&bundle, Check::Policy, "no_quorum");
}

#[test]
fn entrants_that_nobody_witnessed_before_the_draw_are_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("beacon", 0) as u64;
    let frozen = forge.checkpoints.iter().position(|(size, _)| *size == number).unwrap();
    let time = forge.entry(forge.find("beacon", 0))["at_ms"].as_u64().unwrap() / 1000;
    // The list was frozen in the record, but witnesses saw it when the round was known.
    forge.checkpoints[frozen].1 = time - 5;
    let wrong = forge.forge().report().wrong.unwrap();
    assert!(matches!(wrong.code, "witnessed_too_late" | "witnessed_late"), "{wrong}");
    forge.checkpoints.remove(frozen);
    forge.is_named(Check::Draws, "not_witnessed");
}

#[test]
fn another_round_or_a_forged_one_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("beacon", 0);
    let command = forge.command(number);
    let round = command["outputs"][0]["round"].as_u64().unwrap();
    forge.resign(number, &[], |command| command["outputs"][0]["round"] = json!(round + 1));
    forge.is_named(Check::Draws, "source");
    let mut forge = Forge::open_sale();
    let (one, two) = (command["outputs"][0]["signature"].as_str().unwrap(), "8f".repeat(48));
    assert_ne!(one, two);
    forge.resign(number, &[], |command| command["outputs"][0]["signature"] = json!(two));
    forge.is_named(Check::Draws, "source");
}

#[test]
fn a_round_before_its_time_is_named() {
    let mut forge = Forge::open_sale();
    let number = forge.find("beacon", 0);
    let before = forge.entry(number - 1)["at_ms"].as_i64().unwrap();
    let mut entry = forge.entry(number);
    entry["at_ms"] = json!(before + 2000);
    forge.put(number, &entry);
    forge.is_named(Check::Times, "round_not_yet");
}

#[test]
fn a_moment_that_was_skipped_is_named() {
    let mut forge = Forge::open_sale();
    let tick = (1..forge.entries.len()).find(|n| forge.command(*n)["do"] == "tick").unwrap();
    forge.remove(tick);
    let wrong = forge.forge().report().wrong.unwrap();
    assert!(matches!(wrong.code, "tick_owed" | "tick_late" | "does_not_follow"), "{wrong}");
}

#[test]
fn entries_in_a_form_that_two_programs_read_differently_are_named() {
    let number = Forge::open_sale().find("bid", 0);
    let with = |from: &str, to: &str| {
        let mut forge = Forge::open_sale();
        let text = String::from_utf8(forge.entries[number].clone()).unwrap();
        assert!(text.contains(from));
        forge.entries[number] = text.replacen(from, to, 1).into_bytes();
        forge
    };
    with("{\"at_ms\":", "{\"at_ms\":1,\"at_ms\":").is_named(Check::Replay, "does_not_follow");
    with("{\"at_ms\":", "{ \"at_ms\":").is_named(Check::Replay, "does_not_follow");
    with("\"events\":[", "\"events\":[ ").is_named(Check::Replay, "does_not_follow");
    with("{\"at_ms\":", "{\"at_ms\":9007199254740993").is_named(Check::Binding, "unreadable_entry");
    with("\"command\":\"", "\"command\":\"\\ud800").is_named(Check::Binding, "unreadable_entry");
    let mut forge = Forge::open_sale();
    forge.entries[number] = vec![0xff; 65_535];
    forge.is_named(Check::Binding, "unreadable_entry");
}

#[test]
fn a_seal_passed_over_is_named() {
    let mut forge = Forge::sealed_sale();
    let open = forge.find("open", 0);
    forge.remove(open);
    let wrong = forge.forge().report().wrong.unwrap();
    assert!(matches!(wrong.code, "seal_not_opened" | "does_not_follow"), "{wrong}");
}

#[test]
fn a_good_seal_called_unreadable_is_named() {
    let mut forge = Forge::sealed_sale();
    let open = forge.find("open", 0);
    let mut entry = forge.entry(open);
    entry["events"][0]["result"] = json!("unreadable");
    entry["events"][0]["amounts"] = json!([]);
    forge.put(open, &entry);
    forge.is_named(Check::Replay, "does_not_follow");
}

#[test]
fn a_seal_opened_by_another_round_is_named() {
    let mut forge = Forge::sealed_sale();
    let open = forge.find("open", 0);
    forge.resign(open, &[], |command| command["round"] = json!(command["round"].as_u64().unwrap() + 1));
    forge.is_named(Check::Seals, "wrong_opening");
    let mut forge = Forge::sealed_sale();
    forge.resign(open, &[], |command| command["signature"] = json!("8f".repeat(48)));
    forge.is_named(Check::Seals, "wrong_opening");
}

#[test]
fn a_copied_ciphertext_cannot_stand() {
    let mut forge = Forge::sealed_sale();
    let first = forge.find("seal", 0);
    let second = forge.find("seal", first + 1);
    let envelope = forge.command(first)["envelope"].clone();
    let bidder = format!("bidder/{}", forge.command(second)["bidder"].as_str().unwrap());
    forge.resign(second, &[&bidder], |command| command["envelope"] = envelope);
    forge.is_named(Check::Replay, "does_not_follow");
}

#[test]
fn seals_that_nobody_witnessed_in_time_are_named() {
    let mut forge = Forge::sealed_sale();
    let open = forge.find("open", 0) as u64;
    let seals = (1..forge.entries.len()).filter(|n| forge.command(*n)["do"] == "seal");
    let last = seals.max().unwrap() as u64;
    forge.checkpoints.retain(|(size, _)| *size <= last || *size > open);
    forge.is_named(Check::Seals, "not_witnessed");
}
