//! A hall of one's own for tests: any notice, any keys, every entry and checkpoint by hand.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use landgavel_base::{Digest, Duration, Instant, Quantity};
use landgavel_beacon::{Chain, LocalChain, seal};
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::cosignature::cosign;
use landgavel_log::ed25519::SecretKey;
use landgavel_log::note::{KeyKind, SigningKey};
use landgavel_log::tile::TileWriter;
use landgavel_record::bundle::BUNDLE_JSON;
use landgavel_record::canonical::encode;
use landgavel_record::keys::{self, KeyCache};
use landgavel_record::language::{Files, load_lot};
use landgavel_record::outcome::outcome_json;
use landgavel_record::record::sources::party_commitment;
use landgavel_record::record::{
    Entry, Fault, Notice, Officer, Party, Received, Record, SealedAmounts, notice_line, sealed_plaintext,
};
use landgavel_record::rehearsal::Sink as _;
use landgavel_record::verify::Report;
use landgavel_sale::Status;
use landgavel_sale::mechanism::seal_digest;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::tampering::Bundle;

/// Commands that a bidder signs.
const BY_BIDDERS: [&str; 9] = ["apply", "withdraw", "bid", "join", "accept", "seal", "file", "confirm", "object"];
/// Those among them that name the running stage.
const IN_A_STAGE: [&str; 5] = ["bid", "join", "accept", "seal", "file"];

/// Entries of so long are published together.
const PUBLISH_AFTER_MS: i64 = 1000;

/// A hall.
pub struct Desk {
    pub bundle: Bundle,
    pub record: Record,
    cache: KeyCache,
    log: SigningKey,
    witnesses: Vec<SigningKey>,
    tiles: TileWriter,
    chain: LocalChain,
    note: String,
    /// Size and root of the last checkpoint.
    pub seen: (u64, [u8; 32]),
    first_unpublished: Option<i64>,
    serial: u64,
    /// What was brought and what came of it, as vectors tell it.
    pub steps: Vec<Value>,
}

/// Milliseconds of a moment in RFC 3339.
pub fn time(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn bytes(purpose: &str) -> [u8; 32] {
    Sha256::new_with_prefix(b"landgavel tests\0").chain_update(purpose).finalize().into()
}

/// The key of a holder; one whose name ends in `/sm2` has a key of that kind.
pub fn key(holder: &str) -> keys::SigningKey {
    if holder.ends_with("/sm2") {
        keys::SigningKey::sm2(bytes(holder)).unwrap()
    } else {
        keys::SigningKey::ed25519(bytes(holder))
    }
}

/// The secret of a party.
pub fn secret(party: &str) -> Digest {
    Digest(bytes(&format!("party/{party}")))
}

/// The local chain of every desk; round 1 comes at the start of 2026.
pub fn chain() -> LocalChain {
    LocalChain::from_seed(bytes("chain"), 1_767_225_600, 3).unwrap()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of a log by its name, made for a purpose.
pub fn log_key(name: &str, purpose: &str) -> SigningKey {
    SigningKey::new(name, KeyKind::Ed25519, SecretKey::from_seed(&bytes(purpose))).unwrap()
}

/// Who cosigns for every desk.
pub fn witnesses() -> Vec<SigningKey> {
    let witness = |name| SigningKey::new(name, KeyKind::Cosignature, SecretKey::from_seed(&bytes(name))).unwrap();
    ["test.invalid/w1", "test.invalid/w2"].map(witness).into()
}

/// The policy that believes a log which both of them cosigned.
pub fn policy_of(log: &SigningKey) -> String {
    let witnesses = witnesses();
    format!(
        "log {}\nwitness w1 {}\nwitness w2 {}\ngroup both all w1 w2\nquorum both\n",
        log.verifier(),
        witnesses[0].verifier(),
        witnesses[1].verifier()
    )
}

/// The tree of a log as it stands, signed by the log and cosigned by these at a moment.
pub fn cosigned(log: &SigningKey, witnesses: &[SigningKey], tiles: &TileWriter, at_ms: i64) -> String {
    let (origin, size, root) = (log.verifier().name().to_owned(), tiles.size(), tiles.root());
    let mut note = Checkpoint { origin, size, root, extensions: Vec::new() }.sign(log).unwrap();
    for witness in witnesses {
        note.add(cosign(note.text(), witness, u64::try_from(at_ms / 1000).unwrap()).unwrap()).unwrap();
    }
    note.to_string()
}

/// A lot, and its rulebook by whatever name.
struct Texts<'a> {
    rules: &'a str,
    lot: &'a str,
}

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == "lot.toml" { self.lot } else { self.rules }.as_bytes().to_vec())
    }
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(millis).unwrap()
}

impl Desk {
    /// Opens a lot; the notice may be changed before it is signed.
    pub fn open(rules: &str, lot: &str, change: impl FnOnce(&mut Notice)) -> Self {
        let mut desk = Self::unpublished(rules, lot, change);
        desk.publish_at(desk.record.last().millis() + PUBLISH_AFTER_MS);
        desk
    }

