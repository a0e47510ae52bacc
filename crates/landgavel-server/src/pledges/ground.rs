//! The sale of a pledge as it stood when the pledge was opened: its bundle at that size, verified like a stranger's.

use std::sync::Arc;

use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::verify::{Alone, SaleGrounds};
use landgavel_store::{SaleId, Store};
use tokio::runtime::Handle;

use crate::desk::shown::Published;
use crate::desk::tree::Tree;
use crate::export::Bundle;

/// The bundle of a sale as it stood at a size, with what it had come to.
///
/// # Errors
///
/// In words: the store failed, or the tiles of the sale are being made again.
pub async fn bundle_at(store: &Store, sale: &SaleId, size: u64, outcome: &Arc<str>) -> Result<Bundle, String> {
    let tiles = Tree::resume(store, sale, size).await.map_err(|fault| fault.to_string())?;
    let tiles = tiles.ok_or_else(|| format!("the tiles of the sale {sale} are not at hand yet"))?;
    let tree = Tree::of(store.clone(), sale.clone(), &tiles);
    Ok(Bundle::new(store.clone(), sale.clone(), Published { tree, outcome: Arc::clone(outcome), witnesses: 0 }))
}

/// Verifies the record of a sale, so that nothing of it is believed because the hall holds it.
///
/// # Errors
///
/// In words: what is wrong with it.
pub async fn verified(bundle: Bundle) -> Result<SaleGrounds, String> {
    let handle = Handle::current();
    let judged = tokio::task::spawn_blocking(move || {
        let files = Kept { bundle, handle };
        SaleGrounds::verify(&files, &Alone::default())
    });
    match judged.await.map_err(|error| error.to_string())? {
        Ok((sale, _)) => Ok(sale),
        Err(wrong) => Err(format!("the record of the sale does not hold: {} {}", wrong.file, wrong.message)),
    }
}

/// A bundle in the store, for a thread that may wait.
struct Kept {
    bundle: Bundle,
    handle: Handle,
}

impl BundleFiles for Kept {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        let bytes = self.handle.block_on(self.bundle.file(path));
        match bytes.map_err(|fault| ReadError::Failed(fault.to_string()))? {
            None => Err(ReadError::Missing),
            Some(bytes) if bytes.len() > most => Err(ReadError::TooLarge { most }),
            Some(bytes) => Ok(bytes),
        }
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.bundle.paths())
    }
}
