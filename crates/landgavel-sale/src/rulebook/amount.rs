use alloc::vec::Vec;

use landgavel_base::{Money, Quantity, Ratio};

use super::{AttributeId, StageId};

/// A quantity that a rule names: a constant plus shares of values known when the stage opens.
///
/// Shares are rounded down to the attribute's quantum.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amount {
    /// Fixed part, in quanta.
    pub constant: Quantity,
    /// Shares of other values, added to it.
    pub parts: Vec<Part>,
}

impl Amount {
    /// A fixed amount.
    pub fn fixed(constant: Quantity) -> Self {
        Self { constant, parts: Vec::new() }
    }
}

/// A share of another value. A negative share subtracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// How much of it.
    pub share: Ratio,
    /// Of what.
    pub of: Reference,
}

/// A value that becomes known during a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// Starting value of a stage.
    Start(StageId),
    /// Cap of a stage (after its reveal, when committed).
    Cap(StageId),
    /// Step of a stage.
    Step(StageId),
    /// Best value of a stage that has ended.
    Best(StageId),
    /// The bidder's own standing term of an attribute; its base when it made no offer.
    Own(AttributeId),
}

/// A sum of money that a rule names. Values per mu or per year count for the whole lot and one year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoneyRule {
    /// Fixed part.
    pub constant: Money,
    /// Shares of other values, added to it; each rounded half up to the minor unit.
    pub parts: Vec<Part>,
    /// Never more than this.
    pub at_most: Option<Money>,
    /// Never less than this.
    pub at_least: Option<Money>,
}
