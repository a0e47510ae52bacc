use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use landgavel_base::{Duration, Instant, Quantity};

use super::{
    Arisen, Awarding, Bidder, CommittedValue, EndedStage, Phase, PhaseLength, Running, Sale, Seal, Seat, Standing,
};
use crate::command::BidderId;
use crate::event::{Event, Happened, PhaseName, SealContent};
use crate::lot::{Lot, Secret};
use crate::mechanism::Offer;
use crate::outcome::{EndReason, Status, Winner};
use crate::rulebook::{Close, Direction, Resume, StageId, StageKind};

impl Sale {
    /// Opens a lot: the state before its first event.
    pub fn open(lot: Arc<Lot>) -> Self {
        let secrets = lot
            .commitments
            .iter()
            .map(|c| ((c.stage, c.secret), CommittedValue { digest: c.digest, value: None }))
            .collect();
        Self {
            status: Status::Admitting,
            last: lot.calendar.first().copied().unwrap_or(Instant::from_millis(0).expect("the epoch")),
            acts: 0,
            calendar: Arc::new(lot.calendar.clone()),
            bidders: Vec::new(),
            codes: Arc::default(),
            groups: Arc::default(),
            admitted: 0,
            admission_closed: false,
            running: None,
            ended: Vec::new(),
            secrets,
            paused_at: None,
            award: None,
            ahead: Vec::new(),
            obligations: Vec::new(),
            lot,
        }
    }

    /// Makes an event of this sale part of its state.
    ///
    /// It refuses nothing: an event that [`Sale::decide`] did not give for this state is a bug of
    /// the caller, or a forged record, which the replay tells by deciding again.
    pub fn apply(&mut self, event: &Event) {
        self.take_in(event.at, &event.happened);
    }

    pub(crate) fn take_in(&mut self, at: Instant, happened: &Happened) {
        self.last = at;
        self.acts += 1;
        match happened {
            Happened::BidPlaced { bidder, amount } => self.place(*bidder, *amount, at),
            Happened::Applied(application) => {
                let id = BidderId(u32::try_from(self.bidders.len()).expect("applicants are limited"));
                Arc::make_mut(&mut self.codes).insert(application.code.clone(), id);
                self.bidders.push(Bidder {
                    application: Arc::new(application.clone()),
                    standing: Standing::Applicant,
                    bond: None,
                    forfeited: None,
                    terms: vec![None; self.lot.rulebook.attributes.len()],
                });
            }
            Happened::BondLodged { bidder, bond } => self.bidder_mut(*bidder).bond = Some(Arc::new(bond.clone())),
            Happened::Admitted { bidder } => self.admit(*bidder),
            Happened::Rejected { bidder, reason } => {
                self.bidder_mut(*bidder).standing = Standing::Rejected { reason: reason.clone() };
            }
            Happened::Withdrawn { bidder } => self.withdraw(*bidder),
            Happened::AdmissionClosed { .. } => self.admission_closed = true,
            Happened::Committed { stage, secret, digest } => {
                self.secrets.insert((*stage, *secret), CommittedValue { digest: *digest, value: None });
            }
            Happened::Revealed { stage, secret, value } => self.reveal(*stage, *secret, *value),
            Happened::StageOpened { stage, field } => self.open_stage(*stage, field, at),
            Happened::PhaseBegan { phase } => self.begin_phase(*phase, at),
            Happened::Paused { .. } => self.paused_at = Some(at),
            Happened::Resumed { .. } => self.resume(at),
            Happened::StageEnded { stage, why, best, ahead, ranking } => {
                self.end_stage(*stage, *why, *best, ranking, at);
                self.ahead.extend(ahead);
                if let Some(ended) = self.ended.last_mut() {
                    ended.ahead.clone_from(ahead);
                }
            }
            Happened::ProvisionallyAwarded { winners, runners_up } => self.provisional(winners, runners_up, at),
            Happened::Qualified { .. }
            | Happened::Disqualified { .. }
            | Happened::Confirmed { .. }
            | Happened::Defaulted { .. }
            | Happened::Cascaded { .. }
            | Happened::BondForfeited { .. }
            | Happened::ObligationArose { .. } => self.apply_award(at, happened),
            Happened::Awarded => self.status = Status::Awarded,
            Happened::PassedIn { reason } => self.close_with(Status::PassedIn(reason.clone())),
            Happened::Annulled { cause, .. } => self.close_with(Status::Annulled { cause: cause.clone() }),
            Happened::Joined { .. }
            | Happened::Accepted { .. }
            | Happened::CapReached { .. }
            | Happened::SealLodged { .. }
            | Happened::SealVoided { .. }
            | Happened::SealOpened { .. }
            | Happened::SchemeFiled { .. }
            | Happened::MarkGiven { .. }
            | Happened::Scored { .. }
            | Happened::DrawFrozen { .. }
            | Happened::DrawHeld { .. }
            | Happened::StepChanged { .. }
            | Happened::BidCalled => self.apply_in_stage(at, happened),
        }
    }

