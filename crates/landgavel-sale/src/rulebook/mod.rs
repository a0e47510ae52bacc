//! A rulebook after parsing: closed types in which an ill-formed rule cannot be written.
//!
//! Everything a place may choose is a value here; nothing of a place is in code.

mod admission;
mod amount;
mod attribute;
mod award;
mod information;
mod stage;

use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Bilingual, Duration, Source, UtcOffset};

pub use admission::{Admission, AttemptRule, BondForm, BondRule, Deciding, Forfeit, Prerequisite, SoleBidder, Test};
pub use amount::{Amount, MoneyRule, Part, Reference};
pub use attribute::{Attribute, AttributeId, Direction, Per, Unit, UnitKind};
pub use award::{
    AwardRule, Cascade, ObligationRule, Obligor, PayRule, Qualification, Silence, Trigger, Uniform, Within,
};
pub use information::{InformationPolicy, Item, Role, Shown};
pub use stage::{
    Against, Ascending, Ask, AskedParty, BeaconSource, Bound, Cap, Close, Criterion, CriterionKind, Descending, Draw,
    DrawWeights, Entrants, Exit, Exits, First, FirstOf, Fixed, HardStop, Inactive, Limit, Quote, RoundEnd, RoundOrder,
    Rounds, Score, Sealed, Side, Stage, StageId, StageKind, Statistic, Step, StepMode, Survivors, Tie, Toward, Window,
    WindowEnd,
};

/// Index of a named moment in [`Rulebook::calendar`] and in a lot's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MomentId(pub u16);

/// Published, versioned rules: how one lot finds its winner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rulebook {
    /// Path-like id, such as `cn/zhejiang/yiwu/four-part`.
    pub id: String,
    /// Version by jurisdiction and date, such as `2026-01`.
    pub version: String,
    /// Title.
    pub title: Bilingual,
    /// Currency, an ISO 4217 code.
    pub currency: String,
    /// Offset from UTC in which days and times of day are read.
    pub utc_offset: UtcOffset,
    /// Named moments that a lot must fix, in the order in which they must follow each other.
    pub calendar: Vec<Moment>,
    /// Quantities that bids, terms and marks are about.
    pub attributes: Vec<Attribute>,
    /// Who may take part.
    pub admission: Admission,
    /// The pipeline, first to last.
    pub stages: Vec<Stage>,
    /// From the last stage to the confirmation of sale.
    pub award: AwardRule,
    /// Duties that arise from the sale.
    pub obligations: Vec<ObligationRule>,
    /// What an outage does.
    pub outage: OutageRule,
    /// Who sees what, and when.
    pub information: InformationPolicy,
    /// Causes for which a sale may be annulled.
    pub annulment_causes: Vec<AnnulmentCause>,
    /// Sources of clauses, by dotted path (`stages.price.cap`); a clause inherits its parent's.
    pub sources: Vec<(String, Source)>,
}

/// A named moment of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Name by which windows refer to it, such as `listing_closes`.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Least time since the moment before it in the list.
    pub after_previous: Option<Within>,
}

/// A cause for which a sale may be annulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnulmentCause {
    /// Id named by the act.
    pub id: String,
    /// The cause in words.
    pub text: Bilingual,
}

/// What an outage of the hall does to running periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutageRule {
    /// What happens to ask windows, countdowns, acceptance windows, rounds and sealed windows.
    pub resume: Resume,
    /// Outages shorter than this need not pause the sale.
    pub measured_over: Duration,
}

/// How running periods go on after an outage. Periods that end at a calendar moment are always
/// extended by the length of the outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// The full period starts again, so that every bidder has all of it.
    FullPeriod,
    /// The time that was left goes on.
    Remaining,
}

impl Rulebook {
    /// The stage with this id.
    pub fn stage(&self, id: StageId) -> &Stage {
        &self.stages[usize::from(id.0)]
    }

    /// The attribute with this id.
    pub fn attribute(&self, id: AttributeId) -> &Attribute {
        &self.attributes[usize::from(id.0)]
    }

    /// Finds a stage by name.
    pub fn stage_named(&self, name: &str) -> Option<StageId> {
        self.stages.iter().position(|stage| stage.id == name).and_then(|index| u16::try_from(index).ok()).map(StageId)
    }

    /// Finds an attribute by name.
    pub fn attribute_named(&self, name: &str) -> Option<AttributeId> {
        let index = self.attributes.iter().position(|attribute| attribute.id == name)?;
        u16::try_from(index).ok().map(AttributeId)
    }

    /// The source of a clause: its own, or that of the nearest clause around it.
    pub fn source_of(&self, path: &str) -> Option<&Source> {
        let mut path = path;
        loop {
            if let Some((_, source)) = self.sources.iter().find(|(clause, _)| clause == path) {
                return Some(source);
            }
            path = &path[..path.rfind('.')?];
        }
    }
}
