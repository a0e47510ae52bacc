//! All that a store holds, as a row of items: how a backup is read, compared and written, whatever the
//! database. The file that carries it from one to another is itself a store in SQLite.

use landgavel_base::Digest;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::fault::Fault;
use crate::journal::{Checkpoint, Head, SaleFile};
use crate::name::SaleId;
use crate::shelf::Row;
use crate::vault::{Reading, sha256};

/// How many items wait between who reads and who writes; the largest holds a few MiB.
pub(crate) const WAITING: usize = 8;

/// The most entries, or rows of the shelf, of one item.
pub(crate) const CHUNK: usize = 1_024;

/// One thing that a store holds. They come in this order: each sale with its entries and checkpoints, then
/// the vault, then the shelf; within a kind in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Sale { sale: SaleId, head: Head, fence: i64, files: Vec<SaleFile> },
    Entries { first: u64, entries: Vec<Vec<u8>> },
    Checkpoint(Checkpoint),
    Record { kind: String, id: String, version: u64, is_identity: bool, held: Held },
    Document { kind: String, id: String, size: u64, sha256: Digest, held: Held },
    Reading(Reading),
    Shelf(Vec<Row>),
}

/// What a row of the vault holds: its bytes, or when they were erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) erased_ms: Option<i64>,
}

/// What a store holds, counted, with a digest over all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// The sales, with heads that were computed from their entries.
    pub sales: Vec<(SaleId, Head)>,
    /// Published checkpoints, of all sales.
    pub checkpoints: u64,
    /// Records of the vault, erased ones too.
    pub records: u64,
    /// Documents of the vault, erased ones too.
    pub documents: u64,
    /// Lines of the audit of readings.
    pub readings: u64,
    /// Rows of the shelf.
    pub shelf: u64,
    /// SHA-256 over all of these, with what they hold. Two stores with one digest hold the same.
    pub digest: Digest,
}

/// What a check of a store found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What it holds.
    pub census: Census,
    /// What is wrong, in words; empty when all is well.
    pub findings: Vec<String>,
}

impl Checked {
    /// The census, if nothing is wrong.
    pub(crate) fn sound(self, what: &str) -> Result<Census, Fault> {
        match self.findings.first() {
            None => Ok(self.census),
            Some(first) => {
                let more = self.findings.len() - 1;
                let more = if more == 0 { String::new() } else { format!(", and {more} more") };
                Err(Fault::Corrupt { what: format!("{what}: {first}{more}") })
            }
        }
    }
}

/// Counts and compares items as they come.
pub(crate) struct Tally {
    census: Census,
    findings: Vec<String>,
    /// The head that the store tells of the sale whose entries come.
    told: Option<Head>,
    last_checkpoint: Option<u64>,
    sum: Sha256,
}

/// More findings than this are not listed: the first ones tell where to look.
const MAX_FINDINGS: usize = 100;

impl Tally {
    pub(crate) fn new() -> Tally {
        let census = Census {
            sales: Vec::new(),
            checkpoints: 0,
            records: 0,
            documents: 0,
            readings: 0,
            shelf: 0,
            digest: Digest([0; 32]),
        };
        Tally { census, findings: Vec::new(), told: None, last_checkpoint: None, sum: Sha256::new() }
    }

