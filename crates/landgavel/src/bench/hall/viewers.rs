//! Viewers: streams that are all read, and what a bid takes to reach them.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, ready};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::load::{Connection, Seen, receipt};
use super::process::{Hall, own_cpu_ms};
use super::stage::SALE;

/// Bids that are followed, and the time between two.
pub const BIDS: usize = 20;
const EVERY: Duration = Duration::from_millis(500);
/// One viewer in so many opens its stream and never reads.
const STALLED_ONE_IN: usize = 1000;
/// Longer than any frame.
const PIECE: usize = 64 * 1024;

/// Times of all viewers, in microseconds, and the receipts of the bids that were followed.
#[derive(Default)]
pub struct Watched {
    /// From the sending of a bid to the end of the frame that shows it.
    pub micros: Vec<u64>,
    /// Streams that were open.
    pub viewers: usize,
    /// Of them, those that never read.
    pub stalled: usize,
    /// Processor time of the hall and of this process from the first bid to the last frame, in milliseconds for each bid.
    pub cpu_ms: (u64, u64),
    /// Bytes of the last frame.
    pub frame_bytes: usize,
    /// Frames that should have come, and did not.
    pub missed: usize,
    /// Answers to the bids.
    pub seen: Seen,
}

/// What the viewers and the bidder share.
#[derive(Default)]
struct Shared {
    /// When a bid was sent, with the number of its entry.
    sent: RefCell<Vec<(u64, Instant)>>,
    open: Cell<usize>,
    is_over: Cell<bool>,
    frame_bytes: Cell<usize>,
    micros: RefCell<Vec<u64>>,
    piece: RefCell<Vec<u8>>,
}

thread_local! { static XB: RefCell<Vec<Vec<u64>>> = const { RefCell::new(Vec::new()) }; }

