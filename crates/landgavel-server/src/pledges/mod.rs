//! Pledges: what winners promised, each kept as a record of its own in a log HOST/pledges/ID.
//!
//! `foundation` is what a pledge stands on; `ground` the sale as it was then, verified; `book` the record and its tree in
//! memory; `shown` what is stored, for all who look; `desk` the one writer; `bundle` the record as files; `concerns` what falls due and what is at risk. A [`Pledge`] is kept
//! open whoever writes it and whatever happens to its desk.

mod book;
mod bundle;
pub mod concerns;
mod desk;
pub mod foundation;
mod ground;
mod shown;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use landgavel_base::Instant;
use landgavel_log::note::SigningKey;
use landgavel_record::verify::SaleGrounds;
use landgavel_store::{Fault, Head, SaleId};
use tokio::sync::{OnceCell, mpsc, oneshot, watch};

pub use book::Written;
pub use bundle::PledgeBundle;
pub use desk::Outcome;
pub use ground::{bundle_at, verified};
pub use shown::{Past, Shown, State};

use crate::desk::intake::Submission;
use crate::desk::shown::Standing;
use crate::desk::{Ended, NotAnswered, Setting};
use crate::export;
use desk::{Ask, QUEUE, Writer, read_back};
use foundation::{Foundation, NotFounded};

/// Before the id of a pledge in the store; no sale's id begins so.
pub const PREFIX: &str = "_pledge.";
/// How long a lease lasts, in milliseconds.
const LEASE_MS: i64 = 15_000;
/// Before a desk that failed is opened again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// Between two looks at a pledge that another node writes.
const FOLLOW_EVERY: Duration = Duration::from_secs(2);

/// One pledge in the hall.
pub struct Pledge {
    id: String,
    log: SaleId,
    sale: SaleId,
    setting: Setting,
    holder: String,
    foundation: Foundation,
    log_key: SigningKey,
    grounds: OnceCell<SaleGrounds>,
    shown: RwLock<Option<Arc<Shown>>>,
    queue: RwLock<Option<mpsc::Sender<Ask>>>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    closing: watch::Sender<bool>,
}

