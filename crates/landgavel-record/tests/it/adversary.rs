//! More attacks on a record: by operators who judge everything again after a change, by readers' eyes, and
//! what a record alone cannot show.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_beacon::seal;
use landgavel_hostile::forge::Forge;
use landgavel_hostile::memory::Bundle;
use landgavel_hostile::samples;
use landgavel_log::note::{KeyKind, Note, SigningKey};
use landgavel_record::bundle::BundleFiles;
use landgavel_record::canonical::encode;
use landgavel_record::rehearsal::Rehearsal;
use landgavel_record::verify::{Alone, Caveat, Check, Options, Report, Silent, verify};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::attacks::{is_named, open_sale, sealed_sale};
use crate::tampering::{P1, P1_COMMANDS, loaded, run};

pub fn report_with(bundle: &dyn BundleFiles, options: &Options) -> Report {
    verify(bundle, options, &Alone::default(), &mut Silent)
}

#[track_caller]
fn holds(bundle: &Bundle) {
    let report = bundle.report();
    assert!(report.holds(), "{:?}", report.wrong);
}

/// What was signed for something else is kept, with its refusal: the record stays whole and shows it.
#[test]
fn a_bid_for_another_stage_is_entered_as_refused() {
    for (field, value, code) in [
        ("stage", json!("tax"), "other_stage"),
        ("attribute", json!("tax"), "other_attribute"),
        ("seen", json!({"root": "ab".repeat(32), "size": 3}), "unknown_checkpoint"),
    ] {
        let mut forge = open_sale();
        let number = forge.find("bid", 0);
        let bidder = forge.bidder_of(number);
        forge.resign(number, &[&bidder], |command| command[field] = value);
        holds(&forge.judged_again(number + 1));
        assert_eq!(forge.entry(number)["refused"]["code"], code);
    }
}

/// A bid that is taken out while all else is judged again leaves its mark: who bid in sight of it is refused
/// by the very root that the signature names.
#[test]
fn a_bid_taken_out_turns_those_away_who_saw_it() {
    let mut forge = open_sale();
    let first = forge.find("bid", 0);
    // The next bid was signed before the first one was published; the one after that names its root.
    let third = forge.find("bid", forge.find("bid", first + 1) + 1);
    forge.remove(first);
    holds(&forge.judged_again(third));
    assert_eq!(forge.entry(third - 1)["refused"]["code"], "unknown_checkpoint");
}

/// A record that was cut short and witnessed again is whole; only who knows a later checkpoint sees it, and the
/// verdict says that the sale has not ended.
#[test]
fn a_record_cut_short_says_that_the_sale_has_not_ended() {
    let mut forge = open_sale();
    let size = forge.find("bid", 0) + 1;
    let bundle = forge.judged_again(size);
    holds(&bundle);
    assert!(bundle.report().caveats.contains(&Caveat::NotEnded));
}

#[test]
fn a_record_cut_short_under_its_old_checkpoint_is_named() {
    let whole = open_sale();
    let mut forge = open_sale();
    let mut cut = forge.judged_again(whole.find("bid", 0) + 1);
    cut.0.insert("checkpoint".to_owned(), whole.bundle.0["checkpoint"].clone());
    is_named(&cut, Check::Files, "missing");
    let mut older = whole.bundle.clone();
    let lines = String::from_utf8(older.0["checkpoints.jsonl"].clone()).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    older.0.insert("checkpoint".to_owned(), first["note"].as_str().unwrap().as_bytes().to_vec());
    assert!(!older.report().holds());
}

#[test]
fn an_annulment_by_one_officer_is_named() {
    let annul = |holders: &[&str]| {
        let mut forge = open_sale();
        let number = forge.find("bid", 0);
        let mut command = forge.command(forge.find("admit", 0));
        command["do"] = json!("annul");
        command["id"] = json!("annul");
        command["cause"] = json!("force-majeure");
        command.as_object_mut().unwrap().shift_remove("bidder");
        let at = forge.entry(number - 1)["at_ms"].clone();
        let entry = forge.command_of(&at, &command, holders);
        forge.insert(number, entry);
        forge
    };
    is_named(&annul(&["officer/1"]).forge(), Check::Signatures, "unsigned");
    is_named(&annul(&["officer/1", "officer/1"]).forge(), Check::Signatures, "key_not_allowed");
    is_named(&annul(&["officer/1", "bidder/A"]).forge(), Check::Signatures, "key_not_allowed");
}

