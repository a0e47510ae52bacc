//! The loop of the one writer: what waits is decided, stored in one transaction, and only then answered.

use std::sync::Arc;
use std::time::Duration as Real;

use landgavel_base::{Duration, Instant};
use landgavel_record::record::{Entry, Fault, Received};
use landgavel_sale::event::{Happened, PhaseName};
use landgavel_store::{AppendError, Batch, Fence, Head, LeaseError, SaleId, Store};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};

use super::book::{Book, Pending, Taken, Written};
use super::intake::Gate;
use super::outage::{self, Gap, Intake};
use super::publisher::{Begun, Publisher};
use super::rounds::{self, Rounds};
use super::shown::{Published, Shown};
use super::tape;
use super::tree::{Tree, tile_key};
use super::well::Well;
use crate::clock::{Clock, sleep_until};
use crate::keys::Keys;

/// Commands that are decided and stored together, at most.
const BATCH: usize = 512;
/// From an entry to the checkpoint that covers it, in milliseconds of the sale's clock.
const PUBLISH_AFTER_MS: i64 = 1000;
/// Between two heartbeats, by the machine's clock.
pub(super) const HEARTBEAT: Real = Real::from_secs(1);
/// The lease is renewed so often; it lasts several times as long.
const RENEW_EVERY: u32 = 3;

/// What waits in the queue.
pub(super) enum Ask {
    /// A command.
    Command { received: Received, answer: oneshot::Sender<Outcome> },
    /// The question whether there is an entry of a key with an id.
    Find { key: String, id: String, answer: oneshot::Sender<Option<u64>> },
}

impl Ask {
    /// Whether it came at this time or before.
    pub fn came_by(&self, at: Instant) -> bool {
        match self {
            Self::Command { received, .. } => received.at <= at,
            Self::Find { .. } => true,
        }
    }
}

/// What became of a command, once it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is this entry.
    Entered(Arc<Written>),
    /// An earlier command of the same key has its id: that entry.
    Before(u64),
    /// It can be no entry of this sale.
    TurnedAway(Fault),
}

/// Why a desk ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to; everything is stored.
    Asked,
    /// Another node writes the sale.
    Fenced,
    /// The store failed.
    Failed(String),
    /// The journal is not what was stored or signed. It is not opened again: what it says cannot be relied on.
    Damaged(String),
}

pub(super) struct Writer {
    /// Counts what was turned away before it got here.
    pub intake: Arc<Intake>,
    /// Steps forward of the clock that were dealt with.
    pub steps_seen: u64,
    /// The last moment at which it was seen to work.
    pub well: Well,
    pub book: Book,
    pub head: Head,
    pub fence: Fence,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub keys: Arc<Keys>,
    pub gate: Arc<Gate>,
    pub shown: Arc<Shown>,
    pub publisher: Publisher,
    pub rounds: Rounds,
    pub queue: mpsc::Receiver<Ask>,
    pub stop: oneshot::Receiver<()>,
    pub state: Running,
}

/// What the loop remembers between two turns.
#[derive(Default)]
pub(super) struct Running {
    /// Time of the first entry that no checkpoint covers or will cover.
    pub uncovered: Option<Instant>,
    /// Time of the first entry that the checkpoint under way covers and no published one does.
    pub under_way: Option<Instant>,
    /// The silence of witnesses for which the sale was paused, by the entry that waits.
    pub paused_for: Option<Instant>,
    pub publishing: Option<JoinHandle<Result<Published, Ended>>>,
    /// The journal is being read again.
    pub checking: Option<JoinHandle<Result<(), String>>>,
    /// A round that is being asked for.
    pub fetching: Option<JoinHandle<(u64, String)>>,
    /// A round that was used, and the size of the record after it.
    pub tried: Option<(u64, u64)>,
    /// Entries that the last published checkpoint covers.
    pub published: u64,
    /// Entries with which a draw was frozen, or sealing ended.
    pub frozen_by: u64,
    /// When a sale that the hall itself has paused may go on.
    pub resume_at: Option<Instant>,
    pub beats: u32,
}

/// Who waits for an answer.
#[derive(Default)]
struct Answers {
    taken: Vec<(oneshot::Sender<Outcome>, Taken)>,
    found: Vec<(oneshot::Sender<Option<u64>>, Option<u64>)>,
}

