use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use landgavel_record::keys::{KeyCache, KeyTables};
use landgavel_record::verify::{Prepared, Workers};

/// Entries that a thread takes at a time.
const TAKE: usize = 32;

/// As many threads as the machine has cores.
pub struct Threads {
    /// A cache for each; what a thread knows of keys outlives its pieces of work.
    caches: Vec<Mutex<KeyCache>>,
}

impl Threads {
    /// All cores, or one when the machine does not say.
    pub fn all() -> Self {
        let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let tables = Arc::<KeyTables>::default();
        Self { caches: (0..count).map(|_| Mutex::new(KeyCache::sharing(&tables))).collect() }
    }
}

impl Threads {
    /// How many.
    pub fn count(&self) -> usize {
        self.caches.len()
    }
}

/// Entries in pieces, each taken by one thread, which leaves its results in the same place.
struct Piece {
    raw: Vec<Vec<u8>>,
    done: Vec<Prepared>,
}

impl Workers for Threads {
    fn prepare(&self, entries: Vec<Vec<u8>>, meanwhile: &mut dyn FnMut()) -> Vec<Prepared> {
        let mut entries = entries.into_iter().peekable();
        let mut pieces = Vec::new();
        while entries.peek().is_some() {
            pieces.push(Mutex::new(Piece { raw: entries.by_ref().take(TAKE).collect(), done: Vec::new() }));
        }
        let next = AtomicUsize::new(0);
        let work = |cache: &Mutex<KeyCache>| {
            let mut keys = cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut piece = piece.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let raw = std::mem::take(&mut piece.raw);
                piece.done = raw.into_iter().map(|bytes| Prepared::new(bytes, &mut keys)).collect();
            }
        };
        std::thread::scope(|scope| {
            for cache in self.caches.iter().skip(1) {
                scope.spawn(|| work(cache));
            }
            meanwhile();
            self.caches.iter().take(1).for_each(work);
        });
        let piece = |piece: Mutex<Piece>| piece.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).done;
        pieces.into_iter().flat_map(piece).collect()
    }
}
