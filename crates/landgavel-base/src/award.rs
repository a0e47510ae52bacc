use alloc::string::String;
use alloc::vec::Vec;

use crate::money::Money;
use crate::quantity::Quantity;
use crate::text::Bilingual;
use crate::time::{Date, Instant};

/// Winner and terms: what a confirmation of sale (成交确认书) states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Code of the winning bidder.
    pub bidder: String,
    /// When it became final.
    pub at: Instant,
    /// One term per attribute, in the rulebook's order.
    pub terms: Vec<AwardTerm>,
    /// Duties that follow from the sale.
    pub obligations: Vec<Obligation>,
}

/// One attribute's value in an award.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardTerm {
    /// Attribute id, such as `price`.
    pub attribute: String,
    /// Value in the attribute's quanta.
    pub value: Quantity,
}

/// A duty of the winner (or the seller) that arises from the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// Id of the rulebook's clause.
    pub id: String,
    /// What is owed, in words.
    pub text: Bilingual,
    /// Amount owed, when it is money.
    pub amount: Option<Money>,
    /// Last day to fulfil it, when it is dated.
    pub due: Option<Date>,
}
