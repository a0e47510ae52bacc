//! One thread that says often how far it is.

use std::cell::{Cell, RefCell};

use landgavel_record::keys::KeyCache;
use landgavel_record::verify::{Observer, Prepared, Workers};
use landgavel_record::words::{Language, outcome_in_words};
use landgavel_record::{canonical, record::Entry};
use landgavel_sale::Sale;

/// Entries between two words on the progress: some ten milliseconds of work.
const EVERY: u64 = 32;

/// How far a verification is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Entries whose signatures are verified.
    pub prepared: u64,
    /// Entries that are judged.
    pub judged: u64,
    /// Entries of the record.
    pub total: u64,
}

/// Prepares entries one after the other, and tells.
pub struct Steady<F> {
    keys: RefCell<KeyCache>,
    progress: Cell<Progress>,
    tell: RefCell<F>,
}

impl<F: FnMut(Progress)> Steady<F> {
    /// Begins at nothing.
    pub fn new(tell: F) -> Self {
        Self { keys: RefCell::default(), progress: Cell::default(), tell: RefCell::new(tell) }
    }

    fn tell(&self, progress: Progress) {
        self.progress.set(progress);
        (self.tell.borrow_mut())(progress);
    }
}

impl<F: FnMut(Progress)> Workers for Steady<F> {
    fn prepare(&self, entries: Vec<Vec<u8>>, meanwhile: &mut dyn FnMut()) -> Vec<Prepared> {
        meanwhile();
        let mut keys = self.keys.borrow_mut();
        let prepare = |bytes| {
            let prepared = Prepared::new(bytes, &mut keys);
            let before = self.progress.get();
            let progress = Progress { prepared: before.prepared + 1, ..before };
            self.progress.set(progress);
            if progress.prepared.is_multiple_of(EVERY) {
                // Entries of the sale inside a pledge are none of the record, whose number nobody has said yet.
                self.tell(if progress.total == 0 { Progress::default() } else { progress });
            }
            prepared
        };
        entries.into_iter().map(prepare).collect()
    }
}

/// Listens to the judge for a [`Steady`], and keeps the words for the outcome.
pub struct Listener<'a, F> {
    steady: &'a Steady<F>,
    outcome: Option<String>,
}

impl<'a, F: FnMut(Progress)> Listener<'a, F> {
    /// Begins before the first entry.
    pub fn new(steady: &'a Steady<F>) -> Self {
        Self { steady, outcome: None }
    }

    /// The sale as the last entry left it, in words and in both languages as JSON; nothing when it was not reached.
    pub fn outcome(self) -> Option<String> {
        self.outcome
    }
}

impl<F: FnMut(Progress)> Observer for Listener<'_, F> {
    fn progress(&mut self, done: u64, total: u64) {
        let before = self.steady.progress.get();
        let prepared = if before.total == 0 { 0 } else { before.prepared };
        self.steady.tell(Progress { prepared, judged: done, total });
    }

    fn entry(&mut self, sale: &Sale, entry: &Entry) {
        let before = self.steady.progress.get();
        let judged = entry.number + 1;
        self.steady.progress.set(Progress { judged, ..before });
        if judged.is_multiple_of(EVERY) {
            self.steady.tell(Progress { judged, ..before });
        }
        if judged == before.total {
            let [zh, en] =
                [Language::Zh, Language::En].map(|language| canonical::encode(&outcome_in_words(sale, language)));
            self.outcome = Some(format!("{{\"en\":{en},\"zh\":{zh}}}"));
        }
    }
}
