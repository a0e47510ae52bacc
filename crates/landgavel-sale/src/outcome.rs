//! How stages and sales end.

use alloc::string::String;
use alloc::vec::Vec;

use crate::command::BidderId;
use crate::rulebook::{AttributeId, StageId};
use landgavel_base::Quantity;

/// Why a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndReason {
    /// Somebody leads below any cap.
    Settled,
    /// The cap was reached.
    Capped,
    /// Nobody made a valid offer.
    Empty,
    /// The best did not meet the reserve.
    BelowReserve,
    /// Something that had to be shown was not.
    Overdue,
    /// Several are equally best and the rule sends them elsewhere.
    Tied,
}

/// Why a lot stayed unsold (流拍).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PassInReason {
    /// Nobody applied, or nobody was admitted.
    NoBidder,
    /// Fewer bidders were admitted than the attempt demands.
    TooFewBidders,
    /// The rule does not sell to a sole bidder.
    SoleBidder,
    /// A stage's ending leads to no sale.
    Stage {
        /// Which stage.
        stage: StageId,
        /// Why it ended.
        why: EndReason,
    },
    /// The winner failed and nobody follows it.
    WinnerFailed,
}

/// How a sale stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Applications are taken or decided; no stage has begun.
    Admitting,
    /// A stage runs.
    Running(StageId),
    /// There is a provisional winner.
    Provisional,
    /// Sold.
    Awarded,
    /// Unsold.
    PassedIn(PassInReason),
    /// Annulled by a signed act.
    Annulled {
        /// Id of the listed cause.
        cause: String,
    },
}

impl Status {
    /// Whether nothing can happen any more.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Awarded | Self::PassedIn(_) | Self::Annulled { .. } => true,
            Self::Admitting | Self::Running(_) | Self::Provisional => false,
        }
    }
}

/// What a winner owes per attribute, by the payment rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Attribute and value, in the rulebook's order; attributes without a value are left out.
    pub values: Vec<(AttributeId, Quantity)>,
}

/// One winner in its seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winner {
    /// Who.
    pub bidder: BidderId,
    /// On what terms.
    pub terms: Terms,
}

impl Terms {
    /// The value of an attribute, when there is one.
    pub fn value(&self, attribute: AttributeId) -> Option<Quantity> {
        self.values.iter().find(|(id, _)| *id == attribute).map(|(_, value)| *value)
    }
}
