//! What may be asked of a sale.

use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Digest, FactValue, Instant, Money, Quantity};

use crate::lot::Secret;
use crate::rulebook::{BondForm, StageId};

/// Index of an applicant, in the order of application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BidderId(pub u32);

impl BidderId {
    /// As an index into lists of applicants.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What may be asked of a sale. Whether the asker may ask it is settled before it gets here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Time has passed.
    Tick,
    /// Somebody asks to take part.
    Apply(Application),
    /// A bid bond has come in.
    LodgeBond {
        /// For whom.
        bidder: BidderId,
        /// The bond.
        bond: Bond,
    },
    /// An applicant or bidder steps back.
    Withdraw {
        /// Who.
        bidder: BidderId,
    },
    /// The officer admits an applicant.
    Admit {
        /// Whom.
        bidder: BidderId,
    },
    /// The officer refuses an applicant.
    Reject {
        /// Whom.
        bidder: BidderId,
        /// Why.
        reason: String,
    },
    /// A secret value is committed by its salted hash.
    Commit {
        /// Stage of the value.
        stage: StageId,
        /// Which of its values.
        secret: Secret,
        /// The hash.
        digest: Digest,
    },
    /// A committed value is shown.
    Reveal {
        /// Stage of the value.
        stage: StageId,
        /// Which of its values.
        secret: Secret,
        /// The value.
        value: Quantity,
        /// The salt.
        salt: Digest,
    },
    /// An open bid.
    PlaceBid {
        /// Who.
        bidder: BidderId,
        /// How much, of the current stage's attribute.
        amount: Quantity,
    },
    /// "I go on": joining the live part.
    Join {
        /// Who.
        bidder: BidderId,
    },
    /// "I take it": the cap, the posted value, the clock's value, or being first.
    Accept {
        /// Who.
        bidder: BidderId,
    },
    /// A sealed bid is lodged; its content stays hidden.
    LodgeSeal {
        /// Who.
        bidder: BidderId,
        /// Hash of the sealed content.
        envelope: Digest,
        /// From when anybody can read it, if time opens its envelope.
        readable_from: Option<Instant>,
    },
    /// A sealed bid is opened.
    OpenSeal {
        /// Whose.
        bidder: BidderId,
        /// Its amounts, one per quote of the stage; `None` when it does not open.
        amounts: Option<Vec<Quantity>>,
        /// The salt that binds the amounts to the envelope.
        salt: Digest,
    },
    /// A scheme is filed for scoring.
    FileScheme {
        /// Who.
        bidder: BidderId,
        /// Hash of the documents.
        documents: Digest,
    },
    /// A judge gives marks.
    GiveMark {
        /// Name or code of the judge.
        judge: String,
        /// Whose scheme.
        bidder: BidderId,
        /// Id of the criterion.
        criterion: String,
        /// Points in quanta of the score.
        points: Quantity,
    },
    /// Outputs of the draw's beacon, one per source of the rule.
    RevealBeacon {
        /// Outputs, in the order of the rule's sources.
        outputs: Vec<Digest>,
    },
    /// The officer changes the increment.
    ChangeStep {
        /// New increment.
        step: Quantity,
    },
    /// The host calls the leading bid.
    CallBid,
    /// The hammer falls.
    FallHammer,
    /// The hall is down.
    Pause {
        /// What happened, in words or as a hash of the evidence.
        evidence: String,
    },
    /// The hall is up again.
    Resume,
    /// The provisional winner has passed its examination.
    Qualify {
        /// Who.
        bidder: BidderId,
    },
    /// The provisional winner has failed its examination.
    Disqualify {
        /// Who.
        bidder: BidderId,
        /// Why.
        reason: String,
    },
    /// The winner signs the confirmation of sale.
    Confirm {
        /// Who.
        bidder: BidderId,
    },
    /// The winner declares, or is found, not to sign.
    DeclareDefault {
        /// Who.
        bidder: BidderId,
    },
    /// The sale is annulled for a listed cause.
    Annul {
        /// Id of the cause.
        cause: String,
        /// Reasons in words.
        reason: String,
    },
}

/// What an applicant says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Code name under which it bids; never reused.
    pub code: String,
    /// Identity, or a salted hash of it.
    pub identity: Option<String>,
    /// Corporate group: all under one control share it. `None` = it stands alone.
    pub group: Option<String>,
    /// Facts shown by documents, by name.
    pub facts: Vec<(String, FactValue)>,
}

/// A bid bond as lodged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond {
    /// Its form.
    pub form: BondForm,
    /// Its amount.
    pub amount: Money,
    /// When a guarantee or insurance ends.
    pub valid_until: Option<Instant>,
    /// Who stands behind it.
    pub issuer: Option<String>,
}
