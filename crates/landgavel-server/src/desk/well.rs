//! Whether the hall has worked well since the writer last looked. It looks before anything is decided, so that no
//! period ends in a stretch of time in which nobody could take part in it.

use std::time::Duration as Real;

use landgavel_base::Instant;
use tokio::time::Instant as Pace;

use super::outage::{Cause, Gap, bears_silence_ms};
use super::writer::{Ask, Ended, Event, HEARTBEAT, Writer};
use crate::clock::Clock;

/// A heart that has not beaten for so long stood still: it beats every second, if the store answers.
const STALL: Real = Real::from_secs(2 * HEARTBEAT.as_secs());

/// A moment at which the hall worked: by the machine's count of passing time, which nobody can set, and by the clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Well {
    real: Pace,
    at: Instant,
}

impl Well {
    /// Now. The pace is read first: if the process is put aside before the clock is asked, the next look sees it.
    pub fn now(clock: &dyn Clock) -> Self {
        let real = Pace::now();
        Self { real, at: clock.now() }
    }

    /// By the clock.
    pub fn at(self) -> Instant {
        self.at
    }
}

impl Writer {
    /// The outage since the last look, if the sale must stand still for it.
    fn look(&mut self) -> Option<Gap> {
        let last = std::mem::replace(&mut self.well, Well::now(&*self.clock));
        let (stood, now) = (self.well.real - last.real, self.well.at);
        let stalled = (stood > STALL).then(|| {
            let cause = Cause::Stalled { stood_ms: u64::try_from(stood.as_millis()).unwrap_or(u64::MAX) };
            Gap { from: last.at, to: now.max(last.at), cause }
        });
        let stepped = self.clock.step_since(self.steps_seen).map(|step| {
            self.steps_seen = step.count;
            Gap { from: step.from, to: step.to, cause: Cause::ClockStep }
        });
        for gap in [stalled, stepped].into_iter().flatten() {
            // Nobody could come back meanwhile.
            self.state.resume_at = self.state.resume_at.map(|at| at.max(gap.resumes()));
        }
        let sale = self.book.record().sale();
        let found = [stalled, stepped, self.silence(now)].into_iter().flatten().find(|gap| gap.pauses(sale));
        if let Some(Gap { cause: Cause::Unwitnessed { since }, .. }) = found {
            self.state.paused_for = Some(since);
        }
        found
    }

    /// That witnesses have been silent for too long. It is told once of one silence: when an officer lets the sale go on
    /// all the same, that is the officer's act.
    fn silence(&self, now: Instant) -> Option<Gap> {
        let since = self.silent_since(now).filter(|since| self.state.paused_for != Some(*since))?;
        Some(Gap { from: now, to: now, cause: Cause::Unwitnessed { since } })
    }

    /// Time of the first entry that has waited too long for its witnesses, if one has.
    pub fn silent_since(&self, now: Instant) -> Option<Instant> {
        let bears_ms = bears_silence_ms(self.book.record().notice());
        self.state.unwitnessed().filter(|since| now.millis() - since.millis() >= bears_ms)
    }

    /// A hall that stood still must end no period, nor a clock that was set forward, nor may a period end in whose last
    /// seconds many were turned away: all are noticed before anything is decided at the new time. What came in while
    /// the hall still worked is decided first, whatever woke the loop.
    pub async fn pause_before_time_runs_out(&mut self, event: &mut Event) -> Result<(), Ended> {
        let gap = self.look();
        let is_due = self.book.due().is_some_and(|due| due <= self.well.at);
        let Some(gap) = gap.or_else(|| is_due.then(|| self.shut(self.well.at)).flatten()) else { return Ok(()) };
        let mut asks = match event {
            Event::Asked(asks) => std::mem::take(asks),
            Event::Time | Event::Beat | Event::Checkpoint(_) | Event::Round(_) | Event::Checked(_) | Event::Stop => {
                Vec::new()
            }
        };
        for _ in 0..self.queue.len() {
            asks.extend(self.queue.try_recv());
        }
        let (before, since): (Vec<Ask>, Vec<Ask>) = asks.into_iter().partition(|ask| ask.came_by(gap.from));
        self.decide_only(before).await?;
        if gap.pauses(self.book.record().sale()) {
            self.pause_for(gap).await?;
        }
        self.decide_only(since).await
    }

    /// The outage of a hall that has turned too many away.
    pub fn shut(&self, now: Instant) -> Option<Gap> {
        self.intake.outage(now).filter(|gap| gap.pauses(self.book.record().sale()))
    }
}
