use landgavel_base::Duration;

use crate::record::Fallback;
use crate::rounds::Rounds;

/// How far honest clocks may differ in a run.
pub const CLOCK_TOLERANCE_MS: i64 = 10_000;

/// From freeze to round, long enough for witnesses.
const DRAW_DELAY_MS: i64 = 30_000;
/// From the end of sealing to the round that opens: longer than the tolerance, so that witnesses see the last
/// bid before anybody can read it.
const SEAL_DELAY_MS: i64 = 15_000;

/// What a run fixes in its notice beyond the lot and its rulebook.
pub struct Terms {
    /// The run's keys come from it; without, from the digest of the lot's file.
    pub seed: Option<[u8; 32]>,
    /// The chain of draws and seals.
    pub beacon: Beacon,
    /// From the freeze of the entrants to the earliest round of their draw.
    pub draw_delay: Duration,
    /// From the end of a sealing window to the round that opens its seals; at least [`CLOCK_TOLERANCE_MS`].
    pub seal_delay: Duration,
    /// Names of the parties of a commit–reveal, in the order of use; their secrets are made for the run.
    pub parties: Vec<String>,
    /// What stands in for the chain when it fails.
    pub fallback: Option<Fallback>,
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
