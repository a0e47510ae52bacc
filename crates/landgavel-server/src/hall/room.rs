//! A room: one sale as the hall keeps it open, whoever writes it and whatever happens to its desk.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::Bytes;
use landgavel_base::{Digest, Quantity};
use landgavel_log::note::SigningKey;
use landgavel_log::tree::leaf_hash;
use landgavel_record::verify::Outline;
use landgavel_store::{Fault, MAX_ENTRY, SaleId};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::House;
use super::pace::Pace;
use super::proxy::Proxies;
use crate::board;
use crate::desk::foundation::Foundation;
use crate::desk::intake::Submission;
use crate::desk::shown::{Shown, Standing};
use crate::desk::{Desk, Ended, NotAnswered, NotOpened, Outcome, Setting, read_only};
use crate::line::chunk;
use crate::register::{NotRegistered, Register};

/// Before a desk that failed is opened again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// Between two looks at a sale that another node writes, at least.
const FOLLOW_EVERY: Duration = Duration::from_millis(200);
/// Before a sale that another node writes is asked for again.
const ASK_LEASE_EVERY: Duration = Duration::from_secs(2);

/// What all viewers see, as the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Frames of this sale that were made before on this node.
    pub number: u64,
    /// Entries that it shows.
    pub entries: u64,
    /// The frame as JSON.
    pub json: Bytes,
    /// The frame as a server-sent event.
    pub event: Bytes,
    /// The event as a chunk of an answer.
    pub(crate) chunk: Bytes,
}

impl Frame {
    fn new(number: u64, entries: u64, json: String) -> Self {
        let event = format!("id: {entries}\nevent: frame\ndata: {json}\n\n");
        Self { number, entries, json: Bytes::from(json), chunk: chunk(&event), event: Bytes::from(event) }
    }

    /// What there is before a sale is shown.
    fn empty() -> Self {
        Self { number: 0, entries: 0, json: Bytes::from_static(b"{}"), event: Bytes::new(), chunk: Bytes::new() }
    }
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The command that was signed.
    pub text: String,
    /// The code with which it was refused.
    pub refused: Option<String>,
}

impl Stored {
    /// Reads the line of an entry.
    pub(super) fn read(entry: u64, line: &[u8]) -> Result<Self, Fault> {
        let outline = Outline::read(line).ok();
        let value = serde_json::from_slice::<Value>(line).ok();
        let corrupt = || Fault::Corrupt { what: format!("entry {entry} cannot be read") };
        let (outline, value) = outline.zip(value).ok_or_else(corrupt)?;
        Ok(Self { text: outline.text, refused: value["refused"]["code"].as_str().map(str::to_owned) })
    }
}

/// One sale in the hall.
pub struct Room {
    id: SaleId,
    setting: Setting,
    holder: String,
    lease_ms: i64,
    register: Arc<Register>,
    foundation: Foundation,
    log_key: SigningKey,
    shown: RwLock<Option<Arc<Shown>>>,
    desk: RwLock<Option<Arc<Desk>>>,
    frames: watch::Sender<Arc<Frame>>,
    pub(super) proxies: Proxies,
    /// Why it was never shown and will not be.
    refused: RwLock<Option<String>>,
    closing: watch::Sender<bool>,
}

impl Room {
    pub(super) fn new(
        id: SaleId,
        setting: Setting,
        house: &House,
        register: Arc<Register>,
        foundation: Foundation,
    ) -> Arc<Self> {
        let log_key = setting.keys.log(&foundation.notice.origin);
        Arc::new(Self {
            id,
            log_key,
            setting,
            holder: house.node.clone(),
            lease_ms: house.lease_ms,
            register,
            foundation,
            shown: RwLock::new(None),
            desk: RwLock::new(None),
            frames: watch::Sender::new(Arc::new(Frame::empty())),
            proxies: Proxies::default(),
            refused: RwLock::default(),
            closing: watch::Sender::new(false),
        })
    }

    /// Its id, as in paths.
    pub fn id(&self) -> &SaleId {
        &self.id
    }

