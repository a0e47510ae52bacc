use landgavel_base::Instant;
use landgavel_sale::event::Event;
use landgavel_sale::refusal::Refusal;
use landgavel_sale::{Lot, Sale};
use serde_json::{Value, json};

use super::{IntakeRefusal, Received, sha256};
use crate::canonical;
use crate::wire::{event_json, refusal_json};

/// Most bytes of an entry: the log writes its length in two.
pub(crate) const ENTRY_MAX: usize = landgavel_log::tile::MAX_ENTRY;
/// With a text of so many bytes or fewer an entry always fits: its escapes at most double it.
const ALWAYS_FITS: usize = 24_000;

/// One entry of a record: a command as received, and what it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log's tree; the notice is 0.
    pub number: u64,
    /// The sale's time.
    pub at: Instant,
    /// The command as it was signed.
    pub command: String,
    /// Events, or the refusal.
    pub result: Result<Vec<Event>, Refused>,
    /// The entry as canonical JSON: the bytes of the log's leaf.
    pub line: String,
}

/// Why a command led to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The rules do not allow it.
    Engine(Refusal),
    /// What was signed does not fit the sale as it stands.
    Intake(IntakeRefusal),
}

impl Refused {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(refusal) => refusal.reason.code(),
            Self::Intake(refusal) => refusal.code(),
        }
    }

    /// As JSON: code, clause, and what was expected where the reason says so.
    pub fn json(&self, lot: &Lot) -> Value {
        match self {
            Self::Engine(refusal) => refusal_json(lot, refusal),
            Self::Intake(refusal) => json!({"clause": "record", "code": refusal.code()}),
        }
    }
}

/// Writes an entry of a sale's record.
pub fn entry_line(sale: &Sale, number: u64, received: &Received, result: &Result<Vec<Event>, Refused>) -> String {
    let events = result.as_ref().map(|events| events.iter().map(|event| event_json(sale, event)));
    write_entry(number, received, events.map_err(|refused| refused.json(sale.lot())))
}

/// Writes an entry of any record. Its fields stand in their canonical order; building no value for them saves a fifth of
/// the time that an entry takes to make again.
pub(crate) fn write_entry(
    number: u64,
    received: &Received,
    result: Result<impl ExactSizeIterator<Item = Value>, Value>,
) -> String {
    let mut line = String::with_capacity(2 * received.text().len() + 512);
    line.push_str(&format!("{{\"at_ms\":{},\"command\":", received.at.millis()));
    canonical::write_string(&mut line, received.text());
    line.push_str(&format!(",\"entry\":{number},"));
    match result {
        Ok(events) => {
            line.push_str("\"events\":");
            let (from, count) = (line.len(), events.len());
            for (index, event) in events.enumerate() {
                line.push(if index > 0 { ',' } else { '[' });
                canonical::write_value(&mut line, &event);
            }
            line.push_str(if count == 0 { "[]" } else { "]" });
            let to = line.len();
            write_signatures(&mut line, received);
            line.push('}');
            if line.len() > ENTRY_MAX {
                let hash = sha256(&line.as_bytes()[from..to]).to_string();
                line.replace_range(from..to, &long_events(count, &hash));
            }
        }
        Err(refused) => {
            line.push_str("\"refused\":");
            canonical::write_value(&mut line, &refused);
            write_signatures(&mut line, received);
            line.push('}');
        }
    }
    line
}

/// What stands for events that are too long for an entry: whoever knows the rules makes them again.
fn long_events(count: usize, sha256: &str) -> String {
    format!("{{\"count\":{count},\"sha256\":\"{sha256}\"}}")
}

/// Whether an entry fits into the log, if need be with the hash of its events.
pub(super) fn fits(sale: &Sale, number: u64, received: &Received, result: &Result<Vec<Event>, Refused>) -> bool {
    match result {
        Ok(_) if received.text().len() <= ALWAYS_FITS => true,
        Ok(events) => {
            let none = entry_line(sale, number, received, &Ok(Vec::new())).len();
            none - "[]".len() + long_events(events.len(), &"0".repeat(64)).len() <= ENTRY_MAX
        }
        Err(_) => entry_line(sale, number, received, result).len() <= ENTRY_MAX,
    }
}

/// Writes entry 0, the notice.
pub fn notice_line(received: &Received) -> String {
    let mut line = format!("{{\"at_ms\":{},\"entry\":0,\"notice\":", received.at.millis());
    canonical::write_string(&mut line, received.text());
    write_signatures(&mut line, received);
    line.push('}');
    line
}

fn write_signatures(line: &mut String, received: &Received) {
    for (index, signed) in received.signatures.iter().enumerate() {
        line.push_str(if index > 0 { ",{\"key\":" } else { ",\"signatures\":[{\"key\":" });
        canonical::write_string(line, signed.key.text());
        line.push_str(",\"signature\":");
        canonical::write_string(line, &signed.signature);
        line.push('}');
    }
    if !received.signatures.is_empty() {
        line.push(']');
    }
}
