//! Evidence (凭证): what a source says about one thing promised.

use alloc::string::String;

use landgavel_base::{Area, Date, Digest, Money};

/// What evidence, a verdict or a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A milestone, by index.
    Milestone(u16),
    /// A promise and its period, both from 0.
    Period(u16, u16),
    /// A duty, by index.
    Duty(u16),
    /// Idle land.
    Idle,
    /// Something that must not be done, by index.
    Ban(u16),
}

/// What a source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// A milestone was reached, a duty done, or done what must not be done, on this day.
    On(Date),
    /// The figure of a period, in quanta.
    Figure(i64),
    /// Work on the land was halted, and how far it had come.
    Halted(Halted),
}

/// Work on land that was begun has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Halted {
    /// The day of the last work.
    pub since: Date,
    /// The day of the inspection, or the last one before work went on.
    pub until: Date,
    /// Land that was built on.
    pub built: Area,
    /// What was invested, in fen.
    pub invested: Money,
}

/// A document of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub finding: Finding,
    /// Who signed it: the tax bureau, statistics, the inspector.
    pub source: String,
    /// Hash of the document.
    pub document: Digest,
    /// Its size was asked about, and it stands: a figure that looks like one in another unit counts only so.
    pub is_confirmed: bool,
}
