//! The time of day, as an argument: the machine's, or one that a demonstration or a test sets.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landgavel_base::Instant;
use tokio::sync::watch;

/// Tells what time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;

    /// Now, in whole seconds since 1970, as cosignatures write it.
    fn now_s(&self) -> u64 {
        u64::try_from(self.now().millis() / 1000).unwrap_or(0)
    }

    /// How long it is until then, by the machine's own pace. It may come earlier, when the clock is set.
    fn wait_for(&self, at: Instant) -> Duration {
        Duration::from_millis(u64::try_from(at.millis() - self.now().millis()).unwrap_or(0))
    }

    /// Changes whenever somebody sets the clock, so that whoever waits looks again.
    fn settings(&self) -> Option<watch::Receiver<u64>> {
        None
    }

    /// Its seconds in 1,000 seconds of the machine; 0 stands still.
    fn rate_milli(&self) -> u64 {
        1000
    }

    /// How often the clock of the machine was found behind itself.
    fn steps_back(&self) -> u64 {
        0
    }
}

/// Done when a clock says so.
pub async fn sleep_until(clock: &dyn Clock, at: Instant) {
    let mut settings = clock.settings();
    while clock.now() < at {
        // A millisecond more, so that rounding does not end it a moment early again and again.
        let sleep = tokio::time::sleep(clock.wait_for(at) + Duration::from_millis(1));
        match &mut settings {
            Some(settings) => tokio::select! {
                () = sleep => {}
                _ = settings.changed() => {}
            },
            None => sleep.await,
        }
    }
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MachineClock;

impl Clock for MachineClock {
    /// Before 1970 it says 1970, after 9999 the end of 9999.
    fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
        let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        instant(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }
}

fn instant(millis: i64) -> Instant {
    Instant::from_millis(millis.clamp(0, Instant::MAX_MILLIS)).expect("held within the accepted range")
}

/// A clock that never goes back: when the one below it does, the latest time stands until that is reached
/// again. Each such step is counted.
pub struct SteadyClock<C> {
    inner: C,
    latest_ms: AtomicI64,
    steps_back: AtomicU64,
}

impl<C: Clock> SteadyClock<C> {
    /// Steadies a clock.
    pub fn new(inner: C) -> Self {
        let latest_ms = AtomicI64::new(inner.now().millis());
        Self { inner, latest_ms, steps_back: AtomicU64::new(0) }
    }
}

impl<C: Clock> Clock for SteadyClock<C> {
    fn now(&self) -> Instant {
        let told = self.inner.now().millis();
        let latest = self.latest_ms.fetch_max(told, Ordering::SeqCst);
        // Two threads may ask within one millisecond of each other: that is no step.
        if told + 1 < latest {
            let steps = self.steps_back.fetch_add(1, Ordering::Relaxed);
            if steps.is_power_of_two() || steps == 0 {
                tracing::warn!(back_ms = latest - told, "the clock of the machine went back; the hall's is held");
            }
        }
        instant(told.max(latest))
    }

    fn wait_for(&self, at: Instant) -> Duration {
        self.inner.wait_for(at)
    }

    fn settings(&self) -> Option<watch::Receiver<u64>> {
        self.inner.settings()
    }

    fn rate_milli(&self) -> u64 {
        self.inner.rate_milli()
    }

    fn steps_back(&self) -> u64 {
        self.steps_back.load(Ordering::Relaxed)
    }
}

/// A clock for demonstrations and tests: it starts when it is told, runs at another pace, and can be set
/// forward.
pub struct PacedClock {
    pace: Mutex<Pace>,
    settings: watch::Sender<u64>,
}

struct Pace {
    /// What it said when it was last set.
    from: Instant,
    /// When that was.
    since: std::time::Instant,
    /// Its seconds in 1,000 seconds of the machine; 0 stands still.
    per_mille: u64,
}

impl Pace {
    fn now(&self) -> Instant {
        let passed = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let passed_ms = u128::from(passed) * u128::from(self.per_mille) / 1_000_000;
        instant(self.from.millis().saturating_add(i64::try_from(passed_ms).unwrap_or(i64::MAX)))
    }
}

impl PacedClock {
    /// A clock that says `from` now and runs at a pace, in thousandths of the machine's; 0 stands still.
    pub fn new(from: Instant, per_mille: u64) -> Self {
        let pace = Pace { from, since: std::time::Instant::now(), per_mille };
        Self { pace: Mutex::new(pace), settings: watch::Sender::new(0) }
    }

    /// Sets it forward. A time that is past does nothing.
    pub fn jump_to(&self, at: Instant) {
        self.set(|pace| {
            pace.from = pace.now().max(at);
            pace.since = std::time::Instant::now();
        });
    }

    /// Changes its pace from now on.
    pub fn run_at(&self, per_mille: u64) {
        self.set(|pace| {
            pace.from = pace.now();
            pace.since = std::time::Instant::now();
            pace.per_mille = per_mille;
        });
    }

    fn set(&self, change: impl FnOnce(&mut Pace)) {
        change(&mut self.lock());
        self.settings.send_modify(|count| *count += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for PacedClock {
    fn now(&self) -> Instant {
        self.lock().now()
    }

    fn wait_for(&self, at: Instant) -> Duration {
        let pace = self.lock();
        let left = u64::try_from(at.millis() - pace.now().millis()).unwrap_or(0);
        // A clock that stands still comes nowhere by itself: look again in an hour.
        let millis = left.saturating_mul(1000).checked_div(pace.per_mille).unwrap_or(3_600_000);
        Duration::from_millis(millis)
    }

    fn settings(&self) -> Option<watch::Receiver<u64>> {
        Some(self.settings.subscribe())
    }

    fn rate_milli(&self) -> u64 {
        self.lock().per_mille
    }
}
