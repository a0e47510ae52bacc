//! Connections that read, beside the one that writes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connection::{fault_of, open_reader};
use super::writer::Broken;
use crate::fault::Fault;

/// How many read at once. A scan of a journal keeps a core busy, and the writer needs one.
const READERS: usize = 4;

/// How long a reader waits for its turn and its answer; a scan of a million rows takes seconds.
const ANSWER: Duration = Duration::from_secs(60);

/// A few connections, opened when first needed and used again.
#[derive(Clone)]
pub(super) struct Readers {
    path: PathBuf,
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
    broken: Arc<Broken>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, broken: Arc<Broken>) -> Self {
        Self { path, turns: Arc::new(Semaphore::new(READERS)), idle: Arc::default(), broken }
    }

    /// Closes the connections that are not at work.
    pub(super) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a job that reads, in one transaction: all that it sees is of one moment.
    pub(super) async fn run<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<Result<T, E>> + Send + 'static,
    {
        self.run_for(ANSWER, job).await
    }

    /// The same, and waits so long for its answer.
    pub(super) async fn run_for<T, E, F>(&self, wait: Duration, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<Result<T, E>> + Send + 'static,
    {
        match tokio::time::timeout(wait, self.in_turn(job)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::Unreachable { why: "the disk does not answer".to_owned() }.into()),
        }
    }

    async fn in_turn<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<Result<T, E>> + Send + 'static,
    {
        self.broken.check()?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| Fault::Broken { why: "the store is closed".to_owned() })?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let work = move || {
            let _turn = turn;
            let found = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match found {
                Some(connection) => connection,
                None => open_reader(&path)?,
            };
            let outcome = read(&connection, job);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            outcome
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(outcome) => outcome,
            Err(error) => Err(Fault::Database { why: format!("a reader ended: {error}") }.into()),
        }
    }
}

fn read<T, E: From<Fault>>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> rusqlite::Result<Result<T, E>>,
) -> Result<T, E> {
    let transaction = connection.unchecked_transaction().map_err(fault_of)?;
    // Dropped, it is rolled back; there is nothing to keep.
    job(&transaction).unwrap_or_else(|error| Err(fault_of(error).into()))
}
