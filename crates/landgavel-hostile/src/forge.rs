//! An attacker at full strength: it runs the hall, holds the keys of the run, signs again, grows the tree again
//! and has it cosigned again.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_beacon::LocalChain;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::{cosign, cosigned_at};
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, Note, SigningKey};
use landgavel_log::policy::Policy;
use landgavel_log::tile::{TileKind, TilePath, TileWriter, decode_bundle};
use landgavel_record::canonical::encode;
use landgavel_record::keys::{self, KeyCache};
use landgavel_record::language::Loaded;
use landgavel_record::outcome::outcome_json;
use landgavel_record::record::{Notice, Received, Record};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::memory::Bundle;
use crate::samples::Sample;

/// A bundle taken apart.
#[derive(Debug, Clone)]
pub struct Forge {
    /// The lot of a sale, to judge its commands again.
    loaded: Option<Arc<Loaded>>,
    /// Seed of the run's keys.
    pub seed: Vec<u8>,
    /// Name of its log.
    pub origin: String,
    /// What the log's key is made for.
    pub log: String,
    /// Its files, of which tiles and checkpoints are made again.
    pub bundle: Bundle,
    /// Its entries.
    pub entries: Vec<Vec<u8>>,
    /// Sizes of its checkpoints, and when they were cosigned in seconds since 1970.
    pub checkpoints: Vec<(u64, u64)>,
    /// Who cosigns.
    pub witnesses: Vec<&'static str>,
}

impl Forge {
    /// Takes a bundle of a sample's run apart.
    ///
    /// # Panics
    /// When the bundle is not whole.
    pub fn of(sample: &Sample, bundle: Bundle) -> Self {
        let loaded = Arc::new(sample.loaded());
        let origin = format!("rehearsal.invalid/{}", loaded.lot.id);
        Self { loaded: Some(loaded), ..Self::of_run(&Sha256::digest(sample.lot), &origin, bundle) }
    }

