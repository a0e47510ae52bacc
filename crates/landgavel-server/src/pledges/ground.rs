//! The sale of a pledge as it stood when the pledge was opened: its bundle at that size, verified like a stranger's.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use landgavel_record::bundle::{BundleFiles, ReadError};
use landgavel_record::verify::{Alone, SaleGrounds};
use landgavel_store::{Fault, SaleId, Store};
use tokio::runtime::Handle;

use crate::desk::NotOpened;
use crate::desk::shown::Published;
use crate::desk::tree::Tree;
use crate::export::Bundle;

/// Why something that is stored was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRead {
    /// The store did not give it, or it is being made again: later it may be read.
    Passing(String),
    /// It is not what was stored or signed.
    Damaged(String),
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passing(why) | Self::Damaged(why) => f.write_str(why),
        }
    }
}

impl From<Fault> for NotRead {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Corrupt { .. } => Self::Damaged(fault.to_string()),
            _ => Self::Passing(fault.to_string()),
        }
    }
}

impl From<NotOpened> for NotRead {
    fn from(why: NotOpened) -> Self {
        match why {
            NotOpened::Store(fault) => fault.into(),
            NotOpened::Foundation(_) | NotOpened::Journal { .. } => Self::Damaged(why.to_string()),
            NotOpened::Ended(_) => Self::Passing(why.to_string()),
        }
    }
}

/// The bundle of a sale as it stood at a size, with what it had come to.
///
/// # Errors
///
/// [`NotRead`].
pub async fn bundle_at(store: &Store, sale: &SaleId, size: u64, outcome: &Arc<str>) -> Result<Bundle, NotRead> {
    let tiles = Tree::resume(store, sale, size).await?;
    let tiles = tiles.ok_or_else(|| NotRead::Passing(format!("the tiles of the sale {sale} are not at hand yet")))?;
    let tree = Tree::of(store.clone(), sale.clone(), &tiles);
    Ok(Bundle::new(store.clone(), sale.clone(), Published { tree, outcome: Arc::clone(outcome), witnesses: 0 }))
}

/// Verifies the record of a sale, so that nothing of it is believed because the hall holds it.
///
/// # Errors
///
/// [`NotRead`].
pub async fn verified(bundle: Bundle) -> Result<SaleGrounds, NotRead> {
    let handle = Handle::current();
    let judged = tokio::task::spawn_blocking(move || {
        let files = Kept { bundle, handle, failed: Mutex::default() };
        SaleGrounds::verify(&files, None, &Alone::default()).map(|(sale, _)| sale).map_err(|wrong| {
            // A file that the store did not give says nothing about the record.
            let failed = files.failed.into_inner().unwrap_or_else(PoisonError::into_inner);
            failed.map_or_else(
                || NotRead::Damaged(format!("the record of the sale does not hold: {} {}", wrong.file, wrong.message)),
                NotRead::from,
            )
        })
    });
    judged.await.map_err(|error| NotRead::Passing(error.to_string()))?
}

/// A bundle in the store, for a thread that may wait.
struct Kept {
    bundle: Bundle,
    handle: Handle,
    /// The first failure of the store.
    failed: Mutex<Option<Fault>>,
}

impl BundleFiles for Kept {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, ReadError> {
        let bytes = self.handle.block_on(self.bundle.file(path));
        let bytes = bytes.map_err(|fault| {
            let why = ReadError::Failed(fault.to_string());
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
            why
        });
        match bytes? {
            None => Err(ReadError::Missing),
            Some(bytes) if bytes.len() > most => Err(ReadError::TooLarge { most }),
            Some(bytes) => Ok(bytes),
        }
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        Ok(self.bundle.paths())
    }
}
