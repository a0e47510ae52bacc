mod hall;
mod kernels;
mod lab;
mod pledge;
mod score;
mod verify;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use anyhow::{Context as _, Result, anyhow};
use landgavel_base::{Instant, Quantity};
use landgavel_record::language::{Files, Loaded, load_lot};
use landgavel_sale::command::{Application, BidderId, Command};
use landgavel_sale::{Sale, Status};
use serde_json::json;

use crate::exit::Exit;

/// Figures of this machine.
#[derive(clap::Subcommand)]
pub enum Bench {
    /// One ascending stage, 100 bidders, 1,000,000 bids.
    Engine {
        /// Number of bids.
        #[arg(long, default_value_t = 1_000_000)]
        bids: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// One hot lot in the hall: signed bids over HTTP, answered once they are on the disk, and viewers on streams.
    Hall(hall::Arguments),
    /// Pledges of ten years: what is due of all, and every day until nothing is.
    Pledge(pledge::Arguments),
    /// Firms with six indicators each, from a CSV file to a CSV file of grades.
    Score(score::Arguments),
    /// Simulated sales of the four-part rule, and sealed first-price equilibria with their certified ε.
    Lab(lab::Arguments),
    /// A bundle of so many signed bids, verified whole, beside bare strict Ed25519 verification of the same
    /// messages on the same cores.
    Verify {
        /// Number of bids.
        #[arg(long, default_value_t = 1_000_000)]
        events: u32,
        /// Runs of each side, one after the other in turn; the median counts.
        #[arg(long, default_value_t = 3)]
        runs: usize,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

const BIDDERS: u32 = 100;

struct Embedded;

impl Files for Embedded {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == "lot.toml" { LOT } else { RULEBOOK }.as_bytes().to_vec())
    }
}

const RULEBOOK: &str = include_str!("rulebook.toml");
const LOT: &str = include_str!("lot.toml");

pub fn bench(bench: &Bench) -> Result<Exit> {
    match bench {
        Bench::Engine { bids, json } => engine(*bids, *json),
        Bench::Hall(arguments) => hall::bench(arguments),
        Bench::Pledge(arguments) => pledge::bench(arguments),
        Bench::Lab(arguments) => lab::bench(arguments),
        Bench::Score(arguments) => score::bench(arguments),
        Bench::Verify { events, runs, json } => verify::bench(*events, *runs, *json),
    }
}

/// The lot of the measurements: one ascending stage.
fn load() -> Result<Loaded> {
    load_lot(&Embedded, "lot.toml")
        .map_err(|findings| anyhow!("{}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

fn engine(bids: u32, json: bool) -> Result<Exit> {
    let lot = Arc::new(load()?.lot);
    let mut seconds: Vec<f64> = Vec::new();
    for _ in 0..5 {
        let mut sale = opened(lot.clone())?;
        let start = sale.last().millis();
        let watch = Stopwatch::now();
        for bid in 0..bids {
            let now = Instant::from_millis(start + i64::from(bid)).context("time is in range")?;
            let amount = Quantity::new(1_000_000 + i64::from(bid) * 100).context("amount is in range")?;
            let command = Command::PlaceBid { bidder: BidderId(bid % BIDDERS), amount };
            let events = sale.decide(now, &command).map_err(|refusal| anyhow!("{refusal:?}"))?;
            events.iter().for_each(|event| sale.apply(event));
        }
        black_box(&sale);
        seconds.push(watch.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let rate = rate(bids, seconds[2]);
    let report = json!({"bids": bids, "bidders": BIDDERS, "bids_per_s": rate, "runs": 5, "statistic": "median"});
    if json {
        println!("{report:#}");
    } else {
        println!("{bids} bids of {BIDDERS} bidders: {rate} bids/s decided and applied (median of 5)");
    }
    Ok(Exit::Good)
}

#[expect(clippy::float_arithmetic, reason = "a rate for people, not a value of the record")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is positive and far below 2^63")]
fn rate(count: u32, seconds: f64) -> u64 {
    (f64::from(count) / seconds) as u64
}

/// A sale whose live bidding has begun.
fn opened(lot: Arc<landgavel_sale::Lot>) -> Result<Sale> {
    let mut sale = Sale::open(lot);
    let start = sale.last();
    for index in 0..BIDDERS {
        let application = Application { code: format!("B{index:03}"), identity: None, group: None, facts: Vec::new() };
        let events = sale.decide(start, &Command::Apply(application)).map_err(|refusal| anyhow!("{refusal:?}"))?;
        events.iter().for_each(|event| sale.apply(event));
    }
    while !matches!(sale.status(), Status::Running(_)) || sale.legal_bid(BidderId(0)).is_none() {
        tick(&mut sale)?;
    }
    tick(&mut sale)?;
    Ok(sale)
}

fn tick(sale: &mut Sale) -> Result<()> {
    let due = sale.due().context("the sale goes on by itself")?;
    let events = sale.decide(due, &Command::Tick).map_err(|refusal| anyhow!("{refusal:?}"))?;
    events.iter().for_each(|event| sale.apply(event));
    Ok(())
}

/// Peak resident memory of this process, from Linux's own books.
fn peak_mib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("peak memory is read from /proc, on Linux")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM line")?;
    let kib: u64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    Ok(kib.div_ceil(1024))
}
