//! The seeds of every fuzzer, and what fuzzers have found, run as ordinary tests.
#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it should be")]

use std::path::Path;

use landgavel_hostile::bodies::TARGETS;

/// Runs every file of a fuzzer's folder through its body.
fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
    let mut count = 0;
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        println!("{}", path.display());
        (target.run)(&std::fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count >= 4, "{count} seeds in {}", folder.display());
}

#[test]
fn seeds_of_archive() {
    replay("archive");
}

#[test]
fn seeds_of_bundle() {
    replay("bundle");
}

#[test]
fn seeds_of_command() {
    replay("command");
}

#[test]
fn seeds_of_forged() {
    replay("forged");
}

#[test]
fn seeds_of_json() {
    replay("json");
}

#[test]
fn seeds_of_lines() {
    replay("lines");
}

#[test]
fn seeds_of_log() {
    replay("log");
}

#[test]
fn seeds_of_receipt() {
    replay("receipt");
}

#[test]
fn seeds_of_rounds() {
    replay("rounds");
}

#[test]
fn seeds_of_rules() {
    replay("rules");
}

#[test]
fn seeds_of_seal() {
    replay("seal");
}

#[test]
fn seeds_of_tiles() {
    replay("tiles");
}

#[test]
fn seeds_of_openings() {
    replay("openings");
}

#[test]
fn seeds_of_pledges() {
    replay("pledges");
}

#[test]
fn seeds_of_promised() {
    replay("promised");
}

#[test]
fn seeds_of_tables() {
    replay("tables");
}

/// Each body has a fuzzer of its name, and each fuzzer a body.
#[test]
fn every_body_has_its_fuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort_unstable();
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(files, names);
}
