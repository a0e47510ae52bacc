//! The closing surge: very many are registered, and most bid in the last minute before a fixed end.
//!
//! The size is that of Shanghai's auctions of car plates: about 150,000 take part, and their bids come in the last
//! minute. How they come within that minute is an assumption: ever faster, half of them in the last ten seconds.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::judge::lost;
use super::load::{Bidder, Binding, Seen, evenly, fire, get, on_all_cores};
use super::process::{Hall, Scene};
use super::stage::SALE;
use super::{millis, percentile};

/// The minute of the surge.
const MINUTE: Duration = Duration::from_secs(60);
/// Bids that are sent after the end, which must be refused.
const LATE: u64 = 100;

/// The surge, by its figures.
pub fn measure(registered: usize, bids: u64, connections: usize) -> Result<Value> {
    ensure!(registered > 0, "a surge needs somebody who bids");
    let folder = tempfile::tempdir()?;
    eprintln!("registering {registered} bidders …");
    let mut hall = Hall::begin(folder.path(), registered, Scene::Surge)?;
    let address = hall.address;
    let binding = Binding::read(address)?;
    eprintln!("signing {bids} bids …");
    let registered_u64 = u64::try_from(registered)?;
    // Every bidder once, then again: no key is a frequent one.
    let requests = on_all_cores(0..bids + LATE, |number| {
        let bidder = usize::try_from(number % registered_u64).unwrap_or(0);
        binding.bid(&Bidder::new(bidder), &format!("{}-", number / registered_u64), number)
    });
    let mut due = arrivals(bids);
    due.extend(evenly(LATE, LATE).into_iter().map(|late| MINUTE + Duration::from_millis(500) + late));
    eprintln!("the last minute …");
    hall.go_on()?;
    let seen = fire(address, connections, &requests, &due)?;
    let status = wait_for_end(address)?;
    let peak = hall.peak_mib()?;
    drop(hall);
    let lost = lost(folder.path(), &seen.told)?;
    Ok(report(&seen, registered, bids, lost, peak, &status))
}

fn report(seen: &Seen, registered: usize, bids: u64, lost: usize, peak: u64, status: &Value) -> Value {
    json!({
        "registered": registered, "bids": bids, "late_bids": LATE, "acknowledged": seen.told.len(),
        "accepted": seen.accepted, "busy": seen.busy, "others": seen.others, "unanswered": seen.unanswered,
        "lost": lost, "p50_ms": millis(percentile(&seen.micros, 50)), "p99_ms": millis(percentile(&seen.micros, 99)),
        "max_ms": millis(percentile(&seen.micros, 100)), "hall_peak_mib": peak, "status": status,
    })
}

/// Times within the minute: the rate grows without a jump, to twelve times what it was.
fn arrivals(bids: u64) -> Vec<Duration> {
    // Of three parts the first half minute has one, the next twenty seconds two, the last ten seconds three.
    let parts = [(30_000_000, bids / 6), (20_000_000, bids / 3), (10_000_000, bids - bids / 6 - bids / 3)];
    let mut all = Vec::new();
    let mut from = 0;
    for (micros, count) in parts {
        all.extend((0..count).map(|number| Duration::from_micros(from + number * micros / count.max(1))));
        from += micros;
    }
    all
}

/// The sale ends by its clock; whoever led then is the winner.
fn wait_for_end(address: SocketAddr) -> Result<Value> {
    for _ in 0..200 {
        let frame = get(address, &format!("/api/v1/sales/{SALE}"))?;
        if frame["status"] != json!("running") {
            return Ok(frame["status"].clone());
        }
        super::rest(Duration::from_millis(100));
    }
    Ok(json!("running"))
}
