//! Records of every frozen format, which every later version judges as the first did: the same report, byte for byte.
//!
//! Each folder of `golden` is of one format, and holds archives, beside each its report. The files never change: their
//! digests stand in a list, and the list's own digest stands here. `FREEZE_GOLDEN=1` writes records that are not there
//! yet, and never one that is.

mod issuers;
mod keeper;
mod make;
mod named;
mod pledges;
mod refusals;
mod registers;
mod wrong;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use landgavel_log::tile::{TilePath, decode_bundle};
use landgavel_record::archive::Archive;
use landgavel_record::bundle::BundleFiles as _;
use landgavel_record::verify::{Alone, Options, Silent, verify};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::tampering::Bundle;

/// How a record was made.
type Make = fn() -> Bundle;

/// A frozen format.
struct Frozen {
    folder: &'static str,
    /// SHA-256 of `digests.txt` in it.
    list: &'static str,
    make: &'static [(&'static str, Make)],
    report: fn(&Archive<Cursor<Vec<u8>>>) -> String,
}

const FROZEN: [Frozen; 5] = [
    Frozen {
        folder: "1",
        list: "a35a9394a07d46c5f97cf4db35fdefbd040574588b4028533efc340113db4121",
        make: make::ALL,
        report,
    },
    Frozen {
        folder: "2",
        list: "397c7a3fb9aef52d5a23c92cb84b59c55d17f3351eacafd3c2a603423313e60e",
        make: issuers::ALL,
        report,
    },
    Frozen {
        folder: "pledge-1",
        list: "2d1f7e1726c4a1760f24b2cd1de895f695aac2d31f18a7269ec6a3c62e151950",
        make: pledges::ALL,
        report,
    },
    Frozen {
        folder: "pledge-1-wrong",
        list: "90033debc7c806bb72d17f508289f0f9bb0bf52dad6a7ed9f62091be8937b300",
        make: wrong::ALL,
        report: wrong::report,
    },
    Frozen {
        folder: "register-1",
        list: "a20766573abe1765cffbccf9b84b95e1d3f4d21663bcc2c4dc7cf0573a5eb359",
        make: registers::ALL,
        report: registers::report,
    },
];
/// Most bytes of an archive.
const MOST: usize = 200_000;

fn hash(bytes: &[u8]) -> String {
    crate::desk::hex(&Sha256::digest(bytes))
}

fn open(archive: &[u8]) -> Archive<Cursor<Vec<u8>>> {
    Archive::open(Cursor::new(archive.to_vec())).unwrap()
}

