use std::collections::BTreeSet;

use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosigned_at;
use landgavel_log::note::{MAX_NOTE, Note};
use landgavel_log::policy::{Evaluation, Policy};
use landgavel_log::tile::{HashTiles, TileKind, WIDTH, decode_bundle, tile_at, tiles_of};
use landgavel_log::tree::Hash;

use super::report::{Check, Wrong};
use super::{read, wrong};
use crate::bundle::{BundleFiles, ENTRIES_MAX, TILE_MAX};
use crate::canonical::{Document, Item};
use crate::record::hex;

/// Bundles of entries that are read at once.
const BUNDLES_AT_ONCE: u64 = 8;
/// Bytes of entries after which no more are read at once: what waits, what is prepared and what is judged must
/// fit into memory together.
const BYTES_AT_ONCE: usize = 8 << 20;
/// Most bytes of a line of `checkpoints.jsonl`: a note in which every byte is escaped.
const LINE_MAX: usize = 2 * MAX_NOTE + 16;
/// Entries of a full bundle.
const BUNDLE: u64 = WIDTH as u64;

/// A checkpoint that the policy believes.
struct Believed {
    checkpoint: Checkpoint,
    /// The earliest time, in seconds since 1970, by which enough witnesses had cosigned.
    witnessed_s: u64,
}

/// The policy that the notice fixes, and the reader's own.
struct Policies {
    own: Policy,
    trusted: Option<Policy>,
}

impl Policies {
    fn all(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.own).chain(&self.trusted)
    }

    /// Both must believe a checkpoint; when it was witnessed is for the reader's to say.
    fn judge(&self, note: &str) -> Result<Believed, String> {
        let believed = judge(&self.own, true, note)?;
        match &self.trusted {
            None => Ok(believed),
            Some(trusted) => judge(trusted, false, note),
        }
    }
}

/// Judges a signed checkpoint: its form, the log's signature, the quorum of witnesses. By the bundle's own
/// policy no other signature may be there; one that nobody verifies could be changed unseen.
fn judge(policy: &Policy, policy_is_own: bool, note: &str) -> Result<Believed, String> {
    let parsed = Note::parse(note.as_bytes()).map_err(|error| error.to_string())?;
    let origin = parsed.text().lines().next().unwrap_or_default();
    let Some(log) = policy.logs().iter().find(|log| log.name() == origin) else {
        return Err(format!("is of the log “{origin}”, which the policy does not name"));
    };
    let (checkpoint, parsed) = Checkpoint::open(note.as_bytes(), log).map_err(|error| error.to_string())?;
    // Other keys of the policy may have signed too, and then rightly.
    parsed.verify(policy.logs()).map_err(|error| error.to_string())?;
    if !checkpoint.extensions.is_empty() {
        return Err("has extension lines, which this format does not have".to_owned());
    }
    let mut times = Vec::new();
    for witness in policy.witnesses() {
        times.push(cosigned_at(&parsed, &witness.key).map_err(|error| format!("{}: {error}", witness.name))?);
    }
    let known = |name: &str, id| {
        let mut keys = policy.logs().iter().chain(policy.witnesses().iter().map(|witness| &witness.key));
        keys.any(|key| key.name() == name && key.id() == id)
    };
    if policy_is_own && let Some(stray) = parsed.signatures().iter().find(|sig| !known(&sig.name, sig.id)) {
        return Err(format!("has a signature of “{}”, whose key the policy does not name", stray.name));
    }
    match policy.evaluate(&times) {
        Evaluation::ReachedAt(witnessed_s) => Ok(Believed { checkpoint, witnessed_s }),
        Evaluation::NotRequired | Evaluation::NotReached => Err(format!(
            "is cosigned by {} of {} witnesses, which is no quorum of the policy",
            times.iter().flatten().count(),
            times.len()
        )),
    }
}

/// Judges a checkpoint as a bundle's own policy does; gives it, and when it was witnessed, in seconds since 1970.
///
/// # Errors
/// Why it must not be believed, in words.
pub fn believe(policy: &Policy, note: &str) -> Result<(Checkpoint, u64), String> {
    judge(policy, true, note).map(|believed| (believed.checkpoint, believed.witnessed_s))
}

/// Judges a checkpoint as a reader's own policy does, for which signatures by other keys count for nothing.
///
/// # Errors
/// Why it must not be believed, in words.
pub fn believe_by(policy: &Policy, note: &str) -> Result<(Checkpoint, u64), String> {
    judge(policy, false, note).map(|believed| (believed.checkpoint, believed.witnessed_s))
}

/// The log of a bundle: its tree as it grows, compared with its tiles and checkpoints.
pub(super) struct Log {
    policies: Policies,
    last: Believed,
    last_note: String,
    /// The lines of all checkpoints, and where those begin that are still to come.
    checkpoints: String,
    next_at: usize,
    /// The next checkpoint, believed.
    next: Option<Believed>,
    next_line: String,
    tiles: HashTiles,
}