    /// A desk whose notice no checkpoint covers yet.
    pub fn unpublished(rules: &str, lot: &str, change: impl FnOnce(&mut Notice)) -> Self {
        let loaded = load_lot(&Texts { rules, lot }, "lot.toml").unwrap_or_else(|findings| panic!("{findings:?}"));
        let origin = format!("test.invalid/{}", loaded.lot.id);
        Self::in_log(log_key(&origin, &origin), rules, lot, change)
    }

    /// As [`Desk::unpublished`], in a log of any name and key.
    pub fn in_log(log: SigningKey, rules: &str, lot: &str, change: impl FnOnce(&mut Notice)) -> Self {
        let loaded = load_lot(&Texts { rules, lot }, "lot.toml").unwrap_or_else(|findings| panic!("{findings:?}"));
        let (lot_id, origin) = (loaded.lot.id.clone(), log.verifier().name().to_owned());
        let (witnesses, policy) = (witnesses(), policy_of(&log));
        let hash = |bytes: &[u8]| Digest(Sha256::digest(bytes).into());
        let officers =
            ["officer/1", "officer/2/sm2"].map(|name| Officer { name: name.to_owned(), key: key(name).public() });
        let party =
            |name: &str| Party { name: name.to_owned(), commitment: party_commitment(&lot_id, name, secret(name)) };
        let mut notice = Notice {
            origin,
            lot: lot_id.clone(),
            lot_sha256: hash(lot.as_bytes()),
            rulebook_sha256: hash(rules.as_bytes()),
            policy_sha256: hash(policy.as_bytes()),
            officers: officers.to_vec(),
            hall: None,
            chain: Arc::new(chain().chain().clone()),
            draw_delay: millis(30_000),
            seal_delay: millis(20_000),
            parties: ["notary", "bidders"].map(party).to_vec(),
            fallback: None,
            checkpoint_within: millis(60_000),
            clock_tolerance: millis(5_000),
            is_demonstration: true,
            issuers: Vec::new(),
        };
        change(&mut notice);
        let mut bundle = Bundle::default();
        for (path, text) in
            [("bundle.json", BUNDLE_JSON), ("policy.txt", &policy), ("rulebook.toml", rules), ("lot.toml", lot)]
        {
            bundle.file(path, text.as_bytes());
        }
        let lot = Arc::new(loaded.lot);
        let at = landgavel_sale::Sale::open(Arc::clone(&lot)).last();
        let record = Record::open(lot, Arc::new(notice), at);
        let mut desk = Self {
            bundle,
            record,
            cache: KeyCache::default(),
            log,
            witnesses,
            tiles: TileWriter::new(),
            chain: chain(),
            note: String::new(),
            seen: (0, [0; 32]),
            first_unpublished: None,
            serial: 0,
            steps: Vec::new(),
        };
        let text = desk.record.notice().text();
        let received = desk.receive(at.millis(), &text, &["officer/1", "officer/2/sm2"]);
        let line = notice_line(&received);
        desk.append(at.millis(), line.as_bytes());
        desk.steps.push(json!({"entry": line}));
        desk
    }

    fn receive(&mut self, at: i64, text: &str, holders: &[&str]) -> Received {
        let signed: Vec<(String, String)> = holders
            .iter()
            .map(|holder| key(holder))
            .map(|key| (key.public().to_string(), key.sign(text.as_bytes())))
            .collect();
        let signed = signed.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
        Received::check(Instant::from_millis(at).unwrap(), text, signed, &mut self.cache).unwrap()
    }

    fn append(&mut self, at: i64, entry: &[u8]) {
        self.first_unpublished.get_or_insert(at);
        self.tiles.append(entry, |path, bytes| self.bundle.file(&path.to_string(), bytes)).unwrap();
    }

    /// Publishes a checkpoint that every witness cosigns at a moment.
    pub fn publish_at(&mut self, at_ms: i64) {
        let (size, root) = (self.tiles.size(), self.tiles.root());
        self.note = cosigned(&self.log, &self.witnesses, &self.tiles, at_ms);
        let line = encode(&json!({"note": self.note})) + "\n";
        self.bundle.append("checkpoints.jsonl", line.as_bytes());
        self.seen = (size, root.0);
        self.record.published(size, root.0);
        self.first_unpublished = None;
        self.steps.push(json!({"published": {"root": hex(&root.0), "size": size}, "witnessed_s": at_ms / 1000}));
    }

    fn publish_before(&mut self, at: i64) {
        if let Some(due) = self.first_unpublished.map(|first| first + PUBLISH_AFTER_MS).filter(|due| *due <= at) {
            self.publish_at(due);
        }
    }