    fn bidder_mut(&mut self, id: BidderId) -> &mut Bidder {
        self.bidders.get_mut(id.index()).expect("events name applicants of this sale")
    }

    fn admit(&mut self, id: BidderId) {
        self.admitted += 1;
        let bidder = self.bidder_mut(id);
        bidder.standing = Standing::Bidder;
        if let Some(group) = bidder.application.group.clone() {
            Arc::make_mut(&mut self.groups).insert(group, id);
        }
        // Who is let in while a stage runs joins its field.
        if let Some(mut running) = self.running.take() {
            running.field.push(id);
            running.field.sort_unstable();
            // The others stay as they are: who is out of the rounds does not come back.
            running.may_act.resize(self.bidders.len(), false);
            running.offers.resize(self.bidders.len(), None);
            running.may_act[id.index()] = !self.entrants(running.id, &[id]).is_empty();
            self.running = Some(running);
        }
    }

    fn withdraw(&mut self, id: BidderId) {
        let was_bidder = self.bidder_mut(id).is_bidder();
        self.bidder_mut(id).standing = Standing::Withdrawn;
        if was_bidder {
            self.admitted -= 1;
        }
        if let Some(group) = self.bidders[id.index()].application.group.clone()
            && self.groups.get(&group) == Some(&id)
        {
            Arc::make_mut(&mut self.groups).remove(&group);
        }
        if let Some(running) = &mut self.running {
            running.field.retain(|&bidder| bidder != id);
            if let Some(may_act) = running.may_act.get_mut(id.index()) {
                *may_act = false;
            }
        }
    }

    fn reveal(&mut self, stage: StageId, secret: Secret, value: Quantity) {
        if let Some(committed) = self.secrets.get_mut(&(stage, secret)) {
            committed.value = Some(value);
        }
        if let Some(running) = self.running.as_mut().filter(|running| running.id == stage) {
            match secret {
                Secret::Cap => running.values.cap = Some(value),
                Secret::Reserve => running.values.reserve = Some(value),
            }
        }
    }

    fn open_stage(&mut self, stage: StageId, field: &[BidderId], at: Instant) {
        let mut running = Running::new(stage, at, field.to_vec(), self.stage_values(stage));
        self.seat_entrants(&mut running);
        let kind = &self.lot.rulebook.stage(stage).kind;
        if let (true, Some(attribute)) = (kind.carries(), kind.attribute()) {
            let direction = self.lot.rulebook.attribute(attribute).direction;
            if let Some(earlier) = self.last_on(attribute) {
                for &bidder in field {
                    if let Some(&offer) = earlier.offers.get(&bidder) {
                        running.set_offer(bidder, offer, direction);
                    }
                }
            }
        }
        self.status = Status::Running(stage);
        self.running = Some(running);
    }

    fn seat_entrants(&self, running: &mut Running) {
        let entrants = self.entrants(running.id, &running.field);
        running.may_act = vec![false; self.bidders.len()];
        running.offers.resize(self.bidders.len(), None);
        for bidder in entrants {
            running.may_act[bidder.index()] = true;
        }
    }

