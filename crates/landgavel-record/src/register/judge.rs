use std::fmt;

use landgavel_base::Digest;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::note::VerifierKey;
use landgavel_log::policy::Policy;
use landgavel_log::tile::{HashTiles, TileKind, TilePath, TileSet, WIDTH, decode_bundle, tile_at};
use landgavel_log::tree::{Hash, leaf_hash, prove_consistency, verify_consistency};
use serde_json::Value;

use super::{ENTRIES_MAX, Ending, REGISTER, Register, Registered, RegisteredOutcome};
use crate::bundle::{BundleFiles, ENTRIES_MAX as BUNDLE_MAX, NOTE_MAX, POLICY_MAX, TILE_MAX};
use crate::canonical;
use crate::record::sha256;
use crate::verify::{Report, believe, believe_by};

/// Name of the format, and the whole of `register.json` but its line end.
pub const REGISTER_JSON: &str = "{\"format\":\"landgavel-register/1\"}\n";

/// Files that every register has beside its tiles, and the most bytes of each.
pub const REGISTER_FILES: [(&str, usize); 3] =
    [("register.json", 1024), ("policy.txt", POLICY_MAX), ("checkpoint", NOTE_MAX)];

/// What is wrong with a register, or with a sale beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// File of the register.
    pub file: String,
    /// Entry of the register, when it is about one.
    pub entry: Option<u64>,
    /// Stable, for programs.
    pub code: &'static str,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(entry) = self.entry {
            write!(f, ": entry {entry}")?;
        }
        write!(f, ": {} [{}]", self.message, self.code)
    }
}

fn unfit(file: &str, code: &'static str, message: impl Into<String>) -> Unfit {
    Unfit { file: file.to_owned(), entry: None, code, message: message.into() }
}

/// A register that is believed.
#[derive(Debug, Clone)]
pub struct Believed {
    /// What it says.
    pub register: Register,
    /// Key of its log.
    pub key: VerifierKey,
    /// Root of its log.
    pub root: Digest,
    /// When its quorum of witnesses had seen it, in seconds since 1970.
    pub witnessed_s: u64,
}

/// Reads a register: its checkpoint must be believed by its own policy and by the reader's, and its entries must be
/// those of the checkpoint.
///
/// # Errors
///
/// The first thing that is wrong.
pub fn read_register(files: &dyn BundleFiles, trusted: Option<&str>) -> Result<Believed, Unfit> {
    let mut texts = Vec::with_capacity(REGISTER_FILES.len());
    for (path, most) in REGISTER_FILES {
        let bytes = read(files, path, most)?;
        texts.push(String::from_utf8(bytes).map_err(|_| unfit(path, "not_utf8", "is not UTF-8"))?);
    }
    let [format, policy_text, note] =
        <[String; 3]>::try_from(texts).map_err(|_| unfit("register.json", "missing", "is missing"))?;
    if format != REGISTER_JSON {
        let message = format!("is not {}: another format, or another version of it", REGISTER_JSON.trim_end());
        return Err(unfit("register.json", "format", message));
    }
    let policy = Policy::parse(&policy_text).map_err(|error| unfit("policy.txt", "unreadable", error.to_string()))?;
    let origin = note.lines().next().unwrap_or_default();
    let trusted = trusted.map(|text| Policy::parse(&about_register(text, origin))).transpose();
    let trusted = trusted.map_err(|error| unfit("policy.txt", "unreadable", format!("the policy given: {error}")))?;
    if !std::iter::once(&policy).chain(&trusted).all(Policy::requires_witnesses) {
        let message = "asks for no witness: “quorum none” lets a hall show each reader another register";
        return Err(unfit("policy.txt", "no_quorum", message));
    }
    let not_believed = |why: String| unfit("checkpoint", "not_believed", why);
    let (checkpoint, mut witnessed_s) = believe(&policy, &note).map_err(not_believed)?;
    if let Some(trusted) = &trusted {
        (_, witnessed_s) = believe_by(trusted, &note).map_err(not_believed)?;
    }
    let Some(host) = checkpoint.origin.strip_suffix(REGISTER) else {
        let message = format!("is of the log “{}”, expected one whose name ends in {REGISTER}", checkpoint.origin);
        return Err(unfit("checkpoint", "other_log", message));
    };
    if checkpoint.size > ENTRIES_MAX {
        let message = format!("is of {} entries; at most {ENTRIES_MAX} are read", checkpoint.size);
        return Err(unfit("checkpoint", "too_large", message));
    }
    let mut register = Register::new(host);
    let (mut tree, mut wrong) = (HashTiles::new(), None);
    for path in (0..).map_while(|index| tile_at(TileKind::Entries, index, checkpoint.size)) {
        let file = path.to_string();
        let bytes = read(files, &file, BUNDLE_MAX)?;
        let entries = decode_bundle(&bytes, path.width).map_err(|error| unfit(&file, "bundle", error.to_string()))?;
        for entry in entries {
            tree.push(leaf_hash(entry), |_, _| {}).map_err(|error| unfit(&file, "entry", error.to_string()))?;
            let number = Some(register.size());
            if wrong.is_none()
                && let Err(no) = register.enter(entry)
            {
                wrong = Some(Unfit { file: file.clone(), entry: number, code: no.code, message: no.message });
            }
        }
    }
    if tree.root() != checkpoint.root {
        return Err(unfit("checkpoint", "other_root", "has another root than the entries"));
    }
    // Only now: what the log did not sign says nothing of the hall.
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    if register.policy() != Some(sha256(policy_text.as_bytes())) {
        return Err(unfit("policy.txt", "other_file", "is not the policy that the last entry about it names"));
    }
    // The policy's log signed the checkpoint, or it would not have been believed.
    let key = policy.logs().iter().find(|key| Checkpoint::open(note.as_bytes(), key).is_ok()).cloned();
    let key = key.ok_or_else(|| not_believed("is of no log of the policy".to_owned()))?;
    Ok(Believed { register, key, root: Digest(checkpoint.root.0), witnessed_s })
}

