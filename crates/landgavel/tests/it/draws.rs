//! Draws by every source that a notice can fix, run from files and verified.

use std::fs;
use std::process::Output;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Desk, landgavel};

pub const DRAWS: &str = "crates/landgavel/tests/draws";
/// Opens the seals by round 42, and brings the draw to round 123.
pub const TO_123: [&str; 2] = ["--draw-delay", "4 min 3 s"];

pub fn file(name: &str) -> String {
    format!("{DRAWS}/{name}")
}

/// Runs a lot of the folder of draws with its commands and `more` at their end.
pub fn run(desk: &Desk, lot: &str, more: &str, arguments: &[&str]) -> Output {
    let commands = desk.path("commands.jsonl");
    let text = fs::read_to_string(crate::root().join(file("commands.jsonl"))).unwrap() + more;
    fs::write(&commands, text).unwrap();
    let (lot, bundle) = (file(lot), desk.path("bundle"));
    let run = ["run", &lot, "--commands", &commands, "--out", &bundle, "--json"];
    landgavel(&[&run, arguments].concat())
}

pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The run ended in an award and its bundle holds; gives the outcome, the caveats, and the notice.
pub fn check_held(desk: &Desk, output: &Output) -> (Value, Vec<String>, Value) {
    assert_eq!(output.status.code(), Some(0), "{}", words(output));
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    let verified = landgavel(&["verify", &desk.path("bundle"), "--json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verified.status.code(), Some(0), "{report:#}");
    assert_eq!(report["outcome"]["winners"], outcome["winners"]);
    let caveats = report["caveats"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    (outcome, caveats.collect(), notice(desk))
}

/// The notice of the bundle: entry 0 of its log.
fn notice(desk: &Desk) -> Value {
    let folder = desk.0.join("bundle/tile/entries");
    let whole = folder.join("000");
    let path = if whole.exists() {
        whole
    } else {
        fs::read_dir(folder.join("000.p")).unwrap().next().unwrap().unwrap().path()
    };
    let bytes = fs::read(path).unwrap();
    let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let entry: Value = serde_json::from_slice(&bytes[2..2 + length]).unwrap();
    serde_json::from_str(entry["notice"].as_str().unwrap()).unwrap()
}

fn has(caveats: &[String], name: &str) -> bool {
    caveats.iter().any(|caveat| caveat == name)
}

#[test]
fn published_rounds_of_quicknet_open_seals_and_decide_a_draw() {
    let desk = Desk::new("quicknet");
    let rounds = file("rounds.jsonl");
    let arguments = ["--beacon", "quicknet", "--rounds", &rounds, TO_123[0], TO_123[1]];
    let output = run(&desk, "drand.toml", "", &arguments);
    let (outcome, caveats, notice) = check_held(&desk, &output);
    assert_eq!(notice["beacon"]["chain"], "quicknet");
    assert!(!has(&caveats, "local-chain") && !has(&caveats, "number-by-hand"), "{caveats:?}");
    assert!(has(&caveats, "demonstration"), "keys are still made for the run");
    let randomness = "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc";
    assert_eq!(outcome["winners"][0]["bidder"], first_drawn("test/draw", ["A", "B", "C"], randomness));
}

/// Who is drawn first, from `docs/format/draw.md` alone and without the engine.
fn first_drawn<'a>(lot: &str, entrants: [&'a str; 3], randomness: &str) -> &'a str {
    let hash = |parts: &[&[u8]]| -> [u8; 32] { Sha256::digest(parts.concat()).into() };
    let leaf = |code: &str| hash(&[&[0], code.as_bytes()]);
    let pair = hash(&[&[1], &leaf(entrants[0]), &leaf(entrants[1])]);
    let root = hash(&[&[1], &pair, &leaf(entrants[2])]);
    let field = |text: &str| [&u32::try_from(text.len()).unwrap().to_be_bytes()[..], text.as_bytes()].concat();
    let output: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&randomness[2 * at..2 * at + 2], 16).unwrap()).collect();
    let seed = hash(&[b"landgavel/draw/v1\0", &field(lot), &field("lottery"), &root, &output]);
    let mut words = (0_u64..).flat_map(|block| {
        let block = hash(&[&seed, &block.to_be_bytes()]);
        [0, 8, 16, 24].map(|at| u64::from_be_bytes(block[at..at + 8].try_into().unwrap()))
    });
    let mut below = |n: u64| {
        let most = u64::MAX - (u64::MAX % n + 1) % n;
        words.find(|word| *word <= most).unwrap() % n
    };
    let mut order = entrants;
    for place in [2, 1] {
        order.swap(place, usize::try_from(below(place as u64 + 1)).unwrap());
    }
    order[0]
}