impl Pledge {
    /// A pledge of a hall; `keep` opens it.
    pub fn new(
        id: &str,
        log: SaleId,
        sale: SaleId,
        setting: Setting,
        holder: String,
        foundation: Foundation,
    ) -> Arc<Self> {
        Arc::new(Self {
            log_key: setting.keys.log(&foundation.opening.origin),
            id: id.to_owned(),
            log,
            sale,
            setting,
            holder,
            foundation,
            grounds: OnceCell::new(),
            shown: RwLock::default(),
            queue: RwLock::default(),
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
        self.shown().map_or(Standing::Opening, |shown| shown.look().desk.clone())
    }

    /// Its record as files, up to the last checkpoint; nothing before there is one.
    pub fn bundle(&self) -> Option<PledgeBundle> {
        let shown = self.shown()?;
        let state = shown.look();
        let published = state.published.clone()?;
        Some(PledgeBundle::new(self.setting.store.clone(), self.log.clone(), published, state.sale.clone()))
    }

    /// Asks for something; signatures are verified before it waits. The time that counts is the one at which it joins the
    /// queue.
    ///
    /// # Errors
    ///
    /// [`NotAnswered`].
    pub async fn ask(&self, submission: Submission) -> Result<Outcome, NotAnswered> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(queue) = queue else {
            let is_elsewhere = self.standing() == Standing::Elsewhere;
            return Err(if is_elsewhere { NotAnswered::Elsewhere } else { NotAnswered::Stopped });
        };
        let received = self.setting.gate.check(self.setting.clock.now(), submission);
        let received = received.map_err(NotAnswered::NotReceived)?;
        let (answer, answered) = oneshot::channel();
        queue.try_send(Ask { received: received.stamped(self.setting.clock.now()), answer }).map_err(|error| {
            match error {
                mpsc::error::TrySendError::Full(_) => NotAnswered::Busy,
                mpsc::error::TrySendError::Closed(_) => NotAnswered::Stopped,
            }
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
            let why = match self.write_once().await {
                Ok(Ended::Asked) => return,
                Ok(Ended::Fenced) => {
                    wait = RETRY.0;
                    self.follow().await;
                    continue;
                }
                Ok(Ended::Failed(why) | Ended::Damaged(why)) | Err(why) => why,
            };
            tracing::error!(pledge.id = %self.id, why, "the desk of a pledge has stopped");
            self.stands(Standing::Stopped { why, is_retried: true });
            self.rest(wait).await;
            wait = (2 * wait).min(RETRY.1);
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
    async fn write_once(self: &Arc<Self>) -> Result<Ended, String> {
        let now = self.setting.clock.now().millis();
        let fence = match self.setting.store.take(&self.log, &self.holder, now, LEASE_MS).await {
            Ok(Some(fence)) => fence,
            Ok(None) => return Ok(Ended::Fenced),
            Err(fault) => return Err(fault.to_string()),
        };
        let back = self.read().await?;
        let (queue, asked) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        let opened = Writer::open(&self.setting, fence, &self.foundation, back, asked, stopped).await;
        let (writer, shown) = match opened {
            Ok(opened) => opened,
            Err(ended) => return Ok(ended),
        };
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
        *self.queue.write().unwrap_or_else(PoisonError::into_inner) = Some(queue);
        if self.is_closing() {
            self.close();
        }
        let ended = tokio::spawn(writer.run()).await;
        *self.queue.write().unwrap_or_else(PoisonError::into_inner) = None;
        ended.map_err(|error| format!("a bug: {error}"))
    }

    /// Whether its record can be opened now, as every verifier will check it.
    ///
    /// # Errors
    ///
    /// Why not.
    pub async fn check(&self) -> Result<(), NotFounded> {
        let (_, grounds) = self.ground().await.map_err(NotFounded::Opening)?;
        let now = self.setting.clock.now().max(grounds.award().last().unwrap_or(self.setting.clock.now()));
        self.foundation.open(now, grounds, &self.setting.gate).map(|_| ())
    }

    async fn ground(&self) -> Result<(export::Bundle, &SaleGrounds), String> {
        let size = self.foundation.opening.sale.entries;
        let bundle = bundle_at(&self.setting.store, &self.sale, size, &self.foundation.sale_outcome).await?;
        let grounds = self.grounds.get_or_try_init(|| verified(bundle.clone())).await?;
        Ok((bundle, grounds))
    }

    async fn read(&self) -> Result<desk::ReadBack, String> {
        let (bundle, grounds) = self.ground().await?;
        read_back(&self.setting, &self.log, &self.foundation, grounds, bundle).await
    }

    /// Shows what another node writes.
    async fn follow(&self) {
        let head = self.setting.store.head(&self.log).await.unwrap_or(Head::EMPTY);
        let known = self.shown().map_or(0, |shown| shown.look().entries);
        if head.size > 0 && (head.size != known || self.standing() != Standing::Elsewhere) {
            match self.read().await {
                Ok(back) => *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(back.shown)),
                Err(why) => tracing::warn!(pledge.id = %self.id, why, "a pledge of another node cannot be read"),
            }
            self.stands(Standing::Elsewhere);
        }
        self.rest(FOLLOW_EVERY).await;
    }

    fn stands(&self, standing: Standing) {
        if let Some(shown) = self.shown() {
            shown.change(|state| state.desk = standing);
        }
    }

    /// The day by the pledge's own calendar.
    pub fn today(&self, now: Instant) -> Option<landgavel_base::Date> {
        let shown = self.shown()?;
        let state = shown.look();
        Some(now.local(state.record.opened().pledge.contract().utc_offset).date)
    }
}
