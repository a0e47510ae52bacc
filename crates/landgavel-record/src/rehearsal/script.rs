use landgavel_base::{Digest, Instant};
use landgavel_beacon::seal;
use landgavel_sale::Status;
use landgavel_sale::mechanism::seal_digest;
use landgavel_sale::rulebook::{BeaconSource, StageKind};
use serde_json::{Map, Value, json};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{NotEntered, Rehearsal, Sink};
use crate::record::{COMMAND_FORMAT, COMMITTED, Entry, SealedAmounts, hex, sealed_plaintext, stated_identity};
use crate::wire::{WireError, parse_request, time_text};

const BY_BIDDERS: [&str; 9] = ["apply", "withdraw", "bid", "join", "accept", "seal", "file", "confirm", "object"];
/// What is said of the sale and changes nothing; the engine does not know it.
const STATEMENTS: [&str; 3] = ["object", "answer", "correct"];
const IN_A_STAGE: [&str; 5] = ["bid", "join", "accept", "seal", "file"];

fn wrong(field: &str, message: &str, expected: &str) -> NotEntered {
    NotEntered::Field(WireError { field: field.to_owned(), message: message.to_owned(), expected: expected.to_owned() })
}

impl Rehearsal {
    /// Turns a line of the file into a command as its author would sign it, and enters it.
    pub(super) fn ask(
        &mut self,
        at: Instant,
        object: &Map<String, Value>,
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&Entry),
    ) -> Result<(), NotEntered> {
        // The reader of files names what is wrong with a line in the file's own terms.
        let mut dated = object.clone();
        dated.insert("at".to_owned(), json!(time_text(at)));
        let verb = object.get("do").and_then(Value::as_str).unwrap_or_default().to_owned();
        if verb == "beacon" {
            return self.ask_beacon(at, object, sink, heard);
        }
        if STATEMENTS.contains(&verb.as_str()) {
            dated.retain(|field, _| field == "at" || field == "note");
            dated.insert("do".to_owned(), json!("tick"));
        }
        let request = parse_request(self.sale(), &dated).map_err(NotEntered::Field)?;
        if verb == "tick" {
            return self.enter(at, &json!({"do": "tick"}), &[], sink, heard);
        }
        if verb == "open" {
            return Err(wrong("do", "a run opens sealed bids by itself, when their round has come", "no open"));
        }
        let mut command: Map<String, Value> = object.clone();
        command.remove("at");
        command.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        if verb == "seal" {
            let Some(amounts) = request.sealed_amounts else {
                return Err(wrong("envelope", "a run seals bids itself", "amount or amounts"));
            };
            self.seal(&mut command, amounts)?;
        }
        let code = object.get("bidder").map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned));
        if let Some(code) = &code {
            command.insert("bidder".to_owned(), json!(code));
        }
        if verb == "apply" {
            self.commit_identity(&mut command);
        }
        let by_bidder = BY_BIDDERS.contains(&verb.as_str());
        let bidder = format!("bidder/{}", code.unwrap_or_default());
        let signers: Vec<&str> = match (by_bidder, verb.as_str()) {
            (true, _) => vec![&bidder],
            (false, "annul") => vec!["officer/1", "officer/2"],
            (false, _) => vec!["officer/1"],
        };
        let published = self.publisher.before(at, sink);
        self.published(published);
        self.bind(&mut command, &verb, signers[0]);
        self.enter(at, &Value::Object(command), &signers, sink, heard)
    }

    fn bind(&mut self, command: &mut Map<String, Value>, verb: &str, signer: &str) {
        self.serial += 1;
        command.insert("format".to_owned(), json!(COMMAND_FORMAT));
        command.insert("lot".to_owned(), json!(self.sale().lot().id));
        command.insert("rulebook".to_owned(), json!(self.record.notice().rulebook_sha256.to_string()));
        command.insert("id".to_owned(), json!(format!("{:06}", self.serial)));
        command.insert("key".to_owned(), json!(self.keys.key(signer).public().to_string()));
        if !BY_BIDDERS.contains(&verb) {
            return;
        }
        let (size, root) = self.publisher.seen();
        command.insert("seen".to_owned(), json!({"root": hex(&root), "size": size}));
        if !IN_A_STAGE.contains(&verb) {
            return;
        }
        let rulebook = &self.sale().lot().rulebook;
        let running = match self.sale().status() {
            Status::Running(id) => Some(rulebook.stage(*id)),
            _ => None,
        };
        let attribute = running.and_then(|stage| stage.kind.attribute()).map(|id| rulebook.attribute(id).id.clone());
        command.insert("stage".to_owned(), json!(running.map_or("none", |stage| stage.id.as_str())));
        if verb == "bid" {
            command.insert("attribute".to_owned(), json!(attribute.unwrap_or_else(|| "none".to_owned())));
        }
    }

    /// Replaces an identity by what stands for it: persons stay out of a record.
    fn commit_identity(&self, command: &mut Map<String, Value>) {
        let text = |field: &str| command.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (identity, code) = (text("identity"), text("bidder"));
        if identity.is_empty() || identity.starts_with(COMMITTED) {
            return;
        }
        let salt = self.keys.digest(&format!("identity/{code}"));
        let identity = stated_identity(&self.sale().lot().id, &code, salt, &identity);
        command.insert("identity".to_owned(), json!(identity));
    }

    /// Replaces the amounts by what hides them.
    fn seal(
        &mut self,
        command: &mut Map<String, Value>,
        amounts: Vec<landgavel_base::Quantity>,
    ) -> Result<(), NotEntered> {
        let lot = self.sale().lot().id.clone();
        let stage = match self.sale().status() {
            Status::Running(id) => self.sale().lot().rulebook.stage(*id).id.clone(),
            _ => String::new(),
        };
        let code = command.get("bidder").and_then(Value::as_str).unwrap_or_default().to_owned();
        let label = format!("{stage}/{code}/{}", self.serial);
        let salt = self.keys.digest(&format!("salt/{label}"));
        let commitment = seal_digest(&lot, &stage, &code, &amounts, salt);
        // Out of its phase a seal has no round; the engine refuses it, whatever the round.
        let round = self.record.seal_round().unwrap_or(1);
        let plaintext = sealed_plaintext(&SealedAmounts { amounts, salt });
        let chance = self.keys.bytes(&format!("seal/{label}"));
        let envelope = seal(&self.chain, round, &plaintext, chance)
            .map_err(|error| wrong("amounts", &error.to_string(), "fewer amounts"))?;
        for field in ["amount", "amounts", "salt"] {
            command.remove(field);
        }
        command.insert("commitment".to_owned(), json!(commitment.to_string()));
        command.insert("envelope".to_owned(), json!(BASE64_STANDARD.encode(envelope.as_bytes())));
        Ok(())
    }

    fn sources(&self) -> Option<&[BeaconSource]> {
        match self.sale().status() {
            Status::Running(id) => match &self.sale().lot().rulebook.stage(*id).kind {
                StageKind::Draw(rule) => Some(&rule.sources),
                _ => None,
            },
            _ => None,
        }
    }

    /// Outputs of a draw whose sources are the chain and committed secrets alone.
    pub(super) fn chain_outputs(&self) -> Result<Option<Vec<Value>>, NotEntered> {
        let Some(sources) = self.sources().filter(|_| self.record.frozen_at().is_some()) else { return Ok(None) };
        sources.iter().map(|source| self.made_output(*source)).collect()
    }

    /// What a run makes or fetches by itself; nothing for a number that people bring.
    fn made_output(&self, source: BeaconSource) -> Result<Option<Value>, NotEntered> {
        match source {
            BeaconSource::Drand | BeaconSource::Local => {
                let Some(round) = self.record.draw_round() else { return Ok(None) };
                let output = self.round(round)?;
                Ok(Some(json!({"round": round, "signature": hex(output.signature())})))
            }
            BeaconSource::CommitReveal => {
                let secrets: Vec<String> = self
                    .record
                    .notice()
                    .parties
                    .iter()
                    .map(|party| self.keys.digest(&format!("party/{}", party.name)).to_string())
                    .collect();
                Ok(Some(json!({"secrets": secrets})))
            }
            BeaconSource::PublicNumber | BeaconSource::Witnessed => Ok(None),
        }
    }

    /// A run makes what chains and parties would bring; numbers come from the file. There
    /// `{"number":…}`, or `number:…` in a table, stands for a source that failed: the notice's fallback.
    fn ask_beacon(
        &mut self,
        at: Instant,
        object: &Map<String, Value>,
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&Entry),
    ) -> Result<(), NotEntered> {
        let sources: Vec<BeaconSource> = self.sources().map(<[_]>::to_vec).unwrap_or_default();
        let given = match object.get("outputs") {
            None => Vec::new(),
            Some(Value::Array(list)) => list.iter().map(Given::read).collect(),
            Some(Value::String(text)) => text.split('|').map(|part| Given::read(&json!(part))).collect(),
            Some(_) => return Err(wrong("outputs", "is not a list", "a list of numbers, one per source")),
        };
        let mut outputs = Vec::new();
        for (index, source) in sources.into_iter().enumerate() {
            let given = given.get(index);
            let output = match (source, given) {
                (_, Some(Given::InPlace(number))) => Some(json!({"number": number})),
                (BeaconSource::PublicNumber | BeaconSource::Witnessed, Some(Given::Number(number))) => {
                    Some(json!({"number": number}))
                }
                (_, Some(Given::Number(number))) if !stands_for_nothing(number) => {
                    let message = format!("gives “{number}” for source {}, which a run brings itself", index + 1);
                    let expected = "null there, or {\"number\": …} for the notice's fallback";
                    return Err(wrong("outputs", &message, expected));
                }
                _ => self.made_output(source)?,
            };
            let Some(output) = output else {
                return Err(wrong("outputs", "has too few numbers", "one per source of the draw"));
            };
            outputs.push(output);
        }
        let by_hand = outputs.iter().any(|output| output.get("number").is_some());
        let mut command = Map::new();
        command.insert("do".to_owned(), json!("beacon"));
        command.insert("outputs".to_owned(), Value::Array(outputs));
        if by_hand {
            self.bind(&mut command, "beacon", "officer/1");
            return self.enter(at, &Value::Object(command), &["officer/1", "officer/2"], sink, heard);
        }
        self.enter(at, &Value::Object(command), &[], sink, heard)
    }
}

/// An empty place of a list or a table, or the 32 bytes that a file for the engine alone has for a chain.
fn stands_for_nothing(given: &str) -> bool {
    matches!(given, "" | "null") || Digest::from_hex(given).is_some()
}

/// An output as the file gives it.
enum Given {
    /// A number, for a source that is one.
    Number(String),
    /// A number in place of a source that failed.
    InPlace(String),
}

impl Given {
    fn read(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Some(number) = value.get("number") {
            return Self::InPlace(text(number));
        }
        let text = text(value);
        match text.strip_prefix("number:") {
            Some(number) => Self::InPlace(number.to_owned()),
            None => Self::Number(text),
        }
    }
}
