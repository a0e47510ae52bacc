//! Every attack that a record can reveal, in one table: what the attacker does, and the check and code by which
//! the verdict names it. The attacker holds every key of the run and has every checkpoint witnessed again.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_hostile::forge::Forge;
use landgavel_hostile::memory::Bundle;
use landgavel_hostile::samples::{LOTTERY, P1, TINY, p1, tiny};
use landgavel_record::canonical::encode;
use landgavel_record::keys::SigningKey;
use landgavel_record::verify::{Check, Options};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use Check::{Binding, Checkpoints, Draws, Files, Notice, Outcome, Policy, Replay, Seals, Signatures, Times, Tree};

/// What is done, by whom it is made, and how it is named.
type Attack = (&'static str, fn() -> Bundle, Check, &'static str);

const ATTACKS: [Attack; 59] = [
    // The record is edited.
    ("a bid is taken out", a_bid_is_taken_out, Replay, "does_not_follow"),
    ("entries change places", entries_change_places, Tree, "wrong_number"),
    ("entries change places and numbers", entries_change_places_and_numbers, Replay, "does_not_follow"),
    ("a signed amount is changed", a_signed_amount_is_changed, Signatures, "bad_signature"),
    ("an event is changed", an_event_is_changed, Replay, "does_not_follow"),
    ("the winner is exchanged", the_winner_is_exchanged, Replay, "does_not_follow"),
    ("the outcome is rewritten", the_outcome_is_rewritten, Outcome, "other_outcome"),
    ("a valid bid is called refused", a_valid_bid_is_called_refused, Replay, "does_not_follow"),
    ("a refused bid is called placed", a_refused_bid_is_called_placed, Replay, "does_not_follow"),
    ("the tail is cut off", the_tail_is_cut_off, Files, "missing"),
    ("a hash of the tree is changed", a_hash_of_the_tree_is_changed, Tree, "other_tile"),
    ("a second notice is put in", a_second_notice_is_put_in, Tree, "wrong_number"),
    ("a file is added", a_file_is_added, Files, "stray"),
    // Two histories.
    ("a bid saw another history", a_bid_saw_another_history, Replay, "does_not_follow"),
    ("a checkpoint is of another log", a_checkpoint_is_of_another_log, Checkpoints, "other_log"),
    ("a checkpoint is signed by a stranger", a_checkpoint_is_signed_by_a_stranger, Checkpoints, "not_believed"),
    ("a checkpoint has extensions", a_checkpoint_has_extensions, Checkpoints, "not_believed"),
    ("a checkpoint stands twice", a_checkpoint_stands_twice, Checkpoints, "order"),
    ("the last checkpoint is an older one", the_last_checkpoint_is_an_older_one, Files, "missing"),
    // Witnesses.
    ("a quorum is missing", a_quorum_is_missing, Checkpoints, "not_believed"),
    ("cosignatures are of another checkpoint", cosignatures_are_of_another_checkpoint, Checkpoints, "not_believed"),
    ("a cosignature says another time", a_cosignature_says_another_time, Checkpoints, "not_believed"),
    ("a signature of nobody is added", a_signature_of_nobody_is_added, Checkpoints, "not_believed"),
    ("the quorum is set to none", the_quorum_is_set_to_none, Policy, "no_quorum"),
    ("one witness counts as two", one_witness_counts_as_two, Policy, "unreadable"),
    ("a witness comes late", a_witness_comes_late, Times, "witnessed_late"),
    // Times.
    ("an entry is dated back", an_entry_is_dated_back, Times, "dated_back"),
    ("an entry is dated forward", an_entry_is_dated_forward, Times, "dated_forward"),
    ("a step of time is left out", a_step_of_time_is_left_out, Replay, "tick_owed"),
    // Who signs.
    ("a bid is nobody's", a_bid_is_nobodys, Signatures, "unsigned"),
    ("a bid is signed by a rival", a_bid_is_signed_by_a_rival, Signatures, "key_not_allowed"),
    ("a bid is signed by a key of nobody", a_bid_is_signed_by_a_key_of_nobody, Signatures, "key_not_allowed"),
    ("a key is enrolled twice", a_key_is_enrolled_twice, Binding, "already_enrolled"),
    ("a code is enrolled twice", a_code_is_enrolled_twice, Binding, "already_enrolled"),
    ("a decision is signed by a bidder", a_decision_is_signed_by_a_bidder, Signatures, "key_not_allowed"),
    ("one officer annuls", one_officer_annuls, Signatures, "unsigned"),
    ("one officer signs twice", one_officer_signs_twice, Notice, "four_eyes"),
    ("an officer adds a key of their own", an_officer_adds_a_key_of_their_own, Signatures, "key_not_allowed"),
    ("a tag names another algorithm", a_tag_names_another_algorithm, Signatures, "no_key"),
    ("an SM2 key is called Ed25519", an_sm2_key_is_called_ed25519, Signatures, "no_key"),
    ("a key is of low order", a_key_is_of_low_order, Signatures, "no_key"),
    ("a signature is malleated", a_signature_is_malleated, Signatures, "bad_signature"),
    ("a signature is spelt in another way", a_signature_is_spelt_in_another_way, Signatures, "bad_signature"),
    // What a signature binds.
    ("a bid is brought again", a_bid_is_brought_again, Binding, "id_repeated"),
    ("a bid of another sale is brought", a_bid_of_another_sale_is_brought, Binding, "other_sale"),
    ("the rules are exchanged", the_rules_are_exchanged, Notice, "other_file"),
    ("the rules are exchanged under a new notice", the_rules_are_exchanged_under_a_new_notice, Binding, "other_sale"),
    ("a command of another version is brought", a_command_of_another_version_is_brought, Binding, "field"),
    // Draws.
    ("entrants are chosen after the freeze", entrants_are_chosen_after_the_freeze, Replay, "does_not_follow"),
    ("nobody witnessed the freeze", nobody_witnessed_the_freeze, Draws, "not_witnessed"),
    ("the freeze was witnessed too late", the_freeze_was_witnessed_too_late, Draws, "witnessed_too_late"),
    ("another round is chosen", another_round_is_chosen, Draws, "source"),
    ("a round is forged", a_round_is_forged, Draws, "source"),
    ("a local chain passes for the public one", a_local_chain_passes_for_the_public_one, Draws, "source"),
    // Seals.
    ("a seal is passed over", a_seal_is_passed_over, Replay, "does_not_follow"),
    ("a seal is left to expire", a_seal_is_left_to_expire, Seals, "seal_not_opened"),
    ("a seal is opened by another round", a_seal_is_opened_by_another_round, Seals, "wrong_opening"),
    ("a good seal is called unreadable", a_good_seal_is_called_unreadable, Replay, "does_not_follow"),
    ("a ciphertext is copied", a_ciphertext_is_copied, Replay, "does_not_follow"),
];

