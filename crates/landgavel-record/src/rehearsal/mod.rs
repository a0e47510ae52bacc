//! A sale run from a file of commands, with keys made for the run: signed, sealed, witnessed and
//! verifiable like a real one, and said to be a rehearsal.

mod keys;
mod pledge;
mod publish;
mod script;
mod terms;

use std::sync::Arc;

use landgavel_base::{Duration, Instant};
use landgavel_beacon::{Chain, LocalChain, Output};
use landgavel_sale::event::{Happened, PhaseName};
use landgavel_sale::{Sale, Status};
use serde_json::{Map, Value, json};

use crate::bundle::BUNDLE_JSON;
use crate::canonical;
use crate::keys::KeyCache;
use crate::language::Loaded;
use crate::outcome::outcome_json;
use crate::record::sources::party_commitment;
use crate::record::{Entry, Fault, Notice, Officer, Party, Received, Record, hex, notice_line, sha256};
use crate::rounds::{RoundError, Rounds};
use crate::wire::{WireError, parse_request};
use keys::RunKeys;
use publish::{Published, Publisher};

pub use pledge::{PledgeGrounds, PledgeRehearsal};
use terms::CLOCK_TOLERANCE_MS;
pub use terms::{Beacon, Terms};

/// Period and genesis of the local chain, as the public one has them.
const CHAIN_PERIOD_S: u32 = 3;
const CHAIN_GENESIS_S: i64 = 1_692_803_367;
const CHECKPOINT_WITHIN_MS: i64 = 60_000;

/// Most steps that time alone may bring between two commands.
const MAX_STEPS: usize = 10_000_000;

/// Takes the files of the bundle as they come about.
pub trait Sink {
    /// Keeps a whole file.
    fn file(&mut self, path: &str, bytes: &[u8]);

    /// Adds to the end of a file.
    fn append(&mut self, path: &str, bytes: &[u8]);
}

/// Why a command was not entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotEntered {
    /// A field cannot be read: the file is wrong.
    Field(WireError),
    /// The command is older than the one before it: the file is wrong.
    OutOfOrder {
        /// Time of the last event.
        last: Instant,
    },
    /// It can be no entry of a record: it was turned away at the door.
    TurnedAway(Fault),
    /// A round of the chain that the run needs cannot be had.
    NoRound {
        /// The round.
        round: u64,
        /// When it came, in milliseconds since 1970.
        at_ms: i64,
        /// Why it cannot be had.
        why: RoundError,
    },
}

/// A sale that is run from a file.
pub struct Rehearsal {
    record: Record,
    keys: RunKeys,
    cache: KeyCache,
    publisher: Publisher,
    chain: Arc<Chain>,
    rounds: Box<dyn Rounds>,
    serial: u64,
    /// Seals of the stage wait to be opened.
    opening: bool,
}

impl Rehearsal {
    /// Opens a lot for a run on the usual terms; see [`Rehearsal::on_terms`].
    ///
    /// # Panics
    /// When the lot was loaded without its file.
    pub fn open(loaded: &Loaded, seed: Option<[u8; 32]>, sink: &mut dyn Sink) -> Self {
        Self::on_terms(loaded, Terms { seed, ..Terms::default() }, sink).expect("the usual terms can be met")
    }