    /// Takes a bundle of any run apart, by what its keys were made of and the name of its log.
    ///
    /// # Panics
    /// As [`Forge::of`].
    pub fn of_run(seed: &[u8], origin: &str, bundle: Bundle) -> Self {
        let mut bundles: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
        for (path, bytes) in &bundle.0 {
            match TilePath::parse(path) {
                Ok(tile) if tile.kind == TileKind::Entries => {
                    let entries = decode_bundle(bytes, tile.width).unwrap();
                    bundles.insert(tile.index, entries.into_iter().map(<[u8]>::to_vec).collect());
                }
                _ => {}
            }
        }
        let policy = Policy::parse(std::str::from_utf8(&bundle.0["policy.txt"]).unwrap()).unwrap();
        let lines = String::from_utf8(bundle.0["checkpoints.jsonl"].clone()).unwrap();
        let checkpoints = lines.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let note = Note::parse(line["note"].as_str().unwrap().as_bytes()).unwrap();
            let time = cosigned_at(&note, &policy.witnesses()[0].key).unwrap().unwrap();
            (Checkpoint::parse(note.text()).unwrap().size, time)
        });
        let checkpoints = checkpoints.collect();
        let entries = bundles.into_values().flatten().collect();
        let witnesses = vec!["witness-1", "witness-2", "witness-3"];
        let (seed, origin, log) = (seed.to_vec(), origin.to_owned(), "log".to_owned());
        Self { loaded: None, seed, origin, log, bundle, entries, checkpoints, witnesses }
    }

    /// 32 bytes of the run's seed for a purpose.
    pub fn bytes(&self, purpose: &str) -> [u8; 32] {
        Sha256::new_with_prefix(b"landgavel/run/v1\0").chain_update(&self.seed).chain_update(purpose).finalize().into()
    }

    /// The key of `officer/1`, `bidder/A` and so on.
    pub fn key(&self, holder: &str) -> keys::SigningKey {
        keys::SigningKey::ed25519(self.bytes(holder))
    }

    /// The run's chain.
    ///
    /// # Panics
    /// Never: its times make a chain.
    pub fn chain(&self) -> LocalChain {
        LocalChain::from_seed(self.bytes("chain"), 1_692_803_367, 3).unwrap()
    }

    /// An entry as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn entry(&self, number: usize) -> Value {
        serde_json::from_slice(&self.entries[number]).unwrap()
    }

    /// Writes an entry.
    pub fn put(&mut self, number: usize, entry: &Value) {
        self.entries[number] = encode(entry).into_bytes();
    }

    /// The command of an entry; null for the notice.
    ///
    /// # Panics
    /// When it is no JSON.
    pub fn command(&self, number: usize) -> Value {
        self.entry(number)["command"].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    }

    /// The first entry from a number on whose command does this and which was not refused.
    ///
    /// # Panics
    /// When there is none.
    pub fn find(&self, verb: &str, from: usize) -> usize {
        let found = |n: &usize| self.command(*n)["do"] == verb && self.entry(*n).get("events").is_some();
        (from..self.entries.len()).find(found).unwrap_or_else(|| panic!("no {verb}"))
    }

    /// Who signs the command of an entry when its bidder does.
    ///
    /// # Panics
    /// When it names no bidder.
    pub fn bidder_of(&self, number: usize) -> String {
        format!("bidder/{}", self.command(number)["bidder"].as_str().unwrap())
    }

    /// Signatures over a text, as an entry holds them.
    pub fn signatures(&self, text: &str, holders: &[&str]) -> Value {
        let sign = |holder: &&str| {
            let key = self.key(holder);
            json!({"key": key.public().to_string(), "signature": key.sign(text.as_bytes())})
        };
        holders.iter().map(sign).collect()
    }

    /// Changes a command, and has its holders sign it again; what it led to stays as it was.
    ///
    /// # Panics
    /// When the entry is no object.
    pub fn resign(&mut self, number: usize, holders: &[&str], change: impl FnOnce(&mut Value)) {
        let mut command = self.command(number);
        change(&mut command);
        let text = encode(&command);
        let mut entry = self.entry(number);
        if holders.is_empty() {
            entry.as_object_mut().unwrap().shift_remove("signatures");
        } else {
            entry["signatures"] = self.signatures(&text, holders);
        }
        entry["command"] = json!(text);
        self.put(number, &entry);
    }

    /// An entry of the operator's own making, signed by these.
    pub fn command_of(&self, at: &Value, command: &Value, holders: &[&str]) -> Vec<u8> {
        let text = encode(command);
        let signatures = self.signatures(&text, holders);
        let entry = json!({"at_ms": at, "command": text, "entry": 0, "events": [], "signatures": signatures});
        encode(&entry).into_bytes()
    }

    /// Changes the notice, and has both officers sign it again.
    ///
    /// # Panics
    /// When entry 0 holds none.
    pub fn renotice(&mut self, change: impl FnOnce(&mut Value)) {
        let mut entry = self.entry(0);
        let mut notice: Value = serde_json::from_str(entry["notice"].as_str().unwrap()).unwrap();
        change(&mut notice);
        let text = encode(&notice);
        entry["signatures"] = self.signatures(&text, &["officer/1", "officer/2"]);
        entry["notice"] = json!(text);
        self.put(0, &entry);
    }

    /// Takes an entry out.
    pub fn remove(&mut self, number: usize) {
        self.entries.remove(number);
        for (size, _) in &mut self.checkpoints {
            *size -= u64::from(*size > number as u64);
        }
        self.renumber();
    }

    /// Puts an entry in.
    pub fn insert(&mut self, number: usize, entry: Vec<u8>) {
        self.entries.insert(number, entry);
        for (size, _) in &mut self.checkpoints {
            *size += u64::from(*size > number as u64);
        }
        self.renumber();
    }

    /// Adds an entry at the end, and a checkpoint a second after it.
    ///
    /// # Panics
    /// When it is no entry.
    pub fn and(&mut self, entry: Vec<u8>) {
        self.entries.push(entry);
        let number = self.entries.len();
        self.checkpoints.push((number as u64, self.entry(number - 1)["at_ms"].as_u64().unwrap() / 1000 + 1));
    }

    /// Numbers the entries again.
    pub fn renumber(&mut self) {
        for number in 0..self.entries.len() {
            let mut entry = self.entry(number);
            entry["entry"] = json!(number);
            self.put(number, &entry);
        }
        self.checkpoints.dedup_by_key(|(size, _)| *size);
    }

    /// The verifier key of the run's log under the present origin, as a policy names it.
    ///
    /// # Panics
    /// When the origin is no name of a key.
    pub fn log_key(&self) -> String {
        self.signer(&self.origin, KeyKind::Ed25519, &self.log).verifier().to_string()
    }

    fn signer(&self, name: &str, kind: KeyKind, purpose: &str) -> SigningKey {
        SigningKey::new(name, kind, SecretKey::from_seed(&self.bytes(purpose))).unwrap()
    }

    /// Grows the tree again, signs and cosigns every checkpoint again.
    ///
    /// # Panics
    /// When an entry is longer than a log takes, or a witness's time is none.
    pub fn forge(&self) -> Bundle {
        self.forge_extended(&[])
    }

    /// As [`Forge::forge`], with extension lines in every checkpoint.
    ///
    /// # Panics
    /// As [`Forge::forge`].
    pub fn forge_extended(&self, extensions: &[&str]) -> Bundle {
        let mut bundle = self.bundle.clone();
        bundle.0.retain(|path, _| !path.starts_with("tile/"));
        let mut checkpoints = self.checkpoints.iter().peekable();
        let mut tiles = TileWriter::new();
        let (mut lines, mut last) = (String::new(), String::new());
        let extensions: Vec<String> = extensions.iter().map(|line| (*line).to_owned()).collect();
        for entry in &self.entries {
            tiles.append(entry, |path, bytes| drop(bundle.0.insert(path.to_string(), bytes.to_vec()))).unwrap();
            let Some((size, time)) = checkpoints.next_if(|(size, _)| *size == tiles.size()) else { continue };
            let (origin, extensions) = (self.origin.clone(), extensions.clone());
            let checkpoint = Checkpoint { origin, size: *size, root: tiles.root(), extensions };
            let mut note = checkpoint.sign(&self.signer(&self.origin, KeyKind::Ed25519, &self.log)).unwrap();
            for witness in &self.witnesses {
                let witness = self.signer(&format!("rehearsal.invalid/{witness}"), KeyKind::Cosignature, witness);
                note.add(cosign(note.text(), &witness, *time).unwrap()).unwrap();
            }
            last = note.to_string();
            lines += &(encode(&json!({"note": last})) + "\n");
        }
        tiles.partials(|path, bytes| drop(bundle.0.insert(path.to_string(), bytes.to_vec())));
        bundle.0.insert("checkpoint".to_owned(), last.into_bytes());
        bundle.0.insert("checkpoints.jsonl".to_owned(), lines.into_bytes());
        bundle
    }

    /// Enters every command again, in its order; `before` sees the record before each.
    ///
    /// # Panics
    /// When an entry can't be judged at all, or the run was not of a sale.
    pub fn judge(&mut self, mut before: impl FnMut(&Record)) -> Record {
        let number = |entry: &Value, name: &str| entry[name].as_i64().unwrap();
        let notice = Notice::parse(self.entry(0)["notice"].as_str().unwrap()).unwrap();
        let at = Instant::from_millis(number(&self.entry(0), "at_ms")).unwrap();
        let loaded = self.loaded.as_ref().expect("a sale was taken apart");
        let mut record = Record::open(Arc::new(loaded.lot.clone()), Arc::new(notice), at);
        let (mut tiles, mut keys) = (TileWriter::new(), KeyCache::default());
        for place in 0..self.entries.len() {
            if place > 0 {
                before(&record);
                let entry = self.entry(place);
                let at = Instant::from_millis(number(&entry, "at_ms")).unwrap();
                let signed: Vec<Value> = entry["signatures"].as_array().cloned().unwrap_or_default();
                let signed = signed.iter().map(|s| (s["key"].as_str().unwrap(), s["signature"].as_str().unwrap()));
                let received = Received::check(at, entry["command"].as_str().unwrap(), signed, &mut keys).unwrap();
                self.entries[place] = record.enter(&received).unwrap().line.into_bytes();
            }
            tiles.append(&self.entries[place], |_, _| ()).unwrap();
            if self.checkpoints.iter().any(|(covered, _)| *covered == tiles.size()) {
                record.published(tiles.size(), tiles.root().0);
            }
        }
        record
    }

    /// Cuts the record after so many entries, judges every entry again and publishes what comes of it.
    ///
    /// # Panics
    /// When an entry can't be judged at all.
    pub fn judged_again(&mut self, size: usize) -> Bundle {
        self.entries.truncate(size);
        self.checkpoints.retain(|(covered, _)| *covered < size as u64);
        let last = self.entry(size - 1)["at_ms"].as_u64().unwrap() / 1000 + 1;
        self.checkpoints.push((size as u64, last));
        let record = self.judge(|_| ());
        let mut bundle = self.forge();
        bundle.0.insert("outcome.json".to_owned(), (encode(&outcome_json(record.sale())) + "\n").into_bytes());
        bundle
    }
}