#[test]
fn every_attack_of_the_table_is_named() {
    let mut wrong = Vec::new();
    for (attack, make, check, code) in ATTACKS {
        let found = make().report().wrong;
        if found.as_ref().map(|wrong| (wrong.check, wrong.code)) != Some((check, code)) {
            wrong.push(format!("{attack}: expected {}/{code}, found {found:?}", check.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The attacker changes nothing: so what the table names is the attacks, and not the forging.
#[test]
fn a_forge_that_changes_nothing_is_not_named() {
    for forge in [sealed(), open(), lottery()] {
        let report = forge.forge().report();
        assert!(report.holds(), "{:?}", report.wrong);
    }
}

/// Two sealed bids, a tie, a draw. Entries: 0 notice, 1 and 2 apply, 6 and 7 seal, 9 and 10 open, 13 frozen, 14
/// beacon, 16 award.
fn sealed() -> Forge {
    Forge::of(&TINY, tiny().clone())
}

fn lottery() -> Forge {
    Forge::of(&LOTTERY, LOTTERY.run(usize::MAX))
}

/// Open bids, up to the fifth.
fn open() -> Forge {
    let mut forge = Forge::of(&P1, p1().clone());
    let mut size = 0;
    for _ in 0..4 {
        size = forge.find("bid", size) + 1;
    }
    forge.bundle = forge.judged_again(size);
    forge
}

fn a_bid_is_taken_out() -> Bundle {
    let mut forge = open();
    forge.remove(forge.find("bid", 0));
    forge.forge()
}

fn entries_change_places() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", 0);
    forge.entries.swap(number, number + 1);
    forge.forge()
}

/// The second bid was made in sight of the first.
fn entries_change_places_and_numbers() -> Bundle {
    let mut forge = open();
    let first = forge.find("bid", 0);
    let second = forge.find("bid", first + 1);
    forge.entries.swap(first, second);
    forge.renumber();
    forge.forge()
}

fn a_signed_amount_is_changed() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry["command"] = json!(entry["command"].as_str().unwrap().replacen("万元", "亿元", 1));
    forge.put(number, &entry);
    forge.forge()
}

fn an_event_is_changed() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry["events"][0]["amount"] = json!(1);
    forge.put(number, &entry);
    forge.forge()
}

fn the_winner_is_exchanged() -> Bundle {
    let mut forge = sealed();
    let text = String::from_utf8(forge.entries[16].clone()).unwrap();
    let (one, two) = (
        "\"runners_up\":[\"B\"],\"winners\":[{\"bidder\":\"A\"",
        "\"runners_up\":[\"A\"],\"winners\":[{\"bidder\":\"B\"",
    );
    assert!(text.contains(one) || text.contains(two), "{text}");
    let lie = if text.contains(one) { text.replace(one, two) } else { text.replace(two, one) };
    forge.entries[16] = lie.into_bytes();
    let outcome = String::from_utf8(forge.bundle.0["outcome.json"].clone()).unwrap();
    let outcome =
        outcome.replace("\"bidder\":\"A\"", "\"bidder\":\"?\"").replace("\"bidder\":\"B\"", "\"bidder\":\"A\"");
    forge
        .bundle
        .0
        .insert("outcome.json".to_owned(), outcome.replace("\"bidder\":\"?\"", "\"bidder\":\"B\"").into_bytes());
    forge.forge()
}

fn the_outcome_is_rewritten() -> Bundle {
    let mut bundle = tiny().clone();
    let outcome = String::from_utf8(bundle.0["outcome.json"].clone()).unwrap();
    bundle.0.insert("outcome.json".to_owned(), outcome.replace("awarded", "annulled").into_bytes());
    bundle
}

fn a_valid_bid_is_called_refused() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry.as_object_mut().unwrap().shift_remove("events");
    entry["refused"] = json!({"clause": "stages.price.step", "code": "bid_below_minimum"});
    forge.put(number, &entry);
    forge.forge()
}

fn a_refused_bid_is_called_placed() -> Bundle {
    let mut forge = open();
    let refused =
        (0..forge.entries.len()).find(|number| forge.entry(*number)["refused"]["code"] == "bid_below_minimum");
    let number = refused.unwrap();
    let mut entry = forge.entry(number);
    entry.as_object_mut().unwrap().shift_remove("refused");
    entry["events"] = json!([{"amount": 1915, "bidder": "C", "event": "bid_placed"}]);
    forge.put(number, &entry);
    forge.forge()
}

fn the_tail_is_cut_off() -> Bundle {
    let mut bundle = sealed().judged_again(12);
    bundle.0.insert("checkpoint".to_owned(), tiny().0["checkpoint"].clone());
    bundle.0.insert("checkpoints.jsonl".to_owned(), tiny().0["checkpoints.jsonl"].clone());
    bundle
}

fn a_hash_of_the_tree_is_changed() -> Bundle {
    let mut bundle = tiny().clone();
    bundle.0.get_mut("tile/0/000.p/18").unwrap()[5] ^= 1;
    bundle
}

fn a_second_notice_is_put_in() -> Bundle {
    let mut forge = sealed();
    let notice = forge.entries[0].clone();
    forge.insert(1, notice);
    forge.forge()
}

fn a_file_is_added() -> Bundle {
    let mut bundle = tiny().clone();
    bundle.0.insert("README.txt".to_owned(), b"trust me".to_vec());
    bundle
}

fn a_bid_saw_another_history() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", 0);
    let bidder = forge.bidder_of(number);
    forge.resign(number, &[&bidder], |command| command["seen"]["root"] = json!("ab".repeat(32)));
    forge.forge()
}

