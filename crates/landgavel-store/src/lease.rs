//! The lease: each sale has one writer at a time, and an old writer is shut out by a number.

use std::fmt;

use crate::fault::Fault;
use crate::name::SaleId;

/// The longest lease, in milliseconds: a writer that died keeps a sale closed no longer.
pub const MAX_LEASE_MS: i64 = 60_000;

/// What the holder of a lease shows with every write.
///
/// Its number rises with each taking. A writer that was paused, lost its lease and wakes up again shows
/// an old number, and the database refuses it within the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    pub(crate) sale: SaleId,
    pub(crate) sale_no: i64,
    pub(crate) number: i64,
    pub(crate) length_ms: i64,
}

impl Fence {
    /// The sale.
    pub fn sale(&self) -> &SaleId {
        &self.sale
    }

    /// The number, from 1, rising.
    pub fn number(&self) -> u64 {
        self.number.unsigned_abs()
    }

    /// For how long it was taken, and is renewed, in milliseconds.
    pub fn length_ms(&self) -> i64 {
        self.length_ms
    }
}

/// How the lease of a sale stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The number of the last fence; 0 before the first.
    pub fence: u64,
    /// Who holds it, until when (milliseconds since 1970); `None` when nobody does.
    pub held: Option<(String, i64)>,
}

/// The lease is no longer the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fenced {
    /// The number of the fence that stands now.
    pub by: u64,
}

/// Why a lease was not renewed or released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseError {
    /// Another has taken it, or it was released.
    Fenced {
        /// The number of the fence that stands now.
        by: u64,
    },
    /// The world failed.
    Fault(Fault),
}

impl From<Fault> for LeaseError {
    fn from(fault: Fault) -> Self {
        LeaseError::Fault(fault)
    }
}

impl From<Fenced> for LeaseError {
    fn from(Fenced { by }: Fenced) -> Self {
        LeaseError::Fenced { by }
    }
}

impl fmt::Display for LeaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LeaseError::Fenced { by } => write!(f, "another holds the lease, with fence {by}"),
            LeaseError::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for LeaseError {}

/// Whether a lease may be asked for.
pub(crate) fn check(holder: &str, length_ms: i64) -> Result<(), Fault> {
    crate::name::check_name("holder", holder)?;
    if !(1..=MAX_LEASE_MS).contains(&length_ms) {
        return Err(Fault::limit(format!("a lease lasts 1 to {MAX_LEASE_MS} milliseconds")));
    }
    Ok(())
}
