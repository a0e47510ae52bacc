//! The hall under load: bids over real HTTP on the loopback interface, each answered only once it is on the disk.
//!
//! The client is on the same machine and takes its share of the cores. `stage` is the hall's process, `process` the way to
//! it, `load` and `viewers` are the clients, `judge` compares receipts with the disk; `surge`, `restart` and `kills` are
//! measurements of their own.

mod judge;
mod kills;
mod load;
mod process;
mod restart;
mod stage;
mod surge;
mod viewers;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::peak_mib;
use crate::exit::Exit;
use load::{Bidder, Binding, Seen, evenly, fire};
use process::{Hall, Scene};
use viewers::Watched;

/// Bidders of the hot lot.
const BIDDERS: usize = 64;

/// What is measured.
#[derive(clap::Args)]
pub struct Arguments {
    /// Connections over which bids are sent.
    #[arg(long, default_value_t = 256)]
    connections: usize,
    /// Bids of a run that offers more than the hall can take.
    #[arg(long, default_value_t = 60_000)]
    bids: u64,
    /// So many of them are offered a second.
    #[arg(long, default_value_t = 12_000)]
    offered: u64,
    /// Bids a second of the run whose answers are timed.
    #[arg(long, default_value_t = 1000)]
    rate: u64,
    /// Seconds of that.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Runs of each kind; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Viewers on streams; 0 leaves them out.
    #[arg(long, default_value_t = 10_000)]
    viewers: usize,
    /// Bidders that are registered in a closing surge; 0 leaves it out.
    #[arg(long, default_value_t = 150_000)]
    registered: usize,
    /// Bids in the last minute of the surge.
    #[arg(long, default_value_t = 100_000)]
    surge_bids: u64,
    /// Measure restarts with so many bids in the journal, and nothing else.
    #[arg(long, default_value_t = 0)]
    events: u64,
    /// Kill a hall so many times under load, and nothing else.
    #[arg(long, default_value_t = 0)]
    kills: u64,
    /// Repeat the random moments of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Be the hall that is measured, in this directory.
    #[arg(long, hide = true, value_name = "DIR")]
    stage: Option<PathBuf>,
    /// What the stage plays.
    #[arg(long, hide = true, value_enum, default_value_t = Scene::Hot)]
    scene: Scene,
    /// Bidders of the stage.
    #[arg(long, hide = true, default_value_t = BIDDERS)]
    bidders: usize,
}

pub fn bench(arguments: &Arguments) -> Result<Exit> {
    if let Some(directory) = &arguments.stage {
        stage::run(directory, arguments.bidders, arguments.scene, arguments.events)?;
        return Ok(Exit::Good);
    }
    ensure!(arguments.runs > 0 && arguments.connections > 0, "at least one run and one connection");
    if arguments.kills > 0 {
        let report = kills::measure(arguments.kills, arguments.seed)?;
        print(&report, arguments.json, |report| {
            format!(
                "{} kills, {} of them with bids in flight: {} receipts, {} lost, {} of {} proofs refused; {} pauses, {} of them \
                 for outages in which the countdown would have ended, {} endings",
                report["kills"],
                report["killed_with_bids_in_flight"],
                report["receipts"],
                report["lost"],
                report["proofs_refused"],
                report["proofs_asked"],
                report["pauses"],
                report["outages_past_countdown"],
                report["ended"]
            )
        });
        return Ok(Exit::Good);
    }
    if arguments.events > 0 {
        let report = restart::measure(arguments.events, arguments.runs)?;
        print(&report, arguments.json, |report| {
            format!(
                "{} bids: serving after {} ms with {} MiB; from the journal alone after {} ms",
                report["events"], report["restart_ms"], report["peak_mib"], report["from_journal_ms"]
            )
        });
        return Ok(Exit::Good);
    }
    let report = under_load(arguments)?;
    print(&report, arguments.json, in_words);
    ensure!(report["lost"] == json!(0), "receipts have no entry: {}", report["lost"]);
    ensure!(report["unanswered"] == json!(0), "bids have no answer: {}", report["unanswered"]);
    Ok(Exit::Good)
}