/// Changes the policy, and the notice's digest of it.
fn with_policy(mut forge: Forge, change: impl Fn(&str) -> String) -> Forge {
    let policy = change(&String::from_utf8(forge.bundle.0["policy.txt"].clone()).unwrap());
    let digest: String = Sha256::digest(&policy).iter().map(|byte| format!("{byte:02x}")).collect();
    forge.renotice(|notice| notice["policy_sha256"] = json!(digest));
    forge.bundle.0.insert("policy.txt".to_owned(), policy.into_bytes());
    forge
}

/// The lines of `checkpoints.jsonl` as notes.
fn notes(bundle: &Bundle) -> Vec<String> {
    let lines = String::from_utf8(bundle.0["checkpoints.jsonl"].clone()).unwrap();
    let note = |line: &str| serde_json::from_str::<Value>(line).unwrap()["note"].as_str().unwrap().to_owned();
    lines.lines().map(note).collect()
}

fn with_notes(mut bundle: Bundle, notes: &[String]) -> Bundle {
    let line = |note: &String| encode(&json!({"note": note})) + "\n";
    bundle.0.insert("checkpoints.jsonl".to_owned(), notes.iter().map(line).collect::<String>().into_bytes());
    bundle
}

/// A second log that the policy names signs and has cosigned a tree of its own, under its own name.
fn a_checkpoint_is_of_another_log() -> Bundle {
    let line = |forge: &Forge| {
        let policy = String::from_utf8(forge.bundle.0["policy.txt"].clone()).unwrap();
        policy.lines().find(|line| line.starts_with("log ")).unwrap().to_owned()
    };
    let mut other = sealed();
    other.origin = "another.invalid/log".to_owned();
    other.log = "another log".to_owned();
    let key = other.log_key();
    let forge = with_policy(sealed(), |policy| {
        policy.replacen(&line(&sealed()), &format!("{}\nlog {key}", line(&sealed())), 1)
    });
    let (bundle, other) = (forge.forge(), other.forge());
    let mut all = notes(&bundle);
    all[0].clone_from(&notes(&other)[0]);
    with_notes(bundle, &all)
}

