use landgavel_base::Duration;

use crate::record::{Fallback, Issuer};
use crate::rounds::Rounds;

/// How far honest clocks may differ in a run.
pub(super) const CLOCK_TOLERANCE_MS: i64 = 10_000;

/// From freeze to round, long enough for witnesses.
const DRAW_DELAY_MS: i64 = 30_000;
/// From the end of sealing to the round that opens: longer than the tolerance, so that witnesses see the last
/// bid before anybody can read it.
const SEAL_DELAY_MS: i64 = 15_000;

/// The shortest delay that lets witnesses come before a round by whatever clock: entries of a second are
/// published together, and a cosignature tells whole seconds.
const DELAY_MIN_MS: i64 = CLOCK_TOLERANCE_MS + 2_000;
/// Most parties of a commit–reveal.
const PARTIES_MAX: usize = 64;
/// Most issuers of certificates.
const ISSUERS_MAX: usize = 64;
/// Longest name of a party, and longest description of a fallback, in bytes.
const WORDS_MAX: usize = 1024;

/// What a run fixes in its notice beyond the lot and its rulebook.
pub struct Terms {
    /// The run's keys come from it; without, from the digest of the lot's file.
    pub seed: Option<[u8; 32]>,
    /// The chain of draws and seals.
    pub beacon: Beacon,
    /// From the freeze of the entrants to the earliest round of their draw.
    pub draw_delay: Duration,
    /// From the end of a sealing window to the round that opens its seals.
    pub seal_delay: Duration,
    /// Names of the parties of a commit–reveal, in the order of use; their secrets are made for the run.
    pub parties: Vec<String>,
    /// What stands in for the chain when it fails.
    pub fallback: Option<Fallback>,
    /// Whose certificates show facts of applicants.
    pub issuers: Vec<Issuer>,
}

impl Terms {
    /// Whether a record on these terms can hold.
    ///
    /// # Errors
    /// What cannot be, and what was expected.
    pub(super) fn check(&self) -> Result<(), String> {
        for (of, delay) in [("draws", self.draw_delay), ("seals", self.seal_delay)] {
            if delay.millis() < DELAY_MIN_MS {
                return Err(format!(
                    "the delay of {of} is {} ms, expected at least {DELAY_MIN_MS} ms: witnesses come before the round",
                    delay.millis()
                ));
            }
        }
        if self.parties.is_empty() || self.parties.len() > PARTIES_MAX {
            return Err(format!("{} parties; expected 1 to {PARTIES_MAX}", self.parties.len()));
        }
        for (index, party) in self.parties.iter().enumerate() {
            if self.parties[..index].contains(party) {
                return Err(format!("the party “{party}” is named twice"));
            }
        }
        if self.issuers.len() > ISSUERS_MAX {
            return Err(format!("{} issuers; expected at most {ISSUERS_MAX}", self.issuers.len()));
        }
        let place = |issuer: &Issuer| (issuer.fact.clone(), issuer.name.clone());
        if let Some(pair) = self.issuers.windows(2).find(|pair| place(&pair[0]) >= place(&pair[1])) {
            let (fact, name) = place(&pair[1]);
            return Err(format!("the issuer “{name}” of “{fact}” is out of order, or named twice"));
        }
        let words = self.parties.iter().chain(self.fallback.as_ref().map(|fallback| &fallback.number));
        match words.into_iter().find(|words| words.trim().is_empty() || words.len() > WORDS_MAX) {
            Some(words) => Err(format!(
                "a party or a fallback of {} bytes; expected words, at most {WORDS_MAX} bytes",
                words.len()
            )),
            None => Ok(()),
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        let millis = |millis| Duration::from_millis(millis).expect("constants are in range");
        Self {
            seed: None,
            beacon: Beacon::Local,
            draw_delay: millis(DRAW_DELAY_MS),
            seal_delay: millis(SEAL_DELAY_MS),
            parties: ["officer", "notary", "bidders"].map(str::to_owned).to_vec(),
            fallback: None,
            issuers: Vec::new(),
        }
    }
}

/// The chain of a run.
pub enum Beacon {
    /// A local one of one key, made for the run.
    Local,
    /// The public chain quicknet, whose rounds come from there.
    Quicknet(Box<dyn Rounds>),
}
