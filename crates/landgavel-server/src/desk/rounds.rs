//! What a sale's chain brings by itself: the outputs of a draw, and the openings of sealed bids.

use std::sync::Arc;

use landgavel_base::Instant;
use landgavel_beacon::{Chain, LocalChain};
use landgavel_record::canonical;
use landgavel_record::record::Record;
use landgavel_sale::Status;
use landgavel_sale::event::PhaseName;
use landgavel_sale::rulebook::{BeaconSource, StageKind};
use serde_json::{Value, json};

/// Where the signatures of rounds come from.
#[derive(Clone)]
pub enum Rounds {
    /// A chain whose key is in this process: for demonstrations and tests, and its record says so.
    Own(Arc<LocalChain>),
    /// Nobody here: whoever has a round hands it in like any other command.
    HandedIn,
}

/// A round that a sale waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The round.
    pub round: u64,
    /// When it comes.
    pub at: Instant,
    /// Entries that must be witnessed before it is used.
    pub after_entries: u64,
}

/// The round that the running draw or the seals of the running stage wait for; `frozen_by` is the number of
/// entries with which the entrants, or the seals, were closed.
pub fn wanted(record: &Record, frozen_by: u64) -> Option<Wanted> {
    let round = if opens_seals(record) {
        record.waiting_seals().map(|(_, round)| round).max()?
    } else if draws_by_chain(record) {
        record.draw_round()?
    } else {
        return None;
    };
    let at = record.notice().chain.time_of_round(round).and_then(Instant::from_millis)?;
    Some(Wanted { round, at, after_entries: frozen_by })
}

/// The commands that use a round's signature.
pub fn commands(record: &Record, sign: impl Fn(u64) -> String) -> Vec<String> {
    if opens_seals(record) {
        let open = |(bidder, round): (landgavel_sale::BidderId, u64)| {
            let code = record.sale().bidder(bidder).map_or("", landgavel_sale::Bidder::code);
            canonical::encode(&json!({"bidder": code, "do": "open", "round": round, "signature": sign(round)}))
        };
        return record.waiting_seals().map(open).collect();
    }
    let Some(round) = record.draw_round() else { return Vec::new() };
    let output = json!({"round": round, "signature": sign(round)});
    let outputs: Vec<Value> = sources(record).iter().map(|_| output.clone()).collect();
    vec![canonical::encode(&json!({"do": "beacon", "outputs": outputs}))]
}

impl Rounds {
    /// The signature of a round of this chain in hexadecimal, when it can be made here.
    pub fn signature(&self, chain: &Chain, round: u64) -> Option<String> {
        match self {
            Self::Own(own) if own.chain().hash() == chain.hash() => {
                Some(own.sign(round).iter().map(|byte| format!("{byte:02x}")).collect())
            }
            Self::Own(_) | Self::HandedIn => None,
        }
    }
}

fn opens_seals(record: &Record) -> bool {
    record.sale().period().is_some_and(|period| period.name == PhaseName::Opening)
}

fn sources(record: &Record) -> &[BeaconSource] {
    match record.sale().status() {
        Status::Running(id) => match &record.sale().lot().rulebook.stage(*id).kind {
            StageKind::Draw(rule) => &rule.sources,
            _ => &[],
        },
        _ => &[],
    }
}

/// Whether a draw waits, and rests on the chain alone.
fn draws_by_chain(record: &Record) -> bool {
    let sources = sources(record);
    let is_chain = |source: &BeaconSource| matches!(source, BeaconSource::Drand | BeaconSource::Local);
    record.frozen_at().is_some() && !sources.is_empty() && sources.iter().all(is_chain)
}
