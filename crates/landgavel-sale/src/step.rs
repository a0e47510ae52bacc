//! What happens by itself when time passes: one step at a time.

use landgavel_base::Instant;

use crate::event::PhaseName;
use crate::lot::Secret;
use crate::outcome::Status;
use crate::rulebook::{
    Ascending, AskedParty, Close, CriterionKind, First, FirstOf, Inactive, Limit, RoundEnd, RoundOrder, Rounds, Score,
    StageId, StageKind,
};
use crate::state::{Running, Sale};

/// The next thing that happens by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Applications and decisions on them end.
    CloseAdmission,
    /// The first stage begins.
    OpenFirstStage,
    /// A phase of the running stage begins.
    Begin(PhaseName),
    /// A round of the running stage begins.
    BeginRound(u32),
    /// The entrants of a draw are frozen.
    Freeze,
    /// A revealed cap turns out to have been reached.
    ReachCap,
    /// The running stage ends by what it found.
    End,
    /// The running stage ends because something was not shown.
    EndOverdue,
    /// The stage that has ended leads on.
    Lead,
    /// A provisional winner's time is up, or all seats are settled.
    Award,
}

impl Sale {
    /// When the clock next matters: no later than this, a [`crate::command::Command::Tick`] is due.
    pub fn due(&self) -> Option<Instant> {
        self.next_step().map(|(due, _)| due)
    }

    pub(crate) fn next_step(&self) -> Option<(Instant, Step)> {
        if self.status.is_final() || self.paused_at.is_some() {
            return None;
        }
        let admission = self.admission_step();
        let stage = match (&self.status, &self.running) {
            (Status::Admitting, _) => self.opening_step(),
            (Status::Running(_), Some(running)) => self.running_step(running),
            (Status::Running(_), None) => Some((self.last, Step::Lead)),
            (Status::Provisional, _) => self.award_step(),
            (Status::Awarded | Status::PassedIn(_) | Status::Annulled { .. }, _) => None,
        };
        // Of two steps due at once, admission closes first.
        match (admission, stage) {
            (Some(first), Some(second)) => Some(if second.0 < first.0 { second } else { first }),
            (first, second) => first.or(second),
        }
    }

    fn admission_step(&self) -> Option<(Instant, Step)> {
        if self.admission_closed {
            return None;
        }
        let rule = &self.lot.rulebook.admission;
        match rule.open_until {
            Some(stage) => {
                let ended = self.last_ended(stage).map(|ended| ended.ended);
                let skipped = matches!(self.status, Status::Provisional).then_some(self.last);
                ended.or(skipped).map(|at| (at.max(self.last), Step::CloseAdmission))
            }
            None => {
                let end = rule.decide_until.map_or_else(|| self.application_end(), |moment| self.moment(moment));
                Some((end.max(self.last), Step::CloseAdmission))
            }
        }
    }

    fn opening_step(&self) -> Option<(Instant, Step)> {
        let opens = match self.first_window(StageId(0)).and_then(|window| window.opens) {
            Some(moment) => self.moment(moment),
            None if self.admission_closed => self.last,
            None if self.lot.rulebook.admission.open_until.is_some() => self.application_end(),
            None => return None,
        };
        Some((opens.max(self.last), Step::OpenFirstStage))
    }

    fn award_step(&self) -> Option<(Instant, Step)> {
        let award = self.award.as_ref()?;
        if award.seats.iter().all(|seat| seat.is_qualified && seat.is_confirmed) {
            return Some((self.last, Step::Award));
        }
        award.seats.iter().filter_map(|seat| seat.due).min().map(|due| (due.max(self.last), Step::Award))
    }