#[test]
fn an_officers_decision_signed_by_a_bidder_is_named() {
    let mut forge = open_sale();
    let number = forge.find("admit", 0);
    forge.resign(number, &["bidder/A"], |_| {});
    is_named(&forge.forge(), Check::Signatures, "key_not_allowed");
    forge.resign(number, &["officer/1", "officer/2"], |_| {});
    is_named(&forge.forge(), Check::Signatures, "unsigned");
}

#[test]
fn other_versions_of_a_format_are_named() {
    let mut forge = open_sale();
    let number = forge.find("bid", 0);
    let bidder = forge.bidder_of(number);
    forge.resign(number, &[&bidder], |command| command["format"] = json!("landgavel-command/2"));
    is_named(&forge.forge(), Check::Binding, "field");
    let mut bundle = open_sale().bundle;
    bundle.0.insert("bundle.json".to_owned(), b"{\"format\":\"landgavel-bundle/2\"}\n".to_vec());
    is_named(&bundle, Check::Files, "format");
}

#[test]
fn a_file_beyond_its_limit_is_named() {
    for file in ["bundle.json", "policy.txt", "rulebook.toml", "lot.toml", "checkpoint"] {
        let mut bundle = open_sale().bundle;
        bundle.0.insert(file.to_owned(), vec![b' '; 1024 * 1024 + 1]);
        is_named(&bundle, Check::Files, "too_large");
    }
}

#[test]
fn checkpoints_out_of_order_or_repeated_are_named() {
    let bundle = open_sale().bundle;
    let lines = String::from_utf8(bundle.0["checkpoints.jsonl"].clone()).unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    let with = |order: &[usize]| {
        let mut changed = bundle.clone();
        let mut all: Vec<&str> = order.iter().map(|place| lines[*place]).collect();
        all.extend(&lines[3..]);
        changed.0.insert("checkpoints.jsonl".to_owned(), (all.join("\n") + "\n").into_bytes());
        changed
    };
    // An applicant was taken before the notice was published, or had seen the one that comes too late.
    is_named(&with(&[1, 0, 2]), Check::Notice, "notice_not_published");
    is_named(&with(&[0, 2, 1]), Check::Replay, "does_not_follow");
    is_named(&with(&[0, 0, 1, 2]), Check::Checkpoints, "order");
}

/// A second log key of the policy, under the same origin, may sign too; then rightly.
#[test]
fn a_wrong_signature_of_another_log_key_is_named() {
    let (mut forge, number) = (open_sale(), 0);
    let secret = landgavel_log::ed25519::SecretKey::from_seed(&[77; 32]);
    let key = SigningKey::new(&forge.origin, KeyKind::Ed25519, secret).unwrap();
    let mut policy = String::from_utf8(forge.bundle.0["policy.txt"].clone()).unwrap();
    policy += &format!("log {}\n", key.verifier());
    let mut entry = forge.entry(number);
    let mut notice: Value = serde_json::from_str(entry["notice"].as_str().unwrap()).unwrap();
    notice["policy_sha256"] = json!(landgavel_base::Digest(Sha256::digest(&policy).into()).to_string());
    let text = encode(&notice);
    entry["signatures"] = forge.signatures(&text, &["officer/1", "officer/2"]);
    entry["notice"] = json!(text);
    forge.put(number, &entry);
    let mut bundle = forge.judged_again(1);
    bundle.0.insert("policy.txt".to_owned(), policy.into_bytes());
    holds(&bundle);
    for (text, is_right) in [(None, true), (Some("another text\n"), false)] {
        let mut signed = bundle.clone();
        let mut note = Note::parse(&bundle.0["checkpoint"]).unwrap();
        let mut of = Note::new(text.unwrap_or(note.text()).to_owned()).unwrap();
        of.sign(&key).unwrap();
        note.add(of.signatures()[0].clone()).unwrap();
        signed.0.insert("checkpoint".to_owned(), note.to_string().into_bytes());
        let line = encode(&json!({"note": note.to_string()})) + "\n";
        signed.0.insert("checkpoints.jsonl".to_owned(), line.into_bytes());
        if is_right {
            holds(&signed);
        } else {
            is_named(&signed, Check::Checkpoints, "not_believed");
        }
    }
}

