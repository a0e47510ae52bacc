//! The hall under load: bids over real HTTP on the loopback interface, each answered only once it is on the disk.

mod load;
mod stage;
mod viewers;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use landgavel_log::tree::leaf_hash;
use landgavel_store::{SaleId, Store};
use serde_json::{Value, json};

use super::peak_mib;
use crate::exit::Exit;
use load::{Binding, Pace, Seen, send};

/// What is measured.
#[derive(clap::Args)]
pub struct Arguments {
    /// Connections that bid, each with a bidder and a key of its own.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Bids that are sent as fast as they are answered.
    #[arg(long, default_value_t = 40_000)]
    bids: u64,
    /// Bids a second whose answers are timed, sent at their times whether or not the hall keeps up.
    #[arg(long, default_value_t = 1000)]
    rate: u64,
    /// Seconds of that.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Viewers on streams; 0 leaves them out.
    #[arg(long, default_value_t = 10_000)]
    viewers: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Be the hall that is measured, in this directory.
    #[arg(long, hide = true, value_name = "DIR")]
    stage: Option<PathBuf>,
}

/// The hall's process; it ends with this one.
struct Hall(Child);

impl Drop for Hall {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn bench(arguments: &Arguments) -> Result<Exit> {
    if let Some(directory) = &arguments.stage {
        stage::run(directory, arguments.connections)?;
        return Ok(Exit::Good);
    }
    let folder = tempfile::tempdir()?;
    let (hall, address) = begin(folder.path(), arguments.connections)?;
    let binding = Binding::read(address)?;
    let connections = u64::try_from(arguments.connections)?;
    let (fast, timed) = (arguments.bids / connections, arguments.rate * arguments.seconds / connections);
    eprintln!("signing {} bids …", (fast + timed) * connections + 64);
    let requests: Vec<Vec<Vec<u8>>> =
        (0..arguments.connections).map(|bidder| binding.requests(bidder, 0, fast + timed + 64)).collect();
    let requests = Arc::new(requests);

    eprintln!("{} bids as fast as they are answered …", fast * connections);
    let watch = Instant::now();
    let mut all = together(address, &requests, 0, fast, |_| Pace::Next)?;
    let rate = per_second(all.told.len(), watch.elapsed());
    eprintln!("{} bids a second for {} s …", arguments.rate, arguments.seconds);
    let period = Duration::from_micros(1_000_000 * connections / arguments.rate);
    let first = Instant::now() + Duration::from_millis(200);
    let spread =
        |bidder: u32| Pace::Every { first: first + period * bidder / u32::try_from(connections).unwrap_or(1), period };
    let timed_seen = together(address, &requests, fast, timed, spread)?;
    let (p50, p99) = (percentile(&timed_seen.micros, 50), percentile(&timed_seen.micros, 99));
    let mut sent = (fast + timed) * connections;
    add(&mut all, timed_seen);
    let mut watched = (0, 0);
    if arguments.viewers > 0 {
        eprintln!("{} viewers …", arguments.viewers);
        let from = usize::try_from(fast + timed)?;
        let bids = requests.first().and_then(|bids| bids.get(from..)).unwrap_or_default();
        let seen = viewers::watch(address, arguments.viewers, bids)?;
        watched = (seen.viewers, percentile(&seen.micros, 99));
        sent += u64::try_from(seen.seen.told.len())? + seen.seen.others;
        add(&mut all, seen.seen);
    }
    let peak = peak_of(&hall.0)?;
    // Killed without a word: only what is on the disk counts.
    drop(hall);
    let lost = lost(folder.path(), &all)?;
    let report = json!({
        "bids": sent, "acknowledged": all.told.len(), "refused_or_failed": all.others, "lost": lost,
        "bids_per_s": rate, "offered_per_s": arguments.rate, "p50_ms": millis(p50), "p99_ms": millis(p99),
        "viewers": watched.0, "viewers_p99_ms": millis(watched.1), "connections": connections,
        "cores": std::thread::available_parallelism().map_or(0, usize::from), "hall_peak_mib": peak,
        "client_peak_mib": peak_mib()?,
    });
    print(&report, arguments.json);
    ensure!(lost == 0, "{lost} receipts have no entry");
    Ok(Exit::Good)
}

fn begin(directory: &Path, bidders: usize) -> Result<(Hall, SocketAddr)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["bench", "hall", "--connections", &bidders.to_string(), "--stage"])
        .arg(directory)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().context("the hall's output")?;
    let hall = Hall(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let told: Value = serde_json::from_str(&line).context("the hall did not say where it listens")?;
    Ok((hall, told["listen"].as_str().context("an address")?.parse()?))
}

/// All connections at once, each with its part of the requests.
fn together(
    address: SocketAddr,
    requests: &Arc<Vec<Vec<Vec<u8>>>>,
    from: u64,
    count: u64,
    pace: impl Fn(u32) -> Pace,
) -> Result<Seen> {
    let (from, count) = (usize::try_from(from)?, usize::try_from(count)?);
    let stop = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0u32..)
        .take(requests.len())
        .map(|bidder| {
            let (requests, stop, pace) = (Arc::clone(requests), Arc::clone(&stop), pace(bidder));
            std::thread::spawn(move || {
                let own = requests.get(bidder as usize).and_then(|own| own.get(from..from + count));
                let seen = send(address, own.unwrap_or_default(), pace, &stop);
                if seen.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
                seen
            })
        })
        .collect();
    let mut all = Seen::default();
    for thread in threads {
        let seen = thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a connection's thread panicked")))?;
        add(&mut all, seen);
    }
    Ok(all)
}

fn add(all: &mut Seen, seen: Seen) {
    all.told.extend(seen.told);
    all.micros.extend(seen.micros);
    all.others += seen.others;
}

/// Receipts whose entry is not on the disk, or is another.
fn lost(directory: &Path, all: &Seen) -> Result<usize> {
    let told: BTreeMap<u64, &String> = all.told.iter().map(|(entry, leaf)| (*entry, leaf)).collect();
    let doubled = all.told.len() - told.len();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&directory.join("hall.db").to_string_lossy()).await?;
        let sale = SaleId::parse(stage::SALE).context("an id")?;
        let mut missing = told.len();
        let mut next = 0;
        loop {
            let some = store.read(&sale, next, 4096, 16 << 20).await?;
            if some.is_empty() {
                return Ok(missing + doubled);
            }
            for entry in &some {
                if told.get(&next).is_some_and(|leaf| **leaf == leaf_hash(entry).to_string()) {
                    missing -= 1;
                }
                next += 1;
            }
        }
    })
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

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a figure for people")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

/// Peak resident memory of the hall, from Linux's own books.
fn peak_of(hall: &Child) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", hall.id()))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM line")?;
    let kib: u64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    Ok(kib.div_ceil(1024))
}

fn print(report: &Value, json: bool) {
    if json {
        println!("{report:#}");
        return;
    }
    println!(
        "{} bids/s acknowledged on the disk; at {}/s: half within {} ms, 99 % within {} ms; {} receipts lost",
        report["bids_per_s"], report["offered_per_s"], report["p50_ms"], report["p99_ms"], report["lost"]
    );
    println!("{} viewers: 99 % of frames within {} ms of the bid", report["viewers"], report["viewers_p99_ms"]);
}
