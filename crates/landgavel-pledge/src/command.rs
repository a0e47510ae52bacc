//! What may be asked of a pledge.

use alloc::string::String;

use landgavel_base::{Date, Digest, Money};

use crate::bond::Bond;
use crate::evidence::{Evidence, Subject};

/// An act of two officers (四眼).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The first.
    pub first: String,
    /// The second; another person.
    pub second: String,
    /// Why, in words.
    pub reason: String,
}

/// What may be asked of a pledge. Whether the asker may ask it is settled before it gets here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Time has passed.
    Tick,
    /// A bond has come in: the first, or a top-up.
    LodgeBond(Bond),
    /// A guarantee runs longer.
    ExtendBond {
        /// Index of the bond.
        bond: usize,
        /// Its new last day.
        valid_until: Date,
        /// Hash of the letter that amends it.
        letter: Digest,
    },
    /// A source says something.
    EnterEvidence(Evidence),
    /// A source takes back what it said.
    RetractEvidence {
        /// What it was about.
        subject: Subject,
        /// Who takes it back: who entered it.
        source: String,
        /// Why.
        reason: String,
    },
    /// The winner pays on a claim.
    Pay {
        /// Index of the claim.
        claim: usize,
        /// How much, in fen.
        amount: Money,
    },
    /// The winner disputes a claim: once, while the time to cure runs.
    Dispute {
        /// Index of the claim.
        claim: usize,
        /// Hash of what it says.
        statement: Digest,
    },
    /// A dispute is settled at an amount.
    Settle {
        /// Index of the claim.
        claim: usize,
        /// What is owed then, in fen, without late fees so far; not more than was claimed.
        amount: Money,
        /// Who decided.
        approval: Approval,
    },
    /// The bond is called for what a claim is still owed.
    CallBond {
        /// Index of the claim.
        claim: usize,
    },
    /// A guarantee that ends too soon is called for all that it holds, because it was neither extended nor replaced by the
    /// day demanded. Its money is held as a bond in cash. Such a demand is what banks know as “extend or pay”. Source: URDG
    /// 758 (2010), art. 23.
    CallExpiring {
        /// Index of the bond.
        bond: usize,
    },
    /// The term of a milestone is extended.
    Extend {
        /// Index of the milestone.
        milestone: usize,
        /// Its new last day, later than the old one.
        until: Date,
        /// Who decided.
        approval: Approval,
    },
    /// Time that does not count: force majeure, or a cause of the seller's. The terms that run then move by it. Source:
    /// 国土资源部令第53号 (2012), art. 8.
    StopTime {
        /// First day.
        from: Date,
        /// First day that counts again.
        until: Date,
        /// Who decided.
        approval: Approval,
    },
    /// Something is not demanded.
    Waive {
        /// What.
        subject: Subject,
        /// Who decided.
        approval: Approval,
    },
    /// The land is taken back: after two years of idleness without payment, or after a breach that the terms name as a ground.
    /// Sources: 国土资源部令第53号 (2012), art. 14; the rule of Wenzhou's Lucheng (限期整改、土地收回).
    TakeBack {
        /// What is paid for it, in fen: what the terms compute, and nothing else.
        compensation: Money,
        /// Who decided.
        approval: Approval,
    },
}
