//! Any change of a bundle's bytes is named: bits, files, entries.

use std::collections::BTreeMap;

use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::language::{Files, Loaded, load_lot};
use landgavel_record::rehearsal::{Rehearsal, Sink};
use landgavel_record::verify::{Alone, Options, Report, Silent, verify};

/// A bundle in memory.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bundle(pub BTreeMap<String, Vec<u8>>);

impl Sink for Bundle {
    fn file(&mut self, path: &str, bytes: &[u8]) {
        self.0.insert(path.to_owned(), bytes.to_vec());
    }

    fn append(&mut self, path: &str, bytes: &[u8]) {
        self.0.entry(path.to_owned()).or_default().extend_from_slice(bytes);
    }
}

impl BundleFiles for Bundle {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        match self.0.get(path) {
            Some(bytes) if bytes.len() > most => Err(ReadError::TooLarge { most }),
            Some(bytes) => Ok(bytes.clone()),
            None => Err(ReadError::Missing),
        }
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.0.keys().cloned().collect())
    }
}

impl Bundle {
    pub fn report(&self) -> Report {
        verify(self, &Options::default(), &Alone::default(), &mut Silent)
    }
}

struct Shipped;

impl Files for Shipped {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read(root.join(path)).map_err(|error| error.to_string())
    }
}

pub fn loaded(lot: &str) -> Loaded {
    load_lot(&Shipped, lot).unwrap_or_else(|findings| panic!("{findings:?}"))
}

/// Runs the first lines of a command file and lets time end the sale.
pub fn run(lot: &str, commands: &str, lines: usize) -> Bundle {
    let mut bundle = Bundle::default();
    let loaded = loaded(lot);
    let mut rehearsal = Rehearsal::open(&loaded, None, &mut bundle);
    for line in commands.lines().filter(|line| line.starts_with('{')).take(lines) {
        let object = serde_json::from_str(line).unwrap();
        rehearsal.request(&object, &mut bundle, &mut |_| {}).unwrap_or_else(|error| panic!("{line}: {error:?}"));
    }
    rehearsal.finish(&mut bundle, &mut |_| {}).unwrap();
    bundle
}

pub const P1: &str = "lots/cn/zhejiang/yiwu/sample-p1.toml";
pub const P1_COMMANDS: &str = include_str!("../../../../lots/cn/zhejiang/yiwu/sample-p1.commands.jsonl");

fn small() -> Bundle {
    let bundle = run(P1, P1_COMMANDS, 3);
    let report = bundle.report();
    assert!(report.holds(), "{:?}", report.wrong);
    bundle
}

/// Bits that are left out between two that are flipped: prime, so that every place in a byte comes.
const STRIDE: usize = 101;

#[test]
fn every_flipped_bit_is_named() {
    let good = small();
    let mut flips = 0;
    for (path, bytes) in &good.0 {
        for bit in (0..bytes.len() * 8).step_by(STRIDE) {
            let mut bad = good.clone();
            if let Some(bytes) = bad.0.get_mut(path) {
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            let report = bad.report();
            assert!(!report.holds(), "{path}: bit {bit} is not missed");
            flips += 1;
        }
    }
    assert!(flips > 1000, "{flips}");
}

#[test]
fn every_missing_swapped_or_shortened_file_is_named() {
    let good = small();
    let paths: Vec<&String> = good.0.keys().collect();
    for path in &paths {
        let mut without = good.clone();
        without.0.remove(*path);
        let wrong = without.report().wrong.unwrap();
        assert_eq!((wrong.file.as_str(), wrong.code), (path.as_str(), "missing"));
        let mut shorter = good.clone();
        shorter.0.get_mut(*path).unwrap().pop();
        assert!(!shorter.report().holds(), "{path} without its last byte");
        let mut longer = good.clone();
        longer.0.get_mut(*path).unwrap().push(b'\n');
        assert!(!longer.report().holds(), "{path} with a byte more");
        for other in paths.iter().filter(|other| *other > path) {
            let mut swapped = good.clone();
            let (one, two) = (good.0[*path].clone(), good.0[*other].clone());
            swapped.0.insert((*path).clone(), two);
            swapped.0.insert((*other).clone(), one);
            assert!(!swapped.report().holds(), "{path} and {other} swapped");
        }
    }
    let mut more = good.clone();
    more.0.insert("tile/entries/001".to_owned(), Vec::new());
    assert_eq!(more.report().wrong.unwrap().code, "stray");
}

/// The same run gives the same bytes, and they hold.
#[test]
fn a_run_gives_the_same_bundle_again() {
    let bundle = run(P1, P1_COMMANDS, usize::MAX);
    assert!(bundle == run(P1, P1_COMMANDS, usize::MAX));
    let report = bundle.report();
    assert!(report.holds(), "{:?}", report.wrong);
    assert_eq!(report.outcome.unwrap()["status"], "awarded");
}