/// A checkpoint of the record at its size.
pub(super) struct Published {
    pub size: u64,
    pub root: [u8; 32],
    /// When its quorum of witnesses had seen it.
    pub cosigned_ms: i64,
}

/// Path of the bundle that holds an entry.
pub(super) fn entry_file(number: u64, size: u64) -> String {
    tile_at(TileKind::Entries, number / BUNDLE, size).map_or_else(|| "tile/entries".to_owned(), |path| path.to_string())
}

impl Log {
    /// Reads policy and checkpoints, and judges the last one.
    pub fn open(policy: &[u8], trusted: Option<&str>, checkpoint: &[u8], checkpoints: Vec<u8>) -> Result<Self, Wrong> {
        let text = |bytes: &[u8], file: &str| {
            String::from_utf8(bytes.to_vec()).map_err(|_| wrong(Check::Files, file, "not_utf8", "is not UTF-8"))
        };
        let own = text(policy, "policy.txt")?;
        let bad = |message: String| wrong(Check::Policy, "policy.txt", "unreadable", message);
        let own = Policy::parse(&own).map_err(|error| bad(error.to_string()))?;
        let trusted = match trusted.map(Policy::parse).transpose() {
            Ok(trusted) => trusted,
            Err(error) => return Err(bad(format!("the policy given: {error}"))),
        };
        let policies = Policies { own, trusted };
        if !policies.all().all(Policy::requires_witnesses) {
            let message = "asks for no witness: “quorum none” lets a log show each reader another history";
            return Err(wrong(Check::Policy, "policy.txt", "no_quorum", message));
        }
        let last_note = text(checkpoint, "checkpoint")?;
        let last = policies
            .judge(&last_note)
            .map_err(|message| wrong(Check::Checkpoints, "checkpoint", "not_believed", message))?;
        let checkpoints = String::from_utf8(checkpoints)
            .map_err(|_| wrong(Check::Files, "checkpoints.jsonl", "not_utf8", "is not UTF-8"))?;
        if !checkpoints.ends_with('\n') {
            return Err(wrong(Check::Checkpoints, "checkpoints.jsonl", "cut_short", "does not end in a whole line"));
        }
        let mut log = Self {
            policies,
            last,
            last_note,
            checkpoints,
            next_at: 0,
            next: None,
            next_line: String::new(),
            tiles: HashTiles::new(),
        };
        log.advance(0)?;
        Ok(log)
    }

    pub fn origin(&self) -> &str {
        &self.last.checkpoint.origin
    }

    pub fn size(&self) -> u64 {
        self.last.checkpoint.size
    }

    pub fn root_hex(&self) -> String {
        hex(&self.last.checkpoint.root.0)
    }

    /// Verifier keys of the log and the witnesses.
    pub fn trusted(&self) -> Vec<String> {
        let policy = self.policies.trusted.as_ref().unwrap_or(&self.policies.own);
        let logs = policy.logs().iter().map(ToString::to_string);
        logs.chain(policy.witnesses().iter().map(|witness| witness.key.to_string())).collect()
    }

    /// Entries judged so far: the number of the next.
    pub fn judged(&self) -> u64 {
        self.tiles.size()
    }

    /// The files of the bundle must be those that every such bundle has and those of its size, and no others.
    pub fn check_paths(&self, found: &[String], fixed: &[(&str, usize)]) -> Result<(), Wrong> {
        let fixed = fixed.iter().map(|(path, _)| (*path).to_owned());
        // A forged size may be huge: what is missing is found before everything is listed.
        let most = u64::try_from(found.len()).unwrap_or(u64::MAX).saturating_mul(BUNDLE);
        if self.size() > most {
            let message = format!("is of {} entries, more than the files here can hold", self.size());
            return Err(wrong(Check::Files, "checkpoint", "missing", message));
        }
        let expected: BTreeSet<String> = fixed.chain(tiles_of(self.size()).map(|path| path.to_string())).collect();
        let found: BTreeSet<&String> = found.iter().collect();
        if let Some(path) = expected.iter().find(|path| !found.contains(path)) {
            return Err(wrong(Check::Files, path, "missing", "is missing"));
        }
        match found.iter().find(|path| !expected.contains(**path)) {
            Some(path) => Err(wrong(
                Check::Files,
                path,
                "stray",
                format!("does not belong to a bundle of {} entries", self.size()),
            )),
            None => Ok(()),
        }
    }

