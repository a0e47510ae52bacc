//! The one thread that writes.
//!
//! SQLite lets one connection write at a time, and a commit costs an fsync whatever is in it. So all
//! writes go through one thread, which takes what is waiting, runs it in one transaction, and answers when
//! the commit is on the disk. Each job stands in a savepoint of its own: one that is refused leaves no
//! trace and spoils nothing for its neighbours.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::connection::fault_of;
use crate::fault::Fault;

/// The most jobs that wait. Who comes then waits for room, which slows the sender down and not the disk.
const QUEUE: usize = 1_024;

/// The most jobs of one commit: a bound for how long the first of them waits.
const GROUP: usize = 256;

/// How long a caller waits for its answer. A disk that stalls longer is an outage, and the caller must be
/// able to say so.
pub(super) const ANSWER: Duration = Duration::from_secs(20);

/// What a job came to, before the commit.
enum Step {
    /// Its writes stay.
    Keep,
    /// It was refused, or failed by itself: its writes go.
    Undo,
    /// SQLite's transaction may be gone, and the next statement would stand alone: all end here.
    Stop(Fault),
}

/// A job that shares a transaction with others.
trait Joined: Send {
    fn run(&mut self, connection: &Connection) -> Step;

    /// Gives the answer, once it is known whether the commit held.
    fn answer(self: Box<Self>, commit: Result<(), Fault>);
}

struct Task<T, E, F> {
    job: Option<F>,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Joined for Task<T, E, F>
where
    T: Send,
    E: From<Fault> + Send,
    F: FnOnce(&Connection) -> rusqlite::Result<Result<T, E>> + Send,
{
    fn run(&mut self, connection: &Connection) -> Step {
        let Some(job) = self.job.take() else { return Step::Undo };
        let (outcome, step) = match job(connection) {
            Ok(Ok(value)) => (Ok(value), Step::Keep),
            Ok(Err(refused)) => (Err(refused), Step::Undo),
            Err(error) => {
                let fault = fault_of(error);
                let step = match &fault {
                    Fault::Full | Fault::Broken { .. } | Fault::Corrupt { .. } => Step::Stop(fault.clone()),
                    _ => Step::Undo,
                };
                (Err(fault.into()), step)
            }
        };
        self.outcome = Some(outcome);
        step
    }

    fn answer(self: Box<Self>, commit: Result<(), Fault>) {
        let unasked = || Err(Fault::Database { why: "the job did not run".to_owned() }.into());
        let answer = match commit {
            Ok(()) => self.outcome.unwrap_or_else(unasked),
            Err(fault) => Err(fault.into()),
        };
        // Nobody may be waiting any more.
        let _ = self.answer.send(answer);
    }
}

/// A job that has the connection to itself, or the fault that kept it from running.
type Alone = Box<dyn FnOnce(Result<&mut Connection, Fault>) + Send>;

enum Job {
    /// Runs in one transaction with others.
    Joined(Box<dyn Joined>),
    /// Runs by itself, outside of any transaction.
    Alone(Alone),
}

/// The first failure of the disk. Nothing goes after it.
#[derive(Debug, Default)]
pub(super) struct Broken(OnceLock<String>);

impl Broken {
    /// # Errors
    ///
    /// [`Fault::Broken`] after a failure.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.0.get() {
            None => Ok(()),
            Some(why) => Err(Fault::Broken { why: why.clone() }),
        }
    }

    pub(super) fn note(&self, fault: &Fault) {
        if let Fault::Broken { why } = fault {
            // The first one stays.
            let _ = self.0.set(why.clone());
        }
    }
}

/// The way to the thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    broken: Arc<Broken>,
}

impl Writer {
    /// Starts the thread. It ends, and closes its connection, when the last sender is gone.
    pub(super) fn start(connection: Connection, broken: Arc<Broken>) -> Result<Writer, Fault> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let shared = Arc::clone(&broken);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || work(connection, queue, &shared))
            .map_err(|error| Fault::Unreachable { why: format!("no thread for the writer: {error}") })?;
        Ok(Writer { jobs, broken })
    }

    /// Runs a job in a transaction and answers when it is on the disk. A job that is refused (`Ok(Err)`)
    /// leaves no trace. When the caller goes away the job runs all the same.
    pub(super) async fn run<T, E, F>(&self, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<Result<T, E>> + Send + 'static,
    {
        let (answer, verdict) = oneshot::channel();
        let task = Task { job: Some(job), outcome: None, answer };
        self.send(Job::Joined(Box::new(task)), ANSWER, verdict).await
    }

    /// Runs a job by itself, outside of any transaction, and waits so long for its answer.
    pub(super) async fn run_alone<T, F>(&self, wait: Duration, job: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (answer, verdict) = oneshot::channel();
        let broken = Arc::clone(&self.broken);
        let alone = move |connection: Result<&mut Connection, Fault>| {
            let outcome = connection.and_then(|connection| job(connection).map_err(fault_of));
            if let Err(fault) = &outcome {
                broken.note(fault);
            }
            let _ = answer.send(outcome);
        };
        self.send(Job::Alone(Box::new(alone)), wait, verdict).await
    }

    async fn send<T, E: From<Fault>>(
        &self,
        job: Job,
        wait: Duration,
        verdict: oneshot::Receiver<Result<T, E>>,
    ) -> Result<T, E> {
        self.broken.check()?;
        let gone = || Fault::Broken { why: "the writer has ended".to_owned() };
        let sent = tokio::time::timeout(ANSWER, self.jobs.send(job)).await;
        match sent {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(gone().into()),
            Err(_) => {
                return Err(Fault::Unreachable { why: "the disk is too slow: the queue is full".to_owned() }.into());
            }
        }
        match tokio::time::timeout(wait, verdict).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(gone().into()),
            Err(_) => Err(Fault::Unknown { why: "the disk does not answer".to_owned() }.into()),
        }
    }
}

fn work(mut connection: Connection, mut queue: mpsc::Receiver<Job>, broken: &Broken) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = Vec::new();
        let mut next = Some(first);
        let mut alone = None;
        while let Some(job) = next.take() {
            match job {
                Job::Joined(job) => group.push(job),
                Job::Alone(job) => alone = Some(job),
            }
            if alone.is_none() && group.len() < GROUP {
                next = queue.try_recv().ok();
            }
        }
        if !group.is_empty() {
            commit(&connection, group, broken);
        }
        if let Some(job) = alone {
            job(broken.check().map(|()| &mut connection));
        }
    }
}

fn commit(connection: &Connection, mut group: Vec<Box<dyn Joined>>, broken: &Broken) {
    let verdict = broken.check().and_then(|()| transaction(connection, &mut group));
    if let Err(fault) = &verdict {
        broken.note(fault);
        if !connection.is_autocommit() {
            // If this fails too, the next BEGIN says so.
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
    for job in group {
        job.answer(verdict.clone());
    }
}

fn transaction(connection: &Connection, group: &mut [Box<dyn Joined>]) -> Result<(), Fault> {
    let run = |words: &str| {
        let done = connection.prepare_cached(words).and_then(|mut statement| statement.execute([]));
        done.map(drop).map_err(fault_of)
    };
    run("BEGIN IMMEDIATE")?;
    for job in group {
        run("SAVEPOINT job")?;
        match job.run(connection) {
            Step::Keep => {}
            Step::Undo => run("ROLLBACK TO job")?,
            Step::Stop(fault) => return Err(fault),
        }
        run("RELEASE job")?;
    }
    run("COMMIT")
}
