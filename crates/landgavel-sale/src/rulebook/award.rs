use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Bilingual, Duration, Period, Ratio};

use super::{Amount, AttributeId, MoneyRule, StageId};
use crate::outcome::EndReason;

/// From the last stage to the confirmation of sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardRule {
    /// Number of winners (k).
    pub winners: u32,
    /// What a winner pays, per attribute; attributes not named: its own offer.
    pub pays: Vec<(AttributeId, PayRule)>,
    /// Examination of the provisional winner.
    pub qualification: Option<Qualification>,
    /// Time for the winner to sign the confirmation; `None` = the award is final at once.
    pub confirmation: Option<Within>,
    /// Whether the runner-up follows a winner that fails.
    pub cascade: Option<Cascade>,
}

/// What a winner pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayRule {
    /// Its own offer.
    Own,
    /// The second best standing offer of the deciding stage; its own when there is none.
    Second,
    /// One value for all winners.
    Uniform(Uniform),
    /// A named amount, such as the cap plus one step.
    Amount {
        /// How much.
        amount: Amount,
        /// Only when this stage ended, for this reason when one is given; otherwise its own offer.
        when: Option<(StageId, Option<EndReason>)>,
    },
}

/// Which value all winners pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniform {
    /// The worst winning offer.
    LowestAccepted,
    /// The best losing offer; the worst winning one when nobody lost.
    HighestRejected,
}

/// Examination of the provisional winner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qualification {
    /// Time for it.
    pub within: Within,
    /// What the officer's silence means.
    pub silence: Silence,
}

/// What an officer's silence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Qualified.
    Qualifies,
    /// Not qualified.
    Disqualifies,
}

/// Whether and how the runner-up follows a winner that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cascade {
    /// At most so many times.
    pub at_most: u32,
}

/// A time limit: by the clock or by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Hours, minutes, seconds.
    Time(Duration),
    /// Days, working days, months, years; ends with the last day.
    Period(Period),
}

/// A duty that arises from the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObligationRule {
    /// Id, such as `pay-early`.
    pub id: String,
    /// The duty in words.
    pub text: Bilingual,
    /// When it arises; all must hold.
    pub triggers: Vec<Trigger>,
    /// Who owes it.
    pub obligor: Obligor,
    /// What is owed, when it is money.
    pub amount: Option<MoneyRule>,
    /// When it is due, counted from the award.
    pub due: Option<Period>,
}

/// What makes a duty arise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A stage ended, for this reason when one is given.
    StageEnded {
        /// Which stage.
        stage: StageId,
        /// Why.
        why: Option<EndReason>,
    },
    /// The winner's value is so much above the start of a stage.
    Premium {
        /// Stage whose start and attribute count.
        stage: StageId,
        /// Share of the start.
        share: Ratio,
        /// Exactly that share is enough.
        inclusive: bool,
    },
    /// The winner's value of an attribute is at least this good.
    Reached {
        /// Which attribute.
        attribute: AttributeId,
        /// How good.
        at: Amount,
    },
}

/// Who owes a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligor {
    /// The winner.
    Winner,
    /// The seller.
    Seller,
}
