//! The desk: the one writer of a sale.
//!
//! `intake` verifies signatures before anything waits; `foundation` is what a sale stands on; `tree` reads the
//! log; `shown` is what is stored, for all who look; `book` is the record and its tree in memory; `outage` and
//! `rounds` tell what the hall brings in by itself; `publisher` has checkpoints witnessed; `tape` makes starts fast, `recheck` makes up for what they believed; `well` tells before
//! anything is decided whether the hall has stood still; `writer` is the loop: decide, store, answer; `open` reads a sale back and starts it.

pub mod book;
pub mod foundation;
pub mod intake;
mod open;
mod outage;
mod publisher;
mod recheck;
mod rounds;
pub mod shown;
mod tape;
pub mod tree;
mod well;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

use landgavel_record::record::NotReceived;
use landgavel_store::Fence;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

pub(crate) use open::head_and_checkpoints;
pub use open::{NotOpened, ReadBack, Reading, Setting, clear_shelf, read_back, read_journal, read_only, read_tape};
pub use publisher::Witnesses;
pub(crate) use publisher::{Begun, Publisher};
pub use recheck::recheck;
pub use rounds::{RoundSource, Rounds};
pub(crate) use writer::done;
pub use writer::{Ended, Outcome};

use foundation::Foundation;
use intake::Submission;
use outage::Intake;
use shown::Shown;
use writer::Ask;

/// Commands that may wait for their decision. At 5,000 a second they wait for less than a second.
const QUEUE: usize = 4096;

/// The way to a desk.
pub struct Desk {
    setting: Setting,
    shown: Arc<Shown>,
    queue: mpsc::Sender<Ask>,
    intake: Arc<Intake>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
}

/// Why a command got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAnswered {
    /// It was not read, or a signature is not valid.
    NotReceived(NotReceived),
    /// Too many wait. Nothing was decided; it may be asked again.
    Busy,
    /// Another node writes the sale. Nothing was decided; it may be asked there.
    Elsewhere,
    /// The desk has stopped. Whether it was decided is not known; it may be asked again with the same id.
    Stopped,
}

impl Desk {
    /// Opens the desk of a sale on a thread of its own. The second part ends when the desk does; it fails
    /// when the desk panicked.
    ///
    /// # Errors
    ///
    /// [`NotOpened`].
    pub async fn open(
        setting: Setting,
        fence: Fence,
        foundation: &Foundation,
    ) -> Result<(Self, oneshot::Receiver<Ended>), NotOpened> {
        let opened = open::open(&setting, fence, foundation, QUEUE).await?;
        let open::Opened { queue, shown, intake, .. } = &opened;
        let (queue, shown, intake) = (queue.clone(), Arc::clone(shown), Arc::clone(intake));
        let (told, ended) = oneshot::channel();
        let handle = Handle::current();
        let (opened, stop) = opened.split();
        let thread = std::thread::Builder::new().name("desk".to_owned());
        // The queue has one more sender than this handle only while it is opened.
        let spawned = thread.spawn(move || {
            let _ = told.send(handle.block_on(opened.run()));
        });
        if let Err(error) = spawned {
            return Err(NotOpened::Ended(Ended::Failed(error.to_string())));
        }
        Ok((Self { setting, shown, queue, intake, stop: Mutex::new(Some(stop)) }, ended))
    }

    /// What is stored of the sale.
    pub fn shown(&self) -> &Arc<Shown> {
        &self.shown
    }

    /// Asks for something. The time that counts is the one at which the command, verified, joins the queue.
    ///
    /// # Errors
    ///
    /// [`NotAnswered`].
    pub async fn ask(&self, submission: Submission) -> Result<Outcome, NotAnswered> {
        // What nobody signed is no bid that was turned away: else anybody could pause a sale with garbage.
        let now = self.setting.clock.now();
        let received = self.setting.gate.check(now, submission).map_err(NotAnswered::NotReceived)?;
        let (answer, answered) = oneshot::channel();
        let now = self.setting.clock.now();
        let taken = self.queue.try_send(Ask::Command { received: received.stamped(now), answer });
        self.intake.asked(now, matches!(taken, Err(mpsc::error::TrySendError::Full(_))));
        taken.map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAnswered::Busy,
            mpsc::error::TrySendError::Closed(_) => NotAnswered::Stopped,
        })?;
        answered.await.map_err(|_| NotAnswered::Stopped)
    }

    /// The entry of a key's command with this id, once it is stored.
    ///
    /// # Errors
    ///
    /// [`NotAnswered::Stopped`].
    pub async fn find(&self, key: &str, id: &str) -> Result<Option<u64>, NotAnswered> {
        let (answer, answered) = oneshot::channel();
        let ask = Ask::Find { key: key.to_owned(), id: id.to_owned(), answer };
        self.queue.send(ask).await.map_err(|_| NotAnswered::Stopped)?;
        answered.await.map_err(|_| NotAnswered::Stopped)
    }

    /// Asks the desk to end: it answers what waits and publishes the rest.
    pub fn stop(&self) {
        if let Some(stop) = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = stop.send(());
        }
    }
}
