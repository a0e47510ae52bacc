use landgavel_base::{Duration, Instant};
use landgavel_sale::command::BidderId;

use super::log::Published;
use super::report::Check;
use crate::record::{Notice, Received, Record};

type Found = (Check, &'static str, String);

/// How fast a log must be witnessed, and how far honest clocks may differ.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Within this time of an entry, witnesses have cosigned a checkpoint that covers it.
    pub within: Duration,
    /// How far honest clocks may differ.
    pub tolerance: Duration,
}

/// What witnesses say of the times of any record: from below and from above.
#[derive(Default)]
pub(super) struct Witnessed {
    last: Option<(u64, Instant)>,
    first_uncovered: Option<(u64, Instant)>,
    /// The latest time of witnessing so far.
    cosigned_ms: Option<i64>,
    judged: u64,
}

impl Witnessed {
    /// How many bounds were looked at.
    pub fn judged(&self) -> u64 {
        self.judged
    }

    /// An entry is in its place.
    pub fn entry(&mut self, number: u64, at: Instant) {
        self.last = Some((number, at));
        self.first_uncovered.get_or_insert((number, at));
        self.judged += 1;
    }

    /// An entry is not older than the checkpoint before it.
    pub fn before(&self, at: Instant, pace: Pace) -> Result<(), Found> {
        match self.cosigned_ms {
            Some(cosigned) if at.millis() < cosigned - pace.tolerance.millis() => {
                let message = format!(
                    "says {} ms, but the checkpoint before it was cosigned at {cosigned} ms: it was dated back",
                    at.millis()
                );
                Err((Check::Times, "dated_back", message))
            }
            _ => Ok(()),
        }
    }

    /// A checkpoint was cosigned, at any time that a witness cares to sign; in words, when that was late for an entry.
    pub fn checkpoint(&mut self, cosigned: i64, pace: Pace) -> Result<Option<String>, Found> {
        let tolerance = pace.tolerance.millis();
        if let Some((entry, at)) = self.last
            && at.millis() > cosigned.saturating_add(tolerance)
        {
            let message = format!("entry {entry} says {} ms, but was witnessed at {cosigned} ms", at.millis());
            return Err((Check::Times, "dated_forward", message));
        }
        let first = self.first_uncovered.take();
        let late = first.filter(|(_, at)| cosigned > at.millis() + pace.within.millis() + tolerance);
        self.cosigned_ms = self.cosigned_ms.max(Some(cosigned));
        self.judged += 1;
        Ok(late.map(|(entry, at)| {
            let (at, within) = (at.millis(), pace.within.millis());
            format!("entry {entry} of {at} ms was witnessed only at {cosigned} ms, the notice says within {within} ms")
        }))
    }
}

/// What bounds the times of a sale's record: rounds of the chain from below, witnesses from above.
#[derive(Default)]
pub(super) struct Times {
    witnessed: Witnessed,
    /// Entry that froze the entrants of the running draw, and when that was witnessed.
    frozen: Option<(u64, Option<i64>)>,
    /// Sealed bids not witnessed yet: entry, bidder, and from when they may be read.
    seals: Vec<(u64, BidderId, i64)>,
    /// Draws and seals that were looked at.
    judged: u64,
}

impl Times {
    /// How many bounds were looked at.
    pub fn judged(&self) -> u64 {
        self.witnessed.judged() + self.judged
    }

    /// An entry is in its place.
    pub fn entry(&mut self, number: u64, at: Instant) {
        self.witnessed.entry(number, at);
    }

    /// An entry froze the entrants of a draw.
    pub fn froze(&mut self, number: u64) {
        self.frozen = Some((number, None));
    }

    /// An entry lodged a sealed bid that may be read from then on.
    pub fn sealed(&mut self, number: u64, bidder: BidderId, readable_ms: i64) {
        self.seals.push((number, bidder, readable_ms));
    }

    /// A sealed bid counts as not lodged.
    pub fn voided(&mut self, bidder: BidderId) {
        self.seals.retain(|(_, of, _)| *of != bidder);
    }

    /// What must be witnessed before a command can be believed.
    pub fn before(&mut self, record: &Record, received: &Received) -> Result<(), Found> {
        self.witnessed.before(received.at, pace(record.notice()))?;
        match received.verb() {
            "beacon" => self.draw(record),
            "open" => match self.seals.first() {
                Some((entry, ..)) => {
                    let message = format!("opens seals before entry {entry}, which lodged one, was witnessed");
                    Err((Check::Seals, "not_witnessed", message))
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn draw(&mut self, record: &Record) -> Result<(), Found> {
        let Some((entry, cosigned)) = self.frozen else { return Ok(()) };
        let notice = record.notice();
        let round_ms = record.draw_round().and_then(|round| notice.chain.time_of_round(round));
        self.judged += 1;
        match (cosigned, round_ms) {
            (None, _) => {
                let message =
                    format!("brings randomness before entry {entry}, which froze the entrants, was witnessed");
                Err((Check::Draws, "not_witnessed", message))
            }
            // A cosignature tells whole seconds, by a clock that may be late.
            (Some(cosigned), Some(round_ms))
                if cosigned.saturating_add(1000 + notice.clock_tolerance.millis()) > round_ms =>
            {
                let message = format!(
                    "draws among entrants that were witnessed at {cosigned} ms, when the round of {round_ms} ms may have been known"
                );
                Err((Check::Draws, "witnessed_too_late", message))
            }
            _ => Ok(()),
        }
    }

    /// A checkpoint was cosigned, at any time that a witness cares to sign.
    pub fn checkpoint(&mut self, notice: &Notice, published: &Published) -> Result<(), Found> {
        let cosigned = published.cosigned_ms;
        if let Some(late) = self.witnessed.checkpoint(cosigned, pace(notice))? {
            return Err((Check::Times, "witnessed_late", late));
        }
        if let Some((_, witnessed @ None)) = &mut self.frozen {
            *witnessed = Some(cosigned);
        }
        for (entry, _, readable_ms) in self.seals.drain(..) {
            if cosigned.saturating_add(1000) > readable_ms {
                let message = format!(
                    "entry {entry} lodged a seal that was witnessed at {cosigned} ms, when from {readable_ms} ms on it may have been read"
                );
                return Err((Check::Seals, "witnessed_too_late", message));
            }
            self.judged += 1;
        }
        Ok(())
    }
}

fn pace(notice: &Notice) -> Pace {
    Pace { within: notice.checkpoint_within, tolerance: notice.clock_tolerance }
}
