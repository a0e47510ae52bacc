//! Relays that serve rounds of the public beacon, honest ones and others.

use std::fs;

use serde_json::Value;

use crate::draws::{TO_123, check_held, file, run, words};
use crate::server::{Answer, Server};
use crate::{Desk, landgavel};

const CHAIN: &str = "/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/public/";

/// The published rounds as lines of JSON: 42 and 123.
fn published() -> [String; 2] {
    let text = fs::read_to_string(crate::root().join(file("rounds.jsonl"))).unwrap();
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.try_into().unwrap()
}

fn round(path: &str) -> Answer {
    let [first, second] = published();
    match path.strip_prefix(CHAIN) {
        Some("42") => Answer::File(first.into_bytes()),
        Some("123") => Answer::Chunked(second.into_bytes()),
        _ => Answer::Status(404),
    }
}

/// A run on quicknet whose rounds come from relays.
fn run_with(desk: &Desk, relays: &[&str]) -> std::process::Output {
    let relays: Vec<&str> = relays.iter().flat_map(|relay| ["--relay", *relay]).collect();
    run(desk, "drand.toml", "", &[&["--beacon", "quicknet", "--timeout", "1"], &TO_123[..], &relays].concat())
}

#[test]
fn rounds_of_a_relay_give_the_same_bundle_as_those_of_a_file() {
    let desk = Desk::new("relay");
    let archive = desk.path("bundle.zip");
    let rounds = file("rounds.jsonl");
    let server = Server::new(round);
    let relay = server.url("");
    let from: [&[&str]; 2] = [&["--rounds", &rounds], &["--relay", &relay]];
    let archives = from.map(|from| {
        let arguments = [&["--beacon", "quicknet", "--zip", &archive], &TO_123[..], from].concat();
        check_held(&desk, &run(&desk, "drand.toml", "", &arguments));
        fs::read(&archive).unwrap()
    });
    assert_eq!(archives[0], archives[1]);
    assert_eq!(server.asked(), [format!("{CHAIN}42"), format!("{CHAIN}123")], "each round is asked for once");
}

#[test]
fn a_relay_that_lies_or_fails_is_named_and_the_next_is_asked() {
    let desk = Desk::new("relay-lies");
    let honest = Server::new(round);
    let [first, second] = published();
    let bytes = |text: &str| Answer::File(text.as_bytes().to_vec());
    let as_42 = second.replace("\"round\":123", "\"round\":42").replace("\"randomness\"", "\"x\"");
    type Lie = Box<dyn Fn(&str) -> Answer + Send + Sync>;
    let lies: [(&str, Lie); 14] = [
        ("round 123 came instead", Box::new(move |_| bytes(&second))),
        ("not the one of round 42", Box::new(move |_| bytes(&as_42))),
        ("round 42", {
            let flipped = first.replace("95a9", "95a8");
            Box::new(move |_| bytes(&flipped))
        }),
        ("the randomness is not the hash", {
            let other = first.replace('}', &format!(",\"randomness\":\"{}\"}}", "0".repeat(64)));
            Box::new(move |_| bytes(&other))
        }),
        ("has 48 bytes, and this has 0", Box::new(move |_| bytes(r#"{"round":42,"signature":""}"#))),
        ("is no round", Box::new(move |_| bytes("<html>captive portal</html>"))),
        ("is no round", Box::new(move |_| bytes(""))),
        ("longer than 4096 bytes", Box::new(|_| Answer::File(vec![b' '; 1 << 20]))),
        ("longer than 4096 bytes", Box::new(|_| Answer::Chunked(vec![b'{'; 1 << 20]))),
        ("the server answered 500", Box::new(|_| Answer::Status(500))),
        ("the round is not there", Box::new(|_| Answer::Status(404))),
        ("nothing came for 1 s", Box::new(|_| Answer::Silence)),
        ("comes too slowly", Box::new(|_| Answer::Drip(vec![b' '; 4000]))),
        ("broke off", Box::new(|_| Answer::Promised(200, b"{\"round\":42".to_vec()))),
    ];
    for (said, lie) in lies {
        let liar = Server::new(lie);
        let output = run_with(&desk, &[&liar.url(""), &honest.url("")]);
        let (_, caveats, _) = check_held(&desk, &output);
        assert!(!caveats.contains(&"local-chain".to_owned()));
        let named = format!("{}: ", liar.url(""));
        assert!(words(&output).contains(said) && words(&output).contains(&named), "{said}: {}", words(&output));

        let output = run_with(&desk, &[&liar.url("")]);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(words(&output).contains("round 42 of 2023-08-23T15:11:30Z cannot be had"), "{}", words(&output));
        assert!(words(&output).contains(said), "{said}: {}", words(&output));
        assert!(words(&output).contains("Nothing was written."));
    }
}

#[test]
fn relays_that_cannot_be_reached_are_each_named_in_bounded_time() {
    let desk = Desk::new("relay-none");
    let output = run_with(&desk, &["http://127.0.0.1:9", "http://host.invalid/drand"]);
    assert_eq!(output.status.code(), Some(3));
    let words = words(&output);
    assert!(words.contains("http://127.0.0.1:9: the connection is refused; http://host.invalid/drand: "), "{words}");
    let output = run_with(&desk, &["ftp://127.0.0.1"]);
    assert_eq!(output.status.code(), Some(3), "a word with another scheme is asked of nobody");
}

#[test]
fn rounds_are_fetched_into_a_file_checked_and_found_by_their_time() {
    let desk = Desk::new("beacon");
    let server = Server::new(round);
    let saved = desk.path("rounds.jsonl");
    let fetch = ["beacon", "fetch", "42", "123", "--relay", &server.url("/"), "--timeout", "1"];
    let printed = landgavel(&fetch);
    assert_eq!(printed.status.code(), Some(0), "{}", words(&printed));
    let output = landgavel(&[&fetch[..], &["--out", &saved]].concat());
    assert_eq!((output.status.code(), &fs::read(&saved).unwrap()), (Some(0), &printed.stdout));

    let verified = landgavel(&["beacon", "verify", &saved, "--json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((verified.status.code(), &report["verdict"]), (Some(0), &Value::from("holds")));
    assert_eq!(report["rounds"][1]["at"], "2023-08-23T15:15:33Z");
    assert_eq!(report["rounds"][1]["randomness"], "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc");
    let forged = String::from_utf8(printed.stdout).unwrap().replace("\"round\":42", "\"round\":41");
    fs::write(&saved, forged).unwrap();
    let verified = landgavel(&["beacon", "verify", &saved]);
    let words_of = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(verified.status.code(), Some(1));
    assert!(words_of.contains("✗         41") && words_of.contains("✓        123"), "{words_of}");

    let output = landgavel(&["beacon", "fetch", "7", "--relay", &server.url(""), "--timeout", "1"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty() && words(&output).contains("round 7 of 2023-08-23T15:09:45Z"));

    for (time, round) in
        [("2023-08-23T23:15:33+08:00", 123), ("2023-08-23T15:15:30.001Z", 123), ("2020-01-01T00:00:00Z", 1)]
    {
        let output = landgavel(&["beacon", "at", time, "--json"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["round"], round, "{time}");
    }
    assert_eq!(landgavel(&["beacon", "at", "noon"]).status.code(), Some(2));
}
