//! Pledges: what winners promised, each kept as a record of its own in a log HOST/pledges/ID.
//!
//! `foundation` is what a pledge stands on; `ground` the sale as it was then, verified; `book` the record and its tree in
//! memory; `shown` what is stored, for all who look; `desk` the one writer; `bundle` the record as files; `concerns` what
//! falls due and what is at risk. A [`Pledge`] is kept open whoever writes it and whatever happens to its desk.

mod book;
mod bundle;
pub mod concerns;
mod desk;
pub mod foundation;
mod ground;
mod shown;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use landgavel_log::note::SigningKey;
use landgavel_record::record::Received;
use landgavel_record::verify::SaleGrounds;
use landgavel_store::{Fault, SaleId};
use tokio::sync::{OnceCell, mpsc, oneshot, watch};

pub use book::Written;
pub use bundle::PledgeBundle;
pub use desk::Outcome;
pub use ground::{NotRead, bundle_at, verified};
pub use shown::{Past, Shown, State};

use crate::desk::intake::Submission;
use crate::desk::shown::Standing;
use crate::desk::{Ended, NotAnswered, Setting};
use crate::export;
use desk::{Ask, Incoming, QUEUE, Writer, read_back};
use foundation::{Foundation, NotFounded};

/// Before the id of a pledge in the store; no sale's id begins so.
pub const PREFIX: &str = "_pledge.";
/// Before a desk that failed is opened again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// Between two looks at a pledge that another node writes.
const FOLLOW_EVERY: Duration = Duration::from_secs(2);

/// Who asks for the lease of a pledge.
pub struct Node {
    /// Its name.
    pub name: String,
    /// How long its leases last, in milliseconds.
    pub lease_ms: i64,
}

/// One pledge in the hall.
pub struct Pledge {
    id: String,
    log: SaleId,
    sale: SaleId,
    setting: Setting,
    node: Node,
    foundation: Foundation,
    log_key: SigningKey,
    grounds: OnceCell<SaleGrounds>,
    shown: RwLock<Option<Arc<Shown>>>,
    /// Why nothing is shown of it yet, when that is not that it is being read.
    unread: RwLock<Option<Standing>>,
    queue: RwLock<Option<mpsc::Sender<Ask>>>,
    /// Held while a command gets its time and its place in the queue, so that both have one order.
    stamping: Arc<Mutex<()>>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    closing: watch::Sender<bool>,
}

impl Pledge {
    /// A pledge of a hall; `keep` opens it.
    pub fn new(id: &str, log: SaleId, sale: SaleId, setting: Setting, node: Node, foundation: Foundation) -> Arc<Self> {
        Arc::new(Self {
            log_key: setting.keys.log(&foundation.opening.origin),
            id: id.to_owned(),
            log,
            sale,
            setting,
            node,
            foundation,
            grounds: OnceCell::new(),
            shown: RwLock::default(),
            unread: RwLock::default(),
            queue: RwLock::default(),
            stamping: Arc::default(),
            stop: Mutex::default(),
            closing: watch::Sender::new(false),
        })
    }

    /// Its id, as in paths.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its journal in the store.
    pub fn log(&self) -> &SaleId {
        &self.log
    }

    /// The sale from which it was opened.
    pub fn sale(&self) -> &SaleId {
        &self.sale
    }

    /// What it stands on.
    pub fn foundation(&self) -> &Foundation {
        &self.foundation
    }

    /// The key of its log.
    pub fn log_key(&self) -> &SigningKey {
        &self.log_key
    }

    /// What is stored of it; nothing while it is read back for the first time.
    pub fn shown(&self) -> Option<Arc<Shown>> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether its desk takes commands on this node.
    pub fn standing(&self) -> Standing {
        let unread = || self.unread.read().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or(Standing::Opening);
        self.shown().map_or_else(unread, |shown| shown.look().desk.clone())
    }

