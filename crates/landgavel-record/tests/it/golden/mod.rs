//! Records of format 1 that every later version judges as the first did: the same report, byte for byte.
//!
//! `golden/1` holds archives, and beside each its report. The files never change: their digests stand in a list, and the
//! list's own digest stands here. `FREEZE_GOLDEN=1` writes records that are not there yet, and never one that is.

mod make;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use landgavel_record::archive::Archive;
use landgavel_record::bundle::BundleFiles as _;
use landgavel_record::verify::{Alone, Options, Silent, verify};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::tampering::Bundle;

/// SHA-256 of `golden/1/digests.txt`.
const FROZEN: &str = "a35a9394a07d46c5f97cf4db35fdefbd040574588b4028533efc340113db4121";
/// Most bytes of an archive.
const MOST: usize = 200_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/1")
}

fn hash(bytes: &[u8]) -> String {
    crate::desk::hex(&Sha256::digest(bytes))
}

/// The report of an archive, with a line end.
fn report(archive: &[u8]) -> String {
    let files = Archive::open(Cursor::new(archive.to_vec())).unwrap();
    verify(&files, &Options::default(), &Alone::default(), &mut Silent).json() + "\n"
}

fn pack(bundle: &Bundle) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for (path, bytes) in &bundle.0 {
        writer.start_file(path, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Writes what is not there yet.
fn freeze() {
    fs::create_dir_all(folder()).unwrap();
    for (name, bundle) in make::all() {
        let path = folder().join(format!("{name}.zip"));
        if !path.exists() {
            let archive = pack(&bundle);
            fs::write(folder().join(format!("{name}.report.json")), report(&archive)).unwrap();
            fs::write(path, archive).unwrap();
        }
    }
    let digests = names().into_iter().map(|name| {
        let digest = hash(&fs::read(folder().join(&name)).unwrap());
        format!("{digest}  {name}\n")
    });
    let digests: String = digests.collect();
    fs::write(folder().join("digests.txt"), &digests).unwrap();
    println!("the digest of the list is {}", hash(digests.as_bytes()));
}

/// The files but the list.
fn names() -> BTreeSet<String> {
    let entries =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    entries.filter(|name| name != "digests.txt").collect()
}

#[test]
fn golden_files_never_change() {
    if std::env::var_os("FREEZE_GOLDEN").is_some() {
        freeze();
    }
    let list = fs::read_to_string(folder().join("digests.txt")).unwrap();
    assert_eq!(hash(list.as_bytes()), FROZEN, "the list of digests was changed");
    let mut listed = BTreeSet::new();
    for line in list.lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        assert_eq!(hash(&fs::read(folder().join(name)).unwrap()), digest, "{name} was changed");
        listed.insert(name.to_owned());
    }
    assert_eq!(listed, names(), "a file that is not listed, or is gone");
}

/// Kinds of events and refusals that the golden records must hold between them, so that no judgement goes unguarded.
const MUST_HOLD: [&str; 34] = [
    "applied",
    "bond_lodged",
    "admitted",
    "rejected",
    "withdrawn",
    "committed",
    "revealed",
    "bid_placed",
    "joined",
    "accepted",
    "cap_reached",
    "seal_lodged",
    "seal_voided",
    "seal_opened",
    "scheme_filed",
    "mark_given",
    "scored",
    "draw_frozen",
    "draw_held",
    "bid_called",
    "paused",
    "resumed",
    "provisionally_awarded",
    "qualified",
    "confirmed",
    "awarded",
    "passed_in",
    "annulled",
    "unknown_checkpoint",
    "other_stage",
    "other_attribute",
    "envelope_malformed",
    "other_round",
    "ciphertext_copied",
];

#[test]
fn golden_records_get_their_reports_byte_for_byte() {
    let archives: Vec<String> = names().into_iter().filter(|name| name.ends_with(".zip")).collect();
    assert!(archives.len() >= 16, "{archives:?}");
    let mut held = String::new();
    let (mut sm2, mut long) = (false, false);
    for name in archives {
        let archive = fs::read(folder().join(&name)).unwrap();
        assert!(archive.len() < MOST, "{name} has {} bytes", archive.len());
        let kept = fs::read_to_string(folder().join(name.replace(".zip", ".report.json"))).unwrap();
        assert_eq!(report(&archive), kept, "{name}");
        let value: Value = serde_json::from_str(&kept).unwrap();
        assert_eq!(value["verdict"], "holds", "{name}");
        let files = Archive::open(Cursor::new(archive)).unwrap();
        for path in files.paths().unwrap().iter().filter(|path| path.starts_with("tile/entries/")) {
            let text = String::from_utf8_lossy(&files.read(path, usize::MAX - 1).unwrap()).into_owned();
            sm2 |= text.contains("\"key\":\"sm2:");
            long |= text.contains("\"events\":{\"count\":");
            held.push_str(&text);
        }
    }
    for kind in MUST_HOLD {
        assert!(held.contains(&format!(":\"{kind}\"")), "no golden record holds {kind}");
    }
    assert!(sm2 && long);
}