    /// A command with what binds its signature.
    pub fn bound(&mut self, command: Value, holder: &str) -> Value {
        self.serial += 1;
        let mut command = command;
        let verb = command["do"].as_str().unwrap().to_owned();
        let notice = self.record.notice();
        command["format"] = json!("landgavel-command/1");
        command["lot"] = json!(notice.lot);
        command["rulebook"] = json!(notice.rulebook_sha256.to_string());
        command["key"] = json!(key(holder).public().to_string());
        command["id"] = json!(format!("{}", self.serial));
        if BY_BIDDERS.contains(&verb.as_str()) {
            command["seen"] = json!({"root": hex(&self.seen.1), "size": self.seen.0});
        }
        if IN_A_STAGE.contains(&verb.as_str())
            && let Status::Running(id) = self.record.sale().status()
        {
            let rulebook = &self.record.sale().lot().rulebook;
            let stage = rulebook.stage(*id);
            command["stage"] = json!(stage.id);
            if let Some(attribute) = stage.kind.attribute().filter(|_| verb == "bid") {
                command["attribute"] = json!(rulebook.attribute(attribute).id);
            }
        }
        command
    }

    /// Enters a command as it stands, signed by these.
    pub fn enter(&mut self, at: i64, command: &Value, holders: &[&str]) -> Result<Entry, Fault> {
        self.publish_before(at);
        let text = encode(command);
        let received = self.receive(at, &text, holders);
        let signatures: Vec<Value> = received
            .signatures
            .iter()
            .map(|signed| json!({"key": signed.key.text(), "signature": signed.signature}))
            .collect();
        let mut step = json!({"at_ms": at, "command": text, "signatures": signatures});
        let entry = self.record.enter(&received).inspect_err(|fault| {
            step["fault"] = json!(fault.code());
            self.steps.push(step.clone());
        })?;
        step["entry"] = json!(entry.line);
        self.steps.push(step);
        self.append(at, entry.line.as_bytes());
        Ok(entry)
    }

    /// Lets time pass, then binds, signs and enters a command.
    pub fn ask(&mut self, at: i64, command: Value, holders: &[&str]) -> Result<Entry, Fault> {
        self.advance(at);
        self.publish_before(at);
        let command = if holders.is_empty() { command } else { self.bound(command, holders[0]) };
        self.enter(at, &command, holders)
    }

    /// As [`Desk::ask`], for a command that leads to events.
    #[track_caller]
    pub fn done(&mut self, at: i64, command: Value, holders: &[&str]) -> Entry {
        let entry = self.ask(at, command, holders).unwrap();
        assert!(entry.result.is_ok(), "{}", entry.line);
        entry
    }

    /// As [`Desk::ask`], for a command that is entered as refused; gives the code.
    #[track_caller]
    pub fn refused(&mut self, at: i64, command: Value, holders: &[&str]) -> &'static str {
        let entry = self.ask(at, command, holders).unwrap();
        entry.result.err().unwrap_or_else(|| panic!("{}", entry.line)).code()
    }

    /// Enters what time brings up to a moment.
    pub fn advance(&mut self, to: i64) {
        while let Some(due) = self.record.sale().due().filter(|due| due.millis() <= to) {
            let at = due.max(self.record.last());
            self.enter(at.millis(), &json!({"do": "tick"}), &[]).unwrap();
        }
    }

    /// A bid sealed to a round of the desk's chain.
    pub fn sealed(&self, code: &str, amounts: &[i64], round: u64) -> Value {
        let sale = self.record.sale();
        let Status::Running(id) = sale.status() else { panic!("no stage runs") };
        let amounts: Vec<Quantity> = amounts.iter().map(|amount| Quantity::new(*amount).unwrap()).collect();
        let salt = Digest(bytes(&format!("salt/{code}/{}", self.serial)));
        let stage = &sale.lot().rulebook.stage(*id).id;
        let commitment = seal_digest(&sale.lot().id, stage, code, &amounts, salt);
        let chance = bytes(&format!("seal/{code}/{}", self.serial));
        let plaintext = sealed_plaintext(&SealedAmounts { amounts, salt });
        let envelope = seal(self.record_chain(), round, &plaintext, chance).unwrap();
        json!({"do": "seal", "bidder": code, "commitment": commitment.to_string(),
               "envelope": BASE64_STANDARD.encode(envelope.as_bytes())})
    }

    fn record_chain(&self) -> &Chain {
        &self.record.notice().chain
    }

    /// A round's time and what its chain signs in it, as a source's output.
    pub fn round(&self, round: u64) -> (i64, Value) {
        let time = self.chain.chain().time_of_round(round).unwrap();
        (time, json!({"round": round, "signature": hex(&self.chain.sign(round))}))
    }

    /// Writes what is left and gives the bundle.
    pub fn finish(mut self) -> Bundle {
        if self.first_unpublished.is_some() {
            self.publish_at(self.record.last().millis() + PUBLISH_AFTER_MS);
        }
        self.tiles.partials(|path, bytes| self.bundle.file(&path.to_string(), bytes));
        self.bundle.file("checkpoint", self.note.as_bytes());
        let outcome = encode(&outcome_json(self.record.sale())) + "\n";
        self.bundle.file("outcome.json", outcome.as_bytes());
        self.bundle
    }

    /// Finishes, and demands that the bundle holds.
    #[track_caller]
    pub fn holds(self) -> Report {
        let report = self.finish().report();
        assert!(report.holds(), "{:?}", report.wrong);
        report
    }
}
