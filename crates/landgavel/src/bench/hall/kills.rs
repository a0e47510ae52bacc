//! A hall that is killed at random moments under load, and frozen now and then. The receipts that its clients hold are
//! the judge: each must be provable afterwards, and no sale may have ended while the hall was dead or frozen.
//!
//! The sale's clock runs fast, so that a countdown of minutes falls due while a dead hall is left dead for seconds.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use landgavel_log::checkpoint::Checkpoint;
use landgavel_log::policy::Policy;
use landgavel_log::tile::{TilePath, TileSet, TileWriter};
use landgavel_log::tree::{leaf_hash, prove_inclusion, verify_inclusion};
use landgavel_record::verify::believe;
use landgavel_store::{SaleId, Store};
use serde_json::{Value, json};

use super::judge::{each_entry, lost};
use super::load::{Bidder, Binding, Told, evenly, fire, get};
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

/// Kills the hall so many times; fails when a receipt has no proof or the sale ended.
pub fn measure(kills: u64, seed: Option<u64>) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let mut chance = Chance(seed);
    eprintln!("killing a hall {kills} times under load (seed {seed}) …");
    drop(Hall::begin(folder.path(), BIDDERS, Scene::Killed)?);
    let bidders: Vec<Bidder> = (0..BIDDERS).map(Bidder::new).collect();
    let (mut told, mut unanswered, mut number, mut slowest) = (Vec::<Told>::new(), 0, 0, Duration::ZERO);
    let mut frozen = 0;
    for kill in 0..kills {
        let is_long = chance.within((0, LONG_ONE_IN - 1)) == 0;
        rest(Duration::from_millis(if is_long { LONG_MS } else { chance.within(DEAD) }));
        let (took, hall) = until_serving_as(folder.path(), Scene::Killed)?;
        slowest = slowest.max(took);
        let address = hall.address;
        let frame = standing(address)?;
        ensure!(frame["status"] == json!("running"), "after kill {kill} the sale stands as {frame}");
        let lives = chance.within(LIVES);
        let count = PER_SECOND * (LIVES.1 + 200) / 1000;
        let requests = Binding::read(address)?.bids(&bidders, number..number + count);
        number += count;
        let load = std::thread::spawn(move || fire(address, BIDDERS, &requests, &evenly(count, PER_SECOND)));
        rest(Duration::from_millis(lives));
        if kill % FROZEN_ONE_IN == 0 {
            hall.freeze(Duration::from_millis(LONG_MS))?;
            frozen += 1;
            // Whatever it decides when it wakes up is on the disk by then.
            rest(Duration::from_millis(LIVES.1));
        }
        drop(hall);
        // Whoever could not even connect has no receipt.
        if let Ok(seen) = load.join().unwrap_or_else(|_| bail!("the load panicked")) {
            unanswered += seen.unanswered;
            told.extend(seen.told);
        }
    }
    let (_, hall) = until_serving_as(folder.path(), Scene::Killed)?;
    wait_for_checkpoint(&hall)?;
    drop(hall);
    let lost = lost(folder.path(), &told)?;
    let verdict = judge(folder.path(), &told)?;
    let report = json!({
        "kills": kills, "frozen": frozen, "seed": seed, "receipts": told.len(), "unanswered": unanswered, "lost": lost,
        "without_proof": verdict.without_proof, "entries": verdict.entries, "pauses": verdict.pauses,
        "ended": verdict.ended, "slowest_restart_ms": u64::try_from(slowest.as_millis())?,
    });
    ensure!(lost == 0 && verdict.without_proof == 0 && verdict.ended == 0, "not every receipt held: {report}");
    ensure!(kills == 0 || !told.is_empty(), "the load got no receipt: {report}");
    Ok(report)
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
    ended: usize,
}

/// Proves every receipt in the tree of the last checkpoint, which is built again from the entries on the disk.
fn judge(directory: &Path, told: &[Told]) -> Result<Verdict> {
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
    Ok(Verdict {
        entries: u64::try_from(lines.len())?,
        without_proof: told.iter().filter(|told| !is_proved(told)).count(),
        pauses: lines
            .iter()
            .filter(|line| has(line, "\\\"do\\\":\\\"pause\\\"") || has(line, "\"do\":\"pause\""))
            .count(),
        ended: lines.iter().filter(|line| has(line, "\"stage_ended\"")).count(),
    })
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
