//! What a sale is opened from.

use alloc::string::String;
use alloc::vec::Vec;

use landgavel_base::{Area, Bilingual, Digest, Instant};

use crate::rulebook::{MomentId, Rulebook, StageId};

/// The land under one rulebook and one calendar: all that a sale is opened from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Path-like id, such as `cn/jiangsu/changzhou/2024-11-29`.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// The rules, with every parameter of the lot filled in.
    pub rulebook: Rulebook,
    /// Area of the land; amounts per area are worked out on it.
    pub area: Area,
    /// One instant per moment of the rulebook's calendar.
    pub calendar: Vec<Instant>,
    /// Which attempt to sell this is; the first is 1.
    pub attempt: u32,
    /// Code of the sole applicant of the attempt before, if there was exactly one.
    pub previous_sole_applicant: Option<String>,
    /// Commitments that stand in the notice.
    pub commitments: Vec<Commitment>,
    /// Working days, for periods that count them.
    pub working_days: landgavel_base::WorkingCalendar,
}

impl Lot {
    /// When a named moment is.
    pub fn moment(&self, id: MomentId) -> Instant {
        self.calendar[usize::from(id.0)]
    }
}

/// A salted hash of a value that is kept secret until its reveal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// Stage of the value.
    pub stage: StageId,
    /// Which of its values.
    pub secret: Secret,
    /// SHA-256 as [`crate::mechanism::commitment_digest`] computes it.
    pub digest: Digest,
}

/// Which value of a stage is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secret {
    /// Its cap.
    Cap,
    /// Its reserve.
    Reserve,
}