/// What wakes the loop.
pub(super) enum Event {
    Asked(Vec<Ask>),
    Time,
    Beat,
    Checkpoint(Result<Published, Ended>),
    Round(Option<(u64, String)>),
    Checked(Result<(), Ended>),
    Stop,
}

impl Writer {
    pub async fn run(mut self) -> Ended {
        let mut beat = tokio::time::interval(HEARTBEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let mut event = self.next(&mut beat).await;
            if let Err(ended) = self.pause_before_time_runs_out(&mut event).await {
                self.abandon();
                return ended;
            }
            let done = match event {
                Event::Asked(asks) => self.decide(asks).await,
                Event::Time => self.decide(Vec::new()).await,
                Event::Beat => self.beat().await,
                Event::Checkpoint(done) => self.published(done),
                Event::Round(fetched) => self.round(fetched).await,
                Event::Checked(checked) => {
                    self.state.checking = None;
                    checked
                }
                Event::Stop => return self.end().await,
            };
            if let Err(ended) = done {
                self.abandon();
                return ended;
            }
        }
    }

    async fn next(&mut self, beat: &mut tokio::time::Interval) -> Event {
        let wake = self.wakes_at();
        let clock = Arc::clone(&self.clock);
        let time = async move {
            match wake {
                Some(at) => sleep_until(&*clock, at).await,
                None => std::future::pending().await,
            }
        };
        let publishing = &mut self.state.publishing;
        let checkpoint = async move {
            match publishing {
                Some(task) => done(task.await),
                None => std::future::pending().await,
            }
        };
        let fetching = &mut self.state.fetching;
        let round = async move {
            match fetching {
                Some(task) => task.await.ok(),
                None => std::future::pending().await,
            }
        };
        let checking = &mut self.state.checking;
        let checked = async move {
            match checking {
                Some(task) => done(task.await.map(|checked| checked.map_err(Ended::Damaged))),
                None => std::future::pending().await,
            }
        };
        let mut asks = Vec::new();
        tokio::select! {
            biased;
            _ = &mut self.stop => Event::Stop,
            checked = checked => Event::Checked(checked),
            done = checkpoint => Event::Checkpoint(done),
            fetched = round => Event::Round(fetched),
            _ = beat.tick() => Event::Beat,
            count = self.queue.recv_many(&mut asks, BATCH) => {
                if count == 0 { Event::Stop } else { Event::Asked(asks) }
            }
            () = time => Event::Time,
        }
    }

    /// When something happens although nobody asks.
    fn wakes_at(&self) -> Option<Instant> {
        let publish = self.state.uncovered.filter(|_| self.state.publishing.is_none()).map(publish_at);
        let round = self.wanted().map(|wanted| wanted.at);
        [self.book.due(), publish, round, self.resumes_at(self.well.at())].into_iter().flatten().min()
    }

    /// When a sale that the hall has paused goes on: while witnesses are silent never by itself.
    fn resumes_at(&self, now: Instant) -> Option<Instant> {
        self.state.resume_at.filter(|_| self.silent_since(now).is_none())
    }

    fn wanted(&self) -> Option<rounds::Wanted> {
        if !self.rounds.bring() || self.state.fetching.is_some() {
            return None;
        }
        let record = self.book.record();
        let is_new = |wanted: &rounds::Wanted| self.state.tried != Some((wanted.round, record.size()));
        let wanted = rounds::wanted(record, self.state.frozen_by).filter(is_new)?;
        (wanted.after_entries <= self.state.published).then_some(wanted)
    }

    /// Decides what was asked and what time brings, stores it, answers.
    async fn decide(&mut self, asks: Vec<Ask>) -> Result<(), Ended> {
        let mut pending = Pending::default();
        let answers = self.take(asks, &mut pending);
        // What came in before a period ended is decided before it ends, however long it had to wait. The time is that of
        // the last look: if the process was put aside since, the next look finds out.
        let now = self.well.at();
        let mut shut = None;
        if self.queue.is_empty() {
            shut = self.shut(now);
            if shut.is_none() {
                self.book.advance(now, &mut pending);
                self.by_itself(now, &mut pending);
            }
        }
        self.answer(pending, answers).await?;
        match shut {
            Some(gap) => self.pause_for(gap).await,
            None => self.publish_when_due().await,
        }
    }

