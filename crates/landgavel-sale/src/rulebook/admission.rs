use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Bilingual, Duration, FactValue};

use super::{MomentId, MoneyRule, StageId, Window};

/// Who may take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// When applications are taken.
    pub window: Window,
    /// Last moment for the officer to decide; `None` = when the window closes.
    pub decide_until: Option<MomentId>,
    /// New bidders are admitted until this stage ends, not only until the window closes.
    pub open_until: Option<StageId>,
    /// Bid bond.
    pub bond: Option<BondRule>,
    /// What must be shown of an applicant.
    pub prerequisites: Vec<Prerequisite>,
    /// One entrant per corporate group.
    pub one_per_group: bool,
    /// Who decides.
    pub deciding: Deciding,
    /// Most bidders admitted.
    pub max_bidders: Option<u32>,
    /// Last moment to withdraw without loss.
    pub withdraw_until: Option<MomentId>,
    /// One rule per attempt to sell, the last for all later ones.
    pub attempts: Vec<AttemptRule>,
}

/// Who decides on admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deciding {
    /// The officer, by a signed act.
    Officer,
    /// The rule: whoever meets all conditions is in, at once.
    Rule,
}

/// Bid bond (竞买保证金).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondRule {
    /// Least amount.
    pub amount: MoneyRule,
    /// Accepted forms.
    pub forms: Vec<BondForm>,
    /// Last moment to lodge it; `None` = while applications are taken.
    pub lodge_by: Option<MomentId>,
    /// A letter of guarantee must run at least so long after the moment of lodging.
    pub guarantee_runs: Option<Duration>,
    /// What makes it forfeit.
    pub forfeits: Vec<Forfeit>,
}

/// Form of a bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BondForm {
    /// Cash paid in.
    Cash,
    /// On-demand letter of guarantee (见索即付保函).
    Guarantee,
    /// Surety insurance (保证保险).
    Insurance,
}

/// What makes a bid bond forfeit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forfeit {
    /// The winner does not sign.
    Default,
    /// The winner fails post-qualification.
    Disqualification,
    /// A sealed bid does not open.
    UnopenedSeal,
    /// Withdrawal after the last moment for it.
    LateWithdrawal,
}

/// A fact that must hold of an applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prerequisite {
    /// Name of the fact.
    pub fact: String,
    /// What must hold of it.
    pub test: Test,
    /// The condition in words.
    pub text: Bilingual,
}

/// What must hold of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// It is one of these.
    OneOf(Vec<FactValue>),
    /// It is none of these; a missing fact passes.
    NotOneOf(Vec<FactValue>),
    /// It is a number at least this.
    AtLeast(i64),
    /// It is a number at most this.
    AtMost(i64),
}

/// What one attempt to sell demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRule {
    /// Least number of admitted bidders.
    pub min_bidders: u32,
    /// What a sole bidder leads to.
    pub sole: SoleBidder,
    /// A sole bidder passes only if it was the sole applicant of the attempt before.
    pub same_sole_only: bool,
}

/// What a sole bidder leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoleBidder {
    /// The stages run as for several.
    Proceed,
    /// Unsold.
    PassIn,
    /// It wins at the starting values.
    WinAtStart,
}
