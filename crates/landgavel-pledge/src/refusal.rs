//! Why a command is not allowed: one typed reason for every "no".

use landgavel_base::{Area, Date, Instant, Money};

use crate::evidence::Subject;

/// A command that the terms do not allow, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, with what was expected.
    pub reason: Reason,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })? => $code:literal,)*) => {
        /// Why a command was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// A day has passed and the clock has not been advanced over it yet.
    TickDue { /** When it was due. */ due: Instant } => "tick_due",
    /// The command is older than the last one.
    TimeRunsBackwards { /** Time of the last command. */ last: Instant } => "time_runs_backwards",
    /// The pledge has ended.
    PledgeOver => "pledge_over",
    /// The time is beyond the calendar.
    BeyondDates => "beyond_dates",
    /// The form of the bond is not accepted.
    BondFormNotAccepted => "bond_form_not_accepted",
    /// The bond is in another currency.
    BondInOtherCurrency => "bond_in_other_currency",
    /// The guarantee is not payable on demand.
    BondNotOnDemand => "bond_not_on_demand",
    /// The guarantee names another beneficiary.
    BondForOtherBeneficiary => "bond_for_other_beneficiary",
    /// The amount is not above zero.
    AmountNotPositive => "amount_not_positive",
    /// The guarantee has no last day.
    BondWithoutEnd => "bond_without_end",
    /// The guarantee has ended, or ends too soon to be of use.
    BondExpired => "bond_expired",
    /// The guarantee is not named by its number and the hash of its letter.
    LetterNotNamed => "letter_not_named",
    /// The same letter, or the same number of the same issuer, was lodged before.
    LodgedBefore => "lodged_before",
    /// There are as many bonds as can be handled.
    TooManyBonds => "too_many_bonds",
    /// There is no such bond.
    UnknownBond => "unknown_bond",
    /// The new last day is not later.
    NotLater { /** The day it must be after. */ after: Date } => "not_later",
    /// The pledge has no such thing.
    UnknownSubject => "unknown_subject",
    /// Somebody else must sign this evidence.
    WrongSource => "wrong_source",
    /// The duty is to lodge the bond: the bond shows it, and no other evidence does.
    ShownByBond => "shown_by_bond",
    /// The figure looks like one in another unit; it counts when it is confirmed.
    FigureDoubted {
        /** What it is about. */ subject: Subject, /** The figure, in quanta. */ figure: i64,
        /** What was promised, in quanta. */ promised: i64,
    } => "figure_doubted",
    /// The amount looks like one in another unit; it counts when it is confirmed.
    BondDoubted { /** The amount. */ amount: Money, /** What is required. */ required: Money } => "bond_doubted",
    /// The sum invested looks like one in another unit; it counts when it is confirmed.
    InvestmentDoubted { /** The sum. */ invested: Money, /** The whole investment. */ whole: Money } => "investment_doubted",
    /// More land is built on than there is.
    BeyondLand { /** The land. */ land: Area } => "beyond_land",
    /// A day is expected and a figure was given, or the other way round.
    WrongFinding => "wrong_finding",
    /// The day lies ahead.
    EvidenceOfFuture => "evidence_of_future",
    /// The day lies before the contract was signed.
    BeforeContract => "before_contract",
    /// The day lies before that of a milestone that comes first, or after that of one that follows.
    OutOfOrder { /** The day of the other milestone. */ other: Date } => "out_of_order",
    /// The term has not begun.
    TermNotBegun => "term_not_begun",
    /// The period has not ended.
    EvidenceTooEarly { /** Its last day. */ ends: Date } => "evidence_too_early",
    /// There is evidence of this already; it must be retracted first.
    EvidenceAlreadyEntered => "evidence_already_entered",
    /// There is no evidence of this.
    NoEvidence => "no_evidence",
    /// On that day it was no longer forbidden.
    BanOver { /** Last day of the ban. */ until: Date } => "ban_over",
    /// Money has moved on it, or it was waived.
    AlreadySettled => "already_settled",
    /// There is no such claim.
    UnknownClaim => "unknown_claim",
    /// The claim is closed.
    ClaimClosed => "claim_closed",
    /// More is paid than is owed.
    PaysTooMuch { /** What is owed. */ owed: Money } => "pays_too_much",
    /// The claim is disputed.
    ClaimIsDisputed => "claim_is_disputed",
    /// The claim was disputed once and settled; it is not disputed again.
    DisputedBefore => "disputed_before",
    /// The time to cure is over, and with it the time to dispute.
    CureOver { /** Its last day. */ until: Date } => "cure_over",
    /// The claim is not disputed.
    ClaimNotDisputed => "claim_not_disputed",
    /// More than was claimed.
    BeyondClaim { /** What was claimed. */ claimed: Money } => "beyond_claim",
    /// The time to cure runs.
    CureRuns { /** Its last day. */ until: Date } => "cure_runs",
    /// No bond holds anything.
    NothingHeld => "nothing_held",
    /// No demand to extend or replace the guarantee stands: it outlasts what it backs, was replaced, or none was made yet.
    NotExpiring => "not_expiring",
    /// The guarantee may still be extended or replaced.
    ExtensionAwaited { /** Last day for it. */ until: Date } => "extension_awaited",
    /// Both officers are one.
    SameOfficer => "same_officer",
    /// The span of days is empty.
    EmptySpan => "empty_span",
    /// There is no ground to take the land back.
    NoGround => "no_ground",
    /// What is paid for the land is what the terms compute.
    OtherCompensation { /** What they compute. */ computed: Money } => "other_compensation",
    /// An amount leaves the range of money.
    AmountTooLarge => "amount_too_large",
}

pub(crate) fn refuse<T>(reason: Reason) -> Result<T, Refusal> {
    Err(Refusal { reason })
}