    fn running_step(&self, running: &Running) -> Option<(Instant, Step)> {
        let at_once = |step| Some((self.last, step));
        if running.values.is_broken {
            return at_once(Step::EndOverdue);
        }
        let kind = &self.lot.rulebook.stage(running.id).kind;
        let Some(phase) = &running.phase else {
            let opens = self.first_phase_opens(running.id, running.opened).max(self.last);
            return Some((opens, first_step(kind)));
        };
        let at_close = |step| phase.closes.map(|closes| (closes.max(self.last), step));
        match phase.name {
            PhaseName::Quote => match kind {
                StageKind::Ascending(rule) => self.quote_step(rule, running, at_close),
                _ => None,
            },
            PhaseName::Ask if running.is_capped => at_once(self.after_cap(running)),
            PhaseName::Ask => {
                at_close(if running.joined.is_empty() { self.finish(running) } else { Step::Begin(PhaseName::Live) })
            }
            PhaseName::Live if running.is_capped => at_once(self.after_cap(running)),
            PhaseName::Live | PhaseName::Taking | PhaseName::Clock => {
                let wanted = match kind {
                    StageKind::First(First { of: FirstOf::Window(_) }) => self.open_seats(),
                    StageKind::Descending(_) => 1,
                    _ => usize::MAX,
                };
                if running.acceptors.len() >= wanted { at_once(Step::End) } else { at_close(self.finish(running)) }
            }
            PhaseName::Acceptance => at_close(self.finish(running)),
            PhaseName::Revealing => match (self.awaits_reveal(running), self.finish(running)) {
                (true, _) => at_close(Step::EndOverdue),
                (false, step) => at_once(step),
            },
            PhaseName::Sealing if running.seals.is_empty() => at_close(self.finish(running)),
            PhaseName::Sealing => at_close(Step::Begin(PhaseName::Opening)),
            PhaseName::Opening if running.seals.values().all(|seal| seal.content.is_some()) => {
                at_once(self.finish(running))
            }
            PhaseName::Opening => at_close(self.finish(running)),
            PhaseName::Round(_) | PhaseName::Turn { .. } | PhaseName::Pause => match kind {
                StageKind::Rounds(rule) => self.round_step(rule, running, phase.name, at_close),
                _ => None,
            },
            PhaseName::Filing if running.filed.is_empty() => at_close(Step::End),
            PhaseName::Filing => match kind {
                StageKind::Score(rule) if needs_panel(rule) => at_close(Step::Begin(PhaseName::Marking)),
                _ => at_close(Step::End),
            },
            PhaseName::Marking => match kind {
                StageKind::Score(rule) if is_marked(rule, running) => at_once(Step::End),
                _ => at_close(Step::EndOverdue),
            },
            PhaseName::Frozen if running.drawn.is_empty() => at_close(Step::EndOverdue),
            PhaseName::Frozen => at_once(Step::End),
        }
    }

    fn quote_step(
        &self,
        rule: &Ascending,
        running: &Running,
        at_close: impl Fn(Step) -> Option<(Instant, Step)>,
    ) -> Option<(Instant, Step)> {
        let holds = rule.cap.as_ref().is_some_and(|cap| cap.holds_through_quote);
        if running.is_capped {
            let step = self.after_cap(running);
            return if holds { at_close(step) } else { Some((self.last, step)) };
        }
        at_close(match (&rule.close, &rule.ask) {
            (Close::QuoteEnd, _) => self.finish(running),
            (_, Some(ask)) if ask.who == AskedParty::Quoted && running.leader.is_none() => self.finish(running),
            (_, Some(_)) => Step::Begin(PhaseName::Ask),
            (_, None) => Step::Begin(PhaseName::Live),
        })
    }

    fn round_step(
        &self,
        rule: &Rounds,
        running: &Running,
        name: PhaseName,
        at_close: impl Fn(Step) -> Option<(Instant, Step)>,
    ) -> Option<(Instant, Step)> {
        let at_once = |step| Some((self.last, step));
        match name {
            PhaseName::Pause if running.is_capped => at_once(self.after_cap(running)),
            PhaseName::Pause => at_close(Step::BeginRound(running.round.number + 1)),
            PhaseName::Round(_) => {
                let over = self.round_over(rule, running);
                if rule.ends_on == RoundEnd::FirstBid && !running.round.bid.is_empty() {
                    at_once(over)
                } else {
                    at_close(over)
                }
            }
            PhaseName::Turn { round, bidder } => {
                let next = match running.round.turns.first() {
                    Some(_) if running.is_capped => self.round_over(rule, running),
                    Some(&bidder) => Step::Begin(PhaseName::Turn { round, bidder }),
                    None => self.round_over(rule, running),
                };
                let acted = running.round.bid.contains(&bidder) || !running.is_entrant(bidder);
                if acted { at_once(next) } else { at_close(next) }
            }
            _ => None,
        }
    }

    fn round_over(&self, rule: &Rounds, running: &Running) -> Step {
        let round = &running.round;
        if running.is_capped {
            return self.after_cap(running);
        }
        let is_silent = round.bid.is_empty() && (rule.silence_ends || rule.max_rounds.is_none());
        let is_last = rule.max_rounds.is_some_and(|most| round.number >= most);
        let is_stopped = rule.hard_stop.is_some_and(|stop| {
            let closes = running.phase.as_ref().and_then(|phase| phase.closes);
            let stop = self.hard_stop(stop, running.opened);
            closes.is_some_and(|closes| closes >= stop) || self.last >= stop
        });
        let is_alone = rule.inactive == Inactive::Out && round.bid.len() <= 1;
        if is_silent || is_last || is_stopped || is_alone {
            self.finish(running)
        } else if rule.pause.millis() > 0 {
            Step::Begin(PhaseName::Pause)
        } else {
            Step::BeginRound(round.number + 1)
        }
    }

    /// After the cap was reached: others are offered it, once.
    fn after_cap(&self, running: &Running) -> Step {
        let cap = self.lot.rulebook.stage(running.id).kind.cap();
        if !running.was_offered && cap.is_some_and(|cap| cap.acceptance.millis() > 0) {
            Step::Begin(PhaseName::Acceptance)
        } else {
            self.finish(running)
        }
    }