fn a_checkpoint_is_signed_by_a_stranger() -> Bundle {
    let mut forge = sealed();
    forge.origin = "another.invalid/log".to_owned();
    forge.forge()
}

fn a_checkpoint_has_extensions() -> Bundle {
    let bundle = sealed().forge_extended(&["an extension"]);
    assert!(String::from_utf8_lossy(&bundle.0["checkpoint"]).contains("\nan extension\n"));
    bundle
}

fn a_checkpoint_stands_twice() -> Bundle {
    let bundle = tiny().clone();
    let mut all = notes(&bundle);
    all.insert(1, all[0].clone());
    with_notes(bundle, &all)
}

fn the_last_checkpoint_is_an_older_one() -> Bundle {
    let mut bundle = tiny().clone();
    let first = notes(&bundle)[0].clone();
    bundle.0.insert("checkpoint".to_owned(), first.into_bytes());
    bundle
}

fn a_quorum_is_missing() -> Bundle {
    let mut forge = sealed();
    forge.witnesses = vec!["witness-1"];
    forge.forge()
}

/// The text and log's signature of one checkpoint over the cosignatures of another.
fn cosignatures_are_of_another_checkpoint() -> Bundle {
    let bundle = tiny().clone();
    let mut all = notes(&bundle);
    let (text, signatures) = all[1].split_once("\n\n").unwrap();
    let log = signatures.lines().next().unwrap();
    let (_, others) = all[0].split_once("\n\n").unwrap();
    let others: String = others.lines().skip(1).map(|line| format!("{line}\n")).collect();
    all[1] = format!("{text}\n\n{log}\n{others}");
    with_notes(bundle, &all)
}

