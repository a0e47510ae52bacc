use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant as Stopwatch};

use anyhow::{Context as _, Result, anyhow, ensure};
use landgavel_base::Instant;
use landgavel_record::bundle::{BundleFiles as _, ENTRIES_MAX};
use landgavel_record::keys::PublicKey;
use landgavel_record::rehearsal::Rehearsal;
use landgavel_record::verify::{Options, Silent, entries_path, verify};
use landgavel_record::wire::time_text;
use serde_json::{Value, json};

use super::{BIDDERS, load, peak_mib, rate};
use crate::bundle::{BundleWriter, Directory};
use crate::exit::Exit;
use crate::workers::Threads;

/// A directory that is removed at the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // A directory that stays behind in the place for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn bench(events: u32, runs: usize, json: bool) -> Result<Exit> {
    ensure!(runs > 0, "at least one run");
    let scratch = Scratch(std::env::temp_dir().join(format!("landgavel-bench-{}", std::process::id())));
    let bundle = scratch.0.join("bundle");
    std::fs::create_dir_all(&scratch.0)?;
    eprintln!("writing a bundle of {events} signed bids …");
    write_bundle(events, &bundle)?;
    let files = Directory { root: bundle };
    let (mut whole, mut bare) = (Vec::new(), Vec::new());
    let mut entries = 0;
    let mut signatures = 0;
    for run in 1..=runs {
        eprintln!("run {run} of {runs} …");
        let watch = Stopwatch::now();
        let report = verify(&files, &Options::default(), &Threads::all(), &mut Silent);
        whole.push(watch.elapsed());
        ensure!(report.holds(), "the bundle does not hold: {:?}", report.wrong);
        entries = report.subject.entries;
        let (time, count) = bare_verification(&files, entries)?;
        bare.push(time);
        signatures = count;
    }
    whole.sort_unstable();
    bare.sort_unstable();
    let (whole, bare) = (whole[runs / 2], bare[runs / 2]);
    let count = u32::try_from(entries).context("a bench of 32 bits")?;
    let events_per_s = rate(count, whole.as_secs_f64());
    let strict_per_s = rate(u32::try_from(signatures)?, bare.as_secs_f64());
    let ratio = percent(events_per_s, strict_per_s);
    let peak = peak_mib()?;
    if json {
        let report = json!({
            "events": entries, "signatures": signatures, "cores": Threads::all().count(), "runs": runs,
            "statistic": "median", "events_per_s": events_per_s, "ed25519_strict_per_s": strict_per_s,
            "ratio": ratio, "peak_mib": peak,
        });
        println!("{report:#}");
    } else {
        println!("{entries} entries with {signatures} signatures: {events_per_s} entries/s verified whole");
        println!("bare strict Ed25519 of the same messages: {strict_per_s}/s; ratio {ratio}; peak {peak} MiB");
    }
    Ok(Exit::Good)
}

#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a ratio for people")]
fn percent(a: u64, b: u64) -> f64 {
    (a as f64 / b as f64 * 1000.0).round() / 1000.0
}

fn write_bundle(events: u32, target: &Path) -> Result<()> {
    let loaded = load()?;
    let mut writer = BundleWriter::begin(target, landgavel_record::bundle::BUNDLE_JSON)?;
    let mut rehearsal = Rehearsal::open(&loaded, None, &mut writer);
    let lot = &loaded.lot;
    let start = lot.calendar[0].millis();
    let live = lot.calendar.last().context("the lot has a calendar")?.millis();
    let mut request = |command: &Value| -> Result<()> {
        let object = command.as_object().context("an object")?;
        rehearsal.request(object, &mut writer, &mut |_| {}).map_err(|error| anyhow!("{error:?}"))
    };
    for index in 0..BIDDERS {
        request(&json!({"at": time(start)?, "do": "apply", "bidder": format!("B{index:03}")}))?;
    }
    for bid in 0..events {
        let amount = format!("{} 元", 10_000 + i64::from(bid));
        let at = time(live + i64::from(bid))?;
        request(&json!({"at": at, "do": "bid", "bidder": format!("B{:03}", bid % BIDDERS), "amount": amount}))?;
    }
    rehearsal.finish(&mut writer, &mut |_| {}).map_err(|error| anyhow!("{error:?}"))?;
    writer.finish()
}

fn time(millis: i64) -> Result<String> {
    Ok(time_text(Instant::from_millis(millis).context("time is in range")?))
}

/// One signature to verify.
struct Job {
    key: PublicKey,
    message: String,
    signature: Vec<u8>,
}

/// Verifies all signatures of a bundle and does nothing else; reading them is not counted.
fn bare_verification(files: &Directory, entries: u64) -> Result<(Duration, u64)> {
    use base64::Engine as _;
    // Keys are read beforehand too, but without the tables that the verifier makes for frequent ones.
    let mut keys: BTreeMap<String, PublicKey> = BTreeMap::new();
    let mut total = Duration::ZERO;
    let mut count = 0;
    let mut next = 0;
    while next < entries {
        let mut jobs = Vec::new();
        while next < entries && jobs.len() < 8192 {
            let (path, width) = entries_path(next, entries);
            let bytes = files.read(&path, ENTRIES_MAX).map_err(|error| anyhow!("{path}: {error:?}"))?;
            for entry in landgavel_record::verify::read_bundle(&bytes, width) {
                let entry: Value = serde_json::from_slice(&entry)?;
                let message = entry["command"].as_str().or(entry["notice"].as_str()).unwrap_or_default();
                for signed in entry["signatures"].as_array().map(Vec::as_slice).unwrap_or_default() {
                    let text = signed["key"].as_str().unwrap_or_default();
                    if !keys.contains_key(text) {
                        let key = PublicKey::parse(text).map_err(|error| anyhow!("{error}"))?;
                        keys.insert(text.to_owned(), key);
                    }
                    let key = keys[text].clone();
                    let signature = signed["signature"].as_str().unwrap_or_default();
                    let signature =
                        base64::prelude::BASE64_STANDARD.decode(signature).map_err(|error| anyhow!("{error}"))?;
                    jobs.push(Job { key, message: message.to_owned(), signature });
                }
            }
            next += width as u64;
        }
        count += jobs.len() as u64;
        total += timed(&jobs)?;
    }
    Ok((total, count))
}

fn timed(jobs: &[Job]) -> Result<Duration> {
    let next = AtomicUsize::new(0);
    let valid = AtomicUsize::new(0);
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if job.key.verify(job.message.as_bytes(), &job.signature) {
                valid.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let watch = Stopwatch::now();
    std::thread::scope(|scope| {
        for _ in 1..Threads::all().count() {
            scope.spawn(work);
        }
        work();
    });
    let time = watch.elapsed();
    ensure!(valid.into_inner() == jobs.len(), "a signature of the bench is not valid");
    Ok(time)
}