/// A whole other record, with keys and witnesses of its own, does not pass for the one that is known.
#[test]
fn witnesses_and_notices_of_ones_own_are_named() {
    let honest = open_sale().bundle;
    let mut other = Bundle::default();
    let mut rehearsal = Rehearsal::open(&loaded(P1), Some([9; 32]), &mut other);
    rehearsal.finish(&mut other, &mut |_| {}).unwrap();
    holds(&other);
    let policy = Some(String::from_utf8(honest.0["policy.txt"].clone()).unwrap());
    let wrong = report_with(&other, &Options { policy, notice: None }).wrong.unwrap();
    assert_eq!((wrong.check, wrong.code), (Check::Checkpoints, "not_believed"), "{wrong}");
    let notice = honest.report().subject.notice.and_then(|hex| landgavel_base::Digest::from_hex(&hex));
    assert!(notice.is_some());
    let wrong = report_with(&other, &Options { policy: None, notice }).wrong.unwrap();
    assert_eq!((wrong.check, wrong.code), (Check::Notice, "other_notice"), "{wrong}");
}

/// Notices may be signed again by their officers; only who knows the digest of the first one sees it.
#[test]
fn a_notice_changed_and_signed_again_is_named_by_its_digest() {
    let mut forge = Forge::of(&samples::P1, run(P1, P1_COMMANDS, 3));
    let published = forge.bundle.report().subject.notice.and_then(|hex| landgavel_base::Digest::from_hex(&hex));
    assert!(published.is_some());
    let mut entry = forge.entry(0);
    let mut notice: Value = serde_json::from_str(entry["notice"].as_str().unwrap()).unwrap();
    notice["draw_delay_ms"] = json!(60_000);
    let text = encode(&notice);
    entry["signatures"] = ["officer/1", "officer/2"]
        .iter()
        .map(|name| json!({"key": forge.key(name).public().to_string(), "signature": forge.key(name).sign(text.as_bytes())}))
        .collect();
    entry["notice"] = json!(text);
    forge.put(0, &entry);
    let wrong = report_with(&forge.forge(), &Options { policy: None, notice: published }).wrong.unwrap();
    assert_eq!((wrong.check, wrong.code), (Check::Notice, "other_notice"), "{wrong}");
}

#[test]
fn a_seal_to_another_round_cannot_stand() {
    let mut forge = sealed_sale();
    let number = forge.find("seal", 0);
    let bidder = forge.bidder_of(number);
    let envelope = seal(forge.chain().chain(), 1_000_000_000, &[7; 41], [1; 32]).unwrap();
    let envelope = BASE64_STANDARD.encode(envelope.as_bytes());
    forge.resign(number, &[&bidder], |command| command["envelope"] = json!(envelope));
    is_named(&forge.forge(), Check::Replay, "does_not_follow");
    holds(&forge.judged_again(number + 1));
    assert_eq!(forge.entry(number)["refused"]["code"], "other_round");
}

#[test]
fn a_copied_seal_is_entered_as_refused() {
    let mut forge = sealed_sale();
    let first = forge.find("seal", 0);
    let second = forge.find("seal", first + 1);
    let (envelope, bidder) = (forge.command(first)["envelope"].clone(), forge.bidder_of(second));
    forge.resign(second, &[&bidder], |command| command["envelope"] = envelope);
    holds(&forge.judged_again(second + 1));
    let code = forge.entry(second)["refused"]["code"].clone();
    assert!(code == "ciphertext_copied" || code == "unknown_checkpoint", "{code}");
}

/// Who does not like the output of a chain may keep it back until the draw is overdue.
#[test]
fn a_draw_that_was_kept_back_is_said() {
    let mut bundle = Bundle::default();
    let mut rehearsal = Rehearsal::open(&loaded(P1), None, &mut bundle);
    let lines = P1_COMMANDS.lines().filter(|line| line.starts_with('{'));
    for line in lines.take_while(|line| !line.contains("beacon")) {
        let object = serde_json::from_str(line).unwrap();
        rehearsal.request(&object, &mut bundle, &mut |_| {}).unwrap();
    }
    let tick = json!({"at": "2026-04-18T10:00:00+08:00", "do": "tick"});
    rehearsal.request(tick.as_object().unwrap(), &mut bundle, &mut |_| {}).unwrap();
    rehearsal.finish(&mut bundle, &mut |_| {}).unwrap();
    let report = bundle.report();
    assert!(report.holds(), "{:?}", report.wrong);
    assert!(report.caveats.contains(&Caveat::DrawNotHeld));
    assert!(!open_sale().bundle.report().caveats.contains(&Caveat::DrawNotHeld));
}
