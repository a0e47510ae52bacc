use landgavel_base::Instant;
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosign;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, SigningKey};
use landgavel_log::tile::TileWriter;
use serde_json::json;

use super::Sink;
use super::keys::RunKeys;
use crate::canonical;

/// Witnesses of a run, and how many of them must have seen a checkpoint.
const WITNESSES: [&str; 3] = ["witness-1", "witness-2", "witness-3"];
const QUORUM: usize = 2;
/// Entries of so long are published together.
const PUBLISH_AFTER_MS: i64 = 1000;

/// Size and root of a checkpoint.
pub(super) type Published = (u64, [u8; 32]);

/// The log of a run: its tree and tiles, its checkpoints and their witnesses.
pub(super) struct Publisher {
    origin: String,
    policy: String,
    log: SigningKey,
    witnesses: Vec<SigningKey>,
    tiles: TileWriter,
    /// Time of the first entry that no checkpoint covers yet.
    unpublished: Option<Instant>,
    last: Instant,
    published: Published,
    note: String,
}

impl Publisher {
    pub fn new(keys: &RunKeys, id: &str) -> Self {
        let origin = format!("rehearsal.invalid/{id}");
        let key = |name: &str, kind, purpose: &str| {
            let secret = SecretKey::from_seed(&keys.bytes(purpose));
            SigningKey::new(name, kind, secret).expect("ids of lots and names of witnesses are names of keys")
        };
        let log = key(&origin, KeyKind::Ed25519, "log");
        let witnesses = WITNESSES
            .iter()
            .map(|name| key(&format!("rehearsal.invalid/{name}"), KeyKind::Cosignature, name))
            .collect::<Vec<_>>();
        let mut policy =
            format!("# Keys made for a rehearsal: they prove nothing about anybody.\nlog {}\n", log.verifier());
        for (name, witness) in WITNESSES.iter().zip(&witnesses) {
            policy += &format!("witness {name} {}\n", witness.verifier());
        }
        policy += &format!("group witnesses {QUORUM} {}\nquorum witnesses\n", WITNESSES.join(" "));
        Self {
            origin,
            policy,
            log,
            witnesses,
            tiles: TileWriter::new(),
            unpublished: None,
            last: Instant::from_millis(0).expect("the epoch is a time"),
            published: (0, [0; 32]),
            note: String::new(),
        }
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The checkpoint that everybody has seen: size and root.
    pub fn seen(&self) -> Published {
        self.published
    }

    /// Publishes what is old enough, before something happens at a time.
    pub fn before(&mut self, at: Instant, sink: &mut dyn Sink) -> Option<Published> {
        let due = self.unpublished?.millis() + PUBLISH_AFTER_MS;
        (at.millis() >= due).then(|| self.publish(due, sink))
    }

    /// Adds an entry to the tree.
    pub fn append(&mut self, at: Instant, entry: &[u8], sink: &mut dyn Sink) {
        self.unpublished.get_or_insert(at);
        self.last = at;
        self.tiles
            .append(entry, |path, bytes| sink.file(&path.to_string(), bytes))
            .expect("an entry of this crate is below the limit of the log");
    }

    /// Publishes what there is.
    pub fn at_once(&mut self, sink: &mut dyn Sink) -> Option<Published> {
        self.unpublished.is_some().then(|| self.publish(self.last.millis() + PUBLISH_AFTER_MS, sink))
    }

    /// Publishes the rest, and writes what was not full.
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Option<Published> {
        let published = self.at_once(sink);
        self.tiles.partials(|path, bytes| sink.file(&path.to_string(), bytes));
        sink.file("checkpoint", self.note.as_bytes());
        published
    }

    fn publish(&mut self, at_ms: i64, sink: &mut dyn Sink) -> Published {
        let (size, root) = (self.tiles.size(), self.tiles.root());
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root, extensions: Vec::new() };
        let mut note = checkpoint.sign(&self.log).expect("a checkpoint of this log reads back the same");
        let time = u64::try_from(at_ms.div_euclid(1000)).unwrap_or(0);
        for witness in &self.witnesses {
            let cosignature = cosign(note.text(), witness, time).expect("a run is after 1970");
            note.add(cosignature).expect("a note has room for the witnesses of a run");
        }
        self.note = note.to_string();
        let line = canonical::encode(&json!({"note": self.note})) + "\n";
        sink.append("checkpoints.jsonl", line.as_bytes());
        self.published = (size, root.0);
        self.unpublished = None;
        self.published
    }
}
