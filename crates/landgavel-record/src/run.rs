//! Runs a sale from commands that nobody signed: for rules, examples and the casebook.

use std::collections::BTreeMap;
use std::sync::Arc;

use landgavel_base::{Digest, Instant, Quantity};
use landgavel_sale::command::{BidderId, Command};
use landgavel_sale::event::{Event, Happened, PhaseName};
use landgavel_sale::{Lot, Refusal, Sale, Status};
use serde_json::{Map, Value, json};

use crate::wire::{Request, WireError, event_json, parse_request, refusal_json};

/// One line of a record: a command as received, and what it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number of the entry, from 1.
    pub number: u64,
    /// The sale's time.
    pub at: Instant,
    /// The command as JSON text.
    pub command: String,
    /// Events, or the refusal.
    pub result: Result<Vec<Event>, Refusal>,
    /// The entry as one line of JSON.
    pub line: String,
}

/// Why a command could not be run at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// A field cannot be read.
    Field(WireError),
    /// The command is older than the one before it.
    OutOfOrder {
        /// Time of the command before it, or of the last event.
        last: Instant,
    },
}

/// Most steps that time alone may bring between two commands; a rulebook whose stages lead only
/// forward needs far fewer, so reaching it is a bug and not a slow sale.
const MAX_STEPS: usize = 10_000_000;

const ENDLESS: &str = "time alone brings no end to this sale: a bug of the engine";

/// A sale that is run from commands.
pub struct Runner {
    sale: Sale,
    entries: u64,
    /// Amounts of seals that the command file tells in the open.
    seals: BTreeMap<BidderId, (Vec<Quantity>, Digest)>,
}

impl Runner {
    /// Opens a lot.
    pub fn new(lot: Arc<Lot>) -> Self {
        Self { sale: Sale::open(lot), entries: 0, seals: BTreeMap::new() }
    }

    /// The sale as it stands.
    pub fn sale(&self) -> &Sale {
        &self.sale
    }

    /// Runs one command, after everything that time brings before it.
    ///
    /// # Errors
    /// A command that cannot be read, or is older than the one before it. Nothing is recorded then.
    pub fn request(&mut self, object: &Map<String, Value>, sink: &mut dyn FnMut(Entry)) -> Result<(), RunError> {
        // Amounts are read in the unit of the stage that runs at that time: advance first.
        let time = parse_request(&self.sale, object).or_else(|error| self.time_only(object, error));
        let at = time.map_err(RunError::Field)?.at;
        if at < self.sale.last() {
            return Err(RunError::OutOfOrder { last: self.sale.last() });
        }
        self.advance(at, sink);
        let request = parse_request(&self.sale, object).map_err(RunError::Field)?;
        let mut received = Value::Object(object.clone()).to_string();
        if let (Some(amounts), Command::LodgeSeal { bidder, envelope, .. }) =
            (&request.sealed_amounts, &request.command)
        {
            // The record holds the envelope; the amounts enter it when the seal is opened.
            let code = self.sale.bidder(*bidder).map_or("", |bidder| bidder.code()).to_owned();
            self.seals.insert(*bidder, (amounts.clone(), crate::wire::run_salt(&self.sale.lot().id, &code)));
            received = json!({"at": object.get("at"), "do": "seal", "bidder": object.get("bidder"),
                              "envelope": envelope.to_string()})
            .to_string();
        }
        self.record(request.at, received, &request.command, sink);
        self.advance(at, sink);
        Ok(())
    }

    /// When only an amount cannot be read yet, its command still has a time.
    fn time_only(&self, object: &Map<String, Value>, error: WireError) -> Result<Request, WireError> {
        let Some(at) = object.get("at").filter(|_| error.field != "at" && error.field != "do") else {
            return Err(error);
        };
        let tick: Map<String, Value> =
            [("at".to_owned(), at.clone()), ("do".to_owned(), json!("tick"))].into_iter().collect();
        parse_request(&self.sale, &tick)
    }

    /// Lets time pass until the sale has ended or waits for somebody to act.
    ///
    /// A provisional winner is not run into its default: the file may simply end before it signs.
    ///
    /// # Panics
    /// When time alone brings more than [`MAX_STEPS`] steps, which no checked rulebook does.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Entry)) {
        for _ in 0..MAX_STEPS {
            let waits = match self.sale.status() {
                Status::Admitting | Status::Running(_) => false,
                Status::Provisional => self.sale.due() > Some(self.sale.last()),
                Status::Awarded | Status::PassedIn(_) | Status::Annulled { .. } => true,
            };
            match self.sale.due() {
                Some(due) if !waits => self.step(due, sink),
                _ => return,
            }
        }
        panic!("{ENDLESS}");
    }

    /// Runs all that is due up to a moment.
    ///
    /// # Panics
    /// As [`Runner::finish`].
    pub fn advance(&mut self, to: Instant, sink: &mut dyn FnMut(Entry)) {
        for _ in 0..MAX_STEPS {
            match self.sale.due() {
                Some(due) if due <= to => self.step(due, sink),
                _ => return,
            }
        }
        panic!("{ENDLESS}");
    }

    fn step(&mut self, due: Instant, sink: &mut dyn FnMut(Entry)) {
        let at = due.max(self.sale.last());
        let received = json!({"do": "tick"}).to_string();
        let began = self.record(at, received, &Command::Tick, sink);
        if began {
            self.open_seals(at, sink);
        }
    }

    fn open_seals(&mut self, at: Instant, sink: &mut dyn FnMut(Entry)) {
        for (bidder, (amounts, salt)) in std::mem::take(&mut self.seals) {
            let code = self.sale.bidder(bidder).map_or("", |bidder| bidder.code()).to_owned();
            let values: Vec<i64> = amounts.iter().map(|amount| amount.quanta()).collect();
            let received =
                json!({"do": "open", "bidder": code, "quanta": values, "salt": salt.to_string()}).to_string();
            let command = Command::OpenSeal { bidder, amounts: Some(amounts), salt };
            self.record(at, received, &command, sink);
        }
    }

    /// Decides, applies and hands on one entry; tells whether seals may now be opened.
    fn record(&mut self, at: Instant, received: String, command: &Command, sink: &mut dyn FnMut(Entry)) -> bool {
        let result = self.sale.decide(at, command);
        let mut opens = false;
        if let Ok(events) = &result {
            for event in events {
                self.sale.apply(event);
                opens |= matches!(event.happened, Happened::PhaseBegan { phase: PhaseName::Opening });
            }
        }
        self.entries += 1;
        let line = entry_line(&self.sale, self.entries, at, &received, &result);
        sink(Entry { number: self.entries, at, command: received, result, line });
        opens
    }
}

fn entry_line(sale: &Sale, number: u64, at: Instant, command: &str, result: &Result<Vec<Event>, Refusal>) -> String {
    let mut entry = json!({"entry": number, "at_ms": at.millis(), "command": command});
    let (key, value) = match result {
        Ok(events) => ("events", Value::Array(events.iter().map(|event| event_json(sale, event)).collect())),
        Err(refusal) => ("refused", refusal_json(sale.lot(), refusal)),
    };
    entry[key] = value;
    entry.to_string()
}
