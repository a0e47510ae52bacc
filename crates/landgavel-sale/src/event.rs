//! What can happen in a sale.

use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Date, Digest, Duration, Instant, Money, Quantity};

use crate::command::{Application, BidderId, Bond};
use crate::lot::Secret;
use crate::outcome::{EndReason, PassInReason, Winner};
use crate::rulebook::{Forfeit, StageId};

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The sale's time.
    pub at: Instant,
    /// What happened.
    pub happened: Happened,
}

/// What can happen in a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Somebody applied; its [`BidderId`] is the count of applications before it.
    Applied(Application),
    /// A bid bond came in.
    BondLodged {
        /// For whom.
        bidder: BidderId,
        /// The bond.
        bond: Bond,
    },
    /// An applicant became a bidder.
    Admitted {
        /// Who.
        bidder: BidderId,
    },
    /// An applicant was refused.
    Rejected {
        /// Who.
        bidder: BidderId,
        /// Why.
        reason: String,
    },
    /// A bidder stepped back.
    Withdrawn {
        /// Who.
        bidder: BidderId,
    },
    /// Admission ended with so many bidders.
    AdmissionClosed {
        /// How many.
        admitted: u32,
    },
    /// A secret value was committed.
    Committed {
        /// Stage of the value.
        stage: StageId,
        /// Which of its values.
        secret: Secret,
        /// Its salted hash.
        digest: Digest,
    },
    /// A committed value was shown and matched.
    Revealed {
        /// Stage of the value.
        stage: StageId,
        /// Which of its values.
        secret: Secret,
        /// The value.
        value: Quantity,
    },
    /// A stage began with this field.
    StageOpened {
        /// Which stage.
        stage: StageId,
        /// Who stands, by id.
        field: Vec<BidderId>,
    },
    /// A phase of the stage began. Its end follows from the rule.
    PhaseBegan {
        /// Which phase.
        phase: PhaseName,
    },
    /// An open bid stands.
    BidPlaced {
        /// Who.
        bidder: BidderId,
        /// How much.
        amount: Quantity,
    },
    /// A bidder goes on to the live part.
    Joined {
        /// Who.
        bidder: BidderId,
    },
    /// A bidder took the cap, the posted value, the clock's value, or was first.
    Accepted {
        /// Who.
        bidder: BidderId,
        /// At what value, when the stage has one.
        value: Option<Quantity>,
    },
    /// The cap was reached.
    CapReached {
        /// By whom.
        bidder: BidderId,
    },
    /// A sealed bid was lodged.
    SealLodged {
        /// By whom.
        bidder: BidderId,
        /// Hash of its content.
        envelope: Digest,
        /// From when anybody can read it, if time opens its envelope.
        readable_from: Option<Instant>,
    },
    /// A sealed bid counts as not lodged: after an outage it could be read while others may still bid.
    SealVoided {
        /// Whose.
        bidder: BidderId,
    },
    /// A sealed bid was opened.
    SealOpened {
        /// Whose.
        bidder: BidderId,
        /// What came of it.
        content: SealContent,
    },
    /// A scheme was filed.
    SchemeFiled {
        /// By whom.
        bidder: BidderId,
        /// Hash of the documents.
        documents: Digest,
    },
    /// A judge gave marks.
    MarkGiven {
        /// The judge.
        judge: String,
        /// Whose scheme.
        bidder: BidderId,
        /// Index of the criterion.
        criterion: u32,
        /// Points in quanta of the score.
        points: Quantity,
    },
    /// A bidder's score was worked out.
    Scored {
        /// Whose.
        bidder: BidderId,
        /// The score.
        score: Quantity,
    },
    /// The entrants of a draw are frozen.
    DrawFrozen {
        /// RFC 6962 root over the entrants' codes in byte order.
        root: Digest,
    },
    /// The draw was held.
    DrawHeld {
        /// Outputs of the beacon.
        outputs: Vec<Digest>,
        /// The entrants in the order drawn.
        order: Vec<BidderId>,
    },
    /// The increment changed.
    StepChanged {
        /// The new one.
        step: Quantity,
    },
    /// The host called the leading bid.
    BidCalled,
    /// The stage ended.
    StageEnded {
        /// Which.
        stage: StageId,
        /// Why.
        why: EndReason,
        /// Best value.
        best: Option<Quantity>,
        /// Winners that a tie for the places after them does not touch; they do not go on to the tie-break.
        ahead: Vec<BidderId>,
        /// Valid offers, best first.
        ranking: Vec<BidderId>,
    },
    /// Running periods stand still.
    Paused {
        /// What happened.
        evidence: String,
    },
    /// Running periods go on.
    Resumed {
        /// How long they stood still.
        lasted: Duration,
    },
    /// There are provisional winners, in the order of their rank, and those who may follow them.
    ProvisionallyAwarded {
        /// Winners with their terms.
        winners: Vec<Winner>,
        /// Who may follow, best first.
        runners_up: Vec<BidderId>,
    },
    /// A provisional winner passed its examination.
    Qualified {
        /// Who.
        bidder: BidderId,
    },
    /// A provisional winner failed its examination.
    Disqualified {
        /// Who.
        bidder: BidderId,
        /// Why.
        reason: String,
    },
    /// A winner signed.
    Confirmed {
        /// Who.
        bidder: BidderId,
    },
    /// A winner did not sign.
    Defaulted {
        /// Who.
        bidder: BidderId,
    },
    /// The runner-up follows.
    Cascaded {
        /// The new provisional winner and its terms.
        winner: Winner,
    },
    /// A bond is forfeit.
    BondForfeited {
        /// Whose.
        bidder: BidderId,
        /// Why.
        cause: Forfeit,
    },
    /// A duty arose.
    ObligationArose {
        /// For whom.
        bidder: BidderId,
        /// Index of the rulebook's obligation.
        obligation: u32,
        /// What is owed.
        amount: Option<Money>,
        /// When it is due.
        due: Option<Date>,
    },
    /// Sold: all seats are confirmed.
    Awarded,
    /// Unsold.
    PassedIn {
        /// Why.
        reason: PassInReason,
    },
    /// Annulled.
    Annulled {
        /// Id of the listed cause.
        cause: String,
        /// Reasons in words.
        reason: String,
    },
}

/// What came of opening a sealed bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealContent {
    /// A valid bid.
    Valid(Vec<Quantity>),
    /// It opened, but breaks a bound of the rule.
    OutOfBounds(Vec<Quantity>),
    /// It did not open, or was not what was lodged.
    Unreadable,
}

/// Phases of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhaseName {
    /// Open quotes over hours or days.
    Quote,
    /// The question who goes on.
    Ask,
    /// Live bidding.
    Live,
    /// Others may take the cap.
    Acceptance,
    /// Sealed bids are lodged.
    Sealing,
    /// Sealed bids are opened.
    Opening,
    /// A round of bids.
    Round(u32),
    /// A bidder's turn in a round.
    Turn {
        /// Round, from 1.
        round: u32,
        /// Whose turn.
        bidder: BidderId,
    },
    /// Between rounds.
    Pause,
    /// The clock runs down.
    Clock,
    /// Schemes are filed.
    Filing,
    /// The panel marks.
    Marking,
    /// The entrants are frozen; the beacon is awaited.
    Frozen,
    /// The posted value may be taken, or the first awaited.
    Taking,
    /// Committed values are awaited.
    Revealing,
}
