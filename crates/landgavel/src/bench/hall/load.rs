//! The load: connections that bid as fast as they are answered, or at given times.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use landgavel_record::canonical;
use landgavel_record::record::COMMAND_FORMAT;
use serde_json::{Value, json};

use super::stage::{SALE, code, key};

/// The least first bid of the rule.
const START: u64 = 10_000;

/// What every bid is bound to.
pub struct Binding {
    lot: String,
    rulebook: String,
    seen: Value,
}

impl Binding {
    /// Reads the frame that everybody sees.
    pub fn read(address: SocketAddr) -> Result<Self> {
        let mut connection = Connection::open(address)?;
        let request = format!("GET /api/v1/sales/{SALE} HTTP/1.1\r\nhost: bench\r\n\r\n");
        let (status, body) = connection.ask(request.as_bytes())?;
        if status != 200 {
            bail!("the hall answered {status}");
        }
        let frame: Value = serde_json::from_slice(body)?;
        let text = |name: &str| frame[name].as_str().map(str::to_owned).context("a field of the frame");
        Ok(Self { lot: text("lot_id")?, rulebook: text("rulebook")?, seen: frame["seen"].clone() })
    }

    /// Requests of one bidder, signed: each bids one step more than the one before.
    pub fn requests(&self, bidder: usize, from: u64, count: u64) -> Vec<Vec<u8>> {
        let key = key(&code(bidder));
        let public = key.public().to_string();
        let one = |number: u64| {
            let command = canonical::encode(&json!({
                "do": "bid", "bidder": code(bidder), "amount": START + number, "attribute": "price",
                "format": COMMAND_FORMAT, "id": number.to_string(), "key": public, "lot": self.lot,
                "rulebook": self.rulebook, "seen": self.seen, "stage": "price",
            }));
            let signature = key.sign(command.as_bytes());
            let body = json!({"command": command, "signatures": [{"key": public, "signature": signature}]});
            let body = body.to_string();
            let head = format!(
                "POST /api/v1/sales/{SALE}/commands HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            (head + &body).into_bytes()
        };
        (from..from + count).map(one).collect()
    }
}

/// A receipt as it came: number of the entry, and its leaf hash in base64.
pub type Told = (u64, String);

/// What one connection saw.
#[derive(Default)]
pub struct Seen {
    /// Receipts.
    pub told: Vec<Told>,
    /// Times from when a bid was due to its answer, in microseconds.
    pub micros: Vec<u64>,
    /// Answers that were no receipt.
    pub others: u64,
}

/// When requests are sent.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each as soon as the one before it is answered.
    Next,
    /// At given times, whether or not the hall keeps up: the first, and the time between two.
    Every {
        /// The first.
        first: Instant,
        /// Between two.
        period: Duration,
    },
}

/// Sends requests over one connection.
pub fn send(address: SocketAddr, requests: &[Vec<u8>], pace: Pace, stop: &AtomicBool) -> Result<Seen> {
    let mut connection = Connection::open(address)?;
    let mut seen = Seen::default();
    for (number, request) in (0u32..).zip(requests) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let due = match pace {
            Pace::Next => Instant::now(),
            Pace::Every { first, period } => {
                let due = first + period * number;
                rest(due.saturating_duration_since(Instant::now()));
                due
            }
        };
        let (status, body) = connection.ask(request)?;
        match (status, receipt(body)) {
            (200, Some(told)) => {
                seen.told.push(told);
                seen.micros.push(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
            }
            _ => seen.others += 1,
        }
    }
    Ok(seen)
}

/// Lets time pass: an open load keeps its times whatever the hall does.
#[expect(clippy::disallowed_methods, reason = "a measurement happens in time")]
pub fn rest(length: Duration) {
    std::thread::sleep(length);
}

/// Finds the receipt in an answer without reading all of it: the client shares the cores with the hall.
pub fn receipt(body: &[u8]) -> Option<Told> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once("landgavel-receipt/1\\n")?;
    let mut lines = rest.split("\\n");
    let _origin = lines.next()?;
    Some((lines.next()?.parse().ok()?, lines.next()?.to_owned()))
}

/// One connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens it.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads its answer, whose length the hall tells.
    pub fn ask(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut piece = [0; 8192];
        loop {
            let count = self.stream.read(&mut piece)?;
            if count == 0 {
                bail!("the hall closed the connection");
            }
            self.buffer.extend_from_slice(&piece[..count]);
            let Some(head) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.context("an answer with a length")?.parse()?;
            let status = text.split(' ').nth(1).context("a status")?.parse()?;
            while self.buffer.len() < head + 4 + length {
                let count = self.stream.read(&mut piece)?;
                if count == 0 {
                    bail!("the hall closed the connection");
                }
                self.buffer.extend_from_slice(&piece[..count]);
            }
            return Ok((status, &self.buffer[head + 4..head + 4 + length]));
        }
    }
}
