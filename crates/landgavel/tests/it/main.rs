//! The program as people use it: files in, words, bundles and exit codes out.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

mod addresses;
#[cfg(target_os = "linux")]
mod bad_input;
mod demands;
mod draws;
#[cfg(target_os = "linux")]
mod keep;
mod lab;
mod pledge;
mod receipts;
mod registers;
mod relays;
mod score;
mod server;
mod witness;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LOT: &str = "lots/cn/zhejiang/yiwu/sample-p1.toml";
const COMMANDS: &str = "lots/cn/zhejiang/yiwu/sample-p1.commands.jsonl";

/// A directory of its own, removed at the end.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("landgavel-it-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn landgavel(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landgavel"));
    // Servers of tests are on this machine; a proxy has no part in it.
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(root()).output().unwrap()
}

fn run_bytes(desk: &Desk, name: &str, bytes: &[u8]) -> Output {
    let file = desk.path(name);
    fs::write(&file, bytes).unwrap();
    landgavel(&["run", LOT, "--commands", &file, "--out", &desk.path("bundle")])
}

/// The run must fail with exit code 2, say all of `said`, and leave nothing behind.
fn check_refused_file(name: &str, bytes: &[u8], said: &[&str]) {
    let desk = Desk::new(name);
    let output = run_bytes(&desk, name, bytes);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words}");
    for part in said {
        assert!(words.contains(part), "“{part}” is not in: {words}");
    }
    let left: Vec<String> =
        fs::read_dir(&desk.0).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(left, [name], "a partly read file leaves no bundle");
}

#[test]
fn the_four_part_sale_ends_in_an_award_and_its_record_replays() {
    let desk = Desk::new("four-part");
    let bundle = desk.path("bundle");
    let output = landgavel(&["run", LOT, "--commands", COMMANDS, "--out", &bundle, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcome["status"], "awarded");
    let ended: Vec<&str> = outcome["stages"].as_array().unwrap().iter().map(|s| s["why"].as_str().unwrap()).collect();
    assert_eq!(ended, ["capped", "capped", "settled"]);
    assert_eq!(outcome["winners"][0]["terms"][0]["capitals"], "贰仟叁佰肆拾万元整");
    assert_eq!(outcome["winners"][0]["terms"][1]["mu_minor"], 40_000_000);
    let codes: Vec<&str> =
        outcome["refusals"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["group_already_admitted", "bid_below_minimum"]);

    let verify = landgavel(&["verify", &bundle, "--json"]);
    assert_eq!(verify.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&verify.stdout).unwrap();
    assert_eq!(report["outcome"]["winners"], outcome["winners"]);
}

#[test]
fn a_packed_bundle_gets_the_same_report_as_its_directory() {
    let desk = Desk::new("packed");
    let (bundle, archive, again) = (desk.path("bundle"), desk.path("bundle.zip"), desk.path("again.zip"));
    let seed = "42".repeat(32);
    for zip in [&archive, &again] {
        landgavel(&["run", LOT, "--commands", COMMANDS, "--out", &bundle, "--zip", zip, "--seed", &seed]);
    }
    assert_eq!(fs::read(&archive).unwrap(), fs::read(&again).unwrap(), "one seed gives one archive");
    let reports = [&bundle, &archive].map(|path| landgavel(&["verify", path, "--json"]));
    assert_eq!(reports[0].status.code(), Some(0));
    assert_eq!(reports[0].stdout, reports[1].stdout);
}

#[test]
fn an_edited_entry_is_named_by_replay() {
    let desk = Desk::new("edited");
    let bundle = desk.path("bundle");
    landgavel(&["run", LOT, "--commands", COMMANDS, "--out", &bundle]);
    let path = fs::read_dir(desk.0.join("bundle/tile/entries/000.p")).unwrap().next().unwrap().unwrap().path();
    let mut record = fs::read(&path).unwrap();
    let (said, lie) = (b"\"amount\":234", b"\"amount\":232");
    let at = record.windows(said.len()).position(|window| window == said).unwrap();
    record[at..at + lie.len()].copy_from_slice(lie);
    fs::write(&path, record).unwrap();
    let output = landgavel(&["replay", &bundle]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(words.contains("does not follow from the rules"), "{words}");
}

#[test]
fn csv_from_a_spreadsheet_runs_like_json() {
    let desk = Desk::new("csv");
    let csv = "\u{feff}at;do;bidder;form;amount;fact.industry\r\n\
               2026-03-24T09:00:00+08:00;apply;A;;;C345\r\n\
               2026-03-25T09:00:00+08:00;bond;A;cash;360 万元;\r\n\
               2026-04-05T10:00:00+08:00;admit;A;;;\r\n\
               2026-04-08T09:00:00+08:00;bid;A;;1800 万元;\r\n";
    let output = run_bytes(&desk, "commands.csv", csv.as_bytes());
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(words.contains("1800 万元"), "{words}");
}

#[test]
fn a_truncated_line_is_named_and_nothing_is_written() {
    let line = b"{\"at\":\"2026-03-24T09:00:00+08:00\",\"do\":\"apply\",\"bidder\":\"A\"}\n{\"at\":\"2026-03";
    check_refused_file("truncated.jsonl", line, &["truncated.jsonl:2:", "breaks off"]);
}

#[test]
fn invalid_utf8_is_named_with_its_byte() {
    check_refused_file("bytes.jsonl", b"{\"at\":\"\xff\"}", &["bytes.jsonl:1:", "byte 8", "UTF-8"]);
}

#[test]
fn a_command_older_than_the_sale_is_named() {
    let lines = b"{\"at\":\"2026-03-24T09:00:00+08:00\",\"do\":\"apply\",\"bidder\":\"A\"}\n\
                  {\"at\":\"2026-03-23T09:00:00+08:00\",\"do\":\"apply\",\"bidder\":\"B\"}\n";
    check_refused_file("order.jsonl", lines, &["order.jsonl:2:", "at:", "or later"]);
}

#[test]
fn an_unknown_field_a_wrong_unit_and_an_unknown_command_are_named() {
    let with = |rest: &str| format!("{{\"at\":\"2026-03-24T09:00:00+08:00\",{rest}}}").into_bytes();
    check_refused_file("field.jsonl", &with("\"do\":\"apply\",\"bidder\":\"A\",\"grup\":\"X\""), &["grup", "group"]);
    check_refused_file(
        "unit.jsonl",
        &with("\"do\":\"bid\",\"bidder\":\"A\",\"amount\":\"500 m2\""),
        &["amount", "万元"],
    );
    check_refused_file("verb.jsonl", &with("\"do\":\"bidd\""), &["bidd", "one of apply"]);
}

#[test]
fn a_huge_line_is_refused_without_being_held() {
    let bytes = vec![b'x'; 4 << 20];
    check_refused_file("huge.jsonl", &bytes, &["huge.jsonl:1:", "too long", "65535"]);
}

#[test]
fn every_shipped_rulebook_and_lot_passes_the_check() {
    let mut stack = vec![root().join("rulebooks"), root().join("lots")];
    let mut checked = 0;
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let output = landgavel(&["check", path.to_str().unwrap()]);
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(0), "{}: {words}", path.display());
            let rule = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(rule.contains("\n第一条") && rule.contains("\nArticle 1 "), "{}: no words", path.display());
            assert!(rule.contains("\n算例") && rule.contains("\nWorked example"), "{}: no example", path.display());
            checked += 1;
        }
    }
    assert!(checked >= 2, "only {checked} files were found");
}

