//! Who in this process waits for new entries.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::journal::Head;
use crate::name::SaleId;

/// One channel for each sale that somebody watches.
#[derive(Debug, Default)]
pub(crate) struct Watchers(Mutex<BTreeMap<SaleId, watch::Sender<Head>>>);

impl Watchers {
    /// Subscribes. The caller then reads the head and announces it, so that nothing falls between.
    pub(crate) fn subscribe(&self, sale: &SaleId) -> watch::Receiver<Head> {
        self.lock().entry(sale.clone()).or_insert_with(|| watch::Sender::new(Head::EMPTY)).subscribe()
    }

    /// The sales that are watched.
    pub(crate) fn watched(&self) -> Vec<SaleId> {
        self.lock().keys().cloned().collect()
    }

    /// Tells those who watch. Heads only grow: an older one that comes late is not told.
    pub(crate) fn announce(&self, sale: &SaleId, head: Head) {
        let mut watched = self.lock();
        let Some(sender) = watched.get(sale) else { return };
        if sender.receiver_count() == 0 {
            watched.remove(sale);
            return;
        }
        sender.send_if_modified(|known| {
            let grown = head.size > known.size;
            if grown {
                *known = head;
            }
            grown
        });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SaleId, watch::Sender<Head>>> {
        // The map is whole between any two statements, so a panic elsewhere leaves it usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