    fn begin_phase(&mut self, name: PhaseName, at: Instant) {
        let (closes, length) = self.phase_end(name, at);
        let rulebook = &self.lot.rulebook;
        let Some(running) = &mut self.running else { return };
        if let PhaseName::Round(number) | PhaseName::Turn { round: number, .. } = name
            && number != running.round.number
            && let StageKind::Rounds(rule) = &rulebook.stage(running.id).kind
        {
            running.begin_round(number, rule);
        }
        if let PhaseName::Turn { bidder, .. } = name {
            running.round.turns.retain(|&next| next != bidder);
        }
        if name == PhaseName::Acceptance {
            running.was_offered = true;
        }
        running.phase = Some(Phase { name, began: at, closes, length });
    }

    /// Records an open bid and restarts the countdown.
    fn place(&mut self, bidder: BidderId, amount: Quantity, at: Instant) {
        let (order, stop) = (self.acts, self.running_stop());
        let Some(running) = &mut self.running else { return };
        let kind = &self.lot.rulebook.stage(running.id).kind;
        let direction = kind.attribute().map_or(Direction::Up, |a| self.lot.rulebook.attribute(a).direction);
        running.set_offer(bidder, Offer { value: amount, order }, direction);
        running.acts += 1;
        running.calls = 0;
        running.last_call = None;
        running.round.bid.insert(bidder);
        if let StageKind::Ascending(rule) = kind
            && let Close::Countdown { length, .. } = rule.close
            && let Some(phase) = running.phase.as_mut().filter(|phase| phase.name == PhaseName::Live)
        {
            let full = at.after(length);
            phase.closes = Some(stop.map_or(full, |stop| full.min(stop)));
            phase.length = PhaseLength::Full(length);
        }
    }

    fn apply_in_stage(&mut self, at: Instant, happened: &Happened) {
        let order = self.acts;
        let direction = self
            .running
            .as_ref()
            .and_then(|running| self.lot.rulebook.stage(running.id).kind.attribute())
            .map_or(Direction::Up, |attribute| self.lot.rulebook.attribute(attribute).direction);
        let Some(running) = &mut self.running else { return };
        running.acts += 1;
        match happened {
            Happened::Joined { bidder } => {
                running.joined.insert(*bidder);
            }
            Happened::Accepted { bidder, value } => {
                running.acceptors.push(*bidder);
                if let Some(value) = *value {
                    running.set_offer(*bidder, Offer { value, order }, direction);
                }
            }
            Happened::CapReached { .. } => {
                running.is_capped = true;
                running.take_acceptors(direction);
            }
            Happened::SealLodged { bidder, envelope, readable_from } => {
                let (envelope, readable_from) = (*envelope, *readable_from);
                running.seals.insert(*bidder, Seal { envelope, readable_from, order, content: None });
            }
            Happened::SealVoided { bidder } => {
                running.seals.remove(bidder);
            }
            Happened::SealOpened { bidder, content } => {
                if let Some(seal) = running.seals.get_mut(bidder) {
                    seal.content = Some(content.clone());
                    let lodged = seal.order;
                    if let SealContent::Valid(amounts) = content
                        && let Some(&value) = amounts.first()
                    {
                        running.set_offer(*bidder, Offer { value, order: lodged }, direction);
                    }
                }
            }
            Happened::SchemeFiled { bidder, documents } => {
                running.filed.insert(*bidder, *documents);
            }
            Happened::MarkGiven { judge, bidder, criterion, points } => {
                running.judges.insert(judge.clone());
                running.marks.entry((*criterion, *bidder)).or_default().push((judge.clone(), *points));
            }
            Happened::Scored { bidder, score } => {
                running.scores.insert(*bidder, *score);
                running.set_offer(*bidder, Offer { value: *score, order: u64::from(bidder.0) }, direction);
            }
            Happened::DrawFrozen { root } => {
                running.root = Some(*root);
                running.frozen = running.entrants().collect();
            }
            Happened::DrawHeld { order, .. } => running.drawn.clone_from(order),
            Happened::StepChanged { step } => running.values.step = Some(*step),
            Happened::BidCalled => {
                running.calls += 1;
                running.last_call = Some(at);
            }
            _ => unreachable!("only events within a stage come here"),
        }
    }

