//! The public beacon: which round comes when, rounds from relays, and files of them checked.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use landgavel_base::Instant;
use landgavel_beacon::Chain;
use landgavel_record::rounds::{RoundError, Rounds as _, line};
use landgavel_record::wire::{read_time, time_text};
use serde_json::{Value, json};

use crate::client::Network;
use crate::exit::Exit;
use crate::relay::{Sources, read_file};

/// Rounds of drand's public chain quicknet, checked against its pinned key.
#[derive(clap::Subcommand)]
pub enum Beacon {
    /// Fetch rounds from relays, check them, and print them as lines of JSON for `landgavel run --rounds`.
    Fetch {
        /// Numbers of rounds.
        #[arg(required = true, value_name = "ROUND")]
        rounds: Vec<u64>,
        /// Relay of drand's HTTP interface, such as https://api.drand.sh; several are asked in turn.
        #[arg(long, value_name = "URL", required = true)]
        relay: Vec<String>,
        /// Write the lines to a file and not to standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        network: Network,
    },
    /// Check a file of rounds, without a network.
    Verify {
        /// Rounds as JSON: lines of `landgavel beacon fetch`, or answers of a relay.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell which round comes first at a time or after it.
    At {
        /// RFC 3339 with an offset, such as 2026-04-17T10:30:00+08:00.
        time: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub fn beacon(beacon: &Beacon) -> Result<Exit> {
    match beacon {
        Beacon::Fetch { rounds, relay, out, network } => fetch(rounds, relay, out.as_ref(), network),
        Beacon::Verify { file, json } => verify(file, *json),
        Beacon::At { time, json } => at(time, *json),
    }
}

/// When a round comes, in UTC.
pub fn time_of(chain: &Chain, round: u64) -> String {
    chain.time_of_round(round).and_then(Instant::from_millis).map_or_else(|| "never".to_owned(), time_text)
}

fn fetch(rounds: &[u64], relays: &[String], out: Option<&PathBuf>, network: &Network) -> Result<Exit> {
    let sources = match Sources::open(None, relays, network) {
        Ok(sources) => sources,
        Err(why) => {
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    };
    let chain = Chain::quicknet();
    let mut text = String::new();
    for &round in rounds {
        match sources.output(&chain, round) {
            Ok(output) => {
                let _ = writeln!(text, "{}", line(&output));
            }
            Err(why) => {
                eprintln!("round {round} of {}: {why}", time_of(&chain, round));
                return Ok(Exit::WorldFailed);
            }
        }
    }
    match out {
        Some(path) => std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?,
        None => print!("{text}"),
    }
    Ok(Exit::Good)
}

fn verify(path: &Path, json: bool) -> Result<Exit> {
    let file = match read_file(path) {
        Ok(file) => file,
        Err(why) => {
            eprintln!("{why}");
            return Ok(Exit::WrongUse);
        }
    };
    let chain = Chain::quicknet();
    let mut holds = true;
    let mut listed: Vec<Value> = Vec::new();
    for claim in file.claims() {
        let at = time_of(&chain, claim.round);
        let checked: Result<String, RoundError> =
            claim.check(&chain).map(|output| output.randomness().iter().map(|byte| format!("{byte:02x}")).collect());
        holds &= checked.is_ok();
        match (&checked, json) {
            (_, true) => listed.push(json!({
                "round": claim.round, "at": at, "randomness": checked.as_ref().ok(),
                "wrong": checked.as_ref().err().map(ToString::to_string),
            })),
            (Ok(randomness), false) => println!("✓ {:>10}  {at}  {randomness}", claim.round),
            (Err(error), false) => println!("✗ {:>10}  {at}  {error}", claim.round),
        }
    }
    if json {
        let verdict = if holds { "holds" } else { "fails" };
        println!("{:#}", json!({"chain": chain.name(), "verdict": verdict, "rounds": listed}));
    }
    Ok(if holds { Exit::Good } else { Exit::No })
}

fn at(time: &str, json: bool) -> Result<Exit> {
    let chain = Chain::quicknet();
    let round = read_time(time).and_then(|time| chain.round_at(time.millis()));
    let Some(round) = round else {
        eprintln!("“{time}” is not a moment. Expected: RFC 3339 with an offset, such as 2026-04-17T10:30:00+08:00.");
        return Ok(Exit::WrongUse);
    };
    let at = time_of(&chain, round);
    if json {
        println!("{}", json!({"chain": chain.name(), "round": round, "at": at}));
    } else {
        println!("{round}  {at}");
    }
    Ok(Exit::Good)
}
