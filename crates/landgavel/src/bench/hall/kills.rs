//! A hall that is killed at random moments under load, and frozen now and then. The receipts that its clients hold are
//! the judge: each must be provable afterwards, and no sale may have ended while the hall was dead or frozen.
//!
//! The sale's clock runs fast, so that a countdown of minutes falls due while a dead hall is left dead for seconds. What was
//! tried is counted beside what came of it: a kill proves something only if bids were on their way, an outage only if a
//! countdown ran and would have ended in it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::policy::Policy;
use landgavel_log::proof::Proof;
use landgavel_log::tile::{TilePath, TileSet, TileWriter};
use landgavel_log::tree::{Hash, leaf_hash, prove_inclusion, verify_inclusion};
use landgavel_record::verify::believe;
use landgavel_store::{SaleId, Store};
use serde_json::{Value, json};

use super::judge::{each_entry, lost};
use super::load::{Bidder, Binding, Connection, Told, evenly, fire, get};
use super::process::{Hall, Scene};
use super::rest;
use super::restart::until_serving_as;
use super::stage::SALE;

const BIDDERS: usize = 16;
/// How long a hall that serves may take to show its sale.
const OPENS_WITHIN: Duration = Duration::from_secs(15);
const PER_SECOND: u64 = 400;
/// How long a hall lives under load, in milliseconds: at least, and at most.
const LIVES: (u64, u64) = (20, 600);
/// The same before an outage that outlasts the countdown: the pause for the one before is over by then, and bids came again.
const LIVES_ON: (u64, u64) = (800, 1400);
/// The countdown, in milliseconds of the sale's clock.
const COUNTDOWN_MS: i64 = 60_000;
/// Receipts for which the hall is asked for its own proof, at most; they are spread evenly.
const PROOFS: usize = 20_000;
/// How long it stays dead; one time in so many for longer than the countdown.
const DEAD: (u64, u64) = (0, 300);
const LONG_ONE_IN: u64 = 12;
const LONG_MS: u64 = 4_500;
/// One time in so many it is frozen for as long before it is killed.
const FROZEN_ONE_IN: u64 = 8;

/// Chance that a seed repeats (splitmix64).
struct Chance(u64);

impl Chance {
    fn within(&mut self, (least, most): (u64, u64)) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        least + (mixed ^ (mixed >> 31)) % (most - least + 1)
    }
}

