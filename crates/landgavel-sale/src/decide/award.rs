use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::{Decision, Sale, refuse};
use crate::command::BidderId;
use crate::event::Happened;
use crate::outcome::{EndReason, PassInReason, Terms, Winner};
use crate::refusal::{Clause, Reason, Refusal};
use crate::rulebook::{Forfeit, ObligationRule, Silence, StageId, Trigger};
use crate::state::{Own, Seat};

impl Sale {
    fn seat(&self, bidder: BidderId, field: &'static str) -> Result<&Seat, Refusal> {
        let clause = Clause::Rule(field);
        if self.bidder(bidder).is_none() {
            return refuse(Reason::UnknownBidder, Clause::Engine);
        }
        let Some(award) = &self.award else { return refuse(Reason::NoProvisionalWinner, clause) };
        match award.seats.iter().find(|seat| seat.bidder == bidder) {
            Some(seat) => Ok(seat),
            None => refuse(Reason::NotAwaitingThis, clause),
        }
    }

    pub(super) fn qualify(&self, bidder: BidderId) -> Decision {
        self.awaits_qualification(bidder)?;
        Ok(vec![Happened::Qualified { bidder }])
    }

    pub(super) fn disqualify(&self, bidder: BidderId, reason: &str) -> Decision {
        self.awaits_qualification(bidder)?;
        Ok(self.fail_qualification(bidder, reason))
    }

    fn awaits_qualification(&self, bidder: BidderId) -> Result<(), Refusal> {
        let seat = self.seat(bidder, "award.qualification")?;
        if seat.is_qualified {
            return refuse(Reason::NotAwaitingThis, Clause::Rule("award.qualification"));
        }
        Ok(())
    }

    fn fail_qualification(&self, bidder: BidderId, reason: &str) -> Vec<Happened> {
        let mut happened = vec![Happened::Disqualified { bidder, reason: reason.to_string() }];
        happened.extend(self.forfeit(bidder, Forfeit::Disqualification));
        happened.extend(self.cascade(bidder));
        happened
    }

    pub(super) fn confirm(&self, bidder: BidderId) -> Decision {
        self.awaits_confirmation(bidder)?;
        Ok(vec![Happened::Confirmed { bidder }])
    }

    pub(super) fn declare_default(&self, bidder: BidderId) -> Decision {
        self.awaits_confirmation(bidder)?;
        Ok(self.default_of(bidder))
    }

    fn awaits_confirmation(&self, bidder: BidderId) -> Result<(), Refusal> {
        let seat = self.seat(bidder, "award.confirmation")?;
        if !seat.is_qualified || seat.is_confirmed {
            return refuse(Reason::NotAwaitingThis, Clause::Rule("award.confirmation"));
        }
        Ok(())
    }

    fn default_of(&self, bidder: BidderId) -> Vec<Happened> {
        let mut happened = vec![Happened::Defaulted { bidder }];
        happened.extend(self.forfeit(bidder, Forfeit::Default));
        happened.extend(self.cascade(bidder));
        happened
    }

    pub(super) fn forfeit(&self, bidder: BidderId, cause: Forfeit) -> Option<Happened> {
        let rule = self.lot.rulebook.admission.bond.as_ref()?;
        let known = self.bidder(bidder)?;
        (rule.forfeits.contains(&cause) && known.bond.is_some() && known.forfeited.is_none())
            .then_some(Happened::BondForfeited { bidder, cause })
    }

    /// The runner-up that follows a failed winner, when the rule lets one follow.
    fn cascade(&self, failed: BidderId) -> Option<Happened> {
        let (rule, award) = (self.lot.rulebook.award.cascade?, self.award.as_ref()?);
        if award.cascades >= rule.at_most {
            return None;
        }
        let next = award.runners_up.iter().copied().find(|b| self.bidders[b.index()].is_bidder())?;
        let rest: Vec<BidderId> = award.runners_up.iter().copied().filter(|&bidder| bidder != next).collect();
        let mut winners: Vec<BidderId> =
            award.seats.iter().map(|seat| seat.bidder).filter(|&bidder| bidder != failed).collect();
        winners.push(next);
        Some(Happened::Cascaded { winner: Winner { bidder: next, terms: self.terms_of(next, &winners, &rest) } })
    }

