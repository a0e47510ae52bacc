//! Receipts: single entries of a record, proven to whoever holds one, without the record.
//! The format is fixed in `docs/format/receipt.md`.

use std::fmt;

use landgavel_log::note::Note;
use landgavel_log::policy::Policy;
use landgavel_log::proof::{Proof, ProofError};
use landgavel_log::tile::{TileKind, TileSet, WIDTH, decode_bundle, tile_at};
use landgavel_log::tree::leaf_hash;
use landgavel_log::witnessed::Witnessed;
use serde_json::{Value, json};

use crate::bundle::{BundleFiles, ENTRIES_MAX, FILES, ReadError, TILE_MAX};
use crate::canonical::{self, Document, Item};
use crate::record::hex;

/// Name of the format of a report on a receipt.
const REPORT: &str = "landgavel-receipt-report/1";

/// Why no receipt can be made of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMade {
    /// The bundle has no entry of this number.
    NoSuchEntry {
        /// Entries that its checkpoints cover.
        size: u64,
    },
    /// A file of the bundle cannot be had.
    File(String, ReadError),
    /// A file of the bundle is not as it must be.
    Malformed(String, String),
    /// The bundle's own policy does not believe what the receipt would say.
    DoesNotHold(ProofError),
}

impl fmt::Display for NotMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotMade::NoSuchEntry { size: 0 } => f.write_str("the bundle has no entries"),
            NotMade::NoSuchEntry { size } => write!(f, "there is no such entry; they are 0 to {}", size - 1),
            NotMade::File(path, ReadError::Missing) => write!(f, "{path} is missing"),
            NotMade::File(path, ReadError::TooLarge { most }) => write!(f, "{path} is larger than {most} bytes"),
            NotMade::File(path, ReadError::Failed(why)) => write!(f, "{path} cannot be read: {why}"),
            NotMade::Malformed(path, why) => write!(f, "{path}: {why}"),
            NotMade::DoesNotHold(error) => write!(f, "the receipt would not hold: {error}"),
        }
    }
}

impl std::error::Error for NotMade {}

/// Makes the receipt of an entry, with the entry in it, under the first checkpoint of a bundle that covers it.
///
/// # Errors
///
/// [`NotMade`]; a receipt that the bundle's own policy does not believe is not made.
pub fn make(files: &dyn BundleFiles, number: u64) -> Result<Proof, NotMade> {
    let policy = text(files, "policy.txt")?;
    let policy = Policy::parse(&policy).map_err(|error| malformed("policy.txt", &error))?;
    let (note, size) = first_to_cover(&text(files, "checkpoints.jsonl")?, number)?;
    let bundle = tile_at(TileKind::Entries, number / u64::from(WIDTH), size);
    let bundle = bundle.ok_or(NotMade::NoSuchEntry { size })?;
    let path = bundle.to_string();
    let bytes = read(files, &path, ENTRIES_MAX)?;
    let entries = decode_bundle(&bytes, bundle.width).map_err(|error| malformed(&path, &error))?;
    let place = usize::try_from(number % u64::from(WIDTH)).unwrap_or(usize::MAX);
    let entry = entries.get(place).ok_or(NotMade::NoSuchEntry { size })?;
    // The tiles of the whole log hold those of each earlier size.
    let hashes = TileSet::new(size, |path| read(files, &path.to_string(), TILE_MAX).ok());
    let receipt = Proof::new(&hashes, number, note).and_then(|proof| proof.with_extra(entry.to_vec()));
    let receipt = receipt.map_err(NotMade::DoesNotHold)?;
    receipt.verify(leaf_hash(entry), &policy).map_err(NotMade::DoesNotHold)?;
    Ok(receipt)
}

/// The first checkpoint that covers an entry, and how large the log is at the last.
fn first_to_cover(lines: &str, number: u64) -> Result<(Note, u64), NotMade> {
    const FILE: &str = "checkpoints.jsonl";
    let (mut first, mut last) = (None, 0);
    for line in lines.split_terminator('\n') {
        let document = Document::parse(line).map_err(|error| malformed(FILE, &error))?;
        let Some(Item::Text(note)) = document.object().get("note") else {
            return Err(NotMade::Malformed(FILE.to_owned(), "a line has no note".to_owned()));
        };
        let size = note.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
        last = size;
        if size > number && first.is_none() {
            first = Some(Note::parse(note.as_bytes()).map_err(|error| malformed(FILE, &error))?);
        }
    }
    first.map(|note| (note, last)).ok_or(NotMade::NoSuchEntry { size: last })
}

