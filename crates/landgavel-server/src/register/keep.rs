use std::sync::Arc;
use std::time::Duration;

use landgavel_base::Digest;
use landgavel_log::tree::leaf_hash;
use landgavel_record::register::Says;
use landgavel_store::{MAX_ENTRY, PublishError};

use super::book::{Book, NotRead};
use super::{LEASE_MS, NotRegistered, Register, is_sale};

/// Between two looks at what other nodes entered or published, at most.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Before what failed is tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

impl Register {
    /// Keeps it until it is closed: enters what a crash left out, has it witnessed, shows it.
    pub async fn keep(self: Arc<Self>) {
        let mut closing = self.closing.subscribe();
        let (mut is_healed, mut wait) = (false, RETRY.0);
        loop {
            let done = self.look(&mut is_healed).await;
            let rest = match &done {
                Ok(()) => {
                    wait = RETRY.0;
                    LOOK_EVERY
                }
                Err(why) => {
                    tracing::warn!(%why, "the register is not published yet");
                    wait = (2 * wait).min(RETRY.1);
                    wait
                }
            };
            let grows = async {
                match self.store.watch(&self.name).await {
                    Ok(mut heads) => drop(heads.changed().await),
                    Err(_) => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.entered.notified() => {}
                () = grows, if done.is_ok() => {}
                () = tokio::time::sleep(rest) => {}
                _ = closing.wait_for(|is_closing| *is_closing) => return,
            }
        }
    }

    async fn look(&self, is_healed: &mut bool) -> Result<(), NotRegistered> {
        let is_named = {
            let mut book = self.book.lock().await;
            self.compare(&mut book).await?;
            self.is_last_named(&book)
        };
        // Another node may have named its own policy since, had it witnessed, and gone before anything was shown by this one's.
        // While nothing is witnessed it is not named again: two nodes would do so by turns for as long as no witness answers.
        let is_left = {
            let shown = self.shown.borrow();
            !is_named && shown.files.is_empty() && shown.witnessed.is_some_and(|at| at.size == shown.entries.size())
        };
        if !*is_healed || is_left {
            self.heal().await?;
            *is_healed = true;
        }
        self.publish().await
    }

    /// Enters each sale whose notice stands in its journal and not here: a crash came between. And the policy, when it is
    /// another than that of the last run: no reader believes a checkpoint by a policy that the register does not name.
    async fn heal(&self) -> Result<(), NotRegistered> {
        let mut missing = Vec::new();
        if self.shown.borrow().entries.size() > 0 {
            missing.push(self.names_policy());
        }
        for (sale, head) in self.store.sales().await? {
            if !is_sale(&sale) || head.size == 0 || self.names(&sale) {
                continue;
            }
            let notice = self.store.read(&sale, 0, 1, MAX_ENTRY).await?;
            if let Some(notice) = notice.first() {
                tracing::warn!(sale.id = %sale, "a sale that the register did not name is entered");
                missing.push(Says::Notice { sale: sale.to_string(), root: Digest(leaf_hash(notice).0) });
            }
        }
        self.enter(missing).await
    }

    /// Compares the last checkpoint with the journal, and shows what it covers. The checkpoint is read first: another node
    /// may enter and publish meanwhile, and what it covers is in the journal then.
    async fn compare(&self, book: &mut Book) -> Result<(), NotRegistered> {
        let latest = self.store.latest_checkpoint(&self.name).await?;
        self.catch_up(book).await?;
        let known = self.shown.borrow().witnessed;
        let Some(latest) = latest.filter(|latest| known.is_none_or(|known| known.size != latest.size)) else {
            self.show_grown(book);
            return Ok(());
        };
        match book.compare(&latest.note, self.log_key()) {
            Ok(at) => {
                self.show(book, Some((at, &latest.note)));
                Ok(())
            }
            Err(NotRead::Store(fault)) => Err(fault.into()),
            Err(NotRead::Damaged(why)) => {
                self.damage(&why);
                Err(NotRegistered::Unavailable(why))
            }
        }
    }

    /// Whether the policy that was named last, if any was, is this node's.
    fn is_last_named(&self, book: &Book) -> bool {
        book.policy_at(book.entries.size()).is_none_or(|named| named == self.own_policy())
    }

    /// Has what was entered since the last checkpoint witnessed, and publishes it.
    async fn publish(&self) -> Result<(), NotRegistered> {
        let unavailable = |why: String| NotRegistered::Unavailable(why);
        let book = self.book.lock().await;
        let size = book.entries.size();
        let covered = self.shown.borrow().witnessed.map_or(0, |at| at.size);
        // By the policy of another node that one publishes: of a size there is one checkpoint only.
        let is_due = size > covered && self.is_last_named(&book);
        let Some(root) = book.root_at(size).filter(|_| is_due) else { return Ok(()) };
        let hashes = book.hashes();
        // Nobody waits to enter something while witnesses are asked.
        drop(book);
        let (note, _) = self.publisher.witnessed(size, root, || hashes).await.map_err(unavailable)?;
        // Nobody enters here meanwhile: taking the lease would shut the own fence out.
        let mut book = self.book.lock().await;
        self.store_checkpoint(size, &note.to_string()).await?;
        self.compare(&mut book).await
    }

    async fn store_checkpoint(&self, size: u64, note: &str) -> Result<(), NotRegistered> {
        let now = self.clock.now().millis();
        let Some(fence) = self.store.take(&self.name, &self.holder, now, LEASE_MS).await? else {
            return Err(NotRegistered::Unavailable("another node holds its lease".to_owned()));
        };
        let published = self.store.publish(&fence, size, note).await;
        let _ = self.store.release(&fence).await;
        match published {
            // Another node has published more meanwhile; what, is compared next.
            Ok(()) | Err(PublishError::NotRising { .. }) => Ok(()),
            Err(error) => Err(NotRegistered::Unavailable(error.to_string())),
        }
    }
}
