//! The book of one sale: its record and tree in memory, and what is to be written next.
//!
//! It knows no store and no clock. What it has taken in counts only once it is stored; if that fails the
//! whole book is thrown away and read again from the journal.

use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_log::tile::{TileError, TileKind, TilePath, TileWriter};
use landgavel_log::tree::{Hash, leaf_hash};
use landgavel_record::canonical;
use landgavel_record::outcome::outcome_json;
use landgavel_record::record::{Entry, Fault, NotTraced, Received, Record, Trace};
use landgavel_sale::event::Event;

use super::intake::from_outside;

/// Steps that time alone may bring at once; a rulebook whose stages lead only forward needs far fewer.
const MAX_STEPS: usize = 100_000;

/// The record of a sale and the tree over it.
pub struct Book {
    record: Record,
    tiles: TileWriter,
    /// Who paused the sale, while it stands still.
    paused_by: Option<String>,
}

/// Entries that are not stored yet, with the tiles that they fill.
#[derive(Default)]
pub struct Pending {
    /// In their order.
    pub entries: Vec<Arc<Written>>,
    /// What a fast start needs of the entries.
    pub tape: Vec<u8>,
    /// Full tiles of hashes by path; bundles of entries are made from the journal.
    pub tiles: Vec<(TilePath, Vec<u8>)>,
}

/// An entry with its leaf.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    /// The entry.
    pub entry: Entry,
    /// The hash of its leaf.
    pub leaf: Hash,
    /// The key that signed it first.
    pub key: Option<String>,
}

impl Written {
    /// What happened; nothing when it was refused.
    pub fn events(&self) -> &[Event] {
        self.entry.result.as_deref().unwrap_or_default()
    }
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
    /// Opens the book of a record whose entries make this tree.
    pub fn new(record: Record, tiles: TileWriter) -> Self {
        Self { record, tiles, paused_by: None }
    }

    /// The record, with all that was taken in.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The tree over all that was taken in.
    pub fn tiles(&self) -> &TileWriter {
        &self.tiles
    }

    /// No entry may be older than this: the time of the last one, or the lot's first moment.
    pub fn last(&self) -> Instant {
        self.record.last()
    }

    /// The key that paused the sale, while it stands still.
    pub fn paused_by(&self) -> Option<&str> {
        self.paused_by.as_deref()
    }

    /// When time alone brings something next.
    pub fn due(&self) -> Option<Instant> {
        self.record.sale().due()
    }

    /// Takes a command in, after everything that time brings before it. Its time is when it came, but never
    /// before the entry before it.
    pub fn take(&mut self, received: Received, pending: &mut Pending) -> Taken {
        if let Some(signed) = received.signatures.first()
            && let Some(entry) = self.record.entry_with_id(signed.key.text(), received.field("id"))
        {
            return Taken::Before(entry);
        }
        let at = received.at.max(self.record.last());
        self.advance(at, pending);
        if let Err(fault) = from_outside(&received) {
            return Taken::TurnedAway(fault);
        }
        // A tick can be due only after the entry before it, so nothing of the past is owed here.
        match self.enter(received.stamped(at.max(self.record.last())), pending) {
            Ok(place) => Taken::Entered(place),
            Err(fault) => Taken::TurnedAway(fault),
        }
    }

    /// Enters a command at its own time, when nothing is due before it.
    ///
    /// # Errors
    ///
    /// Why it can be no entry.
    pub fn enter(&mut self, received: Received, pending: &mut Pending) -> Result<usize, Fault> {
        let entry = self.enter_only(&received)?;
        Trace::of(&received, &entry).write(&mut pending.tape);
        let key = received.signatures.first().map(|signed| signed.key.text().to_owned());
        Ok(self.write(entry, key, pending))
    }

    /// Lets everything happen that is due by then.
    ///
    /// # Panics
    ///
    /// When time alone brings no end: a bug of the engine, which stops this sale's desk.
    pub fn advance(&mut self, to: Instant, pending: &mut Pending) {
        for _ in 0..MAX_STEPS {
            match self.due().filter(|due| *due <= to) {
                Some(due) => self.tick(due, pending),
                None => return,
            }
        }
        panic!("time alone brings no end to this sale: a bug of the engine");
    }

    fn tick(&mut self, due: Instant, pending: &mut Pending) {
        let tick = Received::unsigned(due.max(self.record.last()), "{\"do\":\"tick\"}").expect("the text is canonical");
        if let Err(fault) = self.enter(tick, pending) {
            panic!("a tick that is due was not entered: {fault}");
        }
    }

    fn write(&mut self, entry: Entry, key: Option<String>, pending: &mut Pending) -> usize {
        let tiles = &mut pending.tiles;
        let appended = self.tiles.append(entry.line.as_bytes(), |path, bytes| {
            if path.kind != TileKind::Entries {
                tiles.push((path, bytes.to_vec()));
            }
        });
        // A command of at most 32 KiB, its signatures and its events are shorter than an entry may be, and
        // a log holds more entries than can be written.
        let fits = |appended: Result<u64, TileError>| appended.is_ok_and(|index| index == entry.number);
        assert!(fits(appended), "entry {} does not fit into the log", entry.number);
        let leaf = leaf_hash(entry.line.as_bytes());
        pending.entries.push(Arc::new(Written { entry, leaf, key }));
        pending.entries.len() - 1
    }

    /// A checkpoint of the tree as it stands will be published: from now on bidders may name it. It is said
    /// to the record at this size and no later, as every verifier will say it.
    pub fn promise_checkpoint(&mut self) -> (u64, Hash) {
        let (size, root) = (self.tiles.size(), self.tiles.root());
        self.record.published(size, root.0);
        (size, root)
    }

    /// Takes over a stored entry of a tape, without its leaf: the tree is read from tiles afterwards.
    ///
    /// # Errors
    ///
    /// When it cannot be one of this record.
    pub fn retrace(&mut self, trace: &Trace) -> Result<Option<Event>, NotTraced> {
        self.record.retrace(trace)
    }

    /// Ends a start from a tape: the ids of what was retraced, and the tree.
    pub fn retraced(&mut self, ids: Vec<(u128, u64)>, tiles: TileWriter) {
        self.record.remember(ids);
        self.tiles = tiles;
    }

    /// Enters a stored command again, without its leaf.
    ///
    /// # Errors
    ///
    /// Why it can be no entry.
    pub fn enter_only(&mut self, received: &Received) -> Result<Entry, Fault> {
        let entry = self.record.enter(received)?;
        self.note_pause(received, &entry);
        Ok(entry)
    }

    fn note_pause(&mut self, received: &Received, entry: &Entry) {
        if received.verb() == "pause" && entry.result.is_ok() {
            self.paused_by = received.signatures.first().map(|signed| signed.key.text().to_owned());
        }
        if !self.record.sale().is_paused() {
            self.paused_by = None;
        }
    }

    /// What the sale has come to, as a bundle tells it.
    pub fn outcome(&self) -> Arc<str> {
        (canonical::encode(&outcome_json(self.record.sale())) + "\n").into()
    }

    /// A checkpoint of a smaller size was published, or will be; for whoever reads a journal back.
    pub fn was_published(&mut self, size: u64, root: [u8; 32]) {
        self.record.published(size, root);
    }

    /// The notice stands as entry 0.
    pub fn notice(&mut self, entry: Entry, pending: &mut Pending) {
        Trace::Whole.write(&mut pending.tape);
        self.write(entry, None, pending);
    }
}