    /// Reads some entries, from a bundle's first on; those before a fault come with it.
    pub fn read_entries(&self, files: &dyn BundleFiles, next: &mut u64) -> (Vec<Vec<u8>>, Option<Wrong>) {
        let mut entries = Vec::new();
        let (size, mut bytes_read) = (self.size(), 0);
        for _ in 0..BUNDLES_AT_ONCE {
            if *next >= size || bytes_read > BYTES_AT_ONCE {
                break;
            }
            let path = entry_file(*next, size);
            let width = BUNDLE.min(size - *next);
            let bytes = match read(files, &path, ENTRIES_MAX) {
                Ok(bytes) => bytes,
                Err(fault) => return (entries, Some(fault)),
            };
            bytes_read += bytes.len();
            match decode_bundle(&bytes, u16::try_from(width).unwrap_or(WIDTH)) {
                Ok(some) => entries.extend(some.into_iter().map(<[u8]>::to_vec)),
                Err(fault) => return (entries, Some(wrong(Check::Tree, &path, "bundle", fault.to_string()))),
            }
            *next += width;
        }
        (entries, None)
    }

    /// Adds an entry's leaf to the tree; gives the checkpoint that ends with it, if one does.
    pub fn push(&mut self, leaf: Hash, files: &dyn BundleFiles) -> Result<Option<Published>, Wrong> {
        let mut fault = Ok(());
        let pushed = self.tiles.push(leaf, |path, bytes| {
            if fault.is_ok() {
                fault = compare(files, &path.to_string(), bytes);
            }
        });
        pushed.map_err(|error| wrong(Check::Tree, "tile/entries", "entry", error.to_string()))?;
        fault?;
        let Some(next) = self.next.take_if(|next| next.checkpoint.size == self.tiles.size()) else { return Ok(None) };
        if next.checkpoint.root != self.tiles.root() {
            let message = format!("the tree of {} entries has another root than its checkpoint", self.tiles.size());
            return Err(Wrong {
                check: Check::Tree,
                file: "checkpoints.jsonl".to_owned(),
                entry: Some(self.tiles.size() - 1),
                code: "other_root",
                message,
            });
        }
        let (size, root) = (next.checkpoint.size, next.checkpoint.root.0);
        let seconds = i64::try_from(next.witnessed_s).unwrap_or(i64::MAX);
        self.advance(size)?;
        Ok(Some(Published { size, root, cosigned_ms: seconds.saturating_mul(1000) }))
    }

    /// Reads the next checkpoint, which must be larger.
    fn advance(&mut self, size: u64) -> Result<(), Wrong> {
        let rest = self.checkpoints.get(self.next_at..).unwrap_or_default();
        let Some((line, _)) = rest.split_once('\n') else { return Ok(()) };
        self.next_at += line.len() + 1;
        let bad = |code, message: String| wrong(Check::Checkpoints, "checkpoints.jsonl", code, message);
        let after = |message: String| format!("the checkpoint after size {size}: {message}");
        if line.len() > LINE_MAX {
            return Err(bad(
                "unreadable",
                after(format!("is longer than {LINE_MAX} bytes, the most that a note takes")),
            ));
        }
        let document = Document::parse(line).map_err(|error| bad("unreadable", after(error.to_string())))?;
        let object = document.object();
        let (Some(Item::Text(note)), 1) = (object.get("note"), object.fields().count()) else {
            return Err(bad("unreadable", after("is not an object with the one field note".to_owned())));
        };
        let believed = self.policies.judge(note).map_err(|message| bad("not_believed", after(message)))?;
        if believed.checkpoint.origin != self.last.checkpoint.origin {
            return Err(bad("other_log", after(format!("is of the log {}", believed.checkpoint.origin))));
        }
        if believed.checkpoint.size <= size || believed.checkpoint.size > self.size() {
            let message = format!(
                "has the size {}, expected more than {size}, at most {}",
                believed.checkpoint.size,
                self.size()
            );
            return Err(bad("order", after(message)));
        }
        note.clone_into(&mut self.next_line);
        self.next = Some(believed);
        Ok(())
    }

    /// Everything is read: the last checkpoint is the bundle's, and what is left of the tiles fits.
    pub fn finish(&self, files: &dyn BundleFiles) -> Result<(), Wrong> {
        let mut fault = Ok(());
        self.tiles.partials(|path, bytes| {
            if fault.is_ok() {
                fault = compare(files, &path.to_string(), bytes);
            }
        });
        fault?;
        if self.next_line != self.last_note || self.next.is_some() || self.next_at < self.checkpoints.len() {
            let message = "is not the last of checkpoints.jsonl";
            return Err(wrong(Check::Checkpoints, "checkpoint", "not_the_last", message));
        }
        if self.tiles.root() != self.last.checkpoint.root {
            return Err(wrong(Check::Tree, "checkpoint", "other_root", "has another root than the tree"));
        }
        Ok(())
    }
}

fn compare(files: &dyn BundleFiles, path: &str, expected: &[u8]) -> Result<(), Wrong> {
    let found = read(files, path, TILE_MAX)?;
    if found == expected {
        return Ok(());
    }
    let at = found.iter().zip(expected).take_while(|(a, b)| a == b).count();
    Err(wrong(Check::Tree, path, "other_tile", format!("differs from the tree of the entries at byte {}", at + 1)))
}
