use alloc::string::ToString;
use alloc::vec;

use landgavel_base::{Digest, FactValue, Instant, Money, Quantity};

use super::{Decision, Sale, refuse};
use crate::command::{Application, BidderId, Bond};
use crate::event::{Happened, PhaseName};
use crate::lot::Secret;
use crate::mechanism::commitment_digest;
use crate::refusal::{Clause, Reason, Refusal};
use crate::rulebook::{BondForm, Deciding, Forfeit, Limit, Prerequisite, StageId, Test};
use crate::state::{Bidder, MAX_APPLICANTS, Standing};

impl Sale {
    pub(super) fn apply_for(&self, now: Instant, application: &Application) -> Decision {
        let rule = &self.lot.rulebook.admission;
        let clause = Clause::Rule("admission.window");
        let opens = rule.window.opens.map(|moment| self.moment(moment));
        let is_late = self.admission_closed || (rule.open_until.is_none() && now >= self.application_end());
        if is_late || opens.is_some_and(|opens| now < opens) {
            return refuse(Reason::OutsideApplicationWindow, clause);
        }
        if self.codes.contains_key(&application.code) {
            return refuse(Reason::CodeTaken, clause);
        }
        if self.bidders.len() >= MAX_APPLICANTS as usize {
            return refuse(Reason::TooManyApplicants { limit: MAX_APPLICANTS }, Clause::Engine);
        }
        let mut happened = vec![Happened::Applied(application.clone())];
        let id = BidderId(u32::try_from(self.bidders.len()).expect("applicants are limited"));
        if rule.deciding == Deciding::Rule && self.may_enter(application, false).is_ok() {
            happened.push(Happened::Admitted { bidder: id });
        }
        Ok(happened)
    }

    fn applicant(&self, bidder: BidderId) -> Result<&Bidder, Refusal> {
        let Some(known) = self.bidder(bidder) else { return refuse(Reason::UnknownBidder, Clause::Engine) };
        Ok(known)
    }

    pub(super) fn lodge_bond(&self, now: Instant, bidder: BidderId, bond: &Bond) -> Decision {
        let applicant = self.applicant(bidder)?;
        let clause = Clause::Rule("admission.bond");
        let Some(rule) = &self.lot.rulebook.admission.bond else { return refuse(Reason::NoBondAsked, clause) };
        if applicant.bond.is_some() {
            return refuse(Reason::BondAlreadyLodged, clause);
        }
        if applicant.standing != Standing::Applicant {
            return refuse(Reason::NotAwaitingAdmission, Clause::Rule("admission"));
        }
        let is_open_ended = self.lot.rulebook.admission.open_until.is_some();
        let until = match rule.lodge_by {
            Some(moment) => Some(self.moment(moment)),
            None => (!is_open_ended).then(|| self.application_end()),
        };
        if let Some(until) = until.filter(|&until| now >= until) {
            return refuse(Reason::BondTooLate { until }, clause);
        }
        if self.admission_closed {
            return refuse(Reason::OutsideApplicationWindow, clause);
        }
        if !rule.forms.contains(&bond.form) {
            return refuse(Reason::BondFormNotAccepted, clause);
        }
        let least = self.least_bond(bidder).unwrap_or_default();
        if bond.amount < least {
            return refuse(Reason::BondTooSmall { least }, clause);
        }
        if bond.form != BondForm::Cash
            && let Some(runs) = rule.guarantee_runs
        {
            let until = now.after(runs);
            if bond.valid_until.is_none_or(|valid| valid < until) {
                return refuse(Reason::BondExpiresTooEarly { until }, clause);
            }
        }
        let mut happened = vec![Happened::BondLodged { bidder, bond: bond.clone() }];
        if self.lot.rulebook.admission.deciding == Deciding::Rule
            && self.may_enter(&applicant.application, true).is_ok()
        {
            happened.push(Happened::Admitted { bidder });
        }
        Ok(happened)
    }

