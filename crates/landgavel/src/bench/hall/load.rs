//! The load: signed bids that are sent at their times, whether or not the hall keeps up.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use landgavel_record::canonical;
use landgavel_record::keys::SigningKey;
use landgavel_record::record::COMMAND_FORMAT;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::stage::{SALE, code, key};

/// The least first bid of the rule.
const START: u64 = 10_000;
/// An answer that has not come by then is counted as none.
const PATIENCE: Duration = Duration::from_secs(60);

/// What every bid is bound to.
pub struct Binding {
    lot: String,
    rulebook: String,
    seen: Value,
}

/// A bidder of the measurement.
pub struct Bidder {
    code: String,
    key: SigningKey,
    public: String,
}

impl Bidder {
    /// The bidder of this number.
    pub fn new(number: usize) -> Self {
        let code = code(number);
        let key = key(&code);
        Self { public: key.public().to_string(), code, key }
    }
}

impl Binding {
    /// Reads the frame that everybody sees.
    pub fn read(address: SocketAddr) -> Result<Self> {
        let frame = get(address, &format!("/api/v1/sales/{SALE}"))?;
        let text = |name: &str| frame[name].as_str().map(str::to_owned).context("a field of the frame");
        Ok(Self { lot: text("lot_id")?, rulebook: text("rulebook")?, seen: frame["seen"].clone() })
    }

    /// A request with a signed bid, the first part of whose id may tell several runs apart.
    pub fn bid(&self, bidder: &Bidder, run: &str, number: u64) -> Vec<u8> {
        let command = canonical::encode(&json!({
            "do": "bid", "bidder": bidder.code, "amount": START + number, "attribute": "price",
            "format": COMMAND_FORMAT, "id": format!("{run}{number}"), "key": bidder.public, "lot": self.lot,
            "rulebook": self.rulebook, "seen": self.seen, "stage": "price",
        }));
        let signature = bidder.key.sign(command.as_bytes());
        let body = json!({"command": command, "signatures": [{"key": bidder.public, "signature": signature}]});
        let body = body.to_string();
        let head = format!(
            "POST /api/v1/sales/{SALE}/commands HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        (head + &body).into_bytes()
    }

    /// Bids of a few bidders in turn, each a step above the one before; signed on all cores.
    pub fn bids(&self, bidders: &[Bidder], numbers: std::ops::Range<u64>) -> Vec<Vec<u8>> {
        let count = u64::try_from(bidders.len().max(1)).unwrap_or(1);
        let of = |number: u64| &bidders[usize::try_from(number % count).unwrap_or(0)];
        on_all_cores(numbers, |number| self.bid(of(number), "", number))
    }
}

/// Makes something of each number, in order.
pub fn on_all_cores<T: Send>(numbers: std::ops::Range<u64>, make: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| u64::try_from(cores.get()).unwrap_or(1));
    let share = (numbers.end - numbers.start).div_ceil(cores).max(1);
    let make = &make;
    std::thread::scope(|scope| {
        let part = |core: u64| {
            let from = (numbers.start + core * share).min(numbers.end);
            let to = (from + share).min(numbers.end);
            scope.spawn(move || (from..to).map(make).collect::<Vec<T>>())
        };
        let parts: Vec<_> = (0..cores).map(part).collect();
        parts.into_iter().flat_map(|part| part.join().expect("signing does not fail")).collect()
    })
}

/// A receipt as it came: number of the entry, and its leaf hash in base64.
pub type Told = (u64, String);

/// What became of the bids.
#[derive(Default)]
pub struct Seen {
    /// Receipts, of bids that stand and of bids that the rules refused.
    pub told: Vec<Told>,
    /// Bids among them that were accepted; the others came after a higher one.
    pub accepted: u64,
    /// Times from when a bid was due to its receipt, in microseconds.
    pub micros: Vec<u64>,
    /// Answers that say that too many wait.
    pub busy: u64,
    /// Other answers.
    pub others: u64,
    /// Bids without an answer.
    pub unanswered: u64,
    /// From when the first was due to the last answer.
    pub took: Duration,
}

impl Seen {
    /// Adds what another run saw.
    pub fn add(&mut self, seen: Seen) {
        self.told.extend(seen.told);
        self.micros.extend(seen.micros);
        self.accepted += seen.accepted;
        self.busy += seen.busy;
        self.others += seen.others;
        self.unanswered += seen.unanswered;
        self.took += seen.took;
    }