    fn end_stage(&mut self, stage: StageId, why: EndReason, best: Option<Quantity>, ranking: &[BidderId], at: Instant) {
        let Some(running) = self.running.take() else { return };
        let kind = &self.lot.rulebook.stage(stage).kind;
        let offers: BTreeMap<BidderId, Offer> = running.all_offers().into_iter().collect();
        if let Some(attribute) = kind.attribute() {
            for (bidder, offer) in &offers {
                self.bidders[bidder.index()].terms[usize::from(attribute.0)] = Some(offer.value);
            }
            if let (EndReason::Capped, Some(cap)) = (why, running.values.cap) {
                // Whoever bid at or beyond a committed cap pays the cap.
                for bidder in &running.acceptors {
                    self.bidders[bidder.index()].terms[usize::from(attribute.0)] = Some(cap);
                }
            }
        }
        if let StageKind::Sealed(rule) = kind {
            for (bidder, seal) in &running.seals {
                if let Some(SealContent::Valid(amounts)) = &seal.content {
                    for (quote, amount) in rule.quotes.iter().zip(amounts) {
                        self.bidders[bidder.index()].terms[usize::from(quote.attribute.0)] = Some(*amount);
                    }
                }
            }
        }
        self.ended.push(EndedStage {
            stage,
            opened: running.opened,
            ended: at,
            why,
            field: running.field,
            best,
            ahead: Vec::new(),
            ranking: ranking.to_vec(),
            acts: running.acts,
            offers,
            values: running.values,
        });
    }

    fn resume(&mut self, at: Instant) {
        let Some(paused) = self.paused_at.take() else { return };
        let lasted = at.since(paused);
        for moment in Arc::make_mut(&mut self.calendar).iter_mut().filter(|moment| **moment > paused) {
            *moment = moment.after(lasted);
        }
        let closes = self.close_after(at, lasted);
        if let Some(running) = &mut self.running {
            if let Some(phase) = &mut running.phase {
                phase.closes = closes;
                if phase.name == PhaseName::Clock {
                    phase.began = phase.began.after(lasted);
                }
            }
            running.last_call = running.last_call.map(|_| at);
        }
        if let Some(award) = &mut self.award {
            for seat in &mut award.seats {
                seat.due = seat.due.map(|due| due.after(lasted));
            }
        }
    }

    /// When the running phase would close if the sale went on at a moment.
    pub(crate) fn resumed_close(&self, at: Instant) -> Option<Instant> {
        self.close_after(at, at.since(self.paused_at?))
    }

    /// When the running phase closes after an outage that lasted so long.
    fn close_after(&self, at: Instant, lasted: Duration) -> Option<Instant> {
        let restart = self.lot.rulebook.outage.resume == Resume::FullPeriod;
        let phase = self.running.as_ref()?.phase.as_ref()?;
        match (phase.closes, phase.length) {
            (Some(_), PhaseLength::Full(length)) if restart => {
                // A stop that passed during the outage leaves the full period; one still ahead holds.
                let stop = self.running_stop().filter(|&stop| stop > at);
                let full = at.after(length);
                Some(stop.map_or(full, |stop| full.min(stop)))
            }
            (closes, _) => closes.map(|closes| closes.after(lasted)),
        }
    }

    fn provisional(&mut self, winners: &[Winner], runners_up: &[BidderId], at: Instant) {
        self.running = None;
        self.status = Status::Provisional;
        let seats = winners.iter().map(|winner| self.new_seat(winner, at)).collect();
        self.award = Some(Awarding { seats, runners_up: runners_up.iter().copied().collect(), cascades: 0 });
    }

