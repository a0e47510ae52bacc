//! The one writer of a pledge: what waits is decided, stored in one transaction, and only then answered.
//!
//! Like the desk of a sale, without what years do not need: no outages, since a day that is told late harms nobody; no tape,
//! since a journal of hundreds of entries is read again in no time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration as Real;

use landgavel_base::{Duration, Instant};
use landgavel_record::record::{Fault, Received};
use landgavel_record::verify::{Outline, SaleGrounds};
use landgavel_store::{AppendError, Batch, Fence, Head, LeaseError, SaleId, Store};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::book::{Book, Pending, Taken, Written};
use super::foundation::Foundation;
use super::ground::NotRead;
use super::shown::{Shown, State};
use crate::clock::{Clock, sleep_until};
use crate::desk::intake::Submission;
use crate::desk::shown::{Published, Standing};
use crate::desk::tree::{Tree, read_all, tile_key};
use crate::desk::{Begun, Ended, Publisher, Setting, done, head_and_checkpoints};
use crate::export;

/// Commands that may wait for their decision.
pub(super) const QUEUE: usize = 256;
/// Commands that wake the writer together, at most; what waits behind them is decided and stored with them.
const BATCH: usize = 64;
/// Entries that one append may have.
const APPENDED: usize = 512;
/// Entries that are read at once.
const READ: u64 = 256;
/// From an entry to the checkpoint that covers it, in milliseconds of the hall's clock.
const PUBLISH_AFTER_MS: i64 = 1000;
/// The lease is renewed so often; it lasts several times as long.
const RENEW: Real = Real::from_secs(3);
/// How long an end waits for its last checkpoint.
const LAST_CHECKPOINT: Real = Real::from_secs(8);

/// What waits in the queue.
pub(super) struct Ask {
    pub received: Received,
    pub answer: oneshot::Sender<Outcome>,
}

/// What reaches the writer.
pub(super) struct Incoming {
    pub queue: mpsc::Receiver<Ask>,
    pub stop: oneshot::Receiver<()>,
    /// Held while a command gets its time and its place in the queue.
    pub stamping: Arc<Mutex<()>>,
}

/// What became of a command, once it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is this entry.
    Entered(Arc<Written>),
    /// An earlier command of the same key has its id: that entry.
    Before(u64),
    /// It can be no entry of this pledge.
    TurnedAway(Fault),
}

/// A pledge read back from its journal.
pub(super) struct ReadBack {
    book: Book,
    head: Head,
    pub shown: Shown,
    uncovered: Option<Instant>,
}

/// Reads a pledge back: every command is decided again and must give the same bytes. An empty journal gives the opening,
/// which is still to be written.
///
/// # Errors
///
/// [`NotRead`]: the journal does not follow from the terms, or is less than was signed; or the store failed.
pub(super) async fn read_back(
    setting: &Setting,
    log: &SaleId,
    foundation: &Foundation,
    sale: &SaleGrounds,
    sale_bundle: export::Bundle,
) -> Result<ReadBack, NotRead> {
    let store = &setting.store;
    let (head, mut known) = head_and_checkpoints(store, log).await?;
    let last_published = known.back().map(|(size, _)| *size);
    let wrong =
        |number: u64, why: &dyn std::fmt::Display| NotRead::Damaged(format!("entry {number} of the journal: {why}"));
    let at = if head.size == 0 {
        setting.clock.now().max(sale.award().last().unwrap_or(setting.clock.now()))
    } else {
        let first = read_all(store, log, 0, 1).await?;
        let outline = Outline::read(&first[0]).map_err(|why| wrong(0, &why))?;
        Instant::from_millis(outline.at_ms).ok_or_else(|| wrong(0, &"its time is out of range"))?
    };
    let (record, opening) =
        foundation.open(at, sale, &setting.gate).map_err(|why| NotRead::Damaged(why.to_string()))?;
    let mut tiles = Vec::new();
    let mut book = Book::new(record, &opening, &mut tiles);
    let shown = Shown::new(State {
        record: book.record().clone(),
        sale: sale_bundle,
        entries: head.size,
        history: Vec::new(),
        published: None,
        desk: Standing::Opening,
    });
    let mut uncovered = Some(at);
    let mut next = 0;
    while next < head.size {
        let lines = read_all(store, log, next, READ.min(head.size - next)).await?;
        let mut pending = Pending { tiles: std::mem::take(&mut tiles), ..Pending::default() };
        for line in &lines {
            let is_same = if next == 0 {
                opening.as_bytes() == line
            } else {
                enter_again(&mut book, line, setting, &mut pending).map_err(|why| wrong(next, &why))?;
                pending.entries.last().is_some_and(|written| written.entry.line.as_bytes() == line)
            };
            if !is_same {
                return Err(wrong(next, &"does not follow from the terms"));
            }
            let last = book.record().last();
            uncovered.get_or_insert(last);
            next += 1;
            let Some((_, root)) = known.front().copied().filter(|(size, _)| *size == next) else { continue };
            known.pop_front();
            if root != book.tiles().root().0 {
                let why = format!("the signed checkpoint of size {next} has another root than its journal");
                return Err(NotRead::Damaged(why));
            }
            book.published();
            uncovered = None;
            if last_published == Some(next) {
                let tree = Tree::of(store.clone(), log.clone(), book.tiles());
                let witnesses = foundation.policy.witnesses().len();
                let published = Published { tree, outcome: book.outcome(), witnesses };
                shown.change(|state| state.published = Some(published));
            }
        }
        for (path, bytes) in &pending.tiles {
            let key = tile_key(log, path);
            if store.shelf_get(&key).await?.as_deref() != Some(bytes) {
                store.shelf_put(&key, Some(bytes)).await?;
            }
        }
        shown.change(|state| state.stored(book.record(), &pending.entries));
    }
    Ok(ReadBack { book, head, shown, uncovered })
}