    /// The least bid bond that the rule asks of an applicant; `None` when it asks for none.
    pub fn least_bond(&self, bidder: BidderId) -> Option<Money> {
        let rule = self.lot.rulebook.admission.bond.as_ref()?;
        self.money(&rule.amount, crate::state::Own::Bidder(bidder))
    }

    /// Whether an applicant meets every condition of admission.
    fn may_enter(&self, application: &Application, has_bond: bool) -> Result<(), Refusal> {
        let rule = &self.lot.rulebook.admission;
        if rule.bond.is_some() && !has_bond {
            return refuse(Reason::BondMissing, Clause::Rule("admission.bond"));
        }
        let failed = rule.prerequisites.iter().find(|prerequisite| !is_met(prerequisite, application));
        if let Some(prerequisite) = failed {
            let reason = Reason::PrerequisiteNotMet { fact: prerequisite.fact.clone() };
            return refuse(reason, Clause::Rule("admission.requires"));
        }
        if let (true, Some(group)) = (rule.one_per_group, &application.group)
            && self.groups.contains_key(group)
        {
            let reason = Reason::GroupAlreadyAdmitted { group: group.clone() };
            return refuse(reason, Clause::Rule("admission.one_per_group"));
        }
        match rule.max_bidders {
            Some(limit) if self.admitted >= limit => {
                refuse(Reason::FieldFull { limit }, Clause::Rule("admission.max_bidders"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn let_in(&self, bidder: BidderId) -> Decision {
        let applicant = self.awaiting(bidder)?;
        self.may_enter(&applicant.application, applicant.bond.is_some())?;
        Ok(vec![Happened::Admitted { bidder }])
    }

    pub(super) fn turn_away(&self, bidder: BidderId, reason: &str) -> Decision {
        self.awaiting(bidder)?;
        Ok(vec![Happened::Rejected { bidder, reason: reason.to_string() }])
    }

    /// An applicant on whom an officer may still decide.
    fn awaiting(&self, bidder: BidderId) -> Result<&Bidder, Refusal> {
        let applicant = self.applicant(bidder)?;
        if self.lot.rulebook.admission.deciding == Deciding::Rule {
            return refuse(Reason::AdmissionByRule, Clause::Rule("admission.decided_by"));
        }
        if self.admission_closed {
            return refuse(Reason::OutsideApplicationWindow, Clause::Rule("admission.decide_until"));
        }
        if applicant.standing != Standing::Applicant {
            return refuse(Reason::NotAwaitingAdmission, Clause::Rule("admission"));
        }
        Ok(applicant)
    }

    pub(super) fn step_back(&self, now: Instant, bidder: BidderId) -> Decision {
        let applicant = self.applicant(bidder)?;
        if !matches!(applicant.standing, Standing::Applicant | Standing::Bidder) {
            return refuse(Reason::NotAwaitingAdmission, Clause::Rule("admission"));
        }
        let rule = &self.lot.rulebook.admission;
        // A seat binds even without an offer: a draw, or being first, makes none.
        if self.seats().iter().any(|seat| seat.bidder == bidder) {
            return refuse(Reason::WithdrawalTooLate, Clause::Rule("admission.withdraw_until"));
        }
        let is_late = match rule.withdraw_until {
            Some(moment) => now >= self.moment(moment),
            None => self.admission_closed,
        };
        if !is_late && !self.has_offer(bidder) {
            return Ok(vec![Happened::Withdrawn { bidder }]);
        }
        let costs_bond = rule.bond.as_ref().is_some_and(|bond| bond.forfeits.contains(&Forfeit::LateWithdrawal));
        // A standing offer binds: who has one cannot step back at any price.
        if !costs_bond || self.has_offer(bidder) || self.award.is_some() {
            return refuse(Reason::WithdrawalTooLate, Clause::Rule("admission.withdraw_until"));
        }
        Ok(vec![Happened::Withdrawn { bidder }, Happened::BondForfeited { bidder, cause: Forfeit::LateWithdrawal }])
    }

    fn has_offer(&self, bidder: BidderId) -> bool {
        let in_running = self.running.as_ref().is_some_and(|running| {
            running.offer(bidder).is_some()
                || running.seals.contains_key(&bidder)
                || running.acceptors.contains(&bidder)
        });
        in_running || self.ended.iter().any(|ended| ended.offer_of(bidder).is_some())
    }

    fn limit(&self, stage: StageId, secret: Secret) -> Option<&Limit> {
        let kind = &self.lot.rulebook.stages.get(usize::from(stage.0))?.kind;
        match secret {
            Secret::Cap => kind.cap().map(|cap| &cap.limit),
            Secret::Reserve => kind.reserve(),
        }
    }

    pub(super) fn commit(&self, now: Instant, stage: StageId, secret: Secret, digest: Digest) -> Decision {
        let clause = Clause::Stage(stage, secret_field(secret));
        let Some(Limit::Committed { lodge_by, .. }) = self.limit(stage, secret) else {
            return refuse(Reason::NothingToCommit, clause);
        };
        if self.secrets.contains_key(&(stage, secret)) {
            return refuse(Reason::AlreadyCommitted, clause);
        }
        let until = lodge_by.map_or(self.lot.calendar.first().copied().unwrap_or(self.last), |m| self.moment(m));
        if now >= until {
            return refuse(Reason::CommitmentTooLate { until }, clause);
        }
        Ok(vec![Happened::Committed { stage, secret, digest }])
    }

    pub(super) fn show(&self, stage: StageId, secret: Secret, value: Quantity, salt: Digest) -> Decision {
        let clause = Clause::Stage(stage, secret_field(secret));
        let Some(committed) = self.secrets.get(&(stage, secret)) else { return refuse(Reason::NotCommitted, clause) };
        if committed.value.is_some() {
            return refuse(Reason::AlreadyRevealed, clause);
        }
        let Some(running) = self.running.as_ref().filter(|running| running.id == stage) else {
            return refuse(Reason::RevealTooEarly, clause);
        };
        // A reserve shown while sealed bids come in would tell the last ones what to bid.
        if running.in_phase(PhaseName::Sealing) {
            return refuse(Reason::RevealTooEarly, clause);
        }
        let name = &self.lot.rulebook.stage(stage).id;
        if commitment_digest(&self.lot.id, name, secret_field(secret), value, salt) != committed.digest {
            return refuse(Reason::CommitmentMismatch, clause);
        }
        let mut happened = vec![Happened::Revealed { stage, secret, value }];
        // A cap shown while bids come in stops the stage when it has been reached already.
        if let (Secret::Cap, Some(leader), Some(best)) = (secret, running.leader, running.best())
            && !running.is_capped
            && !self.direction(running.id).is_better(value, best)
        {
            happened.push(Happened::CapReached { bidder: leader });
        }
        Ok(happened)
    }
}

/// The field of a stage in which a secret stands; also its name in the commitment.
pub(crate) fn secret_field(secret: Secret) -> &'static str {
    match secret {
        Secret::Cap => "cap",
        Secret::Reserve => "reserve",
    }
}

fn is_met(prerequisite: &Prerequisite, application: &Application) -> bool {
    let fact = application.facts.iter().find(|(name, _)| *name == prerequisite.fact).map(|(_, value)| value);
    match (&prerequisite.test, fact) {
        (Test::OneOf(values), fact) => fact.is_some_and(|fact| values.contains(fact)),
        (Test::NotOneOf(values), fact) => fact.is_none_or(|fact| !values.contains(fact)),
        (Test::AtLeast(least), Some(FactValue::Number(number))) => number >= least,
        (Test::AtMost(most), Some(FactValue::Number(number))) => number <= most,
        (Test::AtLeast(_) | Test::AtMost(_), _) => false,
    }
}