/// The time in a cosignature is signed with it.
fn a_cosignature_says_another_time() -> Bundle {
    let bundle = tiny().clone();
    let mut all = notes(&bundle);
    let line = all[1].lines().last().unwrap().to_owned();
    let (name, encoded) = line.rsplit_once(' ').unwrap();
    let mut bytes = BASE64_STANDARD.decode(encoded).unwrap();
    bytes[11] ^= 1;
    all[1] = all[1].replace(&line, &format!("{name} {}", BASE64_STANDARD.encode(bytes)));
    with_notes(bundle, &all)
}

fn a_signature_of_nobody_is_added() -> Bundle {
    let bundle = tiny().clone();
    let mut all = notes(&bundle);
    all[1].push_str(&format!("— nobody {}\n", BASE64_STANDARD.encode([7; 68])));
    with_notes(bundle, &all)
}

fn the_quorum_is_set_to_none() -> Bundle {
    with_policy(sealed(), |policy| policy.replace("quorum witnesses", "quorum none")).forge()
}

fn one_witness_counts_as_two() -> Bundle {
    let twice = |policy: &str| {
        let key =
            |name: &str| policy.lines().find(|line| line.starts_with(&format!("witness {name} "))).unwrap().to_owned();
        policy.replace(&key("witness-2"), &key("witness-1").replacen("witness-1", "witness-2", 1))
    };
    with_policy(sealed(), twice).forge()
}

fn a_witness_comes_late() -> Bundle {
    let mut forge = sealed();
    forge.checkpoints.iter_mut().last().unwrap().1 += 3600;
    forge.forge()
}

/// A checkpoint before the entry is later than the entry says to be.
fn an_entry_is_dated_back() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", forge.find("bid", 0) + 1);
    let mut entry = forge.entry(number);
    entry["at_ms"] = forge.entry(number - 1)["at_ms"].clone();
    forge.put(number, &entry);
    forge.checkpoints.iter_mut().filter(|(size, _)| *size == number as u64).for_each(|(_, time)| *time += 30);
    forge.forge()
}

fn an_entry_is_dated_forward() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", 0);
    let mut entry = forge.entry(number);
    entry["at_ms"] = json!(entry["at_ms"].as_i64().unwrap() + 60_000);
    forge.put(number, &entry);
    forge.forge()
}

fn a_step_of_time_is_left_out() -> Bundle {
    let mut forge = sealed();
    (3..6).for_each(|_| forge.remove(3));
    forge.forge()
}

fn a_bid_is_nobodys() -> Bundle {
    let mut forge = sealed();
    forge.resign(6, &[], |_| {});
    forge.forge()
}

/// A bid in a bidder's name, with this key.
fn bid_signed_by(holder: &str) -> Bundle {
    let mut forge = sealed();
    let key = forge.key(holder).public().to_string();
    forge.resign(6, &[holder], |command| command["key"] = json!(key));
    forge.forge()
}

fn a_bid_is_signed_by_a_rival() -> Bundle {
    bid_signed_by("bidder/B")
}

fn a_bid_is_signed_by_a_key_of_nobody() -> Bundle {
    bid_signed_by("bidder/Z")
}

