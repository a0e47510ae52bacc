use std::fmt;

/// What somebody may do in the hall. One account has one role; who is two persons has two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Drafts, publishes, admits, pauses for the seller. Two officers make four eyes.
    Officer,
    /// Takes part in sales.
    Bidder,
    /// A bank or insurer that stands behind guarantees.
    Guarantor,
    /// Notary, auditor or supervisor: reads all that the rules allow, changes nothing.
    Auditor,
    /// A bureau, office or inspector that signs what was delivered.
    Source,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Officer, Self::Bidder, Self::Guarantor, Self::Auditor, Self::Source];

    /// Stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Bidder => "bidder",
            Self::Guarantor => "guarantor",
            Self::Auditor => "auditor",
            Self::Source => "source",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether anybody may make such an account. The others are invited by the operator.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Bidder)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