/// A policy about a sale's log says as much about the register of the same hall: its log has the same key under a name
/// of its own. One that names the register's log stays as it is.
fn about_register(policy: &str, origin: &str) -> String {
    let Some(host) = origin.strip_suffix(REGISTER) else { return policy.to_owned() };
    let key_of = |line: &str| {
        let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
        words.next().filter(|word| *word == "log").and_then(|_| VerifierKey::parse(words.next()?).ok())
    };
    let keys: Vec<VerifierKey> = policy.lines().filter_map(key_of).collect();
    let is_of_host = |key: &&VerifierKey| key.name().strip_prefix(host).is_some_and(|rest| rest.starts_with('/'));
    if keys.iter().any(|key| key.name() == origin) {
        return policy.to_owned();
    }
    let key = keys.iter().find(is_of_host);
    let Some(key) = key.and_then(|key| VerifierKey::new(origin, key.kind(), key.key().clone()).ok()) else {
        return policy.to_owned();
    };
    let others = policy.lines().filter(|line| key_of(line).is_none());
    others.fold(format!("log {key}\n"), |text, line| text + line + "\n")
}

fn read(files: &dyn BundleFiles, path: &str, most: usize) -> Result<Vec<u8>, Unfit> {
    use crate::bundle::ReadError;
    files.read(path, most).map_err(|error| {
        let code = match error {
            ReadError::Missing => "missing",
            ReadError::TooLarge { .. } => "too_large",
            ReadError::Failed(_) => "unreadable",
        };
        unfit(path, code, error.to_string())
    })
}

/// How a sale agrees with the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agrees {
    /// It is under way in both.
    UnderWay,
    /// Its ending is the registered one.
    Ended(RegisteredOutcome),
}

/// What a sale's log does not hold of what the register says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotHeld {
    /// Entry of the register.
    pub entry: u64,
    /// Stable, for programs.
    pub code: &'static str,
    /// What is wrong, as a thing that this entry does.
    pub message: String,
}

