//! Proxy bids in the vault: lodged when they stand there, read back by the node that writes the sale, erased when they are
//! taken back or of no more use.

use std::sync::Arc;

use landgavel_sale::rulebook::Attribute;
use landgavel_store::{Fault, VaultError};
use serde_json::Value;

use super::Room;
use super::proxy::{Lodging, NotLodged};
use crate::desk::intake::Submission;

/// Kind of their documents.
const KIND: &str = "proxy";
/// Most bytes of one: a thousand bids with their signatures.
const DOCUMENT_MAX: usize = 4 << 20;
/// Documents that are listed at once.
const LISTED: usize = 500;

impl Room {
    /// Keeps a bidder's bids in place of those that it lodged before; they stand in the vault when this answers.
    ///
    /// # Errors
    ///
    /// [`NotLodged`].
    pub async fn lodge(self: &Arc<Self>, code: &str, key: &str, bids: Vec<Submission>) -> Result<Value, NotLodged> {
        // A thousand signatures would hold up whatever else this thread does.
        let (room, of, by) = (Arc::clone(self), code.to_owned(), key.to_owned());
        let reading = tokio::task::spawn_blocking(move || room.lodging(&of, &by, bids));
        let lodging = reading.await.map_err(|error| NotLodged::Vault(error.to_string()))??;
        let _turn = self.proxies.turn.lock().await;
        let serial = self.proxies.next(code, &lodging)?;
        let (name, document) = (self.named(serial), lodging.document(code));
        if let Err(error) = self.setting().store.document_put(KIND, &name, &document, DOCUMENT_MAX).await {
            // It may stand there all the same.
            self.proxies.spend([serial]);
            return Err(NotLodged::Vault(error.to_string()));
        }
        self.proxies.keep(code, serial, lodging);
        self.begin_bringing();
        self.erase_spent().await;
        Ok(self.proxies.of(code, None))
    }

    /// Takes a bidder's bids back. Answers the amount of the one that is at the desk just now, which may still be entered.
    ///
    /// # Errors
    ///
    /// [`NotLodged`]; after [`NotLodged::Vault`] none of them is brought, but a restart would bring them unless it is asked
    /// again with success.
    pub async fn take_back(&self, code: &str) -> Result<Option<String>, NotLodged> {
        let _turn = self.proxies.turn.lock().await;
        let taken = self.cancel(code);
        match self.erase_spent().await {
            Some(error) if !matches!(taken, Err(NotLodged::Elsewhere)) => Err(NotLodged::Vault(error.to_string())),
            _ => taken,
        }
    }

    /// Erases what is of no more use. What could not be erased is tried again; why is told.
    pub(super) async fn erase_spent(&self) -> Option<VaultError> {
        let mut failed = None;
        for serial in self.proxies.take_spent() {
            let now_ms = self.setting().clock.now().millis();
            match self.setting().store.document_erase(KIND, &self.named(serial), now_ms).await {
                Ok(()) | Err(VaultError::Absent | VaultError::Erased { .. }) => {}
                Err(error) => {
                    tracing::warn!(sale.id = %self.id(), %error, "proxy bids are not erased yet");
                    self.proxies.spend([serial]);
                    failed = Some(error);
                }
            }
        }
        failed
    }

    /// Reads back what is lodged, when this node is about to write the sale: before anybody can lodge more.
    pub(super) async fn read_back_proxies(&self) -> Result<(), Fault> {
        let _turn = self.proxies.turn.lock().await;
        let prefix = format!("{}/", self.id());
        let mut after = prefix.clone();
        loop {
            let documents = self.setting().store.documents(KIND, Some(&after), LISTED).await?;
            for document in &documents {
                let serial = document.id.strip_prefix(&prefix).and_then(|serial| serial.parse().ok());
                let Some(serial) = serial else { return Ok(()) };
                self.proxies.number_from(serial);
                // A desk that opens again on the same node has forgotten nothing.
                if document.erased_at_ms.is_none() && !self.proxies.knows(serial) {
                    self.read_back_one(&document.id, serial).await;
                }
            }
            match documents.last() {
                Some(last) if documents.len() == LISTED => after.clone_from(&last.id),
                _ => return Ok(()),
            }
        }
    }

    /// Begins the task that brings what is lodged, where there is none yet.
    pub(super) fn begin_bringing(self: &Arc<Self>) {
        if self.proxies.begins() {
            tokio::spawn(Arc::clone(self).bring());
        }
    }

    /// Of two of one bidder the later one counts; the other was about to be erased.
    async fn read_back_one(&self, id: &str, serial: u64) {
        let read = match self.setting().store.document_get(KIND, id).await {
            Ok(document) => Lodging::read(&document, |stage| self.attribute_of(stage)),
            Err(error) => {
                tracing::error!(sale.id = %self.id(), %error, "proxy bids cannot be read back");
                return;
            }
        };
        match read {
            Some((code, lodging)) => self.proxies.keep(&code, serial, lodging),
            None => {
                tracing::error!(sale.id = %self.id(), id, "proxy bids cannot be read back");
                self.proxies.spend([serial]);
            }
        }
    }

    fn attribute_of(&self, stage: &str) -> Option<Attribute> {
        let rulebook = &self.foundation().loaded.lot.rulebook;
        let stage = rulebook.stages.iter().find(|known| known.id == stage)?;
        stage.kind.attribute().map(|attribute| rulebook.attribute(attribute).clone())
    }

    /// The name of a document: numbers of equal length, so that they are listed as they were lodged.
    fn named(&self, serial: u64) -> String {
        format!("{}/{serial:012}", self.id())
    }
}
