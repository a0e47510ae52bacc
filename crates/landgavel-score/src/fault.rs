//! What is wrong with a table, by row and name, so that it can be corrected.

use alloc::vec::Vec;

use crate::card::IndicatorId;

/// Most faults kept of one table: nobody reads more at once.
pub const FAULTS_MAX: usize = 1_000;

/// Why a table cannot be scored by its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What an indicator is divided by is zero or negative, and the card does not say what that means.
    DivisorNotPositive {
        /// Row, from 0.
        row: usize,
        /// Which indicator.
        indicator: IndicatorId,
    },
    /// A row lacks all values of an item, and the card does not say what that means.
    ValueMissing {
        /// Row, from 0.
        row: usize,
        /// Index of the item.
        item: usize,
    },
    /// A benchmark is zero or negative, so nothing can be divided by it.
    BenchmarkNotPositive {
        /// Index of the item.
        item: usize,
        /// The group, or `None` for all rows.
        group: Option<u32>,
    },
    /// The value of an indicator leaves the range of safe integers.
    IndicatorTooLarge {
        /// Row, from 0.
        row: usize,
        /// Which indicator.
        indicator: IndicatorId,
    },
    /// Points leave the range of safe integers.
    TooLarge {
        /// Row, from 0.
        row: usize,
        /// Index of the item.
        item: usize,
    },
    /// A sum over the table leaves the range that is exact.
    SumTooLarge {
        /// Index of the item.
        item: usize,
    },
}

/// Collects faults up to the limit.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) list: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if self.list.len() < FAULTS_MAX {
            self.list.push(fault);
        }
    }
}
