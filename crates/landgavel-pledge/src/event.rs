//! What has happened to a pledge.

use landgavel_base::{Date, Digest, Instant, Money};

use crate::arithmetic::Computation;
use crate::bond::Bond;
use crate::command::Approval;
use crate::evidence::{Evidence, Subject};
use crate::verdict::{IdleLevel, Verdict};

/// Something that has happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub happened: Happened,
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A bond was lodged.
    BondLodged(Bond),
    /// A guarantee runs longer.
    BondExtended {
        /// Index of the bond.
        bond: usize,
        /// Its new last day.
        valid_until: Date,
        /// Hash of the letter that amends it.
        letter: Digest,
    },
    /// No sufficient bond came in time: told once for the first lodging and once for each top-up demanded.
    BondMissing {
        /// What is missing of all that had to be lodged by then, in fen.
        amount: Money,
    },
    /// A guarantee ends before what it backs; it is demanded that it be extended or replaced.
    BondExpiring {
        /// Index of the bond.
        bond: usize,
        /// Its last day.
        valid_until: Date,
        /// It must run to this day.
        needed_until: Date,
        /// Last day to extend or replace it; after it the whole may be called.
        due: Date,
    },
    /// A guarantee was neither extended nor replaced and was called for all that it held: its money is a bond in cash.
    BondTurnedToCash {
        /// Index of the bond.
        bond: usize,
        /// What it pays, in fen.
        amount: Money,
    },
    /// A guarantee has ended; what it held is gone, and a top-up is demanded.
    BondLapsed {
        /// Index of the bond.
        bond: usize,
        /// What it still held, in fen.
        amount: Money,
    },
    /// A top-up is demanded.
    TopUpDemanded {
        /// How much, in fen.
        amount: Money,
        /// Last day; `None` when the calendar does not reach so far.
        due: Option<Date>,
    },
    /// A source said something.
    EvidenceEntered(Evidence),
    /// A source took it back.
    EvidenceRetracted {
        /// What it was about.
        subject: Subject,
    },
    /// Something was judged.
    Judged {
        /// What.
        subject: Subject,
        /// The verdict.
        verdict: Verdict,
        /// The arithmetic, when figures were compared.
        computation: Option<Computation>,
    },
    /// A claim was raised and notified.
    ClaimRaised {
        /// What for.
        subject: Subject,
        /// What is owed, in fen.
        amount: Money,
        /// Last day to cure.
        cure_until: Date,
    },
    /// The claim fell with its verdict.
    ClaimWithdrawn {
        /// Index of the claim.
        claim: usize,
    },
    /// Later evidence makes a claim smaller: it was raised before the day was shown.
    ClaimReduced {
        /// Index of the claim.
        claim: usize,
        /// What is owed then, in fen, without late fees.
        amount: Money,
        /// What was paid or called beyond it and beyond the late fees so far, in fen: it goes back to the winner.
        refund: Money,
    },
    /// The winner paid.
    ClaimPaid {
        /// Index of the claim.
        claim: usize,
        /// How much, in fen.
        amount: Money,
        /// Late fee that had grown since the payment before, which is owed too; without steps where there is none.
        fee: Computation,
    },
    /// The winner disputes the claim: the bond is not called until it is settled.
    ClaimDisputed {
        /// Index of the claim.
        claim: usize,
        /// Hash of what it says.
        statement: Digest,
    },
    /// The dispute was settled.
    ClaimSettled {
        /// Index of the claim.
        claim: usize,
        /// What is owed, in fen, without late fees.
        amount: Money,
        /// Late fees up to the last payment, counted on it, in fen.
        fee: Money,
        /// Last day to pay it before the bond is called.
        cure_until: Date,
        /// What was paid or called beyond it and beyond the late fees so far, in fen: it goes back to the winner.
        refund: Money,
        /// Who decided.
        approval: Approval,
    },
    /// The bond was called.
    BondCalled {
        /// Index of the claim.
        claim: usize,
        /// What each bond pays, in fen, by index of the bond.
        from: alloc::vec::Vec<(usize, Money)>,
        /// Late fee that had grown since the payment before, which is owed too; without steps where there is none.
        fee: Computation,
        /// What the bonds do not cover, in fen: demanded of the winner.
        remainder: Money,
    },
    /// Part of the bond goes back.
    Released {
        /// The milestone that released it; `None` at the end.
        milestone: Option<usize>,
        /// What goes back, in fen, by index of the bond.
        from: alloc::vec::Vec<(usize, Money)>,
    },
    /// Part of the bond is kept, not for a claim but because the land was taken back.
    Forfeited {
        /// What is kept, in fen, by index of the bond.
        from: alloc::vec::Vec<(usize, Money)>,
    },
    /// The term of a milestone was extended.
    Extended {
        /// Index of the milestone.
        milestone: usize,
        /// Its new last day.
        until: Date,
        /// Who decided.
        approval: Approval,
    },
    /// Time that does not count.
    TimeStopped {
        /// First day.
        from: Date,
        /// First day that counts again.
        until: Date,
        /// Days of the span that were not stopped before.
        days: i32,
        /// Who decided.
        approval: Approval,
    },
    /// Something is not demanded.
    Waived {
        /// What.
        subject: Subject,
        /// Who decided.
        approval: Approval,
    },
    /// The land lies idle.
    Idle(IdleLevel),
    /// The land was taken back.
    TakenBack {
        /// The ground: idle land, or what was breached.
        ground: Subject,
        /// What is paid for it, with every step.
        computation: Computation,
        /// What is forfeited of what the bonds hold, in fen, as far as open claims leave it.
        forfeits: Money,
        /// Who decided.
        approval: Approval,
    },
    /// All is kept, paid or waived.
    Discharged,
}
