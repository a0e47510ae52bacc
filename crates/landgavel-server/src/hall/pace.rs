//! How often a frame goes: what changes after a rest is shown at once, even twice; what changes in a storm, together.

use std::time::Duration;

use tokio::time::Instant;

/// Between two frames on the average, at least: ten a second.
const EVERY: Duration = Duration::from_millis(100);
/// Between two frames in any case: a change seldom comes alone.
const GAP: Duration = Duration::from_millis(10);
/// What it costs to send a frame to one viewer, in microseconds of a core.
const SEND_US: u64 = 15;

/// The pace of one sale's frames. Each takes its time, and one may go before the time of the one before it has passed:
/// a bid does not wait for what it cost to show that witnesses have signed.
pub(super) struct Pace {
    /// When all frames so far have had their time.
    paid: Instant,
}

impl Pace {
    pub fn new(now: Instant) -> Self {
        Self { paid: now }
    }

    /// A frame went to so many viewers; says when the next may. Many viewers make frames rarer, since sending them would
    /// take the machine away from the sale.
    pub fn next(&mut self, now: Instant, viewers: usize) -> Instant {
        let viewers = u64::try_from(viewers).unwrap_or(u64::MAX);
        let time = EVERY.max(Duration::from_micros(viewers.saturating_mul(SEND_US)));
        let before = self.paid.max(now);
        self.paid = before + time;
        before.max(now + GAP)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn two_frames_may_go_after_a_rest_and_a_storm_has_ten_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut now = start;
        let times = [(); 6].map(|()| {
            now = pace.next(now, 1);
            now - start
        });
        assert_eq!(times, [10, 100, 200, 300, 400, 500].map(millis));
        // A short rest is not saved up, a long one is for one frame.
        let later = now + millis(5000);
        assert_eq!(pace.next(later, 1) - later, millis(10));
        assert_eq!(pace.next(later + millis(10), 1) - later, millis(100));
    }

    #[test]
    fn frames_for_many_are_rarer() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let second = pace.next(start, 10_000);
        let third = pace.next(second, 10_000);
        let fourth = pace.next(third, 10_000);
        assert_eq!([second, third, fourth].map(|at| at - start), [10, 150, 300].map(millis));
    }
}
