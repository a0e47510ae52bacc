//! What a sale's chain brings by itself: the outputs of a draw, and the openings of sealed bids.

use std::sync::Arc;
use std::time::Duration;

use landgavel_base::Instant;
use landgavel_beacon::{Chain, LocalChain};
use landgavel_record::canonical;
use landgavel_record::record::Record;
use landgavel_sale::Status;
use landgavel_sale::event::PhaseName;
use landgavel_sale::rulebook::{BeaconSource, StageKind};
use serde_json::{Value, json};

/// Before a round is asked for again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(300), Duration::from_secs(5));

/// Where the signatures of rounds come from.
#[derive(Clone)]
pub enum Rounds {
    /// A chain whose key is in this process: for demonstrations and tests, and its record says so.
    Own(Arc<LocalChain>),
    /// Asked of somebody, on a thread that may wait; what it gives is verified like any other command.
    Brought(Arc<dyn RoundSource>),
    /// Nobody here: whoever has a round hands it in like any other command.
    HandedIn,
}

/// Gives the signatures of rounds.
pub trait RoundSource: Send + Sync {
    /// The signature of a round that has come, 48 bytes.
    ///
    /// # Errors
    ///
    /// Why it cannot be had now, in words; it is asked again.
    fn signature(&self, chain: &Chain, round: u64) -> Result<Vec<u8>, String>;
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
        record.waiting_seals().map(|(_, round)| round).min()?
    } else if draws_by_chain(record) {
        record.draw_round()?
    } else {
        return None;
    };
    let at = record.notice().chain.time_of_round(round).and_then(Instant::from_millis)?;
    Some(Wanted { round, at, after_entries: frozen_by })
}

/// The commands that use a round's signature.
pub fn commands(record: &Record, round: u64, signature: &str) -> Vec<String> {
    if opens_seals(record) {
        let open = |(bidder, _): (landgavel_sale::BidderId, u64)| {
            let code = record.sale().bidder(bidder).map_or("", landgavel_sale::Bidder::code);
            canonical::encode(&json!({"bidder": code, "do": "open", "round": round, "signature": signature}))
        };
        return record.waiting_seals().filter(|(_, of)| *of == round).map(open).collect();
    }
    if record.draw_round() != Some(round) {
        return Vec::new();
    }
    let output = json!({"round": round, "signature": signature});
    let outputs: Vec<Value> = sources(record).iter().map(|_| output.clone()).collect();
    vec![canonical::encode(&json!({"do": "beacon", "outputs": outputs}))]
}

impl Rounds {
    /// Whether somebody here brings rounds.
    pub fn bring(&self) -> bool {
        match self {
            Self::Own(_) | Self::Brought(_) => true,
            Self::HandedIn => false,
        }
    }

    /// The signature of a round of this chain in hexadecimal, asked until it is had.
    pub async fn signature(self, chain: Arc<Chain>, round: u64) -> String {
        let mut wait = RETRY.0;
        loop {
            let (rounds, chain) = (self.clone(), Arc::clone(&chain));
            let asked = tokio::task::spawn_blocking(move || rounds.ask(&chain, round)).await;
            match asked.map_err(|error| error.to_string()).and_then(|answer| answer) {
                Ok(signature) => return signature.iter().map(|byte| format!("{byte:02x}")).collect(),
                Err(why) => tracing::warn!(round, why, "a round of the beacon cannot be had yet"),
            }
            tokio::time::sleep(wait).await;
            wait = (2 * wait).min(RETRY.1);
        }
    }

    fn ask(&self, chain: &Chain, round: u64) -> Result<Vec<u8>, String> {
        match self {
            Self::Own(own) if own.chain().hash() == chain.hash() => Ok(own.sign(round).to_vec()),
            Self::Own(_) => Err("the sale's chain is not the hall's own".to_owned()),
            Self::Brought(source) => source.signature(chain, round),
            Self::HandedIn => Err("nobody here brings rounds".to_owned()),
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