fn a_key_is_enrolled_twice() -> Bundle {
    let mut forge = sealed();
    let key = forge.key("bidder/A").public().to_string();
    forge.resign(2, &["bidder/A"], |command| {
        command["key"] = json!(key);
        command["id"] = json!("another");
    });
    forge.forge()
}

fn a_code_is_enrolled_twice() -> Bundle {
    let mut forge = sealed();
    forge.resign(2, &["bidder/B"], |command| command["bidder"] = json!("A"));
    forge.forge()
}

fn a_decision_is_signed_by_a_bidder() -> Bundle {
    let mut forge = open();
    let number = forge.find("admit", 0);
    let key = forge.key("bidder/A").public().to_string();
    forge.resign(number, &["bidder/A"], |command| command["key"] = json!(key));
    forge.forge()
}

/// A command of officers put in after the applications.
fn by_officers(holders: &[&str]) -> Bundle {
    let mut forge = sealed();
    let key = forge.key(holders[0]).public().to_string();
    let mut command = forge.command(1);
    for (field, value) in [("do", "annul"), ("cause", "x"), ("reason", "x"), ("id", "annul"), ("key", key.as_str())] {
        command[field] = json!(value);
    }
    for field in ["bidder", "seen"] {
        command.as_object_mut().unwrap().shift_remove(field);
    }
    let at = forge.entry(2)["at_ms"].clone();
    let entry = forge.command_of(&at, &command, holders);
    forge.insert(3, entry);
    forge.forge()
}

fn one_officer_annuls() -> Bundle {
    by_officers(&["officer/1"])
}

/// A key that the notice does not name signs beside one that it names.
fn an_officer_adds_a_key_of_their_own() -> Bundle {
    by_officers(&["officer/1", "officer/3"])
}

fn one_officer_signs_twice() -> Bundle {
    let mut forge = sealed();
    let mut entry = forge.entry(0);
    entry["signatures"][1] = entry["signatures"][0].clone();
    forge.put(0, &entry);
    forge.forge()
}

/// Changes key and signature of the application of A as they stand in its entry.
fn with_signature(change: impl Fn(&mut String, &mut String)) -> Bundle {
    let mut forge = sealed();
    let mut entry = forge.entry(1);
    let text = |entry: &Value, field: &str| entry["signatures"][0][field].as_str().unwrap().to_owned();
    let (mut key, mut signature) = (text(&entry, "key"), text(&entry, "signature"));
    change(&mut key, &mut signature);
    entry["signatures"] = json!([{"key": key, "signature": signature}]);
    forge.put(1, &entry);
    forge.forge()
}

fn a_tag_names_another_algorithm() -> Bundle {
    with_signature(|key, _| *key = key.replacen("ed25519:", "sm2:", 1))
}

fn an_sm2_key_is_called_ed25519() -> Bundle {
    let sm2 = SigningKey::sm2([7; 32]).unwrap().public().to_string();
    with_signature(|key, _| *key = sm2.replacen("sm2:", "ed25519:", 1))
}

fn a_key_is_of_low_order() -> Bundle {
    let mut point = [0; 32];
    point[0] = 1;
    with_signature(|key, _| *key = format!("ed25519:{}", BASE64_STANDARD.encode(point)))
}

/// S and S + L sign the same for whoever does not look at its range.
fn a_signature_is_malleated() -> Bundle {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    with_signature(|_, signature| {
        let mut bytes = BASE64_STANDARD.decode(signature.as_str()).unwrap();
        let mut carry = 0;
        for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
            carry += u16::from(*byte) + u16::from(order);
            *byte = u8::try_from(carry & 0xff).unwrap();
            carry >>= 8;
        }
        *signature = BASE64_STANDARD.encode(bytes);
    })
}

