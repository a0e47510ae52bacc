use landgavel_base::Instant;
use landgavel_sale::event::Event;
use landgavel_sale::refusal::Refusal;
use landgavel_sale::{Lot, Sale};
use serde_json::{Value, json};

use super::{IntakeRefusal, Received};
use crate::canonical;
use crate::wire::{event_json, refusal_json};

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

/// Writes an entry.
pub fn entry_line(sale: &Sale, number: u64, received: &Received, result: &Result<Vec<Event>, Refused>) -> String {
    let mut entry = json!({"at_ms": received.at.millis(), "command": received.text, "entry": number});
    match result {
        Ok(events) => entry["events"] = events.iter().map(|event| event_json(sale, event)).collect(),
        Err(refused) => entry["refused"] = refused.json(sale.lot()),
    }
    if !received.signatures.is_empty() {
        entry["signatures"] = signatures_json(received);
    }
    canonical::encode(&entry)
}

/// Writes entry 0, the notice.
pub fn notice_line(received: &Received) -> String {
    canonical::encode(&json!({
        "at_ms": received.at.millis(), "entry": 0, "notice": received.text, "signatures": signatures_json(received),
    }))
}

fn signatures_json(received: &Received) -> Value {
    received
        .signatures
        .iter()
        .map(|signed| json!({"key": signed.key.to_string(), "signature": signed.signature}))
        .collect()
}
