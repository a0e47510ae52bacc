//! What people read on a terminal: languages, columns, colours, and a reader who goes away.

use std::fs;
use std::process::{Command, Stdio};

use crate::draws::{TO_123, file};
use crate::{Desk, landgavel, root};

/// A sale on public rounds, whose bundle does not depend on anything made for a run but its keys.
fn bundle(desk: &Desk, arguments: &[&str]) -> (std::process::Output, String) {
    let (lot, commands, rounds) = (file("drand.toml"), file("commands.jsonl"), file("rounds.jsonl"));
    let bundle = desk.path("bundle");
    let run = ["run", &lot, "--commands", &commands, "--beacon", "quicknet", "--rounds", &rounds, "--out", &bundle];
    (landgavel(&[&run[..], &TO_123, arguments].concat()), bundle)
}

/// Text without what differs from run to run or from format to format: digests, keys, and the desk's place.
fn redacted(text: &[u8], desk: &Desk) -> String {
    let text = String::from_utf8(text.to_vec()).unwrap().replace(desk.0.to_str().unwrap(), "DESK");
    let is_digit = |c: char| c.is_ascii_hexdigit();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(is_digit) {
        let (before, after) = rest.split_at(at);
        let end = after.find(|c| !is_digit(c)).unwrap_or(after.len());
        out += before;
        out += if end >= 32 { "HEX" } else { &after[..end] };
        rest = &after[end..];
    }
    (out + rest).lines().map(|line| line.split("invalid/").next().unwrap().to_owned() + "\n").collect()
}

/// Compares with a file that a reader has judged; `UPDATE_GOLDEN=1` writes it anew.
fn check_golden(name: &str, text: &str) {
    let path = root().join(format!("crates/landgavel/tests/golden/{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{name} reads otherwise; look at it, then run with UPDATE_GOLDEN=1");
}

#[test]
fn the_outcome_of_a_run_reads_as_judged_in_each_language() {
    let desk = Desk::new("words-run");
    for lang in ["both", "zh", "en"] {
        let (output, _) = bundle(&desk, &["--lang", lang]);
        let text = redacted(&[output.stdout, output.stderr].concat(), &desk);
        check_golden(&format!("run.{lang}"), &text);
    }
}

#[test]
fn verdict_and_replay_read_as_judged_in_each_language() {
    let desk = Desk::new("words-verify");
    let (_, bundle) = bundle(&desk, &[]);
    for (command, lang) in [("verify", "both"), ("verify", "zh"), ("verify", "en"), ("replay", "both")] {
        let output = landgavel(&["--lang", lang, command, &bundle]);
        check_golden(&format!("{command}.{lang}"), &redacted(&output.stdout, &desk));
    }
    let entry = desk.0.join("bundle/tile/0/000.p");
    let tile = fs::read_dir(entry).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&tile).unwrap();
    bytes[0] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let output = landgavel(&["verify", &bundle]);
    check_golden("verify.wrong", &redacted(&output.stdout, &desk));
}

#[test]
fn colours_stand_only_where_they_are_wanted_and_carry_nothing_alone() {
    let desk = Desk::new("words-colour");
    let (_, bundle) = bundle(&desk, &[]);
    let plain = landgavel(&["verify", &bundle]).stdout;
    assert!(!plain.contains(&0x1b), "no terminal, no colour");
    let forced = Command::new(env!("CARGO_BIN_EXE_landgavel"))
        .args(["verify", &bundle])
        .env("CLICOLOR_FORCE", "1")
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
        .stdout;
    let forced = String::from_utf8(forced).unwrap();
    assert!(forced.contains("\u{1b}[32m"), "{forced}");
    let mut stripped = String::new();
    for (index, piece) in forced.split('\u{1b}').enumerate() {
        stripped += if index == 0 { piece } else { piece.split_once('m').unwrap().1 };
    }
    assert_eq!(stripped.into_bytes(), plain, "the same words with and without colours");
}

#[test]
fn words_of_a_stranger_do_not_command_the_terminal() {
    let desk = Desk::new("words-stranger");
    let commands = desk.path("commands.jsonl");
    let text = fs::read_to_string(root().join(file("commands.jsonl"))).unwrap();
    let text = text.replacen("\"A\"}", "\"A\", \"note\": \"\\u001b[2J\\u202eevil\"}", 1);
    fs::write(&commands, text).unwrap();
    let bundle = desk.path("bundle");
    let output = landgavel(&["run", &file("drand.toml"), "--commands", &commands, "--out", &bundle]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let output = landgavel(&["replay", &bundle]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("note=�[2J�evil") && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
}

#[test]
fn a_reader_who_goes_away_ends_the_program_quietly() {
    let desk = Desk::new("words-pipe");
    let (_, bundle) = bundle(&desk, &[]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_landgavel"))
        .args(["replay", &bundle])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn stepping_without_a_terminal_is_wrong_use() {
    let desk = Desk::new("words-step");
    let (_, bundle) = bundle(&desk, &[]);
    let output = Command::new(env!("CARGO_BIN_EXE_landgavel"))
        .args(["replay", "--step", &bundle])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(landgavel(&["replay", "--step", "--json", &bundle]).status.code(), Some(2));
}
