//! What the world can do to a store.

use std::fmt;

/// A failure of the world: not a refusal by a rule, and not a mistake of ours.
///
/// Every call of the store ends with an answer or with one of these within the limits of time that the
/// drivers state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The address is not one of a store.
    Address {
        /// What is wrong with it.
        why: String,
    },
    /// The file or database belongs to another program.
    Foreign {
        /// What was found.
        what: String,
    },
    /// A newer version of this program wrote the store.
    Newer {
        /// The version of its tables.
        found: i64,
        /// The highest version that this program knows.
        known: i64,
    },
    /// The database is set up so that an acknowledgement would promise too much.
    Unsafe {
        /// The setting.
        what: String,
    },
    /// There is no sale of this name.
    NoSuchSale {
        /// The name.
        sale: String,
    },
    /// More was asked than a limit of the store allows.
    Limit {
        /// Which limit, with its value.
        what: String,
    },
    /// The disk is full. Nothing was written; what is there can still be read.
    Full,
    /// The database can't be reached. Nothing was done.
    Unreachable {
        /// What the driver said.
        why: String,
    },
    /// The connection was lost, or time ran out, while the database worked: it may or may not have been
    /// done. Whoever appended reads the head and compares it with [`crate::Head::after`].
    Unknown {
        /// What the driver said.
        why: String,
    },
    /// The disk failed while writing. The store refuses everything from then on, since nobody knows
    /// what the disk holds; it is opened again after somebody has looked.
    Broken {
        /// The first failure.
        why: String,
    },
    /// What is stored is not what was stored.
    Corrupt {
        /// What was found.
        what: String,
    },
    /// Any other failure of the database. Nothing was done.
    Database {
        /// What the driver said.
        why: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Address { why } => write!(f, "the address of the store can't be used: {why}"),
            Fault::Foreign { what } => write!(f, "this is not a store of Landgavel: {what}"),
            Fault::Newer { found, known } => {
                write!(f, "the store has version {found}, and this program knows versions up to {known}")
            }
            Fault::Unsafe { what } => write!(f, "the database could lose what it has acknowledged: {what}"),
            Fault::NoSuchSale { sale } => write!(f, "there is no sale {sale} in the store"),
            Fault::Limit { what } => write!(f, "over a limit of the store: {what}"),
            Fault::Full => write!(f, "the disk is full"),
            Fault::Unreachable { why } => write!(f, "the database can't be reached: {why}"),
            Fault::Unknown { why } => write!(f, "it is not known whether it was done: {why}"),
            Fault::Broken { why } => write!(f, "the store is closed since its disk failed: {why}"),
            Fault::Corrupt { what } => write!(f, "the store is damaged: {what}"),
            Fault::Database { why } => write!(f, "the database failed: {why}"),
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// A limit that was passed, in words.
    pub(crate) fn limit(what: impl Into<String>) -> Self {
        Fault::Limit { what: what.into() }
    }
}
