//! What is stored of a sale, for all who look: a second fold of the events, one step behind the book.
//!
//! The book runs ahead of the disk. Who looked into it could see a bid that is lost a moment later; here
//! only what is durable is seen. Nodes that do not write a sale keep the same from the journal.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use landgavel_base::{Digest, Instant};
use landgavel_record::record::Notice;
use landgavel_sale::event::{Event, Happened};
use landgavel_sale::rulebook::StageId;
use landgavel_sale::{Sale, Status};
use tokio::sync::watch;

use super::book::Written;
use super::tree::Tree;

/// Events of the past that are kept for the board.
const HISTORY: usize = 64;

/// A sale as far as it is stored.
pub struct Shown {
    state: RwLock<State>,
    changes: watch::Sender<u64>,
}

/// What is known of a sale.
pub struct State {
    /// The sale.
    pub sale: Sale,
    /// The notice that it stands on.
    pub notice: Arc<Notice>,
    /// Entries, the notice among them.
    pub entries: u64,
    /// The last checkpoint that witnesses have seen.
    pub published: Option<Published>,
    /// The last events, newest first.
    pub history: VecDeque<Past>,
    /// The entrants of the running draw: their root, and when they were frozen.
    pub frozen: Option<(Digest, Instant)>,
    /// The order of the last draw that was held.
    pub drawn: Option<Vec<landgavel_sale::BidderId>>,
    /// Codes by the keys that they were enrolled with.
    pub enrolled: BTreeMap<String, String>,
    /// Why the sale stands still.
    pub paused_for: Option<String>,
    /// Who writes the sale here.
    pub desk: Standing,
}

/// A checkpoint that is believed.
#[derive(Clone)]
pub struct Published {
    /// The tree that it covers.
    pub tree: Tree,
    /// What the sale had come to by then, as a bundle tells it.
    pub outcome: Arc<str>,
    /// Witnesses that have cosigned.
    pub witnesses: usize,
}

/// An event of the past.
#[derive(Debug, Clone)]
pub struct Past {
    /// Number of its entry.
    pub entry: u64,
    /// The stage that ran when it happened.
    pub stage: Option<StageId>,
    /// What happened.
    pub event: Event,
}

/// Whether a sale is written on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Its record is being read.
    Opening,
    /// It takes commands.
    Open,
    /// Another node writes it.
    Elsewhere,
    /// It has stopped, and why; what was acknowledged is safe.
    Stopped {
        /// Why.
        why: String,
        /// Whether it will be opened again by itself.
        is_retried: bool,
    },
}

impl Shown {
    /// Shows a sale as it stands.
    pub fn new(sale: Sale, notice: Arc<Notice>, entries: u64) -> Self {
        let state = State {
            sale,
            notice,
            entries,
            published: None,
            history: VecDeque::new(),
            frozen: None,
            drawn: None,
            enrolled: BTreeMap::new(),
            paused_for: None,
            desk: Standing::Opening,
        };
        Self { state: RwLock::new(state), changes: watch::Sender::new(0) }
    }

    /// Looks. Nothing may wait while it looks.
    pub fn look(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whenever something has changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Changes what is shown, and tells those who wait.
    pub fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
        self.changes.send_modify(|count| *count += 1);
    }
}

impl State {
    /// An entry is stored.
    pub fn stored(&mut self, written: &Written) {
        for event in written.events() {
            self.enrol(event, written.key.as_ref());
            self.remember(written.entry.number, event);
            self.sale.apply(event);
        }
        self.entries = written.entry.number + 1;
    }

    /// Remembers which key an application enrols.
    pub fn enrol(&mut self, event: &Event, key: Option<&String>) {
        if let (Happened::Applied(application), Some(key)) = (&event.happened, key) {
            self.enrolled.insert(key.clone(), application.code.clone());
        }
    }

    /// Keeps an event for the board, without applying it.
    pub fn remember(&mut self, number: u64, event: &Event) {
        let stage = match self.sale.status() {
            Status::Running(stage) => Some(*stage),
            _ => None,
        };
        self.recall(number, stage, event);
    }

    /// Keeps an event of the past, and the stage that ran then.
    pub fn recall(&mut self, number: u64, stage: Option<StageId>, event: &Event) {
        match &event.happened {
            Happened::DrawFrozen { root } => self.frozen = Some((*root, event.at)),
            Happened::DrawHeld { order, .. } => self.drawn = Some(order.clone()),
            Happened::StageEnded { .. } => self.frozen = None,
            Happened::Paused { evidence } => self.paused_for = Some(evidence.clone()),
            Happened::Resumed { .. } => self.paused_for = None,
            _ => {}
        }
        let stage = match &event.happened {
            Happened::StageOpened { stage, .. } => Some(*stage),
            _ => stage,
        };
        self.history.push_front(Past { entry: number, stage, event: event.clone() });
        self.history.truncate(HISTORY);
    }

    /// The round that decides the draw whose entrants are frozen.
    pub fn draw_round(&self) -> Option<u64> {
        let (_, at) = self.frozen?;
        self.notice.chain.round_at(at.after(self.notice.draw_delay).millis())
    }

    /// The round that a seal lodged now must be sealed to.
    pub fn seal_round(&self) -> Option<u64> {
        self.notice.chain.round_at(self.sale.sealing_ends()?.after(self.notice.seal_delay).millis())
    }
}
