//! What is found.

/// What is found of something promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Kept.
    Met,
    /// Not kept, and made good in time.
    Cured,
    /// Not kept.
    Breached,
    /// Not demanded.
    Waived,
    /// Nobody said anything.
    Undetermined,
}

/// How far idleness has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdleLevel {
    /// A year: the fee is owed.
    Fee,
    /// Two years: the land may be taken back without payment.
    TakeBack,
}