    pub(crate) fn take(&mut self, item: &Item) {
        match item {
            Item::Sale { sale, head, fence: _, files } => {
                self.end_sale();
                self.told = Some(*head);
                self.census.sales.push((sale.clone(), Head::EMPTY));
                self.add(b'S', &[sale.as_str().as_bytes()]);
                for (name, bytes) in files {
                    self.add(b'F', &[name.as_bytes(), bytes]);
                }
            }
            Item::Entries { first, entries } => self.entries(*first, entries),
            Item::Checkpoint(checkpoint) => self.checkpoint(checkpoint),
            Item::Record { kind, id, version, is_identity, held } => {
                self.end_sale();
                self.census.records += 1;
                let (time, has) = (held.erased_ms.unwrap_or(0).to_be_bytes(), [u8::from(held.bytes.is_some())]);
                let bytes = held.bytes.as_deref().unwrap_or(b"");
                let version = version.to_be_bytes();
                self.add(
                    b'R',
                    &[kind.as_bytes(), id.as_bytes(), &version, &[u8::from(*is_identity)], &has, &time, bytes],
                );
            }
            Item::Document { kind, id, size, sha256: told, held } => {
                self.end_sale();
                self.census.documents += 1;
                if held.bytes.as_ref().is_some_and(|bytes| sha256(bytes) != *told || bytes.len() as u64 != *size) {
                    self.find(format!("document {kind}/{id} does not fit its digest"));
                }
                let (time, size) = (held.erased_ms.unwrap_or(0).to_be_bytes(), size.to_be_bytes());
                let has = [u8::from(held.bytes.is_some())];
                self.add(b'D', &[kind.as_bytes(), id.as_bytes(), &size, &told.0, &has, &time]);
            }
            Item::Reading(reading) => {
                self.end_sale();
                self.census.readings += 1;
                if reading.number != self.census.readings {
                    self.find(format!("line {} of the audit of readings is missing", self.census.readings));
                }
                let Reading { number, kind, id, who, why, at_ms } = reading;
                let (number, time) = (number.to_be_bytes(), at_ms.to_be_bytes());
                self.add(b'A', &[&number, kind.as_bytes(), id.as_bytes(), who.as_bytes(), why.as_bytes(), &time]);
            }
            Item::Shelf(rows) => {
                self.end_sale();
                self.census.shelf += rows.len() as u64;
                for (key, value) in rows {
                    self.add(b'H', &[key, value]);
                }
            }
        }
    }

    fn entries(&mut self, first: u64, entries: &[Vec<u8>]) {
        let Some((sale, head)) = self.census.sales.last_mut() else { return };
        let missing = (first != head.size).then(|| format!("{sale}: after entry {} comes {first}", head.size));
        // The digest goes over what is there; the head then can't be right.
        *head = head.after(entries);
        head.size = first + entries.len() as u64;
        if let Some(missing) = missing {
            self.find(missing);
        }
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        self.census.checkpoints += 1;
        let (sale, head) = match self.census.sales.last() {
            Some((sale, head)) => (sale.clone(), *head),
            None => return,
        };
        if checkpoint.size > head.size {
            self.find(format!("{sale}: a checkpoint of {} entries, of which {} are there", checkpoint.size, head.size));
        }
        if self.last_checkpoint.replace(checkpoint.size).is_some_and(|last| last >= checkpoint.size) {
            self.find(format!("{sale}: a checkpoint of {} entries does not rise", checkpoint.size));
        }
        self.add(b'C', &[&checkpoint.size.to_be_bytes(), checkpoint.note.as_bytes()]);
    }

    /// Compares what the store says of a sale with what its entries say.
    fn end_sale(&mut self) {
        self.last_checkpoint = None;
        let (Some(told), Some((sale, head))) = (self.told.take(), self.census.sales.last().cloned()) else { return };
        if told != head {
            let words = if told.size == head.size { "with other bytes" } else { "of another number" };
            self.find(format!("{sale}: the head tells of {} entries, and there are {} {words}", told.size, head.size));
        }
        self.add(b'E', &[&head.size.to_be_bytes(), &head.chain.0]);
    }

    pub(crate) fn end(mut self) -> Checked {
        self.end_sale();
        self.census.digest = Digest(self.sum.finalize().into());
        Checked { census: self.census, findings: self.findings }
    }

    fn find(&mut self, words: String) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(words);
        }
    }

    /// Each part with its length before it, so that no two rows give the same bytes.
    fn add(&mut self, tag: u8, parts: &[&[u8]]) {
        self.sum.update([tag]);
        for part in parts {
            self.sum.update((part.len() as u64).to_be_bytes());
            self.sum.update(part);
        }
    }
}

