//! The state of a sale: a fold of its events.

mod apply;
mod clock;
mod evaluate;
mod running;

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use landgavel_base::{Date, Digest, Duration, FactValue, Instant, Money, Quantity};

use crate::command::{Application, BidderId, Bond};
use crate::event::PhaseName;
use crate::lot::{Lot, Secret};
use crate::mechanism::Offer;
use crate::outcome::{EndReason, Status, Terms};
use crate::rulebook::{AttributeId, Forfeit, MomentId, StageId};

pub(crate) use evaluate::Own;
pub(crate) use running::{Phase, PhaseLength, Running, Seal, Values};

/// Most applicants of one sale. The largest public draw known to us had 5,141 (Wuhan 2009), the
/// largest auction 150,000 registered (Shanghai plates).
pub const MAX_APPLICANTS: u32 = 1_000_000;

/// A sale at some point of its record. A copy shares what stands since admission, so that one sale can be played on many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    pub(crate) lot: Arc<Lot>,
    pub(crate) status: Status,
    /// Time of the last event.
    pub(crate) last: Instant,
    /// Count of acts, which orders equal offers.
    pub(crate) acts: u64,
    /// The calendar as outages have moved it.
    pub(crate) calendar: Arc<Vec<Instant>>,
    pub(crate) bidders: Vec<Bidder>,
    pub(crate) codes: Arc<BTreeMap<String, BidderId>>,
    /// Groups that have an admitted member.
    pub(crate) groups: Arc<BTreeMap<String, BidderId>>,
    pub(crate) admitted: u32,
    pub(crate) admission_closed: bool,
    pub(crate) running: Option<Running>,
    pub(crate) ended: Vec<EndedStage>,
    /// Winners that are certain while a tie for the places after them is broken.
    pub(crate) ahead: Vec<BidderId>,
    pub(crate) secrets: BTreeMap<(StageId, Secret), CommittedValue>,
    pub(crate) paused_at: Option<Instant>,
    pub(crate) award: Option<Awarding>,
    pub(crate) obligations: Vec<Arisen>,
}

/// A phase of the running stage, as a clock shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Which phase.
    pub name: PhaseName,
    /// When it began.
    pub began: Instant,
    /// When it closes; `None` = it waits for an act.
    pub closes: Option<Instant>,
    /// Its full length, when it starts again as a whole; `None` when it runs to a moment of the calendar.
    pub length: Option<Duration>,
}

/// An applicant, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bidder {
    pub(crate) application: Arc<Application>,
    pub(crate) standing: Standing,
    pub(crate) bond: Option<Arc<Bond>>,
    pub(crate) forfeited: Option<Forfeit>,
    /// Own value per attribute, from stages that have ended.
    pub(crate) terms: Vec<Option<Quantity>>,
}

/// Where an applicant stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Has applied.
    Applicant,
    /// Has been admitted.
    Bidder,
    /// Has been refused.
    Rejected {
        /// Why.
        reason: String,
    },
    /// Has stepped back.
    Withdrawn,
}

impl Bidder {
    /// Code name.
    pub fn code(&self) -> &str {
        &self.application.code
    }

    /// The corporate group that it named.
    pub fn group(&self) -> Option<&str> {
        self.application.group.as_deref()
    }

    /// What it said of its identity: a salted hash of it, or the identity itself.
    pub fn identity(&self) -> Option<&str> {
        self.application.identity.as_deref()
    }

    /// Facts that it claims, by name.
    pub fn facts(&self) -> &[(String, FactValue)] {
        &self.application.facts
    }

    /// Where it stands.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Its bond, when lodged.
    pub fn bond(&self) -> Option<&Bond> {
        self.bond.as_deref()
    }

    /// Why its bond is forfeit, when it is.
    pub fn forfeited(&self) -> Option<Forfeit> {
        self.forfeited
    }

    pub(crate) fn fact(&self, name: &str) -> Option<&FactValue> {
        self.application.facts.iter().find(|(fact, _)| fact == name).map(|(_, value)| value)
    }

    pub(crate) fn is_bidder(&self) -> bool {
        self.standing == Standing::Bidder
    }
}

/// A stage that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedStage {
    /// Which stage.
    pub stage: StageId,
    /// When it began.
    pub opened: Instant,
    /// When it ended.
    pub ended: Instant,
    /// Why it ended.
    pub why: EndReason,
    /// Bidders standing when it began (and admitted while it ran).
    pub field: Vec<BidderId>,
    /// Best value.
    pub best: Option<Quantity>,
    /// Winners that a tie for the places after them did not touch.
    pub ahead: Vec<BidderId>,
    /// Valid offers, best first.
    pub ranking: Vec<BidderId>,
    /// Count of bids, acceptances, seals and filings.
    pub acts: u64,
    pub(crate) offers: BTreeMap<BidderId, Offer>,
    pub(crate) values: Values,
}

