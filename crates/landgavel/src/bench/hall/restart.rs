//! A restart with a long journal: from the start of the process until the sale takes commands.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use landgavel_server::desk::clear_shelf;
use landgavel_store::{SaleId, Store};
use serde_json::{Value, json};

use super::load::{Bidder, Binding, Seen, fire, get};
use super::process::{Hall, Scene};
use super::stage::SALE;
use super::{median, millis, rest};

/// Bidders of the journal.
const BIDDERS: usize = 64;
/// A hall that is not ready by then never will be.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Restarts of a hall that was killed with so many bids in its journal; the median counts.
pub fn measure(events: u64, runs: usize) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    eprintln!("writing {events} bids …");
    let watch = Instant::now();
    drop(Hall::begin_with(folder.path(), BIDDERS, Scene::Filled, events)?);
    let writing = watch.elapsed();
    let (mut micros, mut peak) = (Vec::new(), 0);
    for run in 0..runs {
        eprintln!("restart {} of {runs} …", run + 1);
        let (took, hall) = until_serving(folder.path())?;
        // It serves when a bid is answered, not when it says so.
        let answered = one_bid(hall.address, events + 1 + u64::try_from(run)?)?;
        if answered.told.len() != 1 {
            bail!("a bid after the restart got no receipt");
        }
        micros.push(u64::try_from(took.as_micros())?);
        peak = peak.max(hall.peak_mib()?);
    }
    eprintln!("once more, from the journal alone …");
    forget(folder.path())?;
    let (took, hall) = until_serving(folder.path())?;
    let journal_peak = hall.peak_mib()?;
    drop(hall);
    Ok(json!({
        "events": events, "written_in_ms": millis(u64::try_from(writing.as_micros())?),
        "restart_ms": millis(median(&mut micros)), "runs": runs, "peak_mib": peak,
        "from_journal_ms": millis(u64::try_from(took.as_micros())?), "from_journal_peak_mib": journal_peak,
        "database_mib": size_mib(folder.path())?,
    }))
}

/// Starts the hall, and waits until its sale takes commands.
pub fn until_serving(directory: &Path) -> Result<(Duration, Hall)> {
    until_serving_as(directory, Scene::Filled)
}

/// The same in another scene.
pub fn until_serving_as(directory: &Path, scene: Scene) -> Result<(Duration, Hall)> {
    let watch = Instant::now();
    let hall = Hall::begin(directory, BIDDERS, scene)?;
    while get(hall.address, "/readyz").is_err() {
        if watch.elapsed() > PATIENCE {
            bail!("the hall is not ready after {} s", PATIENCE.as_secs());
        }
        rest(Duration::from_millis(5));
    }
    Ok((watch.elapsed(), hall))
}

fn one_bid(address: SocketAddr, number: u64) -> Result<Seen> {
    let request = Binding::read(address)?.bid(&Bidder::new(0), "restart-", number);
    fire(address, 1, &[request], &[Duration::ZERO])
}

/// Takes from the shelf what a fast start reads.
fn forget(directory: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&directory.join("hall.db").to_string_lossy()).await?;
        let sale = SaleId::parse(SALE).context("an id")?;
        clear_shelf(&store, &sale).await?;
        Ok(())
    })
}

fn size_mib(directory: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(directory)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes.div_ceil(1 << 20))
}
