//! Whoever keeps a pledge, with every key in hand.

use landgavel_base::{Duration, Instant};
use landgavel_hostile::pledged::{Sold, terms};
use landgavel_log::note::SigningKey;
use landgavel_log::tile::TileWriter;
use landgavel_record::bundle::PLEDGE_BUNDLE_JSON;
use landgavel_record::canonical::encode;
use landgavel_record::keys::KeyCache;
use landgavel_record::pledges::record::{
    Holder, Opening, PLEDGE_COMMAND_FORMAT, PledgeEntry, PledgeRecord, outcome_json,
};
use landgavel_record::record::{Received, notice_line, sha256};
use landgavel_record::rehearsal::Sink as _;
use serde_json::{Value, json};

use super::issuers;
use super::pledges::{BANK, FIGURES, LAND, TAX, TERMS};
use crate::desk::{cosigned, key, log_key, policy_of, time, witnesses};
use crate::tampering::Bundle;

/// Entries of so long are published together.
const AFTER_MS: i64 = 1000;

/// What the sale asks for: a deposit, of which a third is beyond a fifth of the price, and duties of the winner.
const DUTIES: &str = r#"
[admission.bond]
amount = "300 万元"
forms = ["cash"]
forfeits = ["default"]
source = "assumption"
[[obligations]]
id = "performance-bond"
text = { zh = "缴纳履约保证", en = "Lodge the performance bond" }
obligor = "winner"
due = "20 days"
source = "assumption"
[[obligations]]
id = "balance"
text = { zh = "一个月内付清地价", en = "Pay the balance within a month" }
obligor = "winner"
amount = "own.price"
due = "1 month"
source = "assumption"
"#;

/// A sale of the second format that A won with a certificate.
fn sold() -> Sold {
    let at = super::make::at;
    let mut desk = issuers::open_under(DUTIES);
    let lot = desk.record.notice().lot.clone();
    desk.done(at("09:10:00"), issuers::application(&lot, "A", "A"), &["A"]);
    let deposit = json!({"do": "bond", "bidder": "A", "form": "cash", "amount": "300 万元"});
    desk.done(at("09:11:00"), deposit, &["officer/1"]);
    desk.done(at("10:00:10"), json!({"do": "bid", "bidder": "A", "amount": "1000 万元"}), &["A"]);
    desk.done(at("10:00:40"), json!({"do": "call"}), &["officer/1"]);
    desk.done(at("10:01:00"), json!({"do": "hammer"}), &["officer/1"]);
    desk.advance(at("10:02:00"));
    Sold::of(desk.finish())
}

/// Whoever keeps a pledge.
pub struct Keeper {
    bundle: Bundle,
    pub record: PledgeRecord,
    cache: KeyCache,
    log: SigningKey,
    witnesses: Vec<SigningKey>,
    tiles: TileWriter,
    note: String,
    first_unpublished: Option<i64>,
    serial: u64,
}

/// Ten in the morning of a day.
pub fn day(text: &str) -> i64 {
    time(&format!("{text}T10:00:00+08:00"))
}

impl Keeper {
    /// A pledge of the terms after a sale of the second format.
    pub fn open() -> Self {
        Self::changed(TERMS, |_| {})
    }

    /// A pledge of any terms, whose opening may be changed before it is signed.
    pub fn changed(text: &str, change: impl FnOnce(&mut Opening)) -> Self {
        let (sold, terms) = (sold(), terms(text.as_bytes()));
        let opened = sold.opened(&terms).unwrap();
        let log = log_key("test.invalid/pledges/golden", "test.invalid/pledges/golden");
        let policy = policy_of(&log);
        let holder = |name: &str| Holder { name: name.to_owned(), key: key(name).public() };
        let contract = opened.pledge.contract();
        let mut opening = Opening {
            origin: log.verifier().name().to_owned(),
            pledge: terms.id.clone(),
            terms_sha256: sha256(&terms.text),
            policy_sha256: sha256(policy.as_bytes()),
            sale: sold.named.clone(),
            winner: holder(&contract.winner),
            signed: contract.signed,
            officers: ["officer/1", "officer/2/sm2", "officer/3"].map(holder).to_vec(),
            sources: [LAND, FIGURES, TAX].map(holder).to_vec(),
            guarantors: vec![holder(BANK)],
            checkpoint_within: Duration::from_millis(60_000).unwrap(),
            clock_tolerance: Duration::from_millis(5_000).unwrap(),
            is_demonstration: false,
        };
        change(&mut opening);
        let mut bundle = sold.folder();
        bundle.file("bundle.json", PLEDGE_BUNDLE_JSON.as_bytes());
        bundle.file("policy.txt", policy.as_bytes());
        bundle.file("terms.toml", &terms.text);
        let (at, mut cache) = (opened.pledge.last(), KeyCache::default());
        let signers = [opening.officers[0].name.clone(), opening.officers[1].name.clone()];
        let received = receive(&mut cache, at.millis(), &opening.text(), &[&signers[0], &signers[1]]);
        let record = PledgeRecord::open(opening.into(), opened, &received);
        let mut keeper = Self {
            bundle,
            record,
            cache,
            log,
            witnesses: witnesses(),
            tiles: TileWriter::new(),
            note: String::new(),
            first_unpublished: None,
            serial: 0,
        };
        keeper.append(at.millis(), notice_line(&received).as_bytes());
        keeper.publish(at.millis() + AFTER_MS);
        keeper
    }