/// The report of a bundle.
fn report(files: &Archive<Cursor<Vec<u8>>>) -> String {
    verify(files, &Options::default(), &Alone::default(), &mut Silent).json()
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

impl Frozen {
    fn path(&self, name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden").join(self.folder).join(name)
    }

    /// The report of an archive, with a line end.
    fn judged(&self, archive: &[u8]) -> String {
        (self.report)(&open(archive)) + "\n"
    }

    /// Writes what is not there yet.
    fn freeze(&self) {
        fs::create_dir_all(self.path("")).unwrap();
        let missing = self.make.iter().filter(|(name, _)| !self.path(&format!("{name}.zip")).exists());
        // Each in a thread of its own, so that one that cannot be made hides no other.
        let made: Vec<_> = missing.map(|(name, make)| (name, std::thread::spawn(*make))).collect();
        for (name, bundle) in made {
            let Ok(bundle) = bundle.join() else {
                println!("{}/{name} cannot be made", self.folder);
                continue;
            };
            let archive = pack(&bundle);
            fs::write(self.path(&format!("{name}.report.json")), self.judged(&archive)).unwrap();
            fs::write(self.path(&format!("{name}.zip")), archive).unwrap();
        }
        let digests = self.names().into_iter().map(|name| {
            let digest = hash(&fs::read(self.path(&name)).unwrap());
            format!("{digest}  {name}\n")
        });
        let digests: String = digests.collect();
        fs::write(self.path("digests.txt"), &digests).unwrap();
        println!("the digest of the list of {} is {}", self.folder, hash(digests.as_bytes()));
    }

    /// The files but the list.
    fn names(&self) -> BTreeSet<String> {
        let entries = fs::read_dir(self.path("")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name != "digests.txt").collect()
    }

    /// Every archive gets its report, byte for byte.
    fn compared(&self) -> Vec<Golden> {
        let mut all = Vec::new();
        for name in self.names().into_iter().filter(|name| name.ends_with(".zip")) {
            let archive = fs::read(self.path(&name)).unwrap();
            assert!(archive.len() < MOST, "{name} has {} bytes", archive.len());
            let kept = fs::read_to_string(self.path(&name.replace(".zip", ".report.json"))).unwrap();
            assert_eq!(self.judged(&archive), kept, "{}/{name}", self.folder);
            let report = serde_json::from_str(&kept).unwrap();
            all.push(Golden { entries: entries(&open(&archive)), report });
        }
        all
    }
}

/// A golden record.
struct Golden {
    /// The entries of its own log.
    entries: Vec<String>,
    report: Value,
}

fn entries(files: &Archive<Cursor<Vec<u8>>>) -> Vec<String> {
    let mut entries = Vec::new();
    for path in files.paths().unwrap().iter().filter(|path| path.starts_with("tile/entries/")) {
        let (tile, bytes) = (TilePath::parse(path).unwrap(), files.read(path, usize::MAX - 1).unwrap());
        let found = decode_bundle(&bytes, tile.width).unwrap();
        entries.extend(found.into_iter().map(|entry| String::from_utf8(entry.to_vec()).unwrap()));
    }
    entries
}

/// All entries of all these as one text.
fn told(all: &[Golden]) -> String {
    all.iter().flat_map(|one| &one.entries).map(String::as_str).collect()
}

#[test]
fn golden_files_never_change() {
    if std::env::var_os("FREEZE_GOLDEN").is_some() {
        FROZEN.iter().for_each(Frozen::freeze);
    }
    for format in &FROZEN {
        let list = fs::read_to_string(format.path("digests.txt")).unwrap();
        assert_eq!(hash(list.as_bytes()), format.list, "the list of digests of {} was changed", format.folder);
        let mut listed = BTreeSet::new();
        for line in list.lines() {
            let (digest, name) = line.split_once("  ").unwrap();
            assert_eq!(hash(&fs::read(format.path(name)).unwrap()), digest, "{name} was changed");
            listed.insert(name.to_owned());
        }
        assert_eq!(listed, format.names(), "a file that is not listed, or is gone");
    }
}

/// All that these must hold between them stands as a value somewhere in the texts.
fn hold(texts: &str, kinds: &[&str]) {
    for kind in kinds {
        assert!(texts.contains(&format!(":\"{kind}\"")), "no golden record holds {kind}");
    }
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
fn golden_records_of_sales_get_their_reports_byte_for_byte() {
    let all = FROZEN[0].compared();
    assert!(all.len() >= 16, "{}", all.len());
    assert!(all.iter().all(|one| one.report["verdict"] == "holds"));
    let told = told(&all);
    hold(&told, &MUST_HOLD);
    assert!(told.contains("\"key\":\"sm2:") && told.contains("\"events\":{\"count\":"));
}

#[test]
fn golden_records_with_issuers_get_their_reports_byte_for_byte() {
    let all = FROZEN[1].compared();
    assert!(all.iter().all(|one| one.report["verdict"] == "holds" && one.entries[0].contains("landgavel-record/2")));
    let told = told(&all);
    hold(&told, &issuers::MUST_HOLD);
    assert!(told.contains("landgavel-standing/1"));
}

#[test]
fn golden_records_of_pledges_get_their_reports_byte_for_byte() {
    let all = FROZEN[2].compared();
    assert!(all.iter().all(|one| one.report["verdict"] == "holds"));
    let caveats: BTreeSet<&str> =
        all.iter().flat_map(|one| one.report["caveats"].as_array().unwrap()).filter_map(Value::as_str).collect();
    for caveat in pledges::CAVEATS {
        assert!(caveats.contains(caveat), "no golden record has the caveat {caveat}");
    }
    let told = told(&all);
    hold(&told, &pledges::MUST_HOLD);
    assert!(told.contains("\"key\":\"sm2:") && told.contains("\"events\":{\"count\":"));
    // What was paid in to take part is beyond a fifth of the price.
    assert!(all.iter().any(|one| one.report["outcome"]["deposit"]["prepayment_minor"] == 100_000_000));
}

/// What the format names and no record holds is not guarded; what a record holds and the format does not name is unknown.
#[test]
fn golden_records_of_pledges_hold_all_that_their_format_names() {
    let all = FROZEN[2].compared();
    let entries: Vec<Value> =
        all.iter().flat_map(|one| &one.entries).map(|entry| serde_json::from_str(entry).unwrap()).collect();
    named::hold_all(&entries);
}

#[test]
fn golden_records_of_pledges_that_do_not_hold_are_told_as_such() {
    let all = FROZEN[3].compared();
    let reports: String = all.iter().map(|one| one.report.to_string()).collect();
    hold(&reports, &wrong::MUST_HOLD);
}

#[test]
fn golden_registers_get_their_reports_byte_for_byte() {
    let all = FROZEN[4].compared();
    let reports: String = all.iter().map(|one| one.report.to_string()).collect();
    hold(&reports, &registers::MUST_HOLD);
}