    /// Decides what was asked and nothing else, stores it, answers.
    pub async fn decide_only(&mut self, asks: Vec<Ask>) -> Result<(), Ended> {
        let mut pending = Pending::default();
        let answers = self.take(asks, &mut pending);
        self.answer(pending, answers).await
    }

    fn take(&mut self, asks: Vec<Ask>, pending: &mut Pending) -> Answers {
        let mut answers = Answers::default();
        for ask in asks {
            match ask {
                Ask::Command { received, answer } => {
                    let taken = self.book.take(received, pending);
                    answers.taken.push((answer, taken));
                }
                Ask::Find { key, id, answer } => {
                    answers.found.push((answer, self.book.record().entry_with_id(&key, &id)));
                }
            }
        }
        answers
    }

    /// Whoever asked may have gone; the entry stands, and asking again with its id finds it.
    async fn answer(&mut self, pending: Pending, answers: Answers) -> Result<(), Ended> {
        let entries = self.append(pending).await?;
        for (answer, taken) in answers.taken {
            let _ = answer.send(match taken {
                Taken::Entered(place) => Outcome::Entered(Arc::clone(&entries[place])),
                Taken::Before(entry) => Outcome::Before(entry),
                Taken::TurnedAway(fault) => Outcome::TurnedAway(fault),
            });
        }
        for (answer, entry) in answers.found {
            let _ = answer.send(entry);
        }
        Ok(())
    }

    /// Uses a round of the chain for what waits for it.
    async fn round(&mut self, fetched: Option<(u64, String)>) -> Result<(), Ended> {
        self.state.fetching = None;
        let mut pending = Pending::default();
        if let Some((round, signature)) = fetched {
            let now = self.well.at();
            for command in rounds::commands(self.book.record(), round, &signature) {
                self.bring(Received::unsigned(now, &command), &mut pending);
            }
            self.book.advance(now, &mut pending);
            // If it brought nothing, it is not tried again before something else has happened.
            self.state.tried = Some((round, self.book.record().size()));
        }
        self.append(pending).await?;
        self.publish_when_due().await
    }

    /// What the hall brings in by itself: rounds of the chain, and the end of its own pause.
    fn by_itself(&mut self, now: Instant, pending: &mut Pending) {
        if let Some(wanted) = self.wanted().filter(|wanted| wanted.at <= now) {
            let chain = Arc::clone(&self.book.record().notice().chain);
            let (rounds, round) = (self.rounds.clone(), wanted.round);
            let task = async move { (round, rounds.signature(chain, round).await) };
            self.state.fetching = Some(tokio::spawn(task));
        }
        if self.resumes_at(now).is_some_and(|at| at <= now) {
            self.state.resume_at = None;
            let serial = self.book.record().size();
            let resume = outage::signed(self.book.record().notice(), self.keys.hall(), "resume", None, serial);
            self.bring(self.gate.check(now, resume), pending);
        }
    }

    fn bring<E: std::fmt::Display>(&mut self, received: Result<Received, E>, pending: &mut Pending) {
        let verb = received.as_ref().map(|received| received.verb().to_owned()).unwrap_or_default();
        match received.map(|received| self.book.take(received, pending)) {
            Ok(Taken::Entered(_) | Taken::Before(_)) => {}
            Ok(Taken::TurnedAway(fault)) => {
                tracing::error!(sale.id = %self.fence.sale(), verb, %fault, "the hall's own command was turned away");
            }
            Err(error) => {
                tracing::error!(sale.id = %self.fence.sale(), %error, "the hall made a command that cannot be read");
            }
        }
    }

    /// Pauses the sale at the last moment at which the hall worked, before anything that fell due since.
    pub async fn pause_for(&mut self, gap: Gap) -> Result<(), Ended> {
        let mut pending = Pending::default();
        let serial = self.book.record().size();
        let evidence = gap.evidence();
        let pause = outage::signed(self.book.record().notice(), self.keys.hall(), "pause", Some(&evidence), serial);
        tracing::warn!(sale.id = %self.fence.sale(), evidence, "the sale is paused for an outage");
        self.bring(self.gate.check(gap.from, pause), &mut pending);
        if self.book.record().sale().is_paused() {
            self.state.resume_at = Some(gap.resumes());
        }
        self.append(pending).await?;
        self.publish_when_due().await
    }

