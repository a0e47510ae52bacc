//! When things begin and end.

use alloc::vec::Vec;

use landgavel_base::{Duration, Instant, LocalTime};

use super::{PhaseLength, Sale, Seat};
use crate::command::BidderId;
use crate::event::PhaseName;
use crate::rulebook::{
    Close, Entrants, FirstOf, HardStop, Limit, Rounds, StageId, StageKind, Window, WindowEnd, Within,
};

const DAY_MS: i64 = 86_400_000;

impl Sale {
    /// Who of a field may act in a stage.
    pub(crate) fn entrants(&self, stage: StageId, field: &[BidderId]) -> Vec<BidderId> {
        let leader_of = |stage: StageId| self.last_ended(stage).and_then(|ended| ended.ranking.first().copied());
        let is_entrant = |bidder: BidderId| match &self.lot.rulebook.stage(stage).entrants {
            Entrants::Field => true,
            Entrants::LeaderOf(earlier) => leader_of(*earlier) == Some(bidder),
            Entrants::OthersThanLeaderOf(earlier) => leader_of(*earlier) != Some(bidder),
            Entrants::WithFact { fact, value } => self.bidders[bidder.index()].fact(fact) == Some(value),
        };
        field.iter().copied().filter(|&bidder| is_entrant(bidder)).collect()
    }

    /// When a window opens for a stage that begins at `from`.
    pub(crate) fn window_opens(&self, window: &Window, from: Instant) -> Instant {
        window.opens.map_or(from, |moment| self.moment(moment).max(from))
    }

    fn window_closes(&self, window: &Window, opened: Instant) -> (Instant, PhaseLength) {
        match window.closes {
            WindowEnd::At(moment) => (self.moment(moment).max(opened), PhaseLength::Calendar),
            WindowEnd::After(length) => (opened.after(length), PhaseLength::Full(length)),
        }
    }

    /// When applications are no longer taken.
    pub fn application_end(&self) -> Instant {
        let window = &self.lot.rulebook.admission.window;
        let opened = window.opens.map_or(self.lot.calendar.first().copied().unwrap_or(self.last), |m| self.moment(m));
        self.window_closes(window, opened).0
    }

    /// When a stage that begins at `from` starts its first phase.
    pub(crate) fn first_phase_opens(&self, stage: StageId, from: Instant) -> Instant {
        self.first_window(stage).map_or(from, |window| self.window_opens(&window, from))
    }

    /// The window of a stage's first phase.
    pub(crate) fn first_window(&self, stage: StageId) -> Option<Window> {
        match &self.lot.rulebook.stage(stage).kind {
            StageKind::Ascending(rule) => rule.quote,
            StageKind::Sealed(rule) => Some(rule.window),
            StageKind::Score(rule) => rule.filing,
            StageKind::Fixed(rule) => Some(rule.window),
            StageKind::First(rule) => match rule.of {
                FirstOf::Window(window) => Some(window),
                FirstOf::Stage(_) => None,
            },
            StageKind::Descending(_) | StageKind::Rounds(_) | StageKind::Draw(_) => None,
        }
    }

    /// The next moment of a hard stop after `from`.
    pub(crate) fn hard_stop(&self, stop: HardStop, from: Instant) -> Instant {
        match stop {
            HardStop::At(moment) => self.moment(moment),
            HardStop::Daily(millis_of_day) => {
                let offset = self.lot.rulebook.utc_offset;
                let local = from.local(offset);
                let today = LocalTime { date: local.date, millis_of_day }.instant(offset);
                match today {
                    Some(today) if today > from => today,
                    Some(today) => today.after(Duration::from_millis(DAY_MS).expect("a day")),
                    None => from,
                }
            }
        }
    }

    /// The hard stop of the phase that runs, when its rule has one.
    pub(crate) fn running_stop(&self) -> Option<Instant> {
        let running = self.running.as_ref()?;
        let stop = match (&self.lot.rulebook.stage(running.id).kind, running.phase.as_ref()?.name) {
            (StageKind::Ascending(rule), PhaseName::Live) => match rule.close {
                Close::Countdown { hard_stop, .. } => hard_stop,
                Close::Hammer { .. } | Close::QuoteEnd => None,
            },
            (StageKind::Rounds(rule), PhaseName::Round(_) | PhaseName::Turn { .. }) => rule.hard_stop,
            _ => None,
        };
        stop.map(|stop| self.hard_stop(stop, running.opened))
    }