fn under_load(arguments: &Arguments) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let hall = Hall::begin(folder.path(), BIDDERS, Scene::Hot)?;
    let address = hall.address;
    let binding = Binding::read(address)?;
    let bidders: Vec<Bidder> = (0..BIDDERS).map(Bidder::new).collect();
    let (mut all, mut next) = (Seen::default(), 0);
    let run = |count: u64, per_second: u64, next: &mut u64| -> Result<Seen> {
        let requests = binding.bids(&bidders, *next..*next + count);
        *next += count;
        fire(address, arguments.connections, &requests, &evenly(count, per_second))
    };
    let (mut rates, mut halves, mut tails) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..arguments.runs {
        eprintln!("run {}: {} bids, {} a second offered …", number + 1, arguments.bids, arguments.offered);
        let seen = run(arguments.bids, arguments.offered, &mut next)?;
        rates.push(per_second(seen.told.len(), seen.took));
        all.add(seen);
        eprintln!("run {}: {} bids a second for {} s …", number + 1, arguments.rate, arguments.seconds);
        let seen = run(arguments.rate * arguments.seconds, arguments.rate, &mut next)?;
        halves.push(percentile(&seen.micros, 50));
        tails.push(percentile(&seen.micros, 99));
        all.add(seen);
    }
    let mut watched = Watched::default();
    if arguments.viewers > 0 {
        eprintln!("{} viewers …", arguments.viewers);
        let followed = binding.bids(&bidders, next..next + u64::try_from(viewers::BIDS)?);
        watched = viewers::watch(&hall, arguments.viewers, &followed)?;
        all.add(std::mem::take(&mut watched.seen));
    }
    let peak = hall.peak_mib()?;
    // Killed without a word: only what is on the disk counts.
    drop(hall);
    let lost = judge::lost(folder.path(), &all.told)?;
    let surge = match arguments.registered {
        0 => Value::Null,
        registered => surge::measure(registered, arguments.surge_bids, arguments.connections)?,
    };
    let surge_lost = surge["lost"].as_u64().unwrap_or(0) + u64::try_from(lost)?;
    let surge_unanswered = surge["unanswered"].as_u64().unwrap_or(0) + all.unanswered;
    let runs = |micros: &[u64]| micros.iter().map(|micros| millis(*micros)).collect::<Vec<f64>>();
    Ok(json!({
        "bids_per_s": median(&mut rates.clone()), "bids_per_s_runs": rates,
        "p50_ms": millis(median(&mut halves.clone())), "p99_ms": millis(median(&mut tails.clone())),
        "p50_ms_runs": runs(&halves), "p99_ms_runs": runs(&tails), "timed_per_s": arguments.rate,
        "lost": surge_lost, "unanswered": surge_unanswered,
        "acknowledged": all.told.len(), "accepted": all.accepted, "busy": all.busy, "others": all.others,
        "viewers": watched.viewers, "viewers_p50_ms": millis(percentile(&watched.micros, 50)),
        "viewers_p99_ms": millis(percentile(&watched.micros, 99)), "viewers_stalled": watched.stalled,
        "viewers_missed": watched.missed, "viewers_hall_cpu_ms": watched.cpu_ms.0,
        "viewers_client_cpu_ms": watched.cpu_ms.1, "frame_bytes": watched.frame_bytes, "surge": surge,
        "connections": arguments.connections, "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "hall_peak_mib": peak, "client_peak_mib": peak_mib()?,
    }))
}

/// Lets time pass: a load keeps its times whatever the hall does.
#[expect(clippy::disallowed_methods, reason = "a measurement happens in time")]
fn rest(length: Duration) {
    std::thread::sleep(length);
}

fn per_second(count: usize, took: Duration) -> u64 {
    let micros = took.as_micros().max(1);
    u64::try_from(u128::try_from(count).unwrap_or(0) * 1_000_000 / micros).unwrap_or(0)
}

fn percentile(micros: &[u64], of_100: usize) -> u64 {
    let mut sorted = micros.to_vec();
    sorted.sort_unstable();
    sorted.get((sorted.len() * of_100 / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
}

fn median(values: &mut [u64]) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a figure for people")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

fn print(report: &Value, json: bool, words: impl Fn(&Value) -> String) {
    if json {
        println!("{report:#}");
    } else {
        println!("{}", words(report));
    }
}

fn in_words(report: &Value) -> String {
    let mut text = format!(
        "{} bids/s acknowledged on the disk; at {}/s half within {} ms, 99 % within {} ms\n{} viewers: 99 % of frames \
         within {} ms of the bid",
        report["bids_per_s"],
        report["timed_per_s"],
        report["p50_ms"],
        report["p99_ms"],
        report["viewers"],
        report["viewers_p99_ms"]
    );
    let surge = &report["surge"];
    if surge.is_object() {
        text += &format!(
            "\nsurge: {} of {} bids got a receipt, 99 % within {} ms; {} were told that too many wait",
            surge["acknowledged"], surge["bids"], surge["p99_ms"], surge["busy"]
        );
    }
    text + &format!("\n{} receipts lost, {} bids without an answer", report["lost"], report["unanswered"])
}
