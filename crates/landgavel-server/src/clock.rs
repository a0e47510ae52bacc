//! The time of day, as an argument.

use landgavel_base::Instant;

/// Tells what time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Instant;

    /// Now, in whole seconds since 1970, as cosignatures write it.
    fn now_s(&self) -> u64 {
        u64::try_from(self.now().millis() / 1000).unwrap_or(0)
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
        let millis = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX).min(Instant::MAX_MILLIS);
        Instant::from_millis(millis).expect("held within the accepted range")
    }
}