    /// What follows when bidding in the running stage is over.
    pub(crate) fn next_after_bidding(&self, running: &Running) -> Step {
        self.finish(running)
    }

    /// After bidding: committed values are awaited, then the stage ends by what it found.
    fn finish(&self, running: &Running) -> Step {
        if self.awaits_reveal(running) {
            return if running.in_phase(PhaseName::Revealing) {
                Step::EndOverdue
            } else {
                Step::Begin(PhaseName::Revealing)
            };
        }
        if running.is_capped && !running.was_offered && running.in_phase(PhaseName::Revealing) {
            return self.after_cap_revealed(running);
        }
        if !running.is_capped && self.meets_cap(running) { Step::ReachCap } else { Step::End }
    }

    fn after_cap_revealed(&self, running: &Running) -> Step {
        let cap = self.lot.rulebook.stage(running.id).kind.cap();
        if cap.is_some_and(|cap| cap.acceptance.millis() > 0) { Step::Begin(PhaseName::Acceptance) } else { Step::End }
    }

    /// Whether the leading offer is at or beyond the cap.
    pub(crate) fn meets_cap(&self, running: &Running) -> bool {
        let attribute = self.lot.rulebook.stage(running.id).kind.attribute();
        match (attribute, running.values.cap, running.best()) {
            (Some(attribute), Some(cap), Some(best)) => {
                !self.lot.rulebook.attribute(attribute).direction.is_better(cap, best)
            }
            _ => false,
        }
    }

    /// Whether a committed value of the stage has not been shown. Without any offer there is
    /// nothing to compare it with, and it may stay secret.
    fn awaits_reveal(&self, running: &Running) -> bool {
        let kind = &self.lot.rulebook.stage(running.id).kind;
        let is_hidden = |limit: Option<&Limit>, secret| {
            matches!(limit, Some(Limit::Committed { .. })) && self.secret_value(running.id, secret).is_none()
        };
        let has_offer = running.leader.is_some() || !running.seals.is_empty();
        has_offer
            && (is_hidden(kind.cap().map(|cap| &cap.limit), Secret::Cap) || is_hidden(kind.reserve(), Secret::Reserve))
    }
}

fn first_step(kind: &StageKind) -> Step {
    match kind {
        StageKind::Ascending(rule) => {
            Step::Begin(if rule.quote.is_some() { PhaseName::Quote } else { PhaseName::Live })
        }
        StageKind::Descending(_) => Step::Begin(PhaseName::Clock),
        StageKind::Sealed(_) => Step::Begin(PhaseName::Sealing),
        StageKind::Rounds(_) => Step::BeginRound(1),
        StageKind::Score(rule) if rule.filing.is_some() => Step::Begin(PhaseName::Filing),
        StageKind::Score(rule) if needs_panel(rule) => Step::Begin(PhaseName::Marking),
        StageKind::Score(_) => Step::End,
        StageKind::Draw(_) => Step::Freeze,
        StageKind::Fixed(_) => Step::Begin(PhaseName::Taking),
        StageKind::First(First { of: FirstOf::Window(_) }) => Step::Begin(PhaseName::Taking),
        StageKind::First(First { of: FirstOf::Stage(_) }) => Step::End,
    }
}

/// Whether any criterion is marked by a panel.
pub(crate) fn needs_panel(rule: &Score) -> bool {
    rule.marking.is_some() && rule.criteria.iter().any(|criterion| criterion.kind == CriterionKind::Panel)
}

/// Whether every judge has marked every scheme on every criterion.
fn is_marked(rule: &Score, running: &Running) -> bool {
    let panel = (0u32..).zip(&rule.criteria).filter(|(_, criterion)| criterion.kind == CriterionKind::Panel);
    panel.into_iter().all(|(index, _)| {
        running
            .scored()
            .all(|bidder| running.marks.get(&(index, bidder)).is_some_and(|marks| marks.len() >= rule.judges as usize))
    })
}

impl Running {
    /// Whose schemes are scored: those who filed, or all entrants when nothing is filed.
    pub(crate) fn scored(&self) -> impl Iterator<Item = crate::command::BidderId> + '_ {
        let all = self.filed.is_empty();
        self.entrants().filter(move |bidder| all || self.filed.contains_key(bidder))
    }
}

/// The first phase of a round.
pub(crate) fn round_phase(rule: &Rounds, running: &Running, number: u32) -> Option<PhaseName> {
    match rule.order {
        RoundOrder::Together => Some(PhaseName::Round(number)),
        RoundOrder::InTurn => {
            // Who falls out as the round begins has no turn in it.
            let mut next = running.clone();
            next.begin_round(number, rule);
            next.round.turns.first().map(|&bidder| PhaseName::Turn { round: number, bidder })
        }
    }
}