    fn new_seat(&self, winner: &Winner, at: Instant) -> Seat {
        let rule = &self.lot.rulebook.award;
        let mut seat = Seat {
            bidder: winner.bidder,
            terms: winner.terms.clone(),
            is_qualified: rule.qualification.is_none(),
            is_confirmed: rule.confirmation.is_none(),
            due: None,
        };
        seat.due = self.seat_due(&seat, at);
        seat
    }

    fn apply_award(&mut self, at: Instant, happened: &Happened) {
        match happened {
            Happened::BondForfeited { bidder, cause } => self.bidder_mut(*bidder).forfeited = Some(*cause),
            Happened::ObligationArose { bidder, obligation, amount, due } => {
                self.obligations.push(Arisen { bidder: *bidder, obligation: *obligation, amount: *amount, due: *due });
            }
            Happened::Cascaded { winner } => {
                let seat = self.new_seat(winner, at);
                if let Some(award) = &mut self.award {
                    award.runners_up.retain(|&next| next != winner.bidder);
                    award.cascades += 1;
                    award.seats.push(seat);
                }
            }
            Happened::Qualified { bidder } => self.update_seat(*bidder, at, |seat| seat.is_qualified = true),
            Happened::Confirmed { bidder } => self.update_seat(*bidder, at, |seat| seat.is_confirmed = true),
            Happened::Disqualified { bidder, .. } | Happened::Defaulted { bidder } => {
                if let Some(award) = &mut self.award {
                    award.seats.retain(|seat| seat.bidder != *bidder);
                }
            }
            _ => unreachable!("only events after the last stage come here"),
        }
    }

    fn update_seat(&mut self, bidder: BidderId, at: Instant, change: fn(&mut Seat)) {
        let Some(mut award) = self.award.take() else { return };
        if let Some(seat) = award.seats.iter_mut().find(|seat| seat.bidder == bidder) {
            change(seat);
            seat.due = self.seat_due(seat, at);
        }
        self.award = Some(award);
    }

    fn close_with(&mut self, status: Status) {
        self.running = None;
        self.paused_at = None;
        self.status = status;
    }
}

impl Running {
    pub(crate) fn new(id: StageId, opened: Instant, field: Vec<BidderId>, values: super::Values) -> Self {
        Self {
            id,
            opened,
            field,
            may_act: Vec::new(),
            values,
            phase: None,
            offers: Vec::new(),
            leader: None,
            acts: 0,
            is_capped: false,
            was_offered: false,
            acceptors: Vec::new(),
            joined: BTreeSet::new(),
            seals: BTreeMap::new(),
            filed: BTreeMap::new(),
            marks: BTreeMap::new(),
            judges: BTreeSet::new(),
            scores: BTreeMap::new(),
            calls: 0,
            last_call: None,
            round: super::running::Round::default(),
            root: None,
            frozen: Vec::new(),
            drawn: Vec::new(),
        }
    }

    fn set_offer(&mut self, bidder: BidderId, offer: Offer, direction: Direction) {
        if self.offers.len() <= bidder.index() {
            self.offers.resize(bidder.index() + 1, None);
        }
        self.offers[bidder.index()] = Some(offer);
        let leads = match self.leader.and_then(|leader| self.offer(leader)) {
            None => true,
            Some(best) => {
                self.leader == Some(bidder)
                    || direction.is_better(offer.value, best.value)
                    || (offer.value == best.value && offer.order < best.order)
            }
        };
        if leads {
            self.leader = Some(bidder);
        }
    }

    /// Those whose offers meet the cap have taken it, in the order of their offers.
    fn take_acceptors(&mut self, direction: Direction) {
        let Some(cap) = self.values.cap else { return };
        let mut met: Vec<(u64, BidderId)> = self
            .all_offers()
            .into_iter()
            .filter(|(bidder, offer)| !direction.is_better(cap, offer.value) && !self.acceptors.contains(bidder))
            .map(|(bidder, offer)| (offer.order, bidder))
            .collect();
        met.sort_unstable();
        self.acceptors.extend(met.into_iter().map(|(_, bidder)| bidder));
    }
}
