//! The judge: receipts that the clients hold against what is on the disk once the hall is dead.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use landgavel_log::tree::leaf_hash;
use landgavel_store::{SaleId, Store};

use super::load::Told;
use super::stage::SALE;

/// Entries of one page.
const PAGE: usize = 4096;
/// Bytes of one page, at most.
const PAGE_BYTES: usize = 16 << 20;

/// Calls something with each entry that is on the disk, in order.
pub fn each_entry(directory: &Path, mut with: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&directory.join("hall.db").to_string_lossy()).await?;
        let sale = SaleId::parse(SALE).context("an id")?;
        let mut next = 0;
        loop {
            let some = store.read(&sale, next, PAGE, PAGE_BYTES).await?;
            if some.is_empty() {
                return Ok(next);
            }
            for entry in &some {
                with(next, entry)?;
                next += 1;
            }
        }
    })
}

/// Receipts whose entry is not on the disk, or is another, or is told to two.
pub fn lost(directory: &Path, receipts: &[Told]) -> Result<usize> {
    let told: BTreeMap<u64, &String> = receipts.iter().map(|(entry, leaf)| (*entry, leaf)).collect();
    let doubled = receipts.len() - told.len();
    let mut missing = told.len();
    each_entry(directory, |number, entry| {
        if told.get(&number).is_some_and(|leaf| **leaf == leaf_hash(entry).to_string()) {
            missing -= 1;
        }
        Ok(())
    })?;
    Ok(missing + doubled)
}