fn read(files: &dyn BundleFiles, path: &str, most: usize) -> Result<Vec<u8>, NotMade> {
    files.read(path, most).map_err(|error| NotMade::File(path.to_owned(), error))
}

fn text(files: &dyn BundleFiles, path: &str) -> Result<String, NotMade> {
    let most = FILES.iter().find(|(name, _)| *name == path).map_or(0, |(_, most)| *most);
    String::from_utf8(read(files, path, most)?).map_err(|error| malformed(path, &error))
}

fn malformed(path: &str, error: &dyn fmt::Display) -> NotMade {
    NotMade::Malformed(path.to_owned(), error.to_string())
}

/// What is wrong with a receipt: a stable code and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongReceipt {
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

/// A receipt that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptReport {
    /// What a receipt that holds proves, or what is wrong with it.
    pub verdict: Result<Proven, WrongReceipt>,
}

/// What a receipt that holds proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Name of the log.
    pub origin: String,
    /// Number of the entry, from 0.
    pub index: u64,
    /// Entries of the log when the witnesses saw it.
    pub size: u64,
    /// Root of its tree, in hexadecimal.
    pub root: String,
    /// The earliest time, in seconds since 1970, by which enough witnesses had seen it.
    pub witnessed_s: u64,
    /// Names in the policy of the witnesses that cosigned.
    pub witnesses: Vec<String>,
    /// Digest of the entry: its leaf hash, in hexadecimal.
    pub leaf: String,
    /// The entry.
    pub entry: Vec<u8>,
}

/// Judges a receipt by a policy, and by the entry if its reader has it.
#[must_use]
pub fn judge(receipt: &[u8], policy: &Policy, entry: Option<&[u8]>) -> ReceiptReport {
    ReceiptReport { verdict: judged(receipt, policy, entry) }
}

fn judged(receipt: &[u8], policy: &Policy, entry: Option<&[u8]>) -> Result<Proven, WrongReceipt> {
    let wrong = |error: &ProofError| WrongReceipt { code: error.code(), message: error.to_string() };
    let proof = Proof::parse(receipt).map_err(|error| wrong(&error))?;
    let entry = match (entry, proof.extra()) {
        (Some(own), Some(extra)) if own != extra => {
            let message = "the entry in the receipt is not the one that was brought".to_owned();
            return Err(WrongReceipt { code: "other_entry", message });
        }
        (Some(entry), _) | (None, Some(entry)) => entry,
        (None, None) => {
            let message = "the receipt does not hold its entry, and none was brought".to_owned();
            return Err(WrongReceipt { code: "no_entry", message });
        }
    };
    let leaf = leaf_hash(entry);
    let Witnessed { checkpoint, at, times } = proof.verify(leaf, policy).map_err(|error| wrong(&error))?;
    let cosigned = policy.witnesses().iter().zip(times).filter(|(_, time)| time.is_some());
    Ok(Proven {
        origin: checkpoint.origin,
        index: proof.index(),
        size: checkpoint.size,
        root: hex(&checkpoint.root.0),
        witnessed_s: at,
        witnesses: cosigned.map(|(witness, _)| witness.name.clone()).collect(),
        leaf: hex(&leaf.0),
        entry: entry.to_vec(),
    })
}

impl ReceiptReport {
    /// Whether the receipt holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.verdict.is_ok()
    }

    /// The report in restricted JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let (verdict, proven, wrong) = match &self.verdict {
            Ok(proven) => ("holds", proven.json(), Value::Null),
            Err(wrong) => ("fails", Value::Null, json!({"code": wrong.code, "message": wrong.message})),
        };
        canonical::encode(&json!({"format": REPORT, "proven": proven, "verdict": verdict, "wrong": wrong}))
    }
}

impl Proven {
    fn json(&self) -> Value {
        json!({
            "entry": String::from_utf8(self.entry.clone()).ok(), "index": self.index, "leaf": self.leaf,
            "origin": self.origin, "root": self.root, "size": self.size, "witnessed_s": self.witnessed_s,
            "witnesses": self.witnesses,
        })
    }
}