    /// What the sale stands on.
    pub fn foundation(&self) -> &Foundation {
        &self.foundation
    }

    /// What is stored of the sale; nothing while it is read back for the first time.
    pub fn shown(&self) -> Option<Arc<Shown>> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it may be told of: nobody hears of a sale before the register names it.
    pub fn is_public(&self) -> bool {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).is_some() || self.register.names(&self.id)
    }

    /// Frames for everybody: a receiver holds the newest and wakes when there is another.
    pub fn frames(&self) -> watch::Receiver<Arc<Frame>> {
        self.frames.subscribe()
    }

    /// Wakes all who follow the frames, with the same one.
    pub fn wake_viewers(&self) {
        self.frames.send_modify(|_| {});
    }

    /// How many follow the frames.
    pub fn viewers(&self) -> usize {
        self.frames.receiver_count()
    }

    /// The own frame of a bidder; nothing when nobody has this code.
    pub fn own_frame(&self, code: &str) -> Option<Value> {
        let shown = self.shown()?;
        let state = shown.look();
        let mut own = board::own_frame(&state, code, &*self.setting.clock)?;
        // What is lodged is known only where the sale is written.
        if state.desk == Standing::Open {
            let least = own["legal"]["least"]["quanta"].as_i64().and_then(Quantity::new);
            own["proxy"] = self.proxies.of(code, least);
        }
        Some(own)
    }

    /// What its desk works with.
    pub(super) fn setting(&self) -> &Setting {
        &self.setting
    }

    /// What a command must be bound to now.
    pub fn binding(&self) -> Option<Value> {
        Some(board::binding_now(&self.shown()?.look()))
    }

    /// What is sent when nothing changes.
    pub fn beat(&self) -> Option<Value> {
        Some(board::beat(&self.shown()?.look(), &*self.setting.clock))
    }

    /// Whether its desk takes commands on this node.
    pub fn standing(&self) -> Standing {
        let refused = || match self.refused.read().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(why) => Standing::Stopped { why, is_retried: false },
            None => Standing::Opening,
        };
        self.shown().map_or_else(refused, |shown| shown.look().desk.clone())
    }

    /// Asks for something.
    ///
    /// # Errors
    ///
    /// [`NotAnswered`].
    pub async fn ask(&self, submission: Submission) -> Result<Outcome, NotAnswered> {
        let desk = self.desk.read().unwrap_or_else(PoisonError::into_inner).clone();
        match desk {
            Some(desk) => desk.ask(submission).await,
            None if self.standing() == Standing::Elsewhere => Err(NotAnswered::Elsewhere),
            None => Err(NotAnswered::Stopped),
        }
    }

    /// The entry of a key's command with this id, once it is stored.
    ///
    /// # Errors
    ///
    /// [`NotAnswered::Stopped`].
    pub async fn entry_with_id(&self, key: &str, id: &str) -> Result<Option<u64>, NotAnswered> {
        let desk = self.desk.read().unwrap_or_else(PoisonError::into_inner).clone();
        match desk {
            Some(desk) => desk.find(key, id).await,
            None => Err(NotAnswered::Stopped),
        }
    }

    /// What a stored entry says.
    ///
    /// # Errors
    ///
    /// When the store fails, or there is no such entry.
    pub(super) async fn stored(&self, entry: u64) -> Result<Stored, Fault> {
        let lines = self.setting.store.read(&self.id, entry, 1, usize::MAX).await?;
        Stored::read(entry, lines.first().map(Vec::as_slice).unwrap_or_default())
    }

    /// The code that a key was enrolled with.
    pub fn code_of_key(&self, key: &str) -> Option<String> {
        self.shown()?.look().enrolled.get(key).cloned()
    }

    /// The key of the sale's log.
    pub fn log_key(&self) -> &SigningKey {
        &self.log_key
    }

    /// Lets it end in good order: what waits is answered, the rest is published.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
        if let Some(desk) = &*self.desk.read().unwrap_or_else(PoisonError::into_inner) {
            desk.stop();
        }
    }

    /// Waits until it is to end.
    pub(super) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // Its sender is the room's own.
        let _ = closing.wait_for(|is_closing| *is_closing).await;
    }

    pub(super) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Keeps the room open until it is closed.
    pub(super) async fn keep(self: Arc<Self>) {
        let mut wait = RETRY.0;
        while !self.is_closing() {
            match self.write_once().await {
                Ended::Asked => return,
                Ended::Fenced => {
                    self.stands(Standing::Elsewhere);
                    self.follow().await;
                    wait = RETRY.0;
                }
                Ended::Damaged(why) => {
                    tracing::error!(sale.id = %self.id, why, "the journal of a sale is damaged: it is not opened again");
                    *self.refused.write().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
                    self.stands(Standing::Stopped { why, is_retried: false });
                    return;
                }
                Ended::Failed(why) => {
                    let is_retried = !why.starts_with(BUG);
                    tracing::error!(sale.id = %self.id, why, is_retried, "the desk of a sale has stopped");
                    self.stands(Standing::Stopped { why, is_retried });
                    if !is_retried {
                        return;
                    }
                    tokio::time::sleep(wait).await;
                    wait = (2 * wait).min(RETRY.1);
                }
            }
        }
    }

    /// Opens the desk, and waits for its end.
    async fn write_once(self: &Arc<Self>) -> Ended {
        let failed = |fault: Fault| Ended::Failed(fault.to_string());
        let now = self.setting.clock.now();
        let fence = match self.setting.store.take(&self.id, &self.holder, now.millis(), self.lease_ms).await {
            Ok(Some(fence)) => fence,
            Ok(None) => return Ended::Fenced,
            Err(fault) => return failed(fault),
        };
        if let Err(fault) = self.read_back_proxies().await {
            return failed(fault);
        }
        // Asked before anything is written: a journal that was exchanged is not gone on with, nor signed for.
        let is_named = match self.is_registered().await {
            Ok(is_named) => is_named,
            Err(ended) => return ended,
        };
        let (desk, ended) = match Desk::open(self.setting.clone(), fence, &self.foundation).await {
            Ok(opened) => opened,
            Err(NotOpened::Journal { entry, why }) => {
                return Ended::Damaged(format!("entry {entry} of the journal: {why}"));
            }
            Err(error) => return Ended::Failed(error.to_string()),
        };
        let desk = Arc::new(desk);
        // Neither shown nor asked for anything before: what nobody hears of can still be left out.
        if !is_named && let Err(failed) = self.enter_in_register(desk.shown()).await {
            desk.stop();
            let _ = ended.await;
            return failed;
        }
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(desk.shown()));
        *self.desk.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&desk));
        if self.is_closing() {
            desk.stop();
        }
        self.begin_bringing();
        let frames = tokio::spawn(Arc::clone(self).make_frames(Arc::clone(desk.shown())));
        let outcomes = tokio::spawn(Arc::clone(self).enter_outcomes(Arc::clone(desk.shown())));
        let ended = ended.await;
        *self.desk.write().unwrap_or_else(PoisonError::into_inner) = None;
        frames.abort();
        outcomes.abort();
        self.make_frame(desk.shown());
        ended.unwrap_or_else(|_| Ended::Failed(format!("{BUG}: its thread panicked; see the log")))
    }

    /// The root of the sale's log after its notice; nothing when that is not stored yet.
    async fn notice_root(&self) -> Result<Option<Digest>, Fault> {
        if self.setting.store.head(&self.id).await?.size == 0 {
            return Ok(None);
        }
        let notice = self.setting.store.read(&self.id, 0, 1, MAX_ENTRY).await?;
        Ok(notice.first().map(|notice| Digest(leaf_hash(notice).0)))
    }

    /// Whether the register names the notice in the journal. Another notice under this name is damage, and is not tried
    /// again; when the register cannot be had now, that is seen when it is to be entered.
    async fn is_registered(&self) -> Result<bool, Ended> {
        let Some(root) = self.notice_root().await? else { return Ok(false) };
        match self.register.has_notice(&self.id, root).await {
            Ok(is_named) => Ok(is_named),
            Err(why @ NotRegistered::Contradicts(_)) => Err(Ended::Damaged(why.to_string())),
            Err(NotRegistered::Unavailable(_)) => Ok(false),
        }
    }

    /// Has the register name the notice. A sale that has gone on since its notice was named before, or is by an older
    /// version: it does not stand still because the register cannot be had.
    async fn enter_in_register(&self, shown: &Shown) -> Result<(), Ended> {
        let root = self.notice_root().await?;
        let root = root.ok_or_else(|| Ended::Failed(format!("{} has no notice in its journal", self.id)))?;
        match self.register.notice(&self.id, root).await {
            Ok(()) => Ok(()),
            Err(why @ NotRegistered::Contradicts(_)) => Err(Ended::Damaged(why.to_string())),
            Err(NotRegistered::Unavailable(why)) if shown.look().entries > 1 => {
                tracing::warn!(sale.id = %self.id, why, "the register could not be asked about a sale");
                Ok(())
            }
            Err(why @ NotRegistered::Unavailable(_)) => Err(Ended::Failed(why.to_string())),
        }
    }

    /// Enters each outcome that is final into the register, once its checkpoint is published.
    async fn enter_outcomes(self: Arc<Self>, shown: Arc<Shown>) {
        let (mut changes, mut covered) = (shown.changes(), 0);
        loop {
            let published = shown.look().published.clone().filter(|published| published.tree.size() > covered);
            if let Some(published) = published {
                match self.register.outcome(&self.id, &published).await {
                    Ok(()) => covered = published.tree.size(),
                    Err(why) => {
                        tracing::error!(sale.id = %self.id, %why, "an outcome is not registered yet");
                        tokio::time::sleep(RETRY.1).await;
                        continue;
                    }
                }
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Shows what another node writes, until it is time to ask for the lease again.
    async fn follow(&self) {
        let until = Instant::now() + ASK_LEASE_EVERY;
        let mut heads = self.setting.store.watch(&self.id).await.ok();
        while Instant::now() < until && !self.is_closing() {
            let began = Instant::now();
            match read_only(self.setting.reading(), &self.id, &self.foundation).await {
                Ok(back) if back.head.size < 2 && !self.register.names(&self.id) => {}
                Ok(back) => {
                    let shown = Arc::new(back.shown);
                    shown.change(|state| state.desk = Standing::Elsewhere);
                    *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&shown));
                    self.make_frame(&shown);
                }
                // What was shown stays; the node that writes may be changing what is read.
                Err(error) => tracing::warn!(sale.id = %self.id, %error, "a sale of another node cannot be read"),
            }
            // A long record is read anew each time: it gets a fifth of a core at most.
            tokio::time::sleep(FOLLOW_EVERY.max(4 * began.elapsed())).await;
            let changed = async {
                match &mut heads {
                    Some(heads) => drop(heads.changed().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = changed => {}
                () = sleep_until(until) => {}
            }
        }
    }

    fn stands(&self, standing: Standing) {
        if let Some(shown) = self.shown() {
            shown.change(|state| state.desk = standing);
            self.make_frame(&shown);
        }
    }

    async fn make_frames(self: Arc<Self>, shown: Arc<Shown>) {
        let mut changes = shown.changes();
        let mut pace = Pace::new(Instant::now());
        loop {
            self.make_frame(&shown);
            sleep_until(pace.next(Instant::now(), self.viewers())).await;
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn make_frame(&self, shown: &Shown) {
        let state = shown.look();
        let need = self.foundation.policy.witnesses().len();
        let frame = board::public_frame(self.id.as_str(), &state, &*self.setting.clock, need);
        let entries = state.entries;
        drop(state);
        let json = frame.to_string();
        self.frames.send_modify(|frame| *frame = Arc::new(Frame::new(frame.number + 1, entries, json)));
    }
}

/// A mistake of ours, which opening again would repeat.
const BUG: &str = "a bug";