#[test]
fn a_run_on_quicknet_without_its_rounds_writes_nothing() {
    let desk = Desk::new("quicknet-none");
    let rounds = file("rounds.jsonl");
    for (arguments, said) in [
        (&["--beacon", "quicknet"][..], "needs rounds"),
        (&["--rounds", &rounds], "go with --beacon quicknet"),
        (&["--relay", "http://127.0.0.1:9"], "go with --beacon quicknet"),
        (&["--beacon", "quicknet", "--rounds", &rounds], "round 52 of 2023-08-23T15:12:00Z cannot be had"),
        (&["--beacon", "quicknet", "--rounds", "none.jsonl"], "none.jsonl"),
        (&["--beacon", "quicknet", "--rounds", "ARCHITECTURE.md"], "is not JSON"),
    ] {
        let output = run(&desk, "drand.toml", "", arguments);
        assert_eq!(output.status.code(), Some(2), "{}", words(&output));
        assert!(words(&output).contains(said), "“{said}” is not in: {}", words(&output));
        assert!(!desk.0.join("bundle").exists() && !desk.0.join("bundle.partial").exists());
    }
}

#[test]
fn a_forged_round_in_a_file_ends_the_run() {
    let desk = Desk::new("quicknet-forged");
    let rounds = desk.path("rounds.jsonl");
    let good = fs::read_to_string(crate::root().join(file("rounds.jsonl"))).unwrap();
    let signature = good.split('"').nth(5).unwrap().to_owned();
    let other = good.split('"').rev().nth(1).unwrap().to_owned();
    for (text, said) in [
        (good.replace(&signature, &other), "not the one of round 42"),
        (good.replace("95a9", "95a8"), "round 42"),
        (good.replace("fb8f", "fb8e"), "the randomness is not the hash"),
        (good.replace(r#""round":42"#, r#""round":43"#), "round 42 of 2023-08-23T15:11:30Z cannot be had"),
        (format!("{good}{}", good.replace("b75c", "b75d")), "two different signatures for round 123"),
    ] {
        fs::write(&rounds, text).unwrap();
        let arguments = ["--beacon", "quicknet", "--rounds", &rounds, TO_123[0], TO_123[1]];
        let output = run(&desk, "drand.toml", "", &arguments);
        assert_eq!(output.status.code(), Some(2), "{}", words(&output));
        assert!(words(&output).contains(said), "“{said}” is not in: {}", words(&output));
        assert!(!desk.0.join("bundle").exists());
    }
}

#[test]
fn a_local_chain_parties_and_a_number_are_combined_and_each_is_said() {
    let desk = Desk::new("combined");
    let draw = r#"{"at": "2023-08-23T23:20:00+08:00", "do": "beacon", "outputs": [null, null, "11-19-33"]}"#;
    let parties = ["--party", "自然资源局", "--party", "公证处", "--party", "竞买人代表"];
    let output = run(&desk, "combined.toml", draw, &parties);
    let (first, caveats, notice) = check_held(&desk, &output);
    assert!(has(&caveats, "local-chain") && has(&caveats, "number-by-hand"), "{caveats:?}");
    let names: Vec<&str> = notice["parties"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["自然资源局", "公证处", "竞买人代表"]);
    // Without its number the draw waits, and then it is overdue: the sale passes in and the report says so.
    let output = run(&desk, "combined.toml", "", &parties);
    assert_eq!(output.status.code(), Some(1));
    let report = landgavel(&["verify", &desk.path("bundle"), "--json"]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!((&report["verdict"], &report["outcome"]["status"]), (&"holds".into(), &"passed_in".into()));
    assert!(report["caveats"].as_array().unwrap().contains(&"draw-not-held".into()));
    // Another number gives another order for some number: an output that changed nothing would be no source.
    let others = (0..8).map(|number| {
        let output = run(&desk, "combined.toml", &draw.replace("11-19-33", &number.to_string()), &parties);
        check_held(&desk, &output).0["winners"][0]["bidder"].clone()
    });
    assert!(others.into_iter().any(|winner| winner != first["winners"][0]["bidder"]));
}

#[test]
fn a_chain_that_fails_is_replaced_only_as_the_notice_says() {
    let desk = Desk::new("fallback");
    let draw = |at: &str| {
        format!(r#"{{"at": "2023-08-23T{at}+08:00", "do": "beacon", "outputs": [{{"number": "0 7 1 8 2"}}]}}"#)
    };
    let fixed = ["--fallback", "体彩排列五第23226期开奖号码", "--fallback-after", "20 min"];
    // The entrants are frozen at 23:11:30.
    let in_time = run(&desk, "drand.toml", &draw("23:31:30"), &fixed);
    let (_, caveats, notice) = check_held(&desk, &in_time);
    assert!(has(&caveats, "number-by-hand"), "{caveats:?}");
    assert_eq!(notice["fallback"]["after_ms"], 1_200_000);
    assert_eq!(notice["fallback"]["number"], "体彩排列五第23226期开奖号码");

    for (commands, arguments, said) in [
        (draw("23:31:29"), &fixed[..], "stands in for the chain too early"),
        (draw("23:31:30"), &[], "the notice fixes no fallback"),
    ] {
        let output = run(&desk, "drand.toml", &commands, arguments);
        assert!(words(&output).contains(said), "“{said}” is not in: {}", words(&output));
        let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(outcome["not_entered"].as_array().unwrap().len(), 1);
        // The chain of the run did not fail after all: the draw is held with it at the end.
        let (_, caveats, _) = check_held(&desk, &output);
        assert!(!has(&caveats, "number-by-hand"), "{caveats:?}");
    }

    // A number that is not said to be the fallback is not taken for one, and not passed over either.
    let bare = draw("23:31:30").replace("{\"number\": \"0 7 1 8 2\"}", "\"0 7 1 8 2\"");
    let output = run(&desk, "drand.toml", &bare, &fixed);
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output).contains("gives “0 7 1 8 2” for source 1, which a run brings itself"), "{}", words(&output));

    // As a spreadsheet has it.
    let commands = desk.path("table.csv");
    let mut table = "at,do,bidder,amount,outputs\n".to_owned();
    for line in fs::read_to_string(crate::root().join(file("commands.jsonl"))).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let cell = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        table += &format!("{},{},{},{},\n", cell("at"), cell("do"), cell("bidder"), cell("amount"));
    }
    table += "2023-08-23T23:31:30+08:00,beacon,,,number:0 7 1 8 2\n";
    fs::write(&commands, table).unwrap();
    let (lot, bundle) = (file("drand.toml"), desk.path("bundle"));
    let run = ["run", &lot, "--commands", &commands, "--out", &bundle, "--json"];
    let output = landgavel(&[&run[..], &fixed].concat());
    let (_, caveats, _) = check_held(&desk, &output);
    assert!(has(&caveats, "number-by-hand"), "{caveats:?}");
}

#[test]
fn wrong_terms_of_a_notice_are_named_before_the_run() {
    let desk = Desk::new("terms");
    for (arguments, said) in [
        (&["--draw-delay", "soon"][..], "\"1 h 30 min\""),
        (&["--fallback-after", "1 h"], "--fallback <WORDS>"),
        (&["--beacon", "fastnet"], "local, quicknet"),
        (&["--draw-delay", "11 s 999 ms"], "the delay of draws is 11999 ms, expected at least 12000 ms"),
        (&["--seal-delay", "11 s"], "the delay of seals is 11000 ms"),
        (&["--party", "A", "--party", "A"], "the party “A” is named twice"),
        (&["--party", " "], "expected words"),
        (&["--fallback", &"数".repeat(342)], "a fallback of 1026 bytes"),
    ] {
        let output = run(&desk, "drand.toml", "", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(words(&output).contains(said), "“{said}” is not in: {}", words(&output));
        assert!(!desk.0.join("bundle").exists() && !desk.0.join("bundle.partial").exists());
    }
    let parties: Vec<String> = (0..64).map(|number| format!("--party=party {number}")).collect();
    // The window ends at 23:11:15, and a bid comes just before; its round is the one of 23:11:27.
    let late = r#"{"at": "2023-08-23T23:11:14.999+08:00", "do": "seal", "bidder": "D", "amount": "1100 万元"}"#;
    let at_the_limits = ["--draw-delay", "12 s", "--seal-delay", "12 s", "--fallback", &"数".repeat(341)];
    let parties: Vec<&str> = parties.iter().map(String::as_str).collect();
    check_held(&desk, &run(&desk, "drand.toml", late, &[&at_the_limits[..], &parties].concat()));
}
