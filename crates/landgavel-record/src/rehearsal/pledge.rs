//! A pledge run from a file of commands, with keys made for the run: signed, witnessed and verifiable like a real one, and
//! said to be a rehearsal.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_base::{Digest, Duration, Instant};
use serde_json::{Map, Value, json};

use super::keys::RunKeys;
use super::publish::Publisher;
use super::terms::CLOCK_TOLERANCE_MS;
use super::{CHECKPOINT_WITHIN_MS, MAX_STEPS, NotEntered, Sink};
use crate::bundle::PLEDGE_BUNDLE_JSON;
use crate::canonical;
use crate::keys::KeyCache;
use crate::language::PledgeTerms;
use crate::pledges::record::{
    Holder, Opening, PLEDGE_COMMAND_FORMAT, PledgeEntry, PledgeRecord, SaleNamed, Signer, outcome_json, signer,
};
use crate::pledges::{Opened, parse_ask, parse_at, written};
use crate::record::{Received, notice_line, sha256};

/// Names of the officers who open a pledge, and who sign where a file names none.
const OFFICERS: [&str; 2] = ["officer/1", "officer/2"];
/// Name under which the run makes the winner's key.
const WINNER: &str = "winner";

/// What a run opens a pledge from.
pub struct PledgeGrounds<'a> {
    /// The terms.
    pub terms: &'a PledgeTerms,
    /// The pledge that they make with the award, opened at the moment of the opening.
    pub opened: Opened,
    /// The record of the sale.
    pub sale: SaleNamed,
    /// Officers whom the file names, beside the run's own two.
    pub officers: Vec<String>,
    /// Sources whom the file names, beside those of the terms.
    pub sources: Vec<String>,
}

/// A pledge that is run from a file.
pub struct PledgeRehearsal {
    record: PledgeRecord,
    keys: RunKeys,
    cache: KeyCache,
    publisher: Publisher,
    serial: u64,
    /// How often the key of a name was replaced.
    generations: BTreeMap<String, u32>,
}

impl PledgeRehearsal {
    /// Opens the record of a pledge and enters its opening. The keys come from terms and sale, so that the same run always
    /// gives the same bytes.
    ///
    /// # Errors
    /// The names make no opening: there are too many, or one stands in two places; in words.
    ///
    /// # Panics
    /// Never: what the run signs is canonical and valid.
    pub fn open(grounds: PledgeGrounds<'_>, sink: &mut dyn Sink) -> Result<Self, String> {
        let PledgeGrounds { terms, opened, sale, officers, sources } = grounds;
        let seed = sha256(&[&terms.text[..], &sale.root.0].concat());
        let mut keys = RunKeys::new(seed.0);
        let publisher = Publisher::new(&keys, &format!("pledge/{}", terms.id));
        let policy = publisher.policy();
        let contract = opened.pledge.contract();
        let mut holder = |name: &str| Holder { name: name.to_owned(), key: keys.key(&purpose(name, 0)).public() };
        let millis = |millis| Duration::from_millis(millis).expect("constants are in range");
        let winner = Holder { name: contract.winner.clone(), key: holder(WINNER).key };
        let officers = unique(OFFICERS.map(str::to_owned).into_iter().chain(officers));
        let sources = unique(terms.signed_by().into_iter().map(str::to_owned).chain(sources));
        let opening = Opening {
            origin: publisher.origin().to_owned(),
            pledge: terms.id.clone(),
            terms_sha256: sha256(&terms.text),
            policy_sha256: sha256(policy.as_bytes()),
            sale,
            winner,
            signed: contract.signed,
            officers: officers.iter().map(|name| holder(name)).collect(),
            sources: sources.iter().map(|name| holder(name)).collect(),
            guarantors: Vec::new(),
            checkpoint_within: millis(CHECKPOINT_WITHIN_MS),
            clock_tolerance: millis(CLOCK_TOLERANCE_MS),
            is_demonstration: true,
        };
        // What the run writes it must be able to read.
        let text = opening.text();
        let opening = Opening::parse(&text).map_err(|error| format!("{}: {}", error.field, error.message))?;
        sink.file("bundle.json", PLEDGE_BUNDLE_JSON.as_bytes());
        sink.file("policy.txt", policy.as_bytes());
        sink.file("terms.toml", &terms.text);
        let mut cache = KeyCache::default();
        let at = opened.pledge.last();
        let received = receive(&mut keys, &mut cache, at, &text, &OFFICERS.map(|name| purpose(name, 0)))
            .expect("what the run signs is canonical and valid");
        let record = PledgeRecord::open(Arc::new(opening), opened, &received);
        let mut rehearsal = Self { record, keys, cache, publisher, serial: 0, generations: BTreeMap::new() };
        rehearsal.publisher.append(at, notice_line(&received).as_bytes(), sink);
        if rehearsal.publisher.at_once(sink).is_some() {
            rehearsal.record.published();
        }
        Ok(rehearsal)
    }

    /// The pledge as it stands.
    pub fn opened(&self) -> &Opened {
        self.record.opened()
    }

    /// Entries so far, the opening among them.
    pub fn size(&self) -> u64 {
        self.record.size()
    }

    /// Digest of the opening.
    pub fn digest(&self) -> Digest {
        self.record.digest()
    }