/// The last letter of base64 has bits that no byte has.
fn a_signature_is_spelt_in_another_way() -> Bundle {
    with_signature(|_, signature| {
        let last = signature.trim_end_matches('=').len() - 1;
        let letter = char::from(signature.as_bytes()[last] + 1);
        signature.replace_range(last..=last, &letter.to_string());
    })
}

fn a_bid_is_brought_again() -> Bundle {
    let mut forge = open();
    let number = forge.find("bid", 0);
    let again = forge.entries[number].clone();
    forge.insert(number + 1, again);
    forge.forge()
}

fn a_bid_of_another_sale_is_brought() -> Bundle {
    let mut forge = sealed();
    forge.resign(6, &["bidder/A"], |command| command["lot"] = json!("another/lot"));
    forge.forge()
}

/// Twice the least price.
fn other_rules() -> String {
    let rules = TINY.rulebook.replace("min = \"1 元\"", "min = \"2 元\"");
    assert_ne!(rules, TINY.rulebook);
    rules
}

fn the_rules_are_exchanged() -> Bundle {
    let mut bundle = tiny().clone();
    bundle.0.insert("rulebook.toml".to_owned(), other_rules().into_bytes());
    bundle
}

fn the_rules_are_exchanged_under_a_new_notice() -> Bundle {
    let mut forge = sealed();
    let digest: String = Sha256::digest(other_rules()).iter().map(|byte| format!("{byte:02x}")).collect();
    forge.renotice(|notice| notice["rulebook_sha256"] = json!(digest));
    forge.bundle.0.insert("rulebook.toml".to_owned(), other_rules().into_bytes());
    forge.forge()
}

fn a_command_of_another_version_is_brought() -> Bundle {
    let mut forge = sealed();
    forge.resign(6, &["bidder/A"], |command| command["format"] = json!("landgavel-command/2"));
    forge.forge()
}

fn entrants_are_chosen_after_the_freeze() -> Bundle {
    let mut forge = sealed();
    let mut entry = forge.entry(13);
    entry["events"][1]["root"] = json!("cd".repeat(32));
    forge.put(13, &entry);
    forge.forge()
}

fn nobody_witnessed_the_freeze() -> Bundle {
    let mut forge = lottery();
    let beacon = forge.find("beacon", 0) as u64;
    forge.checkpoints.retain(|(size, _)| *size != beacon);
    forge.forge()
}

fn the_freeze_was_witnessed_too_late() -> Bundle {
    let mut forge = lottery();
    let beacon = forge.find("beacon", 0);
    let round_s = forge.entry(beacon)["at_ms"].as_u64().unwrap() / 1000;
    for (_, time) in forge.checkpoints.iter_mut().filter(|(size, _)| *size == beacon as u64) {
        *time = round_s - 5;
    }
    forge.forge()
}

fn another_round_is_chosen() -> Bundle {
    let mut forge = sealed();
    let round = forge.command(14)["outputs"][0]["round"].as_u64().unwrap() + 1;
    let signature: String = forge.chain().sign(round).iter().map(|byte| format!("{byte:02x}")).collect();
    forge.resign(14, &[], |command| command["outputs"][0] = json!({"round": round, "signature": signature}));
    forge.forge()
}

fn a_round_is_forged() -> Bundle {
    let mut forge = sealed();
    forge.resign(14, &[], |command| command["outputs"][0]["signature"] = json!("8f".repeat(48)));
    forge.forge()
}

/// All before the draw is judged again under the new notice.
fn a_local_chain_passes_for_the_public_one() -> Bundle {
    let mut forge = lottery();
    let number = forge.find("beacon", 0);
    let draw = forge.entries[number].clone();
    forge.renotice(|notice| notice["beacon"] = json!({"chain": "quicknet"}));
    forge.bundle = forge.judged_again(number);
    forge.and(draw);
    forge.forge()
}

fn a_seal_is_passed_over() -> Bundle {
    let mut forge = sealed();
    forge.remove(10);
    forge.forge()
}

