//! Long work while Python goes on: its lock is let go, progress is told, and Ctrl-C stops what runs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How often Python's signals are looked at, and progress is told.
const LOOK: Duration = Duration::from_millis(50);

/// How far work has come, and whether it shall go on.
#[derive(Default)]
pub struct Watch {
    done: AtomicUsize,
    of: AtomicUsize,
    stop: AtomicBool,
}

impl Watch {
    /// Tells how much is done; whether to go on.
    pub fn tell(&self, done: usize, of: usize) -> bool {
        self.of.store(of, Ordering::Relaxed);
        self.done.fetch_max(done, Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }

    fn told(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.of.load(Ordering::Relaxed))
    }
}

/// Does the work on a thread of its own, without Python's lock. `progress(done, of)` is called on this one; what it raises, or an
/// interrupt, stops the work and is raised when it has stopped.
pub fn watched<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Watch) -> T + Send,
) -> PyResult<T> {
    let watch = Watch::default();
    let (send, receive) = sync_channel(1);
    thread::scope(|scope| {
        let watch = &watch;
        scope.spawn(move || {
            // Nobody listens only where this function is gone, which waits for it.
            let _ = send.send(work(watch));
        });
        let (mut failed, mut last) = (None, (0, 0));
        let mut receive = receive;
        loop {
            let answer;
            (answer, receive) = py.detach(move || (receive.recv_timeout(LOOK), receive));
            let told = watch.told();
            if failed.is_none() {
                let heard = match progress {
                    Some(progress) if told != last && told.1 > 0 => progress.call1(told).map(drop),
                    Some(_) | None => Ok(()),
                };
                last = told;
                failed = heard.and_then(|()| py.check_signals()).err();
                watch.stop.store(failed.is_some(), Ordering::Relaxed);
            }
            match (answer, failed.take()) {
                (Ok(_) | Err(RecvTimeoutError::Disconnected), Some(error)) => return Err(error),
                (Ok(done), None) => return Ok(done),
                (Err(RecvTimeoutError::Timeout), error) => failed = error,
                (Err(RecvTimeoutError::Disconnected), None) => {
                    return Err(PyRuntimeError::new_err("the work ended without an answer"));
                }
            }
        }
    })
}