    /// What time brings after the provisional award.
    pub(super) fn award_tick(&self) -> Vec<Happened> {
        let Some(award) = &self.award else { return Vec::new() };
        if award.seats.is_empty() {
            return vec![Happened::PassedIn { reason: PassInReason::WinnerFailed }];
        }
        if award.seats.iter().all(|seat| seat.is_qualified && seat.is_confirmed) {
            let mut happened = Vec::new();
            for seat in &award.seats {
                happened.extend(self.obligations_of(seat));
            }
            happened.push(Happened::Awarded);
            return happened;
        }
        let Some(seat) = award.seats.iter().filter(|seat| seat.due.is_some()).min_by_key(|seat| seat.due) else {
            return Vec::new();
        };
        let silence = self.lot.rulebook.award.qualification.map(|rule| rule.silence);
        match (seat.is_qualified, silence) {
            (true, _) => self.default_of(seat.bidder),
            (false, Some(Silence::Disqualifies)) => self.fail_qualification(seat.bidder, "not examined in time"),
            (false, Some(Silence::Qualifies) | None) => vec![Happened::Qualified { bidder: seat.bidder }],
        }
    }

    fn obligations_of(&self, seat: &Seat) -> Vec<Happened> {
        let day = self.due().unwrap_or(self.last).local(self.lot.rulebook.utc_offset).date;
        (0u32..)
            .zip(&self.lot.rulebook.obligations)
            .filter(|(_, rule)| self.arises(rule, &seat.terms))
            .map(|(obligation, rule)| Happened::ObligationArose {
                bidder: seat.bidder,
                obligation,
                amount: rule.amount.as_ref().and_then(|amount| self.money(amount, Own::Winner(&seat.terms))),
                due: rule.due.and_then(|period| match period.due_from(day, &self.lot.working_days) {
                    Ok(date) | Err(landgavel_base::DueError::YearNotCovered { date, .. }) => Some(date),
                    Err(landgavel_base::DueError::BeyondDates) => None,
                }),
            })
            .collect()
    }

    /// Whether a stage was held and ended, for this reason when one is given.
    pub(super) fn has_ended(&self, stage: StageId, why: Option<EndReason>) -> bool {
        self.last_ended(stage).is_some_and(|ended| why.is_none_or(|why| ended.why == why))
    }

    fn arises(&self, rule: &ObligationRule, terms: &Terms) -> bool {
        rule.triggers.iter().all(|trigger| match trigger {
            Trigger::StageEnded { stage, why } => self.has_ended(*stage, *why),
            Trigger::Premium { stage, share, inclusive } => {
                self.premium_reaches(*stage, share.ppm(), *inclusive, terms).unwrap_or(false)
            }
            Trigger::Reached { attribute, at } => {
                let direction = self.lot.rulebook.attribute(*attribute).direction;
                match (terms.value(*attribute), self.amount(at, Own::Winner(terms))) {
                    (Some(value), Some(at)) => !direction.is_better(at, value),
                    _ => false,
                }
            }
        })
    }

    fn premium_reaches(&self, stage: StageId, share_ppm: i64, inclusive: bool, terms: &Terms) -> Option<bool> {
        let attribute = self.lot.rulebook.stage(stage).kind.attribute()?;
        let start = self.last_ended(stage).and_then(|ended| ended.values.start)?;
        let direction = self.lot.rulebook.attribute(attribute).direction;
        let gain = i128::from(direction.gain(terms.value(attribute)?, start)) * 1_000_000;
        let threshold = i128::from(start.quanta().abs()) * i128::from(share_ppm);
        Some(if inclusive { gain >= threshold } else { gain > threshold })
    }
}
