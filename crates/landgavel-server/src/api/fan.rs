//! Frames for the many: what a sale shows is written to all who follow it by a few tasks, one for each thread, instead of
//! one for each viewer. To wake ten thousand tasks that each write the same bytes costs as much as the writing itself.
//!
//! A viewer that does not take a piece whole is left to its own connection, which skips to the newest frame once it reads
//! on: it delays nobody.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use landgavel_store::SaleId;
use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

use super::stream::{BEAT, beat_event};
use crate::hall::Room;
use crate::line::{Share, chunk};

/// Viewers that are written to before others have their turn on the thread: under a millisecond.
const SLICE: usize = 64;

/// The fans of all sales, made when first somebody follows one.
#[derive(Default)]
pub(super) struct Fans(Mutex<BTreeMap<SaleId, Arc<Fan>>>);

/// Whoever follows one sale.
pub(super) struct Fan {
    room: Arc<Room>,
    hands: Vec<Mutex<Hand>>,
    next: AtomicUsize,
}

/// A part of the viewers.
#[derive(Default)]
struct Hand {
    /// Those who came since its task looked last.
    came: Vec<Share>,
    /// Whether it has a task; it has none while it has nobody.
    is_at_work: bool,
}

impl Fans {
    pub fn of(&self, room: &Arc<Room>) -> Arc<Fan> {
        let mut fans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let hands = (0..Handle::current().metrics().num_workers()).map(|_| Mutex::default()).collect();
            Arc::new(Fan { room: Arc::clone(room), hands, next: AtomicUsize::new(0) })
        };
        Arc::clone(fans.entry(room.id().clone()).or_insert_with(make))
    }
}

impl Fan {
    /// Takes a viewer, until its line is no longer lent.
    pub fn take(self: &Arc<Self>, viewer: Share) {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.hands.len();
        let mut hand = self.hand(at);
        hand.came.push(viewer);
        if !hand.is_at_work {
            hand.is_at_work = true;
            tokio::spawn(Arc::clone(self).work(at));
        }
    }

    fn hand(&self, at: usize) -> MutexGuard<'_, Hand> {
        self.hands[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn work(self: Arc<Self>, at: usize) {
        let mut frames = self.room.frames();
        // Viewers may have come before the task looked.
        frames.mark_changed();
        let mut viewers: Vec<Share> = Vec::new();
        let mut piece = (Bytes::new(), None);
        // Whose turn it is, and how many have not had this piece.
        let (mut turn, mut left) = (0, 0);
        let mut due = Instant::now() + BEAT;
        loop {
            tokio::select! {
                biased;
                // The sender is the room's own. A newer frame takes the place of one that not all have had.
                _ = frames.changed() => {
                    let frame = frames.borrow_and_update();
                    piece = (frame.chunk.clone(), Some(frame.number));
                }
                () = yield_now(), if left > 0 => {
                    send(&mut viewers, &piece, &mut turn, &mut left);
                    continue;
                }
                () = sleep_until(due) => piece = (chunk(&beat_event(&self.room)), None),
            }
            due = Instant::now() + BEAT;
            // After what is sent was seen: whoever comes later looks for it alone.
            viewers.append(&mut self.hand(at).came);
            left = viewers.len();
            if viewers.is_empty() {
                let mut hand = self.hand(at);
                if hand.came.is_empty() {
                    hand.is_at_work = false;
                    return;
                }
            }
        }
    }
}

/// Sends to a slice of them, and forgets those who are gone. The last takes the place of one who is, and may have its
/// turn twice: a frame does nothing the second time.
fn send(viewers: &mut Vec<Share>, (bytes, number): &(Bytes, Option<u64>), turn: &mut usize, left: &mut usize) {
    for _ in 0..SLICE {
        if *turn >= viewers.len() {
            *turn = 0;
        }
        *left = viewers.len().min(*left);
        if *left == 0 {
            return;
        }
        if viewers[*turn].send(bytes, *number) {
            *turn += 1;
            *left -= 1;
        } else {
            viewers.swap_remove(*turn);
        }
    }
}