/// Whether a tree of a sale's log begins with the registered notice and had the registered outcome. What its tiles say
/// of smaller trees is proved against its root.
///
/// # Errors
///
/// The first thing that it does not hold.
pub fn is_held(
    sale: &Registered,
    size: u64,
    root: Digest,
    tile: impl Fn(&TilePath) -> Option<Vec<u8>>,
) -> Result<(), NotHeld> {
    let (id, reader) = (&sale.sale, TileSet::new(size, tile));
    let no = |entry, code, message| Err(NotHeld { entry, code, message });
    let holds = |at: u64, known: Digest| {
        let proof = prove_consistency(&reader, at, size).ok();
        proof.is_some_and(|proof| verify_consistency(at, size, &proof, Hash(known.0), Hash(root.0)).is_ok())
    };
    if size == 0 || !holds(1, sale.notice) {
        return no(sale.entry, "other_notice", format!("names another notice of {id} than the record has"));
    }
    if let Some(outcome) = &sale.outcome {
        let after = outcome.size;
        if after > size {
            let message =
                format!("names {id} after {after} entries; the record ends with {size}: fetch the whole of it");
            return no(outcome.entry, "record_ends_before", message);
        }
        if !holds(after, outcome.root) {
            let message = format!("names another root of {id} after {after} entries than the record has");
            return no(outcome.entry, "other_root", message);
        }
    }
    Ok(())
}

/// Compares a sale whose bundle was verified with the register: both logs must have one key, its notice must be the
/// registered one, its tree must have had the registered outcome, and its ending must be that one.
///
/// # Errors
///
/// What does not agree.
pub fn agrees(believed: &Believed, report: &Report, files: &dyn BundleFiles) -> Result<Agrees, Unfit> {
    let Believed { register, key, .. } = believed;
    let origin = report.subject.origin.as_deref().unwrap_or_default();
    let size = report.subject.entries;
    let root = report.subject.root.as_deref().and_then(Digest::from_hex);
    let prefix = format!("{}/sales/", register.host());
    let Some(id) = origin.strip_prefix(&prefix) else {
        let message = format!("is the register of {}, which the sale {origin} is not of", register.host());
        return Err(unfit("checkpoint", "other_log", message));
    };
    // Else anybody could make a register that names this host.
    // The first of its name is the one by which its checkpoints were believed.
    let mut keys = report.subject.trusted.iter().filter_map(|text| VerifierKey::parse(text).ok());
    if !keys.find(|log| log.name() == origin).is_some_and(|log| log.key() == key.key()) {
        let message = format!("is signed by another key than the log of the sale {origin}: {key}");
        return Err(unfit("checkpoint", "other_key", message));
    }
    let Some(known) = register.sale(id) else {
        let message = format!("the sale {origin} does not stand in the register, of {} entries", register.size());
        return Err(unfit("checkpoint", "not_registered", message));
    };
    let at =
        |entry, code, message| Unfit { file: entries_file(entry, register.size()), entry: Some(entry), code, message };
    // The bundle's root is verified.
    is_held(known, size, root.unwrap_or(Digest([0; 32])), |path| files.read(&path.to_string(), TILE_MAX).ok())
        .map_err(|not| at(not.entry, not.code, not.message))?;
    let text = report.outcome.as_ref().map(|outcome| canonical::encode(outcome) + "\n");
    let ending = text.as_deref().and_then(ending_of);
    match (&known.outcome, ending.zip(text)) {
        (None, None) => Ok(Agrees::UnderWay),
        (None, Some((ending, _))) => {
            let message = format!(
                "the record of {id} is {}, the register names no outcome of it; a hall enters it within seconds",
                ending.word()
            );
            Err(at(known.entry, "outcome_not_registered", message))
        }
        (Some(last), Some((ending, text))) if (last.ending, last.outcome) == (ending, sha256(text.as_bytes())) => {
            Ok(Agrees::Ended(*last))
        }
        (Some(last), _) => {
            let message = format!("names another outcome of {id} than the record has");
            Err(at(last.entry, "other_outcome", message))
        }
    }
}

fn entries_file(entry: u64, size: u64) -> String {
    tile_at(TileKind::Entries, entry / u64::from(WIDTH), size).map_or_else(String::new, |path| path.to_string())
}

/// How a sale has ended by the text of its outcome; nothing when it has not.
pub fn ending_of(outcome: &str) -> Option<Ending> {
    let outcome: Value = serde_json::from_str(outcome).ok()?;
    Ending::of(outcome["status"].as_str()?)
}
