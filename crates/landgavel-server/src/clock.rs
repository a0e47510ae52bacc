//! The time of day, as an argument: the machine's, or one that a demonstration or a test sets.

use std::collections::VecDeque;
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

    /// Where it went forward by more than has passed since so many such steps were seen: from before the first of
    /// them to after the last.
    fn step_since(&self, _seen: u64) -> Option<StepForward> {
        None
    }
}

/// A clock that went forward faster than time: somebody set it, or the machine slept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepForward {
    /// Which it was, from 1.
    pub count: u64,
    /// What it said before.
    pub from: Instant,
    /// What it said after.
    pub to: Instant,
}

/// Steps that are kept one by one; of older ones only where they began together.
const STEPS: usize = 64;

/// All steps forward so far.
#[derive(Default)]
struct Steps(VecDeque<StepForward>);

impl Steps {
    fn count(&self) -> u64 {
        self.0.back().map_or(0, |last| last.count)
    }

    fn note(&mut self, from: Instant, to: Instant) {
        if self.0.len() == STEPS
            && let Some(oldest) = self.0.pop_front()
            && let Some(next) = self.0.front_mut()
        {
            next.from = oldest.from;
        }
        let count = self.count() + 1;
        self.0.push_back(StepForward { count, from, to });
    }

    fn since(&self, seen: u64) -> Option<StepForward> {
        let first = self.0.iter().find(|step| step.count > seen)?;
        let last = self.0.back()?;
        Some(StepForward { from: first.from, ..*last })
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

/// Such a step forward is none: a machine under load is not asked for longer, and clocks are drawn on slowly.
const STEP_MS: i64 = 1000;

/// A clock that never goes back: when the one below it does, the latest time stands until that is reached
/// again. Each such step is counted; steps forward are noticed beside the machine's count of passing time, which nobody
/// can set.
pub struct SteadyClock<C> {
    inner: C,
    latest_ms: AtomicI64,
    steps_back: AtomicU64,
    passing: Mutex<Passing>,
}

/// What was asked last, and the steps.
struct Passing {
    told_ms: i64,
    since: std::time::Instant,
    steps: Steps,
}

impl<C: Clock> SteadyClock<C> {
    /// Steadies a clock.
    pub fn new(inner: C) -> Self {
        let told_ms = inner.now().millis();
        let passing = Mutex::new(Passing { told_ms, since: std::time::Instant::now(), steps: Steps::default() });
        Self { inner, latest_ms: AtomicI64::new(told_ms), steps_back: AtomicU64::new(0), passing }
    }

    /// Asks the clock below, and compares what has passed by it with what has passed.
    fn told(&self) -> i64 {
        let mut passing = self.passing.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        let (told, after) = loop {
            let before = std::time::Instant::now();
            let told = self.inner.now().millis();
            let after = std::time::Instant::now();
            // A thread that was put aside between the two questions can't tell, and must not tell a time that is not checked.
            if millis(after - before) < STEP_MS / 4 {
                break (told, after);
            }
        };
        let ahead = told.saturating_sub(passing.told_ms).saturating_sub(millis(after - passing.since));
        if ahead > STEP_MS {
            let from = instant(passing.told_ms);
            passing.steps.note(from, instant(told));
            let count = passing.steps.count();
            tracing::warn!(ahead_ms = ahead, count, "the clock of the machine went forward by more than has passed");
        }
        (passing.told_ms, passing.since) = (told, after);
        told
    }
}

impl<C: Clock> Clock for SteadyClock<C> {
    fn now(&self) -> Instant {
        let told = self.told();
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

    fn step_since(&self, seen: u64) -> Option<StepForward> {
        self.passing.lock().unwrap_or_else(PoisonError::into_inner).steps.since(seen)
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
    steps: Steps,
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
        let pace = Pace { from, since: std::time::Instant::now(), per_mille, steps: Steps::default() };
        Self { pace: Mutex::new(pace), settings: watch::Sender::new(0) }
    }

    /// Sets it forward. A time that is past does nothing.
    pub fn jump_to(&self, at: Instant) {
        self.set(|pace| {
            pace.from = pace.now().max(at);
            pace.since = std::time::Instant::now();
        });
    }

    /// Sets it forward as somebody sets the clock of a machine: a step, which a hall must notice.
    pub fn step_to(&self, at: Instant) {
        self.set(|pace| {
            let from = pace.now();
            pace.from = from.max(at);
            pace.since = std::time::Instant::now();
            pace.steps.note(from, pace.from);
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

    fn step_since(&self, seen: u64) -> Option<StepForward> {
        self.lock().steps.since(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine's clock that anybody sets.
    #[derive(Clone)]
    struct Machine(std::sync::Arc<AtomicI64>);

    impl Clock for Machine {
        fn now(&self) -> Instant {
            instant(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn a_clock_that_is_set_forward_is_noticed_once_and_one_that_is_set_back_stands() {
        let machine = Machine(std::sync::Arc::new(AtomicI64::new(1_000_000)));
        let clock = SteadyClock::new(machine.clone());
        assert_eq!(clock.now().millis(), 1_000_000);
        assert_eq!(clock.step_since(0), None);
        machine.0.store(1_600_000, Ordering::SeqCst);
        assert_eq!(clock.now().millis(), 1_600_000);
        assert_eq!(clock.now().millis(), 1_600_000);
        let step = StepForward { count: 1, from: instant(1_000_000), to: instant(1_600_000) };
        assert_eq!(clock.step_since(0), Some(step));
        machine.0.store(1_000_500, Ordering::SeqCst);
        assert_eq!(clock.now().millis(), 1_600_000);
        assert_eq!((clock.steps_back(), clock.step_since(0)), (1, Some(step)));
    }

    #[test]
    fn of_several_steps_between_two_looks_the_first_says_from_when() {
        let clock = PacedClock::new(instant(1_000), 0);
        for at in [5_000, 9_000, 20_000] {
            clock.step_to(instant(at));
        }
        assert_eq!(clock.step_since(0), Some(StepForward { count: 3, from: instant(1_000), to: instant(20_000) }));
        assert_eq!(clock.step_since(1), Some(StepForward { count: 3, from: instant(5_000), to: instant(20_000) }));
        assert_eq!(clock.step_since(3), None);
        for at in 1..200 {
            clock.step_to(instant(20_000 + 1_000 * at));
        }
        assert_eq!(clock.step_since(0).map(|step| (step.count, step.from)), Some((202, instant(1_000))));
        assert_eq!(clock.step_since(201).map(|step| step.from), Some(instant(20_000 + 198_000)));
    }
}
