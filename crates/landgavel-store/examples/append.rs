//! How fast a store appends: `cargo run --release -p landgavel-store --example append -- URL [SALES]`.
//!
//! Each sale has one writer that appends batches one after the other, as a hall does. Then the journal
//! and as many small rows of the shelf are read as at a start. Times are of the whole call.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "it measures, and stops at the first failure")]

use std::time::{Duration, Instant};

use landgavel_store::{Batch, Fence, Head, SaleId, Store};

/// About the size of a signed bid with what it led to.
const ENTRY_BYTES: usize = 1_400;
/// Appends of each sale and size of batch.
const APPENDS: [(usize, usize); 4] = [(1, 4_000), (16, 2_000), (64, 1_000), (256, 400)];

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("the address of an empty store");
    let sales: usize = arguments.next().map_or(1, |number| number.parse().unwrap());
    let store = Store::open(&url).await.unwrap();
    let mut writers = Vec::new();
    for number in 0..sales {
        let sale = SaleId::parse(&format!("bench-{number}")).unwrap();
        store.create(&sale, Vec::new()).await.unwrap();
        let fence = store.take(&sale, "bench", 0, 60_000).await.unwrap().expect("an empty store");
        writers.push((fence, Head::EMPTY));
    }
    println!("{sales} sales | batch | entries/s |  p50 µs |  p99 µs |  max µs");
    for (size, appends) in APPENDS {
        let begun = Instant::now();
        let tasks: Vec<_> = writers.drain(..).map(|(fence, head)| (store.clone(), fence, head)).collect();
        let tasks: Vec<_> = tasks.into_iter().map(|(s, f, h)| tokio::spawn(write(s, f, h, size, appends))).collect();
        let mut times = Vec::new();
        for task in tasks {
            let (fence, head, mut some) = task.await.unwrap();
            times.append(&mut some);
            writers.push((fence, head));
        }
        let micros = begun.elapsed().as_micros().max(1);
        times.sort_unstable();
        let rate = (times.len() * size) as u128 * 1_000_000 / micros;
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_micros();
        println!("        | {size:>5} | {rate:>9} | {:>7} | {:>7} | {:>7}", at(50), at(99), at(100));
    }
    let (fence, head) = &writers[0];
    let begun = Instant::now();
    let (mut from, mut bytes) = (0, 0);
    while from < head.size {
        let entries = store.read(fence.sale(), from, 10_000, 16 << 20).await.unwrap();
        from += entries.len() as u64;
        bytes += entries.iter().map(Vec::len).sum::<usize>();
    }
    println!("read {from} entries, {bytes} bytes, in {} ms", begun.elapsed().as_millis());
    let begun = Instant::now();
    let rows = store.shelf_scan(b"leaf/", None, usize::MAX).await.unwrap().len();
    println!("scanned {rows} rows of the shelf in {} ms", begun.elapsed().as_millis());
}

async fn write(
    store: Store,
    fence: Fence,
    mut head: Head,
    size: usize,
    appends: usize,
) -> (Fence, Head, Vec<Duration>) {
    let mut times = Vec::with_capacity(appends);
    for number in 0..appends {
        let entries = vec![vec![number as u8; ENTRY_BYTES]; size];
        let row = |place: u64| (format!("leaf/{}/{place:012}", fence.sale()).into_bytes(), Some(vec![7; 32]));
        let shelf = (head.size..head.size + size as u64).map(row).collect();
        let begun = Instant::now();
        head = store.append(&fence, head, Batch { entries, shelf }).await.unwrap();
        times.push(begun.elapsed());
    }
    (fence, head, times)
}
