//! Why a command is not allowed: one typed reason for every "no".

use alloc::string::String;

use landgavel_base::{Instant, Money, Quantity};

use crate::rulebook::StageId;

/// A command that the rules do not allow, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, with what was expected.
    pub reason: Reason,
    /// The clause of the rulebook on which it rests.
    pub clause: Clause,
}

/// A clause of the rulebook, named by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clause {
    /// A clause outside the stages, by dotted path.
    Rule(&'static str),
    /// A clause of a stage, by field.
    Stage(StageId, &'static str),
    /// No clause of a place: it holds for every sale.
    Engine,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })? => $code:literal,)*) => {
        /// Why a command was refused.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name $({ $($(#[$fdoc])* $field: $type),* })?,)*
        }

        impl Reason {
            /// All codes, in the order of this file. A code is never reused or renamed.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// Stable code for machines.
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$name $({ $($field: _),* })? => $code,)*
                }
            }
        }
    };
}

reasons! {
    /// A deadline has passed and the clock has not been advanced over it yet.
    TickDue { /** The deadline. */ due: Instant } => "tick_due",
    /// The command is older than the last one.
    TimeRunsBackwards { /** Time of the last command. */ last: Instant } => "time_runs_backwards",
    /// The sale has ended.
    SaleOver => "sale_over",
    /// The sale stands still.
    SalePaused => "sale_paused",
    /// The sale does not stand still.
    SaleNotPaused => "sale_not_paused",
    /// Applications are not taken now.
    OutsideApplicationWindow => "outside_application_window",
    /// The code name is taken.
    CodeTaken => "code_taken",
    /// There are as many applicants as can be handled.
    TooManyApplicants { /** The limit. */ limit: u32 } => "too_many_applicants",
    /// No applicant has this code.
    UnknownBidder => "unknown_bidder",
    /// The rule asks for no bond.
    NoBondAsked => "no_bond_asked",
    /// The bond's form is not accepted.
    BondFormNotAccepted => "bond_form_not_accepted",
    /// The bond is too small.
    BondTooSmall { /** Least amount. */ least: Money } => "bond_too_small",
    /// The bond comes too late.
    BondTooLate { /** Last moment. */ until: Instant } => "bond_too_late",
    /// The guarantee ends too early.
    BondExpiresTooEarly { /** It must run to this moment at least. */ until: Instant } => "bond_expires_too_early",
    /// A bond is lodged already.
    BondAlreadyLodged => "bond_already_lodged",
    /// The applicant has no bond.
    BondMissing => "bond_missing",
    /// A condition of admission is not met.
    PrerequisiteNotMet { /** Name of the fact. */ fact: String } => "prerequisite_not_met",
    /// Another member of the group is admitted.
    GroupAlreadyAdmitted { /** The group. */ group: String } => "group_already_admitted",
    /// The applicant has been admitted, refused or has withdrawn.
    NotAwaitingAdmission => "not_awaiting_admission",
    /// Admission is decided by the rule itself.
    AdmissionByRule => "admission_by_rule",
    /// As many bidders are admitted as the rule allows.
    FieldFull { /** The limit. */ limit: u32 } => "field_full",
    /// It is too late to withdraw.
    WithdrawalTooLate => "withdrawal_too_late",
    /// The applicant is not an admitted bidder.
    NotAdmitted => "not_admitted",
    /// No stage runs.
    NoStageRunning => "no_stage_running",
    /// The bidder does not stand in this stage any more.
    NotInField => "not_in_field",
    /// The stage is for others.
    NotEntrant => "not_entrant",
    /// The stage does not know this command.
    CommandNotOfStage => "command_not_of_stage",
    /// This phase of the stage does not take it.
    NotInThisPhase => "not_in_this_phase",
    /// The bid is worse than the least legal one.
    BidBelowMinimum { /** Least legal bid. */ least: Quantity } => "bid_below_minimum",
    /// The bid is not a whole number of steps.
    BidNotOnStep { /** Size of the step. */ step: Quantity } => "bid_not_on_step",
    /// The bid jumps over more than one step.
    BidJumps { /** The only legal bid. */ only: Quantity } => "bid_jumps",
    /// The bid is beyond the cap.
    BidBeyondCap { /** The cap. */ cap: Quantity } => "bid_beyond_cap",
    /// The leader may not improve its own bid.
    AlreadyLeading => "already_leading",
    /// Only those who quoted may go on.
    NoQuoteMade => "no_quote_made",
    /// The bidder has joined already.
    AlreadyJoined => "already_joined",
    /// The bidder did not join the live part.
    NotJoined => "not_joined",
    /// The bidder has accepted already.
    AlreadyAccepted => "already_accepted",
    /// The bidder has lodged its one sealed bid.
    AlreadySealed => "already_sealed",
    /// The envelope is a copy of another's.
    EnvelopeCopied => "envelope_copied",
    /// The bidder lodged no sealed bid.
    NoSealLodged => "no_seal_lodged",
    /// The sealed bid is open already.
    SealAlreadyOpened => "seal_already_opened",
    /// The sealed bid has another number of amounts than the rule.
    WrongNumberOfAmounts { /** How many it must have. */ expected: u32 } => "wrong_number_of_amounts",
    /// It is another bidder's turn.
    NotYourTurn => "not_your_turn",
    /// The bidder has bid in this round.
    AlreadyBidThisRound => "already_bid_this_round",
    /// The bidder has filed.
    AlreadyFiled => "already_filed",
    /// The bidder filed no scheme.
    NothingFiled => "nothing_filed",
    /// The stage has no such criterion for a panel.
    UnknownCriterion => "unknown_criterion",
    /// The mark is out of range.
    MarkOutOfRange { /** Most points. */ most: Quantity } => "mark_out_of_range",
    /// The judge has marked this.
    AlreadyMarked => "already_marked",
    /// The panel is complete without this judge.
    PanelFull { /** Number of judges. */ judges: u32 } => "panel_full",
    /// The rule commits no such value.
    NothingToCommit => "nothing_to_commit",
    /// The value is committed already.
    AlreadyCommitted => "already_committed",
    /// It is too late to commit.
    CommitmentTooLate { /** Last moment. */ until: Instant } => "commitment_too_late",
    /// Nothing was committed.
    NotCommitted => "not_committed",
    /// The value has been shown.
    AlreadyRevealed => "already_revealed",
    /// Value and salt do not give the committed hash.
    CommitmentMismatch => "commitment_mismatch",
    /// The value may not be shown before its stage.
    RevealTooEarly => "reveal_too_early",
    /// The number of outputs is not the number of sources.
    WrongNumberOfOutputs { /** Number of sources. */ expected: u32 } => "wrong_number_of_outputs",
    /// The rule does not let the step change.
    StepNotAdjustable => "step_not_adjustable",
    /// The new step is not positive, or does not divide what is left to the cap.
    StepNotLegal => "step_not_legal",
    /// The call or the hammer comes too soon.
    TooSoon { /** Earliest moment. */ not_before: Instant } => "too_soon",
    /// The bid has not been called often enough.
    CallsMissing { /** Calls still to make. */ missing: u32 } => "calls_missing",
    /// There is no provisional winner.
    NoProvisionalWinner => "no_provisional_winner",
    /// The bidder holds no provisional award that awaits this.
    NotAwaitingThis => "not_awaiting_this",
    /// The cause is not on the rulebook's list.
    CauseNotListed => "cause_not_listed",
}