    /// Runs one command, after everything that days bring before it.
    ///
    /// # Errors
    /// Why it was not entered.
    ///
    /// # Panics
    /// As [`PledgeRehearsal::advance`].
    pub fn request(
        &mut self,
        object: &Map<String, Value>,
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&PledgeEntry),
    ) -> Result<(), NotEntered> {
        let at = parse_at(object).map_err(NotEntered::Field)?;
        let mut command = object.clone();
        command.remove("at");
        let is_rekey = command.get("do").and_then(Value::as_str) == Some("rekey");
        if !is_rekey {
            parse_ask(self.opened(), &command).map_err(NotEntered::Field)?;
        }
        if at < self.record.last() {
            return Err(NotEntered::OutOfOrder { last: self.record.last() });
        }
        self.advance(at, sink, heard);
        let mut command = written(command);
        let verb = command.get("do").and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = |field: &str| command.get(field).and_then(Value::as_str).map(str::to_owned);
        let signers = match signer(&verb) {
            Signer::Nobody => Vec::new(),
            Signer::Source => vec![name("source").unwrap_or_default()],
            Signer::Winner => vec![WINNER.to_owned()],
            Signer::Officers | Signer::OfficerAndIssuer => {
                let fields = ["officer", "second_officer"];
                fields.iter().zip(OFFICERS).map(|(field, own)| name(field).unwrap_or_else(|| own.to_owned())).collect()
            }
        };
        let signers: Vec<String> = signers.iter().map(|name| self.purpose(name)).collect();
        if is_rekey {
            let of = self.keyed(&name("of").unwrap_or_default());
            let key = self.keys.key(&purpose(&of, self.generation(&of) + 1)).public();
            command.insert("new_key".to_owned(), json!(key.to_string()));
        }
        if let Some(first) = signers.first() {
            self.serial += 1;
            command.insert("format".to_owned(), json!(PLEDGE_COMMAND_FORMAT));
            command.insert("pledge".to_owned(), json!(self.record.opening().pledge));
            command.insert("opening".to_owned(), json!(self.record.digest().to_string()));
            command.insert("id".to_owned(), json!(format!("{:06}", self.serial)));
            command.insert("key".to_owned(), json!(self.keys.key(first).public().to_string()));
        }
        let entry = self.enter(at, &Value::Object(command), &signers, sink, heard)?;
        if let Some(of) = entry.filter(|_| is_rekey) {
            *self.generations.entry(self.keyed(&of)).or_default() += 1;
        }
        self.advance(at, sink, heard);
        Ok(())
    }

    /// Lets days pass up to a moment.
    ///
    /// # Panics
    /// When days alone bring no end, which no checked contract does.
    pub fn advance(&mut self, to: Instant, sink: &mut dyn Sink, heard: &mut dyn FnMut(&PledgeEntry)) {
        for _ in 0..MAX_STEPS {
            let Some(due) = self.opened().pledge.due().filter(|due| *due <= to) else { return };
            let at = due.max(self.record.last());
            self.enter(at, &json!({"do": "tick"}), &[], sink, heard).expect("a tick that is due is entered");
        }
        panic!("days alone bring no end to this pledge: a bug of the engine");
    }

    /// Publishes the rest and writes how the pledge stands.
    pub fn finish(&mut self, sink: &mut dyn Sink) {
        self.publisher.finish(sink);
        let standing = canonical::encode(&outcome_json(&self.opened().pledge)) + "\n";
        sink.file("standing.json", standing.as_bytes());
    }

    /// Enters a command; gives whose key it replaced.
    fn enter(
        &mut self,
        at: Instant,
        command: &Value,
        signers: &[String],
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&PledgeEntry),
    ) -> Result<Option<String>, NotEntered> {
        if self.publisher.before(at, sink).is_some() {
            self.record.published();
        }
        let received = receive(&mut self.keys, &mut self.cache, at, &canonical::encode(command), signers)
            .map_err(|why| NotEntered::Field(too_much(&why)))?;
        let entry = self.record.enter(&received).map_err(NotEntered::TurnedAway)?;
        self.publisher.append(at, entry.line.as_bytes(), sink);
        heard(&entry);
        Ok(command.get("of").and_then(Value::as_str).map(str::to_owned))
    }

    /// The name under which the run makes somebody's key: the winner's is not its code.
    fn keyed(&self, name: &str) -> String {
        if name == self.record.opening().winner.name { WINNER.to_owned() } else { name.to_owned() }
    }

    fn generation(&self, name: &str) -> u32 {
        self.generations.get(name).copied().unwrap_or(0)
    }

    fn purpose(&self, name: &str) -> String {
        purpose(name, self.generation(name))
    }
}

/// What a name's key is made for, by how often it was replaced.
fn purpose(name: &str, generation: u32) -> String {
    format!("pledge/{generation}/{name}")
}

fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

fn receive(
    keys: &mut RunKeys,
    cache: &mut KeyCache,
    at: Instant,
    text: &str,
    signers: &[String],
) -> Result<Received, String> {
    let signed: Vec<(String, String)> = signers
        .iter()
        .map(|purpose| {
            let key = keys.key(purpose);
            (key.public().to_string(), key.sign(text.as_bytes()))
        })
        .collect();
    let signed = signed.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
    Received::check(at, text, signed, cache).map_err(|error| error.to_string())
}

/// A line whose texts are longer than a command may be.
fn too_much(why: &str) -> crate::wire::WireError {
    crate::wire::WireError {
        field: "do".to_owned(),
        message: format!("is no command that can be recorded: {why}"),
        expected: "shorter texts".to_owned(),
    }
}