impl EndedStage {
    /// A bidder's last valid offer in the stage.
    pub fn offer_of(&self, bidder: BidderId) -> Option<Quantity> {
        self.offers.get(&bidder).map(|offer| offer.value)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommittedValue {
    pub digest: Digest,
    pub value: Option<Quantity>,
}

/// From the provisional award to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awarding {
    pub(crate) seats: Vec<Seat>,
    pub(crate) runners_up: VecDeque<BidderId>,
    pub(crate) cascades: u32,
}

/// One winner's seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Who sits in it.
    pub bidder: BidderId,
    /// On what terms.
    pub terms: Terms,
    /// Whether the examination is passed or not asked.
    pub is_qualified: bool,
    /// Whether the confirmation is signed or not asked.
    pub is_confirmed: bool,
    pub(crate) due: Option<Instant>,
}

/// A duty that arose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arisen {
    /// For whom.
    pub bidder: BidderId,
    /// Index of the rulebook's obligation.
    pub obligation: u32,
    /// What is owed.
    pub amount: Option<Money>,
    /// When it is due.
    pub due: Option<Date>,
}

impl Sale {
    /// The lot that is sold.
    pub fn lot(&self) -> &Lot {
        &self.lot
    }

    /// How the sale stands.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Time of the last event.
    pub fn last(&self) -> Instant {
        self.last
    }

    /// Whether applications are still decided on. Taking them and bonds may end earlier, by dates of their own; with
    /// `open_until` all of it goes on while stages run.
    pub fn is_admission_open(&self) -> bool {
        !self.admission_closed && !self.status.is_final()
    }

    /// Whether running periods stand still.
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// Since when running periods stand still.
    pub fn paused_at(&self) -> Option<Instant> {
        self.paused_at
    }

    /// Who leads the running stage.
    pub fn leader(&self) -> Option<BidderId> {
        self.running.as_ref()?.leader
    }

    /// The phase that runs.
    pub fn period(&self) -> Option<Period> {
        let phase = self.running.as_ref()?.phase.as_ref()?;
        let length = match phase.length {
            PhaseLength::Full(length) => Some(length),
            PhaseLength::Calendar | PhaseLength::Open => None,
        };
        Some(Period { name: phase.name, began: phase.began, closes: phase.closes, length })
    }

    /// All applicants, in the order of application.
    pub fn bidders(&self) -> &[Bidder] {
        &self.bidders
    }

    /// The applicant with this id.
    pub fn bidder(&self, id: BidderId) -> Option<&Bidder> {
        self.bidders.get(id.index())
    }

    /// Winners' places that are still open.
    pub(crate) fn open_seats(&self) -> usize {
        (self.lot.rulebook.award.winners as usize).saturating_sub(self.ahead.len())
    }

    /// The applicant with this code name.
    pub fn bidder_named(&self, code: &str) -> Option<BidderId> {
        self.codes.get(code).copied()
    }

    /// Stages that have ended, in the order in which they ran.
    pub fn ended_stages(&self) -> &[EndedStage] {
        &self.ended
    }

    /// Winners in their seats, once there is a provisional award.
    pub fn seats(&self) -> &[Seat] {
        self.award.as_ref().map_or(&[], |award| &award.seats)
    }

    /// Duties that arose.
    pub fn obligations(&self) -> &[Arisen] {
        &self.obligations
    }

    /// A named moment, as outages have moved it.
    pub(crate) fn moment(&self, id: MomentId) -> Instant {
        self.calendar[usize::from(id.0)]
    }

    pub(crate) fn last_ended(&self, stage: StageId) -> Option<&EndedStage> {
        self.ended.iter().rev().find(|ended| ended.stage == stage)
    }

    pub(crate) fn secret_value(&self, stage: StageId, secret: Secret) -> Option<Quantity> {
        self.secrets.get(&(stage, secret)).and_then(|committed| committed.value)
    }

    /// The latest ended stage in which offers on an attribute were made.
    pub(crate) fn last_on(&self, attribute: AttributeId) -> Option<&EndedStage> {
        let deciding = |ended: &&EndedStage| self.lot.rulebook.stage(ended.stage).kind.attribute() == Some(attribute);
        self.ended.iter().rev().filter(deciding).find(|ended| !ended.offers.is_empty())
    }
}