    fn append(&mut self, at: i64, entry: &[u8]) {
        self.first_unpublished.get_or_insert(at);
        self.tiles.append(entry, |path, bytes| self.bundle.file(&path.to_string(), bytes)).unwrap();
    }

    /// Publishes a checkpoint that both witnesses cosign at a moment.
    pub fn publish(&mut self, at: i64) {
        self.note = cosigned(&self.log, &self.witnesses, &self.tiles, at);
        let line = encode(&json!({"note": self.note})) + "\n";
        self.bundle.append("checkpoints.jsonl", line.as_bytes());
        self.record.published();
        self.first_unpublished = None;
    }

    /// Enters a command as it stands, signed by these.
    pub fn enter(&mut self, at: i64, command: &Value, signers: &[&str]) -> PledgeEntry {
        if let Some(due) = self.first_unpublished.map(|first| first + AFTER_MS).filter(|due| *due <= at) {
            self.publish(due);
        }
        let received = receive(&mut self.cache, at, &encode(command), signers);
        let entry = self.record.enter(&received).unwrap_or_else(|fault| panic!("{command}: {fault}"));
        self.append(at, entry.line.as_bytes());
        entry
    }

    /// Lets days pass up to a moment.
    pub fn advance(&mut self, to: i64) {
        while let Some(due) = self.record.opened().pledge.due().filter(|due| due.millis() <= to) {
            self.enter(due.max(self.record.last()).millis(), &json!({"do": "tick"}), &[]);
        }
    }

    fn ask(&mut self, on: &str, command: Value, signers: &[&str]) -> PledgeEntry {
        self.advance(day(on));
        self.serial += 1;
        let mut command = command;
        for (field, value) in [
            ("format", PLEDGE_COMMAND_FORMAT.to_owned()),
            ("pledge", self.record.opening().pledge.clone()),
            ("opening", self.record.digest().to_string()),
            ("id", self.serial.to_string()),
            ("key", key(signers[0]).public().to_string()),
        ] {
            command[field] = json!(value);
        }
        let at = day(on).max(self.record.last().millis());
        self.enter(at, &command, signers)
    }

    /// A command that leads to events.
    #[track_caller]
    pub fn done(&mut self, on: &str, command: Value, signers: &[&str]) {
        let entry = self.ask(on, command, signers);
        assert!(entry.result.is_ok(), "{}", entry.line);
    }

    /// A command that the terms refuse.
    #[track_caller]
    pub fn no(&mut self, on: &str, command: Value, signers: &[&str], code: &str) {
        let entry = self.ask(on, command, signers);
        assert_eq!(entry.result.err().map(|reason| reason.code()), Some(code), "{}", entry.line);
    }

    /// Writes what is left and gives the bundle.
    pub fn finish(mut self) -> Bundle {
        if self.first_unpublished.is_some() {
            self.publish(self.record.last().millis() + AFTER_MS);
        }
        self.tiles.partials(|path, bytes| self.bundle.file(&path.to_string(), bytes));
        self.bundle.file("checkpoint", self.note.as_bytes());
        let standing = encode(&outcome_json(&self.record.opened().pledge)) + "\n";
        self.bundle.file("standing.json", standing.as_bytes());
        self.bundle
    }
}

fn receive(cache: &mut KeyCache, at: i64, text: &str, signers: &[&str]) -> Received {
    let signed: Vec<_> =
        signers.iter().map(|name| (key(name).public().to_string(), key(name).sign(text.as_bytes()))).collect();
    let signed = signed.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
    Received::check(Instant::from_millis(at).unwrap(), text, signed, cache).unwrap()
}