/// Kills the hall so many times; fails when a receipt has no proof or the sale ended, or when many kills tried nothing.
pub fn measure(kills: u64, seed: Option<u64>) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let mut chance = Chance(seed);
    eprintln!("killing a hall {kills} times under load (seed {seed}) …");
    drop(Hall::begin(folder.path(), BIDDERS, Scene::Killed)?);
    let bidders: Vec<Bidder> = (0..BIDDERS).map(Bidder::new).collect();
    let (mut told, mut unanswered, mut number, mut slowest) = (Vec::<Told>::new(), 0, 0, Duration::ZERO);
    let (mut frozen, mut long_dead, mut with_receipts, mut in_flight) = (0u64, 0u64, 0u64, 0u64);
    let mut dead_ms = 0;
    for kill in 0..kills {
        rest(Duration::from_millis(dead_ms));
        let is_frozen = kill % FROZEN_ONE_IN == 0;
        let is_long = chance.within((0, LONG_ONE_IN - 1)) == 0;
        dead_ms = if is_long { LONG_MS } else { chance.within(DEAD) };
        let (took, hall) = until_serving_as(folder.path(), Scene::Killed)?;
        slowest = slowest.max(took);
        let address = hall.address;
        let frame = standing(address)?;
        ensure!(frame["status"] == json!("running"), "after kill {kill} the sale stands as {frame}");
        let lives = chance.within(if is_long || is_frozen { LIVES_ON } else { LIVES });
        let count = PER_SECOND * (lives + 800) / 1000;
        let requests = Binding::read(address)?.bids(&bidders, number..number + count);
        number += count;
        let load = std::thread::spawn(move || fire(address, BIDDERS, &requests, &evenly(count, PER_SECOND)));
        rest(Duration::from_millis(lives));
        if is_frozen {
            hall.freeze(Duration::from_millis(LONG_MS))?;
            frozen += 1;
            // Whatever it decides when it wakes up is on the disk by then.
            rest(Duration::from_millis(LIVES.1));
        }
        drop(hall);
        long_dead += u64::from(is_long);
        // Whoever could not even connect has no receipt.
        if let Ok(seen) = load.join().unwrap_or_else(|_| bail!("the load panicked")) {
            with_receipts += u64::from(!seen.told.is_empty());
            in_flight += u64::from(seen.unanswered > 0);
            unanswered += seen.unanswered;
            told.extend(seen.told);
        }
    }
    rest(Duration::from_millis(dead_ms));
    let (_, hall) = until_serving_as(folder.path(), Scene::Killed)?;
    // From here on nobody bids, and a hall that is well rightly lets the countdown end.
    let until = standing(hall.address)?["entries"].as_u64().context("a number")?;
    wait_for_checkpoint(&hall)?;
    let proofs = proofs(&hall, &told)?;
    drop(hall);
    let lost = lost(folder.path(), &told)?;
    let verdict = judge(folder.path(), &told, until)?;
    let report = json!({
        "seed": seed, "kills": kills, "lives_with_receipts": with_receipts, "killed_with_bids_in_flight": in_flight,
        "frozen": frozen, "long_dead": long_dead, "receipts": told.len(), "unanswered": unanswered, "lost": lost,
        "without_proof": verdict.without_proof, "proofs_asked": proofs.asked, "proofs_refused": proofs.refused,
        "entries": verdict.entries, "pauses": verdict.pauses, "outages_past_countdown": verdict.past_countdown,
        "ended": verdict.ended, "slowest_restart_ms": u64::try_from(slowest.as_millis())?,
    });
    let holds = lost == 0 && verdict.without_proof == 0 && proofs.refused == 0 && verdict.ended == 0;
    ensure!(holds, "not every receipt held: {report}");
    ensure!(kills == 0 || (!told.is_empty() && proofs.asked > 0), "the load got no receipt: {report}");
    let is_many = kills >= 10 * FROZEN_ONE_IN;
    ensure!(!is_many || (in_flight > 0 && verdict.past_countdown > 0), "nothing was tried: {report}");
    Ok(report)
}

/// Proofs that the hall itself gave, from the tiles that all its lives have left behind.
struct Proofs {
    asked: usize,
    refused: usize,
}

/// Asks the hall for the proof of each receipt, and judges it by the policy of the sale and the leaf that the client was told.
fn proofs(hall: &Hall, told: &[Told]) -> Result<Proofs> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let every = told.len().div_ceil(PROOFS).max(1);
    runtime.block_on(async {
        let mut connection = Connection::open(hall.address).await?;
        let request = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n");
        let policy = request(&format!("/sales/{SALE}/log/policy.txt"));
        let (_, policy) = connection.ask(policy.as_bytes()).await?;
        let policy = Policy::parse(std::str::from_utf8(policy)?)?;
        let mut proofs = Proofs { asked: 0, refused: 0 };
        for (entry, leaf) in told.iter().step_by(every) {
            let request = request(&format!("/api/v1/sales/{SALE}/entries/{entry}/proof"));
            let (status, body) = connection.ask(request.as_bytes()).await?;
            let leaf = Hash::from_base64(leaf).context("a leaf hash")?;
            let holds =
                Proof::parse(body).is_ok_and(|proof| proof.index() == *entry && proof.verify(leaf, &policy).is_ok());
            proofs.asked += 1;
            proofs.refused += usize::from(status != 200 || !holds);
        }
        Ok(proofs)
    })
}

/// The last checkpoint must cover what was told.
fn wait_for_checkpoint(hall: &Hall) -> Result<()> {
    let frame = || get(hall.address, &format!("/api/v1/sales/{SALE}"));
    let entries = frame()?["entries"].as_u64().context("a number")?;
    for _ in 0..600 {
        if frame()?["seen"]["size"].as_u64() >= Some(entries) {
            return Ok(());
        }
        rest(Duration::from_millis(50));
    }
    bail!("no checkpoint covers {entries} entries")
}

struct Verdict {
    entries: u64,
    without_proof: usize,
    pauses: usize,
    /// Pauses for outages in which the countdown that ran would have ended.
    past_countdown: usize,
    ended: usize,
}

