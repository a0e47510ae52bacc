//! The book of one pledge: its record and tree in memory, and what is to be written next.
//!
//! It knows no store and no clock. What it has taken in counts only once it is stored; if that fails the whole book is
//! thrown away and read again from the journal.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_log::tile::{TileKind, TilePath, TileWriter};
use landgavel_log::tree::{Hash, leaf_hash};
use landgavel_record::canonical;
use landgavel_record::pledges::record::{PledgeEntry, PledgeRecord, outcome_json};
use landgavel_record::record::{Fault, Received};

use crate::desk::intake::from_outside;

/// Steps that days alone may bring at once; no checked contract has so many.
const MAX_STEPS: usize = 100_000;

/// The record of a pledge and the tree over it.
pub struct Book {
    record: PledgeRecord,
    tiles: TileWriter,
    /// Entries by the key and id of their command.
    ids: BTreeMap<(String, String), u64>,
}

/// Entries that are not stored yet, with the tiles that they fill.
#[derive(Default)]
pub struct Pending {
    /// In their order.
    pub entries: Vec<Arc<Written>>,
    /// Full tiles of hashes by path; bundles of entries are made from the journal.
    pub tiles: Vec<(TilePath, Vec<u8>)>,
}

/// An entry with its leaf.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// The entry.
    pub entry: PledgeEntry,
    /// The hash of its leaf.
    pub leaf: Hash,
    /// Who signed it, by name.
    pub by: Vec<String>,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is an entry, of this place among those that are pending.
    Entered(usize),
    /// The entry of this number has the same key and id.
    Before(u64),
    /// It can be no entry.
    TurnedAway(Fault),
}

impl Book {
    /// Opens the book of a record whose opening has this line.
    pub fn new(record: PledgeRecord, opening: &str, tiles: &mut Vec<(TilePath, Vec<u8>)>) -> Self {
        let mut book = Self { record, tiles: TileWriter::new(), ids: BTreeMap::new() };
        book.append(0, opening, tiles);
        book
    }

    /// The record, with all that was taken in.
    pub fn record(&self) -> &PledgeRecord {
        &self.record
    }

    /// The tree over all that was taken in.
    pub fn tiles(&self) -> &TileWriter {
        &self.tiles
    }

    /// When days alone bring something next.
    pub fn due(&self) -> Option<Instant> {
        self.record.opened().pledge.due()
    }

    /// The entry of a key's command with this id.
    pub fn find(&self, key: &str, id: &str) -> Option<u64> {
        self.ids.get(&(key.to_owned(), id.to_owned())).copied()
    }

    /// A checkpoint covers the opening: from now on signed commands are taken.
    pub fn published(&mut self) {
        self.record.published();
    }

    /// How the pledge stands, as a bundle tells it.
    pub fn outcome(&self) -> Arc<str> {
        (canonical::encode(&outcome_json(&self.record.opened().pledge)) + "\n").into()
    }

    /// Takes a command in, after everything that days bring before it. Its time is when it came, but never before the entry
    /// before it.
    pub fn take(&mut self, received: Received, pending: &mut Pending) -> Taken {
        if let Some(signed) = received.signatures.first()
            && let Some(entry) = self.find(signed.key.text(), received.field("id"))
        {
            return Taken::Before(entry);
        }
        let at = received.at.max(self.record.last());
        self.advance(at, pending);
        if let Err(fault) = from_outside(&received) {
            return Taken::TurnedAway(fault);
        }
        match self.enter(&received.stamped(at), pending) {
            Ok(place) => Taken::Entered(place),
            Err(fault) => Taken::TurnedAway(fault),
        }
    }

    /// Lets everything happen that is due by now. It is told now, however long ago its day has passed: the time to cure runs
    /// from when it is told.
    ///
    /// # Panics
    ///
    /// When days alone bring no end: a bug of the engine, which stops this pledge's desk.
    pub fn advance(&mut self, now: Instant, pending: &mut Pending) {
        for _ in 0..MAX_STEPS {
            if self.due().is_none_or(|due| due > now) {
                return;
            }
            let at = now.max(self.record.last());
            let tick = Received::unsigned(at, "{\"do\":\"tick\"}").expect("the text is canonical");
            if let Err(fault) = self.enter(&tick, pending) {
                panic!("a tick that is due was not entered: {fault}");
            }
        }
        panic!("days alone bring no end to this pledge: a bug of the engine");
    }

    /// Enters a command at its own time.
    ///
    /// # Errors
    ///
    /// Why it can be no entry.
    pub fn enter(&mut self, received: &Received, pending: &mut Pending) -> Result<usize, Fault> {
        let by = received.signatures.iter().filter_map(|signed| self.record.name_of(&signed.key));
        let by = by.map(str::to_owned).collect();
        let entry = self.record.enter(received)?;
        if let Some(signed) = received.signatures.first() {
            let id = (signed.key.text().to_owned(), received.field("id").to_owned());
            self.ids.insert(id, entry.number);
        }
        self.append(entry.number, &entry.line, &mut pending.tiles);
        let leaf = leaf_hash(entry.line.as_bytes());
        pending.entries.push(Arc::new(Written { entry, leaf, by }));
        Ok(pending.entries.len() - 1)
    }

    fn append(&mut self, number: u64, line: &str, tiles: &mut Vec<(TilePath, Vec<u8>)>) {
        let appended = self.tiles.append(line.as_bytes(), |path, bytes| {
            if path.kind != TileKind::Entries {
                tiles.push((path, bytes.to_vec()));
            }
        });
        // The record takes no longer line, and a log holds more entries than can be written.
        assert!(appended.is_ok_and(|index| index == number), "entry {number} does not fit into the log");
    }
}