/// Opens so many streams, sends bids, and measures until the last frame has come. All of them are one thread of this
/// process, which takes from the hall what it needs of the same cores.
pub fn watch(hall: &Hall, viewers: usize, requests: &[Vec<u8>]) -> Result<Watched> {
    let address = hall.address;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    runtime.block_on(tasks.run_until(async {
        let shared = Rc::new(Shared { piece: RefCell::new(vec![0; PIECE]), ..Shared::default() });
        for number in 0..viewers {
            let is_stalled = number % STALLED_ONE_IN == STALLED_ONE_IN - 1;
            tokio::task::spawn_local(view(address, is_stalled, Rc::clone(&shared)));
            if number % 64 == 0 {
                // The hall takes connections one after the other.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        let patience = Instant::now() + Duration::from_secs(120);
        while shared.open.get() < viewers && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let before = (hall.cpu_ms()?, own_cpu_ms()?);
        let seen = bid(address, requests, &shared).await?;
        let bids = u64::try_from(seen.told.len())?.max(1);
        let cpu_ms = ((hall.cpu_ms()? - before.0) / bids, (own_cpu_ms()? - before.1) / bids);
        // A sign of life comes within 4 s; with it the last frame is counted.
        tokio::time::sleep(Duration::from_secs(6)).await;
        shared.is_over.set(true);
        XB.with(|b| {
            for (i, v) in b.borrow_mut().iter_mut().enumerate() {
                v.sort_unstable();
                let n = v.len();
                eprintln!("bid {i}: n {n} min {} p50 {} p99 {} max {}", v[0], v[n / 2], v[n * 99 / 100], v[n - 1]);
            }
        });
        let stalled = viewers / STALLED_ONE_IN;
        let micros = shared.micros.take();
        let missed = (shared.open.get() - stalled) * seen.told.len();
        let missed = missed.saturating_sub(micros.len());
        let frame_bytes = shared.frame_bytes.get();
        Ok(Watched { micros, viewers: shared.open.get(), stalled, cpu_ms, frame_bytes, missed, seen })
    }))
}

async fn bid(address: SocketAddr, requests: &[Vec<u8>], shared: &Shared) -> Result<Seen> {
    let mut connection = Connection::open(address).await?;
    let mut seen = Seen::default();
    for request in requests.iter().take(BIDS) {
        let began = Instant::now();
        // The frame may come before the answer is read: this moment is noted under the number that the answer tells.
        let (_, body) = connection.ask(request).await?;
        match receipt(body) {
            Some(told) => {
                shared.sent.borrow_mut().push((told.0, began));
                seen.told.push(told);
            }
            None => seen.others += 1,
        }
        tokio::time::sleep(EVERY).await;
    }
    Ok(seen)
}

async fn view(address: SocketAddr, is_stalled: bool, shared: Rc<Shared>) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /api/v1/sales/{SALE}/stream HTTP/1.1\r\nhost: bench\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    // The first bytes say that the stream is open.
    stream.readable().await?;
    shared.open.set(shared.open.get() + 1);
    if is_stalled {
        while !shared.is_over.get() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        return Ok(());
    }
    let (mut next, mut shown) = (0, 0);
    // Frames that came before the answer to their bid was read, and when they were here.
    let mut early: Vec<(u64, Instant)> = Vec::new();
    while !shared.is_over.get() {
        // A read that fills less than it could tells that there is no more: the next waits without asking again.
        let count = poll_fn(|context| {
            let mut piece = shared.piece.borrow_mut();
            let mut read = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut stream).poll_read(context, &mut read))?;
            Poll::Ready(std::io::Result::Ok(read.filled().len()))
        });
        let count = count.await?;
        if count == 0 {
            return Ok(());
        }
        let piece = shared.piece.borrow();
        let now = Instant::now();
        shown = newest(&piece[..count]).unwrap_or(shown);
        if !piece[..count].ends_with(b"\n\n\r\n") && !piece[..count].ends_with(b"\n\n") {
            continue;
        }
        shared.frame_bytes.set(count.max(shared.frame_bytes.get()));
        early.push((shown, now));
        let sent = shared.sent.borrow();
        while let Some((entry, began)) = sent.get(next) {
            let Some((_, here)) = early.iter().find(|(shown, _)| shown > entry) else { break };
            let took = here.saturating_duration_since(*began);
            shared.micros.borrow_mut().push(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
            XB.with(|b| {
                let mut b = b.borrow_mut();
                if b.len() <= next {
                    b.resize(next + 1, Vec::new());
                }
                b[next].push(took.as_micros() as u64 / 1000);
            });
            next += 1;
        }
        // What is older than the bid that is waited for is no longer needed, but for the newest.
        let keep = early.len().saturating_sub(8);
        early.drain(..keep);
    }
    Ok(())
}

/// Bytes at the start of a chunk in which the id of a frame is.
const HEAD: usize = 48;

/// The id of the newest frame that begins in these bytes, where they begin with a chunk, as they mostly do; else of the
/// first. To look through all of them, ten thousand times, would take the hall's cores.
fn newest(bytes: &[u8]) -> Option<u64> {
    let (mut rest, mut newest) = (bytes, None);
    while let Some((length, chunk)) = chunk(rest) {
        newest = id(&chunk[..chunk.len().min(HEAD)]).or(newest);
        rest = chunk.get(length + 2..).unwrap_or_default();
    }
    newest.or_else(|| id(bytes))
}

/// The length of a chunk that begins here, and all that follows its length.
fn chunk(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let after = bytes[digits..].strip_prefix(b"\r\n")?;
    Some((usize::from_str_radix(std::str::from_utf8(&bytes[..digits]).ok()?, 16).ok()?, after))
}

fn id(bytes: &[u8]) -> Option<u64> {
    let at = bytes.windows(4).position(|window| window == b"id: ")?;
    let digits: Vec<u8> = bytes[at + 4..].iter().copied().take_while(u8::is_ascii_digit).collect();
    std::str::from_utf8(&digits).ok()?.parse().ok()
}
