//! What came of a scoring, as a value that a certificate can carry.

use alloc::string::String;

use landgavel_base::Decimal;

/// The outcome of one unit under one version of a card: plain, owned, and complete without the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Id of the card.
    pub card: String,
    /// Version of the card.
    pub version: String,
    /// Who was scored, as the table names it.
    pub subject: String,
    /// The grade, or the mark of its exemption.
    pub grade: String,
    /// False for those who are exempt: they have a mark and neither total nor rank.
    pub is_evaluated: bool,
    /// The rounded total.
    pub total: Option<Decimal>,
    /// Rank in its group (or among all, as the card says), from 1; equals share the better one.
    pub rank: Option<u32>,
}
