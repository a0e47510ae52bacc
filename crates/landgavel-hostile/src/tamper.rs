//! Every change of a bundle's bytes, one at a time: bits, files, entries, lengths.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use landgavel_log::tile::{TileKind, TilePath, decode_bundle, encode_entry};
use landgavel_record::bundle::BundleFiles;
use landgavel_record::keys::KeyCache;
use landgavel_record::verify::{Options, Prepared, Report, Silent, Workers, verify};

use crate::memory::Bundle;

/// Changes that a thread takes at a time.
const TAKE: usize = 64;
/// Most entries that are kept ready; changed ones would fill any memory.
const KEPT_MAX: usize = 4096;

/// One change of one bundle. Files are numbered in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Another bit.
    Flip {
        /// Which file.
        file: usize,
        /// Which bit, from the least of the first byte.
        bit: usize,
    },
    /// Fewer bytes.
    Cut {
        /// Which file.
        file: usize,
        /// How many bytes are left.
        length: usize,
    },
    /// A file less.
    Remove {
        /// Which file.
        file: usize,
    },
    /// Two files in each other's place.
    Swap {
        /// One.
        file: usize,
        /// The other.
        other: usize,
    },
    /// An entry less, in a bundle of entries.
    RemoveEntry {
        /// Which file.
        file: usize,
        /// Which of its entries.
        entry: usize,
    },
    /// Two entries in each other's place.
    SwapEntries {
        /// Which file.
        file: usize,
        /// One of its entries.
        entry: usize,
        /// Another.
        other: usize,
    },
}

impl Change {
    /// What kind of change it is.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Flip { .. } => "bits flipped",
            Self::Cut { .. } => "files cut short",
            Self::Remove { .. } => "files removed",
            Self::Swap { .. } => "files swapped",
            Self::RemoveEntry { .. } => "entries removed",
            Self::SwapEntries { .. } => "entries swapped",
        }
    }
}

/// What came of all changes of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were tried.
    pub tried: usize,
    /// How many of them the verdict named: it does not hold, and says which file, check and code.
    pub named: usize,
}

/// The entries of a file, when it is a bundle of them.
fn entries<'a>(path: &str, bytes: &'a [u8]) -> Vec<&'a [u8]> {
    match TilePath::parse(path) {
        Ok(tile) if tile.kind == TileKind::Entries => decode_bundle(bytes, tile.width).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Every change of a bundle: each bit, each length, each file and pair of files, each entry and pair of entries.
pub fn every_change(bundle: &Bundle) -> Vec<Change> {
    let mut changes = Vec::new();
    let files = bundle.0.len();
    for (file, (path, bytes)) in bundle.0.iter().enumerate() {
        changes.extend((0..8 * bytes.len()).map(|bit| Change::Flip { file, bit }));
        changes.extend((0..bytes.len()).map(|length| Change::Cut { file, length }));
        changes.push(Change::Remove { file });
        changes.extend((file + 1..files).map(|other| Change::Swap { file, other }));
        let count = entries(path, bytes).len();
        for entry in 0..count {
            changes.push(Change::RemoveEntry { file, entry });
            changes.extend((entry + 1..count).map(|other| Change::SwapEntries { file, entry, other }));
        }
    }
    changes
}

/// Makes one change.
///
/// # Panics
/// When the change is of another bundle.
pub fn changed(good: &Bundle, change: Change) -> Bundle {
    let mut bundle = good.clone();
    let path = |file: usize| good.0.keys().nth(file).cloned().unwrap();
    let rewrite = |file: usize, list: &[&[u8]]| {
        let mut bytes = Vec::new();
        list.iter().for_each(|entry| encode_entry(entry, &mut bytes).unwrap());
        (path(file), bytes)
    };
    match change {
        Change::Flip { file, bit } => bundle.0.get_mut(&path(file)).unwrap()[bit / 8] ^= 1 << (bit % 8),
        Change::Cut { file, length } => bundle.0.get_mut(&path(file)).unwrap().truncate(length),
        Change::Remove { file } => drop(bundle.0.remove(&path(file))),
        Change::Swap { file, other } => {
            bundle.0.insert(path(file), good.0[&path(other)].clone());
            bundle.0.insert(path(other), good.0[&path(file)].clone());
        }
        Change::RemoveEntry { file, entry } => {
            let mut list = entries(&path(file), &good.0[&path(file)]);
            list.remove(entry);
            bundle.0.extend([rewrite(file, &list)]);
        }
        Change::SwapEntries { file, entry, other } => {
            let mut list = entries(&path(file), &good.0[&path(file)]);
            list.swap(entry, other);
            bundle.0.extend([rewrite(file, &list)]);
        }
    }
    bundle
}

/// Makes every change in turn, on so many threads, and verifies what comes of it. Gives the tally of each kind,
/// and the changes that were missed.
pub fn run(good: &Bundle, changes: &[Change], threads: usize) -> (BTreeMap<&'static str, Tally>, Vec<Change>) {
    let next = AtomicUsize::new(0);
    let work = || {
        let kept = Kept::default();
        let (mut tallies, mut missed) = (BTreeMap::<&'static str, Tally>::new(), Vec::new());
        loop {
            let from = next.fetch_add(TAKE, Ordering::Relaxed);
            let Some(piece) = changes.get(from..changes.len().min(from + TAKE)).filter(|piece| !piece.is_empty())
            else {
                return (tallies, missed);
            };
            for change in piece {
                let bundle = changed(good, *change);
                let tally = tallies.entry(change.kind()).or_default();
                tally.tried += 1;
                // Two entries or files that are the same are no change.
                if bundle == *good || is_named(&kept.verdict(&bundle)) {
                    tally.named += 1;
                } else {
                    missed.push(*change);
                }
            }
        }
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (mut tallies, mut missed) = (BTreeMap::<&'static str, Tally>::new(), Vec::new());
    for (some, few) in results {
        for (kind, tally) in some {
            let sum = tallies.entry(kind).or_default();
            (sum.tried, sum.named) = (sum.tried + tally.tried, sum.named + tally.named);
        }
        missed.extend(few);
    }
    missed.sort_unstable();
    (tallies, missed)
}

fn is_named(report: &Report) -> bool {
    report
        .wrong
        .as_ref()
        .is_some_and(|wrong| !wrong.file.is_empty() && !wrong.code.is_empty() && !wrong.message.is_empty())
}

/// Entries that were prepared before. What is prepared depends on nothing but an entry's bytes, so a verdict is
/// the same, and sooner.
#[derive(Default)]
struct Kept {
    keys: RefCell<KeyCache>,
    prepared: RefCell<BTreeMap<Vec<u8>, Prepared>>,
}

impl Kept {
    fn verdict(&self, bundle: &dyn BundleFiles) -> Report {
        verify(bundle, &Options::default(), self, &mut Silent)
    }
}

impl Workers for Kept {
    fn prepare(&self, entries: Vec<Vec<u8>>, meanwhile: &mut dyn FnMut()) -> Vec<Prepared> {
        meanwhile();
        let (mut keys, mut prepared) = (self.keys.borrow_mut(), self.prepared.borrow_mut());
        let mut prepare = |bytes: Vec<u8>| match prepared.get(&bytes) {
            Some(known) => known.clone(),
            None => {
                let new = Prepared::new(bytes.clone(), &mut keys);
                if prepared.len() < KEPT_MAX {
                    prepared.insert(bytes, new.clone());
                }
                new
            }
        };
        entries.into_iter().map(&mut prepare).collect()
    }
}