/// Proves every receipt in the tree of the last checkpoint, which is built again from the entries on the disk.
/// Only endings among the first `until` entries count.
fn judge(directory: &Path, told: &[Told], until: u64) -> Result<Verdict> {
    let mut tiles: std::collections::BTreeMap<TilePath, Vec<u8>> = std::collections::BTreeMap::new();
    let (mut tree, mut leaves, mut lines) = (TileWriter::new(), Vec::new(), Vec::new());
    each_entry(directory, |_, entry| {
        leaves.push(leaf_hash(entry));
        lines.push(entry.to_vec());
        Ok(())
    })?;
    let checkpoint = last_checkpoint(directory)?;
    let size = usize::try_from(checkpoint.size)?;
    for line in lines.iter().take(size) {
        tree.append(line, |path, bytes| drop(tiles.insert(path, bytes.to_vec())))?;
    }
    tree.partials(|path, bytes| drop(tiles.insert(path, bytes.to_vec())));
    ensure!(tree.root() == checkpoint.root, "the last checkpoint is not of the entries on the disk");
    let reader = TileSet::new(checkpoint.size, |path: &TilePath| tiles.get(path).cloned());
    let is_proved = |(entry, leaf): &Told| {
        let own =
            usize::try_from(*entry).ok().and_then(|entry| leaves.get(entry)).filter(|own| own.to_string() == *leaf);
        own.is_some_and(|own| {
            prove_inclusion(&reader, *entry, checkpoint.size)
                .is_ok_and(|path| verify_inclusion(*own, *entry, checkpoint.size, &path, checkpoint.root).is_ok())
        })
    };
    let has = |line: &&Vec<u8>, words: &str| line.windows(words.len()).any(|window| window == words.as_bytes());
    let gaps: Vec<i64> = lines.iter().filter_map(|line| outage_ms(line)).collect();
    Ok(Verdict {
        entries: u64::try_from(lines.len())?,
        without_proof: told.iter().filter(|told| !is_proved(told)).count(),
        pauses: gaps.len(),
        past_countdown: gaps.iter().filter(|gap| **gap >= COUNTDOWN_MS).count(),
        ended: lines.iter().take(usize::try_from(until)?).filter(|line| has(line, "\"stage_ended\"")).count(),
    })
}

/// How long the outage was for which an entry pauses the sale, by the evidence in it; the hall pauses only a sale that ran.
fn outage_ms(line: &[u8]) -> Option<i64> {
    let entry: Value = serde_json::from_slice(line).ok()?;
    let paused = entry["events"].as_array()?.iter().any(|event| event["event"] == json!("paused"));
    let command: Value = serde_json::from_str(entry["command"].as_str()?).ok()?;
    let evidence: Value = serde_json::from_str(command["evidence"].as_str()?).ok()?;
    (paused && command["do"] == json!("pause"))
        .then(|| Some(evidence["to_ms"].as_i64()? - evidence["from_ms"].as_i64()?))?
}

/// The sale as the hall shows it, once it shows it: a desk that cannot have the lease yet tries again.
fn standing(address: SocketAddr) -> Result<Value> {
    let watch = Instant::now();
    loop {
        let frame = get(address, &format!("/api/v1/sales/{SALE}"))?;
        if !frame["status"].is_null() || watch.elapsed() > OPENS_WITHIN {
            return Ok(frame);
        }
        rest(Duration::from_millis(20));
    }
}

/// The last checkpoint, signed by the log and by as many witnesses as the sale's policy asks for.
fn last_checkpoint(directory: &Path) -> Result<Checkpoint> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&directory.join("hall.db").to_string_lossy()).await?;
        let sale = SaleId::parse(SALE).context("an id")?;
        let stored = store.latest_checkpoint(&sale).await?.context("no checkpoint")?;
        let files = store.files(&sale).await?;
        let (_, policy) = files.iter().find(|(name, _)| name == "policy.txt").context("a policy")?;
        let policy = Policy::parse(std::str::from_utf8(policy)?)?;
        let (checkpoint, _) = believe(&policy, &stored.note).map_err(|why| anyhow!("the last checkpoint {why}"))?;
        ensure!(checkpoint.size == stored.size, "a checkpoint is stored under another size");
        Ok(checkpoint)
    })
}