    /// Counts an answer to a bid that was due at a time.
    fn note(&mut self, due: Instant, status: u16, body: &[u8]) {
        match (status, receipt(body)) {
            (200, Some(told)) => {
                self.told.push(told);
                self.accepted += u64::from(is_accepted(body));
                self.micros.push(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            (503, _) => self.busy += 1,
            _ => self.others += 1,
        }
    }
}

/// What the connections share: bids that are due and wait for a free one.
#[derive(Default)]
struct Waiting {
    due: RefCell<VecDeque<usize>>,
    is_over: Cell<bool>,
    wake: Notify,
    seen: RefCell<Seen>,
}

/// Sends each request when it is due after the start, over the next free connection; each counts from when it was due.
pub fn fire(address: SocketAddr, connections: usize, requests: &[Vec<u8>], due: &[Duration]) -> Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let (requests, due): (Rc<[Vec<u8>]>, Rc<[Duration]>) = (requests.into(), due.into());
    runtime.block_on(tasks.run_until(async move {
        let waiting = Rc::new(Waiting::default());
        let mut open = Vec::with_capacity(connections);
        for _ in 0..connections {
            open.push(Connection::open(address).await?);
        }
        let start = Instant::now() + Duration::from_millis(50);
        let tasks: Vec<_> = open
            .into_iter()
            .map(|connection| {
                let (waiting, requests, due) = (Rc::clone(&waiting), Rc::clone(&requests), Rc::clone(&due));
                tokio::task::spawn_local(serve(connection, waiting, requests, due, start))
            })
            .collect();
        for (number, due) in due.iter().enumerate() {
            if start + *due > Instant::now() {
                tokio::time::sleep_until(start + *due).await;
            }
            waiting.due.borrow_mut().push_back(number);
            waiting.wake.notify_one();
        }
        waiting.is_over.set(true);
        waiting.wake.notify_waiters();
        for task in tasks {
            task.await?;
        }
        let mut seen = waiting.seen.take();
        let first = due.first().copied().unwrap_or_default();
        seen.took = (start + first).elapsed();
        Ok(seen)
    }))
}

/// One connection: takes what is due, asks, counts the answer; a connection that breaks is made anew.
async fn serve(
    mut connection: Connection,
    waiting: Rc<Waiting>,
    requests: Rc<[Vec<u8>]>,
    due: Rc<[Duration]>,
    start: Instant,
) {
    loop {
        let next = waiting.due.borrow_mut().pop_front();
        let Some(number) = next else {
            if waiting.is_over.get() {
                return;
            }
            waiting.wake.notified().await;
            continue;
        };
        let answer = tokio::time::timeout(PATIENCE, connection.ask(&requests[number])).await;
        match answer {
            Ok(Ok((status, body))) => waiting.seen.borrow_mut().note(start + due[number], status, body),
            Ok(Err(_)) | Err(_) => {
                waiting.seen.borrow_mut().unanswered += 1;
                match Connection::open(connection.address).await {
                    Ok(opened) => connection = opened,
                    Err(_) => return,
                }
            }
        }
    }
}

/// Times with so many a second.
pub fn evenly(count: u64, per_second: u64) -> Vec<Duration> {
    (0..count).map(|number| Duration::from_micros(number * 1_000_000 / per_second.max(1))).collect()
}

/// Finds the receipt in an answer without reading all of it: the client shares the cores with the hall.
pub fn receipt(body: &[u8]) -> Option<Told> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("landgavel-receipt/1\\n")?;
    let mut lines = rest.split("\\n");
    let _origin = lines.next()?;
    Some((lines.next()?.parse().ok()?, lines.next()?.to_owned()))
}

fn is_accepted(body: &[u8]) -> bool {
    const WORDS: &[u8] = b"\"result\":\"accepted\"";
    body.windows(WORDS.len()).any(|window| window == WORDS)
}

/// Asks once for JSON.
pub fn get(address: SocketAddr, path: &str) -> Result<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = Connection::open(address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n");
        let (status, body) = tokio::time::timeout(PATIENCE, connection.ask(request.as_bytes())).await??;
        if status != 200 {
            bail!("the hall answered {status} to {path}");
        }
        Ok(serde_json::from_slice(body)?)
    })
}

/// One connection that is kept.
pub struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens it.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads its answer, whose length the hall tells.
    pub async fn ask(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            self.more().await?;
            let Some(head) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.context("an answer with a length")?.parse()?;
            let status = text.split(' ').nth(1).context("a status")?.parse()?;
            while self.buffer.len() < head + 4 + length {
                self.more().await?;
            }
            return Ok((status, &self.buffer[head + 4..head + 4 + length]));
        }
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the hall closed the connection");
        }
        Ok(())
    }
}