fn enter_again(book: &mut Book, line: &[u8], setting: &Setting, pending: &mut Pending) -> Result<(), String> {
    let outline = Outline::read(line)?;
    let at = Instant::from_millis(outline.at_ms).ok_or("its time is out of range")?;
    let submission = Submission { command: outline.text, signatures: outline.signatures };
    let received = setting.gate.check(at, submission).map_err(|error| error.to_string())?;
    book.enter(&received, pending).map(|_| ()).map_err(|fault| fault.to_string())
}

/// The loop of the one writer.
pub(super) struct Writer {
    book: Book,
    head: Head,
    fence: Fence,
    store: Store,
    clock: Arc<dyn Clock>,
    shown: Arc<Shown>,
    publisher: Publisher,
    incoming: Incoming,
    /// Time of the first entry that no checkpoint covers.
    uncovered: Option<Instant>,
    publishing: Option<JoinHandle<Result<Published, Ended>>>,
}

/// What wakes the loop.
enum Event {
    Asked(Vec<Ask>),
    Time,
    Renew,
    Checkpoint(Result<Published, Ended>),
    Stop,
}

impl Writer {
    /// Makes the writer of a pledge that was read back.
    ///
    /// # Errors
    ///
    /// Why the opening was not written.
    pub async fn open(
        setting: &Setting,
        fence: Fence,
        foundation: &Foundation,
        back: ReadBack,
        incoming: Incoming,
    ) -> Result<(Self, Arc<Shown>), Ended> {
        let ReadBack { book, head, shown, uncovered } = back;
        let shown = Arc::new(shown);
        let publisher = Publisher {
            key: Arc::new(setting.keys.log(&foundation.opening.origin)),
            policy: Arc::clone(&foundation.policy),
            witnesses: setting.witnesses.clone(),
            clock: Arc::clone(&setting.clock),
            store: setting.store.clone(),
        };
        let mut writer = Self {
            book,
            head,
            fence,
            store: setting.store.clone(),
            clock: Arc::clone(&setting.clock),
            shown: Arc::clone(&shown),
            publisher,
            incoming,
            uncovered,
            publishing: None,
        };
        if writer.head == Head::EMPTY {
            let at = writer.book.record().last();
            // The same line again, from what two officers have signed.
            let received = setting.gate.check(at, foundation.signed.clone());
            let received = received.map_err(|why| Ended::Failed(why.to_string()))?;
            let line = landgavel_record::record::notice_line(&received).into_bytes();
            let batch = Batch { entries: vec![line], shelf: Vec::new() };
            writer.head = writer.store.append(&writer.fence, writer.head, batch).await.map_err(ended)?;
            shown.change(|state| state.entries = 1);
        }
        Ok((writer, shown))
    }

