use alloc::vec;
use alloc::vec::Vec;

use super::{Decision, Sale};
use crate::event::{Happened, PhaseName};
use crate::mechanism::entrants_root;
use crate::outcome::PassInReason;
use crate::rulebook::{SoleBidder, StageId, StageKind};
use crate::state::Running;
use crate::step::{Step, round_phase};

impl Sale {
    /// One step of what happens by itself.
    pub(super) fn tick(&self, step: Step) -> Decision {
        Ok(match (step, &self.running) {
            (Step::CloseAdmission, _) => self.close_admission(),
            (Step::OpenFirstStage, _) => self.open_first_stage(),
            (Step::Lead, _) => self.lead_on(),
            (Step::Award, _) => self.award_tick(),
            (_, None) => Vec::new(),
            (Step::Begin(phase), Some(_)) => vec![Happened::PhaseBegan { phase }],
            (Step::BeginRound(number), Some(running)) => self.begin_round(running, number),
            (Step::Freeze, Some(running)) => self.freeze(running),
            (Step::ReachCap, Some(running)) => self.reach_cap(running),
            (Step::End, Some(running)) => self.end_stage_now(running),
            (Step::EndOverdue, Some(running)) => self.end_overdue(running),
        })
    }

    fn admitted_bidders(&self) -> Vec<crate::command::BidderId> {
        (0u32..)
            .map(crate::command::BidderId)
            .zip(&self.bidders)
            .filter(|(_, b)| b.is_bidder())
            .map(|(id, _)| id)
            .collect()
    }

    fn close_admission(&self) -> Vec<Happened> {
        let mut happened = vec![Happened::AdmissionClosed { admitted: self.admitted }];
        if self.award.is_some() {
            return happened;
        }
        let attempts = &self.lot.rulebook.admission.attempts;
        let nth = (self.lot.attempt.max(1) as usize - 1).min(attempts.len().saturating_sub(1));
        let pass_in = |reason| Happened::PassedIn { reason };
        if self.admitted == 0 {
            happened.push(pass_in(PassInReason::NoBidder));
            return happened;
        }
        let Some(rule) = attempts.get(nth) else { return happened };
        if self.admitted < rule.min_bidders {
            happened.push(pass_in(PassInReason::TooFewBidders));
        } else if self.admitted == 1 {
            let bidder = self.admitted_bidders()[0];
            let is_same = self.lot.previous_sole_applicant.as_deref() == Some(self.bidders[bidder.index()].code());
            match rule.sole {
                _ if rule.same_sole_only && !is_same => happened.push(pass_in(PassInReason::SoleBidder)),
                SoleBidder::PassIn => happened.push(pass_in(PassInReason::SoleBidder)),
                SoleBidder::WinAtStart => happened.push(self.award_at_start(bidder)),
                SoleBidder::Proceed => {}
            }
        }
        happened
    }

    fn open_first_stage(&self) -> Vec<Happened> {
        vec![Happened::StageOpened { stage: StageId(0), field: self.admitted_bidders() }]
    }

    fn begin_round(&self, running: &Running, number: u32) -> Vec<Happened> {
        let StageKind::Rounds(rule) = &self.lot.rulebook.stage(running.id).kind else { return Vec::new() };
        match round_phase(rule, running, number) {
            Some(phase) => vec![Happened::PhaseBegan { phase }],
            None => self.end_stage_now(running),
        }
    }

    fn freeze(&self, running: &Running) -> Vec<Happened> {
        let entrants = self.draw_entrants(running);
        if entrants.is_empty() {
            return self.end_overdue(running);
        }
        let codes: Vec<&str> = entrants.iter().map(|bidder| self.bidders[bidder.index()].code()).collect();
        let root = entrants_root(&codes);
        vec![Happened::PhaseBegan { phase: PhaseName::Frozen }, Happened::DrawFrozen { root }]
    }
}