    /// Stores what is pending; gives the entries back once they are durable.
    pub async fn append(&mut self, pending: Pending) -> Result<Vec<Arc<Written>>, Ended> {
        if pending.entries.is_empty() {
            return Ok(Vec::new());
        }
        let sale = self.fence.sale().clone();
        let mut shelf: Vec<_> =
            pending.tiles.iter().map(|(path, bytes)| (tile_key(&sale, path), Some(bytes.clone()))).collect();
        let mut entries = pending.entries.iter();
        while entries.len() > 0 {
            let some: Vec<Vec<u8>> =
                entries.by_ref().take(BATCH).map(|written| written.entry.line.clone().into_bytes()).collect();
            if entries.len() == 0 {
                // With the last of them goes what a fast start needs of all.
                let row = tape::row(self.head.after(&some), &pending.tape);
                shelf.push((tape::key(&sale, pending.entries[0].entry.number), Some(row)));
            }
            let batch = Batch { entries: some, shelf: std::mem::take(&mut shelf) };
            self.head = self.store.append(&self.fence, self.head, batch).await.map_err(ended)?;
        }
        for written in &pending.entries {
            self.state.note(&written.entry);
        }
        self.shown.change(|state| {
            for written in &pending.entries {
                state.stored(written);
            }
        });
        Ok(pending.entries)
    }

    /// Begins a checkpoint when one is due and none is under way. That it was begun is stored before
    /// anything else is, so that a restart completes it.
    pub async fn publish_when_due(&mut self) -> Result<(), Ended> {
        let now = self.clock.now();
        // Nothing that is signed is entered before a checkpoint covers the notice.
        let is_first = self.state.published == 0 && self.head.size == 1;
        let is_due = self.state.uncovered.is_some_and(|first| is_first || publish_at(first) <= now);
        if !is_due || self.state.publishing.is_some() {
            return Ok(());
        }
        self.promise().await
    }

    async fn promise(&mut self) -> Result<(), Ended> {
        let (size, _) = self.book.promise_checkpoint();
        let promise = (promise_key(self.fence.sale()), Some(size.to_be_bytes().to_vec()));
        self.keep(vec![promise, self.sign_of_life()]).await?;
        self.state.begun();
        let tree = Tree::of(self.store.clone(), self.fence.sale().clone(), self.book.tiles());
        self.publish(Begun { tree, outcome: self.book.outcome() });
        Ok(())
    }

    /// Has a checkpoint witnessed and published.
    pub fn publish(&mut self, begun: Begun) {
        let task = self.publisher.clone().publish(self.fence.clone(), begun);
        self.state.publishing = Some(tokio::spawn(task));
    }

    fn published(&mut self, done: Result<Published, Ended>) -> Result<(), Ended> {
        self.state.publishing = None;
        let done = done?;
        self.state.published = done.tree.size();
        self.state.under_way = None;
        if self.state.paused_for.take().is_some() && self.state.resume_at.is_some() {
            // Bidders come back from when witnesses answer.
            self.state.resume_at = Some(outage::resumes(self.clock.now()));
        }
        self.shown.change(|state| state.published = Some(done));
        Ok(())
    }

    async fn keep(&mut self, shelf: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), Ended> {
        let batch = Batch { entries: Vec::new(), shelf };
        self.head = self.store.append(&self.fence, self.head, batch).await.map_err(ended)?;
        Ok(())
    }

    /// When the hall was last seen to work, for the shelf; never past a moment that is still to be decided, or a restart
    /// would take it for decided.
    fn sign_of_life(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        let before = |due: Instant| Instant::from_millis(due.millis() - 1).unwrap_or(due);
        let at = self.book.due().map_or(self.well.at(), |due| self.well.at().min(before(due)));
        (beat_key(self.fence.sale()), Some(at.millis().to_be_bytes().to_vec()))
    }

