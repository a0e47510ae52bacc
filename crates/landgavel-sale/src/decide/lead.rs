//! Where a stage that has ended leads.

use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::Quantity;

use super::Sale;
use crate::command::BidderId;
use crate::event::Happened;
use crate::outcome::{EndReason, PassInReason, Terms, Winner};
use crate::rulebook::{AttributeId, Exit, PayRule, StageId, Survivors, Tie, Uniform};
use crate::state::{EndedStage, Own};

impl Sale {
    pub(super) fn lead_on(&self) -> Vec<Happened> {
        let Some(ended) = self.ended.last() else { return Vec::new() };
        let exits = &self.lot.rulebook.stage(ended.stage).exits;
        let exit = match (ended.why, &exits.tied) {
            (EndReason::Settled, _) => &exits.settled,
            (EndReason::Capped, _) => &exits.capped,
            (EndReason::Empty, _) => &exits.empty,
            (EndReason::BelowReserve, _) => &exits.below_reserve,
            (EndReason::Overdue, _) => &exits.overdue,
            (EndReason::Tied, Tie::Exit(exit)) => exit,
            (EndReason::Tied, Tie::Earliest | Tie::Lower | Tie::Higher) => &exits.settled,
        };
        vec![self.follow(exit, ended, &[])]
    }

    /// `candidates` win when the stage itself ranked nobody.
    fn follow(&self, exit: &Exit, ended: &EndedStage, candidates: &[BidderId]) -> Happened {
        let pass_in = || Happened::PassedIn { reason: PassInReason::Stage { stage: ended.stage, why: ended.why } };
        match exit {
            // The places that were certain before a tie for the others stay sold.
            Exit::PassIn => self.provisional_award(&[], pass_in),
            Exit::Win => {
                let ranking = if ended.ranking.is_empty() { candidates } else { &ended.ranking };
                self.provisional_award(ranking, pass_in)
            }
            Exit::Back(stage) => {
                let earlier = self.last_ended(*stage).map_or(&[][..], |earlier| &earlier.ranking);
                // Only who still stood when this stage began can be fallen back on.
                let standing: Vec<BidderId> =
                    earlier.iter().copied().filter(|bidder| ended.field.contains(bidder)).collect();
                self.provisional_award(&standing, pass_in)
            }
            Exit::Go { to, survivors, at_least, otherwise } => {
                let field = self.survivors(*survivors, ended);
                if field.is_empty() || field.len() < *at_least as usize {
                    return self.follow(otherwise, ended, &field);
                }
                Happened::StageOpened { stage: *to, field }
            }
        }
    }

    /// Who goes on, by id.
    fn survivors(&self, survivors: Survivors, ended: &EndedStage) -> Vec<BidderId> {
        let mut field: Vec<BidderId> = match survivors {
            Survivors::Acceptors | Survivors::Active | Survivors::Tied => ended.ranking.clone(),
            Survivors::Field => ended.field.clone(),
            Survivors::Admitted => (0u32..).map(BidderId).take(self.bidders.len()).collect(),
            Survivors::Top(count) => ended.ranking.iter().copied().take(count as usize).collect(),
        };
        if survivors == Survivors::Active && ended.ranking.is_empty() {
            field = ended.offers.keys().copied().collect();
        }
        field.retain(|bidder| self.bidders[bidder.index()].is_bidder());
        field.sort_unstable();
        field
    }

    fn provisional_award(&self, ranking: &[BidderId], pass_in: impl Fn() -> Happened) -> Happened {
        let others = ranking.iter().filter(|bidder| !self.ahead.contains(bidder));
        let all = self.ahead.iter().chain(others).copied();
        let standing: Vec<BidderId> = all.filter(|bidder| self.bidders[bidder.index()].is_bidder()).collect();
        if standing.is_empty() {
            return pass_in();
        }
        let seats = standing.len().min(self.lot.rulebook.award.winners as usize);
        let winners = standing[..seats]
            .iter()
            .map(|&bidder| Winner { bidder, terms: self.terms_of(bidder, &standing[..seats], &standing[seats..]) })
            .collect();
        Happened::ProvisionallyAwarded { winners, runners_up: standing[seats..].to_vec() }
    }

    /// What a winner owes per attribute, by the payment rule.
    pub(super) fn terms_of(&self, bidder: BidderId, winners: &[BidderId], losers: &[BidderId]) -> Terms {
        let rulebook = &self.lot.rulebook;
        let values = (0u16..).map(AttributeId).take(rulebook.attributes.len()).filter_map(|attribute| {
            let own =
                self.bidders[bidder.index()].terms[usize::from(attribute.0)].or(rulebook.attribute(attribute).base);
            let rule = rulebook.award.pays.iter().find(|(id, _)| *id == attribute).map(|(_, rule)| rule);
            let value = match rule {
                None | Some(PayRule::Own) => own,
                Some(PayRule::Amount { when: Some((stage, why)), .. }) if !self.has_ended(*stage, *why) => own,
                Some(PayRule::Amount { amount, .. }) => self.amount(amount, Own::Bidder(bidder)).or(own),
                Some(PayRule::Second | PayRule::Uniform(Uniform::HighestRejected)) => self
                    .offer_on(attribute, losers.first().copied())
                    .or_else(|| self.offer_on(attribute, winners.last().copied()))
                    .or(own),
                Some(PayRule::Uniform(Uniform::LowestAccepted)) => {
                    self.offer_on(attribute, winners.last().copied()).or(own)
                }
            };
            value.map(|value| (attribute, value))
        });
        Terms { values: values.collect() }
    }

    fn offer_on(&self, attribute: AttributeId, bidder: Option<BidderId>) -> Option<Quantity> {
        self.last_on(attribute)?.offer_of(bidder?)
    }

    /// A sole bidder takes the lot at the starting values.
    pub(super) fn award_at_start(&self, bidder: BidderId) -> Happened {
        let rulebook = &self.lot.rulebook;
        let mut values: Vec<(AttributeId, Quantity)> = Vec::new();
        for index in (0u16..).take(rulebook.attributes.len()) {
            let attribute = AttributeId(index);
            let stage = (0u16..)
                .map(StageId)
                .take(rulebook.stages.len())
                .find(|&stage| rulebook.stage(stage).kind.attribute() == Some(attribute));
            let start = stage.and_then(|stage| self.stage_values(stage).start);
            if let Some(value) = rulebook.attribute(attribute).base.or(start) {
                values.push((attribute, value));
            }
        }
        Happened::ProvisionallyAwarded {
            winners: vec![Winner { bidder, terms: Terms { values } }],
            runners_up: Vec::new(),
        }
    }
}