    /// Opens a lot for a run: fixes the notice and enters it. Without a seed the run's keys come from the
    /// digest of the lot's file, so that the same run always gives the same bytes.
    ///
    /// # Errors
    /// No record on these terms can hold; in words.
    ///
    /// # Panics
    /// When the lot was loaded without its file.
    pub fn on_terms(loaded: &Loaded, terms: Terms, sink: &mut dyn Sink) -> Result<Self, String> {
        terms.check()?;
        let lot_text = loaded.lot_text.as_deref().expect("a lot that is run has a file");
        let mut keys = RunKeys::new(terms.seed.unwrap_or_else(|| sha256(lot_text).0));
        let (chain, rounds): (_, Box<dyn Rounds>) = match terms.beacon {
            Beacon::Local => {
                let local = LocalChain::from_seed(keys.bytes("chain"), CHAIN_GENESIS_S, CHAIN_PERIOD_S)
                    .expect("the constants make a chain");
                (local.chain().clone(), Box::new(local))
            }
            Beacon::Quicknet(rounds) => (Chain::quicknet(), rounds),
        };
        let chain = Arc::new(chain);
        let publisher = Publisher::new(&keys, &loaded.lot.id);
        let policy = publisher.policy();
        let lot = Arc::new(loaded.lot.clone());
        let parties = terms.parties.into_iter().map(|name| {
            let secret = keys.digest(&format!("party/{name}"));
            Party { commitment: party_commitment(&lot.id, &name, secret), name }
        });
        let parties = parties.collect();
        let officers = ["officer/1", "officer/2"]
            .map(|name| Officer { name: format!("{name} (made for this run)"), key: keys.key(name).public() });
        let millis = |millis| Duration::from_millis(millis).expect("constants are in range");
        let notice = Notice {
            origin: publisher.origin().to_owned(),
            lot: lot.id.clone(),
            lot_sha256: sha256(lot_text),
            rulebook_sha256: sha256(&loaded.rulebook_text),
            policy_sha256: sha256(policy.as_bytes()),
            officers: officers.to_vec(),
            hall: Some(keys.key("hall").public()),
            chain: Arc::clone(&chain),
            draw_delay: terms.draw_delay,
            seal_delay: terms.seal_delay,
            parties,
            fallback: terms.fallback,
            checkpoint_within: millis(CHECKPOINT_WITHIN_MS),
            clock_tolerance: millis(CLOCK_TOLERANCE_MS),
            is_demonstration: true,
            issuers: terms.issuers,
        };
        sink.file("bundle.json", BUNDLE_JSON.as_bytes());
        sink.file("policy.txt", policy.as_bytes());
        sink.file("rulebook.toml", &loaded.rulebook_text);
        sink.file("lot.toml", lot_text);
        let at = Sale::open(Arc::clone(&lot)).last();
        let record = Record::open(lot, Arc::new(notice), at);
        let mut rehearsal =
            Self { record, keys, cache: KeyCache::default(), publisher, chain, rounds, serial: 0, opening: false };
        rehearsal.enter_notice(sink);
        Ok(rehearsal)
    }

    fn enter_notice(&mut self, sink: &mut dyn Sink) {
        let text = self.record.notice().text();
        let at = self.record.last();
        let signed = self.signatures(&["officer/1", "officer/2"], &text);
        let received = self.receive(at, &text, &signed);
        self.publisher.append(at, notice_line(&received).as_bytes(), sink);
        // Bidders sign in sight of the notice's checkpoint.
        let published = self.publisher.at_once(sink);
        self.published(published);
    }

    fn published(&mut self, published: Option<Published>) {
        if let Some((size, root)) = published {
            self.record.published(size, root);
        }
    }

    /// The sale as it stands.
    pub fn sale(&self) -> &Sale {
        self.record.sale()
    }

    /// Entries so far, the notice among them.
    pub fn size(&self) -> u64 {
        self.record.size()
    }

