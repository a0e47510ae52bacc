//! Input that nobody honest would send: each is named, with its file and what was expected, in bounded memory.

use landgavel_hostile::forge::Forge;
use landgavel_hostile::memory::Bundle;
use landgavel_hostile::samples::{LOTTERY, P1, Sample, TINY, p1, tiny};
use landgavel_log::tile::MAX_ENTRY;
use landgavel_record::verify::Check;
use landgavel_record::wire::RequestLines;
use serde_json::{Value, json};

/// A changed file, and how it is named.
type Case = (&'static str, &'static str, Vec<u8>, Check, &'static str);

fn policy(change: impl Fn(&str) -> String) -> Vec<u8> {
    change(&String::from_utf8_lossy(&tiny().0["policy.txt"])).into_bytes()
}

fn with(file: &str, bytes: Vec<u8>) -> Bundle {
    let mut bundle = tiny().clone();
    bundle.0.insert(file.to_owned(), bytes);
    bundle
}

/// The last checkpoint with so many signature lines more.
fn signed_often(count: usize) -> Vec<u8> {
    let mut note = tiny().0["checkpoint"].clone();
    let line = [note.split(|byte| *byte == b'\n').rev().nth(1).unwrap(), b"\n"].concat();
    note.extend(line.repeat(count));
    note
}

fn cases() -> Vec<Case> {
    use Check::{Checkpoints, Files, Outcome, Policy, Rules};
    let mut cases: Vec<Case> = Vec::new();
    let empty = [
        ("bundle.json", Files, "format"),
        ("policy.txt", Policy, "unreadable"),
        ("rulebook.toml", Rules, "unreadable"),
        ("lot.toml", Rules, "unreadable"),
        ("checkpoint", Checkpoints, "not_believed"),
        ("checkpoints.jsonl", Checkpoints, "cut_short"),
        ("outcome.json", Outcome, "other_outcome"),
        ("tile/entries/000.p/18", Check::Tree, "bundle"),
        ("tile/0/000.p/18", Check::Tree, "other_tile"),
    ];
    for (file, check, code) in empty {
        cases.push(("empty", file, Vec::new(), check, code));
    }
    for (file, _) in landgavel_record::bundle::FILES {
        cases.push(("65 MiB of one letter", file, vec![b'a'; 65 << 20], Files, "too_large"));
    }
    cases.push(("a tile of 17 MiB", "tile/0/000.p/18", vec![0; 17 << 20], Files, "too_large"));
    cases.push((
        "no quorum line",
        "policy.txt",
        policy(|text| text.replace("quorum witnesses\n", "")),
        Policy,
        "unreadable",
    ));
    let none = policy(|text| text.replace("quorum witnesses", "quorum none"));
    cases.push(("quorum of nobody", "policy.txt", none, Policy, "no_quorum"));
    let four = policy(|text| text.replace("group witnesses 2", "group witnesses 4"));
    cases.push(("quorum out of reach", "policy.txt", four, Policy, "unreadable"));
    let many = policy(|text| format!("{text}{}", "# x\n".repeat(16_000)));
    cases.push(("huge policy", "policy.txt", [many, vec![b'#'; 70_000]].concat(), Files, "too_large"));
    let twice = policy(|text| {
        let line = text.lines().find(|line| line.starts_with("witness witness-1")).unwrap();
        text.replacen(line, &format!("{line}\n{}", line.replacen("witness-1", "another", 1)), 1)
    });
    cases.push(("one witness twice", "policy.txt", twice, Policy, "unreadable"));
    cases.push(("not UTF-8", "policy.txt", vec![0xff], Files, "not_utf8"));
    cases.push(("not UTF-8", "checkpoint", vec![0xff], Files, "not_utf8"));
    cases.push(("not UTF-8", "rulebook.toml", vec![0xff], Rules, "unreadable"));
    cases.push(("65 signatures more", "checkpoint", signed_often(65), Checkpoints, "not_believed"));
    cases.push(("10,000 signatures", "checkpoint", signed_often(10_000), Files, "too_large"));
    cases.push(("only line ends", "checkpoints.jsonl", vec![b'\n'; 64 << 20], Checkpoints, "unreadable"));
    let deep = [b"{\"note\":".to_vec(), b"[".repeat(60_000), b"\n".to_vec()].concat();
    cases.push(("nested deep", "checkpoints.jsonl", deep, Checkpoints, "unreadable"));
    let lists = [b"{\"note\":[".to_vec(), b"[],".repeat(1 << 20), b"0]}\n".to_vec()].concat();
    cases.push(("a line of three MiB", "checkpoints.jsonl", lists, Checkpoints, "unreadable"));
    let brackets = [b"a = ".to_vec(), b"[".repeat(500_000)].concat();
    cases.push(("nested deep", "rulebook.toml", brackets.clone(), Rules, "unreadable"));
    cases.push(("nested deep", "lot.toml", brackets, Rules, "unreadable"));
    cases
}

#[test]
fn every_bad_file_is_named() {
    for (what, file, bytes, check, code) in cases() {
        let wrong = with(file, bytes).report().wrong.unwrap_or_else(|| panic!("{file}, {what}: it is not missed"));
        assert_eq!((wrong.file.as_str(), wrong.check, wrong.code), (file, check, code), "{what}: {wrong}");
        assert!(wrong.message.len() > 8, "{what}: {wrong}");
    }
}

/// A forged checkpoint may claim any size: what is missing is said before anything of that size is made.
#[test]
fn a_size_that_no_files_can_hold_is_named() {
    let mut forge = Forge::of(&TINY, tiny().clone());
    for _ in 0..3 {
        let entry = forge.entries[1].clone();
        forge.insert(2, entry);
    }
    let mut bundle = forge.forge();
    bundle.0.retain(|path, _| !path.starts_with("tile/"));
    let wrong = bundle.report().wrong.unwrap();
    assert_eq!((wrong.check, wrong.code), (Check::Files, "missing"), "{wrong}");
}

#[test]
fn names_that_differ_only_in_case_or_lead_elsewhere_are_stray() {
    for name in ["Policy.txt", "policy.txt ", "../policy.txt", "tile", "tile/0/000", "tile/entries/000.p/17", "x/y"] {
        let wrong = with(name, b"x".to_vec()).report().wrong.unwrap();
        assert_eq!((wrong.check, wrong.code, wrong.file.as_str()), (Check::Files, "stray", name), "{wrong}");
    }
}

/// An entry of the greatest length is read, and one byte more cannot be in a log at all.
#[test]
fn an_entry_has_at_most_65535_bytes() {
    let mut forge = Forge::of(&TINY, tiny().clone());
    forge.entries[1] = vec![b' '; MAX_ENTRY];
    let wrong = forge.forge().report().wrong.unwrap();
    assert_eq!((wrong.check, wrong.code, wrong.entry), (Check::Binding, "unreadable_entry", Some(1)), "{wrong}");
    let mut tiles = landgavel_log::tile::TileWriter::new();
    assert!(tiles.append(&vec![0; MAX_ENTRY], |_, _| ()).is_ok());
    assert!(tiles.append(&vec![0; MAX_ENTRY + 1], |_, _| ()).is_err());
}

/// Such texts are parsed by other programs in one way and by a third in another.
#[test]
fn entries_that_two_programs_read_differently_are_named() {
    let text = String::from_utf8(tiny().0["tile/entries/000.p/18"].clone()).is_ok();
    assert!(!text, "entries have their lengths before them");
    let forge = Forge::of(&TINY, tiny().clone());
    let command = encode_command(&forge);
    let cases = [
        ("a key twice", command.replacen('{', "{\"do\":\"tick\",", 1)),
        ("a number beyond 2^53 - 1", command.replacen('{', "{\"a\":9007199254740992,", 1)),
        ("a fraction", command.replacen('{', "{\"a\":1.5,", 1)),
        ("a lone surrogate", command.replacen('{', "{\"a\":\"\\ud800\",", 1)),
        ("nested deep", command.replacen('{', &format!("{{\"a\":{}{},", "[".repeat(40), "]".repeat(40)), 1)),
        ("too long", command.replacen('{', &format!("{{\"a\":\"{}\",", "x".repeat(33_000)), 1)),
        ("spaces", command.replacen('{', "{ ", 1)),
    ];
    for (what, text) in cases {
        let mut forge = forge.clone();
        let mut entry = forge.entry(1);
        entry["signatures"] = forge.signatures(&text, &["bidder/A"]);
        entry["command"] = json!(text);
        forge.put(1, &entry);
        let wrong = forge.forge().report().wrong.unwrap();
        assert_eq!(
            (wrong.check, wrong.code, wrong.entry),
            (Check::Binding, "not_canonical", Some(1)),
            "{what}: {wrong}"
        );
    }
}

fn encode_command(forge: &Forge) -> String {
    forge.entry(1)["command"].as_str().unwrap().to_owned()
}

#[test]
fn other_versions_in_one_bundle_are_named() {
    let wrong = with("bundle.json", b"{\"format\":\"landgavel-bundle/2\"}\n".to_vec()).report().wrong.unwrap();
    assert_eq!(wrong.code, "format");
    let mut forge = Forge::of(&TINY, tiny().clone());
    forge.renotice(|notice| notice["format"] = json!("landgavel-record/2"));
    let wrong = forge.forge().report().wrong.unwrap();
    assert_eq!((wrong.check, wrong.entry), (Check::Notice, Some(0)), "{wrong}");
    let mut forge = Forge::of(&TINY, tiny().clone());
    forge.resign(1, &["bidder/A"], |command| command["format"] = json!("landgavel-command/2"));
    let wrong = forge.forge().report().wrong.unwrap();
    assert_eq!((wrong.check, wrong.code, wrong.entry), (Check::Binding, "field", Some(1)), "{wrong}");
    let lot = TINY.lot.replace("landgavel-lot/1", "landgavel-lot/2");
    let wrong = with("lot.toml", lot.into_bytes()).report().wrong.unwrap();
    assert_eq!((wrong.check, wrong.file.as_str()), (Check::Rules, "lot.toml"), "{wrong}");
}

/// A witness signs whatever time it likes; arithmetic with it must not end the verifier.
#[test]
fn a_witness_at_the_end_of_time_is_named() {
    for place in 0..Forge::of(&TINY, tiny().clone()).checkpoints.len() {
        let mut forge = Forge::of(&TINY, tiny().clone());
        forge.checkpoints[place].1 = i64::MAX.unsigned_abs();
        let wrong = forge.forge().report().wrong.unwrap();
        assert!(matches!(wrong.code, "witnessed_late" | "witnessed_too_late" | "dated_back"), "{wrong}");
    }
}

/// Whoever draws lots among many names them all in one entry, which has a limit: the list then stands by its
/// hash.
#[test]
fn a_draw_among_many_fits_into_its_entries() {
    let codes = (0..400).map(|number| format!("{number:0200}"));
    let apply = codes.map(|code| json!({"at": "2026-01-05T09:00:00+08:00", "do": "apply", "bidder": code}).to_string());
    let bundle = LOTTERY.run_of(apply);
    let report = bundle.report();
    assert!(report.holds(), "{:?}", report.wrong);
    let forge = Forge::of(&LOTTERY, bundle);
    let by_hash = |entry: &Value| entry["events"]["sha256"].is_string();
    let entries: Vec<Value> = (0..forge.entries.len()).map(|number| forge.entry(number)).collect();
    assert_eq!(entries.iter().filter(|entry| by_hash(entry)).count(), 4, "field, order, ranking, runners-up");
    let place = entries.iter().position(by_hash).unwrap();
    let mut lie = forge.clone();
    let mut entry = forge.entry(place);
    entry["events"]["count"] = json!(2);
    lie.put(place, &entry);
    let wrong = lie.forge().report().wrong.unwrap();
    assert_eq!(
        (wrong.check, wrong.code, wrong.entry),
        (Check::Replay, "does_not_follow", Some(place as u64)),
        "{wrong}"
    );
}

/// The first line of a command file that cannot be read, in words.
fn refused(file: &[u8]) -> String {
    let mut lines = RequestLines::new(file);
    loop {
        match lines.next_request() {
            Some(Ok(_)) => {}
            Some(Err(error)) => return format!("{}: {}; expected {}", error.line, error.message, error.expected),
            None => return "it is read".to_owned(),
        }
    }
}

/// A number that a program rounds, or a key that stands twice, would sell at an amount that nobody wrote.
#[test]
fn commands_that_two_programs_read_differently_are_refused() {
    let with = |field: &str| format!("\n{{\"at\":\"2026-01-05T09:00:00+08:00\",\"do\":\"bid\",{field}}}\n");
    for (field, part) in [
        ("\"amount\":\"9 元\",\"amount\":\"1 元\"", "“amount” stands twice"),
        ("\"facts\":{\"a\":1,\"a\":2}", "“a” stands twice"),
        ("\"amount\":9007199254740993", "9007199254740993"),
        ("\"amount\":0.12345678901234567", "0.12345678901234567"),
        ("\"amount\":1e4", "1e4"),
        ("\"amount\":1e400", "out of range"),
        ("\"amount\":-9007199254740993", "-9007199254740993"),
        ("\"note\":\"\\ud800\"", "JSON"),
    ] {
        let said = refused(with(field).as_bytes());
        assert!(said.starts_with("2: ") && said.contains(part), "{field}: {said}");
    }
    assert_eq!(refused(with("\"amount\":1800.25,\"facts\":{\"a\":9007199254740991}").as_bytes()), "it is read");
    let twice = "at,do,bidder,bidder\n2026-01-05T09:00:00+08:00,bid,A,B\n";
    assert!(refused(twice.as_bytes()).contains("“bidder” stands twice"), "{}", refused(twice.as_bytes()));
}

/// Found in review: the least 64-bit number has no absolute value, and a sale by lot no quantity.
#[test]
fn commands_at_the_edge_are_answered() {
    let run = |sample: &Sample, line: &str| {
        let mut runner = landgavel_record::run::Runner::new(std::sync::Arc::new(sample.loaded().lot));
        let object = serde_json::from_str(line).unwrap();
        runner.request(&object, &mut |_| {}).is_ok()
    };
    let fact = r#"{"at":"2026-01-05T09:00:00+08:00","do":"apply","bidder":"A","facts":{"a":-9223372036854775808}}"#;
    assert!(!run(&TINY, fact));
    for rest in [
        r#""do":"bid","bidder":"A","amount":"9 元""#,
        r#""do":"seal","bidder":"A","amount":"9 元""#,
        r#""do":"open","bidder":"A","amount":"9 元""#,
        r#""do":"step","amount":"9 元""#,
        r#""do":"mark","judge":"J","bidder":"A","criterion":"c","points":"1""#,
        r#""do":"reveal","stage":"lot","secret":"cap","value":"9 元","salt":"00""#,
    ] {
        assert!(!run(&LOTTERY, &format!("{{\"at\":\"2026-01-05T12:00:01+08:00\",{rest}}}")), "{rest}");
    }
    assert!(p1().report().holds() && P1.loaded().is_sample);
}
