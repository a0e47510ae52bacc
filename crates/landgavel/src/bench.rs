use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use anyhow::{Context as _, Result, anyhow};
use landgavel_base::{Instant, Quantity};
use landgavel_record::language::{Files, load_lot};
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
}

const BIDDERS: u32 = 100;

struct Embedded;

impl Files for Embedded {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        Ok(if path == "lot.toml" { LOT } else { RULEBOOK }.as_bytes().to_vec())
    }
}

const RULEBOOK: &str = include_str!("bench_rulebook.toml");
const LOT: &str = include_str!("bench_lot.toml");

pub fn bench(bench: &Bench) -> Result<Exit> {
    let Bench::Engine { bids, json } = bench;
    let loaded = load_lot(&Embedded, "lot.toml")
        .map_err(|findings| anyhow!("{}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    let lot = Arc::new(loaded.lot);
    let mut seconds: Vec<f64> = Vec::new();
    for _ in 0..5 {
        let mut sale = opened(lot.clone())?;
        let start = sale.last().millis();
        let watch = Stopwatch::now();
        for bid in 0..*bids {
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
    let rate = rate(*bids, seconds[2]);
    let (replay_rate, replay_mib) = replay_memory(lot, *bids)?;
    let report = json!({"bids": bids, "bidders": BIDDERS, "bids_per_s": rate, "replay_bids_per_s": replay_rate,
                        "replay_peak_mib": replay_mib, "runs": 5, "statistic": "median"});
    if *json {
        println!("{report:#}");
    } else {
        println!("{bids} bids of {BIDDERS} bidders: {rate} bids/s decided and applied (median of 5)");
        println!("replay of the record: {replay_rate} entries/s, peak memory of the process {replay_mib} MiB");
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

/// Writes the record of such a stage to a temporary file entry by entry, then replays it streaming.
fn replay_memory(lot: Arc<landgavel_sale::Lot>, bids: u32) -> Result<(u64, u64)> {
    use std::io::{BufRead as _, Write as _};
    let path = std::env::temp_dir().join(format!("landgavel-bench-{}.jsonl", std::process::id()));
    {
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
        let mut runner = landgavel_record::run::Runner::new(lot.clone());
        let mut fault = None;
        let mut sink = |entry: landgavel_record::run::Entry| {
            if let Err(error) = writeln!(file, "{}", entry.line) {
                fault.get_or_insert(error);
            }
        };
        let start = lot.calendar[0].millis();
        for index in 0..BIDDERS {
            let command = json!({"at": time(start)?, "do": "apply", "bidder": format!("B{index:03}")});
            request(&mut runner, &command, &mut sink)?;
        }
        let live = lot.calendar.last().context("the lot has a calendar")?.millis();
        for bid in 0..bids {
            let amount = format!("{} 元", 10_000 + i64::from(bid));
            let at = time(live + i64::from(bid))?;
            let command = json!({"at": at, "do": "bid", "bidder": format!("B{:03}", bid % BIDDERS), "amount": amount});
            request(&mut runner, &command, &mut sink)?;
        }
        if let Some(error) = fault {
            return Err(error.into());
        }
        file.flush()?;
    }
    let watch = Stopwatch::now();
    let mut replay = landgavel_record::run::Replay::new(lot);
    let mut placed = 0u32;
    for line in std::io::BufReader::new(std::fs::File::open(&path)?).lines() {
        let entry = replay.entry(&line?).map_err(|error| anyhow!("entry {}: {}", error.entry, error.message))?;
        placed += u32::from(entry.result.is_ok_and(|events| !events.is_empty()));
    }
    let seconds = watch.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    anyhow::ensure!(placed >= bids, "only {placed} of {bids} bids were placed");
    Ok((rate(bids, seconds), peak_mib()?))
}

fn time(millis: i64) -> Result<String> {
    Ok(landgavel_record::wire::time_text(Instant::from_millis(millis).context("time is in range")?))
}

fn request(
    runner: &mut landgavel_record::run::Runner,
    command: &serde_json::Value,
    sink: &mut dyn FnMut(landgavel_record::run::Entry),
) -> Result<()> {
    let object = command.as_object().context("an object")?;
    runner.request(object, sink).map_err(|error| anyhow!("{error:?}"))
}

/// Peak resident memory of this process, from Linux's own books.
fn peak_mib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("peak memory is read from /proc, on Linux")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM line")?;
    let kib: u64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    Ok(kib.div_ceil(1024))
}