    /// Runs until it is asked to stop, or something fails.
    pub async fn run(mut self) -> Ended {
        self.shown.change(|state| state.desk = Standing::Open);
        let mut renew = tokio::time::interval(RENEW);
        renew.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = match self.next(&mut renew).await {
                Event::Asked(asks) => self.decide(asks).await,
                Event::Time => self.decide(Vec::new()).await,
                Event::Renew => self.renew().await,
                Event::Checkpoint(done) => self.published(done),
                Event::Stop => return self.end().await,
            };
            if let Err(ended) = done {
                self.abandon();
                return ended;
            }
        }
    }

    async fn next(&mut self, renew: &mut tokio::time::Interval) -> Event {
        let publish = self.uncovered.filter(|_| self.publishing.is_none()).map(|first| self.publish_at(first));
        let wake = [self.book.due(), publish].into_iter().flatten().min();
        let clock = Arc::clone(&self.clock);
        let time = async move {
            match wake {
                Some(at) => sleep_until(&*clock, at).await,
                None => std::future::pending().await,
            }
        };
        let publishing = &mut self.publishing;
        let checkpoint = async move {
            match publishing {
                Some(task) => done(task.await),
                None => std::future::pending().await,
            }
        };
        let mut asks = Vec::new();
        tokio::select! {
            biased;
            _ = &mut self.incoming.stop => Event::Stop,
            done = checkpoint => Event::Checkpoint(done),
            _ = renew.tick() => Event::Renew,
            count = self.incoming.queue.recv_many(&mut asks, BATCH) => {
                if count == 0 { Event::Stop } else { Event::Asked(asks) }
            }
            () = time => Event::Time,
        }
    }

    /// Nothing that is signed is entered before a checkpoint covers the opening, so that one comes at once.
    fn publish_at(&self, first: Instant) -> Instant {
        let wait = if self.shown.look().published.is_none() { 0 } else { PUBLISH_AFTER_MS };
        first.after(Duration::from_millis(wait).unwrap_or_default())
    }

    /// Decides what was asked and what days bring, stores it, answers.
    async fn decide(&mut self, mut asks: Vec<Ask>) -> Result<(), Ended> {
        // Whatever came before this moment is in the queue by now, and counts before what the moment brings.
        let now = {
            let _stamping = self.incoming.stamping.lock().unwrap_or_else(PoisonError::into_inner);
            self.clock.now()
        };
        while asks.len() < BATCH + QUEUE
            && let Ok(ask) = self.incoming.queue.try_recv()
        {
            asks.push(ask);
        }
        let mut pending = Pending::default();
        let mut answers = Vec::new();
        for Ask { received, answer } in asks {
            answers.push((answer, self.book.take(received, &mut pending)));
        }
        self.book.advance(now, &mut pending);
        let entries = self.append(pending).await?;
        for (answer, taken) in answers {
            // Whoever asked may have gone; the entry stands, and asking again with its id finds it.
            let _ = answer.send(match taken {
                Taken::Entered(place) => Outcome::Entered(Arc::clone(&entries[place])),
                Taken::Before(entry) => Outcome::Before(entry),
                Taken::TurnedAway(fault) => Outcome::TurnedAway(fault),
            });
        }
        self.publish_when_due();
        Ok(())
    }

    /// Stores what is pending; gives the entries back once they are durable.
    async fn append(&mut self, pending: Pending) -> Result<Vec<Arc<Written>>, Ended> {
        let log = self.fence.sale().clone();
        let mut shelf: Vec<_> =
            pending.tiles.iter().map(|(path, bytes)| (tile_key(&log, path), Some(bytes.clone()))).collect();
        for some in pending.entries.chunks(APPENDED) {
            let entries = some.iter().map(|written| written.entry.line.clone().into_bytes()).collect();
            let batch = Batch { entries, shelf: std::mem::take(&mut shelf) };
            self.head = self.store.append(&self.fence, self.head, batch).await.map_err(ended)?;
        }
        if let Some(first) = pending.entries.first() {
            self.uncovered.get_or_insert(first.entry.at);
            self.shown.change(|state| state.stored(self.book.record(), &pending.entries));
        }
        Ok(pending.entries)
    }

    fn publish_when_due(&mut self) {
        let now = self.clock.now();
        if self.publishing.is_none() && self.uncovered.is_some_and(|first| self.publish_at(first) <= now) {
            self.publish();
        }
    }

    /// Begins a checkpoint of all that is stored.
    fn publish(&mut self) {
        self.uncovered = None;
        let tree = Tree::of(self.store.clone(), self.fence.sale().clone(), self.book.tiles());
        let begun = Begun { tree, outcome: self.book.outcome() };
        self.publishing = Some(tokio::spawn(self.publisher.clone().publish(self.fence.clone(), begun)));
    }

    fn published(&mut self, done: Result<Published, Ended>) -> Result<(), Ended> {
        self.publishing = None;
        let done = done?;
        self.book.published();
        self.shown.change(|state| {
            state.published = Some(done);
            state.record = self.book.record().clone();
        });
        Ok(())
    }

    async fn renew(&mut self) -> Result<(), Ended> {
        self.store.renew(&self.fence, self.clock.now().millis()).await.map_err(|error| match error {
            LeaseError::Fenced { .. } => Ended::Fenced,
            LeaseError::Fault(fault) => Ended::Failed(fault.to_string()),
        })
    }

    /// Answers what waits, publishes the rest, gives the lease back.
    async fn end(mut self) -> Ended {
        self.incoming.queue.close();
        let mut asks = Vec::new();
        while self.incoming.queue.recv_many(&mut asks, BATCH).await > 0 {
            if let Err(ended) = self.decide(std::mem::take(&mut asks)).await {
                return ended;
            }
        }
        let last = async {
            if let Some(task) = self.publishing.take() {
                self.published(done(task.await))?;
            }
            if self.uncovered.is_some() {
                self.publish();
                if let Some(task) = self.publishing.take() {
                    self.published(done(task.await))?;
                }
            }
            Ok::<(), Ended>(())
        };
        // Witnesses that do not answer are asked again after the next start.
        if let Ok(Err(ended)) = tokio::time::timeout(LAST_CHECKPOINT, last).await {
            return ended;
        }
        self.abandon();
        let _ = self.store.release(&self.fence).await;
        Ended::Asked
    }

    fn abandon(&mut self) {
        if let Some(task) = self.publishing.take() {
            task.abort();
        }
    }
}

fn ended(error: AppendError) -> Ended {
    match error {
        AppendError::Fenced { .. } => Ended::Fenced,
        other => Ended::Failed(other.to_string()),
    }
}
