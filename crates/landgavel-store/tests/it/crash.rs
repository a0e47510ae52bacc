//! Processes and servers that are killed while they write: nothing acknowledged is lost, and nothing is
//! doubled or out of order.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};

use landgavel_store::{Head, Store};

use crate::cluster::{Cluster, Stop};
use crate::places::{PostgresPlace, SqlitePlace};
use crate::writer::{Manner, SALES, TURNS, sale, start};

/// How often a writer is killed; `LANDGAVEL_TEST_KILLS` asks for more.
fn kills(usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a long run is asked for by hand")]
    let asked = std::env::var("LANDGAVEL_TEST_KILLS").ok();
    asked.map_or(usual, |number| number.parse().unwrap())
}

/// A fixed row of numbers that look like none (Knuth's MMIX): where the kills fall.
fn scatter(seed: u64) -> u64 {
    (0..4).fold(seed + 1, |x, _| x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
        >> 33
}

/// Starts a writer, does something after so many acknowledgements, and gives all that it said.
fn interrupted(url: &str, after: u64, appends: u64, act: impl FnOnce(&mut std::process::Child)) -> String {
    let mut child = start(url, "a", Manner::Alone, appends);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    for _ in 0..after {
        if output.read_line(&mut said).unwrap() == 0 {
            break;
        }
    }
    act(&mut child);
    // What it said before it died it had been told by the store.
    output.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    said
}

fn kill(child: &mut std::process::Child) {
    child.kill().unwrap();
}

/// Looks for everything that was acknowledged; how many acknowledgements there were.
pub async fn verify(url: &str, said: &str) -> usize {
    let store = Store::open(url).await.unwrap();
    assert_eq!(store.check().await.unwrap().findings, Vec::<String>::new());
    let mut heads: BTreeMap<String, Vec<Head>> = BTreeMap::new();
    for (sale, head) in store.sales().await.unwrap() {
        // A server may still be at work on what its killed client had asked last.
        let entries = store.read(&sale, 0, usize::try_from(head.size).unwrap(), usize::MAX).await.unwrap();
        consistent(&entries);
        let mut passed = vec![Head::EMPTY];
        for entry in &entries {
            passed.push(passed[passed.len() - 1].after(std::slice::from_ref(entry)));
        }
        assert_eq!(passed.last(), Some(&head));
        heads.insert(sale.to_string(), passed);
    }
    let mut count = 0;
    for line in said.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
        // The test harness prints its own lines between.
        let Some(at) = line.find("ACK ") else { continue };
        let [_, sale, size, chain] = line[at..].split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let passed = heads.get(sale).unwrap_or_else(|| panic!("{sale} is lost"));
        let head = passed.get(size.parse::<usize>().unwrap()).unwrap_or_else(|| panic!("{line} is lost"));
        assert_eq!(head.chain.to_string(), chain, "{line}");
        count += 1;
    }
    count
}

/// Appends stand whole and once; each writer's count up; fences never go back.
fn consistent(entries: &[Vec<u8>]) {
    let mut last: BTreeMap<(u64, String), u64> = BTreeMap::new();
    let (mut latest, mut at) = (0, 0);
    while at < entries.len() {
        let words = |entry: &[u8]| String::from_utf8(entry.to_vec()).unwrap();
        let first = words(&entries[at]);
        let [fence, holder, count, place, _] = first.split(' ').collect::<Vec<_>>()[..] else { panic!("{first}") };
        let (fence, count) = (fence.parse::<u64>().unwrap(), count.parse::<u64>().unwrap());
        assert!(fence >= latest, "an entry of fence {fence} after one of {latest}");
        latest = fence;
        let (zero, size) = place.split_once('/').unwrap();
        assert_eq!(zero, "0", "{first}: its append is not whole");
        let size: usize = size.parse().unwrap();
        for number in 0..size {
            let entry = words(entries.get(at + number).unwrap_or_else(|| panic!("{first}: its append is cut off")));
            assert!(entry.starts_with(&format!("{fence} {holder} {count} {number}/{size} ")), "{first} | {entry}");
        }
        if let Some(before) = last.insert((fence, holder.to_owned()), count) {
            assert_eq!(count, before + 1, "{first} comes after {before}");
        }
        at += size;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_writer_loses_nothing_that_sqlite_acknowledged() {
    let place = SqlitePlace::new();
    let (mut said, mut acknowledged) = (String::new(), 0);
    for round in 0..kills(12) {
        said.push_str(&interrupted(&place.url(), scatter(round) % 60, u64::MAX, kill));
        said.push('\n');
        acknowledged = verify(&place.url(), &said).await;
    }
    assert!(acknowledged > 50, "only {acknowledged} appends were acknowledged: too few to show anything");
    eprintln!("{acknowledged} acknowledged appends, none lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_writer_loses_nothing_that_postgres_acknowledged() {
    let Some(place) = PostgresPlace::new().await else { return };
    let (mut said, mut acknowledged) = (String::new(), 0);
    for round in 0..kills(8) {
        said.push_str(&interrupted(&place.url(), scatter(round) % 60, u64::MAX, kill));
        said.push('\n');
        acknowledged = verify(&place.url(), &said).await;
    }
    assert!(acknowledged > 30, "only {acknowledged} appends were acknowledged: too few to show anything");
}

/// The writer lives on, and finds out what became of what it had asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgres_server_loses_nothing_and_its_writer_goes_on() {
    let Some(cluster) = Cluster::start("") else { return };
    let mut said = String::new();
    for round in 0..kills(3) {
        said.push_str(&interrupted(&cluster.url(), scatter(round) % 40, 40, |_| {
            cluster.stop(Stop::Immediate);
            cluster.go_on();
        }));
        said.push('\n');
        let acknowledged = verify(&cluster.url(), &said).await;
        assert_eq!(acknowledged as u64, (round + 1) * 40 * SALES as u64);
    }
}

/// Two processes that take the lease from each other all the time.
async fn raced(url: &str) {
    const APPENDS: u64 = 60;
    let writers = ["a", "b"].map(|holder| start(url, holder, Manner::Race, APPENDS));
    // Both are heard at once: one whose pipe is full stands still, and then the lease changes hands no more.
    let heard = writers.map(|writer| tokio::task::spawn_blocking(move || writer.wait_with_output().unwrap()));
    let mut said = String::new();
    for output in heard {
        let output = output.await.unwrap();
        assert!(output.status.success());
        said.push_str(&String::from_utf8(output.stdout).unwrap());
        said.push('\n');
    }
    assert!(verify(url, &said).await as u64 >= 2 * APPENDS);
    assert!(Store::open(url).await.unwrap().lease(&sale(0)).await.unwrap().fence >= TURNS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_race_for_one_sale_in_sqlite() {
    raced(&SqlitePlace::new().url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_race_for_one_sale_in_postgres() {
    let Some(place) = PostgresPlace::new().await else { return };
    raced(&place.url()).await;
}