    /// Says that the hall is alive, and holds the lease.
    async fn beat(&mut self) -> Result<(), Ended> {
        if self.book.due().is_some() {
            self.keep(vec![self.sign_of_life()]).await?;
        }
        self.state.beats = self.state.beats.wrapping_add(1);
        if self.state.beats.is_multiple_of(RENEW_EVERY) {
            self.store.renew(&self.fence, self.clock.now().millis()).await.map_err(|error| match error {
                LeaseError::Fenced { .. } => Ended::Fenced,
                LeaseError::Fault(fault) => Ended::Failed(fault.to_string()),
            })?;
        }
        Ok(())
    }

    /// Answers what waits, publishes the rest, gives the lease back.
    async fn end(mut self) -> Ended {
        self.queue.close();
        let mut asks = Vec::new();
        while self.queue.recv_many(&mut asks, BATCH).await > 0 {
            let mut event = Event::Asked(std::mem::take(&mut asks));
            let paused = self.pause_before_time_runs_out(&mut event).await;
            let decided = match (paused, event) {
                (Ok(()), Event::Asked(asks)) => self.decide(asks).await,
                (paused, _) => paused,
            };
            if let Err(ended) = decided {
                return ended;
            }
        }
        let last = async {
            if let Some(task) = self.state.publishing.take() {
                let done = done(task.await);
                self.published(done)?;
            }
            if self.state.uncovered.is_some() {
                self.promise().await?;
                if let Some(task) = self.state.publishing.take() {
                    let done = done(task.await);
                    self.published(done)?;
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
        if let Some(task) = self.state.publishing.take() {
            task.abort();
        }
        if let Some(task) = self.state.fetching.take() {
            task.abort();
        }
        if let Some(task) = self.state.checking.take() {
            task.abort();
        }
    }
}

/// How long an end waits for its last checkpoint.
const LAST_CHECKPOINT: Real = Real::from_secs(8);

impl Running {
    /// A checkpoint was begun that covers everything.
    pub fn begun(&mut self) {
        self.under_way = self.under_way.or(self.uncovered.take());
        self.uncovered = None;
    }

    /// Everything so far is covered by a published checkpoint.
    pub fn covered(&mut self) {
        (self.under_way, self.uncovered) = (None, None);
    }

    /// Time of the first entry that no published checkpoint covers.
    pub fn unwitnessed(&self) -> Option<Instant> {
        self.under_way.or(self.uncovered)
    }

    /// Remembers what an entry means for the loop.
    pub fn note(&mut self, entry: &Entry) {
        self.uncovered.get_or_insert(entry.at);
        for event in entry.result.as_deref().unwrap_or_default() {
            match &event.happened {
                Happened::DrawFrozen { .. } | Happened::PhaseBegan { phase: PhaseName::Opening } => {
                    self.frozen_by = entry.number + 1;
                }
                Happened::Resumed { .. } => self.resume_at = None,
                _ => {}
            }
        }
    }
}

/// What a task of the desk has come to. One that panicked has done nothing that can be relied on.
pub(crate) fn done<T>(task: Result<Result<T, Ended>, JoinError>) -> Result<T, Ended> {
    task.unwrap_or_else(|error| Err(Ended::Failed(format!("a task beside the desk did not end well: {error}"))))
}

fn publish_at(first: Instant) -> Instant {
    first.after(Duration::from_millis(PUBLISH_AFTER_MS).unwrap_or_default())
}

/// Where it stands on the shelf up to which size a checkpoint was begun.
pub(super) fn promise_key(sale: &SaleId) -> Vec<u8> {
    format!("sale/{sale}/promised").into_bytes()
}

/// Where the last heartbeat stands on the shelf.
pub(super) fn beat_key(sale: &SaleId) -> Vec<u8> {
    format!("sale/{sale}/heartbeat").into_bytes()
}

fn ended(error: AppendError) -> Ended {
    match error {
        AppendError::Fenced { .. } => Ended::Fenced,
        other => Ended::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panicked_has_done_nothing_that_counts() {
        let fails = |why: Ended| matches!(why, Ended::Failed(why) if why.contains("did not end well"));
        let task = tokio::spawn(async { panic!("as a bug would") });
        assert!(done::<()>(task.await).is_err_and(fails));
        assert_eq!(done(tokio::spawn(async { Ok(7) }).await), Ok(7));
        assert_eq!(done::<()>(tokio::spawn(async { Err(Ended::Fenced) }).await), Err(Ended::Fenced));
    }
}
