//! What every driver must do, as functions that panic where one does not.
//!
//! They run on SQLite and PostgreSQL alike; whoever writes a third driver runs them too. Each takes a
//! [`Place`] of its own that holds nothing yet.
#![expect(clippy::unwrap_used, reason = "a suite stops at the first thing that is not as it must be")]

mod archive;
mod journal;
mod lease;
mod model;
mod shelf;
mod vault;

use std::future::Future;

use crate::journal::{Batch, Head};
use crate::lease::Fence;
use crate::name::SaleId;
use crate::store::Store;

pub use archive::*;
pub use journal::*;
pub use lease::*;
pub use model::{Step, agrees_with_the_model};
pub use shelf::*;
pub use vault::*;

/// Where a store of its own can be opened, again and again.
pub trait Place: Sync {
    /// Opens the store: always the same one.
    fn open(&self) -> impl Future<Output = Store> + Send;

    /// Lets so much time pass for the leases of the store, and gives the time after it (milliseconds). Where
    /// the clock can't be set, what is compared with it is moved.
    fn let_pass(&self, ms: i64) -> impl Future<Output = i64> + Send;
}

/// Any time: the suite begins here.
const NOW_MS: i64 = 1_700_000_000_000;

/// A lease that does not lapse while a test runs.
const LONG_MS: i64 = crate::lease::MAX_LEASE_MS;

fn sale(name: &str) -> SaleId {
    SaleId::parse(name).unwrap()
}

fn batch(entries: &[&[u8]]) -> Batch {
    Batch::of(entries.iter().map(|entry| entry.to_vec()).collect())
}

/// A sale without files, and its lease.
async fn begun(store: &Store, name: &str) -> (SaleId, Fence) {
    let sale = sale(name);
    store.create(&sale, Vec::new()).await.unwrap();
    let fence = store.take(&sale, "a", NOW_MS, LONG_MS).await.unwrap().unwrap();
    (sale, fence)
}

/// All entries of a sale.
async fn all(store: &Store, sale: &SaleId) -> Vec<Vec<u8>> {
    let entries = store.read(sale, 0, usize::MAX, usize::MAX).await.unwrap();
    assert_eq!(store.head(sale).await.unwrap(), Head::EMPTY.after(&entries));
    entries
}
