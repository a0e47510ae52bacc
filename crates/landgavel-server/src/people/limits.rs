use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How often something may be done: so many at once, and one more after each period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// At once, after a long rest.
    pub burst: u32,
    /// Time after which one more is allowed, in milliseconds.
    pub period_ms: i64,
}

/// Counts per name, such as an address or an account. It holds a bounded number of names: when there are more, those that
/// have rested longest are forgotten, which allows them no more than a rest would.
pub struct Limiter {
    allowance: Allowance,
    most_names: usize,
    /// Until when each name has used what it was allowed, in milliseconds (virtual scheduling).
    used_until: Mutex<BTreeMap<String, i64>>,
}

impl Limiter {
    /// A limiter that remembers at most so many names.
    pub fn new(allowance: Allowance, most_names: usize) -> Self {
        Self { allowance, most_names: most_names.max(1), used_until: Mutex::new(BTreeMap::new()) }
    }

    /// Takes one, or says after how many milliseconds to come back.
    ///
    /// # Errors
    /// The time to wait.
    pub fn take(&self, name: &str, now_ms: i64) -> Result<(), i64> {
        let mut used = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        let period = self.allowance.period_ms;
        let room = period.saturating_mul(i64::from(self.allowance.burst));
        let until = used.get(name).copied().unwrap_or(i64::MIN).max(now_ms).saturating_add(period);
        if until - now_ms > room {
            return Err(until - now_ms - room);
        }
        if !used.contains_key(name) && used.len() >= self.most_names {
            self.forget(&mut used, now_ms);
        }
        used.insert(name.to_owned(), until);
        Ok(())
    }

    /// Gives a name its full allowance again.
    pub fn clear(&self, name: &str) {
        self.used_until.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    fn forget(&self, used: &mut BTreeMap<String, i64>, now_ms: i64) {
        used.retain(|_, until| *until > now_ms);
        // An attack with as many names as there is room: the half that used least starts anew.
        if used.len() >= self.most_names {
            let mut times: Vec<i64> = used.values().copied().collect();
            times.sort_unstable();
            let middle = times[times.len() / 2];
            used.retain(|_, until| *until > middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: Allowance = Allowance { burst: 3, period_ms: 1000 };

    #[test]
    fn a_burst_is_allowed_then_one_each_period() {
        let limiter = Limiter::new(THREE, 10);
        assert!((0..3).all(|_| limiter.take("a", 0).is_ok()));
        assert_eq!(limiter.take("a", 0), Err(1000));
        assert_eq!(limiter.take("a", 400), Err(600));
        assert!(limiter.take("a", 1000).is_ok());
        assert!(limiter.take("a", 1000).is_err());
        assert!(limiter.take("b", 1000).is_ok());
    }

    #[test]
    fn what_was_refused_costs_nothing() {
        let limiter = Limiter::new(THREE, 10);
        let taken = (0..100).filter(|_| limiter.take("a", 0).is_ok()).count();
        assert_eq!(taken, 3);
        assert!(limiter.take("a", 1000).is_ok());
    }

    #[test]
    fn a_flood_of_names_keeps_to_its_room_and_frees_nobody_who_used_most() {
        let limiter = Limiter::new(THREE, 100);
        assert!((0..3).all(|_| limiter.take("flooder", 0).is_ok()));
        for name in 0..10_000 {
            assert!(limiter.take(&name.to_string(), 1).is_ok());
        }
        assert!(limiter.used_until.lock().unwrap().len() <= 100);
        assert!(limiter.take("flooder", 2).is_err());
    }
}
