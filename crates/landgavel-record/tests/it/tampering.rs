//! Any change of a bundle's bytes is named: bits, lengths, files, entries. `cargo xtask tamper` makes every change
//! there is; here are all of files and entries, and a sample of bits and lengths.

pub use landgavel_hostile::memory::Bundle;
use landgavel_hostile::samples::tiny;
use landgavel_hostile::tamper::{Change, changed, every_change, run as tamper};
use landgavel_record::language::{Files, Loaded, load_lot};
use landgavel_record::rehearsal::Rehearsal;
use landgavel_record::verify::Check;

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

/// Changes of which one is tried: prime, so that every place in a byte comes.
const STRIDE: usize = 149;

#[test]
fn changes_of_every_kind_are_named() {
    let all = every_change(tiny());
    let is_sampled = |change: &Change| matches!(change, Change::Flip { .. } | Change::Cut { .. });
    let (many, few): (Vec<Change>, Vec<Change>) = all.into_iter().partition(is_sampled);
    let changes: Vec<Change> = many.into_iter().step_by(STRIDE).chain(few).collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (tallies, missed) = tamper(tiny(), &changes, threads);
    assert!(missed.is_empty(), "{missed:?}");
    assert_eq!(tallies.len(), 6, "{tallies:?}");
    assert!(tallies["bits flipped"].named > 800 && tallies["entries swapped"].named == 153, "{tallies:?}");
}

/// The runner counts what is missed: a change that the verdict does not see is not named.
#[test]
fn a_change_that_nobody_names_is_missed() {
    let bundle = Bundle::default();
    let mut whole = tiny().clone();
    whole.0.insert("stray".to_owned(), b"x".to_vec());
    // The stray file comes last but for the tiles; without it the bundle holds.
    let file = whole.0.keys().position(|path| path == "stray").unwrap();
    let (tallies, missed) = tamper(&whole, &[Change::Remove { file }], 1);
    assert_eq!((tallies["files removed"].named, missed.len()), (0, 1));
    assert!(every_change(&bundle).is_empty());
}

#[test]
fn a_missing_file_is_named_by_its_name() {
    for (file, path) in tiny().0.keys().enumerate() {
        let wrong = changed(tiny(), Change::Remove { file }).report().wrong.unwrap();
        assert_eq!((wrong.file.as_str(), wrong.check, wrong.code), (path.as_str(), Check::Files, "missing"));
    }
    let mut more = tiny().clone();
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