    /// When a phase that begins at `at` closes.
    pub(crate) fn phase_end(&self, name: PhaseName, at: Instant) -> (Option<Instant>, PhaseLength) {
        let Some(running) = &self.running else { return (None, PhaseLength::Open) };
        let full = |length: Duration| (Some(at.after(length)), PhaseLength::Full(length));
        let window = |window: &Window| {
            let (closes, length) = self.window_closes(window, at);
            (Some(closes), length)
        };
        let open = (None, PhaseLength::Open);
        let kind = &self.lot.rulebook.stage(running.id).kind;
        match name {
            PhaseName::Quote | PhaseName::Sealing | PhaseName::Filing | PhaseName::Taking => {
                self.first_window(running.id).map_or(open, |w| window(&w))
            }
            PhaseName::Acceptance => kind.cap().map_or(open, |cap| full(cap.acceptance)),
            PhaseName::Revealing => full(self.reveal_time(running.id)),
            PhaseName::Ask => match kind {
                StageKind::Ascending(rule) => rule.ask.map_or(open, |ask| full(ask.window)),
                _ => open,
            },
            PhaseName::Live => match kind {
                StageKind::Ascending(rule) => self.live_end(&rule.close, running.opened, at),
                _ => open,
            },
            PhaseName::Opening => match kind {
                StageKind::Sealed(rule) => full(rule.open_within),
                _ => open,
            },
            PhaseName::Round(_) | PhaseName::Turn { .. } => match kind {
                StageKind::Rounds(rule) => self.round_end(rule, running.opened, at),
                _ => open,
            },
            PhaseName::Pause => match kind {
                StageKind::Rounds(rule) => full(rule.pause),
                _ => open,
            },
            PhaseName::Marking => match kind {
                StageKind::Score(rule) => rule.marking.map_or(open, full),
                _ => open,
            },
            PhaseName::Frozen => match kind {
                StageKind::Draw(rule) => full(rule.reveal_within),
                _ => open,
            },
            PhaseName::Clock => match kind {
                StageKind::Descending(rule) => {
                    let ticks = self.clock_ticks(running.id).saturating_add(1);
                    let length = rule.every.millis().saturating_mul(ticks);
                    // The clock's end moves with an outage; its ticks do not start again.
                    (Duration::from_millis(length).map(|length| at.after(length)), PhaseLength::Calendar)
                }
                _ => open,
            },
        }
    }

    fn live_end(&self, close: &Close, opened: Instant, at: Instant) -> (Option<Instant>, PhaseLength) {
        match close {
            Close::Countdown { length, first, hard_stop } => {
                let length = first.unwrap_or(*length);
                let stop = hard_stop.map(|stop| self.hard_stop(stop, opened));
                let full = at.after(length);
                (Some(stop.map_or(full, |stop| full.min(stop))), PhaseLength::Full(length))
            }
            Close::Hammer { .. } => (None, PhaseLength::Open),
            Close::QuoteEnd => (Some(at), PhaseLength::Calendar),
        }
    }

    fn round_end(&self, rule: &Rounds, opened: Instant, at: Instant) -> (Option<Instant>, PhaseLength) {
        let stop = rule.hard_stop.map(|stop| self.hard_stop(stop, opened));
        let full = at.after(rule.length);
        (Some(stop.map_or(full, |stop| full.min(stop))), PhaseLength::Full(rule.length))
    }

    /// The longest time any committed value of a stage may take to be shown.
    fn reveal_time(&self, stage: StageId) -> Duration {
        let kind = &self.lot.rulebook.stage(stage).kind;
        let of = |limit: Option<&Limit>| match limit {
            Some(Limit::Committed { reveal_within, .. }) => *reveal_within,
            Some(Limit::Public(_)) | None => Duration::ZERO,
        };
        of(kind.cap().map(|cap| &cap.limit)).max(of(kind.reserve()))
    }

    /// Ticks of a descending clock from its start to its floor; the last may be shorter.
    pub(crate) fn clock_ticks(&self, stage: StageId) -> i64 {
        let Some(running) = self.running.as_ref().filter(|running| running.id == stage) else { return 0 };
        let values = &running.values;
        match (values.start, values.step, values.floor) {
            (Some(start), Some(step), Some(floor)) if step.quanta() > 0 => {
                let (way, step) = ((start.quanta() - floor.quanta()).abs(), step.quanta());
                way / step + i64::from(way % step != 0)
            }
            _ => 0,
        }
    }

    /// When the next act of a provisional winner is due at the latest.
    pub(crate) fn seat_due(&self, seat: &Seat, at: Instant) -> Option<Instant> {
        let rule = &self.lot.rulebook.award;
        if !seat.is_qualified {
            rule.qualification.map(|qualification| self.within(qualification.within, at))
        } else if !seat.is_confirmed {
            rule.confirmation.map(|within| self.within(within, at))
        } else {
            None
        }
    }

    /// The end of a time limit that starts at `at`; limits in days end with their last day.
    fn within(&self, within: Within, at: Instant) -> Instant {
        match within {
            Within::Time(length) => at.after(length),
            Within::Period(period) => {
                let offset = self.lot.rulebook.utc_offset;
                let day = at.local(offset).date;
                // Beyond the working-day calendar the nominal day counts.
                let last = match period.due_from(day, &self.lot.working_days) {
                    Ok(date) | Err(landgavel_base::DueError::YearNotCovered { date, .. }) => date,
                    Err(landgavel_base::DueError::BeyondDates) => day,
                };
                let midnight = last.plus_days(1).and_then(|date| LocalTime { date, millis_of_day: 0 }.instant(offset));
                midnight.unwrap_or(at).max(at)
            }
        }
    }
}