    /// Runs one command, after everything that time brings before it.
    ///
    /// # Errors
    /// Why it was not entered.
    pub fn request(
        &mut self,
        object: &Map<String, Value>,
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&Entry),
    ) -> Result<(), NotEntered> {
        let at = self.time_of(object)?;
        if at < self.record.last() {
            return Err(NotEntered::OutOfOrder { last: self.record.last() });
        }
        self.advance(at, sink, heard)?;
        self.ask(at, object, sink, heard)?;
        self.advance(at, sink, heard)
    }

    /// Amounts are read in the unit of the stage that will run then, so only the time is read here.
    fn time_of(&self, object: &Map<String, Value>) -> Result<Instant, NotEntered> {
        let mut tick = Map::new();
        tick.insert("do".to_owned(), json!("tick"));
        if let Some(at) = object.get("at") {
            tick.insert("at".to_owned(), at.clone());
        }
        parse_request(self.sale(), &tick).map(|request| request.at).map_err(NotEntered::Field)
    }

    /// Runs all that is due up to a moment.
    ///
    /// # Errors
    /// A round that opens seals cannot be had.
    ///
    /// # Panics
    /// When time alone brings no end, which no checked rulebook does.
    pub fn advance(
        &mut self,
        to: Instant,
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&Entry),
    ) -> Result<(), NotEntered> {
        for _ in 0..MAX_STEPS {
            let due = self.sale().due();
            match self.opens_at() {
                Some(opens) if opens <= to && due.is_none_or(|due| opens < due) => {
                    self.open_seals(opens, sink, heard)?;
                }
                _ => match due {
                    Some(due) if due <= to => self.tick(due, sink, heard),
                    _ => return Ok(()),
                },
            }
        }
        panic!("time alone brings no end to this sale: a bug of the engine");
    }

    /// Lets time pass until the sale has ended or waits for somebody to act.
    ///
    /// # Errors
    /// A round that opens seals or decides a draw cannot be had.
    ///
    /// # Panics
    /// As [`Rehearsal::advance`].
    pub fn finish(&mut self, sink: &mut dyn Sink, heard: &mut dyn FnMut(&Entry)) -> Result<(), NotEntered> {
        for _ in 0..MAX_STEPS {
            let waits = match self.sale().status() {
                Status::Admitting | Status::Running(_) => false,
                // The file may simply end before a provisional winner signs.
                Status::Provisional => self.sale().due() > Some(self.sale().last()),
                Status::Awarded | Status::PassedIn(_) | Status::Annulled { .. } => true,
            };
            let Some(due) = self.sale().due().filter(|_| !waits) else {
                let outcome = canonical::encode(&outcome_json(self.sale())) + "\n";
                let published = self.publisher.finish(sink);
                self.published(published);
                sink.file("outcome.json", outcome.as_bytes());
                return Ok(());
            };
            match self.opens_at() {
                Some(opens) if opens < due => self.open_seals(opens, sink, heard)?,
                _ if self.draw_by_itself(due, sink, heard)? => {}
                _ => self.tick(due, sink, heard),
            }
        }
        panic!("time alone brings no end to this sale: a bug of the engine");
    }

    fn tick(&mut self, due: Instant, sink: &mut dyn Sink, heard: &mut dyn FnMut(&Entry)) {
        let at = due.max(self.sale().last());
        self.enter(at, &json!({"do": "tick"}), &[], sink, heard).expect("a tick that is due is entered");
    }

    /// When the seals that wait may be opened.
    fn opens_at(&self) -> Option<Instant> {
        let latest = self.record.waiting_seals().map(|(_, round)| round).max().filter(|_| self.opening)?;
        let from = self.chain.time_of_round(latest).and_then(Instant::from_millis)?;
        Some(from.max(self.sale().last()))
    }

    fn round(&self, round: u64) -> Result<Output, NotEntered> {
        let at_ms = self.chain.time_of_round(round).unwrap_or(i64::MAX);
        self.rounds.output(&self.chain, round).map_err(|why| NotEntered::NoRound { round, at_ms, why })
    }

    fn open_seals(
        &mut self,
        at: Instant,
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&Entry),
    ) -> Result<(), NotEntered> {
        let waiting: Vec<_> = self.record.waiting_seals().collect();
        let mut known: Option<Output> = None;
        for (bidder, round) in waiting {
            let output = match known.take().filter(|output| output.round() == round) {
                Some(output) => output,
                None => self.round(round)?,
            };
            let code = self.sale().bidder(bidder).map_or("", |bidder| bidder.code()).to_owned();
            let signature = hex(output.signature());
            known = Some(output);
            let command = json!({"bidder": code, "do": "open", "round": round, "signature": signature});
            self.enter(at, &command, &[], sink, heard).expect("an opening by its round is entered");
        }
        self.opening = false;
        Ok(())
    }

    /// At the end of the file a draw that rests on the chain alone is held.
    fn draw_by_itself(
        &mut self,
        due: Instant,
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&Entry),
    ) -> Result<bool, NotEntered> {
        let from = self.record.draw_round().and_then(|round| self.chain.time_of_round(round));
        let Some(at) = from.and_then(Instant::from_millis).filter(|at| *at < due) else { return Ok(false) };
        let Some(outputs) = self.chain_outputs()? else { return Ok(false) };
        let at = at.max(self.sale().last());
        Ok(self.enter(at, &json!({"do": "beacon", "outputs": outputs}), &[], sink, heard).is_ok())
    }

    /// Decides, enters and publishes one command.
    fn enter(
        &mut self,
        at: Instant,
        command: &Value,
        signers: &[&str],
        sink: &mut dyn Sink,
        heard: &mut dyn FnMut(&Entry),
    ) -> Result<(), NotEntered> {
        let published = self.publisher.before(at, sink);
        self.published(published);
        let text = canonical::encode(command);
        let signed = self.signatures(signers, &text);
        let received = self.receive(at, &text, &signed);
        let entry = self.record.enter(&received).map_err(NotEntered::TurnedAway)?;
        if let Ok(events) = &entry.result {
            for event in events {
                if let Happened::PhaseBegan { phase } = event.happened {
                    self.opening = phase == PhaseName::Opening;
                }
            }
        }
        self.publisher.append(at, entry.line.as_bytes(), sink);
        heard(&entry);
        Ok(())
    }

    fn signatures(&mut self, signers: &[&str], text: &str) -> Vec<(String, String)> {
        signers
            .iter()
            .map(|holder| {
                let key = self.keys.key(holder);
                (key.public().to_string(), key.sign(text.as_bytes()))
            })
            .collect()
    }

    fn receive(&mut self, at: Instant, text: &str, signed: &[(String, String)]) -> Received {
        let signed = signed.iter().map(|(key, signature)| (key.as_str(), signature.as_str()));
        Received::check(at, text, signed, &mut self.cache).expect("what the run signs is canonical and valid")
    }
}
