//! Viewers: streams that are all read, and what a bid takes to reach them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::load::{Connection, Seen, rest};
use super::stage::SALE;

/// Bids that are followed, and the time between two.
const BIDS: usize = 20;
const EVERY: Duration = Duration::from_millis(500);

/// When a bid was sent, by the number of its entry.
type Sent = Arc<Mutex<Vec<(u64, Instant)>>>;

/// Times of all viewers, in microseconds, and the receipts of the bids that were followed.
pub struct Watched {
    /// From the sending of a bid to the frame that shows it.
    pub micros: Vec<u64>,
    /// Streams that were open.
    pub viewers: usize,
    /// Answers to the bids.
    pub seen: Seen,
}

/// Opens so many streams, sends bids, and measures until the last frame has come. One viewer in a thousand does not
/// read at all.
pub fn watch(address: SocketAddr, viewers: usize, requests: &[Vec<u8>]) -> Result<Watched> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sent: Sent = Arc::default();
    let (open, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let bidding = {
        let (sent, open, stop) = (Arc::clone(&sent), Arc::clone(&open), Arc::clone(&stop));
        let requests = requests.to_vec();
        std::thread::spawn(move || bid(address, viewers, &requests, &sent, &open, &stop))
    };
    let micros = runtime.block_on(async {
        let mut tasks = Vec::with_capacity(viewers);
        for number in 0..viewers {
            let (sent, open, stop) = (Arc::clone(&sent), Arc::clone(&open), Arc::clone(&stop));
            tasks.push(tokio::spawn(view(address, number % 1000 == 999, sent, open, stop)));
            if number % 64 == 0 {
                // The hall takes connections one after the other.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        let mut all = Vec::new();
        for task in tasks {
            if let Ok(Ok(some)) = task.await {
                all.extend(some);
            }
        }
        all
    });
    let seen = bidding.join().unwrap_or_else(|_| Ok(Seen::default()))?;
    Ok(Watched { micros, viewers: open.load(Ordering::Relaxed), seen })
}

fn bid(
    address: SocketAddr,
    viewers: usize,
    requests: &[Vec<u8>],
    sent: &Sent,
    open: &AtomicUsize,
    stop: &AtomicBool,
) -> Result<Seen> {
    let patience = Instant::now() + Duration::from_secs(120);
    while open.load(Ordering::Relaxed) < viewers && Instant::now() < patience {
        rest(Duration::from_millis(20));
    }
    rest(Duration::from_secs(1));
    let mut connection = Connection::open(address)?;
    let mut seen = Seen::default();
    for request in requests.iter().take(BIDS) {
        let began = Instant::now();
        let (_, body) = connection.ask(request)?;
        match super::load::receipt(body) {
            Some(told) => {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push((told.0, began));
                seen.told.push(told);
            }
            None => seen.others += 1,
        }
        rest(EVERY);
    }
    rest(Duration::from_secs(2));
    stop.store(true, Ordering::Relaxed);
    Ok(seen)
}

async fn view(
    address: SocketAddr,
    is_stalled: bool,
    sent: Sent,
    open: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> Result<Vec<u64>> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /api/v1/sales/{SALE}/stream HTTP/1.1\r\nhost: bench\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; 4096];
    let mut micros = Vec::new();
    let mut next = 0;
    // The first bytes say that the stream is open.
    let mut count = stream.read(&mut buffer).await?;
    open.fetch_add(1, Ordering::Relaxed);
    while !stop.load(Ordering::Relaxed) {
        if is_stalled {
            tokio::time::sleep(Duration::from_millis(500)).await;
            continue;
        }
        if let Some(entries) = newest(&buffer[..count]) {
            let now = Instant::now();
            let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
            while let Some((_, began)) = sent.get(next).filter(|(entry, _)| *entry < entries) {
                micros.push(u64::try_from((now - *began).as_micros()).unwrap_or(u64::MAX));
                next += 1;
            }
        }
        count = match tokio::time::timeout(Duration::from_secs(1), stream.read(&mut buffer)).await {
            Ok(Ok(0)) | Ok(Err(_)) => break,
            Ok(Ok(count)) => count,
            Err(_) => 0,
        };
    }
    Ok(micros)
}

/// The id of the last frame that begins in these bytes.
fn newest(bytes: &[u8]) -> Option<u64> {
    let at = bytes.windows(4).rposition(|window| window == b"id: ")?;
    let digits: Vec<u8> = bytes[at + 4..].iter().copied().take_while(u8::is_ascii_digit).collect();
    std::str::from_utf8(&digits).ok()?.parse().ok()
}