    /// Whether its journal is not what was stored or signed.
    pub fn is_damaged(&self) -> bool {
        matches!(self.standing(), Standing::Stopped { is_retried: false, .. })
    }

    /// Its record as files, up to the last checkpoint; nothing before there is one.
    pub fn bundle(&self) -> Option<PledgeBundle> {
        let shown = self.shown()?;
        let state = shown.look();
        let published = state.published.clone()?;
        Some(PledgeBundle::new(self.setting.store.clone(), self.log.clone(), published, state.sale.clone()))
    }

    /// Verifies the signatures of what somebody hands in.
    ///
    /// # Errors
    ///
    /// [`NotAnswered::NotReceived`].
    pub fn receive(&self, submission: Submission) -> Result<Received, NotAnswered> {
        self.setting.gate.check(self.setting.clock.now(), submission).map_err(NotAnswered::NotReceived)
    }

    /// Asks for something. The time that counts is the one at which it joins the queue.
    ///
    /// # Errors
    ///
    /// [`NotAnswered`].
    pub async fn ask(&self, received: Received) -> Result<Outcome, NotAnswered> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(queue) = queue else {
            let is_elsewhere = self.standing() == Standing::Elsewhere;
            return Err(if is_elsewhere { NotAnswered::Elsewhere } else { NotAnswered::Stopped });
        };
        let (answer, answered) = oneshot::channel();
        let sent = {
            let _stamping = self.stamping.lock().unwrap_or_else(PoisonError::into_inner);
            queue.try_send(Ask { received: received.stamped(self.setting.clock.now()), answer })
        };
        sent.map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAnswered::Busy,
            mpsc::error::TrySendError::Closed(_) => NotAnswered::Stopped,
        })?;
        answered.await.map_err(|_| NotAnswered::Stopped)
    }

    /// What a stored entry says, byte for byte.
    ///
    /// # Errors
    ///
    /// When the store fails, or there is no such entry.
    pub async fn line(&self, entry: u64) -> Result<Vec<u8>, Fault> {
        let lines = self.setting.store.read(&self.log, entry, 1, usize::MAX).await?;
        lines.into_iter().next().ok_or_else(|| Fault::Corrupt { what: format!("entry {entry} is missing") })
    }

    /// Lets it end in good order: what waits is answered, the rest is published.
    pub fn close(&self) {
        self.closing.send_replace(true);
        if let Some(stop) = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = stop.send(());
        }
    }

    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Keeps the pledge open until it is closed.
    pub async fn keep(self: Arc<Self>) {
        let mut wait = RETRY.0;
        while !self.is_closing() {
            match self.write_once().await {
                Ended::Asked => return,
                Ended::Fenced => {
                    wait = RETRY.0;
                    self.follow().await;
                }
                Ended::Damaged(why) => {
                    tracing::error!(pledge.id = %self.id, why, "the journal of a pledge is damaged: it is not opened again");
                    self.stands(Standing::Stopped { why, is_retried: false });
                    return;
                }
                Ended::Failed(why) => {
                    tracing::error!(pledge.id = %self.id, why, "the desk of a pledge has stopped");
                    self.stands(Standing::Stopped { why, is_retried: true });
                    self.rest(wait).await;
                    wait = (2 * wait).min(RETRY.1);
                }
            }
        }
    }

    async fn rest(&self, wait: Duration) {
        let mut closing = self.closing.subscribe();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = closing.wait_for(|is_closing| *is_closing) => {}
        }
    }

    /// Opens the desk, and waits for its end.
    async fn write_once(self: &Arc<Self>) -> Ended {
        // The sale is verified first: that may take longer than a lease lasts.
        // Its room makes a damaged tile of it again meanwhile, so nothing of it is final here.
        if !self.grounds.initialized()
            && let Err(why) = self.ground().await
        {
            return Ended::Failed(why.to_string());
        }
        let now = self.setting.clock.now().millis();
        let fence = match self.setting.store.take(&self.log, &self.node.name, now, self.node.lease_ms).await {
            Ok(Some(fence)) => fence,
            Ok(None) => return Ended::Fenced,
            Err(fault) => return fault.into(),
        };
        let back = match self.read().await {
            Ok(back) => back,
            Err(why) => return why.into(),
        };
        let (queue, asked) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        let incoming = Incoming { queue: asked, stop: stopped, stamping: Arc::clone(&self.stamping) };
        let opened = Writer::open(&self.setting, fence, &self.foundation, back, incoming).await;
        let (writer, shown) = match opened {
            Ok(opened) => opened,
            Err(ended) => return ended,
        };
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        *self.queue.write().unwrap_or_else(PoisonError::into_inner) = Some(queue);
        if self.is_closing() {
            self.close();
        }
        let ended = tokio::spawn(writer.run()).await;
        *self.queue.write().unwrap_or_else(PoisonError::into_inner) = None;
        ended.unwrap_or_else(|error| Ended::Failed(format!("a bug: {error}")))
    }

    /// Whether its record can be opened now, as every verifier will check it.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn check(&self) -> Result<(), NotFounded> {
        let (_, grounds) = self.ground().await.map_err(|why| NotFounded::NotRead(why.to_string()))?;
        let now = self.setting.clock.now().max(grounds.award().last().unwrap_or(self.setting.clock.now()));
        self.foundation.open(now, grounds, &self.setting.gate).map(|_| ())
    }

    async fn ground(&self) -> Result<(export::Bundle, &SaleGrounds), NotRead> {
        let size = self.foundation.opening.sale.entries;
        let bundle = bundle_at(&self.setting.store, &self.sale, size, &self.foundation.sale_outcome).await?;
        let grounds = self.grounds.get_or_try_init(|| verified(bundle.clone())).await?;
        Ok((bundle, grounds))
    }

    async fn read(&self) -> Result<desk::ReadBack, NotRead> {
        let (bundle, grounds) = self.ground().await.map_err(|why| NotRead::Passing(why.to_string()))?;
        read_back(&self.setting, &self.log, &self.foundation, grounds, bundle).await
    }

    /// Shows what another node writes.
    async fn follow(&self) {
        match self.read_other().await {
            Ok(()) => {}
            Err(NotRead::Damaged(why)) => {
                tracing::error!(pledge.id = %self.id, why, "the journal of a pledge of another node is damaged");
                self.stands(Standing::Stopped { why, is_retried: true });
            }
            // What was shown stays; the node that writes may be changing what is read.
            Err(NotRead::Passing(why)) => {
                tracing::warn!(pledge.id = %self.id, why, "a pledge of another node cannot be read");
            }
        }
        self.rest(FOLLOW_EVERY).await;
    }

    /// Reads what another node has stored, when that is more than is known: an entry, or the checkpoint after it.
    async fn read_other(&self) -> Result<(), NotRead> {
        let store = &self.setting.store;
        let entries = store.head(&self.log).await?.size;
        let published = store.latest_checkpoint(&self.log).await?.map(|checkpoint| checkpoint.size);
        let known = self.shown().map(|shown| {
            let state = shown.look();
            (state.entries, state.published.as_ref().map(|published| published.tree.size()))
        });
        if entries == 0 || (known == Some((entries, published)) && self.standing() == Standing::Elsewhere) {
            return Ok(());
        }
        let back = self.read().await?;
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(back.shown));
        self.stands(Standing::Elsewhere);
        Ok(())
    }

    fn stands(&self, standing: Standing) {
        match self.shown() {
            Some(shown) => shown.change(|state| state.desk = standing),
            None => *self.unread.write().unwrap_or_else(PoisonError::into_inner) = Some(standing),
        }
    }
}

impl From<NotRead> for Ended {
    fn from(why: NotRead) -> Self {
        match why {
            NotRead::Passing(why) => Self::Failed(why),
            NotRead::Damaged(why) => Self::Damaged(why),
        }
    }
}