/// The opening is overdue, and its bid called unreadable.
fn a_seal_is_left_to_expire() -> Bundle {
    let mut forge = sealed();
    forge.bundle = forge.judged_again(10);
    // The window closed at 13:00, and seals are to be opened within an hour.
    let at = 1_767_592_800_000_i64;
    let event = json!({"event": "seal_opened", "bidder": "B", "result": "unreadable", "amounts": []});
    let entry = json!({"at_ms": at, "command": "{\"do\":\"tick\"}", "entry": 10, "events": [event]});
    forge.and(encode(&entry).into_bytes());
    forge.forge()
}

fn a_seal_is_opened_by_another_round() -> Bundle {
    let mut forge = sealed();
    let round = forge.command(9)["round"].as_u64().unwrap() + 1;
    let signature: String = forge.chain().sign(round).iter().map(|byte| format!("{byte:02x}")).collect();
    forge.resign(9, &[], |command| {
        command["round"] = json!(round);
        command["signature"] = json!(signature);
    });
    forge.forge()
}

fn a_good_seal_is_called_unreadable() -> Bundle {
    let mut forge = sealed();
    let mut entry = forge.entry(9);
    entry["events"][0]["result"] = json!("unreadable");
    entry["events"][0]["amounts"] = json!([]);
    forge.put(9, &entry);
    forge.forge()
}

fn a_ciphertext_is_copied() -> Bundle {
    let mut forge = sealed();
    let envelope = forge.command(6)["envelope"].clone();
    forge.resign(7, &["bidder/B"], |command| command["envelope"] = envelope);
    forge.forge()
}

/// Who seals what another has sealed is refused: the commitment is another's.
#[test]
fn a_copied_commitment_is_entered_as_refused() {
    let mut forge = sealed();
    let commitment = forge.command(6)["commitment"].clone();
    forge.resign(7, &["bidder/B"], |command| command["commitment"] = commitment);
    let report = forge.judged_again(8).report();
    assert!(report.holds(), "{:?}", report.wrong);
    assert_eq!(forge.entry(7)["refused"]["code"], "envelope_copied");
}

/// Officers who exchange the list of officers make another notice; who knows the digest of the first sees it.
#[test]
fn officers_of_ones_own_make_another_notice() {
    let digest =
        |bundle: &Bundle| bundle.report().subject.notice.and_then(|hex| landgavel_base::Digest::from_hex(&hex));
    let mut forge = sealed();
    let key = forge.key("officer/3").public().to_string();
    forge.renotice(|notice| notice["officers"].as_array_mut().unwrap().push(json!({"key": key, "name": "mine"})));
    let options = Options { policy: None, notice: digest(tiny()) };
    assert!(options.notice.is_some());
    let wrong = crate::adversary::report_with(&forge.forge(), &options).wrong.unwrap();
    assert_eq!((wrong.check, wrong.code), (Notice, "other_notice"), "{wrong}");
}

/// Log and witnesses of one's own sign everything; who brings a policy sees that they are others.
#[test]
fn a_log_of_ones_own_is_not_the_one_that_is_trusted() {
    let mut forge = sealed();
    let trusted = String::from_utf8(forge.bundle.0["policy.txt"].clone()).unwrap();
    forge.origin = "another.invalid/log".to_owned();
    let key = forge.log_key();
    let mut forge = with_policy(forge, |policy| {
        policy
            .lines()
            .map(|line| if line.starts_with("log ") { format!("log {key}\n") } else { format!("{line}\n") })
            .collect()
    });
    forge.renotice(|notice| notice["origin"] = json!("another.invalid/log"));
    let bundle = forge.forge();
    let wrong = crate::adversary::report_with(&bundle, &Options { policy: Some(trusted), notice: None }).wrong.unwrap();
    assert_eq!((wrong.check, wrong.code), (Checkpoints, "not_believed"), "{wrong}");
}
