//! A process that writes until it is killed, and tells on its output what was acknowledged.
//!
//! It is this test binary itself, started again with the name of one test and `LANDGAVEL_TEST_WRITER` set.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use landgavel_store::{AppendError, Batch, CreateError, Fault, Fence, Head, SaleId, Store};

use crate::crash::verify;
use crate::places::SqlitePlace;

/// Sales that the process writes at once, so that their appends share commits.
pub const SALES: usize = 3;

/// Enough for any test; it is killed long before, or stops by itself here.
const MOST: u64 = 100_000;

/// So long a lease lasts in a race: some appends fit in, and it lapses often.
const RACE_MS: i64 = 60;

/// So often at least the lease changes hands in a race.
pub const TURNS: u64 = 8;

pub fn sale(number: usize) -> SaleId {
    SaleId::parse(&format!("sale-{number}")).unwrap()
}

/// How a process writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Alone, in several sales, with leases that don't lapse meanwhile.
    Alone,
    /// Against others in one sale, with short leases that are not renewed.
    Race,
    /// One append after the other in one sale.
    Single,
}

/// Starts a process that writes so many appends to each sale at most.
pub fn start(url: &str, holder: &str, manner: Manner, appends: u64) -> Child {
    command(url, holder, manner, appends).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// The same, to be started otherwise.
pub fn command(url: &str, holder: &str, manner: Manner, appends: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["writer::what_the_writer_acknowledges_is_there", "--exact", "--nocapture", "--test-threads=1"])
        .env("LANDGAVEL_TEST_WRITER", format!("{holder} {manner:?} {appends} {url}"));
    command
}

/// Without the variable it is a test like any other: a writer that nobody kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_writer_acknowledges_is_there() {
    #[expect(clippy::disallowed_methods, reason = "this is how the process is told what to do")]
    let told = std::env::var("LANDGAVEL_TEST_WRITER");
    let Ok(told) = told else {
        let place = SqlitePlace::new();
        let output = start(&place.url(), "a", Manner::Alone, 20).wait_with_output().unwrap();
        let acknowledged = verify(&place.url(), &String::from_utf8(output.stdout).unwrap()).await;
        return assert_eq!(acknowledged, 20 * SALES);
    };
    let [holder, manner, appends, url] = told.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{told}") };
    let store = answered(|| Store::open(url)).await;
    let appends = appends.parse::<u64>().unwrap().min(MOST);
    match manner {
        "Alone" => {
            let tasks: Vec<_> = (0..SALES)
                .map(|number| tokio::spawn(alone(store.clone(), holder.to_owned(), sale(number), appends)))
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
        "Single" => alone(store, holder.to_owned(), sale(0), appends).await,
        _ => race(&store, holder, &sale(0), appends).await,
    }
}

/// Asks until there is an answer: a server that is killed may be gone at any moment, at the first one too. What is asked
/// so may be asked again.
async fn answered<T, F: Future<Output = Result<T, Fault>>>(ask: impl Fn() -> F) -> T {
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(Fault::Unknown { .. } | Fault::Unreachable { .. }) => tokio::task::yield_now().await,
            Err(fault) => panic!("{fault}"),
        }
    }
}

async fn create(store: &Store, sale: &SaleId) {
    answered(|| async {
        store.create(sale, Vec::new()).await.map_err(|error| match error {
            CreateError::Fault(fault) => fault,
            CreateError::Exists => panic!("{sale} has other files"),
        })
    })
    .await;
}

async fn alone(store: Store, holder: String, sale: SaleId, appends: u64) {
    create(&store, &sale).await;
    let fence = take(&store, &holder, &sale, 60_000).await;
    let mut head = answered(|| store.head(&sale)).await;
    for count in 0..appends {
        let entries = entries_of(&holder, &fence, count);
        head = append(&store, &fence, head, entries).await.unwrap();
        acknowledge(&sale, head);
    }
}

/// Takes the lease whenever it is free and writes until somebody else has it.
async fn race(store: &Store, holder: &str, sale: &SaleId, appends: u64) {
    create(store, sale).await;
    let (mut count, mut turn) = (0, 0);
    // If the other died there are no more turns, and this one must not write forever.
    let goes_on = |count: u64, turn: u64| count < appends || (turn < TURNS && count < 100 * appends);
    while goes_on(count, turn) {
        let fence = take(store, holder, sale, RACE_MS).await;
        turn = fence.number();
        let mut head = store.head(sale).await.unwrap();
        while goes_on(count, turn) {
            match append(store, &fence, head, entries_of(holder, &fence, count)).await {
                Ok(next) => head = next,
                // Between the taking and the reading the other wrote its last one.
                Err(AppendError::Moved { head: moved }) => {
                    head = moved;
                    continue;
                }
                Err(AppendError::Fenced { by }) => {
                    assert!(by > fence.number());
                    break;
                }
                Err(error) => panic!("{error:?}"),
            }
            acknowledge(sale, head);
            count += 1;
        }
    }
}

async fn take(store: &Store, holder: &str, sale: &SaleId, length_ms: i64) -> Fence {
    loop {
        #[expect(clippy::disallowed_methods, reason = "between processes only the machine's clock is shared")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now_ms = i64::try_from(now.as_millis()).unwrap();
        if let Some(fence) = answered(|| store.take(sale, holder, now_ms, length_ms)).await {
            return fence;
        }
        tokio::task::yield_now().await;
    }
}

/// Appends; when the outcome is not known, finds it out as any caller can.
async fn append(store: &Store, fence: &Fence, head: Head, entries: Vec<Vec<u8>>) -> Result<Head, AppendError> {
    let after = head.after(&entries);
    loop {
        match store.append(fence, head, Batch::of(entries.clone())).await {
            Err(AppendError::Fault(Fault::Unknown { .. } | Fault::Unreachable { .. })) => {
                let now = answered(|| store.head(fence.sale())).await;
                match now {
                    now if now == after => return Ok(now),
                    now if now == head => {}
                    now => panic!("neither done nor not: {now:?}"),
                }
            }
            outcome => return outcome,
        }
    }
}

/// One to four entries, of which each tells its writer, its fence, and its place within its append.
fn entries_of(holder: &str, fence: &Fence, count: u64) -> Vec<Vec<u8>> {
    let size = 1 + count % 4;
    (0..size)
        .map(|at| format!("{} {holder} {count} {at}/{size} {}", fence.number(), "x".repeat(700)).into_bytes())
        .collect()
}

/// Only after the store has answered, and in one piece: a line that is cut off tells nothing.
fn acknowledge(sale: &SaleId, head: Head) {
    let mut line = String::new();
    writeln!(line, "ACK {sale} {} {}", head.size, head.chain).unwrap();
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    std::io::stdout().flush().unwrap();
}