/// Counts all items; where there is somebody to hand them on to, it does.
pub(crate) async fn tally(mut items: mpsc::Receiver<Item>, next: Option<mpsc::Sender<Item>>) -> Result<Checked, Fault> {
    let count = move || {
        let mut tally = Tally::new();
        while let Some(item) = items.blocking_recv() {
            tally.take(&item);
            if let Some(next) = &next
                && next.blocking_send(item).is_err()
            {
                // Who writes has failed, and says why.
                break;
            }
        }
        tally.end()
    };
    tokio::task::spawn_blocking(count)
        .await
        .map_err(|error| Fault::Database { why: format!("counting ended: {error}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(head: Head) -> Item {
        Item::Sale { sale: SaleId::parse("s").unwrap(), head, fence: 0, files: Vec::new() }
    }

    fn findings(items: &[Item]) -> Vec<String> {
        let mut tally = Tally::new();
        items.iter().for_each(|item| tally.take(item));
        tally.end().findings
    }

    #[test]
    fn entries_that_are_missing_or_changed_are_found() {
        let entries = vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()];
        let head = Head::EMPTY.after(&entries);
        let part = |first: u64, entries: &[Vec<u8>]| Item::Entries { first, entries: entries.to_vec() };
        assert_eq!(findings(&[sale(head), part(0, &entries[..1]), part(1, &entries[1..])]), Vec::<String>::new());
        let gap = findings(&[sale(head), part(0, &entries[..1]), part(2, &entries[2..])]);
        assert_eq!(gap[0], "s: after entry 1 comes 2");
        assert_eq!(
            findings(&[sale(head), part(0, &entries[..2])]),
            ["s: the head tells of 3 entries, and there are 2 of another number"]
        );
        let changed = [entries[0].clone(), b"x".to_vec(), entries[2].clone()];
        assert_eq!(
            findings(&[sale(head), part(0, &changed)]),
            ["s: the head tells of 3 entries, and there are 3 with other bytes"]
        );
        let beyond = Item::Checkpoint(Checkpoint { size: 4, note: String::new() });
        assert_eq!(
            findings(&[sale(head), part(0, &entries), beyond]),
            ["s: a checkpoint of 4 entries, of which 3 are there"]
        );
    }

    #[test]
    fn documents_and_readings_are_compared() {
        let held = Held { bytes: Some(b"other".to_vec()), erased_ms: None };
        let document = Item::Document { kind: "k".into(), id: "i".into(), size: 5, sha256: sha256(b"bytes"), held };
        assert_eq!(findings(&[document]), ["document k/i does not fit its digest"]);
        let reading =
            Reading { number: 2, kind: "k".into(), id: "i".into(), who: "w".into(), why: "y".into(), at_ms: 0 };
        assert_eq!(findings(&[Item::Reading(reading)]), ["line 1 of the audit of readings is missing"]);
    }

    #[test]
    fn the_digest_covers_every_field() {
        let held = |bytes: Option<&[u8]>, erased_ms| Held { bytes: bytes.map(<[u8]>::to_vec), erased_ms };
        let record = |kind: &str, id: &str, version, is_identity, held| Item::Record {
            kind: kind.into(),
            id: id.into(),
            version,
            is_identity,
            held,
        };
        let items = [
            record("ab", "c", 1, false, held(Some(b""), None)),
            record("a", "bc", 1, false, held(Some(b""), None)),
            record("ab", "c", 2, false, held(Some(b""), None)),
            record("ab", "c", 1, true, held(Some(b""), None)),
            record("ab", "c", 1, false, held(Some(b"x"), None)),
            record("ab", "c", 1, false, held(None, Some(0))),
            record("ab", "c", 1, false, held(None, Some(1))),
        ];
        let digest = |item: &Item| {
            let mut tally = Tally::new();
            tally.take(item);
            tally.end().census.digest.0
        };
        let mut digests: Vec<_> = items.iter().map(digest).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), items.len());
    }
}