#[test]
fn every_shipped_command_file_runs_and_its_bundle_holds() {
    let desk = Desk::new("shipped");
    let mut stack = vec![root().join("lots")];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.to_str().unwrap();
        let Some(stem) = name.strip_suffix(".commands.jsonl") else { continue };
        let bundle = desk.path("bundle");
        // A file whose applicants bring certificates says in its head who signed them.
        let text = fs::read_to_string(&path).unwrap();
        let head = text.lines().find_map(|line| line.strip_prefix("# Run with: --issuer '")?.strip_suffix('\''));
        let issuer: Vec<&str> = head.iter().flat_map(|issuer| ["--issuer", issuer]).collect();
        let lot = format!("{stem}.toml");
        let output = landgavel(&[&["run", &lot, "--commands", name, "--out", &bundle], &issuer[..]].concat());
        assert_ne!(output.status.code(), Some(2), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(landgavel(&["verify", &bundle]).status.code(), Some(0), "{name}");
    }
}

#[test]
fn the_engine_benchmark_prints_its_figures() {
    let output = landgavel(&["bench", "engine", "--bids", "2000", "--json"]);
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(figures["bids_per_s"].as_u64().unwrap() > 0);
}

#[test]
fn the_benchmark_of_verification_prints_its_figures() {
    let output = landgavel(&["bench", "verify", "--events", "600", "--runs", "1", "--json"]);
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for name in ["events_per_s", "ed25519_strict_per_s", "peak_mib"] {
        assert!(figures[name].as_u64().unwrap() > 0, "{name}");
    }
}

/// Rules of kinds that are shipped nowhere, written from the reference page alone, with their sales.
#[test]
fn rules_that_nobody_foresaw_run_to_their_award() {
    let desk = Desk::new("unseen");
    for (name, winners) in [("three_plots", &["A", "B", "C"][..]), ("concept", &["A"][..])] {
        let file = |end: &str| format!("crates/landgavel/tests/unseen/{name}{end}");
        let bundle = desk.path(name);
        let output =
            landgavel(&["run", &file(".toml"), "--commands", &file(".commands.jsonl"), "--out", &bundle, "--json"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let won: Vec<&str> =
            outcome["winners"].as_array().unwrap().iter().map(|winner| winner["bidder"].as_str().unwrap()).collect();
        assert_eq!((won.as_slice(), outcome["refusals"].as_array().unwrap().len()), (winners, 0), "{name}");
        assert_eq!(landgavel(&["replay", &bundle]).status.code(), Some(0), "{name}");
    }
}
